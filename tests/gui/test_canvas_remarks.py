"""Notes and frames on the canvas: written, moved, resized, copied and taken back, by mouse and keyboard."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest

from playground import files
from playground.blocks.activation import Tanh
from playground.blocks.data import Input, Output
from playground.blocks.dense import Dense
from playground.experiment import Experiment, Remark, View
from playground.facts import DataFacts, Target
from playground.graph import Graph
from playground.shape import Shape
from tests.examples import chain
from tests.gui.driving import CONTROL, LEFT, NONE, SHIFT, on_card
from widgets import theme
from widgets.canvas import Canvas
from widgets.canvas.geometry import HEIGHT, WIDTH
from widgets.canvas.remark_editing import NoteEditor, TitleEditor
from widgets.canvas.remarks import PAD, fitted, note_font, text_height

Make = Callable[..., Canvas]
FLAT = DataFacts(inputs={"x": Shape(features=2)}, targets={"label": Target(classes=("0", "1"))})
ALT = Qt.KeyboardModifier.AltModifier

PLACES = {"input_1": (0.0, 0.0), "dense_1": (320.0, 0.0), "tanh_1": (560.0, 0.0), "output_1": (880.0, 0.0)}
NOTE = Remark("note_1", "note", "Why tanh?", (320.0, 240.0, 200.0, 80.0))
FRAME = Remark("frame_1", "frame", "Hidden", (280.0, -72.0, 456.0, 208.0))


@pytest.fixture
def make(open_canvas) -> Make:
    def build(*remarks: Remark, graph: Graph | None = None, **view: object) -> Canvas:
        graph = chain(Input(), Dense(units=4), Tanh(), Output()) if graph is None else graph
        view = {"positions": PLACES, "remarks": remarks, **view}
        return open_canvas(graph, FLAT, **view)

    return build


def press(canvas: Canvas, key: Qt.Key, held: Qt.KeyboardModifier = NONE) -> None:
    QTest.keyClick(canvas, key, held)


def spot(canvas: Canvas, x: float, y: float) -> QPoint:
    return canvas.view_point(QPointF(x, y)).toPoint()


def title_of(canvas: Canvas, id: str = "frame_1") -> QPoint:
    rect = canvas.stage.remarks.items[id].rect
    return spot(canvas, rect.center().x(), rect.top() + 12)


def corner_of(canvas: Canvas, id: str) -> QPoint:
    rect = canvas.stage.remarks.items[id].rect
    return spot(canvas, rect.right() - 4, rect.bottom() - 4)


def drag(canvas: Canvas, start: QPoint, by: QPoint, *, held=NONE, release: bool = True) -> None:
    view = canvas.viewport()
    QTest.mousePress(view, LEFT, held, start)
    for i in range(1, 6):
        QTest.mouseMove(view, start + by * i / 5)
    if release:
        QTest.mouseRelease(view, LEFT, held, start + by)


def remarks(canvas: Canvas) -> dict[str, Remark]:
    return {remark.id: remark for remark in canvas.document.now.view.remarks}


def writing(canvas: Canvas, kind: type) -> NoteEditor | TitleEditor:
    assert isinstance(canvas.editor, kind) and canvas.editor.isVisible() and canvas.editor.hasFocus()
    return canvas.editor


# -- writing notes -------------------------------------------------------------------------------------------------


def test_a_note_is_written_at_the_pointer_in_one_step(make: Make) -> None:
    canvas = make()
    before = canvas.document.now
    at = QPoint(200, 560)
    QTest.mouseMove(canvas.viewport(), at)
    press(canvas, Qt.Key.Key_N)
    editor = writing(canvas, NoteEditor)
    QTest.keyClicks(editor, "Learns n")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    QTest.keyClicks(editor, "x or y")
    assert canvas.document.now == before
    QTest.keyClick(editor, Qt.Key.Key_Return, CONTROL)
    (note,) = canvas.document.now.view.remarks
    assert (note.kind, note.text, note.level) == ("note", "Learns n\nx or y", "")
    assert (spot(canvas, *note.rect[:2]) - at).manhattanLength() <= 16
    assert canvas.editor is None and canvas.hasFocus() and canvas.stage.selected_remarks == (note.id,)
    assert str(canvas.document.undo_name) == "Add note"
    canvas.document.undo()
    assert canvas.document.now == before and not canvas.stage.remarks.items


@pytest.mark.parametrize("text", ["", "  ", "never mind"])
def test_escape_or_no_text_leaves_no_note(make: Make, text: str) -> None:
    canvas = make()
    press(canvas, Qt.Key.Key_N)
    editor = writing(canvas, NoteEditor)
    QTest.keyClicks(editor, text)
    if text.strip():
        QTest.keyClick(editor, Qt.Key.Key_Escape)
    else:
        QTest.keyClick(editor, Qt.Key.Key_Return, CONTROL)
    assert canvas.editor is None and not canvas.document.dirty and canvas.hasFocus()


def test_a_double_click_edits_a_note_and_a_click_elsewhere_takes_it(make: Make) -> None:
    canvas = make(NOTE)
    before = canvas.document.now
    QTest.mouseDClick(canvas.viewport(), LEFT, NONE, spot(canvas, 360, 260))
    editor = writing(canvas, NoteEditor)
    assert editor.toPlainText() == "Why tanh?"
    QTest.keyClicks(editor, "Because")
    QTest.mouseClick(canvas.viewport(), LEFT, NONE, spot(canvas, 700, 300))
    assert remarks(canvas)["note_1"].text == "Because" and canvas.editor is None
    assert str(canvas.document.undo_name) == "Change note"
    canvas.document.undo()
    assert canvas.document.now == before


def test_escape_leaves_the_old_text_and_an_empty_note_goes(make: Make) -> None:
    canvas = make(NOTE)
    before = canvas.document.now
    QTest.mouseClick(canvas.viewport(), LEFT, NONE, spot(canvas, 360, 260))
    press(canvas, Qt.Key.Key_F2)
    QTest.keyClicks(writing(canvas, NoteEditor), "other")
    QTest.keyClick(canvas.editor, Qt.Key.Key_Escape)
    assert canvas.document.now == before
    press(canvas, Qt.Key.Key_F2)
    QTest.keyClick(writing(canvas, NoteEditor), Qt.Key.Key_Delete)
    QTest.keyClick(canvas.editor, Qt.Key.Key_Return, CONTROL)
    assert not remarks(canvas) and str(canvas.document.undo_name) == "Delete note"
    canvas.document.undo()
    assert canvas.document.now == before


def test_letters_of_a_note_are_letters_and_ctrl_z_takes_back_typing_only(make: Make) -> None:
    canvas = make(NOTE)
    canvas.select(["dense_1"])
    press(canvas, Qt.Key.Key_N)
    editor = writing(canvas, NoteEditor)
    QTest.keyClicks(editor, "ncb")
    QTest.keyClick(editor, Qt.Key.Key_Backspace)
    QTest.keyClick(editor, Qt.Key.Key_Z, CONTROL)
    assert editor.toPlainText() == "ncb" and not canvas.document.dirty


def test_a_note_grows_with_its_text(make: Make) -> None:
    canvas = make(NOTE)
    canvas.stage.select((), (), ["note_1"])
    press(canvas, Qt.Key.Key_F2)
    QTest.keyClicks(writing(canvas, NoteEditor), "word " * 60)
    tall = canvas.editor.height()
    QTest.keyClick(canvas.editor, Qt.Key.Key_Return, CONTROL)
    note = remarks(canvas)["note_1"]
    assert note.rect[3] > NOTE.rect[3] and tall >= (note.rect[3] - 8) * canvas.zoom
    assert text_height(note.text, note_font(canvas.look), note.rect[2] - 2 * PAD) <= note.rect[3] - 2 * PAD + 1


def test_undo_while_a_note_is_open_that_it_takes_away_closes_the_editor(make: Make) -> None:
    canvas = make()
    press(canvas, Qt.Key.Key_N)
    QTest.keyClicks(writing(canvas, NoteEditor), "a")
    QTest.keyClick(canvas.editor, Qt.Key.Key_Return, CONTROL)
    press(canvas, Qt.Key.Key_F2)
    writing(canvas, NoteEditor)
    canvas.document.undo()
    assert canvas.editor is None and not remarks(canvas)


def test_the_editor_follows_the_view(make: Make) -> None:
    canvas = make(NOTE)
    canvas.stage.select((), (), ["note_1"])
    press(canvas, Qt.Key.Key_F2)
    before = writing(canvas, NoteEditor).pos()
    canvas.pan_by(60, 40)
    assert canvas.editor.pos() - before == QPoint(60, 40)


# -- moving and resizing -------------------------------------------------------------------------------------------


def test_a_note_is_moved_by_dragging_and_escape_puts_it_back(make: Make) -> None:
    canvas = make(NOTE)
    before = canvas.document.now
    start = spot(canvas, 380, 270)
    drag(canvas, start, QPoint(120, 60), release=False)
    assert canvas.stage.remarks.items["note_1"].rect.x() != 320
    press(canvas, Qt.Key.Key_Escape)
    assert canvas.document.now == before and canvas.stage.remarks.items["note_1"].rect.x() == 320
    QTest.mouseRelease(canvas.viewport(), LEFT, NONE, start)
    drag(canvas, start, QPoint(120, 60))
    x, y, width, height = remarks(canvas)["note_1"].rect
    assert x > 400 and y > 270 and (width, height) == (200.0, 80.0) and x % 8 == y % 8 == 0
    assert dict(canvas.document.now.view.positions) == PLACES
    assert str(canvas.document.undo_name) == "Move"
    canvas.document.undo()
    assert canvas.document.now == before


def test_a_corner_resizes_and_a_note_keeps_room_for_its_text(make: Make) -> None:
    canvas = make(NOTE, FRAME)
    before = canvas.document.now
    drag(canvas, corner_of(canvas, "note_1"), QPoint(80, 40))
    _, _, width, height = remarks(canvas)["note_1"].rect
    assert width > 250 and height > 110 and str(canvas.document.undo_name) == "Resize note"
    drag(canvas, corner_of(canvas, "note_1"), QPoint(-600, -600))
    _, _, width, height = remarks(canvas)["note_1"].rect
    assert width == 72 and height >= text_height("Why tanh?", note_font(canvas.look), 72 - 2 * PAD) + 2 * PAD
    drag(canvas, corner_of(canvas, "frame_1"), QPoint(40, 16))
    assert remarks(canvas)["frame_1"].rect[2] > FRAME.rect[2]
    assert str(canvas.document.undo_name) == "Resize frame"
    for _ in range(3):
        canvas.document.undo()
    assert canvas.document.now == before


def test_escape_cancels_resizing(make: Make) -> None:
    canvas = make(NOTE)
    drag(canvas, corner_of(canvas, "note_1"), QPoint(80, 40), release=False)
    assert canvas.stage.remarks.items["note_1"].rect.width() > 200
    press(canvas, Qt.Key.Key_Escape)
    assert canvas.gesture is None and not canvas.document.dirty
    assert canvas.stage.remarks.items["note_1"].rect.width() == 200 and canvas.stage.selected_remarks == ()


def test_arrow_keys_move_remarks_too(make: Make) -> None:
    canvas = make(NOTE)
    before = canvas.document.now
    QTest.mouseClick(canvas.viewport(), LEFT, NONE, spot(canvas, 360, 260))
    for _ in range(3):
        press(canvas, Qt.Key.Key_Right)
    assert remarks(canvas)["note_1"].rect[:2] == (344.0, 240.0)
    canvas.document.undo()
    assert canvas.document.now == before


# -- frames --------------------------------------------------------------------------------------------------------


def test_a_frame_is_drawn_around_the_selection_and_its_title_typed_in_one_step(make: Make) -> None:
    canvas = make(NOTE)
    before = canvas.document.now
    QTest.mouseClick(canvas.viewport(), LEFT, NONE, on_card(canvas, "dense_1"))
    QTest.mouseClick(canvas.viewport(), LEFT, SHIFT, on_card(canvas, "tanh_1"))
    press(canvas, Qt.Key.Key_F, CONTROL | SHIFT)
    editor = writing(canvas, TitleEditor)
    QTest.keyClicks(editor, "Hidden layer")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    frame = remarks(canvas)["frame_1"]
    left, top, width, height = frame.rect
    assert frame.text == "Hidden layer" and canvas.stage.selected_remarks == ("frame_1",)
    assert left < 320 and top < 0 and left + width > 560 + WIDTH and top + height > HEIGHT
    assert set(canvas.stage.carried()[0]) == {"dense_1", "tanh_1"}
    assert str(canvas.document.undo_name) == "Frame 2 nodes"
    canvas.document.undo()
    assert canvas.document.now == before


def test_escape_keeps_the_frame_under_its_first_title(make: Make) -> None:
    canvas = make()
    canvas.select(["dense_1"])
    press(canvas, Qt.Key.Key_F, CONTROL | SHIFT)
    QTest.keyClick(writing(canvas, TitleEditor), Qt.Key.Key_Escape)
    assert remarks(canvas)["frame_1"].text == "Frame" and canvas.editor is None


def test_without_a_selection_an_empty_frame_is_drawn(make: Make) -> None:
    canvas = make(graph=Graph(), positions={})
    press(canvas, Qt.Key.Key_F, CONTROL | SHIFT)
    QTest.keyClick(writing(canvas, TitleEditor), Qt.Key.Key_Return)
    assert remarks(canvas)["frame_1"].kind == "frame" and str(canvas.document.undo_name) == "Add frame"


def test_a_frame_takes_along_the_nodes_and_notes_wholly_inside(make: Make) -> None:
    inside = Remark("note_2", "note", "in", (300.0, 104.0, 80.0, 24.0))
    half = Remark("note_3", "note", "half", (700.0, 100.0, 120.0, 40.0))
    canvas = make(FRAME, NOTE, inside, half)
    before = canvas.document.now
    drag(canvas, title_of(canvas), QPoint(0, 80))
    new = canvas.document.now.view
    dy = remarks(canvas)["frame_1"].rect[1] - FRAME.rect[1]
    assert dy > 50
    assert new.positions["dense_1"] == (320.0, dy) and new.positions["tanh_1"] == (560.0, dy)
    assert new.positions["input_1"] == (0.0, 0.0) and new.positions["output_1"] == (880.0, 0.0)
    assert remarks(canvas)["note_2"].rect[1] == 104 + dy and remarks(canvas)["note_3"] == half
    assert str(canvas.document.undo_name) == "Move"
    canvas.document.undo()
    assert canvas.document.now == before


def test_a_press_inside_a_frame_begins_a_lasso_that_does_not_take_the_frame(make: Make) -> None:
    canvas = make(FRAME)
    start = spot(canvas, 300, -20)
    end = spot(canvas, 480, 110)
    drag(canvas, start, end - start)
    assert canvas.selected_ids == ("dense_1",) and canvas.stage.selected_remarks == ()
    assert not canvas.document.dirty


def test_a_lasso_around_everything_selects_nodes_notes_and_frames_and_shift_click_toggles(make: Make) -> None:
    canvas = make(FRAME, NOTE)
    whole = canvas.viewport().rect().adjusted(4, 4, -4, -4)
    drag(canvas, whole.topLeft(), whole.bottomRight() - whole.topLeft())
    assert set(canvas.selected_ids) == set(PLACES)
    assert set(canvas.stage.selected_remarks) == {"frame_1", "note_1"}
    QTest.mouseClick(canvas.viewport(), LEFT, SHIFT, title_of(canvas))
    assert canvas.stage.selected_remarks == ("note_1",) and set(canvas.selected_ids) == set(PLACES)
    QTest.mouseClick(canvas.viewport(), LEFT, SHIFT, title_of(canvas))
    assert canvas.stage.selected_remarks == ("note_1", "frame_1")
    QTest.mouseClick(canvas.viewport(), LEFT, NONE, title_of(canvas))
    assert canvas.stage.selected_remarks == ("frame_1",) and canvas.selected_ids == ()


def test_dragging_a_node_of_a_mixed_selection_moves_the_note_as_well(make: Make) -> None:
    canvas = make(NOTE)
    canvas.stage.select(["dense_1"], [], ["note_1"])
    drag(canvas, on_card(canvas, "dense_1"), QPoint(0, 60), held=NONE)
    dy = canvas.document.now.view.positions["dense_1"][1]
    assert dy > 0 and remarks(canvas)["note_1"].rect[1] == 240 + dy


def test_a_frame_is_renamed_by_f2_and_by_a_double_click(make: Make) -> None:
    canvas = make(FRAME)
    before = canvas.document.now
    QTest.mouseClick(canvas.viewport(), LEFT, NONE, title_of(canvas))
    press(canvas, Qt.Key.Key_F2)
    QTest.keyClicks(writing(canvas, TitleEditor), "Encoder")
    QTest.keyClick(canvas.editor, Qt.Key.Key_Return)
    assert remarks(canvas)["frame_1"].text == "Encoder"
    assert str(canvas.document.undo_name) == "Rename frame to Encoder"
    QTest.mouseDClick(canvas.viewport(), LEFT, NONE, title_of(canvas))
    QTest.keyClicks(writing(canvas, TitleEditor), "Other")
    QTest.mouseClick(canvas.viewport(), LEFT, NONE, spot(canvas, 700, 300))
    assert remarks(canvas)["frame_1"].text == "Other"
    canvas.document.undo()
    canvas.document.undo()
    assert canvas.document.now == before


# -- with everything else ------------------------------------------------------------------------------------------


def test_deleting_a_frame_leaves_what_lies_in_it(make: Make) -> None:
    canvas = make(FRAME, NOTE)
    before = canvas.document.now
    QTest.mouseClick(canvas.viewport(), LEFT, NONE, title_of(canvas))
    press(canvas, Qt.Key.Key_Delete)
    assert set(remarks(canvas)) == {"note_1"} and canvas.document.now.graph == before.graph
    assert str(canvas.document.undo_name) == "Delete frame"
    press(canvas, Qt.Key.Key_A, CONTROL)
    press(canvas, Qt.Key.Key_Delete)
    assert not remarks(canvas) and not canvas.document.now.graph.nodes
    canvas.document.undo()
    canvas.document.undo()
    assert canvas.document.now == before


def test_a_frame_is_copied_with_what_lies_in_it(make: Make) -> None:
    canvas = make(FRAME, NOTE)
    before = canvas.document.now
    QTest.mouseClick(canvas.viewport(), LEFT, NONE, title_of(canvas))
    press(canvas, Qt.Key.Key_C, CONTROL)
    QTest.mouseMove(canvas.viewport(), QPoint(500, 560))
    press(canvas, Qt.Key.Key_V, CONTROL)
    assert set(canvas.document.now.graph.nodes) - set(before.graph.nodes) == {"dense_2", "tanh_2"}
    assert set(remarks(canvas)) == {"frame_1", "note_1", "frame_2"}
    dx = remarks(canvas)["frame_2"].rect[0] - FRAME.rect[0]
    assert canvas.stage.places()["dense_2"][0] - PLACES["dense_1"][0] == dx
    assert canvas.selected_ids == ("dense_2", "tanh_2") and canvas.stage.selected_remarks == ("frame_2",)
    canvas.document.undo()
    assert canvas.document.now == before


def test_notes_alone_are_cut_pasted_and_duplicated(make: Make) -> None:
    canvas = make(NOTE)
    before = canvas.document.now
    QTest.mouseClick(canvas.viewport(), LEFT, NONE, spot(canvas, 360, 260))
    press(canvas, Qt.Key.Key_D, CONTROL)
    assert set(remarks(canvas)) == {"note_1", "note_2"} and str(canvas.document.undo_name) == "Duplicate"
    press(canvas, Qt.Key.Key_X, CONTROL)
    assert set(remarks(canvas)) == {"note_1"} and str(canvas.document.undo_name) == "Cut"
    press(canvas, Qt.Key.Key_V, CONTROL)
    assert remarks(canvas)["note_2"].text == "Why tanh?" and str(canvas.document.undo_name) == "Paste"
    for _ in range(3):
        canvas.document.undo()
    assert canvas.document.now == before


def test_fitting_shows_remarks_that_stand_apart(make: Make) -> None:
    canvas = make(Remark("note_1", "note", "far", (0.0, 2400.0, 200.0, 80.0)))
    press(canvas, Qt.Key.Key_0, CONTROL)
    assert canvas.viewport().rect().contains(spot(canvas, 100, 2440))


def test_files_keep_remarks(make: Make) -> None:
    canvas = make(NOTE, FRAME)
    assert files.parse(files.dumps(canvas.document.now)).view.remarks == (NOTE, FRAME)


def test_a_right_click_on_a_note_offers_what_can_be_done_with_it(make: Make) -> None:
    canvas = make(NOTE)
    at = spot(canvas, 360, 260)
    menu, _ = canvas.menu_at(QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, canvas.mapToGlobal(at)))
    actions = {action.objectName(): action for action in menu.actions()}
    assert {"cut", "copy", "duplicate", "delete", "rename"} <= actions.keys() and "bypass" not in actions
    actions["delete"].trigger()
    assert not remarks(canvas)


def test_a_screen_reader_hears_what_is_selected(make: Make) -> None:
    canvas = make(NOTE, FRAME)
    QTest.mouseClick(canvas.viewport(), LEFT, NONE, spot(canvas, 360, 260))
    assert "Why tanh?" in canvas.accessibleDescription()


def test_tab_goes_on_from_the_nodes_to_notes_and_frames(make: Make) -> None:
    canvas = make(NOTE, FRAME)
    canvas.select(["output_1"])
    press(canvas, Qt.Key.Key_Tab)
    assert canvas.stage.selection == ((), (), ("note_1",))
    press(canvas, Qt.Key.Key_Tab)
    assert canvas.stage.selected_remarks == ("frame_1",)
    press(canvas, Qt.Key.Key_Backtab, SHIFT)
    press(canvas, Qt.Key.Key_Backtab, SHIFT)
    assert canvas.selected_ids == ("output_1",)


def test_text_that_does_not_fit_ends_in_dots(make: Make) -> None:
    font = note_font(make().look)
    assert fitted("short", font, 200, 40) == "short"
    cut = fitted("word " * 100, font, 200, 40)
    assert cut.endswith("…") and text_height(cut, font, 200) <= 41


@pytest.mark.parametrize("choice", ["dark", "light"])
def test_remarks_are_painted_in_both_themes_and_when_small(make: Make, choice: str) -> None:
    try:
        theme.APPEARANCE.choose(choice)
        canvas = make(FRAME, NOTE)
        empty = spot(canvas, 500, 310)  # on the note, below its text
        paper = canvas.grab().toImage().pixelColor(empty)
        bare = canvas.grab().toImage().pixelColor(spot(canvas, 800, 310))
        assert paper.red() - paper.blue() > bare.red() - bare.blue() + 10  # yellow
        canvas.zoom_by(0.3 / canvas.zoom)
        assert canvas.in_overview
        small = canvas.grab().toImage().pixelColor(spot(canvas, 420, 280))
        assert small.red() - small.blue() > 10
    finally:
        theme.APPEARANCE.choose("system")


def test_opening_another_document_shows_its_remarks_and_ends_writing(make: Make) -> None:
    canvas = make(NOTE)
    press(canvas, Qt.Key.Key_N)
    QTest.keyClicks(writing(canvas, NoteEditor), "for the old one")
    canvas.document.open(Experiment(view=View(remarks=(FRAME,))))
    assert set(canvas.stage.remarks.items) == {"frame_1"} and canvas.editor is None
    assert canvas.document.now.view.remarks == (FRAME,) and not canvas.document.dirty
