"""Choosing a data set: a list under headings, and a card that says what was chosen."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from playground.data import KINDS, SOURCES
from playground.data.planar import TruthTable, Xor
from playground.document import Document
from playground.experiment import Experiment
from playground.facts import DataFacts, Target
from playground.shape import Shape
from playground.text import Sentence, set_language
from tests.gui.inspecting import choose, inspect
from widgets.data_card import DataCard
from widgets.inspector import Inspector


@pytest.fixture
def shown(qtbot: QtBot) -> Inspector:
    return inspect(Document(Experiment(source=Xor())), qtbot)


@pytest.fixture
def card(qtbot: QtBot) -> DataCard:
    made = DataCard()
    qtbot.addWidget(made)
    return made


@pytest.mark.parametrize("language", ["en", "zh"])
def test_data_sets_stand_under_headings_that_cannot_be_chosen(shown: Inspector, language: str) -> None:
    set_language(language)
    choice = shown.document_page.source.choice
    for _ in range(2):  # saying everything again changes nothing
        shown.document_page.relabel()
    seen: dict[str, list[str]] = {}
    for row in range(choice.count()):
        if choice.itemData(row) is None:
            seen[choice.itemText(row)] = []
            assert not choice.model().item(row).isEnabled()
        else:
            seen[list(seen)[-1]].append(choice.itemData(row))
    assert list(seen) == [str(Sentence(kind)) for kind in KINDS]
    for kind in KINDS:
        assert seen[str(Sentence(kind))] == [key for key, source in SOURCES.items() if source.kind == kind]
    assert choice.currentData() == "xor"


def test_the_keys_step_over_headings(shown: Inspector, qtbot: QtBot) -> None:
    choice = shown.document_page.source.choice
    points = [key for key, source in SOURCES.items() if source.kind == "Points"]
    choose(choice, points[-1])
    qtbot.keyClick(choice, Qt.Key.Key_Down)
    assert shown.document.now.source.kind == "Functions"
    qtbot.keyClick(choice, Qt.Key.Key_Up)
    assert shown.document.now.source.key == points[-1]
    choose(choice, points[0])
    qtbot.keyClick(choice, Qt.Key.Key_Up)
    assert shown.document.now.source.key == points[0], "there is only a heading above"


def test_a_data_set_of_uneven_ranges_is_standardised_when_it_is_chosen(shown: Inspector) -> None:
    document, choice = shown.document, shown.document_page.source.choice
    choose(choice, "iris")
    assert not document.now.preparation.standardise
    choose(choice, "wine")
    assert document.now.preparation.standardise
    document.undo()
    assert document.now.source.key == "iris"
    assert not document.now.preparation.standardise, "both were one step"


def test_the_card_says_what_how_many_and_whose(card: DataCard) -> None:
    source = SOURCES["iris"]()
    counts = {"test": 3, "train": 1200, "validation": 30}
    facts = DataFacts({"x": Shape(features=2)}, {"label": Target(("cat", "dog"))}, counts, {"x": ("height", "width")})
    card.show_data(source, facts)
    assert card.purpose.text() == source.purpose()
    assert card.counts.text() == "1,200 to train · 30 to validate · 3 to test"
    assert card.contents.text() == "In: 2 numbers: height, width\nOut: 2 classes: cat, dog"
    assert card.licence.text() == f"Licence: {source.licence}"
    assert card.contents.toolTip() == ""


def test_numbers_without_names_are_counted_and_images_measured(card: DataCard) -> None:
    facts = DataFacts(
        {"x": Shape(channels=3, height=32, width=32), "hint": Shape(features=1)}, {"y": Target(shape=Shape(features=2))}
    )
    card.show_data(TruthTable(), facts)
    assert card.contents.text() == "In: 3 × 32 × 32 numbers\nIn: 1 number\nOut: 2 numbers"
    assert card.counts.isHidden()


def test_long_lists_of_names_are_left_to_the_tooltip_and_no_name_is_taken_for_markup(card: DataCard) -> None:
    names = ("<b>bold</b>", *(f"class {n}" for n in range(200)))
    card.show_data(Xor(), DataFacts({}, {"label": Target(names)}))
    assert card.contents.text().startswith("Out: 201 classes: <b>bold</b>, class 0")
    assert card.contents.text().endswith("class 7, …")
    assert card.contents.textFormat() == Qt.TextFormat.PlainText
    assert "&lt;b&gt;bold&lt;/b&gt;, class 0" in card.contents.toolTip()
    assert card.contents.toolTip().endswith("class 199</p>")
    card.show_data(Xor(), DataFacts({}, {"label": Target(names * 100)}))
    assert len(card.contents.toolTip()) < 4000
    card.show_data(Xor(), DataFacts({}, {"label": Target(("x" * 200, "y"))}))
    assert card.contents.text().endswith("x, …"), "one is always named"


def test_files_of_the_users_own_have_no_licence_to_show(card: DataCard) -> None:
    card.show_data(SOURCES["idx"](), DataFacts())
    assert card.licence.isHidden()
    assert card.contents.isHidden()
