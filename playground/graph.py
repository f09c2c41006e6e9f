"""The network as a person draws it: nodes, wires, and edits that return a new graph.

A `Graph` is a value. Every edit leaves it as it was and returns another, so undo is a list of graphs and any
view can compare two of them node by node (an untouched node is the same object in both).

Node ids are readable Python identifiers (`dense_1`), stable, and never reused within one history: the same
string is the saved id, the attribute of the network, the prefix of its weights and the place named in errors.
"""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from playground.block import Block, Port
from playground.text import Refusal, say

RESERVED = frozenset(
    (  # noqa: SIM905 - forty names are easier to read and to extend as words than as forty quoted lines
        "T_destination add_module apply bfloat16 buffers call_super_init children compile cpu cuda double dump_patches "
        "eval extra_repr float forward get_buffer get_extra_state get_parameter get_submodule half ipu load_state_dict "
        "modules mtia named_buffers named_children named_modules named_parameters parameters register_backward_hook "
        "register_buffer register_forward_hook register_forward_pre_hook register_full_backward_hook "
        "register_full_backward_pre_hook register_load_state_dict_post_hook register_load_state_dict_pre_hook "
        "register_module register_parameter register_state_dict_post_hook register_state_dict_pre_hook requires_grad_ "
        "set_extra_state set_submodule share_memory state_dict to to_empty train training type xpu zero_grad "
    ).split()
)
"""Names that `nn.Module` uses itself."""


STATES = ("", "bypassed", "muted")
"""What a node does: its work; nothing, its first input passes through; nothing, it gives zeros of its shape."""


@dataclass(frozen=True)
class Node:
    """One block on the canvas, under its own name.

    Attributes:
        id, block: what it is called, and what it is.
        state: one of `STATES`.
        frozen: whether training leaves its weights alone.
        tied_to: the id of a node of the same graph whose weights it shares, or nothing.
        weights: weights set by hand: per name, as the block's `weights` names them, numbers in nested tuples.
    """

    id: str
    block: Block
    state: str = ""
    frozen: bool = False
    tied_to: str = ""
    weights: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Wire:
    """A connection from an output port to an input port."""

    source: str
    target: str
    source_port: str = "out"
    target_port: str = "x"

    def __str__(self) -> str:
        return f"{self.source}.{self.source_port} → {self.target}.{self.target_port}"


