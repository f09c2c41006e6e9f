from __future__ import annotations

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QImage, QPainter

from playground.block import CATALOGUE, FAMILIES
from playground.text import set_language
from widgets import app, icons
from widgets.block_rows import CURVES, ICONS, entry, families, paint_badge, search


def found(query: str) -> list[str]:
    entries = [one for section in families() for one in section.entries]
    return [one.key for one in search(query, entries)]


def test_every_family_has_an_icon_and_every_icon_is_in_the_font() -> None:
    app.application()
    assert set(FAMILIES) <= ICONS.keys()
    _, characters = icons._font()
    assert [name for name in ICONS.values() if name not in characters] == []


def test_icons_and_curves_belong_to_blocks_or_families_that_are_there() -> None:
    assert set(ICONS) <= {*FAMILIES, *CATALOGUE}
    assert set(CURVES) <= set(CATALOGUE)


@pytest.mark.parametrize("key", [*CURVES, "Dense", "Dropout"])
def test_a_badge_shows_something_on_the_colour_of_its_family(key: str) -> None:
    app.application()
    picture = QImage(20, 20, QImage.Format.Format_ARGB32)
    picture.fill(Qt.GlobalColor.white)
    painter = QPainter(picture)
    paint_badge(painter, QRect(0, 0, 20, 20), key, CATALOGUE[key].family)
    painter.end()
    lightness = {picture.pixelColor(x, y).lightness() for x in range(2, 18) for y in range(2, 18)}
    assert max(lightness) - min(lightness) > 60


def test_a_name_comes_before_its_family_and_that_before_what_a_block_is_for() -> None:
    assert found("dense")[0] == "Dense"
    assert found("pooling")[:2] == ["MaxPool2D", "AvgPool2D"]
    assert found("feature maps")[:1] == [] or "feature maps" in CATALOGUE[found("feature maps")[0]].purpose()
    assert "Dropout" in found("silences")
    assert found("mp2")[0] == "MaxPool2D"
    assert found("qqq") == []


def test_both_languages_find_a_block() -> None:
    set_language("zh")
    assert entry(CATALOGUE["Input"]).name == "输入"
    assert found("input")[0] == found("输入")[0] == "Input"
    assert found("largest")[0] == "MaxPool2D"


def test_an_empty_search_leaves_everything_in_its_order() -> None:
    assert found(" ") == [one.key for section in families() for one in section.entries]
