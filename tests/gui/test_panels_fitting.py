"""What the panels of fitted functions, embeddings and recorded experiments draw."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QApplication

from playground.presets import open_named
from playground.probes.embedding import Embedding, EmbeddingAnswer
from playground.probes.regression import Measured, Regression, RegressionAnswer
from tests.gui.fake_session import FakeSession, planar
from widgets.panels import PANELS, load_panels
from widgets.panels.embedding import followed
from widgets.theme import APPEARANCE, CLASS_COLOURS, DARK, LIGHT

load_panels()


@pytest.fixture
def shown(qtbot):
    """Make a panel over a fake session with a preset in it and show it."""

    def make(key, name):
        session = FakeSession(open_named(name)[0] if isinstance(name, str) else name)
        panel = PANELS[key](session)
        panel.session_kept = session
        qtbot.addWidget(panel)
        panel.resize(420, 260)
        panel.show()
        QApplication.processEvents()
        return panel, session

    return make


@pytest.fixture(autouse=True)
def themes():
    yield
    APPEARANCE.choose("dark")


def line(step=1, lift=0.0, parts=True):
    x = np.linspace(-3, 3, 61, dtype=np.float32)
    made = np.stack([x, -x / 2]).astype(np.float32)
    points = {"train": Measured(x[::10, None], x[::10]), "validation": Measured(x[::20, None], x[::20])}
    fit = (x / 2 + lift).astype(np.float32)
    more = {"parts": made, "units": (0, 4), "total": 9, "offset": lift} if parts else {}
    return RegressionAnswer(step, ("x",), (-3.0, 3.0), fit, x, points=points, **more)


def surface(step=1, lift=0.0):
    side = np.linspace(-1, 1, 20, dtype=np.float32)
    truth = side[None, :] + 10 * side[:, None]
    return RegressionAnswer(step, ("x", "y"), (-1.0, 1.0), truth + lift, truth)


# -- fitted functions ----------------------------------------------------------------------------------------------


def test_the_curves_are_the_fit_the_truth_and_what_each_unit_adds(shown):
    panel, _ = shown("regression", "approximation-1d")
    assert panel.probe() == Regression() and not panel.filled
    panel.draw(line(lift=0.5))
    x, y = panel.fit.getOriginalDataset()
    assert panel.filled and x[0] == -3 and x[-1] == 3 and np.allclose(y, x / 2 + 0.5)
    assert np.allclose(panel.truth.getOriginalDataset()[1], x)
    assert len(panel.points["train"].data) == 7 and len(panel.points["validation"].data) == 4
    assert [
        np.allclose(item.getOriginalDataset()[1], part) for item, part in zip(panel.parts, line().parts, strict=True)
    ]
    assert panel.units.isVisible()
    assert "1.00" in panel._readout.text() or "off by" in panel._readout.text()


def test_the_units_can_be_put_away_with_the_keyboard(shown, qtbot):
    panel, _ = shown("regression", "approximation-1d")
    panel.draw(line())
    panel._switch.setFocus()
    qtbot.keyClick(panel._switch, Qt.Key.Key_Space)
    assert not panel.units.isVisible()
    panel.draw(line(step=2))
    assert not panel.units.isVisible()


def test_without_hidden_units_there_is_nothing_to_put_away(shown):
    panel, _ = shown("regression", "approximation-1d")
    panel.draw(line(parts=False))
    assert not panel._switch.isVisible() and not panel.units.isVisible()


def test_both_surfaces_have_the_scale_of_the_truth(shown):
    panel, _ = shown("regression", "approximation-2d")
    panel.draw(surface(lift=100.0))
    for item in panel.surfaces.values():
        assert tuple(item.levels) == (-11.0, 11.0)
    assert np.array_equal(panel.surfaces[panel.right].image, surface().truth)
    assert np.array_equal(panel.surfaces[panel.found].image, surface().truth + 100)
    assert (panel.bar.low, panel.bar.high) == (-11.0, 11.0)


def test_the_pointer_reads_fit_truth_and_unit(shown):
    panel, _ = shown("regression", "approximation-1d")
    panel.draw(line(lift=0.25))
    panel._hovered, panel._hover = panel.plot, QPointF(1.0, 0.0)
    panel._readout.hurry()
    panel._sync_readout()
    assert panel._readout.text() == "x 1: fit 0.75, true 1"
    panel._hovered, panel._hover = panel.units, QPointF(2.0, -0.8)
    panel._readout.hurry()
    panel._sync_readout()
    assert panel._readout.text() == "unit 5 adds −1 at 2"


def test_another_kind_of_data_says_what_to_choose(shown):
    panel, _ = shown("regression", planar())
    assert "Curve or Surface" in panel.empty()
    panel, _ = shown("regression", "approximation-1d")
    assert "learnt appears here" in panel.empty()


def test_values_that_are_not_finite_are_borne(shown):
    panel, _ = shown("regression", "approximation-1d")
    bad = line()
    panel.draw(replace(bad, fit=np.full_like(bad.fit, np.nan), parts=np.full_like(bad.parts, np.inf)))
    for theme in (LIGHT, DARK):
        APPEARANCE.choose(theme.name)
        panel.grab()


# -- embedding -----------------------------------------------------------------------------------------------------


def cloud(where, step=1, node="relu_3", kinds=None, classes=("0", "1", "2")):
    where = np.asarray(where, dtype=np.float32)
    kinds = np.arange(len(where)) % 3 if kinds is None else kinds
    return EmbeddingAnswer(step, node, where, kinds, classes, (0.5, 0.25), 16, "validation")


def some(n=12):
    return np.random.default_rng(1).normal(size=(n, 2))


def places(panel):
    return np.stack(panel.points.getData(), axis=1)


def test_it_asks_for_the_last_hidden_layer_until_another_is_chosen(shown):
    panel, session = shown("embedding", "digits-embedding")
    assert panel.probe() == Embedding(node="relu_3") == session.watched["embedding"]
    panel._choice.setCurrentIndex(panel._choice.findText("dense_1"))
    panel._choice.activated.emit(panel._choice.findText("dense_1"))
    assert session.watched["embedding"] == Embedding(node="dense_1")
    panel.draw(cloud(some()))
    assert not panel.filled, "asked before another node was chosen"


def test_points_have_the_colours_of_their_classes_and_keep_them_as_they_move(shown):
    panel, _ = shown("embedding", "digits-embedding")
    for step in (1, 2):
        panel.draw(cloud(some() * step, step=step))
        colours = [panel.points.data["brush"][k].color().name() for k in range(3)]
        assert colours == [colour.lower() for colour in CLASS_COLOURS[:3]]
    assert "75 %" in panel._readout.text() or "●" in panel._readout.text()


def test_a_mirrored_and_turned_picture_is_turned_back(shown):
    panel, _ = shown("embedding", "digits-embedding")
    before = some()
    panel.draw(cloud(before))
    panel.draw(cloud((before + 0.01 * some()[::-1]) @ np.array([[0.0, 1.0], [1.0, 0.0]]) * [1, -1], step=2))
    assert np.abs(places(panel) - before).max() < 0.1


def test_following_changes_no_distance():
    before, now = some(), some()[::-1] * 2
    turned = followed(before, now)
    for points in (turned,):
        far = np.linalg.norm(points[:, None] - points[None], axis=2)
        assert np.allclose(far, np.linalg.norm(now[:, None] - now[None], axis=2))
    assert np.square(turned - before).sum() <= np.square(now - before).sum() + 1e-9


def test_a_new_run_begins_with_a_picture_of_its_own(shown):
    panel, session = shown("embedding", "digits-embedding")
    panel.draw(cloud(some()))
    session.restart()
    assert not panel.filled
    panel.draw(cloud(-some()))
    assert np.allclose(places(panel), -some(), atol=1e-6)


def test_numbers_take_their_colours_from_a_scale_and_broken_ones_are_borne(shown):
    panel, _ = shown("embedding", "digits-embedding")
    panel.draw(cloud(some(), kinds=np.linspace(0, 1, 12, dtype=np.float32), classes=()))
    assert len({panel.points.data["brush"][k].color().name() for k in range(12)}) == 12
    panel.draw(cloud(np.full((12, 2), np.nan)))
    panel.grab()


# -- recorded ------------------------------------------------------------------------------------------------------


def test_the_recorded_curves_and_the_present_run_stand_over_the_same_axis(shown):
    panel, session = shown("recorded", "grokking")
    told = panel._told
    assert panel.filled and told.x == "step"
    steps, values = panel.before["validation"].getOriginalDataset()
    assert list(zip(steps, values, strict=True)) == list(told.lines["validation"])
    session.evaluate("validation", "accuracy", {0: 0.0, 50: 0.1, 100: 0.2})
    panel.sync()
    steps, values = panel.now["validation"].getOriginalDataset()
    assert list(steps) == [50, 100] and list(values) == [0.1, 0.2], "step 0 has no place on a logarithmic axis"
    assert panel.plot.getPlotItem().ctrl.logXCheck.isChecked()
    assert told.command in panel.command.text()


def test_of_a_sweep_the_present_network_is_a_star_over_its_parameters(shown):
    panel, session = shown("recorded", "double-descent")
    assert panel.now["validation"].opts["symbol"] == "star"
    session.evaluate("validation", "mse", {10: 3.0, 20: 2.5})
    panel.sync()
    x, y = panel.now["validation"].getOriginalDataset()
    assert list(x) == [session.document.report.parameters] == [109] and list(y) == [2.5]


def test_a_document_without_a_recorded_experiment_says_where_to_find_one(shown):
    panel, _ = shown("recorded", "xor")
    assert not panel.filled and "grokking" in panel.empty()


def test_the_pointer_reads_the_recorded_values(shown):
    panel, _ = shown("recorded", "grokking")
    panel._hover = np.log10(150)
    panel._readout.hurry()
    panel._sync_readout()
    assert "step 150" in panel._readout.text() and "train 1" in panel._readout.text().replace("</span>", "")
