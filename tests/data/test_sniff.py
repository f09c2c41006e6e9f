"""How a table is written is guessed from its beginning: one small rule a test."""

from __future__ import annotations

import time

import pytest

from playground.data._sniff import Given, Sample, sniff, spaces_to_tabs
from playground.data._values import column_of, iso


def guess(text: str, **given: object) -> Sample:
    return sniff(text, Given(**given))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("a,b\n1,2\n", ","),
        ("a;b\n1;2\n", ";"),
        ("a\tb\n1\t2\n", "\t"),
        ("a|b\n1|2\n", "|"),
        ("a b\n1 2\n", " "),
        ("  1   2\t3\n 4  5  6 \n", " "),
        ("1,5;2,5\n3,5;4,5\n", ";"),
        ("1,5 2,5\n3,5 4,5\n", " "),
        ("x;1.234,5;2,0\ny;2,5;3\n", ";"),
        ('name;note\n"a, b";1\n"c, d";2\n', ";"),
        ("2010-01-02 00:00:00,5.1\n2010-01-02 01:00:00,6.1\n", ","),
        ('"Doe, J.",1\n"Roe, R.",2\n', ","),
        ("Smith, John;London\nDoe, Jane;Rome\n", ";"),
        ("112\n118\n", ","),
        ("one two,1\nthree,2\n", ","),
        ("sep=;\na,x;b\n1,5;2\n", ";"),
    ],
)
def test_the_delimiter_is_found(text: str, delimiter: str) -> None:
    assert guess(text).dialect.delimiter == delimiter


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("a,b\n1,2\n", ("a", "b")),
        ("1,2\n3,4\n", ("1", "2")),
        ("5.1,Iris\n4.9,Iris\n", ("1", "2")),
        ("name,city\nAnn,Rome\nBob,Rome\n", ("name", "city")),
        ("p,x\ne,x\np,b\n", ("1", "2")),
        ("a,,a\n1,2,3\n", ("a", "2", "a (2)")),
        ("a,b,\n1,2,\n3,4,\n", ("a", "b", "3")),
        ('"a" "b"\n"r1" 5 6\n"r2" 7 8\n', ("1", "a", "b")),
        ("# made by hand\n# x y\n1 2\n3 4\n", ("x", "y")),
        ("# made by hand\nx y\n1 2\n3 4\n", ("x", "y")),
        ("日期,值\n2020年1月5日,3\n", ("日期", "值")),
        ("t,v\n,1\n,2\n", ("t", "v")),
        ("x\n1\n2\n", ("x",)),
        ("1\n2\n", ("1",)),
    ],
)
def test_names_are_told_from_rows(text: str, names: tuple[str, ...]) -> None:
    assert guess(text).names == names


def test_what_is_said_is_not_guessed() -> None:
    assert guess("2019,2020\n1,2\n", header=True).names == ("2019", "2020")
    assert guess("a,b\nc,d\n", header=False).rows == [["a", "b"], ["c", "d"]]
    assert guess("1,5\n2,5\n", delimiter=";").names == ("1",)
    assert guess("1,5\n2,5\n", delimiter=";").dialect.comma


@pytest.mark.parametrize(
    ("text", "comma"),
    [
        ("1,5;2\n", True),
        ("1.234,5;2\n", True),
        ("1,234;2,345\n", True),  # with a semicolon between values a comma is for decimals
        ("1.5;2,5\n1.5;3\n1.5;3\n", False),
        ('"1,234",5\n"2,345",6\n', False),
        ("1.234;2.345\n", False),
        ("1;2\n", False),
    ],
)
def test_the_decimal_comma_is_found(text: str, comma: bool) -> None:
    assert guess(text).dialect.comma is comma


def test_single_quotes_and_lines_within_quotes_are_found() -> None:
    assert guess("'a','b'\n'x, y',1\n").dialect.quote == "'"
    assert guess('a,b\n"x\ny",1\nz,2\n').dialect.multiline
    assert not guess("a,b\nit's,1\nz,2\n").dialect.multiline
    assert guess("a,b\nit's,1\nz,2\n").dialect.quote == '"'


