"""Questions that take long: answered slice by slice, between the steps of training, and given up when told so.

A member is a small value like a probe. `work` is a generator: what it does between two yields is a slice and should
take a few hundredths of a second, for no step of training and no order is looked at meanwhile. It yields how far it
has got and, where there is something to show already, the answer so far; what it returns in the end is the answer.
Like a probe it reads and never changes the run; what it needs of a network that goes on training it copies first.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from playground.probes import Subject


class Slice(NamedTuple):
    """A slice is done: how much of the whole that makes, from 0 to 1, and the answer so far, or None."""

    share: float
    partial: Any = None


Slices = Generator[Slice, None, Any]


class Inquiry:
    """The base of what takes long to answer."""

    def work(self, subject: Subject) -> Slices:
        """Answer of a run, slice by slice."""
        raise NotImplementedError
