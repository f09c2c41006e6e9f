"""Groups on the canvas by mouse and keyboard: made, opened in place or in a tab, edited inside, unpacked, kept."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QInputDialog, QMenu

from playground.blocks.activation import ReLU, Tanh
from playground.blocks.combine import Add
from playground.blocks.data import Input, Output
from playground.blocks.dense import Dense
from playground.blocks.group import Group, GroupInput, GroupOutput
from playground.experiment import Remark
from playground.graph import Graph, Wire
from playground.grouping import collapse
from playground.messages import Failed, Frame
from playground.nesting import inside
from playground.own_blocks import own_blocks
from playground.probes.gradients import GradientsAnswer
from playground.probes.thumbnails import ThumbnailsAnswer
from playground.text import say
from tests.examples import chain, planar_facts
from tests.gui.driving import CONTROL, LEFT, NONE, SHIFT, drop_block, on_card, on_port, on_wire
from tests.test_nesting import residual
from widgets.canvas import Canvas
from widgets.canvas.geometry import DOWN, HEIGHT, WIDTH, box, overlap
from widgets.canvas.menus import NameEditor
from widgets.canvas.repeating import RepeatEditor, badge_of
from widgets.canvas.search import SearchBox
from widgets.window import Window

Make = Callable[..., Canvas]
ALT = Qt.KeyboardModifier.AltModifier


@pytest.fixture
def make(open_canvas) -> Make:
    def build(graph: Graph, **view: object) -> Canvas:
        return open_canvas(graph, planar_facts(), size=(1200, 700), **view)

    return build


def plain() -> Graph:
    return chain(Input(), Dense(units=6), ReLU(), Dense(units=2), Output())


def stacked(repeat: int = 2, **marks: object) -> Graph:
    """Return a network with a titled residual group in its middle."""
    group = Group(title="Residual", graph=residual(), repeat=repeat)
    return chain(Input(), Dense(units=6), group, Dense(units=2), Output())


def nested() -> Graph:
    """Return a network with a group in a group."""
    inner = Group(graph=residual(), repeat=2)
    outer = Graph.of({"x": GroupInput(), "core": inner, "out": GroupOutput()}, [Wire("x", "core"), Wire("core", "out")])
    return chain(Input(), Dense(units=6), Group(title="Outer", graph=outer), Dense(units=2), Output())


def press(canvas: Canvas, key: Qt.Key, held: Qt.KeyboardModifier = NONE) -> None:
    QTest.keyClick(canvas, key, held)


def click(canvas: Canvas, at: QPoint, held: Qt.KeyboardModifier = NONE) -> None:
    QTest.mouseClick(canvas.viewport(), LEFT, held, at)


def double_click(canvas: Canvas, at: QPoint) -> None:
    QTest.mouseClick(canvas.viewport(), LEFT, NONE, at)
    QTest.mouseDClick(canvas.viewport(), LEFT, NONE, at)  # only the second press
    QTest.mouseRelease(canvas.viewport(), LEFT, NONE, at)


def drag(canvas: Canvas, start: QPoint, end: QPoint, *, release: bool = True) -> None:
    view = canvas.viewport()
    QTest.mousePress(view, LEFT, NONE, start)
    for i in range(1, 6):
        QTest.mouseMove(view, start + (end - start) * i / 5)
    if release:
        QTest.mouseRelease(view, LEFT, NONE, end)


def point(canvas: Canvas, spot: QPoint) -> None:
    """Move the pointer, by two steps: one to where it is already would not be told."""
    QTest.mouseMove(canvas.viewport(), spot + QPoint(3, 3))
    QTest.mouseMove(canvas.viewport(), spot)


def at(canvas: Canvas, place: QPointF) -> QPoint:
    return canvas.view_point(place).toPoint()


def on_title(canvas: Canvas, id: str) -> QPoint:
    return at(canvas, canvas.stage.opened.items[id].title_rect().center())


def on_badge(canvas: Canvas, id: str) -> QPoint:
    rect = badge_of(canvas, id)
    assert rect is not None
    return at(canvas, rect.center())


def in_frame(canvas: Canvas, id: str) -> QPoint:
    """Return an empty spot inside a frame, at its right bottom corner."""
    return at(canvas, canvas.stage.opened.items[id].rect.bottomRight() - QPointF(12, 12))


def choose(canvas: Canvas, *ids: str) -> None:
    """Select nodes by clicking them."""
    for i, id in enumerate(ids):
        click(canvas, on_card(canvas, id), SHIFT if i else NONE)
    assert set(canvas.selected_ids) == set(ids)


def open_in_place(canvas: Canvas, id: str) -> None:
    choose(canvas, id)
    press(canvas, Qt.Key.Key_Return, CONTROL)
    assert id in canvas.sheet.opened
    canvas.fit(ease=False)


def graph_of(canvas: Canvas, level: str = "") -> Graph:
    return inside(canvas.document.now.graph, level)


def menu_of(canvas: Canvas, spot: QPoint) -> QMenu:
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, spot, canvas.mapToGlobal(spot))
    return canvas.menu_at(event)[0]


def reason(canvas: Canvas) -> str:
    return canvas.reason.text() if canvas.reason.isVisible() else ""


def type_name(canvas: Canvas, text: str) -> None:
    editor = canvas.editor
    assert isinstance(editor, NameEditor)
    QTest.keyClick(editor, Qt.Key.Key_A, CONTROL)
    QTest.keyClicks(editor, text)
    QTest.keyClick(editor, Qt.Key.Key_Return)


def search_for(canvas: Canvas, text: str) -> SearchBox:
    box = next(one for one in canvas.window().findChildren(SearchBox) if one.isVisible())
    QTest.keyClicks(box.field, text)
    return box


def apart(canvas: Canvas) -> bool:
    """Whether no card lies on another, and none of those outside a frame in it."""
    places = canvas.stage.places()
    boxes = {id: box(place) for id, place in places.items()}
    touching = any(overlap(a, b) for a, b in combinations(boxes.values(), 2))
    for id, item in canvas.stage.opened.items.items():
        r = item.rect
        frame = (r.left(), r.top(), r.right(), r.bottom())
        touching |= any(overlap(rect, frame) for one, rect in boxes.items() if not one.startswith(f"{id}."))
    return not touching


# -- making a group ------------------------------------------------------------------------------------------------


def test_ctrl_g_puts_the_selection_into_a_group_in_one_step(make: Make) -> None:
    canvas = make(plain())
    before = canvas.document.now
    choose(canvas, "dense_1", "relu_1")
    press(canvas, Qt.Key.Key_G, CONTROL)
    graph = canvas.document.now.graph
    assert canvas.selected_ids == ("group_1",) and list(graph.nodes) == ["input_1", "group_1", "dense_2", "output_1"]
    assert list(graph_of(canvas, "group_1").nodes) == ["x", "dense_1", "relu_1", "out"]
    assert graph.wires[:2] == (Wire("input_1", "group_1"), Wire("group_1", "dense_2"))
    assert str(canvas.document.undo_name) == "Group"
    made = canvas.document.now
    canvas.document.undo()
    assert canvas.document.now == before
    canvas.document.redo()
    assert canvas.document.now == made


def test_a_network_laid_out_by_hand_stays_as_it_is_around_a_new_group(make: Make) -> None:
    places = {"input_1": (0.0, 0.0), "dense_1": (240.0, 96.0), "relu_1": (480.0, 200.0), "dense_2": (720.0, 8.0)}
    canvas = make(plain(), positions={**places, "output_1": (960.0, 0.0)})
    choose(canvas, "dense_1", "relu_1")
    press(canvas, Qt.Key.Key_G, CONTROL)
    stand = canvas.stage.places()
    assert stand["input_1"] == (0.0, 0.0) and stand["dense_2"] == (720.0, 8.0)
    assert stand["group_1"] == (240.0, 148.0)
    inner = canvas.document.now.view.positions
    assert inner["group_1.relu_1"][0] - inner["group_1.dense_1"][0] == 240.0


@pytest.mark.parametrize(
    ("ids", "said"),
    [
        (("input_1", "dense_1"), "data comes in and goes out at the top"),
        (("dense_1", "dense_2"), "lies between the selected nodes"),
    ],
)
def test_what_cannot_be_a_group_is_said_beside_it(make: Make, ids: tuple[str, ...], said: str) -> None:
    canvas = make(plain())
    before = canvas.document.now
    choose(canvas, *ids)
    press(canvas, Qt.Key.Key_G, CONTROL)
    assert canvas.document.now is before and said in reason(canvas)


def test_a_group_of_nodes_of_two_groups_is_refused(make: Make) -> None:
    canvas = make(stacked())
    open_in_place(canvas, "group_1")
    before = canvas.document.now
    canvas.select(["dense_2", "group_1.dense_1"])
    press(canvas, Qt.Key.Key_G, CONTROL)
    assert canvas.document.now is before and "lie in different groups" in reason(canvas)


def test_a_whole_open_group_goes_into_a_group_as_one(make: Make) -> None:
    canvas = make(stacked())
    open_in_place(canvas, "group_1")
    click(canvas, on_title(canvas, "group_1"))
    click(canvas, on_card(canvas, "dense_1"), SHIFT)
    press(canvas, Qt.Key.Key_G, CONTROL)
    assert list(graph_of(canvas, "group_2").nodes) == ["x", "dense_1", "group_1", "out"]
    assert graph_of(canvas, "group_2").nodes["group_1"].block == stacked().nodes["group_1"].block


def test_nodes_inside_an_open_group_are_grouped_inside_it(make: Make) -> None:
    canvas = make(stacked())
    open_in_place(canvas, "group_1")
    choose(canvas, "group_1.dense_1", "group_1.relu_1")
    press(canvas, Qt.Key.Key_G, CONTROL)
    assert canvas.selected_ids == ("group_1.group_1",)
    assert {"dense_1", "relu_1"} <= set(graph_of(canvas, "group_1.group_1").nodes)


# -- in a tab -------------------------------------------------------------------------------------------------------


def test_a_double_click_looks_into_a_group_and_alt_up_goes_back(make: Make) -> None:
    canvas = make(stacked())
    before = canvas.document.now
    double_click(canvas, on_card(canvas, "group_1"))
    assert canvas.sheet.level == "group_1" and set(canvas.stage.cards) == {"x", "dense_1", "relu_1", "add_1", "out"}
    assert canvas.visible_rect().contains(canvas.stage.bounds())
    press(canvas, Qt.Key.Key_Up, ALT)
    assert canvas.sheet.level == "" and "group_1" in canvas.stage.cards
    assert canvas.document.now is before, "looking changes nothing"


def test_return_opens_the_selected_group_in_a_tab(make: Make) -> None:
    canvas = make(nested())
    choose(canvas, "group_1")
    press(canvas, Qt.Key.Key_Return)
    choose(canvas, "core")
    press(canvas, Qt.Key.Key_Enter, Qt.KeyboardModifier.KeypadModifier)
    assert canvas.sheet.level == "group_1.core"
    press(canvas, Qt.Key.Key_Up, ALT)
    assert canvas.sheet.level == "group_1"


def test_when_the_group_that_is_shown_goes_one_is_back_outside(make: Make) -> None:
    canvas = make(plain())
    choose(canvas, "dense_1", "relu_1")
    press(canvas, Qt.Key.Key_G, CONTROL)
    canvas.sheet.enter("group_1")
    choose(canvas, "dense_1")
    with_level = []
    canvas.levelChanged.connect(lambda: with_level.append(canvas.sheet.level))
    canvas.document.undo()
    assert canvas.sheet.level == "" and set(canvas.stage.cards) == set(plain().nodes)
    assert canvas.selected_ids == () and with_level == [""]


def test_edits_in_a_tab_land_in_the_group_and_reach_every_repetition(make: Make) -> None:
    canvas = make(stacked(repeat=3))
    canvas.sheet.enter("group_1")
    choose(canvas, "relu_1")
    press(canvas, Qt.Key.Key_Delete)
    assert "relu_1" not in graph_of(canvas, "group_1") and "group_1" in graph_of(canvas)
    canvas.document.undo()
    choose(canvas, "relu_1")
    press(canvas, Qt.Key.Key_Delete, SHIFT)
    assert Wire("dense_1", "add_1", "out", "xs") in graph_of(canvas, "group_1").wires
    assert [id for id in canvas.document.report.nodes if id.endswith("relu_1")] == []


# -- in place -------------------------------------------------------------------------------------------------------


def test_ctrl_return_opens_in_place_and_closes_again(make: Make) -> None:
    canvas = make(stacked())
    before, places = canvas.document.now, canvas.stage.places()
    choose(canvas, "group_1")
    press(canvas, Qt.Key.Key_Return, CONTROL)
    assert canvas.document.now.view.opened == ("group_1",) and canvas.document.now.graph is before.graph
    assert {"group_1.x", "group_1.dense_1", "group_1.out"} <= set(canvas.stage.cards)
    assert Wire("dense_1", "group_1.x") in canvas.stage.lines
    assert apart(canvas)
    press(canvas, Qt.Key.Key_Return, CONTROL)
    assert canvas.document.now.view.opened == () and canvas.stage.places() == places
    canvas.document.undo()
    canvas.document.undo()
    assert canvas.document.now == before


def test_a_group_among_cards_placed_by_hand_makes_room_and_gives_it_back(make: Make) -> None:
    names = ("input_1", "dense_1", "group_1", "dense_2", "output_1")
    canvas = make(stacked(), positions={id: (i * 240.0, 8.0 * i) for i, id in enumerate(names)})
    before = canvas.stage.places()
    open_in_place(canvas, "group_1")
    after = canvas.stage.places()
    assert apart(canvas) and after["dense_1"] == before["dense_1"] and after["dense_2"][0] > before["dense_2"][0]
    click(canvas, at(canvas, canvas.stage.opened.items["group_1"].button_rect().center()))
    assert canvas.sheet.opened == () and canvas.stage.places() == before
    assert canvas.selected_ids == ("group_1",)


def test_the_title_drags_all_of_a_group_and_escape_lets_it_be(make: Make) -> None:
    canvas = make(stacked())
    open_in_place(canvas, "group_1")
    before, document = canvas.stage.places(), canvas.document.now
    start = on_title(canvas, "group_1")
    drag(canvas, start, start + QPoint(0, 90), release=False)
    press(canvas, Qt.Key.Key_Escape)
    QTest.mouseRelease(canvas.viewport(), LEFT, NONE, start)
    assert canvas.document.now is document
    drag(canvas, start, start + QPoint(0, 90))
    moved = {id: place[1] - before[id][1] for id, place in canvas.stage.places().items()}
    within = {id for id in moved if id.startswith("group_1.")}
    assert {moved[id] for id in within} == {moved["group_1.x"]} and moved["group_1.x"] > 50
    assert {moved[id] for id in moved.keys() - within} == {0.0}
    assert canvas.document.now.graph is document.graph


def test_a_click_on_the_title_selects_all_and_a_double_click_opens_the_tab(make: Make) -> None:
    canvas = make(stacked())
    open_in_place(canvas, "group_1")
    click(canvas, on_card(canvas, "dense_1"))
    click(canvas, on_title(canvas, "group_1"))
    assert set(canvas.selected_ids) == {id for id in canvas.stage.cards if id.startswith("group_1.")}
    click(canvas, on_title(canvas, "group_1"), SHIFT)
    assert canvas.selected_ids == ()
    double_click(canvas, on_title(canvas, "group_1"))
    assert canvas.sheet.level == "group_1"


def test_groups_open_within_groups_each_with_its_frame(make: Make) -> None:
    canvas = make(nested())
    open_in_place(canvas, "group_1")
    open_in_place(canvas, "group_1.core")
    outer, inner = (canvas.stage.opened.items[id].rect for id in ("group_1", "group_1.core"))
    assert outer.contains(inner) and apart(canvas)
    assert Wire("group_1.x", "group_1.core.x") in canvas.stage.lines
    choose(canvas, "group_1.core.relu_1")
    press(canvas, Qt.Key.Key_Delete)
    assert "relu_1" not in graph_of(canvas, "group_1.core")
    canvas.document.undo()
    click(canvas, at(canvas, canvas.stage.opened.items["group_1"].button_rect().center()))
    assert canvas.sheet.opened == () and graph_of(canvas) == nested()


def test_frames_are_laid_out_top_down_as_well(make: Make) -> None:
    canvas = make(nested(), direction=DOWN)
    open_in_place(canvas, "group_1")
    open_in_place(canvas, "group_1.core")
    stand = canvas.stage.places()
    assert apart(canvas)
    assert stand["group_1.x"][1] < stand["group_1.core.x"][1] < stand["group_1.core.out"][1] < stand["group_1.out"][1]
    press(canvas, Qt.Key.Key_L, CONTROL)
    assert apart(canvas)


def test_tidying_up_keeps_every_group_in_one_piece(make: Make) -> None:
    canvas = make(nested())
    open_in_place(canvas, "group_1")
    start = on_card(canvas, "group_1.out")
    drag(canvas, start, start + QPoint(60, 130))
    press(canvas, Qt.Key.Key_L, CONTROL)
    assert apart(canvas)


# -- what is added inside --------------------------------------------------------------------------------------------


def test_a_block_dropped_into_a_frame_lies_inside_the_group(make: Make) -> None:
    canvas = make(stacked())
    open_in_place(canvas, "group_1")
    before = canvas.document.now
    spot = in_frame(canvas, "group_1") - QPoint(40, 0)
    drop_block(canvas, "Tanh", spot)
    assert "tanh_1" in graph_of(canvas, "group_1") and canvas.selected_ids == ("group_1.tanh_1",)
    assert apart(canvas)
    canvas.document.undo()
    assert canvas.document.now == before


def test_a_block_dropped_on_a_wire_inside_goes_into_the_group(make: Make) -> None:
    canvas = make(stacked())
    open_in_place(canvas, "group_1")
    drop_block(canvas, "Tanh", on_wire(canvas, Wire("group_1.dense_1", "group_1.relu_1")))
    graph = graph_of(canvas, "group_1")
    assert {Wire("dense_1", "tanh_1"), Wire("tanh_1", "relu_1")} <= set(graph.wires) and apart(canvas)


def test_space_in_a_frame_adds_inside_it_and_offers_its_ports_instead_of_inputs(make: Make) -> None:
    canvas = make(stacked())
    open_in_place(canvas, "group_1")
    canvas.select(())
    point(canvas, in_frame(canvas, "group_1") - QPoint(30, 0))
    press(canvas, Qt.Key.Key_Space)
    box = search_for(canvas, "")
    keys = {one.key for one in box.shown()}
    assert {"GroupInput", "GroupOutput", "Tanh"} <= keys and not keys & {"Input", "Output"}
    search_for(canvas, "Tanh")
    QTest.keyClick(box.field, Qt.Key.Key_Return)
    assert "tanh_1" in graph_of(canvas, "group_1")


def test_outside_of_frames_no_ports_of_groups_are_offered(make: Make) -> None:
    canvas = make(stacked())
    open_in_place(canvas, "group_1")
    canvas.select(())
    point(canvas, QPoint(30, canvas.height() - 30))
    press(canvas, Qt.Key.Key_Space)
    keys = {one.key for one in search_for(canvas, "").shown()}
    assert "Input" in keys and not keys & {"GroupInput", "GroupOutput"}
    QTest.keyClick(canvas.window().focusWidget() or canvas, Qt.Key.Key_Escape)


@pytest.mark.parametrize(
    ("key", "in_group", "said"), [("GroupInput", False, "stand inside"), ("Input", True, "at the top")]
)
def test_what_has_no_place_there_is_refused_with_the_reason(make: Make, key: str, in_group: bool, said: str) -> None:
    canvas = make(stacked())
    open_in_place(canvas, "group_1")
    before = canvas.document.now
    drop_block(canvas, key, in_frame(canvas, "group_1") if in_group else QPoint(60, 660))
    assert canvas.document.now is before and said in reason(canvas)


def test_a_port_that_is_added_and_removed_is_one_of_the_card(make: Make) -> None:
    canvas = make(stacked())
    canvas.sheet.enter("group_1")
    drop_block(canvas, "GroupInput", QPoint(120, 600))
    canvas.sheet.enter("")
    assert list(canvas.stage.cards["group_1"].inputs) == ["x", "x_1"]
    assert Wire("dense_1", "group_1") in graph_of(canvas).wires
    canvas.sheet.enter("group_1")
    choose(canvas, "x_1")
    press(canvas, Qt.Key.Key_Delete)
    canvas.sheet.enter("")
    assert list(canvas.stage.cards["group_1"].inputs) == ["x"]


def test_nodes_are_pasted_into_the_frame_under_the_pointer(make: Make) -> None:
    canvas = make(stacked())
    open_in_place(canvas, "group_1")
    choose(canvas, "dense_2")
    press(canvas, Qt.Key.Key_C, CONTROL)
    point(canvas, in_frame(canvas, "group_1") - QPoint(60, 0))
    press(canvas, Qt.Key.Key_V, CONTROL)
    assert "dense_2" in graph_of(canvas, "group_1") and canvas.selected_ids == ("group_1.dense_2",)
    assert "dense_2" in graph_of(canvas)


# -- wires -----------------------------------------------------------------------------------------------------------


def test_a_wire_across_the_edge_of_a_group_is_refused_while_it_is_drawn(make: Make) -> None:
    canvas = make(stacked())
    open_in_place(canvas, "group_1")
    before = canvas.document.now
    start, end = on_port(canvas, "dense_1", "out", True), on_port(canvas, "group_1.relu_1", "x", False)
    drag(canvas, start, end, release=False)
    assert canvas.stage.cards["group_1.relu_1"].mark == "fade" and canvas.stage.cards["group_1.x"].mark == "glow"
    assert "different groups" in reason(canvas)
    QTest.mouseRelease(canvas.viewport(), LEFT, NONE, end)
    assert canvas.document.now is before


def test_a_wire_inside_and_one_to_the_port_are_drawn(make: Make) -> None:
    canvas = make(stacked())
    open_in_place(canvas, "group_1")
    canvas.select(())
    drag(canvas, on_port(canvas, "group_1.relu_1", "out", True), on_port(canvas, "group_1.out", "x", False))
    assert Wire("relu_1", "out") in graph_of(canvas, "group_1").wires
    drag(canvas, on_port(canvas, "input_1", "out", True), on_port(canvas, "group_1.x", "x", False))
    assert Wire("input_1", "group_1") in graph_of(canvas).wires


@pytest.mark.parametrize("direction", ["right", "down"])
def test_no_wire_runs_over_the_words_of_a_title(make: Make, direction: str) -> None:
    canvas = make(nested(), direction=direction)
    open_in_place(canvas, "group_1")
    open_in_place(canvas, "group_1.core")
    for item in canvas.stage.opened.items.values():
        left, top, right, bottom = item.title(direction)
        for line in canvas.stage.lines.values():
            points = [(x, y) for x, y in line.points if left < x < right and top < y < bottom]
            assert points == [] or line.route.direct, line.wire


# -- names, badges, states -------------------------------------------------------------------------------------------


def test_f2_on_the_title_renames_the_group_and_what_is_open_stays_open(make: Make) -> None:
    canvas = make(stacked())
    open_in_place(canvas, "group_1")
    click(canvas, on_title(canvas, "group_1"))
    before, places = canvas.document.now, canvas.stage.places()
    press(canvas, Qt.Key.Key_F2)
    assert isinstance(canvas.editor, NameEditor) and canvas.editor.text() == "group_1"
    type_name(canvas, "stage")
    assert canvas.document.now.view.opened == ("stage",) and Wire("dense_1", "stage") in graph_of(canvas).wires
    assert canvas.stage.places()["stage.x"] == places["group_1.x"]
    assert set(canvas.selected_ids) == {id for id in canvas.stage.cards if id.startswith("stage.")}
    canvas.document.undo()
    assert canvas.document.now == before


def test_a_node_in_an_open_group_is_renamed_where_it_is(make: Make) -> None:
    canvas = make(stacked())
    open_in_place(canvas, "group_1")
    choose(canvas, "group_1.dense_1")
    press(canvas, Qt.Key.Key_F2)
    type_name(canvas, "mix")
    assert "mix" in graph_of(canvas, "group_1") and canvas.selected_ids == ("group_1.mix",)
    press(canvas, Qt.Key.Key_F2)
    type_name(canvas, "relu_1")
    assert "already a node" in reason(canvas) and "mix" in graph_of(canvas, "group_1")


def test_a_port_that_is_renamed_keeps_its_wires(make: Make) -> None:
    canvas = make(stacked())
    canvas.sheet.enter("group_1")
    choose(canvas, "x")
    press(canvas, Qt.Key.Key_F2)
    type_name(canvas, "image")
    assert graph_of(canvas).wires[1] == Wire("dense_1", "group_1", "out", "image")
    canvas.sheet.enter("")
    assert list(canvas.stage.cards["group_1"].inputs) == ["image"]
    assert canvas.document.report.problems == ()


@pytest.mark.parametrize("opened", [False, True])
def test_a_double_click_on_the_badge_changes_how_often_a_group_is_repeated(make: Make, opened: bool) -> None:
    canvas = make(stacked(repeat=2))
    if opened:
        open_in_place(canvas, "group_1")
    double_click(canvas, on_badge(canvas, "group_1"))
    editor = canvas.editor
    assert isinstance(editor, RepeatEditor) and editor.value() == 2
    QTest.keyClicks(editor, "5")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert canvas.editor is None and canvas.sheet.group("group_1").repeat == 5  # type: ignore[union-attr]
    assert str(canvas.document.undo_name) == "Change Repeat of group_1"
    double_click(canvas, on_badge(canvas, "group_1"))
    QTest.keyClicks(canvas.editor, "7")
    QTest.keyClick(canvas.editor, Qt.Key.Key_Escape)
    assert canvas.editor is None and canvas.sheet.group("group_1").repeat == 5  # type: ignore[union-attr]


def test_repeat_is_in_the_menu_of_a_group_that_is_not_repeated_yet(make: Make) -> None:
    canvas = make(stacked(repeat=1))
    choose(canvas, "group_1")
    canvas.commands["repeat"].trigger()
    assert isinstance(canvas.editor, RepeatEditor)
    QTest.keyClick(canvas.editor, Qt.Key.Key_Up)
    click(canvas, QPoint(10, 690))  # elsewhere
    assert canvas.sheet.group("group_1").repeat == 2  # type: ignore[union-attr]
    assert canvas.stage.cards["group_1"].face.badge == "× 2"


def test_bypassing_all_of_an_open_group_bypasses_the_group(make: Make) -> None:
    canvas = make(stacked())
    open_in_place(canvas, "group_1")
    click(canvas, on_title(canvas, "group_1"))
    press(canvas, Qt.Key.Key_B, CONTROL)
    assert graph_of(canvas).nodes["group_1"].state == "bypassed"
    assert {node.state for node in graph_of(canvas, "group_1").nodes.values()} == {""}
    assert "Bypassed" in canvas.stage.opened.items["group_1"].badge
    press(canvas, Qt.Key.Key_B, CONTROL)
    assert graph_of(canvas) == stacked()


def test_a_port_is_not_bypassed(make: Make) -> None:
    canvas = make(stacked())
    open_in_place(canvas, "group_1")
    choose(canvas, "group_1.x")
    before = canvas.document.now
    press(canvas, Qt.Key.Key_M, CONTROL)
    assert canvas.document.now is before and "is a port of its group" in reason(canvas)


# -- the menu of a frame ---------------------------------------------------------------------------------------------


def test_a_right_click_on_the_title_offers_what_can_be_done_with_the_group(make: Make) -> None:
    canvas = make(stacked())
    open_in_place(canvas, "group_1")
    canvas.select(())
    menu = menu_of(canvas, on_title(canvas, "group_1"))
    enabled = {action.objectName() for action in menu.actions() if action.isEnabled() and action.objectName()}
    wanted = {"open_in_place", "open_in_tab", "rename", "unpack", "repeat", "save_block", "copy", "delete", "bypass"}
    assert menu.objectName() == "group_menu" and wanted <= enabled
    canvas.commands["open_in_place"].trigger()
    assert canvas.sheet.opened == ()


def test_deleting_all_of_an_open_group_takes_the_group_away(make: Make) -> None:
    canvas = make(stacked())
    open_in_place(canvas, "group_1")
    before = canvas.document.now
    click(canvas, on_title(canvas, "group_1"))
    press(canvas, Qt.Key.Key_Delete)
    assert "group_1" not in graph_of(canvas) and canvas.document.now.view.opened == ()
    canvas.document.undo()
    assert canvas.document.now == before and canvas.sheet.opened == ("group_1",)


def test_deleting_inside_a_frame_and_undoing_gives_back_exactly_what_was(make: Make) -> None:
    canvas = make(stacked())
    open_in_place(canvas, "group_1")
    before, places = canvas.document.now, canvas.stage.places()
    choose(canvas, "group_1.relu_1", "group_1.dense_1")
    press(canvas, Qt.Key.Key_Backspace)
    assert not {"relu_1", "dense_1"} & set(graph_of(canvas, "group_1").nodes)
    after = canvas.document.now
    canvas.document.undo()
    assert canvas.document.now == before and canvas.stage.places() == places
    canvas.document.redo()
    assert canvas.document.now == after


# -- copying ---------------------------------------------------------------------------------------------------------


def standing(canvas: Canvas, id: str) -> dict[str, tuple[float, float]]:
    """Return where a group's nodes stand inside it, from its first one on."""
    found = canvas.sheet.standing(id)
    x, y = found["x"]
    return {one: (px - x, py - y) for one, (px, py) in found.items()}


