"""Examples and mistakes: which are asked for, what is chosen, and the way there from the confusion matrix."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from playground.picture import Picture
from playground.probes.confusion import ConfusionAnswer
from playground.probes.mistakes import Mistakes, MistakesAnswer
from tests.examples import preset
from tests.gui.fake_session import FakeSession, pictured, planar
from widgets.focus import Focus
from widgets.panels import PANELS, load_panels
from widgets.theme import APPEARANCE, current

load_panels()
LEFT = Qt.MouseButton.LeftButton
CLASSES = ("cat", "dog", "owl")


@pytest.fixture
def shown(qtbot):
    """Show a panel over a fake session."""

    def make(key="mistakes", experiment=None, size=(460, 250)):
        session = FakeSession(experiment or pictured())
        panel = PANELS[key](session, focus=Focus())
        panel.session_kept = session
        qtbot.addWidget(panel)
        panel.resize(*size)
        panel.show()
        QApplication.processEvents()
        return panel

    return make


def answer(n=6, found=20, first=0, form="picture", **other):
    shown = {
        "places": np.arange(first, first + n) * 3,
        "labels": np.zeros(n, dtype=np.int16),
        "predicted": np.ones(n, dtype=np.int16),
        "sure": np.linspace(0.9, 0.6, n, dtype=np.float32),
        "right": np.full(n, 0.1, dtype=np.float32),
    }
    if form == "picture":
        shown["pictures"] = np.full((n, 8, 8), 200, dtype=np.uint8)
    counts = {"total": 99, "looked": 33, "wrong": 12, "found": found, "first": first, "label": -1, "answer": -1}
    return MistakesAnswer(7, CLASSES, "validation", form=form, **(counts | shown | other))


def asked(panel):
    return panel.session.watched["mistakes"]


def click(tiles, k):
    QTest.mouseClick(tiles, LEFT, pos=tiles.tile(k).center().toPoint())


def test_a_click_on_an_example_has_all_panels_look_at_it(shown):
    panel = shown()
    panel.draw(answer())
    panel.focus.move(words="typed", picture=Picture.of(np.zeros((1, 28, 28))))
    click(panel.tiles, 2)
    spot = panel.focus.now
    assert (spot.index, spot.words, spot.picture) == (6, "", None) and panel.tiles.looked_at == 6


def test_the_keys_walk_choose_and_turn_pages(shown):
    panel = shown()
    panel.draw(answer())
    panel.tiles.setFocus()
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Left, Qt.Key.Key_Return):
        QTest.keyClick(panel.tiles, key)
    assert panel.focus.now.index == 3
    assert panel.tiles.accessibleDescription() == "Example 4: cat (0.10), taken for dog (0.84)"
    QTest.keyClick(panel.tiles, Qt.Key.Key_PageDown)
    assert asked(panel).first == 6
    panel.draw(answer(first=6))
    assert panel.place.text() == "7–12 / 20"
    QTest.keyClick(panel.tiles, Qt.Key.Key_PageUp)
    assert asked(panel).first == 0


def test_after_the_last_page_comes_the_first_and_fewer_mistakes_than_pages_lead_back(shown):
    panel = shown()
    panel.draw(answer())
    for first, wanted in ((6, 12), (12, 18), (18, 0)):
        panel.first = first
        panel.draw(answer(n=min(6, 20 - first), first=first))
        panel.first = first
        QTest.mouseClick(panel.after, LEFT)
        assert asked(panel).first == (wanted if first < 18 else 0)
    panel.first = 18
    panel.draw(answer(found=3, n=3))
    assert panel.first == 0


def test_the_words_count_the_mistakes_and_the_page(shown):
    panel = shown(size=(760, 250))
    panel.draw(answer())
    assert panel.place.text() == "1–6 / 20" and "12 of 33 wrong (36.4%)" in panel.readout.text()
    assert not panel.cell.isVisible() and panel.title_detail() == "validation"


def test_as_many_are_asked_for_as_there_is_room_for(shown):
    panel = shown(size=(220, 160))
    panel.draw(answer())
    assert 1 <= asked(panel).count < 10
    panel.resize(900, 620)
    QApplication.processEvents()
    assert asked(panel).count == 48


def test_a_cell_that_is_chosen_elsewhere_is_asked_for_until_its_chip_is_pressed(shown):
    panel = shown()
    panel.draw(answer())
    panel.first = 6
    panel.focus.move(cell=(2, 1))
    question = asked(panel)
    assert (question.label, question.answer, question.first) == (2, 1, 0)
    panel.draw(answer(label=2, answer=1, found=2, n=2))
    assert panel.cell.isVisible() and panel.cell.text() == "owl → dog"
    QTest.mouseClick(panel.cell, LEFT)
    assert panel.focus.now.cell is None and (asked(panel).label, asked(panel).answer) == (-1, -1)


def test_another_order_begins_anew(shown):
    panel = shown()
    panel.draw(answer())
    panel.first = 6
    panel.order.setFocus()
    QTest.keyClick(panel.order, Qt.Key.Key_Down)
    assert asked(panel).order == "unsure" and asked(panel).first == 0


def test_without_mistakes_it_says_so_and_where_there_can_be_none_why(shown):
    panel = shown()
    panel.draw(answer(n=0, found=0))
    assert panel.none.isVisible() and "all are right" in panel.none.text() and not panel.tiles.isVisible()
    panel.draw(answer(n=0, found=0, label=1, answer=2))
    assert "this cell" in panel.none.text()
    curve = shown(experiment=preset("approximation-2d"))
    assert asked(curve) is None and not curve.filled and "Numbers are predicted" in curve.empty()


def test_rows_texts_and_series_are_painted_too(shown):
    said = {
        "words": {"texts": (("not", "bad"),) * 6},
        "numbers": {"values": np.ones((6, 5), dtype=np.float32), "names": ("a", "b", "c", "d", "e")},
        "curves": {"values": np.random.default_rng(1).normal(size=(6, 30, 2)).astype(np.float32)},
    }
    panel = shown(experiment=planar())
    for form, looks in said.items():
        for look in ("light", "dark"):
            APPEARANCE.choose(look)
            panel.draw(answer(form=form, **looks))
            image = panel.tiles.grab().toImage()
            tile = panel.tiles.tile(0).toRect()
            across, down = range(tile.left(), tile.right()), range(tile.top(), tile.bottom())
            seen = {QColor(image.pixel(x, y)).name() for x in across for y in down}
            assert current().bad_text.lower() in seen and len(seen) > 6


def test_an_example_that_is_looked_at_is_framed(shown):
    panel = shown()
    panel.draw(answer())

    def framed():
        image = panel.tiles.grab().toImage()
        box = panel.tiles.tile(1)
        along = [QColor(image.pixel(int(box.left()) + 1, y)).name() for y in range(int(box.top()), int(box.bottom()))]
        return current().accent.lower() in along

    assert not framed()
    panel.focus.move(index=3)
    assert framed()


# -- from the matrix -----------------------------------------------------------------------------------------------


@pytest.fixture
def matrix(shown):
    """Show a matrix of three classes, and note which panels it asks for."""
    panel = shown("confusion", size=(420, 300))
    counts = np.array([[3, 1, 0], [0, 4, 2], [1, 0, 5]], dtype=np.uint32)
    panel.draw(ConfusionAnswer(7, CLASSES, counts, "validation", 16))
    QApplication.processEvents()
    wanted = []
    panel.focus.panelWanted.connect(lambda *asked: wanted.append(asked))
    return panel, wanted


def place(panel, row, column):
    """Return where a cell is on the plot's viewport."""
    box = panel.plot.getPlotItem().getViewBox()
    return panel.plot.mapFromScene(box.mapViewToScene(QPointF(column + 0.5, row + 0.5)))


