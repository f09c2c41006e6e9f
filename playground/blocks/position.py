"""Where a step stands in its sequence, told to layers that could not know it."""

from __future__ import annotations

from playground.block import Block, Layer, sequence
from playground.declare import choice, integer, switch
from playground.shape import Shape, ShapeError
from playground.text import note, say

KINDS = {"sinusoidal": note("Sinusoidal"), "learned": note("Learned"), "none": note("No positions")}

EQUATIONS = {
    "sinusoidal": (
        r"\begin{matrix} p_{t,2i} = \sin\left(t / 10000^{2i/d}\right) \\ "
        r"p_{t,2i+1} = \cos\left(t / 10000^{2i/d}\right) \end{matrix}"
    ),
    "learned": r"p_t = P_{t,:}",
}
"""What the vector of place t is, counted from 0."""


class PositionalEncoding(Block):
    """Adds to every step a vector that tells its place: without it attention sees a bag of words.

    Sinusoidal as in Vaswani et al. (2017), section 3.5: waves of lengths between 2π and 10,000 · 2π.
    """

    family = "Attention"
    stem = "position"
    formula = r"y_t = x_t + p_t"
    kind: str = choice(
        "sinusoidal", choices=KINDS, help="Waves as in the paper, a vector learnt for every place, or nothing at all"
    )
    longest: int = integer(
        0,
        high=1_000_000,
        label="Places",
        help="For how many places vectors are learnt; 0: for as many as come in. Waves go on for ever",
    )
    scale: bool = switch(
        False,
        label="Enlarge by √d",
        help="Multiply what comes in by the root of its length first, as the paper does with its small embeddings",
    )

    def output(self, x: Shape) -> Shape:
        sequence(x, "PositionalEncoding")
        if self.kind == "learned" and x.time > self._places(x):
            raise ShapeError(
                say(
                    "{places} places are learnt, but {steps} steps come in; learn more places",
                    places=self.longest,
                    steps=int(x.time),
                )
            )
        return x

    def layer(self, x: Shape) -> Layer:
        return Layer(
            "attention.PositionalEncoding", x.features, kind=self.kind, longest=self._places(x), scale=self.scale
        )

    def weights(self, x: Shape) -> dict[str, tuple[int, ...]]:
        return {"weight": (self._places(x), int(x.features))} if self.kind == "learned" else {}

    def equations(self) -> str:
        x = r"\sqrt{d}\, x_t" if self.scale else "x_t"
        if self.kind == "none":
            return rf"y_t = {x}"
        return rf"\begin{{matrix}} y_t = {x} + p_t \\ {EQUATIONS[self.kind]} \end{{matrix}}"

    def summary(self) -> str:
        return self.kind

    def _places(self, x: Shape) -> int:
        return self.longest or int(x.time)
