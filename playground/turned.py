"""Where the ends of texts are while their steps stand at another place: turned away, and perhaps turned back.

What leaves a layer may hold its steps at any axis. As long as each number hangs on the one at its place alone, it is
still known where every text ends: a softmax over the steps leaves out what is beyond, and steps that are turned back
have their ends again. Every other layer gets 0 for what is beyond, and after it nothing is known of steps any more:
they have been mixed.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from playground import layers


class Turned(NamedTuple):
    """How many steps of each example there are, and the axis at which they stand, the batch being axis 0."""

    lengths: Tensor
    axis: int

    def gone(self, x: Tensor) -> Tensor:
        """Return what of such a value is beyond the end, laid out so that it fits to all of its axes."""
        places = torch.arange(x.shape[self.axis], device=x.device)
        beyond = places >= self.lengths[:, None]
        sizes = [1] * x.ndim
        sizes[0], sizes[self.axis] = beyond.shape
        return beyond.reshape(sizes)


Ends = Tensor | Turned | None
"""What is known of the steps of a value: how many there are, also where they stand, or nothing."""


def lengths_of(ends: Ends) -> Tensor | None:
    """Return how many steps there are where they stand in their usual place, behind the batch."""
    return None if isinstance(ends, Turned) else ends


def turn(module: layers.Permute, ends: Tensor | Turned) -> Ends:
    """Say where the steps stand after the axes have been put into another order."""
    lengths, axis = ends if isinstance(ends, Turned) else (ends, 1)
    after = 1 + module.order.index(axis)
    return lengths if after == 1 else Turned(lengths, after)


def silenced(x: Any, ends: Ends) -> Any:
    """Return a value with 0 beyond the end, where its steps are turned away; as it is elsewhere."""
    return x.masked_fill(ends.gone(x), 0) if isinstance(ends, Turned) else x


def carried(module: nn.Module, elementwise: bool, x: Tensor, ends: Turned) -> tuple[Any, Ends]:
    """Return what a layer makes of a value whose steps are turned away, and what is known of the steps then."""
    if isinstance(module, layers.Permute):
        return module(x), turn(module, ends)
    if elementwise:
        return module(x), ends
    if isinstance(module, nn.Softmax):
        among = int(module.dim or 0) % x.ndim == ends.axis
        return module(x.masked_fill(ends.gone(x), -torch.inf) if among else x), ends
    return module(silenced(x, ends)), None
