"""The window's end of the engine: starts it, passes orders, collects what it says, notices when it is gone.

No torch here and no Qt. Two threads of its own read and write the pipe, so that neither an engine that is still
importing nor one that hangs can make the window wait.
"""

from __future__ import annotations

import contextlib
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import playground
from playground import messages, pipe
from playground.messages import Frame, Notice, Order

GRACE = 2.0
"""Seconds that an engine may take to end by itself before it is killed."""


class Client:
    """One engine process and the pipe to it.

    Attributes:
        folder: where this engine writes its checkpoints; it is there until `close`.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or Path(tempfile.mkdtemp(prefix="network-playground-"))
        self._orders: queue.SimpleQueue[Order | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._notices: list[Notice] = []
        self._frame: Frame | None = None
        self._heard = False
        self._errors = (self.folder / "engine.log").open("w+b")
        root = str(Path(playground.__file__).parents[1])
        paths = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH", "")]))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "playground.engine"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env={**os.environ, "PYTHONPATH": paths},
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        self._reader = threading.Thread(target=self._read, name="engine reader", daemon=True)
        self._writer = threading.Thread(target=self._write, name="engine writer", daemon=True)
        self._reader.start()
        self._writer.start()

    @property
    def alive(self) -> bool:
        """Whether the engine still runs."""
        return self._process.poll() is None

    @property
    def pid(self) -> int:
        """The engine's process id."""
        return self._process.pid

    def post(self, order: Order) -> None:
        """Give an order; it is written as soon as the engine reads."""
        self._orders.put(order)

    @property
    def has_news(self) -> bool:
        """Whether there is anything to take."""
        return bool(self._notices) or self._frame is not None

    def take(self) -> tuple[list[Notice], Frame | None]:
        """Take what has arrived; a frame taken makes room for the next."""
        with self._lock:
            notices, self._notices = self._notices, []
            frame, self._frame = self._frame, None
        if frame is not None:
            self.post(messages.Seen())
        return notices, frame

    def last_words(self) -> str:
        """Return the end of what the engine wrote to its log, for a report of why it died."""
        with contextlib.suppress(OSError, ValueError):
            return (self.folder / "engine.log").read_bytes()[-2000:].decode(errors="replace").strip()
        return ""

    def kill(self) -> None:
        """End the engine now, whatever it is doing."""
        self._process.kill()
        self.close(keep_folder=True)

    def close(self, keep_folder: bool = False) -> None:
        """End the engine and both threads, wait for them, and remove the folder unless it is still wanted."""
        end = time.monotonic() + GRACE
        self._orders.put(None)
        if not self._heard:
            self._process.kill()  # it is still importing: there is nothing to finish, and it would not listen
        self._writer.join(GRACE)
        with contextlib.suppress(OSError):
            if not self._writer.is_alive() and self._process.stdin is not None:
                self._process.stdin.close()
        try:
            self._process.wait(max(0.1, end - time.monotonic()))
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._writer.join(GRACE)
        self._reader.join(GRACE)
        for stream in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                if stream is not None:
                    stream.close()
        self._errors.close()
        if not keep_folder:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _read(self) -> None:
        assert self._process.stdout is not None
        try:
            while True:
                notices, frame = pipe.receive(self._process.stdout)
                self._heard = True
                with self._lock:
                    self._notices.extend(notices)
                    self._frame = frame if frame is not None else self._frame
        except (EOFError, OSError, ValueError):
            return  # the engine is gone; `alive` says so
        except Exception:  # not a message, so nothing that follows can be understood either
            self._process.kill()

    def _write(self) -> None:
        assert self._process.stdin is not None
        while (order := self._orders.get()) is not None:
            try:
                pipe.send(self._process.stdin, order)
            except (OSError, ValueError):
                return
