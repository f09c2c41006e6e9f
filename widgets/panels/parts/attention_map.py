"""Who looks at whom as a heat map: a row for every step that looks, a column for every one that is looked at."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QWidget

from playground.probes._attended import Side
from playground.probes.attention import AttentionAnswer
from widgets.panels.parts.grids import STEPS, signed
from widgets.panels.parts.mosaics import signed_table
from widgets.panels.parts.plots import as_image, readable
from widgets.panels.parts.words_axis import WordsAxis
from widgets.theme import Theme, current, font

Array = np.ndarray[Any, Any]

MOST_LEFT = 0.34
"""The share of the width that the words of the rows take at most."""

RIGHT = 46.0
"""Pixels for what the colours mean."""

BRIGHT = 112.0
"""The grey (of 255) from which on dark figures are read better than bright ones."""

Cell = tuple[int, int]


def heat_table(theme: Theme) -> Array:
    """Return 256 colours for weights, uint8 (256, 3): the background at nothing, orange at the most."""
    return np.ascontiguousarray(signed_table(theme)[128:].repeat(2, axis=0))


def reach_of(weights: Array) -> float:
    """Return the weight that has the full colour: it changes in leaps, so that the picture stands still."""
    most = float(weights.max()) if weights.size else 1.0
    return min(1.0, 2.0 ** math.ceil(math.log2(max(most, 1e-3)) - 1e-6))


def row_words(answer: AttentionAnswer) -> tuple[str, ...]:
    """Return what the rows are called: the words that look, or those that are written while they do."""
    return tuple(f"▸{word}" for word in answer.says) or answer.asking.words


def unseen(answer: AttentionAnswer, box: QRectF) -> QPainterPath:
    """Return the part of a map that the mask hides: what comes after each row."""
    hidden = QPainterPath()
    if answer.kind == "masked":
        hide_future(hidden, box, answer.asking.steps, answer.asked.steps)
    return hidden


def hide_future(hidden: QPainterPath, box: QRectF, rows: int, columns: int) -> None:
    """Add to a path the cells right of the diagonal."""
    high, wide = box.height() / rows, box.width() / columns
    for row in range(min(rows, columns - 1)):
        left = box.left() + (row + 1) * wide
        hidden.addRect(QRectF(left, box.top() + row * high, box.right() - left, high))


class WeightsMap(QWidget):
    """Paints the weights of one head with the words on both sides.

    Signals:
        pointed(): the pointer is at another weight.
        picked(int): the row that was clicked or walked to; −1: none any more.

    Attributes:
        hovered: the row and the column below the pointer, if there are any.
        row, column: where the keys are; −1: nowhere.
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
        self.hovered: Cell | None = None
        self.row, self.column = -1, -1
        self._below = WordsAxis((), 1)
        self._high = 1.0

    def show_answer(self, answer: AttentionAnswer) -> None:
        """Show other weights."""
        self.answer, self._high = answer, reach_of(answer.weights)
        self._below = WordsAxis(answer.asked.words, answer.asked.steps, answer.asked.unknown)
        if self.hovered is not None and not self._there(*self.hovered):
            self.hovered = None
        self.column = min(self.column, answer.asked.steps - 1)
        self.update()

    def follow(self, row: int) -> None:
        """Frame another row; −1: none."""
        if row != self.row:
            self.row = row
            self.column = self.column if row >= 0 else -1
            self.update()

    def _there(self, row: int, column: int) -> bool:
        assert self.answer is not None
        return row < self.answer.asking.steps and column < self.answer.asked.steps

    # -- where things are --------------------------------------------------------------------------------------

    def box(self) -> QRectF:
        """Return where the weights are painted."""
        if self.answer is None:
            return QRectF()
        left, metrics = self._left(), QFontMetricsF(self.font())
        wide = max(20.0, self.width() - left - RIGHT)
        words = self._below.height(wide / self.answer.asked.steps, 0.3 * self.height())
        high = max(20.0, self.height() - words - 4)
        most = 3.2 * metrics.height()  # a few words need not fill the whole height
        high = min(high, max(most * self.answer.asking.steps, 0.5 * high))
        return QRectF(left, 2, wide, high)

    def _left(self) -> float:
        assert self.answer is not None
        metrics, words = QFontMetricsF(self._bold()), row_words(self.answer)
        widest = max(map(metrics.horizontalAdvance, words or (f"{self.answer.asking.steps:,}",)))
        return min(widest + 8, MOST_LEFT * self.width())

    def _bold(self) -> QFont:
        made = QFont(self.font())
        made.setBold(True)
        return made

    def cell(self, row: int, column: int) -> QRectF:
        """Return where a weight is painted."""
        assert self.answer is not None
        box = self.box()
        high, wide = box.height() / self.answer.asking.steps, box.width() / self.answer.asked.steps
        return QRectF(box.left() + column * wide, box.top() + row * high, wide, high)

    def cell_at(self, point: QPointF) -> Cell | None:
        """Return the row and the column at a point, of its words too; column −1 left of the map."""
        if self.answer is None:
            return None
        box, steps = self.box(), self.answer.asking.steps
        row = int((point.y() - box.top()) // (box.height() / steps))
        column = int((point.x() - box.left()) // (box.width() / self.answer.asked.steps))
        inside = 0 <= row < steps and column < self.answer.asked.steps and box.top() <= point.y()
        return (row, max(-1, column)) if inside else None

    @property
    def marked(self) -> Cell:
        """The row and the column that are pointed at, else where the keys are."""
        return self.hovered if self.hovered is not None else (self.row, self.column)

    # -- painting ----------------------------------------------------------------------------------------------

    def _paint_weights(self, painter: QPainter, box: QRectF, theme: Theme) -> None:
        answer, table = self.answer, heat_table(theme)
        assert answer is not None
        places = (answer.weights.astype(np.float32) / self._high * 255).round().clip(0, 255).astype(np.uint8)
        painter.drawImage(box, as_image(np.ascontiguousarray(table[places])))
        painter.fillPath(unseen(answer, box), QBrush(QColor(theme.dim), Qt.BrushStyle.BDiagPattern))
        painter.setPen(QColor(theme.line))
        painter.drawRect(box)
        self._paint_numbers(painter, box, table[places], theme)
        strip = QRectF(box.right() + 5, box.top(), 7, box.height())
        painter.drawImage(strip, as_image(np.ascontiguousarray(table[::-1, None, :])))
        painter.setPen(QColor(theme.dim))
        words = QRectF(strip.right() + 4, box.top() - 2, RIGHT - 16, box.height() + 4)
        painter.drawText(words, Qt.AlignmentFlag.AlignTop, readable(self._high))
        painter.drawText(words, Qt.AlignmentFlag.AlignBottom, "0")

    def _paint_numbers(self, painter: QPainter, box: QRectF, colours: Array, theme: Theme) -> None:
        """Write the weights where there is room, dark on what is bright and bright on what is dark."""
        answer, metrics = self.answer, QFontMetricsF(self.font())
        assert answer is not None
        rows, columns = answer.weights.shape
        fits = metrics.horizontalAdvance("0.00") + 4 <= box.width() / columns
        if not fits or metrics.height() > box.height() / rows or rows * columns > 900:
            return
        bright = colours.astype(float) @ (0.299, 0.587, 0.114) > BRIGHT
        for row in range(rows):
            for column in range(columns if answer.kind != "masked" else min(columns, row + 1)):
                painter.setPen(QColor("#14161B" if bright[row, column] else "#E8EAF0"))
                text = signed(float(answer.weights[row, column]))
                painter.drawText(self.cell(row, column), Qt.AlignmentFlag.AlignCenter, text)

    def _paint_rows(self, painter: QPainter, box: QRectF, theme: Theme) -> None:
        """Write what looks beside its row."""
        answer = self.answer
        assert answer is not None
        steps, marked = answer.asking.steps, self.marked[0]
        words = row_words(answer)
        metrics = QFontMetricsF(self.font())
        high = box.height() / steps
        every = max(1, math.ceil(0.85 * metrics.height() / high))
        for row in range(steps):
            near = marked >= 0 and row != marked and abs(row - marked) < every
            if row != marked and (row % every or (near and every > 1)):
                continue
            strange = not answer.says and row in answer.asking.unknown
            own = QFont(self._bold() if row == marked else self.font())
            own.setItalic(strange)
            painter.setFont(own)
            painter.setPen(QColor(theme.dim if strange and row != marked else theme.text))
            text = words[row] if words else f"{row + 1:,}"
            text = QFontMetricsF(own).elidedText(text, Qt.TextElideMode.ElideRight, box.left() - 5)
            middle = box.top() + (row + 0.5) * high
            place = QRectF(0, middle - metrics.height(), box.left() - 5, 2 * metrics.height())
            painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)

    def _paint_marks(self, painter: QPainter, box: QRectF, theme: Theme) -> None:
        answer = self.answer
        assert answer is not None
        if 0 <= self.row < answer.asking.steps:
            frame = self.cell(self.row, 0).united(self.cell(self.row, answer.asked.steps - 1))
            for colour, thickness in ((theme.panel, 4.0), (theme.accent, 2.0)):
                painter.setPen(QPen(QColor(colour), thickness))
                painter.drawRect(frame)
        row, column = self.marked
        if row >= 0 and 0 <= column < answer.asked.steps:
            painter.setPen(QPen(QColor(theme.text), 1.0, Qt.PenStyle.DotLine))
            painter.drawRect(self.cell(row, column).adjusted(0, 0, -1, -1))

    # -- Qt ----------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint everything."""
        if self.answer is None:
            return
        theme, painter, box = current(), QPainter(self), self.box()
        painter.setFont(self.font())
        self._paint_weights(painter, box, theme)
        self._paint_marks(painter, box, theme)
        self._paint_rows(painter, box, theme)
        words = QRectF(box.left(), box.bottom() + 1, box.width(), self.height() - box.bottom() - 1)
        self._below.paint(painter, words, self.marked[1])
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme.accent), 1.0))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Point at a weight."""
        super().mouseMoveEvent(event)
        self._point(self.cell_at(event.position()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Keep to the row that is clicked; the same one again: no longer."""
        found = self.cell_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and found is not None:
            self.picked.emit(-1 if found[0] == self.row else found[0])

    def leaveEvent(self, event: QEvent) -> None:
        """Point at nothing."""
        self._point(None)

    def _point(self, cell: Cell | None) -> None:
        if cell != self.hovered:
            self.hovered = cell
            self.update()
            self.pointed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk with the arrow keys; Escape keeps to no row."""
        step = STEPS.get(Qt.Key(event.key()))
        if event.key() == Qt.Key.Key_Escape and self.row >= 0:
            self.picked.emit(-1)
        elif step is None or self.answer is None:
            super().keyPressEvent(event)
        else:
            row = max(0, min(self.answer.asking.steps - 1, self.row + (step[0] if self.row >= 0 else 1)))
            self.column = max(-1, min(self.answer.asked.steps - 1, self.column + step[1]))
            self.update()
            self.picked.emit(row)
            self.pointed.emit()

    def focusInEvent(self, event: object) -> None:
        """Show that the keys walk here."""
        self.update()

    def focusOutEvent(self, event: object) -> None:
        """Show that they do no longer."""
        self.update()


def named(side: Side, step: int) -> str:
    """Return the word at a step, or its number where there are no words."""
    return side.words[step] if step < len(side.words) and side.words[step] else f"{step + 1:,}"
