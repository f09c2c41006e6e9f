"""The paper on which an image is drawn with a soft brush, ten times as large as it will be."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from playground.data.drawn import SIDE
from widgets import theme

Array = np.ndarray[Any, Any]

SCALE = 10
"""Dots of the paper along each side of a pixel; their mean is the pixel, so that edges are smooth."""

BRUSH, RUBBER = 22.0, 44.0
"""How thick strokes are, in dots."""

MOST_STROKES = 60
"""So many strokes can be taken back one by one."""

WAYS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


class Paper(QWidget):
    """Something to draw on: with the left button, the right one wipes; with the arrows, Space sets down the pen.

    Attributes:
        brush, rubber: how thick strokes are, in dots.

    Signals:
        changed(): there is something else on it.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None, size: tuple[int, int] = (SIDE, SIDE), scale: int = SCALE) -> None:
        super().__init__(parent)
        self.setObjectName("paper")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self._last: QPointF | None = None
        self._wiping = False
        self.brush, self.rubber = BRUSH, RUBBER
        self.lay_out(size, scale)
        self.setFixedSize(self._ink.size())
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def lay_out(self, size: tuple[int, int], scale: int) -> None:
        """Take a fresh sheet for an image of this height and width, with so many dots along each side of a pixel."""
        self._sides, self._scale = size, scale
        self._ink, self.pen_down = self._empty(), False
        self._before: list[QImage] = []
        self.spot = QPointF(self._ink.width() / 2, self._ink.height() / 2)

    @property
    def is_empty(self) -> bool:
        """Whether no ink is on it."""
        return not self._dots().any()

    @property
    def strokes(self) -> int:
        """How many strokes can be taken back."""
        return len(self._before)

    def pixels(self) -> Array:
        """Return the image (height, width) uint8, 255 being full ink."""
        (height, width), scale = self._sides, self._scale
        dots = self._dots().reshape(height, scale, width, scale)
        return np.rint(dots.mean(axis=(1, 3))).astype(np.uint8)

    def begin_anew(self) -> None:
        """Take a fresh sheet."""
        self._ink, self._before, self.pen_down = self._empty(), [], False
        self._tell()

    def take_back(self) -> None:
        """Take the last stroke back."""
        if self._before:
            self._ink = self._before.pop()
            self._tell()

    def _dots(self) -> Array:
        whole = np.frombuffer(self._ink.constBits(), dtype=np.uint8)
        return whole.reshape(self._ink.height(), self._ink.bytesPerLine())[:, : self._ink.width()]

    def _empty(self) -> QImage:
        height, width = self._sides
        image = QImage(width * self._scale, height * self._scale, QImage.Format.Format_Grayscale8)
        image.fill(0)
        return image

    def _begin(self) -> None:
        self._before = [*self._before, self._ink.copy()][-MOST_STROKES:]

    def _line(self, start: QPointF, end: QPointF) -> None:
        """Draw or wipe from one place to the next."""
        painter = QPainter(self._ink)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(self._colour(), self.rubber if self._wiping else self.brush)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        if start == end:  # Qt draws no line without a length
            painter.drawPoint(start)
        else:
            painter.drawLine(start, end)
        painter.end()
        self._tell()

    def _colour(self) -> QColor:
        """Return the colour of the pen."""
        return QColor(0, 0, 0) if self._wiping else QColor(255, 255, 255)

    def _at(self, place: QPointF) -> QPointF:
        """Return which dot lies at a place of the widget."""
        return place

    def _tell(self) -> None:
        self.update()
        self.changed.emit()

    # -- Qt ----------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint ink in the colour of text on the ground of the canvas."""
        look = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.drawImage(self.rect(), inked(self._dots(), look))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(look.accent if self.hasFocus() else look.line), 1))
        painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))
        if self.hasFocus():
            painter.setPen(QPen(QColor(look.accent), 2 if self.pen_down else 1))
            painter.drawEllipse(self.spot, self.brush / 2, self.brush / 2)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a stroke."""
        if self._last is None and event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton):
            self._wiping = event.button() == Qt.MouseButton.RightButton
            self._begin()
            self._last = self._at(event.position())
            self._line(self._last, self._last)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Draw on."""
        if self._last is not None:
            there = self._at(event.position())
            self._line(self._last, there)
            self._last = there

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the stroke."""
        if not event.buttons():
            self._last = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move with the arrows, drawing while the pen is down; Space lifts it and sets it down."""
        key = Qt.Key(event.key())
        if key in WAYS:
            dx, dy = WAYS[key]
            there = self.spot + QPointF(dx * self._scale, dy * self._scale)
            right, bottom = self._ink.width() - 1.0, self._ink.height() - 1.0
            there = QPointF(min(max(there.x(), 0.0), right), min(max(there.y(), 0.0), bottom))
            if self.pen_down:
                self._wiping = False
                self._line(self.spot, there)
            self.spot = there
            self.update()
        elif key == Qt.Key.Key_Space:
            self.pen_down = not self.pen_down
            if self.pen_down:
                self._wiping = False
                self._begin()
                self._line(self.spot, self.spot)
            self.update()
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.begin_anew()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show where the keys draw."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Lift the pen."""
        super().focusOutEvent(event)
        self.pen_down = False
        self.update()


def inked(ink: Array, look: theme.Theme) -> QImage:
    """Return ink (height, width) uint8 as an image in the colours of a theme."""
    ground, text = QColor(look.canvas), QColor(look.text)
    share = np.arange(256)[:, None] / 255
    ends = np.array([[ground.red(), ground.green(), ground.blue()], [text.red(), text.green(), text.blue()]])
    colours = np.rint(ends[0] + share * (ends[1] - ends[0])).astype(int)
    height, width = ink.shape
    whole = np.ascontiguousarray(ink, dtype=np.uint8)
    image = QImage(whole.data, width, height, width, QImage.Format.Format_Indexed8)
    image.setColorTable([QColor(*colour).rgb() for colour in colours.tolist()])
    return image.copy()  # one that owns its bytes
