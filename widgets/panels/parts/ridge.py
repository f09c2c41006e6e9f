"""Distributions one behind the other, as they were at many moments: the newest in front, at the bottom."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QWidget

from playground.probes.histograms import Spread
from widgets.panels.parts.plots import blend, readable
from widgets.theme import current, font

MOST_MOMENTS = 60
"""Moments that are kept; beyond that every second one goes, and they are taken half as often."""

OVERLAP = 0.30
"""The share of the height that the tallest ridge takes; the rest is divided among their feet."""


class Moment(NamedTuple):
    """How the numbers of a node were spread after a step."""

    step: int
    after: Spread | None
    weights: Spread | None


class Past:
    """The moments of one node in one run, thinned out as they become many."""

    def __init__(self) -> None:
        self.moments: list[Moment] = []
        self._apart = 1

    def add(self, moment: Moment) -> None:
        """Remember a moment, unless it follows too closely; an earlier step begins anew."""
        if self.moments and moment.step < self.moments[-1].step:
            self.moments, self._apart = [], 1
        if self.moments and moment.step - self.moments[-1].step < self._apart:
            return
        self.moments.append(moment)
        if len(self.moments) > MOST_MOMENTS:
            self.moments = self.moments[::2]
            steps = [one.step for one in self.moments]
            self._apart = max(self._apart, (steps[-1] - steps[0]) // (len(steps) - 1))


def nice_reach(low: float, high: float) -> tuple[float, float]:
    """Return limits of an axis that hold these values and change in leaps, so that the picture stands still."""
    below, above = (2.0 ** (math.ceil(2 * math.log2(max(side, 1e-12)) - 1e-9) / 2) for side in (-low, high))
    return -max(below, 0.06 * above), max(above, 0.06 * below)


def outline(spread: Spread) -> tuple[list[float], list[float]]:
    """Return places and heights (0 to 1) of a distribution's outline, beginning and ending at the ground."""
    edges = np.linspace(spread.low, spread.high, len(spread.counts) + 1)
    heights = spread.counts / max(1, int(spread.counts.max()))
    middles = (edges[1:] + edges[:-1]) / 2
    return [edges[0], *middles.tolist(), edges[-1]], [0.0, *heights.tolist(), 0.0]


class Ridge(QWidget):
    """Paints distributions one behind the other on one axis, each as high as its tallest bar."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setFont(font(8.5))
        self.setMouseTracking(True)
        self.spreads: list[tuple[int, Spread]] = []
        self.low, self.high = -1.0, 1.0
        self.hovered = -1
        self._colour = "#5B9DFF"
        self._shapes: list[QPolygonF] = []

    def set_spreads(self, spreads: list[tuple[int, Spread]]) -> None:
        """Show these distributions, by step, the oldest first."""
        self.spreads = spreads
        if spreads:
            self.low, self.high = nice_reach(min(one.low for _, one in spreads), max(one.high for _, one in spreads))
        self.hovered = min(self.hovered, len(spreads) - 1)
        self._arrange()

    def set_colour(self, colour: str) -> None:
        """Paint the newest in this colour, older ones ever paler."""
        self._colour = colour
        self.update()

    def at(self, point: QPointF) -> int:
        """Return which distribution has its foot nearest to a height, −1 where there is none."""
        if not self.spreads:
            return -1
        feet = [self._foot(k) for k in range(len(self.spreads))]
        return int(np.argmin([abs(foot - 6 - point.y()) for foot in feet]))

    def _box(self) -> QRectF:
        """Return where the ridges are: below are the numbers of the axis, to the right those of the steps."""
        line = self.fontMetrics().height()
        wide = self.fontMetrics().horizontalAdvance("000,000")
        return QRectF(8, 4, max(20, self.width() - wide - 18), max(20, self.height() - line - 10))

    def _foot(self, k: int) -> float:
        box = self._box()
        first = box.top() + OVERLAP * box.height()
        n = len(self.spreads)
        return box.bottom() if n == 1 else first + (box.bottom() - first) * k / (n - 1)

    def _arrange(self) -> None:
        box = self._box()
        scale = box.width() / (self.high - self.low)
        self._shapes = []
        for k, (_, spread) in enumerate(self.spreads):
            foot, places = self._foot(k), outline(spread)
            points = (
                QPointF(box.left() + (x - self.low) * scale, foot - y * OVERLAP * box.height())
                for x, y in zip(*places, strict=True)
            )
            self._shapes.append(QPolygonF(list(points)))
        self.update()

    # -- Qt ----------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the ridges from the oldest to the newest, then the axis and the steps."""
        if not self._shapes:
            return
        theme, box, n = current(), self._box(), len(self._shapes)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for k, shape in enumerate(self._shapes):
            age = 1 - (k + 1) / n
            painter.setBrush(QColor(*blend(self._colour, theme.panel, 0.35 + 0.5 * age)))
            edge = theme.text if k == self.hovered else self._colour
            painter.setPen(QPen(QColor(*blend(edge, theme.panel, 0.0 if k == self.hovered else 0.75 * age)), 1.0))
            painter.drawPolygon(shape)
        painter.setPen(QColor(theme.dim))
        metrics = painter.fontMetrics()
        for value in (self.low, 0.0, self.high):
            if value and abs(value) < 0.1 * max(-self.low, self.high):
                continue  # the little room beside zero
            x = box.left() + (value - self.low) / (self.high - self.low) * box.width()
            text = readable(float(f"{value:.2g}"))
            wide = metrics.horizontalAdvance(text)
            left = min(max(box.left(), x - wide / 2), box.right() - wide)
            painter.drawText(QPointF(left, self.height() - 3), text)
            painter.drawLine(QPointF(x, box.bottom()), QPointF(x, box.bottom() + 3))
        for k in {0, n - 1, self.hovered} - {-1}:
            painter.drawText(
                QRectF(box.right() + 6, self._foot(k) - metrics.height() / 2 - 2, 80, metrics.height()),
                Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter,
                f"{self.spreads[k][0]:,}",
            )

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Follow the size."""
        super().resizeEvent(event)
        self._arrange()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Point at a distribution."""
        super().mouseMoveEvent(event)
        self.hovered = self.at(event.position())
        self.update()

    def leaveEvent(self, event: object) -> None:
        """Point at none."""
        self.hovered = -1
        self.update()
