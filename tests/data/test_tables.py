"""Tables: what a person's CSV file becomes, and that every bad one is refused with one sentence, file and line."""

from __future__ import annotations

import argparse
import contextlib
import gzip
import io
import json
import os
import random
import resource
import time
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from playground.analysis import analyse
from playground.blocks.activation import Tanh
from playground.blocks.combine import Flatten
from playground.blocks.data import Input, Output
from playground.blocks.dense import Dense
from playground.choices import Adam
from playground.data import Data
from playground.data import _rows as rows
from playground.data.recognise import recognise
from playground.data.tables import Table
from playground.experiment import Experiment, Training
from playground.facts import DataFacts, Target
from playground.files import read as open_document
from playground.files import write
from playground.preparation import Preparation
from playground.preparation.measuring import measured
from playground.preparation.splitting import split
from playground.shape import Shape
from playground.text import Refusal
from tests.examples import chain

pytestmark = pytest.mark.skipif(find_spec("pyarrow") is None, reason="pyarrow is not installed")

SHARED = Path(__file__).parents[2] / ".." / "shared" / "data"

FLOWERS = "length,width,species\n" + "5.1,3.5,setosa\n4.9,3.0,setosa\n7.0,3.2,versicolor\n6.3,3.3,virginica\n" * 5


def table(folder: Path, text: str | bytes, name: str = "table.csv", **settings: Any) -> Table:
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return Table(path=str(folder / name), **settings)


def read(folder: Path, text: str | bytes, name: str = "table.csv", **settings: Any) -> Data:
    """Read a table, and do to it what is learnt from all that it holds."""
    return measured(table(folder, text, name, **settings).read())


def refusal(source: Table) -> str:
    """Return the one sentence that reading is refused with."""
    with pytest.raises(Refusal) as caught:
        source.read()
    sentence = str(caught.value)
    assert "\n" not in sentence
    return sentence


def inputs(data: Data, split: str = "train") -> list[list[float]]:
    found: list[list[float]] = data.splits[split].inputs["x"].tolist()
    return found


def told(data: Data) -> str:
    return "\n".join(map(str, data.remarks))


# -- what is predicted -----------------------------------------------------------------------------------------


def test_words_in_the_last_column_are_classes(tmp_path: Path) -> None:
    data = read(tmp_path, FLOWERS)
    assert data.facts.targets["label"].classes == ("setosa", "versicolor", "virginica")
    assert data.facts.names == {"x": ("length", "width")}
    assert data.facts.counts == {"train": 20}
    np.testing.assert_allclose(inputs(data)[2], [7.0, 3.2], rtol=1e-6)
    assert data.splits["train"].targets["label"][:4].tolist() == [0, 0, 1, 2]
    assert data.splits["train"].inputs["x"].dtype == np.float32
    assert data.splits["train"].targets["label"].dtype == np.int64
    assert data.facts.fingerprint
    assert DataFacts.from_json(data.facts.to_json()) == data.facts


def test_a_column_with_a_telling_name_is_predicted_wherever_it_stands(tmp_path: Path) -> None:
    data = read(tmp_path, "Species,a,b\nx,1,2\ny,3,4\nx,5,6\n")
    assert data.facts.targets["label"].classes == ("x", "y")
    assert data.facts.names["x"] == ("a", "b")


def test_without_names_the_only_column_of_words_is_predicted(tmp_path: Path) -> None:
    data = read(tmp_path, "842302,M,17.9\n842517,B,20.5\n843009,M,19.6\n")
    assert data.facts.targets["label"].classes == ("B", "M")
    assert data.facts.names["x"] == ("1", "3")


def test_without_names_a_last_column_that_never_varies_is_not_predicted(tmp_path: Path) -> None:
    text = "".join(f"{i % 3},{i},7,0\n" for i in range(30))  # like MNIST: label, pixels, a white corner
    assert read(tmp_path, text).facts.targets["label"].classes == ("0", "1", "2")


def test_few_whole_numbers_are_classes_in_the_order_of_their_value(tmp_path: Path) -> None:
    data = read(tmp_path, "a,b\n" + "".join(f"{i},{(2, 10, 1.0)[i % 3]}\n" for i in range(30)), task="class")
    assert data.facts.targets["label"].classes == ("1", "2", "10")
    data = read(tmp_path, "a,b\n" + "".join(f"{i},{(2, 10, 1)[i % 3]}\n" for i in range(30)))
    assert data.facts.targets["label"].classes == ("1", "2", "10")
    assert data.splits["train"].targets["label"][:3].tolist() == [1, 2, 0]


def test_other_numbers_are_numbers_and_scaled_unless_that_is_turned_off(tmp_path: Path) -> None:
    text = "a,b\n1,10\n2,20\n3,30.5\n"
    data = read(tmp_path, text, scaled=False)
    assert data.facts.targets["y"].shape.count == 1
    assert not data.facts.targets["y"].is_class
    np.testing.assert_allclose(data.splits["train"].targets["y"], [[10], [20], [30.5]])
    scaled = read(tmp_path, text).splits["train"].targets["y"]
    np.testing.assert_allclose([scaled.mean(), scaled.std()], [0, 1], atol=1e-6)
    assert "20.1667" in told(read(tmp_path, text))


