"""How much of a layer is saturated and how much is dead, as two thin lines over the steps."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from playground.text import tr
from widgets.theme import current, font

MOST_MOMENTS = 400
"""Moments that are kept; beyond that every second one goes, and they are taken half as often."""


LINE = 16.0
"""Pixels between two lines of words at least: Chinese is taller than its font says."""


class Moment(NamedTuple):
    """The shares after a step: of values that lie where the function is flat, and of units that always do."""

    step: int
    saturated: float
    dead: float


class SharesPast:
    """The shares of one activation function in one run, thinned out as they become many."""

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
            first, last = self.moments[0].step, self.moments[-1].step
            self._apart = max(self._apart, (last - first) // (len(self.moments) - 1))


class ShareLines(QWidget):
    """Paints both shares from 0 to 100 %, with the newest in words at the right."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setFont(font(8.5))
        self.setMouseTracking(True)
        self.setFixedHeight(46)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.moments: list[Moment] = []
        self.hovered = -1

    def show_moments(self, moments: list[Moment]) -> None:
        """Show these, the oldest first."""
        self.moments = moments
        self.hovered = min(self.hovered, len(moments) - 1)
        self.setAccessibleName(", ".join(self._words()))
        self.update()

    def _words(self) -> tuple[str, ...]:
        """Say what the shares are at the pointer, else now."""
        if not self.moments:
            return ()
        one = self.moments[self.hovered]
        told = (tr("{share:.0%} saturated", share=one.saturated), tr("{share:.0%} dead", share=one.dead))
        return (*told, tr("step {n}", n=one.step))

    def _box(self) -> QRectF:
        metrics = QFontMetricsF(self.font())
        wide = max(map(metrics.horizontalAdvance, self._words()), default=0.0)
        percent = metrics.horizontalAdvance("100 %") + 6
        return QRectF(percent, 6, max(20.0, self.width() - wide - percent - 10), self.height() - 12)

    def _place(self, box: QRectF, step: int, share: float) -> QPointF:
        first, last = self.moments[0].step, self.moments[-1].step
        along = (step - first) / (last - first) if last > first else 1.0
        return QPointF(box.left() + along * box.width(), box.bottom() - share * box.height())

    # -- Qt ----------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the lines, the ends of the scale and the words."""
        if not self.moments:
            return
        theme, painter, box = current(), QPainter(self), self._box()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme.line), 1.0))
        for y in (box.top(), box.bottom()):
            painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y))
        line = max(QFontMetricsF(self.font()).height(), LINE)
        painter.setPen(QColor(theme.dim))
        for y, text in ((box.top(), "100 %"), (box.bottom(), "0")):
            painter.drawText(QRectF(0, y - line / 2, box.left() - 4, line), Qt.AlignmentFlag.AlignRight, text)
        saturated = [self._place(box, one.step, one.saturated) for one in self.moments]
        dead = [self._place(box, one.step, one.dead) for one in self.moments]
        for points, colour, style in (
            (saturated, theme.validation, Qt.PenStyle.SolidLine),
            (dead, theme.bad, Qt.PenStyle.DashLine),
        ):
            painter.setPen(QPen(QColor(colour), 1.6, style))
            painter.drawPolyline(QPolygonF(points))
        colours = (theme.validation_text, theme.bad_text, theme.dim)
        words = self._words() if self.hovered >= 0 else self._words()[:2]
        for k, (text, colour) in enumerate(zip(words, colours, strict=False)):
            painter.setPen(QColor(colour))
            painter.drawText(
                QRectF(box.right() + 8, 1 + k * line, self.width(), line), Qt.AlignmentFlag.AlignLeft, text
            )
        if self.hovered >= 0:
            x = self._place(box, self.moments[self.hovered].step, 0).x()
            painter.setPen(QPen(QColor(theme.dim), 1.0, Qt.PenStyle.DotLine))
            painter.drawLine(QPointF(x, box.top()), QPointF(x, box.bottom()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Point at the nearest moment."""
        super().mouseMoveEvent(event)
        box, x = self._box(), event.position().x()
        near = range(len(self.moments))
        self.hovered = min(near, key=lambda k: abs(self._place(box, self.moments[k].step, 0).x() - x), default=-1)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Point at none."""
        self.hovered = -1
        self.update()
