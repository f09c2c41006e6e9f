from __future__ import annotations

import re

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from playground.block import CATALOGUE, Block
from playground.blocks.convolution import Conv2D
from playground.blocks.data import Input
from playground.blocks.dense import Dense
from playground.choices import SGD
from playground.data import SOURCES
from playground.document import Document
from playground.text import say, set_language
from tests.examples import BINARY, chain
from tests.gui.inspecting import (
    CONTROL,
    block,
    choose,
    click,
    drawn,
    inspect,
    line_of,
    opened,
    settle,
    type_into,
    write,
)
from widgets.formula import svg_of
from widgets.inspector import Inspector


@pytest.fixture
def document() -> Document:
    return opened()


@pytest.fixture
def shown(document: Document, qtbot: QtBot) -> Inspector:
    return inspect(document, qtbot)


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


def test_what_is_typed_is_seen_in_the_shapes_before_the_field_is_left(
    shown: Inspector, document: Document, qtbot: QtBot
) -> None:
    shown.set_selection(("conv_1",))
    field = field_of(shown, "channels")
    write(qtbot, field, "12")
    qtbot.waitUntil(lambda: shown.node_page.chip.text() == "12 × 28 × 28")
    qtbot.keyClicks(line_of(field), "0")
    qtbot.waitUntil(lambda: shown.node_page.chip.text() == "120 × 28 × 28")
    assert line_of(field).text() == "120"
    qtbot.keyClick(line_of(field), Qt.Key.Key_Return)
    document.undo()
    assert block(document, "conv_1").channels == 6, "all of it is one step"


def test_escape_takes_back_what_has_been_seen_while_typing(shown: Inspector, document: Document, qtbot: QtBot) -> None:
    shown.set_selection(("conv_1",))
    before = document.now
    write(qtbot, field_of(shown, "channels"), "12")
    qtbot.waitUntil(lambda: block(document, "conv_1").channels == 12)
    qtbot.keyClick(line_of(field_of(shown, "channels")), Qt.Key.Key_Escape)
    assert document.now == before
    assert document.undo_name is None
    assert line_of(field_of(shown, "channels")).text() == "6"


def test_what_is_typed_stays_as_it_is_written_until_the_field_is_left(
    shown: Inspector, document: Document, qtbot: QtBot
) -> None:
    field = shown.document_page.form.members["optimiser"].form.rows["beta1"].field
    write(qtbot, field, "0.80")
    qtbot.waitUntil(lambda: document.now.training.optimiser.beta1 == 0.8)
    assert field.lineEdit().text() == "0.80", "or the next digit would land in another place"
    qtbot.keyClicks(field, "5")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert document.now.training.optimiser.beta1 == 0.805


def test_what_is_being_typed_is_never_given_to_another_node(shown: Inspector, document: Document, qtbot: QtBot) -> None:
    shown.set_selection(("conv_1",))
    write(qtbot, field_of(shown, "channels"), "12")
    shown.set_selection(("conv_2",))
    assert line_of(field_of(shown, "channels")).text() == "16"
    qtbot.wait(200)  # as long as typing waits, and more
    assert block(document, "conv_2").channels == 16


@pytest.mark.parametrize("text", ["0", "many", "2.5", "5×3×1", "300", ""])
def test_what_cannot_be_is_explained_in_place_and_changes_nothing(
    shown: Inspector, document: Document, qtbot: QtBot, text: str
) -> None:
    shown.set_selection(("conv_1",))
    before = document.now
    row = shown.node_page.form.rows["kernel"]
    write(qtbot, row.field, text)
    if not text:
        qtbot.keyClick(line_of(row.field), Qt.Key.Key_Delete)
    qtbot.keyClick(line_of(row.field), Qt.Key.Key_Return)
    assert document.now is before
    assert row.wrong.isVisible()
    assert "kernel" in row.wrong.text()
    qtbot.keyClick(line_of(row.field), Qt.Key.Key_Escape)
    assert not row.wrong.isVisible()
    assert line_of(row.field).text() == "5"


def test_height_and_width_are_linked_until_the_link_is_broken(
    shown: Inspector, document: Document, qtbot: QtBot
) -> None:
    shown.set_selection(("conv_1",))
    field = field_of(shown, "kernel")
    assert field.link.isChecked()
    qtbot.keyClick(field.high, Qt.Key.Key_Down)
    assert block(document, "conv_1").kernel == (4, 4)
    assert line_of(field.wide).text() == "4"
    click(qtbot, field.link)
    type_into(qtbot, field.wide, "2")
    assert block(document, "conv_1").kernel == (4, 2)
    click(qtbot, field.link)
    assert block(document, "conv_1").kernel == (4, 4)
    document.undo()
    assert not field.link.isChecked()


