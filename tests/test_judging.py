"""Metrics of whole splits, each against another way to compute it."""

from __future__ import annotations

import math

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from sklearn.metrics import accuracy_score, f1_score, jaccard_score, r2_score  # noqa: E402

from playground.blocks.data import Output  # noqa: E402
from playground.data import IGNORED  # noqa: E402
from playground.facts import DataFacts, Target  # noqa: E402
from playground.judging import MOST_CLASSES, overlap, tally  # noqa: E402
from playground.shape import Shape  # noqa: E402

CLASSES = Output()
YES = Output(task="binary", loss="binary_cross_entropy")
BOX = Output(task="box", loss="smooth_l1")
NUMBERS = Output(task="regression", loss="mse")


def judged(output, answer, target, *parts, facts=None):
    """Measure in pieces that end at `parts`: the metrics must not depend on them."""
    counted = tally(output, target, facts)
    for first, last in zip((0, *parts), (*parts, len(target)), strict=True):
        counted.add(answer[first:last], target[first:last])
    return counted.metrics()


def scores_for(chosen, classes):
    """Scores whose largest is that of the chosen class, (n, classes) or (n, classes, h, w)."""
    hot = torch.nn.functional.one_hot(chosen, classes).float()
    return hot.movedim(-1, 1) + 0.1 * torch.rand_like(hot.movedim(-1, 1))


@pytest.mark.parametrize("parts", [(), (7, 50)])
def test_accuracy_and_f1_are_those_of_scikit_learn(parts):
    torch.manual_seed(1)
    target, chosen = torch.randint(0, 6, (90,)), torch.randint(0, 6, (90,))
    target[target == 4], chosen[chosen == 4] = 0, 2  # class 4 occurs nowhere, and counts nowhere
    found = judged(CLASSES, scores_for(chosen, 6), target, *parts)
    assert found["accuracy"] == pytest.approx(accuracy_score(target, chosen), abs=1e-12)
    assert found["f1"] == pytest.approx(f1_score(target, chosen, average="macro"), abs=1e-12)
    assert set(found) == {"accuracy", "f1"}


def test_f1_of_tags_skips_what_lies_beyond_the_ends():
    torch.manual_seed(2)
    target, chosen = torch.randint(0, 3, (8, 5)), torch.randint(0, 3, (8, 5))
    target[:, 3:] = IGNORED
    answer = scores_for(chosen, 3).transpose(1, 2)  # (n, time, classes), as sequences have them
    found = judged(CLASSES, answer, target, 3)
    right = target != IGNORED
    assert found["f1"] == pytest.approx(f1_score(target[right], chosen[right], average="macro"), abs=1e-12)
    assert found["accuracy"] == pytest.approx(accuracy_score(target[right], chosen[right]), abs=1e-12)


@pytest.mark.parametrize("parts", [(), (3, 9)])
def test_yes_or_no_has_the_f1_of_both_answers(parts):
    torch.manual_seed(3)
    target, score = torch.randint(0, 2, (30, 1)).float(), torch.randn(30, 1)
    found = judged(YES, score, target, *parts)
    yes = (score[:, 0] >= 0).long()
    assert found["f1"] == pytest.approx(f1_score(target[:, 0].long(), yes, average="macro"), abs=1e-12)
    assert found["accuracy"] == pytest.approx(accuracy_score(target[:, 0].long(), yes), abs=1e-12)


def test_the_f1_of_two_classes_is_the_same_with_one_score_and_with_two():
    torch.manual_seed(4)
    target, score = torch.randint(0, 2, (40,)), torch.randn(40, 1)
    both = torch.cat([torch.zeros_like(score), score], dim=1)
    one = judged(YES, score, target[:, None].float())
    assert judged(CLASSES, both, target) == pytest.approx(one)


@pytest.mark.parametrize("parts", [(), (1, 4)])
def test_the_overlap_of_masks_is_that_of_all_pixels_of_the_split_together(parts):
    torch.manual_seed(5)
    target, chosen = torch.randint(0, 4, (6, 5, 7)), torch.randint(0, 4, (6, 5, 7))
    target[0], chosen[0] = 0, 0  # one image that is all ground: the mean of images would be another number
    target[target == 3], chosen[chosen == 3] = 1, 1
    found = judged(CLASSES, scores_for(chosen, 4), target, *parts)
    expected = jaccard_score(target.ravel(), chosen.ravel(), average="macro")
    assert found["iou"] == pytest.approx(expected, abs=1e-12)
    by_hand = []
    for k in range(3):
        ours, theirs = ({tuple(at) for at in (one == k).nonzero().tolist()} for one in (target, chosen))
        by_hand.append(len(ours & theirs) / len(ours | theirs))
    assert found["iou"] == pytest.approx(np.mean(by_hand), abs=1e-12)
    apart = [judged(CLASSES, scores_for(chosen[k : k + 1], 4), target[k : k + 1])["iou"] for k in range(6)]
    assert found["iou"] != pytest.approx(np.mean(apart), abs=1e-3)


