"""Blocks that join wires or only rearrange what flows on them."""

from __future__ import annotations

from typing import Any, ClassVar

from playground.block import Block, Layer, Window
from playground.declare import switch
from playground.shape import Counted, Shape, ShapeError
from playground.text import Sentence, say


class Flatten(Block):
    """Lays all numbers of one example out in a single row, or those of each of its steps."""

    family = "Combine"
    keep_time: bool = switch(False, help="A row for each step of a sequence or clip, instead of one for all of it")

    def output(self, x: Shape) -> Shape:
        if not self._keeps(x):
            return Shape(features=_in_a_row(x))
        if x.names[0] != "time":
            raise ShapeError(
                say("Flatten keeps time only where it comes first, but {shape} comes in; switch it off", shape=x)
            )
        return Shape(time=int(x.time), features=_in_a_row(x.frame))

    def layer(self, x: Shape) -> Layer:
        return Layer("nn.Flatten", start_dim=2) if self._keeps(x) else Layer("nn.Flatten")

    def window(self, x: Shape) -> Window | None:
        return None

    def _keeps(self, x: Shape) -> bool:
        """Whether rows are made step by step; of what has no time, or nothing else, there is one row."""
        return self.keep_time and "time" in x and len(x.names) > 1


class _Joint(Block):
    """Takes any number of wires, learns nothing and multiplies nothing."""

    members: ClassVar[dict[str, type[Any]]] = Block.members
    family = "Combine"

    def weights(self, *xs: Shape) -> dict[str, tuple[int, ...]]:
        return {}

    def macs(self, *xs: Shape) -> int:
        return 0

    def window(self, *xs: Shape) -> Window | None:
        return Window((1, 1), (1, 1))


class Add(_Joint):
    """Adds what comes in, number by number: the joint of a residual connection."""

    elementwise = True
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


class Multiply(_Joint):
    """Multiplies what comes in, number by number: one wire opens or closes the other, as a gate does."""

    elementwise = True
    formula = r"y = \prod_i x_i"

    def output(self, *xs: Shape) -> Shape:
        for other in xs[1:]:
            if other != xs[0]:
                raise ShapeError(
                    say("Multiply wants equal shapes, but {first} and {second} come in", first=xs[0], second=other)
                )
        return xs[0]

    def layer(self, *xs: Shape) -> Layer:
        return Layer("layers.Multiply")


class Concat(_Joint):
    """Puts what comes in side by side: channels after channels, features after features."""

    formula = r"y = [x_1; x_2; \dots]"

    def output(self, *xs: Shape) -> Shape:
        axis = self._axis(xs[0])
        rest = [size for name, size in xs[0] if name != axis]
        for other in xs[1:]:
            if other.names != xs[0].names or [size for name, size in other if name != axis] != rest:
                raise ShapeError(
                    say(
                        "Concat wants shapes that differ in {axis} only, but {first} and {second} come in",
                        axis=Sentence(axis),
                        first=xs[0],
                        second=other,
                    )
                )
        sizes = [int(getattr(x, axis)) for x in xs]
        how = f"{' + '.join(map(str, sizes))} = {sum(sizes)}"
        return xs[0].replace(**{axis: Counted(sum(sizes), how) if len(sizes) > 1 else sizes[0]})

    def layer(self, *xs: Shape) -> Layer:
        return Layer("layers.Concat", dim=1 + xs[0].names.index(self._axis(xs[0])))

    @staticmethod
    def _axis(x: Shape) -> str:
        return "channels" if "channels" in x else "features"


def _in_a_row(x: Shape) -> int:
    return Counted(x.count, f"{x} = {x.count}") if len(x.names) > 1 else x.count