def test_two_equal_sides_are_linked_again_at_another_node(shown: Inspector, qtbot: QtBot) -> None:
    shown.set_selection(("conv_1",))
    click(qtbot, field_of(shown, "kernel").link)
    assert not field_of(shown, "kernel").link.isChecked()
    shown.set_selection(("conv_2",))
    assert field_of(shown, "kernel").link.isChecked()


@pytest.mark.parametrize(
    ("key", "modifier", "channels"),
    [
        (Qt.Key.Key_Up, Qt.KeyboardModifier.NoModifier, 7),
        (Qt.Key.Key_Up, CONTROL, 16),
        (Qt.Key.Key_Down, CONTROL, 1),
        (Qt.Key.Key_PageUp, Qt.KeyboardModifier.NoModifier, 12),
        (Qt.Key.Key_PageDown, Qt.KeyboardModifier.NoModifier, 3),
    ],
)
def test_keys_move_a_number_by_steps_that_make_sense(
    shown: Inspector, document: Document, qtbot: QtBot, key: Qt.Key, modifier: Qt.KeyboardModifier, channels: int
) -> None:
    shown.set_selection(("conv_1",))
    qtbot.keyClick(field_of(shown, "channels"), key, modifier)
    assert block(document, "conv_1").channels == channels


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


def test_auto_is_pressed_and_let_go(shown: Inspector, document: Document, qtbot: QtBot) -> None:
    shown.set_selection(("dense_3",))
    row = shown.node_page.form.rows["units"]
    assert row.auto.isChecked()
    click(qtbot, row.auto)
    assert block(document, "dense_3").units == 10, "it stays what it was resolved to"
    assert not row.auto.isChecked()
    click(qtbot, row.auto)
    assert block(document, "dense_3").units == "auto"
    assert line_of(row.field).text() == "auto (10)"
    shown.set_selection(("conv_1",))
    assert not shown.node_page.form.rows["channels"].auto.isVisible()


def test_a_parameter_goes_back_to_its_default(shown: Inspector, document: Document, qtbot: QtBot) -> None:
    shown.set_selection(("conv_1",))
    row = shown.node_page.form.rows["padding"]
    assert row.back.isVisible()
    assert row.back.toolTip() == "Default: 0"
    click(qtbot, row.back)
    assert block(document, "conv_1").padding == Conv2D().padding
    assert not row.back.isVisible()
    assert shown.node_page.form.rows["kernel"].back.toolTip() == "Default: 3"
    assert shown.node_page.form.rows["bias"].back.toolTip() == "Default: on"
    document.undo()
    assert row.back.isVisible()


def test_going_back_is_a_step_of_its_own_even_while_typing(shown: Inspector, document: Document, qtbot: QtBot) -> None:
    shown.set_selection(("conv_1",))
    row = shown.node_page.form.rows["channels"]
    write(qtbot, row.field, "12")
    qtbot.waitUntil(lambda: block(document, "conv_1").channels == 12)
    click(qtbot, row.back)
    assert block(document, "conv_1").channels == 8
    document.undo()
    assert block(document, "conv_1").channels == 12


def test_the_arithmetic_of_the_shape_is_shown_with_the_present_numbers(shown: Inspector) -> None:
    shown.set_selection(("conv_1",))
    page = shown.node_page
    assert page.how.text() == "(28 + 2·2 − 5) / 1 + 1 = <b>28</b>"
    assert page.chip.text() == "6 × 28 × 28"
    assert page.costs.text().split("<br>") == [
        "156 parameters",
        "6 × 1 × 5 × 5 + 6 = <b>156</b>",
        "A Dense layer for the same: 784 × 4,704 + 4,704 = <b>3,692,640</b>, 23,671 times as many",
        "117,600 MACs per example",
        "6 × 1 × 5 × 5 × 28 × 28 = <b>117,600</b>",
        "receptive field 5 × 5",
    ]


def test_only_probes_that_fit_are_offered(shown: Inspector, qtbot: QtBot) -> None:
    shown.set_selection(("output_1",))
    assert not shown.node_page.watch.isVisible()
    shown.set_selection(("dense_1",))
    assert "feature_maps" not in shown.node_page.buttons
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
    choose(choice, "sgd")
    assert isinstance(document.now.training.optimiser, SGD)
    assert document.now.training.optimiser.learning_rate == rate, "what both have in common stays"
    assert "momentum" in page.form.members["optimiser"].form.rows


