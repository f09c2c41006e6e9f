"""Points of one's own: what mouse and keys put into the document, one gesture a step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from playground import files
from playground.data.drawn import MOST_POINTS, DrawnPoints
from playground.data.planar import Xor
from playground.document import Document
from playground.experiment import Experiment
from playground.presets import open_named
from playground.text import say
from tests.gui.inspecting import choose, click, inspect, settle
from widgets import app, qt_words, theme
from widgets.drawing_sets import editor_for
from widgets.drawing_sets._marks import outline
from widgets.drawing_sets.points import PointsEditor

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton

Opened = Callable[..., PointsEditor]


@pytest.fixture
def open_editor(qtbot: QtBot) -> Opened:
    """Open the window on a document with these points."""

    def made(*placed: tuple[float, float, int], classes: int = 3) -> PointsEditor:
        app.application()
        source = DrawnPoints(classes=classes, placed=placed)
        editor = editor_for(Document(Experiment(source=source)))
        assert isinstance(editor, PointsEditor)
        qtbot.addWidget(editor)
        editor.show()
        with qtbot.waitActive(editor):
            editor.activateWindow()
        settle()
        return editor

    return made


def placed(editor: PointsEditor) -> tuple[Any, ...]:
    source = editor.document.now.source
    assert isinstance(source, DrawnPoints)
    return source.placed


def at(editor: PointsEditor, x: float, y: float) -> QPoint:
    return editor.plane.place_of(x, y).toPoint()


def drag(editor: PointsEditor, start: tuple[float, float], end: tuple[float, float], button: Any = LEFT) -> None:
    """Drag from one place of the plane to another in small steps."""
    plane = editor.plane
    QTest.mousePress(plane, button, pos=at(editor, *start))
    for step in range(1, 21):
        place = [a + (b - a) * step / 20 for a, b in zip(start, end, strict=True)]
        QTest.mouseMove(plane, at(editor, *place))
    QTest.mouseRelease(plane, button, pos=at(editor, *end))


def test_a_click_adds_a_point_of_the_chosen_class_where_it_was(open_editor: Opened) -> None:
    editor = open_editor()
    QTest.mouseClick(editor.plane, LEFT, pos=at(editor, 2.0, -3.0))
    click_class(editor, 2)
    QTest.mouseClick(editor.plane, LEFT, pos=at(editor, -5.0, 5.0))
    (x, y, label), (_, second_y, second) = placed(editor)
    assert (x, y) == pytest.approx((2.0, -3.0), abs=0.03)
    assert (label, second) == (0, 2)
    assert second_y == pytest.approx(5.0, abs=0.03)
    assert str(editor.document.undo_name) == "Draw points"
    editor.document.undo()
    assert len(placed(editor)) == 1


def click_class(editor: PointsEditor, number: int) -> None:
    QTest.mouseClick(editor.classes.buttons[number], LEFT)


def test_a_drag_sprays_points_along_its_way_as_one_step(open_editor: Opened, qtbot: QtBot) -> None:
    editor = open_editor((0.0, 5.0, 1))
    drag(editor, (-4.0, -4.0), (4.0, -4.0))
    sprayed = placed(editor)[1:]
    assert len(sprayed) > 12
    assert all(label == 0 for *_, label in sprayed)
    assert all(-6 <= x <= 6 and abs(y + 4) < 2.5 for x, y, _ in sprayed)
    assert len({round(y, 1) for _, y, _ in sprayed}) > 5  # strewn, not on a line
    assert max(x for x, *_ in sprayed) > 3
    qtbot.keyClick(editor, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert placed(editor) == ((0.0, 5.0, 1),)
    qtbot.keyClick(editor, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert placed(editor)[1:] == sprayed


def test_while_one_still_draws_the_document_already_hears_of_it(open_editor: Opened, qtbot: QtBot) -> None:
    editor = open_editor()
    QTest.mousePress(editor.plane, LEFT, pos=at(editor, 0.0, 0.0))
    assert placed(editor) == ()
    qtbot.waitUntil(lambda: len(placed(editor)) == 1)
    QTest.mouseMove(editor.plane, at(editor, 3.0, 0.0))
    qtbot.waitUntil(lambda: len(placed(editor)) == 2)
    QTest.mouseRelease(editor.plane, LEFT, pos=at(editor, 3.0, 0.0))
    editor.document.undo()
    assert placed(editor) == ()


def test_the_right_button_takes_away_what_lies_under_it(open_editor: Opened) -> None:
    editor = open_editor((1.0, 1.0, 0), (1.2, 1.1, 1), (-4.0, -4.0, 0), (-2.0, -4.0, 1))
    QTest.mouseClick(editor.plane, RIGHT, pos=at(editor, 1.1, 1.0))
    assert placed(editor) == ((-4.0, -4.0, 0), (-2.0, -4.0, 1))
    assert str(editor.document.undo_name) == "Take points away"
    drag(editor, (-5.0, -4.0), (-1.0, -4.0), RIGHT)
    assert placed(editor) == ()
    editor.document.undo()
    assert len(placed(editor)) == 2


def test_the_eraser_wipes_with_the_left_button_until_a_class_is_chosen(open_editor: Opened, qtbot: QtBot) -> None:
    editor = open_editor((1.0, 1.0, 0), (3.0, 3.0, 1))
    qtbot.keyClick(editor, Qt.Key.Key_E)
    assert editor.eraser.isChecked()
    QTest.mouseClick(editor.plane, LEFT, pos=at(editor, 1.0, 1.0))
    assert placed(editor) == ((3.0, 3.0, 1),)
    qtbot.keyClick(editor, Qt.Key.Key_1)
    QTest.mouseClick(editor.plane, LEFT, pos=at(editor, -1.0, 0.0))
    assert placed(editor)[-1][2] == 1


def test_everything_can_be_done_with_the_keyboard(open_editor: Opened, qtbot: QtBot) -> None:
    editor = open_editor()
    editor.plane.setFocus()
    qtbot.keyClick(editor.plane, Qt.Key.Key_2)
    for _ in range(3):
        qtbot.keyClick(editor.plane, Qt.Key.Key_Right)
    qtbot.keyClick(editor.plane, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(editor.plane, Qt.Key.Key_Space)
    assert placed(editor) == ((1.5, 0.1, 2),)
    qtbot.keyClick(editor.plane, Qt.Key.Key_Delete)
    assert placed(editor) == ()
    for _ in range(30):
        qtbot.keyClick(editor.plane, Qt.Key.Key_Left)
    qtbot.keyClick(editor.plane, Qt.Key.Key_Space)
    assert placed(editor)[0][0] == -6.0
    before = placed(editor)
    qtbot.keyClick(editor.plane, Qt.Key.Key_9)  # no such class
    assert editor.classes.chosen == 2
    assert placed(editor) == before


def test_clear_is_one_step(open_editor: Opened) -> None:
    editor = open_editor((1.0, 1.0, 0), (3.0, 3.0, 1))
    QTest.mouseClick(editor.clear, LEFT)
    assert placed(editor) == ()
    assert not editor.clear.isEnabled()
    editor.document.undo()
    assert len(placed(editor)) == 2


def test_points_of_a_class_that_is_not_there_are_neither_shown_nor_wiped(open_editor: Opened) -> None:
    editor = open_editor((1.0, 1.0, 0), (1.0, 1.0, 2))
    assert editor.says.text().startswith("2 points")
    editor.number.setValue(2)
    assert editor.document.now.source == DrawnPoints(classes=2, placed=((1.0, 1.0, 0), (1.0, 1.0, 2)))
    assert editor.says.text().startswith("1 point.")
    assert len(editor.classes.buttons) == 2
    QTest.mouseClick(editor.plane, RIGHT, pos=at(editor, 1.0, 1.0))
    assert placed(editor) == ((1.0, 1.0, 2),)
    editor.number.setValue(3)
    assert editor.says.text().startswith("1 point.")


def test_counts_stand_beside_the_classes(open_editor: Opened) -> None:
    editor = open_editor((1.0, 1.0, 0), (3.0, 3.0, 1), (3.0, 2.0, 1))
    assert [button.text().split()[-1] for button in editor.classes.buttons] == ["1", "2", "0"]
    assert editor.classes.buttons[1].accessibleName() == "Class 1: 2 examples"


def test_there_is_a_limit_and_it_is_said(open_editor: Opened) -> None:
    editor = open_editor(*[(0.0, 0.0, 0)] * MOST_POINTS)
    QTest.mouseClick(editor.plane, LEFT, pos=at(editor, 4.0, 4.0))
    assert len(placed(editor)) == MOST_POINTS
    assert editor.wrong.isVisible()
    assert "3,000" in editor.wrong.text()
    QTest.mouseClick(editor.clear, LEFT)
    assert not editor.wrong.isVisible()


def test_beside_the_plane_the_nearest_point_of_it_is_meant(open_editor: Opened) -> None:
    editor = open_editor()
    QTest.mouseClick(editor.plane, LEFT, pos=QPoint(2, 2))
    assert placed(editor)[0][:2] == (-6.0, 6.0)
    assert editor.plane.point_at(editor.plane.place_of(1.5, -2.5)) == QPointF(1.5, -2.5)


def test_the_window_closes_when_there_is_another_data_set(open_editor: Opened, qtbot: QtBot) -> None:
    editor = open_editor()
    document = editor.document
    listening = len(document._listeners)
    with qtbot.waitSignal(editor.finished):
        document.edit(say("Change the data"), source=Xor())
    assert len(document._listeners) == listening - 1


def test_what_is_drawn_when_the_window_closes_is_kept(open_editor: Opened, qtbot: QtBot) -> None:
    editor = open_editor()
    document = editor.document
    QTest.mousePress(editor.plane, LEFT, pos=at(editor, 0.0, 0.0))
    with qtbot.waitSignal(editor.finished):
        editor.close()
    assert document.now.source == DrawnPoints(classes=3, placed=(placed_at_origin(document),))


def placed_at_origin(document: Document) -> tuple[float, float, int]:
    source = document.now.source
    assert isinstance(source, DrawnPoints)
    x, y, label = source.placed[0]
    assert (x, y) == pytest.approx((0.0, 0.0), abs=0.03)
    return x, y, label


def test_what_is_drawn_can_be_saved_and_opened(open_editor: Opened) -> None:
    editor = open_editor()
    drag(editor, (-3.0, 0.0), (3.0, 3.0))
    again = files.parse(files.dumps(editor.document.now))
    assert again.source == editor.document.now.source
    assert len(placed(editor)) > 5


def test_classes_differ_in_shape_and_not_only_in_colour() -> None:
    paths = [outline(k, 5.0) for k in range(6)]
    for k, one in enumerate(paths):
        for other in paths[:k]:
            assert one.subtracted(other).boundingRect().width() + other.subtracted(one).boundingRect().width() > 1


def test_it_speaks_the_language_and_wears_the_theme(open_editor: Opened, qtbot: QtBot) -> None:
    editor = open_editor((1.0, 1.0, 0))
    theme.APPEARANCE.choose("dark")
    dark = editor.grab().toImage()
    theme.APPEARANCE.choose("light")
    try:
        assert editor.grab().toImage() != dark
        qt_words.translate_qt("zh")
        settle()
        assert editor.windowTitle() == str(say("Points of your own"))
    finally:
        qt_words.translate_qt("en")
        theme.APPEARANCE.choose("system")
    QApplication.processEvents()
    assert editor.windowTitle() == "Points of your own"


# -- from the inspector -------------------------------------------------------------------------------------------


def test_the_inspector_opens_the_window_and_only_for_sets_that_are_drawn(qtbot: QtBot) -> None:
    document = Document()
    document.open(*open_named("xor"))
    inspector = inspect(document, qtbot)
    page = inspector.document_page
    assert not page.draw.isVisible()
    choose(page.source.choice, "drawn-points")
    settle()
    assert isinstance(document.now.source, DrawnPoints)
    assert list(page.source.form.rows) == ["features", "classes"]  # points have no field
    click(qtbot, page.draw)
    editor = page.drawing
    assert isinstance(editor, PointsEditor)
    assert editor.isVisible()
    QTest.mouseClick(editor.plane, LEFT, pos=at(editor, 2.0, 2.0))
    assert len(placed(editor)) == 1
    click(qtbot, page.draw)
    assert page.drawing is editor
    with qtbot.waitSignal(editor.finished):
        QTest.mouseClick(editor.findChild(QPushButton, "close_drawing"), LEFT)
    assert page.drawing is None
    click(qtbot, page.draw)
    assert page.drawing is not None
    page.drawing.close()
