"""Bringing images, and the masks that belong to them, to another size."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from playground.data import Data
from playground.data._stored import Derived, StoredColumn
from playground.facts import Target
from playground.progress import progress
from playground.shape import Shape
from playground.text import Refusal, say

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

LARGEST = 2**29
"""The most numbers that all images together may have; as float32 2 GiB."""


def resized(data: Data, size: tuple[int, int]) -> Data:
    """Return the data with all images (n, channels, height, width) at this height and width; 0 leaves a side."""
    images = {name: shape for name, shape in data.facts.inputs.items() if shape.is_image}
    new = {name: _sized(shape, size) for name, shape in images.items()}
    new = {name: shape for name, shape in new.items() if shape != images[name]}
    if not new:
        return data
    near = [name for name in new if not isinstance(data.splits["train"].inputs[name], StoredColumn)]
    numbers = sum(sum(data.facts.counts.values()) * new[name].count for name in near)
    if numbers > LARGEST:
        raise Refusal(say("Images of this size would take {n} numbers; make them smaller", n=numbers))
    old = next(iter(new))
    masks = {
        name: target
        for name, target in data.facts.targets.items()
        if target.shape.names == ("height", "width") and target.shape.sizes == images[old].sizes[1:]
    }
    targets = {name: Target(target.classes, _sized(target.shape, size)) for name, target in masks.items()}
    facts = replace(data.facts, inputs={**data.facts.inputs, **new}, targets={**data.facts.targets, **targets})
    splits = {}
    for split, examples in data.splits.items():
        inputs = {name: _scaled(examples.inputs[name], shape) for name, shape in new.items()}
        answers = {name: _nearest(examples.targets[name], target.shape) for name, target in targets.items()}
        splits[split] = replace(examples, inputs={**examples.inputs, **inputs}, targets={**examples.targets, **answers})
    return replace(data, facts=facts, splits=splits)


def _sized(shape: Shape, size: tuple[int, int]) -> Shape:
    return shape.replace(height=size[0] or shape.height, width=size[1] or shape.width)


def _scaled(images: Array, shape: Shape) -> Array:
    """Scale images (n, channels, height, width) as Pillow does: linear, and smoothed where they become smaller."""
    import numpy as np

    try:
        from PIL import Image
    except ImportError as error:
        raise Refusal(say("Images are resized with Pillow, which is not installed; run pip install pillow")) from error
    if isinstance(images, StoredColumn):
        return Derived(images, shape.sizes, partial(_scaled, shape=shape)).as_inputs()
    channels, height, width = shape.sizes
    made = np.empty((len(images), channels, height, width), dtype=np.float32)
    for at, image in enumerate(images):
        for channel, plane in enumerate(image):
            picture = Image.fromarray(np.ascontiguousarray(plane, dtype=np.float32))
            made[at, channel] = np.asarray(picture.resize((width, height), Image.Resampling.BILINEAR))
        if at % 256 == 0:
            progress(at / len(images))
    return made


def _nearest(masks: Array, shape: Shape) -> Array:
    """Scale masks (n, height, width): every pixel takes the class of the one it falls on."""
    import numpy as np

    height, width = shape.sizes
    rows = (np.arange(height) + 0.5) * masks.shape[1] // height
    columns = (np.arange(width) + 0.5) * masks.shape[2] // width
    return np.ascontiguousarray(masks[:, rows.astype(int)][:, :, columns.astype(int)])