@pytest.mark.parametrize("opened", [False, True])
def test_a_copy_of_a_group_keeps_where_its_nodes_stand(make: Make, opened: bool) -> None:
    inner = {"group_1.x": (0.0, 0.0), "group_1.dense_1": (300.0, 40.0), "group_1.relu_1": (500.0, 120.0)}
    rest = {"group_1.add_1": (700.0, 0.0), "group_1.out": (900.0, 0.0), "group_1": (480.0, 0.0)}
    canvas = make(stacked(), positions={**inner, **rest})
    if opened:
        open_in_place(canvas, "group_1")
        click(canvas, on_title(canvas, "group_1"))
    else:
        choose(canvas, "group_1")
    wanted = standing(canvas, "group_1")
    press(canvas, Qt.Key.Key_C, CONTROL)
    point(canvas, QPoint(200, 6))
    press(canvas, Qt.Key.Key_V, CONTROL)
    assert canvas.selected_ids == ("group_2",) and standing(canvas, "group_2") == wanted
    choose(canvas, "group_2")
    press(canvas, Qt.Key.Key_D, CONTROL)
    assert standing(canvas, "group_3") == wanted


def test_duplicating_all_of_an_open_group_makes_another_group(make: Make) -> None:
    canvas = make(stacked())
    open_in_place(canvas, "group_1")
    click(canvas, on_title(canvas, "group_1"))
    press(canvas, Qt.Key.Key_D, CONTROL)
    graph = graph_of(canvas)
    assert graph.nodes["group_2"].block == graph.nodes["group_1"].block
    assert Wire("dense_1", "group_2") in graph.wires and canvas.sheet.opened == ("group_1",)


