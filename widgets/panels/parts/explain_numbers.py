"""How the numbers of a walk are written: in a table all on one scale, in a line with what a person can copy."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from widgets.panels.parts.grids import reach, signed
from widgets.panels.parts.plots import readable

Array = np.ndarray[Any, Any]

RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

DIGITS = 6
"""Digits of a result; the terms before it are written by whoever explains."""


class Scale(NamedTuple):
    """How all numbers of one table are written: as multiples of a power of ten, with so many places."""

    exponent: int
    places: int

    def write(self, value: float) -> str:
        """Write one number of the table."""
        if not math.isfinite(value):
            return readable(value)
        return signed(value / 10.0**self.exponent, self.places)

    @property
    def words(self) -> str:
        """The power of ten that all numbers are multiples of; nothing where that is 1."""
        return f"× 10{str(self.exponent).translate(RAISED)}" if self.exponent else ""


def scale_of(values: Array) -> Scale:
    """Choose how to write a table, so that its largest number is neither 0.00 nor a row of digits."""
    most = reach(values)
    known = values[np.isfinite(values)]
    if most < 1e5 and (known == np.round(known)).all():
        return Scale(0, 0)
    if 0.05 <= most < 1000:
        return Scale(0, 2 if most < 10 else 1 if most < 100 else 0)
    return Scale(math.floor(math.log10(most)), 2)


def written(value: float, digits: int = DIGITS) -> str:
    """Write a result with enough digits to be checked by hand: 0.321457, −1.2·10⁻⁵, 0."""
    if not math.isfinite(value):
        return readable(value)
    mantissa, _, exponent = f"{value:.{digits}g}".partition("e")
    power = f"·10{str(int(exponent)).translate(RAISED)}" if exponent else ""
    return mantissa.replace("-", "−") + power
