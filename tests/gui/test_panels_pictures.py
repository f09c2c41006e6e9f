"""Panels that show pictures with answers over them: masks, boxes, kernels."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QComboBox

from playground.blocks.combine import Flatten
from playground.blocks.convolution import Conv2D
from playground.blocks.data import Input, Output
from playground.blocks.dense import Dense
from playground.data.detection import Detection
from playground.experiment import Experiment
from playground.facts import DataFacts, Target
from playground.probes.boxes import Boxes, BoxesAnswer
from playground.probes.kernels import Kernels, KernelsAnswer
from playground.probes.masks import NOWHERE, Masks, MasksAnswer
from playground.shape import Shape
from playground.text import set_language
from tests.examples import chain
from tests.gui.fake_session import FakeSession, pictured, planar
from widgets.data_view.wording import class_colour
from widgets.panels import PANELS, load_panels
from widgets.panels.boxes import ANSWERED, TRUE
from widgets.panels.kernels import BETWEEN
from widgets.panels.parts.gallery import ROOMY
from widgets.panels.parts.mosaics import mosaic_table, signed_table
from widgets.theme import current

load_panels()


@pytest.fixture
def shown(qtbot):
    """Make a panel over a fake session and show it."""

    def make(key, experiment, size=(640, 340)):
        session = FakeSession(experiment)
        panel = PANELS[key](session)
        panel.session_kept = session
        qtbot.addWidget(panel)
        panel.resize(*size)
        panel.show()
        QApplication.processEvents()
        return panel, session

    return make


def painting() -> Experiment:
    facts = DataFacts(
        {"x": Shape(channels=1, height=8, width=8)},
        {"mask": Target(("ground", "cat", "dog"), Shape(height=8, width=8))},
        {"train": 9},
    )
    graph = chain(Input(), Conv2D(channels=3, padding=1), Output(target="mask"))
    return Experiment(graph=graph, facts=facts)


def finding() -> Experiment:
    source = Detection()
    facts = DataFacts({"x": Shape(channels=3, height=32, width=32)}, source.targets, {"train": 9})
    graph = chain(Input(), Flatten(), Dense(units=4), Output(target="box", task="box", loss="smooth_l1"))
    return Experiment(source=source, graph=graph, facts=facts)


def masks(answers, first=0, n=2):
    images = np.full((n, 8, 8, 3), 100, dtype=np.uint8)
    truths = np.zeros((n, 8, 8), dtype=np.uint8)
    overlaps = np.array([0.9, 0.25, np.nan])
    classes = ("ground", "cat", "dog")
    return MasksAnswer(
        7, classes, images, truths, answers, np.array([0.5, 1.0]), overlaps, 0.575, "validation", first, 9
    )


def boxes(truths, answers, labels=(("ring",),), predicted=(("ring",),)):
    truths, answers = (np.array(one, dtype=np.float32)[None] for one in (truths, answers))
    images = np.zeros((1, 32, 32, 3), dtype=np.uint8)
    overlaps = np.full(truths.shape[:2], 0.31, dtype=np.float32)
    counts = np.array([0, 0, 0, 3, 0, 0, 0, 0, 0, 1], dtype=np.uint32)
    return BoxesAnswer(7, images, truths, answers, overlaps, labels, predicted, 0.4, 0.25, counts, "train", 0, 9)


def colours(widget):
    image = widget.grab().toImage()
    return {QColor(image.pixel(x, y)).name() for x in range(image.width()) for y in range(image.height())}


# -- masks ---------------------------------------------------------------------------------------------------------


def test_a_mask_is_drawn_over_its_image_in_the_colours_of_the_classes_and_the_ground_is_not(shown):
    panel, _ = shown("masks", painting())
    answers = np.zeros((2, 8, 8), dtype=np.uint8)
    answers[0, :4], answers[1, :4] = 1, NOWHERE
    panel.draw(masks(answers))
    image, truth, mask = panel.tiles.columns[0]
    assert image.pixelColor(0, 0) == truth.pixelColor(0, 0) == mask.pixelColor(0, 7) == QColor(100, 100, 100)
    cat = [round(0.4 * 100 + 0.6 * part) for part in class_colour(1).getRgb()[:3]]
    assert mask.pixelColor(0, 0) == QColor(*cat)
    assert panel.tiles.columns[1][2].pixelColor(0, 0) == QColor(100, 100, 100)
    assert QColor(*cat).name() in colours(panel.tiles)


def test_the_bars_name_the_overlap_of_each_class_and_a_dash_where_there_is_none(shown):
    panel, _ = shown("masks", painting())
    panel.draw(masks(np.zeros((2, 8, 8), dtype=np.uint8)))
    assert [name for name, *_ in panel.beside.rows] == ["ground", "cat", "dog"]
    assert panel.beside.accessibleDescription() == "ground 0.90; cat 0.25; dog –"
    assert "0.57" in panel.readout.text() and "step 7" in panel.readout.text()
    assert panel.tiles.accessibleDescription() == "overlap: 0.50, 1.00"


def test_the_arrows_leaf_through_the_examples_by_mouse_and_key(shown, qtbot):
    panel, session = shown("masks", painting())
    assert session.watched["masks"] == Masks(first=0, count=3)
    panel.draw(masks(np.zeros((2, 8, 8), dtype=np.uint8)))
    qtbot.mouseClick(panel.after, Qt.MouseButton.LeftButton)
    assert session.watched["masks"] == Masks(first=3, count=3) and panel.place.text() == "4–6 / 9"
    panel.before.setFocus()
    qtbot.keyClick(panel.before, Qt.Key.Key_Space)
    qtbot.keyClick(panel.before, Qt.Key.Key_Space)
    assert session.watched["masks"] == Masks(first=6, count=3), "before the first come the last ones"


def test_without_pixels_to_classify_nothing_is_asked_and_an_edit_takes_the_masks_away(shown):
    assert shown("masks", planar())[1].watched["masks"] is None
    panel, session = shown("masks", painting())
    panel.draw(masks(np.zeros((2, 8, 8), dtype=np.uint8)))
    graph = session.document.now.graph
    session.document.edit("Take away", graph=graph.remove(["output_1"]))
    assert not panel.filled and session.watched["masks"] is None
    assert "segmentation" in panel.empty()


def test_in_a_narrow_panel_the_examples_have_all_the_room(shown):
    for width, there in ((ROOMY - 20, False), (ROOMY + 20, True)):
        panel, _ = shown("masks", painting(), (width, 220))
        panel.draw(masks(np.zeros((2, 8, 8), dtype=np.uint8)))
        QApplication.processEvents()
        assert panel.beside.isVisible() == there and "0.57" in panel.readout.text()


# -- boxes ---------------------------------------------------------------------------------------------------------


def test_boxes_are_drawn_over_the_image_true_and_answered(shown):
    panel, _ = shown("boxes", finding())
    panel.draw(boxes([[0.5, 0.5, 0.5, 0.5]], [[0.4, 0.4, 0.5, 0.5]]))
    assert {TRUE.lower(), ANSWERED.lower()} <= colours(panel.tiles)
    panel.draw(boxes([[0.0, 0.0, 0.0, 0.0]], [[0.4, 0.4, -0.5, 0.5]]))
    assert not {TRUE.lower(), ANSWERED.lower()} & colours(panel.tiles), "there is nothing to be drawn"


def test_the_words_say_the_class_whether_it_is_right_and_the_overlap(shown):
    panel, _ = shown("boxes", finding())
    one = [0.5, 0.5, 0.5, 0.5]
    panel.draw(boxes([one, one], [one, one], (("ring", "star"),), (("ring", "cross"),)))
    assert panel.tiles.accessibleDescription() == "✓ ring 0.31, ✗ cross 0.31"
    panel.draw(boxes([one], [one], (("",),), (("",),)))
    assert panel.tiles.accessibleDescription() == "0.31"
    assert "0.40" in panel.readout.text() and "0.25" in panel.readout.text()
    assert panel.beside.accessibleDescription().split("; ") == [
        *("0.8–1.0 0.25", "0.6–0.8 0.00", "0.4–0.6 0.00", "0.2–0.4 0.75", "0.0–0.2 0.00")
    ]
    assert "train" in panel.title_detail()


def test_boxes_are_asked_for_where_an_output_answers_with_one(shown, qtbot):
    panel, session = shown("boxes", finding())
    assert session.watched["boxes"] == Boxes(first=0, count=6)
    assert shown("boxes", pictured())[1].watched["boxes"] is None
    panel.draw(boxes([[0.5] * 4], [[0.5] * 4]))
    session.restart()
    assert not panel.filled


# -- kernels -------------------------------------------------------------------------------------------------------


def kernels(values, node="conv_1", outputs=0):
    values = np.asarray(values, dtype=np.float32)
    return KernelsAnswer(3, node, values, outputs or len(values), values.shape[1], float(np.abs(values).max()))


def test_kernels_lie_in_columns_by_what_goes_out_and_rows_by_what_comes_in(shown):
    panel, _ = shown("kernels", pictured())
    values = np.zeros((3, 2, 4, 4))
    values[2, 1], values[0, 1] = 1.0, -1.0
    panel.draw(kernels(values))
    pixels = panel.mosaic.image.image
    side = 32 + BETWEEN
    assert pixels.shape == (2 * side - BETWEEN, 3 * side - BETWEEN)
    assert pixels[-1, -1] == 255 and pixels[-1, 0] == 1 and pixels[0, 0] == 128 and pixels[0, 32] == 0
    table = mosaic_table(signed_table(current()))
    assert np.array_equal(panel.mosaic.image.lut, table)
    assert (panel.bar.low, panel.bar.high) == (-1.0, 1.0)
    assert "3 maps out of 2" in panel.findChild(object, "kernels_readout").text()


def test_the_kernels_of_another_convolution_can_be_chosen(shown, qtbot):
    panel, session = shown("kernels", pictured())
    choice = panel.findChild(QComboBox, "kernels_node")
    assert [choice.itemText(k) for k in range(choice.count())] == ["conv_1", "conv_2"]
    assert session.watched["kernels"] == Kernels(node="conv_1")
    panel.draw(kernels(np.ones((6, 1, 5, 5))))
    choice.setFocus()
    qtbot.keyClick(choice, Qt.Key.Key_Down)
    assert session.watched["kernels"] == Kernels(node="conv_2") and not panel.filled
    panel.draw(kernels(np.ones((6, 1, 5, 5))))
    assert not panel.filled, "asked before another was chosen"
    panel.draw(kernels(np.ones((2, 6, 3, 3)), "conv_2", outputs=3))
    readout = panel.findChild(object, "kernels_readout").text()
    assert panel.filled and "12 shown" in readout


def test_without_a_convolution_it_says_what_to_add(shown):
    panel, session = shown("kernels", planar())
    assert session.watched["kernels"] is None and "Conv2D" in panel.empty()


def test_they_speak_chinese(shown):
    panel, _ = shown("kernels", pictured())
    set_language("zh")
    panel.relabel()
    panel.draw(kernels(np.ones((6, 1, 5, 5))))
    assert panel.filled
