"""Moving systems: their paths are those of the laws, by other ways of computing them, and windows are cut from them."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.data.dynamics import Dynamics, Lorenz, Pendulum, integrate
from playground.preparation import Preparation, prepare
from playground.shape import Shape

KINDS: tuple[type[Dynamics], ...] = (Pendulum, Lorenz)


def paths(source: Dynamics, starts: int = 6) -> np.ndarray:
    return source.trajectories(starts, np.random.default_rng(source.seed))


def test_a_pendulum_that_nothing_slows_keeps_its_energy() -> None:
    state = paths(Pendulum(damping=0.0, swing=3.1, step=0.5, steps=500))
    energy = state[:, :, 1] ** 2 / 2 - np.cos(state[:, :, 0])
    np.testing.assert_allclose(energy, energy[:, :1] * np.ones(500), atol=1e-6)
    assert state[:, :, 1].std() > 0.5, "it moves"


def test_a_small_swing_takes_two_pi_and_damping_ends_it() -> None:
    source = Pendulum(damping=0.0, swing=0.05, step=np.pi / 10, steps=200)
    state = paths(source)
    np.testing.assert_allclose(state[:, 20:], state[:, :-20], atol=2e-3)
    slowed = paths(source.replace(damping=0.4))[:, :, 0]
    # The envelope of a damped swing falls as exp(−damping · t / 2).
    late = np.abs(slowed[:, 40:80]).max(axis=1) / np.abs(slowed[:, :40]).max(axis=1)
    np.testing.assert_allclose(late, np.exp(-0.2 * 4 * np.pi), rtol=0.2)


def test_a_driven_pendulum_agrees_with_another_solver() -> None:
    solve = pytest.importorskip("scipy.integrate").solve_ivp
    source = Pendulum(damping=0.5, drive=1.15, frequency=0.67)
    begin, state = np.array([0.0, 2.0]), np.array([[1.0, 0.0], [-2.0, 0.3]])
    found = integrate(source.law, state, begin, 0.5, 60, finest=0.02)
    for one, t, own in zip(state, begin, found, strict=True):

        def law(t: float, y: np.ndarray) -> list[float]:
            return [y[1], 1.15 * np.cos(0.67 * t) - np.sin(y[0]) - 0.5 * y[1]]

        times = t + 0.5 * np.arange(60)
        done = solve(law, (t, times[-1] + 1e-9), one, t_eval=times, rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(own, done.y.T, atol=1e-5)


def test_the_lorenz_system_agrees_with_another_solver_as_long_as_chaos_lets_it() -> None:
    solve = pytest.importorskip("scipy.integrate").solve_ivp
    seen = paths(Lorenz(step=0.05, steps=100))
    for own in seen * 10 + np.array([0, 0, 25]):

        def law(t: float, y: np.ndarray) -> list[float]:
            return [10 * (y[1] - y[0]), y[0] * (28 - y[2]) - y[1], y[0] * y[1] - 8 / 3 * y[2]]

        done = solve(law, (0, 2.0), own[0], t_eval=0.05 * np.arange(41), rtol=1e-11, atol=1e-12)
        np.testing.assert_allclose(own[:41], done.y.T, atol=2e-4)


def test_the_lorenz_system_is_chaotic_at_28_and_comes_to_rest_below() -> None:
    wild = paths(Lorenz(step=0.1, steps=500))
    assert (np.diff(np.sign(wild[:, :, 0]), axis=1) != 0).sum(axis=1).min() > 10, "it changes wings"
    assert np.abs(wild).max() < 4
    assert 0.5 < wild.std() < 1.5
    calm = paths(Lorenz(rho=14.0, step=0.1, steps=500)) * 10 + np.array([0, 0, 25])
    side = np.sqrt(8 / 3 * 13)
    np.testing.assert_allclose(np.abs(calm[:, -1]), [[side, side, 13]] * len(calm), atol=1e-3)


@pytest.mark.parametrize(("kind", "wild"), [(Pendulum, {"drive": 2.0, "damping": 0.0}), (Lorenz, {"rho": 60.0})])
def test_what_is_seen_is_bounded_however_it_moves(kind: type[Dynamics], wild: dict[str, float]) -> None:
    whole = None
    for seen, names in kind.seen_as.items():
        source = kind(seen=seen, steps=300, step=0.2, **wild)
        found = paths(source)
        assert found.shape == (6, 300, len(names))
        assert np.isfinite(found).all()
        if "angle" in names:
            assert np.abs(found[:, :, 0]).max() <= np.pi + 1e-9
        if seen == "state":
            whole = found
    assert whole is not None
    other = paths(kind(seen="angle" if kind is Pendulum else "x", steps=300, step=0.2, **wild))
    np.testing.assert_array_equal(other[:, :, 0], whole[:, :, 0])
    if kind is Pendulum:
        x, y, velocity = np.moveaxis(paths(Pendulum(seen="position", steps=300, step=0.2, **wild)), 2, 0)
        np.testing.assert_allclose([x, y], [np.sin(whole[:, :, 0]), -np.cos(whole[:, :, 0])], atol=1e-9)
        np.testing.assert_array_equal(velocity, whole[:, :, 1])


@given(
    st.sampled_from(KINDS),
    st.integers(4, 9),
    st.integers(1, 50),
    st.integers(1, 20),
    st.just(0.0) | st.floats(0.01, 0.5),
    st.integers(0, 2**31 - 1),
)
@settings(max_examples=25, deadline=None)
def test_windows_are_followed_by_the_states_to_predict(
    kind: type[Dynamics], starts: int, window: int, horizon: int, noise: float, seed: int
) -> None:
    source = kind(starts=starts, steps=100, window=window, horizon=horizon, noise=noise, seed=seed)
    data = source.read()
    names = kind.seen_as["state"]
    tested = -(-starts // 4)
    each = 100 - window - horizon + 1
    assert data.facts.counts == {"train": starts * each, "test": tested * each}
    assert data.facts.inputs["x"] == Shape(time=window, features=len(names))
    assert data.facts.names["x"] == names
    assert data.facts.targets["y"].shape == Shape(features=horizon * len(names))
    clean = paths(source, starts + tested)
    for split, path in (("test", 0), ("train", tested)):
        x, y = data.splits[split].inputs["x"], data.splits[split].targets["y"]
        at = each - 1 if split == "test" else each + 3 if each > 3 else 0  # the last of a path, one of the second
        path, start = path + at // each, at % each
        assert np.abs(x[at] - clean[path, start : start + window]).max() <= 6 * noise + 1e-6
        wanted = clean[path, start + window :][:horizon].ravel()
        assert np.abs(y[at] - wanted).max() <= 6 * noise + 1e-6


@pytest.mark.parametrize("kind", KINDS)
def test_what_tests_began_elsewhere(kind: type[Dynamics]) -> None:
    splits = kind().read().splits
    first = {split: examples.inputs["x"][:: 200 - 8, 0] for split, examples in splits.items()}
    assert [len(one) for one in first.values()] == [20, 5]
    apart = np.abs(first["train"][:, None] - first["test"][None]).max(axis=2)
    assert apart.min() > 1e-4
    seeds = [kind(seed=seed).read().splits["train"].inputs["x"] for seed in (1, 1, 2)]
    np.testing.assert_array_equal(seeds[0], seeds[1])
    assert not np.array_equal(seeds[0], seeds[2])


def test_a_remark_says_what_repeating_the_last_state_gives() -> None:
    data = prepare(Lorenz(horizon=2).read(), Preparation(), 1)
    held = data.splits["validation"]
    wanted = np.mean((held.targets["y"].reshape(-1, 2, 3) - held.inputs["x"][:, -1:]) ** 2)
    said = re.search(r"error of (\S+);", str(data.remarks[0]))
    assert said and float(said[1]) == pytest.approx(wanted, rel=0.01)
