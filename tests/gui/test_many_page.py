from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from playground.blocks.activation import LeakyReLU, Sigmoid
from playground.blocks.data import Input
from playground.blocks.dense import Dense
from playground.document import Document
from playground.graph import Node
from playground.text import say, set_language
from tests.examples import BINARY, chain, planar_facts
from tests.gui.inspecting import block, click, drawn, inspect, line_of, opened, settle, type_into, write
from widgets.form_row import Row
from widgets.inspector import Inspector
from widgets.many_page import common

FIVE = ("conv_1", "conv_2", "dense_1", "dense_2", "tanh_1")
UP = Qt.Key.Key_Up


@pytest.fixture
def document() -> Document:
    return opened()


def row_of(shown: Inspector, name: str) -> Row:
    return next(row for row, one in shown.several_page.rows if one.parameter.name == name)


def test_it_says_what_is_chosen_and_what_that_costs(document: Document, qtbot: QtBot) -> None:
    page = inspect(document, qtbot, *FIVE).several_page
    assert page.title.text() == "5 nodes"
    assert page.blocks.text() == "2 Conv2D, 2 Dense, 1 Tanh"
    nodes = [document.report.nodes[id] for id in FIVE]
    parameters, macs = sum(n.parameters for n in nodes), sum(n.macs for n in nodes)
    assert page.costs.text().splitlines() == [f"{parameters:,} parameters", f"{macs:,} MACs per example"]


def test_what_they_have_in_common_is_changed_as_one_step(document: Document, qtbot: QtBot) -> None:
    shown = inspect(document, qtbot, "conv_1", "conv_2")
    before = document.now
    field = row_of(shown, "channels").field
    assert line_of(field).text() == ""
    assert line_of(field).placeholderText() == "mixed"
    type_into(qtbot, field, "12")
    assert [block(document, id).channels for id in ("conv_1", "conv_2")] == [12, 12]
    assert str(document.undo_name) == "Change Out channels of 2 nodes"
    assert line_of(field).text() == "12"
    document.undo()
    assert document.now == before
    assert document.undo_name is None
    assert line_of(field).placeholderText() == "mixed"


def test_it_is_seen_at_once_while_typing(document: Document, qtbot: QtBot) -> None:
    shown = inspect(document, qtbot, "conv_1", "conv_2")
    write(qtbot, row_of(shown, "channels").field, "9")
    qtbot.waitUntil(lambda: document.report.nodes["conv_2"].shape.channels == 9)
    assert document.report.nodes["conv_1"].shape.channels == 9


def test_turning_begins_at_one_of_the_values(document: Document, qtbot: QtBot) -> None:
    shown = inspect(document, qtbot, "conv_1", "conv_2")
    field = row_of(shown, "channels").field
    qtbot.keyClick(field, UP)
    qtbot.keyClick(field, UP)
    assert [block(document, id).channels for id in ("conv_1", "conv_2")] == [8, 8]
    document.undo()
    assert [block(document, id).channels for id in ("conv_1", "conv_2")] == [6, 16]


def test_leaving_a_mixed_field_changes_nothing(document: Document, qtbot: QtBot) -> None:
    shown = inspect(document, qtbot, "conv_1", "conv_2")
    before = document.now
    field = row_of(shown, "channels").field
    write(qtbot, field, "4")
    qtbot.keyClick(line_of(field), Qt.Key.Key_Backspace)
    qtbot.keyClick(line_of(field), Qt.Key.Key_Return)
    assert document.now is before
    assert not row_of(shown, "channels").wrong.isVisible()


def test_what_only_some_have_says_for_whom_it_counts(document: Document, qtbot: QtBot) -> None:
    shown = inspect(document, qtbot, *FIVE)
    told = {heading.text(): ids for heading, ids in shown.several_page.headings}
    assert told == {"4 of the 5 nodes": FIVE[:4], "2 of the 5 nodes": ("dense_1", "dense_2")}
    type_into(qtbot, row_of(shown, "units").field, "30")
    assert [block(document, id).units for id in ("dense_1", "dense_2")] == [30, 30]
    assert block(document, "conv_1").channels == 6
    shown.set_selection(("conv_1", "conv_2"))
    assert shown.several_page.headings == []


