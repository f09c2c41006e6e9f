"""The loss as a function of the weights: on a plane through them, and the way that training took over that plane.

A network has as many weights as there are directions to walk in; a picture has two. The plane goes through the
weights as they are and is spanned by two random directions, each filter of which is as long as that filter's own
weights (Li, Xu, Taylor, Studer and Goldstein 2018: else a net with large weights would look flatter than one with
small ones); or by the two directions in which training has gone furthest; or, where there are just two weights, it is
all there is. Losses are computed by `functional_call`: weights, statistics and random numbers of the run stay as they
are.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.func import functional_call

from playground.judging import places
from playground.network import Network
from playground.probes.loss_surface import LossSurface, Path, SurfaceAnswer
from playground.text import Refusal, say
from playground.training import EVALUATION_BATCH, Trainer

MOST_POSITIONS = 200
"""Positions that are kept of the way; beyond that every other one goes."""

MOST_WEIGHTS = 200_000
"""Weights up to which whole positions are kept, so that the way can be seen from planes chosen later."""

MOST_NUMBERS = 8_000_000
"""Numbers that all positions together may have (32 MB)."""

FEW = 8
"""Weights up to which the way is followed step by step, and not only when somebody looks."""

FORGOTTEN = 3.0
"""Seconds after which nobody looks any more."""

REACH = 2.0
"""How far a plane of two weights goes from 0 on each side, unless they are larger."""

MARGIN = 0.25
"""The share of its own length that is shown around a way."""


# -- weights as one row of numbers -------------------------------------------------------------------------------


class Weights:
    """The weights of a network that training changes, as one row of numbers, and back."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self.shapes = {name: value.shape for name, value in network.named_parameters() if value.requires_grad}
        self.count = sum(shape.numel() for shape in self.shapes.values())

    def now(self) -> Tensor:
        """Copy them as they are."""
        if not self.count:
            raise Refusal(say("this network has no weights that training changes"))
        parts = [self._network.get_parameter(name).detach().flatten().float() for name in self.shapes]
        return torch.cat(parts)

    def named(self, row: Tensor) -> dict[str, Tensor]:
        """Part a row into the weights by name."""
        parts = torch.split(row, [shape.numel() for shape in self.shapes.values()])
        return {name: part.view(shape) for (name, shape), part in zip(self.shapes.items(), parts, strict=True)}

    def labels(self) -> tuple[str, ...]:
        """Name each number, for networks of a few: its node, and its place where a tensor has several."""
        found = []
        for name, shape in self.shapes.items():
            node, _, kind = name.rpartition(".")
            what = node if kind == "weight" else f"{node} {kind}"
            found += [what] if shape.numel() == 1 else [f"{what} {k + 1}" for k in range(shape.numel())]
        return tuple(found)


class Landscape:
    """The loss of a network on the first examples of a split, for any weights; all else stays as it is now."""

    def __init__(self, trainer: Trainer, examples: int, split: str = "train") -> None:
        self.weights = Weights(trainer.network)
        self._network = trainer.network
        self._fixed = {name: one.detach().clone() for name, one in trainer.network.named_buffers()}
        self._judges = trainer.judges
        if not self._judges:
            raise Refusal(say("there is no loss here that stays the same: both sides of a contest learn"))
        self._penalising = [module for module in trainer.network.modules() if hasattr(module, "penalty")]
        self._feed = trainer.feeds.splits[split]
        self.examples = min(examples, len(trainer.data.splits[split]))

    def loss(self, row: Tensor) -> float:
        """Return the loss with these weights."""
        *_, loss = self.pieces(row)
        return loss

    def pieces(self, row: Tensor) -> Iterator[float]:
        """Compute the loss with these weights piece by piece; the last number that comes is the loss."""
        named = {**self._fixed, **self.weights.named(row)}
        sums, judged, penalty = [0.0] * len(self._judges), [0] * len(self._judges), 0.0
        for start in range(0, self.examples, EVALUATION_BATCH):
            end = min(start + EVALUATION_BATCH, self.examples)
            with torch.no_grad():
                penalty += self._judge(named, start, end, sums, judged)
            yield penalty + sum(total / n for total, n in zip(sums, judged, strict=True) if n)

    def _judge(self, named: Mapping[str, Tensor], start: int, end: int, sums: list[float], judged: list[int]) -> float:
        """Add the losses of some examples; return what the network itself adds to the loss for its share of them."""
        inputs, targets = self._feed.piece(start, end)
        training = self._network.training
        self._network.eval()
        try:
            answers = functional_call(self._network, dict(named), (inputs,))
        finally:
            self._network.train(training)
        for k, (one, target) in enumerate(zip(self._judges, targets, strict=True)):
            if n := places(one.block, target):
                judged[k] += n
                sums[k] += n * one.block.weight * one.loss(answers[one.id], target).item()
        share = (end - start) / self.examples
        return sum(share * module.penalty().item() for module in self._penalising)  # type: ignore[operator]


