"""Clips go through blocks of images frame by frame: the same as every frame by itself, no more and no less."""

from __future__ import annotations

import pytest

from playground import blocks as _filled  # noqa: F401 - importing it fills the catalogue
from playground.analysis import analyse
from playground.block import CATALOGUE, Block
from playground.blocks.activation import ReLU
from playground.blocks.combine import Concat, Flatten
from playground.blocks.convolution import Conv1D, Conv2D
from playground.blocks.data import Input, Output
from playground.blocks.dense import Dense
from playground.blocks.normalisation import BatchNorm, Dropout
from playground.blocks.pooling import GlobalAvgPool2D, MaxPool2D, MeanOverTime
from playground.data import Data, Examples
from playground.experiment import Experiment, Training
from playground.facts import DataFacts, Target
from playground.frames import at_once, frames_in, shapes_leaving
from playground.graph import Graph, Wire
from playground.report import Report
from playground.shape import Shape, ShapeError
from playground.suggest import made
from tests.examples import chain

FRAME = Shape(channels=4, height=9, width=8)
CLIP = Shape(time=3, **dict(FRAME))
FRAMED = [name for name, block in CATALOGUE.items() if block.frame_by_frame]


def known(shape: Shape, *blocks: Block, classes: int = 3) -> Report:
    facts = DataFacts({"x": shape}, {"label": Target(tuple("abcdef"[:classes]))})
    return analyse(chain(Input(), *blocks), facts)


def test_the_blocks_of_images_take_clips():
    assert set(FRAMED) == {
        *("Conv2D", "SeparableConv2D", "ConvTranspose2D", "Upsample", "Softmax"),
        *("MaxPool2D", "AvgPool2D", "LpPool2D", "AdaptiveAvgPool2D", "AdaptiveMaxPool2D", "GlobalAvgPool2D"),
        *("BatchNorm", "LayerNorm", "GroupNorm", "LocalResponseNorm"),
    }


@pytest.mark.parametrize("name", FRAMED)
def test_a_clip_is_as_many_images_as_it_has_frames(name):
    block = CATALOGUE[name]()
    one, many = (list(known(shape, block).nodes.values())[1] for shape in (FRAME, CLIP))
    assert dict(many.shape) == {"time": 3, **dict(one.shape)} and many.shape.names[0] == "time"
    assert (many.weights, many.layer) == (one.weights, one.layer)
    assert many.macs == 3 * one.macs
    assert (one.frames, many.frames) == (0, 3)
    if many.shape.is_clip:
        assert many.receptive_field == one.receptive_field


@pytest.mark.parametrize("name", FRAMED)
def test_the_network_computes_every_frame_as_it_would_alone(name):
    torch = pytest.importorskip("torch")
    from playground.network import Network

    networks = [Network(known(shape, CATALOGUE[name](), Output()), 1).eval() for shape in (FRAME, CLIP)]
    networks[1].load_state_dict(networks[0].state_dict())  # the same weights by the same names
    clips = torch.randn(2, *CLIP.sizes, generator=torch.Generator().manual_seed(3))
    (together,) = networks[1]({"x": clips}).values()
    for frame in range(3):
        (alone,) = networks[0]({"x": clips[:, frame]}).values()
        torch.testing.assert_close(together[:, frame], alone)


def test_batch_statistics_are_those_of_all_frames_of_all_clips():
    torch = pytest.importorskip("torch")
    from playground.network import Network

    network = Network(known(CLIP, BatchNorm(momentum=1.0), Output()), 1)
    clips = torch.randn(5, *CLIP.sizes, generator=torch.Generator().manual_seed(3)) + torch.arange(4.0)[:, None, None]
    network({"x": clips})
    torch.testing.assert_close(network.norm_1.running_mean, clips.mean(dim=(0, 1, 3, 4)))
    torch.testing.assert_close(network.norm_1.running_var, clips.transpose(0, 2).flatten(1).var(dim=1))


