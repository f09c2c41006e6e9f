"""Activation functions: applied to every number on its own (softmax: to every group of numbers)."""

from __future__ import annotations

from typing import ClassVar

from playground.block import Block, Layer
from playground.declare import choice, number
from playground.shape import Shape


class _Activation(Block):
    """Leaves the shape as it is."""

    members: ClassVar[dict[str, type]] = Block.members
    family = "Activation"
    word_by_word = True
    elementwise = True

    def output(self, x: Shape) -> Shape:
        return x


class Step(_Activation):
    """Fires when its input reaches a threshold: the neuron of McCulloch and Pitts."""

    formula = r"y = \begin{cases} 1 & x \ge \theta \\ 0 & x < \theta \end{cases}"
    has_gradient = False
    threshold: float = number(0.0, low=-1e6, high=1e6, help="The smallest input that makes the neuron fire")
    low: str = choice(
        "0",
        choices=("0", "-1"),
        help="What a silent neuron puts out: 0, or −1 for the sign function",
        label="Value when silent",
    )

    def layer(self, x: Shape) -> Layer:
        return Layer("layers.Step", threshold=self.threshold, low=float(self.low))


class Sigmoid(_Activation):
    """Squeezes any number into the range from 0 to 1."""

    formula = r"y = \frac{1}{1 + e^{-\alpha x}}"
    slope: float = number(1.0, low=0.01, high=100.0, log=True, help="How steep the middle is (α)")

    def layer(self, x: Shape) -> Layer:
        return Layer("nn.Sigmoid") if self.slope == 1.0 else Layer("layers.SlopedSigmoid", slope=self.slope)


class Tanh(_Activation):
    """Squeezes any number into the range from −1 to 1."""

    formula = r"y = \tanh x"

    def layer(self, x: Shape) -> Layer:
        return Layer("nn.Tanh")


class ReLU(_Activation):
    """Passes what is positive and silences the rest."""

    formula = r"y = \max(0, x)"

    def layer(self, x: Shape) -> Layer:
        return Layer("nn.ReLU")


class LeakyReLU(_Activation):
    """Passes what is positive and lets a little of the rest through."""

    formula = r"y = \max(\alpha x, x)"
    slope: float = number(0.01, low=0.0, high=1.0, help="How much of a negative input passes (α)")

    def layer(self, x: Shape) -> Layer:
        return Layer("nn.LeakyReLU", self.slope)


class ELU(_Activation):
    """Passes what is positive and bends the rest smoothly towards a floor."""

    formula = r"y = \begin{cases} x & x > 0 \\ \alpha (e^x - 1) & x \le 0 \end{cases}"
    alpha: float = number(1.0, low=0.01, high=100.0, help="How far below zero the floor lies (α)")

    def layer(self, x: Shape) -> Layer:
        return Layer("nn.ELU", self.alpha)


class GELU(_Activation):
    """Weighs each number by the chance that a normal variable lies below it."""

    formula = r"y = x\,\Phi(x)"

    def layer(self, x: Shape) -> Layer:
        return Layer("nn.GELU")


class SiLU(_Activation):
    """Weighs each number by its own sigmoid."""

    formula = r"y = x\,\sigma(x)"

    def layer(self, x: Shape) -> Layer:
        return Layer("nn.SiLU")


class Softplus(_Activation):
    """A ReLU with a rounded corner."""

    formula = r"y = \frac{1}{\beta}\ln(1 + e^{\beta x})"
    beta: float = number(1.0, low=0.01, high=100.0, log=True, help="How sharp the corner is (β)")

    def layer(self, x: Shape) -> Layer:
        return Layer("nn.Softplus", beta=self.beta)


class Softmax(_Activation):
    """Turns numbers into shares that add up to 1."""

    formula = r"y_i = \frac{e^{x_i}}{\sum_j e^{x_j}}"
    frame_by_frame = True
    elementwise = False

    def layer(self, x: Shape) -> Layer:
        return Layer("nn.Softmax", dim=1 if x.is_image else -1)
