"""The picture of a convolution at one pixel: the map that comes in, the one that goes out, and three grids of numbers.

It holds no panel of its own; importing it does nothing.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QWidget

from playground.probes.convolution import ConvolutionAnswer
from widgets.panels._mosaics import signed_table
from widgets.panels._plots import as_image
from widgets.theme import current, font

Array = np.ndarray[Any, Any]

SIGN = 18
"""Pixels for the signs between the grids, × and =."""

WIDEST = 2.0
"""How many times as broad as high a cell of a grid may be, so that its number has room."""

PALE = 2.2
"""By how much the colours behind numbers are paler than those of the maps, so that the numbers can be read."""

STEPS = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}


class Places(NamedTuple):
    """Where the parts of the picture stand: the two maps, and the three grids of numbers."""

    came: QRectF
    made: QRectF
    grids: tuple[QRectF, QRectF, QRectF]


class Walk(QWidget):
    """The picture: above, the map that comes in with the window, and the one that goes out with the pixel; below,
    window × kernel = products.
    """

    chosen = Signal(int, int)
    """The row and the column of the pixel that was clicked or walked to."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("convolution_walk")
        self.setMinimumSize(120, 80)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.answer: ConvolutionAnswer | None = None

    def show_answer(self, answer: ConvolutionAnswer) -> None:
        """Show another pixel."""
        self.answer = answer
        self.update()

    def places(self) -> Places:
        """Lay the parts out: maps above grids, or side by side with them where it is wide and low."""
        assert self.answer is not None
        height, width = self.answer.kernel.shape[1:]
        area = QRectF(self.rect()).adjusted(2, 2, -2, -2)
        upper, lower = QRectF(area), QRectF(area)
        if area.width() > 3.2 * area.height():
            upper.setWidth(area.width() * 0.45)
            lower.setLeft(upper.right() + SIGN)
        else:
            upper.setHeight(area.height() * 0.5)
            lower.setTop(upper.bottom() + 8)
        half = (upper.width() - 3 * SIGN) / 2
        rows, columns = (size + 2 * p for size, p in zip(self.answer.sizes[0], self.answer.padding, strict=True))
        came = _fitted(QRectF(upper.left(), upper.top(), half, upper.height()), rows, columns)
        made = _fitted(QRectF(upper.right() - half, upper.top(), half, upper.height()), *self.answer.sizes[1])
        tall = lower.height() / height
        broad = min((lower.width() - 2 * SIGN) / 3 / width, WIDEST * tall)
        tall = min(tall, broad)
        left = lower.center().x() - (3 * broad * width + 2 * SIGN) / 2
        top = lower.center().y() - tall * height / 2
        grids = [QRectF(left + k * (broad * width + SIGN), top, broad * width, tall * height) for k in range(3)]
        return Places(came, made, (grids[0], grids[1], grids[2]))

    def pixel_at(self, point: QPointF) -> tuple[int, int] | None:
        """Return the pixel of the map that goes out at a point of the widget."""
        if self.answer is None or not (box := self.places().made).contains(point):
            return None
        height, width = self.answer.sizes[1]
        down, right = (point.y() - box.top()) / box.height(), (point.x() - box.left()) / box.width()
        return min(height - 1, int(down * height)), min(width - 1, int(right * width))

    # -- painting ----------------------------------------------------------------------------------------------

    def _paint_map(self, painter: QPainter, box: QRectF, numbers: Array, reach: float) -> None:
        painter.drawImage(box, as_image(_coloured(numbers, reach)))
        painter.setPen(QColor(current().line))
        painter.drawRect(box)

    def _paint_padded(self, painter: QPainter, box: QRectF, answer: ConvolutionAnswer) -> None:
        """Paint the map that comes in, with the padding around it."""
        theme, (above, beside) = current(), answer.padding
        if above or beside:
            painter.fillRect(box, QBrush(QColor(theme.line), Qt.BrushStyle.BDiagPattern))
        cell = box.width() / (answer.sizes[0][1] + 2 * beside)
        inner = box.adjusted(beside * cell, above * cell, -beside * cell, -above * cell)
        painter.fillRect(inner, QColor(theme.panel))
        self._paint_map(painter, inner, answer.came, _reach(answer.came))

    def _paint_frames(self, painter: QPainter, places: Places, answer: ConvolutionAnswer) -> None:
        """Frame the window on the map that comes in and the pixel on the one that goes out, and join them."""
        cell = places.came.width() / (answer.sizes[0][1] + 2 * answer.padding[1])
        spread = [d * (k - 1) + 1 for d, k in zip(answer.dilation, answer.kernel.shape[1:], strict=True)]
        window = QRectF(
            places.came.left() + (answer.left + answer.padding[1]) * cell,
            places.came.top() + (answer.top + answer.padding[0]) * cell,
            spread[1] * cell,
            spread[0] * cell,
        )
        side = places.made.width() / answer.sizes[1][1]
        pixel = QRectF(places.made.left() + answer.column * side, places.made.top() + answer.row * side, side, side)
        for colour, thickness in ((current().panel, 4), (current().text, 2)):  # to be seen on any colour
            painter.setPen(QPen(QColor(colour), thickness))
            painter.drawRects([window, pixel])
        painter.setPen(QPen(QColor(current().text), 1, Qt.PenStyle.DotLine))
        painter.drawLine(QPointF(window.right(), window.center().y()), QPointF(pixel.left(), pixel.center().y()))

    def _paint_grid(self, painter: QPainter, box: QRectF, numbers: Array, inside: Array | None = None) -> None:
        """Paint a small table of numbers on their colours; the numbers only where there is room for them."""
        theme = current()
        self._paint_map(painter, box, numbers, PALE * _reach(numbers))
        height, width = numbers.shape
        cell_x, cell_y = box.width() / width, box.height() / height
        fitting = next((one for one in map(font, (8.5, 7.5, 6.5)) if _fits(one, cell_x, cell_y)), None)
        painter.setFont(fitting or painter.font())
        for i in range(height):
            for j in range(width):
                cell = QRectF(box.left() + j * cell_x, box.top() + i * cell_y, cell_x, cell_y)
                painter.setPen(QColor(theme.line))
                painter.drawRect(cell)
                if inside is not None and not inside[i, j]:
                    painter.fillRect(cell, QBrush(QColor(theme.dim), Qt.BrushStyle.BDiagPattern))
                if fitting is not None:
                    painter.setPen(QColor(theme.text))
                    painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, signed(float(numbers[i, j])))

    # -- Qt ----------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QEvent) -> None:
        """Paint the maps, the frames and the three grids."""
        answer = self.answer
        if answer is None:
            return
        painter = QPainter(self)
        places = self.places()
        self._paint_padded(painter, places.came, answer)
        self._paint_map(painter, places.made, answer.made, _reach(answer.made))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_frames(painter, places, answer)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        window, kernel = answer.windows[answer.channel], answer.kernel[answer.channel]
        for box, numbers, inside in zip(
            places.grids, (window, kernel, window * kernel), (answer.inside, None, None), strict=True
        ):
            self._paint_grid(painter, box, numbers, inside)
        painter.setFont(font(9.5))
        painter.setPen(QColor(current().dim))
        for box, sign in zip(places.grids, "×=", strict=False):
            gap = QRectF(box.right(), box.top(), SIGN, box.height())
            painter.drawText(gap, Qt.AlignmentFlag.AlignCenter, sign)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the pixel that was clicked."""
        if event.button() == Qt.MouseButton.LeftButton and (pixel := self.pixel_at(event.position())):
            self.chosen.emit(*pixel)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the pointer while the button is held."""
        if event.buttons() & Qt.MouseButton.LeftButton and (pixel := self.pixel_at(event.position())):
            self.chosen.emit(*pixel)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk with the arrow keys, up to the edges."""
        step = STEPS.get(Qt.Key(event.key()))
        if self.answer is None or step is None:
            super().keyPressEvent(event)
            return
        height, width = self.answer.sizes[1]
        down, right = self.answer.row + step[0], self.answer.column + step[1]
        self.chosen.emit(min(max(down, 0), height - 1), min(max(right, 0), width - 1))


def _fitted(room: QRectF, height: int, width: int) -> QRectF:
    """Return the largest box of such an aspect in the middle of a room."""
    cell = min(room.width() / width, room.height() / height)
    box = QRectF(0, 0, cell * width, cell * height)
    box.moveCenter(room.center())
    return box


def _reach(numbers: Array) -> float:
    """Return the largest magnitude, which gets the full colour."""
    known = np.abs(numbers[np.isfinite(numbers)])
    return float(known.max()) if known.size else 0.0


def _coloured(numbers: Array, reach: float) -> Array:
    """Return pixels (h, w, 3): blue below zero, the background at it, orange above."""
    share = np.nan_to_num(numbers / (reach or 1.0), nan=0.0, posinf=1.0, neginf=-1.0).clip(-1, 1)
    return np.ascontiguousarray(signed_table(current())[((share + 1) * 127.5).round().astype(np.uint8)])


def _fits(writing: QFont, width: float, height: float) -> bool:
    metrics = QFontMetricsF(writing)
    return metrics.horizontalAdvance("−0.00") + 2 <= width and metrics.ascent() + 1 <= height


def signed(value: float, places: int = 2) -> str:
    """Write a number with the same places as its neighbours, so that they can be compared."""
    text = f"{value:.{places}f}"
    return text.replace("-", "−") if float(text) else text.removeprefix("-")
