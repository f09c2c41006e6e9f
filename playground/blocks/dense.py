"""Dense layers: every input reaches every output."""

from __future__ import annotations

from playground.block import Block, Layer, Window, flat
from playground.declare import integer, switch
from playground.shape import Shape


class Dense(Block):
    """Mixes every input into every output."""

    family = "Dense"
    formula = r"y = W x + b"
    word_by_word = True
    units: int = integer(
        8,
        low=1,
        high=65_536,
        auto="outputs",
        help="How many outputs; auto takes as many as the Output behind it asks for",
    )
    bias: bool = switch(True, help="Add a learnable offset to every output")

    def output(self, x: Shape) -> Shape:
        flat(x, "Dense")
        return x.replace(features=self.units)

    def layer(self, x: Shape) -> Layer:
        return Layer("nn.Linear", x.features, self.units, bias=self.bias)

    def weights(self, x: Shape) -> dict[str, tuple[int, ...]]:
        weight = {"weight": (self.units, int(x.features))}
        return weight | ({"bias": (self.units,)} if self.bias else {})

    def macs(self, x: Shape) -> int:
        return x.count * self.units

    def window(self, x: Shape) -> Window | None:
        return None

    def summary(self) -> str:
        return str(self.units)
