"""The panel that shows one neuron large: the right unit, the right colours, the words."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QApplication

from playground.blocks.dense import Dense
from playground.data.classics import Iris
from playground.probes.boundary import Points
from playground.probes.neurons import Neurons, NeuronsAnswer
from playground.text import say
from tests.gui.fake_session import FakeSession, planar
from widgets.focus import Focus
from widgets.panels.neurons import NeuronsPanel
from widgets.plane_colours import side_table
from widgets.theme import current


@pytest.fixture
def shown(qtbot):
    """Show the panel over a fake session."""
    session, focus = FakeSession(planar()), Focus()
    panel = NeuronsPanel(session, focus=focus)
    qtbot.addWidget(panel)
    panel.resize(420, 300)
    panel.show()
    QApplication.processEvents()
    return SimpleNamespace(panel=panel, session=session, focus=focus)


def answer(node="dense_1", unit=0, values=None, reach=2.0):
    values = np.full((8, 8), 1.0, np.float32) if values is None else values
    points = Points(np.array([[1, 2], [-3, 0]], np.float32), np.array([0, 1], np.uint8))
    return NeuronsAnswer(3, node, unit, 4, (-6.0, 6.0), values, reach, {"train": points})


def test_it_begins_with_the_first_layer_and_asks_for_the_unit_that_is_chosen(shown):
    panel = shown.panel
    assert panel.probe() == Neurons(node="dense_1", unit=0)
    assert [panel._units.itemText(k) for k in range(panel._units.count())] == ["unit 1", "unit 2", "unit 3", "unit 4"]
    panel._units.setCurrentIndex(2)
    panel._units.activated.emit(2)
    assert shown.session.watched["neurons"] == Neurons(node="dense_1", unit=2)
    panel.set_node("dense_2")
    assert panel._units.count() == 1 and shown.session.watched["neurons"] == Neurons(node="dense_2", unit=0)


def test_it_follows_the_picture_that_was_clicked_on_the_canvas(shown):
    shown.focus.move(node="tanh_1", map=3)
    assert shown.panel.chosen() == "dense_1", "the window says which layer"
    shown.panel.set_node("tanh_1")
    assert shown.session.watched["neurons"] == Neurons(node="tanh_1", unit=3)
    shown.focus.move(map=1)
    assert shown.session.watched["neurons"] == Neurons(node="tanh_1", unit=1)


def test_an_answer_about_another_unit_is_not_drawn(shown):
    shown.panel.draw(answer(unit=1))
    assert not shown.panel.filled
    shown.panel.draw(answer(node="tanh_1"))
    assert not shown.panel.filled
    shown.panel.draw(answer())
    assert shown.panel.filled


def test_colours_are_those_of_the_sides_and_the_scale_is_the_layers(shown):
    values = np.full((8, 8), -2.0, np.float32)
    values[4:] = 2.0
    shown.panel.draw(answer(values=values))
    pixels, table = shown.panel.view.image.image, side_table(current())
    assert (pixels[0, 0, :3] == table[0]).all() and (pixels[-1, 0, :3] == table[255]).all()
    assert (shown.panel.view.bar.low, shown.panel.view.bar.high) == (-2.0, 2.0)
    assert len(shown.panel.view.points["train"].data) == 2
    shown.panel.draw(answer(values=np.full((8, 8), np.nan, np.float32), reach=0.0))
    assert (shown.panel.view.image.image[..., 3] == 0).all()


def test_under_the_pointer_it_says_what_the_unit_says_there(shown):
    values = np.arange(64, dtype=np.float32).reshape(8, 8) / 10
    shown.panel.draw(answer(values=values))
    assert shown.panel._readout.text() == "from 0.00 to 6.30"
    QApplication.processEvents()
    box = shown.panel.view.plot.getPlotItem().getViewBox()
    shown.panel.view._on_scene_mouse_moved(box.mapViewToScene(QPointF(-5.5, -3.5)))
    assert shown.panel._readout.text().endswith(": 0.80")


def test_it_says_what_to_do_where_there_is_nothing_to_show(shown):
    panel, document = shown.panel, shown.session.document
    assert "complete" in panel.empty()
    graph = document.now.graph
    document.edit(say("x"), graph=graph.configure("dense_1", Dense(units=40)))
    assert panel.nodes() == ["input_1", "dense_2", "output_1"]
    document.edit(say("x"), source=Iris())
    assert "does not lie in a plane" in panel.empty() and panel.probe() is None
