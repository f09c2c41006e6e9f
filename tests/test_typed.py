"""What is typed after the name of a block, over the whole catalogue and by the examples that people are shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.block import CATALOGUE, Block
from playground.blocks.convolution import Conv2D
from playground.text import set_language
from playground.typed import filled, not_understood, numbers_of, split

PIECES = ("5", "0", "-1", "5x3", "p2", "k=", "=2", "%", "1e400", "no", "bias", "auto", "padding", "²", "５")


def read(text: str, key: str) -> Block:
    """Return the block that comes of a whole text; all of it must have been understood."""
    typed = filled(CATALOGUE[key](), split(text)[1])
    assert typed.ignored == () and not_understood(typed) is None
    return typed.block


@pytest.mark.parametrize(
    ("text", "key", "values"),
    [
        ("conv 6 5 p2", "Conv2D", {"channels": 6, "kernel": 5, "padding": 2}),
        ("conv 6@5×5, padding 2", "Conv2D", {"channels": 6, "kernel": 5, "padding": 2}),
        ("Conv2D k5 s2 p2", "Conv2D", {"kernel": 5, "stride": 2, "padding": 2}),
        ("conv 6 5x3", "Conv2D", {"channels": 6, "kernel": (5, 3)}),
        ("conv padding=2 16", "Conv2D", {"channels": 16, "padding": 2}),
        ("conv 8 no bias", "Conv2D", {"bias": False}),
        ("max pool 3 s2", "MaxPool2D", {"kernel": 3, "stride": 2}),
        ("avgpool 2", "AvgPool2D", {"kernel": 2}),
        ("dense 120", "Dense", {"units": 120}),
        ("dense auto", "Dense", {"units": "auto"}),
        ("dense 10 without bias", "Dense", {"units": 10, "bias": False}),
        ("dropout 30%", "Dropout", {"rate": 0.3}),
        ("dropout .25", "Dropout", {"rate": 0.25}),
        ("output task regression loss mse", "Output", {"task": "regression", "loss": "mse"}),
        ("group 6", "Group", {"repeat": 6}),
    ],
)
def test_examples(text: str, key: str, values: dict[str, object]) -> None:
    assert read(text, key) == CATALOGUE[key](**values)


@pytest.mark.parametrize("text", ["conv", "conv2d", "max pool", "local response", "2", "池化", ""])
def test_a_name_alone_stays_a_name(text: str) -> None:
    assert split(text) == (text, "")


def test_parameters_go_by_their_names_in_the_present_language() -> None:
    set_language("zh")
    assert read("卷积 16 填充 2", "Conv2D") == Conv2D(channels=16, padding=2)
    assert read("卷积 padding 2 无 偏置", "Conv2D") == Conv2D(padding=2, bias=False)


@pytest.mark.parametrize(
    ("text", "key", "kept", "told"),
    [
        ("conv 6 5 nonsense", "Conv2D", {"channels": 6, "kernel": 5}, "not understood: nonsense"),
        ("dense 12 7", "Dense", {"units": 12}, "not understood: 7"),
        ("relu 7", "ReLU", {}, "not understood: 7"),
        ("conv 0", "Conv2D", {}, "channels must lie between 1 and 8,192, not 0"),
        ("dense 1e99", "Dense", {}, "units must lie between 1 and 65,536"),
        ("dense 2.5", "Dense", {}, "units wants a whole number"),
        ("dense 5x5", "Dense", {}, "units wants a whole number"),
        ("conv 8 auto", "Conv2D", {"channels": 8}, "not understood: auto"),
    ],
)
def test_what_is_not_understood_changes_nothing_and_is_told(
    text: str, key: str, kept: dict[str, object], told: str
) -> None:
    typed = filled(CATALOGUE[key](), split(text)[1])
    assert typed.block == CATALOGUE[key](**kept)
    assert typed.ignored and told in str(not_understood(typed))


def test_what_was_set_is_said_once() -> None:
    assert filled(Conv2D(), "6 5 p2").told() == "6 @ 5×5 · Padding 2"
    assert filled(Conv2D(), "8 3").told() == "8 @ 3×3"
    assert filled(CATALOGUE["MaxPool2D"](), "3 s2 p1").told() == "3×3 · Stride 2 · Padding 1"


@pytest.mark.parametrize("key", sorted(CATALOGUE))
def test_every_number_of_every_block_can_be_typed_by_its_place_and_by_its_name(key: str) -> None:
    block = CATALOGUE[key]()
    values = {name: _other(block, name) for name in numbers_of(block)}
    wanted = block.replace(**values)
    assert filled(block, " ".join(_written(value) for value in values.values())).block == wanted
    assert filled(block, " ".join(f"{name}={_written(value)}" for name, value in values.items())).block == wanted
    assert filled(block, " ".join(f"{name} {_written(value)}" for name, value in values.items())).block == wanted


@given(st.sampled_from(sorted(CATALOGUE)), st.text(st.characters(codec="utf-8"), max_size=40))
def test_anything_may_be_typed(key: str, text: str) -> None:
    name, rest = split(text)
    typed = filled(CATALOGUE[key](), rest)
    assert name or not rest
    assert isinstance(typed.told(), str)
    assert (not_understood(typed) is None) == (not typed.ignored)


@given(st.sampled_from(sorted(CATALOGUE)), st.lists(st.sampled_from(PIECES), max_size=6))
def test_pieces_in_any_order_give_a_block_or_are_told(key: str, pieces: list[str]) -> None:
    typed = filled(CATALOGUE[key](), " ".join(pieces))
    assert type(typed.block) is CATALOGUE[key]
    assert set(typed.given) <= set(typed.block.parameters)


def _other(block: Block, name: str) -> object:
    parameter = block.parameters[name]
    low = parameter.low if abs(parameter.low) < 1e6 else 1.0
    if parameter.kind == "number":
        return low + 0.25 if low + 0.25 <= parameter.high else low
    return (int(low) + 1, int(low) + 1) if parameter.kind == "sides" else int(low) + 1


def _written(value: object) -> str:
    return f"{value[0]}×{value[1]}" if isinstance(value, tuple) else str(value)
