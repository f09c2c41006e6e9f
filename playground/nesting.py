"""Groups within groups: unfolding them into one flat graph, folding that back, looking and editing inside.

A path names a node at any depth. In a flat graph made for analysis and training it counts the repetitions
(``encoder_1.2.dense_1``: group, repetition, node); where a group is open on the canvas, or a place in the document
is meant, it does not (``encoder_1.dense_1``), for there the network inside exists once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace

from playground.block import Block
from playground.blocks.group import Entrance, Exit, Group, GroupInput, GroupOutput
from playground.graph import Graph, Node, Wire, joined
from playground.text import Refusal, Sentence, say

MOST_UNFOLDED = 20_000
"""Nodes that all groups together may unfold to."""

# -- paths -------------------------------------------------------------------------------------------------------


def place_of(path: str) -> str:
    """Return the path without its repetitions: where in the document the node stands."""
    return joined(*(part for part in path.split(".") if not part.isdecimal()))


def split(path: str) -> tuple[str, str]:
    """Split the path of a place into its group's path and the node's own id."""
    level, _, id = path.rpartition(".")
    return level, id


def lies_in(path: str, level: str) -> bool:
    """Whether a path leads into the group at a level; every path leads into the network itself."""
    return not level or path.startswith(f"{level}.")


def below(path: str, level: str) -> str:
    """Return the rest of a path from a level on; nothing where it does not lead into it."""
    return path if not level else path[len(level) + 1 :] if lies_in(path, level) else ""


def around(path: str) -> Iterator[str]:
    """List the groups around a node or group, the nearest first."""
    while path := split(path)[0]:
        yield path


def moved_path(path: str, names: Mapping[str, str]) -> str:
    """Return the path of what was at one when nodes, and all below them, are at other paths: by the old the new."""
    head, rest = path, ""
    while head:
        if head in names:
            return joined(names[head], rest)
        head, own = split(head)
        rest = joined(own, rest)
    return path


def first_of(whole: Graph, place: str) -> str:
    """Return the path, in the unfolded graph, of the first repetition of a place."""
    parts, path, graph = place.split("."), "", whole
    for part in parts[:-1]:
        path = joined(path, part, "1")
        node = graph.nodes.get(part)
        graph = node.block.graph if node and isinstance(node.block, Group) else Graph()
    return joined(path, parts[-1])


# -- inside ------------------------------------------------------------------------------------------------------


def inside(graph: Graph, level: str) -> Graph:
    """Return the graph inside the group at a path; the graph itself for the empty path."""
    for id in level.split(".") if level else ():
        block = graph.nodes[id].block
        if not isinstance(block, Group):
            raise KeyError(level)
        graph = block.graph
    return graph


def has_level(graph: Graph, level: str) -> bool:
    """Whether there is a group at this path."""
    try:
        inside(graph, level)
    except KeyError:
        return False
    return True


def is_there(whole: Graph, place: str) -> bool:
    """Whether there is a node at this place."""
    level, id = split(place)
    return has_level(whole, level) and id in inside(whole, level)


def with_inside(graph: Graph, level: str, new: Graph) -> Graph:
    """Return the graph with another network inside the group at a path; wires follow ports that were renamed."""
    if not level:
        return new
    id, _, rest = level.partition(".")
    group = graph.nodes[id].block
    assert isinstance(group, Group)
    return _regrouped(graph, id, group, group.replace(graph=with_inside(group.graph, rest, new)))


def edit_inside(graph: Graph, level: str, edit: Callable[[Graph], Graph]) -> Graph:
    """Carry out an edit inside the group at a path."""
    return with_inside(graph, level, edit(inside(graph, level)))


def _regrouped(graph: Graph, id: str, old: Group, new: Group) -> Graph:
    ins = _followed(old.edges("in"), new.edges("in"))
    outs = _followed(old.edges("out"), new.edges("out"))
    if ins or outs:
        wires = tuple(
            replace(
                wire,
                source_port=outs.get(wire.source_port, wire.source_port) if wire.source == id else wire.source_port,
                target_port=ins.get(wire.target_port, wire.target_port) if wire.target == id else wire.target_port,
            )
            for wire in graph.wires
        )
        moved = replace(graph, nodes={**graph.nodes, id: replace(graph.nodes[id], block=new)}, wires=wires)
        return moved.configure(id, new)
    return graph.configure(id, new)


def _followed(old: tuple[str, ...], new: tuple[str, ...]) -> dict[str, str]:
    """Say which port has which name now: as many ports as before are the same ones, in their order."""
    if len(old) != len(new) or set(old) == set(new):
        return {}
    return {a: b for a, b in zip(old, new, strict=True) if a != b}


# -- unfolding ---------------------------------------------------------------------------------------------------


def unfold(graph: Graph) -> Graph:
    """Return the graph with every group unfolded, each repetition on its own: what is analysed and trained."""
    if not any(isinstance(node.block, Group) for node in graph.nodes.values()):
        return graph
    return _Unfolding(None).of(graph)


def open_in_place(graph: Graph, opened: Collection[str]) -> Graph:
    """Return the graph with some groups, by path, drawn among the rest; repetitions are not told apart."""
    if not any(path in opened for path, _ in groups(graph)):
        return graph
    return _Unfolding(frozenset(opened)).of(graph)


def groups(graph: Graph, level: str = "") -> Iterator[tuple[str, Group]]:
    """List every group at every depth with the path of its place."""
    for id, node in graph.nodes.items():
        if isinstance(node.block, Group):
            yield (path := joined(level, id)), node.block
            yield from groups(node.block.graph, path)


class _Unfolding:
    """Builds one flat graph; with `opened` only those groups, and each but once."""

    def __init__(self, opened: frozenset[str] | None) -> None:
        self.opened = opened
        self.nodes: dict[str, Node] = {}
        self.used: dict[str, int] = {}

    def of(self, graph: Graph) -> Graph:
        wires = self._level(graph, "", "", frozen=False)
        return Graph(self.nodes, tuple(wires), self.used)

    def _opens(self, path: str, node: Node) -> bool:
        if not isinstance(node.block, Group):
            return False
        if self.opened is not None:
            return path in self.opened and bool(node.block.graph.nodes)  # of an empty one nothing would be seen
        return node.state != "bypassed"

    def _level(self, graph: Graph, prefix: str, first: str, *, frozen: bool) -> list[Wire]:
        """Add the nodes of one level and return its wires; `first` is the level whose weights it shares, if any."""
        counts: dict[str, int] = {}
        inner: list[Wire] = []
        self.used.update({joined(prefix, stem): number for stem, number in graph.used.items()})
        for id, node in graph.nodes.items():
            path = joined(prefix, id)
            held = node.frozen or frozen
            if not self._opens(path, node):
                self._put(replace(node, frozen=held) if held else node, path, prefix, first)
                continue
            assert isinstance(node.block, Group)
            counts[id] = n = 1 if self.opened is not None else node.block.repeat
            for k in range(1, n + 1):
                inner += self._repetition(node.block, path, k, joined(first, id) if first else "", frozen=held)
            if node.state == "muted" and self.opened is None:
                self._mute(node.block, self._base(path, n))
        own = [flat for wire in graph.wires for flat in self._wires(graph, wire, prefix, counts)]
        chained = [flat for id, n in counts.items() for flat in self._chain(graph, joined(prefix, id), id, n)]
        return own + chained + inner

    def _repetition(self, group: Group, path: str, k: int, first: str, *, frozen: bool) -> list[Wire]:
        """Unfold one repetition; all but the first of a tied group share the first one's weights."""
        if first:
            first = self._base(first, 1 if group.tied else k)
        elif group.tied and k > 1:
            first = self._base(path, 1)
        return self._level(group.graph, self._base(path, k), first, frozen=frozen and self.opened is None)

    def _base(self, path: str, k: int) -> str:
        return path if self.opened is not None else joined(path, str(k))

    def _put(self, node: Node, path: str, prefix: str, first: str) -> None:
        if len(self.nodes) >= MOST_UNFOLDED:
            raise Refusal(say("the groups unfold to more than {n} nodes; repeat them less often", n=MOST_UNFOLDED))
        if not prefix:
            self.nodes[path] = node
            return
        tied = joined(first, node.id) if first else joined(prefix, node.tied_to) if node.tied_to else ""
        self.nodes[path] = replace(node, id=path, block=_unfolded(node.block), tied_to=tied)

    def _mute(self, group: Group, base: str) -> None:
        for out in group.outputs:
            self.nodes[joined(base, out)] = replace(self.nodes[joined(base, out)], state="muted")

    def _wires(self, graph: Graph, wire: Wire, prefix: str, counts: dict[str, int]) -> list[Wire]:
        """Return what a wire of this level is in the flat graph: one wire, or one to each repetition."""
        source, out = joined(prefix, wire.source), wire.source_port
        if n := counts.get(wire.source):
            source, out = joined(self._base(source, n), out), "out"
        target = joined(prefix, wire.target)
        if not (n := counts.get(wire.target)):
            return [Wire(source, target, out, wire.target_port)]
        group = graph.nodes[wire.target].block
        assert isinstance(group, Group)
        chained = wire.target_port in group.edges("in")[: len(group.outputs)]
        return [
            Wire(source, joined(self._base(target, k), wire.target_port), out, "x")
            for k in range(1, (1 if chained else n) + 1)
        ]

    def _chain(self, graph: Graph, path: str, id: str, n: int) -> list[Wire]:
        """Join each repetition to the next: its outputs feed the inputs, in their order."""
        group = graph.nodes[id].block
        assert isinstance(group, Group)
        pairs = list(zip(group.outputs, group.edges("in"), strict=False))
        return [
            Wire(joined(self._base(path, k), out), joined(self._base(path, k + 1), end))
            for k in range(1, n)
            for out, end in pairs
        ]


