"""Parting texts into tokens, words or characters, and putting them together again."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache

from playground.text import Refusal, say

LONGEST_TOKEN = 100
"""A longer token is cut: it is no word, and nobody could read it."""

CJK = "\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
"""Scripts that are written without spaces: each of their characters counts as a word."""

MARKS = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0900-\u0903\u093a-\u094f"
    "\u0e31-\u0e4e\u20d0-\u20ff"
)
JOINERS = "\u200d\ufe0e\ufe0f\U0001f3fb-\U0001f3ff"
"""What belongs to the character before it: accents and vowel signs; variants and tones of skin of pictures."""

UNSEEN = "\u00ad\u200e\u200f\u202a-\u202e\u2060-\u2064\ufeff"
"""What nobody sees: soft hyphens, marks of the direction of writing and of the order of bytes. It parts no word."""

_LETTER = f"[^\\W_{CJK}{MARKS}]"
_WORD = re.compile(
    rf"\d+(?:[.,]\d+)*"  # numbers
    rf"|(?<!\S)['’][a-z]{{1,2}}\b"  # what texts that are parted already make of “it’s”
    rf"|{_LETTER}(?:{_LETTER}|[{MARKS}])*(?:['’]{_LETTER}+)*"  # words
    rf"|[{CJK}][{MARKS}]*"
    rf"|_+|[^\w\s\u200b](?:[{MARKS}{JOINERS}]|(?<=\u200d)[^\w\s])*"  # signs, pictures; no space without width
)
_CHARACTER = re.compile(rf"(?s:.)(?:[{MARKS}{JOINERS}]|(?<=\u200d).)*")
_UNSEEN = re.compile(f"[{UNSEEN}]")
_JOINED = re.compile(f"[{MARKS}{JOINERS}]")


def words(text: str) -> list[str]:
    """Part a text into words, numbers and signs; each Chinese character is a word."""
    return _WORD.findall(text if text.isascii() else _UNSEEN.sub("", text))


def characters(text: str) -> list[str]:
    """Part a text into what a reader takes for characters: accents stay with their letters."""
    return _CHARACTER.findall(text) if _JOINED.search(text) else list(text)


def chinese_words(text: str) -> list[str]:
    """Part a Chinese text into words by the dictionary of jieba, where it is installed."""
    return [word for word in _jieba()(text) if not word.isspace()]


UNITS: dict[str, Callable[[str], list[str]]] = {"words": words, "characters": characters, "jieba": chinese_words}


def tokens_of(text: str | tuple[str, ...], unit: str, lower: bool = False) -> tuple[str, ...]:
    """Return the tokens of a text by one of `UNITS`; a tuple has been parted already."""
    found: Iterable[str] = UNITS[unit](text) if isinstance(text, str) else text
    if lower:
        return tuple(token.lower()[:LONGEST_TOKEN] for token in found)
    return tuple(token[:LONGEST_TOKEN] for token in found)


def joined(tokens: Iterable[str], unit: str) -> str:
    """Write tokens as a text again: spaces between words, but not around Chinese or before full stops."""
    tokens = list(tokens)
    if unit == "characters":
        return "".join(tokens)
    text = " ".join(tokens)
    text = re.sub(rf"(?<=[{CJK}，。！？；：、（）《》“”]) | (?=[{CJK}，。！？；：、（）《》“”])", "", text)
    return re.sub(r" (?=[.,!?;:%)\]}])|(?<=[(\[{]) ", "", text)


@cache
def _jieba() -> Callable[[str], list[str]]:
    try:
        import jieba
    except ImportError as error:
        raise Refusal(
            say("Chinese words are told apart with jieba, which is not installed; run pip install jieba")
        ) from error
    import logging

    jieba.setLogLevel(logging.WARNING)
    cut: Callable[[str], list[str]] = jieba.lcut
    return cut
