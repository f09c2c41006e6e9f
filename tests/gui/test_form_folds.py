"""Settings that are seldom touched are folded away below a heading that says what is not as usual there."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from playground.document import Document
from playground.experiment import CHANCE, CLIPPING, REGULARISATION, SCHEDULE
from playground.text import set_language
from tests.gui.inspecting import LEFT, choose, inspect, opened, settle, type_into
from widgets.forms import Form
from widgets.inspector import Inspector


@pytest.fixture
def document() -> Document:
    return opened("digits-mlp")


@pytest.fixture
def shown(document: Document, qtbot: QtBot) -> Inspector:
    made = inspect(document, qtbot)
    made.resize(262, 2000)
    settle()
    return made


def form_of(shown: Inspector) -> Form:
    return shown.document_page.form


def test_at_first_only_what_everybody_sets_is_shown(shown: Inspector) -> None:
    form = form_of(shown)
    assert form.members["optimiser"].isVisible()
    assert {name for name, row in form.rows.items() if row.isVisible()} == {"batch_size", "epochs"}
    assert [fold.open for fold in form.folds.values()] == [False] * 7


def test_a_heading_opens_by_the_mouse_and_by_the_space_bar(shown: Inspector, qtbot: QtBot) -> None:
    form = form_of(shown)
    heading = form.folds[REGULARISATION].heading
    qtbot.mouseClick(heading, LEFT)
    settle()
    assert form.rows["l2"].isVisible() and form.rows["patience"].isVisible() and not form.rows["clip_norm"].isVisible()
    heading.setFocus()
    qtbot.keyClick(heading, Qt.Key.Key_Space)
    assert not form.rows["l2"].isVisible()


def test_what_is_folded_away_is_set_as_ever_and_told_by_its_heading(
    shown: Inspector, document: Document, qtbot: QtBot
) -> None:
    form = form_of(shown)
    fold = form.folds[REGULARISATION]
    assert fold.summary.text() == ""
    qtbot.mouseClick(fold.heading, LEFT)
    settle()
    type_into(qtbot, form.rows["l2"].field, "0.05")
    assert document.now.training.l2 == 0.05
    assert fold.summary.text() == "", "it can be seen"
    qtbot.mouseClick(fold.heading, LEFT)
    assert fold.summary.toolTip() == "L2 0.05" == fold.summary.text()
    document.undo()
    assert fold.summary.toolTip() == ""


def test_a_heading_names_a_chosen_schedule(shown: Inspector, document: Document, qtbot: QtBot) -> None:
    form = form_of(shown)
    fold = form.folds[SCHEDULE]
    choose(form.members["schedule"].choice, "cosine")
    assert document.now.training.schedule.key == "cosine"
    assert fold.summary.toolTip() == "Cosine"
    assert not fold.open, "what is chosen does not open it"


def test_an_opened_heading_stays_open_when_the_document_changes(
    shown: Inspector, document: Document, qtbot: QtBot
) -> None:
    form = form_of(shown)
    qtbot.mouseClick(form.folds[CLIPPING].heading, LEFT)
    type_into(qtbot, form.rows["epochs"].field, "9")
    assert form.folds[CLIPPING].open


def test_headings_follow_the_language(shown: Inspector) -> None:
    fold = form_of(shown).folds[CHANCE]
    assert fold.heading.text() == "Initialisation and seed"
    before = fold.heading.text(), fold.heading.toolTip()
    set_language("zh")
    fold.relabel()
    assert (fold.heading.text(), fold.heading.toolTip()) != before
    assert fold.heading.accessibleName() == fold.heading.text()


def test_tab_reaches_a_heading_and_what_it_shows(shown: Inspector, qtbot: QtBot) -> None:
    form = form_of(shown)
    fold = form.folds[CLIPPING]
    fold.heading.setFocus()
    qtbot.keyClick(fold.heading, Qt.Key.Key_Space)
    settle()
    for _ in range(3):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        if form.rows["clip_norm"].isAncestorOf(QApplication.focusWidget()):
            return
    raise AssertionError(QApplication.focusWidget().objectName())
