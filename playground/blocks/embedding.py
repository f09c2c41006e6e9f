"""From the numbers of tokens to vectors that can be learnt."""

from __future__ import annotations

from playground.block import Block, Layer, Window
from playground.declare import integer
from playground.shape import Shape, ShapeError
from playground.text import say


class Embedding(Block):
    """Looks up a learnable vector for every token; where a text has ended it is zero."""

    family = "Dense"
    stem = "embed"
    word_by_word = True
    formula = r"y_t = E_{x_t}"
    size: int = integer(32, low=1, high=65_536, help="How long the vector of a token is")
    vocabulary: int = integer(
        "auto", low=1, high=10_000_000, auto="vocabulary", help="How many different tokens there are"
    )

    def output(self, x: Shape) -> Shape:
        if x.names != ("time",):
            raise ShapeError(say("Embedding wants the numbers of tokens (time), but {shape} comes in", shape=x))
        return Shape(time=x.time, features=self.size)

    def layer(self, x: Shape) -> Layer:
        return Layer("nn.Embedding", self.vocabulary, self.size, padding_idx=0)

    def weights(self, x: Shape) -> dict[str, tuple[int, ...]]:
        return {"weight": (self.vocabulary, self.size)}

    def window(self, x: Shape) -> Window | None:
        return None

    def summary(self) -> str:
        return str(self.size)