def test_mixed_sides_switches_and_auto(document: Document, qtbot: QtBot) -> None:
    graph = document.now.graph.configure("conv_2", block(document, "conv_2").replace(bias=False))
    document.edit(say("Edit"), graph=graph)
    shown = inspect(document, qtbot, "conv_1", "conv_2")
    padding, bias = row_of(shown, "padding").field, row_of(shown, "bias").field
    assert line_of(padding).placeholderText() == "mixed"
    assert not padding.wide.isVisible()
    assert bias.checkState() == Qt.CheckState.PartiallyChecked
    assert bias.text() == "mixed"
    click(qtbot, bias)
    assert [block(document, id).bias for id in ("conv_1", "conv_2")] == [True, True]
    type_into(qtbot, padding, "1×2")
    assert [block(document, id).padding for id in ("conv_1", "conv_2")] == [(1, 2), (1, 2)]
    assert padding.wide.isVisible()
    assert not padding.link.isChecked()
    shown.set_selection(("dense_1", "dense_3"))
    settle()
    units = row_of(shown, "units")
    assert not units.auto.isChecked()
    click(qtbot, units.auto)
    assert [block(document, id).units for id in ("dense_1", "dense_3")] == ["auto", "auto"]
    assert line_of(units.field).text() == "auto (10)"


def test_the_default_is_given_back_to_all(document: Document, qtbot: QtBot) -> None:
    shown = inspect(document, qtbot, "conv_1", "conv_2")
    click(qtbot, row_of(shown, "kernel").back)
    assert [block(document, id).kernel for id in ("conv_1", "conv_2")] == [(3, 3), (3, 3)]


def test_what_cannot_be_for_one_of_them_is_refused_in_place(document: Document, qtbot: QtBot) -> None:
    shown = inspect(document, qtbot, "conv_1", "conv_2")
    before = document.now
    row = row_of(shown, "channels")
    type_into(qtbot, row.field, "0")
    assert document.now is before
    assert row.wrong.isVisible()


def test_the_limits_are_those_of_all() -> None:
    nodes = (Node("a", Sigmoid(slope=2.0)), Node("b", LeakyReLU()))
    (one,) = common(nodes)
    assert (one.parameter.low, one.parameter.high) == (0.01, 1.0)
    assert not one.parameter.log
    assert one.ids == ("a", "b")
    assert common((Node("a", Sigmoid()), Node("b", Dense()))) == []


def test_freezing_bypassing_and_muting_all(document: Document, qtbot: QtBot) -> None:
    document.edit(say("Edit"), graph=document.now.graph.mark("conv_1", frozen=True))
    shown = inspect(document, qtbot, *FIVE)
    frozen, bypassed = shown.several_page.switches["frozen"], shown.several_page.switches["bypassed"]
    assert frozen.checkState() == Qt.CheckState.PartiallyChecked
    assert shown.several_page.extents["frozen"].text() == "4 of the 5 nodes"
    click(qtbot, frozen)
    nodes = document.now.graph.nodes
    assert [nodes[id].frozen for id in FIVE] == [True, True, True, True, False]
    assert str(document.undo_name) == "Freeze 3 nodes"
    click(qtbot, frozen)
    assert not any(document.now.graph.nodes[id].frozen for id in FIVE)
    assert bypassed.checkState() == Qt.CheckState.Unchecked
    click(qtbot, bypassed)
    assert {document.now.graph.nodes[id].state for id in FIVE} == {"bypassed"}
    assert str(document.undo_name) == "Bypass 5 nodes"
    click(qtbot, shown.several_page.switches["muted"])
    assert {document.now.graph.nodes[id].state for id in FIVE} == {"muted"}
    assert bypassed.checkState() == Qt.CheckState.Unchecked
    click(qtbot, shown.several_page.switches["muted"])
    assert {document.now.graph.nodes[id].state for id in FIVE} == {""}


def test_what_makes_no_sense_is_not_offered(document: Document, qtbot: QtBot) -> None:
    shown = inspect(document, qtbot, "input_1", "output_1")
    assert not shown.several_page.behaviour.isVisible()
    shown.set_selection(("tanh_1", "tanh_2"))
    assert not shown.several_page.switches["frozen"].isVisible()
    assert shown.several_page.switches["muted"].isVisible()


def test_nodes_that_are_not_known_are_counted(qtbot: QtBot) -> None:
    document = drawn(chain(Input(field="nothing"), Dense(), Dense(), BINARY), planar_facts())
    page = inspect(document, qtbot, "dense_1", "dense_2").several_page
    assert page.costs.text().splitlines() == ["0 parameters", "2 nodes are not known yet"]


def test_several_nodes_are_deleted_together(document: Document, qtbot: QtBot) -> None:
    shown = inspect(document, qtbot, "tanh_1", "tanh_2")
    assert shown.currentIndex() == 2
    assert shown.several_page.delete.text() == "Delete 2 nodes"
    click(qtbot, shown.several_page.delete)
    assert "tanh_1" not in document.now.graph
    assert shown.currentIndex() == 0


def test_it_follows_the_language(document: Document, qtbot: QtBot) -> None:
    shown = inspect(document, qtbot, "conv_1", "conv_2")
    set_language("zh")
    shown.several_page.relabel()
    assert shown.several_page.title.text() != "2 nodes"
    assert row_of(shown, "kernel").label.text() != "Kernel"
