"""Pooling by hand: each window becomes one number; backwards it goes to the largest, or evenly to all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from playground.blocks.pooling import (
    AdaptiveAvgPool2D,
    AdaptiveMaxPool2D,
    AvgPool2D,
    GlobalAvgPool2D,
    LastStep,
    LpPool2D,
    MaxOverTime,
    MaxPool2D,
    MeanOverTime,
)
from playground.explaining import Array, Explainer, Line, Place, Told
from playground.explaining._telling import factor, low, number, precise, result, slope, table, total
from playground.text import Sentence, count, say

MOST_NAMED = 12
"""Numbers of a window that are written out where the largest is taken."""


class Window(NamedTuple):
    """A window along one axis: from where to before where it lies on the image, how many places it counts as."""

    start: int
    stop: int
    counts: int


def windows_of(place: Place) -> tuple[list[Window], list[Window]]:
    """Return the windows of a pooling layer of images, by row and by column of what leaves."""
    block: Any = place.node.block
    sizes, made = place.inputs["x"].shape[1:], place.outputs["out"].shape
    if isinstance(block, GlobalAvgPool2D):
        return [Window(0, sizes[0], sizes[0])], [Window(0, sizes[1], sizes[1])]
    if isinstance(block, (AdaptiveAvgPool2D, AdaptiveMaxPool2D)):
        evenly = [
            [Window(i * size // n, -(-(i + 1) * size // n), -(-(i + 1) * size // n) - i * size // n) for i in range(n)]
            for size, n in zip(sizes, made[1:], strict=True)
        ]
        return evenly[0], evenly[1]
    padding = getattr(block, "padding", (0, 0))
    found = [
        [_window(i * stride - pad, kernel, size, pad) for i in range(n)]
        for n, size, kernel, stride, pad in zip(made[1:], sizes, block.kernel, block.stride, padding, strict=True)
    ]
    return found[0], found[1]


def _window(start: int, kernel: int, size: int, padding: int) -> Window:
    """Cut a window off at the edges of the image; the padding counts, what is beyond it does not."""
    return Window(max(0, start), min(size, start + kernel), min(start + kernel, size + padding) - start)


class _OfWindows(Explainer):
    """What all pooling of images has in common: numbers of a window become one, channel by channel."""

    formula = ""
    back = ""

    def pooled(self, block: Any, seen: Array, counts: int) -> Array:
        """Return what becomes of a window, of (channels, numbers) one number for each channel."""
        raise NotImplementedError

    def shared(self, block: Any, seen: Array, counts: int) -> Array:
        """Return ∂y/∂ each number of a window, (channels, numbers)."""
        raise NotImplementedError

    def lines(self, block: Any, seen: Array, counts: int, symbol: str) -> tuple[Line, ...]:
        """Write how one number comes out of a window (numbers)."""
        raise NotImplementedError

    def forward(self, place: Place) -> dict[str, Array]:
        x, made = place.inputs["x"], np.zeros(place.outputs["out"].shape)
        for at, rows, columns in _each(place):
            seen = x[:, rows.start : rows.stop, columns.start : columns.stop].reshape(len(x), -1)
            made[_every(at)] = self.pooled(place.node.block, seen, rows.counts * columns.counts)
        return {"out": made}

    def backward(self, place: Place, upstream: Mapping[str, Array]) -> dict[str, Array]:
        x, delta = place.inputs["x"], upstream["out"]
        made = np.zeros_like(x)
        for at, rows, columns in _each(place):
            part = (slice(None), slice(rows.start, rows.stop), slice(columns.start, columns.stop))
            seen = x[part]
            share = self.shared(place.node.block, seen.reshape(len(x), -1), rows.counts * columns.counts)
            made[part] += delta[_every(at)][:, None, None] * share.reshape(seen.shape)
        return {"x": made}

    def tell_forward(self, place: Place, port: str, entry: tuple[int, ...]) -> Told:
        x, c = place.inputs["x"], entry[0]
        at = entry[1:] or (0, 0)
        rows, columns = (windows[i] for windows, i in zip(windows_of(place), at, strict=True))
        lit = np.zeros(x.shape, dtype=bool)
        lit[c, rows.start : rows.stop, columns.start : columns.stop] = True
        seen = x[c, rows.start : rows.stop, columns.start : columns.stop].reshape(-1)
        grids = (
            table(f"x{low(c)}", x[c], lit=lit[c]),
            table(f"y{low(c)}" if entry[1:] else "y", place.outputs["out"], entry, chooses=True),
        )
        return Told(grids, self.lines(place.node.block, seen, rows.counts * columns.counts, f"y{low(*entry)}"))

    def tell_backward(self, place: Place, upstream: Mapping[str, Array], name: str, entry: tuple[int, ...]) -> Told:
        x, (c, a, b) = place.inputs["x"], entry
        flat = upstream["out"].ndim == 1
        delta = upstream["out"].reshape(-1, 1, 1) if flat else upstream["out"]
        terms, lit = [], np.zeros(delta.shape[1:], dtype=bool)
        for at, rows, columns in _each(place):
            if not (rows.start <= a < rows.stop and columns.start <= b < columns.stop):
                continue
            at = at or (0, 0)
            seen = x[c : c + 1, rows.start : rows.stop, columns.start : columns.stop].reshape(1, -1)
            place_in = (a - rows.start) * (columns.stop - columns.start) + b - columns.start
            share = self.shared(place.node.block, seen, rows.counts * columns.counts)[0, place_in]
            lit[at] = True
            terms.append((delta[(c, *at)], share))
        grids = (
            table("δ", upstream["out"], (c,)) if flat else table(f"δ{low(c)}", delta[c], lit=lit),
            table(f"x{low(c)}", x[c], (a, b)),
            table(slope(f"x{low(c)}"), self.backward(place, upstream)["x"], entry, chooses=True),
        )
        rows_of = np.array(terms).reshape(-1, 2)
        filled = total(rows_of)
        line = result(slope(f"x{low(*entry)}"), self.back, filled, rows_of.prod(axis=1).sum())
        return Told(grids, (line,), _met(len(terms)))


def _met(windows: int) -> Sentence | None:
    """Say in how many windows a number lies, where it is not one."""
    if not windows:
        return say("No window reaches this number: nothing comes back to it.")
    several = count(
        "{n} window holds this number.", "{n} windows hold this number; what they hand back adds up.", windows
    )
    return several if windows > 1 else None


def _every(at: tuple[int, ...]) -> tuple[Any, ...]:
    """Return a place in every channel."""
    return (slice(None), *at)


def _each(place: Place) -> Iterator[tuple[tuple[int, ...], Window, Window]]:
    """Go through all windows; the first is the place of what leaves, without its channel."""
    across, down = windows_of(place)
    flat = place.outputs["out"].ndim == 1
    for i, rows in enumerate(across):
        for j, columns in enumerate(down):
            yield (() if flat else (i, j)), rows, columns


class OfMaxPool2D(_OfWindows):
    """The largest of each window; the gradient goes to it alone, to the first of equal ones."""

    blocks = (MaxPool2D, AdaptiveMaxPool2D)
    back = r"\sum_{i,j} \delta_{c,i,j}\,[x_{c,a,b} = y_{c,i,j}]"

    def pooled(self, block: Any, seen: Array, counts: int) -> Array:
        made: Array = seen.max(axis=1)
        return made

    def shared(self, block: Any, seen: Array, counts: int) -> Array:
        made = np.zeros_like(seen)
        made[np.arange(len(seen)), seen.argmax(axis=1)] = 1
        return made

    def lines(self, block: Any, seen: Array, counts: int, symbol: str) -> tuple[Line, ...]:
        return (result(symbol, r"\max_{u,v}\; x_{c,\,iS+u-P,\,jS+v-P}", largest(seen), seen.max()),)


def largest(seen: Array) -> str:
    """Write which numbers the largest is taken of: of many the largest ones."""
    kept = np.sort(np.argsort(-seen, kind="stable")[:MOST_NAMED])
    return f"max({', '.join(number(seen[k]) for k in kept)})"


class OfAvgPool2D(_OfWindows):
    """The mean of each window; the gradient goes to all of it in equal shares."""

    blocks = (AvgPool2D, AdaptiveAvgPool2D, GlobalAvgPool2D)
    back = r"\sum_{i,j} \frac{\delta_{c,i,j}}{K^2}"

    def pooled(self, block: Any, seen: Array, counts: int) -> Array:
        made: Array = seen.sum(axis=1) / counts
        return made

    def shared(self, block: Any, seen: Array, counts: int) -> Array:
        return np.full_like(seen, 1 / counts)

    def lines(self, block: Any, seen: Array, counts: int, symbol: str) -> tuple[Line, ...]:
        formula = rf"\frac{{1}}{{{counts}}}\sum_{{u,v}} x_{{c,\,iS+u-P,\,jS+v-P}}"
        return (result(symbol, formula, f"({total(seen[:, None])}) / {counts}", seen.sum() / counts),)


class OfLpPool2D(_OfWindows):
    """The length of each window; the gradient goes to what is large in it."""

    blocks = (LpPool2D,)
    back = r"\sum_{i,j} \delta_{c,i,j}\,\mathrm{sign}(x)\left(\frac{|x|}{y_{c,i,j}}\right)^{p-1}"

    def pooled(self, block: Any, seen: Array, counts: int) -> Array:
        most = abs(seen).max(axis=1)
        scale = np.where(most > 0, most, 1.0)
        made: Array = most * (abs(seen / scale[:, None]) ** block.power).sum(axis=1) ** (1 / block.power)
        return made

    def shared(self, block: Any, seen: Array, counts: int) -> Array:
        y = self.pooled(block, seen, counts)[:, None]
        made: Array = np.sign(seen) * (abs(seen) / np.where(y > 0, y, 1.0)) ** (block.power - 1)
        return made

    def lines(self, block: Any, seen: Array, counts: int, symbol: str) -> tuple[Line, ...]:
        p, y = float(block.power), float(self.pooled(block, seen[None], counts)[0])
        powers = abs(seen) ** p
        inner = result("s", r"\sum_{u,v} |x|^p", _powers(seen, p), powers.sum())
        return (inner, result(symbol, r"s^{1/p}", f"{factor(powers.sum())}^(1 / {number(p)})", y))


def _powers(seen: Array, p: float) -> str:
    kept = np.sort(np.argsort(-abs(seen), kind="stable")[:MOST_NAMED])
    told = [f"{precise(abs(seen[k]), 1.0)}^{number(p)}" for k in kept if seen[k]]
    rest = (np.delete(abs(seen), kept) ** p).sum()
    return " + ".join([*told, *([f"[… {len(seen) - len(kept)}: {number(rest)}]"] if rest else [])]) or "0"


# -- over time ---------------------------------------------------------------------------------------------------


class _OverTime(Explainer):
    """What brings all steps of a sequence together, feature by feature."""

    def shares(self, x: Array) -> Array:
        """Return ∂y/∂x of the steps that are there."""
        raise NotImplementedError

    def made(self, x: Array) -> Array:
        """Return what leaves, of the steps that are there."""
        raise NotImplementedError

    def line(self, x: Array, symbol: str) -> Line:
        """Write how the numbers of one feature become one."""
        raise NotImplementedError

    def forward(self, place: Place) -> dict[str, Array]:
        return {"out": self.made(_there(place))}

    def backward(self, place: Place, upstream: Mapping[str, Array]) -> dict[str, Array]:
        x, made = _there(place), np.zeros_like(place.inputs["x"])
        made[: len(x)] = upstream["out"] * self.shares(x)
        return {"x": made}

    def tell_forward(self, place: Place, port: str, entry: tuple[int, ...]) -> Told:
        x, (k,) = _there(place), entry
        lit = np.zeros(place.inputs["x"].shape, dtype=bool)
        lit[: len(x), k] = self.shares(x)[:, k] != 0
        grids = (table("x", place.inputs["x"], lit=lit), table("y", place.outputs["out"], entry, chooses=True))
        return Told(grids, (self.line(x[:, k], f"y{low(k)}"),))

    def tell_backward(self, place: Place, upstream: Mapping[str, Array], name: str, entry: tuple[int, ...]) -> Told:
        x, (t, k), delta = _there(place), entry, upstream["out"]
        share = float(self.shares(x)[t, k]) if t < len(x) else 0.0
        grids = (
            table("δ", delta, (k,)),
            table("x", place.inputs["x"], entry),
            table(slope("x"), self.backward(place, upstream)["x"], entry, chooses=True),
        )
        symbol = rf"\delta_{{{k + 1}}}\,\frac{{\partial y_{{{k + 1}}}}}{{\partial x_{{{t + 1},{k + 1}}}}}"
        line = result(slope(f"x{low(*entry)}"), symbol, f"{number(delta[k])}·{number(share)}", delta[k] * share)
        return Told(grids, (line,), say("This step lies beyond the end.") if t >= len(x) else None)


class OfMaxOverTime(_OverTime):
    """The largest over time; equal ones share the gradient."""

    blocks = (MaxOverTime,)

    def made(self, x: Array) -> Array:
        found: Array = x.max(axis=0)
        return found

    def shares(self, x: Array) -> Array:
        first = x == x.max(axis=0)
        found: Array = first / first.sum(axis=0)
        return found

    def line(self, x: Array, symbol: str) -> Line:
        return result(symbol, r"\max_t\; x_{t,k}", largest(x), x.max())


class OfMeanOverTime(_OverTime):
    """The mean over time."""

    blocks = (MeanOverTime,)

    def made(self, x: Array) -> Array:
        found: Array = x.sum(axis=0) / len(x)
        return found

    def shares(self, x: Array) -> Array:
        return np.full_like(x, 1 / len(x))

    def line(self, x: Array, symbol: str) -> Line:
        formula = rf"\frac{{1}}{{{len(x)}}}\sum_t x_{{t,k}}"
        return result(symbol, formula, f"({total(x[:, None])}) / {len(x)}", x.sum() / len(x))


class OfLastStep(_OverTime):
    """The last step that is there."""

    blocks = (LastStep,)

    def made(self, x: Array) -> Array:
        found: Array = x[-1].copy()
        return found

    def shares(self, x: Array) -> Array:
        found = np.zeros_like(x)
        found[-1] = 1
        return found

    def line(self, x: Array, symbol: str) -> Line:
        return result(symbol, rf"x_{{{len(x)},k}}", number(x[-1]), x[-1])


def _there(place: Place) -> Array:
    """Return the steps that are there."""
    return place.inputs["x"][: place.length]
