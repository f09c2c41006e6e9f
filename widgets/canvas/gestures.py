"""What a hand can do on the canvas, each as an object with start, move, end and cancel.

A gesture changes nothing but the drawing until `end`, which makes one edit of the document; `cancel` (Escape)
leaves everything as it was.
"""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from playground.graph import Graph, Wire
from playground.suggest import doubt, shape_refusal, why_not
from playground.text import Sentence, say
from widgets.canvas.geometry import GRID, Point, Rect, snapped
from widgets.canvas.line import loose_path
from widgets.canvas.scene import Spot

if TYPE_CHECKING:
    from widgets.canvas.view import Canvas

THRESHOLD = 4.0
"""Pixels the pointer has to move before a press becomes a drag."""
PORT_REACH = 26.0
"""Scene units around a port within which a wire snaps to it."""
END_GRAB = 34.0
"""How close to its end a wire must be pressed to take that end off, in scene units."""


class Gesture:
    """The base: positions are in the scene; `far` becomes true once the pointer has really moved."""

    cursor: Qt.CursorShape | None = None

    def __init__(self, canvas: Canvas, at: QPointF) -> None:
        self.canvas, self.stage = canvas, canvas.stage
        self.origin = self.at = at
        self.far = False

    def start(self) -> None:
        """The pointer went beyond the threshold."""

    def drag(self, at: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """The pointer moved."""
        self.at = at
        away = (at - self.origin) * self.canvas.zoom
        if not self.far and abs(away.x()) + abs(away.y()) >= THRESHOLD:
            self.far = True
            self.start()
        if self.far:
            self.move(modifiers)

    def move(self, modifiers: Qt.KeyboardModifier) -> None:
        """Show what would be if the pointer were released here."""

    def end(self) -> None:
        """Carry it out."""

    def click(self) -> None:
        """The pointer was released where it was pressed."""

    def cancel(self) -> None:
        """Leave everything as it was."""

    def paint(self, painter: QPainter) -> None:
        """Draw what floats above the canvas, in scene coordinates."""


class Pan(Gesture):
    """Moves the whole picture under the pointer."""

    cursor = Qt.CursorShape.ClosedHandCursor

    def __init__(self, canvas: Canvas, at: QPointF) -> None:
        super().__init__(canvas, at)
        self._first = self._last = canvas.view_point(at)

    def drag(self, at: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        self._pan_to(self.canvas.view_point(at))

    def cancel(self) -> None:
        self._pan_to(self._first)

    def _pan_to(self, now: QPointF) -> None:
        self.canvas.pan_by(now.x() - self._last.x(), now.y() - self._last.y())
        self._last = now


class Lasso(Gesture):
    """Selects what a rectangle touches; with Shift or Ctrl it adds to the selection."""

    def __init__(self, canvas: Canvas, at: QPointF, *, adding: bool) -> None:
        super().__init__(canvas, at)
        self._before = self.stage.selection
        self._kept = self._before if adding else ((), (), ())

    def move(self, modifiers: Qt.KeyboardModifier) -> None:
        rect = QRectF(self.origin, self.at).normalized()
        sides: Rect = (rect.left(), rect.top(), rect.right(), rect.bottom())
        ids = self.stage.cards_in(sides)
        inside = [w for w in self.stage.graph.wires if w.source in ids and w.target in ids]
        remarks = self.stage.remarks.within(sides)
        self.stage.select((*self._kept[0], *ids), (*self._kept[1], *inside), (*self._kept[2], *remarks))

    def click(self) -> None:
        self.stage.select(*self._kept)
        self.canvas.let_go = self._before[0]

    def cancel(self) -> None:
        self.stage.select(*self._before)

    def paint(self, painter: QPainter) -> None:
        if self.far:
            pen = QPen(self.canvas.look.accent, 1)
            pen.setCosmetic(True)
            fill = self.canvas.look.accent.lighter(100)
            fill.setAlpha(36)
            painter.setPen(pen)
            painter.setBrush(fill)
            painter.drawRect(QRectF(self.origin, self.at).normalized())


class Move(Gesture):
    """Moves what is selected, and what selected frames hold; nodes settle on the grid and in line with others.

    Alt moves freely. A click on the picture of a unit shows that unit large.
    """

    cursor = Qt.CursorShape.SizeAllCursor

    def __init__(self, canvas: Canvas, at: QPointF, grabbed: str, *, toggle: bool, unit: int = -1) -> None:
        super().__init__(canvas, at)
        self._unit = unit
        self._before = self.stage.selection
        self.grabbed, self.toggle = grabbed, toggle
        self.was = self.select(grabbed, adding=toggle)
        ids, self._remarks = self.stage.carried()
        self._from = {id: self.stage.cards[id].place for id in ids}
        self._by = (0.0, 0.0)
        self._guides: list[tuple[QPointF, QPointF]] = []

    def select(self, id: str, *, adding: bool) -> bool:
        """Select the grabbed node; say whether it was selected before."""
        was = id in self.stage.selected
        if not was:
            ids, wires, remarks = self.stage.selection if adding else ((), (), ())
            self.stage.select((*ids, id), wires, remarks)
        return was

    def start_place(self) -> Point:
        """Return where the grabbed node stood."""
        return self._from[self.grabbed]

    def move(self, modifiers: Qt.KeyboardModifier) -> None:
        x, y = self.start_place()
        wanted = (x + self.at.x() - self.origin.x(), y + self.at.y() - self.origin.y())
        self._guides = []
        if not modifiers & Qt.KeyboardModifier.AltModifier:
            wanted = self.aligned(wanted)
        self._by = dx, dy = wanted[0] - x, wanted[1] - y
        self.stage.show_at({id: (px + dx, py + dy) for id, (px, py) in self._from.items()})
        self.stage.remarks.show_shifted(self._remarks, dx, dy)
        self.canvas.viewport().update()

    def end(self) -> None:
        if self._by == (0.0, 0.0):
            self.stage.settle()
            return
        places = self.stage.places()
        places.update({id: (self.stage.cards[id].x(), self.stage.cards[id].y()) for id in self._from})
        self.canvas.stop_fitting()
        remarks = self.stage.remarks.shifted(self._remarks, *self._by)
        self.canvas.sheet.edit(say("Move"), places=places, remarks=remarks)

    def click(self) -> None:
        ids, wires, remarks = self.stage.selection
        if self.toggle and self.was:
            self.stage.select([id for id in ids if id != self.grabbed], wires, remarks)
        elif not self.toggle:
            self.stage.select([self.grabbed])
        if self._unit >= 0:
            self.canvas.unitWanted.emit(self.grabbed, self._unit)

    def cancel(self) -> None:
        self.stage.settle()
        self.stage.select(*self._before)

    def paint(self, painter: QPainter) -> None:
        pen = QPen(self.canvas.look.accent, 1, Qt.PenStyle.DashLine)
        pen.setCosmetic(True)
        painter.setPen(pen)
        for a, b in self._guides:
            painter.drawLine(a, b)

    def aligned(self, wanted: Point) -> Point:
        """Snap softly: to the line of a neighbour within six units, else to the grid."""
        x, y = wanted
        others = [c for id, c in self.stage.cards.items() if id not in self._from]
        row = min((c for c in others if abs(c.place[1] - y) <= 6), key=lambda c: abs(c.place[0] - x), default=None)
        column = min((c for c in others if abs(c.place[0] - x) <= 6), key=lambda c: abs(c.place[1] - y), default=None)
        x = column.place[0] if column else snapped(x)
        y = row.place[1] if row else snapped(y)
        if row:
            self._guides.append((QPointF(row.place[0], y - GRID / 2), QPointF(x, y - GRID / 2)))
        if column:
            self._guides.append((QPointF(x - GRID / 2, column.place[1]), QPointF(x - GRID / 2, y)))
        return x, y


class DrawWire(Gesture):
    """Draws a wire from a port to a port, in either direction, or moves the end of one that is there.

    `reason` says why the wire cannot end where the pointer is; ports that it may end at glow, cards where it may
    not fade.
    """

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, canvas: Canvas, at: QPointF, anchor: Spot, moving: Wire | None = None) -> None:
        super().__init__(canvas, at)
        self.anchor, self.moving = anchor, moving
        graph = canvas.sheet.graph
        self._graph = graph.disconnect(moving) if moving else graph
        self._end: Spot | None = None
        self._wire: Wire | None = None
        self.reason: Sentence | None = None

    def start(self) -> None:
        if self.moving:
            self.stage.lines[self.moving].hide_for_now(True)
        for callout in self.stage.callouts.values():
            callout.setOpacity(0.15)  # what is wrong without this wire would stand in its way
        circle = self._reachable()
        for id, card in self.stage.cards.items():
            if id == self.anchor.id:
                continue
            fits = id not in circle and any(self._refusal(spot) is None for spot in self._ends(id))
            card.set_mark("glow" if fits else "fade")

    def move(self, modifiers: Qt.KeyboardModifier) -> None:
        self._light(None)
        self._end, self._wire, self.reason = self._target(), None, None
        doubted = None
        if self._end is not None:
            wire = self._wire_to(self._end)
            self.reason = why_not(self.canvas.sheet, self._graph, wire)
            self._wire = wire if self.reason is None else None
            doubted = doubt(self.canvas.sheet, self._graph, wire) if self._wire else None
            self._light(self._end if self._wire else None)
        elif id := self.stage.card_at(self.at.x(), self.at.y()):
            self.reason = self._nothing_to_end_at(id)
        self.canvas.explain(self.reason or doubted, self.at, warning=self.reason is None)
        self.canvas.viewport().update()

    def end(self) -> None:
        self._tidy_up()
        sheet = self.canvas.sheet
        if self._wire is not None:
            if self._wire != self.moving:
                name = say("Reconnect") if self.moving else say("Connect")
                sheet.edit(name, graph=_in_place(sheet.graph, self._graph, self.moving, self._wire))
        elif self._end is None and not self.stage.card_at(self.at.x(), self.at.y()):
            if self.moving:
                sheet.edit(say("Disconnect"), graph=self._graph)
            else:
                self.canvas.open_search(self.at, self.anchor)

    def click(self) -> None:
        if self.moving:
            self.stage.select([], [self.moving])
        else:
            self.stage.select([self.anchor.id])

    def cancel(self) -> None:
        self._tidy_up()

    def paint(self, painter: QPainter) -> None:
        if not self.far:
            return
        here = QPointF(self.anchor.x, self.anchor.y)
        there = QPointF(self._end.x, self._end.y) if self._wire and self._end else self.at
        start, end = (here, there) if self.anchor.outgoing else (there, here)
        look = self.canvas.look
        colour = look.good if self._wire else look.bad if self.reason else look.accent
        painter.setPen(QPen(colour, 2.2, Qt.PenStyle.SolidLine if self._wire else Qt.PenStyle.DashLine))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(loose_path(start, end, self.stage.direction))

    def _tidy_up(self) -> None:
        for card in self.stage.cards.values():
            card.set_mark("")
        for callout in self.stage.callouts.values():
            callout.setOpacity(1.0)
        if self.moving and self.moving in self.stage.lines:
            self.stage.lines[self.moving].hide_for_now(False)
        self.canvas.explain(None, self.at)

    def _target(self) -> Spot | None:
        """Return the port that is meant: the nearest that fits, or the fitting one of the card under the pointer."""
        near = self._near()
        if near is not None:
            return near
        id = self.stage.card_at(self.at.x(), self.at.y())
        ends = self._ends(id) if id and id != self.anchor.id else []
        taken = {w.target_port for w in self._graph.incoming[id]} if ends else set()
        fitting = [s for s in ends if self._refusal(s) is None]
        return next((s for s in fitting if s.outgoing or s.port not in taken), (fitting or ends or [None])[0])

    def _near(self) -> Spot | None:
        """Return the nearest port within reach where a wire of this direction can end at all."""
        x, y, reach = self.at.x(), self.at.y(), max(PORT_REACH, 16 / self.canvas.zoom)
        ids = self.stage.cards_in((x - reach, y - reach, x + reach, y + reach))
        found = [(math.dist((s.x, s.y), (x, y)), s) for id in ids if id != self.anchor.id for s in self._ends(id)]
        away, spot = min(found, default=(math.inf, None))
        return spot if away <= reach else None

    def _ends(self, id: str) -> list[Spot]:
        return [spot for spot in self.stage.spots(id) if spot.outgoing != self.anchor.outgoing]

    def _wire_to(self, end: Spot) -> Wire:
        source, target = (self.anchor, end) if self.anchor.outgoing else (end, self.anchor)
        return Wire(source.id, target.id, source.port, target.port)

    def _refusal(self, end: Spot) -> Sentence | None:
        return shape_refusal(self.canvas.sheet, self._graph, self._wire_to(end))

    def _reachable(self) -> set[str]:
        """Return the nodes that a wire would close a circle with, found in one walk."""
        graph, seen, queue = self._graph, {self.anchor.id}, [self.anchor.id]
        for id in queue:  # grows while it is read
            up = self.anchor.outgoing
            for wire in graph.incoming[id] if up else graph.outgoing[id]:
                other = wire.source if up else wire.target
                if other not in seen:
                    seen.add(other)
                    queue.append(other)
        return seen

    def _nothing_to_end_at(self, id: str) -> Sentence | None:
        if id == self.anchor.id:
            return None
        if self.anchor.outgoing:
            return say("{node} has no input", node=id)
        return say("{node} has no output", node=id)

    def _light(self, spot: Spot | None) -> None:
        for card in self.stage.cards.values():
            if card.lit:
                card.set_mark(card.mark)
        if spot is not None:
            card = self.stage.cards[spot.id]
            card.set_mark(card.mark, f"{'out' if spot.outgoing else 'in'}:{spot.port}")


def taken_end(canvas: Canvas, at: QPointF, wire: Wire) -> DrawWire | None:
    """Take off the end of a wire that is pressed near it, either one; in its middle the wire itself is meant."""
    source = canvas.stage.spot(wire.source, wire.source_port, True)
    target = canvas.stage.spot(wire.target, wire.target_port, False)
    points = canvas.stage.lines[wire].points
    reach = min(max(END_GRAB, 20 / canvas.zoom), 0.4 * sum(math.dist(a, b) for a, b in pairwise(points)))
    from_source, from_target = (math.dist((end.x, end.y), (at.x(), at.y())) for end in (source, target))
    if min(from_source, from_target) > reach:
        return None
    return DrawWire(canvas, at, target if from_source < from_target else source, wire)


def _in_place(graph: Graph, without: Graph, moving: Wire | None, wire: Wire) -> Graph:
    """Connect; at the same node a moved wire keeps its place among the wires, which decides the order of a Concat."""
    made = without.connect(wire)
    if moving is None or moving.target != wire.target:
        return made
    rest = [w for w in made.wires if w != wire]
    at = graph.wires.index(moving)
    return replace(made, wires=(*rest[:at], wire, *rest[at:]))
