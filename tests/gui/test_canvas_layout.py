"""Where nodes stand and how wires run: pure functions, no window."""

from __future__ import annotations

import time
from itertools import combinations, pairwise

from playground.block import CATALOGUE, Block
from playground.blocks.combine import Add
from playground.blocks.convolution import Conv2D
from playground.blocks.data import Input
from playground.blocks.dense import Dense
from playground.graph import Graph, Wire
from widgets.canvas.geometry import PITCH_X, PITCH_Y, Buckets, Rect, box, input_spots, output_spots, overlap
from widgets.canvas.layout import arrange, complete, make_room
from widgets.canvas.routing import Channel, curve, route

Tanh: type[Block] = CATALOGUE["Tanh"]


def chain(n: int) -> Graph:
    graph = Graph().add(Input())
    for _ in range(n - 1):
        last = next(reversed(graph.nodes))
        graph = graph.add(Dense())
        graph = graph.connect(Wire(last, next(reversed(graph.nodes))))
    return graph


def residual() -> Graph:
    graph = Graph().add(Input()).add(Conv2D()).add(Tanh()).add(Conv2D()).add(Add())
    for source, target, port in (
        ("input_1", "conv_1", "x"),
        ("conv_1", "tanh_1", "x"),
        ("tanh_1", "conv_2", "x"),
        ("conv_2", "add_1", "xs"),
        ("conv_1", "add_1", "xs"),
    ):
        graph = graph.connect(Wire(source, target, "out", port))
    return graph


def crosses_a_card(graph: Graph, wire: Wire, places: dict[str, tuple[float, float]], taken: list[Channel]) -> bool:
    buckets = Buckets()
    for id, place in places.items():
        buckets.put(id, box(place))
    (sx, sy), (tx, ty) = places[wire.source], places[wire.target]
    ox, oy = output_spots(graph.nodes[wire.source].block)[wire.source_port]
    ix, iy = input_spots(graph.nodes[wire.target].block)[wire.target_port]
    way = route((sx + ox, sy + oy), (tx + ix, ty + iy), lambda r: buckets.near(r).values(), taken, wire.source)
    if way.channel:
        taken.append(way.channel)
    points = curve(way.points[0], way.points[1]) if way.direct else list(way.points)
    for (ax, ay), (bx, by) in pairwise(points):
        line: Rect = (min(ax, bx) + 0.5, min(ay, by) - 0.5, max(ax, bx) - 0.5, max(ay, by) + 0.5)
        if line[0] < line[2] or abs(ay - by) > 1:
            line = (line[0], line[1], max(line[2], line[0]), line[3])
            if any(overlap(line, box(place)) for place in places.values()):
                return True
    return False


def test_a_long_chain_wraps_into_even_rows() -> None:
    places = list(arrange(chain(12)).values())
    assert places[3] == (3 * PITCH_X, 0) and places[4] == (0, PITCH_Y) and places[11] == (3 * PITCH_X, 2 * PITCH_Y)


def test_a_chain_of_five_stays_in_one_row() -> None:
    assert {y for _, y in arrange(chain(5)).values()} == {0}


def test_branches_stand_beside_each_other_without_overlap() -> None:
    graph = Graph().add(Input())
    for _ in range(4):
        graph = graph.add(Conv2D())
        graph = graph.connect(Wire("input_1", next(reversed(graph.nodes))))
    graph = graph.add(Add())
    for i in range(1, 5):
        graph = graph.connect(Wire(f"conv_{i}", "add_1", "out", "xs"))
    places = arrange(graph)
    assert len({places[f"conv_{i}"][0] for i in range(1, 5)}) == 1
    assert not any(overlap(box(a), box(b), 8) for a, b in combinations(places.values(), 2))


def test_no_wire_runs_through_a_card() -> None:
    for graph in (chain(12), chain(7), residual()):
        places, taken = arrange(graph), []
        assert not any(crosses_a_card(graph, wire, places, taken) for wire in graph.wires)


def test_two_wires_in_one_channel_run_beside_each_other() -> None:
    other = Channel(-30.0, 0.0, 1000.0, "elsewhere")
    wall = [(100.0, 0.0, 240.0, 96.0)]
    way = route((60, 48), (300, 48), lambda rect: wall, [other], "here")
    assert way.channel is not None and abs(way.channel.y - other.y) >= 8


def test_a_newcomer_stands_beside_its_source_and_pushes_what_it_covers() -> None:
    graph = chain(3)
    places = arrange(graph)
    graph = graph.insert(Tanh(), graph.wires[0])
    full = complete(graph, places)
    assert full["tanh_1"] == (PITCH_X, 0) and full["input_1"] == (0, 0)
    assert not any(overlap(box(a), box(b)) for a, b in combinations(full.values(), 2))


def test_make_room_ends_even_in_a_heap() -> None:
    places = {f"n{i}": (float(i), 0.0) for i in range(30)}
    make_room(places, "n7")
    assert len(places) == 30


def test_nodes_of_a_circle_and_of_nothing_get_places_too() -> None:
    graph = Graph().add(Add()).add(Tanh()).add(Dense())
    circle = Graph(graph.nodes, (Wire("add_1", "tanh_1"), Wire("tanh_1", "add_1", "out", "xs")))
    assert len(set(arrange(circle).values())) == 3 and arrange(Graph()) == {}


def test_a_thousand_nodes_are_arranged_in_a_moment() -> None:
    graph = chain(1000)
    begin = time.perf_counter()
    places = arrange(graph)
    assert time.perf_counter() - begin < 2 and len(set(places.values())) == 1000
