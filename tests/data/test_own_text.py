"""The program's own texts as running text: enough of them, readable, in both languages, in an order that stays."""

from __future__ import annotations

import json
import re
import sys
from importlib import resources

import pytest

from playground.data import own_text
from playground.data.own_text import OwnText
from playground.preparation import Preparation, prepare
from playground.text import Refusal

pytest.importorskip("polib")


def text(language: str, seed: int = 1) -> str:
    return str(OwnText(language=language, seed=seed).read().splits["train"].inputs["text"][0])


@pytest.mark.parametrize(("language", "least"), [("en", 40_000), ("zh", 15_000)])
def test_there_is_enough_to_learn_from(language: str, least: int) -> None:
    found = text(language)
    assert len(found) >= least
    chinese = len(re.findall("[\u4e00-\u9fff]", found))
    # Where a lesson is about Chinese sentences, its English text quotes some words of them.
    assert chinese < 0.002 * len(found) if language == "en" else chinese > 0.6 * len(found)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_marks_of_the_program_are_left(language: str) -> None:
    assert re.findall(r"[{}]|%\(|\(\*|\\n", text(language)) == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_lessons_of_the_presets_are_in_it(language: str) -> None:
    saved = json.loads(resources.files("presets").joinpath("xor.json").read_text(encoding="utf-8"))
    assert saved["title"][language] in text(language)
    assert saved["about"][language] in text(language)


def test_values_are_filled_in_as_they_could_be_shown() -> None:
    assert own_text._filled("{n} texts are cut after {steps} tokens") == "3 texts are cut after 3 tokens"
    assert own_text._filled("{value:.3g} of {node}") == "0.5 of dense_1"
    assert own_text._filled("{what_nobody_knows} is missing") == ""
    assert own_text._filled("All files (*)") == "All files"
    assert own_text._filled("how often (default: %(default)s)") == ""


def test_the_seed_orders_the_pieces_and_nothing_else() -> None:
    assert text("en", 2) != text("en", 1) == text("en", 1)
    assert sorted(text("en", 2)) == sorted(text("en", 1))


def test_a_new_piece_leaves_the_others_in_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    before = text("en")
    more = (*own_text._catalogue(), {"en": "A sentence that is new here.", "zh": "这里新加的一句话。"})
    monkeypatch.setattr(own_text, "_catalogue", lambda: more)
    assert text("en").replace("A sentence that is new here.\n", "") == before


def test_both_languages_say_the_same_in_the_same_order() -> None:
    pieces = own_text._pieces()
    assert len({piece["en"] for piece in pieces}) == len(pieces)
    order = sorted(pieces, key=lambda piece: own_text._place(1, piece["en"]))
    assert text("zh").startswith(order[0]["zh"])
    assert text("en").startswith(order[0]["en"])


def test_it_is_a_stream_of_characters_of_which_the_end_validates() -> None:
    made = prepare(OwnText().read(), Preparation(), seed=1)
    assert made.unit == "characters"
    assert made.facts.counts["train"] > 400
    assert made.facts.counts["validation"] > 100
    assert {"e", " ", "\n"} <= set(made.vocabularies["text"])
    assert len(made.vocabularies["text"]) < 200


def test_without_polib_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    own_text._catalogue.cache_clear()
    monkeypatch.setitem(sys.modules, "polib", None)
    with pytest.raises(Refusal, match="pip install polib"):
        OwnText().read()
