"""Where the examples lie in a layer's output: the plane in which they spread most (PCA)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from playground.blocks.data import Output
from playground.data import Examples
from playground.declare import choice, words
from playground.facts import DataFacts
from playground.probes import Probe, Subject
from playground.report import NodeReport, Report
from playground.text import note

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

MOST_EXAMPLES = 400
FEWEST_EXAMPLES = 50
BATCH = 128

LARGEST_WORK = 300_000_000
"""Multiply-accumulates that one answer may cost: some hundredths of a second on one core."""

LARGEST_VALUES = 2_000_000
"""Numbers that the examples may hold together at the node; of larger outputs fewer examples are shown."""


@dataclass(frozen=True)
class EmbeddingAnswer:
    """Some examples as points of a plane.

    `where` is float32 (n, 2): the first two principal components of what leaves the node. `kinds` says what each
    example is: its class, int64 (n,), or, where there are no classes, its number, float32 (n,). `shares` are those
    of the whole variance that lie along the two axes.
    """

    axis_names = {"where": ("point", "component"), "kinds": ("point",)}

    step: int
    node: str
    where: Array
    kinds: Array
    classes: tuple[str, ...]
    shares: tuple[float, float]
    size: int
    """How many numbers leave the node for one example."""
    split: str


class Embedding(Probe):
    """Shows where examples lie in what leaves a node."""

    key = "embedding"
    title = note("Embedding (PCA)")
    icon = "mdi6.scatter-plot-outline"
    rate = 12.0
    per_node = True
    node: str = words("", help="Whose output")
    split: str = choice("validation", choices=("validation", "train"), help="Which examples are shown")

    @classmethod
    def accepts(cls, node: NodeReport) -> bool:
        """Say whether at least two numbers leave the node, and not the numbers of tokens."""
        return shows(node)

    def measure(self, subject: Subject) -> EmbeddingAnswer | None:
        """Run examples through and find the plane; None where the node is not there or nothing comes out of it."""
        import numpy as np

        report = subject.report.nodes.get(self.node)
        split = self.split if subject.data.splits.get(self.split) else "train"
        examples = subject.data.splits.get(split)
        if report is None or not shows(report) or not examples:
            return None
        size = report.shape.count
        shown = examples.take(slice(None, None, -(-len(examples) // _affordable(subject.report, size))))
        values = _values(subject, shown, self.node)
        if len(values) < 2:
            return None
        where, shares = plane(values)
        kinds, classes = _kinds(subject, shown)
        return EmbeddingAnswer(subject.number, self.node, where.astype(np.float32), kinds, classes, shares, size, split)


def shows(node: NodeReport) -> bool:
    """Whether examples can be told apart by what leaves a node: two numbers at least, no Output, no tokens."""
    return not isinstance(node.block, Output) and node.shape.count >= 2 and not node.shape.is_tokens


def telling(report: Report) -> str:
    """Return the node whose output says most: what enters the layer before the Output; nothing where there is none."""
    incoming = report.graph.incoming
    for id in report.outputs:
        chain, node = [], id
        while incoming.get(node):
            node = incoming[node][0].source
            chain.append(node)
        fit = [one for one in chain if one in report.nodes and shows(report.nodes[one])]
        behind = [one for one in fit if one != chain[0]]
        return next(iter(behind or fit), "")
    return ""


def plane(values: Array) -> tuple[Array, tuple[float, float]]:
    """Project points (n, d) on the plane in which they spread most; return it with the shares of the variance.

    Which way an axis points is not said by the variance: here the third moment along it is positive, so that the
    same points always give the same picture.
    """
    import numpy as np

    centred = values.astype(np.float64) - values.mean(axis=0, dtype=np.float64)
    if not np.isfinite(centred).all():
        return np.full((len(values), 2), np.nan), (0.0, 0.0)
    # The smaller of the two products has the same eigenvalues: over the examples, or over what leaves the node.
    wide = centred.shape[1] > centred.shape[0]
    strength, vectors = np.linalg.eigh(centred @ centred.T if wide else centred.T @ centred)
    strength, vectors = np.clip(strength[::-1][:2], 0.0, None), vectors[:, ::-1][:, :2]
    found = vectors * np.sqrt(strength) if wide else centred @ vectors
    if found.shape[1] < 2:
        found = np.pad(found, ((0, 0), (0, 2 - found.shape[1])))
    found = found * np.where((found**3).sum(axis=0) < 0, -1.0, 1.0)
    whole = float(np.square(centred).sum())
    shares = [float(np.square(found[:, k]).sum()) / whole if whole else 0.0 for k in (0, 1)]
    return found, (shares[0], shares[1])


def _affordable(report: Report, size: int) -> int:
    """Return how many examples may be shown of this network and this node."""
    most = min(LARGEST_WORK // max(report.macs, 1), LARGEST_VALUES // max(size, 1))
    return max(FEWEST_EXAMPLES, min(MOST_EXAMPLES, most))


def _values(subject: Subject, examples: Examples, node: str) -> Array:
    """Return what leaves the node for each example, laid out in a row, (n, numbers)."""
    import numpy as np

    found = []
    for start in range(0, len(examples), BATCH):
        piece = examples.take(slice(start, start + BATCH))
        left = subject.look(dict(piece.inputs), (node,))[node]
        found.append(left.reshape(len(left), -1).float().cpu().numpy())
    return np.concatenate(found)


def _kinds(subject: Subject, examples: Examples) -> tuple[Array, tuple[str, ...]]:
    """Say what each example is: the class or the number that the first Output is asked for, if it has one of each."""
    import numpy as np

    for block in subject.report.outputs.values():
        facts: DataFacts = subject.data.facts
        target = facts.targets.get(block.target)
        if target is None:
            continue
        answers = np.asarray(examples.targets[block.target])
        if target.is_class and not target.shape.sizes:
            return answers.astype(np.int64), target.classes
        if not target.is_class and target.shape.count == 1:
            return answers.reshape(len(examples)).astype(np.float32), ()
    return np.zeros(len(examples), dtype=np.int64), ("",)
