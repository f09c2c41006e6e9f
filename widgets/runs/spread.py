"""How far runs that differ in the seed only lie apart at each step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

Array = np.ndarray[Any, Any]


class Spread(NamedTuple):
    """At each step the lowest, the mean and the highest of all values there."""

    steps: Array
    low: Array
    mean: Array
    high: Array


def spread(curves: Sequence[tuple[Array, Array]]) -> Spread:
    """Put curves (steps, values) together; at a step that some have not reached, those count that have."""
    curves = [(steps, values) for steps, values in curves if len(steps)]
    if not curves:
        nothing = np.empty(0)
        return Spread(nothing, nothing, nothing, nothing)
    longest = max((steps for steps, _ in curves), key=len)
    if all(np.array_equal(steps, longest[: len(steps)]) for steps, _ in curves):
        steps = longest
    else:
        steps = np.unique(np.concatenate([steps for steps, _ in curves]))
    low, high = np.full(len(steps), np.nan), np.full(len(steps), np.nan)
    total, number = np.zeros(len(steps)), np.zeros(len(steps))
    for own, values in curves:
        at = np.searchsorted(steps, own)
        low[at], high[at] = np.fmin(low[at], values), np.fmax(high[at], values)
        there = np.isfinite(values)
        total[at] += np.where(there, values, 0.0)
        number[at] += there
    mean = np.full(len(steps), np.nan)
    np.divide(total, number, out=mean, where=number > 0)
    return Spread(steps, low, mean, high)
