"""How far something long has got, told to whoever listens: reading a file, downloading one.

What takes long says `progress(share)` now and then; it need not know whether anybody listens. Whoever starts it
listens with `heard_by`, and may raise in the listener to break it off.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Listener = Callable[[float], None]

_listener: ContextVar[Listener | None] = ContextVar("listener", default=None)


def progress(share: float) -> None:
    """Say that this share, from 0 to 1, of what is under way is done."""
    listener = _listener.get()
    if listener is not None:
        listener(min(max(share, 0.0), 1.0))


@contextmanager
def heard_by(listener: Listener) -> Iterator[None]:
    """Tell a listener how far everything that this thread does in here has got."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


@contextmanager
def part(begin: float, end: float) -> Iterator[None]:
    """Let what is said in here be the part of the whole between two shares: one file of several."""
    outer = _listener.get()
    if outer is None:
        yield
        return
    with heard_by(lambda share: outer(begin + (end - begin) * share)):
        yield
