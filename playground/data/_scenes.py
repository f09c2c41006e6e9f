"""Scenes to be drawn: where objects of which kind lie, before which ground and behind which clutter, from a seed.

A scene is only numbers; `playground.data._drawing` makes pictures, masks and boxes of it. Everything is an array
over many scenes. Lengths are shares of a picture's side, angles radians, colours red, green and blue from 0 to 1.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from playground.text import note

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

SOLID = ("circle", "square", "triangle", "star", "ring", "cross")
"""Objects that are known by their outline; one colour fills them."""

TEXTURED = ("stripes", "checks", "dots", "gradient")
"""Objects that are known by the pattern of two colours in them; their outline is a random blob."""

OBJECTS = SOLID + TEXTURED

OBJECT_NAMES = {
    "circle": note("circle"),
    "square": note("square"),
    "triangle": note("triangle"),
    "star": note("star"),
    "ring": note("ring"),
    "cross": note("cross"),
    "stripes": note("stripes"),
    "checks": note("checks"),
    "dots": note("dots"),
    "gradient": note("shading"),
}
"""What objects are called where a person reads it."""

NOTHING = -1
"""In place of the number of an object: there is none."""

MOTTLES = 5
"""So many patches of light and shade along each side make a ground uneven."""

BEHIND, BEFORE = 7, 3
"""How many strokes lie behind and before the objects at most."""


@dataclass(frozen=True)
class Strokes:
    """Clutter: straight strokes with round ends, s in each of n scenes; a width of 0 is no stroke.

    Attributes:
        ends: both ends of each, x and y (n, s, 2, 2).
        width: half of how wide each is (n, s).
        colour: (n, s, 3).
    """

    ends: Array
    width: Array
    colour: Array

    def take(self, index: Any) -> Strokes:
        """Return the strokes of some of the scenes."""
        return Strokes(*(getattr(self, field.name)[index] for field in fields(self)))


@dataclass(frozen=True)
class Scenes:
    """What is to be seen in n pictures, up to k objects in each; later objects lie before earlier ones.

    Attributes:
        ground: the colours at both ends of the ground's shading (n, 2, 3), and `slope`, its direction (n,).
        mottle: light added to a grid of patches (n, MOTTLES, MOTTLES).
        kind: which of `OBJECTS`, or NOTHING (n, k).
        centre: x and y, from the left and from the top (n, k, 2); `size`: how far the object reaches (n, k).
        turn: by how much it is turned (n, k); `wobble`: where a blob bulges, two angles (n, k, 2).
        colour: its colour, and the second one of its pattern (n, k, 2, 3); `period`: of its pattern (n, k).
        behind, before: the clutter.
    """

    ground: Array
    slope: Array
    mottle: Array
    kind: Array
    centre: Array
    size: Array
    turn: Array
    wobble: Array
    colour: Array
    period: Array
    behind: Strokes
    before: Strokes

    def __len__(self) -> int:
        return len(self.kind)

    def take(self, index: Any) -> Scenes:
        """Return some of the scenes, by an index array or a slice."""
        taken: dict[str, Any] = {}
        for field in fields(self):
            part = getattr(self, field.name)
            taken[field.name] = part.take(index) if isinstance(part, Strokes) else part[index]
        return Scenes(**taken)


def arrange(
    kind: Array, rng: np.random.Generator, clutter: float = 0.5, sizes: tuple[float, float] = (0.27, 0.44)
) -> Scenes:
    """Arrange objects of these kinds (n, k) at random: place, size, turn, colours, ground, and as much clutter."""
    import numpy as np

    n, k = kind.shape
    lightness = rng.uniform(0.1, 0.9, n)
    second = np.clip(lightness + rng.uniform(-0.12, 0.12, n), 0.05, 0.95)
    ground = np.stack([_colours(lightness, 0.16, rng), _colours(second, 0.16, rng)], axis=1)
    first = _against(np.repeat(lightness[:, None], k, axis=1), rng)
    colour = np.stack([_colours(first, 0.4, rng), _colours(_against(first, rng), 0.4, rng)], axis=2)
    size = rng.uniform(*sizes, (n, k))
    room = np.maximum(0.5 - 0.95 * size, 0.0)  # a point of a star may touch the border, never more
    centre = 0.5 + room[..., None] * rng.uniform(-1.0, 1.0, (n, k, 2))
    return Scenes(
        ground=ground,
        slope=rng.uniform(0, 2 * np.pi, n),
        mottle=clutter * 0.12 * rng.standard_normal((n, MOTTLES, MOTTLES)),
        kind=kind,
        centre=centre,
        size=size,
        turn=rng.uniform(0, 2 * np.pi, (n, k)),
        wobble=rng.uniform(0, 2 * np.pi, (n, k, 2)),
        colour=colour,
        period=rng.uniform(0.16, 0.24, (n, k)),
        behind=_strokes(n, BEHIND, clutter, (0.1, 0.6), (0.015, 0.06), rng),
        before=_strokes(n, BEFORE, clutter, (0.1, 0.5), (0.012, 0.03), rng),
    )


def apart(scenes: Scenes, rng: np.random.Generator, tries: int, sideways: float = 0.0) -> Scenes:
    """Place the objects of each scene anew, so that they hide less of each other.

    Of as many random arrangements as `tries` the first is taken in which no two touch, or the one in which they do so
    least; and in which any two lie `sideways` apart, from left to right.
    """
    import numpy as np

    n, k = scenes.kind.shape
    room = np.maximum(0.5 - 0.95 * scenes.size, 0.0)[:, None, :, None]
    centres = 0.5 + room * rng.uniform(-1.0, 1.0, (n, tries, k, 2))
    there = scenes.kind >= 0
    worst = np.zeros((n, tries))
    for one in range(k):
        for other in range(one):
            way = np.abs(centres[:, :, one] - centres[:, :, other])
            reach = (scenes.size[:, one] + scenes.size[:, other])[:, None]
            lack = np.minimum(np.hypot(way[..., 0], way[..., 1]) - reach, 0.0) + np.minimum(way[..., 0] - sideways, 0.0)
            both = (there[:, one] & there[:, other])[:, None]
            worst = np.minimum(worst, np.where(both, lack, 0.0))
    return replace(scenes, centre=centres[np.arange(n), worst.argmax(axis=1)])


def _strokes(
    n: int,
    most: int,
    clutter: float,
    lengths: tuple[float, float],
    widths: tuple[float, float],
    rng: np.random.Generator,
) -> Strokes:
    """Draw strokes anywhere; each of the most that there can be is there with the probability `clutter`."""
    import numpy as np

    start, angle = rng.uniform(-0.1, 1.1, (n, most, 2)), rng.uniform(0, 2 * np.pi, (n, most))
    length = rng.uniform(*lengths, (n, most))
    end = start + np.stack([length * np.cos(angle), length * np.sin(angle)], axis=-1)
    width = rng.uniform(*widths, (n, most))
    colour = _colours(rng.uniform(0.05, 0.95, (n, most)), 0.3, rng)
    there = rng.uniform(size=(n, most)) < clutter
    return Strokes(np.stack([start, end], axis=2), np.where(there, width, 0.0), colour)


def _against(lightness: Array, rng: np.random.Generator) -> Array:
    """Return lightnesses that stand out from the given ones, lighter or darker."""
    import numpy as np

    step = 0.35 + 0.15 * rng.random(lightness.shape)
    either = rng.random(lightness.shape) < 0.5
    lighter = np.where(lightness + step > 0.95, False, (lightness - step < 0.05) | either)
    found: Array = np.clip(np.where(lighter, lightness + step, lightness - step), 0.05, 0.95)
    return found


def _colours(lightness: Array, strength: float, rng: np.random.Generator) -> Array:
    """Return colours of these lightnesses and any hue, (…, 3)."""
    import numpy as np

    hue = rng.uniform(0, 2 * np.pi, lightness.shape)
    strong = strength * np.sqrt(rng.uniform(0.1, 1.0, lightness.shape))
    third = 2 * np.pi / 3
    tints = np.stack([np.cos(hue), np.cos(hue - third), np.cos(hue + third)], axis=-1)
    # What red and green add to the lightness, and blue hardly does, is taken back.
    tints -= (tints @ np.array([0.299, 0.587, 0.114]))[..., None]
    colours: Array = np.clip(lightness[..., None] + strong[..., None] * tints, 0.0, 1.0)
    return colours
