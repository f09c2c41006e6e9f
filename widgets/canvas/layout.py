"""Where nodes stand when nobody has placed them: in layers, a long network in rows like text. No Qt.

`arrange` lays out a whole graph, `complete` finds places only for the nodes that have none, `make_room` moves
what a new card would cover. All are pure: the same graph and places give the same answer, so undo needs no memory
of them.

All reckoning is done as if the data flowed to the right; where they flow down, the axes are swapped.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from playground.blocks.group import Group
from playground.graph import Graph, Wire
from widgets.canvas.aligning import align
from widgets.canvas.geometry import (
    CARD_SIZE,
    DOWN,
    GAP_X,
    GAP_Y,
    GRID,
    HEIGHT,
    RIGHT,
    WIDTH,
    Point,
    Size,
    box,
    input_spots,
    output_spots,
    overlap,
    turned,
)
from widgets.canvas.layering import Layers, layers_of, parts_of, rows_of
from widgets.canvas.ordering import Row, build, untangle

COLUMNS = 4
"""Cards in a row before the chain goes on in the next row."""

Sizes = Mapping[str, Size]
"""The width and height of what is no plain card: a group that is open, or a card with many pictures of units."""


class Spacing(NamedTuple):
    """Distances for one direction: between layers; across between rows, between cards, from card to wire, of wires."""

    along: float
    rows: float
    across: float
    beside: float
    wires: float


SPACING = {RIGHT: Spacing(GAP_X, GAP_Y, GAP_Y, 32.0, 24.0), DOWN: Spacing(64.0, 96.0, 48.0, 48.0, 32.0)}


def arrange(
    graph: Graph, columns: int = COLUMNS, *, direction: str = RIGHT, sizes: Sizes | None = None
) -> dict[str, Point]:
    """Place every node: parts that hang together beside each other, each in layers along the flow.

    Rows break where a single wire crosses, so a residual block or a fan of branches stays in one piece.
    """
    places: dict[str, Point] = {}
    space, sized = SPACING[direction], _sized(direction, sizes or {})
    top = 0.0
    for part in parts_of(graph):
        whole = layers_of(graph, part)
        pitch = sized("")[0] + space.along
        lengths = [max(1, round(max(sized(id)[0] for id in layer) / pitch)) for layer in whole] if sizes else ()
        for layers in rows_of(graph, whole, columns, lengths):
            top = _place_row(graph, layers, direction, sized, places, top) + space.rows
    return {id: turned(places[id]) if direction == DOWN else places[id] for id in graph.nodes}


def complete(
    graph: Graph, positions: Mapping[str, Point], direction: str = RIGHT, sizes: Sizes | None = None
) -> dict[str, Point]:
    """Return a place for every node: the given one, or for a newcomer one beside its neighbours."""
    missing = [id for id in (*graph.order, *graph.nodes) if id not in positions and id in graph.nodes]
    if not missing:
        return {id: positions[id] for id in graph.nodes}
    if len(set(missing)) == len(graph.nodes):
        return arrange(graph, direction=direction, sizes=sizes)
    places = {id: positions[id] for id in graph.nodes if id in positions}
    for id in dict.fromkeys(missing):
        places[id] = _beside(graph, places, id, direction)
        make_room(places, id, direction, sizes)
    return {id: places[id] for id in graph.nodes}


def make_room(places: dict[str, Point], id: str, direction: str = RIGHT, sizes: Sizes | None = None) -> None:
    """Move what the card of a node covers: it steps on past what stands before it, the others step on past it."""
    sized = _sized(direction, sizes or {})
    along = SPACING[direction].along
    found = {one: turned(place) if direction == DOWN else place for one, place in places.items()}
    for _ in range(len(found)):
        before = [one for one in _covered(found, id, sized) if found[one][0] < found[id][0]]
        if not before:
            break
        found[id] = (max(found[one][0] + sized(one)[0] for one in before) + along, found[id][1])
    queue = [id]
    for pusher in queue:  # grows while it is read; everything only ever moves on, so it ends
        for other in _covered(found, pusher, sized):
            if other != id and len(queue) < 4 * len(found):
                found[other] = (found[pusher][0] + sized(pusher)[0] + along, found[other][1])
                queue.append(other)
    for one, place in found.items():
        places[one] = turned(place) if direction == DOWN else place


def covers(places: Mapping[str, Point], place: Point) -> bool:
    """Whether a card at this place would touch another."""
    return any(overlap(box(place), box(other), 8) for other in places.values())


def free_place(places: Mapping[str, Point], wanted: Point, direction: str = RIGHT) -> Point:
    """Return the first place that is free at the wanted one or beside it, across the flow."""
    x, y = wanted
    while covers(places, (x, y)):
        if direction == DOWN:
            x += WIDTH + SPACING[DOWN].across
        else:
            y += HEIGHT + SPACING[RIGHT].across
    return x, y


def next_to(place: Point, direction: str = RIGHT, size: Size = CARD_SIZE) -> Point:
    """Return the place of the card that comes after the one that stands here."""
    if direction == DOWN:
        return place[0], place[1] + size[1] + SPACING[DOWN].along
    return place[0] + size[0] + SPACING[RIGHT].along, place[1]


def same_picture(a: Mapping[str, Point], b: Mapping[str, Point]) -> bool:
    """Whether two placements differ by a shift at most."""
    if a.keys() != b.keys():
        return False
    shifts = {(a[id][0] - b[id][0], a[id][1] - b[id][1]) for id in a}
    return len(shifts) <= 1


def shifted(places: Mapping[str, Point], like: Mapping[str, Point]) -> dict[str, Point]:
    """Return the places moved as a whole so that the first node that is in both stands where it stood."""
    anchor = next((id for id in places if id in like), None)
    if anchor is None:
        return dict(places)
    dx, dy = like[anchor][0] - places[anchor][0], like[anchor][1] - places[anchor][1]
    return {id: (x + dx, y + dy) for id, (x, y) in places.items()}


def extent(places: Mapping[str, Point], sizes: Sizes | None = None) -> tuple[Point, Size]:
    """Return the left top corner and the size of what these cards take up together."""
    if not places:
        return (0.0, 0.0), (0.0, 0.0)
    boxes = [box(place, (sizes or {}).get(id, CARD_SIZE)) for id, place in places.items()]
    left, top = min(b[0] for b in boxes), min(b[1] for b in boxes)
    return (left, top), (max(b[2] for b in boxes) - left, max(b[3] for b in boxes) - top)


class _sized:  # noqa: N801 - it is used as a function
    """Returns how long a node's card is along the flow, and how wide across it."""

    def __init__(self, direction: str, sizes: Sizes) -> None:
        self._plain = turned(CARD_SIZE) if direction == DOWN else CARD_SIZE
        self._sizes = {id: turned(size) if direction == DOWN else size for id, size in sizes.items()}

    def __call__(self, id: str) -> Size:
        return self._sizes.get(id, self._plain)


