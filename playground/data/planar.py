"""Points in the plane in a few classes, made from a seed: truth tables, XOR, circle, moons, spirals, blobs.

The coordinates are those of TensorFlow Playground: points lie within −6…6 and reach the network as they are.
What is computed from them keeps to the same range (`embed`), so one learning rate suits every choice of features.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING, Any, ClassVar

from playground.data import MADE, Data, Examples, Source
from playground.declare import choice, integer, number, several
from playground.facts import DataFacts, Target
from playground.shape import Shape
from playground.text import note

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

FEATURES = ("x", "y", "x²", "y²", "xy", "sin x", "sin y")
"""What can be computed from a point and fed to the network."""

REACH = 6.0
"""Points lie between −6 and 6 on both axes; the pictures show a little more."""


def embed(points: Array, features: tuple[str, ...], reach: float = REACH) -> Array:
    """Compute the chosen features of points (n, 2) as float32 (n, features).

    x², y² and xy are divided by `reach`, so that for points within −reach…reach they too stay within it.
    """
    import numpy as np

    x, y = points[:, 0], points[:, 1]
    columns: dict[str, Callable[[], Array]] = {
        "x": lambda: x,
        "y": lambda: y,
        "x²": lambda: x * x / reach,
        "y²": lambda: y * y / reach,
        "xy": lambda: x * y / reach,
        "sin x": lambda: np.sin(x),
        "sin y": lambda: np.sin(y),
    }
    return np.stack([columns[name]() for name in features], axis=1).astype(np.float32)


class PlanarSource(Source):
    """Points in the plane, each of one class.

    A member says where its points lie (`points`); what the network is fed follows from the features.

    Class attributes:
        extent: the lowest and highest coordinate that a picture of the plane should show, on both axes.
        reach: the largest coordinate, for which `embed` keeps all features in one range.
    """

    members = Source.members  # a base for data sets, not one of them
    kind = note("Points")
    licence = MADE
    extent: ClassVar[tuple[float, float]] = (-REACH, REACH)
    reach: ClassVar[float] = REACH

    features: tuple[str, ...] = several(
        ("x", "y"), choices=FEATURES, help="What the network is told of a point; squares and products are divided by 6"
    )

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the classes."""
        return ("0", "1")

    def points(self) -> tuple[Array, Array]:
        """Return the points (n, 2) float32 and the class of each (n,) int64."""
        raise NotImplementedError

    def inputs(self, points: Array) -> Array:
        """Return what the network is fed for any points of the plane (n, 2): float32 (n, features)."""
        return embed(points, self.features, self.reach)

    def read(self) -> Data:
        return self._data(("train",))

    def picture(self) -> str:
        return "points"

    def _data(self, splits: tuple[str, ...]) -> Data:
        """Give every one of the splits all the points."""
        points, labels = self.points()
        examples = Examples({"x": self.inputs(points)}, {"label": labels})
        facts = DataFacts(
            {"x": Shape(features=len(self.features))},
            {"label": Target(self.names)},
            {split: len(examples) for split in splits},
        )
        return Data(facts, dict.fromkeys(splits, examples))


class TruthTable(PlanarSource):
    """The four rows of a logic gate; a network that learns it is validated on the same four."""

    key = "truth-table"
    title = note("Truth table")
    extent = (-0.5, 1.5)
    reach = 1.0  # inputs stay 0 and 1, so that weights set by hand (1, 1, offset −1.5 for AND) mean what they say

    features: tuple[str, ...] = several(("x", "y"), choices=FEATURES, help="What the network is told of a row")
    gate: str = choice(
        "and",
        choices=("and", "or", "xor", "nand", "nor", "xnor"),
        label="Logic gate",
        help="What the gate answers to its two inputs",
    )
    repeats: int = integer(1, low=1, high=10_000, help="How often every row comes in an epoch")

    def points(self) -> tuple[Array, Array]:
        import numpy as np

        rows = ((0, 0), (0, 1), (1, 0), (1, 1))
        answers = {"and": "0001", "or": "0111", "xor": "0110", "nand": "1110", "nor": "1000", "xnor": "1001"}
        return np.array(rows, dtype=np.float32), np.array([int(a) for a in answers[self.gate]], dtype=np.int64)

    def read(self) -> Data:
        return _whole_table(self._data(("train", "validation")), self.repeats)


class TruthTable3(Source):
    """The eight rows of a logic gate with three inputs; a network that learns it is validated on the same eight."""

    key = "truth-table-3"
    title = note("Truth table, three inputs")
    kind = note("Points")
    licence = MADE
    gate: str = choice(
        "xor",
        choices={
            "and": "and",
            "or": "or",
            "xor": note("xor (odd number of ones)"),
            "nand": "nand",
            "nor": "nor",
            "xnor": note("xnor (even number of ones)"),
            "majority": note("majority"),
            "multiplexer": note("multiplexer (a chooses b or c)"),
        },
        label="Logic gate",
        help="What the gate answers to its three inputs",
    )
    repeats: int = integer(1, low=1, high=10_000, help="How often every row comes in an epoch")

    def read(self) -> Data:
        import numpy as np

        rows = np.array(list(product((0, 1), repeat=3)), dtype=np.float32)
        answers = np.array([GATES_OF_THREE[self.gate](*map(int, row)) for row in rows], dtype=np.int64)
        facts = DataFacts(
            {"x": Shape(features=3)},
            {"label": Target(("0", "1"))},
            {"train": 8, "validation": 8},
            {"x": ("a", "b", "c")},
        )
        examples = Examples({"x": rows}, {"label": answers})
        return _whole_table(Data(facts, {"train": examples, "validation": examples}), self.repeats)


