"""What a generator begins with, and where what it makes meets what is real."""

from __future__ import annotations

from typing import ClassVar

from playground.block import Block, Layer, Window
from playground.declare import integer
from playground.shape import Shape, ShapeError
from playground.text import say


class Noise(Block):
    """Draws standard normal numbers for every example: what a generator makes its examples of.

    In training they are drawn anew in every step. What is only looked at or evaluated gets the same draws each time, so
    that one sees the network change and not the draws.
    """

    family = "Data"
    formula = r"z \sim N(0, I)"
    units: int = integer(16, low=1, high=65_536, help="How many numbers are drawn for each example")

    def output(self) -> Shape:  # type: ignore[override]  # nothing comes in
        return Shape(features=self.units)

    def layer(self) -> Layer:  # type: ignore[override]  # nothing comes in
        return Layer("layers.Noise", self.units)

    def weights(self) -> dict[str, tuple[int, ...]]:  # type: ignore[override]  # nothing comes in
        return {}

    def macs(self) -> int:  # type: ignore[override]  # nothing comes in
        return 0

    def window(self) -> Window | None:  # type: ignore[override]  # nothing comes in
        return None

    def summary(self) -> str:
        return str(self.units)


class RealOrGenerated(Block):
    """Hands the discriminator both kinds of examples in one batch: the real ones, and behind them the generated ones.

    What has weights before the port generated is the generator, what has weights behind this block the discriminator.
    An Output with the task “Real or generated” lets both learn in turn (Goodfellow and others 2014).
    """

    family = "Combine"
    stem: ClassVar[str] = "real_or_generated"
    formula = r"\min_G \max_D \; E_x[\log D(x)] + E_z[\log(1 - D(G(z)))]"

    def output(self, real: Shape, generated: Shape) -> Shape:  # type: ignore[override]  # two ports
        if "time" in real:
            raise ShapeError(
                say("RealOrGenerated wants a row of features or an image, but {shape} comes in", shape=real)
            )
        if real != generated:
            raise ShapeError(
                say(
                    "RealOrGenerated wants generated examples of the shape of the real ones, {real}; {made} comes in",
                    real=real,
                    made=generated,
                )
            )
        return real

    def layer(self, real: Shape, generated: Shape) -> Layer:  # type: ignore[override]  # two ports
        return Layer("layers.RealOrGenerated")

    def weights(self, real: Shape, generated: Shape) -> dict[str, tuple[int, ...]]:  # type: ignore[override]  # two ports
        return {}

    def macs(self, real: Shape, generated: Shape) -> int:  # type: ignore[override]  # two ports
        return 0

    def window(self, real: Shape, generated: Shape) -> Window | None:  # type: ignore[override]  # two ports
        return Window((1, 1), (1, 1))
