"""The Analyse table: rows, order, search, copying, saving, the way to the canvas and back, the totals."""

from __future__ import annotations

import csv
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDockWidget, QFileDialog, QToolButton
from pytestqt.qtbot import QtBot

from playground.blocks.activation import Tanh
from playground.blocks.data import Input
from playground.blocks.dense import Dense
from playground.blocks.group import Group, GroupInput, GroupOutput
from playground.costs import headings
from playground.document import Document
from playground.experiment import Experiment
from playground.graph import Graph, Wire
from playground.machine import Room
from playground.presets import open_named
from playground.text import language, say, set_language
from tests.examples import BINARY, chain, planar_facts
from tests.gui.window_fakes import FakeSession
from widgets import app, qt_words, theme
from widgets.analysis_model import MACS, MEMORY, NAME, PARAMETERS, SHAPE
from widgets.analysis_table import AnalysisTable
from widgets.settings import Settings
from widgets.window import Window

Make = Callable[..., AnalysisTable]

ROOMY = Room(10**10, 9 * 10**9)


@pytest.fixture
def make(qtbot: QtBot) -> Make:
    """Show the table of a preset or of a graph."""

    def made(what: str | Graph = "lenet", *, room: Room | None = ROOMY, show: bool = True):
        app.application()
        document = Document()
        if isinstance(what, Graph):
            document.open(Experiment(graph=what, facts=planar_facts()))
        else:
            document.open(*open_named(what))
        table = AnalysisTable(document, FakeSession(document))  # type: ignore[arg-type]
        table._room = lambda: room
        qtbot.addWidget(table)
        table.resize(1100, 400)
        if show:
            table.show()
            with qtbot.waitActive(table):
                table.activateWindow()
        return table

    return made


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Window]]:
    """Open real windows on a session without an engine; their settings outlive them."""
    monkeypatch.setenv("NETWORK_PLAYGROUND_HOME", str(tmp_path / "home"))
    app.application()
    windows: list[Window] = []

    def made() -> Window:
        document = Document()
        document.open(*open_named("lenet"))
        window = Window(document, FakeSession(document), Settings())  # type: ignore[arg-type]
        windows.append(window)
        window.resize(1500, 1000)
        window.show_workspace()
        window.show()
        with qtbot.waitActive(window):
            window.activateWindow()
        qtbot.waitUntil(lambda: window.workspace.panels.ready and bool(window.workspace.panels._layout_key))
        return window

    yield made
    for one in windows:
        one._closing = True
        one.close()
        one.deleteLater()
    qt_words.translate_qt("en")
    theme.APPEARANCE.choose("system")
    qtbot.wait(1)


def column(table: AnalysisTable, at: int) -> list[str]:
    """Return what a column shows, from above."""
    model = table.sifted
    return [model.index(row, at).data() for row in range(model.rowCount())]


def click_header(qtbot: QtBot, table: AnalysisTable, at: int) -> None:
    header = table.table.horizontalHeader()
    place = QPoint(header.sectionViewportPosition(at) + 20, header.height() // 2)
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)


def click_row(qtbot: QtBot, table: AnalysisTable, id: str, keys: Qt.KeyboardModifier | None = None) -> None:
    view = table.table
    row = column(table, NAME).index(id)
    view.scrollTo(table.sifted.index(row, NAME))
    place = view.visualRect(table.sifted.index(row, NAME)).center()
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, keys or Qt.KeyboardModifier.NoModifier, pos=place)


def selected(table: AnalysisTable) -> list[str]:
    return [row.id for row in table.sifted.shown(table.table.chosen())] if table.table.chosen() else []


# -- rows -------------------------------------------------------------------------------------------------------


def test_every_node_has_a_row_in_the_order_of_the_network(make: Make) -> None:
    table = make()
    assert column(table, NAME) == list(table.document.now.graph.order)
    at = column(table, NAME).index("conv_2")
    shown = [table.sifted.index(at, i).data() for i in range(table.sifted.columnCount())]
    assert shown == ["conv_2", "Conv2D", "16 × 10 × 10", "2,416", "240,000", "6.4 kB", "14 × 14"]
    tip = table.sifted.index(at, SHAPE).data(Qt.ItemDataRole.ToolTipRole)
    assert tip == "channels: 16\nheight: 10\nwidth: 10"
    assert table.sifted.index(at, MEMORY).data(Qt.ItemDataRole.ToolTipRole) == "6,400 bytes"


