"""What the axes and types of arrays mean: rows, images or sequences that go in, classes or numbers that come out."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from playground.data._npy import Stored, product
from playground.data._places import wrong
from playground.data._stored import Mapped
from playground.facts import LONGEST_NAME, MOST_NAMES, Target
from playground.progress import progress
from playground.shape import Shape
from playground.text import Sentence, note, say

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

LARGEST = 2**30
"""The most numbers that are held of one input: as float32 they take four times as many bytes."""

FEW = 20
"""So many different whole numbers are classes, even where they are written as 1.0, 2.0."""

MOST_CLASSES = 1_000

LAYOUTS = {
    "auto": note("as the shape suggests"),
    "features": note("rows of features"),
    "images": note("images, channels last"),
    "channels-first": note("images, channels first"),
    "sequences": note("sequences: time, features"),
}


@dataclass(frozen=True)
class Pair:
    """The arrays of one split."""

    inputs: Stored
    targets: Stored | None

    @property
    def both(self) -> tuple[Stored, ...]:
        """Those that are there."""
        return (self.inputs, self.targets) if self.targets is not None else (self.inputs,)


@dataclass
class Loaded:
    """The same, read; inputs that are too many (`far`) are only mapped."""

    pair: Pair
    inputs: Array
    targets: Array | None
    far: bool = False

    @classmethod
    def of(cls, pair: Pair, far: bool = False) -> Loaded:
        """Read them; refuse what no network could take."""
        for one in pair.both:
            if math.prod(one.shape) > LARGEST and not (far and one is pair.inputs):
                raise wrong(
                    one.path,
                    say(
                        "{name} holds {n} numbers, more than can be held in memory",
                        name=one.name,
                        n=math.prod(one.shape),
                    ),
                )
        if pair.inputs.dtype.kind in "US":
            raise wrong(
                pair.inputs.path,
                say("{name} holds texts; the network wants numbers, so save them as numbers", name=pair.inputs.name),
            )
        inputs = pair.inputs.mapped() if far else pair.inputs.load()
        return cls(pair, inputs, pair.targets.load() if pair.targets is not None else None, far)


# -- what they mean ----------------------------------------------------------------------------------------------


def as_inputs(loaded: Mapping[str, Loaded], layout: str, remarks: list[Sentence]) -> tuple[Shape, dict[str, Array]]:
    """Return the inputs of each split as the network wants them, and their shape."""
    shapes = {one.pair.inputs.shape[1:]: one.pair.inputs for one in loaded.values()}
    if len(shapes) > 1:
        one, other = list(shapes.values())[:2]
        raise wrong(
            other.path,
            say(
                "an example of {one} is {sizes}, one of {other} {others}; save them in one shape",
                one=one.name,
                sizes=product(one.shape[1:]) or "1",
                other=other.name,
                others=product(other.shape[1:]) or "1",
            ),
        )
    first = next(iter(loaded.values())).pair.inputs
    kind = _layout(first, layout)
    most = _most(loaded, kind)
    if most == 255 and first.dtype.kind == "f":
        remarks.append(say("The numbers of {name} reach 255, so they were divided by it", name=first.name))
    made: dict[str, Array] = {}
    for split, read in loaded.items():
        convert = partial(_as_floats, kind=kind, most=most)
        made[split] = Mapped(read.inputs, convert).as_inputs() if read.far else convert(read.inputs)
        read.inputs = made[split]  # the original is not needed any more
        if read.pair.inputs.dtype.kind == "f":  # whole numbers are always numbers
            _check_finite(made[split], read.pair.inputs)
    return _shape(made[next(iter(made))].shape[1:], kind), made


def _layout(one: Stored, layout: str) -> str:
    """Return what the axes mean: a key of `LAYOUTS` but auto."""
    axes = len(one.shape)
    allowed = {
        1: ("features",),
        2: ("features",),
        3: ("images", "sequences", "features"),
        4: ("images", "channels-first", "features"),
    }
    if axes not in allowed:
        raise wrong(
            one.path,
            say("{name} has {n} axes; save examples as rows, images or sequences (2 to 4 axes)", name=one.name, n=axes),
        )
    if layout == "channels-first" and axes == 3:
        return "images"
    if layout != "auto":
        if layout not in allowed[axes]:
            raise wrong(
                one.path,
                say(
                    "{name} ({sizes}) cannot be read like that; choose another layout",
                    name=one.name,
                    sizes=product(one.shape),
                ),
            )
        return layout
    if axes < 4:
        return allowed[axes][0]
    _, first, middle, last = one.shape
    if last in (1, 3, 4) and (first not in (1, 3, 4) or first == middle):
        return "images"
    return "channels-first" if first in (1, 3, 4) or (middle == last and first != middle) else "images"


def _arranged(values: Array, kind: str) -> Array:
    """Put the axes into the order of `Shape`."""
    if kind == "features":
        return values.reshape(len(values), -1)
    if kind == "sequences":
        return values
    if values.ndim == 3:
        return values[:, None]
    return values if kind == "channels-first" else values.transpose(0, 3, 1, 2)


def _as_floats(values: Array, kind: str, most: int) -> Array:
    """Bring examples as they were stored into the form that the network wants."""
    import numpy as np

    values = _arranged(values, kind)
    made = np.empty(values.shape, dtype=np.float32)
    with np.errstate(all="ignore"):
        if most > 1:
            np.divide(values, np.float32(most), out=made, casting="unsafe")
        else:
            made[...] = values
    return made


def _shape(sizes: tuple[int, ...], kind: str) -> Shape:
    if kind == "features":
        return Shape(features=sizes[0])
    if kind == "sequences":
        return Shape(time=sizes[0], features=sizes[1])
    return Shape(channels=sizes[0], height=sizes[1], width=sizes[2])


def _most(loaded: Mapping[str, Loaded], kind: str) -> int:
    """Return what the values of pixels are divided by; 1 for what are no pixels."""
    import numpy as np

    if kind not in ("images", "channels-first"):
        return 1
    arrays = [one.inputs for one in loaded.values()]
    dtype = arrays[0].dtype
    if dtype == np.uint8:
        return 255 if any(int(piece.max()) > 1 for one in arrays for piece in _pieces(one)) else 1
    ends = np.array([(piece.min(), piece.max()) for one in arrays for piece in _pieces(one)], dtype=np.float64)
    low, high = float(ends[:, 0].min()), float(ends[:, 1].max())
    if dtype.kind == "b" or not 0 <= low <= high or high <= 1.5:
        return 1
    if high <= 255:
        return 255 if high > 16 else 1
    return 65_535 if dtype.kind in "iu" and high <= 65_535 else 1


def _check_finite(values: Array, one: Stored) -> None:
    import numpy as np

    at = 0
    for piece in _pieces(values):
        if not (good := np.isfinite(piece)).all():
            row = at + int(np.argwhere(~good)[0][0])
            raise wrong(
                one.path,
                say(
                    "{name} holds a value that is no number (NaN or infinite) in example {row}; fill or remove it",
                    name=one.name,
                    row=row + 1,
                ),
            )
        at += len(piece)


def _pieces(values: Array) -> Iterator[Array]:
    """Go through examples some at a time, so that a map of a file takes little memory, and say how far that is."""
    step = max(1, 2**22 // max(1, math.prod(values.shape[1:])))
    for at in range(0, len(values), step):
        progress(at / len(values))
        yield values[at : at + step]


# -- targets -----------------------------------------------------------------------------------------------------


def as_targets(loaded: Mapping[str, Loaded], answers: str) -> tuple[dict[str, Target], dict[str, Array]]:
    """Return the targets by name (one, or none) and their values by split."""
    import numpy as np

    arrays: dict[str, Array] = {}
    stored_as: dict[str, Stored] = {}
    for split, one in loaded.items():
        if one.targets is None or one.pair.targets is None:
            return {}, {}
        arrays[split], stored_as[split] = _squeezed(one.targets), one.pair.targets
    first = next(iter(stored_as.values()))
    if (
        len({values.shape[1:] for values in arrays.values()}) > 1
        or len({v.dtype.kind in "US" for v in arrays.values()}) > 1
    ):
        raise wrong(first.path, say("the targets of the splits differ in shape or type; save them alike"))
    if next(iter(arrays.values())).ndim > 2:
        raise wrong(
            first.path,
            say(
                "{name} has {n} axes; save one class or one row of numbers an example",
                name=first.name,
                n=len(first.shape),
            ),
        )
    if answers != "numbers" and all(map(_is_one_hot, arrays.values())):
        width = next(iter(arrays.values())).shape[1]
        return (
            {"label": Target(tuple(str(k) for k in range(width)))},
            {split: values.argmax(1).astype(np.int64) for split, values in arrays.items()},
        )
    classes = _classes(arrays, answers, first)
    if classes is None:
        return _as_numbers(arrays, stored_as)
    names = tuple(_class_name(value) for value in classes.tolist())
    return (
        {"label": Target(names)},
        {split: np.searchsorted(classes, values).astype(np.int64) for split, values in arrays.items()},
    )


def _as_numbers(
    arrays: Mapping[str, Array], stored_as: Mapping[str, Stored]
) -> tuple[dict[str, Target], dict[str, Array]]:
    import numpy as np

    made = {}
    for split, values in arrays.items():
        with np.errstate(over="ignore"):
            made[split] = values.reshape(len(values), -1).astype(np.float32)
        _check_finite(made[split], stored_as[split])
    width = next(iter(made.values())).shape[1]
    return {"y": Target(shape=Shape(features=width))}, made


def _squeezed(values: Array) -> Array:
    return values[:, 0] if values.ndim == 2 and values.shape[1] == 1 else values


def _is_one_hot(values: Array) -> bool:
    if values.ndim != 2 or values.shape[1] < 2 or values.dtype.kind in "US":
        return False
    return bool(((values == 0) | (values == 1)).all() and (values.sum(1) == 1).all())


def _classes(arrays: Mapping[str, Array], answers: str, first: Stored) -> Array | None:
    """Return the distinct classes in order, or None where the targets are numbers."""
    import numpy as np

    values = next(iter(arrays.values()))
    texts = values.dtype.kind in "US"
    if texts and (answers == "numbers" or values.ndim > 1):
        raise wrong(first.path, say("{name} holds texts, which can only be one class an example", name=first.name))
    if answers == "numbers" or values.ndim > 1:
        return None
    distinct = np.unique(np.concatenate([np.unique(one) for one in arrays.values()]))
    total = sum(map(len, arrays.values()))
    if answers == "classes" or texts:
        if len(distinct) > MOST_NAMES or (values.dtype.kind == "f" and not np.isfinite(distinct).all()):
            raise wrong(first.path, say("{name} holds too many different values for classes", name=first.name))
        return distinct
    if values.dtype.kind == "b":
        return distinct
    if values.dtype.kind == "f":
        whole = np.isfinite(distinct).all() and (distinct == np.floor(distinct)).all()
        return distinct if whole and len(distinct) <= min(FEW, total // 2) else None
    return distinct if len(distinct) <= min(MOST_CLASSES, max(FEW, total // 4)) else None


def _class_name(value: Any) -> str:
    if isinstance(value, bytes):
        value = value.decode("utf-8", errors="replace")
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    name = "".join(c if c.isprintable() else "�" for c in str(value))
    return name[:LONGEST_NAME]
