"""Words along an axis, one below each step: level where there is room, else upright; numbers where there are no
words.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter

from widgets.theme import current, font

HIGHEST = 72.0
"""Pixels that upright words take at most; of longer ones the end is left out."""

CLOSEST = 30.0
"""Pixels between two numbers at the least."""


class WordsAxis:
    """What the steps are called: words, or numbers from 1 where `words` is empty.

    Attributes:
        unknown: the steps whose word the network does not know; they stand in the dim colour.
    """

    def __init__(self, words: Sequence[str], steps: int, unknown: Collection[int] = ()) -> None:
        self.words, self.steps, self.unknown = tuple(words), steps, frozenset(unknown)
        self._font = font(8.5)
        self._metrics = QFontMetricsF(self._font)
        self._widest = max((self._metrics.horizontalAdvance(word) for word in self.words), default=0.0)

    def height(self, column: float, most: float = HIGHEST) -> float:
        """Return how many pixels the words take below columns of such a width; more than `most` only if level."""
        line = self._metrics.height()
        if not self.words or self._widest + 4 <= column:
            return line + 4
        return min(HIGHEST, max(line + 4, most), max(map(self._upright, self.words)) + 6)

    def paint(self, painter: QPainter, box: QRectF, marked: int = -1) -> None:
        """Paint the words into a box, the marked one in bold."""
        column = box.width() / max(1, self.steps)
        if not self.words:
            self._paint_numbers(painter, box, column, marked)
            return
        level = self._widest + 4 <= column
        every = 1 if level else max(1, math.ceil(0.8 * self._metrics.height() / max(column, 0.1)))
        for at, word in enumerate(self.words):
            if at % every and at != marked:
                continue
            if every > 1 and marked >= 0 and at != marked and abs(at - marked) < every:
                continue  # it would lie under the marked one
            self._take_pen(painter, at, marked)
            place = QRectF(box.left() + at * column, box.top() + 2, column, box.height() - 2)
            if level:
                painter.drawText(place, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, word)
            else:
                self._paint_upright(painter, place, word)

    def _take_pen(self, painter: QPainter, at: int, marked: int) -> None:
        theme = current()
        own = QFont(self._font)
        own.setBold(at == marked)
        own.setItalic(at in self.unknown)
        painter.setFont(own)
        painter.setPen(QColor(theme.dim if at in self.unknown and at != marked else theme.text))

    def _upright(self, word: str) -> float:
        if len(word) == 1 or _is_chinese(word):
            return len(word) * (self._metrics.height() - 2)
        return self._metrics.horizontalAdvance(word)

    def _paint_upright(self, painter: QPainter, place: QRectF, word: str) -> None:
        """Write from bottom to top, ending at the axis; Chinese from top to bottom, one character below the other."""
        line = self._metrics.height()
        if len(word) == 1 or _is_chinese(word):
            for k, character in enumerate(word):
                box = QRectF(place.center().x() - line, place.top() + k * (line - 2), 2 * line, line)
                if box.bottom() <= place.bottom() + 3:
                    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, character)
            return
        painter.save()
        painter.translate(place.center().x(), place.bottom())
        painter.rotate(-90)
        room = place.height()
        text = self._metrics.elidedText(word, Qt.TextElideMode.ElideRight, room)
        painter.drawText(
            QRectF(0, -line / 2, room, line), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text
        )
        painter.restore()

    def _paint_numbers(self, painter: QPainter, box: QRectF, column: float, marked: int) -> None:
        painter.setFont(self._font)
        painter.setPen(QColor(current().dim))
        every = _nice(CLOSEST / max(column, 0.01))
        wanted = {0, *range(every - 1, self.steps, every)}
        if marked >= 0:
            near = CLOSEST / max(column, 0.01)
            wanted = {at for at in wanted if abs(at - marked) >= near} | {marked}
        for at in sorted(wanted):
            if at == 0 and 0 < every - 1 < CLOSEST / max(column, 0.01):
                continue
            x = box.left() + (at + 0.5) * column
            painter.drawText(
                QRectF(x - 30, box.top() + 2, 60, box.height()),
                Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop,
                f"{at + 1:,}",
            )


def _nice(least: float) -> int:
    """Return the smallest of 1, 2, 5, 10, 20, … that is no smaller."""
    size = 1
    while True:
        for factor in (1, 2, 5):
            if factor * size >= least:
                return factor * size
        size *= 10


def _is_chinese(word: str) -> bool:
    return bool(word) and all("\u3400" <= one <= "\u9fff" or "\u3000" <= one <= "\u303f" for one in word)
