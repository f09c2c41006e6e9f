"""The weights of a small Dense on the wire into it: a line from every unit before it to each of its own."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QStaticText
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from widgets.canvas.geometry import DOWN, Point, Rect, overlap
from widgets.canvas.line import loose_path
from widgets.canvas.look import Look, label
from widgets.canvas.routing import curve, distance

Array = np.ndarray[Any, Any]

DRAWN_ABOVE = 0.4
"""The zoom from which on the lines are drawn instead of the wire."""
NUMBERS_ABOVE = 1.6
"""The zoom from which on every line has its number, where there are few enough of them."""
MOST_NUMBERS = 16
THINNEST, THICKEST = 0.7, 5.0
"""The widths of a weight of nothing and of the largest one."""
STEP = 0.5
"""The least difference of widths."""
APART = 18.0
"""The distance between two ends, where there is room."""
ROOM = 84.0
"""How much of the edge of a card the ends may take."""
DOT = 2.2
NUMBER = (21.0, 9.0)
"""The room that a number takes, whatever it is: so it stays where it is while it changes."""
SHARES = (0.5, 0.34, 0.66, 0.2, 0.8, 0.42, 0.58, 0.27, 0.73, 0.12, 0.88)
"""At which shares of its line a number may stand."""
BEFORE = 7.0
"""How far from the edge of a card the lines end, clear of its port."""


class Ends(NamedTuple):
    """Where the lines of a fan begin and end, and which way they run."""

    begins: tuple[Point, ...]
    ends: tuple[Point, ...]
    direction: str


class Fan(QGraphicsItem):
    """The lines of one wire.

    Attributes:
        weights: one for each line, (ends, beginnings): as in the layer itself.
        lit: the line under the pointer, as (end, beginning), or None.
    """

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.look = look
        self.weights: Array = np.zeros((0, 0))
        self.lit: tuple[int, int] | None = None
        self._reach = 1.0
        self._ends = Ends((), (), "")
        self._paths: dict[tuple[int, int], QPainterPath] = {}
        self._points: dict[tuple[int, int], list[Point]] = {}
        self._lines: list[tuple[QPainterPath, QPen]] = []
        self._numbers: dict[tuple[int, int], QStaticText] = {}
        self._places: dict[tuple[int, int], Point] = {}
        self._bounds = QRectF()
        self.setZValue(0.5)
        self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)  # lines are drawn when they change, not moved

    def stand(self, source: Point, target: Point, inputs: int, units: int, direction: str) -> None:
        """Run from the port of one card to that of another."""
        ends = Ends(_along(source, inputs, direction, 1), _along(target, units, direction, -1), direction)
        if ends == self._ends:
            return
        self.prepareGeometryChange()
        self._ends, self._paths, self._points, self._places = ends, {}, {}, {}
        for i, begin in enumerate(ends.begins):
            for j, end in enumerate(ends.ends):
                self._paths[j, i] = loose_path(QPointF(*begin), QPointF(*end), direction)
                self._points[j, i] = curve(begin, end, direction=direction)
        xs, ys = zip(*ends.begins, *ends.ends, strict=True)
        self._bounds = QRectF(QPointF(min(xs), min(ys)), QPointF(max(xs), max(ys))).adjusted(-10, -10, 10, 10)
        self._make_lines()

    def show_weights(self, weights: Array, reach: float) -> None:
        """Show these weights (units, inputs); `reach` is the one that is drawn thickest, the same for all fans."""
        self.weights, self._reach = weights, reach
        self._numbers.clear()
        self._make_lines()

    def colour(self, weight: float) -> QColor:
        """Return the colour of a weight: that of its sign."""
        return self.look.above if weight > 0 else self.look.below

    def width(self, weight: float) -> float:
        """Return how thick the line of a weight is, in steps that can just be told apart."""
        grown = (THICKEST - THINNEST) * min(1.0, abs(weight) / self._reach)
        return THINNEST + round(grown / STEP) * STEP

    def pen(self, weight: float) -> QPen:
        """Return what the line of a weight is drawn with; its sign is told by dashes too, not by colour alone."""
        pen = QPen(self.colour(weight), self.width(weight))
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        if weight < 0:
            pen.setDashPattern([6.0 / pen.widthF(), 3.0 / pen.widthF()])
        return pen

    def _make_lines(self) -> None:
        """Join the lines that share a pen, for few long paths are drawn faster than many short ones.

        Thin ones come first, so that what matters lies on top.
        """
        self._lines = []
        self.update()
        if self.weights.shape != (len(self._ends.ends), len(self._ends.begins)):
            return
        weights = np.nan_to_num(self.weights).tolist()
        alike: dict[tuple[float, bool], list[tuple[int, int]]] = {}
        for j, i in self._paths:
            alike.setdefault((self.width(weights[j][i]), weights[j][i] > 0), []).append((j, i))
        for shared in sorted(alike):
            path = QPainterPath()
            for key in alike[shared]:
                path.addPath(self._paths[key])
            j, i = alike[shared][0]
            self._lines.append((path, self.pen(weights[j][i])))

    def recolour(self) -> None:
        """Take the colours of the present theme."""
        self._numbers.clear()
        self._make_lines()

    def light(self, line: tuple[int, int] | None) -> None:
        """Say the number of one line, and of no other."""
        if line != self.lit:
            self.lit = line
            self.update()

    def line_at(self, x: float, y: float, radius: float) -> tuple[int, int] | None:
        """Return the line nearest to a point of the scene within the radius."""
        if not self._lines or not self._bounds.contains(x, y):
            return None
        away, key = min((distance(points, x, y), key) for key, points in self._points.items())
        return key if away <= radius else None

    # -- Qt ----------------------------------------------------------------------------------------------------

    def boundingRect(self) -> QRectF:
        return self._bounds

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        if not self._lines:
            return
        zoom = painter.worldTransform().m11()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for path, pen in self._lines:
            painter.setPen(pen)
            painter.drawPath(path)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.look.dim)
        for x, y in (*self._ends.begins, *self._ends.ends):
            painter.drawEllipse(QPointF(x, y), DOT, DOT)
        if zoom >= NUMBERS_ABOVE and len(self._paths) <= MOST_NUMBERS:
            for key in self._paths:
                if key in self._places_of_numbers():
                    self._paint_number(painter, key, self._places[key])
        if self.lit in self._paths:
            self._paint_lit(painter, self.lit)

    def _paint_lit(self, painter: QPainter, key: tuple[int, int]) -> None:
        path, pen = self._paths[key], self.pen(float(np.nan_to_num(self.weights[key])))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(self.look.text, pen.widthF() + 2.5))
        painter.drawPath(path)
        painter.setPen(QPen(pen.color(), pen.widthF()))
        painter.drawPath(path)
        self._paint_number(painter, key, self._places_of_numbers().get(key) or _at(self._points[key], 0.5))

    def _paint_number(self, painter: QPainter, key: tuple[int, int], place: Point) -> None:
        if (text := self._numbers.get(key)) is None:
            text = self._numbers[key] = label(number(float(self.weights[key])), self.look.tiny_font)
        x, y = place
        size = text.size()
        box = QRectF(x - size.width() / 2 - 2, y - size.height() / 2, size.width() + 4, size.height())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.look.canvas)
        painter.drawRoundedRect(box, 3, 3)
        painter.setPen(self.look.above_text if self.weights[key] > 0 else self.look.below_text)
        painter.setFont(self.look.tiny_font)
        painter.drawStaticText(box.topLeft() + QPointF(2, 0), text)

    def _places_of_numbers(self) -> dict[tuple[int, int], Point]:
        """Return where on its line each number covers no other; one that finds no place is shown under the pointer."""
        if not self._places:
            taken: list[Rect] = []
            for key, points in self._points.items():
                for share in SHARES:
                    x, y = _at(points, share)
                    mine = (x - NUMBER[0] / 2, y - NUMBER[1] / 2, x + NUMBER[0] / 2, y + NUMBER[1] / 2)
                    if not any(overlap(mine, other) for other in taken):
                        taken.append(mine)
                        self._places[key] = (x, y)
                        break
        return self._places


def _at(points: list[Point], share: float) -> Point:
    at = share * (len(points) - 1)
    k = min(int(at), len(points) - 2)
    (x0, y0), (x1, y1) = points[k], points[k + 1]
    return x0 + (x1 - x0) * (at - k), y0 + (y1 - y0) * (at - k)


def number(value: float) -> str:
    """Write a weight with its sign in as little room as it can be read in."""
    if not np.isfinite(value):
        return "?"
    text = f"{abs(value):.2f}" if abs(value) < 100 else f"{abs(value):.3g}"
    return f"−{text}" if value < 0 else text


def _along(port: Point, count: int, direction: str, way: int) -> tuple[Point, ...]:
    """Spread so many ends along the edge of a card, about its port."""
    step = min(APART, ROOM / max(1, count - 1))
    across = [(k - (count - 1) / 2) * step for k in range(count)]
    x, y = port
    if direction == DOWN:
        return tuple((x + by, y + way * BEFORE) for by in across)
    return tuple((x + way * BEFORE, y + by) for by in across)
