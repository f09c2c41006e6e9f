"""What a hand can do with notes and frames: move them, a frame with all that lies in it, and resize them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt

from playground.text import say
from widgets.canvas.geometry import Point, snapped
from widgets.canvas.gestures import Gesture, Move
from widgets.canvas.remarks import PAD, SMALLEST, TITLE, changed, note_font, text_height

if TYPE_CHECKING:
    from widgets.canvas.view import Canvas

REACH = 12
"""Pixels within which a corner or a title bar is taken, however small the picture is."""


def remark_gesture(canvas: Canvas, at: QPointF, *, adding: bool) -> Gesture | None:
    """Say what a press begins that lies on a note or a frame."""
    x, y, reach = at.x(), at.y(), REACH / canvas.zoom
    remarks = canvas.stage.remarks
    if not adding and not canvas.in_overview and (id := remarks.corner_at(x, y, reach)):
        return Resize(canvas, at, id)
    if id := remarks.at(x, y, reach):
        return MoveRemark(canvas, at, id, toggle=adding)
    return None


class MoveRemark(Move):
    """Moves the selected notes and frames, and the selected nodes with them."""

    def select(self, id: str, *, adding: bool) -> bool:
        """Select the grabbed remark; say whether it was selected before."""
        was = id in self.stage.selected_remarks
        if not was:
            ids, wires, remarks = self.stage.selection if adding else ((), (), ())
            self.stage.select(ids, wires, (*remarks, id))
        return was

    def start_place(self) -> Point:
        """Return where the grabbed remark stood."""
        x, y, _, _ = self.stage.remarks.items[self.grabbed].remark.rect
        return x, y

    def aligned(self, wanted: Point) -> Point:
        """Snap to the grid only: remarks need not stand in line with cards."""
        return snapped(wanted[0]), snapped(wanted[1])

    def click(self) -> None:
        if self.toggle and self.was:
            ids, wires, remarks = self.stage.selection
            self.stage.select(ids, wires, [id for id in remarks if id != self.grabbed])
        elif not self.toggle:
            self.stage.select((), (), [self.grabbed])


class Resize(Gesture):
    """Resizes a note or a frame by its right bottom corner; a note never gets too small for its text."""

    cursor = Qt.CursorShape.SizeFDiagCursor

    def __init__(self, canvas: Canvas, at: QPointF, id: str) -> None:
        super().__init__(canvas, at)
        self.item = self.stage.remarks.items[id]
        self._was_selected = self.stage.selection
        self.stage.select((), (), [id])

    def move(self, modifiers: Qt.KeyboardModifier) -> None:
        remark = self.item.remark
        x, y, width, height = remark.rect
        right, bottom = x + width + self.at.x() - self.origin.x(), y + height + self.at.y() - self.origin.y()
        if not modifiers & Qt.KeyboardModifier.AltModifier:
            right, bottom = snapped(right), snapped(bottom)
        narrowest, lowest = SMALLEST[remark.kind]
        width = max(narrowest, right - x)
        if remark.kind == "note":
            needed = text_height(remark.text, note_font(self.canvas.look), width - 2 * PAD) + 2 * PAD
            lowest = max(lowest, needed)
        else:
            lowest = max(lowest, TITLE)
        self.item.place(QRectF(x, y, width, max(lowest, bottom - y)))

    def end(self) -> None:
        rect = self.item.rect
        remark = self.item.remark
        new = replace(remark, rect=(rect.x(), rect.y(), rect.width(), rect.height()))
        if new == remark:
            return
        self.canvas.stop_fitting()
        name = say("Resize note") if remark.kind == "note" else say("Resize frame")
        self.canvas.sheet.edit(name, remarks=changed(self.canvas.sheet.remarks, {remark.id: new}))

    def cancel(self) -> None:
        self.stage.remarks.settle()
        self.stage.select(*self._was_selected)
