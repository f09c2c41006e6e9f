"""What may go wrong, in the real window with the real engine: nothing is lost, and one sentence says what happened."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMessageBox

from playground import files
from playground.blocks.data import Output
from playground.blocks.dense import Dense
from playground.choices import SGD
from playground.data import SOURCES
from playground.document import Document
from playground.environment import ROOT
from playground.experiment import Experiment
from playground.graph import Wire
from playground.presets import open_named
from playground.text import say
from tests.gui.driving import (
    banner,
    bare,
    button,
    click,
    engines,
    fresh,
    key,
    losses,
    opened,
    pause,
    play_until,
    ready,
    show,
    told_by,
    until,
)
from widgets.session import Session
from widgets.window import Window

XOR = open_named("xor")[0]
posix = pytest.mark.skipif(sys.platform == "win32", reason="signals are sent")


@pytest.fixture(scope="module")
def window(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Window]:
    """One window with its engine for all tests that leave both whole."""
    with opened(tmp_path_factory.mktemp("home")) as made:
        yield made


def callout(window: Window, id: str) -> str:
    """Return the sentence that stands at a node on the canvas."""
    found = window.workspace.canvas.stage.callouts.get(id)
    return found.words[0] if found is not None else ""


# -- the engine dies ---------------------------------------------------------------------------------------------


@posix
def test_an_engine_killed_while_it_trains_is_replaced_and_the_run_goes_on_from_its_checkpoint(
    qapp: QApplication, tmp_path: Path
) -> None:
    with opened(tmp_path, "xor") as window:
        ready(window)
        session, document = window.session, window.document
        document.edit(say("Change units"), graph=document.now.graph.configure("dense_1", Dense(units=5)))
        before, undo = document.now, document.undo_name
        play_until(window, 100)
        pause(window)  # which writes a checkpoint
        until(lambda: session.can_resume)
        at, pid = session.step, session.engine_pid
        session.set_pace(100)
        play_until(window, at + 10)
        os.kill(pid, signal.SIGKILL)

        until(window.banner.isVisible)
        assert "ended unexpectedly" in banner(window)
        assert window.isVisible()
        assert (document.now, document.undo_name, document.dirty) == (before, undo, True)
        assert session.state == "loading"
        assert not psutil.pid_exists(pid)
        assert window.run_bar.buttons["play"].accessibleName().startswith("Play"), "nothing plays any more"

        assert window.banner.button.text() == "Go on from the last checkpoint"
        click(window.banner.button)
        assert not window.banner.isVisible()
        until(lambda: session.state == "paused")
        assert session.step == at
        assert len(losses(session)) == at
        session.set_pace(None)
        play_until(window, at + 50)
        pause(window)
        assert losses(session) == bare(before, session.step), "as if nothing had happened"
        raw = window.workspace.panels.docks["loss"].panel.raw
        until(lambda: len(raw.getOriginalDataset()[0]) == session.step)


@posix
def test_closing_the_window_ends_even_an_engine_that_hangs(qapp: QApplication, tmp_path: Path) -> None:
    others = engines()
    with opened(tmp_path, "lenet") as window:
        ready(window)
        play_until(window, 3)
        pid, folder = window.session.engine_pid, window.session._client.folder
        assert engines() - others == {pid}
        os.kill(pid, signal.SIGSTOP)
        began = time.monotonic()
        assert window.close()
        assert time.monotonic() - began < 3
        assert engines() == others
        assert not folder.exists()
        assert not window.isVisible()


@posix
def test_closing_the_window_while_it_trains_ends_both_processes_within_three_seconds(tmp_path: Path) -> None:
    script = """
import os, time
from PySide6.QtCore import QTimer
from widgets import app

class Plan:
    def begin(self):
        window, = [one for one in app.application().topLevelWidgets() if one.objectName() == "window"]
        if window.session.step == 0:
            window.session.play()
            QTimer.singleShot(50, self.begin)
            return
        print(window.session.engine_pid, time.time(), window.session._client.folder, flush=True)
        window.close()

