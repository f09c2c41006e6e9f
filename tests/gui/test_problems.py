"""The list of problems: each leads to its node, remedies by mouse and keyboard, many at once, none."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from playground.blocks.activation import Softmax, Tanh
from playground.blocks.convolution import Conv2D
from playground.blocks.data import Input, Output
from playground.blocks.dense import Dense
from playground.document import Document
from playground.experiment import Experiment
from playground.graph import Graph, Wire
from playground.text import Refusal, say, set_language
from tests.examples import BINARY, chain, image_facts, planar_facts
from widgets import app
from widgets.problems import AT_ONCE, BREAK, Problems

LONG = "a_dense_layer_with_a_very_long_name_that_somebody_typed_in_without_any_space"


def wrong() -> Graph:
    """A network with two problems that can be remedied, one that cannot, and one that does not matter."""
    graph = chain(Input(), Conv2D(channels=2), Dense(units=5), Output())
    return graph.add(Dense(), LONG)


def open_list(qtbot: QtBot, graph: Graph, facts=None) -> Problems:
    app.application()
    document = Document()
    document.open(Experiment(graph=graph, facts=facts or image_facts()))
    made = Problems(document)
    qtbot.addWidget(made)
    made.resize(274, 500)
    made.show()
    with qtbot.waitActive(made):
        made.activateWindow()
    return made


@pytest.fixture
def shown(qtbot: QtBot) -> Problems:
    return open_list(qtbot, wrong())


def places(shown: Problems) -> list[str]:
    return [row.problem.node for row in shown.rows]


def test_every_problem_has_a_row_with_its_place_and_its_remedies(shown: Problems) -> None:
    problems = shown._document.report.problems
    assert len(problems) >= 2 and {id(row.problem) for row in shown.rows} == set(map(id, problems))
    assert places(shown) == ["dense_1", LONG], "what keeps from training comes first"
    assert {LONG, "dense_1"} <= set(places(shown))
    for row in shown.rows:
        assert [fix for _, fix in row.fixes] == list(row.problem.fixes)
        assert str(row.problem.message) in row.accessibleName()
    assert shown.summary.text().startswith(f"{len(problems)} problems, 1 of them in the way")


def test_a_click_anywhere_on_a_row_goes_to_the_node(shown: Problems, qtbot: QtBot) -> None:
    gone: list[str] = []
    shown.placeClicked.connect(gone.append)
    row = shown.rows[places(shown).index("dense_1")]
    qtbot.mouseClick(row.message, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(row.place, Qt.MouseButton.LeftButton)
    assert gone == ["dense_1", "dense_1"]


def test_a_remedy_is_one_click_and_one_step_to_be_undone(shown: Problems, qtbot: QtBot) -> None:
    document = shown._document
    row = shown.rows[places(shown).index("dense_1")]
    label = str(row.problem.fixes[0].label)
    qtbot.mouseClick(row.fixes[0][0], Qt.MouseButton.LeftButton)
    assert str(document.undo_name) == label == "Insert Flatten"
    assert "flatten_1" in document.now.graph
    assert "dense_1" not in places(shown)
    document.undo()
    assert "dense_1" in places(shown)


def test_return_applies_the_first_remedy_until_all_is_well(qtbot: QtBot) -> None:
    shown = open_list(qtbot, chain(Input(), Conv2D(channels=2), Dense(units=5), Softmax(), Output()))
    shown.rows[0].setFocus()
    for _ in range(5):
        if not shown.rows:
            break
        assert shown.rows[0].hasFocus(), "whoever works by keyboard goes on with the next problem"
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    assert shown._document.report.problems == ()
    assert shown.nothing.isVisible() and shown.well.isVisible() and not shown.summary.isVisible()


def test_return_goes_to_the_node_where_there_is_no_remedy_and_the_arrows_from_row_to_row(
    shown: Problems, qtbot: QtBot
) -> None:
    gone: list[str] = []
    shown.placeClicked.connect(gone.append)
    shown.rows[0].setFocus()
    for row in shown.rows:
        assert row.hasFocus()
        if row.problem.node == LONG:
            qtbot.keyClick(row, Qt.Key.Key_Return)
        qtbot.keyClick(row, Qt.Key.Key_Down)
    assert gone == [LONG]
    qtbot.keyClick(shown.rows[-1], Qt.Key.Key_Up)
    assert shown.rows[-2].hasFocus()


def test_tab_reaches_every_row_and_every_remedy(shown: Problems, qtbot: QtBot) -> None:
    wanted = set(shown.rows) | {button for row in shown.rows for button, _ in row.fixes}
    shown.rows[0].setFocus()
    seen = set()
    for _ in range(len(wanted) + 2):
        seen.add(QApplication.focusWidget())
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    assert wanted <= seen


def test_long_names_make_nothing_wider_than_the_list(shown: Problems, qtbot: QtBot) -> None:
    shown.resize(240, 500)
    qtbot.wait(1)
    for row in shown.rows:
        assert row.width() <= shown.viewport().width()
        for part in (row.place, row.message, *(button for button, _ in row.fixes)):
            if part.isVisible():
                assert part.geometry().right() <= row.width()
    row = shown.rows[places(shown).index(LONG)]
    assert row.place.toolTip() == f"Show {LONG} on the canvas"
    assert f"_{BREAK}" not in row.accessibleName()


def test_what_does_not_block_training_says_so(qtbot: QtBot) -> None:
    graph = chain(Input(), Dense(units=1), BINARY).add(Dense(), "lonely")
    shown = open_list(qtbot, graph, planar_facts())
    assert places(shown) == ["lonely"]
    assert shown.summary.text() == "1 problem; the network can be trained all the same"


def test_of_hundreds_the_first_are_shown_and_more_on_demand(qtbot: QtBot) -> None:
    graph = chain(Input(), Dense(units=1), BINARY)
    for n in range(3 * AT_ONCE):
        graph = graph.add(Tanh() if n % 2 else Dense())
    shown = open_list(qtbot, graph, planar_facts())
    document = shown._document
    assert len(document.report.problems) == 3 * AT_ONCE and len(shown.rows) == AT_ONCE
    assert shown.more.text() == f"Show {2 * AT_ONCE} more" and shown.more.isVisible()
    qtbot.mouseClick(shown.more, Qt.MouseButton.LeftButton)
    assert len(shown.rows) == 2 * AT_ONCE and shown.rows[AT_ONCE].hasFocus()
    qtbot.mouseClick(shown.more, Qt.MouseButton.LeftButton)
    assert len(shown.rows) == 3 * AT_ONCE and not shown.more.isVisible()
    assert sorted(places(shown)) == sorted(problem.node for problem in document.report.problems)


def test_rows_are_used_again_and_their_remedies_fit_the_network_of_now(shown: Problems, qtbot: QtBot) -> None:
    document = shown._document
    before = list(shown.rows)
    document.edit(say("Rename"), graph=document.now.graph.rename("conv_1", "edges"))
    assert shown.rows == before
    row = shown.rows[places(shown).index("dense_1")]
    qtbot.mouseClick(row.fixes[0][0], Qt.MouseButton.LeftButton)
    assert Wire("edges", "flatten_1") in document.now.graph.wires


def test_nothing_is_built_while_nobody_looks(qtbot: QtBot) -> None:
    app.application()
    document = Document()
    document.open(Experiment(graph=wrong(), facts=image_facts()))
    hidden = Problems(document)
    qtbot.addWidget(hidden)
    assert hidden.rows == []
    hidden.show()
    assert len(hidden.rows) == len(document.report.problems)
    hidden.hide()
    document.edit(say("Remove"), graph=Graph())
    assert len(hidden.rows) > 1
    hidden.show()
    assert [row.problem for row in hidden.rows] == list(document.report.problems)


def test_a_remedy_that_is_refused_is_told(shown: Problems, qtbot: QtBot) -> None:
    def refuse(graph: Graph) -> Graph:
        raise Refusal(say("{name} has no input", name="x"))

    told: list[object] = []
    shown.refused.connect(told.append)
    row = shown.rows[places(shown).index("dense_1")]
    button, fix = row.fixes[0]
    row.fixes[0] = (button, type(fix)(fix.label, refuse))
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert [str(one) for one in told] == ["x has no input"]


def test_both_languages_are_said(shown: Problems) -> None:
    english = [row.message.text() for row in shown.rows]
    set_language("zh")
    shown.relabel()
    assert all(one != other for one, other in zip(english, [r.message.text() for r in shown.rows], strict=True))
