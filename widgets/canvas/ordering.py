"""One row of a layered drawing: cards, the bends of long wires, and an order in each layer in which few wires cross.

A wire that passes over layers gets a bend in each of them, so that room is kept for it; all wires that leave one
port share their bends as long as they run together. No Qt.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable
from typing import NamedTuple

from playground.graph import Graph, Wire
from widgets.canvas.layering import Layers

SMALL = 600
"""Up to so many cards and bends, neighbours are also exchanged one by one."""


class Link(NamedTuple):
    """What leads from a card or bend to one in the next layer, and how far from the middle of each it is fixed."""

    source: int
    target: int
    out: float
    into: float


class Row:
    """Cards and bends, numbered, in layers.

    Attributes:
        names: the node's id for each, or nothing for a bend.
        firm: whether each is a card, or a bend of a branch: of a wire that is all that leaves its card.
        layers: the numbers of each layer, from the first to the last across.
        before, after: the links of each to the layer before and to the layer after.
    """

    def __init__(self, layers: Layers) -> None:
        self.names: list[str] = []
        self.firm: list[bool] = []
        self.before: list[list[Link]] = []
        self.after: list[list[Link]] = []
        self.layers: list[list[int]] = [[self.add(id) for id in layer] for layer in layers]

    def add(self, name: str, firm: bool = True) -> int:
        """Make room for one more; return its number."""
        self.names.append(name)
        self.firm.append(firm)
        self.before.append([])
        self.after.append([])
        return len(self.names) - 1

    def link(self, source: int, target: int, out: float, into: float) -> None:
        """Join two of neighbouring layers, once."""
        made = Link(source, target, out, into)
        if made not in self.after[source]:
            self.after[source].append(made)
            self.before[target].append(made)


def build(graph: Graph, layers: Layers, fixed_at: Callable[[Wire], tuple[float, float]]) -> Row:
    """Make the row of some layers of a graph; `fixed_at` says where a wire is fixed to its cards, from their middle."""
    row = Row(layers)
    number = {row.names[i]: i for layer in row.layers for i in layer}
    depth = {id: k for k, layer in enumerate(layers) for id in layer}
    bends: dict[tuple[str, str, int], int] = {}
    wires = [w for w in graph.wires if depth.get(w.source, len(layers)) < depth.get(w.target, -1)]
    for wire in sorted(wires, key=lambda w: depth[w.source] - depth[w.target]):  # the longest is outermost
        out, into = fixed_at(wire)
        last = number[wire.source]
        for layer in range(depth[wire.source] + 1, depth[wire.target]):
            key = (wire.source, wire.source_port, layer)
            if key not in bends:
                bends[key] = row.add("", len(graph.outgoing[wire.source]) == 1)
                row.layers[layer].append(bends[key])
            row.link(last, bends[key], out, 0.0)
            last, out = bends[key], 0.0
        row.link(last, number[wire.target], out, into)
    return row


def untangle(row: Row) -> None:
    """Order each layer so that few links cross: from some beginnings, the one that comes out best."""
    _begin(row)
    first = [list(layer) for layer in row.layers]
    best, fewest = _improved(row)
    if fewest and len(row.names) <= SMALL:
        row.layers = [layer[::-1] for layer in first]
        mirrored, crossed = _improved(row)
        if crossed < fewest:
            best = mirrored
    row.layers = best


def _improved(row: Row) -> tuple[list[list[int]], int]:
    """Order each layer by where its neighbours are, there and back again; return the best order and its crossings."""
    rank = [0.0] * len(row.names)
    for layer in row.layers:
        _rank(layer, rank)
    best, fewest = [list(layer) for layer in row.layers], crossings(row)
    for turn in range(4 if len(row.names) < 3000 else 2):
        if not fewest:
            break
        _sweep(row, rank, forward=False)
        _sweep(row, rank, forward=True)
        if len(row.names) <= SMALL and turn % 2:
            _exchange(row)
            for layer in row.layers:
                _rank(layer, rank)
        found = crossings(row)
        if found < fewest:
            best, fewest = [list(layer) for layer in row.layers], found
    return best, fewest


def crossings(row: Row) -> int:
    """Count how many links cross."""
    total = 0
    place = [0] * len(row.names)
    for layer in row.layers:
        for i, one in enumerate(layer):
            place[one] = i
    for layer in row.layers:
        seen: list[tuple[int, float]] = []
        for one in layer:
            ends = [(link.out, (place[link.target], link.into)) for link in row.after[one]]
            for _, end in sorted(ends) if len(ends) > 1 else ends:
                total += len(seen) - bisect_left(seen, (end[0], end[1] + 0.01))
                insort(seen, end)
    return total


def _begin(row: Row) -> None:
    """Order each layer as its sources are; bends come first, so that long wires arch over the cards they pass."""
    rank = [0.0] * len(row.names)
    for k, layer in enumerate(row.layers):
        if k:
            means = {one: _mean(row.before[one], rank, forward=True) for one in layer}
            last = float(len(row.layers[k - 1]))
            layer.sort(
                key=lambda one, means=means, last=last: (  # type: ignore[misc]
                    last if means[one] is None else means[one],
                    row.names[one] != "",
                )
            )
        _rank(layer, rank)


def _sweep(row: Row, rank: list[float], *, forward: bool) -> None:
    for layer in row.layers if forward else reversed(row.layers):
        if len(layer) > 1:
            links = row.before if forward else row.after
            means = {one: _mean(links[one], rank, forward=forward) for one in layer}
            layer.sort(key=lambda one, means=means: rank[one] if means[one] is None else means[one])  # type: ignore[misc]
            _rank(layer, rank)


def _mean(links: list[Link], rank: list[float], *, forward: bool) -> float | None:
    """Return the mean place of the other ends; where two are at one card, their ports tell them apart."""
    if not links:
        return None
    if forward:
        return sum(rank[link.source] + link.out / 300 for link in links) / len(links)
    return sum(rank[link.target] + link.into / 300 for link in links) / len(links)


def _rank(layer: list[int], rank: list[float]) -> None:
    middle = (len(layer) - 1) / 2
    for i, one in enumerate(layer):
        rank[one] = i - middle


def _exchange(row: Row) -> None:
    """Exchange neighbours wherever that takes crossings away."""
    place = [0] * len(row.names)
    for layer in row.layers:
        for i, one in enumerate(layer):
            place[one] = i
    for _ in range(4):
        better = False
        for layer in row.layers:
            for i in range(len(layer) - 1):
                a, b = layer[i], layer[i + 1]
                if _between(row, place, a, b) > _between(row, place, b, a):
                    layer[i], layer[i + 1] = b, a
                    place[a], place[b] = i + 1, i
                    better = True
        if not better:
            return


def _between(row: Row, place: list[int], first: int, second: int) -> int:
    """Count the crossings between the links of two neighbours that stand in this order."""
    total = 0
    for upper in row.before[first]:
        at = (place[upper.source], upper.out)
        total += sum((place[lower.source], lower.out) < at for lower in row.before[second])
    for upper in row.after[first]:
        at = (place[upper.target], upper.into)
        total += sum((place[lower.target], lower.into) < at for lower in row.after[second])
    return total
