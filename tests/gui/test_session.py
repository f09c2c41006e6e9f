"""The session against the real engine: what a person orders, and what the history says about it."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest
from PySide6.QtWidgets import QApplication

from playground import messages
from playground.blocks.combine import Flatten
from playground.blocks.data import Input, Output
from playground.blocks.dense import Dense
from playground.commands import train
from playground.data.drawn import DrawnPoints
from playground.data.idx import IdxFolder
from playground.document import Document
from playground.experiment import Experiment
from playground.presets import open_named
from playground.probes import PROBES
from playground.probes.loss_surface import LossSurface
from playground.project import is_project, read_record
from playground.text import say
from tests.data.idx_files import write_set
from tests.examples import chain
from tests.gui.driving import bare, frames_of, losses, told_by, until
from widgets.session import Session
from widgets.settings import Settings

XOR = open_named("xor")[0]
posix = pytest.mark.skipif(sys.platform == "win32", reason="signals are sent")


@pytest.fixture(scope="module")
def one(qapp: QApplication) -> Iterator[Session]:
    """One session with its engine for all tests that leave it whole."""
    made = Session(Document(XOR))
    until(lambda: made.state == "ready")
    yield made
    made.close()


@pytest.fixture
def session(one: Session) -> Iterator[Session]:
    """The session with XOR opened anew, at full speed, watching nothing."""
    take(one, XOR)
    yield one
    for name in list(one._watched):
        one.watch(name, None)
    one.set_pace(None)


def take(session: Session, experiment: Experiment, path: Path | None = None) -> Session:
    """Open an experiment in the session's document, as the window does."""
    session.document.open(experiment, path)
    session.open_document()
    until(lambda: session.state == "ready" and session.step == 0)
    return session


def pause_at(session: Session, step: int) -> None:
    session.play()
    until(lambda: session.step >= step)
    session.pause()
    until(lambda: session.state in ("paused", "finished"))


def with_units(experiment: Experiment, units: int):
    return experiment.graph.configure("dense_1", Dense(units=units))


# -- transport and pace ------------------------------------------------------------------------------------------


def test_a_step_is_one_step_and_several_are_several(session: Session) -> None:
    session.step_once()
    until(lambda: session.state == "paused" and session.step == 1)
    session.step_once(7)
    until(lambda: session.state == "paused" and session.step == 8)
    assert losses(session) == bare("xor", 8)


def test_the_pace_goes_from_one_step_a_second_to_as_fast_as_it_goes(session: Session) -> None:
    arrived: list[tuple[float, int]] = []

    def note() -> None:
        arrived.append((time.monotonic(), session.step))

    session.progressed.connect(note)
    session.set_pace(1)
    session.play()
    until(lambda: len(arrived) >= 2)
    session.progressed.disconnect(note)
    (first, _), (second, step) = arrived[:2]
    assert step == 2
    assert 0.9 < second - first < 1.5
    assert 0.5 < session.steps_per_second < 1.5
    assert session.seconds_left == pytest.approx((session.until - 2) / session.steps_per_second)

    began = time.monotonic()
    session.set_pace(20)  # at once, not after the second that the old pace still has to wait
    until(lambda: session.step >= 3)
    assert time.monotonic() - began < 0.5
    began, at = time.monotonic(), session.step
    until(lambda: session.step >= at + 20)
    assert 0.7 < time.monotonic() - began < 2.0

    session.set_pace(None)
    at = session.step
    until(lambda: session.step >= at + 500)
    session.pause()
    until(lambda: session.state == "paused")
    assert losses(session) == bare("xor", session.step), "the pace changes nothing but the pace"


