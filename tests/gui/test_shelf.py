from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from widgets.settings import Settings
from widgets.shelf import MOST_RECENT, Shelf


def test_favourites_and_recent_blocks_are_there_the_next_time(tmp_path: Path) -> None:
    shelf = Shelf(Settings(tmp_path))
    shelf.star("Dense", True)
    shelf.star("Add", True)
    shelf.star("Dense", False)
    for number in range(9):
        shelf.use(f"block{number}")
    shelf.use("block5")
    again = Shelf(Settings(tmp_path))
    assert again.favourites == ("Add",)
    assert again.recent == ("block5", "block8", "block7", "block6", "block4", "block3") and MOST_RECENT == 6


def test_only_a_change_is_told(qtbot: QtBot) -> None:
    shelf = Shelf()
    with qtbot.waitSignal(shelf.changed):
        shelf.use("Dense")
    with qtbot.assertNotEmitted(shelf.changed):
        shelf.use("Dense")
        shelf.star("Dense", False)


def test_a_broken_file_means_an_empty_shelf(tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text('{"recent_blocks": [3, "Dense", null], "favourite_blocks": "Add"}')
    shelf = Shelf(Settings(tmp_path))
    assert (shelf.recent, shelf.favourites) == (("Dense",), ())
