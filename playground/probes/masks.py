"""What a network that gives every pixel a class makes of images: its masks and the true ones, and how they overlap."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from playground.declare import choice, integer
from playground.probes import Probe, Subject
from playground.probes._answers import Judged, image_input
from playground.probes._held_out import answered, around, coloured, held_out, small
from playground.text import note

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

MOST_CLASSES = 64

NOWHERE = 255
"""In a mask: this pixel is not judged."""


@dataclass(frozen=True)
class MasksAnswer:
    """Some images with two masks each, and the overlap of every class over a split.

    `images` is uint8 (n, h, w, 3); `truths` and `answers` are uint8 (n, h, w): numbers of classes, or NOWHERE.
    `overlaps` is float64 (classes,): pixels that are of a class and are taken for it, as a share of those that are
    one or the other (intersection over union); NaN for a class that is neither seen nor answered. `mean` is that of
    the classes that occur, `own` (n,) the same of each image by itself.
    """

    axis_names = {
        "images": ("image", "row", "column", "channel"),
        "truths": ("image", "row", "column"),
        "answers": ("image", "row", "column"),
        "own": ("image",),
        "overlaps": ("class=classes",),
    }

    step: int
    classes: tuple[str, ...]
    images: Array
    truths: Array
    answers: Array
    own: Array
    overlaps: Array
    mean: float
    split: str
    first: int
    """The place of the first image in the split."""
    total: int
    """How many examples the split holds; of more than can be afforded, every so-many-th is counted."""


class Masks(Probe):
    """Shows which class every pixel is given."""

    key = "masks"
    title = note("Masks")
    icon = "mdi6.layers-triple-outline"
    rate = 2.0
    split: str = choice("validation", choices=("validation", "train"), help="Which examples are shown and counted")
    first: int = integer(0, help="Which example is shown first")
    count: int = integer(4, low=1, high=8, help="How many are shown")

    def measure(self, subject: Subject) -> MasksAnswer | None:
        """Compare masks; None where the network does not give pixels a class."""
        import numpy as np

        output, field, found = painter(subject), image_input(subject.report), held_out(subject, self.split)
        if output is None or not field or found is None:
            return None
        split, examples = found
        classes = len(output.classes)
        counts = np.zeros((3, classes))
        for batch, kept in answered(subject, examples, (output.id,)):
            counts += hits(chosen(kept[output.id]), batch.targets[output.block.target], classes)
        overlaps = overlaps_of(counts)
        first, shown = around(examples, self.first, self.count)
        truths = shown.targets[output.block.target]
        answers = chosen(subject.look(shown.inputs, (output.id,))[output.id])
        own = [mean_of(overlaps_of(hits(*pair, classes))) for pair in zip(answers, truths, strict=True)]
        return MasksAnswer(
            step=subject.number,
            classes=output.classes,
            images=coloured(np.asarray(shown.inputs[field])),
            truths=small(np.where((truths < 0) | (truths >= classes), NOWHERE, truths).astype(np.uint8)),
            answers=small(answers.astype(np.uint8)),
            own=np.array(own),
            overlaps=overlaps,
            mean=mean_of(overlaps),
            split=split,
            first=first,
            total=len(examples),
        )


def painter(subject: Subject) -> Judged | None:
    """Return the first Output of the network that gives every pixel a class, if there is one."""
    for id, block in subject.report.outputs.items():
        target = subject.data.facts.targets.get(block.target)
        pixels = target is not None and target.is_class and target.shape.names == ("height", "width")
        if pixels and target is not None and block.task == "classification" and len(target.classes) <= MOST_CLASSES:
            return Judged(id, block, target.classes)
    return None


def chosen(scores: Any) -> Array:
    """Return the class with the highest score for every pixel, (n, h, w)."""
    found: Array = scores.argmax(dim=1).cpu().numpy()
    return found


def hits(answers: Array, truths: Array, classes: int) -> Array:
    """Count the pixels of every class that are taken for it, those taken for it, and those that are it (3, classes)."""
    import numpy as np

    judged = truths >= 0
    answers, truths = answers[judged], truths[judged]
    parts = (truths[answers == truths], answers, truths)
    return np.stack([np.bincount(part, minlength=classes) for part in parts])


def overlaps_of(counts: Array) -> Array:
    """Return the overlap of every class; NaN where it neither occurs nor is answered."""
    import numpy as np

    both, answered, wanted = counts.astype(np.float64)
    either = answered + wanted - both
    return np.where(either > 0, both / np.where(either > 0, either, 1.0), np.nan)


def mean_of(overlaps: Array) -> float:
    """Return the mean over the classes that occur."""
    import numpy as np

    known = overlaps[np.isfinite(overlaps)]
    return float(known.mean()) if len(known) else float("nan")
