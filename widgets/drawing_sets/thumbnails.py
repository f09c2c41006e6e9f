"""The images that have been drawn, as a list of small pictures."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

from playground.data.drawn import unpacked
from playground.text import tr
from widgets import theme
from widgets.drawing_sets.paper import inked

WIDE = 42
"""Height and width of a picture in the list."""


@lru_cache(maxsize=2100)
def thumbnail(ink: str, look: str) -> QPixmap:
    """Return the picture of an image that is kept."""
    shown = theme.DARK if look == "dark" else theme.LIGHT
    image = inked(unpacked(ink), shown)
    twice = 2 * WIDE
    pixmap = QPixmap.fromImage(
        image.scaled(twice, twice, mode=Qt.TransformationMode.SmoothTransformation),
    )
    pixmap.setDevicePixelRatio(2.0)
    return pixmap


class Images(QAbstractListModel):
    """Images and the names of their classes."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: tuple[tuple[str, int], ...] = ()
        self._names: tuple[str, ...] = ()

    def show_images(self, rows: tuple[tuple[str, int], ...], names: tuple[str, ...]) -> None:
        """Show these."""
        if rows != self._rows or names != self._names:
            self.beginResetModel()
            self._rows, self._names = rows, names
            self.endResetModel()

    # -- Qt ----------------------------------------------------------------------------------------------------

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex | None = None) -> int:
        """Return how many images there are."""
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return an image's picture, or the name of its class."""
        if not index.isValid():
            return None
        ink, label = self._rows[index.row()]
        name = self._names[label] if label < len(self._names) else "–"
        if role == Qt.ItemDataRole.DecorationRole:
            return thumbnail(ink, theme.current().name)
        if role == Qt.ItemDataRole.DisplayRole:
            return name if len(name) <= 6 else name[:5] + "…"
        if role == Qt.ItemDataRole.ToolTipRole:
            if label >= len(self._names):
                return tr("Left out: class {number} has no name any more", number=label)
            return tr("Class {name}", name=name)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return tr("Class {name}", name=name)
        return None


class Thumbnails(QListView):
    """A grid of the images, in which some can be chosen and taken away.

    Signals:
        deleted(): Delete was pressed.
        chosen(): another choice.
    """

    deleted = Signal()
    chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("drawn_images")
        self.images = Images()
        self.images.setParent(self)
        self.setModel(self.images)
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMovement(QListView.Movement.Static)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setUniformItemSizes(True)
        self.setIconSize(QSize(WIDE, WIDE))
        self.setGridSize(QSize(WIDE + 14, WIDE + 26))
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setTabKeyNavigation(False)
        self.setMinimumWidth(4 * (WIDE + 14) + 20)
        self.selectionModel().selectionChanged.connect(lambda *_: self.chosen.emit())

    def show_images(self, rows: tuple[tuple[str, int], ...], names: tuple[str, ...]) -> None:
        """Show these images; what was added last is in sight."""
        before, at = self.images.rowCount(), self.currentIndex().row()
        self.images.show_images(rows, names)
        if before != len(rows):
            if at >= 0 and len(rows) < before and rows:  # after one is taken away, the next can be
                self.setCurrentIndex(self.images.index(min(at, len(rows) - 1), 0))
                self.selectionModel().clearSelection()
            elif len(rows) > before:
                self.scrollToBottom()
            self.chosen.emit()

    def chosen_rows(self) -> set[int]:
        """Return which images are chosen."""
        return {index.row() for index in self.selectedIndexes()}

    # -- Qt ----------------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        """Ask for four pictures side by side."""
        return QSize(4 * (WIDE + 14) + 20, 240)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take away what is chosen; digits are for the classes."""
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.deleted.emit()
        elif event.text().isprintable() and event.text() and not event.text().isspace():
            event.ignore()  # no search by letters: they are keys of the window
        else:
            super().keyPressEvent(event)
