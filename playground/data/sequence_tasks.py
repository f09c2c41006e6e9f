"""Tasks that show what a network can keep and carry through a sequence: copying, reversing, sorting, recalling."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from playground.data import MADE, Data, Examples, Source
from playground.data._tasks import TESTED, different, pairs, questions
from playground.declare import integer
from playground.facts import DataFacts, Target
from playground.shape import Shape
from playground.text import note

if TYPE_CHECKING:
    import numpy as np

SYMBOLS = "0123456789abcdefghijklmnopqrstuvwxyz"
"""What sequences are made of, in their order."""


class SymbolTask(Source):
    """A row of symbols that is to be written anew; a member says how (`answer`)."""

    members = Source.members  # a base for data sets, not one of them
    kind = note("Sequences")
    licence = MADE

    count: int = integer(4000, low=10, high=20_000, help="How many examples there are to train and to validate")
    symbols: int = integer(
        10, low=2, high=len(SYMBOLS), help="How many different symbols there are: digits, then letters"
    )
    shortest: int = integer(3, low=1, high=100, help="How many symbols the shortest sequence has")
    longest: int = integer(8, low=1, high=100, help="How many symbols the longest sequence has")
    seed: int = integer(1, high=2**31 - 1, help="Fixes every random choice: the same seed gives the same examples")

    def answer(self, source: tuple[str, ...]) -> tuple[str, ...]:
        """Return what is to be written when this is read."""
        raise NotImplementedError

    def read(self) -> Data:
        import numpy as np

        rng = np.random.default_rng(self.seed)
        train, test = different(lambda n: self._drawn(n, rng), self.count)
        return pairs(
            {
                split: [(source, self.answer(source)) for source in map(tuple, some)]
                for split, some in (("train", train), ("test", test))
            },
            unit="words",
        )

    def _drawn(self, n: int, rng: np.random.Generator) -> Iterator[str]:
        """Draw sequences, every length as often, each written as one word."""
        longest = max(self.shortest, self.longest)
        lengths = rng.integers(self.shortest, longest + 1, n)
        for row, length in zip(rng.integers(0, self.symbols, (n, longest)), lengths, strict=True):
            yield "".join(SYMBOLS[symbol] for symbol in row[:length])


class Copy(SymbolTask):
    """A row of symbols that is to be written again just as it was: what is read has to be kept whole."""

    key = "copy"
    title = note("Copy a sequence")

    def answer(self, source: tuple[str, ...]) -> tuple[str, ...]:
        return source


class Reverse(SymbolTask):
    """A row of symbols that is to be written backwards: what was read last comes first."""

    key = "reverse"
    title = note("Reverse a sequence")

    def answer(self, source: tuple[str, ...]) -> tuple[str, ...]:
        return source[::-1]


class Sort(SymbolTask):
    """A row of symbols that is to be written in order, digits before letters: how many there are of each counts."""

    key = "sort"
    title = note("Sort a sequence")

    def answer(self, source: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(sorted(source))


class DelayedRecall(Source):
    """Letters at the start, then digits that only distract, then the question which letter it was.

    With several letters the question names the place of the one that is meant: ``b c 0 3 3 1 ?2`` asks for the
    second, c.
    """

    key = "delayed-recall"
    title = note("Delayed recall")
    kind = note("Sequences")
    licence = MADE

    count: int = integer(2000, low=10, high=20_000, help="How many examples there are to train and to validate")
    symbols: int = integer(8, low=2, high=26, help="How many different letters there are: the classes")
    remembered: int = integer(
        1, low=1, high=9, label="To remember", help="How many letters stand at the start; one of them is asked for"
    )
    delay: int = integer(20, low=4, high=500, help="How many digits lie between the last letter and the question")
    distractors: int = integer(5, low=2, high=10, help="How many different digits distract")
    seed: int = integer(1, high=2**31 - 1, help="Fixes every random choice: the same seed gives the same examples")

    def read(self) -> Data:
        import numpy as np

        rng = np.random.default_rng(self.seed)
        letters = SYMBOLS[10 : 10 + self.symbols]
        train, test = different(lambda n: self._drawn(n, letters, rng), self.count)
        return questions(
            {
                split: [(self._text(one), letters.index(one[int(one[-1]) - 1])) for one in some]
                for split, some in (("train", train), ("test", test))
            },
            tuple(letters),
        )

    def _drawn(self, n: int, letters: str, rng: np.random.Generator) -> Iterator[str]:
        """Draw letters, digits and the place that is asked for, as one word."""
        import numpy as np

        shown = np.array(list(letters))[rng.integers(0, self.symbols, (n, self.remembered))]
        noise = np.array(list(SYMBOLS))[rng.integers(0, self.distractors, (n, self.delay))]
        asked = np.array(list(SYMBOLS))[rng.integers(1, self.remembered + 1, (n, 1))]
        for row in np.concatenate([shown, noise, asked], axis=1):
            yield "".join(row)

    @staticmethod
    def _text(drawn: str) -> tuple[str, ...]:
        return (*drawn[:-1], f"?{drawn[-1]}")


class AddingProblem(Source):
    """Many numbers, two of them marked, one in each half, to be added; always answering 1 is off by 1/6 (squared).

    Hochreiter and Schmidhuber (1997) made it up to show how far back a recurrent network can learn from; here as Le,
    Jaitly and Hinton (2015) put it: numbers between 0 and 1, so that the answer 1 has a mean squared error of 1/6.
    """

    key = "adding-problem"
    title = note("Adding problem")
    kind = note("Sequences")
    licence = MADE

    count: int = integer(5000, low=10, high=20_000, help="How many examples there are to train and to validate")
    length: int = integer(50, low=2, high=750, help="How many numbers each example has")
    seed: int = integer(1, high=2**31 - 1, help="Fixes every random choice: the same seed gives the same examples")

    def read(self) -> Data:
        import numpy as np

        rng = np.random.default_rng(self.seed)
        counts = {"train": self.count, "test": max(1, self.count // TESTED)}
        splits = {split: self._examples(n, rng) for split, n in counts.items()}
        facts = DataFacts(
            {"x": Shape(time=self.length, features=2)},
            {"y": Target(shape=Shape(features=1))},
            counts,
            {"x": ("value", "mark")},
        )
        return Data(facts, splits)

    def _examples(self, n: int, rng: np.random.Generator) -> Examples:
        import numpy as np

        x = np.zeros((n, self.length, 2), dtype=np.float32)
        x[:, :, 0] = rng.random((n, self.length))
        half, every = self.length // 2, np.arange(n)
        first, second = rng.integers(0, half, n), rng.integers(half, self.length, n)
        x[every, first, 1] = x[every, second, 1] = 1
        return Examples({"x": x}, {"y": x[every, first, :1] + x[every, second, :1]})