def test_target_and_task_can_be_corrected(tmp_path: Path) -> None:
    data = read(tmp_path, "a,b,c\n1,2,x\n3,4,y\n5,6,x\n", target="B", task="number", scaled=False)
    np.testing.assert_allclose(data.splits["train"].targets["y"].ravel(), [2, 4, 6])
    assert data.facts.names["x"] == ("a", "c = x", "c = y")
    assert read(tmp_path, "1,2\n3,4\n5,6\n", target="1", scaled=False).splits["train"].targets["y"][0] == 1


# -- what goes in ----------------------------------------------------------------------------------------------


def test_words_become_switches_and_many_different_ones_are_left_out(tmp_path: Path) -> None:
    text = "id,colour,name,y\n" + "".join(f"{i + 1},{'rgb'[i % 3]},name{i},{i / 2}\n" for i in range(30))
    data = read(tmp_path, text)
    assert data.facts.names["x"] == ("colour = b", "colour = g", "colour = r")
    assert inputs(data)[:2] == [[0, 0, 1], [0, 1, 0]]
    assert "Left out: name (too many different words)" in told(data)
    assert "Left out: id (it only counts the rows)" in told(data)
    assert "id" in read(tmp_path, text, columns="id, colour").facts.names["x"]
    assert read(tmp_path, text, values=0, columns="id,name").facts.names["x"] == ("id",)


def test_numbers_that_only_name_things_are_words_when_that_is_said(tmp_path: Path) -> None:
    text = "zip,y\n" + "10115,1.5\n80331,2.5\n" * 4
    assert read(tmp_path, text, named="zip").facts.names["x"] == ("zip = 10115", "zip = 80331")


def test_columns_are_chosen_and_left_out_by_name(tmp_path: Path) -> None:
    text = 'a,"b, c",d,y\n1,2,3,4.5\n5,6,7,8.5\n'
    assert read(tmp_path, text, columns='"b, c", d').facts.names["x"] == ("b, c", "d")
    assert read(tmp_path, text, without="A").facts.names["x"] == ("b, c", "d")


def test_dates_become_years_and_angles(tmp_path: Path) -> None:
    text = "when,y\n2000-01-01 00:00,1.5\n2001-07-02 06:00,2.5\n"
    data = read(tmp_path, text)
    assert data.facts.names["x"] == tuple(
        f"when ({part})" for part in ("years", "sin year", "cos year", "sin day", "cos day")
    )
    np.testing.assert_allclose(inputs(data), [[0, 0, 1, 0, 1], [1.5, 0, -1, 1, 0]], atol=0.01)
    assert len(read(tmp_path, "a,d,y\n1,2020-01-01,1.5\n2,2020-01-02,2.5\n", dates=False).facts.names["x"]) == 1


def test_a_date_that_does_not_exist_leaves_out_its_row(tmp_path: Path) -> None:
    data = read(tmp_path, "when,y\n2020-02-28,1.5\n2020-02-30,2.5\n2020-03-01,3.5\n")
    assert data.facts.counts == {"train": 2}


def test_an_order_of_day_and_month_that_nothing_tells_is_said(tmp_path: Path) -> None:
    assert "month is taken to come before" in told(read(tmp_path, "d,y\n1/2/2020,1.5\n3/4/2020,2.5\n"))


MISSING = "a,b,y\n1,NA,1.5\n3,6,2.5\n,8,3.5\n5,4,4.5\n7,2,?\n"


def test_rows_with_missing_values_are_left_out_and_counted(tmp_path: Path) -> None:
    data = read(tmp_path, MISSING)
    assert inputs(data) == [[3, 6], [5, 4]]
    assert "3 rows with missing values are left out" in told(data)


def test_missing_values_are_filled_with_the_mean_but_never_what_is_to_be_predicted(tmp_path: Path) -> None:
    assert inputs(read(tmp_path, MISSING, missing="mean")) == [[1, 6], [3, 6], [3, 8], [5, 4]]


def test_missing_values_are_filled_with_nothing_and_marked(tmp_path: Path) -> None:
    data = read(tmp_path, MISSING, missing="zero")
    assert data.facts.names["x"] == ("a", "a ∅", "b", "b ∅")
    assert inputs(data)[:3] == [[1, 0, 0, 1], [3, 0, 6, 0], [0, 1, 8, 0]]


def test_a_missing_word_is_a_word_of_its_own(tmp_path: Path) -> None:
    data = read(tmp_path, "c,y\nred,1.5\nNA,2.5\nred,3.5\n,4.5\n")
    assert data.facts.names["x"] == ("c = ∅", "c = red")
    assert inputs(data) == [[0, 1], [1, 0], [0, 1], [1, 0]]


def test_columns_that_are_mostly_missing_are_left_out_rather_than_nearly_all_rows(tmp_path: Path) -> None:
    data = read(tmp_path, "a,b,c,y\n1,NA,,1.5\n2,NA,,2.5\n3,4,,3.5\n")
    assert data.facts.names["x"] == ("a",)
    assert data.facts.counts == {"train": 3}
    assert "Left out: b (most values are missing)" in told(data)


