"""What the phase portrait draws and says, and how a person walks along time and turns to other trajectories."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtWidgets import QApplication

from playground.data.planar import Xor
from playground.presets import open_named
from playground.probes.phase_portrait import PhasePortrait, PhasePortraitAnswer
from playground.text import set_language
from tests.gui.fake_session import FakeSession
from widgets.panels import PANELS, load_panels
from widgets.theme import APPEARANCE, LIGHT

load_panels()


@pytest.fixture
def shown(qtbot):
    """Make the panel over a fake session with a preset in it and show it."""

    def make(name="lorenz"):
        session = FakeSession(open_named(name)[0])
        panel = PANELS["phase_portrait"](session)
        panel.session_kept = session
        qtbot.addWidget(panel)
        panel.resize(640, 320)
        panel.show()
        QApplication.processEvents()
        return panel, session

    return make


@pytest.fixture(autouse=True)
def as_it_was():
    yield
    APPEARANCE.choose("dark")
    set_language("en")


def answered(names=("x", "y", "z"), steps=20, index=100, count=300, begins=(100, 200), growth=1.0, **more):
    along = np.linspace(0, 2, steps + 1, dtype=np.float32)
    true = np.stack([np.sin(along + k) for k in range(len(names))], axis=1).astype(np.float32)
    errors = (1e-3 * growth ** np.arange(1, steps + 1)).astype(np.float32)
    rolled = true.copy()
    rolled[1:, 0] += errors
    told = {"usual": errors * 2, "apart": 2.0, "split": "test", "splits": ("test", "validation", "train"), **more}
    return PhasePortraitAnswer(
        7,
        told["split"],
        told["splits"],
        index,
        count,
        begins,
        names,
        true,
        rolled,
        errors,
        told["usual"],
        told["apart"],
    )


def drawn(item):
    return item.getOriginalDataset()


def test_the_plane_is_that_of_the_first_and_last_quantity_until_another_is_chosen(shown):
    panel, _ = shown()
    assert panel.probe() == PhasePortrait() and not panel.filled
    answer = answered()
    panel.draw(answer)
    assert [panel.plane.itemText(k) for k in range(3)] == ["x – z", "x – y", "y – z"]
    for item, path in ((panel.true, answer.true), (panel.rolled, answer.rolled)):
        x, y = drawn(item)
        assert np.allclose(x, path[:, 0]) and np.allclose(y, path[:, 2])
    panel.plane.setCurrentIndex(2)
    panel.plane.activated.emit(2)
    assert np.allclose(drawn(panel.rolled)[0], answer.rolled[:, 1])
    assert panel.plot.getAxis("bottom").labelText == "y" and panel.plot.getAxis("left").labelText == "z"


def test_of_one_quantity_its_value_stands_over_the_one_before(shown):
    panel, _ = shown()
    answer = answered(names=("v",))
    panel.draw(answer)
    x, y = drawn(panel.true)
    assert np.allclose(x, answer.true[:-1, 0]) and np.allclose(y, answer.true[1:, 0])
    assert not panel.plane.isVisible()


def test_an_angle_that_jumps_draws_no_line_through_the_picture(shown):
    panel, _ = shown("pendulum")
    answer = answered(names=("angle", "velocity"))
    answer.true[8:, 0] -= 6.2
    panel.draw(answer)
    joined = panel.true.opts["connect"]
    assert joined[7] == 0 and joined.sum() == len(joined) - 1


def test_the_errors_stand_over_time_with_what_is_usual_and_what_chance_makes(shown):
    panel, _ = shown()
    answer = answered(growth=1.3)
    panel.draw(answer)
    x, y = drawn(panel.error)
    assert x[0] == 1 and len(x) == 20 and np.allclose(y, answer.errors)
    assert np.allclose(drawn(panel.usual)[1], answer.usual)
    assert panel.apart.value() == pytest.approx(np.log10(2.0))


def test_it_says_after_how_many_steps_the_paths_part(shown):
    panel, _ = shown()
    panel.draw(answered(growth=1.6))  # 0.001 · 1.6ⁿ is a quarter of 2 from the 14th step on
    assert panel._readout.text().startswith("the paths part after 13 steps")
    panel._readout.hurry()
    panel.draw(answered())
    assert panel._readout.text().startswith("on all 20 steps at most 0.001 apart")
    panel._readout.hurry()
    answer = answered(growth=1.6)
    answer.errors[5:] = np.nan  # it went astray
    panel.draw(answer)
    assert panel._readout.text().startswith("the paths part after 5 steps")
    panel._readout.hurry()
    panel.draw(answered(steps=0))
    assert panel._readout.text() == "the trajectory ends here"


def test_the_arrow_keys_walk_along_time_and_show_where_both_are(shown, qtbot):
    panel, _ = shown()
    answer = answered(growth=1.3)
    panel.draw(answer)
    assert not panel.places["rolled"].isVisible()
    panel.errors.setFocus()
    for _ in range(3):
        qtbot.keyClick(panel.errors, Qt.Key.Key_Right)
    assert panel.here.isVisible() and panel.here.value() == 3
    for name, path in (("true", answer.true), ("rolled", answer.rolled)):
        x, y = panel.places[name].getData()
        assert (x[0], y[0]) == pytest.approx((path[3, 0], path[3, 2]))
    assert panel._readout.text().startswith("after 3 steps 0.0022 apart")
    qtbot.keyClick(panel.errors, Qt.Key.Key_PageDown)
    assert panel.here.value() == 20
    qtbot.keyClick(panel.errors, Qt.Key.Key_PageUp)
    assert panel.here.value() == 1


def test_under_the_pointer_the_dots_follow_until_it_leaves(shown):
    panel, _ = shown()
    panel.draw(answered())
    box = panel.errors.getPlotItem().getViewBox()
    panel._on_mouse_moved(box.mapViewToScene(QPointF(7.2, -3.0)))
    assert panel.here.value() == 7 and panel.places["true"].isVisible()
    QApplication.sendEvent(panel.errors.viewport(), QEvent(QEvent.Type.Leave))
    assert not panel.here.isVisible()


@pytest.mark.parametrize(
    ("index", "begins", "after", "before"),
    [(100, (100, 200), 200, 99), (250, (200, 300), 0, 199), (50, (0, 100), 100, 299), (10, (0, 300), 60, 260)],
    ids=["middle", "last", "first", "only one"],
)
def test_the_buttons_turn_to_other_trajectories_or_along_the_only_one(shown, qtbot, index, begins, after, before):
    panel, session = shown()
    panel.draw(answered(index=index, begins=begins))
    qtbot.mouseClick(panel.bar.after, Qt.MouseButton.LeftButton)
    assert panel.focus.now.index == after == session.watched["phase_portrait"].index
    qtbot.mouseClick(panel.bar.before, Qt.MouseButton.LeftButton)
    assert panel.focus.now.index == before


def test_another_split_is_chosen_from_those_there_are(shown):
    panel, session = shown()
    panel.draw(answered())
    panel.split.setCurrentIndex(2)
    panel.split.activated.emit(2)
    assert session.watched["phase_portrait"].split == "train"


def test_a_path_that_goes_astray_goes_beyond_the_edge(shown):
    panel, _ = shown()
    answer = answered()
    answer.rolled[10:] = 1e6
    answer.rolled[15:] = np.nan
    panel.draw(answer)
    low, high = panel.plot.getPlotItem().getViewBox().viewRange()[0]
    assert -3 < low < high < 3


def test_it_says_what_it_wants_follows_the_theme_and_the_language(shown):
    panel, session = shown()
    assert "Once the network is complete" in panel.empty()
    session.document.edit("Use points", source=Xor())
    assert "pendulum" in panel.empty()
    panel.draw(answered())
    session.restart()
    assert not panel.filled
    panel.draw(answered())
    APPEARANCE.choose("light")
    assert panel.rolled.opts["pen"].color().name() == LIGHT.training.lower()
    set_language("zh")
    QApplication.sendEvent(panel, QEvent(QEvent.Type.LanguageChange))
    assert panel.split.itemText(0) == "测试" and panel.split.currentIndex() == 0
