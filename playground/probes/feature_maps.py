"""What one image looks like after a node: the maps that come out of a convolution, a pooling, an activation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from playground.blocks.data import Output
from playground.declare import choice, integer, words
from playground.probes import Probe, Subject
from playground.probes._answers import Judged, image_input, judged, one_example, probabilities, shrink
from playground.report import NodeReport
from playground.text import note

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

MOST_MAPS = 64
"""Maps of a node that an answer shows: the first ones."""

MAP_NUMBERS = 50_400
"""Numbers that the maps of one answer may hold: 64 maps of 28 × 28."""

IMAGE_NUMBERS = 12_500
"""Numbers that the example's image may hold: 64 × 64 in colour."""


@dataclass(frozen=True)
class FeatureMapsAnswer:
    """The maps of one node for one example, with what went in and what came out at the end.

    `maps` is float32 (n, h, w): the first 64 maps, averaged over neighbouring pixels where they are too large to
    send. `low` and `high` are the smallest and largest finite value before that. `image` is float32
    (channels, h, w). `label` and `predicted` name classes and are empty where there are none.
    """

    step: int
    node: str
    maps: Array
    total: int
    """How many maps the node has."""
    size: tuple[int, int]
    """Height and width of a map as the network has it."""
    low: float
    high: float
    image: Array
    split: str
    index: int
    count: int
    """Examples in the split."""
    label: str = ""
    predicted: str = ""
    confidence: float = 0.0
    """The probability that the network gives to its prediction."""


class FeatureMaps(Probe):
    """Shows what a node makes of one image."""

    key = "feature_maps"
    title = note("Feature maps")
    icon = "mdi6.grid"
    rate = 10.0
    per_node = True
    node: str = words("", help="Whose maps")
    split: str = choice("validation", choices=("validation", "train"), help="Where the example is taken from")
    index: int = integer(0, help="Which example")

    @classmethod
    def accepts(cls, node: NodeReport) -> bool:
        """Say whether images come out of the node."""
        return node.shape.is_image and not isinstance(node.block, Output)

    def measure(self, subject: Subject) -> FeatureMapsAnswer | None:
        """Run the example through the network and return what leaves the node, small enough to be shown."""
        import numpy as np
        import torch

        report = subject.report.nodes.get(self.node)
        example = one_example(subject, self.split, self.index)
        if report is None or not self.accepts(report) or example is None:
            return None
        output = judged(subject)
        kept = subject.look(example.inputs, (self.node, output.id) if output else (self.node,))
        with torch.no_grad():
            maps = kept[self.node][0, :MOST_MAPS].to(torch.float32)
            finite = maps[torch.isfinite(maps)]
            low, high = (finite.min().item(), finite.max().item()) if finite.numel() else (0.0, 0.0)
            small = shrink(maps, MAP_NUMBERS).cpu().numpy()
            field = image_input(subject.report)
            image = torch.as_tensor(example.inputs[field][0]) if field else torch.zeros(0, 1, 1)
            verdict = _verdict(output, kept[output.id], example.targets) if output else {}
        return FeatureMapsAnswer(
            step=subject.number,
            node=self.node,
            maps=np.array(small),  # a copy: the tensor's memory may be the network's own
            total=int(report.shape.channels),
            size=(int(report.shape.height), int(report.shape.width)),
            low=low,
            high=high,
            image=np.array(shrink(image, IMAGE_NUMBERS).numpy(), dtype=np.float32),
            split=example.split,
            index=example.place,
            count=example.count,
            **verdict,
        )


def _verdict(output: Judged, scores: Any, targets: dict[str, Array]) -> dict[str, Any]:
    """Name the right class and the one that the network chose, and say how sure it is."""
    best, winner = probabilities(output.block, scores)[0].max(dim=0)
    return {
        "label": output.classes[int(targets[output.block.target][0])],
        "predicted": output.classes[int(winner)],
        "confidence": float(best),
    }
