"""The canvas, driven by real mouse and keyboard events; what is asserted is the document's graph."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from playground.block import CATALOGUE, Block
from playground.blocks.combine import Add, Concat, Flatten
from playground.blocks.convolution import Conv2D
from playground.blocks.data import Input, Output
from playground.blocks.dense import Dense
from playground.document import Document
from playground.experiment import Experiment, View
from playground.facts import DataFacts, Target
from playground.graph import Graph, Wire
from playground.shape import Shape
from playground.text import say
from tests.examples import chain
from widgets.canvas import MIME, Canvas
from widgets.canvas.geometry import HEIGHT, PITCH_X, WIDTH

Make = Callable[..., Canvas]
Tanh: type[Block] = CATALOGUE["Tanh"]
FLAT = DataFacts(inputs={"x": Shape(features=2)}, targets={"label": Target(classes=("0", "1"))})
IMAGE = DataFacts(
    inputs={"x": Shape(channels=1, height=28, width=28)}, targets={"label": Target(classes=tuple("0123456789"))}
)


def scattered(*blocks: Block) -> Graph:
    """Put blocks side by side without wires."""
    graph = Graph()
    for block in blocks:
        graph = graph.add(block)
    return graph


@pytest.fixture
def make(qtbot) -> Make:
    def build(graph: Graph, facts: DataFacts = FLAT, **view: object) -> Canvas:
        canvas = Canvas(Document(Experiment(graph=graph, facts=facts, view=View(**view))))
        canvas.animated = False
        qtbot.addWidget(canvas)
        canvas.resize(1100, 700)
        canvas.show()
        canvas.setFocus()
        QApplication.processEvents()
        return canvas

    return build


def on_card(canvas: Canvas, id: str) -> QPoint:
    card = canvas.stage.cards[id]
    return canvas.view_point(QPointF(card.x() + WIDTH / 2, card.y() + 20)).toPoint()


def on_port(canvas: Canvas, id: str, port: str, outgoing: bool) -> QPoint:
    spot = canvas.stage.spot(id, port, outgoing)
    return canvas.view_point(QPointF(spot.x, spot.y)).toPoint()


def drag(canvas: Canvas, start: QPoint, end: QPoint, *, release: bool = True, button=Qt.MouseButton.LeftButton) -> None:
    view = canvas.viewport()
    QTest.mousePress(view, button, Qt.KeyboardModifier.NoModifier, start)
    for i in range(1, 6):
        QTest.mouseMove(view, start + (end - start) * i / 5)
    if release:
        QTest.mouseRelease(view, button, Qt.KeyboardModifier.NoModifier, end)


def drop(canvas: Canvas, key: str, at: QPoint, *, leave: bool = False) -> None:
    data = QMimeData()
    data.setData(MIME, key.encode())
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    view = canvas.viewport()
    QApplication.sendEvent(view, QDragEnterEvent(at, Qt.DropAction.CopyAction, data, left, none))
    QApplication.sendEvent(view, QDragMoveEvent(at, Qt.DropAction.CopyAction, data, left, none))
    if leave:
        QApplication.sendEvent(view, QDragLeaveEvent())
        return
    QApplication.sendEvent(view, QDropEvent(QPointF(at), Qt.DropAction.CopyAction, data, left, none))


def positions(canvas: Canvas) -> dict[str, tuple[float, float]]:
    return dict(canvas.document.now.view.positions)


# -- moving and selecting ----------------------------------------------------------------------------------------


def test_a_click_selects_a_node_and_the_signal_says_so(make: Make) -> None:
    canvas = make(chain(Input(), Dense()))
    told: list[tuple[str, ...]] = []
    canvas.selectionIdsChanged.connect(told.append)
    QTest.mouseClick(canvas.viewport(), Qt.MouseButton.LeftButton, pos=on_card(canvas, "dense_1"))
    assert canvas.selected_ids == ("dense_1",) and told == [("dense_1",)]


def test_dragging_a_node_is_one_step_that_undo_takes_back(make: Make) -> None:
    canvas = make(chain(Input(), Dense(units=4), Output()))
    before = canvas.stage.places()
    start = on_card(canvas, "dense_1")
    drag(canvas, start, start + QPoint(90, 130))
    moved = positions(canvas)
    assert moved["dense_1"] != before["dense_1"] and moved["input_1"] == before["input_1"]
    assert all(value % 8 == 0 for value in moved["dense_1"])
    canvas.document.undo()
    assert canvas.stage.places() == before and not canvas.document.undo_name
    canvas.document.redo()
    assert canvas.stage.places()["dense_1"] == moved["dense_1"]


def test_escape_puts_a_dragged_node_back(make: Make) -> None:
    canvas = make(chain(Input(), Dense()))
    start = on_card(canvas, "dense_1")
    drag(canvas, start, start + QPoint(120, 120), release=False)
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert canvas.gesture is None and not canvas.document.dirty
    card = canvas.stage.cards["dense_1"]
    assert (card.x(), card.y()) == card.place


def test_a_lasso_selects_what_it_touches_and_moving_moves_all_of_it(make: Make) -> None:
    canvas = make(chain(Input(), Dense(), Output()))
    view = canvas.viewport().rect()
    drag(canvas, view.topLeft() + QPoint(5, 5), view.bottomRight() - QPoint(5, 5))
    assert set(canvas.selected_ids) == {"input_1", "dense_1", "output_1"}
    start = on_card(canvas, "dense_1")
    drag(canvas, start, start + QPoint(0, 100))
    ys = {place[1] for place in positions(canvas).values()}
    assert len(ys) == 1


def test_arrow_keys_move_the_selection_in_one_step(make: Make) -> None:
    canvas = make(chain(Input(), Dense()))
    canvas.select(["dense_1"])
    x, y = canvas.stage.places()["dense_1"]
    for _ in range(3):
        QTest.keyClick(canvas, Qt.Key.Key_Right)
    assert positions(canvas)["dense_1"] == (x + 24, y)
    canvas.document.undo()
    assert canvas.stage.places()["dense_1"] == (x, y)


def test_tab_walks_the_nodes_in_the_order_of_the_graph(make: Make) -> None:
    canvas = make(chain(Input(), Dense(), Output()))
    seen = []
    for _ in range(3):
        QTest.keyClick(canvas, Qt.Key.Key_Tab)
        seen.append(canvas.selected_ids[0])
    assert seen == ["input_1", "dense_1", "output_1"]
    QTest.keyClick(canvas, Qt.Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier)
    assert canvas.selected_ids == ("dense_1",)


# -- wires -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("backwards", [False, True])
def test_a_wire_is_drawn_from_port_to_port_either_way(make: Make, backwards: bool) -> None:
    canvas = make(scattered(Input(), Dense()))
    ends = [on_port(canvas, "input_1", "out", True), on_port(canvas, "dense_1", "x", False)]
    drag(canvas, *(reversed(ends) if backwards else ends))
    assert canvas.document.now.graph.wires == (Wire("input_1", "dense_1"),)
    assert str(canvas.document.undo_name) == "Connect"


def test_a_wire_that_does_not_fit_is_refused_with_its_reason(make: Make) -> None:
    canvas = make(scattered(Input(), Dense(), Flatten()), IMAGE)
    start, end = on_port(canvas, "input_1", "out", True), on_port(canvas, "dense_1", "x", False)
    drag(canvas, start, end, release=False)
    assert "Flatten" in canvas.reason.text() and canvas.reason.isVisible()
    assert canvas.stage.cards["dense_1"].mark == "fade" and canvas.stage.cards["flatten_1"].mark == "glow"
    QTest.mouseRelease(canvas.viewport(), Qt.MouseButton.LeftButton, pos=end)
    assert canvas.document.now.graph.wires == () and not canvas.reason.isVisible()
    assert canvas.stage.cards["dense_1"].mark == ""


def test_a_wire_that_closes_a_circle_is_refused(make: Make) -> None:
    graph = chain(Input(), Add(), Tanh())
    canvas = make(graph)
    drag(canvas, on_port(canvas, "tanh_1", "out", True), on_port(canvas, "add_1", "xs", False))
    assert canvas.document.now.graph is graph


def test_pulling_a_wire_off_its_port_reconnects_or_removes_it(make: Make) -> None:
    canvas = make(chain(Input(), Dense()).add(Tanh()))
    drag(canvas, on_port(canvas, "dense_1", "x", False), on_port(canvas, "tanh_1", "x", False))
    assert canvas.document.now.graph.wires == (Wire("input_1", "tanh_1"),)
    end = on_port(canvas, "tanh_1", "x", False)
    drag(canvas, end, end + QPoint(-60, 200))
    assert canvas.document.now.graph.wires == ()


def test_several_wires_end_at_one_open_port(make: Make) -> None:
    canvas = make(chain(Input(), Tanh()).add(Concat()))
    for source in ("input_1", "tanh_1"):
        drag(canvas, on_port(canvas, source, "out", True), on_port(canvas, "concat_1", "xs", False))
    assert [w.source for w in canvas.document.now.graph.incoming["concat_1"]] == ["input_1", "tanh_1"]


def test_escape_cancels_a_wire_that_is_being_drawn(make: Make) -> None:
    canvas = make(chain(Input(), Dense()))
    drag(canvas, on_port(canvas, "dense_1", "x", False), QPoint(300, 600), release=False)
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert len(canvas.document.now.graph.wires) == 1
    assert canvas.stage.lines[Wire("input_1", "dense_1")].isVisible()


def test_a_selected_wire_is_deleted(make: Make) -> None:
    canvas = make(chain(Input(), Dense()))
    middle = canvas.stage.lines[Wire("input_1", "dense_1")].route.middle
    QTest.mouseClick(canvas.viewport(), Qt.MouseButton.LeftButton, pos=canvas.view_point(QPointF(*middle)).toPoint())
    QTest.keyClick(canvas, Qt.Key.Key_Delete)
    assert canvas.document.now.graph.wires == () and len(canvas.document.now.graph.nodes) == 2


def test_c_connects_the_first_selected_node_to_the_second(make: Make) -> None:
    canvas = make(scattered(Input(), Dense()))
    canvas.select(["input_1", "dense_1"])
    QTest.keyClick(canvas, Qt.Key.Key_C)
    assert canvas.document.now.graph.wires == (Wire("input_1", "dense_1"),)


# -- adding and taking away --------------------------------------------------------------------------------------


def test_a_block_dropped_on_empty_canvas_is_added_there_and_selected(make: Make) -> None:
    canvas = make(Graph())
    drop(canvas, "Dense", QPoint(400, 300))
    assert list(canvas.document.now.graph.nodes) == ["dense_1"] and canvas.selected_ids == ("dense_1",)
    middle = canvas.view_point(QPointF(*canvas.stage.places()["dense_1"]) + QPointF(WIDTH / 2, HEIGHT / 2))
    assert (middle - QPointF(400, 300)).manhattanLength() < 12


def test_a_block_dropped_on_a_wire_goes_into_it(make: Make) -> None:
    canvas = make(chain(Input(), Dense(units=4), Output()))
    middle = canvas.stage.lines[Wire("input_1", "dense_1")].route.middle
    drop(canvas, "Tanh", canvas.view_point(QPointF(*middle)).toPoint())
    wires = canvas.document.now.graph.wires
    assert wires[:2] == (Wire("input_1", "tanh_1"), Wire("tanh_1", "dense_1"))
    boxes = sorted(positions(canvas).values())
    assert all(b[0] - a[0] >= WIDTH or abs(b[1] - a[1]) >= HEIGHT for a, b in pairwise(boxes))
    canvas.document.undo()
    assert canvas.document.now.graph.wires == (Wire("input_1", "dense_1"), Wire("dense_1", "output_1"))


def test_a_block_dropped_beside_a_free_port_is_connected(make: Make) -> None:
    canvas = make(chain(Input(), Dense()))
    port = canvas.stage.spot("dense_1", "out", True)
    drop(canvas, "Tanh", canvas.view_point(QPointF(port.x + 40 + WIDTH / 2, port.y + 10)).toPoint())
    assert Wire("dense_1", "tanh_1") in canvas.document.now.graph.wires


def test_a_block_that_does_not_fit_is_dropped_without_a_wire(make: Make) -> None:
    canvas = make(scattered(Input()), IMAGE)
    port = canvas.stage.spot("input_1", "out", True)
    drop(canvas, "Dense", canvas.view_point(QPointF(port.x + 40 + WIDTH / 2, port.y)).toPoint())
    assert "dense_1" in canvas.document.now.graph and canvas.document.now.graph.wires == ()


def test_a_drag_that_leaves_or_is_no_block_changes_nothing(make: Make) -> None:
    canvas = make(chain(Input(), Dense()))
    drop(canvas, "Tanh", QPoint(300, 300), leave=True)
    drop(canvas, "NoSuchBlock", QPoint(300, 300))
    assert not canvas.document.dirty and canvas.gesture is None


def test_add_block_builds_a_chain_from_nothing(make: Make) -> None:
    canvas = make(Graph(), IMAGE)
    for key in ("Input", "Conv2D", "Tanh", "AvgPool2D", "Flatten", "Dense", "Output"):
        canvas.add_block(key)
    graph = canvas.document.now.graph
    assert [w.source for w in graph.wires] == ["input_1", "conv_1", "tanh_1", "pool_1", "flatten_1", "dense_1"]
    places = list(canvas.stage.places().values())
    assert len(set(places)) == len(places)


def test_add_block_goes_right_of_the_selected_node(make: Make) -> None:
    canvas = make(scattered(Input(), Dense()))
    canvas.select(["input_1"])
    drag(canvas, on_card(canvas, "dense_1"), on_card(canvas, "dense_1") + QPoint(0, 200))
    canvas.select(["input_1"])
    x, y = canvas.stage.places()["input_1"]
    canvas.add_block("Tanh")
    assert canvas.stage.places()["tanh_1"] == (x + PITCH_X, y)
    assert canvas.document.now.graph.wires == (Wire("input_1", "tanh_1"),)


@pytest.mark.parametrize("rejoin", [False, True])
def test_delete_takes_nodes_away_and_shift_joins_the_chain_again(make: Make, rejoin: bool) -> None:
    canvas = make(chain(Input(), Tanh(), Dense()))
    places = canvas.stage.places()
    QTest.mouseClick(canvas.viewport(), Qt.MouseButton.LeftButton, pos=on_card(canvas, "tanh_1"))
    modifier = Qt.KeyboardModifier.ShiftModifier if rejoin else Qt.KeyboardModifier.NoModifier
    QTest.keyClick(canvas, Qt.Key.Key_Delete, modifier)
    graph = canvas.document.now.graph
    assert list(graph.nodes) == ["input_1", "dense_1"]
    assert graph.wires == ((Wire("input_1", "dense_1"),) if rejoin else ())
    assert canvas.stage.places()["dense_1"] == places["dense_1"] and canvas.selected_ids == ()
    canvas.document.undo()
    assert canvas.stage.places() == places


def test_select_all_and_delete_empties_the_canvas(make: Make) -> None:
    canvas = make(chain(Input(), Dense()))
    QTest.keyClick(canvas, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(canvas, Qt.Key.Key_Backspace)
    assert not canvas.document.now.graph.nodes and not canvas.stage.items()


# -- what stands on it -------------------------------------------------------------------------------------------


def test_the_remedy_under_a_card_is_a_link_that_works(make: Make) -> None:
    graph = chain(Input()).add(Dense(units=10)).add(Output())
    graph = graph.connect(Wire("input_1", "dense_1")).connect(Wire("dense_1", "output_1"))
    canvas = make(graph, IMAGE)
    callout = canvas.stage.callouts["dense_1"]
    assert canvas.stage.cards["dense_1"].face.bad and canvas.stage.lines[Wire("input_1", "dense_1")].bad
    link = canvas.view_point(callout.pos() + callout.link_rects()[0].center()).toPoint()
    QTest.mouseClick(canvas.viewport(), Qt.MouseButton.LeftButton, pos=link)
    assert Wire("flatten_1", "dense_1") in canvas.document.now.graph.wires
    assert not canvas.stage.callouts and len(set(canvas.stage.places().values())) == 4
    canvas.document.undo()
    assert canvas.document.now.graph == graph and "dense_1" in canvas.stage.callouts


def test_a_failure_shows_until_its_node_is_edited(make: Make) -> None:
    canvas = make(chain(Input(), Dense(units=2), Output()))
    canvas.set_failure("dense_1", say("the loss became infinite here"))
    assert canvas.stage.callouts["dense_1"].words[0] == "the loss became infinite here"
    graph = canvas.document.now.graph
    canvas.document.edit(say("Change"), graph=graph.configure("dense_1", Dense(units=3)))
    canvas.document.edit(say("Change"), graph=graph.configure("dense_1", Dense(units=2)))
    assert "dense_1" not in canvas.stage.callouts


def test_faces_follow_the_parameters_and_untouched_items_stay_the_same(make: Make) -> None:
    canvas = make(chain(Input(), Dense(units=4), Output()))
    first = canvas.stage.cards["input_1"]
    graph = canvas.document.now.graph
    canvas.document.edit(say("Change"), graph=graph.configure("dense_1", Dense(units=2)))
    face = canvas.stage.cards["dense_1"].face
    assert (face.summary, face.count) == ("2", "6") and canvas.stage.cards["input_1"] is first
    assert canvas.stage.lines[Wire("dense_1", "output_1")].shape_of_data == Shape(features=2)


def test_live_strips_are_drawn_and_cleared(make: Make) -> None:
    canvas = make(chain(Input(), Conv2D(), Tanh()), IMAGE)
    canvas.set_thumbnails("conv_1", np.linspace(0, 1, 28 * 112).reshape(28, 112))
    canvas.set_thumbnails("input_1", np.zeros((8, 8, 3), np.uint8))
    canvas.set_strip("tanh_1", np.array([1.0, 0.1, np.nan, 0.01]))
    canvas.set_strip("gone_1", np.ones(3))
    assert all(canvas.stage.cards[id].live for id in ("conv_1", "input_1", "tanh_1"))
    assert not canvas.grab().isNull()
    canvas.clear_live()
    assert not any(card.live for card in canvas.stage.cards.values())


def test_tooltips_name_the_axes_of_a_wire(make: Make) -> None:
    canvas = make(chain(Input(), Conv2D(channels=6, kernel=5, padding=2)), IMAGE)
    middle = canvas.stage.lines[Wire("input_1", "conv_1")].route.middle
    assert "1 channels × 28 height × 28 width" in canvas.words_at(QPointF(*middle))


def test_a_renamed_node_keeps_its_place_and_selection(make: Make) -> None:
    canvas = make(chain(Input(), Dense()))
    canvas.select(["dense_1"])
    place = canvas.stage.places()["dense_1"]
    QTest.keyClick(canvas, Qt.Key.Key_F2)
    assert canvas.editor is not None
    canvas.editor.setText("train")
    QTest.keyClick(canvas.editor, Qt.Key.Key_Return)
    assert canvas.reason.isVisible() and "dense_1" in canvas.document.now.graph
    canvas.editor.setText("hidden")
    QTest.keyClick(canvas.editor, Qt.Key.Key_Return)
    assert canvas.editor is None and canvas.selected_ids == ("hidden",)
    assert canvas.stage.places()["hidden"] == place and canvas.document.now.graph.wires == (Wire("input_1", "hidden"),)


def test_the_menu_of_a_node_offers_its_remedies_and_what_can_be_done(make: Make) -> None:
    canvas = make(chain(Input(), Dense(units=4), Output()))
    at = on_card(canvas, "output_1")
    menu, _ = canvas.menu_at(QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, canvas.mapToGlobal(at)))
    actions = {action.objectName() or action.text(): action for action in menu.actions()}
    assert {"rename", "delete", "rejoin", "tidy"} <= actions.keys()
    actions["Set units of dense_1 to 2"].trigger()
    assert canvas.document.now.graph.nodes["dense_1"].block == Dense(units=2)


# -- looking around ----------------------------------------------------------------------------------------------


def test_zooming_keeps_what_is_under_the_cursor(make: Make) -> None:
    canvas = make(chain(Input(), Dense()))
    pivot = QPointF(200, 300)
    before, zoom = canvas.scene_point(pivot), canvas.zoom
    canvas.zoom_by(1.7, pivot)
    assert canvas.zoom == pytest.approx(zoom * 1.7)
    assert (canvas.scene_point(pivot) - before).manhattanLength() < 2


def test_middle_drag_and_space_drag_pan(make: Make) -> None:
    canvas = make(chain(Input(), Dense()))
    before = canvas.view_point(QPointF(0, 0))
    drag(canvas, QPoint(300, 500), QPoint(340, 520), button=Qt.MouseButton.MiddleButton)
    QTest.keyPress(canvas, Qt.Key.Key_Space)
    drag(canvas, QPoint(300, 500), QPoint(340, 520))
    QTest.keyRelease(canvas, Qt.Key.Key_Space)
    assert (canvas.view_point(QPointF(0, 0)) - before - QPointF(80, 40)).manhattanLength() <= 4
    assert canvas.selected_ids == () and not canvas.document.dirty


def test_small_pictures_are_painted_plainly(make: Make) -> None:
    canvas = make(chain(Input(), Dense(), Output()))
    canvas.zoom_by(0.2 / canvas.zoom)
    assert canvas.in_overview
    inside = canvas.grab().toImage().pixelColor(on_card(canvas, "dense_1"))
    assert inside.blue() > inside.red() + 60  # the family's colour, not a card with words
    QTest.keyClick(canvas, Qt.Key.Key_0, Qt.KeyboardModifier.ControlModifier)
    assert not canvas.in_overview


def test_tidy_is_one_step(make: Make) -> None:
    canvas = make(chain(Input(), Dense()), positions={"input_1": (0.0, 0.0), "dense_1": (37.0, 900.0)})
    canvas.tidy()
    assert canvas.stage.places() == {"input_1": (0, 0), "dense_1": (PITCH_X, 0)}
    canvas.document.undo()
    assert canvas.stage.places()["dense_1"] == (37.0, 900.0)


def test_opening_another_document_takes_the_same_path(make: Make) -> None:
    canvas = make(chain(Input(), Dense()))
    canvas.select(["dense_1"])
    canvas.document.open(Experiment(graph=chain(Input(), Conv2D(), Flatten()), facts=IMAGE))
    assert set(canvas.stage.cards) == {"input_1", "conv_1", "flatten_1"} and canvas.selected_ids == ()
    assert len(canvas.stage.lines) == 2


def test_gliding_ends_where_the_document_says(make: Make, qtbot) -> None:
    canvas = make(chain(Input(), Dense()), positions={"input_1": (0.0, 0.0), "dense_1": (80.0, 900.0)})
    canvas.animated = True
    canvas.tidy()
    qtbot.waitUntil(lambda: canvas.stage.cards["dense_1"].pos() == QPointF(PITCH_X, 0), timeout=2000)


def test_a_language_change_labels_everything_again(make: Make) -> None:
    canvas = make(Graph())
    canvas.setAccessibleName("")
    QApplication.sendEvent(canvas, QEvent(QEvent.Type.LanguageChange))
    assert canvas.accessibleName() == "Network canvas"
