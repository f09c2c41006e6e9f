"""What flows on every wire, what everything costs, and what is wrong: a graph and the facts of its data, no torch.

`analyse` unfolds the groups and walks the graph once in its order. Where a rule refuses a shape, the node gets a
`Problem` with the rule's own sentence, and what hangs on it waits without complaining.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any, NamedTuple

from playground.adversarial import adversarial_problems
from playground.block import Block, Layer, Window
from playground.blocks.data import Input, Output
from playground.blocks.group import Entrance, Exit, Group, GroupInput
from playground.checks import graph_problems, insertions, matches, needed, node_problems, tie
from playground.declare import AUTO
from playground.facts import DataFacts
from playground.frames import at_once, frames_in, shapes_leaving
from playground.graph import Graph, Node, Wire, joined
from playground.nesting import around, outside, place_of, split, unfold
from playground.output_checks import output_problems
from playground.preparation.letters import LETTERS
from playground.report import NodeReport, Problem, Report
from playground.shape import Shape, ShapeError
from playground.text import Refusal, say


def analyse(graph: Graph, facts: DataFacts, through_steps: bool = False) -> Report:
    """Follow every shape through the graph; collect what it costs and what is wrong.

    `through_steps` says that the optimiser learns through blocks without a gradient.
    """
    try:
        flat = unfold(graph)
    except Refusal as refusal:
        problem = Problem("", refusal.sentence)
        return Report(problems=(problem,), blocking=(problem,))
    walk = _Walk(flat, facts)
    for id in flat.order:
        walk.visit(flat.nodes[id])
    nodes = walk.found
    problems = walk.problems + tie(flat, nodes)
    problems += graph_problems(flat, {id: node for id, node in nodes.items() if not _is_passage(node)}, through_steps)
    problems += adversarial_problems(flat, nodes)
    wanted = needed(flat)
    blocking = [problem for problem in problems if not problem.node or problem.node in wanted or walk.gates(problem)]
    return Report(
        flat,
        {id: node for id, node in nodes.items() if not _is_passage(node)},
        {id: node for id, node in nodes.items() if _is_passage(node)},
        {} if flat is graph else _groups(graph, nodes, _members(nodes)),
        _once(problems),
        _once(blocking),
    )


class _Walk:
    """Visits the nodes of an unfolded graph in its order."""

    def __init__(self, graph: Graph, facts: DataFacts) -> None:
        self.graph, self.facts = graph, facts
        self.found: dict[str, NodeReport] = {}
        self.problems: list[Problem] = []

    def visit(self, node: Node) -> None:
        """Find out about a node whose sources have been visited, or say why nothing can be known of it."""
        id, ends = node.id, self.graph.incoming[node.id]
        if missing := self._missing(node):
            self.problems.append(missing)
            return
        if any(wire.source not in self.found for wire in ends):
            return  # the cause is further up and has been told there
        ordered = in_port_order(node.block, ends)
        wires = [wire for wire in ordered if wire is not None]
        shapes = tuple(None if wire is None else self._leaving(wire) for wire in ordered)
        try:
            known = self._known(node, shapes)
        except ShapeError as error:
            fixes = insertions(self.graph, error.remedy, ends) if error.remedy else ()
            fixes = fixes or matches(self.graph, node.block, tuple(wires), tuple(map(self._leaving, wires)))
            self.problems.append(Problem(id, error.sentence, fixes))
            return
        except Refusal as error:
            self.problems.append(Problem(id, error.sentence))
            return
        except Exception as error:  # a rule that breaks marks its own node and nothing else
            told = say("the shape rule of {block} broke: {error}", block=node.block.key, error=str(error))
            self.problems.append(Problem(id, told))
            return
        self.found[id] = known = _with_field(known, [self.found[wire.source] for wire in wires])
        self.problems += output_problems(self.graph, known, self.facts)
        if node.weights:
            self.problems += node_problems(node, known)

    def gates(self, problem: Problem) -> bool:
        """Whether a problem stands at a group, whose ports everything inside waits for."""
        return problem.node not in self.graph.nodes

    def _facts_at(self, node: Node) -> DataFacts:
        """Return the facts of the data as they are for a node: of the Input before it, of the one Output behind it."""
        before = (self._read_by(wire.source) for wire in self.graph.incoming[node.id])
        read = next((field for field in before if field), None)
        facts = self.facts if read is None else self.facts.seen_from(read)
        if any(
            one.auto == "outputs" and getattr(node.block, key) == AUTO for key, one in node.block.parameters.items()
        ):
            asked = self._asked_of(node.id)
            facts = facts.asked_for(asked.pop()) if len(asked) == 1 else facts
        return facts

    def _read_by(self, id: str) -> str:
        """Return the field of an Input, also where a port of a group stands for it; nothing of any other node."""
        while isinstance(self.found[id].block, Entrance | Exit):
            id = self.graph.incoming[id][0].source
        block = self.found[id].block
        return block.field if isinstance(block, Input) else ""

    def _asked_of(self, id: str) -> set[str]:
        """Return the targets of all Outputs that a node leads to."""
        seen, asked = [id], set()
        for one in seen:  # grows while it is read
            seen += {wire.target for wire in self.graph.outgoing[one]} - set(seen)
            block = self.graph.nodes[one].block
            if isinstance(block, Output) and not self.graph.nodes[one].state:
                asked.add(block.target)
        return asked

    def _missing(self, node: Node) -> Problem | None:
        ports = node.block.ports()
        if node.state == "bypassed":
            ports = ports[:1]  # nothing else is looked at
        if not ports:
            return None
        taken = {wire.target_port for wire in self.graph.incoming[node.id]}
        for port in ports:
            if port.name not in taken and not port.optional:
                place, name = node.id, port.name
                if isinstance(node.block, Entrance):
                    place, name = split(outside(node.id))
                return Problem(place, say("nothing comes in at {port}; draw a wire to it", port=name))
        return None

    def _leaving(self, wire: Wire) -> Shape:
        return self.found[wire.source].leaving(wire.source_port)

    def _known(self, node: Node, inputs: tuple[Any, ...]) -> NodeReport:
        id, block = node.id, node.block
        if node.state == "bypassed":
            if not inputs:
                raise ShapeError(say("{node} has nothing to pass through; mute it or switch it on", node=id))
            return NodeReport(id, block, inputs, inputs[0], Layer("nn.Identity"), {}, 0, None)
        if isinstance(block, Input):
            if block.field not in self.facts.inputs:
                known = ", ".join(self.facts.inputs) or "–"
                if block.field == LETTERS and self.facts.vocabularies:
                    raise ShapeError(
                        say("the letters of words are not read; say in the preparation of the data how many of each")
                    )
                raise ShapeError(
                    say("the data has no input called {field}; it has: {known}", field=block.field, known=known)
                )
            return NodeReport(id, block, (), self.facts.inputs[block.field], block.layer(), {}, 0, (1, 1))
        if isinstance(block, GroupInput):
            raise ShapeError(say("{node} is a port of a group, but there is no group around it", node=id))
        resolved = block.resolve(self._facts_at(node))
        costs = _costs(resolved, inputs)
        shape = next(iter(costs.shapes.values()))
        several = costs.shapes if len(costs.shapes) > 1 else {}
        return NodeReport(
            id, resolved, inputs, shape, costs.layer, costs.weights, costs.macs, None, (1, 1), several, node.frozen
        )


class _Costs(NamedTuple):
    shapes: Mapping[str, Shape]
    layer: Layer
    weights: Mapping[str, tuple[int, ...]]
    macs: int


@lru_cache(maxsize=8192)
def _costs(block: Block, inputs: tuple[Shape | None, ...]) -> _Costs:
    """Ask a block everything about these input shapes; the answers of unchanged nodes are remembered."""
    shapes, seen = shapes_leaving(block, inputs), at_once(block, inputs)
    times = frames_in(block, inputs) or 1
    return _Costs(shapes, block.layer(*seen), block.weights(*seen), times * block.macs(*seen))


def _with_field(node: NodeReport, before: list[NodeReport]) -> NodeReport:
    """Add the receptive field: it grows by (kernel − 1) times the distance between neighbouring pixels."""
    if not (node.shape.is_image or node.shape.is_clip):
        return node if node.receptive_field is None else replace(node, receptive_field=None)
    if not before:
        return node
    seen = at_once(node.block, node.inputs)
    passes = isinstance(node.block, Group) or node.layer == Layer("nn.Identity")  # also where it is bypassed
    window = Window((1, 1), (1, 1)) if passes else node.block.window(*seen)
    fields = [(b.receptive_field, b.jump) for b in before]
    if window is None or any(f is None for f, _ in fields):
        return node
    height, width = (max(f[axis] for f, _ in fields if f) for axis in (0, 1))
    jump = fields[0][1]
    field = (height + (window.kernel[0] - 1) * jump[0], width + (window.kernel[1] - 1) * jump[1])
    return replace(node, receptive_field=field, jump=(jump[0] * window.stride[0], jump[1] * window.stride[1]))


def in_port_order(block: Block, wires: tuple[Wire, ...]) -> list[Wire | None]:
    """Return the wires that end at a node in the order in which its layer takes them.

    An optional port at which nothing comes in is passed over with None, if one behind it is taken.
    """
    ports = block.ports()
    rank = {port.name: i for i, port in enumerate(ports)}
    ordered = sorted(wires, key=lambda wire: rank[wire.target_port])  # stable: several wires at one port keep theirs
    if not any(port.optional for port in ports) or any(port.variadic for port in ports):
        return list(ordered)
    taken = {wire.target_port: wire for wire in ordered}
    reach = rank[ordered[-1].target_port] + 1 if ordered else 0
    return [taken.get(port.name) for port in ports[:reach]]


def _is_passage(node: NodeReport) -> bool:
    return isinstance(node.block, Entrance | Exit)


def _once(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Tell what is wrong in every repetition of a group but once, at the first."""
    return tuple({(place_of(one.node), str(one.message)): one for one in reversed(list(problems))}.values())[::-1]


