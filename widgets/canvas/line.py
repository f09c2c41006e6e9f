"""The line of a wire: its way, as wide as the logarithm of what flows, and the shape in a chip on it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QStaticText
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from playground.graph import Wire
from playground.shape import Shape
from widgets.canvas.geometry import DOWN, RIGHT, Buckets, Point, Rect
from widgets.canvas.look import Look, label, narrowed
from widgets.canvas.routing import CORNER, Route, controls, curve, distance

CHIP_HEIGHT = 18.0
CHIP_ENDS = 7.0
"""How much room a chip leaves at either end of its text; half as much where it is narrow."""
HINTED = 0.3
"""How strongly a wire is painted on which its weights stand."""
STOPS = (0.5, 0.36, 0.64, 0.24, 0.76, 0.14, 0.86)
"""At which shares of its wire a chip may stand when there is no room in the middle."""


class Chip(QGraphicsItem):
    """The shape that flows on a wire, in a chip that lies over all wires and under the cards."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.look = look
        self.edge: QColor | None = None
        self.rect = QRectF()
        self.text = ""
        self._shown = ""
        self._text: QStaticText | None = None
        self._wide = (0.0, 0.0)
        self.setZValue(1.5)

    def set_text(self, text: str) -> None:
        """Say something else."""
        self.text = text
        self._wide = self.look.chip_widths(text)
        self.update()

    def rect_at(self, place: Point, *, narrow: bool) -> Rect:
        """Return what the chip takes up with its middle at a point."""
        half = self._wide[narrow] / 2 + CHIP_ENDS / (2 if narrow else 1)
        return place[0] - half, place[1] - CHIP_HEIGHT / 2, place[0] + half, place[1] + CHIP_HEIGHT / 2

    def stand(self, rect: Rect | None, *, narrow: bool = False) -> None:
        """Stand in a rectangle, or nowhere."""
        wanted = QRectF() if rect is None else QRectF(QPointF(*rect[:2]), QPointF(*rect[2:]))
        text = narrowed(self.text) if narrow else self.text
        if text != self._shown:
            self._shown, self._text = text, None  # laid out when it is seen: most chips of a large network are not
        if wanted != self.rect:
            self.prepareGeometryChange()
            self.rect = wanted
        self.setVisible(not self.rect.isNull())

    # -- Qt ----------------------------------------------------------------------------------------------------

    def boundingRect(self) -> QRectF:
        return self.rect.adjusted(-1, -1, 1, 1)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        if self._text is None:
            self._text = label(self._shown, self.look.chip_font)
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
        fanned: its weights stand in its place; it is only hinted at, and has no chip.
    """

    def __init__(self, look: Look, wire: Wire, chips: Chips) -> None:
        super().__init__()
        self.look, self.wire, self._chips = look, wire, chips
        self.name = str(wire)
        self.route = Route(((0.0, 0.0), (0.0, 0.0)))
        self.points: list[Point] = []
        self.shape_of_data: Shape | None = None
        self.chip = Chip(look)
        self.chosen = self.bad = self.lit = self.fanned = False
        self._path = QPainterPath()
        self._bounds = QRectF()
        self._width = 1.6
        self.setZValue(0)

    def set_route(self, route: Route) -> None:
        """Take another way; the chip looks for its place anew even on the same one, for the cards may have moved."""
        if route != self.route or not self.points:
            self.prepareGeometryChange()
            self.route = route
            direct = route.direct and curve(*route.points, direction=_direction(route))
            self.points = direct or list(route.points)
            self._path = _path(route)
            self._bounds = self._path.boundingRect().adjusted(-5, -5, 5, 5)
        self._chips.place(self)

    def set_data(self, shape: Shape | None) -> None:
        """Say what flows here; the width follows its logarithm."""
        if shape == self.shape_of_data:
            return
        self.shape_of_data = shape
        self.chip.set_text(str(shape) if shape is not None else "")
        self._width = 1.6 if shape is None else 1.0 + 0.6 * math.log10(max(1, shape.count))
        if self.points:
            self._chips.refit(self)
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

    def set_fanned(self, fanned: bool) -> None:
        """Give way to the weights on it, or come back."""
        if fanned != self.fanned:
            self.fanned = fanned
            self.chip.setOpacity(0.0 if fanned else 1.0)  # whether it is visible, its place decides
            self.update()

    def hide_for_now(self, hidden: bool) -> None:
        """Vanish while the hand holds this wire's end."""
        self.setVisible(not hidden)
        self.chip.setVisible(not hidden and not self.chip.rect.isNull())

    def in_view(self, view: QRectF) -> bool:
        """Whether any of it may lie in a part of the scene."""
        return self._bounds.intersects(view)

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
        solid = painter.opacity()
        if self.fanned and not (self.chosen or self.lit or self.bad):
            painter.setOpacity(solid * HINTED)
        painter.drawPath(self._path)
        painter.setOpacity(solid)

    def _colour(self) -> QColor:
        look = self.look
        return look.accent if self.chosen or self.lit else look.bad if self.bad else look.wire

    def stops(self) -> Iterator[Point]:
        """Yield where a chip may stand on this wire, the best place first."""
        yield self.route.middle
        lengths = [math.dist(a, b) for a, b in pairwise(self.points)]
        whole = sum(lengths)
        for share in STOPS:
            yield _along(self.points, lengths, share * whole)


