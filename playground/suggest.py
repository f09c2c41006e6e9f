"""What fits where on a sheet: which wires may be drawn, and which blocks belong at a place, the likeliest first.

Nothing here knows any block: whether one fits is asked of the shape rules themselves, what typically follows what
stands in `FOLLOWERS` beside the families, and what this network does again and again is seen in its graph.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from playground.analysis import analyse
from playground.block import CATALOGUE, FAMILIES, FOLLOWERS, Block
from playground.blocks.data import Input, Output
from playground.blocks.group import Group
from playground.facts import DataFacts
from playground.frames import shapes_leaving
from playground.graph import Graph, Wire, joined
from playground.nesting import crossing, lies_in, local
from playground.output_checks import output_problems
from playground.own_blocks import PREFIX, own_block, own_blocks
from playground.ready_groups import READY, fitted
from playground.report import NodeReport
from playground.shape import Shape
from playground.sheet import Sheet
from playground.text import Refusal, Sentence, say

End = tuple[str, str]
"""A node and one of its ports."""

NEW = "_"
"""Stands for the new node while it is tried out; no id looks like it."""

UNUSUAL = 9
"""Where in the list of what follows a block everything stands that is not named in it."""

SAMPLES = (
    Shape(features=16),
    Shape(channels=16, height=64, width=64),
    Shape(time=32, features=16),
    Shape(time=32),
    Shape(heads=4, time=32, features=16),
)
"""One shape of every kind: what a block makes of them tells whether it could ever feed another."""


# -- wires -----------------------------------------------------------------------------------------------------


def why_not(sheet: Sheet, graph: Graph, wire: Wire) -> Sentence | None:
    """Say why a wire cannot be drawn into this graph (usually the sheet's), or None where it can."""
    if refusal := graph.why_not(wire):
        return refusal.sentence
    return shape_refusal(sheet, graph, wire)


def shape_refusal(sheet: Sheet, graph: Graph, wire: Wire) -> Sentence | None:
    """Say why a wire cannot be drawn, not asking for cycles; what is not known yet is not refused."""
    if local(graph, wire) is None:
        return crossing(wire)
    shape = _leaving(sheet, wire)
    if shape is None:
        return None
    return ruled_out(sheet, graph, wire, shape) or _judged(sheet, graph, wire, shape, mended=False)


def doubt(sheet: Sheet, graph: Graph, wire: Wire) -> Sentence | None:
    """Say what analysis will complain of once a wire that may be drawn is there; it offers a remedy then."""
    shape = _leaving(sheet, wire)
    return None if shape is None else _judged(sheet, graph, wire, shape, mended=True)


def ruled_out(sheet: Sheet, graph: Graph, wire: Wire, shape: Shape) -> Sentence | None:
    """Say what the target's rule has against `shape` coming in by a wire, which need not be in the graph."""
    facts = sheet.document.now.facts
    block = graph.nodes[wire.target].block
    shapes: list[Shape | None] = []
    for port in block.ports():
        ends = [w for w in graph.incoming[wire.target] if w.target_port == port.name and w != wire]
        if port.name == wire.target_port and not port.variadic:
            shapes.append(shape)
            continue
        here = [_leaving(sheet, w) for w in ends]
        here += [shape] if port.name == wire.target_port else []
        if None in here or (not here and not port.optional):
            return None  # more has to be known before the rule can be asked
        shapes += here or ([] if port.variadic else [None])
    found = made(block, shapes, facts)
    return found if isinstance(found, Sentence) else None


def made(block: Block, shapes: Sequence[Shape | None], facts: DataFacts) -> Mapping[str, Shape] | Sentence | None:
    """Return what leaves each output port when these shapes come in; the rule's refusal; or None if it cannot tell."""
    if isinstance(block, Input):
        shape = facts.inputs.get(block.field)
        return None if shape is None else {"out": shape}
    try:
        found = shapes_leaving(block.resolve(facts), shapes)
    except Refusal as refusal:
        return refusal.sentence
    except Exception:  # a rule that breaks is reported by analysis, it does not stop the hand
        return None
    return found


def _made_inside(group: Group, shapes: Sequence[Shape], facts: DataFacts) -> Mapping[str, Shape] | Sentence | None:
    """Return what leaves each output port of a group when these shapes come in; what is wrong inside of it; or None."""
    inputs = dict(zip(group.edges("in"), shapes, strict=True))
    graph = Graph.of({NEW: group, **{f"{NEW}{port}": Input(field=port) for port in inputs}})
    graph = replace(graph, wires=tuple(Wire(f"{NEW}{port}", NEW, "out", port) for port in inputs))
    report = analyse(graph, replace(facts, inputs=inputs))
    if (known := report.groups.get(NEW)) is not None:
        return known.shapes
    return next((problem.message for problem in report.problems if lies_in(problem.node, NEW)), None)


def _leaving(sheet: Sheet, wire: Wire) -> Shape | None:
    known = sheet.known(wire.source)
    return None if known is None else known.leaving(wire.source_port)


def _judged(sheet: Sheet, graph: Graph, wire: Wire, shape: Shape, *, mended: bool) -> Sentence | None:
    """Say what an Output has against a shape; `mended` asks for what has a remedy, else for what has none.

    What is wrong with the Output itself, whatever comes in, is not the wire's fault.
    """
    facts = sheet.document.now.facts
    block = graph.nodes[wire.target].block
    target = facts.targets.get(block.target) if isinstance(block, Output) else None
    if target is None or graph.why_not(wire):
        return None
    drawn = graph.connect(wire)  # the remedy may lie further up, behind this wire

    def said(shape: Shape) -> dict[Sentence, bool]:
        node = NodeReport(wire.target, block, (shape,), shape, block.layer(shape), {}, 0, None)
        return {problem.message: bool(problem.fixes) for problem in output_problems(drawn, node, facts)}

    right = [said(Shape(features=max(1, n))) for n in {1, len(target.classes), target.shape.count}]
    blamed = [message for message, fix in said(shape).items() if fix == mended]
    return next((message for message in blamed if not all(message in one for one in right)), None)


# -- blocks ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Opening:
    """A place where a block is wanted: what will feed it, what it will feed, or the wire that it is put into."""

    source: End | None = None
    target: End | None = None
    wire: Wire | None = None


@dataclass(frozen=True)
class Suggestion:
    """A block for a place.

    Attributes:
        key: its name in the catalogue.
        block: the block with the parameters that it begins with.
        reason: why it does not fit there, if it does not.
    """

    key: str
    block: Block
    reason: Sentence | None = None

    @property
    def fits(self) -> bool:
        """Whether it can stand there."""
        return self.reason is None


def fresh_block(key: str, facts: DataFacts) -> Block:
    """Make a block with its defaults; Inputs and Outputs look at the data for what is there.

    The key of a block of the user's own gives the group that was saved; one that is no longer there is refused.
    """
    if key in READY:
        return READY[key].group()
    if key.startswith(PREFIX):
        if (own := own_block(key)) is None:
            raise Refusal(say("the block {name} is no longer there", name=key.removeprefix(PREFIX)))
        return own.group
    block: Block = Block.members[key]()
    if isinstance(block, Input) and facts.inputs and block.field not in facts.inputs:
        return block.replace(field=next(iter(facts.inputs)))
    if isinstance(block, Output) and facts.targets:
        name = block.target if block.target in facts.targets else next(iter(facts.targets))
        if facts.targets[name].is_class:
            return block.replace(target=name)
        return block.replace(target=name, task="regression", loss="mse")
    return block


def offered(sheet: Sheet, inside: str = "") -> dict[str, Block]:
    """Return the blocks that can be added to a sheet, or to a group that is open in place on it."""
    facts, level = sheet.document.now.facts, joined(sheet.level, inside)
    found = {key: fresh_block(key, facts) for key, block in CATALOGUE.items() if misplaced(block, level) is None}
    ready = {key: one.group() for key, one in READY.items()}
    return {**found, **ready, **{own.key: own.group for own in own_blocks()}}


def misplaced(block: Block | type[Block], level: str) -> Sentence | None:
    """Say why a block has no place in the group at this path (nothing is the network itself), or None."""
    if block.edge and not level:
        return say("the ports of a group stand inside it; open a group and put them there")
    if level and block.key in (Input.key, Output.key):
        return say("data comes in and goes out at the top; inside a group its own ports do that")
    return None


def suggest(
    sheet: Sheet,
    opening: Opening | None = None,
    *,
    recent: Sequence[str] = (),
    favourites: Collection[str] = (),
    blocks: Mapping[str, Block] | None = None,
    inside: str = "",
) -> list[Suggestion]:
    """Return every block for a place: those that fit first, of them the likeliest first.

    `inside` is the group, open in place, in which the place lies.
    """
    place = _Place(sheet, opening or Opening())
    offers = offered(sheet, inside) if blocks is None else blocks
    found = [Suggestion(key, fitted(block, place.shape), place.reason(block)) for key, block in offers.items()]

    def rank(one: Suggestion) -> tuple[bool, float, int]:
        value = place.unlikeliness(one.key, one.block)
        value -= 2.0 if one.key in favourites else 0.0
        value -= 1.5 * (1 - recent.index(one.key) / len(recent)) if one.key in recent else 0.0
        return not one.fits, value, FAMILIES.index(one.block.family)

    return sorted(found, key=rank)


def objection(sheet: Sheet, opening: Opening, block: Block) -> Sentence | None:
    """Say why a block does not fit at a place, or None where it does."""
    return _Place(sheet, opening).reason(block)


class _Place:
    """An opening with all that is known around it."""

    def __init__(self, sheet: Sheet, opening: Opening) -> None:
        wire = opening.wire
        self.sheet, self.wire = sheet, wire
        self.source = (wire.source, wire.source_port) if wire else opening.source
        self.target = (wire.target, wire.target_port) if wire else opening.target
        self.facts = sheet.document.now.facts
        self.graph = sheet.graph.disconnect(wire) if wire else sheet.graph

    # -- what fits -------------------------------------------------------------------------------------------

    def reason(self, block: Block) -> Sentence | None:
        """Say why a block cannot stand here."""
        block = fitted(block, self.shape)
        if self.source and not block.ports():
            return say("{node} has no input", node=block.key)
        if self.target and not block.outputs:
            return say("{node} has no output", node=block.key)
        if self.source and self.shape is not None:
            found = self._fed(block, self.shape)
            if isinstance(found, Sentence):
                return found
            return self._refused_after(block, found) if self.target else self._complained(block)
        return self._never_feeds(block) if self.target else None

    @cached_property
    def shape(self) -> Shape | None:
        """What comes out of the source."""
        known = self.sheet.known(self.source[0]) if self.source else None
        return known.leaving(self.source[1]) if known and self.source else None

    def _fed(self, block: Block, shape: Shape) -> Mapping[str, Shape] | Sentence | None:
        """Feed one shape to every port that needs something."""
        shapes = [shape for port in block.ports() if not port.optional]
        return _made_inside(block, shapes, self.facts) if isinstance(block, Group) else made(block, shapes, self.facts)

    def _refused_after(self, block: Block, leaving: Mapping[str, Shape] | None) -> Sentence | None:
        """Say what the target has against what the block makes, if it had nothing against what came before."""
        if leaving is None or self.target is None:
            return None
        if self.wire and shape_refusal(self.sheet, self.graph, self.wire):
            return None
        return self._objection(block, leaving[block.outputs[0]])

    def _objection(self, block: Block, shape: Shape) -> Sentence | None:
        assert self.target is not None
        wire = Wire(NEW, self.target[0], block.outputs[0], self.target[1])
        if found := ruled_out(self.sheet, self.graph, wire, shape):
            return found
        return _judged(self.sheet, self._tried(block), wire, shape, mended=False) if self.source else None

    def _complained(self, block: Block) -> Sentence | None:
        """Say what the block has against the source, where the block is an Output."""
        if not isinstance(block, Output) or self.source is None or self.shape is None:
            return None
        wire = Wire(self.source[0], NEW, self.source[1], block.ports()[0].name)
        return _judged(self.sheet, self._tried(block), wire, self.shape, mended=False)

    def _tried(self, block: Block) -> Graph:
        """Return the graph with the block in it and what feeds it, for rules that look further up."""
        graph = Graph.of({**self.graph.nodes, NEW: block}, self.graph.wires)
        return graph.connect(Wire(self.source[0], NEW, self.source[1], block.ports()[0].name)) if self.source else graph

    def _never_feeds(self, block: Block) -> Sentence | None:
        """Say why nothing that the block can make fits the target, tried with one shape of every kind."""
        objection = None
        for shape in self._makes(block):
            objection = self._of_another_kind(shape) if self._beside else self._objection(block, shape)
            if objection is None:
                return None
        return objection

    def _makes(self, block: Block) -> Iterator[Shape]:
        samples = (*SAMPLES, *self.facts.inputs.values()) if block.ports() else SAMPLES[:1]
        for sample in samples:
            found = self._fed(block, sample)
            if isinstance(found, Mapping):
                yield found[block.outputs[0]]

    @cached_property
    def _beside(self) -> Shape | None:
        """What else comes in at the target's port, where it takes several: what joins it is of the same kind."""
        assert self.target is not None
        id, port = self.target
        several = any(p.variadic and p.name == port for p in self.graph.nodes[id].block.ports())
        others = [w for w in self.graph.incoming[id] if w.target_port == port]
        return _leaving(self.sheet, others[0]) if several and others else None

    def _of_another_kind(self, shape: Shape) -> Sentence | None:
        if self._beside is None or self.target is None or shape.names == self._beside.names:
            return None
        return say(
            "{shape} comes in at {node} already, and this is of another kind", shape=self._beside, node=self.target[0]
        )

    # -- what is likely --------------------------------------------------------------------------------------

    def unlikeliness(self, key: str, block: Block) -> float:
        """Say how far down the list a block belongs."""
        if isinstance(block, Input):
            return 9.0 if any(isinstance(n.block, Input) for n in self.graph.nodes.values()) else -9.0
        ready = READY.get(key)
        family = ready.family if ready else block.family
        value = 5.0 if self._idle(block) and not ready else 0.0
        if isinstance(block, Output):
            value += -4.0 if self._answers() else 9.0 if self._all_judged else 0.0
        if self.source:
            value += _step(self.graph.nodes[self.source[0]].block, key, family)
            value -= 6.0 if key in self._usual[0] else 0.0
        if self.target:
            goal = self.graph.nodes[self.target[0]].block
            value += _step(block, goal.key, goal.family)
            value -= 6.0 if key in self._usual[1] else 0.0
        return value

    def _idle(self, block: Block) -> bool:
        """Whether a block that only joins or rearranges would do nothing here."""
        if block.family != "Combine" or self.shape is None or not block.ports():
            return False
        found = self._fed(block, self.shape)
        return not isinstance(found, Mapping) or found[block.outputs[0]] == self.shape

    @cached_property
    def _usual(self) -> tuple[set[str], set[str]]:
        """Return what follows the source's block elsewhere in this network, and what leads to the target's."""
        nodes, wires = self.graph.nodes, self.graph.wires
        source = nodes[self.source[0]].block.name if self.source else None
        target = nodes[self.target[0]].block.name if self.target else None
        after = {nodes[w.target].block.name for w in wires if nodes[w.source].block.name == source}
        before = {nodes[w.source].block.name for w in wires if nodes[w.target].block.name == target}
        return after - {target}, before - {source}

    def _answers(self) -> bool:
        """Whether what comes out of the source is as wide as an answer, and learnt."""
        shape = self.shape
        if shape is None or shape.names != ("features",) or self.source is None or self._all_judged:
            return False
        learnt = self.graph.nodes[self.source[0]].block.family != "Data"
        return learnt and shape.features == self.facts.auto("outputs")

    @cached_property
    def _all_judged(self) -> bool:
        """Whether every target of the data has its Output."""
        judged = {node.block.target for node in self.graph.nodes.values() if isinstance(node.block, Output)}
        return set(self.facts.targets) <= judged


def _step(before: Block, key: str, family: str) -> float:
    """Return at which place in the list of what typically follows a block this one stands."""
    row = FOLLOWERS.get(before.key) or FOLLOWERS.get(before.family, ())
    return float(next((i for i, name in enumerate(row) if name in (key, family)), UNUSUAL))
