"""Texts with one class each: sentences to be called good or bad, questions by what they ask for."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playground.data import Data, Examples, FileSource, column
from playground.data._annotated import LONGEST_LINE, mark_of
from playground.data._class_files import GLANCE, ClassFile, class_files, is_plausible
from playground.data._encoding import AUTO, ENCODINGS
from playground.data._labelled import COLON, MOST_CLASSES, Form, Wish, form_of, rows_in
from playground.data._lines import TextFile, head_of, head_text, read_text
from playground.data._places import Roles, is_file, listed, shown, split_in, wrong
from playground.data._together import SUFFIXES, Sought, ending_of, suffix_of, together
from playground.data._values import glance
from playground.declare import choice, words
from playground.facts import LONGEST_NAME, DataFacts, Target
from playground.progress import part
from playground.text import Refusal, Sentence, count, note, say

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

ENDINGS = ("", ".txt", ".csv", ".tsv", ".tab", ".label", ".labels", ".data", ".dat", ".ft", ".raw", ".sent", ".fine")
"""What files of texts with their classes in a folder are called."""

MOST_LOOKED_AT = 50
MOST_TEXTS = 2_000_000
MOST_CHARACTERS = 2**29
"""How much is read of all files together."""

LONGEST = LONGEST_LINE
"""A longer text is cut: no network reads it."""

Labelled = tuple[int, str, str]
"""The line in which a text stands, the text and its class; the class is empty where there is none."""


class Sentences(FileSource):
    """Texts with one class each: by their file or folder (pos, neg), in the same line, or in a column of a table."""

    key = "sentences"
    title = note("Texts with classes")
    rank = 57

    fine: str = choice(
        "coarse",
        choices={"coarse": note("coarse"), "fine": note("fine")},
        label="Level of classes",
        help="Where a line begins with two classes, as in DESC:manner: the first, or both",
    )
    text: str = words("", longest=1000, label="Text column", help="The column that holds the text; empty: guessed")
    label: str = words("", label="Class column", help="The column that holds the class; empty: guessed")
    header: str = choice(
        "auto",
        choices={"auto": note("detect"), "yes": note("column names"), "no": note("a row of data")},
        label="First line",
        help="Whether the first line names the columns or is already a row",
    )
    encoding: str = choice(AUTO, choices=ENCODINGS, help="How letters are written as bytes")

    @classmethod
    def holds(cls, path: Path) -> bool:
        """Say whether there are texts and a class for each, in files that say it or in the same line."""
        try:
            if is_plausible(class_files(path, Roles(), GLANCE)):
                return True
        except Refusal:  # several sets: said when it is read
            return True
        if is_file(path):
            return _form(path) is not None
        return any(map(_fits, listed(path, most=MOST_LOOKED_AT)))

    def read(self) -> Data:
        place, roles = self.place, Roles.parse(self.roles)
        found = _Found(self.encoding)
        files = self._by_files(place, roles, found) or self._by_lines(place, roles, found)
        return found.data(mark_of(files, place))

    def _by_files(self, place: Path, roles: Roles, found: _Found) -> dict[str, list[Path]]:
        """Read texts whose files say their class; none where no name does."""
        if self.text or self.label:
            return {}
        files = class_files(place, roles)
        if not is_plausible(files):
            return {}
        by_split: dict[str, list[Path]] = {}
        for at, one in enumerate(files):
            paths = by_split.setdefault(one.split, [])
            paths.append(one.path)
            with part(at / len(files), (at + 1) / len(files)):
                file = found.opened(one.path)
            found.add(file, one.split, 0, _texts_of(file, one))  # whole files held back would be whole classes
        return by_split

    def _by_lines(self, place: Path, roles: Roles, found: _Found) -> dict[str, list[Path]]:
        """Read texts that stand beside their class."""
        files = together(place, roles, SOUGHT)
        header = {"yes": True, "no": False}.get(self.header)
        wish = Wish(self.text.strip(), self.label.strip(), header)
        first = next(iter(files.values()))[0]
        form = self._form(first, wish)
        if form is None:
            raise self._unclear(first)
        for split, paths in files.items():
            for number, path in enumerate(paths):
                own = form if path == first else self._form(path, form.wish())
                if own is None and split == "train":
                    raise self._unclear(path)
                if own is None:
                    found.leave_out(path)
                    continue
                file = found.opened(path)
                found.add(file, split, number, self._rows(file, own))
        return files

    def _form(self, path: Path, wish: Wish) -> Form | None:
        return form_of(head_text(path, self.encoding)[0], wish)

    def _rows(self, file: TextFile, form: Form) -> Iterator[Labelled]:
        for line, values in rows_in(file, form):
            if form.begin is None:
                text = " ".join(filter(None, (values[at].strip() for at in form.texts)))
                yield line, text, values[form.label].strip()
            elif form.begin is COLON and self.fine == "fine":
                yield line, values[-1].strip(), f"{values[0]}:{values[1]}"
            else:
                yield line, values[-1].strip(), values[0]

    def _unclear(self, path: Path) -> Refusal:
        if self.text or self.label:
            return wrong(path, say("there are no such columns, or both are the same; choose others"))
        return wrong(
            path, say("it is not clear which class a text has; choose the columns, or put the class before the text")
        )


def _texts_of(file: TextFile, one: ClassFile) -> Iterator[Labelled]:
    """Yield the texts of a file that says their class."""
    if not one.lines:
        yield 1, file.text.strip(), one.label
        return
    text, at, number = file.text, 0, 1
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        if line := text[at:end].strip():
            yield number, line, one.label
        at, number = end + 1, number + 1


@dataclass
class _Found:
    """The texts of all files with the numbers of their classes."""

    encoding: str
    labels: dict[str, int] = field(default_factory=dict)
    texts: dict[str, list[str]] = field(default_factory=dict)
    numbers: dict[str, array[int]] = field(default_factory=dict)
    origins: dict[str, array[int]] = field(default_factory=dict)
    remarks: list[Sentence] = field(default_factory=list)
    cut: int = 0
    unlabelled: int = 0
    empty: int = 0
    total: int = 0
    characters: int = 0
    last: Path | None = None

    def opened(self, path: Path) -> TextFile:
        """Read a file, and note its encoding."""
        file = read_text(path, self.encoding)
        self.remarks += [one for one in file.told() if one not in self.remarks]
        self.last = path
        return file

    def add(self, file: TextFile, split: str, number: int, texts: Iterator[Labelled]) -> None:
        """Take the texts of a file; empty ones are left out."""
        kept, numbers = self.texts.setdefault(split, []), self.numbers.setdefault(split, array("q"))
        origins = self.origins.setdefault(split, array("q"))
        for line, text, label in texts:
            if not text:
                self.empty += bool(label)
                continue
            if not label:
                self.unlabelled += 1
                continue
            if len(text) > LONGEST:
                self.cut += 1
                text = text[:LONGEST]
            at = self.labels.get(label)
            self._check(file, line, len(text), label if at is None else "")
            kept.append(text)
            numbers.append(self.labels.setdefault(label, len(self.labels)) if at is None else at)
            origins.append(number)

    def leave_out(self, path: Path) -> None:
        """Go on without a file that lacks the classes, as the test files of competitions do."""
        self.remarks.append(
            say("Left out: {columns} ({reason})", columns=shown(path), reason=say("the answers are missing"))
        )

    def _check(self, file: TextFile, line: int, length: int, new: str) -> None:
        self.total += 1
        self.characters += length
        if self.total > MOST_TEXTS or self.characters > MOST_CHARACTERS:
            raise file.wrong(
                say("up to here there are more than the {most} texts that can be read; choose fewer", most=MOST_TEXTS),
                line,
            )
        if len(new) > LONGEST_NAME:
            raise file.wrong(
                say(
                    "the class {name} is longer than {most} characters; choose another column",
                    name=glance(new),
                    most=LONGEST_NAME,
                ),
                line,
            )
        if new and len(self.labels) >= MOST_CLASSES:
            raise file.wrong(
                say("there are more than {most} different classes; choose another column", most=MOST_CLASSES), line
            )

    def data(self, mark: str) -> Data:
        """Return input `text` and target `label`; refuse what has no two classes."""
        import numpy as np

        splits = {split: one for split, one in self.texts.items() if one}
        if not splits:
            assert self.last is not None
            raise wrong(self.last, say("there are no texts with a class in it; choose another file"))
        if len(self.labels) < 2:
            assert self.last is not None
            only = next(iter(self.labels))
            raise wrong(self.last, say("all texts are of one class, {name}; add those of another", name=glance(only)))
        classes = sorted(self.labels, key=_natural)
        place = np.array([classes.index(label) for label in self.labels])
        made = {}
        for split, texts in splits.items():
            numbers = place[np.frombuffer(self.numbers[split], dtype=np.int64)]
            origins = np.array(self.origins[split], dtype=np.int64)
            made[split] = Examples(
                {"text": column(texts)}, {"label": numbers}, origin=origins if origins.any() else None
            )
        counts = {split: len(texts) for split, texts in splits.items()}
        facts = DataFacts({}, {"label": Target(tuple(classes))}, counts, fingerprint=mark)
        return Data(facts, made, (*self.remarks, *self._told()))

    def _told(self) -> list[Sentence]:
        told = []
        if n := self.unlabelled:
            told.append(count("{n} text has no class and is left out", "{n} texts have no class and are left out", n))
        if n := self.empty:
            told.append(count("{n} text holds nothing and is left out", "{n} texts hold nothing and are left out", n))
        if n := self.cut:
            told.append(
                count(
                    "{n} text is cut after {most} characters",
                    "{n} texts are cut after {most} characters",
                    n,
                    most=LONGEST,
                )
            )
        return told


def _natural(name: str) -> tuple[int, int, str]:
    """Sort as people count: 2 before 10."""
    return (0, int(name), "") if name.isascii() and name.isdecimal() else (1, 0, name)


def _form(path: Path) -> Form | None:
    return form_of(head_of(path), Wish())


def _fits(path: Path) -> bool:
    """Whether a file in a folder holds texts with their classes."""
    return ending_of(path) in ENDINGS and _form(path) is not None


def _may_fit(path: Path) -> bool:
    """Whether a file in such a folder belongs to it, perhaps without the classes, as those of competitions do."""
    return _fits(path) or (suffix_of(path) in SUFFIXES and split_in(path.name) == "test")


SOUGHT = Sought(
    _may_fit,
    note("There are no texts with classes in {path}; choose another folder, or a file"),
    note("{path} holds several sets of texts; choose one of them: {files}"),
    note("{path} holds no texts that may be used; change what the files are for"),
)
