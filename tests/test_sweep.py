"""A document is trained once for each value of a setting, and with several seeds where that is wished."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

pytest.importorskip("torch")

from playground import bootstrap, commands
from playground.experiment import Experiment
from playground.files import write
from playground.training import Trainer
from tests.examples import small


@pytest.fixture
def sweep(capsys, tmp_path, monkeypatch):
    """Run the command on an experiment; return its status, what it printed and what it complained of."""
    monkeypatch.setenv("NETWORK_PLAYGROUND_HOME", str(tmp_path / "home"))

    def call(experiment: Experiment, *arguments):
        write(experiment, tmp_path / "net.json")
        try:
            options = commands.find("sweep").parse([str(tmp_path / "net.json"), *arguments], "main.py")
        except SystemExit as ending:
            return ending.code, *capsys.readouterr()
        return bootstrap._call(commands.find("sweep"), options), *capsys.readouterr()

    return call


def reached(experiment):
    trainer = Trainer(experiment, device="cpu")
    for _ in trainer.steps():
        pass
    return trainer.evaluate("validation").metrics


def test_each_run_is_that_of_the_document_with_this_value(sweep):
    status, out, _ = sweep(small(), "--vary", "training.epochs=1,3", "--device", "cpu", "--json")
    told = json.loads(out)
    assert status == 0 and told["setting"] == "training.epochs" and [run["value"] for run in told["runs"]] == [1, 3]
    for run in told["runs"]:
        assert run["validation"] == pytest.approx(reached(small(epochs=run["value"])))
        assert run["parameters"] == 17 and run["examples"] == 80


def test_of_several_seeds_the_mean_is_told(sweep):
    _, out, _ = sweep(small(), "--vary", "training.epochs=2", "--seeds", "3", "--device", "cpu", "--json")
    [run] = json.loads(out)["runs"]
    losses = [reached(small(epochs=2, seed=seed))["loss"] for seed in (1, 2, 3)]
    assert run["validation"]["loss"] == pytest.approx(sum(losses) / 3)


def test_what_a_document_has_recorded_is_repeated_without_being_told(sweep):
    lines = {"validation": [[10, 0.5]]}
    told = {"command": "sweep", "x": "parameters", "metric": "loss", "lines": lines}
    experiment = replace(
        small(epochs=1), extra={"recorded": {**told, "sweep": {"path": "dense_1.units", "values": [2, 5]}}}
    )
    status, out, _ = sweep(experiment, "--device", "cpu")
    assert status == 0 and "dense_1.units = 2: 9 parameters, 80 examples" in out
    assert "dense_1.units = 5: 21 parameters" in out


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ((), "does not say what to vary"),
        (("--vary", "dense_1.units=two"), "are not numbers"),
        (("--vary", "dense_1.colour=2"), "nothing here can be set as dense_1.colour"),
        (("--vary", "dense_1.units=2.5"), "whole number"),
        (("--vary", "training.epochs=" + ",".join(["1"] * 300)), "300 runs"),
        (("--vary", "training.epochs=1", "--seeds", "0"), "not a whole number"),
    ],
)
def test_what_cannot_be_varied_is_said(sweep, arguments, complaint):
    status, out, complained = sweep(small(), *arguments)
    assert status in (1, 2) and complaint in complained and not out
