"""Dates: every one exists and is rewritten rightly, whichever way it is written."""

from __future__ import annotations

import re
from datetime import date

import pytest

from playground.data.dates import CHINESE, ENGLISH, DateRewriting
from playground.preparation import Preparation, prepare

MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


def understood(text: str) -> date:
    """Read a date in any of the ways, independently of how it was written."""
    if "年" in text:
        text = text.replace("零", "〇").partition("，")[0].partition("（")[0].rstrip("日号")
        return date(*(number(part) for part in re.split("[年月]", text)))
    if match := re.fullmatch(r"(\d+)/(\d+)/(\d+)", text):
        return date(*map(int, match.groups()))
    month = next(at for at, name in enumerate(MONTHS, 1) if re.search(rf"\b({name}|{name[:3]})\b", text))
    numbers = [int(one) for one in re.findall(r"\d+", text)]
    return date(max(numbers), month, min(numbers))


def number(written: str) -> int:
    """Read a Chinese number as a year's digits or up to 99."""
    digits = {sign: str(at) for at, sign in enumerate("〇一二三四五六七八九")}
    if written.isdigit() and written.isascii():
        return int(written)
    if "十" in written:
        tens, _, ones = written.partition("十")
        return 10 * int(digits.get(tens, "1")) + int(digits.get(ones, "0"))
    return int("".join(digits[sign] for sign in written))


@pytest.mark.parametrize("language", ["english", "chinese", "both"])
def test_every_date_is_rewritten_rightly_and_no_day_occurs_twice(language: str) -> None:
    data = DateRewriting(language=language, count=3000).read()
    assert data.facts.counts == {"train": 3000, "test": 600}
    assert data.unit == "characters"
    days = []
    for examples in data.splits.values():
        for text, answer in zip(examples.inputs["source"], examples.targets["target"], strict=True):
            day = date.fromisoformat(answer)
            assert understood(text) == day
            assert 1900 <= day.year <= 2099
            days.append(day)
    assert len(set(days)) == len(days)
    chinese = sum("年" in text for text in data.splits["train"].inputs["source"])
    assert chinese == {"english": 0, "chinese": 3000}.get(language, chinese)
    assert language != "both" or 900 < chinese < 1700


def test_a_day_is_written_as_people_do() -> None:
    day = date(2024, 3, 5)
    for wanted in ("5 March 2024", "Mar 5, 2024", "5th March 2024", "Tuesday, 5 March 2024", "2024/3/5"):
        assert wanted in [manner(day) for manner in ENGLISH]
    for wanted in (
        "2024年3月5日", "2024年03月05日", "二〇二四年三月五日", "二零二四年三月五日", "2024年3月5日（周二）",
    ):  # fmt: skip
        assert wanted in [manner(day) for manner in CHINESE]
    assert "二〇〇〇年十二月三十一日" in [manner(date(2000, 12, 31)) for manner in CHINESE]
    assert "一九九九年十月二十日，星期三" in [manner(date(1999, 10, 20)) for manner in CHINESE]
    assert "2023年1月1日，星期日" in [manner(date(2023, 1, 1)) for manner in CHINESE]
    assert "二〇二三年一月一日，星期天" in [manner(date(2023, 1, 1)) for manner in CHINESE]


@pytest.mark.parametrize(
    ("day", "wanted"), [(1, "1st"), (2, "2nd"), (3, "3rd"), (11, "11th"), (13, "13th"), (23, "23rd")]
)
def test_english_days_have_their_endings(day: int, wanted: str) -> None:
    assert f"{wanted} May 2001" in [manner(date(2001, 5, day)) for manner in ENGLISH]


def test_what_is_written_is_always_ten_characters_long() -> None:
    data = prepare(DateRewriting(count=500, language="both").read(), Preparation(), 1)
    assert data.facts.targets["next"].shape.time == len("2024-03-05") + 1
    assert set(data.facts.targets["next"].classes[4:]) == set("0123456789-")
    assert not (data.splits["test"].inputs["source"] == 1).any(), "no character that training did not show"