@pytest.mark.parametrize(
    ("text", "begin"),
    [("a,b\n1,2\n", 2), ("1,2\n", 1), ("\n\na,b\n\n1,2\n", 5), ("# c\n1 2\n", 2), ('"a\nb",c\n1,2\n', 3)],
)
def test_the_line_of_the_first_row_is_known(text: str, begin: int) -> None:
    assert guess(text).begin == begin


def test_nothing_and_little_are_no_table() -> None:
    for text in ("", "\n\n", "a,b\n", '"', '"never closed\n1\n2\n'):
        assert guess(text).rows == [] or guess(text).names


def test_spaces_around_and_inside_quotes_are_told_apart() -> None:
    assert spaces_to_tabs(b"  1  2\t\t3 \n 4 5 6\n") == b"1\t2\t3\n4\t5\t6\n"
    assert spaces_to_tabs(b'1   "a  b" 2\n') == b'1\t"a  b"\t2\n'


# -- columns ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["1", "2.5", "-3e4", ".5", "NA"], "number"),
        (["1,234", "12,345,678.9", "1 234", "1'234"], "number"),
        (["1949-01", "1949-02"], "date"),
        (["1949-01-01 10:00", "1949-01-01T11:00:00Z"], "date"),
        (["31/12/2020", "1/2/21"], "date"),
        (["2020年1月5日", "2020年2月"], "date"),
        (["a", "b"], "text"),
        (["1", "a"], "text"),
        (["1.2.3", "1-2"], "text"),
        (["", "NA", "?"], "empty"),
        (["٣", "٤"], "text"),  # digits to Python, not to anything that follows
        (["2010.5", "2011.5"], "number"),
    ],
)
def test_kinds_are_found(values: list[str], kind: str) -> None:
    assert column_of("x", values, comma=False).kind == kind


def test_one_wrong_value_among_many_does_not_make_words_of_a_column() -> None:
    assert column_of("x", [str(i) for i in range(20)] + ["oops"], comma=False).kind == "number"


def test_numbers_can_be_names() -> None:
    assert column_of("zip", ["10115", "80331"], comma=False, named=True).kind == "text"


@pytest.mark.parametrize(
    ("name", "values", "order", "unclear"),
    [
        ("d", ["13/12/2020", "1/2/2020"], "dmy", False),
        ("d", ["12/13/2020", "1/2/2020"], "mdy", False),
        ("d", ["1/2/2020", "3/4/2020"], "mdy", True),
        ("d", ["1.2.2020", "3.4.2020"], "dmy", False),
        ("date", ["20200131", "20200201"], "compact", False),
        ("x", ["20200131", "20200201"], "", False),
    ],
)
def test_the_order_of_day_and_month_is_found(name: str, values: list[str], order: str, unclear: bool) -> None:
    column = column_of(name, values, comma=False)
    assert (column.order, column.unclear) == (order, unclear)


@pytest.mark.parametrize(
    ("value", "order", "written"),
    [
        ("1949-02", "ymd", "1949-02-01T00:00:00"),
        ("2020/1/5 7:30", "ymd", "2020-01-05T07:30:00"),
        ("2020-01-05T07:30:15.250+02:00", "ymd", "2020-01-05T07:30:15"),
        ("5.1.20", "dmy", "2020-01-05T00:00:00"),
        ("1/5/99", "mdy", "1999-01-05T00:00:00"),
        ("20200105", "compact", "2020-01-05T00:00:00"),
        ("soon", "ymd", "NaT"),
    ],
)
def test_dates_are_read(value: str, order: str, written: str) -> None:
    assert iso(value, order) == written


@pytest.mark.parametrize(
    "text", ["1" * 500_000, '"' * 100_000, ("1," * 9_999 + "1\n") * 25, " " * 500_000, "1,234" * 90_000]
)
def test_nothing_takes_long_to_look_at(text: str) -> None:
    began = time.perf_counter()
    sample = guess(text)
    for place, name in enumerate(sample.names[:50]):
        column_of(name, [row[place] for row in sample.rows], sample.dialect.comma)
    assert time.perf_counter() - began < 1
