from __future__ import annotations

import re
from dataclasses import replace

import pytest

from playground import blocks as _filled  # noqa: F401 - importing it fills the catalogue
from playground.analysis import analyse
from playground.block import CATALOGUE, Block
from playground.blocks.activation import ReLU
from playground.blocks.combine import Concat, Flatten
from playground.blocks.convolution import Conv2D
from playground.blocks.data import Input
from playground.blocks.dense import Dense
from playground.blocks.pooling import MaxPool2D
from playground.facts import DataFacts
from playground.graph import Graph, Wire
from playground.report import NodeReport
from playground.shape import Shape, slide
from tests.examples import image_facts
from widgets.arithmetic import as_dense, derivation, of_macs, of_parameters, reckoned

CLIP = Shape(time=4, channels=3, height=14, width=11)
SHAPES = (Shape(channels=3, height=14, width=11), Shape(features=12), Shape(time=5, features=6), CLIP)


def known_of(block: Block, shape: Shape, wires: int = 2) -> NodeReport | None:
    """Return what analysis knows of a block into which this shape comes, at all of its ports."""
    graph = Graph.of({"x": Input(), "node": block})
    ports = [port for port in block.ports() for _ in range(wires if port.variadic else 1)]
    for number, port in enumerate(ports):
        graph = Graph.of({**graph.nodes, f"x_{number}": Input()}, graph.wires)
        graph = graph.connect(Wire(f"x_{number}", "node", "out", port.name))
    return analyse(graph, DataFacts({"x": shape})).at("node")


def value_of(text: str) -> float:
    """Work out what is written, as a reader would."""
    python = text.replace("×", "*").replace("·", "*").replace("−", "-").replace(",", "")
    return eval(python.replace("⌊", "int(").replace("⌋", ")"))


def checked(line: str) -> int:
    """Work out a line such as ``height: (28 − 5) / 1 + 1 = <b>24</b>`` and return what it ends in."""
    plain = re.sub("<[^>]*>", "", line)
    left, _, right = plain.rpartition(": ")[2].rpartition(" = ")
    assert value_of(left) == value_of(right), line
    return int(value_of(right))


def known_cases() -> list[NodeReport]:
    """Return every block with every kind of shape that can come into it."""
    made = []
    for cls in CATALOGUE.values():
        block = cls()
        if "padding" in block.parameters and "stride" in block.parameters:
            stride = (1, 3) if block.parameters["stride"].kind == "sides" else 3
            block = block.replace(padding=1, stride=stride)  # so that something has to be rounded
        made += [known_of(block, shape) for shape in SHAPES]
    return [known for known in made if known is not None and known.inputs]


def name_of(known: NodeReport) -> str:
    return f"{known.block.key} {known.inputs[0]}"


@pytest.mark.parametrize("known", known_cases(), ids=name_of)
def test_a_shape_that_changes_says_how_and_ends_in_the_real_number(known: NodeReport) -> None:
    ends = [checked(line) for line in derivation(known)]
    assert set(ends) <= set(known.shape.sizes)
    values = [getattr(known.block, parameter) for parameter in known.block.parameters]
    chosen = {side for value in values for side in (value if isinstance(value, tuple) else (value,))}
    chosen |= set(known.inputs[0].sizes)  # what only gets another name: channels that become features
    changed = {int(size) for axis, size in known.shape if (axis, size) not in known.inputs[0].axes}
    assert changed - chosen <= set(ends), "a size that nobody chose needs its arithmetic"


@pytest.mark.parametrize("known", known_cases(), ids=name_of)
def test_costs_end_in_the_real_numbers(known: NodeReport) -> None:
    for how, real in ((of_parameters(known), known.parameters), (of_macs(known), known.macs)):
        for line in reckoned(how, real):
            assert checked(line) == real
    if len(known.weights) > 1:
        assert of_parameters(known)
    if known.block.key in ("Dense", "Conv2D"):
        assert of_macs(known)


