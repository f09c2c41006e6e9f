"""Segmentation: a mask agrees with what was drawn, with geometry, and with which shape lies in front."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.data._drawing import draw
from playground.data._scenes import NOTHING, OBJECTS, arrange
from playground.data.segmentation import BACKGROUND, Segmentation
from playground.facts import Target
from playground.shape import Shape
from tests.data.test_shapes import AREAS, scenes


def masks_of(source: Segmentation, made: object, side: int) -> np.ndarray:
    return source.answers(made, draw(made, side))["mask"]  # type: ignore[arg-type]


@given(
    st.lists(st.sampled_from(OBJECTS), min_size=1, unique=True),
    st.integers(1, 3),
    st.sampled_from(["16", "32"]),
    st.floats(0, 1),
    st.booleans(),
    st.integers(0, 2**31 - 1),
)
@settings(max_examples=20, deadline=None)
def test_whatever_is_set_masks_are_as_the_facts_promise(
    kinds: list[str], most: int, size: str, clutter: float, colour: bool, seed: int
) -> None:
    source = Segmentation(
        count=100, kinds=tuple(kinds), objects_at_most=most, size=size, clutter=clutter, colour=colour, seed=seed
    )
    data, side = source.read(), int(size)
    in_order = tuple(kind for kind in OBJECTS if kind in kinds)
    assert data.facts.targets == {"mask": Target((BACKGROUND, *in_order), Shape(height=side, width=side))}
    assert data.facts.counts == {"train": 100, "test": 20}
    for examples in data.splits.values():
        mask = examples.targets["mask"]
        assert mask.shape == (len(examples), side, side)
        assert mask.dtype == np.int64
        assert mask.min() >= 0
        assert mask.max() <= len(kinds)
        assert (mask > 0).any(axis=(1, 2)).mean() > 0.9  # a shape may lie behind clutter, but hardly ever does


@pytest.mark.parametrize("name", AREAS)
def test_a_mask_covers_the_area_that_geometry_says(name: str) -> None:
    made = scenes([[OBJECTS.index(name)]], centre=0.5, size=0.4, turn=0.4)
    mask = masks_of(Segmentation(kinds=(name,)), made, 64)
    assert (mask == 1).sum() / (0.4 * 64) ** 2 == pytest.approx(AREAS[name], rel=0.03)


def test_of_overlapping_shapes_the_one_in_front_has_the_pixel() -> None:
    square, circle = OBJECTS.index("square"), OBJECTS.index("circle")
    source = Segmentation(kinds=("circle", "square"))
    behind = scenes([[square, circle]], size=0.3, turn=0.0, centre=np.array([[[0.4, 0.5], [0.6, 0.5]]]))
    before = replace(
        behind, kind=behind.kind[:, ::-1], centre=behind.centre[:, ::-1]
    )  # the same places, the square drawn last
    whole = masks_of(source, replace(before, kind=np.array([[NOTHING, square]])), 64)[0] == 2
    ball = masks_of(source, replace(behind, kind=np.array([[NOTHING, circle]])), 64)[0] == 1
    both = whole & ball
    assert both.sum() > 100
    one, other = masks_of(source, behind, 64)[0], masks_of(source, before, 64)[0]
    assert (one[both] == 1).mean() > 0.98  # but for the smooth edge
    assert (other[both] == 2).mean() > 0.98
    np.testing.assert_array_equal((one > 0), whole | ball)
    np.testing.assert_array_equal((one == 2) & ~both, whole & ~both)


def test_two_touching_shapes_of_one_class_leave_no_seam_between_them() -> None:
    square = OBJECTS.index("square")
    made = scenes(
        [[square, square]], size=0.25, turn=0.0, centre=np.array([[[0.3, 0.5], [0.3 + 2 * 0.25 * 0.78, 0.5]]])
    )
    mask = masks_of(Segmentation(kinds=("square",)), made, 37)[0]
    row = mask[18]
    assert row.sum() == np.flatnonzero(row)[-1] - np.flatnonzero(row)[0] + 1


def test_where_clutter_hides_a_shape_there_is_background() -> None:
    square = OBJECTS.index("square")
    quiet = scenes([[square]], seed=3, size=0.42, centre=0.5)
    busy = replace(quiet, before=scenes([[square]], seed=3, clutter=1.0).before)
    source = Segmentation(kinds=("square",))
    free, hidden = draw(quiet, 64), draw(busy, 64)
    drawn_over = np.abs(free.images - hidden.images).max(axis=1)[0] > 0.3
    gone = (masks_of(source, quiet, 64)[0] == 1) & (masks_of(source, busy, 64)[0] == 0)
    assert gone.sum() > 20
    assert (drawn_over & (masks_of(source, busy, 64)[0] == 1)).mean() < 0.002
    assert not (gone & (np.abs(free.images - hidden.images).max(axis=1)[0] == 0)).any()


def test_edges_of_a_mask_are_edges_of_the_picture() -> None:
    made = arrange(np.array([[k] for k in range(6)] * 5), np.random.default_rng(2), 0.0)
    images = draw(made, 64).images
    mask = masks_of(Segmentation(kinds=OBJECTS), made, 64)
    inner = np.abs(np.diff(images, axis=3)).max(axis=1)
    edge = np.diff((mask > 0).astype(int), axis=2) != 0
    assert inner[edge].mean() > 8 * inner[~edge].mean()


def test_kinds_are_equally_frequent_and_pictures_hold_one_to_as_many_as_allowed() -> None:
    source = Segmentation(objects_at_most=3)
    objects = source.objects(3000, np.random.default_rng(1))
    counts = (objects != NOTHING).sum(axis=1)
    assert np.bincount(counts)[1:].min() > 900
    shares = np.bincount(objects[objects != NOTHING])
    assert sorted(np.flatnonzero(shares)) == sorted(OBJECTS.index(kind) for kind in source.kinds)
    assert np.ptp(shares[shares > 0]) < 0.1 * shares.max()


def test_a_small_network_can_be_judged_by_the_mask() -> None:
    from playground.analysis import analyse
    from playground.blocks.convolution import Conv2D
    from playground.blocks.data import Input, Output
    from tests.examples import chain

    facts = Segmentation(count=100, size="16").read().facts
    graph = chain(Input(), Conv2D(channels=6, kernel=3, padding=1), Output(target="mask"))
    assert analyse(graph, facts).problems == ()
