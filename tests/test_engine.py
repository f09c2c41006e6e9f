"""The engine as the window knows it: it starts, trains and ends; when it dies, that is noticed; nothing is left."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

pytest.importorskip("torch")

from playground import messages
from playground.client import Client
from playground.environment import ROOT
from playground.probes import PROBES
from playground.training import Trainer
from tests.examples import delicate, eventually, preset, small

START = 60.0
"""Seconds that an engine may take to import torch on a machine that is busy with other tests."""


class Window:
    """A client and what it has been told."""

    def __init__(self, folder=None):
        self.client = Client(folder)
        self.notices, self.frames = [], []

    def read(self):
        notices, frame = self.client.take()
        self.notices += notices
        self.frames += [] if frame is None else [frame]
        return self

    def all(self, kind, run=None):
        self.read()
        return [n for n in self.notices if isinstance(n, kind) and run in (None, getattr(n, "run", None))]

    def state(self, run):
        states = self.all(messages.StateChanged, run)
        return states[-1].state if states else ""

    def losses(self, run):
        return [loss for notice in self.all(messages.Losses, run) for loss in notice.values.tolist()]

    def post(self, *orders):
        for order in orders:
            self.client.post(order)
        return self

    def until(self, run, state):
        eventually(lambda: self.state(run) == state or not self.client.alive, START)
        assert self.client.alive, self.client.last_words()
        return self


@pytest.fixture(scope="module")
def shared():
    """One engine for the tests that leave it as it was."""
    window = Window()
    yield window
    window.client.close()


@pytest.fixture
def own():
    """An engine to be mistreated."""
    window = Window()
    yield window
    window.client.close()


def gone(pid):
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_orders_given_before_the_engine_is_ready_are_carried_out(shared):
    experiment = delicate(epochs=3)
    shared.post(messages.Load(1, experiment, "cpu"), messages.Play()).until(1, "finished")
    (ready,) = shared.all(messages.EngineReady)
    assert ready.devices[0] == "cpu" and 0 < ready.seconds < START
    assert shared.losses(1) == [step.loss for step in Trainer(experiment, device="cpu").steps()]


def test_the_window_and_the_engine_train_the_same_run_watched(shared):
    probes = {key: cls(node="dense_1") if cls.per_node else cls() for key, cls in PROBES.items()}
    experiment = preset("xor")
    shared.post(messages.Watch(probes), messages.Load(2, experiment, "cpu"), messages.Step(200)).until(2, "paused")
    eventually(lambda: shared.read().frames and shared.frames[-1].step == 200)
    assert set(shared.frames[-1].answers) <= set(probes)
    expected = [step.loss for step in Trainer(experiment, device="cpu").steps(200)]
    assert shared.losses(2) == expected
    shared.post(messages.Watch({}))


def test_what_goes_wrong_in_the_engine_is_told_in_the_window(shared):
    shared.post(messages.Load(3, small(), "cuda:99")).until(3, "failed")
    (failed,) = eventually(lambda: shared.all(messages.Failed, 3))
    assert "there is no device cuda:99" in str(failed.sentence)
    shared.post("not an order")
    eventually(lambda: len(shared.all(messages.Failed, 3)) == 2)
    shared.post(messages.Load(4, small(), "cpu")).until(4, "ready")


def test_questions_are_answered_across_the_pipe(shared):
    shared.post(messages.Load(5, preset("xor"), "cpu"), messages.Ask(17, PROBES["boundary"](cells=16)))
    (reply,) = eventually(lambda: [reply for reply in shared.all(messages.Replied) if reply.id == 17])
    assert reply.answer.winner.shape == (16, 16)


def test_an_engine_writes_its_checkpoints_into_its_folder_and_another_goes_on(shared, own):
    experiment = delicate(epochs=100)
    shared.post(messages.Load(6, experiment, "cpu", folder=str(shared.client.folder)), messages.Step(13))
    saved = eventually(lambda: shared.all(messages.Saved, 6))[-1]
    assert Path(saved.path).parent == shared.client.folder
    own.post(messages.Load(1, experiment, "cpu", checkpoint=saved.path), messages.Step(7))
    eventually(lambda: len(own.losses(1)) == 7, START)
    assert own.losses(1) == [step.loss for step in Trainer(experiment, device="cpu").steps(20)][13:]


def test_closing_while_it_trains_ends_the_process_and_removes_the_folder():
    window = Window()
    window.post(messages.Load(1, small(epochs=100_000), "cpu"), messages.Play())
    eventually(lambda: len(window.losses(1)) > 100, START)
    pid, folder = window.client.pid, window.client.folder
    began = time.perf_counter()
    window.client.close()
    assert time.perf_counter() - began < 3.0
    assert gone(pid) and not window.client.alive and not folder.exists()
    window.client.close()  # once more does no harm
    window.client.post(messages.Play())


def test_closing_while_it_still_imports_does_not_wait_for_it():
    window = Window()
    began = time.perf_counter()
    window.client.close()
    assert time.perf_counter() - began < 4.0
    assert gone(window.client.pid)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no kill -9 here")
def test_a_killed_engine_is_noticed_and_the_client_stays_usable(own):
    own.post(messages.Load(1, small(epochs=100_000), "cpu"), messages.Play())
    eventually(lambda: len(own.losses(1)) > 10, START)
    os.kill(own.client.pid, signal.SIGKILL)
    eventually(lambda: not own.client.alive)
    for _ in range(100):
        own.client.post(messages.Play())
    own.read()
    assert isinstance(own.client.last_words(), str)
    folder = own.client.folder
    own.client.close(keep_folder=True)
    assert folder.exists()  # its last checkpoint is still wanted


def test_a_hanging_engine_is_killed_by_force(own):
    own.post(messages.Load(1, small(), "cpu")).until(1, "ready")
    os.kill(own.client.pid, signal.SIGSTOP)
    began = time.perf_counter()
    own.client.kill()
    assert time.perf_counter() - began < 3.0
    assert gone(own.client.pid)


def test_garbage_among_the_orders_ends_the_engine_not_the_window(own):
    own.post(messages.Load(1, small(), "cpu")).until(1, "ready")
    own.client._process.stdin.write(b"\xff" * 64)
    with contextlib.suppress(OSError):
        own.client._process.stdin.flush()
    eventually(lambda: not own.client.alive)
    assert "Error" in own.client.last_words()


def test_an_engine_that_talks_nonsense_is_ended(tmp_path, monkeypatch):
    script = tmp_path / "nonsense"
    script.write_text("#!/bin/sh\nprintf 'this is not a message at all'\nexec sleep 60\n")
    script.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(script))
    client = Client()
    eventually(lambda: not client.alive)
    client.close()


def test_an_engine_whose_window_vanishes_ends_by_itself():
    program = (
        "import os, time\n"
        "from playground import messages\n"
        "from playground.client import Client\n"
        "from tests.examples import small\n"
        "client = Client()\n"
        "client.post(messages.Load(1, small(epochs=100_000), 'cpu'))\n"
        "client.post(messages.Play())\n"
        "while not any(isinstance(n, messages.Losses) for n in client.take()[0]):\n"
        "    time.sleep(0.01)\n"
        "print(client.pid, client.folder, flush=True)\n"
        "os._exit(1)\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False, timeout=START
    )
    assert result.stdout, result.stderr
    pid, folder = result.stdout.split()
    eventually(lambda: gone(int(pid)), 5.0)
    for path in Path(folder).iterdir():
        path.unlink()
    Path(folder).rmdir()


@pytest.mark.slow
def test_starting_and_stopping_engines_leaks_nothing(request):
    """Two engines by default, twenty with --slow."""
    process = psutil.Process()

    def held():
        return process.num_fds(), process.num_threads(), len(process.children(recursive=True))

    def cycle():
        window = Window()
        window.post(messages.Load(1, small(), "cpu"), messages.Step(2))
        eventually(lambda: len(window.losses(1)) == 2, START)
        window.client.close()

    before = held()
    for _ in range(20 if request.config.getoption("--slow") else 2):
        cycle()
    eventually(lambda: all(now <= then for now, then in zip(held(), before, strict=True)))
