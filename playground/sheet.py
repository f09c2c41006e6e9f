"""The sheet a canvas shows of a document: what is drawn on it, what is known of it, and edits of it.

The canvas, the inspector and everything else that works on nodes speaks to a `Sheet`, never to the document's
graph. A sheet shows the network, or the inside of one of its groups (`level`), with the groups that are open in
place drawn among the rest. Ids on a sheet are those of the nodes drawn there: paths below its level.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from playground.block import Block
from playground.blocks.group import Group
from playground.document import Document
from playground.experiment import Remark, View
from playground.graph import Graph, Node, Wire, joined
from playground.grouping import collapse, unpack
from playground.nesting import (
    around,
    below,
    edit_inside,
    first_of,
    fold,
    groups,
    has_level,
    inside,
    is_there,
    lies_in,
    moved_path,
    open_in_place,
    place_of,
    split,
    with_inside,
)
from playground.report import NodeReport, Problem, Report
from playground.shape import Shape
from playground.text import Refusal, Sentence, say

Point = tuple[float, float]

MARGIN = (24.0, 72.0)
"""How far the nodes of a group that is open in place stand from the left and the top of its frame."""
BESIDE = {"right": (240.0, 0.0), "down": (0.0, 160.0)}
"""From one card to the next along the flow: how far repetitions stand apart when a group is unpacked."""


class Sheet:
    """One level of a document as it is drawn.

    Attributes:
        document: what is being edited.
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        self._level = ""
        self._listeners: list[Callable[[], None]] = []
        self._drawn: tuple[Graph, str, tuple[str, ...], Graph] = (Graph(), "", (), Graph())
        self._told: tuple[Report | None, Graph, tuple[Problem, ...]] = (None, Graph(), ())

    # -- where we are ------------------------------------------------------------------------------------------------

    @property
    def level(self) -> str:
        """The path of the group whose inside is shown; empty for the network itself."""
        while not has_level(self.document.now.graph, self._level):  # it was taken away
            self._level = split(self._level)[0]
        return self._level

    def enter(self, level: str) -> None:
        """Show the inside of another group."""
        before, self._level = self.level, level
        if self.level != before:
            for listener in tuple(self._listeners):
                listener()

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener()` when another level is shown; the returned function ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    @property
    def trail(self) -> tuple[tuple[str, str], ...]:
        """The way to this level: the path and the name of each group, the network's own name first."""
        parts = self.level.split(".") if self.level else []
        paths = ["", *(joined(*parts[: i + 1]) for i in range(len(parts)))]
        return tuple((path, self.name_of(path)) for path in paths)

    def name_of(self, path: str) -> str:
        """Return what a group is called: its title with its id, for the empty path the document's name."""
        if not path:
            return self.document.name
        level, id = split(path)
        block = inside(self.document.now.graph, level).nodes[id].block
        return f"{block.title} ({id})" if isinstance(block, Group) and block.title else id

    # -- reading -----------------------------------------------------------------------------------------------------

    @property
    def graph(self) -> Graph:
        """The nodes and wires that are drawn."""
        whole, level, opened = self.document.now.graph, self.level, self.opened
        if self._drawn[0] is not whole or self._drawn[1:3] != (level, opened):
            self._drawn = (whole, level, opened, open_in_place(inside(whole, level), opened))
        return self._drawn[3]

    @property
    def opened(self) -> tuple[str, ...]:
        """The groups on this sheet that are open in place."""
        return self._opened(self.document.now.view)

    def _opened(self, view: View) -> tuple[str, ...]:
        if not view.opened:
            return ()
        there = {path for path, group in groups(inside(self.document.now.graph, self.level)) if group.graph.nodes}
        here = {below(path, self.level) for path in view.opened if lies_in(path, self.level)} & there
        return tuple(sorted(path for path in here if here.issuperset(around(path))))

    def node(self, id: str) -> Node | None:
        """Return a node that is drawn, a group that is open in place, or, for no id, the group that is shown."""
        if (drawn := self.graph.nodes.get(id)) is not None:
            return drawn
        level, own = split(joined(self.level, id))
        if not has_level(self.document.now.graph, level):
            return None
        node = inside(self.document.now.graph, level).nodes.get(own)
        return None if node is None else replace(node, id=id)

    def group(self, id: str) -> Group | None:
        """Return the group that a node is, or that is open in place under this id."""
        node = self.node(id)
        return node.block if node is not None and isinstance(node.block, Group) else None

    def standing(self, id: str) -> dict[str, Point]:
        """Return where what a group holds stands inside it, by path from there on, as far as anyone has said."""
        path, positions = joined(self.level, id), self.document.now.view.positions
        return {below(one, path): place for one, place in positions.items() if lies_in(one, path)}

    def whole(self, ids: Iterable[str]) -> tuple[str, ...]:
        """Name groups that are open in place instead of their nodes, where all of these are among the given ones."""
        chosen = dict.fromkeys(ids)
        for id in reversed(self.opened):  # the inner ones before those around them
            group = self.group(id)
            within = {joined(id, one) for one in group.graph.nodes} if group is not None else set()
            if within and within <= chosen.keys():
                chosen = dict.fromkeys(id if one in within else one for one in chosen)
        return tuple(chosen)

    def closed(self, ids: Iterable[str]) -> tuple[Graph, tuple[str, ...]]:
        """Return the graph with one node for every open group all of whose nodes are meant, and what is meant in it."""
        chosen = self.whole(ids)
        opened = [id for id in self.opened if not any(one in chosen for one in (id, *around(id)))]
        return open_in_place(inside(self.document.now.graph, self.level), opened), chosen

    @property
    def places(self) -> dict[str, Point]:
        """Where the cards stand, as far as anyone has said."""
        positions, level = self.document.now.view.positions, self.level
        if not level and not self.opened:
            return dict(positions)
        here = {below(path, level): place for path, place in positions.items() if lies_in(path, level)}
        for group in self.opened:  # outer ones come before those inside them
            x, y = here.get(group, (0.0, 0.0))
            within = {id: place for id, place in here.items() if split(id)[0] == group}
            if within:
                left, top = min(p[0] for p in within.values()), min(p[1] for p in within.values())
                dx, dy = x + MARGIN[0] - left, y + MARGIN[1] - top
                here.update({id: (px + dx, py + dy) for id, (px, py) in within.items()})
        return here

    @property
    def direction(self) -> str:
        """Which way the network is laid out: one of `experiment.DIRECTIONS`."""
        return self.document.now.view.direction

    @property
    def remarks(self) -> tuple[Remark, ...]:
        """The notes and frames that stand here."""
        level = self.level
        return tuple(remark for remark in self.document.now.view.remarks if remark.level == level)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong here, each under the id of the node that is drawn where it is."""
        report, graph = self.document.report, self.graph
        if self._told[0] is not report or self._told[1] is not graph:
            shown = ((one, self.shown(one.node)) for one in report.problems)
            self._told = (report, graph, tuple(replace(one, node=id) for one, id in shown if id or not one.node))
        return self._told[2]

    def shown(self, path: str) -> str:
        """Return the id under which a node is drawn here: its own, that of the group it is hidden in, or nothing."""
        graph = self.graph
        if path in graph.nodes and not self.level:
            return path
        place = place_of(path)
        if not lies_in(place, self.level):
            return ""
        id = below(place, self.level)
        if self.group(id) is not None and id not in graph:  # an open group: its first port stands for it
            return next((one for one in graph.nodes if one.startswith(f"{id}.")), "")
        while id and id not in graph:
            id = split(id)[0]
        return id

    def path(self, id: str) -> str:
        """Return the path of a node: its name in reports, weights and probes; of a repeated one the first."""
        if not self.level and "." not in id:
            return id
        return first_of(self.document.now.graph, joined(self.level, id))

    def known(self, id: str) -> NodeReport | None:
        """Return what analysis knows of a node, if its inputs are known."""
        return self.document.report.at(self.path(id))

    def shape(self, wire: Wire) -> Shape | None:
        """Return what flows on a wire, if that is known."""
        known = self.known(wire.source)
        return None if known is None else known.leaving(wire.source_port)

    def problems_at(self, id: str) -> tuple[Problem, ...]:
        """Return what is wrong with one node."""
        return tuple(problem for problem in self.problems if problem.node == id)

    # -- editing -----------------------------------------------------------------------------------------------------

    def edit(
        self,
        name: Sentence,
        *,
        graph: Graph | None = None,
        places: Mapping[str, Point] | None = None,
        remarks: tuple[Remark, ...] | None = None,
        merge: Hashable = None,
        **changes: Any,
    ) -> None:
        """Change what is drawn as one undoable step; `changes` are further fields of the experiment."""
        view = changes.pop("view", self.document.now.view)
        whole = self.document.now.graph
        if graph is not None and graph is not self.graph:
            whole = changes["graph"] = self._lifted(graph)
        if places is not None:
            view = replace(view, positions=self._all_positions(places, whole, self.graph, self.opened, view.positions))
        if remarks is not None:
            level = self.level
            others = tuple(one for one in view.remarks if one.level != level)
            view = replace(view, remarks=others + tuple(replace(one, level=level) for one in remarks))
        self.document.edit(name, merge=merge, view=view, **changes)

    def configure(self, id: str, block: Block, name: Sentence, merge: Hashable = None) -> None:
        """Give a node, a group that is open in place, or, for no id, the group that is shown another block."""
        level, own = split(joined(self.level, id))
        graph = edit_inside(self.document.now.graph, level, lambda inner: inner.configure(own, block))
        self.document.edit(name, graph=graph, merge=merge)

    def mark(self, ids: Iterable[str], name: Sentence, **changes: Any) -> None:
        """Change what nodes, or groups that are open in place, are besides their blocks (see `Graph.mark`)."""
        graph = self.document.now.graph
        for id in ids:
            level, own = split(joined(self.level, id))
            graph = edit_inside(graph, level, partial(Graph.mark, id=own, **changes))
        self.document.edit(name, graph=graph)

    def rename(self, old: str, new: str) -> None:
        """Give a node, or a group that is open in place, another id; what stands inside it goes along."""
        level, before = split(joined(self.level, old))
        after = split(new)[1] if split(new)[0] == split(old)[0] else new
        graph = edit_inside(self.document.now.graph, level, lambda inner: inner.rename(before, after))
        names = {joined(level, before): joined(level, after)}
        self._level = moved_path(self.level, names)
        self.document.edit(
            say("Rename {old} to {new}", old=before, new=after), graph=graph, view=_moved(self.document.now.view, names)
        )

    def collapse(
        self, ids: Iterable[str], title: str = "", places: Mapping[str, Point] | None = None, merge: Hashable = None
    ) -> str:
        """Make a group of nodes that stand on one level; return its id on this sheet.

        `places` are those of the cards as they are drawn; the group stands where the first of its nodes stood.
        """
        ids = self.whole(ids)
        homes = {split(one)[0] for one in ids}
        if len(homes) > 1:
            raise Refusal(say("the selected nodes lie in different groups; select those of one"))
        home = next(iter(homes), "")
        level, whole, view = joined(self.level, home), self.document.now.graph, self.document.now.view
        inner, id = collapse(inside(whole, level), [split(one)[1] for one in ids], title)
        stand = {**self.places, **(places or {})}
        chosen = [stand[one] for one in ids if one in stand]
        positions = {**view.positions, **{joined(self.level, one): place for one, place in (places or {}).items()}}
        view = replace(view, positions={path: place for path, place in positions.items() if is_there(whole, path)})
        view = _moved(view, {joined(self.level, one): joined(level, id, split(one)[1]) for one in ids})
        if chosen:
            place = min(p[0] for p in chosen), sum(p[1] for p in chosen) / len(chosen)
            view = replace(view, positions={**view.positions, joined(level, id): place})
        self.document.edit(say("Group"), graph=with_inside(whole, level, inner), view=view, merge=merge)
        return joined(home, id)

    def unpack(self, id: str, places: Mapping[str, Point] | None = None, merge: Hashable = None) -> tuple[str, ...]:
        """Put what a group holds in its place; return the ids of what was in it.

        `places` are those of all cards as they are drawn when the group is open; by default it stands where it is.
        """
        home, own = split(id)
        level = joined(self.level, home)
        whole, view = self.document.now.graph, self.document.now.view
        inner, names = unpack(inside(whole, level), own)
        stand, by, apart = self._unpacked(id, places)
        gone = joined(level, own)
        first: dict[str, str] = {}
        positions = {**view.positions, **{joined(self.level, one): place for one, place in (places or {}).items()}}
        for (k, one), name in names.items():
            first[joined(gone, one)] = joined(level, name) if k == 1 else first[joined(gone, one)]
            for path, place in view.positions.items():
                if lies_in(path, joined(gone, one)):  # what stands in a group inside this one
                    positions[moved_path(path, {joined(gone, one): joined(level, name)})] = place
            if one in stand:
                x, y = stand[one]
                positions[joined(level, name)] = (x + (k - 1) * apart[0], y + (k - 1) * apart[1])
        remarks = tuple(_risen(one, level, by) if one.level == gone else one for one in view.remarks)
        whole = with_inside(whole, level, inner)
        view = replace(
            view,
            positions={path: place for path, place in positions.items() if is_there(whole, path)},
            opened=tuple(moved_path(path, first) for path in view.opened if path != gone),
            remarks=tuple(replace(one, level=moved_path(one.level, first)) for one in remarks),
        )
        self.document.edit(say("Unpack {group}", group=own), graph=whole, view=view, merge=merge)
        return tuple(joined(home, name) for name in names.values())

    def _unpacked(self, id: str, places: Mapping[str, Point] | None) -> tuple[dict[str, Point], Point, Point]:
        """Say where what a group holds stands once it is unpacked, by how much that moves, how far apart repetitions.

        From an open group the cards stay where they are drawn.
        """
        drawn, stored = {**self.places, **(places or {})}, self.document.now.view.positions
        path = joined(self.level, id)
        known = {below(one, path): place for one, place in stored.items() if split(one)[0] == path}
        stand = {below(one, id): place for one, place in drawn.items() if split(one)[0] == id}
        if not stand:
            return {}, (0.0, 0.0), (0.0, 0.0)
        left, top = min(x for x, _ in stand.values()), min(y for _, y in stand.values())
        right, bottom = max(x for x, _ in stand.values()), max(y for _, y in stand.values())
        if places is None and id not in self.opened:
            x, y = drawn.get(id, (0.0, 0.0))
            stand = {one: (px + x - left, py + y - top) for one, (px, py) in stand.items()}
        moves = ((stand[one][0] - x, stand[one][1] - y) for one, (x, y) in known.items() if one in stand)
        dx, dy = BESIDE[self.direction]
        apart = (right - left + dx if dx else 0.0, bottom - top + dy if dy else 0.0)
        return stand, next(moves, (0.0, 0.0)), apart

    def set_open(self, id: str, opened: bool, places: Mapping[str, Point] | None = None) -> None:
        """Draw what a group holds among the rest, or its card again; `places` are those of what is drawn then."""
        path, view, whole = joined(self.level, id), self.document.now.view, self.document.now.graph
        paths = {one for one in view.opened if one != path and (opened or not lies_in(one, path))}
        view = replace(view, opened=tuple(sorted(paths | {path} if opened else paths)))
        if places is not None:
            shown = self._opened(view)
            drawn = open_in_place(inside(whole, self.level), shown)
            view = replace(view, positions=self._all_positions(places, whole, drawn, shown, view.positions))
        name = say("Open {group}", group=split(id)[1]) if opened else say("Close {group}", group=split(id)[1])
        self.document.edit(name, view=view)

    # -- from this sheet to the document -----------------------------------------------------------------------------

    def _lifted(self, graph: Graph) -> Graph:
        """Return the whole document's graph with this sheet's in its place."""
        whole, level = self.document.now.graph, self.level
        return with_inside(whole, level, fold(graph, inside(whole, level)) if self.opened else graph)

    def _all_positions(
        self,
        places: Mapping[str, Point],
        whole: Graph,
        drawn: Graph,
        opened: tuple[str, ...],
        before: Mapping[str, Point],
    ) -> dict[str, Point]:
        """Return all positions of the document when the cards that are drawn here stand at these places."""
        if not self.level and not opened and not any("." in path for path in before):
            return {id: (float(x), float(y)) for id, (x, y) in places.items()}
        mine = {*drawn.nodes, *self.graph.nodes, *places}
        kept = {
            path: place
            for path, place in before.items()
            if not lies_in(path, self.level) or below(path, self.level) not in mine or self._is_hidden(path, opened)
        }
        placed = {id: (float(x), float(y)) for id, (x, y) in places.items()}
        for group in reversed(opened):  # the inner ones before those around them
            within = [place for id, place in placed.items() if split(id)[0] == group]
            if within:
                left, top = min(p[0] for p in within), min(p[1] for p in within)
                placed[group] = (left - MARGIN[0], top - MARGIN[1])
        found = {**kept, **{joined(self.level, id): place for id, place in placed.items()}}
        return {path: place for path, place in found.items() if is_there(whole, path)}

    def _is_hidden(self, path: str, opened: tuple[str, ...]) -> bool:
        """Whether a node lies in a group that is closed: where it stands in there is kept."""
        group = split(below(path, self.level))[0]
        return bool(group) and group not in opened


def _moved(view: View, names: Mapping[str, str]) -> View:
    """Return the view when nodes, and all below them, are at other paths: by the old the new."""
    return replace(
        view,
        positions={moved_path(path, names): place for path, place in view.positions.items()},
        remarks=tuple(replace(one, level=moved_path(one.level, names)) for one in view.remarks),
        opened=tuple(sorted(moved_path(path, names) for path in view.opened)),
    )


def _risen(remark: Remark, level: str, by: Point) -> Remark:
    """Return a remark of a group that is unpacked: it moves to the level around it."""
    x, y, width, height = remark.rect
    return replace(remark, level=level, rect=(x + by[0], y + by[1], width, height))
