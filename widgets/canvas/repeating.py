"""How often a group is repeated, changed where it is read: a small number field over its badge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QSpinBox

from playground.blocks.group import Group
from playground.text import Sentence, say, tr
from widgets.bits import keeps_letters
from widgets.canvas.gestures import Gesture

if TYPE_CHECKING:
    from widgets.canvas.view import Canvas

WIDE, HIGH = 84, 28


class RepeatEditor(QSpinBox):
    """Stands over the badge of a group; Enter or a click elsewhere takes the number, Escape leaves the old one."""

    def __init__(self, canvas: Canvas, id: str, group: Group) -> None:
        super().__init__(canvas.viewport())
        self.canvas, self.id, self.group = canvas, id, group
        parameter = group.parameters["repeat"]
        self.setObjectName("repeat_editor")
        self.setRange(int(parameter.low), int(parameter.high))
        self.setPrefix("× ")
        self.setValue(group.repeat)
        self.setAccessibleName(tr("How many times it stands one behind the other"))
        self.setToolTip(tr("How many times it stands one behind the other"))
        self.lineEdit().installEventFilter(self)
        self.follow()
        self.selectAll()
        self.show()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def follow(self) -> None:
        """Stand over the badge, wherever the view has gone."""
        rect = badge_of(self.canvas, self.id)
        if rect is None or self.canvas.sheet.group(self.id) is None:
            self.close_now()
            return
        middle = self.canvas.view_point(rect.center())
        self.setGeometry(round(middle.x() - WIDE / 2), round(middle.y() - HIGH / 2), WIDE, HIGH)

    def take(self) -> None:
        """Repeat the group as often as it says here."""
        if self.canvas.editor is not self:
            return
        self.interpretText()
        wanted, group = self.value(), self.group
        self.close_now()
        if wanted != group.repeat:
            label = Sentence(group.parameters["repeat"].label)
            words = say("Change {parameter} of {node}", parameter=label, node=self.id)
            self.canvas.sheet.configure(self.id, group.replace(repeat=wanted), words)

    def close_now(self) -> None:
        """Go away without doing anything."""
        had_keys = self.hasFocus()
        self.canvas.editor = None
        self.hide()
        self.deleteLater()
        if had_keys:
            self.canvas.setFocus(Qt.FocusReason.OtherFocusReason)

    # -- Qt ------------------------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        return keeps_letters(event) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_now()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.take()
        else:
            super().keyPressEvent(event)
        event.accept()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.ActiveWindowFocusReason:
            self.take()


def edit_repeat(canvas: Canvas, id: str) -> None:
    """Open the number field of a group."""
    group = canvas.sheet.group(id)
    if group is None:
        return
    if canvas.editor is not None:
        canvas.editor.close_now()
    canvas.editor = RepeatEditor(canvas, id, group)


def badge_of(canvas: Canvas, id: str) -> QRectF | None:
    """Return where in the scene the badge of a group is, or would be."""
    if (card := canvas.stage.cards.get(id)) is not None:
        return card.badge_rect().translated(card.pos())
    frame = canvas.stage.opened.items.get(id)
    return None if frame is None else frame.badge_rect()


def badge_at(canvas: Canvas, at: QPointF) -> str:
    """Return the group whose badge is there, or nothing."""
    near = canvas.stage.cards_in((at.x() - 40, at.y() - 20, at.x() + 40, at.y() + 40))
    for id in (*canvas.stage.opened.items, *near):
        group = canvas.sheet.group(id)
        rect = badge_of(canvas, id) if group is not None and group.summary() else None
        if rect is not None and rect.contains(at):
            return id
    return ""


class EditRepeat(Gesture):
    """A double click on a badge."""

    def __init__(self, canvas: Canvas, at: QPointF, id: str) -> None:
        super().__init__(canvas, at)
        self.id = id

    def click(self) -> None:
        edit_repeat(self.canvas, self.id)
