"""Row B15 of the curriculum: what moves is told by the order of the frames, and by nothing that a frame shows."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from playground.blocks.arrange import Slice
from playground.blocks.data import Input
from playground.blocks.pooling import MeanOverTime
from playground.blocks.recurrence import LSTM
from playground.data.clips import MOTIONS
from playground.experiment import Experiment
from playground.graph import Wire
from tests.examples import preset


def trainer(experiment):
    return pytest.importorskip("playground.training").Trainer(experiment, device="cpu")


def without_the_order(experiment: Experiment) -> Experiment:
    """Take the mean over time where the LSTM and its last step were."""
    graph = experiment.graph.remove(["lstm_1", "last_1"]).add(MeanOverTime(), "mean_1")
    graph = graph.connect(Wire("dropout_1", "mean_1", "out", "x")).connect(Wire("mean_1", "dense_1", "out", "x"))
    return dataclasses.replace(experiment, graph=graph)


def of_one_frame(experiment: Experiment, frame: int) -> Experiment:
    """Show the same network a single frame of every clip."""
    graph = experiment.graph
    cut = graph.insert(Slice(axis="time", first=frame, length=1), graph.outgoing["input_1"][0])
    return dataclasses.replace(experiment, graph=cut)


def right_after(run, frames: int) -> np.ndarray:
    """Return which clips of the test split the network tells rightly when it has seen so many frames."""
    examples = run.data.splits["test"]
    scores = run.look({"x": examples.inputs["x"][:, :frames]}, ["output_1"])["output_1"]
    return scores.argmax(dim=1).numpy() == examples.targets["label"]


def test_every_frame_goes_through_the_same_kernels_and_the_lstm_reads_a_row_of_each():
    known = preset("action-recognition").examined().nodes
    assert [str(known[id].shape) for id in ("input_1", "conv_2", "flatten_1", "lstm_1", "dense_1")] == [
        *("8 × 1 × 16 × 16", "8 × 16 × 8 × 8", "8 × 256", "8 × 48", "9"),
    ]
    assert known["conv_1"].frames == 8 and known["conv_1"].parameters == 8 * 9 + 8
    assert isinstance(known["lstm_1"].block, LSTM) and isinstance(known["input_1"].block, Input)


def test_the_mean_over_time_takes_a_clip_and_the_same_clip_backwards_for_equal():
    torch = pytest.importorskip("torch")
    experiment = preset("action-recognition")
    experiment = dataclasses.replace(experiment, source=experiment.source.replace(count=90))
    ordered, mixed = trainer(experiment), trainer(without_the_order(experiment))
    clips = ordered.data.splits["test"].inputs["x"][:10]

    def scores(run, clips):
        return run.look({"x": clips}, ["output_1"])["output_1"]

    torch.testing.assert_close(scores(mixed, clips), scores(mixed, clips[:, ::-1].copy()), atol=1e-5, rtol=1e-5)
    assert not torch.allclose(scores(ordered, clips), scores(ordered, clips[:, ::-1].copy()), atol=1e-3)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_directions_are_told_apart_after_some_frames_and_not_after_the_first():
    run = trainer(preset("action-recognition"))
    for _ in run.steps():
        pass
    labels = run.data.splits["test"].targets["label"]
    after = [right_after(run, frames) for frames in range(1, 9)]
    assert after[0].mean() < 0.2, "the first frame gives something away"
    assert after[-1].mean() > 0.48
    moving = np.isin(labels, [MOTIONS.index(name) for name in ("left", "right", "up", "down")])
    assert after[-1][moving].mean() > 0.9 and after[3][moving].mean() > after[0][moving].mean() + 0.2


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("frame", [0, 7])
def test_trained_on_a_single_frame_the_same_network_can_only_guess(frame):
    run = trainer(of_one_frame(preset("action-recognition"), frame))
    for _ in run.steps():
        pass
    assert run.evaluate("test").metrics["accuracy"] < 0.2
