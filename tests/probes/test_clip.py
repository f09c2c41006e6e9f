"""A clip followed frame by frame is what the network has at each frame and says after it."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from playground.block import Block  # noqa: E402
from playground.blocks.activation import ReLU  # noqa: E402
from playground.blocks.combine import Flatten  # noqa: E402
from playground.blocks.convolution import Conv1D, Conv2D  # noqa: E402
from playground.blocks.data import Input, Output  # noqa: E402
from playground.blocks.dense import Dense  # noqa: E402
from playground.blocks.pooling import LastStep, MaxOverTime  # noqa: E402
from playground.blocks.recurrence import LSTM  # noqa: E402
from playground.data import Data, Examples  # noqa: E402
from playground.experiment import Experiment, Training  # noqa: E402
from playground.facts import DataFacts, Target  # noqa: E402
from playground.graph import Graph, Wire  # noqa: E402
from playground.preparation import Preparation  # noqa: E402
from playground.probes.activation import Activation  # noqa: E402
from playground.probes.clip import MOST_FRAMES, Clip  # noqa: E402
from playground.probes.convolution import Convolution  # noqa: E402
from playground.probes.feature_maps import FeatureMaps  # noqa: E402
from playground.probes.kernels import Kernels  # noqa: E402
from playground.probes.thumbnails import Thumbnails  # noqa: E402
from playground.shape import Shape  # noqa: E402
from playground.training import Trainer  # noqa: E402

MOTIONS = ("left", "right", "still")


def clips(frames=4, channels=1, side=8, classes=MOTIONS, count=6):
    rng = np.random.default_rng(5)
    made = Examples(
        {"x": rng.normal(size=(count, frames, channels, side, side)).astype(np.float32)},
        {"label": rng.integers(0, len(classes), count)},
    )
    shape = Shape(time=frames, channels=channels, height=side, width=side)
    return Data(DataFacts({"x": shape}, {"label": Target(classes)}, {"train": count}), {"train": made})


def chained(*blocks: Block) -> Graph:
    """Wire blocks one after the other, each at the first of the ports of the one before."""
    graph, before = Graph(), ""
    for block in blocks:
        id = graph.fresh_id(block)
        graph = graph.add(block, id)
        if before:
            port = graph.nodes[before].block.outputs[0]
            graph = graph.connect(Wire(before, id, port, block.ports()[0].name))
        before = id
    return graph


def reading(*middle: Block, units: int = 3) -> Graph:
    """A convolution on every frame, and what reads them."""
    head = middle or (LSTM(units=5), LastStep())
    frames = (Conv2D(channels=2), ReLU(), Flatten(keep_time=True))
    return chained(Input(), *frames, *head, Dense(units=units), Output())


def run(data=None, graph=None, **preparation):
    experiment = Experiment(
        graph=graph or reading(), preparation=Preparation(**preparation), training=Training(batch_size=4)
    )
    return Trainer(experiment, data or clips(), device="cpu")


def test_the_maps_are_those_that_leave_the_node_at_every_frame():
    trainer = run()
    answer = Clip(node="conv_1", index=2).measure(trainer)
    expected = trainer.look(trainer.data.splits["train"].take(slice(2, 3)).inputs, ["conv_1"])["conv_1"][0].numpy()
    assert np.array_equal(answer.maps, expected) and answer.maps.shape == (4, 2, 6, 6)
    assert (answer.low, answer.high) == (expected.min(), expected.max())
    assert (answer.total, answer.size, answer.index, answer.count, answer.split) == (2, (6, 6), 2, 6, "train")
    assert answer.classes == MOTIONS and answer.numbers == (0, 1, 2)
    assert answer.label == trainer.data.splits["train"].targets["label"][2]


def test_what_is_said_after_each_frame_is_the_classifier_on_that_step_of_the_lstm():
    trainer = run(standardise=True)
    answer = Clip(node="conv_1", index=3).measure(trainer)
    inputs = trainer.data.splits["train"].take(slice(3, 4)).inputs
    steps = trainer.look(inputs, ["lstm_1"])["lstm_1"][0]  # (time, units): what the LSTM says at every step
    expected = torch.softmax(trainer.network.dense_1(steps), dim=1).detach().numpy()
    assert answer.chances == pytest.approx(expected, abs=1e-6)
    assert np.abs(np.diff(answer.chances, axis=0)).max() > 1e-4, "it says the same at every frame: this proves nothing"


def test_nothing_of_the_frames_to_come_is_in_what_is_said():
    trainer = run()
    before = Clip(node="conv_1").measure(trainer).chances
    trainer.data.splits["train"].inputs["x"][0, 2:] = 7.0
    after = Clip(node="conv_1").measure(trainer).chances
    assert np.array_equal(before[:2], after[:2]) and not np.allclose(before[2:], after[2:])


def test_a_network_that_needs_all_frames_says_something_after_the_last_only():
    trainer = run(graph=chained(Input(), Conv2D(channels=2), Flatten(), Dense(units=3), Output()))
    chances = Clip(node="conv_1").measure(trainer).chances
    assert np.isnan(chances[:3]).all() and chances[3].sum() == pytest.approx(1.0)


def test_a_window_over_several_frames_says_something_as_soon_as_it_is_filled():
    trainer = run(graph=reading(Conv1D(channels=4, kernel=3), MaxOverTime()))
    chances = Clip(node="conv_1").measure(trainer).chances
    assert np.isnan(chances[:2]).all() and np.isfinite(chances[2:]).all()


def test_a_network_that_does_not_choose_between_classes_has_no_probabilities():
    data = clips()
    facts = DataFacts(data.facts.inputs, {"y": Target(shape=Shape(features=1))}, data.facts.counts)
    inputs = data.splits["train"].inputs
    data = Data(facts, {"train": Examples(inputs, {"y": np.zeros((6, 1), dtype=np.float32)})})
    graph = chained(Input(), Flatten(), Dense(units=1), Output(target="y", task="regression", loss="mse"))
    answer = Clip(node="input_1").measure(run(data, graph))
    assert answer.numbers == () and answer.chances.shape == (4, 0) and answer.label == -1


def test_of_many_classes_the_most_probable_are_shown_and_the_right_one():
    names = tuple(f"c{k}" for k in range(15))
    trainer = run(clips(classes=names), reading(units=15))
    answer = Clip(node="conv_1").measure(trainer)
    assert len(answer.numbers) == 10 and answer.label in answer.numbers
    assert answer.classes == tuple(names[n] for n in answer.numbers) and answer.chances.shape == (4, 10)
    whole = trainer.look(trainer.data.splits["train"].take(slice(0, 1)).inputs, ["output_1"])["output_1"][0]
    assert int(whole.argmax()) in answer.numbers


def test_the_frames_are_pictures_on_one_scale():
    data = clips()
    data.splits["train"].inputs["x"][0] = np.arange(4)[:, None, None, None]
    frames = Clip(node="conv_1").measure(run(data)).frames
    assert frames.dtype == np.uint8 and frames.shape == (4, 8, 8, 3)
    assert [int(frame.max()) for frame in frames] == [0, 85, 170, 255]


def test_long_and_large_clips_are_made_small_enough(size_of):
    data = clips(frames=40, channels=3, side=64, count=2)
    answer = Clip(node="conv_1").measure(run(data, reading(MaxOverTime())))
    assert len(answer.frames) == len(answer.maps) == len(answer.chances) == MOST_FRAMES
    assert answer.size == (62, 62) and size_of(answer) <= 256 * 1024


def test_a_clip_that_is_too_dear_to_be_cut_again_and_again_is_judged_as_a_whole(monkeypatch):
    trainer = run()
    monkeypatch.setattr("playground.probes.clip.LARGEST_CLIP", trainer.report.macs)
    chances = Clip(node="conv_1").measure(trainer).chances
    assert np.isnan(chances[:3]).all() and np.isfinite(chances[3]).all()


def test_watching_a_clip_leaves_the_run_as_it_was():
    watched, alone = run(), run()
    for _ in range(3):
        Clip(node="conv_1").measure(watched)
        assert [s.loss for s in watched.steps(watched.number + 1)] == [s.loss for s in alone.steps(alone.number + 1)]


def test_only_nodes_out_of_which_clips_come_are_asked():
    trainer = run()
    assert [id for id, node in trainer.report.nodes.items() if Clip.accepts(node)] == ["input_1", "conv_1", "relu_1"]
    assert Clip(node="lstm_1").measure(trainer) is None and Clip(node="").measure(trainer) is None
    trainer.data = Data(trainer.data.facts, {})
    assert Clip(node="conv_1").measure(trainer) is None


# -- the other probes at a node with clips -----------------------------------------------------------------------


def test_feature_maps_are_those_of_the_chosen_frame():
    trainer = run()
    whole = Clip(node="conv_1", index=1).measure(trainer)
    answer = FeatureMaps(node="conv_1", index=1, frame=2).measure(trainer)
    assert np.array_equal(answer.maps, whole.maps[2])
    assert np.array_equal(answer.image, trainer.data.splits["train"].inputs["x"][1, 2])
    assert (answer.frame, answer.frames) == (2, 4)
    assert FeatureMaps(node="conv_1", frame=6).measure(trainer).frame == 2, "it counts from the start again"


def test_the_pixel_of_a_frame_is_taken_apart():
    trainer = run()
    answer = Convolution(node="conv_1", index=1, frame=3, map=1, row=2, column=4).measure(trainer)
    whole = Clip(node="conv_1", index=1).measure(trainer)
    assert answer.value == whole.maps[3, 1, 2, 4] and (answer.frame, answer.frames) == (3, 4)
    assert (answer.windows * answer.kernel).sum() + answer.bias == pytest.approx(answer.value, abs=1e-5)


def test_kernels_activations_and_thumbnails_can_be_seen():
    trainer = run()
    assert Kernels(node="conv_1").measure(trainer).kernels.shape == (2, 1, 3, 3)
    activation = Activation(node="relu_1").measure(trainer)
    assert (activation.units, activation.examples, activation.values) == (2, 4, 4 * 4 * 2 * 36)
    thumbnails = Thumbnails().measure(trainer)
    assert thumbnails.tiles == {"input_1": 1, "conv_1": 2, "relu_1": 2}
    middle = Clip(node="conv_1").measure(trainer).maps[2]
    grey = (middle - middle.min()) / (middle.max() - middle.min()) * 255
    assert np.abs(thumbnails.mosaics["conv_1"][:, :6] - grey[0]).max() <= 0.51
