from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from playground.text import set_language
from widgets import app
from widgets.commands import shot
from widgets.settings import Settings
from widgets.window import Window


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Window]:
    """The real window on XOR, with its engine."""
    monkeypatch.setenv("NETWORK_PLAYGROUND_HOME", str(tmp_path))
    settings = Settings()
    settings.set("language", "en")
    made = app.open_window("xor", settings)
    qtbot.waitUntil(lambda: made.workspace.panels.ready and made.session.state == "ready", timeout=60_000)
    yield made
    made._closing = True
    made.close()
    made.deleteLater()
    qtbot.wait(1)


def test_it_learns_before_ones_eyes_and_closes_at_once(window: Window, qtbot: QtBot) -> None:
    curves = window.workspace.panels.docks["boundary"].panel
    drawn: list[object] = []
    draw = curves.draw
    curves.draw = lambda answer: (drawn.append(answer), draw(answer))  # type: ignore[method-assign]
    qtbot.mouseClick(window.run_bar.buttons["play"], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.session.step > 50 and len(drawn) > 1, timeout=30_000)
    qtbot.waitUntil(lambda: window.run_bar.result.text().startswith("val "), timeout=10_000)
    window._closing = True
    begun = time.monotonic()
    window.close()
    assert time.monotonic() - begun < 3


def test_killing_the_engine_leaves_the_window_and_the_document(window: Window, qtbot: QtBot) -> None:
    before = window.document.now
    window.session.set_pace(30)
    window.actions_by_key["play"].trigger()
    qtbot.waitUntil(lambda: window.session.step > 3, timeout=30_000)
    os.kill(window.session.engine_pid, getattr(signal, "SIGKILL", signal.SIGTERM))
    qtbot.waitUntil(window.banner.isVisible, timeout=10_000)
    assert window.document.now is before
    qtbot.waitUntil(lambda: window.session.state == "ready", timeout=60_000)


def test_a_name_that_is_no_file_shows_the_start_page_and_says_so(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NETWORK_PLAYGROUND_HOME", str(tmp_path))
    window = app.open_window("no-such-preset", Settings())
    try:
        assert window.start is not None
        assert "no-such-preset" in window.banner.text.text()
    finally:
        window.close()
        set_language("en")


@pytest.mark.skipif(sys.platform == "win32", reason="the offscreen platform has no fonts there")
def test_shot_takes_a_picture_of_the_window(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import argparse

    monkeypatch.setenv("QT_SCALE_FACTOR", "1")
    parser = argparse.ArgumentParser()
    shot.arguments(parser)
    picture = tmp_path / "xor.png"
    options = parser.parse_args(["xor", "-o", str(picture), "--steps", "20", "--size", "1000x700", "--theme", "light"])
    assert shot.run(options) == 0
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert shot.run(parser.parse_args(["no-such-preset", "-o", str(picture)])) == 1


@pytest.mark.parametrize("size", ["10x10", "wide", "1500"])
def test_shot_refuses_a_size_that_is_none(size: str, capsys: pytest.CaptureFixture[str]) -> None:
    import argparse

    parser = argparse.ArgumentParser()
    shot.arguments(parser)
    with pytest.raises(SystemExit):
        parser.parse_args(["xor", "-o", "x.png", "--size", size])
