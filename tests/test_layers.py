"""The layers that torch lacks, against their formulas."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from playground.layers import Add, Concat, SlopedSigmoid, Step  # noqa: E402

X = torch.tensor([[-1.0, -0.0, 0.0, 0.5, 2.0]])


def test_step_fires_from_its_threshold_on():
    assert Step()(X).tolist() == [[0, 1, 1, 1, 1]]
    assert Step(threshold=0.5, low=-1.0)(X).tolist() == [[-1, -1, -1, 1, 1]]
    assert Step()(X.double()).dtype == torch.float64


def test_step_passes_no_gradient():
    x = X.clone().requires_grad_()
    assert not Step()(x).requires_grad


def test_a_sloped_sigmoid_is_the_logistic_function_of_the_stretched_input():
    assert torch.allclose(SlopedSigmoid(3.0)(X), 1 / (1 + torch.exp(-3.0 * X)))
    assert torch.equal(SlopedSigmoid(1.0)(X), torch.nn.Sigmoid()(X))


def test_add_adds_any_number_of_tensors_and_changes_none():
    parts = [torch.full((2, 3), float(n)) for n in (1, 2, 4)]
    assert Add()(*parts).tolist() == [[7.0] * 3] * 2
    assert Add()(parts[0]) is parts[0]
    assert parts[0].sum() == 6


def test_concat_keeps_the_order_along_its_axis():
    first, second = torch.zeros(2, 1, 4), torch.ones(2, 2, 4)
    joined = Concat(dim=1)(first, second)
    assert joined.shape == (2, 3, 4)
    assert joined[:, 0].sum() == 0 and joined[:, 1:].min() == 1


def test_the_layers_print_their_arguments():
    assert repr(Step(0.5, -1.0)) == "Step(threshold=0.5, low=-1.0)"
    assert repr(SlopedSigmoid(2.0)) == "SlopedSigmoid(slope=2.0)"
    assert repr(Concat(2)) == "Concat(dim=2)"
