"""How the curves of runs are told apart: by a colour and by dashes, never by the colour alone.

The colours are far apart from each other and from those of training and validation for people with red-green
blindness too (a test measures it), and dark or light enough for words on a panel.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPen

from widgets.theme import Theme

DARK = ("#7ADEF7", "#C06EAD", "#D6FDB7", "#B48710", "#E6939D")
LIGHT = ("#4B1EAA", "#7F2407", "#8E5C92", "#AD5622", "#611554")

DASHES: tuple[tuple[float, ...], ...] = ((6, 2), (2, 2), (8, 2, 2, 2), (12, 3), (5, 2, 1, 2, 1, 2), (1, 2))
"""Strokes and gaps in widths of the line; as many kinds as have no common factor with the colours."""


def colour(look: int, theme: Theme) -> str:
    """Return the colour of a look."""
    colours = DARK if theme.dark else LIGHT
    return colours[look % len(colours)]


def pen(look: int, theme: Theme, width: float) -> QPen:
    """Return the pen of a look; cosmetic, so its width counts in pixels of the device."""
    made = QPen(QColor(colour(look, theme)), width)
    made.setCosmetic(True)
    made.setCapStyle(Qt.PenCapStyle.FlatCap)
    made.setDashPattern(DASHES[look % len(DASHES)])
    return made
