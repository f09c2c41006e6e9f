"""How strongly the last step pulled at the weights of each layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from playground.probes import Probe, Subject
from playground.text import note

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class GradientsAnswer:
    """The gradient of the last step, node by node in the order of the graph.

    `magnitude` is its root mean square over the node's own weights and biases: the size of a typical entry. Unlike
    the norm it does not grow with the number of weights, so a small layer and a large one can be compared.
    `norm` is the L2 norm. Both are float64, for a vanishing gradient must not become zero by rounding.
    """

    step: int
    nodes: tuple[str, ...]
    magnitude: Array
    norm: Array


class Gradients(Probe):
    """Shows how strongly the last step pulled at the weights of each layer."""

    key = "gradients"
    title = note("Gradient magnitude")
    icon = "mdi6.chart-bar"
    rate = 10.0

    def measure(self, subject: Subject) -> GradientsAnswer | None:
        """Measure the gradients that the last step left; None before the first step."""
        import numpy as np
        import torch

        nodes, sizes, norms = [], [], []
        for id in subject.report.nodes:
            module = subject.network.module_at(id)
            gradients = [p.grad for p in module.parameters() if p.grad is not None] if module is not None else []
            if not gradients:
                continue  # nothing to learn here, or nothing learnt yet
            nodes.append(id)
            sizes.append(sum(g.numel() for g in gradients))
            # float32 would lose everything below 1e-19 when it is squared; Apple's GPUs have nothing wider
            exact = torch.float32 if gradients[0].device.type == "mps" else torch.float64
            parts = [torch.linalg.vector_norm(g, dtype=exact) for g in gradients]
            norms.append(torch.linalg.vector_norm(torch.stack(parts)))
        if not nodes:
            return None
        norm = torch.stack(norms).cpu().numpy().astype(np.float64)  # one transfer for all layers
        return GradientsAnswer(subject.number, tuple(nodes), norm / np.sqrt(np.array(sizes)), norm)
