"""The whole path of a person through the program: real window, real engine, real mouse and keyboard events."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton

from playground import files
from playground.environment import ROOT
from playground.graph import Wire
from playground.text import language
from tests.gui.driving import (
    CONTROL,
    LEFT,
    SHIFT,
    activate,
    banner,
    bare,
    button,
    choose_file,
    click,
    click_card,
    drop_block,
    frames_of,
    fresh,
    key,
    losses,
    on_wire,
    opened,
    pause,
    play_until,
    ready,
    type_into,
    until,
    watched_by,
)
from widgets import theme
from widgets.window import Window


@pytest.fixture(scope="module")
def window(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Window]:
    """One window with its engine for all tests here; each opens its own document in it."""
    with opened(tmp_path_factory.mktemp("home")) as made:
        yield made


def panel(window: Window, key: str):
    return window.workspace.panels.docks[key].panel


def test_xor_from_the_start_page_to_a_saved_file_and_back(window: Window, tmp_path: Path) -> None:
    window.show_start()
    QTest.mouseClick(window.start.cards["xor"], LEFT)
    ready(window)
    document, session, canvas = window.document, window.session, window.workspace.canvas
    assert session.step == 0
    until(lambda: panel(window, "boundary").filled)  # it shows what the untrained network answers

    before = panel(window, "boundary").answer
    play_until(window, 200)
    until(lambda: session.history.latest("validation", "accuracy") is not None)
    until(lambda: panel(window, "boundary").answer.step > before.step)
    until(lambda: panel(window, "gradients").filled)
    pause(window)
    assert session.state == "paused"
    until(lambda: panel(window, "boundary").answer.step == session.step)
    assert len(losses(session)) == session.step
    assert_panels_show_the_run(window)

    click_card(window, "dense_1")
    graph = document.now.graph
    field = window.workspace.inspector.node_page.form.rows["units"].field
    type_into(field, "6")
    assert document.now.graph.nodes["dense_1"].block.units == 6
    key(window, Qt.Key.Key_Z, CONTROL)
    assert document.now.graph == graph
    assert field.lineEdit().text() == "4"

    wire = Wire("dense_2", "tanh_2")
    drop_block(canvas, "Dropout", on_wire(canvas, wire))
    assert {Wire("dense_2", "dropout_1"), Wire("dropout_1", "tanh_2")} <= set(document.now.graph.wires)
    assert canvas.selected_ids == ("dropout_1",)
    until(lambda: session.history.marks and str(session.history.marks[-1][1]) == "Insert Dropout")
    click_card(window, "dropout_1")
    activate(window)
    QTest.keyClick(canvas, Qt.Key.Key_Delete, SHIFT)
    assert set(document.now.graph.wires) == set(graph.wires)

    path = tmp_path / "my xor.json"
    key(window, Qt.Key.Key_S, CONTROL)
    choose_file(window, path)
    until(path.exists)
    saved = document.now
    assert document.path == path
    assert not document.dirty
    assert window.windowTitle().startswith(document.name)
    window.show_start()
    click(next(one for one in window.start.recent_buttons if one.property("path") == str(path)))
    ready(window)
    assert document.now == saved
    assert document.path == path
    assert files.read(path) == saved
    assert (session.step, session.history.loss.size) == (0, 0), "a document that is opened begins anew"


def assert_panels_show_the_run(window: Window) -> None:
    """What stands in the plot items is what the session heard."""
    history = window.session.history
    until(lambda: len(panel(window, "loss").raw.getOriginalDataset()[0]) == history.loss.size)
    steps, values = panel(window, "loss").raw.getOriginalDataset()
    assert np.array_equal(steps, history.loss.steps)
    assert np.array_equal(values, history.loss.values)
    accuracy = history.evaluations["validation", "accuracy"]
    assert np.array_equal(panel(window, "accuracy").lines["validation"].getOriginalDataset()[1], accuracy.values)
    boundary = panel(window, "boundary")
    assert boundary.view.image.image.shape[2] == 4
    assert len(boundary.view.points["train"].data) == window.document.now.facts.counts["train"]
    assert len(boundary.view.points["validation"].data) == window.document.now.facts.counts["validation"]
    assert boundary.answer.step == window.session.step


def test_a_saved_file_is_opened_by_its_dialog(window: Window, tmp_path: Path) -> None:
    fresh(window, "perceptron-fails")
    path = tmp_path / "copy.json"
    key(window, Qt.Key.Key_S, CONTROL)
    choose_file(window, path)
    until(path.exists)
    copy = window.document.now
    fresh(window, "xor")
    key(window, Qt.Key.Key_O, CONTROL)
    choose_file(window, path)
    ready(window)
    assert window.document.now == copy
    assert banner(window) == ""


def test_lenet_shows_the_maps_of_whatever_node_is_watched(window: Window) -> None:
    fresh(window, "lenet")
    maps = panel(window, "feature_maps")
    until(lambda: maps.filled and maps.answer.node == "conv_1")
    assert maps.answer.maps.shape == (6, 28, 28)
    play_until(window, 20)
    until(lambda: maps.answer.step >= 10)
    until(lambda: any(card.live for card in window.workspace.canvas.stage.cards.values()))
    click_card(window, "conv_2")
    click(button(window.workspace.inspector, "watch_feature_maps"))
    until(lambda: maps.answer is not None and maps.answer.node == "conv_2")
    pause(window)
    assert maps.answer.maps.shape == (16, 10, 10)
    assert maps.mosaic.image.image.size > 16 * 10 * 10
    assert window.workspace.panels.docks["feature_maps"].bar.detail.text() == "conv_2"
    confusion = panel(window, "confusion")
    until(lambda: confusion.filled and confusion.answer.step == window.session.step)
    assert int(confusion.answer.counts.sum()) == window.document.now.facts.counts["validation"]


def test_language_and_theme_change_everything_that_is_seen(window: Window) -> None:
    fresh(window, "xor")
    click_card(window, "dense_1")
    play_until(window, 20)
    click(button(window.run_bar, "language"))
    assert language() == "zh"
    docks, page = window.workspace.panels.docks, window.workspace.inspector.node_page
    until(lambda: docks["loss"].bar.title.text() == "损失")
    assert docks["boundary"].windowTitle() == "决策边界"
    assert window.run_bar.buttons["play"].accessibleName().startswith("暂停")
    assert window.run_bar.name.text() == "用隐藏层解决异或"
    assert "单元" in page.form.rows["units"].label.text() or page.form.rows["units"].label.text() != "Units"
    assert window.workspace.canvas.accessibleName() == "网络画布"
    click(button(window.run_bar, "language"))
    assert language() == "en"
    until(lambda: docks["loss"].bar.title.text() == "Loss")
    for choice in ("light", "dark"):
        window.choose_theme(choice)
        assert theme.current().name == choice
        shown = window.grab().toImage()
        bar = window.run_bar.mapTo(window, window.run_bar.rect().topLeft())
        assert shown.pixelColor(bar.x() + 2, bar.y() + 2).name() == theme.current().panel.lower()
    pause(window)


def test_a_hidden_panel_is_not_measured(window: Window) -> None:
    fresh(window, "xor")
    session, dock = window.session, window.workspace.panels.docks["boundary"]
    session.set_pace(100)
    with watched_by(session) as orders, frames_of(session) as frames:
        play_until(window, 5)
        until(lambda: any("boundary" in frame.answers for frame in frames))
        click(dock.findChild(QToolButton, "panel_boundary_close"))
        assert dock.isHidden()
        assert "boundary" not in orders[-1]
        assert "gradients" in orders[-1]
        seen = session.step
        until(lambda: session.step > seen + 20)  # what was under way has arrived
        frames.clear()
        until(lambda: len(frames) > 3)
        assert not any("boundary" in frame.answers for frame in frames)

        window.show_start()
        assert orders[-1] == set()
        seen = session.step
        until(lambda: session.step > seen + 20)
        frames.clear()
        seen = session.step
        until(lambda: session.step > seen + 20)
        assert frames == [], "nobody looks, so nothing is measured"
        window.show_workspace()
        until(lambda: any("gradients" in frame.answers for frame in frames))
    pause(window)


def test_a_panel_that_was_closed_is_there_again_when_the_preset_is(window: Window) -> None:
    fresh(window, "xor")
    dock = window.workspace.panels.docks["boundary"]
    for _ in range(2):
        click(dock.findChild(QToolButton, "panel_boundary_close"))
        assert "boundary" not in window.document.now.view.panels
        fresh(window, "lenet")
        fresh(window, "xor")
        until(lambda: "boundary" in window.session._watched)
        assert dock.isVisible()
        assert "boundary" in window.document.now.view.panels


@pytest.mark.parametrize(("preset", "steps"), [("xor", 1000), ("lenet", 40)])
def test_the_watched_run_is_bit_for_bit_the_run_of_trainer_and_command_line(
    window: Window, preset: str, steps: int
) -> None:
    command = [sys.executable, "main.py", "train", preset, "--steps", "20", "--json", "--device", "cpu"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as program:
        fresh(window, preset)
        window.session.set_device("cpu")
        with frames_of(window.session) as frames:
            play_until(window, steps)
            pause(window)
        told, wrong = program.communicate(timeout=60)
    docks = window.workspace.panels.docks
    assert program.returncode == 0, wrong
    watched = losses(window.session)
    assert all(dock.isVisible() for key, dock in docks.items() if key in window.workspace.panels.wanted())
    assert {name for frame in frames for name in frame.answers} == set(window.session._watched)
    assert len(window.session._watched) >= 3
    assert watched == bare(preset, len(watched))
    assert json.loads(told)["losses"] == watched[:20]


def test_no_torch_comes_into_the_process_of_the_window(tmp_path: Path) -> None:
    script = f"""
import sys
from pathlib import Path
from tests.gui.driving import close, open_window, pause, play_until, ready
window = ready(open_window(Path({str(tmp_path)!r}), "lenet"))
play_until(window, 10)
pause(window)
loaded = {{name.split(".")[0] for name in sys.modules}}
print(len(window.workspace.panels.docks), loaded & {{"torch", "sklearn", "scipy"}})
close(window)
"""
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100, check=False)
    assert done.stdout.strip() == "5 set()", done.stderr
