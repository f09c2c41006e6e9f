"""Judging: what an Output makes of an answer and its target, the loss that is learnt from and the metrics told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn

from playground.blocks.data import Output
from playground.data import IGNORED

LossFunction = Callable[[Tensor, Tensor], Tensor]

MOST_CLASSES = 1000
"""Classes up to which there is an F1: of the tokens of a language it would be the mean over those that never occur."""


@dataclass(frozen=True)
class Judge:
    """One Output at work: which target it compares with, how, and how much it counts."""

    id: str
    block: Output
    loss: LossFunction
    prepare: Callable[[Tensor], Tensor]
    """Brings the target into the form that the loss wants."""


def judge(id: str, output: Output) -> Judge:
    """Turn an Output into its loss function and the form of target it wants."""
    losses: dict[str, LossFunction] = {
        "cross_entropy": partial(_cross_entropy, smoothing=output.smoothing),
        "binary_cross_entropy": nn.functional.binary_cross_entropy_with_logits,
        "mse": nn.functional.mse_loss,
        "mae": nn.functional.l1_loss,
        "smooth_l1": nn.functional.smooth_l1_loss,
    }
    loss = losses[output.loss]
    if output.task == "classification":
        return Judge(id, output, loss, lambda target: target)
    return Judge(id, output, loss, _as_numbers)


def _as_numbers(target: Tensor) -> Tensor:
    """Return answers as float32: one of a single number as a row, all else as it is."""
    target = target.to(torch.float32)
    return target[:, None] if target.ndim == 1 else target


def _cross_entropy(answer: Tensor, target: Tensor, smoothing: float = 0.0) -> Tensor:
    """Compare scores with classes: of examples, steps or pixels; those without a class are passed by."""
    scores = _classes_second(answer)
    return nn.functional.cross_entropy(scores, target, ignore_index=IGNORED, label_smoothing=smoothing)


def _classes_second(answer: Tensor) -> Tensor:
    """Put the axis of the classes behind the batch, as torch wants it: of sequences it is the last one."""
    return answer.transpose(1, 2) if answer.ndim == 3 else answer


def places(output: Output, target: Tensor) -> int:
    """Count what is judged: examples, or of classes of steps and pixels those that are not `IGNORED`."""
    return int((target != IGNORED).sum()) if output.task == "classification" else len(target)


class Tally:
    """Metrics of one Output over a whole split, piece by piece: what is a ratio of sums stays one.

    The mean of the metrics of batches would not do: overlap and F1 divide what all examples have together.
    """

    def __init__(self) -> None:
        self._sums: dict[str, Tensor] = {}

    def add(self, answer: Tensor, target: Tensor) -> None:
        """Take a batch into account."""
        for name, value in self.counted(answer, target).items():
            self._sums[name] = self._sums[name] + value if name in self._sums else value

    def metrics(self) -> dict[str, float]:
        """Return the metrics of all that was added, by the names that files and the command line use."""
        return self.found(self._sums) if self._sums else {}

    def counted(self, answer: Tensor, target: Tensor) -> dict[str, Tensor]:
        """Return what is summed up of a batch."""
        raise NotImplementedError

    def found(self, sums: Mapping[str, Tensor]) -> dict[str, float]:
        """Turn the sums into metrics."""
        raise NotImplementedError


class ClassTally(Tally):
    """Accuracy, and F1 or, of pixels, overlap: both as the mean over the classes that occur, however rare."""

    def __init__(self, pixels: bool = False) -> None:
        super().__init__()
        self._pixels = pixels

    def counted(self, answer: Tensor, target: Tensor) -> dict[str, Tensor]:
        scores = _classes_second(answer)
        judged = target != IGNORED
        return hits(scores.argmax(dim=1)[judged], target[judged], scores.shape[1])

    def found(self, sums: Mapping[str, Tensor]) -> dict[str, float]:
        right, answered, wanted = (sums[name].double() for name in ("right", "answered", "wanted"))
        accuracy = (right.sum() / wanted.sum().clamp(min=1)).item()
        if len(right) > MOST_CLASSES:
            return {"accuracy": accuracy}
        either = answered + wanted
        occur = either > 0
        if self._pixels:
            return {"accuracy": accuracy, "iou": (right / (either - right))[occur].mean().item()}
        return {"accuracy": accuracy, "f1": (2 * right / either)[occur].mean().item()}


class BinaryTally(ClassTally):
    """The same of one score for yes."""

    def __init__(self, threshold: float) -> None:
        super().__init__()
        self._threshold = threshold

    def counted(self, answer: Tensor, target: Tensor) -> dict[str, Tensor]:
        return hits((answer >= self._threshold).long().flatten(), (target >= 0.5).long().flatten(), 2)


class NumberTally(Tally):
    """Mean squared and mean absolute error of numbers."""

    def counted(self, answer: Tensor, target: Tensor) -> dict[str, Tensor]:
        difference = (answer - target).double()
        count = torch.tensor(answer.numel(), device=answer.device)
        return {"mse": difference.square().sum(), "mae": difference.abs().sum(), "count": count}

    def found(self, sums: Mapping[str, Tensor]) -> dict[str, float]:
        return {name: (sums[name] / sums["count"]).item() for name in ("mse", "mae")}


class BoxTally(NumberTally):
    """The same of boxes, and how much they overlap with the true ones on average; where there is none, nothing can."""

    def counted(self, answer: Tensor, target: Tensor) -> dict[str, Tensor]:
        there = (target[:, 2:] > 0).all(dim=1)
        both = overlap(answer[there], target[there]).double()
        return {**super().counted(answer, target), "overlap": both.sum(), "boxes": there.sum()}

    def found(self, sums: Mapping[str, Tensor]) -> dict[str, float]:
        return {"box_iou": (sums["overlap"] / sums["boxes"].clamp(min=1)).item(), **super().found(sums)}


def tally(output: Output, target: Tensor) -> Tally:
    """Make what counts the metrics of an Output, whose targets look like these."""
    if output.task == "classification":
        return ClassTally(pixels=target.ndim == 3)
    if output.task == "binary":
        return BinaryTally(0.0 if output.loss == "binary_cross_entropy" else 0.5)
    return BoxTally() if output.task == "box" else NumberTally()


def hits(answered: Tensor, wanted: Tensor, classes: int) -> dict[str, Tensor]:
    """Count for each class how often it was the answer, how often it should have been, and how often it was both."""
    return {
        "right": torch.bincount(wanted[answered == wanted], minlength=classes),
        "answered": torch.bincount(answered, minlength=classes),
        "wanted": torch.bincount(wanted, minlength=classes),
    }


def overlap(boxes: Tensor, others: Tensor) -> Tensor:
    """Return for each pair of boxes (…, 4) the area that both cover as a share of what either does (…).

    A box is x and y of its middle, its width and its height; one of no width or a negative one covers nothing.
    """
    (low, high), (other_low, other_high) = (
        (box[..., :2] - box[..., 2:].clamp(min=0) / 2, box[..., :2] + box[..., 2:].clamp(min=0) / 2)
        for box in (boxes, others)
    )
    both = (torch.minimum(high, other_high) - torch.maximum(low, other_low)).clamp(min=0).prod(dim=-1)
    either = (high - low).prod(dim=-1) + (other_high - other_low).prod(dim=-1) - both
    return torch.where(either > 0, both / either, torch.zeros_like(either))
