"""Row D8 of the curriculum: an LSTM and a Transformer of the same size on a task in which only the order counts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.examples import preset
from tests.test_twins import between

TWINS = ("order-lstm", "order-transformer")


def trained(experiment):
    run = pytest.importorskip("playground.training").Trainer(experiment, device="cpu")
    for _ in run.steps():
        pass
    return run


def with_delay(name, delay):
    experiment = preset(name)
    return replace(experiment, source=experiment.source.replace(delay=delay))


def test_both_learn_the_same_from_the_same_with_nearly_as_many_weights():
    one, other = (preset(name).examined().parameters for name in TWINS)
    assert (one, other) == (9_288, 9_384) and abs(one - other) < 0.02 * one
    found = {place for place in between(*TWINS) if not place.startswith("graph.")}
    assert found == {"training.optimiser.learning_rate"}


def test_the_cost_of_an_lstm_grows_with_the_length_and_that_of_attention_with_its_square():
    growth = {}
    for name in TWINS:
        macs = []
        for delay in (116, 236):  # 120 and 240 tokens
            experiment = with_delay(name, delay)
            facts = experiment.facts
            inputs = {"text": facts.inputs["text"].replace(time=delay + 4)}
            macs.append(experiment.examined(replace(facts, inputs=inputs)).macs)
        growth[name] = macs[1] / macs[0]
    assert growth["order-lstm"] == pytest.approx(2, abs=0.01)
    assert 2.3 < growth["order-transformer"] < 4, "its Dense layers still grow with the length alone"


@pytest.mark.slow
def test_with_a_longer_delay_the_lstm_fails_and_the_transformer_does_not():
    accuracy = {name: trained(with_delay(name, 30)).evaluate("validation").metrics["accuracy"] for name in TWINS}
    assert accuracy["order-lstm"] < 0.4
    assert accuracy["order-transformer"] > 0.95
