"""Declared things: what a person may set, and that nothing else can be."""

from __future__ import annotations

import dataclasses
import json
import math
import pickle
from typing import Any, ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.declare import AUTO, Declared, choice, integer, member, number, several, sides, switch, words
from playground.text import Refusal


class Thing(Declared):
    """The base of the things of this test."""

    members: ClassVar[dict[str, type[Any]]] = {}


class Tool(Thing):
    """Does something to a thing,
    in a sentence over two lines.

    This is no part of its purpose.
    """

    size: int = integer(3, low=1, high=9, auto="classes", help="How large")
    share: float = number(0.5, low=0.0, high=1.0, help="How much")
    on: bool = switch(True, help="Whether")
    kind: str = choice("a", choices=("a", "b"), help="Which", label="Sort")
    some: tuple[str, ...] = several(("x",), choices=("x", "y", "z"), help="Which of them")
    both: tuple[int, int] = sides(2, low=1, high=5, help="How far")
    said: str = words("", longest=5, help="What")


class Box(Thing):
    """Holds a tool."""

    key = "box-of"
    inner: Thing = member(Tool(), base=Thing, help="What is in it")


class Special(Tool):
    """A tool with one thing more."""

    extra: int = integer(0, help="More")


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
)


def test_the_declaration_yields_names_labels_and_defaults():
    assert list(Tool.parameters) == ["size", "share", "on", "kind", "some", "both", "said"]
    assert Tool.parameters["share"].label == "Share"
    assert Tool.parameters["kind"].label == "Sort"
    assert (Tool().size, Tool().both, Tool().some) == (3, (2, 2), ("x",))
    assert Tool.purpose() == "Does something to a thing, in a sentence over two lines."


def test_members_are_listed_by_key_and_inherit_parameters():
    assert Thing.members == {"Tool": Tool, "box-of": Box, "Special": Special}
    assert list(Special.parameters)[-1] == "extra"
    assert Special(size=9, extra=2).to_json() == {**Tool(size=9).to_json(), "extra": 2}


def test_a_key_can_be_taken_once_only():
    with pytest.raises(TypeError, match="declared twice"):
        type("Tool", (Thing,), {})
    assert Thing.members["Tool"] is Tool


def test_instances_are_values():
    assert Tool(size=4) == Tool(size=4) != Tool(size=5)
    assert hash(Tool(size=4)) == hash(Tool(size=4))
    assert Tool() != Special()
    assert pickle.loads(pickle.dumps(Box(inner=Tool(size=7)))) == Box(inner=Tool(size=7))
    with pytest.raises(dataclasses.FrozenInstanceError):
        Tool().size = 4


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("size", 4.0, 4),
        ("size", AUTO, AUTO),
        ("share", 1, 1.0),
        ("some", ["z", "x", "z"], ("x", "z")),
        ("both", 3, (3, 3)),
        ("both", [1, 2], (1, 2)),
        ("said", "hello", "hello"),
    ],
)
def test_what_fits_is_kept_in_one_form(name, value, kept):
    read = getattr(Tool(**{name: value}), name)
    assert read == kept and type(read) is type(kept)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("size", 10, "size must lie between 1 and 9, not 10"),
        ("size", 1.5, "size wants a whole number, not 1.5"),
        ("size", True, "size wants a whole number, not True"),
        ("size", "7", "size wants a whole number, not '7'"),
        ("size", math.inf, "size wants a whole number, not inf"),
        ("size", 10**400, "size must lie between 1 and 9, not 1000"),
        ("share", math.nan, "share wants a number, not nan"),
        ("share", 10**400, "share wants a number, not 1000"),
        ("share", AUTO, "share wants a number, not 'auto'"),
        ("share", -0.1, "share must lie between 0 and 1, not -0.1"),
        ("on", 1, "on wants true or false, not 1"),
        ("kind", "c", "kind wants one of a, b, not 'c'"),
        ("kind", ["a"], "kind wants one of a, b"),
        ("some", [], "some wants some of x, y, z"),
        ("some", ["x", {}], "some wants some of x, y, z"),
        ("both", [1, 2, 3], "both wants a whole number or two of them"),
        ("both", [1, 6], "both must lie between 1 and 5, not 6"),
        ("said", "too long", "said wants a text"),
        ("said", None, "said wants a text"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_name_and_the_limits(name, value, sentence):
    with pytest.raises(Refusal) as refusal:
        Tool(**{name: value})
    assert str(refusal.value).startswith(sentence)
    assert len(str(refusal.value)) < 200


@pytest.mark.parametrize(
    "value", [{"name": "none"}, {"name": ["Tool"]}, {"name": {}}, {}, None, 3, {"name": "Tool", "size": 99}]
)
def test_a_member_that_is_none_is_refused(value):
    with pytest.raises(Refusal):
        Box.from_json({"inner": value})


def test_json_says_everything_and_a_name_that_was_never_declared_is_refused():
    box = Box(inner=Tool(both=(1, 2), some=("y",)))
    written = json.loads(json.dumps(box.to_json()))
    assert written["inner"]["name"] == "Tool"
    assert written["inner"]["both"] == [1, 2]
    assert Tool(both=4).to_json()["both"] == 4
    assert Box.from_json(written) == box
    with pytest.raises(Refusal, match="Tool has no parameter called 'colour'"):
        Tool.from_json({"colour": 1})


def test_replace_validates_too():
    assert Tool().replace(size=9).size == 9
    with pytest.raises(Refusal):
        Tool().replace(size=99)


@given(st.sampled_from(sorted(Special.parameters)), anything)
@settings(deadline=None, derandomize=True, max_examples=300)
def test_any_value_is_either_kept_or_refused_and_what_is_kept_reads_back(name, value):
    try:
        made = Special(**{name: value})
    except Refusal as refusal:
        assert str(refusal)
        return
    assert Special.from_json(json.loads(json.dumps(made.to_json()))) == made
