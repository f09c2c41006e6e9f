"""The sheet of keys: complete, searchable, and no larger than the window."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from playground.text import Sentence
from widgets.actions import ACTIONS, OfCanvas, shown_key
from widgets.canvas.commands import COMMANDS, GESTURES
from widgets.help import AROUND, KeySheet
from widgets.window import Window

Open = Callable[..., Window]


def opened(window: Window) -> KeySheet:
    QTest.keyClick(window, Qt.Key.Key_F1)
    sheet = window.findChild(KeySheet)
    assert sheet is not None and sheet.isVisible()
    return sheet


def told(sheet: KeySheet) -> list[tuple[str, str, tuple[str, ...]]]:
    """Return what can be read now: section, words, keys."""
    return [
        (block.section.title, row.words, row.keys)
        for block in sheet.page.blocks
        for row, line in block.lines
        if line.isVisible()
    ]


@pytest.mark.parametrize("start", ["xor", ""])
def test_it_tells_every_key_and_every_gesture(open_window: Open, start: str) -> None:
    sheet = opened(open_window(start))
    rows = told(sheet)
    assert ("Run", "Play", ("F5",)) in rows and ("Edit", "Delete", ("Del", "Backspace")) in rows
    keys = {key for _, _, keys in rows for key in keys}
    for one in (*ACTIONS, *COMMANDS):
        if one is not None and not isinstance(one, OfCanvas):
            assert {shown_key(key) for key in one.keys} <= keys, one.key
    words = {words for _, words, _ in rows}
    assert {habit.what for habit in GESTURES} | {what for what, _ in AROUND} <= words


def test_it_stands_in_the_order_of_the_menus(open_window: Open) -> None:
    titles = list(dict.fromkeys(title for title, _, _ in told(opened(open_window()))))
    assert titles == ["File", "Edit", "View", "Arrange", "Run", "Help", "On the canvas", "Around the canvas"]


def test_typing_leaves_what_it_finds_by_words_keys_and_menu(open_window: Open) -> None:
    sheet = opened(open_window())
    assert sheet.focusWidget() is sheet.search
    QTest.keyClicks(sheet.search, "delete")
    assert {words for _, words, _ in told(sheet)} == {"Delete", "Delete and rejoin"}
    sheet.search.setText("ctrl+0")
    assert ("View", "Fit the network", ("Ctrl+0",)) in told(sheet)
    sheet.search.setText("run")
    assert ("Run", "One step", ("F6",)) in told(sheet)
    sheet.search.setText("qqqq")
    assert told(sheet) == [] and sheet.nothing.isVisible()
    sheet.search.clear()
    assert len(told(sheet)) > 30 and not sheet.nothing.isVisible()


def test_escape_closes_it_and_f1_brings_it_back(open_window: Open) -> None:
    window = open_window()
    sheet = opened(window)
    QTest.keyClicks(sheet.search, "zoom")
    QTest.keyClick(sheet.search, Qt.Key.Key_Escape)
    assert not sheet.isVisible()
    assert opened(window) is sheet


@pytest.mark.parametrize("language", ["en", "zh"])
def test_nothing_is_cut_off_in_a_window_of_1280_by_800(open_window: Open, qtbot, language: str) -> None:
    window = open_window()
    window.choose_language(language)
    qtbot.waitUntil(lambda: window.actions_by_key["save"].text() == str(Sentence("Save")))
    sheet = opened(window)
    assert sheet.width() <= 1280 and sheet.height() <= 800
    for label in sheet.page.findChildren(QLabel):
        if label.isVisible():
            right = label.mapTo(sheet.page, label.rect().topRight()).x()
            assert right <= sheet.area.viewport().width(), label.text()
            assert label.width() >= label.minimumSizeHint().width(), label.text()


def test_a_language_change_says_it_again(open_window: Open, qtbot) -> None:
    window = open_window()
    sheet = opened(window)
    window.choose_language("zh")
    qtbot.waitUntil(lambda: ("运行", "开始", ("F5",)) in told(sheet))
    assert sheet.windowTitle() == "快捷键"
