"""The loss on a plane of weights, against what can be computed by hand; and the run is never touched by it."""

from __future__ import annotations

import math
import pickle
import time

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from playground.blocks.activation import Tanh  # noqa: E402
from playground.blocks.data import Input, Output  # noqa: E402
from playground.blocks.dense import Dense  # noqa: E402
from playground.blocks.normalisation import BatchNorm  # noqa: E402
from playground.choices import SGD  # noqa: E402
from playground.data.functions import Curve  # noqa: E402
from playground.experiment import Experiment, Training  # noqa: E402
from playground.probes.loss_surface import LossPath, LossSurface, dented  # noqa: E402
from playground.surface import (  # noqa: E402
    FORGOTTEN,
    MOST_POSITIONS,
    Landscape,
    Walk,
    Weights,
    from_coarse_to_fine,
    laid,
    path_plane,
    random_plane,
    survey,
    weights_plane,
)
from playground.text import Refusal  # noqa: E402
from playground.training import Trainer  # noqa: E402
from tests.examples import BINARY, chain, delicate, images, pictured, preset, regression, small  # noqa: E402


def trained(experiment, steps=20, data=None):
    trainer = Trainer(experiment, data, device="cpu")
    for _ in trainer.steps(steps):
        pass
    return trainer


def surveyed(trainer, **asked):
    *_, (share, answer) = survey(trainer, LossSurface(**asked))
    assert share == 1.0
    return answer


def two_weights():
    """Fit y = w2 · w1 · x: a network of two weights."""
    source = Curve(function="line", count=20)
    graph = chain(
        Input(),
        Dense(units=1, bias=False),
        Dense(units=1, bias=False),
        Output(target="y", task="regression", loss="mse"),
    )
    training = Training(optimiser=SGD(learning_rate=0.01), batch_size=20, epochs=1000)
    return Experiment(source=source, graph=graph, facts=source.read().facts, training=training)


# -- directions --------------------------------------------------------------------------------------------------


def test_every_filter_of_a_direction_is_as_long_as_the_filter_of_the_weights():
    trainer = trained(pictured(), data=images())
    plane = random_plane(trainer, 1.0, seed=3)
    weights = Weights(trainer.network)
    own = weights.named(weights.now())
    for direction in (plane.across, plane.up):
        named = weights.named(direction)
        assert {name for name, part in named.items() if part.any()} == {"conv_1.weight", "dense_1.weight"}
        for name in ("conv_1.weight", "dense_1.weight"):
            for row, mine in zip(named[name], own[name], strict=True):
                assert row.norm().item() == pytest.approx(mine.norm().item(), rel=1e-5)


def test_the_second_direction_is_at_right_angles_to_the_first_and_seeds_differ():
    trainer = trained(pictured(), data=images())
    one, same, other = (random_plane(trainer, 1.0, seed) for seed in (3, 3, 4))
    assert (one.across @ one.up).item() == pytest.approx(0.0, abs=1e-5 * (one.across @ one.across).item())
    assert torch.equal(one.across, same.across) and torch.equal(one.up, same.up)
    assert not torch.equal(one.across, other.across)


def test_a_filter_of_one_number_moves_in_one_direction_only():
    graph = chain(Input(), Dense(units=1), Dense(units=5), Tanh(), Dense(units=1), BINARY)
    experiment = small()
    plane = random_plane(trained(Experiment(source=experiment.source, facts=experiment.facts, graph=graph)), 1.0, 1)
    middle = slice(3, 8)  # behind the two weights and the bias of the first
    assert ((plane.across[middle] != 0) ^ (plane.up[middle] != 0)).all()
    assert (plane.across @ plane.up).item() == pytest.approx(0.0, abs=1e-6)


def test_weights_that_are_all_zero_or_frozen_have_no_random_directions():
    trainer = trained(small(), steps=0)
    for parameter in trainer.network.parameters():
        parameter.data.zero_()
    with pytest.raises(Refusal, match="all weights are 0"):
        random_plane(trainer, 1.0, 1)
    for parameter in trainer.network.parameters():
        parameter.requires_grad_(False)
    with pytest.raises(Refusal, match="no weights that training changes"):
        random_plane(trainer, 1.0, 1)


