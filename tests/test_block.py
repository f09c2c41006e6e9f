"""The declaration of a block: ports, layers and what the data fills in."""

from __future__ import annotations

import pickle

import pytest

from playground import blocks as _filled  # noqa: F401 - importing it fills the catalogue
from playground.block import CATALOGUE, FAMILIES, Block, Layer, Port, flat, image
from playground.blocks.combine import Add
from playground.blocks.data import Input
from playground.blocks.dense import Dense
from playground.blocks.unknown import Unknown
from playground.facts import DataFacts, Target
from playground.shape import Counted, Shape, ShapeError


class Attention(Block):
    """Not in the catalogue of the program."""

    members = {}
    family = "Attention"

    def output(self, query: Shape, key: Shape, mask: Shape | None = None, *more: Shape) -> Shape:
        return query


def test_ports_follow_from_the_signature_of_the_rule():
    assert Dense.ports() == (Port("x"),)
    assert Add.ports() == (Port("xs", variadic=True),)
    assert Input.ports() == ()
    assert Attention.ports() == (
        Port("query"),
        Port("key"),
        Port("mask", optional=True),
        Port("more", variadic=True),
    )


def test_a_layer_is_a_value_that_prints_as_source():
    layer = Layer("nn.Linear", Counted(84, "…"), 10, bias=True)
    assert str(layer) == "nn.Linear(84, 10, bias=True)"
    assert layer == Layer("nn.Linear", 84, 10, bias=True)
    assert hash(layer) == hash(Layer("nn.Linear", 84, 10, bias=True))
    assert layer.args[0].__class__ is int
    assert pickle.loads(pickle.dumps(layer)) == layer


def test_auto_is_filled_from_the_data_and_refused_where_the_data_does_not_say():
    facts = DataFacts(targets={"label": Target(("a", "b", "c"))})
    assert Dense(units="auto").resolve(facts) == Dense(units=3)
    assert Dense(units="auto").resolve(DataFacts(targets={"y": Target(shape=Shape(features=4))})).units == 4
    same = Dense(units=5)
    assert same.resolve(facts) is same
    with pytest.raises(ShapeError, match="Units is auto"):
        Dense(units="auto").resolve(DataFacts())


def test_a_rule_that_wants_a_row_names_the_remedy():
    assert flat(Shape(time=3, features=7), "Dense") == 7
    with pytest.raises(ShapeError, match="put Flatten before it") as error:
        flat(Shape(channels=1, height=2, width=2), "Dense")
    assert error.value.remedy in CATALOGUE
    with pytest.raises(ShapeError, match="wants an image"):
        image(Shape(features=3), "Conv2D")


def test_the_catalogue_holds_what_the_palette_offers_and_no_placeholder():
    assert {
        "Input", "Output", "Dense", "Step", "Sigmoid", "Tanh", "ReLU", "LeakyReLU", "ELU", "GELU", "SiLU", "Softplus",
        "Softmax", "Conv2D", "MaxPool2D", "AvgPool2D", "Flatten", "Dropout", "BatchNorm", "Add", "Concat",
    } <= set(CATALOGUE)  # fmt: skip
    assert not {"Unknown", "_Activation", "Attention"} & set(CATALOGUE)


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_block_has_a_family_of_the_palette_and_says_what_it_is_for(name):
    block = CATALOGUE[name]
    assert block.key == name
    assert block.family in FAMILIES
    assert block.purpose().endswith(".") and len(block.purpose()) > 15
    for parameter in block.parameters.values():
        assert len(parameter.help) > 5 and not parameter.help.endswith("."), parameter.name
        assert parameter.label


def test_the_placeholder_keeps_its_data_and_makes_the_ports_its_wires_name():
    block = Unknown.keeping("Quantum", {"qubits": [1, {"deep": None}]}, ["q", "q", "k"], [])
    assert block.name == "Quantum"
    assert block.to_json() == {"qubits": [1, {"deep": None}]}
    assert [port.name for port in block.ports()] == ["q", "k"]
    assert block.outputs == ("out",)
    with pytest.raises(ShapeError, match="Quantum"):
        block.output()
    assert hash(block) == hash(pickle.loads(pickle.dumps(block)))
