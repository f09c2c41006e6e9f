"""What `main.py bench` measures: one file a measurement, found by being there.

A measurement is a module of this folder:

    \"\"\"Trainer against bare PyTorch.\"\"\"      # the first sentence is the line in --help

    FIELDS = ("plain_ratio",)                 # the fields that it adds to the answer
    WINDOW = False                            # whether it needs Qt
    GOALS = {"plain_ratio": ">= 0.95"}        # what is to be reached; may be left out

    def measure(plan: Plan) -> dict[str, Any]: ...

Files that begin with an underscore are what they share. Nothing here imports torch or Qt into the process of the
command itself: everything is measured in processes of its own, so that no measurement bears another's burden.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

PLAIN = ("xor", "lenet")
"""The presets that are measured against a loop written by hand: one that is all call overhead, one that computes."""

PRESETS = (*PLAIN, "resnet", "lstm-tagger", "transformer")
"""The presets that are measured with the window open: one of each family besides."""

FOREVER = 100_000
"""Epochs, so that training does not end while it is measured."""


@dataclass
class Plan:
    """How thoroughly to measure.

    Attributes:
        runs: how often everything is measured; what is reported is the median.
        seconds: how long training is watched each time.
        tell: called with a line on what is being done now.
    """

    runs: int = 7
    seconds: float = 2.0
    presets: tuple[str, ...] = PRESETS
    tell: Callable[[str], None] = field(default=lambda line: None)


def measurements() -> dict[str, ModuleType]:
    """Import every measurement and return them by name."""
    names = sorted(module.name for module in iter_modules(__path__) if not module.name.startswith("_"))
    return {name: import_module(f"{__name__}.{name}") for name in names}


def median(values: Iterable[float], digits: int = 4) -> float:
    """Return the middle of what was measured, rounded to what it is worth."""
    return round(statistics.median(values), digits)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least this share of all values does not exceed."""
    if not values:
        return math.nan
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]