def test_columns_are_sorted_by_number_and_the_third_click_gives_the_networks_order_back(
    make: Make, qtbot: QtBot
) -> None:
    table = make()
    plain = column(table, NAME)
    click_header(qtbot, table, PARAMETERS)
    rising = [int(text.replace(",", "")) for text in column(table, PARAMETERS)]
    assert rising == sorted(rising) and rising[-1] == 48_120
    click_header(qtbot, table, PARAMETERS)
    assert column(table, PARAMETERS)[:3] == ["48,120", "10,164", "2,416"]
    click_header(qtbot, table, PARAMETERS)
    assert column(table, NAME) == plain
    click_header(qtbot, table, MEMORY)
    click_header(qtbot, table, MEMORY)
    assert column(table, MEMORY)[:4] == ["18.8 kB", "18.8 kB", "6.4 kB", "6.4 kB"]  # 480 B comes far below


def test_names_are_sorted_as_people_count(make: Make, qtbot: QtBot) -> None:
    table = make(chain(Input(), *(Dense(units=2) for _ in range(10)), Dense(units=1), BINARY))
    click_header(qtbot, table, NAME)
    assert column(table, NAME)[:11] == [f"dense_{n}" for n in range(1, 12)]


def test_the_search_leaves_names_and_blocks_and_escape_ends_it(make: Make, qtbot: QtBot) -> None:
    table = make()
    table.search.setFocus()
    qtbot.keyClicks(table.search, "dense")
    assert column(table, NAME) == ["dense_1", "dense_2", "dense_3"]
    assert table.said.text() == "3 of 14 nodes"
    qtbot.keyClicks(table.search, " nothing")
    assert table.nothing.isVisible() and "dense nothing" in table.nothing.text()
    assert not table.table.isVisible()
    qtbot.keyClick(table.search, Qt.Key.Key_Escape)
    assert table.search.text() == "" and table.sifted.rowCount() == 14 and table.table.isVisible()
    qtbot.keyClicks(table.search, "CONV2d")
    assert column(table, NAME) == ["conv_1", "conv_2"]


def test_an_empty_network_says_what_would_stand_here(make: Make) -> None:
    table = make(Graph())
    assert table.nothing.isVisible() and "Put blocks on the canvas" in table.nothing.text()
    table.document.edit(say("Add"), graph=chain(Input(), Dense(units=1)))
    assert table.table.isVisible() and column(table, NAME) == ["input_1", "dense_1"]


def test_a_node_with_a_problem_says_which(make: Make) -> None:
    table = make(chain(Input(), Dense(units=1), BINARY).add(Dense(), "lonely"))
    at = column(table, NAME).index("lonely")
    assert table.sifted.index(at, PARAMETERS).data() == "–"
    assert "nothing comes in at x" in table.sifted.index(at, NAME).data(Qt.ItemDataRole.ToolTipRole)
    assert table.sifted.index(at, NAME).data(Qt.ItemDataRole.DecorationRole) is not None
    assert "without 1 node" in table.totals.parameters.detail.accessibleName()


def test_frozen_nodes_are_marked_and_counted_apart(make: Make) -> None:
    table = make()
    table.document.edit(say("Freeze"), graph=table.document.now.graph.mark("dense_1", frozen=True))
    at = column(table, NAME).index("dense_1")
    assert "Frozen" in table.sifted.index(at, PARAMETERS).data(Qt.ItemDataRole.ToolTipRole)
    assert table.totals.parameters.value.text() == "61,706"
    assert table.totals.parameters.detail.accessibleName() == "13,586 trainable, 48,120 frozen"


# -- the way to the canvas and back -----------------------------------------------------------------------------


def test_a_click_or_return_goes_to_the_node_but_gathering_rows_does_not(make: Make, qtbot: QtBot) -> None:
    table = make()
    gone: list[str] = []
    table.placeClicked.connect(gone.append)
    click_row(qtbot, table, "conv_2")
    assert gone == ["conv_2"]
    click_row(qtbot, table, "dense_1", Qt.KeyboardModifier.ControlModifier)
    assert gone == ["conv_2"] and selected(table) == ["conv_2", "dense_1"]
    qtbot.keyClick(table.table, Qt.Key.Key_Down)
    qtbot.keyClick(table.table, Qt.Key.Key_Return)
    assert gone == ["conv_2", "tanh_3"]


