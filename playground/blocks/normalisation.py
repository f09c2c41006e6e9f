"""Normalisation and regularisation: layers that keep training well behaved."""

from __future__ import annotations

from playground.block import Block, Layer
from playground.declare import number
from playground.shape import Shape, ShapeError
from playground.text import say


class BatchNorm(Block):
    """Centres and scales every channel (or feature) by the statistics of the batch."""

    family = "Normalisation"
    stem = "norm"
    formula = r"y = \gamma\,\frac{x - \mu_B}{\sqrt{\sigma_B^2 + \varepsilon}} + \beta"
    momentum: float = number(0.1, low=0.001, high=1.0, help="How fast the running statistics follow the batches")
    epsilon: float = number(
        1e-5, low=1e-12, high=0.1, log=True, help="Keeps the division safe when a batch hardly varies"
    )

    def output(self, x: Shape) -> Shape:
        if not (x.is_image or x.names == ("features",)):
            raise ShapeError(say("BatchNorm wants an image or a flat row of features, but {shape} comes in", shape=x))
        return x

    def layer(self, x: Shape) -> Layer:
        name = "nn.BatchNorm2d" if x.is_image else "nn.BatchNorm1d"
        return Layer(name, x.sizes[0], eps=self.epsilon, momentum=self.momentum)

    def weights(self, x: Shape) -> dict[str, tuple[int, ...]]:
        return {"weight": (x.sizes[0],), "bias": (x.sizes[0],)}


class Dropout(Block):
    """Silences a random share of the numbers while training, so that none is relied on too much."""

    family = "Normalisation"
    formula = r"y = \frac{m \odot x}{1 - p},\quad m \sim \mathrm{Bernoulli}(1-p)"
    rate: float = number(0.5, low=0.0, high=0.95, help="The share that is silenced (p)")

    def output(self, x: Shape) -> Shape:
        return x

    def layer(self, x: Shape) -> Layer:
        return Layer("nn.Dropout", self.rate)

    def summary(self) -> str:
        return f"{self.rate:g}"
