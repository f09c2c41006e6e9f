"""What probes share that look at one example: of which form it is, and what a person gives in its place.

It holds no probe of its own; importing it does nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playground.blocks.data import Input
from playground.picture import Picture
from playground.probes._answers import Example, image_input, one_example
from playground.probes._reading import text_field
from playground.report import Report

if TYPE_CHECKING:
    import numpy as np

    from playground.probes import Subject

    Array = np.ndarray[Any, Any]

MEASURED = 64
"""Examples of which is learnt what is black and what is white: the first ones that train."""

BYTE = 255
BRIGHT = 64
"""From which value on, and up to `BYTE`, the lightest pixel says that the data count pixels from 0 to 255."""


def form_of(report: Report) -> tuple[str, str]:
    """Return what an example is to a person, and the input that brings it.

    ``picture``, ``clip``, ``words``, ``curves`` (a series) or ``numbers`` (a row of a table); nothing where no input is
    any of these. Of several inputs it is the one that shows best what an example is.
    """
    if field := image_input(report):
        return "picture", field
    shapes = {node.block.field: node.shape for node in report.nodes.values() if isinstance(node.block, Input)}
    if field := next((name for name, shape in shapes.items() if shape.is_clip), ""):
        return "clip", field
    if field := text_field(report):
        return "words", field
    for form, names in (("curves", ("time", "features")), ("numbers", ("features",))):
        if field := next((name for name, shape in shapes.items() if shape.names == names), ""):
            return form, field
    return "", ""


def looked_at(subject: Subject, split: str, index: int, picture: Picture | None) -> Example | None:
    """Return one example of a split, or a picture of a person's own in its place, as the data would have it.

    It enters the network as the data do: what was learnt from those that train, to standardise, holds for it too.
    A picture of another size than the images of the data is left aside: they have been changed since it was made.
    """
    example, field = one_example(subject, split, index), image_input(subject.report)
    if picture is None or example is None or not field or subject.data.facts.inputs[field].sizes != picture.sizes:
        return example
    inputs = {**example.inputs, field: as_data(subject, field, picture)[None]}
    return example._replace(inputs=inputs, targets={}, own=True)


def as_data(subject: Subject, field: str, picture: Picture) -> Array:
    """Return a picture as the data would have it before it is standardised, float32 (channels, height, width)."""
    import numpy as np

    low, high = pixel_range(subject, field)
    pixels = picture.array().astype(np.float32)
    shares = pixels / np.float32(BYTE)
    if low == 0:
        return pixels if high == BYTE else shares if high == 1 else shares * np.float32(high)
    return np.float32(low) + shares * np.float32(high - low)


def as_picture(subject: Subject, field: str, values: Array) -> Picture:
    """Return an image of the data, (channels, height, width), in the eight bits of a picture."""
    import numpy as np

    low, high = pixel_range(subject, field)
    shares = np.nan_to_num((np.asarray(values, np.float64) - low) / (high - low), posinf=1.0, neginf=0.0)
    return Picture.of((shares.clip(0, 1) * BYTE).round())


def pixel_range(subject: Subject, field: str) -> tuple[float, float]:
    """Return what is black and what is white in the images of the data: 0 and 1, 0 and 255, −1 and 1, or as it is."""
    import numpy as np

    key = f"range of {field}"
    if key not in subject.notes:
        values = np.asarray(subject.data.splits["train"].inputs[field][:MEASURED])
        values = values[np.isfinite(values)]
        low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 1.0)
        if low >= 0 and high <= 1:
            low, high = 0.0, 1.0
        elif low >= 0 and BRIGHT < high <= BYTE:
            low, high = 0.0, float(BYTE)
        elif -1 <= low < 0 and high <= 1:
            low, high = -1.0, 1.0
        subject.notes[key] = low, high if high > low else low + 1.0
    found: tuple[float, float] = subject.notes[key]
    return found
