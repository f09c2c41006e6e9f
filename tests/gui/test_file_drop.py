"""Files dropped onto the window: opened wherever they fall, and nothing is lost for it."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox, QWidget

from playground.data.idx import IdxFolder
from playground.data.tables import Table
from playground.experiment import Words
from playground.files import read, write
from playground.messages import FactsFound
from playground.preparation import prepare
from playground.presets import built_in_folder, open_named
from playground.text import say
from tests.data.idx_files import images, write_set
from tests.gui.driving import choose_file
from widgets.file_drop import FileDrop
from widgets.filing import is_document
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


def test_what_is_not_there_is_not_taken(open_window: Open, tmp_path: Path) -> None:
    window = open_window()
    view = window.workspace.canvas.viewport()
    assert not drop(view, QPoint(20, 20), carrying(tmp_path / "gone.json"))
    assert not cover(window).isVisible()


@pytest.mark.parametrize("name", ["notes.bin", "picture.png", "folder.json", "archive.zip"])
def test_what_cannot_be_read_leaves_what_is_open_and_says_what_it_is(
    open_window: Open, qtbot, tmp_path: Path, name: str
) -> None:
    window = open_window()
    before = window.document.now
    path = tmp_path / name
    if name == "folder.json":
        path.mkdir()
    elif name == "archive.zip":
        zipfile.ZipFile(path, "w").close()
    else:
        path.write_bytes({"picture.png": b"\x89PNG\r\n\x1a\n"}.get(name, bytes(99)))
    assert drop(window.windowHandle(), QPoint(600, 300), carrying(path))
    qtbot.waitUntil(window.banner.isVisible)
    assert name in window.banner.text.text() and not window.banner.is_news
    assert window.document.now is before and not window.document.dirty


def test_a_data_folder_becomes_the_data_in_one_step(open_window: Open, qtbot, tmp_path: Path) -> None:
    window = open_window("lenet")
    document, old = window.document, window.document.now.source
    write_set(tmp_path / "my digits", n=40)
    write_set(tmp_path / "my digits", role="t10k", n=5)
    for role, n in (("train", 40), ("t10k", 5)):
        (tmp_path / "my digits" / f"{role}-images-idx3-ubyte").write_bytes(images(n, 28, 28))
    assert enter(window.windowHandle(), QPoint(600, 300), carrying(tmp_path / "my digits"))
    assert cover(window).accessibleName() == "Train on my digits"
    drop(window.windowHandle(), QPoint(600, 300), carrying(tmp_path / "my digits"))
    qtbot.waitUntil(lambda: document.now.source is not old)
    assert document.now.source == IdxFolder(path=str(tmp_path / "my digits"))
    assert str(document.undo_name) == "Use my digits" and document.path is None
    assert window.filing.question is None, "nothing is lost, so nothing is asked"

    facts = prepare(document.now.source.read(), document.now.preparation, 1).facts  # as the engine does
    document.note(facts=facts)
    window.session.found.emit(FactsFound(1, facts))
    said = "my digits: 45 grey images of 28 × 28, 3 classes; 32 to train, 8 to validate, 5 to test"
    assert window.banner.text.text() == said and window.banner.is_news
    last = document.now.graph.incoming["output_1"][0].source
    assert document.report.at(last).leaving("out").sizes == (3,), "as many as there are classes"

    window.banner.dismiss()
    window.session.found.emit(FactsFound(1, facts))  # another engine
    assert not window.banner.isVisible()
    document.undo()
    assert document.now.source == old and document.undo_name is None


def test_what_is_wrong_with_the_files_is_said_with_what_was_found(open_window: Open, qtbot, tmp_path: Path) -> None:
    window = open_window("lenet")
    write_set(tmp_path, n=40)
    drop(window.windowHandle(), QPoint(600, 300), carrying(tmp_path))
    qtbot.waitUntil(lambda: isinstance(window.document.now.source, IdxFolder))
    facts = window.document.now.source.read().facts
    window.session.found.emit(FactsFound(1, facts, (), (say("a file was left out"),)))
    assert window.banner.text.text().endswith("40 to train. a file was left out") and not window.banner.is_news


def test_the_same_data_again_change_nothing_and_are_said_again(open_window: Open, qtbot, tmp_path: Path) -> None:
    window = open_window("lenet")
    write_set(tmp_path, n=40)
    source = IdxFolder(path=str(tmp_path))
    window.document.edit(say("Use"), source=source, facts=source.read().facts)
    drop(window.windowHandle(), QPoint(600, 300), carrying(tmp_path))
    qtbot.waitUntil(window.banner.isVisible)
    assert "40 grey images" in window.banner.text.text() and str(window.document.undo_name) == "Use"


def test_data_dropped_on_the_start_page_lead_to_the_canvas(open_window: Open, qtbot, tmp_path: Path) -> None:
    window = open_window("")
    write_set(tmp_path)
    assert drop(window.windowHandle(), QPoint(600, 400), carrying(tmp_path))
    qtbot.waitUntil(lambda: window.workspace is not None)
    assert isinstance(window.document.now.source, IdxFolder)
    assert window.pages.currentWidget() is window.workspace


def test_files_that_have_changed_since_the_document_was_saved_are_noticed_once(
    open_window: Open, tmp_path: Path
) -> None:
    write_set(tmp_path / "data")
    source = IdxFolder(path=str(tmp_path / "data"))
    write(replace(open_named("lenet")[0], source=source, facts=source.read().facts), tmp_path / "net.json")
    write_set(tmp_path / "data", n=9)
    window = open_window("")
    window.filing.open_path(tmp_path / "net.json")
    now = FactsFound(1, source.read().facts)
    window.session.found.emit(now)
    assert "have changed since this document was saved" in window.banner.text.text()
    window.banner.dismiss()
    window.session.found.emit(now)
    assert not window.banner.isVisible()


def test_json_that_is_no_document_is_tried_as_data(open_window: Open, qtbot, tmp_path: Path) -> None:
    assert is_document(built_in_folder() / "lenet.json")
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    assert is_document(broken), "it cannot be anything else, and opening it says what is wrong"
    archive = tmp_path / "archive.zip"
    zipfile.ZipFile(archive, "w").close()
    assert not is_document(archive) and not is_document(tmp_path)


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


def table(path: Path, rows: int = 30) -> Path:
    lines = [f"{k},{k * k % 7},{'ab'[k % 2]}" for k in range(rows)]
    path.write_text("\n".join(["height,width,label", *lines]))
    return path


def test_several_files_become_one_set(open_window: Open, qtbot, tmp_path: Path) -> None:
    window = open_window()
    one, other, tested = (table(tmp_path / name) for name in ("one.csv", "other.csv", "other-test.csv"))
    assert enter(window.windowHandle(), QPoint(600, 300), carrying(one, other, tested))
    assert cover(window).accessibleName() == "Train on one.csv and 2 more files"
    drop(window.windowHandle(), QPoint(600, 300), carrying(one, other, tested))
    qtbot.waitUntil(lambda: getattr(window.document.now.source, "path", "") == str(one))
    assert window.document.now.source.read().facts.counts == {"train": 60, "test": 30}


def saved_with_data(tmp_path: Path) -> Path:
    """A document whose table lies in a folder beside it."""
    (tmp_path / "data").mkdir()
    source = Table(path=str(table(tmp_path / "data" / "numbers.csv")))
    write(replace(open_named("xor")[0], source=source, facts=source.read().facts), tmp_path / "net.json")
    return tmp_path / "net.json"


def test_a_moved_file_is_asked_for_once(open_window: Open, tmp_path: Path) -> None:
    document = saved_with_data(tmp_path)
    (tmp_path / "elsewhere").mkdir()
    new = (tmp_path / "data" / "numbers.csv").rename(tmp_path / "elsewhere" / "renamed.csv")
    window = open_window("")
    window.filing.open_path(document)
    assert "numbers.csv any more; say where they are" in window.banner.text.text()
    QTest.mouseClick(window.banner.button, LEFT)
    choose_file(window, new)
    assert window.document.now.source.path == str(new)
    window.session.found.emit(FactsFound(1, window.document.now.source.read().facts))
    assert not window.banner.isVisible(), "they are the same"
    window.filing.save()
    assert read(document).source.path == str(new)

    saved = document.read_text().replace("renamed.csv", "numbers.csv").replace("elsewhere", "data")
    (tmp_path / "another.json").write_text(saved)
    window.filing.open_path(tmp_path / "another.json")
    assert window.document.now.source.path == str(new), "it has been told where they are"
    assert not window.banner.isVisible()


def test_other_files_in_place_of_moved_ones_are_noticed(open_window: Open, tmp_path: Path) -> None:
    document = saved_with_data(tmp_path)
    (tmp_path / "data" / "numbers.csv").unlink()
    window = open_window("")
    window.filing.open_path(document)
    QTest.mouseClick(window.banner.button, LEFT)
    choose_file(window, table(tmp_path / "other.csv", rows=50))
    window.session.found.emit(FactsFound(1, window.document.now.source.read().facts))
    assert "have changed since this document was saved" in window.banner.text.text()


def test_files_that_moved_beside_the_document_are_found(open_window: Open, tmp_path: Path) -> None:
    document = saved_with_data(tmp_path)
    (tmp_path / "data" / "numbers.csv").rename(tmp_path / "numbers.csv")
    window = open_window("")
    window.filing.open_path(document)
    assert window.document.now.source.path == str(tmp_path / "numbers.csv")
    assert not window.banner.isVisible()


def test_files_and_folders_are_chosen_in_the_inspector(open_window: Open, qtbot, tmp_path: Path) -> None:
    window = open_window()
    page = window.workspace.inspector.document_page
    QTest.mouseClick(page.files, LEFT)
    choose_file(window, table(tmp_path / "mine.csv"))
    assert isinstance(window.document.now.source, Table) and window.document.now.preparation.standardise
    write_set(tmp_path / "digits", n=40)
    QTest.mouseClick(page.folder, LEFT)
    choose_file(window, tmp_path / "digits")
    qtbot.waitUntil(lambda: isinstance(window.document.now.source, IdxFolder))
