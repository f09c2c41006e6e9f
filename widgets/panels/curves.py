"""Loss and metrics over the steps of a run, and of the runs that stand beside it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtWidgets import QVBoxLayout

from playground.text import Sentence, note, tr
from playground.tidy import Table
from widgets.metrics import SHARES, in_order, main_metric, title_of
from widgets.panels.parts.curve_tools import CurveTools
from widgets.panels.parts.every_step import EveryStep
from widgets.panels.parts.plots import Picture, Plot, blend, readable
from widgets.panels.parts.run_legend import Entry, RunLegend
from widgets.panels.parts.run_lines import Drawn, RunLines, curve_of, nearest, value_at
from widgets.panels.parts.smoothing import Smoother
from widgets.runs.run import Run
from widgets.theme import Theme, current, font

Array = np.ndarray[Any, Any]

SPLITS = {"train": note("train"), "validation": note("validation"), "test": note("test")}
"""The splits as they are called in the title and the readout."""

MOST_MARKS = 40


class CurvesPanel(Picture):
    """The base of panels that show one metric of all splits over the steps.

    Class attributes:
        every_step: whether training tells it at every step, so that smoothing makes sense.

    Attributes:
        quantity: the name of the metric in the session's history.
    """

    icon = "mdi6.chart-line"
    every_step = False

    def compose(self, column: QVBoxLayout) -> None:
        """Create the controls, the curves and the cross-hair."""
        self.quantity = "loss" if self.every_step else "accuracy"
        self._smoother = Smoother()
        self._hover: float | None = None
        self._free = False  # the person zoomed: the ranges are theirs until a double click
        self.tools = CurveTools(self.key, self.session.runs, self._smoother.span, self.every_step)
        self.legend = RunLegend(f"{self.key}_runs")
        self._log, self._slider, self._readout = self.tools.log, self.tools.slider, self.tools.readout
        self.plot = Plot(f"{self.key}_plot")
        column.addWidget(self.tools)
        column.addWidget(self.legend)
        column.addWidget(self.plot, 1)
        self._create_items()
        self.tools.logChosen.connect(self._on_log_chosen)
        self.tools.spanChosen.connect(self._on_span_chosen)
        self.tools.metricChosen.connect(self._on_metric_chosen)
        self.tools.splitsChosen.connect(self._on_splits_chosen)
        self.plot.scene().sigMouseMoved.connect(self._on_scene_mouse_moved)
        self.plot.viewport().installEventFilter(self)
        self.plot.pointerLeft.connect(self._on_pointer_left)
        self.session.restarted.connect(self._on_session_restarted)
        self.session.runs.changed.connect(self.sync)
        self.session.runs.grew.connect(self._on_runs_grew)

    def _create_items(self) -> None:
        item = self.plot.getPlotItem()
        item.setClipToView(True)
        item.getViewBox().setDefaultPadding(0.03)
        item.getViewBox().sigRangeChangedManually.connect(self._on_range_changed_manually)
        self.raw = EveryStep()
        item.addItem(self.raw)
        self.lines: dict[str, Any] = {}
        for split in SPLITS:
            if split == "train" and self.every_step:
                self.lines[split] = EveryStep(antialias=True)
                item.addItem(self.lines[split])
            else:
                self.lines[split] = item.plot([], [], antialias=True)
            self.lines[split].setZValue(2)
        self.opponent = item.plot([], [], antialias=True)
        self.others = RunLines(item, self.session.runs)
        self.marks: list[pg.InfiniteLine] = []
        self.cross = pg.InfiniteLine(angle=90, movable=False)
        self.said = pg.TextItem(anchor=(0, 0))
        self.said.setZValue(9)
        for one in (self.cross, self.said):
            one.setVisible(False)
            item.addItem(one, ignoreBounds=True)

    # -- drawing -----------------------------------------------------------------------------------------------

    def sync(self) -> None:
        """Show what the session's history holds now, and the runs beside it."""
        if not self.every_step:
            self._choose_metric()
        curves = self.curves()
        self.show_picture(bool(curves) or self.others.have_any(self.quantity, self.tools.splits, self.every_step))
        if not self.isVisible() and curves:
            return  # showing it will call again
        self.others.sync(self.quantity, self.tools.splits, self._smoother.span, self.every_step)
        self._sync_range(curves)  # first, so that what is in view is looked at but once
        steps, values = curves.get("train", (np.empty(0), np.empty(0)))
        if self.every_step:
            self.raw.setData(steps, values)
            self.lines["train"].setData(steps, self._smoother.follow(values))
        for split, line in self.lines.items():
            if split == "train" and self.every_step:
                continue
            steps, values = curves.get(split, (np.empty(0), np.empty(0)))
            symbol = "o" if len(steps) <= 200 else None
            if line.opts["symbol"] != symbol and split != "test":
                line.setSymbol(symbol)
            line.setData(steps, values)
        self.opponent.setData(*(self._generator() or ([], [])))
        self._sync_marks()
        self._sync_readout(curves)

    def _choose_metric(self) -> None:
        """Offer what has been evaluated, and show what the person has chosen, else what says most."""
        histories = [self.session.history, *(run.history for run in self.session.runs.all)]
        metrics = in_order(metric for history in histories for _, metric in history.evaluations)
        chosen = self._chosen if self._chosen in metrics else main_metric(self.session.document.now, metrics)
        self.quantity = chosen or "accuracy"
        self.tools.list_metrics(metrics, self.quantity)
        self._log.setVisible(self.quantity.partition(".")[0] not in SHARES)

    _chosen = ""

    def _sync_range(self, curves: dict[str, tuple[Array, Array]]) -> None:
        """Show all runs from the first step; shares up to 1 and down to a round number below their lowest."""
        if self._free or not (curves or self.others.drawn):
            return
        last = max([self.others.last_step, *(steps[-1] for steps, _ in curves.values())])
        self.plot.setXRange(0, max(0.1, float(self._place(last))), padding=0.02)
        if self.quantity.partition(".")[0] not in SHARES:
            return
        drawn = [one.values if one.low is None else one.low for one in self.others.drawn.values()]
        values = [v[np.isfinite(v)] for v in (*(v for _, v in curves.values()), *drawn)]
        lowest = min((float(v.min()) for v in values if len(v)), default=0.0)
        self.plot.setYRange(max(0.0, np.floor(10 * lowest - 0.5) / 10), 1.0, padding=0.06)

    def curves(self) -> dict[str, tuple[Array, Array]]:
        """Return steps and values of every split that has any."""
        history = self.session.history
        found = {split: curve_of(history, split, self.quantity, self.every_step) for split in SPLITS}
        return {split: curve for split, curve in found.items() if len(curve[0])}

    def _generator(self) -> tuple[Array, Array] | None:
        """Return the loss of a generator, where one learns against the loss that is shown."""
        latest = (self.session.history.evaluations.get((split, "generator_loss")) for split in ("validation", "train"))
        curve = next((one for one in latest if one is not None and one.size), None) if self.every_step else None
        return None if curve is None else (curve.steps, curve.values)

    def _sync_marks(self) -> None:
        marks = self.session.history.marks[-MOST_MARKS:]
        while len(self.marks) < len(marks):
            line = pg.InfiniteLine(angle=90, movable=False)
            line.setPen(pg.mkPen(current().dim, width=self.devicePixelRatioF(), style=Qt.PenStyle.DashLine))
            self.plot.addItem(line, ignoreBounds=True)
            self.marks.append(line)
        for k, line in enumerate(self.marks):
            line.setVisible(k < len(marks))
            if k < len(marks) and line.value() != (at := self._place(marks[k][0])):
                line.setValue(at)

    def as_table(self) -> Table | None:
        """Return every step of what is drawn: a row for each value, of this run and of those beside it."""
        rows: list[tuple[Any, ...]] = []
        for split, (steps, values) in self.curves().items():
            means = self._smoother.follow(values) if split == "train" and self.every_step else None
            told = zip(steps, values, means if means is not None else [None] * len(steps), strict=True)
            rows += [(tr("This run"), split, int(step), float(value), mean, None, None) for step, value, mean in told]
        if generator := self._generator():
            told = zip(*generator, strict=True)
            rows += [(tr("This run"), "generator", int(step), float(v), None, None, None) for step, v in told]
        for (item, split), drawn in self.others.drawn.items():
            rows += self.others.rows(item, split, drawn, self.quantity, self.every_step)
        columns = ("run", "split", "step", self.quantity, "smoothed", "lowest", "highest")
        return Table(columns, rows) if rows else None

    # -- what is said ------------------------------------------------------------------------------------------

    def _sync_readout(self, curves: dict[str, tuple[Array, Array]]) -> None:
        """Say the values under the pointer, else the latest."""
        theme = current()
        colours = {"train": theme.accent_text, "validation": theme.validation_text, "test": theme.good_text}
        words, numbers = [], []  # in full, and for a narrow panel: the colours and the title say which is which
        step = None
        for split, (steps, values) in curves.items():
            k = len(steps) - 1 if self._hover is None else nearest(steps, self._hover)
            if split == "train" and self.every_step:
                values = self._smoother.follow(values)
            step = steps[k] if step is None else step
            number = readable(values[k])
            words.append(f'<span style="color:{colours[split]}">{Sentence(SPLITS[split])} {number}</span>')
            numbers.append(f'<span style="color:{colours[split]}">{number}</span>')
        if generator := self._generator():
            steps, values = generator
            number = readable(values[len(steps) - 1 if self._hover is None else nearest(steps, self._hover)])
            words.append(f'<span style="color:{theme.good_text}">{tr("generator")} {number}</span>')
            numbers.append(f'<span style="color:{theme.good_text}">{number}</span>')
        if self._hover is not None and (step is not None or self.others.drawn):
            words.insert(0, tr("step {n}", n=int(self._hover + 0.5) if step is None else int(step)))
        self._readout.say(" &nbsp; ".join(words), " &nbsp; ".join(numbers))
        self._sync_said()
        self._sync_legend(curves)

    def _sync_said(self) -> None:
        """Say beside the cross-hair what was changed there, in this run and in those that were kept."""
        said: list[str] = []
        if self._hover is not None:
            near = self._reach()
            said += [str(name) for at, name in self.session.history.marks if abs(at - self._hover) <= near]
            found = self.others.marks_near(self._hover, near)
            said += [tr("{name}: {change}", name=str(run.name), change=str(name)) for run, name in found]
        self.said.setVisible(bool(said))
        if said and self._hover is not None:
            left, right = self.plot.getPlotItem().getViewBox().viewRange()[0]
            at = self._place(self._hover)
            self.said.setText("\n".join(said), current().text)
            self.said.setAnchor((0, 0) if at < (left + right) / 2 else (1, 0))  # away from the edge
            self.said.setPos(at, self.plot.getPlotItem().getViewBox().viewRange()[1][1])

    def _sync_legend(self, curves: dict[str, tuple[Array, Array]]) -> None:
        """Name the other runs with their values, once there are any; this one among them."""
        splits = self.tools.splits
        entries = self.others.entries(splits, self._hover)
        if entries and curves:
            own = [curves[split] for split in splits if split in curves] or [next(iter(curves.values()))]
            theme = current()
            stroke = pg.mkPen(theme.training if splits[0] == "train" else theme.validation, width=2)
            values = " · ".join(value_at(Drawn(*one), self._hover) for one in own)
            entries.insert(0, Entry(stroke, tr("This run"), values))
        self.legend.show_entries(entries)

    def _reach(self) -> float:
        """Return how many steps four pixels are."""
        pixel = 4 * self.plot.getPlotItem().getViewBox().viewPixelSize()[0]
        if not self.tools.log_x or self._hover is None:
            return float(pixel)
        return float(self._hover * (10**pixel - 1))

    def _place(self, step: float) -> float:
        """Return where a step stands on the axis."""
        return float(np.log10(max(step, 1.0))) if self.tools.log_x else float(step)

    # -- words and colours -------------------------------------------------------------------------------------

    def title_detail(self) -> str:
        """Return the legend, in the colours of the curves (rich text)."""
        theme = current()
        colours = {"train": theme.accent_text, "validation": theme.validation_text}
        if len(curve_of(self.session.history, "test", self.quantity, self.every_step)[0]):
            colours["test"] = theme.good_text
        said = [f'<span style="color:{c}">— {Sentence(SPLITS[split])}</span>' for split, c in colours.items()]
        if self._generator() is not None:
            said.append(f'<span style="color:{theme.good_text}">┄ {tr("generator")}</span>')
        return " ".join(said)

    def empty(self) -> str:
        """Say how to fill it."""
        return tr("Press Play: the curves grow with every step.")

    def relabel(self) -> None:
        """Say everything again in the present language."""
        super().relabel()
        self.tools.relabel()
        self.plot.setLabel("bottom", tr("step"))
        self.plot.setAccessibleName(title_of(self.quantity))
        self.recolour(current())
        self.sync()

    def recolour(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.plot.recolour(theme)
        thin = self.devicePixelRatioF()  # pens are cosmetic: their width counts in pixels of the device
        self.plot.getAxis("bottom").label.setFont(font(8.5))
        self.plot.getPlotItem().showGrid(x=False, y=True, alpha=0.08)
        self.raw.setPen(pg.mkPen(blend(theme.panel, theme.training, 0.35), width=thin))  # opaque: three times as fast
        colours = {"train": theme.training, "validation": theme.validation, "test": theme.good}
        for split, line in self.lines.items():
            line.setPen(None if split == "test" else pg.mkPen(colours[split], width=2 * thin))
            if isinstance(line, pg.PlotDataItem):
                line.setSymbolBrush(colours[split])
                line.setSymbolPen(None)
                line.setSymbolSize(9 if split == "test" else 4)
        self.lines["test"].setSymbol("star")
        self.opponent.setPen(pg.mkPen(theme.good, width=2 * thin, style=Qt.PenStyle.DashLine))
        self.others.recolour(theme)
        self.said.fill = pg.mkBrush(theme.card)
        self.said.border = pg.mkPen(theme.line)
        self.legend.forget()
        for mark in self.marks:
            mark.setPen(pg.mkPen(theme.dim, width=thin, style=Qt.PenStyle.DashLine))
        self.cross.setPen(pg.mkPen(theme.dim, width=thin))

    # -- what happens ------------------------------------------------------------------------------------------

    def _on_log_chosen(self, x: bool, y: bool) -> None:
        self.plot.getPlotItem().setLogMode(x=x, y=y)
        self.sync()
        self._show_all()

    def _on_range_changed_manually(self) -> None:
        self._free = True

    def _show_all(self) -> None:
        self._free = False
        self.plot.getPlotItem().enableAutoRange()
        self._sync_range(self.curves())

    def _on_span_chosen(self, span: float) -> None:
        self._smoother.restart(span)
        self.sync()

    def _on_metric_chosen(self, metric: str) -> None:
        self._chosen = metric
        if metric.partition(".")[0] in SHARES and self._log.isChecked():
            self._log.setChecked(False)
        self.sync()
        self._show_all()

    def _on_splits_chosen(self, _key: str) -> None:
        self.sync()

    def _on_session_restarted(self) -> None:
        self._smoother.restart()
        self.sync()

    def _on_runs_grew(self, _run: Run) -> None:
        if self.isVisible():
            self.sync()

    def _on_scene_mouse_moved(self, at: QPointF) -> None:
        box = self.plot.getPlotItem().getViewBox()
        inside = box.sceneBoundingRect().contains(at)
        place = box.mapSceneToView(at).x() if inside else None
        self._hover = float(10**place) if place is not None and self.tools.log_x else place
        self.cross.setVisible(inside)
        if place is not None:
            self.cross.setValue(place)
        self._readout.hurry()
        self._sync_readout(self.curves())

    def _on_pointer_left(self) -> None:
        self._hover = None
        self.cross.setVisible(False)
        self._readout.hurry()
        self._sync_readout(self.curves())

    # -- Qt ----------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: Any) -> None:
        """Drop the slider's word where the numbers need its room; its tooltip says it too."""
        super().resizeEvent(event)
        self.tools.give_way(self.width())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Show all again on a double click."""
        if event.type() == QEvent.Type.MouseButtonDblClick:
            self._show_all()
            return True
        return super().eventFilter(watched, event)


class LossPanel(CurvesPanel):
    """Loss of every training step and of the evaluations."""

    key = "loss"
    title = note("Loss")
    help = note(
        "How wrong the network is, step by step: the faint line is each batch, the solid one their running mean, "
        "the dots are the validation set. Both should fall. Where training falls and validation rises, the network "
        "learns its examples by heart."
    )
    every_step = True


class AccuracyPanel(CurvesPanel):
    """Share of right answers or whatever else is measured, from the evaluations."""

    key = "accuracy"
    title = note("Metrics")
    help = note(
        "How well the network does, measured now and then on training and validation examples: accuracy, F1, R² or "
        "whatever suits its task, to be chosen above. Compare it with guessing: with ten classes an accuracy of 0.1. A "
        "gap between the two lines is what the network cannot carry over to examples it has not seen."
    )

    def empty(self) -> str:
        """Say how to fill it."""
        return tr("Press Play: metrics are measured at the end of an epoch.")
