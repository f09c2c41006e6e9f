"""Which weights of a trained project fit which nodes of a network, and the edit that takes them: transfer learning.

Two nodes fit where they are of the same block and all that they learn has the same names and shapes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from playground.block import Block
from playground.experiment import Experiment, Start
from playground.files import read
from playground.graph import Graph
from playground.nesting import edit_inside, inside, place_of, split, unfold
from playground.project import weights_in
from playground.report import NodeReport, Report
from playground.text import Refusal

Shapes = Mapping[str, tuple[int, ...]]

COUNTED = frozenset(("running_mean", "running_var", "num_batches_tracked"))
"""What torch's batch normalisation keeps beside its weights: counted while it trains, not learnt."""


@dataclass(frozen=True)
class Trained:
    """What a project holds.

    Attributes:
        path: where it lies.
        weights: what each of its nodes has learnt: names and shapes, by the node's path.
        blocks: what its nodes are, as far as its document can be read.
    """

    path: Path
    weights: Mapping[str, Shapes]
    blocks: Mapping[str, Block] = field(default_factory=dict)


@dataclass(frozen=True)
class Offer:
    """What a project offers one node.

    Attributes:
        node: the node here.
        fits: the nodes there whose weights it could take, the likeliest first.
        there: what the node of the same path has there, where there is one.
    """

    node: NodeReport
    fits: tuple[str, ...] = ()
    there: Shapes | None = None

    @property
    def same(self) -> bool:
        """Whether the node of the same path fits."""
        return self.node.id in self.fits


def look_into(path: Path) -> Trained:
    """See what weights a project holds, without reading them; refuse a file that is no project."""
    weights = {
        node: {name: shape for name, shape in shapes.items() if name not in COUNTED}
        for node, shapes in weights_in(path).items()
    }
    try:
        blocks = {id: node.block for id, node in unfold(read(path).graph).nodes.items()}
    except Refusal:  # its document cannot be read any more, its weights can
        blocks = {}
    return Trained(path.resolve(), weights, blocks)


def learners(report: Report) -> tuple[NodeReport, ...]:
    """Return the nodes that have weights of their own; those that share another's follow that one."""
    return tuple(node for node in report.nodes.values() if set(node.weights) - set(node.shared))


def offers(report: Report, trained: Trained) -> tuple[Offer, ...]:
    """Say for every node that has weights of its own what the project offers it."""
    alike: dict[frozenset[tuple[str, tuple[int, ...]]], list[str]] = {}
    for path, shapes in trained.weights.items():
        alike.setdefault(frozenset(shapes.items()), []).append(path)
    here = learners(report)
    ids = {node.id for node in here}
    found = []
    for node in here:
        fits = [one for one in alike.get(frozenset(node.weights.items()), ()) if _same_block(node, one, trained)]
        fits.sort(key=lambda path, node=node: _unlikely(node.id, path, ids))  # type: ignore[misc]
        found.append(Offer(node, tuple(fits), trained.weights.get(node.id)))
    return tuple(found)


def take(now: Experiment, trained: Trained, nodes: Mapping[str, str], frozen: Mapping[str, bool]) -> Experiment:
    """Return the experiment whose nodes begin with the weights of a project, in place of all that was taken before.

    `nodes` says by the path of a node here from which node there. `frozen` says of places whether they are frozen from
    now on. What was set by hand at a node that takes weights is forgotten.
    """
    graph = _marked(now.graph, frozen, {place_of(path) for path in nodes})
    return replace(now, graph=graph, start=Start(str(trained.path), dict(nodes)) if nodes else None)


def _marked(graph: Graph, frozen: Mapping[str, bool], taking: Collection[str]) -> Graph:
    for place in {*frozen, *taking}:
        level, id = split(place)
        node = inside(graph, level).nodes[id]
        new = replace(node, frozen=frozen.get(place, node.frozen), weights={} if place in taking else node.weights)
        if new != node:
            graph = edit_inside(graph, level, partial(Graph.mark, id=id, frozen=new.frozen, weights=new.weights))
    return graph


def _same_block(node: NodeReport, path: str, trained: Trained) -> bool:
    """Whether a node there is what this one is; where that is not known, names and shapes have to do."""
    there = trained.blocks.get(path)
    return there is None or type(there) is type(node.block)


def _unlikely(id: str, path: str, ids: Collection[str]) -> tuple[bool, ...]:
    """Rank a node there: the same path, then one that no other node here is called like, then the same own name."""
    return path != id, path in ids, split(path)[1] != split(id)[1]