def _members(nodes: Mapping[str, NodeReport]) -> dict[str, list[NodeReport]]:
    """List what computes inside of each group and repetition, at any depth, by path."""
    found: dict[str, list[NodeReport]] = {}
    for path, node in nodes.items():
        if not _is_passage(node):
            for level in around(path):
                found.setdefault(level, []).append(node)
    return found


def _groups(
    graph: Graph, nodes: Mapping[str, NodeReport], members: Mapping[str, list[NodeReport]], prefix: str = ""
) -> dict[str, NodeReport]:
    """Sum up every group whose ports are known: what it holds, what leaves it."""
    found: dict[str, NodeReport] = {}
    for id, node in graph.nodes.items():
        group, path = node.block, joined(prefix, id)
        if not isinstance(group, Group) or node.state == "bypassed":
            continue
        for k in range(1, group.repeat + 1):
            found |= _groups(group.graph, nodes, members, joined(path, str(k)))
        first, last = joined(path, "1"), joined(path, str(group.repeat))
        ins = [nodes.get(joined(first, port)) for port in group.edges("in")]
        outs = {port: nodes.get(joined(last, port)) for port in group.outputs}
        known = [one for one in ins if one is not None]
        leaving = {port: one for port, one in outs.items() if one is not None}
        if len(known) == len(ins) and len(leaving) == len(outs) and leaving:
            within = members.get(path, [])
            out = next(iter(leaving.values()))
            found[path] = NodeReport(
                path,
                group,
                tuple(one.shape for one in known),
                out.shape,
                Layer("nn.Identity"),
                {},
                sum(one.macs for one in within),
                out.receptive_field,
                out.jump,
                {port: one.shape for port, one in leaving.items()},
                node.frozen,
                within=tuple(within),
            )
    return found
