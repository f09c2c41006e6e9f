"""Texts from files: decoded, their lines ended alike, read within limits, with sentences for what cannot be read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from playground.data._encoding import (
    AUTO,
    HoldsNul,
    NotInEncoding,
    TextStream,
    TooLong,
    decoder_of,
    encoding_of,
    is_in,
    not_all_in,
    said,
)
from playground.data._places import most_of, opened, too_large, wrong
from playground.progress import progress
from playground.text import Refusal, Sentence, say

LARGEST = 2**28
"""The most bytes of text that are read of one file."""

HEAD = 2**20
"""How many bytes of a file are looked at to tell what it is."""

_CONTROLS = re.compile(r"[\x01-\x08\x0e-\x19\x1c-\x1f\x7f]")


@dataclass(frozen=True)
class TextFile:
    """What a file of text holds.

    Attributes:
        path: the file.
        text: all of it, without the mark of its encoding, lines ended by line feeds.
        encoding: what it was read as.
    """

    path: Path
    text: str
    encoding: str

    @property
    def lines(self) -> list[str]:
        """The lines; an end of line at the very end begins no other."""
        lines = self.text.split("\n")
        return lines[:-1] if lines[-1] == "" else lines

    def told(self) -> tuple[Sentence, ...]:
        """Say which encoding was detected, where it is not the usual one."""
        sentence = said(self.encoding)
        return (sentence,) if sentence else ()

    def wrong(self, problem: Sentence, line: int) -> Exception:
        """Say what is wrong in a line, counted from 1."""
        return wrong(self.path, problem, line)


def read_text(path: Path, encoding: str = AUTO, most: int = LARGEST) -> TextFile:
    """Read a text, perhaps compressed; refuse with file and line what is none, or is too large."""
    limit = most_of(path, most)
    pieces: list[bytes] = []
    length, lines = 0, 0
    with opened(path) as file:
        size = max(1, path.stat().st_size)
        stream = TextStream(file, encoding, limit)
        try:
            for piece in stream.pieces():
                pieces.append(piece)
                length += len(piece)
                lines += piece.count(b"\n")
                progress(length / size)
        except NotInEncoding as error:
            raise wrong(path, not_all_in(error.encoding), lines + error.lines + 1) from error
        except HoldsNul as error:
            problem = say("it holds a NUL, so it is no text; choose another file")
            raise wrong(path, problem, lines + error.lines + 1) from error
        except TooLong as error:
            raise too_large(path, limit) from error
    return TextFile(path, b"".join(pieces).decode(), stream.encoding)


def head_of(path: Path, encoding: str = AUTO) -> str:
    """Return the whole lines that a text begins with; nothing where a file is no text or cannot be read."""
    try:
        return head_text(path, encoding)[0]
    except Refusal:
        return ""


def head_text(path: Path, encoding: str = AUTO) -> tuple[str, str, bool]:
    """Return what a file begins with, its encoding, and whether this is all; refuse what is no text.

    It ends with a whole line where there is one.
    """
    with opened(path) as file:
        head = file.read(HEAD)
        complete = len(head) < HEAD
    if not head:
        raise wrong(path, say("it is empty; choose another file"))
    if encoding == AUTO:
        encoding = encoding_of(head)
    if not is_in(head, encoding):
        raise _mixed(path, head, encoding)
    text = decoder_of(encoding, head).decode(head)
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if not complete and "\n" in text:
        text = text[: text.rfind("\n") + 1]
    if (at := text.find("\0")) >= 0:
        raise wrong(path, say("it holds a NUL, so it is no text; choose another file"), text.count("\n", 0, at) + 1)
    if len(found := _CONTROLS.findall(text[:65_536])) * 100 > len(text[:65_536]):
        raise wrong(path, say("it is no text: it holds {n} control characters; choose another file", n=len(found)))
    return text, encoding, complete


def _mixed(path: Path, head: bytes, encoding: str) -> Exception:
    try:
        decoder_of(encoding, head).decode(head)
    except UnicodeDecodeError as error:
        line = head.count(b"\n", 0, error.start) + 1
    return wrong(path, not_all_in(encoding), line)
