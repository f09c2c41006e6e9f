"""The command palette: everything that stands in a menu, found by typing a part of its name.

It reads the menus themselves each time it opens, submenus too, so whatever stands there is found here.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractListModel, QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QIcon,
    QKeyEvent,
    QMouseEvent,
    QPainter,
)
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QLabel,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from playground.text import tr
from widgets import theme
from widgets.actions import Actions
from widgets.command_entries import Entry, entries, ranked
from widgets.icons import icon, paint_icon
from widgets.settings import Settings

WIDTH, ROW, MOST_ROWS = 620, 34, 11
RECENT = "recent_commands"
MOST_RECENT = 8
STAYING = (
    Qt.FocusReason.ActiveWindowFocusReason,
    Qt.FocusReason.PopupFocusReason,
    Qt.FocusReason.MouseFocusReason,
)
"""Why the field may lose the focus while the box stays: another window came to the front, a menu of the field opened,
or a click beside the box, which is seen to when it arrives."""
ENTRY = Qt.ItemDataRole.UserRole
Index = QModelIndex | QPersistentModelIndex


class CommandPalette(QFrame):
    """A box over the window with a field and the list of what it finds. A click beside it closes it."""

    def __init__(self, window: QWidget, actions: Actions, settings: Settings) -> None:
        super().__init__(window)
        self.setObjectName("command_palette")
        self._actions, self._settings = actions, settings
        self._entries: list[Entry] = []
        self._before: QWidget | None = None
        self.search = QLineEdit(objectName="command_search", clearButtonEnabled=True)
        self.search.addAction(icon("mdi6.magnify", "dim"), QLineEdit.ActionPosition.LeadingPosition)
        self.search.textChanged.connect(self._sync)
        self.found = _Found(self)
        self.list = _List(self.found)
        self.list.clicked.connect(self._on_list_clicked)
        self.list.selectionModel().currentChanged.connect(self._on_current_changed)
        self.nothing = QLabel(wordWrap=True, visible=False, objectName="command_nothing")
        self.nothing.setProperty("role", "dim")
        self.nothing.setContentsMargins(12, 8, 12, 12)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(8)
        column.addWidget(self.search)
        column.addWidget(self.list)
        column.addWidget(self.nothing)
        self.hide()

    def toggle(self) -> None:
        """Open it, or close it where it is open."""
        if self.isVisible():
            self.close_now()
        else:
            self.open_now()

    def open_now(self) -> None:
        """List what can be chosen now, and wait for what is typed."""
        self._before = QApplication.focusWidget()
        self._entries = list(entries(self._actions))
        self._dress()
        self.search.clear()
        self._sync()
        self._place()
        self.show()
        self.raise_()
        QApplication.instance().installEventFilter(self)  # type: ignore[union-attr]  # only for as long as it is open
        self.search.setFocus(Qt.FocusReason.PopupFocusReason)

    def close_now(self) -> None:
        """Go away, and give the focus back."""
        before, self._before = self._before, None
        had = self.search.hasFocus()
        QApplication.instance().removeEventFilter(self)  # type: ignore[union-attr]
        self.hide()
        if had and before is not None and isValid(before) and before.isVisible():
            before.setFocus(Qt.FocusReason.PopupFocusReason)

    def shown(self) -> list[Entry]:
        """Return what is listed, in order."""
        return self.found.entries

    def _run(self, entry: Entry | None) -> None:
        if entry is None or not entry.enabled:
            return
        recent = self._recent()
        self._settings.set(RECENT, [entry.key, *(key for key in recent if key != entry.key)][:MOST_RECENT])
        self.close_now()
        entry.act()

    def _recent(self) -> list[str]:
        return [key for key in self._settings.get(RECENT, []) if isinstance(key, str)]

    def _sync(self) -> None:
        """List what the words typed so far find."""
        text = self.search.text()
        self.found.show_entries(ranked(text, self._entries, self._recent()))
        self.list.setCurrentIndex(self.found.index(0))
        self.list.scrollToTop()
        rows = min(MOST_ROWS, max(1, self.found.rowCount()))
        self.list.setFixedHeight(rows * ROW)
        self.list.setVisible(bool(self.found.entries))
        self.nothing.setVisible(not self.found.entries)
        self.nothing.setText(tr("Nothing is called “{name}”.", name=text))
        self._place()

    def _place(self) -> None:
        window = self.parentWidget()
        self.setFixedWidth(min(WIDTH, window.width() - 32))
        self.adjustSize()
        self.move((window.width() - self.width()) // 2, max(16, window.height() // 8))

    def _dress(self) -> None:
        """Say and colour everything as it is now; that is soon enough, for it never stays open for long."""
        now = theme.current()
        self.search.setPlaceholderText(tr("Search commands"))
        self.search.setAccessibleName(tr("Search commands"))
        self.list.setAccessibleName(tr("Commands"))
        self.setAccessibleName(tr("Command palette"))
        self.setStyleSheet(
            f"#command_palette {{ background: {now.card}; border: 1px solid {now.wire}; border-radius: 10px; }}"
            " QListView { background: transparent; border: none; outline: none; }"
        )

    def _on_list_clicked(self, index: QModelIndex) -> None:
        self._run(index.data(ENTRY))

    def _on_current_changed(self, now: QModelIndex, _before: QModelIndex) -> None:
        # The focus stays in the field, so a screen reader hears from the field what is chosen in the list.
        self.search.setAccessibleDescription(now.data(Qt.ItemDataRole.AccessibleTextRole) or "")

    def _beside(self, watched: QObject) -> bool:
        """Say whether a click on this is one beside the box; menus of the field belong to it."""
        inside = isinstance(watched, QWidget) and (watched is self or self.isAncestorOf(watched))
        return isinstance(watched, QWidget) and not inside and QApplication.activePopupWidget() is None

    def _pressed(self, key: int) -> bool:
        """Do what a key of the field means here; False where it is the field's own."""
        if key == Qt.Key.Key_Escape:
            self.close_now()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._run(self.list.currentIndex().data(ENTRY))
        else:
            return self._move(key)
        return True

    def _move(self, key: int) -> bool:
        """Go through the list, from its end to its beginning too."""
        last = self.found.rowCount() - 1
        row = self.list.currentIndex().row()
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_Tab: 1, Qt.Key.Key_Backtab: -1}
        leaps = {Qt.Key.Key_PageDown: MOST_ROWS - 1, Qt.Key.Key_PageUp: 1 - MOST_ROWS}
        if key in steps:
            row = (row + steps[Qt.Key(key)]) % (last + 1) if last >= 0 else 0
        elif key in leaps:
            row = max(0, min(last, row + leaps[Qt.Key(key)]))
        else:
            return False
        self.list.setCurrentIndex(self.found.index(row))
        return True

    # -- Qt ----------------------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Hear the keys of the field, a click beside the box, and that the window changes its size."""
        kind = event.type()
        if watched is self.search:
            if kind == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
                return self._pressed(event.key())
            if isinstance(event, QFocusEvent) and event.lostFocus() and event.reason() not in STAYING:
                self.close_now()
        elif kind == QEvent.Type.Resize and watched is self.parentWidget():
            self._place()
        elif kind == QEvent.Type.MouseButtonPress and self._beside(watched):
            self.close_now()
            return True
        return super().eventFilter(watched, event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Keep a click on the rim: handed on to the window, it would be one beside the box."""
        event.accept()


class _Found(QAbstractListModel):
    """What the words typed so far find."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.entries: list[Entry] = []

    def show_entries(self, found: list[Entry]) -> None:
        """List other entries."""
        self.beginResetModel()
        self.entries = found
        self.endResetModel()

    # -- Qt ----------------------------------------------------------------------------------------------------

    def rowCount(self, parent: Index | None = None) -> int:
        """Count the entries."""
        return 0 if parent is not None and parent.isValid() else len(self.entries)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return an entry, or its words."""
        entry = self.entries[index.row()] if 0 <= index.row() < len(self.entries) else None
        if entry is None:
            return None
        if role == ENTRY:
            return entry
        if role == Qt.ItemDataRole.DisplayRole:
            return entry.words
        if role == Qt.ItemDataRole.AccessibleTextRole:
            said = [entry.words, entry.menu, entry.keys, "" if entry.enabled else tr("not possible now")]
            return ", ".join(part for part in said if part)
        return None


class _List(QListView):
    """The list under the field; it never takes the focus from it."""

    def __init__(self, model: _Found) -> None:
        super().__init__(objectName="command_list")
        self.setModel(model)
        self.setItemDelegate(_Painter(self))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)

    # -- Qt ----------------------------------------------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Mark what lies under the pointer."""
        index = self.indexAt(event.position().toPoint())
        if index.isValid():
            self.setCurrentIndex(index)


class _Painter(QStyledItemDelegate):
    """Paints a row: icon, words, menu; at the right whether it is on, and its keys."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one row."""
        entry: Entry = index.data(ENTRY)
        now, rect = theme.current(), option.rect.adjusted(0, 0, -2, 0)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        words, dim = QColor(now.text), QColor(now.dim)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if chosen:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(now.accent if entry.enabled else now.field))
            painter.drawRoundedRect(rect, 6, 6)
        if chosen and entry.enabled:
            words = dim = QColor(now.on_accent)
        elif not entry.enabled:
            words = dim
        mode = QIcon.Mode.Normal if entry.enabled else QIcon.Mode.Disabled
        mode = QIcon.Mode.Selected if chosen and entry.enabled else mode
        entry.icon.paint(painter, QRect(rect.left() + 10, rect.center().y() - 8, 18, 18), mode=mode)
        right = self._paint_right(painter, rect, entry, dim)
        painter.setFont(theme.font(10))
        painter.setPen(words)
        self._paint_words(
            painter, QRect(rect.left() + 40, rect.top(), right - rect.left() - 52, rect.height()), entry, dim
        )
        painter.restore()

    def _paint_right(self, painter: QPainter, rect: QRect, entry: Entry, colour: QColor) -> int:
        """Paint the keys and the tick; return where there is room up to."""
        painter.setFont(theme.font(9))
        painter.setPen(colour)
        right = rect.right() - 12
        if entry.keys:
            width = painter.fontMetrics().horizontalAdvance(entry.keys)
            side = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
            painter.drawText(QRect(right - width - 2, rect.top(), width + 2, rect.height()), side, entry.keys)
            right -= width + 12
        if entry.checked:
            paint_icon(painter, QRect(right - 16, rect.center().y() - 8, 16, 16), "mdi6.check", colour)
            right -= 24
        return right

    def _paint_words(self, painter: QPainter, rect: QRect, entry: Entry, dim: QColor) -> None:
        metrics, side = painter.fontMetrics(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        text = metrics.elidedText(entry.words, Qt.TextElideMode.ElideMiddle, rect.width())
        painter.drawText(rect, side, text)
        left = metrics.horizontalAdvance(text) + 12
        painter.setFont(theme.font(9))
        if left + painter.fontMetrics().horizontalAdvance(entry.menu) <= rect.width():
            painter.setPen(dim)
            painter.drawText(rect.adjusted(left, 0, 0, 0), side, entry.menu)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """All rows are of one height."""
        return QSize(120, ROW)
