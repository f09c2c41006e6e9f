"""Many small maps in one picture, on one scale: how they are laid out and coloured.

It holds no panel of its own; importing it does nothing.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtGui import QColor

from widgets.theme import CLASS_COLOURS, Theme

Array = np.ndarray[Any, Any]

TILE = 32
"""Pixels along a side that a small map is enlarged to at least, so that the gaps between maps stay thin."""

GAP = 2


def signed_table(theme: Theme) -> Array:
    """Return 256 colours for signed values, uint8 (256, 3): blue below zero, the background at it, orange above."""
    ground, below, above = (
        np.array(QColor(name).getRgb()[:3], dtype=float) for name in (theme.panel, *CLASS_COLOURS[:2])
    )
    share = np.linspace(-1.0, 1.0, 256)[:, None]
    table: Array = (ground + np.abs(share) * (np.where(share < 0, below, above) - ground)).round().astype(np.uint8)
    return table


def mosaic_table(colours: Array) -> Array:
    """Return the colours of a mosaic: index 0 is the gap, transparent; 1 to 255 are the values (RGBA)."""
    table = np.full((256, 4), 255, dtype=np.uint8)
    table[1:, :3] = colours[np.linspace(0, 255, 255).round().astype(int)]
    table[0] = 0
    return table


def mosaic(maps: Array, columns: int, low: float, high: float, gap: int = GAP) -> Array:
    """Lay maps (n, h, w) in rows on one scale, with gaps of so many pixels, as indices into `mosaic_table`."""
    n, height, width = maps.shape
    span = high - low if high > low else 1.0
    with np.errstate(invalid="ignore"):
        level = np.nan_to_num((maps - low) * (254.0 / span), nan=-1.0, posinf=254.0, neginf=0.0)
    tiles = (level.clip(-1, 254) + 1.5).astype(np.uint8)
    larger = max(1, round(TILE / max(height, width)))
    if larger > 1:
        tiles = tiles.repeat(larger, axis=1).repeat(larger, axis=2)
        height, width = height * larger, width * larger
    rows = -(-n // columns)
    full = np.zeros((rows * columns, height + gap, width + gap), dtype=np.uint8)
    full[:n, :height, :width] = tiles
    laid = full.reshape(rows, columns, height + gap, width + gap).transpose(0, 2, 1, 3)
    return np.ascontiguousarray(laid.reshape(rows * (height + gap), columns * (width + gap))[:-gap, :-gap])


def best_columns(n: int, height: int, width: int, room_x: int, room_y: int) -> int:
    """Return how many maps in a row make all of them as large as possible."""
    scales = {
        columns: min(room_x / (columns * (width + GAP)), room_y / (-(-n // columns) * (height + GAP)))
        for columns in range(1, n + 1)
    }
    return max(scales, key=lambda columns: (scales[columns], -columns))
