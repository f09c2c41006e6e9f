"""Judging: what an Output makes of an answer and its target, the loss that is learnt from and the metrics told."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import torch
from torch import Tensor, nn

from playground.blocks.data import Output
from playground.data import IGNORED
from playground.facts import DataFacts

LossFunction = Callable[[Tensor, Tensor], Tensor]

OUTSIDE = "O"
"""The tag of words that belong to no named entity."""

_ENTITY = re.compile(r"O|[BI]-.+")

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


class TokenTally(Tally):
    """Accuracy of the next token where those before it are given, and one of two more.

    Of running text that is the perplexity: e to the mean cross-entropy of a token, as many tokens as one would have to
    choose from by chance. Of answers that are to be written it is the share that is `exact`: each token right, of the
    end as well, given the right ones before it; one that is written without them can only be wrong more often at the
    step after a mistake, and so it is exact in the very same examples.
    """

    def __init__(self, running: bool) -> None:
        super().__init__()
        self._running = running

    def counted(self, answer: Tensor, target: Tensor) -> dict[str, Tensor]:
        judged = target != IGNORED
        right = answer.argmax(dim=2) == target
        sums = {"right": (right & judged).sum(), "judged": judged.sum()}
        if self._running:
            scores, wanted = answer[judged].float(), target[judged]
            return {**sums, "surprise": nn.functional.cross_entropy(scores, wanted, reduction="sum").double()}
        there = judged.any(dim=1)
        return {**sums, "exact": ((right | ~judged).all(dim=1) & there).sum(), "examples": there.sum()}

    def found(self, sums: Mapping[str, Tensor]) -> dict[str, float]:
        judged = sums["judged"].clamp(min=1).double()
        accuracy = {"accuracy": (sums["right"] / judged).item()}
        if self._running:
            return {**accuracy, "perplexity": (sums["surprise"] / judged).exp().item()}
        return {**accuracy, "exact": (sums["exact"] / sums["examples"].clamp(min=1).double()).item()}


class EntityTally(ClassTally):
    """Besides what is told of any tags the F1 of named entities, of which only those count that are right as a whole.

    As the scorer of the CoNLL shared tasks has it (Tjong Kim Sang and De Meulder 2003): an entity begins at a tag B-,
    and also at an I- that follows O, an entity of another kind, or nothing; it is found where it begins, ends and is
    called as it should.
    """

    def __init__(self, classes: tuple[str, ...]) -> None:
        super().__init__()
        kinds = sorted({name[2:] for name in classes if name != OUTSIDE})
        self._kind = torch.tensor([-1 if name == OUTSIDE else kinds.index(name[2:]) for name in classes])
        self._begins = torch.tensor([name[:2] == "B-" for name in classes])

    def counted(self, answer: Tensor, target: Tensor) -> dict[str, Tensor]:
        judged = target != IGNORED
        found, wanted = (self._entities(one, judged) for one in (answer.argmax(dim=2), target))
        both = (found.begins & wanted.begins) & (found.kind == wanted.kind) & (found.end == wanted.end)
        sums = {"both": both.sum(), "found": found.begins.sum(), "entities": wanted.begins.sum()}
        return {**super().counted(answer, target), **sums}

    def found(self, sums: Mapping[str, Tensor]) -> dict[str, float]:
        either = sums["found"] + sums["entities"]
        return {**super().found(sums), "entity_f1": (2 * sums["both"] / either.clamp(min=1).double()).item()}

    def _entities(self, tags: Tensor, judged: Tensor) -> Entities:
        """Find the entities in the tags of sentences (batch, time)."""
        tags = tags.masked_fill(~judged, 0)
        kind = self._kind.to(tags.device)[tags].masked_fill(~judged, -1)
        outside = torch.full_like(kind[:, :1], -1)
        before = torch.cat((outside, kind[:, :-1]), dim=1)
        begins = (kind >= 0) & (self._begins.to(tags.device)[tags] | (kind != before))
        # An entity ends where the next step is outside or begins another one.
        after, another = torch.cat((kind[:, 1:], outside), dim=1), torch.cat((begins[:, 1:], outside >= 0), dim=1)
        steps = torch.arange(tags.shape[1], device=tags.device).expand_as(tags)
        ends = torch.where((kind >= 0) & ((after < 0) | another), steps, tags.shape[1])
        return Entities(begins, kind, ends.flip(1).cummin(dim=1).values.flip(1))


class Entities(NamedTuple):
    """What is tagged in sentences, (batch, time) each: where an entity begins, of which kind it is, where it ends.

    `kind` is −1 outside; `end`, the last step of an entity, means something where one begins.
    """

    begins: Tensor
    kind: Tensor
    end: Tensor


class BinaryTally(ClassTally):
    """The same of one score for yes."""

    def __init__(self, threshold: float) -> None:
        super().__init__()
        self._threshold = threshold

    def counted(self, answer: Tensor, target: Tensor) -> dict[str, Tensor]:
        return hits((answer >= self._threshold).long().flatten(), (target >= 0.5).long().flatten(), 2)


class NumberTally(Tally):
    """Mean squared and mean absolute error of numbers and, but of images, the coefficient of determination.

    That is the mean over the numbers of a row, each by itself, of those that are not the same in every row.
    """

    explained = True

    def __init__(self) -> None:
        super().__init__()
        self._from: Tensor | None = None

    def counted(self, answer: Tensor, target: Tensor) -> dict[str, Tensor]:
        difference = (answer - target).double()
        count = torch.tensor(answer.numel(), device=answer.device)
        sums = {"mse": difference.square().sum(), "mae": difference.abs().sum(), "count": count}
        if not self.explained or target.ndim > 3:
            return sums
        wanted = target.double().reshape(-1, target.shape[-1])
        if self._from is None:  # counted from a row of their own, numbers far from 0 lose no digits
            self._from = wanted[:1]
        wanted = wanted - self._from
        left = difference.reshape(wanted.shape).square().sum(dim=0)
        rows = torch.tensor(len(wanted), device=answer.device)
        return {**sums, "left": left, "sum": wanted.sum(dim=0), "squares": wanted.square().sum(dim=0), "rows": rows}

    def found(self, sums: Mapping[str, Tensor]) -> dict[str, float]:
        errors = {name: (sums[name] / sums["count"]).item() for name in ("mse", "mae")}
        if "left" not in sums:
            return errors
        spread = sums["squares"] - sums["sum"].square() / sums["rows"]
        varies = spread > 0
        if not varies.any():
            return errors
        return {"r2": (1 - sums["left"] / spread)[varies].mean().item(), **errors}


class BoxTally(NumberTally):
    """The errors of boxes, and their overlap with the true ones on average; where there is none, nothing overlaps."""

    explained = False

    def counted(self, answer: Tensor, target: Tensor) -> dict[str, Tensor]:
        there = (target[:, 2:] > 0).all(dim=1)
        both = overlap(answer[there], target[there]).double()
        return {**super().counted(answer, target), "overlap": both.sum(), "boxes": there.sum()}

    def found(self, sums: Mapping[str, Tensor]) -> dict[str, float]:
        return {"box_iou": (sums["overlap"] / sums["boxes"].clamp(min=1)).item(), **super().found(sums)}


def tally(output: Output, target: Tensor, facts: DataFacts | None = None) -> Tally:
    """Make what counts the metrics of an Output, whose targets look like these and of which the data tell these facts.

    Steps whose target is called `next` are tokens to be written; of an answer those before it go in as `previous`.
    """
    if output.task == "classification" and target.ndim == 2 and facts is not None:
        classes = facts.targets[output.target].classes if output.target in facts.targets else ()
        if output.target.partition("_")[0] == "next":
            return TokenTally(running=output.target.replace("next", "previous", 1) not in facts.inputs)
        if any(name != OUTSIDE for name in classes) and all(_ENTITY.fullmatch(name) for name in classes):
            return EntityTally(classes)
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


def energy_distance(one: Tensor, other: Tensor) -> float:
    """Return how far two samples (n, …) and (m, …) are from being drawn alike: 2 E|X − Y| − E|X − X'| − E|Y − Y'|.

    It is 0 for equal samples and never less (Székely and Rizzo 2013); distances are Euclidean, of all numbers together.
    """
    one, other = one.flatten(1).double(), other.flatten(1).double()
    apart, within, beyond = (torch.cdist(a, b).mean() for a, b in ((one, other), (one, one), (other, other)))
    return (2 * apart - within - beyond).clamp(min=0).item()
