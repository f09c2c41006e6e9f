"""The codes in the middle of an autoencoder: where examples lie, and what the points between them decode to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from playground.blocks.data import Input
from playground.blocks.latent import Sample
from playground.declare import choice, integer
from playground.graph import Graph
from playground.probes import Probe, Subject
from playground.probes._held_out import BATCH, LARGEST_WORK, answered, held_out
from playground.probes.reconstruction import levels, repeater
from playground.report import Report
from playground.text import note

if TYPE_CHECKING:
    import numpy as np

    from playground.data import Examples

    Array = np.ndarray[Any, Any]

LARGEST_NUMBERS = 180_000
"""Bytes that all decoded images of an answer may take together."""

PRIOR = 2.0
"""How far from zero the plane is shown of codes that are drawn from the standard normal distribution."""


@dataclass(frozen=True)
class LatentAnswer:
    """What codes decode to, and the codes of the examples.

    `images` is uint8 (rows, columns, h, w, 1 or 3). Of a code of two numbers they are decoded from the middles of a
    grid over `extent` (left, right, bottom, top), row 0 the highest second number; `codes` is float32 (n, 2) and
    `labels` int16 (n,), −1 where there are no classes. Of a longer code that is drawn they are samples: `extent` and
    `codes` are empty. Bytes reach from the smallest value of the images that come in, `low`, to the largest.
    """

    axis_names = {
        "images": ("grid_row", "grid_column", "row", "column", "channel"),
        "codes": ("example", "number"),
        "labels": ("example",),
    }

    step: int
    node: str
    size: int
    """How many numbers a code has."""
    drawn: bool
    """Whether codes are drawn from the standard normal distribution, as those of a variational autoencoder are."""
    images: Array
    low: float
    high: float
    extent: tuple[float, ...]
    codes: Array
    labels: Array
    classes: tuple[str, ...]
    split: str


class Latent(Probe):
    """Decodes points of the plane between the codes, or codes that are drawn."""

    key = "latent"
    title = note("Latent plane")
    icon = "mdi6.vector-point"
    rate = 2.0
    cells: int = integer(12, low=2, high=20, help="How many points are decoded along each side")
    split: str = choice("validation", choices=("validation", "train"), help="Whose codes are shown")

    def measure(self, subject: Subject) -> LatentAnswer | None:
        """Encode examples and decode a grid; None where there is no code of two numbers, nor one that is drawn."""
        import numpy as np

        id, found = repeater(subject.report, subject.data.facts), held_out(subject, self.split)
        node = code_of(subject.report, id) if id else ""
        if not node or found is None:
            return None
        block, size = subject.report.nodes[node].block, subject.report.nodes[node].shape.count
        split, examples = found
        drawn = isinstance(block, Sample)
        target = next((n for n, t in subject.data.facts.targets.items() if t.is_class and not t.shape.sizes), "")
        cells = max(2, min(self.cells, int((LARGEST_WORK / max(subject.report.macs, 1)) ** 0.5)))
        codes, labels = np.zeros((0, 2), np.float32), np.zeros(0, np.int16)
        extent: tuple[float, ...] = ()
        if size == 2:
            codes, labels = _encoded(subject, node, examples, target)
            extent = _extent(codes, drawn)
            points = grid(extent, cells)
        else:  # the same draws at every moment, so that one sees the network change and not the draws
            points = np.random.default_rng(0).standard_normal((cells**2, size))
        shown = np.asarray(examples.take(slice(0, BATCH)).inputs[subject.report.outputs[id].target])
        low, high = float(shown.min()), float(shown.max())
        images = _pictures(decoded(subject, node, id, points), low, high)
        return LatentAnswer(
            step=subject.number,
            node=node,
            size=size,
            drawn=drawn,
            images=images.reshape(cells, cells, *images.shape[1:]),
            low=low,
            high=high,
            extent=extent,
            codes=codes,
            labels=labels,
            classes=subject.data.facts.targets[target].classes if target else (),
            split=split,
        )


def _encoded(subject: Subject, node: str, examples: Examples, target: str) -> tuple[Array, Array]:
    """Return the codes of examples (n, 2) and their classes (n,), −1 where there are none."""
    import numpy as np

    codes, labels = [], []
    for batch, kept in answered(subject, examples, (node,)):
        codes.append(np.nan_to_num(_array(kept[node])))
        labels.append(batch.targets[target] if target else np.full(len(codes[-1]), -1))
    return np.concatenate(codes), np.concatenate(labels).astype(np.int16)


def code_of(report: Report, output: str) -> str:
    """Return the node that all ways to an Output lead through: the last of two numbers, or else one that draws."""
    rows = [
        node
        for id, node in report.nodes.items()
        if node.shape.names == ("features",)
        and not report.graph.nodes[id].state
        and _is_needed(report.graph, id, output)
    ]
    flat = [node.id for node in rows if node.shape.count == 2]
    drawn = [node.id for node in rows if isinstance(node.block, Sample)]
    return flat[-1] if flat else drawn[-1] if drawn else ""


def _is_needed(graph: Graph, id: str, output: str) -> bool:
    """Whether every way from an Input to the Output leads through a node between them."""
    if id == output or isinstance(graph.nodes[id].block, Input) or not graph.feeds(id, output):
        return False
    queue, seen = [output], {output, id}
    for at in queue:
        if isinstance(graph.nodes[at].block, Input):
            return False
        fresh = [source for source in _sources(graph, at) if source not in seen]
        seen.update(fresh)
        queue.extend(fresh)
    return True


def _sources(graph: Graph, id: str) -> list[str]:
    """Return the nodes that what leaves a node is made of; of one that is bypassed only that at its first port."""
    node, ends = graph.nodes[id], graph.incoming[id]
    if node.state == "bypassed":
        first = node.block.ports()[0].name
        ends = tuple(wire for wire in ends if wire.target_port == first)[:1]
    return [wire.source for wire in ends]


def grid(extent: tuple[float, ...], cells: int) -> Array:
    """Return the middles of the cells of a grid (cells², 2), the highest row first."""
    import numpy as np

    left, right, bottom, top = extent
    middles = (np.arange(cells) + 0.5) / cells
    across, down = np.meshgrid(left + middles * (right - left), top - middles * (top - bottom))
    return np.stack([across.ravel(), down.ravel()], axis=1)


def decoded(subject: Subject, node: str, output: str, codes: Array) -> Array:
    """Return what an Output gives when these codes leave a node, whatever comes in."""
    import torch

    module = subject.network.module_at(node)
    examples = next(iter(subject.data.splits.values())).take(slice(0, 1))
    inputs = {name: values[:].repeat(len(codes), axis=0) for name, values in examples.inputs.items()}
    replaced = module.register_forward_hook(lambda _module, _inputs, made: torch.as_tensor(codes).to(made))
    try:
        return _array(subject.look(inputs, (output,))[output])
    finally:
        replaced.remove()


def _extent(codes: Array, drawn: bool) -> tuple[float, float, float, float]:
    """Return the part of the plane to be shown: where the codes are, or where they would be drawn."""
    import numpy as np

    low, high = np.percentile(codes, (1, 99), axis=0)
    if drawn:
        reach = max(PRIOR, float(np.abs([low, high]).max()))
        return (-reach, reach, -reach, reach)
    room = np.maximum(0.1 * (high - low), 1e-3)
    (left, bottom), (right, top) = low - room, high + room
    return float(left), float(right), float(bottom), float(top)


def _pictures(images: Array, low: float, high: float) -> Array:
    """Turn images (n, channels, h, w) into bytes (n, h, w, 1 or 3), smaller ones where they are too large to send."""
    import numpy as np

    shown = images[:, :3] if images.shape[1] >= 3 else images[:, :1]
    most = max(2, int((LARGEST_NUMBERS / (shown.shape[0] * shown.shape[1])) ** 0.5))
    down, across = (np.linspace(0, n - 1, min(n, most)).round().astype(int) for n in shown.shape[2:])
    return np.ascontiguousarray(levels(shown[:, :, down[:, None], across], low, high).transpose(0, 2, 3, 1))


def _array(values: Any) -> Array:
    """Return a tensor as an array of its own."""
    import torch

    found: Array = values.detach().to("cpu", torch.float32, copy=True).numpy()
    return found
