"""The data panel: what it shows of every form of data, what can be chosen, when it asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox
from pytestqt.qtbot import QtBot

from playground.blocks.combine import Flatten
from playground.blocks.data import Input, Output
from playground.blocks.dense import Dense
from playground.browsing import Browse, Question, Survey
from playground.data import Data
from playground.data.planar import Spirals, Xor
from playground.document import Document
from playground.experiment import Experiment
from playground.graph import Graph
from playground.messages import FactsFound, Failed
from playground.preparation import Preparation
from playground.text import Refusal, say, set_language
from tests import forms_of_data as forms
from tests.examples import chain
from tests.gui import driving
from tests.gui.window_fakes import FakeSession
from tests.test_browsing import Oracle
from widgets import theme
from widgets.data_view import DataView
from widgets.data_view.counts import BAR, Bar
from widgets.window import Window


class Answering(FakeSession):
    """A session that answers what is asked of the data; late, when it is told to wait."""

    def __init__(self, document: Document, data: Data) -> None:
        super().__init__(document)
        self.data, self.subject = data, None
        self.waiting: list[Callable[[], None]] | None = None

    def ask(self, question: Question, reply: Any) -> None:
        self.asked.append(question)

        def answer() -> None:
            try:
                found = question.answer(self.data, self.subject)
            except Refusal as refusal:
                reply(None, refusal.sentence)
            else:
                reply(found, None)

        if self.waiting is None:
            answer()
        else:
            self.waiting.append(answer)

    def pages(self) -> list[Browse]:
        return [one for one in self.asked if isinstance(one, Browse)]

    def find(self) -> None:
        """Say that the data have been read."""
        self.document.note(facts=self.data.facts)
        self.found.emit(FactsFound(1, self.data.facts))


Make = Callable[..., DataView]


@pytest.fixture
def make(qtbot: QtBot) -> Iterator[Make]:
    """Show the panel of some data, with a network that takes everything for the first class."""

    def made(data: Data, *, ready: bool = True, size: tuple[int, int] = (900, 400), shown: bool = True) -> DataView:
        output = next((Output(target=name) for name in data.facts.targets), Output())
        graph = chain(Input(field=next(iter(data.facts.inputs))), Flatten(), Dense(units=_outputs(data)), output)
        document = Document(Experiment(facts=data.facts, graph=graph if ready else Graph()))
        session = Answering(document, data)
        view = DataView(document, session)  # type: ignore[arg-type]
        qtbot.addWidget(view)
        view.resize(*size)
        if shown:
            view.show()
            qtbot.waitExposed(view)
        return view

    yield made
    theme.APPEARANCE.choose("system")


def _outputs(data: Data) -> int:
    target = next(iter(data.facts.targets.values()), None)
    return len(target.classes) or 1 if target is not None else 1


def first_class(inputs: Any) -> Any:
    return np.eye(3)[np.zeros(len(next(iter(inputs.values()))), dtype=int)]


def wrong(view: DataView) -> DataView:
    """Give the panel's session a network that takes everything for the first class."""
    view.session.subject = Oracle(view.session.data, first_class)  # type: ignore[attr-defined]
    return view


def choose(box: QComboBox, text: str) -> None:
    """Choose an entry with the keys."""
    at = next(at for at in range(box.count()) if box.itemText(at).startswith(text))
    box.setFocus()
    while box.currentIndex() != at:
        QTest.keyClick(box, Qt.Key.Key_Down if box.currentIndex() < at else Qt.Key.Key_Up)


def cells(view: DataView) -> list[str]:
    model = view.grid.model()
    return [model.index(row, 0).data() for row in range(model.rowCount())]


# -- what is shown -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("look", ["dark", "light"])
@pytest.mark.parametrize("name", forms.FORMS)
def test_every_form_of_data_is_shown_in_its_own_view(make: Make, name: str, look: str) -> None:
    theme.APPEARANCE.choose(look)
    view = make(forms.FORMS[name]())
    views = {"table": view.table, "numbers": view.table, **dict.fromkeys(
        ("sentences", "tagged", "pairs", "running"), view.texts)}  # fmt: skip
    shown = views.get(name, view.grid)
    assert view.body.currentWidget() is shown and shown.isVisible() and shown.accessibleName() == "Examples"
    picture = shown.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    colours = np.frombuffer(picture.constBits(), dtype=np.uint32)
    assert len(np.unique(colours)) > 2, "something is painted"


def test_images_bear_their_classes_and_say_them_to_those_who_cannot_see(make: Make) -> None:
    view = make(forms.images())
    assert cells(view)[:4] == ["kind 0", "kind 1", "kind 2", "kind 0"]
    index = view.grid.model().index(3, 0)
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "Example 4: kind 0"
    view.grid.setFocus()
    view.grid.setCurrentIndex(view.grid.model().index(0, 0))
    QTest.keyClick(view.grid, Qt.Key.Key_Right)
    assert view.grid.currentIndex().row() == 1


