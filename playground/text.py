"""Sentences that people read, kept apart from the language they are read in.

The core has no Qt and yet speaks to people: problems, help, failures. It makes a `Sentence` (a literal
English template and its values) wherever it has something to say; only the reader turns it into a string,
in the language of that moment. So switching the language re-labels what was said before the switch, and a
sentence that comes out of the engine process is read in the language of the window.

Catalogues are gettext's: `locale/zh.po` is the only file a translator touches. It is compiled in memory when
its language is first used, so there is no second file to fall out of step. Four markers make a literal
translatable, and the test of translations collects exactly these: ``say("…")``, ``count("…", "…", n)``,
``tr("…")`` and ``note("…")``, plus the labels, helps and docstrings of everything declared.
"""

from __future__ import annotations

import gettext
import io
import locale
import os
from dataclasses import dataclass
from functools import cache
from importlib import resources

LANGUAGES = {"en": "English", "zh": "简体中文"}


@dataclass(frozen=True, slots=True)
class Sentence:
    """One thing to tell the reader: a template in English and the values that fill it."""

    template: str
    values: tuple[tuple[str, object], ...] = ()
    plural: str | None = None
    number: int = 1

    def __str__(self) -> str:
        catalogue = _catalogue(language())
        if self.plural is None:
            template = catalogue.gettext(self.template) if self.template else ""
        else:
            template = catalogue.ngettext(self.template, self.plural, self.number)
        return template.format(**{name: _readable(value) for name, value in self.values})


class Refusal(Exception):
    """Something that was asked for cannot be done; the sentence says why and what to do instead."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence)
        self.sentence = sentence

    def __str__(self) -> str:
        return str(self.sentence)


def say(template: str, **values: object) -> Sentence:
    """Make a sentence from a literal template: ``say("{name} has no input", name="dense_1")``."""
    return Sentence(template, tuple(values.items()))


def count(one: str, many: str, number: int, **values: object) -> Sentence:
    """Make a sentence that depends on a number, available to both templates as ``{n}``."""
    return Sentence(one, (("n", number), *values.items()), many, number)


def tr(template: str, **values: object) -> str:
    """Say a literal template in the present language, as a string."""
    return str(Sentence(template, tuple(values.items())))


def note(template: str) -> str:
    """Mark a literal as translatable where it is written down but not yet said (it returns it unchanged)."""
    return template


def language() -> str:
    """Return the language being read now: a key of `LANGUAGES`."""
    return _current


def set_language(code: str) -> None:
    """Read everything in another language from now on; an unknown code means English."""
    global _current
    _current = code if code in LANGUAGES else "en"


def system_language() -> str:
    """Guess the reader's language from the environment, as gettext does."""
    for variable in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(variable):
            return "zh" if value.lower().startswith("zh") else "en"
    try:
        guess = locale.getlocale()[0] or ""
    except ValueError:  # a locale the platform does not know
        guess = ""
    return "zh" if guess.lower().startswith(("zh", "chinese")) else "en"


_current = "en"


def _readable(value: object) -> object:
    """Group the digits of whole numbers (48,120); leave everything else to its own ``str``."""
    if isinstance(value, bool) or not isinstance(value, int):
        return value
    return f"{value:,}"


@cache
def _catalogue(code: str) -> gettext.NullTranslations:
    if code == "en":
        return gettext.NullTranslations()
    try:
        import polib  # only readers of another language pay for it
    except ImportError:  # before the first run has installed anything
        return gettext.NullTranslations()

    source = resources.files("playground").joinpath("locale", f"{code}.po").read_text(encoding="utf-8")
    return gettext.GNUTranslations(io.BytesIO(polib.pofile(source).to_binary()))
