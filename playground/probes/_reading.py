"""What probes share that look into how a text or a series is read: one of the data, or words that a person has typed.

It holds no probe of its own; importing it does nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from playground.blocks.data import Input
from playground.preparation.letters import LETTERS, Speller, written
from playground.preparation.texts import FILL, Manner, numbers_of
from playground.preparation.tokens import CJK, tokens_of
from playground.probes._answers import one_example
from playground.report import Report

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    import numpy as np

    from playground.probes import Subject

    Array = np.ndarray[Any, Any]

MOST_STEPS = 200
"""Steps of a text or a series that are told of: the first ones."""

LONGEST_WORD = 24
"""Letters of a word that are sent."""

LONGEST_TYPED = 2000
"""Characters of what a person has typed that are read."""

LONGEST_MERGED = 8
"""Chinese characters that a word has at most."""

_CHINESE = re.compile(f"[{CJK}]")


class Reading(NamedTuple):
    """A text or a series as a batch of one.

    `words` are its tokens by step, none where it is no text, and `unknown` the steps whose word is not in the
    vocabulary. `steps` counts those that are there. What was typed (`own`) has no targets.
    """

    inputs: Mapping[str, Array]
    targets: Mapping[str, Array]
    words: tuple[str, ...]
    unknown: tuple[int, ...]
    steps: int
    split: str
    index: int  # type: ignore[assignment]  # hides a method of tuples, which nobody needs here
    count: int  # type: ignore[assignment]  # as index does
    own: bool


def field_of(report: Report, id: str) -> str:
    """Return the name of the input that a node reads along time: the one that its first wires lead back to.

    Of letters it is the text whose words they spell.
    """
    seen: set[str] = set()
    while id not in seen:
        seen.add(id)
        known = report.nodes.get(id) or report.passages.get(id)
        if known is None:
            return ""
        if isinstance(known.block, Input):
            spelt = text_field(report) if known.shape.is_spelt else ""
            return spelt or (known.block.field if "time" in known.shape else "")
        wires = report.graph.incoming.get(id, ())
        first = next(iter(known.block.ports()), None)
        id = next((wire.source for wire in wires if first is None or wire.target_port == first.name), "")
    return ""


def text_field(report: Report) -> str:
    """Return the name of the first input that is a text, or nothing."""
    nodes = report.nodes.values()
    return next((n.block.field for n in nodes if isinstance(n.block, Input) and n.shape.names == ("time",)), "")


def reading(subject: Subject, field: str, split: str, index: int, own: str = "") -> Reading | None:
    """Return one example of a split, or what was typed where `own` says so; None where there is no such input."""
    example = one_example(subject, split, index)
    if example is None or field not in example.inputs:
        return None
    known = subject.data.vocabularies.get(field)
    place = example.split, example.place, example.count
    if known is None:
        values = example.inputs[field]
        return Reading(example.inputs, example.targets, (), (), int(values.shape[1]), *place, False)
    if own.strip():
        typed, words = entered(subject, field, own)
        row = typed[field][0]
        steps = read_of(row)
        unknown = tuple(at for at, number in enumerate(row[:steps]) if number == 1)
        return Reading({**example.inputs, **typed}, {}, words, unknown, steps, *place, True)
    row = example.inputs[field][0]
    steps = read_of(row)
    words = words_of(row[:steps], known, *spelling(subject, field, example.inputs))
    unknown = tuple(at for at, number in enumerate(row[:steps]) if number == 1)
    return Reading(example.inputs, example.targets, words, unknown, steps, *place, False)


def entered(subject: Subject, field: str, typed: str) -> tuple[dict[str, Array], tuple[str, ...]]:
    """Return what was typed as the network is to read it, as a batch of one, and its words by step.

    Where the words of this text are spelt out besides, so are those that were typed.
    """
    data, preparation = subject.data, subject.experiment.preparation
    steps = int(data.facts.inputs[field].time)
    manner = Manner(
        unit=data.unit,
        lower=preparation.lower,
        vocabulary=preparation.vocabulary,
        rarest=preparation.rarest,
        longest=preparation.longest,
        at_end=preparation.padding == "end" or data.running,
    )
    numbers = numbers_of(data.vocabularies[field])
    said = typed_tokens(typed[:LONGEST_TYPED], manner.unit, False, _AsRead(numbers, manner.lower))[:steps] or ["?"]
    tokens = [token.lower() for token in said] if manner.lower else said
    made = {field: manner.filled([[numbers.get(token, 1) for token in tokens]], steps, manner.empty)}
    if data.letters and field == next(iter(data.vocabularies)):
        speller = Speller(data.letters, int(data.facts.inputs[LETTERS].letters))
        made[LETTERS] = speller.rows([tuple(said)], steps, manner.at_end)
        tokens = said  # as it is seen by its letters
    before = [] if manner.at_end else [""] * (steps - len(tokens))
    return made, tuple(token[:LONGEST_WORD] for token in [*before, *tokens])


class _AsRead:
    """The words that are known, asked for as a person writes them."""

    def __init__(self, known: Container[str], lower: bool) -> None:
        self._known, self._lower = known, lower

    def __contains__(self, word: object) -> bool:
        return (word.lower() if self._lower and isinstance(word, str) else word) in self._known


def typed_tokens(text: str, unit: str, lower: bool, known: Container[str]) -> list[str]:
    """Part what was typed; what stands between spaces stays whole where it is known.

    Chinese characters that together are a known word become one, the longest first.
    """
    found: list[str] = []
    for piece in [text] if unit == "characters" else text.split():
        whole = tokens_of((piece,), unit, lower)  # what stands between spaces, as it is
        found += whole if unit != "characters" and whole[0] in known else _merged(tokens_of(piece, unit, lower), known)
    return found


def _merged(tokens: tuple[str, ...], known: Container[str]) -> list[str]:
    """Put Chinese characters together to the longest known words, from left to right (maximum matching)."""
    made, at = [], 0
    while at < len(tokens):
        end = at + 1
        if _CHINESE.match(tokens[at]):
            ends = range(min(len(tokens), at + LONGEST_MERGED), at + 1, -1)
            end = next((one for one in ends if "".join(tokens[at:one]) in known), end)
        made.append("".join(tokens[at:end]))
        at = end
    return made


def read_of(row: Array) -> int:
    """Return how many steps of a row of tokens are read; at least one."""
    return max(1, int((row != 0).sum()))


def words_of(row: Array, known: tuple[str, ...], letters: Array | None = None, alphabet: Any = ()) -> tuple[str, ...]:
    """Return the words that numbers of tokens stand for; what only fills up has none.

    Where there are letters they say how a word is written: one that is not known, or with capitals that are not read.
    """
    words = ["" if known[int(one)] == FILL else known[int(one)] for one in row]
    if letters is not None:
        spelt = [written(own, alphabet) for own in letters[: len(row)]]
        told = zip(words, spelt, row, strict=True)
        words = [own if number == 1 or own.lower() == word else word for word, own, number in told]
    return tuple(word[:LONGEST_WORD] for word in words)


def spelling(subject: Subject, field: str, inputs: Mapping[str, Array], at: int = 0) -> tuple[Array | None, Any]:
    """Return the letters of a text's words and what they stand for; None where they are not read."""
    there = subject.data.letters and field == next(iter(subject.data.vocabularies)) and LETTERS in inputs
    return (inputs[LETTERS][at], subject.data.letters) if there else (None, ())
