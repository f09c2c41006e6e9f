"""What probes share that show some examples and count over many: which ones, in which batches, as small pictures.

It holds no probe of its own; importing it does nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from playground.data import Examples

if TYPE_CHECKING:
    import numpy as np

    from playground.probes import Subject

    Array = np.ndarray[Any, Any]

BATCH = 256
MOST_EXAMPLES = 2000

LARGEST_WORK = 500_000_000
"""Multiply-accumulates that one answer may cost: about a tenth of a second on one core."""

LARGEST_SIDE = 64
"""Height and width of a picture that is shown; of larger ones rows and columns are left out."""


def held_out(subject: Subject, split: str) -> tuple[str, Examples] | None:
    """Return the examples of a split and its name; one that holds nothing gives way to the training set."""
    for name in (split, "train"):
        if examples := subject.data.splits.get(name):
            return name, examples
    return None


def answered(subject: Subject, examples: Examples, keep: Iterable[str]) -> Iterator[tuple[Examples, dict[str, Any]]]:
    """Run as many examples through as can be afforded, spread over all of them: batches, and what came out of nodes."""
    counted = examples.take(slice(None, None, apart(subject, examples)))
    nodes = tuple(keep)
    for start in range(0, len(counted), BATCH):
        batch = counted.take(slice(start, start + BATCH))
        yield batch, subject.look(batch.inputs, nodes)


def apart(subject: Subject, examples: Examples) -> int:
    """Return how far those examples lie apart that `answered` runs through: every so-many-th can be afforded."""
    affordable = max(BATCH, min(MOST_EXAMPLES, LARGEST_WORK // max(subject.report.macs, 1)))
    return -(-len(examples) // affordable)


def around(examples: Examples, first: int, count: int) -> tuple[int, Examples]:
    """Return so many examples from a place on, beginning again after the last, and the place of the first."""
    import numpy as np

    first %= len(examples)
    return first, examples.take((first + np.arange(min(count, len(examples)))) % len(examples))


def small(pictures: Array) -> Array:
    """Leave rows and columns of pictures (…, h, w) out until they are small enough to be sent."""
    import numpy as np

    *_, height, width = pictures.shape
    down, across = (np.linspace(0, n - 1, min(n, LARGEST_SIDE)).round().astype(int) for n in (height, width))
    return np.ascontiguousarray(pictures[..., down[:, None], across])


def coloured(images: Array) -> Array:
    """Turn images (n, channels, h, w) into colours, uint8 (n, h, w, 3): each from its smallest value to its largest."""
    import numpy as np

    shown = small(images[:, :3] if images.shape[1] >= 3 else images[:, :1])
    shown = np.nan_to_num(shown.astype(np.float64), posinf=0.0, neginf=0.0)
    low, high = (edge(shown, axis=(1, 2, 3), keepdims=True) for edge in (np.min, np.max))
    pixels = ((shown - low) * (255.0 / np.where(high > low, high - low, 1.0))).round().astype(np.uint8)
    return np.ascontiguousarray(np.broadcast_to(pixels, (len(pixels), 3, *pixels.shape[2:])).transpose(0, 2, 3, 1))
