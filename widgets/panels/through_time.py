"""How the gradient gets back through the steps of a sequence, and how long it is before and after clipping."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from playground.probes.through_time import ThroughTime, ThroughTimeAnswer
from playground.text import note, tr
from widgets.panels.parts.of_layer import LayerPicture
from widgets.panels.parts.plots import Axis, Plot, Readout, blend, chip, readable, row
from widgets.theme import Theme, current, font

Array = np.ndarray[Any, Any]

ROOMY = 560
"""Pixels of width from which both pictures stand side by side."""

EARLIER = 5
"""Moments of the training that stay to be seen besides the present one."""

SEEN = 1e3
"""From which factor between the ends a gradient is said to vanish or to explode."""

DEEPEST = 30.0
"""Powers of ten that are drawn below the largest value: what is smaller is as good as nothing."""


class ThroughTimePanel(LayerPicture):
    """Shows the gradient by the state of each time step, and the length of all gradients over the training."""

    key = "through_time"
    title = note("Gradients through time")
    help = note(
        "Left, how strongly the loss of the last batch pulls at the state of each time step, ‖∂L/∂h_t‖, on a scale of "
        "powers of ten; paler lines are earlier moments of the training. A line that falls towards the first steps is "
        "a gradient that vanishes: what happened there cannot be learnt; one that rises explodes. Right, the length "
        "of all gradients together over the steps of the training, before and after clipping."
    )
    icon = "mdi6.timeline-clock-outline"
    per_node = True

    def compose(self, column: QVBoxLayout) -> None:
        """Create the controls, the two plots and the line of words."""
        self.answer: ThroughTimeAnswer | None = None
        self.past = Past()
        self.lengths = LengthsSeen()
        self.make_choice()
        self.make_layer()
        self.switch = chip("through_time_switch")
        self.switch.toggled.connect(self._on_switch_toggled)
        self._readout = Readout("through_time_readout")
        column.addLayout(row(self._choice, self.layer, self.switch, self._readout, stretch=3))
        self.plot, self.over = Plot("through_time_plot"), Plot("through_time_over")
        for plot in (self.plot, self.over):
            plot.setMouseEnabled(False, False)
            plot.getAxis("left").setLogMode(True)
            plot.getPlotItem().getViewBox().setDefaultPadding(0.02)
        self.curves = [pg.PlotCurveItem() for _ in range(EARLIER + 1)]
        for curve in self.curves:
            self.plot.addItem(curve)
        self.before, self.after = pg.PlotCurveItem(), pg.PlotCurveItem()
        self.limit = pg.InfiniteLine(angle=0)
        for item in (self.before, self.after, self.limit):
            self.over.addItem(item, ignoreBounds=item is self.limit)
        body = QHBoxLayout()
        body.setSpacing(8)
        body.addWidget(self.plot, 3)
        body.addWidget(self.over, 2)
        column.addLayout(body, 1)
        self._named_line = Readout("through_time_named")
        column.addWidget(self._named_line)
        self.plot.scene().sigMouseMoved.connect(self._on_scene_mouse_moved)
        self._hover = -1
        self.session.restarted.connect(self._on_session_restarted)
        self.destroyed.connect(self.session.document.subscribe(self._on_document_changed))
        self.list_nodes()

    def probe(self) -> ThroughTime | None:
        """Ask for the chosen layer; for nothing where there is none."""
        node = self.chosen()
        layer, backward = self.half()
        return ThroughTime(node=node, layer=layer, backward=backward) if node else None

    # -- drawing -----------------------------------------------------------------------------------------------

    def draw(self, answer: ThroughTimeAnswer | None) -> None:
        """Show the gradient of this moment, and remember it."""
        if answer is not None and answer.node != self.chosen():
            return  # asked before another layer was chosen
        self.answer = answer
        self.show_picture(answer is not None)
        if answer is None:
            return
        self.past.add(answer)
        self.lengths.add(answer)
        self._draw_norms()
        self._draw_lengths()
        self._tell()

    def _draw_norms(self) -> None:
        """Draw ‖∂L/∂h_t‖ of now, and of earlier moments ever paler."""
        shown = self.past.shown()
        rows = [exponents(norms) for _, norms in shown]
        theme = current()
        for k, curve in enumerate(self.curves):
            at = k - (len(self.curves) - len(rows))
            curve.setVisible(at >= 0)
            if at < 0:
                continue
            age = (len(rows) - 1 - at) / max(1, EARLIER)
            colour = QColor(*blend(theme.accent, theme.panel, 0.25 + 0.5 * age if age else 0.0))
            curve.setPen(pg.mkPen(colour, width=1.2 if age else 2.2))
            curve.setData(np.arange(1, len(rows[at]) + 1, dtype=float), rows[at], connect="finite")
        known = np.concatenate(rows) if rows else np.empty(0)
        low, high = limits(known[np.isfinite(known)])
        self.plot.setYRange(low, high, padding=0)
        self.plot.setXRange(1, max(2, len(rows[-1])) if rows else 2, padding=0.02)

    def _draw_lengths(self) -> None:
        """Draw how long all gradients together were, and where they are clipped."""
        steps, before, after, clip = self.lengths.grid()
        there = steps.size > 0
        self.before.setVisible(there and self.lengths.clipped)
        for curve, values in ((self.before, before), (self.after, after)):
            if there:
                curve.setData(steps, exponents(values), connect="finite")
        known = np.concatenate([exponents(before), exponents(after)])
        self.limit.setVisible(clip > 0)
        if clip > 0:
            self.limit.setValue(math.log10(clip))
            known = np.append(known, math.log10(clip))
        self.over.setYRange(*limits(known[np.isfinite(known)]), padding=0)
        if there:
            self.over.setXRange(float(steps[0]), float(max(steps[-1], steps[0] + 1)), padding=0.02)

    # -- words and colours -------------------------------------------------------------------------------------

    def _tell(self) -> None:
        """Say what the pointer is at, and by name what becomes of the gradient on its way back."""
        answer = self.answer
        if answer is None:
            return
        theme = current()
        if 0 <= self._hover < len(answer.norms):
            self._readout.hurry()
            value = readable(float(f"{answer.norms[self._hover]:.3g}"))
            self._readout.say(tr("step {n} of the sequence: {value}", n=self._hover + 1, value=value))
        elif self.lengths.clipped and self.lengths.steps:
            before, after = (readable(float(f"{one[-1]:.2g}")) for one in (self.lengths.before, self.lengths.after))
            orange = f'<span style="color:{theme.validation_text}">{tr("before clipping {value}", value=before)}</span>'
            blue = f'<span style="color:{theme.accent_text}">{tr("after {value}", value=after)}</span>'
            self._readout.say(f"{orange} &nbsp; {blue}", f"{before} → {after}")
        elif self.lengths.steps:
            length = readable(float(f"{self.lengths.after[-1]:.2g}"))
            self._readout.say(tr("length of the gradient {value}", value=length), length)
        else:
            self._readout.say("")
        words, bad = in_words(answer.norms, self._turns) if self._ends else (self._told_everywhere(), False)
        colour = theme.bad_text if bad else theme.dim
        self._named_line.say(*(f'<span style="color:{colour}">{one}</span>' for one in words))

    @property
    def _ends(self) -> bool:
        """Whether there is a loss at the end alone, so that one end of the sequence can be compared with the other."""
        facts, outputs = self.session.document.now.facts, self.session.document.report.outputs
        targets = [facts.targets.get(block.target) for block in outputs.values()]
        return not any(target is not None and "time" in target.shape for target in targets)

    @staticmethod
    def _told_everywhere() -> tuple[str, ...]:
        return tr("every step has a loss of its own here, near and far cannot be told apart"), ""

    @property
    def _turns(self) -> bool:
        """Whether the layer reads from the end, so that the last step is the one that it reads first."""
        known: Any = self.known()
        return self.half()[1] or (known is not None and known.block.direction == "backward")

    def empty(self) -> str:
        """Say how to fill it."""
        if not self.nodes():
            return tr("Where an RNN, an LSTM or a GRU reads, its gradients appear here: open delayed-recall-rnn.")
        return tr("Once the network is complete, the gradients through its recurrent layers appear here.")

    def relabel(self) -> None:
        """Say everything again in the present language."""
        super().relabel()
        self.switch.setText(tr("Over the training"))
        self.switch.setToolTip(tr("Show the length of all gradients over the training"))
        self.switch.setAccessibleName(tr("Show the length of all gradients over the training"))
        self.plot.setAccessibleName(tr("The gradient by the state of each time step"))
        self.over.setAccessibleName(tr("The length of all gradients over the training"))
        self.plot.setLabel("bottom", tr("time step"))
        self.over.setLabel("bottom", tr("step of the training"))
        self.recolour(current())
        self._tell()

    def recolour(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        for plot in (self.plot, self.over):
            plot.recolour(theme)
            plot.getPlotItem().showGrid(x=False, y=True, alpha=0.10)
            axis = plot.getAxis("bottom")
            assert isinstance(axis, Axis)
            axis.label.setFont(font(8.5))
        self.before.setPen(pg.mkPen(theme.validation, width=1.5))
        self.after.setPen(pg.mkPen(theme.accent, width=1.5))
        self.limit.setPen(pg.mkPen(theme.dim, style=Qt.PenStyle.DashLine))
        if self.answer is not None:
            self._draw_norms()

    # -- what happens ------------------------------------------------------------------------------------------

    def sync(self) -> None:
        """Say what is missing while there is nothing to draw."""
        self.list_nodes()
        self.show_picture(self.answer is not None)

    def set_node(self, id: str) -> None:
        """Look at another layer from now on."""
        if id != self.chosen():
            self.past = Past()
        super().set_node(id)

    def _on_layer_activated(self, k: int) -> None:
        self.past = Past()
        super()._on_layer_activated(k)

    def _on_scene_mouse_moved(self, at: QPointF) -> None:
        box = self.plot.getPlotItem().getViewBox()
        inside = box.sceneBoundingRect().contains(at)
        self._hover = round(box.mapSceneToView(at).x()) - 1 if inside else -1
        self._tell()

    def _on_switch_toggled(self, on: bool) -> None:
        self._share_room()

    def _on_session_restarted(self) -> None:
        self.past, self.lengths = Past(), LengthsSeen()
        self.draw(None)

    def _share_room(self) -> None:
        """Show both pictures, or one of them where there is no room for two."""
        roomy = self.width() >= ROOMY
        self.switch.setVisible(not roomy)
        self.plot.setVisible(roomy or not self.switch.isChecked())
        self.over.setVisible(roomy or self.switch.isChecked())

    # -- Qt ----------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: Any) -> None:
        """Show both pictures where there is room."""
        super().resizeEvent(event)
        self._share_room()


class Past:
    """The gradients by time step of a few moments, spread over the run so far, and of now."""

    def __init__(self) -> None:
        self._kept: list[tuple[int, Array]] = []
        self._apart = 1
        self._what: tuple[object, ...] = ()

    def add(self, answer: ThroughTimeAnswer) -> None:
        """Remember an answer; of another layer, another length or an earlier step it begins anew."""
        what = (answer.node, answer.layer, answer.backward, len(answer.norms))
        if what != self._what or (self._kept and answer.step < self._kept[-1][0]):
            self._kept, self._apart, self._what = [], 1, what
        if len(self._kept) > 1 and self._kept[-1][0] - self._kept[-2][0] < self._apart:
            self._kept.pop()  # the one before was too near to stay
        elif self._kept and self._kept[-1][0] == answer.step:
            self._kept.pop()
        self._kept.append((answer.step, answer.norms))
        if len(self._kept) > 2 * EARLIER:
            self._kept = [*self._kept[:-1:2], self._kept[-1]]
            self._apart = max(self._apart, 2 * self._apart, (answer.step - self._kept[0][0]) // (2 * EARLIER))

    def shown(self) -> list[tuple[int, Array]]:
        """Return the moments that are drawn, the present one last."""
        if len(self._kept) <= EARLIER + 1:
            return self._kept
        places = np.linspace(0, len(self._kept) - 1, EARLIER + 1).round().astype(int)
        return [self._kept[k] for k in places]


class LengthsSeen:
    """The lengths of all gradients, of every step of one run that was told of."""

    def __init__(self) -> None:
        self.steps: list[int] = []
        self.before: list[float] = []
        self.after: list[float] = []
        self.clip, self.clipped = 0.0, False

    def add(self, answer: ThroughTimeAnswer) -> None:
        """Take what is new; an earlier step begins anew."""
        if self.steps and answer.step < self.steps[-1]:
            self.steps, self.before, self.after, self.clipped = [], [], [], False
        first = int(np.searchsorted(answer.steps, self.steps[-1], side="right")) if self.steps else 0
        self.steps += answer.steps[first:].tolist()
        self.before += answer.before[first:].tolist()
        self.after += answer.after[first:].tolist()
        self.clip = answer.clip
        different = answer.before[first:] > answer.after[first:] * 1.0001
        self.clipped = self.clipped or answer.clip > 0 or bool(different.any())

    def grid(self) -> tuple[Array, Array, Array, float]:
        """Return steps, lengths before and after, and where they are clipped; of very many the longest of some."""
        steps = np.array(self.steps, dtype=float)
        before, after = np.array(self.before, dtype=float), np.array(self.after, dtype=float)
        some = max(1, len(steps) // 1000)
        if some > 1:
            n = len(steps) // some * some
            steps = steps[:n:some]
            before, after = (one[:n].reshape(-1, some).max(axis=1) for one in (before, after))
        return steps, before, after, self.clip


def exponents(values: Array) -> Array:
    """Return decimal logarithms; NaN where there is none, for 0 and what is no number."""
    known = np.isfinite(values) & (values > 0)
    return np.where(known, np.log10(np.where(known, values, 1.0)), np.nan)


def limits(values: Array) -> tuple[float, float]:
    """Return whole powers of ten that hold the values: they change seldom, so the picture stands still."""
    if not values.size:
        return -4.0, 0.0
    high = math.ceil(float(values.max()) + 0.05)
    low = math.floor(max(float(values.min()), high - DEEPEST) - 0.05)
    return float(low), float(max(high, low + 2))


def in_words(norms: Array, turned: bool = False) -> tuple[tuple[str, ...], bool]:
    """Say by name what becomes of the gradient from where reading ends to where it begins, and whether that is bad."""
    there = np.flatnonzero(norms > 0)
    if len(norms) < 2 or not len(there):
        return (tr("no gradient"),), False
    if not np.isfinite(norms).all():
        return (tr("exploding: it is no number any more"),), True
    near, far = (int(there[0]), int(there[-1])) if turned else (int(there[-1]), 0)
    share = float(norms[far] / norms[near])
    factor = share ** (1 / max(1, abs(near - far)))
    if share == 0:
        return (tr("vanished: nothing arrives at the first step"),), True
    each = tr("× {factor} a step", factor=readable(float(f"{factor:.2g}")))
    told = readable(float(f"{share:.1g}")) if share < 1 else readable(float(f"{share:.2g}"))
    if share < 1 / SEEN:
        whole = tr("vanishing: the first step gets {share} of what the last gets ({each})", share=told, each=each)
        return (whole, tr("vanishing: {each}", each=each)), True
    if share > SEEN:
        whole = tr("exploding: the first step gets {share} times as much as the last ({each})", share=told, each=each)
        return (whole, tr("exploding: {each}", each=each)), True
    whole = tr("the first step gets {share} times as much as the last ({each})", share=told, each=each)
    return (whole, each), False
