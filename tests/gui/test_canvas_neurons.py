"""What neurons and weights show on the canvas: pictures on cards, lines on wires, and nothing where nobody looks."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from playground.blocks.activation import Tanh
from playground.blocks.data import Input, Output
from playground.blocks.dense import Dense
from playground.data.classics import Iris
from playground.data.planar import Xor
from playground.graph import Wire
from playground.messages import Frame
from playground.probes.neurons import FacesAnswer, UnitMaps
from playground.probes.weights import WireWeightsAnswer
from playground.text import say
from tests.examples import chain
from tests.gui.window_fakes import FakeSession
from widgets.canvas import Canvas
from widgets.canvas.fan import DRAWN_ABOVE, NUMBERS_ABOVE, STEP, THICKEST, THINNEST
from widgets.canvas.geometry import CARD_SIZE, DOWN
from widgets.canvas.layout import GAP_Y
from widgets.canvas.sizes import TALL, card_size, pictures
from widgets.neuron_strips import NeuronStrips
from widgets.plane_colours import packed_table, side_table
from widgets.theme import APPEARANCE, DARK, LIGHT, current
from widgets.window import Window

FACTS = Xor(count=40).read().facts
OUTPUT = Output(task="binary", loss="binary_cross_entropy")
WIRE = Wire("input_1", "dense_1")
WEIGHTS = np.array([[2.0, -1.0], [0.5, -4.0], [0.0, 1.0], [3.0, np.nan]], np.float32)

Make = Callable[..., Canvas]


@pytest.fixture
def make(open_canvas: Make) -> Make:
    def made(units: int = 4, **view: object) -> Canvas:
        return open_canvas(chain(Input(), Dense(units=units), Tanh(), Dense(units=1), OUTPUT), FACTS, **view)

    return made


def maps(units: int, byte: int = 255) -> UnitMaps:
    return UnitMaps(np.full((units, 8, 8), byte, np.uint8), 1.0)


def centre_of(canvas: Canvas, id: str, unit: int) -> QPointF:
    """Return where on the scene the picture of a unit is."""
    card = canvas.stage.cards[id]
    left, top, right, bottom = pictures(len(card.units), 12, 132, card.size)[unit]
    return card.mapToScene((left + right) / 2, (top + bottom) / 2)


def colour_at(canvas: Canvas, at: QPointF) -> QColor:
    image = canvas.viewport().grab().toImage()
    return image.pixelColor(canvas.view_point(at).toPoint() * image.devicePixelRatio())


# -- pictures of units -----------------------------------------------------------------------------------------------


def test_pictures_have_their_room_before_there_is_any_answer_and_nothing_moves_when_one_comes(make: Make) -> None:
    canvas = make(units=8)
    cards, before = canvas.stage.cards, canvas.stage.places()
    assert [len(card.units) for card in cards.values()] == [2, 8, 8, 1, 1]
    assert cards["dense_1"].size == TALL and cards["input_1"].size == CARD_SIZE
    routes = {wire: line.route for wire, line in canvas.stage.lines.items()}
    canvas.set_units("dense_1", maps(8))
    assert cards["dense_1"].live and canvas.stage.places() == before
    assert {wire: line.route for wire, line in canvas.stage.lines.items()} == routes
    assert len({line.route.points[0][1] for line in canvas.stage.lines.values()}) <= 2, "ports stay on one line"


def test_the_layout_leaves_room_below_tall_cards(open_canvas: Make) -> None:
    layers = [block for _ in range(3) for block in (Dense(units=12), Tanh())]
    canvas = open_canvas(chain(Input(), *layers, Dense(units=1), OUTPUT), FACTS)
    above, below = canvas.stage.cards["dense_1"].rect, canvas.stage.cards["tanh_3"].rect
    assert below.top() - above.bottom() >= GAP_Y
    canvas.document.edit(say("x"), graph=canvas.sheet.graph.configure("dense_1", Dense(units=4)))
    assert canvas.stage.cards["dense_1"].size == CARD_SIZE
    assert not canvas.stage.card_at(above.center().x(), above.bottom() - 2)


@pytest.mark.parametrize("units", range(1, 17))
def test_no_picture_covers_another_or_leaves_its_card(units: int) -> None:
    for direction in ("right", DOWN):
        size = card_size(units, direction)
        boxes = pictures(units, 12, 132, size)
        assert len(boxes) == units
        for k, (left, top, right, bottom) in enumerate(boxes):
            assert left >= 12 and right <= 132.01 and top >= 60 and bottom <= size[1] - 5
            assert right - left == pytest.approx(bottom - top) and right - left >= 11
            assert all(left >= o[2] or o[0] >= right or top >= o[3] or o[1] >= bottom for o in boxes[:k])


def test_many_units_and_data_that_are_no_plane_have_no_pictures(make: Make) -> None:
    canvas = make(units=17)
    assert canvas.stage.cards["dense_1"].units is None and canvas.stage.cards["dense_1"].size == CARD_SIZE
    canvas.document.edit(say("x"), source=Iris())
    assert not any(card.units for card in canvas.stage.cards.values())


def test_the_sides_have_the_colours_of_the_boundary_in_both_themes(make: Make) -> None:
    canvas = make()
    canvas.zoom_by(1.0 / canvas.zoom)
    for theme in (DARK, LIGHT):
        table, packed = side_table(theme), packed_table(theme)
        assert (packed[255, :3] == table[255, ::-1]).all() and (packed[1, :3] == table[0, ::-1]).all()
    for look in ("dark", "light"):
        APPEARANCE.choose(look)
        for byte, index in ((255, 255), (1, 0)):
            canvas.set_units("dense_1", maps(4, byte))
            seen = colour_at(canvas, centre_of(canvas, "dense_1", 2)).getRgb()[:3]
            assert np.abs(np.array(seen) - side_table(current())[index]).max() <= 2, (look, byte)
    APPEARANCE.choose("dark")


def test_the_lowest_y_is_at_the_bottom(make: Make) -> None:
    canvas = make()
    canvas.zoom_by(2.0 / canvas.zoom)
    low = maps(4, 255)
    low.codes[:, :4] = 1
    canvas.set_units("dense_1", low)
    canvas.look_at(middle := centre_of(canvas, "dense_1", 0))
    above, below = (colour_at(canvas, middle + QPointF(0, by)) for by in (-9, 9))
    assert above.red() > above.blue() and below.blue() > below.red()


# -- weights on wires ------------------------------------------------------------------------------------------------


def show(canvas: Canvas, weights: np.ndarray = WEIGHTS) -> None:  # type: ignore[type-arg]
    canvas.zoom_by(1.0 / canvas.zoom)
    canvas.fans.show({"dense_1": weights}, {"dense_1": weights * -0.1})


def test_every_weight_is_a_line_with_the_colour_of_its_sign_and_a_width_that_grows_with_it(make: Make) -> None:
    canvas = make()
    show(canvas)
    fan = canvas.fans.items[WIRE]
    assert list(canvas.fans.items) == [WIRE] and len(fan._paths) == 8
    positive, negative = fan.pen(2.0), fan.pen(-4.0)
    assert positive.color() == canvas.look.above and negative.color() == canvas.look.below
    assert positive.style() == Qt.PenStyle.SolidLine and negative.style() == Qt.PenStyle.CustomDashLine
    assert negative.widthF() == pytest.approx(THICKEST, abs=STEP) and fan.pen(0.0).widthF() == THINNEST
    assert positive.widthF() == pytest.approx(THINNEST + (THICKEST - THINNEST) / 2, abs=STEP)
    assert sum(path.elementCount() for path, _ in fan._lines) == sum(p.elementCount() for p in fan._paths.values())
    widths = [pen.widthF() for _, pen in fan._lines]
    assert widths == sorted(widths), "the thick ones lie on top"
    dashed = next(path for path, pen in fan._lines if pen.widthF() == negative.widthF())
    assert dashed == fan._paths[1, 1], "the one weight of -4"
    show(canvas, WEIGHTS[:, :1])
    assert not canvas.fans.items, "weights of another shape are those of a network that is no more"


def test_the_lines_lie_between_the_two_cards_and_follow_them(make: Make) -> None:
    canvas = make()
    show(canvas)
    cards, fan = canvas.stage.cards, canvas.fans.items[WIRE]
    assert fan.boundingRect().left() >= cards["input_1"].rect.right() - 10
    assert fan.boundingRect().right() <= cards["dense_1"].rect.left() + 10
    before = fan.boundingRect()
    canvas.stage.show_at({id: (x, y + 40) for id, (x, y) in canvas.stage.places().items()})
    assert fan.boundingRect() == before.translated(0, 40)
    canvas.stage.settle()
    assert fan.boundingRect() == before


def test_the_plain_wire_gives_way_and_comes_back(make: Make) -> None:
    canvas = make()
    show(canvas)
    line = canvas.stage.lines[WIRE]
    assert line.fanned and line.chip.opacity() == 0
    QTest.keyClick(canvas, Qt.Key.Key_W, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert not canvas.fans.wanted and not canvas.fans.items and not line.fanned and line.chip.opacity() == 1
    canvas.commands["weights_on_wires"].trigger()
    assert line.fanned and canvas.commands["weights_on_wires"].isChecked()
    canvas.zoom_by(0.9 * DRAWN_ABOVE / canvas.zoom)
    assert not line.fanned and not canvas.fans.items
    canvas.zoom_by(1.1 * DRAWN_ABOVE / canvas.zoom)
    assert line.fanned
    canvas.document.edit(say("x"), graph=canvas.sheet.graph.configure("dense_1", Dense(units=3)))
    assert not canvas.fans.items
    canvas.document.undo()
    assert list(canvas.fans.items) == [WIRE]
    canvas.document.edit(say("x"), graph=canvas.sheet.graph.disconnect(WIRE))
    assert not canvas.fans.items


def test_under_the_pointer_a_line_says_weight_and_gradient(make: Make) -> None:
    canvas = make()
    show(canvas)
    fan = canvas.fans.items[WIRE]
    at = QPointF(*fan._points[1, 1][4])
    QTest.mouseMove(canvas.viewport(), canvas.view_point(at).toPoint())
    assert fan.lit == (1, 1)
    words = canvas.words_at(at)
    assert "input_1, unit 2 → dense_1, unit 2" in words and "−4.00" in words and "0.4" in words
    QTest.mouseMove(canvas.viewport(), canvas.view_point(canvas.stage.cards["tanh_1"].rect.center()).toPoint())
    assert fan.lit is None


def test_numbers_stand_beside_few_lines_when_they_are_large_and_never_on_each_other(make: Make) -> None:
    canvas = make()
    show(canvas)
    fan = canvas.fans.items[WIRE]
    canvas.grab()
    assert not fan._numbers
    canvas.zoom_by(1.1 * NUMBERS_ABOVE / canvas.zoom)
    canvas.look_at(fan.boundingRect().center())
    canvas.grab()
    places = list(fan._places_of_numbers().values())
    assert len(places) >= 6 and len(fan._numbers) == len(places)
    for k, (x, y) in enumerate(places):
        assert all(abs(x - a) >= 21 or abs(y - b) >= 9 for a, b in places[:k])


# -- while it runs ---------------------------------------------------------------------------------------------------


def test_only_what_is_in_view_is_measured_and_nothing_when_nobody_can_see_it(make: Make, qtbot: QtBot) -> None:
    canvas = make()
    session = FakeSession(canvas.document)
    live, watched = NeuronStrips(canvas, session), session.watched  # type: ignore[arg-type]
    live.watch(True)
    assert watched["faces"].nodes.split() == list(canvas.sheet.graph.nodes)
    assert watched["wire_weights"].nodes.split() == ["dense_1", "dense_2"]
    canvas.zoom_by(3.0 / canvas.zoom)
    canvas.look_at(canvas.stage.cards["input_1"].rect.topLeft())
    qtbot.waitUntil(lambda: watched["faces"].nodes == "input_1")
    canvas.fans.set_wanted(False)
    qtbot.waitUntil(lambda: "wire_weights" not in watched)
    canvas.fans.set_wanted(True)
    canvas.zoom_by(0.2 / canvas.zoom)
    qtbot.waitUntil(lambda: "faces" not in watched)
    canvas.fit(ease=False)
    qtbot.waitUntil(lambda: {"faces", "wire_weights"} <= watched.keys())
    live.watch(False)  # hidden, or the window is minimised
    live.rewatch()
    assert not watched, "and it stays so whatever happens to the view"


def test_networks_with_nothing_small_in_them_are_asked_nothing(open_canvas: Make) -> None:
    canvas = open_canvas(chain(Input(), Dense(units=20), Tanh(), Output()), FACTS)
    canvas.document.edit(say("x"), source=Iris())
    session = FakeSession(canvas.document)
    NeuronStrips(canvas, session).watch(True)  # type: ignore[arg-type]
    assert not session.watched


def test_a_frame_fills_cards_and_wires_until_the_run_begins_anew(make: Make) -> None:
    canvas = make()
    session = FakeSession(canvas.document)
    live = NeuronStrips(canvas, session)  # type: ignore[arg-type]
    faces = FacesAnswer(1, {id: maps(len(card.units)) for id, card in canvas.stage.cards.items()})
    weights = WireWeightsAnswer(1, {"dense_1": WEIGHTS, "gone_1": WEIGHTS})
    session.frameArrived.emit(Frame(1, 1, {"faces": faces, "wire_weights": weights}))
    assert all(card.units.maps is not None for card in canvas.stage.cards.values())
    assert canvas.fans.items[WIRE].weights is WEIGHTS
    session.restarted.emit()
    canvas.clear_live()
    live._on_level_changed()
    assert not any(card.units.maps for card in canvas.stage.cards.values()) and not canvas.fans.items


def test_a_click_on_a_picture_asks_for_the_unit_and_a_drag_moves_the_card(make: Make, qtbot: QtBot) -> None:
    canvas = make()
    canvas.zoom_by(1.0 / canvas.zoom)
    canvas.look_at(canvas.stage.cards["tanh_1"].rect.center())
    at = canvas.view_point(centre_of(canvas, "tanh_1", 3)).toPoint()
    assert "tanh_1, unit 4" in canvas.words_at(canvas.scene_point(QPointF(at)))
    with qtbot.waitSignal(canvas.unitWanted) as wanted:
        QTest.mouseClick(canvas.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert wanted.args == ["tanh_1", 3] and canvas.selected_ids == ("tanh_1",)
    before = canvas.stage.places()["tanh_1"]
    with qtbot.assertNotEmitted(canvas.unitWanted):
        port = canvas.viewport()
        QTest.mousePress(port, Qt.MouseButton.LeftButton, pos=at)
        QTest.mouseMove(port, at + QPoint(30, 30))
        QTest.mouseMove(port, at + QPoint(64, 48))
        QTest.mouseRelease(port, Qt.MouseButton.LeftButton, pos=at + QPoint(64, 48))
    assert canvas.stage.places()["tanh_1"] == (before[0] + 64, before[1] + 48)


def test_the_window_shows_that_unit_large_and_remembers_whether_weights_are_wanted(
    open_window: Callable[..., Window],
) -> None:
    window = open_window("xor")
    workspace = window.workspace
    assert "faces" in window.session.watched
    workspace.canvas.unitWanted.emit("tanh_1", 3)
    assert "neurons" in window.document.now.view.panels
    assert (workspace.panels.focus.now.node, workspace.panels.focus.now.map) == ("tanh_1", 3)
    workspace.canvas.fans.set_wanted(False)
    assert window.settings.get("weights_on_wires", True) is False
