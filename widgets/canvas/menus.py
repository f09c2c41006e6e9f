"""What a right click offers (`commands` says what), and the small editor in which a node gets another name."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QMenu

from playground.graph import joined
from playground.nesting import moved_path, split
from playground.text import Refusal, Sentence, tr
from widgets.bits import keeps_letters
from widgets.canvas.geometry import WIDTH

if TYPE_CHECKING:
    from widgets.canvas.view import Canvas


def node_menu(canvas: Canvas, id: str) -> QMenu:
    """Make the menu of a node: remedies first, then what can be done with it."""
    menu = QMenu(canvas)
    menu.setObjectName("node_menu")
    for problem in canvas.sheet.problems_at(id):
        for fix in problem.fixes:
            menu.addAction(str(fix.label)).triggered.connect(_calls(canvas.apply_fix, fix))
    if menu.actions():
        menu.addSeparator()
    canvas.commands.fill(menu, "node")
    return menu


def group_menu(canvas: Canvas) -> QMenu:
    """Make the menu of a group that is open in place, all of which is selected."""
    menu = QMenu(canvas)
    menu.setObjectName("group_menu")
    canvas.commands.fill(menu, "group")
    return menu


def wire_menu(canvas: Canvas) -> QMenu:
    """Make the menu of a wire."""
    menu = QMenu(canvas)
    menu.setObjectName("wire_menu")
    canvas.commands.fill(menu, "wire")
    return menu


def remark_menu(canvas: Canvas) -> QMenu:
    """Make the menu of a note or a frame."""
    menu = QMenu(canvas)
    menu.setObjectName("remark_menu")
    canvas.commands.fill(menu, "remark")
    return menu


def canvas_menu(canvas: Canvas) -> QMenu:
    """Make the menu of the empty canvas."""
    menu = QMenu(canvas)
    menu.setObjectName("canvas_menu")
    canvas.commands.fill(menu, "canvas")
    return menu


def _calls(call: Callable[..., object], *arguments: object) -> Callable[[], None]:
    def run(*_ignored: object) -> None:
        call(*arguments)

    return run


class NameEditor(QLineEdit):
    """Stands over a card while its node gets another name; Enter takes it, Escape leaves the old one.

    The name of a group that is open in place is edited over the title of its frame.
    """

    def __init__(self, canvas: Canvas, id: str) -> None:
        super().__init__(split(id)[1], canvas.viewport())
        self.canvas, self.id = canvas, id
        self.setObjectName("name_editor")
        self.setAccessibleName(tr("Name of the node"))
        self.setToolTip(tr("Name of the node"))
        self.follow()
        self.selectAll()
        self.show()
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        self.returnPressed.connect(self._on_return_pressed)

    def follow(self) -> None:
        """Stand over the card, wherever the view has gone."""
        card, frame = self.canvas.stage.cards.get(self.id), self.canvas.stage.opened.items.get(self.id)
        if card is None and frame is None:
            self.close_now()
            return
        place = card.pos() if card is not None else frame.rect.topLeft() if frame is not None else QPointF()
        corner = self.canvas.view_point(place)
        width = max(120, int(WIDTH * self.canvas.zoom))
        self.setGeometry(int(corner.x()), int(corner.y()), width, 28)

    def close_now(self) -> None:
        """Go away without doing anything."""
        self.canvas.explain(None)
        self.canvas.editor = None
        self.hide()
        self.deleteLater()
        self.canvas.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_return_pressed(self) -> None:
        try:
            rename(self.canvas, self.id, joined(split(self.id)[0], self.text().strip()))
        except Refusal as refusal:
            below = self.canvas.scene_point(QPointF(self.geometry().bottomLeft()))
            self.canvas.explain(_refused(refusal), below)
            return
        if self.canvas.editor is self:
            self.close_now()

    # -- Qt ------------------------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        return keeps_letters(event) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_now()
        else:
            super().keyPressEvent(event)
            event.accept()  # what the editor does not use is not the canvas's to use either (Enter, arrows)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if self.canvas.editor is self and event.reason() != Qt.FocusReason.ActiveWindowFocusReason:
            self.close_now()


def rename(canvas: Canvas, old: str, new: str) -> None:
    """Give a node another id, carry its place and selection along; refuse with a sentence."""
    if old == new:
        return
    chosen = [moved_path(id, {old: new}) for id in canvas.stage.selected]
    canvas.sheet.rename(old, new)
    canvas.select(chosen)


def _refused(refusal: Refusal) -> Sentence:
    return refusal.sentence
