"""Groups: unfolding, folding, looking and editing inside, making them and taking them apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.analysis import analyse
from playground.blocks.activation import ReLU, Softmax, Tanh
from playground.blocks.combine import Add, Concat
from playground.blocks.data import Input, Output
from playground.blocks.dense import Dense
from playground.blocks.group import Group, GroupInput, GroupOutput
from playground.experiment import Experiment
from playground.files import dumps, parse
from playground.graph import Graph, Wire
from playground.grouping import collapse, unpack
from playground.nesting import (
    edit_inside,
    first_of,
    fold,
    has_level,
    inside,
    local,
    open_in_place,
    place_of,
    unfold,
    with_inside,
)
from playground.shape import Shape
from playground.text import Refusal
from tests.examples import chain, planar_facts


def residual(units=6):
    """Return what a residual stage holds: Dense, ReLU, and a sum with what came in."""
    nodes = {
        "x": GroupInput(),
        "dense_1": Dense(units=units),
        "relu_1": ReLU(),
        "add_1": Add(),
        "out": GroupOutput(),
    }
    wires = [
        Wire("x", "dense_1"),
        Wire("dense_1", "relu_1"),
        Wire("relu_1", "add_1", "out", "xs"),
        Wire("x", "add_1", "out", "xs"),
        Wire("add_1", "out"),
    ]
    return Graph.of(nodes, wires)


def staged(repeat=3, **marks):
    """Return input → Dense(6) → a repeated residual stage → Dense → Output."""
    graph = chain(Input(), Dense(units=6), Dense(units=2), Output())
    graph = graph.insert(Group(graph=residual(), repeat=repeat), Wire("dense_1", "dense_2"))
    return graph.mark("group_1", **marks)


def holding(block):
    """Return what a group holds whose only block is this one."""
    nodes = {"x": GroupInput(), "inner": block, "out": GroupOutput()}
    return Graph.of(nodes, [Wire("x", "inner"), Wire("inner", "out")])


def test_a_group_unfolds_to_its_repetitions_one_behind_the_other():
    flat = unfold(staged(2))
    assert [id for id in flat.nodes if id.startswith("group_1.1")] == [
        "group_1.1.x", "group_1.1.dense_1", "group_1.1.relu_1", "group_1.1.add_1", "group_1.1.out",
    ]  # fmt: skip
    assert Wire("dense_1", "group_1.1.x") in flat.wires
    assert Wire("group_1.1.out", "group_1.2.x") in flat.wires
    assert Wire("group_1.2.out", "dense_2") in flat.wires


def test_an_input_that_no_output_feeds_gets_the_same_value_in_every_repetition():
    inner = Graph.of(
        {"x": GroupInput(), "memory": GroupInput(), "add_1": Add(), "out": GroupOutput()},
        [Wire("x", "add_1", "out", "xs"), Wire("memory", "add_1", "out", "xs"), Wire("add_1", "out")],
    )
    graph = Graph.of(
        {"input_1": Input(), "group_1": Group(graph=inner, repeat=3)},
        [Wire("input_1", "group_1"), Wire("input_1", "group_1", "out", "memory")],
    )
    flat = unfold(graph)
    assert [w.target for w in flat.outgoing["input_1"]] == [
        "group_1.1.x", "group_1.1.memory", "group_1.2.memory", "group_1.3.memory",
    ]  # fmt: skip


def test_analysis_follows_shapes_through_every_repetition_and_adds_the_group_up():
    report = analyse(staged(3), planar_facts())
    assert report.problems == ()
    assert report.nodes["group_1.2.dense_1"].shape == Shape(features=6)
    group = report.groups["group_1"]
    assert group.parameters == 3 * (6 * 6 + 6) and group.macs == 3 * 36
    assert report.parameters == (2 * 6 + 6) + 3 * 42 + (6 * 2 + 2)
    assert group.inputs == (Shape(features=6),) and group.shape == Shape(features=6)


def test_tied_repetitions_count_their_weights_once():
    graph = staged(3)
    graph = graph.configure("group_1", graph.nodes["group_1"].block.replace(tied=True))
    report = analyse(graph, planar_facts())
    assert report.groups["group_1"].parameters == 42
    assert report.nodes["group_1.3.dense_1"].shared == {"weight": "group_1.1.dense_1", "bias": "group_1.1.dense_1"}


def test_a_tied_group_inside_a_tied_group_shares_with_the_very_first():
    inner = Group(graph=residual(), repeat=2, tied=True)
    outer = Graph.of(
        {"x": GroupInput(), "inner": inner, "out": GroupOutput()}, [Wire("x", "inner"), Wire("inner", "out")]
    )
    graph = chain(Input(), Dense(units=6), Group(graph=outer, repeat=2, tied=True), Dense(units=2), Output())
    report = analyse(graph, planar_facts())
    owners = {n.shared["weight"] for id, n in report.nodes.items() if id.endswith("inner.2.dense_1")}
    assert owners == {"group_1.1.inner.1.dense_1"}
    assert report.groups["group_1"].parameters == 42


def test_a_problem_inside_is_told_once_and_its_fix_edits_the_group():
    inner = with_inside(staged(3), "group_1", residual(units=5))  # 5 + 6 cannot be added
    report = analyse(inner, planar_facts())
    (problem,) = report.problems
    assert problem.node == "group_1.1.add_1"
    (fix,) = problem.fixes
    mended = fix.edit(inner)
    assert not analyse(mended, planar_facts()).problems
    assert "dense_2" in inside(mended, "group_1")


def test_a_group_whose_port_is_not_connected_has_the_problem_itself():
    graph = staged(2).disconnect(Wire("dense_1", "group_1"))
    (problem,) = analyse(graph, planar_facts()).blocking
    assert (problem.node, str(problem.message)) == ("group_1", "nothing comes in at x; draw a wire to it")


def test_a_bypassed_group_passes_its_input_on():
    report = analyse(staged(3, state="bypassed"), planar_facts())
    assert report.problems == () and report.parameters == 18 + 14
    assert report.at("group_1").shape == Shape(features=6)


def test_groups_that_unfold_without_end_are_refused_not_built():
    inner = Group(graph=residual(), repeat=1000)
    outer = Graph.of(
        {"x": GroupInput(), "inner": inner, "out": GroupOutput()}, [Wire("x", "inner"), Wire("inner", "out")]
    )
    graph = chain(Input(), Dense(units=6), Group(graph=outer, repeat=1000), Output())
    (problem,) = analyse(graph, planar_facts()).blocking
    assert "repeat them less often" in str(problem.message)


def test_a_port_of_a_group_outside_of_any_is_a_problem_with_a_remedy():
    graph = chain(Input(), Dense(units=2), Output()).add(GroupOutput())
    problems = [p for p in analyse(graph, planar_facts()).problems if p.node == "out_1"]
    assert problems and "no group around it" in str(problems[-1].message)
    assert "out_1" not in problems[-1].fixes[0].edit(graph)


# -- open in place -----------------------------------------------------------------------------------------------


def test_opening_in_place_and_folding_gives_the_same_graph_back():
    whole = staged(3)
    shown = open_in_place(whole, ["group_1"])
    assert "group_1" not in shown and "group_1.dense_1" in shown
    again = fold(shown, whole)
    assert again == whole and list(again.nodes) == list(whole.nodes) and again.used == whole.used


def test_an_edit_inside_an_open_group_changes_every_repetition():
    whole = staged(3)
    shown = open_in_place(whole, ["group_1"])
    edited = fold(shown.insert(Tanh(), Wire("group_1.dense_1", "group_1.relu_1")), whole)
    assert "tanh_1" in inside(edited, "group_1")
    assert sum("tanh_1" in id for id in unfold(edited).nodes) == 3


def test_a_renamed_port_takes_its_wires_along():
    whole = staged(1)
    edited = fold(open_in_place(whole, ["group_1"]).rename("group_1.x", "group_1.image"), whole)
    assert Wire("dense_1", "group_1", "out", "image") in edited.wires
    again = edit_inside(edited, "group_1", lambda inner: inner.rename("image", "y"))
    assert Wire("dense_1", "group_1", "out", "y") in again.wires


def test_a_wire_across_the_edge_of_a_group_is_refused():
    whole = staged(1)
    shown = open_in_place(whole, ["group_1"]).connect(Wire("dense_1", "group_1.relu_1"))
    assert local(shown, Wire("dense_1", "group_1.relu_1")) is None
    with pytest.raises(Refusal, match="go through a port"):
        fold(shown, whole)


def test_an_open_group_of_which_nothing_is_left_is_gone():
    whole = staged(1)
    shown = open_in_place(whole, ["group_1"])
    assert "group_1" not in fold(shown.remove([id for id in shown.nodes if "." in id]), whole)


def test_paths_lead_to_places_and_back():
    assert place_of("encoder_1.2.dense_1") == "encoder_1.dense_1"
    assert first_of(staged(2), "group_1.dense_1") == "group_1.1.dense_1"
    assert first_of(staged(2), "dense_1") == "dense_1"
    assert has_level(staged(), "group_1") and not has_level(staged(), "dense_1") and has_level(staged(), "")


# -- making and unpacking ----------------------------------------------------------------------------------------


def test_a_group_gets_a_port_for_every_source_that_crossed_its_edge():
    graph = chain(Input(), Dense(units=6), ReLU(), Add(), Dense(units=2), Output())
    graph = graph.connect(Wire("dense_1", "add_1", "out", "xs"))
    made, id = collapse(graph, ["relu_1", "add_1"], "Stage")
    group = made.nodes[id].block
    assert (id, group.title, group.edges("in"), group.outputs) == ("group_1", "Stage", ("x",), ("out",))
    assert list(made.nodes) == ["input_1", "dense_1", "group_1", "dense_2", "output_1"]
    assert analyse(made, planar_facts()).parameters == analyse(graph, planar_facts()).parameters


def test_nodes_with_another_between_them_make_no_group():
    graph = chain(Input(), Dense(units=6), ReLU(), Dense(units=2), Output())
    with pytest.raises(Refusal, match="relu_1 lies between"):
        collapse(graph, ["dense_1", "dense_2"])
    with pytest.raises(Refusal, match="cannot be put into a group"):
        collapse(graph, ["input_1", "dense_1"])


def test_a_chain_that_is_not_connected_yet_becomes_a_group_with_ports():
    made, id = collapse(chain(Dense(), ReLU()), ["dense_1", "relu_1"])
    assert (made.nodes[id].block.edges("in"), made.nodes[id].block.outputs) == (("x",), ("out",))


def test_unpacking_a_repeated_group_lays_all_its_repetitions_out():
    graph, names = unpack(staged(2), "group_1")
    assert "group_1" not in graph and len(names) == 6
    assert not any(node.block.edge for node in graph.nodes.values())
    before, after = analyse(staged(2), planar_facts()), analyse(graph, planar_facts())
    assert after.problems == () and after.parameters == before.parameters and after.macs == before.macs


def test_unpacking_a_tied_group_keeps_the_weights_shared():
    graph = staged(3)
    graph = graph.configure("group_1", graph.nodes["group_1"].block.replace(tied=True))
    flat, _ = unpack(graph, "group_1")
    assert analyse(flat, planar_facts()).parameters == analyse(graph, planar_facts()).parameters


@st.composite
def layered(draw):
    """Draw a graph without circles whose nodes all take several wires of six features."""
    graph = chain(Input(), Dense(units=6))
    for _ in range(draw(st.integers(1, 7))):
        sources = draw(
            st.lists(
                st.sampled_from([id for id in graph.nodes if id != "input_1"]), min_size=1, max_size=3, unique=True
            )
        )
        graph = graph.add(draw(st.sampled_from([Add(), ReLU()])))
        id = next(reversed(graph.nodes))
        for source in sources[: 1 if "relu" in id else 3]:
            graph = graph.connect(Wire(source, id, "out", graph.nodes[id].block.ports()[0].name))
    return graph


@given(layered(), st.data())
def test_a_group_changes_nothing_that_is_computed_and_unpacking_takes_it_back(graph, data):
    chosen = data.draw(
        st.lists(st.sampled_from([id for id in graph.nodes if id != "input_1"]), min_size=1, unique=True)
    )
    try:
        made, id = collapse(graph, chosen)
    except Refusal:
        return
    facts = planar_facts()
    before, after = analyse(graph, facts), analyse(made, facts)
    assert (after.parameters, after.macs) == (before.parameters, before.macs)
    assert parse(dumps(Experiment(graph=made))).graph == made
    back, _ = unpack(made, id)
    assert set(back.nodes) == set(graph.nodes)
    assert {frozenset([(w.source, w.target)]) for w in back.wires} == {
        frozenset([(w.source, w.target)]) for w in graph.wires
    }
    shown = open_in_place(made, [id])
    assert fold(shown, made) == made


def test_concat_keeps_the_order_of_its_wires_through_a_group():
    graph = chain(Input(), Dense(units=1)).add(Dense(units=2), "two").connect(Wire("input_1", "two")).add(Concat())
    graph = graph.connect(Wire("two", "concat_1", "out", "xs")).connect(Wire("dense_1", "concat_1", "out", "xs"))
    made, id = collapse(graph, ["concat_1"])
    flat = unfold(made)
    fed = [flat.incoming[w.source][0].source for w in flat.incoming[f"{id}.1.concat_1"]]
    assert fed == ["two", "dense_1"]


# -- faults that random edits found (tests/gui/test_canvas_stateful.py) ----------------------------------------------


def tied(graph, id="group_1"):
    """Let the repetitions of a group share their weights."""
    return graph.configure(id, graph.nodes[id].block.replace(tied=True))


def test_what_has_no_weights_is_no_problem_in_a_group_whose_repetitions_share_theirs():
    assert analyse(tied(staged(3)), planar_facts()).problems == ()


def test_repetitions_that_cannot_share_are_told_at_what_has_weights_and_the_remedy_unties_the_group():
    graph = chain(
        Input(), Group(graph=holding(Dense(units=6, bias=False)), repeat=2, tied=True), Dense(units=2), Output()
    )
    report = analyse(graph, planar_facts())  # two features come in at first, then six
    assert [problem.node for problem in report.problems] == ["group_1.2.inner"]
    (fix,) = report.problems[0].fixes
    assert str(fix.label) == "Give every repetition of group_1 weights of its own"
    mended = fix.edit(graph)
    assert not mended.nodes["group_1"].block.tied
    assert analyse(mended, planar_facts()).problems == ()


def test_unpacking_ties_only_what_can_have_weights():
    flat, names = unpack(tied(staged(2)), "group_1")
    assert flat.nodes[names[2, "dense_1"]].tied_to == names[1, "dense_1"]
    assert flat.nodes[names[2, "relu_1"]].tied_to == ""
    assert analyse(flat, planar_facts()).problems == ()


def test_a_node_that_is_tied_to_a_port_of_its_group_can_be_unpacked():
    graph = edit_inside(staged(1), "group_1", lambda inner: inner.mark("dense_1", tied_to="x"))
    flat, names = unpack(graph, "group_1")
    assert flat.nodes[names[1, "dense_1"]].tied_to == ""


def test_an_empty_group_that_is_open_in_place_is_not_lost():
    graph = with_inside(staged(1), "group_1", Graph())
    assert "group_1" in open_in_place(graph, ["group_1"])
    assert fold(open_in_place(graph, ["group_1"]), graph) == graph


def test_the_remedy_for_a_wrong_width_passes_by_what_is_bypassed():
    graph = chain(Input(), Dense(units=6), Dense(units=2), Output()).mark("dense_2", state="bypassed")
    (problem,) = analyse(graph, planar_facts()).problems
    (fix,) = problem.fixes
    assert str(fix.label) == "Set units of dense_1 to 2"
    assert analyse(fix.edit(graph), planar_facts()).problems == ()


def test_a_softmax_that_is_bypassed_squashes_nothing_twice():
    graph = chain(Input(), Dense(units=2), Softmax(), Output())
    assert analyse(graph, planar_facts()).problems
    assert analyse(graph.mark("softmax_1", state="bypassed"), planar_facts()).problems == ()
