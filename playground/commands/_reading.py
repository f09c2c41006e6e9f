"""How far reading the data has got, on a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from playground.progress import heard_by
from playground.text import tr

SILENT = 0.3
"""Seconds before anything is said: most data are read by then."""

EVERY = 0.1


@contextmanager
def shown(quiet: bool) -> Iterator[None]:
    """Show on one line of stderr how far what is done in here has got; nothing where it is no terminal."""
    if quiet or not sys.stderr.isatty():
        yield
        return
    told = time.perf_counter() + SILENT
    furthest, said = 0.0, False

    def show(share: float) -> None:
        nonlocal told, furthest, said
        furthest = max(furthest, share)  # several files may each begin anew
        if (now := time.perf_counter()) >= told:
            told, said = now + EVERY, True
            words = tr("Reading the data… {n} %", n=int(100 * furthest))
            print(f"\r{words} ", end="", file=sys.stderr, flush=True)

    try:
        with heard_by(show):
            yield
    finally:
        if said:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