@pytest.mark.parametrize(
    ("block", "shape", "line"),
    [
        (Flatten(), Shape(channels=16, height=5, width=5), "16 × 5 × 5 = <b>400</b>"),
        (Concat(), Shape(features=12), "12 + 12 = <b>24</b>"),
        (MaxPool2D(), Shape(channels=1, height=7, width=7), "⌊(7 − 2) / 2⌋ + 1 = <b>3</b>"),
        (Conv2D(kernel=5, padding=2), Shape(channels=1, height=28, width=28), "(28 + 2·2 − 5) / 1 + 1 = <b>28</b>"),
    ],
)
def test_the_arithmetic_reads_as_it_does_in_a_lecture(block: Block, shape: Shape, line: str) -> None:
    known = known_of(block, shape)
    assert known is not None
    assert derivation(known) == [line]


def test_a_dense_layer_counts_inputs_times_outputs() -> None:
    known = known_of(Dense(units=120), Shape(features=400))
    assert known is not None
    assert reckoned(of_parameters(known), known.parameters) == ["400 × 120 + 120 = <b>48,120</b>"]
    assert of_macs(known) == "400 × 120"
    without = known_of(Dense(units=1, bias=False), Shape(features=1))
    assert without is not None
    assert of_parameters(without) == "1 × 1"


@pytest.mark.parametrize("bias", [True, False])
def test_a_convolution_is_told_beside_the_dense_layer_that_would_do_the_same(bias: bool) -> None:
    x = Shape(channels=2, height=14, width=14)
    conv = known_of(Conv2D(channels=4, kernel=3, padding=1, bias=bias), x)
    assert conv is not None
    dense = known_of(Dense(units=conv.shape.count, bias=bias), Shape(features=x.count))
    assert dense is not None
    (line,) = as_dense(conv)
    how, _, times = line.removeprefix("A Dense layer for the same: ").rpartition(", ")
    assert checked(how) == dense.parameters
    assert times == f"{dense.parameters / conv.parameters:,.0f} times as many"


def test_a_kernel_as_large_as_the_map_has_the_weights_of_a_dense_layer() -> None:
    whole = known_of(Conv2D(channels=5, kernel=(14, 11)), Shape(channels=3, height=14, width=11))
    assert whole is not None
    assert as_dense(whole) == ["A Dense layer for the same: 462 × 5 + 5 = <b>2,315</b>, just as many"]
    for block, shape in ((Dense(units=4), Shape(features=3)), (MaxPool2D(), Shape(channels=1, height=7, width=7))):
        known = known_of(block, shape)
        assert known is not None
        assert as_dense(known) == []


def test_axes_that_differ_are_told_apart() -> None:
    known = known_of(Conv2D(kernel=5), Shape(channels=1, height=28, width=20))
    assert known is not None
    assert derivation(known) == ["height: (28 − 5) / 1 + 1 = <b>24</b>", "width: (20 − 5) / 1 + 1 = <b>16</b>"]


def test_a_size_that_only_passes_through_brings_no_arithmetic() -> None:
    graph = Graph.of({"x": Input(), "conv": Conv2D(), "relu": ReLU(), "flat": Flatten(), "again": Flatten()})
    for source, target in (("x", "conv"), ("conv", "relu"), ("relu", "flat"), ("flat", "again")):
        graph = graph.connect(Wire(source, target))
    report = analyse(graph, image_facts())
    assert derivation(report.nodes["conv"])
    assert derivation(report.nodes["relu"]) == []
    assert derivation(report.nodes["flat"])
    assert derivation(report.nodes["again"]) == []
    bypassed = analyse(graph.mark("conv", state="bypassed"), image_facts())
    assert derivation(bypassed.nodes["conv"]) == []


def test_nothing_is_reckoned_that_would_not_come_out() -> None:
    known = known_of(Dense(units=4), Shape(features=3))
    assert known is not None
    assert of_parameters(replace(known, shared={"weight": "other"})) == ""
    assert of_macs(replace(known, macs=known.macs + 1)) == ""
    assert derivation(replace(known, shape=Shape(features=slide(28, 5, 1, 0)))) == []
