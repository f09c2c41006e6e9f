"""What a person types is spelt out as the data are, word for word, and half a text has half the letters."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from playground.blocks.combine import Concat  # noqa: E402
from playground.blocks.convolution import Conv1D  # noqa: E402
from playground.blocks.data import Input, Output  # noqa: E402
from playground.blocks.dense import Dense  # noqa: E402
from playground.blocks.embedding import Embedding  # noqa: E402
from playground.blocks.pooling import LastStep, MaxOverTime  # noqa: E402
from playground.blocks.recurrence import GRU, LSTM  # noqa: E402
from playground.data.grammar import TaggedSentences  # noqa: E402
from playground.data.sentiment import Sentiment  # noqa: E402
from playground.experiment import Experiment  # noqa: E402
from playground.graph import Graph, Wire  # noqa: E402
from playground.preparation import Preparation  # noqa: E402
from playground.preparation.letters import LETTERS  # noqa: E402
from playground.probes.gates import Gates  # noqa: E402
from playground.probes.ngrams import Ngrams, way_of  # noqa: E402
from playground.probes.tagging import Tagging  # noqa: E402
from playground.probes.through_time import ThroughTime  # noqa: E402
from playground.probes.word_by_word import WordByWord  # noqa: E402
from playground.training import Trainer  # noqa: E402


def spelling(*behind, **blocks):
    """Draw a network that reads words and their letters."""
    named = {"text": Input(field="text"), "letters": Input(field=LETTERS), "embed_1": Embedding(size=6)}
    named |= {"embed_2": Embedding(size=4), "conv_1": Conv1D(channels=5, padding=1), "pool_1": MaxOverTime()}
    graph = Graph.of({**named, **blocks, "concat_1": Concat()})
    last = "concat_1"
    for one, other in (("text", "embed_1"), ("letters", "embed_2"), ("embed_2", "conv_1"), ("conv_1", "pool_1")):
        graph = graph.connect(Wire(one, other))
    for source in ("embed_1", "pool_1"):
        graph = graph.connect(Wire(source, "concat_1", "out", "xs"))
    for block in behind:
        id = graph.fresh_id(block)
        graph = graph.add(block, id).connect(Wire(last, id))
        last = id
    return graph


def tagger(steps=20, **preparation):
    graph = spelling(GRU(units=8), Dense(units="auto"), Output(target="tag"))
    how = Preparation(rarest=2, letters=8, **preparation)
    experiment = Experiment(source=TaggedSentences(count=500), graph=graph, preparation=how)
    run = Trainer(experiment, device="cpu")
    for _ in run.steps(steps):
        pass
    return run


@pytest.mark.parametrize("preparation", [{}, {"lower": True}, {"padding": "start"}], ids=["", "small", "at the start"])
def test_a_sentence_of_the_data_typed_again_is_tagged_as_it_was(preparation):
    run = tagger(**preparation)
    sentences = run.experiment.source.read().splits["test"]
    words = list(sentences.inputs["text"][0])
    prepared = run.data.splits["test"].inputs
    scores = run.look({name: values[:1] for name, values in prepared.items()}, ("output_1",))["output_1"]
    shares = torch.softmax(scores, dim=2)
    there = range(prepared["text"].shape[1])[-len(words) :] if preparation.get("padding") else range(len(words))
    typed = Tagging(own=" ".join(words)).measure(run).typed
    assert typed.words == tuple(words)
    assert typed.given.tolist() == shares[0, list(there)].argmax(dim=1).tolist()
    np.testing.assert_allclose(typed.sure, shares[0, list(there)].max(dim=1).values, atol=1e-6)


def test_words_never_seen_differ_by_their_letters():
    run = tagger()
    one, other = (Tagging(own=f"the {word}").measure(run).typed for word in ("blorked", "Zunfis"))
    assert one.unknown == other.unknown == (1,)
    assert one.sure[0] == pytest.approx(other.sure[0]) and one.sure[1] != pytest.approx(other.sure[1], abs=1e-7)


def test_capitals_that_only_letters_know_of_are_shown():
    run = tagger(steps=0, lower=True)
    known = run.data.vocabularies["text"]
    shown = [word for text in Tagging(texts=24).measure(run).texts for word in text.words]
    assert any(word[0].isupper() and word.lower() in known for word in shown)
    typed = Tagging(own="The Old dog").measure(run).typed
    assert typed.words == ("The", "Old", "dog") and not {0, 1} & set(typed.unknown)


def test_words_that_are_not_known_are_shown_by_their_letters():
    run = tagger(steps=0)
    texts = Tagging(texts=24).measure(run).texts
    strange = [text.words[at] for text in texts for at in text.unknown]
    assert strange and all(len(word) > 1 and "<" not in word for word in strange)
    index, place = next((text.index, text.unknown[0]) for text in texts if text.unknown)
    letters = run.data.splits["validation"].inputs[LETTERS][index, place]
    shown = next(text for text in texts if text.index == index).words[place]
    assert shown.replace("…", "") == "".join(run.data.letters[k] for k in letters if k)
    assert Gates(node="gru_1", index=index).measure(run).words[place] == shown


@pytest.mark.parametrize("padding", ["end", "start"])
def test_after_every_word_its_letters_have_been_read_and_no_more(padding):
    graph = spelling(GRU(units=8), LastStep(), Dense(units="auto"), Output())
    how = Preparation(letters=8, padding=padding)
    run = Trainer(Experiment(source=Sentiment(count=200), graph=graph, preparation=how), device="cpu")
    answer = WordByWord(own="a good film that is not bad").measure(run)
    begun = WordByWord(own="a good film").measure(run)
    np.testing.assert_allclose(answer.shares[:, :3], begun.shares, atol=1e-6)
    whole = WordByWord(own="a good film that is not sad").measure(run)
    np.testing.assert_allclose(answer.shares[:, :6], whole.shares[:, :6], atol=1e-6)


def test_the_gates_under_the_words_are_those_of_what_reads_words_not_letters():
    graph = spelling(GRU(units=8), Dense(units="auto"), Output(target="tag"))
    graph = graph.disconnect(Wire("conv_1", "pool_1")).remove(["conv_1"]).add(LSTM(units=3), "spells")
    graph = graph.connect(Wire("embed_2", "spells")).connect(Wire("spells", "pool_1"))
    experiment = Experiment(source=TaggedSentences(count=500), graph=graph, preparation=Preparation(letters=8))
    run = Trainer(experiment, device="cpu")
    accepted = [id for id, node in run.report.nodes.items() if Gates.accepts(node) and ThroughTime.accepts(node)]
    assert accepted == ["gru_1"]
    answer = Gates(node="gru_1", own="the old dog").measure(run)
    assert answer.words == ("the", "old", "dog") and answer.means.shape[1] == 3


def test_the_letters_that_a_filter_waits_for_are_those_found_word_by_word():
    run = tagger(steps=30)
    conv, table = run.network.conv_1, run.network.embed_2.weight.detach()
    weight, bias = conv.weight.detach(), conv.bias.detach()
    answer = Ngrams(node="conv_1", filter=2, index=3).measure(run)
    found = {}  # by word: the answers of all filters, window by window, from the weights alone
    examples = run.data.splits["validation"]
    for text, row in enumerate(examples.inputs[LETTERS]):
        for word, letters in enumerate(row[: int((row[:, 0] > 0).sum())]):
            own = table[torch.as_tensor(letters[letters > 0]).long()]
            padded = torch.nn.functional.pad(own, (0, 0, 1, 1))
            windows = [torch.einsum("fik,ki->f", weight, padded[at : at + 3]) + bias for at in range(len(own))]
            found[text, word] = torch.stack(windows).numpy()
    words = {place: "".join(run.data.letters[k] for k in examples.inputs[LETTERS][place] if k) for place in found}
    here = [place for place in found if place[0] == 3]
    assert "".join(answer.words) == " ".join(words[place] for place in here)
    np.testing.assert_allclose(answer.values, np.max([found[place].max(axis=0) for place in here], axis=0), atol=1e-5)
    np.testing.assert_allclose(answer.most, np.max([one.max(axis=0) for one in found.values()], axis=0), atol=1e-5)
    best = max(found, key=lambda place: found[place][:, 2].max())
    at = int(found[best][:, 2].argmax())
    assert answer.anywhere[2] == words[best][max(0, at - 1) : at + 2]
    assert answer.top[0].ngram == answer.anywhere[2] and answer.top[0].label == examples.targets["tag"][best]
    strongest = max(here, key=lambda place: found[place][:, 2].max())
    at = int(found[strongest][:, 2].argmax())
    ngram = words[strongest][max(0, at - 1) : at + 2]
    assert "".join(answer.words[answer.first : answer.last]) == answer.here[2] == ngram
    tags = np.array([examples.targets["tag"][place] for place in found])
    most = np.array([one[:, 2].max() for one in found.values()])
    means = {k: most[tags == k].mean() for k in set(tags.tolist())}
    assert answer.classes[answer.leaning[2]] == run.data.facts.targets["tag"].classes[max(means, key=means.get)]
    assert way_of(run.report, "conv_1").spelt and not answer.label


def test_the_whole_answer_about_letters_is_small(size_of):
    assert size_of(Ngrams(node="conv_1").measure(tagger(steps=0))) < 64 * 1024
