"""Detection: boxes hold what was drawn and not a pixel more, and two shapes have an order that is never in doubt."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from playground.data._drawing import draw
from playground.data._scenes import NOTHING, OBJECTS
from playground.data.detection import Detection
from playground.facts import Target
from playground.shape import Shape


def pixels(box: np.ndarray, side: int) -> tuple[int, int, int, int]:
    """Turn a box back into left, top, right and bottom."""
    x, y, width, height = (float(value) * side for value in box)
    return tuple(round(value) for value in (x - width / 2, y - height / 2, x + width / 2, y + height / 2))  # type: ignore[return-value]


def test_one_shape_has_a_class_and_a_box() -> None:
    data = Detection(count=200).read()
    assert data.facts.targets == {"label": Target(OBJECTS), "box": Target(shape=Shape(features=4))}
    assert data.facts.counts == {"train": 200, "test": 40}
    box = data.splits["train"].targets["box"]
    assert box.dtype == np.float32
    assert box.shape == (200, 4)
    assert (box[:, 2:] > 0.1).all()
    assert (box[:, :2] - box[:, 2:] / 2 >= 0).all()
    assert (box[:, :2] + box[:, 2:] / 2 <= 1).all()
    assert np.ptp(np.bincount(data.splits["train"].targets["label"], minlength=10)) == 0


@pytest.mark.parametrize("size", ["16", "32", "64"])
def test_a_box_is_as_tight_as_the_mask_of_its_shape(size: str) -> None:
    source, side, rng = Detection(size=size, clutter=0.0), int(size), np.random.default_rng(4)
    made = source.arranged(source.objects(120, rng), rng)
    drawing = draw(made, side)
    for mask, box in zip(drawing.masks[:, 0], source.answers(made, drawing)["box"], strict=True):
        rows, columns = np.nonzero(mask >= 0.5)
        assert pixels(box, side) == (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)


def test_a_box_is_where_the_shape_stands_out_from_an_even_ground() -> None:
    """From the pixels alone: without clutter, noise and mottle only the shape has an edge."""
    train = Detection(count=200, size="64", clutter=0.0, noise=0.0).read().splits["train"]
    near = []
    for image, box in zip(train.inputs["x"], train.targets["box"], strict=True):
        steep = [np.abs(np.diff(image, axis=axis)).max(axis=0) > 0.06 for axis in (1, 2)]
        rows, columns = np.flatnonzero(steep[0].any(axis=1)), np.flatnonzero(steep[1].any(axis=0))
        seen = (columns.min() + 1, rows.min() + 1, columns.max() + 1, rows.max() + 1)
        near.append(max(abs(one - other) for one, other in zip(seen, pixels(box, 64), strict=True)) <= 1)
    assert np.mean(near) > 0.9  # patterns may have the ground's own lightness at the border


def test_the_hidden_part_of_a_shape_is_in_its_box() -> None:
    source = Detection(count=100, size="32", noise=0.0)
    rng = np.random.default_rng(5)
    made = source.arranged(source.objects(100, rng), rng)
    bare = replace(made, before=replace(made.before, width=np.zeros_like(made.before.width)))
    drawing = draw(made, 32)
    assert drawing.masks.sum() < 0.99 * draw(bare, 32).masks.sum()
    hidden, whole = source.answers(made, drawing)["box"], source.answers(bare, draw(bare, 32))["box"]
    np.testing.assert_array_equal(hidden, whole)


def test_two_shapes_are_told_from_left_to_right_and_hardly_hide_each_other() -> None:
    source = Detection(count=2000, shapes="two")
    data = source.read()
    assert list(data.facts.targets) == ["label_1", "box_1", "label_2", "box_2"]
    assert data.facts.targets["label_2"] == Target(OBJECTS)
    targets = data.splits["train"].targets
    way = targets["box_2"][:, 0] - targets["box_1"][:, 0]
    assert way.min() >= 1 / 32
    assert np.quantile(way, 0.05) > 0.15
    first, second = targets["box_1"].T, targets["box_2"].T
    width = np.minimum(first[0] + first[2] / 2, second[0] + second[2] / 2) - (second[0] - second[2] / 2)
    height = np.minimum(first[1] + first[3] / 2, second[1] + second[3] / 2) - np.maximum(
        first[1] - first[3] / 2, second[1] - second[3] / 2
    )
    shared = np.clip(width, 0, None) * np.clip(height, 0, None)
    assert (shared / np.minimum(first[2] * first[3], second[2] * second[3])).mean() < 0.05
    for name in ("label_1", "label_2"):
        assert np.bincount(targets[name], minlength=10).min() > 120


def test_class_and_box_of_two_shapes_belong_together() -> None:
    source, rng = Detection(shapes="two", clutter=0.0), np.random.default_rng(7)
    made = source.arranged(source.objects(60, rng), rng)
    drawing = draw(made, 32)
    answers = source.answers(made, drawing)
    for at in range(60):
        told = {(int(answers[f"label_{n}"][at]), pixels(answers[f"box_{n}"][at], 32)) for n in (1, 2)}
        drawn = {(int(made.kind[at, k]), tuple(int(edge) for edge in drawing.boxes[at, k])) for k in (0, 1)}
        assert told == drawn


def test_where_the_second_may_be_missing_half_of_them_are_nothing() -> None:
    data = Detection(count=400, shapes="one-or-two").read()
    assert data.facts.targets["label_1"].classes == OBJECTS
    assert data.facts.targets["label_2"].classes == (*OBJECTS, "nothing")
    targets = data.splits["train"].targets
    missing = targets["label_2"] == len(OBJECTS)
    assert missing.sum() == 200
    assert not targets["box_2"][missing].any()
    assert (targets["box_2"][~missing][:, 2:] > 0.1).all()
    assert (targets["box_1"][:, 2:] > 0.1).all()
    assert targets["label_1"].max() < len(OBJECTS)
    objects = Detection(shapes="one-or-two").objects(100, np.random.default_rng(1))
    assert (objects[:, 0] != NOTHING).all()


def test_reading_twice_gives_the_same_boxes() -> None:
    source = Detection(count=100, shapes="two")
    one, other = source.read().splits["test"], source.read().splits["test"]
    for name, values in one.targets.items():
        np.testing.assert_array_equal(values, other.targets[name])