def test_cutting_all_of_an_open_group_takes_it_away_whole(make: Make) -> None:
    canvas = make(stacked())
    open_in_place(canvas, "group_1")
    click(canvas, on_title(canvas, "group_1"))
    press(canvas, Qt.Key.Key_X, CONTROL)
    assert "group_1" not in graph_of(canvas) and str(canvas.document.undo_name) == "Cut 1 node"
    press(canvas, Qt.Key.Key_V, CONTROL)
    assert graph_of(canvas).nodes["group_2"].block == stacked().nodes["group_1"].block


# -- unpacking -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("opened", [False, True])
@pytest.mark.parametrize("tidy", [False, True])
def test_unpacking_puts_every_repetition_in_the_place_of_the_group(make: Make, tidy: bool, opened: bool) -> None:
    names = ("input_1", "dense_1", "group_1", "dense_2", "output_1")
    view = {} if tidy else {"positions": {id: (i * 240.0, 8.0 * i) for i, id in enumerate(names)}}
    canvas = make(stacked(repeat=2), **view)
    parameters = canvas.document.report.parameters
    if opened:
        open_in_place(canvas, "group_1")
    canvas.select([id for id in canvas.stage.cards if id.startswith("group_1")])
    before = canvas.document.now
    press(canvas, Qt.Key.Key_G, CONTROL | SHIFT)
    graph = graph_of(canvas)
    assert "group_1" not in graph and sum(isinstance(node.block, Add) for node in graph.nodes.values()) == 2
    assert canvas.document.report.problems == () and canvas.document.report.parameters == parameters
    assert apart(canvas), "cards lie on each other"
    assert str(canvas.document.undo_name) == "Unpack group_1"
    canvas.document.undo()
    assert canvas.document.now == before


