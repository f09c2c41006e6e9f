"""Which wire runs where, so that two do not run on each other. No Qt."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import NamedTuple

from widgets.canvas.geometry import Point

BAND, CELL = 64.0, 256.0
"""How far apart, across and along a stretch, it is looked for in another place."""

Ends = tuple[Hashable, Hashable]
"""What a wire begins and ends at: wires that have one of them in common may run on each other there."""


class Stretch(NamedTuple):
    """A straight part of a wire: at which height (or place, if it is upright), from where to where."""

    at: float
    low: float
    high: float
    level: bool
    ends: Ends


class Lanes:
    """The straight parts of wires, found by where they are.

    Places are reckoned as if the data flowed to the right: `level` parts run along the flow.
    """

    def __init__(self) -> None:
        self._of: dict[Hashable, list[Stretch]] = {}
        self._cells: dict[tuple[bool, int, int], list[Stretch]] = {}

    def put(self, name: Hashable, parts: Iterable[tuple[Point, Point]], ends: Ends) -> None:
        """Remember where a wire runs now."""
        self.drop(name)
        stretches = self._of[name] = []
        for (ax, ay), (bx, by) in parts:
            level = abs(ay - by) < 0.5
            at, low, high = (ay, min(ax, bx), max(ax, bx)) if level else (ax, min(ay, by), max(ay, by))
            stretches.append(Stretch(at, low, high, level, ends))
        for stretch in stretches:
            for cell in _span(stretch.low, stretch.high):
                self._cells.setdefault((stretch.level, int(stretch.at // BAND), cell), []).append(stretch)

    def drop(self, name: Hashable) -> None:
        """Forget a wire."""
        for stretch in self._of.pop(name, ()):
            for cell in _span(stretch.low, stretch.high):
                self._cells[stretch.level, int(stretch.at // BAND), cell].remove(stretch)

    def crossed(self, at: float, low: float, high: float, ends: Ends, *, level: bool) -> int:
        """Count the wires with neither end in common with this one that such a stretch of it would cross."""
        found, cell = 0, int(at // CELL)
        for band in range(int(low // BAND), int(high // BAND) + 1):
            for other in self._cells.get((not level, band, cell), ()):
                if low < other.at < high and other.low + 2 < at < other.high - 2:
                    found += other.ends[0] != ends[0] and other.ends[1] != ends[1]
        return found

    def crowded(self, at: float, low: float, high: float, ends: Ends, apart: float, *, level: bool) -> bool:
        """Whether a wire that has neither end in common with this one runs closer beside it than `apart`."""
        for band in range(int((at - apart) // BAND), int((at + apart) // BAND) + 1):
            for cell in _span(low - 8, high + 8):
                for other in self._cells.get((level, band, cell), ()):
                    near = abs(other.at - at) < apart and other.low < high + 8 and other.high > low - 8
                    if near and other.ends[0] != ends[0] and (level or other.ends[1] != ends[1]):
                        return True
        return False


def _span(low: float, high: float) -> range:
    return range(int(low // CELL), int(high // CELL) + 1)
