"""The colours of the plane: from one side over undecided to the other, in every picture of it the same."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from PySide6.QtGui import QColor

from playground.probes.neurons import LEVELS, NOTHING, ZERO
from widgets.theme import CLASS_COLOURS, Theme

Array = np.ndarray[Any, Any]

STRENGTH = 0.62
"""How strong the colour of certainty is; points carry the full colour and stay visible on it."""


def side_table(theme: Theme) -> Array:
    """Return 256 colours from the first side over undecided to the second, uint8 (256, 3)."""
    middle, left, right = (_rgb(colour) for colour in (theme.card, *CLASS_COLOURS[:2]))
    share = np.abs(np.linspace(-1, 1, 256))[:, None]
    ends = (np.round(middle + (end - middle) * STRENGTH) for end in (left, right))
    one, other = (middle + (end - middle) * share for end in ends)
    return np.where(np.arange(256)[:, None] < 128, one, other).round().astype(np.uint8)


@lru_cache(maxsize=4)
def packed_table(theme: Theme) -> Array:
    """Return the colours of the bytes of `UnitMaps` as a 32-bit picture holds them, uint8 (256, 4): blue first."""
    table = np.full((256, 4), 255, np.uint8)
    values = np.clip((np.arange(256) - ZERO) / LEVELS, -1, 1)
    table[:, :3] = side_table(theme)[((values + 1) * 127.5).round().astype(int), ::-1]
    table[NOTHING, :3] = _rgb(theme.canvas)[::-1]
    return table


def _rgb(colour: str) -> Array:
    return np.array(QColor(colour).getRgb()[:3], dtype=float)
