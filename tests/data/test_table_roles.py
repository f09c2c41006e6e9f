"""What a table's columns are taken for can be corrected one by one, and nothing else changes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.data._table_roles import seen_in, with_role
from playground.data.tables import Table
from playground.text import Refusal

NAMES = ("id", "size, cm", "zip", "colour", "when", "price")


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Table:
    path = tmp_path_factory.mktemp("table") / "houses.csv"
    rows = [
        f"{k + 1},{k * 37 % 101 / 7},{1000 + k % 5},{'rgb'[k % 3]},2024-01-{k % 28 + 1:02},{k * 1.7 + k % 3}"
        for k in range(60)
    ]
    path.write_text("\n".join(['id,"size, cm",zip,colour,when,price', *rows]))
    return Table(path=str(path))


def roles(table: Table) -> dict[str, str]:
    return {one.column.name: one.role for one in seen_in(table)}


GUESSED = {"id": "out", "size, cm": "input", "zip": "input", "colour": "input", "when": "input", "price": "target"}


def test_the_guess_is_shown(table: Table) -> None:
    assert roles(table) == GUESSED
    able = {one.column.name: one.roles for one in seen_in(table)}
    assert able["when"] == ("input", "out") and able["colour"] == ("input", "target", "out")
    assert able["zip"] == ("input", "named", "target", "out") and "out" not in able["price"]


@pytest.mark.parametrize(
    ("name", "role"),
    [("size, cm", "out"), ("zip", "named"), ("id", "input"), ("when", "out"), ("colour", "out")],
)
def test_one_column_gets_another_role(table: Table, name: str, role: str) -> None:
    changed = with_role(table, seen_in(table), name, role)
    assert roles(changed) == {**GUESSED, name: role}
    facts = changed.read().facts
    assert any(one.startswith(name) for one in facts.names["x"]) == (role != "out")


def test_another_column_is_predicted(table: Table) -> None:
    changed = with_role(table, seen_in(table), "colour", "target")
    assert roles(changed) == {**GUESSED, "colour": "target", "price": "input"}
    assert changed.read().facts.targets["label"].classes == ("b", "g", "r")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(NAMES), st.integers(0, 3)), max_size=6))
def test_after_any_corrections_each_column_has_the_role_it_got_last(table: Table, steps: list[tuple[str, int]]) -> None:
    last = dict(GUESSED)
    for name, number in steps:
        seen = seen_in(table)
        one = next(one for one in seen if one.column.name == name)
        if one.role == "target":
            continue  # another column takes its place, or none
        role = one.roles[number % len(one.roles)]
        changed = with_role(table, seen, name, role)
        try:
            now = roles(changed)
        except Refusal:  # nothing is left to predict from
            continue
        table = changed
        before = {one.column.name: one.role for one in seen}
        assert now[name] == role
        others = {other for other in NAMES if now[other] != before[other]} - {name}
        assert all(role == "target" and before[other] == "target" for other in others)
        last = now
    assert list(last.values()).count("target") == 1
