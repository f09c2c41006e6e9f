"""Objects out of JSON, one after the other and within limits: one a line, or the elements of an array.

The file is decoded piece by piece, so that no more than one object is built of it at once, however it is nested.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from playground.data._lines import TextFile
from playground.data._places import split_in
from playground.data._values import glance
from playground.progress import progress
from playground.text import Sentence, say

LONGEST = 2**23
"""The most characters of one object."""

MOST_OBJECTS = 2**21

PIECE = 2**20
"""About how many characters are decoded before the text is cut anew."""

_SPACE = re.compile(r"[ \t\n\r]*")
_BETWEEN = re.compile(r"[ \t\n\r,]*")
_BROKEN = re.compile("[\ud800-\udfff\0]")
_DIGITS = 18


@dataclass(frozen=True)
class Found:
    """An object, the line that it begins in, and the split that it was listed under, if any."""

    line: int
    values: dict[str, Any]
    split: str = ""


def objects(file: TextFile) -> Iterator[Found]:
    """Yield the objects of a file; refuse with the line what is no JSON, and what holds no objects."""
    walk = _Walk(file)
    if walk.is_over():
        return
    if walk.at("["):
        walk.step()
        yield from walk.elements("]")
        return
    line = walk.here()
    first = walk.value()
    if isinstance(first, dict) and walk.is_over() and (lists := _lists(first)):
        for name, elements in _of_one_set(walk, lists).items():
            for element in elements:
                yield Found(line, element, split_in(name))
        return
    yield walk.found(first, line)
    yield from walk.elements("")


class _Walk:
    """A place in a text of JSON that goes on from value to value."""

    def __init__(self, file: TextFile) -> None:
        self._file, self._text = file, file.text
        self._place, self._line, self._counted = 0, 1, 0
        self._piece, self._begin = "", 0
        self._decoder = json.JSONDecoder(parse_int=_whole)

    def skip(self, what: re.Pattern[str]) -> None:
        """Go over what lies between values."""
        found = what.match(self._text, self._place)
        assert found is not None
        self._place = found.end()

    def at(self, sign: str) -> bool:
        """Whether a sign comes next."""
        return self._text.startswith(sign, self._place)

    def step(self) -> None:
        """Go over one sign."""
        self._place += 1

    def is_over(self) -> bool:
        """Whether nothing follows."""
        self.skip(_SPACE)
        return self._place >= len(self._text)

    def elements(self, end: str) -> Iterator[Found]:
        """Yield one object after the other, up to a sign or the end of the text."""
        n = 0
        while True:
            self.skip(_BETWEEN)
            if self._place >= len(self._text):
                if end:
                    raise self.wrong(say("the list is not closed; the file may be cut short"))
                return
            if end and self.at(end):
                self.step()
                if not self.is_over():
                    raise self.wrong(say("something follows the end of the list; remove it"))
                return
            n += 1
            if n > MOST_OBJECTS:
                raise self.wrong(say("there are more than {most} objects; choose a smaller file", most=MOST_OBJECTS))
            line = self.here()
            yield self.found(self.value(), line)
            if n % 1000 == 0:
                progress(self._place / len(self._text))

    def found(self, value: Any, line: int) -> Found:
        """Refuse what is no object."""
        if not isinstance(value, dict):
            text = glance(json.dumps(value, ensure_ascii=False)[:200])
            raise self._file.wrong(say("an object with fields is needed, not {value}", value=mended(text)), line)
        return Found(line, value)

    def value(self) -> Any:
        """Decode what comes next; refuse what is no JSON, too long or nested too deeply."""
        inside = self._place - self._begin
        if self._piece and 0 <= inside < len(self._piece):
            try:
                value, end = self._decoder.raw_decode(self._piece, inside)
            except (ValueError, RecursionError):
                pass  # it may only be cut here; it is tried once more from its beginning
            else:
                if end < len(self._piece) or self._is_last():
                    self._place = self._begin + end
                    return value
        return self._decoded()

    def _decoded(self) -> Any:
        """Decode a value from a piece that begins with it, larger ones where it does not end in there."""
        for size in (PIECE, LONGEST):
            self._begin, self._piece = self._place, self._text[self._place : self._place + size]
            try:
                value, end = self._decoder.raw_decode(self._piece)
            except RecursionError as error:
                raise self.wrong(say("lists or objects are nested too deeply in it; choose another file")) from error
            except json.JSONDecodeError as error:
                if self._is_last() or not _may_go_on(error, self._piece):
                    raise self.wrong(_said(error, self._piece), self._place + error.pos) from error
            else:
                if end < len(self._piece) or self._is_last():
                    self._place += end
                    return value
        raise self.wrong(say("an object is longer than {most} characters; choose another file", most=LONGEST))

    def _is_last(self) -> bool:
        return self._begin + len(self._piece) >= len(self._text)

    def here(self) -> int:
        """Return the line that the walk has got to."""
        return self.line_of(self._place)

    def line_of(self, place: int) -> int:
        """Return the line of a place; only asked for places further and further on."""
        self._line += self._text.count("\n", self._counted, place)
        self._counted = place
        return self._line

    def wrong(self, problem: Sentence, place: int | None = None) -> Exception:
        """Say what is wrong at a place, or where the walk has got to."""
        return self._file.wrong(problem, self.line_of(self._place if place is None else place))


def mended(value: str) -> str:
    """Return a string of a file as a text: what is half a character, or a NUL, is marked as unknown."""
    return _BROKEN.sub("\ufffd", value) if _BROKEN.search(value) else value


def _whole(digits: str) -> int | str:
    """Read a whole number; one with so many digits is a name."""
    return int(digits) if len(digits) <= _DIGITS else digits


def _may_go_on(error: json.JSONDecodeError, piece: str) -> bool:
    """Whether what is wrong in a piece may only be that it ends."""
    return error.msg.startswith("Unterminated string") or error.pos >= len(piece) - 16


def _said(error: json.JSONDecodeError, piece: str) -> Sentence:
    rest = glance(piece[error.pos : error.pos + 80], 40)
    if not rest or error.msg.startswith("Unterminated string"):
        return say("it ends too early, inside an object; the file may be cut short")
    return say("this is no JSON: {text}; correct the line", text=mended(rest))


def _lists(value: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Return the lists of objects in an object."""
    return {
        name: one
        for name, one in value.items()
        if isinstance(one, list) and one and all(isinstance(element, dict) for element in one)
    }


def _of_one_set(walk: _Walk, lists: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """Return the lists that are splits, or the only one there is."""
    if len(lists) > 1 and not all(map(split_in, lists)):
        names = ", ".join(glance(mended(name), 40) for name in list(lists)[:6])
        raise walk.wrong(say("it holds several lists: {names}; keep one of them", names=names))
    return lists
