"""What can be set above curves: the metric, logarithmic scales, smoothing, and what is done with runs."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QComboBox, QLabel, QMenu, QSizePolicy, QSlider, QToolButton, QVBoxLayout, QWidget

from playground.text import Sentence, note, tr
from widgets.metrics import title_of
from widgets.panels.parts.plots import Readout, chip, icon_button, row
from widgets.runs import Runs
from widgets.runs.asking import ask_seeds, ask_what

LONGEST_SPAN = 1000
WIDE = 430
"""Pixels from which on there is room for words that are told elsewhere too."""

SPLITS = {
    "validation": note("Of other runs: validation"),
    "train": note("Of other runs: train"),
    "both": note("Of other runs: both"),
}
"""Which curves of other runs are drawn."""


class CurveTools(QWidget):
    """A row of controls.

    Signals:
        logChosen(bool, bool): powers of ten at equal distances along the steps, and upwards.
        spanChosen(float): average over so many steps.
        metricChosen(str): show this one.
        splitsChosen(str): draw these curves of other runs, a key of `SPLITS`.
    """

    logChosen = Signal(bool, bool)
    spanChosen = Signal(float)
    metricChosen = Signal(str)
    splitsChosen = Signal(str)

    def __init__(self, key: str, runs: Runs, span: float, every_step: bool) -> None:
        super().__init__()
        self.runs, self.every_step = runs, every_step
        self.chooser = QComboBox()
        self.chooser.setObjectName(f"{key}_metric")
        self.chooser.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.chooser.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.chooser.setMinimumContentsLength(5)
        self.chooser.activated.connect(self._on_metric_activated)
        self.log = chip(f"{key}_log")
        self.log.toggled.connect(self._on_log_toggled)
        self.word = QLabel()
        self.word.setProperty("role", "dim")
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setObjectName(f"{key}_smoothing")
        self.slider.setRange(0, 100)
        self.slider.setFixedWidth(64)
        self.slider.setValue(round(100 * np.log(span) / np.log(LONGEST_SPAN)))
        self.slider.valueChanged.connect(self._on_slider_changed)
        self.readout = Readout(f"{key}_readout")
        self.keep = icon_button(f"{key}_keep", "mdi6.bookmark-outline")
        self.keep.setAutoRepeat(False)
        self.keep.clicked.connect(self._on_keep_clicked)
        self.more = icon_button(f"{key}_more", "mdi6.dots-horizontal")
        self.more.setAutoRepeat(False)
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._fill_more(key)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        line = row(self.chooser, self.log, self.word, self.slider, self.readout, self.keep, self.more, stretch=4)
        column.addLayout(line)
        for widget in (self.word, self.slider):
            widget.setVisible(every_step)
        self.chooser.hide()

    @property
    def span(self) -> float:
        """Over how many steps the solid line averages."""
        return float(LONGEST_SPAN ** (self.slider.value() / 100))

    @property
    def splits(self) -> tuple[str, ...]:
        """Which curves of other runs are drawn."""
        key = self._splits.checkedAction().data()
        return ("validation", "train") if key == "both" else (key,)

    @property
    def log_x(self) -> bool:
        """Whether powers of ten stand at equal distances along the steps."""
        return self._log_x.isChecked()

    def list_metrics(self, metrics: list[str], shown: str) -> None:
        """Offer these metrics; one of them is shown."""
        if [self.chooser.itemData(k) for k in range(self.chooser.count())] != metrics:
            self.chooser.clear()
            for one in metrics:
                self.chooser.addItem(title_of(one), one)
        if self.chooser.currentData() != shown:
            self.chooser.setCurrentIndex(self.chooser.findData(shown))
        self.chooser.setVisible(not self.every_step and bool(metrics))

    def give_way(self, width: int) -> None:
        """Drop the words that the numbers need the room of; tooltips say them too."""
        self.word.setVisible(self.every_step and width >= WIDE)

    def relabel(self) -> None:
        """Say everything in the present language."""
        self.chooser.setToolTip(tr("Which metric is shown"))
        self.chooser.setAccessibleName(tr("Metric"))
        for k in range(self.chooser.count()):
            self.chooser.setItemText(k, title_of(self.chooser.itemData(k)))
        self.log.setText(tr("Log"))
        self.log.setToolTip(tr("Draw powers of ten at equal distances"))
        self.log.setAccessibleName(tr("Logarithmic scale"))
        self.word.setText(tr("Smoothing"))
        self.slider.setAccessibleName(tr("Smoothing"))
        self._tell_span()
        self.keep.setToolTip(tr("Keep this run, to compare others with it (Ctrl+K)"))
        self.keep.setAccessibleName(tr("Keep this run"))
        self.more.setToolTip(tr("More about runs and axes"))
        self.more.setAccessibleName(tr("More about runs and axes"))
        self._log_x.setText(tr("Logarithmic steps"))
        self._seeds.setText(tr("Run with several seeds…"))
        self._compare.setText(tr("Compare with…"))
        for action in self._splits.actions():
            action.setText(str(Sentence(SPLITS[action.data()])))

    def _fill_more(self, key: str) -> None:
        menu = QMenu(self.more)
        menu.setObjectName(f"{key}_more_menu")
        self._log_x = menu.addAction("")
        self._log_x.setCheckable(True)
        self._log_x.toggled.connect(self._on_log_toggled)
        menu.addSeparator()
        self._splits = QActionGroup(menu)
        for one in SPLITS:
            action = QAction(menu, checkable=True)
            action.setData(one)
            self._splits.addAction(action)
            menu.addAction(action)
        self._splits.actions()[0].setChecked(True)
        self._splits.triggered.connect(self._on_splits_triggered)
        menu.addSeparator()
        self._seeds = menu.addAction("")
        self._seeds.triggered.connect(self._on_seeds_triggered)
        self._compare = menu.addAction("")
        self._compare.triggered.connect(self._on_compare_triggered)
        self.more.setMenu(menu)

    def _tell_span(self) -> None:
        self.slider.setToolTip(tr("The solid line is the mean over up to {n} steps", n=round(self.span)))

    # -- what the person does ----------------------------------------------------------------------------------

    def _on_metric_activated(self, _index: int) -> None:
        self.metricChosen.emit(self.chooser.currentData())

    def _on_log_toggled(self, _on: bool) -> None:
        self.logChosen.emit(self.log_x, self.log.isChecked())

    def _on_slider_changed(self, _value: int) -> None:
        self._tell_span()
        self.spanChosen.emit(self.span)

    def _on_splits_triggered(self, action: QAction) -> None:
        self.splitsChosen.emit(action.data())

    def _on_keep_clicked(self) -> None:
        self.runs.keep()

    def _on_seeds_triggered(self) -> None:
        ask_seeds(self.runs, self.window())

    def _on_compare_triggered(self) -> None:
        ask_what(self.runs, self.window())