# -- planes ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Plane:
    """A plane in the space of weights: all origin + a · across + b · up.

    Attributes:
        number: its own, unlike that of any plane before.
        extent: from where to where a goes, and b.
        names: what the axes are called.
        explained: how much of the way, as a share of its variance, lies along each direction; empty if unknown.
    """

    origin: Tensor
    across: Tensor
    up: Tensor
    extent: tuple[tuple[float, float], tuple[float, float]]
    names: tuple[str, str] = ("", "")
    explained: tuple[float, ...] = ()
    number: int = field(default_factory=time.monotonic_ns)

    def at(self, a: float, b: float) -> Tensor:
        """Return the weights at a place."""
        return self.origin + a * self.across + b * self.up

    def place(self, row: Tensor) -> tuple[float, float]:
        """Return the place on the plane that is nearest to some weights (its directions are at right angles)."""
        away = (row - self.origin).double()
        across, up = (
            (one @ away / (one @ one).clamp(min=1e-30)).item() for one in (self.across.double(), self.up.double())
        )
        return across, up


def random_plane(trainer: Trainer, span: float, seed: int) -> Plane:
    """Lay a plane along two random directions, each filter of which is as long as the filter of the weights itself.

    A filter is all that leads to one unit or map: a row of a weight. Biases, and the factors of normalisation, do not
    move. The second direction is made to stand at right angles to the first, filter by filter.
    """
    weights = Weights(trainer.network)
    origin = weights.now()
    draws = torch.Generator().manual_seed(seed)
    parts: tuple[list[Tensor], list[Tensor]] = ([], [])
    flat = all(len(shape) < 2 for shape in weights.shapes.values())
    for value in weights.named(origin).values():
        rows = value.flatten(1) if value.ndim > 1 else value[None] if flat else None
        drawn = (torch.zeros(1, value.numel()),) * 2 if rows is None else _directions(rows.cpu(), draws)
        for part, direction in zip(parts, drawn, strict=True):
            part.append(direction.flatten())
    across, up = (torch.cat(part).to(origin.device) for part in parts)
    if not across.any():
        raise Refusal(say("all weights are 0, so that no direction has a length; train a few steps first"))
    return Plane(origin, across, up, ((-span, span), (-span, span)))


def _directions(rows: Tensor, draws: torch.Generator) -> tuple[Tensor, Tensor]:
    """Draw two directions at right angles for each filter, a row (filters, numbers), each as long as the filter."""
    one, other = (torch.randn(rows.shape, generator=draws) for _ in range(2))
    length = rows.norm(dim=1, keepdim=True)
    if rows.shape[1] == 1:  # a single number has one direction: it goes to the first and to the second in turn
        even = (torch.arange(len(rows)) + int(torch.randint(2, (), generator=draws))).remainder(2)[:, None] == 0
        one, other = one.sign() * even, other.sign() * ~even
        return one * length, other * length
    one = one / one.norm(dim=1, keepdim=True)
    other = other - (other * one).sum(dim=1, keepdim=True) * one
    other = other / other.norm(dim=1, keepdim=True)
    return one * length, other * length


