"""Blocks that only rearrange numbers: cut out, turn round, enlarge. They learn nothing."""

from __future__ import annotations

import math
import re

from playground.block import Block, Layer, Window, image
from playground.declare import choice, integer, words
from playground.shape import AXES, Counted, Shape, ShapeError
from playground.text import Sentence, say


class Reshape(Block):
    """Gives the same numbers, in the same order, another shape."""

    family = "Combine"
    shape: str = words(
        "features=auto",
        help="The axes that come out with their sizes, such as channels=8, height=4, width=4; one may be auto",
    )

    def output(self, x: Shape) -> Shape:
        sizes = _axes(self.shape)
        known = math.prod(size for size in sizes.values() if size)
        free = [name for name, size in sizes.items() if not size]
        if len(free) > 1 or x.count % known or (not free and x.count != known):
            raise ShapeError(
                say(
                    "{shape} holds {n} numbers, which cannot be laid out as {wanted}",
                    shape=x,
                    n=x.count,
                    wanted=self.shape,
                )
            )
        rest = x.count // known
        how = f"({x}) / {known} = {rest}" if known > 1 else f"{x} = {rest}"
        return Shape(**{name: size or Counted(rest, how) for name, size in sizes.items()})

    def layer(self, x: Shape) -> Layer:
        return Layer("layers.Reshape", *self.output(x).sizes)

    def window(self, x: Shape) -> Window | None:
        return None

    def summary(self) -> str:
        return self.shape


class Permute(Block):
    """Puts the axes into another order: the rows of an image become the steps of a sequence."""

    family = "Combine"
    order: str = words(
        "", label="Axes", help="The axes in their new order, such as width, channels, height; empty: turned round"
    )
    names: str = words(
        "", label="Called", help="What the axes are called then, such as time, features; empty: as before"
    )

    def output(self, x: Shape) -> Shape:
        old = dict(x.axes)
        order = _names(self.order) or list(reversed(x.names))
        names = _names(self.names) or order
        if sorted(order) != sorted(x.names):
            raise ShapeError(
                say("Permute wants each of the axes of {shape} once; they are {axes}", shape=x, axes=", ".join(x.names))
            )
        if len(names) != len(order) or len(set(names)) < len(names) or not set(names) <= set(AXES):
            raise ShapeError(say("give {n} different names from these: {axes}", n=len(order), axes=", ".join(AXES)))
        return Shape(**{new: int(old[axis]) for new, axis in zip(names, order, strict=True)})

    def layer(self, x: Shape) -> Layer:
        order = _names(self.order) or list(reversed(x.names))
        return Layer("layers.Permute", *(1 + x.names.index(axis) for axis in order))

    def window(self, x: Shape) -> Window | None:
        return None


class Slice(Block):
    """Cuts a piece out along one axis."""

    family = "Combine"
    axis: str = choice("features", choices={name: name for name in AXES}, help="Along which axis")
    first: int = integer(0, high=2**31 - 1, help="Where the piece begins, counted from 0")
    length: int = integer(0, high=2**31 - 1, help="How long it is; 0: up to the end")

    def output(self, x: Shape) -> Shape:
        size = int(getattr(x, self.axis))
        length = self.length or size - self.first
        if length < 1 or self.first + length > size:
            raise ShapeError(
                say(
                    "there are only {size} along {axis}; begin earlier or take less",
                    size=size,
                    axis=Sentence(self.axis),
                )
            )
        return x.replace(**{self.axis: length})

    def layer(self, x: Shape) -> Layer:
        length = int(getattr(self.output(x), self.axis))
        return Layer("layers.Slice", 1 + x.names.index(self.axis), self.first, length)

    def window(self, x: Shape) -> Window | None:
        before = -self.first if self.axis == "height" else 0, -self.first if self.axis == "width" else 0
        return Window((1, 1), (1, 1), before)

    def summary(self) -> str:
        return f"{self.first}…{self.first + self.length}" if self.length else f"{self.first}…"


class Upsample(Block):
    """Enlarges an image a whole number of times, without anything to learn."""

    family = "Combine"
    frame_by_frame = True
    factor: int = integer(2, low=1, high=64, help="How many times higher and wider it becomes")
    mode: str = choice(
        "nearest", choices=("nearest", "bilinear"), help="Repeat every pixel, or draw straight lines between them"
    )

    def output(self, x: Shape) -> Shape:
        image(x, "Upsample")
        return x.replace(
            height=Counted(x.height * self.factor, f"{int(x.height)}·{self.factor} = {x.height * self.factor}"),
            width=Counted(x.width * self.factor, f"{int(x.width)}·{self.factor} = {x.width * self.factor}"),
        )

    def layer(self, x: Shape) -> Layer:
        more = {"align_corners": False} if self.mode == "bilinear" else {}
        return Layer("nn.Upsample", scale_factor=self.factor, mode=self.mode, **more)

    def window(self, x: Shape) -> Window | None:
        return None

    def summary(self) -> str:
        return f"×{self.factor}"


def _names(text: str) -> list[str]:
    return [name.strip() for name in re.split(r"[,，\s]+", text) if name.strip()]


def _axes(text: str) -> dict[str, int]:
    """Read ``channels=8, height=4, width=auto``; a size of 0 stands for auto."""
    sizes: dict[str, int] = {}
    for part in filter(None, (one.strip() for one in re.split(r"[,，]", text))):
        found = re.fullmatch(r"(\w+)\s*=\s*(auto|[1-9]\d{0,8})", part)
        if found is None or found[1] not in AXES or found[1] in sizes:
            raise ShapeError(
                say(
                    "{text} names no axis and size; write for example channels=8, height=4, width=4",
                    text=repr(part[:40]),
                )
            )
        sizes[found[1]] = 0 if found[2] == "auto" else int(found[2])
    if not sizes:
        raise ShapeError(say("say which axes come out, for example channels=8, height=4, width=4"))
    return sizes
