"""Nodes and wires as plain JSON, and back: for documents, fragments on the clipboard and saved groups.

What is read is not trusted: every field is checked, and all that is wrong is collected with its place instead of
stopping at the first. A block that this version does not know becomes a placeholder that keeps its data. The
limits count what a graph holds at all its levels, and what its groups unfold to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from playground.block import CATALOGUE, Block
from playground.blocks.group import Group
from playground.blocks.unknown import Unknown
from playground.declare import is_finite
from playground.graph import STATES, Graph, Node, Wire, check_id, tensor_shape
from playground.text import Refusal, Sentence, say

MOST_NODES = 5_000
MOST_WIRES = 20_000
MOST_WEIGHTS = 4_096
"""Numbers in one tensor that is set by hand."""
DEEPEST_GROUP = 8
BARE = {"from": "out", "to": "in"}
"""What the ports of an unknown block are called where wires do not name them."""
MARKS = ("state", "frozen", "tied_to", "weights")
"""Fields of a node that are not parameters of its block."""


@dataclass
class Findings:
    """All that is wrong with a file: problems with their places."""

    problems: list[tuple[str, Sentence]] = field(default_factory=list)

    @contextmanager
    def at(self, place: str) -> Iterator[None]:
        """Turn a refusal within into a problem at this place."""
        try:
            yield
        except Refusal as refusal:
            self.problems.append((place, refusal.sentence))


# -- reading -----------------------------------------------------------------------------------------------------


def read_graph(value: Any, findings: Findings, place: str = "graph") -> Graph:
    """Read ``{"nodes": […], "wires": […]}``; what is wrong goes to `findings`."""
    graph = _Reader(findings).graph(value, place, 0)
    if not findings.problems and (size := unfolded_size(graph)) > MOST_NODES:
        told = say("its groups unfold to {n} nodes, more than any network has", n=size)
        findings.problems.append((place, told))
    return graph


def unfolded_size(graph: Graph) -> int:
    """Count the nodes of a graph with every group unfolded as often as it is repeated."""
    return sum(
        1 + node.block.repeat * unfolded_size(node.block.graph) if isinstance(node.block, Group) else 1
        for node in graph.nodes.values()
    )


class _Reader:
    def __init__(self, findings: Findings) -> None:
        self.findings = findings
        self._nodes = self._wires = 0

    def graph(self, value: Any, place: str, depth: int) -> Graph:
        value = value if isinstance(value, dict) else {}
        nodes, wires = value.get("nodes", []), value.get("wires", [])
        if not isinstance(nodes, list) or not isinstance(wires, list):
            self.findings.problems.append((place, say("nodes and wires must be lists")))
            return Graph()
        self._nodes += len(nodes)
        self._wires += len(wires)
        if self._nodes > MOST_NODES or self._wires > MOST_WIRES or depth > DEEPEST_GROUP:
            self.findings.problems.append((place, say("there are more nodes or wires than any network has")))
            return Graph()
        found: dict[str, Node] = {}
        named = _named_ports(wires)
        for i, one in enumerate(nodes):
            with self.findings.at(f"{place}.nodes[{i}]"):
                node = self._node(one, named, f"{place}.nodes[{i}]", depth)
                check_id(node.id)
                if node.id in found:
                    raise Refusal(say("there is already a node called {id}", id=node.id))
                found[node.id] = node
        graph = Graph.of(found)
        with self.findings.at(place):
            for node in found.values():
                if node.tied_to and node.tied_to not in found:
                    raise Refusal(say("there is no node called {id}", id=repr(node.tied_to[:80])))
        return replace(graph, wires=self._drawn(graph, wires, place))

    def _drawn(self, graph: Graph, wires: list[Any], place: str) -> tuple[Wire, ...]:
        found: list[Wire] = []
        taken: set[tuple[str, str]] = set()
        for i, wire in enumerate(wires):
            with self.findings.at(f"{place}.wires[{i}]"):
                made, variadic = _wire(graph, wire)
                end = (made.target, made.target_port)
                if not variadic and end in taken:
                    told = say("two wires end at {port} of {node}, which takes one", port=end[1], node=end[0])
                    raise Refusal(told)
                taken.add(end)
                found.append(made)
        # Circles are left for analysis to tell, so that they can be mended.
        return tuple(dict.fromkeys(found))

    def _node(self, value: Any, named: Mapping[str, Mapping[str, list[str]]], place: str, depth: int) -> Node:
        fields = dict(_mapping(value))
        id, name = fields.pop("id", None), fields.pop("block", None)
        if not isinstance(id, str) or not isinstance(name, str):
            raise Refusal(say("a node needs an id and a block"))
        marks = _marks({key: fields.pop(key) for key in MARKS if key in fields})
        if name not in CATALOGUE:
            block: Block = Unknown.keeping(name, fields, named["to"].get(id, ()), named["from"].get(id, ()))
        elif CATALOGUE[name] is Group:
            inside = self.graph(fields.pop("graph", {}), f"{place}.graph", depth + 1)
            block = Group.from_json(fields).replace(graph=inside)
        else:
            block = CATALOGUE[name].from_json(fields)
        return Node(id, block, **marks)


def _marks(fields: Mapping[str, Any]) -> dict[str, Any]:
    if (state := fields.get("state", "")) not in STATES:
        raise Refusal(say("the state of a node is one of {choices}", choices=", ".join(STATES[1:])))
    frozen, tied_to = fields.get("frozen", False), fields.get("tied_to", "")
    if not isinstance(frozen, bool) or not isinstance(tied_to, str):
        raise Refusal(say("frozen must be true or false, tied_to the id of a node"))
    weights = {str(name): numbers(one) for name, one in _mapping(fields.get("weights", {})).items()}
    return {"state": state, "frozen": frozen, "tied_to": tied_to, "weights": weights}


def numbers(value: Any) -> Any:
    """Turn nested lists of finite numbers into nested tuples of floats; refuse anything else, and too many."""
    found, counted = _numbers(value, 0)
    if counted > MOST_WEIGHTS:
        raise Refusal(say("weights set by hand hold at most {n} numbers", n=MOST_WEIGHTS))
    return found


def _numbers(value: Any, depth: int) -> tuple[Any, int]:
    if isinstance(value, int | float) and not isinstance(value, bool) and is_finite(value):
        return float(value), 1
    if not isinstance(value, list | tuple) or not value or depth > 4 or len(value) > MOST_WEIGHTS:
        raise Refusal(say("weights set by hand must be lists of numbers"))
    parts = [_numbers(one, depth + 1) for one in value]
    if len({tensor_shape(part) for part, _ in parts}) > 1:
        raise Refusal(say("weights set by hand must have rows of the same length"))
    return tuple(part for part, _ in parts), sum(counted for _, counted in parts)


def _named_ports(wires: list[Any]) -> dict[str, dict[str, list[str]]]:
    """Collect the ports that wires name, by end and node: all that is known of those of an unknown block."""
    named: dict[str, dict[str, list[str]]] = {"from": {}, "to": {}}
    for wire in wires:
        for side, bare in BARE.items():
            end = wire.get(side) if isinstance(wire, dict) else None
            if isinstance(end, str):
                id, _, port = end.partition(".")
                named[side].setdefault(id, []).append(port or bare)
    return named


def _wire(graph: Graph, value: Any) -> tuple[Wire, bool]:
    """Read a wire, and whether the port at its end takes several."""
    fields = _mapping(value)
    source, _, out = _text(fields.get("from", "")).partition(".")
    target, _, end = _text(fields.get("to", "")).partition(".")
    for id in (source, target):
        if id not in graph:
            raise Refusal(say("there is no node called {id}", id=repr(id[:80])))
    out = out or _first_out(graph.nodes[source].block)
    if out not in graph.nodes[source].block.outputs:
        raise Refusal(say("{node} has no output called {port}", node=source, port=out))
    end = end or _first_in(graph.nodes[target].block)
    port = next((p for p in graph.nodes[target].block.ports() if p.name == end), None)
    if port is None:
        raise Refusal(say("{node} has no input called {port}", node=target, port=end))
    return Wire(source, target, out, port.name), port.variadic


def _first_out(block: Block) -> str:
    """Return the output port that goes without saying; of an unknown block nobody knows which that is."""
    return BARE["from"] if isinstance(block, Unknown) else next(iter(block.outputs), BARE["from"])


def _first_in(block: Block) -> str:
    return BARE["to"] if isinstance(block, Unknown) else next((port.name for port in block.ports()), BARE["to"])


def _mapping(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise Refusal(say("this must be a JSON object"))
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > 200:
        raise Refusal(say("the end of a wire is the id of a node, and perhaps a port"))
    return value


# -- writing -----------------------------------------------------------------------------------------------------


def graph_json(graph: Graph) -> dict[str, Any]:
    """Write a graph as plain JSON."""
    return {
        "nodes": [_node_json(node) for node in graph.nodes.values()],
        "wires": [_wire_json(graph, wire) for wire in graph.wires],
    }


def _node_json(node: Node) -> dict[str, Any]:
    """Write a node: its block's parameters, and whatever else is said of it."""
    marks = {key: getattr(node, key) for key in MARKS if getattr(node, key)}
    if node.weights:
        marks["weights"] = {name: _lists(value) for name, value in node.weights.items()}
    inside = {"graph": graph_json(node.block.graph)} if isinstance(node.block, Group) else {}
    return {"id": node.id, "block": node.block.name, **node.block.to_json(), **marks, **inside}


def _lists(value: Any) -> Any:
    return [_lists(one) for one in value] if isinstance(value, tuple | list) else value


def _wire_json(graph: Graph, wire: Wire) -> dict[str, str]:
    """Write a wire; the names of first ports go without saying."""
    first_out, first_in = _first_out(graph.nodes[wire.source].block), _first_in(graph.nodes[wire.target].block)
    source = wire.source if wire.source_port == first_out else f"{wire.source}.{wire.source_port}"
    target = wire.target if wire.target_port == first_in else f"{wire.target}.{wire.target_port}"
    return {"from": source, "to": target}
