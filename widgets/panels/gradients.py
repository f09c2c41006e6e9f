"""How strongly the last step pulled at each layer, now and over the steps."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from playground.probes.gradients import Gradients, GradientsAnswer
from playground.text import Sentence, note, tr
from widgets.panels.parts.plots import ColourBar, Picture, Plot, Readout, chip, colour_table, readable, row
from widgets.theme import Theme, current, family_colour, font

Array = np.ndarray[Any, Any]

MOST_COLUMNS = 800
"""Moments that the history keeps; beyond that every second one goes."""

WIDEST_NAME = 126.0
"""Pixels for the names of layers; of longer ones the middle is left out."""

MOST_NUMBERS = 24
"""Layers that get their number written beside the bar."""

LINE, AXIS = 13.0, 26.0
"""Pixels that a name needs, and those below the bars: where there is less room, some names are left out."""


class GradientsPanel(Picture):
    """Shows the size of the gradient, layer by layer."""

    key = "gradients"
    title = note("Gradient magnitude by layer")
    help = note(
        "The size of a typical entry (root mean square) of each layer's gradient in the last step, on a scale of "
        "powers of ten; the first layer is at the bottom. Layers learn at a similar pace where the bars are of "
        "similar length. Bars that shrink from the top to the bottom tell that little of the error reaches the "
        "first layers."
    )
    icon = "mdi6.chart-bar"

    def compose(self, column: QVBoxLayout) -> None:
        """Create the bars, the history's image and the switch between them."""
        self.answer: GradientsAnswer | None = None
        self.past = Past()
        self._hover, self._every = -1, 1
        self._switch = chip("gradients_history")
        self._switch.toggled.connect(self._on_switch_toggled)
        self._readout = Readout("gradients_readout")
        column.addLayout(row(self._switch, self._readout))
        self.plot = Plot("gradients_plot")
        self.bars = pg.BarGraphItem(x0=[0.0], y=[0.0], width=[0.0], height=0.0)
        self.plot.addItem(self.bars)
        self.numbers: list[pg.TextItem] = []
        self.plot.getAxis("bottom").setLogMode(True)
        self.chart = Plot("gradients_chart")
        self.image = pg.ImageItem(axisOrder="row-major")
        self.chart.addItem(self.image)
        self.bar = ColourBar("gradients_bar")
        self.bar.set_colours(colour_table("viridis"))
        for plot in (self.plot, self.chart):
            plot.setMouseEnabled(False, False)
            plot.getAxis("left").setStyle(tickLength=0)
            plot.scene().sigMouseMoved.connect(self._on_scene_mouse_moved)
            plot.pointerLeft.connect(self._on_pointer_left)
        history = QWidget()
        beside = QHBoxLayout(history)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.addWidget(self.chart, 1)
        beside.addWidget(self.bar)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.plot)
        self._pages.addWidget(history)
        column.addWidget(self._pages, 1)
        self.session.restarted.connect(self._on_session_restarted)

    def probe(self) -> Gradients:
        """Ask for all layers."""
        return Gradients()

    def draw(self, answer: GradientsAnswer | None) -> None:
        """Show the gradient of the last step and remember it."""
        before, self.answer = self.answer, answer
        self.show_picture(answer is not None)
        if answer is None:
            return
        self.past.add(answer)
        if before is None or before.nodes != answer.nodes:
            self._name_layers(answer.nodes)
        if self._switch.isChecked():
            self._draw_past()
        else:
            self._draw_bars(answer)
        self._tell()

    def _name_layers(self, nodes: tuple[str, ...]) -> None:
        """Write the layers' names beside both pictures; make room for the longest."""
        metrics = QFontMetricsF(font(8.5))
        self._every = every = self._fitting(len(nodes))
        middle = Qt.TextElideMode.ElideMiddle
        ticks = [(k, metrics.elidedText(name, middle, WIDEST_NAME)) for k, name in enumerate(nodes) if k % every == 0]
        room = max((metrics.horizontalAdvance(name) for _, name in ticks), default=0.0) + 14
        for plot, shift in ((self.plot, 0.0), (self.chart, 0.5)):
            plot.getAxis("left").setTicks([[(k + shift, name) for k, name in ticks]])
            plot.getAxis("left").setWidth(room)
            plot.setYRange(shift - 0.5, len(nodes) - 0.5 + shift, padding=0.02)
        while len(self.numbers) < min(len(nodes), MOST_NUMBERS):
            number = pg.TextItem(anchor=(0, 0.5))
            self.plot.addItem(number, ignoreBounds=True)
            self.numbers.append(number)
        for k, number in enumerate(self.numbers):
            number.setVisible(k < len(nodes) <= MOST_NUMBERS and every == 1)
        self.recolour(current())

    def _fitting(self, layers: int) -> int:
        """Say that every so many-th layer can be named where there is as much room as now."""
        room = max(LINE, self._pages.height() - AXIS)
        return max(1, math.ceil(layers / min(MOST_NUMBERS, room / LINE)))

    def _draw_bars(self, answer: GradientsAnswer) -> None:
        exponents, known = exponents_of(answer.magnitude)
        low, high = decades(exponents[known])
        places = np.arange(len(answer.nodes), dtype=float)
        widths = np.where(known, exponents - low, 0.0)
        self.bars.setOpts(
            x0=np.full(len(places), float(low)), width=widths, y=places, height=0.6, brushes=self._brushes
        )
        self.plot.setXRange(low, high + 0.22 * (high - low), padding=0)  # room for the numbers
        if len(answer.nodes) <= MOST_NUMBERS:
            for k, value in enumerate(answer.magnitude):
                self.numbers[k].setText(readable(float(value)))
                self.numbers[k].setPos(low + widths[k], k)

    def _draw_past(self) -> None:
        steps, columns = self.past.grid()
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
        self.chart.setXRange(first, last, padding=0.01)
        self.bar.set_range(low, high, log=True)

    # -- words and colours -------------------------------------------------------------------------------------

    def empty(self) -> str:
        """Say how to fill it."""
        return tr("Press Play: after the first step every layer with weights gets a bar.")

    def relabel(self) -> None:
        """Say everything again in the present language."""
        super().relabel()
        self._switch.setText(tr("History"))
        self._switch.setToolTip(tr("Show the magnitudes over the steps"))
        self._switch.setAccessibleName(tr("Show the magnitudes over the steps"))
        self.plot.setAccessibleName(str(Sentence(self.title)))
        self.chart.setAccessibleName(tr("Show the magnitudes over the steps"))
        self.chart.setLabel("bottom", tr("step"))
        self.recolour(current())
        self._tell()

    def recolour(self, theme: Theme) -> None:
        """Take the colours of a theme and of the layers' families."""
        for plot in (self.plot, self.chart):
            plot.recolour(theme)
        self.plot.getPlotItem().showGrid(x=True, y=False, alpha=0.10)
        self.chart.getAxis("bottom").label.setFont(font(8.5))
        for number in self.numbers:
            number.setColor(theme.dim)
            number.setFont(font(8.5))
        nodes = self.answer.nodes if self.answer is not None else ()
        known = self.session.document.report.nodes
        families = [known[id].block.family if id in known else "" for id in nodes]
        self._brushes = [pg.mkBrush(family_colour(family)) for family in families]
        self.bars.setOpts(pen=pg.mkPen(None))
        if self.answer is not None and not self._switch.isChecked():
            self._draw_bars(self.answer)

    def _tell(self) -> None:
        """Say what the bars are, or which layer the pointer is at and how large its gradient is."""
        if self.answer is None:
            return
        if 0 <= self._hover < len(self.answer.nodes):
            node, value = self.answer.nodes[self._hover], readable(float(self.answer.magnitude[self._hover]))
            self._readout.say(tr("{node}: {value}", node=node, value=value))
        else:
            self._readout.say(tr("root mean square, step {n}", n=self.answer.step))

    # -- what happens ------------------------------------------------------------------------------------------

    def _on_scene_mouse_moved(self, at: QPointF) -> None:
        plot = self.chart if self._switch.isChecked() else self.plot
        height = plot.getPlotItem().vb.mapSceneToView(at).y() + (0.0 if self._switch.isChecked() else 0.5)
        inside = plot.getPlotItem().sceneBoundingRect().contains(at)
        self._hover = math.floor(height) if inside else -1
        self._readout.hurry()
        self._tell()

    def _on_switch_toggled(self, on: bool) -> None:
        self._pages.setCurrentIndex(1 if on else 0)
        if self.answer is not None:
            if on:
                self._draw_past()
            else:
                self._draw_bars(self.answer)

    def _on_session_restarted(self) -> None:
        self.past = Past()
        self.draw(None)

    def _on_pointer_left(self) -> None:
        self._hover = -1
        self._readout.hurry()
        self._tell()

    # -- Qt ----------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: Any) -> None:
        """Name as many layers as there is room for now."""
        super().resizeEvent(event)
        if self.answer is not None and self._every != self._fitting(len(self.answer.nodes)):
            self._name_layers(self.answer.nodes)


