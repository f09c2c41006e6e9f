"""The kernels of a convolution as small pictures: what it has learnt to look for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from playground.declare import words
from playground.probes import Probe, Subject
from playground.report import NodeReport
from playground.text import note

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

MOST_OUTPUTS, MOST_INPUTS = 32, 16
"""Kernels of a node that an answer shows: of the first maps that come out, and of the first that go in."""

MOST_NUMBERS = 60_000


@dataclass(frozen=True)
class KernelsAnswer:
    """The kernels of one node, float32 (outputs, inputs, h, w), the first ones of many.

    `outputs` and `inputs` say how many there are in all; a convolution in groups has kernels for the inputs of its
    group only. `reach` is the largest magnitude among all of them.
    """

    axis_names = {"kernels": ("output", "input", "row", "column")}

    step: int
    node: str
    kernels: Array
    outputs: int
    inputs: int
    reach: float


class Kernels(Probe):
    """Shows the kernels of a convolution."""

    key = "kernels"
    title = note("Kernels")
    icon = "mdi6.view-grid-outline"
    rate = 4.0
    per_node = True
    node: str = words("", help="Whose kernels")

    @classmethod
    def accepts(cls, node: NodeReport) -> bool:
        """Say whether the node slides kernels of a height and a width over images."""
        return bool(_kernel_name(node))

    def measure(self, subject: Subject) -> KernelsAnswer | None:
        """Copy the kernels of the node, as many as can be shown; None where it has none."""
        report = subject.report.nodes.get(self.node)
        name = _kernel_name(report) if report is not None else ""
        module = subject.network.module_at(self.node) if name else None
        if report is None or module is None:
            return None
        kernels = dict(module.named_parameters())[name].detach().float()
        if report.block.key == "ConvTranspose2D":  # torch keeps (inputs, outputs, h, w) there
            kernels = kernels.transpose(0, 1)
        shown = kernels[:MOST_OUTPUTS, :MOST_INPUTS].to("cpu", copy=True)
        shown = shown[: max(1, MOST_NUMBERS // shown[0].numel())].contiguous().numpy()
        return KernelsAnswer(
            step=subject.number,
            node=self.node,
            kernels=shown,
            outputs=kernels.shape[0],
            inputs=kernels.shape[1],
            reach=float(kernels.abs().max()),
        )


def _kernel_name(node: NodeReport) -> str:
    """Return the name of the largest weight of a node that has a height and a width, or nothing."""
    if node.block.family != "Convolution":
        return ""
    found = {name: shape[2] * shape[3] for name, shape in node.weights.items() if len(shape) == 4}
    return max(found, key=lambda name: found[name], default="")
