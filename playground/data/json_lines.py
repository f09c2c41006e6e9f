"""JSON: one object a line, or an array of objects, whose fields hold texts with their classes, tags or translations.

Which field is which is guessed from the names in use and from what they hold, and can be said.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import Any

from playground.data import Data, Examples, FileSource, column
from playground.data._encoding import AUTO, ENCODINGS
from playground.data._fields import TASKS, Plan, Wish, as_class, as_text, get, planned
from playground.data._lines import TextFile, head_of, read_text
from playground.data._objects import Found, mended, objects
from playground.data._places import Roles, family_of, fingerprint, is_file, is_folder, listed, shown, start_of, wrong
from playground.data._together import MOST_FILES, Sought, suffix_of, together
from playground.data._values import glance
from playground.declare import choice, words
from playground.facts import LONGEST_NAME, SPLITS, DataFacts, Target
from playground.progress import part
from playground.shape import Shape
from playground.text import Refusal, Sentence, count, note, say

SUFFIXES = (".json", ".jsonl", ".ndjson")

WHOLE = 2**20
"""How long a file is at most that is looked at as a whole, in bytes."""
"""What JSON in a folder is called; a single file may be called anything."""

LARGEST = 2**27
"""The most bytes of one file."""

SAMPLE = 1_000
"""Of how many objects the fields are guessed."""

MOST_CLASSES = 10_000

DOCUMENT = '"network-playground"'
"""What stands near the beginning of a document of this program."""

_LISTED = re.compile(r"\s*\[\s*\{")
_NUMBERS = re.compile(r"(?<![^\W_])\d+(?![^\W_])")

_JSON = Sought(
    lambda path: suffix_of(path) in SUFFIXES and _is_plausible(path),
    note("There are no JSON files with texts in {path}; choose another folder"),
    note("{path} holds several sets in JSON; choose one of them: {files}"),
    note("{path} holds no JSON that may be used; change what the files are for"),
    family=lambda name: family_of(_NUMBERS.sub("", name)),  # poet.tang.0 and poet.tang.1000 are parts of one set
)


class JsonLines(FileSource):
    """Objects in JSON, one a line or in an array: texts with a class, tokens with tags, translations or just texts."""

    key = "json-lines"
    title = note("JSON (one object a line, or an array)")
    rank = 54

    task: str = choice("auto", choices=TASKS, label="Predict", help="What is learnt from the texts")
    text: str = words("", help="The field with the text that is read; empty: one called text, sentence, content…")
    label: str = words("", help="The field with the class; empty: one called label, class, category…; - for none")
    target: str = words("", help="The field with the text that is written, such as translation.de")
    tokens: str = words("", help="The field with a list of tokens; empty: one called tokens or words")
    tags: str = words("", help="The field with a list of tags, one for each token; empty: one called tags, ner_tags…")
    heading: str = words("", help="The field with what is written above a running text, such as title; - for none")
    encoding: str = choice(AUTO, choices=ENCODINGS, help="How letters are written as bytes")

    @classmethod
    def holds(cls, path: Path) -> bool:
        """Say whether a file, or one of a folder, holds objects in JSON, or claims to by its name."""
        if is_folder(path):
            named = [one for one in listed(path, most=MOST_FILES) if suffix_of(one) in SUFFIXES]
            return any(map(_is_plausible, named[:20]))
        if not is_file(path):
            return False
        if _is_plausible(path):
            return True
        # Claims by name are believed of a text: reading it says what is wrong with it. But documents of this program
        # are called .json too, and a damaged one should be told as one.
        start = start_of(path, 4096)
        if not start or b"\0" in start or suffix_of(path) not in SUFFIXES:
            return False
        return suffix_of(path) != ".json" or (DOCUMENT.encode() not in start and _is_whole(path))

    def read(self) -> Data:
        place = self.place
        files = together(place, Roles.parse(self.roles), _JSON)
        total = sum(map(len, files.values()))
        wish = Wish(
            self.task,
            *(said.strip() for said in (self.text, self.label, self.target, self.tokens, self.tags, self.heading)),
        )
        work: _Work | None = None
        for at, (split, path) in enumerate((split, path) for split, some in files.items() for path in some):
            with part(0.9 * at / total, 0.9 * (at + 0.3) / total):
                file = read_text(path, self.encoding, LARGEST)
            with part(0.9 * (at + 0.3) / total, 0.9 * (at + 1) / total):
                found = objects(file)
                first = list(islice(found, SAMPLE))
                if not first:
                    raise wrong(path, say("there is no object in it; choose another file"))
                if work is None:
                    work = _Work(_planned(path, first, wish))
                work.remark(*file.told())
                work.add(split, file, chain(first, found))
        assert work is not None
        splits = work.splits(place)
        counts = {split: len(one) for split, one in splits.items()}
        used = sorted(path for some in files.values() for path in some)
        root = place.parent if is_file(place) else place
        with part(0.9, 1.0):
            facts = DataFacts(targets=work.targets(), counts=counts, fingerprint=fingerprint(used, root))
        running = work.plan.task == "running"
        return Data(facts, splits, tuple(work.remarks), running=running, unit="characters" if running else "words")


def _planned(path: Path, first: Sequence[Found], wish: Wish) -> Plan:
    try:
        return planned([one.values for one in first], wish)
    except Refusal as refusal:
        raise wrong(path, refusal.sentence) from refusal


def _is_whole(path: Path) -> bool:
    """Whether a small file is all one value of JSON."""
    try:
        json.loads(start_of(path, WHOLE))
    except (ValueError, RecursionError):
        return False
    return True


def _is_plausible(path: Path) -> bool:
    """Whether a file begins with an object on a line of its own, or with a list of objects."""
    head = head_of(path)
    if DOCUMENT in head[:4096]:
        return False
    if _LISTED.match(head):
        return True
    line = head.lstrip().partition("\n")[0]
    if not line.startswith("{"):
        return False
    try:
        return bool(json.loads(line, parse_int=str))
    except (ValueError, RecursionError):
        return False


@dataclass
class _Rows:
    """What was taken of the objects of a split."""

    texts: list[Any] = field(default_factory=list)
    answers: list[Any] = field(default_factory=list)
    files: list[int] = field(default_factory=list)


@dataclass
class _Work:
    """Objects that become examples by a plan."""

    plan: Plan
    remarks: list[Sentence] = field(default_factory=list)
    rows: dict[str, _Rows] = field(default_factory=dict)
    known: dict[str, int] = field(default_factory=dict)
    incomplete: int = 0
    unanswered: list[str] = field(default_factory=list)
    read: int = 0

    def __post_init__(self) -> None:
        self.remark(self.plan.told())

    def remark(self, *sentences: Sentence) -> None:
        """Note what is to be told, once."""
        self.remarks += [one for one in sentences if one not in self.remarks]

    def add(self, split: str, file: TextFile, found: Iterator[Found]) -> None:
        """Take the objects of a file."""
        taken = missing = 0
        for one in found:
            row = self._row(file, one)
            if row is None:
                missing += 1
                continue
            taken += 1
            rows = self.rows.setdefault(one.split or split, _Rows())
            rows.texts.append(row[0])
            rows.answers.append(row[1])
            rows.files.append(self.read)
        self.read += 1
        if taken:
            self.incomplete += missing
        else:
            self.unanswered.append(shown(file.path))

    def _row(self, file: TextFile, found: Found) -> tuple[Any, Any] | None:
        """Return what is read and what is answered; None where either is missing."""
        value = get(found.values, self.plan.text)
        if self.plan.task == "tags":
            return self._tagged(file, found.line, value, get(found.values, self.plan.answer))
        text = as_text(value)
        if text is None or not text.strip():
            return None
        if self.plan.task == "running":
            title = as_text(get(found.values, self.plan.title)) if self.plan.title else None
            return mended(f"{title}\n{text}\n" if title else f"{text}\n"), None
        answer = get(found.values, self.plan.answer)
        if self.plan.task == "pairs":
            other = as_text(answer)
            return (mended(text), mended(other)) if other and other.strip() else None
        name = as_class(answer)
        return None if name is None else (mended(text), self._number(file, found.line, name))

    def _tagged(self, file: TextFile, line: int, tokens: Any, tags: Any) -> tuple[Any, Any] | None:
        if not isinstance(tokens, list) or not isinstance(tags, list) or not tokens:
            return None
        if len(tokens) != len(tags):
            raise file.wrong(
                say("there are {n} tokens, but {m} tags; give each its own", n=len(tokens), m=len(tags)), line
            )
        names = list(map(as_class, tags))
        forms = list(map(as_class, tokens))
        if None in names or None in forms:
            raise file.wrong(say("a token or a tag is neither a word nor a number; correct it"), line)
        return tuple(mended(str(form)) for form in forms), [self._number(file, line, str(name)) for name in names]

    def _number(self, file: TextFile, line: int, name: str) -> int:
        """Return the number of a class."""
        name = glance(mended(name), LONGEST_NAME)
        if (number := self.known.get(name)) is not None:
            return number
        if len(self.known) >= MOST_CLASSES:
            raise file.wrong(
                say(
                    "the field {name} has more than {most} different values, too many to be classes; choose another",
                    name=glance(self.plan.answer),
                    most=MOST_CLASSES,
                ),
                line,
            )
        return self.known.setdefault(name, len(self.known))

    def splits(self, place: Path) -> dict[str, Examples]:
        """Return the examples; refuse where there are none."""
        if not any(rows.texts for rows in self.rows.values()):
            fields = ", ".join(glance(name) for name in (self.plan.text, self.plan.answer) if name)
            raise wrong(place, say("no object has all that is needed: {fields}; choose other fields", fields=fields))
        if self.incomplete:
            self.remark(
                count(
                    "{n} object lacks a field and was left out",
                    "{n} objects lack a field and were left out",
                    self.incomplete,
                )
            )
        if self.unanswered:
            names = ", ".join(self.unanswered[:6])
            self.remark(say("Left out: {columns} ({reason})", columns=names, reason=say("the answers are missing")))
        return {split: self._examples(self.rows[split]) for split in SPLITS if split in self.rows}

    def _examples(self, rows: _Rows) -> Examples:
        import numpy as np

        origin = np.array(rows.files) if len(set(rows.files)) > 1 else None
        texts = column(rows.texts)
        if self.plan.task == "pairs":
            return Examples({"source": texts}, {"target": column(rows.answers)}, origin=origin)
        if self.plan.task == "running":
            return Examples({"text": texts}, {}, origin=origin)
        places = {name: place for place, name in enumerate(self._classes)}
        renumbered = np.array([places[name] for name in self.known], dtype=np.int64)
        if self.plan.task == "tags":
            return Examples({"text": texts}, {"tag": column([renumbered[one] for one in rows.answers])}, origin=origin)
        return Examples({"text": texts}, {"label": renumbered[rows.answers]}, origin=origin)

    @property
    def _classes(self) -> tuple[str, ...]:
        """The classes in their order: numbers by size, words by the alphabet."""
        return tuple(sorted(self.known, key=_natural))

    def targets(self) -> dict[str, Target]:
        """Return what is predicted, as far as it is classes."""
        if self.plan.task == "tags":
            return {"tag": Target(self._classes, Shape(time=1))}
        return {"label": Target(self._classes)} if self.plan.task == "classes" else {}


def _natural(name: str) -> tuple[bool, float, str]:
    number = re.fullmatch(r"-?\d{1,15}(?:\.\d{1,15})?", name, re.ASCII)
    return not number, float(name) if number else 0.0, name
