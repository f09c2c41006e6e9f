"""Training: the same run gives the same losses, an evaluation says what is so, and trouble is told in a sentence."""

from __future__ import annotations

import itertools
import json
import math
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from playground.blocks.activation import ReLU, Tanh  # noqa: E402
from playground.blocks.combine import Flatten  # noqa: E402
from playground.blocks.data import Input, Output  # noqa: E402
from playground.blocks.dense import Dense  # noqa: E402
from playground.blocks.normalisation import BatchNorm  # noqa: E402
from playground.choices import SGD, Adam, AdamW, Cosine, Optimiser  # noqa: E402
from playground.data import Data, Examples  # noqa: E402
from playground.data.planar import Xor  # noqa: E402
from playground.devices import devices, resolve_device  # noqa: E402
from playground.environment import ROOT  # noqa: E402
from playground.facts import DataFacts, Target  # noqa: E402
from playground.graph import Wire  # noqa: E402
from playground.shape import Shape  # noqa: E402
from playground.text import Refusal  # noqa: E402
from playground.training import Blocked, Diverged, Trainer  # noqa: E402
from tests.examples import (  # noqa: E402
    BINARY,
    chain,
    delicate,
    images,
    pictured,
    planar_facts,
    preset,
    regression,
    small,
)


def trainer(experiment, data=None):
    return Trainer(experiment, data, device="cpu")


def losses(run, steps):
    return [step.loss for step in run.steps(steps)]


# -- the same run ------------------------------------------------------------------------------------------------


def test_a_run_repeated_gives_the_same_losses_bit_for_bit():
    for experiment, data in ((delicate(), None), (pictured(), images())):
        assert losses(trainer(experiment, data), 30) == losses(trainer(experiment, data), 30)


def test_a_run_in_pieces_is_the_same_run():
    run = trainer(delicate())
    pieces = [loss for until in (1, 2, 9, 20, 30) for loss in losses(run, until)]
    assert pieces == losses(trainer(delicate()), 30)


def test_evaluating_and_looking_on_the_way_do_not_change_the_run():
    run, found = trainer(delicate()), []
    for step in run.steps(30):
        found.append(step.loss)
        run.evaluate("validation")
        run.look({"x": np.zeros((3, 2), np.float32)}, ["dense_1", "output_1"])
    assert found == losses(trainer(delicate()), 30)


def test_another_seed_is_another_run():
    assert losses(trainer(small(seed=1)), 5) != losses(trainer(small(seed=2)), 5)


def test_the_command_line_takes_the_same_steps():
    command = [sys.executable, "main.py", "train", "xor", "--device", "cpu", "--steps", "25", "--json"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    told = json.loads(result.stdout)
    run = trainer(preset("xor"))
    assert told["losses"] == losses(run, 25)[:20]
    assert told["validation"] == run.evaluate("validation").metrics


def test_the_steps_are_those_of_a_loop_written_by_hand():
    experiment = replace(small(optimiser=SGD(learning_rate=0.1, momentum=0.5)))
    run = trainer(experiment)
    weights = {name: value.clone() for name, value in run.network.state_dict().items()}
    net = torch.nn.Sequential(torch.nn.Linear(2, 4), torch.nn.Tanh(), torch.nn.Linear(4, 1))
    with torch.no_grad():
        for name, layer in (("dense_1", net[0]), ("dense_2", net[2])):
            layer.weight.copy_(weights[f"{name}.weight"])
            layer.bias.copy_(weights[f"{name}.bias"])
    train = run.data.splits["train"]
    x, y = torch.as_tensor(train.inputs["x"]), torch.as_tensor(train.targets["label"]).float()
    optimiser = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.5)
    shuffle, by_hand = torch.Generator().manual_seed(1), []
    for _ in range(2):
        for index in torch.randperm(len(x), generator=shuffle).split(10):
            loss = torch.nn.functional.binary_cross_entropy_with_logits(net(x[index])[:, 0], y[index])
            by_hand.append(loss.item())
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    assert losses(run, 16) == pytest.approx(by_hand, rel=1e-5)


# -- steps and epochs --------------------------------------------------------------------------------------------


def test_every_example_is_seen_once_an_epoch_in_an_order_that_changes():
    run = trainer(small(batch_size=30))  # 80 examples: 30, 30, 20
    assert run.steps_per_epoch == 3
    epochs = []
    for _ in range(3):
        batches = [run._next_batch() for _ in range(3)]
        assert [len(batch) for batch in batches] == [30, 30, 20]
        epochs.append(torch.cat(batches).tolist())
    assert all(sorted(seen) == list(range(80)) for seen in epochs)
    assert epochs[0] != epochs[1] != epochs[2]


