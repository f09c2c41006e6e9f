"""A kernel that slides: what it makes, and what goes back through it, in numpy and over the channels of an image.

The same three sums serve every convolution: along time an image has one row, and a transposed convolution is a
convolution that is walked backwards.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from playground.explaining import Array

Pair = tuple[int, int]


@dataclass(frozen=True)
class Slide:
    """How a kernel slides over (channels, height, width); weights are (out, in / groups, height, width)."""

    stride: Pair = (1, 1)
    padding: Pair = (0, 0)
    dilation: Pair = (1, 1)
    groups: int = 1

    def across(self, x: Array, weight: Array) -> Array:
        """Return the sums of every window: y[k, i, j] = Σ w[k, c, u, v] · x[c, iS + uD − P, jS + vD − P]."""
        padded = self._padded(x)
        sizes = tuple(
            (padded.shape[1 + axis] - self.dilation[axis] * (weight.shape[2 + axis] - 1) - 1) // self.stride[axis] + 1
            for axis in (0, 1)
        )
        made = np.zeros((len(weight), *sizes))
        for outs, ins in self._groups(len(weight), len(x)):
            for u, v, seen in self._taps(weight.shape[2:], sizes):
                made[outs] += np.tensordot(weight[outs, :, u, v], padded[(ins, *seen)], 1)
        return made

    def back(self, delta: Array, weight: Array, shape: tuple[int, ...]) -> Array:
        """Return ∂L/∂x of an image of this shape: each window gets its δ, weighed by the kernel."""
        made = np.zeros((shape[0], shape[1] + 2 * self.padding[0], shape[2] + 2 * self.padding[1]))
        for outs, ins in self._groups(len(weight), shape[0]):
            for u, v, seen in self._taps(weight.shape[2:], delta.shape[1:]):
                made[(ins, *seen)] += np.tensordot(weight[outs, :, u, v].T, delta[outs], 1)
        top, left = self.padding
        return made[:, top : top + shape[1], left : left + shape[2]]

    def by_weight(self, x: Array, delta: Array, shape: tuple[int, ...]) -> Array:
        """Return ∂L/∂w of a kernel of this shape: Σ δ[k, i, j] · x[c, iS + uD − P, jS + vD − P]."""
        padded, made = self._padded(x), np.zeros(shape)
        for outs, ins in self._groups(shape[0], len(x)):
            for u, v, seen in self._taps(shape[2:], delta.shape[1:]):
                made[outs, :, u, v] = np.tensordot(delta[outs], padded[(ins, *seen)], ((1, 2), (1, 2)))
        return made

    # -- the terms of a single number --------------------------------------------------------------------------

    def terms_across(self, x: Array, weight: Array, entry: tuple[int, ...]) -> tuple[Array, Array, Array]:
        """Return what makes one number: (w, x) by term, (in, height, width) each, and where on x it was found."""
        k, i, j = entry
        ins = self._ins(k, len(weight), len(x))
        rows = i * self.stride[0] - self.padding[0] + self.dilation[0] * np.arange(weight.shape[2])
        columns = j * self.stride[1] - self.padding[1] + self.dilation[1] * np.arange(weight.shape[3])
        down, across = (rows >= 0) & (rows < x.shape[1]), (columns >= 0) & (columns < x.shape[2])
        seen = np.zeros(weight.shape[1:])
        seen[:, np.ix_(down, across)[0], np.ix_(down, across)[1]] = x[ins][:, rows[down]][:, :, columns[across]]
        lit = np.zeros(x.shape, dtype=bool)
        lit[ins, np.ix_(rows[down], columns[across])[0], np.ix_(rows[down], columns[across])[1]] = True
        return weight[k], seen, lit

    def terms_back(self, delta: Array, weight: Array, entry: tuple[int, ...], ins: int) -> tuple[Array, Array]:
        """Return what makes one ∂L/∂x: rows (w, δ) of those windows that hold it, and where these are."""
        c, a, b = entry
        share = ins // self.groups
        outs = range(c // share * (len(weight) // self.groups), (c // share + 1) * (len(weight) // self.groups))
        found, lit = [], np.zeros(delta.shape, dtype=bool)
        for u in range(weight.shape[2]):
            i, left_over = divmod(a + self.padding[0] - u * self.dilation[0], self.stride[0])
            if left_over or not 0 <= i < delta.shape[1]:
                continue
            for v in range(weight.shape[3]):
                j, over = divmod(b + self.padding[1] - v * self.dilation[1], self.stride[1])
                if over or not 0 <= j < delta.shape[2]:
                    continue
                found += [(weight[k, c % share, u, v], delta[k, i, j]) for k in outs]
                lit[list(outs), i, j] = True
        return np.array(found).reshape(-1, 2), lit

    def terms_by_weight(self, x: Array, delta: Array, entry: tuple[int, ...], outs: int) -> tuple[Array, Array]:
        """Return what makes one ∂L/∂w: rows (δ, x) of every window, and where on x they were found."""
        k, c, u, v = entry
        channel = self._ins(k, outs, len(x)).start + c
        rows = np.arange(delta.shape[1]) * self.stride[0] - self.padding[0] + u * self.dilation[0]
        columns = np.arange(delta.shape[2]) * self.stride[1] - self.padding[1] + v * self.dilation[1]
        down, across = (rows >= 0) & (rows < x.shape[1]), (columns >= 0) & (columns < x.shape[2])
        lit = np.zeros(x.shape, dtype=bool)
        places = np.ix_(rows[down], columns[across])
        lit[channel][places] = True
        return np.stack([delta[k][np.ix_(down, across)].reshape(-1), x[channel][places].reshape(-1)], axis=1), lit

    # -- inside ------------------------------------------------------------------------------------------------

    def _padded(self, x: Array) -> Array:
        return np.pad(x, ((0, 0), *((side, side) for side in self.padding)))

    def _groups(self, outs: int, ins: int) -> Iterator[tuple[slice, slice]]:
        """Yield which channels out belong to which channels in."""
        here, there = outs // self.groups, ins // self.groups
        for k in range(self.groups):
            yield slice(k * here, (k + 1) * here), slice(k * there, (k + 1) * there)

    def _ins(self, k: int, outs: int, ins: int) -> slice:
        """Return the channels that a kernel looks at."""
        group = k // (outs // self.groups)
        return slice(group * (ins // self.groups), (group + 1) * (ins // self.groups))

    def _taps(self, kernel: tuple[int, ...], sizes: tuple[int, ...]) -> Iterator[tuple[int, int, tuple[Any, ...]]]:
        """Yield each place of a kernel, and what it sees of a padded image in all windows."""
        for u in range(kernel[0]):
            for v in range(kernel[1]):
                starts = u * self.dilation[0], v * self.dilation[1]
                yield (
                    u,
                    v,
                    tuple(
                        slice(start, start + stride * (size - 1) + 1, stride)
                        for start, stride, size in zip(starts, self.stride, sizes, strict=True)
                    ),
                )
