"""The ground of the canvas: its colour and its grid of dots, as one picture that is only put down anew."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QPainter, QPen, QPixmap, QPolygonF

from widgets.canvas.geometry import GRID
from widgets.canvas.look import Look

DOTS = 3 * GRID
"""How far apart the dots are, in scene units."""
CLOSEST = 14.0
"""Pixels that dots keep between them; where they would come closer, most are left out."""


class Ground:
    """Keeps the picture for the last zoom: painting two thousand dots costs more than all cards in view."""

    def __init__(self, look: Look) -> None:
        self._look = look
        self._picture = QPixmap()
        self._made_for: tuple[object, ...] = ()

    def paint(self, painter: QPainter, size: QSize, zoom: float, origin: QPointF) -> None:
        """Cover a view of this size; the painter is in its pixels, `origin` is where the scene begins."""
        step = DOTS * zoom
        while step < CLOSEST:
            step *= 4
        look, sharp = self._look, painter.device().devicePixelRatioF()
        key = (round(step * 100), size.width(), size.height(), sharp, look.canvas.rgb(), look.dot.rgb())
        if key != self._made_for:
            self._picture, self._made_for = self._drawn(step, size, sharp), key
        corner = QPointF(round(origin.x() % step - step), round(origin.y() % step - step))
        painter.drawPixmap(corner, self._picture)

    def _drawn(self, step: float, size: QSize, sharp: float) -> QPixmap:
        """Draw the ground a step larger than the view on every side."""
        columns, rows = int(size.width() / step) + 3, int(size.height() / step) + 3
        made = QPixmap(round(columns * step * sharp), round(rows * step * sharp))
        made.setDevicePixelRatio(sharp)
        made.fill(self._look.canvas)
        painter = QPainter(made)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(self._look.dot, 2)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawPoints(QPolygonF([QPointF(i * step, j * step) for j in range(rows) for i in range(columns)]))
        painter.end()
        return made
