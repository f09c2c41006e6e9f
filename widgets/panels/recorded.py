"""An experiment that was carried out before, kept in the document, with the present run over it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout

from playground.recorded import KINDS, Recorded, recorded
from playground.text import Sentence, note, tr
from playground.tidy import Table, side_by_side
from widgets.panels.parts.plots import Picture, Plot, Readout, blend, readable, row
from widgets.theme import Theme, current, font

Array = np.ndarray[Any, Any]

SPLITS = {
    "train": note("train"),
    "validation": note("validation"),
    "test": note("test"),
    "straight": note("straight"),
    "curve": note("curved"),
}
"""What each line is called: a split, or a way from one solution to another."""

METRICS = {
    "accuracy": note("accuracy"),
    "loss": note("loss"),
    "mse": note("mean squared error"),
    "mae": note("mean absolute error"),
}


class RecordedPanel(Picture):
    """Shows what was recorded, and where the present run is."""

    key = "recorded"
    title = note("Recorded experiment")
    help = note(
        "What somebody measured before and kept in this document: the pale dots and lines. Where the horizontal axis "
        "counts something, powers of ten stand at equal distances. The strong lines, or the stars, are your own run; "
        "the command below repeats the whole experiment."
    )
    icon = "mdi6.chart-timeline-variant"

    def compose(self, column: QVBoxLayout) -> None:
        """Create the curves, those of the present run, and the words."""
        self._told: Recorded | None = None
        self._hover: float | None = None
        self._readout = Readout("recorded_readout")
        column.addLayout(row(self._readout))
        self.plot = Plot("recorded_plot")
        self.plot.setMouseEnabled(False, False)
        item = self.plot.getPlotItem()
        item.setLogMode(x=True)
        item.getViewBox().setDefaultPadding(0.04)
        self.before = {split: item.plot([], [], antialias=True, symbol="o") for split in SPLITS}
        self.now = {split: item.plot([], [], antialias=True) for split in SPLITS}
        for line in self.now.values():
            line.setZValue(2)
        column.addWidget(self.plot, 1)
        self.command = QLabel()
        self.command.setObjectName("recorded_command")
        self.command.setProperty("role", "dim")
        self.command.setWordWrap(True)
        self.command.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        column.addWidget(self.command)
        self.plot.scene().sigMouseMoved.connect(self._on_scene_mouse_moved)
        self.plot.pointerLeft.connect(self._on_pointer_left)
        self.destroyed.connect(self.session.document.subscribe(self._on_document_changed))
        self.session.restarted.connect(self.sync)

    # -- drawing -----------------------------------------------------------------------------------------------

    def sync(self) -> None:
        """Show what the document has recorded and what the session's history holds."""
        told = recorded(self.session.document.now)
        self.show_picture(told is not None and bool(told.lines))
        if told is None:
            self._told = None
            return
        if told != self._told:
            self._told = told
            for split, line in self.before.items():
                line.setData(*_columns(told.lines.get(split, ()), told.counts))
            self.plot.getPlotItem().setLogMode(x=told.counts)
            self._sync_words(told)
            self.recolour(current())
        self._sync_now(told)
        self._sync_readout()

    def _sync_now(self, told: Recorded) -> None:
        """Draw the present run: its curve, or its last value over what stands below."""
        for split, line in self.now.items():
            steps, values = self._curve(split, told.metric)
            if told.x == "step":
                line.setData(steps[steps > 0], values[steps > 0])
            elif told.counts and len(values) and (x := self._place(told)):
                line.setData([x], values[-1:])
            else:
                line.setData([], [])

    def _curve(self, split: str, metric: str) -> tuple[Array, Array]:
        for (s, m), curve in self.session.history.evaluations.items():
            if s == split and (m == metric or m.startswith(metric + ".")):
                return curve.steps, curve.values
        return np.empty(0), np.empty(0)

    def _place(self, told: Recorded) -> float:
        """Return where the network on the canvas stands on the horizontal axis."""
        if told.x == "parameters":
            return float(self.session.document.report.parameters)
        return float(self.session.document.now.facts.counts.get("train", 0))

    def _sync_readout(self) -> None:
        """Say the recorded values under the pointer, else those of the present run."""
        told, theme = self._told, current()
        if told is None:
            return
        colours = _text_colours(theme)
        words, x = [], None
        for split in SPLITS:
            if self._hover is not None:
                points = told.lines.get(split, ())
                if not points:
                    continue
                x, value = min(points, key=lambda point: abs(_shown(point[0], told.counts) - self._hover))
            else:
                values = self.now[split].getOriginalDataset()[1]
                if values is None or not len(values):
                    continue
                value = float(values[-1])
            words.append(f'<span style="color:{colours[split]}">{Sentence(SPLITS[split])} {readable(value)}</span>')
        if x is not None:
            words.insert(0, f"{Sentence(KINDS[told.x])} {readable(x)}")
        elif words:
            words.insert(0, tr("your run"))
        self._readout.say(" &nbsp; ".join(words))

    def as_table(self) -> Table | None:
        """Return what was recorded, and beside it the present run."""
        told = self._told
        if told is None:
            return None
        lines = {
            f"recorded_{split}": tuple(zip(*points, strict=True)) for split, points in told.lines.items() if points
        }
        now = {split: self._curve(split, told.metric) for split in self.now}
        if told.x != "step":  # of the present run there is one point
            now = {split: ([self._place(told)], values[-1:]) for split, (_, values) in now.items()}
        return side_by_side(told.x, lines | {f"now_{name}": line for name, line in now.items() if len(line[1])})

    # -- words and colours -------------------------------------------------------------------------------------

    def title_detail(self) -> str:
        """Return the legend, in the colours of the curves (rich text)."""
        theme = current()
        colours = _text_colours(theme)
        shown = [split for split in SPLITS if self._told is not None and self._told.lines.get(split)]
        return " ".join(f'<span style="color:{colours[s]}">— {Sentence(SPLITS[s])}</span>' for s in shown)

    def empty(self) -> str:
        """Say how to fill it."""
        return tr("This document has no recorded experiment. Open the presets grokking or double-descent to see one.")

    def relabel(self) -> None:
        """Say everything again in the present language."""
        super().relabel()
        self.plot.setAccessibleName(str(Sentence(self.title)))
        if self._told is not None:
            self._sync_words(self._told)
            self._sync_readout()

    def _sync_words(self, told: Recorded) -> None:
        self.plot.setLabel("bottom", str(Sentence(KINDS[told.x])))
        self.plot.setLabel("left", str(Sentence(METRICS[told.metric])))
        self.command.setText(tr("Repeat it: {command}", command=told.command))
        self.command.setAccessibleName(tr("The command that repeats the experiment"))

    def recolour(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.plot.recolour(theme)
        thin = self.devicePixelRatioF()  # pens are cosmetic: their width counts in pixels of the device
        for side in ("left", "bottom"):
            self.plot.getAxis(side).label.setFont(font(8.5))
        colours = dict(
            zip(SPLITS, (theme.training, theme.validation, theme.good, theme.validation, theme.training), strict=True)
        )
        star = self._told is not None and self._told.counts and self._told.x != "step"
        for split, colour in colours.items():
            pale = blend(theme.panel, colour, 0.5 if self._told is None or self._told.counts else 1.0)
            self.before[split].setPen(pg.mkPen(pale, width=1.5 * thin))
            self.before[split].setSymbolBrush(pale)
            self.before[split].setSymbolPen(None)
            self.before[split].setSymbolSize(5)
            self.now[split].setPen(pg.mkPen(colour, width=2.5 * thin))
            self.now[split].setSymbol("star" if star else None)
            self.now[split].setSymbolBrush(colour)
            self.now[split].setSymbolPen(pg.mkPen(theme.text, width=thin))
            self.now[split].setSymbolSize(15)

    # -- what happens ------------------------------------------------------------------------------------------

    def _on_document_changed(self, old: Any, new: Any) -> None:
        if old.extra != new.extra or old.graph is not new.graph or old.facts is not new.facts:
            self.sync()

    def _on_scene_mouse_moved(self, at: QPointF) -> None:
        box = self.plot.getPlotItem().getViewBox()
        self._hover = box.mapSceneToView(at).x() if box.sceneBoundingRect().contains(at) else None
        self._readout.hurry()
        self._sync_readout()

    def _on_pointer_left(self) -> None:
        self._hover = None
        self._readout.hurry()
        self._sync_readout()


def _text_colours(theme: Theme) -> dict[str, str]:
    """Return the colours of words about each line."""
    train, validation, test = theme.accent_text, theme.validation_text, theme.good_text
    return dict(zip(SPLITS, (train, validation, test, validation, train), strict=True))


def _shown(x: float, log: bool) -> float:
    """Return where a value stands on the axis."""
    return float(np.log10(max(x, 1e-9))) if log else x


def _columns(points: tuple[tuple[float, float], ...], log: bool) -> tuple[Array, Array]:
    """Part points into where they stand and their values; those at 0 have no place on a logarithmic axis."""
    shown = np.array([point for point in points if point[0] > 0 or not log], dtype=float).reshape(-1, 2)
    return shown[:, 0], shown[:, 1]
