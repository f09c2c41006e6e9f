"""What holds for every data set, whatever it is: facts and arrays agree, and reading twice gives the same."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from playground.data import SOURCES, Data
from playground.data.idx import IdxFolder
from playground.facts import DataFacts

READY = [
    key
    for key, source in SOURCES.items()
    if source is not IdxFolder and (key != "digits" or find_spec("sklearn") is not None)
]
"""The sets that can be read as they are; a folder has to be chosen first."""


def read(key: str) -> Data:
    return SOURCES[key]().read()


@pytest.mark.parametrize("key", SOURCES)
def test_a_source_says_what_it_is(key: str) -> None:
    source = SOURCES[key]
    assert source.key == key == key.lower()
    assert source.title
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
            assert examples.targets[name].dtype == np.int64
            assert set(np.unique(examples.targets[name])) == set(range(len(target.classes)))
    assert DataFacts.from_json(data.facts.to_json()) == data.facts


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
    spoilt.inputs["x"][:] = -1
    spoilt.targets["label"][:] = 0
    after = read(key).splits["train"]
    np.testing.assert_array_equal(after.inputs["x"], before.splits["train"].inputs["x"])
    np.testing.assert_array_equal(after.targets["label"], before.splits["train"].targets["label"])


def test_listing_the_sources_needs_neither_numpy_nor_torch() -> None:
    root = Path(__file__).parents[2]
    program = "import playground.data, sys; print({'numpy', 'torch', 'sklearn'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
