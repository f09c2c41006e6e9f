"""What each panel's plot items receive for an answer, and that all panels bear what a run can bring."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt, QUrl
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

from playground.data.planar import Blobs
from playground.messages import Failed
from playground.probes.boundary import BoundaryAnswer, Points
from playground.probes.confusion import Confusion, ConfusionAnswer
from playground.probes.feature_maps import FeatureMaps, FeatureMapsAnswer
from playground.probes.gradients import Gradients, GradientsAnswer
from playground.text import say, set_language
from tests.gui.fake_session import FakeSession, pictured, planar
from widgets.panels import PANELS, load_panels
from widgets.panels.boundary import two_sides
from widgets.panels.parts.layer_bars import MOST_COLUMNS, Past, decades
from widgets.panels.parts.mosaics import GAP, best_columns, mosaic, mosaic_table, signed_table
from widgets.panels.parts.plane import fine
from widgets.panels.parts.plots import colour_table
from widgets.plane_colours import side_table
from widgets.theme import APPEARANCE, CLASS_COLOURS, DARK, FAMILY_COLOURS, LIGHT, current

load_panels()


@pytest.fixture
def shown(qtbot):
    """Make a panel over a fake session and show it."""

    def make(key, experiment=None, session=None):
        session = session or FakeSession(experiment or planar())
        panel = PANELS[key](session)
        panel.session_kept = session
        qtbot.addWidget(panel)
        panel.resize(420, 240)
        panel.show()
        QApplication.processEvents()
        return panel, session

    return make


@pytest.fixture
def themes():
    """Leave the dark theme behind."""
    yield
    APPEARANCE.choose("dark")


def boundary(probability, classes=("0", "1"), winner=None, points=None, extent=(-6.0, 6.0)):
    probability = np.asarray(probability, dtype=np.float32)
    winner = np.asarray(probability > 0.5 if winner is None else winner, dtype=np.uint8)
    return BoundaryAnswer(5, classes, extent, probability, winner, points or {})


def some_points(n=6):
    where = np.linspace(-5, 5, 2 * n, dtype=np.float32).reshape(n, 2)
    return Points(where, (np.arange(n) % 2).astype(np.uint8))


def gradients(magnitude, step=1, nodes=("dense_1", "dense_2")):
    magnitude = np.asarray(magnitude, dtype=float)
    return GradientsAnswer(step, nodes[: len(magnitude)], magnitude, magnitude)


def feature_maps(maps, node="conv_1", low=None, high=None, **other):
    maps = np.asarray(maps, dtype=np.float32)
    low = float(np.nanmin(maps)) if low is None else low
    high = float(np.nanmax(maps)) if high is None else high
    said = {"label": "cat", "predicted": "cat", "confidence": 0.75} | other
    image = np.arange(16, dtype=np.float32).reshape(1, 4, 4)
    return FeatureMapsAnswer(3, node, maps, len(maps), maps.shape[1:], low, high, image, "validation", 0, 9, **said)


# -- all panels ----------------------------------------------------------------------------------------------------


def test_every_panel_is_found_and_says_what_it_is():
    assert {"loss", "accuracy", "boundary", "gradients", "feature_maps", "messages", "confusion"} <= set(PANELS)
    for key, cls in PANELS.items():
        assert cls.key == key and cls.title and len(cls.help) > 60 and cls.icon.startswith("mdi6.")


def test_importing_all_panels_imports_no_torch():
    code = "import sys; from widgets.panels import load_panels; load_panels(); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0


@pytest.mark.parametrize("key", sorted(PANELS))
@pytest.mark.parametrize("experiment", [planar, pytest.param(pictured, marks=pytest.mark.slow)])
def test_every_panel_says_how_to_fill_it_and_bears_no_answer_and_every_look(shown, themes, key, experiment):
    panel, _ = shown(key, experiment())
    assert panel.empty() and not panel.filled and panel._hint.text() == panel.empty()
    panel.draw(None)
    panel.sync()
    for theme in (LIGHT, DARK):
        APPEARANCE.choose(theme.name)
        panel.recolour(theme)
    set_language("zh")
    panel.relabel()
    panel.grab()


@pytest.mark.parametrize("key", sorted(PANELS))
def test_a_panel_asks_only_while_it_is_seen(shown, key):
    panel, session = shown(key, pictured())
    assert session.watched.get(key) == panel.probe()
    panel.hide()
    assert session.watched.get(key) is None


# -- boundary ------------------------------------------------------------------------------------------------------


def test_the_plane_is_coloured_from_class_to_class(shown):
    panel, _ = shown("boundary")
    probability = np.zeros((8, 8))
    probability[:, 4:] = 1.0
    panel.draw(boundary(probability))
    pixels = panel.view.image.image
    assert pixels.shape == (32, 32, 4)
    table = side_table(DARK if panel.session else LIGHT)
    assert np.array_equal(pixels[3, 0, :3], table[0]) and np.array_equal(pixels[3, -1, :3], table[255])
    rect = panel.view.image.mapRectToParent(panel.view.image.boundingRect())
    assert (rect.left(), rect.top(), rect.width()) == (-6, -6, 12)


def test_the_middle_of_the_colours_is_undecided_and_missing_values_are_left_open():
    table = side_table(DARK)
    card = np.array(QColor(DARK.card).getRgb()[:3])
    assert np.abs(table[127].astype(int) - card).max() <= 1 and np.abs(table[128].astype(int) - card).max() <= 1
    pixels = two_sides(np.array([[np.nan, 0.5, 2.0]]), table)
    assert pixels[0, :, 3].tolist() == [0, 255, 255]


def test_between_the_middles_of_cells_values_are_interpolated():
    values = np.array([[0.0, 1.0], [2.0, 3.0]], dtype=np.float32)
    big = fine(values)
    assert big.shape == (8, 8) and big.min() == 0 and big.max() == 3
    assert np.allclose(big.mean(), values.mean()) and np.all(np.diff(big, axis=1) >= 0)
    assert fine(np.ones((1, 1), dtype=np.float32)).shape == (4, 4)


def test_points_get_the_colours_of_their_classes(shown):
    panel, _ = shown("boundary")
    points = some_points()
    panel.draw(boundary(np.full((8, 8), 0.5), points={"train": points, "validation": points}))
    x, y = panel.view.points["train"].getData()
    assert np.array_equal(np.stack([x, y], axis=1), points.where)
    train, held_out = panel.view.points["train"].points()[1], panel.view.points["validation"].points()[1]
    assert train.brush().color() == QColor(CLASS_COLOURS[1]) and held_out.pen().color() == QColor(CLASS_COLOURS[1])
    assert held_out.brush().color() != train.brush().color()


def test_points_are_given_again_only_when_they_changed(shown):
    panel, _ = shown("boundary")
    panel.draw(boundary(np.full((8, 8), 0.5), points={"train": some_points()}))
    kept = panel.view.points["train"].data
    panel.draw(boundary(np.full((8, 8), 0.6), points={"train": some_points()}))
    assert panel.view.points["train"].data is kept
    panel.draw(boundary(np.full((8, 8), 0.6), points={"train": some_points(8)}))
    assert len(panel.view.points["train"].data) == 8
    panel.draw(boundary(np.full((8, 8), 0.6)))
    assert len(panel.view.points["train"].data) == 0


def test_several_classes_are_told_apart_and_the_bar_begins_at_guessing(shown):
    panel, _ = shown("boundary")
    winner = np.arange(64).reshape(8, 8) % 4
    panel.draw(boundary(np.ones((8, 8)), ("0", "1", "2", "3"), winner))
    assert len(np.unique(panel.view.image.image.reshape(-1, 4), axis=0)) == 4
    assert (panel.view.bar.low, panel.view.bar.high) == (0.25, 1.0)
    assert panel._readout.text().count("●") == 4
    panel.draw(boundary(np.full((8, 8), 0.5)))
    assert (panel.view.bar.low, panel.view.bar.high) == (0.0, 1.0)


def test_under_the_pointer_it_says_class_and_probability(shown):
    panel, _ = shown("boundary")
    panel.draw(boundary(np.full((8, 8), 0.2)))
    QApplication.processEvents()
    box = panel.view.plot.getPlotItem().getViewBox()
    panel.view._on_scene_mouse_moved(box.mapViewToScene(QPointF(1.5, -2.0)))
    assert "class 0 with 0.80" in panel._readout.text() and "−2" in panel._readout.text()


def test_the_plane_goes_when_the_data_is_no_longer_one(shown):
    panel, session = shown("boundary")
    panel.draw(boundary(np.full((8, 8), 0.2)))
    session.document.edit(say("Choose data"), source=Blobs())
    session.restart()
    assert panel.filled
    from playground.data.digits import Digits

    session.document.edit(say("Choose data"), source=Digits())
    session.restart()
    assert not panel.filled and "plane" in panel.empty()


def test_the_inside_stays_square(shown):
    panel, _ = shown("boundary")
    panel.draw(boundary(np.full((8, 8), 0.2)))
    for size in ((420, 240), (200, 400), (900, 300)):
        panel.resize(*size)
        QApplication.processEvents()
        box = panel.view.plot.getPlotItem().getViewBox()
        assert abs(box.width() - box.height()) <= 4


# -- gradients -----------------------------------------------------------------------------------------------------


def test_bars_begin_at_a_power_of_ten_and_end_at_the_magnitude(shown):
    panel, _ = shown("gradients")
    assert panel.probe() == Gradients(closely=True)
    panel.draw(gradients([2e-3, 5e-2]))
    options = panel.bars.bars.opts
    assert options["x0"].tolist() == [-3, -3]
    assert np.allclose(options["x0"] + options["width"], np.log10([2e-3, 5e-2]))
    assert [brush.color() for brush in options["brushes"]] == [QColor(FAMILY_COLOURS["Dense"])] * 2
    assert [n.toPlainText() for n in panel.bars.numbers] == ["0.002", "0.05"]
    assert panel.bars.getAxis("left")._tickLevels == [[(0, "dense_1"), (1, "dense_2")]]


def test_zero_infinite_and_missing_gradients_have_no_bar_and_say_so(shown):
    panel, _ = shown("gradients")
    panel.draw(gradients([0.0, np.nan, np.inf, 1e-2], nodes=("a", "b", "c", "dense_1")))
    assert (panel.bars.bars.opts["width"][:3] == 0).all() and panel.bars.bars.opts["width"][3] > 0
    assert [n.toPlainText() for n in panel.bars.numbers] == ["0", "NaN", "∞", "0.01"]
    panel.draw(gradients([0.0, 0.0], step=2))
    panel.chips["map"].click()
    panel.grab()


def test_many_layers_with_long_paths_are_named_as_far_as_there_is_room_and_the_pointer_tells_the_rest(shown, qtbot):
    panel, _ = shown("gradients")
    names = tuple(f"encoder_stack.{k}.attention_block.2.projection_dense_{k}" for k in range(40))
    panel.resize(420, 240)
    panel.draw(gradients([10.0**-k for k in range(40)], nodes=names))
    ticks = panel.bars.getAxis("left")._tickLevels[0]
    assert 3 <= len(ticks) <= panel.height() / 13 and all("…" in name and len(name) < 26 for _, name in ticks)
    assert panel.bars.getAxis("left").width() < 150 and not any(n.isVisible() for n in panel.bars.numbers)
    panel.resize(760, 900)
    assert len(panel.bars.getAxis("left")._tickLevels[0]) > len(ticks)
    view = panel.bars.getPlotItem().vb
    panel.bars._on_scene_mouse_moved(view.mapViewToScene(QPointF(-3.0, 7.2)))
    assert panel._readout.text() == f"{names[7]}: 1e-7"
    QApplication.sendEvent(panel.bars.viewport(), QEvent(QEvent.Type.Leave))
    assert panel._readout.text() == "root mean square, step 1"


def test_the_history_is_an_image_of_layers_by_steps(shown):
    panel, _ = shown("gradients")
    panel.chips["map"].click()
    for step in range(1, 11):
        panel.draw(gradients([10.0**-step, 1.0], step=step))
    pixels = panel.map.image.image
    assert pixels.shape == (2, 10, 4)
    assert np.array_equal(pixels[1, :, :3], np.repeat(colour_table("viridis")[255:], 10, axis=0))
    assert np.array_equal(pixels[0, -1, :3], colour_table("viridis")[0])
    assert (panel.map.bar.low, panel.map.bar.high, panel.map.bar.log) == (-10, 0, True)
    rect = panel.map.image.mapRectToParent(panel.map.image.boundingRect())
    assert (rect.left(), rect.right()) == (1, 10)


def test_the_past_holds_what_was_seen_last_at_each_step_and_is_thinned_out():
    past = Past()

    def add(values, step):
        past.add(step, ("dense_1", "dense_2")[: len(values)], np.array(values))

    for step in (1, 2, 10):
        add([float(step)], step)
    steps, columns = past.grid()
    assert steps.tolist() == list(range(1, 11)) and columns[0].tolist() == [1, 2, 2, 2, 2, 2, 2, 2, 2, 10]
    for step in range(11, 3 * MOST_COLUMNS):
        add([1.0], step)
    assert len(past.steps) <= MOST_COLUMNS and past.steps[-1] > 2.9 * MOST_COLUMNS
    add([1.0, 2.0], 9999)
    assert past.steps == [9999]
    add([1.0, 2.0], 3)
    assert past.steps == [3]


def test_another_run_takes_the_bars_away(shown):
    panel, session = shown("gradients")
    panel.draw(gradients([1.0, 2.0]))
    session.restart()
    assert not panel.filled and not panel.past.steps


def test_a_hundred_layers_are_drawn_without_numbers_on_them(shown):
    panel, _ = shown("gradients")
    panel.draw(gradients(np.full(100, 1e-3), nodes=tuple(f"dense_{k}" for k in range(100))))
    assert len(panel.bars.bars.opts["width"]) == 100 and not [n for n in panel.bars.numbers if n.isVisible()]
    panel.draw(gradients([1e-3, 1e-2]))
    assert len([n for n in panel.bars.numbers if n.isVisible()]) == 2


def test_the_axis_stands_still_while_values_wander_within_a_power_of_ten():
    assert decades(np.array([-2.5, -1.2])) == decades(np.array([-2.4, -1.4])) == (-3, -1)
    assert decades(np.array([-2.0])) == (-3, -1) and decades(np.array([])) == (-4, 0)


# -- feature maps --------------------------------------------------------------------------------------------------


def test_the_mosaic_holds_every_map_on_one_scale(shown):
    panel, _ = shown("feature_maps", pictured())
    maps = np.random.default_rng(0).uniform(0.5, 3.0, size=(6, 24, 24))
    panel.draw(feature_maps(maps))
    columns, rows = panel.mosaic.columns, -(-6 // panel.mosaic.columns)
    assert panel.mosaic.image.image.shape == (rows * (24 + GAP) - GAP, columns * (24 + GAP) - GAP)
    level = (maps - maps.min()) / (maps.max() - maps.min())
    for k in range(6):
        y, x = (24 + GAP) * (k // columns), (24 + GAP) * (k % columns)
        shown_level = (panel.mosaic.image.image[y : y + 24, x : x + 24].astype(float) - 1) / 254
        assert np.abs(shown_level - level[k]).max() < 0.003
    assert (panel.bar.low, panel.bar.high) == pytest.approx((maps.min(), maps.max()))
    assert panel.example.pixels.shape == (4, 4) and panel.example.pixels.max() == 255


def test_signed_maps_are_coloured_to_either_side_of_zero(shown):
    panel, _ = shown("feature_maps", pictured())
    panel.draw(feature_maps(np.array([[[-1.0, 0.0], [0.5, 2.0]]] * 2)))
    assert (panel.bar.low, panel.bar.high) == (-2.0, 2.0)
    assert panel.signed
    table = signed_table(current())
    below, middle, above = table[0].astype(int), table[127].astype(int), table[255].astype(int)
    assert below[2] > below[0] and above[0] > above[2]  # blue against orange
    assert np.abs(middle - np.array(QColor(current().panel).getRgb()[:3])).max() <= 2
    panel.draw(feature_maps(np.ones((2, 2, 2))))
    assert not panel.signed


def test_gaps_and_missing_values_are_open_and_small_maps_are_enlarged():
    maps = np.array([[[0.0, np.nan], [1.0, np.inf]]] * 3, dtype=np.float32)
    pixels = mosaic(maps, 2, 0.0, 1.0)
    assert pixels.shape == (2 * 32 + GAP, 2 * 32 + GAP)
    assert pixels[0, 0] == 1 and pixels[0, 31] == 0 and pixels[31, 0] == 255 and pixels[31, 31] == 255
    assert not pixels[:, 32 : 32 + GAP].any() and not pixels[34:, 34:].any()
    table = mosaic_table(colour_table("inferno"))
    assert table[0, 3] == 0 and (table[1:, 3] == 255).all()
    assert (mosaic(np.ones((1, 4, 4), np.float32), 1, 1.0, 1.0) == 1).all()


def test_maps_are_laid_out_as_large_as_possible():
    assert best_columns(6, 28, 28, 300, 200) == 3
    assert best_columns(64, 28, 28, 400, 400) == 8
    assert best_columns(1, 28, 28, 400, 100) == 1
    assert best_columns(4, 10, 10, 40, 400) == 1


def test_it_begins_with_the_first_convolution_and_follows_the_choice(shown):
    panel, session = shown("feature_maps", pictured())
    assert panel.probe() == FeatureMaps(node="conv_1") and panel.title_detail() == "conv_1"
    panel.set_node("tanh_1")
    assert session.watched["feature_maps"].node == "tanh_1" and panel._choice.currentText() == "tanh_1"
    panel.set_node("dense_1")  # carries no image
    assert panel.probe().node == "conv_1"
    k = panel._choice.findText("conv_2")
    panel._choice.setCurrentIndex(k)
    panel._choice.activated.emit(k)
    assert session.watched["feature_maps"].node == "conv_2"


def test_answers_for_a_node_that_is_no_longer_shown_are_not_drawn(shown):
    panel, _ = shown("feature_maps", pictured())
    panel.draw(feature_maps(np.ones((6, 24, 24))))
    panel.set_node("conv_2")
    assert not panel.filled
    panel.draw(feature_maps(np.ones((6, 24, 24))))
    assert not panel.filled
    panel.draw(feature_maps(np.ones((3, 22, 22)), node="conv_2"))
    assert panel.filled and panel.mosaic.image.image is not None


def test_the_arrows_ask_for_the_next_and_the_previous_example(shown, qtbot):
    panel, session = shown("feature_maps", pictured())
    panel.draw(feature_maps(np.ones((6, 24, 24))))
    qtbot.mouseClick(panel._after, Qt.MouseButton.LeftButton)
    assert session.watched["feature_maps"].index == 1 and panel._place.text() == "2 / 9"
    for _ in range(2):
        qtbot.mouseClick(panel._before, Qt.MouseButton.LeftButton)
    assert session.watched["feature_maps"].index == 8


def test_right_and_wrong_are_said_in_words_and_not_in_colour_alone(shown):
    panel, _ = shown("feature_maps", pictured())
    panel.draw(feature_maps(np.ones((6, 24, 24))))
    assert "label cat" in panel._verdict.text() and "✓ prediction cat" in panel._verdict.text()
    panel.draw(feature_maps(np.ones((6, 24, 24)), predicted="<dog>"))
    assert "✗ prediction &lt;dog&gt;" in panel._verdict.text()
    panel.draw(feature_maps(np.ones((6, 24, 24)), label="", predicted=""))
    assert panel._verdict.text() == ""


def test_a_node_that_was_removed_gives_way_to_another(shown):
    panel, session = shown("feature_maps", pictured())
    panel.draw(feature_maps(np.ones((6, 24, 24))))
    graph = session.document.now.graph
    session.document.edit(say("Delete"), graph=graph.remove_joining("conv_1"))
    assert panel.probe().node == "conv_2" and not panel.filled
    session.document.edit(say("Delete"), graph=session.document.now.graph.remove(["input_1"]))
    assert panel.probe() is None and session.watched["feature_maps"] is None and "image" in panel.empty()


# -- messages ------------------------------------------------------------------------------------------------------


def test_messages_are_listed_with_step_and_node_and_said_once(shown):
    panel, session = shown("messages")
    session.told.emit(say("Ready"))
    session.step = 1200
    failure = Failed(1, "dense_2", say("it broke at {node}", node="dense_2"), "Traceback <here>")
    session.failed.emit(failure)
    session.told.emit(failure.sentence)
    text = panel.list.toPlainText()
    assert text.count("it broke at dense_2") == 1 and "step 1,200" in text and "Problem" in text and "Ready" in text
    assert "Traceback" not in text and "Traceback <here>" in panel.plain()
    panel.list.anchorClicked.emit(QUrl("details:1"))
    assert "Traceback <here>" in panel.list.toPlainText()
    assert "[dense_2]" in panel.plain()


def test_a_failure_told_before_it_is_failed_is_one_message(shown):
    panel, session = shown("messages")
    session.told.emit(say("the engine is gone"))
    session.engineLost.emit(say("the engine is gone"))
    assert len(panel.entries) == 1 and panel.entries[0].bad


def test_clicking_the_node_of_a_failure_asks_to_see_it(shown, qtbot):
    panel, session = shown("messages")
    session.failed.emit(Failed(1, "dense_2", say("it broke")))
    with qtbot.waitSignal(panel.nodeRequested) as asked:
        panel.list.anchorClicked.emit(QUrl("node:dense_2"))
    assert asked.args == ["dense_2"]


def test_what_happens_while_it_is_hidden_is_there_when_it_is_shown(shown):
    panel, session = shown("messages")
    panel.hide()
    session.told.emit(say("Ready"))
    panel.show()
    assert panel.filled and "Ready" in panel.list.toPlainText()


def test_messages_can_be_copied_and_cleared_and_are_read_in_the_present_language(shown, qtbot):
    panel, session = shown("messages")
    session.told.emit(say("Ready"))
    qtbot.mouseClick(panel._copy, Qt.MouseButton.LeftButton)
    assert "Ready" in QApplication.clipboard().text()
    set_language("zh")
    panel.relabel()
    assert "step" not in panel.list.toPlainText()
    qtbot.mouseClick(panel._clear, Qt.MouseButton.LeftButton)
    assert not panel.filled


def test_only_the_latest_messages_are_kept(shown):
    panel, session = shown("messages")
    panel.hide()
    for k in range(500):
        session.told.emit(say("number {k}", k=k))
    panel.show()
    assert "number 499" in panel.list.toPlainText() and "number 100" not in panel.list.toPlainText()


# -- confusion -----------------------------------------------------------------------------------------------------


def test_the_matrix_shows_shares_of_the_rows_and_counts(shown):
    panel, session = shown("confusion", pictured())
    assert session.watched["confusion"] == Confusion()
    counts = np.array([[3, 1, 0], [0, 4, 0], [0, 0, 0]], dtype=np.uint32)
    panel.draw(ConfusionAnswer(7, ("cat", "dog", "owl"), counts, "validation", 8))
    assert panel.image.image.tolist() == [[191, 64, 0], [0, 255, 0], [0, 0, 0]]
    assert [n.toPlainText() for n in panel.numbers] == ["3", "1", "", "", "4", "", "", "", ""]
    assert "7 of 8 right" in panel._readout.text()
    QApplication.processEvents()
    box = panel.plot.getPlotItem().getViewBox()
    panel._on_scene_mouse_moved(box.mapViewToScene(QPointF(1.5, 0.5)))
    assert "cat taken for dog: 1" in panel._readout.text()


def test_another_number_of_classes_and_many_of_them(shown):
    panel, _ = shown("confusion", pictured())
    for n in (3, 10, 60, 2):
        panel.draw(ConfusionAnswer(7, tuple(map(str, range(n))), np.eye(n, dtype=np.uint32), "validation", n))
        assert panel.image.image.shape == (n, n)
        assert len([x for x in panel.numbers if x.isVisible()]) == (n * n if n <= 3 else 0)
        QApplication.processEvents()
