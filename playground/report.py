"""What analysis says of a graph: a report on every node, and what is wrong with remedies."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from playground.block import Block, Layer
from playground.blocks.data import Output
from playground.frames import frames_in
from playground.graph import Graph, Wire
from playground.shape import Shape
from playground.text import Sentence


@dataclass(frozen=True)
class Fix:
    """A remedy for a problem, offered as one click: what it does, and the edit that does it."""

    label: Sentence
    edit: Callable[[Graph], Graph]


@dataclass(frozen=True)
class Problem:
    """Something that keeps the graph from being trained, at a node by its path (empty: the graph as a whole)."""

    node: str
    message: Sentence
    fixes: tuple[Fix, ...] = ()


@dataclass(frozen=True)
class NodeReport:
    """What analysis knows of one node whose inputs are known."""

    id: str
    block: Block
    """The block with every ``auto`` filled in."""
    inputs: tuple[Any, ...]
    """The shapes that come in, in the order of the ports; None at an optional one that is passed over."""
    shape: Shape
    """What leaves the node; for an Output, what reaches it."""
    layer: Layer
    weights: Mapping[str, tuple[int, ...]]
    macs: int
    receptive_field: tuple[int, int] | None
    jump: tuple[int, int] = (1, 1)
    """How far two neighbouring pixels here lie apart on the input."""
    shapes: Mapping[str, Shape] = field(default_factory=dict)
    """What leaves each output port, where there are several."""
    frozen: bool = False
    shared: Mapping[str, str] = field(default_factory=dict)
    """Which of the weights belong to another node: the name, and that node's path."""
    within: tuple[NodeReport, ...] = ()
    """Of a group: the reports of all that it holds, in every repetition."""

    @cached_property
    def parameters(self) -> int:
        """How many numbers it holds that can learn or could, were they not frozen; shared ones count where they are."""
        own = sum(math.prod(shape) for name, shape in self.weights.items() if name not in self.shared)
        return own + sum(node.parameters for node in self.within)

    @cached_property
    def trainable(self) -> int:
        """How many of its numbers training changes."""
        return sum(node.trainable for node in self.within) if self.within else 0 if self.frozen else self.parameters

    @property
    def frames(self) -> int:
        """How many frames of a clip it works on, each by itself; 0 where it takes what comes in as it is."""
        return frames_in(self.block, self.inputs)

    def leaving(self, port: str) -> Shape:
        """Return what leaves an output port."""
        return self.shapes.get(port, self.shape)


@dataclass(frozen=True)
class Report:
    """The whole answer, by path. Nodes whose shape is not known are missing.

    Attributes:
        graph: the graph with its groups unfolded: what is trained.
        nodes: all that compute, and Inputs and Outputs.
        passages: the ports of the groups, inside of which they stand for what comes in and goes out.
        groups: the groups themselves, in sum; of a repeated one inside another, each repetition.
    """

    graph: Graph = Graph()
    nodes: Mapping[str, NodeReport] = field(default_factory=dict)
    passages: Mapping[str, NodeReport] = field(default_factory=dict)
    groups: Mapping[str, NodeReport] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    blocking: tuple[Problem, ...] = ()
    """Those problems that keep it from being trained; one at a node that feeds no Output does not."""

    @cached_property
    def parameters(self) -> int:
        """How many learnable numbers the network holds."""
        return sum(node.parameters for node in self.nodes.values())

    @cached_property
    def trainable(self) -> int:
        """How many of them training changes."""
        return sum(node.trainable for node in self.nodes.values())

    @cached_property
    def macs(self) -> int:
        """Multiply-accumulates of one example."""
        return sum(node.macs for node in self.nodes.values())

    @cached_property
    def wires(self) -> Mapping[Wire, Shape]:
        """What flows on each wire of the unfolded graph, where that is known."""
        sources = ((wire, self.nodes.get(wire.source) or self.passages.get(wire.source)) for wire in self.graph.wires)
        return {wire: known.leaving(wire.source_port) for wire, known in sources if known is not None}

    @property
    def outputs(self) -> dict[str, Output]:
        """The Outputs that judge: those that are neither bypassed nor muted."""
        found = {id: node.block for id, node in self.nodes.items() if isinstance(node.block, Output)}
        return {id: block for id, block in found.items() if not self.graph.nodes[id].state}

    def at(self, path: str) -> NodeReport | None:
        """Return what is known of a node, a group or a group's port."""
        return self.nodes.get(path) or self.groups.get(path) or self.passages.get(path)

    def problems_at(self, id: str) -> tuple[Problem, ...]:
        """Return the problems of one node."""
        return tuple(problem for problem in self.problems if problem.node == id)