def test_a_few_values_that_are_no_numbers_count_as_missing_and_are_said_with_their_line(tmp_path: Path) -> None:
    text = "a,y\n" + "1,2.5\n" * 20 + '"x\noops",3.5\n' + "5,6.5\n" * 10
    data = read(tmp_path, text)
    assert data.facts.counts == {"train": 30}
    assert "1 value of a is no number and counts as missing: “x oops” in line 22" in told(data)


def test_numbers_are_read_as_they_are_written(tmp_path: Path) -> None:
    text = 'a;b;c\n1,5;"1.234.567,25";1\n2,5;1 000;2,5\n,5;-2e3;x\n' + "0;0;0\n" * 20
    data = read(tmp_path, text, target="c", scaled=False)
    assert inputs(data)[:2] == [[1.5, 1234567.25], [2.5, 1000.0]]
    assert "Numbers have a decimal comma" in told(data)
    assert inputs(read(tmp_path, 'a,y\n"1,234.5",1.5\n"12,345,678",2.5\n')) == [[1234.5], [12345678.0]]


def test_a_number_too_large_to_compute_with_is_missing(tmp_path: Path) -> None:
    assert read(tmp_path, "a,y\n1,1.5\n1e99,2.5\n3,3.5\n").facts.counts == {"train": 2}


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_every_encoding_and_end_of_line_gives_the_same(end: str, encoding: str, tmp_path: Path) -> None:
    text = "年龄,身高,类别\n30,170,男\n40,160,女\n50,171,男\n".replace("\n", end)
    data = read(tmp_path, text.encode(encoding))
    assert data.facts.names["x"] == ("年龄", "身高")
    assert data.facts.targets["label"].classes == ("女", "男")
    assert inputs(data) == [[30, 170], [40, 160], [50, 171]]
    assert ("encoding" in told(data)) is (not encoding.startswith("utf-8"))


def test_an_encoding_can_be_chosen(tmp_path: Path) -> None:
    data = read(tmp_path, "возраст,класс\n1,да\n2,нет\n3,да\n".encode("cp1251"), encoding="cp1251", target="класс")
    assert data.facts.targets["label"].classes == ("да", "нет")


def test_quoted_values_hold_delimiters_quotes_and_lines(tmp_path: Path) -> None:
    data = read(tmp_path, 't,v,label\n"a, ""b""\nc",1,x\nd,2,y\n"a, ""b""\nc",3,x\n')
    assert data.facts.names["x"] == ('t = a, "b" c', "t = d", "v")
    assert inputs(data)[1] == [0, 1, 2]


def test_blocks_end_between_rows_wherever_the_file_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "t,v,y\n" + "".join(f'"a\nb{i % 2}",{i},{i}.5\n' for i in range(50))
    for size in (4, 5, 7, 64):
        monkeypatch.setattr(rows, "BLOCK", size)
        data = read(tmp_path, text, scaled=False)
        assert [row[-1] for row in inputs(data)] == list(range(50))
        np.testing.assert_allclose(data.splits["train"].targets["y"].ravel(), np.arange(50) + 0.5)


def test_lines_within_quotes_are_found_even_far_down(tmp_path: Path) -> None:
    text = "v,t,y\n" + "1,a,1.5\n" * 6_000 + '2,"a\nb",2.5\n'
    data = read(tmp_path, text)
    assert data.facts.counts == {"train": 6001}


def test_a_column_whose_words_get_too_many_further_down_is_left_out(tmp_path: Path) -> None:
    text = "v,t,y\n" + "1,a,1.5\n" * 6_000 + "".join(f"2,b{i},2.5\n" for i in range(40))
    data = read(tmp_path, text)
    assert data.facts.names["x"] == ("v",)
    assert "Left out: t (too many different words)" in told(data)


# -- files that belong together --------------------------------------------------------------------------------


def test_files_are_for_what_their_names_say(tmp_path: Path) -> None:
    for name, n in (("train.csv", 20), ("dev.csv", 8), ("test.csv", 4)):
        (tmp_path / name).write_text("\n".join(FLOWERS.splitlines()[: n + 1]) + "\n")
    for path in (tmp_path, tmp_path / "train.csv", tmp_path / "test.csv"):
        data = Table(path=str(path)).read()
        assert data.facts.counts == {"train": 20, "validation": 8, "test": 4}
    data = Table(path=str(tmp_path), roles="test=none, dev=test").read()
    assert data.facts.counts == {"train": 20, "test": 8}


def test_a_file_stands_alone_among_others(tmp_path: Path) -> None:
    (tmp_path / "other.csv").write_text("q\n1\n")
    (tmp_path / "other_test.csv").write_text("q\n1\n")
    assert read(tmp_path, FLOWERS, "iris.csv").facts.counts == {"train": 20}
    (tmp_path / "iris_test.csv.gz").write_bytes(gzip.compress(FLOWERS.encode()))
    assert read(tmp_path, FLOWERS, "iris.csv").facts.counts == {"train": 20, "test": 20}
    assert "holds several tables" in refusal(Table(path=str(tmp_path)))
    assert Table(path=str(tmp_path), roles="iris=train").read().facts.counts == {"train": 20}


