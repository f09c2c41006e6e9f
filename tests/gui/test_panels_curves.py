"""The curves show every step, smoothed and raw, and keep up with long runs."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF
from PySide6.QtWidgets import QApplication

from playground.text import say
from tests.gui.fake_session import FakeSession, planar
from widgets.panels import load_panels
from widgets.panels.parts.plots import Axis, readable
from widgets.panels.parts.smoothing import GROWTH, Smoother


@pytest.fixture
def shown(qtbot):
    """Make a panel over a fake session and show it."""

    def make(key, session=None):
        session = session or FakeSession(planar())
        panel = load_panels()[key](session)
        panel.session_kept = session
        qtbot.addWidget(panel)
        panel.resize(420, 240)
        panel.show()
        QApplication.processEvents()
        return panel, session

    return make


def by_hand(values, span):
    """The running mean, value by value."""
    value = weight = 0.0
    means = []
    for k, x in enumerate(values, 1):
        memory = min(span, k / GROWTH)
        keep = np.exp(-1 / memory) if memory > 1 else 0.0
        if np.isfinite(x):
            value, weight = keep * value + x, keep * weight + 1
            means.append(value / weight)
        else:
            value, weight = keep * value, keep * weight
            means.append(np.nan)
    return np.array(means)


@pytest.mark.parametrize("span", [1.0, 3.0, 20.0, 100.0])
def test_smoothing_is_the_running_mean_however_the_values_arrive(span):
    rng = np.random.default_rng(3)
    values = rng.normal(size=3000)
    values[[7, 900, 2500]] = np.nan, np.inf, -np.inf
    expected = by_hand(values, span)
    for pieces in ([3000], [1, 2, 60, 64, 65, 900, 3000], [*list(range(1, 3001, 7)), 3000]):
        smoother = Smoother(span)
        for end in pieces:
            got = smoother.follow(values[:end])
        assert np.allclose(got, expected, rtol=1e-9, atol=1e-9, equal_nan=True)


def test_a_shorter_curve_is_another_run():
    smoother = Smoother(5)
    smoother.follow(np.ones(500))
    assert np.array_equal(smoother.follow(np.full(3, 2.0)), [2, 2, 2])


def test_an_empty_panel_says_how_to_fill_it_and_a_filled_one_shows_every_step(shown, qtbot):
    panel, session = shown("loss")
    assert not panel.filled and "Play" in panel.empty()
    session.lose([2.0, 1.5, np.nan, 1.0])
    session.evaluate("validation", "loss", {2: 1.7, 4: 1.2})
    panel.sync()
    assert panel.filled
    steps, values = panel.raw.getOriginalDataset()
    assert np.array_equal(steps, [1, 2, 3, 4]) and np.array_equal(values, [2.0, 1.5, np.nan, 1.0], equal_nan=True)
    steps, values = panel.lines["validation"].getOriginalDataset()
    assert steps.tolist() == [2, 4] and values.tolist() == [1.7, 1.2]
    qtbot.waitUntil(lambda: "1.2" in panel._readout.text())


def test_all_100_000_steps_reach_the_plot_and_few_strokes_are_painted(shown):
    panel, session = shown("loss")
    session.lose(np.exp(-np.arange(100_000) / 3e4))
    panel.sync()
    assert len(panel.raw.getOriginalDataset()[0]) == 100_000
    assert len(panel.raw.getData()[0]) < 2000


def test_the_range_follows_the_run_until_the_person_zooms_and_again_after_a_double_click(shown, qtbot):
    panel, session = shown("loss")
    session.lose(np.linspace(2, 1, 100))
    panel.sync()
    box = panel.plot.getPlotItem().getViewBox()
    assert box.viewRange()[0] == pytest.approx([-2, 102], abs=1)
    box.setRange(xRange=(10, 20), yRange=(0, 1))
    box.sigRangeChangedManually.emit([True, True])
    session.lose(np.ones(100))
    panel.sync()
    assert box.viewRange()[0] == pytest.approx([10, 20], abs=1)
    from PySide6.QtCore import Qt

    qtbot.mouseDClick(panel.plot.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(200, 80))
    assert box.viewRange()[0] == pytest.approx([-4, 204], abs=2)


def test_a_log_scale_bears_zero_negative_and_missing_values(shown):
    panel, session = shown("loss")
    session.lose([10.0, 1.0, 0.0, -1.0, np.nan, np.inf, 0.01])
    panel._log.click()
    panel.sync()
    QApplication.processEvents()
    low, high = panel.plot.getPlotItem().getViewBox().viewRange()[1]
    assert -3 < low < -1.9 and 0.9 < high < 2
    panel._log.click()
    QApplication.processEvents()


def test_a_curve_of_nothing_but_nan_is_drawn_without_complaint(shown):
    panel, session = shown("loss")
    session.lose([np.nan, np.nan])
    panel.sync()
    panel._log.click()
    QApplication.processEvents()
    panel.grab()


def test_the_slider_chooses_how_much_is_smoothed(shown):
    panel, session = shown("loss")
    values = np.random.default_rng(0).random(500)
    session.lose(values)
    panel._slider.setValue(0)
    assert np.array_equal(panel.lines["train"].getOriginalDataset()[1], values)
    panel._slider.setValue(100)
    assert panel.lines["train"].getOriginalDataset()[1][-200:].std() < 0.1 * values.std()
    assert "1,000" in panel._slider.toolTip()


def test_another_run_begins_anew_even_where_it_is_longer(shown):
    panel, session = shown("loss")
    session.lose(np.full(50, 9.0))
    panel.sync()
    session.restart()
    assert not panel.filled
    session.lose(np.ones(80))
    panel.sync()
    assert np.allclose(panel.lines["train"].getOriginalDataset()[1], 1.0)


def test_edits_during_the_run_are_marked(shown):
    panel, session = shown("loss")
    session.lose(np.ones(50))
    session.history.marks.append((20, say("Connect")))
    panel.sync()
    assert [m.value() for m in panel.marks if m.isVisible()] == [20]
    session.restart()
    session.lose([1.0])
    panel.sync()
    assert not [m for m in panel.marks if m.isVisible()]


def test_the_cross_hair_says_the_values_at_its_step(shown):
    panel, session = shown("loss")
    panel._slider.setValue(0)
    session.lose([4.0, 3.0, 2.0, 1.0])
    panel.sync()
    QApplication.processEvents()
    box = panel.plot.getPlotItem().getViewBox()
    panel._on_scene_mouse_moved(box.mapViewToScene(QPointF(2.2, 2.0)))
    assert "step 2" in panel._readout.text() and "train 3" in panel._readout.text() and panel.cross.isVisible()
    QApplication.sendEvent(panel.plot.viewport(), QEvent(QEvent.Type.Leave))
    assert "train 1" in panel._readout.text() and not panel.cross.isVisible()


def test_accuracy_comes_from_the_evaluations_of_every_split(shown):
    panel, session = shown("accuracy")
    session.lose(np.ones(50))
    panel.sync()
    assert not panel.filled  # losses alone are no accuracy
    session.evaluate("train", "accuracy", {10: 0.5, 20: 0.75})
    session.evaluate("validation", "accuracy", {10: 0.4, 20: 0.7})
    session.evaluate("test", "accuracy", {20: 0.6})
    panel.sync()
    assert panel.lines["train"].getOriginalDataset()[1].tolist() == [0.5, 0.75]
    assert panel.lines["test"].getOriginalDataset()[1].tolist() == [0.6]
    assert "test" in panel.title_detail()
    low, high = panel.plot.getPlotItem().getViewBox().viewRange()[1]
    assert low < 0.4 and 1 <= high < 1.1


def test_of_several_outputs_the_first_accuracy_is_shown(shown):
    panel, session = shown("accuracy")
    session.evaluate("train", "accuracy.output_1", {10: 0.5})
    panel.sync()
    assert panel.lines["train"].getOriginalDataset()[1].tolist() == [0.5]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.08341, "0.0834"),
        (61706.0, "61,706"),
        (3.2e-5, "3.2e-5"),
        (-3.2e-5, "−3.2e-5"),
        (1e-4, "1e-4"),
        (-0.5, "−0.5"),
        (1e7, "1e7"),
        (float("nan"), "NaN"),
        (float("-inf"), "−∞"),
        (999.6, "1,000"),
    ],
)
def test_numbers_are_written_as_a_person_reads_them(value, text):
    assert readable(value) == text


def test_axes_write_thousands_and_powers_of_ten(qtbot):
    axis = Axis("left")
    assert axis.tickStrings([0, 5000, 10000], 1, 5000) == ["0", "5,000", "10,000"]
    assert axis.tickStrings([-0.5, 0, 0.5], 1, 0.5) == ["−0.5", "0.0", "0.5"]
    axis.setLogMode(True)
    axis.setRange(-5, 0)
    major, minor = axis.logTickValues(-5, 0, 400, None)
    assert axis.tickStrings(major[1], 1, 1.0) == ["1e-5", "1e-4", "1e-3", "1e-2", "1e-1", "1"]
    axis.setRange(-1.5, 0.2)
    assert axis.tickStrings([-1, np.log10(0.2), np.log10(0.3), 0], 1, 1.0) == ["0.1", "0.2", None, "1"]
    assert not set(np.round(major[1], 9)) & set(np.round(minor[1], 9))


# -- metrics, axes, marks ------------------------------------------------------------------------------------------


def chosen(panel):
    return [panel.tools.chooser.itemData(k) for k in range(panel.tools.chooser.count())]


def test_any_metric_that_was_evaluated_can_be_chosen(shown):
    panel, session = shown("accuracy")
    for metric, value in (("loss", 2.0), ("mse", 9.0), ("accuracy", 0.5), ("f1", 0.25)):
        session.evaluate("validation", metric, {10: value, 20: value / 2})
    panel.sync()
    assert panel.quantity == "accuracy" and chosen(panel) == ["accuracy", "f1", "mse"]
    assert not panel._log.isVisible()
    panel.tools.chooser.setCurrentIndex(2)
    panel.tools.chooser.activated.emit(2)
    assert panel.lines["validation"].getOriginalDataset()[1].tolist() == [9.0, 4.5]
    assert panel._log.isVisible() and panel.plot.getPlotItem().getViewBox().viewRange()[1][1] > 8
    panel._log.click()
    panel.tools.chooser.activated.emit(2)
    session.restart()
    session.evaluate("validation", "r2", {10: 0.1})
    panel.sync()
    assert panel.quantity == "r2", "what is not there any more cannot be shown"


def test_steps_stand_at_equal_distances_or_their_powers_of_ten_do(shown):
    panel, session = shown("loss")
    panel._slider.setValue(0)
    session.lose(np.linspace(4, 1, 1000))
    panel.sync()
    session.history.marks.append((100, say("Connect")))
    panel.tools._log_x.trigger()
    QApplication.processEvents()
    box = panel.plot.getPlotItem().getViewBox()
    assert box.viewRange()[0] == pytest.approx([0, 3], abs=0.2)
    assert panel.marks[0].value() == pytest.approx(2)
    panel._on_scene_mouse_moved(box.mapViewToScene(QPointF(1.0, 2.0)))
    assert "step 10" in panel._readout.text()
    panel._on_scene_mouse_moved(box.mapViewToScene(QPointF(2.001, 2.0)))
    assert panel.said.isVisible() and panel.said.toPlainText() == "Connect"


def test_what_was_changed_is_said_beside_its_mark(shown):
    panel, session = shown("loss")
    session.lose(np.ones(100))
    session.history.marks += [(20, say("Connect")), (60, say("learning rate {value}", value="0.1"))]
    panel.sync()
    QApplication.processEvents()
    box = panel.plot.getPlotItem().getViewBox()
    panel._on_scene_mouse_moved(box.mapViewToScene(QPointF(60.2, 1.0)))
    assert panel.said.isVisible() and panel.said.toPlainText() == "learning rate 0.1"
    panel._on_scene_mouse_moved(box.mapViewToScene(QPointF(40, 1.0)))
    assert not panel.said.isVisible()


# -- other runs ------------------------------------------------------------------------------------------------------


def kept(session, values, name=None):
    """Keep a run with these losses, then begin another."""
    session.lose(values)
    run = session.runs.keep()
    if name:
        session.runs.rename(run, name)
    session.restart()
    return run


def drawn(panel, item, split="train"):
    return panel.others._lines[item, split].getOriginalDataset()[1].tolist()


def test_kept_runs_are_drawn_over_each_other_on_the_same_axes_and_named_with_their_values(shown, qtbot):
    panel, session = shown("loss")
    panel._slider.setValue(0)
    panel.tools._splits.actions()[1].trigger()
    first = kept(session, np.linspace(2, 1, 400), "deep")
    assert panel.filled, "a kept run is shown while the present one has not begun"
    second = kept(session, [9.0, 8.0], "wide")
    session.lose([5.0, 4.0, 3.0])
    panel.sync()
    assert drawn(panel, first)[-1] == 1 and drawn(panel, second) == [9, 8]
    assert panel.plot.getPlotItem().getViewBox().viewRange()[0][1] == pytest.approx(400, rel=0.1)
    assert [(one.name, one.value) for one in panel.legend.entries] == [("This run", "3"), ("deep", "1"), ("wide", "8")]
    QApplication.processEvents()
    box = panel.plot.getPlotItem().getViewBox()
    panel._on_scene_mouse_moved(box.mapViewToScene(QPointF(1.1, 2.0)))
    assert [one.value for one in panel.legend.entries] == ["5", "2", "9"]
    session.runs.show(first, False)
    assert (first, "train") not in panel.others._lines and [one.name for one in panel.legend.entries][1:] == ["wide"]
    session.runs.remove(second)
    assert not panel.legend.isVisible() and not panel.others.drawn


def test_of_other_runs_validation_is_drawn_or_training_or_both(shown):
    panel, session = shown("loss")
    session.evaluate("validation", "loss", {1: 4.0, 2: 3.0})
    run = kept(session, [2.0, 1.0])
    assert drawn(panel, run, "validation") == [4, 3] and (run, "train") not in panel.others.drawn
    panel.tools._splits.actions()[2].trigger()
    assert drawn(panel, run, "validation") == [4, 3] and (run, "train") in panel.others.drawn


def test_seeds_are_a_band_with_their_mean_and_each_of_them_on_demand(shown, monkeypatch):
    panel, session = shown("loss")
    panel._slider.setValue(0)
    panel.tools._splits.actions()[1].trigger()
    monkeypatch.setattr(session.runs.companion, "add", lambda runs: None)
    group = session.runs.train_seeds(3)
    runs = session.runs.members(group)
    values = np.array([[3.0, 1.0, 5.0], [2.0, 4.0, 4.0], [1.0, 1.0, 1.0]])
    for run, own in zip(runs, values, strict=True):
        run.history.loss.extend(np.arange(1.0, 4.0), own)
        run.state = "finished"
    runs[2].state = "training"
    session.runs.changed.emit()
    band = panel.others._bands[group, "train"].getOriginalDataset()
    assert band[1].tolist() == [2, 1, 4] and band[2].tolist() == [3, 4, 5], "what still grows is no part of it"
    assert drawn(panel, runs[2]) == [1, 1, 1]
    runs[2].state = "finished"
    session.runs.changed.emit()
    _, low, high = panel.others._bands[group, "train"].getOriginalDataset()
    assert np.array_equal(low, values.min(axis=0)) and np.array_equal(high, values.max(axis=0))
    assert np.allclose(drawn(panel, group), values.mean(axis=0)) and (runs[0], "train") not in panel.others.drawn
    assert panel.legend.entries[0].value == "3.33 (1 – 5)"
    session.runs.show_each(group, True)
    assert [drawn(panel, run) for run in runs] == values.tolist()
    panel.grab()


def test_kept_runs_keep_their_marks(shown):
    panel, session = shown("loss")
    panel._slider.setValue(0)
    panel.tools._splits.actions()[1].trigger()
    session.lose(np.linspace(2, 1, 101))
    session.history.marks.append((51, say("Connect")))
    run = session.runs.keep()
    session.runs.rename(run, "deep")
    session.restart()
    (x,), (y,) = panel.others._marks[run].getData()
    assert (x, y) == (51, pytest.approx(1.5))
    QApplication.processEvents()
    box = panel.plot.getPlotItem().getViewBox()
    panel._on_scene_mouse_moved(box.mapViewToScene(QPointF(51.0, 1.2)))
    assert panel.said.toPlainText() == "deep: Connect"


def test_the_numbers_are_those_of_every_step_of_every_run_that_is_drawn(shown):
    panel, session = shown("loss")
    panel.tools._splits.actions()[1].trigger()
    kept(session, [9.0, 8.0], "wide")
    session.lose([5.0, 4.0, 3.0])
    session.evaluate("validation", "loss", {3: 3.5})
    panel.sync()
    table = panel.as_table()
    assert table.columns[:4] == ("run", "split", "step", "loss")
    found = [row[:4] for row in table.rows]
    assert found == [
        *[("This run", "train", k, v) for k, v in ((1, 5.0), (2, 4.0), (3, 3.0))],
        ("This run", "validation", 3, 3.5),
        *[("wide", "train", 1, 9.0), ("wide", "train", 2, 8.0)],
    ]


def test_the_menu_keeps_a_run_and_asks_for_more(shown, qtbot):
    panel, session = shown("loss")
    session.lose([1.0])
    panel.sync()
    panel.tools.keep.click()
    assert len(session.runs.all) == 1
