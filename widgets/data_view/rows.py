"""Examples that are rows of numbers: a table with what is wanted first, what the network says, and named columns."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from playground.browsing.answers import Classes, Page, Rows, Values
from playground.text import tr
from widgets import theme
from widgets.data_view.wording import class_colour, in_full, in_words, is_wrong

ROW, NUMBER = 24, 64
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
NOTHING = QModelIndex()
Index = QModelIndex | QPersistentModelIndex


class PageRows(QAbstractTableModel):
    """The examples of a page, a row each."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._page: Page | None = None
        self._content: Rows | None = None
        self._dots: dict[str, QPixmap] = {}

    def show_page(self, page: Page, content: Rows) -> None:
        """Hold the examples of a page."""
        self.beginResetModel()
        self._page, self._content = page, content
        self.endResetModel()

    @property
    def leading(self) -> int:
        """How many columns stand before the inputs: the number, what is wanted, what the network says."""
        return 1 + len(self._page.wanted) + len(self._page.given) if self._page is not None else 1

    def _leading_data(self, page: Page, row: int, column: int, role: int) -> Any:
        if column == 0:
            return _number(int(page.numbers[row]) + 1, role)
        given = column > len(page.wanted)
        answer = (*page.wanted, *page.given)[column - 1]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return in_words(answer, row)
        if role == Qt.ItemDataRole.TextAlignmentRole and isinstance(answer, Values):
            return RIGHT
        if role == Qt.ItemDataRole.DecorationRole and isinstance(answer, Classes) and answer.numbers[row] >= 0:
            return self._dot(class_colour(int(answer.numbers[row])))
        if role == Qt.ItemDataRole.ForegroundRole and given and is_wrong(page, answer.target, row):
            return QColor(theme.current().bad_text)
        return None

    def _dot(self, colour: QColor) -> QPixmap:
        if colour.name() not in self._dots:
            dot = QPixmap(10, 10)
            dot.fill(Qt.GlobalColor.transparent)
            painter = QPainter(dot)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setBrush(colour)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.drawEllipse(1, 1, 8, 8)
            painter.end()
            self._dots[colour.name()] = dot
        return self._dots[colour.name()]

    # -- Qt ----------------------------------------------------------------------------------------------------

    def rowCount(self, parent: Index = NOTHING) -> int:
        """Count the examples."""
        return len(self._page.numbers) if self._page is not None and not parent.isValid() else 0

    def columnCount(self, parent: Index = NOTHING) -> int:
        """Count what is wanted, what is given and the inputs."""
        return self.leading + len(self._content.names) if self._content is not None and not parent.isValid() else 0

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what stands in a cell."""
        page, content = self._page, self._content
        if page is None or content is None or not index.isValid():
            return None
        if index.column() < self.leading:
            return self._leading_data(page, index.row(), index.column(), role)
        if role == Qt.ItemDataRole.DisplayRole:
            return in_full(float(content.values[index.row(), index.column() - self.leading]))
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a column's name, or the number of an example."""
        page, content = self._page, self._content
        if page is None or content is None or role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        if orientation == Qt.Orientation.Vertical:
            return None
        if section == 0:
            return tr("No.")
        if section <= len(page.wanted):
            return page.wanted[section - 1].target
        if section < self.leading:
            return tr("the network says")
        return content.names[section - self.leading]


def _number(number: int, role: int) -> Any:
    """Return the cell that numbers an example."""
    if role == Qt.ItemDataRole.DisplayRole:
        return f"{number:,}"
    if role == Qt.ItemDataRole.TextAlignmentRole:
        return RIGHT
    return QColor(theme.current().dim) if role == Qt.ItemDataRole.ForegroundRole else None


class Table(QTableView):
    """The view of the rows."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("data_table")
        self.rows = PageRows(self)
        self.setModel(self.rows)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.viewport().setAutoFillBackground(False)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(ROW)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setMinimumSectionSize(48)
        self.horizontalHeader().setTextElideMode(Qt.TextElideMode.ElideRight)
        self._columns: tuple[object, ...] = ()

    def show_page(self, page: Page) -> None:
        """Show the examples of a page; columns keep the width that a person has given them."""
        assert isinstance(page.content, Rows)
        self.rows.show_page(page, page.content)
        columns = (page.content.names, len(page.wanted), len(page.given))
        if columns != self._columns:
            self._columns = columns
            for at in range(self.rows.columnCount()):
                wide = NUMBER if at == 0 else 132 if at < self.rows.leading else 88
                self.setColumnWidth(at, max(min(200, self.horizontalHeader().sectionSizeHint(at) + 12), wide))
        self.scrollToTop()
