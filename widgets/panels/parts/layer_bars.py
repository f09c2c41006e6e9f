"""Layers one above the other: a bar for each on a scale of powers of ten, or a row of colours over the steps."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QBrush, QFontMetricsF
from PySide6.QtWidgets import QHBoxLayout, QWidget

from widgets.panels.parts.plots import ColourBar, Plot, colour_table, readable
from widgets.theme import Theme, font

Array = np.ndarray[Any, Any]

MOST_COLUMNS = 800
"""Moments that the history keeps; beyond that every second one goes."""

WIDEST_NAME = 126.0
"""Pixels for the names of layers; of longer ones the middle is left out."""

MOST_NUMBERS = 24
"""Layers that get their number written beside the bar."""

LINE, AXIS = 13.0, 26.0
"""Pixels that a name needs, and those below the bars: where there is less room, some names are left out."""

TALLEST = 56.0
"""Pixels that a layer takes at most, with what is free above and below its bar: few bars do not become planks."""


class LayerPlot(Plot):
    """A plot in which every layer is a row with its name beside it, the first at the bottom.

    Signals:
        pointed(int): the pointer is at this layer; −1: at none.
    """

    pointed = Signal(int)

    def __init__(self, name: str, middle: float) -> None:
        self.nodes: tuple[str, ...] = ()
        self._middle, self._every = middle, 1
        super().__init__(name)
        self.setMouseEnabled(False, False)
        self.getAxis("left").setStyle(tickLength=0)
        self.scene().sigMouseMoved.connect(self._on_scene_mouse_moved)
        self.pointerLeft.connect(self._on_pointer_left)

    def set_layers(self, nodes: tuple[str, ...]) -> None:
        """Show these layers from now on."""
        if nodes != self.nodes:
            self.nodes = nodes
            self._arrange()

    def fitting(self) -> int:
        """Say that every so many-th layer can be named where there is as much room as now."""
        return max(1, math.ceil(len(self.nodes) / min(MOST_NUMBERS, self._room() / LINE)))

    def _room(self) -> float:
        return max(LINE, self.height() - AXIS)

    def _arrange(self) -> None:
        """Write the names; make room for the longest."""
        metrics, middle = QFontMetricsF(font(8.5)), Qt.TextElideMode.ElideMiddle
        self._every = every = self.fitting()
        ticks = [(k, metrics.elidedText(name, middle, WIDEST_NAME)) for k, name in enumerate(self.nodes)][::every]
        self.getAxis("left").setTicks([[(k + self._middle, name) for k, name in ticks]])
        self.getAxis("left").setWidth(max((metrics.horizontalAdvance(name) for _, name in ticks), default=0.0) + 14)
        free = self._free()
        self.setYRange(self._middle - 0.5 - free, len(self.nodes) - 0.5 + self._middle + free, padding=0.02)

    def _free(self) -> float:
        """Return how many rows stay free above all, and below."""
        return 0.0

    # -- what happens ------------------------------------------------------------------------------------------

    def _on_scene_mouse_moved(self, at: QPointF) -> None:
        item = self.getPlotItem()
        row = math.floor(item.vb.mapSceneToView(at).y() + 0.5 - self._middle)
        inside = item.sceneBoundingRect().contains(at) and 0 <= row < len(self.nodes)
        self.pointed.emit(row if inside else -1)

    def _on_pointer_left(self) -> None:
        self.pointed.emit(-1)

    # -- Qt ----------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: Any) -> None:
        """Name as many layers as there is room for now."""
        super().resizeEvent(event)
        if self.nodes:
            self._arrange()


class LayerBars(LayerPlot):
    """A bar for each layer on a scale of powers of ten, an outline for what it was before, and a line to go by."""

    def __init__(self, name: str, guide: float | None = None) -> None:
        self.numbers: list[pg.TextItem] = []
        super().__init__(name, middle=0.0)
        self.bars = pg.BarGraphItem(x0=[0.0], y=[0.0], width=[0.0], height=0.0)
        self.outlines = pg.BarGraphItem(x0=[0.0], y=[0.0], width=[0.0], height=0.0, brush=None)
        self.guide = pg.InfiniteLine(angle=90) if guide is not None else None
        self._guide = guide
        for item in (self.outlines, self.bars):
            self.addItem(item)
        if self.guide is not None and guide is not None:
            self.guide.setPos(math.log10(guide))
            self.addItem(self.guide, ignoreBounds=True)
        self.getAxis("bottom").setLogMode(True)

    def show_values(self, values: Array, before: Array | None, brushes: list[QBrush]) -> None:
        """Show a number for each layer; what is zero or no number has no bar, but says so."""
        exponents, known = exponents_of(values)
        seen = exponents[known]
        if before is not None:
            earlier, told = exponents_of(before)
            seen = np.concatenate([seen, earlier[told]])
        if self._guide is not None:
            seen = np.append(seen, math.log10(self._guide))
        low, high = decades(seen)
        places = np.arange(len(values), dtype=float)
        widths = np.where(known, exponents - low, 0.0)
        self.bars.setOpts(x0=np.full(len(places), float(low)), width=widths, y=places, height=0.6, brushes=brushes)
        self.outlines.setVisible(before is not None)
        if before is not None:
            rows = np.flatnonzero(told)
            self.outlines.setOpts(x0=np.full(len(rows), float(low)), width=earlier[rows] - low, y=rows, height=0.78)
        self.setXRange(low, high + 0.22 * (high - low), padding=0)  # room for the numbers
        ends = np.maximum(widths, np.where(told, earlier - low, 0.0)) if before is not None else widths
        for k, number in enumerate(self.numbers[: len(values)]):
            number.setText(readable(float(values[k])))
            number.setPos(low + ends[k], k)

    def recolour(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        super().recolour(theme)
        self.getPlotItem().showGrid(x=True, y=False, alpha=0.10)
        self.bars.setOpts(pen=pg.mkPen(None))
        self.outlines.setOpts(pen=pg.mkPen(theme.dim))
        if self.guide is not None:
            self.guide.setPen(pg.mkPen(theme.validation, width=1.5, style=Qt.PenStyle.DashLine))
        for number in self.numbers:
            number.setColor(theme.dim)
            number.setFont(font(8.5))

    def _arrange(self) -> None:
        super()._arrange()
        n = len(self.nodes)
        while len(self.numbers) < min(n, MOST_NUMBERS):
            number = pg.TextItem(anchor=(0, 0.5))
            self.addItem(number, ignoreBounds=True)
            self.numbers.append(number)
        for k, number in enumerate(self.numbers):
            number.setVisible(k < n <= MOST_NUMBERS and self._every == 1)

    def _free(self) -> float:
        return max(0.0, (self._room() / TALLEST - len(self.nodes)) / 2)


class LayerMap(QWidget):
    """A row of colours for each layer: how large its number was over the steps, with the colour bar beside it."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.plot = LayerPlot(f"{name}_chart", middle=0.5)
        self.image = pg.ImageItem(axisOrder="row-major")
        self.plot.addItem(self.image)
        self.bar = ColourBar(f"{name}_bar")
        self.bar.set_colours(colour_table("viridis"))
        beside = QHBoxLayout(self)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.addWidget(self.plot, 1)
        beside.addWidget(self.bar)

    def show_past(self, past: Past) -> None:
        """Show what was seen so far."""
        steps, columns = past.grid()
        exponents, known = exponents_of(columns)
        if not known.any():
            self.image.clear()
            return
        low, high = float(exponents[known].min()), float(exponents[known].max())
        high = max(high, low + 0.1)
        shown = ((exponents - low) / (high - low) * 255).clip(0, 255)
        pixels = np.zeros((*columns.shape, 4), dtype=np.uint8)
        pixels[..., :3] = colour_table("viridis")[np.where(known, shown, 0).astype(np.uint8)]
        pixels[..., 3] = np.where(known, 255, 0)
        self.image.setImage(pixels, autoLevels=False, levels=(0, 255))
        first, last = float(steps[0]), float(max(steps[-1], steps[0] + 1))
        self.image.setRect(QRectF(first, 0.0, last - first, float(columns.shape[0])))
        self.plot.setXRange(first, last, padding=0.01)
        self.bar.set_range(low, high, log=True)


