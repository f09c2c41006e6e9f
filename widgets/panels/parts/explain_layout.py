"""Where several small tables stand: side by side and below each other, each as large as all of them have room."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from PySide6.QtCore import QRectF
from PySide6.QtGui import QFontMetricsF

from playground.explaining import Grid
from widgets.panels.parts.explain_numbers import Scale, scale_of
from widgets.theme import font


class Level(NamedTuple):
    """How large cells are: with numbers of this size (0: colours alone), and so many pixels high."""

    points: float
    side: float


LEVELS = (
    *(Level(8.5, 22.0), Level(8.5, 18.0), Level(7.5, 16.0), Level(6.5, 14.0)),
    *(Level(0, side) for side in (14.0, 11.0, 9.0, 7.0, 5.0, 4.0, 3.0)),
)
"""From roomy numbers down to mere colours."""

SMALLEST_NUMBERS = 3
"""The level below which there are colours alone."""

EASY = 6
"""The level of colours that are easily seen and pointed at."""

FEW = 10
"""A table of at most so many rows and columns keeps its numbers, whatever the room: then it is scrolled."""

THIN = 14.0
"""Pixels that the only row, or the only column, is thick at least."""

ACROSS, DOWN = 22.0, 12.0
"""Pixels between two tables."""

WIDEST_NAME = 84.0
"""Pixels that names beside rows may take."""


@dataclass(frozen=True)
class Placed:
    """A table in its place.

    Attributes:
        grid, scale: what is painted, and how its numbers are written.
        caption: where its name stands.
        cells: where its cells are.
        level: how large they are.
        beside, above: pixels for the names of rows and columns; 0 where they are not written.
    """

    grid: Grid
    scale: Scale
    caption: QRectF
    cells: QRectF
    level: Level
    beside: float
    above: float

    @property
    def cell(self) -> tuple[float, float]:
        """How wide and how high a cell is."""
        rows, columns = self.grid.values.shape
        return self.cells.width() / columns, self.cells.height() / rows

    def box(self, row: int, column: int) -> QRectF:
        """Return where a cell is."""
        wide, high = self.cell
        return QRectF(self.cells.left() + column * wide, self.cells.top() + row * high, wide, high)

    def at(self, x: float, y: float) -> tuple[int, int] | None:
        """Return the row and the column at a point, if there is a cell."""
        wide, high = self.cell
        row, column = int((y - self.cells.top()) // high), int((x - self.cells.left()) // wide)
        rows, columns = self.grid.values.shape
        return (row, column) if 0 <= row < rows and 0 <= column < columns else None


def arranged(grids: Sequence[Grid], width: float, height: float) -> list[Placed]:
    """Lay tables out in a room: all numbers if they fit, else the largest table gives way first."""
    sizes = [[_Size(grid, level) for level in LEVELS] for grid in grids]
    levels = [0] * len(grids)
    while True:
        chosen = [sizes[k][level] for k, level in enumerate(levels)]
        placed = _flowed(chosen, width)
        right, bottom = extent(placed)
        if right <= width and bottom <= height:
            return placed
        loose = [k for k, level in enumerate(levels) if level < _lowest(grids[k])]
        if not loose:
            return _flowed([_scrolled(one, width) for one in sizes], width)
        levels[max(loose, key=lambda k: chosen[k].width * chosen[k].height)] += 1


def extent(placed: Sequence[Placed]) -> tuple[float, float]:
    """Return how far tables reach to the right and down."""
    right = max((max(one.cells.right(), one.caption.right()) for one in placed), default=0.0)
    return right + 2, max((one.cells.bottom() for one in placed), default=0.0) + 2


def caption_of(grid: Grid, scale: Scale) -> tuple[str, str]:
    """Return a table's name, and what stands behind it: its power of ten, and which part of the whole it is."""
    rows, columns = grid.values.shape
    total = tuple(max(t, f + n) for t, f, n in zip(grid.total, grid.first, (rows, columns), strict=True))
    parts = [scale.words] if scale.words else []
    if total != (rows, columns):
        spans = [f"{f + 1}–{f + n}" if n > 1 else f"{f + 1}" for f, n in zip(grid.first, (rows, columns), strict=True)]
        shown = zip(spans, total, (rows, columns), strict=True)
        parts.append(" × ".join(f"{span} / {t}" if t != n else f"{n}" for span, t, n in shown))
    elif rows * columns > 1:
        parts.append(f"{rows} × {columns}")
    return grid.name, "  ".join(parts)


def _lowest(grid: Grid) -> int:
    return SMALLEST_NUMBERS if max(grid.values.shape) <= FEW else len(LEVELS) - 1


def _scrolled(sizes: Sequence[_Size], width: float) -> _Size:
    """Return a size that is easily seen, for tables that have to be scrolled anyway; no broader than the room."""
    first = SMALLEST_NUMBERS - 1 if _lowest(sizes[0].grid) == SMALLEST_NUMBERS else EASY
    return next((size for size in sizes[first:] if size.width + 3 <= width), sizes[-1])


class _Size:
    """How large a table is at one level, with its caption and the names of its rows and columns."""

    def __init__(self, grid: Grid, level: Level) -> None:
        self.grid, self.level, self.scale = grid, level, scale_of(grid.values)
        rows, columns = grid.values.shape
        writing = QFontMetricsF(font(level.points or 8.0))
        wide, high = level.side, level.side
        if level.points:
            ends = (self.scale.write(float(grid.values.min())), self.scale.write(float(grid.values.max())))
            wide = max(1.15 * high, max(map(writing.horizontalAdvance, ends)) + 8)
        self.cell = max(wide, THIN if columns == 1 else 0), max(high, THIN if rows == 1 else 0)
        small = QFontMetricsF(font(8.0))
        named = bool(grid.rows) and self.cell[1] >= 12
        self.beside = min(WIDEST_NAME, max(map(small.horizontalAdvance, grid.rows)) + 6) if named else 0.0
        self.above = small.height() + 2 if grid.columns and self.cell[0] >= 18 else 0.0
        name, rest = caption_of(grid, self.scale)
        self.caption = QFontMetricsF(font(9.0, semibold=True)).horizontalAdvance(f"{name}  ")
        self.caption += small.horizontalAdvance(rest) + 4
        self.head = QFontMetricsF(font(9.0)).height() + 3
        self.width = max(self.beside + columns * self.cell[0], self.caption)
        self.height = self.head + self.above + rows * self.cell[1]


def _flowed(sizes: Sequence[_Size], width: float) -> list[Placed]:
    """Put tables in rows, as writing runs."""
    placed: list[Placed] = []
    x, y, tallest = 1.0, 1.0, 0.0
    for size in sizes:
        if x > 1 and x + size.width > width:
            x, y, tallest = 1.0, y + tallest + DOWN, 0.0
        rows, columns = size.grid.values.shape
        caption = QRectF(x, y, size.width, size.head)
        left, top = x + size.beside, y + size.head + size.above
        cells = QRectF(left, top, columns * size.cell[0], rows * size.cell[1])
        placed.append(Placed(size.grid, size.scale, caption, cells, size.level, size.beside, size.above))
        x, tallest = x + size.width + ACROSS, max(tallest, size.height)
    return placed
