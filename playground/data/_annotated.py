"""Sentences with a tag at every token, as files bring them: gathered within limits, then made arrays."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playground.data import IGNORED, Data, Examples, column
from playground.data._encoding import AUTO
from playground.data._lines import TextFile, read_text
from playground.data._places import fingerprint, is_file, wrong
from playground.data._values import glance
from playground.facts import LONGEST_NAME, DataFacts, Target
from playground.progress import part
from playground.shape import Shape
from playground.text import Sentence, say

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

MOST_TOKENS = 20_000_000
MOST_SENTENCES = 2_000_000
MOST_TAGS = 10_000
"""How much is read of all files together."""

LONGEST_SENTENCE = 10_000
"""The most tokens of a sentence; a file that has more without an empty line is no file of sentences."""

LONGEST_LINE = 100_000
"""The most characters of a line; a line holds one token and what is said of it."""

NOTHING = ""
"""The tag of a token of which nothing is said."""

Tagged = tuple[list[str], list[str], int]
"""The tokens of a sentence, their tags, and the line in which it ends."""


@dataclass
class Gathered:
    """The sentences of all files: tokens kept once each, tags as numbers in the order in which they first come.

    Attributes:
        tags: the number of each tag.
        texts, numbers, origins: by split the tokens of each sentence, the numbers of all tags in a row, and the number
            of the file that each sentence comes from.
        remarks: what a person should hear.
    """

    tags: dict[str, int] = field(default_factory=dict)
    texts: dict[str, list[tuple[str, ...]]] = field(default_factory=dict)
    numbers: dict[str, array[int]] = field(default_factory=dict)
    origins: dict[str, array[int]] = field(default_factory=dict)
    remarks: list[Sentence] = field(default_factory=list)
    _forms: dict[str, str] = field(default_factory=dict)
    _tokens: int = 0
    _sentences: int = 0

    def add(self, file: TextFile, split: str, number: int, sentences: Iterable[Tagged]) -> None:
        """Take the sentences of a file; refuse what is more than can be held."""
        texts, numbers = self.texts.setdefault(split, []), self.numbers.setdefault(split, array("q"))
        origins = self.origins.setdefault(split, array("q"))
        before = len(texts)
        keep, tag_numbers = self._forms.setdefault, self.tags
        for tokens, tags, line in sentences:
            self._tokens += len(tokens)
            self._sentences += 1
            self._check(file, line)
            texts.append(tuple(keep(token, token) for token in tokens))
            for tag in tags:
                number_of = tag_numbers.get(tag)
                if number_of is None:
                    number_of = self._new(file, tag, line)
                numbers.append(number_of)
            origins.append(number)
        if len(texts) == before:
            raise wrong(file.path, say("there are no sentences in it; choose another file"))

    def _new(self, file: TextFile, tag: str, line: int) -> int:
        if len(tag) > LONGEST_NAME:
            problem = say(
                "the tag {tag} is longer than {most} characters; choose another column",
                tag=glance(tag),
                most=LONGEST_NAME,
            )
            raise file.wrong(problem, line)
        if len(self.tags) >= MOST_TAGS:
            raise file.wrong(
                say("there are more than {most} different tags; choose another column", most=MOST_TAGS), line
            )
        return self.tags.setdefault(tag, len(self.tags))

    def _check(self, file: TextFile, line: int) -> None:
        if self._tokens > MOST_TOKENS or self._sentences > MOST_SENTENCES:
            raise file.wrong(
                say(
                    "up to here there are more than the {sentences} sentences or {tokens} tokens that can be read; "
                    "choose fewer",
                    sentences=MOST_SENTENCES,
                    tokens=MOST_TOKENS,
                ),
                line,
            )

    def data(self, mark: str) -> Data:
        """Return what was gathered: input `text`, and target `tag`, a class of every token."""
        import numpy as np

        names = list(self.tags)
        used = {names[at] for some in self.numbers.values() for at in np.unique(np.frombuffer(some, dtype=np.int64))}
        classes = sorted(used - {NOTHING})
        place = {tag: at for at, tag in enumerate(classes)}
        splits = {split: self._examples(split, place) for split in self.texts}
        counts = {split: len(examples) for split, examples in splits.items()}
        facts = DataFacts({}, {"tag": Target(tuple(classes), Shape(time=1))}, counts, fingerprint=mark)
        return Data(facts, splits, tuple(self.remarks))

    def _examples(self, split: str, place: Mapping[str, int]) -> Examples:
        import numpy as np

        texts = self.texts[split]
        sorted_place = np.array([place.get(tag, IGNORED) for tag in self.tags], dtype=np.int64)
        tags = sorted_place[np.frombuffer(self.numbers[split], dtype=np.int64)]
        ends = np.cumsum([len(text) for text in texts])
        tagged = column([tags[end - len(text) : end] for text, end in zip(texts, ends, strict=True)])
        origins = np.array(self.origins[split], dtype=np.int64)
        return Examples({"text": column(texts)}, {"tag": tagged}, origin=origins if origins.any() else None)


def gathered(
    files: Mapping[str, Sequence[Path]], sentences_in: Callable[[TextFile], Iterator[Tagged]], encoding: str = AUTO
) -> Gathered:
    """Read the sentences of all files."""
    found = Gathered()
    total, done = sum(map(len, files.values())), 0
    for split, paths in files.items():
        for number, path in enumerate(paths):
            with part(done / total, (done + 1) / total):
                file = read_text(path, encoding)
            found.remarks += [one for one in file.told() if one not in found.remarks]
            found.add(file, split, number, sentences_in(file))
            done += 1
    if all(tag == NOTHING for tag in found.tags):
        path = next(iter(files.values()))[0]
        raise wrong(path, say("no token has a tag in this column; choose another column"))
    return found


def mark_of(files: Mapping[str, Sequence[Path]], place: Path) -> str:
    """Return the fingerprint of all files."""
    used = sorted(path for some in files.values() for path in some)
    return fingerprint(used, place.parent if is_file(place) else place)


def numbered_lines(file: TextFile) -> Iterator[tuple[int, str]]:
    """Yield the lines of a text, counted from 1; refuse one that is far too long before it is parted."""
    text, at, number = file.text, 0, 1
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        if end - at > LONGEST_LINE:
            raise file.wrong(
                say("the line is longer than {most} characters; choose another file", most=LONGEST_LINE), number
            )
        yield number, text[at:end]
        at, number = end + 1, number + 1


def too_long(file: TextFile, line: int) -> Exception:
    """Say that sentences are not parted."""
    problem = say(
        "the sentence has more than {most} tokens; put an empty line between sentences", most=LONGEST_SENTENCE
    )
    return file.wrong(problem, line)