def test_numbers_and_epochs_are_counted_from_one():
    steps = list(trainer(small()).steps(17))
    assert [step.number for step in steps] == list(range(1, 18))
    assert [step.epoch for step in steps] == [1] * 8 + [2] * 8 + [3]


def test_without_a_limit_it_trains_the_epochs_of_the_experiment():
    run = trainer(small(epochs=3))
    assert sum(1 for _ in run.steps()) == 24 and run.epoch == 3
    assert list(run.steps()) == []


def test_a_batch_larger_than_the_data_takes_all_of_it():
    run = trainer(small(batch_size=5000))
    assert run.steps_per_epoch == 1 and len(run._next_batch()) == 80


def test_evaluations_come_at_the_end_of_epochs_and_after_the_last_step():
    steps = list(trainer(small(epochs=20)).steps(101))
    at = [step.number for step in steps if step.evaluations]
    assert at == [56, 101]  # the first end of an epoch (of 8 steps) with 50 steps behind, and the last step
    assert [made.split for made in steps[-1].evaluations] == ["train", "validation"]
    assert all(made.step == 101 for made in steps[-1].evaluations)


def test_a_lone_last_example_is_left_out_where_batch_statistics_need_two():
    plain, normed = small(batch_size=79), small(BatchNorm(), Dense(units=3), batch_size=79)
    assert trainer(plain).steps_per_epoch == 2
    run = trainer(normed)
    assert run.steps_per_epoch == 1
    assert all(math.isfinite(loss) for loss in losses(run, 4))


def test_batches_of_one_have_no_statistics_of_a_row_and_this_is_said_at_the_node():
    with pytest.raises(Blocked, match="norm_1: a batch of one example has no statistics") as problem:
        trainer(small(BatchNorm(), batch_size=1))
    assert problem.value.node == "norm_1"
    assert losses(trainer(small(batch_size=1)), 3)
    one_by_one = pictured(batch_size=1)  # each channel has many pixels: these have statistics
    assert all(math.isfinite(loss) for loss in losses(trainer(one_by_one, images()), 3))


def test_the_learning_rate_can_be_changed_between_steps():
    run, changed = trainer(small()), trainer(small())
    assert losses(run, 3) == losses(changed, 3)
    changed.set_learning_rate(0.5)
    assert {group["lr"] for group in changed.optimiser.param_groups} == {0.5}
    assert losses(run, 6) != losses(changed, 6)


def test_a_cosine_schedule_lets_the_learning_rate_fall_to_its_floor():
    run = trainer(small(epochs=2, optimiser=SGD(learning_rate=0.1), schedule=Cosine(floor=0.1)))
    rates = [run.optimiser.param_groups[0]["lr"] for _ in run.steps()]
    expected = [0.1 * (0.1 + 0.45 * (1 + math.cos(math.pi * n / 16))) for n in range(16)]
    assert rates == pytest.approx(expected)


# -- what is learnt ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", sorted(Optimiser.members))
def test_every_optimiser_lowers_the_loss(key):
    run = trainer(small(optimiser=Optimiser.members[key](learning_rate=0.05), epochs=10))
    before = run.evaluate("train").metrics["loss"]
    losses(run, None)
    assert run.evaluate("train").metrics["loss"] < 0.95 * before


def test_optimisers_are_torchs_own_with_the_settings_of_the_form():
    made = trainer(small(optimiser=AdamW(learning_rate=0.1, beta1=0.8, epsilon=1e-5, weight_decay=0.2))).optimiser
    assert isinstance(made, torch.optim.AdamW)
    group = made.param_groups[0]
    assert (group["lr"], group["betas"], group["eps"], group["weight_decay"]) == (0.1, (0.8, 0.999), 1e-5, 0.2)
    assert isinstance(trainer(small(optimiser=Adam())).optimiser, torch.optim.Adam)


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_looking_ahead_along_no_momentum_is_allowed(momentum):
    run = trainer(small(optimiser=SGD(nesterov=True, momentum=momentum)))
    assert all(math.isfinite(loss) for loss in losses(run, 3))
    assert run.optimiser.param_groups[0]["nesterov"] is (momentum > 0)


def test_a_network_without_weights_runs_and_learns_nothing():
    experiment = replace(small(), graph=chain(Input(), ReLU(), Output()))
    run = trainer(experiment)
    assert len(losses(run, 10)) == 10
    loose = experiment.graph.add(Dense(units=3)).connect(Wire("input_1", "dense_1"))
    run = trainer(replace(experiment, graph=loose))  # there are weights, but no Output depends on them
    before = run.network.dense_1.weight.clone()
    assert len(losses(run, 10)) == 10
    assert torch.equal(run.network.dense_1.weight, before)


