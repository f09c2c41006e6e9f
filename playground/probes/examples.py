"""A few examples on their way through the network: the value at every small node, the answer, the loss of each.

What a neuron adds up, whether it fires, what the answer costs: with a network of a few neurons all of it can be read
as a table. Asked for gradients it says of every value how the loss of its example would change with it: the δ of
back-propagation.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from playground.blocks.data import Input, Output
from playground.data import Examples as Some
from playground.declare import choice, switch
from playground.probes import Probe, Subject
from playground.probes._answers import probabilities
from playground.report import NodeReport
from playground.text import note

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

MOST_EXAMPLES = 16

WIDEST = 8
"""Numbers that a node may have to be shown."""

MOST_VALUES = 64
"""Numbers of all nodes together that are shown of one example: the first ones."""


@dataclass(frozen=True)
class Verdict:
    """What one Output makes of the examples.

    Where it chooses between classes, `answers` and `targets` are their numbers (n,), else numbers (n, k). `losses` is
    float32 (n,): the loss of each example alone, as much as the Output counts left aside.
    """

    node: str
    loss: str
    answers: Array
    targets: Array
    losses: Array
    classes: tuple[str, ...] = ()


@dataclass(frozen=True)
class ExamplesAnswer:
    """The first examples of a split, and all that is known of each.

    `values` are those that leave each node, float32 (n, numbers), in the order of the graph. `gradients` are, by the
    same nodes, the derivatives of the loss of each example by them; nodes without are missing.
    """

    axis_names = {"values": ("example", "number"), "gradients": ("example", "number"), "verdicts": ("output",)}

    step: int
    split: str
    count: int
    """How many examples the split holds."""
    values: dict[str, Array]
    verdicts: tuple[Verdict, ...]
    names: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """What the numbers of Inputs are called, where they have names."""
    gradients: dict[str, Array] = field(default_factory=dict)


class Examples(Probe):
    """Follows a few examples through the network, number by number."""

    key = "examples"
    title = note("Example by example")
    icon = "mdi6.table"
    rate = 5.0
    split: str = choice("train", choices=("train", "validation"), help="Which examples are shown")
    gradients: bool = switch(False, help="Show how the loss changes with every value, instead of the values")

    def measure(self, subject: Subject) -> ExamplesAnswer | None:
        """Run the first examples through the network; None where there are none, or all of its nodes are large."""
        import torch

        split = self.split if subject.data.splits.get(self.split) else "train"
        examples = subject.data.splits.get(split)
        if not examples:
            return None
        some = examples.take(slice(0, MOST_EXAMPLES))
        nodes = _small(subject)
        judged = _judged(subject, some)
        if not nodes and not judged:
            return None
        keep = [*(node.id for node in nodes), *(one.id for one in judged)]
        found = subject.look(some.inputs, keep, self.gradients)
        with torch.set_grad_enabled(self.gradients):
            losses = {one.id: _losses(one, found[one.id], some) for one in judged}
        values = {node.id: found[node.id] for node in nodes}
        slopes = _slopes(judged, losses, values) if self.gradients else {}
        return ExamplesAnswer(
            step=subject.number,
            split=split,
            count=len(examples),
            values={id: _array(value) for id, value in values.items()},
            verdicts=tuple(_verdict(one, found[one.id], losses[one.id], some) for one in judged),
            names=_names(subject, nodes),
            gradients=slopes,
        )


class _Judged(NamedTuple):
    """An Output whose answer to each example can be told, with the classes it chooses from."""

    id: str
    block: Output
    classes: tuple[str, ...]


def _small(subject: Subject) -> list[NodeReport]:
    """Return the nodes with few enough numbers, in the order of the graph."""
    found, room = [], MOST_VALUES
    for node in subject.report.nodes.values():
        fits = node.shape.names == ("features",) and node.shape.count <= min(WIDEST, room)
        if fits and not isinstance(node.block, Output):
            found.append(node)
            room -= node.shape.count
    return found


def _judged(subject: Subject, some: Some) -> list[_Judged]:
    """Return the Outputs that judge examples by one class or a few numbers."""
    found = []
    for id, block in subject.report.outputs.items():
        target = subject.data.facts.targets.get(block.target)
        if target is None or block.target not in some.targets:
            continue
        few = not target.shape.sizes if target.is_class else target.shape.count <= WIDEST
        if few and subject.report.nodes[id].shape.names == ("features",):
            found.append(_Judged(id, block, target.classes if block.chooses else ()))
    return found


def _losses(one: _Judged, answers: Any, some: Some) -> Any:
    """Return the loss of each example by itself (n,)."""
    import torch

    from playground.judging import judge

    judging = judge(one.id, one.block)
    targets = judging.prepare(torch.as_tensor(some.targets[one.block.target]).to(answers.device))
    return torch.stack([judging.loss(answers[k : k + 1], targets[k : k + 1]) for k in range(len(answers))])


def _slopes(judged: list[_Judged], losses: dict[str, Any], values: dict[str, Any]) -> dict[str, Array]:
    """Return the derivative of each example's loss by the values on its way.

    Examples do not meet, so that of the sum of all losses by a value is that of its own example's.
    """
    import torch

    total = sum(one.block.weight * losses[one.id].sum() for one in judged)
    asked = {id: value for id, value in values.items() if value.requires_grad}
    if not asked or not torch.is_tensor(total) or not total.requires_grad:
        return {}
    slopes = torch.autograd.grad(total, list(asked.values()), allow_unused=True)
    return {id: _array(slope) for id, slope in zip(asked, slopes, strict=True) if slope is not None}


def _verdict(one: _Judged, answers: Any, losses: Any, some: Some) -> Verdict:
    import numpy as np

    answers, targets = answers.detach(), some.targets[one.block.target]
    if one.classes:
        chosen = probabilities(one.block, answers).argmax(dim=1).cpu().numpy()
        return Verdict(one.id, one.block.loss, chosen, targets.astype(np.int64), _array(losses), one.classes)
    numbers = targets.reshape(len(targets), -1).astype(np.float32)
    return Verdict(one.id, one.block.loss, _array(answers), numbers, _array(losses))


def _names(subject: Subject, nodes: list[NodeReport]) -> dict[str, tuple[str, ...]]:
    """Return what the numbers of Inputs are called: columns of a table, coordinates of the plane."""
    features = tuple(getattr(subject.experiment.source, "features", ()))
    found = {}
    for node in nodes:
        if isinstance(node.block, Input):
            names = subject.data.facts.names.get(node.block.field, features)
            if len(names) == node.shape.count:
                found[node.id] = names
    return found


def _array(values: Any) -> Array:
    """Return a tensor as an array of its own."""
    import torch

    found: Array = values.detach().to("cpu", torch.float32, copy=True).numpy()
    return found
