"""Sets that a person draws: what is kept, what is read of it, and that a file can hold nothing else."""

from __future__ import annotations

import json
import pickle
from base64 import b64encode
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground import files
from playground.data.digits import Digits
from playground.data.drawn import (
    MOST_IMAGES,
    MOST_POINTS,
    SIDE,
    DrawnDigits,
    DrawnPoints,
    centred,
    packed_ink,
    shrunk,
    unpacked,
)
from playground.data.planar import Xor
from playground.experiment import Experiment
from playground.preparation import Preparation, prepare
from playground.text import Refusal

POINTS = ((1.0, 2.0, 0), (-3.25, 0.5, 1), (5.0, -6.0, 1), (0.0, 0.0, 2))


def ink(seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (SIDE, SIDE)).astype(np.uint8)


IMAGES = tuple((packed_ink(ink(k)), k % 3) for k in range(5))

rows = st.lists(st.tuples(st.floats(-6, 6), st.floats(-6, 6), st.integers(0, 5)), max_size=30)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner)
)


def test_points_are_read_as_they_were_drawn() -> None:
    data = DrawnPoints(classes=3, placed=POINTS).read()
    train = data.splits["train"]
    np.testing.assert_array_equal(train.inputs["x"], [row[:2] for row in POINTS])
    np.testing.assert_array_equal(train.targets["label"], [0, 1, 1, 2])
    assert data.facts.targets["label"].classes == ("0", "1", "2")
    assert data.facts.counts == {"train": 4}
    assert data.remarks == ()
    more = DrawnPoints(classes=3, placed=POINTS, features=("x", "xy")).read()
    np.testing.assert_allclose(more.splits["train"].inputs["x"][1], (-3.25, -3.25 * 0.5 / 6))


def test_what_is_of_a_class_that_is_not_there_is_left_out_and_said() -> None:
    data = DrawnPoints(placed=POINTS).read()
    assert data.facts.counts == {"train": 3}
    assert [str(one) for one in data.remarks] == ["1 drawn example is left out: its class is not there"]
    images = DrawnDigits(called="zero, one", images=IMAGES).read()
    assert images.facts.counts == {"train": 4}
    assert len(images.remarks) == 1


@pytest.mark.parametrize("source", [DrawnPoints(), DrawnDigits(), DrawnPoints(placed=((0, 0, 5),))])
def test_an_empty_set_says_how_to_fill_it(source: DrawnPoints | DrawnDigits) -> None:
    with pytest.raises(Refusal, match="press Draw"):
        source.read()


def test_one_point_can_be_trained_on() -> None:
    data = prepare(DrawnPoints(placed=POINTS[:1]).read(), Preparation(), seed=1)
    assert data.facts.counts["train"] == 1


def test_images_are_read_as_they_were_drawn() -> None:
    source = DrawnDigits(centre=False, called="a, b, c", images=IMAGES)
    data = source.read()
    train = data.splits["train"]
    assert data.facts.inputs["x"].sizes == (1, SIDE, SIDE)
    assert data.facts.targets["label"].classes == ("a", "b", "c")
    np.testing.assert_array_equal(train.targets["label"], [0, 1, 2, 0, 1])
    for k in range(5):
        np.testing.assert_allclose(train.inputs["x"][k, 0] * 255, ink(k), atol=1e-4)
    assert train.inputs["x"].dtype == np.float32


@pytest.mark.parametrize("size", ["28", "16", "8"])
def test_a_smaller_image_keeps_its_mean_and_its_ink_in_place(size: str) -> None:
    side = int(size)
    image = np.zeros((1, SIDE, SIDE), dtype=np.float32)
    image[0, 7:14, 14:21] = 1.0  # a quarter of each side, on borders of pixels of all sizes but 16
    small = shrunk(image, side)
    assert small.shape == (1, side, side)
    assert small.mean() == pytest.approx(image.mean(), rel=1e-5)
    down, across = (small[0].sum(axis=axis) @ (np.arange(side) + 0.5) / small.sum() / side for axis in (1, 0))
    assert (down, across) == pytest.approx((10.5 / SIDE, 17.5 / SIDE), abs=1e-5)
    assert small.max() <= 1 + 1e-6
    read = DrawnDigits(size=size, centre=False, images=IMAGES).read()
    assert read.facts.inputs["x"].sizes == (1, side, side)


