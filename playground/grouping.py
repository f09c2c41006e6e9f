"""Making a group of nodes, and taking one apart again: edits of the one graph in which the nodes lie."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from playground.block import Block
from playground.blocks.data import Input, Output
from playground.blocks.group import Group, GroupInput, GroupOutput
from playground.graph import Graph, Node, Wire
from playground.text import Refusal, say

End = tuple[str, str]
"""A node and one of its ports."""


def collapse(graph: Graph, ids: Iterable[str], title: str = "") -> tuple[Graph, str]:
    """Put nodes into a group, whose ports are where wires crossed its edge; return the graph and the group's id.

    Where nothing comes in, or nothing goes out, free ports of the nodes become ports of the group.
    """
    chosen = {id: graph.nodes[id] for id in graph.nodes if id in set(ids)}
    _check(graph, chosen)
    entering = [w for w in graph.wires if w.target in chosen and w.source not in chosen]
    leaving = [w for w in graph.wires if w.source in chosen and w.target not in chosen]
    within = [w for w in graph.wires if w.source in chosen and w.target in chosen]
    into = dict.fromkeys(dict.fromkeys((w.source, w.source_port) for w in entering), "")
    ins = _names(into, "x", chosen)
    ends: list[tuple[str, End]] = [(ins[w.source, w.source_port], (w.target, w.target_port)) for w in entering]
    if not ins:
        free = [(id, port) for id in chosen for port in _free_inputs(graph, id)]
        ends = list(zip(_names(free, "x", chosen).values(), free, strict=True))
    out_of = list(dict.fromkeys((w.source, w.source_port) for w in leaving)) or [
        (id, port) for id, node in chosen.items() if not graph.outgoing[id] for port in node.block.outputs
    ]
    outs = _names(out_of, "out", {**chosen, **dict.fromkeys(name for name, _ in ends)})
    nodes: dict[str, Block | Node] = {name: GroupInput() for name, _ in ends}
    nodes.update(chosen)
    nodes.update((name, GroupOutput()) for name in outs.values())
    wires = [Wire(name, id, "out", port) for name, (id, port) in ends]
    wires += within
    wires += [Wire(id, name, port) for (id, port), name in outs.items()]
    group = Group(title=title, graph=Graph.of(nodes, dict.fromkeys(wires)))
    return _put_group(graph, chosen, group, ins, outs)


def _put_group(
    graph: Graph, chosen: dict[str, Node], group: Group, ins: dict[End, str], outs: dict[End, str]
) -> tuple[Graph, str]:
    """Put the group where the first of its nodes stood, and join the wires that crossed its edge to its ports."""
    id = graph.fresh_id(group)
    first = next(iter(chosen))
    nodes: dict[str, Node] = {}
    for old, node in graph.nodes.items():
        if old == first:
            nodes[id] = Node(id, group)
        if old not in chosen:
            nodes[old] = node
    wires: dict[Wire, None] = {}
    for wire in graph.wires:
        if wire.source in chosen and wire.target in chosen:
            continue
        if wire.target in chosen:
            wire = replace(wire, target=id, target_port=ins[wire.source, wire.source_port])
        elif wire.source in chosen:
            wire = replace(wire, source=id, source_port=outs[wire.source, wire.source_port])
        wires[wire] = None
    added = graph.add(group, id)  # for the numbers given out
    return replace(added, nodes=nodes, wires=tuple(wires)), id


def _check(graph: Graph, chosen: dict[str, Node]) -> None:
    if not chosen:
        raise Refusal(say("select the nodes that the group is to hold"))
    for id, node in chosen.items():
        if isinstance(node.block, Input | Output | GroupInput | GroupOutput):
            raise Refusal(say("{node} cannot be put into a group: data comes in and goes out at the top", node=id))
    for id, node in graph.nodes.items():
        if node.tied_to and (id in chosen) != (node.tied_to in chosen):
            raise Refusal(say("{node} shares the weights of {other}; take both or none", node=id, other=node.tied_to))
    # What is fed by the selection must not feed it again: the group would stand in a circle with it.
    outside = [w.target for w in graph.wires if w.source in chosen and w.target not in chosen]
    seen = set(outside)
    for id in outside:  # grows while it is read
        for wire in graph.outgoing[id]:
            if wire.target in chosen:
                raise Refusal(say("{node} lies between the selected nodes; select it too", node=id))
            if wire.target not in seen:
                seen.add(wire.target)
                outside.append(wire.target)


def _free_inputs(graph: Graph, id: str) -> list[str]:
    taken = {wire.target_port for wire in graph.incoming[id]}
    return [p.name for p in graph.nodes[id].block.ports() if p.name not in taken and not p.optional]


def _names(ends: Iterable[End], stem: str, taken: Iterable[str]) -> dict[End, str]:
    """Name ports: the first one plainly, the others with numbers."""
    used, found = set(taken), {}
    for end in ends:
        number, name = 1, stem
        while name in used:
            number += 1
            name = f"{stem}_{number}"
        used.add(name)
        found[end] = name
    return found


def unpack(graph: Graph, id: str) -> tuple[Graph, dict[tuple[int, str], str]]:
    """Put what a group holds, as often as it is repeated, in its place.

    Returns the graph, and by repetition (from 1) and inner id what each node is called now.
    """
    group = graph.nodes[id].block
    assert isinstance(group, Group)
    return _Unpacking(graph, id, group).carry_out()


class _Unpacking:
    def __init__(self, graph: Graph, id: str, group: Group) -> None:
        self.graph, self.id, self.group = graph, id, group
        self.sources = {w.target_port: (w.source, w.source_port) for w in graph.incoming[id]}
        self.names: dict[tuple[int, str], str] = {}

    def carry_out(self) -> tuple[Graph, dict[tuple[int, str], str]]:
        made = self.graph.remove([self.id])
        frozen = self.graph.nodes[self.id].frozen
        for k in range(1, self.group.repeat + 1):
            for inner, node in self.group.graph.nodes.items():
                if node.block.edge:
                    continue
                name = inner if inner not in made else made.fresh_id(node.block)
                self.names[k, inner] = name
                made = made.add(node.block, name)
                made = made.mark(name, state=node.state, frozen=node.frozen or frozen, weights=node.weights)
        for (k, inner), name in self.names.items():
            shares = self.group.tied and k > 1 and _learns(self.group.graph.nodes[inner].block)
            tied = self.names[1, inner] if shares else ""
            if not tied and (other := self.group.graph.nodes[inner].tied_to):
                tied = self.names.get((k, other), "")  # the port of a group, which has no weights, is gone
            made = made.mark(name, tied_to=tied) if tied else made
        return replace(made, wires=tuple(dict.fromkeys(self._wires()))), self.names

    def _wires(self) -> list[Wire]:
        found = []
        for wire in self.graph.wires:
            if wire.source == self.id and wire.target != self.id:
                if end := self._left(self.group.repeat, wire.source_port):
                    found.append(replace(wire, source=end[0], source_port=end[1]))
            elif wire.target != self.id:
                found.append(wire)
        for k in range(1, self.group.repeat + 1):
            for wire in self.group.graph.wires:
                if (k, wire.target) in self.names and (end := self._source(k, wire.source, wire.source_port)):
                    found.append(Wire(end[0], self.names[k, wire.target], end[1], wire.target_port))
        return found

    def _source(self, k: int, id: str, port: str) -> End | None:
        """Return what feeds a wire inside repetition k, beyond the edges of the group."""
        if (k, id) in self.names:
            return self.names[k, id], port
        at, outs = self.group.edges("in").index(id), self.group.outputs
        return self._left(k - 1, outs[at]) if k > 1 and at < len(outs) else self.sources.get(id)

    def _left(self, k: int, out: str) -> End | None:
        """Return what leaves repetition k at an output port."""
        wire = next(iter(self.group.graph.incoming[out]), None)
        return self._source(k, wire.source, wire.source_port) if wire else None


def _learns(block: Block) -> bool:
    """Whether blocks of this kind can have weights."""
    return type(block).weights is not Block.weights
