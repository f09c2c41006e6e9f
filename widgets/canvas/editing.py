"""What can be done to the nodes of a canvas: add, connect, remove, move and name them, each one undoable step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF

from playground.analysis import Fix
from playground.graph import Wire
from playground.text import Refusal, say
from widgets.canvas import edits
from widgets.canvas.dropping import name_of
from widgets.canvas.geometry import GRID, HEIGHT, WIDTH, snapped
from widgets.canvas.input import CanvasInput
from widgets.canvas.layout import arrange
from widgets.canvas.menus import NameEditor

if TYPE_CHECKING:
    from widgets.canvas.view import Canvas


class Editing(CanvasInput):
    """The half of `Canvas` that changes the document."""

    def add_block(self: Canvas, key: str) -> None:  # type: ignore[misc]
        """Add a block right of the selected (or the last) node, and connect the two where that fits."""
        block = edits.fresh_block(key, self.document.now.facts)
        places = self.stage.places()
        if not places:
            middle = self.scene_point(QPointF(self.viewport().rect().center()))
            at = (snapped(middle.x() - WIDTH / 2), snapped(middle.y() - HEIGHT / 2))
            self.carry_out(edits.Plan(block, at))
            return
        chosen = self.selected_ids[-1:]
        anchor = chosen[0] if chosen else next(reversed(self.stage.graph.nodes))
        self.carry_out(edits.plan_after(self.sheet, places, block, anchor, insert=bool(chosen)))

    def carry_out(self: Canvas, plan: edits.Plan) -> None:  # type: ignore[misc]
        """Add the planned block as one step, select it and see that it is in view."""
        graph, places, id = edits.carry_out(self.sheet, self.stage.places(), plan)
        self.sheet.edit(name_of(plan), graph=graph, places=places)
        self.select([id])
        self.stop_fitting()
        self._show_card(id)

    def apply_fix(self: Canvas, fix: Fix) -> None:  # type: ignore[misc]
        """Carry out a remedy as one step; what moves for it is part of the step."""
        self.document.edit(fix.label, graph=fix.edit(self.document.now.graph))

    def tidy(self: Canvas) -> None:  # type: ignore[misc]
        """Lay the whole graph out anew, as one step."""
        places = arrange(self.stage.graph)
        if not places:
            return
        old = self.stage.places().values()
        dx, dy = (snapped(min(place[axis] for place in old)) for axis in (0, 1))
        moved = {id: (x + dx, y + dy) for id, (x, y) in places.items()}
        self.sheet.edit(say("Tidy up"), places=moved)
        self.fit()

    def delete_selection(self: Canvas, *, rejoin: bool = False) -> None:  # type: ignore[misc]
        """Take the selected nodes and wires away; with `rejoin` the chain closes again."""
        ids, wires = self.selected_ids, self.stage.selected_wires
        if not ids and not wires:
            return
        graph = self.sheet.graph
        for wire in wires:
            graph = graph.disconnect(wire)
        try:
            graph = edits.rejoined(graph, ids) if rejoin else graph.remove(ids)
        except Refusal as refusal:
            self.explain(refusal.sentence)
            return
        places = {id: place for id, place in self.stage.places().items() if id in graph.nodes}
        self.sheet.edit(edits.remove_name(ids, len(wires), rejoin=rejoin), graph=graph, places=places)

    def connect_selected(self: Canvas) -> None:  # type: ignore[misc]
        """Connect the first of two selected nodes to the second, or say why that cannot be."""
        if len(self.selected_ids) != 2:
            return
        source, target = self.selected_ids
        graph = self.sheet.graph
        outputs = graph.nodes[source].block.outputs
        port = graph.free_port(target) or next(iter(graph.nodes[target].block.ports()), None)
        if not outputs or port is None:
            lacking = say("{node} has no input", node=target)
            self.explain(lacking if outputs else say("{node} has no output", node=source))
            return
        wire = Wire(source, target, outputs[0], port.name)
        if refusal := edits.why_not(self.sheet, graph, wire):
            self.explain(refusal)
            return
        self.sheet.edit(say("Connect"), graph=graph.connect(wire))

    def nudge(self: Canvas, dx: float, dy: float) -> None:  # type: ignore[misc]
        """Move the selected nodes by so many lines of the grid; repeated nudges are one step."""
        places = self.stage.places()
        for id in self.selected_ids:
            places[id] = (places[id][0] + dx * GRID, places[id][1] + dy * GRID)
        self.sheet.edit(say("Move"), places=places, merge=("nudge", self.selected_ids))

    def rename(self: Canvas, id: str) -> None:  # type: ignore[misc]
        """Open the name editor over a node."""
        if self.editor is not None:
            self.editor.close_now()
        self.editor = NameEditor(self, id)