def _unfolded(block: Block) -> Block:
    return _ENTRANCE if isinstance(block, GroupInput) else _EXIT if isinstance(block, GroupOutput) else block


def _folded(block: Block) -> Block:
    return GroupInput() if isinstance(block, Entrance) else GroupOutput() if isinstance(block, Exit) else block


_ENTRANCE, _EXIT = Entrance(), Exit()


# -- folding -----------------------------------------------------------------------------------------------------


def local(graph: Graph, wire: Wire) -> tuple[str, Wire] | None:
    """Say where a wire of an unfolded graph lies in the document: its level, and the wire as it is there.

    None where no such wire can be: it would cross the edge of a group, or join two repetitions.
    """
    source, target = wire.source, wire.target
    level, end = split(target)
    if graph.nodes[target].block.edge == "in" and level:
        into, port = split(outside(target))
        level, end = split(into)
        wire = replace(wire, target_port=port)
    home, start = split(source)
    if graph.nodes[source].block.edge == "out" and home:
        out, port = split(outside(source))
        home, start = split(out)
        wire = replace(wire, source_port=port)
    if home != level:
        return None
    return place_of(level), replace(wire, source=start, target=end)


def outside(path: str) -> str:
    """Return the path of a port on the edge of a group as it is outside: without the number of its repetition."""
    group, id = split(path)
    before, _, last = group.rpartition(".")
    return joined(before if last.isdecimal() else group, id)


