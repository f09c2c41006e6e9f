"""Sentences from a grammar, with the part of speech and the named entity that each word is."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from itertools import islice
from random import Random
from typing import TYPE_CHECKING, Any

from playground.data import MADE, Data, Examples, Source, column
from playground.declare import choice, integer
from playground.facts import DataFacts, Target
from playground.shape import Shape
from playground.text import note

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playground.data._productions import Word

SPOKEN = {"en": note("English"), "zh": note("Chinese")}
"""The languages that generated texts are in."""

# fmt: off
UPOS = (
    "ADJ", "ADP", "ADV", "AUX", "CCONJ", "DET", "INTJ", "NOUN", "NUM",
    "PART", "PRON", "PROPN", "PUNCT", "SCONJ", "SYM", "VERB", "X",
)
# fmt: on
"""The parts of speech of Universal Dependencies, in their order."""

KINDS_OF_NAMES = ("PER", "LOC", "ORG")

SHORTEST = 3
"""How many words a sentence has at least."""

TESTED = 5
"""One sentence to test for so many to train."""

MARKED = {"both": note("parts of speech and names"), "names": note("names only")}
"""What is known of each word. Where it is the names alone they are called `tag`, as in files of tagged sentences."""

TRIES = 200
"""After so many drawn sentences that were all there already, one of them is taken again."""


class TaggedSentences(Source):
    """Sentences from a grammar, each word with its part of speech and named entity; many words can be two.

    Only the words around tell whether “book” is a noun or a verb, “Paris” a woman or a city, 花 a flower or spent.
    """

    key = "tagged-sentences"
    title = note("Tagged sentences")
    kind = note("Texts")
    licence = MADE

    language: str = choice("en", choices=SPOKEN, help="What the sentences are in; Chinese is parted into words")
    count: int = integer(3000, low=500, high=20_000, help="How many sentences there are to train and to validate")
    longest: int = integer(20, low=8, high=20, help="How many words and marks a sentence has at most")
    marked: str = choice("both", choices=MARKED, label="Tags", help="What is to be told of each word")
    seed: int = integer(1, high=2**31 - 1, help="Fixes every random choice: the same seed gives the same sentences")

    def read(self) -> Data:
        grammar = _module(self.language).grammar()
        tags = tuple(tag for tag in UPOS if tag in grammar.tags)
        entities = ("O", *(f"{part}-{kind}" for kind in KINDS_OF_NAMES for part in "BI"))
        entities = tuple(entity for entity in entities if entity in grammar.entities)
        drawn = self._sentences()
        splits = {
            split: _examples(list(islice(drawn, n)), tags, entities)
            for split, n in (("train", self.count), ("test", self.count // TESTED))
        }
        facts = DataFacts(
            targets={"tag": Target(tags, Shape(time=1)), "entity": Target(entities, Shape(time=1))},
            counts={split: len(examples) for split, examples in splits.items()},
        )
        return _names_only(Data(facts, splits)) if self.marked == "names" else Data(facts, splits)

    def _sentences(self) -> Iterator[list[Word]]:
        """Draw sentences, no two of which are the same as long as there are enough."""
        module = _module(self.language)
        grammar, random = module.grammar(), Random(f"{self.language} {self.seed}")
        known: set[tuple[str, ...]] = set()
        tries = 0
        while True:
            words = module.finished(grammar.draw(random))
            if words is None or not SHORTEST <= len(words) <= self.longest:
                continue
            forms = tuple(word.form for word in words)
            tries += 1
            if forms not in known or tries > TRIES:
                known.add(forms)
                tries = 0
                yield words


def _module(language: str) -> Any:
    """Return the module of a language's grammar; it is large, and only loaded when sentences are made."""
    return import_module(f"playground.data._grammar_{language}")


def _names_only(data: Data) -> Data:
    splits = {split: replace(some, targets={"tag": some.targets["entity"]}) for split, some in data.splits.items()}
    return replace(data, facts=replace(data.facts, targets={"tag": data.facts.targets["entity"]}), splits=splits)


def _examples(sentences: list[list[Word]], tags: tuple[str, ...], entities: tuple[str, ...]) -> Examples:
    import numpy as np

    def numbers(names: tuple[str, ...], of: str) -> Any:
        known = {name: at for at, name in enumerate(names)}
        return column([np.array([known[getattr(word, of)] for word in words], dtype=np.int64) for words in sentences])

    texts = column([tuple(word.form for word in words) for words in sentences])
    return Examples({"text": texts}, {"tag": numbers(tags, "tag"), "entity": numbers(entities, "entity")})
