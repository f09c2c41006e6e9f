"""The table of examples holds what the network computes, and the gradients that autograd gives for each by itself."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from playground.blocks.activation import Tanh  # noqa: E402
from playground.blocks.data import Input, Output  # noqa: E402
from playground.blocks.dense import Dense  # noqa: E402
from playground.data.functions import Curve  # noqa: E402
from playground.data.planar import Xor  # noqa: E402
from playground.experiment import Experiment, Training  # noqa: E402
from playground.probes import LARGEST_ANSWER  # noqa: E402
from playground.probes.examples import MOST_EXAMPLES, Examples  # noqa: E402
from playground.training import Trainer  # noqa: E402
from tests.probes.conftest import chain  # noqa: E402

BINARY = Output(task="binary", loss="binary_cross_entropy")


def test_values_losses_and_answers_are_those_of_the_network(planar):
    run = planar(Xor(count=60), BINARY, 1, standardise=True)
    next(run.steps())
    answer = Examples(split="validation").measure(run)
    examples = run.data.splits["validation"]
    x = run.feeds.entering("x", examples.inputs["x"])
    with torch.no_grad():
        hidden = run.network.module_at("dense_1")(x)
        scores = run.network.module_at("dense_2")(torch.tanh(hidden))[:, 0]
    label = torch.as_tensor(examples.targets["label"])
    losses = torch.nn.functional.binary_cross_entropy_with_logits(scores, label.float(), reduction="none")
    assert list(answer.values) == ["input_1", "dense_1", "tanh_1", "dense_2"]
    assert answer.values["dense_1"] == pytest.approx(hidden.numpy(), abs=1e-6)
    (verdict,) = answer.verdicts
    assert verdict.losses == pytest.approx(losses.numpy(), abs=1e-6)
    assert verdict.answers.tolist() == (scores >= 0).long().tolist()
    assert verdict.targets.tolist() == label.tolist() and verdict.classes == ("0", "1")
    assert (answer.split, answer.count, len(verdict.losses)) == ("validation", 12, 12)
    assert answer.names == {"input_1": ("x", "y")} and answer.gradients == {}


def test_gradients_are_those_of_each_example_alone(planar):
    run = planar(Xor(count=60), BINARY, 1)
    answer = Examples(gradients=True).measure(run)
    examples = run.data.splits["train"]
    for k in (0, 7):
        x = torch.as_tensor(examples.inputs["x"][k : k + 1])
        hidden = run.network.module_at("dense_1")(x)
        score = run.network.module_at("dense_2")(torch.tanh(hidden))[:, 0]
        label = torch.as_tensor(examples.targets["label"][k : k + 1]).float()
        loss = torch.nn.functional.binary_cross_entropy_with_logits(score, label)
        (slope,) = torch.autograd.grad(loss, hidden)
        assert answer.gradients["dense_1"][k] == pytest.approx(slope[0].numpy(), abs=1e-6)
    assert "input_1" not in answer.gradients
    assert all(parameter.grad is None for parameter in run.network.parameters())


def test_numbers_to_be_predicted_are_shown_as_they_are():
    graph = chain(Input(), Dense(units=3), Tanh(), Dense(units=1), Output(target="y", task="regression", loss="mse"))
    run = Trainer(Experiment(source=Curve(count=40), graph=graph, training=Training(batch_size=8)), device="cpu")
    answer = Examples().measure(run)
    (verdict,) = answer.verdicts
    assert verdict.classes == () and verdict.answers == pytest.approx(answer.values["dense_2"])
    assert verdict.losses == pytest.approx(((verdict.answers - verdict.targets) ** 2)[:, 0], abs=1e-6)
    assert answer.names == {"input_1": ("x",)} and len(verdict.losses) == MOST_EXAMPLES


def test_what_is_large_is_left_out_and_the_answer_is_small(pictured, size_of):
    answer = Examples(gradients=True).measure(pictured())
    assert list(answer.values) == ["dense_1"], "neither images nor the 125 numbers behind them"
    assert len(answer.verdicts) == 1 and size_of(answer) < LARGEST_ANSWER


def test_a_network_that_learns_nothing_has_no_gradients(planar):
    run = planar(Xor(count=60), BINARY, 1)
    for parameter in run.network.parameters():
        parameter.requires_grad_(False)
    answer = Examples(gradients=True).measure(run)
    assert answer.gradients == {} and np.isfinite(answer.values["dense_2"]).all()
