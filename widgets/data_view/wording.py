"""What the forms of data share: a target in words, the colour of a class, pixels as pictures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QColor, QImage

from playground.browsing.answers import Answer, Classes, Page, Steps, Values
from playground.text import tr
from widgets import theme
from widgets.numbers import readable

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]


def class_colour(number: int) -> QColor:
    """Return the colour of a class."""
    return QColor(theme.CLASS_COLOURS[number % len(theme.CLASS_COLOURS)])


def tint(colour: QColor, share: float = 0.28) -> str:
    """Return a pale ground of this colour, on which the theme's text can be read."""
    ground = QColor(theme.current().panel)
    mixed = [round(g + (c - g) * share) for g, c in zip(ground.getRgb()[:3], colour.getRgb()[:3], strict=True)]
    return QColor(*mixed).name()


def in_full(value: float) -> str:
    """Write a number as a person would; a gap where there is none."""
    if not math.isfinite(value):
        return "–" if math.isnan(value) else ("∞" if value > 0 else "−∞")
    return readable(value).replace("-", "−")


def in_short(value: float, digits: int = 4) -> str:
    """Write a number with a few digits."""
    return in_full(float(f"{value:.{digits}g}"))


def in_words(answer: Answer, at: int) -> str:
    """Say what is wanted of an example, or what the network says; nothing of what is drawn."""
    if isinstance(answer, Classes):
        name = answer.names[at] or "–"
        if answer.sure is None:
            return name
        return tr("{name} ({percent} %)", name=name, percent=round(100 * float(answer.sure[at])))
    if isinstance(answer, Values):
        return ", ".join(map(in_short, answer.values[at])) + (", …" if answer.more else "")
    if isinstance(answer, Steps):
        return " ".join(answer.names[at])
    return ""


def all_in_words(answers: Sequence[Answer], at: int) -> str:
    """Say all of what is wanted of an example."""
    return " · ".join(filter(None, (in_words(one, at) for one in answers)))


def is_wrong(page: Page, target: str, at: int) -> bool:
    """Whether the network says another class than is wanted."""
    wanted = next((one for one in page.wanted if one.target == target), None)
    given = next((one for one in page.given if one.target == target), None)
    if isinstance(wanted, Classes) and isinstance(given, Classes):
        return bool(wanted.numbers[at] != given.numbers[at])
    return isinstance(wanted, Steps) and isinstance(given, Steps) and wanted.names[at] != given.names[at]


def spoken(page: Page, at: int) -> str:
    """Say an example in one line, for tooltips and for those who cannot see it."""
    said = tr("Example {n}", n=int(page.numbers[at]) + 1)
    if words := all_in_words(page.wanted, at):
        said = tr("{example}: {wanted}", example=said, wanted=words)
    if words := all_in_words(page.given, at):
        said = tr("{example}; the network says {given}", example=said, given=words)
    return said


def picture(pixels: Array) -> QImage:
    """Return pixels, uint8 (height, width, 1 or 3), as a picture of its own memory."""
    height, width, planes = pixels.shape
    form = QImage.Format.Format_RGB888 if planes == 3 else QImage.Format.Format_Grayscale8
    return QImage(pixels.tobytes(), width, height, width * planes, form).copy()


def overlaid(pixels: Array, classes: Array) -> Array:
    """Return pixels (height, width, 1 or 3) with their classes drawn over; the first, which is the ground, is not."""
    import numpy as np

    if pixels.shape[:2] != classes.shape:
        return pixels
    table = np.array([class_colour(number).getRgb()[:3] for number in range(256)], dtype=float)
    rgb = np.broadcast_to(pixels, (*pixels.shape[:2], 3)).astype(float)
    drawn = ((classes > 0) & (classes < 255))[..., None]
    return np.where(drawn, rgb * 0.4 + table[classes] * 0.6, rgb).round().astype(np.uint8)
