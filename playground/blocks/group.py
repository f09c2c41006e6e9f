"""Groups: a node that holds a network of its own, and the ports where that network meets the outside.

The id of a `GroupInput` or `GroupOutput` is the name of the group's port. Where a group is unfolded (for analysis,
for training, or on the canvas when it is open in place) an `Entrance` and an `Exit` stand for the two.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

from playground.block import Block, Layer, Port
from playground.declare import integer, switch, words
from playground.graph import Graph, Wire
from playground.shape import Shape


class GroupInput(Block):
    """Brings what comes in at a port of the group to the blocks inside it."""

    family = "Data"
    stem: ClassVar[str] = "x"
    edge: ClassVar[str] = "in"

    def output(self) -> Shape:  # type: ignore[override]  # its shape comes from outside the group
        raise NotImplementedError

    def layer(self) -> Layer:  # type: ignore[override]
        return Layer("nn.Identity")


class GroupOutput(Block):
    """Hands what comes in to a port of the group, where it leaves."""

    family = "Data"
    outputs: ClassVar[tuple[str, ...]] = ()
    stem: ClassVar[str] = "out"
    edge: ClassVar[str] = "out"

    def output(self, x: Shape) -> Shape:
        return x

    def layer(self, x: Shape) -> Layer:
        return Layer("nn.Identity")


class _Passage(Block):
    """Lets pass what comes in."""

    members: ClassVar[dict[str, type[Any]]] = {}  # of their own: they are never chosen and never saved
    family = "Data"

    def output(self, x: Shape) -> Shape:
        return x

    def layer(self, x: Shape) -> Layer:
        return Layer("nn.Identity")


class Entrance(_Passage):
    """Brings what comes in at a port of the group to the blocks inside it.

    It stands for a `GroupInput` where the group is unfolded.
    """

    edge = "in"


class Exit(_Passage):
    """Hands what comes in to a port of the group, where it leaves.

    It stands for a `GroupOutput` where the group is unfolded.
    """

    edge = "out"


def _through() -> Graph:
    return replace(Graph.of({"x": GroupInput(), "out": GroupOutput()}), wires=(Wire("x", "out"),))


class Group(Block):
    """Holds a network of its own as one node, to be repeated as often as you like.

    Several repetitions stand one behind the other: the outputs of one feed the inputs of the next, in their order;
    an input beyond that gets the same value in every repetition (the encoder's memory in a stack of decoders).
    """

    family = "Combine"
    title: str = words("", longest=60, help="What it is called on its card, in the palette and in lists")
    repeat: int = integer(1, low=1, high=1000, help="How many times it stands one behind the other")
    tied: bool = switch(
        False, help="All repetitions share the same weights; otherwise each has its own", label="Shared weights"
    )
    graph: Graph = _through()

    @property
    def name(self) -> str:
        return "Group"

    @property
    def outputs(self) -> tuple[str, ...]:  # type: ignore[override]  # they are those of the network inside
        return self.edges("out")

    def ports(self) -> tuple[Port, ...]:  # type: ignore[override]  # likewise
        return tuple(Port(name) for name in self.edges("in"))

    def edges(self, edge: str) -> tuple[str, ...]:
        """Return the names of the ports on one edge, in order: "in" or "out"."""
        return tuple(id for id, node in self.graph.nodes.items() if node.block.edge == edge)

    def output(self, *xs: Shape) -> Shape:
        raise NotImplementedError  # it is unfolded before anything is asked of it

    def layer(self, *xs: Shape) -> Layer:
        raise NotImplementedError

    def summary(self) -> str:
        return f"× {self.repeat}" if self.repeat > 1 else ""
