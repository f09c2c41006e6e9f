"""Where a network looks for a class: class activation by gradients (Grad-CAM, Selvaraju and others 2017)."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from playground.blocks.data import Input
from playground.declare import choice, integer, words
from playground.experiment import Experiment
from playground.picture import Picture
from playground.probes import Probe, Subject
from playground.probes._answers import one_frame, probabilities, shows_images, shrink
from playground.probes._looking import Asked, Seen, asked_of, leading_to
from playground.probes._moving import FARTHEST
from playground.report import NodeReport
from playground.text import note

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

MAP_NUMBERS = 16_384
"""Numbers that a map may hold: 128 × 128."""


@dataclass(frozen=True)
class ClassActivationAnswer:
    """Which pixels of a node's maps speak for a class, by the gradient of its score.

    `map` is ReLU(Σ_k α_k A_k), float32 (h, w), averaged over neighbouring pixels where it is too large to send; A_k
    is a map of the node, and α_k the mean, over all of its pixels, of the gradient of the score before softmax.
    `size` is the map's own height and width, `high` its largest value (of a clip, that of all frames).
    """

    axis_names = {"map": ("row", "column")}

    step: int
    node: str
    map: Array
    size: tuple[int, int]
    high: float
    seen: Seen


class ClassActivation(Probe):
    """Shows which parts of a picture speak for a class."""

    key = "class_activation"
    title = note("Where it looks")
    icon = "mdi6.image-search-outline"
    rate = 8.0
    per_node = True
    node: str = words("", help="By whose maps")
    number: int = integer(-1, low=-1, label="Class", help="Which class; −1: the one that the network chooses")
    split: str = choice("validation", choices=("validation", "train"), help="Where the example is taken from")
    index: int = integer(0, help="Which example")
    frame: int = integer(0, label="Frame of the clip", help="Which frame of a clip")
    down: int = integer(0, low=-FARTHEST, high=FARTHEST, help="By how many pixels the image is moved down")
    right: int = integer(0, low=-FARTHEST, high=FARTHEST, help="By how many pixels the image is moved to the right")
    own: Picture | None = None
    """A picture to be looked at in place of the example."""

    @classmethod
    def accepts(cls, node: NodeReport) -> bool:
        """Say whether a layer makes images, or clips of them."""
        return shows_images(node) and not isinstance(node.block, Input)

    @classmethod
    def suits(cls, experiment: Experiment) -> bool:
        """Say whether there are classes of whole pictures."""
        return any(one.is_class and not one.shape.sizes for one in experiment.facts.targets.values())

    def measure(self, subject: Subject) -> ClassActivationAnswer | None:
        """Ask how the score of the class would change with the node's maps; None where it does not depend on them."""
        import torch

        report = subject.report.nodes.get(self.node)
        if report is None or not self.accepts(report):
            return None
        asked = asked_of(subject, self.split, self.index, self.own, (self.down, self.right))
        if asked is None or self.node not in leading_to(subject.report, asked.output.id):
            return None
        kept = graded(subject, asked, (self.node, asked.output.id, asked.scores))
        with torch.no_grad():
            given = probabilities(asked.output.block, kept[asked.output.id].float())[0]
        number = asked.chosen(given, self.number)
        score = asked.score(kept[asked.scores], number)[0]
        maps = kept[self.node]
        spoken = spoken_for(maps, score)
        finite = spoken[torch.isfinite(spoken)]
        shown = one_frame(spoken.unsqueeze(-3), self.frame)  # (1, h, w)
        return ClassActivationAnswer(
            step=subject.number,
            node=self.node,
            map=shrink(shown, MAP_NUMBERS)[0].cpu().numpy().copy(),
            size=(int(report.shape.height), int(report.shape.width)),
            high=float(finite.max()) if finite.numel() else 0.0,
            seen=asked.seen(subject, kept, self.number, self.frame),
        )


def spoken_for(maps: Any, score: Any) -> Any:
    """Return ReLU(Σ_k α_k A_k) of the maps of one picture, a tensor (1, …, channels, h, w), without the channels.

    Frames of a clip count as further pixels: a channel has one α for all of them.
    """
    import torch

    gradient = None
    if score.requires_grad and maps.requires_grad:
        (gradient,) = torch.autograd.grad(score, maps, allow_unused=True)
    with torch.no_grad():
        values = maps[0].float()  # (channels, h, w) or (time, channels, h, w)
        if gradient is None:  # a step on the way lets none back: the score does not change with the maps
            return torch.zeros_like(values.sum(dim=-3))
        others = tuple(axis for axis in range(values.ndim) if axis != values.ndim - 3)
        alpha = gradient[0].float().mean(dim=others, keepdim=True)
        return torch.relu((alpha * values).sum(dim=-3))


def graded(subject: Subject, asked: Asked, keep: tuple[str, ...]) -> dict[str, Any]:
    """Run the picture through so that gradients by what is kept can be asked for, also where all weights are frozen."""
    import torch

    entering = torch.as_tensor(asked.inputs[asked.field]).float().requires_grad_()
    recurrent = any(isinstance(module, torch.nn.RNNBase) for module in subject.network.modules())
    # cuDNN has no way back through recurrent layers in eval mode (https://github.com/pytorch/pytorch/issues/10006)
    with torch.backends.cudnn.flags(enabled=False) if recurrent else nullcontext():
        return subject.look({**asked.inputs, asked.field: entering}, keep, graded=True)