def test_a_single_frame_of_one_pixel_has_no_statistics_but_two_have():
    training = pytest.importorskip("playground.training")
    numpy = pytest.importorskip("numpy")

    def trained(frames):
        clips = numpy.zeros((4, frames, 2, 1, 1), dtype=numpy.float32)
        facts = DataFacts({"x": Shape(time=frames, channels=2, height=1, width=1)}, {"label": Target(("a", "b"))})
        data = Data(facts, {"train": Examples({"x": clips}, {"label": numpy.zeros(4, dtype=numpy.int64)})})
        graph = chain(Input(), BatchNorm(), Flatten(), Dense(units=2), Output())
        trainer = training.Trainer(Experiment(graph=graph, training=Training(batch_size=1)), data, device="cpu")
        return len(list(trainer.steps(2)))

    assert trained(2) == 2
    with pytest.raises(training.Blocked, match="no statistics"):
        trained(1)


def test_what_goes_number_by_number_takes_clips_as_they_are():
    found = known(CLIP, ReLU(), Dropout()).nodes
    assert [node.shape for node in found.values()] == [CLIP] * 3
    assert [node.frames for node in found.values()] == [0, 0, 0]


def test_channels_of_clips_are_put_side_by_side():
    graph = Graph.of({"x": Input(), "again": Input(), "joint": Concat()})
    graph = graph.connect(Wire("x", "joint", "out", "xs")).connect(Wire("again", "joint", "out", "xs"))
    joint = analyse(graph, DataFacts({"x": CLIP})).nodes["joint"]
    assert joint.shape == CLIP.replace(channels=8) and str(joint.layer) == "layers.Concat(dim=2)"


def test_a_block_of_sequences_refuses_a_clip_and_a_block_of_images_a_sequence():
    assert "sequence" in str(known(CLIP, Conv1D()).problems[0].message)
    assert "wants an image" in str(known(Shape(time=3, features=4), Conv2D()).problems[0].message)


def test_the_time_of_a_clip_stays_through_the_network_to_what_reads_sequences():
    report = known(
        *(CLIP, Conv2D(channels=6), MaxPool2D(), GlobalAvgPool2D(), MeanOverTime(), Dense(units=3), Output())
    )
    assert not report.problems
    shapes = [str(node.shape) for node in report.nodes.values()]
    assert shapes == ["3 × 4 × 9 × 8", "3 × 6 × 7 × 6", "3 × 6 × 3 × 3", "3 × 6", "6", "3", "3"]


def test_what_fits_on_the_canvas_is_asked_frame_by_frame_too():
    assert made(MaxPool2D(), [CLIP], DataFacts()) == {"out": CLIP.replace(height=4, width=4)}


# -- Flatten -------------------------------------------------------------------------------------------------------


def test_flatten_lays_out_the_whole_clip_or_keeps_the_time():
    assert Flatten().output(CLIP) == Shape(features=864)
    kept = Flatten(keep_time=True)
    assert kept.output(CLIP) == Shape(time=3, features=288)
    assert kept.output(CLIP).features.how == "4 × 9 × 8 = 288"
    assert str(kept.layer(CLIP)) == "nn.Flatten(start_dim=2)"
    assert kept.output(Shape(time=3, features=5)) == Shape(time=3, features=5)


@pytest.mark.parametrize("shape", [FRAME, Shape(features=5), Shape(time=4)])
def test_where_there_is_no_time_or_nothing_else_there_is_one_row(shape):
    kept = Flatten(keep_time=True)
    assert kept.output(shape) == Flatten().output(shape) and kept.layer(shape) == Flatten().layer(shape)


def test_flatten_does_not_keep_a_time_that_stands_behind_the_heads():
    with pytest.raises(ShapeError, match="switch it off"):
        Flatten(keep_time=True).output(Shape(heads=2, time=3, features=4))


def test_a_flatten_of_an_older_file_lays_out_everything():
    assert Flatten.from_json({}) == Flatten() and not Flatten().keep_time


# -- the arithmetic itself -----------------------------------------------------------------------------------------


def test_a_block_is_asked_for_one_frame_and_answers_for_all():
    conv = Conv2D(channels=2)
    assert frames_in(conv, [CLIP]) == 3 and at_once(conv, [CLIP]) == (FRAME,)
    assert shapes_leaving(conv, [CLIP]) == {"out": Shape(time=3, channels=2, height=7, width=6)}
    assert frames_in(conv, [FRAME]) == 0 and at_once(conv, [FRAME]) == (FRAME,)
    assert frames_in(Dense(), [CLIP]) == 0
