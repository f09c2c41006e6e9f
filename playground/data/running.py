"""Running text, whatever a file holds as letters: a network learns to go on with it, character by character."""

from __future__ import annotations

import re
from pathlib import Path

from playground.data import Data, Examples, FileSource, column
from playground.data._encoding import AUTO, ENCODINGS
from playground.data._lines import head_of, read_text
from playground.data._places import (
    Roles,
    fingerprint,
    is_file,
    is_folder,
    listed,
    shown,
    split_in,
    start_of,
    tokens,
    too_large,
    wrong,
)
from playground.data._together import MOST_FILES, Sought, suffix_of, together
from playground.declare import choice, switch
from playground.facts import SPLITS, DataFacts
from playground.progress import part
from playground.text import Refusal, Sentence, count, note, say

SUFFIXES = (".txt", ".text", ".tokens", ".raw")
"""What texts in a folder are called; a single file may be called anything."""

OTHERS = (".csv", ".tsv", ".tab", ".json", ".jsonl", ".ndjson", ".conllu", ".conll", ".svg", ".html", ".htm", ".xml")
"""What is text but means something else: its own reader says what is wrong with it."""

ABOUT = frozenset(("readme", "license", "licence", "copying", "notice", "changelog", "sha256sums", "md5sums"))
"""The words that name a file beside the data, which is none."""

LARGEST = 2**26
"""The most bytes of all texts together: each character takes 30 bytes and more by the time it is learnt from."""

SHORTEST = 100
"""Of fewer characters nothing can be learnt."""

DOCUMENT = b'"network-playground"'
"""What stands near the beginning of a document of this program."""

WRITTEN = (b"{\\rtf", b"%PDF-", b"%!PS", b"\x89PNG")
"""What begins like a text, and is meant for a printer or a screen."""

_NONE = note("There are no texts in {path}; choose a folder with files that end in .txt")
_UNUSED = note("{path} holds no text that may be used; change what the files are for")

_CHINESE = re.compile("[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]")


class RunningText(FileSource):
    """Running text: a file of letters, or a folder of such; its next character is predicted from those before."""

    key = "running-text"
    title = note("Running text")
    rank = 90

    breaks: bool = switch(
        True, label="Line breaks", help="Keep the ends of lines, as poems and programs need; else lines are joined"
    )
    encoding: str = choice(AUTO, choices=ENCODINGS, help="How letters are written as bytes")

    @classmethod
    def holds(cls, path: Path) -> bool:
        """Say whether a file is a text, or most files of a folder are; refuse a text too short to learn from."""
        if is_folder(path):
            return _is_of_texts(path)
        if not is_file(path) or suffix_of(path) in OTHERS:
            return False
        start = start_of(path, 4096)
        if start.startswith(WRITTEN) or DOCUMENT in start:
            return False
        head = head_of(path)
        if not head:  # claims by name are believed of a text: reading it says what is wrong with it
            return suffix_of(path) in SUFFIXES and 100 * start.count(0) < len(start)
        if len(head) < SHORTEST:
            raise _too_short(path, len(head))
        return True

    def read(self) -> Data:
        place = self.place
        files = self._files()
        used = [path for some in files.values() for path in some]
        texts: dict[Path, str] = {}
        remarks: list[Sentence] = []
        room = LARGEST
        for at, path in enumerate(used):
            with part(0.9 * at / len(used), 0.9 * (at + 1) / len(used)):
                one = read_text(path, self.encoding, room)
            room -= len(one.text.encode())
            if room < 0:
                raise too_large(path, LARGEST)
            remarks += [sentence for sentence in one.told() if sentence not in remarks]
            texts[path] = one.text if self.breaks else joined(one.text)
        remarks.append(_measured(place, texts))
        splits = {split: _examples([texts[path] for path in some if texts[path]]) for split, some in files.items()}
        splits = {split: one for split, one in splits.items() if len(one)}
        counts = {split: len(one) for split, one in splits.items()}
        root = place.parent if is_file(place) else place
        with part(0.9, 1.0):
            facts = DataFacts(counts=counts, fingerprint=fingerprint(sorted(used), root))
        return Data(facts, splits, tuple(remarks), running=True, unit="characters")

    def _files(self) -> dict[str, list[Path]]:
        """Return the texts of each split: all of a folder, or a file and those beside it that belong with it."""
        place, roles = self.place, Roles.parse(self.roles)
        if is_file(place):
            return together(place, roles, Sought(lambda path: True, _NONE, _NONE, _UNUSED))
        found = _texts_in(place)
        if not found:
            raise Refusal(Sentence(_NONE, (("path", shown(place)),)))
        by_split: dict[str, list[Path]] = {}
        for path in found:
            by_split.setdefault(roles.of(path, place), []).append(path)
        if not by_split.keys() & set(SPLITS):
            raise Refusal(Sentence(_UNUSED, (("path", shown(place)),)))
        return {split: by_split[split] for split in SPLITS if split in by_split}


def joined(text: str) -> str:
    """Return a text without the ends of its lines: a space instead, none between Chinese characters."""
    made: list[str] = []
    for line in filter(None, map(str.strip, text.split("\n"))):
        if made and not (_CHINESE.match(made[-1][-1]) and _CHINESE.match(line)):
            made.append(" ")
        made.append(line)
    return "".join(made)


def _is_of_texts(folder: Path) -> bool:
    """Whether at least half of the files that could be data are texts, and one of the first is long enough."""
    texts = _texts_in(folder)
    files = [path for path in _near(folder) if not _is_about(path)]
    return 2 * len(texts) >= len(files) and any(len(head_of(path)) >= SHORTEST for path in texts[:20])


def _texts_in(folder: Path) -> list[Path]:
    """List the texts of a folder; of two that differ only in being compressed the plain one."""
    found = [path for path in _near(folder) if suffix_of(path) in SUFFIXES and not _is_about(path)]
    plain = {path for path in found if path.suffix.lower() != ".gz"}
    return [path for path in found if path in plain or path.with_suffix("") not in plain]


def _near(folder: Path) -> list[Path]:
    """List the files of a folder, and of those in it that are named for a split."""
    files = listed(folder, deepest=1, most=MOST_FILES, skip=True)
    return [path for path in files if path.parent == folder or split_in(path.parent.name)]


def _is_about(path: Path) -> bool:
    return not ABOUT.isdisjoint(tokens(path.name))


def _examples(texts: list[str]) -> Examples:
    import numpy as np

    return Examples({"text": column(texts)}, {}, origin=np.arange(len(texts)) if len(texts) > 1 else None)


def _measured(place: Path, texts: dict[Path, str]) -> Sentence:
    """Say how many characters there are, and how many different ones; refuse too few."""
    different: set[str] = set()
    n = 0
    for text in texts.values():
        different.update(text)
        n += len(text)
    if n < SHORTEST:
        raise _too_short(place, n)
    return count(
        "{n} character, {different} different", "{n} characters, {different} different", n, different=len(different)
    )


def _too_short(path: Path, n: int) -> Refusal:
    return wrong(
        path,
        say("it holds only {n} characters, at least {least} are needed; choose a longer text", n=n, least=SHORTEST),
    )
