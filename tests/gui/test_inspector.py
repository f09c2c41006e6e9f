from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from playground.blocks.convolution import Conv2D
from playground.choices import SGD
from playground.data import SOURCES
from playground.document import Document
from playground.presets import open_named
from playground.shape import Shape, slide
from playground.text import say, set_language
from widgets import app
from widgets.formula import svg_of
from widgets.inspector import Inspector
from widgets.node_page import derivation


@pytest.fixture
def document() -> Document:
    made = Document()
    made.open(*open_named("lenet"))
    return made


@pytest.fixture
def shown(document: Document, qtbot: QtBot) -> Inspector:
    app.application()
    made = Inspector(document)
    qtbot.addWidget(made)
    made.resize(262, 800)
    made.show()
    with qtbot.waitActive(made):
        made.activateWindow()
    return made


def type_into(qtbot: QtBot, field: QWidget, text: str) -> None:
    field.setFocus()
    line = field.lineEdit() if hasattr(field, "lineEdit") else field
    line.selectAll()
    qtbot.keyClicks(field, text)
    qtbot.keyClick(field, Qt.Key.Key_Return)


def field_of(shown: Inspector, name: str) -> QWidget:
    return shown.node_page.form.rows[name].field


def test_a_typed_number_becomes_one_step_of_the_history(shown: Inspector, document: Document, qtbot: QtBot) -> None:
    shown.set_selection(("conv_1",))
    type_into(qtbot, field_of(shown, "channels"), "12")
    assert document.now.graph.nodes["conv_1"].block.channels == 12
    assert str(document.undo_name) == "Change Out channels of conv_1"
    document.undo()
    assert field_of(shown, "channels").lineEdit().text() == "6"
    assert document.undo_name is None


def test_turning_a_field_is_one_step_until_it_is_left(shown: Inspector, document: Document, qtbot: QtBot) -> None:
    shown.set_selection(("dense_1",))
    field = field_of(shown, "units")
    for _ in range(3):
        qtbot.keyClick(field, Qt.Key.Key_Up)
    assert document.now.graph.nodes["dense_1"].block.units == 123
    document.undo()
    assert document.now.graph.nodes["dense_1"].block.units == 120


@pytest.mark.parametrize(("text", "kernel"), [("3", (3, 3)), ("5×3", (5, 3)), ("5x3", (5, 3)), (" 7 * 1 ", (7, 1))])
def test_sides_are_typed_as_one_number_or_two(
    shown: Inspector, document: Document, qtbot: QtBot, text: str, kernel: tuple[int, int]
) -> None:
    shown.set_selection(("conv_1",))
    type_into(qtbot, field_of(shown, "kernel"), text)
    assert document.now.graph.nodes["conv_1"].block.kernel == kernel


@pytest.mark.parametrize("text", ["0", "many", "2.5", "5×3×1", ""])
def test_what_cannot_be_is_explained_in_place_and_changes_nothing(
    shown: Inspector, document: Document, qtbot: QtBot, text: str
) -> None:
    shown.set_selection(("conv_1",))
    before = document.now
    row = shown.node_page.form.rows["kernel"]
    type_into(qtbot, row.field, text) if text else (row.field.lineEdit().clear(), row.field._on_text_edited(""))
    assert document.now is before
    assert row.wrong.isVisible()
    assert "kernel" in row.wrong.text()
    qtbot.keyClick(row.field, Qt.Key.Key_Escape)
    assert not row.wrong.isVisible()
    assert row.field.lineEdit().text() == "5"


def test_auto_shows_what_it_resolves_to_and_can_be_taken_again(
    shown: Inspector, document: Document, qtbot: QtBot
) -> None:
    shown.set_selection(("dense_3",))
    field = field_of(shown, "units")
    assert field.lineEdit().text() == "auto (10)"
    type_into(qtbot, field, "7")
    assert document.now.graph.nodes["dense_3"].block.units == 7
    type_into(qtbot, field, "auto")
    assert document.now.graph.nodes["dense_3"].block.units == "auto"
    assert field.lineEdit().text() == "auto (10)"


def test_a_parameter_goes_back_to_its_default(shown: Inspector, document: Document, qtbot: QtBot) -> None:
    shown.set_selection(("conv_1",))
    row = shown.node_page.form.rows["padding"]
    assert row.back.isVisible()
    qtbot.mouseClick(row.back, Qt.MouseButton.LeftButton)
    assert document.now.graph.nodes["conv_1"].block.padding == Conv2D().padding
    assert not row.back.isVisible()


def test_the_arithmetic_of_the_shape_is_shown_with_the_present_numbers(shown: Inspector) -> None:
    shown.set_selection(("conv_1",))
    page = shown.node_page
    assert page.how.text() == "(28 + 2·2 − 5) / 1 + 1 = <b>28</b>"
    assert page.chip.text() == "6 × 28 × 28"
    assert page.costs.text().splitlines() == ["156 parameters", "117,600 MACs per example", "receptive field 5 × 5"]


