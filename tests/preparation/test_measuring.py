"""Means and scales are learnt from what trains, from nothing else, and done to all alike."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from playground.data import Data, Examples, Unlearnt
from playground.data._series import Ahead
from playground.facts import DataFacts
from playground.preparation import Preparation, prepare, to_look_at
from playground.preparation.measuring import measured

NAN = np.nan


def rows(values: list[list[float]], answers: list[float]) -> Examples:
    return Examples({"x": np.array(values, dtype=np.float32)}, {"y": np.array(answers, dtype=np.float32)[:, None]})


def table(unlearnt: Unlearnt, **more: Examples) -> Data:
    train = rows([[1, NAN], [3, 10], [NAN, 30], [5, NAN]], [2, 4, 6, 8])
    return Data(DataFacts(), unlearnt=unlearnt).with_splits({"train": train, **more})


HELD = rows([[NAN, 1000], [-1000, NAN]], [500, -500])


def test_gaps_are_filled_with_the_means_of_what_trains() -> None:
    data = measured(table(Unlearnt(fill=True), validation=HELD, test=HELD))
    assert data.splits["train"].inputs["x"].tolist() == [[1, 20], [3, 10], [3, 30], [5, 20]]
    for split in ("validation", "test"):
        assert data.splits[split].inputs["x"].tolist() == [[3, 1000], [-1000, 20]]


def test_answers_are_scaled_by_what_trains_and_the_scale_is_told_and_kept() -> None:
    data = measured(table(Unlearnt(scale="y", called="price"), validation=HELD))
    assert data.scaled == {"y": (5.0, pytest.approx(5**0.5))}
    np.testing.assert_allclose(data.splits["train"].targets["y"].ravel() * 5**0.5 + 5, [2, 4, 6, 8], rtol=1e-6)
    np.testing.assert_allclose(data.splits["validation"].targets["y"].ravel() * 5**0.5 + 5, [500, -500], rtol=1e-6)
    assert "price is scaled: 5 is taken from it, and the rest divided by 2.23607" in map(str, data.remarks)


def test_answers_that_are_all_the_same_are_not_divided_by_nothing() -> None:
    data = replace(table(Unlearnt(scale="y")), splits={"train": rows([[1.0], [2.0]], [7.0, 7.0])})
    assert measured(data).splits["train"].targets["y"].tolist() == [[0], [0]]


def series(unlearnt: Unlearnt) -> Data:
    """Windows of two steps; what is predicted is the second of the features."""
    values = np.arange(12, dtype=np.float32)
    x = np.stack([np.stack([values[i : i + 2] * 100, values[i : i + 2]], axis=1) for i in range(10)])
    examples = Examples({"x": x}, {"y": values[2:, None]})
    ahead = Ahead(first=1, steps=1, past=(1,))
    return Data(DataFacts(), in_time=True, ahead=ahead, unlearnt=unlearnt).with_splits({"train": examples})


def test_the_past_of_an_answer_is_scaled_like_it_and_nothing_else_is() -> None:
    raw = series(Unlearnt(scale="y"))
    data = prepare(raw, Preparation(validation=0.2), 1)
    shift, scale = data.scaled["y"]
    assert shift == pytest.approx(np.arange(2, 10).mean())
    for split in ("train", "validation"):
        x = data.splits[split].inputs["x"]
        np.testing.assert_allclose(x[..., 1] * scale + shift, x[..., 0] / 100, atol=1e-5)
    assert raw.splits["train"].inputs["x"][0].tolist() == [[0, 0], [100, 1]]  # as it was read


def test_to_prepare_twice_is_to_prepare_once() -> None:
    raw = series(Unlearnt(fill=True, scale="y"))
    one, other = (prepare(raw, Preparation(), 1) for _ in range(2))
    assert np.array_equal(one.splits["train"].targets["y"], other.splits["train"].targets["y"])
    again = measured(one)
    assert np.array_equal(again.splits["train"].targets["y"], one.splits["train"].targets["y"])


def test_repeating_the_last_value_is_measured_on_what_validates() -> None:
    data = prepare(series(Unlearnt()), Preparation(validation=0.2), 1)
    held = data.splits["validation"]
    assert float(np.square(held.targets["y"][:, 0] - held.inputs["x"][:, -1, 1]).mean()) == 1
    assert [str(one) for one in data.remarks] == [
        "Repeating the last value gives a mean squared error of 1; compare a forecast with that"
    ]


def test_what_is_only_looked_at_is_measured_on_all_that_there_is() -> None:
    data = to_look_at(Data(DataFacts(), unlearnt=Unlearnt(fill=True, scale="y")).with_splits({"test": HELD}))
    assert data.splits["test"].inputs["x"].tolist() == [[-1000, 1000], [-1000, 1000]]
    assert data.splits["test"].targets["y"].ravel().tolist() == [1, -1]
