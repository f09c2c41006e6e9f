"""Fetching a whole set into the cache folder, from the network to files that the readers know."""

from __future__ import annotations

import json
from contextvars import copy_context
from pathlib import Path

from playground.downloads import SETS, SUMS, Downloadable, Item, folder_of, places_of
from playground.downloads._disk import alone, forget, make_room, replace, writing
from playground.downloads._file import fetch_file, part_of
from playground.downloads._link import Tick
from playground.downloads._sums import differing, sum_of
from playground.downloads._unpack import unpack
from playground.progress import heard_by, part, progress

UNPACKING = 0.1
"""Which share of the whole, as far as a person waits for it, unpacking an archive is."""


def fetch(key: str) -> Path:
    """Fetch a set unless it is here whole; return its folder, or refuse with one sentence.

    Says its progress, and ten times a second at the least, so that the listener can raise to break it off. What has
    come by then is kept for the next time. Several programs may do this at once: one fetches, the others wait.
    """
    chosen, folder, meter = SETS[key], folder_of(key), _Meter()
    with heard_by(meter.show):
        make_room(folder, 0)
        with alone(folder, lambda: meter.show(_share_here(chosen, folder))):
            if differing(key, meter.tick):
                make_room(folder, _missing(chosen, folder))
                _fetch_items(chosen, folder, meter.tick)
            progress(1.0)
    return folder


def _fetch_items(chosen: Downloadable, folder: Path, tick: Tick) -> None:
    done, worked = 0, 0
    whole = chosen.size / (1 - UNPACKING) if chosen.members else chosen.size
    for item in chosen.items:
        path = folder / _name(chosen, item)
        with part(done / whole, (done + item.size) / whole):
            if not _is_whole(path, item.size, item.sha256, tick):
                places = places_of(chosen.key, item)
                # What had the file before is likely to have this one; who failed need not be waited for again.
                tried = places[worked:] + places[:worked]
                worked = places.index(fetch_file(item, tried, path, tick))
        done += item.size
    if chosen.members:
        archive = folder / _name(chosen, chosen.items[0])
        with part(chosen.size / whole, 1.0):
            sums = unpack(archive, chosen.members, folder, tick)
        note = folder / f"{SUMS}.part"
        with writing(note):
            note.write_text(json.dumps(sums), encoding="utf-8")
        replace(note, folder / SUMS)
        forget(archive)


def _is_whole(path: Path, size: int, sha256: str, tick: Tick) -> bool:
    try:
        return path.stat().st_size == size and sum_of(path, tick) == sha256
    except OSError:
        return False


def _missing(chosen: Downloadable, folder: Path) -> int:
    """Return how many bytes will be written."""
    return max(0, chosen.size + sum(chosen.members.values()) - _there(chosen, folder))


def _there(chosen: Downloadable, folder: Path) -> int:
    """Return how many bytes of the files to be fetched there are, in part or whole."""
    total = 0
    for item in chosen.items:
        name = _name(chosen, item)
        for path in (folder / name, part_of(folder / name)):
            try:
                total += path.stat().st_size
            except OSError:
                continue
    return total


def _name(chosen: Downloadable, item: Item) -> str:
    """Return under which name a file is kept; an archive, which goes again, out of sight of the readers."""
    return f".{item.name}" if chosen.members else item.name


def _share_here(chosen: Downloadable, folder: Path) -> float:
    """Say how far another program has got with it."""
    return min(_there(chosen, folder) / chosen.size, 0.99)


class _Meter:
    """Repeats to the listener what was last said of the progress, so that it can break off what does not move."""

    def __init__(self) -> None:
        self._outside = copy_context()  # in which the listener of whoever wants the set is
        self._share = 0.0

    def show(self, share: float) -> None:
        """Say how far it is."""
        self._share = share
        self._outside.run(progress, share)

    def tick(self) -> None:
        """Say it again."""
        self._outside.run(progress, self._share)
