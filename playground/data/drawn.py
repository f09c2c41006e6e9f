"""Data sets that a person draws: points put into the plane, images drawn with the mouse; kept in the document itself.

What was drawn lies in one parameter of the kind ``rows``. The window has an editor for it (`widgets.drawing_sets`).
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from playground.data import Data, Examples, Source
from playground.data.planar import REACH, PlanarSource
from playground.declare import choice, integer, number, packed, rows, switch, words
from playground.facts import DataFacts, Target
from playground.shape import Shape
from playground.text import Refusal, count, note, say

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

MOST_POINTS, MOST_IMAGES = 3000, 2000
"""How many can be drawn."""

SIDE = 28
"""Height and width in which images are drawn and kept."""

MOST_CLASSES = 10
"""How many classes drawn images can have."""

YOURS = note("Drawn by hand; whose hand it was may say what is done with it")


class DrawnSource(Source):
    """The base of what a person draws: rows whose last column is the class."""

    members = Source.members  # a base for data sets, not one of them
    licence = YOURS
    most: ClassVar[int]

    @property
    def drawn(self) -> tuple[tuple[Any, ...], ...]:
        """All that was drawn, also of classes that there are no longer."""
        raise NotImplementedError

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the classes."""
        raise NotImplementedError

    def with_drawn(self, drawn: Sequence[tuple[Any, ...]]) -> DrawnSource:
        """Return the set with something else drawn."""
        raise NotImplementedError

    def counts(self) -> Counter[int]:
        """Return how many there are of each class."""
        return Counter(row[-1] for row in self.drawn)

    def goes_on(self, before: Source) -> bool:
        # Only what was drawn may differ: while it trains, one draws on.
        return isinstance(before, type(self)) and before.with_drawn(self.drawn) == self

    def _used(self) -> tuple[tuple[Any, ...], ...]:
        """Return what was drawn of the classes that there are; refuse where that is nothing."""
        used = tuple(row for row in self.drawn if row[-1] < len(self.names))
        if not used:
            raise Refusal(say("Nothing has been drawn yet: press Draw… below the name of the data set"))
        return used

    def _told(self, data: Data) -> Data:
        """Return the data with a remark on what is left out."""
        left_out = len(self.drawn) - sum(data.facts.counts.values())
        if not left_out:
            return data
        words = count(
            "{n} drawn example is left out: its class is not there",
            "{n} drawn examples are left out: their classes are not there",
            left_out,
        )
        return replace(data, remarks=(words,))


class DrawnPoints(PlanarSource, DrawnSource):
    """Points that you put into the plane yourself, with the mouse; kept in the document."""

    key = "drawn-points"
    title = note("Points of your own")
    kind = note("Points")
    licence = YOURS
    most = MOST_POINTS

    classes: int = integer(2, low=2, high=6, help="How many classes there are")
    placed: tuple[tuple[float, float, int], ...] = rows(
        {
            "x": number(0.0, low=-REACH, high=REACH, help="From left to right"),
            "y": number(0.0, low=-REACH, high=REACH, help="From below to above"),
            "class": integer(0, high=5, help="Which class it is of"),
        },
        most=MOST_POINTS,
        label="Points",
        help="The points: x, y and class of each",
    )

    @property
    def drawn(self) -> tuple[tuple[Any, ...], ...]:
        return self.placed

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(str(k) for k in range(self.classes))

    def with_drawn(self, drawn: Sequence[tuple[Any, ...]]) -> DrawnPoints:
        return self.replace(placed=tuple(drawn))

    def points(self) -> tuple[Array, Array]:
        import numpy as np

        used = self._used()
        where = np.array([row[:2] for row in used], dtype=np.float32)
        return where, np.array([row[2] for row in used], dtype=np.int64)

    def read(self) -> Data:
        return self._told(super().read())


