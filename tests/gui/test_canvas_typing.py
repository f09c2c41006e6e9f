"""The search box reads numbers after a block's name, and goes on from block to block."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from playground.blocks.activation import Tanh
from playground.blocks.convolution import Conv2D
from playground.blocks.data import Input, Output
from playground.blocks.dense import Dense
from playground.document import Document
from playground.experiment import Experiment
from playground.graph import Graph, Wire
from tests.examples import chain, image_facts, planar_facts
from tests.gui.driving import LEFT, NONE, SHIFT
from widgets.canvas import Canvas
from widgets.canvas.search import SearchBox

Make = Callable[..., Canvas]


@pytest.fixture
def make(qtbot) -> Iterator[Make]:
    def build(graph: Graph, facts=None) -> Canvas:
        canvas = Canvas(Document(Experiment(graph=graph, facts=facts or image_facts())))
        canvas.animated = False
        qtbot.addWidget(canvas)
        canvas.resize(1100, 700)
        canvas.show()
        with qtbot.waitActive(canvas):
            canvas.activateWindow()
        canvas.setFocus()
        return canvas

    yield build
    qtbot.wait(1)


def opened(canvas: Canvas, selected: str = "") -> SearchBox:
    canvas.select([selected] if selected else [])
    canvas.open_search_here()
    return present(canvas)


def present(canvas: Canvas) -> SearchBox:
    (box,) = [one for one in canvas.findChildren(SearchBox) if one.isVisible()]
    return box


def test_numbers_after_the_name_set_the_block_up_in_the_step_that_adds_it(make: Make) -> None:
    canvas = make(chain(Input()))
    box = opened(canvas, "input_1")
    QTest.keyClicks(box.field, "conv 6 5 p2")
    assert box.shown()[0].key == "Conv2D"
    assert "6 @ 5×5 · Padding 2" in box.list.item(0).data(Qt.ItemDataRole.AccessibleTextRole)
    QTest.keyClick(box.field, Qt.Key.Key_Return)
    graph = canvas.document.now.graph
    assert graph.nodes["conv_1"].block == Conv2D(channels=6, kernel=5, padding=2)
    assert graph.wires == (Wire("input_1", "conv_1"),)
    canvas.document.undo()
    assert canvas.document.undo_name is None


def test_shift_and_enter_add_block_after_block(make: Make) -> None:
    canvas = make(Graph(), planar_facts())
    opened(canvas)
    for text in ("input", "dense 12", "tanh", "dense 2"):
        box = present(canvas)
        assert box.field.hasFocus()
        QTest.keyClicks(box.field, text)
        QTest.keyClick(box.field, Qt.Key.Key_Return, SHIFT)
    QTest.keyClicks(present(canvas).field, "output")
    QTest.keyClick(present(canvas).field, Qt.Key.Key_Return, SHIFT)
    graph = canvas.document.now.graph
    assert canvas.gesture is None, "nothing comes after an Output"
    assert graph == chain(Input(), Dense(units=12), Tanh(), Dense(units=2), Output())
    assert canvas.document.report.problems == ()


def test_what_is_not_understood_is_said_and_the_rest_is_taken(make: Make) -> None:
    canvas = make(chain(Input()))
    box = opened(canvas, "input_1")
    QTest.keyClicks(box.field, "conv 6 blah")
    assert box.reason.isVisible() and box.reason.text() == "not understood: blah"
    box.field.setText("conv 0")
    assert "must lie between" in box.reason.text()
    box.field.setText("conv 6 blah")
    QTest.keyClick(box.field, Qt.Key.Key_Return)
    assert canvas.document.now.graph.nodes["conv_1"].block == Conv2D(channels=6)


def test_whether_it_fits_is_judged_with_the_numbers_that_were_typed(make: Make) -> None:
    canvas = make(chain(Input(), Conv2D()), image_facts(side=8))
    box = opened(canvas, "conv_1")
    box.field.setText("conv2d 8 5")
    assert box.current() is not None and box.current().fits  # type: ignore[union-attr]
    box.field.setText("conv2d 8 9")  # six pixels come in
    assert not box.current().fits and box.reason.isVisible()  # type: ignore[union-attr]
    canvas.cancel_gesture()


def test_the_box_says_what_may_be_typed(make: Make) -> None:
    canvas = make(chain(Input()))
    box = opened(canvas, "input_1")
    assert "conv 6 5" in box.field.placeholderText()
    box.field.setText("conv")
    assert "out channels, kernel" in box.hint.text() and "Shift+Enter" in box.hint.text()
    box.field.setText("relu")
    assert "Numbers" not in box.hint.text() and box.hint.isVisible()
    QTest.mouseClick(box.list.viewport(), LEFT, NONE, box.list.visualItemRect(box.list.item(0)).center())
    assert "relu_1" in canvas.document.now.graph
