"""Facts of a data set: small, and never trusted when they come from a file."""

from __future__ import annotations

import json

import pytest

from playground.facts import DataFacts, Target
from playground.shape import Shape
from playground.text import Refusal

FACTS = DataFacts(
    {"x": Shape(channels=1, height=8, width=8), "hint": Shape(features=2)},
    {"label": Target(("cat", "dog")), "size": Target(shape=Shape(features=3))},
    {"train": 10, "test": 2},
    {"hint": ("age (years)", "größe")},
)


def test_facts_survive_json():
    assert DataFacts.from_json(json.loads(json.dumps(FACTS.to_json()))) == FACTS
    assert DataFacts.from_json({}) == DataFacts()


def test_names_are_only_written_where_there_are_any():
    assert "names" not in DataFacts({"x": Shape(features=2)}).to_json()
    assert FACTS.to_json()["names"] == {"hint": ["age (years)", "größe"]}


def test_auto_asks_for_classes_or_for_the_first_targets_numbers():
    assert FACTS.auto("classes") == 2
    assert FACTS.auto("outputs") == 2
    assert DataFacts(targets={"y": Target(shape=Shape(features=3))}).auto("outputs") == 3
    assert DataFacts(targets={"y": Target(shape=Shape(features=3))}).auto("classes") is None
    assert DataFacts().auto("outputs") is None
    assert FACTS.auto("weather") is None


@pytest.mark.parametrize(
    "value",
    [
        None, 3, "x", [], {"inputs": 3}, {"inputs": {"x": 3}}, {"inputs": {"x": {"depth": 3}}},
        {"inputs": {"x": {"features": 0}}}, {"inputs": {"x": {"features": -1}}}, {"inputs": {"x": {"features": "3"}}},
        {"inputs": {"x": {"features": 2**40}}}, {"inputs": {"x": {"features": True}}},
        {"inputs": {"x": {"features": 1e300}}}, {"inputs": {str(n): {} for n in range(65)}},
        {"targets": {"y": 3}}, {"targets": {"y": {"classes": "abc"}}}, {"targets": {"y": {"classes": [1]}}},
        {"targets": {"y": {"classes": ["x" * 201]}}}, {"targets": {"y": {"classes": ["x"] * 100_001}}},
        {"counts": {"train": "3"}}, {"counts": {"train": -1}}, {"counts": {"train": float("inf")}},
        {"counts": {"train": 2**60}}, {"counts": {"train": None}}, {"counts": []},
        {"names": []}, {"names": {"x": ["a"]}}, {"inputs": {"x": {"features": 2}}, "names": {"x": ["a"]}},
        {"inputs": {"x": {"features": 1}}, "names": {"x": [1]}},
        {"inputs": {"x": {"features": 1}}, "names": {"x": "a"}},
        {"inputs": {"x": {"features": 1}}, "names": {"x": ["a" * 201]}},
        {"inputs": {"x": {"time": 5, "features": 1}}, "names": {"x": ["a"] * 5}},
        {"inputs": {"x": {"channels": 1}}, "names": {"x": ["a"]}},
        {"inputs": {"x": {"features": 100_001}}, "names": {"x": ["a"] * 100_001}},
    ],
)  # fmt: skip
def test_what_no_reader_would_say_is_refused(value):
    with pytest.raises(Refusal):
        DataFacts.from_json(value)


def test_splits_that_do_not_exist_are_left_out():
    assert DataFacts.from_json({"counts": {"train": 1, "secret": 5}}).counts == {"train": 1}


def test_many_classes_that_are_only_numbered_are_written_as_their_number():
    many, few = tuple(map(str, range(37_000))), tuple(map(str, range(10)))
    facts = DataFacts({}, {"next": Target(many, Shape(time=4)), "label": Target(few), "odd": Target((*many, "x"))})
    written = facts.to_json()["targets"]
    assert written["next"]["classes"] == 37_000
    assert written["label"]["classes"] == list(few)
    assert len(written["odd"]["classes"]) == 37_001
    assert DataFacts.from_json(facts.to_json()) == facts


@pytest.mark.parametrize("number", [0, -1, True, 100_001, 2.0])
def test_a_number_of_classes_that_cannot_be_is_refused(number):
    with pytest.raises(Refusal):
        DataFacts.from_json({"targets": {"next": {"classes": number}}})
