"""Recorded experiments are read with care, and a setting is varied by its name."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from playground.presets import open_named, presets
from playground.recorded import Recorded, Sweep, recorded, varied
from playground.text import Refusal
from tests.examples import small

TOLD = Recorded(
    "python3 main.py sweep here",
    "parameters",
    "mse",
    {"train": ((1, 0.5), (3, 0.25))},
    Sweep("dense_1.units", (1, 3), 2),
)


def holding(value):
    return replace(small(), extra={"recorded": value})


def test_what_is_written_is_read_again():
    assert recorded(holding(json.loads(json.dumps(TOLD.to_json())))) == TOLD


def test_ways_between_two_solutions_stand_on_an_even_axis():
    told = Recorded("python3 main.py connect here", "way", "loss", {"straight": ((0, 1), (1, 2)), "curve": ((0, 1),)})
    assert recorded(holding(told.to_json())) == told
    assert not told.counts and TOLD.counts


def test_a_document_without_one_has_none():
    assert recorded(small()) is None


@pytest.mark.parametrize(
    "change",
    [
        {"x": "weather"},
        {"metric": "beauty"},
        {"command": 5},
        {"command": "x" * 1000},
        {"lines": {"train": [[1, float("nan")]]}},
        {"lines": {"train": [[1, True]]}},
        {"lines": {"train": [[1]]}},
        {"lines": {"train": [[1, 2]] * 5000}},
        {"lines": []},
        {"sweep": {"path": "dense_1.units"}},
        {"sweep": {"path": "dense_1.units", "values": [1], "seeds": 10**9}},
        {"sweep": 3},
        {"seconds": "long"},
    ],
)
def test_what_is_damaged_is_left_alone(change):
    assert recorded(holding({**TOLD.to_json(), **change})) is None


def test_what_is_no_object_is_left_alone():
    for value in (None, 3, "text", [1], {}):
        assert recorded(holding(value)) is None


def test_every_recorded_run_of_a_preset_can_be_read():
    told = {one.name: recorded(one.experiment) for one in presets() if "recorded" in one.experiment.extra}
    assert {"grokking", "double-descent", "double-descent-data"} <= {name for name, one in told.items() if one}
    for name, one in told.items():
        assert one is not None and one.lines and name in one.command, name


def test_a_setting_is_varied_by_its_name():
    experiment = small()
    assert varied(experiment, "dense_1.units", 7).graph.nodes["dense_1"].block.units == 7
    assert varied(experiment, "training.epochs", 3).training.epochs == 3
    assert varied(experiment, "preparation.validation", 0.5).preparation.validation == 0.5
    assert varied(experiment, "data.noise", 0.4).source.noise == 0.4


@pytest.mark.parametrize("path", ["dense_1.colour", "nothing.units", "units", "", "training.extra.more"])
def test_a_setting_that_is_not_there_is_refused(path):
    with pytest.raises(Refusal, match="nothing here can be set as"):
        varied(small(), path, 1)


def test_a_value_that_does_not_fit_is_refused():
    with pytest.raises(Refusal):
        varied(open_named("double-descent")[0], "dense_1.units", 0)