def test_columns_in_another_order_are_found_by_name(tmp_path: Path) -> None:
    (tmp_path / "x_train.csv").write_text("a,b,c,label\n1,2,u,x\n3,4,v,y\n5,6,u,x\n")
    (tmp_path / "x_test.csv").write_text("c,label,b,a\nw,y,20,10\nv,x,40,30\n")
    data = Table(path=str(tmp_path / "x_train.csv")).read()
    assert inputs(data, "test") == [[10, 20, 0, 0], [30, 40, 0, 1]]  # a word that was never seen is none of them
    assert data.splits["test"].targets["label"].tolist() == [1, 0]


def test_files_with_other_columns_are_refused_and_those_without_answers_left_out(tmp_path: Path) -> None:
    (tmp_path / "train.csv").write_text(FLOWERS)
    (tmp_path / "test.csv").write_text("length,width\n1,2\n")
    data = Table(path=str(tmp_path)).read()
    assert data.facts.counts == {"train": 20}
    assert "test.csv (the answers are missing)" in told(data)
    (tmp_path / "test.csv").write_text("length,species\n1,setosa\n2,virginica\n")
    assert "test.csv: there is no column called width" in refusal(Table(path=str(tmp_path)))


# -- series ----------------------------------------------------------------------------------------------------


def test_a_window_looks_back_and_the_target_lies_ahead(tmp_path: Path) -> None:
    text = "when,other,v\n" + "".join(f"2020-01-{i + 1:02},{i * 10},{i}\n" for i in range(10))
    data = read(tmp_path, text, window=3, ahead=2, scaled=False)
    assert data.in_time
    assert data.facts.inputs["x"] == Shape(time=3, features=2)
    assert data.facts.names["x"] == ("v", "other")
    assert DataFacts.from_json(data.facts.to_json()) == data.facts
    assert data.splits["train"].inputs["x"][0].tolist() == [[0, 0], [1, 10], [2, 20]]
    np.testing.assert_allclose(data.splits["train"].targets["y"].ravel(), [4, 5, 6, 7, 8, 9])
    assert "Repeating the last value gives a mean squared error of 4;" in told(data)


def test_several_rows_are_predicted_at_once(tmp_path: Path) -> None:
    text = "v\n" + "\n".join("" if i == 9 else str(i) for i in range(12)) + "\n"
    data = read(tmp_path, text, window=2, ahead=2, horizon=3, scaled=False)
    assert data.facts.targets["y"].shape == Shape(features=3)
    assert data.splits["train"].inputs["x"][:, :, 0].tolist() == [[0, 1], [1, 2], [2, 3], [3, 4]]
    assert data.splits["train"].targets["y"].tolist() == [[3, 4, 5], [4, 5, 6], [5, 6, 7], [6, 7, 8]]
    assert "error of 9.67;" in told(data), "(2² + 3² + 4²) / 3"
    assert "no 13 rows" in refusal(table(tmp_path, text, window=9, horizon=4))


def test_a_class_is_predicted_for_one_row_only(tmp_path: Path) -> None:
    text = "v,label\n" + "".join(f"{i},{'ab'[i // 2 % 2]}\n" for i in range(12))
    data = read(tmp_path, text, window=2, ahead=2)
    assert data.splits["train"].targets["label"].tolist() == [1, 0, 0, 1, 1, 0, 0, 1, 1]
    assert "Repeating" not in told(data)
    assert "set the horizon to 1" in refusal(table(tmp_path, text, window=2, horizon=2))


def test_the_past_of_a_scaled_target_is_scaled_like_it(tmp_path: Path) -> None:
    data = read(tmp_path, "v\n" + "".join(f"{i}\n" for i in range(10)), window=2)
    x, y = data.splits["train"].inputs["x"], data.splits["train"].targets["y"]
    np.testing.assert_allclose(x[1:, -1, 0], y[:-1, 0], rtol=1e-6)


def test_what_validates_a_series_is_its_end(tmp_path: Path) -> None:
    data = read(tmp_path, "v\n" + "".join(f"{i}\n" for i in range(102)), window=2, scaled=False)
    held = split(data, 0.2, "auto", 1)
    assert held.facts.counts == {"train": 80, "validation": 20}
    assert held.splits["train"].targets["y"].max() < held.splits["validation"].targets["y"].min()


def test_windows_never_reach_over_missing_rows(tmp_path: Path) -> None:
    text = "v\n" + "\n".join("" if i == 5 else str(i) for i in range(12)) + "\n"
    data = read(tmp_path, text, window=2, scaled=False)
    looks = data.splits["train"].inputs["x"][:, :, 0].tolist()
    assert looks == [[0, 1], [1, 2], [2, 3], [6, 7], [7, 8], [8, 9], [9, 10]]
    np.testing.assert_allclose(data.splits["train"].targets["y"].ravel(), [2, 3, 4, 8, 9, 10, 11])


def test_rows_are_put_in_the_order_of_their_time_and_uneven_steps_are_said(tmp_path: Path) -> None:
    text = "when,v\n2020-01-03,3\n2020-01-01,1\n2020-01-02,2\n2020-01-09,4\n"
    data = read(tmp_path, text, window=1, scaled=False)
    assert data.splits["train"].inputs["x"].ravel().tolist() == [1, 2, 3]
    assert "put in the order of when" in told(data)
    assert "not all alike" in told(data)


