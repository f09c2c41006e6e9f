"""Which line is which run: a stroke as it is drawn, the name, and the value at the pointer or the last one."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from playground.text import count
from widgets.theme import current, font

SAMPLE, GAP, ROW = 22, 16, 18
MOST_ROWS = 3
LONGEST = 220
"""Pixels a name may take; a longer one ends in an ellipsis, and the tooltip has it in full."""


class Entry(NamedTuple):
    """One line: how it is drawn, what it is called and its value."""

    pen: QPen
    name: str
    value: str


class RunLegend(QWidget):
    """Entries in as many rows as they need; it takes no room where there are none."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setFont(font(9))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.entries: list[Entry] = []
        self._widest: dict[str, int] = {}
        self.hide()

    def show_entries(self, entries: list[Entry]) -> None:
        """Show these entries."""
        if [(one.name, one.value) for one in entries] == [(one.name, one.value) for one in self.entries]:
            return
        self.entries = entries
        metrics = QFontMetrics(self.font())
        self._widest = {
            one.name: max(self._widest.get(one.name, 0), metrics.horizontalAdvance(one.value)) for one in entries
        }  # values change all the time, and nothing may jump
        told = "\n".join(f"{one.name}  {one.value}" for one in entries)
        self.setToolTip(told)
        self.setAccessibleDescription(told)
        self.setVisible(bool(entries))
        self._arrange()
        self.update()

    def forget(self) -> None:
        """Paint whatever comes next, even if it reads the same: the colours are others."""
        self.entries = []

    def _arrange(self) -> None:
        places, _ = self._places()
        rows = 1 + max((row for _, row, _ in places), default=0)
        if self.height() != (wanted := rows * ROW if self.entries else 0):
            self.setFixedHeight(wanted)

    def _places(self) -> tuple[list[tuple[int, int, int]], int]:
        """Return left edge, row and width of the entries there is room for, and how many are left out."""
        metrics, places = QFontMetrics(self.font()), []
        x = row = 0
        for one in self.entries:
            name = min(metrics.horizontalAdvance(one.name) + 2, LONGEST)
            width = min(SAMPLE + 6 + name + 8 + self._widest[one.name], max(self.width(), 80))
            if x and x + width > self.width():
                x, row = 0, row + 1
            if row == MOST_ROWS:
                break
            places.append((x, row, width))
            x += width + GAP
        left_out = len(self.entries) - len(places)
        if left_out and places:
            places.pop()
            left_out += 1
        return places, left_out

    # -- Qt ----------------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        """Ask for the rows there are."""
        return QSize(200, self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the entries into other rows."""
        super().resizeEvent(event)
        self._arrange()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the entries."""
        painter, theme = QPainter(self), current()
        metrics = QFontMetrics(self.font())
        places, left_out = self._places()
        centred = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        for one, (x, row, width) in zip(self.entries, places, strict=False):
            middle = row * ROW + ROW / 2
            stroke = QPen(one.pen)
            stroke.setWidthF(one.pen.widthF() * self.devicePixelRatioF())  # it counts in pixels of the device
            painter.setPen(stroke)
            painter.drawLine(QLineF(QPointF(x, middle), QPointF(x + SAMPLE, middle)))
            value = self._widest[one.name]
            name = metrics.elidedText(one.name, Qt.TextElideMode.ElideRight, width - SAMPLE - 14 - value)
            painter.setPen(QColor(theme.dim))
            painter.drawText(QRectF(x + SAMPLE + 6, row * ROW, width, ROW), centred, name)
            painter.setPen(QColor(theme.text))
            at = x + SAMPLE + 6 + metrics.horizontalAdvance(name) + 8
            painter.drawText(QRectF(at, row * ROW, value + 4, ROW), centred, one.value)
        if left_out and places:
            x, row, width = places[-1]
            words = str(count("+ {n} more", "+ {n} more", left_out))
            painter.setPen(QColor(theme.dim))
            painter.drawText(QRectF(x + width + GAP, row * ROW, 120, ROW), centred, words)
        painter.end()
