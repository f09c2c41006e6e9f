"""Gradient magnitudes are those of the last step."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from playground.blocks.activation import ReLU, Tanh  # noqa: E402
from playground.blocks.data import Output  # noqa: E402
from playground.blocks.dense import Dense  # noqa: E402
from playground.choices import SGD, Adagrad, Adam, AdamW, RMSprop  # noqa: E402
from playground.data.planar import Xor  # noqa: E402
from playground.probes.gradients import Gradients  # noqa: E402
from playground.training import Trainer  # noqa: E402
from tests.examples import preset, small  # noqa: E402

BINARY = Output(task="binary", loss="binary_cross_entropy")


def test_before_the_first_step_there_is_no_answer(planar):
    assert Gradients().measure(planar(Xor(count=40), BINARY, 1)) is None


def test_norm_and_root_mean_square_agree_with_autograd(planar):
    run, twin = planar(Xor(count=40), BINARY, 1), planar(Xor(count=40), BINARY, 1)
    batch = []
    next_batch = twin._next_batch
    twin._next_batch = lambda: batch.append(next_batch()) or batch[-1]
    next(twin.steps())
    # the second way: the gradient of the same batch's loss, at the first weights, from torch.autograd.grad
    inputs = torch.as_tensor(run.data.splits["train"].inputs["x"])[batch[0]]
    labels = torch.as_tensor(run.data.splits["train"].targets["label"])[batch[0]].float()
    scores = run.network({"x": inputs})["output_1"][:, 0]
    loss = torch.nn.functional.binary_cross_entropy_with_logits(scores, labels)
    expected = {
        id: torch.cat(
            [
                g.flatten()
                for g in torch.autograd.grad(loss, list(getattr(run.network, id).parameters()), retain_graph=True)
            ]
        )
        for id in ("dense_1", "dense_2")
    }
    answer = Gradients().measure(twin)
    assert answer.nodes == ("dense_1", "dense_2") and answer.step == 1
    for k, id in enumerate(answer.nodes):
        assert answer.norm[k] == pytest.approx(float(expected[id].norm()), rel=1e-5)
        assert answer.magnitude[k] == pytest.approx(float(expected[id].square().mean().sqrt()), rel=1e-5)


def test_a_gradient_too_small_to_be_squared_in_single_precision_is_not_zero(planar):
    run = planar(Xor(count=40), BINARY, 1)
    next(run.steps())
    for p in run.network.dense_1.parameters():
        p.grad.fill_(1e-30)
    assert Gradients().measure(run).magnitude[0] == pytest.approx(1e-30, rel=1e-5)


def test_a_frozen_layer_is_left_out(planar):
    run = planar(Xor(count=40), BINARY, 1)
    for p in run.network.dense_1.parameters():
        p.requires_grad_(False)
    next(run.steps())
    assert Gradients().measure(run).nodes == ("dense_2",)


def test_what_is_not_a_number_is_told_as_such(planar):
    run = planar(Xor(count=40), BINARY, 1)
    next(run.steps())
    run.network.dense_2.weight.grad[0, 0] = float("nan")
    answer = Gradients().measure(run)
    assert np.isnan(answer.magnitude[1]) and np.isfinite(answer.magnitude[0])


# -- asked closely -------------------------------------------------------------------------------------------------


def trained(experiment, steps):
    """Take steps, asking all the while; return the run and the last answer."""
    run = Trainer(experiment, device="cpu")
    answer = None
    for _ in run.steps(steps):
        answer = Gradients(closely=True).measure(run)
    return run, answer


def gradient_before(experiment, step):
    """Return by node what the gradient was before clipping: that of the same run's batch, from torch.autograd.grad."""
    run, batches = Trainer(experiment, device="cpu"), []
    next_batch = run._next_batch
    run._next_batch = lambda: batches.append(next_batch()) or batches[-1]
    for one in run.steps(step):
        if one.number == step - 1:
            weights = {name: p.detach().clone() for name, p in run.network.named_parameters()}
    inputs, wanted = run.feeds.train.batch(batches[-1])
    fresh = Trainer(experiment, device="cpu")
    fresh.network.load_state_dict(weights)
    loss = fresh.loss_of(fresh.network(inputs), wanted)
    names, parameters = zip(*fresh.network.named_parameters(), strict=True)
    found: dict = {}
    for name, g in zip(names, torch.autograd.grad(loss, parameters), strict=True):
        found.setdefault(name.rpartition(".")[0], []).append(g.flatten())
    return {id: torch.cat(parts) for id, parts in found.items()}


@pytest.mark.parametrize("clips", [{"clip_norm": 0.05}, {"clip_value": 0.002}, {"clip_norm": 0.05, "clip_value": 0.02}])
def test_before_clipping_they_were_what_autograd_says(clips):
    experiment = small(optimiser=SGD(learning_rate=0.1), **clips)
    _, answer = trained(experiment, 4)
    expected = gradient_before(experiment, 4)
    for k, id in enumerate(answer.nodes):
        assert answer.before[k] == pytest.approx(float(expected[id].square().mean().sqrt()), rel=1e-4)
    ((side, before, after),) = answer.clipping
    assert side == "" and before == pytest.approx(float(torch.cat(list(expected.values())).norm()), rel=1e-4)
    assert after == pytest.approx(float(np.linalg.norm(answer.norm))) and after < 0.9 * before


def test_where_nothing_is_clipped_there_is_no_before_and_a_short_gradient_is_what_it_was():
    _, answer = trained(small(), 3)
    assert answer.before is None and answer.clipping == ()
    _, answer = trained(small(clip_norm=1e6), 3)
    assert np.allclose(answer.before, answer.magnitude) and answer.clipping[0].before == answer.clipping[0].after