def test_at_its_own_size_an_image_stays_as_it_is() -> None:
    image = ink()[None].astype(np.float32)
    np.testing.assert_allclose(shrunk(image, SIDE), image, rtol=1e-6)
    block = shrunk(image[:, :28, :28], 14)
    np.testing.assert_allclose(block[0], image[0].reshape(14, 2, 14, 2).mean(axis=(1, 3)), rtol=1e-5)


@given(st.integers(0, 20), st.integers(0, 20), st.integers(2, 8), st.integers(2, 8))
@settings(max_examples=60, deadline=None)
def test_centred_ink_has_its_mass_in_the_middle_and_none_is_lost(top: int, left: int, high: int, wide: int) -> None:
    image = np.zeros((SIDE, SIDE), dtype=np.float32)
    image[top : top + high, left : left + wide] = np.random.default_rng(top).random((high, wide)) + 0.1
    moved = centred(image)
    assert moved.sum() == pytest.approx(image.sum())
    place = np.arange(SIDE)
    middle = [(moved.sum(axis=axis) * place).sum() / moved.sum() for axis in (0, 1)]
    assert np.abs(np.array(middle) - 13.5).max() <= 0.51
    rows, columns = np.nonzero(moved)
    old_rows, old_columns = np.nonzero(image)
    np.testing.assert_array_equal(np.ptp(rows), np.ptp(old_rows))
    np.testing.assert_array_equal(np.ptp(columns), np.ptp(old_columns))


def test_an_image_that_reaches_from_border_to_border_is_not_wrapped_round() -> None:
    image = np.zeros((SIDE, SIDE), dtype=np.float32)
    image[5, :] = 1.0
    image[5, :4] = 200.0  # its mass is far to the left, but there is no room to move it
    np.testing.assert_array_equal(centred(image)[14 - 1 :].sum() + centred(image)[:13].sum(), image.sum())
    row = centred(image)[np.flatnonzero(centred(image).sum(axis=1))[0]]
    np.testing.assert_array_equal(row, image[5])
    np.testing.assert_array_equal(centred(np.zeros((SIDE, SIDE))), np.zeros((SIDE, SIDE)))


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("cat, dog", ("cat", "dog")),
        ("猫，狗、鸟", ("猫", "狗", "鸟")),
        (" a ;b; ;a ", ("a", "b")),
        (",".join(map(str, range(30))), tuple(map(str, range(10)))),
    ],
)
def test_classes_are_named_as_people_write_lists(written: str, names: tuple[str, ...]) -> None:
    assert DrawnDigits(called=written).names == names


def test_one_class_is_not_enough() -> None:
    with pytest.raises(Refusal, match="two classes"):
        DrawnDigits(called="only", images=IMAGES).read()


def test_a_real_digit_goes_through_what_is_kept_unharmed() -> None:
    pytest.importorskip("sklearn")
    image = Digits(size="28").read().splits["train"].inputs["x"][3, 0]
    kept = DrawnDigits(centre=False, images=((packed_ink(np.rint(image * 255)), 3),))
    np.testing.assert_allclose(kept.read().splits["train"].inputs["x"][0, 0], image, atol=0.5 / 255 + 1e-6)


# -- files --------------------------------------------------------------------------------------------------------


@given(rows, st.integers(2, 6))
@settings(max_examples=40, deadline=None)
def test_points_go_through_a_document_and_back(placed: Any, classes: int) -> None:
    source = DrawnPoints(classes=classes, placed=placed)
    experiment = replace(Experiment(), source=source)
    again = files.parse(files.dumps(experiment))
    assert again.source == source
    assert hash(again.source) == hash(source)
    assert DrawnPoints.from_json(json.loads(json.dumps(source.to_json()))) == source
    assert pickle.loads(pickle.dumps(source)) == source


