"""One unit over the training: what its gates were at a certain word, moment by moment."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from playground.probes.gates import GatesAnswer
from playground.text import tr
from widgets.panels.parts.gate_maps import LINES, OPEN_OR_SHUT
from widgets.panels.parts.plots import readable
from widgets.theme import current, font

Array = np.ndarray[Any, Any]

MOST_MOMENTS = 60
"""Moments that are kept; beyond that every second one goes, and they are taken half as often."""


class Past:
    """What a layer did with one text at many moments of a run, thinned out as they become many."""

    def __init__(self) -> None:
        self.steps: list[int] = []
        self.values: list[Array] = []
        self.names: tuple[str, ...] = ()
        self._what: tuple[object, ...] = ()
        self._apart = 1

    def add(self, answer: GatesAnswer) -> None:
        """Remember an answer, unless it follows too closely; another text or half begins anew."""
        what = (answer.node, answer.layer, answer.backward, answer.words, answer.split, answer.index, answer.own)
        if what != self._what or (self.steps and answer.step < self.steps[-1]):
            self.steps, self.values, self._what, self._apart = [], [], what, 1
        self.names = answer.names
        if self.steps and answer.step - self.steps[-1] < self._apart:
            if answer.step == self.steps[-1]:
                self.values[-1] = answer.values
            return
        self.steps.append(answer.step)
        self.values.append(answer.values)
        if len(self.steps) > MOST_MOMENTS:
            self.steps, self.values = self.steps[::2], self.values[::2]
            self._apart = max(self._apart, (self.steps[-1] - self.steps[0]) // (len(self.steps) - 1))

    def of(self, unit: int, step: int, names: tuple[str, ...]) -> tuple[list[int], dict[str, Array]]:
        """Return the moments and, by gate, what a unit was at a step of the text."""
        return self.steps, {
            name: np.array([one[self.names.index(name), unit, step] for one in self.values], dtype=np.float32)
            for name in names
        }


class GatePast(QWidget):
    """Paints the numbers of one unit against the steps of the training."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setFont(font(8.5))
        self.setMinimumWidth(120)
        self.steps: list[int] = []
        self.curves: dict[str, Array] = {}

    def show_past(self, steps: list[int], curves: dict[str, Array]) -> None:
        """Show these curves."""
        self.steps, self.curves = steps, curves
        self.update()

    # -- Qt ----------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint a line for each gate, and what the ends of the axes are."""
        if not self.steps or not self.curves:
            return
        theme, painter = current(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        metrics = painter.fontMetrics()
        line = metrics.height()
        every = np.concatenate(list(self.curves.values()))
        low, high = min(0.0, float(every.min())), max(0.1, float(every.max()))
        if any(name in OPEN_OR_SHUT for name in self.curves):
            high = max(1.0, high)
        numbers = [readable(float(f"{value:.1g}")) for value in (low, high)]
        left = max(metrics.horizontalAdvance(text) for text in numbers) + 5
        box = QRectF(left, 1.5 * line, self.width() - left - 16, self.height() - 3.2 * line)
        first, last = self.steps[0], max(self.steps[-1], self.steps[0] + 1)

        def spot(step: int, value: float) -> QPointF:
            x = box.left() + (step - first) / (last - first) * box.width()
            return QPointF(x, box.bottom() - (value - low) / (high - low) * box.height())

        painter.setPen(QColor(theme.dim))
        painter.drawText(QRectF(0, 0, self.width(), line), Qt.AlignmentFlag.AlignHCenter, tr("over the training"))
        for value, text in zip((low, high), numbers, strict=True):
            place = QRectF(0, spot(first, value).y() - line / 2, left - 4, line)
            painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
        below = QRectF(box.left(), box.bottom() + 2, box.width(), line)
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, f"{first:,}")
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, tr("step {n}", n=self.steps[-1]))
        painter.setPen(QPen(QColor(theme.line), 1.0))
        for value in {0.0, low, high}:
            painter.drawLine(spot(first, value), spot(last, value))
        ends: list[float] = []
        for name, curve in self.curves.items():
            points = [spot(step, float(value)) for step, value in zip(self.steps, curve, strict=True)]
            painter.setPen(QPen(QColor(LINES[name]), 2.0))
            painter.drawPolyline(QPolygonF(points))
            if len(points) == 1:
                painter.drawEllipse(points[0], 1.5, 1.5)
            if all(abs(points[-1].y() - other) > line - 3 for other in ends):
                ends.append(points[-1].y())
                painter.setPen(QColor(theme.text))
                painter.drawText(points[-1] + QPointF(4, line / 3), name)
