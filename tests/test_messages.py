"""Orders, frames and notices are values that survive the pipe in both directions."""

from __future__ import annotations

import dataclasses
import io
import typing

import numpy as np
import pytest

from playground import messages, pipe
from playground.messages import Frame
from playground.probes import PROBES
from playground.text import say
from tests.examples import PRESETS, planar_facts, preset

XOR = preset("xor")
PROBE = PROBES["gradients"]()

MESSAGES = [
    messages.Load(1, XOR, "cpu", keep=True, checkpoint="c", folder="f"),
    messages.Play(),
    messages.Pause(),
    messages.Step(3),
    messages.Stop(),
    messages.Pace(2.5),
    messages.Reset(2),
    messages.Set(0.1),
    messages.Watch({"panel": PROBE}),
    messages.Seen(),
    messages.Ask(4, PROBE),
    messages.Ask(5, "test"),
    messages.Cancel(5),
    messages.Quit(),
    Frame(1, 2, {"panel": np.arange(3)}),
    messages.EngineReady(1.5, ("cpu",)),
    messages.Reading(1, 0.25),
    messages.FactsFound(1, planar_facts()),
    messages.Loaded(1, "cpu", 1, 32, 0),
    messages.StateChanged(1, "playing", 5),
    messages.Losses(1, 7, np.array([0.5, 0.25]), 0.1),
    messages.Evaluated(1, 7, "train", {"loss": 0.5}),
    messages.Failed(1, "dense_1", say("{x} broke", x=3), "Traceback"),
    messages.Underway(6, 0.25, 1.5, np.arange(3)),
    messages.Replied(4, None, say("no")),
    messages.Saved(1, 7, "path"),
]


def same(one, other):
    """Compare values that may hold arrays."""
    if isinstance(one, np.ndarray):
        return np.array_equal(one, other)
    if dataclasses.is_dataclass(one) and not isinstance(one, type):
        return type(one) is type(other) and all(
            same(getattr(one, f.name), getattr(other, f.name)) for f in dataclasses.fields(one)
        )
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    return one == other


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_a_message_comes_out_of_the_pipe_as_it_went_in(message):
    stream = io.BytesIO()
    pipe.send(stream, message)
    stream.seek(0)
    assert same(pipe.receive(stream), message)


def test_every_order_and_notice_is_tried_here():
    tried = {type(message) for message in MESSAGES}
    assert set(typing.get_args(messages.Order)) | set(typing.get_args(messages.Notice)) | {Frame} == tried


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_a_message_is_frozen(message):
    fields = dataclasses.fields(message)
    for field in fields[:1]:
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(message, field.name, None)


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_fits_through_the_pipe_unchanged(name):
    stream = io.BytesIO()
    pipe.send(stream, messages.Load(1, preset(name)))
    stream.seek(0)
    assert pipe.receive(stream).experiment == preset(name)


def test_a_pipe_that_ends_in_the_middle_is_an_end():
    stream = io.BytesIO()
    pipe.send(stream, messages.Step(3))
    whole = stream.getvalue()
    for cut in (0, 3, 8, len(whole) - 1):
        with pytest.raises(EOFError):
            pipe.receive(io.BytesIO(whole[:cut]))


def test_messages_follow_each_other():
    stream = io.BytesIO()
    for n in range(3):
        pipe.send(stream, messages.Step(n))
    stream.seek(0)
    assert [pipe.receive(stream).steps for _ in range(3)] == [0, 1, 2]


def test_every_state_has_a_name_to_show():
    assert {"loading", "ready", "playing", "paused", "finished", "failed"} <= set(messages.STATES)
    assert all(messages.STATES.values())
