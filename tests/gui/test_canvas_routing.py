"""How wires run: round cards, beside each other, and over what they pass."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from playground.document import Document
from playground.experiment import Experiment, View
from playground.graph import Graph, Wire
from playground.sheet import Sheet
from tests.shapes import SHAPES, resnet, scramble, unet
from widgets.canvas.detours import detour
from widgets.canvas.geometry import DOWN, RIGHT, Rect, box, overlap
from widgets.canvas.lanes import Lanes
from widgets.canvas.look import Look
from widgets.canvas.routing import Route, curve, occupied, route
from widgets.canvas.scene import Scene


def scene_of(graph: Graph, direction: str = RIGHT) -> Scene:
    scene = Scene(Sheet(Document(Experiment(graph=graph, view=View(direction=direction)))), Look())
    scene.sync()
    return scene


def runs_through(way: Route, cards: dict[str, Rect]) -> list[str]:
    """Name the cards whose inside a wire meets."""
    direction = DOWN if way.down else RIGHT
    points = curve(*way.points, steps=80, direction=direction) if way.direct else way.points
    met = set()
    for (ax, ay), (bx, by) in pairwise(points):
        piece = (min(ax, bx), min(ay, by), max(ax, bx), max(ay, by))
        met |= {id for id, (x, y, r, b) in cards.items() if overlap(piece, (x + 1, y + 1, r - 1, b - 1))}
    return sorted(met)


def wires_through_cards(scene: Scene) -> list[tuple[Wire, list[str]]]:
    cards = {id: box(card.place) for id, card in scene.cards.items()}
    return [(wire, met) for wire, line in scene.lines.items() if (met := runs_through(line.route, cards))]


# -- of a whole drawing ------------------------------------------------------------------------------------------


@given(
    seed=st.integers(0, 10_000),
    nodes=st.integers(2, 45),
    wires=st.floats(1.0, 1.8),
    reach=st.integers(1, 12),
    direction=st.sampled_from((RIGHT, DOWN)),
)
@settings(deadline=None, derandomize=True, max_examples=150)
def test_in_a_tidy_drawing_no_wire_meets_a_card_and_no_card_another(qapp, seed, nodes, wires, reach, direction) -> None:
    scene = scene_of(scramble(seed, nodes, wires, reach), direction)
    assert wires_through_cards(scene) == []
    boxes = [box(card.place) for card in scene.cards.values()]
    assert not any(overlap(a, b, 8) for a, b in combinations(boxes, 2))


def test_the_shapes_that_people_draw_have_no_wire_on_a_card_in_either_direction(qapp) -> None:
    for make in SHAPES.values():
        for direction in (RIGHT, DOWN):
            assert wires_through_cards(scene_of(make(), direction)) == []


def test_the_check_sees_a_wire_that_runs_through_a_card() -> None:
    cards = {"a": (0.0, 0.0, 144.0, 96.0)}
    assert runs_through(Route(((-100.0, 48.0), (300.0, 60.0))), cards) == ["a"]
    assert runs_through(Route(((-100.0, 48.0), (-50.0, 48.0), (-50.0, 20.0), (300.0, 20.0))), cards) == ["a"]
    assert runs_through(Route(((-100.0, 120.0), (300.0, 120.0))), cards) == []


def test_shortcuts_of_a_u_net_nest_over_the_cards(qapp) -> None:
    graph = unet(3)
    scene = scene_of(replace(graph, wires=graph.wires[::-1]))  # whichever was drawn first
    long = [line for wire, line in scene.lines.items() if wire.source.startswith("relu") and not line.route.direct]
    arches = sorted((line.route.points[-1][0] - line.route.points[0][0], line.route.middle[1]) for line in long[:3])
    assert [y for _, y in arches] == sorted((y for _, y in arches), reverse=True)
    assert len({y for _, y in arches}) == 3
    top = min(card.y() for card in scene.cards.values())
    assert all(y < top for _, y in arches)


def test_the_way_back_to_the_next_row_runs_between_the_rows(qapp) -> None:
    scene = scene_of(resnet(3))
    for wire, line in scene.lines.items():
        start, end = line.route.points[0], line.route.points[-1]
        if end[0] < start[0]:
            others = [o for w, o in scene.lines.items() if w != wire and w.source != wire.source]
            y = line.route.middle[1]
            low, high = sorted((end[0], start[0]))
            upright = [
                (a, b)
                for other in others
                if not other.route.direct
                for a, b in pairwise(other.route.points)
                if abs(a[0] - b[0]) < 1 and low < a[0] < high and min(a[1], b[1]) < y < max(a[1], b[1])
            ]
            assert upright == []


# -- of one wire -------------------------------------------------------------------------------------------------

CARD: Rect = (200.0, 0.0, 344.0, 96.0)


def only(*cards: Rect):
    return lambda rect: [card for card in cards if overlap(card, rect)]


def test_a_free_way_is_one_curve() -> None:
    assert route((0, 0), (400, 200), only()).direct


def test_a_card_whose_corner_lies_on_a_long_curve_is_passed() -> None:
    start, end = (0.0, 0.0), (4000.0, 400.0)
    card = (2010.0, 150.0, 2154.0, 212.0)  # its corner pokes a little into the curve
    way = route(start, end, only(card))
    assert runs_through(way, {"card": card}) == [] and not way.direct


def test_two_wires_in_one_gap_run_beside_each_other_unless_they_have_one_source() -> None:
    lanes, near = Lanes(), only(CARD)
    first = route((180, 48), (364, 48), near, lanes, ("a", "x"))
    lanes.put("first", occupied(first), ("a", "x"))
    second = route((170, 48), (374, 48), near, lanes, ("b", "y"))
    same = route((170, 48), (374, 48), near, lanes, ("a", "y"))
    assert abs(first.middle[1] - second.middle[1]) >= 20 and first.middle[1] == same.middle[1]
    lanes.drop("first")
    assert route((170, 48), (374, 48), near, lanes, ("b", "y")).middle[1] == first.middle[1]


def test_shortcuts_run_over_a_card_and_not_under_it_where_the_sentences_stand() -> None:
    way = route((180, 48), (364, 48), only(CARD))
    assert way.middle[1] < CARD[1]


def test_a_wire_back_leaves_and_arrives_in_the_flow() -> None:
    for direction, axis in ((RIGHT, 0), (DOWN, 1)):
        points = route((500, 480), (40, 48), only(CARD), direction=direction).points
        assert points[1][axis] > points[0][axis] and points[-2][axis] < points[-1][axis]
        assert all(abs(a[0] - b[0]) < 0.5 or abs(a[1] - b[1]) < 0.5 for a, b in pairwise(points))


def test_in_a_maze_a_way_is_found_where_no_simple_one_leads() -> None:
    walls: dict[str, Rect] = {
        "lid": (-60.0, -300.0, 700.0, -240.0),
        "floor": (-60.0, 240.0, 700.0, 300.0),
        "left": (-120.0, -240.0, -80.0, 240.0),
        "one": (160.0, -240.0, 200.0, 140.0),
        "two": (360.0, -140.0, 400.0, 240.0),
    }
    way = route((0, 0), (600, 0), only(*walls.values()))
    assert len(way.points) > 6 and runs_through(way, walls) == []


def test_where_there_is_no_way_at_all_the_detour_says_so() -> None:
    box_in = [
        (40.0, -80.0, 60.0, 80.0),
        (-60.0, -80.0, 60.0, -60.0),
        (-60.0, 60.0, 60.0, 80.0),
        (-60.0, -80.0, -40.0, 80.0),
    ]
    assert detour((-5.0, 0.0), (600.0, 0.0), box_in, 10.0, 4.0) is None


def test_crossings_are_counted_between_wires_that_have_no_end_in_common() -> None:
    lanes = Lanes()
    lanes.put("w", [((0.0, 0.0), (0.0, 600.0))], ("a", "x"))
    assert lanes.crossed(300.0, -50.0, 50.0, ("b", "y"), level=True) == 1
    assert lanes.crossed(300.0, -50.0, 50.0, ("a", "y"), level=True) == 0
    assert lanes.crossed(700.0, -50.0, 50.0, ("b", "y"), level=True) == 0
    lanes.drop("w")
    assert lanes.crossed(300.0, -50.0, 50.0, ("b", "y"), level=True) == 0
