"""An activation function, its derivative, and where the values of the present batch fall on it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QVBoxLayout

from playground.blocks.activation import Softmax, Step
from playground.probes.activation import FLAT, Activation, ActivationAnswer
from playground.text import Sentence, count, note, tr
from widgets.panels.parts.of_node import NodePicture
from widgets.panels.parts.plots import Plot, Readout, row
from widgets.panels.parts.shares import Moment, ShareLines, SharesPast
from widgets.theme import Theme, current, font

HEIGHT = 0.5
"""The share of the picture's height that the tallest bar takes."""


class ActivationPanel(NodePicture):
    """Shows one activation function at work."""

    key = "activation"
    title = note("Activation function")
    help = note(
        "The chosen function (solid) and its derivative (dashed), by which gradients are multiplied on their way back. "
        "The bars count where the values of the present batch come in. Where the derivative is below a hundredth of "
        "its largest value the function is flat and the bars are red: a neuron there is saturated and hardly learns. "
        "A unit that is there for every example of the batch is dead; the lines below show both shares over the steps. "
        "Of softmax the axis is the lead of a number over "
        "all others together, x₁ − ln(e^x₂ + e^x₃ + …): softmax is the sigmoid of it."
    )
    choice_help = note("The activation function that is shown")
    icon = "mdi6.chart-bell-curve-cumulative"
    per_node = True

    def compose(self, column: QVBoxLayout) -> None:
        """Create the choice of the node, the two curves and the bars."""
        self.answer: ActivationAnswer | None = None
        self.make_choice()
        self._readout = Readout("activation_readout")
        column.addLayout(row(self._choice, self._readout, stretch=1))
        self.plot = Plot("activation_plot")
        self.plot.setMouseEnabled(False, False)
        self.plot.getPlotItem().getViewBox().setDefaultPadding(0)
        self.live = pg.BarGraphItem(x=[0.0], height=[0.0], width=1.0)
        self.flat = pg.BarGraphItem(x=[0.0], height=[0.0], width=1.0)
        self.slope = pg.PlotCurveItem(connect="finite")
        self.curve = pg.PlotCurveItem(connect="finite")
        for item in (self.live, self.flat, self.slope, self.curve):
            self.plot.addItem(item)
        column.addWidget(self.plot, 1)
        self.pasts: dict[str, SharesPast] = {}
        self.shares = ShareLines("activation_shares")
        column.addWidget(self.shares)
        self.destroyed.connect(self.session.document.subscribe(self._on_document_changed))
        self.session.restarted.connect(self._on_session_restarted)
        self.list_nodes()

    def probe(self) -> Activation | None:
        """Ask for the chosen function; for nothing where there is none."""
        node = self.chosen()
        return Activation(node=node) if node else None

    def nodes(self) -> list[str]:
        return [id for id, node in self.session.document.report.nodes.items() if Activation.accepts(node)]

    # -- drawing -----------------------------------------------------------------------------------------------

    def draw(self, answer: ActivationAnswer | None) -> None:
        """Show where the batch falls now."""
        if answer is not None and answer.node != self.chosen():
            return  # asked before another node was chosen
        before, self.answer = self.answer, answer
        self.show_picture(answer is not None)
        if answer is None:
            return
        same = before is not None and before.node == answer.node
        if not same or before is None or not np.array_equal(before.y, answer.y, equal_nan=True):
            self._draw_function(answer)
        self._draw_bars(answer)
        self._draw_shares(answer)
        self._tell()

    def _draw_shares(self, answer: ActivationAnswer) -> None:
        """Remember how much was saturated and how much dead, and show it over the steps."""
        past = self.pasts.setdefault(answer.node, SharesPast())
        past.add(Moment(answer.step, answer.saturated, answer.dead / max(1, answer.units)))
        self.shares.show_moments(past.moments)
        self.shares.setVisible(len(past.moments) > 1 and not isinstance(self._block(), Step))

    def _draw_function(self, answer: ActivationAnswer) -> None:
        self.curve.setData(answer.x, answer.y)
        self.slope.setData(answer.x, answer.slope)
        both = np.concatenate([answer.y, answer.slope])
        low, high = float(np.nanmin(both)), float(np.nanmax(both))
        room = 0.06 * (high - low if high > low else 1.0)
        self.low, self.high = low - room, high + room
        self.plot.setXRange(float(answer.x[0]), float(answer.x[-1]), padding=0)
        self.plot.setYRange(self.low, self.high, padding=0)
        self._name_axis()

    def _draw_bars(self, answer: ActivationAnswer) -> None:
        edges = np.linspace(float(answer.x[0]), float(answer.x[-1]), len(answer.counts) + 1)
        middles, width = (edges[1:] + edges[:-1]) / 2, float(edges[1] - edges[0])
        heights = answer.counts / max(1, int(answer.counts.max())) * HEIGHT * (self.high - self.low)
        for bars, which in ((self.live, ~answer.flat), (self.flat, answer.flat)):
            bars.setOpts(x=middles, y0=np.full(len(middles), self.low), height=heights * which, width=width)

    def _tell(self) -> None:
        """Say how much of the batch lies where nothing is learnt, and which line is which."""
        answer = self.answer
        if answer is None:
            return
        theme = current()
        lines = (
            f'<span style="color:{theme.accent_text}">━ f</span> '
            f'<span style="color:{theme.validation_text}">╍ f′</span>'
        )
        saturated = tr("{share:.0%} saturated", share=answer.saturated)
        dead = tr("{n} of {units} units dead", n=answer.dead, units=answer.units)
        if isinstance(self._block(), Step):
            saturated = verdict = tr("no slope anywhere")
        else:
            verdict = tr("{one}, {other}", one=saturated, other=dead)
        self._readout.say(f"{verdict} &nbsp; {lines}", verdict, dead if answer.dead else saturated)
        self._readout.setToolTip(
            str(count("{n} value of the present batch", "{n} values of the present batch", answer.values))
            + "\n"
            + tr("saturated: the slope is below {share:.0%} of the steepest", share=FLAT)
        )

    def _block(self) -> Any:
        known = self.session.document.report.nodes.get(self.chosen())
        return known.block if known is not None else None

    def _name_axis(self) -> None:
        softmax = isinstance(self._block(), Softmax)
        self.plot.setLabel("bottom", tr("lead over all others together") if softmax else tr("what comes in"))
        self.plot.getAxis("bottom").label.setFont(font(8.5))

    # -- words and colours -------------------------------------------------------------------------------------

    def empty(self) -> str:
        """Say how to fill it."""
        if not self.nodes():
            return tr("There is no activation function in this network. Add a Tanh or a ReLU behind a layer.")
        return tr("Once the network is complete, its activation functions appear here.")

    def relabel(self) -> None:
        """Say everything again in the present language."""
        super().relabel()
        self.plot.setAccessibleName(str(Sentence(self.title)))
        self._name_axis()
        self.recolour(current())
        self._tell()

    def recolour(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.plot.recolour(theme)
        self.plot.getPlotItem().showGrid(x=True, y=True, alpha=0.10)
        self.curve.setPen(pg.mkPen(theme.training, width=2))
        self.slope.setPen(pg.mkPen(theme.validation, width=2, style=Qt.PenStyle.DashLine))
        for bars, name in ((self.live, theme.wire), (self.flat, theme.bad)):
            colour = QColor(name)
            colour.setAlphaF(0.45)
            bars.setOpts(brush=pg.mkBrush(colour), pen=pg.mkPen(None))
        self._tell()

    # -- what happens ------------------------------------------------------------------------------------------

    def sync(self) -> None:
        """Say what is missing while there is nothing to draw."""
        self.list_nodes()
        self.show_picture(self.answer is not None)

    def _on_session_restarted(self) -> None:
        self.pasts = {}
        self.draw(None)
