"""Step by step: how a block that knows nothing of time takes a clip, or one that reads texts words that are spelt out.

A block of images says ``frame_by_frame`` and is asked of one frame of a clip. A block of texts says ``word_by_word``:
of words with letters (time, letters, …) it is asked of one word, whose letters are its steps. What is found is put
together again here. The network does the same with the numbers: it folds time into the batch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from playground.block import Block
from playground.shape import Shape, ShapeError
from playground.text import say


def frames_in(block: Block, inputs: Sequence[Shape | None]) -> int:
    """Return how many frames or words a block works on, each by itself; 0 where it takes what comes in as it is."""
    x = inputs[0] if len(inputs) == 1 else None
    if x is None or not ((x.is_clip and block.frame_by_frame) or (x.is_spelt and block.word_by_word)):
        return 0
    return int(x.time)


def at_once(block: Block, inputs: Sequence[Shape | None]) -> tuple[Any, ...]:
    """Return the shapes that a block's own rules are asked of: of what is taken apart, one frame or one word."""
    return tuple(shape and shape.frame for shape in inputs) if frames_in(block, inputs) else tuple(inputs)


def shapes_leaving(block: Block, inputs: Sequence[Shape | None]) -> Mapping[str, Shape]:
    """Ask a block's rule what leaves each of its output ports, for as many frames or words as come in."""
    frames, spelt = frames_in(block, inputs), [shape for shape in inputs if shape is not None and shape.is_spelt]
    made = block.output(*at_once(block, inputs))
    if spelt and not frames and not block.edge:
        raise ShapeError(
            say(
                "{block} does not read letters, but {shape} comes in; put MaxOverTime before it, which makes one row "
                "of the letters of each word",
                block=block.key,
                shape=spelt[0],
            ),
            "MaxOverTime" if "features" in spelt[0] else "",
        )
    shapes = made if isinstance(made, Mapping) else dict.fromkeys(block.outputs or ("out",), made)
    if not frames:
        return shapes
    within = "letters" if spelt else "time"  # a word's letters are the steps that its block saw
    return {
        port: Shape(time=frames, **{within if name == "time" else name: size for name, size in shape})
        for port, shape in shapes.items()
    }
