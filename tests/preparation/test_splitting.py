"""What validates is held back as was said, and nothing of it is trained on."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.data import Data, Examples, column
from playground.facts import DataFacts, Target
from playground.preparation.splitting import split
from playground.text import Refusal

WAYS = ("auto", "random", "stratified", "end")


def numbers(n: int, labels: list[int] | None = None, files: list[int] | None = None, **more: object) -> Data:
    labels = labels or [k % 3 for k in range(n)]
    examples = Examples(
        {"x": np.arange(n, dtype=np.float32)[:, None]},
        {"label": np.array(labels)},
        origin=None if files is None else np.array(files),
    )
    return Data(DataFacts(targets={"label": Target(("a", "b", "c"))}, counts={"train": n}), {"train": examples}, **more)  # type: ignore[arg-type]


def places(data: Data, name: str) -> list[int]:
    return [int(value) for value in data.splits[name].inputs["x"][:, 0]]


@given(
    st.integers(2, 60), st.floats(0.0, 0.9), st.sampled_from(["auto", "random", "stratified", "end"]), st.integers(0, 9)
)
def test_every_example_is_in_one_split_and_some_are_left_to_train_on(n: int, share: float, how: str, seed: int) -> None:
    data = split(numbers(n), share, how, seed)
    held = places(data, "validation") if "validation" in data.splits else []
    assert sorted(places(data, "train") + held) == list(range(n))
    assert len(data.splits["train"]) >= 1
    assert data.facts.counts == {name: len(one) for name, one in data.splits.items()}


def test_the_same_seed_holds_back_the_same_and_another_others() -> None:
    one, again, other = (places(split(numbers(50), 0.2, "random", seed), "validation") for seed in (1, 1, 2))
    assert one == again != other


def test_of_each_class_the_same_share_is_held_back() -> None:
    data = split(numbers(110, labels=[0] * 80 + [1] * 20 + [2] * 10), 0.2, "stratified", 3)
    assert Counter(data.splits["validation"].targets["label"].tolist()) == {0: 16, 1: 4, 2: 2}


def test_a_class_with_one_example_keeps_it_to_train_on() -> None:
    data = split(numbers(21, labels=[0] * 20 + [1]), 0.9, "stratified", 3)
    assert 1 in data.splits["train"].targets["label"]


def test_what_goes_on_in_time_gives_its_end() -> None:
    assert places(split(numbers(10, in_time=True), 0.3, "auto", 1), "validation") == [7, 8, 9]
    assert places(split(numbers(10), 0.3, "end", 1), "validation") == [7, 8, 9]


def test_forecasts_of_several_steps_do_not_overlap_with_what_validates() -> None:
    data = split(numbers(10, in_time=True, apart=2), 0.3, "auto", 1)
    assert (places(data, "train"), places(data, "validation")) == ([0, 1, 2, 3, 4], [7, 8, 9])


def test_whole_files_are_held_back() -> None:
    files = [0] * 10 + [1] * 5 + [2] * 20
    data = split(numbers(35, files=files), 0.2, "file", 1)
    train, held = (set(data.splits[name].origin.tolist()) for name in ("train", "validation"))  # type: ignore[union-attr]
    assert train | held == {0, 1, 2} and not train & held


def test_one_file_cannot_be_held_back() -> None:
    for files in (None, [4] * 10):
        with pytest.raises(Refusal, match="one file"):
            split(numbers(10, files=files), 0.2, "file", 1)


def test_what_brings_its_own_validation_keeps_it() -> None:
    data = numbers(10)
    brought = data.with_splits({**data.splits, "validation": data.splits["train"].take(slice(2))})
    assert split(brought, 0.5, "random", 1) is brought


def test_without_examples_to_train_on_it_is_refused() -> None:
    with pytest.raises(Refusal, match="nothing to train on"):
        split(Data(DataFacts()), 0.2, "auto", 1)


def test_what_only_validates_is_divided_and_that_is_said() -> None:
    alone = numbers(10)
    data = split(alone.with_splits({"validation": alone.splits["train"]}), 0.3, "random", 1)
    assert data.facts.counts == {"train": 7, "validation": 3}
    assert "is divided" in str(data.remarks[0])
    with pytest.raises(Refusal, match="nothing to train on"):
        split(alone.with_splits({"test": alone.splits["train"]}), 0.3, "random", 1)


def test_a_number_to_predict_has_no_classes_to_hold_back() -> None:
    data = Data(DataFacts(), {"train": Examples({"x": np.zeros((4, 1))}, {"y": np.zeros((4, 1))})})
    with pytest.raises(Refusal, match="no classes"):
        split(data, 0.5, "stratified", 1)


def test_of_one_running_text_the_end_validates() -> None:
    text = "".join(chr(97 + k % 26) for k in range(1000))
    data = Data(DataFacts(), {"train": Examples({"text": column([text])}, {})}, running=True)
    found = split(data, 0.1, "auto", 1).splits
    assert found["train"].inputs["text"][0] + found["validation"].inputs["text"][0] == text
    assert len(found["validation"].inputs["text"][0]) == 100


@given(st.lists(st.text(alphabet="ab", min_size=1, max_size=30), min_size=1, max_size=6), st.floats(0.05, 0.9))
def test_of_several_streams_the_end_of_all_together_validates(texts: list[str], share: float) -> None:
    data = Data(DataFacts(), {"train": Examples({"text": column(texts)}, {})}, running=True)
    found = split(data, share, "auto", 1).splits
    held = "".join(found["validation"].inputs["text"]) if "validation" in found else ""
    assert "".join(found["train"].inputs["text"]) + held == "".join(texts)
    assert abs(len(held) - share * len("".join(texts))) <= 1
    assert len(found["train"]) >= 1