def test_from_the_search_return_goes_on_into_the_table(make: Make, qtbot: QtBot) -> None:
    table = make()
    gone: list[str] = []
    table.placeClicked.connect(gone.append)
    table.search.setFocus()
    qtbot.keyClicks(table.search, "pool")
    qtbot.keyClick(table.search, Qt.Key.Key_Return)
    assert table.table.hasFocus() and selected(table) == ["pool_1"]
    qtbot.keyClick(table.table, Qt.Key.Key_Down)
    qtbot.keyClick(table.table, Qt.Key.Key_Return)
    assert gone == ["pool_2"]


def test_the_selection_of_the_canvas_is_followed_in_any_order_and_after_edits(make: Make, qtbot: QtBot) -> None:
    table = make()
    click_header(qtbot, table, MACS)
    table.set_selection(("dense_3", "conv_1"))
    assert set(selected(table)) == {"dense_3", "conv_1"}
    graph = table.document.now.graph
    table.document.edit(say("Remove"), graph=graph.remove_joining("tanh_1"))
    assert set(selected(table)) == {"dense_3", "conv_1"}
    table.set_selection(())
    assert selected(table) == []


def grouped() -> Graph:
    """A group of one Dense, twice."""
    inner = Graph.of(
        {"x": GroupInput(), "dense_1": Dense(units=2), "out": GroupOutput()},
        (Wire("x", "dense_1"), Wire("dense_1", "out")),
    )
    return chain(Input(), Group(graph=inner, repeat=2), Dense(units=1), BINARY)


def test_a_group_that_is_selected_means_what_is_in_it(make: Make) -> None:
    table = make(grouped())
    gone: list[str] = []
    table.placeClicked.connect(gone.append)
    table.set_selection(("group_1",))
    assert selected(table) == ["group_1.1.dense_1", "group_1.2.dense_1"]
    table.table.activated.emit(table.sifted.index(2, 0))
    assert gone == ["group_1.dense_1"]


# -- for other programs -----------------------------------------------------------------------------------------


