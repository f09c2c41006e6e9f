"""Looking at data: a page of the examples as they are trained on, how many there are of what, what is got wrong.

A `Question` is answered in the engine, where the data lie, by `answer(data, subject)`; what comes back (`answers`) is
small and already reduced to what can be shown. It needs no network; only mistakes do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from playground.browsing._content import content_of, room, taken
from playground.browsing._judging import answers_to, judge, outputs_of
from playground.browsing._tallies import tallies_of, vocabularies_of
from playground.browsing._targets import class_target, having, wanted_of
from playground.browsing.answers import Overview, Page
from playground.data import Data, Examples
from playground.preparation.tokens import joined, tokens_of
from playground.probes import Subject
from playground.text import Refusal, say

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

MOST_ON_A_PAGE = 500

MOST_SEARCHED = 20_000
"""How many texts that hold all words of a search are compared with it in full."""

MOST_SENTENCES = 30
"""How many remarks and how many problems of reading are told."""


class Question:
    """The base of what is asked of the data."""

    def answer(self, data: Data, subject: Subject | None) -> Any:
        """Answer from the data as they are prepared, and the run, where there is one."""
        raise NotImplementedError


@dataclass(frozen=True)
class Browse(Question):
    """Asks for a page of examples.

    Attributes:
        split: of which examples; where there are none of these, of those to train on.
        first: how many of those that fit are passed over.
        count: how many are wanted; fewer come where more would be too much.
        label: only examples of this class, or that hold it; None: any.
        mistakes: only what the network gets wrong, the worst first; of numbers, all by the size of the error.
        search: only texts that hold this.
    """

    split: str = "train"
    first: int = 0
    count: int = 48
    label: int | None = None
    mistakes: bool = False
    search: str = ""

    def answer(self, data: Data, subject: Subject | None) -> Page:
        """Return the page."""
        import numpy as np

        split = self.split if data.splits.get(self.split) else next(iter(data.splits), "")
        if not split:
            raise Refusal(say("There are no examples to show"))
        examples = data.splits[split]
        fitting = np.arange(len(examples))
        if self.label is not None and (name := class_target(data)) is not None:
            fitting = fitting[having(examples.targets[name], self.label)]
        fits = looked = len(fitting)
        if self.search.strip():
            fitting, looked = _searched(data, examples, fitting, self.search)
        if self.mistakes:
            if subject is None:
                raise Refusal(say("There is no network yet that could be wrong; make it ready to train first"))
            fitting, looked = judge(subject, examples, fitting)
        size = min(room(data), max(1, min(self.count, MOST_ON_A_PAGE)))
        first = min(max(0, self.first), max(0, len(fitting) - 1))
        numbers = fitting[first : first + size]
        shown = taken(examples, numbers)
        return Page(
            split=split,
            first=first,
            size=size,
            numbers=numbers,
            total=len(examples),
            fits=fits,
            looked=looked,
            found=len(fitting),
            content=content_of(data, shown, large=size == 1),
            wanted=wanted_of(data, shown, large=size == 1),
            given=answers_to(subject, shown, large=size == 1) if self.mistakes and subject is not None else (),
            step=subject.number if subject is not None else 0,
            errors=self.mistakes and not any(one.block.chooses for one in outputs_of(subject)),
        )


@dataclass(frozen=True)
class Survey(Question):
    """Asks how many there are of what in every split, and what was said when the data were read."""

    def answer(self, data: Data, subject: Subject | None) -> Overview:
        """Count."""
        return Overview(
            tallies=tallies_of(data),
            vocabularies=vocabularies_of(data),
            remarks=data.remarks[:MOST_SENTENCES],
            problems=data.problems[:MOST_SENTENCES],
            choosing=class_target(data) or "",
            texts=bool(data.vocabularies),
        )


def _searched(data: Data, examples: Examples, numbers: Array, search: str) -> tuple[Array, int]:
    """Return those of the examples whose texts hold the words, and among how many was looked."""
    import numpy as np

    wanted = _folded(search.strip().lower(), data.unit)
    held = np.zeros(len(numbers), dtype=bool)
    looked = len(numbers)
    for name, known in data.vocabularies.items():
        rows = np.asarray(examples.inputs[name])[numbers]
        found = np.ones(len(numbers), dtype=bool)
        for piece in tokens_of(wanted, data.unit) or (wanted,):  # a quick look: all pieces, in any order
            alike = [at for at, token in enumerate(known) if piece in token.lower()]
            found &= np.isin(rows, alike).any(axis=1)
        at = np.flatnonzero(found)
        if len(at) > MOST_SEARCHED:
            looked = min(looked, int(at[MOST_SEARCHED]))
            at = at[:MOST_SEARCHED]
        for one in at:
            text = joined((known[token] for token in rows[one] if token), data.unit)
            held[one] |= wanted in text.lower()
    return numbers[held], looked


def _folded(text: str, unit: str) -> str:
    """Write a search as texts are written after they have been parted."""
    return joined(tokens_of(text, unit), unit) if unit != "characters" else text


__all__ = ["Browse", "Overview", "Page", "Question", "Survey"]
