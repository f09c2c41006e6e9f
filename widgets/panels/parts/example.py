"""The example's image beside its maps: what a pixel sees of it is framed, and it can be moved by whole pixels."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen

from playground.receptive_field import Patch
from widgets.panels.parts.grids import STEPS, fitted
from widgets.panels.parts.plots import Still, as_image
from widgets.theme import current

Array = np.ndarray[Any, Any]


class MovedExample(Still):
    """An image that a person can drag, or push with the arrow keys.

    Signals:
        pushed(int, int): move it by so many pixels, down and to the right.
    """

    pushed = Signal(int, int)

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.frame: Patch | None = None
        self._size = (1, 1)
        self._held: QPointF | None = None

    def show_frame(self, patch: Patch | None, size: tuple[int, int]) -> None:
        """Frame these pixels of an image of such a height and width; nothing: no frame."""
        if (patch, size) != (self.frame, self._size):
            self.frame, self._size = patch, size
            self.update()

    def box(self) -> QRectF:
        """Return where the image is painted."""
        height, width = self.pixels.shape[:2] if self.pixels is not None else (1, 1)
        return fitted(QRectF(self.rect()).adjusted(2, 2, -2, -2), height, width)

    def framed(self) -> QRectF:
        """Return where the frame is painted; empty where there is none."""
        if self.frame is None or not all(self.frame.size):
            return QRectF()
        box, (rows, columns) = self.box(), self.frame
        down, across = box.height() / self._size[0], box.width() / self._size[1]
        place = box.topLeft() + QPointF(columns.first * across, rows.first * down)
        return QRectF(place.x(), place.y(), columns.size * across, rows.size * down)

    # -- Qt ----------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the picture in the middle, the frame over it, and a border while the keys move it."""
        if self.pixels is None or not self.pixels.size:
            return
        painter, box, frame = QPainter(self), self.box(), self.framed()
        painter.drawImage(box, as_image(self.pixels))
        if not frame.isEmpty():
            for colour, thickness in ((current().panel, 4), (current().accent, 2)):  # to be seen on any picture
                painter.setPen(QPen(QColor(colour), thickness))
                painter.drawRect(frame)
        if self.hasFocus():
            painter.setPen(QPen(QColor(current().accent), 1))
            painter.drawRect(box.adjusted(-1, -1, 1, 1))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the image."""
        if event.button() == Qt.MouseButton.LeftButton and self.pixels is not None:
            self._held = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move it along by as many whole pixels as the pointer went."""
        if self._held is None:
            return
        box, way = self.box(), event.position() - self._held
        down, across = box.height() / self._size[0], box.width() / self._size[1]
        steps = round(way.y() / down), round(way.x() / across)
        if any(steps):
            self._held += QPointF(steps[1] * across, steps[0] * down)
            self.pushed.emit(*steps)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        self._held = None
        self.setCursor(Qt.CursorShape.OpenHandCursor)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Push it by one pixel with the arrow keys."""
        step = STEPS.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            self.pushed.emit(*step)

    def focusInEvent(self, event: object) -> None:
        """Show that the keys move it."""
        self.update()

    def focusOutEvent(self, event: object) -> None:
        """Show that they do no longer."""
        self.update()


def as_picture(image: Array) -> Array:
    """Turn an image (channels, h, w) into grey or colour pixels: black is its smallest value, white its largest."""
    if not image.size:
        return np.zeros((1, 1), dtype=np.uint8)
    shown = image[:3].transpose(1, 2, 0) if image.shape[0] >= 3 else image[0]
    shown = np.nan_to_num(shown, posinf=0.0, neginf=0.0)
    low, high = float(shown.min()), float(shown.max())
    return ((shown - low) * (255.0 / (high - low if high > low else 1.0))).round().astype(np.uint8)
