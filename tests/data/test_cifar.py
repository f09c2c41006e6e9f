"""CIFAR's binary files: records arrive exactly, and what is no whole row of them is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from playground.data.cifar import CifarFolder
from playground.data.recognise import recognise
from playground.text import Refusal

REAL = Path(__file__).parents[2] / ".." / "shared" / "data" / "cifar10_bin"
NAMES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")


def records(n: int = 30, labels: int = 1, seed: int = 0) -> bytes:
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 256, (n, 3072), dtype=np.uint8)
    marks = np.stack([np.arange(n) % 10, np.arange(n) * 7 % 100][:labels], 1).astype(np.uint8)
    return np.concatenate([marks, pixels], 1).tobytes()


def write_ten(folder: Path, n: int = 30) -> CifarFolder:
    (folder / "data_batch_1.bin").write_bytes(records(n))
    (folder / "data_batch_2.bin").write_bytes(records(n, seed=1))
    (folder / "test_batch.bin").write_bytes(records(10, seed=2))
    (folder / "batches.meta.txt").write_text("\n".join(NAMES) + "\n\n")
    return CifarFolder(path=str(folder))


def refusal(source: CifarFolder) -> str:
    with pytest.raises(Refusal) as caught:
        source.read()
    return str(caught.value)


def test_records_arrive_exactly(tmp_path: Path) -> None:
    data = write_ten(tmp_path).read()
    assert data.facts.counts == {"train": 60, "test": 10}
    assert data.facts.targets["label"].classes == NAMES
    assert data.facts.inputs["x"].sizes == (3, 32, 32)
    train = data.splits["train"]
    wanted = np.frombuffer(records(30, seed=1), np.uint8).reshape(30, 3073)
    np.testing.assert_array_equal(train.inputs["x"][30:].reshape(30, -1), wanted[:, 1:] / np.float32(255))
    np.testing.assert_array_equal(train.targets["label"][30:], wanted[:, 0])
    assert train.inputs["x"].dtype == np.float32 and train.targets["label"].dtype == np.int64


@pytest.mark.parametrize(("labels", "classes"), [("fine", 100), ("coarse", 20)])
def test_the_hundred_have_two_labels(labels: str, classes: int, tmp_path: Path) -> None:
    (tmp_path / "train.bin").write_bytes(records(40, 2))
    (tmp_path / "test.bin").write_bytes(records(5, 2))
    (tmp_path / "fine_label_names.txt").write_text("\n".join(f"fine {k}" for k in range(100)))
    (tmp_path / "coarse_label_names.txt").write_text("\n".join(f"coarse {k}" for k in range(20)))
    source = recognise(tmp_path)
    assert isinstance(source, CifarFolder)
    data = source.replace(labels=labels).read()
    assert len(data.facts.targets["label"].classes) == classes
    assert data.facts.targets["label"].classes[3] == f"{labels} 3"
    wanted = np.arange(40) * 7 % 100 if labels == "fine" else np.arange(40) % 10
    np.testing.assert_array_equal(data.splits["train"].targets["label"], wanted)


def test_without_names_classes_are_numbers_and_one_file_stands_for_itself(tmp_path: Path) -> None:
    (tmp_path / "mine.bin").write_bytes(records(3))
    data = CifarFolder(path=str(tmp_path / "mine.bin")).read()
    assert data.facts.targets["label"].classes == tuple("0123456789")
    assert data.facts.counts == {"train": 3}


def test_it_is_known_by_content(tmp_path: Path) -> None:
    assert not CifarFolder.holds(tmp_path)
    (tmp_path / "anything").write_bytes(records(30))
    assert CifarFolder.holds(tmp_path)
    (tmp_path / "anything").write_bytes(records(30)[:-1])
    assert not CifarFolder.holds(tmp_path)
    (tmp_path / "anything").write_bytes(b"\x0b" * 3073 * 30)  # labels of 11
    assert not CifarFolder.holds(tmp_path)


def test_roles_can_be_corrected(tmp_path: Path) -> None:
    source = write_ten(tmp_path).replace(roles="data_batch_2=validation, test_batch.bin=none")
    assert source.read().facts.counts == {"train": 30, "validation": 30}


@pytest.mark.parametrize("cut", [1, 3072, 3073 * 30 - 1, 3073 * 30])
def test_a_cut_file_says_where_it_ends(cut: int, tmp_path: Path) -> None:
    source = write_ten(tmp_path)
    content = records(30)
    (tmp_path / "data_batch_1.bin").write_bytes(content[: len(content) - cut])
    sentence = refusal(source)
    assert "data_batch_1.bin" in sentence and "within record" in sentence


def test_a_label_that_is_none_is_named_with_its_record(tmp_path: Path) -> None:
    source = write_ten(tmp_path)
    content = bytearray(records(30))
    content[3073 * 16] = 77
    (tmp_path / "data_batch_1.bin").write_bytes(content)
    assert "record 17 has the label 77" in refusal(source)


@pytest.mark.parametrize("names", [b"", b"only one", b"\xff\xfe\x00", b"a\n" * 300])
def test_names_that_are_none_are_refused(names: bytes, tmp_path: Path) -> None:
    source = write_ten(tmp_path)
    (tmp_path / "batches.meta.txt").write_bytes(names)
    assert "batches.meta.txt" in refusal(source)


def test_an_empty_folder_and_no_folder_are_refused(tmp_path: Path) -> None:
    assert "no CIFAR files" in refusal(CifarFolder(path=str(tmp_path)))
    assert "chosen" in refusal(CifarFolder())
    assert "no file or folder" in refusal(CifarFolder(path=str(tmp_path / "gone")))


def test_the_real_files_are_read_completely() -> None:
    if not REAL.is_dir():
        pytest.skip("the shared CIFAR files are not on this machine")
    data = recognise(REAL).read()
    assert data.facts.counts == {"train": 2000, "test": 500}
    assert data.facts.targets["label"].classes == NAMES
    assert np.bincount(data.splits["test"].targets["label"]).tolist() == [50] * 10
    assert data.splits["train"].targets["label"][:5].tolist() == [6, 9, 9, 4, 1]
