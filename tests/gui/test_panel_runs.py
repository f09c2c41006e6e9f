"""The table of runs, and the two questions before any are trained beside the present one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from playground.experiment import Words
from playground.files import write
from playground.text import say
from tests.gui.fake_session import FakeSession, planar
from widgets.panels import load_panels
from widgets.panels.runs import DIFFERS, LOSS, METRIC, NAME, PARAMETERS, STEPS
from widgets.runs.asking import CompareDialog, SeedsDialog


@pytest.fixture
def session(qapp, monkeypatch):
    made = FakeSession(replace(planar(), title=Words("XOR")))
    made.added = []
    monkeypatch.setattr(made.runs.companion, "add", made.added.extend)
    return made


@pytest.fixture
def panel(session, qtbot):
    made = load_panels()["runs"](session)
    qtbot.addWidget(made)
    made.resize(820, 260)
    made.show()
    made.activateWindow()
    QApplication.processEvents()
    return made


def keep(session, values=(3.0, 2.0)):
    session.lose(values)
    session.evaluate("validation", "accuracy", {2: 0.5})
    session.evaluate("validation", "loss", {2: 2.5})
    return session.runs.keep()


def cells(panel, number):
    row = panel.table.topLevelItem(number)
    return [row.text(column) for column in range(panel.table.columnCount())]


def on(panel, number):
    return panel.table.visualItemRect(panel.table.topLevelItem(number))


def test_a_kept_run_stands_below_the_present_one_with_its_figures_and_what_it_differs_in(panel, session):
    assert not panel.filled and "Ctrl+K" in panel.empty()
    run = keep(session)
    assert panel.filled and cells(panel, 0)[:2] == ["This run", "XOR"]
    assert cells(panel, 1)[:2] == ["XOR", "no difference"]
    training = session.document.now.training
    session.document.edit(say("Edit"), training=training.replace(seed=5))
    found = cells(panel, 1)
    assert found[DIFFERS] == f"seed {training.seed} instead of 5"
    assert found[PARAMETERS] == f"{run.parameters:,}" and found[STEPS] == "2"
    assert found[LOSS] == "2 / 2.5" and found[METRIC] == "– / 0.5"
    assert panel.table.headerItem().text(METRIC) == "Accuracy"


def test_a_tick_says_what_is_drawn(panel, session):
    run = keep(session)
    box = on(panel, 1)
    tick = QPoint(box.left() + 10, box.center().y())
    QTest.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=tick)
    assert not run.shown
    panel.table.setCurrentItem(panel.table.topLevelItem(1))
    QTest.keyClick(panel.table, Qt.Key.Key_Space)
    assert run.shown


def test_a_double_click_renames(panel, session, qtbot):
    run = keep(session)
    place = on(panel, 1).center()
    place.setX(on(panel, 1).left() + 90)
    QTest.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    QTest.mouseDClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    field = panel.table.findChild(QLineEdit)
    field.selectAll()
    QTest.keyClicks(field, "the first one")
    QTest.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: run.name == "the first one")
    assert cells(panel, 1)[NAME] == "the first one"


def test_delete_removes_a_run_and_never_the_present_one(panel, session):
    keep(session)
    panel.table.setFocus()
    panel.table.setCurrentItem(panel.table.topLevelItem(0))
    QTest.keyClick(panel.table, Qt.Key.Key_Delete)
    assert len(session.runs.all) == 1
    panel.table.setCurrentItem(panel.table.topLevelItem(1))
    QTest.keyClick(panel.table, Qt.Key.Key_Delete)
    assert session.runs.all == [] and panel.table.topLevelItemCount() == 1


def test_seeds_stand_below_their_group_with_their_means(panel, session):
    session.lose([1.0])
    group = session.runs.train_seeds(2)
    for run, loss in zip(session.runs.members(group), (1.0, 3.0), strict=True):
        run.history.loss.extend(np.ones(1), np.array([loss]))
        run.history.told(1, "validation", {"loss": loss + 1, "accuracy": loss / 4})
        run.state = "finished"
    session.runs.changed.emit()
    row = panel.table.topLevelItem(1)
    assert row.childCount() == 2 and [row.child(k).text(NAME) for k in (0, 1)] == ["seed 1", "seed 2"]
    assert cells(panel, 1)[LOSS] == "2 / 3" and cells(panel, 1)[METRIC] == "– / 0.5"
    each = next(action for action in panel.menu(group).actions() if action.isCheckable())
    each.trigger()
    assert group.each


def test_why_a_run_failed_stands_beside_it(panel, session):
    run = session.runs.train(session.document.now)
    run.state, run.problem = "failed", say("The file is gone")
    session.runs.changed.emit()
    assert cells(panel, 1)[DIFFERS] == "The file is gone"


def test_the_document_of_a_run_can_be_opened(panel, session):
    run = keep(session)
    wanted = []
    session.runs.wanted.connect(wanted.append)
    next(action for action in panel.menu(run).actions() if "document" in action.text()).trigger()
    assert wanted == [run.experiment]


def test_numbers_that_grow_are_written_a_few_times_a_second(panel, session, qtbot):
    keep(session)
    session.lose(np.ones(50))
    session.step = 52
    panel.sync()
    panel.sync()
    qtbot.waitUntil(lambda: cells(panel, 0)[STEPS] == "52")


def test_the_table_is_saved_with_all_digits(panel, session):
    keep(session, (3.0, 2.123456789))
    table = panel.as_table()
    assert table.columns[0] == "run" and [row[0] for row in table.rows] == ["This run", "XOR"]
    assert table.rows[1][table.columns.index("train loss")] == 2.123456789


# -- questions ---------------------------------------------------------------------------------------------------------


def test_the_number_of_seeds_is_asked_for(session, panel, qtbot):
    dialog = SeedsDialog(session.runs, panel)
    dialog.open()
    assert dialog.number.value() == 5 and (dialog.number.minimum(), dialog.number.maximum()) == (2, 20)
    dialog.number.selectAll()
    QTest.keyClicks(dialog.number, "3")
    assert dialog.go.text() == "Train 3 times"
    QTest.keyClick(dialog.number, Qt.Key.Key_Return)
    assert [run.experiment.training.seed for run in session.added] == [1, 2, 3]


def test_a_preset_is_found_by_typing_and_what_differs_is_told_before_it_is_trained(session, panel):
    dialog = CompareDialog(session.runs, panel)
    dialog.open()
    assert dialog.list.count() > 50
    QTest.keyClicks(dialog.search, "xor-truth-table")
    assert dialog.list.count() < 10 and "instead of" in dialog.told.text()
    QTest.keyClick(dialog.search, Qt.Key.Key_Return)
    (run,) = session.added
    assert run.experiment.source.key == "truth-table" and session.runs.all == [run]


def test_the_present_document_comes_first_and_arrows_walk_the_list(session, panel):
    dialog = CompareDialog(session.runs, panel)
    dialog.open()
    assert "as it is now" in dialog.list.item(0).text() and "change the document" in dialog.told.text()
    QTest.keyClick(dialog.search, Qt.Key.Key_Down)
    assert dialog.list.currentRow() == 1
    QTest.keyClick(dialog.search, Qt.Key.Key_Up)
    QTest.keyClick(dialog.search, Qt.Key.Key_Return)
    assert str(session.added[0].name) == "XOR (as it was)"


def test_words_that_no_preset_has_say_so(session, panel):
    dialog = CompareDialog(session.runs, panel)
    dialog.open()
    QTest.keyClicks(dialog.search, "qqqzzz")
    assert dialog.list.count() == 0 and not dialog.go.isEnabled() and "No preset" in dialog.told.text()
    dialog.accept()
    assert session.added == []
    dialog.reject()


def test_a_file_is_compared_and_one_that_cannot_be_read_says_why(session, panel, tmp_path):
    path = tmp_path / "mine.json"
    write(replace(planar(), title=Words()), path)
    dialog = CompareDialog(session.runs, panel)
    dialog.open()
    dialog._on_file_selected(str(tmp_path / "none.json"))
    assert "no such file" in dialog.told.text() and session.added == []
    dialog._on_file_selected(str(path))
    assert str(session.added[0].name) == "mine"
