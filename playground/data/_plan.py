"""What is made of a table's columns: which of them is predicted, which go in and how, which are left out and why."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field

from playground.data._look import Look
from playground.data._places import wrong
from playground.data._values import Column, glance
from playground.text import Refusal, Sentence, say

LABELS = frozenset(
    ["label", "labels", "class", "classes", "species", "category", "diagnosis", "类别", "类", "标签", "分类"]
)
"""Names of columns that hold the class to be predicted, even where it is one of many numbers."""

TARGETS = LABELS | frozenset(
    [
        "target",
        "targets",
        "y",
        "output",
        "outcome",
        "result",
        "response",
        "answer",
        "survived",
        "quality",
        "目标",
        "结果",
    ]
)
"""Names of columns that are to be predicted; where there is none of them it is the last column."""

FEW_NUMBERS, FEW_NAMED = 20, 100
"""So many different whole numbers are still taken for classes; and where the column's name says so."""

MOSTLY = 0.5
"""A column in which more than this share of values is missing is left out rather than all of these rows."""


@dataclass(frozen=True)
class Wish:
    """What a person has said of the columns: names in lists, parted by commas; empty where all is to be guessed.

    Attributes:
        target: the column to be predicted.
        task: ``class``, ``number`` or ``auto``.
        columns, without: the columns that go in; those that do not.
        dates: whether dates go in.
        values: the most different words of a column that goes in.
        keeps_rows: whether missing values are filled, so that no row is lost.
        series: whether rows follow each other in time.
    """

    target: str = ""
    task: str = "auto"
    columns: str = ""
    without: str = ""
    dates: bool = True
    values: int = 20
    keeps_rows: bool = False
    series: bool = False


@dataclass
class Plan:
    """What is made of each column, by its place in the first file.

    Attributes:
        target: the column to be predicted.
        is_class: whether it is a class.
        numbers, words, dates: the columns that go in.
        clock: the column that says when, in a series.
        calendar: the columns that say it together, the year first, where no single one does.
        left_out: names of the columns that do not go in although nobody said so, by the reason.
    """

    target: int
    is_class: bool
    numbers: list[int] = field(default_factory=list)
    words: list[int] = field(default_factory=list)
    dates: list[int] = field(default_factory=list)
    clock: int | None = None
    calendar: tuple[int, ...] = ()
    left_out: dict[str, list[str]] = field(default_factory=dict)

    @property
    def inputs(self) -> list[int]:
        """The places of all columns that go in, in their order."""
        return sorted([*self.numbers, *self.words, *self.dates])

    @property
    def all_dates(self) -> list[int]:
        """The places of the dates that go in and of the one that says when."""
        return self.dates if self.clock is None else list(dict.fromkeys([*self.dates, self.clock]))

    def told(self, look: Look) -> list[Sentence]:
        """Say what is predicted, and what was left out and why."""
        target = look.columns[self.target].name
        found = [say("{column} is predicted, as a class", column=target)]
        if not self.is_class:
            found = [say("{column} is predicted, as a number", column=target)]
        reasons = {
            "empty": say("nothing stands in it"),
            "missing": say("most values are missing"),
            "counter": say("it only counts the rows"),
            "dates": say("dates are not wanted"),
        }
        for reason, names in self.left_out.items():
            if reason == "words":
                found.append(too_many_words(names))
            else:
                found.append(say("Left out: {columns} ({reason})", columns=shortened(names), reason=reasons[reason]))
        if self.calendar:
            together = shortened([look.columns[place].name for place in self.calendar])
            found.append(say("The columns {columns} together say when each row was", columns=together))
        for place in self.all_dates:
            if look.columns[place].unclear:
                found.append(
                    say(
                        "In {column} the month is taken to come before the day, which nothing tells",
                        column=look.columns[place].name,
                    )
                )
        return found


def planned(look: Look, wish: Wish) -> Plan:
    """Decide what is made of each column; refuse wishes that the table cannot meet."""
    target = _target(look, wish)
    column = look.columns[target]
    plan = Plan(target, _is_class(column, wish, look))
    if not plan.is_class and column.kind != "number":
        raise wrong(
            look.path,
            say("the column {name} holds no numbers, so it can only be predicted as a class", name=column.name),
        )
    if wish.series:
        plan.clock = next((place for place, one in enumerate(look.columns) if one.kind == "date"), None)
        plan.calendar = look.calendar if plan.clock is None else ()
    chosen = listed(look, wish.columns)
    without = set(listed(look, wish.without))
    for place in chosen or range(look.width):
        if (place != target or (wish.series and not plan.is_class)) and place not in without:
            _add(plan, place, look, wish, bool(chosen))
    _leave_out_counter(plan, look, bool(chosen))
    if not plan.inputs:
        raise wrong(
            look.path,
            say(
                "there is no column to predict {name} from; choose columns, or a window to look back", name=column.name
            ),
        )
    return plan


