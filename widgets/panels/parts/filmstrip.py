"""The picture of a clip: its frames in a row, what a node makes of each below, and curves of what the network says."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from playground.probes.clip import ClipAnswer
from playground.text import tr
from widgets.data_view.wording import class_colour
from widgets.panels.parts.mosaics import best_columns, mosaic, mosaic_table, signed_table
from widgets.panels.parts.plots import as_image, colour_table
from widgets.theme import current, font

Array = np.ndarray[Any, Any]

GAP = 4
"""Pixels between two frames."""

LEAST_CURVES = 56
"""Pixels that the curves take at least, however large the frames would like to be."""


class Rows(NamedTuple):
    """Where the parts of the picture stand: the frames, the maps below them, the curves."""

    frames: QRectF
    maps: QRectF
    curves: QRectF


class Filmstrip(QWidget):
    """The three rows, with one frame marked in all of them.

    Signals:
        chosen(int): the frame that was clicked or walked to.
    """

    chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("clip_strip")
        self.setFont(font(8.5))
        self.setMinimumSize(140, 110)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.answer: ClipAnswer | None = None
        self.frame = 0
        self._frames: list[QImage] = []
        self._maps: list[QImage] = []

    def show_answer(self, answer: ClipAnswer) -> None:
        """Show another clip, or what has become of it."""
        self.answer = answer
        self._frames = [as_image(np.ascontiguousarray(one)) for one in answer.frames]
        self._maps = _mosaics(answer)
        self.update()

    def show_frame(self, frame: int) -> None:
        """Mark another frame."""
        self.frame = frame
        self.update()

    def count(self) -> int:
        """Return how many frames there are."""
        return len(self._frames)

    # -- where things are --------------------------------------------------------------------------------------

    def column(self, frame: int) -> tuple[float, float]:
        """Return where the column of a frame begins and how wide it is, its gap included."""
        left = self._names() + 8
        width = (self.width() - left - 2) / max(1, self.count())
        return left + frame * width, width

    def rows(self) -> Rows:
        """Share the height: the frames and the maps as large as the columns allow, the rest for the curves."""
        left, width = self.column(0)
        side = min(width - GAP, (self.height() - LEAST_CURVES) / 2 - GAP)
        frames, maps = self._frames[0], self._maps[0]
        heights = [min(side * 1.5, side * one.height() / one.width()) for one in (frames, maps)]
        total = self.width() - left
        top = heights[0] + 2 * GAP
        below = top + heights[1] + 2 * GAP
        curves = QRectF(left, below, total, max(10.0, self.height() - below - 2))
        return Rows(QRectF(left, 2, total, heights[0]), QRectF(left, top, total, heights[1]), curves)

    def frame_at(self, point: QPointF) -> int:
        """Return the frame whose column lies at a point, or the nearest one."""
        left, width = self.column(0)
        return min(self.count() - 1, max(0, int((point.x() - left) // width)))

    def _names(self) -> float:
        metrics = self.fontMetrics()
        return max(metrics.horizontalAdvance(name) for name in self._titles())

    @staticmethod
    def _titles() -> tuple[str, str, str]:
        return tr("frames"), tr("maps"), tr("probability")

    # -- painting ----------------------------------------------------------------------------------------------

    def _paint_pictures(self, painter: QPainter, band: QRectF, pictures: list[QImage], title: str) -> None:
        look = current()
        painter.setPen(QColor(look.dim))
        place = QRectF(0, band.top(), self._names(), band.height())
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, title)
        for k, picture in enumerate(pictures):
            left, width = self.column(k)
            times = min((width - GAP) / picture.width(), band.height() / picture.height())
            across, down = picture.width() * times, picture.height() * times
            box = QRectF(left + (width - across) / 2, band.center().y() - down / 2, across, down)
            painter.drawImage(box, picture)
            if k == self.frame:
                painter.setPen(QPen(QColor(look.accent), 2))
                painter.drawRect(box.adjusted(-1, -1, 1, 1))

    def _paint_axis(self, painter: QPainter, box: QRectF) -> None:
        look, metrics = current(), self.fontMetrics()
        left, width = self.column(self.frame)
        painter.fillRect(QRectF(left, box.top(), width, box.height()), QColor(look.chip))
        for value in (0.0, 0.5, 1.0):
            y = _height_of(value, box)
            painter.setPen(QColor(look.line))
            painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y))
            painter.setPen(QColor(look.dim))
            place = QRectF(0, y - metrics.height() / 2, self._names(), metrics.height())
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, f"{value:g}")
        between = QRectF(0, _height_of(1.0, box), self._names(), _height_of(0.5, box) - _height_of(1.0, box))
        if between.height() > 3 * metrics.height():
            painter.drawText(between, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, self._titles()[2])

    def _paint_curves(self, painter: QPainter, box: QRectF, answer: ClipAnswer) -> None:
        middles = [left + width / 2 for left, width in map(self.column, range(self.count()))]
        right_last = sorted(range(len(answer.numbers)), key=lambda k: answer.numbers[k] == answer.label)
        for k in right_last:
            right = answer.numbers[k] == answer.label
            colour = class_colour(answer.numbers[k])
            points = [
                QPointF(x, _height_of(float(value), box))
                for x, value in zip(middles, answer.chances[:, k], strict=True)
                if np.isfinite(value)
            ]
            painter.setPen(QPen(colour, 3.0 if right else 1.3))
            painter.drawPolyline(QPolygonF(points))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            for point in points:
                painter.drawEllipse(point, *((3.5, 3.5) if right else (1.8, 1.8)))
            painter.setBrush(Qt.BrushStyle.NoBrush)

    # -- Qt ----------------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        """Ask for room for the three rows."""
        return QSize(360, 200)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the three rows."""
        answer = self.answer
        if answer is None or not self._frames:
            return
        painter, rows = QPainter(self), self.rows()
        self._paint_pictures(painter, rows.frames, self._frames, self._titles()[0])
        self._paint_pictures(painter, rows.maps, self._maps, self._titles()[1])
        if answer.numbers:
            self._paint_axis(painter, rows.curves)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint_curves(painter, rows.curves, answer)
        if self.hasFocus():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            painter.setPen(QPen(QColor(current().accent), 1, Qt.PenStyle.DotLine))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the frame that was clicked."""
        if event.button() == Qt.MouseButton.LeftButton and self.count():
            self.chosen.emit(self.frame_at(event.position()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the pointer while the button is held."""
        if event.buttons() & Qt.MouseButton.LeftButton and self.count():
            self.chosen.emit(self.frame_at(event.position()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk with the arrow keys, up to the ends."""
        last = self.count() - 1
        goals = {
            Qt.Key.Key_Left: max(0, self.frame - 1),
            Qt.Key.Key_Right: min(last, self.frame + 1),
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }
        goal = goals.get(Qt.Key(event.key()))
        if goal is None or last < 0:
            super().keyPressEvent(event)
        else:
            self.chosen.emit(goal)


def _height_of(value: float, box: QRectF) -> float:
    """Return where a probability lies in the box of the curves; a little room is left for the thickness of lines."""
    return box.bottom() - 6 - value * (box.height() - 12)


def _mosaics(answer: ClipAnswer) -> list[QImage]:
    """Lay out the maps of each frame in a picture of its own, all on one scale."""
    _, n, height, width = answer.maps.shape
    columns = best_columns(n, height, width, 100, 100)
    low, high = scale(answer)
    table = mosaic_table(signed_table(current()) if answer.low < 0 else colour_table("inferno"))
    pictures = []
    for maps in answer.maps:
        pixels = np.ascontiguousarray(table[mosaic(maps, columns, low, high)])  # (h, w, 4)
        form = QImage.Format.Format_RGBA8888
        pictures.append(QImage(pixels.data, pixels.shape[1], pixels.shape[0], pixels.shape[1] * 4, form).copy())
    return pictures


def scale(answer: ClipAnswer) -> tuple[float, float]:
    """Return the values for the first and the last colour: signed ones reach equally far to either side of nothing."""
    reach = max(-answer.low, answer.high)
    return (-reach, reach) if answer.low < 0 else (0.0, answer.high)
