"""Marks by which classes are told apart where many of them lie side by side: a colour and a shape for each."""

from __future__ import annotations

from functools import cache
from math import cos, pi, sin

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPen, QPixmap, QPolygonF

from widgets.theme import CLASS_COLOURS, current


def colour_of(label: int) -> QColor:
    """Return the colour of a class, as the pictures of the run have it."""
    return QColor(CLASS_COLOURS[label % len(CLASS_COLOURS)])


@cache
def outline(label: int, radius: float) -> QPainterPath:
    """Return the shape of a class around the origin: shapes of equal weight."""
    path = QPainterPath()
    kind = label % 6
    if kind == 0:
        path.addEllipse(QPointF(0, 0), radius, radius)
    elif kind == 1:
        path.addRect(QRectF(-radius * 0.88, -radius * 0.88, radius * 1.76, radius * 1.76))
    elif kind == 4:
        far, near = radius * 1.15, radius * 0.45
        arm = [(near, -far), (near, -near), (far, -near), (far, near), (near, near), (near, far)]
        path.addPolygon(QPolygonF([QPointF(x, y) for x, y in (*arm, *((-x, -y) for x, y in arm))]))
        path.closeSubpath()
    else:
        corners, start = {2: (3, -pi / 2), 3: (4, 0.0), 5: (3, pi / 2)}[kind]
        reach = radius * 1.22
        ways = [start + 2 * pi * k / corners for k in range(corners)]
        path.addPolygon(QPolygonF([QPointF(reach * cos(way), reach * sin(way)) for way in ways]))
        path.closeSubpath()
    return path


def paint_mark(painter: QPainter, at: QPointF, label: int, radius: float, edge: QColor) -> None:
    """Paint one mark with an edge that parts it from its neighbours."""
    painter.setPen(QPen(edge, 1))
    painter.setBrush(colour_of(label))
    painter.drawPath(outline(label, radius).translated(at))


def mark_icon(label: int) -> QIcon:
    """Return the mark of a class as an icon, on the ground of the plane: so it shows on whatever button it stands."""
    pixmap = QPixmap(64, 64)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(4, 4)
    ground = QColor(current().canvas)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ground)
    painter.drawRoundedRect(QRectF(0, 0, 16, 16), 4, 4)
    paint_mark(painter, QPointF(8, 8), label, 5.0, ground)
    painter.end()
    return QIcon(pixmap)
