"""What can be chosen for training: tasks, losses, optimisers and schedules, with their parameters and help.

Each is a name that torch resolves later (`target` of an optimiser is a class of `torch.optim`), so lists,
forms, files and checks need no torch.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

from playground.declare import Declared, number, switch
from playground.text import note

TASKS = {
    "classification": note("Classification"),
    "binary": note("Binary classification"),
    "regression": note("Regression"),
}
"""What the numbers that reach an Output mean: one score per class, one score for yes, or the answer itself."""


@dataclass(frozen=True)
class Loss:
    """How a wrong answer becomes a number.

    `tasks` are those it makes sense for; `logits` says that it applies softmax or sigmoid itself.
    """

    label: str
    help: str
    tasks: tuple[str, ...]
    logits: bool


LOSSES = {
    "cross_entropy": Loss(
        note("Cross-entropy"),
        note("Minus the logarithm of the share given to the right class; takes scores and applies softmax itself"),
        ("classification",),
        True,
    ),
    "binary_cross_entropy": Loss(
        note("Binary cross-entropy"),
        note(
            "Minus the logarithm of the share given to the right answer; takes one score and applies the sigmoid itself"
        ),
        ("binary",),
        True,
    ),
    "mse": Loss(
        note("Mean squared error"),
        note("The mean of the squared differences between answer and target"),
        ("regression", "binary"),
        False,
    ),
}
"""Every loss by its name in files."""


class Optimiser(Declared):
    """Turns gradients into steps of the weights."""

    members: ClassVar[dict[str, type[Any]]] = {}
    title: ClassVar[str]
    target: ClassVar[str]
    slots: ClassVar[int] = 0
    """How many numbers it remembers for every weight at most."""
    learning_rate: float = number(0.003, low=0.0, high=1000.0, log=True, help="How far a step goes")

    def remembered(self) -> int:
        """Return how many numbers it remembers for every weight as it is set up now."""
        return self.slots


class SGD(Optimiser):
    """Steps against the gradient, with momentum if wanted."""

    key = "sgd"
    title = "SGD"
    target = "SGD"
    slots = 1
    learning_rate: float = number(0.03, low=0.0, high=1000.0, log=True, help="How far a step goes")
    momentum: float = number(0.0, low=0.0, high=0.9999, help="How much of the last step is carried on")
    nesterov: bool = switch(False, help="Look ahead along the momentum before measuring the gradient")
    weight_decay: float = number(0.0, low=0.0, high=10.0, log=True, help="Pulls every weight towards zero (L2)")

    def remembered(self) -> int:
        return self.slots if self.momentum else 0


class Adam(Optimiser):
    """Gives every weight a step size of its own, from running means of the gradient and of its square."""

    key = "adam"
    title = "Adam"
    target = "Adam"
    slots = 2
    beta1: float = number(0.9, low=0.0, high=0.9999, help="How slowly the mean of the gradient follows")
    beta2: float = number(0.999, low=0.0, high=0.999999, help="How slowly the mean of its square follows")
    epsilon: float = number(1e-8, low=1e-16, high=1.0, log=True, help="Keeps the division safe")
    weight_decay: float = number(0.0, low=0.0, high=10.0, log=True, help="Adds the weight to its gradient (L2)")


class AdamW(Adam):
    """Adam with weight decay taken out of the gradient, as Loshchilov and Hutter (2019) propose."""

    key = "adamw"
    title = "AdamW"
    target = "AdamW"
    weight_decay: float = number(0.01, low=0.0, high=10.0, log=True, help="Shrinks every weight a little each step")


class Schedule(Declared):
    """Says how the learning rate changes over a run."""

    members: ClassVar[dict[str, type[Any]]] = {}
    title: ClassVar[str]

    def factor(self, progress: float) -> float:
        """Return what the learning rate is multiplied by when this share of the planned steps is behind."""
        raise NotImplementedError


class Constant(Schedule):
    """Keeps the learning rate as it is."""

    key = "constant"
    title = note("Constant")

    def factor(self, progress: float) -> float:
        return 1.0


class Cosine(Schedule):
    """Lets the learning rate fall along half a cosine wave, to settle down at the end (Loshchilov and Hutter 2017)."""

    key = "cosine"
    title = note("Cosine")
    floor: float = number(0.0, low=0.0, high=1.0, help="The share of the learning rate that is left at the end")

    def factor(self, progress: float) -> float:
        return self.floor + (1.0 - self.floor) * 0.5 * (1.0 + math.cos(math.pi * min(progress, 1.0)))
