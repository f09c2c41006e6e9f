"""Rows A7, A8, A10 and A11 of the curriculum: what their presets say is so, and what must fail fails."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from playground.blocks.activation import Step  # noqa: E402
from playground.blocks.data import Input, Output  # noqa: E402
from playground.blocks.dense import Dense  # noqa: E402
from playground.checkpoint import capture, restore  # noqa: E402
from playground.choices import SGD, AdamW, Cosine, He, PerceptronRule  # noqa: E402
from playground.data.far_point import FarPoint  # noqa: E402
from playground.experiment import Training  # noqa: E402
from playground.probes.embedding import Embedding  # noqa: E402
from playground.probes.regression import Regression  # noqa: E402
from playground.recorded import recorded, varied  # noqa: E402
from playground.training import Trainer  # noqa: E402
from tests.examples import chain, preset  # noqa: E402

ROWS = {
    "A7": {"approximation-1d", "approximation-2d", "deep-narrow", "shallow-wide", "regression-1d"},
    "A8": {"double-descent", "double-descent-data", "double-descent-epochs", "grokking"},
    "A10": {"loss-is-not-error"},
    "A11": {"digits-embedding", "digits-mlp"},
}


@pytest.mark.parametrize("row", ROWS)
def test_the_presets_of_the_row_say_so(row):
    assert all(row in preset(name).rows for name in ROWS[row])


def trained(experiment, steps=None):
    trainer = Trainer(experiment, device="cpu")
    for _ in trainer.steps(steps):
        pass
    return trainer


# -- A7 ------------------------------------------------------------------------------------------------------------


def test_the_deep_and_the_wide_twin_have_as_many_parameters_and_differ_in_the_drawing_alone():
    deep, wide = preset("deep-narrow"), preset("shallow-wide")
    assert deep.examined().parameters == wide.examined().parameters == 361
    assert "361" in deep.about.en and "361" in wide.about.zh
    assert replace(deep, graph=wide.graph).trains_like(wide) and deep.graph != wide.graph
    assert deep.facts == wide.facts and deep.preparation == wide.preparation


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_wide_twin_stays_far_behind_the_deep_one():
    deep, wide = (
        trained(preset(name)).evaluate("validation").metrics["mse"] for name in ("deep-narrow", "shallow-wide")
    )
    assert wide > 0.1 > 0.02 > deep


def test_the_fit_comes_nearer_to_the_truth_as_it_trains():
    trainer = Trainer(preset("approximation-1d"), device="cpu")
    before = Regression().measure(trainer)
    for _ in trainer.steps(300):
        pass
    after = Regression().measure(trainer)
    assert after.error < before.error / 2
    assert before.total == 48 and np.array_equal(before.truth, after.truth)


@pytest.mark.parametrize("name", ["approximation-1d", "approximation-2d", "deep-narrow", "shallow-wide"])
def test_the_baseline_of_a_fit_is_what_answering_the_mean_costs(name):
    trainer = Trainer(preset(name), device="cpu")
    held = trainer.data.splits["validation"].targets["y"]
    naive = np.mean(np.square(held - trainer.data.splits["train"].targets["y"].mean()))
    assert preset(name).result.baseline == pytest.approx(naive, rel=0.03)
    assert preset(name).result.value < 0.6 * naive


# -- A8 ------------------------------------------------------------------------------------------------------------


def test_the_recorded_sweep_has_its_peak_where_parameters_and_examples_are_balanced():
    told = recorded(preset("double-descent"))
    found = dict(told.lines["validation"])
    peak = max(found, key=found.get)
    examples = preset("double-descent").facts.counts["train"]
    assert examples == 88 and examples < peak < 1.5 * examples
    assert found[min(found)] < found[peak] / 3 and found[max(found)] < found[peak] / 2
    assert dict(told.lines["train"])[max(found)] < 0.01


def test_the_recorded_sweep_over_data_shows_that_more_examples_can_be_worse():
    found = dict(recorded(preset("double-descent-data")).lines["validation"])
    peak = max(found, key=found.get)
    assert min(found) < peak < max(found)
    assert found[peak] > 1.3 * found[min(found)] and found[peak] > 1.8 * found[max(found)]


def test_the_recorded_run_over_epochs_falls_rises_and_falls_again():
    points = recorded(preset("double-descent-epochs")).lines["validation"]
    values = [value for _, value in points]
    top = values.index(max(values))
    assert min(values[:top]) < 0.6 * values[top] and values[-1] < 0.8 * values[top]


def test_the_recorded_run_of_grokking_learns_by_heart_long_before_it_understands():
    told = recorded(preset("grokking"))
    heart = next(step for step, value in told.lines["train"] if value >= 0.99)
    wise = next(step for step, value in told.lines["validation"] if value >= 0.9)
    assert wise > 10 * heart and dict(told.lines["validation"])[heart] < 0.01


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_grokking_is_repeated_by_training_the_preset():
    trainer = trained(preset("grokking"), 400)
    assert trainer.evaluate("train").metrics["accuracy"] == 1.0
    assert trainer.evaluate("validation").metrics["accuracy"] < 0.02
    for _ in trainer.steps():
        pass
    assert trainer.evaluate("validation").metrics["accuracy"] > 0.95


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_without_weight_decay_the_table_stays_a_table():
    experiment = varied(preset("grokking"), "training.optimiser", AdamW(learning_rate=0.003, weight_decay=0.0))
    trainer = trained(experiment, 3000)
    assert trainer.evaluate("train").metrics["accuracy"] == 1.0
    assert trainer.evaluate("validation").metrics["accuracy"] < 0.05


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_point_of_the_sweep_and_the_remedy_against_the_peak():
    peak = trained(preset("double-descent")).evaluate("validation").metrics["mse"]
    wide = trained(varied(preset("double-descent"), "dense_1.units", 200)).evaluate("validation").metrics["mse"]
    held = trained(varied(preset("double-descent"), "training.l2", 0.05)).evaluate("validation").metrics["mse"]
    assert peak > 2 * wide > 2 * held


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_second_descent_over_epochs_comes_again():
    trainer = Trainer(preset("double-descent-epochs"), device="cpu")
    found = {s.number: e.metrics["mse"] for s in trainer.steps() for e in s.evaluations if e.split == "validation"}
    top = max(found, key=found.get)
    first = min(value for step, value in found.items() if step < top)
    assert first < 0.7 * found[top] and found[max(found)] < 0.85 * found[top]


# -- A10 -----------------------------------------------------------------------------------------------------------


def with_far(distance):
    return varied(preset("loss-is-not-error"), "data.far", distance)


@pytest.mark.parametrize("distance", [6.0, 10.0, 100.0])
def test_far_out_the_loss_falls_and_the_errors_stay(distance):
    trainer = Trainer(with_far(distance), device="cpu")
    before = trainer.evaluate("train").metrics
    for _ in trainer.steps():
        pass
    after = trainer.evaluate("train").metrics
    assert before["accuracy"] == after["accuracy"] == 0.75
    assert before["loss"] > 0.29 and 0.25 < after["loss"] < 0.252, "one of four is wrong by 1"


@pytest.mark.parametrize("distance", [1.0, 2.0, 4.0])
def test_near_by_the_same_network_solves_it_within_50_steps(distance):
    assert trained(with_far(distance), 50).evaluate("train").metrics["accuracy"] == 1.0


def test_a_line_separates_the_points_and_the_perceptron_rule_finds_it():
    experiment = with_far(10.0)
    graph = chain(Input(field="x"), Dense(units=1), Step(), Output(task="binary", loss="mse"))
    graph = graph.mark("dense_1", weights=experiment.graph.nodes["dense_1"].weights)
    rule = Training(optimiser=PerceptronRule(learning_rate=0.1), batch_size=4, epochs=1000)
    trainer = trained(replace(experiment, graph=graph, training=rule))
    assert trainer.evaluate("train").metrics["accuracy"] == 1.0


def test_the_far_point_is_most_wrong_and_pulls_least():
    trainer = Trainer(preset("loss-is-not-error"), device="cpu")
    x = torch.as_tensor(trainer.data.splits["train"].inputs["x"])
    label = torch.as_tensor(trainer.data.splits["train"].targets["label"]).float()[:, None]
    answers = trainer.network({"x": x})["output_1"]
    losses = (answers - label).square()[:, 0]
    pulls = []
    for loss in losses:
        [pull] = torch.autograd.grad(loss, [trainer.network.dense_1.weight], retain_graph=True)
        pulls.append(float(pull.norm()))
    assert int(losses.argmax()) == 3 == int(np.argmin(pulls))
    # By hand: 2 (σ − 1) σ (1 − σ) x at the weights (1, 1), where σ is that of −10.
    far = 1 / (1 + np.exp(10.0))
    assert pulls[3] == pytest.approx(2 * (1 - far) * far * (1 - far) * 10, rel=1e-3)


def test_the_far_point_lies_where_it_is_said_to():
    where, labels = FarPoint(far=7.0).points()
    assert where.tolist() == [[1, 0], [0, 1], [-1, 0], [0, -7]] and labels.tolist() == [1, 1, 0, 1]
    low, high = FarPoint(far=7.0).extent
    assert low < -7 and high > 7


# -- A11 -----------------------------------------------------------------------------------------------------------


def parted(answer):
    """Return how much of the spread in the plane lies between classes."""
    means = {k: answer.where[answer.kinds == k].mean(axis=0) for k in np.unique(answer.kinds)}
    between = np.stack([means[k] for k in answer.kinds])
    return float(np.square(between).sum() / np.square(answer.where).sum())


def test_classes_part_in_the_last_hidden_layer_and_stay_as_they_are_at_the_input():
    trainer = Trainer(preset("digits-embedding"), device="cpu")
    before = {node: Embedding(node=node).measure(trainer) for node in ("input_1", "relu_3")}
    for _ in trainer.steps(400):
        pass
    after = {node: Embedding(node=node).measure(trainer) for node in before}
    assert np.array_equal(before["input_1"].where, after["input_1"].where)
    assert parted(after["relu_3"]) > parted(before["relu_3"]) + 0.1
    assert parted(after["relu_3"]) > parted(after["input_1"]) + 0.1


# -- E: what is changed while it trains ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        {"schedule": Cosine()},
        {"warm_up": 0.3},
        {"batch_size": 7},
        {"epochs": 99},
        {"initialisation": He()},
        {"clip_norm": 0.5},
        {"clip_value": 0.5},
        {"l1": 0.01},
        {"l2": 0.01},
        {"patience": 4},
        {"precision": "mixed"},
        {"optimiser": SGD(momentum=0.5)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_run_goes_on_where_it_was_when_a_setting_is_changed(change):
    before = trained(preset("xor"), 25)
    experiment = replace(before.experiment, training=before.experiment.training.replace(**change))
    after = Trainer(experiment, device="cpu")
    restore(after, capture(before))
    assert after.number == 25
    for name, value in before.network.state_dict().items():
        assert torch.equal(value, after.network.state_dict()[name])
    assert [step.number for step in after.steps(28)] == [26, 27, 28]