class Past:
    """The numbers of the layers of one run at the moments they were seen, thinned out as they become many."""

    def __init__(self) -> None:
        self.nodes: tuple[str, ...] = ()
        self.steps: list[int] = []
        self.columns: list[Array] = []

    def add(self, step: int, nodes: tuple[str, ...], values: Array) -> None:
        """Remember a moment; other layers or an earlier step begin a new history."""
        if nodes != self.nodes or (self.steps and step < self.steps[-1]):
            self.nodes, self.steps, self.columns = nodes, [], []
        if self.steps and step == self.steps[-1]:
            return
        self.steps.append(step)
        self.columns.append(values)
        if len(self.steps) > MOST_COLUMNS:
            self.steps, self.columns = self.steps[::2], self.columns[::2]

    def grid(self) -> tuple[Array, Array]:
        """Return steps at equal distances and, by layer and step, the number last seen before each."""
        steps = np.array(self.steps)
        n = int(min(400, max(1, steps[-1] - steps[0] + 1)))
        even = np.linspace(steps[0], steps[-1], n)
        columns = np.stack(self.columns, axis=1)  # (layer, moment)
        return even, columns[:, np.searchsorted(steps, even + 1e-9, side="right") - 1]


def exponents_of(values: Array) -> tuple[Array, Array]:
    """Return the decimal logarithms, and which of them are numbers: zero, NaN and infinity have none."""
    known = np.isfinite(values) & (values > 0)
    return np.log10(np.where(known, values, 1.0)), known


def decades(exponents: Array) -> tuple[int, int]:
    """Return the whole powers of ten that hold all values; they change seldom, so the picture stands still."""
    if not len(exponents):
        return -4, 0
    low, high = math.floor(float(exponents.min()) - 0.15), math.ceil(float(exponents.max()))
    return low, max(high, low + 2)
