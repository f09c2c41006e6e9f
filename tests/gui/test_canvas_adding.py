"""Adding blocks and drawing wires on the canvas by mouse and keyboard; what is asserted is the document."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from playground.block import Block
from playground.blocks.activation import ReLU, Tanh
from playground.blocks.combine import Add, Concat, Flatten
from playground.blocks.convolution import Conv2D
from playground.blocks.data import Input, Output
from playground.blocks.dense import Dense
from playground.blocks.group import Group, GroupInput, GroupOutput
from playground.blocks.normalisation import Dropout
from playground.blocks.pooling import MaxPool2D
from playground.facts import DataFacts
from playground.graph import Graph, Wire
from playground.text import say, set_language
from tests.examples import chain, image_facts, planar_facts, preset
from widgets.canvas import MIME, Canvas
from widgets.canvas.geometry import HEIGHT, WIDTH, box, overlap
from widgets.canvas.search import SearchBox
from widgets.shelf import Shelf

Make = Callable[..., Canvas]
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
IMAGE, FLAT = image_facts(), planar_facts()


@pytest.fixture
def make(open_canvas) -> Make:
    def build(graph: Graph, facts: DataFacts = IMAGE, **view: object) -> Canvas:
        return open_canvas(graph, facts, **view)

    return build


def scattered(*blocks: Block) -> Graph:
    graph = Graph()
    for block in blocks:
        graph = graph.add(block)
    return graph


def graph_of(canvas: Canvas) -> Graph:
    return canvas.document.now.graph


def search_box(canvas: Canvas) -> SearchBox:
    found = [one for one in canvas.window().findChildren(SearchBox) if one.isVisible()]
    assert len(found) == 1, "the search box is not open"
    return found[0]


def is_searching(canvas: Canvas) -> bool:
    return any(one.isVisible() for one in canvas.window().findChildren(SearchBox))


def at(canvas: Canvas, x: float, y: float) -> QPoint:
    return canvas.view_point(QPointF(x, y)).toPoint()


def on_port(canvas: Canvas, id: str, port: str = "x") -> QPoint:
    spot = canvas.stage.spot(id, port, port == "out")
    return at(canvas, spot.x, spot.y)


def on_wire(canvas: Canvas, wire: Wire, share: float = 0.5) -> QPoint:
    points = canvas.stage.lines[wire].points
    (x0, y0), (x1, y1) = points[0], points[-1]
    assert len(points) == 2, "this wire is not straight"
    return at(canvas, x0 + (x1 - x0) * share, y0 + (y1 - y0) * share)


def drag(canvas: Canvas, start: QPoint, end: QPoint, *, release: bool = True) -> None:
    view = canvas.viewport()
    QTest.mousePress(view, LEFT, NONE, start)
    for i in range(1, 6):
        QTest.mouseMove(view, start + (end - start) * i / 5)
    if release:
        QTest.mouseRelease(view, LEFT, NONE, end)


def drag_block(canvas: Canvas, key: str, where: QPoint, *, release: bool = True) -> None:
    data, view = QMimeData(), canvas.viewport()
    data.setData(MIME, key.encode())
    copy = Qt.DropAction.CopyAction
    QApplication.sendEvent(view, QDragEnterEvent(where + QPoint(0, 120), copy, data, LEFT, NONE))
    QApplication.sendEvent(view, QDragMoveEvent(where + QPoint(0, 60), copy, data, LEFT, NONE))
    QApplication.sendEvent(view, QDragMoveEvent(where, copy, data, LEFT, NONE))
    if release:
        QApplication.sendEvent(view, QDropEvent(QPointF(where), copy, data, LEFT, NONE))


def empty_place(canvas: Canvas) -> QPoint:
    return canvas.viewport().rect().bottomRight() - QPoint(360, 200)


def type_and_enter(canvas: Canvas, text: str) -> None:
    box = search_box(canvas)
    QTest.keyClicks(box.field, text)
    QTest.keyClick(box.field, Qt.Key.Key_Return)


def tap_space(canvas: Canvas) -> None:
    QTest.keyClick(canvas, Qt.Key.Key_Space)


def point_at(canvas: Canvas, place: QPoint) -> None:
    QTest.mouseMove(canvas.viewport(), place + QPoint(3, 3))
    QTest.mouseMove(canvas.viewport(), place)


def middle_of(canvas: Canvas, id: str) -> QPoint:
    x, y = canvas.stage.places()[id]
    return at(canvas, x + WIDTH / 2, y + HEIGHT / 2)


# -- the search box ----------------------------------------------------------------------------------------------


def test_space_opens_the_search_at_the_pointer_and_enter_adds_there_as_one_step(make: Make) -> None:
    canvas = make(Graph())
    point_at(canvas, QPoint(420, 300))
    tap_space(canvas)
    assert search_box(canvas).field.hasFocus()
    type_and_enter(canvas, "dense")
    assert list(graph_of(canvas).nodes) == ["dense_1"] and canvas.selected_ids == ("dense_1",)
    assert (middle_of(canvas, "dense_1") - QPoint(420, 300)).manhattanLength() <= 16
    assert not is_searching(canvas) and canvas.hasFocus()
    canvas.document.undo()
    assert not graph_of(canvas).nodes and canvas.document.undo_name is None


def test_what_is_added_is_connected_to_the_selected_nodes_free_output_where_that_fits(make: Make) -> None:
    canvas = make(scattered(Input()))
    canvas.select(["input_1"])
    point_at(canvas, empty_place(canvas))
    tap_space(canvas)
    type_and_enter(canvas, "conv2d")
    assert graph_of(canvas).wires == (Wire("input_1", "conv_1"),)
    assert str(canvas.document.undo_name) == "Add Conv2D"
    canvas.select(["input_1"])
    point_at(canvas, empty_place(canvas) - QPoint(0, 300))
    tap_space(canvas)
    type_and_enter(canvas, "dense")
    assert "dense_1" in graph_of(canvas) and len(graph_of(canvas).wires) == 1


def test_escape_closes_the_search_and_changes_nothing(make: Make) -> None:
    canvas = make(chain(Input(), Conv2D()))
    canvas.select(["conv_1"])
    point_at(canvas, empty_place(canvas))
    tap_space(canvas)
    QTest.keyClicks(search_box(canvas).field, "re")
    QTest.keyClick(search_box(canvas).field, Qt.Key.Key_Escape)
    assert not is_searching(canvas) and canvas.gesture is None and canvas.hasFocus()
    assert not canvas.document.dirty and canvas.selected_ids == ("conv_1",)


def test_a_click_elsewhere_closes_the_search_and_an_edit_from_elsewhere_does(make: Make) -> None:
    canvas = make(chain(Input(), Conv2D()))
    point_at(canvas, empty_place(canvas))
    tap_space(canvas)
    QTest.mouseClick(canvas.viewport(), LEFT, pos=QPoint(20, 680))
    assert not is_searching(canvas) and not canvas.document.dirty
    point_at(canvas, empty_place(canvas))
    canvas.setFocus()
    tap_space(canvas)
    assert is_searching(canvas)
    canvas.document.edit(say("Change"), graph=Graph())
    assert not is_searching(canvas)


def test_space_held_for_panning_opens_nothing(make: Make) -> None:
    canvas = make(chain(Input(), Conv2D()))
    before = canvas.view_point(QPointF(0, 0))
    QTest.keyPress(canvas, Qt.Key.Key_Space)
    drag(canvas, QPoint(300, 600), QPoint(340, 620))
    QTest.keyRelease(canvas, Qt.Key.Key_Space)
    assert not is_searching(canvas)
    assert (canvas.view_point(QPointF(0, 0)) - before - QPointF(40, 20)).manhattanLength() <= 4


def test_a_chain_grows_by_space_and_typing_without_touching_the_mouse(make: Make) -> None:
    canvas = make(Graph())
    for word in ("input", "conv2d", "relu", "max", "flatten", "dense", "output"):
        tap_space(canvas)
        type_and_enter(canvas, word)
    order = ("input_1", "conv_1", "relu_1", "pool_1", "flatten_1", "dense_1", "output_1")
    assert graph_of(canvas).order == order and len(graph_of(canvas).wires) == 6
    boxes = [box(place) for place in canvas.stage.places().values()]
    assert not any(overlap(a, b) for i, a in enumerate(boxes) for b in boxes[:i])


def test_space_over_a_wire_puts_the_block_into_it(make: Make) -> None:
    canvas = make(chain(Input(), Conv2D(), MaxPool2D()))
    point_at(canvas, on_wire(canvas, Wire("conv_1", "pool_1")))
    tap_space(canvas)
    assert search_box(canvas).caption.text() == "Between conv_1 and pool_1"
    likeliest = search_box(canvas).shown()[0].key
    QTest.keyClick(search_box(canvas).field, Qt.Key.Key_Return)
    order = [graph_of(canvas).nodes[id].block.key for id in graph_of(canvas).order]
    assert order == ["Input", "Conv2D", likeliest, "MaxPool2D"]
    assert len(graph_of(canvas).wires) == 3 and str(canvas.document.undo_name).startswith("Insert ")


def test_what_does_not_fit_into_a_wire_stands_below_with_its_reason_and_cannot_be_chosen(make: Make) -> None:
    canvas = make(chain(Input(), Conv2D(), MaxPool2D()))
    canvas.open_search(canvas.scene_point(QPointF(500, 300)), wire=Wire("conv_1", "pool_1"))
    shown = search_box(canvas)
    order = [one.fits for one in shown.shown()]
    assert order == sorted(order, reverse=True) and not all(order)
    QTest.keyClicks(shown.field, "flatten")
    assert [one.key for one in shown.shown()] == ["Flatten"]
    assert "MaxPool2D wants an image" in shown.reason.text()
    assert "MaxPool2D wants an image" in shown.list.item(1).toolTip()
    QTest.keyClick(shown.field, Qt.Key.Key_Return)
    assert is_searching(canvas) and not canvas.document.dirty
    QTest.keyClick(shown.field, Qt.Key.Key_Escape)


def test_without_a_wire_what_does_not_fit_can_be_chosen_all_the_same(make: Make) -> None:
    canvas = make(scattered(Input()))
    canvas.select(["input_1"])
    canvas.open_search(QPointF(400, 300))
    assert "input_1" in search_box(canvas).caption.text()
    type_and_enter(canvas, "dense")
    assert "dense_1" in graph_of(canvas) and graph_of(canvas).wires == ()


def test_a_row_is_chosen_by_click_and_by_the_arrows(make: Make) -> None:
    canvas = make(Graph(), FLAT)
    canvas.open_search(QPointF(0, 0))
    shown = search_box(canvas)
    QTest.keyClick(shown.field, Qt.Key.Key_Down)
    second = shown.shown()[1].key
    assert shown.current() is not None and shown.current().key == second  # type: ignore[union-attr]
    QTest.keyClick(shown.field, Qt.Key.Key_Return)
    assert [node.block.key for node in graph_of(canvas).nodes.values()] == [second]
    canvas.open_search(QPointF(0, 400))
    shown = search_box(canvas)
    key = shown.shown()[2].key
    QTest.mouseClick(shown.list.viewport(), LEFT, pos=shown.list.visualItemRect(shown.list.item(2)).center())
    assert list(graph_of(canvas).nodes.values())[-1].block.key == key and not is_searching(canvas)


def test_names_of_both_languages_are_found(make: Make) -> None:
    set_language("zh")
    canvas = make(Graph())
    canvas.open_search(QPointF(0, 0))
    shown = search_box(canvas)
    shown.field.setText("池化")
    assert shown.shown()[0].key in ("MaxPool2D", "AvgPool2D")
    shown.field.setText("input")
    assert shown.shown()[0].key == "Input"
    shown.field.setText("输入")
    assert shown.shown()[0].key == "Input"
    canvas.cancel_gesture()


def test_a_name_that_is_none_adds_nothing(make: Make) -> None:
    canvas = make(Graph())
    canvas.open_search(QPointF(0, 0))
    type_and_enter(canvas, "zzzz")
    assert is_searching(canvas) and search_box(canvas).shown() == [] and not canvas.document.dirty
    QTest.keyClick(search_box(canvas).field, Qt.Key.Key_Escape)


def test_the_box_stays_inside_the_window_wherever_it_opens(make: Make) -> None:
    canvas = make(scattered(Input()))
    room = canvas.rect()
    for place in (room.topLeft(), room.topRight(), room.bottomLeft(), room.bottomRight(), room.center()):
        canvas.open_search(canvas.scene_point(QPointF(place)))
        assert room.contains(search_box(canvas).geometry())
        canvas.cancel_gesture()


def test_what_choosing_would_do_is_painted_beforehand(make: Make) -> None:
    canvas = make(Graph())
    canvas.open_search(canvas.scene_point(QPointF(300, 200)))
    dotted = canvas.viewport().grab().toImage()
    canvas.cancel_gesture()
    assert canvas.viewport().grab().toImage() != dotted


def test_what_is_added_counts_as_used(make: Make) -> None:
    canvas = make(Graph())
    canvas.shelf = Shelf()
    canvas.add_block("Dense")
    canvas.open_search(QPointF(0, 300))
    type_and_enter(canvas, "tanh")
    assert canvas.shelf.recent == ("Tanh", "Dense")


# -- double clicks -----------------------------------------------------------------------------------------------


def double_click(canvas: Canvas, place: QPoint) -> None:
    view = canvas.viewport()
    QTest.mouseClick(view, LEFT, NONE, place)
    QTest.mouseDClick(view, LEFT, NONE, place)  # only the second press
    QTest.mouseRelease(view, LEFT, NONE, place)


def test_a_double_click_on_empty_canvas_searches_there_for_what_follows_the_selected_node(make: Make) -> None:
    canvas = make(scattered(Input()))
    canvas.select(["input_1"])
    place = empty_place(canvas)
    double_click(canvas, place)
    assert canvas.selected_ids == ("input_1",)
    type_and_enter(canvas, "conv2d")
    assert graph_of(canvas).wires == (Wire("input_1", "conv_1"),)
    assert (middle_of(canvas, "conv_1") - place).manhattanLength() <= 16


def test_a_double_click_on_a_wire_searches_for_what_goes_into_it(make: Make) -> None:
    canvas = make(chain(Input(), Conv2D(), MaxPool2D()))
    double_click(canvas, on_wire(canvas, Wire("conv_1", "pool_1")))
    type_and_enter(canvas, "relu")
    assert graph_of(canvas).order == ("input_1", "conv_1", "relu_1", "pool_1")


def test_a_double_click_on_a_node_activates_it(make: Make) -> None:
    canvas = make(chain(Input(), Conv2D()))
    double_click(canvas, middle_of(canvas, "conv_1"))
    assert canvas.editor is not None and not is_searching(canvas)
    QTest.keyClick(canvas.editor, Qt.Key.Key_Escape)
    assert canvas.editor is None and not canvas.document.dirty


# -- wires that end nowhere --------------------------------------------------------------------------------------


def test_a_wire_let_go_on_empty_canvas_asks_for_a_block_and_connects_it_in_one_step(make: Make) -> None:
    canvas = make(chain(Input(), Conv2D()))
    drag(canvas, on_port(canvas, "conv_1", "out"), empty_place(canvas))
    assert all(one.reason is None for one in search_box(canvas).shown()[:5])
    type_and_enter(canvas, "relu")
    assert graph_of(canvas).wires == (Wire("input_1", "conv_1"), Wire("conv_1", "relu_1"))
    port = on_port(canvas, "relu_1")
    assert (port - empty_place(canvas)).manhattanLength() <= 16
    canvas.document.undo()
    assert list(graph_of(canvas).nodes) == ["input_1", "conv_1"] and canvas.document.undo_name is None


def test_a_wire_pulled_out_of_an_input_asks_for_what_feeds_it(make: Make) -> None:
    canvas = make(scattered(Input(), Dense()))
    drag(canvas, on_port(canvas, "dense_1"), empty_place(canvas))
    fits = [one.key for one in search_box(canvas).shown() if one.fits]
    assert "Flatten" in fits and "Conv2D" not in fits
    type_and_enter(canvas, "flatten")
    assert graph_of(canvas).wires == (Wire("flatten_1", "dense_1"),)
    assert (on_port(canvas, "flatten_1", "out") - empty_place(canvas)).manhattanLength() <= 16


def test_escape_leaves_the_document_as_it_was_before_the_wire(make: Make) -> None:
    canvas = make(chain(Input(), Conv2D()))
    before = canvas.viewport().grab().toImage()
    drag(canvas, on_port(canvas, "conv_1", "out"), empty_place(canvas))
    QTest.keyClick(search_box(canvas).field, Qt.Key.Key_Escape)
    assert not canvas.document.dirty and canvas.gesture is None and not is_searching(canvas)
    point_at(canvas, QPoint(5, 5))
    assert canvas.viewport().grab().toImage() == before


def test_a_wire_let_go_on_its_own_card_or_on_one_without_ports_asks_nothing(make: Make) -> None:
    canvas = make(scattered(Input(), Conv2D(), Output()))
    drag(canvas, on_port(canvas, "conv_1", "out"), middle_of(canvas, "conv_1"))
    drag(canvas, on_port(canvas, "conv_1"), middle_of(canvas, "output_1"))
    assert not is_searching(canvas) and not canvas.document.dirty


# -- wires -------------------------------------------------------------------------------------------------------


def test_either_end_of_a_wire_can_be_pulled_to_another_port(make: Make) -> None:
    canvas = make(chain(Input(), ReLU(), Tanh()).add(Dropout()), positions=GRID)
    drag(canvas, on_wire(canvas, Wire("relu_1", "tanh_1"), 0.2), on_port(canvas, "dropout_1", "out"))
    assert graph_of(canvas).wires == (Wire("input_1", "relu_1"), Wire("dropout_1", "tanh_1"))
    assert str(canvas.document.undo_name) == "Reconnect"
    canvas.document.undo()
    drag(canvas, on_wire(canvas, Wire("relu_1", "tanh_1"), 0.8), on_port(canvas, "dropout_1"))
    assert graph_of(canvas).wires == (Wire("input_1", "relu_1"), Wire("relu_1", "dropout_1"))


GRID = {"input_1": (0.0, 0.0), "relu_1": (240.0, 0.0), "tanh_1": (480.0, 0.0), "dropout_1": (240.0, 200.0)}


def test_an_end_pulled_away_disconnects_and_escape_does_not(make: Make) -> None:
    wire = Wire("relu_1", "tanh_1")
    canvas = make(chain(Input(), ReLU(), Tanh()).add(Dropout()), positions=GRID)
    drag(canvas, on_wire(canvas, wire, 0.2), empty_place(canvas), release=False)
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    QTest.mouseRelease(canvas.viewport(), LEFT, NONE, empty_place(canvas))
    assert not canvas.document.dirty and canvas.stage.lines[wire].isVisible()
    drag(canvas, on_wire(canvas, wire, 0.2), empty_place(canvas))
    assert wire not in graph_of(canvas).wires and not is_searching(canvas)


def test_the_middle_of_a_wire_is_the_wire(make: Make) -> None:
    wire = Wire("relu_1", "tanh_1")
    canvas = make(chain(Input(), ReLU(), Tanh()).add(Dropout()), positions=GRID)
    QTest.mouseClick(canvas.viewport(), LEFT, NONE, on_wire(canvas, wire))
    assert canvas.stage.selected_wires == (wire,)
    QTest.mouseClick(canvas.viewport(), LEFT, NONE, on_wire(canvas, wire, 0.2))
    assert canvas.stage.selected_wires == (wire,) and not canvas.document.dirty


def test_a_wire_moved_at_its_source_keeps_its_place_at_a_concat(make: Make) -> None:
    graph = scattered(Input(), ReLU(), Tanh(), Dropout(), Concat())
    for source in ("relu_1", "tanh_1"):
        graph = graph.connect(Wire("input_1", source)).connect(Wire(source, "concat_1", "out", "xs"))
    graph = graph.connect(Wire("input_1", "dropout_1"))
    places = {
        "input_1": (0.0, 200.0),
        "relu_1": (300.0, 0.0),
        "tanh_1": (300.0, 200.0),
        "dropout_1": (300.0, 400.0),
        "concat_1": (640.0, 0.0),
    }
    canvas = make(graph, positions=places)
    drag(canvas, on_wire(canvas, Wire("relu_1", "concat_1", "out", "xs"), 0.1), on_port(canvas, "dropout_1", "out"))
    assert [wire.source for wire in graph_of(canvas).incoming["concat_1"]] == ["dropout_1", "tanh_1"]


def test_an_output_refuses_a_width_that_nothing_can_mend(make: Make) -> None:
    canvas = make(chain(Input(), Flatten()).add(Output()))
    drag(canvas, on_port(canvas, "flatten_1", "out"), on_port(canvas, "output_1"), release=False)
    assert canvas.stage.cards["output_1"].mark == "fade" and "needs 10 numbers" in canvas.reason.text()
    QTest.mouseRelease(canvas.viewport(), LEFT, NONE, on_port(canvas, "output_1"))
    assert len(graph_of(canvas).wires) == 1 and not is_searching(canvas)


def test_an_output_takes_a_shape_that_can_be_mended_and_warns(make: Make) -> None:
    canvas = make(chain(Input(), Conv2D()).add(Output()))
    drag(canvas, on_port(canvas, "conv_1", "out"), on_port(canvas, "output_1"), release=False)
    assert canvas.stage.cards["output_1"].mark == "glow" and "Flatten" in canvas.reason.text()
    assert canvas.reason.isVisible() and canvas.reason.property("kind") == "warning"
    QTest.mouseRelease(canvas.viewport(), LEFT, NONE, on_port(canvas, "output_1"))
    assert Wire("conv_1", "output_1") in graph_of(canvas).wires and not canvas.reason.isVisible()


def test_in_a_crowd_a_wire_snaps_to_a_port_where_it_can_end_not_to_its_neighbour(make: Make) -> None:
    places = {"input_1": (0.0, 0.0), "relu_1": (300.0, 0.0), "tanh_1": (456.0, 0.0)}
    canvas = make(scattered(Input(), ReLU(), Tanh()), positions=places)
    between = on_port(canvas, "relu_1", "out") + QPoint(2, 0)
    drag(canvas, on_port(canvas, "input_1", "out"), between)
    assert graph_of(canvas).wires == (Wire("input_1", "tanh_1"),)


# -- dropping ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("zoom", [1.0, 0.5])
def test_a_block_dropped_on_a_wire_goes_into_it_at_any_zoom(make: Make, zoom: float) -> None:
    canvas = make(chain(Input(), Conv2D(), MaxPool2D()))
    canvas.zoom_by(zoom / canvas.zoom)
    drag_block(canvas, "ReLU", on_wire(canvas, Wire("conv_1", "pool_1")) + QPoint(0, 6))
    assert graph_of(canvas).order == ("input_1", "conv_1", "relu_1", "pool_1")


@pytest.mark.parametrize("zoom", [1.0, 0.5])
def test_a_block_dropped_on_a_free_port_is_joined_to_it_at_any_zoom(make: Make, zoom: float) -> None:
    canvas = make(chain(Input(), Conv2D()))
    canvas.zoom_by(zoom / canvas.zoom)
    drag_block(canvas, "ReLU", on_port(canvas, "conv_1", "out") + QPoint(3, 2))
    assert Wire("conv_1", "relu_1") in graph_of(canvas).wires
    boxes = [box(place) for place in canvas.stage.places().values()]
    assert not any(overlap(a, b) for i, a in enumerate(boxes) for b in boxes[:i])


def test_a_free_port_under_the_pointer_comes_before_a_wire_that_passes_by(make: Make) -> None:
    passing = Wire("input_1", "add_1", "out", "xs")
    graph = scattered(Input(), ReLU(), Add()).connect(passing)
    canvas = make(graph, positions={"input_1": (0.0, 0.0), "relu_1": (0.0, 160.0), "add_1": (0.0, 340.0)})
    canvas.zoom_by(0.5 / canvas.zoom)
    port = canvas.stage.spot("relu_1", "x", False)
    assert canvas.stage.wire_at(port.x, port.y, 28) == passing, "the wire does not pass here any more"
    drag_block(canvas, "Tanh", at(canvas, port.x, port.y))
    assert set(graph_of(canvas).wires) == {passing, Wire("tanh_1", "relu_1")}


def test_a_block_dropped_before_a_free_input_feeds_it(make: Make) -> None:
    canvas = make(scattered(Dense()), FLAT)
    drag_block(canvas, "Input", on_port(canvas, "dense_1") - QPoint(int(WIDTH / 2) + 30, 0))
    assert graph_of(canvas).wires == (Wire("input_1", "dense_1"),)


def test_between_two_cards_a_dropped_block_is_joined_to_both(make: Make) -> None:
    places = {"input_1": (0.0, 0.0), "tanh_1": (384.0, 0.0)}
    canvas = make(scattered(Input(), Tanh()), positions=places)
    drag_block(canvas, "ReLU", at(canvas, 264, 48))
    assert set(graph_of(canvas).wires) == {Wire("input_1", "relu_1"), Wire("relu_1", "tanh_1")}
    canvas.document.undo()
    assert graph_of(canvas).wires == () and "relu_1" not in graph_of(canvas)


def test_while_it_is_dragged_a_block_says_why_it_will_not_do(make: Make) -> None:
    canvas = make(chain(Input(), Conv2D(), MaxPool2D()))
    drag_block(canvas, "Dense", on_wire(canvas, Wire("conv_1", "pool_1")), release=False)
    assert canvas.reason.isVisible() and "Dense wants a flat row" in canvas.reason.text()
    assert canvas.stage.lines[Wire("conv_1", "pool_1")].lit
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert not canvas.reason.isVisible() and not canvas.document.dirty
    assert not canvas.stage.lines[Wire("conv_1", "pool_1")].lit


def test_what_is_joined_to_a_node_of_an_open_group_lies_in_that_group(make: Make) -> None:
    inner = chain(GroupInput(), Conv2D()).add(GroupOutput())
    graph = scattered(Input(), Group(graph=inner), MaxPool2D())
    graph = graph.connect(Wire("input_1", "group_1", "out", "x_1"))
    canvas = make(graph, opened=("group_1",))
    drag(canvas, on_port(canvas, "group_1.conv_1", "out"), empty_place(canvas))
    type_and_enter(canvas, "relu")
    assert "group_1.relu_1" in canvas.sheet.graph and canvas.selected_ids == ("group_1.relu_1",)
    assert Wire("conv_1", "relu_1") in graph_of(canvas).nodes["group_1"].block.graph.wires  # type: ignore[attr-defined]
    canvas.add_block("Dropout")
    assert Wire("group_1.relu_1", "group_1.dropout_1") in canvas.sheet.graph.wires
    drag(canvas, on_port(canvas, "group_1.dropout_1", "out"), on_port(canvas, "pool_1"))
    assert not graph_of(canvas).incoming["pool_1"]


# -- what stands on a wire ---------------------------------------------------------------------------------------


def chips(canvas: Canvas) -> list[tuple[float, float, float, float]]:
    found = (line.chip.rect for line in canvas.stage.lines.values() if line.chip.isVisible())
    return [(r.left(), r.top(), r.right(), r.bottom()) for r in found]


@pytest.mark.parametrize("direction", ["right", "down"])
def test_shapes_cover_neither_each_other_nor_cards(make: Make, direction: str) -> None:
    graph = chain(Input(), Conv2D(channels=256, padding=1))
    for block in (ReLU(), Tanh(), Dropout(), Flatten()):
        graph = graph.add(block)
        graph = graph.connect(Wire("conv_1", next(reversed(graph.nodes))))
    canvas = make(graph, image_facts(3, 224), direction=direction)
    shown, cards = chips(canvas), [box(place) for place in canvas.stage.places().values()]
    assert len(shown) >= 4
    assert not any(overlap(a, b) for i, a in enumerate(shown) for b in shown[:i])
    assert not any(overlap(chip, card) for chip in shown for card in cards)


def test_a_shape_without_room_is_written_closer_and_then_not_at_all(make: Make) -> None:
    graph = chain(Input(), Conv2D(channels=1024, padding=1))
    wire = Wire("input_1", "conv_1")
    canvas = make(graph, image_facts(1024, 112), positions={"input_1": (0.0, 0.0), "conv_1": (240.0, 0.0)})
    chip = canvas.stage.lines[wire].chip
    assert chip.isVisible() and chip.rect.width() < 96
    drag(canvas, middle_of(canvas, "conv_1"), middle_of(canvas, "conv_1") - QPoint(60, 0))
    assert not canvas.stage.lines[wire].chip.isVisible()
    canvas.document.undo()
    assert canvas.stage.lines[wire].chip.isVisible()


def test_more_data_makes_a_thicker_wire(make: Make) -> None:
    canvas = make(preset("lenet").graph)
    wide, narrow = canvas.stage.lines[Wire("conv_1", "tanh_1")], canvas.stage.lines[Wire("dense_3", "output_1")]
    assert wide.chip.text == "6 × 28 × 28" and narrow.chip.text == "10"
    assert wide._width > narrow._width + 1
