"""The panel of attention: heat map, arcs and all heads; words that are kept to; a sentence of one's own."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QApplication

from playground.probes._attended import Side
from playground.probes.attention import MEAN, Attention, AttentionAnswer, Overview
from playground.text import set_language
from tests.gui.fake_session import FakeSession, planar
from tests.transformers import HEADS, classifier, writer
from widgets.panels import PANELS, load_panels
from widgets.panels.parts.of_attention import short_names

load_panels()

WORDS = ("the", "cat", "sat", "down")


@pytest.fixture
def shown(qtbot):
    def make(experiment=None, size=(420, 300)):
        session = FakeSession(experiment or classifier()[0])
        panel = PANELS["attention"](session)
        qtbot.addWidget(panel)
        panel.resize(*size)
        panel.show()
        QApplication.processEvents()
        return panel, session

    return make


def answer(kind="self", words=WORDS, says=(), node="attention_1", head=0, own=False):
    steps = len(words)
    weights = np.random.default_rng(3).random((steps, steps))
    if kind == "masked":
        weights = np.tril(weights)
    weights /= weights.sum(axis=1, keepdims=True)
    small = (np.stack([weights, weights[::-1]]) * 255).round().astype(np.uint8)
    layers = (Overview(node, kind, 2, small),)
    side = Side(steps, words, (1,))
    weights = weights.astype(np.float16)
    return AttentionAnswer(7, node, head, 2, kind, weights, side, side, says, layers, "validation", 0, 30, own)


def at(panel, row, column):
    return panel.map.cell(row, column).center().toPoint()


def test_pointing_at_a_cell_tells_who_looks_at_whom(shown, qtbot):
    panel, session = shown()
    assert session.watched["attention"] == Attention(node="attention_1", head=0)
    told = answer()
    panel.draw(told)
    assert panel.filled and panel.map.isVisible() and not panel.arcs.isVisible()
    qtbot.mouseMove(panel.map, at(panel, 2, 1))
    assert panel.map.hovered == (2, 1)
    text = panel._readout.text()
    assert "sat" in text and "cat" in text and f"{float(told.weights[2, 1]):.3f}" in text


def test_a_click_keeps_to_a_word_for_all_panels_and_the_keys_walk_on(shown, qtbot):
    panel, _ = shown()
    panel.draw(answer())
    qtbot.mouseClick(panel.map, Qt.MouseButton.LeftButton, pos=at(panel, 1, 2))
    assert panel.focus.now.step == panel.map.row == panel.arcs.row == 1
    qtbot.keyClick(panel.map, Qt.Key.Key_Down)
    assert panel.focus.now.step == 2
    qtbot.keyClick(panel.map, Qt.Key.Key_Down)
    qtbot.keyClick(panel.map, Qt.Key.Key_Down)
    assert panel.focus.now.step == 3  # there is no further word
    qtbot.keyClick(panel.map, Qt.Key.Key_Escape)
    assert panel.focus.now.step == panel.map.row == -1


def test_a_word_beyond_a_shorter_sentence_is_kept_to_no_longer(shown):
    panel, _ = shown()
    panel.focus.move(step=3)
    panel.draw(answer())
    assert panel.map.row == 3
    panel.draw(answer(words=WORDS[:2]))
    assert panel.map.row == panel.arcs.row == -1


def test_what_the_mask_hides_is_hatched(shown):
    panel, _ = shown()
    panel.draw(answer("masked"))
    image = panel.grab(panel.map.geometry()).toImage()
    scale = image.devicePixelRatio()

    def colours(row, column):
        box = panel.map.cell(row, column).adjusted(3, 3, -3, -3).toRect()
        return {
            image.pixel(round(x * scale), round(y * scale))
            for x in range(box.left(), box.right())
            for y in range(box.top(), box.top() + 2)  # above the number
        }

    assert len(colours(0, 3)) > 1 and len(colours(3, 0)) == 1


def test_arcs_to_earlier_words_lie_above_and_to_later_ones_below(shown, qtbot):
    panel, _ = shown()
    panel.draw(answer())
    panel.view.setCurrentIndex(1)
    panel.view.activated.emit(1)
    assert panel.arcs.isVisible() and not panel.map.isVisible()
    line = panel.arcs.line()
    assert panel.arcs.path(2, 0).boundingRect().bottom() <= line.top() < line.bottom()
    assert panel.arcs.path(0, 2).boundingRect().top() >= line.bottom()
    pos = QPoint(round(line.left() + 2.5 * line.width() / 4), round(line.center().y()))
    qtbot.mouseMove(panel.arcs, pos)
    assert panel.arcs.shown == 2 and "sat" in panel._readout.text()
    qtbot.mouseClick(panel.arcs, Qt.MouseButton.LeftButton, pos=pos)
    assert panel.focus.now.step == 2
    qtbot.keyClick(panel.arcs, Qt.Key.Key_Left)
    assert panel.focus.now.step == 1
    assert panel.arcs.word_at(QPointF(-5, 10)) == -1


def test_in_cross_attention_lines_lead_from_what_is_written_to_what_is_read(shown):
    panel, _ = shown(writer())
    cross = "decoder.1.cross_attention.1.attention_1"
    assert panel.chosen() == cross  # it comes first, where there is some
    panel.draw(answer("cross", says=("a", "b", "c", "d"), node=cross))
    box = panel.arcs.path(1, 3).boundingRect()
    assert box.top() >= panel.arcs.other_line().bottom() and box.bottom() <= panel.arcs.line().top()
    assert "writing “b”" in panel.who(1) and "cat" in panel.who(1)


def test_a_head_is_chosen_among_all_and_the_mean_stands_behind_them(shown, qtbot):
    panel, session = shown(size=(900, 300))
    panel.draw(answer())
    assert panel.all.isVisible() and panel.map.isVisible()
    box = panel.all.boxes()["attention_1", 1]
    qtbot.mouseClick(panel.all, Qt.MouseButton.LeftButton, pos=box.center().toPoint())
    assert session.watched["attention"].head == 1 and panel.head.currentIndex() == 1
    panel.head.setCurrentIndex(HEADS)
    panel.head.activated.emit(HEADS)
    assert session.watched["attention"].head == MEAN


def test_the_keys_walk_from_head_to_head_and_from_layer_to_layer(shown, qtbot):
    panel, session = shown(writer(), size=(900, 300))
    nodes = panel.nodes()
    panel.set_node(nodes[0])
    small = np.zeros((2, 3, 3), np.uint8)
    layers = tuple(Overview(node, "self", 2, small) for node in nodes)
    panel.draw(AttentionAnswer(**{**vars(answer(node=nodes[0])), "layers": layers}))
    qtbot.keyClick(panel.all, Qt.Key.Key_Right)
    assert session.watched["attention"] == Attention(node=nodes[0], head=1)
    panel.draw(AttentionAnswer(**{**vars(answer(node=nodes[0], head=1)), "layers": layers}))
    qtbot.keyClick(panel.all, Qt.Key.Key_Down)
    assert session.watched["attention"] == Attention(node=nodes[1], head=1)
    assert panel.title_detail() == "encoder.2"


def test_an_answer_for_another_layer_is_not_shown(shown):
    panel, _ = shown(writer())
    panel.draw(answer(node="elsewhere"))
    assert not panel.filled


def test_words_of_ones_own_are_asked_about(shown, qtbot):
    panel, session = shown()
    panel.draw(answer())
    qtbot.keyClicks(panel.bar.field, "a film")
    qtbot.keyClick(panel.bar.field, Qt.Key.Key_Return)
    assert session.watched["attention"].own == "a film"
    panel.draw(answer(own=True))
    assert panel.bar.place.text() == "your own"


def test_layers_are_called_by_the_shortest_name_that_is_their_own():
    deep = [f"encoder.{n}.attention.1.attention_1" for n in (1, 2)]
    decoder = [f"decoder.1.{part}.1.attention_1" for part in ("masked_attention", "cross_attention")]
    assert list(short_names(deep + decoder).values()) == [
        *("encoder.1", "encoder.2"),
        *("decoder.masked_attention", "decoder.cross_attention"),
    ]
    assert short_names(deep[:1]) == {deep[0]: "encoder"}
    assert short_names(["attention_1", "attention_2"]) == {"attention_1": "attention_1", "attention_2": "attention_2"}
    twice = [f"decoder.{n}.{part}.1.attention_1" for n in (1, 2) for part in ("a", "b")]
    assert list(short_names(twice).values()) == ["decoder.1.a", "decoder.1.b", "decoder.2.a", "decoder.2.b"]


def test_it_says_how_to_fill_it_and_speaks_chinese(shown):
    panel, session = shown(planar())
    assert session.watched["attention"] is None and "self-attention" in panel.empty()
    panel, _ = shown()
    panel.draw(answer())
    set_language("zh")
    panel.relabel()
    panel.grab()