def test_another_data_set_is_chosen_with_its_parameters(shown: Inspector, document: Document, qtbot: QtBot) -> None:
    choice = shown.document_page.source.choice
    assert {choice.itemData(row) for row in range(choice.count())} - {None} == set(SOURCES)  # None: a heading
    choose(choice, "moons")
    assert document.now.source.key == "moons"
    chips = shown.document_page.source.form.rows["features"].field.buttons
    qtbot.mouseClick(chips["xy"], Qt.MouseButton.LeftButton)
    assert document.now.source.features == ("x", "y", "xy")


def test_the_title_is_changed_in_the_language_it_is_read_in(shown: Inspector, document: Document, qtbot: QtBot) -> None:
    set_language("zh")
    type_into(qtbot, shown.document_page.title, "mine")
    assert document.now.title.zh == "mine"
    assert document.now.title.en == "LeNet-5 on digits"


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


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_page_is_never_wider_than_the_dock(shown: Inspector, document: Document, language: str) -> None:
    set_language(language)
    graph = document.now.graph.rename("conv_1", "a_" + "very_" * 13 + "long_name")
    graph = graph.mark("conv_2", state="muted", frozen=True, weights={"bias": (0.0,) * 16})
    graph = graph.mark("dense_1", state="bypassed")
    document.edit(say("Edit"), graph=graph)
    shown.setFixedWidth(254)
    shown.document_page.relabel()
    shown.node_page.relabel()
    shown.several_page.relabel()
    for ids in [(), *((id,) for id in graph.nodes), tuple(graph.nodes), ("dense_1", "dense_2")]:
        shown.set_selection(ids)
        page = (shown.document_page, shown.node_page, shown.several_page)[shown.currentIndex()]
        assert page.minimumSizeHint().width() <= shown.width() - 8, ids


def test_no_word_of_a_form_is_cut(shown: Inspector, document: Document, qtbot: QtBot) -> None:
    """Labels may wrap; what stands in a list or on a button has to fit."""
    for language in ("en", "zh"):
        set_language(language)
        shown.node_page.relabel()
        for id in document.now.graph.nodes:
            shown.set_selection((id,))
            shown.node_page.relabel()
            settle()
            for name, row in shown.node_page.form.rows.items():
                assert row.label.heightForWidth(row.label.width()) <= row.label.height(), (id, name)
                if row.parameter.kind == "choice":
                    assert row.field.widest() <= row.field.width(), (id, name)
            for button in shown.node_page.behaviour.states.values():
                assert button.isHidden() or button.width() >= button.fontMetrics().horizontalAdvance(button.text()) + 8


def test_tab_goes_through_a_page_as_the_eye_does(shown: Inspector, document: Document, qtbot: QtBot) -> None:
    shown.set_selection(("conv_1",))
    shown.set_selection(("dense_3",))  # its form was made after everything below it
    settle()
    with qtbot.waitActive(shown):
        shown.activateWindow()
    shown.node_page.name.setFocus()
    seen = []
    for _ in range(7):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        seen.append(QApplication.focusWidget().objectName())
    assert seen[:4] == ["auto_units", "reset_units", "field_units", "field_bias"]
    assert seen[4:] == ["state_normal", "frozen", "set_weights"]


def test_every_field_says_what_it_is_to_those_who_do_not_see_it(shown: Inspector, document: Document) -> None:
    for id in document.now.graph.nodes:
        shown.set_selection((id,))
        settle()
        stops = [
            widget
            for widget in shown.node_page.findChildren(QWidget)
            if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisible()
        ]
        for widget in stops:
            named = widget.accessibleName() or (widget.text() if hasattr(widget, "text") else "")
            assert named, (id, widget.objectName())


def test_a_node_that_cannot_be_known_still_has_its_form(document: Document, qtbot: QtBot) -> None:
    broken = drawn(chain(Input(), Conv2D(), Dense(), BINARY))
    shown = inspect(broken, qtbot, "conv_1")
    assert shown.node_page._problems
    assert not shown.node_page.size.isVisible()
    type_into(qtbot, field_of(shown, "channels"), "3")
    assert block(broken, "conv_1").channels == 3


def test_formulas_are_drawn_and_a_bad_one_is_no_failure() -> None:
    assert svg_of(r"y = W x + b", "#ffffff").startswith("<svg")
    assert svg_of(r"\frac{", "#ffffff") == ""


@pytest.mark.parametrize("block", [block for block in CATALOGUE.values() if block.formula], ids=lambda block: block.key)
def test_the_formula_of_every_block_is_drawn_no_higher_than_its_lines(block: type[Block]) -> None:
    source = block().equations()
    drawn = re.search(r'height="([\d.]+)"', svg_of(source, "#ffffff"))
    assert drawn is not None
    assert float(drawn[1]) < 60 * (1 + source.count(r"\\")), "brackets round a sum grow without end"
