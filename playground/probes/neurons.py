"""What each unit of a small layer says at every point of the plane: its own picture, on the cards and enlarged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from playground.adversarial import sides_of
from playground.blocks.data import Input
from playground.data import Source
from playground.data.functions import FunctionSource
from playground.data.planar import PlanarSource
from playground.declare import integer, words
from playground.experiment import Experiment
from playground.probes import LARGEST_ANSWER, Probe, Subject
from playground.probes.boundary import MOST_POINTS, Points, affordable, middles, plane_points
from playground.report import NodeReport, Report
from playground.text import note

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

MOST_UNITS = 16
"""Units of a layer that have pictures; of a larger one nobody could tell them apart on a card."""

NOTHING, ZERO, LEVELS = 0, 128, 127
"""How a value is packed into a byte: `ZERO` is 0, `LEVELS` above or below is the reach; `NOTHING` is no number."""


@dataclass(frozen=True)
class UnitMaps:
    """The pictures of a node's units, uint8 (units, cells, cells), row 0 the lowest y, column 0 the lowest x.

    A byte stands for ``(byte - ZERO) / LEVELS * reach``; the units of a node share one scale, to be compared.
    """

    codes: Array
    reach: float


@dataclass(frozen=True)
class FacesAnswer:
    """By node, the pictures of its units."""

    step: int
    maps: dict[str, UnitMaps] = field(default_factory=dict)


@dataclass(frozen=True)
class NeuronsAnswer:
    """What one unit of a node says at the middles of a square grid's cells, float32 (cells, cells), row 0 the lowest y.

    `reach` is the largest value, signs aside, that any unit of the node takes: the scale they share.
    """

    axis_names = {"points.where": ("point", "axis"), "points.labels": ("point",)}

    step: int
    node: str
    unit: int
    units: int
    extent: tuple[float, float]
    values: Array
    reach: float
    points: dict[str, Points] = field(default_factory=dict)
    """By split: ``train``, ``validation``; of a function that is fitted they have no labels."""


class Faces(Probe):
    """Shows what every unit of small layers says over the plane, small, on their cards."""

    key = "faces"
    title = note("Neuron maps on the canvas")
    icon = "mdi6.view-grid-outline"
    rate = 8.0
    nodes: str = words("", help="Which nodes, with spaces between them; none means all", longest=20_000)
    cells: int = integer(32, low=8, high=64, help="How many points of the plane are asked along each side")

    @classmethod
    def suits(cls, experiment: Experiment) -> bool:
        """Say whether the data lie in the plane."""
        return lies_in_the_plane(experiment.source)

    def measure(self, subject: Subject) -> FacesAnswer | None:
        """Run a grid over the plane through the network once; None where nothing there has pictures."""
        there = units_over_plane(subject.experiment.source, subject.report)
        asked = self.nodes.split() or list(there)
        units = {node: there[node] for node in asked if node in there}
        if not units:
            return None
        room = LARGEST_ANSWER * 3 // 4 // sum(units.values())
        _, seen = _over_plane(subject, list(units), min(self.cells, max(4, int(room**0.5))))
        return FacesAnswer(subject.number, {node: _packed(values) for node, values in seen.items()})


class Neurons(Probe):
    """Shows what one unit says at every point of the plane."""

    key = "neurons"
    title = note("Neuron maps")
    icon = "mdi6.view-grid-outline"
    rate = 12.0
    per_node = True
    node: str = words("", help="Whose units")
    unit: int = integer(0, help="Which of them, counted from 0")
    cells: int = integer(60, low=16, high=160, help="How many points of the plane are asked along each side")

    @classmethod
    def accepts(cls, node: NodeReport) -> bool:
        """Say whether the node gives few enough numbers for each point."""
        return bool(_units(node))

    @classmethod
    def suits(cls, experiment: Experiment) -> bool:
        """Say whether the data lie in the plane."""
        return lies_in_the_plane(experiment.source)

    def measure(self, subject: Subject) -> NeuronsAnswer | None:
        """Run a grid over the plane through the network; None where the node has no units with pictures."""
        import torch

        source = subject.experiment.source
        units = units_over_plane(source, subject.report).get(self.node, 0)
        if not units:
            return None
        extent, seen = _over_plane(subject, [self.node], self.cells)
        values, unit = seen[self.node], min(self.unit, units - 1)
        shown = values[unit].to("cpu", torch.float32, copy=True).contiguous().numpy()
        return NeuronsAnswer(
            subject.number, self.node, unit, units, extent, shown, _reach(values), _points(subject, source)
        )


# -- which nodes have pictures: asked by the canvas too, which reserves room for them --------------------------------


def lies_in_the_plane(source: Source) -> bool:
    """Whether what a network is fed is computed from points of the plane."""
    return isinstance(source, PlanarSource) or (isinstance(source, FunctionSource) and len(source.axes) == 2)


def units_over_plane(source: Source, report: Report) -> Mapping[str, int]:
    """Say how many units each node has whose units have pictures; nothing where the data do not lie in the plane."""
    if not lies_in_the_plane(source):
        return {}
    fed = len(source.features) if isinstance(source, PlanarSource) else 2
    inputs = [node for node in report.nodes.values() if isinstance(node.block, Input)]
    if not inputs or any(node.shape.sizes != (fed,) for node in inputs):
        return {}  # data given in place of the source's own
    sides = sides_of(report)
    made = sides.before if sides is not None else ()  # of noise: that says nothing of the plane
    return {path: units for path, node in report.nodes.items() if path not in made and (units := _units(node))}


def _units(node: NodeReport) -> int:
    count = int(node.shape.count) if node.shape.names == ("features",) and not node.shapes else 0
    return count if count <= MOST_UNITS else 0


# -- measuring -------------------------------------------------------------------------------------------------------


def _over_plane(subject: Subject, nodes: list[str], cells: int) -> tuple[tuple[float, float], dict[str, Any]]:
    """Return the extent of the plane and what leaves the nodes over it, tensors (units, cells, cells)."""
    source = subject.experiment.source
    cells = min(cells, affordable(cells, subject.report))
    assert isinstance(source, PlanarSource | FunctionSource)
    grid = middles(source.extent, cells).astype("float32")
    fed = source.inputs(grid) if isinstance(source, PlanarSource) else grid
    fields = {node.block.field for node in subject.report.nodes.values() if isinstance(node.block, Input)}
    seen = subject.look(dict.fromkeys(fields, fed), nodes)
    return source.extent, {node: seen[node].reshape(cells, cells, -1).permute(2, 0, 1) for node in nodes}


def _reach(values: Any) -> float:
    """Return the largest finite value, signs aside."""
    import torch

    finite = values[torch.isfinite(values)]
    return float(finite.abs().max()) if finite.numel() else 0.0


def _packed(values: Any) -> UnitMaps:
    import torch

    reach = _reach(values)
    codes = (values.float() * (LEVELS / reach if reach else 0.0)).round().clamp(-LEVELS, LEVELS) + ZERO
    codes = torch.where(torch.isnan(codes), torch.full_like(codes, NOTHING), codes)
    return UnitMaps(codes.to("cpu", torch.uint8).contiguous().numpy(), reach)


def _points(subject: Subject, source: Source) -> dict[str, Points]:
    import numpy as np

    if isinstance(source, PlanarSource):
        targets = subject.data.facts.targets
        name = next((name for name, target in targets.items() if target.is_class and not target.shape.sizes), "")
        return plane_points(subject, source, name) if name else {}
    found = {}
    for split in ("train", "validation"):
        if examples := subject.data.splits.get(split):
            where = next(iter(examples.inputs.values()))[:: -(-len(examples) // MOST_POINTS)]
            found[split] = Points(where.astype(np.float32), np.empty(0, np.uint8))
    return found
