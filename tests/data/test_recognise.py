"""From a path to the data set that reads it."""

from __future__ import annotations

from pathlib import Path

import pytest

from playground.data.idx import IdxFolder
from playground.data.recognise import recognise
from playground.text import Refusal
from tests.data.idx_files import write_set


def test_a_folder_of_idx_files_and_one_of_its_files_are_recognised(tmp_path: Path) -> None:
    write_set(tmp_path)
    assert recognise(tmp_path) == IdxFolder(path=str(tmp_path))
    source = recognise(tmp_path / "train-images-idx3-ubyte")
    assert isinstance(source, IdxFolder)
    assert source.read().facts.counts == {"train": 6}


def test_a_relative_path_is_kept_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_set(tmp_path / "sets")
    monkeypatch.chdir(tmp_path)
    assert recognise(Path("sets")) == IdxFolder(path=str(tmp_path / "sets"))


@pytest.mark.parametrize("name", ["", "missing", "notes.txt", "a" * 5000, "nul\0nul"])
def test_what_no_reader_knows_is_refused_with_a_sentence(name: str, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    with pytest.raises(Refusal, match=r"; (choose|check) "):
        recognise(tmp_path / name)


def test_a_damaged_file_that_claims_to_be_one_is_recognised_and_explained_on_reading(tmp_path: Path) -> None:
    (tmp_path / "train-images-idx3-ubyte").write_bytes(b"oops")
    with pytest.raises(Refusal, match="train-images-idx3-ubyte is no IDX file"):
        recognise(tmp_path).read()
