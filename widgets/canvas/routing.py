"""The way a wire takes: a smooth curve where the way is free, else round corners between the cards. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import NamedTuple

from widgets.canvas.geometry import Point, Rect, overlap

CORNER = 14.0
"""Radius of the corners."""
STUBS = (20.0, 30.0, 44.0)
"""How far a wire may run out of a port before it turns."""
REACH = 800.0
"""How far above and below its ends a way is looked for."""
CLEAR = 10.0
"""The distance that is kept from cards."""
LANE = 9.0
"""The distance between two wires that run side by side."""


class Channel(NamedTuple):
    """The horizontal stretch that a wire occupies between the rows."""

    y: float
    left: float
    right: float
    source: str


class Route(NamedTuple):
    """The way of a wire. A direct one is a curve between two points, others are corners to be rounded."""

    points: tuple[Point, ...]
    channel: Channel | None = None

    @property
    def direct(self) -> bool:
        """Whether it is one curve from port to port."""
        return self.channel is None

    @property
    def middle(self) -> Point:
        """Where the label sits."""
        if self.channel:
            return (self.channel.left + self.channel.right) / 2, self.channel.y
        (x0, y0), (x1, y1) = self.points
        return (x0 + x1) / 2, (y0 + y1) / 2


def handle(start: Point, end: Point) -> float:
    """Return how far the control points of a direct curve reach."""
    return max(24.0, (end[0] - start[0]) / 2)


def curve(start: Point, end: Point, steps: int = 12) -> list[Point]:
    """Sample the direct curve, ends included."""
    if abs(start[1] - end[1]) < 0.5:
        return [start, end]
    reach = handle(start, end)
    points = []
    for i in range(steps + 1):
        t = i / steps
        s = 1 - t
        a, b, c, d = s * s * s, 3 * s * s * t, 3 * s * t * t, t * t * t
        x = a * start[0] + b * (start[0] + reach) + c * (end[0] - reach) + d * end[0]
        points.append((x, (a + b) * start[1] + (c + d) * end[1]))
    return points


def route(
    start: Point, end: Point, near: Callable[[Rect], Iterable[Rect]], taken: Iterable[Channel] = (), source: str = ""
) -> Route:
    """Find the way from an output port to an input port.

    `near` returns the cards that overlap a rectangle; `taken` are the channels of other wires, beside which this
    one runs unless they come from the same `source`.
    """
    if end[0] - start[0] >= 24 and _free(start, end, near):
        return Route((start, end))
    return _around(start, end, near, [channel for channel in taken if channel.source != source], source)


def _free(start: Point, end: Point, near: Callable[[Rect], Iterable[Rect]]) -> bool:
    top, bottom = min(start[1], end[1]), max(start[1], end[1])
    inside = (start[0] + 2, top - 4, end[0] - 2, bottom + 4)
    cards = [card for card in near(inside) if card[2] > start[0] + 1 and card[0] < end[0] - 1]
    if not cards:
        return True
    points = curve(start, end, 24)
    return len(points) > 2 and not any(
        card[0] - 6 < x < card[2] + 6 and card[1] - 6 < y < card[3] + 6 for card in cards for x, y in points[1:-1]
    )


def _around(
    start: Point, end: Point, near: Callable[[Rect], Iterable[Rect]], taken: list[Channel], source: str
) -> Route:
    top, bottom = min(start[1], end[1]) - REACH, max(start[1], end[1]) + REACH
    left, right = min(start[0], end[0]) - 60, max(start[0], end[0]) + 60
    cards = list(near((left, top, right, bottom)))
    best: tuple[float, Route] | None = None
    for out in STUBS:
        xs, xt = start[0] + out, end[0] - out
        lo, hi = min(xs, xt), max(xs, xt)
        for y in _channels(cards, lo - CLEAR, hi + CLEAR, start[1], end[1]):
            middle, y = y, _beside(y, lo, hi, taken)
            blocked = _blocked(cards, xs, start[1], y) + _blocked(cards, xt, y, end[1])
            cost = abs(start[1] - middle) + abs(end[1] - middle) + out + 10_000 * blocked
            if best is None or cost < best[0]:
                points = (start, (xs, start[1]), (xs, y), (xt, y), (xt, end[1]), end)
                best = (cost, Route(points, Channel(y, lo, hi, source)))
        if best and best[0] < 10_000:
            break
    assert best is not None  # there is always room above everything
    return best[1]


def _channels(cards: list[Rect], left: float, right: float, *levels: float) -> list[float]:
    """Return the heights at which a horizontal line from left to right meets no card."""
    spans = sorted((card[1] - CLEAR, card[3] + CLEAR) for card in cards if card[0] < right and card[2] > left)
    if not spans:
        return [sum(levels) / len(levels)]
    found = [spans[0][0] - 18]
    bottom = spans[0][1]
    for low, high in spans[1:]:
        if low > bottom:
            wide = low - bottom > 120
            found += [bottom + 18, low - 18] if wide else [(bottom + low) / 2]
        bottom = max(bottom, high)
    return [*found, bottom + 18]


def _beside(y: float, left: float, right: float, taken: list[Channel]) -> float:
    """Move a little aside where another wire runs."""
    for offset in (0.0, -LANE, LANE, -2 * LANE, 2 * LANE, -3 * LANE, 3 * LANE):
        if not any(abs(c.y - y - offset) < LANE - 1 and c.left < right and c.right > left for c in taken):
            return y + offset
    return y


def _blocked(cards: list[Rect], x: float, a: float, b: float) -> bool:
    line = (x - 4, min(a, b), x + 4, max(a, b))
    return any(overlap(card, line) for card in cards)


def distance(points: list[Point], x: float, y: float) -> float:
    """Return how far a point lies from a line through the points."""
    best = float("inf")
    for (ax, ay), (bx, by) in pairwise(points):
        dx, dy = bx - ax, by - ay
        length = dx * dx + dy * dy
        t = 0.0 if length == 0 else min(1.0, max(0.0, ((x - ax) * dx + (y - ay) * dy) / length))
        best = min(best, (ax + t * dx - x) ** 2 + (ay + t * dy - y) ** 2)
    return best**0.5
