"""The texts of this program itself, in English or Chinese: running text for models of characters, always at hand.

They are read from the files that hold them, the presets and the translators' catalogue: every text of the program is
in the catalogue in both languages, help and lessons included.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from importlib import resources

from playground.data import MADE, Data, Examples, Source, column
from playground.data.grammar import SPOKEN
from playground.declare import choice, integer
from playground.facts import DataFacts
from playground.text import Refusal, note, say

SHORTEST = 3
"""How many words an English text has at least; shorter ones are names of things, not sentences."""

SHOWN = {
    "3": "n count number line row step steps epoch example second m most total low first known free need digits",
    "dense_1": "node block id other owner tensor there here source frozen nodes",
    "digits.npz": "file path folder images labels files packed",
    "label": "name column target field port label thing text what one columns names inputs outputs numbers",
    "28": "height width side",
    "28 × 28": "shape size sizes shapes axes",
    "0.5": "value share scale shift seconds time",
}
"""What stands in a text for a value that is only known when it is shown, by the names of such values."""

_FIELD = re.compile(r"\{(\w+)[^{}]*\}")
_BRACED = re.compile(r"_\{([^{}]*)\}")
"""An index of more than one sign, ``h_{t−1}``: as lessons write it, not as anybody reads it."""
_FILTER = re.compile(r"\s*\(\*[^)]*\)")
"""The pattern of names that a dialogue for files shows."""


class OwnText(Source):
    """The texts of this program, its lessons and its help, as running text for models of characters."""

    key = "own-text"
    title = note("Texts of this program")
    kind = note("Texts")
    licence = MADE

    language: str = choice("en", choices=SPOKEN, help="What the texts are in")
    seed: int = integer(1, high=2**31 - 1, help="Fixes the order of the pieces; the last ones validate")

    def read(self) -> Data:
        pieces = sorted(_pieces(), key=lambda piece: _place(self.seed, piece["en"]))
        text = "".join(piece[self.language] + "\n" for piece in pieces)
        facts = DataFacts(counts={"train": 1})
        return Data(facts, {"train": Examples({"text": column([text])}, {})}, running=True, unit="characters")


def _place(seed: int, text: str) -> bytes:
    """Return where a piece comes among the others: by chance, yet the same whatever others there are."""
    return sha256(f"{seed} {text}".encode()).digest()


def _pieces() -> list[dict[str, str]]:
    """Return the texts in both languages, none twice."""
    found = {piece["en"]: piece for piece in (*_lessons(), *_catalogue())}
    return [piece for piece in found.values() if all(piece.values())]


def _lessons() -> Iterator[dict[str, str]]:
    """Go through what the presets say of themselves."""
    for path in sorted(resources.files("presets").iterdir(), key=lambda path: path.name):
        if path.name.endswith(".json"):
            saved = json.loads(path.read_text(encoding="utf-8"))
            title, about = saved["title"], saved["about"]
            yield {language: _BRACED.sub(r"_\1", f"{title[language]}\n{about[language]}") for language in SPOKEN}


@cache
def _catalogue() -> tuple[dict[str, str], ...]:
    """Return the sentences of the catalogue, with examples where they have values."""
    try:
        import polib
    except ImportError as error:
        raise Refusal(
            say("The texts of this program are read with polib, which is not installed; run pip install polib")
        ) from error
    source = resources.files("playground").joinpath("locale", "zh.po").read_text(encoding="utf-8")
    entries = [entry for entry in polib.pofile(source) if not entry.obsolete]
    texts = ((entry.msgid_plural or entry.msgid, entry.msgstr or entry.msgstr_plural.get(0, "")) for entry in entries)
    pieces = ({"en": _filled(english), "zh": _filled(chinese)} for english, chinese in texts)
    return tuple(piece for piece in pieces if len(piece["en"].split()) >= SHORTEST)


def _filled(text: str) -> str:
    """Return a text as it could be shown; nothing where it has a value of which there is no example."""
    values = {name: value for value, names in SHOWN.items() for name in names.split()}
    if "%(" in text or any(field not in values for field in _FIELD.findall(text)):
        return ""
    return _FILTER.sub("", _FIELD.sub(lambda field: values[field[1]], text)).strip()
