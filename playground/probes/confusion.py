"""Which classes the network takes for which: right class against answer, counted over held-out examples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from playground.declare import choice
from playground.probes import Probe, Subject
from playground.probes._answers import judged, probabilities
from playground.probes._held_out import answered, held_out
from playground.text import note

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

MOST_CLASSES = 200


@dataclass(frozen=True)
class ConfusionAnswer:
    """Counts (classes, classes), uint32: row the right class, column the network's answer."""

    axis_names = {"counts": ("label=classes", "prediction=classes")}

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

        output, found = judged(subject), held_out(subject, self.split)
        if output is None or found is None or len(output.classes) > MOST_CLASSES:
            return None
        split, examples = found
        n = len(output.classes)
        counts = np.zeros(n * n, dtype=np.uint32)
        for batch, kept in answered(subject, examples, (output.id,)):
            with torch.no_grad():
                answers = probabilities(output.block, kept[output.id]).argmax(dim=1).cpu().numpy()
            cells = batch.targets[output.block.target].astype(np.int64) * n + answers
            counts += np.bincount(cells, minlength=n * n).astype(np.uint32)
        return ConfusionAnswer(subject.number, output.classes, counts.reshape(n, n), split, len(examples))
