"""How numbers are written down: equations filled with them, and tables of which a part is shown.

What is written can be read back: ``·`` multiplies, ``−`` is minus, ``exp``, ``ln``, ``tanh``, ``sqrt``, ``max``, ``Φ``
and ``σ`` are functions, ``²`` squares. ``[… 118: 0.07]`` stands for 118 smaller terms of a sum that make 0.07 together.
Symbols count from 1, as people do: the entry (2, 1) of W is W₃₂.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from playground.explaining import MOST_CELLS, Array, Grid, Line

MOST_TERMS = 8
"""Terms of a sum that are written out: the largest ones."""

LOW = str.maketrans("0123456789+-", "₀₁₂₃₄₅₆₇₈₉₊₋")
HIGH = str.maketrans("0123456789+-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻")


def number(x: float, digits: int = 4) -> str:
    """Write a number with so many digits that count: 0.5214, −12.35, 3.104·10⁻⁷; what is short as it is: 0.9, 128."""
    x = float(x)
    sign, size = ("−" if x < 0 else ""), abs(x)
    if not math.isfinite(x):
        return sign + ("nan" if math.isnan(x) else "inf")
    if size == round(size) and size < 1e6:
        return f"{sign}{round(size)}"
    mantissa, _, power = f"{size:.{digits - 1}e}".partition("e")
    exponent = int(power)
    if -4 <= exponent < 6:
        text = f"{size:.{max(0, digits - 1 - exponent)}f}"
        return sign + _short(text, size)
    return f"{sign}{_short(mantissa, size, power)}·10{str(exponent).translate(HIGH)}"


def _short(text: str, size: float, power: str = "0") -> str:
    """Leave out zeros at the end where nothing but zeros follows: what is written is exact then."""
    brief = text.rstrip("0").rstrip(".") if "." in text else text
    few = len(brief.replace(".", "").lstrip("0")) < 4
    return brief if few and float(f"{brief}e{power}") == size else text


def factor(x: float) -> str:
    """Write a number behind a sign of an operation: a negative one, or one with a power, stands in brackets."""
    text = number(x)
    return f"({text})" if text.startswith("−") or "·" in text else text


def precise(x: float, size: float) -> str:
    """Write a number with digits enough that four count of something so large that is made of it by subtraction."""
    if not math.isfinite(x) or x == 0 or size == 0:
        return number(x)
    return number(x, min(14, max(4, 4 + math.floor(math.log10(abs(x))) - math.floor(math.log10(abs(size))))))


def apart(one: float, other: float) -> str:
    """Write one number minus another, with digits enough for the difference."""
    one, other = float(one), float(other)
    if other == 0:
        return f"{number(one)} − 0"
    return joined([precise(one, one - other), precise(-other, one - other)])


def power(x: float) -> str:
    """Write e to the power of a number, with digits enough for what it makes."""
    return f"exp({precise(x, min(1.0, abs(x)) if x else 1.0)})"


def product(*factors: float) -> str:
    """Write a product: 0.5·(−0.2)."""
    first, *rest = (number(one) for one in factors)
    return "·".join([first, *(f"({one})" if one.startswith("−") else one for one in rest)])


def total(terms: Any, last: float | None = None, most: int = MOST_TERMS) -> str:
    """Write a sum of products, the largest ones in their order; `last` is added at the end, mostly a bias.

    Each term is a row of factors; those that are 0 are left out where there are many.
    """
    rows = np.array(list(terms) if not isinstance(terms, np.ndarray) else terms, dtype=np.float64)
    if not len(rows):
        return "0" if last is None else number(last)
    sizes = rows.reshape(len(rows), -1).prod(axis=1)
    kept = np.arange(len(rows))
    if len(rows) > most:
        kept = np.sort(np.argsort(-np.nan_to_num(abs(sizes), nan=np.inf), kind="stable")[:most])
        kept = kept[sizes[kept] != 0]
    told = [product(*np.atleast_1d(rows[k])) for k in kept]
    rest = np.delete(sizes, kept)
    if rest.any():
        told.append(f"[… {np.count_nonzero(rest)}: {number(math.fsum(rest))}]")
    if last is not None:
        told.append(number(last))
    return joined(told)


def joined(terms: Sequence[str]) -> str:
    """Add terms up in writing, with their signs between them."""
    if not terms:
        return "0"
    made = terms[0]
    for one in terms[1:]:
        made += f" − {one[1:]}" if one.startswith("−") else f" + {one}"
    return made


def low(*places: int) -> str:
    """Write places as indices, counted from 1: ₃₂, or ₃,₁₂ where they could be read as one number."""
    several = [str(place + 1).translate(LOW) for place in places]
    return ("," if len(places) > 2 or any(place >= 9 for place in places) else "").join(several)


def latex(*places: int) -> str:
    """Write places as indices of LaTeX, counted from 1: {3,12}."""
    return "{" + ",".join(str(place + 1) for place in places) + "}"


def slope(symbol: str) -> str:
    """Write the derivative of the loss: ∂L/∂x₃."""
    return f"∂L/∂{symbol}"


def result(symbol: str, formula: str, filled: str, value: Any) -> Line:
    """Make a line of numpy's numbers."""
    return Line(symbol, formula, filled, float(value))


