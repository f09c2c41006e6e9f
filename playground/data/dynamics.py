"""Things that move by known laws, to be learnt from watching them: a pendulum, and the Lorenz system.

Each set holds trajectories from several starts, integrated in small steps (Runge and Kutta's method of fourth order,
float64) and cut into windows. Trajectories from other starts are for testing.
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil
from typing import TYPE_CHECKING, Any, ClassVar

from playground.data import MADE, Data, Examples, Source
from playground.data._series import Ahead
from playground.declare import choice, integer, number
from playground.facts import DataFacts, Target
from playground.progress import progress
from playground.shape import Shape
from playground.text import note

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]
    Law = Callable[[Array, Array], Array]

TESTED = 4
"""One trajectory to test for so many to train."""


def integrate(law: Law, state: Array, begin: Array, step: float, steps: int, finest: float) -> Array:
    """Follow states (starts, numbers) by the law of their change over time: (starts, steps, numbers), the first first.

    `begin` are the moments (starts,) at which they begin; `step` lies between two states that are kept, and is parted
    until the parts are no longer than `finest`.
    """
    import numpy as np

    parts = max(1, ceil(step / finest))
    h = step / parts
    found = np.empty((len(state), steps, state.shape[1]))
    found[:, 0] = state
    for at in range(1, steps):
        for part in range(parts):
            t = begin + (at - 1) * step + part * h
            one = law(t, state)
            two = law(t + h / 2, state + h / 2 * one)
            three = law(t + h / 2, state + h / 2 * two)
            four = law(t + h, state + h * three)
            state = state + h / 6 * (one + 2 * two + 2 * three + four)
        found[:, at] = state
        progress(at / steps)
    return found


class Dynamics(Source):
    """The base of systems that move: a member says how (`trajectories`), here they are cut into windows.

    Examples stand in the order of their trajectories, so what validates, the last ones, begins elsewhere than nearly
    all that trains.
    """

    members = Source.members  # a base for data sets, not one of them
    kind = note("Series")
    licence = MADE
    seen_as: ClassVar[dict[str, tuple[str, ...]]]
    """What the numbers of a state are called, by the choices of `seen`."""

    # Which there are the members say.
    seen: str = choice("state", choices=("state",), label="What is seen", help="What goes in and is to be predicted")
    starts: int = integer(
        20, low=4, high=200, label="Trajectories", help="How many trajectories there are to train and to validate"
    )
    steps: int = integer(200, low=100, high=500, help="How many steps each trajectory has")
    window: int = integer(8, low=1, high=50, help="How many steps, the present one and those before it, go in")
    horizon: int = integer(1, low=1, high=20, help="How many of the next steps are predicted at once")
    noise: float = number(0.0, low=0.0, high=0.5, help="The standard deviation of errors in measuring every number")
    seed: int = integer(1, high=2**31 - 1, help="Fixes every random choice: the same seed gives the same trajectories")

    def trajectories(self, starts: int, rng: np.random.Generator) -> Array:
        """Return as many trajectories from random starts, as they are seen: float64 (starts, steps, numbers)."""
        raise NotImplementedError

    def read(self) -> Data:
        import numpy as np

        rng = np.random.default_rng(self.seed)
        tested = ceil(self.starts / TESTED)
        paths = self.trajectories(self.starts + tested, rng)
        paths = (paths + self.noise * rng.standard_normal(paths.shape)).astype(np.float32)
        made = {"train": self._windows(paths[tested:]), "test": self._windows(paths[:tested])}
        names = self.seen_as[self.seen]
        facts = DataFacts(
            {"x": Shape(time=self.window, features=len(names))},
            {"y": Target(shape=Shape(features=self.horizon * len(names)))},
            {split: len(x) for split, (x, _) in made.items()},
            {"x": names},
        )
        splits = {split: Examples({"x": x}, {"y": y}) for split, (x, y) in made.items()}
        ahead = Ahead(1, self.horizon, past=tuple(range(len(names))))
        return Data(facts, splits, in_time=True, ahead=ahead, apart=self.horizon - 1)

    def _windows(self, paths: Array) -> tuple[Array, Array]:
        """Cut paths into windows (n, window, numbers) and what follows each, step after step (n, horizon × numbers)."""
        import numpy as np

        whole = np.lib.stride_tricks.sliding_window_view(paths, self.window + self.horizon, axis=1)
        whole = whole.transpose(0, 1, 3, 2).reshape(-1, self.window + self.horizon, paths.shape[2])
        x = np.ascontiguousarray(whole[:, : self.window])
        return x, np.array(whole[:, self.window :].reshape(len(whole), -1))


class Pendulum(Dynamics):
    """A pendulum that swings, slowed down and pushed as one likes; its next angle and velocity are to be predicted.

    The angle changes as θ″ = −sin θ − damping · θ′ + drive · cos(frequency · t), an undamped small swing taking 2π of
    time. Trajectories begin at rest, turned by a random angle, and at a random moment of the pushes.
    """

    key = "pendulum"
    title = note("Pendulum")
    seen_as = {"state": ("angle", "velocity"), "angle": ("angle",), "position": ("x", "y", "velocity")}

    seen: str = choice(
        "state",
        label="What is seen",
        choices={
            "state": note("angle and velocity"),
            "angle": note("the angle only"),
            "position": note("where it hangs, and velocity"),
        },
        help="What goes in and is to be predicted; an angle jumps from π to −π where the pendulum goes over the top",
    )
    swing: float = number(2.5, low=0.05, high=3.1, help="By which angle, in radians, it is turned at most at the start")
    damping: float = number(0.1, low=0.0, high=2.0, help="How strongly it is slowed down; 0: it swings for ever")
    drive: float = number(0.0, low=0.0, high=2.0, help="How strongly it is pushed to and fro; from about 1 on chaos")
    frequency: float = number(2 / 3, low=0.1, high=3.0, help="How fast it is pushed, 1 being how fast it swings itself")
    step: float = number(0.1, low=0.01, high=0.5, label="Time step", help="How much time lies between two steps")

    def law(self, t: Array, state: Array) -> Array:
        """Return how fast angle and velocity (starts, 2) change at moments (starts,)."""
        import numpy as np

        angle, velocity = state[:, 0], state[:, 1]
        push = self.drive * np.cos(self.frequency * t)
        return np.stack([velocity, push - np.sin(angle) - self.damping * velocity], axis=1)

    def trajectories(self, starts: int, rng: np.random.Generator) -> Array:
        import numpy as np

        state = np.stack([rng.uniform(-self.swing, self.swing, starts), np.zeros(starts)], axis=1)
        begin = rng.uniform(0, 2 * np.pi / self.frequency, starts)
        path = integrate(self.law, state, begin, self.step, self.steps, finest=0.02)
        angle, velocity = path[:, :, 0], path[:, :, 1]
        if self.seen == "position":
            return np.stack([np.sin(angle), -np.cos(angle), velocity], axis=2)
        path[:, :, 0] = (angle + np.pi) % (2 * np.pi) - np.pi
        return path if self.seen == "state" else path[:, :, :1]


class Lorenz(Dynamics):
    """The Lorenz system, whose paths never repeat and soon part however close they begin: the butterfly of chaos.

    Lorenz (1963): x′ = σ (y − x), y′ = x (ρ − z) − y, z′ = x y − β z. What is seen is x / 10, y / 10 and
    (z − 25) / 10, so that all numbers are of the order of 1. Trajectories begin at random places; how they come near
    the butterfly, the first two units of time, is left out.
    """

    key = "lorenz"
    title = note("Lorenz system")
    seen_as = {"state": ("x", "y", "z"), "x": ("x",)}

    seen: str = choice(
        "state",
        label="What is seen",
        choices={"state": note("x, y and z"), "x": note("x only")},
        help="A tenth of x, y and z − 25 goes in and is to be predicted; the past of x tells the rest (Takens 1981)",
    )
    sigma: float = number(10.0, low=1.0, high=20.0, label="σ", help="How strongly x follows y")
    rho: float = number(28.0, low=0.0, high=60.0, label="ρ", help="What drives it: chaotic above 24.74, at rest below")
    beta: float = number(8 / 3, low=0.5, high=5.0, label="β", help="How strongly z is slowed down")
    step: float = number(0.02, low=0.005, high=0.2, label="Time step", help="How much time lies between two steps")

    def law(self, t: Array, state: Array) -> Array:
        """Return how fast x, y and z (starts, 3) change; at any moment alike."""
        import numpy as np

        x, y, z = state.T
        return np.stack([self.sigma * (y - x), x * (self.rho - z) - y, x * y - self.beta * z], axis=1)

    def trajectories(self, starts: int, rng: np.random.Generator) -> Array:
        import numpy as np

        state = rng.uniform(-15, 15, (starts, 3)) + np.array([0, 0, 25])
        begin = np.zeros(starts)
        state = integrate(self.law, state, begin, 2.0, 2, finest=0.005)[:, -1]
        path: Array = integrate(self.law, state, begin, self.step, self.steps, finest=0.005)
        path = (path - np.array([0, 0, 25])) / 10
        return path if self.seen == "state" else path[:, :, :1]
