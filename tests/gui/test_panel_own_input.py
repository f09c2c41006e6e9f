"""An input of one's own: drawn by mouse and keys, opened from files, typed, set; and everybody looks at it."""

from __future__ import annotations

import struct
import zlib
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDragEnterEvent, QDragMoveEvent, QDropEvent, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from playground.data.drawn import centred
from playground.facts import DataFacts, Target
from playground.picture import Picture
from playground.probes.own_input import OwnInput, OwnInputAnswer
from playground.shape import Shape
from tests.examples import preset
from tests.gui.fake_session import FakeSession, pictured, planar
from widgets.file_drop import FileDrop
from widgets.focus import Focus
from widgets.panels import PANELS, load_panels
from widgets.panels.parts.picture_file import grey

load_panels()
LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
CONTROL = Qt.KeyboardModifier.ControlModifier
COPY, NONE = Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def shown(qtbot):
    """Show a panel over a fake session, with the focus that panels share, as if a network had answered."""

    def make(experiment=None, answered=None, size=(460, 250)):
        session = FakeSession(experiment or pictured())
        panel = PANELS["own_input"](session, focus=Focus())
        panel.session_kept = session
        qtbot.addWidget(panel)
        panel.resize(*size)
        panel.show()
        panel.draw(answered or answer())
        QApplication.processEvents()
        return panel

    return make


def answer(own=False, **other):
    said = {
        "classes": ("cat", "dog", "owl"),
        "numbers": (0, 1, 2),
        "chances": np.array([0.1, 0.7, 0.2], dtype=np.float32),
        "label": -1 if own else 0,
    }
    place = {"form": "picture", "own": own, "split": "validation", "index": 4, "count": 9}
    return OwnInputAnswer(9, **(place | said | other))


def stroke(pad, *places, button=LEFT):
    """Draw from place to place, in pixels of the image."""
    box, height = pad.box(), pad._sides[0]
    times = box.height() / height
    points = [QPoint(round(box.x() + x * times), round(box.y() + y * times)) for y, x in places]
    QTest.mousePress(pad, button, pos=points[0])
    for point in points[1:]:
        QTest.mouseMove(pad, point)
    QTest.mouseRelease(pad, button, pos=points[-1])


def drawn(panel, qtbot):
    """Wait for what is on the pad to be looked at, and return its pixels."""
    qtbot.waitUntil(lambda: not panel._pause.isActive())
    picture = panel.focus.now.picture
    assert panel.session.watched["own_input"] == OwnInput(picture=picture, index=panel.focus.now.index)
    return None if picture is None else picture.array()


# -- drawing -------------------------------------------------------------------------------------------------------


def test_what_is_drawn_with_the_mouse_is_asked_of_the_network_where_it_was_drawn(shown, qtbot):
    panel = shown()
    panel.picture.centre.setChecked(False)
    stroke(panel.picture.pad, (5, 8), (20, 8))
    pixels = drawn(panel, qtbot)
    assert pixels.shape == (1, 28, 28)
    rows, columns = np.nonzero(pixels[0] > 100)
    assert abs(rows.min() - 4) <= 1 and abs(rows.max() - 20) <= 1 and set(columns) <= {6, 7, 8, 9}
    assert (pixels[0, 7:18, [7, 8]] > 200).any(axis=0).all() and not pixels[0, :, 14:].any()


def test_the_image_is_small_where_the_data_are(shown, qtbot):
    facts = DataFacts({"image": Shape(channels=1, height=8, width=8)}, {"label": Target(("a", "b"))}, {"train": 9})
    panel = shown(replace(pictured(), facts=facts))
    stroke(panel.picture.pad, (1, 4), (7, 4))
    assert drawn(panel, qtbot).shape == (1, 8, 8)


def test_the_right_button_wipes_and_the_key_of_undo_takes_back_stroke_by_stroke(shown, qtbot):
    panel = shown()
    pad = panel.picture.pad
    stroke(pad, (5, 8), (20, 8))
    first = drawn(panel, qtbot)
    stroke(pad, (5, 20), (20, 20))
    stroke(pad, (5, 8), (20, 8), button=RIGHT)
    wiped = drawn(panel, qtbot)
    assert wiped.sum() < 1.2 * first.sum() and (wiped != first).any()
    pad.setFocus()
    for _ in range(2):
        QTest.keyClick(pad, Qt.Key.Key_Z, CONTROL)
    assert np.array_equal(drawn(panel, qtbot), first)
    QTest.keyClick(pad, Qt.Key.Key_Z, CONTROL)
    assert drawn(panel, qtbot) is None and pad.is_empty


