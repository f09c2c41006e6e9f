"""The command that lists and downloads sets: what it prints, its JSON and its exit status."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from playground import bootstrap, commands
from playground.downloads import CATALOGUE
from tests.download_server import KEY, Server, item, own_cache, publish, serving

Run = Callable[..., tuple[object, str, str]]


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    own_cache(monkeypatch, tmp_path / "cache")
    monkeypatch.setenv("LANGUAGE", "en")
    with serving() as made:
        made.files = {"/a/file": b"x" * 2000}
        publish(monkeypatch, item("file", b"x" * 2000, f"{made.url}/a"))
        yield made


@pytest.fixture
def run(server: Server, capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*arguments: str) -> tuple[object, str, str]:
        command = commands.find("download")
        try:
            options = command.parse(list(arguments), "main.py")
        except SystemExit as ending:
            return ending.code, *capsys.readouterr()
        status = bootstrap._call(command, options)
        return status, *capsys.readouterr()

    return call


def test_the_list_names_every_set_its_size_licence_and_whether_it_is_here(run: Run) -> None:
    status, told, _ = run()
    assert status == 0
    lines = told.splitlines()
    assert [line.split()[0] for line in lines] == [one.key for one in CATALOGUE]
    assert all("not downloaded" in line for line in lines)
    assert "170 MB" in told
    assert "CC BY-SA 4.0" in told


def test_a_set_is_downloaded_and_then_listed_as_here(run: Run, tmp_path: Path) -> None:
    status, told, complained = run(KEY)
    assert (status, complained) == (0, "")
    folder = tmp_path / "cache" / "data" / KEY
    assert told == f"MNIST (digits) lies in {folder}\n"
    assert (folder / "file").read_bytes() == b"x" * 2000
    status, told, _ = run("--json")
    answers = {one["name"]: one for one in json.loads(told)}
    assert answers[KEY]["here"]
    assert answers[KEY]["bytes"] == 2000
    assert not answers["kmnist"]["here"]


def test_what_cannot_be_had_is_said_with_status_1(run: Run, server: Server) -> None:
    server.files.clear()
    status, told, complained = run(KEY)
    assert (status, told) == (1, "")
    assert complained.startswith("network-playground: file could not be downloaded (")
    assert complained.count("\n") == 1
    status, told, complained = run(KEY, "--json")
    answer = json.loads(told)
    assert (status, complained, answer["here"]) == (1, "", False)
    assert len(answer["problems"]) == 1


def test_an_unknown_set_is_wrong_usage(run: Run) -> None:
    status, _, complained = run("everything")
    assert status == 2
    assert KEY in complained
