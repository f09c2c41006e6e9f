"""One number of a feature map, taken apart, and put together again."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from playground.presets import open_named  # noqa: E402
from playground.probes import LARGEST_ANSWER  # noqa: E402
from playground.probes.convolution import Convolution  # noqa: E402
from playground.training import Trainer  # noqa: E402


@pytest.fixture(scope="module")
def run():
    """The preset of the arithmetic, with padding, stride, dilation and groups, after a few steps."""
    trainer = Trainer(open_named("convolution-arithmetic")[0], device="cpu")
    list(trainer.steps(3))
    return trainer


@pytest.mark.parametrize("node", ["conv_1", "conv_2"])
def test_products_and_bias_add_up_to_the_maps_value_at_every_pixel(run, node):
    known = run.report.nodes[node]
    for number in range(known.block.channels):
        for row in range(known.shape.height):
            for column in range(known.shape.width):
                answer = Convolution(node=node, index=4, map=number, row=row, column=column).measure(run)
                total = float((answer.windows.astype(float) * answer.kernel).sum()) + answer.bias
                assert total == pytest.approx(answer.value, abs=1e-5)
                assert answer.value == answer.made[row, column]
                assert (answer.map, answer.row, answer.column) == (number, row, column)


def test_the_window_is_cut_out_of_the_map_that_comes_in(run):
    answer = Convolution(node="conv_1", row=3, column=2).measure(run)
    assert (answer.top, answer.left) == (2, 1) and answer.inside.all()
    assert np.array_equal(answer.windows[0], answer.came[2:5, 1:4])
    assert np.array_equal(answer.came, run.data.splits["validation"].inputs["x"][0, 0])
    assert answer.sizes == ((8, 8), (8, 8))


def test_the_padding_is_outside_and_zero(run):
    answer = Convolution(node="conv_1").measure(run)
    assert (answer.top, answer.left) == (-1, -1)
    assert answer.inside.tolist() == [[False] * 3, [False, True, True], [False, True, True]]
    assert (answer.windows[0][~answer.inside] == 0).all()


def test_a_group_sees_its_own_channels(run):
    x = {"x": run.data.splits["validation"].inputs["x"][:1]}
    maps = run.look(x, ["relu_1"])["relu_1"][0].numpy()
    for number, first in ((0, 0), (7, 2)):
        for channel in (0, 1):
            answer = Convolution(node="conv_2", map=number, channel=channel).measure(run)
            assert answer.windows.shape == (2, 3, 3) and answer.dilation == (2, 2)
            assert np.array_equal(answer.came, maps[first + channel])


def test_what_is_beyond_the_end_counts_from_the_start_again(run):
    answer = Convolution(node="conv_1", map=5, channel=3, row=9, column=8).measure(run)
    assert (answer.map, answer.channel, answer.row, answer.column) == (1, 0, 1, 0)


def test_only_convolutions_are_taken_apart(run):
    accepted = [id for id, node in run.report.nodes.items() if Convolution.accepts(node)]
    assert accepted == ["conv_1", "conv_2"]
    assert Convolution(node="relu_1").measure(run) is None and Convolution(node="").measure(run) is None


def test_weights_that_are_shared_with_a_dense_layer_are_taken_apart_too(size_of):
    trainer = Trainer(open_named("dense-as-convolution")[0], device="cpu")
    answer = Convolution(node="conv_of_map_size", map=3).measure(trainer)
    assert answer.windows.shape == (8, 4, 4)
    assert float((answer.windows * answer.kernel).sum()) + answer.bias == pytest.approx(answer.value, abs=1e-5)
    assert size_of(answer) < LARGEST_ANSWER