def weights_plane(trainer: Trainer, span: float) -> Plane:
    """Lay the plane of a network that has just two weights: each is an axis."""
    weights = Weights(trainer.network)
    now = weights.now()
    if weights.count != 2:
        raise Refusal(say("only a network of two weights has them as directions; this one has {n}", n=weights.count))
    reach = [span * max(REACH, 1.5 * abs(value)) for value in now.tolist()]
    first, second = weights.labels()
    axes = torch.eye(2, device=now.device)
    return Plane(
        torch.zeros_like(now), axes[0], axes[1], ((-reach[0], reach[0]), (-reach[1], reach[1])), (first, second)
    )


def path_plane(trainer: Trainer, span: float) -> Plane:
    """Lay a plane along the two directions in which training went furthest (the principal components of its way)."""
    walk = Walk.of(trainer)
    now = walk.weights.now()
    if walk.weights.count > MOST_WEIGHTS:
        raise Refusal(say("the way of more than {n} weights is not kept; choose random directions", n=MOST_WEIGHTS))
    if len(walk.positions) < 3:
        raise Refusal(say("the way is too short yet; train some steps while this panel is open"))
    away = torch.stack(walk.positions).double() - now.double().cpu()
    variances, mixed = torch.linalg.eigh(away @ away.T)
    found = []
    for k in (-1, -2):
        direction = away.T @ mixed[:, k]
        direction = direction / direction.norm().clamp(min=1e-30)
        found.append(-direction if away[0] @ direction > 0 else direction)  # the way comes from the left and from below
    sides = [[*(away @ direction).tolist(), 0.0] for direction in found]
    if not max(sides[1]) - min(sides[1]) > 0:
        raise Refusal(say("the way is a straight line so far; train some more steps"))
    share = (variances / variances.sum().clamp(min=1e-30)).tolist()
    across, up = (direction.float().to(now.device) for direction in found)
    first, second = (_around(side, span) for side in sides)
    return Plane(now, across, up, (first, second), explained=(share[-1], share[-2]))


def _around(values: list[float], span: float) -> tuple[float, float]:
    low, high = min(values), max(values)
    middle, half = (low + high) / 2, (high - low) / 2 * (1 + 2 * MARGIN) * span
    return middle - half, middle + half


# -- the way -----------------------------------------------------------------------------------------------------


