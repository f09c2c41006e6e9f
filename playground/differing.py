"""In what two experiments differ, in words: what a run of the one can be blamed for that a run of the other cannot.

Nodes are compared by their places. Where two networks have little in common a list of all their nodes would tell
nothing; then it is said how many blocks of each kind there are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from playground.blocks.group import Group
from playground.declare import Declared, Parameter
from playground.experiment import Experiment, Start, Training
from playground.graph import Graph, Node, Wire, joined
from playground.nesting import unfold
from playground.text import Refusal, Sentence, count, note, say

ALIKE = 0.5
"""The share of the larger network's nodes that must be found in the other one for single nodes to be named."""

MOST_NAMED = 3
"""How many nodes that were added or taken away are named; more are counted."""

MOST_KINDS = 6
"""How many kinds of blocks are told, those first whose number differs most."""

IN_A_NAME = 2
"""How many differences the name of a run can hold."""

STATES = {"bypassed": note("{node} bypassed"), "muted": note("{node} muted")}
AGAIN = {"bypassed": note("{node} not bypassed"), "muted": note("{node} not muted")}
"""What is said of a node in a state, and of one that has left it."""

SHORT = {"seed": note("seed {value}"), "learning_rate": note("learning rate {value}")}
"""What is named so often that its name stands without a colon."""

UNTOLD = frozenset({"threads"})
"""Settings that say how a run is computed, and not what is learnt."""


@dataclass(frozen=True)
class Difference:
    """One thing that is different.

    Attributes:
        words: in full, with what it was before: "learning rate 0.1 instead of 0.03".
        short: how it is now, for a name: "learning rate 0.1".
        only_seed: whether it is the seed, which changes nothing but chance.
    """

    words: Sentence
    short: Sentence
    only_seed: bool = False


def differences(old: Experiment, new: Experiment) -> tuple[Difference, ...]:
    """Return in what `new` differs from `old`, as far as it can make a difference to a run."""
    if old.trains_like(new):
        return ()
    found = [*_data(old, new), *_graphs(old.graph, new.graph)]
    found += _settings(old.training, new.training)
    found += _starts(old.start, new.start)
    return tuple(found)


def short(old: Experiment, new: Experiment) -> Sentence | None:
    """Return the few words that tell `new` from `old` in a name; None where there is nothing or too much to say."""
    found = differences(old, new)
    if not 0 < len(found) <= IN_A_NAME:
        return None
    return found[0].short if len(found) == 1 else say("{one}, {other}", one=found[0].short, other=found[1].short)


def plainly(value: object) -> Sentence:
    """Make a sentence of something that is said in every language as it is."""
    return Sentence("{value}", (("value", value),))


def differ_in_seed_only(one: Experiment, other: Experiment) -> bool:
    """Whether nothing but chance tells two experiments apart."""
    return all(difference.only_seed for difference in differences(one, other))


# -- settings ----------------------------------------------------------------------------------------------------


def _settings(old: Declared, new: Declared) -> Iterator[Difference]:
    """Compare two of the same kind, parameter by parameter."""
    for name, parameter in type(new).parameters.items():
        before, now = getattr(old, name), getattr(new, name)
        if before == now or (isinstance(new, Training) and name in UNTOLD):
            continue
        if isinstance(now, Declared) and type(now) is type(before):
            inner = _settings(before, now)
            yield from _of(Sentence(parameter.group), inner) if name == "opponent" else inner
        else:
            yield _changed(name, parameter, before, now)


def _of(whole: object, found: Iterator[Difference]) -> Iterator[Difference]:
    """Say of what the differences are."""
    for one in found:
        words, told = (say("{node}: {what}", node=whole, what=said) for said in (one.words, one.short))
        yield Difference(words, told)


