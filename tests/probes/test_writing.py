"""What a network writes: samples by epoch, texts from a prompt, answers token by token."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from playground.blocks.data import Input, Output  # noqa: E402
from playground.blocks.dense import Dense  # noqa: E402
from playground.blocks.embedding import Embedding  # noqa: E402
from playground.blocks.recurrence import GRU  # noqa: E402
from playground.choices import Adam  # noqa: E402
from playground.data import Data, Examples, column  # noqa: E402
from playground.data.sequence_tasks import Copy  # noqa: E402
from playground.experiment import Experiment, Training  # noqa: E402
from playground.facts import DataFacts  # noqa: E402
from playground.inquiry import Slice  # noqa: E402
from playground.network import look  # noqa: E402
from playground.preparation import Preparation, prepare  # noqa: E402
from playground.probes.writing import MOST_SAMPLES, SAMPLE, TextWritten, Token, Write, Writing, place_of  # noqa: E402
from playground.text import Refusal  # noqa: E402
from playground.training import Trainer  # noqa: E402
from tests.examples import chain, preset  # noqa: E402

ROUND = "abcd" * 300
"""A text that goes round: after a comes b, after d comes a."""


def running(text: str = ROUND, unit: str = "characters", epochs: int = 20) -> Trainer:
    """A language model that can learn its text by heart."""
    made = Data(DataFacts(counts={"train": 1}), {"train": Examples({"text": column([text])}, {})}, running=True)
    preparation = Preparation(longest=16, tokens=unit)
    data = prepare(replace(made, unit=unit), preparation, 1)
    graph = chain(Input(field="text"), Embedding(size=8), GRU(units=16), Dense(units="auto"), Output(target="next"))
    training = Training(optimiser=Adam(learning_rate=0.03), batch_size=8, epochs=epochs)
    return Trainer(Experiment(graph=graph, preparation=preparation, training=training), data, device="cpu")


def trained(trainer: Trainer, steps: int | None = None) -> Trainer:
    for _ in trainer.steps(steps):
        pass
    return trainer


def paired(name: str, **changes: Any) -> Trainer:
    """A preset, smaller."""
    return Trainer(replace(preset(name), **changes), device="cpu")


def asked(question: Write, trainer: Trainer) -> tuple[list[Slice], TextWritten]:
    work, told = question.work(trainer), []
    while True:
        try:
            told.append(next(work))
        except StopIteration as end:
            return told, end.value


# -- running text ------------------------------------------------------------------------------------------------


def test_a_sample_is_written_at_the_end_of_every_epoch_that_is_seen_and_kept():
    trainer = running(epochs=6)
    first = Writing().measure(trainer)
    assert [(one.epoch, one.step) for one in first.samples] == [(0, 0)]
    per = trainer.steps_per_epoch
    for until in (1, per, per + 1, 3 * per):
        trained(trainer, until)
        answer = Writing().measure(trainer)
    assert [one.epoch for one in answer.samples] == [0, 1, 3]
    assert all(len(one.text) == SAMPLE["characters"] for one in answer.samples)
    assert answer.samples[0] == first.samples[0]


def test_what_is_learnt_can_be_read_in_the_samples():
    trainer = running()
    wild = Writing().measure(trainer).samples[0].text
    tame = Writing().measure(trained(trainer)).samples[-1].text
    assert "abcdabcdabcd" not in wild
    assert tame in ROUND


def test_of_very_many_samples_every_other_one_goes_but_the_first_and_the_last(monkeypatch):
    monkeypatch.setitem(SAMPLE, "characters", 3)
    trainer = running(epochs=2)
    for epoch in range(3 * MOST_SAMPLES):
        trainer.number = epoch * trainer.steps_per_epoch
        answer = Writing().measure(trainer)
    epochs = [one.epoch for one in answer.samples]
    assert len(epochs) <= MOST_SAMPLES and epochs == sorted(set(epochs))
    assert (epochs[0], epochs[-1]) == (0, 3 * MOST_SAMPLES - 1)


def test_a_text_goes_on_from_its_prompt():
    told, answer = asked(Write("dab", temperature=0.0, length=21), trained(running()))
    assert answer.text == "dab" + "cdab" * 5 + "c"
    assert answer.goes_on and answer.unknown == ()
    assert [round(one.share, 2) for one in told] == [0.38, 0.76]
    assert told[0].partial.written == answer.written[:8]
    token = answer.tokens[0]
    assert token.text == token.best[0][0] == "c"
    assert token.share == token.best[0][1] > 0.9
    shares = [share for _, share in token.best]
    assert shares == sorted(shares, reverse=True) and sum(shares) <= 1.0 + 1e-6


def test_letters_that_it_has_never_seen_are_told_and_never_written():
    _, answer = asked(Write("aéb≠", temperature=3.0, length=200), running())
    assert answer.unknown == ("é", "≠")
    assert set(answer.written) <= set("abcd")


def test_the_seed_and_the_temperature_decide_what_is_written():
    trainer = running()
    texts = [
        asked(Write("a", temperature=warmth, seed=seed, length=40), trainer)[1].written
        for warmth, seed in ((1.0, 1), (1.0, 1), (1.0, 2), (0.0, 1), (0.0, 2))
    ]
    assert texts[0] == texts[1] != texts[2]
    assert texts[3] == texts[4] != texts[0]


def test_words_are_parted_and_marks_are_not():
    text = "one dog runs . two dogs run . " * 40
    _, answer = asked(Write("one dog", temperature=0.0, length=4), trained(running(text, "words")))
    assert answer.text == "one dog runs. two dogs"
    made = TextWritten("她说", tuple(Token(one, 1.0, ()) for one in ("今", "天", "。")), (), True, "words")
    assert made.text == "她说今天。"


def test_writing_a_long_text_does_not_see_what_is_learnt_meanwhile():
    trainer = running()
    alone = asked(Write("a", temperature=1.0, length=40), trainer)[1]
    work = Write("a", temperature=1.0, length=40).work(trainer)
    next(work)
    trained(trainer)
    *_, last = work
    assert last.partial.written == alone.written[:40]


def test_watching_a_network_write_changes_nothing_of_the_run():
    def losses(watched: bool) -> list[float]:
        trainer, found = running(epochs=2), []
        for step in trainer.steps():
            found.append(step.loss)
            if watched and step.number % 3 == 0:
                Writing().measure(trainer)
                asked(Write("ab", length=10), trainer)
        return found

    assert losses(True) == losses(False)


def test_where_nothing_is_predicted_token_by_token_nothing_is_written(pictured):
    trainer = pictured()
    assert Writing().measure(trainer) is None
    assert not Writing.suits(trainer.experiment)
    with pytest.raises(Refusal, match="open the preset character-model"):
        asked(Write("a"), trainer)


# -- answers -----------------------------------------------------------------------------------------------------


def copying(steps: int) -> Trainer:
    small = replace(preset("reversal-attention").training, epochs=20)
    trainer = paired("reversal-attention", source=Copy(count=600, shortest=2, longest=3, symbols=8), training=small)
    return trained(trainer, steps)


def test_the_answer_is_what_the_network_says_step_by_step():
    trainer = copying(60)
    for index in (0, 5):
        answer = Writing(index=index).measure(trainer)
        one = trainer.data.splits["validation"].take(slice(index, index + 1))
        known = trainer.data.vocabularies["previous"]
        assert answer.source == " ".join(known_of(trainer, "source", one.inputs["source"][0]))
        assert answer.wanted == answer.source  # it is to be copied
        previous = [known.index("<start>")]
        for token in answer.tokens:
            inputs = {"source": torch.as_tensor(one.inputs["source"]), "previous": torch.tensor([previous])}
            scores = look(trainer.network, inputs, ["output_1"])["output_1"][0, -1]
            scores[:3] = -torch.inf  # nothing, the unknown and the start are not written
            shares = scores.softmax(dim=0)
            best = int(shares.argmax())
            assert (token.text or "<end>") == known[best]
            assert token.share == pytest.approx(float(shares[best]), abs=1e-6)
            previous.append(best)
        assert answer.exact == (answer.text == answer.wanted)


def known_of(trainer: Trainer, field: str, row: Any) -> list[str]:
    known = trainer.data.vocabularies[field]
    return [known[int(one)] for one in row if one]


def test_an_answer_that_is_right_says_so_and_ends():
    trainer = copying(380)
    answers = [Writing(index=k).measure(trainer) for k in range(20)]
    assert np.mean([answer.exact for answer in answers]) > 0.7
    right = next(answer for answer in answers if answer.exact)
    assert right.tokens[-1].text == "" and right.text == right.wanted
    assert right.goes_on and not right.own


def test_the_share_of_answers_that_are_right_is_the_metric():
    trainer = copying(150)
    count = len(trainer.data.splits["validation"])
    right = [Writing(index=k).measure(trainer).exact for k in range(count)]
    assert trainer.evaluate("validation").metrics["exact"] == pytest.approx(np.mean(right))


def test_a_person_can_type_what_is_answered():
    answer = Writing(own="3 2 1").measure(copying(1))
    assert answer.own and answer.source == "3 2 1"
    assert answer.wanted == "" and not answer.exact


def test_of_an_image_the_name_is_written_beside_it(size_of):
    trainer = trained(paired("letters-of-a-digit"), 2)
    answer = Writing(index=1).measure(trainer)
    assert answer.image.shape == (8, 8, 3) and answer.source == ""
    assert answer.wanted.isalpha()
    assert size_of(answer) < 20_000


def test_place_of_finds_the_input_that_grows():
    dates, letters = preset("date-rewriting"), preset("character-model")
    assert place_of(dates.examined(), dates) == ("output_1", "next", "previous", False)
    assert place_of(letters.examined(), letters) == ("output_1", "next", "text", True)
    assert place_of(preset("lenet").examined(), preset("lenet")) is None
