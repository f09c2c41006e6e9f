"""Taking weights from a trained project: the dialog by mouse and keyboard, the inspector, and a real engine."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QMenu, QStyle, QStyleOptionViewItem
from shiboken6 import isValid

from playground.blocks.activation import Tanh
from playground.blocks.data import Input
from playground.blocks.dense import Dense
from playground.blocks.group import Group
from playground.experiment import Experiment, Start
from playground.grouping import collapse
from playground.text import say
from tests.examples import BINARY, chain, small
from tests.gui.driving import (
    CONTROL,
    LEFT,
    SHIFT,
    banner,
    choose_file,
    click,
    click_card,
    fresh,
    key,
    opened,
    pause,
    play_until,
    ready,
    until,
)
from tests.test_transfer import project
from widgets.take_weights import TakeWeights
from widgets.take_weights_rows import FREEZE, HERE, SHAPES, TAKE, THERE
from widgets.window import Window

DEEP = (Dense(units=4), Tanh(), Dense(units=4), Tanh(), Dense(units=4), Tanh())
"""Nodes dense_1 (4 × 2), dense_2 and dense_3 (4 × 4); dense_4 (1 × 4) follows."""


NUMBERS = itertools.count(1)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file that no other test names: a file dialog that stands in a folder with one of that name confuses the two."""
    return tmp_path / f"trained_{next(NUMBERS)}.zip"


@pytest.fixture
def trained(file: Path) -> Path:
    return project(file, small(*DEEP))


@pytest.fixture
def window(open_window: Callable[..., Window]) -> Window:
    return showing(open_window(""), small(*DEEP))


def showing(window: Window, experiment: Experiment) -> Window:
    window.document.open(experiment)
    window.show_workspace()
    QApplication.processEvents()
    return window


def dialog_of(window: Window) -> TakeWeights:
    found = until(lambda: next((d for d in window.findChildren(TakeWeights) if d.isVisible()), None))
    found.activateWindow()
    until(found.isActiveWindow)
    return found


def asked(window: Window, path: Path) -> TakeWeights:
    """Press Ctrl+T and choose a project."""
    key(window, Qt.Key.Key_T, CONTROL)
    choose_file(window, path)
    return dialog_of(window)


def texts(dialog: TakeWeights, column: int) -> list[str]:
    return [str(dialog.model.index(row, column).data()) for row in range(dialog.model.rowCount())]


def checks(dialog: TakeWeights, column: int) -> list[bool | None]:
    found = [
        dialog.model.index(row, column).data(Qt.ItemDataRole.CheckStateRole) for row in range(dialog.model.rowCount())
    ]
    return [None if state is None else state == Qt.CheckState.Checked for state in found]


def cell(dialog: TakeWeights, row: int, column: int) -> QRect:
    return dialog.table.visualRect(dialog.model.index(row, column))


def click_cell(dialog: TakeWeights, row: int, column: int) -> None:
    """Click a cell, one with a box on its box."""
    at = cell(dialog, row, column)
    if column in (TAKE, FREEZE):
        option = QStyleOptionViewItem()
        option.initFrom(dialog.table)
        option.rect, option.features = at, QStyleOptionViewItem.ViewItemFeature.HasCheckIndicator
        at = dialog.table.style().subElementRect(QStyle.SubElement.SE_ItemViewItemCheckIndicator, option, dialog.table)
    QTest.mouseClick(dialog.table.viewport(), LEFT, pos=at.center())


def back_to(window: Window) -> None:
    """Give the keys back to the window, which a window manager would do."""
    window.activateWindow()
    until(window.isActiveWindow)


def start_of(window: Window) -> Start | None:
    return window.document.now.start


def frozen(window: Window) -> list[str]:
    return [id for id, node in window.document.now.graph.nodes.items() if node.frozen]


# -- the dialog --------------------------------------------------------------------------------------------------


