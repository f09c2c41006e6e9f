"""What one image looks like after a node: the maps that come out of a convolution, a pooling, an activation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from playground.blocks.data import Input
from playground.declare import choice, integer, words
from playground.picture import Picture
from playground.probes import Probe, Subject
from playground.probes._answers import (
    Judged,
    image_nodes,
    judged,
    one_frame,
    probabilities,
    shows_images,
    shrink,
)
from playground.probes._entering import looked_at
from playground.probes._moving import ALIKE, DIFFERS, FARTHEST, followed, moved_inputs
from playground.probes._pooling import Pooled, pooled
from playground.receptive_field import shifts
from playground.report import NodeReport
from playground.text import note

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

MOST_MAPS = 64
"""Maps of a node that an answer shows: the first ones."""

MAP_NUMBERS = 50_400
"""Numbers that the maps of one answer may hold: 64 maps of 28 × 28."""

IMAGE_NUMBERS = 12_500
"""Numbers that the example's image may hold: 64 × 64 in colour."""

ONE_NUMBERS = 10_000
"""Numbers that a map may hold which is shown by itself."""


@dataclass(frozen=True)
class OneMap:
    """What is known of the map that is shown by itself, beside its numbers.

    Where the image was moved, `still` is the map as it is without that, float32 (h, w), `by` the whole number of its
    own pixels (down, right) that the map should move along, and `followed` says of every pixel what became of it
    (`_moving.ALIKE` and the others), as `alike` and `differing` count it. `by` is None where it is no whole number;
    then, and where the map is too large to send, there is no `followed`.
    """

    map: int
    at: tuple[int, int]
    """The row and the column of the pixel that was asked for."""
    value: float
    """What the network has there."""
    pooled: Pooled | None = None
    still: Array | None = None
    by: tuple[int, int] | None = None
    followed: Array | None = None
    alike: int = 0
    differing: int = 0


@dataclass(frozen=True)
class FeatureMapsAnswer:
    """The maps of one node for one example, with what went in and what came out at the end.

    `maps` is float32 (n, h, w): the first 64 maps, averaged over neighbouring pixels where they are too large to
    send. `low` and `high` are the smallest and largest finite value of them all before that. `image` is float32
    (channels, h, w). `label` and `predicted` name classes and are empty where there are none.
    """

    axis_names = {"maps": ("map", "row", "column"), "image": ("channel", "row", "column")}

    step: int
    node: str
    maps: Array
    total: int
    """How many maps the node has."""
    size: tuple[int, int]
    """Height and width of a map as the network has it."""
    low: float
    high: float
    image: Array
    split: str
    index: int
    count: int
    """Examples in the split."""
    label: str = ""
    predicted: str = ""
    confidence: float = 0.0
    """The probability that the network gives to its prediction."""
    frame: int = 0
    """Of a clip, the frame whose maps these are."""
    frames: int = 0
    """How many frames the clip has; 0 where it is an image."""
    down: int = 0
    right: int = 0
    """By how many pixels the image was moved before it went in."""
    field: str = ""
    """Of which Input `image` is; empty where none brings images."""
    image_size: tuple[int, int] = (1, 1)
    """Height and width of the image as the network has it."""
    one: OneMap | None = None
    """Where one map was asked for: more of it. Then `maps` holds this one only."""
    own: bool = False
    """Whether it is a picture of the person's own, in place of the example; then there is no label."""


