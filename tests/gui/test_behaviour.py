from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from playground.blocks.activation import Tanh
from playground.blocks.combine import Flatten
from playground.blocks.convolution import Conv2D
from playground.blocks.data import Input, Output
from playground.blocks.dense import Dense
from playground.document import Document
from playground.text import say
from tests.examples import BINARY, chain, image_facts, planar_facts
from tests.gui.inspecting import choose, click, drawn, inspect, opened, settle, type_into
from widgets.behaviour import Behaviour


def twins() -> Document:
    """Two equal Dense layers one behind the other, and one that is not."""
    return drawn(chain(Input(), Dense(units=2), Tanh(), Dense(units=2), Dense(units=1), BINARY), planar_facts())


def behaviour(document: Document, qtbot: QtBot, id: str) -> Behaviour:
    return inspect(document, qtbot, id).node_page.behaviour


def test_a_node_is_bypassed_and_muted_each_as_one_step(qtbot: QtBot) -> None:
    document = opened()
    shown = behaviour(document, qtbot, "conv_1")
    assert shown.states[""].isChecked()
    assert not shown.state_says.isVisible()
    click(qtbot, shown.states["bypassed"])
    assert document.now.graph.nodes["conv_1"].state == "bypassed"
    assert shown.state_says.text() == "It is left out: its input passes through unchanged."
    assert str(document.undo_name) == "Bypass conv_1"
    click(qtbot, shown.states["muted"])
    assert document.now.graph.nodes["conv_1"].state == "muted"
    assert shown.state_says.text() == "It is silenced: it gives zeros of the same shape."
    click(qtbot, shown.states[""])
    assert document.now.graph.nodes["conv_1"].state == ""
    assert str(document.undo_name) == "Unmute conv_1"
    document.undo()
    assert shown.states["muted"].isChecked()


def test_the_state_is_chosen_with_the_keyboard_too(qtbot: QtBot) -> None:
    document = opened()
    shown = behaviour(document, qtbot, "tanh_1")
    shown.states[""].setFocus()
    qtbot.keyClick(shown.states[""], Qt.Key.Key_Right)
    qtbot.keyClick(shown.states["bypassed"], Qt.Key.Key_Space)
    assert document.now.graph.nodes["tanh_1"].state == "bypassed"


def test_weights_are_frozen_and_released(qtbot: QtBot) -> None:
    document = opened()
    shown = behaviour(document, qtbot, "conv_1")
    click(qtbot, shown.frozen)
    assert document.now.graph.nodes["conv_1"].frozen
    assert str(document.undo_name) == "Freeze conv_1"
    assert shown.frozen_says.isVisible()
    click(qtbot, shown.frozen)
    assert not document.now.graph.nodes["conv_1"].frozen
    assert str(document.undo_name) == "Unfreeze conv_1"


def test_only_nodes_with_equal_weights_are_offered_to_share_with(qtbot: QtBot) -> None:
    document = twins()
    shown = behaviour(document, qtbot, "dense_2")
    assert [shown.tie.itemData(at) for at in range(shown.tie.count())] == ["", "dense_1"]
    choose(shown.tie, "dense_1")
    assert document.now.graph.nodes["dense_2"].tied_to == "dense_1"
    assert str(document.undo_name) == "Tie dense_2 to dense_1"
    assert "dense_1" in shown.tie_says.text()
    assert document.report.nodes["dense_2"].parameters == 0
    assert not shown.by_hand.isEnabled()
    choose(shown.tie, "")
    assert document.now.graph.nodes["dense_2"].tied_to == ""
    assert str(document.undo_name) == "Untie dense_2"


def test_no_circle_can_be_tied(qtbot: QtBot) -> None:
    document = twins()
    document.edit(say("Tie"), graph=document.now.graph.mark("dense_2", tied_to="dense_1"))
    shown = behaviour(document, qtbot, "dense_1")
    assert [shown.tie.itemData(at) for at in range(shown.tie.count())] == [""]
    assert shown.tie_says.text() == "Its weights are shared by dense_2."
    assert document.report.problems == ()


