"""The search box of the canvas: it stands where a block is wanted and lists what fits there, the likeliest first.

What is typed after the name of a block sets it up at once (`playground.typed`): ``conv 6 5 p2``.
While it is open, the canvas shows what choosing the present row would do. Escape or a click elsewhere closes it and
changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QFrame,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from playground.block import Block
from playground.suggest import Suggestion
from playground.text import Sentence, tr
from playground.typed import Typed, filled, not_understood, split
from widgets import theme
from widgets.block_rows import entry, search
from widgets.canvas.dropping import paint_plan
from widgets.canvas.edits import Plan
from widgets.canvas.geometry import HEIGHT, WIDTH
from widgets.canvas.gestures import Gesture
from widgets.canvas.line import loose_path
from widgets.canvas.scene import Spot
from widgets.canvas.search_rows import ROW, SUGGESTION, TYPED, SuggestionDelegate, hint_for, row_of
from widgets.icons import icon

if TYPE_CHECKING:
    from widgets.canvas.view import Canvas

Judge = Callable[[Block], Sentence | None]
WIDE, ROWS = 340, 8
"""How wide the box is, and how many rows are seen at once."""
MOVING = (Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_PageDown, Qt.Key.Key_PageUp)
KEEPS_OPEN = (Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason)
"""Losing the keys to another window or to the field's own menu closes nothing."""


class Choose(Gesture):
    """Looks for a block to put at a place; the search box is open as long as this lasts.

    Attributes:
        plan: what choosing the present row would do.
        strict: whether only what fits can be chosen.

    `held` is the port of a wire whose other end was let go at the place.
    """

    def __init__(
        self,
        canvas: Canvas,
        at: QPointF,
        suggestions: Sequence[Suggestion],
        planner: Callable[[Suggestion], Plan],
        *,
        caption: str = "",
        strict: bool = False,
        held: Spot | None = None,
        judge: Judge | None = None,
    ) -> None:
        super().__init__(canvas, at)
        self._planner, self.strict, self._held = planner, strict, held
        self.plan: Plan | None = None
        self.box = SearchBox(canvas.window(), suggestions, caption, judge)
        self.box.pointed.connect(self._on_pointed)
        self.box.chosen.connect(self._on_chosen)
        self.box.continued.connect(self._on_continued)
        self.box.left.connect(canvas.cancel_gesture)
        self.box.open()
        self._above = False
        self._stand()
        self.box.resized.connect(self._on_box_resized)

    def drag(self, at: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """Stay where it is: the pointer is free to go to the list."""

    def cancel(self) -> None:
        had_keys = self.box.has_keys()
        self.box.hide()
        self.box.deleteLater()
        if had_keys:
            self.canvas.setFocus(Qt.FocusReason.OtherFocusReason)
        self.canvas.viewport().update()

    def paint(self, painter: QPainter) -> None:
        plan = self.plan
        if plan is not None:
            paint_plan(self.canvas, painter, plan)
        if self._held is not None and (plan is None or not (plan.source or plan.target)):
            here, there = QPointF(self._held.x, self._held.y), self.at
            start, end = (here, there) if self._held.outgoing else (there, here)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(self.canvas.look.bad, 2.2, Qt.PenStyle.DashLine))
            painter.drawPath(loose_path(start, end, self.stage.direction))

    def _stand(self) -> None:
        """Stand below the card that would be there, above it or beside it, and inside the window."""
        x, y = self.plan.place if self.plan is not None else (self.at.x() - WIDTH / 2, self.at.y() - HEIGHT / 2)
        corners = (self.canvas.view_point(QPointF(x, y)), self.canvas.view_point(QPointF(x + WIDTH, y + HEIGHT)))
        window = self.canvas.window()
        first, last = (self.canvas.viewport().mapTo(window, corner.toPoint()) for corner in corners)
        room, size = window.rect().adjusted(8, 8, -8, -8), self.box.size()
        top, left = last.y() + 8, first.x()
        if top + size.height() > room.bottom():
            top = first.y() - size.height() - 8
            self._above = True
        if top < room.top():
            top, left, self._above = first.y(), last.x() + 8, False
            if left + size.width() > room.right():
                left = first.x() - size.width() - 8
        left = max(room.left(), min(left, room.right() - size.width()))
        top = max(room.top(), min(top, room.bottom() - size.height()))
        self.box.move(left, top)
        self._floor = self.box.geometry().bottom()

    def _on_box_resized(self) -> None:
        """Above the card the lower edge stays where it is, else the upper one."""
        if self._above:
            self.box.move(self.box.x(), self._floor - self.box.height() + 1)

    def _on_pointed(self, suggestion: Suggestion | None) -> None:
        possible = suggestion is not None and (suggestion.fits or not self.strict)
        self.plan = self._planner(suggestion) if suggestion is not None and possible else None
        self.canvas.viewport().update()

    def _on_chosen(self, suggestion: Suggestion) -> None:
        if self.strict and not suggestion.fits:
            self.box.refuse()
            return
        plan = self._planner(suggestion)
        self.canvas.cancel_gesture()
        self.canvas.carry_out(plan, suggestion.key)

    def _on_continued(self, suggestion: Suggestion) -> None:
        """Add it, and look for what comes after it."""
        canvas, before = self.canvas, self.canvas.sheet.graph
        self._on_chosen(suggestion)
        if canvas.sheet.graph is not before and suggestion.block.outputs:
            canvas.search_after(canvas.selected_ids[-1])


