"""What flows on every wire, what everything costs, and what is wrong: a graph and the facts of its data, no torch.

`analyse` walks the graph once in its order. Where a rule refuses a shape, the node gets a `Problem` with the
rule's own sentence, and what hangs on it waits without complaining.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from playground.block import Block, Layer, Window
from playground.blocks.data import Input, Output
from playground.choices import LOSSES, TASKS
from playground.facts import DataFacts
from playground.graph import Graph, Wire
from playground.shape import Shape, ShapeError
from playground.text import Refusal, Sentence, say

BYTES = 4
"""Bytes of one number: everything is computed in float32."""


@dataclass(frozen=True)
class Fix:
    """A remedy for a problem, offered as one click: what it does, and the edit that does it."""

    label: Sentence
    edit: Callable[[Graph], Graph]


@dataclass(frozen=True)
class Problem:
    """Something that keeps the graph from being trained, at a node (empty: the graph as a whole)."""

    node: str
    message: Sentence
    fixes: tuple[Fix, ...] = ()


@dataclass(frozen=True)
class NodeReport:
    """What analysis knows of one node whose inputs are known."""

    id: str
    block: Block
    """The block with every ``auto`` filled in."""
    inputs: tuple[Shape, ...]
    shape: Shape
    """What leaves the node; for an Output, what reaches it."""
    layer: Layer
    weights: Mapping[str, tuple[int, ...]]
    macs: int
    receptive_field: tuple[int, int] | None
    jump: tuple[int, int] = (1, 1)
    """How far two neighbouring pixels here lie apart on the input."""

    @property
    def parameters(self) -> int:
        """How many learnable numbers the node holds."""
        return sum(math.prod(shape) for shape in self.weights.values())


@dataclass(frozen=True)
class Report:
    """The whole answer. Nodes whose shape is not known are missing from `nodes`."""

    nodes: Mapping[str, NodeReport] = field(default_factory=dict)
    wires: Mapping[Wire, Shape] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    blocking: tuple[Problem, ...] = ()
    """Those problems that keep it from being trained; one at a node that feeds no Output does not."""

    @property
    def parameters(self) -> int:
        """How many learnable numbers the network holds."""
        return sum(node.parameters for node in self.nodes.values())

    @property
    def macs(self) -> int:
        """Multiply-accumulates of one example."""
        return sum(node.macs for node in self.nodes.values())

    def training_bytes(self, batch_size: int, slots: int) -> int:
        """Estimate the memory of a training step: activations of a batch and, per weight, its gradient and `slots`."""
        activations = sum(node.shape.count for node in self.nodes.values())
        return BYTES * (activations * batch_size + self.parameters * (2 + slots))

    def problems_at(self, id: str) -> tuple[Problem, ...]:
        """Return the problems of one node."""
        return tuple(problem for problem in self.problems if problem.node == id)


def analyse(graph: Graph, facts: DataFacts) -> Report:
    """Follow every shape through the graph; collect what it costs and what is wrong."""
    nodes: dict[str, NodeReport] = {}
    wires: dict[Wire, Shape] = {}
    problems: list[Problem] = []
    for id in graph.order:
        block = graph.nodes[id].block
        ends = graph.incoming[id]
        if missing := _missing_port(graph, id):
            problems.append(Problem(id, missing))
            continue
        if any(wire.source not in nodes for wire in ends):
            continue  # the cause is further up and has been told there
        before = [nodes[wire.source] for wire in in_port_order(block, ends)]
        try:
            known = _known(id, block, tuple(node.shape for node in before), facts)
        except ShapeError as error:
            problems.append(Problem(id, error.sentence, _fixes(error, ends)))
            continue
        except Refusal as error:
            problems.append(Problem(id, error.sentence))
            continue
        except Exception as error:  # a rule that breaks marks its own node and nothing else
            problems.append(
                Problem(id, say("the shape rule of {block} broke: {error}", block=block.key, error=str(error)))
            )
            continue
        nodes[id] = node = _with_field(known, before)
        for wire in graph.outgoing[id]:
            wires[wire] = node.shape
        problems.extend(_output_problems(graph, node, facts))
    problems.extend(_graph_problems(graph, nodes))
    needed = _needed(graph)
    blocking = tuple(problem for problem in problems if not problem.node or problem.node in needed)
    return Report(nodes, wires, tuple(problems), blocking)


@lru_cache(maxsize=8192)
def _costs(
    block: Block, inputs: tuple[Shape, ...]
) -> tuple[Shape, Layer, Mapping[str, tuple[int, ...]], int, Window | None]:
    """Ask a block everything about these input shapes; the answers of unchanged nodes are remembered."""
    shape = block.output(*inputs)
    return shape, block.layer(*inputs), block.weights(*inputs), block.macs(*inputs), block.window(*inputs)


def _known(id: str, block: Block, inputs: tuple[Shape, ...], facts: DataFacts) -> NodeReport:
    if isinstance(block, Input):
        if block.field not in facts.inputs:
            known = ", ".join(facts.inputs) or "–"
            raise ShapeError(
                say("the data has no input called {field}; it has: {known}", field=block.field, known=known)
            )
        return NodeReport(id, block, (), facts.inputs[block.field], block.layer(), {}, 0, (1, 1))
    resolved = block.resolve(facts)
    shape, layer, weights, macs, _ = _costs(resolved, inputs)
    return NodeReport(id, resolved, inputs, shape, layer, weights, macs, None)


def _with_field(node: NodeReport, before: list[NodeReport]) -> NodeReport:
    """Add the receptive field: it grows by (kernel − 1) times the distance between neighbouring pixels."""
    if not before or not node.shape.is_image:
        return node if node.shape.is_image else replace(node, receptive_field=None)
    window = node.block.window(*node.inputs)
    fields = [(b.receptive_field, b.jump) for b in before]
    if window is None or any(f is None for f, _ in fields):
        return node
    height, width = (max(f[axis] for f, _ in fields if f) for axis in (0, 1))
    jump = fields[0][1]
    field = (height + (window.kernel[0] - 1) * jump[0], width + (window.kernel[1] - 1) * jump[1])
    return replace(node, receptive_field=field, jump=(jump[0] * window.stride[0], jump[1] * window.stride[1]))


def _missing_port(graph: Graph, id: str) -> Sentence | None:
    taken = {wire.target_port for wire in graph.incoming[id]}
    for port in graph.nodes[id].block.ports():
        if port.name not in taken and not port.optional:
            return say("nothing comes in at {port}; draw a wire to it", port=port.name)
    return None


def in_port_order(block: Block, wires: tuple[Wire, ...]) -> list[Wire]:
    """Return the wires that end at a node in the order in which its layer takes them."""
    rank = {port.name: i for i, port in enumerate(block.ports())}
    return sorted(wires, key=lambda wire: rank[wire.target_port])  # stable: several wires at one port keep theirs


def _fixes(error: ShapeError, ends: tuple[Wire, ...]) -> tuple[Fix, ...]:
    if not error.remedy or not ends:
        return ()
    block, wire = Block.members[error.remedy](), ends[0]
    return (Fix(say("Insert {block}", block=error.remedy), lambda graph: graph.insert(block, wire)),)


def _output_problems(graph: Graph, node: NodeReport, facts: DataFacts) -> list[Problem]:
    """Check that what reaches an Output fits its target, task and loss."""
    output = node.block
    if not isinstance(output, Output):
        return []
    if not output.target:
        return [Problem(node.id, say("this Output has no target; choose one"))]
    target = facts.targets.get(output.target)
    if target is None:
        known = ", ".join(facts.targets) or "–"
        return [
            Problem(
                node.id,
                say("the data has no target called {target}; it has: {known}", target=output.target, known=known),
            )
        ]
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
            lambda graph: graph.configure(node.id, output.replace(loss=right)),
        )
        found.append(Problem(node.id, message, (fix,)))
    # Regression on a class takes its number for the answer: then, too, one number comes in.
    wanted = len(target.classes) if output.task == "classification" else 1
    if output.task == "regression" and not target.is_class:
        wanted = target.shape.count
    if output.task == "classification" and not target.is_class:
        found.append(
            Problem(
                node.id, say("{target} is a number, not a class; choose the task “Regression”", target=output.target)
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
            )
        )
    elif node.shape.names != ("features",):
        message = say(
            "Output wants a flat row of features, but {shape} comes in; put Flatten before it", shape=node.shape
        )
        found.append(Problem(node.id, message, _fixes(ShapeError(message, "Flatten"), graph.incoming[node.id])))
    elif node.shape.features != wanted:
        found.append(_wrong_width(graph, node, output.target, wanted))
    found.extend(_double_squash(graph, node, output))
    return found


def _wrong_width(graph: Graph, node: NodeReport, target: str, wanted: int) -> Problem:
    message = say(
        "{target} needs {wanted} numbers for each example, but {found} come in; "
        "set the units of the last Dense to {wanted}",
        target=target,
        wanted=wanted,
        found=int(node.shape.features),
    )
    id = graph.incoming[node.id][0].source
    while (block := graph.nodes[id].block).family == "Activation" and graph.incoming[id]:
        id = graph.incoming[id][0].source
    if "units" not in block.parameters:
        return Problem(node.id, message)
    label = say("Set units of {node} to {wanted}", node=id, wanted=wanted)
    return Problem(node.id, message, (Fix(label, lambda graph: graph.configure(id, block.replace(units=wanted))),))


def _double_squash(graph: Graph, node: NodeReport, output: Output) -> list[Problem]:
    """A loss that applies softmax or sigmoid itself must not be given their output."""
    source = graph.incoming[node.id][0].source
    if not LOSSES[output.loss].logits or graph.nodes[source].block.key not in ("Softmax", "Sigmoid"):
        return []
    message = say(
        "{loss} applies {squash} itself, so {node} before it would do it twice; take it away",
        loss=Sentence(LOSSES[output.loss].label),
        squash="softmax" if output.loss == "cross_entropy" else "sigmoid",
        node=source,
    )
    return [
        Problem(
            node.id, message, (Fix(say("Take {node} away", node=source), lambda graph: graph.remove_joining(source)),)
        )
    ]


def _graph_problems(graph: Graph, nodes: Mapping[str, NodeReport]) -> list[Problem]:
    """Check what only the whole graph can tell: circles, Outputs, steps without a gradient."""
    found = []
    if circle := [id for id in graph.nodes if id not in set(graph.order)]:
        inside = [id for id in circle if any(graph.feeds(wire.target, id) for wire in graph.outgoing[id])]
        for id in inside:
            found.append(Problem(id, say("{node} is part of a cycle; take one of its wires away", node=id)))
    outputs = [(id, node.block) for id, node in graph.nodes.items() if isinstance(node.block, Output)]
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
    for id in nodes:
        if not graph.nodes[id].block.has_gradient and (stuck := _learning_before(graph, id, nodes)):
            message = say(
                "{block} has no gradient, so {node} before it cannot learn; use Sigmoid instead",
                block=graph.nodes[id].block.key,
                node=stuck,
            )
            found.append(Problem(id, message, (_exchange(id, "Sigmoid"),)))
    return found


def _exchange(id: str, name: str) -> Fix:
    """Offer to put another block in a node's place."""
    return Fix(say("Use {block}", block=name), lambda graph: graph.configure(id, Block.members[name]()))


def _needed(graph: Graph) -> set[str]:
    """Return the nodes that some Output depends on."""
    queue = [id for id, node in graph.nodes.items() if isinstance(node.block, Output)]
    needed = set(queue)
    for id in queue:
        fresh = [wire.source for wire in graph.incoming[id] if wire.source not in needed]
        needed.update(fresh)
        queue.extend(fresh)
    return needed


def _learning_before(graph: Graph, id: str, nodes: Mapping[str, NodeReport]) -> str:
    """Return the nearest node with weights whose output reaches this one, if any."""
    queue = [wire.source for wire in graph.incoming[id]]
    for before in queue:
        if before in nodes and nodes[before].parameters:
            return before
        queue.extend(w.source for w in graph.incoming[before] if w.source not in queue)
    return ""
