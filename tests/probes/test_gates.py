"""The gates that the probe tells of are those by which the network computed; its words are those that it read."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from playground.blocks.convolution import Conv1D  # noqa: E402
from playground.blocks.data import Input, Output  # noqa: E402
from playground.blocks.dense import Dense  # noqa: E402
from playground.blocks.embedding import Embedding  # noqa: E402
from playground.blocks.pooling import LastStep  # noqa: E402
from playground.blocks.recurrence import GRU, LSTM, RNN, PeepholeLSTM  # noqa: E402
from playground.data import Data, Examples, column  # noqa: E402
from playground.data.sequence_tasks import AddingProblem  # noqa: E402
from playground.experiment import Experiment, Training  # noqa: E402
from playground.facts import DataFacts, Target  # noqa: E402
from playground.graph import Wire  # noqa: E402
from playground.preparation import Preparation, prepare  # noqa: E402
from playground.probes._reading import typed_tokens  # noqa: E402
from playground.probes.gates import Gates  # noqa: E402
from playground.training import Trainer  # noqa: E402
from tests.examples import chain  # noqa: E402

WORDS = ["the", "a", "good", "bad", "film", "plot", "was", "not", "非常", "好"]
UNITS = 5


def reading(*blocks, **preparation):
    """A run on random sentences of 1 to 9 words, through these blocks after the embedding."""
    rng = np.random.default_rng(4)
    texts = column([tuple(rng.choice(WORDS, size=rng.integers(1, 10))) for _ in range(60)])
    facts = DataFacts(targets={"label": Target(("no", "yes"))}, counts={"train": 60})
    examples = Examples({"text": texts}, {"label": rng.integers(0, 2, 60)})
    preparation = Preparation(**preparation)
    data = prepare(Data(facts, {"train": examples}), preparation, 1)
    graph = chain(Input(field="text"), Embedding(size=3), *blocks, LastStep(), Dense(units=2), Output())
    training = Training(batch_size=16)
    experiment = Experiment(graph=graph, facts=data.facts, preparation=preparation, training=training)
    return Trainer(experiment, data, device="cpu")


def left(run, inputs, node):
    return run.look(inputs, (node,))[node][0].numpy()


@pytest.mark.parametrize("direction", ["forward", "backward", "both"])
@pytest.mark.parametrize(
    ("block", "id", "names"),
    [
        (RNN, "rnn_1", ("h",)),
        (LSTM, "lstm_1", ("i", "f", "o", "g", "c", "h")),
        (PeepholeLSTM, "peephole_1", ("i", "f", "o", "g", "c", "h")),
        (GRU, "gru_1", ("z", "r", "n", "h")),
    ],
)
def test_the_state_told_is_what_leaves_the_node(block, id, names, direction):
    run = reading(block(units=UNITS, direction=direction))
    for index in (0, 3):
        halves = [Gates(node=id, index=index, backward=back).measure(run) for back in (False, True)]
        answer = halves[0]
        assert answer.names == names and answer.total == UNITS
        row = run.data.splits["validation"].inputs["text"][index]
        steps = int((row != 0).sum())
        assert answer.words == tuple(run.data.vocabularies["text"][one] for one in row[:steps])
        assert answer.values.shape == (len(names), UNITS, steps)
        said = left(run, {"text": row[None]}, id)[:steps].T
        states = [one.values[names.index("h")] for one in halves[: 2 if direction == "both" else 1]]
        assert np.allclose(np.concatenate(states), said, atol=2e-3)
        assert np.allclose(answer.means, answer.values.astype(np.float32).mean(axis=1), atol=2e-3)


def test_gates_are_between_0_and_1_and_make_the_cell_state():
    answer = Gates(node="lstm_1", index=1).measure(reading(LSTM(units=UNITS)))
    i, f, o, g, c, h = answer.values.astype(np.float64)
    before = np.concatenate([np.zeros((UNITS, 1)), c[:, :-1]], axis=1)
    assert np.allclose(c, f * before + i * g, atol=5e-3) and np.allclose(h, o * np.tanh(c), atol=5e-3)
    assert all((one >= 0).all() and (one <= 1).all() for one in (i, f, o))


def test_of_several_layers_each_can_be_looked_into():
    run = reading(LSTM(units=UNITS, layers=2))
    last, first = (Gates(node="lstm_1", layer=layer).measure(run) for layer in (-1, 0))
    assert (last.layer, first.layer, last.layers) == (1, 0, 2)
    said = left(run, {"text": run.data.splits["validation"].inputs["text"][:1]}, "lstm_1")
    assert np.allclose(last.values[-1], said[: last.values.shape[2]].T, atol=2e-3)
    assert not np.allclose(first.values[-1], last.values[-1], atol=2e-3)


def test_a_sentence_of_ones_own_is_read_and_what_is_not_known_said():
    run = reading(GRU(units=UNITS))
    answer = Gates(node="gru_1", own="the zorg film").measure(run)
    assert answer.words == ("the", "zorg", "film") and answer.unknown == (1,) and answer.own
    numbers = [run.data.vocabularies["text"].index(one) for one in ("the", "<unk>", "film")]
    text = np.array([numbers + [0] * (run.data.facts.inputs["text"].time - 3)])
    assert np.allclose(answer.values[-1], left(run, {"text": text}, "gru_1")[:3].T, atol=2e-3)
    assert Gates(node="gru_1", own="the " * 500).measure(run).values.shape[2] == run.data.facts.inputs["text"].time
    assert Gates(node="gru_1", own=" \n").measure(run).own is False


def test_words_are_filled_up_at_the_start_where_the_data_are():
    answer = Gates(node="lstm_1", own="a film").measure(reading(LSTM(units=UNITS), padding="start"))
    assert answer.words[-2:] == ("a", "film") and set(answer.words[:-2]) == {""} and answer.values.shape[2] == 9


def test_chinese_characters_are_put_together_to_known_words():
    assert typed_tokens("电影非常好!", "words", False, {"非常", "电影", "好"}) == ["电影", "非常", "好", "!"]
    assert typed_tokens("非 常 Good", "words", True, {"非常"}) == ["非", "常", "good"]
    assert typed_tokens("A ?1 ?2", "words", True, {"?1"}) == ["a", "?1", "?", "2"]
    assert typed_tokens("非 常", "characters", False, {"非常"}) == ["非", " ", "常"]


def test_of_a_series_the_numbers_come_along():
    graph = chain(Input(), RNN(units=4), LastStep(), Dense(units=1), Output(target="y", task="regression", loss="mse"))
    run = Trainer(Experiment(source=AddingProblem(count=20, length=12), graph=graph), device="cpu")
    answer = Gates(node="rnn_1", index=2).measure(run)
    assert answer.words == () and answer.values.shape == (1, 4, 12)
    assert np.allclose(answer.given, run.data.splits["validation"].inputs["x"][2].T, atol=1e-3)


def test_steps_that_are_no_longer_words_are_not_called_by_them():
    answer = Gates(node="lstm_1", index=3).measure(reading(Conv1D(channels=4, kernel=2, stride=2), LSTM(units=UNITS)))
    assert answer.words == () and answer.values.shape[2] < 5 and answer.given.shape[0] == 0


def test_a_state_that_comes_in_is_where_it_begins():
    graph = chain(Input(field="text"), Embedding(size=3), LSTM(units=UNITS), GRU(units=UNITS), LastStep())
    graph = graph.add(Dense(units=2), "dense_1").connect(Wire("last_1", "dense_1")).add(Output(), "output_1")
    graph = graph.connect(Wire("dense_1", "output_1")).connect(Wire("lstm_1", "gru_1", "h", "h"))
    plain = reading(LSTM(units=UNITS))
    run = Trainer(replace(plain.experiment, graph=graph), plain.data, device="cpu")
    answer = Gates(node="gru_1").measure(run)
    said = left(run, {"text": run.data.splits["validation"].inputs["text"][:1]}, "gru_1")
    assert np.allclose(answer.values[-1], said[: answer.values.shape[2]].T, atol=2e-3)


def test_the_run_is_left_as_it_was_and_nothing_listens_on():
    run = reading(LSTM(units=UNITS))
    before = {name: one.clone() for name, one in run.network.state_dict().items()}
    random = torch.get_rng_state()
    Gates(node="lstm_1").measure(run)
    assert all(torch.equal(one, before[name]) for name, one in run.network.state_dict().items())
    assert torch.equal(torch.get_rng_state(), random) and run.network.training
    assert not run.network.lstm_1._forward_pre_hooks


def test_only_recurrent_layers_can_be_asked():
    run = reading(LSTM(units=UNITS))
    assert [id for id, node in run.report.nodes.items() if Gates.accepts(node)] == ["lstm_1"]
    assert Gates(node="embed_1").measure(run) is None and Gates(node="").measure(run) is None


def test_an_answer_stays_small_however_wide_the_layer_is(size_of):
    answer = Gates(node="lstm_1", own="a " * 9).measure(reading(LSTM(units=6000)))
    assert answer.total == 6000 and answer.values.size <= 80_000 and size_of(answer) < 200_000


def test_numbers_that_are_none_are_borne():
    run = reading(RNN(units=UNITS, activation="relu"))
    run.network.rnn_1.weight_hh_l0.data.fill_(1e30)
    answer = Gates(node="rnn_1", own="the " * 9).measure(run)
    assert np.isfinite(answer.values).all() and np.isfinite(answer.means).all()