def test_a_click_on_a_cell_chooses_it_and_asks_for_its_examples_and_another_click_leaves_it(matrix):
    panel, wanted = matrix
    QTest.mouseClick(panel.plot.viewport(), LEFT, pos=place(panel, 1, 2))
    assert panel.focus.now.cell == (1, 2) and wanted == [("mistakes", "")]
    frame = panel.frames["chosen"]
    assert frame.isVisible() and (frame.rect().x(), frame.rect().y()) == (2, 1)
    QTest.mouseClick(panel.plot.viewport(), LEFT, pos=QPoint(2, 2))
    assert panel.focus.now.cell == (1, 2), "beside the matrix there is no cell"
    QTest.mouseClick(panel.plot.viewport(), LEFT, pos=place(panel, 1, 2))
    assert panel.focus.now.cell is None and not frame.isVisible()


def test_the_keys_walk_to_a_cell_and_enter_chooses_it(matrix):
    panel, wanted = matrix
    panel.plot.setFocus()
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Right):
        QTest.keyClick(panel.plot, key)
    assert "dog taken for owl: 2" in panel._readout.text() and panel.focus.now.cell is None
    assert panel.frames["at"].isVisible() and panel.frames["at"].rect().x() == 2
    QTest.keyClick(panel.plot, Qt.Key.Key_Return)
    assert panel.focus.now.cell == (1, 2) and wanted == [("mistakes", "")]
    QTest.keyClick(panel.plot, Qt.Key.Key_Escape)
    assert panel.focus.now.cell is None


def test_a_cell_that_other_classes_do_not_have_is_not_framed(matrix):
    panel, _ = matrix
    panel.focus.move(cell=(2, 2))
    assert panel.frames["chosen"].isVisible()
    panel.draw(ConfusionAnswer(8, CLASSES[:2], np.eye(2, dtype=np.uint32), "validation", 2))
    assert not panel.frames["chosen"].isVisible()


def test_the_question_of_the_panel_is_one_that_a_run_answers(shown):
    panel = shown()
    assert isinstance(panel.probe(), Mistakes)
