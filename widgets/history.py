"""What one run has said so far: growing curves of losses and metrics, marks of changes, and how fast it goes."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from playground.text import Sentence


@dataclass
class Curve:
    """A growing list of (step, value) points, appended to without copying what is there."""

    size: int = 0
    _steps: np.ndarray[Any, Any] = field(default_factory=lambda: np.empty(1024))
    _values: np.ndarray[Any, Any] = field(default_factory=lambda: np.empty(1024))

    def extend(self, steps: np.ndarray[Any, Any], values: np.ndarray[Any, Any]) -> None:
        """Append points; the arrays double when they are full."""
        end = self.size + len(steps)
        if end > len(self._steps):
            room = max(end, 2 * len(self._steps))
            self._steps, self._values = np.resize(self._steps, room), np.resize(self._values, room)
        self._steps[self.size : end], self._values[self.size : end] = steps, values
        self.size = end

    def cut(self, step: int) -> None:
        """Forget the points after a step."""
        self.size = int(np.searchsorted(self.steps, step, side="right"))

    def copy(self) -> Curve:
        """Return one of its own, as it is now."""
        return Curve(self.size, self.steps.copy(), self.values.copy())

    @property
    def steps(self) -> np.ndarray[Any, Any]:
        """The steps, as a view."""
        return self._steps[: self.size]

    @property
    def values(self) -> np.ndarray[Any, Any]:
        """The values, as a view."""
        return self._values[: self.size]


@dataclass
class History:
    """Everything one run has said so far.

    Attributes:
        loss: the loss of every training step.
        evaluations: (split, metric) -> curve; splits are train, validation and test.
        marks: (step, what was changed there), for edits during the run.
    """

    loss: Curve = field(default_factory=Curve)
    evaluations: dict[tuple[str, str], Curve] = field(default_factory=dict)
    marks: list[tuple[int, Sentence]] = field(default_factory=list)

    def cut(self, step: int) -> None:
        """Forget everything after a step."""
        for curve in (self.loss, *self.evaluations.values()):
            curve.cut(step)
        self.marks = [(at, what) for at, what in self.marks if at <= step]

    def copy(self) -> History:
        """Return one of its own, as it is now: what is said from now on is not in it."""
        evaluations = {name: curve.copy() for name, curve in self.evaluations.items()}
        return History(self.loss.copy(), evaluations, list(self.marks))

    def told(self, step: int, split: str, metrics: Mapping[str, float]) -> None:
        """Take in how well the network did on a split."""
        for metric, value in metrics.items():
            curve = self.evaluations.setdefault((split, metric), Curve())
            curve.extend(np.array([float(step)]), np.array([value]))

    def latest(self, split: str, metric: str) -> float | None:
        """Return the last value of a metric, if there is one."""
        curve = self.evaluations.get((split, metric))
        return float(curve.values[-1]) if curve is not None and curve.size else None


class Speed:
    """Steps a second over the last second or two."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()

    def add(self, step: int) -> None:
        now = time.monotonic()
        self._seen.append((now, step))
        while len(self._seen) > 2 and now - self._seen[0][0] > 1.5:
            self._seen.popleft()

    @property
    def value(self) -> float:
        if len(self._seen) < 2:
            return 0.0
        (began, first), (ended, last) = self._seen[0], self._seen[-1]
        return (last - first) / (ended - began) if ended > began else 0.0
