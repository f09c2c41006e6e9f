"""What comes back when somebody looks at data: small frozen values, forms of examples and of what is wanted of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from playground.text import Sentence

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

# -- examples, by their form -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Pictures:
    """Images: uint8 (n, frames, height, width, 1 or 3), of one frame unless they are clips, made smaller if need be.

    `channels` and `size` (height, width) are those of the data.
    """

    frames: Array
    channels: int
    size: tuple[int, int]


@dataclass(frozen=True)
class Texts:
    """The tokens of each example; `spaced` where they are words, `running` where each is a piece of a stream.

    `cut` says of each how many tokens more it has.
    """

    tokens: tuple[tuple[str, ...], ...]
    cut: tuple[int, ...]
    spaced: bool
    running: bool


@dataclass(frozen=True)
class Curves:
    """Series: float32 (n, steps, features), and what the features are called; every `stride`-th step of theirs."""

    values: Array
    names: tuple[str, ...]
    stride: int = 1


@dataclass(frozen=True)
class Rows:
    """Rows of numbers: float32 (n, columns), and what the columns are called; `more` columns are left out."""

    values: Array
    names: tuple[str, ...]
    more: int = 0


Content = Pictures | Texts | Curves | Rows

# -- what is wanted of them, and what the network says instead ------------------------------------------------------


@dataclass(frozen=True)
class Classes:
    """A class for each example: its number (n,), -1 where there is none, its name, and how probable the network
    finds it (n,), where it is the network's.
    """

    target: str
    numbers: Array
    names: tuple[str, ...]
    sure: Array | None = None


@dataclass(frozen=True)
class Values:
    """Numbers for each example, float32 (n, k); `more` of them are left out."""

    target: str
    values: Array
    more: int = 0


@dataclass(frozen=True)
class Boxes:
    """A box in each image: x and y of the centre, width and height (n, 4), as shares of the image's sides."""

    target: str
    values: Array


@dataclass(frozen=True)
class Masks:
    """A class for each pixel, uint8 (n, height, width), as small as the pictures; 255 where there is none."""

    target: str
    classes: Array
    names: tuple[str, ...]


@dataclass(frozen=True)
class Steps:
    """A class for each step of each example: numbers and names, as many as tokens are shown; -1 and "" for none.

    `written` where they are a text of their own, and not one for each token that is read.
    """

    target: str
    numbers: tuple[tuple[int, ...], ...]
    names: tuple[tuple[str, ...], ...]
    written: bool = False


Answer = Classes | Values | Boxes | Masks | Steps

# -- the answers -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Page:
    """A page of examples.

    Attributes:
        split: of which examples.
        first: how many that fit come before.
        size: how many a page holds.
        numbers: the place of each in its split, from 0.
        total: how many examples the split holds.
        fits: how many of them are of the class that was asked for.
        looked: among how many of those was looked for mistakes, or words; `found` of them are such.
        found: how many there are to page through.
        content: the examples.
        wanted: what is to come out.
        given: what the network says, if its mistakes were asked for.
        step: how many steps the network had been trained.
        errors: whether these are no mistakes but all, by the size of the error.
    """

    split: str
    first: int
    size: int
    numbers: Array
    total: int
    fits: int
    looked: int
    found: int
    content: Content
    wanted: tuple[Answer, ...]
    given: tuple[Answer, ...] = ()
    step: int = 0
    errors: bool = False


@dataclass(frozen=True)
class Tally:
    """How many there are of what, by split.

    Attributes:
        kind: what is counted: ``classes`` of examples, ``steps`` or ``pixels`` of a class, ``numbers`` in a range,
            ``tokens``.
        name: of which target or input.
        numbers: the numbers of the classes or tokens, in the order of `names`.
        names: what the classes or tokens are called; empty for ranges.
        edges: where the ranges begin and end, one more than there are.
        counts: how many, by split.
        more: how many other classes or tokens there are.
        partly: whether only the first examples were counted.
    """

    kind: str
    name: str
    counts: Mapping[str, Array]
    numbers: tuple[int, ...] = ()
    names: tuple[str, ...] = ()
    edges: tuple[float, ...] = ()
    more: int = 0
    partly: bool = False


@dataclass(frozen=True)
class Vocabulary:
    """The tokens of an input: how many different ones, the share that is unknown by split, how long texts are."""

    name: str
    size: int
    unknown: Mapping[str, float] = field(default_factory=dict)
    mean: float = 0.0
    longest: int = 0


@dataclass(frozen=True)
class Overview:
    """How many there are of what, and what was said when the data were read."""

    tallies: tuple[Tally, ...] = ()
    vocabularies: tuple[Vocabulary, ...] = ()
    remarks: tuple[Sentence, ...] = ()
    problems: tuple[Sentence, ...] = ()
    choosing: str = ""
    """The target by whose classes a page can be narrowed."""
    texts: bool = False
    """Whether there are texts that can be searched."""
