"""Where data enters the network and where its answer is judged."""

from __future__ import annotations

from typing import ClassVar

from playground.block import Block, Layer
from playground.choices import LOSSES, TASKS
from playground.declare import choice, number, words
from playground.facts import DataFacts
from playground.shape import Shape
from playground.text import Sentence


class Input(Block):
    """Brings one input of the data set into the network."""

    family = "Data"
    field: str = words("x", help="Which input of the data set, by its name", label="Field")

    def output(self) -> Shape:  # type: ignore[override]  # its shape comes from the data, see analysis
        raise NotImplementedError

    def layer(self) -> Layer:  # type: ignore[override]
        return Layer("nn.Identity")


class Output(Block):
    """Compares what comes in with the target and turns the difference into the loss."""

    family = "Data"
    outputs: ClassVar[tuple[str, ...]] = ()
    target: str = words(
        "label", help="Which target of the data set, by its name, or an input that is to be reconstructed"
    )
    task: str = choice("classification", choices=TASKS, help="What the numbers that come in mean")
    loss: str = choice(
        "cross_entropy",
        choices={name: loss.label for name, loss in LOSSES.items()},
        help="What measures how far the answer is from the target",
    )
    weight: float = number(1.0, low=0.0, high=1e6, help="How much this loss counts among several")
    smoothing: float = number(
        0.0,
        low=0.0,
        high=0.9,
        label="Label smoothing",
        help=(
            "The share that cross-entropy takes from the right class and spreads over all of them, and the adversarial "
            "loss from the real examples"
        ),
    )

    def output(self, x: Shape) -> Shape:
        return x

    def layer(self, x: Shape) -> Layer:
        return Layer("nn.Identity")

    def resolve(self, facts: DataFacts) -> Block:
        """Forget the target where there is none, whatever stood there before the task was changed."""
        return self.replace(target="") if self.adversarial else super().resolve(facts)

    @property
    def adversarial(self) -> bool:
        """Whether it tells real examples from generated ones, and two sides learn in turn."""
        return self.task == "adversarial"

    @property
    def chooses(self) -> bool:
        """Whether the answer is one of several classes, and not a number."""
        return self.task in ("classification", "binary")

    def summary(self) -> str:
        return str(Sentence(LOSSES[self.loss].label)) if self.adversarial else self.target
