"""What a network that says its input again makes of images: each beside its reconstruction, and how far they differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from playground.declare import choice, integer
from playground.facts import DataFacts
from playground.probes import Probe, Subject
from playground.probes._held_out import answered, around, held_out, small
from playground.report import Report
from playground.text import note

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class ReconstructionAnswer:
    """Some images and what the network says of them, on one scale, and how far the two differ.

    `images` and `answers` are uint8 (n, h, w, 3); `own` (n,) is the mean squared error of each, `mean` that of the
    split; `guess` is the error of whoever always answers with the mean image.
    """

    axis_names = {
        "images": ("image", "row", "column", "channel"),
        "answers": ("image", "row", "column", "channel"),
        "own": ("image",),
    }

    step: int
    images: Array
    answers: Array
    own: Array
    mean: float
    guess: float
    split: str
    first: int
    """The place of the first image in the split."""
    total: int
    """How many examples the split holds; of more than can be afforded, every so-many-th is counted."""


class Reconstruction(Probe):
    """Shows images beside what the network makes of them."""

    key = "reconstruction"
    title = note("Reconstructions")
    icon = "mdi6.image-sync-outline"
    rate = 4.0
    split: str = choice("validation", choices=("validation", "train"), help="Which examples are shown and counted")
    first: int = integer(0, help="Which example is shown first")
    count: int = integer(8, low=1, high=16, help="How many are shown")

    def measure(self, subject: Subject) -> ReconstructionAnswer | None:
        """Compare images with their reconstructions; None where the network does not reconstruct images."""
        import numpy as np

        id, found = repeater(subject.report, subject.data.facts), held_out(subject, self.split)
        if not id or found is None:
            return None
        split, examples = found
        field = subject.report.outputs[id].target
        squares, wandering, count = 0.0, [], 0
        for batch, kept in answered(subject, examples, (id,)):
            images, answers = _numbers(batch.inputs[field]), kept[id].double().cpu().numpy()
            squares += float(((answers - images) ** 2).mean(axis=(1, 2, 3)).sum())
            wandering.append((images.sum(axis=0), (images**2).sum(axis=0)))
            count += len(images)
        first, shown = around(examples, self.first, self.count)
        images = _numbers(shown.inputs[field])
        answers = subject.look(shown.inputs, (id,))[id].double().cpu().numpy()
        low, high = float(images.min()), float(images.max())
        sums, sums_of_squares = (sum(parts) / count for parts in zip(*wandering, strict=True))
        return ReconstructionAnswer(
            step=subject.number,
            images=_coloured(images, low, high),
            answers=_coloured(answers, low, high),
            own=((answers - images) ** 2).mean(axis=(1, 2, 3)),
            mean=squares / count,
            guess=float(np.mean(sums_of_squares - sums**2)),
            split=split,
            first=first,
            total=len(examples),
        )


def repeater(report: Report, facts: DataFacts) -> str:
    """Return the first Output that says an image again that came in, or nothing."""
    for id, block in report.outputs.items():
        node = report.nodes[id]
        if block.task == "regression" and block.target in facts.inputs and node.shape.is_image:
            return id
    return ""


def _numbers(images: Any) -> Array:
    """Return images as the data have them, which is how they are to be said again."""
    import numpy as np

    return np.asarray(images, dtype=np.float64)


def levels(images: Array, low: float, high: float) -> Array:
    """Turn numbers into bytes: 0 at one value, 255 at the other."""
    import numpy as np

    span = high - low if high > low else 1.0
    made = np.nan_to_num((images - low) * (255.0 / span), posinf=255.0, neginf=0.0).clip(0, 255).round()
    return made.astype(np.uint8)


def _coloured(images: Array, low: float, high: float) -> Array:
    """Turn images (n, channels, h, w) into colours, uint8 (n, h, w, 3), black at one value and white at the other."""
    import numpy as np

    pixels = levels(small(images[:, :3] if images.shape[1] >= 3 else images[:, :1]), low, high)
    coloured = np.broadcast_to(pixels, (len(pixels), 3, *pixels.shape[2:]))
    return np.ascontiguousarray(coloured.transpose(0, 2, 3, 1))
