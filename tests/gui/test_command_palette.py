"""The command palette: what it lists, in which order, and that the keyboard alone is enough."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from playground.text import language, set_language
from widgets import theme
from widgets.actions import ACTIONS, OfCanvas
from widgets.canvas.commands import COMMANDS
from widgets.command_entries import Entry
from widgets.command_palette import ENTRY, RECENT, CommandPalette
from widgets.settings import Settings
from widgets.window import Window

Open = Callable[..., Window]
CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def opened(window: Window) -> CommandPalette:
    """Press the keys, as a person would."""
    QTest.keyClick(window.focusWidget() or window, Qt.Key.Key_P, CONTROL | SHIFT)
    palette = window.findChild(CommandPalette)
    assert palette is not None and palette.isVisible() and palette.search.hasFocus()
    return palette


def words(palette: CommandPalette) -> list[str]:
    return [entry.words for entry in palette.shown()]


def chosen(palette: CommandPalette) -> str:
    entry: Entry = palette.list.currentIndex().data(ENTRY)
    return entry.words


def test_it_lists_every_action_and_every_command(open_window: Open) -> None:
    palette = opened(open_window())
    keys = {entry.key for entry in palette.shown()}
    assert {command.key for command in COMMANDS if command} <= keys
    specs = [spec for spec in ACTIONS if spec and not isinstance(spec, OfCanvas)]
    assert {f"action_{spec.key}" for spec in specs if not spec.fill} - {"action_commands"} <= keys


def test_what_stands_in_submenus_is_found_with_its_menu(open_window: Open) -> None:
    palette = opened(open_window())
    QTest.keyClicks(palette.search, "light")
    assert words(palette)[0] == "Theme: Light"
    QTest.keyClick(palette.search, Qt.Key.Key_Return)
    assert theme.current().name == "light" and not palette.isVisible()


def test_typing_arrows_and_enter_do_it_where_the_focus_was(open_window: Open) -> None:
    window = open_window()
    canvas = window.workspace.canvas
    canvas.select(["dense_1"])
    palette = opened(window)
    QTest.keyClicks(palette.search, "del")
    assert words(palette)[:2] == ["Delete", "Delete and rejoin"] and chosen(palette) == "Delete"
    QTest.keyClick(palette.search, Qt.Key.Key_Down)
    assert chosen(palette) == "Delete and rejoin"
    QTest.keyClick(palette.search, Qt.Key.Key_Up)
    QTest.keyClick(palette.search, Qt.Key.Key_Up)
    assert chosen(palette) == words(palette)[-1], "up from the first is the last"
    QTest.keyClick(palette.search, Qt.Key.Key_Down)
    QTest.keyClick(palette.search, Qt.Key.Key_Return)
    assert "dense_1" not in window.document.now.graph
    assert canvas.hasFocus() and not palette.isVisible()


def test_escape_closes_it_and_gives_the_focus_back(open_window: Open) -> None:
    window = open_window()
    search = window.workspace.palette_widget.search
    search.setFocus()
    palette = opened(window)
    QTest.keyClicks(palette.search, "delete")
    QTest.keyClick(palette.search, Qt.Key.Key_Escape)
    assert not palette.isVisible() and search.hasFocus() and not window.document.dirty
    assert opened(window).search.text() == ""
    QTest.keyClick(palette.search, Qt.Key.Key_P, CONTROL | SHIFT)
    assert not palette.isVisible(), "the same keys close it"


def test_a_click_beside_it_closes_it_and_does_nothing_else(open_window: Open) -> None:
    window = open_window()
    palette = opened(window)
    QTest.mouseClick(palette, Qt.MouseButton.LeftButton, pos=QPoint(3, 3))
    assert palette.isVisible()
    QTest.mouseClick(window.run_bar.buttons["play"], Qt.MouseButton.LeftButton)
    assert not palette.isVisible() and window.session.asked == []
    QTest.mouseClick(window.run_bar.buttons["play"], Qt.MouseButton.LeftButton)
    assert window.session.asked == ["play"], "afterwards a click is a click again"


def test_a_click_on_a_line_does_it(open_window: Open) -> None:
    window = open_window()
    palette = opened(window)
    QTest.keyClicks(palette.search, "select all")
    rect = palette.list.visualRect(palette.found.index(0))
    QTest.mouseClick(palette.list.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())
    assert len(window.workspace.canvas.selected_ids) == len(window.document.now.graph.nodes)


def test_what_cannot_be_done_now_stands_at_the_end_and_does_nothing(open_window: Open) -> None:
    window = open_window()
    palette = opened(window)
    able = [entry.enabled for entry in palette.shown()]
    assert able == sorted(able, reverse=True) and not all(able)
    QTest.keyClicks(palette.search, "undo")
    assert words(palette)[0] == "Undo" and not palette.shown()[0].enabled
    QTest.keyClick(palette.search, Qt.Key.Key_Return)
    assert palette.isVisible(), "it stays, for nothing was done"


def test_what_was_used_last_comes_first(open_window: Open) -> None:
    window = open_window()
    for typed in ("fit the", "theme: dark"):
        palette = opened(window)
        QTest.keyClicks(palette.search, typed)
        QTest.keyClick(palette.search, Qt.Key.Key_Return)
    assert words(opened(window))[:2] == ["Theme: Dark", "Fit the network"]
    assert Settings().get(RECENT, []) == ["action_theme:dark", "fit"]
    Settings().set(RECENT, "broken")
    window.settings.set(RECENT, [3, None, "fit"])
    QTest.keyClick(palette.search, Qt.Key.Key_Escape)
    assert words(opened(window))[0] == "Fit the network"


def test_english_and_the_present_language_both_find_it(open_window: Open, qtbot) -> None:
    window = open_window()
    window.choose_language("zh")
    qtbot.waitUntil(lambda: window.actions_by_key["save"].text() == "保存")
    palette = opened(window)
    for typed in ("整理", "tidy"):
        palette.search.setText(typed)
        assert words(palette)[0] == "整理布局"
    palette.search.setText("en")
    entry = next(entry for entry in palette.shown() if entry.key == "action_language:en")
    palette.search.setText(entry.words)
    QTest.keyClick(palette.search, Qt.Key.Key_Return)
    assert language() == "en"
    set_language("en")


def test_the_name_of_the_menu_may_be_typed_too(open_window: Open) -> None:
    palette = opened(open_window())
    QTest.keyClicks(palette.search, "file new")
    assert words(palette)[0] == "New"
    palette.search.setText("qqqq")
    assert palette.nothing.isVisible() and "qqqq" in palette.nothing.text() and not palette.list.isVisible()
    QTest.keyClick(palette.search, Qt.Key.Key_Return)
    QTest.keyClick(palette.search, Qt.Key.Key_Down)
    assert palette.isVisible()


def test_presets_and_panels_are_offered(open_window: Open, qtbot) -> None:
    window = open_window()
    qtbot.waitUntil(lambda: window.workspace.panels.ready)
    palette = opened(window)
    QTest.keyClicks(palette.search, "lenet")
    assert any(entry.key == "action_presets:lenet" for entry in palette.shown())
    palette.search.setText("panels: loss")
    panel = palette.shown()[0]
    assert panel.checked and panel.key == "action_panels:loss"
    QTest.keyClick(palette.search, Qt.Key.Key_Return)
    assert "loss" not in window.workspace.panels.wanted()


def test_on_the_start_page_it_offers_what_can_be_done_there(open_window: Open) -> None:
    window = open_window("")
    palette = opened(window)
    assert {"New", "Open…"} <= set(words(palette)) and "Tidy up" not in words(palette)
    QTest.keyClicks(palette.search, "xor")
    QTest.keyClick(palette.search, Qt.Key.Key_Return)
    assert window.workspace is not None and "dense_1" in window.document.now.graph


def test_it_stays_in_the_middle_of_the_window(open_window: Open, qtbot) -> None:
    window = open_window()
    palette = opened(window)
    window.resize(QSize(1000, 640))
    qtbot.waitUntil(lambda: abs(palette.geometry().center().x() - 500) <= 1)
    assert palette.geometry().bottom() < window.height()


def test_screen_readers_hear_what_is_chosen(open_window: Open) -> None:
    palette = opened(open_window())
    assert palette.search.accessibleName() and palette.list.accessibleName()
    QTest.keyClicks(palette.search, "undo")
    assert palette.search.accessibleDescription() == "Undo, Edit, Ctrl+Z, not possible now"


@pytest.mark.parametrize("key", [Qt.Key.Key_PageDown, Qt.Key.Key_Tab])
def test_other_keys_move_through_the_list_and_the_field_keeps_the_focus(open_window: Open, key: Qt.Key) -> None:
    palette = opened(open_window())
    QTest.keyClick(palette.search, key)
    assert palette.list.currentIndex().row() > 0 and QApplication.focusWidget() is palette.search
