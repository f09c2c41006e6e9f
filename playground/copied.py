"""A network as it was at one moment, copied in double precision, and what torch does with each node of the copy.

Each node of the copy has weights of its own, also where nodes share theirs: so what each of them adds to the gradient
can be told apart. The run itself is only read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from playground import layers
from playground.analysis import in_port_order
from playground.blocks.data import Input
from playground.devices import random_kept
from playground.explaining import Array, Explainer, explainer_of
from playground.explaining.by_step import ByStep
from playground.explaining.updates import Step
from playground.network import Call, build, carry_out
from playground.report import NodeReport, Report
from playground.text import Refusal, say
from playground.training import Trainer
from playground.turned import Ends, Turned

MOST_WEIGHTS = 3_000_000
MOST_VALUES = 5_000_000
MOST_WORK = 1_000_000_000
"""Weights, numbers on the way and multiply-accumulates up to which a network is walked."""


class Part(NamedTuple):
    """A node of the copy: its step of the forward pass, what analysis knows, the port of each of its sources."""

    call: Call
    known: NodeReport
    ports: tuple[str, ...]

    @property
    def weights(self) -> dict[str, nn.Parameter]:
        """What it has learnt, by name."""
        return dict(self.call.module.named_parameters())


class Copied:
    """A network as it was at one moment, in double precision, with what its optimiser remembers.

    Attributes:
        step: after how many steps of training.
        report: what analysis knows of it.
        parts: its nodes in the order of the forward pass.
        judges: what judges its answers.
        classes: the names of the classes that an Output chooses between.
        network: the run's own; only how its nodes hang together is looked at later.
        rates: how the next step of training is taken.
    """

    def __init__(self, run: Trainer, keep: bool) -> None:
        """Copy a run's network; `keep` what the optimiser remembers too, if it is looked at after the run went on."""
        _refuse(run)
        self.step, self.report, self.judges = run.number, run.report, run.judges
        self.network = run.network
        facts = run.data.facts.targets
        self.classes = {one.id: facts[t].classes for one in run.judges if (t := one.block.target) in facts}
        with random_kept():
            self.parts = [self._part(run, call) for call in run.network._calls]
        self.by_path = {part.call.id: k for k, part in enumerate(self.parts)}
        settings = run.experiment.training
        self.rates = Step(settings.optimiser, settings, run.pace.at(run.number))
        self._memory = {}
        self._learns: dict[tuple[str, str], nn.Parameter] = {}
        learning = {id(p) for group in run.optimiser.param_groups for p in group["params"] if p.requires_grad}
        for part in self.parts:
            for name in part.weights:
                own = _weight_of(run, *self.owner(part.call.id, name))
                if id(own) in learning:
                    self._learns[part.call.id, name] = own
        self._state: Mapping[Any, Mapping[str, Any]] = run.optimiser.state
        if keep:
            self._memory = {key: self._remembered(own) for key, own in self._learns.items() if self.owner(*key) == key}

    def owner(self, path: str, name: str) -> tuple[str, str]:
        """Return whose weight it really is: another node's where it is shared."""
        while (known := self.report.nodes.get(path)) is not None and name in known.shared:
            path = known.shared[name]
        return path, name

    def learns(self, path: str, name: str) -> bool:
        """Say whether training changes a weight."""
        return (path, name) in self._learns

    def memory(self, path: str, name: str) -> Mapping[str, Array]:
        """Return what the optimiser remembers of a weight, by torch's names."""
        found = self._memory.get((path, name))
        return self._remembered(self._learns[path, name]) if found is None else found

    def _remembered(self, own: nn.Parameter) -> dict[str, Array]:
        kept = self._state.get(own, {})
        return {
            key: value.detach().to("cpu", torch.float64, copy=True).numpy()
            for key, value in kept.items()
            if isinstance(value, Tensor)
        }

    def _part(self, run: Trainer, call: Call) -> Part:
        known = run.report.nodes[call.id]
        module = build(known.layer).double().eval()
        theirs = run.network.get_submodule(call.id)
        with torch.no_grad():
            for name, own in module.named_parameters():
                own.copy_(_weight_of(run, *self.owner(call.id, name)).detach().view(own.shape))
                own.requires_grad_()
            for name, buffer in module.named_buffers():
                buffer.copy_(theirs.get_buffer(name))
        if isinstance(module, layers.Step):
            module.through = bool(getattr(theirs, "through", False))
        return Part(call._replace(module=module), known, _port_names(run.report, call))


