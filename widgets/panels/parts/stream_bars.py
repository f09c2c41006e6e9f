"""The residual stream as bars: a row for each place, from the first at the bottom to the last at the top."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from playground.probes.residual_stream import ResidualStreamAnswer
from playground.text import tr
from widgets.panels.parts.plots import readable
from widgets.theme import CLASS_COLOURS, FAMILY_COLOURS, current, font

MOST_NAMES = 0.3
"""The share of the width that the names take at most."""

GAP = 12.0


class StreamBars(QWidget):
    """Paints two bars for each place: how large the stream is, and, on a scale of powers of ten, its gradient.

    What the last sum added is an orange bar inside of the first one.

    Signals:
        pointed(): another row is pointed at or walked to.

    Attributes:
        row: the row that is pointed at or walked to, from the first place; −1: none.
    """

    pointed = Signal()

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFont(font(8.5))
        self.setMinimumSize(80, 60)
        self.answer: ResidualStreamAnswer | None = None
        self.row = -1

    def show_answer(self, answer: ResidualStreamAnswer) -> None:
        """Show other numbers."""
        self.answer = answer
        self.row = min(self.row, len(answer.nodes) - 1)
        self.update()

    # -- where things are --------------------------------------------------------------------------------------

    def parts(self) -> tuple[float, QRectF, QRectF]:
        """Return how wide the names are, and where the two kinds of bars are."""
        metrics, line = QFontMetricsF(self.font()), QFontMetricsF(self.font()).height()
        names = self.answer.nodes if self.answer is not None else ()
        wide = min(max(map(metrics.horizontalAdvance, names), default=0.0) + 6, MOST_NAMES * self.width())
        numbers = metrics.horizontalAdvance("0.000")
        each = max(20.0, (self.width() - wide - GAP - 2 * numbers) / 2)
        high = max(10.0, self.height() - line - 4)
        first = QRectF(wide, line + 2, each, high)
        return wide, first, QRectF(first.right() + numbers + GAP, line + 2, each, high)

    def line(self, box: QRectF, row: int) -> QRectF:
        """Return where the bar of a row may be."""
        assert self.answer is not None
        high = box.height() / max(1, len(self.answer.nodes))
        return QRectF(box.left(), box.bottom() - (row + 1) * high, box.width(), high)

    def row_at(self, point: QPointF) -> int:
        """Return the row at a point; −1 where there is none."""
        if self.answer is None:
            return -1
        _, box, _ = self.parts()
        row = int((box.bottom() - point.y()) // (box.height() / max(1, len(self.answer.nodes))))
        return row if 0 <= row < len(self.answer.nodes) else -1

    # -- painting ----------------------------------------------------------------------------------------------

    def _paint_bars(self, painter: QPainter) -> None:
        answer, theme = self.answer, current()
        assert answer is not None
        _, sizes, gradients = self.parts()
        line = QFontMetricsF(self.font()).height()
        most = max(float(np.nanmax(np.nan_to_num(answer.norms, posinf=0.0))), 1e-12)
        low, high = decades(answer.gradients)
        every = max(1, math.ceil(line / max(1.0, self.line(sizes, 0).height())))
        for row in range(len(answer.nodes)):
            size, place = float(answer.norms[row]), self.line(sizes, row)
            thick = min(14.0, 0.72 * place.height())
            top = place.center().y() - thick / 2
            _fill(painter, place.left(), top, size / most * place.width(), thick, FAMILY_COLOURS["Combine"])
            if math.isfinite(answer.added[row]):
                grown = min(1.0, float(answer.added[row]) / most)
                _fill(painter, place.left(), top + 0.3 * thick, grown * place.width(), 0.4 * thick, CLASS_COLOURS[1])
            gradient, other = float(answer.gradients[row]), self.line(gradients, row)
            share = (math.log10(gradient) - low) / (high - low) if gradient > 0 and math.isfinite(gradient) else 0.0
            _fill(painter, other.left(), top, share * other.width(), thick, CLASS_COLOURS[4])
            if row % every and row != self.row:
                continue
            painter.setPen(QColor(theme.text if row == self.row else theme.dim))
            for box, number, wide in ((place, size, size / most), (other, gradient, share)):
                words = QRectF(box.left() + max(0.0, wide) * box.width() + 3, box.top(), 60, box.height())
                painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, readable(float(f"{number:.3g}")))

    def _paint_names(self, painter: QPainter) -> None:
        answer, theme, metrics = self.answer, current(), QFontMetricsF(self.font())
        assert answer is not None
        wide, sizes, gradients = self.parts()
        every = max(1, math.ceil(0.9 * metrics.height() / max(1.0, self.line(sizes, 0).height())))
        for row, name in enumerate(answer.nodes):
            if row % every and row != self.row:
                continue
            painter.setPen(QColor(theme.text if row == self.row else theme.dim))
            box = self.line(sizes, row)
            place = QRectF(0, box.center().y() - metrics.height(), wide - 5, 2 * metrics.height())
            text = metrics.elidedText(name, Qt.TextElideMode.ElideLeft, wide - 5)
            painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
        painter.setPen(QColor(theme.dim))
        for box, head in ((sizes, tr("size")), (gradients, tr("gradient"))):
            painter.drawText(QRectF(box.left(), 0, box.width() + 40, metrics.height()), head)
            painter.drawLine(box.topLeft(), box.bottomLeft())

    # -- Qt ----------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint everything."""
        if self.answer is None or not self.answer.nodes:
            return
        theme, painter = current(), QPainter(self)
        painter.setFont(self.font())
        if self.row >= 0:
            box = self.line(self.parts()[1], self.row)
            painter.fillRect(QRectF(0, box.top(), self.width(), box.height()), QColor(theme.field))
        self._paint_bars(painter)
        self._paint_names(painter)
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme.accent), 1.0))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Point at a row."""
        super().mouseMoveEvent(event)
        self._point(self.row_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """Point at nothing."""
        self._point(-1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk through the rows with the arrow keys."""
        ways = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}
        way = ways.get(Qt.Key(event.key()))
        if way is None or self.answer is None:
            super().keyPressEvent(event)
        else:
            self._point(max(0, min(len(self.answer.nodes) - 1, self.row + way)))

    def _point(self, row: int) -> None:
        if row != self.row:
            self.row = row
            self.update()
            self.pointed.emit()

    def focusInEvent(self, event: object) -> None:
        """Show that the keys walk here."""
        self.update()

    def focusOutEvent(self, event: object) -> None:
        """Show that they do no longer."""
        self.update()


def decades(values: object) -> tuple[int, int]:
    """Return the whole powers of ten that hold all numbers above 0; they change seldom, so the picture stands still."""
    found = np.asarray(values, dtype=float)
    found = found[np.isfinite(found) & (found > 0)]
    if not found.size:
        return -4, 0
    low, high = math.floor(math.log10(found.min()) - 0.15), math.ceil(math.log10(found.max()))
    return low, max(high, low + 1)


def _fill(painter: QPainter, left: float, top: float, wide: float, high: float, colour: str) -> None:
    if wide > 0:
        painter.fillRect(QRectF(left, top, max(1.0, wide), max(1.0, high)), QColor(colour))
