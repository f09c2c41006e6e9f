"""What the table of examples and the picture of an activation function show for an answer."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from playground.blocks.activation import ReLU, Softmax, Step
from playground.blocks.data import Input, Output
from playground.blocks.dense import Dense
from playground.data.planar import TruthTable
from playground.experiment import Experiment
from playground.probes.activation import BINS, Activation, ActivationAnswer
from playground.probes.examples import Examples, ExamplesAnswer, Verdict
from playground.text import say, set_language, tr
from tests.examples import chain
from tests.gui.fake_session import FakeSession
from widgets.panels.activation import HEIGHT, ActivationPanel
from widgets.panels.examples import ExamplesPanel
from widgets.theme import current

DISPLAY, COLOUR = Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ForegroundRole


def neuron(*hidden):
    source = TruthTable()
    graph = chain(Input(), *(hidden or (Dense(units=1), Step(threshold=1.5))), Output(task="binary", loss="mse"))
    return Experiment(source=source, graph=graph, facts=source.read().facts)


@pytest.fixture
def shown(qtbot):
    """Make a panel over a fake session and show it."""

    def make(kind, experiment=None):
        session = FakeSession(experiment or neuron())
        panel = kind(session)
        panel.session_kept = session
        qtbot.addWidget(panel)
        panel.resize(560, 260)
        panel.show()
        QApplication.processEvents()
        return panel, session

    return make


def rows(*values):
    return np.array(values, dtype=np.float32).reshape(len(values), -1)


def table_answer(**other):
    values = {
        "input_1": rows((0, 0), (0, 1), (1, 0), (1, 1)),
        "dense_1": rows(0, 1, 1, 2),
        "step_1": rows(0, 0, 0, 1),
    }
    wrong = Verdict(
        "output_1", "mse", np.array([0, 0, 1, 1]), np.array([0, 0, 0, 1]), rows(0, 0, 1, 0)[:, 0], ("no", "yes")
    )
    said = {"names": {"input_1": ("x", "y")}} | other
    return ExamplesAnswer(7, "train", 4, values, (wrong,), **said)


def column(panel, name):
    model = panel.table
    at = next(k for k in range(model.columnCount()) if model.headerData(k, Qt.Orientation.Horizontal) == name)
    return at, [model.index(k, at).data(DISPLAY) for k in range(model.rowCount())]


# -- examples ------------------------------------------------------------------------------------------------------


def test_sum_threshold_answer_target_and_loss_stand_in_a_row_for_each_example(shown):
    panel, _ = shown(ExamplesPanel)
    panel.draw(table_answer())
    heads = [panel.table.headerData(k, Qt.Orientation.Horizontal) for k in range(panel.table.columnCount())]
    assert heads == ["x", "y", "Σ", "≥ 1.5", "answer", "target", "loss"]
    assert column(panel, "Σ")[1] == ["0", "1", "1", "2", ""]
    assert column(panel, "answer")[1] == ["✓ no", "✓ no", "✗ yes", "✓ yes", "75%"]
    assert column(panel, "target")[1] == ["no", "no", "no", "yes", ""]
    assert column(panel, "loss")[1] == ["0", "0", "1", "0", "0.25"]
    assert [group[0] for group in panel.header.groups()] == ["input_1", "dense_1", "step_1", "output_1"]
    assert "4 of 4" in panel._readout.text() and "step 7" in panel._readout.text()


def test_right_and_wrong_answers_have_their_colours(shown):
    panel, _ = shown(ExamplesPanel)
    panel.draw(table_answer())
    at, _ = column(panel, "answer")
    colours = [panel.table.index(k, at).data(COLOUR).name() for k in range(4)]
    good, bad = current().good_text.lower(), current().bad_text.lower()
    assert colours == [good, good, bad, good]


def test_the_chip_asks_for_gradients_and_shows_those_of_the_nodes_that_have_some(shown):
    panel, session = shown(ExamplesPanel)
    panel.draw(table_answer())
    QTest.mouseClick(panel._switch, Qt.MouseButton.LeftButton)
    assert session.watched["examples"] == Examples(gradients=True)
    panel.draw(table_answer(gradients={"dense_1": rows(0.5, -0.25, 0, 0.125)}))
    assert [group[0] for group in panel.header.groups()] == ["dense_1", "output_1"]
    assert column(panel, "Σ")[1] == ["0.5", "−0.25", "0", "0.125", ""]
    QTest.mouseClick(panel._switch, Qt.MouseButton.LeftButton)
    assert session.watched["examples"] == Examples()
    assert panel.header.groups()[0][0] == "input_1"


def test_targets_of_several_numbers_stand_in_one_cell_and_values_that_are_none_are_borne(shown):
    panel, _ = shown(ExamplesPanel)
    verdict = Verdict("output_1", "mse", rows((1, 2, 3)), rows((0, 1, 0)), rows(0.5)[:, 0])
    panel.draw(ExamplesAnswer(1, "train", 1, {"dense_1": rows((np.nan, np.inf, 0.25))}, (verdict,)))
    assert column(panel, "target")[1] == ["(0, 1, 0)"]
    assert column(panel, "Σ1")[1] == ["NaN"] and column(panel, "Σ2")[1] == ["∞"]
    panel.grab()


def test_other_numbers_are_no_other_table_and_another_language_names_it_anew(shown):
    panel, session = shown(ExamplesPanel)
    panel.draw(table_answer())
    resets = []
    panel.table.modelReset.connect(lambda: resets.append(1))
    panel.draw(table_answer())
    assert resets == [], "other numbers are no other table"
    set_language("zh")
    panel.relabel()
    heads = [panel.table.headerData(k, Qt.Orientation.Horizontal) for k in range(panel.table.columnCount())]
    assert heads[-3:] == [tr("answer"), tr("target"), tr("loss")] and panel.table.rowCount() == 5
    session.restart()
    assert not panel.filled


# -- activation ----------------------------------------------------------------------------------------------------


def curve_answer(node="relu_1", **other):
    x = np.linspace(-4, 4, 81, dtype=np.float32)
    counts = np.zeros(BINS, dtype=np.uint32)
    counts[3], counts[-4] = 10, 30
    flat = np.arange(BINS) < BINS // 2
    fields = {
        "y": x.clip(0),
        "slope": (x > 0).astype(np.float32),
        "counts": counts,
        "flat": flat,
        "saturated": 0.25,
        "dead": 2,
        "units": 16,
        "values": 40,
        "examples": 20,
    } | other
    return ActivationAnswer(step=3, node=node, x=x, **fields)


def active(*blocks):
    return neuron(Dense(units=4), ReLU(), *blocks, Dense(units=1))


def test_function_derivative_and_bars_are_drawn_and_flat_bars_apart(shown):
    panel, _ = shown(ActivationPanel, active())
    answer = curve_answer()
    panel.draw(answer)
    x, y = panel.curve.getData()
    assert np.array_equal(x, answer.x) and np.array_equal(y, answer.y)
    assert np.array_equal(panel.slope.getData()[1], answer.slope)
    flat, live = panel.flat.opts["height"], panel.live.opts["height"]
    tallest = HEIGHT * (panel.high - panel.low)
    assert live[-4] == pytest.approx(tallest) and live[3] == 0
    assert flat[3] == pytest.approx(tallest / 3) and flat[-4] == 0
    assert "25% saturated" in panel._readout.text() and "2 of 16 units dead" in panel._readout.text()


def test_the_person_chooses_among_the_functions_and_late_answers_are_passed_over(shown):
    panel, session = shown(ActivationPanel, active(Dense(units=3), Softmax()))
    assert [panel._choice.itemText(k) for k in range(panel._choice.count())] == ["relu_1", "softmax_1"]
    panel.draw(curve_answer())
    panel._choice.setFocus()
    QTest.keyClick(panel._choice, Qt.Key.Key_Down)
    panel._choice.activated.emit(panel._choice.currentIndex())
    assert session.watched["activation"] == Activation(node="softmax_1") and not panel.filled
    panel.draw(curve_answer())
    assert not panel.filled, "this was asked before another one was chosen"
    panel.draw(curve_answer("softmax_1"))
    assert panel.filled and "lead" in panel.plot.getAxis("bottom").labelText


def test_a_step_has_no_slope_that_could_die(shown):
    panel, _ = shown(ActivationPanel)
    slope = np.zeros(81, dtype=np.float32)
    slope[40] = np.nan
    panel.draw(curve_answer("step_1", slope=slope, saturated=0.0, dead=0))
    assert "no slope anywhere" in panel._readout.text() and "dead" not in panel._readout.text()
    panel.grab()


def test_a_network_without_a_function_says_so_and_one_that_gets_one_asks(shown):
    panel, session = shown(ActivationPanel, neuron(Dense(units=1)))
    assert panel.probe() is None and "no activation function" in panel._hint.text()
    session.document.edit(say("Change"), graph=active().graph)
    assert session.watched["activation"] == Activation(node="relu_1")
