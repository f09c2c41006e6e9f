"""Tags are those of the network, word by word, and mistakes are counted as one counts them by hand."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from playground.blocks.data import Input, Output  # noqa: E402
from playground.blocks.dense import Dense  # noqa: E402
from playground.blocks.embedding import Embedding  # noqa: E402
from playground.blocks.pooling import LastStep  # noqa: E402
from playground.blocks.recurrence import GRU  # noqa: E402
from playground.data.grammar import TaggedSentences  # noqa: E402
from playground.data.own_text import OwnText  # noqa: E402
from playground.data.sentiment import Sentiment  # noqa: E402
from playground.data.sequence_tasks import Reverse  # noqa: E402
from playground.experiment import Experiment, Training  # noqa: E402
from playground.preparation import Preparation  # noqa: E402
from playground.probes.tagging import Tagging  # noqa: E402
from playground.probes.word_by_word import WordByWord  # noqa: E402
from playground.training import Trainer, read_data  # noqa: E402
from tests.examples import chain  # noqa: E402


def tagging(target="tag", steps=25, **preparation):
    units = 7 if target == "entity" else "auto"
    graph = chain(Input(field="text"), Embedding(size=8), GRU(units=8), Dense(units=units), Output(target=target))
    run = Trainer(
        Experiment(
            source=TaggedSentences(count=500),
            graph=graph,
            preparation=Preparation(rarest=2, **preparation),
            training=Training(batch_size=32),
        ),
        device="cpu",
    )
    for _ in run.steps(steps):
        pass
    return run


def judging(**preparation):
    graph = chain(Input(field="text"), Embedding(size=8), GRU(units=8), LastStep(), Dense(units="auto"), Output())
    source, training = Sentiment(count=200), Training(batch_size=32)
    experiment = Experiment(source=source, graph=graph, preparation=Preparation(**preparation), training=training)
    return Trainer(experiment, device="cpu")


def by_hand(run, target="tag"):
    """Of each held-out sentence its number of words, the tags of the network and the right ones."""
    some = run.data.splits["validation"]
    scores = run.look(some.inputs, ("output_1",))["output_1"]
    found = []
    for row, said, right in zip(some.inputs["text"], scores, some.targets[target], strict=True):
        n = int((row != 0).sum())
        found.append((row[:n], torch.softmax(said[:n], dim=1), right[:n]))
    return found


def test_each_word_gets_the_tag_that_the_network_finds_likeliest():
    run = tagging()
    answer, known = Tagging(first=2, texts=3).measure(run), run.data.vocabularies["text"]
    assert [text.index for text in answer.texts] == [2, 3, 4] and (answer.first, answer.count) == (2, 100)
    for text, (row, shares, right) in zip(answer.texts, by_hand(run)[2:5], strict=True):
        assert text.words == tuple(known[one] for one in row)
        assert text.unknown == tuple(k for k, one in enumerate(row) if one == 1)
        top = shares.topk(2, dim=1)
        assert text.given.tolist() == top.indices[:, 0].tolist() and text.second.tolist() == top.indices[:, 1].tolist()
        assert np.allclose(text.sure, top.values[:, 0]) and np.allclose(text.less, top.values[:, 1])
        assert text.right.tolist() == right.tolist()
        assert text.mistakes == int((shares.argmax(dim=1).numpy() != right).sum())


def test_the_most_mistaken_come_first_and_all_words_are_counted():
    run = tagging()
    answer = Tagging(order="mistaken", texts=24).measure(run)
    wrong = [int((shares.argmax(dim=1).numpy() != right).sum()) for _, shares, right in by_hand(run)]
    assert [text.mistakes for text in answer.texts] == sorted(wrong, reverse=True)[:24]
    assert all(wrong[text.index] == text.mistakes for text in answer.texts)
    words = sum(len(row) for row, _, _ in by_hand(run))
    assert (answer.judged, answer.hits) == (words, words - sum(wrong))
    told = run.evaluate("validation").metrics["accuracy"]
    assert answer.hits / answer.judged == pytest.approx(told)
    after = Tagging(order="mistaken", first=24, texts=5).measure(run)
    assert [text.mistakes for text in after.texts] == sorted(wrong, reverse=True)[24:29]


def test_a_sentence_of_ones_own_is_tagged_without_a_verdict():
    run = tagging(lower=True)
    typed = Tagging(own="The zorg reads").measure(run).typed
    assert typed.words == ("the", "zorg", "reads") and 1 in typed.unknown
    assert typed.right.tolist() == [-1, -1, -1] and typed.mistakes == 0 and typed.index == -1
    assert Tagging(own="  ").measure(run).typed is None


def test_the_target_that_is_wanted_is_told_and_texts_may_be_filled_up_at_the_start():
    run = tagging("entity", padding="start")
    answer = Tagging().measure(run)
    assert answer.classes == run.data.facts.targets["entity"].classes
    text, row = answer.texts[0], run.data.splits["validation"].inputs["text"][0]
    n = len(text.words)
    assert "" not in text.words and row[-n - 1] == 2 and (text.right >= 0).all()
    assert text.right.tolist() == run.data.splits["validation"].targets["entity"][0][-n:].tolist()


def test_what_is_written_or_has_a_single_class_is_not_tagged(size_of):
    for source in (Reverse(count=20), OwnText(), Sentiment(count=200)):
        experiment = Experiment(source=source)
        facts = read_data(experiment).facts
        assert not Tagging.suits(Experiment(source=source, facts=facts))
    run = tagging(steps=1)
    assert Tagging.suits(Experiment(facts=run.data.facts)) and not WordByWord.suits(Experiment(facts=run.data.facts))
    assert size_of(Tagging(texts=24, own="a " * 900).measure(run)) < 64 * 1024
    assert Tagging().measure(judging()) is None and WordByWord().measure(run) is None


@pytest.mark.parametrize("padding", ["end", "start"])
def test_after_every_word_the_network_answers_as_if_the_text_ended_there(padding):
    run = judging(padding=padding)
    for index in (0, 5):
        answer = WordByWord(index=index).measure(run)
        some = run.data.splits["validation"].take(slice(index, index + 1))
        row = some.inputs["text"][0]
        words = [one for one in row if run.data.vocabularies["text"][one] not in ("<pad>", "<fill>")]
        assert len(answer.words) == len(words) == answer.shares.shape[1]
        assert answer.label == int(some.targets["label"][0])
        for k in range(len(words)):
            filled = [2] * (len(row) - k - 1) if padding == "start" else []
            begun = np.array([[*filled, *words[: k + 1], *[0] * (len(row) - k - 1 - len(filled))]])
            shares = torch.softmax(run.look({"text": begun}, ("output_1",))["output_1"][0], dim=0).numpy()
            assert np.allclose(answer.shares[:, k], shares[list(answer.shown)], atol=1e-5)


def test_words_of_ones_own_turn_the_answer_after_each_of_them():
    answer = WordByWord(own="not zorg").measure(judging(lower=True))
    assert answer.words == ("not", "zorg") and answer.unknown == (1,) and answer.label == -1 and answer.own
    assert answer.shown == (0, 1) and np.allclose(answer.shares.sum(axis=0), 1)
