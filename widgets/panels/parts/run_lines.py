"""The curves of other runs in the plot of the present one: a line each, a band and its mean for runs of one group."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pyqtgraph as pg
from PySide6.QtGui import QColor

from widgets.history import History
from widgets.panels.parts.every_step import Band, EveryStep
from widgets.panels.parts.plots import blend, readable
from widgets.panels.parts.run_legend import Entry
from widgets.panels.parts.smoothing import Smoother
from widgets.runs import Runs
from widgets.runs.looks import colour, pen
from widgets.runs.run import Group, Run
from widgets.runs.spread import spread
from widgets.theme import Theme, current

Array = np.ndarray[Any, Any]

SPLITS = ("validation", "train")
FAINT = 0.45
"""How much of its colour a line has that is not the one to look at."""

MARK = 9


class Drawn(NamedTuple):
    """What is drawn of a run or a group: steps and values, of a group the mean; `low` and `high` of a group only."""

    steps: Array
    values: Array
    low: Array | None = None
    high: Array | None = None


def curve_of(history: History, split: str, metric: str, every_step: bool) -> tuple[Array, Array]:
    """Return steps and values of a metric: where training tells it, of every step, else from the evaluations.

    Where several Outputs have the metric, it is that of the first.
    """
    if every_step and split == "train" and history.loss.size:
        return history.loss.steps, history.loss.values
    curve = history.evaluations.get((split, metric))
    if curve is None:
        of_outputs = (c for (s, m), c in history.evaluations.items() if s == split and _alike(m, metric))
        curve = next(of_outputs, None)
    return (np.empty(0), np.empty(0)) if curve is None else (curve.steps, curve.values)


def nearest(steps: Array, at: float) -> int:
    """Return the place of the step that is nearest."""
    k = int(np.clip(np.searchsorted(steps, at), 1, max(1, len(steps) - 1)))
    return k - 1 if k >= len(steps) or at - steps[k - 1] < steps[k] - at else k


def value_at(drawn: Drawn, at: float | None) -> str:
    """Write the value at a step, else the last one; of a group the mean and how far it reaches."""
    k = len(drawn.steps) - 1 if at is None else nearest(drawn.steps, at)
    value = readable(drawn.values[k])
    if drawn.low is None or drawn.high is None:
        return value
    return f"{value} ({readable(drawn.low[k])} – {readable(drawn.high[k])})"


class RunLines:
    """Draws the runs that are shown, and remembers what it has drawn of each.

    Attributes:
        drawn: what is drawn now, by run or group and split.
    """

    def __init__(self, plot: pg.PlotItem, runs: Runs) -> None:
        self.plot, self.runs = plot, runs
        self.drawn: dict[tuple[Run | Group, str], Drawn] = {}
        self._lines: dict[tuple[Run | Group, str], EveryStep] = {}
        self._bands: dict[tuple[Run | Group, str], Band] = {}
        self._marks: dict[Run, pg.ScatterPlotItem] = {}
        self._smoothers: dict[Run, Smoother] = {}
        self._known: dict[tuple[Run | Group, str], tuple[Any, ...]] = {}

    def sync(self, metric: str, splits: tuple[str, ...], span: float, every_step: bool) -> None:
        """Draw the runs that are shown, of these splits; what has not changed stays as it is."""
        wanted: dict[tuple[Run | Group, str], tuple[Any, ...]] = {}
        for item in self.runs.items:
            for split in splits if item.shown else ():
                asked = (metric, split, span, every_step)
                if isinstance(item, Run):
                    wanted[item, split] = (*asked, _size(item, *asked), item.look)
                    continue
                over = [run for run in self.runs.members(item) if run.over]
                wanted[item, split] = (*asked, tuple((run.number, _size(run, *asked)) for run in over), item.look)
                for run in self.runs.members(item):
                    if item.each or not run.over:  # what is still growing is no part of the band yet
                        wanted[run, split] = (*asked, _size(run, *asked), item.look)
        for key in [key for key in self._lines if key not in wanted]:
            self._forget(key)
        for key, state in wanted.items():
            if self._known.get(key) != state:
                self._known[key] = state
                self._draw(*key, metric, span, every_step)
        self._sync_marks(splits)

    def have_any(self, metric: str, splits: tuple[str, ...], every_step: bool) -> bool:
        """Whether there is anything to draw of the runs that are shown."""
        shown = [run for run in self.runs.all if (run.group or run).shown]
        return any(len(curve_of(run.history, split, metric, every_step)[0]) for run in shown for split in splits)

    def _draw(self, item: Run | Group, split: str, metric: str, span: float, every_step: bool) -> None:
        key = (item, split)
        if key not in self._lines:
            self._lines[key] = line = EveryStep(antialias=True)
            line.setZValue(1)
            self.plot.addItem(line)
            if isinstance(item, Group):
                self._bands[key] = band = Band()
                band.setZValue(-1)
                self.plot.addItem(band)
            self._dress(key, current())
        if isinstance(item, Run):
            self.drawn[key] = Drawn(*self._curve(item, split, metric, span, every_step))
        else:
            runs = [run for run in self.runs.members(item) if run.over]
            found = spread([self._curve(run, split, metric, span, every_step) for run in runs])
            self.drawn[key] = Drawn(found.steps, found.mean, found.low, found.high)
            self._bands[key].setData(found.steps, found.low, found.high)
        self._lines[key].setData(self.drawn[key].steps, self.drawn[key].values)

    def _curve(self, run: Run, split: str, metric: str, span: float, every_step: bool) -> tuple[Array, Array]:
        """Return a curve as it is drawn: that of every step smoothed."""
        steps, values = curve_of(run.history, split, metric, every_step)
        if every_step and split == "train" and span > 1:
            smoother = self._smoothers.setdefault(run, Smoother(span))
            if smoother.span != span:
                smoother.restart(span)
            values = smoother.follow(values)
        return steps, values

    def entries(self, splits: tuple[str, ...], at: float | None) -> list[Entry]:
        """Return what a legend says of the runs that are drawn: their values at a step, or the last ones."""
        entries = []
        for item in self.runs.items:
            found = [self.drawn[item, split] for split in splits if (item, split) in self.drawn]
            if found:
                values = " · ".join(value_at(one, at) for one in found if len(one.steps))
                entries.append(Entry(pen(item.look, current(), 2), str(item.name), values or "–"))
        return entries

    def rows(self, item: Run | Group, split: str, drawn: Drawn, metric: str, every_step: bool) -> list[tuple[Any, ...]]:
        """Return a row for each step of what is drawn: its value, smoothed, and of a group lowest and highest."""
        name = f"{item.group.name}: {item.name}" if isinstance(item, Run) and item.group is not None else str(item.name)
        if drawn.low is not None and drawn.high is not None:
            told = zip(drawn.steps, drawn.values, drawn.low, drawn.high, strict=True)
            return [(name, split, int(step), float(v), None, float(low), float(high)) for step, v, low, high in told]
        assert isinstance(item, Run)
        steps, values = curve_of(item.history, split, metric, every_step)
        smoothed = drawn.values if every_step and split == "train" else [None] * len(steps)
        told = zip(steps, values, smoothed, strict=False)  # it may have grown since it was drawn
        return [(name, split, int(step), float(v), mean, None, None) for step, v, mean in told]

    def _forget(self, key: tuple[Run | Group, str]) -> None:
        self.plot.removeItem(self._lines.pop(key))
        if key in self._bands:
            self.plot.removeItem(self._bands.pop(key))
        self.drawn.pop(key, None)
        self._known.pop(key, None)
        if isinstance(key[0], Run):
            self._smoothers.pop(key[0], None)

    # -- marks ---------------------------------------------------------------------------------------------------

    def _sync_marks(self, splits: tuple[str, ...]) -> None:
        """Put a mark on the curve of a run wherever something was changed during it."""
        shown = {item: key for key in self.drawn if isinstance(item := key[0], Run) and item.history.marks}
        for run in [run for run in self._marks if run not in shown]:
            self.plot.removeItem(self._marks.pop(run))
        for run, key in shown.items():
            if run not in self._marks:
                self._marks[run] = made = pg.ScatterPlotItem(symbol="d", size=MARK, pen=None)
                made.setZValue(3)
                self.plot.addItem(made, ignoreBounds=True)
                made.setBrush(QColor(colour(run.look, current())))
            steps, values = self.drawn[key][:2]
            at = np.array([step for step, _ in run.history.marks], dtype=float)
            if len(steps):
                x, y = at, np.interp(at, steps, values)
                modes = (self.plot.ctrl.logXCheck.isChecked(), self.plot.ctrl.logYCheck.isChecked())
                with np.errstate(divide="ignore", invalid="ignore"):
                    x, y = (np.log10(one) if log else one for one, log in zip((x, y), modes, strict=True))
                there = np.isfinite(x) & np.isfinite(y)
                self._marks[run].setData(x[there], y[there])

    def marks_near(self, step: float, reach: float) -> list[tuple[Run, Any]]:
        """Return what was changed in which run within so many steps."""
        return [(run, name) for run in self._marks for at, name in run.history.marks if abs(at - step) <= reach]

    # -- looks -----------------------------------------------------------------------------------------------------

    def recolour(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        for key in self._lines:
            self._dress(key, theme)
        for run, marks in self._marks.items():
            marks.setBrush(QColor(colour(run.look, theme)))

    def _dress(self, key: tuple[Run | Group, str], theme: Theme) -> None:
        item, split = key
        thin = self.plot.getViewWidget().devicePixelRatioF() if self.plot.getViewWidget() is not None else 1.0
        faint = isinstance(item, Run) and item.group is not None
        made = pen(item.look, theme, (1.2 if faint or split == "train" else 2.0) * thin)
        if faint:
            made.setColor(QColor(*blend(theme.panel, colour(item.look, theme), FAINT)))
        self._lines[key].setPen(made)
        if key in self._bands:
            fill = QColor(colour(item.look, theme))
            fill.setAlphaF(0.22)
            self._bands[key].setBrush(fill)

    @property
    def last_step(self) -> float:
        """Return how far the longest of them goes."""
        return max((float(one.steps[-1]) for one in self.drawn.values() if len(one.steps)), default=0.0)


def _alike(one: str, other: str) -> bool:
    """Whether two metrics are the same but for the Output that has them."""
    return one.partition(".")[0] == other.partition(".")[0]


def _size(run: Run, metric: str, split: str, span: float, every_step: bool) -> int:
    return len(curve_of(run.history, split, metric, every_step)[0])
