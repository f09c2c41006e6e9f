"""Who looks at whom as arcs over the words themselves, or, from one sequence to another, as lines between both."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from playground.probes.attention import AttentionAnswer
from widgets.panels.parts.attention_map import row_words
from widgets.panels.parts.grids import signed
from widgets.panels.parts.words_axis import WordsAxis
from widgets.theme import current, font

Array = np.ndarray[Any, Any]

LEAST = 0.08
"""Weights below it get no arc while all words look at once."""

THICKEST = 5.0
"""Pixels of an arc whose weight is 1."""

SIDE = 14.0


class Arcs(QWidget):
    """Paints the words and, for each weight, an arc: above to what came before, below to what comes after.

    Signals:
        pointed(): the pointer is at another word.
        picked(int): the word that was clicked or walked to; −1: none any more.

    Attributes:
        hovered: the word below the pointer; −1: none.
        row: the word whose arcs alone are shown; −1: all.
    """

    pointed = Signal()
    picked = Signal(int)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFont(font(8.5))
        self.setMinimumSize(80, 60)
        self.answer: AttentionAnswer | None = None
        self.hovered, self.row = -1, -1
        self._asking, self._asked = WordsAxis((), 1), WordsAxis((), 1)

    def show_answer(self, answer: AttentionAnswer) -> None:
        """Show other weights."""
        self.answer = answer
        unknown = () if answer.says else answer.asking.unknown
        self._asking = WordsAxis(row_words(answer), answer.asking.steps, unknown)
        self._asked = WordsAxis(answer.asked.words, answer.asked.steps, answer.asked.unknown)
        self.hovered = self.hovered if self.hovered < answer.asking.steps else -1
        self.update()

    def follow(self, row: int) -> None:
        """Show the arcs of another word alone; −1: of all."""
        if row != self.row:
            self.row = row
            self.update()

    @property
    def shown(self) -> int:
        """The word whose arcs alone are shown now."""
        row = self.hovered if self.hovered >= 0 else self.row
        return row if self.answer is not None and row < self.answer.asking.steps else -1

    @property
    def crosses(self) -> bool:
        """Whether two sequences are shown, one above the other."""
        return self.answer is not None and self.answer.kind == "cross"

    # -- where things are --------------------------------------------------------------------------------------

    def line(self) -> QRectF:
        """Return where the words are that look."""
        high = self._asking.height(self._column(self._asking), 0.3 * self.height())
        if self.crosses:
            return QRectF(SIDE, self.height() - high - 2, self.width() - 2 * SIDE, high)
        masked = self.answer is not None and self.answer.kind == "masked"
        top = self.height() - high - 4 if masked else (self.height() - high) / 2
        return QRectF(SIDE, top, self.width() - 2 * SIDE, high)

    def other_line(self) -> QRectF:
        """Return where the words are that are looked at."""
        if not self.crosses:
            return self.line()
        high = self._asked.height(self._column(self._asked), 0.3 * self.height())
        return QRectF(SIDE, 2, self.width() - 2 * SIDE, high)

    def _column(self, axis: WordsAxis) -> float:
        return max(1.0, (self.width() - 2 * SIDE) / axis.steps)

    def word_at(self, point: QPointF) -> int:
        """Return the word that looks and is nearest to a point across; −1 where there is none."""
        if self.answer is None:
            return -1
        at = int((point.x() - SIDE) // self._column(self._asking))
        reached = not self.crosses or point.y() > self.height() / 2
        return at if reached and 0 <= at < self.answer.asking.steps else -1

    def path(self, row: int, column: int) -> QPainterPath:
        """Return the way from a word that looks to one that is looked at."""
        line, other = self.line(), self.other_line()
        origin = line.left() + (row + 0.5) * self._column(self._asking)
        end = other.left() + (column + 0.5) * self._column(self._asked)
        made = QPainterPath()
        if self.crosses:
            top, bottom = other.bottom() + 3, line.top() - 3
            made.moveTo(origin, bottom)
            made.cubicTo(origin, (top + bottom) / 2, end, (top + bottom) / 2, end, top)
            return made
        assert self.answer is not None
        above = column <= row
        room = (line.top() if above else self.height() - line.bottom()) - 8
        if row == column:
            made.addEllipse(QPointF(origin, line.top() - 6), 4, 4)
            return made
        tall = max(10.0, room * (abs(row - column) / max(1, self.answer.asking.steps - 1)) ** 0.7)
        base = line.top() - 2 if above else line.bottom() + 2
        box = QRectF(min(origin, end), base - tall, abs(end - origin), 2 * tall)
        made.arcMoveTo(box, 0)
        made.arcTo(box, 0, 180 if above else -180)
        return made

    # -- painting ----------------------------------------------------------------------------------------------

    def _paint_arcs(self, painter: QPainter) -> None:
        answer, shown = self.answer, self.shown
        assert answer is not None
        weights = answer.weights.astype(np.float32)
        rows = range(len(weights)) if shown < 0 else (shown,)
        least = LEAST if shown < 0 else 0.01
        found = [(float(weights[i, j]), i, int(j)) for i in rows for j in np.flatnonzero(weights[i] >= least)]
        for weight, row, column in sorted(found):
            colour = QColor(current().validation)  # the maps' orange, darker where the ground is bright
            colour.setAlphaF(min(1.0, 0.25 + 0.75 * weight))
            painter.setPen(QPen(colour, max(1.0, THICKEST * weight), Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            painter.drawPath(self.path(row, column))

    def _paint_numbers(self, painter: QPainter) -> None:
        """Write beside the words that are looked at how much, where one word's arcs are shown."""
        answer, metrics = self.answer, QFontMetricsF(self.font())
        assert answer is not None
        line, column = self.other_line(), self._column(self._asked)
        painter.setPen(QColor(current().text))
        room, taken = metrics.horizontalAdvance("0.00") + 4, list[float]()
        for at in np.argsort(-answer.weights[self.shown]):
            weight, middle = float(answer.weights[self.shown, at]), line.left() + (at + 0.5) * column
            if weight < 0.01 or any(abs(middle - other) < room for other in taken):
                continue
            taken.append(middle)
            below = self.crosses or at <= self.shown
            top = line.bottom() + 1 if below else line.top() - metrics.height() - 1
            place = QRectF(middle - 30, top, 60, metrics.height())
            self._clear(painter, place, signed(weight), metrics)
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, signed(weight))

    @staticmethod
    def _clear(painter: QPainter, place: QRectF, text: str, metrics: QFontMetricsF) -> None:
        """Put the ground behind a number, so that no arc runs through it."""
        ground = QRectF(0, 0, metrics.horizontalAdvance(text) + 4, place.height())
        ground.moveCenter(place.center())
        painter.fillRect(ground, QColor(current().panel))

    # -- Qt ----------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint everything."""
        if self.answer is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self.font())
        self._paint_arcs(painter)
        if self.crosses:
            self._asked.paint(painter, self.other_line())
        self._asking.paint(painter, self.line(), self.shown)
        painter.setFont(self.font())
        if self.shown >= 0 and (self.crosses or self.answer.kind != "masked"):
            self._paint_numbers(painter)
        if self.hasFocus():
            painter.setPen(QPen(QColor(current().accent), 1.0))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Point at a word."""
        super().mouseMoveEvent(event)
        self._point(self.word_at(event.position()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Keep to the word that is clicked; the same one again: to none."""
        at = self.word_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and at >= 0:
            self.picked.emit(-1 if at == self.row else at)

    def leaveEvent(self, event: QEvent) -> None:
        """Point at nothing."""
        self._point(-1)

    def _point(self, at: int) -> None:
        if at != self.hovered:
            self.hovered = at
            self.update()
            self.pointed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk from word to word with the arrow keys; Escape keeps to none."""
        ways = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        way = ways.get(Qt.Key(event.key()))
        if event.key() == Qt.Key.Key_Escape and self.row >= 0:
            self.picked.emit(-1)
        elif way is None or self.answer is None:
            super().keyPressEvent(event)
        else:
            self.picked.emit(max(0, min(self.answer.asking.steps - 1, self.row + way)))

    def focusInEvent(self, event: object) -> None:
        """Show that the keys walk here."""
        self.update()

    def focusOutEvent(self, event: object) -> None:
        """Show that they do no longer."""
        self.update()
