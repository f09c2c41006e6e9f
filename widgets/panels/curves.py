"""Loss and accuracy over the steps of a run."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtWidgets import QLabel, QSlider, QVBoxLayout

from playground.text import Sentence, note, tr
from widgets.history import Curve
from widgets.panels.parts.plots import Picture, Plot, Readout, blend, chip, readable, row
from widgets.panels.parts.smoothing import Smoother
from widgets.theme import Theme, current, font

Array = np.ndarray[Any, Any]

SPLITS = {"train": note("train"), "validation": note("validation"), "test": note("test")}
"""The splits as they are called in the title and the readout."""

MOST_MARKS = 40
LONGEST_SPAN = 1000


class CurvesPanel(Picture):
    """The base of panels that show one metric of all splits over the steps.

    Class attributes:
        metric: the name of the metric in the session's history.
        every_step: whether training tells it at every step, so that smoothing and a log scale make sense.
    """

    icon = "mdi6.chart-line"
    metric = ""
    every_step = False

    def compose(self, column: QVBoxLayout) -> None:
        """Create the controls, the curves and the cross-hair."""
        self._smoother = Smoother()
        self._hover: float | None = None
        self._free = False  # the person zoomed: the ranges are theirs until a double click
        self._log = chip(f"{self.key}_log")
        self._log.toggled.connect(self._on_log_toggled)
        self._word = QLabel()
        self._word.setProperty("role", "dim")
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setObjectName(f"{self.key}_smoothing")
        self._slider.setRange(0, 100)
        self._slider.setFixedWidth(64)
        self._slider.setValue(round(100 * np.log(self._smoother.span) / np.log(LONGEST_SPAN)))
        self._slider.valueChanged.connect(self._on_slider_changed)
        self._readout = Readout(f"{self.key}_readout")
        column.addLayout(row(self._log, self._word, self._slider, self._readout))
        for widget in (self._log, self._word, self._slider):
            widget.setVisible(self.every_step)
        self.plot = Plot(f"{self.key}_plot")
        column.addWidget(self.plot, 1)
        self._create_items()
        self.plot.scene().sigMouseMoved.connect(self._on_scene_mouse_moved)
        self.plot.viewport().installEventFilter(self)
        self.plot.pointerLeft.connect(self._on_pointer_left)
        self.session.restarted.connect(self._on_session_restarted)

    def _create_items(self) -> None:
        item = self.plot.getPlotItem()
        item.setDownsampling(auto=True, mode="peak")  # on the PlotItem: arguments to plot() would be overwritten
        item.setClipToView(True)
        item.getViewBox().setDefaultPadding(0.03)
        item.getViewBox().sigRangeChangedManually.connect(self._on_range_changed_manually)
        self.raw = item.plot([], [])
        self.lines = {split: item.plot([], [], antialias=True) for split in SPLITS}
        for split in SPLITS:
            self.lines[split].setZValue(2)
        for line in (self.raw, *self.lines.values()):
            line.opts["autoDownsampleFactor"] = 0.5  # one stroke for two pixels: more would be painted over
        self.lines["train"].setDownsampling(method="subsample")  # it is smooth: its peaks are its values
        self.opponent = item.plot([], [], antialias=True)
        self.marks: list[pg.InfiniteLine] = []
        self.cross = pg.InfiniteLine(angle=90, movable=False)
        self.cross.setVisible(False)
        item.addItem(self.cross, ignoreBounds=True)

    # -- drawing -----------------------------------------------------------------------------------------------

    def sync(self) -> None:
        """Show what the session's history holds now."""
        curves = self.curves()
        self.show_picture(bool(curves))
        if not self.isVisible() and curves:
            return  # showing it will call again
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
        self._sync_range(curves)
        self._sync_marks()
        self._sync_readout(curves)

    def _sync_range(self, curves: dict[str, tuple[Array, Array]]) -> None:
        """Show the whole run from step 0; accuracy up to 1 and down to a round number below its lowest."""
        if self._free or not curves:
            return
        self.plot.setXRange(0, max(steps[-1] for steps, _ in curves.values()), padding=0.02)
        if not self.every_step:
            lowest = min((float(np.nanmin(v)) for _, v in curves.values() if np.isfinite(v).any()), default=0.0)
            self.plot.setYRange(max(0.0, np.floor(10 * lowest - 0.5) / 10), 1.0, padding=0.06)

    def curves(self) -> dict[str, tuple[Array, Array]]:
        """Return steps and values of every split that has any."""
        history = self.session.history
        found = {}
        if self.every_step and history.loss.size:
            found["train"] = _points(history.loss)
        for split in SPLITS:
            curve = self._evaluation(split)
            if curve is not None and curve.size and split not in found:
                found[split] = _points(curve)
        return found

    def _evaluation(self, split: str) -> Curve | None:
        """Return the curve of this metric, or of its first relative where several Outputs have one each."""
        evaluations = self.session.history.evaluations
        exact = evaluations.get((split, self.metric))
        return exact or next(
            (c for (s, m), c in evaluations.items() if s == split and m.startswith(self.metric + ".")), None
        )

    def _generator(self) -> tuple[Array, Array] | None:
        """Return the loss of a generator, where one learns against the loss that is shown."""
        latest = (self.session.history.evaluations.get((split, "generator_loss")) for split in ("validation", "train"))
        curve = next((one for one in latest if one is not None and one.size), None) if self.every_step else None
        return None if curve is None else _points(curve)

    def _sync_marks(self) -> None:
        marks = self.session.history.marks[-MOST_MARKS:]
        while len(self.marks) < len(marks):
            line = pg.InfiniteLine(angle=90, movable=False)
            line.setPen(pg.mkPen(current().dim, width=self.devicePixelRatioF(), style=Qt.PenStyle.DashLine))
            self.plot.addItem(line, ignoreBounds=True)
            self.marks.append(line)
        for k, line in enumerate(self.marks):
            line.setVisible(k < len(marks))
            if k < len(marks) and line.value() != marks[k][0]:
                line.setValue(marks[k][0])
            if k < len(marks):
                line.setToolTip(str(marks[k][1]))

    def _sync_readout(self, curves: dict[str, tuple[Array, Array]]) -> None:
        """Say the values under the pointer, else the latest."""
        theme = current()
        colours = {"train": theme.accent_text, "validation": theme.validation_text, "test": theme.good_text}
        words, numbers = [], []  # in full, and for a narrow panel: the colours and the title say which is which
        step = None
        for split, (steps, values) in curves.items():
            k = len(steps) - 1 if self._hover is None else _nearest(steps, self._hover)
            if split == "train" and self.every_step:
                values = self._smoother.follow(values)
            step = steps[k] if step is None else step
            number = readable(values[k])
            words.append(f'<span style="color:{colours[split]}">{Sentence(SPLITS[split])} {number}</span>')
            numbers.append(f'<span style="color:{colours[split]}">{number}</span>')
        if generator := self._generator():
            steps, values = generator
            number = readable(values[len(steps) - 1 if self._hover is None else _nearest(steps, self._hover)])
            words.append(f'<span style="color:{theme.good_text}">{tr("generator")} {number}</span>')
            numbers.append(f'<span style="color:{theme.good_text}">{number}</span>')
        if self._hover is not None and step is not None:
            words.insert(0, tr("step {n}", n=int(step)))
            words += [str(name) for at, name in self.session.history.marks if abs(at - self._hover) <= self._reach()]
        self._readout.say(" &nbsp; ".join(words), " &nbsp; ".join(numbers))

    def _reach(self) -> float:
        """Return how many steps four pixels are."""
        return 4 * self.plot.getPlotItem().getViewBox().viewPixelSize()[0]

    # -- words and colours -------------------------------------------------------------------------------------

    def title_detail(self) -> str:
        """Return the legend, in the colours of the curves (rich text)."""
        theme = current()
        colours = {"train": theme.accent_text, "validation": theme.validation_text}
        if self._evaluation("test") is not None:
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
        self._log.setText(tr("Log"))
        self._log.setToolTip(tr("Draw powers of ten at equal distances"))
        self._log.setAccessibleName(tr("Logarithmic scale"))
        self._word.setText(tr("Smoothing"))
        self._slider.setAccessibleName(tr("Smoothing"))
        self._slider.setToolTip(tr("The solid line is the mean over up to {n} steps", n=round(self._smoother.span)))
        self.plot.setLabel("bottom", tr("step"))
        self.plot.setAccessibleName(str(Sentence(self.title)))
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
            line.setSymbolBrush(colours[split])
            line.setSymbolPen(None)
            line.setSymbolSize(9 if split == "test" else 4)
        self.lines["test"].setSymbol("star")
        self.opponent.setPen(pg.mkPen(theme.good, width=2 * thin, style=Qt.PenStyle.DashLine))
        for mark in self.marks:
            mark.setPen(pg.mkPen(theme.dim, width=thin, style=Qt.PenStyle.DashLine))
        self.cross.setPen(pg.mkPen(theme.dim, width=thin))

    # -- what the person does ----------------------------------------------------------------------------------

    def _on_log_toggled(self, on: bool) -> None:
        self.plot.getPlotItem().setLogMode(y=on)
        self._show_all()

    def _on_range_changed_manually(self) -> None:
        self._free = True

    def _show_all(self) -> None:
        self._free = False
        self.plot.getPlotItem().enableAutoRange()
        self._sync_range(self.curves())

    def _on_slider_changed(self, value: int) -> None:
        self._smoother.restart(float(LONGEST_SPAN ** (value / 100)))
        self._slider.setToolTip(tr("The solid line is the mean over up to {n} steps", n=round(self._smoother.span)))
        self.sync()

    def _on_session_restarted(self) -> None:
        self._smoother.restart()
        self.sync()

    def _on_scene_mouse_moved(self, at: QPointF) -> None:
        box = self.plot.getPlotItem().getViewBox()
        inside = box.sceneBoundingRect().contains(at)
        self._hover = box.mapSceneToView(at).x() if inside else None
        self.cross.setVisible(inside)
        if self._hover is not None:
            self.cross.setValue(self._hover)
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
        self._word.setVisible(self.every_step and self.width() >= 430)

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
    metric = "loss"
    every_step = True


class AccuracyPanel(CurvesPanel):
    """Share of right answers, from the evaluations."""

    key = "accuracy"
    title = note("Accuracy")
    help = note(
        "The share of examples that the network gets right, measured now and then on training and validation "
        "examples. Compare it with guessing: with ten classes that is 0.1. A gap between the two lines is "
        "what the network cannot carry over to examples it has not seen."
    )
    metric = "accuracy"

    def empty(self) -> str:
        """Say how to fill it."""
        return tr("Press Play: accuracy is measured at the end of an epoch, where the network chooses between classes.")


def _points(curve: Curve) -> tuple[Array, Array]:
    return curve.steps, curve.values


def _nearest(steps: Array, at: float) -> int:
    k = int(np.clip(np.searchsorted(steps, at), 1, max(1, len(steps) - 1)))
    return k - 1 if k >= len(steps) or at - steps[k - 1] < steps[k] - at else k
