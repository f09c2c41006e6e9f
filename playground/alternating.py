"""A generator and a discriminator that learn in turn (Goodfellow and others 2014), and how well both do.

In every step the discriminator learns to tell real examples from generated ones; then, or after several such steps,
the generator learns to be taken for real by the discriminator as it is by then, with noise drawn anew. Each side has
an optimiser of its own. What one side does leaves the other's gradients, running statistics and optimiser alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from playground.adversarial import Sides, sides_of
from playground.experiment import Training
from playground.judging import energy_distance
from playground.layers import Noise
from playground.network import Call, Network, carry_out, look
from playground.optimising import Pull, make_optimiser, take_step
from playground.report import Report

if TYPE_CHECKING:
    from playground.training import Trainer

MOST_COMPARED = 1000
"""Examples of each kind between which distances are measured: their number grows with the square."""


class NotFinite(Exception):
    """The loss of one side is no longer a number."""


class Contest:
    """The two sides of a network, and how each takes a step.

    Attributes:
        sides: whose the nodes are.
        choice, optimiser: the discriminator's, as chosen and as torch has it.
        own, theirs: the weights of the generator, and all others that are no discriminator's; the discriminator's.
        pull: what is done to the discriminator's gradients.
    """

    def __init__(
        self, network: Network, report: Report, settings: Training, device: torch.device, found: Sides
    ) -> None:
        self.sides, self.choice, self._every = found, settings.opponent, settings.opponent_steps
        output = report.outputs[found.output]
        self._weight, self._smoothing = output.weight, output.smoothing
        self._scores = _slot(network, found.output)
        self._making = [call for call in network._calls if call.id in found.before]
        self._telling = [call for call in _needed(network, self._scores) if call.id not in found.before]
        behind = [network.module_at(id) for id in found.behind]
        modules = [one for module in behind if module is not None for one in module.modules()]
        self._judging = frozenset(modules)
        self.theirs = list(dict.fromkeys(p for module in modules for p in module.parameters(recurse=False)))
        self._moved = frozenset(self.theirs)
        self.own = [parameter for parameter in network.parameters() if parameter not in self._moved]
        self.optimiser = make_optimiser(settings.opponent, self.theirs, device)
        self.pull = Pull(settings, self.theirs)
        norms = [one for one in network.modules() if isinstance(one, nn.modules.batchnorm._BatchNorm)]
        self._norms = [[one for one in norms if (one in self._judging) == theirs] for theirs in (False, True)]
        self._noises = [one for one in network.modules() if isinstance(one, Noise)]

    def moves(self, parameter: nn.Parameter) -> bool:
        """Whether a weight is the discriminator's."""
        return parameter in self._moved

    # -- learning ----------------------------------------------------------------------------------------------

    def learn(self, run: Trainer, batch: Mapping[str, Tensor], wanted: list[Tensor]) -> float:
        """Let the discriminator take a step and, where it is its turn, the generator; return the former's loss."""
        if run.pace.changes:
            rate = self.choice.learning_rate * run.pace.factor(run.number)
            for group in self.optimiser.param_groups:
                group["lr"] = rate
        loss = self._discriminate(run, batch)
        if (run.number + 1) % self._every == 0:
            self._generate(run, batch, wanted)
        return loss

    def _discriminate(self, run: Trainer, batch: Mapping[str, Tensor]) -> float:
        """Learn to tell real from generated."""
        with _still(self._norms[0]), _precision(run):
            values, lengths = run.network._begun(batch)
            with torch.no_grad():
                for call in self._making:
                    carry_out(call, values, lengths)
            for call in self._telling:
                carry_out(call, values, lengths)
            scores = values[self._scores]
        loss = self._weight * told_apart(scores.float(), self._smoothing).mean()
        loss = loss + self._penalties(run, judging=True)
        value = _finite(loss)
        _descend(loss, self.theirs, self.pull, self.optimiser)
        return value

    def _generate(self, run: Trainer, batch: Mapping[str, Tensor], wanted: list[Tensor]) -> None:
        """Learn to be taken for real, and what else there is to learn."""
        with _still(self._norms[1]), _precision(run):
            answers = run.network(batch)
        scores = answers[self.sides.output].float()
        loss = self._weight * taken_for_real(scores).mean() + self._penalties(run, judging=False)
        if run.judges:
            loss = loss + run.loss_of({id: answer.float() for id, answer in answers.items()}, wanted)
        _finite(loss)
        if run.pace.changes:
            run.apply_learning_rate()
        _descend(loss, self.own, run.pull, run.optimiser)

    def _penalties(self, run: Trainer, judging: bool) -> Tensor | float:
        """Return what layers of one side add to its loss."""
        found: Tensor | float = 0.0
        for module in run.penalising:
            if (module in self._judging) == judging:
                found = found + module.penalty()
        return found

    # -- looking -----------------------------------------------------------------------------------------------

    def of_real(self, values: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Leave only the rows of the real examples where there are two for each, so that each example has one."""
        behind = self.sides.behind
        return {id: value[: len(value) // 2] if id in behind else value for id, value in values.items()}

    @contextmanager
    def noise_from(self, first: int) -> Iterator[None]:
        """Have looks use the fixed noise from a row on: for the pieces of a split, so that no row comes twice."""
        for noise in self._noises:
            noise.first = first
        try:
            yield
        finally:
            for noise in self._noises:
                noise.first = 0


def contest(network: Network, report: Report, settings: Training, device: torch.device) -> Contest | None:
    """Find the two sides of a network; None where there is no discriminator."""
    sides = sides_of(report)
    return None if sides is None else Contest(network, report, settings, device, sides)


class Verdict:
    """How well both sides do on a split, piece by piece."""

    def __init__(self, contest: Contest) -> None:
        self._contest = contest
        self._sums: dict[str, float] = dict.fromkeys(("loss", "generator_loss", "real", "generated"), 0.0)
        self._count = 0
        self._real: list[Tensor] = []
        self._made: list[Tensor] = []

    def look(
        self, network: Network, inputs: Mapping[str, Tensor], keep: Iterable[str], start: int
    ) -> dict[str, Tensor]:
        """Look at the piece that begins at an example, and take it into account."""
        sides = self._contest.sides
        with self._contest.noise_from(start):
            answers = look(network, inputs, {*keep, sides.output, sides.joint})
        scores, (real, made) = answers[sides.output], answers[sides.joint].chunk(2)
        right = (scores > 0).float().flatten().chunk(2)
        n = len(real)
        found = {
            "loss": told_apart(scores, self._contest._smoothing).sum(),
            "generator_loss": taken_for_real(scores).sum(),
            "real": right[0].sum(),
            "generated": n - right[1].sum(),
        }
        for name, value in found.items():
            self._sums[name] += value.item()
        room = max(0, MOST_COMPARED - self._count)
        self._real.append(real[:room])
        self._made.append(made[:room])
        self._count += n
        return answers

    def metrics(self, besides: float) -> dict[str, float]:
        """Return the metrics; `besides` is what the generator's side has to learn otherwise."""
        means = {name: value / self._count for name, value in self._sums.items()}
        weight = self._contest._weight
        return {
            "loss": weight * means["loss"],
            "generator_loss": weight * means["generator_loss"] + besides,
            "real_accuracy": means["real"],
            "generated_accuracy": means["generated"],
            "energy_distance": energy_distance(torch.cat(self._real), torch.cat(self._made)),
        }


def told_apart(scores: Tensor, smoothing: float = 0.0) -> Tensor:
    """Return the discriminator's loss for each pair of scores (2 n, 1), the real ones first: (n, 1).

    Smoothing takes from the real side only (Salimans and others 2016).
    """
    real, made = scores.chunk(2)
    return softplus(-real) + smoothing * real + softplus(made)


def taken_for_real(scores: Tensor) -> Tensor:
    """Return the generator's loss for each pair of scores (2 n, 1): the one that does not saturate, (n, 1)."""
    return softplus(-scores.chunk(2)[1])


def _descend(loss: Tensor, parameters: list[nn.Parameter], pull: Pull, optimiser: torch.optim.Optimizer) -> None:
    """Take a step of some weights; the gradients of all others stay as they are."""
    learning = [parameter for parameter in parameters if parameter.requires_grad]
    for parameter in learning:
        parameter.grad = None
    loss.backward(inputs=learning)  # type: ignore[no-untyped-call]
    if pull.active:
        pull()
    take_step(optimiser)


def _finite(loss: Tensor) -> float:
    value = float(loss.item())
    if not math.isfinite(value):
        raise NotFinite
    return value


@contextmanager
def _still(norms: Iterable[Any]) -> Iterator[None]:
    """Normalise by the batch, as in training, without moving the running statistics."""
    for norm in norms:
        norm.track_running_stats = False
    try:
        yield
    finally:
        for norm in norms:
            norm.track_running_stats = True


def _precision(run: Trainer) -> AbstractContextManager[Any]:
    return torch.autocast("cuda", torch.bfloat16) if run.mixed else nullcontext()


def _slot(network: Network, output: str) -> int:
    return next(slot for id, slot in network._outputs if id == output)


def _needed(network: Network, slot: int) -> list[Call]:
    """Return the part of a forward pass that one value needs."""
    wanted, found = {slot}, []
    for call in reversed(network._calls):
        if not wanted.isdisjoint(range(call.slot, call.slot + call.outputs)):
            wanted.update(call.sources)
            found.append(call)
    return found[::-1]
