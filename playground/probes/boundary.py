"""Where in the plane the network says what: its answer on a grid of points, and the points it learns from."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from playground.blocks.data import Input
from playground.data.planar import PlanarSource
from playground.declare import integer
from playground.probes import Probe, Subject
from playground.probes._answers import judged, probabilities
from playground.report import Report
from playground.text import note

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

LARGEST_WORK = 150_000_000
"""Multiply-accumulates that one answer may cost: some hundredths of a second on one core."""

LARGEST_VALUES = 16_000_000
"""Numbers that may lie in memory for one answer (64 MB)."""

COARSEST = 16
"""Cells along a side of the coarsest grid."""

MOST_POINTS = 1000
"""Points of a split that an answer shows; of more, every so-many-th."""


@dataclass(frozen=True)
class Points:
    """Some examples in the plane: where they lie, float32 (n, 2), and their classes, uint8 (n,)."""

    where: Array
    labels: Array


@dataclass(frozen=True)
class BoundaryAnswer:
    """The network's answer at the middles of a square grid's cells; row 0 is the lowest y, column 0 the lowest x.

    `probability` (float32) is that of the second class where there are two, that of the winning class where there
    are more; `winner` (uint8) is the index of the winning class. Both are (cells, cells).
    """

    axis_names = {"points.where": ("point", "axis"), "points.labels": ("point",)}

    step: int
    classes: tuple[str, ...]
    extent: tuple[float, float]
    probability: Array
    winner: Array
    points: dict[str, Points] = field(default_factory=dict)
    """By split: ``train``, ``validation``."""

    @property
    def two(self) -> bool:
        """Whether there are just two classes."""
        return len(self.classes) == 2


class Boundary(Probe):
    """Shows what the network answers at every point of the plane."""

    key = "boundary"
    title = note("Decision boundary")
    icon = "mdi6.vector-curve"
    rate = 15.0
    cells: int = integer(60, low=COARSEST, high=160, help="How many points of the plane are asked along each side")

    def measure(self, subject: Subject) -> BoundaryAnswer | None:
        """Run a grid over the plane through the network; None where the data does not lie in the plane."""
        import torch

        source = subject.experiment.source
        output = judged(subject)
        if not isinstance(source, PlanarSource) or output is None or len(output.classes) > 255:
            return None
        entries = [(node, node.block) for node in subject.report.nodes.values() if isinstance(node.block, Input)]
        if any(node.shape.sizes != (len(source.features),) for node, _ in entries):
            return None  # data given in place of the source's own
        fields = {block.field for _, block in entries}
        cells = affordable(self.cells, subject.report)
        grid = source.inputs(middles(source.extent, cells))
        scores = subject.look(dict.fromkeys(fields, grid), (output.id,))[output.id]
        with torch.no_grad():
            shares = probabilities(output.block, scores)
            best, winner = shares.max(dim=1)
            shown = shares[:, 1] if len(output.classes) == 2 else best
        return BoundaryAnswer(
            step=subject.number,
            classes=output.classes,
            extent=source.extent,
            probability=shown.reshape(cells, cells).to("cpu", torch.float32).numpy(),
            winner=winner.reshape(cells, cells).to("cpu", torch.uint8).numpy(),
            points=plane_points(subject, source, output.block.target),
        )


def affordable(cells: int, report: Report) -> int:
    """Return how fine a grid this network can be asked for: fewer cells where each costs more."""
    values = sum(node.shape.count for node in report.nodes.values())
    most = min(LARGEST_WORK / max(report.macs, 1), LARGEST_VALUES / max(values, 1))
    return max(COARSEST, min(cells, int(most**0.5)))


def middles(extent: tuple[float, float], cells: int) -> Array:
    """Return the middles of a square grid's cells, (cells², 2), x running fastest."""
    import numpy as np

    low, high = extent
    side = low + (np.arange(cells) + 0.5) * (high - low) / cells
    x, y = np.meshgrid(side, side)
    return np.stack([x.ravel(), y.ravel()], axis=1)


def plane_points(subject: Subject, source: PlanarSource, target: str) -> dict[str, Points]:
    """Return the examples of both splits that are used while training, where they lie in the plane."""
    import numpy as np

    found = {}
    for split in ("train", "validation"):
        examples = subject.data.splits.get(split)
        if not examples:
            continue
        shown = examples.take(slice(None, None, -(-len(examples) // MOST_POINTS)))
        features = next(iter(shown.inputs.values()))
        found[split] = Points(_where(source, features), shown.targets[target].astype(np.uint8))
    return found


def _where(source: PlanarSource, features: Array) -> Array:
    """Find the points that have these features: they were computed from them, and x and y need not be among them."""
    import numpy as np

    if "x" in source.features and "y" in source.features:
        columns = [source.features.index("x"), source.features.index("y")]
        return np.ascontiguousarray(features[:, columns])
    known = _by_features(source)
    nowhere = np.full(2, np.nan, dtype=np.float32)
    return np.stack([known.get(row.tobytes(), nowhere) for row in features])


@lru_cache(maxsize=1)
def _by_features(source: PlanarSource) -> dict[bytes, Array]:
    points, _ = source.points()
    features = source.inputs(points)
    return {row.tobytes(): point for row, point in zip(features, points, strict=True)}