def test_what_is_unpacked_from_an_open_group_stays_where_it_is_drawn(make: Make) -> None:
    canvas = make(stacked(repeat=1), positions={"group_1": (480.0, 40.0), "dense_1": (0.0, 0.0)})
    open_in_place(canvas, "group_1")
    before = canvas.stage.places()
    click(canvas, on_title(canvas, "group_1"))
    press(canvas, Qt.Key.Key_G, CONTROL | SHIFT)
    assert canvas.stage.places()["relu_1"] == before["group_1.relu_1"]
    assert canvas.stage.places()["add_1"] == before["group_1.add_1"]


def test_notes_inside_a_group_come_out_with_it(make: Make) -> None:
    note = Remark("note_1", "note", "why?", (300.0, 200.0, 160.0, 64.0), "group_1")
    canvas = make(stacked(), remarks=(note,))
    choose(canvas, "group_1")
    press(canvas, Qt.Key.Key_G, CONTROL | SHIFT)
    assert [(one.text, one.level) for one in canvas.document.now.view.remarks] == [("why?", "")]


def test_a_group_inside_an_unpacked_group_keeps_its_inside(make: Make) -> None:
    canvas = make(nested(), positions={"group_1.core.x": (0.0, 0.0), "group_1.core.dense_1": (300.0, 16.0)})
    choose(canvas, "group_1")
    press(canvas, Qt.Key.Key_G, CONTROL | SHIFT)
    positions = canvas.document.now.view.positions
    assert positions["core.dense_1"] == (300.0, 16.0) and "core" in graph_of(canvas)


