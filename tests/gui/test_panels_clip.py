"""The panel of a clip: frames, maps and curves under each other, walked through by mouse, keys and by itself."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QComboBox, QToolButton

from playground.blocks.combine import Flatten
from playground.blocks.convolution import Conv2D
from playground.blocks.data import Input, Output
from playground.blocks.dense import Dense
from playground.blocks.pooling import MeanOverTime
from playground.experiment import Experiment
from playground.facts import DataFacts, Target
from playground.probes.clip import Clip, ClipAnswer
from playground.probes.convolution import Convolution
from playground.probes.feature_maps import FeatureMaps
from playground.shape import Shape
from tests.examples import chain
from tests.gui.fake_session import FakeSession, planar
from tests.gui.inspecting import drawn, inspect
from widgets.data_view.wording import class_colour
from widgets.panels import PANELS, load_panels
from widgets.panels.clip import ROOMIER

load_panels()

FRAMES = 4


def moving() -> Experiment:
    shape = Shape(time=FRAMES, channels=1, height=8, width=8)
    facts = DataFacts({"x": shape}, {"label": Target(("still", "left", "right"))}, {"train": 9})
    parts = (Conv2D(channels=2), Flatten(keep_time=True), MeanOverTime(), Dense(units=3))
    return Experiment(graph=chain(Input(), *parts, Output()), facts=facts)


def clip(node="conv_1", index=0, chances=None, low=-1.0):
    rng = np.random.default_rng(3)
    if chances is None:
        chances = np.array([[0.4, 0.3, 0.3], [0.3, 0.5, 0.2], [0.2, 0.7, 0.1], [0.05, 0.9, 0.05]], dtype=np.float32)
    return ClipAnswer(
        step=7,
        node=node,
        frames=np.repeat(np.arange(0, 160, 40, dtype=np.uint8), 8 * 8 * 3).reshape(FRAMES, 8, 8, 3),
        maps=rng.uniform(low, 1.0, size=(FRAMES, 2, 6, 6)).astype(np.float32),
        total=2,
        size=(6, 6),
        low=low,
        high=1.0,
        chances=chances,
        classes=("still", "left", "right"),
        numbers=(0, 1, 2),
        label=1,
        split="validation",
        index=index,
        count=9,
    )


@pytest.fixture
def shown(qtbot):
    """Make a panel over a fake session and show it."""

    def make(key="clip", experiment=None, size=(640, 300)):
        session = FakeSession(experiment or moving())
        panel = PANELS[key](session)
        panel.session_kept = session
        qtbot.addWidget(panel)
        panel.resize(*size)
        panel.show()
        QApplication.processEvents()
        return panel, session

    return make


def in_column(panel, frame):
    """Return a point of the strip in the column of a frame."""
    left, width = panel.strip.column(frame)
    return QPoint(round(left + width / 2), panel.strip.height() // 2)


def test_a_clip_begins_at_its_last_frame_and_says_what_the_network_takes_it_for(shown):
    panel, session = shown()
    assert session.watched["clip"] == Clip(node="conv_1", index=0)
    panel.draw(clip())
    assert panel.frame == 3 and panel.still.pixels[0, 0, 0] == 120
    assert "label left" in panel._verdict.text() and "✓ prediction left" in panel._verdict.text()
    assert panel.bars.rows[1] == ("left ✓", pytest.approx(0.9), class_colour(1))
    assert panel.strip.accessibleDescription() == "frame 4 of 4; still 0.05; left ✓ 0.90; right 0.05"


def test_a_click_and_a_drag_choose_the_frame_in_whose_column_they_are(shown, qtbot):
    panel, _ = shown()
    panel.draw(clip())
    qtbot.mousePress(panel.strip, Qt.MouseButton.LeftButton, pos=in_column(panel, 1))
    assert panel.frame == 1 and panel.still.pixels[0, 0, 0] == 40
    qtbot.mouseMove(panel.strip, in_column(panel, 2))
    qtbot.mouseRelease(panel.strip, Qt.MouseButton.LeftButton, pos=in_column(panel, 2))
    qtbot.mouseClick(panel.strip, Qt.MouseButton.LeftButton, pos=in_column(panel, 0))
    assert panel.frame == 0
    assert "✗ prediction still" in panel._verdict.text() and panel.bars.rows[0][1] == pytest.approx(0.4)


def test_the_arrow_keys_walk_up_to_the_ends(shown, qtbot):
    panel, _ = shown()
    panel.draw(clip())
    for key, frame in (("Left", 2), ("Home", 0), ("Left", 0), ("Right", 1), ("End", 3), ("Right", 3)):
        qtbot.keyClick(panel.strip, getattr(Qt.Key, f"Key_{key}"))
        assert panel.frame == frame == panel.strip.frame


def test_a_new_answer_leaves_the_frame_where_it_is(shown):
    panel, _ = shown()
    panel.draw(clip())
    panel.show_frame(1)
    panel.draw(clip(low=0.0))
    assert panel.frame == 1


def test_the_clip_plays_round_and_round_until_it_is_hidden(shown, qtbot):
    panel, _ = shown()
    panel.draw(clip())
    panel._timer.setInterval(1)
    qtbot.mouseClick(panel.findChild(QToolButton, "clip_play"), Qt.MouseButton.LeftButton)
    assert panel.frame == 0, "after the last frame comes the first"
    qtbot.waitUntil(lambda: panel.frame == 2)
    panel.hide()
    assert not panel._timer.isActive() and not panel._play.isChecked()


def test_the_strip_shows_every_frame_with_its_maps_and_the_right_curve_in_its_colour(shown):
    panel, _ = shown()
    panel.draw(clip())
    strip, rows = panel.strip, panel.strip.rows()
    picture = strip.grab().toImage()
    for frame in range(FRAMES):
        x = in_column(panel, frame).x()
        grey = picture.pixelColor(x, round(rows.frames.center().y()))
        assert grey.red() == pytest.approx(40 * frame, abs=3)
    box = rows.curves
    top = round(box.bottom() - 6 - 0.9 * (box.height() - 12))
    point = picture.pixelColor(in_column(panel, 3).x(), top)
    assert point.name() == class_colour(1).name()
    assert rows.frames.bottom() < rows.maps.top() and rows.maps.bottom() < box.top() and box.height() >= 50


def test_the_arrows_leaf_through_the_clips_and_the_list_chooses_the_node(shown, qtbot):
    panel, session = shown()
    panel.draw(clip())
    qtbot.mouseClick(panel._after, Qt.MouseButton.LeftButton)
    assert session.watched["clip"] == Clip(node="conv_1", index=1) and panel._place.text() == "2 / 9"
    choice = panel.findChild(QComboBox, "clip_node")
    assert [choice.itemText(k) for k in range(choice.count())] == ["input_1", "conv_1"]
    choice.activated.emit(0)
    assert session.watched["clip"] == Clip(node="input_1", index=1)
    assert panel.answer is None and not panel.filled, "the maps of another node do not stay"


def test_where_the_network_cannot_answer_so_early_it_says_so(shown):
    panel, _ = shown()
    chances = np.full((FRAMES, 3), np.nan, dtype=np.float32)
    chances[3] = 0.2, 0.6, 0.2
    panel.draw(clip(chances=chances))
    panel.show_frame(0)
    assert "too few frames" in panel._verdict.text() and panel.bars.rows[0][1] != panel.bars.rows[0][1]
    panel.strip.grab()  # the curve begins where there are numbers


def test_without_clips_it_asks_nothing_and_says_how_to_get_some(shown):
    panel, session = shown(experiment=planar())
    assert session.watched["clip"] is None and not panel.filled
    assert "action-recognition" in panel.empty()


def test_a_narrow_panel_keeps_the_strip_and_leaves_out_the_rest(shown):
    panel, _ = shown(size=(300, 200))
    panel.draw(clip())
    assert panel.width() == 300
    assert panel.strip.isVisible() and not panel.bars.isVisible() and not panel.still.isVisible()
    panel.resize(ROOMIER + 20, 300)
    assert panel.bars.isVisible() and panel.still.isVisible()


# -- the other panels at a node with clips -----------------------------------------------------------------------


@pytest.mark.parametrize(("key", "probe"), [("feature_maps", FeatureMaps), ("convolution", Convolution)])
def test_panels_of_images_show_the_frame_that_is_chosen(shown, key, probe):
    panel, session = shown(key)
    frames = panel.findChild(QComboBox, f"{key}_frame")
    assert not frames.isHidden() and frames.count() == FRAMES and frames.itemText(2) == "frame 3 of 4"
    assert isinstance(session.watched[key], probe) and session.watched[key].frame == 0
    frames.setCurrentIndex(2)
    frames.activated.emit(2)
    assert session.watched[key].frame == 2


def test_the_inspector_says_that_every_frame_is_computed_alike(qtbot):
    page = inspect(drawn(moving().graph, moving().facts), qtbot, "conv_1").node_page
    assert page.how.text().split("<br>") == ["(8 − 3) / 1 + 1 = <b>6</b>", "the same for each of 4 frames"]
    assert "2 × 1 × 3 × 3 × 4 × 6 × 6 = <b>2,592</b>" in page.costs.text()
    assert "receptive field 3 × 3" in page.costs.text()
