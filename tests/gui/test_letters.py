"""Letters beside the words: the card of the data counts them, and a node says for how many words it does the same."""

from __future__ import annotations

from dataclasses import replace

from pytestqt.qtbot import QtBot

from playground import shape
from playground.document import Document
from playground.text import set_language
from tests.examples import preset
from tests.gui.inspecting import inspect
from widgets.arithmetic import AXES
from widgets.data_card import DataCard


def test_the_card_says_how_many_letters_are_read(qtbot: QtBot) -> None:
    card, experiment = DataCard(), preset("tagger-with-letters")
    qtbot.addWidget(card)
    card.show_data(experiment.source, experiment.facts)
    told = card.contents.text().splitlines()
    assert told[0] == "In: up to 20 tokens of 724 different ones"
    assert told[1] == "In: up to 12 letters of each word, 54 different ones"


def test_the_page_of_a_layer_says_that_it_reads_each_word_by_itself(qtbot: QtBot) -> None:
    inspector = inspect(Document(preset("tagger-with-letters")), qtbot)
    inspector.set_selection(["conv_1"])
    page = inspector.node_page
    assert "the same for each of 20 words" in page.how.text() and page.chip.text() == "20 × 12 × 48"
    assert page.axes.text() == "time × letters × features"
    set_language("zh")
    inspector.set_selection(["dense_1"])
    assert "20" not in page.how.text()


def test_how_many_letters_is_asked_where_there_are_texts_only(qtbot: QtBot) -> None:
    texts, images = preset("lstm-tagger"), preset("lenet")
    assert "letters" in texts.preparation.matters(texts.facts)
    assert "letters" not in images.preparation.matters(images.facts)
    without = replace(preset("tagger-with-letters"), facts=texts.facts)
    (problem, *_) = without.examined().problems
    assert problem.node == "input_2" and "in the preparation" in str(problem.message)


def test_every_axis_has_a_name_on_the_page_of_a_node() -> None:
    assert set(AXES) == set(shape.AXES)
