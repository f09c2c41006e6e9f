"""The numbers of a row, each to be set with a slider between the ends of the training data, or typed beyond them."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QScrollArea, QSlider, QWidget

from playground.declare import Parameter
from playground.text import tr
from widgets.number_fields import AT_ONCE_MS, StepField

TICKS = 200
"""Places of a slider."""

BEYOND = 10.0
"""How many times the range of the training data a number may lie beyond them."""

WIDEST = 120
"""Pixels that a name takes at most."""


class NumberRows(QScrollArea):
    """A line for each feature: its name, a slider, a field.

    Signals:
        edited(): the person has set another number.
    """

    edited = Signal()

    def __init__(self) -> None:
        super().__init__(objectName="own_numbers")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumWidth(120)
        self.names: tuple[str, ...] = ()
        self.sliders: list[QSlider] = []
        self.fields: list[StepField] = []
        self._labels: list[QLabel] = []
        self._ends: list[tuple[float, float]] = []

    def show_rows(self, names: Sequence[str], values: Sequence[float], ends: Sequence[tuple[float, float]]) -> None:
        """Show these numbers, and between which ends those of the training data lie."""
        ends = [(low, high if high > low else low + 1.0) for low, high in ends]
        if (tuple(names), ends) != (self.names, self._ends):
            self.names, self._ends = tuple(names), ends
            self._build()
        for k, value in enumerate(values):
            self._show(k, float(f"{value:.6g}"))

    def values(self) -> tuple[float, ...]:
        """Return the numbers as they are set."""
        return tuple(float(field.value) for field in self.fields)

    def relabel(self) -> None:
        """Say everything in the present language."""
        for name, slider, field, (low, high) in zip(self.names, self.sliders, self.fields, self._ends, strict=True):
            words = tr("{name}; in the training data from {low} to {high}", name=name, low=f"{low:g}", high=f"{high:g}")
            for widget in (slider, field):
                widget.setAccessibleName(name)
                widget.setToolTip(words)
            field.relabel()

    def _build(self) -> None:
        page = QWidget()
        grid = QGridLayout(page)
        grid.setContentsMargins(0, 0, 4, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        self.sliders, self.fields, self._labels = [], [], []
        metrics = QFontMetrics(self.font())
        for k, (name, (low, high)) in enumerate(zip(self.names, self._ends, strict=True)):
            label = QLabel(metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, WIDEST))
            label.setToolTip(name)
            slider = QSlider(Qt.Orientation.Horizontal, objectName=f"own_slider_{k}")
            slider.setRange(0, TICKS)
            slider.setMinimumWidth(40)
            slider.valueChanged.connect(self._on_slider_value_changed)
            span = BEYOND * (high - low)
            bounds = Parameter("number", low, "", name=name, low=low - span, high=high + span)
            field = StepField(bounds, typing_ms=AT_ONCE_MS)
            field.setObjectName(f"own_number_{k}")
            field.setFixedWidth(78)
            field.edited.connect(self._on_field_edited)
            for column, widget in enumerate((label, slider, field)):
                grid.addWidget(widget, k, column)
            self.sliders.append(slider)
            self.fields.append(field)
            self._labels.append(label)
        grid.setRowStretch(len(self.names), 1)
        self.setWidget(page)
        self.relabel()

    def _show(self, k: int, value: float) -> None:
        self.fields[k].show_value(value)
        self._place(k, value)

    def _place(self, k: int, value: float) -> None:
        low, high = self._ends[k]
        slider = self.sliders[k]
        slider.blockSignals(True)
        slider.setValue(round(TICKS * min(max((value - low) / (high - low), 0.0), 1.0)))
        slider.blockSignals(False)

    def _on_slider_value_changed(self, at: int) -> None:
        k = self.sliders.index(self.sender())  # type: ignore[arg-type]  # one of them sent it
        low, high = self._ends[k]
        digits = max(0, 3 - math.floor(math.log10(high - low)))
        self.fields[k].show_value(round(low + (high - low) * at / TICKS, digits))
        self.edited.emit()

    def _on_field_edited(self, value: float) -> None:
        self._place(self.fields.index(self.sender()), float(value))  # type: ignore[arg-type]  # as above
        self.edited.emit()
