"""The panel of what a network writes: samples by epoch, one's own beginning, an answer to walk along."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from playground.messages import Cancel, Underway
from playground.probes.writing import (
    AnswerWritten,
    Sample,
    SamplesWritten,
    TextWritten,
    Token,
    Write,
    Writing,
)
from playground.text import say, set_language
from tests.examples import preset
from tests.gui.fake_session import FakeSession, planar
from widgets.panels import PANELS, load_panels
from widgets.panels.parts.going_on import ROOMY
from widgets.panels.parts.tokens import visible

load_panels()


class Asking(FakeSession):
    """A session that notes what it is asked."""

    def __init__(self, experiment: Any) -> None:
        super().__init__(experiment)
        self.asked: list[tuple[Any, Any, Any]] = []
        self.cancelled: list[int] = []

    def ask(self, question: Any, reply: Any, heard: Any = None) -> int:
        self.asked.append((question, reply, heard))
        return len(self.asked)

    def cancel(self, id: int) -> None:
        self.cancelled.append(Cancel(id).id)


@pytest.fixture
def shown(qtbot):
    def make(name="character-model", width=640):
        session = Asking(preset(name) if name else planar())
        panel = PANELS["writing"](session)
        qtbot.addWidget(panel)
        panel.resize(width, 300)
        panel.show()
        QApplication.processEvents()
        return panel, session

    return make


def samples(*epochs):
    return SamplesWritten(9, tuple(Sample(k, 10 * k, f"text {k}\n<b>of</b> it") for k in epochs))


def token(text, share=0.9, other="x"):
    return Token(text, share, ((text, share), (other, 1 - share)))


def own(*texts, prompt="Th", **other):
    said = {"prompt": prompt, "tokens": tuple(map(token, texts)), "unknown": (), "goes_on": True, "unit": "characters"}
    return TextWritten(**(said | other))


def answered(text="12", wanted="12", **other):
    said = {
        "step": 3,
        "source": "2 1",
        "image": np.zeros((0, 0, 3), np.uint8),
        "wanted": wanted,
        "text": text,
        "tokens": (*map(token, text), token("")),
        "exact": text == wanted,
        "unit": "words",
        "split": "validation",
        "index": 0,
        "count": 40,
        "own": False,
        "goes_on": True,
    }
    return AnswerWritten(**(said | other))


def listed(panel):
    return [panel.texts.list.item(k).text() for k in range(panel.texts.list.count())]


# -- running text ------------------------------------------------------------------------------------------------


def test_the_latest_sample_is_read_until_another_one_is_chosen(shown):
    panel, _ = shown()
    panel.draw(samples(0, 1))
    assert panel.filled and listed(panel) == ["epoch 1", "epoch 0"]
    assert panel.texts.text.toPlainText() == "text 1\n<b>of</b> it"
    panel.draw(samples(0, 1, 2))
    assert panel.texts.text.toPlainText().startswith("text 2")
    panel.texts.list.setCurrentRow(1)
    panel.draw(samples(0, 1, 2, 3))
    assert listed(panel)[panel.texts.list.currentRow()] == "epoch 1"
    assert panel.texts.text.toPlainText().startswith("text 1")


def test_enter_lets_the_network_go_on_and_its_text_grows(shown):
    panel, session = shown()
    panel.draw(samples(0))
    QTest.keyClicks(panel.texts.prompt, "Th")
    panel.texts.slider.setValue(20)
    QTest.keyClick(panel.texts.prompt, Qt.Key.Key_Return)
    question, reply, heard = session.asked[0]
    assert question == Write("Th", 1.0, seed=1)
    assert panel.busy and panel.texts.button.text() == "Stop"
    heard(Underway(1, 0.5, 0.1, own("e", " ")))
    assert listed(panel) == ["your own", "epoch 0"] and panel.texts.text.toPlainText() == "The "
    heard(Underway(1, 0.7, 0.1, own("e", " ", "n")))
    assert panel.texts.text.toPlainText() == "The n"
    reply(own("e", " ", "n", "e"), None)
    assert panel.texts.text.toPlainText() == "The ne"
    assert not panel.busy and panel.texts.button.text() == "Write"
    QTest.mouseClick(panel.texts.button, Qt.MouseButton.LeftButton)
    assert session.asked[1][0].seed == 2  # by another chance


def test_writing_can_be_stopped_and_what_is_there_stays(shown):
    panel, session = shown()
    panel.draw(samples(0))
    QTest.mouseClick(panel.texts.button, Qt.MouseButton.LeftButton)
    _, reply, heard = session.asked[0]
    heard(Underway(1, 0.5, 0.1, own("e")))
    QTest.mouseClick(panel.texts.button, Qt.MouseButton.LeftButton)
    assert session.cancelled == [1] and not panel.busy
    reply(None, say("it was cancelled"))
    assert panel.texts.text.toPlainText() == "The" and panel.texts.readout.text() == ""


def test_the_cursor_shows_what_else_could_have_come_there(shown):
    panel, _ = shown()
    panel.draw(samples(0))
    panel._show_own(own("e", " ", "n"))
    cursor = panel.texts.text.textCursor()
    cursor.setPosition(4)
    panel.texts.text.setTextCursor(cursor)
    assert panel.texts.likeliest.isVisible() and panel.texts.likeliest.token == token("n")
    assert "n 90%, x 10%" in panel.texts.likeliest.accessibleName()
    panel.texts.list.setCurrentRow(1)
    assert not panel.texts.likeliest.isVisible()  # of samples only the text is kept
    panel.texts.list.setCurrentRow(0)
    panel.resize(ROOMY - 80, 300)
    QApplication.processEvents()
    assert not panel.texts.likeliest.isVisible()


def test_words_are_found_under_the_cursor_in_spite_of_the_spaces(shown):
    panel, _ = shown()
    panel._show_own(own("dog", "runs", ".", prompt="the", unit="words"))
    panel.draw(samples(0))
    assert panel.texts.text.toPlainText() == "the dog runs."
    for place, text in ((5, "dog"), (8, "runs"), (13, ".")):
        cursor = panel.texts.text.textCursor()
        cursor.setPosition(place, QTextCursor.MoveMode.MoveAnchor)
        panel.texts.text.setTextCursor(cursor)
        assert panel.texts.token().text == text


def test_what_it_cannot_read_and_how_it_reads_is_said(shown):
    panel, _ = shown()
    panel._show_own(own("e", unknown=("é", "≠"), goes_on=False))
    said = panel.texts.readout.text()
    assert "never seen: é ≠" in said and "read anew for each token" in said
    panel._asked, panel._number = 1, 1
    panel._on_replied(1, None, say("the network has been changed since; ask again"))
    assert panel.texts.readout.text() == "the network has been changed since; ask again"


# -- answers -----------------------------------------------------------------------------------------------------


def test_an_answer_stands_beside_what_is_read_and_wanted(shown):
    panel, _ = shown("reversal")
    panel.draw(answered())
    page = panel.answers
    assert page.source.text() == "2 1" and "12" in page.wanted.text() and "✓" in page.wanted.text()
    assert [visible(one.text) for one in page.tokens.tokens] == ["1", "2", "end"]
    panel.draw(answered(text="<2", wanted="<b>"))
    assert "✗" in page.wanted.text() and "&lt;b&gt;" in page.wanted.text()


def test_one_can_walk_along_an_answer_and_see_the_likeliest_tokens(shown):
    panel, _ = shown("reversal")
    panel.draw(answered())
    page = panel.answers
    page.tokens.setFocus()
    QTest.keyClick(page.tokens, Qt.Key.Key_Home)
    assert page.likeliest.token == token("1")
    QTest.keyClick(page.tokens, Qt.Key.Key_Right)
    assert page.likeliest.token == token("2")
    place = page.tokens.boxes[0].center().toPoint()
    QTest.mouseClick(page.tokens, Qt.MouseButton.LeftButton, pos=place)
    assert page.tokens.at == 0
    QTest.mouseClick(page.after, Qt.MouseButton.LeftButton)
    assert page.tokens.at == 1
    panel.draw(answered(text="13"))  # it has learnt on: the step that is looked at stays
    assert page.tokens.at == 1 and page.likeliest.token == token("3")
    panel.draw(answered(index=1, tokens=(token("1"), token("2", 0.4), token(""))))
    assert page.tokens.at == 1  # it hesitated there
    panel.draw(answered(index=1, tokens=(token("1", 0.3), token("2", 0.4), token(""))))
    assert page.tokens.at == 0


def test_an_answer_is_written_again_token_by_token(shown):
    panel, _ = shown("reversal")
    panel.draw(answered())
    page = panel.answers
    QTest.mouseClick(page.again, Qt.MouseButton.LeftButton)
    assert (page.tokens.at, page.tokens.until) == (0, 0) and page._pace.isActive()
    for at in (1, 2):
        page._pace.timeout.emit()
        assert page.tokens.at == page.tokens.until == at
        panel.draw(answered())  # what is learnt meanwhile does not disturb it
        assert page.tokens.at == page.tokens.until == at
    page._pace.timeout.emit()
    assert not page._pace.isActive() and page.tokens.until is None


def test_the_example_and_ones_own_words_are_shared_with_other_panels(shown):
    panel, session = shown("date-rewriting")
    panel.draw(answered())
    assert session.watched["writing"] == Writing()
    QTest.mouseClick(panel.answers.bar.after, Qt.MouseButton.LeftButton)
    assert panel.focus.now.index == 1 and session.watched["writing"] == Writing(index=1)
    QTest.keyClicks(panel.answers.bar.field, "5 May 1950")
    QTest.keyClick(panel.answers.bar.field, Qt.Key.Key_Return)
    assert session.watched["writing"] == Writing(index=1, own="5 May 1950")
    panel.draw(answered(own=True, wanted=""))
    assert not panel.answers.wanted.isVisible()


def test_an_image_stands_in_the_place_of_words(shown):
    panel, _ = shown("letters-of-a-digit")
    panel.draw(answered(source="", image=np.full((8, 8, 3), 200, np.uint8)))
    assert panel.answers.image.isVisible() and not panel.answers.source.isVisible()
    assert not panel.answers.bar.field.isVisible()


def test_a_long_answer_breaks_into_lines(shown):
    panel, _ = shown("reversal", width=300)
    panel.draw(answered(text="0123456789" * 4, wanted=""))
    QApplication.processEvents()
    row = panel.answers.tokens
    assert len({box.top() for box in row.boxes}) > 1
    assert max(box.right() for box in row.boxes) <= row.width()
    assert row.height() >= row.boxes[-1].bottom()


# -- both --------------------------------------------------------------------------------------------------------


def test_it_says_how_to_fill_it_and_asks_for_nothing_where_nothing_is_written(shown):
    panel, session = shown("")
    assert panel.probe() is None and session.watched["writing"] is None
    assert not panel.filled and "open character-model" in panel.empty()
    panel, session = shown()
    assert "Once the network is complete" in panel.empty()
    session.document.edit(say("Change"), graph=planar().graph)
    assert session.watched["writing"] is None


def test_a_new_run_begins_with_an_empty_page(shown):
    panel, session = shown()
    panel.draw(samples(0, 1))
    panel._show_own(own("e"))
    session.restart()
    assert not panel.filled and panel.texts.own is None


def test_everything_is_said_in_the_language_that_is_chosen(shown):
    panel, _ = shown()
    panel.draw(samples(0))
    set_language("zh")
    try:
        panel.relabel()
        assert panel.texts.button.text() and listed(panel)
        panel.answers.show_answer(answered())
        assert panel.answers.tokens.accessibleName()
    finally:
        set_language("en")
        panel.relabel()
    assert listed(panel) == ["epoch 0"]
