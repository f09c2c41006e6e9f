"""Shapes with named axes, and the arithmetic that leads from one to the next.

A `Shape` describes one example; the batch axis is always in front and never written. The order of the axes is
the physical order in memory: images (channels, height, width), sequences (time, features), heads before time. Words
that are spelt out hold letters: (time, letters, features).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

from playground.text import Refusal, Sentence, note, say

AXES = (
    note("heads"),
    note("channels"),
    note("time"),
    note("letters"),
    note("height"),
    note("width"),
    note("features"),
)
"""The names an axis can have."""


class ShapeError(Refusal):
    """A block cannot take this shape. `remedy` is the name of a block that, put in front, would help."""

    def __init__(self, sentence: Sentence, remedy: str = "") -> None:
        super().__init__(sentence)
        self.remedy = remedy


class Counted(int):
    """A size that remembers how it was computed: ``how`` is ``(28 + 2·2 − 5) / 1 + 1 = 28``."""

    how: str

    def __new__(cls, value: int, how: str) -> Counted:
        self = super().__new__(cls, value)
        self.how = how
        return self

    def __getnewargs__(self) -> tuple[int, str]:  # type: ignore[override]  # int's own takes one argument
        return int(self), self.how


@dataclass(frozen=True, slots=True, init=False)
class Shape:
    """The named sizes of one example: ``Shape(channels=1, height=28, width=28)``."""

    axes: tuple[tuple[str, int], ...]

    def __init__(self, **sizes: int) -> None:
        for name, size in sizes.items():
            if name not in AXES:
                raise TypeError(f"a shape has no axis called {name}")
            if size < 1:
                raise ShapeError(
                    say("nothing would be left: {axis} would be {size}", axis=Sentence(name), size=int(size))
                )
        object.__setattr__(self, "axes", tuple(sizes.items()))

    # -- reading ---------------------------------------------------------------------------------------------

    @property
    def names(self) -> tuple[str, ...]:
        """The axes' names in physical order."""
        return tuple(name for name, _ in self.axes)

    @property
    def sizes(self) -> tuple[int, ...]:
        """The axes' sizes in physical order: the tensor's shape without its batch."""
        return tuple(int(size) for _, size in self.axes)

    @property
    def count(self) -> int:
        """How many numbers one example holds."""
        return math.prod(self.sizes)

    @property
    def is_image(self) -> bool:
        """Whether the axes are exactly channels, height and width."""
        return len(self.axes) == 3 and self.names == ("channels", "height", "width")

    @property
    def is_clip(self) -> bool:
        """Whether the axes are those of images, one after the other in time."""
        return len(self.axes) == 4 and self.names == ("time", "channels", "height", "width")

    @property
    def is_tokens(self) -> bool:
        """Whether the axes are those of a text as the numbers of its tokens, or of the letters of its words."""
        return self.names in (("time",), ("time", "letters"))

    @property
    def is_spelt(self) -> bool:
        """Whether the axes are those of words, one after the other in time, each with its letters."""
        return self.names[:2] == ("time", "letters")

    @property
    def frame(self) -> Shape:
        """What one step of it is: the axes without time; a word that is spelt out is a text of letters."""
        inner = {name: size for name, size in self.axes if name != "time"}
        return Shape(**{"time" if self.is_spelt and name == "letters" else name: n for name, n in inner.items()})

    def __getattr__(self, name: str) -> Any:
        if name in AXES:
            for axis, size in self.axes:
                if axis == name:
                    return size
            raise ShapeError(say("there is no {axis} axis in {shape}", axis=Sentence(name), shape=self))
        raise AttributeError(name)

    def __contains__(self, axis: str) -> bool:
        return axis in self.names

    def __iter__(self) -> Iterator[tuple[str, int]]:
        return iter(self.axes)

    def __str__(self) -> str:
        return " × ".join(str(int(size)) for _, size in self.axes)

    # -- deriving --------------------------------------------------------------------------------------------

    def replace(self, **sizes: int) -> Self:
        """Return a copy in which axes that are already there have other sizes."""
        for name in sizes:
            if name not in self:
                raise ShapeError(say("there is no {axis} axis in {shape}", axis=Sentence(name), shape=self))
        return type(self)(**{name: sizes.get(name, size) for name, size in self.axes})

    def to_json(self) -> dict[str, int]:
        """Write the axes as a JSON object in physical order."""
        return {name: int(size) for name, size in self.axes}


def slide(size: int, kernel: int, stride: int, padding: int, dilation: int = 1) -> Counted:
    """Count the positions of a window that slides along an axis: (size + 2P − D(K − 1) − 1) / S + 1.

    The derivation is kept with the number, so that what is shown cannot differ from what is computed.
    A window that does not fit raises `ShapeError`.
    """
    reach = dilation * (kernel - 1) + 1
    room = size + 2 * padding - reach
    if room < 0:
        raise ShapeError(
            say(
                "a window of {reach} does not fit into {room}; make the kernel smaller or the padding larger",
                reach=reach,
                room=size + 2 * padding,
            )
        )
    value = room // stride + 1
    numerator = f"{int(size)} + 2·{padding} − {reach}" if padding else f"{int(size)} − {reach}"
    quotient = f"({numerator}) / {stride}"
    if room % stride:
        quotient = f"⌊{quotient}⌋"
    return Counted(value, f"{quotient} + 1 = {value}")
