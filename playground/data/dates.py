"""Dates as people write them, to be written as computers do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

from playground.data import MADE, Data, Source
from playground.data._tasks import TESTED, pairs
from playground.declare import choice, integer
from playground.text import note

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

FIRST, LAST = date(1900, 1, 1), date(2099, 12, 31)
"""The days that occur."""

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
NUMERALS = "〇一二三四五六七八九"

Manner = Callable[[date], str]


def _month(day: date) -> str:
    return MONTHS[day.month - 1]


def _short(day: date) -> str:
    return _month(day)[:3]


def _weekday(day: date) -> str:
    return WEEKDAYS[day.weekday()]


def _ordinal(n: int) -> str:
    """Write 1st, 2nd, 3rd, 11th."""
    ends = {1: "st", 2: "nd", 3: "rd"}
    return f"{n}{'th' if n // 10 == 1 else ends.get(n % 10, 'th')}"


ENGLISH: tuple[Manner, ...] = (
    lambda day: f"{day.day} {_month(day)} {day.year}",
    lambda day: f"{day.day} {_short(day)} {day.year}",
    lambda day: f"{_month(day)} {day.day}, {day.year}",
    lambda day: f"{_short(day)} {day.day}, {day.year}",
    lambda day: f"{_ordinal(day.day)} {_month(day)} {day.year}",
    lambda day: f"{_month(day)} {_ordinal(day.day)}, {day.year}",
    lambda day: f"the {_ordinal(day.day)} of {_month(day)}, {day.year}",
    lambda day: f"{_weekday(day)}, {day.day} {_month(day)} {day.year}",
    lambda day: f"{_weekday(day)[:3]}, {_short(day)} {day.day}, {day.year}",
    lambda day: f"{day.day}-{_short(day)}-{day.year}",
    lambda day: f"{day.year} {_month(day)} {day.day}",
    lambda day: f"{day.year}/{day.month}/{day.day}",
)
"""Ways to write a day in English; none of them leaves open which number is the month."""


def _numeral(n: int) -> str:
    """Write a number up to 99 in Chinese: 五, 十, 十二, 二十, 三十一."""
    tens, ones = divmod(n, 10)
    if not tens:
        return NUMERALS[ones]
    return (NUMERALS[tens] if tens > 1 else "") + "十" + (NUMERALS[ones] if ones else "")


def _year(day: date) -> str:
    return "".join(NUMERALS[int(digit)] for digit in str(day.year))


def _in_words(day: date) -> str:
    return f"{_year(day)}年{_numeral(day.month)}月{_numeral(day.day)}"


def _in_digits(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _of_week(day: date) -> str:
    return "一二三四五六日"[day.weekday()]


CHINESE: tuple[Manner, ...] = (
    _in_digits,
    lambda day: f"{day.year}年{day.month:02}月{day.day:02}日",
    lambda day: f"{day.year}年{day.month}月{day.day}号",
    lambda day: f"{_in_words(day)}日",
    lambda day: f"{_in_words(day)}号",
    lambda day: f"{_in_words(day).replace('〇', '零')}日",
    lambda day: f"{_in_digits(day)}，星期{_of_week(day)}",
    lambda day: f"{_in_digits(day)}（周{_of_week(day)}）",
    lambda day: f"{_in_words(day)}日，星期{_of_week(day).replace('日', '天')}",
)
"""Ways to write a day in Chinese."""

MANNERS = {"english": ENGLISH, "chinese": CHINESE, "both": ENGLISH + CHINESE}


class DateRewriting(Source):
    """Dates in the many ways people write them, to be rewritten as year, month and day: 2024-03-05.

    Letter by letter: ``3 March 2024``, ``Mar 3, 2024`` or ``二〇二四年三月三日`` is read, ``2024-03-03`` is to be
    written. No day occurs twice, so those that test were never seen. All lie between 1900 and 2099.
    """

    key = "date-rewriting"
    title = note("Dates to be rewritten")
    kind = note("Sequences")
    licence = MADE

    count: int = integer(8000, low=10, high=20_000, help="How many examples there are to train and to validate")
    language: str = choice(
        "english",
        choices={"english": note("English"), "chinese": note("Chinese"), "both": note("English and Chinese")},
        help="In which language the dates are written",
    )
    seed: int = integer(1, high=2**31 - 1, help="Fixes every random choice: the same seed gives the same examples")

    def read(self) -> Data:
        import numpy as np

        rng = np.random.default_rng(self.seed)
        days = FIRST.toordinal() + rng.permutation(LAST.toordinal() - FIRST.toordinal() + 1)
        tested = max(1, self.count // TESTED)
        parts = {"train": days[: self.count], "test": days[self.count : self.count + tested]}
        return pairs({split: self._pairs(some, rng) for split, some in parts.items()}, unit="characters")

    def _pairs(self, days: Array, rng: np.random.Generator) -> list[tuple[str, str]]:
        manners = MANNERS[self.language]
        written = []
        for ordinal, manner in zip(days.tolist(), rng.integers(0, len(manners), len(days)), strict=True):
            day = date.fromordinal(ordinal)
            written.append((manners[manner](day), day.isoformat()))
        return written
