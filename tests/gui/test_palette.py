from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from playground.block import CATALOGUE
from playground.text import set_language
from widgets import app, block_list, palette
from widgets.block_rows import Entry, Section
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


OFFERED = [key for key, block in CATALOGUE.items() if not block.edge]
"""The edges of a group come with the group."""


def titles(shown: Palette) -> list[str]:
    items = (shown.list.item(row) for row in range(shown.list.count()))
    return [item.text() for item in items if not item.data(palette.KEY)]


def test_it_lists_the_whole_catalogue_by_family(shown: Palette) -> None:
    assert sorted(shown.visible_keys()) == sorted(OFFERED)
    assert titles(shown)[:3] == ["Data", "Dense", "Convolution"]


def test_every_row_says_what_its_block_is_for(shown: Palette) -> None:
    for row in range(shown.list.count()):
        item = shown.list.item(row)
        assert not item.data(palette.KEY) or item.toolTip() == CATALOGUE[item.data(palette.KEY)].purpose()


def test_typing_filters_and_enter_adds_the_first(shown: Palette, qtbot: QtBot) -> None:
    qtbot.keyClicks(shown.search, "pool")
    assert shown.visible_keys()[:2] == ["MaxPool2D", "AvgPool2D"]
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
    assert sorted(shown.visible_keys()) == sorted(OFFERED)


def test_names_of_both_languages_are_found(shown: Palette, qtbot: QtBot) -> None:
    set_language("zh")
    shown.relabel()
    shown.search.setText("池化")
    assert "MaxPool2D" in shown.visible_keys()
    shown.search.setText("pooling")
    assert "MaxPool2D" in shown.visible_keys()


def test_dragging_a_block_carries_its_name(shown: Palette, monkeypatch: pytest.MonkeyPatch) -> None:
    carried = []

    class Drag(block_list.QDrag):
        def exec(self, *_actions: object) -> Qt.DropAction:  # the real one waits for the pointer
            carried.append((bytes(self.mimeData().data(MIME)).decode(), self.pixmap().isNull()))
            return Qt.DropAction.CopyAction

    monkeypatch.setattr(block_list, "QDrag", Drag)
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


def test_letters_typed_at_the_list_go_to_the_search(shown: Palette, qtbot: QtBot) -> None:
    shown.list.setFocus()
    qtbot.keyClicks(shown.list, "d")
    assert shown.search.text() == "d" and shown.search.hasFocus()


def test_the_arrows_pass_by_the_titles(shown: Palette, qtbot: QtBot) -> None:
    shown.list.setFocus()
    seen = []
    for _ in range(4):
        qtbot.keyClick(shown.list, Qt.Key.Key_Down)
        seen.append(shown.list.current_key())
    assert seen == shown.visible_keys()[: len(seen)] or seen == shown.visible_keys()[1 : len(seen) + 1]
    with qtbot.waitSignal(shown.blockChosen) as chosen:
        qtbot.keyClick(shown.list, Qt.Key.Key_Return)
    assert chosen.args == [seen[-1]]


def test_what_was_used_last_stands_at_the_top_six_at_most(shown: Palette) -> None:
    for key in ("Dense", "ReLU", "Tanh", "Add", "Conv2D", "Flatten", "ReLU", "Input"):
        shown.shelf.use(key)
    assert titles(shown)[0] == "Used recently"
    assert shown.visible_keys()[:6] == ["Input", "ReLU", "Flatten", "Conv2D", "Add", "Tanh"]


def test_a_star_is_given_and_taken_by_its_keys_while_typing(shown: Palette, qtbot: QtBot) -> None:
    qtbot.keyClicks(shown.search, "conv2d")
    qtbot.keyClick(shown.search, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    assert shown.shelf.favourites == ("Conv2D",)
    qtbot.keyClick(shown.search, Qt.Key.Key_Escape)
    assert titles(shown)[0] == "Favourites" and shown.visible_keys()[0] == "Conv2D"
    shown.list.choose_row(0)
    shown.list.setFocus()
    qtbot.keyClick(shown.list, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    assert shown.shelf.favourites == () and "Favourites" not in titles(shown)


def test_a_click_on_a_star_marks_the_block_and_adds_nothing(shown: Palette, qtbot: QtBot) -> None:
    place = place_of(shown, "Tanh")
    star = QPoint(shown.list.viewport().width() - 16, place.y())
    with qtbot.assertNotEmitted(shown.blockChosen):
        QTest.mouseClick(shown.list.viewport(), Qt.MouseButton.LeftButton, pos=star)
    assert shown.shelf.favourites == ("Tanh",)
    QTest.mouseClick(shown.list.viewport(), Qt.MouseButton.LeftButton, pos=place - QPoint(30, 0))
    assert shown.shelf.favourites == ("Tanh",)


def test_under_a_hand_on_the_mouse_the_rows_stay_where_they_are_until_it_leaves(shown: Palette) -> None:
    before = shown.visible_keys()
    QTest.mouseClick(shown.list.viewport(), Qt.MouseButton.LeftButton, pos=place_of(shown, "Tanh"))
    shown.shelf.use("Tanh")
    assert shown.visible_keys() == before
    QApplication.sendEvent(shown, QEvent(QEvent.Type.Leave))
    assert shown.visible_keys()[0] == "Tanh"


def test_the_menu_of_a_block_adds_it_and_gives_it_its_star(shown: Palette, qtbot: QtBot) -> None:
    add, star = shown.list.menu_for("Dense").actions()
    with qtbot.waitSignal(shown.blockChosen) as chosen:
        add.trigger()
    assert chosen.args == ["Dense"] and star.text() == "Add to favourites"
    star.trigger()
    assert shown.shelf.favourites == ("Dense",)
    assert shown.list.menu_for("Dense").actions()[1].text() == "Remove from favourites"


def test_further_sections_are_listed_found_and_starred_like_the_rest(shown: Palette, qtbot: QtBot) -> None:
    mine = Section("My blocks", (Entry("own:stage", "Residual stage", "Combine", "Two convolutions and a shortcut"),))
    shown.add_sections(lambda: [mine])
    assert titles(shown)[0] == "My blocks" and shown.visible_keys()[0] == "own:stage"
    shown.shelf.star("own:stage", True)
    shown.shelf.star("no such block", True)
    assert titles(shown)[:2] == ["Favourites", "My blocks"]
    qtbot.keyClicks(shown.search, "residual")
    assert shown.visible_keys()[0] == "own:stage"
