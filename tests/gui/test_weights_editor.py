from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from playground import files
from playground.blocks.combine import Flatten
from playground.blocks.convolution import Conv2D
from playground.blocks.data import Input, Output
from playground.blocks.dense import Dense
from playground.document import Document
from playground.text import Sentence, say, set_language
from tests.examples import chain, image_facts
from tests.gui.inspecting import CONTROL, LEFT, choose, click, drawn, inspect, settle
from widgets import theme
from widgets.weights import KERNELS, grid_of, kernel, misfit, weight_of
from widgets.weights_editor import Reply, WeightsEditor
from widgets.weights_grid import readable_on, signed_colour


class Network:
    """Answers for the engine when it is told to."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.replies: list[Reply] = []

    def __call__(self, path: str, reply: Reply) -> None:
        self.asked.append(path)
        self.replies.append(reply)


@pytest.fixture
def document() -> Document:
    graph = chain(Input(), Conv2D(channels=2, kernel=3), Flatten(), Dense(units=2), Output())
    return drawn(graph, image_facts(channels=2, side=4, classes=2))


@pytest.fixture
def network() -> Network:
    return Network()


def editor_of(document: Document, qtbot: QtBot, id: str, ask: Any = None) -> WeightsEditor:
    inspector = inspect(document, qtbot, id, **({"ask": ask} if ask else {}))
    click(qtbot, inspector.node_page.behaviour.by_hand)
    made = inspector.editors[id]
    settle()
    with qtbot.waitActive(made):
        made.activateWindow()
    return made


def kept(document: Document, id: str, name: str) -> Any:
    return document.now.graph.nodes[id].weights.get(name)


def cell(editor: WeightsEditor, row: int, column: int) -> QPoint:
    return editor.grid.visualRect(editor.numbers.index(row, column)).center()


def type_number(qtbot: QtBot, editor: WeightsEditor, row: int, column: int, text: str) -> None:
    """Click a cell and type over it."""
    qtbot.mouseClick(editor.grid.viewport(), LEFT, pos=cell(editor, row, column))
    qtbot.keyClick(editor.grid.viewport(), text[0])
    field = editor.grid.findChild(QLineEdit)
    qtbot.keyClicks(field, text[1:])
    qtbot.keyClick(field, Qt.Key.Key_Return)
    settle()


def test_a_number_that_is_typed_is_one_step_and_nested_tuples_of_floats(document: Document, qtbot: QtBot) -> None:
    editor = editor_of(document, qtbot, "conv_1")
    assert editor.windowTitle() == "Weights of conv_1"
    assert "Not set by hand yet" in editor.says.text()
    before = document.now
    type_number(qtbot, editor, 1, 2, "0.5")
    weight = kept(document, "conv_1", "weight")
    assert np.shape(weight) == (2, 2, 3, 3)
    assert weight[0][0] == ((0.0, 0.0, 0.0), (0.0, 0.0, 0.5), (0.0, 0.0, 0.0))
    assert type(weight[0][0][1][2]) is float
    assert type(weight) is type(weight[1][1][0]) is tuple
    assert document.report.problems == ()
    assert str(document.undo_name) == "Set weight of conv_1 by hand"
    document.undo()
    assert document.now == before
    assert editor.numbers.array[1, 2] == 0


def test_channels_are_chosen_and_only_that_slice_is_changed(document: Document, qtbot: QtBot) -> None:
    editor = editor_of(document, qtbot, "conv_1")
    (out_label, out), (in_label, into) = editor.places
    assert (out_label.text(), in_label.text()) == ("Output channel", "Input channel")
    qtbot.keyClick(out, Qt.Key.Key_Up)
    type_number(qtbot, editor, 0, 0, "2")
    qtbot.keyClick(into, Qt.Key.Key_Up)
    type_number(qtbot, editor, 2, 2, "-3")
    weight = np.array(kept(document, "conv_1", "weight"))
    assert weight[1, 0, 0, 0] == 2
    assert weight[1, 1, 2, 2] == -3
    assert np.count_nonzero(weight) == 2


@pytest.mark.parametrize("text", ["nan", "inf", "-inf", "1e39", "many", "1/0", "0.5.2"])
def test_what_is_no_finite_number_is_refused_in_place(document: Document, qtbot: QtBot, text: str) -> None:
    editor = editor_of(document, qtbot, "conv_1")
    before = document.now
    type_number(qtbot, editor, 0, 0, text)
    assert document.now is before
    assert editor.wrong.isVisible()
    assert text in editor.wrong.text()
    type_number(qtbot, editor, 0, 0, "1/4")
    assert kept(document, "conv_1", "weight")[0][0][0][0] == 0.25
    assert not editor.wrong.isVisible()


def test_looking_at_a_number_changes_nothing(document: Document, qtbot: QtBot) -> None:
    value = float(np.float32(0.1))
    graph = document.now.graph.mark("dense_1", weights={"bias": (value, 1 / 3)})
    document.edit(say("Set"), graph=graph)
    editor = editor_of(document, qtbot, "dense_1")
    choose(editor.tensor, "bias")
    for row in (0, 1):
        qtbot.mouseDClick(editor.grid.viewport(), LEFT, pos=cell(editor, row, 0))
        qtbot.keyClick(editor.grid.findChild(QLineEdit), Qt.Key.Key_Return)
        settle()
    assert document.now.graph is graph


def test_numbers_of_a_spreadsheet_are_pasted_and_copied(document: Document, qtbot: QtBot) -> None:
    editor = editor_of(document, qtbot, "conv_1")
    QGuiApplication.clipboard().setText("1\t2\r\n3\t-0.5\r\n")
    qtbot.mouseClick(editor.grid.viewport(), LEFT, pos=cell(editor, 1, 1))
    qtbot.keyClick(editor.grid, Qt.Key.Key_V, CONTROL)
    assert kept(document, "conv_1", "weight")[0][0] == ((0.0, 0.0, 0.0), (0.0, 1.0, 2.0), (0.0, 3.0, -0.5))
    document.undo()
    assert kept(document, "conv_1", "weight") is None, "it was one step"
    document.redo()
    editor.grid.selectAll()
    qtbot.keyClick(editor.grid, Qt.Key.Key_C, CONTROL)
    assert QGuiApplication.clipboard().text() == "0\t0\t0\n0\t1\t2\n0\t3\t-0.5"
    qtbot.keyClick(editor.grid, Qt.Key.Key_Delete)
    assert not np.any(kept(document, "conv_1", "weight"))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("1\t2\n3", "not a table"),
        ("1\tnan", "finite"),
        ("1\t2\t3", "room for 2 × 2"),
        ("a", "not a number"),
        ("", "not a table"),
    ],
)
def test_what_cannot_be_pasted_is_explained_and_changes_nothing(
    document: Document, qtbot: QtBot, text: str, told: str
) -> None:
    editor = editor_of(document, qtbot, "conv_1")
    before = document.now
    QGuiApplication.clipboard().setText(text)
    qtbot.mouseClick(editor.grid.viewport(), LEFT, pos=cell(editor, 1, 1))
    qtbot.keyClick(editor.grid, Qt.Key.Key_V, CONTROL)
    assert document.now is before
    assert told in editor.wrong.text()


def test_a_kernel_that_has_a_name_fills_the_slice(document: Document, qtbot: QtBot) -> None:
    editor = editor_of(document, qtbot, "conv_1")
    editor.places[1][1].setValue(2)
    editor.menu.popup(editor.mapToGlobal(QPoint(0, 0)))
    names = [action.text() for action in editor.menu.actions() if action.text()]
    assert names == ["Zeros", *(title for title, _ in KERNELS.values())]
    sobel = next(action for action in editor.menu.actions() if action.objectName() == "kernel_sobel_x")
    qtbot.mouseClick(editor.menu, LEFT, pos=editor.menu.actionGeometry(sobel).center())
    weight = np.array(kept(document, "conv_1", "weight"))
    assert weight[0, 1].tolist() == [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]
    assert not weight[0, 0].any()


def test_kernels_do_what_their_names_say() -> None:
    for key in ("identity", "box", "gaussian", "sharpen"):
        assert kernel(key, 3, 3).sum() == pytest.approx(1), "brightness stays"
    for key in ("sobel_x", "sobel_y", "laplacian"):
        assert kernel(key, 3, 3).sum() == 0, "a plain surface vanishes"
    assert np.array_equal(kernel("sobel_x", 3, 3).T, kernel("sobel_y", 3, 3))
    assert kernel("identity", 5, 7)[2, 3] == 1
    assert kernel("identity", 5, 7).sum() == 1


def test_a_matrix_has_a_row_for_each_output(document: Document, qtbot: QtBot) -> None:
    editor = editor_of(document, qtbot, "dense_1")
    assert editor.numbers.array.shape == (2, 8)
    assert "A row for each output" in editor.says.text()
    assert not any(box.isVisible() for _, box in editor.places)
    editor.menu.aboutToShow.emit()
    assert [action.text() for action in editor.menu.actions()] == ["Zeros"], "kernels are for convolutions"
    choose(editor.tensor, "bias")
    assert editor.numbers.array.shape == (2, 1)
    type_number(qtbot, editor, 1, 0, "7")
    assert kept(document, "dense_1", "bias") == (0.0, 7.0)
    assert kept(document, "dense_1", "weight") is None


def test_the_numbers_of_the_network_are_taken_over(document: Document, qtbot: QtBot, network: Network) -> None:
    editor = editor_of(document, qtbot, "dense_1", network)
    click(qtbot, editor.now)
    assert network.asked == ["dense_1"]
    now = np.arange(16, dtype=np.float32).reshape(2, 8) / 3
    network.replies[0]({"weight": now, "bias": np.zeros(2)}, None)
    assert np.array_equal(np.array(kept(document, "dense_1", "weight"), dtype=np.float32), now)
    assert kept(document, "dense_1", "bias") is None
    assert str(document.undo_name) == "Set weight of dense_1 by hand"


@pytest.mark.parametrize(
    ("answer", "failure", "told"),
    [
        (None, say("there is no network yet"), "there is no network yet"),
        ({}, None, "press Play or Step"),
        ({"weight": np.zeros((3, 3))}, None, "press Play or Step"),
        ({"weight": np.full((2, 8), np.nan)}, None, "press Play or Step"),
    ],
)
def test_a_network_that_has_no_such_weights_says_so(
    document: Document, qtbot: QtBot, network: Network, answer: Any, failure: Sentence | None, told: str
) -> None:
    editor = editor_of(document, qtbot, "dense_1", network)
    before = document.now
    click(qtbot, editor.now)
    network.replies[0](answer, failure)
    assert document.now is before
    assert told in editor.wrong.text()


def test_an_answer_that_comes_too_late_changes_nothing(document: Document, qtbot: QtBot, network: Network) -> None:
    editor = editor_of(document, qtbot, "dense_1", network)
    before = document.now
    click(qtbot, editor.now)
    choose(editor.tensor, "bias")
    network.replies[0]({"weight": np.ones((2, 8)), "bias": np.ones(2)}, None)
    assert document.now is before
    choose(editor.tensor, "weight")
    click(qtbot, editor.now)
    click(qtbot, editor.done_button)
    network.replies[1]({"weight": np.ones((2, 8))}, None)
    assert document.now is before


def test_without_an_engine_its_weights_are_not_offered(document: Document, qtbot: QtBot) -> None:
    assert not editor_of(document, qtbot, "dense_1").now.isVisible()


def test_one_tensor_is_forgotten_and_the_others_stay(document: Document, qtbot: QtBot) -> None:
    weights = {"weight": ((0.0,) * 8,) * 2, "bias": (1.0, 2.0)}
    document.edit(say("Set"), graph=document.now.graph.mark("dense_1", weights=weights))
    editor = editor_of(document, qtbot, "dense_1")
    click(qtbot, editor.forget)
    assert document.now.graph.nodes["dense_1"].weights == {"bias": (1.0, 2.0)}
    assert str(document.undo_name) == "Forget weight of dense_1"
    assert not editor.forget.isEnabled()


def test_what_no_longer_fits_is_said_and_set_anew(document: Document, qtbot: QtBot) -> None:
    document.edit(say("Set"), graph=document.now.graph.mark("dense_1", weights={"bias": (1.0, 2.0, 3.0)}))
    assert [problem.node for problem in document.report.problems] == ["dense_1"]
    editor = editor_of(document, qtbot, "dense_1")
    choose(editor.tensor, "bias")
    assert "bias was set by hand as 3, but is 2 now" in editor.says.text()
    type_number(qtbot, editor, 0, 0, "5")
    assert kept(document, "dense_1", "bias") == (5.0, 0.0)
    assert document.report.problems == ()


def test_weights_that_the_node_has_no_longer_can_be_forgotten(document: Document, qtbot: QtBot) -> None:
    graph = document.now.graph.mark("dense_1", weights={"bias": (1.0, 2.0)})
    document.edit(say("Set"), graph=graph.configure("dense_1", Dense(units=2, bias=False)))
    editor = editor_of(document, qtbot, "dense_1")
    choose(editor.tensor, "bias")
    assert "has none now" in editor.says.text()
    assert not editor.grid.isVisible()
    click(qtbot, editor.forget)
    assert document.now.graph.nodes["dense_1"].weights == {}
    assert editor.name == "weight"


def test_it_follows_the_document_and_closes_with_its_node(document: Document, qtbot: QtBot) -> None:
    editor = editor_of(document, qtbot, "conv_1")
    document.edit(say("Edit"), graph=document.now.graph.configure("conv_1", Conv2D(channels=3, kernel=2)))
    assert editor.numbers.array.shape == (2, 2)
    assert editor.places[0][1].maximum() == 3
    qtbot.keyClick(editor.grid, Qt.Key.Key_Z, CONTROL)
    assert editor.numbers.array.shape == (3, 3)
    with qtbot.waitSignal(editor.finished):
        document.edit(say("Delete"), graph=document.now.graph.remove(["conv_1"]))
    document.undo()  # it listens no longer


def test_what_is_not_known_or_not_its_own_is_said(document: Document, qtbot: QtBot) -> None:
    editor = editor_of(document, qtbot, "dense_1")
    whole = document.now.graph
    document.edit(say("Cut"), graph=whole.disconnect(whole.incoming["flatten_1"][0]))
    assert "not known" in editor.says.text()
    assert not editor.grid.isVisible()
    document.undo()
    assert editor.grid.isVisible()


def test_a_second_click_brings_the_window_back(document: Document, qtbot: QtBot) -> None:
    inspector = inspect(document, qtbot, "conv_1")
    click(qtbot, inspector.node_page.behaviour.by_hand)
    first = inspector.editors["conv_1"]
    inspector.edit_weights("conv_1")
    assert inspector.editors == {"conv_1": first}
    qtbot.keyClick(first, Qt.Key.Key_Escape)
    assert inspector.editors == {}


def test_enter_never_closes_it(document: Document, qtbot: QtBot) -> None:
    editor = editor_of(document, qtbot, "conv_1")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert editor.isVisible()


def test_tab_leaves_the_grid(document: Document, qtbot: QtBot) -> None:
    editor = editor_of(document, qtbot, "conv_1")
    assert editor.grid.hasFocus(), "one can type at once"
    qtbot.keyClick(editor.grid, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is editor.fill


def test_what_is_set_by_hand_survives_the_file(document: Document, qtbot: QtBot, tmp_path: Any) -> None:
    editor = editor_of(document, qtbot, "conv_1")
    type_number(qtbot, editor, 0, 1, "1/3")
    files.write(document.now, tmp_path / "set.json")
    assert files.read(tmp_path / "set.json").graph == document.now.graph


@pytest.mark.parametrize("look", [theme.DARK, theme.LIGHT], ids=["dark", "light"])
def test_numbers_can_be_read_on_every_colour(look: theme.Theme, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(theme.APPEARANCE, "theme", look)
    for step in range(-20, 21):
        ground = signed_colour(step / 20)
        assert contrast(ground, readable_on(ground)) >= 4.5
    assert signed_colour(0.0).name() == look.card.lower()
    assert signed_colour(-1.0).blueF() > signed_colour(1.0).blueF()


def contrast(one: Any, other: Any) -> float:
    def luminance(colour: Any) -> float:
        light = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour.getRgbF()[:3]]
        return 0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2]

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_numbers_are_read_as_people_and_tables_write_them() -> None:
    assert weight_of(" 1/8 ") == 0.125
    assert weight_of("−2e-3") == -0.002
    assert isinstance(weight_of(""), Sentence)
    assert grid_of("1\t2\n3\t4") == [[1, 2], [3, 4]]
    assert grid_of("1, 2; 3") == [[1, 2, 3]]
    assert grid_of("1 2\n3 4\n") == [[1, 2], [3, 4]]
    assert misfit("weight", ((1.0,), (2.0, 3.0)), (2, 1)) is not None
    assert misfit("factor", 2.0, ()) is None


def test_it_follows_the_language(document: Document, qtbot: QtBot) -> None:
    editor = editor_of(document, qtbot, "conv_1")
    set_language("zh")
    editor.relabel()
    assert editor.done_button.text() != "Close"


def test_inside_a_group_it_is_the_group_s_own_node_that_is_set(document: Document, qtbot: QtBot) -> None:
    inspector = inspect(document, qtbot)
    sheet = inspector.sheet
    group = sheet.collapse(["conv_1", "flatten_1"])
    sheet.enter(group)
    inspector.set_selection(("conv_1",))
    settle()
    click(qtbot, inspector.node_page.behaviour.by_hand)
    editor = inspector.editors["conv_1"]
    settle()
    type_number(qtbot, editor, 0, 0, "4")
    assert document.now.graph.nodes[group].block.graph.nodes["conv_1"].weights["weight"][0][0][0][0] == 4.0
    with qtbot.waitSignal(editor.finished):
        sheet.enter("")  # the same id could be another node's there


def test_a_node_of_a_group_that_is_open_in_place_is_set_too(document: Document, qtbot: QtBot) -> None:
    inspector = inspect(document, qtbot)
    group = inspector.sheet.collapse(["conv_1", "flatten_1"])
    inspector.sheet.set_open(group, True)
    editor = WeightsEditor(inspector.sheet, f"{group}.conv_1", None, inspector)
    editor._on_numbers_edited(np.eye(3))
    assert document.now.graph.nodes[group].block.graph.nodes["conv_1"].weights["weight"][0][0] == (
        (1.0, 0.0, 0.0),
        (0.0, 1.0, 0.0),
        (0.0, 0.0, 1.0),
    )
    editor.close()
