"""Aligned texts, each line with its translation: two files side by side, or two columns of one file.

The languages are told by the names of files (``train.en``, ``train.de``), or the columns are counted from 1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from playground.data import Data, Examples, FileSource, column
from playground.data._aligned import MOST_PAIRS, Aligned, is_aligned, root_of
from playground.data._encoding import AUTO, ENCODINGS
from playground.data._parted import Columned, columned, is_parted
from playground.data._places import Roles, fingerprint, is_file, is_folder, wrong
from playground.declare import choice, integer, words
from playground.facts import DataFacts
from playground.progress import part
from playground.text import Sentence, count, note, say

_WORD = re.compile(r"[\u3007-\u30ff\u3400-\u9fff\uf900-\ufaff]|[^\s\u3007-\u30ff\u3400-\u9fff\uf900-\ufaff]+")
"""A word as far as lengths matter: what spaces part, or a character of a script without spaces."""


class TextPairs(FileSource):
    """Texts with their translations, line by line: two files such as train.en and train.de, or two columns of one."""

    key = "text-pairs"
    title = note("Text pairs (translations)")
    rank = 58

    source: str = words(
        "",
        label="From language",
        help="The language that is read, as in the name of its file; of one file a column: 1 or 2",
    )
    target: str = words(
        "",
        label="To language",
        help="The language that is written, as in the name of its file; of one file a column: 1 or 2",
    )
    longest_words: int = integer(
        0, high=10_000, label="Longest in words", help="Leave out pairs with a longer side; 0 keeps all"
    )
    most: int = integer(
        0, high=MOST_PAIRS, label="At most", help="How many pairs of each split are taken, the first ones; 0 takes all"
    )
    encoding: str = choice(AUTO, choices=ENCODINGS, help="How letters are written as bytes")

    @classmethod
    def holds(cls, path: Path) -> bool:
        """Say whether a file has a translation beside it or holds two columns of texts, or a folder has such files."""
        if is_file(path):
            return is_aligned(path) or is_parted(path)
        return is_folder(path) and (is_aligned(path) or bool(columned(path)))

    def read(self) -> Data:
        place = self.place
        roles = Roles.parse(self.roles)
        kind = Aligned if is_aligned(place) else Columned
        return self._data(kind(place, roles, self.source.strip(), self.target.strip(), self.encoding))

    def _data(self, files: Aligned | Columned) -> Data:
        splits: dict[str, Examples] = {}
        kept = _Kept(self.longest_words, self.most)
        remarks = list(files.told())
        total = sum(map(len, files.splits.values()))
        done = 0
        for split, paths in files.splits.items():
            kept.begin()
            for path in paths:
                with part(0.9 * done / total, 0.9 * (done + 1) / total):
                    for one in files.texts(path):
                        remarks += [sentence for sentence in one.told() if sentence not in remarks]
                    kept.add(files.pairs(path))
                done += 1
            splits[split] = kept.examples()
        remarks += kept.told()
        splits = {split: one for split, one in splits.items() if len(one)}
        if not splits:
            raise wrong(self.place, say("no pair is left; choose another file or allow longer ones"))
        counts = {split: len(one) for split, one in splits.items()}
        place = self.place
        with part(0.9, 1.0):
            facts = DataFacts(counts=counts, fingerprint=fingerprint(files.used(), root_of(place)))
        return Data(facts, splits, tuple(remarks))


@dataclass
class _Kept:
    """The pairs that are taken, and how many are not."""

    longest: int
    most: int
    sources: list[str] = field(default_factory=list)
    targets: list[str] = field(default_factory=list)
    origin: list[int] = field(default_factory=list)
    empty: int = 0
    long: int = 0

    def begin(self) -> None:
        """Go on with another split."""
        self.sources, self.targets, self.origin = [], [], []

    def add(self, pairs: Iterator[tuple[str, str]]) -> None:
        """Take the pairs of a file."""
        before = len(self.sources)
        for one, other in pairs:
            one, other = one.strip(), other.strip()
            if not one or not other:
                self.empty += bool(one or other)
            elif self.longest and (_is_longer(one, self.longest) or _is_longer(other, self.longest)):
                self.long += 1
            elif self.most and len(self.sources) >= self.most:
                break
            else:
                self.sources.append(one)
                self.targets.append(other)
        self.origin.append(len(self.sources) - before)

    def examples(self) -> Examples:
        """Return what was taken of a split."""
        import numpy as np

        origin = np.repeat(np.arange(len(self.origin)), self.origin) if len(self.origin) > 1 else None
        return Examples({"source": column(self.sources)}, {"target": column(self.targets)}, origin=origin)

    def told(self) -> Iterator[Sentence]:
        """Say what was left out."""
        if self.empty:
            yield count(
                "{n} line was left out: its translation is empty, or only that is there",
                "{n} lines were left out: their translations are empty, or only those are there",
                self.empty,
            )
        if self.long:
            yield count(
                "{n} pair was left out: a side has more than {most} words",
                "{n} pairs were left out: a side has more than {most} words",
                self.long,
                most=self.longest,
            )


def _is_longer(text: str, most: int) -> bool:
    return len(text) > most and len(_WORD.findall(text)) > most
