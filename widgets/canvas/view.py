"""The canvas as a widget: it hands the pointer to gestures, the keys to actions, and the document to its scene."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter
from PySide6.QtWidgets import QLabel, QWidget

from playground.document import Document
from playground.experiment import Experiment
from playground.graph import Wire
from playground.probes.neurons import UnitMaps
from playground.sheet import Sheet
from playground.text import Sentence, tr
from widgets.canvas.card import picture
from widgets.canvas.commanding import Commands
from widgets.canvas.commands import COMMANDS
from widgets.canvas.dropping import Drop
from widgets.canvas.editing import Editing
from widgets.canvas.fans import Fans
from widgets.canvas.geometry import HEIGHT, Point
from widgets.canvas.gestures import DrawWire, Gesture, Lasso, Move, Pan, taken_end
from widgets.canvas.look import Look
from widgets.canvas.menus import NameEditor
from widgets.canvas.opening import frame_gesture
from widgets.canvas.remark_editing import RemarkEditor, described, edit_at
from widgets.canvas.remark_gestures import remark_gesture
from widgets.canvas.repeating import RepeatEditor
from widgets.canvas.scene import Scene
from widgets.theme import APPEARANCE

PORT_GRAB = 11.0
"""How close to a port a press must be to draw a wire, in scene units."""
WIRE_GRAB = 7.0
"""How close to a wire a press must be to mean it, in pixels."""
GLIDING_AT_MOST = 80
"""More cards than this jump to their places instead of gliding."""


class Canvas(Editing):
    """Where the network of a document is drawn and edited.

    Attributes:
        document, sheet: what is shown, and the level of it that is drawn.
        gesture: what the hand is doing now, or None.
        editor: the editor while a node is being renamed, a note written or a frame named.
        reason: the label beside the pointer that says why something cannot be done.
        fans: the weights that stand on wires.

    Signals:
        selectionIdsChanged(object): a tuple of the ids of the selected nodes, in order of selection.
        levelChanged(): the inside of another group is shown.
        levelLeft(str): the tab of this group is to be closed.
        ownBlocksChanged(): a block of the user's own was saved.
        weightsWanted(): the selected nodes are to take the weights of a project.
        unitWanted(str, int): a unit of this node, counted from 0, is to be shown large.
    """

    selectionIdsChanged = Signal(object)
    levelChanged = Signal()
    levelLeft = Signal(str)
    ownBlocksChanged = Signal()
    weightsWanted = Signal()
    unitWanted = Signal(str, int)

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        look, sheet = Look(), Sheet(document)
        scene = Scene(sheet, look)
        super().__init__(scene, look, parent)
        self.document, self.sheet = document, sheet
        self.gesture: Gesture | None = None
        self.fans = Fans(self)
        self.editor: NameEditor | RemarkEditor | RepeatEditor | None = None
        self._level = sheet.level
        self.reason = QLabel(self.viewport())
        self.reason.setObjectName("canvas_reason")
        self.reason.setWordWrap(True)
        self.reason.setTextFormat(Qt.TextFormat.PlainText)  # it may quote what came from a clipboard
        self.reason.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.reason.hide()
        self.setObjectName("canvas")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAcceptDrops(True)
        scene.selectionIdsChanged.connect(self._on_scene_selection_changed)
        APPEARANCE.changed.connect(self._on_appearance_changed)
        self.destroyed.connect(document.subscribe(self._on_document_changed))
        self.destroyed.connect(sheet.subscribe(self._on_level_changed))
        self._on_appearance_changed()
        scene.sync()
        self.commands = Commands(self, COMMANDS)
        self.relabel()

    # -- what the window asks for ----------------------------------------------------------------------------------

    @property
    def selected_ids(self) -> tuple[str, ...]:
        """The selected nodes, in the order in which they were selected."""
        return self.stage.selected

    def select(self, ids: Iterable[str]) -> None:
        """Select exactly these nodes."""
        self.stage.select(ids)

    def select_all(self) -> None:
        """Select every node, wire and remark."""
        self.stage.select(self.stage.graph.nodes, self.stage.graph.wires, self.stage.remarks.items)

    def set_strip(self, node_id: str, values: np.ndarray[Any, Any]) -> None:
        """Draw a small line of gradient magnitudes on a node's card."""
        if node_id in self.stage.cards:
            self.stage.cards[node_id].set_line(values)

    def set_thumbnails(self, node_id: str, mosaic: np.ndarray[Any, Any]) -> None:
        """Draw feature maps on a node's card: grey (H, W) between 0 and 1, or RGB bytes (H, W, 3)."""
        if node_id in self.stage.cards:
            self.stage.cards[node_id].set_picture(picture(mosaic))

    def set_units(self, node_id: str, maps: UnitMaps) -> None:
        """Draw what each unit of a node says over the plane on its card."""
        card = self.stage.cards.get(node_id)
        if card is not None and card.units is not None and len(maps.codes) == len(card.units):
            card.units.show(maps)
            card.update()

    def clear_live(self) -> None:
        """Empty the live strip of every card, and the wires."""
        self.fans.clear()
        for card in self.stage.cards.values():
            if card.live:
                card.set_line(None)
                card.set_picture(None)
                if card.units is not None:
                    card.units.show(None)

    def point_at(self, node_id: str) -> None:
        """Put a ring round the card of a node that a panel looks at, and round no other; empty: round none."""
        for id, card in self.stage.cards.items():
            card.set_pointed(id == node_id)

    def set_failure(self, node_id: str, failure: Sentence | None) -> None:
        """Show at a node what went wrong while it ran, until it is edited or None is given."""
        if failure is None:
            self.stage.failures.pop(node_id, None)
        else:
            self.stage.failures[node_id] = failure
        self.stage.refresh()

    def relabel(self) -> None:
        """Say everything again in the present language."""
        self.setAccessibleName(tr("Network canvas"))
        self.stage.refresh()
        self._describe()
        self.viewport().update()

    # -- for gestures ----------------------------------------------------------------------------------------------

    def scene_point(self, point: QPointF) -> QPointF:
        """Return the place in the scene that lies under a point of the viewport."""
        return self._to_scene(point)

    def view_point(self, point: QPointF) -> QPointF:
        """Return where in the viewport a place of the scene lies."""
        return self.viewportTransform().map(point)

    def pointer_place(self) -> QPointF | None:
        """Return the place in the scene under the pointer, while that is over the canvas."""
        return self.scene_point(self.pointer) if self.pointer is not None else None

    def explain(self, reason: Sentence | None, at: QPointF | None = None, *, warning: bool = False) -> None:
        """Say beside a place of the scene (by default the last selected node) why something cannot be done.

        A `warning` says what will be wrong, though it can be done.
        """
        if reason is None:
            self.reason.hide()
            return
        self.reason.setText(str(reason))
        self.reason.setProperty("kind", "warning" if warning else "")
        self.reason.style().polish(self.reason)
        self.reason.setMaximumWidth(260)
        self.reason.setFixedWidth(min(260, self.reason.fontMetrics().horizontalAdvance(str(reason)) + 24))
        self.reason.adjustSize()
        if at is None:
            at = self.stage.cards[self.selected_ids[-1]].rect.bottomLeft() if self.selected_ids else QPointF(0, HEIGHT)
        corner = self.view_point(at) + QPointF(16, 14)
        room = self.viewport().rect()
        x = min(corner.x(), room.right() - self.reason.width() - 8)
        y = corner.y() if corner.y() + self.reason.height() < room.bottom() else corner.y() - self.reason.height() - 28
        self.reason.move(int(x), int(y))
        self.reason.show()
        self.reason.raise_()

    def gesture_at(self, at: QPointF, modifiers: Qt.KeyboardModifier) -> Gesture:
        """Say what a press of the left button at a place begins."""
        x, y = at.x(), at.y()
        adding = bool(modifiers & (Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier))
        if not self.in_overview and (spot := self.stage.port_at(x, y, max(PORT_GRAB, 6 / self.zoom))):
            if not spot.outgoing and (moving := self._single_wire(spot.id, spot.port)):
                return DrawWire(self, at, self.stage.spot(moving.source, moving.source_port, True), moving)
            return DrawWire(self, at, spot)
        if id := self.stage.card_at(x, y):
            unit = -1 if adding or self.in_overview else self.stage.cards[id].unit_at(x, y)
            return Move(self, at, id, toggle=adding, unit=unit)
        if taken := frame_gesture(self, at, adding=adding) or remark_gesture(self, at, adding=adding):
            return taken
        if not self.in_overview and (wire := self.stage.wire_at(x, y, WIRE_GRAB / self.zoom)):
            if not adding and (end := taken_end(self, at, wire)):
                return end
            return _Pick(self, at, wire, adding=adding)
        return Lasso(self, at, adding=adding)

    def drop_gesture(self, at: QPointF, key: str) -> Drop:
        """Begin to show what dropping a block would do."""
        return Drop(self, at, key)

    def pan_gesture(self, at: QPointF) -> Pan:
        """Begin to move the picture."""
        return Pan(self, at)

    def _single_wire(self, id: str, port: str) -> Wire | None:
        """Return the wire at a port that takes only one."""
        ports = {p.name: p for p in self.stage.graph.nodes[id].block.ports()}
        wires = [w for w in self.stage.graph.incoming[id] if w.target_port == port]
        return wires[0] if wires and not ports[port].variadic else None

    # -- following -------------------------------------------------------------------------------------------------

    def _on_document_changed(self, old: Experiment, new: Experiment) -> None:
        same = (
            old.graph is new.graph
            and old.facts is new.facts
            and old.source is new.source
            and old.view.positions is new.view.positions
            and old.view.direction == new.view.direction
            and old.view.remarks is new.view.remarks
            and old.view.opened is new.view.opened
        )
        if same:
            return
        self.cancel_gesture()
        self._stop_ease()
        # Only a document that was just opened has neither past nor future; it starts with everything in view.
        opened = old.graph is not new.graph and not (self.document.undo_name or self.document.redo_name)
        if opened:
            if self.editor is not None:
                self.editor.close_now()  # what was being written belongs to what was open before
            self.stage.select()
            self.stage.failures.clear()
        if self.sheet.level != self._level:
            self._on_level_changed()  # the group that was shown is gone, or is called something else
            return
        moved = self.stage.sync()
        if opened:
            self.clear_live()
            self.fit(ease=False)
        elif moved and len(moved) <= GLIDING_AT_MOST and self.moves:
            self._glide_from(moved)
        if self.editor is not None:
            self.editor.follow()
        self.viewport().update()

    def _on_level_changed(self) -> None:
        """Show the inside of another group, or come back from there."""
        self.cancel_gesture()
        if self.editor is not None:
            self.editor.close_now()
        self._stop_ease()
        self._level = self.sheet.level
        self.stage.select()
        self.stage.failures.clear()  # the same id is another node there
        self.stage.sync()
        self.clear_live()
        self.fit(ease=False)
        self.commands.refresh()
        self.levelChanged.emit()

    def _glide_from(self, before: dict[str, Point]) -> None:
        targets = {id: self.stage.cards[id].place for id in before}
        self._settled = self.stage.bounds()

        def frame(t: float) -> None:
            here = {id for id in before if id in self.stage.cards}
            self.stage.show_at({id: _between(before[id], targets[id], t) for id in here})

        frame(0.0)
        self._animate(frame, self.stage.settle, "cards")

    def _show_card(self, id: str) -> None:
        """Bring a card into view if it is outside."""
        card = self.stage.cards[id].rect
        seen = self.visible_rect()
        if not seen.contains(card):
            zoom = self.zoom
            self._glide(zoom, seen.united(card.adjusted(-40, -40, 40, 40)).center(), ease=True)
            if not self.moves and not self.visible_rect().contains(card):
                self.show_rect(seen.united(card.adjusted(-40, -40, 40, 40)), ease=False)

    def _on_scene_selection_changed(self, ids: tuple[str, ...]) -> None:
        self._describe()
        self.viewport().update()
        self.selectionIdsChanged.emit(ids)

    def _describe(self) -> None:
        """Tell a screen reader what is selected."""
        said = [f"{self.stage.cards[id].face.name} {id}" for id in self.selected_ids[:8]]
        said += [described(self.stage.remarks.items[id].remark) for id in self.stage.selected_remarks[:8]]
        self.setAccessibleDescription(", ".join(said) or tr("Nothing is selected"))

    def _on_appearance_changed(self) -> None:
        now = APPEARANCE.theme
        self.reason.setStyleSheet(
            f"QLabel {{ background: {now.card}; color: {now.bad_text}; border: 1px solid {now.bad};"
            " border-radius: 6px; padding: 5px 8px; }"
            f'QLabel[kind="warning"] {{ color: {now.validation_text}; border-color: {now.validation}; }}'
        )
        self.stage.recolour()
        self.fans.recolour()
        self.viewport().update()

    def _on_view_changed(self) -> None:
        super()._on_view_changed()
        if self.editor is not None:
            self.editor.follow()

    # -- Qt --------------------------------------------------------------------------------------------------------

    def drawForeground(self, painter: QPainter, rect: QRectF | object) -> None:
        super().drawForeground(painter, rect)
        if self.gesture is not None:
            self.gesture.paint(painter)
        if not self.stage.cards and not self.stage.remarks.items and self.gesture is None:
            painter.resetTransform()
            painter.setPen(self.look.dim)
            painter.setFont(self.font())
            words = tr("Drag a block here from the palette, or press Space to search for one.")
            painter.drawText(self.viewport().rect(), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, words)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if edit_at(self, self.scene_point(event.position())):
            return
        if (gesture := self.double_gesture_at(event)) is not None:
            self.begin(gesture)
        else:
            self.mousePressEvent(event)


class _Pick(Gesture):
    """Selects a wire."""

    def __init__(self, canvas: Canvas, at: QPointF, wire: Wire, *, adding: bool) -> None:
        super().__init__(canvas, at)
        self._before = self.stage.selection
        ids, wires, remarks = self._before if adding else ((), (), ())
        self.stage.select(ids, (*wires, wire), remarks)

    def cancel(self) -> None:
        self.stage.select(*self._before)


def _between(a: Point, b: Point, t: float) -> Point:
    return a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t
