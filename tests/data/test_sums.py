"""Sums: every answer is right, and no sum that tests was learnt."""

from __future__ import annotations

import numpy as np
import pytest

from playground.data.sums import DigitAddition, ModularAddition
from playground.preparation import Preparation, prepare


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("digits", [1, 2, 9])
def test_sums_are_right_and_none_is_there_twice_even_the_other_way_round(digits: int, backwards: bool) -> None:
    data = DigitAddition(digits=digits, backwards=backwards, count=500).read()
    seen = set()
    lengths = set()
    for examples in data.splits.values():
        for question, answer in zip(examples.inputs["source"], examples.targets["target"], strict=True):
            a, b = map(int, question.split("+"))
            assert question == f"{a}+{b}", "no zeros in front"
            assert int(answer[::-1] if backwards else answer) == a + b
            assert max(a, b) < 10**digits
            lengths |= {len(str(a)), len(str(b))}
            assert frozenset((a, b)) not in seen
            seen.add(frozenset((a, b)))
    assert lengths == set(range(1, digits + 1))
    if digits == 1:
        assert len(seen) == 55, "all there are"
        assert data.facts.counts == {"train": 46, "test": 9}
    else:
        assert data.facts.counts == {"train": 500, "test": 100}


def test_both_orders_occur() -> None:
    questions = DigitAddition().read().splits["train"].inputs["source"]
    larger_first = np.mean([int(one.split("+")[0]) > int(one.split("+")[1]) for one in questions])
    assert 0.4 < larger_first < 0.6


def test_digits_are_read_and_written_one_by_one() -> None:
    data = prepare(DigitAddition(count=300).read(), Preparation(), 1)
    assert set(data.vocabularies["source"]) == {"<pad>", "<unk>", "+", *"0123456789"}
    assert data.facts.inputs["source"].time == len("123+456")


@pytest.mark.parametrize(("modulus", "share"), [(97, 0.3), (12, 0.5), (3, 0.05), (3, 0.9)])
def test_all_sums_of_a_modulus_are_there_once(modulus: int, share: float) -> None:
    data = ModularAddition(modulus=modulus, share=share).read()
    seen = []
    for examples in data.splits.values():
        for text, label in zip(examples.inputs["text"], examples.targets["label"], strict=True):
            a, plus, b, equals = text
            assert (plus, equals) == ("+", "=")
            assert label == (int(a) + int(b)) % modulus
            seen.append((int(a), int(b)))
    assert sorted(seen) == [(a, b) for a in range(modulus) for b in range(modulus)]
    assert data.facts.counts["train"] == max(1, round(share * modulus**2))
    assert data.facts.targets["label"].classes == tuple(map(str, range(modulus)))


def test_the_seed_says_which_sums_are_learnt_and_the_rest_validates() -> None:
    def learnt(seed: int) -> set[tuple[str, ...]]:
        return set(ModularAddition(modulus=11, seed=seed).read().splits["train"].inputs["text"])

    assert learnt(1) == learnt(1) != learnt(2)
    data = prepare(ModularAddition(modulus=11).read(), Preparation(), 1)
    assert data.facts.counts == {"train": 60, "validation": 30, "test": 31}
