"""Adding blocks: from the palette, and by the search box that opens at a place, in a wire or at a wire's loose end."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QMouseEvent

from playground.fragment import followed
from playground.graph import Wire, joined
from playground.own_blocks import ID as OWN
from playground.own_blocks import own_block
from playground.suggest import Opening, Suggestion, fresh_block, objection, suggest
from playground.text import Refusal, tr
from widgets.canvas import edits
from widgets.canvas.edits import Plan
from widgets.canvas.geometry import HEIGHT, WIDTH
from widgets.canvas.gestures import Gesture, Lasso, Move
from widgets.canvas.input import CanvasInput
from widgets.canvas.layout import free_place, next_to
from widgets.canvas.opening import MoveGroup
from widgets.canvas.repeating import EditRepeat, badge_at
from widgets.canvas.scene import Spot
from widgets.shelf import Shelf

if TYPE_CHECKING:
    from widgets.canvas.view import Canvas

ON_WIRE = 9.0
"""How close to a wire the pointer must be to mean it, in pixels."""


class Adding(CanvasInput):
    """The part of `Canvas` that brings new blocks.

    Attributes:
        shelf: which blocks are at hand; what is added is noted there.
        let_go: what the last click on empty canvas unselected; a double click has it back.
    """

    shelf: Shelf | None = None
    let_go: tuple[str, ...] = ()
    _added_from: QPointF | None = None
    """Where the pointer was when the last block came: as long as it has not moved since, it means nothing."""

    def add_block(self: Canvas, key: str) -> None:  # type: ignore[misc]
        """Add a block after the selected (or the last) node, and connect the two where that fits."""
        try:
            block = fresh_block(key, self.document.now.facts)
        except Refusal as refusal:
            self.explain(refusal.sentence)
            return
        places = self.stage.places()
        chosen = self.selected_ids[-1:]
        if not places or (block.edge and not chosen):
            middle = self.scene_point(QPointF(self.viewport().rect().center()))
            inside = self.stage.opened.at(middle.x(), middle.y())
            place = edits.centred((middle.x(), middle.y()))
            plan = Plan(block, free_place(places, place, self.stage.direction), inside=inside)
            self.carry_out(edits.allowed(self.sheet, plan), key)
            return
        anchor = chosen[0] if chosen else next(reversed(self.stage.graph.nodes))
        self.carry_out(edits.plan_after(self.sheet, places, block, anchor, insert=bool(chosen)), key)

    def carry_out(self: Canvas, plan: Plan, key: str = "") -> None:  # type: ignore[misc]
        """Add the planned block as one step, select it and see that it is in view; `key` is what was chosen for it."""
        if plan.refused:
            x, y = plan.place
            self.explain(plan.reason, QPointF(x + WIDTH / 2, y + HEIGHT / 2))
            return
        graph, places, id = edits.carry_out(self.sheet, self.stage.places(), plan)
        if (own := own_block(key)) is not None:
            places.update(followed(own.places, {OWN: id}))
        self.sheet.edit(plan.name, graph=graph, places=places)
        self._added_from = self.pointer
        self.select([id])
        self.stop_fitting()
        self._show_card(id)
        if self.shelf is not None:
            self.shelf.use(key or plan.block.name)

    def activate(self: Canvas, id: str) -> None:  # type: ignore[misc]
        """Do what a double click on a node does: look inside a group, rename anything else."""
        if self.sheet.group(id) is not None:
            self.sheet.enter(joined(self.sheet.level, id))
        else:
            self.rename(id)

    # -- the search box --------------------------------------------------------------------------------------------

    def open_search(  # type: ignore[misc]
        self: Canvas, at: QPointF, spot: Spot | None = None, wire: Wire | None = None
    ) -> None:
        """Open the search box for a block at a place: at the loose end of a wire from `spot`, or put into `wire`.

        Without either, the block is connected to the selected node if its output is free and that fits.
        """
        place, strict = (at.x(), at.y()), spot is not None or wire is not None
        if spot is not None:
            end = (spot.id, spot.port)
            opening = Opening(source=end) if spot.outgoing else Opening(target=end)
        elif wire is None and len(self.selected_ids) == 1:
            opening = Opening(source=edits.free_output(self.sheet.graph, self.selected_ids[0]))
        else:
            opening = Opening(wire=wire)

        def planner(one: Suggestion) -> Plan:
            if opening == Opening():
                inside = self.stage.opened.at(*place)
                return edits.plan_drop(self.sheet, self.stage.places(), one.block, place, None, inside=inside)
            return edits.plan_at(self.sheet, one.block, place, opening, wire_end=spot is not None)

        inside = self.stage.opened.at(*place) if opening == Opening() else _level_of(self, opening)
        self._search(at, opening, planner, inside, strict=strict, held=spot)

    def open_search_here(self: Canvas) -> None:  # type: ignore[misc]
        """Open the search box where the pointer is; else after the selected node, else in the middle."""
        if self.pointer is None or self.pointer == self._added_from:
            if len(self.selected_ids) == 1:
                self.search_after(self.selected_ids[0])
            else:
                self.open_search(self.scene_point(QPointF(self.viewport().rect().center())))
            return
        at = self.scene_point(self.pointer)
        if id := self.stage.card_at(at.x(), at.y()):
            self.search_after(self.selected_ids[0] if len(self.selected_ids) == 1 else id)
        else:
            self.open_search(at, wire=self.stage.wire_at(at.x(), at.y(), ON_WIRE / self.zoom))

    def search_after(self: Canvas, id: str) -> None:  # type: ignore[misc]
        """Search for what comes after a node: put into its wire where there is just one."""
        out = self.sheet.graph.outgoing[id]
        wire = out[0] if len(out) == 1 else None
        opening = Opening(wire=wire) if wire else Opening(source=edits.free_output(self.sheet.graph, id))

        def planner(one: Suggestion) -> Plan:
            return edits.plan_after(self.sheet, self.stage.places(), one.block, id, insert=True)

        x, y = next_to(self.stage.places()[id], self.stage.direction)
        at = QPointF(x + WIDTH / 2, y + HEIGHT / 2)
        inside = edits.level_of(self.sheet.graph, source=(id, ""), wire=wire)
        self._search(at, opening, planner, inside, strict=wire is not None)

    def _search(  # type: ignore[misc]
        self: Canvas,
        at: QPointF,
        opening: Opening,
        planner: Callable[[Suggestion], Plan],
        inside: str,
        *,
        strict: bool,
        held: Spot | None = None,
    ) -> None:
        from widgets.canvas.search import Choose

        shelf = self.shelf or Shelf()
        found = suggest(self.sheet, opening, recent=shelf.recent, favourites=shelf.favourites, inside=inside)
        self.cancel_gesture()
        caption, judge = _caption(self, opening), partial(objection, self.sheet, opening)
        self.begin(Choose(self, at, found, planner, caption=caption, strict=strict, held=held, judge=judge))

    # -- double clicks ---------------------------------------------------------------------------------------------

    def double_gesture_at(self: Canvas, event: QMouseEvent) -> Gesture | None:  # type: ignore[misc]
        """Say what the second press of a double click begins, where that is something else than another click."""
        at = self.scene_point(event.position())
        x, y = at.x(), at.y()
        if event.button() != Qt.MouseButton.LeftButton or self.stage.link_at(x, y):
            return None
        if not self.in_overview and (group := badge_at(self, at)):
            return EditRepeat(self, at, group)
        begun = self.gesture_at(at, event.modifiers())
        if isinstance(begun, MoveGroup):
            return _EnterGroup(self, at, begun.group, toggle=False)
        if type(begun) is Move:
            return _Activate(self, at, begun.grabbed, toggle=False)
        if type(begun) is Lasso:
            return _Search(self, at, adding=False)
        wire = self.stage.wire_at(x, y, ON_WIRE / self.zoom)
        return _SearchWire(self, at, wire) if wire in self.stage.selected_wires and wire else None


class _Activate(Move):
    """A double click on a node."""

    def click(self) -> None:
        self.canvas.activate(self.grabbed)


class _EnterGroup(MoveGroup):
    """A double click on the title of an open group."""

    def click(self) -> None:
        self.canvas.activate(self.group)


class _Search(Lasso):
    """A double click on empty canvas: the first click has unselected what a new block is to be connected to."""

    def click(self) -> None:
        self.stage.select(self.canvas.let_go)
        self.canvas.open_search(self.at)


class _SearchWire(Gesture):
    """A double click on a wire."""

    def __init__(self, canvas: Canvas, at: QPointF, wire: Wire) -> None:
        super().__init__(canvas, at)
        self.wire = wire

    def click(self) -> None:
        self.canvas.open_search(self.at, wire=self.wire)


def _level_of(canvas: Canvas, opening: Opening) -> str:
    return edits.level_of(canvas.sheet.graph, opening.source, opening.target, opening.wire)


def _caption(canvas: Canvas, opening: Opening) -> str:
    """Say for what place a block is looked for."""
    if opening.wire is not None:
        return tr("Between {source} and {target}", source=opening.wire.source, target=opening.wire.target)
    if opening.source is not None:
        id, port = opening.source
        known = canvas.sheet.known(id)
        return tr("After {node}", node=id) + (f" · {known.leaving(port)}" if known is not None else "")
    return tr("Before {node}", node=opening.target[0]) if opening.target is not None else ""
