"""In which encoding a text is written: UTF-8 first, the others by small rules, and said wherever it was guessed.

The rules look at the beginning of a file only. A detector that knows a hundred encodings (charset-normalizer was
tried) guesses more of them, and more of them wrong: on the few accents in a table's head it is mostly chance. What is
not told apart here (cp1251, Big5, Shift-JIS…) can be chosen by hand.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import BinaryIO

from playground.text import Sentence, note, say

AUTO = "auto"

ENCODINGS = {
    AUTO: note("detect"),
    "utf-8": "UTF-8",
    "utf-16": "UTF-16",
    "gb18030": note("Chinese, simplified (GB18030)"),
    "big5": note("Chinese, traditional (Big5)"),
    "shift_jis": note("Japanese (Shift-JIS)"),
    "euc_kr": note("Korean (EUC-KR)"),
    "cp1252": note("Western (Windows-1252)"),
    "cp1250": note("Central European (Windows-1250)"),
    "cp1251": note("Cyrillic (Windows-1251)"),
}
"""What a person can choose."""

_NAMES = {"utf-16-le": "UTF-16", "utf-16-be": "UTF-16", "utf-32": "UTF-32", "latin-1": "ISO-8859-1"}

_BOMS = (  # the marks of UTF-32 begin with those of UTF-16
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

_HIGH = re.compile(rb"[\x80-\xff]+")
_COMMON_CHINESE = re.compile(rb"[\xa1-\xa3\xb0-\xd7][\xa1-\xfe]")
"""The characters of daily use and the punctuation in GB 2312, which GB18030 keeps where they were."""


def encoding_of(head: bytes) -> str:
    """Guess the encoding from the first bytes of a file, which may end within a character; never fails."""
    for mark, name in _BOMS:
        if head.startswith(mark):
            return name
    if wide := _wide(head):
        return wide
    if head.isascii() or is_in(head, "utf-8") or _is_damaged_utf_8(head):
        return "utf-8"
    if _is_chinese(head) and is_in(head, "gb18030"):
        return "gb18030"
    return "cp1252" if is_in(head, "cp1252") else "latin-1"


def is_in(data: bytes, encoding: str) -> bool:
    """Whether bytes are a text in this encoding, its last character perhaps cut off."""
    try:
        decoder_of(encoding, data).decode(data)
    except UnicodeError:
        return False
    return True


def decoder_of(encoding: str, head: bytes) -> codecs.IncrementalDecoder:
    """Return what decodes a file that begins like this; UTF-16 may lack its mark, which Python's decoder demands."""
    if encoding == "utf-16" and not head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = _wide(head) or "utf-16-le"
    return codecs.getincrementaldecoder(encoding)()


def said(encoding: str) -> Sentence | None:
    """Say which encoding was found; nothing of the one that is expected."""
    if encoding == "utf-8":
        return None
    name = _NAMES.get(encoding) or Sentence(ENCODINGS.get(encoding, encoding))
    return say("The text is not in UTF-8 but, as it seems, in this encoding: {name}", name=name)


def not_all_in(encoding: str) -> Sentence:
    """Say that some character is in no known encoding, or in another than the rest."""
    return say("it is not all in the same encoding, {encoding}; save it as UTF-8", encoding=encoding)


def _wide(head: bytes) -> str:
    """Recognise UTF-16 without a mark: in most texts every second byte is then 0, on one side."""
    even, odd = head[::2].count(0), head[1::2].count(0)
    if len(head) < 2 or max(even, odd) * 4 < len(head) or min(even, odd) * 100 > len(head):
        return ""
    return "utf-16-le" if odd > even else "utf-16-be"


def _is_damaged_utf_8(head: bytes) -> bool:
    """Whether most of what is no ASCII is UTF-8 all the same: then a few bytes are wrong, not the encoding."""
    text = head.decode("utf-8", errors="replace")
    wrong = text.count("\ufffd")
    return wrong * 10 < sum(1 for character in text if character > "\x7f") - wrong


def _is_chinese(head: bytes) -> bool:
    """Whether most bytes beyond ASCII come in pairs that are common Chinese characters."""
    runs = _HIGH.findall(head)[:10_000]
    common = sum(2 * len(_COMMON_CHINESE.findall(run)) for run in runs if len(run) % 2 == 0)
    return common * 3 >= 2 * sum(map(len, runs))


class TextStream:
    """A file's bytes as UTF-8, piece by piece: decoded, checked, its lines ended by line feeds only.

    Attributes:
        encoding: what it is read as; changes once where it was guessed and the first other character disproves it.
    """

    def __init__(self, file: BinaryIO, encoding: str = AUTO, most: int = 2**31) -> None:
        self._file = file
        self._guessed = encoding == AUTO
        self._most = most
        self._read = 0
        self._plain = True  # nothing but ASCII so far
        self._decoder: codecs.IncrementalDecoder
        self.encoding = encoding

    def pieces(self, size: int = 2**24) -> Iterator[bytes]:
        """Yield what the file holds, about so many bytes at once; pieces may end anywhere but between CR and LF."""
        held = b""
        data = self._next(max(size, 4))  # the marks of encodings are no longer
        if self._guessed:
            self.encoding = encoding_of(data[: 2**20])
        if self.encoding == "utf-8":
            data = data.removeprefix(codecs.BOM_UTF8)
        self._decoder = decoder_of(self.encoding, data)
        while True:
            piece = held + self._decoded(data)
            held = b"\r" if data and piece.endswith(b"\r") else b""
            piece = piece[: len(piece) - len(held)]
            if b"\r" in piece:
                piece = piece.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
            if piece:
                self._check(piece)
                yield piece
            if not data:
                return
            data = self._next(size)

    def _next(self, size: int) -> bytes:
        data = self._file.read(size)
        self._read += len(data)
        if self._read > self._most:
            raise TooLong
        return data

    def _decoded(self, data: bytes) -> bytes:
        narrow = not self.encoding.startswith(("utf-16", "utf-32"))
        if data and narrow and data.isascii() and self._decoder.getstate() == (b"", 0):
            return data
        if self._guessed and self._plain and self.encoding == "utf-8" and not is_in(data, "utf-8"):
            self.encoding = encoding_of(data[: 2**20])  # what came before says nothing: it is the same in all
            self._decoder = decoder_of(self.encoding, data)
        self._plain = False
        try:
            return self._decoder.decode(data, final=not data).encode()
        except UnicodeDecodeError as error:
            raise NotInEncoding(self.encoding, data.count(b"\n", 0, error.start)) from error

    def _check(self, piece: bytes) -> None:
        if (at := piece.find(b"\0")) >= 0:
            raise HoldsNul(piece.count(b"\n", 0, at))


class NotInEncoding(Exception):
    """A character that cannot be in this encoding; so many lines of its piece come before it."""

    def __init__(self, encoding: str, lines: int) -> None:
        super().__init__(encoding, lines)
        self.encoding, self.lines = encoding, lines


class HoldsNul(Exception):
    """A NUL, which no text holds; so many lines of its piece come before it."""

    def __init__(self, lines: int) -> None:
        super().__init__(lines)
        self.lines = lines


class TooLong(Exception):
    """The file holds more than is read."""
