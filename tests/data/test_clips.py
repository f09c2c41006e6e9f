"""Clips: each motion is the one that its label says, and no single frame gives it away."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.data import Scaling
from playground.data._drawing import draw
from playground.data._scenes import Scenes
from playground.data.clips import LARGEST, MOTIONS, SMALLEST, Clips, moments
from playground.facts import DataFacts, Target
from playground.shape import Shape

N = 1800


def seen(labels: Any, frames: int = 8, seed: int = 1) -> list[Scenes]:
    return moments(np.asarray(labels), frames, np.random.default_rng(seed), 0.3)


@given(
    st.integers(2, 12), st.sampled_from(["16", "24", "32"]), st.floats(0, 1), st.booleans(), st.integers(0, 2**31 - 1)
)
@settings(max_examples=15, deadline=None)
def test_whatever_is_set_clips_are_as_the_facts_promise(
    frames: int, size: str, clutter: float, colour: bool, seed: int
) -> None:
    data = Clips(count=90, frames=frames, size=size, clutter=clutter, colour=colour, seed=seed).read()
    side = int(size)
    shape = Shape(time=frames, channels=3 if colour else 1, height=side, width=side)
    assert data.facts == DataFacts({"x": shape}, {"label": Target(MOTIONS)}, {"train": 90, "test": 18})
    assert DataFacts.from_json(data.facts.to_json()) == data.facts
    clips = data.splits["train"].inputs["x"]
    assert clips.shape == (90, *shape.sizes)
    assert clips.dtype == np.float32
    assert clips.min() >= 0
    assert clips.max() <= 1
    assert set(np.bincount(data.splits["train"].targets["label"])) == {10}


def change(motion: str) -> tuple[Any, Any, Any]:
    """Return the way, the turn and the growth from one frame to the next, of one clip."""
    made = seen([MOTIONS.index(motion)] * 20)
    way = np.array([np.diff([one.centre[:, 0] for one in made], axis=0)])[0]
    way -= np.round(way)
    turn = np.diff([one.turn[:, 0] for one in made], axis=0)
    growth = np.diff(np.log([one.size[:, 0] for one in made]), axis=0)
    cycle = np.log(LARGEST / SMALLEST)
    return way, turn, growth - cycle * np.round(growth / cycle)


@pytest.mark.parametrize("motion", MOTIONS)
def test_a_shape_does_what_the_label_says_and_nothing_else(motion: str) -> None:
    way, turn, growth = change(motion)
    signs = {
        "left": ("x", -1),
        "right": ("x", 1),
        "up": ("y", -1),
        "down": ("y", 1),
        "clockwise": ("turn", 1),
        "anticlockwise": ("turn", -1),
        "growing": ("growth", 1),
        "shrinking": ("growth", -1),
    }
    found = {"x": way[..., 0], "y": way[..., 1], "turn": turn, "growth": growth}
    axis, sign = signs.get(motion, ("", 0))
    for name, values in found.items():
        if name == axis:
            assert (values * sign > 0.02).all()
        else:
            np.testing.assert_allclose(values, 0, atol=1e-9)


def test_y_points_down_in_the_picture_and_turning_is_as_on_a_clock() -> None:
    def middle(image: Any) -> Any:
        """Where the shape is, on the circle that the joined borders make of each axis."""
        mass = image.sum(axis=0), image.sum(axis=1)
        angle = 2 * np.pi * (np.arange(64) + 0.5) / 64
        return np.array([np.angle((part * np.exp(1j * angle)).sum()) / (2 * np.pi) for part in mass])

    for motion, axis, sign in (("right", 0, 1), ("left", 0, -1), ("down", 1, 1), ("up", 1, -1)):
        first, second, *_ = seen([MOTIONS.index(motion)] * 10)
        one, other = (draw(scene, 64, around=True).masks[:, 0] for scene in (first, second))
        for before, after in zip(one, other, strict=True):
            way = middle(after) - middle(before)
            assert (way - np.round(way))[axis] * sign > 0
    triangle = seen([MOTIONS.index("clockwise")], frames=2, seed=3)
    corner = []
    for scene in triangle:  # the corner of a triangle that points up, given by how the renderer turns it
        u, v = 0.0, -1.0
        turn = float(scene.turn[0, 0])
        corner.append(np.arctan2(u * np.sin(turn) + v * np.cos(turn), u * np.cos(turn) - v * np.sin(turn)))
    assert np.mod(corner[1] - corner[0], 2 * np.pi) < np.pi  # y down: a growing angle goes as the clock does


def test_the_first_frame_of_a_clip_is_the_same_whatever_the_motion() -> None:
    pictures = [draw(seen([k])[0], 24, around=True).images for k in range(len(MOTIONS))]
    for other in pictures[1:]:
        np.testing.assert_array_equal(other, pictures[0])


@pytest.mark.parametrize("frame", [0, 3, 7])
def test_at_every_moment_places_turns_and_sizes_are_the_same_chance_for_all_motions(frame: int) -> None:
    labels = np.arange(N * len(MOTIONS)) % len(MOTIONS)
    made = seen(labels)[frame]
    measured = {
        "x": made.centre[:, 0, 0],
        "y": made.centre[:, 0, 1],
        "turn": np.mod(made.turn[:, 0], 2 * np.pi) / (2 * np.pi),
        "size": np.log(made.size[:, 0] / SMALLEST) / np.log(LARGEST / SMALLEST),
    }
    bound = 1.95 / np.sqrt(N)  # Kolmogorov and Smirnov, one in a thousand
    for name, values in measured.items():
        for motion in range(len(MOTIONS)):
            ordered = np.sort(values[labels == motion])
            away = np.abs(ordered - (np.arange(N) + 0.5) / N).max()
            assert away < bound, (name, MOTIONS[motion])


def learnt(features: Any, labels: Any, parts: int) -> float:
    """Return how often ridge regression on these numbers finds the motion of clips that it did not see."""
    x = np.column_stack([features, np.ones(len(features))]).astype(np.float64)
    train, test = slice(0, parts), slice(parts, None)
    gram = x[train].T @ x[train] + 3.0 * np.eye(x.shape[1])
    weights = np.linalg.solve(gram, x[train].T @ np.eye(len(MOTIONS))[labels[train]])
    return float(((x[test] @ weights).argmax(axis=1) == labels[test]).mean())


def test_no_single_frame_gives_the_motion_away_but_the_change_between_frames_does() -> None:
    train = Clips(count=2500, size="16", frames=3, clutter=0.0, noise=0.0).read().splits["train"]
    clips, labels = train.inputs["x"][:, :, 0], train.targets["label"]
    chance = 1 / len(MOTIONS)
    for frame in range(3):
        single = clips[:, frame].reshape(len(clips), -1)
        assert learnt(np.column_stack([single, single**2]), labels, 1800) < chance + 0.05
    still = MOTIONS.index("still")
    change = np.abs(clips[:, 2] - clips[:, 0]).mean(axis=(1, 2))
    assert change[labels == still].max() == 0
    assert change[labels != still].min() > 0
    way = flow(clips)
    right, left = (way[labels == MOTIONS.index(name), 0] for name in ("right", "left"))
    down, up = (way[labels == MOTIONS.index(name), 1] for name in ("down", "up"))
    assert (right > 0).mean() > 0.9
    assert (left < 0).mean() > 0.9
    assert (down > 0).mean() > 0.9
    assert (up < 0).mean() > 0.9


def flow(clips: Any) -> Any:
    """Return the way between the first two frames, by least squares over the picture (Lucas and Kanade)."""
    mean = (clips[:, 0] + clips[:, 1]) / 2
    dx = (np.roll(mean, -1, 2) - np.roll(mean, 1, 2)) / 2
    dy = (np.roll(mean, -1, 1) - np.roll(mean, 1, 1)) / 2
    dt = clips[:, 1] - clips[:, 0]
    dx[:, :, [0, -1]] = dy[:, [0, -1]] = 0  # the ground's borders are not joined
    dx[:, [0, -1]] = dy[:, :, [0, -1]] = 0
    found = []
    for x, y, t in zip(dx, dy, dt, strict=True):
        columns = np.column_stack([x.ravel(), y.ravel()])
        found.append(np.linalg.lstsq(columns, -t.ravel(), rcond=None)[0])
    return np.array(found)


def test_what_leaves_on_one_side_comes_in_on_the_other() -> None:
    made = seen([MOTIONS.index("right")] * 40, frames=30)
    bare = [replace(one, before=replace(one.before, width=np.zeros_like(one.before.width))) for one in made]
    areas = np.array([draw(one, 48, around=True).masks.sum(axis=(1, 2, 3)) for one in bare])
    assert (areas.std(axis=0) / areas.mean(axis=0)).max() < 0.03
    for one in bare[::7]:  # and a shape is whole wherever it is: never cut off at a border
        assert (draw(one, 48, around=True).masks.max(axis=(1, 2, 3)) == 1).all()


def test_clips_are_standardised_by_channel() -> None:
    clips = np.random.default_rng(1).normal((1.0, 5.0), (2.0, 3.0), (50, 4, 6, 6, 2)).transpose(0, 1, 4, 2, 3)
    scaling = Scaling.of(clips.astype(np.float32))
    assert scaling.shift.shape == scaling.scale.shape == (1, 2, 1, 1)
    np.testing.assert_allclose(scaling.shift.ravel(), (1, 5), atol=0.2)
    np.testing.assert_allclose(scaling.scale.ravel(), (2, 3), atol=0.2)