def test_what_matches_is_ticked_and_enter_takes_it_as_one_step(window: Window, trained: Path) -> None:
    before = window.document.now
    dialog = asked(window, trained)
    assert dialog.windowTitle() == f"Take weights from {trained.name}"
    assert texts(dialog, HERE) == texts(dialog, THERE) == ["dense_1", "dense_2", "dense_3", "dense_4"]
    assert texts(dialog, SHAPES)[0] == "weight 4 × 2 · bias 4"
    assert checks(dialog, TAKE) == [True] * 4 and checks(dialog, FREEZE) == [False] * 4
    assert dialog.go.text() == "Take the weights of 4 nodes"
    QTest.keyClick(dialog.table, Qt.Key.Key_Return)
    until(lambda: start_of(window) is not None)
    assert start_of(window) == Start(str(trained), {f"dense_{n}": f"dense_{n}" for n in (1, 2, 3, 4)})
    assert frozen(window) == []
    assert str(window.document.undo_name) == f"Take weights from {trained.name}"
    back_to(window)
    key(window, Qt.Key.Key_Z, CONTROL)
    assert window.document.now == before


def test_rows_are_unticked_and_frozen_with_the_mouse(window: Window, trained: Path) -> None:
    dialog = asked(window, trained)
    click_cell(dialog, 0, TAKE)
    assert checks(dialog, TAKE) == [False, True, True, True]
    click_cell(dialog, 0, FREEZE)
    assert checks(dialog, FREEZE)[0] is False, "only what is taken is frozen here"
    click_cell(dialog, 1, FREEZE)
    assert dialog.freeze.checkState() == Qt.CheckState.PartiallyChecked
    click(dialog.go)
    until(lambda: start_of(window) is not None)
    assert list(start_of(window).nodes) == ["dense_2", "dense_3", "dense_4"]
    assert frozen(window) == ["dense_2"]
    window.document.undo()
    assert (start_of(window), frozen(window)) == (None, [])


def test_all_none_and_freezing_those_that_are_taken(window: Window, trained: Path) -> None:
    dialog = asked(window, trained)
    click(dialog.none)
    assert not any(checks(dialog, TAKE))
    assert not dialog.go.isEnabled() and not dialog.freeze.isEnabled()
    click_cell(dialog, 1, TAKE)
    box = QPoint(9, dialog.freeze.height() // 2)
    QTest.mouseClick(dialog.freeze, LEFT, pos=box)
    assert checks(dialog, FREEZE) == [False, True, False, False]
    click_cell(dialog, 2, TAKE)
    assert checks(dialog, FREEZE) == [False, True, True, False], "what is ticked now is frozen as the others are"
    click(dialog.matching)
    assert checks(dialog, TAKE) == [True] * 4
    assert checks(dialog, FREEZE) == [True] * 4
    QTest.mouseClick(dialog.freeze, LEFT, pos=box)
    assert not any(checks(dialog, FREEZE))
    QTest.mouseClick(dialog.freeze, LEFT, pos=box)
    click(dialog.go)
    until(lambda: frozen(window) == ["dense_1", "dense_2", "dense_3", "dense_4"])


def test_the_keyboard_alone_ticks_freezes_and_takes(window: Window, trained: Path) -> None:
    table = asked(window, trained).table
    dialog = dialog_of(window)
    assert QApplication.focusWidget() is table
    QTest.keyClick(table, Qt.Key.Key_Space)
    assert checks(dialog, TAKE) == [False, True, True, True]
    QTest.keyClick(table, Qt.Key.Key_Down)
    for _ in range(FREEZE):
        QTest.keyClick(table, Qt.Key.Key_Right)
    QTest.keyClick(table, Qt.Key.Key_Space)
    assert checks(dialog, FREEZE) == [False, True, False, False]
    QTest.keyClick(table, Qt.Key.Key_Left)
    QTest.keyClick(table, Qt.Key.Key_Space)
    assert checks(dialog, TAKE) == [False, False, True, True], "elsewhere in the row, Space means the first column"
    order = []
    for _ in range(5):
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        order.append(QApplication.focusWidget().objectName())
    assert order == ["take_matching", "take_none", "freeze_taken", "take_cancel", "take_go"]
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Space)
    until(lambda: start_of(window) is not None)
    assert list(start_of(window).nodes) == ["dense_3", "dense_4"]


def popup_of(dialog: TakeWeights) -> QComboBox:
    return until(lambda: next((c for c in dialog.findChildren(QComboBox) if c.view().isVisible()), None))


