"""What is counted are the numbers that pass the node in a step of training, and the run does not notice."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from playground.blocks.activation import ReLU, Tanh  # noqa: E402
from playground.blocks.combine import Flatten  # noqa: E402
from playground.blocks.convolution import Conv2D  # noqa: E402
from playground.blocks.data import Input, Output  # noqa: E402
from playground.blocks.dense import Dense  # noqa: E402
from playground.blocks.normalisation import BatchNorm, Dropout, LayerNorm  # noqa: E402
from playground.probes import LARGEST_ANSWER  # noqa: E402
from playground.probes.activation import Activation  # noqa: E402
from playground.probes.histograms import BINS, MOST_VALUES, SMALL, Histograms, spread  # noqa: E402
from tests.examples import chain, preset  # noqa: E402

NODES = ("input_1", "conv_1", "norm_1", "relu_1", "flatten_1", "dropout_1", "dense_1", "output_1")


@pytest.fixture
def run(pictured):
    """A run with everything that is different while it trains: statistics of the batch, and dropout."""
    layers = (Conv2D(channels=4), BatchNorm(), ReLU(), Flatten(), Dropout(rate=0.25), Dense(units=3))
    return pictured(graph=chain(Input(field="image"), *layers, Output()))


def after(run, steps):
    for _ in run.steps(run.number + steps):
        pass
    return run


def asked(run, node):
    return Histograms(node=node).measure(run)


def seen_by_next_step(run, node):
    """Take a step and return what came to a node in it, and what left it."""
    seen = []
    module = run.network.module_at(node)
    hook = module.register_forward_hook(lambda _, given, left: seen.append((given[0].detach(), left.detach())))
    after(run, 1)
    hook.remove()
    return seen[0]


def test_the_counts_are_those_of_a_histogram_and_the_words_those_of_the_numbers():
    x = torch.randn(4000, generator=torch.Generator().manual_seed(3)).clamp(min=0) * 3
    found = spread([x])
    others = x[x != 0].numpy().astype(np.float64)
    low = max(others.min(), others.mean() - 5 * others.std())
    high = min(others.max(), others.mean() + 5 * others.std())
    assert (found.low, found.high) == pytest.approx((low, high))
    assert found.counts.tolist() == np.histogram(others.clip(low, high), np.linspace(low, high, BINS + 1))[0].tolist()
    assert (found.zeros, found.values, found.total) == (int((x == 0).sum()), 4000, 4000)
    assert found.counts.sum() == found.values - found.zeros
    assert found.mean == pytest.approx(x.double().mean().item())
    assert found.deviation == pytest.approx(x.double().std(correction=0).item())
    assert found.small == pytest.approx((x.abs() < SMALL).double().mean().item())


@pytest.mark.parametrize(
    ("values", "zeros", "broken"),
    [
        ([0.0] * 5, 5, 0),
        ([7.0] * 5, 0, 0),
        ([float("nan"), float("inf"), 1.0], 0, 2),
        ([], 0, 0),
        ([1e30, -1e30], 0, 0),
    ],
)
def test_numbers_without_a_spread_are_counted_all_the_same(values, zeros, broken):
    found = spread([torch.tensor(values)])
    assert (found.zeros, found.broken) == (zeros, broken)
    assert found.counts.sum() == len(values) - zeros - broken and found.low < found.high
    assert np.isfinite([found.mean, found.deviation, found.small]).all()


def test_of_very_many_numbers_each_unit_is_met_alike():
    x = torch.arange(8).repeat(200_000).reshape(-1, 8).float()  # unit k is always k
    found = spread([x])
    assert found.total == 1_600_000 and MOST_VALUES / 2 < found.values <= MOST_VALUES
    assert found.mean == pytest.approx(3.5, abs=1e-3)


def test_batch_normalisation_is_seen_with_the_statistics_of_the_batch(run):
    answer = asked(after(run, 3), "norm_1")
    came, left = asked(run, "conv_1").after, answer.after
    assert answer.before.counts.tolist() == came.counts.tolist() and answer.before.mean == came.mean
    weight, bias = (p.detach().double() for p in run.network.module_at("norm_1").parameters())
    assert left.mean == pytest.approx(bias.mean().item(), abs=1e-5), "every channel is centred before it is moved"
    channels = run.look(run.batch.inputs, ("conv_1",))["conv_1"].double()
    alone = channels.movedim(1, 0).flatten(1)
    scaled = (alone - alone.mean(1, keepdim=True)) / (alone.var(1, correction=0, keepdim=True) + 1e-5).sqrt()
    made = scaled * weight[:, None] + bias[:, None]
    assert left.deviation == pytest.approx(made.std(correction=0).item(), rel=1e-5)
    running = run.look(run.batch.inputs, ("norm_1",))["norm_1"]
    assert abs(running.mean().item() - left.mean) > 1e-3, "running statistics give something else"


def test_what_dropout_silences_is_what_the_next_step_silences(run):
    answer = asked(after(run, 1), "dropout_1").dropped
    came, left = seen_by_next_step(run, "dropout_1")
    kept = (left != 0) | (came == 0)
    rows, units = answer.kept.shape
    assert answer.units == came.shape[1] and answer.total == came.numel() and answer.rate == 0.25
    positive = (came != 0)[:rows, :units].numpy()
    assert positive.any() and (answer.kept == kept[:rows, :units].numpy())[positive].all()
    assert answer.silenced / answer.total == pytest.approx(0.25, abs=0.02)
    assert 0 < (~answer.kept).sum() < answer.kept.size


def test_what_leaves_dropout_is_what_it_keeps_scaled_up(run):
    answer = asked(run, "dropout_1")
    assert answer.after.zeros > answer.before.zeros and answer.whole
    assert answer.after.mean == pytest.approx(answer.before.mean, rel=0.1)
    assert answer.after.high == pytest.approx(answer.before.high / 0.75, rel=0.2)


def test_watching_changes_nothing_of_the_run(run, pictured, size_of):
    def ended(run, watched):
        losses = []
        for step in run.steps(12):
            losses.append(step.loss)
            for node in watched:
                answer = asked(run, node)
                assert answer is None or size_of(answer) < LARGEST_ANSWER
        assert run.network.training and not run.network.module_at("dropout_1")._forward_pre_hooks
        return losses, run.network.state_dict()

    (losses, ours), (others, theirs) = ended(run, NODES), ended(pictured(graph=run.experiment.graph), ())
    assert losses == others
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs), "not even running statistics"


def test_the_run_is_untouched_even_where_the_pass_fails(run, monkeypatch):
    before = {name: value.clone() for name, value in run.network.state_dict().items()}
    drawn = torch.get_rng_state()
    monkeypatch.setattr(run.network.module_at("dense_1"), "forward", lambda x: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        asked(run, "dropout_1")
    assert torch.equal(torch.get_rng_state(), drawn)
    assert all(torch.equal(value, before[name]) for name, value in run.network.state_dict().items())
    assert not run.network.module_at("dropout_1")._forward_pre_hooks


def test_weights_are_those_of_the_module_without_its_biases(run):
    answer = asked(run, "dense_1")
    weight = run.network.module_at("dense_1").weight.detach()
    assert answer.weights.total == weight.numel() and answer.weights.mean == pytest.approx(
        weight.double().mean().item()
    )
    assert answer.sizes == tuple(weight.shape)
    assert np.array_equal(answer.matrix, weight.numpy()[: len(answer.matrix)])
    assert asked(run, "conv_1").matrix is None and asked(run, "relu_1").weights is None


def test_flat_functions_are_named_with_the_shares_that_the_activation_probe_finds(planar):
    from playground.data.planar import Xor

    run = planar(Xor(count=80), Output(task="binary", loss="binary_cross_entropy"), 1)
    run = after(run, 5)
    (found,) = asked(run, "dense_1").flat
    alone = Activation(node="tanh_1").measure(run)
    assert (found.node, found.dead, found.units) == ("tanh_1", alone.dead, alone.units)
    assert found.saturated == pytest.approx(alone.saturated)


def test_it_is_asked_of_nodes_that_numbers_leave(run):
    accepted = [id for id, node in run.report.nodes.items() if Histograms.accepts(node)]
    assert accepted == list(NODES[:-1])
    assert asked(run, "output_1") is None and asked(run, "gone") is None
    source = asked(run, "input_1")
    assert source.before is None and source.after.total == len(run.batch) * 144


def test_a_bypassed_node_only_shows_what_passes_it():
    from playground.training import Trainer

    run = Trainer(preset("without-dropout"), device="cpu")
    answer = asked(run, "dropout_1")
    assert answer.before is None and answer.dropped is None and answer.after is not None


def test_every_kind_of_node_can_be_asked(pictured):
    run = pictured(graph=chain(Input(field="image"), LayerNorm(), Flatten(), Tanh(), Dense(units=3), Output()))
    for id in run.report.nodes:
        asked(run, id)
