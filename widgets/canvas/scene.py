"""The drawing of a sheet: cards and lines kept in step with its graph, and what lies under the pointer.

`sync` is the only way anything changes here: opening, undo, typing and gestures all end in it. It compares by
identity and touches only what is different.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from PySide6.QtCore import QRectF, Signal
from PySide6.QtWidgets import QGraphicsScene

from playground.graph import Graph, Wire
from playground.report import Problem
from playground.sheet import Sheet
from playground.text import Sentence
from widgets.canvas.callout import Callout
from widgets.canvas.card import Card
from widgets.canvas.faces import face
from widgets.canvas.geometry import Buckets, Point, Rect, input_spots, output_spots, overlap
from widgets.canvas.lanes import Lanes
from widgets.canvas.line import Chips, Line
from widgets.canvas.look import Look
from widgets.canvas.open_groups import OpenGroups
from widgets.canvas.overview import Overview
from widgets.canvas.placing import places_of
from widgets.canvas.remarks import Remarks
from widgets.canvas.routing import occupied, route
from widgets.canvas.sizes import TALL, units_drawn


class Spot(NamedTuple):
    """A port of a node, and where it is in the scene."""

    id: str
    port: str
    outgoing: bool
    x: float
    y: float


class Scene(QGraphicsScene):
    """Cards, lines and callouts of one sheet.

    Attributes:
        graph: the graph that is shown.
        cards, lines: the items by node id and by wire.
        selected: ids of the selected nodes, in the order in which they were selected.
        selected_wires, selected_remarks: the selected wires, and the ids of the selected notes and frames.
        remarks: the notes and frames.
        opened: the frames of the groups that are open in place.

    Signals:
        selectionIdsChanged(object): other nodes or remarks are selected; a tuple of the ids of the nodes.
        rearranged(): something came, went, or stands elsewhere.
    """

    selectionIdsChanged = Signal(object)
    rearranged = Signal()

    def __init__(self, sheet: Sheet, look: Look) -> None:
        super().__init__()
        self.sheet, self.look = sheet, look
        self.graph = Graph()
        self.cards: dict[str, Card] = {}
        self.lines: dict[Wire, Line] = {}
        self.callouts: dict[str, Callout] = {}
        self.selected: tuple[str, ...] = ()
        self.selected_wires: tuple[Wire, ...] = ()
        self.selected_remarks: tuple[str, ...] = ()
        self.remarks = Remarks(self)
        self.opened = OpenGroups(self)
        self.failures: dict[str, Sentence] = {}
        self._buckets = Buckets()
        self._chips = Chips(self._buckets)
        self._lanes = Lanes()
        self._overview: Overview | None = None

    @property
    def direction(self) -> str:
        """Which way the network is drawn: ``"right"`` or ``"down"``."""
        return self.sheet.direction

    # -- following the sheet -----------------------------------------------------------------------------------

    def sync(self) -> dict[str, Point]:
        """Show the sheet as it is now; return where moved cards stood before."""
        before, self.graph = self.graph, self.sheet.graph
        stood = self.places()
        places = places_of(self.sheet)
        dirty = self._sync_cards(before, places)
        moved = {id: place for id, place in stood.items() if id in self.cards and place != places[id]}
        dirty += self._put(places)
        dirty += self.opened.sync()
        self._sync_lines(before, dirty)
        self.refresh()
        self.remarks.sync(self.sheet.remarks)
        self._prune_selection()
        self.rearranged.emit()
        return moved

    def recolour(self) -> None:
        """Take the colours of the present theme."""
        self.look.load()
        for line in self.lines.values():
            line.recolour()
        for card in self.cards.values():
            if card.units is not None:
                card.units.recolour()
        self.update()

    def refresh(self) -> None:
        """Say everything again: faces, problems, failures."""
        problems: dict[str, list[Problem]] = {}
        for problem in self.sheet.problems:
            if problem.node:
                problems.setdefault(problem.node, []).append(problem)
        for id, node in self.graph.nodes.items():
            bad = id in problems or id in self.failures
            self.cards[id].set_face(face(node, self.sheet.known(id), bad, self.sheet.document.now))
        self._sync_callouts(problems)
        self._overview = None

    def _sync_cards(self, before: Graph, places: dict[str, Point]) -> list[Rect]:
        dirty, units = [], units_drawn(self.sheet)
        for id in [id for id, card in self.cards.items() if self._outdated(id, card)]:
            card = self.cards.pop(id)
            dirty.append(card.box())
            self._buckets.drop(id)
            self.removeItem(card)
        for id, node in self.graph.nodes.items():
            if (known := self.cards.get(id)) is not None:
                if known.block is not node.block:
                    known.block = node.block
                    self.failures.pop(id, None)  # it was edited: what it failed of is no longer there
                if known.set_units(units.get(id, 0)):
                    self._buckets.put(id, known.box())
                    dirty.append((*known.place, known.rect.right(), known.place[1] + TALL[1]))
                continue
            card = self.cards[id] = Card(self.look, id, node.block, self.direction)
            card.place = places[id]
            card.setPos(*places[id])
            card.set_units(units.get(id, 0))
            self._buckets.put(id, card.box())
            dirty.append(card.box())
            if id in self.selected:
                card.set_chosen(True)
            self.addItem(card)
        self.failures = {id: failure for id, failure in self.failures.items() if id in self.cards}
        return dirty

    def _outdated(self, id: str, card: Card) -> bool:
        node = self.graph.nodes.get(id)
        if node is None or type(node.block) is not type(card.block):
            return True
        spots = input_spots(node.block, self.direction), output_spots(node.block, self.direction)
        return spots[0] is not card.inputs or spots[1] is not card.outputs

    def _put(self, places: dict[str, Point]) -> list[Rect]:
        """Move cards to where they belong; return the rectangles they left and took."""
        dirty = []
        for id, card in self.cards.items():
            place = places.get(id, card.place)
            if place != card.place or (card.x(), card.y()) != place:
                dirty += [card.box(), card.box((card.x(), card.y())), card.box(place)]
                card.place = place
                card.setPos(*place)
                self._buckets.put(id, card.box())
        for id in self.callouts.keys() & self.cards.keys():
            self._stand_by(id)
        return dirty

    def _stand_by(self, id: str) -> None:
        """Put the callout of a card to where it covers no other."""
        self.callouts[id].stand_by(self.cards[id], self._buckets.is_free)

    def _sync_lines(self, before: Graph, dirty: list[Rect]) -> None:
        if before.wires is not self.graph.wires:
            wanted = set(self.graph.wires)
            for wire in [wire for wire in self.lines if wire not in wanted]:
                line = self.lines.pop(wire)
                self.removeItem(line)
                self.removeItem(line.chip)
                self._chips.drop(line)
                self._lanes.drop(wire)
        fresh = []
        for wire in self.graph.wires:
            if wire not in self.lines:
                line = self.lines[wire] = Line(self.look, wire, self._chips)
                line.set_state(chosen=wire in self.selected_wires)
                fresh.append(wire)
            self.lines[wire].set_data(self.sheet.shape(wire))
        self._reroute(fresh, dirty)
        for wire in fresh:
            self.addItem(self.lines[wire])
            self.addItem(self.lines[wire].chip)
        bad = self._blamed()
        for wire, line in self.lines.items():
            line.set_state(bad=wire.target in bad)

    def _blamed(self) -> set[str]:
        """Return the nodes whose problem comes in by wire: every port is taken and yet it does not fit."""
        found = {problem.node for problem in self.sheet.problems if problem.node}
        return {id for id in found if id in self.graph.nodes and self.graph.incoming[id] and self._complete(id)}

    def _complete(self, id: str) -> bool:
        taken = {wire.target_port for wire in self.graph.incoming[id]}
        return all(p.optional or p.name in taken for p in self.graph.nodes[id].block.ports())

    def _sync_callouts(self, problems: dict[str, list[Problem]]) -> None:
        for id in [id for id in self.callouts if id not in problems and id not in self.failures]:
            self.removeItem(self.callouts.pop(id))
        for id in (*problems, *(id for id in self.failures if id not in problems)):
            if id not in self.cards:
                continue
            wrong = problems.get(id, [])
            message = wrong[0].message if wrong else self.failures[id]
            links = [str(fix.label) for fix in wrong[0].fixes] if wrong else []
            more = max(0, len(wrong) - 1)
            old, new = self.callouts.get(id), Callout(self.look, message, links, more)
            if old is None or (old.words, old.more) != (new.words, new.more):
                if old is not None:
                    self.removeItem(old)
                self.callouts[id] = new
                self.addItem(new)
            self._stand_by(id)

    def clean(self) -> None:
        """Show nothing of what is wrong, until the next `refresh`: for pictures of the network alone."""
        for card in self.cards.values():
            card.set_face(replace(card.face, bad=False))
        for line in self.lines.values():
            line.set_state(bad=False)
        for id in tuple(self.callouts):
            self.removeItem(self.callouts.pop(id))

    # -- moving without editing (gestures, easing) ---------------------------------------------------------------

    def places(self) -> dict[str, Point]:
        """Return where every node belongs."""
        return {id: card.place for id, card in self.cards.items()}

    def show_at(self, places: dict[str, Point]) -> None:
        """Draw cards elsewhere for the moment; the document knows nothing of it."""
        for id, place in places.items():
            self.cards[id].setPos(*place)
            self._buckets.put(id, self.cards[id].box(place))
        for id in self.callouts.keys() & places.keys():
            self._stand_by(id)
        self.opened.follow()
        wires = dict.fromkeys(w for id in places for w in (*self.graph.incoming[id], *self.graph.outgoing[id]))
        self._reroute(wires, [])
        if self._overview is not None:
            self._overview.move((self.cards[id] for id in places), (self.lines[wire] for wire in wires))
        self.rearranged.emit()

    def settle(self) -> None:
        """Draw every card where it belongs again."""
        dirty = self._put({})
        self._reroute([], dirty + self.opened.follow())
        self.remarks.settle()
        self._overview = None
        self.rearranged.emit()

    def _reroute(self, wires: Iterable[Wire], dirty: list[Rect]) -> None:
        todo = dict.fromkeys(wire for wire in wires if wire in self.lines)
        if len(dirty) > 60:
            todo.update(dict.fromkeys(self.lines))
        elif dirty:
            for wire, line in self.lines.items():
                r = line.boundingRect()
                around = (r.left(), r.top(), r.right(), r.bottom())  # without its chip: that is never in the way
                if any(overlap(around, rect, 4) for rect in dirty):
                    todo[wire] = None
        for wire in todo:
            self._lanes.drop(wire)
            self._chips.drop(self.lines[wire])  # where it stood is in nobody's way
        for wire in sorted(todo, key=self._span):  # the shorter is nearer to the cards
            way = route(
                self.spot(wire.source, wire.source_port, True)[3:],
                self.spot(wire.target, wire.target_port, False)[3:],
                self._in_the_way,
                self._lanes,
                ends := ((wire.source, wire.source_port), (wire.target, wire.target_port)),
                self.direction,
            )
            self._lanes.put(wire, occupied(way), ends)
            self.lines[wire].set_route(way)

    def _in_the_way(self, rect: Rect) -> list[Rect]:
        """Return what a wire keeps clear of: cards, and the titles of open groups."""
        return [*self._buckets.near(rect).values(), *self.opened.titles(rect)]

    def _span(self, wire: Wire) -> float:
        source, target = self.cards[wire.source], self.cards[wire.target]
        return abs(source.x() - target.x()) + abs(source.y() - target.y())

    # -- what lies where -----------------------------------------------------------------------------------------

    def spot(self, id: str, port: str, outgoing: bool) -> Spot:
        """Return where a port is now."""
        card = self.cards[id]
        x, y = (card.outputs if outgoing else card.inputs)[port]
        return Spot(id, port, outgoing, card.x() + x, card.y() + y)

    def spots(self, id: str) -> list[Spot]:
        """Return all ports of a node."""
        card = self.cards[id]
        inputs = [self.spot(id, port, False) for port in card.inputs]
        return inputs + [self.spot(id, port, True) for port in card.outputs]

    def port_at(self, x: float, y: float, radius: float) -> Spot | None:
        """Return the nearest port within the radius."""
        near = self._buckets.near((x - radius, y - radius, x + radius, y + radius))
        found = [(abs(s.x - x) ** 2 + abs(s.y - y) ** 2, s) for id in near for s in self.spots(id)]
        best = min(found, key=lambda pair: pair[0], default=None)
        return best[1] if best and best[0] <= radius * radius else None

    def card_at(self, x: float, y: float) -> str:
        """Return the topmost node at a point, or nothing."""
        near = self._buckets.near((x, y, x + 0.01, y + 0.01))
        return max(near, key=lambda id: (self.cards[id].zValue(), id), default="")

    def unit_at(self, x: float, y: float) -> tuple[str, int]:
        """Return the node and the number of the unit whose picture lies at a point, or no node."""
        id = self.card_at(x, y)
        unit = self.cards[id].unit_at(x, y) if id else -1
        return (id, unit) if unit >= 0 else ("", -1)

    def cards_in(self, rect: Rect) -> list[str]:
        """Return the nodes that touch a rectangle, in the order of the graph."""
        near = self._buckets.near(rect)
        return [id for id in self.graph.nodes if id in near]

    def wire_at(self, x: float, y: float, radius: float) -> Wire | None:
        """Return the wire nearest to a point within the radius."""
        best, found = radius, None
        for wire, line in self.lines.items():
            r = line.boundingRect()
            if r.left() - radius <= x <= r.right() + radius and r.top() - radius <= y <= r.bottom() + radius:
                away = line.away(x, y)
                if away <= best:
                    best, found = away, wire
        return found

    def link_at(self, x: float, y: float) -> tuple[str, int] | None:
        """Return the remedy under a point: its node and its number."""
        for id, callout in self.callouts.items():
            if (number := callout.link_at(x, y)) >= 0:
                return id, number
        return None

    def bounds(self) -> QRectF:
        """Return the rectangle around all cards, callouts and remarks included."""
        total = self.remarks.bounds().united(self.opened.bounds())
        for card in self.cards.values():
            total = total.united(QRectF(card.x(), card.y(), *card.size))
        for callout in self.callouts.values():
            total = total.united(callout.sceneBoundingRect())
        for line in self.lines.values():
            if not line.route.direct:
                total = total.united(line.boundingRect())
        return total

    def overview(self) -> Overview:
        """Return everything as plain rectangles and lines."""
        if self._overview is None:
            self._overview = Overview(self.cards, self.lines)
        return self._overview

    # -- selection -----------------------------------------------------------------------------------------------

    @property
    def selection(self) -> tuple[tuple[str, ...], tuple[Wire, ...], tuple[str, ...]]:
        """All that is selected: what `select` takes."""
        return self.selected, self.selected_wires, self.selected_remarks

    def carried(self) -> tuple[list[str], list[str]]:
        """Return the nodes and remarks that move when what is selected moves: frames take along what they hold."""
        ids, remarks = self.remarks.held(self.selected_remarks)
        return list(dict.fromkeys((*self.selected, *ids))), list(dict.fromkeys((*self.selected_remarks, *remarks)))

    def select(self, ids: Iterable[str] = (), wires: Iterable[Wire] = (), remarks: Iterable[str] = ()) -> None:
        """Select exactly these nodes, wires and remarks."""
        ids = tuple(dict.fromkeys(id for id in ids if id in self.cards))
        wires = tuple(dict.fromkeys(wire for wire in wires if wire in self.lines))
        remarks = tuple(dict.fromkeys(id for id in remarks if id in self.remarks.items))
        changed = (ids, remarks) != (self.selected, self.selected_remarks)
        for id in {*self.selected, *ids}:
            if id in self.cards:
                self.cards[id].set_chosen(id in ids)
        for wire in {*self.selected_wires, *wires}:
            if wire in self.lines:
                self.lines[wire].set_state(chosen=wire in wires)
        for id in {*self.selected_remarks, *remarks}:
            if id in self.remarks.items:
                self.remarks.items[id].set_chosen(id in remarks)
        self.selected, self.selected_wires, self.selected_remarks = ids, wires, remarks
        if changed:
            self.selectionIdsChanged.emit(ids)

    def _prune_selection(self) -> None:
        ids = tuple(id for id in self.selected if id in self.cards)
        wires = tuple(wire for wire in self.selected_wires if wire in self.lines)
        remarks = tuple(id for id in self.selected_remarks if id in self.remarks.items)
        if (ids, wires, remarks) != self.selection:
            self.select(ids, wires, remarks)
