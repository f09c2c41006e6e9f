"""The decision boundary is what the network answers, point by point."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from playground.blocks.data import Output  # noqa: E402
from playground.data.drawn import DrawnPoints  # noqa: E402
from playground.data.planar import Blobs, TruthTable, Xor  # noqa: E402
from playground.probes.boundary import COARSEST, Boundary, affordable, middles  # noqa: E402

BINARY = Output(task="binary", loss="binary_cross_entropy")


def by_hand(run, point):
    """Walk one point through the layers, without `look` and without batches."""
    h = torch.tanh(torch.as_tensor(point) @ run.network.dense_1.weight.T + run.network.dense_1.bias)
    return (h @ run.network.dense_2.weight.T + run.network.dense_2.bias).detach()


def points_of(answer, cells):
    """Return (row, column, point) of some cells."""
    low, high = answer.extent
    for row, column in ((0, 0), (0, cells - 1), (cells - 1, 0), (7, 11), (cells - 2, 3)):
        x, y = (low + (k + 0.5) * (high - low) / cells for k in (column, row))
        yield row, column, np.array([x, y], dtype=np.float32)


def test_each_cell_holds_the_sigmoid_of_the_score_at_its_middle(planar):
    run = planar(Xor(count=40), BINARY, 1)
    answer = Boundary(cells=20).measure(run)
    assert answer.probability.shape == (20, 20) and answer.probability.dtype == np.float32
    assert answer.classes == ("0", "1") and answer.two and answer.extent == (-6.0, 6.0)
    for row, column, point in points_of(answer, 20):
        expected = 1 / (1 + np.exp(-float(by_hand(run, point)[0])))
        assert answer.probability[row, column] == pytest.approx(expected, rel=1e-5)
        assert answer.winner[row, column] == (expected > 0.5)


def test_under_mean_squared_error_the_answer_is_cut_off_at_0_and_1(planar):
    run = planar(Xor(count=40), Output(task="binary", loss="mse"), 1)
    run.network.dense_2.weight.data.mul_(5)
    answer = Boundary(cells=20).measure(run)
    for row, column, point in points_of(answer, 20):
        expected = np.clip(float(by_hand(run, point)[0]), 0, 1)
        assert answer.probability[row, column] == pytest.approx(expected, rel=1e-5, abs=1e-6)
    assert answer.probability.min() == 0.0 and answer.probability.max() == 1.0


def test_with_several_classes_it_holds_the_winner_and_its_softmax(planar):
    run = planar(Blobs(classes=4, count=40), Output(), 4)
    answer = Boundary(cells=20).measure(run)
    assert len(answer.classes) == 4 and not answer.two
    for row, column, point in points_of(answer, 20):
        scores = by_hand(run, point).double().numpy()
        shares = np.exp(scores) / np.exp(scores).sum()
        assert answer.winner[row, column] == shares.argmax()
        assert answer.probability[row, column] == pytest.approx(shares.max(), rel=1e-5)


def test_softmax_over_two_classes_shows_the_second(planar):
    run = planar(Xor(count=40), Output(), 2)
    answer = Boundary(cells=20).measure(run)
    row, column, point = next(iter(points_of(answer, 20)))
    scores = by_hand(run, point).numpy()
    assert answer.probability[row, column] == pytest.approx(1 / (1 + np.exp(scores[0] - scores[1])), rel=1e-5)


def test_the_points_of_both_splits_come_with_their_classes(planar):
    run = planar(Xor(count=100), BINARY, 1)
    answer = Boundary().measure(run)
    for split in ("train", "validation"):
        examples = run.data.splits[split]
        assert np.array_equal(answer.points[split].where, examples.inputs["x"])
        assert np.array_equal(answer.points[split].labels, examples.targets["label"])


def test_points_are_found_where_the_network_is_not_told_x_and_y(planar):
    source = Xor(count=60, features=("x²", "xy"))
    answer = Boundary().measure(planar(source, BINARY, 1))
    where, labels = source.points()
    shown = answer.points["train"]
    assert len(shown.where) == 48
    for point, label in zip(shown.where, shown.labels, strict=True):
        k = np.flatnonzero((where == point).all(axis=1))
        assert len(k) == 1 and labels[k[0]] == label


def test_a_truth_table_shows_its_own_square(planar):
    answer = Boundary().measure(planar(TruthTable(gate="xor"), BINARY, 1))
    assert answer.extent == (-0.5, 1.5)
    assert sorted(map(tuple, answer.points["train"].where)) == [(0, 0), (0, 1), (1, 0), (1, 1)]


def test_of_very_many_points_some_are_shown_and_the_answer_stays_small(planar, size_of):
    answer = Boundary(cells=160).measure(planar(Xor(count=20_000), BINARY, 1))
    assert 500 <= len(answer.points["train"].where) <= 1000
    assert size_of(answer) <= 256 * 1024


def test_the_grid_gets_coarser_where_the_network_is_dear():
    node = SimpleNamespace(shape=SimpleNamespace(count=10))
    assert affordable(60, SimpleNamespace(macs=50, nodes={"a": node})) == 60
    assert COARSEST < affordable(60, SimpleNamespace(macs=100_000, nodes={"a": node})) < 60
    assert affordable(60, SimpleNamespace(macs=10**12, nodes={"a": node})) == COARSEST


def test_rows_go_up_in_y_and_columns_right_in_x():
    grid = middles((0.0, 4.0), 4).reshape(4, 4, 2)
    assert grid[0, 3].tolist() == [3.5, 0.5] and grid[3, 0].tolist() == [0.5, 3.5]


def test_there_is_no_boundary_of_images(pictured):
    assert Boundary().measure(pictured()) is None


def test_standardised_data_is_shown_where_it_lies_and_asked_as_it_is_fed(planar):
    run = planar(Xor(count=40), BINARY, 1, standardise=True)
    examples = run.data.splits["train"].inputs["x"].astype(np.float64)
    shift, scale = examples.mean(axis=0), examples.std(axis=0)
    answer = Boundary(cells=20).measure(run)
    assert np.array_equal(answer.points["train"].where, run.data.splits["train"].inputs["x"])
    for row, column, point in points_of(answer, 20):
        fed = ((point - shift) / scale).astype(np.float32)
        expected = 1 / (1 + np.exp(-float(by_hand(run, fed)[0])))
        assert answer.probability[row, column] == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("features", [("x", "y"), ("x²", "xy")])
def test_points_that_were_drawn_by_hand_lie_where_they_were_put(planar, features):
    placed = tuple((x / 2, y / 4, (x + y) % 2) for x in range(1, 6) for y in range(1, 6))
    answer = Boundary(cells=20).measure(planar(DrawnPoints(placed=placed, features=features), BINARY, 1))
    assert answer.classes == ("0", "1") and answer.extent == (-6.0, 6.0)
    shown = {
        (float(x), float(y), int(label))
        for points in answer.points.values()
        for (x, y), label in zip(points.where, points.labels, strict=True)
    }
    assert shown == set(placed)
