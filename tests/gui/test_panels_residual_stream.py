"""The panel of the residual stream: a row for each place, its numbers told."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from playground.probes.residual_stream import ResidualStream, ResidualStreamAnswer
from playground.text import set_language
from tests.gui.fake_session import FakeSession, planar
from tests.transformers import classifier
from widgets.panels import PANELS, load_panels
from widgets.panels.parts.stream_bars import decades

load_panels()

NODES = ("position_1", "encoder.1.norm_1", "encoder.1.norm_2")


@pytest.fixture
def shown(qtbot):
    def make(experiment=None, size=(500, 260)):
        session = FakeSession(experiment or classifier(blocks=1)[0])
        panel = PANELS["residual_stream"](session)
        qtbot.addWidget(panel)
        panel.resize(*size)
        panel.show()
        QApplication.processEvents()
        return panel, session

    return make


def answer(nodes=NODES, gradients=(1e-3, 0.0, np.nan)):
    n = len(nodes)
    norms = np.linspace(2, 6, n)
    added = np.array([np.nan, *np.linspace(1, 3, n - 1)])
    return ResidualStreamAnswer(5, nodes, norms, added, np.resize(np.array(gradients), n), 16)


def test_pointing_at_a_row_tells_its_numbers(shown, qtbot):
    panel, session = shown()
    assert session.watched["residual_stream"] == ResidualStream()
    panel.draw(answer())
    assert panel.filled and "step 5" in panel._readout.text()
    _, sizes, _ = panel.bars.parts()
    assert panel.bars.line(sizes, 0).top() > panel.bars.line(sizes, 2).top()  # the first is at the bottom
    qtbot.mouseMove(panel.bars, panel.bars.line(sizes, 1).center().toPoint())
    text = panel._readout.text()
    assert NODES[1] in text and "size 4" in text and "added 1" in text
    qtbot.keyClick(panel.bars, Qt.Key.Key_Down)
    assert panel.bars.row == 0 and "added" not in panel._readout.text()
    qtbot.keyClick(panel.bars, Qt.Key.Key_Down)
    assert panel.bars.row == 0


def test_gradients_that_vanish_or_are_no_numbers_are_borne(shown):
    panel, _ = shown()
    panel.draw(answer())
    panel.grab()
    panel.draw(answer(gradients=(0.0,)))
    panel.grab()
    assert decades([0.0, np.nan]) == (-4, 0) and decades([1e-3, 0.5]) == (-4, 0)


def test_many_places_have_room(shown):
    panel, _ = shown(size=(240, 150))
    panel.draw(answer(tuple(f"encoder.{n}.attention_block.norm_2" for n in range(60)), gradients=(1e-5, 1e-2)))
    panel.grab()
    _, sizes, _ = panel.bars.parts()
    assert panel.bars.row_at(panel.bars.line(sizes, 59).center()) == 59


def test_it_says_how_to_fill_it_and_speaks_chinese(shown):
    panel, _ = shown(planar())
    assert "preset encoder" in panel.empty()
    panel, _ = shown()
    panel.draw(answer())
    set_language("zh")
    panel.relabel()
    panel.grab()
