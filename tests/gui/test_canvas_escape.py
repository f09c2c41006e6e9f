"""Escape in the middle of anything that the hand does: all is as it was, and the next gesture works."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

import widgets.canvas as package
from playground.blocks.activation import ReLU
from playground.blocks.combine import Flatten
from playground.blocks.convolution import Conv2D
from playground.blocks.data import Input, Output
from playground.blocks.dense import Dense
from playground.blocks.group import Group
from playground.document import Document
from playground.experiment import Experiment, Remark, View
from playground.graph import Graph, Wire
from playground.grouping import collapse
from tests.examples import chain, image_facts
from tests.gui.driving import activate
from widgets.canvas import MIME, Canvas
from widgets.canvas.geometry import HEIGHT, WIDTH
from widgets.canvas.gestures import Gesture

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
MIDDLE = Qt.MouseButton.MiddleButton
TO_CONV = Wire("input_1", "conv_1")
PLACES = {
    "input_1": (0.0, 0.0),
    "conv_1": (300.0, 0.0),
    "group_1": (600.0, 0.0),
    "flatten_1": (900.0, 0.0),
    "output_1": (1140.0, 0.0),
    "group_2": (0.0, 260.0),
    "group_2.x": (24.0, 332.0),
    "group_2.dense_1": (264.0, 332.0),
    "group_2.out": (504.0, 332.0),
}
REMARKS = (
    Remark("note_1", "note", "Mind the shapes", (760.0, 240.0, 208.0, 96.0)),
    Remark("frame_1", "frame", "Head", (860.0, -60.0, 460.0, 200.0)),
)


@pytest.fixture
def canvas(qtbot) -> Iterator[Canvas]:
    qtbot.wait(1)  # the canvas of the test before goes now: later it would take the keys along
    graph, _ = collapse(chain(Input(), Conv2D(), ReLU(), Flatten(), Output()), ["relu_1"])
    graph = graph.configure("group_1", graph.nodes["group_1"].block.replace(repeat=3))
    inner, _ = collapse(Graph().add(Dense()), ["dense_1"])
    graph = graph.add(Group(graph=inner.nodes["group_1"].block.graph), "group_2")
    view = View(positions=PLACES, remarks=REMARKS, opened=("group_2",))
    made = Canvas(Document(Experiment(graph=graph, facts=image_facts(), view=view)))
    made.animated = False
    qtbot.addWidget(made)
    made.resize(1400, 800)
    made.show()
    with qtbot.waitActive(made):
        made.activateWindow()
    made.setFocus()
    qtbot.waitUntil(made.hasFocus)
    made.select(["input_1"])
    yield made
    QTest.mouseRelease(made.viewport(), LEFT)


# -- how each gesture begins -----------------------------------------------------------------------------------------


def at(canvas: Canvas, x: float, y: float) -> QPoint:
    return canvas.view_point(QPointF(x, y)).toPoint()


def card(canvas: Canvas, id: str) -> QPoint:
    x, y = canvas.stage.cards[id].place
    return at(canvas, x + WIDTH / 2, y + HEIGHT / 2)


def port(canvas: Canvas, id: str, name: str) -> QPoint:
    spot = canvas.stage.spot(id, name, name == "out")
    return at(canvas, spot.x, spot.y)


def middle(canvas: Canvas, wire: Wire) -> QPoint:
    points = canvas.stage.lines[wire].points
    return at(canvas, (points[0][0] + points[-1][0]) / 2, points[0][1])


def empty(canvas: Canvas) -> QPoint:
    return at(canvas, 1000.0, 400.0)


def drag(canvas: Canvas, start: QPoint, end: QPoint, button: Qt.MouseButton = LEFT) -> None:
    QTest.mousePress(canvas.viewport(), button, NONE, start)
    for i in range(1, 5):
        QTest.mouseMove(canvas.viewport(), start + (end - start) * i / 4)


def second_press(canvas: Canvas, place: QPoint) -> None:
    """Press for the second time of a double click, and move on."""
    QTest.mouseDClick(canvas.viewport(), LEFT, NONE, place)
    QTest.mouseMove(canvas.viewport(), place + QPoint(1, 1))


def drag_block(canvas: Canvas, place: QPoint) -> None:
    data, copy = QMimeData(), Qt.DropAction.CopyAction
    data.setData(MIME, b"ReLU")
    QApplication.sendEvent(canvas.viewport(), QDragEnterEvent(empty(canvas), copy, data, LEFT, NONE))
    QApplication.sendEvent(canvas.viewport(), QDragMoveEvent(place, copy, data, LEFT, NONE))


def search(canvas: Canvas) -> None:
    QTest.keyClick(canvas, Qt.Key.Key_Space)
    QTest.keyClicks(QApplication.focusWidget(), "conv 6")


def title(canvas: Canvas) -> QPoint:
    rect = canvas.stage.opened.items["group_2"].title_rect()
    return at(canvas, rect.left() + 60, rect.center().y())


def corner(canvas: Canvas) -> QPoint:
    rect = canvas.stage.remarks.items["note_1"].rect
    return at(canvas, rect.right() - 4, rect.bottom() - 4)


def badge(canvas: Canvas) -> QPoint:
    x, y = canvas.stage.cards["group_1"].place
    return at(canvas, x + WIDTH - 20, y)


BEGINNINGS: dict[str, Callable[[Canvas], None]] = {
    "Pan": lambda canvas: drag(canvas, empty(canvas), empty(canvas) - QPoint(90, 60), MIDDLE),
    "Lasso": lambda canvas: drag(canvas, empty(canvas), card(canvas, "flatten_1")),
    "Move": lambda canvas: drag(canvas, card(canvas, "conv_1"), card(canvas, "conv_1") + QPoint(50, 70)),
    "MoveGroup": lambda canvas: drag(canvas, title(canvas), title(canvas) + QPoint(50, 70)),
    "MoveRemark": lambda canvas: drag(canvas, at(canvas, 900, -45), at(canvas, 960, 10)),
    "Resize": lambda canvas: drag(canvas, corner(canvas), corner(canvas) + QPoint(60, 40)),
    "DrawWire": lambda canvas: drag(canvas, port(canvas, "conv_1", "out"), port(canvas, "output_1", "x")),
    "_Pick": lambda canvas: drag(canvas, middle(canvas, TO_CONV), middle(canvas, TO_CONV) + QPoint(2, 30)),
    "Drop": lambda canvas: drag_block(canvas, middle(canvas, TO_CONV)),
    "Choose": search,
    "EditRepeat": lambda canvas: second_press(canvas, badge(canvas)),
    "_Activate": lambda canvas: second_press(canvas, card(canvas, "conv_1")),
    "_EnterGroup": lambda canvas: second_press(canvas, title(canvas)),
    "_Search": lambda canvas: second_press(canvas, empty(canvas)),
    "_SearchWire": lambda canvas: second_press(canvas, middle(canvas, TO_CONV)),
}
FIRST_CLICKS: dict[str, Callable[[Canvas], QPoint]] = {
    "_Activate": lambda canvas: card(canvas, "conv_1"),
    "_EnterGroup": title,
    "_Search": empty,
    "_SearchWire": lambda canvas: middle(canvas, TO_CONV),
}
"""Where the first click of a double click goes."""


def every_gesture() -> set[str]:
    """Return the names of all gestures that there are."""
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")
    found, queue = set(), [Gesture]
    for kind in queue:  # grows while it is read
        queue += kind.__subclasses__()
        found.add(kind.__name__)
    return found - {"Gesture"}


def picture(canvas: Canvas) -> object:
    QApplication.processEvents()
    return canvas.viewport().grab().toImage()


def test_every_gesture_has_its_test() -> None:
    assert every_gesture() == set(BEGINNINGS)


@pytest.mark.parametrize("name", BEGINNINGS)
def test_escape_cancels_it_cleanly(canvas: Canvas, name: str) -> None:
    document, stage = canvas.document, canvas.stage
    if name in FIRST_CLICKS:
        QTest.mouseClick(canvas.viewport(), LEFT, NONE, FIRST_CLICKS[name](canvas))
    QTest.mouseMove(canvas.viewport(), empty(canvas))
    before, seen, selected, items = document.now, picture(canvas), stage.selection, len(stage.items())
    BEGINNINGS[name](canvas)
    assert type(canvas.gesture).__name__ == name
    picture(canvas)
    activate(canvas)  # without a window manager, the window of an earlier test takes the keys along when it goes
    focus = QApplication.focusWidget()
    assert focus is not None
    QTest.keyClick(focus, Qt.Key.Key_Escape)
    for button in (LEFT, MIDDLE):
        QTest.mouseRelease(canvas.viewport(), button, NONE, empty(canvas))
    assert document.now is before and document.undo_name is None
    assert canvas.gesture is None and canvas.editor is None and not canvas.reason.isVisible()
    assert stage.selection == selected
    assert len(stage.items()) == items
    assert canvas.viewport().cursor().shape() == Qt.CursorShape.ArrowCursor
    assert all((one.mark, one.lit, one.opacity()) == ("", "", 1.0) for one in stage.cards.values())
    assert all(one.opacity() == 1.0 for one in stage.items())
    assert canvas.hasFocus()
    assert picture(canvas) == seen, "something is left in the picture"
    place = card(canvas, "conv_1")
    drag(canvas, place, place + QPoint(0, 90))
    QTest.mouseRelease(canvas.viewport(), LEFT, NONE, place + QPoint(0, 90))
    assert str(document.undo_name) == "Move"
    document.undo()
    assert document.now == before
