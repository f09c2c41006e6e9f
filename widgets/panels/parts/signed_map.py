"""A matrix as a picture: blue below zero, orange above, with names on both sides and the bias beside it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from playground.text import tr
from widgets.panels.parts.grids import STEPS, coloured, signed
from widgets.panels.parts.plots import as_image
from widgets.panels.parts.words_axis import WordsAxis
from widgets.theme import current, font

Array = np.ndarray[Any, Any]

HIGHEST, WIDEST = 40.0, 110.0
"""Pixels that a cell is high and wide at most: a small matrix need not fill the whole panel."""

MOST_LEFT = 0.3
"""The share of the width that the names of the rows take at most."""

APART = 8.0
"""Pixels between the matrix and the bias."""

THINNEST = 10.0
"""Pixels that the bias is wide at least: a thin line could not be seen."""

MOST_WRITTEN = 400
"""Cells in which the numbers are written, where there is room."""

Cell = tuple[int, int]


class SignedMap(QWidget):
    """Paints a matrix, centred at zero, with what is added to each row as a column of its own.

    Signals:
        pointed(): the pointer, or the keys, are at another number.

    Attributes:
        cell: the row and the column that are pointed at; the column behind the last is the bias.
    """

    pointed = Signal()

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFont(font(8.5))
        self.setMinimumSize(80, 60)
        self.matrix: Array = np.zeros((0, 0), dtype=np.float32)
        self.bias: Array | None = None
        self.cell: Cell | None = None
        self._reach, self._rows, self._bands = 1.0, (), ()  # type: tuple[float, tuple[str, ...], tuple[str, ...]]
        self._below = WordsAxis((), 1)
        self._numbered = True

    def show_matrix(self, matrix: Array, bias: Array | None, reach: float) -> None:
        """Show these numbers (rows, columns); those as large as `reach` have the full colour."""
        self.matrix, self.bias, self._reach = matrix, bias, reach
        if self.cell is not None and not self._there(*self.cell):
            self.cell = None
        self.update()

    def set_names(self, rows: Sequence[str], columns: Sequence[str], bands: Sequence[str], numbered: bool) -> None:
        """Say what rows and columns are called, the bands of rows, and whether numbers can count them."""
        self._rows, self._bands, self._numbered = tuple(rows), tuple(bands), numbered
        self._below = WordsAxis(columns, max(1, self.matrix.shape[1]))
        self.update()

    # -- where things are --------------------------------------------------------------------------------------

    def box(self) -> QRectF:
        """Return where the matrix is painted."""
        rows, columns = self.matrix.shape
        if not rows or not columns:
            return QRectF()
        metrics = QFontMetricsF(self.font())
        left = min(max(map(metrics.horizontalAdvance, self._left_words()), default=0.0) + 8, MOST_LEFT * self.width())
        room = self.width() - left - 2
        if self.bias is not None:
            room -= APART
            room -= max(THINNEST, min(WIDEST, room / (columns + 1)))
        cell = min(WIDEST, room / columns)
        below = self._below.height(cell, 0.3 * self.height()) if self._numbered else 4.0
        high = min(max(20.0, self.height() - below - 4), HIGHEST * rows)
        return QRectF(left, 2, cell * columns, high)

    def bias_box(self) -> QRectF:
        """Return where the bias is painted."""
        box = self.box()
        if self.bias is None:
            return QRectF()
        wide = max(THINNEST, box.width() / self.matrix.shape[1])
        return QRectF(box.right() + APART, box.top(), wide, box.height())

    def _left_words(self) -> tuple[str, ...]:
        return self._rows or self._bands or ((f"{len(self.matrix):,}",) if self._numbered else ())

    def _there(self, row: int, column: int) -> bool:
        rows, columns = self.matrix.shape
        return 0 <= row < rows and 0 <= column < columns + (1 if self.bias is not None else 0)

    def _rect(self, row: int, column: int) -> QRectF:
        rows, columns = self.matrix.shape
        box = self.box() if column < columns else self.bias_box()
        high, wide = box.height() / rows, box.width() / columns if column < columns else box.width()
        return QRectF(box.left() + (column % columns) * wide, box.top() + row * high, wide, high)

    def cell_at(self, point: QPointF) -> Cell | None:
        """Return the row and the column at a point; the bias is the column behind the last."""
        rows, columns = self.matrix.shape
        for box, first, wide in ((self.box(), 0, columns), (self.bias_box(), columns, 1)):
            if box.contains(point):
                row = min(rows - 1, int((point.y() - box.top()) / box.height() * rows))
                return row, first + min(wide - 1, int((point.x() - box.left()) / box.width() * wide))
        return None

    # -- painting ----------------------------------------------------------------------------------------------

    def _paint_numbers(self, painter: QPainter) -> None:
        """Write the numbers where there is room for all."""
        metrics, (rows, columns) = QFontMetricsF(self.font()), self.matrix.shape
        one = self._rect(0, 0)
        if rows * columns > MOST_WRITTEN or one.height() < metrics.height():
            return
        if one.width() < metrics.horizontalAdvance("−0.00") + 2:
            return
        numbers = self.matrix if self.bias is None else np.column_stack([self.matrix, self.bias])
        colours = coloured(numbers, self._reach).astype(float) @ (0.299, 0.587, 0.114)
        for row in range(rows):
            for column in range(numbers.shape[1]):
                painter.setPen(QColor("#14161B" if colours[row, column] > 112 else "#E8EAF0"))
                text = signed(float(numbers[row, column]))
                painter.drawText(self._rect(row, column), Qt.AlignmentFlag.AlignCenter, text)

    def _paint_rows(self, painter: QPainter, box: QRectF) -> None:
        """Write the names, or the gates with lines between them."""
        metrics, theme = QFontMetricsF(self.font()), current()
        words = self._rows or self._bands
        painter.setPen(QColor(theme.dim))
        if not words:
            if self._numbered:
                place = QRectF(0, box.top(), box.left() - 5, box.height())
                painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop, "1")
                last = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom
                painter.drawText(place, last, f"{len(self.matrix):,}" if len(self.matrix) > 1 else "")
            return
        high = box.height() / (len(words) if not self._rows else len(self.matrix))
        every = max(1, math.ceil(0.9 * metrics.height() / high))
        for k in range(0, len(words), every):
            place = QRectF(0, box.top() + (k + 0.5) * high - metrics.height(), box.left() - 5, 2 * metrics.height())
            text = metrics.elidedText(words[k], Qt.TextElideMode.ElideRight, place.width())
            painter.setPen(QColor(theme.text))
            painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
        painter.setPen(QPen(QColor(theme.dim), 1.0))
        for k in range(1, len(self._bands)):
            y = box.top() + k * box.height() / len(self._bands)
            painter.drawLine(QPointF(box.left() - 4, y), QPointF(box.right(), y))

    # -- Qt ----------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint everything."""
        if not self.matrix.size:
            return
        theme, painter, box = current(), QPainter(self), self.box()
        painter.setFont(self.font())
        painter.drawImage(box, as_image(coloured(self.matrix, self._reach)))
        painter.setPen(QColor(theme.line))
        painter.drawRect(box)
        below = QRectF(box.left(), box.bottom() + 1, box.width(), self.height() - box.bottom() - 1)
        if self._numbered:
            self._below.paint(painter, below, self.cell[1] if self.cell is not None else -1)
        painter.setFont(self.font())
        if self.bias is not None:
            beside = self.bias_box()
            painter.drawImage(beside, as_image(coloured(self.bias[:, None], self._reach)))
            painter.setPen(QColor(theme.line))
            painter.drawRect(beside)
            painter.setPen(QColor(theme.dim))
            place = QRectF(beside.center().x() - 40, beside.bottom() + 3, 80, 20)
            painter.drawText(place, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, "b")
        self._paint_rows(painter, box)
        self._paint_numbers(painter)
        if self.cell is not None:
            painter.setPen(QPen(QColor(theme.text), 1.0))
            painter.drawRect(self._rect(*self.cell))
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme.accent), 1.0))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Point at a number."""
        super().mouseMoveEvent(event)
        self._point(self.cell_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """Point at nothing."""
        self._point(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk with the arrow keys."""
        step = STEPS.get(Qt.Key(event.key()))
        if step is None or not self.matrix.size:
            super().keyPressEvent(event)
            return
        row, column = self.cell or (-step[0], -step[1])
        rows, columns = self.matrix.shape
        last = columns - (0 if self.bias is not None else 1)
        self._point((max(0, min(rows - 1, row + step[0])), max(0, min(last, column + step[1]))))

    def _point(self, cell: Cell | None) -> None:
        if cell != self.cell:
            self.cell = cell
            self.update()
            self.pointed.emit()

    def focusInEvent(self, event: object) -> None:
        """Show that the keys walk here."""
        self.update()

    def focusOutEvent(self, event: object) -> None:
        """Show that they do no longer."""
        self.update()


def counted(at: int, field: int, total: int, names: Sequence[str] = ()) -> str:
    """Return what a row or a column is called: its name, else its number from 1, or those that it stands for."""
    first, last = at * field, min(total, (at + 1) * field) - 1
    told = [names[k] if k < len(names) and names[k] else f"{k + 1:,}" for k in (first, last)]
    return told[0] if first == last else tr("{first} to {last}", first=told[0], last=told[1])
