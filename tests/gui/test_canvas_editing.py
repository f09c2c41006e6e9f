"""Cut, copy, paste, duplicate, line up, select by what belongs together, bypass and mute: by mouse and keyboard."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from playground import files
from playground.blocks.activation import Tanh
from playground.blocks.combine import Add
from playground.blocks.data import Input, Output
from playground.blocks.dense import Dense
from playground.experiment import Experiment
from playground.facts import DataFacts, Target
from playground.graph import Graph, Wire
from playground.grouping import collapse
from playground.shape import Shape
from tests.examples import chain
from tests.gui.driving import CONTROL, LEFT, NONE, SHIFT, on_card, until
from widgets.canvas import Canvas
from widgets.canvas.arranging import aligned, distributed
from widgets.canvas.clipboard import MIME
from widgets.canvas.geometry import HEIGHT, WIDTH
from widgets.canvas.look import LIVE

Make = Callable[..., Canvas]
FLAT = DataFacts(inputs={"x": Shape(features=2)}, targets={"label": Target(classes=("0", "1"))})
ALT = Qt.KeyboardModifier.AltModifier


@pytest.fixture
def make(open_canvas) -> Make:
    def build(graph: Graph, **view: object) -> Canvas:
        canvas = open_canvas(graph, FLAT, **view)
        QApplication.clipboard().clear()
        return canvas

    return build


def network() -> Graph:
    return chain(Input(), Dense(units=4), Tanh(), Dense(units=1), Output())


def turn_to(canvas: Canvas) -> None:
    """Give a window of several the keys."""
    canvas.activateWindow()
    canvas.setFocus()
    until(canvas.hasFocus)


def press(canvas: Canvas, key: Qt.Key, held: Qt.KeyboardModifier = NONE) -> None:
    QTest.keyClick(canvas, key, held)


def click(canvas: Canvas, id: str, held: Qt.KeyboardModifier = NONE) -> None:
    QTest.mouseClick(canvas.viewport(), LEFT, held, on_card(canvas, id))


def pointer_leaves(canvas: Canvas) -> None:
    QApplication.sendEvent(canvas, QEvent(QEvent.Type.Leave))
    assert canvas.pointer_place() is None


def put(text: str) -> None:
    QApplication.clipboard().setText(text)


def centre(canvas: Canvas, ids: tuple[str, ...]) -> QPointF:
    xs = [canvas.stage.places()[id][0] for id in ids]
    ys = [canvas.stage.places()[id][1] for id in ids]
    return QPointF((min(xs) + max(xs) + WIDTH) / 2, (min(ys) + max(ys) + HEIGHT) / 2)


# -- copy and paste ------------------------------------------------------------------------------------------------


def test_copied_nodes_are_pasted_at_the_pointer_in_one_step_and_selected(make: Make) -> None:
    canvas = make(network())
    click(canvas, "dense_1")
    click(canvas, "tanh_1", SHIFT)
    press(canvas, Qt.Key.Key_C, CONTROL)
    before = canvas.document.now
    spot = QPoint(500, 600)
    QTest.mouseMove(canvas.viewport(), spot)
    press(canvas, Qt.Key.Key_V, CONTROL)
    graph = canvas.document.now.graph
    assert canvas.selected_ids == ("dense_3", "tanh_2")
    assert graph.nodes["dense_3"].block == Dense(units=4) and graph.wires[-1] == Wire("dense_3", "tanh_2")
    assert len(graph.wires) == len(before.graph.wires) + 1
    middle = canvas.scene_point(QPointF(spot))
    assert (centre(canvas, canvas.selected_ids) - middle).manhattanLength() <= 8
    assert str(canvas.document.undo_name) == "Paste 2 nodes"
    canvas.document.undo()
    assert canvas.document.now == before
    canvas.document.redo()
    assert set(canvas.document.now.graph.nodes) == {*before.graph.nodes, "dense_3", "tanh_2"}


def test_without_a_pointer_copies_stand_beside_the_original_and_step_on(make: Make) -> None:
    canvas = make(network())
    click(canvas, "dense_1")
    press(canvas, Qt.Key.Key_C, CONTROL)
    pointer_leaves(canvas)
    x, y = canvas.stage.places()["dense_1"]
    for _ in range(3):
        press(canvas, Qt.Key.Key_V, CONTROL)
    places = canvas.stage.places()
    assert [places[f"dense_{n}"] for n in (3, 4, 5)] == [(x + k, y + k) for k in (32, 64, 96)]
    assert canvas.selected_ids == ("dense_5",)


def test_cut_takes_away_what_paste_brings_back_under_another_name(make: Make) -> None:
    canvas = make(network())
    before = canvas.document.now
    click(canvas, "dense_1")
    press(canvas, Qt.Key.Key_X, CONTROL)
    assert "dense_1" not in canvas.document.now.graph and str(canvas.document.undo_name) == "Cut 1 node"
    press(canvas, Qt.Key.Key_V, CONTROL)
    assert "dense_3" in canvas.document.now.graph
    canvas.document.undo()
    canvas.document.undo()
    assert canvas.document.now == before


def test_the_clipboard_holds_text_that_another_window_takes(make: Make) -> None:
    one, other = make(network()), make(chain(Input(), Dense()))
    turn_to(one)
    one.select(["dense_1", "tanh_1", "dense_2"])
    press(one, Qt.Key.Key_C, CONTROL)
    data = QApplication.clipboard().mimeData()
    value = json.loads(data.text())
    assert value["format"] == "network-playground-fragment" and len(value["nodes"]) == 3
    assert bytes(data.data(MIME).data()).decode() == data.text()
    turn_to(other)
    press(other, Qt.Key.Key_V, CONTROL)
    graph = other.document.now.graph
    assert set(graph.nodes) == {"input_1", "dense_1", "dense_2", "tanh_1", "dense_3"}
    assert Wire("dense_2", "tanh_1") in graph.wires and Wire("tanh_1", "dense_3") in graph.wires
    seen = other.viewport().rect()
    assert all(seen.contains(on_card(other, id)) for id in other.selected_ids)


def test_text_from_an_editor_and_whole_documents_are_pasted(make: Make) -> None:
    canvas = make(Graph())
    put('{"format": "network-playground-fragment", "version": 1, "nodes": [{"id": "hidden", "block": "Dense"}]}')
    press(canvas, Qt.Key.Key_V, CONTROL)
    assert list(canvas.document.now.graph.nodes) == ["hidden"]
    put(files.dumps(Experiment(graph=network())))
    press(canvas, Qt.Key.Key_V, CONTROL)
    assert set(canvas.document.now.graph.nodes) == {"hidden", *network().nodes}
    assert len(set(canvas.stage.places().values())) == 6


@pytest.mark.parametrize(
    "text", ["", "just words", '{"format": "network-playground-fragment", "version": 1, "nodes": 3}']
)
def test_anything_else_is_refused_in_a_sentence_and_changes_nothing(make: Make, text: str) -> None:
    canvas = make(network())
    put(text)
    press(canvas, Qt.Key.Key_V, CONTROL)
    assert canvas.reason.isVisible() and canvas.reason.text()
    assert canvas.viewport().rect().contains(canvas.reason.geometry())
    assert not canvas.document.dirty


def test_a_picture_on_the_clipboard_is_nothing_to_paste(make: Make) -> None:
    canvas = make(network())
    data = QMimeData()
    data.setData("image/png", b"\x89PNG")
    QApplication.clipboard().setMimeData(data)
    press(canvas, Qt.Key.Key_V, CONTROL)
    assert "nothing to paste" in canvas.reason.text() and not canvas.document.dirty


def test_copying_nothing_leaves_the_clipboard_alone(make: Make) -> None:
    canvas = make(network())
    put("mine")
    press(canvas, Qt.Key.Key_C, CONTROL)
    assert QApplication.clipboard().text() == "mine"


def test_paste_from_the_menu_goes_where_the_menu_was_opened(make: Make) -> None:
    canvas = make(network())
    click(canvas, "tanh_1")
    press(canvas, Qt.Key.Key_C, CONTROL)
    at = QPoint(300, 600)
    menu, _ = canvas.menu_at(QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, canvas.mapToGlobal(at)))
    next(action for action in menu.actions() if action.objectName() == "paste").trigger()
    assert (centre(canvas, ("tanh_2",)) - canvas.scene_point(QPointF(at))).manhattanLength() <= 8


def test_a_duplicate_stands_on_free_ground_and_is_fed_by_what_feeds_the_original(make: Make) -> None:
    canvas = make(network())
    before = canvas.document.now
    click(canvas, "dense_1")
    press(canvas, Qt.Key.Key_D, CONTROL)
    graph = canvas.document.now.graph
    assert set(graph.wires) - set(before.graph.wires) == {Wire("input_1", "dense_3")}
    assert canvas.selected_ids == ("dense_3",) and str(canvas.document.undo_name) == "Duplicate dense_1"
    x, y = canvas.stage.places()["dense_3"]
    others = [place for id, place in canvas.stage.places().items() if id != "dense_3"]
    assert all(abs(x - ox) >= WIDTH or abs(y - oy) >= HEIGHT for ox, oy in others)
    canvas.document.undo()
    assert canvas.document.now == before


# -- lining up -----------------------------------------------------------------------------------------------------

SCATTERED = {"input_1": (0.0, 0.0), "dense_1": (200.0, 160.0), "tanh_1": (560.0, 80.0), "dense_2": (800.0, 320.0)}


@pytest.mark.parametrize(
    ("key", "axis", "value"),
    [
        (Qt.Key.Key_Left, 0, 0.0),
        (Qt.Key.Key_Right, 0, 800.0),
        (Qt.Key.Key_X, 0, 400.0),
        (Qt.Key.Key_Up, 1, 0.0),
        (Qt.Key.Key_Down, 1, 320.0),
        (Qt.Key.Key_Y, 1, 160.0),
    ],
)
def test_aligning_puts_cards_on_one_line_in_one_step(make: Make, key: Qt.Key, axis: int, value: float) -> None:
    canvas = make(network().remove(["output_1"]), positions=SCATTERED)
    before = canvas.document.now
    press(canvas, Qt.Key.Key_A, CONTROL)
    press(canvas, key, CONTROL | SHIFT)
    places = canvas.stage.places()
    assert {place[axis] for place in places.values()} == {value}
    assert str(canvas.document.undo_name).startswith("Align")
    canvas.document.undo()
    assert canvas.document.now == before


def test_cards_of_a_row_that_are_aligned_left_step_apart_into_a_column() -> None:
    row = {name: (x, 0.0, x + 144.0, 96.0) for name, x in (("a", 0.0), ("b", 240.0), ("c", 480.0))}
    assert aligned(row, "left") == {"a": (0.0, 0.0), "b": (0.0, 120.0), "c": (0.0, 240.0)}
    assert aligned(row, "top") == {"a": (0.0, 0.0), "b": (240.0, 0.0), "c": (480.0, 0.0)}


def test_distributing_makes_equal_gaps_and_leaves_first_and_last(make: Make) -> None:
    canvas = make(network().remove(["output_1"]), positions=SCATTERED)
    before = canvas.document.now
    canvas.select_all()
    press(canvas, Qt.Key.Key_H, CONTROL | SHIFT)
    places = canvas.stage.places()
    xs = sorted(x for x, _ in places.values())
    assert xs == [0, 267, 533, 800] and {id: y for id, (_, y) in places.items()} == {
        id: y for id, (_, y) in SCATTERED.items()
    }
    canvas.document.undo()
    press(canvas, Qt.Key.Key_J, CONTROL | SHIFT)
    ys = [canvas.stage.places()[id][1] for id in ("input_1", "tanh_1", "dense_1", "dense_2")]
    assert ys == [0, 120, 240, 360]  # there is no room for gaps, so the last gives way
    canvas.document.undo()
    assert canvas.document.now == before


def test_distributing_reckons_with_different_sizes() -> None:
    boxes = {"a": (0.0, 0.0, 100.0, 10.0), "wide": (120.0, 0.0, 420.0, 10.0), "c": (700.0, 0.0, 800.0, 10.0)}
    assert distributed(boxes, "horizontally") == {"a": (0.0, 0.0), "wide": (250.0, 0.0), "c": (700.0, 0.0)}


def test_one_card_cannot_be_lined_up(make: Make) -> None:
    canvas = make(network())
    click(canvas, "dense_1")
    press(canvas, Qt.Key.Key_Left, CONTROL | SHIFT)
    press(canvas, Qt.Key.Key_H, CONTROL | SHIFT)
    assert not canvas.document.dirty and not canvas.commands["align_left"].isEnabled()


# -- selecting -----------------------------------------------------------------------------------------------------


def test_the_selection_grows_upstream_downstream_to_the_rest_and_to_the_same_block(make: Make) -> None:
    graph = network().add(Add()).connect(Wire("input_1", "add_1", "out", "xs"))
    canvas = make(graph.connect(Wire("tanh_1", "add_1", "out", "xs")))
    click(canvas, "tanh_1")
    press(canvas, Qt.Key.Key_BracketLeft, CONTROL)
    assert set(canvas.selected_ids) == {"input_1", "dense_1", "tanh_1"}
    assert set(canvas.stage.selected_wires) == {Wire("input_1", "dense_1"), Wire("dense_1", "tanh_1")}
    click(canvas, "tanh_1")
    press(canvas, Qt.Key.Key_BracketRight, CONTROL)
    assert set(canvas.selected_ids) == {"tanh_1", "dense_2", "output_1", "add_1"}
    press(canvas, Qt.Key.Key_I, CONTROL)
    assert set(canvas.selected_ids) == {"input_1", "dense_1"}
    click(canvas, "dense_2")
    press(canvas, Qt.Key.Key_A, CONTROL | SHIFT)
    assert canvas.selected_ids == ("dense_2", "dense_1") and not canvas.document.dirty


def test_shift_and_a_lasso_add_to_the_selection(make: Make) -> None:
    canvas = make(
        network(), positions={"input_1": (0, 0), "dense_1": (300, 0), "tanh_1": (600, 0), "dense_2": (0, 300)}
    )
    click(canvas, "dense_2")
    card = canvas.stage.cards["tanh_1"]
    start = canvas.view_point(QPointF(card.x() - 40, card.y() - 40)).toPoint()
    end = canvas.view_point(QPointF(card.x() + WIDTH + 20, card.y() + HEIGHT + 20)).toPoint()
    QTest.mousePress(canvas.viewport(), LEFT, SHIFT, start)
    for i in range(1, 5):
        QTest.mouseMove(canvas.viewport(), start + (end - start) * i / 4)
    QTest.mouseRelease(canvas.viewport(), LEFT, SHIFT, end)
    assert canvas.selected_ids == ("dense_2", "tanh_1")


# -- bypass and mute -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "state", "words"),
    [
        (Qt.Key.Key_B, "bypassed", ("Bypass tanh_1", "Stop bypassing tanh_1", "Bypass 2 nodes")),
        (Qt.Key.Key_M, "muted", ("Mute tanh_1", "Unmute tanh_1", "Mute 2 nodes")),
    ],
)
def test_a_state_is_switched_on_and_off(make: Make, key: Qt.Key, state: str, words: tuple[str, ...]) -> None:
    canvas = make(network())
    before = canvas.document.now
    click(canvas, "tanh_1")
    press(canvas, key, CONTROL)
    assert canvas.document.now.graph.nodes["tanh_1"].state == state
    assert str(canvas.document.undo_name) == words[0]
    assert canvas.stage.cards["tanh_1"].face.state == state and canvas.commands[canvas_key(state)].isChecked()
    press(canvas, key, CONTROL)
    assert canvas.document.now.graph == before.graph and str(canvas.document.undo_name) == words[1]
    click(canvas, "dense_1", SHIFT)
    press(canvas, key, CONTROL)
    assert [canvas.document.now.graph.nodes[id].state for id in ("tanh_1", "dense_1")] == [state, state]
    assert str(canvas.document.undo_name) == words[2]
    for _ in range(3):
        canvas.document.undo()
    assert canvas.document.now == before


def canvas_key(state: str) -> str:
    return {"bypassed": "bypass", "muted": "mute"}[state]


def test_what_has_nothing_to_pass_through_is_not_bypassed_and_says_why(make: Make) -> None:
    canvas = make(network())
    click(canvas, "input_1")
    press(canvas, Qt.Key.Key_B, CONTROL)
    assert "input_1" in canvas.reason.text() and not canvas.document.dirty
    click(canvas, "output_1")
    press(canvas, Qt.Key.Key_M, CONTROL)
    assert "output_1" in canvas.reason.text() and not canvas.document.dirty


def test_a_mixed_selection_changes_what_it_can(make: Make) -> None:
    canvas = make(network())
    press(canvas, Qt.Key.Key_A, CONTROL)
    press(canvas, Qt.Key.Key_B, CONTROL)
    states = {id: node.state for id, node in canvas.document.now.graph.nodes.items()}
    assert states == {
        "input_1": "",
        "dense_1": "bypassed",
        "tanh_1": "bypassed",
        "dense_2": "bypassed",
        "output_1": "",
    }


def test_cards_carry_signs_and_tooltips_say_what_they_mean(make: Make) -> None:
    graph = network().mark("dense_1", frozen=True, weights={"bias": (1.0,) * 4}).mark("dense_2", tied_to="dense_1")
    canvas = make(graph.mark("tanh_1", state="muted"))
    signs = {id: card.face.signs for id, card in canvas.stage.cards.items()}
    assert signs["dense_1"] == ("frozen", "by_hand") and signs["dense_2"] == ("tied",) and signs["tanh_1"] == ()

    def words(id: str) -> str:
        return canvas.words_at(canvas.scene_point(QPointF(on_card(canvas, id))))

    assert "Frozen" in words("dense_1") and "by hand" in words("dense_1")
    assert "Shares the weights of dense_1" in words("dense_2") and "Muted" in words("tanh_1")
    assert "Frozen" not in words("output_1")


def test_a_muted_card_looks_different_and_not_by_its_colour_alone(make: Make, tmp_path: Path) -> None:
    canvas = make(chain(Input(), Tanh()))
    card = canvas.stage.cards["tanh_1"]
    chip = canvas.view_point(QPointF(card.x() + LIVE.left() + 8, card.y() + LIVE.center().y() - 6)).toPoint()
    plain = canvas.grab().toImage()
    click(canvas, "tanh_1")
    press(canvas, Qt.Key.Key_M, CONTROL)
    press(canvas, Qt.Key.Key_Escape)
    muted = canvas.grab().toImage()
    assert plain.pixelColor(chip) != muted.pixelColor(chip)  # the word stands where nothing was
    assert card.face.state_word == "Muted"


def test_the_menu_of_a_node_offers_what_can_be_done_with_it(make: Make) -> None:
    canvas = make(network())
    at = on_card(canvas, "dense_1")
    menu, _ = canvas.menu_at(QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, canvas.mapToGlobal(at)))
    names = {action.objectName() for action in menu.actions()}
    assert {"cut", "copy", "paste", "duplicate", "bypass", "mute", "add_frame", "rename", "delete", "rejoin"} <= names


# -- with a group open in place --------------------------------------------------------------------------------------


def test_copies_of_nodes_in_an_open_group_stay_in_it_and_pasted_ones_stand_outside(make: Make) -> None:
    graph, group = collapse(network(), ["dense_1", "tanh_1"], "Hidden")
    canvas = make(graph, opened=(group,))
    inner = f"{group}.dense_1"
    before = canvas.document.now
    canvas.select([inner])
    press(canvas, Qt.Key.Key_D, CONTROL)
    assert canvas.selected_ids == (f"{group}.dense_2",)
    inside = canvas.document.now.graph.nodes[group].block.graph
    assert "dense_2" in inside.nodes and set(canvas.document.now.graph.nodes) == set(before.graph.nodes)
    canvas.document.undo()
    assert canvas.document.now == before
    canvas.select([inner])
    press(canvas, Qt.Key.Key_C, CONTROL)
    press(canvas, Qt.Key.Key_V, CONTROL)
    (new,) = set(canvas.document.now.graph.nodes) - set(before.graph.nodes)
    assert canvas.document.now.graph.nodes[new].block == Dense(units=4) and canvas.selected_ids == (new,)
    canvas.document.undo()
    assert canvas.document.now == before