def test_the_keys_draw_and_clear(shown, qtbot):
    panel = shown()
    pad = panel.picture.pad
    panel.picture.centre.setChecked(False)
    pad.setFocus()
    QTest.keyClick(pad, Qt.Key.Key_Space)
    for _ in range(5):
        QTest.keyClick(pad, Qt.Key.Key_Right)
    pixels = drawn(panel, qtbot)[0]
    across, down = (np.nonzero((pixels > 60).any(axis=axis))[0] for axis in (0, 1))
    assert across.tolist() == list(range(13, 20)) and down.tolist() == [13, 14]
    QTest.keyClick(pad, Qt.Key.Key_Delete)
    assert drawn(panel, qtbot) is None
    QTest.keyClick(pad, Qt.Key.Key_Z, CONTROL)
    assert np.array_equal(drawn(panel, qtbot)[0], pixels)


def test_thicker_strokes_hold_more_ink(shown, qtbot):
    panel = shown()
    stroke(panel.picture.pad, (5, 14), (20, 14))
    thin = int(drawn(panel, qtbot).sum())
    QTest.mouseClick(panel.picture.clear, LEFT)
    panel.picture.thickness.setFocus()
    for _ in range(8):
        QTest.keyClick(panel.picture.thickness, Qt.Key.Key_PageUp)
    stroke(panel.picture.pad, (5, 14), (20, 14))
    assert int(drawn(panel, qtbot).sum()) > 2 * thin


def test_switches_invert_and_centre_what_the_network_sees(shown, qtbot):
    panel = shown()
    stroke(panel.picture.pad, (3, 4), (10, 4))
    moved = drawn(panel, qtbot)[0]
    QTest.mouseClick(panel.picture.centre, LEFT)
    plain = drawn(panel, qtbot)[0]
    assert np.array_equal(moved, centred(plain.astype(np.float32))) and (moved != plain).any()
    QTest.mouseClick(panel.picture.invert, LEFT)
    assert np.array_equal(drawn(panel, qtbot)[0], 255 - plain)


def test_colours_are_drawn_where_the_data_have_them(shown, qtbot):
    panel = shown(preset("shapes"))
    assert panel.picture.pens.isVisible() and not panel.picture.centre.isVisible()
    panel.picture.pens.setCurrentIndex(panel.picture.pens.findText("red"))
    stroke(panel.picture.pad, (5, 16), (25, 16))
    pixels = drawn(panel, qtbot)
    assert pixels.shape == (3, 32, 32)
    red = QColor("#E53935")
    assert pixels[:, 15, 16].tolist() == [red.red(), red.green(), red.blue()]


def test_another_example_clears_the_pad_and_undo_brings_the_drawing_back(shown, qtbot):
    panel = shown()
    stroke(panel.picture.pad, (5, 8), (20, 8))
    before = drawn(panel, qtbot)
    panel.focus.move(index=5)  # as another panel does
    assert drawn(panel, qtbot) is None and panel.picture.pad.is_empty
    QTest.mouseClick(panel.picture.undo, LEFT)
    assert np.array_equal(drawn(panel, qtbot), before)
    panel.draw(answer(own=True))
    QTest.mouseClick(panel.back, LEFT)
    assert drawn(panel, qtbot) is None and panel.focus.now.index == 5


def test_the_example_is_copied_to_be_changed(shown, qtbot):
    pixels = np.random.default_rng(1).integers(0, 256, (1, 28, 28)).astype(np.uint8)
    panel = shown(answered=answer(pixels=pixels))
    QTest.mouseClick(panel.picture.copy, LEFT)
    assert np.array_equal(drawn(panel, qtbot), pixels)


def test_data_of_another_size_take_a_fresh_pad(shown, qtbot):
    panel = shown()
    stroke(panel.picture.pad, (5, 8), (20, 8))
    assert drawn(panel, qtbot) is not None
    document = panel.session.document
    facts = replace(document.now.facts, inputs={"image": Shape(channels=3, height=16, width=20)})
    document.note(facts=facts)
    assert drawn(panel, qtbot) is None and panel.picture.sizes == (3, 16, 20)
    stroke(panel.picture.pad, (5, 8), (12, 8))
    assert drawn(panel, qtbot).shape == (3, 16, 20)


# -- files ---------------------------------------------------------------------------------------------------------


def save(path, pixels):
    height, width = pixels.shape[:2]
    form = QImage.Format.Format_Grayscale8 if pixels.ndim == 2 else QImage.Format.Format_RGB888
    image = QImage(np.ascontiguousarray(pixels).tobytes(), width, height, pixels.strides[0], form)
    assert image.save(str(path))
    return path


