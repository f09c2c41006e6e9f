"""Judging: what an Output makes of an answer and its target, the loss that is learnt from and the metrics told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn

from playground.blocks.data import Output
from playground.data import IGNORED

LossFunction = Callable[[Tensor, Tensor], Tensor]


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


def metrics(output: Output, answer: Tensor, target: Tensor) -> dict[str, float]:
    """Compute the metrics of one Output on one batch, by the names that files and the command line use."""
    if output.task == "classification":
        judged = target != IGNORED
        right = (_classes_second(answer).argmax(dim=1) == target) & judged
        return {"accuracy": right.sum().item() / max(1, judged.sum().item())}
    if output.task == "binary":
        threshold = 0.0 if output.loss == "binary_cross_entropy" else 0.5
        return {"accuracy": ((answer >= threshold) == (target >= 0.5)).double().mean().item()}
    return {
        "mse": (answer - target).square().double().mean().item(),
        "mae": (answer - target).abs().double().mean().item(),
    }
