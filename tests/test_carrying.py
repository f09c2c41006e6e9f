"""Along a text the state goes on from window to window, and no gradient with it; by default nothing goes on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from playground.blocks.data import Input, Output  # noqa: E402
from playground.blocks.dense import Dense  # noqa: E402
from playground.blocks.embedding import Embedding  # noqa: E402
from playground.blocks.recurrence import GRU, LSTM, RNN, PeepholeLSTM  # noqa: E402
from playground.checkpoint import Checkpoint, capture, restore  # noqa: E402
from playground.choices import SGD  # noqa: E402
from playground.data import Data, Examples, column  # noqa: E402
from playground.experiment import Experiment, Training  # noqa: E402
from playground.facts import DataFacts  # noqa: E402
from playground.ordering import Along  # noqa: E402
from playground.preparation import Preparation, prepare  # noqa: E402
from playground.probes.gradients import Gradients  # noqa: E402
from playground.training import Trainer  # noqa: E402
from tests.examples import chain  # noqa: E402

LAYERS = {
    "rnn": RNN(units=5),
    "gru": GRU(units=5),
    "lstm, two layers": LSTM(units=5, layers=2),
    "peephole": PeepholeLSTM(units=5),
}
STILL = SGD(learning_rate=1e-12)
"""So small a step changes no number: the network stays what it is."""


def running(*lengths, seed=1):
    """Texts of so many letters, cut into windows of 8."""
    rng = np.random.default_rng(seed)
    texts = ["".join(rng.choice(list("abcd"), n)) for n in lengths]
    raw = Data(DataFacts(), {"train": Examples({"text": column(texts)}, {})}, running=True, unit="characters")
    return prepare(raw, Preparation(validation=0.0, longest=8), 1)


def run_of(data, layer=None, order="along", **training):
    graph = chain(
        Input(field="text"), Embedding(size=4), layer or GRU(units=5), Dense(units="auto"), Output(target="next")
    )
    settings = {"optimiser": STILL, "batch_size": 1, "epochs": 50, "order": order, **training}
    return Trainer(Experiment(graph=graph, facts=data.facts, training=Training(**settings)), data, device="cpu")


def losses(run, until):
    return [step.loss for step in run.steps(until)]


def whole_losses(run, begin, steps):
    """Return the loss of each window of a text that is read as a whole."""
    examples = run.data.splits["train"]
    rows = slice(begin, begin + steps)
    text = torch.as_tensor(examples.inputs["text"][rows]).reshape(1, -1)
    wanted = torch.as_tensor(examples.targets["next"][rows]).reshape(1, -1)
    with torch.no_grad():
        scores = run.network({"text": text})["output_1"]
        each = torch.nn.functional.cross_entropy(scores.transpose(1, 2), wanted, reduction="none")[0]
    return each.reshape(steps, -1).mean(dim=1).tolist()


def test_windows_know_whether_they_go_on():
    data = running(41, 9, 25)
    assert data.splits["train"].follows.tolist() == [False, True, True, True, True, False, False, True, True]
    assert data.splits["train"].take(np.array([6, 1])).follows.tolist() == [False, True]


@pytest.mark.parametrize("name", LAYERS)
def test_window_by_window_the_losses_are_those_of_the_text_read_as_a_whole(name):
    run = run_of(running(81), LAYERS[name])
    found = losses(run, run.steps_per_epoch)
    first = int(run._order[0])
    assert len(found) == 10
    wanted = [*whole_losses(run, first, 10 - first), *(whole_losses(run, 0, first) if first else [])]
    assert found == pytest.approx(wanted, rel=1e-5)


def test_at_the_start_of_each_text_the_state_is_nothing():
    run = run_of(running(33, 41))
    found = dict(zip(run_order(run), losses(run, 9), strict=True))
    # In an epoch that begins inside a text, that one is read from there on as if it began there.
    first = run_order(run)[0]
    for begin, end in ((0, 4), (4, 9)):
        if not begin < first < end:
            assert [found[k] for k in range(begin, end)] == pytest.approx(
                whole_losses(run, begin, end - begin), rel=1e-5
            )


def run_order(run):
    """Return the windows in the order of the first epoch, without taking a step."""
    return run._ordering.next(torch.Generator().manual_seed(run.experiment.training.seed)).tolist()


def test_every_place_of_a_batch_goes_its_own_way():
    run = run_of(running(8 * 23 + 1), batch_size=4)
    assert run.steps_per_epoch == 5
    order = run_order(run)
    found = losses(run, 5)
    lanes = np.array(order[:20]).reshape(5, 4).T
    assert np.array_equal(np.diff(lanes, axis=1) % 23, np.ones((4, 4)))
    each = []
    for lane in lanes:
        cut = np.flatnonzero(np.diff(lane) < 0)  # behind the last window comes the first
        begins = [0, *(cut + 1)]
        ends = [*(cut + 1), 5]
        parts = [whole_losses(run, int(lane[a]), b - a) for a, b in zip(begins, ends, strict=True)]
        each.append(np.concatenate(parts))
    assert found == pytest.approx(np.mean(each, axis=0), rel=1e-5)


def test_no_gradient_flows_back_into_the_window_before():
    one, other = run_of(running(81)), run_of(running(81))
    next(one.steps(3)), next(steps := other.steps(3))
    memory = other.carried._memory["gru_1"]
    assert not any(state.requires_grad for state in memory)
    next(steps)
    found = [parameter.grad.clone() for parameter in other.network.parameters()]
    # By hand: the same window with the remembered state as a number.
    window = other._batch_at(1)
    batch, wanted = other.feeds.train.batch(window)
    one.carried._memory = {"gru_1": tuple(state.clone() for state in memory)}
    one.carried.goes_on(torch.ones(1, dtype=torch.bool))
    one.network.zero_grad()
    one.loss_of(one.network(batch), wanted).backward()
    for mine, theirs in zip(one.network.parameters(), found, strict=True):
        assert torch.allclose(mine.grad, theirs, atol=1e-7)


def test_an_evaluation_carries_the_state_too_and_leaves_that_of_training_alone():
    run = run_of(running(161), batch_size=2)
    whole = np.mean([*whole_losses(run, 0, 10), *whole_losses(run, 10, 10)])
    assert run.evaluate("train").metrics["loss"] == pytest.approx(whole, rel=1e-5)
    part = np.mean([*whole_losses(run, 0, 4), *whole_losses(run, 4, 3)])
    assert run.evaluate("train", 7).metrics["loss"] == pytest.approx(part, rel=1e-5)
    other = run_of(running(161), batch_size=2)
    steps = run.steps(10)
    found = []
    for _ in range(10):
        found.append(next(steps).loss)
        run.evaluate("train")
    assert found == losses(other, 10)


def test_looking_on_changes_nothing():
    run, watched = (run_of(running(161), batch_size=2, optimiser=SGD(learning_rate=0.5)) for _ in range(2))
    found = []
    for step in watched.steps(25):
        found.append(step.loss)
        examples = watched.data.splits["train"].take(slice(0, 3))
        cold = watched.look(examples.inputs, ["output_1"])["output_1"]
        assert torch.equal(cold, watched.look(examples.inputs, ["output_1"])["output_1"])
        watched.look(examples.inputs, ["output_1"], rehearsed=True)
        Gradients().measure(watched)
    assert found == losses(run, 25)


@pytest.mark.parametrize("at", [1, 7, 10, 13])
def test_a_run_goes_on_from_a_checkpoint_bit_for_bit(at, tmp_path):
    whole = losses(run_of(running(161), batch_size=2, optimiser=SGD(learning_rate=0.5)), 25)
    first, second = (run_of(running(161), batch_size=2, optimiser=SGD(learning_rate=0.5)) for _ in range(2))
    losses(first, at)
    capture(first).write(tmp_path / "run.safetensors")
    restore(second, Checkpoint.read(tmp_path / "run.safetensors"))
    assert losses(second, 25) == whole[at:]


def test_a_renamed_layer_takes_its_memory_along():
    run = run_of(running(161), batch_size=2)
    losses(run, 3)
    moved = capture(run).renamed({"gru_1": "reader"})
    assert "carried/reader.0" in moved.tensors


def test_by_default_every_window_begins_with_nothing_and_comes_at_random():
    assert Training().order == "random"
    run = run_of(running(161), order="random", batch_size=4)
    assert run.carried is None
    order = torch.randperm(20, generator=torch.Generator().manual_seed(1))
    examples = run.data.splits["train"]
    with torch.no_grad():
        scores = run.network({"text": torch.as_tensor(examples.inputs["text"])[order[:4]]})["output_1"]
        wanted = torch.as_tensor(examples.targets["next"])[order[:4]]
        loss = torch.nn.functional.cross_entropy(scores.transpose(1, 2), wanted)
    assert losses(run, 1) == [loss.item()]


def test_what_is_no_running_text_comes_at_random_all_the_same():
    data = running(81)
    data = data.with_splits({"train": replace(data.splits["train"], follows=None)})
    run = run_of(data, batch_size=2)
    assert run.carried is None and losses(run, 3) == losses(run_of(data, order="random", batch_size=2), 3)


@pytest.mark.parametrize("direction", ["backward", "both"])
def test_layers_that_read_backwards_remember_nothing(direction):
    run = run_of(running(81), GRU(units=3, direction=direction))
    losses(run, 5)
    assert run.carried.state() == {}


def test_the_lanes_are_all_windows_but_fewer_than_a_batch_begun_elsewhere_in_each_epoch():
    order, draws = Along(103, 10), torch.Generator().manual_seed(3)
    assert order.steps == 10
    found = [order.next(draws) for _ in range(4)]
    for one in found:
        assert torch.equal(one.sort().values, torch.arange(103))
        lanes = one[:100].view(10, 10).T
        assert (((lanes[:, 1:] - lanes[:, :-1]) % 103) == 1).all()
    assert len({int(one[0]) for one in found}) > 1
