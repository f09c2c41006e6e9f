"""The fitted function is what the network answers, its parts add up to it, and the truth is the source's."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from playground.blocks.activation import Tanh  # noqa: E402
from playground.blocks.data import Input, Output  # noqa: E402
from playground.blocks.dense import Dense  # noqa: E402
from playground.data import Data, Examples  # noqa: E402
from playground.data.functions import Curve, Surface  # noqa: E402
from playground.experiment import Experiment  # noqa: E402
from playground.facts import DataFacts, Target  # noqa: E402
from playground.preparation import Preparation  # noqa: E402
from playground.probes import LARGEST_ANSWER  # noqa: E402
from playground.probes.regression import MOST_UNITS, Regression  # noqa: E402
from playground.shape import Shape  # noqa: E402
from playground.training import Trainer  # noqa: E402
from tests.examples import chain  # noqa: E402

ANSWER = Output(target="y", task="regression", loss="mse")


def run_of(source, hidden=6, standardise=False, **dense):
    graph = chain(Input(field="x"), Dense(units=hidden), Tanh(), Dense(units=1, **dense), ANSWER)
    preparation = Preparation(standardise=standardise)
    return Trainer(Experiment(source=source, preparation=preparation, graph=graph), device="cpu")


@pytest.mark.parametrize("standardise", [False, True])
def test_along_a_line_it_is_the_networks_answer_and_the_sources_truth(standardise):
    source = Curve(function="sawtooth", noise=0.2, count=50, beyond=0.5)
    run = run_of(source, standardise=standardise)
    answer = Regression(places=31).measure(run)
    places = np.linspace(-4.5, 4.5, 31, dtype=np.float32)[:, None]
    assert answer.extent == (-4.5, 4.5) and answer.axes == ("x",)
    entering = run.feeds.entering("x", places)
    expected = run.network({"x": entering})["output_1"].detach().numpy()[:, 0]
    assert answer.fit == pytest.approx(expected, abs=1e-6)
    assert answer.truth == pytest.approx(source.truth(places)[:, 0], abs=1e-6), "without the noise"
    assert answer.error == pytest.approx(np.sqrt(np.mean((expected - source.truth(places)[:, 0]) ** 2)), rel=1e-4)


@pytest.mark.parametrize("bias", [True, False])
def test_what_the_units_add_and_the_offset_make_the_fit(bias):
    answer = Regression(places=31).measure(run_of(Curve(count=50), bias=bias))
    assert answer.parts.shape == (6, 31) and answer.units == tuple(range(6)) and answer.total == 6
    assert answer.parts.sum(axis=0) + answer.offset == pytest.approx(answer.fit, abs=1e-5)
    assert (answer.offset == 0) is not bias


def test_of_many_units_those_are_shown_that_change_most(size_of):
    run = run_of(Curve(count=50), hidden=100)
    with torch.no_grad():
        run.network.dense_2.weight[0, :40] = 0.0
    answer = Regression().measure(run)
    assert len(answer.units) == len(answer.parts) == MOST_UNITS and answer.total == 100
    assert set(range(40, 100)) <= set(answer.units)
    assert size_of(answer) <= LARGEST_ANSWER


def test_over_the_plane_rows_go_up_and_columns_to_the_right(size_of):
    source = Surface(function="plane", count=50)
    answer = Regression(cells=20).measure(run_of(source))
    assert answer.fit.shape == answer.truth.shape == (20, 20) and answer.parts is None
    low, high = answer.extent
    assert answer.truth[0, -1] == pytest.approx(0.3 * high - 0.2 * low + 0.1, abs=1e-6)
    assert answer.truth[-1, 0] == pytest.approx(0.3 * low - 0.2 * high + 0.1, abs=1e-6)
    assert size_of(Regression(cells=120).measure(run_of(source))) <= LARGEST_ANSWER


def test_the_examples_come_with_it():
    run = run_of(Curve(count=50, noise=0.1))
    answer = Regression().measure(run)
    assert set(answer.points) == {"train", "validation"}
    for split, points in answer.points.items():
        examples = run.data.splits[split]
        assert np.array_equal(points.where, examples.inputs["x"])
        assert np.array_equal(points.answers, examples.targets["y"][:, 0])


def test_of_measured_numbers_the_truth_is_not_known():
    x = np.linspace(2, 5, 30, dtype=np.float32)[:, None]
    facts = DataFacts({"x": Shape(features=1)}, {"y": Target(shape=Shape(features=1))}, {"train": 30})
    data = Data(replace(facts, names={"x": ("age",)}), {"train": Examples({"x": x}, {"y": x * 2})})
    run = Trainer(Experiment(graph=chain(Input(field="x"), Dense(units=1), ANSWER)), data, "cpu")
    answer = Regression().measure(run)
    assert answer.truth is None and np.isnan(answer.error)
    assert answer.extent == (2.0, 5.0) and answer.axes == ("age",)
    assert answer.parts is None, "there is no hidden unit"


def test_classes_and_three_numbers_are_no_function_to_be_drawn(planar, pictured):
    from playground.data.planar import Xor

    assert Regression().measure(planar(Xor(count=40), Output(task="binary", loss="binary_cross_entropy"), 1)) is None
    assert Regression().measure(pictured()) is None
