"""Twins: two presets that differ in one thing, so that whatever else comes out is due to it."""

from __future__ import annotations

from typing import Any

import pytest

from playground.document_json import to_json
from tests.examples import preset

TRAINED = ("data", "graph", "training")
"""The parts of a document that decide how a run goes."""


def differences(one: Any, other: Any, place: str = "") -> dict[str, tuple[Any, Any]]:
    """Return where two plain values differ, by path; nodes of a graph are named by their ids."""
    if isinstance(one, dict) and isinstance(other, dict):
        found = {}
        for key in one | other:
            found |= differences(one.get(key), other.get(key), f"{place}.{key}" if place else key)
        return found
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        found = {}
        for at, (mine, theirs) in enumerate(zip(one, other, strict=True)):
            name = mine.get("id", at) if isinstance(mine, dict) else at
            found |= differences(mine, theirs, f"{place}.{name}")
        return found
    return {} if one == other else {place: (one, other)}


def between(one: str, other: str) -> dict[str, tuple[Any, Any]]:
    """Return in what two presets differ that makes a difference to a run."""
    mine, theirs = to_json(preset(one)), to_json(preset(other))
    return differences({key: mine[key] for key in TRAINED}, {key: theirs[key] for key in TRAINED})


TWINS = {
    ("without-dropout", "with-dropout"): {"graph.nodes.dropout_1.state": ("bypassed", None)},
    ("reversal", "reversal-attention"): {"graph.nodes.attention_1.state": ("muted", None)},
    ("plain-deep", "residual-deep"): {"graph.nodes.stage_1.graph.nodes.add_1.state": ("bypassed", None)},
    ("exploding-gradients", "clipped-gradients"): {"training.clip_norm": (0.0, 1.0)},
    ("positions-none", "positions-sinusoidal"): {"graph.nodes.position_1.kind": ("none", "sinusoidal")},
    ("long-series-plain", "long-series"): {"graph.nodes.conv_1.state": ("bypassed", None)},
    ("loss-surface-plain", "loss-surface-residual"): {
        "graph.nodes.stage_1.graph.nodes.add_1.state": ("bypassed", None)
    },
}
"""What each pair differs in: the field, and its value in the one and in the other."""


@pytest.mark.parametrize("pair", TWINS, ids="/".join)
def test_twins_differ_in_one_field_only(pair):
    assert between(*pair) == TWINS[pair]


def test_the_identity_start_rnn_differs_in_how_it_begins_and_bends_only():
    assert between("delayed-recall-rnn", "delayed-recall-irnn") == {
        "graph.nodes.recurrent_1.activation": ("tanh", "relu"),
        "graph.nodes.recurrent_1.start": ("usual", "identity"),
    }


@pytest.mark.parametrize(
    "pair",
    [
        *[("delayed-recall-rnn", "delayed-recall-lstm"), ("lstm-gates", "gru-gates"), ("lstm-gates", "peephole")],
        ("exploding-gradients", "clipped-gradients"),
    ],
    ids="/".join,
)
def test_recurrent_twins_differ_in_the_recurrent_layer_or_in_clipping_only(pair):
    places = {place.rpartition(".")[0] for place in between(*pair)}
    assert places <= {"graph.nodes.recurrent_1", "training"} and len(places) == 1


def test_the_twins_with_penalties_differ_in_what_pulls_at_the_weights_only():
    assert between("with-l1", "with-l2") == {"training.l1": (0.001, 0.0), "training.l2": (0.0, 0.005)}


def test_the_separable_twin_differs_in_the_kind_of_its_convolutions_only():
    found = between("ordinary-convolution", "separable-convolution")
    kinds = {f"graph.nodes.{id}.block": ("Conv2D", "SeparableConv2D") for id in ("conv_2", "conv_3")}
    lacking = {f"graph.nodes.{id}.{name}" for id in ("conv_2", "conv_3") for name in ("dilation", "groups")}
    assert {place: one for place, one in found.items() if place not in lacking} == kinds
    assert {found[place][0] for place in lacking} == {1, (1, 1)} or {found[place][0] for place in lacking} == {1}


@pytest.mark.parametrize(
    "pair", [*TWINS, ("ordinary-convolution", "separable-convolution"), ("with-l1", "with-l2")], ids="/".join
)
def test_twins_name_each_other(pair):
    for name, other in (pair, pair[::-1]):
        about = preset(name).about
        assert other in about.en and other in about.zh


def test_a_difference_is_found_wherever_it_is():
    assert differences({"a": [{"id": "n", "x": 1}], "b": 2}, {"a": [{"id": "n", "x": 3}], "b": 2}) == {"a.n.x": (1, 3)}
    assert differences({"a": 1}, {}) == {"a": (1, None)}
    assert differences([1], [1, 2]) == {"": ([1], [1, 2])}
