"""Two texts a line, parted by a tab: which columns they are in, and whether a file is written like this at all."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from playground.data._aligned import LARGEST, MOST_PAIRS, NONE, SEVERAL, UNUSED
from playground.data._encoding import AUTO
from playground.data._languages import is_language
from playground.data._lines import TextFile, head_of, read_text
from playground.data._places import Roles, is_file, listed, wrong
from playground.data._together import MOST_FILES, Sought, suffix_of, together
from playground.data._values import glance
from playground.text import Sentence, say

SUFFIXES = (".txt", ".tsv", ".tab")
"""What files of two columns in a folder are called; a single file may be called anything."""

_TRIED = 5_000
"""How many lines are looked at."""

_FEW = 20
"""Of so few lines it cannot be told by repetition whether a column holds classes."""

WIDEST = 6
"""More columns than this are a table."""

_LETTER = re.compile("[^\\W\\d_]|[\u0300-\uffff]")  # and what is written above or below letters

SENTENCES = 0.3
"""A column of sentences has at least this share of different ones; of classes far fewer."""


def is_parted(path: Path, encoding: str = AUTO) -> bool:
    """Whether a file looks like two texts a line: not like a table, words with tags or sentences with classes."""
    return sides_of(head_of(path, encoding).split("\n")) is not None


def sides_of(lines: Sequence[str]) -> tuple[int, int] | None:
    """Return the first two columns of texts, or None where lines are not written like this."""
    rows = [line.split("\t", WIDEST) for line in islice(filter(str.strip, lines), _TRIED)]
    if not rows:
        return None
    width, n = Counter(map(len, rows)).most_common(1)[0]
    if not 2 <= width <= WIDEST or n < 0.9 * len(rows):
        return None
    columns = list(zip(*(row for row in rows if len(row) == width), strict=True))
    texts = [place for place, column in enumerate(columns) if _are_texts(column)]
    if len(texts) < 2 or not _are_sentences(columns[texts[0]], columns[texts[1]]):
        return None
    # Other texts may follow, who wrote it; a number may only be that of the sentence after it. Else it is a table.
    others = [place for place in range(width) if place not in texts]
    if any(place + 1 not in texts[:2] or not _are_numbered(columns[place]) for place in others):
        return None
    return texts[0], texts[1]


def names_in(line: str) -> list[str]:
    """Return the names of columns where a first line holds them: each is a language or a side."""
    names = [value.strip() for value in line.split("\t", WIDEST)]
    return names if sum(map(is_language, names)) > 1 and len(set(names)) == len(names) else []


def columned(folder: Path) -> list[Path]:
    """List the files of a folder that hold two columns of texts."""
    named = [path for path in listed(folder, most=MOST_FILES) if suffix_of(path) in SUFFIXES]
    return [path for path in named[:50] if is_parted(path)]


class Columned:
    """Files with both sides in each line."""

    def __init__(self, place: Path, roles: Roles, source: str, target: str, encoding: str) -> None:
        self._place, self._said, self._encoding = place, (source, target), encoding
        self._read: TextFile
        self._columns: tuple[int, int] | None = None
        self._first: dict[Path, int] = {}
        fitting = [] if is_file(place) else columned(place)
        self.splits = together(place, roles, Sought(fitting.__contains__, NONE, SEVERAL, UNUSED))

    def texts(self, path: Path) -> tuple[TextFile]:
        """Read a file and, if it is the first, see which columns are meant."""
        self._read = read_text(path, self._encoding, LARGEST)
        if self._read.text.count("\n") > MOST_PAIRS:
            raise wrong(path, say("it has more than the {most} lines that can be read", most=MOST_PAIRS))
        lines = self._read.lines
        names = names_in(lines[0]) if lines else []
        self._first[path] = 1 if names else 0
        if self._columns is None:
            self._columns = self._chosen(path, lines, names)
        return (self._read,)

    def pairs(self, path: Path) -> Iterator[tuple[str, str]]:
        """Return the pairs of what was read last."""
        assert self._columns is not None
        one, other = self._columns
        last = max(one, other)
        for number, line in enumerate(self._read.lines[self._first[path] :], 1 + self._first[path]):
            values = line.split("\t", last + 1)
            if len(values) > last:
                yield values[one], values[other]
            elif line.strip():
                raise self._read.wrong(
                    say("two texts parted by a tab are needed, but there are {n}", n=line.count("\t") + 1), number
                )

    def used(self) -> list[Path]:
        """Return all files that are read."""
        return sorted(path for some in self.splits.values() for path in some)

    def told(self) -> Iterator[Sentence]:
        """Say nothing: what is read is in its place."""
        return iter(())

    def _chosen(self, path: Path, lines: list[str], names: list[str]) -> tuple[int, int]:
        """Return the places of the two columns."""
        guess = sides_of(lines) or (0, 1)
        width = max((line.count("\t") + 1 for line in lines[:1000]), default=0)
        if not lines:
            raise wrong(path, say("it is empty; choose another file"))
        if width < 2:
            raise self._read.wrong(say("two texts parted by a tab are needed, but there are {n}", n=1), 1)
        source, target = (self._place_of(path, said, names, width) if said else None for said in self._said)
        if source is None:
            source = next(place for place in guess if place != target)
        if target is None:
            target = next(place for place in (*guess, *range(width)) if place != source)
        if source == target:
            raise wrong(path, say("a text is no translation of itself; choose two columns"))
        return source, target

    def _place_of(self, path: Path, said: str, names: list[str], width: int) -> int:
        lower = [name.lower() for name in names]
        if said.lower() in lower:
            return lower.index(said.lower())
        if said.isdecimal() and len(said) < 6 and 1 <= int(said) <= width:
            return int(said) - 1
        known = ", ".join(names or map(str, range(1, min(width, 6) + 1)))
        raise wrong(
            path,
            say("there is no column called {name}; choose one of these: {columns}", name=glance(said), columns=known),
        )


def _are_texts(column: Sequence[str]) -> bool:
    """Whether most values are mostly letters: no numbers, no dates."""
    sample = column[:500]
    return sum(2 * len(_LETTER.findall(value)) > len(value.replace(" ", "")) for value in sample) >= 0.8 * len(sample)


def _are_numbered(column: Sequence[str]) -> bool:
    return all(map(str.isdecimal, column[1:])) and len(set(column)) >= SENTENCES * len(column)


def _are_sentences(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether neither column names classes: their values differ, and of few lines they are about equally long."""
    if any(len(set(column)) < SENTENCES * len(column) for column in (one, other)):
        return False
    if len(one) >= _FEW:
        return True
    short, long = sorted(sum(map(len, column)) for column in (one, other))
    return long < 5 * max(short, 1)