def test_pixels_without_a_class_do_not_count():
    target, chosen = torch.zeros(1, 2, 2, dtype=torch.int64), torch.ones(1, 2, 2, dtype=torch.int64)
    target[0, 0], chosen[0, 1] = IGNORED, 0
    assert judged(CLASSES, scores_for(chosen, 2), target) == {"accuracy": 1.0, "iou": 1.0}


def test_a_vocabulary_has_no_f1():
    target = torch.randint(0, MOST_CLASSES + 1, (4, 3))
    answer = torch.randn(4, 3, MOST_CLASSES + 1)
    assert set(judged(CLASSES, answer, target)) == {"accuracy"}


# -- what is written ---------------------------------------------------------------------------------------------

LETTERS = ("<pad>", "<unk>", "<start>", "<end>", "a", "b")
RUNNING = DataFacts({"text": Shape(time=4)}, {"next": Target(LETTERS, Shape(time=4))})
WRITTEN = DataFacts({"x": Shape(features=1), "previous": Shape(time=4)}, {"next": Target(LETTERS, Shape(time=4))})


@pytest.mark.parametrize("parts", [(), (2, 5)])
def test_perplexity_is_e_to_the_mean_cross_entropy_of_a_token(parts):
    torch.manual_seed(6)
    answer, target = torch.randn(7, 4, 6), torch.randint(0, 6, (7, 4))
    target[3:, 2:] = IGNORED
    found = judged(Output(target="next", smoothing=0.2), answer, target, *parts, facts=RUNNING)
    shares = answer.double().softmax(dim=2)
    surprise = [-math.log(shares[n, t, target[n, t]]) for n in range(7) for t in range(4) if target[n, t] != IGNORED]
    assert found["perplexity"] == pytest.approx(math.exp(np.mean(surprise)), rel=1e-6)
    right = (answer.argmax(dim=2) == target)[target != IGNORED]
    assert found["accuracy"] == pytest.approx(right.double().mean())
    assert set(found) == {"accuracy", "perplexity"}


def test_of_even_scores_the_perplexity_is_the_number_of_tokens():
    found = judged(Output(target="next"), torch.zeros(2, 3, 6), torch.ones(2, 3, dtype=torch.int64), facts=RUNNING)
    assert found["perplexity"] == pytest.approx(6.0)


@pytest.mark.parametrize("parts", [(), (1,)])
def test_an_answer_is_exact_where_every_token_and_its_end_are_right(parts):
    target = torch.tensor([[4, 5, 3, IGNORED], [5, 3, IGNORED, IGNORED], [4, 4, 4, 3], [5, 5, 3, IGNORED]])
    chosen = torch.tensor([[4, 5, 3, 4], [5, 3, 5, 5], [4, 4, 4, 4], [4, 5, 3, 3]])  # its end, and a letter wrong
    answer = torch.nn.functional.one_hot(chosen, 6).float()
    found = judged(Output(target="next"), answer, target, *parts, facts=WRITTEN)
    assert found == pytest.approx({"exact": 0.5, "accuracy": 10 / 12})


# -- named entities ----------------------------------------------------------------------------------------------

TAGS = ("O", "B-LOC", "I-LOC", "B-PER", "I-PER")
TAGGED = DataFacts({"text": Shape(time=9)}, {"tag": Target(TAGS, Shape(time=9))})


def conll_f1(wanted, found):
    """The scorer's own rules, written down as its Perl has them: chunks begin and end between two tags."""

    def chunks(tags):
        made, begun, before = [], None, ("O", "")
        for at, tag in enumerate([*tags, "O"]):
            now = (tag[0], tag[2:])
            ends = before[0] in "BI" and (now[0] in "BO" or before[1] != now[1])
            begins = now[0] == "B" or (now[0] == "I" and (before[0] == "O" or before[1] != now[1]))
            if ends:
                made.append((*begun, at))
            if begins:
                begun = (now[1], at)
            before = now
        return set(made)

    ours, theirs = chunks(found), chunks(wanted)
    return 2 * len(ours & theirs) / max(1, len(ours) + len(theirs))


