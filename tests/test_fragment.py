"""Pieces of graphs: taken out, written as text, read back from text that nobody vouches for, set in."""

from __future__ import annotations

import json

import pytest

from playground import files
from playground.blocks.activation import Tanh
from playground.blocks.combine import Add
from playground.blocks.data import Input, Output
from playground.blocks.dense import Dense
from playground.blocks.group import Group
from playground.experiment import Experiment, Remark, View, Words
from playground.fragment import FORMAT, LONGEST, Fragment, cut_out, doubled, followed, from_text, set_in, to_text
from playground.graph import Graph, Node, Wire, check_id
from playground.graph_json import MOST_NODES
from playground.grouping import collapse
from playground.text import Refusal
from tests.examples import chain

NOTE = Remark("note_1", "note", "why\ntanh? 因为", (1.0, 2.0, 200.0, 80.0))


def network() -> Graph:
    return chain(Input(), Dense(units=4), Tanh(), Dense(units=1), Output())


def places(graph: Graph) -> dict[str, tuple[float, float]]:
    return {id: (i * 240.0, 8.0) for i, id in enumerate(graph.nodes)}


def piece(*ids: str, graph: Graph | None = None) -> Fragment:
    graph = graph or network()
    return cut_out(graph, places(graph), ids)


# -- taking out ----------------------------------------------------------------------------------------------------


def test_a_piece_holds_the_nodes_the_wires_between_them_and_where_they_stand():
    taken = piece("dense_1", "tanh_1", "output_1")
    assert list(taken.graph.nodes) == ["dense_1", "tanh_1", "output_1"]
    assert taken.graph.wires == (Wire("dense_1", "tanh_1"),)
    assert taken.places == {"dense_1": (240.0, 8.0), "tanh_1": (480.0, 8.0), "output_1": (960.0, 8.0)}


def test_a_tie_to_what_is_not_taken_is_left_behind_and_one_within_is_kept():
    graph = network().mark("dense_2", tied_to="dense_1")
    assert piece("dense_2", graph=graph).graph.nodes["dense_2"].tied_to == ""
    assert piece("dense_1", "dense_2", graph=graph).graph.nodes["dense_2"].tied_to == "dense_1"


def test_nodes_of_a_group_open_in_place_are_taken_by_their_own_names_without_the_edge_of_the_group():
    inner = chain(Dense(), Tanh())
    nodes = {f"group_1.{id}": Node(f"group_1.{id}", node.block) for id, node in inner.nodes.items()}
    graph = Graph.of(
        {"dense_1": Dense(), "x": Group().graph.nodes["x"], **nodes}, [Wire("group_1.dense_1", "group_1.tanh_1")]
    )
    taken = cut_out(graph, {"group_1.dense_1": (1.0, 2.0)}, graph.nodes)
    assert list(taken.graph.nodes) == ["dense_1", "dense_2", "tanh_1"]
    assert taken.graph.wires == (Wire("dense_2", "tanh_1"),) and taken.places == {"dense_2": (1.0, 2.0)}


# -- setting in ----------------------------------------------------------------------------------------------------


def test_numbering_goes_on_and_wires_and_ties_follow_the_new_names():
    graph = network().mark("dense_2", tied_to="dense_1", frozen=True, weights={"bias": (1.0,)})
    joined = set_in(graph, piece("dense_1", "tanh_1", "dense_2", graph=graph).graph)
    assert joined.ids == {"dense_1": "dense_3", "tanh_1": "tanh_2", "dense_2": "dense_4"}
    assert joined.graph.wires == (*graph.wires, Wire("dense_3", "tanh_2"), Wire("tanh_2", "dense_4"))
    assert joined.graph.nodes["dense_4"] == Node("dense_4", Dense(units=1), "", True, "dense_3", {"bias": (1.0,)})
    assert all(joined.graph.nodes[id] is node for id, node in graph.nodes.items())


def test_ids_are_never_given_out_again_even_after_their_nodes_are_gone():
    graph = network()
    taken = piece("dense_2", graph=graph)
    joined = set_in(graph.remove(["dense_2"]), taken.graph)
    assert joined.ids == {"dense_2": "dense_3"}
    again = set_in(joined.graph.remove(["dense_3"]), taken.graph)
    assert again.ids == {"dense_2": "dense_4"} and again.graph.fresh_id(Dense()) == "dense_5"


def test_names_that_a_person_gave_are_kept_where_they_are_free_and_numbered_where_they_are_not():
    graph = chain(Input(), Dense()).rename("dense_1", "hidden")
    taken = cut_out(graph, {}, ["hidden"])
    assert set_in(Graph(), taken.graph).ids == {"hidden": "hidden"}
    first = set_in(graph, taken.graph)
    assert first.ids == {"hidden": "hidden_1"}
    assert set_in(first.graph, taken.graph).ids == {"hidden": "hidden_2"}


def test_the_longest_name_still_makes_a_name_when_it_is_numbered():
    long = "n" * 80
    graph = chain(Dense()).rename("dense_1", long)
    new = set_in(graph, cut_out(graph, {}, [long]).graph).ids[long]
    check_id(new)
    assert new != long


def test_a_group_goes_along_whole():
    graph, id = collapse(network(), ["dense_1", "tanh_1"], "Block")
    joined = set_in(graph, from_text(to_text(cut_out(graph, {}, [id]))).graph)
    assert joined.graph.nodes[joined.ids[id]].block == graph.nodes[id].block


