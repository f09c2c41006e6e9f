"""What is called by name, and what is not."""

from __future__ import annotations

import math

import pytest

from playground.diagnosis import FEWEST_LOOKS, Finding, Look, judge

LAYERS = ("conv_1", "conv_2", "dense_1", "dense_2")
HEALTHY = (2e-2, 1e-2, 3e-2, 8e-2)


def looks(*rows, ratios=(), dead=(), pace=1.0, lengths=None):
    """A look for each row of magnitudes, at steps 10, 20, …"""
    lengths = lengths or [math.hypot(*row) for row in rows]
    return [Look(10 * (k + 1), row, lengths[k], ratios, dead, pace) for k, row in enumerate(rows)]


def kinds(found):
    return [one.kind for one in found]


@pytest.mark.parametrize(
    ("magnitudes", "expected"),
    [
        (HEALTHY, []),
        ((1e-4, 1e-4, 1e-3, 9e-2), []),  # a factor of 900 is still borne
        ((5e-5, 1e-2, 3e-2, 8e-2), [Finding("vanishing", "conv_1", 5e-5 / 8e-2, 1, "dense_2")]),
        ((1e-9, 1e-11, 3e-6, 8e-2), [Finding("vanishing", "conv_2", 1e-11 / 8e-2, 2, "dense_2")]),
        ((90.0, 1.0, 0.01, 0.08), [Finding("growing", "conv_1", 90.0 / 0.08, 1, "dense_2")]),
        ((0.0, 0.0, 3e-2, 8e-2), [Finding("silent", "conv_2", 0.0, 2)]),
        ((0.0, 0.0, 0.0, 0.0), [Finding("silent", "dense_2", 0.0, 4)]),
        ((1e-2, math.nan, math.inf, 1e-2), [Finding("infinite", "dense_1", math.inf, 2)]),
    ],
)
def test_layers_are_compared_with_the_last_ones(magnitudes, expected):
    found = judge(LAYERS, looks(*[magnitudes] * 5))
    assert kinds(found) == kinds(expected)
    for one, other in zip(found, expected, strict=True):
        assert (one.layer, one.layers, one.beside) == (other.layer, other.layers, other.beside)
        assert one.value == pytest.approx(other.value)


def test_one_bad_batch_says_nothing_but_an_infinite_gradient_does():
    assert judge(LAYERS, looks(*[HEALTHY] * 4, (1e-9, *HEALTHY[1:]))) == ()
    assert judge(LAYERS, looks(*[HEALTHY] * 4, (0.0, *HEALTHY[1:]))) == ()
    assert kinds(judge(LAYERS, looks((math.nan, *HEALTHY[1:])))) == ["infinite"]


def test_the_first_moments_of_a_run_are_not_judged_and_the_same_step_counts_once():
    bad = (1e-9, *HEALTHY[1:])
    assert judge(LAYERS, looks(*[bad] * (FEWEST_LOOKS - 1))) == ()
    assert judge(LAYERS, [Look(7, bad, 1.0)] * 10) == ()
    assert kinds(judge(LAYERS, looks(*[bad] * FEWEST_LOOKS))) == ["vanishing"]
    assert judge(LAYERS, []) == judge((), looks(())) == ()


def test_an_embedding_is_not_compared():
    embedded = ("embed_1", "lstm_1", "dense_1")
    rows = [(1e-6, 1e-2, 1e-1)] * 4
    assert kinds(judge(embedded, looks(*rows))) == ["vanishing"]
    assert judge(embedded, looks(*rows), exempt=["embed_1"]) == ()
    assert judge(("dense_1",), looks((1e-9,), (1e-9,), (1e-9,))) == (), "a single layer has none to compare with"


@pytest.mark.parametrize(
    ("lengths", "explodes"),
    [
        ([1.0, 1.1, 0.9, 1.0, 50.0], True),
        ([1.0, 1.1, 0.9, 1.0, 20.0], False),  # batches differ
        ([0.01, 0.01, 0.01, 0.01, 5.0], False),  # a short gradient may grow
        ([100.0, 100.0, 100.0, 100.0, 100.0], False),  # long, but always so
        ([1.0, 900.0, 1.0, 1.0, 1.0, 1.0, 1.0], False),  # that is over
    ],
)
def test_a_gradient_explodes_where_it_is_long_and_many_times_as_long_as_it_was(lengths, explodes):
    rows = [HEALTHY] * (len(lengths) - 1) + [(2e-2, 5.0, 3e-2, 8e-2)]
    found = judge(LAYERS, looks(*rows, lengths=lengths))
    assert kinds(found) == (["exploding"] if explodes else [])
    if explodes:
        assert (found[0].layer, found[0].value) == ("conv_2", 50.0)


@pytest.mark.parametrize(
    ("ratios", "pace", "expected"),
    [
        ((1e-3, 1e-3, 1e-3, 1e-3), 1.0, []),
        ((2e-5, 1e-4, 1e-2, 9e-2), 1.0, []),
        ((1e-3, 0.3, 0.2, 1e-3), 1.0, [("large", "conv_2", 2)]),
        ((1e-7, 1e-6, 1e-3, 1e-3), 1.0, [("small", "conv_1", 2)]),
        ((1e-7, 1e-6, 1e-6, 1e-6), 1e-4, []),  # only the schedule has slowed it down
        ((0.0, 1e-3, 1e-3, 1e-3), 1.0, [("small", "conv_1", 1)]),
        ((math.inf, math.nan, 1e-3, 1e-3), 1.0, []),  # weights that begin at 0, steps that are not known
        ((0.5, 1e-9, 1e-3, 1e-3), 1.0, [("large", "conv_1", 1), ("small", "conv_2", 1)]),
    ],
)
def test_steps_are_compared_with_a_thousandth_of_the_weights(ratios, pace, expected):
    found = judge(LAYERS, looks(*[HEALTHY] * 4, ratios=ratios, pace=pace))
    assert [(one.kind, one.layer, one.layers) for one in found] == expected


def test_a_fifth_of_dead_units_is_worth_a_word_and_a_silent_layer_is_told_of_once():
    assert judge(LAYERS, looks(*[HEALTHY] * 3, dead=(0.1, 0.19, 0.0, 0.0))) == ()
    (found,) = judge(LAYERS, looks(*[HEALTHY] * 3, dead=(0.25, 0.5, 0.0, 0.0)))
    assert found == Finding("dead", "conv_2", 0.5, 2)
    silent = looks(*[(1e-2, 0.0, 3e-2, 8e-2)] * 3, dead=(0.0, 1.0, 0.0, 0.0), ratios=(1e-3, 0.0, 1e-3, 1e-3))
    assert kinds(judge(LAYERS, silent)) == ["silent"]
