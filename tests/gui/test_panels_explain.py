"""The panel that explains a step: from stage to stage, from number to number, held still and checked."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtWidgets import QApplication

from playground.explaining import Checked, Grid, Line, Stage, Told, Walked
from playground.text import say, set_language
from playground.tidy import as_csv
from tests.examples import chain
from tests.gui.fake_session import FakeSession, pictured, planar
from widgets.panels import PANELS, load_panels
from widgets.panels.parts.explain_check import agree
from widgets.panels.parts.explain_grids import entry_of
from widgets.panels.parts.explain_layout import LEVELS, arranged, extent
from widgets.panels.parts.explain_lines import NBSP, filled_out
from widgets.panels.parts.explain_numbers import scale_of, written
from widgets.panels.parts.explain_stages import short_names
from widgets.pointing import Pointing

load_panels()

NODES = ("dense_1", "tanh_1", "dense_2")
STAGES = (
    *(Stage("forward", node) for node in ("input_1", *NODES)),
    Stage("loss", "output_1", of=("loss", "p")),
    *(Stage("backward", node, node != "tanh_1", of=("x", "weight", "bias")) for node in reversed(NODES)),
    Stage("update", "dense_1", of=("weight", "bias")),
)
FORWARD_DENSE, BACKWARD_TANH, BACKWARD_DENSE = 1, 6, 7
CHECKED = Checked(-0.0123456789, -0.0123456789, -0.01234567891, 1e-5)


class Asked(FakeSession):
    """A session that keeps what it is asked."""

    def __init__(self, experiment):
        super().__init__(experiment)
        self.asked = []

    def ask(self, probe, reply):
        self.asked.append((probe, reply))


def walked(stage=FORWARD_DENSE, entry=(1,), shape=(4,), of="", grids=None, checked=None, stages=STAGES, **more):
    """Return an answer: of a dense layer from two numbers to four, where no tables are given."""
    if grids is None:
        weight = np.arange(8.0).reshape(4, 2) / 10
        lit = np.zeros((4, 2), dtype=bool)
        lit[entry[0]] = True
        y = Grid("y", np.array([[0.1, -0.2, 0.3, 0.4]]), chosen=(0, entry[0]), entries=(0,), total=(1, 4))
        grids = (Grid("x", np.array([[1.0, -0.5]]), lit=np.ones((1, 2), dtype=bool)), Grid("W", weight, lit=lit), y)
    line = Line("y₂", r"\sum_j w_{2,j}\, x_{j}", "0.2·1 − 0.3·0.5 + [… 118: 0.07]", 0.12)
    told = Told(grids, (line,), more.pop("remark", None))
    of = of or stages[stage].of[0]
    return Walked(120, stages, stage, of, entry, shape, told, 0.6931, checked, 3, 30, **more)


@pytest.fixture
def shown(qtbot):
    """Show panels, and take them away again before the next test: their formulas are drawn a moment later."""
    panels = []

    def make(answer=None, size=(900, 420), experiment=None):
        session = Asked(experiment or planar())
        panel = PANELS["explain"](session)
        panels.append(panel)
        panel.resize(*size)
        panel.show()
        QApplication.processEvents()
        panel.draw(answer or walked())
        return panel, session

    yield make
    for panel in panels:
        panel.close()
        panel.deleteLater()
        QApplication.sendPostedEvents(panel, QEvent.Type.DeferredDelete)


def asked(session):
    return session.watched["explain"]


def click(qtbot, panel, name, row, column):
    view = panel.pane.grids
    one = next(one for one in view.placed if one.grid.name == name)
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=one.box(row, column).center().toPoint())


# -- stages --------------------------------------------------------------------------------------------------------


def test_stages_stand_in_four_parts_and_the_keys_walk_through_them(shown, qtbot):
    panel, session = shown()
    heads = [panel.list.item(k).text() for k in range(panel.list.count()) if not panel.list.item(k).flags()]
    assert heads == ["Forward", "Loss", "Backward", "Update"]
    assert panel.list.currentItem().text() == "dense_1" and panel.title_detail() == "Forward · dense_1"
    for key, stage in (
        ("Down", 2),
        ("Down", 3),
        ("Down", 4),
        ("Up", 3),
        ("End", 8),
        ("Down", 8),
        ("Home", 0),
        ("Up", 0),
    ):
        qtbot.keyClick(panel.list, getattr(Qt.Key, f"Key_{key}"))
        assert asked(session).stage == panel.stage == stage
    assert panel.list.currentItem().text() == "input_1" and not panel.way.before.isEnabled()
    qtbot.mouseClick(panel.way.after, Qt.MouseButton.LeftButton)
    assert panel.stage == 1 and panel.way.before.isEnabled()
    item = panel.list.item(panel.list.count() - 1)
    qtbot.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=panel.list.visualItemRect(item).center())
    assert panel.stage == 8 and not panel.way.after.isEnabled()


def test_stages_pass_by_themselves_up_to_the_last(shown, qtbot):
    panel, _ = shown(walked(stage=6))
    panel.way._timer.setInterval(1)
    qtbot.mouseClick(panel.way.play, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel.stage == 8)
    assert not panel.way.play.isChecked() and not panel.way._timer.isActive()


def test_there_is_a_list_where_there_is_room_else_one_to_be_opened(shown):
    panel, session = shown()
    assert panel.list.isVisible() and not panel.way.choice.isVisible()
    panel.resize(400, 240)
    QApplication.processEvents()
    assert not panel.list.isVisible() and panel.way.choice.isVisible()
    assert panel.way.choice.currentText() == "Forward · dense_1" and panel.way.choice.count() == len(STAGES)
    panel.way.choice.activated.emit(4)
    assert asked(session).stage == 4


def test_a_stage_keeps_its_place_when_the_network_gets_another_node(shown):
    panel, session = shown()
    more = (STAGES[0], Stage("forward", "dense_0"), *STAGES[1:])
    panel.draw(walked(stages=more))
    assert panel.stage == 2 == asked(session).stage and panel.list.currentItem().text() == "dense_1"


def test_numbers_of_groups_that_are_there_but_once_are_left_out():
    paths = ("dense_1", "encoder.1.attention.1.q", "encoder.2.attention.1.q", "head.1.dense_1")
    assert list(short_names(paths).values()) == [
        "dense_1",
        "encoder.1.attention.q",
        "encoder.2.attention.q",
        "head.dense_1",
    ]


# -- numbers -------------------------------------------------------------------------------------------------------


def test_an_equation_stands_there_in_letters_and_with_its_numbers(shown):
    panel, _ = shown()
    (row,) = panel.pane.equations.rows
    assert "w_{2,j}" in row.formula.accessibleName()
    assert "118 more: 0.07" in row.filled.text().replace(NBSP, " ") and "<b>0.12</b>" in row.filled.text()
    panel.draw(replace(walked(), told=Told((), (Line("a", "", "", 1.0), Line("b", "", "2·3", 6.0)))))
    assert [row.isVisibleTo(panel) for row in panel.pane.equations.rows] == [True, True]
    panel.draw(walked())
    assert [row.isVisibleTo(panel) for row in panel.pane.equations.rows] == [True, False]


def test_a_long_sum_is_broken_before_its_signs_and_nowhere_else():
    text = filled_out(Line("y", "", "0.5·1 − 0.3·(−0.2) + [… 118: 0.07] + 2", 0.6))
    assert [part.replace(NBSP, " ") for part in text.split(" ")] == [
        *("= 0.5·1", "− 0.3·(−0.2)", "+ [… 118 more: 0.07]", "+ 2"),
        "= <b>0.6</b>",
    ]
    assert filled_out(Line("y", "", "0.6", 0.6)) == f"={NBSP}<b>0.6</b>"
    assert "&lt;" in filled_out(Line("y", "", "1 < 2", 1.0))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (0.3214567891, "0.321457"),
        (-1.25, "−1.25"),
        (-1.2e-7, "−1.2·10⁻⁷"),
        (3e12, "3·10¹²"),
        (np.nan, "NaN"),
    ],
)
def test_results_are_written_so_that_they_can_be_checked(value, text):
    assert written(value) == text


@pytest.mark.parametrize(
    ("values", "texts", "power"),
    [
        ([0.5, -2.0, 0.004], ["0.50", "−2.00", "0.00"], ""),
        ([1.0, 0.0, -3.0], ["1", "0", "−3"], ""),
        ([2.5e-5, -1e-6], ["2.50", "−0.10"], "× 10⁻⁵"),
        ([123.4, 0.2], ["123", "0"], ""),
        ([45678.5, 1.0], ["4.57", "0.00"], "× 10⁴"),
        ([0.25, np.inf, np.nan], ["0.25", "∞", "NaN"], ""),
    ],
)
def test_a_table_is_written_on_one_scale(values, texts, power):
    scale = scale_of(np.array([values]))
    assert [scale.write(value) for value in values] == texts and scale.words == power


def test_small_tables_keep_their_numbers_and_large_ones_become_colours(shown):
    panel, _ = shown(walked(grids=(Grid("x", np.ones((28, 28)) / 3), Grid("W", np.ones((5, 5)) / 3)), entry=(0,)))
    for width, height in ((380, 100), (640, 300), (1800, 900)):
        placed = arranged(panel.pane.grids._grids, width, height)
        assert extent(placed)[0] <= width
        assert placed[1].level.points, "a kernel keeps its numbers"
        assert bool(placed[0].level.points) == (width == 1800)
    assert arranged(panel.pane.grids._grids, 380, 100)[0].level.side > LEVELS[-1].side, "what is scrolled is seen"


def test_another_entry_is_chosen_by_a_click_or_with_the_arrow_keys(shown, qtbot):
    panel, session = shown()
    click(qtbot, panel, "y", 0, 3)
    assert (asked(session).entry, asked(session).of) == ("3", "out")
    panel.draw(walked(entry=(3,)))
    qtbot.keyClick(panel.pane.grids, Qt.Key.Key_Left)
    assert asked(session).entry == "2"
    panel.draw(walked(entry=(2,)))
    click(qtbot, panel, "W", 0, 0)
    assert asked(session).entry == "2", "where entries cannot be chosen, a click chooses none"
    panel.go(2)
    assert asked(session).entry == "" and asked(session).of == ""


def test_the_keys_walk_beyond_the_part_that_is_shown_but_not_beyond_the_end(shown, qtbot):
    part = Grid("y", np.ones((2, 3)), chosen=(1, 2), entries=(5, 10, 20), first=(10, 20), total=(12, 24))
    panel, session = shown(walked(grids=(part,), entry=(5, 11, 22), shape=(6, 12, 24)))
    qtbot.keyClick(panel.pane.grids, Qt.Key.Key_Down)
    assert asked(session).entry == ""
    qtbot.keyClick(panel.pane.grids, Qt.Key.Key_Right)
    assert asked(session).entry == "5,11,23"


def test_a_cell_stands_for_an_entry():
    assert entry_of(Grid("y", np.ones((2, 3)), entries=(4,)), 1, 2) == (9,), "a vector in several rows"
    assert entry_of(Grid("y", np.ones((2, 3)), entries=(7, 4, 5)), 1, 2) == (7, 5, 7)


def test_axes_that_no_table_runs_along_have_fields(shown):
    grid = Grid("y", np.ones((24, 24)), chosen=(3, 4), entries=(2, 0, 0), total=(24, 24))
    stages = (Stage("forward", "conv_1"),)
    answer = walked(0, (2, 3, 4), (6, 24, 24), grids=(grid,), stages=stages)
    panel, session = shown(answer, experiment=pictured())
    seen = [field for field in panel.choice.fields if field.isVisible()]
    assert [(field.value(), field.maximum()) for field in seen] == [(3, 6)]
    assert "channels" in seen[0].prefix() and "6" in seen[0].suffix()
    seen[0].setValue(5)
    assert asked(session).entry == "4,3,4"
    part = replace(grid, values=np.ones((8, 24)), total=(240, 24))
    panel.draw(replace(answer, entry=(4, 3, 4), told=Told((part,))))
    assert sum(field.isVisible() for field in panel.choice.fields) == 3


def test_another_value_of_the_stage_is_chosen(shown):
    panel, session = shown(walked(BACKWARD_DENSE))
    assert panel.choice.value.currentText() == "∂L/∂x"
    panel.choice.value.activated.emit(1)
    assert asked(session).of == "weight"
    panel.draw(walked(BACKWARD_DENSE))
    assert panel.answer.of == "x" and asked(session).of == "weight", "an answer to what is no longer asked"


def test_late_answers_are_passed_over(shown):
    panel, _ = shown()
    panel.go(2)
    panel.draw(walked(1, entry=(3,)))
    assert panel.answer.entry == (1,)
    panel.draw(walked(2))
    assert panel.answer.stage == 2


def test_the_pointer_is_told_what_it_is_over(shown, qtbot):
    panel, _ = shown()
    view = panel.pane.grids
    one = next(one for one in view.placed if one.grid.name == "W")
    qtbot.mouseMove(view, one.box(2, 1).center().toPoint())
    assert panel.state.text() == "W (row 3, column 2) = 0.5"
    qtbot.mouseMove(view, QPoint(view.width() - 2, view.height() - 2))
    qtbot.waitUntil(lambda: "loss" in panel.state.text())


# -- a moment ------------------------------------------------------------------------------------------------------


def test_a_moment_is_held_until_another_is_taken_or_the_numbers_run(shown, qtbot):
    panel, session = shown()
    first = asked(session).moment
    assert first > 0 and panel.hold.isChecked()
    panel.go(3)
    panel.focus.move(index=7)
    assert (asked(session).moment, asked(session).index) == (first, 7), "another example of the same moment"
    qtbot.mouseClick(panel.anew, Qt.MouseButton.LeftButton)
    assert asked(session).moment > first
    second = asked(session).moment
    qtbot.mouseClick(panel.hold, Qt.MouseButton.LeftButton)
    assert asked(session).moment == 0 and not panel.anew.isEnabled()
    qtbot.mouseClick(panel.hold, Qt.MouseButton.LeftButton)
    assert asked(session).moment > second


def test_it_says_of_which_moment_the_numbers_are_and_how_far_the_run_has_got(shown):
    panel, session = shown()
    session.step = 120
    panel.sync()
    assert "120" in panel.state._texts[0] and "run" not in panel.state._texts[0]
    session.step = 1500
    panel.sync()
    assert "after 120 steps, the run is at 1,500" in panel.state._texts[0] and "0.6931" in panel.state._texts[0]


# -- checking ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("checked", "good"),
    [
        (CHECKED, True),
        (Checked(0.5, 0.5, 0.5 * (1 + 5e-7), 1e-5), True),
        (Checked(0.5, 0.5, 0.5 * (1 + 5e-6), 1e-5), False),
        (Checked(0.5, 0.5 * (1 + 5e-6), 0.5, 1e-5), False),
        (Checked(0.0, 0.0, 3e-12, 1e-5), True),
        (Checked(1e-7, 1e-7, 1.0001e-7, 1e-5), True),  # the difference of two losses cannot say more
        (Checked(1e-7, 1.0001e-7, 1e-7, 1e-5), False),
        (Checked(float("nan"), 0.0, 0.0, 1e-5), False),
    ],
)
def test_three_numbers_agree_to_a_millionth_and_to_rounding(checked, good):
    assert agree(checked, 0.7) == good


def test_a_gradient_is_checked_once_and_the_three_numbers_stand_side_by_side(shown, qtbot):
    panel, session = shown(walked(BACKWARD_DENSE))
    qtbot.mouseClick(panel.check.button, Qt.MouseButton.LeftButton)
    ((probe, reply),) = session.asked
    assert probe == asked(session).replace(check=True) and not panel.check.button.isEnabled()
    reply(walked(BACKWARD_DENSE, checked=CHECKED, remark=say("A kink.")), None)
    words = panel.check.words.text()
    assert (
        all(number in words for number in ("−0.0123456789<", "−0.01234567891", "✓")) and panel.check.button.isEnabled()
    )
    panel.draw(walked(BACKWARD_DENSE))
    assert panel.check.words.text() == words and panel.pane.equations.remark.text() == "A kink."
    reply(walked(BACKWARD_DENSE, checked=replace(CHECKED, autograd=-0.0124)), None)
    assert "✗" in panel.check.words.text()
    panel.draw(replace(walked(BACKWARD_DENSE), step=121))
    assert panel.check.words.text() == "" or "✗" not in panel.check.words.text()


def test_a_check_of_what_is_no_longer_looked_at_says_nothing(shown, qtbot):
    panel, session = shown(walked(BACKWARD_DENSE))
    qtbot.mouseClick(panel.check.button, Qt.MouseButton.LeftButton)
    panel.go(BACKWARD_TANH)
    session.asked[0][1](walked(BACKWARD_DENSE, checked=CHECKED), None)
    assert "✓" not in panel.check.words.text() and panel.check.button.isEnabled()


def test_what_cannot_be_checked_says_why_and_only_gradients_can(shown, qtbot):
    panel, session = shown(walked(BACKWARD_DENSE))
    assert panel.check.isVisible()
    qtbot.mouseClick(panel.check.button, Qt.MouseButton.LeftButton)
    session.asked[0][1](None, say("the data have not been read"))
    assert "have not been read" in panel.check.words.text()
    panel.go(FORWARD_DENSE)
    panel.draw(walked())
    assert not panel.check.isVisible()


def test_checking_holds_the_moment(shown, qtbot):
    panel, session = shown(walked(BACKWARD_DENSE))
    panel.hold.setChecked(False)
    qtbot.mouseClick(panel.check.button, Qt.MouseButton.LeftButton)
    assert panel.hold.isChecked() and session.asked[0][0].moment == asked(session).moment > 0


# -- with the canvas -----------------------------------------------------------------------------------------------


def test_the_node_of_the_stage_is_shown_and_a_chosen_node_moves_to_its_stage(shown):
    panel, _ = shown()
    told = []
    panel.focus.nodeShown.connect(told.append)
    panel.focus.nodeChosen.emit("dense_2")
    assert panel.stage == 3, "the same part of the step"
    panel.draw(walked(3))
    panel.draw(walked(3))
    assert told == ["dense_2"]
    panel.focus.nodeChosen.emit("output_1")
    assert panel.stage == 4
    panel.focus.nodeChosen.emit("nowhere")
    assert panel.stage == 4
    panel.hide()
    assert told == ["dense_2", ""]
    panel.show()
    assert told == ["dense_2", "", "dense_2"]


def test_a_ring_goes_round_the_card_that_is_looked_at(open_canvas, shown):
    panel, session = shown()
    document = session.document
    canvas = open_canvas(document.now.graph, document.now.facts)
    pointing = Pointing(canvas, canvas.document, panel.focus)
    panel.draw(walked())
    before = canvas.selected_ids
    panel.focus.nodeShown.emit("dense_2")
    assert [id for id, card in canvas.stage.cards.items() if card.pointed] == ["dense_2"]
    assert canvas.selected_ids == before
    canvas.document.edit(say("Change"), graph=chain(*(node.block for node in canvas.document.now.graph.nodes.values())))
    assert canvas.stage.cards["dense_2"].pointed and pointing.path == "dense_2"
    panel.focus.nodeShown.emit("")
    assert not any(card.pointed for card in canvas.stage.cards.values())


# -- the rest ------------------------------------------------------------------------------------------------------


def test_what_cannot_be_walked_says_why(shown):
    panel, _ = shown()
    panel.draw(replace(walked(), stages=(), told=Told(remark=say("{node} has no input", node="dense_1"))))
    assert not panel.filled and panel._hint.text() == "dense_1 has no input"
    panel.draw(walked())
    assert panel.filled


def test_nobody_s_formula_says_that_it_is_autograd_s(shown):
    panel, _ = shown(walked(BACKWARD_TANH))
    assert "autograd" in panel.pane.equations.remark.text()


def test_its_numbers_can_be_saved(shown):
    panel, _ = shown()
    rows = list(csv.DictReader(io.StringIO(as_csv(panel.as_table()).decode("utf-8-sig"))))
    assert {float(row["value"]) for row in rows if row["value"]} >= {0.12, 0.6931, -0.5, 0.7}


def test_it_speaks_chinese_and_is_painted(shown):
    panel, _ = shown(walked(BACKWARD_DENSE, checked=CHECKED))
    set_language("zh")
    panel.relabel()
    panel.grab()
    assert panel.list.item(0).text() != "" and panel.list.currentItem().text() == "dense_1"
