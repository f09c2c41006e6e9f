"""Where nodes stand and how the whole is laid out: pure functions, no window."""

from __future__ import annotations

import time
from itertools import combinations, pairwise

import pytest

from playground.block import CATALOGUE, Block
from playground.blocks.combine import Add
from playground.blocks.convolution import Conv2D
from playground.blocks.data import Input
from playground.blocks.dense import Dense
from playground.graph import Graph, Wire
from tests.shapes import SHAPES, densenet, inception, resnet, scramble, transformer, unet
from widgets.canvas.aligning import align
from widgets.canvas.geometry import CARD_SIZE, DOWN, HEIGHT, PITCH_X, PITCH_Y, RIGHT, WIDTH, box, overlap
from widgets.canvas.layering import layers_of
from widgets.canvas.layout import arrange, complete, extent, free_place, make_room, next_to
from widgets.canvas.ordering import build, crossings, untangle

Tanh: type[Block] = CATALOGUE["Tanh"]


def chain(n: int) -> Graph:
    graph = Graph().add(Input())
    for _ in range(n - 1):
        last = next(reversed(graph.nodes))
        graph = graph.add(Dense())
        graph = graph.connect(Wire(last, next(reversed(graph.nodes))))
    return graph


def collisions(places, sizes=None, margin=8.0):
    boxes = {id: box(place, (sizes or {}).get(id, CARD_SIZE)) for id, place in places.items()}
    return [(a, b) for a, b in combinations(boxes, 2) if overlap(boxes[a], boxes[b], margin)]


# -- chains ------------------------------------------------------------------------------------------------------


def test_a_long_chain_wraps_into_even_rows() -> None:
    places = list(arrange(chain(12)).values())
    assert places[3] == (3 * PITCH_X, 0) and places[4] == (0, PITCH_Y) and places[11] == (3 * PITCH_X, 2 * PITCH_Y)


def test_a_chain_of_five_stays_in_one_row() -> None:
    assert {y for _, y in arrange(chain(5)).values()} == {0}


def test_top_down_a_chain_runs_down_and_goes_on_in_the_next_column() -> None:
    places = list(arrange(chain(12), direction=DOWN).values())
    assert {x for x, _ in places[:4]} == {0} and all(a[1] < b[1] for a, b in pairwise(places[:4]))
    assert places[4][0] > WIDTH and places[4][1] == 0


def test_no_row_is_a_single_card_that_could_stand_in_the_next() -> None:
    rows = {}
    for id, (_, y) in arrange(densenet()).items():
        rows.setdefault(y, []).append(id)
    assert all(len(row) > 1 for row in rows.values())


# -- shapes that people draw -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("direction", [RIGHT, DOWN])
def test_no_two_cards_overlap(name: str, direction: str) -> None:
    assert collisions(arrange(SHAPES[name](), direction=direction)) == []


def test_a_residual_block_is_one_straight_row_and_rows_break_between_blocks() -> None:
    graph = resnet(blocks=2, convolutional=9)
    places = arrange(graph)
    for add in ("add_1", "add_2"):
        row = {places[add][1]}
        id = add
        for _ in range(6):
            id = graph.incoming[id][0].source
            row.add(places[id][1])
        assert len(row) == 1
    assert places["add_1"][1] < places["add_2"][1]


def test_with_a_convolution_in_the_shortcut_the_longer_way_stays_straight() -> None:
    places = arrange(resnet(blocks=1, convolutional=1))
    shortcut = next(id for id in places if id == "conv_4")
    assert places["conv_2"][1] == places["conv_3"][1] == places["add_1"][1] != places[shortcut][1]


def test_four_branches_stand_evenly_around_where_they_part_and_meet() -> None:
    graph = inception(modules=1)
    places = arrange(graph, columns=9)
    fork, meet = next(id for id in graph.nodes if len(graph.outgoing[id]) == 4), "concat_1"
    branches = sorted(places[wire.target][1] for wire in graph.outgoing[fork])
    assert [b - a for a, b in pairwise(branches)] == [PITCH_Y] * 3
    assert places[fork][1] == places[meet][1] == sum(branches) / 4


def test_a_long_wire_keeps_its_height_free_of_cards() -> None:
    graph = inception(modules=1)
    places = arrange(graph, columns=9)
    short = next(w.source for w in graph.incoming["concat_1"] if len(graph.incoming[w.source]) == 1)
    passed = [places[id] for id in places if places[short][0] < places[id][0] < places["concat_1"][0]]
    assert passed and all(abs(y - places[short][1]) >= HEIGHT for _, y in passed)


def test_what_waits_to_be_used_stands_right_before_its_use() -> None:
    draw = chain(9)
    for block in (Input(), Dense(), Add()):
        draw = draw.add(block)
    for wire in (
        Wire("input_2", "dense_9"),
        Wire("dense_9", "add_1", "out", "xs"),
        Wire("dense_8", "add_1", "out", "xs"),
    ):
        draw = draw.connect(wire)
    depth = {id: k for k, layer in enumerate(layers_of(draw, list(draw.nodes))) for id in layer}
    assert depth["add_1"] == 9 and depth["dense_9"] == 8 and depth["input_2"] == 7


