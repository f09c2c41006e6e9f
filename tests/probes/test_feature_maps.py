"""Feature maps and thumbnails are what really leaves a node."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from playground.blocks.data import Input  # noqa: E402
from playground.data import Data  # noqa: E402
from playground.facts import DataFacts  # noqa: E402
from playground.probes.feature_maps import FeatureMaps  # noqa: E402
from playground.probes.thumbnails import Thumbnails  # noqa: E402
from tests.probes.conftest import CLASSES, chain, image_graph, images  # noqa: E402


def hooked(run, node, image):
    """Catch with a forward hook what leaves a node, and what the network answers."""
    caught = []
    handle = getattr(run.network, node).register_forward_hook(lambda _m, _i, out: caught.append(out.detach()))
    with torch.no_grad():
        scores = run.network({"image": torch.as_tensor(image)[None]})["output_1"][0]
    handle.remove()
    return caught[0][0].numpy(), scores


@pytest.mark.parametrize("node", ["conv_1", "relu_1", "pool_1"])
def test_the_maps_are_those_that_a_hook_catches(pictured, node):
    run = pictured()
    image = run.data.splits["validation"].inputs["image"][7]
    expected, scores = hooked(run, node, image)
    answer = FeatureMaps(node=node, index=7).measure(run)
    assert np.array_equal(answer.maps, expected) and answer.maps.dtype == np.float32
    assert (answer.low, answer.high) == (expected.min(), expected.max())
    assert (answer.total, answer.size) == (5, expected.shape[1:])
    assert np.array_equal(answer.image, image)
    assert answer.label == CLASSES[run.data.splits["validation"].targets["label"][7]]
    assert answer.predicted == CLASSES[int(scores.argmax())]
    assert answer.confidence == pytest.approx(float(torch.softmax(scores, 0).max()), rel=1e-5)
    assert (answer.split, answer.index, answer.count) == ("validation", 7, 40)


def test_the_train_split_and_an_index_beyond_the_end(pictured):
    run = pictured()
    answer = FeatureMaps(node="input_1", split="train", index=43).measure(run)
    assert answer.index == 3 and np.array_equal(answer.maps, run.data.splits["train"].inputs["image"][3])


def test_without_validation_examples_the_training_set_is_shown(pictured):
    answer = FeatureMaps(node="conv_1").measure(pictured(images(splits=("train",))))
    assert answer.split == "train"


def test_a_node_without_images_and_one_that_is_not_there_have_no_maps(pictured):
    run = pictured()
    assert FeatureMaps(node="dense_1").measure(run) is None
    assert FeatureMaps(node="").measure(run) is None
    assert [id for id, node in run.report.nodes.items() if FeatureMaps.accepts(node)] == [
        "input_1",
        "conv_1",
        "relu_1",
        "pool_1",
    ]


def test_64_maps_of_28_by_28_are_sent_as_they_are(pictured, size_of):
    run = pictured(images(side=30, count=4), image_graph(maps=70))
    answer = FeatureMaps(node="conv_1").measure(run)
    assert answer.maps.shape == (64, 28, 28) and answer.total == 70
    expected, _ = hooked(run, "conv_1", answer.image)
    assert np.array_equal(answer.maps, expected[:64])
    assert size_of(answer) <= 256 * 1024


def test_large_maps_are_averaged_until_they_fit(pictured, size_of):
    run = pictured(images(channels=3, side=224, count=2), image_graph(maps=16))
    answer = FeatureMaps(node="conv_1").measure(run)
    expected, _ = hooked(run, "conv_1", run.data.splits["validation"].inputs["image"][0])
    assert answer.size == (222, 222) and answer.maps.shape[0] == 16 and 30 < answer.maps.shape[1] < 60
    assert answer.maps.mean() == pytest.approx(expected.mean(), abs=0.02)
    assert (answer.low, answer.high) == (expected.min(), expected.max())
    assert size_of(answer) <= 256 * 1024


def test_maps_that_are_not_numbers_stay_so_and_the_range_leaves_them_out(pictured):
    run = pictured()
    run.network.conv_1.weight.data[0, 0, 0, 0] = float("nan")
    answer = FeatureMaps(node="conv_1").measure(run)
    assert np.isnan(answer.maps[0]).all() and np.isfinite([answer.low, answer.high]).all()


def test_thumbnails_show_the_first_four_maps_of_every_image_node(pictured, size_of):
    run = pictured()
    answer = Thumbnails(index=2).measure(run)
    assert set(answer.mosaics) == {"input_1", "conv_1", "relu_1", "pool_1"}
    assert answer.tiles == {"input_1": 1, "conv_1": 4, "relu_1": 4, "pool_1": 4}
    expected, _ = hooked(run, "conv_1", run.data.splits["validation"].inputs["image"][2])
    shown = answer.mosaics["conv_1"]
    assert shown.dtype == np.uint8 and shown.shape == (10, 40)
    low, high = expected[:4].min(), expected[:4].max()
    for k in range(4):
        assert np.abs(shown[:, 10 * k : 10 * k + 10] - (expected[k] - low) / (high - low) * 255).max() <= 0.51
    assert size_of(answer) <= 256 * 1024


def test_thumbnails_of_large_images_are_small_and_of_constant_ones_black(pictured, size_of):
    run = pictured(images(channels=3, side=100, count=2))
    for parameter in run.network.conv_1.parameters():
        parameter.data.zero_()
    answer = Thumbnails().measure(run)
    assert answer.mosaics["input_1"].shape == (28, 3 * 28)
    assert not answer.mosaics["conv_1"].any()
    assert size_of(answer) <= 256 * 1024


def test_without_examples_there_is_nothing_to_show(pictured):
    run = pictured()
    run.data = Data(DataFacts(), {})
    assert Thumbnails().measure(run) is None and FeatureMaps(node="conv_1").measure(run) is None


def test_a_graph_of_an_input_alone_has_a_thumbnail(pictured):
    assert chain(Input(field="image")).nodes  # the block itself needs no more
    assert Thumbnails().measure(pictured()).tiles["input_1"] == 1
