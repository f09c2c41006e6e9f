"""The panel of attention step by step: what is shown at each step, and the numbers written out."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QApplication

from playground.probes._attended import Side
from playground.probes.attention_steps import LAST, AttentionSteps, AttentionStepsAnswer
from playground.text import set_language
from tests.gui.fake_session import FakeSession, planar
from tests.transformers import classifier
from widgets.panels import PANELS, load_panels
from widgets.panels.parts.attention_table import KEYS, PRODUCTS, SCORES, SUM, WEIGHTS

load_panels()

WORDS = ("the", "cat", "sat")


@pytest.fixture
def shown(qtbot):
    def make(experiment=None, size=(700, 340)):
        session = FakeSession(experiment or classifier()[0])
        panel = PANELS["attention_steps"](session)
        qtbot.addWidget(panel)
        panel.resize(*size)
        panel.show()
        QApplication.processEvents()
        return panel, session

    return make


def answer(row=1, masked=False, node="attention_1", words=WORDS):
    rng = np.random.default_rng(5)
    steps, wide = len(words), 4
    query, keys, values = rng.normal(size=wide), rng.normal(size=(steps, wide)), rng.normal(size=(steps, wide))
    products = keys @ query
    scores = products / math.sqrt(wide)
    if masked:
        scores[row + 1 :] = -np.inf
    weights = np.exp(scores) / np.exp(scores).sum()
    side = Side(steps, words)
    arrays = (query, keys, values, products, scores, weights, weights @ values)
    arrays = (one.astype(np.float32) for one in arrays)
    kind = "masked" if masked else "self"
    return AttentionStepsAnswer(9, node, 0, 2, kind, row, wide, *arrays, side, side, (), "validation", 0, 30, False)


def told(panel):
    return panel.written_out(panel.answer, panel.table.marked)[0]


def test_the_steps_are_gone_through_and_written_out(shown, qtbot):
    panel, _ = shown()
    one = answer()
    panel.draw(one)
    assert panel.filled and panel.table.stage == SUM and not panel.after.isEnabled()
    best = int(one.weights.argmax())
    assert panel.table.marked == best
    assert f"{one.weights[best]:.2f} · v({WORDS[best]})" in told(panel).replace("−", "-")
    for stage, number in ((WEIGHTS, one.weights), (SCORES, one.scores), (PRODUCTS, one.products)):
        qtbot.mouseClick(panel.before, Qt.MouseButton.LeftButton)
        assert panel.table.stage == stage
        assert f"{number[best]:.2f}" in told(panel).replace("−", "-")
    qtbot.mouseClick(panel.before, Qt.MouseButton.LeftButton)
    assert panel.table.stage == KEYS and not panel.before.isEnabled() and "1 / 5" in panel.place.text()
    qtbot.keyClick(panel.table, Qt.Key.Key_Right)
    assert panel.table.stage == PRODUCTS


def test_a_row_is_pointed_at_or_walked_to(shown, qtbot):
    panel, _ = shown()
    panel.draw(answer())
    box = panel.table.box(panel.table.columns().products, 2)
    qtbot.mouseMove(panel.table, box.center().toPoint())
    assert panel.table.marked == 2
    qtbot.mouseClick(panel.table, Qt.MouseButton.LeftButton, pos=box.center().toPoint())
    qtbot.keyClick(panel.table, Qt.Key.Key_Up)
    assert panel.table.marked == 1
    assert panel.table.row_at(QPointF(5, 2)) == -1


def test_what_the_mask_hides_says_so(shown, qtbot):
    panel, _ = shown()
    panel.draw(answer(masked=True))
    box = panel.table.box(panel.table.columns().products, 2)
    qtbot.mouseClick(panel.table, Qt.MouseButton.LeftButton, pos=box.center().toPoint())
    panel.go(-1)
    assert "mask" in told(panel) and "sat" in told(panel)


def test_the_word_that_looks_is_chosen_here_or_in_another_panel(shown):
    panel, session = shown()
    assert session.watched["attention_steps"] == AttentionSteps(node="attention_1", row=LAST)
    panel.draw(answer())
    assert panel.word.count() == 3 and panel.word.currentIndex() == 1
    panel.word.activated.emit(2)
    assert panel.focus.now.step == 2 and session.watched["attention_steps"].row == 2
    panel.focus.move(step=0)
    assert session.watched["attention_steps"].row == 0


def test_a_long_text_is_scrolled(shown):
    panel, _ = shown(size=(400, 240))
    panel.draw(answer(words=tuple(f"w{n}" for n in range(40))))
    QApplication.processEvents()
    assert panel.table.height() > 40 * 15 > panel.height()


def test_it_says_how_to_fill_it_and_speaks_chinese(shown):
    panel, session = shown(planar())
    assert session.watched["attention_steps"] is None and "self-attention" in panel.empty()
    panel, _ = shown()
    panel.draw(answer(masked=True))
    set_language("zh")
    panel.relabel()
    panel.grab()
