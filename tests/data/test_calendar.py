"""A date that is spread over several columns makes a table a series in time."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from playground.data._calendar import calendar_in, moments_of
from playground.data.recognise import in_place_of, recognise
from playground.data.series import Seasonal
from playground.data.tables import Table
from playground.preparation import Preparation, prepare
from playground.shape import Shape

pytestmark = pytest.mark.skipif(find_spec("pyarrow") is None, reason="pyarrow is not installed")

SHARED = Path(__file__).parents[2] / ".." / "shared" / "data"


def hourly(folder: Path, hours: int = 72, without: tuple[int, ...] = (), missing: tuple[int, ...] = ()) -> Path:
    """Write dust hour by hour, with a wind of words, as the file of Beijing is written."""
    lines = ["No,year,month,day,hour,dust,wind,rain"]
    for at in range(hours):
        if at not in without:
            dust = "NA" if at in missing else 100 + at
            lines.append(f"{at + 1},2010,1,{1 + at // 24},{at % 24},{dust},{'NE' if at % 3 else 'SW'},{at % 5}")
    (folder / "dust.csv").write_text("\n".join(lines) + "\n")
    return folder / "dust.csv"


NAMES = ("No", "year", "month", "day", "hour", "dust")


def rows(*hours: tuple[int, ...]) -> list[list[str]]:
    return [[str(k), *map(str, hour), "5"] for k, hour in enumerate(hours)]


def test_year_month_day_and_hour_are_found_by_their_names_and_values() -> None:
    found = rows((2010, 1, 1, 22), (2010, 1, 1, 23), (2010, 1, 2, 0))
    assert calendar_in(NAMES, found) == (1, 2, 3, 4)
    assert calendar_in(("no", "YEAR", " Month ", "day", "hr", "dust"), found) == (1, 2, 3, 4)
    assert calendar_in(("no", "年", "月", "日", "时", "dust"), found) == (1, 2, 3, 4)


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (NAMES, rows((2010, 1, 1, 22), (2010, 1, 1, 22), (2010, 1, 2, 0))),
        (NAMES, rows((2010, 1, 2, 0), (2010, 1, 1, 23), (2010, 1, 1, 22))),
        (("no", "y", "month", "day", "hour", "dust"), rows((2010, 1, 1, 22), (2010, 1, 1, 23), (2010, 1, 2, 0))),
        (NAMES, rows((2010, 13, 1, 22), (2010, 14, 1, 23), (2010, 15, 2, 0))),
        (NAMES, [["1", "2010", "", "1", "2", "5"], *rows((2010, 2, 1, 23), (2010, 3, 2, 0))]),
        (NAMES, rows((2010, 1, 1, 22), (2010, 1, 1, 23))),
    ],
    ids=["twice the same", "backwards", "no year", "no month of a year", "one is missing", "too few"],
)
def test_columns_that_do_not_tell_a_moment_are_no_calendar(names: tuple[str, ...], found: list[list[str]]) -> None:
    assert calendar_in(names, found) == ()


def test_months_alone_are_enough_and_what_does_not_fit_ends_it() -> None:
    assert calendar_in(("year", "month", "sold"), [["2000", "1", "5"], ["2000", "2", "6"], ["2001", "1", "7"]]) == (
        0,
        1,
    )
    names = ("year", "month", "day", "sold")  # 45 is no day, so it is something else
    assert calendar_in(names, [["2000", "1", "45", "5"], ["2000", "2", "45", "6"], ["2001", "1", "2", "7"]]) == (0, 1)


def test_moments_are_put_together_and_missing_where_a_part_is() -> None:
    nan = float("nan")
    parts = {"y": np.array([2010, 2011, nan, 2012.0]), "m": np.array([1, 12, 1, 2.0]), "d": np.array([1, 31, 1, 30.0])}
    made = moments_of({**parts, "h": np.array([0, 23, 5, nan])})
    assert np.array_equal(made[:2], np.array(["2010-01-01T00", "2011-12-31T23"], dtype="datetime64[s]"))
    assert np.isnat(made[2:]).all()
    assert moments_of(parts)[3] == np.datetime64("2012-03-01"), "no calendar knows the 30th of February"


def test_such_a_table_is_taken_for_a_series_of_what_was_measured(tmp_path: Path) -> None:
    source = recognise(hourly(tmp_path))
    assert isinstance(source, Table) and source.window == 12
    data = source.read()
    assert data.in_time and data.ahead is not None and data.ahead.past == (0,)
    assert data.facts.names["x"] == ("dust", "wind = NE", "wind = SW", "rain")
    assert data.facts.inputs["x"] == Shape(time=12, features=4)
    told = "\n".join(map(str, data.remarks))
    assert "dust is predicted, as a number" in told
    assert "The columns year, month, day, hour together say when each row was" in told
    assert "not all alike" not in told


def test_rows_are_put_in_the_order_of_the_calendar_and_uneven_steps_are_said(tmp_path: Path) -> None:
    path = hourly(tmp_path, without=(30,))
    assert "steps of year, month, day, hour are not all alike" in "\n".join(map(str, recognise(path).read().remarks))
    lines = path.read_text().splitlines()
    path.write_text("\n".join([lines[0], *lines[40:], *lines[1:40]]) + "\n")
    data = Table(path=str(path), window=2, target="dust", scaled=False).read()
    # The first rows do not rise, so nothing tells that these columns are a calendar.
    assert "year" in data.facts.names["x"]


def test_missing_values_leave_examples_out_which_is_counted(tmp_path: Path) -> None:
    path = hourly(tmp_path, missing=(40,))
    source = Table(path=str(path), window=4, ahead=2, target="dust", scaled=False)
    data = source.read()
    assert data.facts.counts == {"train": 72 - 5 - (4 + 1)}
    assert "5 examples are left out, since values are missing in them" in map(str, data.remarks)
    filled = prepare(source.replace(missing="mean").read(), Preparation(validation=0.5), 1)
    assert sum(filled.facts.counts.values()) == 72 - 5 - 1, "only what would be predicted is lacking"
    x = filled.splits["validation"].inputs["x"]
    assert not np.isnan(x).any() and x[..., 0].max() > 150
    gap = filled.splits["train"].inputs["x"][..., 0].mean()
    assert np.isclose(x[x[..., 0] < 120][:, 0], gap, rtol=1e-5).all(), "what validates says nothing of the mean"


def test_a_calendar_goes_in_where_a_person_wants_it(tmp_path: Path) -> None:
    data = Table(path=str(hourly(tmp_path)), window=4, target="dust", columns="dust, hour").read()
    assert data.facts.names["x"] == ("dust", "hour")


def test_a_new_series_is_looked_at_and_forecast_as_the_one_before(tmp_path: Path) -> None:
    found = recognise(hourly(tmp_path))
    taken = in_place_of(Seasonal(window=20, ahead=5, horizon=2), found)
    assert isinstance(taken, Table) and (taken.window, taken.ahead, taken.horizon) == (20, 5, 2)
    assert taken.path == found.path
    (tmp_path / "flowers.csv").write_text("a,b,kind\n" + "1,2,x\n3,4,y\n" * 9)
    assert in_place_of(Seasonal(window=20), recognise(tmp_path / "flowers.csv")).replace(path="") == Table()


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared files are not on this machine")
def test_the_air_of_beijing_is_a_series_hour_by_hour() -> None:
    source = in_place_of(Seasonal(window=24, ahead=5), recognise(SHARED / "beijing_pm25" / "pollution.csv"))
    data = source.read()
    assert data.facts.names["x"][0] == "pm2.5" and "hour" not in data.facts.names["x"]
    windows = 8760 - 24 - 5 + 1
    lost = windows - data.facts.counts["train"]
    assert 669 < lost < 669 * 30
    assert f"{lost:,} examples are left out, since values are missing in them" in map(str, data.remarks)
    assert not np.isnan(data.splits["train"].inputs["x"]).any()
