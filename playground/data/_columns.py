"""Files with a token in every line and an empty line between sentences: how their columns are parted and recognised."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from playground.data._lines import head_of

DOCUMENT = "-DOCSTART-"
"""What stands instead of a sentence where a document begins."""

MOST_COLUMNS = 100

ENTITY = re.compile(r"O|[BIESLUM]-.+")
"""A tag that says where a name begins, goes on and ends: ``B-person``, ``I-person``, ``O``."""

_GLANCE = 3_000
"""How many lines are looked at to tell what a file is."""

_COMMENT = re.compile(r"#(?:\s+(?:id|sent_id|newdoc|newpar|text)\b|(?:begin|end) document|[^=]*\s=\s)")
_TAG = re.compile(r"[^\Wa-z\d_][^a-z\s]{0,11}|[^\W\d_]{1,4}|[^\w\s]{1,3}")
"""A short tag such as ``NN``, ``PRP$``, ``vn`` or ``,``."""


@dataclass(frozen=True)
class Columns:
    """How the lines of a file are parted: by tabs or by any white space, into so many values."""

    tabs: bool
    width: int

    @classmethod
    def of(cls, lines: Iterable[str]) -> Columns | None:
        """Take it from the first line that holds a token."""
        for line in lines:
            if line.strip(" \t") and not line.startswith(DOCUMENT) and not _COMMENT.match(line):
                tabs = "\t" in line.strip(" \t")
                return cls(tabs, len(_parted(line, tabs)))
        return None

    def parted(self, line: str) -> list[str]:
        """Return the values of a line; of a monstrous one not all."""
        return _parted(line, self.tabs)

    def is_comment(self, line: str, values: Sequence[str]) -> bool:
        """Whether a line before a sentence only says something of it: a token may be ``#`` as well."""
        return line.startswith("#") and (len(values) != self.width or _COMMENT.match(line) is not None)


def _parted(line: str, tabs: bool) -> list[str]:
    if tabs:
        return [value.strip(" ") for value in line.split("\t", MOST_COLUMNS)]
    # Not at every Unicode space, as `split()` does: some are tokens.
    return re.split(r"[ \t]+", line.strip(" \t"), maxsplit=MOST_COLUMNS)


def is_annotated(path: Path) -> bool:
    """Whether a file holds sentences with tags rather than a table."""
    head = head_of(path)
    return is_conllu(head) or is_columns(head)


def is_conllu(head: str) -> bool:
    """Whether a text begins as CoNLL-U does: ten columns parted by tabs, of which the first counts from 1."""
    for line in _some_lines(head):
        if line and not line.startswith("#"):
            first = line.split("\t", 10)
            return len(first) == 10 and re.fullmatch(r"1|1-\d+|0\.1", first[0]) is not None
    return False


def is_columns(head: str) -> bool:
    """Whether most lines of a text hold a token and its tag, and sentences are parted."""
    lines = list(_some_lines(head))
    columns = Columns.of(lines)
    if columns is None or not 2 <= columns.width <= MOST_COLUMNS:
        return False
    rows = [row for row in map(columns.parted, filter(_is_token, lines)) if not row[0].startswith("#")]
    fitting = [row for row in rows if len(row) == columns.width and row[0]]
    if len(fitting) < 2 or len(fitting) < 0.9 * len(rows) or any(" " in row[0] for row in fitting):
        return False
    parts = sum(1 for one, other in pairwise(lines) if _is_token(one) and not _is_token(other))
    tags = [row[-1] for row in fitting]
    if is_scheme(tags):
        return True
    kinds = set(tags)
    return 2 <= parts <= len(rows) / 2 and 3 * len(kinds) <= len(tags) and all(map(_TAG.fullmatch, kinds))


def is_scheme(tags: Iterable[str]) -> bool:
    """Whether tags say where names begin and end; a few mistakes among them do not count."""
    tags = list(tags)
    fitting = sum(ENTITY.fullmatch(tag) is not None for tag in tags)
    return fitting >= 0.9 * len(tags) and any(tag.startswith(("B-", "I-", "S-")) for tag in tags)


def _is_token(line: str) -> bool:
    return bool(line.strip(" \t")) and not line.startswith(DOCUMENT)


def _some_lines(head: str) -> Iterator[str]:
    """Yield the first lines of a text, the ends of very long ones left out."""
    for line in head[: 2**18].split("\n", _GLANCE)[:_GLANCE]:
        yield line[:10_000]
