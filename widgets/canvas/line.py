"""The line of a wire: its way, as wide as the logarithm of what flows, and the shape in a chip on it."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from playground.graph import Wire
from playground.shape import Shape
from widgets.canvas.geometry import Point
from widgets.canvas.look import Look, label
from widgets.canvas.routing import CORNER, Route, curve, distance, handle

CHIP_HEIGHT = 18.0


class Chip(QGraphicsItem):
    """The shape that flows on a wire, in a chip that lies over all wires and under the cards."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.look = look
        self.edge: QColor | None = None
        self.rect = QRectF()
        self._text = label("", look.chip_font)
        self._wide = 0.0
        self.setZValue(1.5)

    def set_text(self, text: str) -> None:
        """Say something else."""
        self._text = label(text, self.look.chip_font)
        self._wide = self.look.chip_metrics.horizontalAdvance(text)
        self.update()

    def stand(self, x: float, y: float, room: float) -> None:
        """Stand with the middle at a point, unless there is nothing to say or no room to say it."""
        self.prepareGeometryChange()
        self.rect = QRectF()
        if self._wide and room > 40:
            self.rect = QRectF(x - self._wide / 2 - 7, y - CHIP_HEIGHT / 2, self._wide + 14, CHIP_HEIGHT)
        self.setVisible(not self.rect.isNull())

    # -- Qt ----------------------------------------------------------------------------------------------------

    def boundingRect(self) -> QRectF:
        return self.rect.adjusted(-1, -1, 1, 1)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        look, centre, size = self.look, self.rect.center(), self._text.size()
        painter.setPen(QPen(self.edge, 1.3) if self.edge is not None else look.chip_pen)
        painter.setBrush(look.chip_brush)
        painter.drawRoundedRect(self.rect, CHIP_HEIGHT / 2, CHIP_HEIGHT / 2)
        painter.setPen(look.text)
        painter.setFont(look.chip_font)
        painter.drawStaticText(QPointF(centre.x() - size.width() / 2, centre.y() - size.height() / 2), self._text)


class Line(QGraphicsItem):
    """A wire on the canvas.

    Attributes:
        wire: which wire it shows.
        route, points: its way, and the way as a line to measure distances from.
        chip: the item with the shape on it.
        chosen, bad, lit: selected; the cause of a problem; about to take what is being dropped.
    """

    def __init__(self, look: Look, wire: Wire) -> None:
        super().__init__()
        self.look, self.wire = look, wire
        self.route = Route(((0.0, 0.0), (0.0, 0.0)))
        self.points: list[Point] = []
        self.shape_of_data: Shape | None = None
        self.chip = Chip(look)
        self.chosen = self.bad = self.lit = False
        self._path = QPainterPath()
        self._bounds = QRectF()
        self._width = 1.6
        self.setZValue(0)

    def set_route(self, route: Route) -> None:
        """Take another way."""
        if route == self.route and self.points:
            return
        self.prepareGeometryChange()
        self.route = route
        self.points = curve(route.points[0], route.points[1]) if route.direct else list(route.points)
        self._path = _path(route)
        self._bounds = self._path.boundingRect().adjusted(-5, -5, 5, 5)
        self._place_chip()

    def set_data(self, shape: Shape | None) -> None:
        """Say what flows here; the width follows its logarithm."""
        if shape == self.shape_of_data:
            return
        self.shape_of_data = shape
        self.chip.set_text(str(shape) if shape is not None else "")
        self._width = 1.6 if shape is None else 1.0 + 0.6 * math.log10(max(1, shape.count))
        self._place_chip()
        self.update()

    def set_state(self, *, chosen: bool | None = None, bad: bool | None = None, lit: bool | None = None) -> None:
        """Show it selected, red, or ready to take a block."""
        now = (
            self.chosen if chosen is None else chosen,
            self.bad if bad is None else bad,
            self.lit if lit is None else lit,
        )
        if now != (self.chosen, self.bad, self.lit):
            self.chosen, self.bad, self.lit = now
            self.setZValue(1 if self.chosen or self.lit else 0)
            self.recolour()

    def recolour(self) -> None:
        """Take the colours of the present theme."""
        self.chip.edge = self._colour() if self.chosen or self.lit or self.bad else None
        self.chip.update()
        self.update()

    def hide_for_now(self, hidden: bool) -> None:
        """Vanish while the hand holds this wire's end."""
        self.setVisible(not hidden)
        self.chip.setVisible(not hidden and not self.chip.rect.isNull())

    def away(self, x: float, y: float) -> float:
        """Return how far a point lies from the wire or its chip."""
        return 0.0 if self.chip.rect.contains(x, y) else distance(self.points, x, y)

    # -- Qt ----------------------------------------------------------------------------------------------------

    def boundingRect(self) -> QRectF:
        return self._bounds

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        pen = QPen(self._colour(), self._width + (1.0 if self.chosen or self.lit else 0.0))
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(self._path)

    def _colour(self) -> QColor:
        look = self.look
        return look.accent if self.chosen or self.lit else look.bad if self.bad else look.wire

    def _place_chip(self) -> None:
        ends = self.route.points
        self.chip.stand(*self.route.middle, math.dist(ends[0], ends[-1]) if self.route.direct else math.inf)


def _path(route: Route) -> QPainterPath:
    points = route.points
    path = QPainterPath(QPointF(*points[0]))
    if route.direct:
        start, end = points
        reach = handle(start, end)
        if abs(start[1] - end[1]) < 0.5:
            path.lineTo(*end)
        else:
            path.cubicTo(start[0] + reach, start[1], end[0] - reach, end[1], *end)
        return path
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        one, two = math.dist(before, corner), math.dist(corner, after)
        radius = min(CORNER, one / 2, two / 2)
        if radius < 0.5:
            path.lineTo(*corner)
            continue
        path.lineTo(*_towards(corner, before, radius / one))
        path.quadTo(*corner, *_towards(corner, after, radius / two))
    path.lineTo(*points[-1])
    return path


def _towards(a: Point, b: Point, share: float) -> Point:
    return a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share
