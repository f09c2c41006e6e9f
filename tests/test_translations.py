"""Every text is there in English and in Chinese, and says the same with the same values."""

from __future__ import annotations

import string
from importlib import resources

import polib
import pytest

from playground.text import Sentence, count, language, note, say, set_language, tr
from tests import texts


@pytest.fixture(scope="module")
def catalogue() -> dict[str, polib.POEntry]:
    source = resources.files("playground").joinpath("locale", "zh.po").read_text(encoding="utf-8")
    return {entry.msgid: entry for entry in polib.pofile(source) if not entry.obsolete}


def test_every_text_has_a_chinese_translation(catalogue: dict[str, polib.POEntry]) -> None:
    missing = [f"{place}: {text}" for text, place in texts.all_texts().items() if not _translated(catalogue, text)]
    assert not missing, "texts without a translation in playground/locale/zh.po:\n" + "\n".join(missing)


def test_the_catalogue_holds_nothing_that_is_no_longer_said(catalogue: dict[str, polib.POEntry]) -> None:
    said = texts.all_texts()
    assert [id for id in catalogue if id not in said] == []


def test_translations_use_the_values_of_the_original(catalogue: dict[str, polib.POEntry]) -> None:
    for id, entry in catalogue.items():
        for translation in [entry.msgstr, *entry.msgstr_plural.values()]:
            if translation:
                assert _fields(translation) <= _fields(id) | _fields(entry.msgid_plural or ""), id
                if not entry.msgid_plural:
                    assert _fields(translation) == _fields(id), id


def test_markers_are_only_given_literals() -> None:
    assert texts.unmarked_arguments() == []


def test_a_sentence_is_read_in_the_language_of_the_moment() -> None:
    sentence = say("there is no node called {id}", id="dense_1")
    english = str(sentence)
    set_language("zh")
    assert language() == "zh"
    assert str(sentence) != english
    assert "dense_1" in str(sentence)


def test_an_unknown_language_is_english_and_unknown_texts_stay_as_they_are() -> None:
    set_language("xx")
    assert language() == "en"
    set_language("zh")
    assert str(Sentence("nobody ever wrote this {n}", (("n", 12345),))) == "nobody ever wrote this 12,345"


def test_numbers_choose_the_plural() -> None:
    one, many = "{n} wug", "{n} wugs"
    assert str(count(one, many, 1)) == "1 wug"
    assert str(count(one, many, 2000)) == "2,000 wugs"
    assert note("as it is") == "as it is"
    assert tr("{a} and {b}", a=1, b=True) == "1 and True"


def _translated(catalogue: dict[str, polib.POEntry], text: str) -> bool:
    entry = catalogue.get(text) or next((e for e in catalogue.values() if e.msgid_plural == text), None)
    return entry is not None and bool(entry.msgstr or (all(entry.msgstr_plural.values()) and entry.msgstr_plural))


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}
