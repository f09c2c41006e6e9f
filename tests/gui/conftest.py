"""What the tests of windows share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from playground.document import Document
from playground.experiment import Experiment, View
from playground.facts import DataFacts
from playground.graph import Graph
from playground.presets import open_named
from tests.gui.window_fakes import FakeSession
from widgets import app, qt_words, theme
from widgets.canvas import Canvas
from widgets.settings import Settings
from widgets.window import Window


@pytest.fixture(autouse=True)
def widgets_live_as_long_as_their_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hold what a test shows: qtbot knows it weakly, and Python might take it apart while it is being painted."""
    held: dict[int, QWidget] = {}
    add = QtBot.addWidget

    def adding(bot: QtBot, widget: QWidget, **more: Any) -> None:
        key = id(widget)
        held[key] = widget
        widget.destroyed.connect(lambda: held.pop(key, None))  # some delete themselves when they are closed
        add(bot, widget, **more)

    monkeypatch.setattr(QtBot, "addWidget", adding)


@pytest.fixture
def open_canvas(qtbot: QtBot) -> Callable[..., Canvas]:
    """Show canvases of their own, with the keys: of a graph, and whatever its view holds."""

    def made(graph: Graph, facts: DataFacts, size: tuple[int, int] = (1100, 700), **view: object) -> Canvas:
        canvas = Canvas(Document(Experiment(graph=graph, facts=facts, view=View(**view))))  # type: ignore[arg-type]
        canvas.animated = False
        qtbot.addWidget(canvas)
        canvas.resize(*size)
        canvas.show()
        canvas.activateWindow()
        canvas.setFocus()
        qtbot.waitUntil(canvas.hasFocus)
        return canvas

    return made


@pytest.fixture
def open_window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Window]]:
    """Open real windows on a session without an engine: with a preset, or with the start page."""
    monkeypatch.setenv("NETWORK_PLAYGROUND_HOME", str(tmp_path / "home"))
    app.application()
    windows: list[Window] = []

    def made(name: str = "xor", size: tuple[int, int] = (1280, 800), look: str = "dark") -> Window:
        if look:
            theme.APPEARANCE.choose(look)
        document = Document()
        if name:
            document.open(*open_named(name))
        window = Window(document, FakeSession(document), Settings())  # type: ignore[arg-type]
        windows.append(window)
        window.resize(*size)
        window.show_workspace() if name else window.show_start()
        window.show()
        with qtbot.waitActive(window):
            window.activateWindow()
        return window

    yield made
    for window in windows:
        window._closing = True
        window.close()
        window.deleteLater()
    qt_words.translate_qt("en")
    theme.APPEARANCE.choose("system")
    qtbot.wait(1)
