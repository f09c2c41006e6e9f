"""Rows that follow each other in time: the last few of them go in, a later value is to be predicted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]


def windows(features: Array, target: Array, window: int, ahead: int) -> tuple[Array, Array]:
    """Return for every step the last `window` rows of features, flat, oldest first, and the target `ahead` later.

    Features (steps, n) become (examples, window × n). Whatever is missing anywhere in an example leaves it out.
    """
    import numpy as np

    n = len(features) - window - ahead + 1
    if n <= 0:
        return np.empty((0, window * features.shape[1]), dtype=np.float32), target[:0]
    whole = ~np.isnan(features).any(axis=1)
    lacking = np.concatenate([[0], np.cumsum(~whole)])
    good = lacking[window : window + n] == lacking[:n]
    answers = target[window + ahead - 1 :][:n]
    good &= answers >= 0 if answers.dtype.kind == "i" else ~np.isnan(answers)
    starts = np.flatnonzero(good)
    view = np.lib.stride_tricks.sliding_window_view(features, window, axis=0)  # (steps, n, window)
    looks = view[starts].transpose(0, 2, 1).reshape(len(starts), window * features.shape[1])
    return np.ascontiguousarray(looks, dtype=np.float32), answers[starts]


def window_names(names: list[str], window: int) -> list[str]:
    """Name the features of a window: ``Passengers t−1, Passengers t``."""
    return [
        f"{name[:180]} t−{back}" if back else f"{name[:180]} t" for back in reversed(range(window)) for name in names
    ]


def last_value(inputs: Array, window: int) -> Array:
    """Predict that nothing changes, the least that a forecast must beat: (examples, 1).

    The target's own column is the first of a window's features.
    """
    flat = inputs.reshape(len(inputs), -1)
    return flat[:, (window - 1) * (flat.shape[1] // window)][:, None]


def is_even(moments: Array) -> bool:
    """Whether the steps between sorted moments are alike: all the same, or as months and years are."""
    import numpy as np

    steps = np.diff(moments.astype(np.int64)).astype(np.float64)
    if not len(steps):
        return True
    usual = float(np.median(steps))
    return bool(usual > 0 and (np.abs(steps - usual) <= 0.12 * usual).all())