# -- losses ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["xor", "dense-as-convolution", "vae", pytest.param("detection-two", marks=pytest.mark.slow)]
)
def test_in_the_middle_stands_the_loss_of_the_run(name):
    trainer = trained(preset(name), steps=2)
    answer = surveyed(trainer, points=3, examples=40)
    assert answer.examples == min(40, len(trainer.data.splits["train"]))
    assert answer.losses[1, 1] == pytest.approx(trainer.evaluate("train", 40).metrics["loss"], rel=1e-5)
    assert np.isfinite(answer.losses).all()


def test_more_examples_than_go_through_at_once_are_judged_together():
    trainer = trained(small(), steps=1)
    trainer.data.splits["train"] = trainer.data.splits["train"].take(np.arange(600) % 80)
    again = Trainer(trainer.experiment, trainer.data, device="cpu")
    landscape = Landscape(again, 600)
    assert landscape.loss(Weights(again.network).now()) == pytest.approx(again.evaluate("train").metrics["loss"])


def test_a_quadratic_loss_gives_exactly_its_quadratic():
    experiment, data = regression(answers=1)
    trainer = trained(experiment, 5, data)
    answer = surveyed(trainer, points=9, examples=60, seed=2)
    plane, x = random_plane(trainer, 1.0, 2), data.splits["train"].inputs["x"].astype(float)
    y = data.splits["train"].targets["y"].astype(float)
    for i, b in enumerate(np.linspace(-1, 1, 9)):
        for j, a in enumerate(np.linspace(-1, 1, 9)):
            row = (plane.origin + a * plane.across + b * plane.up).double().numpy()
            bent = np.mean((x @ row[:3][:, None] + row[3] - y) ** 2)
            assert answer.losses[i, j] == pytest.approx(bent, rel=1e-4)
    assert dented(answer.losses) == 0.0


def test_shared_weights_move_together_also_where_they_lie_otherwise():
    trainer = trained(preset("dense-as-convolution"), steps=0)
    landscape = Landscape(trainer, 20)
    now = landscape.weights.now()
    before = landscape.loss(now)
    assert landscape.loss(1.3 * now) != pytest.approx(before, rel=1e-3)
    with torch.no_grad():
        for parameter in trainer.network.parameters():
            parameter.mul_(1.3)
    assert trainer.evaluate("train", 20).metrics["loss"] == pytest.approx(landscape.loss(1.3 * now), rel=1e-5)


def test_looking_never_changes_the_run():
    plain = Trainer(delicate(), device="cpu")
    alone = [step.loss for step in plain.steps(24)]
    looked = Trainer(delicate(), device="cpu")
    seen = []
    for step in looked.steps(24):
        seen.append(step.loss)
        LossPath().measure(looked)
        if step.number % 8 == 0:
            state = torch.get_rng_state()
            for directions in ("random", "path"):
                surveyed(looked, directions=directions, points=3)
            assert torch.equal(state, torch.get_rng_state())
            assert looked.network.training
    assert seen == alone
    for name, value in plain.network.state_dict().items():
        assert torch.equal(value, looked.network.state_dict()[name]), name


def test_what_trains_on_meanwhile_does_not_bend_the_surface():
    trainer = trained(small(Dense(units=4), BatchNorm(), Tanh()), 4)
    whole = surveyed(trainer, points=9)
    slices = survey(trainer, LossSurface(points=9))
    next(slices)
    for _ in trainer.steps(30):
        next(slices, None)
    *_, (_, late) = slices
    np.testing.assert_array_equal(late.losses, whole.losses)


def test_progress_only_rises_and_the_picture_fills_from_coarse_to_fine():
    shares, known = [], []
    for share, answer in survey(trained(small(), 3), LossSurface(points=9)):
        shares.append(share)
        known.append(np.isfinite(answer.losses).sum())
    assert shares == sorted(shares) and (shares[0], shares[-1]) == (0.0, 1.0)
    assert known == sorted(known) and known[-1] == 81
    order = from_coarse_to_fine(9)
    assert order[:4] == [(0, 0), (0, 8), (8, 0), (8, 8)] and len(set(order)) == 81


def test_the_share_that_curves_downwards():
    x, y = np.meshgrid(np.linspace(-1, 1, 15), np.linspace(-1, 1, 15))
    assert dented(x**2 + 3 * y**2) == 0.0
    assert dented(x**2 - y**2) == 1.0
    assert dented(x + 2 * y) == 0.0
    assert 0.3 < dented(np.sin(6 * x) + x**2 + y**2) < 0.7
    assert math.isnan(dented(np.full((5, 5), np.nan)))


