"""Words are spelt out beside themselves: an alphabet of the training words, both ends of long words."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import playground.preparation.letters as letters_module
from playground.data import IGNORED, Data, Examples, column
from playground.facts import DataFacts, Target
from playground.preparation import Preparation, prepare
from playground.preparation.letters import LETTERS, Speller, alphabet_of, spelt
from playground.shape import Shape
from playground.text import Refusal

NONE = Preparation(validation=0.0)
SIX = NONE.replace(letters=6)


def tagged(train: list[Any], validation: list[Any] = ()) -> Data:  # type: ignore[assignment]
    """Sentences, each a tuple of words, with a tag for each word."""
    splits = {
        name: Examples({"text": column(texts)}, {"tag": column([np.zeros(len(text), np.int64) for text in texts])})
        for name, texts in (("train", train), ("validation", validation))
        if len(texts)
    }
    counts = {name: len(one) for name, one in splits.items()}
    return Data(DataFacts(targets={"tag": Target(("a", "b"))}, counts=counts), splits)


def read_back(data: Data, split: str = "train") -> list[list[str]]:
    """Write the words of each text as their letters are known."""
    found = data.splits[split].inputs[LETTERS]
    return [["".join(data.letters[k] for k in word if k) for word in text if word.any()] for text in found]


def test_nothing_is_spelt_where_nobody_asks_for_it() -> None:
    data = prepare(tagged([("a", "bc")]), NONE, 1)
    assert LETTERS not in data.facts.inputs and LETTERS not in data.splits["train"].inputs and data.letters == ()


def test_letters_stand_beside_the_words_they_spell() -> None:
    data = prepare(tagged([("ab", "c"), ("a",)]), SIX, 1)
    assert data.facts.inputs == {"text": Shape(time=2), LETTERS: Shape(time=2, letters=6)}
    assert data.facts.vocabularies == {"text": 5, LETTERS: 5} and data.letters == ("<pad>", "<unk>", "a", "b", "c")
    assert read_back(data) == [["ab", "c"], ["a"]]
    found = data.splits["train"].inputs
    assert found[LETTERS].dtype == np.int32 and ((found[LETTERS][:, :, 0] > 0) == (found["text"] > 0)).all()
    assert data.facts.auto("vocabulary") == 5 and data.facts.seen_from(LETTERS).auto("vocabulary") == 5


def test_a_word_never_seen_is_unknown_but_its_letters_are_read() -> None:
    data = prepare(tagged([("walk", "walked", "talk")], [("talked", "zzz")]), SIX, 1)
    assert data.splits["validation"].inputs["text"][0, :2].tolist() == [1, 1]
    assert read_back(data, "validation") == [["talked", "<unk>" * 3]]


def test_letters_are_counted_as_often_as_their_words_and_rare_ones_are_unknown() -> None:
    assert alphabet_of([("ab", "ab", "c")], 2, 100) == ("<pad>", "<unk>", "a", "b")
    assert alphabet_of([("ab", "ab", "c")], 1, 1) == ("<pad>", "<unk>", "a")
    assert alphabet_of([()], 1, 100) == ("<pad>", "<unk>")


def test_of_a_long_word_both_ends_are_read() -> None:
    assert "".join(spelt("internationalisation", 6)) == "intion"
    assert "".join(spelt("internationalisation", 5)) == "inton" and "".join(spelt("word", 4)) == "word"


def test_capitals_are_still_seen_where_words_are_read_in_small_letters() -> None:
    data = prepare(tagged([("Apple", "apple")]), SIX.replace(lower=True), 1)
    assert data.vocabularies["text"] == ("<pad>", "<unk>", "apple")
    assert read_back(data) == [["Apple", "apple"]]


def test_accents_stay_with_their_letters_and_chinese_words_have_characters() -> None:
    assert spelt("e\u0301a", 6) == ["e\u0301", "a"] and spelt("图书馆", 6) == ["图", "书", "馆"]


def test_texts_that_are_filled_up_at_the_start_are_spelt_where_they_stand() -> None:
    data = prepare(tagged([("ab", "c"), ("a",)]), SIX.replace(padding="start"), 1)
    text, found = (data.splits["train"].inputs[name] for name in ("text", LETTERS))
    assert text[1, 0] == 2 and found[1, 0].tolist() == [1, 0, 0, 0, 0, 0]  # what fills up is read, as one letter
    assert [data.letters[k] for k in found[1, 1] if k] == ["a"]


def test_a_text_that_is_cut_is_cut_in_its_letters_too() -> None:
    data = prepare(tagged([("a", "b", "c")]), SIX.replace(longest=2), 1)
    assert read_back(data) == [["a", "b"]]
    assert data.splits["train"].targets["tag"].shape == (1, 2) and IGNORED not in data.splits["train"].targets["tag"]


def test_too_many_letters_are_refused_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(letters_module, "LARGEST", 10)
    with pytest.raises(Refusal, match="read fewer of each word"):
        prepare(tagged([("ab", "c")]), SIX, 1)


@given(st.lists(st.lists(st.text(max_size=9), max_size=5).map(tuple), min_size=1, max_size=4), st.integers(1, 7))
def test_every_word_has_a_letter_and_none_stands_where_no_word_is(texts: list[tuple[str, ...]], most: int) -> None:
    rows = Speller(alphabet_of(texts, 1, 1000), most).rows(texts, 5, at_end=True)
    assert rows.shape == (len(texts), 5, most)
    for text, row in zip(texts, rows, strict=True):
        assert (row[:, 0] > 0).sum() == len(text)
        for word in row:
            there = np.count_nonzero(word)
            assert (word[:there] > 0).all() and not word[there:].any()