# -- blocks of one's own ---------------------------------------------------------------------------------------------


def save_as(canvas: Canvas, title: str) -> str:
    """Save the selected group under a title; return what the dialog said about it."""
    canvas.commands["save_block"].trigger()
    dialog = canvas.findChild(QInputDialog, "save_block")
    dialog.setTextValue(title)
    said = dialog.labelText()
    dialog.accept()
    return said


def test_a_group_is_kept_as_a_block_and_comes_back_from_the_palette(open_window: Callable[..., Window], qtbot) -> None:
    window = open_window("resnet")
    assert window.workspace is not None
    canvas, palette = window.workspace.canvas, window.workspace.palette_widget
    canvas.animated = False
    canvas.select(["stage_1"])
    assert "take its place" not in save_as(canvas, "My residual block")
    assert [block.title for block in own_blocks()] == ["My residual block"]
    key = own_blocks()[0].key
    assert key in palette.visible_keys()
    drop_block(canvas, key, QPoint(80, canvas.height() - 60))
    made = canvas.selected_ids[0]
    assert canvas.sheet.group(made).title == "My residual block" and key in window.workspace.canvas.shelf.recent
    canvas.select(["stage_2"])
    assert "take its place" in save_as(canvas, "my residual block")
    assert len(own_blocks()) == 1
    forget = next(a for a in palette.list.menu_for(key).actions() if "Delete" in a.text())
    forget.trigger()
    assert own_blocks() == [] and key not in palette.visible_keys() and made in canvas.sheet.graph