# -- two weights and the way -------------------------------------------------------------------------------------


def test_two_weights_are_the_axes_themselves():
    trainer = trained(two_weights(), 3)
    answer = surveyed(trainer, directions="weights", points=5)
    assert answer.names == ("dense_1", "dense_2")
    assert answer.extent == ((-2.0, 2.0), (-2.0, 2.0))
    x = trainer.data.splits["train"].inputs["x"].astype(float)
    steps = np.linspace(-2, 2, 5)
    for i, second in enumerate(steps):
        for j, first in enumerate(steps):
            assert answer.losses[i, j] == pytest.approx(np.mean((first * second * x - x) ** 2), rel=1e-4, abs=1e-9)
    with pytest.raises(Refusal, match="two weights"):
        weights_plane(trained(small(), 1), 1.0)


def test_the_way_of_two_weights_is_followed_step_by_step_while_somebody_looks(monkeypatch):
    trainer = Trainer(two_weights(), device="cpu")
    LossPath().measure(trainer)
    positions = [Weights(trainer.network).now().tolist()]
    for _ in trainer.steps(30):
        positions.append(Weights(trainer.network).now().tolist())
    path = LossPath().measure(trainer)
    assert path.steps.tolist() == [*range(31), 30] and path.weights == 2
    np.testing.assert_allclose(path.two, [*positions, positions[-1]], rtol=1e-6)
    monkeypatch.setattr(Walk.of(trainer), "_looked", time.monotonic() - FORGOTTEN - 1)
    for _ in trainer.steps(40):
        pass
    assert len(LossPath().measure(trainer).steps) == 33  # where it is now has been noted since, and it is now


def test_the_way_is_thinned_and_keeps_its_beginning():
    trainer = Trainer(two_weights(), device="cpu")
    LossPath().measure(trainer)
    for _ in trainer.steps(700):
        pass
    steps = LossPath().measure(trainer).steps
    assert len(steps) <= MOST_POSITIONS and steps[0] == 0 and steps[-1] == 700
    assert np.diff(steps).max() <= 16


def test_the_way_on_a_plane_goes_through_its_middle_and_ends_where_the_run_is():
    trainer = trained(small(), 10)
    LossPath().measure(trainer)
    for step in trainer.steps(20):
        if step.number == 15:
            answer = surveyed(trainer, points=3)
        LossPath().measure(trainer)
    path = LossPath().measure(trainer)
    assert path.plane == answer.plane and answer.step == 15
    here = path.points[path.steps.tolist().index(15)]
    np.testing.assert_allclose(here, (0, 0), atol=1e-6)
    plane = Walk.of(trainer).plane
    row = (Weights(trainer.network).now() - plane.origin).double()
    across = (row @ plane.across.double() / plane.across.double().norm() ** 2).item()
    assert path.points[-1][0] == pytest.approx(across, rel=1e-5)


def test_the_plane_along_the_way_holds_the_two_principal_components_of_it():
    trainer = Trainer(small(), device="cpu")
    rows = []
    for _ in trainer.steps(25):
        LossPath().measure(trainer)
        rows.append(Weights(trainer.network).now().double().numpy())
    plane = path_plane(trainer, 1.0)
    away = np.array(rows) - rows[-1]
    values = np.linalg.svd(away, compute_uv=False) ** 2
    assert plane.explained == pytest.approx(values[:2] / values.sum(), rel=1e-6)
    along = away @ np.array([plane.across.numpy(), plane.up.numpy()]).T
    (left, right), (low, high) = plane.extent
    assert (along[:, 0] > left).all() and (along[:, 0] < right).all()
    assert (along[:, 1] > low).all() and (along[:, 1] < high).all()
    assert along[0, 0] < 0  # it comes from the left


def test_a_way_that_is_too_short_is_refused():
    trainer = trained(small(), 1)
    with pytest.raises(Refusal, match="too short"):
        laid(trainer, LossSurface(directions="path"))


def test_a_network_that_learns_nothing_has_no_way():
    trainer = Trainer(preset("mcp-and"), device="cpu")
    if Weights(trainer.network).count:
        pytest.skip("its weights are learnt by now")
    assert LossPath().measure(trainer) is None


def test_an_answer_is_small():
    answer = surveyed(trained(small(), 2), points=49, examples=20)
    assert len(pickle.dumps(answer, protocol=5)) < 16_384
