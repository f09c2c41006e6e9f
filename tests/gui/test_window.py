from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMessageBox, QToolButton
from pytestqt.qtbot import QtBot

from playground.experiment import Words
from playground.files import read, write
from playground.messages import Failed
from playground.presets import open_named
from playground.text import language, say
from widgets import app, theme
from widgets.history import Curve
from widgets.settings import Settings
from widgets.window import Window

Make = Callable[..., Window]


@pytest.fixture
def make(qtbot: QtBot, open_window: Make) -> Make:
    """Open real windows on a session without an engine, their panels built."""

    def made(name: str = "xor", *, panels: bool = True) -> Window:
        window = open_window(name, size=(1500, 940), look="")
        if name and panels:
            qtbot.waitUntil(lambda: window.workspace is not None and window.workspace.panels.ready)
            qtbot.wait(20)
        return window

    return made


def click(qtbot: QtBot, window: Window, name: str) -> None:
    qtbot.mouseClick(window.findChild(QToolButton, name), Qt.MouseButton.LeftButton)


def test_play_becomes_pause_and_f5_works_anywhere(make: Make, qtbot: QtBot) -> None:
    window = make()
    click(qtbot, window, "play")
    assert window.session.state == "playing"
    assert window.run_bar.buttons["play"].accessibleName().startswith("Pause")
    qtbot.keyClick(window, Qt.Key.Key_F5)
    assert window.session.state == "paused"
    assert window.session.asked == ["play", "pause"]


def test_space_plays_wherever_the_focus_is_on_the_run_bar(make: Make, qtbot: QtBot) -> None:
    window = make()
    qtbot.keyClick(window.run_bar, Qt.Key.Key_Space)
    assert window.session.asked == ["play"]


def test_the_transport_orders_what_its_buttons_say(make: Make, qtbot: QtBot) -> None:
    window = make()
    click(qtbot, window, "step")
    qtbot.waitUntil(lambda: window.run_bar.steps.text() == "step 1")
    window.session.become("paused")
    click(qtbot, window, "stop")
    click(qtbot, window, "reset")
    click(qtbot, window, "evaluate")
    assert window.session.asked == ["step", "stop", "reset", "test"]


def test_the_run_bar_shows_numbers_a_person_can_read(make: Make, qtbot: QtBot) -> None:
    window = make()
    session = window.session
    session.step, session.samples_per_second, session.seconds_left = 61, 2874.3, 78.0
    session.history.evaluations["validation", "accuracy"] = Curve()
    session.history.evaluations["validation", "accuracy"].extend(np.array([61.0]), np.array([0.9721]))
    session.become("playing")
    bar = window.run_bar
    assert bar.epoch.text() == "epoch 7 / 20"
    assert bar.speed.text() == "2,870 samples/s"
    assert bar.left_time.text() == "01:18 left"
    assert bar.result.text() == "val 0.972"
    assert bar.device.text() == "CPU · 1 thread"


def test_numbers_change_at_most_five_times_a_second(make: Make, qtbot: QtBot) -> None:
    window = make()
    session, label = window.session, window.run_bar.steps
    session.become("playing")
    seen = set()
    for step in range(1, 30):
        session.step = step
        session.progressed.emit()
        qtbot.wait(10)
        seen.add(label.text())
    assert len(seen) <= 4
    qtbot.waitUntil(lambda: label.text() == "step 29")


def test_the_pace_is_chosen_from_a_menu(make: Make, qtbot: QtBot) -> None:
    window = make()
    menu = window.run_bar.pace_button.menu()
    menu.aboutToShow.emit()
    next(action for action in menu.actions() if action.data() == 5).trigger()
    assert window.session.pace == 5
    assert window.run_bar.pace_button.text() == "5 steps/s"


def test_the_device_menu_lists_what_the_engine_found(make: Make) -> None:
    window = make()
    menu = window.run_bar.device.menu()
    menu.aboutToShow.emit()
    assert [action.text() for action in menu.actions()[:3]] == ["Automatic", "CPU", "CUDA:0"]
    menu.actions()[2].trigger()
    assert window.session.asked == [("device", "cuda:0")]


def test_the_learning_rate_is_changed_while_it_runs(make: Make, qtbot: QtBot) -> None:
    window = make()
    field = window.run_bar.rate
    field.setFocus()
    field.lineEdit().selectAll()
    qtbot.keyClicks(field, "1e-3")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert window.session.asked == [("rate", 0.001)]


def test_undo_is_named_after_what_it_takes_back(make: Make, qtbot: QtBot) -> None:
    window = make()
    before = window.document.now.graph
    window.document.edit(say("Connect"), graph=before.remove(["tanh_1"]))
    assert window.actions_by_key["undo"].text() == "Undo Connect"
    qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert window.document.now.graph == before
    assert window.actions_by_key["redo"].text() == "Redo Connect"
    modifiers = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(window, Qt.Key.Key_Z, modifiers)
    assert "tanh_1" not in window.document.now.graph


