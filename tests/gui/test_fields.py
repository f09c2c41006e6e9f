from __future__ import annotations

import pytest

from playground.blocks.convolution import Conv2D
from playground.blocks.data import Output
from playground.choices import Adam
from widgets import app
from widgets.form_row import written
from widgets.number_fields import StepField
from widgets.numbers import log_step, readable, sides_of


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (32, "32"),
        (61706, "61706"),
        (0.5, "0.5"),
        (0.001, "1e-3"),
        (2.5e-05, "2.5e-5"),
        (0.0, "0"),
        (1.0, "1"),
        (0.02, "0.02"),
    ],
)
def test_numbers_are_written_as_a_person_would(value: float, text: str) -> None:
    assert readable(value) == text
    assert float(text) == value


def test_a_learning_rate_moves_by_factors() -> None:
    value, seen = 0.001, []
    for _ in range(4):
        value = log_step(value, 1)
        seen.append(value)
    assert seen == [0.002, 0.005, 0.01, 0.02]
    for _ in range(4):
        value = log_step(value, -1)
    assert value == 0.001
    assert log_step(0.003, 1) == 0.005
    assert log_step(0.003, -1) == 0.002
    assert log_step(1e-6, -1) == 0.0
    assert log_step(0.0, 1) == 1e-6


@pytest.mark.parametrize(("text", "value"), [("5", 5), ("5×3", (5, 3)), ("5 X 3", (5, 3)), ("a", "a")])
def test_sides_are_read_in_every_spelling(text: str, value: object) -> None:
    assert sides_of(text) == value


def test_a_field_keeps_to_its_limits() -> None:
    app.application()
    field = StepField(Adam.parameters["beta1"])
    field.show_value(0.9999)
    field.stepBy(3)
    assert field.value == 0.9999
    field.stepBy(-100)
    assert field.value == 0.0


def test_ctrl_moves_a_learning_rate_by_a_decade_and_other_numbers_by_ten_steps() -> None:
    app.application()
    rate = StepField(Adam.parameters["learning_rate"])
    rate.show_value(0.002)
    rate.stepBy(10)  # what Ctrl makes of an arrow
    assert rate.value == 0.02
    rate.stepBy(-10)
    rate.stepBy(-10)
    assert rate.value == 0.0002


def test_a_default_is_written_as_the_field_writes_it() -> None:
    assert written(Conv2D.parameters["kernel"], (3, 3)) == "3"
    assert written(Conv2D.parameters["kernel"], (5, 3)) == "5×3"
    assert written(Conv2D.parameters["bias"], False) == "off"
    assert written(Adam.parameters["learning_rate"], 0.001) == "1e-3"
    assert written(Output.parameters["loss"], "mse") == "Mean squared error"
