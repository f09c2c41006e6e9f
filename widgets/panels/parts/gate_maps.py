"""Gates and states as maps of units and steps, one above the other, with the words below and the means as lines."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from playground.probes.gates import GatesAnswer
from widgets.panels.parts.mosaics import signed_table
from widgets.panels.parts.plots import as_image, colour_table, readable
from widgets.panels.parts.words_axis import WordsAxis
from widgets.theme import CLASS_COLOURS, Theme, current, font

Array = np.ndarray[Any, Any]

OPEN_OR_SHUT = "ifozr"
"""The gates: they lie between 0, shut, and 1, open. All else has a sign."""

LEFT, RIGHT = 28.0, 50.0
"""Pixels for the letters, and for what the colours mean."""

GAP = 3.0

BRIGHT = 98.0
"""The share (in %) of signed numbers whose colours differ: few outliers must not make all else pale."""

GIVEN = "x"
"""What a series itself is called among the maps."""

LINES = dict(zip("ifogcznrh", (CLASS_COLOURS[k] for k in (0, 1, 2, 3, 4, 1, 3, 0, 6)), strict=True))
"""The colour of each gate's line."""


class Band(NamedTuple):
    """One map: its rows and steps, and between which values its colours lie."""

    name: str
    values: Array
    low: float
    high: float


class Spot(NamedTuple):
    """A place on a map: the gate, the unit (its number in the layer) and the step."""

    name: str
    unit: int
    step: int


