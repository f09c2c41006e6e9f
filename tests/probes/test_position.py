"""The vectors of the places are those that the layer adds."""

from __future__ import annotations

import math
import pickle

import numpy as np
import pytest

pytest.importorskip("torch")

from playground.probes import LARGEST_ANSWER
from playground.probes.position import FEWEST, MOST_FEATURES, Position
from playground.training import Trainer
from tests.transformers import WIDTH, classifier


def running(**kwargs):
    experiment, data = classifier(**kwargs)
    return Trainer(experiment, data, device="cpu")


def added(run):
    """What leaves the layer less what came in, and what came in, of the first held-out text."""
    text = run.data.splits["validation"].inputs["text"][:1]
    kept = run.look({"text": text}, ("embed_1", "position_1"))
    return (kept["position_1"] - kept["embed_1"])[0].numpy(), kept["embed_1"][0].numpy()


@pytest.mark.parametrize("kind", ["sinusoidal", "learned", "none"])
def test_they_are_what_the_layer_adds(kind):
    run = running(positions=kind)
    answer = Position(node="position_1").measure(run)
    told, came = added(run)
    assert np.allclose(answer.values[: answer.steps], told, atol=2e-3)
    assert (answer.kind, answer.steps, answer.width) == (kind, len(told), WIDTH)
    assert answer.added == pytest.approx(math.sqrt((told**2).mean()), abs=1e-5)
    assert answer.words == pytest.approx(math.sqrt((came**2).mean()), rel=1e-5)


def test_waves_go_on_beyond_what_comes_in_and_learned_places_do_not():
    waves = Position(node="position_1").measure(running()).values
    assert len(waves) == FEWEST
    for place in (0, 1, 40):
        for feature in range(WIDTH):
            angle = place / 10_000 ** ((feature - feature % 2) / WIDTH)
            assert waves[place, feature] == pytest.approx((math.cos if feature % 2 else math.sin)(angle), abs=1e-3)
    learned = Position(node="position_1").measure(running(positions="learned"))
    assert len(learned.values) == learned.steps == 9


def test_learned_places_move_while_they_are_trained():
    run = running(positions="learned")
    before = Position(node="position_1").measure(run).values
    for _ in run.steps(3):
        pass
    assert not np.allclose(before, Position(node="position_1").measure(run).values, atol=1e-3)


def test_wide_vectors_and_long_texts_stay_within_the_size_of_an_answer():
    answer = Position(node="position_1").measure(running(width=400, longest_text=230))
    assert answer.values.shape == (128, MOST_FEATURES) and answer.width == 400
    assert len(pickle.dumps(answer)) <= LARGEST_ANSWER


def test_only_layers_of_positions_are_asked():
    run = running()
    assert Position(node="embed_1").measure(run) is None
    assert [id for id, node in run.report.nodes.items() if Position.accepts(node)] == ["position_1"]
