"""The rows of a table as arrays: parted and parsed by pyarrow, block by block, so that memory stays bounded.

A block is some 16 MB of whole lines. Of each only what will be used is parsed: numbers as float32, words as the
numbers of the categories they name, dates as seconds.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playground.data._encoding import HoldsNul, NotInEncoding, TextStream, TooLong, not_all_in
from playground.data._places import most_of, opened, too_large, wrong
from playground.data._sniff import Dialect, spaces_to_tabs
from playground.data._values import COMMA_NUMBER, MISSING, POINT_NUMBER, Column, grouping, moments
from playground.progress import progress
from playground.text import Refusal, count, say

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    Array = np.ndarray[Any, Any]

BLOCK = 2**24
LONGEST_LINE = 2**20
LONGEST_ROW = 2**23
"""How many bytes are parsed at once, how long a line can be, and a row whose quoted values go over several lines."""

MOST_CELLS = 250_000_000
"""The most numbers that are kept: one GB."""


@dataclass(frozen=True)
class Layout:
    """What is to be read of a file: how it is written, and the columns by their place in it, from 0.

    Attributes:
        dialect, encoding, begin: how it is written, and the line in which the first row begins.
        width: how many columns the file has.
        numbers, words, dates: the columns to be read as such.
    """

    dialect: Dialect
    encoding: str
    begin: int
    width: int
    numbers: Mapping[int, Column] = field(default_factory=dict)
    words: Mapping[int, Column] = field(default_factory=dict)
    dates: Mapping[int, Column] = field(default_factory=dict)

    @property
    def used(self) -> list[int]:
        """The places of all columns to be read."""
        return [*self.numbers, *self.words, *self.dates]


@dataclass
class Block:
    """Some rows: numbers (n, columns) float32, NaN where missing; category numbers and dates by column."""

    numbers: Array
    words: dict[str, Array]
    dates: dict[str, Array]

    def __len__(self) -> int:
        return len(self.numbers)


@dataclass
class Categories:
    """The different words of a column, numbered as they first appear.

    Attributes:
        numbers: the number of each word.
        grows: whether a new word gets a number; else it counts as none of them, −1.
        most: how many there can be.
        plain: how a word is written before it is compared.
    """

    numbers: dict[str, int] = field(default_factory=dict)
    grows: bool = True
    most: int = 1_000
    plain: Callable[[str], str] = str

    @property
    def full(self) -> bool:
        """Whether there are more different words than can be told apart."""
        return len(self.numbers) > self.most

    def number(self, word: str) -> int:
        """Return the number of a word."""
        word = self.plain(word)
        if self.grows and not self.full:
            return self.numbers.setdefault(word, len(self.numbers))
        return self.numbers.get(word, -1)


@dataclass
class Stray:
    """Values of a column of numbers that are none: how many, the first of them and its line."""

    count: int = 0
    first: str = ""
    line: int = 0


class RowReader:
    """Reads the blocks of one file.

    Attributes:
        categories: of the columns of words; shared by the files of a data set.
        strays: values that are no numbers, by column; they count as missing.
        encoding: what the file turned out to be written in.
        rows: how many there were.
    """

    def __init__(self, path: Path, layout: Layout, categories: dict[str, Categories]) -> None:
        self.path = path
        self.layout = layout
        self.categories = categories
        self.strays: dict[str, Stray] = {}
        self.encoding = layout.encoding
        self.rows = 0

    def blocks(self) -> Iterator[Block]:
        """Yield the rows, block by block; refuse a file at the first line that cannot be read."""
        done, size = 0, max(1, self.path.stat().st_size)
        for line, data in self._lines():
            done += len(data)
            progress(done / size)
            if self.layout.dialect.delimiter == " ":
                data = spaces_to_tabs(data)
            if data.isspace():
                continue
            table = self._parse(data, line)
            self.rows += table.num_rows
            if self.rows * len(self.layout.used) > MOST_CELLS:
                raise wrong(
                    self.path, say("it holds more than {most} values; choose fewer of its columns", most=MOST_CELLS)
                )
            yield self._block(table, data, line)

    # -- lines -------------------------------------------------------------------------------------------------

    def _lines(self) -> Iterator[tuple[int, bytes]]:
        """Yield whole lines and the number of the first, those before the first row left out."""
        skip, line, rest = self.layout.begin - 1, 1, b""
        with opened(self.path) as file:
            stream = TextStream(file, self.layout.encoding, most_of(self.path))
            pieces = stream.pieces(BLOCK)
            while (piece := self._piece(pieces, line, rest)) is not None:
                self.encoding = stream.encoding
                rest = rest + piece if rest else piece
                while skip and (at := rest.find(b"\n")) >= 0:
                    rest, skip, line = rest[at + 1 :], skip - 1, line + 1
                at = 0 if skip else self._cut(rest)
                if at:
                    yield line, rest[:at]
                    line += rest.count(b"\n", 0, at)
                    rest = rest[at:]
                self._limit(rest, line)
        if rest and not skip:
            yield line, rest

    def _piece(self, pieces: Iterator[bytes], line: int, rest: bytes) -> bytes | None:
        """Return the next piece of the file, None at its end; refuse what is no text."""
        try:
            return next(pieces, None)
        except NotInEncoding as error:
            raise wrong(self.path, not_all_in(error.encoding), line + rest.count(b"\n") + error.lines) from error
        except HoldsNul as error:
            raise wrong(
                self.path,
                say("it holds a NUL, so it is no text; choose a table"),
                line + rest.count(b"\n") + error.lines,
            ) from error
        except TooLong as error:
            raise too_large(self.path, most_of(self.path)) from error

    def _cut(self, data: bytes) -> int:
        """Return where the last whole row ends: behind a line feed that no quotation marks enclose."""
        at = data.rfind(b"\n") + 1
        if not self.layout.dialect.multiline:
            return at
        quote = self.layout.dialect.quote.encode()
        marks = data.count(quote, 0, at)
        while at and marks % 2:
            before = data.rfind(b"\n", 0, at - 1) + 1
            marks -= data.count(quote, before, at)
            at = before
        return at

    def _limit(self, rest: bytes, line: int) -> None:
        """Refuse a row that does not end."""
        if self.layout.dialect.multiline:
            if len(rest) > LONGEST_ROW:
                raise wrong(self.path, say("a quotation mark is opened here and never closed; correct the line"), line)
        elif len(rest) > LONGEST_LINE:
            raise wrong(self.path, say("the line is longer than {most} bytes; choose a table", most=LONGEST_LINE), line)

    # -- values ------------------------------------------------------------------------------------------------

    def _parse(self, data: bytes, line: int) -> pa.Table:
        """Part a block into columns, numbers parsed where all of them can be."""
        plain = {place for place, column in self.layout.numbers.items() if not column.grouped}
        try:
            return self._parted(data, line, plain)
        except _NotNumbers:
            return self._parted(data, line, set())

    def _parted(self, data: bytes, line: int, as_numbers: set[int], threads: bool = True) -> pa.Table:
        import pyarrow as pa
        from pyarrow import csv as arrow_csv

        dialect, layout = self.layout.dialect, self.layout
        ragged: list[Any] = []

        def refuse(row: Any) -> str:
            ragged.append(row)
            return "error"

        lone = layout.width == 1
        try:
            return arrow_csv.read_csv(
                pa.BufferReader(data),
                read_options=arrow_csv.ReadOptions(
                    use_threads=threads,
                    column_names=[str(i) for i in range(layout.width)],
                    block_size=len(data) + 1 if dialect.multiline else min(2**21, len(data) + 1),
                ),
                parse_options=arrow_csv.ParseOptions(
                    delimiter="\t" if dialect.delimiter == " " else dialect.delimiter,
                    quote_char=dialect.quote,
                    newlines_in_values=dialect.multiline and dialect.quote.encode() in data,
                    ignore_empty_lines=not lone,
                    invalid_row_handler=refuse,
                ),
                convert_options=arrow_csv.ConvertOptions(
                    include_columns=[str(i) for i in layout.used],
                    column_types={str(i): pa.float32() if i in as_numbers else pa.string() for i in layout.used},
                    null_values=sorted(MISSING),
                    strings_can_be_null=True,
                    decimal_point="," if dialect.comma else ".",
                    check_utf8=False,  # it was decoded before
                ),
            )
        except pa.ArrowInvalid as error:
            if ragged and threads:  # which of several rows comes up first is chance; now it will be the first
                return self._parted(data, line, as_numbers, threads=False)
            if ragged:
                raise self._ragged(ragged[0], data, line) from error
            if as_numbers and "conversion error" in str(error):
                raise _NotNumbers from error
            raise wrong(
                self.path, say("from here on it cannot be split into rows; check its quotation marks"), line
            ) from error

    def _ragged(self, row: Any, data: bytes, line: int) -> Refusal:
        """Say which row has more or fewer values than there are columns."""
        at = (b"\n" + data + b"\n").find(b"\n" + row.text.encode().rstrip(b"\n") + b"\n")
        return Ragged(
            wrong(
                self.path,
                count(
                    "the line has {n} value where {wanted} are expected; correct it or choose another delimiter",
                    "the line has {n} values where {wanted} are expected; correct it or choose another delimiter",
                    row.actual_columns,
                    wanted=row.expected_columns,
                ),
                line + data.count(b"\n", 0, max(at, 0)),
            )
        )

    def _block(self, table: pa.Table, data: bytes, line: int) -> Block:
        import numpy as np

        numbers = np.empty((table.num_rows, len(self.layout.numbers)), dtype=np.float32)
        for i, (place, column) in enumerate(self.layout.numbers.items()):
            numbers[:, i] = self._numbers(table.column(str(place)), column, data, line)
        numbers[np.isinf(numbers)] = np.nan  # larger than any that can be computed with
        words = {c.name: self._words(table.column(str(place)), c) for place, c in self.layout.words.items()}
        dates = {
            c.name: moments((value or "" for value in table.column(str(place)).to_pylist()), c.order)
            for place, c in self.layout.dates.items()
        }
        return Block(numbers, words, dates)

    def _numbers(self, values: pa.ChunkedArray, column: Column, data: bytes, line: int) -> Array:
        """Return a column as numbers, NaN where missing; values that are no numbers are counted."""
        import pyarrow as pa
        import pyarrow.compute as pc

        if not pa.types.is_string(values.type):
            return values.to_numpy()  # type: ignore[no-any-return]
        comma = self.layout.dialect.comma
        text = pc.utf8_trim_whitespace(values)
        number = (COMMA_NUMBER if comma else POINT_NUMBER).pattern
        good = pc.fill_null(pc.match_substring_regex(text, f"^(?:{number})$"), False)
        there = pc.invert(pc.is_in(text, value_set=pa.array([*MISSING, None])))
        stray = pc.and_(pc.invert(good), there)
        if found := pc.sum(stray).as_py():
            self._note(column.name, found, pc.index(stray, True).as_py(), values, data, line)
        text = pc.replace_substring_regex(pc.if_else(good, text, None), f"[{grouping(comma)}]", "")
        if comma:
            text = pc.replace_substring(text, ",", ".")
        return pc.cast(text, pa.float32()).to_numpy()  # type: ignore[no-any-return]

    def _note(self, name: str, found: int, row: int, values: pa.ChunkedArray, data: bytes, line: int) -> None:
        """Count values that are no numbers, and remember where the first of them stands."""
        stray = self.strays.setdefault(name, Stray())
        if not stray.count:
            stray.first = str(values[row].as_py())
            stray.line = line + self._lines_before(data, row)
        stray.count += found

    def _lines_before(self, data: bytes, row: int) -> int:
        """Return how many lines of a block come before its row of that number, from 0."""
        delimiter = "\t" if self.layout.dialect.delimiter == " " else self.layout.dialect.delimiter
        text = io.StringIO(data.decode(), newline="")
        reader = csv.reader(text, delimiter=delimiter, quotechar=self.layout.dialect.quote)
        before = 0
        try:
            for record in reader:
                if record or self.layout.width == 1:
                    if row == 0:
                        return before
                    row -= 1
                before = reader.line_num
        except csv.Error:
            pass
        return before

    def _words(self, values: pa.ChunkedArray, column: Column) -> Array:
        """Return a column as the numbers of its categories; a missing value is the category without a name."""
        import numpy as np
        import pyarrow.compute as pc

        known = self.categories[column.name]
        if known.full:
            return np.full(len(values), -1, dtype=np.int32)
        coded = pc.dictionary_encode(pc.fill_null(pc.utf8_trim_whitespace(values), "")).combine_chunks()
        numbers = np.empty(len(coded.dictionary), dtype=np.int32)
        for i, word in enumerate(coded.dictionary.to_pylist()):
            numbers[i] = known.number("" if word in MISSING else word)
            if known.full:
                return np.full(len(values), -1, dtype=np.int32)
        found: Array = numbers[coded.indices.to_numpy()]
        return found


class Ragged(Refusal):
    """A row has more or fewer values than there are columns."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.sentence)


class _NotNumbers(Exception):
    """Some value of a column of numbers is none."""
