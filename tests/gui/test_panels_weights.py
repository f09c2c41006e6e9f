"""The weights as a picture, and how much of a function is saturated and dead over the steps."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from playground.blocks.combine import Flatten
from playground.blocks.data import Input, Output
from playground.blocks.dense import Dense
from playground.experiment import Experiment
from playground.facts import DataFacts, Target
from playground.probes.activation import ActivationAnswer
from playground.probes.weight_images import WeightImages, WeightImagesAnswer
from playground.shape import Shape
from tests.examples import chain, preset
from tests.gui.fake_session import FakeSession, planar
from widgets.panels.activation import ActivationPanel
from widgets.panels.parts.shares import MOST_MOMENTS, Moment, ShareLines, SharesPast
from widgets.panels.parts.signed_map import counted
from widgets.panels.weights import WeightsPanel
from widgets.theme import current


@pytest.fixture
def shown(qtbot):
    def make(experiment):
        made = WeightsPanel(FakeSession(experiment))
        qtbot.addWidget(made)
        made.resize(520, 320)
        made.show()
        QApplication.processEvents()
        return made

    return make


def answer(matrix, node="dense_1", name="weight", **other):
    matrix = np.asarray(matrix, dtype=np.float32)
    told = {"names": (name,), "size": matrix.shape, "reach": float(np.abs(matrix).max())} | other
    return WeightImagesAnswer(3, node, name, matrix=matrix, **told)


def on_pictures():
    facts = DataFacts({"image": Shape(channels=1, height=4, width=5)}, {"label": Target(("cat", "owl"))}, {"train": 9})
    graph = chain(Input(field="image"), Flatten(), Dense(units=6), Dense(units=2), Output())
    return Experiment(graph=graph, facts=facts)


def test_every_number_is_a_cell_in_its_colour_and_told_under_the_pointer(shown):
    panel = shown(planar())
    assert panel.probe() == WeightImages(node="dense_1", name="weight")
    bias = np.array([0.25, -0.5], dtype=np.float32)
    panel.draw(answer([[1.0, 0.0, -1.0], [0.5, 0.0, -0.25]], bias=bias, column_names=("a", "b", "c")))
    box = panel.map.box()
    image = panel.map.grab().toImage()
    ratio = image.devicePixelRatio()

    def colour(row, column):
        cell = panel.map._rect(row, column)
        return image.pixelColor(QPoint(int((cell.left() + 4) * ratio), int((cell.top() + 4) * ratio)))

    orange, ground, blue = colour(0, 0), colour(0, 1), colour(0, 2)
    assert orange.red() > orange.blue() + 60 and blue.blue() > blue.red() + 60
    still = QColor(current().panel)
    assert max(abs(a - b) for a, b in zip(ground.getRgb(), still.getRgb(), strict=True)) <= 2
    assert panel._readout.text() == "2 × 3, largest 1"
    QTest.mouseMove(panel.map, QPointF(box.left() + 0.5 * box.width(), box.bottom() - 4).toPoint())
    panel.map._point((1, 2))
    assert panel._readout.text() == "2 from c: −0.25"
    QTest.keyClick(panel.map, Qt.Key.Key_Right)
    assert panel.map.cell == (1, 3) and panel._readout.text() == "bias of 2: −0.5"
    assert panel.map.cell_at(panel.map._rect(0, 1).center()) == (0, 1)
    assert panel.map.cell_at(panel.map.bias_box().center()) == (1, 3)
    assert (panel.bar.low, panel.bar.high) == (-1, 1)


def test_rows_and_gates_are_called_by_name(shown):
    panel = shown(preset("lstm-tagger"))
    panel.set_node("lstm_1")
    assert not panel.which.isHidden() and panel.which.count() == 4
    panel.which.setCurrentText("weight_hh_l0")
    panel.which.activated.emit(panel.which.currentIndex())
    assert panel.session.watched["weight_images"] == WeightImages(node="lstm_1", name="weight_hh_l0")
    panel.draw(answer(np.eye(8, 2), node="lstm_1", name="weight_ih_l0", bands=tuple("ifgo")))
    assert panel.answer is None, "those of other weights come too late"
    panel.draw(answer(np.eye(8, 2), node="lstm_1", name="weight_hh_l0", bands=tuple("ifgo")))
    panel.map._point((5, 1))
    assert panel._readout.text() == "g 2 from 2: 0"
    panel.set_node("embed_1")
    panel.draw(answer(np.eye(3), node="embed_1", row_names=("<pad>", "<unk>", "London")))
    panel.map._point((2, 2))
    assert panel._readout.text() == "London from 3: 1"
    panel.grab()


def test_behind_a_picture_the_weights_of_each_unit_are_one(shown):
    panel = shown(on_pictures())
    assert not panel.pictures.isHidden() and panel.probe().fit == "rows"
    matrix = np.linspace(-1, 1, 120).reshape(6, 20)
    panel.draw(answer(matrix, row_names=("one", "two")))
    assert panel._pages.currentWidget() is panel.mosaic and panel.mosaic._shown[0].shape == (6, 4, 5)
    assert np.allclose(panel.mosaic._shown[0], matrix.reshape(6, 4, 5))
    columns = panel.mosaic.columns
    _, width = panel.mosaic.image.image.shape
    larger = (width + 6) / columns
    place = panel.mosaic.box.mapViewToScene(QPointF(larger + (larger - 6) / 5 * 2.5, (larger - 6) / 5 * 1.5))
    panel._on_mosaic_mouse_moved(place)
    assert panel._pixel == (1, 1, 2)
    assert panel._readout.text().startswith("unit two, pixel 3, 2: ")
    panel.pictures.click()
    assert panel.probe().fit == "fields" and panel._pages.currentWidget() is panel.map
    panel.set_node("dense_2")
    assert panel.pictures.isHidden() and panel.probe() == WeightImages(node="dense_2", name="weight")


def test_what_is_pooled_or_left_out_is_said(shown):
    panel = shown(planar())
    panel.draw(answer(np.ones((10, 5)), size=(40, 10), field=(4, 2), bias=np.ones(10, dtype=np.float32)))
    assert "each field the largest of 4 × 2" in panel._readout.text()
    panel.map._point((9, 4))
    assert panel._readout.text() == "37 to 40 from 9 to 10: 1"
    panel.map._point(None)
    panel._readout.hurry()
    panel.draw(answer(np.ones((3, 5)), size=(9, 5)))
    assert "the first 3 rows shown" in panel._readout.text()
    assert counted(2, 4, 10, ("a",) * 10) == "a to a" and counted(0, 1, 3) == "1"


def test_a_network_without_matrices_says_what_to_add(shown):
    panel = shown(Experiment(graph=chain(Input(), Output())))
    assert not panel.filled and "Add a Dense" in panel.empty() and panel.probe() is None


# -- saturated and dead over the steps -----------------------------------------------------------------------------


def activation(step, saturated, dead):
    x = np.linspace(-4, 4, 401, dtype=np.float32)
    counts, flat = np.ones(48, dtype=np.uint32), np.zeros(48, dtype=bool)
    return ActivationAnswer(
        step, "tanh_1", x, np.tanh(x), 1 - np.tanh(x) ** 2, counts, flat, saturated, dead, 4, 40, 10
    )


def test_the_shares_are_drawn_from_step_to_step_and_begin_anew_with_a_run(qtbot):
    panel = ActivationPanel(FakeSession(planar()))
    qtbot.addWidget(panel)
    panel.resize(420, 320)
    panel.show()
    panel.draw(activation(1, 0.2, 0))
    assert not panel.shares.isVisible(), "one moment is no line"
    panel.draw(activation(9, 0.5, 1))
    assert panel.shares.isVisible() and panel.shares.moments == [Moment(1, 0.2, 0.0), Moment(9, 0.5, 0.25)]
    assert panel.shares._words()[:2] == ("50% saturated", "25% dead")
    box = panel.shares._box()
    assert panel.shares._place(box, 9, 0.5).y() == pytest.approx(box.center().y())
    QTest.mouseMove(panel.shares, QPoint(int(box.left()), int(box.center().y())))
    qtbot.waitUntil(lambda: panel.shares.hovered == 0)
    assert panel.shares._words()[-1] == "step 1"
    panel.grab()
    panel.session.restart()
    panel.draw(activation(1, 0.1, 0))
    assert len(panel.pasts["tanh_1"].moments) == 1


def test_many_moments_are_thinned_out(qtbot):
    past = SharesPast()
    for step in range(3 * MOST_MOMENTS):
        past.add(Moment(step, 0.5, 0.0))
    assert len(past.moments) <= MOST_MOMENTS and past.moments[-1].step > 2.9 * MOST_MOMENTS
    past.add(Moment(2, 0.1, 0.0))
    assert past.moments == [Moment(2, 0.1, 0.0)]
    lines = ShareLines("lines")
    qtbot.addWidget(lines)
    lines.grab()
