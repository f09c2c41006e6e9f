"""What adding and removing blocks does to a sheet, as values: where a new block goes and what it is joined to. No Qt.

A `Plan` says what dropping a block at a point would do; the same plan is shown while dragging and carried out on
the drop, so what is seen is what happens.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from playground.block import Block
from playground.graph import Graph, Wire, joined
from playground.ready_groups import fitted
from playground.sheet import Sheet
from playground.suggest import End, Opening, misplaced, objection
from playground.text import Sentence, say
from widgets.canvas.geometry import DOWN, HEIGHT, WIDTH, Point, box, input_spots, output_spots, overlap, snapped
from widgets.canvas.layout import covers, free_place, make_room, next_to, same_picture, shifted
from widgets.canvas.placing import arrange_all, make_way

NEAR = 60.0
"""How close two ports must come to be joined by a drop."""
ON_PORT = 16.0
"""This close to a port the drop means the port."""

Places = Mapping[str, Point]


@dataclass(frozen=True)
class Plan:
    """Where a new block goes: its place, the wire it is put into, or the ports it is joined to."""

    block: Block
    place: Point
    wire: Wire | None = None
    source: End | None = None
    """The node and output port that will feed it."""
    target: End | None = None
    """The node and input port that it will feed."""
    inside: str = ""
    """The group, open in place, in which it lies; what it is joined to decides that, if anything."""
    reason: Sentence | None = None
    """Why it is not joined to what it lies beside, or will not work in the wire that it is put into."""
    refused: bool = False
    """Whether it cannot be added there at all; `reason` says why."""

    @property
    def name(self) -> Sentence:
        """What the step is called."""
        if self.wire is not None:
            return say("Insert {block}", block=self.block.key)
        return say("Add {block}", block=self.block.key)


def allowed(sheet: Sheet, plan: Plan) -> Plan:
    """Return a plan, refused where the block has no place: in a group, or outside of all."""
    level = level_of(sheet.graph, plan.source, plan.target, plan.wire) or (plan.inside if _is_loose(plan) else "")
    reason = misplaced(plan.block, joined(sheet.level, level))
    return plan if reason is None else Plan(plan.block, plan.place, reason=reason, refused=True)


def plan_drop(
    sheet: Sheet,
    places: Places,
    block: Block,
    at: Point,
    wire: Wire | None,
    selected: tuple[str, ...] = (),
    inside: str = "",
) -> Plan:
    """Say what dropping a block with its middle at a point would do; `wire` is the wire under that point.

    A free port under the point comes before the wire, and the wire before ports that are only near.
    """
    return allowed(sheet, _dropped(sheet, places, block, at, wire, selected, inside))


def _dropped(
    sheet: Sheet,
    places: Places,
    block: Block,
    at: Point,
    wire: Wire | None,
    selected: tuple[str, ...],
    inside: str,
) -> Plan:
    place = centred(at)
    near = _Near(sheet, places, Plan(block, place), at, selected)
    if wire is not None and block.ports() and block.outputs and not near.pointed():
        return Plan(block, place, wire=wire, reason=objection(sheet, Opening(wire=wire), block))
    source, refused = near.joined(near.outputs(), lambda end: Opening(source=end))
    target, refused_after = near.joined(near.inputs(source), lambda end: Opening(source=source, target=end))
    reason = (refused or refused_after) if not source and not target else None
    plan = Plan(block, place, source=source, target=target, inside=inside, reason=reason)
    card, direction = box(place), sheet.direction
    touched = [id for id in places if overlap(card, box(places[id]))]
    if source and source[0] in touched:
        plan = replace(plan, place=next_to(places[source[0]], direction))
    elif target and target[0] in touched:
        plan = replace(plan, place=_before(places[target[0]], direction))
    return plan


def plan_after(sheet: Sheet, places: Places, block: Block, anchor: str, *, insert: bool) -> Plan:
    """Say where a block goes that is added after a node: beyond it, joined to it where that fits.

    With `insert`, a node that already feeds exactly one other has the block put between the two.
    """
    return allowed(sheet, _after(sheet, places, block, anchor, insert=insert))


def _after(sheet: Sheet, places: Places, block: Block, anchor: str, *, insert: bool) -> Plan:
    graph, direction = sheet.graph, sheet.direction
    out = graph.outgoing[anchor]
    place = next_to(places[anchor], direction)
    if insert and len(out) == 1 and block.ports() and block.outputs:
        return Plan(block, place, wire=out[0], reason=objection(sheet, Opening(wire=out[0]), block))
    inside = level_of(graph, source=(anchor, ""))
    plan = Plan(block, place if not covers(places, place) else free_place(places, place, direction), inside=inside)
    source = free_output(graph, anchor)
    if source is None or not block.ports() or out:
        return plan
    reason = objection(sheet, Opening(source=source), block)
    return replace(plan, source=source) if reason is None else replace(plan, reason=reason)


def plan_at(sheet: Sheet, block: Block, at: Point, opening: Opening, *, wire_end: bool = False) -> Plan:
    """Say what choosing a block for a place does: its middle comes to the point, or the port at a wire's loose end."""
    return allowed(sheet, _at(sheet, block, at, opening, wire_end=wire_end))