def _changed(name: str, parameter: Parameter, before: Any, now: Any) -> Difference:
    value = _written(parameter, now)
    if name in SHORT:
        told = Sentence(SHORT[name], (("value", value),))
    elif parameter.kind == "member":
        told = plainly(value)
    else:
        told = say("{what}: {value}", what=Sentence(parameter.label), value=value)
    if parameter.kind in ("rows", "packed"):
        return Difference(told, told)
    words = say("{now} instead of {before}", now=told, before=_written(parameter, before))
    return Difference(words, told, only_seed=name == "seed")


def _written(parameter: Parameter, value: Any) -> object:
    """Write a value as a person reads it, in the language of the moment."""
    if isinstance(value, Declared):
        return Sentence(getattr(type(value), "title", type(value).key))
    if parameter.kind in ("rows", "packed"):
        return say("others")
    if parameter.kind == "switch":
        return say("on") if value else say("off")
    if parameter.kind == "choice":
        return parameter.label_of(value)
    if isinstance(value, tuple):
        if parameter.kind == "sides":
            return f"{value[0]}×{value[1]}" if value[0] != value[1] else str(value[0])
        return ", ".join(str(parameter.label_of(one)) for one in value)
    if isinstance(value, float):
        return f"{value:g}"
    return f"“{value[:40]}”" if isinstance(value, str) and parameter.kind == "words" else value


# -- data and weights to begin with --------------------------------------------------------------------------------


def _data(old: Experiment, new: Experiment) -> Iterator[Difference]:
    if type(old.source) is type(new.source):
        yield from _settings(old.source, new.source)
    else:
        told = say("data: {title}", title=Sentence(new.source.title))
        words = say("{now} instead of {before}", now=told, before=Sentence(old.source.title))
        yield Difference(words, told)
    yield from _settings(old.preparation, new.preparation)


def _starts(old: Start | None, new: Start | None) -> Iterator[Difference]:
    if old == new:
        return
    told = say("weights from {file}", file=_file(new)) if new is not None else say("no weights taken over")
    words = (
        say("{now} instead of {before}", now=told, before=_file(old)) if old is not None and new is not None else told
    )
    yield Difference(words, told)


def _file(start: Start | None) -> str:
    return start.file.replace("\\", "/").rpartition("/")[2] if start is not None else ""


# -- networks ------------------------------------------------------------------------------------------------------


def _graphs(old: Graph, new: Graph) -> Iterator[Difference]:
    if old == new:
        return
    before, now = _places(old), _places(new)
    common = [place for place in now if place in before]
    alike = sum(_kind(before[place]) == _kind(now[place]) for place in common)
    if alike < ALIKE * max(len(before), len(now)):
        yield from _counts(old, new)
        return
    gone = _outermost([place for place in before if place not in now], before)
    come = _outermost([place for place in now if place not in before], now)
    if come:
        told = say("with {nodes}", nodes=_named(come))
        yield Difference(told, told)
    if gone:
        told = say("without {nodes}", nodes=_named(gone))
        yield Difference(told, told)
    for place in common:
        yield from _nodes(place, before[place], now[place])
    yield from _wires(old, new, "")


def _places(graph: Graph, level: str = "") -> dict[str, Node]:
    """Return every node at every depth by the path of its place."""
    found: dict[str, Node] = {}
    for id, node in graph.nodes.items():
        found[path := joined(level, id)] = node
        if isinstance(node.block, Group):
            found |= _places(node.block.graph, path)
    return found


def _kind(node: Node) -> str:
    return node.block.name


def _outermost(places: list[str], nodes: Mapping[str, Node]) -> list[str]:
    """Leave out what goes without saying: the inside of a group that is named, and its ports."""
    there = set(places)
    return [
        place
        for place in places
        if not any(place.startswith(f"{other}.") for other in there) and not nodes[place].block.edge
    ]


def _named(places: list[str]) -> object:
    """Name nodes, or count them where there are many."""
    if len(places) <= MOST_NAMED:
        return ", ".join(places)
    return count("{n} node", "{n} nodes", len(places))


