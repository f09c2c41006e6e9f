"""Metrics of whole splits, each against another way to compute it."""

from __future__ import annotations

import math

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from sklearn.metrics import accuracy_score, f1_score, jaccard_score  # noqa: E402

from playground.blocks.data import Output  # noqa: E402
from playground.data import IGNORED  # noqa: E402
from playground.judging import MOST_CLASSES, overlap, tally  # noqa: E402

CLASSES = Output()
YES = Output(task="binary", loss="binary_cross_entropy")
BOX = Output(task="box", loss="smooth_l1")


def judged(output, answer, target, *parts):
    """Measure in pieces that end at `parts`: the metrics must not depend on them."""
    counted = tally(output, target)
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


def test_nothing_counted_has_no_metrics():
    assert tally(CLASSES, torch.zeros(1, dtype=torch.int64)).metrics() == {}
    nowhere = judged(BOX, torch.rand(3, 4), torch.zeros(3, 4))
    assert nowhere["box_iou"] == 0.0 and math.isfinite(nowhere["mse"])