@dataclass(frozen=True)
class Graph:
    """Nodes by id, in the order in which they were added, and the wires between them."""

    nodes: Mapping[str, Node] = field(default_factory=dict)
    wires: tuple[Wire, ...] = ()
    used: Mapping[str, int] = field(default_factory=dict, compare=False)
    """The highest number given out for each stem, so that an id is not given out twice."""

    # -- reading -----------------------------------------------------------------------------------------------

    def __contains__(self, id: object) -> bool:
        return id in self.nodes

    @cached_property
    def incoming(self) -> Mapping[str, tuple[Wire, ...]]:
        """The wires that end at each node, in drawing order."""
        found: dict[str, list[Wire]] = {id: [] for id in self.nodes}
        for wire in self.wires:
            found[wire.target].append(wire)
        return {id: tuple(wires) for id, wires in found.items()}

    @cached_property
    def outgoing(self) -> Mapping[str, tuple[Wire, ...]]:
        """The wires that begin at each node, in drawing order."""
        found: dict[str, list[Wire]] = {id: [] for id in self.nodes}
        for wire in self.wires:
            found[wire.source].append(wire)
        return {id: tuple(wires) for id, wires in found.items()}

    @cached_property
    def order(self) -> tuple[str, ...]:
        """The nodes in an order in which each comes after all that feed it; nodes of cycles are missing."""
        waiting = {id: len(wires) for id, wires in self.incoming.items()}
        ready = [id for id, n in waiting.items() if n == 0]
        for id in ready:  # grows while it is read
            for wire in self.outgoing[id]:
                waiting[wire.target] -= 1
                if waiting[wire.target] == 0:
                    ready.append(wire.target)
        return tuple(ready)

    def feeds(self, source: str, target: str) -> bool:
        """Whether anything that leaves `source` can reach `target` (a node reaches itself)."""
        seen, queue = {source}, [source]
        for id in queue:
            for wire in self.outgoing[id]:
                if wire.target not in seen:
                    seen.add(wire.target)
                    queue.append(wire.target)
        return target in seen

    def level(self, wire: Wire) -> str:
        """Return the group, open in place, in which a wire lies; empty outside of all."""
        home = wire.target.rpartition(".")[0]
        return home.rpartition(".")[0] if self.nodes[wire.target].block.edge == "in" else home

    def free_port(self, id: str) -> Port | None:
        """Return the first input port of a node that can take another wire, if any."""
        taken = {wire.target_port for wire in self.incoming[id]}
        return next((p for p in self.nodes[id].block.ports() if p.variadic or p.name not in taken), None)

    def fresh_id(self, block: Block, inside: str = "") -> str:
        """Return the id that the next node of this block gets, in a group that is open in place or at the top."""
        stem = joined(inside, block.stem or type(block).__name__.lower())
        number = self.used.get(stem, 0) + 1
        while f"{stem}_{number}" in self.nodes:
            number += 1
        return f"{stem}_{number}"

    @classmethod
    def of(cls, nodes: Mapping[str, Block | Node], wires: Iterable[Wire] = ()) -> Graph:
        """Make a graph at once; ids must have passed `check_id`, wires must end at ports that are there."""
        used: dict[str, int] = {}
        for id in nodes:
            stem, number = _numbered(id)
            used[stem] = max(used.get(stem, 0), number)
        made = {id: one if isinstance(one, Node) else Node(id, one) for id, one in nodes.items()}
        return cls(made, tuple(wires), used)

    # -- editing -----------------------------------------------------------------------------------------------

    def add(self, block: Block, id: str = "") -> Graph:
        """Put a node on the canvas; without an id it gets a fresh one (the last of ``nodes``)."""
        id = id or self.fresh_id(block)
        level, _, own = id.rpartition(".")
        check_id(own if any(other.rpartition(".")[0] == level for other in self.nodes) else id)
        if id in self.nodes:
            raise Refusal(say("there is already a node called {id}", id=id))
        return replace(self, nodes={**self.nodes, id: Node(id, block)}, used=self._used_with(id))

    def remove(self, ids: Iterable[str]) -> Graph:
        """Take nodes away, and with them every wire that touches them."""
        gone = set(ids)
        return replace(
            self,
            nodes={id: _untied(node, gone) for id, node in self.nodes.items() if id not in gone},
            wires=tuple(w for w in self.wires if w.source not in gone and w.target not in gone),
        )

    def configure(self, id: str, block: Block) -> Graph:
        """Give a node another block (usually the same with other parameters); wires to lost ports go."""
        nodes = {**self.nodes, id: replace(self.nodes[id], block=block)}
        ports = {port.name for port in block.ports()}
        wires = tuple(
            w
            for w in self.wires
            if (w.target != id or w.target_port in ports) and (w.source != id or w.source_port in block.outputs)
        )
        return replace(self, nodes=nodes, wires=self.wires if len(wires) == len(self.wires) else wires)

    def mark(self, id: str, **changes: Any) -> Graph:
        """Change what a node is besides its block: its state, whether it is frozen, tied, or set by hand."""
        return replace(self, nodes={**self.nodes, id: replace(self.nodes[id], **changes)})

    def rename(self, old: str, new: str) -> Graph:
        """Give a node another id, everywhere."""
        level, _, own = new.rpartition(".")
        check_id(own if level == old.rpartition(".")[0] else new)
        if new in self.nodes and new != old:
            raise Refusal(say("there is already a node called {id}", id=new))
        nodes = {(new if id == old else id): _renamed(node, old, new) for id, node in self.nodes.items()}
        wires = tuple(
            replace(w, source=new if w.source == old else w.source, target=new if w.target == old else w.target)
            for w in self.wires
        )
        return replace(self, nodes=nodes, wires=wires, used=self._used_with(new))

    def why_not(self, wire: Wire) -> Refusal | None:
        """Say why a wire cannot be drawn, or None where it can."""
        if wire.source not in self.nodes or wire.target not in self.nodes:
            return Refusal(say("the wire {wire} ends at a node that is not there", wire=wire))
        if wire.source_port not in self.nodes[wire.source].block.outputs:
            return Refusal(say("{node} has no output called {port}", node=wire.source, port=wire.source_port))
        if wire.target_port not in {p.name for p in self.nodes[wire.target].block.ports()}:
            return Refusal(say("{node} has no input called {port}", node=wire.target, port=wire.target_port))
        if self.feeds(wire.target, wire.source):
            return Refusal(
                say("a wire from {source} to {target} would close a cycle", source=wire.source, target=wire.target)
            )
        return None

    def connect(self, wire: Wire) -> Graph:
        """Draw a wire; one that already ends at the same single port gives way."""
        if wire in self.wires:
            return self
        if refusal := self.why_not(wire):
            raise refusal
        port = next(p for p in self.nodes[wire.target].block.ports() if p.name == wire.target_port)
        kept = self.wires
        if not port.variadic:
            kept = tuple(w for w in kept if (w.target, w.target_port) != (wire.target, wire.target_port))
        return replace(self, wires=(*kept, wire))

    def disconnect(self, wire: Wire) -> Graph:
        """Take one wire away."""
        return replace(self, wires=tuple(w for w in self.wires if w != wire))

    def insert(self, block: Block, wire: Wire) -> Graph:
        """Put a new node into a wire: what flowed on it now flows through the node."""
        port = block.ports()[0].name
        id = self.fresh_id(block, self.level(wire))
        graph = self.add(block, id)
        first = Wire(wire.source, id, wire.source_port, port)
        second = Wire(id, wire.target, block.outputs[0], wire.target_port)
        at = graph.wires.index(wire)  # the place among the wires is kept: it decides the order of a Concat
        return replace(graph, wires=(*graph.wires[:at], first, second, *graph.wires[at + 1 :]))

    def remove_joining(self, id: str) -> Graph:
        """Take a node away and join the chain again: its first input feeds all that it fed."""
        before = self.incoming[id][:1]
        graph = self.remove([id])
        for source in before:
            for wire in self.outgoing[id]:
                graph = graph.connect(replace(wire, source=source.source, source_port=source.source_port))
        return graph

    def _used_with(self, id: str) -> Mapping[str, int]:
        stem, number = _numbered(id)
        return {**self.used, stem: number} if number > self.used.get(stem, 0) else self.used


