"""Trimming and ordering: padding costs nothing and changes nothing, whatever comes together in a batch."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import playground.training as training_module  # noqa: E402
from playground.blocks.activation import ReLU  # noqa: E402
from playground.blocks.combine import Flatten  # noqa: E402
from playground.blocks.convolution import Conv1D  # noqa: E402
from playground.blocks.data import Input, Output  # noqa: E402
from playground.blocks.dense import Dense  # noqa: E402
from playground.blocks.embedding import Embedding  # noqa: E402
from playground.blocks.pooling import LastStep, MaxOverTime, MeanOverTime  # noqa: E402
from playground.blocks.position import PositionalEncoding  # noqa: E402
from playground.blocks.recurrence import GRU, LSTM  # noqa: E402
from playground.checkpoint import capture, restore  # noqa: E402
from playground.choices import SGD  # noqa: E402
from playground.data import IGNORED, Data, Examples  # noqa: E402
from playground.experiment import Experiment, Training  # noqa: E402
from playground.facts import DataFacts, Target  # noqa: E402
from playground.graph import Graph, Wire  # noqa: E402
from playground.ordering import Order, ordering  # noqa: E402
from playground.ready_groups import decoder_block, encoder_block  # noqa: E402
from playground.shape import Shape  # noqa: E402
from playground.training import Trainer  # noqa: E402
from tests.examples import chain  # noqa: E402

WORDS = 12
LONGEST = 24


def texts(lengths, longest=LONGEST, seed=3):
    """Texts of so many tokens, filled up with 0."""
    rng = np.random.default_rng(seed)
    made = np.zeros((len(lengths), longest), dtype=np.int64)
    for row, length in zip(made, lengths, strict=True):
        row[:length] = rng.integers(2, WORDS, length)
    return made


def of_each_step(tokens, classes=3):
    """Give each token a class that it tells itself; beyond the end there is none."""
    return np.where(tokens > 0, tokens % classes, IGNORED)


PLAIN = SGD(learning_rate=0.1)
"""Adam would make a step of the rounding that is all there is of some gradients: those of the biases of keys."""

LENGTHS = [3, 5, 1, 4, 2, 5, 3, 4, 2, 1, 5, 3, 24, 7, 9, 2]
"""Texts of a few words; one is long."""


def sentences(graph, per_step=False, lengths=LENGTHS, longest=LONGEST, **settings):
    """A run on texts with a class, or with one for each step."""
    tokens = texts(lengths, longest)
    target = of_each_step(tokens) if per_step else tokens[:, 0] % 2
    classes = ("a", "b", "c") if per_step else ("no", "yes")
    facts = DataFacts(
        {"text": Shape(time=longest)},
        {"label": Target(classes, Shape(time=longest) if per_step else Shape())},
        {"train": len(lengths)},
        vocabularies={"text": WORDS},
    )
    settings = {"batch_size": 4, "epochs": 30, "optimiser": PLAIN, **settings}
    experiment = Experiment(graph=graph, facts=facts, training=Training(**settings))
    return Trainer(experiment, Data(facts, {"train": Examples({"text": tokens}, {"label": target})}), device="cpu")


def translation(graph):
    """A run on pairs of texts: the second one is written token by token."""
    source, written = texts(LENGTHS), texts(LENGTHS[::-1], longest=30, seed=4)
    going_in = np.concatenate([np.full((len(written), 1), 2), written[:, :-1]], axis=1)
    going_in[np.arange(len(written)), np.array(LENGTHS[::-1])] = 0
    facts = DataFacts(
        {"source": Shape(time=LONGEST), "previous": Shape(time=30)},
        {"next": Target(tuple(map(str, range(WORDS))), Shape(time=30))},
        {"train": len(source)},
        vocabularies={"source": WORDS, "previous": WORDS},
    )
    examples = Examples({"source": source, "previous": going_in}, {"next": of_each_step(written, WORDS)})
    experiment = Experiment(graph=graph, facts=facts, training=Training(optimiser=PLAIN, batch_size=4, epochs=30))
    return Trainer(experiment, Data(facts, {"train": examples}), device="cpu")


def transformer():
    """An encoder and a decoder of a block each; the decoder learns the places of 30 tokens."""
    graph = Graph()
    for id, block in {
        "input_1": Input(field="source"),
        "embed_1": Embedding(size=8),
        "position_1": PositionalEncoding(),
        "encoder": encoder_block(8, heads=2, hidden=16, dropout=0.0),
        "input_2": Input(field="previous"),
        "embed_2": Embedding(size=8),
        "position_2": PositionalEncoding(kind="learned"),
        "decoder": decoder_block(8, heads=2, hidden=16, dropout=0.0),
        "dense_1": Dense(units=WORDS),
        "output_1": Output(target="next"),
    }.items():
        graph = graph.add(block, id)
    for one, other, port in (
        *(("input_1", "embed_1", "x"), ("embed_1", "position_1", "x"), ("position_1", "encoder", "x")),
        *(("input_2", "embed_2", "x"), ("embed_2", "position_2", "x"), ("position_2", "decoder", "x")),
        *(("encoder", "decoder", "memory"), ("decoder", "dense_1", "x"), ("dense_1", "output_1", "x")),
    ):
        block = graph.nodes[one].block
        graph = graph.connect(Wire(one, other, block.outputs[0], port))
    return graph


def classifier(*hidden):
    return chain(Input(field="text"), Embedding(size=6), *hidden, Dense(units=2), Output())


def tagger(*hidden):
    return chain(Input(field="text"), Embedding(size=6), *hidden, Dense(units=3), Output())


RUNS = {
    "n-grams": lambda: sentences(classifier(Conv1D(channels=5, kernel=3), ReLU(), MaxOverTime())),
    "strided": lambda: sentences(
        classifier(Conv1D(channels=5, kernel=4, stride=2, padding=1), GRU(units=5), LastStep())
    ),
    "bag of words": lambda: sentences(classifier(MeanOverTime())),
    "tagger": lambda: sentences(tagger(LSTM(units=5, direction="both")), per_step=True),
    "encoder": lambda: sentences(
        classifier(PositionalEncoding(kind="learned"), encoder_block(6, heads=2, hidden=8, dropout=0.0), MeanOverTime())
    ),
    "transformer": lambda: translation(transformer()),
}


@pytest.fixture
def untrimmed(monkeypatch):
    """Build Trainers that compute everything, padding too."""

    def build(run):
        with monkeypatch.context() as patch:
            patch.setattr(training_module, "cuts", lambda *_: ())
            return run()

    return build


def shapes_seen(run, steps):
    """Take steps and return how many steps of each input the network was given, by input."""
    seen = []
    run.network.register_forward_pre_hook(lambda _, given: seen.append({n: v.shape[1] for n, v in given[0].items()}))
    for _ in run.steps(steps):
        pass
    return seen


# -- trimming ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", RUNS)
def test_trimmed_batches_give_the_losses_weights_and_metrics_of_whole_ones(name, untrimmed):
    short, whole = RUNS[name](), untrimmed(RUNS[name])
    assert short.feeds.lengths and not whole.feeds.lengths
    assert [s.loss for s in short.steps(12)] == pytest.approx([s.loss for s in whole.steps(12)], rel=1e-4)
    for one, other in zip(short.network.parameters(), whole.network.parameters(), strict=True):
        assert torch.allclose(one, other, atol=1e-4)
    for step in (short.evaluate("train"), short.glance()[0]):
        assert step.metrics == pytest.approx(whole.evaluate("train").metrics, rel=1e-4)


@pytest.mark.parametrize("name", RUNS)
def test_the_first_gradients_are_those_of_whole_batches(name, untrimmed):
    short, whole = RUNS[name](), untrimmed(RUNS[name])
    gradients = []
    for run in (short, whole):
        run.network.double()
        batch, wanted = run.feeds.train.batch(torch.arange(4))
        run.loss_of(run.network(batch), wanted).backward()
        gradients.append([parameter.grad for parameter in run.network.parameters()])
    for one, other in zip(*gradients, strict=True):
        whole_rows = torch.zeros_like(other)
        whole_rows[: len(one)] = one
        assert torch.allclose(whole_rows, other, atol=1e-12)


def test_a_text_of_five_words_among_256_costs_five():
    run = sentences(classifier(GRU(units=4), LastStep()), lengths=[5] * 8 + [256], longest=256)
    inputs, _ = run.feeds.train.batch(torch.arange(4))
    assert inputs["text"].shape == (4, 5)
    inputs, _ = run.feeds.train.batch(torch.tensor([0, 8]))
    assert inputs["text"].shape == (2, 256)
    inputs, _ = run.feeds.splits["train"].piece(0, 8)
    assert inputs["text"].shape == (8, 5)


def test_each_of_two_texts_is_cut_behind_its_own_longest_and_the_target_with_what_is_written():
    run = translation(transformer())
    inputs, (wanted,) = run.feeds.train.batch(torch.arange(4))
    assert inputs["source"].shape == (4, max(LENGTHS[:4]))
    assert inputs["previous"].shape == wanted.shape == (4, max(LENGTHS[::-1][:4]))


def test_a_kernel_wider_than_all_texts_of_a_batch_finds_room():
    run = sentences(classifier(Conv1D(channels=3, kernel=7), MaxOverTime()))
    inputs, _ = run.feeds.train.batch(torch.tensor([2, 9]))  # of one word each
    assert inputs["text"].shape == (2, 7)
    assert all(np.isfinite(step.loss) for step in run.steps(8))


@pytest.mark.parametrize("hidden", [(Flatten(),), (Flatten(), ReLU(), Dense(units=4), ReLU())])
def test_a_network_that_wants_so_many_steps_gets_them(hidden):
    run = sentences(classifier(*hidden))
    assert not run.feeds.lengths
    assert {tuple(seen.values()) for seen in shapes_seen(run, 6)} == {(LONGEST,)}


def test_what_is_looked_at_is_not_cut():
    run = sentences(tagger(LSTM(units=5)), per_step=True)
    examples = run.data.splits["train"].take(slice(0, 4))
    assert run.look(examples.inputs, ["output_1"])["output_1"].shape == (4, LONGEST, 3)


# -- ordering ------------------------------------------------------------------------------------------------------


def drawn(seed=1):
    return torch.Generator().manual_seed(seed)


def test_at_random_is_what_it_always_was():
    order = ordering("random", 100, 8, False, [torch.arange(100)])
    assert type(order) is Order and order.steps == 13
    assert torch.equal(order.next(drawn()), torch.randperm(100, generator=drawn()))


def test_texts_of_like_length_come_together_each_once_an_epoch_and_another_way_the_next_time():
    lengths = torch.randint(1, 200, (1003,), generator=drawn(7))
    order = ordering("alike", 1003, 10, False, [lengths])
    draws = drawn()
    first, second = order.next(draws), order.next(draws)
    assert not torch.equal(first, second)
    for found in (first, second):
        assert torch.equal(found.sort().values, torch.arange(1003))
        longest = torch.stack([lengths[batch].max() for batch in found.split(10)])
        assert longest.sum() * 10 < 1.1 * lengths.sum()
        assert len(found.split(10)[-1]) == 3
        assert longest.tolist() != sorted(longest.tolist())  # not first all short ones, then all long ones
    assert torch.equal(order.next(drawn()), first)


def test_where_nothing_has_a_length_batches_of_like_length_come_at_random():
    assert type(ordering("alike", 10, 2, False, [])) is Order


def test_alike_batches_cost_fewer_steps_and_a_run_goes_on_from_a_checkpoint():
    lengths = [2] * 40 + [24] * 8
    plain, alike = (
        sentences(classifier(GRU(units=3), LastStep()), lengths=lengths, order=how) for how in ("random", "alike")
    )
    cost = [sum(seen["text"] for seen in shapes_seen(run, 12)) for run in (plain, alike)]
    assert cost[1] <= 2 * 24 + 11 * 2 < cost[0]
    whole = [
        step.loss for step in sentences(classifier(GRU(units=3), LastStep()), lengths=lengths, order="alike").steps(30)
    ]
    first = sentences(classifier(GRU(units=3), LastStep()), lengths=lengths, order="alike")
    for _ in first.steps(17):
        pass
    second = sentences(classifier(GRU(units=3), LastStep()), lengths=lengths, order="alike")
    restore(second, capture(first))
    assert [step.loss for step in second.steps(30)] == whole[17:]