class FeatureMaps(Probe):
    """Shows what a node makes of one image."""

    key = "feature_maps"
    title = note("Feature maps")
    icon = "mdi6.grid"
    rate = 10.0
    per_node = True
    node: str = words("", help="Whose maps")
    split: str = choice("validation", choices=("validation", "train"), help="Where the example is taken from")
    index: int = integer(0, help="Which example")
    frame: int = integer(0, label="Frame of the clip", help="Which frame of a clip")
    down: int = integer(0, low=-FARTHEST, high=FARTHEST, help="By how many pixels the image is moved down")
    right: int = integer(0, low=-FARTHEST, high=FARTHEST, help="By how many pixels the image is moved to the right")
    map: int = integer(-1, low=-1, help="Which map is shown by itself; -1: all of them")
    row: int = integer(0, help="The row of the pixel of this map whose value is asked for")
    column: int = integer(0, help="The column of this pixel")
    own: Picture | None = None
    """A picture to be looked at in place of the example."""

    @classmethod
    def accepts(cls, node: NodeReport) -> bool:
        """Say whether images, or clips of them, come out of the node."""
        return shows_images(node)

    def measure(self, subject: Subject) -> FeatureMapsAnswer | None:
        """Run the example through the network and return what leaves the node, small enough to be shown."""
        import numpy as np
        import torch

        report = subject.report.nodes.get(self.node)
        example = looked_at(subject, self.split, self.index, self.own)
        if report is None or not self.accepts(report) or example is None:
            return None
        output = judged(subject)
        inputs = moved_inputs(subject.report, example.inputs, self.down, self.right)
        before = self._before(subject)
        kept = subject.look(inputs, [id for id in (self.node, output.id if output else "", before) if id])
        with torch.no_grad():
            maps = one_frame(kept[self.node][0], self.frame).to(torch.float32)
            shown, limit = maps[:MOST_MAPS], MAP_NUMBERS
            finite = shown[torch.isfinite(shown)]
            low, high = (finite.min().item(), finite.max().item()) if finite.numel() else (0.0, 0.0)
            one = None
            if self.map >= 0:
                number = self.map % len(maps)
                came = one_frame(kept[before][0], self.frame)[number].to(torch.float32) if before else None
                one = self._one(subject, report, example.inputs, maps[number], came)
                shown, limit = maps[number : number + 1], ONE_NUMBERS
            small = shrink(shown, limit).cpu().numpy()
            field, image = _example_image(subject, inputs, self.frame)
            verdict = _verdict(output, kept[output.id], example.targets) if output else {}
        return FeatureMapsAnswer(
            step=subject.number,
            node=self.node,
            maps=np.array(small),  # a copy: the tensor's memory may be the network's own
            total=int(report.shape.channels),
            size=(int(report.shape.height), int(report.shape.width)),
            low=low,
            high=high,
            image=np.array(shrink(image, IMAGE_NUMBERS).numpy(), dtype=np.float32),
            split=example.split,
            index=example.place,
            count=example.count,
            frame=self.frame % report.shape.time if report.shape.is_clip else 0,
            frames=int(report.shape.time) if report.shape.is_clip else 0,
            down=self.down,
            right=self.right,
            field=field,
            image_size=(image.shape[1], image.shape[2]),
            one=one,
            own=example.own,
            **verdict,
        )

    def _before(self, subject: Subject) -> str:
        """Return the node whose maps a pooling takes, where one of its own is shown by itself; else nothing."""
        graph = subject.report.graph
        pools = subject.report.nodes[self.node].block.family == "Pooling" and not graph.nodes[self.node].state
        return graph.incoming[self.node][0].source if self.map >= 0 and pools else ""

    def _one(self, subject: Subject, known: NodeReport, inputs: dict[str, Array], now: Any, came: Any) -> OneMap:
        """Find out more of one map, a tensor (h, w); `inputs` are not moved, `came` is what it is pooled from."""
        import numpy as np

        height, width = now.shape
        number = self.map % int(known.shape.channels)
        at = self.row % height, self.column % width
        value = now[at].item()
        made = None if came is None else pooled(known.block, came)
        if not (self.down or self.right):
            return OneMap(number, at, value, made)
        still = one_frame(subject.look(inputs, (self.node,))[self.node][0], self.frame)[number].float()
        by = shifts(known, self.down, self.right)
        shown = shrink(still[None], ONE_NUMBERS)[0].cpu().numpy().copy()
        if by is None:
            return OneMap(number, at, value, made, shown)
        state = followed(now.cpu().numpy(), still.cpu().numpy(), *by)
        counts = int(np.count_nonzero(state == ALIKE)), int(np.count_nonzero(state == DIFFERS))
        return OneMap(number, at, value, made, shown, by, state if state.size <= ONE_NUMBERS else None, *counts)


def _example_image(subject: Subject, inputs: dict[str, Array], frame: int) -> tuple[str, Any]:
    """Return what went in, and at which field: a tensor (channels, h, w), the image or the frame of a clip."""
    import torch

    for node in image_nodes(subject.report):
        if isinstance(node.block, Input):
            return node.block.field, one_frame(torch.as_tensor(inputs[node.block.field][0]), frame)
    return "", torch.zeros(0, 1, 1)


def _verdict(output: Judged, scores: Any, targets: dict[str, Array]) -> dict[str, Any]:
    """Name the right class, where it is known, and the one that the network chose, and say how sure it is."""
    best, winner = probabilities(output.block, scores)[0].max(dim=0)
    right = targets.get(output.block.target)
    return {
        "label": output.classes[int(right[0])] if right is not None else "",
        "predicted": output.classes[int(winner)],
        "confidence": float(best),
    }
