"""The pad on which a picture of one's own is drawn: of the size and in the colours of the data's images."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFocusEvent, QImage, QKeyEvent, QKeySequence, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy

from playground.text import tr
from widgets.drawing_sets.paper import Paper
from widgets.panels.parts.grids import fitted
from widgets.theme import current, font

Array = np.ndarray[Any, Any]

DOTS = 280
"""About so many dots lie along the longer side, however few pixels it has, so that strokes are smooth."""

THINNEST, THICKNESS, THICKEST = 0.02, 0.085, 0.25
"""How thick strokes are, as shares of the longer side: at least, at first, at most."""

HINT = "#9AA3B2"
"""The colour of words on the pad, which is black in every theme, as the pictures of the data are."""


class Pad(Paper):
    """Paper as large as there is room for; black is the least that a pixel of the data can be, white the most.

    Clearing it and putting a picture on it can be taken back like a stroke.

    Attributes:
        pen: the colour of strokes, where the images have colours.
    """

    def __init__(self) -> None:
        self.colours, self.pen = False, QColor(255, 255, 255)
        self._by_keys = False
        super().__init__()
        self.setObjectName("own_pad")
        self.setMinimumSize(72, 72)
        self.setMaximumSize(QSize(16_777_215, 16_777_215))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.set_thickness(THICKNESS)

    def fit(self, channels: int, height: int, width: int) -> None:
        """Take a fresh sheet for images of these sizes; only such of three channels have colours."""
        self.colours = channels == 3
        thickness = self.brush / max(self._ink.width(), self._ink.height())
        self.lay_out((height, width), max(1, round(DOTS / max(height, width))))
        self.set_thickness(thickness)
        self._tell()

    def set_thickness(self, share: float) -> None:
        """Draw strokes as thick as this share of the longer side."""
        self.brush = share * max(self._ink.width(), self._ink.height())
        self.rubber = 2 * self.brush
        self.update()

    def image(self) -> Array:
        """Return what is on it, uint8 (1 or 3, height, width): each pixel the mean of its dots."""
        (height, width), scale = self._sides, self._scale
        dots = self._dots().reshape(height, scale, width, scale, -1)
        return np.rint(dots.mean(axis=(1, 3))).astype(np.uint8).transpose(2, 0, 1)

    def put(self, image: Array) -> None:
        """Put a picture on it in place of what is there, uint8 (1 or 3, height, width), pixel by pixel."""
        self._begin()
        planes = np.broadcast_to(image, (3, *image.shape[1:])) if self.colours else image[:1]
        dots = planes.transpose(1, 2, 0).repeat(self._scale, axis=0).repeat(self._scale, axis=1)
        dots = np.ascontiguousarray(dots)
        height, width, channels = dots.shape
        form = QImage.Format.Format_RGB888 if self.colours else QImage.Format.Format_Grayscale8
        made = QImage(dots.data, width, height, width * channels, form)
        self._ink = made.convertToFormat(self._ink.format()) if self.colours else made.copy()
        self._tell()

    def begin_anew(self) -> None:
        """Take everything away."""
        self.pen_down = False
        if not self.is_empty:
            self._begin()
            self._ink = self._empty()
            self._tell()

    def box(self) -> QRectF:
        """Return where the paper lies on the widget."""
        return fitted(QRectF(self.rect()).adjusted(1, 1, -1, -1), self._ink.height(), self._ink.width())

    def _dots(self) -> Array:
        if not self.colours:
            return super()._dots()
        whole = np.frombuffer(self._ink.constBits(), dtype=np.uint8)
        return whole.reshape(self._ink.height(), self._ink.width(), 4)[..., 2::-1]  # blue comes first there

    def _empty(self) -> QImage:
        image = super()._empty()
        return image.convertToFormat(QImage.Format.Format_RGB32) if self.colours else image

    def _colour(self) -> QColor:
        return super()._colour() if self._wiping or not self.colours else self.pen

    def _at(self, place: QPointF) -> QPointF:
        box = self.box()
        return (place - box.topLeft()) * (self._ink.width() / max(1.0, box.width()))

    # -- Qt ----------------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        """Ask for a square."""
        return QSize(180, 180)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what is drawn, or what can be done; a frame, and where the keys draw."""
        look, painter, box = current(), QPainter(self), self.box()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(box, self._ink)
        if self.is_empty:
            painter.setPen(QColor(HINT))
            painter.setFont(font(9))
            words = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(box.adjusted(6, 6, -6, -6), words, tr("Draw here, or drop a picture"))
        painter.setPen(QPen(QColor(look.accent if self.hasFocus() else look.line), 2 if self.hasFocus() else 1))
        painter.drawRect(box)
        if self.hasFocus() and self._by_keys:
            times = box.width() / self._ink.width()
            painter.setPen(QPen(QColor(look.accent), 2 if self.pen_down else 1))
            painter.drawEllipse(box.topLeft() + self.spot * times, self.brush * times / 2, self.brush * times / 2)

    def event(self, event: QEvent) -> bool:
        """Keep the key of Undo for itself while there is a stroke to take back."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            if event.matches(QKeySequence.StandardKey.Undo) and self.strokes:
                event.accept()
                return True
            if event.key() == Qt.Key.Key_Space or event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
                event.accept()  # else they would play, or take away what is selected on the canvas
                return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Draw with the mouse."""
        self._by_keys = False
        super().mousePressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show where the keys draw, unless it was the mouse that came."""
        self._by_keys = event.reason() != Qt.FocusReason.MouseFocusReason
        super().focusInEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take the last stroke back with the key of Undo; the rest is as on any paper."""
        self._by_keys = True
        if event.matches(QKeySequence.StandardKey.Undo) and self.strokes:
            self.take_back()
        else:
            super().keyPressEvent(event)
