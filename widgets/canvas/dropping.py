"""Blocks that come from the palette: what a drop would do is shown while it is dragged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen

from playground.block import CATALOGUE
from playground.text import Sentence, say
from widgets.canvas import edits
from widgets.canvas.geometry import HEIGHT, WIDTH, input_spots, output_spots
from widgets.canvas.gestures import Gesture
from widgets.canvas.look import ROUND
from widgets.canvas.routing import handle
from widgets.names import block_name

if TYPE_CHECKING:
    from widgets.canvas.view import Canvas

MIME = "application/x-network-playground-block"
"""What a dragged block is, as data: the block's key in UTF-8."""


def block_key(data: QMimeData) -> str:
    """Return the key of the block that is being dragged, or nothing where it is none that is known."""
    if not data.hasFormat(MIME):
        return ""
    key = bytes(data.data(MIME).data()).decode("utf-8", "replace")
    return key if key in CATALOGUE else ""


class Drop(Gesture):
    """Adds a block: on empty canvas, into the wire under the pointer, or joined to a free port nearby."""

    def __init__(self, canvas: Canvas, at: QPointF, key: str) -> None:
        super().__init__(canvas, at)
        self.far = True
        self._block = edits.fresh_block(key, canvas.document.now.facts)
        self.plan: edits.Plan | None = None

    def move(self, modifiers: Qt.KeyboardModifier) -> None:
        x, y = self.at.x(), self.at.y()
        wire = self.stage.wire_at(x, y, 14.0 / min(1.0, self.canvas.zoom))
        places = self.stage.places()
        self.plan = edits.plan_drop(self.canvas.sheet, places, self._block, (x, y), wire, self.stage.selected)
        for known, line in self.stage.lines.items():
            line.set_state(lit=known == self.plan.wire)
        self.canvas.viewport().update()

    def end(self) -> None:
        self.cancel()
        if self.plan is not None:
            self.canvas.carry_out(self.plan)

    def cancel(self) -> None:
        for line in self.stage.lines.values():
            line.set_state(lit=False)
        self.canvas.viewport().update()

    def paint(self, painter: QPainter) -> None:
        if self.plan is None:
            return
        look, plan = self.canvas.look, self.plan
        x, y = plan.place
        rect = QRectF(x, y, WIDTH, HEIGHT)
        colour = look.family(self._block.family)
        painter.setOpacity(0.8)
        painter.setBrush(look.card_brush)
        painter.setPen(QPen(colour, 1.5, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(rect, ROUND, ROUND)
        painter.setPen(look.text)
        painter.setFont(look.name_font)
        painter.drawText(rect.adjusted(12, 10, -12, -8), Qt.AlignmentFlag.AlignLeft, block_name(self._block))
        painter.setOpacity(1.0)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(look.good, 2.2, Qt.PenStyle.DashLine))
        block = self._block
        if plan.source:
            start = self.stage.spot(*plan.source, True)
            end = input_spots(block)[block.ports()[0].name]
            _preview(painter, QPointF(start.x, start.y), QPointF(x + end[0], y + end[1]))
        if plan.target:
            first = output_spots(block)[block.outputs[0]]
            there = self.stage.spot(*plan.target, False)
            _preview(painter, QPointF(x + first[0], y + first[1]), QPointF(there.x, there.y))


def name_of(plan: edits.Plan) -> Sentence:
    """Name the step that a plan makes."""
    if plan.wire is not None:
        return say("Insert {block}", block=plan.block.key)
    return say("Add {block}", block=plan.block.key)


def _preview(painter: QPainter, start: QPointF, end: QPointF) -> None:
    reach = handle((start.x(), start.y()), (end.x(), end.y()))
    path = QPainterPath(start)
    path.cubicTo(start + QPointF(reach, 0), end - QPointF(reach, 0), end)
    painter.drawPath(path)
