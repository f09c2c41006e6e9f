"""The budget of watching, without a Lab: what is measured when, and for whom."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any, ClassVar

from playground.declare import integer
from playground.probes import Probe
from playground.watching import Watching


class Counting(Probe):
    """Counts how often it is asked."""

    members: ClassVar[dict[str, type[Any]]] = {}
    rate = 1e6
    which: int = integer(0, help="Tells one question from another")

    def measure(self, subject: Any) -> int:
        subject.asked += 1
        if self.which == 9:
            raise ValueError("nine")
        return subject.asked


def asked(watching: Watching, subject: Any, moving: bool = False) -> dict[str, Any]:
    return watching.measure(subject, moving, lambda probe, error: subject.failed.append((probe, str(error))))


def subject() -> Any:
    return SimpleNamespace(asked=0, failed=[])


def test_the_same_question_is_measured_once_for_all_who_ask_it():
    watching, seen = Watching(), subject()
    watching.ask({"a": Counting(), "b": Counting(), "c": Counting(which=1)})
    assert asked(watching, seen) == {"a": 1, "b": 1, "c": 2}


def test_while_nothing_moves_each_is_measured_once_until_asked_again():
    watching, seen = Watching(), subject()
    watching.ask({"a": Counting()})
    assert asked(watching, seen) == {"a": 1}
    assert asked(watching, seen) == {} and not watching.pending
    watching.again()
    assert asked(watching, seen) == {"a": 2}


def test_whoever_joins_a_question_gets_an_answer_of_the_moment():
    watching, seen = Watching(), subject()
    watching.ask({"a": Counting()})
    asked(watching, seen)
    watching.ask({"a": Counting(), "b": Counting()})
    assert asked(watching, seen) == {"a": 2, "b": 2}
    watching.ask({"b": Counting()})
    assert asked(watching, seen) == {}


def test_a_question_that_fails_is_told_once_and_asked_no_more():
    watching, seen = Watching(), subject()
    watching.ask({"bad": Counting(which=9), "good": Counting()})
    assert asked(watching, seen, moving=True) == {"good": 2}
    assert seen.failed == [(Counting(which=9), "nine")]
    asked(watching, seen, moving=True)
    assert len(seen.failed) == 1


def test_a_dear_question_is_asked_as_seldom_as_its_share_allows():
    watching = Watching()
    watching.ask({"a": Counting(), "b": Counting(which=1)})
    (first, *_) = watching._watched.values()
    watching._plan(Counting(), first, 0.01, now=100.0, moving=True)  # the first time says little
    assert first.due <= 100.0 + 4 / Counting.rate + 1e-9
    watching._plan(Counting(), first, 0.01, now=200.0, moving=True)
    assert math.isclose(first.due, 200.0 + 0.01 * 2 / 0.10)
    watching._plan(Counting(), first, 50.0, now=300.0, moving=True)
    assert math.isclose(first.due, 302.0)