SPARE = 8.0
"""Room that is kept at either end of a chip, so that a digit more need not look for another place."""


class Chips:
    """Finds each chip a place on its wire where it covers neither a card nor another chip."""

    def __init__(self, cards: Buckets) -> None:
        self._cards, self._chips = cards, Buckets()
        self._stood: dict[str, tuple[Point, bool, Rect]] = {}
        """Where each chip stands: its middle, whether it is narrow, and the room that is kept for it."""

    def refit(self, line: Line) -> None:
        """Let a chip whose words changed stand where it stood, if they fit into the room that was kept for it."""
        if line.chip.text and (stood := self._stood.get(line.name)):
            middle, narrow, room = stood
            rect = line.chip.rect_at(middle, narrow=narrow)
            if room[0] <= rect[0] and rect[2] <= room[2]:
                line.chip.stand(rect, narrow=narrow)
                return
        self.place(line)

    def place(self, line: Line) -> None:
        """Put the chip of a line where there is room for it, narrow if need be; without room it is not shown."""
        name = line.name
        self._chips.drop(name)
        self._stood.pop(name, None)
        if not line.chip.text:
            line.chip.stand(None)
            return
        for narrow in (False, True):
            for stop in line.stops():
                rect = line.chip.rect_at(stop, narrow=narrow)
                if self._cards.is_free(rect) and self._chips.is_free(_wider(rect)):
                    wide = _wider(rect, SPARE)
                    room = wide if self._cards.is_free(wide) and self._chips.is_free(wide) else rect
                    self._chips.put(name, room)
                    self._stood[name] = stop, narrow, room
                    line.chip.stand(rect, narrow=narrow)
                    return
        line.chip.stand(None)

    def drop(self, line: Line) -> None:
        """Forget the chip of a line that is gone."""
        self._chips.drop(line.name)
        self._stood.pop(line.name, None)


def loose_path(start: QPointF, end: QPointF, direction: str) -> QPainterPath:
    """Return the curve of a wire that is not drawn yet: what a gesture shows."""
    one, two = controls((start.x(), start.y()), (end.x(), end.y()), direction)
    path = QPainterPath(start)
    path.cubicTo(QPointF(*one), QPointF(*two), end)
    return path


def _direction(route: Route) -> str:
    return DOWN if route.down else RIGHT


def _wider(rect: Rect, by: float = 2.0) -> Rect:
    return rect[0] - by, rect[1] - 2, rect[2] + by, rect[3] + 2


def _along(points: list[Point], lengths: list[float], way: float) -> Point:
    """Return the point of a line that is so far from its beginning."""
    for (a, b), length in zip(pairwise(points), lengths, strict=True):
        if way <= length and length:
            return _towards(a, b, way / length)
        way -= length
    return points[-1]


def _path(route: Route) -> QPainterPath:
    points = route.points
    if route.direct:
        (x0, y0), (x1, y1) = start, end = points
        if abs(y0 - y1) < 0.5 or abs(x0 - x1) < 0.5:
            path = QPainterPath(QPointF(*start))
            path.lineTo(*end)
            return path
        return loose_path(QPointF(*start), QPointF(*end), _direction(route))
    path = QPainterPath(QPointF(*points[0]))
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
