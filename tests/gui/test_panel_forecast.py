"""What the panel of forecasts draws and says, and how a person walks along the series."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtWidgets import QApplication

from playground.data.planar import Xor
from playground.presets import open_named
from playground.probes.forecast import LAST, NETWORK, SEASON, Forecast, ForecastAnswer
from playground.text import set_language
from tests.gui.fake_session import FakeSession
from widgets.panels import PANELS, load_panels
from widgets.theme import APPEARANCE, LIGHT

load_panels()


@pytest.fixture
def shown(qtbot):
    """Make the panel over a fake session with a preset in it and show it."""

    def make(name="forecast"):
        session = FakeSession(open_named(name)[0])
        panel = PANELS["forecast"](session)
        panel.session_kept = session
        qtbot.addWidget(panel)
        panel.resize(560, 360)
        panel.show()
        QApplication.processEvents()
        return panel, session

    return make


@pytest.fixture(autouse=True)
def as_it_was():
    yield
    APPEARANCE.choose("dark")
    set_language("en")


def answered(steps=1, ahead=5, index=30, season=12, naive=True, splits=("validation", "test", "train")):
    """Ten windows of four steps; of the fifth the next one does not follow."""
    times = np.array([30, 31, 32, 33, np.nan, 60, 61, 62, 63, 64], dtype=np.float32)
    truth = (times + ahead) / 10
    lines = {NETWORK: truth + 0.5}
    if naive:
        lines[LAST] = times / 10
    if season:
        lines[SEASON] = truth - 0.1
    errors = {who: np.linspace(0.1, 0.2, steps, dtype=np.float32) * (k + 1) for k, who in enumerate(lines)}
    past = np.array([2.7, 2.8, 2.9, 3.0] if naive else [], dtype=np.float32)
    fan = np.linspace(4, 5, steps, dtype=np.float32)
    names = ("value",)
    return ForecastAnswer(
        *(7, splits[0], splits, index, 300, names[0], names, ahead, ahead, times, truth, lines, past, fan - 0.2, fan),
        errors,
        season,
    )


def drawn(item):
    return item.getOriginalDataset()


def test_the_curves_stand_at_the_steps_that_were_forecast(shown):
    panel, _ = shown()
    assert panel.probe() == Forecast() and not panel.filled
    answer = answered()
    panel.draw(answer)
    x, y = drawn(panel.truth)
    assert np.allclose(x, answer.times + 5, equal_nan=True) and np.allclose(y, answer.truth, equal_nan=True)
    for who in (NETWORK, LAST, SEASON):
        assert np.allclose(drawn(panel.lines[who])[1], answer.lines[who], equal_nan=True)
    assert panel.window_shown.getRegion() == (27, 30)
    assert not panel.errors.isVisible() and drawn(panel.fan)[0] is None


def test_up_to_the_first_forecast_stands_what_came_as_far_as_it_is_known(shown):
    panel, _ = shown()
    panel.draw(answered())
    x, y = drawn(panel.past)  # the windows after the first end at 31, 32 and 33; what came at 34 is in none of them
    assert x.tolist() == [27, 28, 29, 30, 31, 32, 33] and np.allclose(y, x / 10)
    panel.draw(answered(ahead=4))
    x, y = drawn(panel.past)
    assert x.tolist() == [27, 28, 29, 30, 31, 32, 33, 34] and np.allclose(y, x / 10)


def test_of_several_steps_the_first_window_forecasts_a_fan_and_the_errors_are_drawn(shown):
    panel, _ = shown("forecast-horizon")
    answer = answered(steps=6, ahead=1)
    panel.draw(answer)
    assert drawn(panel.fan)[0].tolist() == [31, 32, 33, 34, 35, 36]
    assert panel.errors.isVisible()
    for who, item in panel.bars.items():
        assert np.allclose(drawn(item)[1], answer.errors[who])
    assert panel.ahead.isVisible() and panel.ahead.itemText(5) == "t + 6"
    panel.ahead.setCurrentIndex(4)
    panel.ahead.activated.emit(4)
    assert panel.session.watched["forecast"] == Forecast(ahead=4)


def test_the_errors_of_everybody_are_said(shown, qtbot):
    panel, _ = shown()
    panel.resize(900, 360)
    panel.draw(answered())
    qtbot.waitUntil(lambda: "root mean square" in panel._readout.text())
    text = panel._readout.text()
    assert text.startswith("5 steps ahead: off by 0.1 ")
    assert "last value by 0.2" in text and "12 steps before by 0.3" in text
    panel._readout.hurry()
    panel.draw(answered(season=0))
    assert "before" not in panel._readout.text() and "season" not in panel.title_detail()
    panel._readout.hurry()
    panel.draw(answered(season=0, naive=False))
    assert panel._readout.text() == "5 steps ahead: off by 0.1"
    assert len(drawn(panel.past)[0] if drawn(panel.past)[0] is not None else ()) == 0


def test_the_arrow_keys_walk_along_the_series_to_its_ends(shown, qtbot):
    panel, session = shown()
    panel.draw(answered())
    panel.plot.setFocus()
    for key, wanted in ((Qt.Key.Key_Right, 31), (Qt.Key.Key_Left, 29), (Qt.Key.Key_PageDown, 80)):
        qtbot.keyClick(panel.plot, key)
        assert session.watched["forecast"].index == wanted
    panel.draw(answered(index=2))
    qtbot.keyClick(panel.plot, Qt.Key.Key_PageUp)
    assert panel.focus.now.index == 0
    panel.draw(answered(index=299))
    qtbot.mouseClick(panel.bar.after, Qt.MouseButton.LeftButton)
    assert panel.focus.now.index == 299


def test_another_part_of_the_series_is_chosen_from_a_list_of_those_there_are(shown):
    panel, session = shown()
    panel.draw(answered())
    assert [panel.split.itemText(k) for k in range(3)] == ["validation", "test", "train"]
    panel.split.setCurrentIndex(1)
    panel.split.activated.emit(1)
    assert session.watched["forecast"].split == "test"
    panel.draw(answered(splits=("train",)))
    assert not panel.split.isVisible() and not panel.quantity.isVisible()


def test_under_the_pointer_stands_what_came_and_what_was_forecast(shown):
    panel, _ = shown()
    panel.draw(answered())
    box = panel.plot.getPlotItem().getViewBox()
    panel._on_mouse_moved(box.mapViewToScene(QPointF(36.2, 3.0)))
    assert panel._readout.text() == "step 36: 3.6 came, 4.1 was forecast"
    panel._on_mouse_moved(box.mapViewToScene(QPointF(50.0, 3.0)))
    assert "off by" in panel._readout.text()


def test_a_wild_forecast_goes_beyond_the_edge(shown):
    panel, _ = shown()
    answer = answered()
    panel.draw(replace(answer, lines={**answer.lines, NETWORK: answer.truth * 1e6}))
    low, high = panel.plot.getPlotItem().getViewBox().viewRange()[1]
    assert -5 < low < high < 10


def test_it_says_what_it_wants_follows_the_theme_and_the_language(shown):
    panel, session = shown()
    assert "Once the network is complete" in panel.empty()
    session.document.edit("Use points", source=Xor())
    assert "series" in panel.empty()
    panel.draw(answered())
    assert panel.filled
    session.restart()
    assert not panel.filled
    APPEARANCE.choose("light")
    assert panel.lines[NETWORK].opts["pen"].color().name() == LIGHT.training.lower()
    panel.draw(answered())
    set_language("zh")
    QApplication.sendEvent(panel, QEvent(QEvent.Type.LanguageChange))
    assert panel.split.itemText(0) == "验证" and panel.split.currentIndex() == 0
