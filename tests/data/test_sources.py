"""What holds for every data set, whatever it is: facts and arrays agree, and reading twice gives the same."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from itertools import chain as all_of
from pathlib import Path

import numpy as np
import pytest

from playground.analysis import analyse
from playground.blocks.combine import Flatten
from playground.blocks.convolution import Conv2D
from playground.blocks.dense import Dense
from playground.data import IGNORED, KINDS, SOURCES, Data, Examples, FileSource, column
from playground.data.classics import TableSource
from playground.data.digits import Digits
from playground.data.downloaded import Downloaded
from playground.data.drawn import DrawnSource
from playground.data.own_text import OwnText
from playground.facts import DataFacts, Target
from playground.preparation import Preparation, prepare
from playground.shape import Shape
from playground.suggest import fresh_block
from tests.examples import chain

READY = [
    key
    for key, source in SOURCES.items()
    if not issubclass(source, FileSource | Downloaded | DrawnSource)
    and (not issubclass(source, TableSource | Digits) or find_spec("sklearn") is not None)
    and (source is not OwnText or find_spec("polib") is not None)
]
"""The sets that can be read as they are; others have to be chosen, downloaded or drawn first."""


def read(key: str) -> Data:
    return SOURCES[key]().read()


@pytest.fixture(scope="module", params=READY)
def key(request: pytest.FixtureRequest) -> str:
    """The tests of one set follow each other, so that it is read once for most of them."""
    return str(request.param)


@pytest.fixture(scope="module")
def data(key: str) -> Data:
    return read(key)


def is_column(values: np.ndarray) -> bool:
    return values.dtype == object


def arrays(data: Data) -> dict[tuple[str, str], np.ndarray]:
    """Return all inputs and targets by their split and name."""
    return {
        (split, name): values
        for split, examples in data.splits.items()
        for name, values in all_of(examples.inputs.items(), examples.targets.items())
    }


def plain(values: np.ndarray) -> list[object]:
    """Return what can be compared with ``==`` whatever the examples have one of."""
    return [one.tolist() if isinstance(one, np.ndarray) else one for one in values]


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_a_source_says_what_it_is(source: type) -> None:
    assert SOURCES[source.key] is source
    assert source.key == source.key.lower()
    assert source.title
    assert source.kind in KINDS
    assert source.licence or issubclass(source, FileSource)
    assert source.purpose().endswith(".")
    assert source.from_json(source().to_json()) == source()
    assert all(parameter.help for parameter in source.parameters.values())


def test_facts_agree_with_the_arrays(data: Data) -> None:
    assert {split: len(examples) for split, examples in data.splits.items()} == data.facts.counts
    for examples in data.splits.values():
        texts = {name for name, values in examples.inputs.items() if is_column(values)}
        written = {name for name, values in examples.targets.items() if is_column(values)} - data.facts.targets.keys()
        assert examples.inputs.keys() - texts == data.facts.inputs.keys()
        assert examples.targets.keys() - written == data.facts.targets.keys()
        for name in texts:
            assert all(isinstance(text, str | tuple) and len(text) for text in examples.inputs[name])
        for name in written:
            assert all(isinstance(text, str | tuple) for text in examples.targets[name])
        for name, shape in data.facts.inputs.items():
            agree(examples.inputs[name], len(examples), shape)
        for name, target in data.facts.targets.items():
            if is_column(examples.targets[name]):
                steps = [len(text) for text in next(iter(examples.inputs.values()))]
                assert [len(tags) for tags in examples.targets[name]] == steps
                assert all(tags.dtype == np.int64 for tags in examples.targets[name])
                assert set(np.concatenate(list(examples.targets[name]))) <= set(range(len(target.classes)))
            else:
                assert_is_answer(examples, name, target)
    assert DataFacts.from_json(data.facts.to_json()) == data.facts


def test_every_class_occurs_in_training(data: Data) -> None:
    for name, target in data.facts.targets.items():
        values = data.splits["train"].targets[name]
        found = set(np.unique(np.concatenate(list(values)) if is_column(values) else values)) - {IGNORED}
        assert not target.is_class or found == set(range(len(target.classes)))


def test_facts_agree_with_what_is_trained_on(data: Data) -> None:
    made = prepare(data, Preparation(), seed=1)
    assert {split: len(examples) for split, examples in made.splits.items()} == made.facts.counts
    assert made.facts.counts["validation"] > 0
    assert made.facts.vocabularies == {name: len(tokens) for name, tokens in made.vocabularies.items()}
    for examples in made.splits.values():
        assert examples.inputs.keys() == made.facts.inputs.keys()
        assert examples.targets.keys() == made.facts.targets.keys()
        for name, shape in made.facts.inputs.items():
            if name in made.vocabularies:
                tokens = examples.inputs[name]
                assert tokens.dtype == np.int64
                assert tokens.shape == (len(examples), *shape.sizes)
                assert tokens.min() >= 0
                assert tokens.max() < len(made.vocabularies[name])
            else:
                agree(examples.inputs[name], len(examples), shape)
        for name, target in made.facts.targets.items():
            assert_is_answer(examples, name, target)
    assert DataFacts.from_json(made.facts.to_json()) == made.facts


def agree(values: np.ndarray, n: int, shape: Shape) -> None:
    assert values.dtype == np.float32
    assert values.shape == (n, *shape.sizes)
    assert np.isfinite(values).all()


def assert_is_answer(examples: Examples, name: str, target: Target) -> None:
    values = examples.targets[name]
    if not target.is_class:
        agree(values, len(examples), target.shape)
        return
    assert values.dtype == np.int64
    assert values.shape == (len(examples), *target.shape.sizes)
    assert set(np.unique(values)) <= {IGNORED, *range(len(target.classes))}


def test_fresh_blocks_fit_the_set(data: Data) -> None:
    facts = prepare(data, Preparation(), seed=1).facts
    if facts.vocabularies:
        pytest.skip("there are no blocks for texts yet")
    target = next(iter(facts.targets.values()))
    if target.is_class and target.shape.sizes:  # a class for each pixel
        graph = chain(
            fresh_block("Input", facts), Conv2D(channels=len(target.classes), kernel=1), fresh_block("Output", facts)
        )
    else:
        graph = chain(fresh_block("Input", facts), Flatten(), Dense(units="auto"), fresh_block("Output", facts))
        if len(facts.inputs["x"].sizes) == 1:
            graph = graph.remove_joining("flatten_1")
    assert analyse(graph, facts).problems == ()


def test_reading_twice_gives_the_same(key: str, data: Data) -> None:
    again = read(key)
    assert again.facts == data.facts
    assert arrays(again).keys() == arrays(data).keys()
    for place, values in arrays(again).items():
        assert_same(values, arrays(data)[place])


def test_what_is_done_to_the_arrays_stays_out_of_the_next_reading(key: str, data: Data) -> None:
    for values in arrays(read(key)).values():
        if is_column(values):
            for one in values:
                if isinstance(one, np.ndarray):
                    one[:] = -1
        values[:] = column([-1] * len(values)) if is_column(values) else -1
    for place, values in arrays(read(key)).items():
        assert_same(values, arrays(data)[place])


def assert_same(one: np.ndarray, other: np.ndarray) -> None:
    if is_column(one):
        assert plain(one) == plain(other)
    else:
        np.testing.assert_array_equal(one, other)


def test_listing_the_sources_needs_neither_numpy_nor_torch() -> None:
    root = Path(__file__).parents[2]
    program = "import playground.data, sys; print({'numpy', 'torch', 'sklearn', 'polib'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
