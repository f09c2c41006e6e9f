"""In which order units stand: as they are, by what they are on average, or those that act alike beside each other."""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

BETTER = 0.85
"""An order that stands gives way to another that is smoother by this factor: else rows would jump at every frame."""


def arranged(values: Array, kind: str, standing: Array) -> Array:
    """Return the units (rows of `values`) in an order of this kind; the one that `standing` where it still will do."""
    units = np.arange(len(values))
    if kind == "plain" or len(values) < 3:
        return units
    seen = values.mean(axis=1, keepdims=True) if kind == "mean" else values
    found = np.argsort(seen[:, 0], kind="stable")[::-1] if kind == "mean" else alike_together(values)
    if len(standing) == len(values) and roughness(seen, found) > BETTER * roughness(seen, standing):
        return standing
    return found


def roughness(values: Array, order: Array) -> float:
    """Return how much neighbouring rows differ on average."""
    return float(np.abs(np.diff(values[order], axis=0)).mean()) + 1e-9


def alike_together(values: Array) -> Array:
    """Order rows by their angle in the plane of the first two principal components (Friendly 2002)."""
    centred = values - values.mean(axis=0)
    if not np.isfinite(centred).all() or values.shape[1] < 2:
        return np.arange(len(values))
    left, sizes, _ = np.linalg.svd(centred, full_matrices=False)
    first, second = (left[:, :2] * sizes[:2]).T
    angles = np.sort(np.arctan2(second, first))
    gaps = np.diff(np.append(angles, angles[0] + 2 * np.pi))
    start = angles[(int(gaps.argmax()) + 1) % len(angles)]  # the circle is cut where it is emptiest
    turned = (np.arctan2(second, first) - start + 1e-9) % (2 * np.pi)
    order: Array = np.argsort(turned, kind="stable")
    return order