def test_a_window_longer_than_the_series_is_refused(tmp_path: Path) -> None:
    assert "no 6 rows" in refusal(table(tmp_path, "v\n1\n2\n3\n", window=5))


def test_a_file_that_looks_like_a_series_is_opened_as_one(tmp_path: Path) -> None:
    months = "when,v\n" + "".join(f"{1990 + i // 12}-{i % 12 + 1:02},{i}.5\n" for i in range(60))
    (tmp_path / "series.csv").write_text(months)
    (tmp_path / "lone.csv").write_text("v\n" + "".join(f"{i}.5\n" for i in range(60)))
    (tmp_path / "table.csv").write_text(FLOWERS)
    found = [recognise(tmp_path / name) for name in ("series.csv", "lone.csv", "table.csv")]
    assert [one.window for one in found if isinstance(one, Table)] == [12, 12, 0]


# -- recognising and looking -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", FLOWERS),
        ("a.tsv", "a\tlabel\n1\tx\n2\ty\n"),
        ("iris.data", "5.1,3.5,Iris-setosa\n4.9,3.0,Iris-setosa\n7.0,3.2,Iris-versicolor\n"),
        ("housing", " 0.00632  18.00  24.00\n 0.02731   0.00  21.60\n"),
        ("broken.csv", "a,b\n1,2\n3\n"),
        ("mixed.csv", "é,b\n1,2\nä,3\nö,ü\n".encode() * 3 + b"\xff,3\n"),
    ],
)
def test_tables_are_recognised_by_their_content(name: str, text: str | bytes, tmp_path: Path) -> None:
    table(tmp_path, text, name)
    assert isinstance(recognise(tmp_path / name), Table)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.txt", "It rained, and then, it rained.\nNobody, as ever, came.\n" * 9),
        ("a.conllu", "# text = a b\n1\ta\ta\tNOUN\n2\tb\tb\tVERB\n\n1\tc\tc\tNOUN\n\n" * 3),
        ("a.jsonl", '{"a": 1, "b": 2}\n{"a": 3, "b": 4}\n' * 3),
        ("a.py", "def f(a, b):\n    return a, b\n\nx, y = 1, 2\n"),
        ("a.csv", b""),
        ("a.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR,1,2\n"),
        (
            "reviews.tsv",
            "id\ttext\tlabel\n" + "1\tthis film is just not good\tneg\n2\twhat a very fine film\tpos\n" * 3,
        ),
    ],
)
def test_other_files_are_not_taken_for_tables(name: str, text: str | bytes, tmp_path: Path) -> None:
    table(tmp_path, text, name)
    assert not Table.holds(tmp_path / name)


def test_a_look_tells_what_was_guessed_without_reading_all(tmp_path: Path) -> None:
    source = table(tmp_path, "when;price;kind\n" + "01.02.2020;1,5;a\n02.02.2020;NA;b\n" * 40_000)
    began = time.perf_counter()
    seen = source.look()
    assert time.perf_counter() - began < 1
    assert [(one.name, one.kind) for one in seen.columns] == [("when", "date"), ("price", "number"), ("kind", "text")]
    assert seen.columns[1].missing == seen.columns[1].seen // 2
    assert seen.columns[2].examples == ("a", "b")
    assert seen.rows[0] == ("01.02.2020", "1,5", "a")
    assert not seen.complete
    assert [str(one) for one in seen.told()] == [
        "Values are separated by semicolons",
        "The first line names the columns",
        "Numbers have a decimal comma",
    ]


# -- bad files -------------------------------------------------------------------------------------------------

BROKEN = {
    "empty": (b"", "table.csv: it is empty"),
    "one byte": (b"x", "table.csv: there are no rows"),
    "one zero": (b"\0", "line 1: it holds a NUL"),
    "only names": (b"a,b\n", "table.csv: there are no rows"),
    "empty lines": (b"\n\n\n", "table.csv: there are no rows"),
    "a short row": (b"a,b\n1,2\n\n3\n4,5\n", "line 4: the line has 1 value where 2"),
    "a long row": (b"a,b\n1,2\n3,4\n5,6,7\n", "line 4: the line has 3 values where 2"),
    "a short row far down": (
        b"a,b\n" + b"1,2\n" * 900_000 + b"3\n" + b"1,2\n" * 9,
        "line 900,002: the line has 1 value",
    ),
    "NUL": (b"a,b\n1,2\n3,\0\n", "line 3: it holds a NUL"),
    "NUL far down": (b"a,b\n" + b"1,2\n" * 400_000 + b"3,\0\n", "line 400,002: it holds a NUL"),
    "mixed encodings": (
        "é,b\n1,2\nä,3\nö,ü\n".encode() * 3 + b"\xff,3\n",
        "line 13: it is not all in the same encoding",
    ),
    "mixed far down": ("é,b\n".encode() + b"1,2\n" * 400_000 + b"\xff,3\n", "line 400,002: it is not all in the same"),
    "a million columns": (b",".join(b"%d" % i for i in range(1_000_000)) + b"\n", "line 1: it has more than 10,000"),
    "too many columns": ((b"1," * 12_000 + b"1\n") * 3, "line 1: it has more than 10,000 columns"),
    "an endless line": (b"a" * 3_000_000, "line 1: the line is longer than"),
    "an endless line far down": (b"a,b\n" + b"1,2\n" * 400_000 + b"1" * 3_000_000, "line 400,002: the line is longer"),
    "binary junk": (bytes(range(1, 256)) * 40, "it is no text"),
    "an open quotation mark": (b'a,b\n1,2\n"x,2\n3,4\n', "line 3"),
    "one class": (b"a,label\n1,x\n2,x\n", "in every row label is x"),
    "nothing left": (b"a,b,y\n1,NA,1.5\nNA,2,2.5\n", "no row is left"),
    "one column": (b"1\n2\n", "there is no column to predict 1 from"),
    "words only": (b"a\nhello\nworld\n", "there is no column to predict"),
    "words in a column of numbers": (
        b"a,y\n" + b"1,1.5\n" * 6_000 + b"x,2.5\n" * 900,
        "line 6,002: in the column a stands “x”",
    ),
    "too many classes": (b"a,label\n" + b"".join(b"1,c%d\n" % i for i in range(1_100)), "more than 1,000 different"),
}


