"""Where it looks: the map over the picture, the class that is asked for, and covering place by place."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

from playground import messages
from playground.blocks.combine import Flatten
from playground.blocks.convolution import Conv2D
from playground.blocks.data import Input, Output
from playground.blocks.dense import Dense
from playground.experiment import Experiment
from playground.facts import DataFacts, Target
from playground.graph import Wire
from playground.picture import Picture
from playground.probes._looking import Seen
from playground.probes.class_activation import ClassActivation, ClassActivationAnswer
from playground.probes.occlusion import Occluding, Occlusion, OcclusionAnswer
from playground.shape import Shape
from playground.text import say, set_language
from tests.examples import chain
from tests.gui.fake_session import FakeSession, pictured, planar
from widgets.focus import Focus
from widgets.panels.class_activation import WIDE, ClassActivationPanel
from widgets.panels.parts.covering import Covering
from widgets.panels.parts.mosaics import signed_table
from widgets.panels.parts.overlaid import STRENGTH, Overlaid, smooth
from widgets.panels.parts.pixel_words import plain
from widgets.panels.parts.plots import colour_table
from widgets.theme import current

SIDE = 28


class Asked(FakeSession):
    """A session that remembers what was asked and cancelled."""

    def __init__(self, experiment):
        super().__init__(experiment)
        self.questions, self.cancelled = [], []

    def ask(self, question, reply, heard=None):
        self.questions.append((question, reply, heard))
        return len(self.questions)

    def cancel(self, id):
        self.cancelled.append(id)


@pytest.fixture
def shown(qtbot):
    """Make the panel over a fake session and show it."""

    def make(experiment=None, size=(560, 300), focus=None):
        session = Asked(experiment or pictured())
        panel = ClassActivationPanel(session, focus=focus)
        panel.session_kept = session
        qtbot.addWidget(panel)
        panel.resize(*size)
        panel.show()
        QApplication.processEvents()
        return panel, session

    return make


def seen(**other):
    image = np.linspace(0, 1, SIDE * SIDE, dtype=np.float32).reshape(1, SIDE, SIDE)
    said = {
        "field": "image", "image": image, "image_size": (SIDE, SIDE), "number": 1, "shown": "dog", "probability": 0.75,
        "score": 2.5, "predicted": "dog", "confidence": 0.75, "label": "dog", "split": "validation", "index": 2,
        "count": 9, "down": 0, "right": 0,
    }  # fmt: skip
    return Seen(**(said | other))


def activation(values=None, node="conv_2", **other):
    values = np.zeros((4, 4), np.float32) if values is None else values
    return ClassActivationAnswer(7, node, values, values.shape, float(values.max()), seen(**other))


def occlusion(drop=None, live=True, patch=14, stride=7, **other):
    drop = np.zeros((4, 4), np.float32) if drop is None else drop
    return OcclusionAnswer(7, drop, patch, stride, "probability", live, seen(**other))


def middle(panel, cell):
    return panel.overlaid.place(cell).center().toPoint()


def painted(widget, point: QPoint) -> QColor:
    picture = widget.grab()
    scale = picture.devicePixelRatio()
    return QColor(picture.toImage().pixel(round(point.x() * scale), round(point.y() * scale)))


def is_close(one: QColor, other: QColor, within=3) -> bool:
    return all(abs(a - b) <= within for a, b in zip(one.getRgb(), other.getRgb(), strict=True))


def laid(grey: float, colour) -> QColor:
    """Return what is seen of a grey picture with a colour of the map over it."""
    return QColor(*(round((1 - STRENGTH) * grey + STRENGTH * int(part)) for part in colour[:3]))


# -- the map over the picture --------------------------------------------------------------------------------------


def test_the_colours_of_the_map_lie_over_the_grey_of_the_picture(shown):
    panel, _ = shown()
    values = np.zeros((4, 4), np.float32)
    values[1:3, 2:4] = 2.0
    panel.draw(activation(values, image=np.full((3, SIDE, SIDE), 0.5, np.float32)))
    QApplication.processEvents()
    table = colour_table("inferno")
    assert is_close(painted(panel.overlaid, middle(panel, (1, 3))), laid(0, table[255]))
    assert is_close(painted(panel.overlaid, middle(panel, (3, 0))), laid(0, table[0]))
    assert (panel.bar.low, panel.bar.high) == (0.0, 2.0)


def test_drops_keep_their_cells_and_have_colours_to_both_sides_of_nothing(shown, qtbot):
    panel, _ = shown()
    qtbot.mouseClick(panel.occlusion, Qt.MouseButton.LeftButton)
    drop = np.zeros((4, 4), np.float32)
    drop[0, 0], drop[3, 3], drop[2, 1] = 0.5, -0.25, np.nan
    panel.draw(occlusion(drop, image=np.zeros((1, SIDE, SIDE), np.float32)))
    QApplication.processEvents()
    table = signed_table(current())
    corner = panel.overlaid.place((0, 0)).topLeft().toPoint()
    assert is_close(painted(panel.overlaid, corner + QPoint(2, 2)), laid(0, table[255]))
    assert is_close(painted(panel.overlaid, middle(panel, (3, 3))), laid(0, table[64]))
    assert is_close(painted(panel.overlaid, middle(panel, (2, 1))), QColor(0, 0, 0))
    assert (panel.bar.low, panel.bar.high) == (-0.5, 0.5)


def test_a_picture_that_is_no_whole_number_of_steps_is_covered_to_its_edge(qtbot):
    over = Overlaid("over")
    qtbot.addWidget(over)
    over.resize(104, 104)
    over.show_picture(np.zeros((10, 10), np.uint8))
    over.show_map(np.arange(9.0).reshape(3, 3), (colour_table("viridis"), 0.0, 8.0), (10 / 4, 10 / 4))
    box = over.box()
    assert over.place((0, 0)).width() == pytest.approx(40) and over.place((2, 2)).width() == pytest.approx(20)
    assert over.cell_at(box.topLeft()) == (0, 0) and over.cell_at(box.center()) == (1, 1)
    assert over.cell_at(box.bottomRight()) == (2, 2)


def test_between_the_middles_of_two_pixels_a_smooth_map_goes_evenly():
    values = np.array([[0.0, 4.0], [8.0, 12.0]], np.float32)
    fine = smooth(values, 8)
    assert fine.shape == (8, 8) and fine[0, 0] == 0 and fine[0, 7] == 4 and fine[7, 7] == 12
    np.testing.assert_allclose(np.diff(fine[0, 2:6]), 1.0)
    assert smooth(values, 2) is values


# -- pointing at it ------------------------------------------------------------------------------------------------


def point_at(panel, cell, qtbot):
    """Move the pointer to a cell, again as long as the panel is still being laid out beneath it."""

    def there():
        qtbot.mouseMove(panel.overlaid, middle(panel, cell) + QPoint(1, 0))
        qtbot.mouseMove(panel.overlaid, middle(panel, cell))
        return panel.overlaid.cell == cell

    qtbot.waitUntil(there)


def test_the_pointer_tells_the_value_and_frames_what_the_pixel_sees(shown, qtbot):
    panel, _ = shown()
    values = np.zeros((22, 22), np.float32)
    values[3, 20] = 0.125
    panel.draw(activation(values))
    QApplication.processEvents()
    point_at(panel, (3, 20), qtbot)
    said = plain(panel.readout.toolTip())
    assert said == "row 4, column 21: 0.125 · dog: probability 0.750, score 2.50"
    rows, columns = panel.beside.picture.frame
    assert (tuple(rows), tuple(columns)) == ((3, 9), (20, 26))  # a kernel of 5 behind one of 3
    qtbot.mouseMove(panel.overlaid, QPoint(1, 1))
    qtbot.waitUntil(lambda: panel.overlaid.cell is None)
    assert panel.beside.picture.frame is None and "largest value 0.125" in panel.readout.toolTip()


def test_the_arrow_keys_walk_over_the_map_and_escape_leaves_it(shown, qtbot):
    panel, _ = shown()
    panel.occlusion.click()
    drop = np.zeros((4, 4), np.float32)
    drop[2, 3] = 0.5
    panel.draw(occlusion(drop))
    panel.overlaid.setFocus()
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Right):
        qtbot.keyClick(panel.overlaid, key)
    assert panel.overlaid.cell == (2, 3)
    assert plain(panel.readout.toolTip()).startswith("row 3, column 4: covered 0.250 (−0.500)")
    rows, columns = panel.beside.picture.frame
    assert (tuple(rows), tuple(columns)) == ((11, 24), (18, 27))  # the patch ends with the picture
    qtbot.keyClick(panel.overlaid, Qt.Key.Key_Up)
    assert "covered 0.750 (+0.000)" in plain(panel.readout.toolTip())
    qtbot.keyClick(panel.overlaid, Qt.Key.Key_Escape)
    assert panel.overlaid.cell is None and "drops by 0.500 at most" in panel.readout.toolTip()


def test_what_speaks_for_nothing_is_said(shown):
    panel, _ = shown()
    panel.draw(activation(shown="owl", number=2))
    assert "nothing here speaks for owl" in panel.readout.toolTip()


# -- what is asked -------------------------------------------------------------------------------------------------


def test_it_asks_for_the_activation_behind_the_last_convolution_and_for_what_is_chosen(shown, qtbot):
    focus = Focus()
    panel, session = shown(focus=focus)
    assert session.watched["class_activation"] == ClassActivation(node="conv_2", number=-1)
    assert [panel._classes.itemText(k) for k in range(4)] == ["predicted", "cat", "dog", "owl"]
    panel._classes.setFocus()
    for _ in range(3):
        qtbot.keyClick(panel._classes, Qt.Key.Key_Down)
    own = Picture.of(np.zeros((1, SIDE, SIDE), np.uint8))
    focus.move(index=4, down=2, right=-3)
    focus.move(picture=own)
    expected = ClassActivation(node="conv_2", number=2, index=4, down=2, right=-3, own=own)
    assert session.watched["class_activation"] == expected
    panel.set_node("tanh_1")
    assert session.watched["class_activation"] == expected.replace(node="tanh_1")
    qtbot.mouseClick(panel.occlusion, Qt.MouseButton.LeftButton)
    covering = {"patch": 7, "stride": 3, "value": "probability"}
    asked = Occlusion(number=2, index=4, down=2, right=-3, own=own, **covering)
    assert session.watched["class_activation"] == asked
    panel.covering.value.setFocus()
    qtbot.keyClick(panel.covering.value, Qt.Key.Key_Down)
    assert session.watched["class_activation"] == asked.replace(value="score")
    panel.covering.patch.setFocus()
    qtbot.keyClick(panel.covering.patch, Qt.Key.Key_Down)
    assert session.watched["class_activation"] == asked.replace(value="score", patch=9, stride=4)
    panel.hide()
    assert session.watched["class_activation"] is None


def test_turning_to_another_example_and_pushing_the_picture_moves_everybody(shown, qtbot):
    focus = Focus()
    panel, _ = shown(focus=focus)
    panel.draw(activation(index=8))
    focus.move(index=8)
    qtbot.mouseClick(panel.beside.after, Qt.MouseButton.LeftButton)
    assert focus.now.index == 0 and panel.beside.place.text() == "1 / 9"
    qtbot.mouseClick(panel.beside.before, Qt.MouseButton.LeftButton)
    assert focus.now.index == 8
    panel.beside.picture.setFocus()
    qtbot.keyClick(panel.beside.picture, Qt.Key.Key_Left)
    assert (focus.now.down, focus.now.right) == (0, -1)
    panel.draw(activation(right=-1))
    qtbot.mouseClick(panel.beside.back, Qt.MouseButton.LeftButton)
    assert focus.now.right == 0


def test_right_and_wrong_answers_and_a_picture_of_ones_own_are_told_apart(shown):
    panel, _ = shown()
    panel.draw(activation())
    assert plain(panel.beside.verdict.text()) == "✓ prediction dog 0.75" and panel.beside.place.text() == "3 / 9"
    panel.draw(activation(label="cat"))
    assert "label cat" in panel.beside.verdict.text() and "✗ prediction dog" in panel.beside.verdict.text()
    panel.draw(activation(label="", own=True))
    assert plain(panel.beside.verdict.text()) == "prediction dog 0.75" and panel.beside.place.text() == "your own"


def test_answers_to_what_was_asked_before_are_not_shown(shown):
    panel, session = shown()
    panel.draw(activation(node="conv_1"))
    panel.draw(occlusion())
    assert panel.answer is None and not panel.filled
    panel.draw(activation())
    session.restart()
    assert panel.answer is None and not panel.filled


# -- what takes long -----------------------------------------------------------------------------------------------


def pending(panel):
    panel.occlusion.click()
    panel.draw(occlusion(np.full((4, 4), np.nan, np.float32), live=False))
    QApplication.processEvents()


def test_what_takes_long_goes_by_button_with_progress_and_is_given_up(shown, qtbot):
    panel, session = shown()
    pending(panel)
    assert "look 16 times" in panel._words.text() and panel._words.isVisible() and panel.covering.button.isVisible()
    qtbot.mouseClick(panel.covering.button, Qt.MouseButton.LeftButton)
    question, reply, heard = session.questions[-1]
    assert question == Occluding(session.watched["class_activation"]) and panel.busy
    assert panel.covering.button.text() == "Cancel" and not panel.covering.patch.isEnabled()
    some = np.full((4, 4), np.nan, np.float32)
    some[0] = 0.5
    heard(messages.Underway(1, 0.25, 3.0, occlusion(some, live=False)))
    assert "25 %" in panel.readout.toolTip() and "9 s left" in panel.readout.toolTip()
    assert panel.overlaid.isVisible() and np.array_equal(panel.answer.drop, some, equal_nan=True)
    qtbot.mouseClick(panel.covering.button, Qt.MouseButton.LeftButton)
    assert session.cancelled == [1] and not panel.busy
    assert np.array_equal(panel.answer.drop, some, equal_nan=True)  # what is there already stays
    reply(None, say("it was cancelled"))
    qtbot.mouseClick(panel.covering.button, Qt.MouseButton.LeftButton)
    _, reply, _ = session.questions[-1]
    reply(occlusion(some * 0 + 0.25, live=False), None)
    assert not panel.busy and panel.answer.drop[0, 0] == 0.25 and "step 7" in panel.readout.toolTip()


def test_who_turns_to_something_else_meanwhile_gives_it_up(shown, qtbot):
    panel, session = shown()
    pending(panel)
    panel.covering.compute()
    panel.focus.move(index=5)
    assert session.cancelled == [1] and not panel.busy and panel.covering.found is None
    session.questions[-1][1](occlusion(live=False), None)  # too late
    assert panel.covering.found is None
    panel.covering.compute()
    panel.gradients.click()
    assert session.cancelled == [1, 2] and not panel.covering.button.isVisible()


def test_a_failure_is_said_and_a_lost_engine_ends_the_waiting(shown):
    panel, session = shown()
    pending(panel)
    panel.covering.compute()
    session.questions[-1][1](None, say("it was cancelled"))
    assert panel._words.text() == "it was cancelled"
    panel.covering.compute()
    session.engineLost.emit(say("it was cancelled"))
    assert not panel.busy and panel.covering.button.text() == "Compute"


def test_patches_suit_the_size_of_the_picture(qtbot):
    covering = Covering(Asked(pictured()))
    qtbot.addWidget(covering)
    covering.relabel()
    for side, patches, steps in ((8, [1, 2, 3, 4], [1, 2]), (224, [28, 37, 56, 75, 112], [4, 14, 28, 56])):
        covering.offer_sizes(side, side)
        assert [covering.patch.itemData(k) for k in range(covering.patch.count())] == patches
        assert [covering.stride.itemData(k) for k in range(covering.stride.count())] == steps
        assert covering.patch.currentData() == side // 4 and covering.stride.currentData() == side // 8


# -- where there is nothing to see ---------------------------------------------------------------------------------


def test_a_node_that_leads_nowhere_is_told_and_another_can_be_chosen(shown):
    graph = pictured().graph.add(Conv2D(channels=2), "side").connect(Wire("conv_1", "side"))
    panel, session = shown(Experiment(graph=graph, facts=pictured().facts))
    panel.set_node("side")
    assert session.watched["class_activation"] is None and panel.filled
    assert "nothing of side reaches output_1" in panel._words.text() and panel._words.isVisible()
    panel.set_node("conv_1")
    panel.draw(activation(node="conv_1"))
    assert panel.overlaid.isVisible() and panel._choice.isVisible()


def test_without_maps_only_occlusion_is_left(shown):
    graph = chain(Input(field="image"), Flatten(), Dense(units=3), Output())
    panel, session = shown(Experiment(graph=graph, facts=pictured().facts))
    assert session.watched["class_activation"] is None and "occlusion needs none" in panel._words.text()
    panel.occlusion.click()
    assert isinstance(session.watched["class_activation"], Occlusion)
    panel.draw(occlusion())
    assert panel.overlaid.isVisible()


def test_without_pictures_or_classes_it_says_what_is_missing_in_both_languages(shown):
    panel, session = shown(planar())
    assert not panel.filled and session.watched["class_activation"] is None and "preset shapes" in panel._hint.text()
    facts = DataFacts(pictured().facts.inputs, {"size": Target(shape=Shape(features=1))}, {"train": 9})
    output = Output(target="size", task="regression", loss="mse")
    graph = chain(Input(field="image"), Conv2D(channels=2), Flatten(), Dense(units=1), output)
    panel, session = shown(Experiment(graph=graph, facts=facts))
    assert not panel.filled and session.watched["class_activation"] is None and "classes" in panel._hint.text()
    set_language("zh")
    panel.relabel()
    assert panel._hint.text() == panel.empty()


def test_with_room_all_controls_stand_in_one_row(shown):
    panel, _ = shown(size=(WIDE - 100, 300))
    panel.draw(activation())
    QApplication.processEvents()
    assert panel._choice.y() > panel.gradients.y()
    panel.resize(WIDE + 40, 300)
    QApplication.processEvents()
    assert panel._choice.x() > panel._classes.x() and abs(panel._choice.y() - panel.gradients.y()) < 8