def test_ports_of_groups_are_in_the_palette_only_where_the_inside_of_one_is_drawn(
    open_window: Callable[..., Window],
) -> None:
    window = open_window("resnet")
    assert window.workspace is not None
    canvas, palette = window.workspace.canvas, window.workspace.palette_widget
    assert "GroupInput" not in palette.visible_keys()
    canvas.sheet.enter("stage_1")
    assert {"GroupInput", "GroupOutput"} <= set(palette.visible_keys())
    canvas.sheet.enter("")
    assert "GroupInput" not in palette.visible_keys()
    canvas.setFocus()
    canvas.select(["stage_1"])
    press(canvas, Qt.Key.Key_Return, CONTROL)
    assert "GroupOutput" in palette.visible_keys()
    canvas.select(["stage_1.conv_1"])
    palette.blockChosen.emit("GroupOutput")
    assert "out_1" in inside(window.document.now.graph, "stage_1")


# -- the inspector, finding, problems --------------------------------------------------------------------------------


def test_the_inspector_shows_the_group_that_is_meant(open_window: Callable[..., Window]) -> None:
    window = open_window("resnet")
    assert window.workspace is not None
    canvas, inspector = window.workspace.canvas, window.workspace.inspector
    canvas.setFocus()
    canvas.select(["stage_1"])
    press(canvas, Qt.Key.Key_Return, CONTROL)
    page = inspector.node_page
    assert inspector.currentIndex() == 1 and page.name.text() == "stage_1" and "9,344" in page.costs.text()
    page.form.edited.emit("repeat", 4)
    assert canvas.sheet.group("stage_1").repeat == 4 and canvas.sheet.opened == ("stage_1",)
    canvas.select(["stage_1.conv_1", "stage_1.relu_1"])
    assert inspector.currentIndex() == 2
    canvas.sheet.enter("stage_2")
    assert inspector.currentIndex() == 1 and page.name.text() == "stage_2" and page.behaviour.isHidden()
    page.form.edited.emit("tied", True)
    assert window.document.now.graph.nodes["stage_2"].block.tied  # type: ignore[attr-defined]
    page.name.setText("second")
    page.name.editingFinished.emit()
    assert canvas.sheet.level == "second" and page.name.text() == "second"
    canvas.sheet.enter("")
    assert inspector.currentIndex() == 0


