"""One word's attention as a table: a row for each word it looks at, from the product with its key to its value."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from playground.probes.attention_steps import AttentionStepsAnswer
from widgets.panels.parts.attention_map import heat_table, named
from widgets.panels.parts.grids import paint_grid, signed
from widgets.theme import Theme, current, font

Array = np.ndarray[Any, Any]

KEYS, PRODUCTS, SCORES, WEIGHTS, SUM = range(1, 6)
"""The steps of the formula, in their order."""

ROW, GAP = 17.0, 8.0
"""Pixels that a row has at least, and those between two columns."""

NARROW, BARS = 46.0, 74.0
"""Pixels of a column of numbers, and of that with the weights."""


class Columns(NamedTuple):
    """Where each column begins and ends, from left to right."""

    words: tuple[float, float]
    keys: tuple[float, float]
    products: tuple[float, float]
    scores: tuple[float, float]
    weights: tuple[float, float]
    values: tuple[float, float]


class StepsTable(QWidget):
    """Paints the steps up to the one that is looked at.

    Signals:
        pointed(): another row is pointed at or walked to.
        stepped(int): show the step before (−1) or after (+1).

    Attributes:
        stage: the last step of the formula that is shown.
        marked: the row whose numbers are told.
    """

    pointed = Signal()
    stepped = Signal(int)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFont(font(8.5))
        self.answer: AttentionStepsAnswer | None = None
        self.stage, self._kept, self._hovered = SUM, -1, -1

    def show_answer(self, answer: AttentionStepsAnswer) -> None:
        """Show other numbers."""
        before, self.answer = self.answer, answer
        if before is None or before.asked.words != answer.asked.words:
            self._kept = -1
        self.setMinimumHeight(math.ceil((answer.asked.steps + 3) * ROW + 3 * GAP))
        self.update()

    def show_stage(self, stage: int) -> None:
        """Show the formula up to another step."""
        self.stage = stage
        self.update()

    @property
    def marked(self) -> int:
        """The row that is pointed at, else the one walked to, else that of the largest weight."""
        if self.answer is None:
            return -1
        steps = self.answer.asked.steps
        told = (at for at in (self._hovered, self._kept) if 0 <= at < steps)
        return next(told, int(self.answer.weights.argmax()))

    # -- where things are --------------------------------------------------------------------------------------

    def columns(self) -> Columns:
        """Return where each column is; the vectors share what the numbers leave."""
        assert self.answer is not None
        metrics = QFontMetricsF(self.font())
        names = [named(self.answer.asked, at) for at in range(self.answer.asked.steps)]
        names.append(named(self.answer.asking, self.answer.row))
        words = min(max(map(metrics.horizontalAdvance, names)) + 4, 0.22 * self.width())
        fixed = words + 2 * NARROW + BARS + 5 * GAP
        vectors = max(40.0, self.width() - fixed - 2)
        wide = len(self.answer.query), self.answer.values.shape[1]
        keys = vectors * wide[0] / sum(wide)
        made, left = [], 0.0
        for size in (words, keys, NARROW, NARROW, BARS, vectors - keys):
            made.append((left, left + size))
            left += size + GAP
        return Columns(*made)

    def rows(self) -> tuple[float, float, float]:
        """Return where the query is, where the first key is, and how high a row is."""
        assert self.answer is not None
        high = (self.height() - 3 * GAP) / (self.answer.asked.steps + 3)
        high = max(ROW, min(high, 1.7 * ROW))
        return high, 2 * high + GAP, high

    def box(self, column: tuple[float, float], row: int, rows: int = 1) -> QRectF:
        """Return where some rows of a column are."""
        _, top, high = self.rows()
        return QRectF(column[0], top + row * high, column[1] - column[0], rows * high)

    def row_at(self, point: QPointF) -> int:
        """Return the row at a point; −1 where there is none."""
        if self.answer is None:
            return -1
        _, top, high = self.rows()
        row = int((point.y() - top) // high)
        return row if 0 <= row < self.answer.asked.steps else -1

    # -- painting ----------------------------------------------------------------------------------------------

    def _paint_heads(self, painter: QPainter, columns: Columns, theme: Theme) -> None:
        """Write above each column what it holds; the step that is looked at stands out."""
        assert self.answer is not None
        heads = ("k", "q · k", f"÷ √{self.answer.width}", "softmax", "v")
        high = self.rows()[2]
        for stage, (head, column) in enumerate(zip(heads, columns[1:], strict=True), start=1):
            if stage > self.stage:
                continue
            painter.setFont(font(8.5, semibold=stage == self.stage))
            painter.setPen(QColor(theme.accent_text if stage == self.stage else theme.dim))
            painter.drawText(QRectF(column[0], 0, column[1] - column[0], high), _MIDDLE, head)
        painter.setFont(self.font())

    def _paint_query(self, painter: QPainter, columns: Columns, theme: Theme) -> None:
        answer = self.answer
        assert answer is not None
        top, _, high = self.rows()
        box = QRectF(columns.keys[0], top, columns.keys[1] - columns.keys[0], high)
        paint_grid(painter, box, answer.query[None])
        painter.setFont(font(8.5, semibold=True))
        painter.setPen(QColor(theme.accent_text))
        words = QRectF(columns.words[0], top, columns.words[1] - columns.words[0], high)
        painter.drawText(words, _RIGHT, _elided(painter, named(answer.asking, answer.row), words.width()))
        painter.setPen(QColor(theme.dim))
        painter.setFont(self.font())
        painter.drawText(QRectF(box.right() + 3, top, NARROW, high), Qt.AlignmentFlag.AlignVCenter, "← q")

    def _paint_words(self, painter: QPainter, columns: Columns, theme: Theme) -> None:
        answer = self.answer
        assert answer is not None
        for row in range(answer.asked.steps):
            painter.setFont(font(8.5, semibold=row == self.marked))
            painter.setPen(QColor(theme.text))
            box = self.box(columns.words, row)
            painter.drawText(box, _RIGHT, _elided(painter, named(answer.asked, row), box.width()))
        painter.setFont(self.font())

    def _paint_numbers(self, painter: QPainter, columns: Columns, theme: Theme) -> None:
        """Write the products, the scores and the weights, these with bars, as far as they are shown."""
        answer = self.answer
        assert answer is not None
        bar = QColor(*(int(part) for part in heat_table(theme)[150]))
        for row in range(answer.asked.steps):
            hidden = not math.isfinite(answer.scores[row])
            painter.setPen(QColor(theme.dim if hidden else theme.text))
            if self.stage >= PRODUCTS:
                painter.drawText(self.box(columns.products, row), _MIDDLE, signed(float(answer.products[row])))
            if self.stage >= SCORES:
                text = "−∞" if hidden else signed(float(answer.scores[row]))
                painter.drawText(self.box(columns.scores, row), _MIDDLE, text)
            if self.stage >= WEIGHTS:
                box = self.box(columns.weights, row)
                share = float(answer.weights[row])
                painter.fillRect(QRectF(box.left(), box.top() + 2, share * box.width(), box.height() - 4), bar)
                painter.drawText(box.adjusted(0, 0, -4, 0), _RIGHT, signed(share, 3))

    def _paint_sum(self, painter: QPainter, columns: Columns, theme: Theme) -> None:
        answer = self.answer
        assert answer is not None
        steps = answer.asked.steps
        paint_grid(painter, self.box(columns.values, 0, steps), answer.values)
        below = self.box(columns.values, steps).translated(0, GAP)
        paint_grid(painter, below, answer.out[None])
        painter.setPen(QPen(QColor(theme.accent), 1.5))
        painter.drawRect(below)
        painter.setPen(QColor(theme.text))
        words = QRectF(0, below.top(), below.left() - 6, below.height())
        painter.drawText(words, _RIGHT, "Σ w · v =")

    # -- Qt ----------------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        """Ask for as much as the rows need."""
        return QSize(380, self.minimumHeight())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint everything up to the step that is shown."""
        answer = self.answer
        if answer is None:
            return
        theme, painter, columns = current(), QPainter(self), self.columns()
        painter.setFont(self.font())
        marked = self.box((columns.words[0], columns.values[1]), self.marked)
        painter.fillRect(marked, QColor(theme.field))
        self._paint_heads(painter, columns, theme)
        self._paint_query(painter, columns, theme)
        self._paint_words(painter, columns, theme)
        paint_grid(painter, self.box(columns.keys, 0, answer.asked.steps), answer.keys)
        painter.setFont(self.font())
        self._paint_numbers(painter, columns, theme)
        if self.stage >= SUM:
            self._paint_sum(painter, columns, theme)
        painter.setPen(QPen(QColor(theme.accent), 1.0))
        for column in (columns.keys, columns.values)[: 2 if self.stage >= SUM else 1]:
            painter.drawRect(self.box(column, self.marked))
        if self.hasFocus():
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Point at a row."""
        super().mouseMoveEvent(event)
        self._point(self.row_at(event.position()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Keep to a row."""
        row = self.row_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and row >= 0:
            self._kept = row
            self.update()
            self.pointed.emit()

    def leaveEvent(self, event: QEvent) -> None:
        """Point at nothing."""
        self._point(-1)

    def _point(self, row: int) -> None:
        if row != self._hovered:
            self._hovered = row
            self.update()
            self.pointed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk through the rows with up and down, through the steps with left and right."""
        ways = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        key = Qt.Key(event.key())
        if key in steps:
            self.stepped.emit(steps[key])
        elif key in ways and self.answer is not None:
            self._kept = max(0, min(self.answer.asked.steps - 1, self.marked + ways[key]))
            self._hovered = -1
            self.update()
            self.pointed.emit()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: object) -> None:
        """Show that the keys walk here."""
        self.update()

    def focusOutEvent(self, event: object) -> None:
        """Show that they do no longer."""
        self.update()


_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_MIDDLE = Qt.AlignmentFlag.AlignCenter


def _elided(painter: QPainter, text: str, room: float) -> str:
    return QFontMetricsF(painter.font()).elidedText(text, Qt.TextElideMode.ElideRight, room)
