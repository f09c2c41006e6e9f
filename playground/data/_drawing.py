"""Pictures of scenes, drawn with numpy alone: many at once, with smooth edges, masks and boxes of the objects.

Every outline is a signed distance (negative inside). What a pixel shows of an object is how much of the pixel lies
within the outline, which for a straight edge is the distance in pixels plus a half, cut off at 0 and 1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from playground.data._scenes import MOTTLES, OBJECTS, Scenes, Strokes

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Drawing:
    """What was drawn of n scenes with k objects.

    Attributes:
        images: red, green and blue from 0 to 1, float32 (n, 3, side, side).
        masks: how much of each pixel shows each object, what lies before it left out; float32 (n, k, side, side).
        boxes: left, top, right and bottom of each whole object within the picture, in pixels, int64 (n, k, 4);
            zeros where there is none.
    """

    images: Array
    masks: Array
    boxes: Array


def draw(scenes: Scenes, side: int, *, around: bool = False) -> Drawing:
    """Draw every scene as a square picture: the ground, the clutter behind, the objects, the clutter before.

    `around` joins the borders: what an object has beyond one is seen at the opposite one. Its box means nothing then.
    """
    import numpy as np

    n, k = scenes.kind.shape
    images = _ground(scenes, side)
    masks = np.zeros((n, k, side, side), dtype=np.float32)
    boxes = np.zeros((n, k, 4), dtype=np.int64)
    _draw_strokes(scenes.behind, images, masks)
    for slot in range(k):
        for kind in np.unique(scenes.kind[:, slot]):
            if kind >= 0:
                index = np.flatnonzero(scenes.kind[:, slot] == kind)
                share, second = _object(scenes, index, slot, OBJECTS[kind], side, around)
                colour = scenes.colour[index, slot].astype(np.float32)[..., None, None]
                paint = colour[:, 0] + second[:, None] * (colour[:, 1] - colour[:, 0])
                images[index] += share[:, None] * (paint - images[index])
                masks[index, :slot] *= 1 - share[:, None]
                masks[index, slot] = share
                boxes[index, slot] = _boxes(share)
    _draw_strokes(scenes.before, images, masks)
    return Drawing(np.clip(images, 0.0, 1.0, out=images), masks, boxes)


def luminance(images: Array) -> Array:
    """Return colour images (n, 3, height, width) in shades of grey (n, 1, height, width)."""
    import numpy as np

    weights = np.array([0.299, 0.587, 0.114], dtype=images.dtype)
    grey: Array = np.einsum("nchw,c->nhw", images, weights)[:, None]
    return grey


def _ground(scenes: Scenes, side: int) -> Array:
    """Draw two colours that run into each other, and patches of light and shade."""
    import numpy as np

    x, y = _pixels(side)
    along = np.cos(scenes.slope)[:, None, None] * (x - 0.5) + np.sin(scenes.slope)[:, None, None] * (y - 0.5)
    share = np.clip(along + 0.5, 0.0, 1.0).astype(np.float32)[:, None]
    ground = scenes.ground.astype(np.float32)[..., None, None]
    at = np.linspace(0, MOTTLES - 1, side)
    near = np.maximum(0.0, 1 - np.abs(at[:, None] - np.arange(MOTTLES)))  # bilinear: rows of weights
    light = (near @ scenes.mottle @ near.T).astype(np.float32)[:, None]
    images: Array = ground[:, 0] + share * (ground[:, 1] - ground[:, 0]) + light
    return images


def _draw_strokes(strokes: Strokes, images: Array, masks: Array) -> None:
    """Draw the strokes over the images, and take what they hide out of the masks."""
    import numpy as np

    side = images.shape[-1]
    x, y = _pixels(side)
    for slot in range(strokes.width.shape[1]):
        index = np.flatnonzero(strokes.width[:, slot] > 0)
        ends = strokes.ends[index, slot].astype(np.float32)[..., None, None]
        px, py = x - ends[:, 0, 0], y - ends[:, 0, 1]
        dx, dy = ends[:, 1, 0] - ends[:, 0, 0], ends[:, 1, 1] - ends[:, 0, 1]
        along = np.clip((px * dx + py * dy) / (dx * dx + dy * dy), 0.0, 1.0)
        width = strokes.width[index, slot].astype(np.float32)[:, None, None]
        share = _share(np.hypot(px - along * dx, py - along * dy) - width, side)[:, None]
        colour = strokes.colour[index, slot].astype(np.float32)[..., None, None]
        images[index] += share * (colour - images[index])
        masks[index] *= 1 - share


def _object(scenes: Scenes, index: Array, slot: int, kind: str, side: int, around: bool) -> tuple[Array, Array]:
    """Return how much of each pixel an object of one kind covers, and how much of it has the second colour."""
    import numpy as np

    x, y = _pixels(side)
    centre, turn = scenes.centre[index, slot].astype(np.float32), scenes.turn[index, slot].astype(np.float32)
    size = scenes.size[index, slot].astype(np.float32)[:, None, None]
    px, py = x - centre[:, 0, None, None], y - centre[:, 1, None, None]
    if around:
        px, py = px - np.round(px), py - np.round(py)  # the nearest of the places that are one
    cos, sin = np.cos(turn)[:, None, None], np.sin(turn)[:, None, None]
    u, v = (px * cos + py * sin) / size, (py * cos - px * sin) / size
    if kind in OUTLINES:
        return _share(OUTLINES[kind](u, v) * size, side), np.zeros((1, 1, 1), dtype=np.float32)
    wobble = scenes.wobble[index, slot].astype(np.float32)[..., None, None]
    period = scenes.period[index, slot].astype(np.float32)[:, None, None]
    return _share(_blob(u, v, wobble) * size, side), PATTERNS[kind](u * size / period, v * size / period, period * side)


def _pixels(side: int) -> tuple[Array, Array]:
    """Return where the middles of the pixels lie: x (1, side), y (side, 1)."""
    import numpy as np

    middles = ((np.arange(side) + 0.5) / side).astype(np.float32)
    return middles[None, :], middles[:, None]


def _share(distance: Array, side: int) -> Array:
    """Turn signed distances in shares of the side into how much of the pixel lies inside."""
    import numpy as np

    share: Array = np.clip(0.5 - distance * np.float32(side), 0.0, 1.0)
    return share


def _boxes(share: Array) -> Array:
    """Return left, top, right and bottom of what is at least half covered (n, side, side)."""
    import numpy as np

    found = []
    for axis in (1, 2):  # over the rows for x, over the columns for y
        seen = np.any(share >= 0.5, axis=axis)
        first, last = seen.argmax(axis=1), seen.shape[1] - seen[:, ::-1].argmax(axis=1)
        found.append((first, np.where(seen.any(axis=1), last, first)))
    (left, right), (top, bottom) = found
    return np.stack([left, top, right, bottom], axis=1)


# -- outlines: signed distance of points, as far as an object reaches being 1 ---------------------------------------


def _circle(u: Array, v: Array) -> Array:
    import numpy as np

    return np.hypot(u, v) - np.float32(0.9)


def _ring(u: Array, v: Array) -> Array:
    import numpy as np

    return np.abs(np.hypot(u, v) - np.float32(0.72)) - np.float32(0.23)


def _square(u: Array, v: Array) -> Array:
    import numpy as np

    return np.maximum(np.abs(u), np.abs(v)) - np.float32(0.78)


def _cross(u: Array, v: Array) -> Array:
    import numpy as np

    long, short = np.maximum(np.abs(u), np.abs(v)), np.minimum(np.abs(u), np.abs(v))
    return np.maximum(long - np.float32(0.97), short - np.float32(0.27))


def _triangle(u: Array, v: Array) -> Array:
    import numpy as np

    slanted = np.float32(3**0.5 / 2) * np.abs(u) - np.float32(0.5) * v
    return np.maximum(slanted, v) - np.float32(0.52)


def _star(u: Array, v: Array) -> Array:
    """Fold the plane into half of one of five points, whose edge is a straight line."""
    import numpy as np

    sector = 2 * np.pi / 5
    angle = np.abs(np.mod(np.arctan2(v, u) + np.float32(sector / 2), np.float32(sector)) - np.float32(sector / 2))
    radius = np.hypot(u, v)
    x, y = radius * np.cos(angle), radius * np.sin(angle)
    inner_x, inner_y = 0.42 * np.cos(sector / 2), 0.42 * np.sin(sector / 2)
    length = np.hypot(1.0 - inner_x, inner_y)
    return (x - np.float32(1.0)) * np.float32(inner_y / length) + y * np.float32((1.0 - inner_x) / length)


def _blob(u: Array, v: Array, wobble: Array) -> Array:
    import numpy as np

    angle = np.arctan2(v, u)
    edge = 0.82 + 0.11 * np.cos(2 * angle + wobble[:, 0]) + 0.07 * np.cos(3 * angle + wobble[:, 1])
    distance: Array = np.hypot(u, v) - edge
    return distance


OUTLINES: dict[str, Callable[[Array, Array], Array]] = {
    "circle": _circle,
    "square": _square,
    "triangle": _triangle,
    "star": _star,
    "ring": _ring,
    "cross": _cross,
}


# -- patterns: how much of the second colour, at points measured in periods; `pixels` is the length of a period -------


def _half(t: Array, pixels: Array) -> Array:
    """Return 1 for one half of every period and 0 for the other."""
    import numpy as np

    share: Array = np.clip(0.5 + (np.abs(t - np.floor(t) - np.float32(0.5)) - np.float32(0.25)) * pixels, 0.0, 1.0)
    return share


def _stripes(s: Array, t: Array, pixels: Array) -> Array:
    return _half(s, pixels)


def _checks(s: Array, t: Array, pixels: Array) -> Array:
    one, other = _half(s * 0.8, pixels * 1.25), _half(t * 0.8, pixels * 1.25)
    either: Array = one + other - 2 * one * other
    return either


def _dots(s: Array, t: Array, pixels: Array) -> Array:
    import numpy as np

    away = np.hypot(s - np.floor(s) - np.float32(0.5), t - np.floor(t) - np.float32(0.5))
    share: Array = np.clip(0.5 + (np.float32(0.31) - away) * pixels, 0.0, 1.0)
    return share


def _gradient(s: Array, t: Array, pixels: Array) -> Array:
    import numpy as np

    share: Array = np.clip(0.5 + s * np.float32(0.3), 0.0, 1.0)
    return share


PATTERNS: dict[str, Callable[[Array, Array, Array], Array]] = {
    "stripes": _stripes,
    "checks": _checks,
    "dots": _dots,
    "gradient": _gradient,
}
