"""Clicking into feature maps: a map, its pixels, what they see, how the image is moved, and who follows."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt
from PySide6.QtWidgets import QApplication, QMainWindow

from playground.blocks.combine import Flatten
from playground.blocks.convolution import Conv2D
from playground.blocks.data import Input, Output
from playground.blocks.dense import Dense
from playground.blocks.pooling import AvgPool2D, LpPool2D, MaxPool2D
from playground.experiment import Experiment, View
from playground.probes._moving import followed, moved
from playground.probes._pooling import Pooled
from playground.probes.feature_maps import FeatureMapsAnswer, OneMap
from playground.text import set_language
from tests.examples import chain
from tests.gui.fake_session import FakeSession
from widgets.docks import PanelRow
from widgets.focus import Focus
from widgets.panels.convolution import ConvolutionPanel
from widgets.panels.feature_maps import FeatureMapsPanel
from widgets.panels.parts.enlarged import ROOMY
from widgets.panels.parts.pixel_words import plain
from widgets.settings import Settings

SIDE = 28


def experiment(*pools):
    from tests.gui.fake_session import pictured

    before = Input(field="image"), Conv2D(channels=6, kernel=(5, 5)), *pools
    return Experiment(graph=chain(*before, Flatten(), Dense(units=3), Output()), facts=pictured().facts)


@pytest.fixture
def panel(qtbot):
    """Make the panel, shown."""

    def make(*pools, size=(640, 340), focus=None):
        session = FakeSession(experiment(*pools))
        made = FeatureMapsPanel(session, focus=focus)
        made.session_kept = session
        qtbot.addWidget(made)
        made.resize(*size)
        made.show()
        QApplication.processEvents()
        return made

    return make


def asked(panel):
    return panel.session.watched["feature_maps"]


def answered(panel, numbers=None):
    """Answer what the panel asks with made-up numbers, as the probe would."""
    probe = asked(panel)
    known = panel.session.document.report.nodes[probe.node]
    shape = tuple(int(size) for size in known.shape.sizes)
    maps = np.random.default_rng(3).random(shape).astype(np.float32) if numbers is None else numbers
    one = None
    if probe.map >= 0:
        one = OneMap(probe.map, (probe.row, probe.column), float(maps[probe.map, probe.row, probe.column]))
        maps = maps[probe.map : probe.map + 1]
    image = np.linspace(0, 1, SIDE * SIDE, dtype=np.float32).reshape(1, SIDE, SIDE)
    return FeatureMapsAnswer(
        *(7, probe.node, maps, shape[0], shape[1:], float(maps.min()), float(maps.max()), image, "validation"),
        *(probe.index, 9, "cat", "cat", 0.75),
        down=probe.down, right=probe.right, field="image", image_size=(SIDE, SIDE), one=one,
    )  # fmt: skip


def place(box, size, row, column):
    """Return the middle of a pixel of a map that is painted in a box."""
    height, width = size
    return QPoint(
        round(box.left() + (column + 0.5) / width * box.width()),
        round(box.top() + (row + 0.5) / height * box.height()),
    )


def enlarge(panel, qtbot, number=2):
    """Click a map of the mosaic and answer."""
    panel.draw(answered(panel))
    QApplication.processEvents()
    mosaic = panel.mosaic
    rows = -(-6 // mosaic.columns)
    height, width = mosaic.image.image.shape
    x, y = (number % mosaic.columns + 0.5) * width / mosaic.columns, (number // mosaic.columns + 0.5) * height / rows
    at = mosaic.mapFromScene(mosaic.box.mapViewToScene(QPointF(x, y)))
    qtbot.mouseClick(mosaic.viewport(), Qt.MouseButton.LeftButton, pos=at)
    panel.draw(answered(panel))
    QApplication.processEvents()


def test_a_click_on_a_map_enlarges_it_and_escape_shows_all_of_them_again(panel, qtbot):
    made = panel()
    enlarge(made, qtbot, 4)
    assert asked(made).map == 4 and made._maps.currentIndex() == 5
    assert made._pages.currentWidget() is made.enlarged and made.enlarged.parts() == {"map": (24, 24)}
    qtbot.keyClick(made.enlarged, Qt.Key.Key_PageDown)
    assert asked(made).map == 5
    qtbot.keyClick(made.enlarged, Qt.Key.Key_PageDown)
    assert asked(made).map == 0
    qtbot.keyClick(made.enlarged, Qt.Key.Key_PageUp)
    assert asked(made).map == 5
    qtbot.keyClick(made.enlarged, Qt.Key.Key_Escape)
    assert asked(made).map == -1
    made.draw(answered(made))
    assert made._pages.currentWidget() is made.mosaic and made._maps.currentIndex() == 0


def test_a_map_can_be_enlarged_with_the_keys_alone(panel, qtbot):
    made = panel()
    made.draw(answered(made))
    made._maps.setFocus()
    qtbot.keyClick(made._maps, Qt.Key.Key_Down)
    assert asked(made).map == 0


def test_a_pixel_that_is_clicked_frames_what_it_sees_of_the_image_and_says_its_value(panel, qtbot):
    made = panel()
    enlarge(made, qtbot)
    box = made.enlarged.places()["map"]
    qtbot.mouseClick(made.enlarged, Qt.MouseButton.LeftButton, pos=place(box, (24, 24), 3, 20))
    assert (made.focus.now.node, made.focus.now.map, made.focus.now.row, made.focus.now.column) == ("conv_1", 2, 3, 20)
    rows, columns = made.example.frame
    assert (rows, columns) == ((3, 7), (20, 24))
    painted, image = made.example.framed(), made.example.box()
    assert painted.left() == pytest.approx(image.left() + 20 / 28 * image.width())
    assert painted.height() == pytest.approx(5 / 28 * image.height())
    said = plain(made._says[0].toolTip())
    assert said.startswith("row 4, column 21: ") and "sees 5 × 5 pixels (rows 4–8, columns 21–25)" in said
    assert float(said.split(": ")[1].split(" ")[0]) == pytest.approx(float(made.answer.maps[0][3, 20]), rel=0.01)


def test_arrow_keys_walk_up_to_the_edge_and_with_shift_they_move_the_image(panel, qtbot):
    made = panel()
    enlarge(made, qtbot)
    made.go(0, 22)
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Right, Qt.Key.Key_Right):
        qtbot.keyClick(made.enlarged, key)
        made.draw(answered(made))
    assert made.pixel() == (0, 23) and (asked(made).down, asked(made).right) == (0, 0)
    qtbot.keyClick(made.enlarged, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(made.enlarged, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    assert made.pixel() == (0, 23) and (asked(made).down, asked(made).right) == (-1, 1)
    assert made._back.isHidden(), "no answer yet"
    made.draw(answered(made))
    assert "Image moved 1 right, 1 up" in made._says[2].toolTip()
    qtbot.mouseClick(made._back, Qt.MouseButton.LeftButton)
    assert (asked(made).down, asked(made).right) == (0, 0)
    made.draw(answered(made))
    assert made._back.isHidden() and made._says[2].isHidden()


def test_the_image_is_dragged_by_whole_pixels_and_pushed_with_its_own_keys(panel, qtbot):
    made = panel()
    made.draw(answered(made))
    QApplication.processEvents()
    box = made.example.box()
    start, end = place(box, (SIDE, SIDE), 10, 10), place(box, (SIDE, SIDE), 8, 14)
    qtbot.mousePress(made.example, Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(made.example, end)
    qtbot.mouseRelease(made.example, Qt.MouseButton.LeftButton, pos=end)
    assert (asked(made).down, asked(made).right, asked(made).map) == (-2, 4, -1)
    qtbot.keyClick(made.example, Qt.Key.Key_Down)
    assert (asked(made).down, asked(made).right) == (-1, 4)
    made.focus.move(down=0, right=SIDE)
    qtbot.keyClick(made.example, Qt.Key.Key_Right)
    assert asked(made).right == SIDE, "there is nothing left to be moved"


def test_the_pointer_shows_a_pixel_without_choosing_it(panel, qtbot):
    made = panel()
    enlarge(made, qtbot)
    made.go(5, 5)
    box = made.enlarged.places()["map"]
    qtbot.mouseMove(made.enlarged, place(box, (24, 24), 12, 9))
    assert "row 13, column 10" in made._says[0].toolTip() and made.pixel() == (5, 5)
    made.enlarged.hovered.emit(None)
    assert "row 6, column 6" in made._says[0].toolTip()


def pooled(panel, before, winners=None):
    """Answer for a pooling, with the map before."""
    answer = answered(panel)
    one = OneMap(answer.one.map, (0, 0), 0.0, Pooled(before, before.shape, winners))
    return FeatureMapsAnswer(**{**answer.__dict__, "one": one})


def test_behind_a_maximum_the_winners_are_marked_and_the_one_of_the_pixel_is_named(panel):
    made = panel(MaxPool2D())
    made.set_node("pool_1")
    made.show_map(0)
    before = np.random.default_rng(1).random((24, 24)).astype(np.float32)
    winners = np.zeros((12, 12, 2), dtype=np.int16)
    winners[2, 3] = 5, 7
    made.go(2, 3)
    made.draw(pooled(made, before, winners))
    assert list(made.enlarged.parts()) == ["before", "window", "map"]
    window = made.enlarged.window_shown
    assert window.patch == ((4, 5), (6, 7)) and np.array_equal(window.numbers, before[4:6, 6:8])
    assert window.shares is None and made.enlarged._winner() == (5, 7)
    assert "largest of 4" in made._says[1].toolTip() and "row 6, column 8 of the map before" in made._says[1].toolTip()
    made.grab()
    made.resize(300, 240)
    QApplication.processEvents()
    places = made.enlarged.places()
    assert list(places) == ["before", "map"] and places["map"].width() > ROOMY / 2
    assert not places["before"].intersects(places["map"])


@pytest.mark.parametrize(
    ("block", "words", "shares"),
    [
        (AvgPool2D(), "(1.00 + 2.00 + 3.00 + 4.00) / 4", [[10, 20], [30, 40]]),
        (LpPool2D(), "√(|1.00|² + |2.00|² + |3.00|² + |4.00|²)", [[100 / 30, 400 / 30], [30, 1600 / 30]]),
        (AvgPool2D(kernel=(2, 2), padding=(1, 1)), "(1.00) / 4", None),
    ],
    ids=str,
)
def test_a_mean_and_a_norm_are_written_out_with_the_shares_of_the_window(panel, block, words, shares):
    made = panel(block)
    made.set_node("pool_1")
    made.show_map(0)
    made.go(0, 0)
    before = np.zeros((24, 24), dtype=np.float32)
    before[:2, :2] = [[1, 2], [3, 4]]
    made.draw(pooled(made, before))
    assert plain(made._says[1].toolTip()).startswith(words)
    if shares is not None:
        assert made.enlarged.window_shown.shares * 100 == pytest.approx(np.array(shares))
    made.grab()


@pytest.mark.parametrize(("way", "by"), [((2, 4), (1, 2)), ((0, 3), None)])
def test_moved_it_says_how_far_the_map_came_along(panel, way, by):
    made = panel(MaxPool2D())
    made.set_node("pool_1")
    made.show_map(1)
    made.focus.move(down=way[0], right=way[1])
    still = np.random.default_rng(0).random((12, 12)).astype(np.float32)
    now = moved(still, *(by or (0, 1)))
    now[11] = 9.0
    state = followed(now, still, *by) if by else None
    answer = answered(made)
    one = OneMap(1, (0, 0), 0.0, None, still, by, state, 100, 10)
    made.draw(FeatureMapsAnswer(**{**answer.__dict__, "maps": now[None], "one": one}))
    assert list(made.enlarged.parts()) == ["still", "map"]
    said = made._says[2].toolTip()
    if by:
        assert said == (
            "Image moved 4 right, 2 down, map 2 right, 1 down: 100 of 110 pixels are the same, "
            "those at the border (hatched) differ"
        )
    else:
        assert (
            said == "Image moved 3 right; a pixel here is 2 × 2 pixels of it, so the map cannot follow by whole pixels"
        )
    made.grab()


def test_the_two_panels_look_at_the_same_pixel_of_the_same_example(panel, qtbot):
    focus = Focus()
    made = panel(MaxPool2D(), Conv2D(channels=4), focus=focus)
    other = ConvolutionPanel(made.session, focus=focus)
    qtbot.addWidget(other)
    other.show()
    made.set_node("conv_2")
    made.show_map(3)
    made.draw(answered(made))
    made.go(4, 6)
    made.focus.move(down=2)
    qtbot.mouseClick(made._after, Qt.MouseButton.LeftButton)
    probe = made.session.watched["convolution"]
    assert (probe.node, probe.map, probe.row, probe.column) == ("conv_2", 3, 4, 6)
    assert (probe.index, probe.down, probe.right) == (1, 2, 0) == (asked(made).index, asked(made).down, 0)
    other._maps.setCurrentIndex(1)
    other._maps.activated.emit(1)
    other.go(5, 5)
    assert asked(made).map == 1 and made.pixel() == (5, 5)
    made.set_node("pool_1")
    assert made.pixel() == (6, 6), "the pixel belongs to another node"
    made.go(0, 0)
    assert made.session.watched["convolution"].node == "conv_2", "a pooling is not taken apart"


def test_a_pixel_of_a_convolution_is_taken_apart_in_the_other_panel(qtbot, tmp_path):
    host = QMainWindow()
    qtbot.addWidget(host)
    shown = experiment(MaxPool2D(), Conv2D(channels=4))
    session = FakeSession(Experiment(graph=shown.graph, facts=shown.facts, view=View(panels=("feature_maps",))))
    row = PanelRow(host, session.document, session, Settings(tmp_path))
    row.kinds = {"feature_maps": FeatureMapsPanel, "convolution": ConvolutionPanel}
    host.resize(900, 400)
    host.show()
    row._sync()
    qtbot.waitUntil(lambda: row.ready)
    maps = row.docks["feature_maps"].panel
    maps.set_node("conv_2")
    maps.show_map(2)
    maps.draw(answered(maps))
    maps.go(1, 3)
    qtbot.mouseClick(maps._apart, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "convolution" in row.docks and row.ready)
    probe = row.docks["convolution"].panel.probe()
    assert (probe.node, probe.map, probe.row, probe.column) == ("conv_2", 2, 1, 3)
    assert session.document.now.view.panels == ("feature_maps", "convolution")
    maps.set_node("pool_1")
    maps.draw(answered(maps))
    assert maps._apart.isHidden(), "there is no kernel"


def test_what_was_asked_before_the_map_was_enlarged_is_not_drawn(panel):
    made = panel()
    old = answered(made)
    made.draw(old)
    made.show_map(1)
    made.draw(old)
    assert made._pages.currentWidget() is made.mosaic
    late = answered(made)
    made.draw(late)
    assert made._pages.currentWidget() is made.enlarged
    made.show_map(-1)
    made.draw(late)
    assert made.answer is late and made._pages.currentWidget() is made.enlarged
    made.draw(old)
    assert made._pages.currentWidget() is made.mosaic


def test_another_node_with_fewer_maps_shows_its_last_one_and_chinese_is_spoken(panel):
    made = panel(MaxPool2D(), Conv2D(channels=4))
    made.show_map(5)
    made.draw(answered(made))
    made.set_node("conv_2")
    assert asked(made).map == 3
    set_language("zh")
    made.relabel()
    made.draw(answered(made))
    made.grab()
    assert made._maps.count() == 5


def test_the_panel_is_made_without_a_window_of_its_own_that_would_take_the_keys(qtbot):
    shown = []

    class Shown(QObject):
        def eventFilter(self, watched, event):
            if event.type() == QEvent.Type.Show and watched.isWidgetType() and watched.isWindow():
                shown.append(watched)
            return False

    listening = Shown()
    QApplication.instance().installEventFilter(listening)
    made = FeatureMapsPanel(FakeSession(experiment(MaxPool2D())))
    qtbot.addWidget(made)
    QApplication.instance().removeEventFilter(listening)
    assert shown == []
