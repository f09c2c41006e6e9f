"""Two solutions of one task, trained from different first weights, and ways from the one to the other.

On the straight line between them the loss is high: half of the one and half of the other is neither. Yet there is a
way along which it stays low, and it need not bend more than once (Garipov, Izmailov, Podoprikhin, Vetrov and Wilson
2018): a quadratic Bézier curve whose middle point is trained so that the loss at a random place of it is small.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple

import torch
from torch import Tensor
from torch.func import functional_call

from playground.experiment import Experiment
from playground.surface import Landscape, Weights
from playground.training import Trainer, read_data

PLACES = 21
"""At so many places of each way the loss is measured."""

BENDING = 0.01
"""The learning rate of the middle point; it falls to 0 along half a cosine."""


class Ways(NamedTuple):
    """The loss on all training examples along two ways, by place from 0 to 1, and what the solutions reach."""

    straight: tuple[tuple[float, float], ...]
    curve: tuple[tuple[float, float], ...]
    validation: tuple[float, ...]
    """The loss on examples that validate at both ends, in the middle of the straight line and of the curve."""
    steps: int


def connected(experiment: Experiment, device: str = "cpu", told: Callable[[float], None] = lambda _: None) -> Ways:
    """Train a document with its seed and with the next one, bend a way between them, and measure along it.

    `told` hears which share of all that is done.
    """
    data = read_data(experiment)
    solutions = []
    for k in range(2):
        training = experiment.training.replace(seed=experiment.training.seed + k)
        trainer = Trainer(replace(experiment, training=training), data, device)  # both see the same examples
        until = training.epochs * trainer.steps_per_epoch
        for step in trainer.steps():
            told((k + step.number / until) / 4)
        trainer.close()
        solutions.append(Weights(trainer.network).now())
    one, other = solutions
    middle = straight_middle = (one + other) / 2
    steps = 2 * until
    for number, made in enumerate(bent(trainer, one, other, steps), start=1):
        told(0.5 + number / steps / 2)
        middle = made
    straight, curve = (_measured(trainer, one, other, bend) for bend in (straight_middle, middle))
    held = Landscape(trainer, 2**31, "validation")
    halves = (one, other, straight_middle, place(one, middle, other, 0.5))
    return Ways(straight, curve, tuple(held.loss(row) for row in halves), steps)


def place(one: Tensor, middle: Tensor, other: Tensor, t: float) -> Tensor:
    """Return the weights at a place of a quadratic Bézier curve, t from 0 to 1."""
    return (1 - t) ** 2 * one + 2 * t * (1 - t) * middle + t**2 * other


def bent(trainer: Trainer, one: Tensor, other: Tensor, steps: int) -> Iterator[Tensor]:
    """Train the middle point of a way between two solutions; yield it after every step."""
    weights, settings = Weights(trainer.network), trainer.experiment.training
    middle = ((one + other) / 2).requires_grad_()
    optimiser = torch.optim.Adam([middle], lr=BENDING)
    draws = torch.Generator().manual_seed(settings.seed)
    count = len(trainer.data.splits["train"])
    size = min(settings.batch_size, count)
    trainer.network.eval()
    for number in range(steps):
        t = torch.rand((), generator=draws).item()
        index = torch.randint(count, (size,), generator=draws).to(trainer.feeds.train.place)
        inputs, targets = trainer.feeds.train.batch(index)
        answers = functional_call(trainer.network, weights.named(place(one, middle, other, t)), (inputs,))
        found = zip(trainer.judges, targets, strict=True)
        loss = sum((j.block.weight * j.loss(answers[j.id], target) for j, target in found), torch.zeros(()))
        for group in optimiser.param_groups:
            group["lr"] = BENDING * (1 + math.cos(math.pi * number / steps)) / 2
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        yield middle.detach()


def _measured(trainer: Trainer, one: Tensor, other: Tensor, middle: Tensor) -> tuple[tuple[float, float], ...]:
    landscape = Landscape(trainer, 2**31)
    places = (k / (PLACES - 1) for k in range(PLACES))
    return tuple((round(t, 3), landscape.loss(place(one, middle, other, t))) for t in places)
