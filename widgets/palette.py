"""The palette: every block that can be added, found by typing, dragged to the canvas or added by Enter.

It shows sections of entries (favourites, used recently, one for each family, and whatever `add_sections` brings) and
knows nothing of the canvas: a drag carries the entry's key, a double click emits it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QVBoxLayout, QWidget

from playground.text import tr
from widgets.block_list import FAMILY, KEY, MIME, BlockList
from widgets.block_rows import Section, families, search
from widgets.icons import icon
from widgets.shelf import Shelf

__all__ = ["FAMILY", "KEY", "MIME", "Palette"]

MOVING = (Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_PageDown, Qt.Key.Key_PageUp)
"""Keys that go to the list while the search field has the focus."""


class Palette(QWidget):
    """The search field and the list of blocks.

    Attributes:
        shelf: which blocks are favourites, and which were used last.

    Signals:
        blockChosen(str): add this block (its name in the catalogue).
    """

    blockChosen = Signal(str)

    def __init__(self, shelf: Shelf | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("palette")
        self.shelf = shelf or Shelf(parent=self)
        self._more: list[Callable[[], Sequence[Section]]] = []
        self._below: list[Callable[[], Sequence[Section]]] = []
        self._stale = False
        self.search = QLineEdit(objectName="palette_search", clearButtonEnabled=True)
        self.search.addAction(icon("mdi6.magnify", "dim"), QLineEdit.ActionPosition.LeadingPosition)
        self.search.textChanged.connect(self._sync)
        self.search.returnPressed.connect(self._on_search_returned)
        self.search.installEventFilter(self)
        self.list = BlockList(self.shelf, self)
        self.list.chosen.connect(self.blockChosen)
        self.list.typed.connect(self._on_list_typed)
        self.nothing = QLabel(wordWrap=True, visible=False, objectName="palette_nothing")
        self.nothing.setProperty("role", "dim")
        self.nothing.setContentsMargins(6, 8, 6, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 10, 4, 0)
        column.setSpacing(6)
        column.addWidget(self.search)
        column.addWidget(self.nothing)
        column.addWidget(self.list, 1)
        self.shelf.changed.connect(self._on_shelf_changed)
        self.relabel()

    def add_sections(self, more: Callable[[], Sequence[Section]], *, below: bool = False) -> None:
        """Show further sections above the families, or below them; `more` is asked whenever the list is made."""
        (self._below if below else self._more).append(more)
        self._sync()

    def sections(self) -> list[Section]:
        """Return what there is to choose from, in order."""
        own = [section for more in self._more for section in more()]
        rest = [*families(), *(section for more in self._below for section in more())]
        known = {one.key: one for section in (*own, *rest) for one in section.entries}
        kept = [
            Section(title, tuple(known[key] for key in keys if key in known))
            for title, keys in ((tr("Favourites"), self.shelf.favourites), (tr("Used recently"), self.shelf.recent))
        ]
        return [section for section in (*kept, *own, *rest) if section.entries]

    def visible_keys(self) -> list[str]:
        """Return the blocks that the search leaves, in order."""
        return self.list.keys()

    def relabel(self) -> None:
        """Say everything in the present language."""
        self.search.setPlaceholderText(tr("Search blocks"))
        self.search.setAccessibleName(tr("Search blocks"))
        self.list.setAccessibleName(tr("Blocks"))
        self._sync()

    def _sync(self) -> None:
        """Show the sections, or what was searched for."""
        self._stale = False
        wanted = self.search.text().strip()
        sections = self.sections()
        if wanted:
            entries = dict.fromkeys(one for section in sections for one in section.entries)
            found = tuple(search(wanted, entries))
            sections = [Section("", found)] if found else []
        self.list.fill(sections)
        self.nothing.setVisible(not sections)
        self.nothing.setText(tr("No block is called “{name}”.", name=self.search.text()))
        self.list.choose_row(0 if wanted and sections else -1)

    def _on_search_returned(self) -> None:
        key = self.list.current_key() or next(iter(self.visible_keys()), "")
        if key:
            self.blockChosen.emit(key)
        self.search.selectAll()

    def _on_list_typed(self, text: str) -> None:
        """Go on in the search field with what was typed at the list."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.insert(text)

    def _on_shelf_changed(self) -> None:
        """Show it in its section, for a hand on the mouse once it is away: what it points at must not move."""
        if self.list.in_hand:
            self._stale = True
            self.list.viewport().update()
        elif not self.search.text():
            self._sync()

    # -- Qt ----------------------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the arrows move through the list, and Escape clear the search, while typing goes on."""
        if watched is self.search and isinstance(event, QKeyEvent):
            star = self.list.is_star(event)
            if event.type() == QEvent.Type.ShortcutOverride and star:
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress:
                self.list.in_hand = False
                if event.key() in MOVING or star:
                    QApplication.sendEvent(self.list, event)
                    return True
                if event.key() == Qt.Key.Key_Escape and self.search.text():
                    self.search.clear()
                    return True
        return super().eventFilter(watched, event)

    def leaveEvent(self, event: QEvent) -> None:
        """Bring the sections up to date that had to wait for the hand to go."""
        super().leaveEvent(event)
        self.list.in_hand = False
        if self._stale and not self.search.text():
            self._sync()

    def changeEvent(self, event: QEvent) -> None:
        """Say everything again when the language changed."""
        if event.type() == QEvent.Type.LanguageChange:
            self.relabel()
        super().changeEvent(event)
