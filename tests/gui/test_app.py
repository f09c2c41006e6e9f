from __future__ import annotations

import os
import signal
import subprocess
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


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="the offscreen platform has no fonts there")
def test_shot_takes_a_picture_of_the_window(tmp_path: Path) -> None:
    picture = tmp_path / "xor.png"
    assert shoot("xor", "-o", picture, "--steps", "20", "--size", "1000x700", "--theme", "light") == 0
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert shoot("no-such-preset", "-o", picture) == 1


def shoot(*arguments: object) -> int:
    """Run the command as a person does: in a process of its own, apart from the windows of other tests."""
    root = Path(__file__).parents[2]
    command = [sys.executable, "main.py", "shot", *map(str, arguments)]
    return subprocess.run(command, cwd=root, timeout=100, check=False).returncode


@pytest.mark.parametrize("size", ["10x10", "wide", "1500"])
def test_shot_refuses_a_size_that_is_none(size: str, capsys: pytest.CaptureFixture[str]) -> None:
    import argparse

    parser = argparse.ArgumentParser()
    shot.arguments(parser)
    with pytest.raises(SystemExit):
        parser.parse_args(["xor", "-o", "x.png", "--size", size])
