"""What can be chosen for training: tasks, losses, optimisers and schedules, with their parameters and help.

Each is a name that torch resolves later (`target` of an optimiser is a class of `torch.optim`), so lists,
forms, files and checks need no torch.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

from playground.declare import Declared, integer, number, switch
from playground.text import note

TASKS = {
    "classification": note("Classification"),
    "binary": note("Binary classification"),
    "regression": note("Regression"),
    "box": note("Box"),
    "adversarial": note("Real or generated"),
}
"""What the numbers that reach an Output mean: one score per class, one score for yes, the answer itself, or a box.

A box is x and y of its middle, its width and its height: numbers like others, of which overlap can be measured. Of
“real or generated” it is one score for real, and there is no target: a generator and a discriminator learn in turn.
"""


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
        ("regression", "binary", "box"),
        False,
    ),
    "mae": Loss(
        note("Mean absolute error"),
        note("The mean of the differences between answer and target, whatever their sign: outliers count less"),
        ("regression", "box"),
        False,
    ),
    "smooth_l1": Loss(
        note("Smooth absolute error"),
        note("Squared where the difference is below 1, absolute beyond: the loss of boxes (Girshick 2015)"),
        ("regression", "box"),
        False,
    ),
    "adversarial": Loss(
        note("Adversarial loss"),
        note(
            "Of the discriminator minus the logarithm of the share given to what is right, for real and for generated "
            "examples; of the generator minus that of the share of “real” given to its own (Goodfellow and others 2014)"
        ),
        ("adversarial",),
        True,
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
    through_steps: ClassVar[bool] = False
    """Whether it learns through blocks that have no gradient."""
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


class RMSprop(Optimiser):
    """Divides each gradient by the running mean of its size, so that steep and flat directions move alike."""

    key = "rmsprop"
    title = "RMSprop"
    target = "RMSprop"
    slots = 2
    alpha: float = number(0.99, low=0.0, high=0.9999, help="How slowly the mean of the squared gradient follows")
    momentum: float = number(0.0, low=0.0, high=0.9999, help="How much of the last step is carried on")
    eps: float = number(1e-8, low=1e-16, high=1.0, log=True, label="Epsilon", help="Keeps the division safe")
    weight_decay: float = number(0.0, low=0.0, high=10.0, log=True, help="Adds the weight to its gradient (L2)")

    def remembered(self) -> int:
        return self.slots if self.momentum else 1


class Adagrad(Optimiser):
    """Divides each gradient by the root of all its squares so far: what rarely changes takes larger steps."""

    key = "adagrad"
    title = "Adagrad"
    target = "Adagrad"
    slots = 1
    learning_rate: float = number(0.01, low=0.0, high=1000.0, log=True, help="How far a step goes")
    lr_decay: float = number(
        0.0, low=0.0, high=1.0, log=True, label="Decay", help="By how much the learning rate falls with every step"
    )
    eps: float = number(1e-10, low=1e-16, high=1.0, log=True, label="Epsilon", help="Keeps the division safe")
    weight_decay: float = number(0.0, low=0.0, high=10.0, log=True, help="Adds the weight to its gradient (L2)")


class PerceptronRule(SGD):
    """Moves the weights by answer minus target times input, as Rosenblatt did: it needs no gradient of the step.

    A step is passed backwards as if it were a straight line (the straight-through estimator); with one layer and the
    squared error that is the perceptron rule.
    """

    key = "perceptron"
    title = note("Perceptron rule")
    through_steps = True


class Schedule(Declared):
    """Says how the learning rate changes over a run."""

    members: ClassVar[dict[str, type[Any]]] = {}
    title: ClassVar[str]

    def factor(self, progress: float) -> float:
        """Return what the learning rate is multiplied by when this share of the planned steps is behind."""
        raise NotImplementedError

    def after_plateaus(self, plateaus: int) -> float:
        """Return what it is multiplied by besides, when the loss has stopped falling so many times."""
        return 1.0

    @property
    def patience(self) -> int:
        """How many evaluations without a better loss count as a plateau; 0: it does not look."""
        return 0


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


class Stepwise(Schedule):
    """Divides the learning rate by the same number several times, at even distances."""

    key = "step"
    title = note("Steps")
    times: int = integer(2, low=1, high=100, help="How often the learning rate falls")
    gamma: float = number(0.1, low=0.0001, high=1.0, label="Factor", help="What it is multiplied by each time")

    def factor(self, progress: float) -> float:
        return float(self.gamma ** min(self.times, int(progress * (self.times + 1))))


class Exponential(Schedule):
    """Lets the learning rate fall by the same share in every step."""

    key = "exponential"
    title = note("Exponential")
    floor: float = number(
        0.01, low=1e-6, high=1.0, log=True, help="The share of the learning rate that is left at the end"
    )

    def factor(self, progress: float) -> float:
        return float(self.floor ** min(progress, 1.0))


class Plateau(Schedule):
    """Lowers the learning rate whenever the loss of the examples that validate has stopped falling."""

    key = "plateau"
    title = note("On plateaus")
    gamma: float = number(0.3, low=0.0001, high=1.0, label="Factor", help="What it is multiplied by each time")
    wait: int = integer(3, low=1, high=1000, help="After how many evaluations without a better loss")

    def factor(self, progress: float) -> float:
        return 1.0

    def after_plateaus(self, plateaus: int) -> float:
        return float(self.gamma**plateaus)

    @property
    def patience(self) -> int:
        return self.wait


class Initialisation(Declared):
    """Says from which numbers the weights of layers begin; biases begin at 0, norms as they are."""

    members: ClassVar[dict[str, type[Any]]] = {}
    title: ClassVar[str]


class Usual(Initialisation):
    """Begins as each kind of layer usually does: evenly within 1 over the root of its inputs, biases too."""

    key = "usual"
    title = note("As usual")


class Zeros(Initialisation):
    """Begins with zeros: all neurons of a layer are alike and stay so, which is why nobody does it."""

    key = "zeros"
    title = note("Zeros")


class Normal(Initialisation):
    """Begins with normal numbers of one spread, whatever the size of the layer."""

    key = "normal"
    title = note("Normal")
    spread: float = number(
        0.05, low=0.0, high=100.0, log=True, label="σ", help="The standard deviation of the first weights"
    )


class Xavier(Initialisation):
    """Keeps the spread of values and gradients through layers of tanh and sigmoid (Glorot and Bengio 2010)."""

    key = "xavier"
    title = "Xavier"
    gain: float = number(1.0, low=0.001, high=100.0, help="What the spread is multiplied by")


class He(Initialisation):
    """Keeps the spread of values through layers of ReLU, which silence half of them (He and others 2015)."""

    key = "he"
    title = "He"


class Orthogonal(Initialisation):
    """Begins with matrices that turn and mirror but stretch nothing (Saxe and others 2014)."""

    key = "orthogonal"
    title = note("Orthogonal")
    gain: float = number(1.0, low=0.001, high=100.0, help="What the spread is multiplied by")


class Identity(Initialisation):
    """Begins with what leaves its input as it is, as far as sizes agree; of kernels that is the middle."""

    key = "identity"
    title = note("Identity")
