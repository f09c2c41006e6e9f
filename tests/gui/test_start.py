from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetrics
from pytestqt.qtbot import QtBot

from playground.presets import presets
from playground.text import set_language
from widgets import app, preset_cards, start
from widgets.start import StartPage


@pytest.fixture
def shown(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StartPage:
    monkeypatch.setenv("NETWORK_PLAYGROUND_HOME", str(tmp_path))
    app.application()
    made = StartPage([Path("/somewhere/mine.json")])
    qtbot.addWidget(made)
    made.resize(1280, 740)
    made.show()
    with qtbot.waitActive(made):
        made.activateWindow()
    return made


def test_every_preset_has_a_card_with_its_title(shown: StartPage) -> None:
    assert set(shown.cards) == {preset.name for preset in presets()}
    assert shown.cards["xor"].accessibleName() == "XOR with a hidden layer"


def test_what_to_begin_with_comes_first_and_the_rest_in_the_order_of_the_curriculum(shown: StartPage) -> None:
    names = list(shown.cards)
    assert names[: len(start.FIRST)] == list(start.FIRST)
    assert names.index("mcp-and") < names.index("perceptron-and") < names.index("digits-embedding")
    assert names.index("resnet-18") > names.index("segmentation")


def test_typing_leaves_what_is_found(shown: StartPage, qtbot: QtBot) -> None:
    shown.search.setFocus()
    qtbot.keyClicks(shown.search, "perceptron")
    found = {name for name, card in shown.cards.items() if card.isVisible()}
    assert {"perceptron-and", "perceptron-fails"} <= found and "lenet" not in found
    shown.search.setText("B13")
    assert [name for name, card in shown.cards.items() if card.isVisible()] == ["segmentation"]
    shown.search.clear()
    assert all(card.isVisible() for card in shown.cards.values())


def test_a_click_or_enter_opens_a_card(shown: StartPage, qtbot: QtBot) -> None:
    with qtbot.waitSignal(shown.presetChosen) as chosen:
        qtbot.mouseClick(shown.cards["lenet"], Qt.MouseButton.LeftButton)
    assert chosen.args == ["lenet"]
    with qtbot.waitSignal(shown.presetChosen) as chosen:
        qtbot.keyClick(shown.cards["xor"], Qt.Key.Key_Return)
    assert chosen.args == ["xor"]


def test_escape_leaves_it(shown: StartPage, qtbot: QtBot) -> None:
    with qtbot.waitSignal(shown.left):
        qtbot.keyClick(shown, Qt.Key.Key_Escape)


def test_recent_files_are_one_click_away(shown: StartPage, qtbot: QtBot) -> None:
    with qtbot.waitSignal(shown.fileChosen) as chosen:
        qtbot.mouseClick(shown.recent_buttons[0], Qt.MouseButton.LeftButton)
    assert chosen.args == [Path("/somewhere/mine.json")]


def test_cards_speak_the_language_of_the_moment(shown: StartPage) -> None:
    set_language("zh")
    shown.refresh([])
    assert shown.cards["xor"].accessibleName() == "用隐藏层解决异或"


def test_a_broken_preset_of_ones_own_does_not_hide_the_others(shown: StartPage, tmp_path: Path) -> None:
    (tmp_path / "presets").mkdir()
    (tmp_path / "presets" / "broken.json").write_text("{", encoding="utf-8")
    shown.refresh([])
    assert {"broken", "xor"} <= set(shown.cards)
    assert shown.cards["broken"].about == "This file cannot be read."


def test_cards_wrap_where_the_window_is_narrow(shown: StartPage, qtbot: QtBot) -> None:
    places = {card.y() for card in shown.cards.values() if card.preset.name != "lenet"}
    shown.resize(640, 740)
    qtbot.waitUntil(lambda: len({c.y() for c in shown.cards.values() if c.preset.name != "lenet"}) > len(places))


@pytest.mark.parametrize("text", ["One neuron draws one straight line. " * 4, "一个神经元画一条直线" * 12])
def test_lines_never_exceed_the_card(text: str) -> None:
    app.application()
    metrics = QFontMetrics(QFont())
    lines = preset_cards._lines(text, metrics, 200, 3)
    assert len(lines) == 3
    assert all(metrics.horizontalAdvance(line) <= 200 for line in lines)
    assert lines[-1].endswith("…")
