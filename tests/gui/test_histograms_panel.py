"""What the distributions of a node look like and what is said of them, by node, over the steps, in both languages."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from playground.blocks.activation import ReLU, Tanh
from playground.blocks.combine import Flatten
from playground.blocks.convolution import Conv2D
from playground.blocks.data import Input, Output
from playground.blocks.dense import Dense
from playground.blocks.normalisation import BatchNorm, Dropout
from playground.data.clips import MOTION_NAMES, Clips
from playground.data.image_folder import ImageFolder
from playground.data.segmentation import Segmentation
from playground.data.shapes import Shapes
from playground.probes.activation import Flatness
from playground.probes.confusion import ConfusionAnswer
from playground.probes.histograms import Dropped, Histograms, HistogramsAnswer, Spread
from playground.probes.weight_images import picture_of
from playground.text import set_language
from tests.examples import chain
from tests.gui.fake_session import FakeSession, pictured
from widgets.fields import SeveralField
from widgets.panels.confusion import ConfusionPanel
from widgets.panels.histograms import HistogramsPanel
from widgets.panels.parts.ridge import MOST_MOMENTS, Moment, Past, nice_reach
from widgets.panels.parts.spreads import named

LAYERS = (Conv2D(channels=2), BatchNorm(), ReLU(), Flatten(), Dropout(), Dense(units=3))


@pytest.fixture(autouse=True)
def english():
    yield
    set_language("en")


@pytest.fixture
def shown(qtbot):
    """Make the panel over a fake session and show it."""

    def make(*layers, **training):
        experiment = pictured()
        graph = chain(Input(field="image"), *(layers or LAYERS), Output())
        experiment = replace(experiment, graph=graph, training=experiment.training.replace(**training))
        panel = HistogramsPanel(FakeSession(experiment))
        qtbot.addWidget(panel)
        panel.resize(460, 300)
        panel.show()
        QApplication.processEvents()
        return panel

    return make


def spread(mean=0.0, deviation=1.0, zeros=0, **other):
    counts = np.arange(64, dtype=np.uint32)
    values = {"values": 4000, "total": 4000, "broken": 0, "small": 0.125} | other
    return Spread(counts, mean - 2 * deviation, mean + 2 * deviation, mean, deviation, zeros, **values)


def answer(node, step=3, **other):
    return HistogramsAnswer(step, node, examples=32, **({"before": spread(0.25, 2.0), "after": spread()} | other))


def text(panel):
    return panel._readout.text()


def test_what_comes_in_and_what_leaves_are_drawn_on_one_axis_and_said(shown):
    panel = shown(Conv2D(channels=2), BatchNorm(), Flatten(), Dense(units=3))
    assert panel.chosen() == "norm_1" and panel.session.watched["histograms"] == Histograms(node="norm_1")
    panel.draw(answer("norm_1", after=spread(zeros=1000)))
    assert "mean 0.25, deviation 2" in text(panel) and "25% exactly 0" in text(panel)
    for side, one in (("before", spread(0.25, 2.0)), ("after", spread())):
        x, y = panel.curves[side].getData()
        assert (x[0], x[-1]) == (one.low, one.high) and y.max() == 1.0 and y[0] == y[-1] == 0.0
        assert y[1:-1] == pytest.approx(one.counts / one.counts.max())
    assert panel.zeros["after"].isVisible() and not panel.zeros["before"].isVisible()
    low, high = panel.plot.getPlotItem().getViewBox().viewRange()[0]
    assert low <= -3.75 and high >= 4.25
    assert "32 examples" in panel._readout.toolTip()


def test_it_begins_with_what_the_network_has_to_show(shown):
    assert shown().chosen() == "dropout_1"
    assert shown(Flatten(), Dense(units=4), Tanh(), Dense(units=3)).chosen() == "tanh_1"
    penalised = shown(Flatten(), Dense(units=4), Tanh(), Dense(units=3), l1=0.01)
    assert (penalised.chosen(), penalised.shown) == ("dense_1", "weights")


def test_the_list_offers_what_there_is_of_a_node(shown):
    panel = shown()
    panel.draw(answer("dropout_1"))

    def offered():
        return [panel.side.itemData(k) for k in range(panel.side.count()) if not panel.side.isHidden()]

    assert offered() == ["values", "dropped"] and panel.shown == "dropped" and not panel._switch.isEnabled()
    QTest.keyClick(panel.side, Qt.Key.Key_Up)
    assert panel.shown == "values" and panel._switch.isEnabled()
    panel.set_node("dense_1")
    panel.draw(answer("dense_1", weights=spread()))
    assert offered() == ["values", "weights"]
    panel.set_node("relu_1")
    panel.draw(answer("relu_1"))
    assert offered() == []


def test_what_dropout_silences_is_struck_out_and_its_scale_is_said(shown):
    panel = shown()
    kept = np.random.default_rng(1).random((8, 20)) < 0.75
    dropped = Dropped(np.ones((8, 20), dtype=np.float32), kept, 640, 160, 640, 0.25)
    panel.draw(answer("dropout_1", dropped=dropped))
    assert "p = 0.25: 160 of 640 silenced" in text(panel) and "× 1.33" in text(panel)
    rows, columns, size = panel.cells.fitting()
    assert (rows, columns) == (8, 20)
    pixels = panel.cells.grab().toImage()
    scale = pixels.devicePixelRatio()
    left = panel.cells._left(columns, size)

    def middle(row, column):
        return pixels.pixelColor(int((left + (column + 0.5) * size) * scale), int((row + 0.3) * size * scale))

    stays, goes = np.argwhere(kept)[0], np.argwhere(~kept)[0]
    assert middle(*stays) != middle(*goes)
    assert panel.cells.cell(left + 1, 1) == (0, 0) and panel.cells.cell(left + 20 * size + 1, 1) is None
    panel.draw(answer("dropout_1", dropped=dropped, whole=False))
    assert "a draw like that" in panel._readout.toolTip()


def test_weights_that_look_at_a_picture_are_drawn_as_pictures(shown):
    panel = shown(Flatten(), Dropout(), Dense(units=3))
    panel.set_node("dense_1")
    panel.show_view("weights")
    matrix = np.random.default_rng(2).normal(size=(3, 784)).astype(np.float32)
    panel.draw(answer("dense_1", weights=spread(small=0.9), matrix=matrix, sizes=(3, 784)))
    assert "90.0% smaller than 0.001" in text(panel) and not panel.view.isHidden()
    report = panel.session.document.report
    assert picture_of(report, "dense_1").sizes == (1, 28, 28)
    rows, columns = ((size + 4) / (28 + 4) for size in panel.image.image.shape)  # four pixels lie between pictures
    assert rows.is_integer() and columns.is_integer() and rows * columns in (3, 4)
    panel.show_view("values")
    assert panel.view.isHidden()


def test_a_layer_behind_other_layers_looks_at_no_picture(shown):
    panel = shown(Conv2D(channels=4), Flatten(), Dense(units=5), Dense(units=3))
    report = panel.session.document.report
    assert picture_of(report, "dense_1") is None, "four maps are no picture"
    assert picture_of(report, "dense_2") is None


def test_the_history_has_a_ridge_for_each_moment_with_the_newest_in_front(shown):
    panel = shown()
    panel.show_view("values")
    for step in range(5):
        panel.draw(answer("dropout_1", step=10 * step, after=spread(step)))
    QTest.mouseClick(panel._switch, Qt.MouseButton.LeftButton)
    assert [step for step, _ in panel.ridge.spreads] == [0, 10, 20, 30, 40]
    feet = [panel.ridge._foot(k) for k in range(5)]
    assert feet == sorted(feet) and panel.ridge.at(QPointF(50, feet[3] - 6)) == 3
    panel.grab()
    panel.session.restart()
    assert not panel.filled and panel.pasts == {}


def test_the_past_is_thinned_and_begins_anew_with_an_earlier_step():
    past = Past()
    for step in range(1000):
        past.add(Moment(step, spread(), None))
    steps = [one.step for one in past.moments]
    assert len(steps) <= MOST_MOMENTS and steps[0] == 0 and steps[-1] > 950
    apart = np.diff(steps)
    assert apart.min() >= apart.max() / 2
    past.add(Moment(5, None, None))
    assert [one.step for one in past.moments] == [5]


def test_axes_hold_all_values_and_change_in_leaps_only():
    for low, high in ((-3.0, 5.0), (0.0, 2.0), (-1.0, 0.0), (0.0, 0.0), (-1e-9, 1e6)):
        left, right = nice_reach(low, high)
        assert left <= low and right >= high and left < right
    assert nice_reach(-1.0, 3.01) == nice_reach(-1.0, 3.3)


def test_functions_are_called_by_name_the_worst_first():
    flat = (Flatness("a", 0.5, 0, 8), Flatness("b", 0.4, 4, 8), Flatness("c", 0.9, 0, 8), Flatness("d", 0.1, 0, 8))
    texts = named(flat)
    assert texts[0].index("b: 40% saturated, 4 of 8 units dead") < texts[0].index("c: 90%") < texts[0].index("a: 50%")
    assert texts[-1] == "b: 40% saturated, 4 of 8 units dead" and named(()) == ("",)


def test_numbers_that_are_none_a_constant_and_a_node_without_numbers_are_borne(shown):
    panel = shown()
    panel.show_view("values")
    panel.draw(answer("dropout_1", before=None, after=None))
    assert "No numbers" in text(panel)
    broken = replace(spread(), counts=np.zeros(64, dtype=np.uint32), broken=4000)
    panel.draw(answer("dropout_1", before=None, after=broken))
    assert "4,000 are not finite" in panel._readout.toolTip()
    panel.draw(answer("dense_1"))  # of another node than the chosen one
    assert panel.answer.node == "dropout_1"


# -- names of classes ----------------------------------------------------------------------------------------------


def test_classes_of_made_sets_are_named_in_the_language_of_the_reader_and_those_of_files_as_they_are():
    set_language("zh")
    clips = Clips(count=90, frames=2, size="16")
    assert set(MOTION_NAMES) == set(clips.read().facts.targets["label"].classes)
    assert clips.class_name("left") not in ("left", "to the left") and clips.class_name("{odd}") == "{odd}"
    assert ImageFolder(path="x").class_name("left") == "left"


def test_the_confusion_matrix_names_classes_in_the_language_of_the_reader(qtbot):
    source = Shapes(count=100, size="16")
    session = FakeSession(replace(pictured(), source=source))
    panel = ConfusionPanel(session)
    qtbot.addWidget(panel)
    panel.draw(ConfusionAnswer(1, ("circle", "square"), np.eye(2, dtype=int), "validation", 2))

    def names():
        return [name for _, name in panel.plot.getAxis("bottom")._tickLevels[0]]

    assert names() == ["circle", "square"]
    set_language("zh")
    panel.relabel()
    assert names() == [source.class_name("circle"), source.class_name("square")] != ["circle", "square"]


def test_chips_of_several_names_follow_the_language(qtbot):
    field = SeveralField(Segmentation.parameters["kinds"])
    qtbot.addWidget(field)
    assert field.buttons["gradient"].text() == "shading"
    set_language("zh")
    field.relabel()
    assert field.buttons["circle"].text() == Segmentation().class_name("circle") != "circle"
