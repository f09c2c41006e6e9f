"""Files dropped onto the window: opened wherever they fall, and nothing is lost for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox, QWidget

from playground.experiment import Words
from playground.files import write
from playground.presets import open_named
from playground.text import say
from widgets.file_drop import FileDrop
from widgets.palette import MIME
from widgets.settings import Settings
from widgets.window import Window

Open = Callable[..., Window]
COPY, LEFT, NONE = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "A long name of a network.json"
    write(open_named("lenet")[0], path)
    return path


def carrying(*paths: Path) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    data.setText("\n".join(map(str, paths)))  # as file managers do, which a field would take
    return data


def enter(target: object, at: QPoint, data: QMimeData) -> bool:
    event = QDragEnterEvent(at, COPY, data, LEFT, NONE)
    QApplication.sendEvent(target, event)
    return event.isAccepted()


def drop(target: object, at: QPoint, data: QMimeData) -> bool:
    """Let it fall: what Qt sends in the course of a drag."""
    if not enter(target, at, data):
        return False
    QApplication.sendEvent(target, QDragMoveEvent(at, COPY, data, LEFT, NONE))
    event = QDropEvent(QPointF(at), COPY, data, LEFT, NONE)
    QApplication.sendEvent(target, event)
    return event.isAccepted()


def cover(window: Window) -> FileDrop:
    return window.findChild(FileDrop)


def middle(widget: QWidget, window: Window) -> QPoint:
    return widget.mapTo(window, widget.rect().center())


@pytest.mark.parametrize("where", ["canvas", "search", "run_bar", "panels"])
def test_a_file_dropped_anywhere_is_opened(open_window: Open, qtbot, file: Path, where: str) -> None:
    window = open_window()
    workspace = window.workspace
    places = {
        "canvas": workspace.canvas,
        "search": workspace.palette_widget.search,
        "run_bar": window.run_bar,
        "panels": workspace.problems,
    }
    # As the system sends it: to the window as a whole, with a place in it.
    assert drop(window.windowHandle(), middle(places[where], window), carrying(file))
    qtbot.waitUntil(lambda: window.document.path == file)
    assert workspace.palette_widget.search.text() == "", "the path is no text for a field"
    assert Settings().recent() == [file]
    assert not cover(window).isVisible()


def test_the_canvas_lets_files_pass_to_the_window(open_window: Open, qtbot, file: Path) -> None:
    window = open_window()
    view = window.workspace.canvas.viewport()
    assert drop(view, view.rect().center(), carrying(file))
    qtbot.waitUntil(lambda: window.document.path == file)


def test_a_file_opens_on_the_start_page_too(open_window: Open, qtbot, file: Path) -> None:
    window = open_window("")
    assert drop(window.windowHandle(), QPoint(600, 400), carrying(file))
    qtbot.waitUntil(lambda: window.workspace is not None and window.document.path == file)


def test_while_it_is_dragged_the_window_says_what_will_be_opened(open_window: Open, file: Path) -> None:
    window = open_window()
    before = window.grab().toImage()
    assert enter(window.windowHandle(), QPoint(600, 300), carrying(file))
    shown = cover(window)
    assert shown.isVisible() and shown.size() == window.size()
    assert shown.accessibleName() == f"Open {file.name}"
    assert window.grab().toImage() != before
    QApplication.sendEvent(window.windowHandle(), QDragLeaveEvent())
    assert not shown.isVisible() and window.document.path is None


@pytest.mark.parametrize("name", ["notes.txt", "picture.png", "gone.json", "folder.json"])
def test_what_cannot_be_opened_is_not_taken(open_window: Open, tmp_path: Path, name: str) -> None:
    window = open_window()
    path = tmp_path / name
    if name == "folder.json":
        path.mkdir()
    elif name != "gone.json":
        path.write_text("x")
    view = window.workspace.canvas.viewport()
    assert not drop(view, QPoint(20, 20), carrying(path))
    assert not cover(window).isVisible()


def test_a_broken_file_leaves_what_is_open_and_says_so(open_window: Open, qtbot, tmp_path: Path) -> None:
    window = open_window()
    before = window.document.now
    bad = tmp_path / "bad.json"
    bad.write_text("{", encoding="utf-8")
    drop(window.windowHandle(), QPoint(600, 300), carrying(bad))
    qtbot.waitUntil(window.banner.isVisible)
    assert "bad.json" in window.banner.text.text() and window.document.now is before


def test_unsaved_changes_are_asked_about_first(open_window: Open, qtbot, file: Path) -> None:
    window = open_window()
    window.document.edit(say("Change the title"), title=Words("Mine"))
    drop(window.windowHandle(), QPoint(600, 300), carrying(file))
    qtbot.waitUntil(lambda: window.filing.question is not None)
    box = window.filing.question
    assert not enter(window, QPoint(600, 300), carrying(file)), "one question at a time"
    QTest.mouseClick(box.button(QMessageBox.StandardButton.Cancel), LEFT)
    assert str(window.document.now.title) == "Mine"
    drop(window.windowHandle(), QPoint(600, 300), carrying(file))
    qtbot.waitUntil(lambda: window.filing.question is not None)
    QTest.mouseClick(window.filing.question.button(QMessageBox.StandardButton.Discard), LEFT)
    assert window.document.path == file


def test_blocks_still_fall_onto_the_canvas(open_window: Open) -> None:
    window = open_window()
    data = QMimeData()
    data.setData(MIME, b"Dropout")
    at = middle(window.workspace.canvas, window)
    assert drop(window.windowHandle(), at, data)
    assert "dropout_1" in window.document.now.graph and not cover(window).isVisible()
