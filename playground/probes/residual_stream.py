"""The stream along the shortcuts: how large it is behind every sum, what was added, and what gradient arrives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from playground.blocks.combine import Add
from playground.experiment import Experiment
from playground.probes import Probe, Subject
from playground.probes._graded import wanted_of
from playground.probes._reading import field_of
from playground.report import NodeReport, Report
from playground.text import note

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

LARGEST_WORK = 60_000_000
"""Multiply-accumulates that one answer may cost, forwards; backwards it is twice as many."""

MOST_PLACES = 200
"""Places of the stream that are told of: the first ones."""


@dataclass(frozen=True)
class ResidualStreamAnswer:
    """The stream at its beginning and behind every sum, in the order of the network; all numbers are float64.

    `nodes` are what it was measured at: a sum, or the normalisation that follows it at once (Add & Norm). `norms` is
    how long a vector of the stream is there, the mean over all examples of the last batch and all their steps or
    pixels; `added` the same for what the sum added to the stream, NaN at its beginning and where no shortcut leads
    round what is added. `gradients` is ‖∂L/∂x‖, the length of the gradient by the whole stream of the batch.
    """

    axis_names = {"norms": ("place=nodes",), "added": ("place=nodes",), "gradients": ("place=nodes",)}

    step: int
    nodes: tuple[str, ...]
    norms: Array
    added: Array
    gradients: Array
    examples: int


class Place(NamedTuple):
    """A place of the stream: the node behind which it is measured, the sum, and where the sum's shortcut begins.

    At the beginning of a stream there is no sum.
    """

    node: str
    sum: str = ""
    shortcut: str = ""


class ResidualStream(Probe):
    """Shows how large the stream along the shortcuts is behind every block, and the gradient that arrives there."""

    key = "residual_stream"
    title = note("Residual stream")
    icon = "mdi6.transit-connection-variant"
    rate = 3.0

    @classmethod
    def suits(cls, experiment: Experiment) -> bool:
        """Say whether there are shortcuts."""
        return bool(places(experiment.examined()))

    def measure(self, subject: Subject) -> ResidualStreamAnswer | None:
        """Go forwards and back through the last batch once more; None where there are no shortcuts."""
        import numpy as np
        import torch

        found = places(subject.report)[:MOST_PLACES]
        run: Any = subject  # a Trainer: its judges are asked for too
        if not found or run.contest is not None or not run.judges:
            return None
        some = run.batch.take(slice(0, max(1, LARGEST_WORK // max(1, subject.report.macs))))
        outputs = [one.id for one in run.judges]
        wanted = [id for place in found for id in place if id]
        kept = run.look(some.inputs, [*outputs, *dict.fromkeys(wanted)], graded=True)
        loss = run.loss_of(kept, wanted_of(run, some))
        stream = [kept[place.node] for place in found]
        learning = [x for x in stream if x.requires_grad] if loss.requires_grad else []
        gradients = iter(torch.autograd.grad(loss, learning, allow_unused=True) if learning else ())
        arrived = [next(gradients) if learning and x.requires_grad else None for x in stream]
        there = [_there(subject, place, some.inputs) for place in found]
        return ResidualStreamAnswer(
            step=subject.number,
            nodes=tuple(place.node for place in found),
            norms=np.array([_length(kept[place.node], real) for place, real in zip(found, there, strict=True)]),
            added=np.array([_added(kept, place, real) for place, real in zip(found, there, strict=True)]),
            gradients=np.array([0.0 if one is None else float(one.double().norm()) for one in arrived]),
            examples=len(some),
        )


def places(report: Report) -> list[Place]:
    """Return the places of the stream, those of one stack together; a stack is what lies in one outermost group."""
    stacks: dict[str, list[Place]] = {}
    for id, node in report.nodes.items():
        if not isinstance(node.block, Add) or report.graph.nodes[id].state or len(node.inputs) < 2:
            continue
        sources = [wire.source for wire in report.graph.incoming.get(id, ())]
        shortcut = next((one for one in sources if _leads_round(report, one, sources)), "")
        stack = stacks.setdefault(id.split(".")[0] if "." in id else "", [])
        if not stack:
            stack.append(Place(_computed(report, shortcut or sources[0])))
        stack.append(Place(_normalised(report, id), id, shortcut))
    return [place for stack in stacks.values() for place in stack]


def _leads_round(report: Report, source: str, sources: list[str]) -> bool:
    """Whether another of the values that are added is made of this one."""
    todo, seen = [one for one in sources if one != source], {""}
    while todo:
        id = todo.pop()
        if id == source:
            return True
        if id not in seen:
            seen.add(id)
            todo += [wire.source for wire in report.graph.incoming.get(id, ())]
    return False


def _computed(report: Report, id: str) -> str:
    """Return the node that computes what stands at the port of a group; any other node as it is."""
    while id in report.passages:
        id = report.graph.incoming[id][0].source
    return id


def _normalised(report: Report, id: str) -> str:
    """Return the normalisation that alone reads a sum and stands beside it, else the sum."""
    readers = [wire.target for wire in report.graph.outgoing.get(id, ())]
    known = report.nodes.get(readers[0]) if len(readers) == 1 else None
    beside = known is not None and known.id.rpartition(".")[0] == id.rpartition(".")[0]
    return known.id if known is not None and beside and _is_norm(known) else id


def _is_norm(node: NodeReport) -> bool:
    return node.block.family == "Normalisation" and node.block.key != "Dropout"


def _there(subject: Subject, place: Place, inputs: Any) -> Any:
    """Return which steps of a batch of texts are there, True or False (batch, time); None where all numbers count."""
    import torch

    shape = subject.report.nodes[place.node].shape
    field = field_of(subject.report, place.node) if "time" in shape else ""
    known = subject.data.facts.inputs.get(field)
    if field not in subject.data.vocabularies or known is None or int(known.time) != int(shape.time):
        return None
    return torch.as_tensor(inputs[field]) != 0


def _length(x: Any, real: Any) -> float:
    """Return how long a vector is on average: of (batch, …, features), of images (batch, channels, height, width)."""
    axis = 1 if x.ndim == 4 else -1
    lengths = x.detach().double().norm(dim=axis)
    return float((lengths if real is None else lengths[real.to(lengths.device)]).mean())


def _added(kept: Any, place: Place, real: Any) -> float:
    return _length(kept[place.sum] - kept[place.shortcut], real) if place.shortcut else float("nan")
