"""Reading equations back that are filled with numbers: what is written must make what is said to come out."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

HIGH = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-")
NUMBER = r"\d+(?:\.\d+)?(?:·10[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻]+)?"


@dataclass(frozen=True)
class Between:
    """All numbers between two, of which a rounded one may have been made."""

    low: float
    high: float

    def __add__(self, other):
        return Between(self.low + other.low, self.high + other.high)

    def __sub__(self, other):
        return Between(self.low - other.high, self.high - other.low)

    def __neg__(self):
        return Between(-self.high, -self.low)

    def __mul__(self, other):
        return _around(a * b for a in (self.low, self.high) for b in (other.low, other.high))

    def __truediv__(self, other):
        assert not other.low <= 0 <= other.high, "divided by what may be 0"
        return self * Between(1 / other.high, 1 / other.low)

    def __pow__(self, other):
        if other.low == other.high == 2 and self.low <= 0 <= self.high:
            return Between(0.0, max(self.low**2, self.high**2))
        return _around(a**b for a in (self.low, self.high) for b in (other.low, other.high))


def _around(values):
    found = list(values)
    return Between(min(found), max(found))


def _rising(function):
    return lambda x: Between(function(x.low), function(x.high))


def _density(x):
    ends = [math.exp(-0.5 * a * a) / math.sqrt(2 * math.pi) for a in (x.low, x.high)]
    return Between(min(ends), 1 / math.sqrt(2 * math.pi) if x.low <= 0 <= x.high else max(ends))


def _size(x):
    ends = abs(x.low), abs(x.high)
    return Between(0.0 if x.low <= 0 <= x.high else min(ends), max(ends))


FUNCTIONS = {
    "exp": _rising(math.exp),
    "ln": _rising(math.log),
    "tanh": _rising(math.tanh),
    "sqrt": _rising(lambda a: math.sqrt(max(a, 0.0))),
    "abs": _size,
    "max": lambda *xs: Between(max(x.low for x in xs), max(x.high for x in xs)),
    "min": lambda *xs: Between(min(x.low for x in xs), min(x.high for x in xs)),
    "Phi": _rising(lambda a: 0.5 * math.erfc(-a / math.sqrt(2))),
    "phi": _density,
    "sigma": _rising(lambda a: 1 / (1 + math.exp(-a))),
    "sin": lambda x: Between(math.sin(x.low) - 1e-3, math.sin(x.low) + 1e-3),
    "cos": lambda x: Between(math.cos(x.low) - 1e-3, math.cos(x.low) + 1e-3),
}


def written(text: str) -> Between:
    """Return the numbers that a written one may stand for: one of fewer than four digits is meant as it is."""
    digits, _, power = text.partition("·10")
    scale = 10.0 ** int(power.translate(HIGH)) if power else 1.0
    value = float(digits)
    significant = len(digits.replace(".", "").lstrip("0"))
    decimals = len(digits.partition(".")[2])
    half = 0.5000001 * 10.0**-decimals if significant >= 4 else 0.0
    return Between((value - half) * scale, (value + half) * scale)


def evaluate(filled: str) -> Between:
    """Reckon what is written."""
    found: list[Between] = []

    def keep(text: str) -> str:
        found.append(written(text))
        return f"N[{len(found) - 1}]"

    text = re.sub(rf"\[… \d+: (−?{NUMBER})\]", r"(\1)", filled)
    text = re.sub(NUMBER, lambda match: keep(match[0]), text)
    for sign, meant in (
        ("−", "-"),
        ("·", "*"),
        ("²", "**TWO"),
        ("^", "**"),
        ("Φ", "Phi"),
        ("φ", "phi"),
        ("σ", "sigma"),
    ):
        text = text.replace(sign, meant)
    made: Between = eval(text, {"N": found, "TWO": Between(2.0, 2.0), **FUNCTIONS})
    return made


def holds(line) -> bool:
    """Say whether an equation makes what it says, as far as its digits reach."""
    if not line.filled:
        return True
    made = evaluate(line.filled)
    slack = 1e-9 * max(1.0, abs(line.value))
    return made.low - slack <= line.value <= made.high + slack