def test_a_paused_run_counts_as_standing_still(session: Session) -> None:
    pause_at(session, 50)
    assert (session.steps_per_second, session.seconds_left) == (0.0, None)
    assert session.epoch == -(-session.step // 32)
    at = session.step
    session.toggle()
    until(lambda: session.step > at)
    session.toggle()
    until(lambda: session.state == "paused")


def test_reset_gives_the_same_losses_again(session: Session) -> None:
    pause_at(session, 120)
    first = losses(session)
    session.reset()
    until(lambda: session.state == "ready")
    assert (session.step, session.history.loss.size, session.history.evaluations) == (0, 0, {})
    pause_at(session, 120)
    again = losses(session)
    shared = min(len(first), len(again))
    assert first[:shared] == again[:shared]


def test_reset_while_it_plays_leaves_nothing_of_the_old_run(session: Session) -> None:
    session.play()
    until(lambda: session.step > 100)
    session.reset()
    until(lambda: session.state == "ready")
    assert session.history.loss.size == 0
    pause_at(session, 30)
    assert losses(session) == bare("xor", session.step)


def test_stop_finishes_the_run_and_play_goes_on(session: Session) -> None:
    session.set_pace(200)
    session.play()
    until(lambda: session.step > 10)
    session.stop()
    until(lambda: session.state == "finished")
    assert session.until == session.step
    assert session.history.latest("validation", "accuracy") is not None
    at = session.step
    session.play()
    until(lambda: session.step > at)
    session.pause()
    until(lambda: session.state == "paused")
    assert losses(session) == bare("xor", session.step)


def test_a_run_ends_after_the_planned_epochs(session: Session) -> None:
    short = replace(XOR, training=XOR.training.replace(epochs=2))
    take(session, short).play()
    until(lambda: session.state == "finished")
    assert (session.step, session.epoch, session.epochs) == (64, 2, 2)
    session.play()
    until(lambda: session.state == "finished" and session.step == 128)
    assert losses(session) == bare(short, 128)


def test_the_test_set_is_measured_only_when_asked(session: Session, tmp_path: Path) -> None:
    pause_at(session, 60)
    told = wait_for_failure(session)
    assert "test" in told, "XOR has none, and says so"
    assert not any(split == "test" for split, _ in session.history.evaluations)


def test_the_test_set_is_measured_on_what_was_never_trained_on(session: Session, tmp_path: Path) -> None:
    for role, n in (("train", 24), ("t10k", 12)):
        write_set(tmp_path, role=role, n=n)
    graph = chain(Input(), Flatten(), Dense(units="auto"), Output())
    experiment = Experiment(
        source=IdxFolder(path=str(tmp_path)), graph=graph, facts=IdxFolder(path=str(tmp_path)).read().facts
    )
    take(session, experiment)
    pause_at(session, 5)
    assert session.history.latest("test", "accuracy") is None
    with told_by(session) as said:
        session.evaluate_test()
        until(lambda: session.history.latest("test", "accuracy") is not None)
    assert said == []
    curve = session.history.evaluations["test", "accuracy"]
    assert (curve.size, curve.steps[-1]) == (1, session.step)
    assert session.document.now.facts.counts["test"] == 12


def wait_for_failure(session: Session) -> str:
    with told_by(session) as said:
        session.evaluate_test()
        until(lambda: said)
    return said[0]


# -- edits during a run ------------------------------------------------------------------------------------------


def test_the_learning_rate_is_changed_while_it_plays_marked_and_undone(session: Session) -> None:
    session.set_pace(200)
    session.play()
    until(lambda: session.step > 20)
    document = session.document
    session.set_learning_rate(0.005)
    session.set_learning_rate(0.001)
    assert document.now.training.optimiser.learning_rate == 0.001
    until(lambda: session.history.marks)
    (at, what), *others = session.history.marks
    assert (str(what), others) == ("learning rate 0.001", [])
    assert 0 < at <= session.step
    assert session.state == "playing"
    document.undo()
    assert document.now.training.optimiser.learning_rate == 0.02, "both changes are one step"
    until(lambda: len(session.history.marks) == 2)
    assert str(session.history.marks[-1][1]) == "learning rate 0.02"
    session.pause()
    until(lambda: session.state == "paused")
    assert losses(session)[:20] == bare("xor", 20)
    assert losses(session) != bare("xor", session.step)


def test_an_edit_keeps_the_step_count_and_the_weights_of_untouched_nodes(session: Session) -> None:
    session.set_pace(300)
    session.play()
    until(lambda: session.step > 150)
    session.pause()
    until(lambda: session.state == "paused")
    at, reached = session.step, session.history.loss.values[-20:].mean()
    session.document.edit(
        say("Change"), graph=session.document.now.graph.insert(XOR.graph.nodes["tanh_1"].block, XOR.graph.wires[1])
    )
    until(lambda: session.history.marks == [(at, say("Change"))])
    until(lambda: session.state == "paused")
    assert session.step == at
    session.step_once(20)
    until(lambda: session.step == at + 20)
    assert session.history.loss.values[-20:].mean() < (0.69 + reached) / 2, "it goes on from what it has learnt"
    session.document.undo()
    session.step_once(20)
    until(lambda: session.step == at + 40 and session.state == "paused")
    assert len(losses(session)) == at + 40


def test_an_edit_while_it_plays_does_not_stop_it(session: Session) -> None:
    session.set_pace(300)
    session.play()
    until(lambda: session.step > 30)
    session.document.edit(say("Change units"), graph=with_units(session.document.now, 5), merge="units")
    session.document.edit(say("Change units"), graph=with_units(session.document.now, 6), merge="units")
    until(lambda: session.history.marks)
    at = session.step
    until(lambda: session.step > at + 30)
    assert session.state == "playing"
    assert [str(what) for _, what in session.history.marks] == ["Change units"], "typing loads it once"
    assert len(losses(session)) == session.step
    session.document.undo()
    until(lambda: len(session.history.marks) == 2)


def test_a_network_changed_before_its_first_step_is_the_network_as_saved(session: Session) -> None:
    session.document.edit(say("Change units"), graph=with_units(session.document.now, 5))
    session.step_once(20)
    until(lambda: session.step == 20)
    assert losses(session) == bare(session.document.now, 20)
    assert session.history.marks == []


def test_an_edit_right_after_play_does_not_lose_the_play(session: Session) -> None:
    session.set_pace(300)
    session.play()
    session.document.edit(say("Change units"), graph=with_units(session.document.now, 5))
    session._load_changes()  # what the timer does a moment later
    until(lambda: session.step > 30)
    assert session.state == "playing"
    assert len(losses(session)) == session.step


def test_an_edit_that_breaks_the_graph_pauses_and_its_undo_lets_it_go_on(session: Session) -> None:
    session.set_pace(300)
    session.play()
    until(lambda: session.step > 30)
    session.document.edit(say("Delete"), graph=session.document.now.graph.remove(["dense_1"]))
    until(lambda: session.state == "paused")
    with told_by(session) as said:
        session.play()
    assert session.failure is not None
    assert session.failure.node == session.document.report.blocking[0].node
    assert said == [str(session.document.report.blocking[0].message)]
    session.document.undo()
    at = session.step
    session.play()
    assert session.failure is None
    until(lambda: session.step > at)
    session.pause()
    until(lambda: session.state == "paused")
    assert losses(session) == bare("xor", session.step), "nothing of the weights was lost"


def test_nodes_moved_and_panels_opened_are_no_business_of_the_engine(session: Session) -> None:
    posted: list[object] = []
    session._client.post = posted.append  # type: ignore[method-assign]
    try:
        view = session.document.now.view
        session.document.edit(say("Move"), view=replace(view, positions={"dense_1": (8.0, 8.0)}))
        session._load_changes()
    finally:
        del session._client.post  # type: ignore[method-assign]
    assert posted == []


@pytest.mark.parametrize("what", ["source", "preparation", "seed"])
def test_other_data_start_another_run(session: Session, what: str) -> None:
    pause_at(session, 60)
    until(lambda: session.can_resume)  # pausing writes a checkpoint, which belongs to the old data
    now = session.document.now
    changes = {
        "source": {"source": now.source.replace(noise=0.3)},
        "preparation": {"preparation": now.preparation.replace(validation=0.5)},
        "seed": {"training": now.training.replace(seed=7)},
    }[what]
    restarted: list[int] = []

    def note() -> None:
        restarted.append(session.step)

    session.restarted.connect(note)
    session.document.edit(say("Change the data"), **changes)
    until(lambda: restarted)
    session.restarted.disconnect(note)
    assert not session.can_resume
    until(lambda: session.state == "ready")
    assert (session.step, session.history.loss.size, session.history.marks) == (0, 0, [])
    pause_at(session, 20)
    assert losses(session) == bare(session.document.now, session.step)
    expected = 200 if what == "preparation" else 320
    assert session.document.now.facts.counts["train"] == expected


# -- other documents ---------------------------------------------------------------------------------------------


def test_opening_another_document_drops_what_the_old_run_still_says(session: Session) -> None:
    session.play()
    until(lambda: session.step > 200)
    spirals = open_named("spirals")[0]
    session.document.open(spirals)
    session.open_document()
    assert (session.step, session.history.loss.size) == (0, 0)
    with frames_of(session) as frames:
        session.watch("boundary", PROBES["boundary"]())
        until(lambda: session.state == "ready")
        assert session.history.loss.size == 0
        until(lambda: frames)
    assert all(frame.run == session._run for frame in frames)
    pause_at(session, 10)
    assert losses(session) == bare(spirals, session.step)


def test_the_same_data_opened_again_begin_again(session: Session) -> None:
    pause_at(session, 60)
    other = replace(XOR, graph=with_units(XOR, 3))
    take(session, other)
    pause_at(session, 20)
    assert losses(session) == bare(other, session.step), "weights of the document before must not be kept"
    assert session.history.marks == []


def test_a_project_goes_on_where_it_was(session: Session, tmp_path: Path) -> None:
    import argparse

    path = tmp_path / "trained.zip"
    parser = argparse.ArgumentParser()
    train.arguments(parser)
    assert train.run(parser.parse_args(["xor", "--steps", "100", "--out", str(path), "--json"])) == 0
    assert is_project(path)
    session.document.open(*open_named(str(path)))
    session.open_document()
    until(lambda: session.state == "paused" and session.step == 100)
    assert losses(session) == list(read_record(path).losses)
    assert session.history.latest("validation", "accuracy") is not None
    assert session.can_resume
    session.step_once(30)
    until(lambda: session.step == 130)
    assert losses(session) == bare("xor", 130)


def test_saving_a_project_keeps_its_weights(qapp: QApplication, tmp_path: Path) -> None:
    import argparse

    from widgets.filing import Filing

    path = tmp_path / "trained.zip"
    parser = argparse.ArgumentParser()
    train.arguments(parser)
    assert train.run(parser.parse_args(["xor", "--steps", "5", "--out", str(path), "--json"])) == 0
    document = Document(*open_named(str(path)))
    filing = Filing(None, document, Settings(tmp_path))  # type: ignore[arg-type]
    document.edit(say("Change units"), graph=with_units(document.now, 6))
    filing.save()
    assert not document.dirty
    assert is_project(path)
    assert len(read_record(path).losses) == 5
    assert open_named(str(path))[0] == document.now


# -- questions and frames ------------------------------------------------------------------------------------------


def test_a_question_is_answered_once_to_whom_it_was_asked(session: Session) -> None:
    answers: list[tuple[object, object]] = []

    def reply(answer: object, failure: object) -> None:
        answers.append((answer, failure))

    session.ask(PROBES["boundary"](), reply)
    session.ask("validation", reply)
    session.ask("nothing", reply)
    until(lambda: len(answers) == 3)
    (plane, none), (_, fine), (_, refused) = answers
    assert plane.step == 0  # type: ignore[attr-defined]
    assert (none, fine) == (None, None)
    assert "nothing" in str(refused)
    assert session.history.latest("validation", "loss") == pytest.approx(0.7, abs=0.3)
    assert session._questions == {}


def test_a_question_that_takes_long_tells_how_far_it_is_and_can_be_given_up(session: Session) -> None:
    answers: list[tuple[object, object]] = []
    heard: list[messages.Underway] = []

    def reply(answer: object, failure: object) -> None:
        answers.append((answer, failure))

    session.ask(LossSurface(points=5), reply)
    id = session.ask(LossSurface(points=400), reply, heard.append)
    until(lambda: len(heard) >= 2)
    session.cancel(id)
    until(lambda: len(answers) == 2)
    (surface, fine), (nothing, cancelled) = answers
    assert surface.losses.shape == (5, 5) and fine is None  # type: ignore[attr-defined]
    assert nothing is None and "cancelled" in str(cancelled)
    assert 0 < heard[0].share < heard[1].share < 1
    assert session._questions == {} and session._underway == {}


def test_a_paused_run_is_measured_once_and_anew_when_the_request_changes(session: Session) -> None:
    with frames_of(session) as frames:
        session.watch("boundary", PROBES["boundary"]())
        until(lambda: frames)
        count = len(frames)
        session.watch("gradients", PROBES["gradients"]())
        until(lambda: any("gradients" in frame.answers for frame in frames))
        assert len(frames) <= count + 2
        session.step_once()
        until(lambda: frames[-1].step == 1 and frames[-1].answers.get("gradients") is not None)
    assert np.isfinite(frames[-1].answers["gradients"].magnitude).all()


# -- an engine that hangs, dies or never comes --------------------------------------------------------------------


@pytest.fixture
def own(qapp: QApplication) -> Iterator[Session]:
    """A session with an engine that the test may end."""
    made = Session(Document(XOR))
    until(lambda: made.state == "ready")
    yield made
    made.close()
    assert not made._client.folder.exists()


@posix
def test_an_engine_that_hangs_is_replaced_by_force_and_the_run_goes_on(own: Session) -> None:
    pause_at(own, 100)
    at, folder, pid = own.step, own._client.folder, own.engine_pid
    until(lambda: own.can_resume)
    own.set_pace(20)
    own.play()
    until(lambda: own.step > at)
    os.kill(pid, signal.SIGSTOP)
    own.pause()
    assert not own.hangs
    until(lambda: own.hangs)
    assert own.state == "playing"
    began = time.monotonic()
    lost: list[object] = []
    own.engineLost.connect(lost.append)
    own.force_stop()
    assert time.monotonic() - began < 1
    assert len(lost) == 1
    assert (own.state, own.hangs, own.step) == ("loading", False, 0)
    assert own.engine_pid != pid
    assert own._client.folder == folder
    own.resume_from_checkpoint()
    own.play()  # queued until the new engine is there
    until(lambda: own.step > at + 5)
    own.pause()
    until(lambda: own.state == "paused")
    assert losses(own) == bare("xor", own.step), "as if nothing had happened"


@posix
def test_an_engine_that_dies_again_and_again_is_not_started_for_ever(own: Session) -> None:
    lost: list[str] = []

    def note(sentence: object) -> None:
        lost.append(str(sentence))

    own.engineLost.connect(note)
    os.kill(own.engine_pid, signal.SIGKILL)
    until(lambda: len(lost) == 1)
    os.kill(own.engine_pid, signal.SIGKILL)
    until(lambda: len(lost) == 2)
    assert "again" in lost[1]
    assert own.state == "failed"
    assert not psutil.pid_exists(own.engine_pid)
    for _ in range(5):
        own.poll()
    assert len(lost) == 2
    own.set_pace(200)
    own.play()
    until(lambda: own.step > 5)
    assert len(lost) == 2


@posix
def test_an_engine_that_cannot_start_says_why(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho 'no module named torch' >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(broken))
    session = Session(Document(XOR))
    lost: list[str] = []

    def note(sentence: object) -> None:
        lost.append(str(sentence))

    session.engineLost.connect(note)
    try:
        until(lambda: len(lost) == 2)
        assert lost == ["The engine cannot start: no module named torch"] * 2
        assert session.state == "failed"
        monkeypatch.undo()
        session.play()
        until(lambda: session.step > 5)
    finally:
        session.close()


def test_a_session_that_is_closed_early_leaves_nothing(qapp: QApplication) -> None:
    session = Session(Document(XOR))
    session.play()
    folder = session._client.folder
    began = time.monotonic()
    session.close()
    session.close()
    assert time.monotonic() - began < 1
    assert not folder.exists()
    session.poll()
    assert session.state == "loading"
    assert isinstance(messages.STATES[session.state], str)


def test_a_run_goes_on_with_the_points_that_are_drawn_meanwhile(session: Session) -> None:
    points = tuple((float(x), float(y), int(x * y < 0)) for x in range(-5, 6) for y in range(-5, 6) if x * y)
    source = DrawnPoints(placed=points)
    take(session, replace(XOR, source=source))
    document = session.document
    session.set_pace(60.0)
    session.play()
    until(lambda: session.step > 20)
    document.edit(say("Draw points"), source=source.with_drawn((*points, (0.5, 0.5, 0))))
    before = session.step
    until(lambda: sum(document.now.facts.counts.values()) == 101)
    until(lambda: session.state == "playing" and session.step > before)
    assert [str(words) for _, words in session.history.marks] == ["Draw points"]
    document.edit(say("Change the data"), source=document.now.source.replace(features=("x", "y", "xy")))
    until(lambda: session.step == 0)  # another input: a run of its own
    assert not session.history.marks
