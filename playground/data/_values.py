"""What the values of a table mean: numbers in several ways of writing, dates, or words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from playground.text import note

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

_NOTHING = ["", "NA", "N/A", "n/a", "na", "<NA>", "#N/A", "NULL", "null", "Null", "None", "none", "NONE", "missing"]
_NO_NUMBER = ["NaN", "nan", "-nan", "NAN", "inf", "-inf", "Inf", "-Inf", "?", "-", "--", ".", "\\N", "无", "缺失"]
MISSING = frozenset([*_NOTHING, *_NO_NUMBER])
"""How a missing value is written, besides not at all."""

_SPACES = " '\u00a0\u202f"
_NUMBER = (
    rf"[+-]?(?:(?:\d+|\d{{1,3}}(?:THOUSANDS\d{{3}})+|\d{{1,3}}(?:[{_SPACES}]\d{{3}})+)(?:DECIMALS\d*)?|DECIMALS\d+)"
    r"(?:[eE][+-]?\d{1,3})?"
)
POINT_NUMBER = re.compile(_NUMBER.replace("THOUSANDS", ",").replace("DECIMALS", r"\."), re.ASCII)
COMMA_NUMBER = re.compile(_NUMBER.replace("THOUSANDS", r"\.").replace("DECIMALS", ","), re.ASCII)
"""A number with a decimal point or comma; its thousands may be parted by the other of the two, a space or ``'``."""

_TIME = r"(?:[T ](?P<H>\d{1,2}):(?P<M>\d{2})(?::(?P<S>\d{2})(?:[.,]\d{1,9})?)?(?: ?(?:Z|UTC|[+-]\d{2}:?\d{2}))?)?"
YEAR_FIRST = re.compile(r"(?P<y>\d{4})([-/.年])(?P<m>\d{1,2})(?:(?:\2|月)(?P<d>\d{1,2})日?|月)?" + _TIME, re.ASCII)
YEAR_LAST = re.compile(r"(?P<a>\d{1,2})([-/.])(?P<b>\d{1,2})\2(?P<y>\d{4}|\d{2})" + _TIME, re.ASCII)
COMPACT = re.compile(r"(?P<y>[12]\d{3})(?P<m>0[1-9]|1[0-2])(?P<d>[0-2]\d|3[01])", re.ASCII)
DATE = re.compile(
    r"\d{4}([-/.年])\d{1,2}(?:(?:\1|月)\d{1,2}日?|月)?TIME|\d{1,2}([-/.])\d{1,2}\2(?:\d{4}|\d{2})TIME".replace(
        "TIME", re.sub(r"\?P<\w>", "", _TIME)
    ),
    re.ASCII,
)
"""A date, with or without the time of day: year first or last, with ``-``, ``/``, ``.`` or in Chinese."""

KINDS = {
    "number": note("number"),
    "date": note("date"),
    "text": note("words"),
    "empty": note("empty"),
}
"""What the values of a column can be."""

_WORDS_OF_TIME = re.compile(r"date|time|day|month|日期|时间", re.IGNORECASE)


@dataclass(frozen=True)
class Column:
    """What the first rows tell of a column: its name, what its values are, examples, and how many are missing.

    Attributes:
        name, kind: its name and one of `KINDS`.
        examples: the first different values.
        missing, seen: how many of the values that were looked at are missing, and how many there were.
        whole: whether all numbers are whole.
        distinct: how many different values there are.
        steady: whether each number is one more than that of the row before, or each date later.
        grouped: whether thousands are parted.
        order: how its dates are written: ``ymd``, ``dmy``, ``mdy`` or ``compact``.
        unclear: whether day and month could as well be the other way round.
    """

    name: str
    kind: str
    examples: tuple[str, ...] = ()
    missing: int = 0
    seen: int = 0
    whole: bool = False
    distinct: int = 0
    steady: bool = False
    grouped: bool = False
    order: str = ""
    unclear: bool = False


