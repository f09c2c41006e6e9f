"""The plane on which points are drawn: what the mouse and the keys do there, and how it is painted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from playground.data.planar import REACH
from widgets import theme
from widgets.drawing_sets._marks import paint_mark

LEFT, BELOW, ROUND = 34, 26, 10
"""Pixels for the numbers at the axes, and around the rest."""

TICKS = (-6, -4, -2, 0, 2, 4, 6)

APART = 9.0
"""Pixels between what is sprayed along the way of the mouse."""

WAYS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}


class Plane(QWidget):
    """Shows points and tells where the mouse or the keys put or wipe some.

    Attributes:
        erasing: whether the left button wipes too.
        spot: where the keys put the next point.

    Signals:
        drawn(float, float, bool): draw here; the last says whether it is sprayed rather than set.
        wiped(float, float): take away what lies here.
        finished(): the gesture is over.
    """

    drawn = Signal(float, float, bool)
    wiped = Signal(float, float)
    finished = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("plane")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(240, 240)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.erasing = False
        self.spot = QPointF(0.0, 0.0)
        self._points: Sequence[tuple[Any, ...]] = ()
        self._wiping: bool | None = None  # whether the present gesture wipes; None: there is none
        self._last = QPointF()

    def show_points(self, points: Sequence[tuple[Any, ...]]) -> None:
        """Show rows of x, y and class."""
        self._points = points
        self.update()

    @property
    def square(self) -> QRectF:
        """Where the plane lies in the widget."""
        side = max(1.0, min(self.width() - LEFT - ROUND, self.height() - BELOW - ROUND))
        left = LEFT + (self.width() - LEFT - ROUND - side) / 2
        return QRectF(left, ROUND + (self.height() - BELOW - ROUND - side) / 2, side, side)

    @property
    def unit(self) -> float:
        """Pixels for a length of 1."""
        return self.square.width() / (2 * REACH)

    def place_of(self, x: float, y: float) -> QPointF:
        """Return where a point of the plane is painted."""
        square = self.square
        return QPointF(square.left() + (x + REACH) * self.unit, square.bottom() - (y + REACH) * self.unit)

    def point_at(self, place: QPointF) -> QPointF:
        """Return which point of the plane is painted here; the nearest where it is beside the plane."""
        square = self.square
        x = (place.x() - square.left()) / self.unit - REACH
        y = (square.bottom() - place.y()) / self.unit - REACH
        return QPointF(min(max(x, -REACH), REACH), min(max(y, -REACH), REACH))

    def _emit(self, place: QPointF, sprayed: bool) -> None:
        self._last = place
        at = self.point_at(place)
        if self._wiping:
            self.wiped.emit(at.x(), at.y())
        else:
            self.drawn.emit(at.x(), at.y(), sprayed)

    # -- painting ----------------------------------------------------------------------------------------------

    def _paint_axes(self, painter: QPainter, look: theme.Theme) -> None:
        square = self.square
        painter.fillRect(square, QColor(look.canvas))
        painter.setFont(theme.font(8.5))
        for tick in TICKS:
            at = self.place_of(tick, tick)
            painter.setPen(QPen(QColor(look.wire if tick == 0 else look.line), 1))
            painter.drawLine(QPointF(at.x(), square.top()), QPointF(at.x(), square.bottom()))
            painter.drawLine(QPointF(square.left(), at.y()), QPointF(square.right(), at.y()))
            painter.setPen(QColor(look.dim))
            words = f"{tick}".replace("-", "−")
            below = QRectF(at.x() - 20, square.bottom() + 4, 40, 16)
            painter.drawText(below, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, words)
            beside = QRectF(square.left() - 34, at.y() - 8, 28, 16)
            painter.drawText(beside, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, words)

    def _paint_spot(self, painter: QPainter, look: theme.Theme) -> None:
        """Paint where the keys draw."""
        at = self.place_of(self.spot.x(), self.spot.y())
        painter.setPen(QPen(QColor(look.accent), 1.5))
        for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            painter.drawLine(at + QPointF(dx * 6, dy * 6), at + QPointF(dx * 13, dy * 13))

    # -- Qt ----------------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        """Ask for room for the plane and the numbers."""
        return QSize(420 + LEFT + ROUND, 420 + BELOW + ROUND)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint axes and points."""
        look = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_axes(painter, look)
        edge = QColor(look.canvas)
        radius = max(4.0, self.unit * 0.14)
        for x, y, label in self._points:
            paint_mark(painter, self.place_of(x, y), label, radius, edge)
        if self.hasFocus():
            self._paint_spot(painter, look)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to draw, or to wipe with the right button."""
        if self._wiping is not None:  # the other button, while one is held
            return
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton):
            self._wiping = self.erasing or event.button() == Qt.MouseButton.RightButton
            self._emit(event.position(), False)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Spray, or wipe on."""
        if self._wiping is None:
            return
        way = event.position() - self._last
        if self._wiping or (way.x() ** 2 + way.y() ** 2) ** 0.5 >= APART:
            self._emit(event.position(), True)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the gesture."""
        if self._wiping is not None and not event.buttons():
            self._wiping = None
            self.finished.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the spot with the arrows, draw with Space, wipe with Delete."""
        key = Qt.Key(event.key())
        if key in WAYS:
            step = 0.1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 0.5
            dx, dy = WAYS[key]
            x, y = round(self.spot.x() + dx * step, 2), round(self.spot.y() + dy * step, 2)
            self.spot = QPointF(min(max(x, -REACH), REACH), min(max(y, -REACH), REACH))
            self.update()
        elif key == Qt.Key.Key_Space:
            self.drawn.emit(self.spot.x(), self.spot.y(), False)
            self.finished.emit()
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.wiped.emit(self.spot.x(), self.spot.y())
            self.finished.emit()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show where the keys draw."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show it no longer."""
        super().focusOutEvent(event)
        self.update()
