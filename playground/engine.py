"""The engine: a Lab in a process of its own, so that painting never takes the interpreter lock from training.

``python -m playground.engine`` reads orders from standard input and writes frames and notices to standard
output. Three threads: this one reads, the Lab trains, one sends. When the window goes away, in whatever way,
standard input ends and so does the engine.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from typing import BinaryIO

from playground import pipe

SEND_EVERY = 1 / 50
"""Seconds between two looks into the outbox when nothing urgent is in it.

More often than the window looks: two clocks of 30 Hz would drift past each other, and every now and then the
window would find nothing and paint nothing for twice as long.
"""


def main() -> None:
    """Serve one window until it goes."""
    began = time.perf_counter()
    orders = sys.stdin.buffer
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not end up between the messages
    from playground import devices, lab, messages  # after the pipe is safe; this imports torch

    laboratory = lab.Lab()
    _warm_up()
    laboratory.start()
    laboratory.outbox.tell(messages.EngineReady(time.perf_counter() - began, devices.devices()))
    done = threading.Event()
    sender = threading.Thread(target=_send, args=(laboratory.outbox, answers, done), name="sender", daemon=True)
    sender.start()
    try:
        while True:
            laboratory.post(pipe.receive(orders))
    except EOFError:
        pass
    ended = laboratory.close(timeout=2.0)
    done.set()
    laboratory.outbox.urgent.set()
    sender.join(0.5)
    os._exit(0 if ended else 1)  # a step that hangs must not keep the process


def _send(outbox: object, answers: BinaryIO, done: threading.Event) -> None:
    from playground.outbox import Outbox

    assert isinstance(outbox, Outbox)
    while not done.is_set():
        outbox.urgent.wait(SEND_EVERY)
        notices, frame = outbox.take()
        try:
            if notices or frame is not None:
                pipe.send(answers, (notices, frame))
        except (OSError, ValueError):
            return  # the window is gone; standard input will say so too


def _warm_up() -> None:
    """Take one tiny training step, so that the first real one finds everything imported and allocated."""
    import torch

    layer = torch.nn.Linear(2, 2)
    optimiser = torch.optim.Adam(layer.parameters(), fused=True)
    torch.nn.functional.cross_entropy(layer(torch.zeros(2, 2)), torch.zeros(2, dtype=torch.int64)).backward()  # type: ignore[no-untyped-call]
    optimiser.step()


if __name__ == "__main__":
    main()
