"""The panel of generated samples, and the generator's loss beside the discriminator's."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

from playground.probes.samples import Samples, SamplesAnswer
from tests.examples import preset
from tests.gui.fake_session import FakeSession, planar
from widgets.panels import PANELS, load_panels

load_panels()


@pytest.fixture
def shown(qtbot):
    def make(key, experiment):
        session = FakeSession(experiment)
        panel = PANELS[key](session)
        qtbot.addWidget(panel)
        panel.resize(480, 260)
        panel.show()
        QApplication.processEvents()
        return panel, session

    return make


def pictures(n=12):
    """Images of one colour each: red ones are generated, blue ones real."""
    made, real = (np.zeros((n, 8, 8, 3), np.uint8) for _ in range(2))
    made[..., 0] = 100 + 10 * np.arange(n)[:, None, None]
    real[..., 2] = 100 + 10 * np.arange(n)[:, None, None]
    return SamplesAnswer(9, True, real, made, ("", ""), (), np.zeros((0, 0), np.float32), "validation")


def points(taken=True):
    rng = np.random.default_rng(1)
    real, made = rng.uniform(-5, 5, (2, 30, 2)).astype(np.float32)
    ground = rng.uniform(0, 1, (20, 20) if taken else (0, 0)).astype(np.float32)
    return SamplesAnswer(9, False, real, made, ("x", "y"), (-6.0, 6.0, -6.0, 6.0), ground, "validation")


def colours(widget):
    image = widget.grab().toImage()
    found = [
        (x, QColor(image.pixel(x, y)).getRgb()[:3])
        for x in range(0, image.width(), 3)
        for y in range(0, image.height(), 3)
    ]
    return {colour: x for x, colour in found}  # the last place of each, for they come from left to right


def test_generated_images_stand_at_the_left_and_real_ones_at_the_right(shown):
    panel, session = shown("samples", preset("gan"))
    assert session.watched["samples"] == Samples() and not panel.filled
    session.evaluate("validation", "energy_distance", {50: 0.2134})
    panel._readout.hurry()
    panel.draw(pictures())
    assert panel.filled and "0.21" in panel._readout.text()
    seen, middle = colours(panel.heaps), panel.heaps.width() / 2
    for k in range(12):
        assert seen[(100 + 10 * k, 0, 0)] < middle < seen[(0, 0, 100 + 10 * k)]
    assert panel.heaps.shown == 12


@pytest.mark.parametrize("size", [(220, 150), (900, 160), (300, 600)])
def test_where_there_is_little_room_fewer_images_are_shown_rather_than_ones_too_small_to_see(shown, size):
    panel, _ = shown("samples", preset("gan"))
    panel.resize(*size)
    panel.draw(pictures(60))
    QApplication.processEvents()
    panel.grab()
    assert 1 <= panel.heaps.shown <= 60
    assert panel.heaps.shown == 60 or size == (220, 150)


def test_points_lie_over_what_the_discriminator_answers(shown):
    panel, _ = shown("samples", preset("gan-points"))
    answer = points()
    panel.draw(answer)
    for item, wanted in ((panel.real, answer.real), (panel.made, answer.made)):
        assert np.allclose(np.stack(item.getData(), axis=1), wanted)
    rect = panel.ground.mapRectToParent(panel.ground.boundingRect())
    assert (rect.left(), rect.top(), rect.width(), rect.height()) == (-6, -6, 12, 12)
    assert np.array_equal(panel.ground.image, answer.taken) and "●" in panel.title_detail()
    panel.draw(points(taken=False))
    assert not panel.ground.isVisible() and not panel.bar.isVisible()


def test_without_a_generator_it_asks_nothing_and_says_where_to_find_one(shown):
    panel, session = shown("samples", planar())
    assert session.watched["samples"] is None and "preset gan" in panel.empty()
    panel.draw(points())
    session.document.edit("Open", graph=preset("gan").graph, facts=preset("gan").facts)
    assert session.watched["samples"] == Samples()
    session.document.undo()
    assert not panel.filled and session.watched["samples"] is None


def test_the_loss_panel_shows_the_generators_loss_too(shown):
    panel, session = shown("loss", preset("gan-points"))
    session.lose([1.4, 1.3, 1.2])
    panel.sync()
    assert panel.opponent.getData()[0] is None and "generator" not in panel.title_detail()
    session.evaluate("validation", "loss", {2: 1.3})
    session.evaluate("validation", "generator_loss", {2: 0.75, 3: 0.81})
    panel._readout.hurry()
    panel.sync()
    steps, values = panel.opponent.getOriginalDataset()
    assert steps.tolist() == [2, 3] and values.tolist() == [0.75, 0.81]
    assert "generator" in panel.title_detail() and "0.81" in panel._readout.text()