GATES_OF_THREE: dict[str, Callable[[int, int, int], int]] = {
    "and": lambda a, b, c: a & b & c,
    "or": lambda a, b, c: a | b | c,
    "xor": lambda a, b, c: a ^ b ^ c,
    "nand": lambda a, b, c: 1 - (a & b & c),
    "nor": lambda a, b, c: 1 - (a | b | c),
    "xnor": lambda a, b, c: 1 - (a ^ b ^ c),
    "majority": lambda a, b, c: int(a + b + c >= 2),
    "multiplexer": lambda a, b, c: c if a else b,
}
"""What each gate answers, by its name."""


def _whole_table(data: Data, repeats: int) -> Data:
    """Repeat the rows that train.

    They are the whole truth: holding one back to validate would leave a different gate to learn.
    """
    import numpy as np

    train = data.splits["train"]
    train = train.take(np.tile(np.arange(len(train)), repeats))
    counts = {**data.facts.counts, "train": len(train)}
    return replace(data, facts=replace(data.facts, counts=counts), splits={**data.splits, "train": train})


class ScatteredSource(PlanarSource):
    """Points scattered at random, displaced by noise.

    A member says where the points of each class belong (`place`). Places are drawn before the noise, so turning
    the noise up moves the same points instead of drawing others.

    Class attributes:
        stray: the standard deviation of the displacement at a noise of 1.
    """

    members = Source.members
    stray: ClassVar[float] = 3.0

    noise: float = number(0.0, low=0.0, high=0.5, help="How far points stray from where they belong")
    count: int = integer(500, low=10, high=100_000, help="How many points there are, the same number in each class")
    seed: int = integer(1, high=2**31 - 1, help="Fixes every random choice: the same seed gives the same points")

    def place(self, labels: Array, rng: np.random.Generator) -> Array:
        """Return where a point of each label belongs, float64 (n, 2)."""
        raise NotImplementedError

    def points(self) -> tuple[Array, Array]:
        import numpy as np

        rng = np.random.default_rng(self.seed)
        labels = np.arange(self.count, dtype=np.int64) % len(self.names)  # in turn, so classes are equally large
        places = self.place(labels, rng)
        moved = places + self.noise * self.stray * rng.standard_normal(places.shape)
        return _folded(moved).astype(np.float32), labels


class Xor(ScatteredSource):
    """Four quadrants: class 1 where x and y have different signs; no straight line separates them."""

    key = "xor"
    title = note("XOR")

    def place(self, labels: Array, rng: np.random.Generator) -> Array:
        import numpy as np

        far = rng.uniform(0.3, 5.0, (len(labels), 2))  # 0.3: a gap along the axes
        sign = rng.choice((-1.0, 1.0), len(labels))
        return np.stack([far[:, 0] * sign, far[:, 1] * np.where(labels == 1, -sign, sign)], axis=1)


class Circle(ScatteredSource):
    """A disc of one class inside a ring of the other."""

    key = "circle"
    title = note("Circle")

    def place(self, labels: Array, rng: np.random.Generator) -> Array:
        import numpy as np

        share = rng.uniform(0.0, 1.0, len(labels))
        return _polar(np.where(labels == 1, 2.5 * share, 3.5 + 1.5 * share), rng.uniform(0, 2 * np.pi, len(labels)))


class Moons(ScatteredSource):
    """Two half moons that reach into each other."""

    key = "moons"
    title = note("Two moons")

    noise: float = number(0.1, low=0.0, high=0.5, help="How far points stray from where they belong")

    def place(self, labels: Array, rng: np.random.Generator) -> Array:
        import numpy as np

        upper = _polar(np.ones(len(labels)), rng.uniform(0, np.pi, len(labels)))
        lower = np.array([1.0, 0.5]) - upper
        places: Array = 3.5 * (np.where(labels[:, None] == 1, lower, upper) - np.array([0.5, 0.25]))
        return places


class Spirals(ScatteredSource):
    """Two spirals wound around each other: hard for a small network."""

    key = "spirals"
    title = note("Two spirals")
    stray = 1.0  # the arms lie close to each other

    turns: float = number(1.75, low=0.5, high=3.0, help="How often each spiral winds around the middle")

    def place(self, labels: Array, rng: np.random.Generator) -> Array:
        import numpy as np

        share = rng.uniform(0.0, 1.0, len(labels))
        # The arms start a little away from the middle, where both classes would be one point.
        return _polar(0.4 + 4.9 * share, 2 * np.pi * self.turns * share + np.pi * labels)


class Blobs(ScatteredSource):
    """Round clouds of points, one for each class."""

    key = "blobs"
    title = note("Blobs")

    classes: int = integer(2, low=2, high=6, help="How many clouds there are")

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(str(k) for k in range(self.classes))

    def place(self, labels: Array, rng: np.random.Generator) -> Array:
        import numpy as np

        middles = _polar(np.full(len(labels), 3.8), np.pi / 4 + 2 * np.pi * labels / self.classes)
        return middles + 0.6 * rng.standard_normal(middles.shape)


def _polar(radius: Array, angle: Array) -> Array:
    import numpy as np

    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)


def _folded(points: Array) -> Array:
    """Mirror at the border what noise carried beyond it; cutting off would pile points up along the frame."""
    import numpy as np

    return np.abs(np.mod(points - REACH, 4 * REACH) - 2 * REACH) - REACH