class SearchBox(QFrame):
    """A line to type in and the list of what is left.

    `judge` says why a block that was set up by typing does not fit, or None where it does.

    Signals:
        pointed(object): another row is the present one; its `Suggestion`, or None.
        chosen(object): Enter was pressed on this `Suggestion`, or it was clicked.
        continued(object): Shift+Enter was pressed on it: what comes after it is wanted next.
        left(): Escape was pressed, or the keys went elsewhere.
        resized(): there is more or less to show.
    """

    pointed = Signal(object)
    chosen = Signal(object)
    continued = Signal(object)
    left = Signal()
    resized = Signal()

    def __init__(
        self, parent: QWidget, suggestions: Sequence[Suggestion], caption: str = "", judge: Judge | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("block_search")
        self._judge = judge
        self._entries = {entry(one.block): one for one in suggestions}
        self.field = QLineEdit(objectName="block_search_field", placeholderText=tr("Name, then numbers: conv 6 5"))
        self.field.setAccessibleName(tr("Search blocks"))
        self.field.addAction(icon("mdi6.magnify", "dim"), QLineEdit.ActionPosition.LeadingPosition)
        self.field.installEventFilter(self)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # a click into the box leaves the keys in the field
        self.setFocusProxy(self.field)
        self.caption = QLabel(caption, objectName="block_search_caption", visible=bool(caption))
        self.caption.setProperty("role", "dim")
        self.list = QListWidget(objectName="block_search_list")
        self.list.setAccessibleName(tr("Blocks"))
        self.reason = QLabel(objectName="block_search_reason", wordWrap=True, visible=False)
        self.hint = QLabel(objectName="block_search_hint")
        self.hint.setProperty("role", "dim")
        self.hint.setFont(theme.font(9))
        self._dress_list()
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(6)
        for widget in (self.caption, self.field, self.list, self.reason, self.hint):
            column.addWidget(widget)
        colours = theme.current()
        self.setStyleSheet(
            f"#block_search {{ background: {colours.card}; border: 1px solid {colours.accent}; border-radius: 10px; }}"
            "QListWidget { background: transparent; border: none; outline: none; }"
        )
        self.field.textChanged.connect(self._sync)
        self.list.currentItemChanged.connect(self._on_current_changed)
        self.list.itemClicked.connect(self._on_item_clicked)

    def open(self) -> None:
        """Appear with everything listed and the cursor in the field."""
        self.setFixedWidth(WIDE)
        self._sync()
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def has_keys(self) -> bool:
        """Whether the keyboard is in the box."""
        focus = QApplication.focusWidget()
        return focus is not None and (focus is self or self.isAncestorOf(focus))

    def shown(self) -> list[Suggestion]:
        """Return what is listed, in order."""
        rows = (self.list.item(row).data(SUGGESTION) for row in range(self.list.count()))
        return [one for one in rows if one is not None]

    def current(self) -> Suggestion | None:
        """Return the present row."""
        item = self.list.currentItem()
        return item.data(SUGGESTION) if item is not None else None

    def refuse(self) -> None:
        """Say that the present row cannot be chosen, and why."""
        suggestion = self.current()
        if suggestion is not None:
            self._explain(suggestion.reason, "bad")

    def _dress_list(self) -> None:
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setMouseTracking(True)
        self.list.setUniformItemSizes(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setItemDelegate(SuggestionDelegate(self.list))

    def _sync(self) -> None:
        """List what matches: first what fits."""
        found = self._found()
        fitting = [one for one in found if one[0].fits]
        others = [one for one in found if not one[0].fits]
        self.list.clear()
        for suggestion, typed in fitting:
            self.list.addItem(row_of(suggestion, typed))
        if others:
            head = QListWidgetItem(tr("Does not fit here"))
            head.setFlags(Qt.ItemFlag.NoItemFlags)
            self.list.addItem(head)
        for suggestion, typed in others:
            self.list.addItem(row_of(suggestion, typed))
        if found:
            self.list.setCurrentRow(0 if fitting else 1)
        else:
            nothing = QListWidgetItem(tr("No block is called “{name}”.", name=self.field.text()))
            nothing.setFlags(Qt.ItemFlag.NoItemFlags)
            self.list.addItem(nothing)
            self._explain(None)
            self.hint.hide()
            self.pointed.emit(None)

    def _found(self) -> list[tuple[Suggestion, Typed]]:
        """Return the blocks with the name that was typed, set up by what was typed after it."""
        text = self.field.text()
        name, rest = split(text)
        found = search(name, self._entries)
        if not found:  # then the numbers belong to the name
            rest, found = "", search(text, self._entries)
        return [self._set_up(self._entries[one], rest) for one in found]

    def _set_up(self, suggestion: Suggestion, rest: str) -> tuple[Suggestion, Typed]:
        typed = filled(suggestion.block, rest)
        if typed.given:
            reason = self._judge(typed.block) if self._judge else suggestion.reason
            suggestion = replace(suggestion, block=typed.block, reason=reason)
        return suggestion, typed

    def _explain(self, reason: Sentence | None, role: str = "dim") -> None:
        self.reason.setVisible(reason is not None)
        self.reason.setText(str(reason) if reason is not None else "")
        self.reason.setProperty("role", role)
        self.reason.style().unpolish(self.reason)
        self.reason.style().polish(self.reason)
        self._fit()

    def _fit(self) -> None:
        """Take as much room as there is something to show."""
        self.list.setFixedHeight(min(self.list.count(), ROWS) * ROW)
        self.adjustSize()
        self.resized.emit()

    def _on_current_changed(self, item: QListWidgetItem | None) -> None:
        suggestion = item.data(SUGGESTION) if item is not None else None
        if item is None or suggestion is None:
            self._explain(None)
            return
        unclear = not_understood(item.data(TYPED))
        self.hint.setText(hint_for(suggestion.block, self.hint.fontMetrics(), WIDE - 20))
        self.hint.show()
        self._explain(unclear or suggestion.reason, "bad" if unclear else "dim")
        self.pointed.emit(suggestion)

    def _on_item_clicked(self, item: QListWidgetItem) -> None:
        if (suggestion := item.data(SUGGESTION)) is not None:
            self.chosen.emit(suggestion)

    def _key(self, event: QKeyEvent) -> bool:
        """Say whether a key was meant for the list or the box."""
        if event.key() in MOVING:
            QApplication.sendEvent(self.list, event)
        elif event.key() in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            pass  # there is nowhere else to go
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            going_on = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            if (suggestion := self.current()) is not None:
                (self.continued if going_on else self.chosen).emit(suggestion)
        else:
            return False
        return True

    # -- Qt ------------------------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.field:
            if event.type() == QEvent.Type.ShortcutOverride:  # while typing, letters are letters
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
                return self._key(event)
            if isinstance(event, QFocusEvent) and event.lostFocus() and event.reason() not in KEEPS_OPEN:
                self.left.emit()
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.accept()  # what the field does not use is not the window's to use either
