"""Vectors of places as a map, a row for each place, and single numbers of them as curves along the places."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from playground.text import tr
from widgets.panels.parts.grids import STEPS, coloured
from widgets.panels.parts.plots import as_image, readable
from widgets.theme import CLASS_COLOURS, current, font

Array = np.ndarray[Any, Any]

LEFT, RIGHT, BELOW, ABOVE = 34.0, 46.0, 32.0, 4.0
"""Pixels around a map: numbers of the places, what the colours mean, numbers of the columns."""


class PlaceMap(QWidget):
    """Paints a matrix whose rows are places.

    Signals:
        pointed(): the pointer is elsewhere.
        picked(int): the column that was clicked or walked to.

    Attributes:
        hovered: the row and the column below the pointer, if there are any.
        column: the column that is framed; −1: none.
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
        self.values: Array = np.zeros((0, 0), np.float32)
        self.hovered: tuple[int, int] | None = None
        self.column, self.steps = -1, 0
        self._most, self._words = 1.0, ("", "")

    def show_map(self, values: Array, most: float, steps: int, words: tuple[str, str]) -> None:
        """Show a matrix, full colours from a magnitude on, with words for its rows and its columns.

        Of the rows so many come in: a line is drawn below them.
        """
        self.values, self._most, self.steps, self._words = values, most, steps, words
        if self.hovered is not None and not self._there(*self.hovered):
            self.hovered = None
        self.update()

    def frame(self, column: int) -> None:
        """Frame another column; −1: none."""
        self.column = column
        self.update()

    def box(self) -> QRectF:
        """Return where the matrix is painted."""
        return QRectF(LEFT, ABOVE, max(20.0, self.width() - LEFT - RIGHT), max(20.0, self.height() - ABOVE - BELOW))

    def cell_at(self, point: QPointF) -> tuple[int, int] | None:
        """Return the row and the column at a point, if there are any."""
        box = self.box()
        if not self.values.size or not box.contains(point):
            return None
        rows, columns = self.values.shape
        row = min(rows - 1, int((point.y() - box.top()) / box.height() * rows))
        return row, min(columns - 1, int((point.x() - box.left()) / box.width() * columns))

    def _there(self, row: int, column: int) -> bool:
        return row < self.values.shape[0] and column < self.values.shape[1]

    # -- Qt ----------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the matrix with its numbers and what the colours mean."""
        if not self.values.size:
            return
        theme, painter, box = current(), QPainter(self), self.box()
        painter.setFont(self.font())
        painter.drawImage(box, as_image(coloured(self.values, self._most)))
        painter.setPen(QColor(theme.line))
        painter.drawRect(box)
        rows, columns = self.values.shape
        if 0 < self.steps < rows:
            y = box.top() + self.steps / rows * box.height()
            painter.setPen(QPen(QColor(theme.text), 1.0, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y))
        self._paint_numbers(painter, box)
        strip = QRectF(box.right() + 5, box.top(), 7, box.height())
        painter.drawImage(strip, as_image(coloured(np.linspace(1, -1, 64)[:, None], 1.0)))
        words = QRectF(strip.right() + 4, box.top() - 2, RIGHT - 16, box.height() + 4)
        painter.drawText(words, Qt.AlignmentFlag.AlignTop, readable(self._most))
        painter.drawText(words, Qt.AlignmentFlag.AlignBottom, readable(-self._most))
        if 0 <= self.column < columns:
            wide = box.width() / columns
            place = QRectF(box.left() + self.column * wide - 1, box.top(), max(3.0, wide + 2), box.height())
            for colour, thickness in ((theme.panel, 3.0), (theme.accent, 1.5)):
                painter.setPen(QPen(QColor(colour), thickness))
                painter.drawRect(place)
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme.accent), 1.0))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def _paint_numbers(self, painter: QPainter, box: QRectF) -> None:
        theme, metrics = current(), QFontMetricsF(self.font())
        rows, columns = self.values.shape
        painter.setPen(QColor(theme.dim))
        line = metrics.height()
        for at in _ticks(rows, box.height() / (2.2 * line)):
            y = box.top() + (at + 0.5) / rows * box.height()
            place = QRectF(0, y - line, LEFT - 5, 2 * line)
            painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, f"{at:,}")
        for at in _ticks(columns, box.width() / 44):
            x = box.left() + (at + 0.5) / columns * box.width()
            painter.drawText(QRectF(x - 30, box.bottom() + 1, 60, line), Qt.AlignmentFlag.AlignHCenter, f"{at:,}")
        text = metrics.elidedText(" × ".join(self._words), Qt.TextElideMode.ElideRight, box.width())
        painter.drawText(QRectF(box.left(), box.bottom() + line, box.width(), line), _MIDDLE, text)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Point at a number."""
        super().mouseMoveEvent(event)
        self._point(self.cell_at(event.position()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the column that is clicked."""
        found = self.cell_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and found is not None:
            self.picked.emit(found[1])

    def leaveEvent(self, event: QEvent) -> None:
        """Point at nothing."""
        self._point(None)

    def _point(self, cell: tuple[int, int] | None) -> None:
        if cell != self.hovered:
            self.hovered = cell
            self.pointed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk to other columns with the arrow keys."""
        step = STEPS.get(Qt.Key(event.key()))
        if step is None or not step[1] or not self.values.size:
            super().keyPressEvent(event)
        else:
            self.picked.emit(max(0, min(self.values.shape[1] - 1, self.column + step[1])))

    def focusInEvent(self, event: object) -> None:
        """Show that the keys walk here."""
        self.update()

    def focusOutEvent(self, event: object) -> None:
        """Show that they do no longer."""
        self.update()


class PlaceCurves(QWidget):
    """Paints some columns of the matrix as curves along the places, one below the other."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setFont(font(8.5))
        self.setMinimumSize(80, 40)
        self.curves: dict[int, Array] = {}
        self._most, self.chosen = 1.0, -1

    def show_curves(self, curves: dict[int, Array], most: float, chosen: int) -> None:
        """Show these columns, by their numbers; one of them is that chosen."""
        self.curves, self._most, self.chosen = curves, most, chosen
        self.update()

    # -- Qt ----------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint a curve for each column, the one that is chosen thicker."""
        if not self.curves:
            return
        theme, painter = current(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self.font())
        metrics = QFontMetricsF(self.font())
        left = metrics.horizontalAdvance("000 ") + 4
        each = (self.height() - metrics.height() - 2) / len(self.curves)
        for row, (number, curve) in enumerate(self.curves.items()):
            box = QRectF(left, row * each + 3, self.width() - left - 6, each - 6)
            middle = box.center().y()
            painter.setPen(QPen(QColor(theme.line), 1.0))
            painter.drawLine(QPointF(box.left(), middle), QPointF(box.right(), middle))
            across = box.width() / max(1, len(curve) - 1)
            points = [
                QPointF(box.left() + at * across, middle - float(value) / (self._most or 1.0) * box.height() / 2)
                for at, value in enumerate(curve)
            ]
            painter.setPen(QPen(QColor(CLASS_COLOURS[row % 6]), 2.4 if number == self.chosen else 1.4))
            painter.drawPolyline(QPolygonF(points))
            painter.setPen(QColor(theme.text if number == self.chosen else theme.dim))
            place = QRectF(0, box.top(), left - 4, box.height())
            painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, f"{number}")
        painter.setPen(QColor(theme.dim))
        below = QRectF(left, self.height() - metrics.height(), self.width() - left - 6, metrics.height())
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, "0")
        painter.drawText(below, Qt.AlignmentFlag.AlignHCenter, tr("place"))
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, f"{len(next(iter(self.curves.values()))) - 1:,}")


_MIDDLE = Qt.AlignmentFlag.AlignCenter


def _ticks(count: int, most: float) -> range:
    """Return places for numbers along an axis, at round distances."""
    least = max(1.0, (count - 1) / max(1.0, most))
    size = 10.0 ** math.floor(math.log10(least))
    every = next(int(max(1, factor * size)) for factor in (1, 2, 5, 10) if factor * size >= least)
    return range(0, count, every)
