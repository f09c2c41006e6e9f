"""The weights of one node as they are at this moment: asked once, by whoever wants to see or keep them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from playground.declare import words
from playground.probes import LARGEST_ANSWER, Probe, Subject
from playground.report import NodeReport
from playground.text import Refusal, note, say

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

ROOM = LARGEST_ANSWER - 4096
"""Bytes that the numbers may take; the rest is for their names and shapes."""


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
