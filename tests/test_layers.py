"""The layers that torch lacks, against their formulas."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from playground import blocks as _filled  # noqa: E402, F401 - importing it fills the catalogue
from playground.block import CATALOGUE  # noqa: E402
from playground.layers import (  # noqa: E402
    Add,
    Concat,
    Conv1d,
    GlobalAvgPool2d,
    LpPool2d,
    MaxOverTime,
    MeanOverTime,
    Multiply,
    Permute,
    Reshape,
    SeparableConv2d,
    Slice,
    SlopedSigmoid,
    Step,
)
from playground.network import build  # noqa: E402
from playground.shape import Shape  # noqa: E402

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


def images(channels: int = 3, side: int = 7) -> torch.Tensor:
    return torch.randn(2, channels, side, side, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


def test_lp_pooling_is_the_norm_of_each_window():
    x = images()
    for power in (1.0, 2.0, 3.5):
        made = LpPool2d(power, (2, 3), (2, 1))(x)
        for i, j in ((0, 0), (2, 4), (1, 3)):
            window = x[:, :, 2 * i : 2 * i + 2, j : j + 3].abs()
            assert torch.allclose(made[:, :, i, j], (window**power).sum(dim=(2, 3)) ** (1 / power))
    assert torch.allclose(LpPool2d(2.0, (2, 2), (2, 2))(x), torch.nn.LPPool2d(2.0, 2)(x))


def test_lp_pooling_approaches_the_maximum_and_never_overflows():
    x = images() * 1e30
    largest = torch.nn.functional.max_pool2d(x.abs(), 2)
    made = LpPool2d(20.0, (2, 2), (2, 2))(x)
    assert torch.isfinite(made).all() and (made >= largest).all() and (made <= largest * 4 ** (1 / 20)).all()


def test_lp_pooling_has_the_right_gradient_and_none_where_all_is_zero():
    x = images(1, 4).requires_grad_()
    assert torch.autograd.gradcheck(LpPool2d(2.0, (2, 2), (2, 2)), (x,))
    assert torch.autograd.gradcheck(LpPool2d(3.0, (2, 2), (1, 1)), (x,))
    nothing = torch.zeros(1, 1, 2, 2, requires_grad=True)
    LpPool2d(2.0, (2, 2), (2, 2))(nothing).sum().backward()
    assert nothing.grad is not None and nothing.grad.eq(0).all()


def test_local_response_normalisation_is_the_formula_that_the_block_shows():
    x, n, alpha, beta, k = images(8), 5, 0.3, 0.75, 2.0
    layer = build(
        CATALOGUE["LocalResponseNorm"](size=n, alpha=alpha, beta=beta, k=k).layer(Shape(channels=8, height=7, width=7))
    )
    made = layer(x)
    for c in range(8):
        near = x[:, max(0, c - n // 2) : c + (n - 1) // 2 + 1]
        assert torch.allclose(made[:, c], x[:, c] * (k + alpha / n * (near**2).sum(dim=1)) ** -beta)


def test_a_separable_convolution_is_an_ordinary_one_of_a_product_of_kernels():
    layer = SeparableConv2d(3, 4, (3, 3), padding=(1, 1)).double()
    whole = torch.nn.functional.conv2d(
        images(),
        layer.pointwise.weight * layer.depthwise.weight[:, 0][None],
        layer.pointwise.bias,
        padding=1,
    )
    assert torch.allclose(layer(images()), whole)


def test_a_convolution_along_time_sums_over_its_steps():
    layer = Conv1d(2, 3, 2, stride=2).double()
    x = images()[:, 0, :, :2]
    made = layer(x)
    for t in range(3):
        at = x[:, 2 * t : 2 * t + 2]
        wanted = torch.einsum("bui,kiu->bk", at, layer.weight) + layer.bias
        assert torch.allclose(made[:, t], wanted)


def test_pooling_over_time_and_over_a_whole_image():
    x = images()
    assert torch.equal(MaxOverTime()(x[:, 0]), x[:, 0].max(dim=1).values)
    assert torch.allclose(MeanOverTime()(x[:, 0]), x[:, 0].sum(dim=1) / 7)
    assert torch.allclose(GlobalAvgPool2d()(x), x.reshape(2, 3, -1).mean(dim=2))


def test_what_only_rearranges_loses_nothing():
    x = images()
    assert torch.equal(Reshape(147)(x), x.flatten(1))
    assert torch.equal(Permute(3, 1, 2)(x), x.permute(0, 3, 1, 2))
    assert torch.equal(Slice(2, 1, 4)(x), x[:, :, 1:5])
    assert torch.equal(Multiply()(x, x, x), x**3)
