"""Points in the plane: where they lie, what noise and seed do, and how hard they are to separate."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from playground.data.planar import (
    FEATURES,
    REACH,
    Blobs,
    Circle,
    Moons,
    ScatteredSource,
    Spirals,
    TruthTable,
    TruthTable3,
    Xor,
    embed,
)
from playground.preparation.splitting import split
from playground.text import Refusal

SCATTERED = (Xor, Circle, Moons, Spirals, Blobs)


def best_line(source: ScatteredSource, features: tuple[str, ...] = ("x", "y")) -> float:
    """Return how many of the points the best linear rule (by least squares) puts into the right one of two classes."""
    points, labels = source.points()
    columns = np.column_stack([embed(points, features), np.ones(len(points))])
    rule = np.linalg.lstsq(columns, 2.0 * labels - 1, rcond=None)[0]
    return float(((columns @ rule > 0) == labels).mean())


@pytest.mark.parametrize("kind", SCATTERED)
@pytest.mark.parametrize("noise", [0.0, 0.2, 0.5])
def test_points_stay_within_reach_and_classes_are_equally_large(kind: type[ScatteredSource], noise: float) -> None:
    points, labels = kind(noise=noise, count=601).points()
    assert points.shape == (601, 2)
    assert points.dtype == np.float32
    assert np.abs(points).max() <= REACH
    assert np.ptp(np.bincount(labels)) <= 1


@pytest.mark.parametrize("kind", SCATTERED)
def test_the_seed_decides_the_points_and_nothing_else_does(kind: type[ScatteredSource]) -> None:
    np.random.seed(0)
    first = kind(seed=3).points()[0]
    np.random.seed(1)
    np.testing.assert_array_equal(first, kind(seed=3).points()[0])
    assert not np.array_equal(first, kind(seed=4).points()[0])


@pytest.mark.parametrize("kind", SCATTERED)
def test_noise_moves_the_same_points_further(kind: type[ScatteredSource]) -> None:
    still, little, much = (kind(noise=noise).points()[0] for noise in (0.0, 0.01, 0.02))
    moved = np.linalg.norm(little - still, axis=1)
    assert 0 < moved.mean() < 0.1
    np.testing.assert_allclose(np.linalg.norm(much - still, axis=1).mean(), 2 * moved.mean(), rtol=0.05)


@pytest.mark.parametrize("kind", [Xor, Spirals, Circle, Moons])
def test_no_line_separates_what_is_wound_together(kind: type[ScatteredSource]) -> None:
    assert best_line(kind()) < 0.93


def test_a_line_separates_two_blobs_and_noise_mixes_them() -> None:
    assert best_line(Blobs()) == 1.0
    assert best_line(Blobs(noise=0.5)) < 1.0


def test_the_right_feature_makes_a_hard_set_easy() -> None:
    assert best_line(Xor(), ("xy",)) == 1.0
    assert best_line(Circle(), ("x²", "y²")) == 1.0


@pytest.mark.parametrize("kind", [Xor, Circle, Moons, Spirals])
def test_without_noise_a_gap_lies_between_the_classes(kind: type[ScatteredSource]) -> None:
    points, labels = kind(noise=0.0).points()
    away = np.linalg.norm(points[labels == 0][:, None] - points[labels == 1][None], axis=2)
    assert away.min() > 0.3


@pytest.mark.parametrize("classes", range(2, 7))
def test_blobs_come_in_as_many_classes_as_asked(classes: int) -> None:
    data = Blobs(classes=classes).read()
    assert data.facts.auto("classes") == classes
    assert set(data.splits["train"].targets["label"]) == set(range(classes))


@pytest.mark.parametrize(
    ("gate", "answers"),
    [("and", "0001"), ("or", "0111"), ("xor", "0110"), ("nand", "1110"), ("nor", "1000"), ("xnor", "1001")],
)
def test_a_truth_table_is_its_four_rows_and_validates_on_them(gate: str, answers: str) -> None:
    data = split(TruthTable(gate=gate).read(), 0.5, "random", 1)
    assert data.facts.counts == {"train": 4, "validation": 4}
    for examples in data.splits.values():
        np.testing.assert_array_equal(examples.inputs["x"], [[0, 0], [0, 1], [1, 0], [1, 1]])
        assert "".join(map(str, examples.targets["label"])) == answers


@pytest.mark.parametrize(
    ("gate", "answers"),
    [
        ("and", "00000001"),
        ("or", "01111111"),
        ("xor", "01101001"),
        ("nand", "11111110"),
        ("nor", "10000000"),
        ("xnor", "10010110"),
        ("majority", "00010111"),
        ("multiplexer", "00110101"),
    ],
)
def test_a_truth_table_of_three_inputs_is_its_eight_rows(gate: str, answers: str) -> None:
    assert len(TruthTable3.parameters["gate"].choices) == 8
    for examples in split(TruthTable3(gate=gate).read(), 0.5, "random", 1).splits.values():
        assert ["".join(f"{value:.0f}" for value in row) for row in examples.inputs["x"]] == [
            "000", "001", "010", "011", "100", "101", "110", "111",
        ]  # fmt: skip
        assert "".join(map(str, examples.targets["label"])) == answers


@pytest.mark.parametrize("kind", [TruthTable, TruthTable3])
def test_repeated_rows_train_more_often_and_validate_once(kind: type[TruthTable | TruthTable3]) -> None:
    once, often = kind().read(), kind(repeats=5).read()
    rows = len(once.splits["train"])
    assert often.facts.counts == {"train": 5 * rows, "validation": rows}
    for start in range(0, 5 * rows, rows):
        part = often.splits["train"].take(slice(start, start + rows))
        np.testing.assert_array_equal(part.inputs["x"], once.splits["train"].inputs["x"])
        np.testing.assert_array_equal(part.targets["label"], once.splits["train"].targets["label"])


def test_features_follow_the_order_of_the_list_and_share_one_range() -> None:
    points = np.array([[6.0, -6.0], [1.0, 2.0]], dtype=np.float32)
    wanted = [[6, -6, 6, 6, -6, np.sin(6), np.sin(-6)], [1, 2, 1 / 6, 4 / 6, 2 / 6, np.sin(1), np.sin(2)]]
    np.testing.assert_allclose(embed(points, FEATURES), wanted, rtol=1e-6)
    source = Xor(features=["xy", "x"])
    assert source.features == ("x", "xy")
    assert source.read().facts.inputs["x"].features == 2
    np.testing.assert_array_equal(source.inputs(points), embed(points, ("x", "xy")))


@pytest.mark.parametrize(
    "wrong",
    [{"noise": 0.6}, {"noise": float("nan")}, {"count": 0}, {"features": []}, {"features": ["z"]}, {"seed": -1}],
)
def test_settings_out_of_range_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(Refusal):
        Xor.from_json(wrong)


def test_pictures_show_all_points() -> None:
    for source in (*(kind(noise=0.5) for kind in SCATTERED), TruthTable()):
        low, high = source.extent
        points = source.points()[0]
        assert source.picture() == "points"
        assert low <= points.min()
        assert points.max() <= high
