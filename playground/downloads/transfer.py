"""A download in the background: a thread that fetches one set and is asked now and then how far it is."""

from __future__ import annotations

import threading

from playground.downloads.fetching import fetch
from playground.progress import heard_by
from playground.text import Refusal, Sentence, say


class Cancelled(Exception):
    """The person has had enough."""


class Transfer(threading.Thread):
    """Fetches a set; it only waits for the network and the disk, so it takes nothing from whoever paints.

    Attributes:
        key: which set.
        share: how much of it is done, from 0 to 1.
        failure: why it ended without the set; None while it runs, once it is done, and where it was cancelled.
    """

    def __init__(self, key: str) -> None:
        super().__init__(name=f"download {key}", daemon=True)
        self.key = key
        self.share = 0.0
        self.failure: Sentence | None = None
        self._cancelled = threading.Event()

    def cancel(self) -> None:
        """End it at once; what has come is kept for the next time."""
        self._cancelled.set()

    def run(self) -> None:
        """Fetch the set."""
        try:
            with heard_by(self._on_progress):
                fetch(self.key)
        except Cancelled:
            return
        except Refusal as refusal:
            self.failure = refusal.sentence
        except Exception as error:  # whatever it is, the person hears of it where Download was pressed
            reason = f"{type(error).__name__}: {error}"
            self.failure = say("The download ended with an error of this program ({reason})", reason=reason)

    def _on_progress(self, share: float) -> None:
        self.share = share
        if self._cancelled.is_set():
            raise Cancelled
