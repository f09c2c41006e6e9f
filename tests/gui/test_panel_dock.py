"""Panels as windows: filling the workspace and back, tabs, floating, help, and what can be taken out of them."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QMainWindow, QToolButton

from playground.experiment import View
from playground.messages import Failed, Frame
from playground.presets import open_named
from playground.text import LANGUAGES, Sentence, say, set_language
from playground.tidy import as_csv, tidy
from tests.gui.fake_session import FakeSession
from tests.gui.test_panels_fitting import line
from widgets import panel_files, theme
from widgets.docks import PanelRow
from widgets.help_card import HelpCard
from widgets.panel_dock import PanelDock
from widgets.panels import PANELS, load_panels
from widgets.settings import Settings

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def row(qtbot, tmp_path):
    """Three panels in a window with nothing else but a field in the middle; it tells what it is told."""
    theme.APPEARANCE.choose("dark")
    session = FakeSession(
        replace(open_named("regression-1d")[0], view=View(panels=("regression", "examples", "loss_surface")))
    )
    host = QMainWindow()
    host.setCentralWidget(QLineEdit())
    panels = PanelRow(host, session.document, session, Settings(tmp_path / "settings"))
    panels.kept = session
    panels.said = []
    panels.told.connect(panels.said.append)
    qtbot.addWidget(host)
    host.resize(1000, 640)
    host.show()
    with qtbot.waitActive(host):
        host.activateWindow()
    panels.load()
    qtbot.waitUntil(lambda: panels.ready and panels.docks["loss_surface"].isVisible())
    QApplication.processEvents()
    yield panels
    set_language("en")


def fit(panels, step=1):
    """Let the network answer."""
    answer = line(step=step)
    panels.session.frameArrived.emit(Frame(1, step, {"regression": answer}))
    return answer


def places(panels):
    """Say where everything is."""
    return {name: dock.geometry() for name, dock in panels.docks.items()}, panels.host.centralWidget().geometry()


def button(dock, key):
    return dock.bar.buttons[key]


def choose(dock, key):
    """Choose something from the menu of a dock."""
    menu = dock.menu()
    found = menu.findChildren(type(menu.actions()[0]), key)[0]
    found.trigger()
    menu.close()


# -- filling the workspace -----------------------------------------------------------------------------------------


def test_a_double_click_on_the_title_fills_the_workspace_and_escape_gives_everything_its_place_back(row, qtbot):
    panels = row
    dock, before = panels.docks["regression"], places(panels)
    state = panels.host.saveState()
    qtbot.mouseDClick(dock.bar, LEFT, pos=QPoint(40, 12))
    assert panels.maximised == "regression" and not dock.isFloating()
    assert dock.panel.width() == panels.host.width() and dock.panel.height() > panels.host.height() - 60
    assert dock.panel.isVisible() and dock.bar.mapTo(panels.host, QPoint(0, 0)) == QPoint(0, 0)
    qtbot.keyClick(panels.host.focusWidget(), Qt.Key.Key_Escape)
    assert panels.maximised == "" and dock.isAncestorOf(dock.panel)
    QApplication.processEvents()
    assert places(panels) == before and panels.host.saveState() == state


def test_tab_goes_through_what_is_seen_and_never_beneath_it(row, qtbot):
    panels = row
    button(panels.docks["examples"], "help").setFocus()
    panels.toggle_maximised()
    assert panels.maximised == "examples", "it takes the one that has the keys"
    seen = set()
    for _ in range(20):
        qtbot.keyClick(panels.host.focusWidget(), Qt.Key.Key_Tab)
        seen.add(panels.host.focusWidget())
        assert panels.stage.isAncestorOf(panels.host.focusWidget())
    assert len(seen) > 3
    panels.toggle_maximised()
    assert panels.maximised == ""


def test_only_what_is_seen_is_measured_and_drawn_while_one_panel_fills_the_workspace(row):
    panels = row

    def watched():
        return {key for key, probe in panels.session.watched.items() if probe is not None}

    assert watched() == {"regression", "examples", "loss_surface"}
    panels.toggle_maximised("regression")
    assert watched() == {"regression"}
    answer = line()
    panels.session.frameArrived.emit(Frame(1, 5, {"regression": answer, "examples": object()}))  # which none could draw
    assert panels.docks["regression"].panel.answer is answer
    panels.uncover()
    assert watched() == {"regression", "examples", "loss_surface"}


def test_it_stays_as_large_as_the_window(row):
    panels = row
    panels.toggle_maximised("regression")
    panels.host.resize(800, 700)
    QApplication.processEvents()
    assert panels.stage.size() == panels.host.size()


def test_what_cannot_be_seen_beneath_it_brings_the_layout_back(row):
    panels = row
    for what in (
        lambda: panels.watch("examples", ""),
        lambda: panels.session.failed.emit(Failed(1, "dense_1", say("it broke"), "")),
        lambda: panels.toggle("loss_surface", False),
        panels.docks["regression"].close,
    ):
        panels.toggle_maximised("regression")
        assert panels.maximised == "regression"
        what()
        assert panels.maximised == "" and not any(dock.panel.covered for dock in panels.docks.values())
    assert "regression" not in panels.document.now.view.panels and panels.docks["regression"].isHidden()


def test_in_the_window_keys_fill_it_and_its_docks_bring_the_canvas_back(open_window, qtbot):
    window = open_window("xor", size=(1280, 800))
    panels = window.workspace.panels
    window.document.note(view=replace(window.document.now.view, panels=("loss",)))
    panels.load()
    qtbot.waitUntil(lambda: panels.ready and panels.docks["loss"].isVisible())
    qtbot.keyClick(window, Qt.Key.Key_F11)
    assert panels.maximised == "loss" and "strip" not in window.session.watched
    qtbot.keyClick(window, Qt.Key.Key_F1, Qt.KeyboardModifier.ShiftModifier)
    (card,) = window.findChildren(HelpCard)
    assert card.isVisible()
    card.close()
    window.actions_by_key["problems"].trigger()
    assert panels.maximised == "" and "strip" in window.session.watched
    panels.docks["loss"].copy_numbers()
    assert "Loss shows no numbers yet" in str(window.workspace.banner.sentence)
    seen = set(window.session.watched)
    window.show_start()
    window.show_workspace()
    qtbot.waitUntil(lambda: panels.docks["loss"].panel.seen)
    assert set(window.session.watched) == seen


def test_a_floating_panel_fills_its_screen_and_is_as_it_was_again(row, qtbot):
    panels = row
    dock = panels.docks["regression"]
    choose(dock, "float")
    assert dock.isFloating()
    dock.setGeometry(60, 60, 400, 300)
    dock.toggle_maximised()
    assert dock.geometry() == dock.screen().availableGeometry() and panels.maximised == ""
    dock.activateWindow()
    button(dock, "help").setFocus()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is button(dock, "help"))
    qtbot.keyClick(button(dock, "help"), Qt.Key.Key_Escape)
    assert (dock.width(), dock.height()) == (400, 300) and dock.isFloating()
    choose(dock, "float")
    assert not dock.isFloating()


def test_a_panel_is_put_into_a_tab_with_another_from_the_menu(row, qtbot):
    panels = row
    front, behind = panels.docks["regression"], panels.docks["examples"]
    menu = front.menu()
    (tabs,) = [one for one in menu.actions() if one.menu() is not None]
    (found,) = [one for one in tabs.menu().actions() if one.data() == "examples"]
    found.trigger()
    menu.close()
    assert behind in panels.host.tabifiedDockWidgets(front)
    QApplication.processEvents()
    qtbot.waitUntil(lambda: front.panel.seen and not behind.panel.seen)
    assert panels.session.watched["examples"] is None, "what lies behind costs nothing"
    choose(front, "close")
    qtbot.waitUntil(lambda: behind.panel.seen)
    assert panels.session.watched["examples"] is not None


# -- help ----------------------------------------------------------------------------------------------------------


def test_what_has_no_room_in_the_row_stands_behind_a_tab_and_comes_forward_when_it_is_asked_for(row, qtbot):
    panels, host = row, row.host
    assert not any(host.tabifiedDockWidgets(dock) for dock in panels.docks.values()), "three fit into 1,000 pixels"
    panels.toggle("loss", True)
    qtbot.waitUntil(lambda: "loss" in panels.docks and panels.ready)
    loss, last = panels.docks["loss"], panels.docks["loss_surface"]
    assert host.tabifiedDockWidgets(loss) == [last]
    qtbot.waitUntil(lambda: loss.panel.seen and not last.panel.seen)
    assert all(panels.docks[key].panel.seen for key in ("regression", "examples"))
    panels.spread()
    qtbot.waitUntil(lambda: all(dock.panel.seen for dock in panels.docks.values()))
    lefts = [panels.docks[key].x() for key in panels.wanted()]
    assert lefts == sorted(lefts), "side by side, in their order"


def test_help_stays_until_it_is_put_away_and_can_be_reached_by_keys(row, qtbot):
    panels = row
    button(panels.docks["examples"], "help").setFocus()
    qtbot.keyClick(panels.host.focusWidget(), Qt.Key.Key_Space)
    (card,) = panels.host.findChildren(HelpCard)
    assert card.isVisible() and card.text.text() == str(Sentence(PANELS["examples"].help))
    assert card.text.height() >= card.text.heightForWidth(card.text.width())
    QTest.keyClick(card, Qt.Key.Key_Escape)
    assert not card.isVisible()


def sentences(text):
    return [one for one in re.split(r"(?<=[.!?])\s+|(?<=[。！？])", text) if one.strip()]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_panel_says_in_two_to_six_sentences_what_it_shows(language):
    load_panels()
    set_language(language)
    try:
        for key, kind in PANELS.items():
            text = str(Sentence(kind.help))
            assert 2 <= len(sentences(text)) <= 6 and len(text) > 40, key
            assert text.rstrip()[-1] in ".。?？" and str(Sentence(kind.title)), key
    finally:
        set_language("en")


# -- taking things out ---------------------------------------------------------------------------------------------


def test_the_picture_is_as_sharp_again_as_the_screen_with_its_title_and_legend(row, tmp_path):
    panels = row
    fit(panels)
    panel = panels.docks["regression"].panel
    before = panel.fit.opts["pen"].widthF()
    panel_files.save_picture(panel, tmp_path / "loss.png")
    image = QImage(str(tmp_path / "loss.png"))
    times = 2 * panel.devicePixelRatioF()
    assert image.width() == times * panel.width() and image.height() > times * panel.height()
    assert image.text("Title") == str(Sentence(PANELS["regression"].title))
    colours = {QColor(image.pixel(x, y)).name() for x in range(image.width()) for y in range(0, image.height(), 3)}
    assert len(colours) > 20, "there is something in it"
    assert panel.fit.opts["pen"].widthF() == before, "and the panel is as it was"


def test_a_drawing_is_made_of_lines_and_letters(row, tmp_path):
    panels = row
    answer = fit(panels)
    panel_files.save_picture(panels.docks["regression"].panel, tmp_path / "loss.svg")
    root = ElementTree.fromstring((tmp_path / "loss.svg").read_text(encoding="utf-8"))
    drawn = {tag: list(root.iter(f"{{http://www.w3.org/2000/svg}}{tag}")) for tag in ("path", "text")}
    assert any(len(path.get("d", "").split("L")) == len(answer.fit) for path in drawn["path"]), (
        "all points of the curve are there"
    )
    words = "".join("".join(text.itertext()) for text in drawn["text"])
    assert all(word in words for word in str(Sentence(PANELS["regression"].title)).split()), words


def save_as(window, path):
    """Type a name into the dialog that is open, and accept it."""
    (dialog,) = [one for one in window.findChildren(QFileDialog) if one.isVisible()]
    dialog.selectFile(str(path))
    dialog.fileSelected.emit(str(path))
    dialog.close()


def test_picture_and_numbers_are_saved_and_copied_from_the_menu(row, tmp_path):
    panels = row
    dock = panels.docks["regression"]
    menu = dock.menu()
    possible = {one.objectName(): one.isEnabled() for one in menu.actions()}
    assert possible["save_picture"] and not possible["save_numbers"] and not possible["copy_numbers"]
    menu.close()
    answer = fit(panels, step=4)
    choose(dock, "save_numbers")
    fit(panels, step=5)  # what was shown when they were asked for is what is saved
    save_as(panels.host, tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_bytes() == as_csv(tidy(answer))
    choose(dock, "save_picture")
    save_as(panels.host, tmp_path / "a.png")
    assert not QImage(str(tmp_path / "a.png")).isNull()
    choose(dock, "copy_numbers")
    assert QGuiApplication.clipboard().text().splitlines()[0].split("\t")[0] == "quantity"
    choose(dock, "copy_picture")
    assert QGuiApplication.clipboard().image().width() == 2 * dock.panel.width()


def test_where_a_file_cannot_be_written_one_sentence_says_so(row, tmp_path):
    panels = row
    dock = panels.docks["regression"]
    fit(panels)
    choose(dock, "save_numbers")
    save_as(panels.host, tmp_path / "missing" / "a.csv")
    assert str(panels.said[-1]).startswith("a.csv cannot be written: ")
    choose(dock, "save_picture")
    save_as(panels.host, tmp_path / "a.gif")
    assert str(panels.said[-1]) == "a.gif must end in .png or .svg"
    panels.toggle_maximised("regression")
    dock.save_picture()
    save_as(panels.host, tmp_path / "missing" / "a.png")
    assert panels.stage.banner.isVisible() and "a.png" in str(panels.stage.banner.sentence)
    panels.docks["examples"].copy_numbers()
    assert "shows no numbers yet" in str(panels.stage.banner.sentence)


def test_every_button_of_a_title_bar_says_what_it_does(row):
    panels = row
    for dock in panels.docks.values():
        assert isinstance(dock, PanelDock)
        for one in dock.bar.findChildren(QToolButton):
            assert one.toolTip() and one.accessibleName() and one.focusPolicy() & Qt.FocusPolicy.TabFocus
