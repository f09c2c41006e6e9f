"""A date that is spread over several columns: year, month, day, hour, each a number of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

PARTS = (
    (("year", "yr", "yyyy", "年", "年份"), 1000, 2999),
    (("month", "mon", "mo", "mnth", "月", "月份"), 1, 12),
    (("day", "dom", "mday", "日", "日期"), 1, 31),
    (("hour", "hr", "hh", "时", "小时"), 0, 24),
    (("minute", "min", "分", "分钟"), 0, 59),
)
"""What the parts of a date are called, the largest first, and from where to where each goes."""


def calendar_in(names: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[int, ...]:
    """Return the columns that together say when each row was, the year first; none where they do not, or do not rise.

    At least year and month are wanted, and every row must come after the one before it.
    """
    places: list[int] = []
    for called, low, high in PARTS:
        place = next((at for at, name in enumerate(names) if name.strip().casefold() in called), None)
        if place is None or not all(_within(row[place], low, high) for row in rows):
            break
        places.append(place)
    if len(places) < 2 or len(rows) < 3:
        return ()
    when = [tuple(int(row[place]) for place in places) for row in rows]
    return tuple(places) if all(one < other for one, other in pairwise(when)) else ()


def _within(value: str, low: int, high: int) -> bool:
    value = value.strip()
    return value.isascii() and value.isdecimal() and len(value) <= 4 and low <= int(value) <= high


def moments_of(parts: Mapping[str, Array]) -> Array:
    """Put year, month and whatever else there is, in this order, together: datetime64 in seconds, NaT where one lacks.

    What no calendar knows, the 30th of February, is the day that comes so many days later.
    """
    import numpy as np

    units = ("Y", "M", "D", "h", "m")
    found: Array | None = None
    lacks: Array | None = None
    for unit, values in zip(units, parts.values(), strict=False):
        gone = np.isnan(values)
        whole = np.where(gone, 1, values).astype(np.int64)
        if found is None or lacks is None:
            found, lacks = (whole - 1970).astype("datetime64[Y]"), gone
        else:
            begin = 1 if unit in ("M", "D") else 0
            found = found.astype(f"datetime64[{unit}]") + (whole - begin).astype(f"timedelta64[{unit}]")
            lacks = lacks | gone
    assert found is not None and lacks is not None
    made: Array = found.astype("datetime64[s]")
    made[lacks] = np.datetime64("NaT")
    return made
