"""What a panel shows as a table of numbers that other programs read: one row a number, or a table of its own kind.

`tidy` lays out any dataclass of arrays in the long form: a row says of which `quantity` it is, at which place along
each of its axes, and its `value`, or its `text`. A class may say what its axes are called and which field names the
places along them::

    axis_names = {"counts": ("label=classes", "prediction=classes")}

Then the column ``label`` counts the places from 0 and ``label_name`` has the names. Fields within fields are written
``texts.given``; the axes of what lies within come behind those of what holds it.
"""

from __future__ import annotations

import csv
import dataclasses
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from playground.text import Refusal, say

Axes = Mapping[str, tuple[str, ...]]
"""By field, the names of its axes; behind a ``=`` the field that names the places along one."""

PLAIN = {1: ("index",), 2: ("row", "column"), 3: ("index", "row", "column"), 4: ("index", "row", "column", "channel")}
"""What the axes of an array are called that nobody has named."""

RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a text begins with that a spreadsheet would take for a formula and run."""


@dataclass(frozen=True)
class Table:
    """Named columns, and rows of numbers and texts; a cell that holds nothing is None."""

    columns: tuple[str, ...]
    rows: Sequence[Sequence[Any]]


def tidy(answer: Any) -> Table:
    """Lay out a dataclass of numbers, texts and arrays in the long form."""
    found = list(_leaves(answer, "", (), {}, answer))
    axes = list(dict.fromkeys(name for leaf in found for axis in leaf.axes for name in axis.columns))
    if taken := {"quantity", "value", "text"} & set(axes):
        raise ValueError(f"no axis can be called {', '.join(sorted(taken))}: that is what another column is called")
    texts = any(leaf.is_text for leaf in found)
    rows = [row for leaf in found for row in leaf.rows(axes, texts)]
    return Table(("quantity", *axes, "value", *(("text",) if texts else ())), rows)


def side_by_side(x: str, lines: Mapping[str, tuple[Any, Any]]) -> Table:
    """Put lines of (places, values) beside each other: a row for every place that any of them has."""
    there = [np.asarray(places) for places, _ in lines.values()]
    places = np.unique(np.concatenate(there)) if there else np.empty(0)
    columns = []
    for at, (_, values) in zip(there, lines.values(), strict=True):
        column: list[Any] = [None] * len(places)
        for row, value in zip(np.searchsorted(places, at).tolist(), _numbers(np.asarray(values)), strict=True):
            column[row] = value
        columns.append(column)
    whole = bool(len(places)) and bool((places == np.round(places)).all())
    return Table((x, *lines), list(zip((places.astype(int) if whole else places).tolist(), *columns, strict=True)))


def as_csv(table: Table) -> bytes:
    """Write a table as CSV, in UTF-8 with a byte order mark.

    Without the mark Excel takes the file for one in the system's old encoding, and Chinese becomes gibberish; pandas,
    polars, R and LibreOffice leave the mark out by themselves (Python's ``csv`` with ``encoding="utf-8-sig"``).
    """
    return _written(table, ",", "\r\n").encode("utf-8-sig")


def as_tabs(table: Table) -> str:
    """Write a table as spreadsheets take it from the clipboard: cells with tabs between them."""
    return _written(table, "\t", "\n")


def save_csv(table: Table, path: Path) -> None:
    """Write a table to a file."""
    save(path, as_csv(table))


def save(path: Path, data: bytes) -> None:
    """Write a file as a whole or not at all: what lay there before stays where that cannot be."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(data)
        part.replace(path)
    except OSError as error:
        try:
            part.unlink(missing_ok=True)
        except OSError:
            pass  # where nothing can be written, nothing is left behind either
        reason = error.strerror or str(error)
        raise Refusal(say("{name} cannot be written: {reason}", name=path.name, reason=reason)) from error


def safe(text: str) -> str:
    """Write a text so that no spreadsheet takes it for a formula: with an apostrophe in front, as they show it not."""
    return f"'{text}" if text.lstrip("'").startswith(RISKY) else text


def plain(cell: str) -> str:
    """Read a text back that `safe` has written."""
    return cell[1:] if cell.startswith("'") and cell.lstrip("'").startswith(RISKY) else cell


# -- how it is laid out --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Axis:
    """The places along an axis; at `at` if it is but one, else `size` of them from 0 on."""

    name: str
    names: Sequence[str] | None
    size: int
    at: int = -1

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.name,) if self.names is None else (self.name, f"{self.name}_name")

    def places(self) -> Sequence[int]:
        return range(self.size) if self.at < 0 else (self.at,)


