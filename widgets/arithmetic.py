"""How the numbers of a node come about, written out with the present numbers: sizes, parameters, MACs.

Each line is only given where it ends in the very number that analysis found; what is shown cannot be wrong.
"""

from __future__ import annotations

import math

from playground.frames import shapes_leaving
from playground.report import NodeReport
from playground.shape import Shape
from playground.text import Sentence, note, tr

AXES = {
    "heads": note("heads"),
    "channels": note("channels"),
    "time": note("time"),
    "letters": note("letters"),
    "height": note("height"),
    "width": note("width"),
    "features": note("features"),
}


def derivation(known: NodeReport) -> list[str]:
    """Return the arithmetic of each axis as rich text, its result in bold; what is equal is said once."""
    hows = {name: size.how for name, size in _own_shape(known) if hasattr(size, "how")}
    lines = []
    for name, how in hows.items():
        left, _, result = how.rpartition("= ")
        lines.append((name, f"{left}= <b>{result}</b>"))
    if len({line for _, line in lines}) <= 1:
        return [line for _, line in lines[:1]]
    return [f"{Sentence(AXES[name])}: {line}" for name, line in lines]


def of_parameters(known: NodeReport) -> str:
    """Return ``400 × 120 + 120``, what the count of parameters is made of; nothing where there is nothing to reckon."""
    weights = [_in_reading_order(shape) for shape in known.weights.values()]
    if sum(math.prod(shape) for shape in weights) != known.parameters:
        return ""
    return _sum([_product(shape) for shape in weights])


def of_macs(known: NodeReport) -> str:
    """Return ``6 × 1 × 5 × 5 × 28 × 28``: every number of the kernel, at every place it is put."""
    kernels = [shape for shape in known.weights.values() if len(shape) > 1]
    places = [int(size) for name, size in known.shape if name not in ("channels", "features")]
    factors = [(*_in_reading_order(shape), *places) for shape in kernels]
    if sum(math.prod(one) for one in factors) != known.macs:
        return ""
    return _sum([_product(one) for one in factors])


def reckoned(how: str, result: int) -> list[str]:
    """Return the line that ends in a result as rich text; none where nothing had to be reckoned."""
    return [f"{how} = <b>{result:,}</b>"] if how else []


def as_dense(known: NodeReport) -> list[str]:
    """Say what a Dense layer between the same numbers would need, in place of a convolution; none for other blocks."""
    convolves = known.block.family == "Convolution" and (known.shape.is_image or known.shape.is_clip)
    own = sum(math.prod(shape) for shape in known.weights.values())
    if not convolves or not own:
        return []
    comes, goes = (shape.frame.count for shape in (known.inputs[0], known.shape))
    offsets = goes if any("bias" in name for name in known.weights) else 0
    total = comes * goes + offsets
    how = f"{comes:,} × {goes:,}" + (f" + {goes:,}" if offsets else "") + f" = <b>{total:,}</b>"
    if total == own:
        return [tr("A Dense layer for the same: {how}, just as many", how=how)]
    times = f"{total / own:,.0f}" if total >= 10 * own else f"{total / own:.1f}"
    return [tr("A Dense layer for the same: {how}, {times} times as many", how=how, times=times)]


def _own_shape(known: NodeReport) -> Shape:
    """Ask the block once more, for plain numbers: a size that only passes through brings its arithmetic along."""
    try:
        plain = [Shape(**{name: int(size) for name, size in x}) for x in known.inputs]
        shape = next(iter(shapes_leaving(known.block, plain).values()))
    except Exception:  # not every block says its shape by itself: Inputs, groups
        return Shape()
    return shape if shape == known.shape else Shape()


def _in_reading_order(shape: tuple[int, ...]) -> tuple[int, ...]:
    """A matrix is told as inputs × outputs, as one reads a layer; torch keeps it the other way round."""
    return shape[::-1] if len(shape) == 2 else shape


def _product(sizes: tuple[int, ...]) -> str:
    return " × ".join(f"{size:,}" for size in sizes) or "1"


def _sum(terms: list[str]) -> str:
    text = " + ".join(terms)
    return text if "×" in text or "+" in text else ""