def test_a_double_click_in_the_palette_adds_a_node(make: Make, qtbot: QtBot) -> None:
    window = make()
    blocks = window.workspace.palette_widget.list
    item = next(blocks.item(row) for row in range(blocks.count()) if blocks.item(row).text() == "Dropout")
    blocks.scrollToItem(item)
    where = blocks.visualItemRect(item).center()
    qtbot.mouseClick(blocks.viewport(), Qt.MouseButton.LeftButton, pos=where)
    qtbot.mouseDClick(blocks.viewport(), Qt.MouseButton.LeftButton, pos=where)
    assert [id for id in window.document.now.graph.nodes if id.startswith("dropout")] == ["dropout_1"]


def test_choosing_a_node_shows_it_in_the_inspector(make: Make) -> None:
    window = make()
    window.workspace.canvas.select(("dense_1",))
    page = window.workspace.inspector.node_page
    assert window.workspace.inspector.currentIndex() == 1
    assert page.name.text() == "dense_1"


def test_a_renamed_node_stays_chosen(make: Make, qtbot: QtBot) -> None:
    window = make()
    window.workspace.canvas.select(("dense_1",))
    field = window.workspace.inspector.node_page.name
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, "hidden")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert "hidden" in window.document.now.graph
    assert window.workspace.inspector.ids == ("hidden",)
    assert window.workspace.inspector.node_page.name.text() == "hidden"


def test_only_visible_panels_are_measured(make: Make, qtbot: QtBot) -> None:
    window = make("lenet")
    session, row = window.session, window.workspace.panels
    assert "feature_maps" in session.watched
    row.docks["feature_maps"].close()
    qtbot.wait(10)
    assert "feature_maps" not in session.watched
    assert "feature_maps" not in window.document.now.view.panels
    assert not window.document.dirty, "opening and closing a panel is no change to be saved"
    window.show_start()
    assert session.watched == {}
    window.show_workspace()
    assert "confusion" in session.watched


def test_watch_here_opens_the_panel_at_the_node(make: Make, qtbot: QtBot) -> None:
    window = make("lenet")
    row = window.workspace.panels
    row.toggle("feature_maps", False)
    qtbot.wait(20)
    window.workspace.canvas.select(("conv_2",))
    button = window.workspace.inspector.node_page.buttons["feature_maps"]
    button.click()
    qtbot.waitUntil(lambda: row.docks["feature_maps"].isVisible() and row.docks["feature_maps"].panel.node == "conv_2")


def test_the_layout_of_a_set_of_panels_is_remembered(make: Make, qtbot: QtBot) -> None:
    window = make("xor")
    window._closing = True
    window.close()
    layouts = Settings().get("layouts", {})
    assert list(layouts) == [",".join(sorted(window.workspace.panels.wanted()))]


def test_every_language_and_theme_can_be_chosen_at_run_time(make: Make, qtbot: QtBot) -> None:
    window = make()
    click(qtbot, window, "language")
    assert language() == "zh"
    qtbot.waitUntil(lambda: window.run_bar.language.text() == "中文")
    assert window.actions_by_key["save"].text() == "保存"
    qtbot.waitUntil(lambda: window.workspace.palette_widget.list.item(0).text() == "数据")
    click(qtbot, window, "language")
    assert language() == "en"
    qtbot.waitUntil(lambda: window.workspace.palette_widget.list.item(0).text() == "Data")
    window.choose_theme("light")
    assert theme.current().name == "light"
    window.choose_theme("dark")
    assert theme.current().name == "dark"
    assert Settings().get("theme", "") == "dark"


def test_unsaved_work_is_asked_about_and_kept_on_cancel(make: Make, qtbot: QtBot) -> None:
    window = make()
    window.document.edit(say("Change the title"), title=Words("Mine"))
    window.close()
    assert window.isVisible()
    box = window.filing.question
    assert isinstance(box, QMessageBox)
    qtbot.mouseClick(box.button(QMessageBox.StandardButton.Cancel), Qt.MouseButton.LeftButton)
    assert window.isVisible()
    assert window.document.dirty


def test_saving_before_closing_writes_the_file(make: Make, qtbot: QtBot, tmp_path: Path) -> None:
    window = make()
    path = tmp_path / "mine.json"
    window.filing.save_to(path)
    window.document.edit(say("Change the title"), title=Words("Mine"))
    window.close()
    save = window.filing.question.button(QMessageBox.StandardButton.Save)
    qtbot.mouseClick(save, Qt.MouseButton.LeftButton)
    assert str(read(path).title) == "Mine"
    assert not window.isVisible()
    assert "close" in window.session.asked


