"""Row B12, networks without pooling: an autoencoder and a variational one, its code drawn and kept together."""

from __future__ import annotations

from dataclasses import replace

import pytest

torch = pytest.importorskip("torch")

from playground.blocks.data import Input, Output  # noqa: E402
from playground.blocks.dense import Dense  # noqa: E402
from playground.blocks.latent import Sample as SampleBlock  # noqa: E402
from playground.experiment import Training  # noqa: E402
from playground.graph import Graph, Wire  # noqa: E402
from playground.layers import Sample  # noqa: E402
from playground.probes.latent import Latent  # noqa: E402
from playground.shape import Shape, ShapeError  # noqa: E402
from playground.training import Trainer  # noqa: E402
from tests.examples import preset, regression  # noqa: E402


def trained(experiment, steps=None):
    trainer = Trainer(experiment, device="cpu")
    for _ in trainer.steps(steps):
        pass
    return trainer


def coded(beta=1.0):
    """A linear rule learnt through a drawn code of two numbers."""
    experiment, data = regression()
    graph = Graph()
    for id, block in (
        ("input_1", Input()),
        ("mean", Dense(units=2)),
        ("log_var", Dense(units=2)),
        ("sample_1", SampleBlock(beta=beta)),
        ("dense_1", Dense(units=2)),
        ("output_1", Output(target="y", task="regression", loss="mse")),
    ):
        graph = graph.add(block, id)
    ends = (("input_1", "mean"), ("input_1", "log_var"), ("sample_1", "dense_1"), ("dense_1", "output_1"))
    for source, target in ends:
        graph = graph.connect(Wire(source, target))
    for port in ("mean", "log_var"):
        graph = graph.connect(Wire(port, "sample_1", target_port=port))
    return replace(experiment, graph=graph, training=Training(batch_size=20, epochs=3)), data


def divergence(mean, log_var):
    """The Kullback–Leibler divergence as torch's distributions have it, summed over the code: (n,)."""
    drawn = torch.distributions.Normal(mean.double(), (0.5 * log_var.double()).exp())
    return torch.distributions.kl_divergence(drawn, torch.distributions.Normal(0.0, 1.0)).flatten(1).sum(1)


@pytest.mark.parametrize("sizes", [(5, 2), (3, 4, 2, 2)])
def test_the_penalty_is_the_divergence_from_the_standard_normal_distribution(sizes):
    mean, log_var = torch.randn(2, *sizes, generator=torch.Generator().manual_seed(3))
    layer = Sample(0.5)
    layer(mean, log_var)
    assert layer.penalty().item() == pytest.approx(0.5 * divergence(mean, log_var).mean().item(), rel=1e-5)


def test_the_standard_normal_code_costs_nothing_and_its_gradient_is_the_formulas():
    layer = Sample()
    zeros = torch.zeros(4, 3)
    layer(zeros, zeros)
    assert layer.penalty().item() == 0
    mean, log_var = (torch.randn(4, 3, requires_grad=True) for _ in range(2))
    layer(mean, log_var)
    layer.penalty().backward()
    assert torch.allclose(mean.grad, mean.detach() / 4)
    assert torch.allclose(log_var.grad, (log_var.detach().exp() - 1) / 8, atol=1e-6)


def test_it_draws_with_mean_and_variance_in_training_and_passes_the_mean_in_evaluation():
    layer, n = Sample(), 200_000
    mean, log_var = torch.full((n, 1), 3.0), torch.full((n, 1), -1.0)
    torch.manual_seed(0)
    drawn = layer(mean, log_var)
    assert drawn.mean().item() == pytest.approx(3.0, abs=0.01)
    assert drawn.var().item() == pytest.approx(0.36788, abs=0.01)  # e^−1
    assert layer.eval()(mean, log_var) is mean


def test_the_gradient_goes_through_the_draw():
    """The reparameterisation: ∂z/∂μ = 1 and ∂z/∂s = (z − μ) / 2."""
    mean, log_var = (torch.randn(6, 2, requires_grad=True) for _ in range(2))
    drawn = Sample()(mean, log_var)
    drawn.sum().backward()
    assert torch.equal(mean.grad, torch.ones(6, 2))
    assert torch.allclose(log_var.grad, (drawn - mean).detach() / 2, atol=1e-6)


