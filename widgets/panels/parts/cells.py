"""Numbers of units and examples as coloured cells; what dropout silences is empty and struck out."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from playground.text import tr
from widgets.panels.parts.mosaics import signed_table
from widgets.panels.parts.plots import readable
from widgets.theme import Theme, current

Array = np.ndarray[Any, Any]

SMALLEST, LARGEST = 10.0, 24.0
"""Pixels of a cell: smaller ones could not be struck out, larger ones say no more."""


class Cells(QWidget):
    """Paints a row for each example and a column for each unit, as many as there is room for."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setMouseTracking(True)
        self.values: Array | None = None
        self.kept: Array | None = None
        self._colours: list[QColor] = []
        self.recolour(current())

    def set_cells(self, values: Array, kept: Array) -> None:
        """Show these numbers (examples, units) and which of them stay."""
        self.values, self.kept = values, kept
        self.update()

    def recolour(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._colours = [QColor(*(int(part) for part in row)) for row in signed_table(theme)]
        self.update()

    def fitting(self) -> tuple[int, int, float]:
        """Return how many rows and columns there is room for, and the size of a cell in pixels."""
        if self.values is None:
            return 0, 0, SMALLEST
        rows, columns = self.values.shape
        size = min(LARGEST, max(SMALLEST, min(self.width() / max(1, columns), self.height() / max(1, rows))))
        return min(rows, int(self.height() / size)), min(columns, int(self.width() / size)), size

    def cell(self, x: float, y: float) -> tuple[int, int] | None:
        """Return the row and column below a place, if there is a cell."""
        rows, columns, size = self.fitting()
        left = self._left(columns, size)
        row, column = int(y // size), int((x - left) // size)
        return (row, column) if 0 <= row < rows and 0 <= column < columns else None

    def _left(self, columns: int, size: float) -> float:
        return max(0.0, (self.width() - columns * size) / 2)

    # -- Qt ----------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what stays in its colour; strike out what does not."""
        if self.values is None or self.kept is None:
            return
        theme = current()
        rows, columns, size = self.fitting()
        values = np.nan_to_num(self.values[:rows, :columns])
        reach = float(np.abs(values).max()) if values.size else 0.0
        places = ((values / (reach or 1.0) + 1) * 127.5).round().astype(int).clip(0, 255)
        left, room = self._left(columns, size), 1.0
        struck: list[QLineF] = []
        painter = QPainter(self)
        painter.setPen(QPen(QColor(theme.line), 1.0))
        for row in range(rows):
            for column in range(columns):
                box = QRectF(left + column * size, row * size, size - room, size - room)
                stays = bool(self.kept[row, column])
                painter.fillRect(box, self._colours[places[row, column]] if stays else QColor(theme.panel))
                painter.drawRect(box)
                if not stays:
                    struck.append(QLineF(box.bottomLeft(), box.topRight()))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme.dim), 1.2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawLines(struck)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Let the panel's line follow the pointer."""
        super().mouseMoveEvent(event)
        self.setToolTip(self._told(event.position().x(), event.position().y()))

    def _told(self, x: float, y: float) -> str:
        found = self.cell(x, y)
        if found is None or self.values is None or self.kept is None:
            return ""
        row, column = found
        words = tr("kept") if self.kept[row, column] else tr("silenced")
        value = readable(float(self.values[row, column]))
        return tr(
            "example {row}, unit {column}: {value}, {words}", row=row + 1, column=column + 1, value=value, words=words
        )
