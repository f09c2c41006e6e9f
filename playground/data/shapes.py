"""Generated pictures of shapes and textures: enough of them for a convolutional network, without any download."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playground.data import MADE, Data, Examples, Source
from playground.data._scenes import OBJECTS
from playground.declare import choice, integer, number, switch
from playground.facts import DataFacts, Target
from playground.shape import Shape
from playground.text import note

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

CHUNK = 250
"""So many pictures are drawn at once: their arrays stay within the processor's caches."""

TESTED = 5
"""One picture to test for so many to train."""


class Shapes(Source):
    """Pictures of ten kinds of shapes and textures, turned and coloured at random among clutter."""

    key = "shapes"
    title = note("Shapes and textures")
    kind = note("Images")
    licence = MADE

    count: int = integer(4000, low=100, high=10_000, help="How many pictures there are to train and to validate")
    size: str = choice("32", choices=("16", "32", "64"), help="Height and width in pixels")
    clutter: float = number(
        0.5, low=0.0, high=1.0, help="How much lies behind and before the shape, and how uneven its ground is"
    )
    noise: float = number(0.05, low=0.0, high=0.5, help="The standard deviation of what is added to every pixel")
    colour: bool = switch(True, help="Three channels, red, green and blue, instead of one in shades of grey")
    seed: int = integer(1, high=2**31 - 1, help="Fixes every random choice: the same seed gives the same pictures")

    def read(self) -> Data:
        import numpy as np

        rng = np.random.default_rng(self.seed)
        splits = {"train": self._examples(self.count, rng), "test": self._examples(self.count // TESTED, rng)}
        side = int(self.size)
        facts = DataFacts(
            {"x": Shape(channels=3 if self.colour else 1, height=side, width=side)},
            {"label": Target(OBJECTS)},
            {split: len(examples) for split, examples in splits.items()},
        )
        return Data(facts, splits)

    def picture(self) -> str:
        return "image"

    def _examples(self, count: int, rng: np.random.Generator) -> Examples:
        import numpy as np

        labels = rng.permutation(np.arange(count, dtype=np.int64) % len(OBJECTS))
        side = int(self.size)
        images = np.empty((count, 3 if self.colour else 1, side, side), dtype=np.float32)
        for start in range(0, count, CHUNK):
            chunk = slice(start, start + CHUNK)
            images[chunk] = self._images(labels[chunk], rng)
        return Examples({"x": images}, {"label": labels})

    def _images(self, labels: Array, rng: np.random.Generator) -> Array:
        import numpy as np

        from playground.data._drawing import draw, luminance
        from playground.data._scenes import arrange

        images = draw(arrange(labels[:, None], rng, self.clutter), int(self.size)).images
        if not self.colour:
            images = luminance(images)
        images += np.float32(self.noise) * rng.standard_normal(images.shape, dtype=np.float32)
        return np.clip(images, 0.0, 1.0, out=images)