def test_find_finds_what_is_hidden_and_goes_there(open_window: Callable[..., Window]) -> None:
    window = open_window("resnet")
    assert window.workspace is not None
    canvas = window.workspace.canvas
    canvas.animated = False
    canvas.setFocus()
    press(canvas, Qt.Key.Key_F, CONTROL)
    bar = canvas.find_bar
    QTest.keyClicks(bar.field, "add_1")
    assert bar.found == ("stage_1.add_1", "stage_2.add_1")
    assert canvas.selected_ids == ("stage_1",) and bar.inside.isVisible() and "stage_1" in bar.inside.text()
    QTest.keyClick(bar.field, Qt.Key.Key_Return)
    assert canvas.selected_ids == ("stage_2",)
    QTest.keyClick(bar.field, Qt.Key.Key_Return, CONTROL)
    assert canvas.sheet.level == "stage_2" and canvas.selected_ids == ("add_1",) and not bar.inside.isVisible()
    assert bar.found == ("stage_2.add_1", "stage_1.add_1")
    QTest.keyClick(bar.field, Qt.Key.Key_Return)
    assert bar.inside.isVisible() and canvas.selected_ids == ()
    QTest.mouseClick(bar.inside, LEFT)
    assert canvas.sheet.level == "stage_1" and canvas.selected_ids == ("add_1",)


