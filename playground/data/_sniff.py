"""How a table is written: guessed from its beginning, as a person would by looking at it.

What parts the values, what quotes them, whether the first line names the columns, whether numbers have a decimal
comma. Each guess is a small rule of its own, and each can be set by hand.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from playground.data._values import COMMA_NUMBER, DATE, MISSING, POINT_NUMBER, glance

DELIMITERS = {"tab": "\t", "bar": "|", "semicolon": ";", "comma": ",", "space": " "}
"""What may part values, by name; of two that fit equally well, the one that is rarer inside values comes first."""

_TRIED = 200
"""How many rows are parted by each delimiter to find the one that fits."""

_SPACES = re.compile(r"""("[^"\n]*"|'[^'\n]*')|[ \t]+""")
_SPACES_IN_BYTES = re.compile(_SPACES.pattern.encode())
_AROUND = re.compile(r"^[ \t]+|[ \t]+$", re.MULTILINE)
_AROUND_IN_BYTES = re.compile(_AROUND.pattern.encode(), re.MULTILINE)
_SEPARATOR_LINE = re.compile(r"sep=(.)\n", re.IGNORECASE)


@dataclass(frozen=True)
class Dialect:
    """How a table is written.

    Attributes:
        delimiter: what parts values; a space stands for any number of spaces and tabs.
        quote: what stands around a value that holds delimiters.
        skipped: how many lines come before the first row or the names.
        header: whether names come before the first row.
        comma: whether numbers have a decimal comma.
        multiline: whether quoted values go over several lines.
    """

    delimiter: str = ","
    quote: str = '"'
    skipped: int = 0
    header: bool = True
    comma: bool = False
    multiline: bool = False


@dataclass(frozen=True)
class Sample:
    """The beginning of a table: how it is written, its columns' names and its first rows.

    Attributes:
        dialect: how it is written.
        names: what the columns are called, no two the same.
        rows: the first rows, each as long as the names.
        begin: the line in which the first row begins.
        named: whether the file names its columns.
        tidy: whether no row differs in length and no line between them is empty, as tables of programs are.
    """

    dialect: Dialect
    names: tuple[str, ...]
    rows: list[list[str]]
    begin: int = 1
    named: bool = True
    tidy: bool = False


@dataclass(frozen=True)
class Given:
    """What a person has said of how a table is written, None where it is to be guessed."""

    delimiter: str | None = None
    header: bool | None = None
    comma: bool | None = None


def sniff(text: str, given: Given, most_rows: int = 5_000, most_cells: int = 200_000) -> Sample:
    """Guess how a table is written from its beginning: whole lines, each ended by a line feed."""
    skipped, said, label = _opening(text)
    body = text.split("\n", skipped)[-1]
    quote = _quote_in(body)
    delimiter = given.delimiter or said or _delimiter_of(body, quote)
    records, lines = parted(body, delimiter, quote, most_rows, most_cells)
    if not records:
        return Sample(Dialect(delimiter, quote, skipped), (), [])
    comma = given.comma if given.comma is not None else _has_decimal_comma(records, delimiter)
    width = _width(records[1:] or records)
    said_names = parted(label, delimiter, quote)[0]
    if len(said_names) == 1 and len(said_names[0]) == width:
        names, header = said_names[0], False
    else:
        header = given.header if given.header is not None else _has_header(records, width, comma)
        names = records.pop(0) if header else []
        lines = lines[1:] if header else lines
    multiline = any("\n" in value for record in records for value in record)
    dialect = Dialect(delimiter, quote, skipped, header, comma, multiline)
    rows = [record for record in records if len(record) == width]
    begin = skipped + lines[0] if lines else skipped + 1
    tidy = len(rows) == len(records) and "\n\n" not in body.rstrip("\n")
    return Sample(dialect, _named(names, width, rows), rows, begin, bool(names), tidy)


def spaces_to_tabs(data: bytes) -> bytes:
    """Put one tab wherever spaces and tabs part values, and none around a line."""
    if b'"' in data or b"'" in data:
        data = _SPACES_IN_BYTES.sub(lambda found: found[1] or b"\t", data)
    else:
        data = re.sub(rb"[ \t]+", b"\t", data)
    return _AROUND_IN_BYTES.sub(b"", data)


def parted(
    text: str, delimiter: str, quote: str, most_rows: int = 5_000, most_cells: int = 200_000
) -> tuple[list[list[str]], list[int]]:
    """Part the first lines of a text into values; return the rows that hold any, and the line each begins in."""
    if delimiter == " ":
        text = _AROUND.sub("", _SPACES.sub(lambda found: found[1] or "\t", text))
        delimiter = "\t"
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quotechar=quote)
    records: list[list[str]] = []
    lines: list[int] = []
    cells = before = 0
    try:
        for record in reader:
            if record:
                records.append([value.strip() for value in record])
                lines.append(before + 1)
                cells += len(record)
            before = reader.line_num
            if len(records) >= most_rows or (cells >= most_cells and len(records) >= 20):
                break
    except csv.Error:  # a value longer than the module takes: something is quoted that never ends
        pass
    return records, lines


