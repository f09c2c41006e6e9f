"""The way a wire takes: a smooth curve where the way is free, else round corners between the cards. No Qt.

All reckoning is done as if the data flowed to the right; where they flow down, the axes are swapped on the way in
and on the way out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import NamedTuple

from widgets.canvas.detours import detour
from widgets.canvas.geometry import DOWN, RIGHT, Point, Rect, overlap, turned, turned_rect
from widgets.canvas.lanes import Ends, Lanes

CORNER = 14.0
"""Radius of the corners."""
STUBS = (20.0, 28.0, 36.0, 44.0, 52.0, 60.0, 68.0, 76.0)
"""How far a wire may run out of a port before it turns."""
REACH = 800.0
"""How far beside its ends a way is looked for."""
CLEAR = 10.0
"""The distance that is kept from cards."""
BESIDE = {RIGHT: 28.0, DOWN: 46.0}
"""How far from a card a wire passes that has room: the shape on it shall not be hidden."""
LANE = 24.0
"""The distance between two wires that run side by side where there is room; half of it elsewhere."""
UNDER = 140.0
"""What it costs a shortcut to run under the cards, where the sentences about problems stand."""
BEND = 12.0
"""A corner costs as much as so much more way."""
CROSSED, CROWDED, BLOCKED = 60.0, 400.0, 100_000.0
"""What it costs to cross a wire, to run on one, and to run through a card."""

Near = Callable[[Rect], Iterable[Rect]]
"""Returns the cards that overlap a rectangle."""


class Route(NamedTuple):
    """The way of a wire. A direct one is a curve between two points, others are corners to be rounded."""

    points: tuple[Point, ...]
    down: bool = False

    @property
    def direct(self) -> bool:
        """Whether it is one curve from port to port."""
        return len(self.points) == 2

    @property
    def middle(self) -> Point:
        """Where the label sits: in the middle of the longest stretch along the flow."""
        axis = 1 if self.down else 0
        a, b = max(pairwise(self.points), key=lambda ends: abs(ends[1][axis] - ends[0][axis]))
        return (a[0] + b[0]) / 2, (a[1] + b[1]) / 2


def controls(start: Point, end: Point, direction: str = RIGHT) -> tuple[Point, Point]:
    """Return the two control points of the direct curve."""
    if direction == DOWN:
        reach = _handle(end[1] - start[1])
        return (start[0], start[1] + reach), (end[0], end[1] - reach)
    reach = _handle(end[0] - start[0])
    return (start[0] + reach, start[1]), (end[0] - reach, end[1])


def curve(start: Point, end: Point, steps: int = 12, direction: str = RIGHT) -> list[Point]:
    """Sample the direct curve, ends included."""
    if abs(start[1] - end[1]) < 0.5 or abs(start[0] - end[0]) < 0.5:
        return [start, end]
    one, two = controls(start, end, direction)
    points = []
    for i in range(steps + 1):
        t = i / steps
        s = 1 - t
        a, b, c, d = s * s * s, 3 * s * s * t, 3 * s * t * t, t * t * t
        points.append(
            (
                a * start[0] + b * one[0] + c * two[0] + d * end[0],
                a * start[1] + b * one[1] + c * two[1] + d * end[1],
            )
        )
    return points


def route(
    start: Point,
    end: Point,
    near: Near,
    lanes: Lanes | None = None,
    ends: Ends = ("", ""),
    direction: str = RIGHT,
) -> Route:
    """Find the way from an output port to an input port.

    `lanes` are the stretches of other wires: this one runs beside those that have neither end in common with it.
    """
    if direction == DOWN:
        a, b = turned(start), turned(end)
        points = _way(a, b, lambda rect: map(turned_rect, near(turned_rect(rect))), lanes or Lanes(), ends, DOWN)
        return Route(tuple(map(turned, points)), True)
    return Route(tuple(_way(start, end, near, lanes or Lanes(), ends, RIGHT)))


def occupied(route: Route) -> list[tuple[Point, Point]]:
    """Return the stretches of a route for `Lanes`, as if it ran to the right; those of a curve are roughly so."""
    points = [turned(point) for point in route.points] if route.down else list(route.points)
    if route.direct:
        (x0, y0), (x1, y1) = points
        middle = (x0 + x1) / 2
        points = [points[0], (middle, y0), (middle, y1), points[1]] if abs(y0 - y1) > 4 else points
    return list(pairwise(points))


def distance(points: list[Point], x: float, y: float) -> float:
    """Return how far a point lies from a line through the points."""
    best = float("inf")
    for (ax, ay), (bx, by) in pairwise(points):
        dx, dy = bx - ax, by - ay
        length = dx * dx + dy * dy
        t = 0.0 if length == 0 else min(1.0, max(0.0, ((x - ax) * dx + (y - ay) * dy) / length))
        best = min(best, (ax + t * dx - x) ** 2 + (ay + t * dy - y) ** 2)
    return float(best**0.5)


def _handle(ahead: float) -> float:
    """Return how far the control points of a direct curve reach."""
    return max(24.0, ahead / 2)


def _way(start: Point, end: Point, near: Near, lanes: Lanes, ends: Ends, direction: str) -> list[Point]:
    if end[0] - start[0] >= 24 and _free(start, end, near):
        return [start, end]
    top, bottom = min(start[1], end[1]) - REACH, max(start[1], end[1]) + REACH
    left, right = min(start[0], end[0]) - 100, max(start[0], end[0]) + 100
    cards = list(near((left, top, right, bottom)))
    cost, points = Search(start, end, cards, lanes, ends, BESIDE[direction] - CLEAR).best()
    if cost >= BLOCKED:
        points = detour(start, end, cards, STUBS[0], CLEAR) or points
    return points


def _free(start: Point, end: Point, near: Near) -> bool:
    """Whether the curve from port to port meets no card; both its coordinates only ever grow or only ever fall."""
    (x0, y0), (x1, y1) = start, end
    inside = (x0 + 2, min(y0, y1) - 6, x1 - 2, max(y0, y1) + 6)
    cards = [card for card in near(inside) if card[2] > x0 + 1 and card[0] < x1 - 1]
    for left, top, right, bottom in cards:
        a, b = _height(start, end, left - 6), _height(start, end, right + 6)
        if min(a, b) < bottom + 6 and max(a, b) > top - 6:
            return False
    return True


def _height(start: Point, end: Point, x: float) -> float:
    """Return the height of the direct curve over a place."""
    (x0, y0), (x1, y1) = start, end
    if x <= x0 or x >= x1:
        return y0 if x <= x0 else y1
    reach, low, high = _handle(x1 - x0), 0.0, 1.0
    for _ in range(14):
        t = (low + high) / 2
        s = 1 - t
        at = s * s * s * x0 + 3 * s * s * t * (x0 + reach) + 3 * s * t * t * (x1 - reach) + t * t * t * x1
        low, high = (t, high) if at < x else (low, t)
    return y0 + (3 - 2 * low) * low * low * (y1 - y0)


class Search:
    """Looks for the cheapest way of the kind: out of the port, across, along between the cards, across, in."""

    def __init__(self, start: Point, end: Point, cards: list[Rect], lanes: Lanes, ends: Ends, beside: float) -> None:
        self.start, self.end, self.cards, self.lanes, self.ends = start, end, cards, lanes, ends
        self.beside = beside
        self.leaving = self._beside([start[0] + out for out in STUBS])
        self.arriving = self._beside([end[0] - out for out in STUBS])

    def best(self) -> tuple[float, list[Point]]:
        """Return the cheapest way and its cost."""
        (x0, y0), (x1, y1) = self.start, self.end
        first, last = x0 + STUBS[0], x1 - STUBS[0]
        best: tuple[float, list[Point]] = (float("inf"), [])
        for y in self._levels(min(first, last), max(first, last)):
            aside = self._aside(y)
            if aside >= best[0]:
                break  # those that follow are further away
            out, xs = self._across(self.leaving, x0, y0, y)
            if aside + out >= best[0]:
                continue
            into, xt = self._across(self.arriving, x1, y1, y)
            cost = aside + out + into
            if cost < best[0]:
                cost += self._along(y, xs, xt)
            if cost < best[0]:
                best = (cost, _corners([self.start, (xs, y0), (xs, y), (xt, y), (xt, y1), self.end]))
        return best

    def _beside(self, xs: list[float]) -> list[tuple[float, list[Rect]]]:
        """Say for every place where a wire may turn which cards stand in its way somewhere."""
        near = [c for c in self.cards if c[0] < max(xs) + CLEAR and c[2] > min(xs) - CLEAR]
        return [(x, [c for c in near if c[0] - CLEAR < x < c[2] + CLEAR]) for x in xs]

    def _across(self, places: list[tuple[float, list[Rect]]], port: float, a: float, b: float) -> tuple[float, float]:
        """Return the least cost of turning from one height to another, and where."""
        if abs(a - b) < 0.5:
            return 0.0, places[0][0]
        low, high = min(a, b), max(a, b)
        best = (float("inf"), 0.0)
        for x, cards in places:
            cost = 2 * BEND + 0.3 * abs(x - port)
            if cost >= best[0]:
                break
            cost += CROSSED * self.lanes.crossed(x, low, high, self.ends, level=False)
            if any(c[1] - CLEAR < high and c[3] + CLEAR > low for c in cards):
                cost += BLOCKED
            if self.lanes.crowded(x, low, high, self.ends, LANE / 3 - 1, level=False):
                cost += CROWDED
            best = min(best, (cost, x))
        return best

    def _along(self, y: float, xs: float, xt: float) -> float:
        low, high = min(xs, xt), max(xs, xt)
        line = (low, y - CLEAR + 1, high, y + CLEAR - 1)
        cost = BLOCKED if any(overlap(card, line) for card in self.cards if card[1] < y + 20) else 0.0
        cost += CROSSED * self.lanes.crossed(y, low, high, self.ends, level=True)
        for apart, price in ((LANE / 2 - 1, CROWDED), (LANE - 1, CROWDED / 10)):
            if self.lanes.crowded(y, low, high, self.ends, apart, level=True):
                return cost + price
        return cost

    def _levels(self, left: float, right: float) -> list[float]:
        """Return heights at which a straight line from left to right meets no card, the nearest first."""
        y0, y1 = self.start[1], self.end[1]
        cards = [c for c in self.cards if c[0] < right + CLEAR and c[2] > left - CLEAR]
        spans = sorted((c[1] - CLEAR, c[3] + CLEAR) for c in cards)
        if not spans:
            return [y0, y1, (y0 + y1) / 2, *(y0 + side * k * LANE for k in (2, 3, 4) for side in (-1, 1))]
        found = [spans[0][0] - self.beside - k * LANE for k in range(12)]
        bottom = spans[0][1]
        for low, high in spans[1:]:
            if low > bottom:
                found += _within(bottom, low, self.beside)
            bottom = max(bottom, high)
        found += [bottom + self.beside + k * LANE for k in range(12)]
        found += [y for y in (y0, y1) if not any(low < y < high for low, high in spans)]
        return sorted(found, key=self._aside)

    def _aside(self, y: float) -> float:
        """Say how far it is to a height and back; shortcuts rather run over the cards, so that they nest."""
        y0, y1 = self.start[1], self.end[1]
        under = y > max(y0, y1) and abs(y0 - y1) < LANE
        return abs(y - y0) + abs(y - y1) + (UNDER if under else 0.0)


def _within(low: float, high: float, beside: float) -> list[float]:
    """Return the heights to run at between two cards that leave so much free."""
    room, middle = high - low, (low + high) / 2
    if room < 24:
        return [middle]
    found = [middle]
    wide = room > 2 * beside + 2 * LANE
    step = LANE if wide else LANE / 2
    for k in range(1, int(room / 2 / step) + 1):
        found += [middle - k * step, middle + k * step]
    if wide:  # so that an arch keeps the same distance from its cards as one that is alone
        found += [low + beside, high - beside]
    margin = beside if wide else 4.0
    return [y for y in found if low + margin <= y <= high - margin]


def _corners(points: list[Point]) -> list[Point]:
    """Leave out points at which nothing turns."""
    kept = [points[0]]
    for point, after in pairwise(points[1:]):
        before = kept[-1]
        same = abs(point[0] - before[0]) < 0.5 and abs(point[1] - before[1]) < 0.5
        straight = (abs(before[0] - point[0]) < 0.5 and abs(point[0] - after[0]) < 0.5) or (
            abs(before[1] - point[1]) < 0.5 and abs(point[1] - after[1]) < 0.5
        )
        if not same and not (straight and _between(before, point, after)):
            kept.append(point)
    return [*kept, points[-1]]


def _between(a: Point, b: Point, c: Point) -> bool:
    return (
        min(a[0], c[0]) - 0.5 <= b[0] <= max(a[0], c[0]) + 0.5
        and min(a[1], c[1]) - 0.5 <= b[1] <= max(a[1], c[1]) + 0.5
    )
