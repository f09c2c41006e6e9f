"""The titles of presets, each read once for every state of its file: menus and lists must open at once."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from playground.experiment import Words
from playground.files import read
from playground.presets import Preset
from playground.text import Refusal


def title_of(preset: Preset) -> str:
    """Return the title of a preset in the present language; its name where it has none or cannot be read."""
    return str(_title(preset.path, preset.path.stat().st_mtime_ns) or preset.name)


@lru_cache(maxsize=512)
def _title(path: Path, _changed: int) -> Words | None:
    try:
        return read(path).title
    except Refusal:
        return None
