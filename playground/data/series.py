"""Series made up to be forecast: waves, a random walk, and seasons with a trend.

Of each there is one long series, cut into windows; its end is for testing. All numbers are of the order of 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from playground.data import MADE, Data, Examples, Source
from playground.data._series import Ahead, windows
from playground.declare import integer, number, switch
from playground.facts import DataFacts, Target
from playground.shape import Shape
from playground.text import note

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

TESTED = 5
"""The last step of so many is for testing."""


class SeriesSource(Source):
    """The base of series that are made up: a member says what they are (`values`), here they are cut into windows.

    Class attributes:
        measured: what the values are called.
    """

    members = Source.members  # a base for data sets, not one of them
    kind = note("Series")
    licence = MADE
    measured: ClassVar[str] = "value"

    length: int = integer(
        2000, low=500, high=20_000, help="How many steps the series has; the last fifth of them is for testing"
    )
    window: int = integer(24, low=1, high=200, help="How many steps, the present one and those before it, go in")
    ahead: int = integer(1, low=1, high=100, help="How many steps later the value lies that is predicted")
    horizon: int = integer(
        1, low=1, high=100, help="How many values are predicted at once, of the step that many later and those after it"
    )
    seed: int = integer(1, high=2**31 - 1, help="Fixes every random choice: the same seed gives the same series")

    def values(self, rng: np.random.Generator) -> Array:
        """Return the series: float64 (length,)."""
        raise NotImplementedError

    def read(self) -> Data:
        import numpy as np

        values = self.values(np.random.default_rng(self.seed))
        begin = self.length - self.length // TESTED
        # What tests may look back into what trained: that is past by then. No value is predicted in both.
        before = self.window + self.ahead - 1
        made = {"train": self._windows(values[:begin]), "test": self._windows(values[begin - before :])}
        facts = DataFacts(
            {"x": Shape(time=self.window, features=1)},
            {"y": Target(shape=Shape(features=self.horizon))},
            {split: len(x) for split, (x, _) in made.items()},
            {"x": (self.measured,)},
        )
        splits = {split: Examples({"x": x}, {"y": y}) for split, (x, y) in made.items()}
        ahead = Ahead(self.ahead, self.horizon, past=(0,))
        return Data(facts, splits, in_time=True, ahead=ahead, apart=self.horizon - 1)

    def _windows(self, values: Array) -> tuple[Array, Array]:
        import numpy as np

        values = values.astype(np.float32)
        return windows(values[:, None], values, self.window, self.ahead, self.horizon)


class NoisySines(SeriesSource):
    """Several waves added up, with noise on every value: what comes next can be known, except for the noise."""

    key = "noisy-sines"
    title = note("Noisy sines")

    waves: int = integer(3, low=1, high=10, help="How many sines are added up")
    period: float = number(40.0, low=5.0, high=1000.0, log=True, help="How many steps the longest wave takes")
    noise: float = number(
        0.1, low=0.0, high=2.0, help="The standard deviation of what is added to every value; that of the waves is 1"
    )

    def values(self, rng: np.random.Generator) -> Array:
        import numpy as np

        shorter = rng.uniform(1.2, 2.5, self.waves)
        shorter[0] = 1.0
        strengths = rng.uniform(0.5, 1.0, self.waves)
        strengths *= np.sqrt(2 / np.sum(strengths**2))  # the spread of a sine is its height / √2
        phases = rng.uniform(0, 2 * np.pi, self.waves)
        angles = 2 * np.pi * np.arange(self.length)[:, None] * shorter / self.period + phases
        waves: Array = (strengths * np.sin(angles)).sum(axis=1)
        return waves + self.noise * rng.standard_normal(self.length)


class RandomWalk(SeriesSource):
    """Prices that go up or down by chance, by a share of themselves: no forecast does much better than the last price.

    The logarithms of the prices take independent normal steps (a geometric random walk). Over the part that trains the
    mean price is 1.
    """

    key = "random-walk"
    title = note("Random walk (prices)")
    measured = "price"

    volatility: float = number(
        0.02, low=0.001, high=0.05, log=True, help="The standard deviation of a step, as a share of the price"
    )
    drift: float = number(0.0, low=-0.001, high=0.001, help="The mean of a step, as a share of the price")

    def values(self, rng: np.random.Generator) -> Array:
        import numpy as np

        steps = self.drift + self.volatility * rng.standard_normal(self.length)
        prices = np.exp(np.cumsum(steps))
        scaled: Array = prices / prices[: self.length - self.length // TESTED].mean()
        return scaled


class Seasonal(SeriesSource):
    """Seasons that come back, a trend that goes on, and noise: sales, or passengers, month by month."""

    key = "seasonal"
    title = note("Seasons with a trend")

    period: int = integer(12, low=2, high=200, help="How many steps the seasons take to come back")
    season: float = number(0.5, low=0.0, high=2.0, help="The standard deviation of the seasons")
    trend: float = number(1.0, low=-3.0, high=3.0, help="How far the level rises from the first step to the last")
    growing: bool = switch(
        False, label="Growing seasons", help="Let the seasons grow from nothing to their whole size along the series"
    )
    noise: float = number(0.1, low=0.0, high=2.0, help="The standard deviation of what is added to every value")

    def values(self, rng: np.random.Generator) -> Array:
        import numpy as np

        along = np.linspace(0.0, 1.0, self.length)
        size = self.season * (along if self.growing else 1.0)
        seasons = size * self._year(rng)[np.arange(self.length) % self.period]
        level = self.trend * (along - 0.5)
        values: Array = level + seasons + self.noise * rng.standard_normal(self.length)
        return values

    def _year(self, rng: np.random.Generator) -> Array:
        """Draw how one round of seasons goes: a few harmonics, their mean 0 and their spread 1."""
        import numpy as np

        harmonics = np.arange(1, min(3, self.period // 2) + 1)
        angles = 2 * np.pi * np.outer(np.arange(self.period), harmonics) / self.period
        shape: Array = np.cos(angles + rng.uniform(0, 2 * np.pi, len(harmonics))) @ (1 / harmonics)
        shape -= shape.mean()
        shape /= shape.std()
        return shape
