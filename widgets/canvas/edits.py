"""What gestures do to a sheet, as values: which wires are allowed, and where a new block goes. No Qt.

A `Plan` says what dropping a block at a point would do; the same plan is shown while dragging and carried out on
the drop, so what is seen is what happens.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from playground.block import Block
from playground.blocks.data import Input, Output
from playground.facts import DataFacts
from playground.graph import Graph, Wire
from playground.shape import Shape
from playground.sheet import Sheet
from playground.text import Refusal, Sentence, say
from widgets.canvas.geometry import HEIGHT, WIDTH, Point, box, input_spots, output_spots, overlap, snapped
from widgets.canvas.layout import arrange, covers, free_place, make_room, right_of, same_picture, shifted

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
    source: tuple[str, str] | None = None
    """The node and output port that will feed it."""
    target: tuple[str, str] | None = None
    """The node and input port that it will feed."""


def fresh_block(key: str, facts: DataFacts) -> Block:
    """Make a block with its defaults; Inputs and Outputs look at the data for what is there."""
    block: Block = Block.members[key]()
    if isinstance(block, Input) and facts.inputs and block.field not in facts.inputs:
        return block.replace(field=next(iter(facts.inputs)))
    if isinstance(block, Output) and facts.targets:
        name = block.target if block.target in facts.targets else next(iter(facts.targets))
        if facts.targets[name].is_class:
            return block.replace(target=name)
        return block.replace(target=name, task="regression", loss="mse")
    return block


# -- wires -----------------------------------------------------------------------------------------------------


def why_not(sheet: Sheet, graph: Graph, wire: Wire) -> Sentence | None:
    """Say why a wire cannot be drawn into this graph (usually the document's), or None where it can."""
    if refusal := graph.why_not(wire):
        return refusal.sentence
    return shape_refusal(sheet, graph, wire)


def shape_refusal(sheet: Sheet, graph: Graph, wire: Wire) -> Sentence | None:
    """Ask only the shape rule of the target; what is not known yet is not refused."""
    known = sheet.known(wire.source)
    return None if known is None else refused(sheet, graph, wire, known.shape)


def refused(sheet: Sheet, graph: Graph, wire: Wire, shape: Shape) -> Sentence | None:
    """Say what the target's rule has against `shape` coming in by this wire."""
    block = graph.nodes[wire.target].block
    shapes: list[Shape] = []
    for port in block.ports():
        ends = [w for w in graph.incoming[wire.target] if w.target_port == port.name and w != wire]
        if port.name == wire.target_port and not port.variadic:
            shapes.append(shape)
            continue
        here = [getattr(sheet.known(w.source), "shape", None) for w in ends]
        here += [shape] if port.name == wire.target_port else []
        if None in here or (not here and not port.optional):
            return None  # more has to be known before the rule can be asked
        shapes += [s for s in here if s is not None]
    try:
        block.resolve(sheet.document.now.facts).output(*shapes)
    except Refusal as refusal:
        return refusal.sentence
    except Exception:  # a rule that breaks is reported by analysis, it does not stop the hand
        return None
    return None


# -- new blocks ------------------------------------------------------------------------------------------------


def plan_drop(
    sheet: Sheet, places: Places, block: Block, at: Point, wire: Wire | None, selected: tuple[str, ...] = ()
) -> Plan:
    """Say what dropping a block with its middle at a point would do; `wire` is the wire under that point."""
    place = (snapped(at[0] - WIDTH / 2), snapped(at[1] - HEIGHT / 2))
    if wire is not None and block.ports() and block.outputs:
        return Plan(block, place, wire=wire)
    plan = Plan(block, place)
    graph = sheet.graph
    source = _nearest_output(sheet, graph, places, plan, at, selected)
    target = _nearest_input(sheet, graph, places, plan, at, source)
    plan = replace(plan, source=source, target=target)
    card = box(place)
    touched = [id for id in places if overlap(card, box(places[id]))]
    if source and source[0] in touched:
        plan = replace(plan, place=right_of(places[source[0]]))
    elif target and target[0] in touched:
        x, y = places[target[0]]
        plan = replace(plan, place=(2 * x - right_of((x, y))[0], y))
    return plan


def plan_after(sheet: Sheet, places: Places, block: Block, anchor: str, *, insert: bool) -> Plan:
    """Say where a block goes that is added after a node: right of it, joined to it where that fits.

    With `insert`, a node that already feeds exactly one other has the block put between the two.
    """
    graph = sheet.graph
    out = graph.outgoing[anchor]
    if insert and len(out) == 1 and block.ports() and block.outputs:
        return Plan(block, right_of(places[anchor]), wire=out[0])
    outputs = graph.nodes[anchor].block.outputs
    place = right_of(places[anchor])
    plan = Plan(block, place if not covers(places, place) else free_place(places, place))
    if outputs and not out and _takes(sheet, graph, plan, anchor, outputs[0]):
        return replace(plan, source=(anchor, outputs[0]))
    return plan


def carry_out(sheet: Sheet, places: Places, plan: Plan) -> tuple[Graph, dict[str, Point], str]:
    """Return the graph and the places with the planned block in them, and the id it got."""
    graph = sheet.graph
    tidy = bool(places) and same_picture(places, arrange(graph))
    if plan.wire is not None:
        new = graph.insert(plan.block, plan.wire)
        id = next(reversed(new.nodes))
    else:
        new = graph.add(plan.block)
        id = next(reversed(new.nodes))
        if plan.source:
            new = new.connect(Wire(plan.source[0], id, plan.source[1], plan.block.ports()[0].name))
        if plan.target:
            new = new.connect(Wire(id, plan.target[0], plan.block.outputs[0], plan.target[1]))
    moved = {**places, id: plan.place}
    if covers(places, plan.place):
        if tidy and new.wires != graph.wires:
            moved = shifted(arrange(new), places)
        else:
            make_room(moved, id)
    return new, moved, id


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


def _nearest_output(
    sheet: Sheet, graph: Graph, places: Places, plan: Plan, at: Point, selected: tuple[str, ...]
) -> tuple[str, str] | None:
    """Find the output port that should feed the new card: free and near, or the one the pointer is on."""
    if not plan.block.ports():
        return None
    mine = _spot(plan.place, input_spots(plan.block)[plan.block.ports()[0].name])
    best: tuple[float, tuple[str, str]] | None = None
    for id, place in places.items():
        for port, local in output_spots(graph.nodes[id].block).items():
            there = _spot(place, local)
            pointed = _apart(there, at) <= ON_PORT
            free = not any(w.source_port == port for w in graph.outgoing[id])
            away = min(_apart(there, mine), _apart(there, at))
            if not pointed and (away > NEAR * (1.5 if selected == (id,) else 1.0) or not free):
                continue
            if (best is None or away < best[0]) and _takes(sheet, graph, plan, id, port):
                best = (away, (id, port))
    return best[1] if best else None


def _nearest_input(
    sheet: Sheet, graph: Graph, places: Places, plan: Plan, at: Point, source: tuple[str, str] | None
) -> tuple[str, str] | None:
    """Find the free input port that the new card should feed."""
    if not plan.block.outputs:
        return None
    mine = _spot(plan.place, output_spots(plan.block)[plan.block.outputs[0]])
    best: tuple[float, tuple[str, str]] | None = None
    for id, place in places.items():
        port = graph.free_port(id)
        if port is None or (source and graph.feeds(id, source[0])):
            continue
        there = _spot(place, input_spots(graph.nodes[id].block)[port.name])
        away = min(_apart(there, mine), _apart(there, at))
        if away <= NEAR and (best is None or away < best[0]):
            best = (away, (id, port.name))
    return best[1] if best else None


def _takes(sheet: Sheet, graph: Graph, plan: Plan, source: str, port: str) -> bool:
    """Whether the new block's shape rule accepts what leaves this port."""
    known = sheet.known(source)
    if not plan.block.ports():
        return False
    if known is None:
        return True
    trial = graph.add(plan.block)
    id = next(reversed(trial.nodes))
    wire = Wire(source, id, port, plan.block.ports()[0].name)
    return refused(sheet, trial, wire, known.shape) is None


def _spot(place: Point, local: Point) -> Point:
    return place[0] + local[0], place[1] + local[1]


def _apart(a: Point, b: Point) -> float:
    return float(((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2) ** 0.5)
