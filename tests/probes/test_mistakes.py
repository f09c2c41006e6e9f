"""The mistakes are those of a second count, in their order; those of a cell are as many as the matrix counts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from playground.blocks.data import Output  # noqa: E402
from playground.data.planar import Xor  # noqa: E402
from playground.facts import DataFacts, Target  # noqa: E402
from playground.probes import LARGEST_ANSWER  # noqa: E402
from playground.probes.confusion import Confusion  # noqa: E402
from playground.probes.mistakes import MOST_SHOWN, Mistakes  # noqa: E402
from tests.examples import preset  # noqa: E402
from tests.probes.conftest import images  # noqa: E402
from tests.probes.test_own_input import reading  # noqa: E402


def judged(run, split="validation"):
    """Return label, answer and the probabilities of every example, by a forward pass of its own."""
    examples = run.data.splits[split]
    run.network.eval()
    with torch.no_grad():
        inputs = {name: torch.as_tensor(values) for name, values in examples.inputs.items()}
        scores = run.network(inputs)["output_1"].double().numpy()
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    chances = raised / raised.sum(axis=1, keepdims=True)
    return examples.targets["label"], chances.argmax(axis=1), chances


@pytest.fixture
def run(pictured):
    made = pictured()
    for _ in made.steps(6):
        pass
    return made


def test_mistakes_come_the_surest_first(run):
    labels, answers, chances = judged(run)
    wrong = [k for k in range(len(labels)) if labels[k] != answers[k]]
    expected = sorted(wrong, key=lambda k: -chances[k].max())
    assert len(expected) > 5
    answer = Mistakes(count=MOST_SHOWN).measure(run)
    assert answer.places.tolist() == expected
    assert answer.labels.tolist() == labels[expected].tolist()
    assert answer.predicted.tolist() == answers[expected].tolist()
    assert answer.sure == pytest.approx(chances[expected].max(axis=1), abs=1e-5)
    assert answer.right == pytest.approx(chances[expected, labels[expected]], abs=1e-5)
    assert (answer.found, answer.wrong, answer.looked, answer.total) == (len(wrong), len(wrong), 40, 40)
    assert (answer.split, answer.label, answer.answer, answer.form) == ("validation", -1, -1, "picture")


def test_the_least_sure_come_with_the_right_ones_among_them(run):
    labels, answers, chances = judged(run)
    expected = sorted(range(40), key=lambda k: chances[k].max())
    answer = Mistakes(order="unsure", count=40).measure(run)
    assert answer.places.tolist() == expected and answer.found == 40
    assert (answer.labels == answer.predicted).any() and answer.wrong == int((labels != answers).sum())


def test_the_examples_of_a_cell_are_those_that_the_matrix_counts(run):
    labels, answers, chances = judged(run)
    counts = Confusion().measure(run).counts
    for label in range(3):
        for guess in range(3):
            answer = Mistakes(label=label, answer=guess, count=MOST_SHOWN).measure(run)
            there = [k for k in range(40) if (labels[k], answers[k]) == (label, guess)]
            assert answer.places.tolist() == sorted(there, key=lambda k: -chances[k].max())
            assert answer.found == counts[label, guess] and (answer.label, answer.answer) == (label, guess)


def test_a_cell_that_these_classes_do_not_have_is_no_cell(run):
    answer = Mistakes(label=3, answer=0, count=MOST_SHOWN).measure(run)
    assert answer.label == -1 and answer.found == answer.wrong


def test_pages_follow_each_other_and_one_beyond_the_end_is_the_last(run):
    whole = Mistakes(order="unsure", count=40).measure(run)
    page = Mistakes(order="unsure", first=10, count=7).measure(run)
    assert page.places.tolist() == whole.places[10:17].tolist() and page.first == 10
    assert Mistakes(order="unsure", first=99, count=7).measure(run).places.tolist() == whole.places[39:].tolist()


def test_of_very_many_examples_the_same_are_judged_as_the_matrix_counts(pictured, size_of):
    run = pictured(images(count=5000))
    answer, matrix = Mistakes(count=MOST_SHOWN).measure(run), Confusion().measure(run)
    assert answer.looked == matrix.counts.sum() == 1667 and answer.total == 5000
    assert (answer.places % 3 == 0).all()
    labels, answers, _ = judged(run)
    assert answer.labels.tolist() == labels[answer.places].tolist()
    assert answer.predicted.tolist() == answers[answer.places].tolist()
    assert answer.wrong == matrix.counts.sum() - np.trace(matrix.counts)


@pytest.mark.parametrize(("channels", "side"), [(1, 28), (3, 32), (3, 224), (1, 224)])
def test_pictures_are_those_of_the_data_and_an_answer_stays_small(pictured, size_of, channels, side):
    run = pictured(images(channels=channels, side=side, count=60 if side < 100 else 20))
    answer = Mistakes(order="unsure", count=MOST_SHOWN).measure(run)
    assert size_of(answer) < LARGEST_ANSWER and len(answer.pictures) == len(answer.places) > 10
    assert answer.pictures.shape[1:3] == (min(side, 64),) * 2 and answer.pictures.ndim == (4 if channels == 3 else 3)
    if side <= 64:
        shown = run.data.splits["validation"].inputs["image"][answer.places[0]]
        expected = (shown - shown.min()) / (shown.max() - shown.min()) * 255
        found = answer.pictures[0].transpose(2, 0, 1) if channels == 3 else answer.pictures[0][None]
        assert np.abs(found - expected).max() <= 0.51


def test_yes_and_no_are_two_classes_and_rows_are_told_by_name(planar):
    run = planar(Xor(count=200), Output(task="binary", loss="binary_cross_entropy"), 1)
    answer = Mistakes(count=4).measure(run)
    assert answer.form == "numbers" and answer.names == ("x", "y") and answer.pictures is None
    examples = run.data.splits["validation"]
    assert np.array_equal(answer.values, examples.inputs["x"][answer.places])
    assert (answer.labels == examples.targets["label"][answer.places]).all() and (answer.sure >= 0.5).all()
    assert answer.sure + answer.right == pytest.approx(np.ones(4), abs=1e-6)


def test_texts_are_told_word_by_word():
    run = reading()
    answer = Mistakes(order="unsure", count=5).measure(run)
    known = run.data.vocabularies["text"]
    rows = run.data.splits["validation"].inputs["text"][answer.places]
    assert answer.form == "words"
    assert answer.texts == tuple(tuple(known[one] for one in row if one) for row in rows)


def test_where_all_are_right_there_is_an_answer_without_examples(run):
    _, answers, _ = judged(run)
    run.data.splits["validation"].targets["label"][:] = answers
    answer = Mistakes().measure(run)
    assert (answer.found, answer.wrong, len(answer.places), answer.looked) == (0, 0, 0, 40)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("approximation-2d", "Numbers are predicted"),
        ("lstm-tagger", "for each example as a whole"),
        ("lenet", ""),
        ("xor", ""),
    ],
)
def test_where_nothing_is_mistaken_it_says_why(name, said):
    experiment = preset(name)
    why = Mistakes.misfit(experiment.examined(), experiment.facts)
    assert said in str(why) if said else why is None


def test_data_without_labels_and_too_many_classes_say_so():
    experiment = preset("lenet")
    unlabelled = replace(experiment, facts=DataFacts(experiment.facts.inputs))
    assert "no labels" in str(Mistakes.misfit(unlabelled.examined(), unlabelled.facts))
    many = replace(experiment.facts, targets={"label": Target(tuple(map(str, range(201))))})
    crowd = replace(experiment, facts=many)
    assert "more than 200" in str(Mistakes.misfit(crowd.examined(), crowd.facts))


def test_a_network_of_numbers_has_no_mistakes():
    from playground.training import Trainer

    assert Mistakes().measure(Trainer(preset("approximation-2d"), device="cpu")) is None