def names_in(text: str) -> list[str]:
    """Part a list of names, which may be quoted."""
    try:
        names = next(csv.reader([text.replace("，", ",")], skipinitialspace=True), [])
    except csv.Error:
        names = [text]
    return [name.strip() for name in names if name.strip()]


def listed(look: Look, text: str) -> list[int]:
    """Return the places of the columns in a list of names; refuse what is not there."""
    places = []
    for name in names_in(text):
        place = look.place(name)
        if place is None:
            raise _unknown(look, name)
        places.append(place)
    return sorted(set(places))


def too_many_words(names: list[str]) -> Sentence:
    """Say that columns hold too many different words to go in."""
    reason = say("too many different words")
    return say("Left out: {columns} ({reason})", columns=shortened(names), reason=reason)


def shortened(names: list[str], most: int = 6) -> str:
    """Return names in a list that a sentence can hold."""
    more = ", …" if len(names) > most else ""
    return ", ".join(glance(name, 40) for name in names[:most]) + more


def _unknown(look: Look, name: str) -> Refusal:
    return wrong(
        look.path,
        say(
            "there is no column called {name}; choose one of these: {columns}",
            name=glance(name),
            columns=shortened([column.name for column in look.columns], 12),
        ),
    )


def _target(look: Look, wish: Wish) -> int:
    if name := wish.target.strip():
        if (place := look.place(name)) is None:
            raise _unknown(look, name)
        if look.columns[place].kind in ("date", "empty"):
            raise wrong(look.path, say("{name} holds neither numbers nor classes; predict another column", name=name))
        return place
    able = [place for place, one in enumerate(look.columns) if one.kind in ("number", "text")]
    if look.named:  # even one that does not vary here: files that are sorted by their classes begin with one of them
        for names in (LABELS, TARGETS):
            for place in able:
                if look.columns[place].name.casefold() in names:
                    return place
    able = [place for place in able if look.columns[place].distinct > 1] or able
    if wish.series:
        able = [place for place in able if look.columns[place].kind == "number"] or able
        if look.calendar:  # what was measured stands behind the moment, whatever else was noted after it
            behind = [place for place in able if place > max(look.calendar)]
            return (behind or able)[0]
    if not able:
        raise wrong(look.path, say("it has neither numbers nor words that could be predicted; choose another table"))
    if look.named:
        return able[-1]
    # Without names: the only column of words is what the rows are; a last column that never varies is none (the
    # corner of a picture, where the first column is its label).
    texts = [place for place in able if look.columns[place].kind == "text"]
    if len(texts) == 1 and len(able) > 1 and look.columns[texts[0]].distinct <= FEW_NAMED:
        return texts[0]
    return able[-1] if able[-1] == look.width - 1 or able[0] != 0 else 0


def _is_class(column: Column, wish: Wish, look: Look) -> bool:
    if wish.task != "auto":
        return wish.task == "class"
    if column.kind != "number":
        return True
    if not column.whole or wish.series:
        return False
    there = column.seen - column.missing
    named = look.named and column.name.casefold() in LABELS
    return (column.distinct <= FEW_NUMBERS and column.distinct * 3 <= there) or (named and column.distinct <= FEW_NAMED)


def _add(plan: Plan, place: int, look: Look, wish: Wish, wanted: bool) -> None:
    """Let a column go in, or note why it does not."""
    column = look.columns[place]
    if column.kind == "empty":
        plan.left_out.setdefault("empty", []).append(column.name)
    elif not wanted and not wish.keeps_rows and column.kind != "text" and column.missing > MOSTLY * column.seen:
        plan.left_out.setdefault("missing", []).append(column.name)
    elif place in plan.calendar and not wanted:
        return
    elif column.kind == "number":
        plan.numbers.append(place)
    elif column.kind == "date":
        if place == plan.clock and not wanted:
            return
        if wish.dates or wanted:
            plan.dates.append(place)
        else:
            plan.left_out.setdefault("dates", []).append(column.name)
    elif column.distinct <= wish.values and (column.distinct < column.seen - column.missing or column.distinct <= 2):
        plan.words.append(place)  # words that are all different name the rows and tell nothing else
    else:
        plan.left_out.setdefault("words", []).append(column.name)


def _leave_out_counter(plan: Plan, look: Look, wanted: bool) -> None:
    """Leave out a first column that counts the rows from 0 or 1, unless it is all there is."""
    first = look.columns[0]
    counts = first.steady and first.examples[0] in ("0", "1")
    if counts and not wanted and plan.numbers[:1] == [0] and len(plan.inputs) > 1 and plan.target != 0:
        plan.numbers = plan.numbers[1:]
        plan.left_out.setdefault("counter", []).append(first.name)
