"""Processes that measure on command: a line of JSON in, a line of JSON out.

Two such processes can take turns, a second or two each, so that what is compared is measured at nearly the same
time: on a machine with other work to do, a ratio of two long runs would say more about that work.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from playground.environment import ROOT
from playground.text import Refusal, say

PATIENCE = 120.0
"""Seconds that a process may take to answer."""


class Worker:
    """One measuring process; `with` ends it.

    Attributes:
        hello: its first line, told when it was ready.
        started: `time.monotonic` just before the process was started.
    """

    def __init__(self, module: str, *arguments: str, **variables: str) -> None:
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed in close()
        self.started = time.monotonic()
        self._process = subprocess.Popen(
            [sys.executable, "-m", f"widgets.bench.{module}", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), **variables},
        )
        try:
            self.hello = self._answer(PATIENCE)
        except BaseException:
            self.close()
            raise

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def ask(self, **order: Any) -> Any:
        """Give an order and return what came of it."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        self._process.stdin.flush()
        return self._answer(PATIENCE + order.get("seconds", 0.0))

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()  # it takes that as the order to end
        try:
            self._process.wait(10.0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
        self._errors.close()

    def _answer(self, patience: float) -> Any:
        stdout = self._process.stdout
        assert stdout is not None
        # On Windows a pipe cannot be waited for; there the reading itself waits, for as long as it takes.
        if os.name == "posix" and not select.select([stdout], [], [], patience)[0]:
            raise Refusal(say("the measuring process gave no answer in {seconds} s", seconds=round(patience)))
        line = stdout.readline()
        if not line:
            raise Refusal(say("the measuring process ended: {reason}", reason=self._last_words()))
        found = json.loads(line)
        if "error" in found:
            raise Refusal(say("measuring failed: {reason}", reason=found["error"]))
        return found

    def _last_words(self) -> str:
        self._process.wait(10.0)
        self._errors.seek(0)
        return self._errors.read().decode(errors="replace").strip()[-2000:] or f"status {self._process.returncode}"

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def loop(kind: str, preset: str, device: str = "cpu") -> Worker:
    """Start a process with a training loop alone in it: the Trainer's (``trainer``) or the bare one (``plain``)."""
    return Worker("_loop", kind, preset, device)


def window(document: str | Path, home: Path) -> Worker:
    """Start the program itself with its window, painted into memory: with this document, or with its start page."""
    return Worker(
        "_window",
        "open",
        *([str(document)] if document else []),
        QT_QPA_PLATFORM="offscreen",
        QT_SCALE_FACTOR="1",
        NETWORK_PLAYGROUND_HOME=str(home),
        LANGUAGE="en",
    )
