"""A picture with a map of numbers laid over it: the picture in grey, so that every colour is the map's."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from widgets.panels.parts.grids import STEPS, fitted
from widgets.panels.parts.plots import as_image
from widgets.theme import current

Array = np.ndarray[Any, Any]

STRENGTH = 0.62
"""How much of what is seen is the map; the rest is the picture."""

FINE = 192
"""Pixels along the longer side that a smooth map is drawn with."""

Cell = tuple[int, int]


class Overlaid(QWidget):
    """Paints the picture, the map over it, and a frame around the cell that is pointed at.

    Signals:
        pointed(object): the row and the column of a cell of the map, by the pointer or the arrow keys; None: no longer.
    """

    pointed = Signal(object)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setMinimumSize(60, 40)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.cell: Cell | None = None
        self.values: Array | None = None
        self._picture: Array | None = None
        self._layer: QImage | None = None
        self._span = (1.0, 1.0)

    def show_picture(self, pixels: Array) -> None:
        """Show another picture, grey (h, w) or colour (h, w, 3), uint8; it is painted in grey."""
        grey = pixels if pixels.ndim == 2 else pixels.astype(np.float32).mean(axis=2).round().astype(np.uint8)
        self._picture = np.ascontiguousarray(grey)
        self.update()

    def show_map(
        self, values: Array, colours: tuple[Array, float, float], span: tuple[float, float] | None = None
    ) -> None:
        """Lay a map (rows, columns) over the picture; colours are 256 of them with the values at their ends.

        `span` says how many of its rows and columns fit on the picture, where the last of them hang over; such a map
        keeps its cells, any other goes smoothly from one to the next. What is not a number is not painted.
        """
        self.values = values
        self._span = span or (float(values.shape[0]), float(values.shape[1]))
        self._layer = as_layer(values if span else smooth(values), *colours)
        if self.cell is not None and (self.cell[0] >= values.shape[0] or self.cell[1] >= values.shape[1]):
            self._point(None)
        self.update()

    def forget(self) -> None:
        """Take the map away; the picture stays."""
        self.values = self._layer = None
        self._point(None)
        self.update()

    def box(self) -> QRectF:
        """Return where the picture is painted."""
        height, width = self._picture.shape if self._picture is not None else (1, 1)
        return fitted(QRectF(self.rect()).adjusted(2, 2, -2, -2), height, width)

    def place(self, cell: Cell) -> QRectF:
        """Return where a cell of the map is painted."""
        box = self.box()
        down, across = box.height() / self._span[0], box.width() / self._span[1]
        return QRectF(box.left() + cell[1] * across, box.top() + cell[0] * down, across, down).intersected(box)

    def cell_at(self, point: QPointF) -> Cell | None:
        """Return the cell at a point of the widget."""
        box = self.box()
        if self.values is None or not box.contains(point):
            return None
        down, across = (point.y() - box.top()) / box.height(), (point.x() - box.left()) / box.width()
        rows, columns = self.values.shape
        return min(rows - 1, int(down * self._span[0])), min(columns - 1, int(across * self._span[1]))

    def _point(self, cell: Cell | None) -> None:
        if cell != self.cell:
            self.cell = cell
            self.update()
            self.pointed.emit(cell)

    # -- Qt ----------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the picture and the map over it."""
        if self._picture is None:
            return
        painter, box = QPainter(self), self.box()
        painter.drawImage(box, as_image(self._picture))
        if self._layer is not None and self.values is not None:
            rows, columns = self.values.shape
            whole = QRectF(
                box.left(), box.top(), box.width() * columns / self._span[1], box.height() * rows / self._span[0]
            )
            painter.save()
            painter.setClipRect(box)
            painter.drawImage(whole, self._layer)
            painter.restore()
        painter.setPen(QPen(QColor(current().accent if self.hasFocus() else current().line), 1))
        painter.drawRect(box.adjusted(-1, -1, 1, 1))
        if self.cell is not None and self.values is not None:
            for colour, thickness in (("#14161B", 3.5), ("#FFFFFF", 1.5)):  # to be seen on any colour
                painter.setPen(QPen(QColor(colour), thickness))
                painter.drawRect(self.place(self.cell))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell which cell is under the pointer."""
        self._point(self.cell_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """Forget the pointer."""
        self._point(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk over the map with the arrow keys, from its middle; Escape: no longer."""
        step = STEPS.get(Qt.Key(event.key()))
        if step is not None and self.values is not None:
            rows, columns = self.values.shape
            row, column = self.cell or (rows // 2 - step[0], columns // 2 - step[1])
            self._point((min(max(row + step[0], 0), rows - 1), min(max(column + step[1], 0), columns - 1)))
        elif event.key() == Qt.Key.Key_Escape and self.cell is not None:
            self._point(None)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: object) -> None:
        """Show that the keys walk here."""
        self.update()

    def focusOutEvent(self, event: object) -> None:
        """Show that they do no longer."""
        self._point(None)
        self.update()


def as_layer(values: Array, table: Array, low: float, high: float) -> QImage:
    """Colour a map (h, w) so that the picture behind it shines through."""
    known = np.isfinite(values)
    share = (np.where(known, values, low) - low) / (high - low if high > low else 1.0)
    pixels = np.empty((*values.shape, 4), dtype=np.uint8)
    pixels[..., :3] = table[(share.clip(0, 1) * 255).round().astype(np.uint8), :3]
    pixels[..., 3] = np.where(known, round(255 * STRENGTH), 0)
    height, width = values.shape
    return QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()


def smooth(values: Array, longest: int = FINE) -> Array:
    """Enlarge a map (h, w) so that it goes evenly from the middle of one pixel to that of the next (bilinear)."""
    times = longest / max(values.shape)
    if times <= 1:
        return values
    (top, bottom, down), (left, right, across) = (
        _between(size, max(size, round(size * times))) for size in values.shape
    )
    upper, lower = (values[one][:, left] * (1 - across) + values[one][:, right] * across for one in (top, bottom))
    made: Array = upper * (1 - down[:, None]) + lower * down[:, None]
    return made


def _between(size: int, fine: int) -> tuple[Array, Array, Array]:
    """Return between which two pixels of a row each one of a finer row lies, and how far from the first to the second.

    Towards the edge, beyond the middle of the last pixel, nothing changes.
    """
    at = ((np.arange(fine) + 0.5) * size / fine - 0.5).clip(0, size - 1)
    first = np.floor(at).astype(int)
    return first, np.minimum(first + 1, size - 1), (at - first).astype(np.float32)
