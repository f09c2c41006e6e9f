"""Texts as the numbers of tokens: the vocabulary, the length, the windows of a stream, what is written step by step.

The names are fixed, so that a network fits every set of a kind: what is read keeps the name that its reader gives it;
a sequence that is to be written becomes two, `previous`, which goes in (teacher forcing: the token before each), and
`next`, which is to come out; of a stream the `next` token is to be predicted at each step.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from playground.data import IGNORED, Data, Examples
from playground.facts import Target
from playground.preparation.letters import LETTERS, Speller, alphabet_of
from playground.preparation.tokens import tokens_of
from playground.progress import progress
from playground.shape import Shape
from playground.text import Refusal, Sentence, count, say

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]
    Tokens = tuple[str, ...]

PAD, UNKNOWN, START, END, FILL = "<pad>", "<unk>", "<start>", "<end>", "<fill>"
"""The first tokens of a vocabulary: nothing, one never seen; where something is written, its beginning and its end.

Where texts are filled up at the start, what fills them is a token of its own that is read like any other.
"""

MOST_STEPS = 256
"""How long a text is at most where nobody says otherwise."""

WINDOW = 64
"""How long the pieces of a stream are where nobody says otherwise."""


@dataclass(frozen=True)
class Manner:
    """How texts become numbers; see `Preparation`."""

    unit: str
    lower: bool
    vocabulary: int
    rarest: int
    longest: int
    at_end: bool
    letters: int = 0

    def tokens(self, texts: Iterable[Any]) -> list[Tokens]:
        """Part texts; one that holds nothing becomes one unknown token, since no sequence is empty."""
        return [tokens_of(text, self.unit, self.lower) or (UNKNOWN,) for text in texts]

    def vocabulary_of(self, texts: Iterable[Tokens], first: Tokens) -> Tokens:
        """Return `first` and the most frequent tokens, ties in the order of their letters."""
        found: Counter[str] = Counter()
        for text in texts:
            found.update(text)
        for token in (PAD, UNKNOWN, START, END, FILL):
            found.pop(token, None)
        ranked = sorted((-n, token) for token, n in found.items() if n >= self.rarest)
        return first + tuple(token for _, token in ranked[: self.vocabulary])

    def steps(self, texts: Iterable[Sequence[Any]], more: int = 0) -> int:
        """Return how many steps texts get: the longest, within what is said."""
        longest = max(map(len, texts), default=1) + more
        return min(longest, self.longest or MOST_STEPS)

    @property
    def first(self) -> Tokens:
        """The tokens with which the vocabulary of what is read begins."""
        return (PAD, UNKNOWN) if self.at_end else (PAD, UNKNOWN, FILL)

    @property
    def empty(self) -> int:
        """The number of what fills up a text that is read."""
        return 0 if self.at_end else 2

    def filled(self, rows: Sequence[Sequence[int] | Array], steps: int, empty: int) -> Array:
        """Return rows of numbers as one array (n, steps), cut or filled up."""
        import numpy as np

        made = np.full((len(rows), steps), empty, dtype=np.int64)
        for at, row in enumerate(rows):
            n = min(len(row), steps)
            if self.at_end:
                made[at, :n] = row[:n]
            else:
                made[at, steps - n :] = row[:n]
        return made

    def lengths(self, rows: Sequence[Sequence[int] | Array], steps: int) -> Array:
        """Return how many steps of each row are read."""
        import numpy as np

        if not self.at_end:
            return np.full(len(rows), steps, dtype=np.int64)
        return np.minimum([len(row) for row in rows], steps).astype(np.int64)


def numbered(
    data: Data, *, tokens: str, lower: bool, vocabulary: int, rarest: int, longest: int, padding: str, letters: int
) -> Data:
    """Return the data with all texts as numbers of tokens, the vocabularies learnt from those to train on."""
    train = data.splits[learnt_from(data)]
    if not any(map(_is_column, (*train.inputs.values(), *train.targets.values()))):
        return data
    unit = data.unit if tokens == "auto" else tokens
    manner = Manner(unit, lower, vocabulary, rarest, longest, padding == "end", letters)
    data = replace(data, unit=unit)
    if data.running:
        return _windows(data, replace(manner, at_end=True))
    work = _Work(data, manner)
    for name, values in train.inputs.items():
        if _is_column(values):
            work.read(name)
    for name, values in train.targets.items():
        if _is_column(values):
            if len(values) and isinstance(values[0], str | tuple):
                work.write(name)
            else:
                work.tag(name)
    return work.done()


def numbers_of(known: Tokens) -> dict[str, int]:
    """Return the number of each token that a text can hold; what only looks like a special one is unknown."""
    special = (PAD, UNKNOWN, START, END, FILL)
    return {token: at for at, token in enumerate(known) if token not in special}


def learnt_from(data: Data) -> str:
    """Return the split that vocabularies are learnt from: train, or what else there is where only looked at."""
    return "train" if data.splits.get("train") else next(iter(data.splits))


def _is_column(values: Array) -> bool:
    return bool(values.dtype == object)


class _Work:
    """Data whose columns are made numbers one after the other."""

    def __init__(self, data: Data, manner: Manner) -> None:
        self.data, self.manner = data, manner
        self.inputs, self.targets = dict(data.facts.inputs), dict(data.facts.targets)
        self.vocabularies: dict[str, Tokens] = {}
        self.letters: Tokens = ()
        self.splits = {
            split: replace(one, inputs=dict(one.inputs), targets=dict(one.targets), lengths=dict(one.lengths))
            for split, one in data.splits.items()
        }
        self.remarks: list[Sentence] = []

    def read(self, name: str) -> None:
        """Make numbers of a column that goes in."""
        texts = {split: self.manner.tokens(one.inputs[name]) for split, one in self.data.splits.items()}
        progress(0.5)
        known = self.manner.vocabulary_of(texts[learnt_from(self.data)], self.manner.first)
        steps = self.manner.steps(text for some in texts.values() for text in some)
        self._tell_cut(texts, steps)
        numbers = numbers_of(known)
        for split, some in texts.items():
            rows = [[numbers.get(token, 1) for token in text] for text in some]
            filled = self.manner.filled(rows, steps, self.manner.empty)
            self._put(split, name, filled, self.manner.lengths(rows, steps))
        self._declare(name, known, steps)
        if self.manner.letters and not self.letters:
            self.spell(name, steps)

    def spell(self, name: str, steps: int) -> None:
        """Make numbers of the letters of a column that goes in; capitals stay what they are."""
        manner = replace(self.manner, lower=False)
        texts = {split: manner.tokens(one.inputs[name]) for split, one in self.data.splits.items()}
        self.letters = alphabet_of(texts[learnt_from(self.data)], manner.rarest, manner.vocabulary)
        speller = Speller(self.letters, manner.letters)
        for split, some in texts.items():
            inputs = self.splits[split].inputs
            assert isinstance(inputs, dict)
            inputs[LETTERS] = speller.rows(some, steps, manner.at_end)
        self.inputs[LETTERS] = Shape(time=steps, letters=manner.letters)

    def write(self, name: str) -> None:
        """Make numbers of a column that is to be written: what goes in before each step, and what comes out."""
        manner = replace(self.manner, at_end=True)  # what is written ends where it ends
        texts = {split: manner.tokens(one.targets[name]) for split, one in self.data.splits.items()}
        known = manner.vocabulary_of(texts[learnt_from(self.data)], (PAD, UNKNOWN, START, END))
        steps = manner.steps((text for some in texts.values() for text in some), more=1)
        self._tell_cut(texts, steps - 1)
        numbers = numbers_of(known)
        before, after = ("previous", "next") if "previous" not in self.inputs else (f"previous_{name}", f"next_{name}")
        for split, some in texts.items():
            rows = [[numbers.get(token, 1) for token in text[: steps - 1]] for text in some]
            going_in, coming_out = [[2, *row] for row in rows], [[*row, 3] for row in rows]
            self._put(split, before, manner.filled(going_in, steps, 0), manner.lengths(going_in, steps))
            targets = self.splits[split].targets
            assert isinstance(targets, dict)
            del targets[name]
            targets[after] = manner.filled(coming_out, steps, IGNORED)
        self.targets.pop(name, None)
        self.targets[after] = Target(known, Shape(time=steps))
        self._declare(before, known, steps)

    def tag(self, name: str) -> None:
        """Bring the classes of steps to the length of the text that they belong to."""
        steps = next(int(shape.time) for shape in self.inputs.values() if "time" in shape)
        for split, one in self.data.splits.items():
            targets = self.splits[split].targets
            assert isinstance(targets, dict)
            targets[name] = self.manner.filled(list(one.targets[name]), steps, IGNORED)
        self.targets[name] = replace(self.targets[name], shape=Shape(time=steps))

    def done(self) -> Data:
        """Return the data with everything that was made."""
        sizes = {name: len(known) for name, known in self.vocabularies.items()}
        sizes |= {LETTERS: len(self.letters)} if self.letters else {}
        facts = replace(self.data.facts, inputs=self.inputs, targets=self.targets, vocabularies=sizes)
        remarks = (*self.data.remarks, *self.remarks)
        made = replace(self.data, facts=facts, splits=self.splits, vocabularies=self.vocabularies, remarks=remarks)
        return replace(made, letters=self.letters)

    def _put(self, split: str, name: str, values: Array, lengths: Array) -> None:
        one = self.splits[split]
        assert isinstance(one.inputs, dict) and isinstance(one.lengths, dict)
        one.inputs[name], one.lengths[name] = values, lengths

    def _declare(self, name: str, known: Tokens, steps: int) -> None:
        self.vocabularies[name] = known
        self.inputs[name] = Shape(time=steps)

    def _tell_cut(self, texts: Mapping[str, list[Tokens]], steps: int) -> None:
        cut = sum(len(text) > steps for some in texts.values() for text in some)
        if cut:
            self.remarks.append(
                count(
                    "{n} text is cut after {steps} tokens", "{n} texts are cut after {steps} tokens", cut, steps=steps
                )
            )


def _windows(data: Data, manner: Manner) -> Data:
    """Cut streams into windows; at each step the next token is to be predicted."""
    import numpy as np

    first = learnt_from(data)
    name = next(iter(data.splits[first].inputs))
    texts = {split: manner.tokens(one.inputs[name]) for split, one in data.splits.items()}
    known = manner.vocabulary_of(texts[first], (PAD, UNKNOWN))
    numbers = numbers_of(known)
    steps = manner.longest or WINDOW
    splits = {}
    for split, some in texts.items():
        rows = [np.array([numbers.get(token, 1) for token in text], dtype=np.int64) for text in some]
        begins = [(row, at) for row in rows for at in range(0, max(len(row) - 1, 1), steps)]
        going_in = [row[at : min(at + steps, len(row) - 1)] for row, at in begins if len(row) > 1]
        coming_out = [row[at + 1 : at + 1 + steps] for row, at in begins if len(row) > 1]
        splits[split] = Examples(
            {name: manner.filled(going_in, steps, 0)},
            {"next": manner.filled(coming_out, steps, IGNORED)},
            {name: manner.lengths(going_in, steps)},
            follows=np.array([at > 0 for row, at in begins if len(row) > 1], dtype=bool),
        )
    if not len(splits[first]):
        raise Refusal(say("There is no text to train on: one of at least two characters or words is needed"))
    splits = {split: one for split, one in splits.items() if len(one)}
    facts = replace(
        data.facts,
        inputs={name: Shape(time=steps)},
        targets={"next": Target(known, Shape(time=steps))},
        vocabularies={name: len(known)},
    )
    return replace(data, facts=facts, vocabularies={name: known}).with_splits(splits)
