"""What probes share that ask where a network looks: of which class, at which picture, and what it says of it.

It holds no probe of its own; importing it does nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from playground.blocks.data import Input
from playground.facts import DataFacts
from playground.picture import Picture
from playground.probes._answers import (
    Judged,
    image_nodes,
    judged,
    judging,
    one_frame,
    probabilities,
    shrink,
)
from playground.probes._entering import looked_at
from playground.probes._moving import moved_inputs
from playground.report import Report
from playground.text import Sentence, say

if TYPE_CHECKING:
    import numpy as np

    from playground.probes import Subject

    Array = np.ndarray[Any, Any]

IMAGE_NUMBERS = 12_500
"""Numbers that the example's image may hold: 64 × 64 in colour."""

SQUASHES = {"classification": "Softmax", "binary": "Sigmoid"}
"""The block that turns scores into probabilities, where the loss does not."""


@dataclass(frozen=True)
class Seen:
    """What went in, what the network says of it, and of which class the map is.

    `image` is float32 (channels, h, w), made smaller where it is too large to send; `image_size` is what it was.
    `shown` is the class that the map is of, `number` its place among the classes, `probability` and `score` what the
    network gives to it. `predicted` is the class that the network chose, with `confidence`, `label` the right one,
    empty where nobody knows it. Of a clip, `frame` of its `frames` is shown; of an image `frames` is 0.
    """

    axis_names = {"image": ("channel", "row", "column")}

    field: str
    image: Array
    image_size: tuple[int, int]
    number: int
    shown: str
    probability: float
    score: float
    predicted: str
    confidence: float
    label: str
    split: str
    index: int
    count: int
    down: int
    right: int
    frame: int = 0
    frames: int = 0
    own: bool = False
    """Whether it is a picture of the person's own, in place of the example; then there is no label."""


class Asked(NamedTuple):
    """A picture as a batch of one, the input that it comes in by, and the Output that tells its class."""

    inputs: dict[str, Array]
    targets: dict[str, Array]
    field: str
    output: Judged
    scores: str
    """The node out of which the scores come, before they are made probabilities."""
    place: tuple[str, int, int]
    moved: tuple[int, int]
    own: bool

    def chosen(self, given: Any, number: int) -> int:
        """Return which class is meant: the one asked for, or, below 0, the one given the highest probability."""
        return number % len(self.output.classes) if number >= 0 else int(given.argmax())

    def score(self, scores: Any, number: int) -> Any:
        """Return the score of a class before softmax, of each example; of two, the one for yes, or minus it for no."""
        if self.output.block.task == "classification":
            return scores[:, number]
        return scores.reshape(len(scores)) * (1.0 if number else -1.0)

    def seen(self, subject: Subject, kept: dict[str, Any], number: int, frame: int = 0) -> Seen:
        """Put together what is told of the picture; `kept` is what reached the Output, and the scores."""
        import numpy as np
        import torch

        given = probabilities(self.output.block, kept[self.output.id].detach().float())[0]
        winner, shown = int(given.argmax()), self.chosen(given, number)
        images = np.asarray(self.inputs[self.field][0])
        image = one_frame(torch.as_tensor(images), frame).float()
        truth = self.targets.get(self.output.block.target)
        split, index, count = self.place
        return Seen(
            field=self.field,
            image=np.array(shrink(image, IMAGE_NUMBERS).numpy(), dtype=np.float32),
            image_size=(image.shape[1], image.shape[2]),
            number=shown,
            shown=self.output.classes[shown],
            probability=float(given[shown]),
            score=float(self.score(kept[self.scores].detach().float(), shown)[0]),
            predicted=self.output.classes[winner],
            confidence=float(given[winner]),
            label="" if truth is None else self.output.classes[int(truth[0])],
            split=split,
            index=index,
            count=count,
            down=self.moved[0],
            right=self.moved[1],
            frame=frame % len(images) if images.ndim == 4 else 0,
            frames=len(images) if images.ndim == 4 else 0,
            own=self.own,
        )


def asked_of(subject: Subject, split: str, index: int, own: Picture | None, moved: tuple[int, int]) -> Asked | None:
    """Say what is looked at; None where there is no picture, or nothing that tells classes of pictures apart."""
    report = subject.report
    example, output, field = looked_at(subject, split, index, own), judged(subject), picture_input(report)
    if example is None or output is None or not field:
        return None
    inputs = moved_inputs(report, example.inputs, *moved)
    inputs = {name: values[:] for name, values in inputs.items()}
    place = example.split, example.place, example.count
    return Asked(inputs, example.targets, field, output, scores_at(report, output), place, moved, example.own)


def picture_input(report: Report) -> str:
    """Return the field of the first Input that brings images or clips, or nothing."""
    return next((node.block.field for node in image_nodes(report) if isinstance(node.block, Input)), "")


def scores_at(report: Report, output: Judged) -> str:
    """Return the node whose value is the scores: what goes into a softmax or a sigmoid at the end, or the Output."""
    squash, port = _before(report, output.id)
    node = report.graph.nodes[squash]
    if node.block.key != SQUASHES[output.block.task] or node.state:
        return output.id
    found, port = _before(report, squash)
    known = report.nodes.get(found)
    return found if known is not None and port in known.block.outputs[:1] else output.id


def _before(report: Report, id: str) -> tuple[str, str]:
    """Return the node that computes what comes in at the first port of a node, and the port that it leaves by."""
    graph = report.graph
    while True:
        first = next(iter(graph.nodes[id].block.ports()))
        wire = next(wire for wire in graph.incoming[id] if wire.target_port == first.name)
        id = wire.source
        if id not in report.passages and graph.nodes[id].state != "bypassed":
            return id, wire.source_port


def leading_to(report: Report, goal: str) -> set[str]:
    """Return the nodes of which what leaves has a say in what reaches another."""
    graph, found, todo = report.graph, {goal}, [goal]
    while todo:
        sources = {wire.source for wire in graph.incoming[todo.pop()]} - found
        some = [id for id in sources if graph.nodes[id].state != "muted"]
        found.update(some)
        todo += some
    return found


def why_not(report: Report, facts: DataFacts, node: str) -> Sentence | None:
    """Say why it cannot be seen where the network looks, at this node; None where it can."""
    output = judging(report, facts)
    if not picture_input(report):
        return say("nothing here brings an image")
    if output is None:
        return say("no Output here tells classes of whole pictures apart")
    if node and node not in leading_to(report, output.id):
        return say("nothing of {node} reaches {output}, which tells the classes apart", node=node, output=output.id)
    return None
