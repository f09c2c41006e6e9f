"""Rows C12, C13 and C14 of the curriculum: forecasts, systems in closed loop, long series made short first."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from playground.blocks.recurrence import RNN
from playground.data.recognise import in_place_of, recognise
from playground.probes.forecast import LAST, NETWORK, SEASON, Forecast
from playground.probes.phase_portrait import PhasePortrait
from tests.examples import preset

SHARED = Path(__file__).parents[2] / "shared" / "data"


def trainer(experiment):
    return pytest.importorskip("playground.training").Trainer(experiment, device="cpu")


def trained(experiment):
    run = trainer(experiment)
    for _ in run.steps():
        pass
    return run


# -- C12: forecasts ------------------------------------------------------------------------------------------------


def test_what_validates_and_tests_lies_behind_what_trains():
    run = trainer(preset("forecast"))
    source = run.experiment.source
    values = source.values(np.random.default_rng(source.seed)).astype(np.float32)
    ends = [
        np.flatnonzero(np.isin(values, run.data.splits[name].targets["y"])).max() for name in ("train", "validation")
    ]
    begins = [
        np.flatnonzero(np.isin(values, run.data.splits[name].targets["y"])).min() for name in ("validation", "test")
    ]
    assert ends[0] < begins[0] and ends[1] < begins[1]


def test_the_best_naive_forecast_is_the_season_before():
    answer = Forecast().measure(trainer(preset("forecast")))
    assert answer.season == 12 and answer.ahead == 5
    assert answer.errors[SEASON][0] < 0.2 < answer.errors[LAST][0]
    assert preset("forecast").result.value < answer.errors[SEASON][0] ** 2, "what is promised beats it too"
    assert preset("forecast").result.baseline == pytest.approx(answer.errors[LAST][0] ** 2, abs=1e-3)


def test_twenty_steps_are_harder_for_the_last_value_with_each_step():
    answer = Forecast().measure(trainer(preset("forecast-horizon")))
    assert len(answer.errors[LAST]) == 20 and (np.diff(answer.errors[LAST][:8]) > 0).all()
    assert preset("forecast-horizon").result.baseline == pytest.approx(np.square(answer.errors[LAST]).mean(), abs=1e-2)


@pytest.mark.slow
@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared files are not on this machine")
@pytest.mark.parametrize(
    ("file", "share"),
    [
        ("airline_passengers/airline-passengers.csv", 0.6),
        ("daily_min_temperatures/daily-min-temperatures.csv", 0.7),
        ("beijing_pm25/pollution.csv", 0.9),
    ],
)
def test_five_steps_ahead_real_series_are_forecast_better_than_by_the_last_value(file, share):
    experiment = preset("forecast")
    source = in_place_of(experiment.source, recognise(SHARED / file))
    assert (source.window, source.ahead, source.horizon) == (24, 5, 1)
    preparation = experiment.preparation.replace(standardise=True)  # as `train --data` does with a table
    run = trained(replace(experiment, source=source, preparation=preparation))
    answer = Forecast().measure(run)
    held = run.data.splits["validation"]
    naive = float(np.square(held.inputs["x"][:, -1, 0] - held.targets["y"][:, 0]).mean())
    _, scale = run.data.scaled["y"]
    assert scale > 1 and answer.errors[LAST][0] == pytest.approx(np.sqrt(naive) * scale, rel=1e-3)
    assert run.evaluate("validation").metrics["mse"] < share * naive
    assert answer.errors[NETWORK][0] < answer.errors[LAST][0]


# -- C13: systems --------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_pendulum_is_followed_to_the_end_by_a_gru_and_not_by_an_rnn():
    experiment = preset("pendulum")
    followed = PhasePortrait().measure(trained(experiment))
    assert len(followed.errors) > 180 and followed.errors.max() < followed.apart / 4
    nodes = dict(experiment.graph.nodes)
    nodes["gru_1"] = replace(nodes["gru_1"], block=RNN(units=32))
    plain = PhasePortrait().measure(trained(replace(experiment, graph=replace(experiment.graph, nodes=nodes))))
    assert plain.errors.max() > plain.apart / 4


@pytest.mark.slow
def test_the_lorenz_system_is_followed_for_a_while_and_its_butterfly_for_ever():
    run = trained(preset("lorenz"))
    answer = PhasePortrait().measure(run)
    lost = int(np.flatnonzero(answer.errors > answer.apart / 4)[0])
    assert 60 < lost < 400
    later = answer.rolled[lost:]
    assert np.isfinite(later).all() and np.abs(later).max() < 3
    assert later[:, 0].std() > 0.3, "it neither stands still nor runs in a small ring"


def test_before_it_has_learnt_the_network_leaves_the_path_at_once():
    answer = PhasePortrait().measure(trainer(preset("pendulum")))
    assert answer.errors[:20].max() > answer.apart / 4


# -- C14: long series ----------------------------------------------------------------------------------------------


def test_the_convolution_leaves_an_eighth_of_the_steps():
    known, twin = (preset(name).examined().nodes for name in ("long-series", "long-series-plain"))
    assert [str(known[id].shape) for id in ("input_1", "conv_1", "gru_1")] == ["200 × 1", "25 × 16", "25 × 32"]
    assert str(twin["gru_1"].shape) == "200 × 32"
    assert twin["gru_1"].macs > 5 * known["gru_1"].macs


@pytest.mark.slow
def test_a_step_of_training_is_several_times_faster_behind_the_convolution():
    seconds = {}
    for name in ("long-series", "long-series-plain"):
        steps = trainer(preset(name)).steps(12)
        next(steps)
        taken = []
        for _ in range(10):
            began = time.perf_counter()
            next(steps)
            taken.append(time.perf_counter() - began)
        seconds[name] = min(taken)
    assert seconds["long-series-plain"] > 3 * seconds["long-series"]