@dataclass(frozen=True)
class _Leaf:
    """Numbers or texts of one field, in the order of its axes."""

    quantity: str
    axes: tuple[_Axis, ...]
    values: Sequence[Any]

    @property
    def is_text(self) -> bool:
        return bool(self.values) and isinstance(self.values[0], str)

    def rows(self, columns: list[str], texts: bool) -> Iterator[list[Any]]:
        where = {name: number for number, name in enumerate(columns, 1)}
        empty: list[Any] = [self.quantity, *[None] * (len(columns) + 1 + texts)]
        last = len(empty) - 1 if self.is_text or not texts else len(empty) - 2
        for places, value in zip(product(*(axis.places() for axis in self.axes)), self.values, strict=True):
            row = empty.copy()
            for axis, place in zip(self.axes, places, strict=True):
                row[where[axis.name]] = place
                if axis.names is not None:
                    row[where[f"{axis.name}_name"]] = axis.names[place]
            row[last] = value
            yield row


def _leaves(value: Any, path: str, outer: tuple[_Axis, ...], axes: Axes, owner: Any) -> Iterator[_Leaf]:
    """Return the numbers and texts in a value; `owner` has the fields that name places."""
    if value is None:
        return
    if isinstance(value, np.ndarray):
        named = _named(path, value.shape, axes, owner)
        yield _Leaf(path, (*outer, *named), _numbers(value))
    elif dataclasses.is_dataclass(value):
        own = {_joined(path, name): said for name, said in getattr(type(value), "axis_names", {}).items()}
        for field in dataclasses.fields(value):
            yield from _leaves(getattr(value, field.name), _joined(path, field.name), outer, {**own, **axes}, value)
    elif isinstance(value, Mapping):
        for key, one in value.items():
            said = axes.get(path)
            inner = {**axes, _joined(path, str(key)): said} if said else axes
            yield from _leaves(one, _joined(path, str(key)), outer, inner, owner)
    elif hasattr(value, "_fields"):
        for name in value._fields:
            yield from _leaves(getattr(value, name), _joined(path, name), outer, axes, value)
    elif isinstance(value, tuple | list):
        yield from _of_sequence(value, path, outer, axes, owner)
    elif isinstance(value, int | float | np.number | np.bool_):
        yield _Leaf(path, outer, [int(value) if isinstance(value, bool | np.bool_) else value])
    else:
        yield _Leaf(path, outer, [str(value)])


def _of_sequence(value: Sequence[Any], path: str, outer: tuple[_Axis, ...], axes: Axes, owner: Any) -> Iterator[_Leaf]:
    """Return what is in a sequence: its places are an axis."""
    if not value:
        return
    said = axes.get(path, ())
    (axis,) = _named(path, (len(value),), {path: said[:1]} if said else {}, owner)
    if axis.name == "index" and not isinstance(value[0], str | int | float | np.number):
        axis = dataclasses.replace(axis, name=path.rpartition(".")[2])  # what lies within has an index of its own
    inner = {**axes, path: said[1:]}
    if all(isinstance(one, str) for one in value):
        yield _Leaf(path, (*outer, axis), list(value))
    elif all(isinstance(one, int | float | np.number) for one in value):
        yield _Leaf(path, (*outer, axis), [int(one) if isinstance(one, bool) else one for one in value])
    else:
        for at, one in enumerate(value):
            yield from _leaves(one, path, (*outer, dataclasses.replace(axis, at=at)), inner, owner)


def _named(path: str, shape: tuple[int, ...], axes: Axes, owner: Any) -> tuple[_Axis, ...]:
    """Name the axes of an array: as they are said to be called, else plainly.

    Names that are too many are those of a last axis that is not always there: the channels of grey pictures.
    """
    said = axes.get(path) or PLAIN.get(len(shape), ())
    said = (*said, *(f"axis_{k}" for k in range(len(said) + 1, len(shape) + 1)))
    made = []
    for one, size in zip(said, shape, strict=False):
        name, _, field = one.partition("=")
        names = getattr(owner, field) if field else None
        made.append(_Axis(name, names if names is not None and len(names) == size else None, size))
    return tuple(made)


def _numbers(array: np.ndarray[Any, Any]) -> list[Any]:
    """Return the numbers of an array such that each is written with all its digits, and no more."""
    if array.dtype == bool:
        return array.ravel().astype(int).tolist()
    # Of float32 the shortest digits that lead back to it are wanted, not those of the float64 it would become.
    return list(array.ravel()) if array.dtype.kind == "f" and array.dtype != np.float64 else array.ravel().tolist()


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


# -- how it is written ---------------------------------------------------------------------------------------------


def _written(table: Table, between: str, end: str) -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=between, lineterminator=end)
    writer.writerow([safe(name) for name in table.columns])
    writer.writerows([_cell(value) for value in row] for row in table.rows)
    return out.getvalue()


def _cell(value: Any) -> Any:
    """Write a number with all its digits, and what is no number as NaN."""
    if value is None:
        return ""
    if isinstance(value, str):
        return safe(value)
    if value != value:
        return "NaN"
    return str(value)
