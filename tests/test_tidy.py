"""Whether a table of numbers says what the arrays say, to the last digit, to every program that reads it."""

from __future__ import annotations

import csv
import errno
import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow.csv
import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.text import Refusal
from playground.tidy import Table, as_csv, as_tabs, plain, safe, save, save_csv, side_by_side, tidy

ANYTHING = st.text(st.characters(codec="utf-8"), max_size=12)


class Word(NamedTuple):
    text: str
    shares: Any


@dataclass(frozen=True)
class Inner:
    axis_names = {"counts": ("bin",)}
    counts: Any


@dataclass(frozen=True)
class Answer:
    axis_names = {"gates": ("gate=names", "step"), "lines": ("time",), "words": ("word",)}
    step: int
    names: tuple[str, ...]
    gates: Any
    plane: Any = None
    inner: Inner | None = None
    lines: dict[str, Any] = field(default_factory=dict)
    words: tuple[Word, ...] = ()
    whole: bool = True


def read(data):
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def of(rows, quantity):
    return [row for row in rows if row["quantity"] == quantity]


def test_each_number_is_a_row_that_says_where_it_stands_along_axes_with_names():
    gates = np.array([[0.25, 0.5], [0.75, 1.0]], dtype=np.float16)
    rows = read(as_csv(tidy(Answer(7, ("input", "forget"), gates))))
    assert [(r["gate"], r["gate_name"], r["step"], r["value"]) for r in of(rows, "gates")] == [
        ("0", "input", "0", "0.25"),
        ("0", "input", "1", "0.5"),
        ("1", "forget", "0", "0.75"),
        ("1", "forget", "1", "1.0"),
    ]
    (step,), (whole,) = of(rows, "step"), of(rows, "whole")
    assert step["value"] == "7" and whole["value"] == "1" and step["gate"] == ""
    assert [(r["index"], r["value"], r["text"]) for r in of(rows, "names")] == [("0", "", "input"), ("1", "", "forget")]


def test_what_lies_within_is_found_by_its_path_and_by_the_place_of_what_holds_it():
    words = Word("a", np.array([0.5, 0.25])), Word("b", np.array([1.0]))
    answer = Answer(1, (), np.zeros((0, 2)), np.ones((1, 2)), Inner(np.array([3, 4])), {"x": np.array([9])}, words)
    rows = read(as_csv(tidy(answer)))
    assert [(r["row"], r["column"]) for r in of(rows, "plane")] == [("0", "0"), ("0", "1")]
    assert [(r["bin"], r["value"]) for r in of(rows, "inner.counts")] == [("0", "3"), ("1", "4")]
    assert [(r["time"], r["value"]) for r in of(rows, "lines.x")] == [("0", "9")]
    assert [(r["word"], r["index"], r["value"]) for r in of(rows, "words.shares")] == [
        ("0", "0", "0.5"),
        ("0", "1", "0.25"),
        ("1", "0", "1.0"),
    ]
    assert [(r["word"], r["text"]) for r in of(rows, "words.text")] == [("0", "a"), ("1", "b")]
    assert not of(rows, "gates"), "an empty array has no rows"


def test_names_that_are_not_as_many_as_the_places_are_left_out():
    table = tidy(Answer(1, ("only",), np.zeros((2, 1))))
    assert "gate" in table.columns and "gate_name" not in table.columns


def test_an_axis_that_is_not_always_there_is_named_where_it_is():
    assert tidy(Inner(np.zeros(()))).columns == ("quantity", "value")
    assert tidy(Inner(np.zeros((1, 2)))).columns == ("quantity", "bin", "axis_2", "value")


@dataclass(frozen=True)
class Taken:
    axis_names = {"counts": ("value",)}
    counts: Any


def test_an_axis_cannot_be_called_as_another_column_is():
    with pytest.raises(ValueError, match="no axis can be called value"):
        tidy(Taken(np.ones(2)))


@given(st.lists(st.floats(width=32), min_size=1), st.lists(st.floats(), min_size=1))
def test_every_number_comes_back_to_the_last_bit(single, double):
    for values, kind in ((single, np.float32), (double, np.float64)):
        array = np.array(values, dtype=kind)
        rows = of(read(as_csv(tidy(Inner(array)))), "counts")
        back = np.array([float(row["value"]) for row in rows], dtype=kind)
        assert np.array_equal(back, array, equal_nan=True)
        assert np.array_equal(np.signbit(back[array == 0]), np.signbit(array[array == 0]))


@given(ANYTHING)
def test_no_text_is_taken_for_a_formula_and_every_text_can_be_read_back(text):
    assert not safe(text).startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    (row,) = read(as_csv(Table(("text",), [(text,)]))) or [{"text": ""}]
    assert plain(row["text"]) == text


def test_numbers_stay_numbers_whatever_their_sign():
    assert as_csv(Table(("value",), [(-0.5,), (np.float32(-1e-9),), (float("nan"),), (-float("inf"),)])).decode(
        "utf-8-sig"
    ).split() == ["value", "-0.5", "-1e-09", "NaN", "-inf"]


def test_excel_sees_utf_8_and_other_readers_do_not_see_the_mark():
    data = as_csv(Table(("名称", "value"), [("输入门", 1.5), ("=1+1", 2.0)]))
    assert data.startswith(b"\xef\xbb\xbf")
    table = pyarrow.csv.read_csv(io.BytesIO(data))
    assert table.column_names == ["名称", "value"] and table["value"].to_pylist() == [1.5, 2.0]
    assert table["名称"].to_pylist() == ["输入门", "'=1+1"]
    assert as_tabs(Table(("a", "b"), [("c d", 1)])) == "a\tb\nc d\t1\n"


def test_lines_stand_beside_each_other_at_the_places_that_they_have():
    train = np.array([1.0, 2.0, 3.0]), np.array([0.5, np.nan, 0.25])
    table = side_by_side("step", {"train": train, "validation": (np.array([2.0, 4.0]), np.array([9.0, 8.0]))})
    assert table.columns == ("step", "train", "validation")
    assert as_tabs(table).splitlines()[1:] == ["1\t0.5\t", "2\tNaN\t9.0", "3\t0.25\t", "4\t\t8.0"]
    assert not side_by_side("step", {}).rows


def no_room(path: Path, data: bytes) -> int:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_where_a_file_cannot_be_written_that_is_one_sentence_and_nothing_is_lost(tmp_path, monkeypatch):
    kept = tmp_path / "kept.csv"
    save_csv(Table(("a",), [(1,)]), kept)
    (tmp_path / "folder.csv").mkdir()
    for path in (tmp_path / "missing" / "a.csv", tmp_path / "folder.csv", kept / "within.csv"):
        with pytest.raises(Refusal, match=f"{path.name} cannot be written: "):
            save(path, b"new")
    monkeypatch.setattr(Path, "write_bytes", no_room)
    with pytest.raises(Refusal, match=r"kept\.csv cannot be written: No space left on device"):
        save(kept, b"new")
    assert kept.read_bytes() == b"\xef\xbb\xbfa\r\n1\r\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder.csv", "kept.csv"]
