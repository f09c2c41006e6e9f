"""Generated pictures of one or two shapes, to be found: of which class each is and in which box it lies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from playground.data._scenes import NOTHING, OBJECT_NAMES, OBJECTS, Scenes, apart, arrange
from playground.data.shapes import ShapesSource
from playground.declare import choice
from playground.facts import Target
from playground.shape import Shape
from playground.text import Sentence, note, say

if TYPE_CHECKING:
    import numpy as np

    from playground.data._drawing import Drawing

    Array = np.ndarray[Any, Any]

SIZES = (0.14, 0.28)
"""How far shapes reach: little enough that where they lie is a question."""

SIDEWAYS = 0.2
"""How far two shapes lie apart from left to right, as a share of the side: so their order is never in doubt."""


SPOILT_BY = {
    "flip": say(
        "Two shapes are told from left to right, and in a mirrored picture the first would be on the right. Switch "
        "Augment: flip off"
    ),
    "rotate": say(
        "Two shapes are told from left to right, and in a turned picture the first may be on the right. Set Augment: "
        "rotate to 0"
    ),
}
"""What must not be done with pictures of two shapes: it would change their order, but not their numbers."""


class Detection(ShapesSource):
    """Pictures of one or two shapes among clutter; class and box of each are to be told.

    A box is four numbers, shares of the side of the picture: x and y of its middle, from the left and from the top,
    its width and its height. It holds the whole shape, also what is hidden. Two shapes are told from left to right;
    where the second may be missing, its class is “nothing” and its box 0, 0, 0, 0.
    """

    key = "detection"
    title = note("Detection of shapes")
    class_names = {**OBJECT_NAMES, "nothing": note("nothing")}

    shapes: str = choice(
        "one",
        choices={"one": note("one"), "two": note("two"), "one-or-two": note("one or two")},
        label="Number of shapes",
        help="How many shapes there are in a picture; two have targets each, numbered from left to right",
    )

    @property
    def targets(self) -> dict[str, Target]:
        box = Target(shape=Shape(features=4))
        if self.shapes == "one":
            return {"label": Target(OBJECTS), "box": box}
        second = OBJECTS if self.shapes == "two" else (*OBJECTS, "nothing")
        return {"label_1": Target(OBJECTS), "box_1": box, "label_2": Target(second), "box_2": box}

    @property
    def spoilt_by(self) -> Mapping[str, Sentence]:
        return {} if self.shapes == "one" else SPOILT_BY

    def objects(self, count: int, rng: np.random.Generator) -> Array:
        import numpy as np

        slots = 1 if self.shapes == "one" else 2
        kinds = np.stack([rng.permutation(np.arange(count) % len(OBJECTS)) for _ in range(slots)], axis=1)
        if self.shapes == "one-or-two":
            kinds[rng.permutation(count) < count // 2, 1] = NOTHING
        return kinds

    def arranged(self, objects: Array, rng: np.random.Generator) -> Scenes:
        scenes = arrange(objects, rng, self.clutter, SIZES)
        return scenes if self.shapes == "one" else apart(scenes, rng, tries=40, sideways=SIDEWAYS)

    def answers(self, scenes: Scenes, drawing: Drawing) -> dict[str, Array]:
        import numpy as np

        labels, boxes = scenes.kind.astype(np.int64), _shares(drawing.boxes, drawing.images.shape[-1])
        if self.shapes == "one":
            return {"label": labels[:, 0], "box": boxes[:, 0]}
        missing = labels == NOTHING
        order = np.argsort(np.where(missing, np.inf, boxes[:, :, 0]), axis=1, kind="stable")
        labels = np.take_along_axis(np.where(missing, len(OBJECTS), labels), order, axis=1)
        boxes = np.take_along_axis(boxes, order[..., None], axis=1)
        return {"label_1": labels[:, 0], "box_1": boxes[:, 0], "label_2": labels[:, 1], "box_2": boxes[:, 1]}


def _shares(boxes: Array, side: int) -> Array:
    """Turn left, top, right and bottom in pixels (n, k, 4) into middles and sizes as shares of the side."""
    import numpy as np

    corners = boxes.astype(np.float32) / np.float32(side)
    low, high = corners[..., :2], corners[..., 2:]
    return np.concatenate([(low + high) / 2, high - low], axis=-1)