@pytest.mark.parametrize("by", ["mouse", "keyboard"])
def test_another_node_that_fits_is_chosen_from_a_list_and_ticked(window: Window, trained: Path, by: str) -> None:
    window.document.edit(say("Rename"), graph=window.document.now.graph.rename("dense_2", "mine"))
    dialog = asked(window, trained)
    assert texts(dialog, HERE) == ["dense_1", "mine", "dense_3", "dense_4"]
    assert checks(dialog, TAKE) == [True, False, True, True], "what is only of the same shapes is offered, not ticked"
    assert texts(dialog, THERE)[1] == "dense_2"
    if by == "mouse":
        click_cell(dialog, 1, THERE)
    else:
        dialog.table.setCurrentIndex(dialog.model.index(1, THERE))
        QTest.keyClick(dialog.table, Qt.Key.Key_Return)
    view = popup_of(dialog).view()
    assert [view.model().index(row, 0).data() for row in range(view.model().rowCount())] == ["dense_2", "dense_3"]
    QTest.keyClick(view, Qt.Key.Key_Down)
    QTest.keyClick(view, Qt.Key.Key_Return)
    until(lambda: checks(dialog, TAKE)[1])
    assert texts(dialog, THERE)[1] == "dense_3"
    click(dialog.go)
    until(lambda: start_of(window) is not None)
    assert start_of(window).nodes == {
        "dense_1": "dense_1",
        "mine": "dense_3",
        "dense_3": "dense_3",
        "dense_4": "dense_4",
    }


def test_looking_at_the_list_of_nodes_chooses_nothing(window: Window, trained: Path) -> None:
    window.document.edit(say("Rename"), graph=window.document.now.graph.rename("dense_2", "mine"))
    dialog = asked(window, trained)
    for leave in ("by Escape", "by a click elsewhere"):
        click_cell(dialog, 1, THERE)
        QTest.keyClick(popup_of(dialog).view(), Qt.Key.Key_Escape)
        until(lambda: not any(c.view().isVisible() for c in dialog.findChildren(QComboBox)))
        if leave == "by Escape":
            QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Escape)
        else:
            click_cell(dialog, 0, HERE)
        until(lambda: not dialog.findChildren(QComboBox))
        assert dialog.isVisible()
        assert checks(dialog, TAKE)[1] is False, leave
    QTest.keyClick(dialog.table, Qt.Key.Key_Escape)
    until(lambda: not dialog.isVisible())
    assert start_of(window) is None and str(window.document.undo_name) == "Rename"


def test_what_nothing_fits_is_dim_and_says_why(window: Window, trained: Path) -> None:
    window.document.edit(say("Change"), graph=window.document.now.graph.configure("dense_1", Dense(units=7)))
    dialog = asked(window, trained)
    assert texts(dialog, THERE) == ["other shapes: 4 × 2 · 4", "other shapes: 4 × 4 · 4", "dense_3", "dense_4"]
    tip = dialog.model.index(0, THERE).data(Qt.ItemDataRole.ToolTipRole)
    assert tip == "dense_1 has weight 4 × 2 · bias 4 there, and no other node there fits."
    assert checks(dialog, TAKE) == [None, None, True, True]
    QTest.keyClick(dialog.table, Qt.Key.Key_Up)
    QTest.keyClick(dialog.table, Qt.Key.Key_Space)
    assert checks(dialog, TAKE) == [None, None, True, True]
    click(dialog.matching)
    click(dialog.go)
    until(lambda: start_of(window) is not None)
    assert list(start_of(window).nodes) == ["dense_3", "dense_4"]


def test_where_nothing_at_all_fits_it_says_so(window: Window, tmp_path: Path) -> None:
    dialog = asked(window, project(tmp_path / "wide.zip", small(Dense(units=90), Tanh())))
    assert dialog.says.text().startswith("Nothing in wide.zip fits")
    assert not any(b.isEnabled() for b in (dialog.go, dialog.matching, dialog.none, dialog.freeze))
    QTest.keyClick(dialog.table, Qt.Key.Key_Return)
    assert dialog.isVisible() and start_of(window) is None


def test_what_is_taken_already_is_shown_and_all_of_it_can_be_given_up(window: Window, trained: Path) -> None:
    start = Start(str(trained), {"dense_2": "dense_3"})
    window.document.edit(say("Take"), start=start, graph=window.document.now.graph.mark("dense_2", frozen=True))
    dialog = asked(window, trained)
    assert checks(dialog, TAKE) == [False, True, False, False]
    assert checks(dialog, FREEZE) == [False, True, False, False]
    assert texts(dialog, THERE)[1] == "dense_3"
    assert not dialog.other.isVisible()
    click_cell(dialog, 1, TAKE)
    assert dialog.go.text() == "Give up what was taken"
    click(dialog.go)
    until(lambda: start_of(window) is None)
    assert str(window.document.undo_name) == "Give up the weights that were taken"


