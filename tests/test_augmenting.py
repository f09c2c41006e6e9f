"""Augmenting: every image another way, exactly where it can be exact, and what belongs to it moves along."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from playground.augmenting import Augment  # noqa: E402
from playground.data import IGNORED  # noqa: E402
from playground.facts import DataFacts, Target  # noqa: E402
from playground.preparation import Preparation  # noqa: E402
from playground.shape import Shape  # noqa: E402

CPU = torch.device("cpu")
ALL = ("label", "mask", "box")
HEIGHT, WIDTH = 9, 12
FACTS = DataFacts(
    {"x": Shape(channels=2, height=HEIGHT, width=WIDTH)},
    {
        "label": Target(("a", "b")),
        "mask": Target(("ground", "thing"), Shape(height=HEIGHT, width=WIDTH)),
        "box": Target(shape=Shape(features=4)),
    },
    {"train": 400},
)


def augment(seed=1, facts=FACTS, targets=(), **how):
    made = Augment.of(Preparation(**how), facts, targets, seed, CPU)
    assert made is not None
    return made


def numbered(n=400):
    """Images whose every pixel says which it is."""
    image = torch.arange(1.0, 2 * HEIGHT * WIDTH + 1).reshape(1, 2, HEIGHT, WIDTH)
    return image.expand(n, -1, -1, -1).clone()


def things(n=400, facts=FACTS, seed=0):
    """Images of one bright rectangle each, its mask, and its box."""
    _, height, width = facts.inputs["x"].sizes
    rng = np.random.default_rng(seed)
    images, masks = torch.zeros(n, 2, height, width), torch.zeros(n, height, width, dtype=torch.int64)
    boxes = torch.zeros(n, 4)
    for k in range(n):
        top, left = rng.integers(0, height - 3), rng.integers(0, width - 3)
        down, right = rng.integers(top + 2, height + 1), rng.integers(left + 2, width + 1)
        images[k, :, top:down, left:right] = 1
        masks[k, top:down, left:right] = 1
        boxes[k] = torch.tensor(
            [(left + right) / 2 / width, (top + down) / 2 / height, (right - left) / width, (down - top) / height]
        )
    return images, [torch.zeros(n, dtype=torch.int64), masks, boxes]


def edges(boxes, height=HEIGHT, width=WIDTH):
    """Return left, top, right, bottom in pixels."""
    low, high = boxes[:, :2] - boxes[:, 2:] / 2, boxes[:, :2] + boxes[:, 2:] / 2
    return torch.cat([low, high], 1) * torch.tensor([width, height, width, height])


# -- what is done ------------------------------------------------------------------------------------------------


def test_nothing_is_made_where_nothing_is_to_be_done():
    table = DataFacts({"x": Shape(features=3)}, {"label": Target(("a", "b"))}, {"train": 4})
    assert Augment.of(Preparation(), FACTS, ["label"], 1, CPU) is None
    assert Augment.of(Preparation(flip=True, noise=0.1), table, ["label"], 1, CPU) is None
    assert Augment.of(Preparation(flip=True), FACTS, ["label"], 1, CPU) is not None


def test_about_half_of_the_images_are_mirrored_and_nothing_else_changes():
    images = numbered()
    made, _ = augment(flip=True)({"x": images}, [])
    mirrored = (made["x"] == images.flip(3)).flatten(1).all(1)
    kept = (made["x"] == images).flatten(1).all(1)
    assert (mirrored ^ kept).all()
    assert 150 < mirrored.sum() < 250


def test_shifted_images_are_moved_by_whole_pixels_in_every_direction():
    images = numbered()
    made, _ = augment(shift=2)({"x": images}, [])
    wanted = {}
    for down in range(-2, 3):
        for right in range(-2, 3):
            moved = torch.zeros(2, HEIGHT, WIDTH)
            rows, columns = slice(max(down, 0), HEIGHT + min(down, 0)), slice(max(right, 0), WIDTH + min(right, 0))
            from_rows = slice(max(-down, 0), HEIGHT + min(-down, 0))
            from_columns = slice(max(-right, 0), WIDTH + min(-right, 0))
            moved[:, rows, columns] = images[0, :, from_rows, from_columns]
            wanted[moved.numpy().tobytes()] = (down, right)
    found = [wanted[image.numpy().tobytes()] for image in made["x"]]  # a KeyError: it was moved in no such way
    assert set(found) == set(wanted.values())


def test_a_shift_beyond_the_image_leaves_something_of_it():
    made, _ = augment(shift=64)({"x": numbered()}, [])
    assert (made["x"] > 0).flatten(1).any(1).all()


def test_a_cut_is_enlarged_to_the_whole_image():
    ramp = torch.arange(WIDTH, dtype=torch.float32).expand(400, 2, HEIGHT, WIDTH).contiguous()
    made, _ = augment(crop=0.5)({"x": ramp}, [])
    assert (made["x"] >= 0).all() and (made["x"] <= WIDTH - 1).all()
    inner = made["x"][:, 0, HEIGHT // 2, 1:-1]
    steps = inner.diff(dim=1)
    zooms = steps.mean(1)
    torch.testing.assert_close(steps, zooms[:, None].expand_as(steps), rtol=1e-3, atol=1e-3)  # straight: only enlarged
    assert 0.49 < zooms.min() < 0.55 and 0.95 < zooms.max() <= 1.001


def test_a_turn_by_half_a_circle_is_what_it_should_be():
    facts = DataFacts({"x": Shape(channels=1, height=5, width=8)}, {}, {"train": 1})
    one = augment(rotate=180.0, facts=facts, targets=())
    image = torch.rand(1, 1, 5, 8, generator=torch.Generator().manual_seed(0))
    one._draw = lambda n, draw=one._draw: turned(draw(n), math.pi)
    made, _ = one({"x": image}, [])
    torch.testing.assert_close(made["x"], image.flip(2).flip(3), atol=1e-4, rtol=0)


def turned(moves, angle):
    return replace(moves, angle=torch.full_like(moves.angle, angle))


def test_a_quarter_turn_of_a_square_goes_one_way_for_images_masks_and_boxes():
    facts = DataFacts(
        {"x": Shape(channels=2, height=8, width=8)},
        {
            "label": Target(("a", "b")),
            "mask": Target(("a", "b"), Shape(height=8, width=8)),
            "box": Target(shape=Shape(features=4)),
        },
        {"train": 1},
    )
    images, targets = things(50, facts)
    one = augment(rotate=90.0, facts=facts, targets=ALL)
    one._draw = lambda n, draw=one._draw: turned(draw(n), math.pi / 2)
    made, (_, masks, boxes) = one({"x": images}, targets)
    quarter = torch.rot90(images, 1, (2, 3))
    other = torch.rot90(images, -1, (2, 3))
    assert torch.allclose(made["x"], quarter, atol=1e-4) or torch.allclose(made["x"], other, atol=1e-4)
    assert torch.equal(masks == 1, made["x"][:, 0] > 0.5)
    torch.testing.assert_close(edges(boxes, 8, 8), of_masks(masks), atol=1e-3, rtol=0)


def of_masks(masks):
    """Return left, top, right, bottom of what is 1."""
    found = []
    for mask in masks:
        rows, columns = torch.nonzero((mask == 1).any(1)), torch.nonzero((mask == 1).any(0))
        found.append([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1] if len(rows) else [0, 0, 0, 0])
    return torch.tensor(found, dtype=torch.float32)


def test_noise_has_the_strength_that_was_asked_for_and_moves_nothing():
    images = numbered()
    made, _ = augment(noise=0.25)({"x": images}, [])
    rest = made["x"] - images
    assert abs(rest.std() - 0.25) < 0.01 and abs(rest.mean()) < 0.01


# -- what moves along --------------------------------------------------------------------------------------------

MOVES = {
    "flip": {"flip": True},
    "shift": {"shift": 4},
    "flip and shift": {"flip": True, "shift": 3},
    "crop": {"crop": 0.4},
    "rotate": {"rotate": 40.0},
    "everything": {"flip": True, "shift": 2, "crop": 0.3, "rotate": 20.0},
}


@pytest.mark.parametrize("what", MOVES)
def test_masks_follow_their_images(what):
    images, targets = things()
    made, (labels, masks, _) = augment(targets=ALL, **MOVES[what])({"x": images}, targets)
    assert torch.equal(labels, targets[0])
    assert set(masks.unique().tolist()) <= {IGNORED, 0, 1}
    clear = made["x"][:, 0].sub(0.5).abs() > 0.4999 if "crop" in what or what in ("rotate", "everything") else ...
    thing, bright = masks == 1, made["x"][:, 0] > 0.5
    assert torch.equal(thing[clear], bright[clear])
    full, _ = augment(**MOVES[what])({"x": torch.ones_like(images)}, [])
    outside = masks == IGNORED
    assert outside.any() == (what not in ("flip", "crop"))
    assert torch.equal(full["x"][:, 0] == 0, outside) and torch.allclose(full["x"][:, 0][~outside], torch.tensor(1.0))


@pytest.mark.parametrize("what", MOVES)
def test_boxes_follow_their_images(what):
    facts = DataFacts(
        {"x": Shape(channels=2, height=40, width=56)},
        {**FACTS.targets, "mask": Target(("ground", "thing"), Shape(height=40, width=56))},
        FACTS.counts,
    )
    images, targets = things(200, facts)
    _, (_, masks, boxes) = augment(facts=facts, targets=ALL, **MOVES[what])({"x": images}, targets)
    ours, seen = edges(boxes, 40, 56), of_masks(masks)
    left = (seen[:, 2] - seen[:, 0]) > 0
    if "rotate" in MOVES[what]:  # the box encloses the turned box, of which a corner may lie outside the image
        assert (ours[left, :2] <= seen[left, :2] + 1).all() and (ours[left, 2:] >= seen[left, 2:] - 1).all()
    else:
        torch.testing.assert_close(ours[left], seen[left], atol=1.01 if "crop" in MOVES[what] else 1e-3, rtol=0)
    assert (boxes >= 0).all() and (edges(boxes, 1, 1) <= 1.00001).all()


def test_a_turned_box_is_the_one_that_encloses_its_corners():
    one = augment(rotate=30.0, targets=("box",))
    one._draw = lambda n, draw=one._draw: turned(draw(n), math.radians(30))
    box = torch.tensor([[0.5, 0.5, 4 / WIDTH, 2 / HEIGHT]])
    _, (made,) = one({"x": numbered(1)}, [box])
    cos, sin = math.cos(math.radians(30)), math.sin(math.radians(30))
    wanted = [0.5, 0.5, (4 * cos + 2 * sin) / WIDTH, (4 * sin + 2 * cos) / HEIGHT]
    assert made[0].tolist() == pytest.approx(wanted, abs=1e-5)


def test_a_box_that_is_not_there_or_has_left_is_zero():
    boxes = torch.tensor([[0.0, 0.0, 0.0, 0.0], [0.02, 0.02, 0.04, 0.04]]).repeat(200, 1)
    _, (made,) = augment(shift=8, targets=("box",))({"x": numbered()}, [boxes])
    assert (made[0::2] == 0).all()
    gone = (made[1::2] == 0).all(1)
    assert gone.any() and not gone.all() and (made[1::2][~gone][:, 2:] > 0).all()


def test_a_clip_moves_as_a_whole():
    facts = DataFacts({"x": Shape(time=3, channels=2, height=HEIGHT, width=WIDTH)}, {}, {"train": 4})
    clip = numbered(50)[:, None].repeat(1, 3, 1, 1, 1)
    for how in ({"shift": 3, "flip": True}, {"rotate": 30.0}):
        made, _ = augment(facts=facts, targets=(), **how)({"x": clip}, [])
        assert made["x"].shape == clip.shape
        assert torch.equal(made["x"][:, 0], made["x"][:, 1]) and torch.equal(made["x"][:, 0], made["x"][:, 2])
        assert not torch.equal(made["x"], clip)


def test_other_inputs_and_numbers_to_predict_are_left_alone():
    facts = DataFacts(
        {"x": FACTS.inputs["x"], "age": Shape(features=4)}, {"y": Target(shape=Shape(features=4))}, {"train": 4}
    )
    inputs, wanted = {"x": numbered(4), "age": torch.rand(4, 4)}, torch.rand(4, 4)
    made, (answers,) = augment(facts=facts, targets=("y",), rotate=90.0, noise=1.0)(inputs, [wanted])
    assert made["age"] is inputs["age"] and answers is wanted


# -- chance ------------------------------------------------------------------------------------------------------

EVERYTHING = {"flip": True, "shift": 2, "crop": 0.3, "rotate": 20.0, "noise": 0.1}


def test_the_seed_decides_and_no_two_batches_are_alike():
    images, targets = things()
    one, same, other = (augment(seed, targets=ALL, **EVERYTHING) for seed in (1, 1, 2))
    first, second = one({"x": images}, targets), one({"x": images}, targets)
    assert not torch.equal(first[0]["x"], second[0]["x"])
    assert torch.equal(first[0]["x"], same({"x": images}, targets)[0]["x"])
    assert not torch.equal(first[0]["x"], other({"x": images}, targets)[0]["x"])


def test_from_a_state_it_goes_on_as_it_would_have():
    images, targets = things()
    one, later = (augment(seed, targets=ALL, **EVERYTHING) for seed in (1, 9))
    one({"x": images}, targets)
    later.set_state(one.state())
    made, again = one({"x": images}, targets), later({"x": images}, targets)
    assert torch.equal(made[0]["x"], again[0]["x"])
    assert all(torch.equal(a, b) for a, b in zip(made[1], again[1], strict=True))


def test_torchs_own_generator_is_not_touched():
    before = torch.get_rng_state()
    augment(targets=ALL, **EVERYTHING)({"x": numbered()}, things()[1])
    assert torch.equal(torch.get_rng_state(), before)


def test_what_came_in_is_not_changed():
    images, targets = things()
    kept = images.clone(), [one.clone() for one in targets]
    augment(targets=ALL, **EVERYTHING)({"x": images}, targets)
    assert torch.equal(images, kept[0]) and all(torch.equal(a, b) for a, b in zip(targets, kept[1], strict=True))
