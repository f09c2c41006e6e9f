"""A cheap look at the beginning of a table: how it is written, what its columns hold, what could be predicted.

It needs neither numpy nor pyarrow, so the window can ask for it to show what was guessed and have it corrected.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from playground.data._calendar import calendar_in
from playground.data._encoding import AUTO, said
from playground.data._lines import head_text
from playground.data._places import wrong
from playground.data._rows import LONGEST_LINE
from playground.data._sniff import Dialect, Given, sniff
from playground.data._values import Column, column_of
from playground.text import Sentence, note, say

MOST_COLUMNS = 10_000

SHOWN = 20
"""How many of the first rows a preview shows."""

_DELIMITERS = {
    ",": note("Values are separated by commas"),
    ";": note("Values are separated by semicolons"),
    "\t": note("Values are separated by tabs"),
    "|": note("Values are separated by bars"),
    " ": note("Values are separated by spaces"),
}


@dataclass(frozen=True)
class Look:
    """What the beginning of a table tells.

    Attributes:
        path: the file.
        dialect, encoding, begin: how it is written, and the line in which the first row begins.
        named: whether the file names its columns.
        columns: what is known of each, in their order.
        rows: the first rows as they are written.
        complete: whether this was all of the file.
        tidy: whether no row differs in length and no line between them is empty, as tables of programs are.
        calendar: the columns that together say when each row was, the year first; of the first rows each must come
            after the one before it.
    """

    path: Path
    dialect: Dialect
    encoding: str
    begin: int
    named: bool
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    complete: bool
    tidy: bool
    calendar: tuple[int, ...] = ()

    @property
    def width(self) -> int:
        """How many columns there are."""
        return len(self.columns)

    def place(self, name: str) -> int | None:
        """Return the place of a column by its name or, where nothing is called so, by its number from 1."""
        names = [column.name for column in self.columns]
        for matches in (str.__eq__, lambda one, other: one.casefold() == other.casefold()):
            for place, own in enumerate(names):
                if matches(own, name):
                    return place
        return int(name) - 1 if name.isdecimal() and len(name) < 6 and 0 < int(name) <= len(names) else None

    def told(self) -> tuple[Sentence, ...]:
        """Say how the table is written, so that a wrong guess is seen."""
        found = [Sentence(_DELIMITERS.get(self.dialect.delimiter, _DELIMITERS[","]))] if self.width > 1 else []
        found.append(
            say("The first line names the columns") if self.dialect.header else say("The first line is already a row")
        )
        if self.dialect.comma:
            found.append(say("Numbers have a decimal comma"))
        if encoding := said(self.encoding):
            found.append(encoding)
        return tuple(found)


def look(path: Path, given: Given, encoding: str = AUTO, named: Collection[str] = ()) -> Look:
    """Look at the first megabyte of a table; `named` are columns whose numbers only name things."""
    text, encoding, complete = head_text(path, encoding)
    if not complete and not text.endswith("\n"):
        if max(map(text.count, ",;\t|")) >= MOST_COLUMNS:
            raise _too_wide(path, max(map(text.count, ",;\t|")))
        raise wrong(path, say("the line is longer than {most} bytes; choose a table", most=LONGEST_LINE), 1)
    sample = sniff(text, given)
    if len(sample.names) > MOST_COLUMNS:
        raise _too_wide(path, len(sample.names))
    if not sample.rows:
        raise wrong(path, say("there are no rows in it; choose a table with some"))
    columns = tuple(
        column_of(name, values, sample.dialect.comma, name in named or str(place + 1) in named)
        for place, (name, values) in enumerate(zip(sample.names, zip(*sample.rows, strict=True), strict=True))
    )
    rows = tuple(tuple(value[:200] for value in row) for row in sample.rows[:SHOWN])
    calendar = calendar_in(sample.names, sample.rows) if sample.named else ()
    return Look(
        path, sample.dialect, encoding, sample.begin, sample.named, columns, rows, complete, sample.tidy, calendar
    )


def _too_wide(path: Path, n: int) -> Exception:
    return wrong(path, say("it has more than {most} columns; choose a table with fewer", most=MOST_COLUMNS), 1)
