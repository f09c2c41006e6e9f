"""The weights of one node, as they are."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from playground.blocks.data import Output  # noqa: E402
from playground.data.planar import Xor  # noqa: E402
from playground.presets import open_named  # noqa: E402
from playground.probes import LARGEST_ANSWER  # noqa: E402
from playground.probes.weights import Weights  # noqa: E402
from playground.text import Refusal  # noqa: E402
from playground.training import Trainer  # noqa: E402

BINARY = Output(task="binary", loss="binary_cross_entropy")


def test_it_answers_with_the_weights_of_the_moment_by_name(planar):
    run = planar(Xor(count=40), BINARY, 1)
    before = Weights(node="dense_1").measure(run)
    list(run.steps(3))
    answer = Weights(node="dense_1").measure(run)
    assert (before.step, answer.step) == (0, 3)
    assert set(answer.weights) == set(run.report.nodes["dense_1"].weights) == {"weight", "bias"}
    for name, array in answer.weights.items():
        assert array.dtype == np.float32 and array.shape == run.report.nodes["dense_1"].weights[name]
        assert array.tolist() == getattr(run.network.dense_1, name).tolist()
    assert not np.array_equal(before.weights["weight"], answer.weights["weight"])
    assert answer.left_out == ()


def test_weights_that_are_shared_are_told_in_the_shape_of_the_one_that_is_asked():
    run = Trainer(open_named("dense-as-convolution")[0], device="cpu")
    ours, theirs = (Weights(node=node).measure(run).weights for node in ("conv_of_map_size", "dense"))
    assert ours["weight"].shape == (10, 8, 4, 4) and np.array_equal(ours["weight"].reshape(10, 128), theirs["weight"])
    assert np.array_equal(ours["bias"], theirs["bias"])


def test_the_answer_is_a_copy(planar):
    run = planar(Xor(count=40), BINARY, 1)
    answer = Weights(node="dense_1").measure(run)
    kept = answer.weights["weight"].copy()
    with torch.no_grad():
        run.network.dense_1.weight.fill_(7)
    assert np.array_equal(answer.weights["weight"], kept)


def test_other_kinds_of_numbers_are_told_in_single_precision(planar):
    run = planar(Xor(count=40), BINARY, 1)
    run.network.dense_1.double()
    assert Weights(node="dense_1").measure(run).weights["weight"].dtype == np.float32


@pytest.mark.parametrize("node", ["tanh_1", "input_1", "output_1", "nowhere", ""])
def test_where_there_is_nothing_to_tell_there_is_no_answer(planar, node):
    assert Weights(node=node).measure(planar(Xor(count=40), BINARY, 1)) is None


def test_what_is_too_large_is_left_out_and_the_rest_is_there(planar, size_of):
    run = planar(Xor(count=40), BINARY, 1, hidden=40_000)
    answer = Weights(node="dense_1").measure(run)
    assert set(answer.weights) == {"bias"} and answer.left_out == ("weight",)
    assert size_of(answer) <= LARGEST_ANSWER


def test_where_all_is_too_large_it_says_so(planar):
    run = planar(Xor(count=40), BINARY, 1, hidden=65_536)
    with pytest.raises(Refusal, match="the weights of dense_1 are too many to be shown"):
        Weights(node="dense_1").measure(run)


def test_it_travels_and_is_not_offered_to_be_watched():
    probe = Weights(node="dense_1")
    assert pickle.loads(pickle.dumps(probe)) == probe
    assert Weights.per_node and Weights.once
