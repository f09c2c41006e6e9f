"""A9, the loss surface: what its presets say of it is so."""

from __future__ import annotations

from dataclasses import replace

import pytest

torch = pytest.importorskip("torch")

from playground.probes.loss_surface import LossPath, LossSurface, dented  # noqa: E402
from playground.recorded import recorded  # noqa: E402
from playground.surface import Weights, survey  # noqa: E402
from playground.training import Trainer  # noqa: E402
from tests.examples import preset  # noqa: E402


def bent(name):
    """Train a preset and return how much of its surface curves downwards, for three random planes."""
    trainer = Trainer(preset(name), device="cpu")
    for _ in trainer.steps():
        pass
    found = []
    for seed in (1, 2, 3):
        *_, (_, answer) = survey(trainer, LossSurface(seed=seed))
        found.append(dented(answer.losses))
    return found


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_without_shortcuts_half_of_the_surface_curves_downwards_with_them_a_quarter():
    plain, residual = bent("loss-surface-plain"), bent("loss-surface-residual")
    assert min(plain) > 0.42  # measured 0.54, 0.53, 0.59
    assert max(residual) < 0.35  # measured 0.26, 0.12, 0.22
    assert sum(plain) > 2 * sum(residual)


def test_the_saddle_holds_the_run_up_and_then_lets_it_go():
    trainer = Trainer(preset("saddle"), device="cpu")
    assert LossPath().measure(trainer).weights == 2
    steps = {step.number: step.loss for step in trainer.steps()}
    assert steps[1] > 3
    assert all(0.9 < steps[number] < 1.1 for number in range(400, 1001))  # hardly anything happens here
    assert steps[2000] < 1e-3
    points = LossPath().measure(trainer).two
    assert (abs(points).max(axis=1)).min() < 0.12  # it came near the saddle
    assert points[-1].prod() == pytest.approx(1.0, abs=1e-2)


def test_from_exactly_the_ridge_it_never_leaves_the_saddle():
    experiment = preset("saddle")
    node = experiment.graph.nodes["w2"]
    graph = replace(
        experiment.graph, nodes={**experiment.graph.nodes, "w2": replace(node, weights={"weight": [[-0.95]]})}
    )
    trainer = Trainer(replace(experiment, graph=graph), device="cpu")
    *_, last = trainer.steps()
    assert last.loss == pytest.approx(1.0, abs=0.02)
    assert Weights(trainer.network).now().abs().max() < 0.02


def test_the_recorded_ways_are_as_the_text_says():
    told = recorded(preset("mode-connectivity"))
    straight, curve = (dict(told.lines[name]) for name in ("straight", "curve"))
    assert told.x == "way" and not told.counts and straight.keys() == curve.keys()
    assert max(straight.values()) == straight[0.5] and round(straight[0.5], 2) == 0.96
    assert max(curve.values()) == max(curve[0.0], curve[1.0]) < 0.014


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_recorded_ways_can_be_measured_again():
    from playground.connecting import connected

    ways, told = connected(preset("mode-connectivity")), recorded(preset("mode-connectivity"))
    for name, line in (("straight", ways.straight), ("curve", ways.curve)):
        for (t, loss), (place, then) in zip(line, told.lines[name], strict=True):
            assert t == place and loss == pytest.approx(then, abs=0.02)
    assert max(loss for _, loss in ways.curve) < 0.05 < 0.5 < max(loss for _, loss in ways.straight)
