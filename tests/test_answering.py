"""Questions that take long: slice by slice, told now and then, given up at once, and never in the way of a step."""

from __future__ import annotations

import time
from dataclasses import dataclass

import pytest

pytest.importorskip("torch")

from playground import answering, messages
from playground.answering import Answering
from playground.inquiry import Inquiry, Slice
from playground.lab import Lab
from playground.outbox import Outbox
from playground.probes.loss_surface import LossSurface
from playground.text import Refusal, say
from tests.examples import delicate, eventually, small
from tests.test_lab import Told, straight

DONE: list[str] = []
"""What the slices of `Slow` have done, in this process."""


@dataclass(frozen=True)
class Slow(Inquiry):
    """Takes so many slices of so many seconds each."""

    slices: int = 5
    seconds: float = 0.0
    fails: bool = False

    def work(self, subject):
        try:
            for k in range(self.slices):
                time.sleep(self.seconds)
                DONE.append(f"{subject.number}" if subject is not None else str(k))
                if self.fails and k == 1:
                    raise Refusal(say("it broke"))
                yield Slice((k + 1) / self.slices, k)
        finally:
            DONE.append("closed")
        return "answer"


@pytest.fixture(autouse=True)
def nothing_done():
    DONE.clear()


@pytest.fixture
def told():
    made = Told()
    made.lab.start()
    yield made
    assert made.lab.close()


def heard(outbox, kind):
    return [notice for notice in outbox.take()[0] if isinstance(notice, kind)]


# -- one after the other -----------------------------------------------------------------------------------------


def test_each_call_does_one_slice_and_the_last_brings_the_answer():
    outbox = Outbox()
    answers = Answering(outbox)
    answers.begin(7, Slow(slices=3).work(None))
    for k in range(3):
        answers.go_on()
        assert [*DONE] == [str(one) for one in range(k + 1)] and answers.busy
    answers.go_on()
    assert heard(outbox, messages.Replied) == [messages.Replied(7, "answer")] and not answers.busy


def test_progress_is_told_now_and_then_with_what_is_known(monkeypatch):
    monkeypatch.setattr(answering, "TOLD_EVERY", 0.0)
    outbox = Outbox()
    answers = Answering(outbox)
    answers.begin(1, Slow(slices=4).work(None))
    while answers.busy:
        answers.go_on()
    told = heard(outbox, messages.Underway)
    assert [notice.share for notice in told] == [0.25, 0.5, 0.75, 1.0]
    assert [notice.partial for notice in told] == [0, 1, 2, 3]
    assert [notice.seconds for notice in told] == sorted(notice.seconds for notice in told)


def test_nothing_is_told_so_often_that_nobody_could_read_it():
    outbox = Outbox()
    answers = Answering(outbox)
    answers.begin(1, Slow(slices=50).work(None))
    while answers.busy:
        answers.go_on()
    assert heard(outbox, messages.Underway) == []


def test_a_share_of_the_time_is_kept(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(answering.time, "perf_counter", lambda: now[0])
    answers = Answering(Outbox())

    def slices():
        while True:
            now[0] += 0.01
            yield Slice(0.1)

    answers.begin(1, slices())
    spent = 0.0
    while now[0] < 10.0:
        before = now[0]
        answers.go_on(0.1)
        spent += now[0] - before
        now[0] += 0.001  # a step of training
    assert spent / now[0] == pytest.approx(0.1, abs=0.01)


def test_what_fails_says_why_and_the_next_question_has_its_turn():
    outbox = Outbox()
    answers = Answering(outbox)
    answers.begin(1, Slow(fails=True).work(None))
    answers.begin(2, Slow(slices=1).work(None))
    while answers.busy:
        answers.go_on()
    first, second = heard(outbox, messages.Replied)
    assert (first.id, str(first.failure)) == (1, "it broke") and second == messages.Replied(2, "answer")


def test_a_cancelled_question_is_closed_and_others_go_on():
    outbox = Outbox()
    answers = Answering(outbox)
    for id in (1, 2):
        answers.begin(id, Slow(slices=2).work(None))
    answers.go_on()
    answers.cancel(1)
    answers.cancel(99)
    assert DONE == ["0", "closed"]
    while answers.busy:
        answers.go_on()
    first, second = heard(outbox, messages.Replied)
    assert first.id == 1 and "cancelled" in str(first.failure) and second == messages.Replied(2, "answer")


# -- in the Lab --------------------------------------------------------------------------------------------------


def test_while_nothing_trains_it_goes_at_full_speed(told):
    told.load(small()).until("ready")
    assert told.asked(Slow(slices=200)).answer == "answer"
    assert DONE == ["0"] * 200 + ["closed"]


def test_while_it_trains_steps_go_on_between_the_slices(told):
    told.load(small(epochs=100_000)).post(messages.Play()).until("playing")
    assert told.asked(Slow(slices=8, seconds=0.002)).answer == "answer"
    steps = [int(number) for number in DONE[:-1]]
    assert steps == sorted(steps) and len(set(steps)) >= 6
    told.post(messages.Pause()).until("paused")


def test_cancelling_ends_within_a_slice_and_says_so(told):
    told.load(small()).until("ready")
    told.post(messages.Ask(1, Slow(slices=10_000, seconds=0.01)))
    eventually(lambda: len(DONE) > 2)
    count = len(DONE)
    told.post(messages.Cancel(1))
    reply = eventually(lambda: told.all(messages.Replied))[0]
    assert reply.answer is None and "cancelled" in str(reply.failure)
    assert len(DONE) <= count + 3  # one slice that was under way, one that began before the order, and the end


def test_another_network_gives_it_up(told):
    told.load(small()).until("ready")
    told.post(messages.Ask(1, Slow(slices=10_000, seconds=0.001)))
    eventually(lambda: len(DONE) > 2)
    told.load(delicate(), run=2)
    reply = eventually(lambda: told.all(messages.Replied))[0]
    assert "changed" in str(reply.failure) and DONE[-1] == "closed"


def test_without_a_network_there_is_nothing_to_ask(told):
    assert "no network" in str(told.asked(Slow()).failure)


def test_the_thread_ends_while_long_work_is_under_way():
    lab = Lab()
    lab.start()
    lab.post(messages.Load(1, small(), "cpu"))
    lab.post(messages.Ask(1, Slow(slices=10_000, seconds=0.005)))
    eventually(lambda: len(DONE) > 2)
    assert lab.close()


def test_a_surface_asked_for_during_a_run_leaves_every_loss_as_it_was(told):
    experiment = delicate(epochs=6)
    told.load(experiment).post(messages.Ask(1, LossSurface(points=9)), messages.Play()).until("finished")
    reply = eventually(lambda: told.all(messages.Replied))[0]
    assert reply.failure is None and reply.answer.losses.shape == (9, 9)
    assert told.losses == straight(experiment, 48)
