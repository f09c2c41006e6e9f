"""What several probes share: reading an Output's scores as probabilities, naming classes, shrinking maps.

It holds no probe of its own; importing it does nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from playground.blocks.data import Input, Output
from playground.choices import LOSSES
from playground.facts import DataFacts
from playground.report import NodeReport, Report

if TYPE_CHECKING:
    import numpy as np

    from playground.probes import Subject

    Array = np.ndarray[Any, Any]


class Judged(NamedTuple):
    """An Output that chooses between classes: its node, its block, the names of the classes."""

    id: str
    block: Output
    classes: tuple[str, ...]


def judged(subject: Subject) -> Judged | None:
    """Return the first Output of the network that tells classes of whole examples apart, if there is one."""
    return judging(subject.report, subject.data.facts)


def judging(report: Report, facts: DataFacts) -> Judged | None:
    """Return that Output of an analysed graph; see `judged`."""
    for id, block in report.outputs.items():
        target = facts.targets.get(block.target)
        if block.chooses and target is not None and target.is_class and not target.shape.sizes:
            return Judged(id, block, target.classes)
    return None


def probabilities(output: Output, scores: Any) -> Any:
    """Turn what reached an Output, a tensor (n, scores), into one probability per class, (n, classes).

    One score for yes becomes two columns, no and yes. A loss that takes raw scores applies the sigmoid itself,
    so it is applied here too; under another loss the answer is meant to be 0 or 1 already and is only cut off.
    """
    import torch

    if output.task == "classification":
        return torch.softmax(scores, dim=1)
    score = scores.reshape(len(scores))
    yes = torch.sigmoid(score) if LOSSES[output.loss].logits else score.clamp(0.0, 1.0)
    return torch.stack([1.0 - yes, yes], dim=1)


def image_nodes(report: Report) -> list[NodeReport]:
    """Return the nodes out of which images or clips come, in the order of the graph."""
    return [node for node in report.nodes.values() if shows_images(node)]


def shows_images(node: NodeReport) -> bool:
    """Say whether images come out of a node, one or the frames of a clip; an Output only takes what comes in."""
    return (node.shape.is_image or node.shape.is_clip) and not isinstance(node.block, Output)


def one_frame(images: Any, frame: int) -> Any:
    """Return the image of one example (channels, h, w): itself, or of a clip (time, channels, h, w) one frame."""
    return images[frame % len(images)] if images.ndim == 4 else images


def image_input(report: Report) -> str:
    """Return the field of the first Input that brings images, or nothing."""
    return next((n.block.field for n in image_nodes(report) if n.shape.is_image and isinstance(n.block, Input)), "")


class Example(NamedTuple):
    """One example as a batch of one, and where it came from: its split, its place there, the split's size.

    What a person has given in its place (`own`) has no targets.
    """

    inputs: dict[str, Array]
    targets: dict[str, Array]
    split: str
    place: int
    count: int  # type: ignore[assignment]  # hides tuple.count, which nobody needs here
    own: bool = False


def one_example(subject: Subject, split: str, index: int) -> Example | None:
    """Pick one example of a split.

    A split that holds nothing gives way to the training set; an index beyond the end counts from the start again.
    """
    examples = subject.data.splits.get(split)
    if not examples:
        split, examples = "train", subject.data.splits.get("train")
    if not examples:
        return None
    index %= len(examples)
    one = examples.take(slice(index, index + 1))
    return Example(dict(one.inputs), dict(one.targets), split, index, len(examples))


def shrink(maps: Any, numbers: int) -> Any:
    """Average maps (n, h, w) over neighbouring pixels until they hold at most so many numbers; keep their aspect."""
    n, height, width = maps.shape
    share = (numbers / max(1, n * height * width)) ** 0.5
    if share >= 1:
        return maps
    return resize(maps, max(1, int(height * share)), max(1, int(width * share)))


def resize(maps: Any, height: int, width: int) -> Any:
    """Average maps (n, h, w) over neighbouring pixels down to another size."""
    import torch

    return torch.nn.functional.adaptive_avg_pool2d(maps.unsqueeze(0), (height, width))[0]