plan = Plan()
app.application()
QTimer.singleShot(0, plan.begin)
raise SystemExit(app.run("xor"))
"""
    variables = {**os.environ, "NETWORK_PLAYGROUND_HOME": str(tmp_path), "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=variables, capture_output=True, text=True, timeout=60, check=False
    )
    ended = time.time()
    assert done.returncode == 0, done.stderr
    pid, closed, folder = done.stdout.split()
    assert ended - float(closed) < 3
    assert not psutil.pid_exists(int(pid))
    assert not Path(folder).exists()
    assert "Traceback" not in done.stderr


# -- files -------------------------------------------------------------------------------------------------------


def document_of(**changes: Any) -> str:
    """Return the text of a valid document with some of its fields exchanged."""
    value = json.loads(files.dumps(XOR))
    value.update(changes)
    return json.dumps(value)


def with_node(**fields: Any) -> str:
    value = json.loads(files.dumps(XOR))
    value["graph"]["nodes"][1].update(fields)
    return json.dumps(value)


def with_wire(source: str, target: str) -> str:
    value = json.loads(files.dumps(XOR))
    value["graph"]["wires"].append({"from": source, "to": target})
    return json.dumps(value)


REFUSED = {
    "empty": "",
    "malformed": '{"format": "network-playground", "version": 1,,}',
    "truncated": files.dumps(XOR)[: len(files.dumps(XOR)) // 2],
    "not-a-document": '["a", "list"]',
    "another-program's": '{"nodes": []}',
    "newer": document_of(version=99),
    "version-is-text": document_of(version="1"),
    "nested-without-end": '{"format": "network-playground", "version": 1, "extra": '
    + "[" * 100_000
    + "]" * 100_000
    + "}",
    "not-a-number": document_of().replace('"learning_rate": 0.02', '"learning_rate": NaN'),
    "infinite": document_of().replace('"units": 4', '"units": 1e400'),
    "larger-than-any-layer": with_node(units=10**30),
    "a-number-of-ten-thousand-digits": document_of().replace('"units": 4', '"units": ' + "9" * 10_000),
    "a-name-of-torch": with_node(id="forward"),
    "a-name-of-python": with_node(id="__class__"),
    "the-same-name-twice": with_node(id="tanh_1"),
    "a-wire-to-nowhere": with_wire("tanh_2", "nobody"),
    "a-port-that-is-not-there": with_wire("tanh_2.second", "dense_1"),
    "two-wires-into-one-port": with_wire("tanh_2", "dense_1"),
    "too-many-nodes": document_of(
        graph={"nodes": [{"id": f"a_{n}", "block": "Tanh"} for n in range(6000)], "wires": []}
    ),
    "code-for-data": document_of(data={"source": {"name": "__import__('os').system('true')"}}),
    "half-a-character": document_of(title={"en": "\ud800"}),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_bad_file_gets_one_sentence_and_the_open_document_stays(window: Window, tmp_path: Path, name: str) -> None:
    if window.document.now.title != XOR.title:
        fresh(window, "xor")
    window.banner.dismiss()
    document, now = window.document, window.document.now
    path = tmp_path / f"{name}.json"
    path.write_text(REFUSED[name], encoding="utf-8", errors="surrogatepass")
    run, title = window.session._run, window.windowTitle()
    window.filing.open_path(path)
    said = banner(window)
    assert path.name in said
    assert len(said) < 300
    assert "\n" not in said
    assert "Traceback" not in said
    assert document.now is now
    assert (window.session._run, window.windowTitle()) == (run, title)
    assert path not in window.settings.recent()


def test_files_that_are_no_text_are_refused_too(window: Window, tmp_path: Path) -> None:
    fresh(window, "xor")
    now = window.document.now
    binary, folder, missing, bomb = (tmp_path / name for name in ("a.json", "b.json", "c.json", "d.zip"))
    binary.write_bytes(bytes(range(256)) * 40)
    folder.mkdir()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(files.DOCUMENT_NAME, b"[" + b" " * (files.LARGEST_FILE + 10))
    torn = tmp_path / "e.zip"
    torn.write_bytes(bomb.read_bytes()[:-30])
    for path in (binary, folder, missing, bomb, torn):
        window.banner.dismiss()
        window.filing.open_path(path)
        assert path.name in banner(window)
        assert window.document.now is now
    play_until(window, 5)  # what was open still works
    pause(window)


def test_a_circle_is_opened_shown_at_its_nodes_and_mended(window: Window, tmp_path: Path) -> None:
    value = json.loads(files.dumps(XOR))
    value["graph"]["wires"][0]["from"] = "tanh_2"  # dense_1 is fed by what it feeds
    path = tmp_path / "circle.json"
    path.write_text(json.dumps(value))
    open_broken(window, path)
    problem = window.document.report.blocking[0]
    assert callout(window, problem.node) == str(problem.message)
    assert says_when_played(window) == str(problem.message)
    graph = window.document.now.graph
    window.document.edit(say("Disconnect"), graph=graph.disconnect(Wire("tanh_2", "dense_1")))
    window.document.edit(say("Connect"), graph=window.document.now.graph.connect(Wire("input_1", "dense_1")))
    assert window.document.report.problems == ()
    play_until(window, 5)
    pause(window)


def test_an_unknown_block_is_kept_and_said_to_be_unknown(window: Window, tmp_path: Path) -> None:
    path = tmp_path / "future.json"
    path.write_text(with_node(block="HyperDense", wings=3))
    open_broken(window, path)
    assert "HyperDense" in callout(window, "dense_1")
    assert "HyperDense" in says_when_played(window)
    copy = tmp_path / "copy.json"
    window.filing.save_to(copy)
    node = json.loads(copy.read_text())["graph"]["nodes"][1]
    assert node == {"id": "dense_1", "block": "HyperDense", "units": 4, "bias": True, "wings": 3}


@pytest.mark.parametrize("case", ["two unnamed outputs", "shapes do not fit", "no output", "nothing at all"])
def test_play_says_which_problem_is_in_the_way(window: Window, case: str) -> None:
    fresh(window, "xor")
    graph = XOR.graph
    broken = {
        "two unnamed outputs": lambda: graph.add(
            Output(task="binary", loss="binary_cross_entropy"), "output_2"
        ).connect(Wire("dense_3", "output_2")),
        "shapes do not fit": lambda: graph.configure("dense_3", Dense(units=3)),
        "no output": lambda: graph.remove(["output_1"]),
        "nothing at all": lambda: graph.remove(list(graph.nodes)),
    }[case]()
    window.document.edit(say("Change"), graph=broken)
    problem = window.document.report.blocking[0]
    assert says_when_played(window) == str(problem.message)
    if problem.node:
        assert callout(window, problem.node) == str(problem.message)
    else:
        assert banner(window) == str(problem.message)
    assert window.session.step == 0
    assert window.run_bar.problems.isVisible()
    click(window.run_bar.problems)
    assert window.workspace.problems.isVisible()
    click(window.run_bar.problems)
    window.banner.dismiss()
    window.document.undo()
    play_until(window, 5)
    pause(window)


def open_broken(window: Window, path: Path) -> None:
    """Open a document that cannot be trained as it is."""
    fresh(window, path)
    assert window.document.path == path
    assert window.session.state in ("blocked", "failed")
    assert banner(window) == ""


def says_when_played(window: Window) -> str:
    """Press F5 and return what is said."""
    with told_by(window.session) as said:
        key(window, Qt.Key.Key_F5)
    assert window.session.state != "playing"
    return said[0]


# -- runs ---------------------------------------------------------------------------------------------------------


def exploding() -> Experiment:
    """XOR with squared errors and a learning rate of a thousand: it has no loss after a few steps."""
    graph = XOR.graph.configure("output_1", Output(task="binary", loss="mse"))
    return replace(XOR, graph=graph, training=XOR.training.replace(optimiser=SGD(learning_rate=1000.0)))


def test_a_loss_that_is_no_number_pauses_and_stands_at_the_node_where_it_began(window: Window) -> None:
    show(window, exploding())
    until(lambda: window.session.state == "ready")
    key(window, Qt.Key.Key_F5)
    until(lambda: window.session.failure is not None)
    failure = window.session.failure
    assert window.session.state == "paused"
    assert failure.node in window.document.now.graph
    assert f"began at {failure.node}" in str(failure.sentence)
    assert callout(window, failure.node) == str(failure.sentence)
    assert window.workspace.canvas.stage.cards[failure.node].face.bad
    assert len(losses(window.session)) == window.session.step
    window.grab()  # what is infinite can be painted
    window.choose_theme("light")
    window.choose_theme("dark")

    training = window.document.now.training
    window.document.edit(say("Lower"), training=training.replace(optimiser=SGD(learning_rate=0.1)))
    click(button(window.run_bar, "reset"))
    until(lambda: window.session.state == "ready")
    assert callout(window, failure.node) == ""
    play_until(window, 50)
    pause(window)
    assert window.session.failure is None


def test_data_that_are_not_there_are_said_so_and_can_be_exchanged(window: Window, tmp_path: Path) -> None:
    source = next(made for made in SOURCES.values() if "folder" in made.parameters or "path" in made.parameters)
    name = "folder" if "folder" in source.parameters else "path"
    lenet = open_named("lenet")[0]
    missing = tmp_path / "nothing here"
    show(window, replace(lenet, source=source(**{name: str(missing)})))
    until(lambda: window.session.state == "failed")
    assert "nothing here" in banner(window)
    assert window.document.report.problems == ()
    window.banner.dismiss()
    key(window, Qt.Key.Key_F5)
    until(lambda: banner(window) != "")
    window.banner.dismiss()
    window.document.edit(say("Change the data"), source=lenet.source)
    until(lambda: window.session.state == "ready")
    play_until(window, 2)
    pause(window)


@pytest.mark.slow
@posix
def test_loading_that_does_not_end_can_be_broken_off(qapp: QApplication, tmp_path: Path) -> None:
    with opened(tmp_path, "xor") as window:
        ready(window)
        pid, action = window.session.engine_pid, window.actions_by_key["force_stop"]
        os.kill(pid, signal.SIGSTOP)  # as if the network were too large for this machine
        window.filing.open_path("spirals")
        assert window.session.state == "loading"
        assert action.isEnabled()
        action.trigger()
        assert not psutil.pid_exists(pid)
        assert "Loading was broken off" in banner(window)
        assert window.session.state == "failed"
        assert window.document.name == str(open_named("spirals")[0].title)
        play_until(window, 5)


# -- several at once, again and again --------------------------------------------------------------------------------


@pytest.mark.slow
@posix
def test_two_windows_do_not_disturb_each_other(window: Window, tmp_path: Path) -> None:
    fresh(window, "xor")
    with opened(tmp_path, "spirals") as other:
        first, second = window.session, other.session
        assert first.engine_pid != second.engine_pid
        assert first._client.folder != second._client.folder
        first.set_pace(60)  # slow enough that it is not over before the other window is
        first.play()
        second.play()  # its engine is still starting: Play waits for it
        until(lambda: first.step > 20 and second.step > 50)
        second.pause()
        until(lambda: second.state == "paused")
        at = first.step
        os.kill(second.engine_pid, signal.SIGKILL)
        until(other.banner.isVisible)
        until(lambda: first.step > at + 20)
        assert first.state == "playing"
        assert not window.banner.isVisible()
    window.activateWindow()
    until(window.isActiveWindow)
    first.pause()
    until(lambda: first.state == "paused")
    assert losses(first) == bare("xor", first.step)


def resources() -> tuple[int, int, set[int]]:
    """Return how many threads and open files this process has, and its engines."""
    here = psutil.Process()
    return here.num_threads(), here.num_fds() if hasattr(here, "num_fds") else here.num_handles(), engines()


def start_and_stop(times: int) -> None:
    """Start sessions and end them, at once, while they train, or after a pause."""
    for number in range(times):
        session = Session(Document(XOR))
        if number % 3 == 0:
            session.play()
            until(lambda session=session: session.step > 20)
        if number % 6 == 3:
            session.pause()
            until(lambda session=session: session.state == "paused")
        session.close()
        session.deleteLater()


@pytest.mark.parametrize("times", [3, pytest.param(20, marks=pytest.mark.slow)])
def test_starting_and_ending_sessions_leaks_nothing(qapp: QApplication, times: int) -> None:
    start_and_stop(1)  # whatever is imported and opened once
    threads, handles, running = resources()
    start_and_stop(times)
    until(lambda: resources()[0] <= threads and resources()[2] == running)
    assert resources()[1] <= handles


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_two_hundred_times_play_pause_and_reset_leak_nothing(qapp: QApplication, tmp_path: Path) -> None:
    with opened(tmp_path, "xor") as window:
        ready(window)
        session, engine = window.session, psutil.Process(window.session.engine_pid)
        session.set_device("cpu")

        def cycle() -> None:
            key(window, Qt.Key.Key_F5)
            until(lambda: session.step >= 5)
            pause(window)
            key(window, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
            until(lambda: session.state == "ready" and session.step == 0)

        def sizes() -> tuple[int, int, int]:
            return engine.num_threads(), engine.num_fds(), len(list(session._client.folder.iterdir()))

        for _ in range(10):
            cycle()
        before, here, memory = sizes(), resources(), engine.memory_info().rss
        for _ in range(200):
            cycle()
        until(lambda: sizes() <= before)
        after = resources()
        assert (after[0], after[2]) == (here[0], here[2])
        assert after[1] <= here[1]
        assert engine.memory_info().rss < memory + 40 * 2**20
        play_until(window, 30)
        pause(window)
        assert losses(session)[:30] == bare("xor", 30)


def test_what_is_unsaved_is_asked_about_before_another_document_is_opened(window: Window) -> None:
    fresh(window, "xor")
    window.document.edit(say("Change units"), graph=window.document.now.graph.configure("dense_1", Dense(units=5)))
    play_until(window, 10)
    edited = window.document.now
    window.filing.open_path("lenet")
    box = window.filing.question
    assert box is not None
    click(box.button(QMessageBox.StandardButton.Cancel))
    assert window.document.now is edited
    assert window.session.state == "playing", "the run goes on while it is asked"
    window.filing.open_path("lenet")
    click(window.filing.question.button(QMessageBox.StandardButton.Discard))
    ready(window)
    assert window.document.name == str(open_named("lenet")[0].title)
    assert window.session.step == 0
