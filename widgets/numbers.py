"""Numbers as people type and read them: 5×3, 1e-3, 61706, and steps from one sensible value to the next."""

from __future__ import annotations

import math
from typing import Any


def readable(value: float) -> str:
    """Write a number as a person would: 32, 61706, 0.5, 1e-3."""
    if isinstance(value, int) or value == 0 or (float(value).is_integer() and abs(value) < 1e6):
        return str(int(value))
    if 0.01 <= abs(value) < 1e6:
        return f"{value:.6g}"
    mantissa, exponent = f"{value:.5e}".split("e")
    return f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}"


def number_of(text: str) -> float | None:
    """Read a typed number; None where it is none."""
    try:
        value = float(text)
    except ValueError:
        return None
    return int(value) if value.is_integer() and abs(value) < 2**53 and "e" not in text and "." not in text else value


def sides_of(text: str) -> Any:
    """Read a typed height and width: ``5``, ``5×3``, ``5 x 3``."""
    parts = [part.strip() for part in text.lower().replace("×", "x").replace("*", "x").replace(",", "x").split("x")]
    numbers = [int(part) if part.isdecimal() else part for part in parts]
    return numbers[0] if len(numbers) == 1 else tuple(numbers)


def even_step(value: float, steps: int) -> float:
    """Move by a step that suits the size of the value."""
    size = 0.1 if abs(value) >= 1 else 0.05 if abs(value) > 0.1 or value == 0 else 0.01
    return round(value + steps * size, 6)


def log_step(value: float, steps: int) -> float:
    """Move along 1, 2, 5, 10, 20, 50, …; below the smallest sensible value comes zero."""
    for _ in range(abs(steps)):
        if value <= 0:
            value = 1e-6 if steps > 0 else 0.0
            continue
        exponent = math.floor(math.log10(value) + 1e-9)
        lead = value / 10**exponent
        if steps > 0:
            lead = next(one for one in (2, 5, 10) if one > lead + 1e-6)
        else:
            below = [one for one in (0.5, 1, 2, 5) if one < lead - 1e-6]
            lead = below[-1]
        value = float(f"{lead * 10.0**exponent:.6g}")
        if steps < 0 and value < 1e-6:
            value = 0.0
    return value
