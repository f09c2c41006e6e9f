"""Sequence tasks: every answer is right, what tests was never seen, and small spaces are parted all the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.data import IGNORED, Data
from playground.data.sequence_tasks import AddingProblem, Copy, DelayedRecall, Reverse, Sort, SymbolTask
from playground.preparation import Preparation, prepare

TASKS: tuple[type[SymbolTask], ...] = (Copy, Reverse, Sort)


def sources(data: Data, split: str) -> list[Any]:
    return list(data.splits[split].inputs["source"])


def written(data: Data, split: str) -> list[Any]:
    return list(data.splits[split].targets["target"])


@given(
    st.sampled_from(TASKS),
    st.integers(10, 200),
    st.integers(2, 36),
    st.integers(1, 12),
    st.integers(1, 12),
    st.integers(0, 2**31 - 1),
)
@settings(max_examples=60, deadline=None)
def test_whatever_is_set_lengths_symbols_and_counts_are_as_wished(
    kind: type[SymbolTask], count: int, symbols: int, shortest: int, longest: int, seed: int
) -> None:
    source = kind(count=count, symbols=symbols, shortest=shortest, longest=longest, seed=seed)
    data = source.read()
    train, test = sources(data, "train"), sources(data, "test")
    assert data.facts.counts == {"train": len(train), "test": len(test)}
    assert train and test
    assert len(train) <= count
    every = train + test
    assert len(set(every)) == len(every), "no sequence is in it twice, let alone in both splits"
    assert all(shortest <= len(one) <= max(shortest, longest) for one in every)
    assert set().union(*every) <= set("0123456789abcdefghijklmnopqrstuvwxyz"[:symbols])
    assert written(data, "train") == [source.answer(one) for one in train]
    assert sources(source.read(), "train") == train


def test_what_is_written_is_what_the_names_say() -> None:
    said = tuple("3a301")
    assert Copy().answer(said) == tuple("3a301")
    assert Reverse().answer(said) == tuple("103a3")
    assert Sort().answer(said) == tuple("0133a")


def test_where_there_are_few_different_sequences_all_are_there_once() -> None:
    data = Copy(symbols=2, shortest=1, longest=3).read()
    every = sources(data, "train") + sources(data, "test")
    assert len(every) == len(set(every)) == 2 + 4 + 8
    assert len(sources(data, "test")) == 2


def test_short_sequences_test_as_often_as_they_train() -> None:
    data = Copy(count=4000, symbols=10, shortest=3, longest=8).read()
    shares = [np.mean([len(one) == 3 for one in sources(data, split)]) for split in ("train", "test")]
    assert shares[0] == pytest.approx(shares[1], abs=0.03)


def test_a_task_is_prepared_for_a_network_that_writes() -> None:
    data = prepare(Reverse(count=100).read(), Preparation(), 1)
    examples = data.splits["train"]
    known, answers = data.vocabularies["source"], data.facts.targets["next"].classes
    for read, said in zip(examples.inputs["source"], examples.targets["next"], strict=True):
        symbols = [known[at] for at in np.asarray(read) if at]
        assert [answers[at] for at in said if at != IGNORED] == [*symbols[::-1], "<end>"]


@given(st.integers(10, 100), st.integers(2, 26), st.integers(1, 9), st.integers(4, 40), st.integers(2, 10))
@settings(max_examples=40, deadline=None)
def test_the_question_asks_for_a_letter_that_was_shown(
    count: int, symbols: int, remembered: int, delay: int, distractors: int
) -> None:
    source = DelayedRecall(
        count=count, symbols=symbols, remembered=remembered, delay=delay, distractors=distractors, seed=count
    )
    data = source.read()
    classes = data.facts.targets["label"].classes
    assert len(classes) == symbols
    seen = set()
    for examples in data.splits.values():
        for text, label in zip(examples.inputs["text"], examples.targets["label"], strict=True):
            shown, noise, asked = text[:remembered], text[remembered:-1], text[-1]
            assert classes[label] == shown[int(asked.removeprefix("?")) - 1]
            assert len(noise) == delay
            assert set(noise) <= set("0123456789"[:distractors])
            assert text not in seen
            seen.add(text)
    assert examples.targets["label"].dtype == np.int64


def test_every_place_is_asked_for_and_every_letter_shown() -> None:
    examples = DelayedRecall(remembered=3).read().splits["train"]
    texts = list(examples.inputs["text"])
    assert {text[-1] for text in texts} == {"?1", "?2", "?3"}
    counts = np.bincount(examples.targets["label"], minlength=8)
    assert counts.min() > 180, "2000 examples of 8 letters"


def test_two_numbers_are_marked_one_in_each_half_and_their_sum_is_asked() -> None:
    for length in (2, 7, 50):
        data = AddingProblem(length=length, count=3000).read()
        assert data.facts.names["x"] == ("value", "mark")
        for examples in data.splits.values():
            values, marks = examples.inputs["x"][:, :, 0], examples.inputs["x"][:, :, 1]
            assert set(np.unique(marks)) <= {0.0, 1.0}
            np.testing.assert_array_equal(marks[:, : length // 2].sum(axis=1), 1)
            np.testing.assert_array_equal(marks.sum(axis=1), 2)
            np.testing.assert_allclose((values * marks).sum(axis=1), examples.targets["y"][:, 0], rtol=1e-6)
            assert values.min() >= 0 and values.max() <= 1
        places = data.splits["train"].inputs["x"][:, :, 1].sum(axis=0)
        assert places.min() > 0, "every place is marked at times"


def test_always_answering_one_is_off_by_a_sixth() -> None:
    y = AddingProblem(count=20_000, length=4).read().splits["train"].targets["y"]
    assert np.mean((y - 1) ** 2) == pytest.approx(1 / 6, rel=0.03)
