"""Series that are made up: they are what they are called, windows fit, and nothing of the end is given away."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.data._series import unchanging, windows
from playground.data.series import NoisySines, RandomWalk, Seasonal, SeriesSource
from playground.preparation import Preparation, prepare
from playground.shape import Shape

KINDS: tuple[type[SeriesSource], ...] = (NoisySines, RandomWalk, Seasonal)


def values(source: SeriesSource) -> np.ndarray:
    return source.values(np.random.default_rng(source.seed))


@given(
    st.sampled_from(KINDS),
    st.integers(500, 900),
    st.integers(1, 200),
    st.integers(1, 100),
    st.integers(1, 100),
    st.integers(0, 2**31 - 1),
)
@settings(max_examples=100, deadline=None)
def test_whatever_is_set_windows_and_answers_lie_where_they_should(
    kind: type[SeriesSource], length: int, window: int, ahead: int, horizon: int, seed: int
) -> None:
    source = kind(length=length, window=window, ahead=ahead, horizon=horizon, seed=seed)
    series, data = values(source).astype(np.float32), source.read()
    assert data.in_time
    assert data.facts.inputs["x"] == Shape(time=window, features=1)
    assert data.facts.targets["y"].shape == Shape(features=horizon)
    begin = length - length // 5
    first = {"train": 0, "test": begin - window - ahead + 1}
    last = {"train": begin, "test": length}
    for split, start in first.items():
        x, y = data.splits[split].inputs["x"], data.splits[split].targets["y"]
        n = last[split] - start - window - ahead - horizon + 2
        assert len(x) == len(y) == data.facts.counts[split] == n > 0
        for at in (0, n // 2, n - 1):
            np.testing.assert_array_equal(x[at, :, 0], series[start + at :][:window])
            np.testing.assert_array_equal(y[at], series[start + at + window + ahead - 1 :][:horizon])


def test_no_value_is_predicted_in_training_and_in_testing() -> None:
    splits = NoisySines(window=10, ahead=3, horizon=4).read().splits
    train, test = (set(splits[split].targets["y"].ravel().tolist()) for split in ("train", "test"))
    assert not train & test
    assert len(train | test) == 2000 - 10 - 3 + 1


@pytest.mark.parametrize("kind", KINDS)
def test_numbers_are_of_the_order_of_one(kind: type[SeriesSource]) -> None:
    for seed in range(5):
        series = values(kind(seed=seed))
        assert 0.05 < series.std() < 3
        assert np.abs(series).max() < 10


@pytest.mark.parametrize("drift", [-0.001, 0.001])
def test_a_price_never_falls_to_nothing_however_wild(drift: float) -> None:
    for seed in range(5):
        for examples in RandomWalk(length=20_000, volatility=0.05, drift=drift, seed=seed).read().splits.values():
            assert np.isfinite(examples.targets["y"]).all()
            assert (examples.targets["y"] > 0).all()


def test_the_waves_have_their_spread_and_the_longest_its_period() -> None:
    still = values(NoisySines(length=20_000, noise=0.0))
    assert still.std() == pytest.approx(1, rel=0.02)
    strengths = np.abs(np.fft.rfft(still))
    peaks = np.flatnonzero(strengths > 0.2 * strengths.max())
    assert 20_000 / peaks.min() == pytest.approx(40, rel=0.01)
    noisy = values(NoisySines(length=20_000, noise=0.5))
    assert (noisy - still).std() == pytest.approx(0.5, rel=0.03)
    one = values(NoisySines(waves=1, noise=0.0, period=50))
    np.testing.assert_allclose(one[50:], one[:-50], atol=1e-9)
    assert np.abs(one).max() == pytest.approx(2**0.5, rel=0.01)


def test_steps_of_a_walk_are_independent_and_as_wide_as_is_said() -> None:
    source = RandomWalk(length=20_000, volatility=0.05, drift=0.001)
    prices = values(source)
    steps = np.diff(np.log(prices))
    assert steps.std() == pytest.approx(0.05, rel=0.02)
    assert abs(np.corrcoef(steps[1:], steps[:-1])[0, 1]) < 0.03
    assert steps.mean() == pytest.approx(0.001, abs=0.001)
    assert prices[:16_000].mean() == pytest.approx(1)
    assert (prices > 0).all()


def test_seasons_come_back_on_a_rising_level() -> None:
    source = Seasonal(noise=0.0, period=12, length=1200, trend=2.0, season=0.5)
    series = values(source)
    yearly = series.reshape(-1, 12)
    rises = np.diff(yearly, axis=0)
    np.testing.assert_allclose(rises, 2.0 * 12 / 1199, atol=1e-9)
    level = 2.0 * (np.linspace(0, 1, 1200) - 0.5)
    assert (series - level).std() == pytest.approx(0.5)
    growing = values(source.replace(growing=True)) - level
    assert growing[-12:].std() == pytest.approx(0.5, rel=0.02)
    assert growing[:12].std() < 0.01


@pytest.mark.parametrize("period", [2, 3, 5, 200])
def test_seasons_of_any_period_have_their_spread(period: int) -> None:
    series = values(Seasonal(noise=0.0, trend=0.0, period=period, length=600))
    assert np.isfinite(series).all()
    assert series[: period * (600 // period)].std() == pytest.approx(0.5, rel=1e-6)


def test_the_seed_decides() -> None:
    for kind in KINDS:
        assert np.array_equal(values(kind(seed=3)), values(kind(seed=3)))
        assert not np.array_equal(values(kind(seed=3)), values(kind(seed=4)))


# -- what series have in common ----------------------------------------------------------------------------------


def test_repeating_the_last_value_is_measured_step_by_step() -> None:
    last, answers = np.array([[1.0, 10.0], [2.0, 20.0]]), np.array([[1.0, 11.0, 3.0, 10.0], [2.0, 20.0, 2.0, 22.0]])
    assert "error of 1.12;" in str(unchanging(last, answers)), "(0 + 1 + 4 + 0 + 0 + 0 + 0 + 4) / 8"
    data = prepare(RandomWalk(horizon=3).read(), Preparation(), 1)
    held = data.splits["validation"]
    wanted = np.mean((held.targets["y"] - held.inputs["x"][:, -1]) ** 2)
    (remark,) = data.remarks
    said = re.search(r"error of (\S+);", str(remark))
    assert said and float(said[1]) == pytest.approx(wanted, rel=0.01)


@given(st.integers(1, 30), st.integers(1, 5), st.integers(1, 4), st.integers(1, 4), st.integers(0, 1000))
@settings(max_examples=200, deadline=None)
def test_windows_are_those_that_lack_nothing(steps: int, window: int, ahead: int, horizon: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    features, target = rng.normal(size=(steps, 2)).astype(np.float32), rng.normal(size=steps).astype(np.float32)
    features[rng.random((steps, 2)) < 0.05] = np.nan
    target[rng.random(steps) < 0.1] = np.nan
    x, y = windows(features, target, window, ahead, horizon)
    wanted = []
    for start in range(steps):
        look = features[start : start + window]
        answer = target[start + window + ahead - 1 :][:horizon]
        if len(look) == window and len(answer) == horizon and not np.isnan(look).any() and not np.isnan(answer).any():
            wanted.append((look, answer))
    assert x.shape == (len(wanted), window, 2)
    assert y.shape == (len(wanted), horizon)
    for at, (look, answer) in enumerate(wanted):
        np.testing.assert_array_equal(x[at], look)
        np.testing.assert_array_equal(y[at], answer)
