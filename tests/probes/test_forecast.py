"""Forecasts are told in the units of the data, beside what came and what anybody could have said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from playground.blocks.combine import Flatten  # noqa: E402
from playground.blocks.data import Input, Output  # noqa: E402
from playground.blocks.dense import Dense  # noqa: E402
from playground.data import Data, Examples  # noqa: E402
from playground.data._series import Ahead, windows  # noqa: E402
from playground.data.dynamics import Lorenz, Pendulum  # noqa: E402
from playground.data.planar import Xor  # noqa: E402
from playground.data.series import NoisySines, Seasonal  # noqa: E402
from playground.data.tables import Table  # noqa: E402
from playground.experiment import Experiment, Training  # noqa: E402
from playground.facts import DataFacts, Target  # noqa: E402
from playground.preparation import Preparation  # noqa: E402
from playground.probes import LARGEST_ANSWER  # noqa: E402
from playground.probes._series import runs_of, season_of, values_in  # noqa: E402
from playground.probes.forecast import LAST, NETWORK, SEASON, SHOWN, Forecast  # noqa: E402
from playground.shape import Shape  # noqa: E402
from playground.training import Trainer  # noqa: E402
from tests.examples import chain, small  # noqa: E402

ANSWER = Output(target="y", task="regression", loss="mse")


def experiment(source, **preparation):
    graph = chain(Input(field="x"), Flatten(), Dense(units="auto"), ANSWER)
    return Experiment(
        source=source, graph=graph, preparation=Preparation(**preparation), training=Training(batch_size=64)
    )


def run_of(source, **preparation):
    return Trainer(experiment(source, **preparation), device="cpu")


def broken_run():
    """A run on a series of two columns, of which the second is forecast, with a row missing in the middle."""
    values = np.arange(40, dtype=np.float32)
    values[20] = np.nan
    features = np.stack([100 + values, values], axis=1)
    x, y = windows(features, values, window=3, ahead=2, horizon=2)
    facts = DataFacts(
        {"x": Shape(time=3, features=2)}, {"y": Target(shape=Shape(features=2))}, {}, {"x": ("other", "v")}
    )
    data = Data(facts, in_time=True, ahead=Ahead(2, 2, past=(1,)), scaled={"y": (10.0, 3.0)})
    data = data.with_splits({"train": Examples({"x": x}, {"y": y})})
    return Trainer(experiment(Xor()), data, device="cpu")


# -- the answer ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("standardise", [False, True])
def test_the_forecast_is_the_networks_and_the_errors_are_those_of_the_split(standardise):
    run = run_of(NoisySines(length=600, window=10, ahead=3, horizon=4), standardise=standardise)
    answer = Forecast(split="test", index=7, ahead=2).measure(run)
    held = run.data.splits["test"]
    said = run.network({"x": run.feeds.entering("x", held.inputs["x"])})["output_1"].detach().numpy()
    assert answer.split == "test" and answer.count == len(held) and answer.index == 7
    assert (answer.first, answer.ahead) == (3, 5)
    assert answer.lines[NETWORK] == pytest.approx(said[7 : 7 + len(answer.times), 2], abs=1e-5)
    assert answer.fan == pytest.approx(said[7], abs=1e-5) and answer.came == pytest.approx(held.targets["y"][7])
    assert answer.past == pytest.approx(held.inputs["x"][7, :, 0])
    assert answer.lines[LAST] == pytest.approx(held.inputs["x"][7 : 7 + len(answer.times), -1, 0])
    off = np.sqrt(np.square(said - held.targets["y"]).mean(axis=0))
    assert answer.errors[NETWORK] == pytest.approx(off, rel=1e-4)
    naive = np.sqrt(np.square(held.inputs["x"][:, -1] - held.targets["y"]).mean(axis=0))
    assert answer.errors[LAST] == pytest.approx(naive, rel=1e-4)


def test_what_came_is_the_series_itself():
    source = Seasonal(length=500, window=5, ahead=5)
    answer = Forecast(split="test").measure(run_of(source))
    values = source.values(np.random.default_rng(source.seed))
    begin = 400 - source.window - source.ahead + 1
    at = begin + source.window - 1 + answer.times + answer.ahead
    assert answer.truth == pytest.approx(values[at.astype(int)], abs=1e-6)


@pytest.mark.parametrize("window", [24, 3])
def test_the_season_before_is_the_last_one_known(window):
    source = Seasonal(length=500, window=window, ahead=2, horizon=14)
    run = run_of(source)
    values = source.values(np.random.default_rng(source.seed))
    for ahead in (0, 10, 11):
        answer = Forecast(split="test", index=30, ahead=ahead).measure(run)
        assert answer.season == 12
        begin = 400 - window - 1
        at = begin + window - 1 + answer.times.astype(int) + 2 + ahead
        back = 12 if ahead < 11 else 24
        assert answer.lines[SEASON] == pytest.approx(values[at - back], abs=1e-6)


def test_numbers_are_told_in_the_units_of_the_file(tmp_path):
    (tmp_path / "sales.csv").write_text(
        "month,sold\n" + "".join(f"{2000 + i // 12}-{1 + i % 12:02}-01,{500 + i}\n" for i in range(60))
    )
    source = Table(path=str(tmp_path / "sales.csv"), window=4, ahead=5, target="sold", dates=False)
    answer = Forecast(split="validation").measure(run_of(source))
    assert answer.name == "sold"
    assert answer.truth.min() >= 500 and np.diff(answer.truth) == pytest.approx(1, abs=1e-2)
    assert answer.errors[LAST] == pytest.approx([5], rel=1e-3)
    assert answer.past == pytest.approx(answer.truth[0] - np.array([8, 7, 6, 5]), abs=1e-2)


def test_a_gap_is_left_where_windows_do_not_follow_each_other_and_columns_are_told_apart():
    answer = Forecast(split="train", ahead=1).measure(broken_run())
    assert answer.names == ("v",)
    gap = np.flatnonzero(np.isnan(answer.times))
    assert len(gap) == 2, "of some windows the row is missing, of others what they would forecast"
    assert np.isnan(answer.truth[gap]).all() and np.isnan(answer.lines[NETWORK][gap]).all()
    before, after = answer.truth[: gap[0]], answer.truth[gap[-1] + 1 :]
    assert before == pytest.approx((np.arange(5, 5 + len(before))) * 3 + 10)
    assert after == pytest.approx((np.arange(40 - len(after), 40)) * 3 + 10)
    assert np.diff(answer.times[gap[0] - 1 : gap[0] + 2 : 2]) > 3
    assert answer.errors[LAST] == pytest.approx([2 * 3, 3 * 3], rel=1e-5)


def test_of_a_system_each_quantity_can_be_looked_at():
    run = run_of(Lorenz(starts=4, steps=100, horizon=2))
    answers = [Forecast(split="test", quantity=q, ahead=1).measure(run) for q in range(3)]
    held = run.data.splits["test"]
    for q, answer in enumerate(answers):
        assert answer.names == ("x", "y", "z") and answer.name == "xyz"[q]
        assert answer.truth[:5] == pytest.approx(held.targets["y"].reshape(-1, 2, 3)[:5, 1, q])
        assert answer.lines[LAST][:5] == pytest.approx(held.inputs["x"][:5, -1, q])


def test_a_split_that_is_not_there_gives_way_and_an_index_beyond_the_end_begins_again():
    run = run_of(Pendulum(starts=4, steps=100), validation=0.0)
    answer = Forecast(split="validation", index=10**9).measure(run)
    assert answer.split == "train" and answer.splits == ("test", "train")
    assert answer.index == 10**9 % answer.count


def test_nothing_is_said_of_what_is_no_series():
    assert Forecast().measure(Trainer(small(), device="cpu")) is None
    assert Forecast.suits(experiment(Seasonal())) and Forecast.suits(experiment(Table(window=3)))
    assert not Forecast.suits(small()) and not Forecast.suits(experiment(Table()))


def test_the_answer_is_small_and_what_never_changes_is_found_out_once(size_of, monkeypatch):
    import playground.probes.forecast as module

    run = run_of(NoisySines(length=20_000, window=50, horizon=100))
    assert size_of(Forecast(split="train").measure(run)) < LARGEST_ANSWER / 4
    monkeypatch.setattr(module, "season_of", lambda values: pytest.fail("once is enough"))
    monkeypatch.setattr(module, "runs_of", lambda values: pytest.fail("once is enough"))
    answer = Forecast(split="train", index=3).measure(run)
    assert len(answer.times) == SHOWN


def test_other_data_are_looked_at_anew():
    run = run_of(Seasonal(length=500, period=12))
    assert Forecast().measure(run).season == 12
    run.data = run_of(Seasonal(length=500, period=20)).data
    assert Forecast().measure(run).season == 20


# -- series and seasons --------------------------------------------------------------------------------------------


def test_windows_are_put_together_to_what_they_were_cut_from():
    values = np.random.default_rng(1).normal(size=(30, 2)).astype(np.float32)
    x, _ = windows(values, values[:, 0], window=4, ahead=1)
    runs = runs_of(x)
    assert runs.begins.tolist() == [0] and runs.longest == (0, len(x)) == runs.around(7)
    assert np.array_equal(values_in(x, 0, len(x)), values[: len(x) + 3])
    two = runs_of(np.concatenate([x[:5], x[9:]]))
    assert two.begins.tolist() == [0, 5] and two.longest == (5, len(x) - 4)
    assert two.around(4) == (0, 5) and two.around(5) == (5, len(x) - 4)


@pytest.mark.parametrize("period", [5, 12, 24, 365])
def test_a_season_is_found_in_spite_of_noise_and_a_trend(period):
    rng = np.random.default_rng(2)
    at = np.arange(4 * period + 200)
    values = np.sin(2 * np.pi * at / period) + 0.02 * at + 0.3 * rng.normal(size=len(at))
    assert abs(season_of(values) - period) <= max(1, 0.02 * period)


@pytest.mark.parametrize(
    "values",
    [
        np.random.default_rng(1).normal(size=500),
        np.cumsum(np.random.default_rng(4).normal(size=500)),
        np.arange(300.0),
        np.ones(50),
        np.zeros(3),
        np.array([1.0, np.nan] * 20),
    ],
    ids=["noise", "walk", "line", "constant", "short", "missing"],
)
def test_where_nothing_comes_back_there_is_no_season(values):
    assert season_of(values) == 0


def test_a_season_that_reaches_before_most_of_a_split_is_not_compared_with():
    source = Seasonal(length=600, period=100, window=10)
    run = run_of(source)
    answer = Forecast(split="validation").measure(run)
    assert answer.season == 0 and SEASON not in answer.lines
    assert replace(answer, season=1).season == 1
    assert Forecast(split="train").measure(run).season == 100
