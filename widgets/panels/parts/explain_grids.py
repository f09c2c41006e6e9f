"""The tables a number was taken from, painted by one widget: what enters is outlined, what is looked at framed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QLineF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from playground.explaining import Grid
from playground.text import tr
from widgets.panels.parts.explain_layout import Placed, arranged, caption_of, extent
from widgets.panels.parts.explain_numbers import written
from widgets.panels.parts.grids import STEPS, paint_grid, paint_map, reach
from widgets.theme import current, font


class GridsView(QWidget):
    """Paints tables of numbers in the room they are given.

    Signals:
        entryChosen(object): look at this entry instead, a tuple of its places on all axes.
        pointed(str, str): what the pointer is over, in words, and its number alone; empty over nothing.
    """

    entryChosen = Signal(object)
    pointed = Signal(str, str)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.placed: list[Placed] = []
        self._grids: tuple[Grid, ...] = ()
        self._shape: tuple[int, ...] = ()

    def show_grids(self, grids: Sequence[Grid], shape: tuple[int, ...]) -> None:
        """Show other tables; `shape` are the sizes of the axes along which an entry is chosen."""
        self._grids, self._shape = tuple(grid for grid in grids if grid.values.size), shape
        self.setAccessibleDescription("; ".join(_told(grid, *grid.chosen) for grid in self._grids if grid.chosen))

    def arrange(self, width: float, height: float) -> QSize:
        """Lay the tables out in a room and return how much of it, or beyond it, they take."""
        self.placed = arranged(self._grids, width, height)
        self.update()
        right, bottom = extent(self.placed)
        return QSize(round(max(right, width)), round(bottom) + 2)

    def cell_at(self, x: float, y: float) -> tuple[Placed, int, int] | None:
        """Return the table, the row and the column at a point."""
        found = ((one, one.at(x, y)) for one in self.placed)
        return next(((one, *cell) for one, cell in found if cell is not None), None)

    def walk(self, down: int, right: int) -> None:
        """Look at the entry beside the present one, beyond the part that is shown too."""
        for grid in self._grids:
            if grid.chosen is not None and grid.entries is not None:
                self._choose(grid, grid.chosen[0] + down, grid.chosen[1] + right)
                return

    def _choose(self, grid: Grid, row: int, column: int) -> None:
        entry = entry_of(grid, row, column)
        if len(entry) == len(self._shape) and all(0 <= at < n for at, n in zip(entry, self._shape, strict=True)):
            self.entryChosen.emit(entry)

    # -- painting ----------------------------------------------------------------------------------------------

    def _paint_table(self, painter: QPainter, one: Placed) -> None:
        values = one.grid.values
        if one.level.points:
            paint_grid(painter, one.cells, values, None, lambda i, j: one.scale.write(float(values[i, j])))
        else:
            paint_map(painter, one.cells, values, reach(values))
        self._paint_caption(painter, one)
        self._paint_names(painter, one)
        if one.grid.lit is not None:
            thick = 2.0 if min(one.cell) >= 9 else 1.0
            painter.setPen(QPen(QColor(current().accent), thick))
            painter.drawLines(_outline(one))
        if one.grid.chosen is not None:
            self._paint_chosen(painter, one.box(*one.grid.chosen), live=one.grid.entries is not None)

    def _paint_caption(self, painter: QPainter, one: Placed) -> None:
        name, rest = caption_of(one.grid, one.scale)
        painter.setFont(font(9.0, semibold=True))
        painter.setPen(QColor(current().text))
        painter.drawText(one.caption, _LEFT, name)
        behind = QFontMetricsF(painter.font()).horizontalAdvance(f"{name}  ")
        painter.setFont(font(8.0))
        painter.setPen(QColor(current().dim))
        painter.drawText(one.caption.adjusted(behind, 0, 0, 0), _LEFT, rest)

    def _paint_names(self, painter: QPainter, one: Placed) -> None:
        """Write the names of rows and columns, the chosen ones in the text colour."""
        painter.setFont(font(8.0))
        metrics, elide = QFontMetricsF(painter.font()), Qt.TextElideMode.ElideRight
        row, column = one.grid.chosen or (-1, -1)
        for k, name in enumerate(one.grid.rows if one.beside else ()):
            box = one.box(k, 0)
            box.setRect(one.cells.left() - one.beside, box.top(), one.beside - 4, box.height())
            painter.setPen(QColor(current().text if k == row else current().dim))
            painter.drawText(box, _RIGHT, metrics.elidedText(name, elide, box.width()))
        for k, name in enumerate(one.grid.columns if one.above else ()):
            box = one.box(0, k)
            box.setRect(box.left(), one.cells.top() - one.above, box.width(), one.above)
            painter.setPen(QColor(current().text if k == column else current().dim))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, metrics.elidedText(name, elide, box.width() - 1))

    def _paint_chosen(self, painter: QPainter, box: QRectF, *, live: bool) -> None:
        """Frame the cell that is looked at, so that it is seen on any colour; with the keys here, in the accent."""
        colour = current().accent if live and self.hasFocus() else current().text
        for tint, thick in ((current().panel, 4), (colour, 2)):
            painter.setPen(QPen(QColor(tint), thick))
            painter.drawRect(box)

    # -- Qt ----------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the tables that are seen."""
        painter = QPainter(self)
        for one in self.placed:
            if event.rect().intersects(one.caption.united(one.cells).toAlignedRect().adjusted(-90, 0, 4, 4)):
                self._paint_table(painter, one)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Look at the entry that was clicked, in a table that has entries."""
        found = self.cell_at(event.position().x(), event.position().y())
        if event.button() == Qt.MouseButton.LeftButton and found and found[0].grid.entries is not None:
            self._choose(found[0].grid, found[1], found[2])

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say what the pointer is over."""
        super().mouseMoveEvent(event)
        found = self.cell_at(event.position().x(), event.position().y())
        words = _told(found[0].grid, found[1], found[2]) if found else ""
        free = found is not None and found[0].grid.entries is not None
        self.setCursor(Qt.CursorShape.PointingHandCursor if free else Qt.CursorShape.ArrowCursor)
        self.setToolTip(words)
        self.pointed.emit(words, words.rpartition("= ")[2])

    def leaveEvent(self, event: QEvent) -> None:
        """Point at nothing."""
        self.pointed.emit("", "")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk from entry to entry with the arrow keys."""
        step = STEPS.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            self.walk(*step)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show that the keys walk here."""
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show that they do no longer."""
        self.update()


_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


def entry_of(grid: Grid, row: int, column: int) -> tuple[int, ...]:
    """Return the entry that a cell stands for: the last two axes run with rows and columns, a single one through all.

    A vector may be laid out in several rows.
    """
    start = grid.entries or ()
    if len(start) == 1:
        return (start[0] + row * grid.values.shape[1] + column,)
    return (*start[:-2], start[-2] + row, start[-1] + column) if start else ()


def _outline(one: Placed) -> list[QLineF]:
    """Return the lines around what is lit, without those between two lit cells."""
    lit = one.grid.lit
    assert lit is not None
    rows, columns = lit.shape
    lines = []
    for row, column in zip(*lit.nonzero(), strict=True):
        box = one.box(int(row), int(column))
        sides = (
            (row - 1, column, QLineF(box.topLeft(), box.topRight())),
            (row + 1, column, QLineF(box.bottomLeft(), box.bottomRight())),
            (row, column - 1, QLineF(box.topLeft(), box.bottomLeft())),
            (row, column + 1, QLineF(box.topRight(), box.bottomRight())),
        )
        lines += [line for i, j, line in sides if not (0 <= i < rows and 0 <= j < columns and lit[i, j])]
    return lines


def _told(grid: Grid, row: int, column: int) -> str:
    """Say which cell it is, by its names where it has some, and its number."""
    places = []
    if grid.values.shape[0] > 1 or grid.rows:
        places.append(grid.rows[row] if row < len(grid.rows) else tr("row {n}", n=grid.first[0] + row + 1))
    if grid.values.shape[1] > 1 or grid.columns:
        named = column < len(grid.columns)
        places.append(grid.columns[column] if named else tr("column {n}", n=grid.first[1] + column + 1))
    value = written(float(grid.values[row, column]))
    where = f" ({', '.join(places)})" if places else ""
    return f"{grid.name}{where} = {value}"
