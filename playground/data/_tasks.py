"""What made-up sequence tasks share: different examples, some of them held out to test, as columns of texts."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

from playground.data import Data, Examples, column
from playground.facts import DataFacts, Target
from playground.progress import progress

Drawn = TypeVar("Drawn", bound=Hashable)
Text = str | tuple[str, ...]

TESTED = 5
"""One example to test for so many to train."""

ROUNDS = 20
"""How often as many examples are drawn as are still wanted; where there are few different ones, fewer are found."""


def different(draw: Callable[[int], Iterable[Drawn]], count: int) -> tuple[list[Drawn], list[Drawn]]:
    """Return what different examples there are to train, and to test; each is drawn only once, so none is in both.

    `draw` makes so many at random. Where there are fewer than wanted, both parts become smaller.
    """
    wanted = count + max(1, count // TESTED)
    found: dict[Drawn, None] = {}
    for turn in range(ROUNDS):
        before = len(found)
        for one in draw(wanted):
            found.setdefault(one)
        progress((turn + 1) / ROUNDS)
        if len(found) >= wanted or len(found) == before:
            break
    kept = list(found)[:wanted]
    tested = max(1, len(kept) // (TESTED + 1)) if len(kept) < wanted else wanted - count
    # Evenly from the row: short ones, of which there are few, are all found early.
    held = {turn * len(kept) // tested for turn in range(tested)}
    return [one for at, one in enumerate(kept) if at not in held], [kept[at] for at in sorted(held)]


def pairs(splits: Mapping[str, Sequence[tuple[Text, Text]]], unit: str) -> Data:
    """Return what is read and what is to be written: a column `source` and a column `target` in each split."""
    examples = {
        split: Examples(
            {"source": column([source for source, _ in some])}, {"target": column([target for _, target in some])}
        )
        for split, some in splits.items()
    }
    return Data(DataFacts(counts={split: len(some) for split, some in splits.items()}), examples, unit=unit)


def questions(splits: Mapping[str, Sequence[tuple[Text, int]]], classes: Sequence[str]) -> Data:
    """Return texts and the class of each: a column `text` and a target `label` in each split."""
    import numpy as np

    examples = {
        split: Examples(
            {"text": column([text for text, _ in some])},
            {"label": np.array([label for _, label in some], dtype=np.int64)},
        )
        for split, some in splits.items()
    }
    counts = {split: len(some) for split, some in splits.items()}
    return Data(DataFacts(targets={"label": Target(tuple(classes))}, counts=counts), examples)
