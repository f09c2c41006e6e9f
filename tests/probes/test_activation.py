"""What is drawn of an activation function is the function; what is counted of the batch, the batch."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from playground.block import Block  # noqa: E402
from playground.blocks.activation import (  # noqa: E402
    ELU,
    GELU,
    LeakyReLU,
    ReLU,
    Sigmoid,
    SiLU,
    Softmax,
    Softplus,
    Step,
    Tanh,
)
from playground.blocks.data import Input, Output  # noqa: E402
from playground.blocks.dense import Dense  # noqa: E402
from playground.choices import PerceptronRule  # noqa: E402
from playground.data.planar import Xor  # noqa: E402
from playground.experiment import Experiment, Training  # noqa: E402
from playground.probes import LARGEST_ANSWER  # noqa: E402
from playground.probes.activation import BINS, Activation  # noqa: E402
from playground.training import Trainer  # noqa: E402
from tests.probes.conftest import chain  # noqa: E402

BINARY = Output(task="binary", loss="binary_cross_entropy")
BLOCKS = (Sigmoid(), Sigmoid(slope=3.0), Tanh(), ReLU(), LeakyReLU(), ELU(), GELU(), SiLU(), Softplus(), Softmax())


def started(block, **marks):
    graph = chain(Input(), Dense(units=5), block, Dense(units=1), BINARY)
    for id, weights in marks.items():
        graph = graph.mark(id, weights=weights)
    training = Training(batch_size=20, optimiser=PerceptronRule())
    return Trainer(Experiment(source=Xor(count=100), graph=graph, training=training), device="cpu")


def node_of(run):
    return next(id for id, node in run.report.nodes.items() if node.block.family == "Activation")


def shifted(bias, weight=0.0):
    return {"weight": ((weight, weight),) * 5, "bias": bias}


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.key + block.summary())
def test_the_derivative_is_that_of_finite_differences(block):
    run = started(block)
    answer = Activation(node=node_of(run)).measure(run)
    x, y, slope = (values.astype(float) for values in (answer.x, answer.y, answer.slope))
    middle = (y[2:] - y[:-2]) / (x[2:] - x[:-2])
    smooth = np.abs(x[1:-1]) > 0.05  # not across the corner of a ReLU
    assert np.abs(middle - slope[1:-1])[smooth].max() < 2e-3


def test_the_definitions_are_the_formulas():
    formulas = {
        Sigmoid(slope=2.0): lambda x: 1 / (1 + np.exp(-2 * x)),
        LeakyReLU(slope=0.2): lambda x: np.where(x > 0, x, 0.2 * x),
        ELU(alpha=0.5): lambda x: np.where(x > 0, x, 0.5 * (np.exp(x) - 1)),
        SiLU(): lambda x: x / (1 + np.exp(-x)),
        Softplus(beta=2.0): lambda x: np.log(1 + np.exp(2 * x)) / 2,
        Step(threshold=0.5, low="-1"): lambda x: np.where(x >= 0.5, 1.0, -1.0),
    }
    for block, formula in formulas.items():
        run = started(block)
        answer = Activation(node=node_of(run)).measure(run)
        assert answer.y == pytest.approx(formula(answer.x.astype(float)), abs=1e-5), block


def test_the_bars_count_what_comes_in_from_the_present_batch():
    run = started(Tanh())
    for _ in run.steps(3):
        pass
    answer = Activation(node="tanh_1").measure(run)
    batch = run.batch
    assert len(batch) == 20 and not np.array_equal(batch.inputs["x"], run.data.splits["train"].inputs["x"][:20])
    with torch.no_grad():
        came = run.network.module_at("dense_1")(torch.as_tensor(batch.inputs["x"])).numpy().ravel()
    reach = float(answer.x[-1])
    expected, _ = np.histogram(came.clip(-reach, reach), np.linspace(-reach, reach, BINS + 1))
    assert answer.counts.tolist() == expected.tolist() and answer.values == 100


@pytest.mark.parametrize(
    ("block", "bias", "dead", "saturated"),
    [
        (ReLU(), (-1.0, -2.0, 1.0, 2.0, 3.0), 2, 0.4),
        (LeakyReLU(), (-1.0, -2.0, 1.0, 2.0, 3.0), 0, 0.0),
        (Sigmoid(), (-7.0, 0.0, 1.0, 2.0, 7.0), 2, 0.4),  # σ′ < 1 % of ¼ beyond about ±6
        (Tanh(), (-3.1, 0.0, 1.0, 2.0, 2.9), 1, 0.2),  # tanh′ < 1 % beyond about ±3
        (Step(), (-1.0, -2.0, 1.0, 2.0, 3.0), 0, 0.0),
    ],
    ids=lambda value: getattr(value, "key", None),
)
def test_saturated_values_and_dead_units_are_counted(block, bias, dead, saturated):
    run = started(block, dense_1=shifted(bias))  # no weights: every example brings the offsets
    answer = Activation(node=node_of(run)).measure(run)
    assert (answer.dead, answer.units) == (dead, 5) and answer.saturated == pytest.approx(saturated)


def test_softmax_is_the_sigmoid_of_the_lead():
    run = started(Softmax(), dense_1=shifted((4.0, 1.0, -4.0, -50.0, 0.0)))
    answer = Activation(node="softmax_1").measure(run)
    shares = torch.softmax(torch.tensor([4.0, 1.0, -4.0, -50.0, 0.0], dtype=torch.float64), 0)
    lead = torch.logit(shares)
    reach = float(answer.x[-1])
    expected, _ = np.histogram(lead.clamp(-reach, reach).numpy(), np.linspace(-reach, reach, BINS + 1))
    assert answer.counts.tolist() == (20 * expected).tolist()
    assert answer.y == pytest.approx(1 / (1 + np.exp(-answer.x.astype(float))), abs=1e-6)


def test_a_step_has_no_derivative_where_it_jumps_and_none_elsewhere():
    run = started(Step(threshold=5.5))
    answer = Activation(node="step_1").measure(run)
    assert answer.x[-1] >= 6.5, "the threshold can be seen"
    assert np.isnan(answer.slope).sum() in (1, 2) and np.nanmax(np.abs(answer.slope)) == 0


def test_channels_of_images_are_units_and_nothing_of_the_run_changes(pictured, size_of):
    def losses(watched):
        run = pictured()
        found = []
        for step in run.steps(8):
            found.append(step.loss)
            if watched:
                answer = Activation(node="relu_1").measure(run)
                assert answer.units == 5 and size_of(answer) < LARGEST_ANSWER
        return found

    assert losses(watched=True) == losses(watched=False)


def test_it_is_asked_of_activations_only(pictured):
    run = pictured()
    accepted = [id for id, node in run.report.nodes.items() if Activation.accepts(node)]
    assert accepted == ["relu_1"]
    assert Activation(node="conv_1").measure(run) is None and Activation(node="gone").measure(run) is None


def test_every_activation_of_the_catalogue_can_be_drawn():
    for block in {cls for cls in Block.members.values() if cls.family == "Activation"}:
        run = started(block())
        assert Activation(node=node_of(run)).measure(run) is not None, block
