"""Rows A1 to A6 of the curriculum: what the texts compute by hand, the program computes too."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from playground.choices import SGD  # noqa: E402
from playground.data.planar import TruthTable  # noqa: E402
from playground.judging import judge  # noqa: E402
from playground.network import Network  # noqa: E402
from playground.probes.activation import Activation  # noqa: E402
from playground.probes.examples import Examples  # noqa: E402
from playground.training import Trainer  # noqa: E402
from tests.examples import preset  # noqa: E402


def trained(name, steps=None, **settings):
    experiment = preset(name)
    trainer = Trainer(replace(experiment, training=experiment.training.replace(**settings)), device="cpu")
    for _ in trainer.steps(steps):
        pass
    return trainer


# -- A1 ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "threshold", "sums", "fires"),
    [
        ("mcp-and", 1.5, (0, 1, 1, 2), (0, 0, 0, 1)),
        ("mcp-or", 0.5, (0, 1, 1, 2), (0, 1, 1, 1)),
        ("mcp-not", -0.5, (0, -1), (1, 0)),
    ],
)
def test_an_mcp_neuron_shows_sum_threshold_and_answer_of_every_row_and_learns_nothing(name, threshold, sums, fires):
    experiment = preset(name)
    assert experiment.graph.nodes["step_1"].block.threshold == threshold
    trainer = Trainer(experiment, device="cpu")
    for run in (trainer, trained(name)):
        answer = Examples().measure(run)
        assert answer.values["dense_1"][:, 0].tolist() == list(sums)
        assert answer.values["step_1"][:, 0].tolist() == list(fires)
        (verdict,) = answer.verdicts
        assert verdict.answers.tolist() == verdict.targets.tolist() == list(fires)
        assert run.evaluate("train").metrics["accuracy"] == 1.0
    assert trainer.report.nodes["dense_1"].trainable == 0


# -- A2 ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["perceptron-and", "perceptron-or"])
@pytest.mark.parametrize("seed", range(5))
def test_a_perceptron_comes_to_rest_with_every_row_right_whatever_the_seed(name, seed):
    trainer = trained(name, seed=seed)
    assert trainer.evaluate("train").metrics["accuracy"] == 1.0
    before = trainer.network.state_dict()["dense_1.weight"].clone()
    for _ in trainer.steps(trainer.number + 20):
        pass
    assert torch.equal(trainer.network.state_dict()["dense_1.weight"], before), "nothing is wrong, so nothing moves"


def test_a_step_in_the_place_of_the_sigmoid_is_a_problem_with_a_remedy():
    experiment = preset("perceptron-and")
    wrong = replace(experiment, training=experiment.training.replace(optimiser=SGD()))
    (problem,) = wrong.examined().problems
    assert "Step has no gradient" in str(problem.message) and "Sigmoid" in str(problem.fixes[0].label)


@pytest.mark.parametrize("name", ["perceptron-fails", "perceptron-and", "sigmoid-and"])
def test_one_neuron_never_learns_xor_by_whichever_rule(name):
    experiment = replace(preset(name), source=TruthTable(gate="xor"))
    for seed in range(3):
        run = Trainer(replace(experiment, training=experiment.training.replace(seed=seed)), device="cpu")
        best = 0.0
        for step in run.steps(400):
            if step.number % 10 == 0:
                best = max(best, run.evaluate("train").metrics["accuracy"])
        assert best <= 0.75


def test_two_neurons_learn_xor_and_what_each_row_costs_is_binary_cross_entropy():
    begun = Examples().measure(Trainer(preset("xor-truth-table"), device="cpu"))
    (verdict,) = begun.verdicts
    yes = 1 / (1 + np.exp(-begun.values["dense_2"][:, 0].astype(float)))
    by_hand = -np.log(np.where(verdict.targets == 1, yes, 1 - yes))
    assert verdict.losses == pytest.approx(by_hand, abs=1e-5)
    run = trained("xor-truth-table")
    assert run.evaluate("train").metrics["accuracy"] == 1.0
    (verdict,) = Examples().measure(run).verdicts
    assert verdict.losses.mean() == pytest.approx(run.evaluate("train").metrics["loss"], abs=1e-6)


# -- A4 ------------------------------------------------------------------------------------------------------------


def test_softmax_of_4_1_minus_4():
    shares = Examples().measure(Trainer(preset("softmax"), device="cpu")).values["softmax_1"]
    assert [f"{share:.2%}" for share in shares[0]] == ["95.23%", "4.74%", "0.03%"]
    assert shares[1] == pytest.approx(shares[0], abs=1e-6), "only differences count"
    assert shares[4] == pytest.approx([1 / 3] * 3, abs=1e-6)


def test_every_activation_of_the_row_is_in_the_preset_and_can_be_looked_at():
    run = Trainer(preset("activations"), device="cpu")
    found = {id: node.block for id, node in run.report.nodes.items() if node.block.family == "Activation"}
    keys = {block.key for block in found.values()}
    assert keys == {
        *("Step", "Sigmoid", "Tanh", "ReLU", "LeakyReLU"),
        *("ELU", "GELU", "SiLU", "Softplus", "Softmax"),
    }
    assert {block.slope for block in found.values() if block.key == "Sigmoid"} == {1.0, 4.0}
    for id in found:
        answer = Activation(node=id).measure(run)
        assert answer.values == 32 * 3 and answer.units == 3 and answer.counts.sum() == 32 * 3


def test_all_units_die_of_too_large_a_rate_and_leaky_ones_do_not():
    dying, leaky = trained("dying-relu"), trained("leaky-relu")
    assert Activation(node="activation_1").measure(dying).dead == 48
    assert Activation(node="activation_1").measure(leaky).dead == 0
    assert (
        dying.evaluate("validation").metrics["accuracy"] < 0.2 < 0.8 < leaky.evaluate("validation").metrics["accuracy"]
    )


def test_the_twins_differ_in_the_activation_alone():
    dying, leaky = preset("dying-relu"), preset("leaky-relu")
    assert dying.graph != leaky.graph
    block = leaky.graph.nodes["activation_1"].block
    assert replace(dying, graph=dying.graph.configure("activation_1", block)).trains_like(leaky)
    assert replace(dying, title=leaky.title, about=leaky.about, result=leaky.result, graph=leaky.graph) == leaky


# -- A5 ------------------------------------------------------------------------------------------------------------


def test_the_worked_losses_are_those_of_the_text():
    run = Trainer(preset("losses"), device="cpu")
    losses = {one.node: one.losses for one in Examples().measure(run).verdicts}
    means = {node: float(values.mean()) for node, values in losses.items()}
    assert f"{means['cross_entropy_1']:.2f}" == "1.38" and f"{means['cross_entropy_2']:.2f}" == "0.64"
    assert losses["cross_entropy_1"] == pytest.approx([-math.log(q) for q in (0.4, 0.4, 0.1)], abs=1e-6)
    assert losses["cross_entropy_2"] == pytest.approx([-math.log(q) for q in (0.7, 0.7, 0.3)], abs=1e-6)
    squares = [np.mean([0.3**2, 0.3**2, 0.6**2])] * 2 + [np.mean([0.9**2, 0.2**2, 0.7**2])]
    assert losses["squared_error_1"] == pytest.approx(squares, abs=1e-6)
    assert f"{means['squared_error_1']:.2f}" == "0.27" and f"{means['squared_error_2']:.2f}" == "0.11"
    metrics = run.evaluate("train").metrics
    assert metrics["accuracy.cross_entropy_1"] == metrics["accuracy.cross_entropy_2"] == pytest.approx(2 / 3)
    assert metrics["loss"] == pytest.approx(sum(means.values()), abs=1e-5)


def test_what_cross_entropy_hands_to_the_scores_is_share_minus_target():
    run = Trainer(preset("losses"), device="cpu")
    score = torch.log(torch.tensor([[0.1, 0.2, 0.7]], dtype=torch.float64)).requires_grad_()
    block = run.report.nodes["cross_entropy_1"].block
    (slope,) = torch.autograd.grad(judge("cross_entropy_1", block).loss(score, torch.tensor([0])), score)
    assert slope[0].tolist() == pytest.approx([0.1 - 1, 0.2, 0.7])


# -- A6 ------------------------------------------------------------------------------------------------------------


def in_double():
    """Return the network of the preset, its example and its loss, in float64."""
    experiment = preset("back-propagation")
    run = Trainer(experiment, device="cpu")
    network = Network(run.report, seed=1).double()
    examples = run.data.splits["train"]
    x, y = (torch.as_tensor(a).double() for a in (examples.inputs["x"], examples.targets["y"]))
    loss = judge("output_1", run.report.outputs["output_1"]).loss
    return network, x, y, lambda: loss(network({"x": x})["output_1"], y)


def by_hand(network, x, y):
    """Compute the twelve gradients by the chain rule, number by number, as the row of the curriculum says."""
    first, second = (network.get_parameter(f"dense_{k}.weight").tolist() for k in (1, 2))
    x, y = x[0].tolist(), y[0].tolist()
    sigmoid = lambda z: 1 / (1 + math.exp(-z))  # noqa: E731
    out_h = [sigmoid(sum(w * v for w, v in zip(row, x, strict=True))) for row in first]
    answer = [sigmoid(sum(w * v for w, v in zip(row, out_h, strict=True))) for row in second]
    delta_o = [2 / 3 * (a - t) * a * (1 - a) for a, t in zip(answer, y, strict=True)]
    out = [[delta_o[o] * out_h[h] for h in range(2)] for o in range(3)]
    delta_h = [sum(delta_o[o] * second[o][h] for o in range(3)) * out_h[h] * (1 - out_h[h]) for h in range(2)]
    into = [[delta_h[h] * x[i] for i in range(3)] for h in range(2)]
    return torch.tensor(into, dtype=torch.float64), torch.tensor(out, dtype=torch.float64), delta_h, delta_o


def test_twelve_gradients_agree_by_hand_by_autograd_and_by_finite_differences_to_six_decimals():
    network, x, y, loss = in_double()
    weights = [network.get_parameter(f"dense_{k}.weight") for k in (1, 2)]
    assert sum(weight.numel() for weight in network.parameters()) == 12
    into, out, _, _ = by_hand(network, x, y)
    loss().backward()
    small = 1e-6
    for weight, hand in zip(weights, (into, out), strict=True):
        assert hand.abs().min() > 1e-4, "a gradient of zero would prove nothing"
        assert torch.allclose(weight.grad, hand, rtol=0, atol=1e-12)
        for place in np.ndindex(*weight.shape):
            with torch.no_grad():
                start = weight[place].item()
                weight[place] = start + small
                above = loss().item()
                weight[place] = start - small
                below = loss().item()
                weight[place] = start
            assert (above - below) / (2 * small) == pytest.approx(hand[place].item(), abs=5e-7)


def test_the_table_shows_the_deltas_of_every_neuron():
    run = Trainer(preset("back-propagation"), device="cpu")
    network, x, y, _ = in_double()
    _, _, delta_h, delta_o = by_hand(network, x, y)
    answer = Examples(gradients=True).measure(run)
    assert answer.gradients["dense_2"][0] == pytest.approx(delta_o, abs=1e-6)
    assert answer.gradients["dense_1"][0] == pytest.approx(delta_h, abs=1e-6)
    assert answer.values["sigmoid_2"].shape == (1, 3), "the values come along"
