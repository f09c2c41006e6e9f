"""Blocks that join wires or only rearrange what flows on them."""

from __future__ import annotations

from playground.block import Block, Layer, Window
from playground.shape import Shape, ShapeError
from playground.text import say


class Flatten(Block):
    """Lays all numbers of one example out in a single row."""

    family = "Combine"

    def output(self, x: Shape) -> Shape:
        return Shape(features=x.count)

    def layer(self, x: Shape) -> Layer:
        return Layer("nn.Flatten")

    def window(self, x: Shape) -> Window | None:
        return None


class Add(Block):
    """Adds what comes in, number by number: the joint of a residual connection."""

    family = "Combine"
    formula = r"y = \sum_i x_i"

    def output(self, *xs: Shape) -> Shape:
        for other in xs[1:]:
            if other != xs[0]:
                raise ShapeError(
                    say("Add wants equal shapes, but {first} and {second} come in", first=xs[0], second=other)
                )
        return xs[0]

    def layer(self, *xs: Shape) -> Layer:
        return Layer("layers.Add")


class Concat(Block):
    """Puts what comes in side by side: channels after channels, features after features."""

    family = "Combine"
    formula = r"y = [x_1; x_2; \dots]"

    def output(self, *xs: Shape) -> Shape:
        axis = self._axis(xs[0])
        rest = [size for name, size in xs[0] if name != axis]
        for other in xs[1:]:
            if other.names != xs[0].names or [size for name, size in other if name != axis] != rest:
                raise ShapeError(
                    say(
                        "Concat wants shapes that differ in {axis} only, but {first} and {second} come in",
                        axis=axis,
                        first=xs[0],
                        second=other,
                    )
                )
        return xs[0].replace(**{axis: sum(getattr(x, axis) for x in xs)})

    def layer(self, *xs: Shape) -> Layer:
        return Layer("layers.Concat", dim=1 + xs[0].names.index(self._axis(xs[0])))

    @staticmethod
    def _axis(x: Shape) -> str:
        return "channels" if "channels" in x else "features"
