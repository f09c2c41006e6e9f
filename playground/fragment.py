"""A piece of a graph as a value: nodes, the wires between them, where they stand, notes and frames.

It is what is copied and pasted, and as JSON text it goes through any clipboard, mail or text editor:

    {"format": "network-playground-fragment", "version": 1,
     "nodes": […], "wires": […], "positions": {…}, "remarks": […]}

Nodes, wires and remarks are written as in a document, and a whole document is read as a piece, too. What is read is
not trusted. Pasted nodes get ids that nobody had before: the numbering goes on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from playground import document_json, files
from playground.experiment import Remark
from playground.graph import Graph, Node, Wire, joined
from playground.graph_json import MOST_NODES, MOST_WIRES, Findings, graph_json, read_graph, unfolded_size
from playground.nesting import around, is_there, moved_path
from playground.text import Refusal, Sentence, say

FORMAT = "network-playground-fragment"
VERSION = 1
LONGEST = 8 * 2**20
"""Characters that anybody looks at."""
LONGEST_STEM = 70

Point = tuple[float, float]


@dataclass(frozen=True)
class Fragment:
    """A piece of a graph with its places and remarks; the ids are those of where it comes from.

    Of a group that is in it, the places tell where the nodes inside it stand, too, by their paths.
    """

    graph: Graph = Graph()
    places: Mapping[str, Point] = field(default_factory=dict)
    remarks: tuple[Remark, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.graph.nodes or self.remarks)


@dataclass(frozen=True)
class Joined:
    """A graph with a piece set into it.

    Attributes:
        graph: the whole.
        ids: the new id of each node of the piece, by the old one.
    """

    graph: Graph
    ids: Mapping[str, str]


# -- taking and setting in ---------------------------------------------------------------------------------------


def cut_out(graph: Graph, places: Mapping[str, Point], ids: Iterable[str], remarks: Iterable[Remark] = ()) -> Fragment:
    """Take a copy of some nodes with the wires between them; what stands on the edge of a group stays with it.

    `places` may tell of more than the nodes: of what stands inside a group among them, it goes along.
    """
    names: dict[str, str] = {}
    for id in ids:
        if not graph.nodes[id].block.edge:
            names[id] = _unlike(id.rpartition(".")[2], set(names.values()))
    nodes = {
        new: replace(graph.nodes[old], id=new, tied_to=names.get(graph.nodes[old].tied_to, ""))
        for old, new in names.items()
    }
    wires = [_renamed(wire, names) for wire in graph.wires if wire.source in names and wire.target in names]
    taken = Graph.of(nodes, wires)
    standing = {path: place for path, place in followed(places, names).items() if is_there(taken, path)}
    return Fragment(taken, standing, tuple(replace(remark, level="") for remark in remarks))


def followed(places: Mapping[str, Point], names: Mapping[str, str]) -> dict[str, Point]:
    """Return the places of these nodes, and of what is inside them, under their new names; by the old the new."""
    found = {path: moved_path(path, names) for path in places if any(one in names for one in (path, *around(path)))}
    return {new: places[path] for path, new in found.items()}


def set_in(graph: Graph, piece: Graph, inside: str = "") -> Joined:
    """Add the nodes and wires of a piece to a graph, all under fresh ids; `inside` a group that is open in place."""
    if unfolded_size(graph) + unfolded_size(piece) > MOST_NODES or len(graph.wires) + len(piece.wires) > MOST_WIRES:
        raise Refusal(say("With these there would be more than {n} nodes, more than any network has", n=MOST_NODES))
    ids, used = _fresh_ids(graph, {id: joined(inside, id) for id in piece.nodes})
    added = {
        ids[old]: replace(node, id=ids[old], tied_to=ids.get(node.tied_to, "")) for old, node in piece.nodes.items()
    }
    return Joined(_with(graph, added, [_renamed(wire, ids) for wire in piece.wires], used), ids)


def doubled(graph: Graph, ids: Iterable[str]) -> Joined:
    """Add a copy of some nodes beside them: wired alike among themselves, and fed by what feeds the originals."""
    chosen = [id for id in ids if not graph.nodes[id].block.edge]
    if len(graph.nodes) + len(chosen) > MOST_NODES:
        raise Refusal(say("With these there would be more than {n} nodes, more than any network has", n=MOST_NODES))
    names, used = _fresh_ids(graph, {id: id for id in chosen})
    added: dict[str, Node] = {}
    for old, new in names.items():
        node = graph.nodes[old]
        added[new] = replace(node, id=new, tied_to=names.get(node.tied_to, node.tied_to))
    wires = [_renamed(wire, names) for wire in graph.wires if wire.target in names]
    return Joined(_with(graph, added, wires, used), names)


def _with(graph: Graph, nodes: Mapping[str, Node], wires: Iterable[Wire], used: Mapping[str, int]) -> Graph:
    return replace(graph, nodes={**graph.nodes, **nodes}, wires=(*graph.wires, *wires), used=used)


def _renamed(wire: Wire, names: Mapping[str, str]) -> Wire:
    return replace(wire, source=names.get(wire.source, wire.source), target=names[wire.target])


def _fresh_ids(graph: Graph, wanted: Mapping[str, str]) -> tuple[dict[str, str], dict[str, int]]:
    """Find an id for each that was never given out: the wanted one, or the next of its numbering."""
    used = dict(graph.used)
    names: dict[str, str] = {}
    taken = set(graph.nodes)
    for old, id in wanted.items():
        stem, number = _numbered(id)
        if id in taken or (number and number <= used.get(stem, 0)):
            stem = stem[: LONGEST_STEM + stem.rfind(".") + 1]
            number = used.get(stem, 0) + 1
            while f"{stem}_{number}" in taken:
                number += 1
            id = f"{stem}_{number}"
        if number:
            used[stem] = max(number, used.get(stem, 0))
        names[old] = id
        taken.add(id)
    return names, used


def _unlike(id: str, taken: set[str]) -> str:
    stem, number = _numbered(id)
    while id in taken:
        number += 1
        id = f"{stem}_{number}"
    return id


def _numbered(id: str) -> tuple[str, int]:
    """Split ``dense_12`` into its stem and its number; an id without one has the number 0."""
    found = re.fullmatch(r"(.+)_([0-9]{1,9})", id)
    return (found[1], int(found[2])) if found else (id, 0)


# -- as text -----------------------------------------------------------------------------------------------------


def to_text(fragment: Fragment) -> str:
    """Write a piece as JSON that a person can read, with a line for every node and wire."""
    value: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        **graph_json(fragment.graph),
        "positions": {id: list(place) for id, place in fragment.places.items()},
    }
    if fragment.remarks:
        value["remarks"] = [document_json.remark_json(remark) for remark in fragment.remarks]
    return files.pretty(value) + "\n"


def from_text(text: str) -> Fragment:
    """Read a piece, or a whole document, from JSON text; refuse anything else with a sentence."""
    if not text.strip():
        raise Refusal(say("There is nothing to paste; copy nodes first"))
    if len(text) > LONGEST:
        raise Refusal(say("The text on the clipboard is too long for a piece of a network"))
    try:
        value = files.loads(text, "")
    except document_json.Unreadable as error:
        raise Refusal(say("The text on the clipboard is no piece of a network; copy nodes first")) from error
    kind = value.get("format") if isinstance(value, dict) else None
    if kind == document_json.FORMAT:
        return _from_document(text)
    if kind != FORMAT:
        raise Refusal(say("The text on the clipboard is no piece of a network; copy nodes first"))
    if value.get("version") != VERSION:
        raise Refusal(say("It was copied from another version of Network Playground and cannot be read here"))
    return _read(value)


def _from_document(text: str) -> Fragment:
    try:
        experiment = files.parse(text)
    except document_json.Unreadable as error:
        raise _not_pasted(error.problems) from error
    view = experiment.view
    places = {path: place for path, place in view.positions.items() if is_there(experiment.graph, path)}
    return Fragment(experiment.graph, places, tuple(remark for remark in view.remarks if not remark.level))


def _read(value: dict[str, Any]) -> Fragment:
    findings = Findings()
    graph = read_graph({key: value.get(key, []) for key in ("nodes", "wires")}, findings, "")
    places: dict[str, Point] = {}
    remarks: list[Remark] = []
    with findings.at("positions"):
        read = document_json.read_places(value.get("positions", {}))
        places = {path: place for path, place in read.items() if is_there(graph, path)}
    with findings.at("remarks"):
        remarks = [replace(remark, level="") for remark in document_json.read_remarks(value.get("remarks", []))]
    if findings.problems:
        raise _not_pasted(findings.problems)
    return Fragment(graph, places, tuple(remarks))


def _not_pasted(problems: list[tuple[str, Sentence]]) -> Refusal:
    place, first = problems[0]
    told = say("{place}: {problem}", place=place.lstrip("."), problem=first) if place else first
    return Refusal(say("This cannot be pasted: {problem}", problem=told))
