"""The sheet: one level of a document, groups open in place, and edits that land where they belong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.blocks.activation import Tanh
from playground.blocks.dense import Dense
from playground.blocks.group import Group
from playground.document import Document
from playground.experiment import Experiment, Remark, View
from playground.files import dumps, parse
from playground.graph import Wire
from playground.grouping import collapse
from playground.nesting import inside
from playground.sheet import MARGIN, Sheet
from playground.text import Refusal, say
from tests.examples import planar_facts
from tests.test_nesting import residual, staged

STEP = say("Edit")


def sheet(graph=None, **view):
    return Sheet(Document(Experiment(graph=graph or staged(2), facts=planar_facts(), view=View(**view))))


def test_at_the_top_the_sheet_is_the_documents_graph():
    shown = sheet()
    assert shown.graph is shown.document.now.graph and shown.level == ""
    assert shown.path("dense_1") == "dense_1" and shown.known("group_1").parameters == 84


def test_inside_a_group_ids_are_its_own_and_reports_are_those_of_the_first_repetition():
    shown = sheet()
    shown.enter("group_1")
    assert "relu_1" in shown.graph and "group_1" not in shown.graph
    assert shown.path("dense_1") == "group_1.1.dense_1"
    assert shown.known("dense_1").parameters == 42
    assert shown.shape(Wire("x", "dense_1")).features == 6
    assert [path for path, _ in shown.trail] == ["", "group_1"]


def test_an_edit_inside_a_group_changes_the_document_and_undo_takes_it_back():
    shown = sheet()
    before = shown.document.now
    shown.enter("group_1")
    shown.edit(STEP, graph=shown.graph.insert(Tanh(), Wire("dense_1", "relu_1")), places={"tanh_1": (8, 16)})
    assert "tanh_1" in inside(shown.document.now.graph, "group_1")
    assert shown.document.now.view.positions["group_1.tanh_1"] == (8, 16)
    assert shown.places == {"tanh_1": (8, 16)}
    shown.document.undo()
    assert shown.document.now == before


def test_a_group_that_is_taken_away_is_left():
    shown, told = sheet(), []
    shown.subscribe(lambda: told.append(shown.level))
    shown.enter("group_1")
    shown.document.edit(STEP, graph=shown.document.now.graph.remove(["group_1"]))
    assert shown.level == "" and told == ["group_1"]


def test_what_is_wrong_inside_stands_at_the_group_that_hides_it():
    shown = sheet(staged(2).configure("group_1", Group(graph=residual(units=5), repeat=2)))
    assert [one.node for one in shown.problems] == ["group_1"]
    shown.enter("group_1")
    assert [one.node for one in shown.problems] == ["add_1"]
    shown.enter("")
    shown.set_open("group_1", True)
    assert [one.node for one in shown.problems] == ["group_1.add_1"]


def test_the_nodes_of_an_open_group_stand_from_its_place_on():
    shown = sheet(
        positions={"group_1": (100, 200), "group_1.x": (-50, 10), "group_1.dense_1": (70, 0), "dense_1": (1, 2)}
    )
    assert shown.places["group_1.x"] == (-50, 10)  # nobody looks: it is closed
    shown.set_open("group_1", True)
    assert shown.places["group_1.x"] == (100 + MARGIN[0], 210 + MARGIN[1])
    assert shown.places["group_1.dense_1"] == (220 + MARGIN[0], 200 + MARGIN[1])
    assert shown.places["dense_1"] == (1, 2)


def test_moving_a_node_in_an_open_group_moves_its_frame_and_nothing_else():
    shown = sheet(
        positions={"group_1": (100, 200), "group_1.x": (0, 0), "group_1.dense_1": (160, 0)}, opened=("group_1",)
    )
    places = shown.places
    places["group_1.x"] = (places["group_1.x"][0] - 80, places["group_1.x"][1])
    shown.edit(STEP, places=places)
    assert shown.places["group_1.x"] == (20 + MARGIN[0], 200 + MARGIN[1])
    assert shown.places["group_1.dense_1"] == (260 + MARGIN[0], 200 + MARGIN[1])
    assert shown.document.now.view.positions["group_1"] == (20, 200)


def test_renaming_a_group_takes_positions_remarks_and_openness_along():
    note = Remark("note_1", "note", "hello", (0, 0, 9, 9), "group_1")
    shown = sheet(positions={"group_1": (1, 1), "group_1.x": (2, 2)}, opened=("group_1",), remarks=(note,))
    shown.rename("group_1", "stage")
    view = shown.document.now.view
    assert view.positions == {"stage": (1, 1), "stage.x": (2, 2)}
    assert view.opened == ("stage",) and view.remarks[0].level == "stage"
    shown.rename("stage.dense_1", "mix")
    assert "mix" in inside(shown.document.now.graph, "stage")


def test_remarks_are_those_of_the_level():
    shown = sheet()
    shown.edit(STEP, remarks=(Remark("note_1", "note", "top", (0, 0, 9, 9)),))
    shown.enter("group_1")
    assert shown.remarks == ()
    shown.edit(STEP, remarks=(Remark("note_1", "note", "inside", (0, 0, 9, 9)),))
    assert [one.text for one in shown.remarks] == ["inside"]
    shown.enter("")
    assert [one.text for one in shown.remarks] == ["top"]


def test_a_group_is_made_and_unpacked_in_one_step_each():
    shown = sheet(positions={"dense_1": (0, 0), "group_1": (240, 0), "dense_2": (480, 0)})
    before = shown.document.now
    made = shown.collapse(["dense_1", "group_1"], "Front")
    assert made == "group_2" and shown.group(made).title == "Front"
    assert {"group_2.dense_1", "group_2.group_1"} <= set(shown.document.now.view.positions)
    assert set(shown.unpack(made)) == {"dense_1", "group_1"}
    assert set(shown.graph.nodes) == set(before.graph.nodes)
    shown.document.undo()
    shown.document.undo()
    assert shown.document.now == before


def test_a_group_of_nodes_inside_an_open_group_stays_inside():
    shown = sheet(opened=("group_1",))
    made = shown.collapse(["group_1.dense_1", "group_1.relu_1"])
    assert made == "group_1.group_1"
    assert "group_1" in inside(shown.document.now.graph, "group_1")


def test_a_wire_across_the_edge_of_an_open_group_is_refused_and_changes_nothing():
    shown = sheet(opened=("group_1",))
    before = shown.document.now
    with pytest.raises(Refusal):
        shown.edit(STEP, graph=shown.graph.connect(Wire("dense_1", "group_1.relu_1")))
    assert shown.document.now == before


@given(st.data())
def test_whatever_is_open_an_edit_of_places_is_read_back(data):
    shown = sheet()
    if data.draw(st.booleans()):
        shown.set_open("group_1", True)
    if data.draw(st.booleans()):
        shown.enter("group_1")
    numbers = st.integers(-50, 50).map(lambda n: n * 8.0)
    places = {id: (data.draw(numbers), data.draw(numbers)) for id in shown.graph.nodes}
    shown.edit(STEP, places=places)
    assert {id: place for id, place in shown.places.items() if id in places} == places
    assert parse(dumps(shown.document.now)) == shown.document.now


def test_deleting_a_group_forgets_what_stood_inside_it():
    shown = sheet(positions={"group_1": (1, 1), "group_1.x": (2, 2), "dense_1": (0, 0)})
    places = {id: place for id, place in shown.places.items() if id != "group_1"}
    shown.edit(STEP, graph=shown.graph.remove(["group_1"]), places=places)
    assert set(shown.document.now.view.positions) == {"dense_1"}


def test_a_dense_in_front_is_found_by_its_own_path():
    shown = sheet()
    shown.edit(STEP, graph=shown.graph.configure("dense_1", Dense(units=9)))
    assert shown.problems[0].node == "group_1"


# -- groups that are open, or whose inside is shown ----------------------------------------------------------------


def test_a_group_is_configured_wherever_it_is_looked_at_from():
    for where, id in (("", "group_1"), ("", "group_1"), ("group_1", "")):
        shown = sheet(opened=("group_1",) if where == "" else ())
        shown.enter(where)
        shown.configure(id, shown.group(id).replace(repeat=7, title="Seven"), STEP, ("parameter", id))
        assert shown.document.now.graph.nodes["group_1"].block.repeat == 7
        assert shown.known(id).within and shown.name_of("group_1") == "Seven (group_1)"
        shown.document.undo()
        assert shown.document.now.graph == staged(2)


def test_the_node_of_an_id_is_what_is_drawn_or_the_group_that_is_open_or_shown():
    shown = sheet(opened=("group_1",))
    assert shown.node("dense_1") is shown.graph.nodes["dense_1"]
    assert shown.node("group_1").id == "group_1" and shown.node("") is None and shown.node("nobody") is None
    shown.enter("group_1")
    assert isinstance(shown.node("").block, Group) and shown.node("").id == "" and shown.known("").parameters == 84


def test_nodes_are_marked_at_every_depth_in_one_step():
    shown = sheet(opened=("group_1",))
    shown.mark(["dense_1", "group_1.dense_1", "group_1"], STEP, frozen=True)
    whole = shown.document.now.graph
    assert whole.nodes["dense_1"].frozen and whole.nodes["group_1"].frozen
    assert inside(whole, "group_1").nodes["dense_1"].frozen
    shown.document.undo()
    assert shown.document.now.graph == staged(2)


def test_all_nodes_of_an_open_group_are_the_group():
    outer, _ = collapse(staged(2), ["dense_1", "group_1"])
    shown = sheet(outer, opened=("group_2", "group_2.group_1"))
    members = [id for id in shown.graph.nodes if id.startswith("group_2.")]
    assert shown.whole(members) == ("group_2",)
    assert shown.whole(["dense_2", *(id for id in members if id.count(".") == 2)]) == ("dense_2", "group_2.group_1")
    assert shown.whole(members[1:]) != ("group_2",)
    graph, ids = shown.closed([*members, "dense_2"])
    assert ids == ("group_2", "dense_2") and graph == outer


def test_what_stands_in_a_group_goes_along_into_another_and_out_again():
    note = Remark("note_1", "note", "inside", (0, 0, 9, 9), "group_1")
    stand = {"group_1": (100, 0), "group_1.x": (0, 0), "group_1.dense_1": (160, 0), "dense_1": (0, 0)}
    shown = sheet(positions=stand, opened=("group_1",), remarks=(note,))
    before = shown.document.now
    made = shown.collapse(["dense_1", *(id for id in shown.graph.nodes if id.startswith("group_1."))])
    view = shown.document.now.view
    assert made == "group_2" and view.opened == ("group_2.group_1",) and view.remarks[0].level == "group_2.group_1"
    assert view.positions["group_2.group_1.dense_1"] == (160, 0)
    shown.unpack("group_2")
    view = shown.document.now.view
    assert view.opened == ("group_1",) and view.remarks == (note,) and view.positions["group_1.dense_1"] == (160, 0)
    shown.document.undo()
    shown.document.undo()
    assert shown.document.now == before


def test_nodes_of_different_groups_are_not_put_into_one():
    shown = sheet(opened=("group_1",))
    with pytest.raises(Refusal, match="different groups"):
        shown.collapse(["dense_1", "group_1.dense_1"])


def test_repetitions_that_are_unpacked_stand_beside_each_other():
    for direction, axis in (("right", 0), ("down", 1)):
        shown = sheet(positions={"group_1.dense_1": (0, 0), "group_1.relu_1": (160, 40)}, direction=direction)
        names = shown.unpack("group_1")
        places = shown.document.now.view.positions
        first, second = (places[name] for name in names if name.startswith("dense"))
        assert second[axis] - first[axis] >= 160 and second[1 - axis] == first[1 - axis]


def test_renaming_the_group_that_is_shown_leaves_one_inside_it():
    shown = sheet()
    shown.enter("group_1")
    shown.rename("", "stage")
    assert shown.level == "stage" and "stage" in shown.document.now.graph
    shown.document.undo()
    assert shown.level == "", "it is not there any more"


def test_where_the_inside_of_a_group_stands_is_told_from_there_on():
    shown = sheet(positions={"group_1.x": (1, 2), "group_1": (3, 4), "dense_1": (5, 6)})
    assert shown.standing("group_1") == {"x": (1, 2)}
    shown.enter("group_1")
    assert shown.standing("") == {"x": (1, 2)}
