"""The panel of n-grams: the text coloured where a filter answers, a row for every filter."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import QApplication

from playground.probes.ngrams import Found, Ngrams, NgramsAnswer
from playground.text import say, set_language
from tests.examples import preset
from tests.gui.fake_session import FakeSession, planar
from widgets.panels import PANELS, load_panels
from widgets.panels.ngrams import HERE, LEANING, ROOMY, VALUE

load_panels()


@pytest.fixture
def shown(qtbot):
    def make(experiment=None):
        session = FakeSession(experiment or preset("textcnn"))
        panel = PANELS["ngrams"](session)
        qtbot.addWidget(panel)
        panel.resize(640, 300)
        panel.show()
        QApplication.processEvents()
        return panel, session

    return make


def answer(node="conv_3", filter=1, values=(0.5, 2.0, -1.0), label="negative", **other):
    words = ("this", "<b>film</b>", "is", "not", "good")
    said = {
        "step": 7,
        "node": node,
        "reach": 3,
        "total": len(values),
        "filter": filter,
        "words": words,
        "strengths": np.array([-1.0, 0.5, 2.0, 2.0, 2.0], np.float32),
        "first": 2,
        "last": 5,
        "here": ("this film is", "is not good", "film is not"),
        "values": np.array(values, np.float32),
        "anywhere": ("a fine film", "was not good", "far from dull"),
        "most": np.array([3.0, 4.0, 5.0], np.float32),
        "leaning": np.array([1, 0, 1], np.int16),
        "top": (Found("was not <good>", 4.0, 0), Found("never good.", 3.5, 1)),
        "classes": ("negative", "positive"),
        "split": "validation",
        "index": 0,
        "count": 30,
        "label": label,
        "predicted": "negative",
        "confidence": 0.9,
    }
    return NgramsAnswer(**(said | other))


def cell(panel, row, column):
    return panel.filters.data(panel.filters.index(row, column))


def test_the_filters_stand_in_the_order_of_their_answers_with_the_chosen_one_selected(shown):
    panel, _ = shown()
    panel.draw(answer())
    assert panel.filled and panel.filters.order == [1, 0, 2]
    assert [cell(panel, 0, k) for k in range(5)] == ["1", "is not good", "2", "was not good", "negative"]
    assert panel.table.currentIndex().row() == 0
    dim = panel.filters.data(panel.filters.index(2, HERE), Qt.ItemDataRole.ForegroundRole)
    assert dim is not None  # a negative answer is silenced by the ReLU
    assert panel.filters.data(panel.filters.index(0, VALUE), Qt.ItemDataRole.ForegroundRole) is None
    panel.draw(answer(filter=2, values=(0.5, 0.1, 3.0)))
    assert panel.filters.order == [2, 0, 1] and panel.table.currentIndex().row() == 0
    assert cell(panel, 0, LEANING) == "positive"


def test_the_letters_of_a_word_stay_together_and_words_apart(shown):
    panel, _ = shown(preset("tagger-with-letters"))
    assert panel.nodes() == ["conv_1"]
    words, strengths = tuple("we go"), np.array([0, 1, 0, 2, 2], np.float32)
    panel.draw(answer("conv_1", words=words, strengths=strengths, first=3, last=5, label=""))
    document = QTextDocument()
    document.setHtml(panel.text.text())
    assert document.toPlainText() == "we go" and panel.text.text().count("underline") == 2


def test_the_text_is_coloured_underlined_and_never_taken_for_markup(shown):
    panel, _ = shown()
    panel.draw(answer())
    text = panel.text.text()
    spans = text.split("<span")[1:]
    assert len(spans) == 5 and "&lt;b&gt;film&lt;/b&gt;" in spans[1]
    assert ["underline" in span for span in spans] == [False, False, True, True, True]
    grounds = [span.split("background-color:")[1][:7] for span in spans]
    assert len({grounds[0], grounds[1], grounds[2]}) == 3 and grounds[2] == grounds[3] == grounds[4]
    assert "was not &lt;good&gt;" in panel.top.text()
    panel.draw(answer(values=(-0.5, -2.0, -1.0)))
    assert "underline" not in panel.text.text()  # nothing counts where nothing gets through


def test_choosing_a_row_asks_for_that_filter(shown, qtbot):
    panel, session = shown()
    panel.draw(answer())
    assert session.watched["ngrams"] == Ngrams(node="conv_3")
    place = panel.table.visualRect(panel.filters.index(1, HERE)).center()
    qtbot.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert session.watched["ngrams"] == Ngrams(node="conv_3", filter=0)
    panel.draw(answer(filter=0))
    assert panel.table.currentIndex().row() == 1
    qtbot.keyClick(panel.table, Qt.Key.Key_Down)
    assert session.watched["ngrams"].filter == 2
    panel.set_node("conv_5")
    assert session.watched["ngrams"] == Ngrams(node="conv_5") and not panel.filled


def test_the_arrows_turn_to_other_texts(shown, qtbot):
    panel, session = shown()
    panel.draw(answer())
    assert panel._place.text() == "1 / 30"
    qtbot.mouseClick(panel._before, Qt.MouseButton.LeftButton)
    assert session.watched["ngrams"].index == 29
    qtbot.mouseClick(panel._after, Qt.MouseButton.LeftButton)
    assert session.watched["ngrams"].index == 0


def test_answers_of_another_node_are_not_drawn_and_the_choice_offers_all(shown):
    panel, session = shown()
    panel.draw(answer(node="conv_4"))
    assert not panel.filled
    assert [panel._choice.itemText(k) for k in range(panel._choice.count())] == ["conv_3", "conv_4", "conv_5"]
    graph = session.document.now.graph
    session.document.edit(say("Delete"), graph=graph.remove_joining("conv_3"))
    assert panel.chosen() == "conv_4"


def test_right_and_wrong_are_said_in_words(shown):
    panel, _ = shown()
    panel.draw(answer())
    assert "✓ prediction negative" in panel._readout.text()
    panel._readout.hurry()
    panel.draw(answer(label="positive"))
    assert "✗ prediction negative" in panel._readout.text()


def test_in_a_narrow_panel_the_list_makes_room_for_the_table(shown):
    panel, _ = shown()
    panel.draw(answer())
    assert panel.top.isVisible()
    panel.resize(ROOMY - 100, 240)
    QApplication.processEvents()
    assert not panel.top.isVisible() and panel.table.isVisible()


def test_where_no_filter_reads_words_it_says_so_in_both_languages(shown):
    panel, session = shown(planar())
    assert session.watched["ngrams"] is None and "textcnn" in panel.empty()
    panel, _ = shown()
    panel.draw(answer())
    set_language("zh")
    panel.relabel()
    assert panel.filters.headerData(0, Qt.Orientation.Horizontal)