def test_a_mask_is_drawn_over_its_image(make: Make) -> None:
    view = make(forms.masked())
    bare = forms.masked()
    train = bare.splits["train"]
    view.grid.setFocus()
    with_mask = view.grid.grab().toImage()
    masks = train.targets["mask"] * 0
    view.session.data = bare.with_splits({"train": replace(train, targets={"mask": masks})})
    view.session.restarted.emit()
    view.session.find()
    assert view.grid.grab().toImage() != with_mask


def test_a_table_has_named_columns_and_numbered_rows(make: Make) -> None:
    view = make(forms.table())
    model = view.table.rows
    heads = [model.headerData(at, Qt.Orientation.Horizontal) for at in range(model.columnCount())]
    assert heads == ["No.", "label", "height", "width"]
    rows = [[model.index(row, at).data() for at in range(4)] for row in range(3)]
    assert rows == [["1", "no", "1.5", "−2"], ["2", "yes", "3", "4e-5".replace("-", "−")], ["3", "yes", "5", "123456"]]


def test_texts_are_shown_as_they_are_and_not_as_markup(make: Make) -> None:
    view = make(forms.sentences())
    text = view.texts.toPlainText()
    assert "the film is good" in text and "你 好 世 界" in text and "< b > x < / b >" in text
    choose(view.bar.splits, "validation")
    assert "a <unk> film" in view.texts.toPlainText()


def test_tokens_bear_their_tags_and_spaces_can_be_seen(make: Make) -> None:
    assert "Anna B-PER lives in Oslo B-LOC" in make(forms.tagged()).texts.toPlainText()
    assert "3␣May\n→ 05-03" in make(forms.pairs()).texts.toPlainText().replace("\u2028", "\n")
    assert "春眠不觉晓⏎" in make(forms.running()).texts.toPlainText()


def test_counts_stand_beside_the_examples_and_can_be_put_away(make: Make, qtbot: QtBot) -> None:
    view = make(forms.images())
    bars = [view.counts.model().index(row, 0).data(BAR) for row in range(view.counts.model().rowCount())]
    found = [bar for bar in bars if isinstance(bar, Bar)]
    assert [(bar.name, bar.counts["train"], bar.counts["validation"]) for bar in found] == [
        (f"kind {k}", 10, 3) for k in range(3)
    ]
    qtbot.mouseClick(view.bar.counting, Qt.MouseButton.LeftButton)
    assert not view.side.isVisible() and view.bar.counting.text() == "Show counts"
    qtbot.mouseClick(view.bar.counting, Qt.MouseButton.LeftButton)
    assert view.side.isVisible()


def test_what_was_said_when_the_data_were_read_stands_above_the_counts(make: Make) -> None:
    data = replace(forms.sentences(), remarks=(say("Ready"),), problems=(say("Paused"),))
    lines = make(data).remarks.text().splitlines()
    assert lines[:2] == ["⚠ Paused", "Ready"]
    assert "Unknown in validation: 33 %" in lines


def test_in_a_narrow_dock_the_counts_are_below_and_nothing_is_cut(make: Make, qtbot: QtBot) -> None:
    view = make(forms.sentences(), size=(280, 600))
    assert view.parts.orientation() == Qt.Orientation.Vertical
    bar = view.bar
    for widget in (bar.splits, bar.labels, bar.search, bar.mistakes, bar.pager, bar.counting):
        assert widget.isVisible()
        qtbot.waitUntil(lambda widget=widget: bar.rect().contains(widget.geometry()))
    assert view.minimumSizeHint().width() <= 280


# -- what can be chosen ------------------------------------------------------------------------------------------


