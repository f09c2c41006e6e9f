"""The columns of a table are listed as they were guessed, and corrected where they stand."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from playground.data.planar import Xor
from playground.data.tables import Table
from playground.document import Document
from playground.text import say, set_language
from widgets.inspector import DocumentPage


@pytest.fixture
def page(qtbot: QtBot, tmp_path: Path) -> DocumentPage:
    path = tmp_path / "houses.csv"
    rows = [f"{k * 37 % 101 / 7},{'rgb'[k % 3]},{k * 1.7}" for k in range(40)]
    path.write_text("\n".join(["size,a very long name of a column that does not fit,price", *rows]))
    document = Document()
    shown = DocumentPage(document)
    qtbot.addWidget(shown)
    shown.resize(254, 900)
    document.subscribe(lambda old, new: shown.sync())
    shown.relabel()
    shown.show()
    document.edit(say("Use"), source=Table(path=str(path)))
    return shown


def test_each_column_stands_there_with_what_is_done_with_it(page: DocumentPage) -> None:
    fields = page.columns.fields
    assert [field.currentText() for field in fields.values()] == ["goes in", "goes in", "is predicted"]
    assert fields["size"].accessibleName() == "What is done with size"
    assert page.columns.isVisible()
    set_language("zh")
    page.columns.relabel()
    assert fields["size"].currentText() != "goes in"


def test_choosing_another_role_is_one_step_that_can_be_undone(page: DocumentPage, qtbot: QtBot) -> None:
    before = page.document.now.source
    field = page.columns.fields["size"]
    field.setFocus()
    qtbot.keyClick(field, Qt.Key.Key_End)  # left out
    field.activated.emit(field.currentIndex())
    assert page.document.now.source == before.replace(without="size")
    assert page.columns.fields["size"].currentText() == "left out"
    page.document.undo()
    assert page.document.now.source == before
    assert page.columns.fields["size"].currentText() == "goes in"


def test_other_data_have_no_columns(page: DocumentPage) -> None:
    page.document.edit(say("Use"), source=Xor())
    assert not page.columns.isVisible()


def test_a_file_that_cannot_be_read_shows_none(page: DocumentPage, tmp_path: Path) -> None:
    page.document.edit(say("Use"), source=Table(path=str(tmp_path / "gone.csv")))
    assert not page.columns.isVisible()
