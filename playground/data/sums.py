"""Sums to be learnt from examples: the digits of numbers, and numbers that start again at a prime."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from playground.data import MADE, Data, Source
from playground.data._tasks import different, pairs, questions
from playground.declare import integer, number, switch
from playground.text import note

if TYPE_CHECKING:
    import numpy as np


class DigitAddition(Source):
    """Two numbers to be added digit by digit, as at school: 123+48 is read, 171 is to be written.

    No sum is in it twice, not even the other way round, so those that test were never seen.
    """

    key = "digit-addition"
    title = note("Addition of digits")
    kind = note("Sequences")
    licence = MADE

    count: int = integer(5000, low=10, high=20_000, help="How many examples there are to train and to validate")
    digits: int = integer(3, low=1, high=9, help="How many digits a number has at most")
    backwards: bool = switch(
        False, help="Write the answer from its last digit on: easier, for that is the order in which carries arise"
    )
    seed: int = integer(1, high=2**31 - 1, help="Fixes every random choice: the same seed gives the same examples")

    def read(self) -> Data:
        import numpy as np

        rng = np.random.default_rng(self.seed)
        train, test = different(lambda n: self._drawn(n, rng), self.count)
        return pairs(
            {split: [self._pair(one, rng) for one in some] for split, some in (("train", train), ("test", test))},
            unit="characters",
        )

    def _drawn(self, n: int, rng: np.random.Generator) -> Iterator[tuple[int, int]]:
        """Draw two numbers, every length as often, the smaller one first."""
        import numpy as np

        top = 10 ** rng.integers(1, self.digits + 1, (n, 2))
        numbers = np.sort((rng.random((n, 2)) * top).astype(np.int64), axis=1)
        yield from map(tuple, numbers.tolist())

    def _pair(self, summands: tuple[int, int], rng: np.random.Generator) -> tuple[str, str]:
        a, b = summands if rng.random() < 0.5 else reversed(summands)
        answer = str(a + b)
        return f"{a}+{b}", answer[::-1] if self.backwards else answer


class ModularAddition(Source):
    """All sums of two numbers modulo a prime; some are learnt, and the rest may be understood long after (grokking).

    Power and others (2022) saw networks learn the sums by heart first and, many epochs later, suddenly get the others
    right as well. What is not learnt validates and tests in equal parts.
    """

    key = "modular-addition"
    title = note("Modular addition")
    kind = note("Sequences")
    licence = MADE

    modulus: int = integer(97, low=3, high=199, help="Where the numbers start again at 0, as a rule a prime")
    share: float = number(0.5, low=0.05, high=0.9, label="Learnt", help="The share of all sums that is learnt")
    seed: int = integer(1, high=2**31 - 1, help="Fixes which sums are learnt: the same seed gives the same ones")

    def read(self) -> Data:
        import numpy as np

        p = self.modulus
        order = np.random.default_rng(self.seed).permutation(p * p)
        learnt = max(1, round(self.share * p * p))
        middle = learnt + (p * p - learnt) // 2
        parts = {"train": order[:learnt], "validation": order[learnt:middle], "test": order[middle:]}
        found = {split: [self._question(*divmod(one, p)) for one in some.tolist()] for split, some in parts.items()}
        return questions({split: some for split, some in found.items() if some}, tuple(map(str, range(p))))

    def _question(self, a: int, b: int) -> tuple[tuple[str, ...], int]:
        return (str(a), "+", str(b), "="), (a + b) % self.modulus