@pytest.mark.parametrize("what", BROKEN)
@pytest.mark.parametrize("packed", [False, True])
def test_a_broken_table_is_refused_by_file_and_line(what: str, packed: bool, tmp_path: Path) -> None:
    content, sentence = BROKEN[what]
    source = table(tmp_path, gzip.compress(content, 1) if packed else content)
    assert sentence in refusal(source)


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        ({"target": "colour"}, "there is no column called colour; choose one of these: length, width, species"),
        ({"columns": "length,nothing"}, "there is no column called nothing"),
        ({"without": "length,width"}, "there is no column to predict species from"),
        ({"task": "number"}, "species holds no numbers"),
        ({"roles": "table=none"}, "holds no table that may be used"),
        ({"window": 10_000, "target": "width"}, "no 10,001 rows"),
    ],
)
def test_wishes_that_cannot_be_met_are_refused(wish: dict[str, Any], sentence: str, tmp_path: Path) -> None:
    assert sentence in refusal(table(tmp_path, FLOWERS, **wish))


def test_what_makes_too_many_numbers_is_refused_before_it_is_made(tmp_path: Path) -> None:
    text = "a,b\n" + "".join(f"{i},{i}.5\n" for i in range(60_000))
    assert "more than 250,000,000 numbers" in refusal(table(tmp_path, text, window=5_000))


def test_a_bomb_is_refused_without_being_unpacked(tmp_path: Path) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.perf_counter()
    assert "table.csv" in refusal(table(tmp_path, gzip.compress(bytes(200_000_000), 1)))
    assert time.perf_counter() - began < 1
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000


def test_an_archive_that_is_cut_short_is_refused(tmp_path: Path) -> None:
    rng = random.Random(1)
    text = "a,b\n" + "".join(f"{rng.random()},{rng.random()}\n" for _ in range(2000))
    assert "damaged" in refusal(table(tmp_path, gzip.compress(text.encode())[:-500]))


def test_paths_that_lead_nowhere_are_refused(tmp_path: Path) -> None:
    assert "chosen" in refusal(Table())
    assert "no file or folder" in refusal(Table(path=str(tmp_path / "missing.csv")))
    assert "no tables" in refusal(Table(path=str(tmp_path)))
    assert "no file or folder" in refusal(Table(path="a\0b"))
    os.mkfifo(tmp_path / "pipe.csv")
    assert "no file or folder" in refusal(Table(path=str(tmp_path / "pipe.csv")))