class Past:
    """The magnitudes of one run at the moments they were seen, thinned out as they become many."""

    def __init__(self) -> None:
        self.nodes: tuple[str, ...] = ()
        self.steps: list[int] = []
        self.columns: list[Array] = []

    def add(self, answer: GradientsAnswer) -> None:
        """Remember an answer; other layers or an earlier step begin a new history."""
        if answer.nodes != self.nodes or (self.steps and answer.step < self.steps[-1]):
            self.nodes, self.steps, self.columns = answer.nodes, [], []
        if self.steps and answer.step == self.steps[-1]:
            return
        self.steps.append(answer.step)
        self.columns.append(answer.magnitude)
        if len(self.steps) > MOST_COLUMNS:
            self.steps, self.columns = self.steps[::2], self.columns[::2]

    def grid(self) -> tuple[Array, Array]:
        """Return steps at equal distances and, by layer and step, the magnitude last seen before each."""
        steps = np.array(self.steps)
        n = int(min(400, max(1, steps[-1] - steps[0] + 1)))
        even = np.linspace(steps[0], steps[-1], n)
        columns = np.stack(self.columns, axis=1)  # (layer, moment)
        return even, columns[:, np.searchsorted(steps, even + 1e-9, side="right") - 1]


def exponents_of(magnitudes: Array) -> tuple[Array, Array]:
    """Return the decimal logarithms, and which of them are numbers: zero, NaN and infinity have none."""
    known = np.isfinite(magnitudes) & (magnitudes > 0)
    return np.log10(np.where(known, magnitudes, 1.0)), known


def decades(exponents: Array) -> tuple[int, int]:
    """Return the whole powers of ten that hold all values; they change seldom, so the picture stands still."""
    if not len(exponents):
        return -4, 0
    low, high = math.floor(float(exponents.min()) - 0.15), math.ceil(float(exponents.max()))
    return low, max(high, low + 2)
