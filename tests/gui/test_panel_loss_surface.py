"""What the panel of the loss surface shows, asks for and gives up."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton

from playground import messages
from playground.probes.loss_surface import LossPath, Path, SurfaceAnswer
from playground.text import say, set_language
from tests.gui.fake_session import FakeSession, planar
from widgets.panels.loss_surface import LossSurfacePanel
from widgets.panels.parts.plots import colour_table
from widgets.panels.parts.relief import LEVELS, banded, contours, heights, smooth
from widgets.theme import APPEARANCE


class Asked(FakeSession):
    """A session that remembers what was asked and cancelled."""

    def __init__(self, experiment):
        super().__init__(experiment)
        self.state = "paused"
        self.questions, self.cancelled = [], []

    def ask(self, question, reply, heard=None):
        self.questions.append((question, reply, heard))
        return len(self.questions)

    def cancel(self, id):
        self.cancelled.append(id)

    def enter(self, state):
        self.state = state
        self.stateChanged.emit()


@pytest.fixture
def shown(qtbot):
    session = Asked(planar())
    panel = LossSurfacePanel(session)
    panel.session_kept = session
    qtbot.addWidget(panel)
    panel.resize(560, 300)
    panel.show()
    QApplication.processEvents()
    return panel, session


def surface(n=9, plane=5, directions="random", **other):
    x, y = np.meshgrid(np.linspace(-1, 1, n), np.linspace(-1, 1, n))
    return SurfaceAnswer(
        plane, directions, 40, 80, (0.1 + x**2 + 2 * y**2).astype(np.float32), ((-1.0, 1.0), (-1.0, 1.0)), **other
    )


def path(*points, plane=5, weights=17, two=()):
    steps = np.arange(len(points))
    return Path(
        plane, 40, weights, steps, np.array(points, dtype=np.float32).reshape(-1, 2), np.array(two).reshape(-1, 2)
    )


def press(panel):
    QTest.mouseClick(panel.findChild(QPushButton, "loss_surface_compute"), Qt.MouseButton.LeftButton)


def choose(panel, name, data):
    box = panel.findChild(object, name)
    box.setCurrentIndex(box.findData(data))
    box.activated.emit(box.currentIndex())


def readout(panel):
    panel._readout.hurry()
    panel._sync_readout()
    return panel._readout.text()


# -- asking --------------------------------------------------------------------------------------------------------


def test_compute_asks_for_what_is_chosen_and_cancel_gives_it_up(shown):
    panel, session = shown
    panel.draw(path())
    choose(panel, "loss_surface_points", 49)
    choose(panel, "loss_surface_span", 0.5)
    press(panel)
    question = session.questions[0][0]
    assert (question.directions, question.points, question.span) == ("random", 49, 0.5)
    assert panel.busy and panel.button.text() == "Cancel"
    press(panel)
    assert session.cancelled == [1] and not panel.busy and panel.button.text() == "Compute"
    press(panel)
    (_, late, _), (_, reply, _) = session.questions
    late(None, say("it was cancelled"))
    assert panel.busy  # what was cancelled says so late
    reply(surface(), None)
    assert not panel.busy and panel.surface is not None


def test_the_dice_ask_for_other_directions(shown):
    panel, session = shown
    panel.draw(path())
    press(panel)
    session.questions[0][1](surface(), None)
    QTest.mouseClick(panel._other, Qt.MouseButton.LeftButton)
    first, second = (question.seed for question, _, _ in session.questions)
    assert first != second


def test_progress_shows_the_share_and_the_time_left_and_what_is_known(shown):
    panel, session = shown
    panel.draw(path())
    press(panel)
    heard = session.questions[0][2]
    partial = surface()
    partial.losses[1::2] = np.nan
    heard(messages.Underway(1, 0.25, 5.0, partial))
    panel._readout.hurry()
    heard(messages.Underway(1, 0.25, 5.0, partial))
    assert panel._readout.text() == "25 %, 15 s left"
    assert panel.picture.image.image is not None and np.isfinite(panel.picture.image.image).all()


def test_a_refusal_is_said_where_the_picture_would_be(shown):
    panel, session = shown
    panel.draw(path())
    press(panel)
    session.questions[0][1](None, say("the way is too short yet; train some steps while this panel is open"))
    assert not panel.busy and "too short" in panel._words.text()
    session.enter("finished")
    assert len(session.questions) == 1  # not again by itself


def test_a_run_that_ends_is_looked_at_without_being_asked_and_only_once(shown):
    panel, session = shown
    panel.draw(path())
    assert not session.questions
    session.enter("finished")
    session.enter("finished")
    assert len(session.questions) == 1


def test_a_network_of_two_weights_is_shown_at_once_with_the_weights_as_axes(shown):
    panel, session = shown
    panel.draw(path(weights=2, plane=0, two=[(0.5, -0.5), (0.6, 0.1)]))
    ((question, reply, _),) = session.questions
    assert question.directions == "weights"
    reply(surface(directions="weights", names=("w1", "w2")), None)
    assert (
        panel.picture.plot.getAxis("bottom").labelText == "w1" and panel.picture.plot.getAxis("left").labelText == "w2"
    )
    x, y = panel.picture.way.getData()
    np.testing.assert_allclose([x, y], [[0.5, 0.6], [-0.5, 0.1]])
    session.restart()
    assert panel.surface is not None  # the same weights mean the same losses after a reset


def test_an_engine_that_is_gone_answers_no_more(shown):
    panel, session = shown
    panel.draw(path())
    press(panel)
    session.engineLost.emit(say("gone"))
    assert not panel.busy and panel.button.text() == "Compute"


# -- drawing -------------------------------------------------------------------------------------------------------


def answered(panel, session, answer):
    panel.draw(path())
    press(panel)
    session.questions[-1][1](answer, None)


def test_the_picture_holds_the_real_numbers(shown):
    panel, session = shown
    answer = surface()
    answered(panel, session, answer)
    pixels, table = panel.picture.image.image, banded()
    low, high = panel.picture.bar.low, panel.picture.bar.high
    assert (low, high) == (pytest.approx(-1.0), pytest.approx(np.log10(3.1)))
    finer = (len(pixels) - 1) // 8
    for i, j in ((0, 0), (2, 1), (4, 7), (8, 3)):
        share = (np.log10(answer.losses[i, j]) - low) / (high - low)
        band = min(int(max(share, 0) * LEVELS + 1e-9), LEVELS - 1)
        colours = [table[k] for k in range(max(0, band - 1), min(LEVELS, band + 2))]
        assert any(np.abs(pixels[i * finer, j * finer] - c * f).max() <= 1 for c in colours for f in (1.0, 0.72))
    box = panel.picture.image.mapRectToParent(panel.picture.image.boundingRect())
    assert (box.left(), box.right(), box.top(), box.bottom()) == (-1, 1, -1, 1)


def test_the_way_is_drawn_on_its_own_plane_only(shown):
    panel, session = shown
    answered(panel, session, surface(plane=5))
    assert session.watched["loss_surface"] == LossPath(plane=5)
    panel.draw(path((-0.5, 0.5), (0.0, 0.0), plane=5))
    np.testing.assert_allclose(panel.picture.way.getData()[0], [-0.5, 0.0])
    assert "curves downwards" in readout(panel) or "curved down" in readout(panel)
    panel.draw(path((3.0, 3.0), plane=6))
    assert not len(panel.picture.way.getData()[0] if panel.picture.way.getData()[0] is not None else [])
    assert "again" in readout(panel) or "out of date" in readout(panel)


def test_the_loss_under_the_pointer_is_read(shown):
    panel, session = shown
    answered(panel, session, surface())
    panel.draw(path((0.0, 0.0)))
    box = panel.picture.plot.getPlotItem().getViewBox()
    panel.picture.plot.scene().sigMouseMoved.emit(box.mapViewToScene(box.viewRect().center()))
    panel._readout.hurry()
    panel._sync_readout()
    assert panel._readout.text() == "0, 0: loss 0.1"


def test_another_network_takes_the_surface_away(shown):
    panel, session = shown
    answered(panel, session, surface())
    session.document.edit(say("Change"), graph=session.document.now.graph.remove(["tanh_1"]))
    assert panel.surface is None and panel._pictures.currentIndex() == 0


def test_the_relief_is_turned_by_dragging_and_by_keys(shown):
    panel, session = shown
    answered(panel, session, surface())
    panel.draw(path((0.0, 0.0)))
    QApplication.processEvents()
    relief = panel.picture.relief
    turned, raised = relief.turned, relief.raised
    before = relief.grab().toImage()
    QTest.mousePress(relief, Qt.MouseButton.LeftButton, pos=QPoint(40, 40))
    QTest.mouseMove(relief, QPoint(85, 58))
    QTest.mouseRelease(relief, Qt.MouseButton.LeftButton, pos=QPoint(85, 58))
    assert relief.turned == pytest.approx(turned + 0.5) and relief.raised == pytest.approx(raised + 0.2)
    assert relief.grab().toImage() != before
    QTest.keyClick(relief, Qt.Key.Key_Left)
    assert relief.turned < turned + 0.5


def test_the_relief_stands_where_geometry_puts_it(shown):
    relief = shown[0].picture.relief
    relief.turned, relief.raised = 0.0, np.radians(88)  # from above
    x, y, _ = relief.projected(np.array([0.0, 1.0, 0.5]), np.array([0.0, 1.0, 0.5]), np.full(3, 0.5))
    assert x[0] < x[2] < x[1] and y[0] > y[2] > y[1]
    assert (x[2], y[2]) == (relief.width() / 2, relief.height() / 2)


def test_there_is_room_for_the_relief_or_it_is_left_out(shown):
    panel, session = shown
    answered(panel, session, surface())
    QApplication.processEvents()
    assert panel.picture.relief.isVisible()
    panel.resize(320, 260)
    QApplication.processEvents()
    assert not panel.picture.relief.isVisible()
    panel.resize(760, 260)
    QApplication.processEvents()
    assert panel._points.y() == panel._directions.y() and panel._readout.y() - panel._directions.y() < 20


def test_it_speaks_chinese_and_is_painted_in_both_themes(shown):
    panel, session = shown
    answered(panel, session, surface())
    try:
        for theme in ("light", "dark"):
            APPEARANCE.choose(theme)
            assert not panel.grab().isNull()
        set_language("zh")
        panel.relabel()
        assert panel._points.accessibleName() and panel.picture.relief.toolTip()
    finally:
        set_language("en")


# -- the picture ---------------------------------------------------------------------------------------------------


def test_heights_are_logarithms_from_the_lowest_to_the_highest():
    found = heights(np.array([[1.0, 10.0], [100.0, 1000.0]]))
    np.testing.assert_allclose(found.shares, [[0, 1 / 3], [2 / 3, 1]], atol=1e-9)
    assert found.high == pytest.approx(3.0)
    assert heights(np.full((3, 3), np.nan)) is None
    assert heights(np.array([[0.0, 1e-9], [1.0, 1.0]])).low == pytest.approx(-4.0)  # a logarithm of 0 has no place
    overflown = heights(np.array([[1.0, np.inf], [1.0, 10.0]]))
    assert overflown.shares[0, 1] == 1.0 and overflown.high == pytest.approx(1.0)


def test_what_is_not_known_yet_takes_the_colour_of_what_is_near():
    values = np.full((9, 9), np.nan)
    values[::8, ::8] = [[1, 2], [3, 4]]
    found = heights(values)
    assert np.isfinite(found.shares).all() and found.shares[3, 3] == found.shares[0, 0]


def test_a_smooth_surface_goes_through_its_values_and_never_beyond_them():
    values = np.random.default_rng(1).random((6, 6))
    fine = smooth(values, 4)
    np.testing.assert_allclose(fine[::4, ::4], values)
    assert fine.min() >= values.min() and fine.max() <= values.max()
    line = smooth(np.add.outer(np.arange(5.0), np.arange(5.0)), 2)
    np.testing.assert_allclose(line[2:-2, 2:-2], np.add.outer(np.arange(1, 3.1, 0.5), np.arange(1, 3.1, 0.5)))


def test_contours_have_the_colours_of_their_bands_and_dark_lines_between():
    pixels = contours(np.tile(np.linspace(0, 1, 21), (21, 1)))
    assert (pixels[10, 0] == colour_table("viridis")[0]).all()
    colours = {tuple(pixel) for pixel in pixels[10]}
    assert len(colours) == 2 * LEVELS - 1