def test_another_project_takes_the_place_of_the_first_and_says_so(window: Window, trained: Path) -> None:
    window.document.edit(say("Take"), start=Start("/elsewhere/first.zip", {"dense_1": "dense_1"}))
    dialog = asked(window, trained)
    assert dialog.other.isVisible() and dialog.other.text() == "What was taken from first.zip is given up."
    assert checks(dialog, TAKE) == [True] * 4
    click(dialog.go)
    until(lambda: start_of(window).file == str(trained))


def test_what_was_set_by_hand_gives_way_to_what_is_taken(window: Window, trained: Path) -> None:
    graph = window.document.now.graph.mark("dense_1", weights={"bias": (0.0,) * 4})
    window.document.edit(say("Set"), graph=graph)
    dialog = asked(window, trained)
    assert "set by hand" in dialog.model.index(0, HERE).data(Qt.ItemDataRole.ToolTipRole)
    click(dialog.go)
    until(lambda: start_of(window) is not None)
    assert window.document.now.graph.nodes["dense_1"].weights == {}


def test_repetitions_of_a_group_are_frozen_together(open_window: Callable[..., Window], tmp_path: Path) -> None:
    graph, id = collapse(small(*DEEP).graph, ["dense_2", "tanh_2"])
    block = graph.nodes[id].block
    assert isinstance(block, Group)
    here = replace(small(), graph=graph.configure(id, block.replace(repeat=3)))
    window = showing(open_window(""), here)
    dialog = asked(window, project(tmp_path / "group.zip", here))
    assert texts(dialog, HERE)[1:4] == [f"group_1.{k}.dense_2" for k in (1, 2, 3)]
    click_cell(dialog, 1, FREEZE)
    assert checks(dialog, FREEZE) == [False, True, True, True, False, False]
    click(dialog.go)
    until(lambda: start_of(window) is not None)
    inner = window.document.now.graph.nodes[id].block.graph.nodes
    assert inner["dense_2"].frozen and frozen(window) == []
    assert start_of(window).nodes["group_1.3.dense_2"] == "group_1.3.dense_2"
    click_card(window, id)
    page = window.workspace.inspector.node_page.behaviour
    assert page.taken_says.text() == "3 nodes in it begin with weights of group.zip."


def test_the_dialog_speaks_the_language_of_the_moment(window: Window, trained: Path) -> None:
    dialog = asked(window, trained)
    assert dialog.cancel.text() == "Cancel"
    window.choose_language("zh")
    until(lambda: dialog.cancel.text() == "取消")
    window.choose_language("en")
    until(lambda: dialog.cancel.text() == "Cancel")


# -- where it is asked for ---------------------------------------------------------------------------------------


def test_from_the_nodes_own_menu_only_what_is_selected_is_ticked(window: Window, trained: Path) -> None:
    click_card(window, "dense_2")
    menu = QMenu()
    window.workspace.canvas.commands.fill(menu, "node")
    action = next(a for a in menu.actions() if a.text() == "Take weights for the selection…")
    assert action.isEnabled()
    action.trigger()
    choose_file(window, trained)
    dialog = dialog_of(window)
    assert checks(dialog, TAKE) == [False, True, False, False]
    assert dialog.table.currentIndex().row() == 1
    QTest.keyClick(dialog.table, Qt.Key.Key_Escape)
    until(lambda: not dialog.isVisible())
    back_to(window)
    key(window.workspace.canvas, Qt.Key.Key_T, CONTROL | SHIFT)
    choose_file(window, trained)
    dialog = dialog_of(window)
    click(dialog.go)
    until(lambda: start_of(window) == Start(str(trained), {"dense_2": "dense_2"}))
    back_to(window)
    window.workspace.canvas.select(("dense_1",))
    key(window.workspace.canvas, Qt.Key.Key_T, CONTROL | SHIFT)
    choose_file(window, trained)
    assert checks(dialog_of(window), TAKE) == [True, True, False, False], "what is taken already stays"


def test_a_selection_that_learns_nothing_takes_none(window: Window) -> None:
    click_card(window, "tanh_1")
    assert not window.workspace.canvas.commands["take_weights_here"].isEnabled()


