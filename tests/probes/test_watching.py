"""Watching never changes the run."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from playground.blocks.activation import ReLU  # noqa: E402
from playground.blocks.combine import Flatten  # noqa: E402
from playground.blocks.convolution import Conv2D  # noqa: E402
from playground.blocks.data import Input, Output  # noqa: E402
from playground.blocks.dense import Dense  # noqa: E402
from playground.blocks.normalisation import BatchNorm, Dropout  # noqa: E402
from playground.data.planar import Xor  # noqa: E402
from playground.probes import PROBES  # noqa: E402
from tests.probes.conftest import chain  # noqa: E402

DELICATE = (Conv2D(channels=4), BatchNorm(), ReLU(), Flatten(), Dropout(), Dense(units=3), Output())


def requests():
    """Ask every question there is, of a node that can answer where one is needed."""
    return [cls(node="conv_1") if cls.per_node else cls() for cls in PROBES.values()]


def run_losses(run, probes, steps=12):
    losses, answers = [], []
    for step in run.steps(steps):
        losses.append(step.loss)
        answers.append([probe.measure(run) for probe in probes])
    return losses, answers


def test_losses_and_weights_of_a_watched_and_an_unwatched_run_are_equal_bit_for_bit(pictured):
    graph = chain(Input(field="image"), *DELICATE)
    alone = pictured(graph=graph)
    expected, _ = run_losses(alone, [])
    watched = pictured(graph=graph)  # made now, for every Trainer seeds torch's one generator of dropout
    assert run_losses(watched, requests())[0] == expected
    for (name, one), (_, other) in zip(
        watched.network.state_dict().items(), alone.network.state_dict().items(), strict=True
    ):
        assert torch.equal(one, other), name


def test_no_probe_draws_random_numbers_or_leaves_gradients_or_eval_mode(pictured, planar):
    output = Output(task="binary", loss="binary_cross_entropy")
    for run in (pictured(graph=chain(Input(field="image"), *DELICATE)), planar(Xor(count=40), output, 1)):
        next(run.steps())
        state = torch.get_rng_state()
        numpy_state = pickle.dumps(np.random.get_state())
        gradients = [p.grad.clone() for p in run.network.parameters()]
        for probe in requests():
            probe.measure(run)
        assert torch.equal(torch.get_rng_state(), state)
        assert pickle.dumps(np.random.get_state()) == numpy_state
        assert all(torch.equal(p.grad, g) for p, g in zip(run.network.parameters(), gradients, strict=True))
        assert all(module.training for module in run.network.modules())


def test_every_answer_can_be_sent_and_is_small_and_owns_its_memory(pictured, planar, size_of):
    output = Output(task="binary", loss="binary_cross_entropy")
    for run in (pictured(), planar(Xor(count=40), output, 1)):
        _, answers = run_losses(run, requests(), 2)
        before = pickle.dumps(answers)
        for answer in answers[-1]:
            assert size_of(answer) <= 256 * 1024
        for parameter in run.network.parameters():
            parameter.data.fill_(7.0)
            parameter.grad.fill_(7.0)
        assert pickle.dumps(answers) == before


def test_every_probe_asks_for_something_reasonable():
    for key, cls in PROBES.items():
        assert cls.title and 0 < cls.rate <= 30 and cls.icon.startswith("mdi6."), key
