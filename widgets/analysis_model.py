"""The rows of the Analyse table as Qt's views want them: words to read, numbers to sort by, and a filter."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRectF,
    QSortFilterProxyModel,
    Qt,
)
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap

from playground.costs import Row, sized
from playground.text import Sentence, note, tr
from widgets import theme
from widgets.icons import icon
from widgets.names import block_name

Index = QModelIndex | QPersistentModelIndex

SORT = Qt.ItemDataRole.UserRole
"""What a cell is sorted by."""

UNKNOWN = "–"


class Column(NamedTuple):
    """One column: its title, what that means, what it shows of a row, and what the row is sorted by."""

    title: str
    help: str
    text: Callable[[Row], str]
    key: Callable[[Row], Any]
    share: int
    """How much of the room that is left it gets at first."""
    is_number: bool = True


def _number(value: int | None) -> str:
    return UNKNOWN if value is None else f"{value:,}"


def _key(value: int | None) -> float:
    return -1.0 if value is None else float(value)  # a float: macs can be more than Qt's widest integer


def _bytes(row: Row) -> str:
    return UNKNOWN if row.activation is None else sized(row.activation)


def _field(row: Row) -> str:
    return f"{row.field[0]:,} × {row.field[1]:,}" if row.field else UNKNOWN


def _natural(id: str) -> str:
    """Let conv_10 come after conv_9."""
    return re.sub(r"\d+", lambda digits: digits[0].zfill(10), id.casefold())


COLUMNS = (
    Column(
        note("Name"),
        note("The node's name; of one in a group, its path"),
        lambda r: r.id,
        lambda r: _natural(r.id),
        32,
        is_number=False,
    ),
    Column(
        note("Block"),
        note("What the node is"),
        lambda r: block_name(r.block),
        lambda r: block_name(r.block),
        20,
        is_number=False,
    ),
    Column(
        note("Output shape"),
        note("The shape of what leaves the node, for one example"),
        lambda r: str(r.shape) if r.shape else UNKNOWN,
        lambda r: _key(r.shape.count if r.shape else None),
        22,
    ),
    Column(
        note("Parameters"),
        note("How many numbers the node can learn"),
        lambda r: _number(r.parameters),
        lambda r: _key(r.parameters),
        20,
    ),
    Column(
        note("MACs"),
        note("Multiply-accumulates of one example"),
        lambda r: _number(r.macs),
        lambda r: _key(r.macs),
        22,
    ),
    Column(
        note("Activation memory"),
        note("What leaves the node for one example, in memory"),
        _bytes,
        lambda r: _key(r.activation),
        22,
    ),
    Column(
        note("Receptive field"),
        note("How much of the input one pixel of the output sees: height × width"),
        _field,
        lambda r: _key(r.field[0] * r.field[1] if r.field else None),
        20,
    ),
)
NAME, BLOCK, SHAPE, PARAMETERS, MACS, MEMORY, FIELD = range(len(COLUMNS))


class NodeRows(QAbstractTableModel):
    """All rows, and what is wrong with which."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: tuple[Row, ...] = ()
        self.problems: Mapping[str, str] = {}

    def show(self, rows: tuple[Row, ...], problems: Mapping[str, str]) -> None:
        """Show other rows; where the nodes are the same, only those that changed."""
        old, told = self.rows, self.problems
        if [row.id for row in old] != [row.id for row in rows]:
            self.beginResetModel()
            self.rows, self.problems = rows, problems
            self.endResetModel()
            return
        self.rows, self.problems = rows, problems
        changed = [
            at
            for at, (one, other) in enumerate(zip(old, rows, strict=True))
            if one != other or told.get(one.id) != problems.get(one.id)
        ]
        if changed:
            self.dataChanged.emit(self.index(changed[0], 0), self.index(changed[-1], len(COLUMNS) - 1))

    def relabel(self) -> None:
        """Say everything in the present language and colours."""
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(COLUMNS) - 1)
        if self.rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.rows) - 1, len(COLUMNS) - 1))

    def _tip(self, row: Row, column: int) -> str | None:
        """Say what a cell has no room for."""
        if row.id in self.problems and (row.shape is None or column == NAME):
            return self.problems[row.id]
        if row.shape is None and column not in (NAME, BLOCK):
            return tr("Not known, because what comes in is not known")
        if column == SHAPE and row.shape is not None:
            return "\n".join(f"{Sentence(name)}: {int(size):,}" for name, size in row.shape)
        if column == PARAMETERS and row.shares:
            return tr("Uses the weights of {node}", node=", ".join(row.shares))
        if column == PARAMETERS and row.frozen and row.parameters:
            return tr("Frozen: training leaves them as they are")
        if column == MEMORY and row.activation is not None:
            return tr("{n} bytes", n=row.activation)
        if column in (NAME, BLOCK):
            return COLUMNS[column].text(row)
        return None

    def _decoration(self, row: Row, column: int) -> QIcon | None:
        if column == NAME and row.id in self.problems:
            return icon("mdi6.alert-circle-outline", "bad")
        if column == BLOCK:
            return _dot(row.block.family)
        if column == PARAMETERS and row.frozen and row.parameters:
            return icon("mdi6.snowflake", "dim")
        return None

    # -- Qt ----------------------------------------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Count the nodes."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Count the columns."""
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Tell a view about one cell."""
        row, column = self.rows[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[column].text(row)
        if role == SORT:
            return COLUMNS[column].key(row)
        if role == Qt.ItemDataRole.TextAlignmentRole and COLUMNS[column].is_number:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tip(row, column)
        if role == Qt.ItemDataRole.DecorationRole:
            return self._decoration(row, column)
        if role == Qt.ItemDataRole.ForegroundRole and column >= SHAPE and COLUMNS[column].key(row) <= 0:
            return QColor(theme.current().dim)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Name a column."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return str(Sentence(COLUMNS[section].title))
        if role == Qt.ItemDataRole.ToolTipRole:
            return str(Sentence(COLUMNS[section].help))
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if COLUMNS[section].is_number else Qt.AlignmentFlag.AlignLeft
            return int(side | Qt.AlignmentFlag.AlignVCenter)
        return None


class Sifted(QSortFilterProxyModel):
    """The rows that a search leaves, in the order a column gives."""

    def __init__(self, source: NodeRows) -> None:
        super().__init__(source)
        self._rows, self._words = source, ()
        self.setSourceModel(source)
        self.setSortRole(SORT)

    def search(self, text: str) -> None:
        """Leave only the nodes whose name or block holds every word."""
        self._words = tuple(text.casefold().split())
        self.invalidate()

    def shown(self, rows: list[int] | None = None) -> list[Row]:
        """Return the nodes in the order in which they are seen: all of them, or those in these rows."""
        numbers = range(self.rowCount()) if rows is None else rows
        return [self._rows.rows[self.mapToSource(self.index(number, 0)).row()] for number in numbers]

    # -- Qt ----------------------------------------------------------------------------------------------------

    def filterAcceptsRow(self, source_row: int, source_parent: Index) -> bool:
        """Hold a row against the search."""
        if not self._words:
            return True
        row = self._rows.rows[source_row]
        held = f"{row.id} {row.block.name} {block_name(row.block)}".casefold()
        return all(word in held for word in self._words)


@lru_cache(maxsize=32)
def _dot(family: str) -> QIcon:
    """Draw the colour of a family; with a ring where the row is selected, lest it drown in the accent."""
    made = QIcon()
    for mode, ring in ((QIcon.Mode.Normal, 0), (QIcon.Mode.Selected, 5)):
        drawn = QPixmap(64, 64)
        drawn.fill(Qt.GlobalColor.transparent)
        painter = QPainter(drawn)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor("white"), ring) if ring else Qt.PenStyle.NoPen)
        painter.setBrush(theme.family_colour(family))
        painter.drawEllipse(QRectF(14, 14, 36, 36))
        painter.end()
        made.addPixmap(drawn, mode)
    return made
