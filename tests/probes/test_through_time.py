"""The gradient by the state of each step is autograd's; lengths are those of the gradients that were stepped along."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch.nn import functional as F  # noqa: E402, N812

from playground.blocks.data import Input, Output  # noqa: E402
from playground.blocks.dense import Dense  # noqa: E402
from playground.blocks.embedding import Embedding  # noqa: E402
from playground.blocks.pooling import LastStep, MeanOverTime  # noqa: E402
from playground.blocks.recurrence import GRU, LSTM, RNN, PeepholeLSTM  # noqa: E402
from playground.choices import SGD  # noqa: E402
from playground.data.sentiment import Sentiment  # noqa: E402
from playground.data.sequence_tasks import AddingProblem  # noqa: E402
from playground.experiment import Experiment, Training  # noqa: E402
from playground.probes import through_time  # noqa: E402
from playground.probes.through_time import ThroughTime  # noqa: E402
from playground.training import Trainer  # noqa: E402
from tests.examples import chain  # noqa: E402

UNITS = 5


def judging(block, batch_size=16, steps=2, after=None, **training):
    after = after or LastStep()
    graph = chain(Input(field="text"), Embedding(size=4), block, after, Dense(units="auto"), Output())
    training = Training(batch_size=batch_size, **training)
    run = Trainer(Experiment(source=Sentiment(count=200), graph=graph, training=training), device="cpu")
    for _ in run.steps(steps):
        pass
    return run


def adding(block, **training):
    graph = chain(Input(), block, LastStep(), Dense(units=1), Output(target="y", task="regression", loss="mse"))
    training = Training(batch_size=8, **training)
    return Trainer(Experiment(source=AddingProblem(count=40, length=7), graph=graph, training=training), device="cpu")


def test_it_is_the_gradient_of_a_loop_written_by_hand():
    run = judging(RNN(units=UNITS))
    answer = ThroughTime(node="rnn_1").measure(run)
    batch, net, rnn = run.batch, run.network, run.network.rnn_1
    text, labels = torch.as_tensor(batch.inputs["text"]), torch.as_tensor(batch.targets["label"])
    lengths, h, states = (text != 0).sum(dim=1), torch.zeros(len(text), UNITS), []
    for t in range(text.shape[1]):
        x = net.embed_1(text[:, t])
        new = torch.tanh(x @ rnn.weight_ih_l0.T + rnn.bias_ih_l0 + h @ rnn.weight_hh_l0.T + rnn.bias_hh_l0)
        new.retain_grad()
        states.append(new)
        h = torch.where((t < lengths)[:, None], new, h)
    F.cross_entropy(net.dense_1(h), labels).backward()
    norms = [0.0 if one.grad is None else float(one.grad.norm()) for one in states]
    assert answer.norms.shape == (text.shape[1],) and answer.whole and answer.examples == 16
    assert np.allclose(answer.norms, norms, rtol=1e-4, atol=1e-9) and answer.norms[0] > 0


def test_of_an_lstm_it_is_the_gradient_through_torchs_cell():
    run = adding(LSTM(units=UNITS))
    answer = ThroughTime(node="lstm_1").measure(run)
    lstm, cell = run.network.lstm_1, torch.nn.LSTMCell(2, UNITS)
    cell.load_state_dict({name.removesuffix("_l0"): value for name, value in lstm.state_dict().items()})
    x, y = (torch.as_tensor(one) for one in (run.batch.inputs["x"], run.batch.targets["y"]))
    h, c, states = torch.zeros(len(x), UNITS), torch.zeros(len(x), UNITS), []
    for t in range(7):
        h, c = cell(x[:, t], (h, c))
        h.retain_grad()
        states.append(h)
    F.mse_loss(run.network.dense_1(h), y).backward()
    assert np.allclose(answer.norms, [float(one.grad.norm()) for one in states], rtol=1e-4)


@pytest.mark.parametrize(("block", "id"), [(RNN, "rnn_1"), (GRU, "gru_1"), (PeepholeLSTM, "peephole_1")])
def test_reading_from_the_end_is_reading_the_turned_text(block, id):
    ways = ("backward", "forward")
    back, ahead = (judging(block(units=UNITS, direction=way), 1, 0, MeanOverTime()) for way in ways)
    ahead.network.load_state_dict(back.network.state_dict())
    data = ahead.data.splits["train"]
    text = np.asarray(data.inputs["text"]).copy()
    n = int((text[0] != 0).sum())
    text[0, :n] = text[0, :n][::-1]
    turned = replace(data, inputs={"text": text})
    ahead.data = replace(ahead.data, splits={**ahead.data.splits, "train": turned})
    one, other = (ThroughTime(node=id).measure(run).norms for run in (back, ahead))
    assert np.allclose(one[:n], other[:n][::-1], rtol=1e-4) and (one[:n] > 0).all() and (one[n:] == 0).all()


def test_layers_and_halves_are_told_apart():
    run = judging(GRU(units=UNITS, layers=2, direction="both"))
    found = [
        ThroughTime(node="gru_1", layer=layer, backward=back).measure(run).norms
        for layer in (0, 1)
        for back in (False, True)
    ]
    assert all(not np.allclose(one, other) for k, one in enumerate(found) for other in found[:k])
    assert np.allclose(ThroughTime(node="gru_1").measure(run).norms, found[2])


def test_lengths_are_told_before_and_after_clipping_of_every_step_that_was_watched():
    run = adding(RNN(units=UNITS), clip_norm=0.01, optimiser=SGD(learning_rate=0.1))
    probe = ThroughTime(node="rnn_1")
    assert not len(probe.measure(run).steps)
    plain = adding(RNN(units=UNITS), clip_norm=0.0, optimiser=SGD(learning_rate=0.1))
    plain.network.load_state_dict(run.network.state_dict())
    batch = {name: torch.as_tensor(value) for name, value in run.batch.inputs.items()}
    for _ in run.steps(4):
        pass
    answer = probe.measure(run)
    assert answer.steps.tolist() == [1, 2, 3, 4] and answer.clip == 0.01 and batch
    assert np.allclose(answer.after, 0.01, rtol=1e-3) and (answer.before > 0.05).all()
    gradients = [p.grad for p in run.network.parameters()]
    assert answer.after[-1] == pytest.approx(float(torch.nn.utils.get_total_norm(gradients)), rel=1e-5)
    probe.measure(plain)
    for _ in plain.steps(1):
        pass
    first = probe.measure(plain)
    assert first.before.tolist() == first.after.tolist() == pytest.approx([answer.before[0]], rel=1e-5)


def test_cutting_single_numbers_off_is_seen_too():
    run = adding(RNN(units=UNITS), clip_value=0.001)
    probe = ThroughTime(node="rnn_1")
    probe.measure(run)
    for _ in run.steps(2):
        pass
    answer = probe.measure(run)
    assert (answer.after < answer.before).all()


def test_nobody_measures_on_when_nobody_asks(monkeypatch):
    run = adding(RNN(units=UNITS), clip_norm=1.0)
    assert not run.optimiser._optimizer_step_pre_hooks and not run.pull.watched
    ThroughTime(node="rnn_1").measure(run)
    assert run.optimiser._optimizer_step_pre_hooks and run.pull.watched
    monkeypatch.setattr(through_time, "FORGOTTEN", -1.0)
    for _ in run.steps(1):
        pass
    assert not run.optimiser._optimizer_step_pre_hooks and not run.pull.watched and run.pull.length is None


def test_a_watched_run_loses_as_an_unwatched_one_does():
    watched, alone = (judging(LSTM(units=UNITS, layers=2, dropout=0.3), steps=0, clip_norm=0.5) for _ in range(2))
    losses = [[], []]
    for kept, run in zip(losses, (watched, alone), strict=True):
        torch.manual_seed(3)
        for step in run.steps(6):
            kept.append(step.loss)
            if run is watched:
                ThroughTime(node="lstm_1").measure(run)
    assert losses[0] == losses[1]
    assert not watched.network.lstm_1._forward_hooks and watched.network.lstm_1._heard is None


def test_what_nothing_is_learnt_in_front_of_has_no_gradient():
    run = judging(RNN(units=UNITS), steps=0)
    assert ThroughTime(node="embed_1").measure(run) is None and ThroughTime(node="").measure(run) is None
    for weight in (*run.network.rnn_1.parameters(), *run.network.embed_1.parameters()):
        weight.requires_grad_(False)
    assert ThroughTime(node="rnn_1").measure(run) is None


def test_an_answer_stays_small(size_of):
    run = adding(RNN(units=UNITS))
    lengths = through_time.Lengths.of(run)
    lengths._kept.extend((k, torch.tensor(1.0), torch.tensor(1.0)) for k in range(5000))
    assert size_of(ThroughTime(node="rnn_1").measure(run)) < 64 * 1024
