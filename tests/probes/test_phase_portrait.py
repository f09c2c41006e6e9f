"""In closed loop the network is fed what it says, from a true beginning on, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from playground.blocks.combine import Flatten  # noqa: E402
from playground.blocks.data import Input, Output  # noqa: E402
from playground.blocks.dense import Dense  # noqa: E402
from playground.data._series import Ahead  # noqa: E402
from playground.data.dynamics import Lorenz, Pendulum  # noqa: E402
from playground.data.series import NoisySines, Seasonal  # noqa: E402
from playground.data.tables import Table  # noqa: E402
from playground.experiment import Experiment, Training  # noqa: E402
from playground.preparation import Preparation  # noqa: E402
from playground.probes import LARGEST_ANSWER  # noqa: E402
from playground.probes.phase_portrait import OTHERS, PhasePortrait, _median  # noqa: E402
from playground.training import Trainer  # noqa: E402
from tests.examples import chain, small  # noqa: E402

ANSWER = Output(target="y", task="regression", loss="mse")


def run_of(source, **preparation):
    graph = chain(Input(field="x"), Flatten(), Dense(units="auto"), ANSWER)
    training = Training(batch_size=64)
    made = Experiment(source=source, graph=graph, preparation=Preparation(**preparation), training=training)
    return Trainer(made, device="cpu")


def by_hand(run, windows, steps):
    """Go on by oneself, one trajectory, with the network as it is."""
    path = [windows[-1]]
    for _ in range(steps):
        with torch.no_grad():
            said = run.network({"x": run.feeds.entering("x", windows[None])})["output_1"][0].numpy()
        path.append(said[: windows.shape[1]])
        windows = np.concatenate([windows[1:], path[-1][None]])
    return np.stack(path)


def path_of(run, split, number, per):
    """Return a trajectory as its windows hold it, all of which are `per`."""
    windows = run.data.splits[split].inputs["x"][number * per : (number + 1) * per]
    return np.concatenate([windows[0, :-1], windows[:, -1]])


@pytest.mark.parametrize("standardise", [False, True])
def test_each_prediction_goes_into_the_next_window(standardise):
    run = run_of(Lorenz(starts=8, steps=100, window=5), standardise=standardise)
    per = 100 - 5
    answer = PhasePortrait(index=per).measure(run)  # the second trajectory for testing, from its beginning
    assert answer.split == "test" and answer.names == ("x", "y", "z") and answer.begins == (per, 2 * per)
    true = path_of(run, "test", 1, per)[4:]
    assert answer.true == pytest.approx(true)
    rolled = by_hand(run, run.data.splits["test"].inputs["x"][per], len(true) - 1)
    assert answer.rolled == pytest.approx(rolled, rel=1e-3, abs=1e-4)
    assert answer.errors == pytest.approx(np.linalg.norm(answer.rolled[1:] - answer.true[1:], axis=1), rel=1e-3)


def test_of_several_steps_at_once_the_first_goes_in():
    run = run_of(Pendulum(starts=4, steps=100, window=3, horizon=4))
    answer = PhasePortrait(index=2).measure(run)
    assert answer.true.shape[1] == 2
    rolled = by_hand(run, run.data.splits["test"].inputs["x"][2], len(answer.true) - 1)
    assert answer.rolled == pytest.approx(rolled, rel=1e-3, abs=1e-4)


def test_from_a_window_in_the_middle_the_way_is_shorter_and_the_last_one_has_none_left():
    run = run_of(Pendulum(starts=8, steps=100, window=4))
    per = 100 - 4
    middle, last = PhasePortrait(index=per + 50).measure(run), PhasePortrait(index=2 * per - 1).measure(run)
    assert middle.true == pytest.approx(path_of(run, "test", 1, per)[50 + 3 :])
    assert len(last.true) == 1 and len(last.errors) == 0 and len(last.usual) == 0


def test_a_network_that_knows_the_law_stays_on_the_path():
    run = run_of(NoisySines(waves=1, noise=0.0, period=40.0, window=2, length=500))
    with torch.no_grad():  # of a sine the next value is 2 cos(ω) times the last minus the one before
        run.network.dense_1.weight.copy_(torch.tensor([[-1.0, 2 * np.cos(2 * np.pi / 40)]]))
        run.network.dense_1.bias.zero_()
    answer = PhasePortrait(index=10).measure(run)
    assert len(answer.errors) > 50 and answer.errors.max() < 0.01
    assert answer.apart == pytest.approx(np.sqrt(2), rel=0.1), "the spread of the waves is 1"


def test_a_network_that_says_nothing_new_is_as_far_off_as_the_last_state():
    run = run_of(Lorenz(starts=4, steps=100, window=2))
    with torch.no_grad():
        run.network.dense_1.weight.copy_(torch.cat([torch.zeros(3, 3), torch.eye(3)], dim=1))
        run.network.dense_1.bias.zero_()
    answer = PhasePortrait(index=20).measure(run)
    assert answer.rolled == pytest.approx(np.repeat(answer.true[:1], len(answer.true), axis=0), abs=1e-5)
    assert answer.errors == pytest.approx(np.linalg.norm(answer.true[1:] - answer.true[0], axis=1), abs=1e-4)


def test_where_it_goes_beyond_all_numbers_the_path_ends():
    run = run_of(Pendulum(starts=4, steps=100, window=2))
    with torch.no_grad():
        run.network.dense_1.weight.fill_(1e20)
    answer = PhasePortrait().measure(run)
    lost = np.flatnonzero(np.isnan(answer.rolled).any(axis=1))
    assert len(lost) and np.isnan(answer.rolled[lost[0] :]).all() and np.isnan(answer.errors[lost[0] :]).all()


def test_numbers_are_told_in_the_units_of_the_file(tmp_path):
    (tmp_path / "sales.csv").write_text("sold\n" + "".join(f"{500 + 40 * np.sin(i / 3):.3f}\n" for i in range(120)))
    run = run_of(Table(path=str(tmp_path / "sales.csv"), window=4))
    answer = PhasePortrait(split="train").measure(run)
    assert 455 < answer.true.min() < answer.true.max() < 545 and answer.names == ("sold",)
    assert answer.apart == pytest.approx(40, rel=0.1)
    assert answer.errors == pytest.approx(np.abs(answer.rolled - answer.true)[1:, 0], rel=1e-3)


def test_the_usual_error_is_the_median_over_trajectories_from_their_beginnings():
    run = run_of(Pendulum(starts=20, steps=100, window=4))
    per = 100 - 4
    answers = [PhasePortrait(index=k * per).measure(run) for k in range(5)]
    wanted = np.median(np.stack([one.errors for one in answers]), axis=0)
    assert answers[3].usual == pytest.approx(wanted, rel=1e-3, abs=1e-6)


def test_the_median_is_that_of_those_that_come_so_far():
    nan = np.nan
    errors = np.array([[1.0, 4.0, nan, nan], [3.0, 2.0, 7.0, nan], [2.0, nan, nan, nan]])
    assert _median(errors)[:3].tolist() == [2, 3, 7] and np.isnan(_median(errors)[3])


def test_nothing_is_said_where_the_next_state_is_not_all_that_goes_in():
    assert PhasePortrait().measure(run_of(Seasonal(length=500, ahead=5))) is None
    assert PhasePortrait().measure(Trainer(small(), device="cpu")) is None
    run = run_of(Lorenz(starts=4, steps=100))
    run.data = replace(run.data, ahead=Ahead(1, 1, past=(0, 1)))
    assert PhasePortrait().measure(run) is None
    assert not PhasePortrait.suits(run_of(Seasonal(length=500, ahead=5)).experiment)
    assert PhasePortrait.suits(run.experiment)


def test_the_answer_is_small_and_a_dear_network_is_not_gone_to_the_end(size_of, monkeypatch):
    run = run_of(Lorenz(starts=60, steps=500))
    answer = PhasePortrait().measure(run)
    assert size_of(answer) < LARGEST_ANSWER / 4
    monkeypatch.setattr("playground.probes.phase_portrait.LARGEST_WORK", 30 * run.report.macs * (OTHERS + 1))
    assert len(PhasePortrait().measure(run).errors) == 30
