"""Each step told is what the one before gives by the formula, and what the layer gives on."""

from __future__ import annotations

import pickle
from math import exp, sqrt

import numpy as np
import pytest

pytest.importorskip("torch")

from playground.probes import LARGEST_ANSWER
from playground.probes.attention_steps import MOST_FEATURES, AttentionSteps
from playground.training import Trainer
from tests.transformers import HEADS, WIDTH, classifier, writer

WIDE = WIDTH // HEADS


def running(**kwargs):
    experiment, data = classifier(**kwargs)
    return Trainer(experiment, data, device="cpu")


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("head", range(HEADS))
def test_every_step_follows_from_the_one_before(causal, head):
    run = running(causal=causal)
    answer = AttentionSteps(node="attention_1", head=head, row=1, own="the good film was not bad").measure(run)
    assert (answer.row, answer.width, answer.asked.steps) == (1, WIDE, 6)
    for at in range(6):  # by plain sums, in double precision
        product = sum(float(q) * float(k) for q, k in zip(answer.query, answer.keys[at], strict=True))
        assert answer.products[at] == pytest.approx(product, abs=1e-5)
        hidden = causal and at > 1
        assert answer.scores[at] == (-np.inf if hidden else pytest.approx(product / sqrt(WIDE), abs=1e-5))
    total = sum(exp(score) for score in answer.scores)
    assert answer.weights == pytest.approx([exp(score) / total for score in answer.scores], abs=1e-5)
    for k in range(WIDE):
        mean = sum(float(w) * float(v) for w, v in zip(answer.weights, answer.values[:, k], strict=True))
        assert answer.out[k] == pytest.approx(mean, abs=1e-5)


def test_they_begin_with_what_arrives_and_end_with_what_leaves():
    run = running()
    for row in (0, 2, -1):
        answer = AttentionSteps(node="attention_1", head=1, row=row, index=4).measure(run)
        text = run.data.splits["validation"].inputs["text"][4]
        steps = int((text != 0).sum())
        at = min(row, steps - 1) if 0 <= row < steps else steps - 1
        kept = run.look({"text": text[None]}, ("query", "key", "value", "attention_1"))
        part = slice(WIDE, 2 * WIDE)
        assert np.allclose(answer.query, kept["query"][0, at, part], atol=1e-6)
        assert np.allclose(answer.keys, kept["key"][0, :steps, part], atol=1e-6)
        assert np.allclose(answer.values, kept["value"][0, :steps, part], atol=1e-6)
        assert np.allclose(answer.out, kept["attention_1"][0, at, part], atol=1e-5)
        assert answer.row == at


def test_in_cross_attention_the_words_asked_are_those_read():
    run = Trainer(writer(), device="cpu")
    answer = AttentionSteps(node="decoder.1.cross_attention.1.attention_1", own="1 2 3").measure(run)
    assert answer.asked.words == ("1", "2", "3") and len(answer.says) == answer.asking.steps
    assert answer.kind == "cross" and answer.weights.sum() == pytest.approx(1)


def test_long_texts_and_wide_heads_stay_within_the_size_of_an_answer():
    run = running(heads=1, longest_text=230, width=128)
    answer = AttentionSteps(node="attention_1", own="the " * 230).measure(run)
    assert answer.width == 128 and answer.keys.shape == (200, MOST_FEATURES)
    assert answer.scores == pytest.approx(answer.products / sqrt(128), abs=1e-4)
    assert len(pickle.dumps(answer)) <= LARGEST_ANSWER
