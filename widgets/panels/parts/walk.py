"""The picture of a convolution at one pixel: the map that comes in, the one that goes out, and three grids of
numbers.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QWidget

from playground.probes.convolution import ConvolutionAnswer
from widgets.panels.parts.grids import STEPS, fitted, paint_grid, paint_map, reach
from widgets.theme import current, font

Array = np.ndarray[Any, Any]

SIGN = 18
"""Pixels for the signs between the grids, × and =."""

WIDEST = 2.0
"""How many times as broad as high a cell of a grid may be, so that its number has room."""


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
        came = fitted(QRectF(upper.left(), upper.top(), half, upper.height()), rows, columns)
        made = fitted(QRectF(upper.right() - half, upper.top(), half, upper.height()), *self.answer.sizes[1])
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

    def _paint_padded(self, painter: QPainter, box: QRectF, answer: ConvolutionAnswer) -> None:
        """Paint the map that comes in, with the padding around it."""
        theme, (above, beside) = current(), answer.padding
        if above or beside:
            painter.fillRect(box, QBrush(QColor(theme.line), Qt.BrushStyle.BDiagPattern))
        cell = box.width() / (answer.sizes[0][1] + 2 * beside)
        inner = box.adjusted(beside * cell, above * cell, -beside * cell, -above * cell)
        painter.fillRect(inner, QColor(theme.panel))
        paint_map(painter, inner, answer.came, reach(answer.came))

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

    # -- Qt ----------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QEvent) -> None:
        """Paint the maps, the frames and the three grids."""
        answer = self.answer
        if answer is None:
            return
        painter = QPainter(self)
        places = self.places()
        self._paint_padded(painter, places.came, answer)
        paint_map(painter, places.made, answer.made, reach(answer.made))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_frames(painter, places, answer)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        window, kernel = answer.windows[answer.channel], answer.kernel[answer.channel]
        for box, numbers, inside in zip(
            places.grids, (window, kernel, window * kernel), (answer.inside, None, None), strict=True
        ):
            paint_grid(painter, box, numbers, inside)
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
