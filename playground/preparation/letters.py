"""Spelling words out: the letters of each word as an input of its own, so that words never seen before can be read too.

Of a word that is longer than is asked for, its beginning and its end are read: that is where its form is told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from playground.preparation.tokens import characters
from playground.text import Refusal, say

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]
    Tokens = tuple[str, ...]

LETTERS = "letters"
"""What the input of letters is called."""

PAD, UNKNOWN = "<pad>", "<unk>"
"""The first letters of an alphabet: nothing, and one never seen."""

LARGEST = 2**29
"""The most numbers that all letters together may take; as int32 2 GiB."""


def alphabet_of(texts: Iterable[Tokens], rarest: int, most: int) -> Tokens:
    """Return the letters of these words, the most frequent first, ties in their own order; rare ones are unknown."""
    words: Counter[str] = Counter()
    for text in texts:
        words.update(text)
    found: Counter[str] = Counter()
    for word, n in words.items():
        for letter in characters(word):
            found[letter] += n
    ranked = sorted((-n, letter) for letter, n in found.items() if n >= rarest)
    return PAD, UNKNOWN, *(letter for _, letter in ranked[:most])


def spelt(word: str, most: int) -> list[str]:
    """Return the letters of a word; of a long one so many from both ends."""
    letters = characters(word)
    if len(letters) <= most:
        return letters
    last = most // 2
    return letters[: most - last] + letters[len(letters) - last :]


def written(numbers: Sequence[int] | Array, alphabet: Tokens) -> str:
    """Return the word that numbers of letters spell; … stands where letters of a long one may be left out."""
    letters = ["□" if k == 1 else alphabet[k] for k in numbers if k]
    if len(letters) == len(numbers) > 1:
        letters.insert(len(letters) - len(letters) // 2, "…")
    return "".join(letters)


class Speller:
    """Writes words as numbers of letters, `most` of each; every different word is spelt once."""

    def __init__(self, alphabet: Tokens, most: int) -> None:
        self._numbers: Mapping[str, int] = {letter: at for at, letter in enumerate(alphabet) if at > 1}
        self._most = most
        self._words: dict[str, int] = {}
        self._table: list[list[int]] = [[0] * most, [1] + [0] * (most - 1)]
        """The rows of no word and of what only fills up, then those of the words."""

    def rows(self, texts: Sequence[Tokens], steps: int, at_end: bool) -> Array:
        """Return the letters of texts, int32 (n, steps, letters), cut and filled up as the texts themselves are."""
        import numpy as np

        if len(texts) * steps * self._most > LARGEST:
            n = len(texts) * steps * self._most
            raise Refusal(say("The letters of all words would take {n} numbers; read fewer of each word", n=n))
        places = np.full((len(texts), steps), 0 if at_end else 1, dtype=np.int64)
        for at, text in enumerate(texts):
            row = [self._place(word) for word in text[:steps]]
            if at_end:
                places[at, : len(row)] = row
            else:
                places[at, steps - len(row) :] = row
        return np.array(self._table, dtype=np.int32)[places]

    def _place(self, word: str) -> int:
        if word not in self._words:
            numbers = [self._numbers.get(letter, 1) for letter in spelt(word, self._most)] or [1]
            self._words[word] = len(self._table)
            self._table.append(numbers + [0] * (self._most - len(numbers)))
        return self._words[word]
