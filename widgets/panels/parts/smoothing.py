"""A running mean of a noisy curve that keeps up with 100,000 points: only what is new is computed."""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

BLOCK = 64

GROWTH = 8
"""At step n the average looks back over n / GROWTH steps, until the span is reached: a long memory at the
beginning, where the loss falls fast, would draw a curve that training never saw."""


class Smoother:
    """Keeps the exponential moving average of a growing curve.

    A value that lies a span back counts 1/e as much as the last one. What is not a finite number leaves a gap and
    is left out of the mean.
    """

    def __init__(self, span: float = 100.0) -> None:
        self.restart(span)

    def restart(self, span: float | None = None) -> None:
        """Forget everything; from now on average over about `span` steps."""
        self.span = self.span if span is None else span
        keep = self._keep(self.span)
        lags = np.arange(BLOCK)[:, None] - np.arange(BLOCK)[None, :]
        self._weights = np.where(lags >= 0, keep ** np.maximum(lags, 0), 0.0)  # (step, how much of which value)
        self._fade = keep ** np.arange(1, BLOCK + 1)
        self._sums = np.zeros(2)  # of the values and of their weights, as they stand after the last point
        self._size = 0
        self._values = np.empty(1024)

    def follow(self, values: Array) -> Array:
        """Return the average at every point of the curve, which may have grown since the last call."""
        if len(values) < self._size:
            self.restart()
        if len(values) > len(self._values):
            self._values = np.resize(self._values, max(len(values), 2 * len(self._values)))
        grown = min(len(values), int(GROWTH * self.span))
        if self._size < grown:
            self._extend(values[:grown], self._one_by_one)
        if self._size < len(values):
            self._extend(values, self._in_blocks)
        return self._values[: self._size]

    def _extend(self, values: Array, average: Any) -> None:
        new = values[self._size :]
        finite = np.isfinite(new)
        sums = average(np.stack([np.where(finite, new, 0.0), finite.astype(float)], axis=1))
        self._sums = sums[-1].copy()
        mean = sums[:, 0] / np.where(sums[:, 1] > 0, sums[:, 1], 1.0)
        self._values[self._size : len(values)] = np.where(finite, mean, np.nan)
        self._size = len(values)

    def _one_by_one(self, pairs: Array) -> Array:
        """Sum up while the memory still grows; it does so for some thousands of points at the most."""
        value, weight = self._sums.tolist()
        sums = []
        for k, (x, w) in enumerate(pairs.tolist(), self._size + 1):
            keep = self._keep(min(self.span, k / GROWTH))
            value, weight = keep * value + x, keep * weight + w
            sums.append((value, weight))
        return np.array(sums)

    def _in_blocks(self, pairs: Array) -> Array:
        """Sum up block by block: inside a block one matrix product, between blocks only the sums are carried."""
        blocks = -(-len(pairs) // BLOCK)
        padded = np.zeros((blocks * BLOCK, 2))
        padded[: len(pairs)] = pairs
        inside: Array = self._weights @ padded.reshape(blocks, BLOCK, 2)
        carried = self._sums
        for block in inside:
            block += self._fade[:, None] * carried
            carried = block[-1]
        return inside.reshape(-1, 2)[: len(pairs)]

    @staticmethod
    def _keep(span: float) -> float:
        return float(np.exp(-1.0 / span)) if span > 1 else 0.0