def entity_f1(wanted, found):
    """Ours, of one sentence."""
    answer, target = (torch.tensor([[TAGS.index(tag) for tag in one.split()]]) for one in (found, wanted))
    return judged(Output(target="tag"), torch.nn.functional.one_hot(answer, 5).float(), target, facts=TAGGED)[
        "entity_f1"
    ]


@pytest.mark.parametrize(
    ("wanted", "found", "f1"),
    [
        ("B-PER I-PER O B-LOC", "B-PER I-PER O B-LOC", 1.0),
        ("B-PER I-PER O B-LOC", "B-PER O O B-LOC", 0.5),  # found in part is not found
        ("B-PER I-PER O B-LOC", "B-LOC I-LOC O B-LOC", 0.5),  # nor is one by another name
        ("B-PER I-PER O B-LOC", "I-PER I-PER O I-LOC", 1.0),  # I- without B- begins one all the same
        ("B-PER B-PER O O", "B-PER I-PER O O", 0.0),  # two that touch are not a long one
        ("B-PER I-PER O O", "B-PER B-PER O O", 0.0),
        ("B-PER I-LOC O O", "B-PER B-LOC O O", 1.0),  # another kind begins another entity
        ("B-PER I-PER I-PER O", "B-PER I-PER I-LOC O", 0.0),
        ("O O O B-PER", "O O O B-PER", 1.0),  # at the end of the sentence
        ("O O O O", "O O O O", 0.0),
        ("O O O O", "O B-PER O O", 0.0),
    ],
)
def test_an_entity_counts_where_it_is_right_as_a_whole(wanted, found, f1):
    assert entity_f1(wanted, found) == pytest.approx(f1)
    assert conll_f1(wanted.split(), found.split()) == pytest.approx(f1)


@pytest.mark.parametrize("parts", [(), (3, 20)])
def test_the_f1_of_entities_is_that_of_the_scorer_over_all_sentences_together(parts):
    rng = np.random.default_rng(1)
    wanted = torch.from_numpy(rng.integers(0, 5, (40, 9)))
    found = torch.where(
        torch.from_numpy(rng.random((40, 9)) < 0.2), torch.from_numpy(rng.integers(0, 5, (40, 9))), wanted
    )
    lengths = torch.from_numpy(rng.integers(1, 10, 40))
    wanted[torch.arange(9) >= lengths[:, None]] = IGNORED
    answer = torch.nn.functional.one_hot(found, 5).float()
    ours = judged(Output(target="tag"), answer, wanted, *parts, facts=TAGGED)
    both: tuple[list[str], list[str]] = ([], [])
    for row, other, length in zip(wanted.tolist(), found.tolist(), lengths.tolist(), strict=True):
        for all_of_them, one in zip(both, (row, other), strict=True):
            all_of_them += [*(TAGS[tag] for tag in one[:length]), "O"]
    assert ours["entity_f1"] == pytest.approx(conll_f1(*both))
    assert 0.3 < ours["entity_f1"] < 0.95
    assert set(ours) == {"accuracy", "f1", "entity_f1"}


def test_tags_that_are_no_entities_have_no_f1_of_entities():
    facts = DataFacts({"text": Shape(time=3)}, {"tag": Target(("NOUN", "VERB", "O"), Shape(time=3))})
    found = judged(Output(target="tag"), torch.rand(2, 3, 3), torch.zeros(2, 3, dtype=torch.int64), facts=facts)
    assert set(found) == {"accuracy", "f1"}


# -- boxes -------------------------------------------------------------------------------------------------------


def counted_overlap(box, other, fine=400):
    """The overlap of two boxes by counting the points of a fine grid that lie in both and in either."""
    at = (np.arange(fine) + 0.5) / fine * 2 - 0.5
    x, y = np.meshgrid(at, at)

    def within(one):
        return (np.abs(x - one[0]) < one[2] / 2) & (np.abs(y - one[1]) < one[3] / 2)

    both, either = (within(box) & within(other)).sum(), (within(box) | within(other)).sum()
    return both / either if either else 0.0


def test_the_overlap_of_boxes_agrees_with_counting_points():
    rng = np.random.default_rng(6)
    boxes, others = (np.concatenate([rng.uniform(0.2, 0.8, (40, 2)), rng.uniform(0.1, 0.6, (40, 2))], 1) for _ in "ab")
    found = overlap(torch.as_tensor(boxes), torch.as_tensor(others)).numpy()
    assert (found > 0).sum() > 10 and (found == 0).sum() > 3
    for value, box, other in zip(found, boxes, others, strict=True):
        assert value == pytest.approx(counted_overlap(box, other), abs=0.02)


