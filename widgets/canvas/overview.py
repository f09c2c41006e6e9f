"""Everything as plain rectangles and straight lines, for when the picture is small; updated in place while dragging."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise

from PySide6.QtCore import QLineF, QRectF

from playground.graph import Wire
from widgets.canvas.card import Card
from widgets.canvas.line import Line


class Overview:
    """Rectangles by family and all lines, in lists that a painter takes whole.

    The painter's lists hold the very objects that `move` changes, so a dragged card costs one rectangle, not a
    thousand.
    """

    def __init__(self, cards: Mapping[str, Card], lines: Mapping[Wire, Line]) -> None:
        self.families: dict[str, list[QRectF]] = {}
        self.lines: list[QLineF] = []
        self._rects: dict[str, QRectF] = {}
        self._parts: dict[Wire, list[QLineF]] = {}
        for id, card in cards.items():
            rect = self._rects[id] = QRectF(card.x(), card.y(), *card.size)
            self.families.setdefault(card.block.family, []).append(rect)
        for wire, line in lines.items():
            self._parts[wire] = _parts(line)
        self._gather()

    def move(self, cards: Iterable[Card], lines: Iterable[Line]) -> None:
        """Follow cards that stand elsewhere and lines that take another way."""
        for card in cards:
            self._rects[card.id].moveTo(card.x(), card.y())
        regather = False
        for line in lines:
            old, new = self._parts[line.wire], _parts(line)
            if len(old) == len(new):
                for mine, its in zip(old, new, strict=True):
                    mine.setLine(its.x1(), its.y1(), its.x2(), its.y2())
            else:
                self._parts[line.wire] = new
                regather = True
        if regather:
            self._gather()

    def _gather(self) -> None:
        self.lines = [part for parts in self._parts.values() for part in parts]


def _parts(line: Line) -> list[QLineF]:
    points = line.points if not line.route.direct else (line.points[0], line.points[-1])
    return [QLineF(*a, *b) for a, b in pairwise(points)]
