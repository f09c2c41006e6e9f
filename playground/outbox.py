"""What the Lab has to say, gathered until its reader comes: notices in order, one frame, losses in batches."""

from __future__ import annotations

import threading

import numpy as np

from playground import messages
from playground.messages import Frame, Notice


class Outbox:
    """What the Lab has to say, for one reader: notices in order, one frame, losses gathered into batches."""

    def __init__(self) -> None:
        self.urgent = threading.Event()
        """Set when something arrived that should not wait for the next regular reading."""
        self._lock = threading.Lock()
        self._notices: list[Notice] = []
        self._frame: Frame | None = None
        self._losses: list[float] = []
        self._first = 0
        self._run = 0
        self._seconds = 0.0

    def tell(self, notice: Notice) -> None:
        """Add a notice; losses told before stay before it."""
        with self._lock:
            self._flush()
            self._notices.append(notice)
        if not isinstance(notice, messages.Evaluated):  # a small network is evaluated a hundred times a second
            self.urgent.set()

    def loss(self, run: int, step: int, value: float, seconds: float) -> None:
        """Add the loss of one step; only ever called with the next step of a run."""
        with self._lock:
            if not self._losses:
                self._run, self._first = run, step
            self._losses.append(value)
            self._seconds = seconds

    def show(self, frame: Frame) -> None:
        """Put a frame into the slot; one that is still there was too old to be shown."""
        with self._lock:
            self._frame = frame

    def take(self) -> tuple[list[Notice], Frame | None]:
        """Take everything out."""
        with self._lock:
            self.urgent.clear()
            self._flush()
            notices, self._notices = self._notices, []
            frame, self._frame = self._frame, None
        return notices, frame

    def _flush(self) -> None:
        if self._losses:
            self._notices.append(messages.Losses(self._run, self._first, np.array(self._losses), self._seconds))
            self._losses = []
