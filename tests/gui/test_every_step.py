"""Lines and bands that are drawn with few strokes show every peak, wherever it is and however the axes are."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from widgets.panels.parts.every_step import Band, EveryStep, strips
from widgets.panels.parts.plots import Plot

LONG = 100_000


@pytest.fixture
def plot(qtbot):
    made = Plot("plot")
    qtbot.addWidget(made)
    made.resize(420, 240)
    made.show()
    QApplication.processEvents()
    return made


def line_in(plot, x, y, kind=EveryStep):
    item = kind()
    plot.addItem(item)
    plot.setXRange(x[0], x[-1], padding=0)
    item.setData(x, y)
    return item


@pytest.mark.parametrize("at", [0, 1, 49_998, 50_003, LONG - 130, LONG - 2, LONG - 1])
def test_one_step_that_leaps_is_seen_from_afar(plot, at):
    values = np.ones(LONG)
    values[at] = 7.0
    line = line_in(plot, np.arange(1.0, LONG + 1), values)
    x, y = line.getData()
    assert len(x) < 1000 and y.max() == 7.0 and y.min() == 1.0
    assert abs(x[y.argmax()] - (at + 1)) < 2 * LONG / plot.getPlotItem().getViewBox().width() + 1


def test_what_is_drawn_lies_between_the_lowest_and_the_highest_of_its_strip():
    rng = np.random.default_rng(2)
    x, y = np.arange(5000.0), rng.normal(size=5000)
    at, low, high = strips(x, y, y, 0, 5000, 100)
    assert len(at) == 100
    for k, (bottom, top) in enumerate(zip(low, high, strict=True)):
        inside = y[50 * k : 50 * (k + 1)]
        assert (bottom, top) == (inside.min(), inside.max())


def test_zoomed_in_every_point_is_drawn(plot):
    rng = np.random.default_rng(4)
    values = rng.normal(size=LONG)
    line = line_in(plot, np.arange(1.0, LONG + 1), values)
    plot.setXRange(5000, 5020, padding=0)
    x, y = line.getData()
    assert list(x) == list(range(int(x[0]), int(x[-1]) + 1)) and x[0] <= 5000 and x[-1] >= 5020
    assert np.array_equal(y, values[x.astype(int) - 1])


def test_on_a_logarithmic_axis_the_first_steps_are_not_taken_together(plot):
    x = np.arange(1.0, LONG + 1)
    values = np.where(np.arange(LONG) % 2, 2.0, 1.0)
    line = line_in(plot, x, values)
    plot.getPlotItem().setLogMode(x=True)
    plot.setXRange(0, 5, padding=0)
    shown, drawn = line.getData()
    assert len(shown) < 1000
    assert np.allclose(np.unique(shown)[:6], np.log10([1, 2, 3, 4, 5, 6]))
    assert {1.0, 2.0} == set(drawn)


def test_what_is_no_number_leaves_a_gap_only_where_nothing_else_is(plot):
    values = np.ones(LONG)
    values[::2] = np.nan
    values[60_000:80_000] = np.nan
    line = line_in(plot, np.arange(1.0, LONG + 1), values)
    x, y = line.getData()
    assert np.isfinite(y[x < 59_000]).all() and np.isnan(y[(x > 62_000) & (x < 78_000)]).all()
    plot.grab()


def test_a_band_reaches_from_the_lowest_to_the_highest_of_each_strip(plot):
    x = np.arange(1.0, LONG + 1)
    low, high = np.zeros(LONG), np.ones(LONG)
    low[777], high[LONG - 1] = -3.0, 5.0
    band = Band()
    plot.addItem(band)
    plot.setXRange(1, LONG, padding=0)
    band.setData(x, low, high)
    assert band.dataBounds(1) == (-3.0, 5.0)
    drawn = band.yData
    half = len(drawn) // 2
    assert drawn[:half].min() >= 1.0 and drawn[:half].max() == 5.0, "along the upper edge"
    assert drawn[half:].max() <= 0.0 and drawn[half:].min() == -3.0, "back along the lower one"
    plot.grab()


def test_nothing_at_all_is_drawn_without_complaint(plot):
    line = line_in(plot, np.arange(2.0), np.full(2, np.nan))
    line.setData(np.empty(0), np.empty(0))
    assert line.dataBounds(0) == (None, None) and line.dataBounds(1) == (None, None)
    line.setData(np.array([5.0]), np.array([1.0]))
    plot.getPlotItem().setLogMode(x=True, y=True)
    line.setData(np.array([1.0, 2.0]), np.array([0.0, -1.0]))
    plot.grab()