class GateMaps(QWidget):
    """Paints the maps, the words and the lines.

    Signals:
        pointed(): the pointer is somewhere else.
        picked(): another unit is followed, or another step of it.

    Attributes:
        hovered: where the pointer is, if it is on a map.
        unit, step: the unit that is followed and the step at which; −1: none.
    """

    pointed = Signal()
    picked = Signal()

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFont(font(8.5))
        self.setMinimumSize(80, 80)
        self.bands: list[Band] = []
        self.order: Array = np.zeros(0, dtype=np.intp)
        self.hovered: Spot | None = None
        self.unit, self.step = -1, -1
        self._axis = WordsAxis((), 1)
        self._answer: GatesAnswer | None = None

    def show_answer(self, answer: GatesAnswer, names: tuple[str, ...], order: Array) -> None:
        """Show these gates of an answer, the units in this order."""
        self._answer, self.order = answer, order
        self.bands = [Band(GIVEN, answer.given.astype(np.float32), *_reach(GIVEN, answer.given))][: len(answer.given)]
        for name in names:
            values = answer.values[answer.names.index(name)].astype(np.float32)
            self.bands.append(Band(name, values[order], *_reach(name, values)))
        self._axis = WordsAxis(answer.words, self.steps, answer.unknown)
        if self.unit >= len(order):
            self.unit = -1
        self.step = min(self.step, self.steps - 1)
        self.update()

    @property
    def steps(self) -> int:
        """How many steps there are."""
        return self._answer.values.shape[2] if self._answer is not None else 1

    def value(self, spot: Spot) -> float:
        """Return the number at a place."""
        assert self._answer is not None
        if spot.name == GIVEN:
            return float(self._answer.given[spot.unit, spot.step])
        return float(self._answer.values[self._answer.names.index(spot.name), spot.unit, spot.step])

    def follow(self, unit: int, step: int) -> None:
        """Follow a unit, −1: none."""
        if (unit, step) != (self.unit, self.step):
            self.unit, self.step = unit, step
            self.update()
            self.picked.emit()

    # -- where things are --------------------------------------------------------------------------------------

    def parts(self) -> tuple[list[QRectF], QRectF, QRectF]:
        """Return where each map is, the words, and the lines."""
        wide = max(20.0, self.width() - LEFT - RIGHT)
        words = self._axis.height(wide / self.steps, 0.28 * self.height())
        lines = min(110.0, max(36.0, 0.24 * self.height()))
        room = max(8.0, self.height() - words - lines - 6)
        given = [min(10.0 * len(band.values), 0.25 * room) for band in self.bands if band.name == GIVEN]
        many = max(1, len(self.bands) - len(given))
        each = (room - sum(given) - GAP * len(self.bands)) / many
        boxes, top = [], 1.0
        for k in range(len(self.bands)):
            high = given[k] if k < len(given) else max(2.0, each)
            boxes.append(QRectF(LEFT, top, wide, high))
            top += high + GAP
        return boxes, QRectF(LEFT, top, wide, words), QRectF(LEFT, top + words, wide, max(20.0, lines))

    def spot_at(self, point: QPointF) -> Spot | None:
        """Return what is at a point."""
        boxes, _, _ = self.parts()
        for band, box in zip(self.bands, boxes, strict=True):
            if box.contains(point):
                rows = len(band.values)
                row = min(rows - 1, int((point.y() - box.top()) / box.height() * rows))
                step = min(self.steps - 1, int((point.x() - box.left()) / box.width() * self.steps))
                return Spot(band.name, row if band.name == GIVEN else int(self.order[row]), step)
        return None

    # -- painting ----------------------------------------------------------------------------------------------

    def _paint_bands(self, painter: QPainter, boxes: list[QRectF], theme: Theme) -> None:
        gates, signed = colour_table("viridis"), signed_table(theme)
        metrics = painter.fontMetrics()
        for band, box in zip(self.bands, boxes, strict=True):
            table = gates if band.name in OPEN_OR_SHUT else signed
            share = (band.values - band.low) / (band.high - band.low)
            pixels = np.ascontiguousarray(table[(share * 255).round().clip(0, 255).astype(np.uint8)])
            painter.drawImage(box, as_image(pixels))
            painter.setPen(QColor(theme.line))
            painter.drawRect(box)
            painter.setPen(QColor(theme.text))
            painter.drawText(QRectF(0, box.top(), LEFT - 4, box.height()), _RIGHT, band.name)
            strip = QRectF(box.right() + 4, box.top(), 6, box.height())
            painter.drawImage(strip, as_image(np.ascontiguousarray(table[::-1, None, :])))
            painter.setPen(QColor(theme.dim))
            place = QRectF(strip.right() + 3, box.top() - 2, RIGHT - 14, box.height() + 4)
            if box.height() >= 1.6 * metrics.height():
                painter.drawText(place, Qt.AlignmentFlag.AlignTop, readable(band.high))
                painter.drawText(place, Qt.AlignmentFlag.AlignBottom, readable(band.low))
            elif box.height() >= 0.8 * metrics.height():
                both = f"0–{readable(band.high)}" if band.low == 0 else f"±{readable(band.high)}"
                painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, both)

    def _paint_marks(self, painter: QPainter, boxes: list[QRectF], theme: Theme) -> None:
        """Frame the rows of the unit that is followed, and the column that is pointed at."""
        if self.unit >= 0:
            row = int(np.flatnonzero(self.order == self.unit)[0])
            for band, box in zip(self.bands, boxes, strict=True):
                if band.name == GIVEN:
                    continue
                high = box.height() / len(self.order)
                frame = QRectF(box.left() - 1, box.top() + row * high - 1, box.width() + 2, max(3.0, high + 2))
                for colour, thickness in ((theme.panel, 3.0), (theme.accent, 1.5))[high < 2 :]:
                    painter.setPen(QPen(QColor(colour), thickness))
                    painter.drawRect(frame)
        at = self.marked
        if at >= 0 and boxes:
            wide = boxes[0].width() / self.steps
            column = QRectF(LEFT + at * wide, boxes[0].top(), wide, boxes[-1].bottom() - boxes[0].top())
            painter.setPen(QPen(QColor(theme.text), 1.0, Qt.PenStyle.DotLine))
            painter.drawRect(column)

    @property
    def marked(self) -> int:
        """The step that is pointed at, else the one that is followed."""
        return self.hovered.step if self.hovered is not None else self.step

    def _paint_lines(self, painter: QPainter, box: QRectF, theme: Theme) -> None:
        """Paint the mean of each gate by step, or the numbers of the unit that is followed over pale means."""
        answer = self._answer
        assert answer is not None
        names = [band.name for band in self.bands if band.name != GIVEN]
        places = [answer.names.index(name) for name in names]
        means = answer.means[places]
        own = answer.values[places, self.unit].astype(np.float32) if self.unit >= 0 else None
        shown = means if own is None else np.concatenate([means, own])
        low, high = min(0.0, float(shown.min())), max(float(shown.max()), 0.1)
        if any(name in OPEN_OR_SHUT for name in names):
            high = max(1.0, high)
        box = box.adjusted(0, 5, 0, -3)

        def spot(t: int, value: float) -> QPointF:
            x = box.left() + (t + 0.5) * box.width() / self.steps
            return QPointF(x, box.bottom() - (value - low) / (high - low) * box.height())

        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme.line), 1.0))
        for value in {0.0, 1.0 if low <= 1.0 <= high else 0.0}:
            painter.drawLine(QPointF(box.left(), spot(0, value).y()), QPointF(box.right(), spot(0, value).y()))
        painter.setPen(QColor(theme.dim))
        for value in (low, high):
            y = spot(0, value).y()
            painter.drawText(QRectF(0, y - 7, LEFT - 3, 14), _RIGHT, readable(float(f"{value:.1g}")))
        for pale, rows in ((own is not None, means), (False, own)):
            for name, row in zip(names, rows if rows is not None else (), strict=rows is not None):
                colour = QColor(LINES[name])
                colour.setAlphaF(0.28 if pale else 1.0)
                painter.setPen(QPen(colour, 1.2 if pale else 2.0))
                painter.drawPolyline(QPolygonF([spot(t, float(value)) for t, value in enumerate(row)]))
        last = [float(row[-1]) for row in (means if own is None else own)]
        self._name_lines(painter, box, names, [spot(0, value).y() for value in last], theme)

    def _name_lines(self, painter: QPainter, box: QRectF, names: list[str], heights: list[float], theme: Theme) -> None:
        """Write the letters at the ends of the lines, moved apart where they would lie on each other."""
        line, found = painter.fontMetrics().height() - 3, sorted(zip(heights, names, strict=True))
        apart = min(line, (box.height() + line) / len(found))
        places = [max(found[0][0], box.top())]
        for height, _ in found[1:]:
            places.append(max(height, places[-1] + apart))
        lowest = box.bottom()
        for k in range(len(places) - 1, -1, -1):
            places[k] = min(places[k], lowest)
            lowest = places[k] - apart
        for k, (height, name) in enumerate(found):
            across = 16.0 * (k % 2) if apart < line else 0.0  # in two rows where one has no room
            place = QRectF(box.right() + 8 + across, places[k] - line, 20, 2 * line)
            painter.setPen(QPen(QColor(LINES[name]), 1.5))
            painter.drawLine(QPointF(box.right() + 1, height), QPointF(place.left() - 1, places[k]))
            painter.setPen(QColor(theme.text))
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, name)

    # -- Qt ----------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint everything."""
        if not self.bands:
            return
        theme, painter = current(), QPainter(self)
        painter.setFont(self.font())
        boxes, words, lines = self.parts()
        self._paint_bands(painter, boxes, theme)
        self._paint_marks(painter, boxes, theme)
        self._axis.paint(painter, words, self.marked)
        painter.setFont(self.font())
        self._paint_lines(painter, lines, theme)
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme.accent), 1.0))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Point at a unit and a step."""
        super().mouseMoveEvent(event)
        spot = self.spot_at(event.position())
        if spot != self.hovered:
            self.hovered = spot
            self.update()
            self.pointed.emit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Follow the unit that is clicked; the same one again: no longer."""
        spot = self.spot_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and spot is not None and spot.name != GIVEN:
            again = (spot.unit, spot.step) == (self.unit, self.step)
            self.follow(-1, -1) if again else self.follow(spot.unit, spot.step)

    def leaveEvent(self, event: QEvent) -> None:
        """Point at nothing."""
        self.hovered = None
        self.update()
        self.pointed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk to other units and steps with the arrow keys; Escape follows none."""
        ways = {Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0), Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1)}
        way = ways.get(Qt.Key(event.key()))
        if event.key() == Qt.Key.Key_Escape and self.unit >= 0:
            self.follow(-1, -1)
        elif way is None or not len(self.order):
            super().keyPressEvent(event)
        elif self.unit < 0:
            self.follow(int(self.order[0]), 0)
        else:
            row = int(np.flatnonzero(self.order == self.unit)[0]) + way[0]
            step = max(0, min(self.steps - 1, self.step + way[1]))
            self.follow(int(self.order[max(0, min(len(self.order) - 1, row))]), step)

    def focusInEvent(self, event: object) -> None:
        """Show that the keys walk here."""
        self.update()

    def focusOutEvent(self, event: object) -> None:
        """Show that they do no longer."""
        self.update()


_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


def _reach(name: str, values: Array) -> tuple[float, float]:
    """Return between which values the colours lie: they change in leaps, so that the picture stands still."""
    if name in OPEN_OR_SHUT:
        return 0.0, 1.0
    most = float(np.percentile(np.abs(values), BRIGHT)) if values.size else 0.0
    high = 1.0 if most <= 1.0 and name != GIVEN else 2.0 ** (math.ceil(2 * math.log2(max(most, 1e-6)) - 1e-6) / 2)
    return -high, high
