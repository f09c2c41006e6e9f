"""Which classes the network takes for which: right class against answer, counted over held-out examples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from playground.declare import choice
from playground.probes import Probe, Subject
from playground.probes._answers import judged, probabilities
from playground.text import note

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

MOST_CLASSES = 200
MOST_EXAMPLES = 2000
BATCH = 256

LARGEST_WORK = 500_000_000
"""Multiply-accumulates that one answer may cost: about a tenth of a second on one core."""


@dataclass(frozen=True)
class ConfusionAnswer:
    """Counts (classes, classes), uint32: row the right class, column the network's answer."""

    step: int
    classes: tuple[str, ...]
    counts: Array
    split: str
    total: int
    """How many examples the split holds; of more than can be afforded, every so-many-th is counted."""


class Confusion(Probe):
    """Counts which class the network takes for which."""

    key = "confusion"
    title = note("Confusion matrix")
    icon = "mdi6.grid-large"
    rate = 1.0
    split: str = choice("validation", choices=("validation", "train"), help="Which examples are counted")

    def measure(self, subject: Subject) -> ConfusionAnswer | None:
        """Classify held-out examples and count; None where the network does not tell classes apart."""
        import numpy as np
        import torch

        output = judged(subject)
        split = self.split if subject.data.splits.get(self.split) else "train"
        examples = subject.data.splits.get(split)
        if output is None or not examples or len(output.classes) > MOST_CLASSES:
            return None
        affordable = max(BATCH, min(MOST_EXAMPLES, LARGEST_WORK // max(subject.report.macs, 1)))
        counted = examples.take(slice(None, None, -(-len(examples) // affordable)))
        answers = []
        for start in range(0, len(counted), BATCH):
            batch = {name: values[start : start + BATCH] for name, values in counted.inputs.items()}
            scores = subject.look(batch, (output.id,))[output.id]
            with torch.no_grad():
                answers.append(probabilities(output.block, scores).argmax(dim=1))
        n = len(output.classes)
        right = counted.targets[output.block.target].astype(np.int64)
        cells = right * n + torch.cat(answers).cpu().numpy()
        counts = np.bincount(cells, minlength=n * n).reshape(n, n).astype(np.uint32)
        return ConfusionAnswer(subject.number, output.classes, counts, split, len(examples))
