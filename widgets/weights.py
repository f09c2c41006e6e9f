"""Weights set by hand as numbers: which tensors can be, whether what is kept fits, kernels that have a name.

No Qt: the grid in which they are edited is `widgets.weights_editor`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from playground.graph_json import MOST_WEIGHTS
from playground.text import Sentence, note, say

Array = np.ndarray[Any, Any]

LARGEST_NUMBER = 3.4e38
"""Weights are kept in single precision; what is larger would be infinite."""

KERNELS: dict[str, tuple[str, tuple[tuple[float, ...], ...]]] = {
    "identity": (note("Identity"), ((0, 0, 0), (0, 1, 0), (0, 0, 0))),
    "box": (note("Box blur"), ((1 / 9,) * 3,) * 3),
    "gaussian": (note("Gaussian blur"), ((1 / 16, 1 / 8, 1 / 16), (1 / 8, 1 / 4, 1 / 8), (1 / 16, 1 / 8, 1 / 16))),
    "sharpen": (note("Sharpen"), ((0, -1, 0), (-1, 5, -1), (0, -1, 0))),
    "sobel_x": (note("Sobel x: vertical edges"), ((-1, 0, 1), (-2, 0, 2), (-1, 0, 1))),
    "sobel_y": (note("Sobel y: horizontal edges"), ((-1, -2, -1), (0, 0, 0), (1, 2, 1))),
    "laplacian": (note("Laplacian: edges all round"), ((0, 1, 0), (1, -4, 1), (0, 1, 0))),
}
"""Kernels of three by three that people know by name; in a larger one they stand in the middle."""


def settable(shape: tuple[int, ...]) -> bool:
    """Whether a tensor is small enough to be set by hand."""
    return math.prod(shape) <= MOST_WEIGHTS


def size_in_words(shape: tuple[int, ...]) -> str:
    """Write a shape with what it comes to: ``120 × 400 = 48,000``."""
    sizes = " × ".join(str(size) for size in shape) or "1"
    return f"{sizes} = {math.prod(shape):,}" if len(shape) > 1 else f"{math.prod(shape):,}"


def too_large(name: str, shape: tuple[int, ...]) -> Sentence:
    """Say why a tensor cannot be set by hand."""
    return say(
        "{tensor} holds {size} numbers; at most {most} can be set by hand.",
        tensor=name,
        size=size_in_words(shape),
        most=MOST_WEIGHTS,
    )


def array_of(numbers: Any) -> Array | None:
    """Return kept numbers as an array; None where their rows are not of one length."""
    try:
        return np.array(numbers, dtype=np.float64)
    except (TypeError, ValueError):
        return None


def misfit(name: str, numbers: Any, shape: tuple[int, ...] | None) -> Sentence | None:
    """Say why numbers that were set by hand do not fit, if they do not."""
    if shape is None:
        return say("{tensor} was set by hand, but the node has none now.", tensor=name)
    kept = array_of(numbers)
    if kept is not None and kept.shape == shape:
        return None
    there = " × ".join(str(size) for size in kept.shape) if kept is not None else "?"
    wanted = " × ".join(str(size) for size in shape)
    return say(
        "{tensor} was set by hand as {there}, but is {wanted} now; set it anew, or forget it.",
        tensor=name,
        there=there or "1",
        wanted=wanted or "1",
    )


def nested(array: Array) -> Any:
    """Return an array as nested tuples of floats: how a node keeps it."""
    return tuple(nested(row) for row in array) if array.ndim else float(array)


def kernel(key: str, rows: int, columns: int) -> Array:
    """Return a kernel by its key in the middle of a larger one."""
    made = np.zeros((rows, columns))
    top, left = (rows - 3) // 2, (columns - 3) // 2
    made[top : top + 3, left : left + 3] = KERNELS[key][1]
    return made


def weight_of(text: str) -> float | Sentence:
    """Read a typed number (``0.5``, ``1e-3``, ``1/9``), or say why it can be none."""
    above, slash, below = text.strip().replace("−", "-").partition("/")
    try:
        value = float(above) / float(below) if slash else float(above)
    except (ValueError, ZeroDivisionError):
        return say("{text} is not a number", text=repr(text.strip()[:40]))
    if not abs(value) <= LARGEST_NUMBER:  # NaN is not, either
        return say("{text} cannot be a weight: it must be a finite number", text=repr(text.strip()[:40]))
    return value


def grid_of(text: str) -> list[list[float]] | Sentence:
    """Read what was copied from a table: rows on lines, numbers between tabs, or commas, semicolons or spaces."""
    rows: list[list[float]] = []
    for line in text.strip("\r\n").splitlines():
        cells = line.split("\t") if "\t" in line else line.replace(";", " ").replace(",", " ").split()
        values = [weight_of(cell) for cell in cells]
        if wrong := next((one for one in values if isinstance(one, Sentence)), None):
            return wrong
        rows.append([one for one in values if not isinstance(one, Sentence)])
    if not rows or not rows[0] or any(len(row) != len(rows[0]) for row in rows):
        return say("what was copied is not a table of numbers")
    return rows
