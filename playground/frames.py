"""Clips, frame by frame: how a block that works on images takes a sequence of them.

Such a block says ``frame_by_frame`` and knows nothing of time itself: its rules are asked of one frame, and what is
found is put together again here. The network does the same with the numbers: it folds time into the batch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from playground.block import Block
from playground.shape import Shape


def frames_in(block: Block, inputs: Sequence[Shape | None]) -> int:
    """Return how many frames a block works on, each by itself; 0 where it takes what comes in as it is."""
    x = inputs[0] if block.frame_by_frame and len(inputs) == 1 else None
    return int(x.time) if x is not None and x.is_clip else 0


def at_once(block: Block, inputs: Sequence[Shape | None]) -> tuple[Any, ...]:
    """Return the shapes that a block's own rules are asked of: of a clip that is taken apart, one frame."""
    return tuple(shape and shape.frame for shape in inputs) if frames_in(block, inputs) else tuple(inputs)


def shapes_leaving(block: Block, inputs: Sequence[Shape | None]) -> Mapping[str, Shape]:
    """Ask a block's rule what leaves each of its output ports, for clips as many times as they have frames."""
    made = block.output(*at_once(block, inputs))
    shapes = made if isinstance(made, Mapping) else dict.fromkeys(block.outputs or ("out",), made)
    frames = frames_in(block, inputs)
    return {port: Shape(time=frames, **dict(shape)) for port, shape in shapes.items()} if frames else shapes
