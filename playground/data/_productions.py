"""Grammars that make sentences of tagged words: a notation for rules, and drawing a sentence from them.

A rule is a name, ``=`` and its alternatives, parted by ``|`` or the end of a line; a number before one says how many
times as often as others it is taken. ``@name`` is another rule, ``@name?`` one in every three times; anything else is
a word with its tag, ``that/PRON``, and that of an entity, ``of/ADP/I-ORG``. A word that has one tag only may spare it;
``()`` is no word at all. A list of words is a name with its tag, ``:`` and the words: ``city/PROPN/LOC: Paris
New_York``, with the kind of entity where they name one; ``_`` parts the words of one entry.

A list called ``*`` makes a rule of each of its words; a line that begins with blanks goes on with the one before.
Words that change their form are asked for by it: ``@walk.ed``. A rule that is asked for by a form hands it on at
``~``: from ``stroll = @walk~ in the @park``, ``@stroll.ed`` makes “walked in the park”.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

OUTSIDE = "O"
"""The tag of a word that belongs to no named entity."""


NOTHING = "()"
"""In a rule: no word at all."""


@dataclass(frozen=True)
class Word:
    """A word of a sentence, its part of speech, and what part of which kind of named entity it is (IOB2)."""

    form: str
    tag: str
    entity: str = OUTSIDE


@dataclass(frozen=True)
class Call:
    """Where a rule asks for another: by which form, if any, whether that is its own, and whether always."""

    rule: str
    form: str
    inherits: bool
    optional: bool


Inflect = Callable[[str, str], Mapping[str, str]]
"""Returns the forms of a word with a tag, by their names."""


class Grammar:
    """Rules by name, from which sentences are drawn."""

    def __init__(self, rules: str, words: str, inflect: Inflect | None = None) -> None:
        self.rules: dict[str, tuple[list[int], list[tuple[Word | Call, ...]]]] = {}
        self._tags: dict[str, str] = {}
        for tag, forms in map(_halves, words.strip().splitlines()):
            self._tags.update(dict.fromkeys(forms.split(), tag))
        head, sign = "", "="
        for line in filter(None, (line.partition("#")[0].rstrip() for line in rules.splitlines())):
            rest = line
            if not line.startswith(" "):
                sign = "=" if " = " in line else ":"
                head, _, rest = line.partition(sign)
            if sign == ":":
                self._list(head, rest, inflect)
                continue
            for alternative in filter(None, map(str.split, rest.split("|"))):
                self._add(head.strip(), alternative)

    @property
    def tags(self) -> set[str]:
        """The parts of speech of all words."""
        return {word.tag for word in self._words()}

    @property
    def entities(self) -> set[str]:
        """The tags of entities of all words."""
        return {word.entity for word in self._words()}

    def draw(self, random: Random, start: str = "sentence") -> list[Word]:
        """Return a sentence."""
        made: list[Word] = []
        self._expand(start, "", random, made)
        return made

    def _words(self) -> list[Word]:
        return [item for _, made in self.rules.values() for items in made for item in items if isinstance(item, Word)]

    def _expand(self, rule: str, form: str, random: Random, made: list[Word]) -> None:
        weights, alternatives = self.rules.get(rule + form) or self.rules[rule]
        for item in alternatives[bisect(weights, random.random() * weights[-1])]:
            if isinstance(item, Word):
                made.append(item)
            elif not item.optional or random.random() < 1 / 3:
                self._expand(item.rule, form if item.inherits else item.form, random, made)

    def _add(self, name: str, items: list[str]) -> None:
        weight = int(items.pop(0)) if items[0].isdigit() else 1
        self._put(name, tuple(self._item(item) for item in items if item != NOTHING), weight)

    def _put(self, name: str, items: tuple[Word | Call, ...], weight: int = 1) -> None:
        weights, alternatives = self.rules.setdefault(name, ([], []))
        weights.append(weight + (weights[-1] if weights else 0))
        alternatives.append(items)

    def _item(self, item: str) -> Word | Call:
        if not item.startswith("@"):
            form, *marks = item.split("/")
            return Word(form, *(marks or (self._tags[form],)))
        name = item[1:].removesuffix("?")
        rule, dot, form = name.removesuffix("~").partition(".")
        return Call(rule, dot + form, name.endswith("~"), item.endswith("?"))

    def _list(self, head: str, entries: str, inflect: Inflect | None) -> None:
        name, tag, kind = (*head.split("/"), "")[:3]
        for entry in entries.split():
            for form, text in {"": entry, **(inflect(entry, tag) if inflect else {})}.items():
                parts = text.split("_")
                rule = entry if name == "*" else name
                self._put(rule + form, tuple(Word(part, tag, _entity(kind, at)) for at, part in enumerate(parts)))


def _entity(kind: str, at: int) -> str:
    if not kind or kind[:2] == "I-":
        return kind or OUTSIDE
    return f"{'I' if at else 'B'}-{kind}"


def _halves(line: str) -> tuple[str, str]:
    tag, _, rest = line.partition(":")
    return tag.strip(), rest
