"""Normalisation and regularisation: layers that keep training well behaved."""

from __future__ import annotations

from playground.block import Block, Layer, Window, image
from playground.declare import integer, number
from playground.shape import Shape, ShapeError
from playground.text import say


class BatchNorm(Block):
    """Centres and scales every channel (or feature) by the statistics of the batch."""

    family = "Normalisation"
    frame_by_frame = True
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


class LayerNorm(Block):
    """Centres and scales each example by itself: the features of a row or step, or all of an image."""

    family = "Normalisation"
    frame_by_frame = True
    word_by_word = True
    stem = "norm"
    formula = r"y = \gamma \odot \frac{x - \mu}{\sqrt{\sigma^2 + \varepsilon}} + \beta"
    epsilon: float = number(
        1e-5, low=1e-12, high=0.1, log=True, help="Keeps the division safe where hardly anything varies"
    )

    def output(self, x: Shape) -> Shape:
        if not (x.is_image or "features" in x):
            raise ShapeError(say("LayerNorm wants an image or features, but {shape} comes in", shape=x))
        return x

    def layer(self, x: Shape) -> Layer:
        return Layer("nn.LayerNorm", self._normed(x), eps=self.epsilon)

    def weights(self, x: Shape) -> dict[str, tuple[int, ...]]:
        return {"weight": self._normed(x), "bias": self._normed(x)}

    def window(self, x: Shape) -> Window | None:
        return None if x.is_image else Window((1, 1), (1, 1))

    @staticmethod
    def _normed(x: Shape) -> tuple[int, ...]:
        return x.sizes if x.is_image else x.sizes[-1:]


class GroupNorm(Block):
    """Centres and scales groups of channels of each example by itself, whatever the batch (Wu and He 2018)."""

    family = "Normalisation"
    frame_by_frame = True
    stem = "norm"
    formula = r"y = \gamma\,\frac{x - \mu_G}{\sqrt{\sigma_G^2 + \varepsilon}} + \beta"
    groups: int = integer(4, low=1, high=8192, help="Into how many groups the channels are split")
    epsilon: float = number(
        1e-5, low=1e-12, high=0.1, log=True, help="Keeps the division safe where hardly anything varies"
    )

    def output(self, x: Shape) -> Shape:
        channels = image(x, "GroupNorm").channels
        if channels % self.groups:
            raise ShapeError(
                say(
                    "{groups} groups do not divide the {channels} channels that come in; choose a number that does",
                    groups=self.groups,
                    channels=int(channels),
                )
            )
        return x

    def layer(self, x: Shape) -> Layer:
        return Layer("nn.GroupNorm", self.groups, x.channels, eps=self.epsilon)

    def weights(self, x: Shape) -> dict[str, tuple[int, ...]]:
        return {"weight": x.sizes[:1], "bias": x.sizes[:1]}

    def window(self, x: Shape) -> Window | None:
        return None


class LocalResponseNorm(Block):
    """Divides each number by what its neighbouring channels hold, so that the strong ones silence the rest.

    Krizhevsky, Sutskever and Hinton (2012), equation of section 3.3, with torch's α / n.
    """

    family = "Normalisation"
    frame_by_frame = True
    stem = "norm"
    formula = r"y_c = x_c \big(k + \frac{\alpha}{n} \sum_{|c'-c| \le n/2} x_{c'}^2\big)^{-\beta}"
    size: int = integer(5, low=1, high=1024, help="How many neighbouring channels are looked at (n)")
    alpha: float = number(1e-4, low=0.0, high=100.0, log=True, help="How much the neighbours count (α)")
    beta: float = number(0.75, low=0.0, high=10.0, help="How steeply they silence (β)")
    k: float = number(
        2.0, low=0.001, high=100.0, label="Offset k", help="What is divided by where all neighbours are 0"
    )

    def output(self, x: Shape) -> Shape:
        return image(x, "LocalResponseNorm")

    def layer(self, x: Shape) -> Layer:
        return Layer("nn.LocalResponseNorm", self.size, alpha=self.alpha, beta=self.beta, k=self.k)

    def summary(self) -> str:
        return str(self.size)


class Dropout(Block):
    """Silences a random share of the numbers while training, so that none is relied on too much."""

    family = "Normalisation"
    word_by_word = True
    elementwise = True
    formula = r"y = \frac{m \odot x}{1 - p},\quad m \sim \mathrm{Bernoulli}(1-p)"
    rate: float = number(0.5, low=0.0, high=0.95, help="The share that is silenced (p)")

    def output(self, x: Shape) -> Shape:
        return x

    def layer(self, x: Shape) -> Layer:
        return Layer("nn.Dropout", self.rate)

    def summary(self) -> str:
        return f"{self.rate:g}"
