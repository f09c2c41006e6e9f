"""Augmenting: images that are mirrored, moved, cut, turned and made noisy, another way in each step.

What belongs to an image moves along: the class of each pixel, and boxes. Numbers are drawn from a generator of its
own on the CPU, so that neither dropout nor the order of the examples depends on whether images are augmented, and a
checkpoint of one device goes on on another.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from playground.data import IGNORED
from playground.facts import DataFacts
from playground.preparation import Preparation
from playground.shape import Shape

CLIP = ("time", "channels", "height", "width")

APART = 0x9E37_79B9
"""Keeps what is drawn here apart from the order of the examples, which is drawn from the bare seed."""

DRAWN = 7
"""Numbers that are drawn for each example, whether or not all are used: a setting more does not change the others."""


@dataclass(frozen=True)
class Moves:
    """Where the pixels of each image of a batch come from.

    A place in the new image, in pixels from its middle, is moved back by `shift`, shrunk by `zoom` towards `window`,
    turned by `angle` (radians) and mirrored; there it stood in the old one. All are of one number for each example,
    `shift` and `window` of two: across and down.
    """

    flip: Tensor
    shift: Tensor
    zoom: Tensor
    window: Tensor
    angle: Tensor
    whole: bool
    """Whether only whole pixels move, so that every value stays what it was."""


class Augment:
    """Augments batches for training; `state` and `set_state` let a run go on as it would have."""

    def __init__(
        self, preparation: Preparation, facts: DataFacts, targets: Sequence[str], seed: int, device: torch.device
    ) -> None:
        self._how, self._device = preparation, device
        self._images = {name: shape for name, shape in facts.inputs.items() if is_pictured(shape)}
        first = next(iter(self._images.values()))
        self._size = int(first.height), int(first.width)
        self._kinds = [_kind(name, facts, self._size) for name in targets]
        self._moving = bool(preparation.flip or preparation.shift or preparation.crop or preparation.rotate)
        self._generator = torch.Generator().manual_seed(seed ^ APART)
        self._noise = torch.Generator(device) if preparation.noise else None

    @staticmethod
    def of(
        preparation: Preparation, facts: DataFacts, targets: Sequence[str], seed: int, device: torch.device
    ) -> Augment | None:
        """Return what augments such data, or None where nothing is to be done or there are no images."""
        some = any((preparation.flip, preparation.shift, preparation.crop, preparation.rotate, preparation.noise))
        if not some or not any(map(is_pictured, facts.inputs.values())):
            return None
        return Augment(preparation, facts, targets, seed, device)

    def state(self) -> Tensor:
        """Return the state of what is drawn from."""
        return self._generator.get_state()

    def set_state(self, state: Tensor) -> None:
        """Go on drawing from such a state."""
        self._generator.set_state(state)

    def __call__(
        self, inputs: Mapping[str, Tensor], targets: Sequence[Tensor]
    ) -> tuple[dict[str, Tensor], list[Tensor]]:
        """Return a batch (as the data have it, before it is standardised) with everything in it moved alike."""
        made, answers = dict(inputs), list(targets)
        if self._moving:
            moves = self._draw(len(next(iter(inputs.values()))))
            for name in self._images:
                made[name] = _moved(inputs[name], moves)
            for at, kind in enumerate(self._kinds):
                if kind == "image":
                    answers[at] = _moved(answers[at], moves)
                elif kind == "mask":
                    answers[at] = _moved_classes(answers[at], moves)
                elif kind == "box":
                    answers[at] = _moved_boxes(answers[at], moves, self._size)
        if self._noise is not None:
            # Seeded anew each time, so that the state of one generator is all that there is to remember.
            self._noise.manual_seed(int(torch.randint(2**31, (), generator=self._generator)))
            for name in self._images:
                values = made[name]
                noise = torch.randn(values.shape, generator=self._noise, device=self._device, dtype=values.dtype)
                made[name] = values + self._how.noise * noise
        return made, answers

    def _draw(self, n: int) -> Moves:
        """Draw how each of n examples is moved."""
        how, (height, width) = self._how, self._size
        drawn = torch.rand(n, DRAWN, generator=self._generator)
        most = torch.tensor([min(how.shift, width - 1), min(how.shift, height - 1)])  # something of it stays
        shift = (drawn[:, 1:3] * (2 * most + 1)).floor() - most
        cut = drawn[:, 3] * how.crop
        window = (drawn[:, 4:6] - 0.5) * cut[:, None] * torch.tensor([width, height])
        angle = (2 * drawn[:, 6] - 1) * math.radians(how.rotate)
        flip = (drawn[:, 0] < 0.5) & how.flip
        there = [part.to(self._device) for part in (flip, shift, 1 - cut, window, angle)]
        return Moves(there[0], there[1], there[2], there[3], there[4], whole=not (how.crop or how.rotate))


def is_pictured(shape: Shape) -> bool:
    """Whether examples of such a shape are images or clips of them."""
    return shape.is_image or shape.names == CLIP


def _kind(name: str, facts: DataFacts, size: tuple[int, int]) -> str:
    """Return what a target is of an image: itself, a ``mask``, a ``box``, or nothing that moves with it."""
    target = facts.answer(name)
    if target is None or (name not in facts.targets and is_pictured(target.shape)):
        return "image"
    if target.is_class and target.shape.names == ("height", "width") and target.shape.sizes == size:
        return "mask"
    if name.startswith("box") and not target.is_class and target.shape == Shape(features=4):
        return "box"
    return ""


# -- images --------------------------------------------------------------------------------------------------------


def _moved(images: Tensor, moves: Moves) -> Tensor:
    """Move images (n, channels, height, width), or clips of them as a whole; what comes in from outside is 0."""
    flat = images.flatten(1, -3)
    if moves.whole:
        return _gathered(flat, moves, 0).view_as(images)
    return _sampled(flat, moves, "bilinear").view_as(images)


def _moved_classes(masks: Tensor, moves: Moves) -> Tensor:
    """Move the classes of pixels (n, height, width); nothing is to be predicted of what comes in from outside."""
    if moves.whole:
        return _gathered(masks[:, None], moves, IGNORED)[:, 0]
    # What lies outside becomes 0, so that is what stands for IGNORED meanwhile; float32 holds every class exactly.
    lifted = (masks - IGNORED)[:, None].to(torch.float32)
    return _sampled(lifted, moves, "nearest")[:, 0].round().to(masks.dtype) + IGNORED


def _gathered(images: Tensor, moves: Moves, empty: int) -> Tensor:
    """Take every pixel of images (n, channels, height, width) from where it comes, as it is."""
    height, width = images.shape[-2:]
    columns = torch.arange(width, device=images.device) - moves.shift[:, :1].long()
    rows = torch.arange(height, device=images.device) - moves.shift[:, 1:].long()
    there = ((rows >= 0) & (rows < height))[:, :, None] & ((columns >= 0) & (columns < width))[:, None, :]
    columns = torch.where(moves.flip[:, None], width - 1 - columns, columns)
    places = rows.clamp(0, height - 1)[:, :, None] * width + columns.clamp(0, width - 1)[:, None, :]
    index = places.flatten(1)[:, None].expand(-1, images.shape[1], -1)
    found = images.flatten(2).gather(2, index).view_as(images)
    return found.masked_fill(~there[:, None], empty)


def _sampled(images: Tensor, moves: Moves, mode: str) -> Tensor:
    """Sample images (n, channels, height, width) where the moves say, between pixels."""
    height, width = images.shape[-2:]
    turn, start = _back(moves)
    # From pixels to what `grid_sample` counts in: −1 and 1 at the edges.
    sides = images.new_tensor([width, height]) / 2
    grid = torch.cat([turn * sides[None, None, :] / sides[None, :, None], (start / sides)[:, :, None]], dim=2)
    places = functional.affine_grid(grid, list(images.shape), align_corners=False)
    # Nothing is mixed in from outside at the edges; what lies outside is taken away as a whole.
    found = functional.grid_sample(images, places, mode=mode, padding_mode="border", align_corners=False)
    return found * (places.abs() <= 1).all(3)[:, None]


def _back(moves: Moves) -> tuple[Tensor, Tensor]:
    """Return the matrix (n, 2, 2) and the offset (n, 2) that lead from a place in the new image to that in the old."""
    cos, sin = moves.angle.cos(), moves.angle.sin()
    side = 1 - 2 * moves.flip.to(cos.dtype)
    turn = torch.stack([torch.stack([side * cos, side * sin], 1), torch.stack([-sin, cos], 1)], 1)
    start = (turn @ (moves.window - moves.zoom[:, None] * moves.shift)[:, :, None])[:, :, 0]
    return turn * moves.zoom[:, None, None], start


# -- boxes ---------------------------------------------------------------------------------------------------------


def _moved_boxes(boxes: Tensor, moves: Moves, size: tuple[int, int]) -> Tensor:
    """Move boxes (n, 4), middle across and down, width and height, as shares of the image's sides.

    A turned box is enclosed by a straight one, one that leaves the image is cut at its edge; where nothing is left of
    it, or nothing was there, all four are 0.
    """
    height, width = size
    sides = boxes.new_tensor([width, height])
    middle, half = (boxes[:, :2] - 0.5) * sides, boxes[:, 2:] * sides / 2
    signs = boxes.new_tensor([[-1, -1], [-1, 1], [1, -1], [1, 1]])
    corners = middle[:, None] + signs * half[:, None]  # (n, 4, 2)
    turn, start = _back(moves)
    # A turn or mirroring, shrunk: its inverse is itself upside down, over the square of the shrinking.
    inverse = turn.transpose(1, 2) / moves.zoom[:, None, None] ** 2
    places = (corners - start[:, None]) @ inverse.transpose(1, 2)
    low = (places.amin(1) / sides + 0.5).clamp(0, 1)
    high = (places.amax(1) / sides + 0.5).clamp(0, 1)
    there = ((high > low) & (boxes[:, 2:] > 0)).all(1, keepdim=True)
    return torch.cat([(low + high) / 2, high - low], 1) * there