def _place_row(
    graph: Graph, layers: Layers, direction: str, sized: _sized, places: dict[str, Point], top: float
) -> float:
    """Place the nodes of some layers, none further up than `top`; return where the row ends."""
    space = SPACING[direction]
    row = build(graph, layers, lambda wire: _fixed_at(graph, wire, direction, sized))
    untangle(row)
    half = [sized(name)[1] / 2 if name else 0.0 for name in row.names]
    middles = align(row, lambda a, b: half[a] + half[b] + _between(row, a, b, space))
    reach = [(m - h, m + h) if name else (m - 8, m + 8) for m, h, name in zip(middles, half, row.names, strict=True)]
    rise = top - min(low for low, _ in reach)
    along = 0.0
    for layer in row.layers:
        cards = [one for one in layer if row.names[one]]
        length = max((sized(row.names[one])[0] for one in cards), default=0.0)
        for one in cards:
            inset = _snapped_down((length - sized(row.names[one])[0]) / 2)
            places[row.names[one]] = (along + inset, middles[one] - half[one] + rise)
        along += length + space.along
    return max(high for _, high in reach) + rise


def _between(row: Row, a: int, b: int, space: Spacing) -> float:
    if row.names[a] and row.names[b]:
        return space.across
    return space.beside if row.names[a] or row.names[b] else space.wires


def _fixed_at(graph: Graph, wire: Wire, direction: str, sized: _sized) -> tuple[float, float]:
    """Return how far from the middle of its cards a wire leaves and arrives, across the flow.

    On the frame of an open group that grows with it; on a card that is taller than others ports keep their places.
    """
    out = output_spots(graph.nodes[wire.source].block, direction).get(wire.source_port, (0.0, 0.0))
    into = input_spots(graph.nodes[wire.target].block, direction).get(wire.target_port, (0.0, 0.0))
    axis = 0 if direction == DOWN else 1
    plain = CARD_SIZE[axis]
    ends = zip((out, into), (wire.source, wire.target), strict=True)
    a, b = (
        (spot[axis] / plain - 0.5) * sized(id)[1]
        if isinstance(graph.nodes[id].block, Group)
        else spot[axis] - sized(id)[1] / 2
        for spot, id in ends
    )
    return a, b


def _snapped_down(value: float) -> float:
    return value // GRID * GRID


def _covered(places: Mapping[str, Point], id: str, sized: _sized) -> list[str]:
    card = box(places[id], sized(id))
    return [other for other, place in places.items() if other != id and overlap(card, box(place, sized(other)), 24)]


def _beside(graph: Graph, places: Mapping[str, Point], id: str, direction: str) -> Point:
    before = [places[w.source] for w in graph.incoming[id] if w.source in places]
    after = [places[w.target] for w in graph.outgoing[id] if w.target in places]
    key = turned if direction == DOWN else lambda point: point
    if before:
        return next_to(max(before, key=key), direction)
    if after:
        x, y = min(after, key=key)
        on = next_to((x, y), direction)
        return free_place(places, (2 * x - on[0], 2 * y - on[1]), direction)
    left, top = min(x for x, _ in places.values()), min(y for _, y in places.values())
    if direction == DOWN:
        return max(x for x, _ in places.values()) + WIDTH + SPACING[DOWN].across, top
    return left, max(y for _, y in places.values()) + HEIGHT + SPACING[RIGHT].across
