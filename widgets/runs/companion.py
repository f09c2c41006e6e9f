"""Trains experiments beside the present run, one after another, in an engine process of its own.

It starts when it is first needed, stands back for the run that the person watches (a lower priority, one thread),
and ends when it has had nothing to do for a while. What it trains is watched by no panel. Its processes are killed and
not asked to end: nothing they have is worth a wait.
"""

from __future__ import annotations

import contextlib
import os
from collections import deque
from collections.abc import Iterable

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from playground import messages
from playground.client import Client
from playground.text import Sentence, say
from widgets.runs.run import Run

POLL_MS = 100
"""How often to look for news: a curve that grows ten times a second grows smoothly."""

IDLE_MS = 60_000
"""How long the process stays when there is nothing to train."""

NICE = 10
"""By how much it stands back, as systems of the Unix family count it."""


class Companion(QObject):
    """A queue of runs, and the engine that trains the first of them.

    Signals:
        stateChanged(object): this run is in another state.
        grew(object): this run has said more.
    """

    stateChanged = Signal(object)
    grew = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.now: Run | None = None
        self.waiting: deque[Run] = deque()
        self._known: dict[int, Run] = {}
        self._client: Client | None = None
        self._poll_timer = QTimer(self, interval=POLL_MS)
        self._poll_timer.timeout.connect(self.poll)
        self._idle_timer = QTimer(self, interval=IDLE_MS, singleShot=True)
        self._idle_timer.timeout.connect(self.close)

    @property
    def busy(self) -> bool:
        """Whether anything is being trained."""
        return self.now is not None

    @property
    def pid(self) -> int:
        """The process id of its engine; 0 where there is none."""
        return self._client.pid if self._client is not None else 0

    def add(self, runs: Iterable[Run]) -> None:
        """Train these too, when those before them are over."""
        self.waiting.extend(runs)
        self._go_on()

    def cancel(self, run: Run) -> None:
        """Train this one no further."""
        if run in self.waiting:
            self.waiting.remove(run)
            self._enter(run, "stopped")
        elif run is self.now:
            self._end_engine()  # whatever it is doing, and however long that would take
            self.now = None
            self._enter(run, "stopped")
            self._go_on()

    def cancel_all(self) -> None:
        """Train nothing more."""
        waiting, now = list(self.waiting), self.now
        self.waiting.clear()
        for run in waiting:
            self._enter(run, "stopped")
        if now is not None:
            self.cancel(now)

    def close(self) -> None:
        """End the engine and forget everything that was still to be done."""
        self.waiting.clear()
        self.now = None
        self._poll_timer.stop()
        self._idle_timer.stop()
        self._end_engine()

    def poll(self) -> None:
        """Take what the engine has said."""
        client = self._client
        if client is None:
            return
        alive = client.alive
        grown: dict[int, Run] = {}
        for notice in client.take()[0]:
            run = self._known.get(getattr(notice, "run", -1))
            if run is None:
                continue
            if isinstance(notice, messages.Losses):
                steps = np.arange(notice.first, notice.first + len(notice.values), dtype=float)
                run.history.loss.extend(steps, notice.values)
                run.seconds = notice.seconds
                grown[run.number] = run
            elif isinstance(notice, messages.Evaluated):
                run.history.told(notice.step, notice.split, notice.metrics)
                grown[run.number] = run
            else:
                self._hear(run, notice)
        for run in grown.values():
            self.grew.emit(run)
        if not alive and client is self._client:
            self._on_engine_gone()

    # -- what arrives ------------------------------------------------------------------------------------------

    def _hear(self, run: Run, notice: messages.Notice) -> None:
        if isinstance(notice, messages.Failed):
            run.problem = notice.sentence  # it comes behind the state, perhaps when the next one is already on
            self._finish(run, "failed")
        elif isinstance(notice, messages.StateChanged):
            run.until = notice.until or run.until
            if notice.state == "finished":
                self._finish(run, "finished")
            elif notice.state in ("failed", "blocked", "paused"):  # paused by itself: the loss is not finite any more
                self._finish(run, "failed")

    def _finish(self, run: Run, state: str) -> None:
        if run is self.now:
            self.now = None
            self._enter(run, state)
            self._go_on()
        elif run.state == "failed":
            self.stateChanged.emit(run)

    def _on_engine_gone(self) -> None:
        self._end_engine()
        run, self.now = self.now, None
        if run is not None:
            run.problem = say("The engine that trained it ended unexpectedly")
            self._enter(run, "failed")
        self._go_on()

    # -- one after another -------------------------------------------------------------------------------------

    def _go_on(self) -> None:
        """Begin with the next one, if nothing is being trained."""
        while self.now is None and self.waiting:
            run = self.waiting.popleft()
            if (reason := _why_not(run)) is not None:
                run.problem = reason
                self._enter(run, "failed")
                continue
            self.now = run
            self._known[run.number] = run
            if self._client is None:
                self._client = _engine()
            self._client.post(messages.Load(run.number, run.experiment, run.device))
            self._client.post(messages.Play())
            self._idle_timer.stop()
            self._poll_timer.start()
            self._enter(run, "training")
        if self.now is None and self._client is not None and not self._idle_timer.isActive():
            self._idle_timer.start()  # polling goes on: why a run has failed may still be on its way

    def _enter(self, run: Run, state: str) -> None:
        run.state = state
        self.stateChanged.emit(run)

    def _end_engine(self) -> None:
        client, self._client = self._client, None
        self._known.clear()
        if client is not None:
            client.kill()
            client.close()  # now its folder goes too


def _engine() -> Client:
    """Start an engine that stands back."""
    client = Client()
    if hasattr(os, "setpriority"):  # now, while it has but one thread: all others will inherit it
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, client.pid, NICE)
    return client


def _why_not(run: Run) -> Sentence | None:
    """Say why an experiment cannot be trained, where that is known without trying."""
    if not run.experiment.source.is_chosen:
        return say("Its data have not been chosen")
    blocking = run.experiment.examined().blocking
    return blocking[0].message if blocking else None