def test_boxes_that_are_equal_apart_within_each_other_or_nothing_overlap_as_they_must():
    unit = [0.5, 0.5, 0.2, 0.2]
    pairs = [
        (unit, unit, 1.0),
        (unit, [0.9, 0.9, 0.2, 0.2], 0.0),
        (unit, [0.5, 0.5, 0.4, 0.4], 0.25),
        (unit, [0.6, 0.5, 0.2, 0.2], 1 / 3),
        (unit, [0.5, 0.5, -0.2, 0.2], 0.0),
        ([0.0] * 4, [0.0] * 4, 0.0),
    ]
    for one, other, expected in pairs:
        for a, b in ((one, other), (other, one)):
            assert overlap(torch.tensor(a), torch.tensor(b)).item() == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("parts", [(), (2, 11)])
def test_the_mean_overlap_of_a_split_is_that_of_the_boxes_that_are_there(parts):
    rng = np.random.default_rng(7)
    target, answer = (torch.as_tensor(rng.uniform(0.2, 0.6, (20, 4)), dtype=torch.float32) for _ in "ab")
    target[:5] = 0.0  # nothing there: any answer to it would overlap by 0
    found = judged(BOX, answer, target, *parts)
    assert found["box_iou"] == pytest.approx(overlap(answer[5:], target[5:]).double().mean().item(), rel=1e-6)
    assert found["mse"] == pytest.approx(((answer - target) ** 2).mean().item(), rel=1e-5)
    assert found["mae"] == pytest.approx((answer - target).abs().mean().item(), rel=1e-5)


@pytest.mark.parametrize("parts", [(), (1,), (7, 50)])
@pytest.mark.parametrize("far", [0.0, 1e4])
def test_the_coefficient_of_determination_is_that_of_scikit_learn(parts, far):
    rng = np.random.default_rng(8)
    target = rng.normal(size=(60, 3)) * (0.5, 1.0, 20.0) + far
    answer = target + rng.normal(size=(60, 3)) * (0.2, 2.0, 3.0)
    target, answer = (torch.as_tensor(values, dtype=torch.float32) for values in (target, answer))
    expected = r2_score(target.double().numpy(), answer.double().numpy())
    assert judged(NUMBERS, answer, target, *parts)["r2"] == pytest.approx(expected, rel=1e-3 if far else 1e-6)
    assert judged(NUMBERS, target, target, *parts)["r2"] == 1.0
    mean = target.double().mean(dim=0).float().expand_as(target)
    assert judged(NUMBERS, mean, target, *parts)["r2"] == pytest.approx(0.0, abs=1e-3)


def test_what_is_the_same_in_every_row_does_not_count_for_the_coefficient_of_determination():
    target = torch.tensor([[0.1, 1.0], [0.1, 3.0], [0.1, 2.0]])
    answer = torch.tensor([[0.3, 1.5], [0.2, 2.5], [0.0, 2.0]])
    assert judged(NUMBERS, answer, target, 1)["r2"] == pytest.approx(r2_score(target[:, 1], answer[:, 1]))
    alike = judged(NUMBERS, answer[:, :1], target[:, :1], 2)
    assert "r2" not in alike and math.isfinite(alike["mse"]), "of constant targets there is none, not −inf"
    assert "r2" not in judged(NUMBERS, torch.rand(1, 2), torch.rand(1, 2))


def test_steps_of_a_series_are_rows_and_images_and_boxes_have_no_coefficient_of_determination():
    rng = np.random.default_rng(9)
    target, answer = (torch.as_tensor(rng.normal(size=(12, 5, 2)), dtype=torch.float32) for _ in "ab")
    expected = r2_score(target.reshape(-1, 2).numpy(), answer.reshape(-1, 2).numpy())
    assert judged(NUMBERS, answer, target, 5)["r2"] == pytest.approx(expected, rel=1e-5)
    image = torch.rand(6, 1, 4, 4)
    assert set(judged(NUMBERS, image, image)) == {"mse", "mae"}
    assert "r2" not in judged(BOX, torch.rand(5, 4), torch.rand(5, 4))


def test_nothing_counted_has_no_metrics():
    assert tally(CLASSES, torch.zeros(1, dtype=torch.int64)).metrics() == {}
    nowhere = judged(BOX, torch.rand(3, 4), torch.zeros(3, 4))
    assert nowhere["box_iou"] == 0.0 and math.isfinite(nowhere["mse"])
