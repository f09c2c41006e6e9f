"""The sizes of cards, where their ports sit, and rectangles in buckets: plain numbers that need no Qt.

Everything is in scene units (pixels at 100 %). A node's place is the top left corner of its card.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from playground.block import Block

Point = tuple[float, float]
Rect = tuple[float, float, float, float]
"""Left, top, right, bottom."""
Size = tuple[float, float]
"""Width and height."""

RIGHT, DOWN = "right", "down"
"""Which way the data flow: the values of `View.direction`."""

WIDTH, HEIGHT = 144.0, 96.0
CARD_SIZE: Size = (WIDTH, HEIGHT)
GAP_X, GAP_Y = 96.0, 64.0
PITCH_X, PITCH_Y = WIDTH + GAP_X, HEIGHT + GAP_Y
GRID = 8.0
PORT_RADIUS = 5.0


def input_spots(block: Block, direction: str = RIGHT) -> dict[str, Point]:
    """Return where each input port sits on the edge of the card from which the data come."""
    return _spread(tuple(port.name for port in block.ports()), 0.0, direction)


def output_spots(block: Block, direction: str = RIGHT) -> dict[str, Point]:
    """Return where each output port sits on the edge of the card to which the data go."""
    return _spread(tuple(block.outputs), HEIGHT if direction == DOWN else WIDTH, direction)


@cache
def _spread(names: tuple[str, ...], edge: float, direction: str) -> dict[str, Point]:
    shares = {name: (i + 1) / (len(names) + 1) for i, name in enumerate(names)}
    if direction == DOWN:
        return {name: (WIDTH * share, edge) for name, share in shares.items()}
    return {name: (edge, HEIGHT * share) for name, share in shares.items()}


def box(place: Point, size: Size = CARD_SIZE) -> Rect:
    """Return the rectangle of a card, or of something of another size."""
    return place[0], place[1], place[0] + size[0], place[1] + size[1]


def turned(point: Point) -> Point:
    """Swap the axes: what runs down is reckoned as if it ran to the right."""
    return point[1], point[0]


def turned_rect(rect: Rect) -> Rect:
    """Swap the axes of a rectangle."""
    return rect[1], rect[0], rect[3], rect[2]


def overlap(a: Rect, b: Rect, margin: float = 0.0) -> bool:
    """Whether two rectangles come closer than the margin."""
    return a[0] < b[2] + margin and b[0] < a[2] + margin and a[1] < b[3] + margin and b[1] < a[3] + margin


def snapped(value: float) -> float:
    """Return the nearest line of the grid."""
    return round(value / GRID) * GRID


class Buckets:
    """Rectangles by name, found by where they are without looking at all of them."""

    SIZE = 256.0

    def __init__(self) -> None:
        self._rects: dict[str, Rect] = {}
        self._cells: dict[tuple[int, int], set[str]] = {}

    def put(self, name: str, rect: Rect) -> None:
        """Remember a rectangle, or that it is somewhere else now."""
        if self._rects.get(name) == rect:
            return
        self.drop(name)
        self._rects[name] = rect
        for cell in self._span(rect):
            self._cells.setdefault(cell, set()).add(name)

    def drop(self, name: str) -> None:
        """Forget a rectangle."""
        if (rect := self._rects.pop(name, None)) is not None:
            for cell in self._span(rect):
                self._cells[cell].discard(name)

    def near(self, rect: Rect) -> dict[str, Rect]:
        """Return every rectangle that overlaps this one, by name."""
        cells = list(self._span(rect))
        if len(cells) > len(self._rects):
            return {name: mine for name, mine in self._rects.items() if overlap(mine, rect)}
        names = set().union(*(self._cells.get(cell, ()) for cell in cells))
        return {name: self._rects[name] for name in names if overlap(self._rects[name], rect)}

    def is_free(self, rect: Rect) -> bool:
        """Whether no rectangle overlaps this one."""
        for cell in self._span(rect):
            for name in self._cells.get(cell, ()):
                if overlap(self._rects[name], rect):
                    return False
        return True

    def _span(self, rect: Rect) -> Iterator[tuple[int, int]]:
        size = self.SIZE
        top, bottom = int(rect[1] // size), int(rect[3] // size)
        for column in range(int(rect[0] // size), int(rect[2] // size) + 1):
            for row in range(top, bottom + 1):
                yield column, row
