"""Trimming: which inputs of tokens can be cut off behind the longest text of a batch, so that padding costs nothing.

That is so where nothing in the network minds how many steps there are: every layer stays the one that it is, and what
brings the steps of an example together knows where the example ends.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from playground.analysis import analyse
from playground.blocks.data import Input, Output
from playground.blocks.position import PositionalEncoding
from playground.facts import DataFacts
from playground.graph import Graph
from playground.network import Network
from playground.report import NodeReport, Report
from playground.shape import Shape


@dataclass(frozen=True)
class Cut:
    """An input of tokens that can be cut.

    Attributes:
        name: what the data call it.
        least: how many steps must stay, however short all texts are: a kernel must fit.
        targets: those that have a class for each of its steps, and are cut with it.
    """

    name: str
    least: int = 1
    targets: frozenset[str] = frozenset()


def cuts(report: Report, network: Network, facts: DataFacts) -> tuple[Cut, ...]:
    """Find the inputs whose padding can be left out of what is computed."""
    fitting = _Fitting(report, network, facts)
    found: list[Cut] = []
    for name in dict.fromkeys(node.block.field for node in report.nodes.values() if isinstance(node.block, Input)):
        shape = facts.inputs[name]
        if shape.names == ("time",) and shape.time > 1 and (cut := fitting.cut(name, int(shape.time))):
            found.append(cut)
    together = {cut.name: cut.least for cut in found}
    bound = frozenset().union(*(cut.targets for cut in found))
    return tuple(found) if len(found) < 2 or fitting.fits(together, bound) else ()


class _Fitting:
    """Tries what becomes of an analysed graph if its inputs had fewer steps."""

    def __init__(self, report: Report, network: Network, facts: DataFacts) -> None:
        self._report, self._facts = report, facts
        self._graph = _settled(report)
        modules = {id: network.module_at(id) for id in report.nodes}
        self._mixing = {id for id, module in modules.items() if not getattr(module, "uses_lengths", False)}

    def cut(self, name: str, steps: int) -> Cut | None:
        """Return how far an input of so many steps can be cut, if it can."""
        shorter = analyse(self._graph, self._trimmed({name: steps - 1}))
        bound = frozenset(
            node.block.target
            for id, node in shorter.nodes.items()
            if isinstance(node.block, Output) and node.shape != self._report.nodes[id].shape
        )
        if not self.fits({name: steps - 1}, bound):
            return None
        low, high = 1, steps - 1  # what does not fit grows with the steps that are missing
        while low < high:
            middle = (low + high) // 2
            low, high = (low, middle) if self.fits({name: middle}, bound) else (middle + 1, high)
        return Cut(name, low, bound)

    def fits(self, steps: Mapping[str, int], bound: frozenset[str]) -> bool:
        """Whether the network is the same with so many steps of these inputs and of the targets bound to them."""
        known = analyse(self._graph, self._trimmed(steps, bound))
        if known.blocking or known.nodes.keys() != self._report.nodes.keys():
            return False
        return all(self._alike(id, node) for id, node in known.nodes.items())

    def _alike(self, id: str, node: NodeReport) -> bool:
        """Whether a node is the same layer as before; one that knows no lengths may only work step by step."""
        before = self._report.nodes[id]
        if node.layer != before.layer and not isinstance(node.block, Input | PositionalEncoding):
            return False
        if id not in self._mixing or isinstance(node.block, Input | Output):
            return True
        entering = {int(shape.time) for shape in node.inputs if shape is not None and "time" in shape}
        changed = node.inputs != before.inputs
        return not changed or ("time" in node.shape and entering == {int(node.shape.time)})

    def _trimmed(self, steps: Mapping[str, int], bound: frozenset[str] = frozenset()) -> DataFacts:
        """Return the facts as they would be with fewer steps."""
        inputs = {**self._facts.inputs, **{name: Shape(time=n) for name, n in steps.items()}}
        lost = {int(self._facts.inputs[name].time): n for name, n in steps.items()}
        targets = {
            name: replace(one, shape=one.shape.replace(time=lost.get(int(one.shape.time), int(one.shape.time))))
            if name in bound and "time" in one.shape
            else one
            for name, one in self._facts.targets.items()
        }
        return replace(self._facts, inputs=inputs, targets=targets)


def _settled(report: Report) -> Graph:
    """Return the graph with everything written down that it took from the data: that stays."""
    nodes = {}
    for id, node in report.graph.nodes.items():
        known = report.at(id)
        nodes[id] = node if known is None else replace(node, block=known.block)
    return replace(report.graph, nodes=nodes)
