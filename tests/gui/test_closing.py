"""What is closed is gone: no widget of it is left, and nothing holds what it was made of."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from functools import partial

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from playground.document import Document
from playground.experiment import Experiment
from playground.presets import open_named
from tests.examples import preset
from tests.gui.driving import until
from tests.gui.window_fakes import FakeSession
from widgets.canvas import Canvas
from widgets.settings import Settings
from widgets.window import Window


def test_a_closed_window_leaves_no_widget_behind_and_is_collected(
    open_window: Callable[..., Window], qtbot: QtBot
) -> None:
    """Else every theme and every language would be put on all the windows that there ever were."""
    first = open_window().workspace  # what the program makes once and keeps is there from now on
    assert first is not None
    until(partial(getattr, first.panels, "ready"))
    gc.collect()
    before = set(QApplication.topLevelWidgets())
    document = Document()
    document.open(*open_named("lenet"))
    window = Window(document, FakeSession(document), Settings())  # type: ignore[arg-type]
    window.show_start()
    workspace = window.show_workspace()
    window.show()
    until(partial(getattr, workspace.panels, "ready"))
    for key in ("problems", "analysis", "data", "commands", "keys"):
        window.actions_by_key[key].trigger()
    workspace.canvas.select(["conv_1"])
    workspace.canvas.open_search_here()
    held = [weakref.ref(one) for one in (window, document, workspace.canvas, workspace.canvas.stage)]
    window._closing = True
    window.close()
    window.deleteLater()
    del window, workspace, document
    QTest.qWait(1)
    left = set(QApplication.topLevelWidgets()) - before
    assert left == set()
    gc.collect()
    assert [one() for one in held] == [None] * 4


def test_panels_that_float_are_hidden_with_the_window(open_window: Callable[..., Window]) -> None:
    """Else they would be taken apart after it, when nothing that they tell is there any more, and bring it all down."""
    window = open_window()
    workspace = window.workspace
    assert workspace is not None
    until(partial(getattr, workspace.panels, "ready"))
    dock = workspace.panels.docks["loss"]
    dock.setFloating(True)
    until(dock.isVisible)
    window._closing = True
    window.close()
    assert dock.isHidden()
    assert "loss" in window.document.now.view.panels, "it will be there again"


def test_a_canvas_that_is_gone_is_told_nothing_any_more(qtbot: QtBot) -> None:
    document = Document(preset("xor"))
    canvas = Canvas(document)
    canvas.show()
    held = weakref.ref(canvas)
    canvas.deleteLater()
    del canvas
    QTest.qWait(1)
    document.open(Experiment())  # a canvas that still listened would draw on what is not there any more
    gc.collect()
    assert held() is None
