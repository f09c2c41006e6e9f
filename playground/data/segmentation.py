"""Generated pictures of which every pixel has a class: which shape is to be seen there, or the background."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playground.data._scenes import NOTHING, OBJECT_NAMES, OBJECTS, Scenes, apart, arrange
from playground.data.shapes import ShapesSource
from playground.declare import integer, several
from playground.facts import Target
from playground.shape import Shape
from playground.text import note

if TYPE_CHECKING:
    import numpy as np

    from playground.data._drawing import Drawing

    Array = np.ndarray[Any, Any]

BACKGROUND = "background"

SIZES = {1: (0.27, 0.44), 2: (0.21, 0.36), 3: (0.18, 0.3)}
"""How far shapes reach, where there are so many of them."""


class Segmentation(ShapesSource):
    """Pictures of up to three shapes among clutter; what is to be seen in every single pixel is to be told.

    A pixel has the class of what most of it shows: of overlapping shapes that of the one in front, and where a stroke
    of clutter hides a shape, it is background.
    """

    key = "segmentation"
    title = note("Segmentation of shapes")
    class_names = {**OBJECT_NAMES, BACKGROUND: note("background")}

    count: int = integer(2000, low=100, high=10_000, help="How many pictures there are to train and to validate")
    kinds: tuple[str, ...] = several(
        ("circle", "square", "triangle", "star", "stripes"),
        choices=OBJECT_NAMES,
        help="Which shapes and textures there are; each is a class",
    )
    objects_at_most: int = integer(
        2, low=1, high=3, label="Shapes at most", help="How many shapes there are in a picture: from one to so many"
    )

    @property
    def targets(self) -> dict[str, Target]:
        side = int(self.size)
        return {"mask": Target((BACKGROUND, *self.kinds), Shape(height=side, width=side))}

    def objects(self, count: int, rng: np.random.Generator) -> Array:
        import numpy as np

        chosen = np.array([OBJECTS.index(kind) for kind in self.kinds])
        shown = np.stack([rng.permutation(np.arange(count) % len(chosen)) for _ in range(self.objects_at_most)], axis=1)
        how_many = rng.integers(1, self.objects_at_most, count, endpoint=True)
        return np.where(np.arange(self.objects_at_most) < how_many[:, None], chosen[shown], NOTHING)

    def arranged(self, objects: Array, rng: np.random.Generator) -> Scenes:
        scenes = arrange(objects, rng, self.clutter, SIZES[self.objects_at_most])
        return apart(scenes, rng, tries=2)  # some overlap is left: what lies in front is part of the task

    def answers(self, scenes: Scenes, drawing: Drawing) -> dict[str, Array]:
        import numpy as np

        shares = [1 - drawing.masks.sum(axis=1)]
        for kind in self.kinds:
            ours = scenes.kind == OBJECTS.index(kind)
            shares.append((drawing.masks * ours[..., None, None]).sum(axis=1))
        return {"mask": np.argmax(np.stack(shares), axis=0).astype(np.int64)}
