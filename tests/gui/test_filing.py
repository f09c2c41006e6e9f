"""Opening, beginning anew and saving from the window: nothing unsaved is lost, and recent files come back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLineEdit, QMessageBox

from playground.experiment import Words
from playground.files import read, write
from playground.presets import open_named
from playground.text import say
from tests.gui.driving import choose_file
from widgets.settings import Settings
from widgets.window import Window

Open = Callable[..., Window]
CONTROL = Qt.KeyboardModifier.ControlModifier
BUTTONS = QMessageBox.StandardButton


def change(window: Window) -> None:
    window.document.edit(say("Change the title"), title=Words("Mine"))


def answer(window: Window, button: QMessageBox.StandardButton) -> None:
    box = window.filing.question
    assert box is not None and box.isVisible()
    QTest.mouseClick(box.button(button), Qt.MouseButton.LeftButton)


def new(window: Window, _path: Path) -> None:
    QTest.keyClick(window, Qt.Key.Key_N, CONTROL)


def open_dialog(window: Window, path: Path) -> None:
    QTest.keyClick(window, Qt.Key.Key_O, CONTROL)
    choose_file(window, path)


def recent(window: Window, path: Path) -> None:
    menu = window.actions_by_key.fillable["recent"]
    menu.aboutToShow.emit()
    next(action for action in menu.actions() if action.text() == path.name).trigger()


def preset(window: Window, _path: Path) -> None:
    menu = window.actions_by_key.fillable["presets"]
    menu.aboutToShow.emit()
    next(action for action in menu.actions() if action.data() == "lenet").trigger()


@pytest.mark.parametrize("way", [new, open_dialog, recent, preset])
def test_every_way_to_another_document_asks_about_unsaved_changes(open_window: Open, tmp_path: Path, way) -> None:
    path = tmp_path / "other.json"
    write(open_named("lenet")[0], path)
    Settings().remember(path)
    window = open_window("xor")
    change(window)
    way(window, path)
    answer(window, BUTTONS.Cancel)
    assert str(window.document.now.title) == "Mine" and window.document.dirty
    way(window, path)
    answer(window, BUTTONS.Discard)
    assert not window.document.dirty and "dense_4" not in window.document.now.graph
    assert ("conv_1" in window.document.now.graph) == (way is not new)


def test_saving_first_goes_on_with_what_was_asked_for(open_window: Open, tmp_path: Path) -> None:
    window = open_window("xor")
    path = tmp_path / "mine.json"
    window.filing.save_to(path)
    change(window)
    new(window, path)
    answer(window, BUTTONS.Save)
    assert str(read(path).title) == "Mine"
    assert not window.document.now.graph.nodes and window.document.path is None


def test_saving_what_has_no_file_yet_asks_where_and_then_closes(open_window: Open, qtbot, tmp_path: Path) -> None:
    window = open_window("xor")
    change(window)
    window.close()
    answer(window, BUTTONS.Save)
    dialog = window.findChild(QFileDialog)
    name = dialog.findChild(QLineEdit, "fileNameEdit")
    name.setText(str(tmp_path / "mine.json"))
    QTest.keyClick(name, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not window.isVisible())
    assert str(read(tmp_path / "mine.json").title) == "Mine"


def test_recent_files_come_newest_first_and_only_while_they_are_there(open_window: Open, tmp_path: Path) -> None:
    window = open_window("xor")
    for name in ("one.json", "two.json"):
        window.filing.save_to(tmp_path / name)
    menu = window.actions_by_key.fillable["recent"]
    menu.aboutToShow.emit()
    assert [action.text() for action in menu.actions()] == ["two.json", "one.json"]
    assert menu.actions()[0].toolTip() == str(tmp_path / "two.json")
    (tmp_path / "two.json").unlink()
    menu.aboutToShow.emit()
    assert [action.text() for action in menu.actions()] == ["one.json"]
    (tmp_path / "one.json").unlink()
    menu.aboutToShow.emit()
    assert [action.isEnabled() for action in menu.actions()] == [False]
