"""Sentences for or against something, in which single words do not tell which: negation turns them, contrast weighs."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from playground.data import MADE, Data, Examples, Source, column
from playground.data.grammar import SPOKEN, TESTED, TRIES
from playground.declare import choice, integer, number
from playground.facts import DataFacts, Target
from playground.text import note

if TYPE_CHECKING:
    from playground.data._opinions import Field, Tongue

LABEL_NAMES = {"negative": note("negative"), "positive": note("positive")}
LABELS = tuple(LABEL_NAMES)


class Sentiment(Source):
    """Sentences for or against something, with negation and contrast, so that counting words is not enough.

    What is denied is turned round. Of two opinions that of the main clause counts: the part after *but*, not the one
    after *although*; 但是, 不过 and 却 against 虽然 and 尽管.
    """

    key = "sentiment"
    title = note("Sentiment")
    class_names = LABEL_NAMES
    kind = note("Texts")
    licence = MADE

    language: str = choice("en", choices=SPOKEN, help="What the sentences are in")
    count: int = integer(3000, low=200, high=20_000, help="How many sentences there are to train and to validate")
    negation: float = number(0.4, low=0.0, high=1.0, help="The share of opinions that are denied: not good, never dull")
    contrast: float = number(
        0.3, low=0.0, high=1.0, help="The share of sentences with two opposite opinions, of which one counts"
    )
    seed: int = integer(1, high=2**31 - 1, help="Fixes every random choice: the same seed gives the same sentences")

    def read(self) -> Data:
        from playground.data._opinions import TONGUES

        random = Random(f"{self.language} {self.seed}")
        writer = _Writer(TONGUES[self.language], random, self.negation, self.contrast)
        splits = {"train": writer.examples(self.count), "test": writer.examples(self.count // TESTED)}
        facts = DataFacts(
            targets={"label": Target(LABELS)}, counts={split: len(examples) for split, examples in splits.items()}
        )
        return Data(facts, splits)


class _Writer:
    """Who writes opinions in one language."""

    def __init__(self, tongue: Tongue, random: Random, negation: float, contrast: float) -> None:
        self.tongue, self.random = tongue, random
        self.negation, self.contrast = negation, contrast
        self.written: set[str] = set()

    def examples(self, n: int) -> Examples:
        """Write so many sentences, as many for as against; the same one again only where there are no others."""
        import numpy as np

        labels = [at % 2 for at in range(n)]
        self.random.shuffle(labels)
        texts = column([self._new(label) for label in labels])
        return Examples({"text": texts}, {"label": np.array(labels, dtype=np.int64)})

    def _new(self, label: int) -> str:
        text = self.sentence(label)
        for _ in range(TRIES):
            if text not in self.written:
                break
            text = self.sentence(label)
        self.written.add(text)
        return text

    def sentence(self, label: int) -> str:
        """Write a sentence that is positive (1) or negative (0)."""
        pick = self.random.choice
        field = pick(self.tongue.fields)
        if self.random.random() < self.contrast:
            first, second = self.random.sample(field.parts, 2)
            text = self._contrast(self._opinion(field, first, 1 - label), self._opinion(field, second, label), second)
        else:
            text = self._opinion(field, pick(field.parts), label)
        text = pick(self.tongue.openings) + text + self.tongue.end
        return text[0].upper() + text[1:]

    def _opinion(self, field: Field, part: str, label: int) -> str:
        """Write a clause; one that is denied holds a word of the other kind."""
        tongue, pick = self.tongue, self.random.choice
        denied = self.random.random() < self.negation
        good = label ^ denied
        words, verbs = (tongue.good + field.good, tongue.likes) if good else (tongue.bad + field.bad, tongue.dislikes)
        if self.random.random() < 0.25:
            return pick(tongue.unfelt if denied else tongue.felt).format(part=part, verb=pick(verbs))
        much = pick(tongue.much_denied if denied else tongue.much)
        return pick(tongue.negated if denied else tongue.plain).format(part=part, word=pick(words), much=much)

    def _contrast(self, weak: str, strong: str, part: str) -> str:
        """Join two clauses so that the second one counts."""
        told = strong.removeprefix(part)
        ways = [way for way in self.tongue.contrasts if told != strong or "{part}" not in way]
        return self.random.choice(ways).format(weak=weak, strong=strong, part=part, rest=told)
