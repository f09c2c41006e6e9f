"""The confusion matrix counts what the network answers to held-out examples."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from playground.blocks.data import Output  # noqa: E402
from playground.data.planar import Xor  # noqa: E402
from playground.probes.confusion import Confusion  # noqa: E402
from tests.probes.conftest import CLASSES, images  # noqa: E402


def test_it_agrees_with_scikit_learn_and_with_the_trainers_accuracy(pictured):
    metrics = pytest.importorskip("sklearn.metrics")
    run = pictured()
    for _ in run.steps(30):
        pass
    examples = run.data.splits["validation"]
    with torch.no_grad():
        answers = run.network({"image": torch.as_tensor(examples.inputs["image"])})["output_1"].argmax(1).numpy()
    answer = Confusion().measure(run)
    expected = metrics.confusion_matrix(examples.targets["label"], answers, labels=[0, 1, 2])
    assert answer.classes == CLASSES and np.array_equal(answer.counts, expected)
    accuracy = run.evaluate("validation").metrics["accuracy"]
    assert np.trace(answer.counts) / answer.counts.sum() == pytest.approx(accuracy)


def test_yes_and_no_are_two_classes(planar):
    run = planar(Xor(count=400), Output(task="binary", loss="binary_cross_entropy"), 1)
    for _ in run.steps(40):
        pass
    answer = Confusion().measure(run)
    assert answer.counts.shape == (2, 2) and answer.counts.sum() == len(run.data.splits["validation"])
    accuracy = run.evaluate("validation").metrics["accuracy"]
    assert np.trace(answer.counts) / answer.counts.sum() == pytest.approx(accuracy)


def test_of_very_many_examples_some_are_counted(pictured):
    answer = Confusion().measure(pictured(images(count=5000)))
    assert 1000 <= answer.counts.sum() <= 2000 and answer.total == 5000