def test_axes_that_differ_are_told_apart() -> None:
    shape = Shape(channels=1, height=slide(28, 5, 1, 0), width=slide(20, 5, 1, 0))
    assert derivation(shape) == ["height: (28 − 5) / 1 + 1 = <b>24</b>", "width: (20 − 5) / 1 + 1 = <b>16</b>"]


def test_only_probes_that_fit_are_offered(shown: Inspector, qtbot: QtBot) -> None:
    shown.set_selection(("dense_1",))
    assert not shown.node_page.watch.isVisible()
    shown.set_selection(("conv_1",))
    with qtbot.waitSignal(shown.watchRequested) as asked:
        qtbot.mouseClick(shown.node_page.buttons["feature_maps"], Qt.MouseButton.LeftButton)
    assert asked.args == ["feature_maps", "conv_1"]


def test_a_name_that_cannot_be_is_refused_in_place(shown: Inspector, document: Document, qtbot: QtBot) -> None:
    shown.set_selection(("conv_1",))
    before = document.now
    for name in ("conv_2", "2nd", "forward"):
        type_into(qtbot, shown.node_page.name, name)
        assert document.now is before
        assert shown.node_page.wrong_name.isVisible()
    type_into(qtbot, shown.node_page.name, "first")
    assert "first" in document.now.graph
    assert shown.ids == ("first",)


def test_nothing_selected_shows_data_and_training(shown: Inspector, document: Document, qtbot: QtBot) -> None:
    page = shown.document_page
    assert shown.currentIndex() == 0
    type_into(qtbot, page.form.rows["epochs"].field, "7")
    assert document.now.training.epochs == 7
    rate = document.now.training.optimiser.learning_rate
    choice = page.form.members["optimiser"].choice
    choice.setCurrentIndex(choice.findData("sgd"))
    choice.activated.emit(choice.currentIndex())
    assert isinstance(document.now.training.optimiser, SGD)
    assert document.now.training.optimiser.learning_rate == rate, "what both have in common stays"
    assert "momentum" in page.form.members["optimiser"].form.rows


def test_another_data_set_is_chosen_with_its_parameters(shown: Inspector, document: Document, qtbot: QtBot) -> None:
    choice = shown.document_page.source.choice
    assert {choice.itemData(row) for row in range(choice.count())} == set(SOURCES)
    choice.setCurrentIndex(choice.findData("moons"))
    choice.activated.emit(choice.currentIndex())
    assert document.now.source.key == "moons"
    chips = shown.document_page.source.form.rows["features"].field.buttons
    qtbot.mouseClick(chips["xy"], Qt.MouseButton.LeftButton)
    assert document.now.source.features == ("x", "y", "xy")


def test_the_title_is_changed_in_the_language_it_is_read_in(shown: Inspector, document: Document, qtbot: QtBot) -> None:
    set_language("zh")
    type_into(qtbot, shown.document_page.title, "mine")
    assert document.now.title.zh == "mine"
    assert document.now.title.en == "LeNet-5 on digits"


def test_several_nodes_are_deleted_together(shown: Inspector, document: Document, qtbot: QtBot) -> None:
    shown.set_selection(("tanh_1", "tanh_2"))
    assert shown.currentIndex() == 2
    assert shown.several_page.delete.text() == "Delete 2 nodes"
    qtbot.mouseClick(shown.several_page.delete, Qt.MouseButton.LeftButton)
    assert "tanh_1" not in document.now.graph
    assert shown.currentIndex() == 0


def test_an_output_offers_the_targets_of_the_data(shown: Inspector, document: Document) -> None:
    shown.set_selection(("output_1",))
    field = field_of(shown, "target")
    assert [field.itemData(row) for row in range(field.count())] == list(document.now.facts.targets)


def test_problems_of_the_node_come_with_their_remedy(shown: Inspector, document: Document, qtbot: QtBot) -> None:
    flatten = next(id for id in document.now.graph.nodes if id.startswith("flatten"))
    document.edit(say("Delete"), graph=document.now.graph.remove_joining(flatten))
    shown.set_selection(("dense_1",))
    row = shown.node_page._problems[0]
    qtbot.mouseClick(row.fixes[0][0], Qt.MouseButton.LeftButton)
    assert document.report.problems == ()


def test_a_page_is_never_wider_than_the_dock(shown: Inspector, qtbot: QtBot) -> None:
    for language in ("en", "zh"):
        set_language(language)
        for id in ("conv_1", "dense_3", "output_1", "input_1"):
            shown.set_selection((id,))
            shown.node_page.relabel()
            assert shown.node_page.minimumSizeHint().width() <= shown.width() - 8, id
        shown.document_page.relabel()
        assert shown.document_page.minimumSizeHint().width() <= shown.width() - 8


def test_formulas_are_drawn_and_a_bad_one_is_no_failure() -> None:
    assert svg_of(r"y = W x + b", "#ffffff").startswith("<svg")
    assert svg_of(r"\frac{", "#ffffff") == ""
