"""What probes share that move the example by whole pixels: the moving, and how far the maps move along.

It holds no probe of its own; importing it does nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playground.blocks.data import Input
from playground.probes._answers import image_nodes
from playground.report import Report

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

CAME_IN, ALIKE, DIFFERS = 0, 1, 2
"""What a pixel of a moved map is: it has no counterpart before, it has its value, it has another value."""

FARTHEST = 4096
"""Pixels by which an image may be moved at most."""

CLOSE = 1e-5
"""By which share of a map's range two values may differ that only rounding tells apart."""


def moved(images: Array, down: int, right: int) -> Array:
    """Move images (…, h, w) by whole pixels; what comes in at the edge is 0."""
    import numpy as np

    made = np.zeros_like(images)
    height, width = images.shape[-2:]
    if abs(down) < height and abs(right) < width:
        to, came = _overlap(height, down), _overlap(height, -down)
        across, before = _overlap(width, right), _overlap(width, -right)
        made[..., to, across] = images[..., came, before]
    return made


def moved_inputs(report: Report, inputs: dict[str, Array], down: int, right: int) -> dict[str, Array]:
    """Move the images and clips among the inputs of some examples."""
    if not (down or right):
        return inputs
    fields = {node.block.field for node in image_nodes(report) if isinstance(node.block, Input)}
    return {name: moved(values[:], down, right) if name in fields else values for name, values in inputs.items()}


def followed(now: Array, still: Array, down: int, right: int) -> Array:
    """Say of every pixel of a map (h, w) whether it is what it was so many pixels before: uint8, see `ALIKE`."""
    import numpy as np

    known = still[np.isfinite(still)]
    close = CLOSE * float(known.max() - known.min()) if known.size else 0.0
    there = moved(np.ones_like(still), down, right) > 0
    with np.errstate(invalid="ignore"):
        alike = np.abs(now - moved(still, down, right)) <= close + CLOSE * CLOSE
    return np.where(there, np.where(alike, ALIKE, DIFFERS), CAME_IN).astype(np.uint8)


def _overlap(size: int, by: int) -> slice:
    return slice(max(0, by), size + min(0, by))
