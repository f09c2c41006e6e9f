"""Experiments that somebody has carried out: curves kept in a document, and the one command that repeats them.

What takes longer than a preset should (double descent, grokking) is told as it was measured, so that a person can
see it at once, put their own run beside it, and repeat it. A document keeps it under `recorded`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from playground.experiment import Experiment
from playground.facts import SPLITS
from playground.text import Refusal, note, say

KINDS = {
    "step": note("step"),
    "parameters": note("parameters"),
    "examples": note("training examples"),
    "way": note("way from the one solution to the other"),
}
"""What the values of a recorded curve stand over."""

LINES = (*SPLITS, "straight", "curve")
"""What a line can be of: a split, or the straight and the curved way from one solution to another."""

METRICS = ("accuracy", "loss", "mse", "mae")
MOST_POINTS = 1000
LONGEST_COMMAND, LONGEST_PATH = 500, 200


@dataclass(frozen=True)
class Sweep:
    """One setting that was given several values: `path` names it (`dense_1.units`, `preparation.validation`).

    Each value was tried with so many seeds, from the document's own on; the mean was recorded.
    """

    path: str
    values: tuple[float, ...]
    seeds: int = 1

    def to_json(self) -> dict[str, Any]:
        """Write it as plain JSON."""
        return {"path": self.path, "values": list(self.values), "seeds": self.seeds}


@dataclass(frozen=True)
class Recorded:
    """What was measured: for each split points (x, value), in the order of x.

    Attributes:
        command: what repeats it, from the folder of the program.
        x: what the values stand over, one of `KINDS`.
        metric: what was measured.
        lines: the points of each split, or of each way (`LINES`).
        sweep: what was varied, where it is not one run.
        seconds: how long it took on two processor cores.
    """

    command: str
    x: str
    metric: str
    lines: Mapping[str, tuple[tuple[float, float], ...]] = field(default_factory=dict)
    sweep: Sweep | None = None
    seconds: float = 0.0

    @property
    def counts(self) -> bool:
        """Whether what the values stand over is counted: then it is shown on a logarithmic axis."""
        return self.x != "way"

    def to_json(self) -> dict[str, Any]:
        """Write it as plain JSON."""
        lines = {split: [list(point) for point in points] for split, points in self.lines.items()}
        found = {"command": self.command, "seconds": self.seconds, "x": self.x, "metric": self.metric, "lines": lines}
        return found | ({"sweep": self.sweep.to_json()} if self.sweep else {})


def recorded(experiment: Experiment) -> Recorded | None:
    """Read what a document has recorded; None where there is nothing or where it cannot be read."""
    try:
        return _read(experiment.extra["recorded"])
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def _read(value: Any) -> Recorded:
    command, x, metric = (value[name] for name in ("command", "x", "metric"))
    if not isinstance(command, str) or len(command) > LONGEST_COMMAND or x not in KINDS or metric not in METRICS:
        raise ValueError
    lines = {split: _points(points) for split, points in value["lines"].items() if split in LINES}
    sweep = _sweep(value["sweep"]) if "sweep" in value else None
    return Recorded(command, x, metric, lines, sweep, _number(value.get("seconds", 0.0)))


def _sweep(value: Any) -> Sweep:
    path, seeds = value["path"], value.get("seeds", 1)
    if not isinstance(path, str) or len(path) > LONGEST_PATH or isinstance(seeds, bool) or seeds not in range(1, 101):
        raise ValueError
    return Sweep(path, tuple(map(_number, _few(value["values"]))), seeds)


def _points(value: Any) -> tuple[tuple[float, float], ...]:
    return tuple((_number(x), _number(y)) for x, y in _few(value))


def _few(value: Any) -> list[Any]:
    if not isinstance(value, list) or len(value) > MOST_POINTS:
        raise ValueError
    return value


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError
    return value


def varied(experiment: Experiment, path: str, value: Any) -> Experiment:
    """Return the document with one setting changed: of a node, of the training, the preparation or the data."""
    place, _, name = path.rpartition(".")
    things: dict[str, Any] = {
        "training": experiment.training,
        "preparation": experiment.preparation,
        "data": experiment.source,
    }
    node = experiment.graph.nodes.get(place)
    held = node.block if node is not None else things.get(place)
    if held is None or name not in held.parameters:
        raise Refusal(
            say("nothing here can be set as {path}; name a node and its parameter, like dense_1.units", path=path)
        )
    changed: Any = held.replace(**{name: value})
    if node is not None:
        return replace(experiment, graph=experiment.graph.configure(place, changed))
    changes: dict[str, Any] = {"source" if place == "data" else place: changed}
    return replace(experiment, **changes)