def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = table(tmp_path, FLOWERS)

    def forbidden(*arguments: object, **named: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", forbidden)
    assert "Permission denied" in refusal(source)


# -- fuzzing ---------------------------------------------------------------------------------------------------

SEEDS = (
    FLOWERS.encode(),
    b"a;b;c\n1,5;2.000,5;x\n2,5;3;y\n" * 4,
    b'"q","r"\n"a, ""b""\nc",1\n"d",2\n' * 4,
    "年龄,身高,类别\n30,170,男\n40,160,女\n50,171,男\n".encode("gb18030"),
    "a\tb\tlabel\n1\t2\tx\n3\t4\ty\n5\t6\tx\n".encode("utf-16"),
    b"  1 2 3\n 4 5  6\n7\t8 9\n" * 3,
    b"when,v\n" + b"".join(b"2020-01-%02d,%d\n" % (i + 1, i * i) for i in range(25)),
)
PIECES = (b'"', b"'", b",", b"\n", b"\r", b"\0", b";", b"\t", b"\xff", b"\xe9", b"NA", b"1e999", b"-", b"9" * 400)
PIECES += (b"#", b"\n\n", b"\xef\xbb\xbf", b"2020-02-30", b"1,234", b"\xff\xfe", b"sep=;\n", b"   ", b"\xc2\xa0")

WISHES: dict[str, tuple[Any, ...]] = {
    "window": (0, 0, 1, 3, 12),
    "horizon": (1, 1, 2),
    "missing": ("drop", "mean", "zero"),
    "task": ("auto", "auto", "class", "number"),
    "delimiter": ("auto", "auto", "auto", "comma", "semicolon", "tab", "bar", "space"),
    "encoding": ("auto", "auto", "auto", "utf-8", "utf-16", "gb18030", "cp1252", "shift_jis"),
    "header": ("auto", "auto", "yes", "no"),
    "decimal": ("auto", "point", "comma"),
    "columns": ("", "", "", "1", "2,3", '"a'),
    "target": ("", "", "", "1", "3", "label"),
    "named": ("", "", "1", "a"),
}


def mutated(rng: random.Random, seeds: tuple[bytes, ...] = SEEDS) -> bytes:
    """Damage a real table a little, or a lot."""
    data = bytearray(rng.choice(seeds))
    for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
        at = rng.randrange(len(data) + 1)
        match rng.randrange(7):
            case 0:
                data[at : at + 1] = bytes([rng.randrange(256)])
            case 1:
                data[at:at] = rng.randbytes(rng.randrange(6))
            case 2:
                del data[at : at + rng.choice((1, 3, 50, 500))]
            case 3:
                data[at:at] = rng.choice(PIECES)
            case 4:
                data[at:at] = data[max(0, at - 200) : at]
            case 5:
                del data[at:]
            case _:
                old, new = rng.choice((b",", b"\n", b"1", b'"')), rng.choice((b";", b",", b"\r", b" ", b'"', b"x"))
                data = data.replace(old, new, rng.choice((1, 3, -1)))
    return gzip.compress(data, 1) if rng.random() < 0.05 else bytes(data)


def check(path: Path, content: bytes, wishes: dict[str, Any]) -> bool:
    """Read whatever it is: data whose facts are true, or a refusal of one line, within a second."""
    path.write_bytes(content)
    began = time.perf_counter()
    try:
        data = Table(path=str(path), **wishes).read()
    except Refusal as caught:
        assert "\n" not in str(caught)
        return False
    finally:
        assert time.perf_counter() - began < 1
        Table.holds(path)
    assert DataFacts.from_json(data.facts.to_json()) == data.facts
    train = data.splits["train"]
    assert len(train) == data.facts.counts["train"] > 0
    assert train.inputs["x"].shape == (len(train), *data.facts.inputs["x"].sizes)
    assert data.unlearnt.fill or np.isfinite(train.inputs["x"]).all()
    train = measured(data).splits["train"]
    assert np.isfinite(train.inputs["x"]).all()
    for name, target in data.facts.targets.items():
        answers = train.targets[name]
        assert np.isfinite(answers).all()
        assert answers.shape == (len(train), *target.shape.sizes)
        assert not target.is_class or 0 <= answers.min() <= answers.max() < len(target.classes)
    return True


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=st.one_of(
        st.binary(max_size=300),
        st.text(alphabet="0123456789,;\t \n\r\"'.-abé年|", max_size=300).map(str.encode),
        st.randoms(use_true_random=False).map(mutated),
    ),
    wishes=st.fixed_dictionaries({}, optional={name: st.sampled_from(some) for name, some in WISHES.items()}),
)
def test_whatever_a_file_holds_it_is_read_or_refused(content: bytes, wishes: dict[str, Any], tmp_path: Path) -> None:
    check(tmp_path / "table.csv", content, wishes)


