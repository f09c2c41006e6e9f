"""Pictures of shapes and textures: what is drawn where, that masks and boxes agree, and that none gives itself away."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.data._drawing import draw, luminance
from playground.data._scenes import NOTHING, OBJECTS, SOLID, Scenes, arrange
from playground.data.shapes import Shapes

SIDE = 48


def scenes(kind: list[list[int]], clutter: float = 0.0, seed: int = 1, **changes: Any) -> Scenes:
    """Arrange objects of these kinds; changes replace parts of every scene."""
    made = arrange(np.array(kind), np.random.default_rng(seed), clutter)
    return replace(made, **{name: np.broadcast_to(value, getattr(made, name).shape) for name, value in changes.items()})


def number(name: str) -> int:
    return OBJECTS.index(name)


@given(
    st.integers(100, 180),
    st.sampled_from(["16", "32", "64"]),
    st.floats(0, 1),
    st.floats(0, 0.5),
    st.booleans(),
    st.integers(0, 2**31 - 1),
)
@settings(max_examples=25, deadline=None)
def test_whatever_is_set_pictures_are_as_the_facts_promise(
    count: int, size: str, clutter: float, noise: float, colour: bool, seed: int
) -> None:
    source = Shapes(count=count, size=size, clutter=clutter, noise=noise, colour=colour, seed=seed)
    data = source.read()
    assert data.facts.counts == {"train": count, "test": count // 5}
    for examples in data.splits.values():
        images, labels = examples.inputs["x"], examples.targets["label"]
        assert images.dtype == np.float32
        assert images.shape == (len(examples), 3 if colour else 1, int(size), int(size))
        assert data.facts.inputs["x"].sizes == images.shape[1:]
        assert images.min() >= 0
        assert images.max() <= 1  # and so there is no NaN
        assert labels.dtype == np.int64
        assert np.ptp(np.bincount(labels, minlength=10)) <= 1
    assert np.array_equal(source.read().splits["test"].inputs["x"], data.splits["test"].inputs["x"])
    other = source.replace(seed=seed ^ 1).read().splits["train"]
    assert not np.array_equal(other.inputs["x"], data.splits["train"].inputs["x"])


def test_no_picture_of_the_test_is_one_of_the_training() -> None:
    splits = Shapes(count=500, noise=0.0).read().splits
    seen = {image.tobytes() for image in splits["train"].inputs["x"]}
    assert len(seen) == 500
    assert not any(image.tobytes() in seen for image in splits["test"].inputs["x"])


def test_a_picture_in_grey_is_the_lightness_of_the_one_in_colour() -> None:
    colour, grey = (Shapes(count=100, noise=0.0, colour=colour).read().splits["train"] for colour in (True, False))
    np.testing.assert_allclose(luminance(colour.inputs["x"]), grey.inputs["x"], atol=1e-6)
    np.testing.assert_array_equal(colour.targets["label"], grey.targets["label"])


AREAS = {
    "circle": np.pi * 0.9**2,
    "square": (2 * 0.78) ** 2,
    "triangle": 3 * 3**0.5 * 0.52**2,
    "ring": np.pi * (0.95**2 - 0.49**2),
    "cross": 2 * 1.94 * 0.54 - 0.54**2,
    "star": 10 * 0.5 * 1.0 * 0.42 * np.sin(np.pi / 5),
}
"""What an object that reaches 1 far covers, from elementary geometry."""


@pytest.mark.parametrize("name", SOLID)
@pytest.mark.parametrize("turn", [0.0, 0.4, 1.1])
def test_a_shape_covers_the_area_that_geometry_says(name: str, turn: float) -> None:
    made = scenes([[number(name)]], centre=0.5, size=0.4, turn=turn)
    covered = float(draw(made, SIDE).masks.sum()) / (0.4 * SIDE) ** 2
    assert covered == pytest.approx(AREAS[name], rel=0.02)


def test_edges_are_smooth_and_do_not_depend_on_the_number_of_pixels() -> None:
    made = scenes([[k] for k in range(len(OBJECTS))])
    fine, coarse = draw(made, 128), draw(made, 32)
    mean = fine.images.reshape(len(made), 3, 32, 4, 32, 4).mean(axis=(3, 5))
    assert np.abs(mean - coarse.images).mean() < 0.01
    half = (coarse.masks > 0.05) & (coarse.masks < 0.95)
    assert (half.sum(axis=(1, 2, 3)) > 15).all()


def test_without_clutter_only_the_object_stands_out_from_the_shaded_ground() -> None:
    made = scenes([[k] for k in range(len(OBJECTS))])
    drawing = draw(made, SIDE)
    ground = draw(replace(made, kind=np.full_like(made.kind, NOTHING)), SIDE)
    differs = np.abs(drawing.images - ground.images).max(axis=1) > 1e-6
    np.testing.assert_array_equal(differs, drawing.masks[:, 0] > 1e-6)
    assert not ground.masks.any()
    assert not ground.boxes.any()


def test_an_object_is_told_from_its_ground_by_its_lightness() -> None:
    kind = [[k % len(SOLID)] for k in range(300)]
    made = scenes(kind)
    drawing = draw(made, SIDE)
    grey = luminance(drawing.images)[:, 0]
    inside, outside = drawing.masks[:, 0] > 0.99, drawing.masks[:, 0] < 0.01
    contrast = [abs(g[i].mean() - g[o].mean()) for g, i, o in zip(grey, inside, outside, strict=True)]
    assert min(contrast) > 0.15
    assert np.median(contrast) > 0.3


@pytest.mark.parametrize("name", OBJECTS)
def test_the_box_touches_the_object_on_all_sides(name: str) -> None:
    made = scenes([[number(name)]] * 20)
    drawing = draw(made, SIDE)
    for mask, (left, top, right, bottom) in zip(drawing.masks[:, 0], drawing.boxes[:, 0], strict=True):
        inside = np.zeros_like(mask, dtype=bool)
        inside[top:bottom, left:right] = True
        assert (mask[~inside] < 0.5).all()
        for edge in (
            mask[top, left:right],
            mask[bottom - 1, left:right],
            mask[top:bottom, left],
            mask[top:bottom, right - 1],
        ):
            assert edge.max() >= 0.5


def test_what_lies_before_is_taken_out_of_the_mask_but_not_of_the_box() -> None:
    made = scenes(
        [[number("square"), number("circle")]], size=0.3, turn=0.0, centre=np.array([[[0.4, 0.5], [0.6, 0.5]]])
    )
    both = draw(made, SIDE)
    alone = draw(replace(made, kind=np.array([[number("square"), NOTHING]])), SIDE)
    np.testing.assert_array_equal(both.boxes[0, 0], alone.boxes[0, 0])
    np.testing.assert_allclose(both.masks[0, 0], alone.masks[0, 0] * (1 - both.masks[0, 1]), atol=1e-6)
    assert both.masks.sum(axis=1).max() <= 1 + 1e-6
    assert 0 < both.masks[0, 0].sum() < alone.masks[0, 0].sum()


def test_strokes_behind_are_hidden_by_the_object_and_strokes_before_hide_it() -> None:
    quiet = scenes([[number("square")]], seed=3)
    busy = scenes([[number("square")]], seed=3, clutter=1.0, mottle=0.0)
    behind, before = replace(quiet, behind=busy.behind), replace(quiet, before=busy.before)
    still, hidden, hiding = draw(quiet, SIDE), draw(behind, SIDE), draw(before, SIDE)
    np.testing.assert_array_equal(hidden.masks, still.masks)
    whole = still.masks[0, 0] == 1
    np.testing.assert_allclose(hidden.images[0][:, whole], still.images[0][:, whole], atol=1e-6)
    assert not np.array_equal(hidden.images, still.images)
    assert hiding.masks.sum() < still.masks.sum()


def test_clutter_is_as_much_as_was_asked_for() -> None:
    strokes = [(scenes([[0]] * 200, clutter=clutter).behind.width > 0).mean() for clutter in (0.0, 0.3, 1.0)]
    assert strokes[0] == 0
    assert strokes[1] == pytest.approx(0.3, abs=0.05)
    assert strokes[2] == 1


def test_drawing_many_is_drawing_each() -> None:
    made = scenes([[k, (3 * k) % 10] for k in range(10)], clutter=0.8)
    together = draw(made, 32)
    for at in range(10):
        alone = draw(made.take(slice(at, at + 1)), 32)
        np.testing.assert_allclose(together.images[at], alone.images[0], atol=1e-6)
        np.testing.assert_array_equal(together.boxes[at], alone.boxes[0])
        np.testing.assert_allclose(together.masks[at], alone.masks[0], atol=1e-6)


def test_an_object_that_moves_takes_mask_and_box_along() -> None:
    still = scenes([[number("star")]], size=0.2, centre=0.4)
    moved = replace(still, centre=still.centre + 4 / 32)
    one, other = draw(still, 32), draw(moved, 32)
    np.testing.assert_allclose(other.masks[0, 0, 4:, 4:], one.masks[0, 0, :-4, :-4], atol=1e-4)
    np.testing.assert_array_equal(other.boxes[0, 0], one.boxes[0, 0] + 4)


def test_neither_colour_nor_lightness_tells_the_class() -> None:
    train = Shapes(count=2000, clutter=0.3).read().splits["train"]
    means = train.inputs["x"].mean(axis=(2, 3))
    columns = np.column_stack([means, means**2, np.ones(len(means))])
    scores = columns @ np.linalg.lstsq(columns, np.eye(10)[train.targets["label"]], rcond=None)[0]
    assert (scores.argmax(axis=1) == train.targets["label"]).mean() < 0.2