class Walk:
    """The way that training took, thinned: at which steps, where on the plane, and, of small networks, where in all."""

    def __init__(self, trainer: Trainer) -> None:
        self.weights = Weights(trainer.network)
        self.plane: Plane | None = None
        self.steps: list[int] = []
        self.places: list[tuple[float, float]] = []
        self.positions: list[Tensor] = []
        self._whole = 0 < self.weights.count <= MOST_WEIGHTS
        self._most = MOST_POSITIONS
        if self._whole:
            self._most = max(4, min(MOST_POSITIONS, MOST_NUMBERS // self.weights.count))
        self._every = self._seen = self._step = 0
        self._optimiser = trainer.optimiser if self.weights.count <= FEW else None
        self._following: Any = None
        self._looked = 0.0

    @classmethod
    def of(cls, trainer: Trainer) -> Walk:
        """Return the way of a run; it begins when it is first asked for."""
        found = trainer.notes.setdefault("walk", None) or cls(trainer)
        trainer.notes["walk"] = found
        return found

    def lay(self, plane: Plane) -> None:
        """See the way from another plane; of a large network it begins anew."""
        self.plane = plane
        if self._whole:
            self.places = [plane.place(one.to(plane.origin.device)) for one in self.positions]
        else:
            self.steps, self.places = [], []

    def go_on(self, step: int) -> Path | None:
        """Note where the run is now, and return the way so far."""
        if not self.weights.count:
            return None
        now = self.weights.now()
        place = self.plane.place(now) if self.plane is not None else None
        if not self.steps or step > max(self.steps[-1], self._step if self._following else 0):
            self._note(step, now, place)
        self._step, self._looked = step, time.monotonic()
        if self._optimiser is not None and self._following is None:
            self._following = self._optimiser.register_step_post_hook(self._on_step)
        return self._path(step, now, place)

    def _on_step(self, *_: Any) -> None:
        """Note where a step of the optimiser has led, as long as somebody looks."""
        if time.monotonic() - self._looked > FORGOTTEN:
            self._following.remove()
            self._following = None
            return
        self._step += 1
        now = self.weights.now()
        self._note(self._step, now, self.plane.place(now) if self.plane is not None else None)

    def _note(self, step: int, now: Tensor, place: tuple[float, float] | None) -> None:
        self._seen += 1
        if (self._every and self._seen % self._every) or (not self._whole and place is None):
            return
        self.steps.append(step)
        if self._whole:
            self.positions.append(now.cpu())
        if place is not None:
            self.places.append(place)
        if len(self.steps) >= self._most:
            self._every = 2 * (self._every or 1)
            for kept in (self.steps, self.places, self.positions):
                del kept[1::2]

    def _path(self, step: int, now: Tensor, place: tuple[float, float] | None) -> Path:
        """Return the places on the plane, or of two weights these themselves, which need none; the last is now."""
        number, steps, points = self.plane.number if self.plane is not None else 0, self.steps, list(self.places)
        two: list[tuple[float, ...]] = []
        if self.weights.count == 2:
            two = [*(tuple(one.tolist()) for one in self.positions), tuple(now.tolist())]
        return Path(
            plane=number,
            step=step,
            weights=self.weights.count,
            steps=np.array([*steps, step], dtype=np.int64),
            points=np.array([*points, place] if place is not None else [], dtype=np.float32).reshape(-1, 2),
            two=np.array(two, dtype=np.float32).reshape(-1, 2),
        )


# -- the picture -------------------------------------------------------------------------------------------------


def survey(trainer: Trainer, asked: LossSurface) -> Iterator[tuple[float, SurfaceAnswer]]:
    """Compute the losses on a plane, from coarse to fine; yield the share done and the picture so far."""
    landscape = Landscape(trainer, asked.examples)
    plane = laid(trainer, asked)
    Walk.of(trainer).lay(plane)
    n, (left, right), (low, high) = asked.points, *plane.extent
    losses = np.full((n, n), math.nan, dtype=np.float32)
    answer = SurfaceAnswer(
        plane=plane.number,
        directions=asked.directions,
        step=trainer.number,
        examples=landscape.examples,
        losses=losses,
        extent=plane.extent,
        names=plane.names,
        explained=plane.explained,
    )
    yield 0.0, answer
    order = from_coarse_to_fine(n)
    pieces = math.ceil(landscape.examples / EVALUATION_BATCH)
    for k, (down, right_) in enumerate(order):
        a, b = left + (right - left) * right_ / (n - 1), low + (high - low) * down / (n - 1)
        for j, value in enumerate(landscape.pieces(plane.at(a, b)), start=1):
            losses[down, right_] = value if j == pieces else math.nan
            yield (k + j / pieces) / len(order), answer


def laid(trainer: Trainer, asked: LossSurface) -> Plane:
    """Lay the plane that is asked for."""
    if asked.directions == "weights":
        return weights_plane(trainer, asked.span)
    if asked.directions == "path":
        return path_plane(trainer, asked.span)
    return random_plane(trainer, asked.span, asked.seed)


def from_coarse_to_fine(n: int) -> list[tuple[int, int]]:
    """Return the places of a grid of n × n: every eighth row and column first, then every fourth, then the rest."""
    found: dict[tuple[int, int], None] = {}
    for stride in (8, 4, 2, 1):
        found |= dict.fromkeys((down, right) for down in range(0, n, stride) for right in range(0, n, stride))
    return list(found)
