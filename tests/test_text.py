"""Sentences: said once, read in the language of the moment."""

from __future__ import annotations

import gettext
import pickle

import pytest

from playground import text
from playground.text import Refusal, Sentence, count, note, say, set_language, system_language, tr


class Chinese(gettext.NullTranslations):
    """A catalogue of three entries."""

    known = {"{n} step": "{n} 步", "{node} is alone": "{node} 没有连线", "Dense": "全连接"}

    def gettext(self, message):
        return self.known.get(message, message)

    def ngettext(self, one, many, n):
        return self.known.get(one, one if n == 1 else many)


@pytest.fixture
def chinese(monkeypatch):
    monkeypatch.setattr(text, "_catalogue", lambda code: Chinese() if code == "zh" else gettext.NullTranslations())
    set_language("zh")


def test_a_sentence_is_filled_with_its_values():
    assert str(say("{node} is alone", node="dense_1")) == "dense_1 is alone"
    assert tr("{a} and {b}", a=1, b=2.5) == "1 and 2.5"
    assert str(Sentence("")) == ""


def test_whole_numbers_are_grouped_and_nothing_else_is():
    assert tr("{n}", n=1234567) == "1,234,567"
    assert tr("{n}", n=-1234) == "-1,234"
    assert tr("{a} {b} {c}", a=True, b=1234.5, c="12345") == "True 1234.5 12345"


def test_a_value_may_hold_braces_and_another_sentence():
    assert str(say("{first} (and more)", first=say("{x} is {y}", x="{odd}", y=1))) == "{odd} is 1 (and more)"


def test_numbers_choose_their_form():
    assert [str(count("{n} step", "{n} steps", n)) for n in (0, 1, 2, 1000)] == [
        "0 steps",
        "1 step",
        "2 steps",
        "1,000 steps",
    ]


def test_what_was_said_before_the_switch_is_read_in_the_new_language(chinese):
    sentence, counted = say("{node} is alone", node="dense_1"), count("{n} step", "{n} steps", 3)
    assert (str(sentence), str(counted)) == ("dense_1 没有连线", "3 步")
    set_language("en")
    assert (str(sentence), str(counted)) == ("dense_1 is alone", "3 steps")


def test_sentences_within_sentences_are_translated_too(chinese):
    assert str(say("{first}!", first=say("Dense"))) == "全连接!"


def test_a_noted_literal_stays_what_it_is_and_is_said_later(chinese):
    assert note("Dense") == "Dense"
    assert tr("Dense") == "全连接"


def test_a_refusal_reads_as_its_sentence(chinese):
    refusal = Refusal(say("{node} is alone", node="x"))
    assert str(refusal) == "x 没有连线"
    set_language("en")
    assert str(refusal) == "x is alone"


def test_sentences_travel_through_the_pipe():
    sentence = count("{n} step", "{n} steps", 2, extra=say("x"))
    assert pickle.loads(pickle.dumps(sentence)) == sentence
    assert hash(say("a", b=1)) == hash(say("a", b=1))


def test_an_unknown_language_means_english():
    set_language("tlh")
    assert text.language() == "en"


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANGUAGE": "en", "LANG": "zh_CN.UTF-8"}, "en"),
        ({"LC_ALL": "zh_TW"}, "zh"),
        ({"LC_ALL": "", "LANG": "zh"}, "zh"),
    ],
)
def test_the_language_of_the_system_is_guessed_as_gettext_does(monkeypatch, variables, expected):
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert system_language() == expected


def test_a_locale_the_platform_does_not_know_means_english(monkeypatch):
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)

    def unknown():
        raise ValueError("unknown locale")

    monkeypatch.setattr(text.locale, "getlocale", unknown)
    assert system_language() == "en"
