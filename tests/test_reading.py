"""On a terminal, a command says how far reading the data has got, if that takes long; else nothing."""

from __future__ import annotations

import sys

import pytest

from playground.commands import _reading
from playground.progress import progress


def terminal(monkeypatch: pytest.MonkeyPatch, silent: float = 0.0) -> None:
    """Let stderr, as the test has it, be a terminal."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setattr(_reading, "EVERY", 0.0)
    monkeypatch.setattr(_reading, "SILENT", silent)


def written(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().err


def test_it_is_shown_on_one_line_that_never_goes_back_and_is_taken_away(monkeypatch, capsys) -> None:
    terminal(monkeypatch)
    with _reading.shown(quiet=False):
        for share in (0.1, 0.5, 0.2, 0.9):
            progress(share)
    assert written(capsys) == "".join(f"\rReading the data… {n} % " for n in (10, 50, 50, 90)) + "\r\033[K"


def test_what_is_read_at_once_is_not_mentioned(monkeypatch, capsys) -> None:
    terminal(monkeypatch, silent=5.0)
    with _reading.shown(quiet=False):
        progress(0.5)
    assert written(capsys) == ""


@pytest.mark.parametrize("quiet", [True, False])
def test_nothing_is_written_into_a_file_or_beside_json(quiet, capsys, monkeypatch) -> None:
    monkeypatch.setattr(_reading, "SILENT", 0.0)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: quiet)
    with _reading.shown(quiet=quiet):
        progress(0.5)
    assert written(capsys) == ""


def test_the_line_is_taken_away_when_reading_fails(monkeypatch, capsys) -> None:
    terminal(monkeypatch)
    with pytest.raises(ValueError), _reading.shown(quiet=False):
        progress(0.5)
        raise ValueError
    assert written(capsys).endswith("\r\033[K")
