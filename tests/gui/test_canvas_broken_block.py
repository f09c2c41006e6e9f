"""What breaks on the canvas: a shape rule marks its node and nothing else, and painting can fail without a crash."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
from PySide6.QtCore import QPoint, QPointF
from PySide6.QtGui import QPainter
from PySide6.QtTest import QTest

from playground.block import Block, Layer
from playground.blocks.convolution import Conv2D
from playground.blocks.data import Input
from playground.blocks.dense import Dense
from playground.document import Document
from playground.experiment import Experiment
from playground.graph import Graph, Wire
from playground.shape import Shape
from playground.suggest import Opening, objection
from tests.examples import chain, image_facts
from tests.gui.driving import LEFT, NONE, SHIFT, on_card, on_port
from widgets.canvas import Canvas


class Broken(Block):
    """Breaks whatever it is asked."""

    key = "Broken"
    members: ClassVar[dict[str, type[Any]]] = {}  # it stands in no catalogue
    family = "Dense"

    def output(self, x: Shape) -> Shape:
        raise ZeroDivisionError("division by zero")

    def layer(self, x: Shape) -> Layer:
        raise AssertionError("nobody gets so far")


def made(qtbot, graph: Graph) -> Canvas:
    canvas = Canvas(Document(Experiment(graph=graph, facts=image_facts())))
    canvas.animated = False
    qtbot.addWidget(canvas)
    canvas.resize(1200, 700)
    canvas.show()
    with qtbot.waitActive(canvas):
        canvas.activateWindow()
    canvas.setFocus()
    return canvas


def test_only_its_node_is_marked_and_the_rest_can_be_edited(qtbot) -> None:
    graph = chain(Input(), Conv2D(), Broken(), Dense()).add(Conv2D()).connect(Wire("input_1", "conv_2"))
    canvas = made(qtbot, graph)
    stage, document = canvas.stage, canvas.document
    assert set(stage.callouts) == {"broken_1"}
    assert "the shape rule of Broken broke" in stage.callouts["broken_1"].words[0]
    assert [id for id, card in stage.cards.items() if card.face.bad] == ["broken_1"]
    assert stage.lines[Wire("input_1", "conv_2")].chip.text == "1 × 28 × 28"
    canvas.viewport().grab()

    start, end = on_port(canvas, "conv_2", "out", True), on_port(canvas, "broken_1", "x", False)
    QTest.mousePress(canvas.viewport(), LEFT, NONE, start)
    for i in range(1, 5):
        QTest.mouseMove(canvas.viewport(), start + (end - start) * i / 4)
    QTest.mouseRelease(canvas.viewport(), LEFT, NONE, end)
    assert Wire("conv_2", "broken_1") in document.now.graph.wires
    document.undo()
    assert document.now.graph == graph

    QTest.mouseClick(canvas.viewport(), LEFT, NONE, on_card(canvas, "broken_1"))
    assert canvas.selected_ids == ("broken_1",)
    canvas.open_search(canvas.scene_point(QPointF(600, 600)))
    canvas.cancel_gesture()
    canvas.commands["delete"].trigger()
    assert "broken_1" not in document.now.graph and "broken_1" not in stage.callouts
    document.undo()
    assert set(stage.callouts) == {"broken_1"}

    place = on_card(canvas, "broken_1")
    QTest.mousePress(canvas.viewport(), LEFT, NONE, place)
    QTest.mouseMove(canvas.viewport(), place + QPoint(0, 80))
    QTest.mouseMove(canvas.viewport(), place + QPoint(0, 96))
    QTest.mouseRelease(canvas.viewport(), LEFT, NONE, place + QPoint(0, 96))
    assert str(document.undo_name) == "Move"
    canvas.commands["tidy"].trigger()
    QTest.mouseClick(canvas.viewport(), LEFT, SHIFT, on_card(canvas, "dense_1"))
    canvas.commands["group"].trigger()
    assert document.undo_name is not None
    canvas.viewport().grab()


def test_it_is_offered_and_refused_nowhere_because_nobody_knows(qtbot) -> None:
    canvas = made(qtbot, chain(Input()))
    assert objection(canvas.sheet, Opening(source=("input_1", "out")), Broken()) is None


def test_a_failure_while_everything_is_painted_small_leaves_no_painter_open(qtbot, qtlog, monkeypatch) -> None:
    canvas = made(qtbot, chain(Input(), Conv2D()))
    canvas.zoom_by(0.2 / canvas.zoom)

    def fail(painter: QPainter) -> None:
        raise ZeroDivisionError("painting failed")

    monkeypatch.setattr(canvas.stage.remarks, "paint_overview", fail)
    with pytest.raises(ZeroDivisionError) as raised:
        canvas.viewport().repaint()
    assert raised.tb is not None, "it holds what was there when it failed"
    assert [record.message for record in qtlog.records if "active painter" in record.message] == []
    monkeypatch.undo()
    canvas.viewport().repaint()
