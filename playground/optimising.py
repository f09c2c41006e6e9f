"""Optimising: torch's optimisers by the choices of a document, the rate of each step, what is done to gradients.

What is not chosen costs nothing: `Pull.active` and `Pace.changes` say whether there is anything to do.
"""

from __future__ import annotations

import inspect
import math
import time
from collections.abc import Iterable, Sequence

import torch
from torch import Tensor, nn

from playground.choices import Constant, Optimiser
from playground.experiment import Training


def make_optimiser(
    choice: Optimiser, parameters: Iterable[nn.Parameter], device: torch.device
) -> torch.optim.Optimizer:
    """Build the torch optimiser; fused where torch has it, which is one call instead of one per tensor."""
    options = {name: getattr(choice, name) for name in choice.parameters}
    options["lr"] = options.pop("learning_rate")
    if "beta1" in options:
        options["betas"] = (options.pop("beta1"), options.pop("beta2"))
        options["eps"] = options.pop("epsilon")
    if not options.get("momentum"):
        options.pop("nesterov", None)  # there is nothing to look ahead along, and torch refuses it
    parameters = list(parameters) or [nn.Parameter(torch.zeros(()), requires_grad=False)]
    kind = getattr(torch.optim, choice.target)
    if "fused" in inspect.signature(kind).parameters:
        options["fused"] = device.type in ("cpu", "cuda")
    made: torch.optim.Optimizer = kind(parameters, **options)
    return made


def take_step(optimiser: torch.optim.Optimizer) -> None:
    """Move the weights, and note the learning rate it is done with: it may be another before anybody asks for it."""
    for group in optimiser.param_groups:
        group["taken"] = group["lr"]
    optimiser.step()


NOTED_FOR = 5.0
"""Seconds for which the sizes of gradients are noted after somebody has asked; at least in the next step."""


class Pull:
    """What is done to gradients before a step is taken: pulled towards smaller weights, cut off, shortened.

    Attributes:
        watched: whether somebody wants to know `length`.
        length: how long all gradients together were before they were cut off or shortened for the last step.
        shortened_from: how long they were before they were shortened, which is known for free.
        uncut: how long that of each parameter was before it was cut off, where this was to be noted; see `note`.
    """

    def __init__(self, settings: Training, parameters: Sequence[Tensor]) -> None:
        self.watched = False
        self.length: Tensor | None = None
        self.shortened_from: Tensor | None = None
        self.uncut: dict[Tensor, Tensor] = {}
        self._asked, self._noting_until = False, 0.0
        self._settings = settings
        self._parameters = [p for p in parameters if p.requires_grad]
        self._weights = [p for p in self._parameters if p.ndim > 1]  # biases and norms are left alone
        self.active = bool(settings.l1 or settings.l2 or settings.clip_norm or settings.clip_value)

    def note(self) -> None:
        """Keep in `uncut` what cutting off leaves nothing to tell from, in the next step and for a while."""
        self._asked, self._noting_until = True, time.monotonic() + NOTED_FOR

    @property
    def clips(self) -> bool:
        """Whether gradients are cut off or shortened."""
        return bool(self._settings.clip_norm or self._settings.clip_value)

    def before(self, parameter: Tensor, size: Tensor) -> Tensor:
        """Return how long a parameter's gradient was before clipping in the last step, where it is `size` long now.

        No number where it was cut off and nobody had asked for that to be noted.
        """
        if self._settings.clip_value:
            return self.uncut.get(parameter, torch.full_like(size, math.nan))
        if not self._settings.clip_norm or self.shortened_from is None:
            return size
        return size * ((self.shortened_from + 1e-6) / self._settings.clip_norm).clamp(min=1.0)  # as torch has it

    def __call__(self) -> None:
        """Change the gradients in place."""
        settings = self._settings
        if settings.l1 or settings.l2:
            for weight in self._weights:
                if weight.grad is not None:
                    weight.grad.add_(weight.detach().sign(), alpha=settings.l1)
                    weight.grad.add_(weight.detach(), alpha=settings.l2)
        if self.watched:
            self.length = length_of(self._parameters)
        if settings.clip_value:
            self.uncut = self._sizes() if self._asked or time.monotonic() < self._noting_until else {}
            self._asked = False
            nn.utils.clip_grad_value_(self._parameters, settings.clip_value)
        if settings.clip_norm:
            self.shortened_from = nn.utils.clip_grad_norm_(self._parameters, settings.clip_norm)

    def _sizes(self) -> dict[Tensor, Tensor]:
        return {p: torch.linalg.vector_norm(p.grad, dtype=exact(p)) for p in self._parameters if p.grad is not None}


def exact(value: Tensor) -> torch.dtype:
    """Return in what the squares of a tensor are to be summed up: float32 would lose those of numbers below 1e-19."""
    return torch.float32 if value.device.type == "mps" else torch.float64  # Apple's GPUs have nothing wider


def length_of(parameters: Iterable[Tensor]) -> Tensor:
    """Return how long the gradients of parameters are together: the root of the sum of all their squares."""
    gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
    return nn.utils.get_total_norm(gradients)


class Pace:
    """The learning rate of every step: the schedule, the warm-up, and what a plateau does to it.

    Attributes:
        rate: the learning rate that a person has set; may change while it runs.
        best, since, plateaus: the best loss of what validates so far, evaluations since, how often that was too long.
    """

    def __init__(self, settings: Training, planned: int) -> None:
        self._schedule, self._warm_up, self._planned = settings.schedule, settings.warm_up, max(1, planned)
        self.rate = settings.optimiser.learning_rate
        self.best, self.since, self.plateaus = math.inf, 0, 0
        self.changes = not isinstance(settings.schedule, Constant) or settings.warm_up > 0

    def at(self, step: int) -> float:
        """Return the learning rate of the step after so many."""
        return self.rate * self.factor(step)

    def factor(self, step: int) -> float:
        """Return what the learning rate is multiplied by in the step after so many."""
        progress = step / self._planned
        factor = self._schedule.factor(progress) * self._schedule.after_plateaus(self.plateaus)
        if progress < self._warm_up:
            factor *= (step + 1) / (self._warm_up * self._planned + 1)
        return factor

    def heard(self, loss: float) -> bool:
        """Take note of an evaluation; return whether it was the best so far."""
        better = loss < self.best
        self.best, self.since = (loss, 0) if better else (self.best, self.since + 1)
        if self._schedule.patience and self.since and self.since % self._schedule.patience == 0:
            self.plateaus += 1
        return better

    def state(self) -> Tensor:
        """Return what a run that goes on has to know."""
        return torch.tensor([self.best, self.since, self.plateaus], dtype=torch.float64)

    def set_state(self, state: Tensor) -> None:
        """Go on from such a state."""
        self.best, self.since, self.plateaus = float(state[0]), int(state[1]), int(state[2])
