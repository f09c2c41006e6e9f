"""How panels paint maps pixel by pixel, and small tables of numbers on their colours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QPainter

from widgets.panels.parts.mosaics import signed_table
from widgets.panels.parts.plots import as_image
from widgets.theme import current, font

Array = np.ndarray[Any, Any]

PALE = 2.2
"""By how much the colours behind numbers are paler than those of the maps, so that the numbers can be read."""

STEPS = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}
"""The pixels down and to the right by which a key walks."""


def fitted(room: QRectF, height: int, width: int) -> QRectF:
    """Return the largest box of such an aspect in the middle of a room."""
    cell = min(room.width() / width, room.height() / height)
    box = QRectF(0, 0, cell * width, cell * height)
    box.moveCenter(room.center())
    return box


def reach(numbers: Array) -> float:
    """Return the largest magnitude, which gets the full colour."""
    known = np.abs(numbers[np.isfinite(numbers)])
    return float(known.max()) if known.size else 0.0


def coloured(numbers: Array, most: float) -> Array:
    """Return pixels (h, w, 3): blue below zero, the background at it, orange above; full from a magnitude on."""
    share = np.nan_to_num(numbers / (most or 1.0), nan=0.0, posinf=1.0, neginf=-1.0).clip(-1, 1)
    return np.ascontiguousarray(signed_table(current())[((share + 1) * 127.5).round().astype(np.uint8)])


def paint_map(painter: QPainter, box: QRectF, numbers: Array, most: float) -> None:
    """Paint a map in a frame."""
    painter.drawImage(box, as_image(coloured(numbers, most)))
    painter.setPen(QColor(current().line))
    painter.drawRect(box)


def paint_grid(
    painter: QPainter,
    box: QRectF,
    numbers: Array,
    inside: Array | None = None,
    said: Callable[[int, int], str] | None = None,
) -> None:
    """Paint a small table of numbers on their colours; the numbers, or what is `said`, only where there is room.

    Cells that are not `inside` are hatched.
    """
    theme = current()
    paint_map(painter, box, numbers, PALE * reach(numbers))
    height, width = numbers.shape
    texts = [[said(i, j) if said else signed(float(numbers[i, j])) for j in range(width)] for i in range(height)]
    cell_x, cell_y = box.width() / width, box.height() / height
    longest = max((text for row in texts for text in row), key=len, default="") if said else "−0.00"
    fitting = next((one for one in map(font, (8.5, 7.5, 6.5)) if _fits(one, longest, cell_x, cell_y)), None)
    painter.setFont(fitting or painter.font())
    for i in range(height):
        for j in range(width):
            cell = QRectF(box.left() + j * cell_x, box.top() + i * cell_y, cell_x, cell_y)
            painter.setPen(QColor(theme.line))
            painter.drawRect(cell)
            if inside is not None and not inside[i, j]:
                painter.fillRect(cell, QBrush(QColor(theme.dim), Qt.BrushStyle.BDiagPattern))
            if fitting is not None:
                painter.setPen(QColor(theme.text))
                painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, texts[i][j])


def signed(value: float, places: int = 2) -> str:
    """Write a number with the same places as its neighbours, so that they can be compared."""
    text = f"{value:.{places}f}"
    return text.replace("-", "−") if float(text) else text.removeprefix("-")


def _fits(writing: QFont, text: str, width: float, height: float) -> bool:
    metrics = QFontMetricsF(writing)
    lines = text.split("\n")
    room = max(metrics.horizontalAdvance(line) for line in lines) + 2
    return room <= width and metrics.ascent() + 1 + (len(lines) - 1) * metrics.lineSpacing() <= height
