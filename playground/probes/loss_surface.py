"""The loss over a plane of weights, which takes a while to compute, and the way that training takes over it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from playground.declare import integer
from playground.inquiry import Inquiry, Slice, Slices
from playground.probes import Probe, Subject
from playground.text import note

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

DIRECTIONS = {
    "weights": note("The two weights"),
    "random": note("Random directions"),
    "path": note("Along the way"),
}
"""Which plane is looked at: the first is for networks of two weights only."""


@dataclass(frozen=True)
class SurfaceAnswer:
    """The losses on a plane: row 0 is the lowest, column 0 the leftmost; what is not known yet is not a number.

    Attributes:
        plane: its number, which those of the way name too.
        directions: a key of `DIRECTIONS`.
        step: at how many steps the weights in its middle stood.
        examples: on how many training examples the losses are taken.
        extent: from where to where it goes across, and up.
        names: the two weights where they are the axes.
        explained: the share of the way, by variance, that lies along each direction; empty where it says nothing.
    """

    axis_names = {"extent": ("direction", "end")}

    plane: int
    directions: str
    step: int
    examples: int
    losses: Array
    extent: tuple[tuple[float, float], tuple[float, float]]
    names: tuple[str, str] = ("", "")
    explained: tuple[float, ...] = ()


@dataclass(frozen=True)
class Path:
    """The way that training has taken, thinned; the last place is where it is now.

    Attributes:
        plane: the number of the plane that `points` lie on; 0 while there is none.
        step: how many steps have been taken.
        weights: how many weights training changes.
        steps: at which step the run was at each place.
        points: the places on the plane, float32 (n, 2).
        two: of a network of two weights, these themselves (n, 2).
    """

    axis_names = {"steps": ("moment",), "points": ("moment", "direction"), "two": ("moment", "weight")}

    plane: int
    step: int
    weights: int
    steps: Array
    points: Array
    two: Array


@dataclass(frozen=True)
class LossSurface(Inquiry):
    """Asks for the loss on a plane.

    Attributes:
        directions: a key of `DIRECTIONS`.
        points: how many places there are along each side.
        span: how far it goes, as a multiple of what is usual.
        examples: on how many training examples, at most.
        seed: which random directions.
    """

    directions: str = "random"
    points: int = 25
    span: float = 1.0
    examples: int = 256
    seed: int = 1

    def work(self, subject: Subject) -> Slices:
        """Compute it, from a coarse picture to a fine one."""
        from playground.surface import survey

        answer = None
        for share, answer in survey(subject, self):  # type: ignore[arg-type]  # a Trainer is the one Subject there is
            yield Slice(share, replace(answer, losses=answer.losses.copy()))
        return answer


class LossPath(Probe):
    """Follows the weights over the loss surface."""

    key = "loss_path"
    title = note("Way over the loss surface")
    icon = "mdi6.map-marker-path"
    rate = 30.0
    once = True

    plane: int = integer(0, high=2**63 - 1, help="The plane that is shown; another one is a question of its own")

    def measure(self, subject: Subject) -> Path | None:
        """Note where the weights are now; return the way so far."""
        from playground.surface import Walk

        return Walk.of(subject).go_on(subject.number)  # type: ignore[arg-type]  # see above


def dented(losses: Array) -> float:
    """Say how far a surface is from a bowl: the share of its places where it curves downwards in some direction.

    A place counts where it does so at least a tenth as strongly as it curves upwards, or downwards, across that (the
    ratio of the two eigenvalues of the Hessian, by which Li and others 2018 told rough surfaces from smooth ones).
    """
    import numpy as np

    z = losses.astype(np.float64)
    if not np.isfinite(z).all() or min(z.shape) < 3:
        return float("nan")
    middle = z[1:-1, 1:-1]
    across, up = z[1:-1, 2:] + z[1:-1, :-2] - 2 * middle, z[2:, 1:-1] + z[:-2, 1:-1] - 2 * middle
    mixed = (z[2:, 2:] - z[2:, :-2] - z[:-2, 2:] + z[:-2, :-2]) / 4
    mean, half = (across + up) / 2, np.hypot((across - up) / 2, mixed)
    least, most = mean - half, mean + half
    noise = 1e-6 * (z.max() - z.min())
    return float((least < -0.1 * np.abs(most) - noise).mean())