def _at(sheet: Sheet, block: Block, at: Point, opening: Opening, *, wire_end: bool) -> Plan:
    reason = objection(sheet, opening, block)
    if opening.wire is not None:
        return Plan(block, centred(at), wire=opening.wire, reason=reason)
    place, direction, spot = centred(at), sheet.direction, None
    if wire_end and opening.source and block.ports():
        spot = input_spots(block, direction)[block.ports()[0].name]
    elif wire_end and opening.target and block.outputs:
        spot = output_spots(block, direction)[block.outputs[0]]
    if spot:
        place = snapped(at[0] - spot[0]), snapped(at[1] - spot[1])
    if reason is not None:
        return Plan(block, place, reason=reason)
    return Plan(block, place, source=opening.source, target=opening.target)


def carry_out(sheet: Sheet, places: Places, plan: Plan) -> tuple[Graph, dict[str, Point], str]:
    """Return the graph and the places with the planned block in them, and the id it got."""
    graph, direction = sheet.graph, sheet.direction
    plan = _fitted(sheet, plan)
    tidy = bool(places) and same_picture(places, arrange_all(sheet))
    if plan.wire is not None:
        new = graph.insert(plan.block, plan.wire)
        id = next(reversed(new.nodes))
    else:
        id = graph.fresh_id(plan.block, plan.inside if _is_loose(plan) else level_of(graph, plan.source, plan.target))
        new = graph.add(plan.block, id)
        if plan.source:
            new = new.connect(Wire(plan.source[0], id, plan.source[1], plan.block.ports()[0].name))
        if plan.target:
            new = new.connect(Wire(id, plan.target[0], plan.block.outputs[0], plan.target[1]))
    moved = {**places, id: plan.place}
    if covers(places, plan.place):
        if tidy and new.wires != graph.wires:
            return new, shifted(arrange_all(sheet, graph=new), places), id
        make_room(moved, id, direction)
    return new, make_way(sheet.opened, places, moved) if sheet.opened else moved, id


def _fitted(sheet: Sheet, plan: Plan) -> Plan:
    """Make a group from the palette as wide as what will come in."""
    source = (plan.wire.source, plan.wire.source_port) if plan.wire else plan.source
    known = sheet.known(source[0]) if source else None
    return replace(plan, block=fitted(plan.block, known.leaving(source[1]))) if known and source else plan


def free_output(graph: Graph, id: str) -> End | None:
    """Return the first output port of a node from which no wire leads."""
    taken = {wire.source_port for wire in graph.outgoing[id]}
    return next(((id, port) for port in graph.nodes[id].block.outputs if port not in taken), None)


def centred(at: Point) -> Point:
    """Return the place of a card whose middle is at a point."""
    return snapped(at[0] - WIDTH / 2), snapped(at[1] - HEIGHT / 2)


def rejoined(graph: Graph, ids: tuple[str, ...]) -> Graph:
    """Take nodes away one by one, joining the chain again each time."""
    for id in ids:
        graph = graph.remove_joining(id)
    return graph


