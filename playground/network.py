"""The drawn graph as a plain `nn.Module`: its children carry the ids of the nodes.

Every node draws its first weights from a seed of its own, made of the experiment's seed and its id, so adding a
node, or moving it, leaves the first weights of all others as they were.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from playground import layers
from playground.analysis import Report, in_port_order
from playground.block import Layer
from playground.blocks.data import Input, Output
from playground.graph import Graph


class Call(NamedTuple):
    """One step of the forward pass: run `module` on the values in `sources`, keep the result in `slot`."""

    id: str
    module: nn.Module
    sources: tuple[int, ...]
    slot: int


class Network(nn.Module):
    """A graph, built. Attributes of its own begin with an underscore: all other names belong to the nodes."""

    def __init__(self, graph: Graph, report: Report, seed: int) -> None:
        super().__init__()
        self._inputs: list[tuple[int, str]] = []
        self._outputs: list[tuple[str, int]] = []
        self._calls: list[Call] = []
        self._slots: dict[str, int] = {}
        for id in graph.order:
            if id not in report.nodes:
                continue
            node = report.nodes[id]
            slot = self._slots[id] = len(self._slots)
            wires = in_port_order(node.block, graph.incoming[id])
            sources = tuple(self._slots[wire.source] for wire in wires)
            if isinstance(node.block, Input):
                self._inputs.append((slot, node.block.field))
            elif isinstance(node.block, Output):
                self._outputs.append((id, sources[0]))
                self._slots[id] = sources[0]
            else:
                torch.manual_seed(node_seed(seed, id))
                module = build(node.layer)
                self.add_module(id, module)
                self._calls.append(Call(id, module, sources, slot))
        self._size = len(graph.nodes)

    def forward(self, inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Map the data's inputs by name, batch first, to what reaches each Output, by its id."""
        values = self._run(inputs)
        return {id: values[slot] for id, slot in self._outputs}

    def _run(self, inputs: Mapping[str, Tensor]) -> list[Any]:
        values: list[Any] = [None] * self._size
        for slot, field in self._inputs:
            values[slot] = inputs[field]
        for _, module, sources, slot in self._calls:
            if len(sources) == 1:
                values[slot] = module(values[sources[0]])
            else:
                values[slot] = module(*[values[source] for source in sources])
        return values


def build(layer: Layer) -> nn.Module:
    """Make the module that a `Layer` names."""
    home, _, name = layer.name.partition(".")
    made: nn.Module = getattr({"nn": nn, "layers": layers}[home], name)(*layer.args, **dict(layer.kwargs))
    return made


def node_seed(seed: int, id: str) -> int:
    """Return the seed that a node's first weights are drawn from."""
    return zlib.crc32(f"{seed}/{id}".encode())


def look(network: Network, inputs: Mapping[str, Tensor], keep: Iterable[str]) -> dict[str, Tensor]:
    """Run inputs through in eval mode and return what left each node in `keep`; the network stays as it was.

    No gradient is recorded, no running statistics move, no random number is drawn. An Output gives what
    reached it; ids that are not in the network are left out.
    """
    training = network.training
    network.eval()
    try:
        with torch.no_grad():
            values = network._run(inputs)
    finally:
        network.train(training)
    return {id: values[network._slots[id]] for id in keep if id in network._slots}


def first_not_finite(network: Network, inputs: Mapping[str, Tensor]) -> str:
    """Return the first node, in the order of the forward pass, whose weights or values are not finite ("" if none)."""
    with torch.no_grad():
        values: list[Any] = [None] * network._size
        for slot, field in network._inputs:
            values[slot] = inputs[field]
        for id, module, sources, slot in network._calls:
            if any(not torch.isfinite(weight).all() for weight in module.parameters()):
                return id
            values[slot] = module(*[values[source] for source in sources])
            if not torch.isfinite(values[slot]).all():
                return id
    return ""