def test_damaged_tables_are_read_or_refused(tmp_path: Path) -> None:
    good = 0
    for seed in range(60):
        rng = random.Random(seed)
        good += check(tmp_path / "table.csv", mutated(rng), {})
    assert 10 < good < 60, "the damage is neither nothing nor everything"


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, 12_000, 3_000))
def test_ten_thousand_damaged_tables_are_read_or_refused(first: int, tmp_path: Path) -> None:
    files = sorted(SHARED.glob("*/*.csv"))
    seeds = (*SEEDS, *(path.read_bytes()[:4000] for path in files))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # the most this process ever held, other tests included
    for seed in range(first, first + 3_000):
        rng = random.Random(seed)
        wishes = {name: rng.choice(some) for name, some in WISHES.items() if rng.random() < 0.2}
        check(tmp_path / "table.csv", mutated(rng, seeds), wishes)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 500_000


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_million_rows_of_fifty_numbers_open_within_ten_seconds_and_two_gigabytes(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    lines = [",".join(f"{value:.4f}" for value in row) for row in rng.normal(size=(1000, 50))]
    with (tmp_path / "large.csv").open("w") as file:
        file.write(",".join(f"c{i}" for i in range(50)) + "\n")
        for _ in range(1000):
            file.write("\n".join(lines) + "\n")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.perf_counter()
    data = Table(path=str(tmp_path / "large.csv")).read()
    assert time.perf_counter() - began < 10
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 2_000_000
    assert data.splits["train"].inputs["x"].shape == (1_000_000, 49)


# -- real files ------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared files are not on this machine")
def test_real_tables_are_understood() -> None:
    passengers = recognise(SHARED / "airline_passengers" / "airline-passengers.csv")
    assert passengers.read().facts.counts == {"train": 96}
    dust = Table(path=str(SHARED / "beijing_pm25" / "pollution.csv"), target="pm2.5")
    data = dust.read()
    assert data.facts.counts == {"train": 8760 - 669}
    assert data.facts.names["x"][:4] == ("year", "month", "day", "hour")
    assert "cbwd = NW" in data.facts.names["x"]
    assert "669 rows with missing values are left out" in told(data)
    cold = recognise(SHARED / "daily_min_temperatures" / "daily-min-temperatures.csv").read()
    assert cold.facts.counts == {"train": 2920 - 12}
    assert cold.facts.inputs["x"] == Shape(time=12, features=1)
    hours = dust.replace(window=24, horizon=6).read()
    assert hours.in_time
    assert hours.facts.inputs["x"] == Shape(time=24, features=len(hours.facts.names["x"]))
    assert hours.facts.names["x"][0] == "pm2.5"
    assert hours.facts.targets["y"].shape == Shape(features=6)
    assert 4_000 < hours.facts.counts["train"] < 8760 - 24 - 6


# -- training --------------------------------------------------------------------------------------------------


def trained(source: Table, output: Output, units: int, folder: Path) -> dict[str, Any]:
    """Save a document on a table, read it again, train a few epochs, and return what the command line prints."""
    from playground.commands import train as command

    training = Training(optimiser=Adam(learning_rate=0.02), batch_size=8, epochs=30)
    data = source.read()
    flat = (Flatten(),) if "time" in data.facts.inputs["x"] else ()
    graph = chain(Input(), *flat, Dense(units=8), Tanh(), Dense(units=units), output)
    preparation = Preparation(validation=0.2, standardise=True)
    experiment = Experiment(source=source, facts=data.facts, graph=graph, training=training, preparation=preparation)
    write(experiment, folder / "document.json")
    parser = argparse.ArgumentParser()
    command.arguments(parser)
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        assert command.run(parser.parse_args([str(folder / "document.json"), "--json", "--device", "cpu"])) == 0
    answer: dict[str, Any] = json.loads(out.getvalue())
    return answer


@pytest.mark.skipif(find_spec("torch") is None, reason="torch is not installed")
def test_a_document_on_a_table_trains(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    points = rng.normal(size=(100, 2))
    classes = "a,b,label\n" + "".join(f"{a:.3f},{b:.3f},{'yes' if a > b else 'no'}\n" for a, b in points)
    answer = trained(table(tmp_path, classes, "c.csv"), Output(), 2, tmp_path)
    assert answer["validation"]["accuracy"] > 0.8
    binary = Output(task="binary", loss="binary_cross_entropy")
    answer = trained(table(tmp_path, classes, "c.csv"), binary, 1, tmp_path)
    assert answer["validation"]["accuracy"] > 0.8
    number = Output(target="y", task="regression", loss="mse")
    sums = "a,b,c\n" + "".join(f"{a:.3f},{b:.3f},{1000 + 50 * (a + b):.3f}\n" for a, b in points)
    assert trained(table(tmp_path, sums, "s.csv"), number, 1, tmp_path)["validation"]["mse"] < 0.2
    waves = "v\n" + "".join(f"{10 + 3 * np.sin(i / 3):.4f}\n" for i in range(200))
    assert trained(table(tmp_path, waves, "w.csv", window=6), number, 1, tmp_path)["validation"]["mse"] < 0.2


@pytest.mark.skipif(find_spec("torch") is None, reason="torch is not installed")
def test_a_document_that_knew_a_series_as_flat_rows_opens_and_is_told_where_to_put_flatten(tmp_path: Path) -> None:
    from playground.training import Trainer

    source = table(tmp_path, "v\n" + "".join(f"{np.sin(i / 3):.4f}\n" for i in range(60)), "w.csv", window=6)
    target = {"y": Target(shape=Shape(features=1))}
    names = {"x": tuple(f"v t−{back}" if back else "v t" for back in range(5, -1, -1))}
    old = DataFacts({"x": Shape(features=6)}, target, {"train": 54}, names)
    number = Output(target="y", task="regression", loss="mse")
    graph = chain(Input(), Dense(units=4), Tanh(), Dense(units=1), number)
    assert analyse(graph, old).problems == ()
    write(Experiment(source=source, facts=old, graph=graph), tmp_path / "old.json")
    opened = open_document(tmp_path / "old.json")
    assert opened.facts == old
    now = opened.source.read().facts
    assert [str(problem.message) for problem in analyse(opened.graph, now).problems] == [
        "Output wants a flat row of features, but 6 × 1 comes in; put Flatten before it"
    ]
    mended = chain(Input(), Flatten(), Dense(units=4), Tanh(), Dense(units=1), number)
    trainer = Trainer(replace(opened, graph=mended))
    assert trainer.data.facts.inputs["x"] == Shape(time=6, features=1)


def test_a_table_travels_in_a_document(tmp_path: Path) -> None:
    source = table(tmp_path, FLOWERS, target="width", window=3, missing="mean", delimiter="comma")
    assert Table.from_json(json.loads(json.dumps(source.to_json()))) == source
    assert replace(source, window=0).window == 0