# -- small rules -----------------------------------------------------------------------------------------------


def _opening(text: str) -> tuple[int, str, str]:
    """Look at what comes before the table: how many lines, the delimiter Excel says, names in the last comment."""
    if found := _SEPARATOR_LINE.match(text):
        return 1, found[1], ""
    skipped, label = 0, ""
    while text.startswith(("#", "\n")):
        line, _, text = text.partition("\n")
        skipped += 1
        label = line.lstrip("# \t") if line.startswith("#") else label
    return skipped, "", label


def _quote_in(text: str) -> str:
    """Choose the quotation mark: single ones only where they stand around values and double ones nowhere."""
    return "'" if '"' not in text and re.search(r"(?:^|[,;\t|])'[^'\n]*'(?:[,;\t|]|$)", text, re.MULTILINE) else '"'


def _delimiter_of(text: str, quote: str) -> str:
    """Choose what parts the values: the same number of times in most lines, and into values that mean something."""
    best, chosen = (0.0, 0.0), ""
    for delimiter in DELIMITERS.values():
        if delimiter != " " and delimiter not in text:
            continue
        records, _ = parted(text[: 2**18], delimiter, quote, _TRIED, 20_000)
        width = _width(records)
        if width < 2:
            continue
        even = sum(len(record) == width for record in records) / len(records)
        # A line of names has as many values as the rows but means less; a few ragged rows are said later, by line.
        if (score := (round(even, 1), round(_meaning(records, delimiter), 2))) > best and even >= 0.5:
            best, chosen = score, delimiter
    return chosen or ","


def _meaning(records: Sequence[Sequence[str]], delimiter: str) -> float:
    """Return the share of values that are a number, a date or missing."""
    values = [value for record in records for value in record]
    return sum(_means(value, delimiter != ",") for value in values) / len(values)


def _means(value: str, comma: bool) -> bool:
    if value in MISSING or POINT_NUMBER.fullmatch(value) or DATE.fullmatch(value):
        return True
    return comma and COMMA_NUMBER.fullmatch(value) is not None


def _width(records: Sequence[Sequence[str]]) -> int:
    """Return how many values most rows have; of two equally frequent, what comes first."""
    return Counter(map(len, records)).most_common(1)[0][0] if records else 0


def _has_decimal_comma(records: Sequence[Sequence[str]], delimiter: str) -> bool:
    """Whether more numbers can only be read with a decimal comma than only with a point."""
    point = comma = unclear = 0
    for record in records[:1000]:
        for value in record:
            if "," in value or "." in value:
                with_point = POINT_NUMBER.fullmatch(value) is not None
                with_comma = COMMA_NUMBER.fullmatch(value) is not None
                point += with_point and not with_comma
                comma += with_comma and not with_point
                unclear += with_comma and with_point and "," in value  # 1,234
    # Who writes a semicolon between values mostly needs the comma inside them.
    return comma > point or (comma == point == 0 and unclear > 0 and delimiter == ";")


def _has_header(records: Sequence[Sequence[str]], width: int, comma: bool) -> bool:
    """Whether the first line names the columns: it says something in words, above values of another kind."""
    first, rest = records[0], [record for record in records[1:101] if len(record) == width]
    if len(first) not in (width, width - 1) or not rest:
        return not rest and not any(map(_is_number, first))
    told = [value for value in first if value not in MISSING]
    if any(_is_value(value, comma) for value in told) or not told:
        return False
    if any(_is_value(value, comma) for record in rest for value in record):
        return True
    # Words above words: names are not repeated below, and no two are the same.
    below = [{record[i] for record in rest} for i in range(width)]
    return len(set(told)) == len(told) and not any(name in values for name, values in zip(first, below, strict=False))


def _is_value(value: str, comma: bool) -> bool:
    number = COMMA_NUMBER if comma else POINT_NUMBER
    return number.fullmatch(value) is not None or DATE.fullmatch(value) is not None


def _is_number(value: str) -> bool:
    return _is_value(value, comma=True) or _is_value(value, comma=False)


def _named(names: list[str], width: int, rows: list[list[str]]) -> tuple[str, ...]:
    """Give every column a name of its own; a number where it has none."""
    if len(names) == width - 1:
        # Rows that end with a delimiter have an empty value there; else, as in R, the names of rows have none.
        ends_empty = rows and all(not row[-1] for row in rows)
        names = [*names, ""] if ends_empty else ["", *names]
    names = [*names, *[""] * (width - len(names))][:width]
    taken: set[str] = set()
    return tuple(_own(glance(name, 100) or str(i + 1), taken) for i, name in enumerate(names))


def _own(name: str, taken: set[str]) -> str:
    """Return a name that is not taken yet, and take it."""
    own, n = name, 2
    while own in taken:
        own, n = f"{name} ({n})", n + 1
    taken.add(own)
    return own
