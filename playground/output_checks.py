"""What can be wrong with an Output: its target, its task, its loss, the shape of what reaches it; with remedies."""

from __future__ import annotations

from functools import reduce

from playground.blocks.data import Output
from playground.checks import at_path, insertions
from playground.choices import LOSSES, TASKS
from playground.facts import DataFacts, Target
from playground.graph import Graph, Node
from playground.report import Fix, NodeReport, Problem
from playground.shape import Shape
from playground.text import Sentence, say


def output_problems(graph: Graph, node: NodeReport, facts: DataFacts) -> list[Problem]:
    """Check that what reaches an Output fits its target, task and loss."""
    output = node.block
    if not isinstance(output, Output) or graph.nodes[node.id].state:
        return []  # one that is bypassed or muted judges nothing
    if output.adversarial:
        return [*_wrong_loss(node.id, output), *_one_score(graph, node), *_double_squash(graph, node, output)]
    if not output.target:
        return [Problem(node.id, say("this Output has no target; choose one"))]
    target = facts.answer(output.target)
    if target is None:
        return [_unknown_target(node.id, output, facts)]
    kind = _wrong_kind(node.id, output, target)
    fit = kind or _wrong_shape(graph, node, output, target)
    return [*_wrong_loss(node.id, output), *fit, *_double_squash(graph, node, output)]


def _wrong_loss(id: str, output: Output) -> list[Problem]:
    """Check that the loss goes with the task."""
    if output.task in LOSSES[output.loss].tasks:
        return []
    message = say(
        "the loss “{loss}” does not go with the task “{task}”; choose another loss",
        loss=Sentence(LOSSES[output.loss].label),
        task=Sentence(TASKS[output.task]),
    )
    right = next(name for name, loss in LOSSES.items() if output.task in loss.tasks)
    fix = Fix(
        say("Use {loss}", loss=Sentence(LOSSES[right].label)),
        at_path(id, lambda graph, own: graph.configure(own, output.replace(loss=right))),
    )
    return [Problem(id, message, (fix,))]


def _wrong_kind(id: str, output: Output, target: Target) -> list[Problem]:
    """Check that the task goes with what the target is: a class, one of two, a box, numbers."""
    name = output.target
    if output.task == "classification" and not target.is_class:
        message = say("{target} is a number, not a class; choose the task “Regression”", target=name)
    elif output.task == "box" and (target.is_class or target.shape != Shape(features=4)):
        message = say(
            "{target} is not a box; a box is four numbers: x and y of its middle, its width and its height",
            target=name,
        )
    elif output.task == "binary" and len(target.classes) != 2:
        message = say(
            "binary classification needs a target with two classes, but {target} has {n}",
            target=name,
            n=len(target.classes),
        )
    else:
        return []
    return [Problem(id, message, (_predict(id, output, name, target),))]


def _wrong_shape(graph: Graph, node: NodeReport, output: Output, target: Target) -> list[Problem]:
    """Check that as many numbers come in as the target needs."""
    if output.task == "classification" and target.shape.sizes:
        return _of_each_place(node, output.target, target)
    if output.task == "regression" and len(target.shape.names) > 1:
        return _of_same_shape(node, output.target, target)
    if node.shape.names != ("features",):
        message = say(
            "Output wants a flat row of features, but {shape} comes in; put Flatten before it", shape=node.shape
        )
        return [Problem(node.id, message, insertions(graph, "Flatten", graph.incoming[node.id]))]
    # Regression on a class takes its number for the answer: then, too, one number comes in.
    wanted = len(target.classes) if output.task == "classification" else 1
    if not output.chooses and not target.is_class:
        wanted = target.shape.count
    return [] if node.shape.features == wanted else [_wrong_width(graph, node, output.target, wanted)]


def _one_score(graph: Graph, node: NodeReport) -> list[Problem]:
    """Check that a single number comes in: the score for being real."""
    if node.shape == Shape(features=1):
        return []
    message = say(
        "real or generated is told by one score, but {shape} comes in; end with a Dense of 1", shape=node.shape
    )
    fixes = () if node.shape.names == ("features",) else insertions(graph, "Flatten", graph.incoming[node.id])
    return [Problem(node.id, message, fixes)]


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
    number = output.task if output.task == "box" and target.shape == Shape(features=4) else "regression"
    task = number if not target.is_class else "binary" if fits else "classification"
    right = next(name for name, loss in LOSSES.items() if task in loss.tasks)
    loss = output.loss if task in LOSSES[output.loss].tasks else right
    label = say("Predict {target}: {task}", target=name, task=Sentence(TASKS[task]))
    block = output.replace(target=name, task=task, loss=loss)
    return Fix(label, at_path(id, lambda graph, own: graph.configure(own, block)))


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
    edit = at_path(id, lambda graph, own: graph.configure(own, block.replace(units=wanted)))
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
    edit = at_path(source, lambda graph, id: graph.remove_joining(id))
    return [Problem(node.id, message, (Fix(say("Take {node} away", node=source), edit),))]
