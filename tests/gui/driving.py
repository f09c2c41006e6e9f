"""Drives a real window with a real engine by mouse and keyboard, the way a person would, and waits for what comes."""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QFileDialog, QLineEdit, QWidget
from shiboken6 import isValid

from playground.experiment import Experiment
from playground.graph import Wire
from playground.messages import Frame, Watch
from playground.presets import open_named
from playground.text import Sentence
from widgets import app, qt_words, theme
from widgets.canvas.geometry import WIDTH
from widgets.palette import MIME
from widgets.session import Session
from widgets.settings import Settings
from widgets.window import Window

PATIENCE = 30.0
"""Seconds that anything may take on a machine that is busy with something else."""

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def until(condition: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    """Let the program go on until this holds, and return what it gave."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        if time.monotonic() > end:
            raise AssertionError(f"did not happen within {seconds:.0f} s: {inspect.getsource(condition).strip()}")
        QTest.qWait(10)
    return found


def wait_for(signal: Any, seconds: float = PATIENCE) -> tuple[Any, ...]:
    """Let the program go on until a signal comes, and return what it carries."""
    came: list[tuple[Any, ...]] = []

    def note(*values: Any) -> None:
        came.append(values)

    signal.connect(note)
    try:
        until(lambda: came, seconds)
    finally:
        signal.disconnect(note)
    return came[0]


# -- windows -----------------------------------------------------------------------------------------------------


def open_window(folder: Path, name: str = "") -> Window:
    """Open the program's window as `main.py open` does; what it remembers lies in `folder`."""
    settings = Settings(folder)
    settings.set("language", "en")
    settings.set("theme", "dark")
    window = app.open_window(name, settings)
    window.resize(1500, 940)
    window.activateWindow()
    return window


def close(window: Window) -> None:
    """Close a window without being asked about what is unsaved."""
    window._closing = True
    window.close()
    window.deleteLater()
    theme.APPEARANCE.choose("system")
    qt_words.translate_qt("en")
    QTest.qWait(1)


@contextmanager
def opened(folder: Path, name: str = "") -> Iterator[Window]:
    """Have a window of one's own for as long as the block lasts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NETWORK_PLAYGROUND_HOME", str(folder))
        window = open_window(folder, name)
        try:
            yield window
            said = window.session._client.last_words()
        finally:
            close(window)
        assert "Traceback" not in said, said


def ready(window: Window) -> Window:
    """Wait until the run can begin and every panel of the document is there."""
    until(lambda: window.workspace is not None and window.workspace.panels.ready)
    until(lambda: window.session.state not in ("loading", "playing"))
    return window


def fresh(window: Window, name: str | Path) -> Window:
    """Open a preset or file in place of whatever was open, at the fastest pace and with nothing said or selected."""
    window.document.saved(Path("nowhere"))  # so that nothing is asked
    window.session.set_pace(None)
    window.filing.open_path(name)
    window.banner.dismiss()
    activate(window)  # another window of an earlier test may have had the keys
    return ready(window)


def activate(window: QWidget) -> None:
    """Give a window the keys: without a window manager nobody does after a drag or a dialog."""
    window.activateWindow()
    until(window.isActiveWindow)


def show(window: Window, experiment: Experiment) -> Window:
    """Open an experiment that lies in no file."""
    window.document.saved(Path("nowhere"))
    window.filing._become(experiment, None)
    window.banner.dismiss()
    until(lambda: window.workspace is not None and window.workspace.panels.ready)
    return window


def play_until(window: Window, step: int) -> None:
    """Press F5 and let it train up to a step at least.

    Unless a pace is set it goes unhurried, so that a small run is not over while a test still looks at it.
    """
    if window.session.pace is None:
        window.session.set_pace(max(150, step / 3))
    key(window, Qt.Key.Key_F5)
    until(lambda: window.session.step >= step)


def pause(window: Window) -> None:
    """Press F5 while it plays."""
    if window.session.state == "playing":
        key(window, Qt.Key.Key_F5)
        until(lambda: window.session.state != "playing")


# -- mouse and keys ----------------------------------------------------------------------------------------------


def key(widget: QWidget, code: Qt.Key, modifiers: Qt.KeyboardModifier = NONE) -> None:
    """Press and release a key where the focus of this widget is."""
    QTest.keyClick(widget.focusWidget() or widget, code, modifiers)


def click(target: QWidget) -> None:
    """Click into the middle of a widget that can be seen."""
    assert target.isVisible(), target.objectName()
    QTest.mouseClick(target, LEFT, pos=target.rect().center())


def button(window: QWidget, name: str) -> QAbstractButton:
    """Find a button by its object name."""
    found: QAbstractButton = window.findChild(QAbstractButton, name)
    assert found is not None, name
    return found


def type_into(field: QWidget, text: str) -> None:
    """Click a field, replace what is in it, and press Enter."""
    line = field if isinstance(field, QLineEdit) else field.lineEdit()  # type: ignore[attr-defined]
    QTest.mouseClick(line, LEFT, pos=line.rect().center())
    QTest.keyClick(field, Qt.Key.Key_A, CONTROL)
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)


def choose_file(window: Window, path: Path) -> None:
    """Put a path into the file dialog that has just opened, and press Enter."""
    dialog = until(lambda: next((d for d in window.findChildren(QFileDialog) if d.isVisible()), None))
    name = dialog.findChild(QLineEdit, "fileNameEdit")
    name.setText(str(path))  # typed letter by letter, a list of suggestions would pop up and take the Enter
    QTest.keyClick(name, Qt.Key.Key_Return)
    until(lambda: not isValid(dialog) or not dialog.isVisible())
    window.activateWindow()  # no window manager does it
    until(window.isActiveWindow)


# -- the canvas --------------------------------------------------------------------------------------------------


def on_card(canvas: Any, id: str) -> QPoint:
    """Return where to click a node."""
    card = canvas.stage.cards[id]
    return canvas.view_point(QPointF(card.x() + WIDTH / 2, card.y() + 20)).toPoint()


def on_port(canvas: Any, id: str, port: str, outgoing: bool) -> QPoint:
    """Return where a port is."""
    spot = canvas.stage.spot(id, port, outgoing)
    return canvas.view_point(QPointF(spot.x, spot.y)).toPoint()


def on_wire(canvas: Any, wire: Wire) -> QPoint:
    """Return the middle of a wire."""
    return canvas.view_point(QPointF(*canvas.stage.lines[wire].route.middle)).toPoint()


def click_card(window: Window, id: str) -> None:
    """Click a node on the canvas."""
    assert window.workspace is not None
    canvas = window.workspace.canvas
    QTest.mouseClick(canvas.viewport(), LEFT, pos=on_card(canvas, id))
    assert canvas.selected_ids == (id,)


def drop_block(canvas: Any, block: str, at: QPoint) -> None:
    """Let a block from the palette fall onto the canvas: what Qt sends at the end of a drag."""
    data, view = QMimeData(), canvas.viewport()
    data.setData(MIME, block.encode())
    for event in (
        QDragEnterEvent(at + QPoint(0, 90), Qt.DropAction.CopyAction, data, LEFT, NONE),
        QDragMoveEvent(at + QPoint(0, 40), Qt.DropAction.CopyAction, data, LEFT, NONE),
        QDragMoveEvent(at, Qt.DropAction.CopyAction, data, LEFT, NONE),
        QDropEvent(QPointF(at), Qt.DropAction.CopyAction, data, LEFT, NONE),
    ):
        QApplication.sendEvent(view, event)


# -- what was said and measured ------------------------------------------------------------------------------------


@contextmanager
def frames_of(session: Session) -> Iterator[list[Frame]]:
    """Collect the frames that arrive."""
    seen: list[Frame] = []
    session.frameArrived.connect(seen.append)
    try:
        yield seen
    finally:
        session.frameArrived.disconnect(seen.append)


@contextmanager
def watched_by(session: Session) -> Iterator[list[set[str]]]:
    """Collect what the engine is told to watch: the names of each order."""
    orders: list[set[str]] = [set(session._watched)]
    client = session._client
    post = client.post

    def noting(order: Any) -> None:
        if isinstance(order, Watch):
            orders.append(set(order.requests))
        post(order)

    client.post = noting  # type: ignore[method-assign]
    try:
        yield orders
    finally:
        del client.post  # type: ignore[method-assign]


@contextmanager
def told_by(session: Session) -> Iterator[list[str]]:
    """Collect the sentences of the messages panel."""
    said: list[str] = []

    def note(sentence: Sentence) -> None:
        said.append(str(sentence))

    session.told.connect(note)
    try:
        yield said
    finally:
        session.told.disconnect(note)


def banner(window: Window) -> str:
    """Return what stands across the top of the window, or of the canvas."""
    for one in (window.banner, window.workspace.banner if window.workspace else None):
        if one is not None and one.isVisible():
            return str(one.text.text())
    return ""


def losses(session: Session) -> list[float]:
    """Return the losses of the run so far; none may be missing."""
    curve = session.history.loss
    assert np.array_equal(curve.steps, np.arange(1, curve.size + 1)), "a step is missing or out of order"
    return [float(value) for value in curve.values]


def bare(experiment: Experiment | str, steps: int) -> list[float]:
    """Return the losses of the Trainer alone, without window, engine or Lab."""
    from playground.training import Trainer

    made = open_named(experiment)[0] if isinstance(experiment, str) else experiment
    return [step.loss for step in Trainer(made, device="cpu").steps(steps)]


def engines() -> set[int]:
    """Return the engine processes that belong to this one."""
    found = set()
    for child in psutil.Process().children(recursive=True):
        try:
            if "playground.engine" in child.cmdline() and child.status() != psutil.STATUS_ZOMBIE:
                found.add(child.pid)
        except psutil.NoSuchProcess:
            continue
    return found
