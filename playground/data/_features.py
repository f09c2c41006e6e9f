"""From a table's rows to what a network takes: numbers as they are, words as switches, dates as angles."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from playground.data._rows import Block, Categories
from playground.facts import LONGEST_NAME

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

DAY, YEAR = 86_400, 365.2425 * 86_400
SINCE = 946_684_800
"""Seconds of a day, of a year, and from 1970 to 2000."""


@dataclass
class Features:
    """How each column that goes in becomes features.

    Attributes:
        order: the columns in their order: ``number``, ``word`` or ``date``, and the name.
        numbers: the names of the columns of numbers in a block, in their order.
        words: the categories of each column of words, sorted, by their number.
        clocks: dates whose time of day matters.
        gaps: whether missing numbers are let through, NaN, rather than that their rows are left out.
        fill: what stands for a missing number; NaN where that is not known yet.
        marked: columns of numbers of which a feature says that the value is missing.
    """

    order: Sequence[tuple[str, str]]
    numbers: Sequence[str]
    words: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    clocks: set[str] = field(default_factory=set)
    gaps: bool = False
    fill: float = float("nan")
    marked: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._place = {name: place for place, name in enumerate(self.numbers)}

    def learn(self, blocks: Iterable[Block], categories: dict[str, Categories], missing: str) -> None:
        """Find out from the training rows what words there are, and what is missing."""
        import numpy as np

        of_numbers = [name for kind, name in self.order if kind == "number"]
        there = np.zeros(len(self.numbers))
        n = 0
        for block in blocks:
            there += np.count_nonzero(~np.isnan(block.numbers), axis=0)
            n += len(block)
            for name, moments in block.dates.items():
                if name not in self.clocks and bool((moments.astype(np.int64)[~np.isnat(moments)] % DAY).any()):
                    self.clocks.add(name)
        for kind, name in self.order:
            if kind == "word":
                known = categories[name]
                known.grows = False
                self.words[name] = sorted(known.numbers.items())
        self.gaps = missing != "drop"
        if missing == "zero":
            self.fill = 0.0
            lacking = dict(zip(self.numbers, there < n, strict=True))
            self.marked = {name for name in of_numbers if lacking[name]}

    def names(self) -> list[str]:
        """Return what each feature is called."""
        found = []
        for kind, name in self.order:
            if kind == "number":
                found += [name, f"{name} ∅"] if name in self.marked else [name]
            elif kind == "word":
                found += [f"{name} = {word or '∅'}" for word, _ in self.words[name]]
            else:
                found += [f"{name} (years)", f"{name} (sin year)", f"{name} (cos year)"]
                found += [f"{name} (sin day)", f"{name} (cos day)"] if name in self.clocks else []
        return [" ".join(name.split())[:LONGEST_NAME] for name in found]

    def needed(self) -> list[int] | None:
        """Return which features of a row cannot be missing, by their places; None: none can."""
        if not self.gaps:
            return None
        found: list[int] = []
        at = 0
        for kind, name in self.order:
            if kind == "date":
                width = 5 if name in self.clocks else 3
                found += range(at, at + width)
            else:
                width = 1 + (name in self.marked) if kind == "number" else len(self.words[name])
            at += width
        return found

    def kept(self, block: Block) -> Array:
        """Say which rows of a block have all that is needed."""
        import numpy as np

        kept = np.ones(len(block), dtype=bool)
        for kind, name in self.order:
            if kind == "number" and not self.gaps:
                kept &= ~np.isnan(block.numbers[:, self._place[name]])
            elif kind == "date":
                kept &= ~np.isnat(block.dates[name])
        return kept

    def write(self, block: Block, rows: Array | slice, out: Array) -> None:
        """Write the features of some rows of a block into an array (rows, features)."""
        import numpy as np

        if not self.gaps and all(kind == "number" for kind, _ in self.order):
            places = [self._place[name] for _, name in self.order]
            first, n = places[0], len(places)
            # A view where it can be: what large tables hold is copied only once.
            chosen = slice(first, first + n) if places == list(range(first, first + n)) else places
            out[:] = block.numbers[rows][:, chosen]
            return
        at = 0
        for kind, name in self.order:
            if kind == "number":
                values = block.numbers[rows, self._place[name]]
                out[:, at] = values
                if self.gaps:
                    lacking = np.isnan(values)
                    out[lacking, at] = self.fill
                    if name in self.marked:
                        at += 1
                        out[:, at] = lacking
                at += 1
            elif kind == "word":
                codes = block.words[name][rows]
                for _, code in self.words[name]:
                    out[:, at] = codes == code
                    at += 1
            else:
                for values in _parts(block.dates[name][rows], name in self.clocks):
                    out[:, at] = values
                    at += 1


def _parts(moments: Array, with_time: bool) -> list[Array]:
    """Turn dates into years since 2000 and the angle of the season; with the time of day also that of the hour."""
    import numpy as np

    seconds = moments.astype(np.int64).astype(np.float64)
    seconds[np.isnat(moments)] = np.nan
    start = moments.astype("datetime64[Y]").astype("datetime64[s]")
    season = 2 * np.pi * (moments - start).astype(np.int64) / YEAR
    season = np.where(np.isnat(moments), np.nan, season)
    parts = [(seconds - SINCE) / YEAR, np.sin(season), np.cos(season)]
    if with_time:
        hour = 2 * np.pi * (seconds % DAY) / DAY
        parts += [np.sin(hour), np.cos(hour)]
    return parts
