"""The Lab: a background thread that trains and answers questions. Orders in; frames and notices out.

The thread is the only one that touches the Trainer. Between two steps it reads the orders that came, takes a
step if it is playing, and measures what is watched if that is due. It never waits for whoever reads its outbox.

Watching has a budget (`watching`), and a frame is only measured when the last one has been taken (`messages.Seen`).
"""

from __future__ import annotations

import threading
import time
import traceback
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playground import messages
from playground.answering import Answering, answered
from playground.browsing import Question
from playground.checkpoint import Checkpoint, capture, restore
from playground.data import Data
from playground.devices import memory_of
from playground.experiment import Experiment
from playground.failures import what_happened
from playground.inquiry import Inquiry
from playground.loading import BrokenOff, Reader
from playground.messages import Frame, Order
from playground.nesting import unfold
from playground.outbox import Outbox
from playground.probes import Probe
from playground.saving import Saver
from playground.text import Refusal, Sentence, say
from playground.training import Blocked, Diverged, Evaluation, Step, Trainer
from playground.watching import SHARE, Watching

SLOWEST_PACE = 0.01
"""Steps a second at the least; none at all is what pausing is for."""


@dataclass
class Lab:
    """A training thread with an order book and an outbox. `start` it, `post` orders, `outbox.take()`, `close`."""

    outbox: Outbox = field(default_factory=Outbox)

    def __post_init__(self) -> None:
        self._orders: deque[Order] = deque()
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._work, name="lab", daemon=True)
        self._run = 0
        self._load: messages.Load | None = None
        self._reader = Reader(self.outbox)
        self._answering = Answering(self.outbox)
        self._trainer: Trainer | None = None
        self._state = ""
        self._until = 0
        self._stop_at: int | None = None
        self._pace: float | None = None
        self._next_step = 0.0
        self._seconds = 0.0
        self._watching = Watching()
        self._slot_free = True
        self._saver = Saver(self.outbox)

    # -- from any thread ---------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    def post(self, order: Order) -> None:
        """Give an order; it is read before the next step."""
        if isinstance(order, messages.Load | messages.Quit):
            self._reader.want(order)
        self._orders.append(order)
        self._wake.set()

    def close(self, timeout: float = 5.0) -> bool:
        """End the thread after the current step; return whether it ended in time."""
        self.post(messages.Quit())
        if self._thread.ident is not None:
            self._thread.join(timeout)
        return not self._thread.is_alive()

    # -- the thread --------------------------------------------------------------------------------------------

    def _work(self) -> None:
        steps: Iterator[Step] = iter(())
        while True:
            while self._orders:
                order = self._orders.popleft()
                if isinstance(order, messages.Quit):
                    self._saver.finish()
                    self._use(None)
                    return
                self._guarded(order)
                if not isinstance(order, messages.Seen | messages.Watch):
                    steps = iter(())  # the next step begins from the state that the order left
            if self._state == "playing" and self._trainer is not None:
                if self._wait_for_pace():
                    continue
                step = self._take_step(steps)
                if step is None:
                    steps = self._trainer.steps(self._target())
                self._look(playing=True)
            else:
                self._look(playing=False)
                self._rest()

    def _target(self) -> int:
        return self._until if self._stop_at is None else min(self._until, self._stop_at)

    def _take_step(self, steps: Iterator[Step]) -> Step | None:
        """Take one step of the generator; None where there was none left (then it is time for a new one)."""
        trainer = self._trainer
        assert trainer is not None
        began = time.perf_counter()
        try:
            step = next(steps, None)
        except Diverged as problem:
            self._enter("paused")
            self._fail(problem.node, problem.sentence)
            return None
        except Exception as error:
            self._enter("failed")
            self._fail("", what_happened(error), traceback.format_exc())
            return None
        if step is None:
            if trainer.number >= self._target():
                self._arrive()
            return None
        now = time.perf_counter()
        self._seconds += now - began
        self.outbox.loss(self._run, step.number, step.loss, self._seconds)
        for made in step.evaluations:
            self._tell_evaluation(made)
        if self._saver.due:
            self._save()
        if trainer.stopped:
            self._until = trainer.number  # early: what validates has stopped becoming better
        if trainer.number >= self._target():
            self._arrive()
        return step

    def _arrive(self) -> None:
        """The last step that was ordered has been taken."""
        assert self._trainer is not None
        self._stop_at = None
        self._enter("finished" if self._trainer.number >= self._until else "paused")
        self._save()

    def _wait_for_pace(self) -> bool:
        """Wait for the moment of the next step; return whether an order came first."""
        if self._pace is None:
            return False
        now = time.perf_counter()
        while (left := self._next_step - now) > 0:
            self._wake.clear()
            if self._orders:
                return True
            self._look(playing=True)
            if self._wake.wait(min(left, 0.03)) and self._orders:
                return True
            now = time.perf_counter()
        self._next_step = max(self._next_step + 1.0 / self._pace, now)
        return False

    def _rest(self) -> None:
        """Wait for orders; while something is watched, look up again soon (the request may be new)."""
        if self._answering.busy:
            return
        self._wake.clear()
        if not self._orders:
            pending = self._slot_free and self._trainer is not None and self._watching.pending
            self._wake.wait(0.02 if pending else None)

    # -- orders ------------------------------------------------------------------------------------------------

    def _guarded(self, order: Order) -> None:
        """Carry out an order; whatever goes wrong is told, and the thread lives on."""
        try:
            getattr(self, f"_on_{type(order).__name__.lower()}")(order)
        except BrokenOff:
            return  # what it makes way for is among the orders
        except Blocked:
            self._enter("blocked")  # whoever drew the graph knows the problems already
        except Refusal as refusal:
            self._enter("failed")
            self._fail("", refusal.sentence)
        except Exception as error:
            self._enter("failed")
            self._fail("", what_happened(error), traceback.format_exc())

    def _on_load(self, order: messages.Load) -> None:
        playing = self._state == "playing"
        # Before the first step there is nothing to keep: the first weights come from the seed.
        before = self._trainer
        kept = before is not None and order.keep and before.number > 0
        old = _kept(before, order) if before is not None and kept else None
        self._run, self._load, self._stop_at = order.run, order, None
        if not order.keep:
            self._use(None)  # whatever goes wrong now, what was there before must not go on
        self._enter("loading")
        if not order.experiment.source.is_chosen:
            self._enter("blocked")  # nothing has gone wrong: the data are still to come
            return
        data = self._reader.read(order.experiment, order.run)
        self.outbox.tell(messages.FactsFound(order.run, data.facts, data.remarks, data.problems))
        if order.checkpoint:
            old = Checkpoint.read(Path(order.checkpoint))
        self._begin(order.experiment, data, order.device, old)
        if playing and order.keep and self._trainer is not None and self._trainer.number < self._until:
            self._enter("playing")

    def _begin(self, experiment: Experiment, data: Data, device: str, old: Checkpoint | None) -> None:
        with self._reader.telling(0.9, 1.0):
            trainer = Trainer(experiment, data, device)
        if old is not None:
            restore(trainer, old)
        else:
            self._seconds = 0.0
        self._use(trainer)
        self._saver.rest()
        self._until = experiment.training.epochs * trainer.steps_per_epoch
        self.outbox.tell(
            messages.Loaded(
                self._run,
                str(trainer.device),
                experiment.training.threads,
                trainer.steps_per_epoch,
                trainer.number,
                memory_of(trainer.device),
            )
        )
        self._watching.again()
        self._enter("ready" if trainer.number == 0 else "finished" if trainer.number >= self._until else "paused")

    def _use(self, trainer: Trainer | None) -> None:
        """Take another Trainer, and end what the one before has going on."""
        self._answering.give_up()
        if self._trainer is not None:
            self._trainer.close()
        self._trainer = trainer

    def _on_play(self, order: messages.Play) -> None:
        if self._trainer is None or self._load is None or self._trainer.experiment is not self._load.experiment:
            return  # what was loaded last could not be built; the Trainer is that of the graph before
        if self._trainer.number >= self._until:
            epochs = self._trainer.experiment.training.epochs
            self._until = self._trainer.number + epochs * self._trainer.steps_per_epoch
        self._next_step = time.perf_counter()
        self._stop_at = None
        self._enter("playing")

    def _on_pause(self, order: messages.Pause) -> None:
        if self._state == "playing":
            self._enter("paused")
            self._save()

    def _on_stop(self, order: messages.Stop) -> None:
        if self._trainer is None or self._state not in ("playing", "paused"):
            return
        for made in self._trainer.glance():
            self._tell_evaluation(made)
        self._until = self._trainer.number
        self._enter("finished")
        self._save()

    def _on_step(self, order: messages.Step) -> None:
        self._on_play(messages.Play())
        if self._trainer is not None and self._state == "playing":
            self._stop_at = self._trainer.number + order.steps
            self._enter("playing")

    def _on_pace(self, order: messages.Pace) -> None:
        self._pace = None if order.steps_per_second is None else max(order.steps_per_second, SLOWEST_PACE)
        self._next_step = time.perf_counter()

    def _on_reset(self, order: messages.Reset) -> None:
        if self._load is None:
            return
        self._run = order.run
        self._stop_at = None
        self._enter("loading")
        data = self._reader.read(self._load.experiment, order.run)
        self._begin(self._load.experiment, data, self._load.device, None)

    def _on_set(self, order: messages.Set) -> None:
        if self._trainer is not None:
            self._trainer.set_learning_rate(order.learning_rate)

    def _on_watch(self, order: messages.Watch) -> None:
        self._watching.ask(order.requests)

    def _on_seen(self, order: messages.Seen) -> None:
        self._slot_free = True

    def _on_ask(self, order: messages.Ask) -> None:
        if isinstance(order.question, Inquiry):
            self._begin_work(order.id, order.question)
        else:
            self._answering.reply(order.id, lambda: self._answer(order.question))

    def _on_cancel(self, order: messages.Cancel) -> None:
        self._answering.cancel(order.id)

    def _begin_work(self, id: int, question: Inquiry) -> None:
        if self._trainer is None:
            self._answering.reply(id, self._network_wanted)
        else:
            self._answering.begin(id, question.work(self._trainer))

    def _answer(self, question: Any) -> Any:
        """Answer from the data, which are there also when the network is not ready, or from the run."""
        trainer = self._trainer
        if isinstance(question, Question):
            if trainer is not None and (self._load is None or trainer.experiment is not self._load.experiment):
                trainer = None  # what was loaded last could not be built
            return answered(question, self._reader.data, trainer)
        if trainer is None:
            return self._network_wanted()
        if isinstance(question, str):
            self._tell_evaluation(trainer.evaluate(question))
            return None
        return question.measure(trainer)

    @staticmethod
    def _network_wanted() -> None:
        raise Refusal(say("there is no network yet"))

    def _tell_evaluation(self, made: Evaluation) -> None:
        self.outbox.tell(messages.Evaluated(self._run, made.step, made.split, made.metrics))

    # -- watching ----------------------------------------------------------------------------------------------

    def _look(self, playing: bool) -> None:
        """Measure what is watched, and go on with what was asked and takes long."""
        self._watch(playing)
        if self._answering.busy:
            self._answering.go_on(SHARE / (1 + self._watching.count) if playing else 1.0)

    def _watch(self, playing: bool) -> None:
        """Measure what is due, if the slot is free."""
        if not self._slot_free or self._trainer is None:
            return
        working = int(self._answering.busy)
        answers = self._watching.measure(self._trainer, playing, self._on_probe_failed, working)
        if answers:
            self._slot_free = False
            self.outbox.show(Frame(self._run, self._trainer.number, answers, time.monotonic()))

    def _on_probe_failed(self, probe: Probe, error: Exception) -> None:
        details = "".join(traceback.format_exception(error))
        self._fail(getattr(probe, "node", ""), what_happened(error), details)

    # -- telling and saving ------------------------------------------------------------------------------------

    def _enter(self, state: str) -> None:
        if state != self._state:
            self._watching.again()
        self._state = state
        self.outbox.tell(messages.StateChanged(self._run, state, self._until))

    def _save(self) -> None:
        if self._trainer is not None:
            self._saver.save(self._trainer, self._run, self._load.folder if self._load is not None else "")

    def _fail(self, node: str, sentence: Sentence, details: str = "") -> None:
        self.outbox.tell(messages.Failed(self._run, node, sentence, details))


def _kept(before: Trainer, order: messages.Load) -> Checkpoint:
    """Return what a run goes on with after an edit; weights that were just now set by hand, or taken, are not."""
    old, new = before.report.graph.nodes, unfold(order.experiment.graph).nodes
    ours = {order.moved.get(path, path): node for path, node in old.items()}
    by_hand = {path: node.weights for path, node in new.items() if node.weights}
    set_now = [path for path, weights in by_hand.items() if path in ours and weights != ours[path].weights]
    start = before.experiment.start
    taken_now = order.experiment.taken_since(start.renamed(order.moved) if start is not None else None)
    return capture(before).renamed(order.moved).without([*set_now, *taken_now])
