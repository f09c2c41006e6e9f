"""Which metric is shown first, and what each is called."""

from __future__ import annotations

from dataclasses import replace

import pytest

from playground.experiment import Experiment, Result
from widgets.metrics import METRICS, SHARES, TITLES, main_metric, title_of


def promising(metric):
    return replace(Experiment(), result=Result(metric, "validation", 0.9, 0.1))


def test_what_the_document_promises_is_shown_first_else_accuracy_else_what_there_is():
    there = ["loss", "mse", "f1", "accuracy"]
    assert main_metric(promising("f1"), there) == "f1"
    assert main_metric(promising("loss"), there) == "accuracy"
    assert main_metric(Experiment(), there) == "accuracy"
    assert main_metric(Experiment(), ["loss", "mse", "r2", "mae"]) == "r2"
    assert main_metric(Experiment(), ["loss", "generator_loss", "energy_distance"]) == "energy_distance"
    assert main_metric(Experiment(), ["loss", "generator_loss"]) == ""


def test_of_several_outputs_it_is_the_first_and_says_of_which():
    there = ["loss", "accuracy.output_1", "accuracy.output_2"]
    assert main_metric(Experiment(), there) == "accuracy.output_1"
    assert title_of("accuracy.output_1") == "Accuracy of output_1"


@pytest.mark.parametrize("metric", sorted({*METRICS, *SHARES}))
def test_every_metric_has_a_title(metric):
    assert metric in TITLES and title_of(metric)