def table(
    name: str,
    values: Any,
    chosen: Sequence[int] | None = None,
    lit: Any = None,
    chooses: bool = False,
    rows: Sequence[str] = (),
    columns: Sequence[str] = (),
) -> Grid:
    """Lay numbers out: the last two axes of an array, where the leading ones are as in `chosen` (else 0).

    `chosen` is the entry that is looked at; without it no cell is framed. `lit` says which numbers enter, an array of
    bools of the size of `values`, or of its last two axes; `chooses` whether a click on a cell chooses that entry.
    """
    whole = np.asarray(values, dtype=np.float64)
    flat = whole.reshape(1, -1) if whole.ndim < 2 else whole
    leading = tuple(chosen[: whole.ndim - 2]) if chosen is not None and whole.ndim > 2 else (0,) * (flat.ndim - 2)
    shown = flat[leading]
    cell = _cell(whole.ndim, chosen)
    light = None if lit is None else _light(np.asarray(lit, dtype=bool), whole, leading)
    across = _about(shown.shape[1], 64 if shown.shape[0] == 1 else 32, _centre(light, cell, 1))
    down = _about(shown.shape[0], MOST_CELLS // max(1, len(across)), _centre(light, cell, 0))
    part = slice(down.start, down.stop), slice(across.start, across.stop)
    entries = None
    if chooses:
        entries = (*leading, down.start, across.start) if whole.ndim > 1 else (across.start,) if whole.ndim else ()
    return Grid(
        name=name,
        values=np.ascontiguousarray(shown[part]),
        rows=tuple(rows[part[0]]),
        columns=tuple(columns[part[1]]),
        lit=None if light is None else np.ascontiguousarray(light[part]),
        chosen=None if cell is None else (cell[0] - down.start, cell[1] - across.start),
        entries=entries,
        first=(down.start, across.start),
        total=(shown.shape[0], shown.shape[1]),
    )


def marked(values: Array, place: Any) -> Array:
    """Light one number of a table, or all that an index reaches: a row, a column."""
    lit = np.zeros(values.shape, dtype=bool)
    lit[place] = True
    return lit


def _cell(axes: int, chosen: Sequence[int] | None) -> tuple[int, int] | None:
    if chosen is None:
        return None
    row, column = (0, 0, *chosen)[-2:] if axes > 1 else (0, (0, *chosen)[-1])
    return int(row), int(column)


def _light(lit: Array, whole: Array, leading: tuple[int, ...]) -> Array:
    if lit.ndim == whole.ndim and whole.ndim > 2:
        lit = lit[leading]
    return lit.reshape(1, -1) if lit.ndim < 2 else lit


def _centre(light: Array | None, cell: tuple[int, int] | None, axis: int) -> int:
    """Say around which row or column a part of a table is shown: the chosen cell, or the middle of what is lit."""
    if cell is not None:
        return cell[axis]
    places = np.nonzero(light.any(axis=1 - axis))[0] if light is not None else ()
    return int(places[len(places) // 2]) if len(places) else 0


def _about(size: int, most: int, centre: int) -> range:
    """Return so many places around one of them."""
    most = min(size, max(1, most))
    start = min(max(0, centre - most // 2), size - most)
    return range(start, start + most)