def test_a_file_that_cannot_be_read_leaves_what_is_open(make: Make, tmp_path: Path) -> None:
    window = make()
    before = window.document.now
    bad = tmp_path / "bad.json"
    bad.write_text('{"format": "network-playground", "version": 1, "graph": {"nodes": [{"id"', encoding="utf-8")
    window.filing.open_path(str(bad))
    assert window.document.now is before
    assert window.banner.isVisible()
    assert "bad.json" in window.banner.text.text()
    window.banner.cross.click()
    assert not window.banner.isVisible()


def test_opening_another_file_replaces_document_and_panels(make: Make, qtbot: QtBot, tmp_path: Path) -> None:
    window = make("xor")
    path = tmp_path / "lenet-copy.json"
    write(open_named("lenet")[0], path)
    window.filing.open_path(str(path))
    assert window.document.path == path
    row = window.workspace.panels
    qtbot.waitUntil(lambda: row.ready and row.docks.get("confusion") is not None)
    assert row.docks["boundary"].isHidden()
    assert Settings().recent() == [path]


def test_a_preset_of_ones_own_is_listed_beside_the_others(make: Make, qtbot: QtBot) -> None:
    window = make("xor")
    window.actions_by_key["save_preset"].trigger()
    dialog = window.findChild(object, "preset_dialog")
    dialog.title.selectAll()
    qtbot.keyClicks(dialog.title, "My own XOR")
    assert dialog.name.text() == "my-own-xor"
    qtbot.keyClick(dialog.title, Qt.Key.Key_Return)
    window.show_start()
    assert {"xor", "my-own-xor"} <= set(window.start.cards)


def test_a_failure_stands_at_its_node_or_in_the_banner(make: Make) -> None:
    window = make()
    window.session.failed.emit(Failed(1, "dense_1", say("It broke")))
    assert not window.banner.isVisible()
    window.session.failed.emit(Failed(1, "", say("It broke")))
    assert window.banner.text.text() == "It broke"


def test_a_lost_engine_offers_the_last_checkpoint(make: Make) -> None:
    window = make()
    window.session.can_resume = True
    window.session.engineLost.emit(say("It is gone"))
    assert window.banner.button.text() == "Go on from the last checkpoint"
    window.banner.button.click()
    assert window.session.asked == ["resume"]
    assert not window.banner.isVisible()


def test_a_step_that_hangs_is_said_so(make: Make) -> None:
    window = make()
    window.session.hangs = True
    window._on_hang_timeout()
    window.banner.button.click()
    assert window.session.asked == ["force_stop"]


def test_a_failure_inside_the_program_is_told_once_and_ends_nothing(
    make: Make, qtbot: QtBot, capsys: pytest.CaptureFixture[str]
) -> None:
    window = make(panels=False)
    guard = app.Guard(window)
    for _ in range(3):
        try:
            raise ValueError("oops")
        except ValueError as error:
            guard(type(error), error, error.__traceback__)
    qtbot.waitUntil(window.banner.isVisible)
    assert "oops" in window.banner.text.text()
    assert len(guard._told) == 1
    assert "ValueError: oops" in capsys.readouterr().err


def test_problems_lead_to_their_node_and_offer_the_remedy(make: Make, qtbot: QtBot) -> None:
    window = make("xor")
    graph = window.document.now.graph
    window.document.edit(say("Change"), graph=graph.configure("dense_3", graph.nodes["dense_3"].block.replace(units=3)))
    window.actions_by_key["problems"].trigger()
    problems = window.workspace.problems
    assert problems.isVisible()
    assert len(problems.rows) == 1
    problems.rows[0].placeClicked.emit("output_1")
    assert window.workspace.inspector.ids == ("output_1",)
    problems.rows[0].fixes[0][0].click()
    assert window.document.report.problems == ()
    assert problems.nothing.isVisible()


def test_every_control_has_an_accessible_name_and_every_icon_a_tooltip(make: Make) -> None:
    window = make("lenet")
    for button in window.run_bar.findChildren(QToolButton):
        assert button.accessibleName(), button.objectName()
        assert button.toolTip(), button.objectName()
        assert button.objectName()


@pytest.mark.parametrize("size", [(1280, 800), (1500, 940)])
def test_nothing_on_the_run_bar_is_cut_off(make: Make, size: tuple[int, int]) -> None:
    window = make(panels=False)
    window.document.edit(say("Change the title"), title=Words("A very long name for such a small network " * 3))
    window.session.step, window.session.samples_per_second, window.session.seconds_left = 161, 2870.0, 18.0
    window.session.become("playing")
    window.resize(*size)
    window.grab()
    bar = window.run_bar
    for widget in (
        bar.buttons["play"],
        bar.rate,
        bar.epoch,
        bar.steps,
        bar.speed,
        bar.left_time,
        bar.device,
        bar.theme,
    ):
        corner = widget.mapTo(bar, QPoint(widget.width(), 0))
        assert corner.x() <= bar.width(), widget.objectName()
        assert widget.width() >= widget.minimumSizeHint().width(), widget.objectName()
