"""What is typed after the name of a block: ``conv 6 5 p2`` is a Conv2D with six kernels of 5×5 and padding 2.

Bare numbers fill the block's numbers in the order in which it declares them. A letter or a name before a number
(``p2``, ``padding 2``, ``padding=2``) says which is meant, ``5x3`` is a height and a width, ``no bias`` switches off.
What is not understood changes nothing and is told.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from playground.block import CATALOGUE, Block
from playground.declare import AUTO, Parameter
from playground.text import Refusal, Sentence, language, say

NUMBER = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?%?"
VALUE = re.compile(rf"(?:{NUMBER})(?:[x×*]{NUMBER})?")
LETTERED = re.compile(rf"([^\W\d]+)[=:]?({VALUE.pattern})")
"""A parameter, or how it begins, with its value: ``p2``, ``k=5``."""
NUMERIC = ("integer", "number", "sides")
"""Kinds of parameters that bare numbers fill."""
NO = ("no", "without", "不要", "无")


@dataclass(frozen=True)
class Typed:
    """A block as it was typed.

    Attributes:
        block: with what was understood set.
        given: the names of the parameters that were set, in the order of declaration.
        ignored: the words that were not understood.
        wrong: why a value that was understood cannot be, if one cannot.
    """

    block: Block
    given: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    wrong: Sentence | None = None

    def told(self) -> str:
        """Say what was set: what the block's card would show, then the rest by name."""
        summary = self.block.summary()
        shown = [summary] if summary else []
        for name in self.given:
            if name not in self._summarised:
                parameter = self.block.parameters[name]
                shown.append(f"{Sentence(parameter.label)} {_written(parameter, getattr(self.block, name))}")
        return " · ".join(shown)

    @property
    def _summarised(self) -> set[str]:
        """The parameters that can be read from what the card shows: with another value it would show another."""
        shown = self.block.summary()
        return {
            name
            for name in self.given
            if self.block.replace(**{name: _another(self.block.parameters[name], getattr(self.block, name))}).summary()
            != shown
        }


def split(text: str) -> tuple[str, str]:
    """Split what was typed into the name that is looked for and what is said after it."""
    words = _words(text)
    for i, word in enumerate(words):
        if i and (_is_value(word) or word in _vocabulary(language())):
            return " ".join(words[:i]), " ".join(words[i:])
    return text, ""


def numbers_of(block: Block) -> tuple[str, ...]:
    """Return the parameters that bare numbers fill, in their order."""
    return tuple(name for name, parameter in block.parameters.items() if parameter.kind in NUMERIC)


def filled(block: Block, rest: str) -> Typed:
    """Set what was typed after the name of a block; what is out of bounds is told and left as it was."""
    return _Filling(block).carry_out(_words(rest))


@dataclass
class _Filling:
    block: Block
    values: dict[str, Any] = field(default_factory=dict)
    ignored: list[str] = field(default_factory=list)
    wrong: Sentence | None = None

    def carry_out(self, words: list[str]) -> Typed:
        queue = list(words)
        while queue:
            self._take(queue)
        block = self.block.replace(**self.values) if self.values else self.block
        given = tuple(name for name in block.parameters if name in self.values)
        return Typed(block, given, tuple(self.ignored), self.wrong)

    def _take(self, queue: list[str]) -> None:
        """Understand the first word, with the one after it where they belong together."""
        word = queue.pop(0)
        if word in NO and queue and (name := self._named(queue[0], "switch")):
            queue.pop(0)
            self.values[name] = False
        elif VALUE.fullmatch(word) or word == AUTO:
            self._set(self._next(word), word, word)
        elif (found := LETTERED.fullmatch(word)) and (name := self._named(found[1])):
            self._set(name, found[2], word)
        elif name := self._named(word, "switch"):
            self.values[name] = True
        elif queue and (name := self._named(word)) and self._fits(name, queue[0]):
            value = queue.pop(0)
            self._set(name, value, f"{word} {value}")
        else:
            self.ignored.append(word)

    def _next(self, word: str) -> str:
        """Return the parameter that a bare number fills: the first that has none yet."""
        free = (name for name in numbers_of(self.block) if name not in self.values)
        return next((name for name in free if word != AUTO or self.block.parameters[name].auto), "")

    def _named(self, word: str, *kinds: str) -> str:
        """Return the parameter that is called so, or whose name begins so."""
        fitting = {
            name: names
            for name, names in _names(type(self.block), language()).items()  # type: ignore[arg-type]  # as in block.py
            if not kinds or self.block.parameters[name].kind in kinds
        }
        whole = (name for name, names in fitting.items() if word in names)
        begun = (name for name, names in fitting.items() if any(one.startswith(word) for one in names))
        return next(whole, "") or ("" if kinds and len(word) < 2 else next(begun, ""))

    def _fits(self, name: str, value: str) -> bool:
        parameter = self.block.parameters[name]
        if parameter.kind in NUMERIC:
            return bool(VALUE.fullmatch(value)) or (value == AUTO and bool(parameter.auto))
        return parameter.kind == "words" or (parameter.kind == "choice" and value in parameter.choices)

    def _set(self, name: str, value: str, said: str) -> None:
        parameter = self.block.parameters.get(name)
        if parameter is None:
            self.ignored.append(said)
            return
        try:
            read = parameter.read(_number(value) if parameter.kind in NUMERIC else value)
            self.block.replace(**{**self.values, name: read})
        except Refusal as refusal:
            self.wrong = self.wrong or refusal.sentence
            self.ignored.append(said)
        else:
            self.values[name] = read