def fold(flat: Graph, whole: Graph) -> Graph:
    """Undo `open_in_place`: put the nodes of open groups back into them; `whole` says what else those groups are.

    A group of which nothing is left is gone. A wire that crosses the edge of a group is refused.
    """
    if flat.nodes and not any("." in id for id in flat.nodes):
        return flat
    levels: dict[str, dict[str, Node]] = {"": {}}
    for path, node in flat.nodes.items():
        level, id = split(path)
        _reach(levels, level)
        tied = split(node.tied_to)[1]
        levels[level][id] = replace(node, id=id, block=_folded(node.block), tied_to=tied) if level else node
    wires: dict[str, list[Wire]] = {level: [] for level in levels}
    for wire in flat.wires:
        found = local(flat, wire)
        if found is None:
            raise Refusal(crossing(wire))
        wires[found[0]].append(found[1])
    return _rebuilt("", levels, wires, flat, whole)


def crossing(wire: Wire) -> Sentence:
    """Say why a wire cannot join the inside of a group and its outside."""
    return say("{source} and {target} lie in different groups; go through a port of the group", **_ends(wire))


def _ends(wire: Wire) -> dict[str, str]:
    return {"source": wire.source, "target": wire.target}


def _reach(levels: dict[str, dict[str, Node]], level: str) -> None:
    """Make a level known, and in the one around it a place for its group."""
    if level not in levels:
        around, id = split(level)
        _reach(levels, around)
        levels[level] = {}
        levels[around][id] = Node(id, Group())  # the real one is put here when its inside is known


def _rebuilt(
    level: str, levels: dict[str, dict[str, Node]], wires: dict[str, list[Wire]], flat: Graph, whole: Graph
) -> Graph:
    nodes = levels[level]
    for id in list(nodes):
        if (path := joined(level, id)) in levels:
            old = inside(whole, level).nodes[id]
            assert isinstance(old.block, Group)
            new = _rebuilt(path, levels, wires, flat, whole)
            nodes[id] = old if new == old.block.graph else replace(old, block=old.block.replace(graph=new))
    used = {}
    for stem, number in flat.used.items():
        home, own = split(stem)
        if home == level:
            used[own] = number
    return Graph(nodes, tuple(wires[level]), used)


def moved(old: Graph, new: Graph) -> dict[str, str]:
    """Say which nodes of the unfolded graph are called something else now: by old path the new one.

    A block is a value that an edit carries along, so a node that was renamed, or put into a group, holds the very
    same block as one that is no longer there.
    """
    before, after = unfold(old).nodes, unfold(new).nodes
    appeared: dict[int, list[str]] = {}
    for path, node in after.items():
        if path not in before:
            appeared.setdefault(id(node.block), []).append(path)
    found = {}
    for path, node in before.items():
        if path not in after and (there := appeared.get(id(node.block))):
            found[path] = there.pop(0)
    return found
