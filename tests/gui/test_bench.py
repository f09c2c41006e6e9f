"""`bench` gives every field it promises; how good the figures are is for people to judge, not for a test."""

import json
import math
import os
import subprocess
import sys

import pytest

from playground import plain
from playground.environment import ROOT
from playground.presets import open_named
from widgets import bench
from widgets.bench import measurements, percentile


def run(*arguments, **variables):
    """Run the command as shortly as it can be run and return what it printed."""
    command = [sys.executable, "main.py", "bench", "--runs", "1", "--seconds", "0.2", *arguments]
    environment = {**os.environ, "LANGUAGE": "en", **variables}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=110)


def figures(*arguments):
    done = run("--json", *arguments)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def positive(value):
    return isinstance(value, float) and math.isfinite(value) and value > 0


@pytest.mark.slow
def test_the_trainer_is_measured_against_the_bare_loop_without_qt():
    blocked = "import sys; sys.modules['PySide6'] = None; from playground.bootstrap import main; sys.exit(main())"
    arguments = ["bench", "--json", "--only", "plain-ratio", "engine-ready", "--runs", "1", "--seconds", "0.2"]
    command = [sys.executable, "-c", blocked, *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=110)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert set(found) == {"machine", "plain_ratio", "engine_ready_s"}
    assert set(found["plain_ratio"]) == {"xor", "lenet"}
    assert all(positive(value) for value in (*found["plain_ratio"].values(), found["engine_ready_s"]))


@pytest.mark.slow
def test_training_is_measured_with_the_real_window_open():
    found = figures("--only", "watched-ratio", "paint-gap", "step-to-pixel", "torch", "--presets", "lenet")
    for field in ("watched_ratio", "paint_gap_p99_ms", "step_to_pixel_p99_ms"):
        assert positive(found[field]["lenet"]), field
    assert found["torch_in_window_process"] is False


@pytest.mark.slow
def test_the_first_picture_of_the_window_is_timed():
    found = figures("--only", "first")
    assert positive(found["first_window_s"])
    assert positive(found["first_preset_s"])


@pytest.mark.slow
def test_large_pictures_are_timed():
    found = figures("--only", "curve", "mosaic")
    assert positive(found["curve_100k_ms"])
    assert positive(found["mosaic_64_ms"])


def test_opening_each_published_network_is_timed():
    found = figures("--only", "published-open")["published_open_s"]
    assert {"alexnet", "vgg-16", "resnet-50", "densenet-121"} <= set(found)
    assert all(map(positive, found.values()))


@pytest.mark.slow
def test_a_step_is_timed_by_the_length_of_what_is_read():
    found = figures("--only", "length-cost")["length_cost"]["cpu"]
    assert set(found) == {"lstm", "transformer"}
    for steps in found.values():
        assert list(steps) == ["16", "64", "256", "500"] and all(map(positive, steps.values()))
        assert steps["500"] > 2 * steps["16"]


@pytest.mark.slow
def test_without_json_it_prints_a_table_with_what_is_to_be_reached():
    done = run("--only", "engine-ready")
    assert done.returncode == 0, done.stderr
    line = next(line for line in done.stdout.splitlines() if line.startswith("engine_ready_s"))
    assert line.split()[-2:] == ["<=", "4"]


def test_an_unknown_measurement_is_refused_by_name():
    done = run("--only", "speed")
    assert done.returncode == 1
    assert "no measurement called speed" in done.stderr
    assert "plain-ratio" in done.stderr


def test_no_two_measurements_claim_a_field():
    fields = [field for module in measurements().values() for field in module.FIELDS]
    assert len(fields) == len(set(fields))
    for module in measurements().values():
        goals = {name.partition(".")[0] for name in getattr(module, "GOALS", {})}
        assert goals <= set(module.FIELDS)


def test_every_measured_preset_has_its_bare_loop():
    assert set(bench.PLAIN) == set(plain.NETWORKS) == set(plain.LOSSES)
    for name in bench.PRESETS:
        assert open_named(name)[0].view.panels, "a preset without panels would make watching cheap"


@pytest.mark.parametrize(("share", "expected"), [(0.5, 2), (0.99, 4), (0.25, 1)])
def test_a_percentile_is_one_of_the_values_measured(share, expected):
    assert percentile([4, 1, 3, 2], share) == expected
