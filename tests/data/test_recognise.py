"""From a path to the data set that reads it."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from playground.data.idx import IdxFolder
from playground.data.recognise import found, readers, recognise
from playground.facts import DataFacts, Target
from playground.shape import Shape
from playground.text import Refusal, Sentence
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


def test_the_one_folder_in_a_folder_that_holds_data_is_found(tmp_path: Path) -> None:
    write_set(tmp_path / "MNIST" / "raw")
    (tmp_path / "MNIST" / "notes").mkdir()
    assert recognise(tmp_path / "MNIST") == IdxFolder(path=str(tmp_path / "MNIST" / "raw"))


def test_of_several_data_sets_one_has_to_be_chosen(tmp_path: Path) -> None:
    write_set(tmp_path / "fashion")
    write_set(tmp_path / "digits")
    with pytest.raises(Refusal, match="holds several data sets; choose one of them: digits, fashion"):
        recognise(tmp_path)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "an empty file"),
        (b"\x80\x04\x95", "a Python pickle, which could run programs"),
        (b"%PDF-1.7 ...", "a PDF document"),
        (b"PK\x03\x04" + bytes(30), "a zip archive"),
        (gzip.compress(bytes(257) + b"ustar" + bytes(300), mtime=0), "a tar archive; unpack it first"),
        (gzip.compress(b"\x80\x04\x95", mtime=0), "a Python pickle, which could run programs"),
        (b"\x89PNG\r\n\x1a\n", "a single image"),
        (bytes(300), "a binary file in an unknown format"),
    ],
)
def test_what_is_not_read_is_called_by_its_name(content: bytes, what: str, tmp_path: Path) -> None:
    (tmp_path / "thing").write_bytes(content)
    with pytest.raises(Refusal) as caught:
        recognise(tmp_path / "thing")
    assert f"thing cannot be read as data: it is {what}; choose one of these: " in str(caught.value)
    assert all(str(Sentence(reader.title)) in str(caught.value) for reader in readers())


def test_an_empty_folder_is_called_empty(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="the folder is empty"):
        recognise(tmp_path)


def test_the_surest_format_comes_first(tmp_path: Path) -> None:
    write_set(tmp_path)
    (tmp_path / "index.csv").write_text("a,b\n1,2\n3,4\n")
    assert isinstance(recognise(tmp_path), IdxFolder)
    assert [reader.rank for reader in readers()] == sorted(reader.rank for reader in readers())


IMAGE = Shape(channels=1, height=28, width=28)
TIME = Shape(time=8)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (
            DataFacts({"x": IMAGE}, {"label": Target(tuple("0123456789"))}, {"train": 9600, "test": 2000}),
            "11,600 grey images of 28 × 28, 10 classes; 9,600 to train, 2,000 to test",
        ),
        (
            DataFacts({"x": Shape(features=4)}, {"y": Target(shape=Shape(features=1))}, {"train": 1}),
            "1 example of 4 numbers, 1 number to predict; 1 to train",
        ),
        (
            DataFacts({"x": Shape(time=5, features=2)}, {}, {"validation": 7}),
            "7 windows of 5 steps, 2 numbers at each; 7 to validate",
        ),
        (DataFacts({"x": Shape(time=5, channels=2)}, {}, {"test": 7}), "7 examples of 5 × 2; 7 to test"),
        (
            DataFacts({"text": TIME}, {"label": Target(("a", "b"))}, {"train": 2}, vocabularies={"text": 30}),
            "2 texts of up to 8 tokens, of which 30 are different, 2 classes; 2 to train",
        ),
        (
            DataFacts({"text": TIME}, {"tag": Target(("a", "b"), TIME)}, {"train": 1}, vocabularies={"text": 30}),
            "1 text of up to 8 tokens, of which 30 are different, 2 classes for each step; 1 to train",
        ),
        (
            DataFacts({"text": TIME}, {"next": Target(("a", "b"), TIME)}, {"train": 9}, vocabularies={"text": 30}),
            "9 pieces of 8 tokens, of which 30 are different, 2 classes for each step; 9 to train",
        ),
        (
            DataFacts(
                {"source": TIME, "previous": TIME},
                {"next": Target(("a", "b"), TIME)},
                {"train": 3},
                vocabularies={"source": 5, "previous": 6},
            ),
            "3 pairs of texts of up to 8 tokens, 2 classes for each step; 3 to train",
        ),
        (
            DataFacts({"x": IMAGE}, {"mask": Target(("a", "b"), Shape(height=28, width=28))}, {"train": 3}),
            "3 grey images of 28 × 28, 2 classes for each pixel; 3 to train",
        ),
        (DataFacts({"x": IMAGE.replace(channels=3)}, {}, {"train": 2}), "2 colour images of 28 × 28; 2 to train"),
        (DataFacts(), "nothing"),
    ],
)
def test_what_was_found_is_said_in_a_sentence(facts: DataFacts, words: str) -> None:
    assert str(found(facts)) == words
