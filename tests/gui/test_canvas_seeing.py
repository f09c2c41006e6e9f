"""Seeing on the canvas: the minimap, finding nodes, zoom, and which way the network is drawn, by mouse and keys."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations, pairwise

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from playground.blocks.convolution import Conv2D
from playground.blocks.data import Input, Output
from playground.blocks.dense import Dense
from playground.document import Document
from playground.experiment import Experiment
from playground.graph import Graph
from playground.text import say, set_language
from tests.examples import chain, image_facts
from tests.shapes import resnet, unet
from widgets.canvas import Canvas
from widgets.canvas.find import matches
from widgets.canvas.geometry import DOWN, HEIGHT, WIDTH, box, overlap
from widgets.canvas.opening import set_open
from widgets.theme import APPEARANCE
from widgets.window import Window

Make = Callable[..., Canvas]
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def make(qtbot) -> Make:
    def build(graph: Graph) -> Canvas:
        canvas = Canvas(Document(Experiment(graph=graph, facts=image_facts(16))))
        canvas.animated = False
        qtbot.addWidget(canvas)
        canvas.resize(900, 600)
        canvas.show()
        with qtbot.waitActive(canvas):
            canvas.activateWindow()
        canvas.setFocus()
        QApplication.processEvents()
        return canvas

    return build


def press(canvas: Canvas, key: Qt.Key, modifiers: Qt.KeyboardModifier = NONE) -> None:
    QTest.keyClick(canvas, key, modifiers)


def middle(canvas: Canvas) -> QPointF:
    return canvas.visible_rect().center()


def wheel(widget, delta: int) -> None:
    at = QPointF(widget.rect().center())
    event = QWheelEvent(
        at, QPointF(widget.mapToGlobal(at.toPoint())), QPoint(), QPoint(0, delta), Qt.MouseButton.NoButton, NONE,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(widget, event)


# -- the minimap -------------------------------------------------------------------------------------------------


@pytest.fixture
def mapped(make: Make, qtbot) -> Canvas:
    """A canvas on which not everything can be seen, so that the minimap shows."""
    canvas = make(resnet(4))
    canvas.zoom_to(1.0)
    qtbot.waitUntil(canvas.minimap.isVisible)
    return canvas


def test_the_minimap_shows_only_while_not_everything_is_in_view(mapped: Canvas, qtbot) -> None:
    press(mapped, Qt.Key.Key_0, CONTROL)
    assert mapped.minimap.isHidden()
    press(mapped, Qt.Key.Key_9, CONTROL)
    assert mapped.zoom == pytest.approx(1.0) and mapped.minimap.isVisible()
    corner = mapped.minimap.geometry().bottomRight()
    assert (mapped.viewport().rect().bottomRight() - corner).toTuple() == (12, 12)


def test_a_click_on_the_minimap_jumps_there_and_dragging_pans(mapped: Canvas) -> None:
    overview = mapped.minimap
    scale, corner = overview._scale()
    place = QPoint(overview.width() - 30, overview.height() - 20)
    QTest.mouseClick(overview, LEFT, NONE, place)
    wanted = corner + QPointF(place) / scale
    assert (middle(mapped) - wanted).manhattanLength() < 3 / mapped.zoom
    before, start = middle(mapped), overview.frame().center().toPoint()
    QTest.mousePress(overview, LEFT, NONE, start)
    for step in range(1, 5):
        QTest.mouseMove(overview, start - QPoint(10 * step, 5 * step))
    QTest.mouseRelease(overview, LEFT, NONE, start - QPoint(40, 20))
    moved = middle(mapped) - before
    assert moved.x() == pytest.approx(-40 / scale, rel=0.05) and moved.y() == pytest.approx(-20 / scale, rel=0.05)
    still = middle(mapped)
    QTest.mouseMove(overview, QPoint(20, 20))
    assert middle(mapped) == still and not mapped.document.dirty


def test_the_frame_is_held_where_it_was_taken(mapped: Canvas) -> None:
    overview, before = mapped.minimap, middle(mapped)
    frame = overview.frame()
    QTest.mousePress(overview, LEFT, NONE, (frame.center() + QPointF(frame.width() / 4, 0)).toPoint())
    assert (middle(mapped) - before).manhattanLength() < 2


def test_the_wheel_over_the_minimap_zooms(mapped: Canvas) -> None:
    before = mapped.zoom
    wheel(mapped.minimap, 120)
    assert mapped.zoom > before


def test_the_minimap_is_drawn_again_when_cards_move_but_not_when_the_view_does(mapped: Canvas, qtbot) -> None:
    overview = mapped.minimap
    overview.repaint()
    drawn = overview._picture.cacheKey()
    mapped.pan_by(50, 50)
    overview.repaint()
    assert overview._picture.cacheKey() == drawn
    places = mapped.stage.places()
    mapped.sheet.edit(say("Move"), places={**places, "input_1": (-900.0, -900.0)})
    qtbot.waitUntil(lambda: overview._bounds.left() <= -900)
    overview.repaint()
    assert overview._picture.cacheKey() != drawn


def test_the_minimap_paints_the_families_and_the_frame(mapped: Canvas) -> None:
    image = mapped.minimap.grab().toImage()
    colours = {image.pixelColor(x, y).name() for x in range(0, image.width(), 2) for y in range(0, image.height(), 2)}
    assert mapped.look.family("Convolution").name() in colours
    edge = mapped.minimap.frame()
    near = image.pixelColor(round(edge.center().x()), round(min(image.height() - 2, edge.bottom())))
    assert abs(near.hue() - mapped.look.accent.hue()) < 25


def test_a_key_puts_the_minimap_away(mapped: Canvas) -> None:
    told: list[bool] = []
    mapped.minimap.wantedChanged.connect(told.append)
    press(mapped, Qt.Key.Key_N, CONTROL | SHIFT)
    assert mapped.minimap.isHidden() and not mapped.commands["minimap"].isChecked()
    press(mapped, Qt.Key.Key_N, CONTROL | SHIFT)
    assert mapped.minimap.isVisible() and mapped.commands["minimap"].isChecked() and told == [False, True]


def test_whether_the_minimap_is_wanted_is_remembered(open_window: Callable[..., Window]) -> None:
    canvas = open_window().workspace.canvas
    canvas.commands["minimap"].trigger()
    again = open_window().workspace.canvas
    assert not again.minimap.wanted and not again.commands["minimap"].isChecked()


def test_the_map_of_a_long_network_is_low(make: Make, qtbot) -> None:
    canvas = make(unet(4))
    canvas.zoom_to(1.0)
    qtbot.waitUntil(canvas.minimap.isVisible)
    assert canvas.minimap.width() == 180 and canvas.minimap.height() == 48
    canvas.commands["turn"].trigger()
    canvas.zoom_to(1.0)
    qtbot.waitUntil(lambda: canvas.minimap.height() == 120)
    assert canvas.minimap.width() == 72


def test_a_small_canvas_is_not_covered_by_a_minimap(mapped: Canvas) -> None:
    mapped.resize(300, 200)
    QApplication.processEvents()
    assert mapped.minimap.isHidden()


# -- finding -----------------------------------------------------------------------------------------------------


def find(canvas: Canvas, text: str) -> None:
    press(canvas, Qt.Key.Key_F, CONTROL)
    assert canvas.find_bar.field.hasFocus()
    QTest.keyClicks(canvas.find_bar.field, text)


def test_matches_are_by_id_block_parameters_and_in_both_languages() -> None:
    graph = chain(Input(), Dense(units=37), Dense(units=4), Output())
    graph = graph.rename("dense_2", "head")
    assert matches(graph, "HEAD") == ("head",)
    assert matches(graph, "dense") == ("dense_1", "head")
    assert matches(graph, "输入") == ("input_1",) and matches(graph, "units=37") == ("dense_1",)
    assert matches(graph, "dense 37") == ("dense_1",) and matches(graph, "bias") == ("dense_1", "head")
    assert matches(chain(Input(), Conv2D()), "add") == ()  # it is not in anything by that name, only in padding
    assert matches(chain(Input(), Conv2D()), "padd") == ("conv_1",) == matches(chain(Input(), Conv2D()), "卷积")
    assert matches(graph, "xyzzy") == matches(graph, "  ") == ()
    set_language("zh")
    assert matches(graph, "output") == ("output_1",)


def test_enter_goes_round_all_matches_and_selects_each(make: Make) -> None:
    canvas = make(resnet(2))
    find(canvas, "relu")
    bar = canvas.find_bar
    assert len(bar.found) == 5 and canvas.selected_ids == bar.found[:1] and bar.count.text() == "1 of 5"
    press(bar.field, Qt.Key.Key_Return)
    assert canvas.selected_ids == (bar.found[1],) and bar.count.text() == "2 of 5"
    card = canvas.stage.cards[bar.found[1]]
    assert (middle(canvas) - QPointF(card.x() + WIDTH / 2, card.y() + HEIGHT / 2)).manhattanLength() < 3
    press(bar.field, Qt.Key.Key_Return, SHIFT)
    press(bar.field, Qt.Key.Key_Return, SHIFT)
    assert canvas.selected_ids == (bar.found[-1],)
    press(bar.field, Qt.Key.Key_Return)
    assert canvas.selected_ids == (bar.found[0],)
    QTest.mouseClick(bar.next, LEFT)
    assert bar.count.text() == "2 of 5" and not canvas.document.dirty


def test_letters_that_are_shortcuts_of_the_canvas_are_letters_in_the_bar(make: Make) -> None:
    canvas = make(chain(Input(), Dense(), Output()))
    canvas.select(["input_1", "dense_1"])
    find(canvas, "c")
    assert canvas.find_bar.field.text() == "c" and not canvas.document.dirty
    press(canvas.find_bar.field, Qt.Key.Key_Delete)
    assert "dense_1" in canvas.stage.cards


def test_escape_closes_the_bar_and_gives_the_keys_back(make: Make) -> None:
    canvas = make(resnet(1))
    find(canvas, "conv")
    press(canvas.find_bar.field, Qt.Key.Key_Escape)
    assert canvas.find_bar.isHidden() and canvas.hasFocus() and canvas.selected_ids
    press(canvas, Qt.Key.Key_F, CONTROL)
    assert canvas.find_bar.field.selectedText() == "conv"


def test_what_is_not_there_is_said(make: Make) -> None:
    canvas = make(chain(Input(), Dense(), Output()))
    press(canvas, Qt.Key.Key_F, CONTROL)
    canvas.find_bar.field.setText("lstm")
    assert canvas.find_bar.count.text() == "Not found" and not canvas.find_bar.next.isEnabled()
    press(canvas.find_bar.field, Qt.Key.Key_Return)
    assert canvas.selected_ids == ()


def test_matches_glow_while_the_bar_is_open(make: Make) -> None:
    canvas = make(chain(Input(), Dense(), Dense(), Output()))
    canvas.zoom_to(1.0)
    spot = canvas.view_point(QPointF(canvas.stage.cards["dense_2"].pos() + QPointF(WIDTH / 2, -6))).toPoint()
    plain = canvas.viewport().grab().toImage().pixelColor(spot)
    press(canvas, Qt.Key.Key_F, CONTROL)
    canvas.find_bar.field.setText("dense")
    canvas.zoom_to(1.0)
    spot = canvas.view_point(QPointF(canvas.stage.cards["dense_2"].pos() + QPointF(WIDTH / 2, -6))).toPoint()
    glowing = canvas.viewport().grab().toImage().pixelColor(spot)
    canvas.find_bar.leave()
    assert glowing != plain and canvas.viewport().grab().toImage().pixelColor(spot) == plain


def test_the_bar_looks_again_when_the_network_is_edited(make: Make) -> None:
    canvas = make(chain(Input(), Dense(), Dense(), Output()))
    find(canvas, "dense")
    canvas.sheet.edit(say("Delete"), graph=canvas.sheet.graph.remove(["dense_2"]))
    assert canvas.find_bar.found == ("dense_1",) and canvas.find_bar.count.text() == "1 of 1"


def test_the_bar_stays_in_its_corner_and_speaks_the_present_language(make: Make) -> None:
    canvas = make(resnet(1))
    find(canvas, "conv")
    canvas.resize(700, 500)
    QApplication.processEvents()
    assert canvas.viewport().rect().right() - canvas.find_bar.geometry().right() == 12
    assert all(
        button.accessibleName() for button in (canvas.find_bar.next, canvas.find_bar.previous, canvas.find_bar.cross)
    )


# -- which way ---------------------------------------------------------------------------------------------------


def test_a_key_draws_the_network_from_top_to_bottom_and_undo_brings_it_back(make: Make) -> None:
    canvas = make(chain(Input(), Dense(), Dense(), Output()))
    before = canvas.stage.places()
    press(canvas, Qt.Key.Key_L, CONTROL | SHIFT)
    places = list(canvas.stage.places().values())
    assert canvas.document.now.view.direction == DOWN and canvas.commands["turn"].isChecked()
    assert len({x for x, _ in places}) == 1 and all(a[1] < b[1] for a, b in pairwise(places))
    out, into = canvas.stage.spot("input_1", "out", True), canvas.stage.spot("dense_1", "x", False)
    assert out.x == into.x and out.y == places[0][1] + HEIGHT and into.y == places[1][1]
    assert all(line.route.down for line in canvas.stage.lines.values())
    canvas.document.undo()
    assert canvas.stage.places() == before and canvas.stage.direction == "right"
    assert canvas.stage.spot("input_1", "out", True).x == before["input_1"][0] + WIDTH
    assert not any(line.route.down for line in canvas.stage.lines.values())
    canvas.document.redo()
    assert list(canvas.stage.places().values()) == places


def test_turning_glides(make: Make, qtbot, monkeypatch) -> None:
    canvas = make(chain(Input(), Dense(), Output()))
    monkeypatch.setattr(type(canvas), "moves", True)
    stood = canvas.stage.places()
    press(canvas, Qt.Key.Key_L, CONTROL | SHIFT)
    card = canvas.stage.cards["output_1"]
    assert card.pos().toTuple() == stood["output_1"] != card.place
    qtbot.waitUntil(lambda: card.pos().toTuple() == card.place)
    qtbot.waitUntil(lambda: canvas.visible_rect().contains(canvas.stage.bounds()))
    assert canvas.visible_rect().height() < 2 * canvas.stage.bounds().height()  # it was fitted to what came of it


def test_top_down_a_wire_is_drawn_from_the_lower_edge_to_the_upper(make: Make) -> None:
    canvas = make(chain(Input(), Conv2D()))
    press(canvas, Qt.Key.Key_L, CONTROL | SHIFT)
    canvas.sheet.edit(say("Disconnect"), graph=canvas.sheet.graph.disconnect(canvas.sheet.graph.wires[0]))
    ends = [canvas.stage.spot("input_1", "out", True), canvas.stage.spot("conv_1", "x", False)]
    start, end = (canvas.view_point(QPointF(spot.x, spot.y)).toPoint() for spot in ends)
    view = canvas.viewport()
    QTest.mousePress(view, LEFT, NONE, start)
    for i in range(1, 6):
        QTest.mouseMove(view, start + (end - start) * i / 5)
    QTest.mouseRelease(view, LEFT, NONE, end)
    assert len(canvas.document.now.graph.wires) == 1


def test_tidy_up_keeps_the_direction(make: Make) -> None:
    canvas = make(chain(Input(), Dense(), Output()))
    press(canvas, Qt.Key.Key_L, CONTROL | SHIFT)
    tidy = canvas.stage.places()
    canvas.sheet.edit(say("Move"), places={**tidy, "dense_1": (900.0, 0.0)})
    press(canvas, Qt.Key.Key_L, CONTROL)
    places = list(canvas.stage.places().values())
    assert len({x for x, _ in places}) == 1 and [y for _, y in places] == sorted(y for _, y in places)


def test_the_inside_of_groups_is_turned_with_the_rest(make: Make) -> None:
    canvas = make(chain(Input(), Conv2D(), Conv2D(), Conv2D(), Output()))
    press(canvas, Qt.Key.Key_L, CONTROL)
    group = canvas.sheet.collapse(["conv_1", "conv_2", "conv_3"])
    inside = {path: at for path, at in canvas.document.now.view.positions.items() if path.startswith(f"{group}.")}
    assert len(inside) == 3 and len({x for x, _ in inside.values()}) == 3
    press(canvas, Qt.Key.Key_L, CONTROL | SHIFT)
    turned = canvas.document.now.view.positions
    assert [turned[path][1] for path in inside] == sorted(turned[path][1] for path in inside)
    assert len({turned[path][0] for path in inside}) == 1
    set_open(canvas, group, True)
    places = canvas.stage.places()
    press(canvas, Qt.Key.Key_L, CONTROL | SHIFT)
    assert canvas.stage.places().keys() == places.keys() and f"{group}.conv_1" in places
    boxes = [box(place) for place in canvas.stage.places().values()]
    assert not any(overlap(a, b) for a, b in combinations(boxes, 2))


# -- zoom --------------------------------------------------------------------------------------------------------


def test_fit_selection_and_fit_show_what_they_say(make: Make) -> None:
    canvas = make(resnet(3))
    canvas.select(["conv_3", "conv_4"])
    press(canvas, Qt.Key.Key_0, CONTROL | SHIFT)
    cards = [canvas.stage.cards[id].sceneBoundingRect() for id in canvas.selected_ids]
    assert all(canvas.visible_rect().contains(card) for card in cards)
    assert not canvas.visible_rect().contains(canvas.stage.bounds())
    press(canvas, Qt.Key.Key_0, CONTROL)
    assert canvas.visible_rect().contains(canvas.stage.bounds())


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("zoom", [0.2, 0.34])
def test_from_afar_families_are_told_apart_by_their_colours(make: Make, theme: str, zoom: float) -> None:
    APPEARANCE.choose(theme)
    try:
        canvas = make(resnet(2))
        canvas.zoom_to(zoom)
        assert canvas.in_overview
        image = canvas.viewport().grab().toImage()
        seen = {}
        for id in ("conv_2", "batchnorm_2", "relu_2", "add_1"):
            card = canvas.stage.cards.get(id)
            if card is not None:
                spot = canvas.view_point(card.pos() + QPointF(WIDTH / 2, HEIGHT / 2)).toPoint()
                seen[card.block.family] = image.pixelColor(spot)
        pairs = [(a, b) for a in seen.values() for b in seen.values() if a is not b]
        apart = [abs(a.red() - b.red()) + abs(a.green() - b.green()) + abs(a.blue() - b.blue()) for a, b in pairs]
        assert len(seen) >= 3 and min(apart) > 60
    finally:
        APPEARANCE.choose("system")
