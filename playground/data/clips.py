"""Generated clips of a moving shape: how it moves is to be told, which no single frame gives away."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from playground.data import MADE, Data, Examples, Source
from playground.data._scenes import OBJECTS, Scenes, arrange
from playground.data.shapes import TESTED
from playground.declare import choice, integer, number, switch
from playground.facts import DataFacts, Target
from playground.progress import progress
from playground.shape import Shape
from playground.text import note, say

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

MOTION_NAMES = {
    "still": note("still"),
    "left": note("to the left"),
    "right": note("to the right"),
    "up": note("upwards"),
    "down": note("downwards"),
    "clockwise": note("clockwise"),
    "anticlockwise": note("anticlockwise"),
    "growing": note("growing"),
    "shrinking": note("shrinking"),
}
MOTIONS = tuple(MOTION_NAMES)

SPOILT_BY = {
    "flip": say(
        "A clip that is mirrored shows another motion: what went to the left goes to the right, and its label would be "
        "wrong. Switch Augment: flip off"
    ),
    "rotate": say(
        "A clip that is turned shows another motion: what went to the left goes up or down, and its label would be "
        "wrong. Set Augment: rotate to 0"
    ),
}
"""What must not be done with clips, since only the picture would change and not what is said of it."""

MOVING = ("square", "triangle", "star", "cross", "stripes", "checks", "gradient")
"""The objects of which it is to be seen that they turn."""

SMALLEST, LARGEST = 0.12, 0.4
"""How far an object reaches; one that has grown to the largest goes on as the smallest."""

SPEEDS = {"moving": (0.035, 0.06), "turning": (0.16, 0.28), "growing": (0.055, 0.085)}
"""Between one frame and the next: shares of the side, radians, and by which share an object becomes larger."""

CHUNK = 64
"""So many clips are drawn at once."""


class Clips(Source):
    """Short clips of a shape that moves, turns, grows or shrinks before clutter; which of these it does is to be told.

    No single frame tells it: at every moment places, turns and sizes are the same chance for all motions. For that,
    what leaves on one side comes in on the other, and what has become largest goes on as the smallest.
    """

    key = "clips"
    title = note("Clips of moving shapes")
    class_names = MOTION_NAMES
    kind = note("Images")
    licence = MADE

    count: int = integer(1000, low=90, high=5000, help="How many clips there are to train and to validate")
    frames: int = integer(8, low=2, high=32, help="How many frames a clip has")
    size: str = choice("24", choices=("16", "24", "32"), help="Height and width in pixels")
    clutter: float = number(
        0.3, low=0.0, high=1.0, help="How much lies behind and before the shape, and how uneven its ground is"
    )
    noise: float = number(0.02, low=0.0, high=0.5, help="The standard deviation of what is added to every pixel")
    colour: bool = switch(False, help="Three channels, red, green and blue, instead of one in shades of grey")
    seed: int = integer(1, high=2**31 - 1, help="Fixes every random choice: the same seed gives the same clips")

    def read(self) -> Data:
        import numpy as np

        rng = np.random.default_rng(self.seed)
        splits = {"train": self._examples(self.count, rng), "test": self._examples(self.count // TESTED, rng)}
        shape = Shape(**dict(zip(("time", "channels", "height", "width"), self._sizes, strict=True)))
        facts = DataFacts(
            {"x": shape}, {"label": Target(MOTIONS)}, {split: len(examples) for split, examples in splits.items()}
        )
        return Data(facts, splits, spoilt_by=SPOILT_BY)

    def picture(self) -> str:
        return "clip"

    @property
    def _sizes(self) -> tuple[int, int, int, int]:
        side = int(self.size)
        return self.frames, 3 if self.colour else 1, side, side

    def _examples(self, count: int, rng: np.random.Generator) -> Examples:
        import numpy as np

        labels = rng.permutation(np.arange(count, dtype=np.int64) % len(MOTIONS))
        clips = np.empty((count, *self._sizes), dtype=np.float32)
        for start in range(0, count, CHUNK):
            chunk = slice(start, start + CHUNK)
            clips[chunk] = self._clips(labels[chunk], rng)
            progress(start / count)
        return Examples({"x": clips}, {"label": labels})

    def _clips(self, labels: Array, rng: np.random.Generator) -> Array:
        """Draw clips of these motions (n, frames, channels, side, side)."""
        import numpy as np

        from playground.data._drawing import draw, luminance

        clips = np.empty((len(labels), *self._sizes), dtype=np.float32)
        for frame, scenes in enumerate(moments(labels, self.frames, rng, self.clutter)):
            images = draw(scenes, int(self.size), around=True).images
            clips[:, frame] = images if self.colour else luminance(images)
        clips += np.float32(self.noise) * rng.standard_normal(clips.shape, dtype=np.float32)
        return np.clip(clips, 0.0, 1.0, out=clips)


def moments(labels: Array, frames: int, rng: np.random.Generator, clutter: float) -> list[Scenes]:
    """Return what is to be seen in clips of these motions, one value for each frame.

    Everything random is drawn before the motion is looked at. Places, turns and the logarithms of sizes are uniform
    and stay so while they go on around a circle, so at every moment they are the same chance for all motions.
    """
    import numpy as np

    n = len(labels)
    kinds = np.array([OBJECTS.index(kind) for kind in MOVING])
    first = arrange(rng.choice(kinds, (n, 1)), rng, clutter)
    first = replace(first, centre=rng.uniform(0.0, 1.0, (n, 1, 2)))
    cycle = np.log(LARGEST / SMALLEST)
    share = rng.uniform(0.0, 1.0, (n, 1))  # of the way from the smallest to the largest
    x, y, turn, growth = _speeds(labels, rng)
    found = []
    for frame in range(frames):
        scale = np.exp(cycle * np.mod(share + frame * growth[:, None] / cycle, 1.0))
        found.append(
            replace(
                first,
                centre=np.mod(first.centre + frame * np.stack([x, y], axis=-1)[:, None], 1.0),
                turn=first.turn + frame * turn[:, None],
                size=SMALLEST * scale,
                period=first.period * scale * SMALLEST / LARGEST + 0.06,
            )
        )
    return found


def _speeds(labels: Array, rng: np.random.Generator) -> tuple[Array, Array, Array, Array]:
    """Return by how much each moves to the right and down, turns clockwise and grows from one frame to the next."""
    import numpy as np

    n = len(labels)
    moving, turning, growing = (rng.uniform(*SPEEDS[name], n) for name in ("moving", "turning", "growing"))

    def along(one: str, other: str, speed: Array) -> Array:
        towards: Array = np.where(labels == MOTIONS.index(one), speed, 0.0)
        return towards - np.where(labels == MOTIONS.index(other), speed, 0.0)

    return (
        along("right", "left", moving),
        along("down", "up", moving),
        along("clockwise", "anticlockwise", turning),
        along("growing", "shrinking", growing),
    )
