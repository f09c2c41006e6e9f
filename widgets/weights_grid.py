"""A grid of numbers that are typed, pasted and seen: each cell filled with the colour of its number."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QColor, QGuiApplication, QKeySequence, QLinearGradient, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QSizePolicy, QTableView, QWidget

from playground.text import Sentence, say, tr
from widgets import theme
from widgets.numbers import readable
from widgets.weights import Array, grid_of, weight_of

NEGATIVE, POSITIVE = theme.CLASS_COLOURS[:2]
"""Signed values are blue below zero and orange above, as in the panels."""

STRENGTH = 0.85

STYLE = """
QTableView { background: palette(window); border: 1px solid palette(mid); gridline-color: palette(mid); }
QHeaderView, QTableCornerButton::section { background: palette(window); border: none; }
QHeaderView::section { background: palette(window); color: palette(placeholder-text); border: none; padding: 2px; }
"""

Index = QModelIndex | QPersistentModelIndex


def signed_colour(share: float) -> QColor:
    """Return the colour of a number by its share of the largest, −1 to 1; zero is the colour of the ground."""
    ground, full = QColor(theme.current().card), QColor(POSITIVE if share > 0 else NEGATIVE)
    weight = min(1.0, abs(share)) * STRENGTH
    mixed = [a + (b - a) * weight for a, b in zip(ground.getRgbF()[:3], full.getRgbF()[:3], strict=True)]
    return QColor.fromRgbF(*mixed)


def readable_on(ground: QColor) -> QColor:
    """Return black or white, whichever is the easier to read there."""
    light = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in ground.getRgbF()[:3]]
    luminance = 0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2]
    return QColor("#000000") if luminance > 0.179 else QColor("#FFFFFF")  # where the two contrasts are equal


class Numbers(QAbstractTableModel):
    """The numbers of one slice, as a table; what is typed is handed on, never kept.

    Signals:
        edited(object): the numbers with one or more of them changed, as an array.
        refused(object): a Sentence that says why what was typed is no number; None when it is.
    """

    edited = Signal(object)
    refused = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.array: Array = np.zeros((0, 0))
        self.largest = 1.0

    def show_array(self, array: Array, largest: float) -> None:
        """Show other numbers; `largest` is the one that gets the full colour."""
        changed = array.shape != self.array.shape
        if changed:
            self.beginResetModel()
        self.array, self.largest = array, largest
        if changed:
            self.endResetModel()
        elif array.size:
            self.dataChanged.emit(self.index(0, 0), self.index(array.shape[0] - 1, array.shape[1] - 1))

    def change(self, row: int, column: int, values: Array) -> None:
        """Put a block of numbers in place of those that are there, or say that there is no room for it."""
        rows, columns = values.shape
        room = (self.array.shape[0] - row, self.array.shape[1] - column)
        if rows > room[0] or columns > room[1]:
            self.refused.emit(
                say(
                    "{there} numbers were copied, but from here there is room for {here}",
                    there=f"{rows} × {columns}",
                    here=f"{room[0]} × {room[1]}",
                )
            )
            return
        new = self.array.copy()
        new[row : row + rows, column : column + columns] = values
        self.refused.emit(None)
        self.edited.emit(new)

    # -- Qt ----------------------------------------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - as Qt declares it
        """Return the rows of the slice."""
        return 0 if parent.isValid() else self.array.shape[0]

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Return the columns of the slice."""
        return 0 if parent.isValid() else self.array.shape[1]

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Let every number be changed."""
        return super().flags(index) | Qt.ItemFlag.ItemIsEditable

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a number, its text, its colours."""
        value = float(self.array[index.row(), index.column()])
        if role == Qt.ItemDataRole.DisplayRole:
            return readable(float(f"{value:.3g}")).replace("-", "−", int(value < 0))
        if role == Qt.ItemDataRole.EditRole:
            return repr(value) if not value.is_integer() or abs(value) > 1e15 else str(int(value))
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignCenter
        if role == Qt.ItemDataRole.ToolTipRole:
            return tr(
                "row {row}, column {column}: {value}", row=index.row() + 1, column=index.column() + 1, value=value
            )
        if role in (Qt.ItemDataRole.BackgroundRole, Qt.ItemDataRole.ForegroundRole):
            ground = signed_colour(value / self.largest)
            return ground if role == Qt.ItemDataRole.BackgroundRole else readable_on(ground)
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Take what was typed, or say what is wrong with it."""
        if value == self.data(index, role):
            self.refused.emit(None)
            return False
        number = weight_of(str(value))
        if isinstance(number, Sentence):
            self.refused.emit(number)
            return False
        self.change(index.row(), index.column(), np.array([[number]]))
        return True


class Grid(QTableView):
    """The table; copies and pastes as spreadsheets do."""

    def __init__(self, model: Numbers, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.numbers = model
        self.setModel(model)
        self.setObjectName("weights_grid")
        self.setTabKeyNavigation(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ContiguousSelection)
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.AnyKeyPressed
            | QAbstractItemView.EditTrigger.EditKeyPressed
            | QAbstractItemView.EditTrigger.DoubleClicked
        )
        for header in (self.horizontalHeader(), self.verticalHeader()):
            header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
            header.setHighlightSections(False)
            header.setMinimumSectionSize(26)
            header.setDefaultAlignment(Qt.AlignmentFlag.AlignCenter)
            header.setFont(theme.font(9))
        self.horizontalHeader().setDefaultSectionSize(68)
        self.verticalHeader().setDefaultSectionSize(28)
        self.verticalHeader().setFixedWidth(44)
        self.setStyleSheet(STYLE)
        self.actions_by_name: dict[str, QAction] = {}
        for name, keys, slot in (
            ("copy", QKeySequence.StandardKey.Copy, self.copy),
            ("paste", QKeySequence.StandardKey.Paste, self.paste),
            ("zero", QKeySequence.StandardKey.Delete, self.zero),
        ):
            action = QAction(self, shortcut=QKeySequence(keys))
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            action.triggered.connect(slot)
            self.addAction(action)
            self.actions_by_name[name] = action
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        theme.APPEARANCE.changed.connect(self.viewport().update)
        self.relabel()

    def relabel(self) -> None:
        """Say everything in the present language."""
        self.setAccessibleName(tr("Numbers"))
        words = {"copy": tr("Copy"), "paste": tr("Paste"), "zero": tr("Set to zero")}
        for name, action in self.actions_by_name.items():
            action.setText(words[name])

    def copy(self) -> None:
        """Put the chosen numbers on the clipboard, as a spreadsheet takes them."""
        if (chosen := self._chosen()) is not None:
            lines = ["\t".join(f"{value:.9g}" for value in row) for row in self.numbers.array[chosen]]
            QGuiApplication.clipboard().setText("\n".join(lines))

    def paste(self) -> None:
        """Put the numbers of the clipboard here, beginning at the first chosen cell."""
        if (chosen := self._chosen()) is None:
            return
        found = grid_of(QGuiApplication.clipboard().text())
        if isinstance(found, Sentence):
            self.numbers.refused.emit(found)
        else:
            self.numbers.change(chosen[0].start, chosen[1].start, np.array(found))

    def zero(self) -> None:
        """Set the chosen numbers to zero."""
        if (chosen := self._chosen()) is not None:
            rows, columns = chosen
            self.numbers.change(rows.start, columns.start, np.zeros(self.numbers.array[chosen].shape))

    def _chosen(self) -> tuple[slice, slice] | None:
        """Return the rows and columns of the selection."""
        cells = self.selectedIndexes() or [index for index in [self.currentIndex()] if index.isValid()]
        if not cells:
            return None
        rows, columns = [cell.row() for cell in cells], [cell.column() for cell in cells]
        return slice(min(rows), max(rows) + 1), slice(min(columns), max(columns) + 1)

    # -- Qt ----------------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        """Be as large as the numbers, within reason."""
        width = self.horizontalHeader().length() + self.verticalHeader().width() + 12
        height = self.verticalHeader().length() + self.horizontalHeader().sizeHint().height() + 12
        return QSize(min(max(width, 220), 640), min(max(height, 110), 420))


class ScaleBar(QWidget):
    """The colours from the smallest to the largest number, with both written at the ends."""

    def __init__(self) -> None:
        super().__init__()
        self.largest = 1.0
        self.setFixedHeight(18)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.APPEARANCE.changed.connect(self.update)

    def show_largest(self, largest: float) -> None:
        """Show another scale."""
        self.largest = largest
        self.update()

    # -- Qt ----------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the colours between the numbers."""
        painter = QPainter(self)
        text = readable(float(f"{self.largest:.3g}"))
        room = painter.fontMetrics().horizontalAdvance(f"−{text}") + 8
        bar = QRectF(room, 4, max(0, self.width() - 2 * room), self.height() - 8)
        colours = QLinearGradient(bar.topLeft(), bar.topRight())
        for step in range(11):
            colours.setColorAt(step / 10, signed_colour(step / 5 - 1))
        painter.fillRect(bar, colours)
        painter.setPen(QColor(theme.current().dim))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, f"−{text}")
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
        painter.end()
