"""Texts are parted where a reader would part them, whatever they are written in."""

from __future__ import annotations

import importlib.util

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.preparation.tokens import LONGEST_TOKEN, characters, joined, tokens_of, words
from playground.text import Refusal


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("It's no good, don't!", "It's|no|good|,|don't|!"),
        ("it 's no good", "it|'s|no|good"),  # as parted already
        ("3.14 and 10,000", "3.14|and|10,000"),
        ("我爱GPT模型。", "我|爱|GPT|模|型|。"),
        ("café cafe\u0301", "café|cafe\u0301"),
        ("well-known…", "well|-|known|…"),
        ("Привет мир", "Привет|мир"),
        ("हिन्दी में", "हिन्दी|में"),
        ("a_b __x", "a|_|b|__|x"),
        ("👍🏽 👩‍👩‍👧", "👍🏽|👩‍👩‍👧"),
        ("one\u200btwo \u200b exam\u00adple\ufeff \u202eright", "one|two|example|right"),  # nobody sees them
        ("  \n\t ", ""),
    ],
)
def test_words(text: str, parts: str) -> None:
    assert words(text) == [part for part in parts.split("|") if part]


@given(st.text(max_size=60))
def test_characters_put_together_are_the_text(text: str) -> None:
    assert "".join(characters(text)) == text


@given(st.text(alphabet="aZé我猫3.,'’!?-_ \n", max_size=60))
def test_words_lose_nothing_but_spaces(text: str) -> None:
    assert "".join(words(text)) == "".join(text.split())


def test_accents_stay_with_their_letters() -> None:
    assert characters("cafe\u0301!") == ["c", "a", "f", "e\u0301", "!"]


def test_what_is_parted_already_is_taken_as_it_is() -> None:
    assert tokens_of(("New York", "is"), "characters") == ("New York", "is")
    assert tokens_of(("New York",), "words", lower=True) == ("new york",)


def test_endless_tokens_are_cut() -> None:
    assert tokens_of("x" * 10_000, "words") == ("x" * LONGEST_TOKEN,)


@pytest.mark.parametrize("text", ["The cat sat, didn't it?", "我在学习（深度）神经网络。", "Yes: 3.5 % of it!"])
def test_joined_words_read_as_before(text: str) -> None:
    assert joined(words(text), "words").replace(" %", "%") == text.replace(" %", "%")
    assert joined(characters(text), "characters") == text


@pytest.mark.skipif(importlib.util.find_spec("jieba") is not None, reason="jieba is installed")
def test_without_jieba_it_says_how_to_get_it() -> None:
    with pytest.raises(Refusal, match="pip install jieba"):
        tokens_of("我在学习", "jieba")