def test_sample_refuses_shapes_that_differ_and_sequences():
    two, three = Shape(features=2), Shape(features=3)
    with pytest.raises(ShapeError, match="of equal shapes, but 2 and 3 come in"):
        SampleBlock().output(two, three)
    with pytest.raises(ShapeError, match="wants a row of features or an image"):
        SampleBlock().output(Shape(time=4, features=2), Shape(time=4, features=2))


def test_the_loss_of_every_step_and_of_evaluation_holds_the_penalty():
    experiment, data = coded(beta=0.25)
    trainer = Trainer(experiment, data, device="cpu")
    kept = trainer.look({"x": data.splits["train"].inputs["x"]}, ("mean", "log_var"))
    found = trainer.evaluate("train").metrics
    expected = found["mse"] + 0.25 * divergence(kept["mean"], kept["log_var"]).mean().item()
    assert found["loss"] == pytest.approx(expected, rel=1e-5)
    with_it, without = (next(iter(Trainer(coded(b)[0], data, device="cpu").steps(1))).loss for b in (0.25, 0.0))
    batch = trainer.data.splits["train"].take(
        torch.randperm(60, generator=torch.Generator().manual_seed(1))[:20].numpy()
    )
    kept = trainer.look({"x": batch.inputs["x"]}, ("mean", "log_var"))
    extra = 0.25 * divergence(kept["mean"], kept["log_var"]).mean().item()
    assert with_it - without == pytest.approx(extra, rel=1e-4)


def test_a_run_with_drawn_codes_repeats_itself_and_is_not_changed_by_evaluating():
    experiment, data = coded()
    losses = [[step.loss for step in Trainer(experiment, data, device="cpu").steps()] for _ in range(2)]
    watched = Trainer(experiment, data, device="cpu")
    seen = [(step.loss, watched.evaluate("train"))[0] for step in watched.steps()]
    assert losses[0] == losses[1] == seen


def test_the_autoencoders_have_no_pooling_and_only_their_code_gets_through():
    for name, code in (("autoencoder", 16), ("vae", 2)):
        report = preset(name).examined()
        assert not [id for id, node in report.nodes.items() if node.block.family == "Pooling"]
        narrowest = min(node.shape.count for node in report.nodes.values())
        assert narrowest == code
        assert report.nodes["sigmoid_1"].shape == report.nodes["input_1"].shape


def test_the_baseline_is_the_error_of_the_mean_image():
    trainer = Trainer(preset("vae"), device="cpu")
    train, held = (trainer.data.splits[split].inputs["x"] for split in ("train", "validation"))
    guess = float(((held - train.mean(axis=0)) ** 2).mean())
    for name in ("autoencoder", "vae"):
        assert preset(name).result.baseline == pytest.approx(guess, abs=5e-4)
        assert preset(name).result.value < 0.65 * guess


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_too_much_weight_on_the_divergence_lets_all_codes_collapse_and_none_lets_them_run_apart():
    vae = preset("vae")

    def spread(beta):
        graph = vae.graph.configure("sample_1", SampleBlock(beta=beta))
        trainer = trained(replace(vae, graph=graph), 900)
        return Latent().measure(trainer).codes.std(), trainer.evaluate("validation").metrics["mse"]

    none, usual, much = spread(0.0), spread(vae.graph.nodes["sample_1"].block.beta), spread(0.05)
    assert none[0] > 2 * usual[0] and 0.5 < usual[0] < 2.0
    assert much[0] < 0.1 and much[1] > 0.9 * vae.result.baseline


def test_bypassed_the_sample_leaves_an_ordinary_autoencoder():
    vae = preset("vae")
    graph = vae.graph.mark("sample_1", state="bypassed")
    experiment = replace(vae, graph=graph)
    assert not experiment.examined().blocking
    trainer = Trainer(experiment, device="cpu")
    found = trainer.evaluate("validation").metrics
    assert found["loss"] == pytest.approx(found["mse"], rel=1e-6)
    answer = Latent().measure(trainer)
    assert answer.node == "mean" and not answer.drawn