def _nodes(place: str, old: Node, new: Node) -> Iterator[Difference]:
    """Compare a node with what stands at the same place in the other network."""
    if old is new:
        return
    if old.state != new.state:
        told = Sentence(STATES[new.state] if new.state else AGAIN[old.state], (("node", place),))
        yield Difference(told, told)
    if _kind(old) != _kind(new):
        told = say("{node}: {what}", node=place, what=_kind(new))
        yield Difference(say("{now} instead of {before}", now=told, before=_kind(old)), told)
    else:
        yield from _of(place, _settings(old.block, new.block))
    if old.frozen != new.frozen:
        told = say("{node} frozen", node=place) if new.frozen else say("{node} not frozen", node=place)
        yield Difference(told, told)
    if old.tied_to != new.tied_to:
        tied = say("{node} shares the weights of {other}", node=place, other=new.tied_to)
        told = tied if new.tied_to else say("{node} has weights of its own", node=place)
        yield Difference(told, told)
    if old.weights != new.weights:
        told = say("{node} with other weights set by hand", node=place)
        yield Difference(told, told)


def _wires(old: Graph, new: Graph, level: str) -> Iterator[Difference]:
    """Count the wires that were drawn or taken away between nodes of both networks, level by level.

    One that merely makes way for a node that was put into it, or closes the gap that a node has left, goes without
    saying: the node has been named.
    """
    drawn = [wire for wire in new.wires if wire not in old.wires and _both(wire, old) and not _leads(wire, old, new)]
    taken = [wire for wire in old.wires if wire not in new.wires and _both(wire, new) and not _leads(wire, new, old)]
    for wires, more in ((drawn, True), (taken, False)):
        if len(wires) == 1:
            at = say("{wire} in {group}", wire=wires[0], group=level) if level else plainly(wires[0])
            told = say("with the wire {wire}", wire=at) if more else say("without the wire {wire}", wire=at)
            yield Difference(told, told)
        elif wires:
            told = count("{n} wire more", "{n} wires more", len(wires))
            lost = count("{n} wire fewer", "{n} wires fewer", len(wires))
            yield Difference(told if more else lost, told if more else lost)
    for id, node in new.nodes.items():
        other = old.nodes.get(id)
        if other is not None and isinstance(node.block, Group) and isinstance(other.block, Group):
            yield from _wires(other.block.graph, node.block.graph, joined(level, id))


def _both(wire: Wire, graph: Graph) -> bool:
    """Whether both ends of a wire are in the other graph too."""
    return wire.source in graph and wire.target in graph


def _leads(wire: Wire, other: Graph, own: Graph) -> bool:
    """Whether the other graph leads from one end to the other through nothing but nodes of which this one has none."""
    seen, queue = {wire.source}, [wire.source]
    for id in queue:
        for further in other.outgoing[id]:
            if further.target == wire.target and id != wire.source:
                return True
            if further.target not in own and further.target not in seen:
                seen.add(further.target)
                queue.append(further.target)
    return False


def _counts(old: Graph, new: Graph) -> Iterator[Difference]:
    """Say of which kinds of blocks there are more or fewer, with all groups unfolded."""
    before, now = _tally(old), _tally(new)
    told = say("another network: {n} nodes instead of {m}", n=now.total(), m=before.total())
    yield Difference(told, say("another network"))
    kinds = sorted(before | now, key=lambda kind: (-abs(now[kind] - before[kind]), kind))
    for kind in [kind for kind in kinds if now[kind] != before[kind]][:MOST_KINDS]:
        words = say("{n} {block} instead of {m}", n=now[kind], block=kind, m=before[kind])
        yield Difference(words, say("{n} {block}", n=now[kind], block=kind))


def _tally(graph: Graph) -> Counter[str]:
    """Count the blocks of each kind; those of a network that is too large to be unfolded each once."""
    try:
        nodes = unfold(graph).nodes
    except Refusal:
        nodes = _places(graph)
    return Counter(_kind(node) for node in nodes.values() if not node.block.edge)
