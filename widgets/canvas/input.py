"""The pointer, the keys and the palette's drags, handed on to gestures and actions of the canvas."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
)
from PySide6.QtWidgets import QApplication, QMenu, QToolTip

from playground.text import Sentence, tr
from widgets.canvas.dropping import Drop, block_key
from widgets.canvas.faces import shape_in_words, unit_words
from widgets.canvas.gestures import Gesture
from widgets.canvas.marks import words_of
from widgets.canvas.menus import canvas_menu, group_menu, node_menu, remark_menu, wire_menu
from widgets.canvas.navigation import Navigator
from widgets.canvas.opening import chosen_group, set_open
from widgets.canvas.repeating import badge_at

if TYPE_CHECKING:
    from widgets.canvas.view import Canvas

ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
TAP_S = 0.5
"""Within how many seconds Space must be let go to be a tap; held longer, it was there to move the view."""


class CanvasInput(Navigator):
    """The half of `Canvas` that listens to the person."""

    gesture: Gesture | None = None
    pointer: QPointF | None = None
    """Where in the viewport the pointer was last, while it is over the canvas."""
    _space, _tapped = False, 0.0

    # -- gestures ------------------------------------------------------------------------------------------------

    def begin(self: Canvas, gesture: Gesture) -> None:  # type: ignore[misc]
        """Let a gesture have the pointer."""
        self.cancel_gesture()
        self.gesture = gesture
        if gesture.cursor is not None and not isinstance(gesture, Drop):
            self.viewport().setCursor(gesture.cursor)

    def cancel_gesture(self) -> None:
        """Leave everything as it was before the gesture."""
        gesture, self.gesture = self.gesture, None
        if gesture is not None:
            gesture.cancel()
            self.viewport().unsetCursor()
            self.viewport().update()

    def _finish(self, at: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        gesture = self.gesture
        if gesture is None:
            return
        gesture.drag(at, modifiers)
        self.gesture = None  # the edit that it makes must not find it still going on
        if gesture.far:
            gesture.end()
        else:
            gesture.click()
        self.viewport().unsetCursor()
        self.viewport().update()

    # -- pointer -------------------------------------------------------------------------------------------------

    def mousePressEvent(self: Canvas, event: QMouseEvent) -> None:  # type: ignore[misc]
        self.pointer = event.position()
        at = self.scene_point(event.position())
        self._stop_ease()
        self.explain(None)
        left = event.button() == Qt.MouseButton.LeftButton
        if event.button() == Qt.MouseButton.MiddleButton or (left and self._space):
            self._tapped = 0.0
            self.begin(self.pan_gesture(at))
        elif left and not self.in_overview and (group := self.stage.opened.button_at(at.x(), at.y())):
            set_open(self, group, False)
        elif left:
            if (link := self.stage.link_at(at.x(), at.y())) and not self.in_overview:
                fixes = [fix for p in self.sheet.problems_at(link[0])[:1] for fix in p.fixes]
                self.apply_fix(fixes[link[1]])
            else:
                self.begin(self.gesture_at(at, event.modifiers()))
        event.accept()

    def mouseMoveEvent(self: Canvas, event: QMouseEvent) -> None:  # type: ignore[misc]
        self.pointer = event.position()
        at = self.scene_point(event.position())
        if self.gesture is not None:
            self.gesture.drag(at, event.modifiers())
            self.viewport().update()
        else:
            self._hover(at)

    def mouseReleaseEvent(self: Canvas, event: QMouseEvent) -> None:  # type: ignore[misc]
        self._finish(self.scene_point(event.position()), event.modifiers())
        event.accept()

    def contextMenuEvent(self: Canvas, event: QContextMenuEvent) -> None:  # type: ignore[misc]
        menu, at = self.menu_at(event)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(at)
        event.accept()

    def menu_at(self: Canvas, event: QContextMenuEvent) -> tuple[QMenu, QPoint]:  # type: ignore[misc]
        """Return the menu for what lies there (from the keyboard: for what is selected), and where it opens."""
        self.cancel_gesture()
        if event.reason() == QContextMenuEvent.Reason.Keyboard and self.selected_ids:
            id = self.selected_ids[-1]
            if (group := chosen_group(self)) in self.stage.opened.items:
                corner = self.view_point(self.stage.opened.items[group].rect.topLeft()).toPoint()
                return group_menu(self), self.viewport().mapToGlobal(corner)
            corner = self.view_point(self.stage.cards[id].pos()).toPoint()
            return node_menu(self, id), self.viewport().mapToGlobal(corner)
        if event.reason() == QContextMenuEvent.Reason.Keyboard and self.stage.selected_remarks:
            corner = self.view_point(self.stage.remarks.items[self.stage.selected_remarks[-1]].pos()).toPoint()
            return remark_menu(self), self.viewport().mapToGlobal(corner)
        self.pointer = QPointF(event.pos())
        at = self.scene_point(self.pointer)
        if id := self.stage.card_at(at.x(), at.y()):
            if id not in self.selected_ids:
                self.select([id])
            return node_menu(self, id), event.globalPos()
        if id := self.stage.opened.title_at(at.x(), at.y(), 12 / self.zoom):
            self.select(self.stage.opened.members(id))
            return group_menu(self), event.globalPos()
        if id := self.stage.remarks.at(at.x(), at.y()):
            if id not in self.stage.selected_remarks:
                self.stage.select([], [], [id])
            return remark_menu(self), event.globalPos()
        if wire := self.stage.wire_at(at.x(), at.y(), 7 / self.zoom):
            self.stage.select([], [wire])
            return wire_menu(self), event.globalPos()
        return canvas_menu(self), event.globalPos()

    def _hover(self: Canvas, at: QPointF) -> None:  # type: ignore[misc]
        x, y = at.x(), at.y()
        self.fans.hover(at)
        if self._space:
            self.viewport().setCursor(Qt.CursorShape.OpenHandCursor)
        elif self.stage.link_at(x, y) or self.stage.opened.button_at(x, y):
            self.viewport().setCursor(Qt.CursorShape.PointingHandCursor)
        elif not self.in_overview and self.stage.port_at(x, y, 11):
            self.viewport().setCursor(Qt.CursorShape.CrossCursor)
        elif not self.in_overview and not self.stage.card_at(x, y) and self.stage.remarks.corner_at(x, y):
            self.viewport().setCursor(Qt.CursorShape.SizeFDiagCursor)
        elif not self.in_overview and self.stage.unit_at(x, y)[0]:
            self.viewport().setCursor(Qt.CursorShape.PointingHandCursor)
        else:
            self.viewport().unsetCursor()

    def viewportEvent(self: Canvas, event: QEvent) -> bool:  # type: ignore[misc]
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            words = self.words_at(self.scene_point(QPointF(event.pos())))
            QToolTip.showText(event.globalPos(), words, self.viewport())
            return True
        return super().viewportEvent(event)

    def words_at(self: Canvas, at: QPointF) -> str:  # type: ignore[misc]
        """Return the tooltip of what lies at a place: a port's name, a node's purpose, a wire's named axes."""
        x, y = at.x(), at.y()
        if badge_at(self, at):
            return tr("How many times it stands one behind the other; double-click to change it")
        if spot := self.stage.port_at(x, y, 9):
            return f"{spot.id}.{spot.port}"
        if not self.in_overview and (unit := self.stage.unit_at(x, y))[0]:
            return unit_words(*unit)
        if id := self.stage.card_at(x, y):
            node = self.stage.graph.nodes[id]
            return "\n".join([id, str(Sentence(node.block.purpose())), *words_of(node)])
        if words := self.fans.words_at(at):
            return words
        if wire := self.stage.wire_at(x, y, 7 / self.zoom):
            shape = self.sheet.shape(wire)
            return f"{wire}\n{shape_in_words(shape)}" if shape is not None else str(wire)
        return self.stage.opened.words_at(x, y)

    # -- drags from the palette ------------------------------------------------------------------------------------

    def dragEnterEvent(self: Canvas, event: QDragEnterEvent) -> None:  # type: ignore[misc]
        key = block_key(event.mimeData())
        if not key:
            event.ignore()
            return
        self.begin(self.drop_gesture(self.scene_point(event.position()), key))
        event.acceptProposedAction()

    def dragMoveEvent(self: Canvas, event: QDragMoveEvent) -> None:  # type: ignore[misc]
        if isinstance(self.gesture, Drop):
            self.gesture.drag(self.scene_point(event.position()), event.modifiers())
            event.acceptProposedAction()
        else:
            event.ignore()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.cancel_gesture()

    def dropEvent(self: Canvas, event: QDropEvent) -> None:  # type: ignore[misc]
        if isinstance(self.gesture, Drop):
            self._finish(self.scene_point(event.position()), event.modifiers())
            event.acceptProposedAction()
            self.setFocus(Qt.FocusReason.OtherFocusReason)

    # -- keys ------------------------------------------------------------------------------------------------------

    def keyPressEvent(self: Canvas, event: QKeyEvent) -> None:  # type: ignore[misc]
        self.explain(None)
        if not self._handled(event):
            event.ignore()

    def _handled(self: Canvas, event: QKeyEvent) -> bool:  # type: ignore[misc]
        key, held = event.key(), event.modifiers()
        control = bool(held & Qt.KeyboardModifier.ControlModifier)
        shift = bool(held & Qt.KeyboardModifier.ShiftModifier)
        if key == Qt.Key.Key_Escape:
            if self.gesture is not None:
                self.cancel_gesture()
            else:
                self.stage.select()
        elif key == Qt.Key.Key_Space:
            if not event.isAutoRepeat():
                self._space, self._tapped = True, monotonic()
                self.viewport().setCursor(Qt.CursorShape.OpenHandCursor)
        elif key in ARROWS and (self.selected_ids or self.stage.selected_remarks) and not control:
            dx, dy = ARROWS[Qt.Key(key)]
            self.nudge(dx * (5 if shift else 1), dy * (5 if shift else 1))
        else:
            return False
        return True

    def walk(self: Canvas, step: int) -> bool:  # type: ignore[misc]
        """Select the next node in the order of the graph, then notes and frames; False where the focus goes on."""
        stage = self.stage
        nodes = list(dict.fromkeys((*stage.graph.order, *stage.graph.nodes)))
        order = [*nodes, *stage.remarks.items]
        if stage.selected:
            place = nodes.index(stage.selected[-1]) + step
        elif stage.selected_remarks:
            place = len(nodes) + list(stage.remarks.items).index(stage.selected_remarks[-1]) + step
        else:
            place = 0 if step > 0 else len(order) - 1
        if not 0 <= place < len(order):
            return False
        if place < len(nodes):
            self.select([order[place]])
            self._show_card(order[place])
        else:
            stage.select((), (), [order[place]])
            if not self.visible_rect().contains(rect := stage.remarks.items[order[place]].rect):
                self.show_rect(self.visible_rect().united(rect), ease=True)
        return True

    # -- Qt --------------------------------------------------------------------------------------------------------

    def event(self: Canvas, event: QEvent) -> bool:  # type: ignore[misc]
        if event.type() == QEvent.Type.ShortcutOverride:
            self.commands.refresh()  # a selected wire alone changes no selection of nodes, and Delete must know of it
        return super().event(event)

    def keyReleaseEvent(self: Canvas, event: QKeyEvent) -> None:  # type: ignore[misc]
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            tapped = self._space and monotonic() - self._tapped < TAP_S
            self._space = False
            self.viewport().unsetCursor()
            if tapped:
                self.commands.tap("Space")

    def focusNextPrevChild(self: Canvas, forward: bool) -> bool:  # type: ignore[misc]
        if self.hasFocus() and self.walk(1 if forward else -1):
            return True
        return super().focusNextPrevChild(forward)

    def leaveEvent(self, event: QEvent) -> None:
        if QApplication.activePopupWidget() is None:  # a menu is about the place where it was opened
            self.pointer = None
        self.fans.hover(None)
        super().leaveEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._space = False
        super().focusOutEvent(event)

    def changeEvent(self: Canvas, event: QEvent) -> Any:  # type: ignore[misc]
        if event.type() == QEvent.Type.LanguageChange:
            self.relabel()
            self.commands.relabel()
        super().changeEvent(event)
