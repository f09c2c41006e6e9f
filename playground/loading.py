"""Reading the data of a run in the Lab's thread: telling how far it has got, breaking off when it is in vain."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from playground import messages
from playground.data import Data
from playground.experiment import Experiment
from playground.outbox import Outbox
from playground.progress import heard_by, part
from playground.training import read_data

TOLD_EVERY = 0.1
"""Seconds between two notices of how far reading has got."""


class BrokenOff(BaseException):
    """Reading ends here: other data are wanted by now, or none. No Exception, so that no reader takes it for damage."""


class Reader:
    """Reads what is to be trained on, and keeps what was read last."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._wanted: messages.Load | messages.Quit | None = None
        self._data: tuple[object, Data] | None = None
        self._present: Experiment | None = None
        self._run = 0
        self._share, self._told_at = 0.0, 0.0

    @property
    def data(self) -> Data | None:
        """What was read last, unless reading failed."""
        return self._data[1] if self._data is not None else None

    def want(self, order: messages.Load | messages.Quit) -> None:
        """Hear, from any thread, what comes after what is being read."""
        self._wanted = order

    def read(self, experiment: Experiment, run: int) -> Data:
        """Read the data for a run, unless they are what was read last."""
        key = _data_of(experiment)
        self._present, self._run = experiment, run
        self._share, self._told_at = 0.0, time.perf_counter()
        if self._data is None or self._data[0] != key:
            self._data = None
            with self.telling(0.0, 0.9):
                self._data = (key, read_data(experiment))
        return self._data[1]

    @contextmanager
    def telling(self, begin: float, end: float) -> Iterator[None]:
        """Tell how far what is done in here has got, as a part of all that loading takes."""
        with heard_by(self._on_progress), part(begin, end):
            yield

    def _on_progress(self, share: float) -> None:
        """Tell it now and then; break off where something else is wanted by now, or the thread is to end."""
        wanted, present = self._wanted, self._present
        if isinstance(wanted, messages.Quit):
            raise BrokenOff
        if wanted is not None and present is not None and _data_of(wanted.experiment) != _data_of(present):
            raise BrokenOff
        self._share = max(share, self._share)  # several files may each begin anew
        if (now := time.perf_counter()) - self._told_at >= TOLD_EVERY:
            self._told_at = now
            self._outbox.tell(messages.Reading(self._run, self._share))


def _data_of(experiment: Experiment) -> object:
    """Return what the data depend on."""
    return experiment.source, experiment.preparation, experiment.training.seed
