"""Images of one's own: strokes on the paper, what is added to the document and taken out of it again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from playground.data.drawn import MOST_IMAGES, SIDE, DrawnDigits, packed_ink, unpacked
from playground.document import Document
from playground.experiment import Experiment
from playground.text import say, set_language
from tests.gui.inspecting import CONTROL, LEFT, choose, click, inspect, settle
from widgets import app, theme
from widgets.drawing_sets import editor_for
from widgets.drawing_sets.digits import DigitsEditor
from widgets.drawing_sets.paper import inked

RIGHT = Qt.MouseButton.RightButton

Opened = Callable[..., DigitsEditor]


@pytest.fixture
def open_editor(qtbot: QtBot) -> Opened:
    """Open the window on a document with so many images, or with other settings."""

    def made(n: int = 0, **settings: Any) -> DigitsEditor:
        app.application()
        images = tuple((packed_ink(np.full((SIDE, SIDE), k % 256)), k % 3) for k in range(n))
        editor = editor_for(Document(Experiment(source=DrawnDigits(images=images, **settings))))
        assert isinstance(editor, DigitsEditor)
        qtbot.addWidget(editor)
        editor.show()
        with qtbot.waitActive(editor):
            editor.activateWindow()
        settle()
        return editor

    return made


def images(editor: DigitsEditor) -> tuple[tuple[str, int], ...]:
    source = editor.document.now.source
    assert isinstance(source, DrawnDigits)
    return source.images


def stroke(editor: DigitsEditor, *places: tuple[int, int], button: Any = LEFT) -> None:
    """Draw from place to place."""
    QTest.mousePress(editor.paper, button, pos=QPoint(*places[0]))
    for place in places[1:]:
        QTest.mouseMove(editor.paper, QPoint(*place))
    QTest.mouseRelease(editor.paper, button, pos=QPoint(*places[-1]))


def test_a_stroke_becomes_a_smooth_line_of_pixels_where_it_was_drawn(open_editor: Opened) -> None:
    editor = open_editor()
    stroke(editor, (140, 40), (140, 240))
    pixels = editor.paper.pixels()
    assert pixels.shape == (SIDE, SIDE)
    rows, columns = np.nonzero(pixels)
    assert (rows.min(), rows.max()) == (2, 25)  # 40 and 240, and half a brush beyond
    assert set(columns) == {12, 13, 14, 15}
    assert (pixels[8:20, [13, 14]] == 255).all()
    assert (pixels[8:20, [12, 15]] > 0).all()
    assert (pixels[8:20, [12, 15]] < 128).all()


def test_enter_adds_the_drawing_in_the_chosen_class_as_one_step(open_editor: Opened, qtbot: QtBot) -> None:
    editor = open_editor()
    assert editor.empty.isVisible()
    qtbot.keyClick(editor, Qt.Key.Key_7)
    stroke(editor, (80, 60), (200, 60), (120, 230))
    drawn = editor.paper.pixels()
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    ((ink, label),) = images(editor)
    assert label == 7
    np.testing.assert_array_equal(unpacked(ink), drawn)
    assert editor.paper.is_empty
    assert str(editor.document.undo_name) == "Draw an image of class 7"
    assert editor.list.isVisible()
    assert editor.list.images.rowCount() == 1
    editor.document.undo()
    assert images(editor) == ()
    assert editor.empty.isVisible()


def test_the_button_adds_and_an_empty_paper_is_told(open_editor: Opened) -> None:
    editor = open_editor()
    QTest.mouseClick(editor.add, LEFT)
    assert images(editor) == ()
    assert editor.wrong.text() == "Draw something on the paper first"
    stroke(editor, (100, 100))
    assert not editor.wrong.isVisible()
    QTest.mouseClick(editor.classes.buttons[3], LEFT)
    QTest.mouseClick(editor.add, LEFT)
    assert [label for _, label in images(editor)] == [3]


def test_the_right_button_wipes(open_editor: Opened) -> None:
    editor = open_editor()
    stroke(editor, (40, 140), (240, 140))
    before = editor.paper.pixels().astype(int).sum()
    stroke(editor, (140, 100), (140, 180), button=RIGHT)
    pixels = editor.paper.pixels()
    assert not pixels[:, 13:15].any()
    assert 0 < pixels.astype(int).sum() < 0.85 * before


def test_undo_takes_back_strokes_and_then_steps_of_the_document(open_editor: Opened, qtbot: QtBot) -> None:
    editor = open_editor(2)
    QTest.mouseClick(editor.clear, LEFT)
    stroke(editor, (40, 40), (100, 40))
    one = editor.paper.pixels()
    stroke(editor, (40, 200), (100, 200))
    qtbot.keyClick(editor, Qt.Key.Key_Z, CONTROL)
    np.testing.assert_array_equal(editor.paper.pixels(), one)
    qtbot.keyClick(editor, Qt.Key.Key_Z, CONTROL)
    assert editor.paper.is_empty
    assert images(editor) == ()
    qtbot.keyClick(editor, Qt.Key.Key_Z, CONTROL)
    assert len(images(editor)) == 2


def test_one_can_draw_with_the_keyboard(open_editor: Opened, qtbot: QtBot) -> None:
    editor = open_editor()
    paper = editor.paper
    assert paper.hasFocus()
    for _ in range(5):
        qtbot.keyClick(paper, Qt.Key.Key_Up)
    assert paper.is_empty
    qtbot.keyClick(paper, Qt.Key.Key_Space)
    for _ in range(10):
        qtbot.keyClick(paper, Qt.Key.Key_Down)
    qtbot.keyClick(paper, Qt.Key.Key_Space)
    qtbot.keyClick(paper, Qt.Key.Key_Left)
    rows, columns = np.nonzero(paper.pixels())
    assert (rows.min(), rows.max()) == (7, 20)
    assert set(columns) <= {12, 13, 14, 15}
    qtbot.keyClick(paper, Qt.Key.Key_Delete)
    assert paper.is_empty


def test_images_are_chosen_and_taken_away_in_the_list(open_editor: Opened, qtbot: QtBot) -> None:
    editor = open_editor(6)
    kept = images(editor)
    assert not editor.delete.isEnabled()
    view = editor.list
    for row, modifier in ((1, Qt.KeyboardModifier.NoModifier), (4, CONTROL)):
        place = view.visualRect(view.images.index(row, 0)).center()
        qtbot.mouseClick(view.viewport(), LEFT, modifier, pos=place)
    assert editor.delete.isEnabled()
    qtbot.keyClick(view, Qt.Key.Key_Delete)
    assert images(editor) == tuple(row for at, row in enumerate(kept) if at not in (1, 4))
    assert str(editor.document.undo_name) == "Take images away"
    editor.document.undo()
    assert images(editor) == kept
    qtbot.mouseClick(view.viewport(), LEFT, pos=view.visualRect(view.images.index(0, 0)).center())
    QTest.mouseClick(editor.delete, LEFT)
    assert images(editor) == kept[1:]


def test_a_digit_pressed_in_the_list_chooses_the_class(open_editor: Opened, qtbot: QtBot) -> None:
    editor = open_editor(4)
    editor.list.setFocus()
    qtbot.keyClick(editor.list, Qt.Key.Key_5)
    assert editor.classes.chosen == 5


def test_the_preview_is_the_image_as_it_will_be_read(open_editor: Opened) -> None:
    editor = open_editor(size="16")
    stroke(editor, (40, 40), (40, 120))  # far from the middle
    shown = editor.preview.pixmap().toImage()
    source = editor.source.with_drawn(((packed_ink(editor.paper.pixels()), 0),))
    read = source.read().splits["train"].inputs["x"][0, 0] * 255
    wanted = inked(np.rint(read), theme.current()).scaled(shown.width(), shown.height())
    assert shown.convertToFormat(wanted.format()) == wanted
    assert "16 × 16" in editor.preview_says.text()
    assert "middle" in editor.preview_says.text()


def test_classes_of_ones_own_have_their_names(open_editor: Opened) -> None:
    editor = open_editor(4, called="猫, a very long name indeed")
    assert [button.text().split("·")[0].strip() for button in editor.classes.buttons] == ["猫", "a very long n…"]
    index = editor.list.images.index(2, 0)
    assert "Left out" in index.data(Qt.ItemDataRole.ToolTipRole)
    editor.document.edit(say("Change the data"), source=editor.source.replace(called=""))
    QTest.mouseClick(editor.add, LEFT)
    assert editor.wrong.isHidden() is False


def test_there_is_a_limit_and_it_is_said(open_editor: Opened) -> None:
    editor = open_editor(MOST_IMAGES)
    stroke(editor, (100, 100))
    QTest.mouseClick(editor.add, LEFT)
    assert len(images(editor)) == MOST_IMAGES
    assert "2,000" in editor.wrong.text()


def test_the_paper_is_never_covered_however_small_the_window(open_editor: Opened) -> None:
    editor = open_editor(3)
    editor.resize(100, 100)
    settle()
    assert editor.paper.geometry().bottom() < editor.add.geometry().top()
    assert editor.classes.geometry().bottom() < editor.paper.geometry().top()


def test_the_inspector_opens_the_window(qtbot: QtBot) -> None:
    document = Document()
    inspector = inspect(document, qtbot)
    page = inspector.document_page
    choose(page.source.choice, "drawn-digits")
    settle()
    click(qtbot, page.draw)
    assert isinstance(page.drawing, DigitsEditor)
    page.drawing.close()


def test_it_speaks_the_language(open_editor: Opened) -> None:
    editor = open_editor(1)
    english = editor.add.text()
    set_language("zh")
    try:
        editor.relabel()
        editor.sync()
        assert editor.add.text() == str(say("Add"))
    finally:
        set_language("en")
    editor.relabel()
    assert editor.add.text() == english == "Add"