def not_understood(typed: Typed) -> Sentence | None:
    """Say what of the words after the name changes nothing, and why."""
    if not typed.ignored:
        return None
    if typed.wrong is not None:
        return typed.wrong
    return say("not understood: {words}", words=", ".join(typed.ignored))


def _number(value: str) -> Any:
    """Turn what was typed into what a parameter reads: a number, a pair of them, or ``auto``."""
    if value == AUTO:
        return value
    parts = [float(part[:-1]) / 100 if part.endswith("%") else float(part) for part in re.split("[x×*]", value)]
    if any(abs(part) > 1e15 for part in parts):
        parts = [1e15 for _ in parts]  # out of every bound
    return parts[0] if len(parts) == 1 else parts


def _words(text: str) -> list[str]:
    """Take a text apart: at spaces, commas and the @ of ``6@5×5``."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return [word for word in re.split(r"[\s,;@()]+", plain) if word]


def _is_value(word: str) -> bool:
    """Whether a word is a number, with a letter before it perhaps; `conv2d` is none, nor is `l2`."""
    if VALUE.fullmatch(word) or word == AUTO:
        return True
    found = LETTERED.fullmatch(word)
    return found is not None and found[1] in _beginnings(language())


def _another(parameter: Parameter, value: Any) -> Any:
    """Return another value that a parameter can have."""
    if parameter.kind == "switch":
        return not value
    if parameter.kind == "choice":
        return next((one for one in parameter.choices if one != value), value)
    if parameter.kind == "words":
        return "" if value else "?"
    if value == AUTO:
        return parameter.low
    if parameter.kind == "sides":
        return tuple(_another_number(parameter, side) for side in value)
    return _another_number(parameter, value)


def _another_number(parameter: Parameter, value: float) -> float:
    return parameter.low if value != parameter.low else parameter.high


def _written(parameter: Parameter, value: Any) -> str:
    if parameter.kind == "sides":
        return f"{value[0]}×{value[1]}" if value[0] != value[1] else str(value[0])
    if parameter.kind == "switch":
        return "✓" if value else "–"
    if parameter.kind == "choice":
        return str(parameter.label_of(value))
    return f"{value:g}" if isinstance(value, float) else str(value)


@cache
def _names(block: type[Block], spoken: str) -> dict[str, tuple[str, ...]]:
    """Say by which words each parameter of a block goes, in English and in the present language."""
    return {name: tuple(_called(name, parameter)) for name, parameter in block.parameters.items()}


def _called(name: str, parameter: Parameter) -> Iterator[str]:
    yield name
    yield from (word for word in (parameter.label.casefold(), str(Sentence(parameter.label)).casefold()) if word)


@cache
def _vocabulary(spoken: str) -> frozenset[str]:
    """Return every word that names a parameter of some block."""
    blocks = CATALOGUE.values()
    found = {
        word
        for block in blocks
        for names in _names(block, spoken).values()  # type: ignore[arg-type]  # as in block.py
        for word in names
    }
    return frozenset(found | set(NO))


@cache
def _beginnings(spoken: str) -> frozenset[str]:
    """Return whatever may stand before a number: the words of the vocabulary and how they begin."""
    return frozenset(word[:n] for word in _vocabulary(spoken) for n in range(1, len(word) + 1))
