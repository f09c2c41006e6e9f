"""What can be wrong with a graph although every shape is known: Outputs, losses, cycles, weights; with remedies."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace

from playground.block import Block
from playground.blocks.data import Output
from playground.blocks.group import GroupInput, GroupOutput
from playground.graph import Graph, Node, Wire, tensor_shape
from playground.nesting import edit_inside, local, place_of, split
from playground.report import Fix, NodeReport, Problem
from playground.shape import Shape
from playground.text import Refusal, Sentence, say

MATCHED = ("Add", "Multiply")
"""Blocks that want equal shapes at all their wires."""


def insertions(graph: Graph, block: str, ends: tuple[Wire, ...]) -> tuple[Fix, ...]:
    """Offer to put a block into the first of the wires that end at a node."""
    found = local(graph, ends[0]) if ends else None
    return (_insertion(say("Insert {block}", block=block), Block.members[block](), *found),) if found else ()


def matches(graph: Graph, block: Block, ends: tuple[Wire, ...], shapes: tuple[Shape, ...]) -> tuple[Fix, ...]:
    """Offer to bring what comes in at one wire to the shape of the others, as a projection shortcut does.

    He et al. (2015), option B: a 1×1 convolution, with a stride where the maps shrink. The wire that is offered
    first is the one that skips: its source feeds others too.
    """
    if block.key not in MATCHED or len(set(shapes)) != 2:
        return ()
    pairs = list(zip(ends, shapes, strict=True))
    odd = [(wire, shape, other) for wire, shape in pairs for other in set(shapes) - {shape}]
    odd.sort(key=lambda one: -len(graph.outgoing[one[0].source]))
    found = []
    for wire, shape, wanted in odd:
        projection = _projection(shape, wanted)
        if projection is not None and (place := local(graph, wire)):
            label = say("Insert {block} after {node}", block=_named(projection), node=wire.source)
            found.append(_insertion(label, projection, *place))
    return tuple(found[:1])


def _projection(shape: Shape, wanted: Shape) -> Block | None:
    """Return a block that makes one shape of the other, if one does."""
    if shape.names == wanted.names == ("features",):
        dense: Block = Block.members["Dense"](units=int(wanted.features))
        return dense
    if not (shape.is_image and wanted.is_image):
        return None
    strides = tuple(-(-getattr(shape, axis) // getattr(wanted, axis)) for axis in ("height", "width"))
    made: Block = Block.members["Conv2D"](channels=int(wanted.channels), kernel=1, stride=strides)
    try:
        return made if made.output(shape) == wanted else None
    except Refusal:
        return None


def _insertion(label: Sentence, block: Block, level: str, wire: Wire) -> Fix:
    return Fix(label, lambda graph: edit_inside(graph, level, lambda inner: inner.insert(block, wire)))


def _named(block: Block) -> str:
    return f"{block.key} ({block.summary()})" if block.summary() else block.key


def at_path(path: str, edit: Callable[[Graph, str], Graph]) -> Callable[[Graph], Graph]:
    """Make an edit of the document of an edit of the graph in which the node at a path lies."""
    level, own = split(place_of(path))
    return lambda graph: edit_inside(graph, level, lambda inner: edit(inner, own))


def _judges(node: Node) -> bool:
    return isinstance(node.block, Output) and not node.state


def node_problems(node: Node, known: NodeReport) -> list[Problem]:
    """Check what is said of a node besides its block: that weights set by hand have the right shapes."""
    wrong = [name for name, value in node.weights.items() if known.weights.get(name) != tensor_shape(value)]
    if not wrong:
        return []
    message = say("the {name} set by hand has another shape than {node} wants now", name=wrong[0], node=node.id)
    rest = {name: value for name, value in node.weights.items() if name not in wrong}
    edit = at_path(node.id, lambda graph, id: graph.mark(id, weights=rest))
    return [Problem(node.id, message, (Fix(say("Forget the weights set by hand"), edit),))]


def tie(graph: Graph, nodes: dict[str, NodeReport]) -> list[Problem]:
    """Note which weights of tied nodes belong to another node; say where there is nothing to share."""
    found = []
    for id, known in nodes.items():
        if not graph.nodes[id].tied_to:
            continue
        owner = _owner(graph, id)
        if owner == id:
            told = say("{node} shares weights in a circle; untie one", node=id)
            found.append(Problem(id, told, (_untie(id, graph.nodes[id].tied_to),)))
        elif owner in nodes:
            theirs = nodes[owner].weights
            shared = {name: owner for name, shape in known.weights.items() if same_numbers(shape, theirs.get(name))}
            nodes[id] = replace(known, shared=shared)
            if not shared and (known.weights or theirs):
                told = say("{node} has no weights of the same shape as {owner} to share", node=id, owner=owner)
                found.append(Problem(id, told, (_untie(id, graph.nodes[id].tied_to),)))
    return found


def same_numbers(one: tuple[int, ...], other: tuple[int, ...] | None) -> bool:
    """Whether two tensors can share their numbers: equal shapes, or a Dense on a whole map and a kernel of its size."""
    if one == other or other is None:
        return one == other
    return {len(one), len(other)} == {2, 4} and one[0] == other[0] and math.prod(one) == math.prod(other)


def _owner(graph: Graph, id: str) -> str:
    """Follow ties to the node that owns the weights; the node itself where they go round in a circle."""
    at, seen = id, {id}
    while at in graph.nodes and (at := graph.nodes[at].tied_to or at) not in seen:
        seen.add(at)
        if not (at in graph.nodes and graph.nodes[at].tied_to):
            return at
    return id


def _untie(id: str, tied_to: str) -> Fix:
    if id == tied_to or place_of(id) != place_of(tied_to):
        return Fix(say("Untie {node}", node=id), at_path(id, lambda graph, own: graph.mark(own, tied_to="")))
    parts = id.split(".")  # two repetitions of a group, in which the paths part, share what it holds
    apart = next(i for i, (one, other) in enumerate(zip(parts, tied_to.split("."), strict=True)) if one != other)
    group = place_of(".".join(parts[:apart]))
    label = say("Give every repetition of {group} weights of its own", group=group)
    return Fix(
        label, at_path(group, lambda graph, own: graph.configure(own, graph.nodes[own].block.replace(tied=False)))
    )


def graph_problems(graph: Graph, nodes: Mapping[str, NodeReport], through_steps: bool) -> list[Problem]:
    """Check what only the whole graph can tell: circles, Outputs, steps without a gradient."""
    found = []
    ordered = set(graph.order)
    if circle := [id for id in graph.nodes if id not in ordered]:
        inside = [id for id in circle if any(graph.feeds(wire.target, id) for wire in graph.outgoing[id])]
        for id in inside:
            found.append(Problem(id, say("{node} is part of a cycle; take one of its wires away", node=id)))
    outputs = [
        (id, node.block) for id, node in graph.nodes.items() if isinstance(node.block, Output) and not node.state
    ]
    if not outputs:
        found.append(
            Problem("", say("there is no Output; add one and connect it, so that there is something to learn"))
        )
    seen: dict[str, str] = {}
    for id, block in outputs:
        if not block.adversarial and (first := seen.setdefault(block.target, id)) != id:
            message = say(
                "{first} and {second} are both Outputs for {target}; give one another target",
                first=first,
                second=id,
                target=block.target,
            )
            found.append(Problem(id, message))
    found += [_stray(id) for id, node in graph.nodes.items() if isinstance(node.block, GroupInput | GroupOutput)]
    for id in () if through_steps else nodes:
        if (
            not graph.nodes[id].block.has_gradient
            and not graph.nodes[id].state
            and (stuck := _learning_before(graph, id, nodes))
        ):
            message = say(
                "{block} has no gradient, so {node} before it cannot learn; use Sigmoid instead",
                block=graph.nodes[id].block.key,
                node=stuck,
            )
            found.append(Problem(id, message, (_exchange(id, "Sigmoid"),)))
    return found


def _stray(id: str) -> Problem:
    """The port of a group that is in none."""
    told = say("{node} is a port of a group, and there is no group around it; take it away", node=id)
    return Problem(id, told, (Fix(say("Take {node} away", node=id), lambda graph: graph.remove([id])),))


def _exchange(id: str, name: str) -> Fix:
    """Offer to put another block in a node's place."""
    return Fix(
        say("Use {block}", block=name), at_path(id, lambda graph, own: graph.configure(own, Block.members[name]()))
    )


def needed(graph: Graph) -> set[str]:
    """Return the nodes that some Output depends on."""
    queue = [id for id, node in graph.nodes.items() if _judges(node)]
    found = set(queue)
    for id in queue:
        fresh = [wire.source for wire in graph.incoming[id] if wire.source not in found]
        found.update(fresh)
        queue.extend(fresh)
    return found


def _learning_before(graph: Graph, id: str, nodes: Mapping[str, NodeReport]) -> str:
    """Return the nearest node with weights whose output reaches this one, if any."""
    queue = [wire.source for wire in graph.incoming[id]]
    for before in queue:
        if before in nodes and nodes[before].trainable:
            return before
        queue.extend(w.source for w in graph.incoming[before] if w.source not in queue)
    return ""
