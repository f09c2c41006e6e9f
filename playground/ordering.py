"""Ordering: in which order the examples of an epoch are learnt from."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

POOL = 50
"""So many batches are sorted by length together: more alike than at random, and still another mixture each time."""


class Order:
    """The examples at random: another order for each epoch, drawn from the seed.

    Attributes:
        steps: how many batches an epoch has; where all have to be `full`, what is left over waits for the next one.
    """

    def __init__(self, count: int, batch: int, full: bool) -> None:
        self.steps = count // batch if full else math.ceil(count / batch)
        self._count, self._batch = count, batch

    def next(self, draws: torch.Generator) -> Tensor:
        """Return the numbers of all examples in the order of the next epoch, batch after batch."""
        return torch.randperm(self._count, generator=draws)


class Alike(Order):
    """Texts of like length in the same batch, so that less of what is computed only fills up."""

    def __init__(self, count: int, batch: int, full: bool, lengths: Tensor) -> None:
        super().__init__(count, batch, full)
        self._lengths = lengths

    def next(self, draws: torch.Generator) -> Tensor:
        drawn = super().next(draws)
        pools = torch.split(drawn, POOL * self._batch)
        by_length = torch.cat([pool[self._lengths[pool].argsort(stable=True)] for pool in pools])
        batches = torch.split(by_length, self._batch)
        whole = len(batches) - (len(batches[-1]) < self._batch)  # one that is not full stays the last
        places = torch.randperm(whole, generator=draws).tolist()
        return torch.cat([*(batches[place] for place in places), *batches[whole:]])


class Along(Order):
    """Windows of running texts one after the other, in as many lanes as a batch has places.

    The lanes together are all windows in their order, begun at another one in each epoch; what is left over, fewer than
    a batch, waits for the next epoch.
    """

    def __init__(self, count: int, batch: int) -> None:
        super().__init__(count, batch, full=True)

    def next(self, draws: torch.Generator) -> Tensor:
        first = int(torch.randint(self._count, (1,), generator=draws))
        order = torch.arange(first, first + self._count) % self._count
        lanes = order[: self._batch * self.steps].view(self._batch, self.steps)
        return torch.cat([lanes.T.flatten(), order[self._batch * self.steps :]])


def ordering(how: str, count: int, batch: int, full: bool, lengths: Sequence[Tensor]) -> Order:
    """Return the order that is wished, for texts of these lengths; what has none comes at random."""
    if how == "along":
        return Along(count, batch)
    if how == "alike" and lengths:
        return Alike(count, batch, full, torch.stack(tuple(lengths)).sum(dim=0))
    return Order(count, batch, full)
