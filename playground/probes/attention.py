"""What attention looks at: for every step of a text how much it takes from each other, in every layer and head."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from playground.declare import choice, integer, words
from playground.probes import Probe, Subject
from playground.probes._attended import Scene, Side, attentions, is_attention, kind_of, scene, sides
from playground.report import NodeReport
from playground.text import note

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

MOST_MAPS, MOST_HEADS = 96, 16
"""Maps that are sent small, of all layers together and of each: the first ones."""

SMALL = 120_000
"""Bytes that all small maps take together."""

MEAN = -1
"""In the place of a head: the mean of all."""


class Overview(NamedTuple):
    """One layer at a glance: what it looks at, its number of heads, and small maps, uint8 (heads, to, from)."""

    node: str
    kind: str
    heads: int
    maps: Array


@dataclass(frozen=True)
class AttentionAnswer:
    """Who looks at whom in one head while one text is read, and all heads of all layers at a glance.

    `weights`, float16 (to, from): each row says how much a step takes from every other, and sums up to 1. `kind` is
    "self", "masked" (only the past may be seen) or "cross". `asking` and `asked` are what stands at its rows and at
    its columns; `says`, where the rows are what is being written, the words that the network writes there.
    """

    axis_names = {"weights": ("to", "from"), "layers": ("layer",), "layers.maps": ("head", "to", "from")}

    step: int
    node: str
    head: int
    heads: int
    kind: str
    weights: Array
    asking: Side
    asked: Side
    says: tuple[str, ...]
    layers: tuple[Overview, ...]
    split: str
    index: int
    count: int
    own: bool


class Attention(Probe):
    """Shows who looks at whom, in every layer and head."""

    key = "attention"
    title = note("Attention")
    icon = "mdi6.eye-arrow-right-outline"
    rate = 5.0
    per_node = True
    node: str = words("", help="Whose weights")
    head: int = integer(0, low=MEAN, high=1023, help="Of which head; −1: the mean of all")
    split: str = choice("validation", choices=("validation", "train"), help="From which examples one is taken")
    index: int = integer(0, help="Which example")
    own: str = words("", longest=2000, label="Own sentence", help="Read these words instead")

    @classmethod
    def accepts(cls, node: NodeReport) -> bool:
        """Say whether it is a layer of attention."""
        return is_attention(node)

    def measure(self, subject: Subject) -> AttentionAnswer | None:
        """Let the network read the text once more; None where no words or steps reach attention."""
        import numpy as np

        layers = [node.id for node in attentions(subject.report)]
        seen = scene(subject, layers, self.split, self.index, self.own)
        if seen is None or self.node not in seen.traced:
            return None
        weights = seen.traced[self.node].values["weights"][0]  # (heads, to, from)
        heads = int(weights.shape[0])
        head = min(self.head, heads - 1)
        shown = weights.mean(dim=0) if head == MEAN else weights[head]
        asking, asked = sides(subject, seen, self.node)
        kind = kind_of(subject.report, subject.report.nodes[self.node])
        return AttentionAnswer(
            step=subject.number,
            node=self.node,
            head=head,
            heads=heads,
            kind=kind,
            weights=_array(shown)[: asking.steps, : asked.steps].astype(np.float16),
            asking=asking,
            asked=asked,
            says=seen.says[: asking.steps] if kind == "cross" else (),
            layers=_overview(subject, seen),
            split=seen.read.split,
            index=seen.read.index,
            count=seen.read.count,
            own=seen.read.own,
        )


def _overview(subject: Subject, seen: Scene) -> tuple[Overview, ...]:
    """Return small maps of all heads, the largest of neighbouring weights where not all can be sent."""
    import numpy as np

    heads = {id: int(one.values["weights"].shape[1]) for id, one in seen.traced.items()}
    left, made = MOST_MAPS, []
    shown = min(MOST_MAPS, sum(min(n, MOST_HEADS) for n in heads.values()))
    for id in (node.id for node in attentions(subject.report) if node.id in heads):
        traced = seen.traced[id]
        some = min(heads[id], MOST_HEADS, left)
        left -= some
        weights = traced.values["weights"][0, :some, : traced.queries, : traced.keys].float()
        small = _small(weights, SMALL // max(1, shown)) if some else weights
        kind = kind_of(subject.report, subject.report.nodes[id])
        made.append(Overview(id, kind, heads[id], (_array(small) * 255).round().astype(np.uint8)))
    return tuple(made)


def _small(weights: Any, numbers: int) -> Any:
    """Take the largest of neighbouring weights (heads, to, from) until each map holds at most so many numbers."""
    import torch

    _, to, origin = weights.shape
    share = (numbers / (to * origin)) ** 0.5
    if share >= 1:
        return weights
    size = max(1, int(to * share)), max(1, int(origin * share))
    return torch.nn.functional.adaptive_max_pool2d(weights, size)


def _array(values: Any) -> Array:
    """Return a tensor as an array of its own; what is no number any more is 0."""
    import torch

    found: Array = values.detach().nan_to_num().to("cpu", torch.float32, copy=True).numpy()
    return found
