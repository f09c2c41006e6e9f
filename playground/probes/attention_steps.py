"""How one word's attention is computed, step by step: query, keys, scores, weights, and the sum of the values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from playground.declare import choice, integer, words
from playground.probes import Probe, Subject
from playground.probes._attended import Side, is_attention, kind_of, scene, sides
from playground.report import NodeReport
from playground.text import note

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

MOST_FEATURES = 64
"""Numbers of a vector that are sent: the first ones."""

LAST = -1
"""In the place of a word: the last one."""


@dataclass(frozen=True)
class AttentionStepsAnswer:
    """What one word of one head computes. All numbers are float32.

    `query` (features) is that of the word at `row`, `keys` (words, features) and `values` (words, features of a value)
    those of the words it looks at; `products` are q · k, `scores` these over √d, −∞ where the mask hides the word,
    `weights` the softmax of the scores, and `out` the sum of the values, weighed. `width` is d; where it is larger than
    what is sent of a vector, `products` and `out` count all of it nevertheless.
    """

    axis_names = {
        "query": ("feature",),
        "keys": ("word", "feature"),
        "values": ("word", "feature"),
        "products": ("word",),
        "scores": ("word",),
        "weights": ("word",),
        "out": ("feature",),
    }

    step: int
    node: str
    head: int
    heads: int
    kind: str
    row: int
    width: int
    query: Array
    keys: Array
    values: Array
    products: Array
    scores: Array
    weights: Array
    out: Array
    asking: Side
    asked: Side
    says: tuple[str, ...]
    split: str
    index: int
    count: int
    own: bool


class AttentionSteps(Probe):
    """Shows how one word's attention is computed, with the numbers as they are."""

    key = "attention_steps"
    title = note("Attention step by step")
    icon = "mdi6.stairs"
    rate = 5.0
    per_node = True
    node: str = words("", help="Whose computation")
    head: int = integer(0, high=1023, help="Of which head")
    row: int = integer(LAST, low=LAST, high=9999, help="Of which word; −1: the last")
    split: str = choice("validation", choices=("validation", "train"), help="From which examples one is taken")
    index: int = integer(0, help="Which example")
    own: str = words("", longest=2000, label="Own sentence", help="Read these words instead")

    @classmethod
    def accepts(cls, node: NodeReport) -> bool:
        """Say whether it is a layer of attention."""
        return is_attention(node)

    def measure(self, subject: Subject) -> AttentionStepsAnswer | None:
        """Let the network read the text once more; None where no words or steps reach attention."""
        seen = scene(subject, (self.node,), self.split, self.index, self.own)
        if seen is None or self.node not in seen.traced:
            return None
        traced = seen.traced[self.node]
        heads = int(traced.values["weights"].shape[1])
        head = min(self.head, heads - 1)
        asking, asked = sides(subject, seen, self.node)
        row = asking.steps - 1 if not 0 <= self.row < asking.steps else self.row
        found = {name: _array(values[0, head]) for name, values in traced.values.items()}
        query, keys, values = found["query"][row], found["key"][: asked.steps], found["value"][: asked.steps]
        kind = kind_of(subject.report, subject.report.nodes[self.node])
        return AttentionStepsAnswer(
            step=subject.number,
            node=self.node,
            head=head,
            heads=heads,
            kind=kind,
            row=row,
            width=len(query),
            query=query[:MOST_FEATURES],
            keys=keys[:, :MOST_FEATURES],
            values=values[:, :MOST_FEATURES],
            products=keys @ query,
            scores=found["scores"][row, : asked.steps],
            weights=found["weights"][row, : asked.steps],
            out=found["out"][row, :MOST_FEATURES],
            asking=asking,
            asked=asked,
            says=seen.says[: asking.steps] if kind == "cross" else (),
            split=seen.read.split,
            index=seen.read.index,
            count=seen.read.count,
            own=seen.read.own,
        )


def _array(values: Any) -> Array:
    """Return a tensor as an array of its own."""
    import torch

    found: Array = values.detach().to("cpu", torch.float32, copy=True).numpy()
    return found
