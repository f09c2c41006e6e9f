from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from playground.block import CATALOGUE
from playground.text import set_language
from widgets import app, palette
from widgets.palette import MIME, Palette


@pytest.fixture
def shown(qtbot: QtBot) -> Palette:
    app.application()
    made = Palette()
    qtbot.addWidget(made)
    made.resize(190, 600)
    made.show()
    qtbot.waitExposed(made)
    return made


def place_of(shown: Palette, key: str) -> QPoint:
    item = next(
        shown.list.item(row) for row in range(shown.list.count()) if shown.list.item(row).data(palette.KEY) == key
    )
    shown.list.scrollToItem(item)
    return shown.list.visualItemRect(item).center()


def test_it_lists_the_whole_catalogue(shown: Palette) -> None:
    assert set(shown.visible_keys()) == set(CATALOGUE)


def test_typing_filters_and_enter_adds_the_first(shown: Palette, qtbot: QtBot) -> None:
    qtbot.keyClicks(shown.search, "pool")
    assert shown.visible_keys() == ["MaxPool2D", "AvgPool2D"]
    with qtbot.waitSignal(shown.blockChosen) as chosen:
        qtbot.keyClick(shown.search, Qt.Key.Key_Return)
    assert chosen.args == ["MaxPool2D"]


def test_the_arrows_move_while_typing(shown: Palette, qtbot: QtBot) -> None:
    qtbot.keyClicks(shown.search, "pool")
    qtbot.keyClick(shown.search, Qt.Key.Key_Down)
    with qtbot.waitSignal(shown.blockChosen) as chosen:
        qtbot.keyClick(shown.search, Qt.Key.Key_Return)
    assert chosen.args == ["AvgPool2D"]


def test_escape_clears_the_search(shown: Palette, qtbot: QtBot) -> None:
    qtbot.keyClicks(shown.search, "nothing like it")
    assert shown.visible_keys() == []
    assert shown.nothing.isVisible()
    qtbot.keyClick(shown.search, Qt.Key.Key_Escape)
    assert set(shown.visible_keys()) == set(CATALOGUE)


def test_names_of_both_languages_are_found(shown: Palette, qtbot: QtBot) -> None:
    set_language("zh")
    shown.relabel()
    shown.search.setText("池化")
    assert "MaxPool2D" in shown.visible_keys()
    shown.search.setText("pooling")
    assert "MaxPool2D" in shown.visible_keys()


def test_dragging_a_block_carries_its_name(shown: Palette, monkeypatch: pytest.MonkeyPatch) -> None:
    carried = []

    class Drag(palette.QDrag):
        def exec(self, *_actions: object) -> Qt.DropAction:  # the real one waits for the pointer
            carried.append((bytes(self.mimeData().data(MIME)).decode(), self.pixmap().isNull()))
            return Qt.DropAction.CopyAction

    monkeypatch.setattr(palette, "QDrag", Drag)
    port, start = shown.list.viewport(), place_of(shown, "Conv2D")
    QTest.mousePress(port, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(port, start + QPoint(4, 2))
    assert carried == []
    QTest.mouseMove(port, start + QPoint(40, 10))
    assert carried == [("Conv2D", False)]
    QTest.mouseRelease(port, Qt.MouseButton.LeftButton, pos=start)


def test_a_family_is_no_block(shown: Palette, qtbot: QtBot) -> None:
    head = shown.list.item(0)
    with qtbot.assertNotEmitted(shown.blockChosen):
        qtbot.mouseDClick(
            shown.list.viewport(), Qt.MouseButton.LeftButton, pos=shown.list.visualItemRect(head).center()
        )