def test_where_the_inside_of_a_group_stands_goes_along_under_its_new_name():
    graph, id = collapse(network(), ["dense_1", "tanh_1"])
    stand = {id: (0.0, 0.0), f"{id}.dense_1": (7.0, 8.0), f"{id}.nobody": (1.0, 1.0), "dense_2.x": (9.0, 9.0)}
    taken = from_text(to_text(cut_out(graph, stand, [id, "dense_2"])))
    assert taken.places == {id: (0.0, 0.0), f"{id}.dense_1": (7.0, 8.0)}
    new = set_in(graph, taken.graph).ids
    assert followed(taken.places, new) == {new[id]: (0.0, 0.0), f"{new[id]}.dense_1": (7.0, 8.0)}


def test_a_double_is_fed_by_what_feeds_the_original_and_feeds_nothing():
    graph = network().add(Add())
    graph = graph.connect(Wire("dense_1", "add_1", "out", "xs")).connect(Wire("tanh_1", "add_1", "out", "xs"))
    graph = graph.mark("dense_2", tied_to="dense_1")
    made = doubled(graph, ["tanh_1", "add_1", "dense_2"])
    assert made.ids == {"tanh_1": "tanh_2", "add_1": "add_2", "dense_2": "dense_3"}
    assert set(made.graph.wires) - set(graph.wires) == {
        Wire("dense_1", "tanh_2"),
        Wire("tanh_2", "dense_3"),
        Wire("dense_1", "add_2", "out", "xs"),
        Wire("tanh_2", "add_2", "out", "xs"),
    }
    assert made.graph.nodes["dense_3"].tied_to == "dense_1"


def test_more_nodes_than_a_file_may_hold_are_refused():
    many = Graph.of({f"tanh_{i}": Tanh() for i in range(MOST_NODES // 2 + 1)})
    with pytest.raises(Refusal, match="more than any network has"):
        set_in(many, many)
    with pytest.raises(Refusal, match="more than any network has"):
        doubled(many, many.nodes)


# -- as text -------------------------------------------------------------------------------------------------------


def test_what_is_written_is_read_back():
    graph = network().mark("tanh_1", state="bypassed").mark("dense_1", frozen=True, weights={"bias": (1.0, 2.0)})
    taken = cut_out(graph, places(graph), ["dense_1", "tanh_1", "dense_2"], [NOTE])
    assert from_text(to_text(taken)) == taken
    value = json.loads(to_text(taken))
    assert (value["format"], value["version"]) == (FORMAT, 1)
    assert list(value) == ["format", "version", "nodes", "wires", "positions", "remarks"]


def test_a_whole_document_is_a_piece_too():
    graph = network()
    view = View(places(graph), remarks=(NOTE, Remark("note_2", "note", "inside", (0, 0, 9, 9), "group_1")))
    read = from_text(files.dumps(Experiment(Words("Title"), graph=graph, view=view)))
    assert read == Fragment(graph, places(graph), (NOTE,))


def test_the_level_that_a_note_was_copied_from_is_not_carried():
    inside = Remark("note_1", "note", "a", (0.0, 0.0, 90.0, 40.0), "group_1")
    assert cut_out(Graph(), {}, [], [inside]).remarks[0].level == ""


def test_positions_may_be_missing_and_those_of_nobody_are_left_out():
    text = json.dumps({"format": FORMAT, "version": 1, "nodes": [{"id": "a", "block": "Tanh"}], "wires": []})
    assert from_text(text) == Fragment(Graph.of({"a": Tanh()}))
    text = text.replace('"wires": []', '"wires": [], "positions": {"a": [1, 2], "b": [3, 4]}')
    assert from_text(text).places == {"a": (1.0, 2.0)}


def fragment(**changes: object) -> str:
    return json.dumps({"format": FORMAT, "version": 1, "nodes": [], "wires": [], **changes})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "nothing to paste"),
        ("  \n ", "nothing to paste"),
        ("hello", "no piece of a network"),
        ("[1, 2]", "no piece of a network"),
        ('{"format": "something"}', "no piece of a network"),
        ("[" * 100_000, "no piece of a network"),
        ('{"format": NaN}', "no piece of a network"),
        ('"\\ud800"', "no piece of a network"),
        (fragment(version=2), "another version"),
        (fragment(nodes=7), "must be lists"),
        (fragment(nodes=[7]), r"nodes\[0\]: "),
        (fragment(nodes=[{"id": "a b", "block": "Tanh"}]), "cannot be a name"),
        (fragment(nodes=[{"id": "train", "block": "Tanh"}]), "PyTorch uses"),
        (fragment(nodes=[{"id": "a", "block": "Dense", "units": -1}]), r"nodes\[0\]"),
        (fragment(wires=[{"from": "a", "to": "b"}]), "no node called"),
        (fragment(positions={"a": [1, "x"]}), "must be two numbers"),
        (fragment(positions=[]), "JSON object"),
        (fragment(remarks={}), "remarks must be a list"),
        (fragment(remarks=[{"kind": "poem", "rect": [0, 0, 9, 9]}]), "a remark is one of"),
        (fragment(remarks=[{"kind": "note", "rect": [0, 0, 1e300, 9]}]), "four numbers"),
        (fragment(nodes=[{"id": f"a{i}", "block": "Tanh"} for i in range(MOST_NODES + 1)]), "more nodes"),
        ('{"format": "network-playground", "version": 1, "graph": {"nodes": 3}}', "cannot be pasted"),
    ],
)
def test_anything_else_is_refused_with_a_sentence(text, said):
    with pytest.raises(Refusal, match=said):
        from_text(text)


def test_endless_text_is_not_even_looked_at():
    with pytest.raises(Refusal, match="too long"):
        from_text(" " * LONGEST + "{}")


def test_an_unknown_block_keeps_its_data():
    text = fragment(nodes=[{"id": "odd_1", "block": "Quantum", "spin": [1, 0.5]}])
    again = json.loads(to_text(from_text(text)))
    assert again["nodes"] == [{"id": "odd_1", "block": "Quantum", "spin": [1, 0.5]}]
