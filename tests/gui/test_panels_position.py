"""The panel of positions: the map, the curves, the likeness of places."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication

from playground.probes.position import Position, PositionAnswer
from playground.text import set_language
from tests.gui.fake_session import FakeSession, planar
from tests.transformers import classifier
from widgets.panels import PANELS, load_panels
from widgets.panels.position import likeness

load_panels()

WIDE, PLACES = 8, 20


@pytest.fixture
def shown(qtbot):
    def make(experiment=None, size=(700, 320)):
        session = FakeSession(experiment or classifier()[0])
        panel = PANELS["position"](session)
        qtbot.addWidget(panel)
        panel.resize(*size)
        panel.show()
        QApplication.processEvents()
        return panel, session

    return make


def answer(kind="sinusoidal", node="position_1"):
    at = np.arange(PLACES)[:, None] / 10_000 ** (np.arange(0, WIDE, 2) / WIDE)
    values = np.stack([np.sin(at), np.cos(at)], axis=2).reshape(PLACES, WIDE).astype(np.float16)
    return PositionAnswer(4, node, kind, values, WIDE, 9, 0.707, 0.1)


def place(panel, row, column):
    box = panel.map.box()
    rows, columns = panel.map.values.shape
    x, y = (column + 0.5) / columns * box.width(), (row + 0.5) / rows * box.height()
    return QPoint(round(box.left() + x), round(box.top() + y))


def test_pointing_tells_the_number_and_the_wave(shown, qtbot):
    panel, session = shown()
    assert session.watched["position"] == Position(node="position_1")
    panel.draw(answer())
    qtbot.mouseMove(panel.map, place(panel, 3, 2))
    assert panel.map.hovered == (3, 2)
    text = panel._readout.text()
    assert "0.3" in text and panel.wave(2) in text and "62.8" in panel.wave(2)


def test_a_column_is_chosen_as_a_curve_and_given_up_again(shown, qtbot):
    panel, _ = shown()
    panel.draw(answer())
    assert list(panel.curves.curves) == panel.shown(WIDE)
    qtbot.mouseClick(panel.map, Qt.MouseButton.LeftButton, pos=place(panel, 0, 7))
    assert panel.column == 7 == panel.curves.chosen and 7 in panel.curves.curves
    assert np.array_equal(panel.curves.curves[7], answer().values[:, 7].astype(np.float32))
    qtbot.keyClick(panel.map, Qt.Key.Key_Left)
    assert panel.column == 6
    qtbot.mouseClick(panel.map, Qt.MouseButton.LeftButton, pos=place(panel, 0, 6))
    assert panel.column == -1


def test_the_likeness_of_places_is_a_cosine(shown):
    panel, _ = shown()
    panel.draw(answer())
    panel.view.setCurrentIndex(1)
    panel.view.activated.emit(1)
    assert panel.map.values.shape == (PLACES, PLACES) and not panel.curves.isVisible()
    assert np.allclose(np.diag(panel.map.values), 1, atol=1e-3)
    one, other = answer().values[[2, 9]].astype(float)
    wanted = one @ other / np.linalg.norm(one) / np.linalg.norm(other)
    assert panel.map.values[2, 9] == pytest.approx(wanted, abs=1e-3)
    assert not likeness(np.zeros((3, 4))).any()


def test_of_learned_places_no_wave_is_told_and_without_positions_words_say_so(shown):
    panel, _ = shown()
    panel.draw(answer("learned"))
    assert panel.filled and panel.wave(2) == ""
    panel.draw(answer("none"))
    assert not panel.filled and "No positions" in panel.empty()


def test_it_says_how_to_fill_it_and_speaks_chinese(shown):
    panel, session = shown(planar())
    assert session.watched["position"] is None and "positions-sinusoidal" in panel.empty()
    panel, _ = shown(size=(400, 300))
    panel.draw(answer())
    set_language("zh")
    panel.relabel()
    panel.grab()
