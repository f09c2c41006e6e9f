"""A cheap look at the beginning of a table: how it is written, what its columns hold, what could be predicted.

It needs neither numpy nor pyarrow, so the window can ask for it to show what was guessed and have it corrected.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from playground.data._encoding import AUTO, decoder_of, encoding_of, is_in, not_all_in, said
from playground.data._places import opened, wrong
from playground.data._rows import LONGEST_LINE
from playground.data._sniff import HEAD, Dialect, Given, sniff
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
_CONTROLS = re.compile("[\x01-\x08\x0e-\x19\x1c-\x1f\x7f]")


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
    return Look(path, sample.dialect, encoding, sample.begin, sample.named, columns, rows, complete, sample.tidy)


def head_text(path: Path, encoding: str = AUTO) -> tuple[str, str, bool]:
    """Return the whole lines that a file begins with, its encoding, and whether this is all; refuse what is no text."""
    with opened(path) as file:
        head = file.read(HEAD)
        complete = len(head) < HEAD
    if not head:
        raise wrong(path, say("it is empty; choose another file"))
    if encoding == AUTO:
        encoding = encoding_of(head)
    if not is_in(head, encoding):
        raise _mixed(path, head, encoding)
    text = decoder_of(encoding, head).decode(head)
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if not complete:
        text = text[: text.rfind("\n") + 1]
    if (at := text.find("\0")) >= 0:
        raise wrong(path, say("it holds a NUL, so it is no text; choose a table"), text.count("\n", 0, at) + 1)
    if len(found := _CONTROLS.findall(text[:65_536])) * 100 > len(text[:65_536]):
        raise wrong(path, say("it is no text: it holds {n} control characters; choose a table", n=len(found)))
    if not text:
        parts = max(head.count(mark) for mark in (b",", b";", b"\t", b"|"))
        if parts >= MOST_COLUMNS:
            raise _too_wide(path, parts)
        raise wrong(path, say("the line is longer than {most} bytes; choose a table", most=LONGEST_LINE), 1)
    return text, encoding, complete


def _mixed(path: Path, head: bytes, encoding: str) -> Exception:
    try:
        decoder_of(encoding, head).decode(head)
    except UnicodeDecodeError as error:
        line = head.count(b"\n", 0, error.start) + 1
    return wrong(path, not_all_in(encoding), line)


def _too_wide(path: Path, n: int) -> Exception:
    return wrong(path, say("it has more than {most} columns; choose a table with fewer", most=MOST_COLUMNS), 1)