def test_what_may_be_shared_follows_the_other_nodes(qtbot: QtBot) -> None:
    document = twins()
    shown = behaviour(document, qtbot, "dense_1")
    assert shown.tie.isEnabled()
    graph = document.now.graph
    document.edit(say("Edit"), graph=graph.configure("dense_2", graph.nodes["dense_2"].block.replace(units=5)))
    assert not shown.tie.isEnabled()
    assert "No other node" in shown.tie.toolTip()


def test_only_what_makes_sense_is_shown(qtbot: QtBot) -> None:
    document = opened()
    inspector = inspect(document, qtbot, "tanh_1")
    shown = inspector.node_page.behaviour
    assert shown.state_row.isVisible()
    assert not any(part.isVisible() for part in (shown.frozen, shown.tie_row, shown.by_hand, shown.forget))
    for id in ("input_1", "output_1"):
        inspector.set_selection((id,))
        assert not shown.isVisible(), id
    document.edit(say("Mute"), graph=document.now.graph.mark("input_1", state="muted"))
    inspector.set_selection(("input_1",))
    click(qtbot, shown.states[""])  # so that what was done elsewhere can be undone here
    assert document.now.graph.nodes["input_1"].state == ""


@pytest.mark.parametrize(("units", "enabled"), [(5, True), (6, False)])
def test_only_small_tensors_are_set_by_hand(qtbot: QtBot, units: int, enabled: bool) -> None:
    document = drawn(chain(Input(), Flatten(), Dense(units=units, bias=False), Output()), image_facts())
    shown = behaviour(document, qtbot, "dense_1")
    assert shown.by_hand.isEnabled() == enabled
    told = "weight holds 6 × 784 = 4,704 numbers; at most 4,096 can be set by hand."
    assert shown.weights_say.text() == ("" if enabled else told)


def test_what_was_set_by_hand_is_told_and_forgotten(qtbot: QtBot) -> None:
    document = drawn(chain(Input(), Conv2D(channels=1), Flatten(), Output()), image_facts())
    document.edit(say("Set"), graph=document.now.graph.mark("conv_1", weights={"bias": (0.5,)}))
    shown = behaviour(document, qtbot, "conv_1")
    assert "Set by hand: bias" in shown.weights_say.text()
    assert "freeze the node" in shown.weights_say.text()
    click(qtbot, shown.frozen)
    assert shown.weights_say.text() == "Set by hand: bias. Training leaves them so."
    click(qtbot, shown.forget)
    assert document.now.graph.nodes["conv_1"].weights == {}
    assert not shown.forget.isVisible()


def test_a_group_is_bypassed_and_frozen_as_one(qtbot: QtBot) -> None:
    document = opened()
    inspector = inspect(document, qtbot)
    group = inspector.sheet.collapse(["conv_1", "tanh_1"])
    inspector.set_selection((group,))
    settle()
    shown = inspector.node_page.behaviour
    click(qtbot, shown.frozen)
    assert document.now.graph.nodes[group].frozen
    assert document.report.nodes[inspector.sheet.path(f"{group}.conv_1")].frozen
    assert not shown.by_hand.isVisible()
    click(qtbot, shown.states["bypassed"])
    assert document.now.graph.nodes[group].state == "bypassed"


def test_inside_a_group_that_is_open_only_its_own_nodes_can_be_shared_with(qtbot: QtBot) -> None:
    document = twins()
    inspector = inspect(document, qtbot)
    group = inspector.sheet.collapse(["dense_2", "dense_3"])
    inspector.sheet.set_open(group, True)
    inspector.set_selection((f"{group}.dense_2",))
    shown = inspector.node_page.behaviour
    assert not shown.tie.isEnabled(), "dense_1 is of the same shape, but lies outside"
    assert inspector.node_page.name.text() == "dense_2"
    type_into(qtbot, inspector.node_page.name, "inner")
    assert "inner" in document.now.graph.nodes[group].block.graph
