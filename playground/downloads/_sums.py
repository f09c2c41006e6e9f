"""Whether files are what they should be: their SHA-256, worked out in pieces so that it can be broken off."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

from playground.downloads import SETS, SUMS, folder_of

PIECE = 2**20


def sum_of(path: Path, tick: Callable[[], None] | None = None) -> str:
    """Return the SHA-256 of a file; empty where it cannot be read."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while piece := file.read(PIECE):
                digest.update(piece)
                if tick is not None:
                    tick()
    except OSError:
        return ""
    return digest.hexdigest()


def differing(key: str, tick: Callable[[], None] | None = None) -> str:
    """Return the name of the first file of a set that is missing or not what was fetched; nothing where all are."""
    chosen, folder = SETS[key], folder_of(key)
    known = _noted(folder) if chosen.members else {item.name: item.sha256 for item in chosen.items}
    for name, size in chosen.files.items():
        path = folder / name
        try:
            length = path.stat().st_size
        except OSError:
            return name
        if size and length != size:
            return name
        # Files that somebody has copied here come without sums; the reader looks at them anyway.
        if name in known and sum_of(path, tick) != known[name]:
            return name
    return ""


def _noted(folder: Path) -> dict[str, str]:
    try:
        sums = json.loads((folder / SUMS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(name): str(value) for name, value in sums.items()} if isinstance(sums, dict) else {}
