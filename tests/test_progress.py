"""What takes long says how far it is to whoever listens, and to nobody else."""

from __future__ import annotations

import pytest

from playground.progress import heard_by, part, progress


def test_without_a_listener_nothing_happens() -> None:
    progress(0.5)


def test_the_listener_hears_shares_between_0_and_1() -> None:
    heard: list[float] = []
    with heard_by(heard.append):
        for share in (-1.0, 0.25, 2.0):
            progress(share)
    progress(0.9)
    assert heard == [0.0, 0.25, 1.0]


def test_a_part_is_a_part_of_the_whole() -> None:
    heard: list[float] = []
    with part(0.2, 0.4):
        progress(0.5)
    with heard_by(heard.append), part(0.5, 1.0), part(0.0, 0.5):
        progress(0.5)
    assert heard == [0.625]


def test_a_listener_can_break_it_off() -> None:
    def enough(share: float) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError), heard_by(enough):
        progress(0.1)
    progress(0.2)
