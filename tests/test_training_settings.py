"""What can be set of training does what it says, and a run that goes on knows where it was."""

from __future__ import annotations

from dataclasses import replace

import pytest

torch = pytest.importorskip("torch")

from playground.blocks.activation import Step  # noqa: E402
from playground.blocks.convolution import Conv2D  # noqa: E402
from playground.blocks.data import Input, Output  # noqa: E402
from playground.blocks.dense import Dense  # noqa: E402
from playground.checkpoint import capture, restore  # noqa: E402
from playground.choices import SGD, He, PerceptronRule, Plateau, Stepwise  # noqa: E402
from playground.data.digits import Digits  # noqa: E402
from playground.data.planar import TruthTable  # noqa: E402
from playground.experiment import Experiment, Training  # noqa: E402
from playground.judging import judge  # noqa: E402
from playground.preparation import Preparation  # noqa: E402
from playground.presets import open_named  # noqa: E402
from playground.training import Trainer  # noqa: E402
from tests.examples import chain  # noqa: E402


def with_settings(experiment, **settings):
    return replace(experiment, training=experiment.training.replace(**settings))


def test_early_stopping_ends_the_run_and_goes_back_to_the_best():
    experiment = with_settings(open_named("digits-mlp")[0], patience=2, epochs=60, l2=0.0)
    trainer = Trainer(experiment, device="cpu")
    found = [one for step in trainer.steps() for one in step.evaluations if one.split == "validation"]
    losses = [one.metrics["loss"] for one in found]
    assert trainer.stopped and trainer.number < 60 * trainer.steps_per_epoch
    best = min(range(len(losses)), key=losses.__getitem__)
    assert len(losses) - 1 - best == 2, "two evaluations without a better one"
    assert trainer.evaluate("validation").metrics["loss"] == pytest.approx(losses[best], abs=1e-6)


def test_a_plateau_lowers_the_learning_rate_of_the_optimiser():
    experiment = with_settings(open_named("xor")[0], schedule=Plateau(gamma=0.5, wait=1), epochs=40)
    trainer = Trainer(experiment, device="cpu")
    list(trainer.steps())
    rate = trainer.optimiser.param_groups[0]["lr"]
    assert trainer.pace.plateaus > 0
    assert rate == pytest.approx(experiment.training.optimiser.learning_rate * 0.5**trainer.pace.plateaus)


@pytest.mark.parametrize(
    "settings",
    [
        {"schedule": Plateau(gamma=0.5, wait=1)},
        {"clip_norm": 0.1, "l1": 0.001},
        {"warm_up": 0.5, "schedule": Stepwise()},
        {"initialisation": He()},
    ],
)
def test_a_run_that_goes_on_equals_one_that_was_never_interrupted(settings):
    experiment = with_settings(open_named("xor")[0], **settings)
    whole = [step.loss for step in Trainer(experiment, device="cpu").steps(300)]
    first = Trainer(experiment, device="cpu")
    losses = [step.loss for step in first.steps(170)]
    second = Trainer(experiment, device="cpu")
    restore(second, capture(first))
    assert losses + [step.loss for step in second.steps(300)] == whole


def test_the_perceptron_rule_moves_weights_by_error_times_input():
    experiment = perceptron(PerceptronRule(learning_rate=0.5))
    trainer = Trainer(experiment, device="cpu")
    before = {name: value.clone() for name, value in trainer.network.state_dict().items()}
    data = trainer.data.splits["train"]
    x, y = torch.as_tensor(data.inputs["x"]), torch.as_tensor(data.targets["label"]).float()
    fired = (x @ before["dense_1.weight"].T + before["dense_1.bias"] >= 0).float()[:, 0]
    next(trainer.steps())
    error = (y - fired)[:, None]
    moved = trainer.network.state_dict()["dense_1.weight"] - before["dense_1.weight"]
    assert torch.allclose(moved, 0.5 * 2 * (error * x).mean(dim=0, keepdim=True), atol=1e-6)


def test_a_step_without_gradient_is_a_problem_of_all_other_optimisers():
    assert perceptron(PerceptronRule()).examined().problems == ()
    (problem,) = perceptron(SGD()).examined().problems
    assert "Step has no gradient" in str(problem.message)


def perceptron(optimiser):
    source = TruthTable(gate="and")
    graph = chain(Input(), Dense(units=1), Step(), Output(task="binary", loss="mse"))
    return Experiment(
        source=source,
        facts=source.read().facts,
        graph=graph,
        training=Training(optimiser=optimiser, batch_size=4, epochs=30),
        preparation=Preparation(validation=0.0),
    )


def test_the_perceptron_rule_learns_and():
    trainer = Trainer(perceptron(PerceptronRule(learning_rate=0.5)), device="cpu")
    list(trainer.steps())
    assert trainer.evaluate("train").metrics["accuracy"] == 1.0


def test_label_smoothing_is_torchs():
    block = Output(smoothing=0.2)
    scores, target = torch.randn(5, 3), torch.tensor([0, 2, 1, 1, 0])
    share = torch.full((5, 3), 0.2 / 3).scatter_add_(1, target[:, None], torch.full((5, 1), 0.8))
    wanted = -(share * scores.log_softmax(dim=1)).sum(dim=1).mean()
    assert torch.allclose(judge("output_1", block).loss(scores, target), wanted)


def test_an_input_can_be_reconstructed():
    source = Digits()
    graph = chain(
        Input(),
        Conv2D(channels=4, kernel=3, padding=1),
        Conv2D(channels=1, kernel=3, padding=1),
        Output(target="x", task="regression", loss="mse"),
    )
    experiment = Experiment(source=source, facts=source.read().facts, graph=graph, training=Training(epochs=6))
    assert experiment.examined().problems == ()
    trainer = Trainer(experiment, device="cpu")
    before = trainer.evaluate("validation").metrics["mse"]
    list(trainer.steps())
    assert trainer.evaluate("validation").metrics["mse"] < before / 4
