"""The panels of autoencoders: images beside their reconstructions, the plane of codes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

from playground.probes.latent import Latent, LatentAnswer
from playground.probes.reconstruction import Reconstruction, ReconstructionAnswer
from playground.text import say
from tests.examples import preset
from tests.gui.fake_session import FakeSession, pictured
from widgets.panels import PANELS, load_panels
from widgets.panels.latent import laid_out
from widgets.theme import CLASS_COLOURS

load_panels()


@pytest.fixture
def shown(qtbot):
    def make(key, experiment=None):
        session = FakeSession(experiment or preset("vae"))
        panel = PANELS[key](session)
        qtbot.addWidget(panel)
        panel.resize(480, 300)
        panel.show()
        QApplication.processEvents()
        return panel, session

    return make


def reconstruction(n=8, **other):
    rng = np.random.default_rng(1)
    images, answers = (rng.integers(0, 256, (n, 28, 28, 3), dtype=np.uint8) for _ in range(2))
    said = {"own": np.full(n, 0.0123), "mean": 0.0131, "guess": 0.0295, "split": "validation", "first": 0, "total": 359}
    return ReconstructionAnswer(step=9, images=images, answers=answers, **(said | other))


def plane(cells=4, extent=(-2.0, 2.0, -2.0, 2.0), codes=3, **other):
    images = np.arange(cells * cells, dtype=np.uint8).reshape(cells, cells, 1, 1, 1).repeat(3, 2).repeat(5, 3)
    said = {
        "step": 9,
        "node": "sample_1",
        "size": 2,
        "drawn": True,
        "images": images,
        "low": 0.0,
        "high": 1.0,
        "extent": extent,
        "codes": np.linspace(-1, 1, 2 * codes, dtype=np.float32).reshape(codes, 2),
        "labels": np.arange(codes, dtype=np.int16),
        "classes": tuple("0123456789"),
        "split": "validation",
    }
    return LatentAnswer(**(said | other))


def test_every_image_stands_above_its_reconstruction(shown):
    panel, session = shown("reconstruction")
    assert session.watched["reconstruction"] == Reconstruction(first=0, count=8)
    answer = reconstruction()
    panel.draw(answer)
    assert panel.filled and len(panel.pairs.columns) == 8
    above, below = panel.pairs.columns[3]
    assert QColor(above.pixel(4, 2)).getRgb()[:3] == tuple(answer.images[3, 2, 4])
    assert QColor(below.pixel(4, 2)).getRgb()[:3] == tuple(answer.answers[3, 2, 4])
    assert "0.013" in panel.readout.text() and panel.pairs.own[0] == "0.012"
    for size in ((200, 140), (900, 200), (300, 700)):
        panel.resize(*size)
        QApplication.processEvents()
        panel.grab()


def test_all_images_are_painted_within_the_panel(shown):
    """Each reconstruction is of one colour of its own: all eight colours are found in the picture."""
    panel, _ = shown("reconstruction")
    colours = [(20 + 25 * k, 255 - 25 * k, 10) for k in range(8)]
    answers = np.stack([np.full((28, 28, 3), colour, np.uint8) for colour in colours])
    panel.draw(replace(reconstruction(), answers=answers))
    for size in ((480, 300), (300, 400)):
        panel.resize(*size)
        QApplication.processEvents()
        painted = panel.pairs.grab().toImage()
        found = {
            QColor(painted.pixel(x, y)).getRgb()[:3]
            for x in range(0, painted.width(), 3)
            for y in range(0, painted.height(), 3)
        }
        assert set(colours) <= found


def test_the_arrows_turn_eight_images_further(shown, qtbot):
    panel, session = shown("reconstruction")
    panel.draw(reconstruction())
    qtbot.mouseClick(panel.after, Qt.MouseButton.LeftButton)
    assert session.watched["reconstruction"].first == 8 and panel.place.text() == "9–16 / 359"


def test_without_reconstructions_both_say_where_to_find_some(shown):
    for key in ("reconstruction", "latent"):
        panel, session = shown(key, pictured())
        assert session.watched[key] is None and "preset" in panel.empty()


def test_the_plane_lies_over_its_extent_with_the_highest_row_on_top(shown):
    panel, session = shown("latent")
    assert session.watched["latent"] == Latent()
    panel.draw(plane())
    rect = panel.image.mapRectToParent(panel.image.boundingRect())
    assert (rect.left(), rect.top(), rect.width(), rect.height()) == (-2, -2, 4, 4)
    pixels = panel.image.image
    assert pixels.shape == (12, 20) and pixels[-1, 0] == 0 and pixels[-1, -1] == 3 and pixels[0, 0] == 12
    assert (panel.bar.low, panel.bar.high) == (0.0, 1.0)


def test_the_dots_are_the_codes_in_the_colours_of_their_classes_and_can_be_hidden(shown, qtbot):
    panel, _ = shown("latent")
    panel.draw(plane())
    x, y = panel.points.getData()
    assert np.allclose(np.stack([x, y], axis=1), plane().codes)
    assert panel.points.points()[1].brush().color() == QColor(CLASS_COLOURS[1])
    assert panel._readout.text().count("●") == 10
    qtbot.mouseClick(panel._switch, Qt.MouseButton.LeftButton)
    assert len(panel.points.data) == 0
    panel.draw(plane())
    assert len(panel.points.data) == 0


def test_the_pointer_tells_the_code(shown):
    panel, _ = shown("latent")
    panel.draw(plane())
    QApplication.processEvents()
    box = panel.plot.getPlotItem().getViewBox()
    panel._on_scene_mouse_moved(box.mapViewToScene(QPointF(1.5, -0.5)))
    assert panel._readout.text().startswith("code (1.5") and "−0." in panel._readout.text()


def test_samples_of_longer_codes_have_no_axes_and_no_dots(shown):
    panel, _ = shown("latent")
    empty = np.zeros((0, 2), np.float32)
    panel.draw(replace(plane(), extent=(), codes=empty, labels=np.zeros(0, np.int16), size=8))
    assert not panel._switch.isVisible() and len(panel.points.data) == 0
    assert panel.plot.getAxis("left")._tickLevels == [] and "8" in panel._readout.text()


def test_a_code_that_is_too_long_is_explained_and_one_that_is_shortened_is_asked_for(shown):
    panel, session = shown("latent", preset("autoencoder"))
    assert session.watched["latent"] is None and "set the units of the narrowest Dense to 2" in panel.empty()
    graph = session.document.now.graph
    code = graph.nodes["code"].block.replace(units=2)
    session.document.edit(say("Change"), graph=graph.configure("code", code))
    assert session.watched["latent"] == Latent()
    panel.draw(plane(node="code"))
    assert panel.filled and panel.title_detail() == "code"
    session.document.edit(say("Change"), graph=graph)
    assert not panel.filled and session.watched["latent"] is None


def test_images_are_laid_side_by_side():
    grey = np.arange(2 * 3 * 2 * 2, dtype=np.uint8).reshape(2, 3, 2, 2, 1)
    whole = laid_out(grey)
    assert whole.shape == (4, 6) and np.array_equal(whole[2:4, 4:6], grey[1, 2, :, :, 0])
    assert laid_out(np.zeros((2, 2, 4, 5, 3), np.uint8)).shape == (8, 10, 3)
