"""Which layer each node stands in, and where a long network goes on in the next row. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from playground.graph import Graph

Layers = list[list[str]]

TOGETHER = 200
"""A source is moved towards what it feeds only if no more nodes than these have to move with it."""
CUT = 60.0
"""How bad it is to break a row where one wire more than one leads on, as a row too long by some cards is."""
ROW, ALONE = 4.0, 12.0
"""How bad each further row is, and one of a single card."""
LONG_ENOUGH = 120.0
"""A row is never worse than this for its length alone, unless it is much longer than the others."""


def parts_of(graph: Graph) -> list[list[str]]:
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


def layers_of(graph: Graph, part: Sequence[str]) -> Layers:
    """Give each node the layer after its latest source; what only waits to be used stands right before its use."""
    inside = set(part)
    ordered = [id for id in graph.order if id in inside]
    if not any(graph.incoming[id] or graph.outgoing[id] for id in part):
        return [[id] for id in part]
    depth: dict[str, int] = {}
    for id in ordered:
        depth[id] = max((depth[w.source] + 1 for w in graph.incoming[id] if w.source in depth), default=0)
    _tighten(graph, ordered, depth)
    for id in part:  # nodes of a circle have no order
        depth.setdefault(id, 0)
    lowest = min(depth.values())
    layers: Layers = [[] for _ in range(max(depth.values()) - lowest + 1)]
    for id in dict.fromkeys((*ordered, *part)):
        layers[depth[id] - lowest].append(id)
    return [layer for layer in layers if layer]


def _tighten(graph: Graph, ordered: list[str], depth: dict[str, int]) -> None:
    """Shorten wires: move a node that feeds more than feeds it, and what it pushes, as far right as there is room."""
    for _ in range(3):
        moved = False
        for id in reversed(ordered):
            if len(graph.outgoing[id]) <= len(graph.incoming[id]):
                continue
            pushed = _pushed(graph, depth, id)
            gain, room = 0, len(ordered)
            for one in pushed:
                gain -= sum(w.source not in pushed for w in graph.incoming[one])
                for wire in graph.outgoing[one]:
                    if wire.target not in pushed and wire.target in depth:
                        gain += 1
                        room = min(room, depth[wire.target] - depth[one] - 1)
            if gain > 0:
                moved = True
                for one in pushed:
                    depth[one] += room
        if not moved:
            return


def _pushed(graph: Graph, depth: dict[str, int], id: str) -> set[str]:
    """Return what stands in the way when a node moves right, itself included; nothing where that is too much."""
    found, queue = {id}, [id]
    for one in queue:  # grows while it is read
        for wire in graph.outgoing[one]:
            if wire.target not in found and depth.get(wire.target) == depth[one] + 1:
                found.add(wire.target)
                queue.append(wire.target)
        if len(found) > TOGETHER:
            return set()
    return found


def rows_of(graph: Graph, layers: Layers, columns: int, lengths: Sequence[int] = ()) -> list[Layers]:
    """Break the layers into rows of even length, best where a single wire crosses from one layer to the next.

    `lengths` says how many columns each layer takes up; by default one.
    """
    reach = [0, *accumulate(lengths or [1] * len(layers))]  # by layer: where it begins
    columns = max(columns, round(reach[-1] ** 0.5))  # a large graph grows in both directions
    if reach[-1] <= columns + 1 or len(layers) < 2:
        return [layers]
    count = -(-reach[-1] // columns)
    ideal = -(-reach[-1] // count)
    crossing = _crossing(graph, layers)
    best: list[tuple[float, int]] = [(0.0, 0)]  # by where a row ends: the least ugliness so far, where the row began
    for end in range(1, len(layers) + 1):
        last = end == len(layers)
        cut = 0.0 if last else ROW + CUT * max(0, crossing[end] - 1)
        begins = range(max(0, end - 60), end)
        costs = ((best[b][0] + cut + _unevenness(reach[end] - reach[b], ideal, last), b) for b in begins)
        best.append(min(costs))
    rows: list[Layers] = []
    end = len(layers)
    while end:
        begin = best[end][1]
        rows.insert(0, layers[begin:end])
        end = begin
    return rows


def _unevenness(length: int, ideal: int, last: bool) -> float:
    """Say how bad a row of this length is; a long one is worse than a short one, unless it is the last."""
    over = length - ideal
    if over <= 0:
        return (0.25 if last else 1.0) * over * over + (ALONE if length == 1 else 0.0)
    return min(1.5 * over * over, LONG_ENOUGH + 4.0 * over)


def _crossing(graph: Graph, layers: Layers) -> list[int]:
    """Count for every i how many wires lead from the layers before i to those from i on; those of a pair are one."""
    depth = {id: i for i, layer in enumerate(layers) for id in layer}
    change = [0] * (len(layers) + 1)
    for source, target in {(wire.source, wire.target) for wire in graph.wires}:
        if depth.get(source, len(layers)) < depth.get(target, -1):
            change[depth[source] + 1] += 1
            change[depth[target] + 1] -= 1
    return list(accumulate(change))
