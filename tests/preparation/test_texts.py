"""Texts become numbers by a vocabulary of the training texts; what is predicted stands at its step."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.data import IGNORED, Data, Examples, column
from playground.facts import DataFacts, Target
from playground.preparation import Preparation, prepare
from playground.shape import Shape
from playground.text import Refusal

NONE = Preparation(validation=0.0)


def labelled(train: list[Any], validation: list[Any] = (), unit: str = "words") -> Data:  # type: ignore[assignment]
    splits = {
        name: Examples({"text": column(texts)}, {"label": np.zeros(len(texts), dtype=np.int64)})
        for name, texts in (("train", train), ("validation", validation))
        if len(texts)
    }
    counts = {name: len(one) for name, one in splits.items()}
    return Data(DataFacts(targets={"label": Target(("no", "yes"))}, counts=counts), splits, unit=unit)


def written(data: Data, split: str = "train", name: str = "text") -> list[str]:
    """Read the numbers back by the vocabulary."""
    known = data.vocabularies[name]
    return [" ".join(known[k] for k in row if k) for row in data.splits[split].inputs[name]]


def test_the_most_frequent_tokens_come_first_and_rare_ones_are_unknown() -> None:
    data = prepare(labelled(["a b a", "a c b"]), NONE.replace(vocabulary=2), 1)
    assert data.vocabularies["text"] == ("<pad>", "<unk>", "a", "b")
    assert written(data) == ["a b a", "a <unk> b"]
    assert data.facts.vocabularies == {"text": 4} and data.facts.auto("vocabulary") == 4


def test_words_that_only_validate_are_unknown() -> None:
    data = prepare(labelled(["a b"], ["a z"]), NONE, 1)
    assert written(data, "validation") == ["a <unk>"]


def test_words_too_rare_are_unknown() -> None:
    assert written(prepare(labelled(["a a b"]), NONE.replace(rarest=2), 1)) == ["a a <unk>"]


def test_small_letters_are_taken_for_capitals_where_that_is_said() -> None:
    assert prepare(labelled(["A a"]), NONE.replace(lower=True), 1).vocabularies["text"] == ("<pad>", "<unk>", "a")


def test_short_texts_are_filled_at_the_end_and_their_length_is_kept() -> None:
    data = prepare(labelled(["a b c", "a"]), NONE, 1).splits["train"]
    assert (data.inputs["text"] == 0).tolist() == [[False] * 3, [False, True, True]]
    assert data.lengths["text"].tolist() == [3, 1]


def test_filled_at_the_start_they_are_read_whole() -> None:
    data = prepare(labelled(["a b c", "a"]), NONE.replace(padding="start"), 1)
    assert written(data) == ["a b c", "<fill> <fill> a"], "what fills is a token like any other"
    assert data.splits["train"].lengths["text"].tolist() == [3, 3]


def test_what_only_looks_like_a_special_token_is_unknown() -> None:
    texts = [("<pad>", "a", "<fill>", "<start>")]
    assert written(prepare(labelled(texts), NONE, 1)) == ["<unk> a <unk> <unk>"]


def test_long_texts_are_cut_and_that_is_said() -> None:
    data = prepare(labelled(["a b c d", "a"]), NONE.replace(longest=2), 1)
    assert data.facts.inputs == {"text": Shape(time=2)} and data.facts.auto("length") == 2
    assert [str(remark) for remark in data.remarks] == ["1 text is cut after 2 tokens"]


def test_an_empty_text_is_one_unknown_token() -> None:
    assert written(prepare(labelled(["", "a"]), NONE, 1)) == ["<unk>", "a"]


def test_the_class_of_every_step_stands_at_its_token() -> None:
    tags = column([np.array([0, 1, 0]), np.array([1])])
    examples = Examples({"text": column([("a", "b", "c"), ("b",)])}, {"tag": tags})
    facts = DataFacts(targets={"tag": Target(("X", "Y"), Shape(time=1))}, counts={"train": 2})
    for padding, second in (("end", [1, IGNORED, IGNORED]), ("start", [IGNORED, IGNORED, 1])):
        data = prepare(Data(facts, {"train": examples}), NONE.replace(padding=padding), 1)
        assert data.splits["train"].targets["tag"].tolist() == [[0, 1, 0], second]
        assert data.facts.targets["tag"] == Target(("X", "Y"), Shape(time=3))


def test_what_is_to_be_written_goes_in_one_step_late() -> None:
    examples = Examples({"source": column(["1 2", "3"])}, {"target": column(["2 1", "3"])})
    data = prepare(Data(DataFacts(counts={"train": 2}), {"train": examples}), NONE, 1)
    train = data.splits["train"]
    assert written(data, name="previous") == ["<start> 2 1", "<start> 3"]
    names = data.facts.targets["next"].classes
    assert [[names[k] for k in row if k != IGNORED] for row in train.targets["next"]] == [
        ["2", "1", "<end>"],
        ["3", "<end>"],
    ]
    assert list(train.targets) == ["next"] and names == data.vocabularies["previous"]
    assert train.lengths["previous"].tolist() == [3, 2]


@given(st.text(alphabet="ab ", min_size=2, max_size=50), st.integers(1, 12))
def test_windows_of_a_stream_are_the_stream(text: str, steps: int) -> None:
    stream = Data(DataFacts(), {"train": Examples({"text": column([text])}, {})}, running=True, unit="characters")
    data = prepare(stream, NONE.replace(longest=steps), 1)
    train, known = data.splits["train"], data.vocabularies["text"]
    going_in = "".join(known[k] for row in train.inputs["text"] for k in row if k)
    coming_out = "".join(known[k] for row in train.targets["next"] for k in row if k != IGNORED)
    assert (going_in, coming_out) == (text[:-1], text[1:])
    assert train.lengths["text"].sum() == len(text) - 1
    assert data.facts.counts == {"train": len(train)}


def test_a_stream_of_one_character_is_refused() -> None:
    stream = Data(DataFacts(), {"train": Examples({"text": column(["a"])}, {})}, running=True, unit="characters")
    with pytest.raises(Refusal, match="no text to train on"):
        prepare(stream, NONE, 1)


def test_numbers_pass_through_untouched() -> None:
    examples = Examples({"x": np.zeros((4, 2), dtype=np.float32)}, {"label": np.array([0, 1, 0, 1])})
    data = Data(DataFacts(), {"train": examples})
    assert prepare(data, NONE, 1) is data


def test_only_what_makes_a_difference_is_offered() -> None:
    label = {"label": Target(("a", "b"))}
    texts = DataFacts({"text": Shape(time=3)}, label, vocabularies={"text": 5})
    images = DataFacts({"x": Shape(channels=1, height=8, width=8)}, label)
    numbers = DataFacts({"x": Shape(features=2)}, {"y": Target(shape=Shape(features=1))})
    assert "vocabulary" in NONE.matters(texts) and "flip" not in NONE.matters(texts)
    assert "flip" in NONE.matters(images) and "vocabulary" not in NONE.matters(images)
    assert set(NONE.matters(numbers)) == {"validation", "split", "standardise"}
