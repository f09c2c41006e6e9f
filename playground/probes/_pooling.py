"""How a pooling comes by each pixel of a map: which pixel of its window won, or what all of them give together.

It holds no probe of its own; importing it does nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from playground.block import Block
from playground.blocks.pooling import AdaptiveAvgPool2D, AdaptiveMaxPool2D, AvgPool2D, LpPool2D, MaxPool2D
from playground.probes._answers import shrink

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

KINDS: dict[type[Block], str] = {
    MaxPool2D: "max",
    AdaptiveMaxPool2D: "max",
    AvgPool2D: "mean",
    AdaptiveAvgPool2D: "mean",
    LpPool2D: "norm",
}
"""What a pooling makes of each window."""

BEFORE_NUMBERS = 10_000
"""Numbers that the map before may hold, and the places of the winners."""


@dataclass(frozen=True)
class Pooled:
    """How one map came about by pooling.

    `before` is the map that came in, float32 (h, w), averaged over neighbouring pixels where it is too large to send;
    `size` is its own before that. `winners` are row and column, on that map, of the pixel that won for each one that
    goes out, int16 (h, w, 2); None where the pooling takes no largest value, or there are too many.
    """

    before: Array
    size: tuple[int, int]
    winners: Array | None


def pooled(block: Block, came: Any) -> Pooled | None:
    """Say how a pooling makes a map out of the one that comes in, a tensor (h, w); None for other blocks."""
    if type(block) not in KINDS:
        return None
    height, width = came.shape
    return Pooled(shrink(came[None], BEFORE_NUMBERS)[0].cpu().numpy().copy(), (height, width), _winners(block, came))


def _winners(block: Block, came: Any) -> Array | None:
    """Ask torch where it finds the largest values."""
    import numpy as np
    from torch.nn import functional

    maps = came[None, None]
    if isinstance(block, MaxPool2D):
        _, found = functional.max_pool2d(
            maps, block.kernel, block.stride, block.padding, ceil_mode=block.partial, return_indices=True
        )
    elif isinstance(block, AdaptiveMaxPool2D):
        _, found = functional.adaptive_max_pool2d(maps, block.size, return_indices=True)
    else:
        return None
    places = found[0, 0].cpu().numpy()
    if places.size > BEFORE_NUMBERS or came.numel() > BEFORE_NUMBERS:
        return None
    return np.stack(np.divmod(places, came.shape[1]), axis=-1).astype(np.int16)
