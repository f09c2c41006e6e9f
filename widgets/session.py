"""Between the document and the engine: one run at a time, its state, its history, what is watched.

The session owns the client. A timer polls it 30 times a second and turns what arrived into Qt signals; panels
and the run bar listen to those and to nothing else. It re-loads the engine when an edit changes what is trained.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Qt, QTimer, Signal

from playground import messages
from playground.browsing import Question
from playground.client import Client
from playground.document import Document
from playground.experiment import Experiment
from playground.inquiry import Inquiry
from playground.nesting import moved
from playground.probes import Probe
from playground.project import Record, is_project, read_record
from playground.text import Refusal, Sentence, say
from widgets.history import History, Speed
from widgets.runs import Runs

PICTURE_S = 0.03
"""Seconds between two polls at the least: about 30 pictures a second."""

TICK_MS = 11
"""How often to look whether there is news, so that what comes late is shown at once and not a picture later."""

QUIET_S = 0.2
"""Seconds after which to poll without news, to notice an engine that is gone."""

LOAD_AFTER_MS = 120
"""How long after the last edit the engine hears of it, so that typing a number loads it once."""

DEAF_AFTER_S = 2.0

MOST_ATTEMPTS = 2
"""So many engines in a row may end before the network is ready; then none is started until Play is pressed."""

Reply = Callable[[Any, Sentence | None], None]
Heard = Callable[[messages.Underway], None]


class Session(QObject):
    """The run of a document in the engine, as the window sees it.

    Attributes:
        document: what is trained.
        state: a key of `messages.STATES`.
        step, until: steps taken, and the step at which the planned epochs are over.
        history: the losses and metrics of this run.
        runs: the runs that stand beside it.
        device, threads, steps_per_epoch: what the engine said the run is on.
        device_memory: bytes that device has of its own; 0 where it shares the machine's.
        seconds: of training so far.
        steps_per_second, samples_per_second: measured over the last second or so.
        failure: the last failure of this run, or None.
        reading: how much of the data has been read, from 0 to 1, while they are and it takes long; else None.

    Signals:
        stateChanged(): state, device, failure or pace changed.
        progressed(): losses or evaluations arrived (at most once a poll).
        restarted(): the history was emptied: another run, or a reset.
        frameArrived(object): a `messages.Frame`.
        failed(object): a `messages.Failed`.
        engineLost(object): the engine ended by itself; a Sentence that says so. Another is being started.
        told(object): a Sentence worth noting in the messages panel.
        found(object): the data have been read; a `messages.FactsFound`.
        readOn(): `reading` changed.
        dataWanted(): there is nothing to train on before somebody has chosen files or a folder.
    """

    stateChanged = Signal()
    progressed = Signal()
    restarted = Signal()
    frameArrived = Signal(object)
    failed = Signal(object)
    engineLost = Signal(object)
    told = Signal(object)
    found = Signal(object)
    readOn = Signal()
    dataWanted = Signal()

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.state = "loading"
        self.step = 0
        self.until = 0
        self.history = History()
        self.device = ""
        self.devices: tuple[str, ...] = ()
        self.device_memory = 0
        self.threads = 1
        self.steps_per_epoch = 1
        self.failure: messages.Failed | None = None
        self.reading: float | None = None
        self.pace: float | None = None
        self._device_choice = "auto"
        self._run = 1
        self._speed = Speed()
        self.seconds = 0.0
        self._watched: dict[str, Probe] = {}
        self._questions: dict[int, Reply] = {}
        self._underway: dict[int, Heard] = {}
        self._question_ids = itertools.count(1)
        self._checkpoint: messages.Saved | None = None
        self._lost: History | None = None  # of a run whose engine is gone, until it goes on or another begins
        self._loaded: Experiment | None = None
        self._client = Client()
        self._closed = False
        self._attempts = 1
        self._given_up = False
        self._deaf_since = 0.0
        self._unsubscribe = document.subscribe(self._on_document_changed)
        self._polled = 0.0
        self._poll_timer = QTimer(self, interval=TICK_MS, timerType=Qt.TimerType.PreciseTimer)
        self._poll_timer.timeout.connect(self._on_poll_timer_timeout)
        self._poll_timer.start()
        self._load_timer = QTimer(self, interval=LOAD_AFTER_MS, singleShot=True)
        self._load_timer.timeout.connect(self._load_changes)
        self.runs = Runs(self)
        self._load_document()

    # -- what a person can order -------------------------------------------------------------------------------

    def play(self) -> None:
        """Train; with a problem in the graph, say which instead."""
        self._go(messages.Play())

    def _go(self, order: messages.Play | messages.Step) -> None:
        self._load_changes()
        if blocking := self.document.report.blocking:
            self._on_failed(messages.Failed(self._run, blocking[0].node, blocking[0].message))
            return
        self._forget_failure()
        if self.state in ("failed", "blocked"):
            self._load(keep=True)  # whatever was in the way may be gone
        self._client.post(order)

    def pause(self) -> None:
        """Stop before the next step."""
        self._client.post(messages.Pause())
        self._deaf_since = time.monotonic()

    def toggle(self) -> None:
        """Play, or pause while it plays."""
        if self.state == "playing":
            self.pause()
        else:
            self.play()

    def step_once(self, n: int = 1) -> None:
        """Take n steps, then pause."""
        self._go(messages.Step(n))

    def stop(self) -> None:
        """End the run here."""
        self._client.post(messages.Stop())
        self._deaf_since = time.monotonic()

    def reset(self) -> None:
        """Start again from the seed."""
        self._begin_run()
        self._load(keep=False)

    def set_pace(self, steps_per_second: float | None) -> None:
        """Take at most so many steps a second; None: as fast as it goes."""
        self.pace = steps_per_second
        self._client.post(messages.Pace(steps_per_second))
        self.stateChanged.emit()

    def set_learning_rate(self, value: float) -> None:
        """Use another learning rate from now on, in the document and in the run."""
        training = self.document.now.training
        optimiser = training.optimiser.replace(learning_rate=value)
        self.document.edit(
            say("Change the learning rate"), merge="learning rate", training=training.replace(optimiser=optimiser)
        )

    def set_device(self, name: str) -> None:
        """Train on another device; weights and step count move along."""
        self._device_choice = name
        self._load(keep=True)

    def evaluate_test(self) -> None:
        """Measure once on the test examples; the figures arrive as an evaluation of the split test."""
        self.ask("test", self._on_test_evaluated)

    def watch(self, name: str, probe: Probe | None) -> None:
        """Have a probe measured under this name from now on; None: no longer."""
        if self._watched.get(name) == probe:
            return
        if probe is None:
            del self._watched[name]
        else:
            self._watched[name] = probe
        self._client.post(messages.Watch(dict(self._watched)))

    def ask(self, question: Probe | Question | Inquiry | str, reply: Reply, heard: Heard | None = None) -> int:
        """Have one question answered once; `reply(answer, failure)` is called with what came of it.

        One that takes long tells `heard` now and then how far it is, and is given up by `cancel` with the number that
        is returned.
        """
        id = next(self._question_ids)
        self._questions[id] = reply
        if heard is not None:
            self._underway[id] = heard
        self._client.post(messages.Ask(id, question))
        return id

    def cancel(self, id: int) -> None:
        """Give up a question that takes long; its reply says so."""
        self._client.post(messages.Cancel(id))

    def force_stop(self) -> None:
        """Replace an engine whose step does not end; one that does not even end loading is only taken away."""
        self._client.kill()
        if self.state == "loading":
            self._attempts = MOST_ATTEMPTS
            sentence = say("Loading was broken off; change the network, or press Play to try it again")
        else:
            sentence = say("The step did not end, so the engine was replaced; the network is as you drew it")
        self._restart_engine(sentence)

    def resume_from_checkpoint(self) -> None:
        """Go on from the last checkpoint of an engine that is gone."""
        checkpoint, history = self._checkpoint, self._lost or self.history
        if not self.can_resume or checkpoint is None:
            return
        self._begin_run()
        self._checkpoint, self.history = checkpoint, history
        history.cut(checkpoint.step)
        self._load(checkpoint=checkpoint.path)
        self.progressed.emit()

    @property
    def can_resume(self) -> bool:
        """Whether there is a checkpoint to go on from."""
        return self._checkpoint is not None and Path(self._checkpoint.path).exists()

    @property
    def hangs(self) -> bool:
        """Whether a pause or stop was ordered over two seconds ago and has not been heard."""
        return self.state == "playing" and self._deaf_since > 0 and time.monotonic() - self._deaf_since > DEAF_AFTER_S

    @property
    def engine_pid(self) -> int:
        """The engine's process id."""
        return self._client.pid

    @property
    def epoch(self) -> int:
        """The epoch of the last step, from 1; 0 before the first."""
        return -(-self.step // max(1, self.steps_per_epoch))

    @property
    def epochs(self) -> int:
        """How many epochs are planned."""
        return -(-self.until // max(1, self.steps_per_epoch))

    @property
    def steps_per_second(self) -> float:
        """Steps a second of late; 0 while nothing moves."""
        return self._speed.value if self.state == "playing" else 0.0

    @property
    def samples_per_second(self) -> float:
        """Examples a second of late."""
        return self.steps_per_second * self.document.now.training.batch_size

    @property
    def seconds_left(self) -> float | None:
        """Seconds until the planned epochs are over; None while that cannot be said."""
        speed = self.steps_per_second
        return (self.until - self.step) / speed if speed > 0 else None

    def close(self) -> None:
        """End the engine and everything of the session."""
        if self._closed:
            return
        self._closed = True
        self._poll_timer.stop()
        self._load_timer.stop()
        self._unsubscribe()
        self.runs.close()
        self._client.close()

    # -- what arrives ------------------------------------------------------------------------------------------

    def _on_poll_timer_timeout(self) -> None:
        """Poll when there is news, at the rate of pictures; now and then without."""
        since = time.monotonic() - self._polled
        if since >= QUIET_S or (since >= PICTURE_S and self._client.has_news):
            self._polled += since
            self.poll()

    def poll(self) -> None:
        """Take what the engine has said and tell those who listen."""
        if self._closed:
            return
        alive = self._client.alive
        notices, frame = self._client.take()
        progressed = False
        for notice in notices:
            if getattr(notice, "run", self._run) != self._run:
                continue  # of an older run
            progressed |= isinstance(notice, messages.Losses | messages.Evaluated)
            getattr(self, f"_on_{type(notice).__name__.lower()}")(notice)
        if progressed:
            self.progressed.emit()
        if frame is not None and frame.run == self._run:
            self.frameArrived.emit(frame)
        if not alive and not self._closed and not self._given_up:
            self._on_engine_gone()

    def _on_engineready(self, notice: messages.EngineReady) -> None:
        self.devices = notice.devices
        self.stateChanged.emit()

    def _on_reading(self, notice: messages.Reading) -> None:
        self.reading = notice.share
        self.readOn.emit()

    def _on_factsfound(self, notice: messages.FactsFound) -> None:
        if self._loaded is not None and self.document.now.source == self._loaded.source:
            self.document.note(facts=notice.facts)
            self.found.emit(notice)
            for sentence in (*notice.problems, *notice.remarks):
                self.told.emit(sentence)

    def _on_loaded(self, notice: messages.Loaded) -> None:
        self.device, self.threads, self.device_memory = notice.device, notice.threads, notice.memory
        self.steps_per_epoch, self.step = notice.steps_per_epoch, notice.step

    def _on_statechanged(self, notice: messages.StateChanged) -> None:
        self.state, self.until = notice.state, notice.until
        self._deaf_since = 0.0
        self.reading = None
        if notice.state != "loading":
            self._attempts = 1  # this one is up to it
        if notice.state == "playing":
            self._speed = Speed()
        self.stateChanged.emit()
        self.told.emit(say("{state} at step {step}", state=Sentence(messages.STATES[notice.state]), step=self.step))
        if notice.state == "blocked" and not self.document.now.source.is_chosen:
            self.dataWanted.emit()

    def _on_losses(self, notice: messages.Losses) -> None:
        steps = np.arange(notice.first, notice.first + len(notice.values), dtype=float)
        self.history.loss.extend(steps, notice.values)
        self.step, self.seconds = int(steps[-1]), notice.seconds
        self._speed.add(self.step)

    def _on_evaluated(self, notice: messages.Evaluated) -> None:
        self.history.told(notice.step, notice.split, notice.metrics)

    def _on_failed(self, notice: messages.Failed) -> None:
        self.failure = notice
        self.failed.emit(notice)
        self.told.emit(notice.sentence)

    def _on_underway(self, notice: messages.Underway) -> None:
        if heard := self._underway.get(notice.id):
            heard(notice)

    def _on_replied(self, notice: messages.Replied) -> None:
        self._underway.pop(notice.id, None)
        if reply := self._questions.pop(notice.id, None):
            reply(notice.answer, notice.failure)

    def _on_saved(self, notice: messages.Saved) -> None:
        self._checkpoint = notice

    def _on_test_evaluated(self, _answer: Any, failure: Sentence | None) -> None:
        if failure is not None:
            self.told.emit(failure)
            self.failed.emit(messages.Failed(self._run, "", failure))

    def _on_engine_gone(self) -> None:
        words = self._client.last_words().splitlines()
        self._client.close(keep_folder=True)
        if not self.devices and words:  # it never came up: another would fail likewise
            sentence = say("The engine cannot start: {reason}", reason=words[-1])
        elif self._attempts >= MOST_ATTEMPTS:
            sentence = say("The engine ended again before the network was ready; change the network, or press Play")
        else:
            sentence = say("The engine ended unexpectedly; another one has been started, and your network is untouched")
        self._restart_engine(sentence)

    def _restart_engine(self, sentence: Sentence) -> None:
        """Start another engine, in the same folder so that the checkpoint stays at hand."""
        self._questions.clear()
        self._underway.clear()
        lost, checkpoint = self.history, self._checkpoint
        self._begin_run()
        self._lost, self._checkpoint = lost, checkpoint
        self._given_up = self._attempts >= MOST_ATTEMPTS
        if self._given_up:
            self.state = "failed"
        else:
            self._attempts += 1
            self._start_engine()
            self._load(keep=False)
        self.stateChanged.emit()
        self.engineLost.emit(sentence)
        self.told.emit(sentence)

    def _start_engine(self) -> None:
        """Start an engine in the place of one that has ended; nothing is known of it yet."""
        self.state, self._given_up = "loading", False
        self._client = Client(self._client.folder)
        self._client.post(messages.Pace(self.pace))
        self._client.post(messages.Watch(dict(self._watched)))

    # -- loading -----------------------------------------------------------------------------------------------

    def _begin_run(self) -> None:
        """Forget the last run's history; what still arrives of it is dropped."""
        self._run += 1
        self._lost = self._checkpoint = None
        self.history = History()
        self.step, self.until, self.seconds = 0, 0, 0.0
        self.state, self._deaf_since, self.failure, self.reading = "loading", 0.0, None, None
        self.stateChanged.emit()
        self.restarted.emit()

    def _load(self, keep: bool = False, checkpoint: str = "") -> None:
        """Hand the experiment to the engine, unless its graph cannot be built."""
        self._load_timer.stop()
        if self._given_up:
            self._start_engine()
        before, self._loaded = self._loaded, self.document.now
        renamed = moved(before.graph, self._loaded.graph) if keep and before is not None else {}
        order = messages.Load(
            self._run, self._loaded, self._device_choice, keep, checkpoint, str(self._client.folder), renamed
        )
        self._client.post(order)

    def _load_changes(self) -> None:
        """Bring the engine up to what the document is now."""
        old, new = self._loaded, self.document.now
        if old is None or old.trains_like(new):
            return
        drawn_on = old.source != new.source and new.source.goes_on(old.source) and not self.document.report.blocking
        other = old.source != new.source and not (drawn_on and self.step > 0)
        if other or old.preparation != new.preparation or old.training.seed != new.training.seed:
            self._begin_run()
            self._load()
        elif old.differs_only_in_learning_rate(new):
            self._loaded = new
            self._client.post(messages.Set(new.training.optimiser.learning_rate))
            self._mark(say("learning rate {value}", value=f"{new.training.optimiser.learning_rate:g}"))
        elif self.document.report.blocking:
            if self.state == "playing":
                self.pause()
        else:
            self._mark(self.document.undo_name or say("Edit"))
            self._forget_failure()
            self._load(keep=True)

    def _mark(self, sentence: Sentence) -> None:
        if self.step > 0:
            self.history.marks.append((self.step, sentence))

    def _forget_failure(self) -> None:
        if self.failure is not None:
            self.failure = None
            self.stateChanged.emit()

    def _on_document_changed(self, old: Experiment, new: Experiment) -> None:
        if not new.trains_like(self._loaded or old):
            self._load_timer.start()

    def open_document(self) -> None:
        """Begin anew with the document that has just been opened; a project goes on where it was."""
        self._begin_run()
        self._load_document()

    def _load_document(self) -> None:
        path = self.document.path
        if path is None or not is_project(path):
            self._load()
            return
        self._load(checkpoint=str(path))
        try:
            record = read_record(path)
        except Refusal as refusal:
            self.told.emit(refusal.sentence)
            return
        self._checkpoint = messages.Saved(self._run, len(record.losses), str(path))
        self._recall(record)

    def _recall(self, record: Record) -> None:
        """Fill the history with what a saved run has said."""
        self.history.loss.extend(np.arange(1, len(record.losses) + 1, dtype=float), np.array(record.losses))
        for step, split, metrics in record.evaluations:
            self._on_evaluated(messages.Evaluated(self._run, step, split, metrics))
        self.progressed.emit()
