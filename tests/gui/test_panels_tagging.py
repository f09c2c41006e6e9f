"""The panels of texts: tags word by word, and the answer after every word."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication

from playground.experiment import Experiment
from playground.facts import DataFacts, Target
from playground.probes.tagging import Tagged, Tagging, TaggingAnswer
from playground.probes.word_by_word import WordByWord, WordByWordAnswer
from playground.shape import Shape
from playground.text import set_language
from tests.gui.fake_session import FakeSession, planar
from widgets.panels import PANELS, load_panels
from widgets.panels.parts.tagged import colours
from widgets.panels.tagging import PAGE

load_panels()

TAGS = ("O", "B-PER", "I-PER", "B-LOC")


def texts_with(**target) -> Experiment:
    facts = DataFacts({"text": Shape(time=9)}, target, {"train": 9}, vocabularies={"text": 30})
    return Experiment(facts=facts)


TAGGER = texts_with(tag=Target(TAGS, Shape(time=9)))
JUDGE = texts_with(label=Target(("bad", "good")))


@pytest.fixture
def shown(qtbot):
    def make(key, experiment, size=(640, 300)):
        session = FakeSession(experiment)
        panel = PANELS[key](session)
        qtbot.addWidget(panel)
        panel.resize(*size)
        panel.show()
        QApplication.processEvents()
        return panel, session

    return make


def tagged(index, words="Ann sees Rome .", given=(1, 0, 3, 0), right=(1, 0, 3, 0), unknown=()):
    n = len(words.split())
    numbers = [np.array(one, dtype=np.int16) for one in (given, right)]
    second, sure, less = np.full(n, 2, np.int16), np.full(n, 0.9, np.float32), np.full(n, 0.05, np.float32)
    return Tagged(index, tuple(words.split()), unknown, numbers[0], sure, second, less, numbers[1])


def answer(*texts, typed=None, first=0, count=40, **other):
    texts = texts or (tagged(0), tagged(1, given=(3, 0, 0, 0)))
    return TaggingAnswer(7, TAGS, texts, typed, "given", first, count, "validation", **other)


def place_of(panel, text, word):
    cell = next(one for one in panel.lines.cells if (one.text, one.word) == (text, word))
    return cell.box.center().toPoint()


def test_what_is_wrong_is_struck_out_beside_what_is_right(shown):
    panel, session = shown("tagging", TAGGER)
    assert session.watched["tagging"] == Tagging(texts=PAGE)
    panel.draw(answer())
    lines = panel.lines
    assert panel.filled and [text.mistakes for text in lines.texts] == [0, 2]
    assert lines.labels(lines.texts[0], 0) == ("", "B-PER") and lines.labels(lines.texts[0], 1) == ("", "")
    assert lines.labels(lines.texts[1], 0) == ("B-LOC", "B-PER") and lines.labels(lines.texts[1], 2) == ("O", "B-LOC")
    assert "6 / 8 (75.0%) of the words shown" in panel._readout.text()
    panel._readout.hurry()
    panel.draw(answer(judged=400, hits=390))
    assert "390 / 400 (97.5%) of all words" in panel._readout.text()


def test_pointing_at_a_word_tells_how_sure_the_network_is(shown, qtbot):
    panel, _ = shown("tagging", TAGGER)
    panel.draw(answer())
    qtbot.mouseMove(panel.lines, place_of(panel, 1, 0))
    assert panel.lines.hovered == (1, 0)
    assert panel._readout.text() == "Ann: B-LOC 90%, I-PER 5%; right is B-PER" == panel.lines.toolTip()


def test_clicking_a_sentence_shows_it_in_all_panels(shown, qtbot):
    panel, _ = shown("tagging", TAGGER)
    panel.draw(answer(tagged(4), tagged(9), typed=tagged(-1, right=(-1,) * 4)))
    qtbot.mouseClick(panel.lines, Qt.MouseButton.LeftButton, pos=place_of(panel, 2, 1))
    assert panel.focus.now.index == 9 and panel.lines.chosen == 2
    qtbot.keyClick(panel.lines, Qt.Key.Key_Up)
    assert panel.focus.now.index == 4 and panel.lines.chosen == 1
    assert "Ann/B-PER" in panel.lines.accessibleDescription()


def test_pages_turn_round_and_mistakes_can_come_first(shown, qtbot):
    panel, session = shown("tagging", TAGGER)
    panel.draw(answer(*[tagged(k) for k in range(PAGE)]))
    assert panel.bar.place.text() == f"1–{PAGE} / 40"
    qtbot.mouseClick(panel.bar.after, Qt.MouseButton.LeftButton)
    assert session.watched["tagging"].first == PAGE and panel.focus.now.index == 0
    for _ in range(2):
        qtbot.mouseClick(panel.bar.before, Qt.MouseButton.LeftButton)
    assert session.watched["tagging"].first == 36
    qtbot.mouseClick(panel.bar.after, Qt.MouseButton.LeftButton)
    assert session.watched["tagging"].first == 0
    qtbot.mouseClick(panel.mistaken, Qt.MouseButton.LeftButton)
    assert session.watched["tagging"] == Tagging(order="mistaken", texts=PAGE)


def test_a_typed_sentence_is_asked_for_and_stands_first(shown, qtbot):
    panel, session = shown("tagging", TAGGER)
    panel.draw(answer())
    qtbot.keyClicks(panel.bar.field, "Ann runs")
    qtbot.keyClick(panel.bar.field, Qt.Key.Key_Return)
    assert session.watched["tagging"].own == "Ann runs"
    panel.draw(answer(typed=tagged(-1, "Ann runs", (1, 0), (-1, -1), (1,))))
    assert panel.lines.texts[0].words == ("Ann", "runs") and panel.lines.chosen == 0


def test_kinds_of_names_have_one_colour_and_what_is_none_has_no_colour():
    assert colours(TAGS) == [-1, 0, 0, 1]
    assert colours(("NOUN", "VERB")) == [0, 1]


@pytest.mark.parametrize("width", [200, 380, 900])
def test_lines_break_where_the_panel_ends_and_all_words_have_a_place(shown, width):
    panel, _ = shown("tagging", TAGGER, (width, 240))
    long = " ".join(["internationalisation", "我们", "a"] * 12)
    panel.draw(answer(tagged(0, long, [1] * 36, [3] * 36)))
    assert len(panel.lines.cells) == 36 and panel.lines.minimumHeight() > 38
    boxes = [cell.box for cell in panel.lines.cells]
    assert not any(one.intersects(other) for k, one in enumerate(boxes) for other in boxes[:k])
    assert not panel.grab().isNull()


def test_where_nothing_is_tagged_it_says_so_in_both_languages(shown):
    for key in ("tagging", "word_by_word"):
        panel, session = shown(key, planar())
        assert session.watched[key] is None and "open" in panel.empty()
    panel, session = shown("tagging", TAGGER)
    panel.draw(answer())
    set_language("zh")
    panel.relabel()
    session.restart()
    assert not panel.filled


def curves(shares=((0.5, 0.9, 0.2), (0.5, 0.1, 0.8)), label=1, **other):
    said = {
        "step": 7,
        "words": ("not", "bad", "!"),
        "unknown": (2,),
        "classes": ("bad", "good"),
        "shown": (0, 1),
        "shares": np.array(shares, np.float32),
        "label": label,
        "split": "validation",
        "index": 3,
        "count": 30,
        "own": False,
    }
    return WordByWordAnswer(**(said | other))


def test_the_answer_after_every_word_is_told(shown, qtbot):
    panel, session = shown("word_by_word", JUDGE)
    assert session.watched["word_by_word"] == WordByWord()
    panel.draw(curves())
    assert "✓" in panel._readout.text() and "good 80%" in panel._readout.text()
    box = panel.curves.box()
    qtbot.mouseMove(panel.curves, QPoint(round(box.center().x()), round(box.center().y())))
    assert panel.curves.hovered == 1
    assert "after “bad”: bad 90%" in panel._readout.text() and "✗" in panel._readout.text()
    qtbot.mouseClick(panel.bar.after, Qt.MouseButton.LeftButton)
    assert session.watched["word_by_word"].index == 1
    panel.draw(curves(label=-1, own=True))
    assert panel.bar.place.text() == "your own" and not panel.grab().isNull()


def test_one_word_and_many_classes_are_painted(shown):
    panel, _ = shown("word_by_word", JUDGE, (200, 140))
    names = tuple(f"a class with a long name {k}" for k in range(6))
    panel.draw(curves(np.full((6, 1), 1 / 6), words=("我们",), unknown=(), classes=names, shown=tuple(range(6))))
    assert not panel.grab().isNull()