def remove_name(ids: tuple[str, ...], wires: int, *, rejoin: bool = False) -> Sentence:
    """Name the step that takes things away."""
    if len(ids) == 1:
        return say("Delete {node} and rejoin", node=ids[0]) if rejoin else say("Delete {node}", node=ids[0])
    if not ids and wires == 1:
        return say("Disconnect")
    return say("Delete and rejoin") if rejoin else say("Delete")


class _Near:
    """The ports near a card that is about to be dropped."""

    def __init__(self, sheet: Sheet, places: Places, plan: Plan, at: Point, selected: tuple[str, ...]) -> None:
        self.sheet, self.graph, self.places = sheet, sheet.graph, places
        self.plan, self.at, self.selected = plan, at, selected
        self.direction = sheet.direction

    def pointed(self) -> bool:
        """Whether the pointer is on a port that is free."""
        free = [away for away, end in self.outputs() if away <= ON_PORT and self._free(end)]
        return bool(free) or any(away <= ON_PORT for away, _ in self.inputs(None))

    def outputs(self) -> list[tuple[float, End]]:
        """Return the output ports that could feed the card: free and near, or the one the pointer is on."""
        block, found = self.plan.block, []
        if not block.ports():
            return []
        mine = _spot(self.plan.place, input_spots(block, self.direction)[block.ports()[0].name])
        for id, place in self.places.items():
            reach = NEAR * (1.5 if self.selected == (id,) else 1.0)
            for port, local in output_spots(self.graph.nodes[id].block, self.direction).items():
                there = _spot(place, local)
                on, away = _apart(there, self.at), _apart(there, mine)
                if on <= ON_PORT or (min(on, away) <= reach and self._free((id, port))):
                    found.append((min(on, away), (id, port)))
        return found

    def inputs(self, source: End | None) -> list[tuple[float, End]]:
        """Return the free input ports that the card could feed, none that already leads to what feeds it."""
        block, found = self.plan.block, []
        if not block.outputs:
            return []
        mine = _spot(self.plan.place, output_spots(block, self.direction)[block.outputs[0]])
        level = level_of(self.graph, source) if source else None
        for id, place in self.places.items():
            port = self.graph.free_port(id)
            if port is None or (source and self.graph.feeds(id, source[0])):
                continue
            if level not in (None, level_of(self.graph, target=(id, port.name))):
                continue  # a wire does not cross the edge of a group
            there = _spot(place, input_spots(self.graph.nodes[id].block, self.direction)[port.name])
            away = min(_apart(there, mine), _apart(there, self.at))
            if away <= NEAR:
                found.append((away, (id, port.name)))
        return found

    def joined(
        self, found: Iterable[tuple[float, End]], opening: Callable[[End], Opening]
    ) -> tuple[End | None, Sentence | None]:
        """Return the nearest port that goes with the block; without one, what the nearest has against it."""
        reason = None
        for _, end in sorted(found):
            refusal = objection(self.sheet, opening(end), self.plan.block)
            if refusal is None:
                return end, None
            reason = reason or refusal
        return None, reason

    def _free(self, end: End) -> bool:
        return not any(w.source_port == end[1] for w in self.graph.outgoing[end[0]])


def level_of(graph: Graph, source: End | None = None, target: End | None = None, wire: Wire | None = None) -> str:
    """Return the group, open in place, in which lies what is joined to these: its wires do not cross the edge."""
    if wire is not None:
        return graph.level(wire)
    for end, edge in ((source, "out"), (target, "in")):
        if end is not None:
            home = end[0].rpartition(".")[0]
            return home.rpartition(".")[0] if graph.nodes[end[0]].block.edge == edge else home
    return ""


def _is_loose(plan: Plan) -> bool:
    return plan.source is None and plan.target is None and plan.wire is None


def _before(place: Point, direction: str) -> Point:
    """Return the place of the card that comes before the one that stands here."""
    x, y = next_to(place, direction)
    return (place[0], 2 * place[1] - y) if direction == DOWN else (2 * place[0] - x, place[1])


def _spot(place: Point, local: Point) -> Point:
    return place[0] + local[0], place[1] + local[1]


def _apart(a: Point, b: Point) -> float:
    return float(((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2) ** 0.5)