def test_copying_takes_the_selected_rows_with_their_headings(make: Make, qtbot: QtBot) -> None:
    table = make()
    click_row(qtbot, table, "conv_1")
    click_row(qtbot, table, "dense_1", Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(table.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    lines = [line.split("\t") for line in QGuiApplication.clipboard().text().splitlines()]
    assert lines[0] == headings()
    assert [line[0] for line in lines[1:]] == ["conv_1", "dense_1"]
    assert lines[2] == ["dense_1", "Dense", "120", "features", "48120", "48000", "480", "", ""]
    assert table.said.text() == "2 rows copied"


def test_all_that_is_shown_is_copied_in_the_order_in_which_it_is_shown(make: Make, qtbot: QtBot) -> None:
    table = make()
    click_header(qtbot, table, PARAMETERS)
    click_header(qtbot, table, PARAMETERS)
    table.search.setText("dense")
    qtbot.mouseClick(table.findChild(QToolButton, "copy_all"), Qt.MouseButton.LeftButton)
    lines = QGuiApplication.clipboard().text().splitlines()
    assert [line.split("\t")[0] for line in lines[1:]] == ["dense_1", "dense_2", "dense_3"]


def test_the_table_is_saved_as_csv_under_a_proposed_name(make: Make, qtbot: QtBot, tmp_path: Path) -> None:
    set_language("zh")
    table = make()
    qtbot.mouseClick(table.findChild(QToolButton, "save_csv"), Qt.MouseButton.LeftButton)
    (dialog,) = table.findChildren(QFileDialog)
    assert dialog.selectedFiles()[0].endswith(".csv") and "LeNet" in dialog.selectedFiles()[0]
    dialog.close()
    path = tmp_path / "表.csv"
    table.save(str(path))
    with path.open(encoding="utf-8-sig", newline="") as file:
        back = list(csv.reader(file))
    assert len(back) == 15 and back[0] == headings() and language() == "zh"
    assert sum(int(line[4]) for line in back[1:]) == 61_706


def test_a_file_that_cannot_be_written_is_told(make: Make, tmp_path: Path) -> None:
    table = make()
    told: list[object] = []
    table.refused.connect(told.append)
    table.save(str(tmp_path / "missing" / "a.csv"))
    assert len(told) == 1 and "a.csv" in str(told[0])


# -- totals -----------------------------------------------------------------------------------------------------


def test_the_totals_are_those_of_the_report(make: Make) -> None:
    table = make()
    totals, report = table.totals, table.document.report
    assert totals.parameters.value.text() == f"{report.parameters:,}" == "61,706"
    assert totals.macs.value.text() == f"{report.macs:,}" == "416,520"
    assert (totals.largest.value.text(), totals.largest.detail.accessibleName()) == ("18.8 kB", "conv_1")
    assert totals.memory.value.text() == "about 3.01 MB"
    assert totals.memory.detail.accessibleName() == "9 GB of 10 GB free · CPU"
    tip = totals.memory.toolTip()
    assert "weights: 247 kB" in tip and "AdamW: 494 kB (2 numbers for each weight)" in tip
    assert "activations of 32 examples" in tip and not totals.warning.isVisible()


def test_what_does_not_fit_is_warned_of_with_a_batch_that_does(make: Make) -> None:
    table = make(room=Room(9_000_000, 9_000_000))
    training = table.document.now.training
    assert not table.totals.warning.isVisible()
    table.document.edit(say("Change"), training=training.replace(batch_size=1024))
    assert table.totals.warning.isVisible()
    assert "this machine has 9 MB; make the batch smaller: 32 would fit" in table.totals.warning.text()
    assert table.document.report.problems == ()  # a warning, not a problem
    table.document.undo()
    assert not table.totals.warning.isVisible()


def test_the_memory_is_that_of_the_device_that_was_chosen(make: Make) -> None:
    table = make()
    table.session.device, table.session.device_memory = "cuda:0", 5_000_000
    table.session.stateChanged.emit()
    assert table.totals.memory.detail.accessibleName() == "of 5 MB · CUDA:0"
    assert "CUDA:0 has 5 MB" in table.totals.warning.text() and table.totals.warning.isVisible()
    table.session.device, table.session.device_memory = "cpu", 0
    table.session.stateChanged.emit()
    assert "CPU" in table.totals.memory.detail.accessibleName() and not table.totals.warning.isVisible()


def test_a_machine_that_does_not_tell_its_memory_is_not_compared_with(make: Make) -> None:
    table = make(room=None)
    assert table.totals.memory.detail.accessibleName() == "CPU" and not table.totals.warning.isVisible()


# -- following --------------------------------------------------------------------------------------------------


def test_nothing_is_counted_while_nobody_looks(make: Make, qtbot: QtBot) -> None:
    table = make(show=False)
    assert table.model.rows == ()
    table.show()
    assert len(table.model.rows) == 14
    table.hide()
    before = table.model.rows
    graph = table.document.now.graph
    table.document.edit(say("Change"), graph=graph.configure("conv_1", graph.nodes["conv_1"].block.replace(channels=9)))
    assert table.model.rows is before
    table.show()
    assert column(table, SHAPE)[1] == "9 × 28 × 28"


def test_an_edit_keeps_the_order_the_search_and_the_place(make: Make, qtbot: QtBot) -> None:
    table = make()
    table.search.setText("_1")
    click_header(qtbot, table, PARAMETERS)
    resets: list[int] = []
    table.model.modelReset.connect(lambda: resets.append(1))
    graph = table.document.now.graph
    table.document.edit(say("Change"), graph=graph.configure("dense_1", graph.nodes["dense_1"].block.replace(units=1)))
    assert resets == []
    assert table.search.text() == "_1" and all("_1" in name for name in column(table, NAME))
    numbers = [int(text.replace(",", "")) for text in column(table, PARAMETERS)]
    assert numbers == sorted(numbers) and numbers[-1] == 401


def test_a_thousand_nodes_are_followed_in_a_moment(make: Make, qtbot: QtBot) -> None:
    graph = chain(Input(), *(block for _ in range(500) for block in (Dense(units=3), Tanh())), Dense(units=1), BINARY)
    table = make(graph)
    click_header(qtbot, table, PARAMETERS)
    graph = table.document.now.graph
    changed = graph.configure("dense_1", graph.nodes["dense_1"].block.replace(units=7))
    spent = []
    for name, value in (("Change", changed), ("Back", graph), ("Change", changed)):
        table._report = None
        table.hide()
        table.document.edit(say(name), graph=value)  # type: ignore[arg-type]
        began = time.perf_counter()
        table.show()
        spent.append(time.perf_counter() - began)
    assert len(table.model.rows) == 1003 and column(table, PARAMETERS)[-1] == "24"
    assert min(spent) < 0.4  # 30 ms on a quiet machine


def test_both_languages_are_said_at_once(make: Make) -> None:
    table = make()
    english = [table.sifted.headerData(at, Qt.Orientation.Horizontal) for at in range(7)]
    set_language("zh")
    table.relabel()
    assert table.sifted.headerData(0, Qt.Orientation.Horizontal) == "名称" != english[0]


# -- in the window ----------------------------------------------------------------------------------------------


def test_the_table_is_built_when_it_is_asked_for_and_leads_to_the_canvas(
    window: Callable[..., Window], qtbot: QtBot
) -> None:
    opened = window()
    workspace = opened.workspace
    assert workspace.analysis is None and workspace.docks["analysis"].isHidden()
    qtbot.keyClick(opened, Qt.Key.Key_4, Qt.KeyboardModifier.ControlModifier)
    table = workspace.analysis
    assert table is not None and table.isVisible() and table.tools.isVisible()
    assert opened.actions_by_key["analysis"].isChecked()
    qtbot.waitUntil(lambda: table.width() > 1400)  # a row of its own
    click_row(qtbot, table, "dense_2")
    assert workspace.canvas.selected_ids == ("dense_2",)
    workspace.canvas.select(("conv_1",))
    assert selected(table) == ["conv_1"]
    qtbot.keyClick(opened, Qt.Key.Key_4, Qt.KeyboardModifier.ControlModifier)
    assert not table.isVisible()


def test_the_table_comes_back_where_it_was_but_only_when_asked_for(window: Callable[..., Window], qtbot: QtBot) -> None:
    first = window()
    first.actions_by_key["analysis"].trigger()
    dock: QDockWidget = first.workspace.docks["analysis"]
    first.workspace.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
    first._closing = True
    first.close()
    second = window()
    again = second.workspace.docks["analysis"]
    assert again.isHidden()
    second.actions_by_key["analysis"].trigger()
    assert second.workspace.dockWidgetArea(again) == Qt.DockWidgetArea.RightDockWidgetArea
    assert second.workspace.analysis.isVisible()


def test_the_table_stays_open_when_the_panels_change(window: Callable[..., Window], qtbot: QtBot) -> None:
    opened = window()
    panels = opened.workspace.panels
    key = panels.wanted()[0]
    for _ in range(2):  # the second time there are stored layouts for both sets
        opened.actions_by_key["analysis"].trigger()
        assert opened.workspace.analysis.isVisible()
        for wanted in (False, True):
            before = panels._layout_key
            panels.toggle(key, wanted)
            qtbot.waitUntil(lambda before=before: panels.ready and panels._layout_key != before)
            assert opened.workspace.analysis.isVisible()
        opened.actions_by_key["analysis"].trigger()
        assert not opened.workspace.analysis.isVisible()


def test_the_dock_floats_and_comes_back(window: Callable[..., Window], qtbot: QtBot) -> None:
    opened = window()
    opened.actions_by_key["analysis"].trigger()
    dock = opened.workspace.docks["analysis"]
    button = dock.titleBarWidget().buttons["float"]
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert dock.isFloating() and opened.workspace.analysis.tools.isVisible()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert not dock.isFloating()


def test_a_training_that_runs_is_not_held_against_what_is_free(make: Make) -> None:
    table = make(room=Room(10**10, 1_000_000))
    assert "only 1 MB are free now" in table.totals.warning.text()
    table.session.become("playing")
    assert not table.totals.warning.isVisible()
    table.document.edit(say("Change"), graph=replace(table.document.now.graph))
    assert not table.totals.warning.isVisible()


def test_a_row_of_a_node_in_a_group_leads_into_the_group(window: Callable[..., Window], qtbot: QtBot) -> None:
    opened = window()
    opened.document.open(Experiment(graph=grouped(), facts=planar_facts()))
    opened.actions_by_key["analysis"].trigger()
    table, canvas = opened.workspace.analysis, opened.workspace.canvas
    canvas.select(("group_1",))
    assert selected(table) == ["group_1.1.dense_1", "group_1.2.dense_1"]
    table.set_selection(())
    click_row(qtbot, table, "group_1.2.dense_1")
    assert canvas.sheet.level == "group_1" and canvas.selected_ids == ("dense_1",)
    assert selected(table) == ["group_1.1.dense_1", "group_1.2.dense_1"]  # one node, drawn once
    click_row(qtbot, table, "dense_1")
    assert canvas.sheet.level == "" and canvas.selected_ids == ("dense_1",)
