"""What the network says to an input of one's own is what it says to the same numbers among the data."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from playground.blocks.data import Output  # noqa: E402
from playground.blocks.embedding import Embedding  # noqa: E402
from playground.blocks.pooling import MaxOverTime  # noqa: E402
from playground.data import Data, Examples, column  # noqa: E402
from playground.data.planar import Xor  # noqa: E402
from playground.experiment import Experiment, Training  # noqa: E402
from playground.facts import DataFacts, Target  # noqa: E402
from playground.picture import Picture  # noqa: E402
from playground.preparation import Preparation, prepare  # noqa: E402
from playground.probes._entering import form_of, pixel_range  # noqa: E402
from playground.probes.class_activation import ClassActivation  # noqa: E402
from playground.probes.convolution import Convolution  # noqa: E402
from playground.probes.feature_maps import FeatureMaps  # noqa: E402
from playground.probes.own_input import OwnInput  # noqa: E402
from playground.shape import Shape  # noqa: E402
from playground.training import Trainer  # noqa: E402
from tests.examples import chain, preset  # noqa: E402
from tests.probes.conftest import CLASSES, Dense, Input, image_graph, images  # noqa: E402

SCALES = {
    "shares": lambda pixels: pixels.astype(np.float32) / np.float32(255),
    "bytes": lambda pixels: pixels.astype(np.float32),
    "signed": lambda pixels: np.float32(-1) + pixels.astype(np.float32) / np.float32(255) * np.float32(2),
    "twelve": lambda pixels: pixels.astype(np.float32) / np.float32(255) * np.float32(12),
}
"""How data may have the pixels of files."""


def pixelled(scale="shares", channels=1, side=12, count=40):
    """A run on standardised images that are eight bits a pixel, and their pixels."""
    pixels = np.random.default_rng(3).integers(0, 256, (2, count, channels, side, side)).astype(np.uint8)
    pixels[0, 0, 0, 0, :2] = 0, 255  # black and white are among those that train
    labels = np.random.default_rng(4).integers(0, 3, count)
    splits = {
        split: Examples({"image": SCALES[scale](one)}, {"label": labels})
        for split, one in zip(("train", "validation"), pixels, strict=True)
    }
    facts = DataFacts(
        {"image": Shape(channels=channels, height=side, width=side)},
        {"label": Target(CLASSES)},
        dict.fromkeys(splits, count),
    )
    experiment = Experiment(
        graph=image_graph(), preparation=Preparation(standardise=True), training=Training(batch_size=16)
    )
    run = Trainer(experiment, Data(facts, splits), device="cpu")
    for _ in run.steps(5):
        pass
    return run, pixels[1]


def told(run, values):
    """Return the probabilities of the classes by hand: standardised, run through, softmax."""
    train = run.data.splits["train"].inputs["image"].astype(np.float64)
    mean, spread = train.mean(axis=(0, 2, 3), keepdims=True), train.std(axis=(0, 2, 3), keepdims=True)
    entering = torch.as_tensor(((values - mean[0]) / spread[0])[None].astype(np.float32))
    run.network.eval()
    with torch.no_grad():
        scores = run.network({"image": entering})["output_1"][0].double().numpy()
    raised = np.exp(scores - scores.max())
    return raised / raised.sum()


# -- pictures ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("channels", [1, 3])
def test_a_picture_that_is_like_one_of_the_data_is_answered_bit_for_bit_like_it(scale, channels):
    run, pixels = pixelled(scale, channels)
    own = Picture.of(pixels[7])
    mine, theirs = FeatureMaps(node="conv_1", own=own).measure(run), FeatureMaps(node="conv_1", index=7).measure(run)
    assert np.array_equal(mine.maps, theirs.maps) and np.array_equal(mine.image, theirs.image)
    assert (mine.own, mine.label, theirs.own) == (True, "", False) and theirs.label
    assert (mine.predicted, mine.confidence) == (theirs.predicted, theirs.confidence)
    mine, theirs = (
        Convolution(node="conv_1", row=2, column=3, **one).measure(run) for one in ({"own": own}, {"index": 7})
    )
    assert np.array_equal(mine.windows, theirs.windows) and mine.value == theirs.value
    mine, theirs = (ClassActivation(node="conv_1", **one).measure(run) for one in ({"own": own}, {"index": 7}))
    assert np.array_equal(mine.map, theirs.map)
    mine, theirs = OwnInput(picture=own).measure(run), OwnInput(index=7).measure(run)
    assert np.array_equal(mine.chances, theirs.chances) and (mine.own, theirs.own) == (True, False)
    assert mine.label == -1 and theirs.label == run.data.splits["validation"].targets["label"][7]


@pytest.mark.parametrize("scale", SCALES)
def test_the_probabilities_are_those_of_a_forward_pass_by_hand(scale):
    run, pixels = pixelled(scale)
    drawn = np.zeros((1, 12, 12), dtype=np.uint8)
    drawn[0, 2:10, 5:7] = 255
    answer = OwnInput(picture=Picture.of(drawn)).measure(run)
    assert answer.classes == CLASSES and answer.numbers == (0, 1, 2)
    assert answer.chances == pytest.approx(told(run, SCALES[scale](drawn)), abs=1e-5)
    example = OwnInput(index=3).measure(run)
    assert example.chances == pytest.approx(told(run, SCALES[scale](pixels[3])), abs=1e-5)
    assert np.array_equal(example.pixels, pixels[3]) and answer.pixels is None


def test_moving_it_moves_what_was_drawn():
    run, pixels = pixelled()
    own = Picture.of(pixels[7])
    mine = FeatureMaps(node="conv_1", own=own, down=2, right=-1, map=0).measure(run)
    theirs = FeatureMaps(node="conv_1", index=7, down=2, right=-1, map=0).measure(run)
    assert np.array_equal(mine.maps, theirs.maps) and np.array_equal(mine.one.followed, theirs.one.followed)


def test_a_picture_of_another_size_is_left_aside():
    run, _ = pixelled()
    for sizes in ((1, 12, 11), (3, 12, 12)):
        strange = Picture.of(np.zeros(sizes))
        assert not FeatureMaps(node="conv_1", own=strange).measure(run).own
        assert not OwnInput(picture=strange).measure(run).own


def test_what_is_black_and_white_is_learnt_from_those_that_train(pictured):
    for scale, ends in (("shares", (0, 1)), ("bytes", (0, 255)), ("signed", (-1, 1)), ("twelve", (0, 12))):
        assert pixel_range(pixelled(scale)[0], "image") == ends
    run = pictured()  # normal numbers
    values = run.data.splits["train"].inputs["image"][:64]
    assert pixel_range(run, "image") == (values.min(), values.max())


def test_an_answer_is_small_and_tells_of_the_likeliest_of_many_classes(pictured, size_of):
    data = images(channels=3, side=224, count=2)
    many = tuple(f"class {k}" for k in range(300))
    data = replace(data, facts=replace(data.facts, targets={"label": Target(many)}))
    graph = chain(Input(field="image"), *_pooled(), Dense(units=300), Output(target="label"))
    run = pictured(data, graph)
    answer = OwnInput().measure(run)
    scores = run.look({"image": data.splits["validation"].inputs["image"][:1]}, ("output_1",))["output_1"][0]
    order = scores.argsort(descending=True).tolist()
    expected = list(dict.fromkeys([answer.label, *order]))[:20]
    assert answer.numbers == tuple(sorted(expected)) and len(answer.chances) == 20
    assert answer.classes == tuple(many[k] for k in answer.numbers)
    assert answer.pixels is None and size_of(answer) < 4000


def _pooled():
    from playground.blocks.combine import Flatten
    from playground.blocks.pooling import AdaptiveAvgPool2D

    return AdaptiveAvgPool2D(size=(4, 4)), Flatten()


def test_asking_leaves_the_run_as_it_is():
    run, pixels = pixelled()
    run.network.train()
    before = {name: value.clone() for name, value in run.network.state_dict().items()}
    chance = torch.get_rng_state()
    OwnInput(picture=Picture.of(pixels[0])).measure(run)
    FeatureMaps(node="conv_1", own=Picture.of(pixels[0])).measure(run)
    assert torch.equal(torch.get_rng_state(), chance) and run.network.training
    assert all(torch.equal(before[name], value) for name, value in run.network.state_dict().items())


# -- numbers -------------------------------------------------------------------------------------------------------


def test_numbers_are_answered_as_a_forward_pass_by_hand_answers_them(planar):
    run = planar(Xor(count=200), Output(task="binary", loss="binary_cross_entropy"), 1, standardise=True)
    for _ in run.steps(10):
        pass
    answer = OwnInput(given=((3.0,), (-2.5,))).measure(run)
    train = run.data.splits["train"].inputs["x"].astype(np.float64)
    entering = (np.array([[3.0, -2.5]]) - train.mean(axis=0)) / train.std(axis=0)
    with torch.no_grad():
        score = run.network({"x": torch.as_tensor(entering.astype(np.float32))})["output_1"].item()
    assert answer.chances == pytest.approx([1 - 1 / (1 + np.exp(-score)), 1 / (1 + np.exp(-score))], abs=1e-5)
    assert (answer.form, answer.own, answer.label, answer.names) == ("numbers", True, -1, ("x", "y"))
    assert np.array_equal(answer.values, np.array([3.0, -2.5], dtype=np.float32))
    assert np.array_equal(answer.lows, train.min(axis=0)) and np.array_equal(answer.highs, train.max(axis=0))


def test_without_enough_numbers_it_is_the_example_that_is_answered(planar):
    run = planar(Xor(count=200), Output(task="binary", loss="binary_cross_entropy"), 1)
    answer = OwnInput(index=4, given=((1.0,),)).measure(run)
    assert not answer.own and answer.label == run.data.splits["validation"].targets["label"][4]
    assert np.array_equal(answer.values, run.data.splits["validation"].inputs["x"][4])


def test_a_network_of_numbers_answers_in_the_units_of_the_data(planar):
    run = planar(Xor(count=40), Output(task="binary", loss="binary_cross_entropy"), 1)  # its points, with other targets
    splits = {
        split: Examples(dict(one.inputs), {"y": one.inputs["x"].sum(axis=1, keepdims=True)})
        for split, one in run.data.splits.items()
    }
    facts = replace(run.data.facts, targets={"y": Target(shape=Shape(features=1))})
    data = Data(facts, splits, scaled={"y": (100.0, 8.0)})
    graph = chain(Input(), Dense(units=1), Output(target="y", task="regression", loss="mse"))
    run = Trainer(Experiment(graph=graph), data, device="cpu")
    answer = OwnInput(given=((0.5,), (2.0,))).measure(run)
    dense = run.network.dense_1
    expected = (dense.weight.detach().numpy() @ [0.5, 2.0] + dense.bias.detach().numpy()) * 8 + 100
    assert answer.said == pytest.approx(tuple(expected), rel=1e-5) and answer.wanted == ()
    example = OwnInput(index=2).measure(run)
    assert example.wanted == pytest.approx([data.splits["validation"].targets["y"][2, 0] * 8 + 100])
    assert example.chances is None and example.classes == ()


# -- words ---------------------------------------------------------------------------------------------------------


def reading():
    words = ["good", "bad", "film", "plot", "was"]
    rng = np.random.default_rng(4)
    texts = column([tuple(rng.choice(words, size=rng.integers(2, 7))) for _ in range(60)])
    facts = DataFacts(targets={"label": Target(("no", "yes"))}, counts={"train": 60})
    examples = Examples({"text": texts}, {"label": rng.integers(0, 2, 60)})
    data = prepare(Data(facts, {"train": examples}), Preparation(), 1)
    graph = chain(Input(field="text"), Embedding(size=6), MaxOverTime(), Dense(units=2), Output())
    return Trainer(Experiment(graph=graph, facts=data.facts), data, device="cpu")


def test_words_are_answered_as_the_weights_say_and_unknown_ones_are_told():
    run = reading()
    answer = OwnInput(own="good Zebra film").measure(run)
    known = run.data.vocabularies["text"]
    table = run.network.embed_1.weight.detach().numpy()
    pooled = table[[known.index("good"), 1, known.index("film")]].max(axis=0)
    dense = run.network.dense_1
    scores = dense.weight.detach().numpy() @ pooled + dense.bias.detach().numpy()
    assert answer.chances == pytest.approx(np.exp(scores) / np.exp(scores).sum(), abs=1e-6)
    assert answer.words == ("good", "Zebra", "film") and answer.unknown == (1,)
    assert answer.own and answer.label == -1 and answer.form == "words"
    example = OwnInput(index=3).measure(run)
    row = run.data.splits["validation"].inputs["text"][3]
    assert example.words == tuple(known[one] for one in row if one) and not example.own


# -- what does not fit ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("action-recognition", "clip or a series"),
        ("forecast", "clip or a series"),
        ("lstm-tagger", "word by word"),
        ("autoencoder", "neither a class nor a few numbers"),
        ("lenet", ""),
        ("iris", ""),
        ("sentiment-lstm", ""),
        ("approximation-2d", ""),
    ],
)
def test_a_network_that_cannot_be_asked_so_says_why(name, said):
    experiment = preset(name)
    why = OwnInput.misfit(experiment.examined(), experiment.facts)
    assert said in str(why) if said else why is None


def test_without_a_network_there_is_nothing_to_ask():
    experiment = preset("lenet")
    bare = replace(experiment, graph=chain(Input(field="nothing")))
    assert form_of(bare.examined()) == ("", "")
    assert "complete" in str(OwnInput.misfit(bare.examined(), bare.facts))
