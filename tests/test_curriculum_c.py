"""Rows C1 to C8: what recurrent networks remember, what they fail to, and what their gates are seen to do."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from playground.blocks.pooling import MeanOverTime
from playground.blocks.recurrence import GRU, LSTM, RNN
from playground.data.recognise import in_place_of, recognise
from playground.experiment import Experiment
from playground.graph import Wire
from tests.examples import preset

SHARED = Path(__file__).parents[2] / "shared" / "data"


def trainer(experiment: Experiment, steps: int | None = None):
    run = pytest.importorskip("playground.training").Trainer(experiment, device="cpu")
    for _ in run.steps() if steps is None else run.steps(steps):
        pass
    return run


def reached(experiment: Experiment, metric: str = "accuracy", split: str = "validation") -> float:
    return trainer(experiment).evaluate(split).metrics[metric]


def through_time(experiment: Experiment, steps: int = 0) -> np.ndarray:
    """Return ‖∂L/∂h_t‖ by time step."""
    from playground.probes.through_time import ThroughTime

    node = next(id for id, one in experiment.examined().nodes.items() if ThroughTime.accepts(one))
    return ThroughTime(node=node).measure(trainer(experiment, steps)).norms


def with_block(experiment: Experiment, id: str, **settings) -> Experiment:
    return replace(
        experiment, graph=experiment.graph.configure(id, experiment.graph.nodes[id].block.replace(**settings))
    )


def test_near_steps_dominate_far_ones_before_an_elman_network_has_learnt():
    norms = through_time(preset("elman"))
    assert (np.diff(norms) > 0).all() and norms[-1] > 10 * norms[0]


def test_over_fifty_steps_the_gradient_vanishes_in_tanh_and_neither_in_the_identity_start_nor_in_an_lstm():
    shares = {}
    for kind in ("rnn", "irnn", "lstm"):
        norms = through_time(preset(f"delayed-recall-{kind}"), 5)
        shares[kind] = norms[0] / norms[-1]
    assert shares["rnn"] < 1e-10
    assert shares["irnn"] > 0.1 and shares["lstm"] > 0.01


def test_without_clipping_the_first_steps_throw_the_network_out_of_reach():
    torch = pytest.importorskip("torch")
    runs = {}
    for name in ("exploding-gradients", "clipped-gradients"):
        run = pytest.importorskip("playground.training").Trainer(preset(name), device="cpu")
        runs[name] = max(step.loss for step in run.steps(40))
        assert all(torch.isfinite(weight).all() for weight in run.network.parameters())
    assert runs["exploding-gradients"] > 1000 and runs["clipped-gradients"] < 10


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("lstm-gates", 4 * (16 * (8 + 16) + 2 * 16)),
        ("peephole", 4 * (16 * (8 + 16) + 2 * 16) + 3 * 16 * 16),
        ("gru-gates", 3 * (16 * (8 + 16) + 2 * 16)),
    ],
)
def test_the_numbers_of_parameters_are_those_that_the_text_derives(name, parameters):
    experiment = preset(name)
    assert experiment.examined().nodes["recurrent_1"].parameters == parameters
    own = {"lstm-gates": "1,664", "peephole": "768", "gru-gates": "1,248"}[name]
    assert own in experiment.about.en and own.replace(",", "") in experiment.about.zh.replace(",", "")


def test_with_one_bias_or_narrow_peepholes_they_are_what_the_text_says_too():
    one = with_block(preset("gru-gates"), "recurrent_1", biases="one").examined().nodes["recurrent_1"].parameters
    narrow = with_block(preset("peephole"), "recurrent_1", peepholes="diagonal").examined().nodes["recurrent_1"]
    assert one == 1200 and narrow.parameters == preset("lstm-gates").examined().nodes["recurrent_1"].parameters + 48


def test_the_gru_tagger_has_three_quarters_of_the_lstms_recurrent_weights():
    lstm, gru = (preset(f"{kind}-tagger").examined().nodes[f"{kind}_1"] for kind in ("lstm", "gru"))
    assert (lstm.parameters, gru.parameters) == (2 * 21_888, 2 * 16_416)
    assert isinstance(lstm.block, LSTM) and isinstance(gru.block, GRU) and lstm.block.direction == "both"


def test_what_fills_a_sentence_up_changes_no_tag():
    torch = pytest.importorskip("torch")
    run = trainer(preset("lstm-tagger"), 0)
    text = torch.as_tensor(run.data.splits["validation"].inputs["text"][:20])
    longer = torch.cat([text, torch.zeros(20, 7, dtype=torch.int64)], dim=1)
    short, long = (run.look({"text": one}, ("output_1",))["output_1"] for one in (text, longer))
    there = text != 0
    torch.testing.assert_close(short[there], long[:, : text.shape[1]][there], atol=1e-5, rtol=0)


# -- trained: the slow suite ---------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_an_lstm_whose_forget_gate_begins_half_shut_loses_the_letter_too():
    assert reached(with_block(preset("delayed-recall-lstm"), "recurrent_1", forget_bias=1.0)) < 0.3


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize(("activation", "start"), [("tanh", "identity"), ("relu", "usual")])
def test_of_the_identity_start_rnn_both_halves_are_needed(activation, start):
    experiment = with_block(preset("delayed-recall-irnn"), "recurrent_1", activation=activation, start=start)
    assert reached(experiment) < preset("delayed-recall-irnn").result.value - 0.2


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_an_elman_network_loses_the_letter_over_a_long_delay():
    experiment = preset("elman")
    assert reached(replace(experiment, source=experiment.source.replace(delay=40))) < 0.4


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", ["lstm-tagger", "lstm-tagger-zh"])
def test_reading_forwards_only_costs_a_tagger_words(name):
    experiment = preset(name)
    assert reached(with_block(experiment, "lstm_1", direction="forward")) < reached(experiment) - 0.003


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_without_their_order_the_words_do_not_tell_praise():
    experiment = preset("sentiment-lstm")
    graph = experiment.graph.remove(["lstm_1", "last_1"]).add(MeanOverTime(), "mean_1")
    graph = graph.connect(Wire("dropout_1", "mean_1")).connect(Wire("mean_1", "dense_1"))
    assert reached(replace(experiment, graph=graph)) < experiment.result.value - 0.1


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_input_gate_opens_at_letters_and_the_forget_gate_keeps_them_over_the_digits():
    from playground.probes.gates import Gates

    run = trainer(preset("lstm-gates"))
    answer = Gates(node="recurrent_1").measure(run)
    letters, digits = slice(0, 2), slice(3, 13)
    i, f = (answer.means[answer.names.index(name)] for name in "if")
    assert i[letters].mean() > i[digits].mean() and f[digits].mean() > 0.6
    c = answer.values[answer.names.index("c")].astype(float)
    assert np.abs(np.diff(c[:, digits], axis=1)).mean() < np.abs(c[:, digits]).mean() / 2  # it stands nearly still


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_on_real_english_the_tagger_tells_more_than_85_words_of_100():
    folder = SHARED / "ud_english_ewt"
    if not folder.is_dir():
        pytest.skip("the shared files are not here")
    experiment = preset("lstm-tagger")
    assert reached(replace(experiment, source=in_place_of(experiment.source, recognise(folder)))) >= 0.85


def test_rnn_presets_are_plain_ones():
    assert isinstance(preset("elman").graph.nodes["rnn_1"].block, RNN)
