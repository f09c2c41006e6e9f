"""Thousands of random edits through the same calls that the gestures use, and what must hold after each of them.

The canvas is a real one. What is checked: undo gives back the very document that was there before, and redo the one
after; ids are valid and none is given out twice; no wire dangles; the document survives being saved and opened; the
scene shows exactly the document.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from types import TracebackType
from typing import Any

import pytest
import shiboken6
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from PySide6.QtCore import QCoreApplication, QEvent, QPointF, Qt
from PySide6.QtWidgets import QApplication

from playground import files
from playground.block import CATALOGUE
from playground.blocks.combine import Add
from playground.blocks.convolution import Conv2D
from playground.blocks.data import Input, Output
from playground.blocks.dense import Dense
from playground.blocks.group import Group
from playground.declare import Parameter
from playground.document import Document
from playground.experiment import Experiment
from playground.facts import DataFacts, Target
from playground.graph import Graph, Wire, check_id
from playground.graph_json import unfolded_size
from playground.grouping import collapse
from playground.nesting import fold, groups, has_level, open_in_place
from playground.shape import Shape
from playground.text import Refusal, say
from tests.examples import chain, image_facts, preset
from widgets.canvas import Canvas
from widgets.canvas.commanding import Command
from widgets.canvas.faces import face
from widgets.canvas.geometry import HEIGHT, WIDTH, input_spots, output_spots
from widgets.canvas.layout import complete
from widgets.canvas.menus import NameEditor
from widgets.canvas.menus import rename as rename_on_canvas
from widgets.canvas.remark_editing import NoteEditor, RemarkEditor
from widgets.canvas.repeating import RepeatEditor
from widgets.canvas.search import Choose
from widgets.canvas.sizes import tall_cards

MOST = 26
"""Nodes, at any depth, from which on nothing is added."""
PHASES = (Phase.generate, Phase.shrink)  # what was found before is found again, and explaining takes minutes
NAMES = ("head", "tail", "conv_7", "dense_1", "relu", "train", "no name", "x", "out", "x_2")
"""What nodes are renamed to: new ones, taken ones, and some that cannot be names."""
NO_MODIFIER, SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier
CONTROL, ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier
ASKING = frozenset({"save_block", "find"})
"""Commands that wait for an answer, or change nothing that is checked here."""

DOCUMENTS: dict[str, Callable[[], Experiment]] = {
    "empty": lambda: Experiment(facts=image_facts()),
    "chain": lambda: Experiment(facts=image_facts(side=8), graph=chain(Input(), Conv2D(), Dense(), Output())),
    "branches": lambda: Experiment(facts=image_facts(side=8), graph=_branches()),
    "two answers": lambda: Experiment(facts=_two_of_each()),
    "groups": lambda: Experiment(facts=image_facts(side=8), graph=_grouped()),
    "xor": lambda: preset("xor"),
    "lenet": lambda: preset("lenet"),
}


def _branches() -> Graph:
    graph = chain(Input(), Conv2D(padding=1)).add(Conv2D(padding=1)).add(Add())
    for wire in (
        Wire("input_1", "conv_2"),
        Wire("conv_1", "add_1", "out", "xs"),
        Wire("conv_2", "add_1", "out", "xs"),
    ):
        graph = graph.connect(wire)
    return graph


def _grouped() -> Graph:
    """Return two groups, one of them with another inside it, repeated and with shared weights."""
    inner, _ = collapse(_branches(), ["conv_1", "conv_2", "add_1"], "Stage")
    inner = inner.configure("group_1", inner.nodes["group_1"].block.replace(repeat=2, tied=True))
    outer, _ = collapse(inner.add(Conv2D(), "conv_3").connect(Wire("group_1", "conv_3")), ["group_1", "conv_3"])
    last = next(id for id, node in outer.nodes.items() if isinstance(node.block, Group))
    return outer.add(Dense()).connect(Wire(last, "dense_1"))


def _two_of_each() -> DataFacts:
    return DataFacts(
        {"x": Shape(features=4), "words": Shape(time=5, features=3)},
        {"label": Target(("a", "b", "c")), "size": Target(shape=Shape(features=1))},
        {"train": 20},
    )


class CanvasMachine(RuleBasedStateMachine):
    """A person with a canvas who tries everything in any order.

    Attributes:
        past, future: the documents before and after the present one, as undo and redo must give them back.
        given_out: for each level, the ids that nodes have had since the document was opened.
    """

    def __init__(self) -> None:
        super().__init__()
        self.raised: list[BaseException] = []
        self._hook, sys.excepthook = sys.excepthook, self._on_raised
        self.document = Document(Experiment(facts=image_facts()))
        self.canvas = Canvas(self.document)
        self.canvas.animated = False
        self.canvas.resize(900, 600)
        self.canvas.show()
        self.past: list[Experiment] = []
        self.future: list[Experiment] = []
        self.given_out: set[str] = set()
        self._forget()

    def teardown(self) -> None:
        QApplication.clipboard().clear()
        self.canvas.close()
        shiboken6.delete(self.canvas)
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        sys.excepthook = self._hook

    def _on_raised(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        self.raised.append(error)

    # -- steps -------------------------------------------------------------------------------------------------

    def _forget(self) -> None:
        """Begin a new history."""
        self.past, self.future = [], []
        self.given_out = set(_places(self.document.now.graph))

    def _do(self, act: Callable[[], object], *, naming: bool = False) -> None:
        """Do something and follow the history; `naming` is for what takes names from a person or from a piece."""
        before, steps = self.document.now, len(self.document._past)
        try:
            act()
        except Refusal as refusal:
            assert str(refusal)
            assert self.document.now == before, "what is refused changes nothing"
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        more = len(self.document._past) - steps
        assert more in (-1, 0, 1), f"{more} steps for one action"
        if more == 1:
            self.past.append(before)
        elif more == -1:
            self.past.pop()
        if self.document.now != before:
            self.future.clear()
        there = set(_places(self.document.now.graph))
        if not naming:
            fresh = there - set(_places(before.graph))
            again = fresh & self.given_out
            assert not again, f"ids are given out again: {again}"
        self.given_out |= there

    @property
    def room(self) -> bool:
        return unfolded_size(self.document.now.graph) < MOST

    @initialize(name=st.sampled_from(sorted(DOCUMENTS)))
    def begin(self, name: str) -> None:
        self.document.open(DOCUMENTS[name]())
        self._forget()

    @precondition(lambda self: len(self.past) > 4)
    @rule(name=st.sampled_from(sorted(DOCUMENTS)), again=st.booleans())
    def open_a_file(self, name: str, again: bool) -> None:
        """Open what was saved just now, or something else."""
        self.document.open(files.parse(files.dumps(self.document.now)) if again else DOCUMENTS[name]())
        self._forget()

    @rule(times=st.integers(1, 4))
    def undo(self, times: int) -> None:
        for _ in range(times):
            if self.past:
                self.future.append(self.document.now)
                self.document.undo()
                assert self.document.now == self.past.pop(), "undo does not give back what was there"
            assert (self.document.undo_name is None) == (not self.past)

    @rule(times=st.integers(1, 4))
    def redo(self, times: int) -> None:
        for _ in range(times):
            if self.future:
                self.past.append(self.document.now)
                self.document.redo()
                assert self.document.now == self.future.pop(), "redo does not give back what was there"
            assert (self.document.redo_name is None) == (not self.future)

    @precondition(lambda self: self.past)
    @rule()
    def walk_through_history(self) -> None:
        """Undo everything and do it again."""
        last, expected = self.document.now, [*self.past, self.document.now][1:]
        for before in reversed(self.past):
            self.document.undo()
            assert self.document.now == before, "undo does not give back what was there"
        assert self.document.undo_name is None
        for after in expected:
            self.document.redo()
            assert self.document.now == after, "redo does not give back what was there"
        assert self.document.now == last

    # -- the pointer -------------------------------------------------------------------------------------------

    def _somewhere(self, data: st.DataObject) -> QPointF:
        """Return a place that means something: a port, a card, a wire, a remark, a title, or nothing at all."""
        stage = self.canvas.stage
        kinds = ["nothing"]
        kinds += ["port", "card"] * bool(stage.cards) + ["wire", "end"] * bool(stage.lines)
        kinds += ["remark", "corner"] * bool(stage.remarks.items) + ["title", "button"] * bool(stage.opened.items)
        kind = data.draw(st.sampled_from(kinds))
        if kind in ("port", "card"):
            id = data.draw(st.sampled_from(list(stage.cards)))
            spots = stage.spots(id)
            if kind == "port" and spots:
                spot = spots[data.draw(st.integers(0, len(spots) - 1))]
                return QPointF(spot.x, spot.y)
            return QPointF(stage.cards[id].x() + WIDTH / 2, stage.cards[id].y() + HEIGHT / 2)
        if kind in ("wire", "end"):
            points = stage.lines[stage.graph.wires[data.draw(st.integers(0, len(stage.lines) - 1))]].points
            return QPointF(*points[len(points) // 2 if kind == "wire" else -1])
        if kind in ("remark", "corner"):
            rect = stage.remarks.items[data.draw(st.sampled_from(list(stage.remarks.items)))].rect
            return rect.topLeft() + QPointF(20, 10) if kind == "remark" else rect.bottomRight() - QPointF(3, 3)
        if kind in ("title", "button"):
            frame = stage.opened.items[data.draw(st.sampled_from(list(stage.opened.items)))]
            return (frame.title_rect() if kind == "title" else frame.button_rect()).center()
        return QPointF(data.draw(st.integers(-60, 150)) * 8.0, data.draw(st.integers(-40, 100)) * 8.0)

    @rule(
        data=st.data(),
        held=st.sampled_from([NO_MODIFIER, NO_MODIFIER, SHIFT, ALT]),
        ending=st.sampled_from(["let go", "let go", "let go", "escape", "changed"]),
    )
    def drag(self, data: st.DataObject, held: Qt.KeyboardModifier, ending: str) -> None:
        """Press somewhere, move somewhere else, and let go, or think better of it."""
        canvas = self.canvas
        start = self._somewhere(data)
        ways = [self._somewhere(data) for _ in range(data.draw(st.integers(1, 2)))]

        def act() -> None:
            canvas.begin(canvas.gesture_at(start, held))
            for place in ways:
                assert canvas.gesture is not None
                canvas.gesture.drag(place, held)
            if ending == "let go":
                canvas._finish(ways[-1], held)
            elif ending == "changed":  # an edit comes from elsewhere while the hand holds something
                self.document.edit(
                    say("Change the title"), title=replace(self.document.now.title, en=f"{ways[-1].x()}")
                )
                canvas.sheet.edit(say("Move"), places={id: (x + 8, y) for id, (x, y) in canvas.stage.places().items()})
                canvas._finish(ways[-1], held)
            else:
                canvas.cancel_gesture()

        if ending != "changed":
            self._do(act)
        else:
            before, steps = self.document.now, len(self.document._past)
            act()
            for edit in self.document._past[steps:]:
                self.past.append(edit.before)
            if self.document.now != before:
                self.future.clear()
            self.given_out |= set(_places(self.document.now.graph))
        self._answer_search(data)

    def _answer_search(self, data: st.DataObject) -> None:
        """Choose something in the search box, if one opened, or close it."""
        gesture = self.canvas.gesture
        if not isinstance(gesture, Choose):
            return
        shown = [one for one in gesture.box.shown() if one.key != "Group" or self.room]
        if not shown or not self.room or data.draw(st.integers(0, 4)) == 0:
            gesture.box.left.emit()
        else:
            chosen = shown[data.draw(st.integers(0, min(12, len(shown)) - 1))]
            gesture.box.pointed.emit(chosen)
            self._do(lambda: gesture.box.chosen.emit(chosen))
        self.canvas.cancel_gesture()

    @rule(data=st.data(), held=st.sampled_from([NO_MODIFIER, SHIFT, CONTROL]))
    def click(self, data: st.DataObject, held: Qt.KeyboardModifier) -> None:
        at = self._somewhere(data)

        def act() -> None:
            if (link := self.canvas.stage.link_at(at.x(), at.y())) is not None:
                fixes = [fix for p in self.canvas.sheet.problems_at(link[0])[:1] for fix in p.fixes]
                self.canvas.apply_fix(fixes[link[1]])
            else:
                self.canvas.begin(self.canvas.gesture_at(at, held))
                self.canvas._finish(at, held)

        self._do(act)

    def _select(self, data: st.DataObject) -> None:
        """Select a stretch of nodes, and sometimes wires and remarks too."""
        stage = self.canvas.stage
        order = list(dict.fromkeys((*stage.graph.order, *stage.graph.nodes)))
        first = data.draw(st.integers(0, max(0, len(order) - 1)))
        ids = order[first : first + data.draw(st.sampled_from([0, 1, 1, 2, 3, 4, 30]))]
        rest = data.draw(st.sampled_from(["", "", "wires", "remarks"]))
        wires = [wire for wire in stage.lines if wire.target in ids] if rest == "wires" else []
        stage.select(ids, wires, stage.remarks.items if rest == "remarks" else [])

    # -- adding ------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.room)
    @rule(data=st.data(), key=st.sampled_from(sorted(CATALOGUE)), ending=st.booleans())
    def drop(self, data: st.DataObject, key: str, ending: bool) -> None:
        """Drag a block from the palette onto something."""
        canvas, at = self.canvas, self._somewhere(data)
        if CATALOGUE[key].edge and not canvas.sheet.level:
            return

        def act() -> None:
            canvas.begin(canvas.drop_gesture(at, key))
            assert canvas.gesture is not None
            canvas.gesture.drag(at, NO_MODIFIER)
            canvas._finish(at, NO_MODIFIER) if ending else canvas.cancel_gesture()

        self._do(act)

    @precondition(lambda self: self.room)
    @rule(key=st.sampled_from(sorted(CATALOGUE)))
    def add_from_palette(self, key: str) -> None:
        if self.canvas.sheet.level or not CATALOGUE[key].edge:
            self._do(lambda: self.canvas.add_block(key))

    @rule(data=st.data())
    def search(self, data: st.DataObject) -> None:
        self.canvas.pointer = self.canvas.view_point(self._somewhere(data)) if data.draw(st.booleans()) else None
        self.canvas.open_search_here()
        self._answer_search(data)

    # -- what the inspector and the menus do -------------------------------------------------------------------

    @precondition(lambda self: self.canvas.stage.graph.nodes)
    @rule(data=st.data())
    def configure(self, data: st.DataObject) -> None:
        """Set something of a block, as the inspector does, perhaps while the number is still being typed."""
        sheet = self.canvas.sheet
        id = data.draw(st.sampled_from(list(sheet.graph.nodes)))
        block = sheet.graph.nodes[id].block
        if not block.parameters:
            return
        name = data.draw(st.sampled_from(list(block.parameters)))
        value = data.draw(_values(block.parameters[name]))

        def act() -> None:
            graph = sheet.graph.configure(id, block.replace(**{name: value}))
            sheet.edit(say("Change {parameter} of {node}", parameter=name, node=id), graph=graph, merge=(id, name))

        if not isinstance(block, Group) or name != "repeat" or value < 4:
            self._do(act)

    @precondition(lambda self: self.canvas.stage.graph.nodes)
    @rule(data=st.data())
    def mark(self, data: st.DataObject) -> None:
        """Freeze a node, tie it to another, or set weights by hand."""
        sheet = self.canvas.sheet
        ids = list(sheet.graph.nodes)
        id, other = data.draw(st.sampled_from(ids)), data.draw(st.sampled_from(["", *ids]))
        changes = data.draw(
            st.sampled_from(
                [{"frozen": True}, {"frozen": False}, {"tied_to": other}, {"weights": {"bias": (1.0, 2.0)}}]
            )
        )
        if changes.get("tied_to") == id or other.rpartition(".")[0] != id.rpartition(".")[0]:
            return
        self._do(lambda: sheet.edit(say("Freeze {node}", node=id), graph=sheet.graph.mark(id, **changes)))

    @precondition(lambda self: self.canvas.stage.graph.nodes)
    @rule(data=st.data(), new=st.sampled_from(NAMES), by=st.sampled_from(["canvas", "inspector"]))
    def rename(self, data: st.DataObject, new: str, by: str) -> None:
        old = data.draw(st.sampled_from([*self.canvas.stage.graph.nodes, *self.canvas.sheet.opened]))
        level = old.rpartition(".")[0]
        if by == "inspector" or old not in self.canvas.stage.graph:
            self._do(lambda: self.canvas.sheet.rename(old, f"{level}.{new}" if level else new), naming=True)
        else:
            self._do(lambda: rename_on_canvas(self.canvas, old, f"{level}.{new}" if level else new), naming=True)

    @precondition(lambda self: any(p.fixes for p in self.document.report.problems))
    @rule(data=st.data())
    def mend(self, data: st.DataObject) -> None:
        fixes = [fix for problem in self.document.report.problems for fix in problem.fixes]
        fix = fixes[data.draw(st.integers(0, len(fixes) - 1))]
        self._do(lambda: self.canvas.apply_fix(fix))
        assert self.document.undo_name is not None, f"{fix.label} does nothing"

    @rule(data=st.data(), select=st.booleans())
    def command(self, data: st.DataObject, select: bool) -> None:
        """Do whatever the menus offer now."""
        if select:
            self._select(data)
        self.canvas.commands.refresh()
        self._order(data, data.draw(st.sampled_from([key for key in self._offered() if key not in ASKING])))

    @rule(data=st.data(), key=st.sampled_from(["copy", "cut", "paste", "duplicate", "delete", "rejoin", "connect"]))
    def use_the_clipboard(self, data: st.DataObject, key: str) -> None:
        if key != "paste":
            self._select(data)
        self._order(data, key)

    @rule(data=st.data(), key=st.sampled_from(["group", "unpack", "open_in_place", "open_in_place", "open_in_tab"]))
    def use_groups(self, data: st.DataObject, key: str) -> None:
        graph = self.canvas.stage.graph
        found = [id for id, node in graph.nodes.items() if isinstance(node.block, Group)]
        opened = [self.canvas.stage.opened.members(id) for id in self.canvas.stage.opened.items]
        if key == "group" or not (found or opened):
            self._select(data)
        else:
            self.canvas.select(data.draw(st.sampled_from([*([id] for id in found), *opened])))
        self._order(data, key)

    def _offered(self) -> dict[str, Command]:
        growing = {"paste", "duplicate", "unpack", "add_note", "add_frame", "add"}
        made = {one[0].key: one[0] for one in self.canvas.commands._made if one and one[1].isEnabled()}
        return {key: one for key, one in made.items() if self.room or key not in growing}

    def _order(self, data: st.DataObject, key: str) -> None:
        """Carry out a command, if it is offered, and answer what it asks."""
        if (command := self._offered().get(key)) is None:
            return
        self.canvas.pointer = self.canvas.view_point(self._somewhere(data)) if data.draw(st.booleans()) else None
        self._do(lambda: command.run(self.canvas), naming=key in ("paste", "unpack"))
        self._answer_search(data)
        self._answer_editor(data)

    def _answer_editor(self, data: st.DataObject) -> None:
        """Write something where something is to be written, or close it."""
        editor = self.canvas.editor
        if editor is None:
            return
        text = data.draw(st.sampled_from(["", "A note", "Stage 1\nstage 2", *NAMES]))
        if isinstance(editor, NoteEditor):
            editor.setPlainText(text)
        elif isinstance(editor, RepeatEditor):
            editor.setValue(data.draw(st.integers(1, 3)))
            self._do(editor.take)
        else:
            editor.setText(text)  # type: ignore[attr-defined]
        if data.draw(st.booleans()) and isinstance(editor, RemarkEditor):
            self._do(editor.take)
        elif data.draw(st.booleans()) and isinstance(editor, NameEditor):
            self._do(editor.returnPressed.emit, naming=True)
        if self.canvas.editor is not None:
            self.canvas.editor.close_now()
        self.document.close_step()

    @precondition(lambda self: self.canvas.sheet.level)
    @rule()
    def leave(self) -> None:
        self.canvas.sheet.enter(self.canvas.sheet.level.rpartition(".")[0])

    @rule(zoom=st.sampled_from([0.2, 0.5, 1.0, 2.0]))
    def look(self, zoom: float) -> None:
        """Paint everything, near or far."""
        self.canvas.zoom_by(zoom / self.canvas.zoom)
        self.canvas.viewport().grab()

    # -- what must always hold ---------------------------------------------------------------------------------

    @invariant()
    def nothing_raised(self) -> None:
        if self.raised:
            raise self.raised.pop()

    @invariant()
    def the_history_is_that_of_the_document(self) -> None:
        assert len(self.document._past) == len(self.past)
        for edit, before in zip(self.document._past[-3:], self.past[-3:], strict=True):
            assert edit.before == before

    @invariant()
    def ids_are_names_and_wires_end_at_ports(self) -> None:
        whole = self.document.now.graph
        for _, graph in (("", whole), *((path, group.graph) for path, group in groups(whole))):
            for id, node in graph.nodes.items():
                assert node.id == id
                check_id(id)
                assert not node.tied_to or node.tied_to in graph.nodes
            _assert_wired(graph)

    @invariant()
    def it_survives_the_file(self) -> None:
        now = self.document.now
        assert files.parse(files.dumps(now)) == now

    @invariant()
    def unfolding_and_folding_give_the_same_graph(self) -> None:
        whole = self.document.now.graph
        paths = [path for path, _ in groups(whole)]
        for opened in (paths, self.canvas.sheet.opened, [path for path in paths if "." not in path]):
            assert fold(open_in_place(whole, opened), whole) == whole

    @invariant()
    def places_are_of_nodes(self) -> None:
        whole, view = self.document.now.graph, self.document.now.view
        assert set(view.positions) <= set(_places(whole))
        assert all(has_level(whole, path) for path in (*view.opened, *(remark.level for remark in view.remarks)))

    @invariant()
    def the_scene_shows_the_sheet(self) -> None:
        canvas, stage, sheet = self.canvas, self.canvas.stage, self.canvas.sheet
        assert canvas.gesture is None
        assert stage.graph is sheet.graph
        assert list(stage.cards.keys() - sheet.graph.nodes.keys()) == [] and len(stage.cards) == len(sheet.graph.nodes)
        assert set(stage.lines) == set(sheet.graph.wires)
        tall = tall_cards(sheet, sheet.direction)
        sizes = {id: size for id in sheet.graph.nodes if (size := tall(id))}
        places = complete(sheet.graph, sheet.places, sheet.direction, sizes)
        troubled = {problem.node for problem in sheet.problems if problem.node}
        for id, card in stage.cards.items():
            node = sheet.graph.nodes[id]
            assert card.id == id and card.block is node.block and card.scene() is stage
            assert card.place == places[id] == (card.x(), card.y())
            assert card.inputs == input_spots(node.block, sheet.direction)
            assert card.outputs == output_spots(node.block, sheet.direction)
            assert card.face == face(node, sheet.known(id), id in troubled, self.document.now)
            assert (card.mark, card.lit, card.opacity()) == ("", "", 1.0)
            assert card.chosen == (id in stage.selected)
        for wire, line in stage.lines.items():
            assert line.wire == wire and line.shape_of_data == sheet.shape(wire) and line.scene() is stage
            assert line.isVisible() and not line.lit and line.chosen == (wire in stage.selected_wires)
            source, target = (
                stage.spot(wire.source, wire.source_port, True),
                stage.spot(wire.target, wire.target_port, False),
            )
            assert line.route.points[0] == (source.x, source.y) and line.route.points[-1] == (target.x, target.y)

    @invariant()
    def callouts_stand_where_problems_are(self) -> None:
        stage, sheet = self.canvas.stage, self.canvas.sheet
        troubled = {problem.node for problem in sheet.problems if problem.node}
        assert set(stage.callouts) == troubled & set(stage.cards) == troubled
        for id, callout in stage.callouts.items():
            problem = sheet.problems_at(id)[0]
            assert callout.words[:2] == (str(problem.message), tuple(str(fix.label) for fix in problem.fixes))
            assert callout.opacity() == 1.0 and callout.scene() is stage
            stands = callout.pos()
            stage._stand_by(id)
            assert callout.pos() == stands, "it stands elsewhere than it would if it were put there now"

    @invariant()
    def nothing_else_lies_in_the_scene(self) -> None:
        stage, sheet = self.canvas.stage, self.canvas.sheet
        assert {id: item.remark for id, item in stage.remarks.items.items()} == {one.id: one for one in sheet.remarks}
        assert set(stage.opened.items) == set(sheet.opened)
        expected = len(stage.cards) + 2 * len(stage.lines) + len(stage.callouts)
        expected += len(stage.remarks.items) + len(stage.opened.items)
        assert len(stage.items()) == expected

    @invariant()
    def the_selection_is_of_what_is_there(self) -> None:
        stage = self.canvas.stage
        assert set(stage.selected) <= set(stage.cards)
        assert set(stage.selected_wires) <= set(stage.lines)
        assert set(stage.selected_remarks) <= set(stage.remarks.items)


def _places(graph: Graph, level: str = "") -> Iterator[str]:
    """List the nodes at every depth by their place."""
    for id, node in graph.nodes.items():
        path = f"{level}.{id}" if level else id
        yield path
        if isinstance(node.block, Group):
            yield from _places(node.block.graph, path)


def _assert_wired(graph: Graph) -> None:
    assert len(set(graph.wires)) == len(graph.wires), "a wire is there twice"
    taken: set[tuple[str, str]] = set()
    for wire in graph.wires:
        source, target = graph.nodes[wire.source].block, graph.nodes[wire.target].block
        assert wire.source_port in source.outputs, f"{wire} dangles"
        port = next((p for p in target.ports() if p.name == wire.target_port), None)
        assert port is not None, f"{wire} dangles"
        assert port.variadic or (wire.target, port.name) not in taken, f"two wires end at {wire.target}.{port.name}"
        taken.add((wire.target, port.name))


def _values(parameter: Parameter) -> st.SearchStrategy[Any]:
    """Return what may be set, and sometimes what may not."""
    low = max(parameter.low, 0)
    numbers = st.integers(int(low), int(min(parameter.high, low + 12)))
    kinds: dict[str, st.SearchStrategy[Any]] = {
        "integer": numbers | st.just("auto") if parameter.auto else numbers,
        "number": st.floats(float(low), float(min(parameter.high, low + 1))),
        "switch": st.booleans(),
        "choice": st.sampled_from(parameter.choices or ("",)),
        "sides": st.tuples(numbers, numbers),
        "words": st.sampled_from(["x", "label", "size", "words", "Stage"]),
    }
    return kinds[parameter.kind]


def _run(examples: int, steps: int) -> None:
    run_state_machine_as_test(
        CanvasMachine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=PHASES,
            report_multiple_bugs=False,
            print_blob=True,
        ),
    )


@pytest.mark.slow
@pytest.mark.timeout(600)  # to find the shortest way to a fault takes its time
def test_whatever_is_done_undo_gives_it_back_and_the_scene_shows_the_document(qapp: QApplication) -> None:
    _run(examples=60, steps=30)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("part", range(5))
def test_thousands_of_random_edits(qapp: QApplication, part: int) -> None:
    _run(examples=200, steps=45)
