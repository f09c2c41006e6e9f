"""Finding things by typing parts of their names: what the command palette and the block search rank by.

A query matches a text that holds its letters in order, so `lrn` finds *Local response normalisation*. Better
matches come first: the whole text, its beginning, the beginning of a word in it, the initials of its words, a piece
from inside, and last letters strewn about. Words of a query may come in any order.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import TypeVar

Item = TypeVar("Item")

WHOLE, PREFIX, WORD, INITIALS, INSIDE, STREWN = 6.0, 5.0, 4.0, 3.0, 2.0, 1.0
"""What each kind of match is worth; inside a kind, less than one point tells the better from the worse."""


def score(query: str, text: str) -> float | None:
    """Say how well a query matches a text: more is better, None is not at all, and an empty query fits anything."""
    words = _folded(query).split()
    if not words:
        return 0.0
    singles = [_score(word, text) for word in words]
    if None in singles:
        return None
    apart = sum(single for single in singles if single is not None) / len(singles)
    if len(words) == 1:
        return apart
    together = _score(" ".join(words), text)
    return apart if together is None or together < INSIDE else max(apart, together)


def best(query: str, items: Iterable[Item], key: Callable[[Item], str | Iterable[str]]) -> list[Item]:
    """Return the items that match, best first and else in their order; `key` gives an item's text, or several."""
    found = []
    for item in items:
        texts = key(item)
        texts = (texts,) if isinstance(texts, str) else texts
        scores = [value for text in texts if (value := score(query, text)) is not None]
        if scores:
            found.append((max(scores), item))
    found.sort(key=lambda pair: -pair[0])
    return [item for _, item in found]


def _score(word: str, text: str) -> float | None:
    letters, starts = _letters(text)
    if not _in_order(word, letters):
        return None
    # Of two texts that match alike the shorter one is meant, unless it is hardly shorter: then their order counts.
    short = round(len(word) / (len(letters) + 1), 1)
    if letters == word:
        return WHOLE
    if letters.startswith(word):
        return PREFIX + short
    at = letters.find(word)
    while at > 0:
        if at in starts:
            return WORD + short
        at = letters.find(word, at + 1)
    initials = "".join(letters[start] for start in sorted(starts))
    if len(word) > 1 and _in_order(word, initials):
        return INITIALS + short
    if word in letters:
        return INSIDE + short
    return STREWN * (0.9 * _closeness(word, letters, starts) + 0.09 * short)


def _closeness(word: str, letters: str, starts: frozenset[int]) -> float:
    """Return which part of the word's letters can stand at the start of a word or right after the one before."""
    reach = {-2: 0}  # where the last letter stands -> how many stood well, at best
    for letter in word:
        following: dict[int, int] = {}
        for place, value in reach.items():
            at = letters.find(letter, max(0, place + 1))
            while at >= 0:
                well = value + (at in starts or at == place + 1)
                following[at] = max(well, following.get(at, 0))
                at = letters.find(letter, at + 1)
        reach = following
    return max(reach.values()) / len(word)


def _in_order(word: str, letters: str) -> bool:
    at = -1
    return all((at := letters.find(letter, at + 1)) >= 0 for letter in word)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


@lru_cache(maxsize=4096)
def _letters(text: str) -> tuple[str, frozenset[int]]:
    """Return a text as it is compared, and where its words begin (`MaxPool2D` has three, 最大池化 has four)."""
    letters: list[str] = []
    starts = set()
    before = " "
    for char in " ".join(unicodedata.normalize("NFKC", text).split()):
        hump = (char.isupper() and not before.isupper()) or (char.isdigit() and not before.isdigit())
        wide = "\u2e80" <= char <= "\u9fff"
        if char.isalnum() and (not before.isalnum() or hump or wide):
            starts.add(len(letters))
        letters += char.casefold()
        before = char
    return "".join(letters), frozenset(starts)
