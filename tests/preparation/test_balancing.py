"""Rare classes are made up for, among the training examples only."""

from __future__ import annotations

import numpy as np
import pytest

from playground.data import Data, Examples
from playground.facts import DataFacts, Target
from playground.preparation.balancing import MOST_REPEATED, balanced
from playground.text import Refusal


def uneven(counts: tuple[int, ...]) -> Data:
    labels = np.repeat(np.arange(len(counts)), counts)
    examples = Examples({"x": np.arange(len(labels), dtype=np.float32)[:, None]}, {"label": labels})
    facts = DataFacts(targets={"label": Target(tuple("abc"))})
    return Data(facts).with_splits({"train": examples, "validation": examples.take(slice(3))})


def test_rare_classes_are_repeated_evenly() -> None:
    data = Data(uneven((10, 4, 1)).facts, uneven((10, 4, 1)).splits)
    data = balanced(data, "repeat", 1)
    assert np.bincount(data.splits["train"].targets["label"]).tolist() == [10, 10, 10]
    repeats = np.unique(data.splits["train"].inputs["x"][:, 0], return_counts=True)[1]
    assert sorted(repeats.tolist()) == [1] * 10 + [2, 2, 3, 3] + [10]
    assert data.facts.counts == {"train": 30, "validation": 3}


def test_nothing_is_repeated_without_end() -> None:
    data = balanced(uneven((1000, 1)), "repeat", 1)
    assert np.bincount(data.splits["train"].targets["label"]).tolist() == [1000, MOST_REPEATED]


def test_common_classes_lose_examples() -> None:
    data = balanced(uneven((10, 4, 2)), "drop", 1)
    assert np.bincount(data.splits["train"].targets["label"]).tolist() == [2, 2, 2]


def test_left_as_they_are_they_are_the_same() -> None:
    data = uneven((3, 1))
    assert balanced(data, "none", 1) is data


def test_numbers_cannot_be_balanced() -> None:
    data = Data(DataFacts(), {"train": Examples({"x": np.zeros((2, 1))}, {"y": np.zeros((2, 1))})})
    with pytest.raises(Refusal, match="no classes"):
        balanced(data, "repeat", 1)
