"""Curves and surfaces: where examples lie, what they say, and what is left to be tested."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.data.functions import Curve, FunctionSource, Surface

KINDS = (Curve, Surface)
EVERY = [(kind, name) for kind in KINDS for name in kind.parameters["function"].choices]


@st.composite
def sources(draw: st.DrawFn) -> FunctionSource:
    kind = draw(st.sampled_from(KINDS))
    return kind(
        function=draw(st.sampled_from(kind.parameters["function"].choices)),
        noise=draw(st.floats(0, 1)),
        count=draw(st.integers(10, 300)),
        reach=draw(st.floats(0.5, 10)),
        gap=draw(st.just(0.0) | st.floats(0, 0.8)),
        beyond=draw(st.just(0.0) | st.floats(0, 1)),
        seed=draw(st.integers(0, 2**31 - 1)),
    )


@given(sources())
@settings(max_examples=150, deadline=None)
def test_whatever_is_set_arrays_are_finite_and_as_the_facts_promise(source: FunctionSource) -> None:
    data = source.read()
    axes = len(source.axes)
    assert data.facts.counts["train"] == source.count
    left_out = max(source.gap, source.beyond)
    assert "test" in data.splits or left_out < 1e-6
    assert "test" not in data.splits or left_out > 0
    for split, examples in data.splits.items():
        assert len(examples) == data.facts.counts[split] > 0
        for values, width in ((examples.inputs["x"], axes), (examples.targets["y"], 1)):
            assert values.dtype == np.float32
            assert values.shape == (len(examples), width)
            assert np.isfinite(values).all()
    assert data.facts.inputs["x"].features == axes == len(data.facts.names["x"])
    low, high = source.extent
    largest = np.abs(data.splits["train"].inputs["x"]).max(axis=1)
    assert largest.max() <= source.reach * 1.000001
    assert largest.min() >= source.gap * source.reach * 0.999999
    assert low == -high and largest.max() <= high * 1.000001


@given(sources())
@settings(max_examples=30, deadline=None)
def test_the_seed_decides_and_nothing_else_does(source: FunctionSource) -> None:
    one, again, other = source.read(), source.read(), source.replace(seed=source.seed ^ 1).read()
    for split in one.splits:
        np.testing.assert_array_equal(one.splits[split].inputs["x"], again.splits[split].inputs["x"])
        np.testing.assert_array_equal(one.splits[split].targets["y"], again.splits[split].targets["y"])
    assert not np.array_equal(one.splits["train"].inputs["x"], other.splits["train"].inputs["x"])


@pytest.mark.parametrize(("kind", "name"), EVERY)
def test_without_noise_the_answers_are_the_truth(kind: type[FunctionSource], name: str) -> None:
    source = kind(function=name, beyond=0.5)
    splits = source.read().splits
    assert 0.2 < splits["train"].targets["y"].std() < 2, "the default training takes answers of about 1 well"
    for examples in splits.values():
        wanted = source.truth(examples.inputs["x"])
        assert wanted.shape == (len(examples), 1)
        far = np.abs(examples.targets["y"] - wanted) > 1e-4
        assert far.sum() <= 2, "only beside a jump may rounding a place to float32 change the answer"


def test_truth_is_what_the_names_say() -> None:
    x = np.array([-1.25, 0.25, 2.0])
    wanted = {
        "sine": np.sin(2 * x), "step": [-1, 1, 1], "sawtooth": [-0.25, -0.75, -1], "absolute": [1.25, 0.25, 2],
        "polynomial": (x**3 - 4 * x) / 4,
    }  # fmt: skip
    for name, values in wanted.items():
        np.testing.assert_allclose(Curve(function=name).truth(x)[:, 0], values)
    places = np.array([[0.0, 0.0], [3.0, 0.0], [0.0, 3.0]])
    np.testing.assert_allclose(Surface(function="saddle").truth(places)[:, 0], [0, 1, -1])
    np.testing.assert_allclose(Surface(function="plane").truth(places)[:, 0], [0.1, 1.0, -0.5])
    np.testing.assert_allclose(Surface(function="ripple").truth(places)[:, 0], np.cos([0, 7.5, 7.5]))
    # Franke's function at the corners and in the middle of the unit square, from its definition in four terms.
    corners = np.array([[-3.0, -3.0], [3.0, 3.0], [0.0, 0.0]])
    np.testing.assert_allclose(
        Surface(function="franke").truth(corners)[:, 0], [0.7664206, 0.0359048, 0.3258018], atol=2e-4
    )


@pytest.mark.parametrize("kind", KINDS)
def test_noise_moves_the_same_examples_by_what_it_says(kind: type[FunctionSource]) -> None:
    still, moved = kind(count=4000).read().splits["train"], kind(count=4000, noise=0.3).read().splits["train"]
    np.testing.assert_array_equal(still.inputs["x"], moved.inputs["x"])
    assert np.std(moved.targets["y"] - still.targets["y"]) == pytest.approx(0.3, rel=0.05)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_left_out_is_tested_and_as_dense(kind: type[FunctionSource]) -> None:
    source = kind(count=4000, gap=0.25, beyond=0.2, reach=4.0)
    largest = {split: np.abs(part.inputs["x"]).max(axis=1) for split, part in source.read().splits.items()}
    tested = largest["test"]
    assert not ((tested > 1.0001) & (tested < 3.9999)).any()
    assert tested.max() <= 4.8001
    n = len(source.axes)
    density = len(largest["train"]) / (4**n - 1**n)
    assert (tested < 2).sum() == pytest.approx(density * 1**n, rel=0.01)
    assert (tested > 2).sum() == pytest.approx(density * (4.8**n - 4**n), rel=0.01)


@pytest.mark.parametrize("kind", KINDS)
def test_places_are_spread_evenly(kind: type[FunctionSource]) -> None:
    x: Any = kind(count=8000).read().splits["train"].inputs["x"]
    counted, _ = np.histogramdd(x, bins=4, range=[(-3, 3)] * x.shape[1])
    expected = 8000 / counted.size
    assert np.abs(counted - expected).max() < 5 * expected**0.5
