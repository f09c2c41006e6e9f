"""Bringing examples into a form that can be shown, small enough to be sent."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from playground.browsing.answers import Content, Curves, Pictures, Rows, Texts
from playground.data import Data, Examples
from playground.preparation.texts import FILL
from playground.shape import Shape

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

BYTES = 200 * 1024
"""What the examples of a page may take; the rest of what a probe may say is for their targets."""

SIDE, FRAME, LARGE = 64, 40, 240
"""How many pixels a picture, a frame of a clip, and a picture on its own keep at most, along either side."""

MOST_FRAMES = 8
MOST_STEPS = 160
MOST_FEATURES = 8
MOST_COLUMNS = 200
MOST_TOKENS = 300

TOKEN = 12
"""Bytes that a token takes beside its letters."""


def main_input(data: Data) -> tuple[str, str]:
    """Return the input that shows best what an example is, and its form: pictures, texts, curves or rows."""
    forms = {name: form_of(shape) for name, shape in data.facts.inputs.items()}
    for form in ("pictures", "texts", "curves"):
        for name, found in forms.items():
            if found == form and not (form == "texts" and is_written(name)):
                return name, form
    return next(iter(forms), ""), "rows"


def form_of(shape: Shape) -> str:
    """Say in which form an input of this shape is shown."""
    if shape.is_image or shape.names == ("time", "channels", "height", "width"):
        return "pictures"
    return {("time",): "texts", ("time", "features"): "curves"}.get(shape.names, "rows")


def taken(examples: Examples, index: Any) -> Examples:
    """Return some of the examples, in memory: their inputs may have been left in the files."""
    import numpy as np

    some = examples.take(index)
    return replace(some, inputs={name: np.asarray(values) for name, values in some.inputs.items()})


def is_written(name: str) -> bool:
    """Whether an input is the text that is to be written, as it goes in again."""
    return name == "previous" or name.startswith("previous_")


def room(data: Data) -> int:
    """Return how many examples of such data a page can hold."""
    name, form = main_input(data)
    shape = data.facts.inputs[name]
    if form == "pictures":
        frames, channels, height, width = _picture(shape)
        y, x = _strides(height, width, SIDE if frames == 1 else FRAME)
        planes = (3 if channels == 3 else 1) * min(frames, MOST_FRAMES) + 2  # and masks, wanted and given
        return max(1, BYTES // (planes * (height // y) * (width // x)))
    if form == "curves":
        steps, features = shape.sizes
        return max(1, BYTES // (4 * min(steps, MOST_STEPS) * min(features, MOST_FEATURES)))
    if form == "texts":
        return 50
    return max(1, BYTES // (4 * min(MOST_COLUMNS, sum(one.count for one in data.facts.inputs.values()))))


def content_of(data: Data, examples: Examples, large: bool = False) -> Content:
    """Return examples as they can be shown; `large` where there is only one."""
    import numpy as np

    name, form = main_input(data)
    values, shape = np.asarray(examples.inputs[name]), data.facts.inputs[name]
    if form == "pictures":
        return _pictures(data, name, values, shape, large)
    if form == "texts":
        return _texts(data, name, values)
    if form == "curves":
        stride = -(-shape.time // MOST_STEPS)
        names = _names(data, name, shape)[:MOST_FEATURES]
        return Curves(values[:, ::stride, :MOST_FEATURES].astype("float32"), names, stride)
    return _rows(data, examples)


def shrunk(classes: Array, large: bool = False, frames: int = 1) -> Array:
    """Return classes of pixels (n, height, width) as small as the pictures are."""
    y, x = _strides(classes.shape[1], classes.shape[2], LARGE if large else SIDE if frames == 1 else FRAME)
    height, width = classes.shape[1] // y, classes.shape[2] // x
    return classes[:, y // 2 :: y, x // 2 :: x][:, :height, :width]


def unfilled(data: Data, name: str, rows: Array) -> Array:
    """Return the numbers of tokens with 0 in place of what fills up texts at the start."""
    known = data.vocabularies.get(name, ())
    filling = known.index(FILL) if FILL in known[:8] else 0
    if not filling:
        return rows
    left = rows.copy()
    left[rows == filling] = 0
    return left


def kept_tokens(rows: Array, most: int) -> list[Array]:
    """Return which steps of each row of tokens are shown: those that are not padding, the first of them."""
    import numpy as np

    return [np.flatnonzero(row)[:most] for row in rows]


def most_tokens(rows: Array) -> int:
    """Return how many tokens of each of so many texts are shown."""
    return max(20, min(MOST_TOKENS, BYTES // (3 * TOKEN) // max(1, len(rows))))


def _texts(data: Data, name: str, rows: Array) -> Texts:
    import numpy as np

    known, rows = data.vocabularies.get(name, ()), unfilled(data, name, rows)
    kept = kept_tokens(rows, most_tokens(rows))
    tokens = tuple(tuple(_token(known, token) for token in row[at]) for row, at in zip(rows, kept, strict=True))
    cut = tuple(int(np.count_nonzero(row)) - len(at) for row, at in zip(rows, kept, strict=True))
    return Texts(tokens, cut, data.unit != "characters", data.running)


def _token(known: tuple[str, ...], number: Any) -> str:
    return known[number] if 0 <= number < len(known) else str(number)


def _rows(data: Data, examples: Examples) -> Rows:
    import numpy as np

    parts: list[Array] = []
    names: list[str] = []
    for name, shape in data.facts.inputs.items():
        values = np.asarray(examples.inputs[name])
        parts.append(values.reshape(len(values), -1)[:, :MOST_COLUMNS])
        names += _names(data, name, shape)
    found = np.concatenate(parts, axis=1).astype(np.float32)[:, :MOST_COLUMNS]
    return Rows(found, tuple(names[:MOST_COLUMNS]), max(0, len(names) - MOST_COLUMNS))


def _names(data: Data, name: str, shape: Shape) -> tuple[str, ...]:
    """Return what the features of an input are called; without names of their own x1, x2, ..."""
    names = data.facts.names.get(name)
    if names:
        return tuple(one[:80] for one in names)
    n = shape.features if "features" in shape else shape.count
    return (name,) if n == 1 else tuple(f"{name}{at + 1}" for at in range(n))


# -- pictures ----------------------------------------------------------------------------------------------------


def _picture(shape: Shape) -> tuple[int, int, int, int]:
    """Return frames, channels, height and width of an input of images or clips."""
    sizes = shape.sizes if len(shape.sizes) == 4 else (1, *shape.sizes)
    return sizes[0], sizes[1], sizes[2], sizes[3]


def _strides(height: int, width: int, most: int) -> tuple[int, int]:
    """Return how many pixels become one, along each side; alike unless a side has too few."""
    stride = math.ceil(max(height, width) / most)
    return min(stride, height), min(stride, width)


def _pictures(data: Data, name: str, values: Array, shape: Shape, large: bool) -> Pictures:
    import numpy as np

    frames, channels, height, width = _picture(shape)
    low, high = _range(data, name, values)
    shown = values.reshape(len(values), frames, channels, height, width)
    if frames > MOST_FRAMES:
        shown = shown[:, np.linspace(0, frames - 1, MOST_FRAMES).round().astype(int)]
    if channels not in (1, 3):
        shown = shown.mean(axis=2, keepdims=True)
    y, x = _strides(height, width, LARGE if large else SIDE if frames == 1 else FRAME)
    n, frames, planes = shown.shape[:3]
    rows, columns = height // y, width // x
    shown = shown[..., : rows * y, : columns * x].reshape(n, frames, planes, rows, y, columns, x).mean(axis=(4, 6))
    shown = np.nan_to_num((shown - low) * (255.0 / (high - low)))
    pixels = np.clip(shown, 0, 255).round().astype(np.uint8)
    return Pictures(np.ascontiguousarray(pixels.transpose(0, 1, 3, 4, 2)), channels, (height, width))


def _range(data: Data, name: str, values: Array) -> tuple[float, float]:
    """Return what is black and what is white: 0 and 1, or 0 and 255, or the least and the most there is."""
    import numpy as np

    train = data.splits.get("train")
    seen: list[Array] = [values, *([train.inputs[name][:64]] if train else [])]
    finite = [one[np.isfinite(one)] for one in seen]
    low = min((float(one.min()) for one in finite if one.size), default=0.0)
    high = max((float(one.max()) for one in finite if one.size), default=1.0)
    if low >= 0 and high <= 255:
        return 0.0, 1.0 if high <= 1 else 255.0
    if low >= -1 and high <= 1:
        return -1.0, 1.0
    return low, max(high, low + 1e-9)