def test_a_file_that_is_no_project_is_told_across_the_top(window: Window, tmp_path: Path) -> None:
    path = tmp_path / "net.zip"
    path.write_bytes(b"PK nothing")
    key(window, Qt.Key.Key_T, CONTROL)
    choose_file(window, path)
    until(lambda: banner(window) == "net.zip is not a project with weights")
    assert not window.findChildren(TakeWeights)


def test_a_network_that_learns_nothing_is_told_before_a_file_is_asked_for(open_window: Callable[..., Window]) -> None:
    window = showing(open_window(""), replace(small(), graph=chain(Input(), Tanh(), BINARY)))
    key(window, Qt.Key.Key_T, CONTROL)
    until(lambda: banner(window).startswith("No node here has weights yet"))


def test_on_the_start_page_there_is_nothing_to_take_weights_for(open_window: Callable[..., Window]) -> None:
    assert not open_window("").actions_by_key["take_weights"].isEnabled()


# -- the inspector -----------------------------------------------------------------------------------------------


def test_the_inspector_says_what_a_node_begins_with_and_gives_it_up(window: Window, trained: Path) -> None:
    start = Start(str(trained), {"dense_1": "dense_1", "dense_2": "dense_3"})
    click_card(window, "dense_2")
    page: Any = window.workspace.inspector.node_page.behaviour
    assert not page.taken_says.isVisible() and not page.give_up.isVisible()
    window.document.edit(say("Take"), start=start)
    until(page.give_up.isVisible)
    assert page.taken_says.text() == f"Begins with the weights of dense_3 in {trained.name}."
    assert page.taken_says.toolTip() == str(trained)
    click_card(window, "tanh_1")
    assert not page.taken_says.isVisible()
    click_card(window, "dense_2")
    window.workspace.inspector.widget(1).ensureWidgetVisible(page.give_up)
    click(page.give_up)
    assert start_of(window) == Start(str(trained), {"dense_1": "dense_1"})
    assert str(window.document.undo_name) == "Give up the weights taken for dense_2"
    assert not page.give_up.isVisible()
    window.document.undo()
    assert start_of(window) == start and page.give_up.isVisible()


def test_a_node_that_is_renamed_in_the_inspector_keeps_what_it_takes(window: Window, trained: Path) -> None:
    window.document.edit(say("Take"), start=Start(str(trained), {"dense_1": "dense_1"}))
    click_card(window, "dense_1")
    page = window.workspace.inspector.node_page
    page.name.setFocus()
    QTest.keyClick(page.name, Qt.Key.Key_A, CONTROL)
    QTest.keyClicks(page.name, "hidden")
    QTest.keyClick(page.name, Qt.Key.Key_Return)
    assert start_of(window).nodes == {"hidden": "dense_1"}
    assert page.behaviour.taken_says.text() == f"Begins with the weights of dense_1 in {trained.name}."


# -- with a real engine ------------------------------------------------------------------------------------------


def trained_xor(path: Path, steps: int) -> dict[str, np.ndarray[Any, Any]]:
    """Train the preset, write it as a project, and return its weights."""
    from playground.checkpoint import capture
    from playground.presets import open_named
    from playground.project import Record, write_project
    from playground.training import Trainer

    run = Trainer(open_named("xor")[0], device="cpu")
    for _ in run.steps(steps):
        pass
    write_project(path, run.experiment, capture(run).to_bytes(), Record())
    return {name: value.numpy().copy() for name, value in run.network.state_dict().items()}


def weights_now(window: Window, id: str) -> np.ndarray[Any, Any]:
    """Read the weights as the window asks for them: open the editor, press "From the network now", look at the grid."""
    click_card(window, id)
    inspector = window.workspace.inspector
    inspector.edit_weights(id)
    editor = inspector.editors[id]
    frozen_before, undo = window.document.now, len(window.document._past)
    until(editor.now.isVisible)
    click(editor.now)
    until(lambda: len(window.document._past) > undo or editor.wrong.isVisible())
    assert not editor.wrong.isVisible(), editor.wrong.text()
    shown = editor.numbers.array.copy()
    assert np.array_equal(shown, np.array(window.document.now.graph.nodes[id].weights["weight"]))
    window.document.undo()
    assert window.document.now == frozen_before
    editor.close()
    back_to(window)
    return shown


