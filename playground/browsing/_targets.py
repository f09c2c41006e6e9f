"""Targets as they are shown beside the examples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playground.browsing._content import is_written, kept_tokens, main_input, most_tokens, shrunk, unfilled
from playground.browsing.answers import Answer, Boxes, Classes, Masks, Steps, Values
from playground.data import Data, Examples
from playground.facts import Target
from playground.preparation.texts import END

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

MOST_VALUES = 16
"""How many numbers of a target are shown."""

LONGEST = 100
"""How many letters of a class's name are shown."""

MASKED = 255
"""In place of the class of a pixel that has none."""


def class_target(data: Data) -> str | None:
    """Return the target by whose classes examples are told apart, whole ones before steps and pixels."""
    found = [name for name, one in data.facts.targets.items() if one.is_class and not is_next(data, name)]
    return min(found, key=lambda name: len(data.facts.targets[name].shape.sizes), default=None)


def is_next(data: Data, name: str) -> bool:
    """Whether a target is a text of its own: one to be written, or the next token of a stream."""
    target = data.facts.targets[name]
    if target.shape.names != ("time",) or not target.is_class:
        return False
    return data.running or ((name == "next" or name.startswith("next_")) and any(map(is_written, data.facts.inputs)))


def is_box(data: Data, name: str) -> bool:
    """Whether a target is a box in an image."""
    shape = data.facts.targets[name].shape
    return name.startswith("box") and shape.sizes == (4,) and main_input(data)[1] == "pictures"


def having(values: Array, label: int) -> Array:
    """Say which examples are of a class, or have a step or a pixel that is."""
    found: Array = (values == label).reshape(len(values), -1).any(axis=1)
    return found


def wanted_of(data: Data, examples: Examples, large: bool = False) -> tuple[Answer, ...]:
    """Return what is to come out of examples; of a stream nothing, since the text says it."""
    found = []
    for name, values in examples.targets.items():
        if name in data.facts.targets and not (data.running and is_next(data, name)):
            found.append(answer_of(data, examples, name, values, large=large))
    return tuple(found)


def answer_of(
    data: Data, examples: Examples, name: str, values: Array, sure: Array | None = None, large: bool = False
) -> Answer:
    """Return values of a target, its own or the network's, as they are shown."""
    import numpy as np

    target = data.facts.targets[name]
    if not target.is_class:
        if is_box(data, name):
            return Boxes(name, values.astype(np.float32))
        flat = values.reshape(len(values), -1).astype(np.float32)
        return Values(name, flat[:, :MOST_VALUES], max(0, flat.shape[1] - MOST_VALUES))
    if values.ndim == 1:
        known = [int(one) if 0 <= one < len(target.classes) else -1 for one in values]
        return Classes(name, np.array(known, dtype=np.int64), tuple(named(target, one) for one in known), sure)
    if values.ndim == 2:
        return _steps(data, examples, name, values)
    frames = next((shape.time for shape in data.facts.inputs.values() if len(shape.sizes) == 4), 1)
    small = shrunk(values, large, frames)
    pixels = np.where((small >= 0) & (small < MASKED), small, MASKED).astype(np.uint8)
    return Masks(name, pixels, tuple(one[:LONGEST] for one in target.classes[:MASKED]))


def named(target: Target, number: int) -> str:
    """Return what a class is called."""
    return target.classes[number][:LONGEST] if 0 <= number < len(target.classes) else ""


def _steps(data: Data, examples: Examples, name: str, values: Array) -> Steps:
    import numpy as np

    target, written = data.facts.targets[name], is_next(data, name)
    own = examples.targets[name]  # says where there is something to answer, also for the network's answers
    name_read = main_input(data)[0]
    read = unfilled(data, name_read, np.asarray(examples.inputs[name_read]))
    if written or read.shape != own.shape:
        kept = [np.flatnonzero(row >= 0)[: most_tokens(own)] for row in own]
        written = True
    else:
        kept = kept_tokens(read, most_tokens(read))
    numbers = [row[at] for row, at in zip(values, kept, strict=True)]
    if written and END in target.classes[:4]:
        end = target.classes.index(END)
        numbers = [row[: int(np.argmax(row == end))] if (row == end).any() else row for row in numbers]
    plain = tuple(tuple(int(one) if one >= 0 else -1 for one in row) for row in numbers)
    return Steps(name, plain, tuple(tuple(named(target, one) for one in row) for row in plain), written)
