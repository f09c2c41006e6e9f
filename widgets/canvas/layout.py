"""Where nodes stand when nobody has placed them: a chain in rows like text, branches in layers. No Qt.

`arrange` lays out a whole graph, `complete` finds places only for the nodes that have none, `make_room` moves
what a new card would cover. All are pure: the same graph and places give the same answer, so undo needs no memory
of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate

from playground.graph import Graph
from widgets.canvas.geometry import GAP_X, PITCH_X, PITCH_Y, WIDTH, Point, box, overlap

COLUMNS = 4
"""Cards in a row before the chain goes on in the next row."""

Layers = list[list[str]]


def arrange(graph: Graph, columns: int = COLUMNS) -> dict[str, Point]:
    """Place every node: parts that hang together below each other, each in layers from left to right.

    Rows break where a single wire crosses, so a residual block or a fan of branches stays in one piece.
    """
    places: dict[str, Point] = {}
    top = 0.0
    for part in _parts(graph):
        rows = _rows(graph, _layers(graph, part), columns)
        for row in rows:
            lanes = max(len(layer) for layer in row)
            for column, layer in enumerate(row):
                first = top + (lanes - len(layer)) * PITCH_Y / 2
                for lane, id in enumerate(layer):
                    places[id] = (column * PITCH_X, first + lane * PITCH_Y)
            top += lanes * PITCH_Y
    return {id: places[id] for id in graph.nodes}


def complete(graph: Graph, positions: Mapping[str, Point]) -> dict[str, Point]:
    """Return a place for every node: the given one, or for a newcomer one beside its neighbours."""
    missing = [id for id in (*graph.order, *graph.nodes) if id not in positions and id in graph.nodes]
    if not missing:
        return {id: positions[id] for id in graph.nodes}
    if len(set(missing)) == len(graph.nodes):
        return arrange(graph)
    places = {id: positions[id] for id in graph.nodes if id in positions}
    for id in dict.fromkeys(missing):
        places[id] = _beside(graph, places, id)
        make_room(places, id)
    return {id: places[id] for id in graph.nodes}


def make_room(places: dict[str, Point], id: str) -> None:
    """Move what the card of a node covers: it steps right of what stands left of it, the others step right of it."""
    for _ in range(len(places)):
        left = [p for p in _covered(places, id) if places[p][0] < places[id][0]]
        if not left:
            break
        places[id] = (max(places[p][0] for p in left) + PITCH_X, places[id][1])
    queue = [id]
    for pusher in queue:  # grows while it is read; everything only ever moves right, so it ends
        for other in _covered(places, pusher):
            if other != id and len(queue) < 4 * len(places):
                places[other] = (places[pusher][0] + PITCH_X, places[other][1])
                queue.append(other)


def covers(places: Mapping[str, Point], place: Point) -> bool:
    """Whether a card at this place would touch another."""
    return any(overlap(box(place), box(other), 8) for other in places.values())


def free_place(places: Mapping[str, Point], wanted: Point) -> Point:
    """Return the first place that is free at or below the wanted one."""
    x, y = wanted
    while covers(places, (x, y)):
        y += PITCH_Y
    return x, y


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


def _covered(places: Mapping[str, Point], id: str) -> list[str]:
    card = box(places[id])
    return [other for other, place in places.items() if other != id and overlap(card, box(place), min(24, GAP_X / 2))]


def _beside(graph: Graph, places: Mapping[str, Point], id: str) -> Point:
    before = [places[w.source] for w in graph.incoming[id] if w.source in places]
    after = [places[w.target] for w in graph.outgoing[id] if w.target in places]
    if before:
        x, y = max(before)
        return x + PITCH_X, y
    if after:
        x, y = min(after)
        return free_place(places, (x - PITCH_X, y))
    left = min(x for x, _ in places.values())
    return left, max(y for _, y in places.values()) + PITCH_Y


def _parts(graph: Graph) -> list[list[str]]:
    """Split into what hangs together; single nodes without wires share one part at the end."""
    seen: set[str] = set()
    parts: list[list[str]] = []
    single: list[str] = []
    for start in graph.nodes:
        if start in seen:
            continue
        part, queue = [], [start]
        seen.add(start)
        for id in queue:  # grows while it is read
            part.append(id)
            for other in (*(w.source for w in graph.incoming[id]), *(w.target for w in graph.outgoing[id])):
                if other not in seen:
                    seen.add(other)
                    queue.append(other)
        if len(part) > 1:
            parts.append(part)
        else:
            single += part
    return [*parts, single] if single else parts


def _layers(graph: Graph, part: Sequence[str]) -> Layers:
    """Give each node the layer after its latest source; sources stand right before what they feed."""
    inside = set(part)
    depth: dict[str, int] = {}
    for id in graph.order:
        if id in inside:
            depth[id] = max((depth[w.source] + 1 for w in graph.incoming[id] if w.source in depth), default=0)
    for id in part:  # nodes of a circle have no order
        depth.setdefault(id, 0)
    for id in part:
        if not graph.incoming[id] and graph.outgoing[id]:
            depth[id] = max(0, min(depth[w.target] for w in graph.outgoing[id]) - 1)
    if not any(graph.incoming[id] or graph.outgoing[id] for id in part):
        depth = {id: i for i, id in enumerate(part)}
    layers: Layers = [[] for _ in range(max(depth.values()) + 1)]
    ordered = [id for id in graph.order if id in inside]
    for id in dict.fromkeys((*ordered, *part)):
        layers[depth[id]].append(id)
    layers = [layer for layer in layers if layer]
    _untangle(graph, layers)
    return layers


def _untangle(graph: Graph, layers: Layers) -> None:
    """Order each layer by the mean place of its neighbours, twice there and back, so that fewer wires cross."""
    rank = {id: i - (len(layer) - 1) / 2 for layer in layers for i, id in enumerate(layer)}
    for turn in range(4):
        forward = turn % 2 == 0
        for layer in layers if forward else reversed(layers):
            if len(layer) < 2:
                continue
            mean = {}
            for id in layer:
                ends = [w.source for w in graph.incoming[id]] if forward else [w.target for w in graph.outgoing[id]]
                mean[id] = sum(rank[e] for e in ends) / len(ends) if ends else rank[id]
            layer.sort(key=mean.__getitem__)
            rank.update({id: i - (len(layer) - 1) / 2 for i, id in enumerate(layer)})


def _rows(graph: Graph, layers: Layers, columns: int) -> list[Layers]:
    """Break the layers into rows of even length, best where a single wire crosses from one layer to the next."""
    columns = max(columns, round(len(layers) ** 0.5))  # a large graph grows in both directions
    if len(layers) <= columns + 1:
        return [layers]
    count = -(-len(layers) // columns)
    ideal = -(-len(layers) // count)
    crossing = _crossings(graph, layers)
    best: list[tuple[float, int]] = [(0.0, 0)]  # by where a row ends: the least ugliness so far, where the row began
    for end in range(1, len(layers) + 1):
        last = end == len(layers)
        cut = 0.0 if last else 6.0 * max(0, crossing[end] - 1)
        begins = range(max(0, end - 3 * ideal), end)
        best.append(min((best[begin][0] + cut + _unevenness(end - begin, ideal, last), begin) for begin in begins))
    rows: list[Layers] = []
    end = len(layers)
    while end:
        begin = best[end][1]
        rows.insert(0, layers[begin:end])
        end = begin
    return rows


def _unevenness(length: int, ideal: int, last: bool) -> float:
    """Say how bad a row of this length is; a long one is worse than a short one, unless it is the last."""
    if length > ideal:
        return 1.5 * (length - ideal) ** 2
    return (0.25 if last else 1.0) * (length - ideal) ** 2


def _crossings(graph: Graph, layers: Layers) -> list[int]:
    """Count for every i how many wires lead from the layers before i to those from i on."""
    depth = {id: i for i, layer in enumerate(layers) for id in layer}
    change = [0] * (len(layers) + 1)
    for wire in graph.wires:
        if wire.source in depth and wire.target in depth and depth[wire.source] < depth[wire.target]:
            change[depth[wire.source] + 1] += 1
            change[depth[wire.target] + 1] -= 1
    return list(accumulate(change))


def right_of(place: Point) -> Point:
    """Return the place of the next card in a row."""
    return place[0] + WIDTH + GAP_X, place[1]