def test_regression_finds_the_rule():
    experiment, data = regression()
    run = trainer(experiment, data)
    losses(run, 400)
    metrics = run.evaluate("train").metrics
    assert metrics["mse"] < 1e-6 and metrics["loss"] == pytest.approx(metrics["mse"])
    assert set(metrics) == {"loss", "mse", "mae", "r2"}


def test_several_outputs_add_up_by_their_weights():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(30, 2)).astype(np.float32)
    facts = DataFacts(
        {"x": Shape(features=2)}, {"side": Target(("l", "r")), "sum": Target(shape=Shape(features=1))}, {"train": 30}
    )
    targets = {"side": (x[:, 0] > 0).astype(np.int64), "sum": x.sum(1, keepdims=True)}
    graph = chain(Input(), Dense(units=2), Output(target="side", weight=2.0))
    graph = graph.add(Dense(units=1)).add(Output(target="sum", task="regression", loss="mse", weight=0.5))
    graph = graph.connect(Wire("input_1", "dense_2")).connect(Wire("dense_2", "output_2"))
    data = Data(facts, {"train": Examples({"x": x}, targets)})
    run = trainer(replace(small(batch_size=30), graph=graph, facts=facts), data)
    answers = run.look({"x": x}, ["output_1", "output_2"])
    expected = 2.0 * torch.nn.functional.cross_entropy(answers["output_1"], torch.as_tensor(targets["side"]))
    expected += 0.5 * torch.nn.functional.mse_loss(answers["output_2"], torch.as_tensor(targets["sum"]))
    metrics = run.evaluate("train").metrics
    assert metrics["loss"] == pytest.approx(expected.item(), rel=1e-6)
    expected_names = {"loss", "accuracy.output_1", "f1.output_1", "mse.output_2", "mae.output_2", "r2.output_2"}
    assert set(metrics) == expected_names
    assert losses(run, 1)[0] == pytest.approx(expected.item(), rel=1e-5)  # one batch holds everything


# -- judging -----------------------------------------------------------------------------------------------------


def test_an_evaluation_agrees_with_a_hand_computation_and_with_scikit_learn():
    from sklearn.metrics import accuracy_score, log_loss

    run = trainer(preset("digits-mlp"))
    losses(run, 60)
    split = run.data.splits["validation"]
    scores = run.look(split.inputs, ["output_1"])["output_1"].double()
    shares = torch.softmax(scores, 1).numpy()
    metrics = run.evaluate("validation").metrics
    assert metrics["accuracy"] == pytest.approx(accuracy_score(split.targets["label"], shares.argmax(1)), abs=1e-12)
    assert metrics["loss"] == pytest.approx(log_loss(split.targets["label"], shares), rel=1e-5)
    by_hand = -np.log(shares[np.arange(len(shares)), split.targets["label"]]).mean()
    assert metrics["loss"] == pytest.approx(by_hand, rel=1e-5)


@pytest.mark.parametrize("loss", ["binary_cross_entropy", "mse"])
def test_the_accuracy_of_yes_or_no_uses_the_threshold_of_its_loss(loss):
    from sklearn.metrics import accuracy_score

    experiment = replace(small(), graph=chain(Input(), Dense(units=1), Output(task="binary", loss=loss)))
    run = trainer(experiment)
    losses(run, 20)
    split = run.data.splits["train"]
    answer = run.look(split.inputs, ["output_1"])["output_1"][:, 0]
    yes = answer >= (0.0 if loss == "binary_cross_entropy" else 0.5)
    assert run.evaluate("train").metrics["accuracy"] == pytest.approx(accuracy_score(split.targets["label"], yes))


def test_a_large_split_is_judged_in_parts_with_the_same_result(monkeypatch):
    import playground.training as module

    run = trainer(preset("xor"))
    whole = run.evaluate("validation").metrics
    monkeypatch.setattr(module, "EVALUATION_BATCH", 7)
    parts = run.evaluate("validation").metrics
    assert parts["accuracy"] == pytest.approx(whole["accuracy"], abs=1e-12)
    assert parts["loss"] == pytest.approx(whole["loss"], rel=1e-6)


def test_a_glance_looks_at_the_first_training_examples_and_at_all_that_validate(monkeypatch):
    import playground.training as module

    monkeypatch.setattr(module, "GLANCE", 10)
    run = trainer(small())
    first = run.data.splits["train"].take(slice(0, 10))
    answers = run.look(first.inputs, ["output_1"])["output_1"][:, 0]
    labels = torch.as_tensor(first.targets["label"]).float()
    expected = torch.nn.functional.binary_cross_entropy_with_logits(answers, labels).item()
    train, validation = run.glance()
    assert train.metrics["loss"] == pytest.approx(expected, rel=1e-6)
    assert validation == run.evaluate("validation")
    assert run.evaluate("train", 10) == train != run.evaluate("train")


