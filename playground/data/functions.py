"""Functions to be learnt from examples: curves over a line and surfaces over the plane, with noise and gaps.

What a network makes of a function is best seen where it was given no examples: left out in the middle, or beyond
the border. Examples from there are for testing only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from playground.data import MADE, Data, Examples, Source
from playground.declare import choice, integer, number
from playground.facts import DataFacts, Target
from playground.shape import Shape
from playground.text import note

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

FEWEST_TESTED = 10


class FunctionSource(Source):
    """Examples of a function of some numbers, displaced by noise.

    A member says which functions there are (`truth`). The first numbers drawn are the places, then the noise, so
    turning the noise up moves the same examples instead of drawing others.

    Class attributes:
        axes: the names of the numbers that the function takes.
    """

    members = Source.members  # a base for data sets, not one of them
    kind = note("Functions")
    licence = MADE
    axes: ClassVar[tuple[str, ...]]

    # Which ones there are the members say; it stands here to come first in the form.
    function: str = choice("sine", choices=("sine",), help="Which function the examples are taken from")
    noise: float = number(0.0, low=0.0, high=1.0, help="The standard deviation of what is added to every answer")
    count: int = integer(400, low=10, high=100_000, help="How many examples there are to train and to validate")
    reach: float = number(3.0, low=0.5, high=10.0, help="Examples lie between minus this and plus this")
    gap: float = number(
        0.0, low=0.0, high=0.8, help="The share of the range that is left out in the middle, to test what is made of it"
    )
    beyond: float = number(
        0.0, low=0.0, high=1.0, help="How much further than the examples, as a share, the network is tested"
    )
    seed: int = integer(1, high=2**31 - 1, help="Fixes every random choice: the same seed gives the same examples")

    def truth(self, x: Array) -> Array:
        """Return what the function answers without noise at places (n, axes): float64 (n, 1)."""
        raise NotImplementedError

    @property
    def extent(self) -> tuple[float, float]:
        """The lowest and highest place, on every axis, that a picture of the function should show."""
        furthest = self.reach * (1 + self.beyond)
        return -furthest, furthest

    def read(self) -> Data:
        import numpy as np

        rng = np.random.default_rng(self.seed)
        hole, edge, end = self.gap * self.reach, self.reach, self.reach * (1 + self.beyond)
        splits = {"train": self._examples(_between(hole, edge, (self.count, len(self.axes)), rng), rng)}
        inside, outside = self._tested()
        if inside or outside:
            places = [
                _between(0.0, hole, (inside, len(self.axes)), rng),
                _between(edge, end, (outside, len(self.axes)), rng),
            ]
            splits["test"] = self._examples(np.concatenate(places), rng)
        counts = {split: len(examples) for split, examples in splits.items()}
        facts = DataFacts(
            {"x": Shape(features=len(self.axes))},
            {"y": Target(shape=Shape(features=1))},
            counts,
            {"x": self.axes},
        )
        return Data(facts, splits)

    def _examples(self, places: Array, rng: np.random.Generator) -> Examples:
        import numpy as np

        answers = self.truth(places) + self.noise * rng.standard_normal((len(places), 1))
        return Examples({"x": places.astype(np.float32)}, {"y": answers.astype(np.float32)})

    def _tested(self) -> tuple[int, int]:
        """Return how many examples test in the gap and how many beyond, about as dense as those that train."""
        n = len(self.axes)
        middle, outside = self.gap**n, (1 + self.beyond) ** n - 1
        if not middle + outside:
            return 0, 0
        dense = round(self.count * (middle + outside) / (1 - middle))
        tested = max(FEWEST_TESTED, min(self.count, dense))
        inside = round(tested * middle / (middle + outside))
        return inside, tested - inside


class Curve(FunctionSource):
    """A function of one number, to be learnt from points on its curve."""

    key = "curve"
    title = note("Curve y = f(x)")
    axes = ("x",)

    function: str = choice(
        "sine",
        choices={
            "sine": note("Sine"),
            "line": note("Straight line"),
            "step": note("Step"),
            "sawtooth": note("Sawtooth"),
            "polynomial": note("Polynomial (cubic)"),
            "absolute": note("Absolute value"),
            "bumps": note("Three bumps"),
            "chirp": note("Faster and faster wave"),
        },
        help="Which function the examples are taken from",
    )

    def truth(self, x: Array) -> Array:
        import numpy as np

        functions: dict[str, Callable[[Array], Array]] = {
            "sine": lambda x: np.sin(2 * x),
            "line": lambda x: x,
            "step": lambda x: np.where(x < 0, -1.0, 1.0),
            "sawtooth": lambda x: np.mod(x, 2.0) - 1.0,
            "polynomial": lambda x: x * (x - 2) * (x + 2) / 4,
            "absolute": np.abs,
            "bumps": lambda x: _bump(x, -1.8, 0.35) - 0.8 * _bump(x, 0.0, 0.6) + 0.6 * _bump(x, 1.7, 0.2),
            "chirp": lambda x: np.sin(0.7 * (x + 3) ** 2),
        }
        return functions[self.function](np.asarray(x, dtype=np.float64).reshape(-1, 1))


class Surface(FunctionSource):
    """A function of two numbers, to be learnt from points on its surface."""

    key = "surface"
    title = note("Surface z = f(x, y)")
    axes = ("x", "y")

    function: str = choice(
        "saddle",
        choices={
            "plane": note("Plane"),
            "saddle": note("Saddle"),
            "ripple": note("Ripple"),
            "bumps": note("Gaussian bumps"),
            "franke": note("Franke's function"),
        },
        help="Which function the examples are taken from",
    )
    count: int = integer(1000, low=10, high=100_000, help="How many examples there are to train and to validate")

    def truth(self, x: Array) -> Array:
        import numpy as np

        functions: dict[str, Callable[[Array, Array], Array]] = {
            "plane": lambda x, y: 0.3 * x - 0.2 * y + 0.1,
            "saddle": lambda x, y: (x * x - y * y) / 9,
            "ripple": lambda x, y: np.cos(2.5 * np.hypot(x, y)),
            "bumps": lambda x, y: (
                _bump(x, -1.2, 0.7) * _bump(y, -1.0, 0.7)
                + 0.7 * _bump(x, 1.4, 0.5) * _bump(y, 0.4, 0.9)
                - 0.8 * _bump(x, -0.6, 0.6) * _bump(y, 1.5, 0.5)
            ),
            "franke": _franke,
        }
        places = np.asarray(x, dtype=np.float64).reshape(-1, 2)
        return functions[self.function](places[:, :1], places[:, 1:])


def _between(low: float, high: float, size: tuple[int, int], rng: np.random.Generator) -> Array:
    """Draw places evenly from the frame whose largest coordinate, signs aside, lies between two numbers."""
    import numpy as np

    n, axes = size
    largest = (low**axes + rng.uniform(size=n) * (high**axes - low**axes)) ** (1 / axes)
    places = rng.uniform(-1.0, 1.0, size)
    places[np.arange(n), rng.integers(axes, size=n)] = rng.choice((-1.0, 1.0), n)
    scaled: Array = places * largest[:, None]
    return scaled


def _bump(x: Array, middle: float, width: float) -> Array:
    import numpy as np

    height: Array = np.exp(-0.5 * ((x - middle) / width) ** 2)
    return height


def _franke(x: Array, y: Array) -> Array:
    """Return R. Franke's test of interpolation (1979), hills and a hollow; its unit square is −3…3 here."""
    import numpy as np

    x, y = 9 * (x + 3) / 6, 9 * (y + 3) / 6
    hills = 0.75 * np.exp(-((x - 2) ** 2 + (y - 2) ** 2) / 4) + 0.75 * np.exp(-((x + 1) ** 2) / 49 - (y + 1) / 10)
    heights: Array = (
        hills + 0.5 * np.exp(-((x - 7) ** 2 + (y - 3) ** 2) / 4) - 0.2 * np.exp(-((x - 4) ** 2) - (y - 7) ** 2)
    )
    return heights
