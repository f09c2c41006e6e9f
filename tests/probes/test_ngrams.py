"""The n-grams that a filter answers to are found by the real convolution, and again by hand, window by window."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from playground.blocks.activation import ReLU  # noqa: E402
from playground.blocks.arrange import Reshape  # noqa: E402
from playground.blocks.convolution import Conv1D  # noqa: E402
from playground.blocks.data import Input, Output  # noqa: E402
from playground.blocks.dense import Dense  # noqa: E402
from playground.blocks.embedding import Embedding  # noqa: E402
from playground.blocks.pooling import MaxOverTime  # noqa: E402
from playground.data import Data, Examples, column  # noqa: E402
from playground.experiment import Experiment, Training  # noqa: E402
from playground.facts import DataFacts, Target  # noqa: E402
from playground.preparation.tokens import joined  # noqa: E402
from playground.probes.ngrams import TOP, Ngrams, way_of  # noqa: E402
from playground.training import Trainer  # noqa: E402
from tests.examples import chain  # noqa: E402

WORDS = ["the", "a", "good", "bad", "film", "plot", "was", "not", "very", "dull", ".", ","]


def reading(*blocks, count=60, classes=("no", "yes")):
    """A run on random sentences of 1 to 9 words, through these blocks after the embedding."""
    from playground.preparation import Preparation, prepare

    rng = np.random.default_rng(4)
    texts = column([tuple(rng.choice(WORDS, size=rng.integers(1, 10))) for _ in range(count)])
    labels = rng.integers(0, len(classes), count)
    facts = DataFacts(targets={"label": Target(classes)}, counts={"train": count})
    data = prepare(Data(facts, {"train": Examples({"text": texts}, {"label": labels})}), Preparation(), 1)
    graph = chain(Input(field="text"), Embedding(size=6), *blocks, MaxOverTime(), Dense(units=len(classes)), Output())
    experiment = Experiment(graph=graph, facts=data.facts, training=Training(batch_size=16))
    return Trainer(experiment, data, device="cpu")


def by_hand(run, split, kernel, stride=1, padding=0):
    """For every text its words and the answers of conv_1 by window, from the weights alone."""
    conv, table = run.network.conv_1, run.network.embed_1.weight.detach().numpy()
    weight, bias = conv.weight.detach().numpy(), conv.bias.detach().numpy()  # (filters, in, kernel)
    known = run.data.vocabularies["text"]
    found = []
    for row in run.data.splits[split].inputs["text"]:
        length = int((row != 0).sum())
        vectors = np.zeros((length + 2 * padding + kernel, table.shape[1]))
        vectors[padding : padding + length] = table[row[:length]]
        windows = []
        for start in range(0, max(length + 2 * padding - kernel, 0) + 1, stride):
            value = np.einsum("fik,ki->f", weight, vectors[start : start + kernel]) + bias
            first = max(0, min(start - padding, length - 1))
            windows.append((value, first, max(first + 1, min(length, start - padding + kernel))))
        found.append(([known[token] for token in row[:length]], windows))
    return found


@pytest.mark.parametrize(("kernel", "stride", "padding"), [(3, 1, 0), (2, 2, 0), (3, 1, 1), (4, 3, 2)])
def test_the_answers_and_the_words_are_those_found_by_hand(kernel, stride, padding):
    run = reading(Conv1D(channels=5, kernel=kernel, stride=stride, padding=padding), ReLU())
    texts = by_hand(run, "validation", kernel, stride, padding)
    for index, (words, windows) in enumerate(texts):
        answer = Ngrams(node="conv_1", index=index, filter=2).measure(run)
        assert answer.words == tuple(words) and answer.reach == kernel
        values = np.array([value for value, *_ in windows])  # (windows, filters)
        assert np.allclose(answer.values, values.max(axis=0), atol=1e-5)
        spans = [windows[at][1:] for at in values.argmax(axis=0)]
        assert answer.here == tuple(joined(words[first:last], "words") for first, last in spans)
        assert (answer.first, answer.last) == spans[2]
        covering = [
            max((value[2] for value, first, last in windows if first <= at < last), default=0.0)
            for at in range(len(words))
        ]
        assert np.allclose(answer.strengths, covering, atol=1e-5)


def test_the_strongest_anywhere_and_the_class_a_filter_leans_to():
    run = reading(Conv1D(channels=5, kernel=3), ReLU())
    texts = by_hand(run, "validation", 3)
    labels = run.data.splits["validation"].targets["label"]
    answer = Ngrams(node="conv_1", filter=1).measure(run)
    maxima = np.array([np.max([value for value, *_ in windows], axis=0) for _, windows in texts])
    assert np.allclose(answer.most, maxima.max(axis=0), atol=1e-5)
    means = [maxima[labels == k].mean(axis=0) for k in range(2)]
    assert answer.leaning.tolist() == np.argmax(means, axis=0).tolist()
    best = {}
    for (words, windows), label in zip(texts, labels, strict=True):
        value, first, last = max(windows, key=lambda one: one[0][1])
        ngram = joined(words[first:last], "words")
        best[ngram] = max(best.get(ngram, (-np.inf, 0)), (float(value[1]), int(label)))
    expected = sorted(((value, ngram) for ngram, (value, _) in best.items()), reverse=True)[:TOP]
    assert [one.ngram for one in answer.top] == [ngram for _, ngram in expected]
    assert np.allclose([one.value for one in answer.top], [value for value, _ in expected], atol=1e-5)
    assert answer.anywhere[1] == answer.top[0].ngram


def test_without_a_filter_the_one_that_answers_most_is_looked_at():
    run = reading(Conv1D(channels=5, kernel=3))
    answer = Ngrams(node="conv_1").measure(run)
    assert answer.filter == int(answer.values.argmax())
    assert answer.label in ("no", "yes") and answer.predicted in ("no", "yes") and 0.5 <= answer.confidence <= 1


def test_a_convolution_on_a_convolution_sees_more_words():
    run = reading(Conv1D(channels=4, kernel=3, stride=2), ReLU(), Conv1D(channels=3, kernel=2))
    way = way_of(run.report, "conv_2")
    assert (way.reach, way.stride, way.padding) == (5, 2, 0)
    words = Ngrams(node="conv_2", index=1).measure(run).words
    index = next(k for k in range(12) if len(Ngrams(node="conv_2", index=k).measure(run).words) >= 7)
    answer = Ngrams(node="conv_2", index=index, filter=0).measure(run)
    assert words and answer.last - answer.first == 5
    text = torch.as_tensor(run.data.splits["validation"].inputs["text"][index : index + 1])
    changed = text.clone()
    outside = [at for at in range(len(answer.words)) if not answer.first <= at < answer.last]
    changed[0, outside] = 3  # what lies outside of the n-gram does not reach the value that it has
    window = answer.first // way.stride
    before, after = (run.look({"text": one}, ("conv_2",))["conv_2"][0, window, 0] for one in (text, changed))
    assert torch.equal(before, after)


def test_only_convolutions_that_read_words_can_be_asked():
    run = reading(Conv1D(channels=4, kernel=2), Reshape(shape="time=auto, features=2"), Conv1D(channels=4, kernel=2))
    assert Ngrams(node="conv_1").measure(run) is not None
    assert way_of(run.report, "conv_2") is None and Ngrams(node="conv_2").measure(run) is None
    assert Ngrams(node="embed_1").measure(run) is None and Ngrams(node="").measure(run) is None
    assert [id for id, node in run.report.nodes.items() if Ngrams.accepts(node)] == ["conv_1", "conv_2"]


def test_an_answer_stays_small_whatever_the_texts_are(size_of):
    run = reading(Conv1D(channels=300, kernel=9), count=40)
    run.data = replace(run.data, vocabularies={"text": tuple(f"{k}" * 100 for k in range(50))})
    answer = Ngrams(node="conv_1").measure(run)
    assert answer.total == 300 and len(answer.values) == 128
    assert size_of(answer) < 128 * 1024


def test_weights_that_are_not_numbers_are_borne():
    run = reading(Conv1D(channels=3, kernel=2))
    run.network.conv_1.weight.data[1] = float("nan")
    assert np.isfinite(Ngrams(node="conv_1").measure(run).values).all()
