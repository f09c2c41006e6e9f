"""The weights of a network: those of one node, asked once to be seen or kept, and live those that stand on wires."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from playground.blocks.dense import Dense
from playground.declare import words
from playground.probes import LARGEST_ANSWER, Probe, Subject
from playground.report import NodeReport
from playground.text import Refusal, note, say

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

ROOM = LARGEST_ANSWER - 4096
"""Bytes that the numbers may take; the rest is for their names and shapes."""


MOST_ENDS = 8
"""How many units a small Dense joins on either side at most: more lines on one wire could not be told apart."""


@dataclass(frozen=True)
class WeightsAnswer:
    """What a node has learnt so far, float32, by the names that its block's `weights` uses.

    `left_out` names those that are too large to be sent; the smaller ones are there all the same.
    """

    step: int
    weights: dict[str, Array] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()


class Weights(Probe):
    """Reads the weights of one node."""

    key = "weights"
    title = note("Weights")
    icon = "mdi6.matrix"
    per_node = True
    once = True
    node: str = words("", help="Whose weights")

    @classmethod
    def accepts(cls, node: NodeReport) -> bool:
        """Say whether the node has weights."""
        return bool(node.weights)

    def measure(self, subject: Subject) -> WeightsAnswer | None:
        """Copy the weights of the node; None where it has none, a refusal where all of them are too large."""
        import torch

        known = subject.report.nodes.get(self.node)
        module = subject.network.module_at(self.node) if known is not None else None
        found = dict(module.named_parameters()) if module is not None else {}
        if known is not None and module is not None:
            for name, owner in known.shared.items():
                found[name] = subject.network.get_submodule(owner).get_parameter(name).view(known.weights[name])
        if not found:
            return None
        left = ROOM
        weights = {}
        for name, value in sorted(found.items(), key=lambda item: item[1].numel()):
            if (left := left - 4 * value.numel()) < 0:
                break  # this one and all after it, which are larger still
            weights[name] = value.detach().to("cpu", torch.float32, copy=True).contiguous().numpy()
        if not weights:
            raise Refusal(say("the weights of {node} are too many to be shown", node=self.node))
        return WeightsAnswer(subject.number, weights, tuple(name for name in found if name not in weights))


@dataclass(frozen=True)
class WireWeightsAnswer:
    """By node, the weights of a small Dense, float32 (units, inputs), and what the last step found as their gradient.

    Before the first step, and where nothing is learnt, there are no gradients.
    """

    step: int
    weights: dict[str, Array] = field(default_factory=dict)
    gradients: dict[str, Array] = field(default_factory=dict)


class WireWeights(Probe):
    """Reads the weights of small Dense layers, to be drawn on the wires into them."""

    key = "wire_weights"
    title = note("Weights on wires")
    icon = "mdi6.vector-polyline"
    rate = 8.0
    nodes: str = words("", help="Which nodes, with spaces between them; none means all", longest=20_000)

    def measure(self, subject: Subject) -> WireWeightsAnswer | None:
        """Copy weights and gradients; None where no layer is small enough."""
        asked = self.nodes.split() or list(subject.report.nodes)
        nodes = subject.report.nodes
        weights, gradients, left = {}, {}, ROOM
        for path in asked:
            module = subject.network.module_at(path) if path in nodes and weights_on_wire(nodes[path]) else None
            if module is None or (left := left - 8 * module.weight.numel()) < 0:
                continue
            weights[path] = _copied(module.weight)
            if module.weight.grad is not None:
                gradients[path] = _copied(module.weight.grad)
        return WireWeightsAnswer(subject.number, weights, gradients) if weights else None


def weights_on_wire(node: NodeReport) -> tuple[int, int] | None:
    """Return how many inputs and units a Dense joins, if these are few enough to be drawn as lines on its wire."""
    if not isinstance(node.block, Dense) or node.inputs[0].names != ("features",):
        return None
    units, inputs = node.weights["weight"]
    return (int(inputs), int(units)) if max(inputs, units) <= MOST_ENDS else None


def _copied(value: Any) -> Array:
    import torch

    array: Array = value.detach().to("cpu", torch.float32, copy=True).contiguous().numpy()
    return array
