"""A clip on its way through the network: its frames, what a node makes of each, and what the network says as they come.

What it says after k frames is what it answers to a clip that ends there: nothing of the frames to come can be in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from playground.analysis import analyse
from playground.blocks.data import Input
from playground.declare import choice, integer, words
from playground.probes import Probe, Subject
from playground.probes._answers import Example, Judged, judged, one_example, probabilities, shows_images, shrink
from playground.report import NodeReport, Report
from playground.shape import Shape
from playground.text import note

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

MOST_FRAMES = 32
"""Frames that an answer shows: the first ones."""

MOST_MAPS = 16
"""Maps of a node that an answer shows: the first ones."""

MOST_CLASSES = 10
"""Classes whose probabilities are shown: the most probable ones, and the right one."""

MAP_NUMBERS = 30_000
"""Numbers that the maps of all frames may hold together."""

LARGEST_CLIP = 100_000_000
"""Multiply-accumulates of a whole clip from which on it is not run again and again, cut after every frame."""

FRAME_BYTES = 90_000
"""Bytes that the pictures of all frames may take together."""


@dataclass(frozen=True)
class ClipAnswer:
    """One clip, frame by frame.

    `frames` are its pictures, uint8 (time, h, w, 3). `maps` is float32 (time, n, h, w): the first maps that leave the
    node at each frame, averaged over neighbouring pixels where they are too large to send; `low` and `high` are the
    smallest and largest finite value before that. `chances` is float32 (time, classes): how probable the network holds
    each class after so many frames, NaN where it cannot be asked so early.
    """

    axis_names = {
        "frames": ("frame", "row", "column", "channel"),
        "maps": ("frame", "map", "row", "column"),
        "chances": ("frame", "class=classes"),
    }

    step: int
    node: str
    frames: Array
    maps: Array
    total: int
    """How many maps the node has."""
    size: tuple[int, int]
    """Height and width of a map as the network has it."""
    low: float
    high: float
    chances: Array
    classes: tuple[str, ...]
    """The names of these classes; none where the network does not choose between classes."""
    numbers: tuple[int, ...]
    """Their numbers among all classes."""
    label: int
    """The number of the right class."""
    split: str
    index: int
    count: int
    """Examples in the split."""


class Clip(Probe):
    """Follows a clip through the network, frame by frame."""

    key = "clip"
    title = note("Clip, frame by frame")
    icon = "mdi6.filmstrip"
    rate = 4.0
    per_node = True
    node: str = words("", help="Whose maps")
    split: str = choice("validation", choices=("validation", "train"), help="Where the example is taken from")
    index: int = integer(0, help="Which example")

    @classmethod
    def accepts(cls, node: NodeReport) -> bool:
        """Say whether clips come out of the node."""
        return node.shape.is_clip and shows_images(node)

    def measure(self, subject: Subject) -> ClipAnswer | None:
        """Run the clip through, whole and cut after every frame; None where there is no clip."""
        import numpy as np
        import torch

        report = subject.report.nodes.get(self.node)
        example = one_example(subject, self.split, self.index)
        field = _field(subject.report)
        if report is None or not self.accepts(report) or example is None or not field:
            return None
        with torch.no_grad():
            maps = subject.look(example.inputs, (self.node,))[self.node][0].to(torch.float32)
            finite = maps[torch.isfinite(maps)]
            low, high = (finite.min().item(), finite.max().item()) if finite.numel() else (0.0, 0.0)
            shown = maps[:MOST_FRAMES, :MOST_MAPS]
            small = shrink(shown.flatten(0, 1), MAP_NUMBERS)  # (time · n, h, w)
            small = small.reshape(*shown.shape[:2], *small.shape[1:]).cpu().numpy()
        said = _said(subject, example)
        return ClipAnswer(
            step=subject.number,
            node=self.node,
            frames=_pictures(example.inputs[field][0, :MOST_FRAMES]),
            maps=np.array(small),  # a copy: the tensor's memory may be the network's own
            total=int(report.shape.channels),
            size=(int(report.shape.height), int(report.shape.width)),
            low=low,
            high=high,
            chances=said.chances[:MOST_FRAMES],
            classes=said.classes,
            numbers=said.numbers,
            label=said.label,
            split=example.split,
            index=example.place,
            count=example.count,
        )


def _field(report: Report) -> str:
    """Return the field of the first Input that brings clips, or nothing."""
    blocks = (node.block for node in report.nodes.values() if node.shape.is_clip)
    return next((block.field for block in blocks if isinstance(block, Input)), "")


def _pictures(clip: Array) -> Array:
    """Turn a clip (time, channels, h, w) into colours, all frames on one scale, small enough to be sent."""
    import numpy as np

    shown = clip[:, :3] if clip.shape[1] >= 3 else clip[:, :1]
    stride = max(1, int(np.ceil((3 * len(shown) * shown[0, 0].size / FRAME_BYTES) ** 0.5)))
    shown = np.nan_to_num(shown[:, :, ::stride, ::stride].astype(np.float64), posinf=0.0, neginf=0.0)
    low, high = shown.min(), shown.max()
    pixels = ((shown - low) * (255.0 / (high - low if high > low else 1.0))).round().astype(np.uint8)
    return np.ascontiguousarray(np.broadcast_to(pixels, (len(pixels), 3, *pixels.shape[2:])).transpose(0, 2, 3, 1))


@dataclass(frozen=True)
class _Said:
    """What the network says of a clip after each of its frames, of the classes that are worth showing."""

    chances: Array
    classes: tuple[str, ...] = ()
    numbers: tuple[int, ...] = ()
    label: int = -1


def _said(subject: Subject, example: Example) -> _Said:
    import numpy as np

    output, frames = judged(subject), _length(subject.data.facts.inputs)
    if output is None:
        return _Said(np.empty((frames, 0), dtype=np.float32))
    every = np.full((frames, len(output.classes)), np.nan, dtype=np.float32)
    for k in range(1, frames + 1):
        if k == frames or (subject.report.macs < LARGEST_CLIP and _bears(subject, k)):
            every[k - 1] = _after(subject, example, k, output)
    label = int(example.targets[output.block.target][0])
    peaks = np.nan_to_num(every, nan=-1.0).max(axis=0)
    peaks[label] = np.inf
    numbers = tuple(sorted(int(n) for n in np.argsort(-peaks, kind="stable")[:MOST_CLASSES]))
    return _Said(every[:, numbers], tuple(output.classes[n] for n in numbers), numbers, label)


def _after(subject: Subject, example: Example, frames: int, output: Judged) -> Array:
    """Return how probable the network holds each class once it has seen so many frames, and no others."""
    import torch

    with torch.no_grad():
        scores = subject.look(_cut(subject, example.inputs, frames), (output.id,))[output.id]
        found: Array = probabilities(output.block, scores)[0].float().cpu().numpy()
    return found


def _cut(subject: Subject, inputs: Mapping[str, Array], frames: int) -> dict[str, Array]:
    shapes = subject.data.facts.inputs
    return {name: values[:, :frames] if shapes[name].is_clip else values for name, values in inputs.items()}


def _length(inputs: Mapping[str, Shape]) -> int:
    return max(int(shape.time) for shape in inputs.values() if shape.is_clip)


def _bears(subject: Subject, frames: int) -> bool:
    """Whether the same layers take clips of so many frames: a Dense on all frames at once does not."""
    facts = subject.data.facts
    shapes = {
        name: shape.replace(time=min(frames, int(shape.time))) if shape.is_clip else shape
        for name, shape in facts.inputs.items()
    }
    cut = analyse(subject.report.graph, replace(facts, inputs=shapes)).nodes
    return all(
        id in cut and (cut[id].layer, cut[id].weights) == (node.layer, node.weights)
        for id, node in subject.report.nodes.items()
    )
