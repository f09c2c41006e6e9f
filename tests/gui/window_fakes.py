"""A session that has no engine, for tests of what the window does with one."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, Signal

from playground.document import Document
from playground.messages import Failed
from widgets.history import History
from widgets.runs import Runs


class FakeSession(QObject):
    """Says what it is told to say, and notes what it is asked for."""

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

    def __init__(self, document: Document) -> None:
        super().__init__()
        self.document = document
        self.state, self.step, self.until = "ready", 0, 200
        self.history = History()
        self.device, self.devices, self.threads = "cpu", ("cpu", "cuda:0"), 1
        self.device_memory = 0
        self.steps_per_epoch, self.epochs = 10, 20
        self.steps_per_second = self.samples_per_second = 0.0
        self.seconds_left: float | None = None
        self.failure: Failed | None = None
        self.reading: float | None = None
        self.pace: float | None = None
        self.can_resume = self.hangs = False
        self.asked: list[Any] = []
        self.watched: dict[str, Any] = {}
        self.seconds = 0.0
        self.runs = Runs(self)  # type: ignore[arg-type]

    @property
    def epoch(self) -> int:
        return -(-self.step // self.steps_per_epoch)

    def play(self) -> None:
        self.asked.append("play")
        self.become("playing")

    def pause(self) -> None:
        self.asked.append("pause")
        self.become("paused")

    def step_once(self, n: int = 1) -> None:
        self.asked.append("step")
        self.step += n
        self.progressed.emit()

    def stop(self) -> None:
        self.asked.append("stop")
        self.become("ready")

    def reset(self) -> None:
        self.asked.append("reset")
        self.step = 0
        self.history = History()
        self.restarted.emit()

    def open_document(self) -> None:
        self.asked.append("open")

    def set_pace(self, pace: float | None) -> None:
        self.pace = pace
        self.stateChanged.emit()

    def set_learning_rate(self, value: float) -> None:
        self.asked.append(("rate", value))

    def set_device(self, name: str) -> None:
        self.asked.append(("device", name))

    def evaluate_test(self) -> None:
        self.asked.append("test")

    def force_stop(self) -> None:
        self.asked.append("force_stop")

    def resume_from_checkpoint(self) -> None:
        self.asked.append("resume")

    def watch(self, name: str, probe: Any) -> None:
        if probe is None:
            self.watched.pop(name, None)
        else:
            self.watched[name] = probe

    def ask(self, question: Any, reply: Any) -> None:
        self.asked.append(question)

    def close(self) -> None:
        self.asked.append("close")

    def become(self, state: str) -> None:
        self.state = state
        self.stateChanged.emit()
