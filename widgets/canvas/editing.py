"""What can be done to the nodes of a canvas: add, connect, remove, move and name them, each one undoable step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playground.graph import Wire
from playground.report import Fix
from playground.suggest import why_not
from playground.text import Refusal, say
from widgets.canvas import edits
from widgets.canvas.adding import Adding
from widgets.canvas.clipboard import Pasted
from widgets.canvas.geometry import GRID, snapped
from widgets.canvas.menus import NameEditor
from widgets.canvas.opening import chosen_group
from widgets.canvas.placing import arrange_all
from widgets.canvas.remark_editing import edit_remark, removing, without

if TYPE_CHECKING:
    from widgets.canvas.view import Canvas


class Editing(Adding):
    """The half of `Canvas` that changes the document."""

    pasted = Pasted()
    """What was pasted last."""

    def apply_fix(self: Canvas, fix: Fix) -> None:  # type: ignore[misc]
        """Carry out a remedy as one step; what moves for it is part of the step."""
        self.document.edit(fix.label, graph=fix.edit(self.document.now.graph))

    def tidy(self: Canvas) -> None:  # type: ignore[misc]
        """Lay the whole graph out anew, as one step."""
        places = arrange_all(self.sheet)
        if not places:
            return
        old = self.stage.places().values()
        dx, dy = (snapped(min(place[axis] for place in old)) for axis in (0, 1))
        moved = {id: (x + dx, y + dy) for id, (x, y) in places.items()}
        self.sheet.edit(say("Tidy up"), places=moved)
        self.fit()

    def delete_selection(self: Canvas, *, rejoin: bool = False) -> None:  # type: ignore[misc]
        """Take the selected nodes, wires and remarks away; with `rejoin` the chain closes again."""
        ids, wires, remarks = self.stage.selection
        if not ids and not wires and not remarks:
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
        name = edits.remove_name(ids, len(wires), rejoin=rejoin) if ids or wires else removing(self)
        self.sheet.edit(name, graph=graph, places=places, remarks=without(self.sheet.remarks, remarks))

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
        if refusal := why_not(self.sheet, graph, wire):
            self.explain(refusal)
            return
        self.sheet.edit(say("Connect"), graph=graph.connect(wire))

    def nudge(self: Canvas, dx: float, dy: float) -> None:  # type: ignore[misc]
        """Move what is selected by so many lines of the grid; repeated nudges are one step."""
        places = self.stage.places()
        ids, remarks = self.stage.carried()
        for id in ids:
            places[id] = (places[id][0] + dx * GRID, places[id][1] + dy * GRID)
        moved = self.stage.remarks.shifted(remarks, dx * GRID, dy * GRID)
        self.sheet.edit(say("Move"), places=places, remarks=moved, merge=("nudge", *self.stage.selection))

    def rename_selected(self: Canvas) -> None:  # type: ignore[misc]
        """Open the editor of what is selected: a node's name, a note's text, a frame's title."""
        if self.selected_ids:
            self.rename(chosen_group(self) or self.selected_ids[-1])
        elif self.stage.selected_remarks:
            edit_remark(self, self.stage.selected_remarks[-1])

    def rename(self: Canvas, id: str) -> None:  # type: ignore[misc]
        """Open the name editor over a node."""
        if self.editor is not None:
            self.editor.close_now()
        self.editor = NameEditor(self, id)