def chunk(name, data):
    """Return a piece of a PNG."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def test_a_file_of_the_datas_size_is_looked_at_pixel_by_pixel(shown, qtbot, tmp_path):
    panel = shown()
    pixels = np.random.default_rng(1).integers(0, 256, (28, 28)).astype(np.uint8)
    pixels[[0, -1]] = pixels[:, [0, -1]] = 0
    panel.open_file(save(tmp_path / "a.png", pixels))
    assert np.array_equal(drawn(panel, qtbot)[0], pixels) and not panel.wrong.isVisible()
    coloured = np.random.default_rng(2).integers(0, 100, (28, 28, 3)).astype(np.uint8)
    panel.open_file(save(tmp_path / "b.bmp", coloured))
    assert np.array_equal(drawn(panel, qtbot), grey(coloured.transpose(2, 0, 1)))


def test_grey_is_weighed_as_pillow_does():
    image = pytest.importorskip("PIL.Image")
    coloured = np.random.default_rng(2).integers(0, 256, (40, 50, 3)).astype(np.uint8)
    assert np.array_equal(grey(coloured.transpose(2, 0, 1))[0], np.asarray(image.fromarray(coloured).convert("L")))


def test_a_scan_is_made_small_keeps_its_proportions_and_becomes_light_on_dark(shown, qtbot, tmp_path):
    panel = shown()
    scan = np.full((400, 200), 250, dtype=np.uint8)
    scan[100:300, 90:110] = 10
    panel.open_file(save(tmp_path / "scan.jpg", scan))
    pixels = drawn(panel, qtbot)[0]
    assert panel.picture.invert.isChecked()
    rows, columns = np.nonzero(pixels > 128)
    assert (rows.min(), rows.max()) == (7, 20) and set(columns) <= {13, 14}
    assert pixels[:, :6].max() < 12, "beside the picture stands the paper"


def test_what_is_no_picture_is_refused_in_one_sentence_and_nothing_changes(shown, qtbot, tmp_path):
    panel = shown()
    stroke(panel.picture.pad, (5, 8), (20, 8))
    before = drawn(panel, qtbot)
    noise = np.random.default_rng(1).integers(0, 256, (99, 99)).astype(np.uint8)
    whole = {name: save(tmp_path / name, noise) for name in ("a.png", "a.jpg")}
    for name, path in whole.items():
        (tmp_path / f"cut-{name}").write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    (tmp_path / "text.png").write_text("no picture")
    head = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 0, 0, 0, 0)
    (tmp_path / "huge.png").write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b""))
    )
    said = {
        "cut-a.png": "damaged",
        "cut-a.jpg": "damaged",
        "text.png": "no picture",
        "huge.png": "30,000 × 30,000",
        "missing.png": "cannot be read",
    }
    for name, words in said.items():
        panel.open_file(tmp_path / name)
        assert words in panel.wrong.text() and name in panel.wrong.text() and panel.wrong.isVisible()
        assert np.array_equal(drawn(panel, qtbot), before)
    panel.open_file(whole["a.png"])
    assert not panel.wrong.isVisible()


def test_a_picture_is_dropped_on_the_panel(shown, qtbot, tmp_path):
    panel, data = shown(), QMimeData()
    pixels = np.zeros((28, 28), dtype=np.uint8)
    pixels[9, 9] = 200
    data.setUrls([QUrl.fromLocalFile(str(save(tmp_path / "a.png", pixels)))])
    enter = QDragEnterEvent(QPoint(9, 9), COPY, data, LEFT, NONE)
    QApplication.sendEvent(panel, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(panel, QDropEvent(QPointF(9, 9), COPY, data, LEFT, NONE))
    assert np.array_equal(drawn(panel, qtbot)[0], pixels)


@pytest.mark.parametrize("over", [True, False])
def test_in_the_window_a_picture_belongs_to_the_panel_that_it_is_dropped_on(shown, qtbot, tmp_path, over):
    window, taken = QWidget(), []
    qtbot.addWidget(window)
    window.resize(900, 300)
    panel = shown()
    panel.setParent(window)
    panel.show()
    cover = FileDrop(window, lambda *paths: taken.extend(paths), lambda: True)
    window.show()
    data = QMimeData()
    path = save(tmp_path / "a.png", np.full((28, 28), 7, dtype=np.uint8))
    data.setUrls([QUrl.fromLocalFile(str(path))])
    at = QPoint(100, 100) if over else QPoint(800, 100)
    QApplication.sendEvent(window, QDragEnterEvent(at, COPY, data, LEFT, NONE))
    QApplication.sendEvent(window, QDragMoveEvent(at, COPY, data, LEFT, NONE))
    assert ("look at" in cover.accessibleName()) == over
    QApplication.sendEvent(window, QDropEvent(QPointF(at), COPY, data, LEFT, NONE))
    qtbot.waitUntil(lambda: taken == [path] or panel.focus.now.picture is not None)
    assert bool(taken) != over
    panel.setParent(None)


# -- what the network says -----------------------------------------------------------------------------------------


def test_bars_and_words_say_the_answer_and_the_right_class_where_it_is_known(shown):
    panel = shown()
    assert panel.bars.accessibleDescription() == "cat ✓ 0.10; dog 0.70; owl 0.20"
    assert "label cat" in panel.verdict.text() and "✗ prediction dog" in panel.verdict.text()
    assert panel.place.text() == "5 / 9" and not panel.back.isVisible()
    panel.draw(answer(own=True))
    assert panel.bars.accessibleDescription() == "cat 0.10; dog 0.70; owl 0.20"
    assert "prediction dog" in panel.verdict.text() and "✗" not in panel.verdict.text()
    assert panel.place.text() == "your own input" and panel.back.isVisible()


def test_where_there_is_no_room_for_all_classes_the_likeliest_stay(shown):
    chances = np.linspace(0.0, 0.1, 20, dtype=np.float32)
    many = answer(classes=tuple(f"c{k}" for k in range(20)), numbers=tuple(range(20)), chances=chances)
    panel = shown(answered=many, size=(400, 160))
    names = [name for name, *_ in panel.bars.rows]
    assert 1 < len(names) < 20 and names == [f"c{k}" for k in range(20 - len(names), 20)]


def test_numbers_are_set_with_sliders_and_asked_for_until_one_goes_back(shown, qtbot):
    rows = {"form": "numbers", "names": ("x", "y"), "values": np.array([1.0, -2.0], dtype=np.float32)}
    rows |= {"lows": np.array([-4.0, -4.0]), "highs": np.array([4.0, 4.0])}
    panel = shown(planar(), answer(**rows))
    assert panel.session.watched["own_input"] == OwnInput() and panel.numbers.values() == (1.0, -2.0)
    slider = panel.numbers.sliders[1]
    slider.setFocus()
    QTest.keyClick(slider, Qt.Key.Key_End)
    assert panel.session.watched["own_input"] == OwnInput(given=((1.0,), (4.0,)))
    panel.draw(answer(own=True, **rows))
    assert panel.numbers.values() == (1.0, 4.0), "what is set stays while the network answers"
    field = panel.numbers.fields[0]
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "44")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert panel.session.watched["own_input"] == OwnInput(given=((44.0,), (4.0,)))
    QTest.mouseClick(panel.back, LEFT)
    panel.draw(answer(**rows))
    assert panel.session.watched["own_input"] == OwnInput() and panel.numbers.values() == (1.0, -2.0)


def test_a_number_is_answered_in_words(shown):
    rows = {"form": "numbers", "names": ("x",), "values": np.zeros(1), "lows": np.zeros(1), "highs": np.ones(1)}
    said = {"classes": (), "numbers": (), "chances": None, "said": (3.25,), "wanted": (3.0,), "label": -1}
    panel = shown(planar(), answer(**rows, **said))
    assert "answer 3.25" in panel.verdict.text() and "right: 3" in panel.verdict.text() and panel.bars.rows == ()


def test_words_that_are_typed_are_asked_for_and_unknown_ones_crossed_out(shown, qtbot):
    told = answer(form="words", words=("not", "<b>", "bad"), unknown=(1,))
    panel = shown(preset("sentiment-lstm"), told)
    QTest.keyClicks(panel.bar.field, "not bad")
    QTest.keyClick(panel.bar.field, Qt.Key.Key_Return)
    assert panel.focus.now.words == "not bad" and panel.session.watched["own_input"] == OwnInput(own="not bad")
    assert "line-through" in panel.tokens.text() and "&lt;b&gt;" in panel.tokens.text()


def test_where_no_input_can_be_given_it_says_why(shown):
    session = FakeSession(preset("lstm-tagger"))
    panel = PANELS["own_input"](session)
    assert panel.probe() is None and not panel.filled and "Tags" in panel.empty()


def test_the_panels_of_images_look_at_the_same_picture(qtbot):
    focus, session = Focus(), FakeSession(pictured())
    panels = [PANELS[key](session, focus=focus) for key in ("feature_maps", "convolution", "class_activation")]
    for panel in panels:
        qtbot.addWidget(panel)
    own = Picture.of(np.ones((1, 28, 28)))
    focus.move(picture=own)
    assert [panel.probe().own for panel in panels] == [own] * 3
    focus.move(index=3)
    assert [panel.probe().own for panel in panels] == [None] * 3
