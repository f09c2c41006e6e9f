"""The panel that takes a convolution apart: what it says of a pixel, and how a person walks over the map."""

from __future__ import annotations

import re

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication

from playground.blocks.convolution import Conv2D
from playground.probes.convolution import Convolution, ConvolutionAnswer
from playground.text import say, set_language
from tests.gui.fake_session import FakeSession, pictured
from widgets.panels.convolution import ConvolutionPanel


@pytest.fixture
def panel(qtbot):
    """The panel over a network of images, shown."""
    session = FakeSession(pictured())
    made = ConvolutionPanel(session)
    made.session_kept = session
    qtbot.addWidget(made)
    made.resize(420, 260)
    made.show()
    QApplication.processEvents()
    return made


def answered(panel, channels=2, row=1, column=2):
    """Return an answer for the pixel of a map of 4 × 5, whose numbers are made up."""
    rng = np.random.default_rng(1)
    windows, kernel = rng.normal(size=(2, channels, 3, 3)).astype(np.float32)
    value = float((windows.astype(float) * kernel).sum()) + 0.25
    inside = np.ones((3, 3), dtype=bool)
    inside[0] = False
    came, made = rng.normal(size=(6, 7)).astype(np.float32), rng.normal(size=(4, 5)).astype(np.float32)
    sizes = (came.shape, made.shape)
    return ConvolutionAnswer(
        3, panel.chosen(), 0, 4, 0, row, column, row - 1, column, (1, 1), (1, 1), windows, kernel, inside, 0.25, value,
        came, made, sizes,
    )  # fmt: skip


def centre(panel, row, column):
    """Return where a pixel of the map that goes out is painted."""
    box, (height, width) = panel.walk.places().made, panel.answer.sizes[1]
    x, y = box.left() + (column + 0.5) / width * box.width(), box.top() + (row + 0.5) / height * box.height()
    return QPoint(round(x), round(y))


def test_it_asks_for_the_middle_of_the_first_map_of_the_first_convolution(panel):
    probe = panel.session.watched["convolution"]
    shape = panel.session.document.report.nodes[panel.chosen()].shape
    assert probe == Convolution(node=panel.chosen(), row=shape.height // 2, column=shape.width // 2)


def test_the_line_adds_up_what_the_channels_give_and_the_bias(panel):
    panel.resize(900, 300)
    panel.draw(answered(panel))
    QApplication.processEvents()
    said = panel._sum.text().replace("−", "-")
    assert said.startswith("row 2, column 3: ")
    *parts, value = [float(one) for one in re.findall(r"-?\d+\.\d+", said)]
    assert len(parts) == 3, "two channels and the bias"
    assert sum(parts) == pytest.approx(value, abs=0.003)
    assert value == pytest.approx(panel.answer.value, abs=0.001)


def test_a_click_on_the_map_chooses_its_pixel(panel, qtbot):
    panel.draw(answered(panel))
    qtbot.mouseClick(panel.walk, Qt.MouseButton.LeftButton, pos=centre(panel, 3, 4))
    probe = panel.session.watched["convolution"]
    assert (probe.row, probe.column) == (3, 4)
    qtbot.mouseClick(panel.walk, Qt.MouseButton.LeftButton, pos=QPoint(1, 1))
    assert panel.session.watched["convolution"] == probe, "beside the map there is no pixel"


@pytest.mark.parametrize(
    ("key", "place"),
    [(Qt.Key.Key_Left, (0, 3)), (Qt.Key.Key_Right, (0, 4)), (Qt.Key.Key_Up, (0, 4)), (Qt.Key.Key_Down, (1, 4))],
)
def test_the_arrow_keys_walk_up_to_the_edges(panel, qtbot, key, place):
    panel.draw(answered(panel, row=0, column=4))
    qtbot.keyClick(panel.walk, key)
    probe = panel.session.watched["convolution"]
    assert (probe.row, probe.column) == place


def test_the_kernel_slides_row_by_row_and_begins_again(panel, qtbot):
    panel.draw(answered(panel, row=1, column=4))
    qtbot.mouseClick(panel._slide, Qt.MouseButton.LeftButton)
    probe = panel.session.watched["convolution"]
    assert (probe.row, probe.column) == (2, 0) and panel._timer.isActive()
    panel.draw(answered(panel, row=3, column=4))
    panel._on_timeout()
    probe = panel.session.watched["convolution"]
    assert (probe.row, probe.column) == (0, 0)
    panel.hide()
    assert not panel._timer.isActive(), "nobody looks"


def test_the_choice_of_channels_is_there_where_a_kernel_sees_several(panel):
    assert panel._channels.isHidden()
    document = panel.session.document
    graph = document.now.graph.insert(Conv2D(channels=4, padding=1), document.now.graph.outgoing[panel.chosen()][0])
    document.edit(say("Insert"), graph=graph)
    added = next(id for id in graph.nodes if id.startswith("conv") and id != panel.chosen())
    panel.set_node(added)
    assert not panel._channels.isHidden() and panel._channels.count() > 1
    panel._channels.setCurrentIndex(1)
    panel._channels.activated.emit(1)
    assert panel.session.watched["convolution"].channel == 1


def test_the_parts_lie_beside_each_other_without_touching(panel):
    for size in ((420, 260), (240, 180), (1200, 220)):
        panel.resize(*size)
        panel.draw(answered(panel))
        QApplication.processEvents()
        places = panel.walk.places()
        boxes = [places.came, places.made, *places.grids]
        inside = panel.walk.rect()
        assert all(inside.contains(box.toAlignedRect()) for box in boxes), size
        assert not any(one.intersects(other) for k, one in enumerate(boxes) for other in boxes[:k]), size
        panel.grab()


def test_it_speaks_both_languages_and_bears_values_that_are_no_numbers(panel):
    answer = answered(panel)
    answer.windows[0, 1, 1] = np.nan
    answer.came[0, 0] = np.inf
    panel.draw(answer)
    set_language("zh")
    panel.relabel()
    panel.grab()
    assert panel._sum.text()
