"""A glance at every image in the network at once, for the nodes' faces on the canvas."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from playground.declare import choice, integer
from playground.probes import LARGEST_ANSWER, Probe, Subject
from playground.probes._answers import image_nodes, one_example, one_frame, resize
from playground.text import note

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

MOST_TILES = 4
LARGEST_SIDE = 28
SMALLEST_SIDE = 4


@dataclass(frozen=True)
class ThumbnailsAnswer:
    """By node, up to four maps side by side without gaps, uint8 (h, tiles · w); `tiles` says how many.

    Black is the smallest and white the largest value among the maps shown of a node; of a clip they are those of the
    frame in the middle.
    """

    step: int
    mosaics: dict[str, Array] = field(default_factory=dict)
    tiles: dict[str, int] = field(default_factory=dict)


class Thumbnails(Probe):
    """Shows the first maps of every node, small."""

    key = "thumbnails"
    title = note("Thumbnails")
    icon = "mdi6.image-multiple-outline"
    rate = 2.0
    split: str = choice("validation", choices=("validation", "train"), help="Where the example is taken from")
    index: int = integer(0, help="Which example")

    def measure(self, subject: Subject) -> ThumbnailsAnswer | None:
        """Run one example through and draw what leaves each node; None where there are no images."""
        nodes = image_nodes(subject.report)[: LARGEST_ANSWER // (2 * MOST_TILES * SMALLEST_SIDE**2)]
        example = one_example(subject, self.split, self.index)
        if not nodes or example is None:
            return None
        room = LARGEST_ANSWER * 3 // 4 // (len(nodes) * MOST_TILES)
        side = max(SMALLEST_SIDE, min(LARGEST_SIDE, int(room**0.5)))
        kept = subject.look(example.inputs, [node.id for node in nodes])
        mosaics, tiles = {}, {}
        for node in nodes:
            maps = one_frame(kept[node.id][0], len(kept[node.id][0]) // 2)[:MOST_TILES]
            tiles[node.id] = len(maps)
            mosaics[node.id] = _mosaic(maps, side)
        return ThumbnailsAnswer(subject.number, mosaics, tiles)


def _mosaic(maps: Any, side: int) -> Array:
    """Lay maps (n, h, w) side by side as grey values, each at most `side` pixels high and wide."""
    import torch

    with torch.no_grad():
        _, height, width = maps.shape
        longest = max(height, width)
        if longest > side:
            maps = resize(maps.float(), max(1, round(height * side / longest)), max(1, round(width * side / longest)))
        finite = maps[torch.isfinite(maps)]
        low, high = (finite.min(), finite.max()) if finite.numel() else (0.0, 0.0)
        span = torch.as_tensor(high - low)
        grey = (maps - low) / torch.where(span > 0, span, torch.ones_like(span))
        grey = torch.nan_to_num(grey, nan=0.0, posinf=1.0, neginf=0.0).clamp(0, 1).mul(255).round()
        return grey.permute(1, 0, 2).reshape(maps.shape[1], -1).to("cpu", torch.uint8).numpy()
