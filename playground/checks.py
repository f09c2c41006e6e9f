"""What can be wrong with a graph although every shape is known: Outputs, losses, cycles, weights; with remedies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import reduce

from playground.block import Block
from playground.blocks.data import Output
from playground.blocks.group import GroupInput, GroupOutput
from playground.choices import LOSSES, TASKS
from playground.facts import DataFacts, Target
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


def _at(path: str, edit: Callable[[Graph, str], Graph]) -> Callable[[Graph], Graph]:
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
    edit = _at(node.id, lambda graph, id: graph.mark(id, weights=rest))
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
            shared = {name: owner for name, shape in known.weights.items() if theirs.get(name) == shape}
            nodes[id] = replace(known, shared=shared)
            if not shared and (known.weights or theirs):
                told = say("{node} has no weights of the same shape as {owner} to share", node=id, owner=owner)
                found.append(Problem(id, told, (_untie(id, graph.nodes[id].tied_to),)))
    return found


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
        return Fix(say("Untie {node}", node=id), _at(id, lambda graph, own: graph.mark(own, tied_to="")))
    parts = id.split(".")  # two repetitions of a group, in which the paths part, share what it holds
    apart = next(i for i, (one, other) in enumerate(zip(parts, tied_to.split("."), strict=True)) if one != other)
    group = place_of(".".join(parts[:apart]))
    label = say("Give every repetition of {group} weights of its own", group=group)
    return Fix(label, _at(group, lambda graph, own: graph.configure(own, graph.nodes[own].block.replace(tied=False))))


def output_problems(graph: Graph, node: NodeReport, facts: DataFacts) -> list[Problem]:
    """Check that what reaches an Output fits its target, task and loss."""
    output = node.block
    if not isinstance(output, Output) or graph.nodes[node.id].state:
        return []  # one that is bypassed or muted judges nothing
    if not output.target:
        return [Problem(node.id, say("this Output has no target; choose one"))]
    target = facts.answer(output.target)
    if target is None:
        return [_unknown_target(node.id, output, facts)]
    found = []
    if output.task not in LOSSES[output.loss].tasks:
        message = say(
            "the loss “{loss}” does not go with the task “{task}”; choose another loss",
            loss=Sentence(LOSSES[output.loss].label),
            task=Sentence(TASKS[output.task]),
        )
        right = next(name for name, loss in LOSSES.items() if output.task in loss.tasks)
        fix = Fix(
            say("Use {loss}", loss=Sentence(LOSSES[right].label)),
            _at(node.id, lambda graph, id: graph.configure(id, output.replace(loss=right))),
        )
        found.append(Problem(node.id, message, (fix,)))
    # Regression on a class takes its number for the answer: then, too, one number comes in.
    wanted = len(target.classes) if output.task == "classification" else 1
    if output.task == "regression" and not target.is_class:
        wanted = target.shape.count
    if output.task == "classification" and not target.is_class:
        found.append(
            Problem(
                node.id,
                say("{target} is a number, not a class; choose the task “Regression”", target=output.target),
                (_predict(node.id, output, output.target, target),),
            )
        )
    elif output.task == "binary" and len(target.classes) != 2:
        found.append(
            Problem(
                node.id,
                say(
                    "binary classification needs a target with two classes, but {target} has {n}",
                    target=output.target,
                    n=len(target.classes),
                ),
                (_predict(node.id, output, output.target, target),),
            )
        )
    elif output.task == "classification" and target.shape.sizes:
        found.extend(_of_each_place(node, output.target, target))
    elif output.task == "regression" and len(target.shape.names) > 1:
        found.extend(_of_same_shape(node, output.target, target))
    elif node.shape.names != ("features",):
        message = say(
            "Output wants a flat row of features, but {shape} comes in; put Flatten before it", shape=node.shape
        )
        found.append(Problem(node.id, message, insertions(graph, "Flatten", graph.incoming[node.id])))
    elif node.shape.features != wanted:
        found.append(_wrong_width(graph, node, output.target, wanted))
    found.extend(_double_squash(graph, node, output))
    return found


def _of_each_place(node: NodeReport, name: str, target: Target) -> list[Problem]:
    """Check that scores of every class come in for every step or pixel of which the class is to be predicted."""
    sizes, n = dict(target.shape.axes), len(target.classes)
    wanted = Shape(**sizes, features=n) if target.shape.names == ("time",) else Shape(channels=n, **sizes)
    if node.shape == wanted:
        return []
    message = say(
        "{target} has one of {n} classes at every place, so {wanted} must come in, but {found} does",
        target=name,
        n=n,
        wanted=_axes(wanted),
        found=_axes(node.shape),
    )
    return [Problem(node.id, message)]


def _of_same_shape(node: NodeReport, name: str, target: Target) -> list[Problem]:
    """Check that what is compared number by number has the same axes."""
    if node.shape == target.shape:
        return []
    message = say(
        "{target} is compared number by number, so {wanted} must come in, but {found} does",
        target=name,
        wanted=_axes(target.shape),
        found=_axes(node.shape),
    )
    return [Problem(node.id, message)]


def _axes(shape: Shape) -> Sentence:
    """Write a shape with the names of its axes: channels 10, height 32, width 32."""
    parts = [say("{axis} {size}", axis=Sentence(axis), size=int(size)) for axis, size in shape]
    return reduce(lambda one, other: say("{one}, {other}", one=one, other=other), parts)


def _unknown_target(id: str, output: Output, facts: DataFacts) -> Problem:
    known = ", ".join(facts.targets) or "–"
    message = say("the data has no target called {target}; it has: {known}", target=output.target, known=known)
    return Problem(id, message, tuple(_predict(id, output, name, target) for name, target in facts.targets.items()))


def _predict(id: str, output: Output, name: str, target: Target) -> Fix:
    """Offer to judge by this target, with the task and the loss that go with it."""
    fits = output.task == "binary" and len(target.classes) == 2
    task = "regression" if not target.is_class else "binary" if fits else "classification"
    right = next(name for name, loss in LOSSES.items() if task in loss.tasks)
    loss = output.loss if task in LOSSES[output.loss].tasks else right
    label = say("Predict {target}: {task}", target=name, task=Sentence(TASKS[task]))
    block = output.replace(target=name, task=task, loss=loss)
    return Fix(label, _at(id, lambda graph, own: graph.configure(own, block)))


def _wrong_width(graph: Graph, node: NodeReport, target: str, wanted: int) -> Problem:
    message = say(
        "{target} needs {wanted} numbers for each example, but {found} come in; "
        "set the units of the last Dense to {wanted}",
        target=target,
        wanted=wanted,
        found=int(node.shape.features),
    )
    id = graph.incoming[node.id][0].source
    while _passes_width(graph.nodes[id]) and graph.incoming[id]:
        id = graph.incoming[id][0].source
    block = graph.nodes[id].block
    if "units" not in block.parameters or graph.nodes[id].state == "bypassed":
        return Problem(node.id, message)
    label = say("Set units of {node} to {wanted}", node=id, wanted=wanted)
    edit = _at(id, lambda graph, own: graph.configure(own, block.replace(units=wanted)))
    return Problem(node.id, message, (Fix(label, edit),))


def _passes_width(node: Node) -> bool:
    """Whether as many numbers leave a node as come in."""
    return node.state == "bypassed" or node.block.family == "Activation"


def _double_squash(graph: Graph, node: NodeReport, output: Output) -> list[Problem]:
    """A loss that applies softmax or sigmoid itself must not be given their output."""
    source = graph.incoming[node.id][0].source
    squash = graph.nodes[source]
    if not LOSSES[output.loss].logits or squash.state or squash.block.key not in ("Softmax", "Sigmoid"):
        return []
    message = say(
        "{loss} applies {squash} itself, so {node} before it would do it twice; take it away",
        loss=Sentence(LOSSES[output.loss].label),
        squash="softmax" if output.loss == "cross_entropy" else "sigmoid",
        node=source,
    )
    edit = _at(source, lambda graph, id: graph.remove_joining(id))
    return [Problem(node.id, message, (Fix(say("Take {node} away", node=source), edit),))]


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
        if (first := seen.setdefault(block.target, id)) != id:
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
    return Fix(say("Use {block}", block=name), _at(id, lambda graph, own: graph.configure(own, Block.members[name]())))


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
