"""A session without an engine: the same signals, a history to be filled by hand, and what is watched."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Signal

from playground.blocks.activation import Tanh
from playground.blocks.combine import Flatten
from playground.blocks.convolution import Conv2D
from playground.blocks.data import Input, Output
from playground.blocks.dense import Dense
from playground.data.planar import Xor
from playground.document import Document
from playground.experiment import Experiment
from playground.facts import DataFacts, Target
from playground.shape import Shape
from tests.examples import chain
from widgets.history import Curve, History
from widgets.runs import Runs


class FakeSession(QObject):
    stateChanged = Signal()
    progressed = Signal()
    restarted = Signal()
    frameArrived = Signal(object)
    failed = Signal(object)
    engineLost = Signal(object)
    told = Signal(object)
    found = Signal(object)

    def __init__(self, experiment: Experiment) -> None:
        super().__init__()
        self.document = Document(experiment)
        self.history = History()
        self.step = 0
        self.watched: dict[str, Any] = {}
        self.state, self.until, self.seconds, self.device = "ready", 0, 0.0, "cpu"
        self.runs = Runs(self)  # type: ignore[arg-type]

    def watch(self, name: str, probe: Any) -> None:
        self.watched[name] = probe

    def lose(self, values: Any) -> None:
        """Append losses of further steps."""
        first = self.history.loss.size + 1
        values = np.asarray(values, dtype=float)
        self.history.loss.extend(np.arange(first, first + len(values), dtype=float), values)
        self.step = first + len(values) - 1

    def evaluate(self, split: str, metric: str, points: dict[int, float]) -> None:
        curve = self.history.evaluations.setdefault((split, metric), Curve())
        curve.extend(np.array(list(points), dtype=float), np.array(list(points.values())))

    def restart(self) -> None:
        self.history = History()
        self.step = 0
        self.restarted.emit()


def planar() -> Experiment:
    graph = chain(
        Input(field="x"), Dense(units=4), Tanh(), Dense(units=1), Output(task="binary", loss="binary_cross_entropy")
    )
    return Experiment(source=Xor(count=40), graph=graph, facts=Xor(count=40).read().facts)


def pictured() -> Experiment:
    facts = DataFacts(
        {"image": Shape(channels=1, height=28, width=28)}, {"label": Target(("cat", "dog", "owl"))}, {"train": 9}
    )
    graph = chain(
        Input(field="image"),
        Conv2D(channels=6, kernel=5),
        Tanh(),
        Conv2D(channels=3),
        Flatten(),
        Dense(units=3),
        Output(),
    )
    return Experiment(graph=graph, facts=facts)
