"""Checkpoints of a run, written beside the training: the state is copied between two steps, a thread writes it."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from playground import messages
from playground.checkpoint import Checkpoint, capture
from playground.outbox import Outbox
from playground.text import Refusal, say
from playground.training import Trainer

CHECKPOINT_EVERY = 10.0
"""Seconds of training between two checkpoints."""


class Saver:
    """Writes checkpoints, one at a time."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._thread: threading.Thread | None = None
        self._saved_at = 0.0

    @property
    def due(self) -> bool:
        """Whether enough time has gone by since the last checkpoint."""
        return time.perf_counter() - self._saved_at > CHECKPOINT_EVERY

    def rest(self) -> None:
        """Count the time to the next checkpoint from now."""
        self._saved_at = time.perf_counter()

    def save(self, trainer: Trainer, run: int, folder: str) -> None:
        """Copy the state now, write it in a thread of its own; skipped while the last writing goes on."""
        self.rest()
        if not folder or (self._thread is not None and self._thread.is_alive()):
            return
        checkpoint, path = capture(trainer), Path(folder) / "checkpoint.safetensors"
        self._thread = threading.Thread(
            target=self._write, args=(checkpoint, run, trainer.number, path), name="checkpoint", daemon=True
        )
        self._thread.start()

    def finish(self) -> None:
        """Wait a little for what is being written."""
        if self._thread is not None:
            self._thread.join(2.0)

    def _write(self, checkpoint: Checkpoint, run: int, step: int, path: Path) -> None:
        try:
            checkpoint.write(path)
        except (OSError, Refusal) as error:
            sentence = say("the checkpoint could not be written: {error}", error=str(error))
            self._outbox.tell(messages.Failed(run, "", sentence))
        else:
            self._outbox.tell(messages.Saved(run, step, str(path)))
