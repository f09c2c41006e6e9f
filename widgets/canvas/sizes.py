"""Which cards show pictures of their units, how these lie, and how much taller that makes a card. No Qt.

What is drawn follows from the document alone, so nothing moves while a network trains: as soon as it is known that a
layer over points of the plane has few units, their pictures have their room.
"""

from __future__ import annotations

from collections.abc import Callable

from playground.graph import joined
from playground.nesting import first_of
from playground.probes.neurons import units_over_plane
from playground.sheet import Sheet
from widgets.canvas.geometry import CARD_SIZE, HEIGHT, RIGHT, WIDTH, Rect, Size

TALL: Size = (WIDTH, HEIGHT + 32)
"""The card of a node with pictures in several rows. It hangs lower; its ports stay where they are on any card."""
TOP, SIDE = 62.0, 28.0
"""Where the pictures begin, and how large they are at most."""
IN_A_ROW = 4
"""Pictures of full size that stand side by side."""
GAP = 2.5
"""The distance between pictures."""


def units_drawn(sheet: Sheet) -> dict[str, int]:
    """Say for every node that is drawn and has pictures of its units how many these are."""
    there = units_over_plane(sheet.document.now.source, sheet.document.report)
    return {id: there[path] for id in sheet.graph.nodes if (path := sheet.path(id)) in there} if there else {}


def card_size(units: int, direction: str = RIGHT) -> Size:
    """Return the size of a card with so many pictures; where data flow down, its lower edge stays where it is."""
    return TALL if units > IN_A_ROW and direction == RIGHT else CARD_SIZE


def tall_cards(sheet: Sheet, direction: str) -> Callable[[str], Size | None]:
    """Return what says, for a path from the sheet's level on, how large a card is that is not as usual."""
    there = units_over_plane(sheet.document.now.source, sheet.document.report) if direction == RIGHT else {}
    whole, level = sheet.document.now.graph, sheet.level

    def size(path: str) -> Size | None:
        place = joined(level, path)
        units = there.get(first_of(whole, place) if "." in place else place, 0)
        return TALL if units > IN_A_ROW else None

    return size if there else lambda path: None


def pictures(units: int, left: float, right: float, size: Size) -> list[Rect]:
    """Return where the pictures lie on a card of a size, between two sides of it."""
    high = size[1] - HEIGHT + SIDE

    def side_of(columns: int) -> float:
        rows = -(-units // columns)
        return min(SIDE, (right - left + GAP) / columns - GAP, (high + GAP) / rows - GAP)

    columns = max(range(1, units + 1), key=lambda columns: (round(side_of(columns), 3), -columns))
    if units <= IN_A_ROW:
        columns = units
    step = side_of(columns) + GAP
    corners = ((left + k % columns * step, TOP + k // columns * step) for k in range(units))
    return [(x, y, x + step - GAP, y + step - GAP) for x, y in corners]
