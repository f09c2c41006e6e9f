"""How a network fits a function of one or two numbers: its answer beside the true one, and what each unit adds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from playground.blocks.data import Input, Output
from playground.blocks.dense import Dense
from playground.data.functions import FunctionSource
from playground.declare import integer
from playground.facts import DataFacts
from playground.probes import Probe, Subject
from playground.report import Report
from playground.text import note

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

LARGEST_WORK = 150_000_000
"""Multiply-accumulates that one answer may cost: some hundredths of a second on one core."""

COARSEST = 16
"""Places along an axis of the coarsest grid."""

MOST_POINTS = 500
"""Points of a split that an answer shows; of more, every so-many-th."""

MOST_UNITS = 64
"""Units whose part in the fit is shown; of more, those whose part changes most."""


@dataclass(frozen=True)
class Measured:
    """Some examples: where they lie, float32 (n, axes), and what was measured there, float32 (n,)."""

    where: Array
    answers: Array


@dataclass(frozen=True)
class RegressionAnswer:
    """What the network answers on a grid, and what would be right there.

    Of one axis `fit` and `truth` are float32 (places,); of two (places, places), row 0 the lowest y. `truth` is None
    where only examples are known. `parts`, of one axis, are float32 (units, places): the weight with which each unit
    of the last hidden layer goes into the answer times what the unit says; with `offset` they add up to the fit.
    """

    axis_names = {"parts": ("unit", "place"), "points.where": ("point", "axis"), "points.answers": ("point",)}

    step: int
    axes: tuple[str, ...]
    extent: tuple[float, float]
    fit: Array
    truth: Array | None
    parts: Array | None = None
    units: tuple[int, ...] = ()
    """Which units the parts are of, counted from 0."""
    total: int = 0
    """How many units there are."""
    offset: float = 0.0
    points: dict[str, Measured] = field(default_factory=dict)
    """By split: ``train``, ``validation``."""

    @property
    def error(self) -> float:
        """The root mean square of the difference between fit and truth; NaN where the truth is not known."""
        import numpy as np

        if self.truth is None:
            return float("nan")
        return float(np.sqrt(np.mean(np.square(self.fit.astype(np.float64) - self.truth))))


class Regression(Probe):
    """Shows what the network answers along a line or over the plane, and what would be right."""

    key = "regression"
    title = note("Fitted function")
    icon = "mdi6.chart-bell-curve-cumulative"
    rate = 15.0
    cells: int = integer(48, low=COARSEST, high=120, help="How many places are asked along each side of the plane")
    places: int = integer(241, low=COARSEST, high=2000, help="How many places are asked along a line")

    def measure(self, subject: Subject) -> RegressionAnswer | None:
        """Run a grid through the network; None where it does not answer one number to one or two."""
        import numpy as np
        import torch

        found = fitted(subject.report, subject.data.facts)
        examples = subject.data.splits.get("train")
        if found is None or not examples:
            return None
        name, output = found
        n = subject.data.facts.inputs[name].count
        extent = _extent(subject, name)
        side = _affordable(self.places if n == 1 else self.cells, n, subject.report)
        grid = _grid(extent, side, n)
        before, dense = _last(subject.report, output) if n == 1 else ("", "")
        seen = subject.look({name: grid}, (output, *([before] if before else [])))
        shape = (side,) if n == 1 else (side, side)
        source = subject.experiment.source
        known = isinstance(source, FunctionSource) and len(source.axes) == n
        truth = source.truth(grid).reshape(shape).astype(np.float32) if known else None  # type: ignore[attr-defined]
        fit = seen[output].reshape(shape).to("cpu", torch.float32).numpy()
        axes = subject.data.facts.names.get(name, ("x", "y")[:n])
        parts = _parts(subject, dense, seen[before]) if before else {}
        target = subject.report.outputs[output].target
        return RegressionAnswer(
            subject.number, axes, extent, fit, truth, points=_points(subject, name, target), **parts
        )


def fitted(report: Report, facts: DataFacts) -> tuple[str, str] | None:
    """Return the input of one or two numbers and the Output that answers one number to it, if that is all there is."""
    if len(report.outputs) != 1:
        return None
    [(id, block)] = report.outputs.items()
    target = facts.targets.get(block.target)
    if block.task != "regression" or target is None or target.is_class or target.shape.count != 1:
        return None
    fields = {node.block.field for node in report.nodes.values() if isinstance(node.block, Input)}
    name = next(iter(fields), "")
    shape = facts.inputs.get(name)
    if len(fields) != 1 or shape is None or shape.names != ("features",) or shape.count not in (1, 2):
        return None
    return name, id


def _extent(subject: Subject, name: str) -> tuple[float, float]:
    """Return from where to where the function is shown: what its source says, else as far as there are examples."""
    source = subject.experiment.source
    if isinstance(source, FunctionSource):
        return source.extent
    values = subject.data.splits["train"].inputs[name]
    low, high = float(values.min()), float(values.max())
    return (low, high) if high > low else (low - 1.0, high + 1.0)


def _affordable(places: int, n: int, report: Report) -> int:
    """Return how fine a grid this network can be asked for: fewer places where each costs more."""
    most = LARGEST_WORK / max(report.macs, 1)
    return max(COARSEST, min(places, int(most ** (1 / n))))


def _grid(extent: tuple[float, float], side: int, n: int) -> Array:
    """Return evenly spread places, float32 (side^n, n), the first number running fastest."""
    import numpy as np

    along = np.linspace(*extent, side, dtype=np.float32)
    if n == 1:
        return along[:, None]
    x, y = np.meshgrid(along, along)
    return np.stack([x.ravel(), y.ravel()], axis=1)


def _last(report: Report, output: str) -> tuple[str, str]:
    """Return the node whose units are added up to the answer, and the Dense that adds them; nothing where none does."""
    incoming = report.graph.incoming
    dense = incoming[output][0].source
    node = report.graph.nodes[dense]
    if not isinstance(node.block, Dense) or node.state or not incoming[dense]:
        return "", ""
    before = incoming[dense][0].source
    return ("", "") if isinstance(report.graph.nodes[before].block, Output | Input) else (before, dense)


def _parts(subject: Subject, dense: str, units: Any) -> dict[str, Any]:
    """Weigh what each unit says, (places, units), with the weight that it goes into the answer with."""
    import torch

    module = subject.network.module_at(dense)
    weight = module.weight.detach()
    if weight.shape[0] != 1 or units.ndim != 2:
        return {}
    parts = (units * weight).to("cpu", torch.float32)
    total = parts.shape[1]
    changes = parts.amax(dim=0) - parts.amin(dim=0)
    shown = torch.sort(torch.argsort(changes, descending=True, stable=True)[:MOST_UNITS]).values
    return {
        "parts": parts[:, shown].T.contiguous().numpy(),
        "units": tuple(shown.tolist()),
        "total": total,
        "offset": float(module.bias.detach()[0]) if module.bias is not None else 0.0,
    }


def _points(subject: Subject, name: str, target: str) -> dict[str, Measured]:
    import numpy as np

    found = {}
    for split in ("train", "validation"):
        examples = subject.data.splits.get(split)
        if examples:
            shown = examples.take(slice(None, None, -(-len(examples) // MOST_POINTS)))
            answers = shown.targets[target].reshape(len(shown))
            found[split] = Measured(shown.inputs[name].astype(np.float32), answers.astype(np.float32))
    return found
