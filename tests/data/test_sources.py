"""What holds for every data set, whatever it is: facts and arrays agree, and reading twice gives the same."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from playground.analysis import analyse
from playground.blocks.combine import Flatten
from playground.blocks.dense import Dense
from playground.data import KINDS, SOURCES, Data, FileSource
from playground.data.classics import TableSource
from playground.data.digits import Digits
from playground.facts import DataFacts
from playground.suggest import fresh_block
from tests.examples import chain

READY = [
    key
    for key, source in SOURCES.items()
    if not issubclass(source, FileSource)
    and (not issubclass(source, TableSource | Digits) or find_spec("sklearn") is not None)
]
"""The sets that can be read as they are; a folder has to be chosen first."""


def read(key: str) -> Data:
    return SOURCES[key]().read()


@pytest.mark.parametrize("key", SOURCES)
def test_a_source_says_what_it_is(key: str) -> None:
    source = SOURCES[key]
    assert source.key == key == key.lower()
    assert source.title
    assert source.kind in KINDS
    assert source.licence or issubclass(source, FileSource)
    assert source.purpose().endswith(".")
    assert source.from_json(source().to_json()) == source()
    assert all(parameter.help for parameter in source.parameters.values())


@pytest.mark.parametrize("key", READY)
def test_facts_agree_with_the_arrays(key: str) -> None:
    data = read(key)
    assert {split: len(examples) for split, examples in data.splits.items()} == data.facts.counts
    for examples in data.splits.values():
        assert examples.inputs.keys() == data.facts.inputs.keys()
        assert examples.targets.keys() == data.facts.targets.keys()
        for name, shape in data.facts.inputs.items():
            assert examples.inputs[name].dtype == np.float32
            assert examples.inputs[name].shape == (len(examples), *shape.sizes)
            assert np.isfinite(examples.inputs[name]).all()
        for name, target in data.facts.targets.items():
            if target.is_class:
                assert examples.targets[name].dtype == np.int64
                assert set(np.unique(examples.targets[name])) == set(range(len(target.classes)))
            else:
                assert examples.targets[name].dtype == np.float32
                assert examples.targets[name].shape == (len(examples), *target.shape.sizes)
                assert np.isfinite(examples.targets[name]).all()
    assert DataFacts.from_json(data.facts.to_json()) == data.facts


@pytest.mark.parametrize("key", READY)
def test_fresh_blocks_fit_the_set(key: str) -> None:
    facts = read(key).facts
    graph = chain(fresh_block("Input", facts), Flatten(), Dense(units="auto"), fresh_block("Output", facts))
    if len(facts.inputs["x"].sizes) == 1:
        graph = graph.remove_joining("flatten_1")
    assert analyse(graph, facts).problems == ()


@pytest.mark.parametrize("key", READY)
def test_reading_twice_gives_the_same(key: str) -> None:
    one, other = read(key), read(key)
    assert one.facts == other.facts
    for split, examples in one.splits.items():
        for name, values in examples.inputs.items():
            np.testing.assert_array_equal(values, other.splits[split].inputs[name])
        for name, values in examples.targets.items():
            np.testing.assert_array_equal(values, other.splits[split].targets[name])


@pytest.mark.parametrize("key", READY)
def test_what_is_done_to_the_arrays_stays_out_of_the_next_reading(key: str) -> None:
    before = read(key)
    spoilt = read(key).splits["train"]
    for values in (*spoilt.inputs.values(), *spoilt.targets.values()):
        values[:] = -1
    after = read(key).splits["train"]
    for name, values in before.splits["train"].inputs.items():
        np.testing.assert_array_equal(after.inputs[name], values)
    for name, values in before.splits["train"].targets.items():
        np.testing.assert_array_equal(after.targets[name], values)


def test_listing_the_sources_needs_neither_numpy_nor_torch() -> None:
    root = Path(__file__).parents[2]
    program = "import playground.data, sys; print({'numpy', 'torch', 'sklearn'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
