"""What every reader of files stands on: names, listing, opening, and one sentence for whatever cannot be read."""

from __future__ import annotations

import gzip
import os
import tracemalloc
from pathlib import Path

import pytest

from playground.data import _places
from playground.data._places import (
    Roles,
    beside,
    class_in,
    family_of,
    fingerprint,
    listed,
    opened,
    part_in,
    shown,
    split_in,
    whole,
)
from playground.text import Refusal, say


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("train-images-idx3-ubyte", "train"),
        ("t10k-labels-idx1-ubyte.gz", "test"),
        ("en_ewt-ud-dev.conllu", "validation"),
        ("emerging.dev.conll", "validation"),
        ("wnut17test.conll", "test"),
        ("x_test.npy", "test"),
        ("testData.csv", "test"),
        ("TEST.TXT", "test"),
        ("val", "validation"),
        ("valid2.csv", "validation"),
        ("eng.testa", "validation"),
        ("eng.testb", "test"),
        ("训练集.csv", "train"),
        ("测试.tsv", "test"),
        ("contest.csv", ""),
        ("rt-polarity.pos", ""),
        ("", ""),
    ],
)
def test_names_tell_what_a_file_is_for(name: str, split: str) -> None:
    assert split_in(name) == split


def test_names_tell_the_part_and_the_family() -> None:
    assert [part_in(name) for name in ("x_train", "y1", "train_labels", "images.npy", "weights")] == [
        "inputs",
        "targets",
        "targets",
        "inputs",
        "",
    ]
    assert [class_in(name) for name in ("rt-polarity.pos", "neg/0.txt", "pos.neg", "post.txt")] == [
        "pos",
        "neg",
        "neg",
        "",
    ]
    assert family_of("emnist-letters-train-images") == family_of("emnist-letters-test-labels") == "emnist-letters"


def test_a_file_takes_the_role_of_its_own_name_then_of_its_folders_then_training(tmp_path: Path) -> None:
    roles = Roles()
    root = tmp_path / "test"  # the folder that was chosen says nothing
    assert roles.of(root / "a.csv", root) == "train"
    assert roles.of(root / "val" / "a.csv", root) == "validation"
    assert roles.of(root / "val" / "test.csv", root) == "test"


def test_what_a_person_says_counts_more_than_names(tmp_path: Path) -> None:
    roles = Roles.parse("extra = test; Test.csv=train，part2=none")
    assert roles.of(tmp_path / "test.csv", tmp_path) == "train"
    assert roles.of(tmp_path / "extra.csv.gz", tmp_path) == "test"
    assert roles.of(tmp_path / "extra" / "train.csv", tmp_path) == "test"
    assert roles.of(tmp_path / "part2" / "1.csv", tmp_path) == ""
    for text in ("extra", "extra=tests", "=test"):
        with pytest.raises(Refusal, match="name=train"):
            Roles.parse(text)


def test_listing_has_limits_and_an_end(tmp_path: Path) -> None:
    deep = tmp_path
    for level in range(4):
        deep = deep / f"level{level}"
        deep.mkdir()
        (deep / f"file{level}").touch()
    (tmp_path / "file").touch()
    (tmp_path / ".hidden").touch()
    assert [path.name for path in listed(tmp_path)] == ["file"]
    assert [path.name for path in listed(tmp_path, deepest=2)] == ["file", "file0", "file1"]
    assert len(listed(tmp_path, deepest=9, most=3)) == 3
    assert listed(tmp_path / "file") == [tmp_path / "file"]
    assert beside(tmp_path / "file") == [tmp_path / "file"]


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_links_are_followed_but_never_in_circles(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "one").touch()
    (tmp_path / "a" / "b" / "up").symlink_to(tmp_path / "a")
    (tmp_path / "a" / "b" / "top").symlink_to(tmp_path)
    (tmp_path / "itself").symlink_to(tmp_path / "itself")
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere")
    (tmp_path / "also").symlink_to(tmp_path / "a")
    found = [str(path.relative_to(tmp_path)) for path in listed(tmp_path, deepest=50)]
    assert found == ["a/one", "also/one"]
    with pytest.raises(Refusal, match="no file or folder"):
        listed(tmp_path / "itself")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_a_pipe_is_never_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert listed(tmp_path) == []
    with pytest.raises(Refusal, match="ordinary file"), opened(tmp_path / "pipe"):
        pass


def test_what_is_packed_is_unpacked_by_content(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(gzip.compress(b"hello"))
    (tmp_path / "b.gz").write_bytes(b"hello")
    assert whole(tmp_path / "a.txt") == whole(tmp_path / "b.gz") == b"hello"


def test_a_bomb_is_refused_before_it_fills_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_places, "ROOMY", 2**20)
    (tmp_path / "bomb.gz").write_bytes(gzip.compress(bytes(200_000_000), compresslevel=9))
    tracemalloc.start()
    try:
        with pytest.raises(Refusal, match=r"bomb\.gz holds more than"):
            whole(tmp_path / "bomb.gz")
        assert tracemalloc.get_traced_memory()[1] < 80_000_000
    finally:
        tracemalloc.stop()
    (tmp_path / "long").write_bytes(bytes(11))
    with pytest.raises(Refusal, match="more than the 10 bytes"):
        whole(tmp_path / "long", most=10)


@pytest.mark.parametrize("keep", [3, 9, 12, -9, -1])
def test_a_damaged_archive_is_refused_by_name(keep: int, tmp_path: Path) -> None:
    (tmp_path / "a.gz").write_bytes(gzip.compress(b"hello" * 100)[:keep])
    with pytest.raises(Refusal, match=r"a\.gz is damaged or cut short; "):
        whole(tmp_path / "a.gz")


def test_every_other_failure_is_one_sentence_too(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="cannot be read"):
        whole(tmp_path / "gone")
    with pytest.raises(Refusal):
        whole(Path("a\0b"))
    with pytest.raises(Refusal, match="encoding"), opened(_file(tmp_path, b"\xff\xfe\xff")) as file:
        file.read().decode("utf-8")
    with pytest.raises(Refusal, match="memory"), opened(_file(tmp_path, b"")):
        raise MemoryError
    told = str(_places.wrong(tmp_path / "a.csv", say("it is odd"), line=1200))
    assert told == "a.csv, line 1,200: it is odd"


def test_a_path_in_a_sentence_stays_on_its_line() -> None:
    assert shown(Path("a\nb\x1b[31m")) == "a�b�[31m"
    assert len(shown(Path("a" * 5000))) < 200


def test_the_fingerprint_follows_content_and_names_but_not_the_place(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a").write_bytes(b"12345")
    (tmp_path / "two" / "b").write_bytes(b"12345")
    one = fingerprint([tmp_path / "one" / "a"], tmp_path / "one")
    assert one == fingerprint([tmp_path / "two" / "a"], tmp_path / "two")
    assert one.startswith("5-") and len(one) == 18
    assert one == fingerprint([tmp_path / "two" / "b"], tmp_path / "two"), "a single file may have another name"
    (tmp_path / "two" / "c").write_bytes(b"12345")
    both, renamed = ([tmp_path / "two" / name for name in names] for names in ("ab", "ac"))
    assert fingerprint(both, tmp_path / "two") != fingerprint(renamed, tmp_path / "two")
    (tmp_path / "one" / "a").write_bytes(b"12346")
    assert one != fingerprint([tmp_path / "one" / "a"], tmp_path / "one")


def _file(folder: Path, content: bytes) -> Path:
    (folder / "file").write_bytes(content)
    return folder / "file"