def glance(text: str, longest: int = 60) -> str:
    """Return what a file holds as a sentence can hold it: on one line, not endless."""
    text = "".join(c if c.isprintable() else " " for c in " ".join(text[: 2 * longest].split()))
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def column_of(name: str, values: Sequence[str], comma: bool, named: bool = False) -> Column:
    """Look at the first values of a column; `named` says that its numbers only name things."""
    there = [value for value in values if value not in MISSING]
    distinct = Counter(there)
    told: dict[str, Any] = {
        "examples": tuple(list(distinct)[:3]),
        "missing": len(values) - len(there),
        "seen": len(values),
        "distinct": len(distinct),
    }
    if not there:
        return Column(name, "empty", **told)
    if not named:
        if order := _order_of(name, there):
            unclear = order == "mdy" and all(_could_be_either(value) for value in there)
            written = [iso(value, order) for value in there]
            rising = len(written) > 2 and all(one < other for one, other in pairwise(written))
            return Column(name, "date", order=order, unclear=unclear, steady=rising, **told)
        number = COMMA_NUMBER if comma else POINT_NUMBER
        fitting = [value for value in there if number.fullmatch(value)]
        if _most(len(fitting), len(there)):
            whole = all(value.lstrip("+-").isdecimal() and len(value) < 18 for value in fitting)
            grouped = any(_is_grouped(value, comma) for value in fitting)
            steady = whole and not told["missing"] and _is_steady([int(value) for value in fitting])
            return Column(name, "number", whole=whole, grouped=grouped, steady=steady, **told)
    return Column(name, "text", **told)


def _most(some: int, of: int) -> bool:
    """Whether a few values that do not fit can count as mistakes."""
    return some >= 0.9 * of


def _order_of(name: str, values: Sequence[str]) -> str:
    """Return how dates are written, or nothing where most values are none."""
    n = len(values)
    if _most(sum(YEAR_FIRST.fullmatch(value) is not None for value in values), n) and not all(
        value.count(".") == 1 and POINT_NUMBER.fullmatch(value) for value in values
    ):
        return "ymd"
    if _WORDS_OF_TIME.search(name) and _most(sum(COMPACT.fullmatch(value) is not None for value in values), n):
        return "compact"
    last = [found for value in values if (found := YEAR_LAST.fullmatch(value))]
    if not last or not _most(len(last), n):
        return ""
    # 25.12. can only be a day and a month; where nothing tells, dots mean the day comes first.
    day_first = any(int(found["a"]) > 12 for found in last)
    month_first = any(int(found["b"]) > 12 for found in last)
    return "dmy" if day_first or (not month_first and "." in values[0]) else "mdy"


def _could_be_either(value: str) -> bool:
    found = YEAR_LAST.fullmatch(value)
    return found is None or (int(found["a"]) <= 12 and int(found["b"]) <= 12)


def grouping(comma: bool) -> str:
    """Return the characters that can part thousands."""
    return _SPACES + ("." if comma else ",")


def _is_grouped(value: str, comma: bool) -> bool:
    return any(mark in value for mark in grouping(comma))


def _is_steady(numbers: list[int]) -> bool:
    return len(numbers) > 2 and all(b - a == 1 for a, b in pairwise(numbers))


def moments(values: Iterable[str], order: str) -> Array:
    """Turn dates into seconds since 1970, datetime64; what is no date becomes NaT."""
    import numpy as np

    written = [iso(value.strip(), order) for value in values]
    try:
        return np.array(written, dtype="datetime64[s]")
    except ValueError:  # the 30th of February
        return np.array([_moment(one) for one in written], dtype="datetime64[s]")


def iso(value: str, order: str) -> str:
    """Write a date as ISO 8601 does; ``NaT`` where it is none."""
    found = {"ymd": YEAR_FIRST, "compact": COMPACT}.get(order, YEAR_LAST).fullmatch(value)
    if found is None:
        return "NaT"
    parts = found.groupdict()
    if order in ("dmy", "mdy"):
        parts["d"], parts["m"] = (parts["a"], parts["b"]) if order == "dmy" else (parts["b"], parts["a"])
    year = int(parts["y"])
    if len(parts["y"]) == 2:
        year += 1900 if year >= 70 else 2000
    time = f"{int(parts.get('H') or 0):02}:{parts.get('M') or '00'}:{parts.get('S') or '00'}"
    return f"{year:04}-{int(parts['m']):02}-{int(parts.get('d') or 1):02}T{time}"


def _moment(written: str) -> Any:
    import numpy as np

    try:
        return np.datetime64(written, "s")
    except ValueError:
        return np.datetime64("NaT", "s")
