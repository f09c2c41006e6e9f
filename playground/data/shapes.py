"""Generated pictures of shapes and textures: enough of them for a convolutional network, without any download."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from playground.data import MADE, Data, Examples, Source
from playground.data._scenes import OBJECT_NAMES, OBJECTS, Scenes, arrange
from playground.declare import choice, integer, number, switch
from playground.facts import DataFacts, Target
from playground.progress import progress
from playground.shape import Shape
from playground.text import Sentence, note

if TYPE_CHECKING:
    import numpy as np

    from playground.data._drawing import Drawing

    Array = np.ndarray[Any, Any]

CHUNK = 250
"""So many pictures are drawn at once: their arrays stay within the processor's caches."""

TESTED = 5
"""One picture to test for so many to train."""


class ShapesSource(Source):
    """Generated pictures in which objects lie among clutter.

    A member says which objects each picture shows (`objects`), what is asked of them (`targets`) and, once they are
    drawn, what the answers are (`answers`).
    """

    members = Source.members  # a base for data sets, not one of them
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

    @property
    def channels(self) -> int:
        """How many channels a picture has."""
        return 3 if self.colour else 1

    @property
    def targets(self) -> dict[str, Target]:
        """What is to be predicted of a picture."""
        raise NotImplementedError

    @property
    def spoilt_by(self) -> Mapping[str, Sentence]:
        """Which ways to augment would make the answers wrong, and why."""
        return {}

    def objects(self, count: int, rng: np.random.Generator) -> Array:
        """Say which of `OBJECTS` each of so many pictures shows: (count, k), NOTHING where there are fewer."""
        raise NotImplementedError

    def arranged(self, objects: Array, rng: np.random.Generator) -> Scenes:
        """Arrange the objects of some pictures."""
        return arrange(objects, rng, self.clutter)

    def answers(self, scenes: Scenes, drawing: Drawing) -> dict[str, Array]:
        """Return what is to be predicted of pictures that have been drawn, by the names of `targets`."""
        raise NotImplementedError

    def read(self) -> Data:
        import numpy as np

        rng = np.random.default_rng(self.seed)
        splits = {"train": self._examples(self.count, rng), "test": self._examples(self.count // TESTED, rng)}
        side = int(self.size)
        facts = DataFacts(
            {"x": Shape(channels=self.channels, height=side, width=side)},
            self.targets,
            {split: len(examples) for split, examples in splits.items()},
        )
        return Data(facts, splits, spoilt_by=self.spoilt_by)

    def picture(self) -> str:
        return "image"

    def seen(self, images: Array, rng: np.random.Generator) -> Array:
        """Return drawn images (n, 3, side, side) as they are read: in grey where that is asked for, with noise."""
        import numpy as np

        from playground.data._drawing import luminance

        if not self.colour:
            images = luminance(images)
        images += np.float32(self.noise) * rng.standard_normal(images.shape, dtype=np.float32)
        return np.clip(images, 0.0, 1.0, out=images)

    def _examples(self, count: int, rng: np.random.Generator) -> Examples:
        import numpy as np

        from playground.data._drawing import draw

        objects = self.objects(count, rng)
        side = int(self.size)
        images = np.empty((count, self.channels, side, side), dtype=np.float32)
        answers = []
        for start in range(0, count, CHUNK):
            chunk = slice(start, start + CHUNK)
            scenes = self.arranged(objects[chunk], rng)
            drawing = draw(scenes, side)
            images[chunk] = self.seen(drawing.images, rng)
            answers.append(self.answers(scenes, drawing))
            progress(start / count)
        return Examples({"x": images}, {name: np.concatenate([one[name] for one in answers]) for name in self.targets})


class Shapes(ShapesSource):
    """Pictures of ten kinds of shapes and textures, turned and coloured at random among clutter."""

    key = "shapes"
    title = note("Shapes and textures")
    class_names = OBJECT_NAMES

    @property
    def targets(self) -> dict[str, Target]:
        return {"label": Target(OBJECTS)}

    def objects(self, count: int, rng: np.random.Generator) -> Array:
        import numpy as np

        return rng.permutation(np.arange(count, dtype=np.int64) % len(OBJECTS))[:, None]

    def answers(self, scenes: Scenes, drawing: Drawing) -> dict[str, Array]:
        return {"label": scenes.kind[:, 0]}