def test_evaluations_take_a_small_share_of_training_and_come_at_the_ends_of_epochs():
    run = trainer(preset("lenet"))
    steps = list(run.steps(until=300))
    at = [step.number for step in steps if step.evaluations]
    assert all(number % run.steps_per_epoch == 0 for number in at[:-1]) and at[-1] == 300
    looked_at = 250 + len(run.data.splits["validation"])
    assert min(b - a for a, b in itertools.pairwise([0, *at[:-1]])) * 32 >= 5 * looked_at


def test_a_split_that_is_not_there_is_refused():
    with pytest.raises(Refusal, match="the data has no test examples"):
        trainer(small()).evaluate("test")


def test_validation_examples_are_never_trained_on():
    experiment = small()
    run = trainer(experiment)
    train = {row.tobytes() for row in run.data.splits["train"].inputs["x"]}
    held = {row.tobytes() for row in run.data.splits["validation"].inputs["x"]}
    assert not train & held and len(train) + len(held) == 100
    assert run._count == 80


# -- trouble -----------------------------------------------------------------------------------------------------


def test_divergence_names_the_node_where_it_began_and_the_step_that_was_not_taken():
    experiment = small(Dense(units=4), ReLU(), optimiser=SGD(learning_rate=0.01))
    run = trainer(experiment)
    losses(run, 3)
    with torch.no_grad():
        run.network.dense_1.weight[0, 0] = float("nan")
    with pytest.raises(Diverged) as trouble:
        losses(run, 10)
    assert (trouble.value.node, trouble.value.step, run.number) == ("dense_1", 4, 3)
    assert "the loss of step 4 is not a number: it began at dense_1" in str(trouble.value)


def test_a_learning_rate_that_is_far_too_high_diverges_with_a_sentence():
    experiment, data = regression()
    experiment = replace(experiment, training=experiment.training.replace(optimiser=SGD(learning_rate=1000.0)))
    with pytest.raises(Diverged, match="lower the learning rate"):
        losses(trainer(experiment, data), 200)


def test_a_graph_with_a_problem_is_blocked_with_its_sentence_and_place():
    experiment = replace(small(), graph=chain(Input(), Dense(units=3), BINARY))
    with pytest.raises(Blocked) as problem:
        trainer(experiment)
    assert problem.value.node == "output_1"
    assert str(problem.value).startswith("output_1: label needs 1 numbers")
    assert str(problem.value.bare).startswith("label needs 1 numbers")
    with pytest.raises(Blocked, match="there is no Output"):
        trainer(replace(small(), graph=chain(Input(), Dense())))


def test_a_problem_that_feeds_no_output_does_not_block():
    experiment = small()
    assert len(losses(trainer(replace(experiment, graph=experiment.graph.add(Flatten()))), 2)) == 2


@pytest.mark.parametrize("name", ["gpu", "cuda:99", "cpu:1", "cuda:x", "", "CPU", "mps:1"])
def test_a_device_that_is_not_here_is_refused_with_what_there_is(name):
    with pytest.raises(Refusal, match=r"this machine has: cpu"):
        resolve_device(name)


def test_auto_finds_a_device():
    assert resolve_device("auto").type in ("cpu", "cuda")
    assert devices()[0] == "cpu"


def test_the_facts_of_the_data_decide_not_those_of_the_file():
    stale = replace(small(), facts=planar_facts(7))
    assert len(losses(trainer(stale), 2)) == 2


@pytest.mark.parametrize("threads", [1, 2])
def test_the_number_of_threads_belongs_to_the_run(threads):
    before = torch.get_num_threads()
    try:
        trainer(small(threads=threads))
        assert torch.get_num_threads() == threads
    finally:
        torch.set_num_threads(before)


def test_everything_the_form_allows_for_a_run_can_be_taken_three_steps():
    sources = [Xor(count=10, noise=0.5), Xor(features=("x", "y", "x²", "sin y"))]
    for source, hidden, batch in itertools.product(sources, ((), (Tanh(), BatchNorm(), Dense(units=2))), (2, 7, 100)):
        experiment = small(*hidden, batch_size=batch) if hidden else small(batch_size=batch)
        run = trainer(replace(experiment, source=source))
        assert all(math.isfinite(loss) for loss in losses(run, 3))
