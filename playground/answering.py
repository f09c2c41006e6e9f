"""Answering what the window asks, each question once: at once, or slice by slice where it takes long.

Long work shares the Lab's thread with training. While the network trains it takes its part of the budget for
watching (`watching.SHARE`); while nothing trains it goes at full speed. Between two slices everything else has its
turn, so that an order waits for one slice at most.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from playground import messages
from playground.data import Data
from playground.failures import what_happened
from playground.inquiry import Slice, Slices
from playground.outbox import Outbox
from playground.text import Refusal, Sentence, say
from playground.training import Trainer

TOLD_EVERY = 0.1
"""Seconds between two notices of how far long work has got."""


@dataclass
class Work:
    """A question under way: its slices, when it began, and what the last slice cost (all in seconds)."""

    id: int
    slices: Slices
    began: float
    told: float
    ended: float = 0.0
    cost: float = 0.0


class Answering:
    """What has been asked and takes its time, the first question first."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._works: list[Work] = []

    @property
    def busy(self) -> bool:
        """Whether something is under way."""
        return bool(self._works)

    def reply(self, id: int, answer: Callable[[], Any]) -> None:
        """Answer a question now, or say why there is no answer."""
        try:
            self._outbox.tell(messages.Replied(id, answer()))
        except Exception as error:
            self._fail(id, what_happened(error))

    def begin(self, id: int, slices: Slices) -> None:
        """Take up a question that takes long."""
        now = time.perf_counter()
        self._works.append(Work(id, slices, now, now))

    def go_on(self, share: float = 1.0) -> None:
        """Do one slice, unless it would then take more than this share of the time."""
        if not self._works:
            return
        work, now = self._works[0], time.perf_counter()
        if now < work.ended + work.cost * (1 / share - 1):
            return
        try:
            done = next(work.slices)
        except StopIteration as end:
            self._works.remove(work)
            self._outbox.tell(messages.Replied(work.id, end.value))
            return
        except Exception as error:
            self._works.remove(work)
            self._fail(work.id, what_happened(error))
            return
        work.ended = time.perf_counter()
        work.cost = work.ended - now
        if work.ended - work.told >= TOLD_EVERY:
            self._tell(work, done)

    def cancel(self, id: int) -> None:
        """Give a question up; one that has been answered already is left alone."""
        for work in [work for work in self._works if work.id == id]:
            self._give_up(work, say("it was cancelled"))

    def give_up(self) -> None:
        """Give everything up: the network is another by now."""
        for work in list(self._works):
            self._give_up(work, say("the network has been changed since; ask again"))

    def _give_up(self, work: Work, why: Sentence) -> None:
        self._works.remove(work)
        work.slices.close()
        self._fail(work.id, why)

    def _tell(self, work: Work, done: Slice) -> None:
        work.told = work.ended
        self._outbox.tell(messages.Underway(work.id, done.share, work.ended - work.began, done.partial))

    def _fail(self, id: int, why: Sentence) -> None:
        self._outbox.tell(messages.Replied(id, failure=why))


def answered(question: Any, data: Data | None, trainer: Trainer | None) -> Any:
    """Answer what is asked about the data (`playground.browsing.Question`); they may be there without a network."""
    if data is None:
        raise Refusal(say("the data have not been read"))
    return question.answer(data, trainer)