def test_a_problem_inside_a_closed_group_leads_into_it(open_window: Callable[..., Window]) -> None:
    window = open_window("resnet")
    assert window.workspace is not None
    canvas, workspace = window.workspace.canvas, window.workspace
    graph = window.document.now.graph
    group = graph.nodes["stage_2"].block
    assert isinstance(group, Group)
    broken = group.replace(graph=group.graph.disconnect(Wire("relu_1", "conv_2")))
    window.document.edit(say("Break it"), graph=graph.configure("stage_2", broken))
    assert set(canvas.stage.callouts) >= {"stage_2"} and canvas.stage.cards["stage_2"].face.bad
    workspace.show_dock("problems", True)
    row = next(row for row in workspace.problems.rows if "stage_2" in row.place.text())
    QTest.mouseClick(row.place, LEFT)
    assert canvas.sheet.level == "stage_2" and canvas.selected_ids == ("conv_2",)


def test_the_minimap_shows_frames(make: Make) -> None:
    canvas = make(stacked())
    canvas.zoom_to(2.0)
    canvas.minimap._on_later_timeout()
    before = canvas.minimap._draw().toImage()
    canvas.sheet.set_open("group_1", True)
    canvas.minimap._on_later_timeout()
    picture = canvas.minimap._draw().toImage()
    scale, corner = canvas.minimap._scale()
    frame = canvas.stage.opened.items["group_1"].rect
    spot = (frame.center() - QPointF(0, frame.height() / 2 - 8) - corner) * scale
    assert picture.pixelColor(spot.toPoint()).alpha() > 0
    assert before.size() != picture.size() or before != picture


def test_a_callout_top_down_stands_beside_its_card_and_says_how_much_more_is_wrong(make: Make) -> None:
    inner = Graph.of({"x": GroupInput(), "a": Dense(), "b": Tanh(), "out": GroupOutput()}, [Wire("x", "out")])
    graph = chain(Input(), Group(graph=inner), Dense(units=2), Output())
    canvas = make(graph, direction=DOWN)
    callout, card = canvas.stage.callouts["group_1"], canvas.stage.cards["group_1"]
    assert callout.x() >= card.x() + WIDTH and callout.y() < card.y() + HEIGHT
    assert callout.more == "and 1 more problem"
    canvas = make(graph)
    assert canvas.stage.callouts["group_1"].y() >= canvas.stage.cards["group_1"].y() + HEIGHT


# -- while it runs ---------------------------------------------------------------------------------------------------


def frame_of(window: Window) -> Frame:
    """Make what the engine sends: a gradient of every layer, and a picture of every image."""
    report = window.document.report
    layers = tuple(path for path, node in report.nodes.items() if node.parameters)
    images = {path: np.full((4, 16), 100, np.uint8) for path, node in report.nodes.items() if node.shape.is_image}
    strip = GradientsAnswer(1, layers, np.ones(len(layers)), np.ones(len(layers)))
    return Frame(1, 1, {"strip": strip, "thumbnails": ThumbnailsAnswer(1, images, dict.fromkeys(images, 4))})


def test_cards_in_groups_show_the_run_wherever_one_looks(open_window: Callable[..., Window], qtbot) -> None:
    window = open_window("resnet")
    assert window.workspace is not None
    canvas = window.workspace.canvas
    window.session.frameArrived.emit(frame_of(window))
    qtbot.waitUntil(lambda: canvas.stage.cards["stage_1"].live)  # what leaves the group
    canvas.sheet.enter("stage_1")
    live = {id for id, card in canvas.stage.cards.items() if card.live}
    assert live == {"conv_1", "batchnorm_1", "relu_1", "conv_2", "batchnorm_2", "add_1", "relu_2"}
    canvas.sheet.enter("")
    assert canvas.stage.cards["conv_1"].live
    canvas.sheet.set_open("stage_2", True)
    assert canvas.stage.cards["stage_2.add_1"].live and not canvas.stage.cards["stage_2.x"].live


def test_a_failure_inside_a_group_marks_what_is_drawn_of_it(open_window: Callable[..., Window]) -> None:
    window = open_window("resnet")
    assert window.workspace is not None
    canvas, session = window.workspace.canvas, window.session
    session.failure = Failed(1, "stage_1.2.conv_1", say("It broke"))
    session.failed.emit(session.failure)

    def marked() -> set[str]:
        return {id for id, card in canvas.stage.cards.items() if card.face.bad}

    assert marked() == {"stage_1"} and canvas.stage.callouts["stage_1"].words == ("It broke", ())
    canvas.sheet.enter("stage_1")
    assert marked() == {"conv_1"}
    canvas.sheet.enter("stage_2")
    assert marked() == set(), "another conv_1 did not fail"
    canvas.sheet.enter("")
    assert marked() == {"stage_1"}, "nor did the one at the top"
    session.failure = None
    session.stateChanged.emit()
    assert marked() == set() and not canvas.stage.callouts


def test_a_document_without_places_opens_with_its_open_groups_as_boxes_among_the_rest(make: Make) -> None:
    graph, group = collapse(plain(), ["dense_1", "relu_1"])
    canvas = make(graph, opened=(group,))
    frame = canvas.stage.opened.items[group].rect
    outside = [card for id, card in canvas.stage.cards.items() if not id.startswith(f"{group}.")]
    assert len(outside) == 3
    assert not any(frame.intersects(card.sceneBoundingRect()) for card in outside)
