"""Writing what is fetched: what the disk refuses becomes one sentence, and only one program at a time writes a set."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playground.downloads._link import POLL_S, Tick
from playground.text import Refusal, Sentence, say

FULL = {errno.ENOSPC, errno.EDQUOT} if hasattr(errno, "EDQUOT") else {errno.ENOSPC}

LOCK = ".lock"

SPARE = 2**24
"""How many bytes of the disk are left alone at the least."""


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn every error that writing a file can raise into one sentence."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise Refusal(full(path.parent)) from error
        raise Refusal(
            say(
                "{path} cannot be written ({reason}); check the permissions of the folder",
                path=str(path),
                reason=error.strerror or str(error),
            )
        ) from error


def full(folder: Path) -> Sentence:
    """Say that there is no room in a folder."""
    return say("The disk that holds {folder} is full; make room on it and try again", folder=str(folder))


def make_room(folder: Path, size: int) -> None:
    """Make a folder, and refuse to begin what will not fit."""
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder).free
    if free < size + SPARE:
        raise Refusal(full(folder))


@contextmanager
def alone(folder: Path, tick: Tick) -> Iterator[None]:
    """Be the only one of all running programs that writes into a folder; wait for another as long as it takes."""
    import filelock

    lock = filelock.FileLock(folder / LOCK, thread_local=False)
    with writing(folder / LOCK):
        while True:
            tick()
            try:
                lock.acquire(timeout=POLL_S, poll_interval=POLL_S / 2)
                break
            except filelock.Timeout:
                continue
            except NotImplementedError as error:  # a file system that cannot lock
                raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK)) from error
    try:
        yield
    finally:
        lock.release()


def replace(made: Path, path: Path) -> None:
    """Put a finished file into its place at once, safe from a power cut."""
    with writing(path):
        with made.open("rb+") as file:
            os.fsync(file.fileno())
        made.replace(path)


def forget(*paths: Path) -> None:
    """Remove files, whether they are there or not."""
    for path in paths:
        with writing(path):
            path.unlink(missing_ok=True)