def test_nothing_crosses_that_need_not() -> None:
    for graph in (inception(), unet(), resnet(), transformer(1)):
        layers = layers_of(graph, list(graph.nodes))
        row = build(graph, layers, lambda wire: (0.0, 0.0))
        untangle(row)
        assert crossings(row) == 0


def test_untangling_leaves_fewer_crossings_than_it_found() -> None:
    before = after = 0
    for seed in range(12):
        graph = scramble(seed, 30, 1.5, 8)
        row = build(graph, layers_of(graph, list(graph.nodes)), lambda wire: (0.0, 0.0))
        before += crossings(row)
        untangle(row)
        after += crossings(row)
    assert after < 0.26 * before  # of 732, 185 are left; without exchanging neighbours, 205


def test_all_bends_of_a_long_wire_are_in_line() -> None:
    graph = inception(modules=1)
    graph = graph.connect(Wire("input_1", "concat_1", "out", "xs"))  # over all the branches
    row = build(graph, layers_of(graph, list(graph.nodes)), lambda wire: (0.0, 0.0))
    untangle(row)
    middles = align(row, lambda a, b: 80.0)
    bends = {i: middles[i] for i, name in enumerate(row.names) if not name}
    links = [link for i in bends for link in row.after[i] if link.target in bends]
    assert len(links) == 3 and all(middles[a] == middles[b] for a, b, _, _ in links)


def test_ports_decide_which_source_stands_first() -> None:
    graph = transformer(1)
    places = arrange(graph, columns=99)
    cross = "attend_3"
    query = next(w.source for w in graph.incoming[cross] if w.target_port == "query")
    key = next(w.source for w in graph.incoming[cross] if w.target_port == "key")
    assert places[query][1] < places[key][1]


def test_a_group_that_is_open_gets_the_room_it_needs() -> None:
    graph, sizes = inception(modules=1), {"conv_2": (700.0, 420.0), "conv_4": (300.0, 96.0)}
    for direction in (RIGHT, DOWN):
        places = arrange(graph, direction=direction, sizes=sizes)
        assert collisions(places, sizes) == []
        (left, top), size = extent(places, sizes)
        assert (left, top) == (0.0, 0.0) and size[0] > 700 and size[1] > 420


# -- newcomers ---------------------------------------------------------------------------------------------------


def test_a_newcomer_stands_beside_its_source_and_pushes_what_it_covers() -> None:
    graph = chain(3)
    places = arrange(graph)
    graph = graph.insert(Tanh(), graph.wires[0])
    full = complete(graph, places)
    assert full["tanh_1"] == (PITCH_X, 0) and full["input_1"] == (0, 0) and collisions(full, margin=0) == []


def test_top_down_a_newcomer_stands_below_its_source() -> None:
    graph = chain(3)
    places = arrange(graph, direction=DOWN)
    full = complete(graph.insert(Tanh(), graph.wires[0]), places, DOWN)
    assert full["tanh_1"] == next_to(full["input_1"], DOWN) and full["input_1"] == (0, 0)
    assert full["dense_1"][1] > full["tanh_1"][1] and collisions(full, margin=0) == []


def test_a_newcomer_makes_way_for_an_open_group() -> None:
    places = {"group_1": (0.0, 0.0), "dense_1": (300.0, 100.0)}
    sizes = {"group_1": (600.0, 300.0)}
    make_room(places, "group_1", sizes=sizes)
    assert places["group_1"] == (0.0, 0.0) and collisions(places, sizes) == []


def test_the_next_free_place_lies_across_the_flow() -> None:
    assert free_place({"a": (0.0, 0.0)}, (0.0, 0.0)) == (0.0, PITCH_Y)
    assert free_place({"a": (0.0, 0.0)}, (0.0, 0.0), DOWN)[1] == 0.0


def test_make_room_ends_even_in_a_heap() -> None:
    places = {f"n{i}": (float(i), 0.0) for i in range(30)}
    make_room(places, "n7")
    assert len(places) == 30


def test_nodes_of_a_circle_and_of_nothing_get_places_too() -> None:
    graph = Graph().add(Add()).add(Tanh()).add(Dense())
    circle = Graph(graph.nodes, (Wire("add_1", "tanh_1"), Wire("tanh_1", "add_1", "out", "xs")))
    assert len(set(arrange(circle).values())) == 3 and arrange(Graph()) == {}


def test_the_same_graph_is_always_arranged_alike() -> None:
    assert arrange(scramble(5, 40)) == arrange(scramble(5, 40))


def test_branches_without_end_and_lonely_nodes_stand_beside_each_other() -> None:
    graph = Graph().add(Input())
    for _ in range(4):
        graph = graph.add(Conv2D())
        graph = graph.connect(Wire("input_1", next(reversed(graph.nodes))))
    places = arrange(graph.add(Dense()).add(Dense()))
    assert len({places[f"conv_{i}"][0] for i in range(1, 5)}) == 1 and collisions(places) == []
    assert places["dense_1"][1] > max(places[f"conv_{i}"][1] for i in range(1, 5)) + HEIGHT


def test_a_thousand_nodes_are_arranged_in_a_moment() -> None:
    graph = scramble(2, 1000)
    begin = time.perf_counter()
    places = arrange(graph)
    assert time.perf_counter() - begin < 4 and len(set(places.values())) == 1000