def _refuse(run: Trainer) -> None:
    """Refuse what is too large to be walked by hand, or has no loss to walk to."""
    numbers = sum(node.shape.count for node in run.report.nodes.values())
    if run.contest is not None:
        raise Refusal(say("Two sides learn in turn here, each with a loss of its own; such a step is not walked."))
    if run.report.parameters > MOST_WEIGHTS or numbers > MOST_VALUES or run.report.macs > MOST_WORK:
        raise Refusal(
            say(
                "This network is too large to be walked by hand: it has {weights} weights, {numbers} numbers on the "
                "way and {work} multiply-accumulates; the most are {most_weights}, {most_numbers} and {most_work}.",
                weights=run.report.parameters,
                numbers=numbers,
                work=run.report.macs,
                most_weights=MOST_WEIGHTS,
                most_numbers=MOST_VALUES,
                most_work=MOST_WORK,
            )
        )


def _weight_of(run: Trainer, path: str, name: str) -> nn.Parameter:
    return run.network.get_submodule(path).get_parameter(name)


def _port_names(report: Report, call: Call) -> tuple[str, ...]:
    """Name what each source of a node comes in by: its port, or x_1, x_2, … where any number comes in at one."""
    block = report.nodes[call.id].block
    ports = {port.name: port for port in block.ports()}
    if isinstance(block, Input) or not ports:
        return ("",) * len(call.sources)
    names, several = [], 0
    for wire in in_port_order(block, report.graph.incoming[call.id]):
        if wire is None:
            names.append("")
        elif ports[wire.target_port].variadic:
            several += 1
            names.append(f"x_{several}")
        else:
            names.append(wire.target_port)
    return tuple(names)


# -- what torch does with a single node --------------------------------------------------------------------------


def carried_out(call: Call, edges: Sequence[Tensor | None], ends: Sequence[Ends]) -> tuple[list[Tensor], list[Ends]]:
    """Take one step of a forward pass on values of its own."""
    n = len(edges)
    values: list[Any] = [*edges, *[None] * call.outputs]
    lengths: list[Ends] = [*ends, *[None] * call.outputs] if any(end is not None for end in ends) else []
    timed = tuple(slot - call.slot + n for slot in call.timed)
    carry_out(call._replace(sources=tuple(range(n)), slot=n, timed=timed), values, lengths)
    return values[n:], lengths[n:] or [None] * call.outputs


def steps_of(ends: Ends) -> int | None:
    """Return how many steps of the example are there; None where all are, or it is not steps that are counted."""
    return int(ends[0]) if isinstance(ends, Tensor) and ends.ndim == 1 else None


def explainer_here(part: Part, ends: Sequence[Ends]) -> Explainer | None:
    """Return who explains a node as it is used here; None where nobody does."""
    found = None if part.call.muted else explainer_of(part.known.block)
    if any(isinstance(end, Turned) for end in ends):  # what is beyond the end stands where formulas do not look for it
        return found if part.call.elementwise or isinstance(part.call.module, layers.Permute) else None
    if found is None or not part.call.framed:
        return found
    words = ends[0] if part.call.framed == "words" and isinstance(ends[0], Tensor) else None
    counted = words is not None and getattr(part.call.module, "uses_lengths", False)
    return ByStep(found, words[0].tolist() if words is not None and counted else None)


def relaid(call: Call, values: Array, end: int | None) -> Array:
    """Return what a layer that lays steps out anew sees of them: 0 for those beyond the end."""
    if call.relaid is None or end is None or end >= len(values):
        return values
    values = values.copy()
    values[end:] = 0
    return values


def penalty_of(part: Part, edges: Sequence[Tensor | None]) -> Tensor | None:
    """Return what a node adds to the loss: that of `layers.Sample`, in double precision."""
    module = part.call.module
    if not isinstance(module, layers.Sample) or part.call.muted:
        return None
    mean, log_variance = edges
    assert mean is not None and log_variance is not None
    return -0.5 * module.beta * (1.0 + log_variance - mean.square() - log_variance.exp()).sum()


def sides_of(module: nn.Module, edges: Sequence[Tensor | None], ends: Sequence[int | None]) -> list[Tensor]:
    """Say for each number that enters a node with corners on which side of them it lies."""
    x = edges[0] if edges else None
    if x is None:
        return []
    if isinstance(module, nn.ReLU | nn.LeakyReLU | nn.ELU):
        return [x > 0]
    if isinstance(module, layers.Step):
        return [x >= module.threshold]
    if isinstance(module, nn.MaxPool2d):
        flat = x.flatten(0, -4) if x.ndim > 4 else x
        return [
            nn.functional.max_pool2d(
                flat, module.kernel_size, module.stride, module.padding, ceil_mode=module.ceil_mode, return_indices=True
            )[1]
        ]
    if isinstance(module, layers.AdaptiveMaxPool2d):
        flat = x.flatten(0, -4) if x.ndim > 4 else x
        return [nn.functional.adaptive_max_pool2d(flat, module.size, return_indices=True)[1]]
    if isinstance(module, layers.MaxOverTime):
        return [x[:, : ends[0]].argmax(dim=1)]
    if isinstance(module, layers.LpPool2d):
        return [x > 0]
    return []