class DrawnDigits(DrawnSource):
    """Small images that you draw yourself, with the mouse, each of a class; kept in the document."""

    key = "drawn-digits"
    title = note("Images of your own")
    kind = note("Images")
    most = MOST_IMAGES

    size: str = choice("28", choices=("28", "16", "8"), help="Height and width in pixels that they are brought to")
    centre: bool = switch(
        True, label="Centred", help="Move each drawing so that its ink lies in the middle, as in MNIST"
    )
    called: str = words(
        "0, 1, 2, 3, 4, 5, 6, 7, 8, 9",
        longest=400,
        label="Class names",
        help="What the classes are called, from two to ten of them, parted by commas",
    )
    images: tuple[tuple[str, int], ...] = rows(
        {
            "ink": packed(SIDE * SIDE, help="How much ink every pixel has, from 0 to 255, row by row"),
            "class": integer(0, high=MOST_CLASSES - 1, help="Which class it is of"),
        },
        most=MOST_IMAGES,
        help="The images: the ink of the 28 × 28 pixels and the class of each",
    )

    @property
    def drawn(self) -> tuple[tuple[Any, ...], ...]:
        return self.images

    @property
    def names(self) -> tuple[str, ...]:
        found = dict.fromkeys(name.strip() for name in re.split("[,，、;；]", self.called))
        return tuple(name for name in found if name)[:MOST_CLASSES]

    def with_drawn(self, drawn: Sequence[tuple[Any, ...]]) -> DrawnDigits:
        return self.replace(images=tuple(drawn))

    def read(self) -> Data:
        import numpy as np

        if len(self.names) < 2:
            raise Refusal(say("There must be two classes at least: name them, parted by commas"))
        used = self._used()
        images = np.stack([unpacked(ink) for ink, _ in used]).astype(np.float32) / np.float32(255)
        if self.centre:
            images = np.stack([centred(image) for image in images])
        side = int(self.size)
        images = shrunk(images, side)[:, None]
        labels = np.array([label for _, label in used], dtype=np.int64)
        facts = DataFacts(
            {"x": Shape(channels=1, height=side, width=side)}, {"label": Target(self.names)}, {"train": len(labels)}
        )
        return self._told(Data(facts, {"train": Examples({"x": images}, {"label": labels})}))

    def picture(self) -> str:
        return "image"


def packed_ink(image: Array) -> str:
    """Write an image (28, 28) of ink from 0 to 255 as the text that is kept."""
    return b64encode(image.astype("uint8").tobytes()).decode("ascii")


def unpacked(ink: str) -> Array:
    """Read an image (28, 28) uint8 from the text that is kept."""
    import numpy as np

    return np.frombuffer(b64decode(ink), dtype=np.uint8).reshape(SIDE, SIDE)


def centred(image: Array) -> Array:
    """Move an image by whole pixels, so that its centre of mass is the middle and no ink is lost beyond the border."""
    import numpy as np

    total = image.sum()
    if total == 0:
        return image
    moved: Array = image
    for axis in (0, 1):
        ink = image.sum(axis=1 - axis)
        n = len(ink)
        inked = np.flatnonzero(ink)
        middle = float((ink * np.arange(n)).sum() / total)
        way = int(np.clip(round((n - 1) / 2 - middle), -inked[0], n - 1 - inked[-1]))
        moved = np.roll(moved, way, axis=axis)
    return moved


def shrunk(images: Array, side: int) -> Array:
    """Bring images (n, 28, 28) to another size: each pixel the mean of the area that it covers."""
    import numpy as np

    edges = np.linspace(0, SIDE, side + 1)
    starts, ends = edges[:-1, None], edges[1:, None]
    pixels = np.arange(SIDE)
    cover = np.clip(np.minimum(ends, pixels + 1) - np.maximum(starts, pixels), 0.0, 1.0)
    weights = (cover / cover.sum(axis=1, keepdims=True)).astype(np.float32)
    made: Array = np.einsum("ip,npq,jq->nij", weights, images, weights, optimize=True).astype(np.float32)
    return made
