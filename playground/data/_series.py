"""Values that follow each other in time: the last few of them go in, later ones are to be predicted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from playground.text import Sentence, say

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Ahead:
    """What of a series is predicted, and what is known of it.

    Attributes:
        first: how many steps later the first predicted value lies.
        steps: of how many steps in a row values are predicted, those of each step together.
        past: which features of a step are the same quantities now, in the order in which they are predicted; empty
            where what is predicted does not go in itself.
    """

    first: int
    steps: int
    past: tuple[int, ...]


def windows(
    features: Array, target: Array, window: int, ahead: int, horizon: int = 1, needed: Sequence[int] | None = None
) -> tuple[Array, Array]:
    """Return for every step the last `window` rows of features, oldest first, and what comes later of the target.

    Features (steps, n) become (examples, window, n). Of the target (steps,) come `horizon` values in a row
    (examples, horizon), the first of them `ahead` steps later. Whatever is missing anywhere leaves an example out: NaN,
    or among classes what is below 0. Where not all features are `needed`, the others may be missing.
    """
    import numpy as np

    n = len(features) - window - ahead - horizon + 2
    if n <= 0:
        nothing = np.empty((0, window, features.shape[1]), dtype=np.float32)
        return nothing, np.empty((0, horizon), dtype=target.dtype)
    lacks = np.asarray(np.isnan(features if needed is None else features[:, list(needed)]).any(axis=1))
    unanswered = target < 0 if target.dtype.kind == "i" else np.isnan(target)
    first = window + ahead - 1
    good = ~_any_of(lacks, window)[:n] & ~_any_of(unanswered, horizon)[first : first + n]
    starts = np.flatnonzero(good)
    view = np.lib.stride_tricks.sliding_window_view(features, window, axis=0)  # (steps, n, window)
    looks = np.ascontiguousarray(view[starts].transpose(0, 2, 1), dtype=np.float32)
    answers = np.lib.stride_tricks.sliding_window_view(target, horizon)[starts + first]
    return looks, np.ascontiguousarray(answers)


def _any_of(marked: Array, run: int) -> Array:
    """Say for every place whether any of so many places from it on is marked."""
    import numpy as np

    before = np.concatenate([[0], np.cumsum(marked)])
    found: Array = before[run:] > before[:-run]
    return found


def unchanging(last: Array, answers: Array) -> Sentence:
    """Say how far off it is to repeat the last values (n, k), the least that a forecast (n, horizon × k) must beat."""
    import numpy as np

    last = last.astype(np.float64)
    kinds = last.shape[1]
    errors = [np.square(some - last[:, at % kinds]).mean() for at, some in enumerate(answers.T)]  # one by one: of room
    return say(
        "Repeating the last value gives a mean squared error of {mse}; compare a forecast with that",
        mse=f"{float(np.mean(errors)):.3g}",
    )


def is_even(moments: Array) -> bool:
    """Whether the steps between sorted moments are alike: all the same, or as months and years are."""
    import numpy as np

    steps = np.diff(moments.astype(np.int64)).astype(np.float64)
    if not len(steps):
        return True
    usual = float(np.median(steps))
    return bool(usual > 0 and (np.abs(steps - usual) <= 0.12 * usual).all())