@pytest.mark.slow
def test_from_the_network_now_fills_the_grid_with_what_has_been_learnt(qapp: QApplication, tmp_path: Path) -> None:
    with opened(tmp_path, "xor") as window:
        ready(window)
        first = weights_now(window, "dense_1")
        session = window.session
        for step in (1, 2, 3):
            key(window, Qt.Key.Key_F6)
            until(lambda step=step: session.step == step and session.state == "paused")

        from playground.training import Trainer

        run = Trainer(window.document.now, device="cpu")
        expected = [run.network.dense_1.weight.detach().numpy().copy()]
        for _ in run.steps(3):
            pass
        expected.append(run.network.dense_1.weight.detach().numpy().copy())
        assert np.array_equal(first, expected[0])
        assert np.array_equal(weights_now(window, "dense_1"), expected[1])
        assert session.step == 3, "looking trains nothing"
        click_card(window, "dense_1")
        assert "watch_weights" not in [b.objectName() for b in window.workspace.inspector.node_page.buttons.values()]


def test_a_reply_that_comes_after_the_editor_was_closed_is_let_go(
    window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    replies: list[Any] = []
    monkeypatch.setattr(window.session, "ask", lambda question, reply: replies.append(reply))
    window.workspace.inspector.edit_weights("dense_1")
    editor = window.workspace.inspector.editors["dense_1"]
    click(editor.now)
    editor.close()
    until(lambda: not isValid(editor))
    before = window.document.now
    replies[0](None, say("there is no network yet"))
    assert window.document.now is before


def test_a_trained_network_is_carried_over_frozen_and_told_when_its_file_is_gone(
    qapp: QApplication, tmp_path: Path, file: Path
) -> None:
    path = file
    theirs = trained_xor(path, 60)
    with opened(tmp_path / "home", "xor") as window:
        ready(window)
        session, document = window.session, window.document
        seeded = document.now.training.replace(seed=99)
        document.edit(say("Change the seed"), training=seeded)
        play_until(window, 5)
        pause(window)
        at = session.step
        key(window, Qt.Key.Key_T, CONTROL)
        choose_file(window, path)
        dialog = dialog_of(window)
        for row, pick in enumerate(dialog.model.picks):
            if pick.offer.node.id != "dense_1":
                click_cell(dialog, row, TAKE)
        QTest.mouseClick(dialog.freeze, LEFT, pos=QPoint(9, dialog.freeze.height() // 2))
        click(dialog.go)
        until(lambda: document.now.start is not None)
        back_to(window)
        until(lambda: session._loaded is document.now and session.state == "paused")
        assert session.step == at, "the run goes on"
        assert np.array_equal(weights_now(window, "dense_1"), theirs["dense_1.weight"])
        play_until(window, at + 30)
        pause(window)
        assert np.array_equal(weights_now(window, "dense_1"), theirs["dense_1.weight"]), "frozen"
        key(window, Qt.Key.Key_R, CONTROL)
        until(lambda: session.step == 0 and session.state == "ready")
        assert np.array_equal(weights_now(window, "dense_1"), theirs["dense_1.weight"])
        assert not np.array_equal(weights_now(window, "dense_2"), theirs["dense_2.weight"])

        path.rename(tmp_path / "moved.zip")
        before = document.now
        document.edit(say("Change units"), graph=document.now.graph.configure("dense_2", Dense(units=3)))
        key(window, Qt.Key.Key_F5)
        until(lambda: "there is no such file" in banner(window))
        assert banner(window).startswith(f"the network begins with weights from {file.name}")
        assert session.state == "failed" and session.step == 0
        (tmp_path / "moved.zip").rename(path)
        document.undo()
        assert document.now == before
        play_until(window, 10)
        pause(window)


@pytest.mark.slow
def test_what_was_taken_is_saved_and_opened_with_the_document(qapp: QApplication, tmp_path: Path, file: Path) -> None:
    trained_xor(file, 5)
    with opened(tmp_path / "home", "xor") as window:
        ready(window)
        dialog = asked(window, file)
        click(dialog.go)
        until(lambda: window.document.now.start is not None)
        taken = window.document.now.start
        window.filing.save_to(tmp_path / "mine.json")
        assert f'"{file.name}"' in (tmp_path / "mine.json").read_text(encoding="utf-8")
        fresh(window, "perceptron-fails")
        assert window.document.now.start is None
        fresh(window, tmp_path / "mine.json")
        assert window.document.now.start == taken
        assert banner(window) == ""
