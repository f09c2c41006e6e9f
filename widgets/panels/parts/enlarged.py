"""One map by itself, large enough for its pixels to be chosen; beside it what it came from, or what it was before."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from playground.probes._moving import CAME_IN, DIFFERS
from playground.probes.feature_maps import FeatureMapsAnswer
from playground.receptive_field import Patch
from playground.text import tr
from widgets.panels.parts.grids import STEPS, fitted, paint_grid, signed
from widgets.panels.parts.plots import as_image
from widgets.theme import current, font

Array = np.ndarray[Any, Any]

GAP = 10
"""Pixels between the pictures."""

DOT = 3.0
"""Pixels that a cell has at least where winners are marked."""

ROOMY = 100.0
"""Pixels that the maps have at least where the window is shown between them."""


class Window(NamedTuple):
    """What a pixel of a pooled map is made of: where it lies on the map before, its numbers, and their shares."""

    patch: Patch
    numbers: Array
    inside: Array
    shares: Array | None
    """The share that each number has in the result; None where one won, or shares make no sense."""


class Enlarged(QWidget):
    """The map, its pixel framed, and its neighbours.

    Signals:
        chosen(int, int): the row and the column of the pixel that was clicked or walked to.
        hovered(object): the pixel under the pointer, or None.
        pushed(int, int): move the image by so many pixels, down and to the right.
        turned(int): show the next (+1) or the previous (-1) map.
        left(): go back to all maps.
    """

    chosen = Signal(int, int)
    hovered = Signal(object)
    pushed = Signal(int, int)
    turned = Signal(int)
    left = Signal()

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setMinimumSize(60, 40)
        self.setFont(font(8.5))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.answer: FeatureMapsAnswer | None = None
        self.pixel = (0, 0)
        self.window_shown: Window | None = None
        self._colours: tuple[Array, float, float] = (np.zeros((256, 3), np.uint8), 0.0, 1.0)

    def show_answer(self, answer: FeatureMapsAnswer, colours: tuple[Array, float, float]) -> None:
        """Show another answer; colours are 256 of them with the values at their ends."""
        self.answer, self._colours = answer, colours
        self.update()

    def show_pixel(self, pixel: tuple[int, int], window: Window | None) -> None:
        """Frame another pixel, and what it was pooled from."""
        self.pixel, self.window_shown = pixel, window
        self.update()

    def parts(self) -> dict[str, tuple[int, int]]:
        """Return what is shown side by side, with the height and width of each in pixels of its own."""
        answer = self.answer
        if answer is None or answer.one is None:
            return {}
        if answer.one.still is not None:
            return {"still": answer.size, "map": answer.size}
        if answer.one.pooled is None:
            return {"map": answer.size}
        grid = {} if self.window_shown is None else {"window": self.window_shown.patch.size}
        return {"before": answer.one.pooled.size, **grid, "map": answer.size}

    def places(self) -> dict[str, QRectF]:
        """Return where each of the parts is painted; where there is little room, the window gives way to the maps."""
        parts = self.parts()
        if not parts:
            return {}
        places = self._placed(parts)
        if "window" in parts and places["map"].width() < ROOMY:
            return self._placed({part: size for part, size in parts.items() if part != "window"})
        return places

    def _placed(self, parts: dict[str, tuple[int, int]]) -> dict[str, QRectF]:
        """Lay parts out side by side, or below each other where they get larger so."""
        line = self.fontMetrics().height() + 2
        n, area = len(parts), QRectF(self.rect()).adjusted(2, 2, -2, -2)
        choices = []
        for columns in range(1, n + 1):
            rows = -(-n // columns)
            across = (area.width() - GAP * (columns - 1)) / columns
            down = (area.height() - GAP * (rows - 1)) / rows - line
            boxes = {}
            for k, (part, size) in enumerate(parts.items()):
                x, y = area.left() + k % columns * (across + GAP), area.top() + k // columns * (down + line + GAP)
                boxes[part] = fitted(QRectF(x, y + line, max(1.0, across), max(1.0, down)), *size)
            choices.append(boxes)
        return max(choices, key=lambda boxes: boxes["map"].width())

    def pixel_at(self, point: QPointF) -> tuple[int, int] | None:
        """Return the pixel of the map at a point of the widget."""
        if (box := self.places().get("map")) is None or self.answer is None or not box.contains(point):
            return None
        height, width = self.answer.size
        down, right = (point.y() - box.top()) / box.height(), (point.x() - box.left()) / box.width()
        return min(height - 1, int(down * height)), min(width - 1, int(right * width))

    # -- painting ----------------------------------------------------------------------------------------------

    def _paint_map(self, painter: QPainter, box: QRectF, numbers: Array) -> None:
        table, low, high = self._colours
        span = high - low if high > low else 1.0
        with np.errstate(invalid="ignore"):
            level = np.nan_to_num((numbers - low) * (255.0 / span), nan=0.0, posinf=255.0, neginf=0.0).clip(0, 255)
        painter.drawImage(box, as_image(np.ascontiguousarray(table[level.round().astype(np.uint8)])))
        painter.setPen(QColor(current().line))
        painter.drawRect(box)

    def _paint_winners(self, painter: QPainter, box: QRectF, winners: Array, size: tuple[int, int]) -> None:
        """Mark the pixels that won, with dots to be seen on any colour."""
        cell = box.width() / size[1]
        if cell < DOT:
            return
        rows, columns = winners.reshape(-1, 2).T
        points = [
            QPointF(box.left() + (x + 0.5) * cell, box.top() + (y + 0.5) * cell)
            for y, x in zip(rows, columns, strict=True)
        ]
        for colour, thickness in (("#000000", 0.5 * cell), ("#FFFFFF", 0.3 * cell)):
            pen = QPen(QColor(colour), min(8.0, thickness))
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            painter.setPen(pen)
            painter.drawPoints(points)

    def _paint_followed(self, painter: QPainter, box: QRectF, state: Array) -> None:
        """Hatch the pixels that are not what they were, and draw a line around where the map has come to lie."""
        height, width = state.shape
        cell = QPointF(box.width() / width, box.height() / height)
        painter.setPen(Qt.PenStyle.NoPen)
        for colour, style in (
            (current().panel, Qt.BrushStyle.SolidPattern),
            (current().text, Qt.BrushStyle.FDiagPattern),
        ):
            shade = QColor(colour)
            shade.setAlphaF(0.45 if style == Qt.BrushStyle.SolidPattern else 1.0)
            painter.setBrush(QBrush(shade, style))
            painter.drawRects(
                [
                    QRectF(box.left() + x * cell.x(), box.top() + y * cell.y(), cell.x(), cell.y())
                    for y, x in np.argwhere(state == DIFFERS)
                ]
            )
        painter.setBrush(Qt.BrushStyle.NoBrush)
        there = np.argwhere(state != CAME_IN)
        if len(there) and len(there) < state.size:
            (top, left), (bottom, right) = there.min(axis=0), there.max(axis=0) + 1
            painter.setPen(QPen(QColor(current().text), 1, Qt.PenStyle.DashLine))
            corner = QPointF(box.left() + left * cell.x(), box.top() + top * cell.y())
            painter.drawRect(QRectF(corner.x(), corner.y(), (right - left) * cell.x(), (bottom - top) * cell.y()))

    def _frame(self, painter: QPainter, box: QRectF, size: tuple[int, int], patch: tuple[int, int, int, int]) -> None:
        """Frame some pixels of a map: row and column of the first, how many of each."""
        row, column, rows, columns = patch
        across, down = box.width() / size[1], box.height() / size[0]
        rect = QRectF(box.left() + column * across, box.top() + row * down, columns * across, rows * down)
        for colour, thickness in ((current().panel, 4), (current().accent, 2)):
            painter.setPen(QPen(QColor(colour), thickness))
            painter.drawRect(rect)

    def _paint_window(self, painter: QPainter, box: QRectF, window: Window) -> None:
        shares, numbers = window.shares, window.numbers

        def said(i: int, j: int) -> str:
            if not window.inside[i, j] and self._winner() is not None:
                return ""  # there is nothing that could win
            text = signed(float(numbers[i, j]))
            return text if shares is None or not window.inside[i, j] else f"{text}\n{100 * shares[i, j]:.0f} %"

        paint_grid(painter, box, numbers, window.inside, said)

    def _caption(self, part: str) -> str:
        assert self.answer is not None and self.answer.one is not None
        return {
            "still": tr("not moved"),
            "before": tr("before"),
            "window": tr("window"),
            "map": tr("map {n}", n=self.answer.one.map + 1),
        }[part]

    def _paint_part(self, painter: QPainter, part: str, box: QRectF) -> None:
        answer = self.answer
        assert answer is not None and answer.one is not None
        one, window, (row, column) = answer.one, self.window_shown, self.pixel
        if part == "still" and one.still is not None:
            self._paint_map(painter, box, one.still)
            if one.by is not None and self._was_there(row - one.by[0], column - one.by[1]):
                self._frame(painter, box, answer.size, (row - one.by[0], column - one.by[1], 1, 1))
        elif part == "before" and one.pooled is not None:
            self._paint_map(painter, box, one.pooled.before)
            if one.pooled.winners is not None:
                self._paint_winners(painter, box, one.pooled.winners, one.pooled.size)
            if window is not None:
                rows, columns = window.patch.within(*one.pooled.size)
                self._frame(painter, box, one.pooled.size, (rows.first, columns.first, rows.size, columns.size))
        elif part == "window" and window is not None:
            self._paint_window(painter, box, window)
            if (place := self._winner()) is not None:
                first = window.patch.rows.first, window.patch.columns.first
                self._frame(painter, box, window.patch.size, (place[0] - first[0], place[1] - first[1], 1, 1))
        elif part == "map":
            self._paint_map(painter, box, answer.maps[0])
            if one.followed is not None:
                self._paint_followed(painter, box, one.followed)
            self._frame(painter, box, answer.size, (row, column, 1, 1))

    def _winner(self) -> tuple[int, int] | None:
        """Return which pixel of the map before is the one that is framed."""
        one = self.answer.one if self.answer is not None else None
        if one is None or one.pooled is None or one.pooled.winners is None:
            return None
        height, width = one.pooled.winners.shape[:2]
        row, column = one.pooled.winners[min(self.pixel[0], height - 1), min(self.pixel[1], width - 1)]
        return int(row), int(column)

    def _was_there(self, row: int, column: int) -> bool:
        assert self.answer is not None
        return 0 <= row < self.answer.size[0] and 0 <= column < self.answer.size[1]

    # -- Qt ----------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the parts with their names above them."""
        painter = QPainter(self)
        line = self.fontMetrics().height() + 2
        for part, box in self.places().items():
            painter.setFont(self.font())
            painter.setPen(QColor(current().dim))
            room = box.adjusted(-GAP / 2, -line, GAP / 2, -box.height())
            name = self.fontMetrics().elidedText(self._caption(part), Qt.TextElideMode.ElideRight, int(room.width()))
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter, name)
            self._paint_part(painter, part, box)
        if self.hasFocus():
            painter.setPen(QPen(QColor(current().accent), 1))
            painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the pixel that was clicked."""
        if event.button() == Qt.MouseButton.LeftButton and (pixel := self.pixel_at(event.position())):
            self.chosen.emit(*pixel)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell which pixel is under the pointer; choose it while the button is held."""
        pixel = self.pixel_at(event.position())
        if event.buttons() & Qt.MouseButton.LeftButton and pixel:
            self.chosen.emit(*pixel)
        self.hovered.emit(pixel)

    def leaveEvent(self, event: QEvent) -> None:
        """Forget the pointer."""
        self.hovered.emit(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk with the arrow keys, push the image with Shift, turn to other maps, go back."""
        key = Qt.Key(event.key())
        if self.answer is not None and (step := STEPS.get(key)) is not None:
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                self.pushed.emit(*step)
                return
            (row, column), (height, width) = self.pixel, self.answer.size
            self.chosen.emit(min(max(row + step[0], 0), height - 1), min(max(column + step[1], 0), width - 1))
        elif key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            self.turned.emit(1 if key == Qt.Key.Key_PageDown else -1)
        elif key in (Qt.Key.Key_Escape, Qt.Key.Key_Backspace):
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: object) -> None:
        """Show that the keys walk here."""
        self.update()

    def focusOutEvent(self, event: object) -> None:
        """Show that they do no longer."""
        self.update()