def tensor_shape(value: Any) -> tuple[int, ...]:
    """Return the shape of nested tuples of numbers; a bare number has the shape ``()``."""
    return (len(value), *tensor_shape(value[0])) if isinstance(value, tuple | list) else ()


def joined(*parts: str) -> str:
    """Join the ids of groups and a node to a path: ``encoder_1.dense_1``."""
    return ".".join(part for part in parts if part)


def _untied(node: Node, gone: set[str]) -> Node:
    return replace(node, tied_to="") if node.tied_to in gone else node


def _renamed(node: Node, old: str, new: str) -> Node:
    if node.id != old and node.tied_to != old:
        return node
    return replace(node, id=new if node.id == old else node.id, tied_to=new if node.tied_to == old else node.tied_to)


def _numbered(id: str) -> tuple[str, int]:
    """Split ``dense_12`` into its stem and its number; an id without one has the number 0."""
    stem, _, number = id.rpartition("_")
    return (stem, int(number)) if stem and number.isdecimal() and len(number) < 10 else (id, 0)


def check_id(id: str) -> None:
    """Refuse an id that cannot be a Python attribute of the network."""
    if not id.isidentifier() or keyword.iskeyword(id) or id.startswith("_") or len(id) > 80:
        raise Refusal(
            say("{id} cannot be a name; use letters, digits and underscores, beginning with a letter", id=repr(id[:80]))
        )
    if id in RESERVED:
        raise Refusal(say("{id} is a name that PyTorch uses itself; choose another", id=id))
