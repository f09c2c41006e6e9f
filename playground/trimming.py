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


@dataclass(frozen=True)
class Cut:
    """An input of tokens that can be cut.

    Attributes:
        name: what the data call it.
        least: how many steps must stay, however short all texts are: a kernel must fit.
        targets: those that have a class for each of its steps, and are cut with it.
        spelt: the input that holds the letters of its words, and is cut with it; or nothing.
    """

    name: str
    least: int = 1
    targets: frozenset[str] = frozenset()
    spelt: str = ""

    @property
    def inputs(self) -> tuple[str, ...]:
        """All inputs that are cut."""
        return (self.name, self.spelt) if self.spelt else (self.name,)


def cuts(report: Report, network: Network, facts: DataFacts) -> tuple[Cut, ...]:
    """Find the inputs whose padding can be left out of what is computed."""
    fitting = _Fitting(report, network, facts)
    found: list[Cut] = []
    read = dict.fromkeys(node.block.field for node in report.nodes.values() if isinstance(node.block, Input))
    first = next((name for name, shape in facts.inputs.items() if shape.names == ("time",)), "")
    spelt = next((name for name in read if facts.inputs[name].is_spelt), "")  # the words of the first text
    for name in read:
        if facts.inputs[name].names != ("time",) and not (name == spelt and first not in read):
            continue
        steps = int(facts.inputs[name].time)
        if steps > 1 and (cut := fitting.cut(name, spelt if name == first else "", steps)):
            found.append(cut)
    together = {name: cut.least for cut in found for name in cut.inputs}
    bound = frozenset().union(*(cut.targets for cut in found))
    return tuple(found) if len(found) < 2 or fitting.fits(together, bound) else ()


class _Fitting:
    """Tries what becomes of an analysed graph if its inputs had fewer steps."""

    def __init__(self, report: Report, network: Network, facts: DataFacts) -> None:
        self._report, self._facts = report, facts
        self._graph = _settled(report)
        modules = {id: network.module_at(id) for id in report.nodes}
        self._mixing = {id for id, module in modules.items() if not getattr(module, "uses_lengths", False)}

    def cut(self, name: str, spelt: str, steps: int) -> Cut | None:
        """Return how far an input of so many steps can be cut, with the letters of its words, if it can."""
        both = (name, spelt) if spelt else (name,)
        shorter = analyse(self._graph, self._trimmed(dict.fromkeys(both, steps - 1)))
        bound = frozenset(
            node.block.target
            for id, node in shorter.nodes.items()
            if isinstance(node.block, Output) and node.shape != self._report.nodes[id].shape
        )
        if not self.fits(dict.fromkeys(both, steps - 1), bound):
            return None
        low, high = 1, steps - 1  # what does not fit grows with the steps that are missing
        while low < high:
            middle = (low + high) // 2
            low, high = (low, middle) if self.fits(dict.fromkeys(both, middle), bound) else (middle + 1, high)
        return Cut(name, low, bound, spelt)

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
        shorter = {name: self._facts.inputs[name].replace(time=n) for name, n in steps.items()}
        inputs = {**self._facts.inputs, **shorter}
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
