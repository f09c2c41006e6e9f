from __future__ import annotations

from pathlib import Path

import pytest

from widgets.settings import Settings, home


def test_values_are_there_the_next_time(tmp_path: Path) -> None:
    Settings(tmp_path / "deep").set("language", "zh")
    assert Settings(tmp_path / "deep").get("language", "en") == "zh"


@pytest.mark.parametrize("text", ["", "{", "[1, 2]", '{"language": 3}', "\0"])
def test_a_broken_file_means_defaults(tmp_path: Path, text: str) -> None:
    (tmp_path / "settings.json").write_text(text, encoding="utf-8")
    assert Settings(tmp_path).get("language", "en") == "en"


def test_a_place_that_cannot_be_written_bothers_nobody(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    settings = Settings(tmp_path / "file")
    settings.set("theme", "dark")
    assert settings.get("theme", "") == "dark"


def test_recent_files_come_newest_first_and_only_while_they_exist(tmp_path: Path) -> None:
    settings = Settings(tmp_path)
    paths = [tmp_path / f"{number}.json" for number in range(12)]
    for path in paths:
        path.write_text("{}", encoding="utf-8")
        settings.remember(path)
    settings.remember(paths[5])
    paths[11].unlink()
    recent = settings.recent()
    assert recent[0] == paths[5]
    assert paths[11] not in recent
    assert len(recent) == 9


def test_an_environment_variable_names_another_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NETWORK_PLAYGROUND_HOME", str(tmp_path))
    assert home() == tmp_path