def test_pages_are_turned_with_buttons_and_with_keys(make: Make, qtbot: QtBot) -> None:
    view = make(forms.images(120))
    assert view.bar.place.text() == "1–48 of 120" and not view.bar.back.isEnabled()
    qtbot.mouseClick(view.bar.on, Qt.MouseButton.LeftButton)
    assert view.bar.place.text() == "49–96 of 120"
    view.activateWindow()
    view.grid.setFocus()
    qtbot.waitUntil(view.grid.hasFocus)
    qtbot.keyClick(view.grid, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert view.bar.place.text() == "97–120 of 120" and not view.bar.on.isEnabled()
    qtbot.keyClick(view.grid, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert view.bar.place.text() == "97–120 of 120"
    qtbot.keyClick(view.grid, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert view.bar.place.text() == "49–96 of 120"


def test_a_class_is_chosen_from_the_list_or_by_its_bar(make: Make, qtbot: QtBot) -> None:
    view = make(forms.images())
    choose(view.bar.labels, "kind 1")
    assert set(cells(view)) == {"kind 1"} and view.bar.place.text() == "1–10 of 10"
    row = next(
        row
        for row in range(view.counts.model().rowCount())
        if isinstance(bar := view.counts.model().index(row, 0).data(BAR), Bar) and bar.label == 2
    )
    where = view.counts.visualRect(view.counts.model().index(row, 0)).center()
    qtbot.mouseClick(view.counts.viewport(), Qt.MouseButton.LeftButton, pos=where)
    assert set(cells(view)) == {"kind 2"} and view.bar.labels.currentText() == "kind 2"
    qtbot.mouseClick(view.counts.viewport(), Qt.MouseButton.LeftButton, pos=where)
    assert len(cells(view)) == 30 and view.bar.labels.currentText() == "all classes"


def test_texts_are_searched_while_one_types(make: Make, qtbot: QtBot) -> None:
    view = make(forms.sentences())
    qtbot.keyClicks(view.bar.search, "film")
    qtbot.keyClick(view.bar.search, Qt.Key.Key_Return)
    assert view.bar.place.text() == "1–2 of 2" and "你" not in view.texts.toPlainText()
    view.bar.search.clear()
    qtbot.keyClicks(view.bar.search, "nowhere")
    qtbot.waitUntil(view.words.isVisible)
    assert view.words.text() == "No text here holds “nowhere”."
    assert not make(forms.images()).bar.search.isVisible()


def test_mistakes_stand_beside_what_is_right_and_it_is_said_how_many(make: Make, qtbot: QtBot) -> None:
    view = wrong(make(forms.images()))
    qtbot.mouseClick(view.bar.mistakes, Qt.MouseButton.LeftButton, pos=QPoint(8, 12))
    assert view.session.pages()[-1].mistakes
    assert set(cells(view)) == {"kind 1", "kind 2"}
    assert view.detail.text() == "20 of 30 examples are wrong, after step 7"
    said = view.grid.model().index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert said == "Example 2: kind 1; the network says kind 0 (58 %)"
    choose(view.bar.labels, "kind 0")
    assert view.words.text() == "The network gets none of these 10 examples wrong."


def test_mistakes_are_asked_for_again_when_training_pauses_but_not_while_it_runs(make: Make) -> None:
    view = wrong(make(forms.images()))
    view.bar.mistakes.click()
    before = len(view.session.pages())
    view.session.become("playing")
    view.session.step = 50
    view.session.progressed.emit()
    assert len(view.session.pages()) == before
    view.session.become("paused")
    assert len(view.session.pages()) == before + 1
    view.session.become("paused")
    assert len(view.session.pages()) == before + 1, "nothing has changed since"
    view.bar.refresh.click()
    assert len(view.session.pages()) == before + 2


def test_mistakes_cannot_be_asked_of_a_network_that_is_not_ready_and_it_is_said_why(make: Make) -> None:
    view = make(forms.images(), ready=False)
    assert cells(view), "the data are seen all the same"
    assert not view.bar.mistakes.isEnabled() and view.bar.mistakes.toolTip().startswith("First make the network ready")
    graph = chain(Input(), Flatten(), Dense(units=3), Output())
    view.document.edit(say("Change"), graph=graph)
    assert view.bar.mistakes.isEnabled()
    wrong(view).bar.mistakes.click()
    view.document.edit(say("Change"), graph=Graph())
    assert not view.bar.mistakes.isChecked() and len(cells(view)) == 30


def test_tags_and_texts_that_are_wrong_say_both(make: Make) -> None:
    view = make(forms.tagged())

    def says(inputs: Any) -> Any:
        return np.broadcast_to(np.array([0, 1.0, 0]), (*inputs["text"].shape, 3))

    view.session.subject = Oracle(view.session.data, says, Output(target="tag"))  # type: ignore[attr-defined]
    view.bar.allow_mistakes("")
    view.bar.mistakes.click()
    assert "sleeps O → B-PER" in view.texts.toPlainText()


# -- when it asks ------------------------------------------------------------------------------------------------


def test_nothing_is_asked_while_nobody_looks(make: Make, qtbot: QtBot) -> None:
    view = make(forms.images(), shown=False)
    view.session.find()
    view.session.become("paused")
    view.document.edit(say("Change"), source=Spirals())
    view.session.restarted.emit()
    view.session.find()
    assert view.session.asked == []
    view.show()
    qtbot.waitExposed(view)
    assert [type(one) for one in view.session.asked] == [Browse, Survey]
    view.hide()
    view.show()
    qtbot.waitExposed(view)
    assert len(view.session.asked) == 2, "what is there already is not asked for again"


def test_other_data_are_waited_for_and_then_shown_from_the_beginning(make: Make) -> None:
    view = make(forms.images(120))
    choose(view.bar.labels, "kind 1")
    view.document.edit(say("Change"), source=Spirals())
    view.session.restarted.emit()
    assert view.words.isVisible() and view.words.text() == "Reading the data…"
    assert view.counts.model().rowCount() == 0
    view.session.data = forms.table()
    view.session.find()
    assert view.body.currentWidget() is view.table
    assert view.session.pages()[-1].label is None and view.bar.labels.currentText() == "all classes"
    view.document.edit(say("Change"), preparation=Preparation(validation=0.5))
    view.session.restarted.emit()
    assert view.words.isVisible()
    view.session.find()
    assert view.table.isVisible()


def test_a_run_that_begins_again_leaves_the_examples_where_they_are(make: Make) -> None:
    view = make(forms.images())
    asked = len(view.session.asked)
    view.session.restarted.emit()
    assert view.grid.isVisible() and len(view.session.asked) == asked


def test_an_edit_of_the_network_asks_for_nothing_again(make: Make) -> None:
    view = make(forms.images())
    asked = len(view.session.asked)
    view.document.edit(say("Change"), graph=Graph())
    view.session.find()
    assert len(view.session.asked) == asked


def test_an_answer_that_is_late_does_not_take_the_place_of_a_newer_one(make: Make) -> None:
    view = make(forms.images())
    view.session.waiting = []
    choose(view.bar.labels, "kind 1")
    choose(view.bar.labels, "kind 2")
    first, *_, last = view.session.waiting
    last()
    first()
    assert set(cells(view)) == {"kind 2"}


def test_data_that_could_not_be_read_say_why(make: Make) -> None:
    view = make(forms.images())
    view.document.edit(say("Change"), source=Spirals())
    view.session.restarted.emit()
    view.session.data = Data(view.document.now.facts)
    view.session.failure = Failed(1, "", say("Loading"))
    view.session.become("failed")
    assert view.words.text() == "Loading" and view.words.isVisible()
    view.session.data, view.session.failure = forms.table(), None
    view.session.become("ready")
    assert view.table.isVisible(), "another attempt has brought them"


def test_everything_follows_the_language_and_the_theme(make: Make) -> None:
    theme.APPEARANCE.choose("dark")
    view = make(forms.tagged())
    dark = view.texts.toHtml()
    theme.APPEARANCE.choose("light")
    assert view.texts.toHtml() != dark
    set_language("zh")
    view.relabel()
    assert view.bar.splits.itemText(0).startswith("训练")


# -- in the window -----------------------------------------------------------------------------------------------


def test_the_panel_is_built_when_it_is_asked_for(open_window: Callable[..., Window], qtbot: QtBot) -> None:
    window = open_window("xor")
    workspace = window.workspace
    assert workspace is not None and workspace.data is None and workspace.docks["data"].isHidden()
    qtbot.keyClick(window, Qt.Key.Key_5, Qt.KeyboardModifier.ControlModifier)
    assert workspace.data is not None and workspace.data.isVisible()
    assert window.actions_by_key["data"].isChecked()
    assert isinstance(window.session.asked[-1], Survey)  # type: ignore[attr-defined]
    qtbot.keyClick(window, Qt.Key.Key_5, Qt.KeyboardModifier.ControlModifier)
    assert not workspace.data.isVisible()


@pytest.mark.slow
def test_a_real_engine_shows_digits_and_what_a_network_gets_wrong(qapp: QApplication, tmp_path: Path) -> None:
    with driving.opened(tmp_path, "digits-mlp") as window:
        driving.ready(window)
        window.actions_by_key["data"].trigger()
        view = window.workspace.data
        driving.until(lambda: view.page is not None and view.overview is not None)
        assert view.grid.isVisible() and view.grid.model().rowCount() == 48
        assert len([bar for bar in view.overview.tallies[0].names if bar.isdigit()]) == 10
        view.bar.mistakes.click()
        driving.until(lambda: view.page is not None and view.page.given)
        untrained = view.page.found
        assert 0.5 < untrained / view.page.looked <= 1, "nothing has been learnt yet"
        driving.play_until(window, 60)
        driving.pause(window)
        driving.until(lambda: view.page.step >= 60)
        assert view.page.found < untrained
        window.document.edit(say("Change"), source=Xor())
        driving.until(lambda: view.table.isVisible())
        window.document.edit(say("Change"), graph=Graph())
        window.document.edit(say("Change"), source=Spirals())
        driving.until(lambda: view.page is None)
        driving.until(lambda: view.page is not None)
        assert view.table.isVisible(), "there is no network, and yet there are data"