def test_what_was_cut_off_is_not_known_at_first_and_not_noted_when_nobody_asks():
    run = Trainer(small(clip_value=1e-3), device="cpu")
    steps = run.steps()
    next(steps)
    assert run.pull.uncut == {}
    assert np.isnan(Gradients(closely=True).measure(run).before).all()
    next(steps)
    assert np.isfinite(Gradients(closely=True).measure(run).before).all()


@pytest.mark.parametrize(
    "optimiser",
    [Adam(), SGD(momentum=0.9), AdamW(weight_decay=0.3), Adagrad(weight_decay=0.1), RMSprop(weight_decay=0.1)],
)
def test_the_ratio_is_how_far_the_weights_moved_by_how_large_they_were(optimiser):
    run = Trainer(small(optimiser=optimiser), device="cpu")
    for _ in run.steps(5):
        answer = Gradients(closely=True).measure(run)
        before = {name: p.detach().clone() for name, p in run.network.named_parameters()}
    next(run.steps(6))
    answer = Gradients(closely=True).measure(run)
    for k, id in enumerate(answer.nodes):
        weight, old = dict(run.network.named_parameters())[f"{id}.weight"].detach(), before[f"{id}.weight"]
        assert answer.ratio[k] == pytest.approx(float((weight - old).norm() / old.norm()), rel=1e-3)


def test_a_copy_is_kept_only_where_it_is_needed_and_only_while_somebody_looks():
    from playground.probes._stepping import Copies

    run = Trainer(small(optimiser=Adagrad(weight_decay=0.1)), device="cpu")
    steps = run.steps()
    next(steps)
    assert np.isnan(Gradients(closely=True).measure(run).ratio).all()
    next(steps)
    copies = Copies.of(run, run.optimiser)
    assert len(copies.kept) == 4
    copies._asked, copies._wanted_until = False, 0.0  # nobody has looked for long
    next(steps)
    assert copies.kept == {}
    plain = Trainer(small(optimiser=SGD(weight_decay=0.1)), device="cpu")
    for _ in plain.steps(3):
        assert np.isfinite(Gradients(closely=True).measure(plain).ratio).all()
    assert Copies.of(plain, plain.optimiser)._hook is None


def test_dead_units_are_those_that_the_whole_batch_leaves_silent():
    run = Trainer(small(Dense(units=6), ReLU(), Dense(units=4), Tanh()), device="cpu")
    with torch.no_grad():
        run.network.dense_1.bias[:2] = -100.0
    for _ in run.steps(4):
        assert Gradients(closely=True).measure(run).dead.tolist() == [0, 0, 0]
    for _ in run.steps(8):
        answer = Gradients(closely=True).measure(run)
        hidden = run.network.relu_1(run.network.dense_1(torch.as_tensor(run.batch.inputs["x"])))
    assert answer.units.tolist() == [6, 0, 0] and answer.dead.tolist() == [int((hidden == 0).all(dim=0).sum()), 0, 0]
    assert answer.dead[0] >= 2
    again = Gradients(closely=True).measure(run)
    assert again.dead.tolist() == answer.dead.tolist(), "the same batch does not count twice"


def test_penalties_are_no_gradient_of_a_dead_unit():
    run = Trainer(small(Dense(units=6), ReLU(), l2=0.1), device="cpu")
    with torch.no_grad():
        run.network.dense_1.bias[:3] = -100.0
    for _ in run.steps(7):
        answer = Gradients(closely=True).measure(run)
    assert answer.dead[0] >= 3
    run = Trainer(small(Dense(units=6, bias=False), ReLU(), l2=0.1), device="cpu")
    next(run.steps())
    assert Gradients(closely=True).measure(run).units[0] == 0, "of weights alone one cannot tell"


def test_generator_and_discriminator_are_each_told_of():
    points = preset("gan-points")
    experiment = replace(points, training=points.training.replace(clip_norm=0.01, optimiser=SGD()))
    _, answer = trained(experiment, 3)
    assert [one.side for one in answer.clipping] == ["generator", "discriminator"]
    assert all(one.after == pytest.approx(0.01, rel=1e-3) and one.before > 0.01 for one in answer.clipping)
    assert np.isfinite(answer.ratio).all()


def test_after_early_stopping_the_steps_are_not_told_of():
    run, answer = trained(small(patience=1, epochs=60, optimiser=SGD(learning_rate=30.0)), 480)
    assert run.stopped and answer.back and np.isnan(answer.ratio).all()
    assert np.isfinite(answer.magnitude).all()


def losses_and_weights(watched, **training):
    run, losses = Trainer(small(Dense(units=6), ReLU(), **training), device="cpu"), []
    for step in run.steps(12):
        losses.append(step.loss)
        if watched:
            Gradients(closely=True).measure(run)
    return losses, run.network.state_dict()


@pytest.mark.parametrize("optimiser", [Adam(), Adagrad(weight_decay=0.1), SGD(momentum=0.9, weight_decay=0.1)])
def test_looking_closely_changes_no_bit_of_the_run(optimiser):
    settings = {"optimiser": optimiser, "clip_value": 1e-3, "clip_norm": 1e-2, "l2": 0.01}
    (losses, weights), (expected, alone) = (losses_and_weights(watched, **settings) for watched in (True, False))
    assert losses == expected
    assert all(torch.equal(weights[name], alone[name]) for name in alone)
