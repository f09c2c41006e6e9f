"""The rectangle that a pixel sees, held against what really matters to it: gradients, and single pixels changed."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from playground.analysis import analyse  # noqa: E402
from playground.blocks.activation import ReLU  # noqa: E402
from playground.blocks.arrange import Slice, Upsample  # noqa: E402
from playground.blocks.combine import Add, Concat, Flatten  # noqa: E402
from playground.blocks.convolution import Conv2D, ConvTranspose2D, SeparableConv2D  # noqa: E402
from playground.blocks.data import Input  # noqa: E402
from playground.blocks.dense import Dense  # noqa: E402
from playground.blocks.normalisation import LayerNorm  # noqa: E402
from playground.blocks.pooling import AdaptiveAvgPool2D, AvgPool2D, LpPool2D, MaxPool2D  # noqa: E402
from playground.facts import DataFacts  # noqa: E402
from playground.graph import Graph, Wire  # noqa: E402
from playground.network import Network, look  # noqa: E402
from playground.receptive_field import Patch, Span, seen_by, shifts  # noqa: E402
from playground.shape import Shape  # noqa: E402
from tests.examples import chain  # noqa: E402

SIDE = 13
FACTS = DataFacts({"x": Shape(channels=1, height=SIDE, width=SIDE)})

CHAINS = {
    "padded": (Conv2D(channels=2, kernel=(3, 3), padding=(1, 1)), ReLU(), Conv2D(channels=1, kernel=(5, 3))),
    "stride": (Conv2D(channels=1, kernel=(3, 3), stride=(2, 3), padding=(1, 2)), Conv2D(kernel=(2, 2), padding=(1, 1))),
    "unseen edge": (
        Conv2D(channels=1, kernel=(2, 2), stride=(4, 4)),
        Conv2D(channels=1, kernel=(3, 3), padding=(2, 2)),
    ),
    "average": (SeparableConv2D(channels=2), AvgPool2D(kernel=(3, 3), padding=(1, 1)), Conv2D(channels=1)),
    "partial": (AvgPool2D(kernel=(2, 2), partial=True), Conv2D(channels=1, kernel=(2, 2))),
    "norm": (LpPool2D(kernel=(3, 3), stride=(2, 2)), Conv2D(channels=1, kernel=(2, 2))),
    "slice": (Slice(axis="height", first=4, length=7), Slice(axis="width", first=2), Conv2D(padding=(1, 1))),
    "adaptive": (Conv2D(channels=1, padding=(1, 1)), AdaptiveAvgPool2D(size=(5, 4))),
    "transposed": (ConvTranspose2D(channels=1, kernel=(3, 3), stride=(2, 2), padding=(1, 1)), Conv2D(channels=1)),
    "repeated": (Conv2D(channels=1, stride=(2, 2)), Upsample(factor=3), Conv2D(channels=1, kernel=(2, 2))),
    "drawn between": (Conv2D(channels=1, stride=(2, 2)), Upsample(factor=2, mode="bilinear")),
}


def positive(graph, facts=FACTS):
    """Build a network in which every pixel that is seen counts: all its weights are above zero."""
    report = analyse(graph, facts)
    network = Network(report, seed=1)
    with torch.no_grad():
        for weight in network.parameters():
            weight.uniform_(0.5, 1.0)
    return report, network


def mattering(network, id, row, column):
    """Return where the gradient of a pixel is not zero on the input."""
    image = torch.rand(1, 1, SIDE, SIDE, generator=torch.Generator().manual_seed(2)) + 0.5
    image.requires_grad_(True)
    look(network, {"x": image}, (id,), graded=True)[id][0, :, row, column].sum().backward()
    return image.grad[0, 0] != 0


def around(matter):
    """Return the rectangle around all that matters."""
    places = matter.nonzero()
    (top, left), (bottom, right) = places.min(dim=0).values.tolist(), places.max(dim=0).values.tolist()
    return Patch(Span(top, bottom), Span(left, right))


def last_of(graph):
    return graph.order[-1]


@pytest.mark.parametrize("name", CHAINS)
def test_the_gradient_of_a_pixel_fills_its_rectangle_and_is_zero_outside(name):
    graph = chain(Input(), *CHAINS[name])
    report, network = positive(graph)
    id = last_of(graph)
    height, width = report.nodes[id].shape.sizes[-2:]
    for row in range(height):
        for column in range(width):
            seen, matter = seen_by(report, id, row, column)["x"], mattering(network, id, row, column)
            if not matter.any():
                assert not all(seen.patch.size), "it lies on padding alone"
                continue
            assert seen.patch == around(matter), (row, column)
            rows, columns = seen.patch
            inside = matter[rows.first : rows.last + 1, columns.first : columns.last + 1]
            if name != "unseen edge":  # steps wider than the kernel leave holes
                assert inside.all(), (row, column)


def test_a_largest_value_may_come_from_anywhere_in_the_rectangle():
    graph = chain(Input(), MaxPool2D(kernel=(3, 3), stride=(2, 2), padding=(1, 1)), Conv2D(channels=1), MaxPool2D())
    report, network = positive(graph)
    pixels = SIDE * SIDE
    touched = torch.cat([torch.zeros(1, pixels), 10 * torch.eye(pixels)]).reshape(-1, 1, SIDE, SIDE)
    made = look(network, {"x": touched}, ("pool_2",))["pool_2"]
    for row in range(2):
        for column in range(2):
            at = made[:, 0, row, column]
            matter = (at[1:] != at[0]).reshape(SIDE, SIDE)
            seen = seen_by(report, "pool_2", row, column)["x"]
            assert seen.patch == around(matter)
            assert int(matter.sum()) == seen.patch.rows.size * seen.patch.columns.size


def test_dilation_leaves_holes_within_the_rectangle_and_nothing_outside():
    graph = chain(Input(), Conv2D(channels=1, kernel=(3, 2), dilation=(2, 3), padding=(1, 0)))
    report, network = positive(graph)
    matter = mattering(network, "conv_1", 4, 5)
    assert seen_by(report, "conv_1", 4, 5)["x"].patch == around(matter)
    assert int(matter.sum()) == 6


def test_what_lies_on_the_padding_is_told_apart_and_the_whole_has_the_size_that_analysis_says():
    graph = chain(Input(), Conv2D(channels=1, padding=(1, 1)), Conv2D(channels=1, padding=(1, 1)))
    report, _ = positive(graph)
    corner, middle = seen_by(report, "conv_2", 0, 6)["x"], seen_by(report, "conv_2", 6, 6)["x"]
    assert corner.patch == Patch(Span(0, 2), Span(4, 8)) and corner.whole == Patch(Span(-2, 2), Span(4, 8))
    assert corner.on_padding and not middle.on_padding
    assert corner.whole.size == middle.whole.size == report.nodes["conv_2"].receptive_field


def branches(joint):
    """Return two ways of different reach from one input into one node."""
    graph = Graph.of({"x": Input(), "wide": Conv2D(channels=2, kernel=(5, 5), padding=(2, 2)), "narrow": Conv2D(
        channels=2, kernel=(1, 1)), "both": joint})  # fmt: skip
    for source, target in (("x", "wide"), ("x", "narrow"), ("narrow", "both"), ("wide", "both")):
        graph = graph.connect(Wire(source, target, "out", "xs" if target == "both" else "x"))
    return graph


@pytest.mark.parametrize("joint", [Add(), Concat()], ids=lambda block: block.key)
def test_branches_see_what_either_of_them_sees(joint):
    report, network = positive(branches(joint))
    assert seen_by(report, "both", 6, 3)["x"].patch == around(mattering(network, "both", 6, 3))
    muted, network = positive(branches(joint).mark("wide", state="muted"))
    assert seen_by(muted, "both", 6, 3)["x"].patch == Patch(Span(6, 6), Span(3, 3))
    assert around(mattering(network, "both", 6, 3)) == Patch(Span(6, 6), Span(3, 3))
    assert seen_by(muted, "wide", 6, 3) == {}


def test_what_is_bypassed_sees_what_comes_before_it():
    graph = chain(Input(), Conv2D(channels=1, padding=(1, 1)), Conv2D(channels=1, padding=(1, 1)), Conv2D(channels=1))
    report, network = positive(graph.mark("conv_2", state="bypassed"))
    assert report.nodes["conv_2"].receptive_field == (3, 3) and report.nodes["conv_3"].receptive_field == (5, 5)
    assert seen_by(report, "conv_3", 4, 4)["x"].patch == around(mattering(network, "conv_3", 4, 4))


def test_where_all_pixels_meet_there_is_no_rectangle():
    graph = chain(Input(), Conv2D(channels=1), LayerNorm(), Conv2D(channels=1))
    report, _ = positive(graph)
    assert seen_by(report, "conv_1", 3, 3) and seen_by(report, "conv_2", 3, 3) == {}
    flat, _ = positive(chain(Input(), Flatten(), Dense(units=3)))
    assert seen_by(flat, "dense_1", 0, 0) == {} and seen_by(flat, "nothing", 0, 0) == {}


def test_a_frame_of_a_clip_sees_its_own_image():
    facts = DataFacts({"x": Shape(time=4, channels=1, height=SIDE, width=SIDE)})
    report = analyse(chain(Input(), Conv2D(channels=1, padding=(1, 1))), facts)
    assert seen_by(report, "conv_1", 0, 5)["x"].patch == Patch(Span(0, 1), Span(4, 6))


def test_a_map_follows_by_whole_pixels_or_not_at_all():
    report, _ = positive(chain(Input(), Conv2D(channels=1, stride=(2, 3)), LayerNorm()))
    known = report.nodes["conv_1"]
    assert shifts(known, 4, -3) == (2, -1) and shifts(known, 0, 0) == (0, 0)
    assert shifts(known, 3, 3) is None and shifts(known, 2, 2) is None
    assert shifts(report.nodes["norm_1"], 2, 3) is None
