"""Blocks that come from the palette: what a drop would do is shown while it is dragged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from playground.block import CATALOGUE
from playground.own_blocks import own_block
from playground.ready_groups import READY
from playground.suggest import fresh_block
from widgets.block_rows import paint_badge
from widgets.canvas import edits
from widgets.canvas.geometry import HEIGHT, WIDTH, Point, input_spots, output_spots
from widgets.canvas.gestures import Gesture
from widgets.canvas.line import loose_path
from widgets.canvas.look import ROUND
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
    return key if key in CATALOGUE or key in READY or own_block(key) is not None else ""


class Drop(Gesture):
    """Adds a block: on empty canvas, into the wire under the pointer, or joined to a free port nearby."""

    def __init__(self, canvas: Canvas, at: QPointF, key: str) -> None:
        super().__init__(canvas, at)
        self.far = True
        self._key, self._block = key, fresh_block(key, canvas.document.now.facts)
        self.plan: edits.Plan | None = None

    def move(self, modifiers: Qt.KeyboardModifier) -> None:
        x, y = self.at.x(), self.at.y()
        wire = self.stage.wire_at(x, y, 14.0 / min(1.0, self.canvas.zoom))
        places = self.stage.places()
        inside = self.stage.opened.at(x, y)
        self.plan = edits.plan_drop(self.canvas.sheet, places, self._block, (x, y), wire, self.stage.selected, inside)
        for known, line in self.stage.lines.items():
            line.set_state(lit=known == self.plan.wire)
        self.canvas.explain(self.plan.reason, self.at)
        self.canvas.viewport().update()

    def end(self) -> None:
        self.cancel()
        if self.plan is not None:
            self.canvas.carry_out(self.plan, self._key)

    def cancel(self) -> None:
        for line in self.stage.lines.values():
            line.set_state(lit=False)
        self.canvas.explain(None)
        self.canvas.viewport().update()

    def paint(self, painter: QPainter) -> None:
        if self.plan is not None:
            paint_plan(self.canvas, painter, self.plan)


def paint_plan(canvas: Canvas, painter: QPainter, plan: edits.Plan) -> None:
    """Show what carrying out a plan would do: the card where it would stand, and the wires it would get."""
    look, block, direction = canvas.look, plan.block, canvas.stage.direction
    _paint_card(painter, canvas, plan)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(look.bad if plan.reason else look.good, 2.2, Qt.PenStyle.DashLine))
    source, target = plan.source, plan.target
    if plan.wire is not None:
        source, target = (plan.wire.source, plan.wire.source_port), (plan.wire.target, plan.wire.target_port)
    if source is not None:
        start = canvas.stage.spot(*source, True)
        end = _spot(plan, input_spots(block, direction)[block.ports()[0].name])
        painter.drawPath(loose_path(QPointF(start.x, start.y), end, direction))
    if target is not None:
        begin = _spot(plan, output_spots(block, direction)[block.outputs[0]])
        there = canvas.stage.spot(*target, False)
        painter.drawPath(loose_path(begin, QPointF(there.x, there.y), direction))


def _paint_card(painter: QPainter, canvas: Canvas, plan: edits.Plan) -> None:
    look, block = canvas.look, plan.block
    rect = QRectF(*plan.place, WIDTH, HEIGHT)
    painter.setOpacity(0.85)
    painter.setBrush(look.card_brush)
    painter.setPen(QPen(look.bad if plan.refused else look.family(block.family), 1.5, Qt.PenStyle.DashLine))
    painter.drawRoundedRect(rect, ROUND, ROUND)
    paint_badge(painter, QRect(int(rect.left()) + 12, int(rect.top()) + 11, 18, 18), block.name, block.family)
    painter.setPen(look.text)
    painter.setFont(look.name_font)
    name = look.name_metrics.elidedText(block_name(block), Qt.TextElideMode.ElideRight, WIDTH - 50)
    painter.drawText(rect.adjusted(38, 11, -8, -8), Qt.AlignmentFlag.AlignLeft, name)
    painter.setOpacity(1.0)


def _spot(plan: edits.Plan, local: Point) -> QPointF:
    return QPointF(plan.place[0] + local[0], plan.place[1] + local[1])
