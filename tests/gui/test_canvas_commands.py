"""The declared commands of the canvas: their keys, menus and words, and when they can be done."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from playground.blocks.data import Input, Output
from playground.blocks.dense import Dense
from playground.document import Document
from playground.experiment import Experiment
from playground.graph import Wire
from playground.text import Refusal, Sentence, say, set_language
from tests import texts
from tests.examples import chain
from widgets.actions import ACTIONS, MENUS, OfCanvas
from widgets.canvas import Canvas
from widgets.canvas.commanding import Command, Commands
from widgets.canvas.commands import COMMANDS, GESTURES
from widgets.icons import _font
from widgets.window import Window

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
ALL = [command for command in COMMANDS if command]
SPECS = [spec for spec in ACTIONS if spec and not isinstance(spec, OfCanvas)]
MARKED = set(texts.marked())
PLACES = {"node", "wire", "canvas", "remark", "group"}


@pytest.fixture
def canvas(qtbot) -> Canvas:
    made = Canvas(Document(Experiment(graph=chain(Input(), Dense(), Output()))))
    made.animated = False
    qtbot.addWidget(made)
    made.resize(1100, 700)
    made.show()
    with qtbot.waitActive(made):
        made.activateWindow()
    made.setFocus()
    return made


# -- the list ------------------------------------------------------------------------------------------------------


def test_no_two_things_to_do_share_a_name_or_a_shortcut() -> None:
    names = [one.key for one in (*ALL, *SPECS)]
    keys = [QKeySequence(key).toString() for one in (*ALL, *SPECS) for key in one.keys]
    assert [name for name in names if names.count(name) > 1] == []
    assert [key for key in keys if keys.count(key) > 1] == []


def test_every_shortcut_is_one_that_qt_can_read() -> None:
    assert [key for one in (*ALL, *SPECS) for key in one.keys if not QKeySequence(key).toString()] == []


@pytest.mark.parametrize("command", ALL, ids=lambda command: command.key)
def test_a_command_has_words_a_menu_and_an_icon_that_exist(command: Command, qapp) -> None:
    assert command.text in MARKED, "write its words in note(…), so that they are translated"
    assert command.menu in MENUS and set(command.on) <= PLACES
    _, glyphs = _font()
    assert not command.icon or command.icon.rpartition(".")[2] in glyphs


def test_every_gesture_is_told_in_words() -> None:
    assert all({habit.what, habit.how} <= MARKED for habit in GESTURES)
    assert len({habit.what for habit in GESTURES}) == len(GESTURES)


def test_every_command_can_be_asked_at_any_time(canvas: Canvas) -> None:
    canvas.select([])
    for command in ALL:
        assert command.enabled(canvas) in (True, False), command.key
        assert command.checked is None or command.checked(canvas) in (True, False), command.key
    canvas.document.open(Experiment())
    for command in ALL:
        assert command.enabled(canvas) in (True, False), command.key


# -- keys ----------------------------------------------------------------------------------------------------------


def test_the_keys_act_while_the_canvas_has_the_focus(canvas: Canvas) -> None:
    QTest.keyClick(canvas, Qt.Key.Key_A, CONTROL)
    assert set(canvas.selected_ids) == {"input_1", "dense_1", "output_1"}
    canvas.select(["dense_1"])
    QTest.keyClick(canvas, Qt.Key.Key_Backspace, SHIFT)
    assert canvas.document.now.graph.wires == (Wire("input_1", "output_1"),)
    QTest.keyClick(canvas, Qt.Key.Key_L, CONTROL)
    assert str(canvas.document.undo_name) == "Tidy up"


def test_a_wire_that_is_selected_alone_can_be_deleted(canvas: Canvas) -> None:
    wire = Wire("input_1", "dense_1")
    assert not canvas.commands["delete"].isEnabled()
    middle = canvas.view_point(QPointF(*canvas.stage.lines[wire].route.middle)).toPoint()
    QTest.mouseClick(canvas.viewport(), Qt.MouseButton.LeftButton, pos=middle)
    QTest.keyClick(canvas, Qt.Key.Key_Delete)
    assert wire not in canvas.document.now.graph.wires


def test_zoom_has_keys_in_and_out_and_to_the_selection(canvas: Canvas) -> None:
    canvas.fit(ease=False)
    zoom = canvas.zoom
    QTest.keyClick(canvas, Qt.Key.Key_Minus, CONTROL)
    assert canvas.zoom == pytest.approx(zoom / 1.25)
    QTest.keyClick(canvas, Qt.Key.Key_Equal, CONTROL)
    QTest.keyClick(canvas, Qt.Key.Key_Plus, CONTROL)
    assert canvas.zoom == pytest.approx(zoom * 1.25)
    canvas.zoom_by(0.3)
    small = canvas.zoom
    canvas.select(["output_1"])
    QTest.keyClick(canvas, Qt.Key.Key_0, CONTROL | SHIFT)
    card = canvas.stage.cards["output_1"]
    middle = canvas.view_point(card.sceneBoundingRect().center())
    assert (middle - QPointF(canvas.viewport().rect().center())).manhattanLength() < 60
    assert canvas.zoom > 2 * small
    QTest.keyClick(canvas, Qt.Key.Key_0, CONTROL)
    assert canvas.zoom == pytest.approx(zoom)


def test_while_a_name_is_typed_the_keys_are_letters(canvas: Canvas) -> None:
    canvas.select(["dense_1"])
    QTest.keyClick(canvas, Qt.Key.Key_F2)
    editor = canvas.editor
    assert editor is not None and QApplication.focusWidget() is editor
    canvas.select(["input_1", "output_1"])
    for key in (Qt.Key.Key_Delete, Qt.Key.Key_C, Qt.Key.Key_Space, Qt.Key.Key_Backspace):
        QTest.keyClick(editor, key)
    QTest.keyClick(editor, Qt.Key.Key_L, CONTROL)
    assert not canvas.document.dirty and canvas.gesture is None and not canvas._space


def test_space_taps_run_its_command_and_space_held_moves_the_view(canvas: Canvas, monkeypatch) -> None:
    ran: list[str] = []
    tapped = Command("tapped", "Tapped", lambda _: ran.append("tapped"), "Edit", keys=("Space", "F12"))
    canvas.commands = Commands(canvas, [tapped])
    assert canvas.commands["tapped"].shortcut() == QKeySequence("F12"), "Space itself is no shortcut"
    QTest.keyClick(canvas, Qt.Key.Key_Space)
    assert ran == ["tapped"]
    QTest.keyPress(canvas, Qt.Key.Key_Space)
    QTest.mousePress(canvas.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(300, 500))
    QTest.mouseMove(canvas.viewport(), QPoint(340, 520))
    QTest.mouseRelease(canvas.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(340, 520))
    QTest.keyRelease(canvas, Qt.Key.Key_Space)
    assert ran == ["tapped"]
    QTest.keyPress(canvas, Qt.Key.Key_Space)
    canvas._tapped -= 2  # two seconds ago
    QTest.keyRelease(canvas, Qt.Key.Key_Space)
    assert ran == ["tapped"]


def test_a_command_that_refuses_says_why(canvas: Canvas) -> None:
    def refuse(_canvas: Canvas) -> None:
        raise Refusal(say("It cannot be"))

    canvas.commands = Commands(canvas, [Command("no", "No", refuse, "Edit", keys=("F11",))])
    QTest.keyClick(canvas, Qt.Key.Key_F11)
    assert canvas.reason.isVisible() and canvas.reason.text() == "It cannot be"


def test_a_switch_shows_whether_it_is_on(canvas: Canvas) -> None:
    on: list[bool] = []

    def switch(_canvas: Canvas) -> None:
        on.append(True) if not on else on.clear()

    commands = Commands(canvas, [Command("map", "Map", switch, "View", checked=lambda _canvas: bool(on))])
    action = commands["map"]
    assert action.isCheckable() and not action.isChecked()
    action.trigger()
    assert action.isChecked()
    on.clear()
    commands.refresh()
    assert not action.isChecked()


# -- menus ---------------------------------------------------------------------------------------------------------


def _menu(canvas: Canvas, at: QPoint) -> QMenu:
    return canvas.menu_at(QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, canvas.mapToGlobal(at)))[0]


def test_right_click_menus_are_made_of_the_same_list(canvas: Canvas) -> None:
    node = canvas.view_point(canvas.stage.cards["dense_1"].pos() + QPointF(60, 20)).toPoint()
    wire = canvas.view_point(QPointF(*canvas.stage.lines[Wire("dense_1", "output_1")].route.middle)).toPoint()
    for at, place in ((node, "node"), (wire, "wire"), (QPoint(4, 4), "canvas")):
        offered = [action for action in _menu(canvas, at).actions() if action.objectName()]
        assert offered == [canvas.commands[command.key] for command in ALL if place in command.on]
        assert all(action.isShortcutVisibleInContextMenu() for action in offered)
    assert canvas.stage.selected_wires == (Wire("dense_1", "output_1"),)


def test_what_is_possible_follows_selection_and_document(canvas: Canvas) -> None:
    commands = canvas.commands
    assert not commands["rename"].isEnabled() and commands["tidy"].isEnabled()
    canvas.select(["dense_1"])
    assert commands["rename"].isEnabled() and commands["rejoin"].isEnabled() and not commands["connect"].isEnabled()
    canvas.select(["input_1", "dense_1"])
    assert commands["connect"].isEnabled()
    canvas.document.open(Experiment())
    assert not commands["connect"].isEnabled() and not commands["tidy"].isEnabled()


def test_a_language_change_says_the_commands_again(canvas: Canvas) -> None:
    set_language("zh")
    QApplication.sendEvent(canvas, QEvent(QEvent.Type.LanguageChange))
    assert canvas.commands["tidy"].text() == str(Sentence("Tidy up")) == "整理布局"


# -- in the window -------------------------------------------------------------------------------------------------


def _in_menus(window: Window) -> set[str]:
    menus = window.actions_by_key.menus.values()
    return {action.objectName() for menu in menus for action in menu.actions() if action.isVisible()}


def test_every_command_stands_in_a_menu_of_the_window(open_window: Callable[..., Window]) -> None:
    window = open_window()
    assert {command.key for command in ALL} <= _in_menus(window)
    actions = window.actions_by_key
    assert actions.menus["Arrange"].menuAction().isVisible()
    assert window.workspace.canvas.commands["tidy"] in actions.menus["Arrange"].actions()
    for menu in actions.menus.values():
        assert not menu.actions()[0].isSeparator()


def test_before_there_is_a_canvas_its_commands_stand_nowhere(open_window: Callable[..., Window]) -> None:
    window = open_window("")
    assert not {command.key for command in ALL} & _in_menus(window)
    assert not window.actions_by_key.menus["Arrange"].menuAction().isVisible()


def test_on_the_start_page_nothing_can_be_done_on_the_canvas(open_window: Callable[..., Window]) -> None:
    window = open_window()
    canvas = window.workspace.canvas
    canvas.select_all()
    window.show_start()
    assert not any(action.isEnabled() for action in canvas.commands.by_key.values())
    window.actions_by_key.menus["Edit"].aboutToShow.emit()
    assert not canvas.commands["delete"].isEnabled()
    window.show_workspace()
    assert canvas.commands["delete"].isEnabled()


def test_another_canvas_takes_its_place_in_the_menus(open_window: Callable[..., Window], qtbot) -> None:
    window = open_window()
    first = window.workspace.canvas.commands
    other = Canvas(window.document)
    qtbot.addWidget(other)
    menu = window.actions_by_key.menus["Edit"]
    before = len(menu.actions())
    window.actions_by_key.adopt(other.commands)
    assert other.commands["delete"] in menu.actions() and first["delete"] not in menu.actions()
    assert len(menu.actions()) == before
    window.actions_by_key.adopt(first)
    assert [action.text() for action in menu.actions()][:2] == ["Undo", "Redo"]


def test_a_menu_does_on_the_canvas_what_it_says(open_window: Callable[..., Window]) -> None:
    window = open_window()
    window.workspace.canvas.select(["dense_1"])
    menu = window.actions_by_key.menus["Edit"]
    menu.popup(window.mapToGlobal(QPoint(40, 60)))
    menu.setActiveAction(window.workspace.canvas.commands["delete"])
    QTest.keyClick(menu, Qt.Key.Key_Return)
    assert "dense_1" not in window.document.now.graph


def test_typing_in_a_field_of_the_window_does_nothing_on_the_canvas(open_window: Callable[..., Window]) -> None:
    window = open_window()
    canvas = window.workspace.canvas
    canvas.select(["dense_1"])
    search = window.workspace.palette_widget.search
    search.setFocus()
    for key in (Qt.Key.Key_C, Qt.Key.Key_Backspace, Qt.Key.Key_Delete, Qt.Key.Key_Space, Qt.Key.Key_F2):
        QTest.keyClick(search, key)
    for key in (Qt.Key.Key_A, Qt.Key.Key_L, Qt.Key.Key_0, Qt.Key.Key_Minus):
        QTest.keyClick(search, key, CONTROL)
    assert not window.document.dirty and not window.document.undo_name
    assert canvas.editor is None and canvas.selected_ids == ("dense_1",)


def test_with_the_focus_on_the_menu_button_keys_do_nothing_on_the_canvas(open_window: Callable[..., Window]) -> None:
    window = open_window()
    window.workspace.canvas.select(["dense_1"])
    window.run_bar.menu_button.setFocus()
    QTest.keyClick(window.run_bar.menu_button, Qt.Key.Key_Delete)
    assert "dense_1" in window.document.now.graph
    window.workspace.canvas.setFocus()
    QTest.keyClick(window.workspace.canvas, Qt.Key.Key_Delete)
    assert "dense_1" not in window.document.now.graph


def test_tab_follows_the_eye(open_window: Callable[..., Window]) -> None:
    window = open_window()
    workspace = window.workspace
    stops, stop = [], window.run_bar.menu_button
    while stop not in stops:
        stops.append(stop)
        stop = stop.nextInFocusChain()
    wanted = [
        window.run_bar.menu_button,
        window.run_bar.theme,
        workspace.palette_widget.search,
        workspace.palette_widget.list,
        workspace.canvas,
        workspace.inspector,
    ]
    assert [stop for stop in stops if stop in wanted] == wanted
