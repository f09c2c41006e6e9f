"""The bar over the canvas: a tab for every group that was looked into, and the way back, by mouse and keyboard."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QTabBar, QToolButton

from playground.document import Document
from playground.experiment import Experiment, Words
from playground.sheet import Sheet
from playground.text import say, set_language
from tests.examples import planar_facts
from tests.gui.driving import LEFT, NONE
from tests.gui.test_canvas_groups import nested
from widgets import app
from widgets.levels import LevelBar
from widgets.window import Window

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def bar(qtbot) -> LevelBar:
    app.application()
    sheet = Sheet(Document(Experiment(Words("Demo"), graph=nested(), facts=planar_facts())))
    made = LevelBar(sheet)
    qtbot.addWidget(made)
    made.resize(900, 40)
    return made


def titles(bar: LevelBar) -> list[str]:
    return [bar.tabs.tabText(i) for i in range(bar.tabs.count())]


def crumbs(bar: LevelBar) -> list[QToolButton]:
    row = bar.way.layout()
    return [row.itemAt(i).widget() for i in range(row.count())]


def click_tab(bar: LevelBar, i: int) -> None:
    QTest.mouseClick(bar.tabs, LEFT, NONE, bar.tabs.tabRect(i).center())


def cross(bar: LevelBar, i: int) -> QToolButton:
    found = bar.tabs.tabButton(i, QTabBar.ButtonPosition.RightSide)
    assert isinstance(found, QToolButton)
    return found


def test_it_is_there_only_while_a_group_has_a_tab(bar: LevelBar) -> None:
    assert bar.isHidden() and bar.levels == ("",)
    bar.sheet.enter("group_1")
    assert not bar.isHidden() and titles(bar) == ["Network", "Outer (group_1)"]
    QTest.mouseClick(cross(bar, 1), LEFT)
    assert bar.isHidden() and bar.sheet.level == ""


def test_tabs_and_the_way_lead_from_group_to_group(bar: LevelBar) -> None:
    bar.show()
    bar.sheet.enter("group_1")
    bar.sheet.enter("group_1.core")
    assert titles(bar) == ["Network", "Outer (group_1)", "core"] and bar.tabs.currentIndex() == 2
    assert [one.text() for one in crumbs(bar)] == ["Network", "› Outer (group_1)", "› core"]
    assert [one.isEnabled() for one in crumbs(bar)] == [True, True, False]
    entered = []
    bar.entered.connect(lambda: entered.append(bar.sheet.level))
    QTest.mouseClick(crumbs(bar)[1], LEFT)
    assert bar.sheet.level == "group_1" and bar.tabs.currentIndex() == 1
    click_tab(bar, 2)
    assert bar.sheet.level == "group_1.core"
    click_tab(bar, 0)
    assert bar.sheet.level == "" and entered == ["group_1", "group_1.core", ""]
    assert bar.levels == ("", "group_1", "group_1.core"), "tabs stay until they are closed"


def test_a_tab_behind_is_closed_without_going_anywhere(bar: LevelBar) -> None:
    bar.sheet.enter("group_1")
    bar.sheet.enter("group_1.core")
    QTest.mouseClick(cross(bar, 1), LEFT)
    assert bar.levels == ("", "group_1.core") and bar.sheet.level == "group_1.core"
    QTest.mouseClick(cross(bar, 1), LEFT)
    assert bar.sheet.level == "group_1" and bar.levels == ("", "group_1"), "one gets to what is around it"


def test_the_arrows_walk_along_the_tabs(bar: LevelBar, qtbot) -> None:
    bar.sheet.enter("group_1")
    bar.sheet.enter("group_1.core")
    bar.show()
    bar.activateWindow()
    bar.tabs.setFocus()
    qtbot.waitUntil(bar.tabs.hasFocus)
    QTest.keyClick(bar.tabs, Qt.Key.Key_Left)
    assert bar.sheet.level == "group_1"


def test_tabs_of_groups_that_are_gone_go_and_renamed_ones_say_the_new_name(bar: LevelBar) -> None:
    bar.sheet.enter("group_1")
    bar.sheet.rename("", "stage")
    assert bar.sheet.level == "stage" and titles(bar) == ["Network", "Outer (stage)"]
    document = bar.sheet.document
    document.edit(say("Delete"), graph=document.now.graph.remove(["stage"]))
    assert bar.isHidden() and bar.sheet.level == ""


def test_long_names_are_shortened_and_odd_ones_are_shown_as_they_are(bar: LevelBar) -> None:
    group = bar.sheet.document.now.graph.nodes["group_1"].block
    bar.sheet.configure("group_1", group.replace(title="R & D: a block whose name goes on and on"), say("Name"))
    bar.sheet.enter("group_1")
    shown = bar.tabs.tabText(1)
    assert shown.startswith("R && D") and shown.endswith("…") and len(shown) < 34
    assert bar.tabs.tabToolTip(1) == "group_1"


def test_it_speaks_the_present_language(bar: LevelBar) -> None:
    bar.sheet.enter("group_1")
    set_language("zh")
    bar.relabel()
    assert titles(bar)[0] == "网络" and crumbs(bar)[0].text() == "网络"


def test_the_canvas_has_the_keys_after_a_click_and_ctrl_w_closes_the_tab(open_window: Callable[..., Window]) -> None:
    window = open_window("resnet")
    assert window.workspace is not None
    canvas, bar = window.workspace.canvas, window.workspace.levels
    canvas.sheet.enter("stage_1")
    canvas.sheet.enter("stage_2")
    QTest.mouseClick(bar.tabs, LEFT, NONE, bar.tabs.tabRect(1).center())
    assert canvas.sheet.level == "stage_1" and canvas.hasFocus()
    QTest.keyClick(canvas, Qt.Key.Key_W, CONTROL)
    assert canvas.sheet.level == "" and bar.levels == ("", "stage_2")
    assert bar.tabs.tabRect(1).width() > 60 and bar.rect().contains(bar.tabs.mapTo(bar, QPoint(8, 8)))
