"""The panel of gradients through time: lines by time step, lengths before and after clipping, and both by name."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from playground.probes.through_time import ThroughTime, ThroughTimeAnswer
from playground.text import set_language
from tests.examples import preset
from tests.gui.fake_session import FakeSession, planar
from widgets.panels import PANELS, load_panels
from widgets.panels.through_time import EARLIER, ROOMY, LengthsSeen, Past, exponents, in_words

load_panels()


@pytest.fixture
def shown(qtbot):
    def make(name="delayed-recall-rnn", size=(640, 240)):
        session = FakeSession(preset(name) if name else planar())
        panel = PANELS["through_time"](session)
        qtbot.addWidget(panel)
        panel.resize(*size)
        panel.show()
        QApplication.processEvents()
        return panel, session

    return make


def answer(step=10, norms=(1e-9, 1e-6, 1e-3, 1.0), clip=1.0, before=(5.0, 0.5), node="recurrent_1", **other):
    lengths = np.array(before, np.float32)
    after = np.minimum(lengths, clip) if clip else lengths
    said = {
        "step": step,
        "node": node,
        "layer": 0,
        "backward": False,
        "norms": np.array(norms, float),
        "examples": 8,
        "whole": True,
        "steps": np.arange(step - len(lengths) + 1, step + 1),
        "before": lengths,
        "after": after,
        "clip": clip,
    }
    return ThroughTimeAnswer(**(said | other))


def test_a_vanishing_gradient_is_drawn_on_powers_of_ten_and_named(shown):
    panel, session = shown()
    assert session.watched["through_time"] == ThroughTime(node="recurrent_1", layer=0)
    panel.draw(answer())
    x, y = panel.curves[-1].getData()
    assert x.tolist() == [1, 2, 3, 4] and y.tolist() == pytest.approx([-9, -6, -3, 0])
    assert "vanishing" in panel._named_line.text() and "× 0.001 a step" in panel._named_line.text()
    assert "before clipping 0.5" in panel._readout.text() and "after 0.5" in panel._readout.text()
    assert panel.limit.isVisible() and panel.limit.value() == pytest.approx(0)
    assert panel.before.getData()[1].tolist() == pytest.approx([np.log10(5), np.log10(0.5)])
    assert panel.after.getData()[1].tolist() == pytest.approx([0, np.log10(0.5)])


def test_what_becomes_of_it_is_said_by_name():
    def named(norms, turned=False):
        words, bad = in_words(np.array(norms, float), turned)
        return words[0].split(":")[0], bad

    assert named([1e-5, 1e-2, 1]) == ("vanishing", True)
    assert named([1e5, 1e2, 1]) == ("exploding", True)
    assert named([1e5, 1e2, 1], turned=True) == ("vanishing", True)
    assert named([0, 0, 1]) == ("vanished", True)
    assert named([1, np.inf, 1]) == ("exploding", True)
    assert named([0.2, 0.5, 1])[1] is False and named([0, 0, 0]) == ("no gradient", False)
    assert named([1, 1, 1e-4, 0, 0])[0] == "exploding"  # shorter sequences end where nothing follows


def test_earlier_moments_stay_to_be_seen(shown):
    panel, _ = shown()
    for step in range(1, 200):
        panel.draw(answer(step=step, norms=[step, 1.0, 1.0, 1.0]))
    moments = [step for step, _ in panel.past.shown()]
    assert len(moments) == EARLIER + 1 and moments[-1] == 199 and moments[0] < 20
    assert all(later - earlier > 5 for earlier, later in pairwise(moments[:-1]))
    past = Past()
    past.add(answer(step=50))
    past.add(answer(step=3))
    assert [step for step, _ in past.shown()] == [3]  # the run began anew


def test_lengths_go_on_from_answer_to_answer():
    seen = LengthsSeen()
    seen.add(answer(step=2, before=(1.0, 2.0)))
    seen.add(answer(step=4, before=(2.0, 3.0, 4.0)))
    assert seen.steps == [1, 2, 3, 4] and seen.before == [1, 2, 3, 4] and seen.after == [1, 1, 1, 1]
    seen.add(answer(step=1, before=(9.0,)))
    assert seen.steps == [1] and seen.before == [9]
    seen.add(answer(step=5001, before=np.arange(5000.0) + 1))
    steps, before, _, _ = seen.grid()
    assert len(steps) <= 1251 and before[-1] >= 4995


def test_without_clipping_there_is_one_line(shown):
    panel, _ = shown()
    panel.draw(answer(clip=0.0))
    assert not panel.before.isVisible() and not panel.limit.isVisible() and "length" in panel._readout.text()
    assert np.isnan(exponents(np.array([0.0, np.nan, np.inf]))).all()


def test_where_every_word_has_a_loss_no_end_is_judged(shown):
    panel, _ = shown("lstm-tagger")
    panel.draw(answer(node="lstm_1"))
    assert "vanishing" not in panel._named_line.text() and "every step" in panel._named_line.text()


def test_in_a_narrow_panel_one_picture_gives_way_to_the_other(shown, qtbot):
    panel, _ = shown(size=(ROOMY - 100, 240))
    panel.draw(answer())
    assert panel.plot.isVisible() and not panel.over.isVisible()
    qtbot.mouseClick(panel.switch, Qt.MouseButton.LeftButton)
    assert panel.over.isVisible() and not panel.plot.isVisible()
    panel.resize(ROOMY + 100, 240)
    QApplication.processEvents()
    assert panel.over.isVisible() and panel.plot.isVisible() and panel.switch.isHidden()


def test_another_node_or_a_restart_empties_it(shown):
    panel, session = shown()
    panel.draw(answer(node="elsewhere"))
    assert not panel.filled
    panel.draw(answer())
    session.restart()
    assert not panel.filled and panel.lengths.steps == []


def test_where_nothing_is_recurrent_it_says_so_in_both_languages(shown):
    panel, session = shown("")
    assert session.watched["through_time"] is None and "delayed-recall-rnn" in panel.empty()
    panel, _ = shown()
    panel.draw(answer())
    set_language("zh")
    panel.relabel()
    assert panel.filled
