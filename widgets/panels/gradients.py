"""How strongly the last step pulled at each layer, how far it moved them, now and over the steps; and what is wrong."""

from __future__ import annotations

import math
from collections import deque
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtWidgets import QButtonGroup, QStackedWidget, QVBoxLayout

from playground.blocks.embedding import Embedding
from playground.diagnosis import GUIDE, MOST_LOOKS, Look, judge
from playground.probes.gradients import Clipping, Gradients, GradientsAnswer
from playground.text import Sentence, note, tr
from playground.tidy import Table
from widgets.panels.parts.findings import Findings
from widgets.panels.parts.layer_bars import LayerBars, LayerMap, Past
from widgets.panels.parts.plots import Picture, Readout, chip, readable, row
from widgets.theme import Theme, current, family_colour, font

VIEWS = {
    "bars": (note("Bars"), note("Show the size of a typical entry of each layer's gradient")),
    "map": (note("Heat map"), note("Show the magnitudes over the steps")),
    "ratio": (note("Update / weight"), note("Show how far a step moves each layer, as a share of its weights")),
}


class GradientsPanel(Picture):
    """Shows the size of the gradient and of the step, layer by layer."""

    key = "gradients"
    title = note("Gradient magnitude by layer")
    help = note(
        "The size of a typical entry (root mean square) of each layer's gradient in the last step, on a scale of "
        "powers of ten; the first layer is at the bottom, and where gradients are clipped, an outline shows what they "
        "were before. Bars that shrink from the top to the bottom tell that little of the error reaches the first "
        "layers; the heat map shows the same over the steps. Update / weight is how far the step moved each layer as a "
        "share of its weights, ‖Δw‖ / ‖w‖: near the line at 0.001 most networks learn well. What is wrong is said in "
        "words below, judged over the last moments, with what to try."
    )
    icon = "mdi6.chart-bar"

    def compose(self, column: QVBoxLayout) -> None:
        """Create the pictures, the switch between them and the lines of words."""
        self.answer: GradientsAnswer | None = None
        self.past = Past()
        self.looks: deque[Look] = deque(maxlen=MOST_LOOKS)
        self._hover = -1
        self._group = QButtonGroup(self)
        self.chips = {view: chip(f"gradients_{view}") for view in VIEWS}
        for made in self.chips.values():
            self._group.addButton(made)
        self.chips["bars"].setChecked(True)
        self._group.buttonToggled.connect(self._on_chip_toggled)
        self._readout = Readout("gradients_readout")
        column.addLayout(row(*self.chips.values(), self._readout))
        self.bars = LayerBars("gradients_plot")
        self.map = LayerMap("gradients")
        self.ratios = LayerBars("gradients_ratios", guide=GUIDE)
        self.plots = {"bars": self.bars, "map": self.map.plot, "ratio": self.ratios}
        self._pages = QStackedWidget()
        for page in (self.bars, self.map, self.ratios):
            self._pages.addWidget(page)
        for plot in self.plots.values():
            plot.pointed.connect(self._on_pointed)
        column.addWidget(self._pages, 1)
        self.findings = Findings("gradients_findings")
        column.addWidget(self.findings)
        self.session.restarted.connect(self._on_session_restarted)

    def probe(self) -> Gradients:
        """Ask for all layers, and for all that is known of their steps."""
        return Gradients(closely=True)

    @property
    def view(self) -> str:
        """What is shown: one of `VIEWS`."""
        return next(view for view, one in self.chips.items() if one.isChecked())

    def draw(self, answer: GradientsAnswer | None) -> None:
        """Show the last step and remember it."""
        before, self.answer = self.answer, answer
        self.show_picture(answer is not None)
        if answer is None:
            return
        if before is None or before.nodes != answer.nodes:
            self.looks.clear()
            self._colour_layers()
            for plot in self.plots.values():
                plot.set_layers(answer.nodes)
                plot.recolour(current())
        self.past.add(answer.step, answer.nodes, answer.magnitude)
        self._draw_view()
        self._judge(answer)
        self._tell()

    def _draw_view(self) -> None:
        answer = self.answer
        if answer is None:
            return
        if self.view == "map":
            self.map.show_past(self.past)
        elif self.view == "bars":
            self.bars.show_values(answer.magnitude, answer.before, self._brushes)
        else:
            unknown = np.full(len(answer.nodes), math.nan)
            self.ratios.show_values(unknown if answer.ratio is None else answer.ratio, None, self._brushes)

    def _judge(self, answer: GradientsAnswer) -> None:
        """Take the step into account, and say what is wrong."""
        if self.looks and answer.step < self.looks[-1].step:
            self.looks.clear()
        if not self.looks or answer.step > self.looks[-1].step:
            self.looks.append(_look(answer))
        known = self.session.document.report.nodes
        exempt = [id for id in answer.nodes if id in known and isinstance(known[id].block, Embedding)]
        self.findings.tell(judge(answer.nodes, self.looks, exempt))

    # -- words and colours -------------------------------------------------------------------------------------

    def empty(self) -> str:
        """Say how to fill it."""
        return tr("Press Play: after the first step every layer with weights gets a bar.")

    def relabel(self) -> None:
        """Say everything again in the present language."""
        super().relabel()
        for view, (text, tip) in VIEWS.items():
            self.chips[view].setText(str(Sentence(text)))
            self.chips[view].setToolTip(str(Sentence(tip)))
            self.chips[view].setAccessibleName(str(Sentence(tip)))
            self.plots[view].setAccessibleName(str(Sentence(self.title if view == "bars" else tip)))
        self.map.plot.setLabel("bottom", tr("step"))
        self.findings.sync()
        self.recolour(current())
        self._tell()

    def recolour(self, theme: Theme) -> None:
        """Take the colours of a theme and of the layers' families."""
        for plot in self.plots.values():
            plot.recolour(theme)
        self.map.plot.getAxis("bottom").label.setFont(font(8.5))
        self._colour_layers()
        self.findings.sync()
        self._draw_view()

    def _colour_layers(self) -> None:
        nodes = self.answer.nodes if self.answer is not None else ()
        known = self.session.document.report.nodes
        families = [known[id].block.family if id in known else "" for id in nodes]
        self._brushes = [pg.mkBrush(family_colour(family)) for family in families]

    def _tell(self) -> None:
        """Say what is drawn, or which layer the pointer is at and how large its number is."""
        answer = self.answer
        if answer is None:
            return
        if 0 <= self._hover < len(answer.nodes):
            self._readout.say(self._layer_in_words(answer, self._hover))
        elif self.view == "ratio":
            back = tr("early stopping has put other weights back") if answer.back else ""
            self._readout.say(*([back] if back else [tr("‖Δw‖ / ‖w‖, step {n}", n=answer.step), "‖Δw‖ / ‖w‖"]))
        else:
            plain = tr("root mean square, step {n}", n=answer.step)
            lengths = [_clipped(one) for one in answer.clipping]
            whole = " · ".join(lengths)
            brief = [whole, lengths[0]] if whole else [tr("step {n}", n=answer.step)]
            self._readout.say(*([f"{whole} · {plain}"] if whole else [plain]), *brief)
            self._readout.setToolTip("\n".join(lengths))

    def _layer_in_words(self, answer: GradientsAnswer, k: int) -> str:
        if self.view == "ratio":
            value = readable(float(answer.ratio[k])) if answer.ratio is not None else "–"
        else:
            value = readable(float(answer.magnitude[k]))
            if answer.before is not None:
                value = tr("{before} before clipping, {after} after", before=_known(answer.before[k]), after=value)
        return tr("{node}: {value}", node=answer.nodes[k], value=value)

    def as_table(self) -> Table | None:
        """Return all that was seen over the steps, or the ratios where these are shown."""
        answer = self.answer
        if answer is None:
            return None
        if self.view == "ratio" and answer.ratio is not None:
            rows = [(answer.step, id, float(value)) for id, value in zip(answer.nodes, answer.ratio, strict=True)]
            return Table(("step", "layer", "update_to_weight"), rows)
        moments = zip(self.past.steps, self.past.columns, strict=True)
        seen = [(step, id, float(v)) for step, column in moments for id, v in zip(self.past.nodes, column, strict=True)]
        return Table(("step", "layer", "gradient_rms"), seen)

    # -- what happens ------------------------------------------------------------------------------------------

    def _on_pointed(self, layer: int) -> None:
        self._hover = layer
        self._readout.hurry()
        self._tell()

    def _on_chip_toggled(self, _chip: Any, on: bool) -> None:
        if on:
            self._pages.setCurrentIndex(list(VIEWS).index(self.view))
            self._readout.hurry()
            self._draw_view()
            self._tell()

    def _on_session_restarted(self) -> None:
        self.past = Past()
        self.looks.clear()
        self.findings.hurry()
        self.findings.tell(())
        self.draw(None)

    # -- Qt ----------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: Any) -> None:
        """Say as much as there is room for."""
        super().resizeEvent(event)
        self.findings.make_room(self.height())


def _look(answer: GradientsAnswer) -> Look:
    """Return what the diagnosis wants to know of a step."""
    dead: tuple[float, ...] = ()
    if answer.dead is not None and answer.units is not None:
        dead = tuple((answer.dead / np.maximum(1, answer.units)).tolist())
    return Look(
        step=answer.step,
        magnitudes=tuple(answer.magnitude.tolist()),
        length=math.hypot(*answer.norm),
        ratios=() if answer.ratio is None else tuple(answer.ratio.tolist()),
        dead=dead,
        pace=answer.pace,
    )


def _clipped(one: Clipping) -> str:
    """Say how long all gradients are together before and after clipping."""
    lengths = tr("length {before} before clipping, {after} after", before=_known(one.before), after=_known(one.after))
    sides = {"generator": tr("generator"), "discriminator": tr("discriminator")}
    return tr("{node}: {value}", node=sides[one.side], value=lengths) if one.side else lengths


def _known(value: float) -> str:
    return "–" if math.isnan(value) else readable(float(value))