def test_images_go_through_a_file_and_back(tmp_path: Path) -> None:
    source = DrawnDigits(images=IMAGES)
    files.write(replace(Experiment(), source=source), tmp_path / "own.json")
    assert files.read(tmp_path / "own.json").source == source


def test_a_person_can_read_the_points_in_a_file() -> None:
    text = files.dumps(replace(Experiment(), source=DrawnPoints(placed=POINTS * 10)))
    assert text.count("[-3.25, 0.5, 1]") == 10
    assert max(map(len, text.splitlines())) < 200


@given(anything)
@settings(max_examples=150, deadline=None)
def test_anything_else_in_the_place_of_what_was_drawn_is_refused_with_a_sentence(value: Any) -> None:
    for kind, name in ((DrawnPoints, "placed"), (DrawnDigits, "images")):
        try:
            made = kind.from_json({name: value})
        except Refusal as refusal:
            assert name in str(refusal)
        else:
            assert kind.from_json(made.to_json()) == made


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ([[1, 2]], "placed wants 3 values in each row (x, y, class), not [1, 2]"),
        ([[0, 0, 0], [1, 2, 6]], "placed, row 2: class must lie between 0 and 5, not 6"),
        ([[0, 7, 0]], "placed, row 1: y must lie between -6 and 6, not 7"),
        ([[0, float("nan"), 0]], "placed, row 1: y wants a number, not nan"),
        ([[0, 0, 0.5]], "placed, row 1: class wants a whole number, not 0.5"),
        ([[0, 0, 0]] * (MOST_POINTS + 1), "placed can have 3,000 rows at most, not 3,001"),
        ("points", "placed wants a list of rows, not 'points'"),
    ],
)
def test_what_is_wrong_with_points_is_said_with_its_row(value: Any, told: str) -> None:
    with pytest.raises(Refusal) as refused:
        DrawnPoints.from_json({"placed": value})
    assert str(refused.value) == told


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "A" * 1047,
        "A" * 1052,
        "A" * 1048,  # 786 bytes
        "!" * 1046 + "==",
        "A" * 500 + "\n" + "A" * 545 + "==",
        "é" * 1046 + "==",
        b64encode(bytes(783)).decode(),
        b64encode(bytes(785)).decode(),
        b64encode(bytes(10_000_000)).decode(),
        None,
        784,
    ],
)
def test_what_is_no_image_is_refused_before_it_is_unpacked(text: Any) -> None:
    with pytest.raises(Refusal, match="images, row 1: ink wants 784 bytes in base64"):
        DrawnDigits.from_json({"images": [[text, 0]]})


def test_there_is_a_limit_to_images() -> None:
    empty = (b64encode(bytes(SIDE * SIDE)).decode(), 0)
    assert len(DrawnDigits(images=(empty,) * MOST_IMAGES).images) == MOST_IMAGES
    with pytest.raises(Refusal, match="2,000 rows at most"):
        DrawnDigits(images=(empty,) * (MOST_IMAGES + 1))
    assert unpacked(empty[0]).sum() == 0


def test_a_run_goes_on_when_only_what_was_drawn_differs() -> None:
    few, more = DrawnPoints(placed=POINTS[:2]), DrawnPoints(placed=POINTS)
    assert more.goes_on(few)
    assert few.goes_on(more)
    assert not more.replace(classes=3).goes_on(few)
    assert not more.goes_on(Xor())
    assert not Xor().goes_on(more)
    assert not Xor(noise=0.1).goes_on(Xor())
    assert DrawnDigits(images=IMAGES).goes_on(DrawnDigits())
    assert not DrawnDigits(images=IMAGES, size="8").goes_on(DrawnDigits())
