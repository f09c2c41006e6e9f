"""What is trained beside the present run is trained as it would be by itself, and leaves nothing behind."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import ClassVar

import numpy as np
import psutil
import pytest

from playground import messages
from playground.blocks.dense import Dense
from playground.data.image_folder import ImageFolder
from playground.presets import open_named
from playground.text import say
from playground.training import Trainer
from tests.gui.driving import engines, until
from tests.gui.fake_session import FakeSession
from widgets.runs import companion
from widgets.runs.spread import spread

XOR = open_named("xor")[0]
SHORT = replace(XOR, training=XOR.training.replace(epochs=2))


@pytest.fixture
def runs(qapp):
    """The runs of a session whose own engine is not there; their companion is real."""
    session = FakeSession(SHORT)
    yield session.runs
    session.runs.close()
    assert session.runs.companion.pid == 0


def trained(experiment):
    """Train it in this process: the losses of all steps, and the evaluations of what validates."""
    trainer = Trainer(experiment, device="cpu")
    steps = list(trainer.steps(experiment.training.epochs * trainer.steps_per_epoch))
    judged = [one for step in steps for one in step.evaluations if one.split == "validation"]
    return np.array([step.loss for step in steps]), judged


def test_five_seeds_are_trained_one_after_another_and_spread_as_five_trainers_do(runs, qtbot):
    before = engines()
    group = runs.train_seeds(5)
    assert runs.begun and runs.busy
    (engine,) = engines() - before
    if hasattr(os, "getpriority"):
        assert psutil.Process(engine).nice() == companion.NICE and runs.companion.pid == engine
    members = runs.members(group)
    until(lambda: all(run.over for run in members))
    assert [run.state for run in members] == ["finished"] * 5, [str(run.problem) for run in members]
    alone = [trained(run.experiment) for run in members]
    for run, (losses, judged) in zip(members, alone, strict=True):
        assert np.array_equal(run.history.loss.values, losses), "not bit for bit"
        curve = run.history.evaluations["validation", "accuracy"]
        assert curve.values.tolist() == [one.metrics["accuracy"] for one in judged]
        assert run.until == run.steps == len(losses) and run.seconds > 0
    drawn = spread([(run.history.loss.steps, run.history.loss.values) for run in members])
    together = np.stack([losses for losses, _ in alone])
    assert np.array_equal(drawn.low, together.min(axis=0)) and np.array_equal(drawn.high, together.max(axis=0))
    assert np.allclose(drawn.mean, together.mean(axis=0), rtol=1e-12)
    # The same process goes on with what fails, and with what comes behind it; what is given up ends at once.
    long = SHORT.training.replace(epochs=100_000)
    bad = runs.train(replace(SHORT, source=ImageFolder(path="/nowhere/at-all")))
    good, never = (runs.train(replace(SHORT, training=long)) for _ in range(2))
    until(lambda: good.steps > 20 and bad.problem is not None)
    assert bad.state == "failed" and "at-all" in str(bad.problem) and engines() - before == {engine}
    runs.cancel(never)
    runs.cancel(good)
    assert never not in runs.all and good.state == "stopped" and good.history.loss.values[20] == alone[0][0][20]
    assert not runs.busy and not engines() - before


class FakeClient:
    """An engine that says what it is told to say."""

    made: ClassVar[list[FakeClient]] = []

    def __init__(self):
        self.alive, self.pid, self.orders, self.notices, self.closed = True, os.getpid(), [], [], False
        FakeClient.made.append(self)

    def post(self, order):
        self.orders.append(order)

    def take(self):
        notices, self.notices = self.notices, []
        return notices, None

    def kill(self):
        self.alive = False

    def close(self):
        self.closed = True


@pytest.fixture
def clients(monkeypatch):
    monkeypatch.setattr(companion, "Client", FakeClient)
    monkeypatch.setattr(companion, "NICE", 0)
    FakeClient.made = []
    return FakeClient.made


def test_an_engine_that_ends_fails_its_run_and_another_one_trains_the_next(runs, clients):
    first, second = runs.train(SHORT), runs.train(replace(SHORT, training=SHORT.training.replace(seed=5)))
    assert (first.state, second.state) == ("training", "waiting") and len(clients) == 1
    clients[0].alive = False
    runs.companion.poll()
    assert first.state == "failed" and "unexpectedly" in str(first.problem)
    assert clients[0].closed and second.state == "training" and len(clients) == 2
    assert [type(order) for order in clients[1].orders] == [messages.Load, messages.Play]
    assert clients[1].orders[0].experiment.training.seed == 5


def test_why_a_run_has_failed_may_come_when_the_next_one_is_already_on(runs, clients):
    first, second = runs.train(SHORT), runs.train(replace(SHORT, training=SHORT.training.replace(seed=5)))
    clients[0].notices = [messages.StateChanged(first.number, "failed")]
    runs.companion.poll()
    assert first.state == "failed" and second.state == "training"
    clients[0].notices = [
        messages.Failed(first.number, "", say("It was too large")),
        messages.StateChanged(99, "failed"),
    ]
    runs.companion.poll()
    assert str(first.problem) == "It was too large" and second.state == "training" and second.problem is None


def test_a_loss_that_is_no_number_any_more_ends_a_run(runs, clients):
    run = runs.train(SHORT)
    clients[0].notices = [
        messages.StateChanged(run.number, "playing", until=40),
        messages.Losses(run.number, 1, np.array([2.0, np.inf]), 0.5),
        messages.StateChanged(run.number, "paused", until=40),
        messages.Failed(run.number, "", say("The loss is no number any more")),
    ]
    runs.companion.poll()
    assert run.state == "failed" and run.steps == 2 and run.until == 40 and run.seconds == 0.5
    assert "no number" in str(run.problem) and not runs.busy


def test_an_engine_with_nothing_to_do_ends_after_a_while(runs, clients, monkeypatch, qtbot):
    run = runs.train(SHORT)
    runs.companion._idle_timer.setInterval(1)
    clients[0].notices = [messages.StateChanged(run.number, "finished", until=0)]
    runs.companion.poll()
    qtbot.waitUntil(lambda: clients[0].closed)
    assert run.state == "finished" and runs.companion.pid == 0


def test_a_graph_that_cannot_be_trained_needs_no_engine_to_say_so(runs):
    broken = replace(SHORT, graph=SHORT.graph.configure("dense_1", Dense(units=3)).remove(["dense_2"]))
    refused = []
    runs.refused.connect(refused.append)
    assert runs.train(broken) is None and refused and runs.companion.pid == 0
