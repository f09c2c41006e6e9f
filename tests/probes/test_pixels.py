"""One map by itself: which pixels won, what moving the image does, the value of a pixel."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from playground.blocks.activation import ReLU  # noqa: E402
from playground.blocks.combine import Flatten  # noqa: E402
from playground.blocks.convolution import Conv2D  # noqa: E402
from playground.blocks.data import Input, Output  # noqa: E402
from playground.blocks.dense import Dense  # noqa: E402
from playground.blocks.pooling import AdaptiveMaxPool2D, AvgPool2D, LpPool2D, MaxPool2D  # noqa: E402
from playground.data import Data, Examples  # noqa: E402
from playground.probes import LARGEST_ANSWER  # noqa: E402
from playground.probes._moving import ALIKE, CAME_IN, DIFFERS, followed, moved  # noqa: E402
from playground.probes.convolution import Convolution  # noqa: E402
from playground.probes.feature_maps import FeatureMaps  # noqa: E402
from playground.receptive_field import seen_by, window_at  # noqa: E402
from tests.probes.conftest import chain, images  # noqa: E402


def pooling(block):
    """Return a network that pools the maps of a convolution so."""
    middle = Conv2D(channels=3, padding=(1, 1)), block
    return chain(Input(field="image"), *middle, Flatten(), Dense(units=3), Output(target="label"))


def shifted(data, down, right):
    """Return the data with every image moved, pixel by pixel."""
    made = {}
    for split, examples in data.splits.items():
        old = examples.inputs["image"]
        new = np.zeros_like(old)
        for y in range(old.shape[2]):
            for x in range(old.shape[3]):
                if 0 <= y - down < old.shape[2] and 0 <= x - right < old.shape[3]:
                    new[:, :, y, x] = old[:, :, y - down, x - right]
        made[split] = Examples({"image": new}, dict(examples.targets))
    return Data(data.facts, made)


@pytest.mark.parametrize(
    "block",
    [
        MaxPool2D(),
        MaxPool2D(kernel=(3, 3), stride=(2, 2), padding=(1, 1)),
        MaxPool2D(kernel=(5, 5), stride=(5, 4), partial=True),
        AdaptiveMaxPool2D(size=(5, 7)),
    ],
    ids=str,
)
def test_the_winners_are_where_the_largest_values_of_the_windows_are(pictured, block):
    run = pictured(graph=pooling(block))
    answer = FeatureMaps(node="pool_1", index=3, map=2).measure(run)
    image = run.data.splits["validation"].inputs["image"][3:4]
    before = run.look({"image": image}, ("conv_1",))["conv_1"][0, 2].numpy()
    assert np.array_equal(answer.one.pooled.before, before) and answer.one.pooled.size == before.shape
    known = run.report.nodes["pool_1"]
    for row in range(answer.size[0]):
        for column in range(answer.size[1]):
            rows, columns = window_at(known, row, column).within(*before.shape)
            window = before[rows.first : rows.last + 1, columns.first : columns.last + 1]
            y, x = np.unravel_index(window.argmax(), window.shape)
            winner = answer.one.pooled.winners[row, column]
            assert winner.tolist() == [rows.first + y, columns.first + x]
            assert before[tuple(winner)] == answer.maps[0][row, column]


@pytest.mark.parametrize("block", [AvgPool2D(), LpPool2D()], ids=str)
def test_where_nothing_is_chosen_nobody_wins(pictured, block):
    answer = FeatureMaps(node="pool_1", map=0).measure(pictured(graph=pooling(block)))
    assert answer.one.pooled.before.shape == (12, 12) and answer.one.pooled.winners is None


def test_a_pooling_that_is_bypassed_and_other_nodes_pool_nothing(pictured):
    run = pictured(graph=pooling(MaxPool2D()).mark("pool_1", state="bypassed"))
    assert FeatureMaps(node="pool_1", map=0).measure(run).one.pooled is None
    assert FeatureMaps(node="conv_1", map=0).measure(run).one.pooled is None


def test_one_map_is_the_one_among_all_and_has_their_scale(pictured):
    run = pictured()
    every = FeatureMaps(node="conv_1", index=2).measure(run)
    one = FeatureMaps(node="conv_1", index=2, map=4, row=3, column=9).measure(run)
    assert every.one is None and np.array_equal(one.maps, every.maps[4:5])
    assert (one.low, one.high, one.total) == (every.low, every.high, every.total)
    assert (one.one.map, one.one.at, one.one.value) == (4, (3, 9), every.maps[4, 3, 9])
    assert (one.field, one.image_size) == ("image", (12, 12))
    assert one.one.still is None and one.one.followed is None


@pytest.mark.parametrize("way", [(0, 4), (-3, 2), (12, 0), (1, -1)])
def test_moving_the_example_is_moving_the_data(pictured, way):
    data, (down, right) = images(channels=2), way
    run, other = pictured(data), pictured(shifted(data, down, right))
    before, after = (one.data.splits["train"].inputs["image"] for one in (run, other))
    assert np.array_equal(moved(before, down, right), after)
    for node in ("conv_1", "pool_1"):
        answer = FeatureMaps(node=node, index=5, down=down, right=right).measure(run)
        expected = FeatureMaps(node=node, index=5).measure(other)
        assert np.array_equal(answer.maps, expected.maps) and np.array_equal(answer.image, expected.image)
        assert (answer.predicted, answer.confidence) == (expected.predicted, expected.confidence)
    cut = Convolution(node="conv_1", index=5, down=down, right=right).measure(run)
    assert np.array_equal(cut.windows, Convolution(node="conv_1", index=5).measure(other).windows)


def test_the_map_follows_the_image_but_where_the_border_is_seen(pictured):
    graph = chain(
        Input(field="image"),
        *(Conv2D(channels=3, padding=(1, 1)), ReLU(), MaxPool2D(), Conv2D(channels=2, padding=(1, 1))),
        *(Flatten(), Dense(units=3), Output(target="label")),
    )
    run = pictured(graph=graph)
    still = FeatureMaps(node="conv_2", index=1, map=1).measure(run)
    answer = FeatureMaps(node="conv_2", index=1, map=1, down=2, right=-4).measure(run)
    one = answer.one
    assert one.by == (1, -2) and np.array_equal(one.still, still.maps[0])
    assert one.alike + one.differing == 5 * 4 == np.count_nonzero(one.followed != CAME_IN)
    assert one.differing and one.alike
    for row in range(6):
        for column in range(6):
            state = one.followed[row, column]
            was = row - 1, column + 2
            assert (state == CAME_IN) == (not (0 <= was[0] < 6 and 0 <= was[1] < 6))
            if state == ALIKE:
                assert answer.maps[0][row, column] == pytest.approx(still.maps[0][was], abs=1e-4)
            if state == DIFFERS:
                assert answer.maps[0][row, column] != still.maps[0][was]
                here = seen_by(run.report, "conv_2", row, column)["image"]
                there = seen_by(run.report, "conv_2", *was)["image"]
                assert here.on_padding or there.on_padding, "what is seen lies on the image in both cases"


def test_between_two_steps_of_a_stride_no_map_can_follow(pictured):
    one = FeatureMaps(node="pool_1", map=0, right=3).measure(pictured()).one
    assert one.by is None and one.followed is None and one.still is not None


def test_a_map_that_is_large_comes_small_with_the_value_of_the_pixel_asked_for(pictured, size_of):
    graph = chain(
        Input(field="image"),
        *(Conv2D(channels=2, padding=(1, 1)), MaxPool2D(kernel=(2, 2), stride=(1, 1))),
        *(Flatten(), Dense(units=3), Output(target="label")),
    )
    run = pictured(images(channels=3, side=150, count=2), graph)
    answer = FeatureMaps(node="pool_1", map=1, row=148, column=7, down=2).measure(run)
    image = moved(run.data.splits["validation"].inputs["image"][:1], 2, 0)
    real = run.look({"image": image}, ("pool_1",))["pool_1"][0, 1]
    assert answer.one.value == real[148, 7].item() and answer.size == (149, 149)
    assert answer.maps.size <= 10_000 and answer.one.followed is None and answer.one.pooled.winners is None
    assert answer.one.alike > 100 * 100
    assert size_of(answer) <= LARGEST_ANSWER


def test_the_largest_answer_is_small_enough(pictured, size_of):
    run = pictured(images(channels=3, side=100, count=2), pooling(MaxPool2D(kernel=(1, 1), stride=(1, 1))))
    answer = FeatureMaps(node="pool_1", map=1, down=2).measure(run)
    assert answer.one.followed is not None and answer.one.pooled.winners is not None and answer.one.still is not None
    assert size_of(answer) <= LARGEST_ANSWER


def test_rounding_and_values_that_are_no_numbers_are_borne():
    still = np.linspace(-1, 1, 25, dtype=np.float32).reshape(5, 5)
    now = moved(still, 1, 0) + np.float32(1e-6)
    assert np.count_nonzero(followed(now, still, 1, 0) == ALIKE) == 20
    now[3, 3] = np.nan
    assert followed(now, still, 1, 0)[3, 3] == DIFFERS
    assert (followed(np.full((2, 2), np.nan), np.full((2, 2), np.inf), 0, 0) == DIFFERS).all()
    assert not moved(still, 5, 0).any() and not moved(still, 0, -9).any()


def test_moving_leaves_the_data_as_they_are(pictured):
    run = pictured()
    before = run.data.splits["validation"].inputs["image"].copy()
    FeatureMaps(node="conv_1", map=0, down=3).measure(run)
    assert np.array_equal(run.data.splits["validation"].inputs["image"], before)
