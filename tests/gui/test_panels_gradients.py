"""What the gradients panel shows besides bars: what clipping took, how far steps go, and what is wrong in words."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from playground.diagnosis import Finding
from playground.probes.gradients import Clipping, GradientsAnswer
from playground.text import set_language
from tests.gui.fake_session import FakeSession, planar
from widgets.panels.gradients import GradientsPanel
from widgets.panels.parts.findings import ICONS, sentence, short, whole

LAYERS = ("dense_1", "dense_2")


@pytest.fixture
def panel(qtbot):
    made = GradientsPanel(FakeSession(planar()))
    qtbot.addWidget(made)
    made.resize(760, 380)
    made.show()
    QApplication.processEvents()
    return made


def answer(magnitude, step=1, nodes=LAYERS, **closely):
    magnitude = np.asarray(magnitude, dtype=float)
    for name in ("before", "ratio", "units", "dead"):
        if name in closely:
            closely[name] = np.asarray(closely[name])
    return GradientsAnswer(step, nodes, magnitude, magnitude, **closely)


def click(chip):
    QTest.mouseClick(chip, Qt.MouseButton.LeftButton)


def test_an_outline_shows_what_the_gradient_was_before_clipping(panel):
    panel.draw(answer([1e-2, 1e-1], before=[1.0, np.nan], clipping=(Clipping("", 62.0, 1.0),)))
    outlines = panel.bars.outlines.opts
    assert panel.bars.outlines.isVisible() and outlines["y"].tolist() == [0], "what is not known has no outline"
    assert outlines["x0"][0] + outlines["width"][0] == pytest.approx(0.0)
    bars = panel.bars.bars.opts
    assert np.allclose(bars["x0"] + bars["width"], [-2, -1])
    assert panel._readout.text() == "length 62 before clipping, 1 after · root mean square, step 1"
    panel.bars.pointed.emit(0)
    assert panel._readout.text() == "dense_1: 1 before clipping, 0.01 after"
    panel.draw(answer([1e-2, 1e-1], step=2))
    assert not panel.bars.outlines.isVisible()


def test_two_sides_are_told_apart(panel):
    panel.draw(
        answer([1e-2, 1e-1], clipping=(Clipping("generator", 3.0, 1.0), Clipping("discriminator", math.nan, 0.5)))
    )
    told = panel._readout.toolTip().splitlines()
    assert told[0].startswith("generator: length 3") and told[1] == "discriminator: length – before clipping, 0.5 after"


def test_update_to_weight_is_shown_beside_the_guide_of_a_thousandth(panel):
    panel.draw(answer([1e-2, 1e-1], ratio=[2e-3, 5e-7]))
    click(panel.chips["ratio"])
    bars = panel.ratios.bars.opts
    assert np.allclose(bars["x0"] + bars["width"], np.log10([2e-3, 5e-7]))
    assert panel.ratios.guide.value() == pytest.approx(-3) and panel.ratios.isVisible()
    low, high = panel.ratios.viewRange()[0]
    assert low < -3 < high
    assert panel._readout.text() == "‖Δw‖ / ‖w‖, step 1"
    panel.draw(answer([1e-2, 1e-1], step=2, ratio=[5.0, 6.0]))
    low, high = panel.ratios.viewRange()[0]
    assert low < -3 < high, "the guide stays in sight"
    panel.draw(answer([1e-2, 1e-1], step=3, ratio=[np.nan, np.nan], back=True))
    panel._readout.hurry()
    panel._tell()
    assert "early stopping" in panel._readout.text()


def test_the_views_are_chosen_with_the_keys_too_and_only_one_is_on(panel):
    panel.draw(answer([1e-2, 1e-1]))
    panel.chips["bars"].setFocus()
    click(panel.chips["map"])
    assert panel.view == "map" and panel._pages.currentWidget() is panel.map and not panel.chips["bars"].isChecked()
    QTest.keyClick(panel.chips["ratio"], Qt.Key.Key_Space)
    assert panel.view == "ratio" and panel._pages.currentWidget() is panel.ratios
    assert panel.ratios.bars.opts["width"].tolist() == [0, 0], "nothing is known of the steps"


def test_what_is_wrong_is_called_by_name(panel):
    for step in range(1, 5):
        panel.draw(answer([1e-9, 1e-1], step=step, ratio=[1e-3, 0.4], units=[0, 0], dead=[0, 0]))
    panel.findings.hurry()
    panel.draw(answer([1e-9, 1e-1], step=5, ratio=[1e-3, 0.4], units=[0, 0], dead=[0, 0]))
    assert [one.kind for one in panel.findings.findings] == ["vanishing", "large"]
    rows = [one for one in panel.findings.rows if one.isVisible()]
    assert rows[0].words.text().startswith("The gradient vanishes: dense_1 gets 1e-8 of what dense_2 gets.")
    assert (
        rows[1].words.text()
        == "A step moves dense_2 by 0.4 of its weights, far more than 0.001. Lower the learning rate."
    )
    assert not rows[0].mark.pixmap().isNull()
    set_language("zh")
    panel.relabel()
    panel.session.restart()
    assert not panel.findings.isVisible() and not panel.looks


def test_other_layers_or_an_earlier_step_begin_a_new_judgement(panel):
    for step in range(1, 4):
        panel.draw(answer([1e-9, 1e-1], step=step))
    assert len(panel.looks) == 3
    panel.draw(answer([1e-9, 1e-1], step=2))
    assert [look.step for look in panel.looks] == [2]
    panel.draw(answer([1e-1], step=9, nodes=("dense_1",)))
    assert [look.step for look in panel.looks] == [9]


def test_a_low_panel_tells_the_worst_only_and_all_in_the_tooltip(panel):
    panel.draw(answer([1e-2, 1e-1]))
    panel.findings.hurry()
    panel.findings.tell(
        [Finding("silent", "dense_1", 0.0), Finding("large", "dense_2", 0.5), Finding("dead", "dense_1", 0.3)]
    )
    panel.findings.make_room(200)
    assert [one.isVisibleTo(panel) for one in panel.findings.rows] == [True, False, False]
    panel.findings.make_room(600)
    assert [one.isVisibleTo(panel) for one in panel.findings.rows] == [True, True, True]
    assert len(panel.findings.toolTip().splitlines()) == 3


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("kind", sorted(ICONS))
def test_every_finding_names_its_layer_and_says_what_to_try(kind, language):
    set_language(language)
    text = sentence(Finding(kind, "encoder_1.2.dense_1", 0.25, 3, "dense_9"))
    assert "encoder_1.2.dense_1" in text and len(text) > 20
    assert "3" in whole(Finding(kind, "dense_1", 0.25, 3, "dense_9"))


def test_a_long_path_is_shortened_in_the_middle():
    assert short("dense_1") == "dense_1"
    assert len(short("encoder_stack.12.attention_block.2.projection_dense_4")) <= 26


@pytest.mark.parametrize(("layers", "named"), [(1, 1), (12, 12), (60, 15)])
def test_bars_can_be_read_with_one_twelve_and_sixty_layers(panel, layers, named):
    names = tuple(f"dense_{k}" for k in range(layers))
    panel.draw(answer(np.logspace(-4, -1, layers), nodes=names))
    QApplication.processEvents()
    ticks = panel.bars.getAxis("left")._tickLevels[0]
    assert named <= len(ticks) <= layers
    low, high = panel.bars.viewRange()[1]
    tall = 0.6 * panel.bars.getPlotItem().vb.height() / (high - low)
    assert 1.5 < tall < 40
    panel.bars._on_scene_mouse_moved(panel.bars.getPlotItem().vb.mapViewToScene(QPointF(-4.0, layers - 1)))
    assert panel._readout.text().startswith(f"dense_{layers - 1}: ")
    QApplication.sendEvent(panel.bars.viewport(), QEvent(QEvent.Type.Leave))
    assert panel._readout.text().startswith("root mean square")


def test_the_table_holds_every_layer_at_every_moment_that_was_seen(panel):
    panel.draw(answer([1.0, 2.0], step=1))
    panel.draw(answer([3.0, 4.0], step=5, ratio=[0.1, 0.2]))
    table = panel.as_table()
    assert table.columns == ("step", "layer", "gradient_rms")
    assert [tuple(r) for r in table.rows] == [
        (1, "dense_1", 1),
        (1, "dense_2", 2),
        (5, "dense_1", 3),
        (5, "dense_2", 4),
    ]
    click(panel.chips["ratio"])
    assert [tuple(r) for r in panel.as_table().rows] == [(5, "dense_1", 0.1), (5, "dense_2", 0.2)]
