"""Gradient magnitudes are those of the last step."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from playground.blocks.data import Output  # noqa: E402
from playground.data.planar import Xor  # noqa: E402
from playground.probes.gradients import Gradients  # noqa: E402

BINARY = Output(task="binary", loss="binary_cross_entropy")


def test_before_the_first_step_there_is_no_answer(planar):
    assert Gradients().measure(planar(Xor(count=40), BINARY, 1)) is None


def test_norm_and_root_mean_square_agree_with_autograd(planar):
    run, twin = planar(Xor(count=40), BINARY, 1), planar(Xor(count=40), BINARY, 1)
    batch = []
    next_batch = twin._next_batch
    twin._next_batch = lambda: batch.append(next_batch()) or batch[-1]
    next(twin.steps())
    # the second way: the gradient of the same batch's loss, at the first weights, from torch.autograd.grad
    inputs = torch.as_tensor(run.data.splits["train"].inputs["x"])[batch[0]]
    labels = torch.as_tensor(run.data.splits["train"].targets["label"])[batch[0]].float()
    scores = run.network({"x": inputs})["output_1"][:, 0]
    loss = torch.nn.functional.binary_cross_entropy_with_logits(scores, labels)
    expected = {
        id: torch.cat(
            [
                g.flatten()
                for g in torch.autograd.grad(loss, list(getattr(run.network, id).parameters()), retain_graph=True)
            ]
        )
        for id in ("dense_1", "dense_2")
    }
    answer = Gradients().measure(twin)
    assert answer.nodes == ("dense_1", "dense_2") and answer.step == 1
    for k, id in enumerate(answer.nodes):
        assert answer.norm[k] == pytest.approx(float(expected[id].norm()), rel=1e-5)
        assert answer.magnitude[k] == pytest.approx(float(expected[id].square().mean().sqrt()), rel=1e-5)


def test_a_gradient_too_small_to_be_squared_in_single_precision_is_not_zero(planar):
    run = planar(Xor(count=40), BINARY, 1)
    next(run.steps())
    for p in run.network.dense_1.parameters():
        p.grad.fill_(1e-30)
    assert Gradients().measure(run).magnitude[0] == pytest.approx(1e-30, rel=1e-5)


def test_a_frozen_layer_is_left_out(planar):
    run = planar(Xor(count=40), BINARY, 1)
    for p in run.network.dense_1.parameters():
        p.requires_grad_(False)
    next(run.steps())
    assert Gradients().measure(run).nodes == ("dense_2",)


def test_what_is_not_a_number_is_told_as_such(planar):
    run = planar(Xor(count=40), BINARY, 1)
    next(run.steps())
    run.network.dense_2.weight.grad[0, 0] = float("nan")
    answer = Gradients().measure(run)
    assert np.isnan(answer.magnitude[1]) and np.isfinite(answer.magnitude[0])
