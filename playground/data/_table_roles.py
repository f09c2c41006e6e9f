"""What each column of a table is taken for, to be seen and corrected one by one."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from playground.data._plan import names_in
from playground.data._values import Column
from playground.text import note

if TYPE_CHECKING:
    from playground.data.tables import Table

ROLES = {
    "input": note("goes in"),
    "named": note("goes in as words"),
    "target": note("is predicted"),
    "out": note("left out"),
}
"""What can be done with a column, and what that is called."""


@dataclass(frozen=True)
class Seen:
    """A column as its first rows tell, its role, and the roles that it could have."""

    column: Column
    role: str
    roles: tuple[str, ...]


def seen_in(table: Table) -> tuple[Seen, ...]:
    """Look at the beginning of a table and return its columns; refuses what cannot be read."""
    look = table.look()
    plan = table.plan(look)
    named = {look.place(name) for name in names_in(table.named)}
    found = []
    for place, column in enumerate(look.columns):
        role = "target" if place == plan.target else "input" if place in plan.inputs else "out"
        if role == "input" and place in named:
            role = "named"
        numbers = column.kind == "number" or place in named
        repeated = column.distinct < column.seen - column.missing or column.distinct < 3
        few = column.distinct <= table.values and repeated
        able = {
            "input": column.kind != "empty" and (few or column.kind != "text"),
            "named": numbers and few,
            "target": column.kind not in ("date", "empty"),
            "out": role != "target",
        }
        found.append(Seen(column, role, tuple(one for one, can in able.items() if can)))
    return tuple(found)


def with_role(table: Table, seen: tuple[Seen, ...], name: str, role: str) -> Table:
    """Return the table with another role for one of its columns; all others keep theirs."""
    if role == "target":
        return table.replace(target=name, task="auto", without=_without(table.without, name))
    was = next(one for one in seen if one.column.name == name)
    wanted = [one.column.name for one in seen if one.role in ("input", "named")]
    named = [one for one in names_in(table.named) if one != name] + [name] * (role == "named")
    table = table.replace(named=_written(named), without=_without(table.without, name))
    if role == "out":
        columns = _without(table.columns, name)
        return table.replace(columns=columns, without=_written([*names_in(table.without), name]))
    if was.role == "out" and was.column.name not in names_in(table.without):  # nobody left it out but the guess
        return table.replace(columns=_written([*wanted, name]))
    if table.columns:
        return table.replace(columns=_written(list(dict.fromkeys([*wanted, name]))))
    return table


def _without(names: str, name: str) -> str:
    return _written([one for one in names_in(names) if one != name])


def _written(names: list[str]) -> str:
    """Write a list of names as `names_in` reads it."""
    if not names:
        return ""
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(names)
    return line.getvalue()
