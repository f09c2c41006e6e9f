"""Where a network believes that objects lie in images: its boxes beside the true ones, and how they overlap."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from playground.data import Examples
from playground.declare import choice, integer
from playground.probes import Probe, Subject
from playground.probes._answers import Judged, image_input, probabilities
from playground.probes._held_out import answered, around, coloured, held_out
from playground.text import note

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

GOOD = 0.5
"""The overlap from which on an object counts as found (Everingham and others 2010)."""


class Finder(NamedTuple):
    """An Output that answers with a box, and the one that says of which class the object in it is, if there is one."""

    id: str
    target: str
    label: Judged | None


@dataclass(frozen=True)
class BoxesAnswer:
    """Some images with up to k boxes each, and how the boxes of a split overlap.

    `images` is uint8 (n, h, w, 3). `truths` and `answers` are float32 (n, k, 4): x and y of the middle, width and
    height, as shares of the side. `overlaps` (n, k) is the area that both cover as a share of what either does
    (intersection over union), NaN where there is no object. `labels` and `predicted` name the classes (n, k), and
    are empty where no Output tells them. `mean` is the mean overlap of all boxes of the split, `found` the share of
    them with an overlap of at least GOOD, `counts` how many overlap by how much, in tenths (10,).
    """

    axis_names = {
        "images": ("image", "row", "column", "channel"),
        "truths": ("image", "object", "side"),
        "answers": ("image", "object", "side"),
        "overlaps": ("image", "object"),
        "labels": ("image", "object"),
        "predicted": ("image", "object"),
        "counts": ("tenth",),
    }

    step: int
    images: Array
    truths: Array
    answers: Array
    overlaps: Array
    labels: tuple[tuple[str, ...], ...]
    predicted: tuple[tuple[str, ...], ...]
    mean: float
    found: float
    counts: Array
    split: str
    first: int
    """The place of the first image in the split."""
    total: int
    """How many examples the split holds; of more than can be afforded, every so-many-th is counted."""


class Boxes(Probe):
    """Shows the boxes in which the network believes that objects lie."""

    key = "boxes"
    title = note("Boxes")
    icon = "mdi6.vector-square"
    rate = 4.0
    split: str = choice("validation", choices=("validation", "train"), help="Which examples are shown and counted")
    first: int = integer(0, help="Which example is shown first")
    count: int = integer(6, low=1, high=12, help="How many are shown")

    def measure(self, subject: Subject) -> BoxesAnswer | None:
        """Compare boxes; None where the network answers with none."""
        import numpy as np

        finders, field, found = finders_of(subject), image_input(subject.report), held_out(subject, self.split)
        if not finders or not field or found is None:
            return None
        split, examples = found
        ids = [finder.id for finder in finders]
        parts = []
        for batch, kept in answered(subject, examples, ids):
            truths, answers = _true(finders, batch), _stacked(kept[id] for id in ids)
            parts.append(overlaps_of(answers, truths).ravel())
        all_overlaps = np.concatenate(parts)
        all_overlaps = all_overlaps[np.isfinite(all_overlaps)]
        first, shown = around(examples, self.first, self.count)
        kept = subject.look(shown.inputs, [*ids, *(one.label.id for one in finders if one.label)])
        truths, answers = _true(finders, shown), _stacked(kept[id] for id in ids)
        labels, predicted = _names(finders, shown, kept)
        return BoxesAnswer(
            step=subject.number,
            images=coloured(np.asarray(shown.inputs[field])),
            truths=truths,
            answers=answers,
            overlaps=overlaps_of(answers, truths),
            labels=labels,
            predicted=predicted,
            mean=float(all_overlaps.mean()) if len(all_overlaps) else float("nan"),
            found=float((all_overlaps >= GOOD).mean()) if len(all_overlaps) else float("nan"),
            counts=np.histogram(all_overlaps, bins=10, range=(0.0, 1.0))[0].astype(np.uint32),
            split=split,
            first=first,
            total=len(examples),
        )


def finders_of(subject: Subject) -> list[Finder]:
    """Return the Outputs that answer with a box, each with the one for the class that the data name beside it."""
    targets = subject.data.facts.targets
    boxes = [name for name, target in targets.items() if not target.is_class and target.shape.sizes == (4,)]
    classes = [name for name, target in targets.items() if target.is_class and not target.shape.sizes]
    beside = dict(zip(boxes, classes, strict=False))  # label_1, box_1, label_2, box_2: they come in the same order
    tellers = {
        block.target: Judged(id, block, targets[block.target].classes)
        for id, block in subject.report.outputs.items()
        if block.chooses and block.target in classes
    }
    found = [
        Finder(id, block.target, tellers.get(beside.get(block.target, "")))
        for id, block in subject.report.outputs.items()
        if block.task == "box" and block.target in boxes
    ]
    return sorted(found, key=lambda one: boxes.index(one.target))


def overlaps_of(answers: Array, truths: Array) -> Array:
    """Return how much each box (n, k, 4) overlaps with the true one; NaN where there is no object."""
    import numpy as np
    import torch

    from playground.judging import overlap  # imports torch

    shares = overlap(torch.as_tensor(answers), torch.as_tensor(truths)).numpy()
    return np.where((truths[..., 2:] > 0).all(axis=-1), shares, np.float32(np.nan))


def _true(finders: list[Finder], examples: Examples) -> Array:
    return _stacked(examples.targets[finder.target] for finder in finders)


def _stacked(columns: Any) -> Array:
    """Put the boxes of several Outputs (n, 4) side by side (n, k, 4)."""
    import numpy as np

    arrays = [values.cpu().numpy() if hasattr(values, "cpu") else values for values in columns]
    return np.stack(arrays, axis=1).astype(np.float32)


def _names(
    finders: list[Finder], shown: Examples, kept: dict[str, Any]
) -> tuple[tuple[tuple[str, ...], ...], tuple[tuple[str, ...], ...]]:
    """Name the true class and the answer of every box, (n, k) each; empty words where nobody tells them."""
    right, guesses = [], []
    for finder in finders:
        if (one := finder.label) is None:
            right.append([""] * len(shown))
            guesses.append([""] * len(shown))
            continue
        answer = probabilities(one.block, kept[one.id]).argmax(dim=1).cpu().numpy()
        right.append([one.classes[int(k)] for k in shown.targets[one.block.target]])
        guesses.append([one.classes[int(k)] for k in answer])
    return tuple(zip(*right, strict=True)), tuple(zip(*guesses, strict=True))
