"""The panel of gates: maps of units and steps, one unit followed, a sentence of one's own."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication

from playground.blocks.data import Input, Output
from playground.blocks.dense import Dense
from playground.blocks.embedding import Embedding
from playground.blocks.recurrence import LSTM
from playground.experiment import Experiment
from playground.facts import DataFacts, Target
from playground.probes.gates import Gates, GatesAnswer
from playground.shape import Shape
from playground.text import set_language
from tests.examples import chain
from tests.gui.fake_session import FakeSession, planar
from widgets.panels import PANELS, load_panels
from widgets.panels.parts.gate_maps import Spot
from widgets.panels.parts.gate_order import alike_together, arranged

load_panels()

UNITS, WORDS = 6, ("the", "cat", "sat")


def tagger(layers=1, direction="forward") -> Experiment:
    facts = DataFacts(
        {"text": Shape(time=9)}, {"tag": Target(("a", "b"), Shape(time=9))}, {"train": 9}, vocabularies={"text": 30}
    )
    lstm = LSTM(units=UNITS, layers=layers, direction=direction)
    return Experiment(
        graph=chain(Input(field="text"), Embedding(size=4), lstm, Dense(units=2), Output(target="tag")), facts=facts
    )


@pytest.fixture
def shown(qtbot):
    def make(experiment=None, size=(760, 320)):
        session = FakeSession(experiment or tagger())
        panel = PANELS["gates"](session)
        qtbot.addWidget(panel)
        panel.resize(*size)
        panel.show()
        QApplication.processEvents()
        return panel, session

    return make


def answer(step=7, words=WORDS, **other):
    names = ("i", "f", "o", "g", "c", "h")
    steps = len(words) or 3
    values = np.linspace(0, 1, len(names) * UNITS * steps, dtype=np.float16).reshape(len(names), UNITS, steps)
    said = {
        "step": step,
        "node": "lstm_1",
        "names": names,
        "values": values,
        "means": values.astype(np.float32).mean(axis=1),
        "total": UNITS,
        "layer": 0,
        "layers": 1,
        "backward": False,
        "both": False,
        "words": words,
        "unknown": (),
        "given": np.zeros((0, steps), np.float16),
        "split": "validation",
        "index": 0,
        "count": 30,
        "own": False,
    }
    return GatesAnswer(**(said | other))


def middle(panel, gate, unit, step):
    """The pixel in the middle of a cell."""
    boxes, _, _ = panel.maps.parts()
    box = boxes[[band.name for band in panel.maps.bands].index(gate)]
    row = list(panel.maps.order).index(unit)
    x = box.left() + (step + 0.5) / panel.maps.steps * box.width()
    return QPoint(round(x), int(box.top() + (row + 0.5) / UNITS * box.height()))


def test_every_gate_has_a_map_and_pointing_tells_the_number(shown, qtbot):
    panel, session = shown()
    assert session.watched["gates"] == Gates(node="lstm_1", layer=0)
    told = answer()
    panel.draw(told)
    assert panel.filled and [band.name for band in panel.maps.bands] == list(told.names)
    qtbot.mouseMove(panel.maps, middle(panel, "f", 3, 1))
    assert panel.maps.hovered == Spot("f", 3, 1)
    assert panel.maps.value(panel.maps.hovered) == pytest.approx(float(told.values[1, 3, 1]))
    assert "unit 4" in panel._readout.text() and "cat" in panel._readout.text() and "forget" in panel._readout.text()


def test_a_click_follows_a_unit_and_the_keys_walk_on(shown, qtbot):
    panel, _ = shown()
    panel.draw(answer())
    panel.draw(answer(step=20, values=answer().values[:, ::-1]))
    assert panel.unit.isHidden()
    qtbot.mouseClick(panel.maps, Qt.MouseButton.LeftButton, pos=middle(panel, "c", 2, 1))
    assert (panel.maps.unit, panel.maps.step) == (2, 1) and panel.unit.isVisible()
    first, second = answer().values[4, :, 1], answer().values[4, ::-1, 1]
    assert panel.unit.steps == [7, 20]
    assert panel.unit.curves["c"].tolist() == pytest.approx([float(first[2]), float(second[2])])
    qtbot.keyClick(panel.maps, Qt.Key.Key_Down)
    qtbot.keyClick(panel.maps, Qt.Key.Key_Right)
    assert (panel.maps.unit, panel.maps.step) == (3, 2)
    qtbot.keyClick(panel.maps, Qt.Key.Key_Right)
    assert panel.maps.step == 2  # there is no further word
    qtbot.keyClick(panel.maps, Qt.Key.Key_Escape)
    assert panel.maps.unit == -1 and panel.unit.isHidden()


def test_another_sentence_begins_another_past(shown):
    panel, _ = shown()
    panel.draw(answer())
    panel.draw(answer(step=9, words=("a", "dog", "ran"), index=1))
    assert panel.past.steps == [9]
    panel.draw(answer(step=3, words=("a", "dog", "ran"), index=1))
    assert panel.past.steps == [3]  # the run was set back


def test_one_gate_alone_can_be_shown(shown):
    panel, _ = shown()
    panel.draw(answer())
    panel.shown.setCurrentIndex(2)
    panel.shown.activated.emit(2)
    assert [band.name for band in panel.maps.bands] == ["f"]


def test_units_can_stand_by_mean_or_alike_together(shown):
    panel, _ = shown()
    panel.draw(answer())
    panel.order.setCurrentIndex(1)
    panel.order.activated.emit(1)
    means = answer().values[4].astype(float).mean(axis=1)
    assert list(panel.maps.order) == list(np.argsort(means)[::-1])
    rng = np.random.default_rng(0)
    waves = np.sin(np.linspace(0, 5, 30) + np.linspace(0, 3, 20)[:, None])
    mixed = rng.permutation(20)
    found = mixed[alike_together(waves[mixed])]
    assert list(found) in (sorted(found), sorted(found)[::-1])


def test_an_order_that_will_do_stays():
    rng = np.random.default_rng(1)
    values = rng.normal(size=(12, 8))
    standing = arranged(values, "mean", np.zeros(0))
    assert arranged(values + rng.normal(size=values.shape) * 0.05, "mean", standing) is standing
    assert list(arranged(rng.normal(size=(12, 8)), "mean", standing)) != list(standing)


def test_the_arrows_and_a_typed_sentence_ask_anew_and_move_what_all_panels_look_at(shown, qtbot):
    panel, session = shown()
    panel.draw(answer())
    assert panel.bar.place.text() == "1 / 30"
    qtbot.mouseClick(panel.bar.before, Qt.MouseButton.LeftButton)
    assert session.watched["gates"].index == 29 and panel.focus.now.index == 29
    panel.bar.field.setFocus()
    qtbot.keyClicks(panel.bar.field, "my cat")
    qtbot.keyClick(panel.bar.field, Qt.Key.Key_Return)
    assert session.watched["gates"].own == "my cat" and panel.focus.now.words == "my cat"
    panel.draw(answer(own=True))
    assert panel.bar.place.text() == "your own"
    qtbot.keyClick(panel.bar.field, Qt.Key.Key_Escape)
    assert session.watched["gates"].own == "" and panel.bar.field.text() == ""
    panel.focus.move(words="from elsewhere")
    assert panel.bar.field.text() == "from elsewhere" and session.watched["gates"].own == "from elsewhere"


def test_layers_and_directions_can_be_chosen_where_there_are_several(shown):
    panel, session = shown(tagger(layers=2, direction="both"))
    halves = [panel.layer.itemText(k) for k in range(panel.layer.count())]
    assert halves == ["layer 1 ←", "layer 1 →", "layer 2 ←", "layer 2 →"] and not panel.layer.isHidden()
    assert (session.watched["gates"].layer, session.watched["gates"].backward) == (1, False)
    panel.layer.setCurrentIndex(0)
    panel.layer.activated.emit(0)
    assert (session.watched["gates"].layer, session.watched["gates"].backward) == (0, True)
    panel, _ = shown()
    assert panel.layer.isHidden()


def test_answers_of_another_node_are_not_drawn_and_a_restart_empties(shown):
    panel, session = shown()
    panel.draw(answer(node="lstm_9"))
    assert not panel.filled
    panel.draw(answer())
    session.restart()
    assert not panel.filled and panel.past.steps == []


@pytest.mark.parametrize("size", [(200, 140), (380, 236), (900, 600)])
def test_it_paints_in_any_size_long_words_chinese_and_series_too(shown, size):
    panel, _ = shown(size=size)
    many = tuple(["extraordinarily", "非常好", "", "a"] * 15)
    values = np.random.default_rng(0).normal(size=(6, UNITS, 60)).astype(np.float16)
    panel.draw(answer(words=many, values=values, means=values.mean(axis=1), unknown=(3,)))
    panel.maps.follow(1, 4)
    assert not panel.grab().isNull()
    series = answer(words=(), given=np.ones((2, 3), np.float16))
    panel.draw(series)
    assert panel.maps.bands[0].name == "x" and not panel.grab().isNull()


def test_where_nothing_is_recurrent_it_says_so_in_both_languages(shown):
    panel, session = shown(planar())
    assert session.watched["gates"] is None and "lstm-tagger" in panel.empty()
    panel, _ = shown()
    panel.draw(answer())
    set_language("zh")
    panel.relabel()
    assert panel.filled
