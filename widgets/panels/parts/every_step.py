"""A line through every step of a long run, and a band between two, of which no peak is lost from however far away."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtGui import QPainter

Array = np.ndarray[Any, Any]

STROKE = 2
"""Pixels to a stroke: more strokes would be painted over each other."""


def strips(x: Array, low: Array, high: Array, left: float, right: float, strokes: int) -> tuple[Array, Array, Array]:
    """Return what is in view of the space between two lines: all points, or the lowest and highest of each strip.

    There are so many strips at the most, of equal width. NaN counts only where a strip has nothing else. One point
    beyond either side is returned as well, so that a line goes on to the edge.
    """
    first, last = np.searchsorted(x, (left, right))
    inside = slice(max(0, int(first) - 1), int(last) + 1)
    one = low is high
    x, low = x[inside], low[inside]
    high = low if one else high[inside]
    if len(x) <= 2 * strokes or not right > left:
        return x, low, high
    starts = np.searchsorted(x, np.linspace(left, right, strokes, endpoint=False))
    starts[0] = 0
    starts = starts[(np.diff(starts, prepend=-1) > 0) & (starts < len(x))]
    ends = np.append(starts[1:], len(x))
    return x[(starts + ends - 1) // 2], np.fmin.reduceat(low, starts), np.fmax.reduceat(high, starts)


class EveryStep(pg.PlotCurveItem):
    """Draws all points that it is given, with a stroke or two a pixel.

    pyqtgraph's own reduction takes equal numbers of points together and leaves out the last ones: the newest; and on a
    logarithmic axis it leaves out nearly all that is to be seen at the left.
    """

    def __init__(self, antialias: bool = False) -> None:
        self._points: tuple[Array, ...] = (np.empty(0), np.empty(0))
        self._mapped = self._points
        self._bounds: list[tuple[Any, Any] | None] = [None, None]
        self._log = (False, False)
        self._seen: tuple[Any, ...] = ()
        super().__init__(connect="finite", antialias=antialias)

    def setData(self, *points: Array, **options: Any) -> None:
        """Show these points, in the order of their steps; they may be the same arrays with other numbers in them."""
        if points:
            self._points = points
            self._map()
        else:
            super().setData(**options)

    def getOriginalDataset(self) -> tuple[Array, ...]:
        """Return all points, as a `PlotDataItem` does."""
        return self._points

    def setLogMode(self, x: bool, y: bool) -> None:
        """Draw powers of ten at equal distances."""
        if self._log != (bool(x), bool(y)):
            self._log = (bool(x), bool(y))
            self._map()

    def _map(self) -> None:
        """Bring the points to their places on the axes; what has none on a logarithmic one leaves a gap."""
        steps, *values = self._points
        x = _logarithms(steps) if self._log[0] else steps
        self._mapped = (x, *(_logarithms(y) if self._log[1] else _finite(y) for y in values))
        self._bounds = [None, None]
        self._seen = ()
        self._draw()

    def _draw(self) -> None:
        """Reduce what is in view to as many strokes as can be seen."""
        box = self.getViewBox()
        if box is None:
            seen = (-np.inf, np.inf, len(self._mapped[0]))
        else:
            seen = (*box.viewRange()[0], max(50, round(box.width() / STROKE)))
        if not _alike(self._seen, seen):
            self._seen = seen
            x, y = self._line(*seen)
            super().setData(x, y)

    def _line(self, left: float, right: float, strokes: int) -> tuple[Array, Array]:
        """Return the points of the line that is drawn."""
        x, y = self._mapped
        shown, low, high = strips(x, y, y, left, right, strokes)
        if low is high:  # few enough to be drawn one by one
            return shown, low
        return np.repeat(shown, 2), np.stack((high, low), axis=1).ravel()

    # -- pyqtgraph ---------------------------------------------------------------------------------------------

    def dataBounds(self, ax: int, frac: float = 1.0, orthoRange: Any = None) -> tuple[Any, Any]:
        """Return between which values all points lie, in view or not."""
        if (found := self._bounds[ax]) is None:
            low, high = self._mapped[ax], self._mapped[-1 if ax else 0]
            there = len(low) > 0 and not np.isnan(least := np.fmin.reduce(low))
            found = self._bounds[ax] = (float(least), float(np.fmax.reduce(high))) if there else (None, None)
        return found

    def viewRangeChanged(self, *_: Any) -> None:
        """Look again at what is in view."""
        super().viewRangeChanged()
        self._draw()

    def viewTransformChanged(self) -> None:
        """Look again: the view may have become wider."""
        super().viewTransformChanged()
        self._draw()


class Band(EveryStep):
    """Fills what lies between the lowest and the highest of several lines; its data are steps, low and high."""

    def __init__(self) -> None:
        super().__init__()
        self._points = self._mapped = (np.empty(0), np.empty(0), np.empty(0))

    def _line(self, left: float, right: float, strokes: int) -> tuple[Array, Array]:
        """Return the way along the upper edge and back along the lower one."""
        x, low, high = strips(*self._mapped, left, right, strokes)
        there = np.isfinite(low) & np.isfinite(high)
        x, low, high = x[there], low[there], high[there]
        return np.concatenate((x, x[::-1])), np.concatenate((high, low[::-1]))

    # -- pyqtgraph ---------------------------------------------------------------------------------------------

    def paint(self, painter: QPainter, option: Any, widget: Any) -> None:
        """Fill it; its edge has no line."""
        if self.xData is not None and len(self.xData) and self.opts["brush"] is not None:
            painter.fillPath(self.getPath(), self.opts["brush"])


def _alike(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    """Whether two views differ by less than can be seen, as they do with every step of a long run."""
    if one == other or not one or one[2] != other[2]:
        return one == other
    pixel = (other[1] - other[0]) / (other[2] * STROKE)
    return abs(one[0] - other[0]) < pixel / 2 and abs(one[1] - other[1]) < pixel / 2


def _finite(values: Array) -> Array:
    """Return values with NaN for what is infinite; the same ones where nothing is."""
    with np.errstate(invalid="ignore", over="ignore"):
        total = np.add.reduce(values)  # a hundredth of what it takes to look at each
    if np.isfinite(total):
        return values
    return np.where(np.isfinite(values), values, np.nan)


def _logarithms(values: Array) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        return _finite(np.log10(values))
