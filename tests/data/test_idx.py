"""IDX folders: the good ones are read exactly, every bad one is refused with one sentence."""

from __future__ import annotations

import gzip
import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from playground.data import idx
from playground.data.idx import IdxFolder
from playground.preparation.splitting import split
from playground.text import Refusal
from tests.data.idx_files import images, labels, write_set

IMAGES, LABELS = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"
MNIST = Path(__file__).parents[2] / ".." / "shared" / "data" / "mnist"


def write(folder: Path, image_bytes: bytes | None, label_bytes: bytes | None, suffix: str = "") -> IdxFolder:
    for name, content in ((IMAGES, image_bytes), (LABELS, label_bytes)):
        if content is not None:
            (folder / (name + suffix)).write_bytes(content)
    return IdxFolder(path=str(folder))


def refusal(source: IdxFolder) -> str:
    """Return the one sentence that reading is refused with."""
    with pytest.raises(Refusal) as caught:
        source.read()
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert ";" in sentence, "it says what is wrong and what to do"
    return sentence


# -- good files ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("packed", [False, True])
def test_pixels_and_labels_arrive_exactly(packed: bool, tmp_path: Path) -> None:
    write_set(tmp_path, packed=packed)
    data = IdxFolder(path=str(tmp_path)).read()
    train = data.splits["train"]
    wanted = np.arange(72, dtype=np.float32).reshape(6, 1, 4, 3) / np.float32(255)
    np.testing.assert_array_equal(train.inputs["x"], wanted)
    np.testing.assert_array_equal(train.targets["label"], [0, 1, 2, 0, 1, 2])
    assert train.inputs["x"].dtype == np.float32
    assert train.targets["label"].dtype == np.int64
    assert str(data.facts.inputs["x"]) == "1 × 4 × 3"
    assert data.facts.targets["label"].classes == ("0", "1", "2")
    assert data.facts.counts == {"train": 6}


def test_test_files_become_the_test_split_and_nothing_else(tmp_path: Path) -> None:
    write_set(tmp_path)
    write_set(tmp_path, role="t10k", n=5)
    data = IdxFolder(path=str(tmp_path)).read()
    assert data.facts.counts == {"train": 6, "test": 5}
    assert split(data, 0.5, "auto", 1).facts.counts == {"train": 3, "validation": 3, "test": 5}


def test_emnist_names_are_understood_and_its_letters_stood_upright(tmp_path: Path) -> None:
    write_set(tmp_path, prefix="emnist-letters-", packed=True)
    write_set(tmp_path, prefix="emnist-letters-", role="test", packed=True, n=3)
    data = IdxFolder(path=str(tmp_path)).read()
    assert data.facts.counts == {"train": 6, "test": 3}
    np.testing.assert_allclose(data.splits["train"].inputs["x"][0, 0] * 255, np.arange(12).reshape(4, 3).T)


def test_files_are_found_by_content_beside_anything_else(tmp_path: Path) -> None:
    (tmp_path / "pictures.bin").write_bytes(images())
    (tmp_path / "answers.bin").write_bytes(labels())
    (tmp_path / "readme.txt").write_text("about")
    (tmp_path / "empty").touch()
    (tmp_path / "notes.gz").write_bytes(gzip.compress(b"notes")[:-9])
    (tmp_path / "folder").mkdir()
    with pytest.raises(Refusal):  # names of different families do not belong together
        IdxFolder(path=str(tmp_path)).read()
    (tmp_path / "pictures.bin").rename(tmp_path / "set.images")
    (tmp_path / "answers.bin").rename(tmp_path / "set.labels")
    assert IdxFolder(path=str(tmp_path)).read().facts.counts == {"train": 6}


def test_a_file_unpacked_beside_its_archive_is_read_once(tmp_path: Path) -> None:
    write_set(tmp_path)
    write_set(tmp_path, packed=True)
    assert IdxFolder(path=str(tmp_path)).read().facts.counts == {"train": 6}


def test_a_folder_of_several_sets_asks_for_a_file_and_reads_what_belongs_to_it(tmp_path: Path) -> None:
    for prefix in ("emnist-letters-", "emnist-digits-"):
        write_set(tmp_path, prefix=prefix)
    assert "emnist-letters-train-" in refusal(IdxFolder(path=str(tmp_path)))
    chosen = tmp_path / "emnist-digits-train-images-idx3-ubyte"
    assert IdxFolder(path=str(chosen)).read().facts.counts == {"train": 6}


def test_the_real_files_are_read_completely() -> None:
    if not MNIST.is_dir():
        pytest.skip("the shared MNIST files are not on this machine")
    data = IdxFolder(path=str(MNIST)).read()
    assert data.facts.counts == {"train": 12_000, "test": 2_000}
    assert data.facts.inputs["x"].sizes == (1, 28, 28)
    assert data.facts.auto("classes") == 10
    assert data.splits["train"].targets["label"][:5].tolist() == [5, 0, 4, 1, 9]
    assert data.splits["test"].targets["label"][:5].tolist() == [7, 2, 1, 0, 4]
    assert abs(float(data.splits["train"].inputs["x"].mean()) - 0.131) < 0.002


# -- bad files -------------------------------------------------------------------------------------------------

BROKEN = {
    "empty": b"",
    "one byte": b"\0",
    "a wrong magic": struct.pack(">I", 2052) + images()[4:],
    "labels where the name promises a type nobody knows": struct.pack(">I", 0x0C02) + images()[4:],
    "no header": images()[:4],
    "half a header": images()[:14],
    "cut short by one": images()[:-1],
    "header only": images()[:16],
    "one byte too many": images() + b"\0",
    "another file behind it": images() * 2,
    "no images": struct.pack(">4I", 2051, 0, 4, 3),
    "no height": struct.pack(">4I", 2051, 6, 0, 3),
    "2**31 images": struct.pack(">4I", 2051, 2**31, 4, 3) + images()[16:],
    "as much as a header can promise": struct.pack(">4I", 2051, *[2**32 - 1] * 3) + images()[16:],
    "just less than the limit": struct.pack(">4I", 2051, idx.LARGEST // 12, 4, 3) + images()[16:],
    "one image too many": struct.pack(">4I", 2051, 7, 4, 3) + images()[16:],
}


@pytest.mark.parametrize("what", BROKEN)
@pytest.mark.parametrize("packed", [False, True])
def test_a_broken_image_file_is_refused_by_name(what: str, packed: bool, tmp_path: Path) -> None:
    content = gzip.compress(BROKEN[what]) if packed else BROKEN[what]
    source = write(tmp_path, content, None, ".gz" if packed else "")
    (tmp_path / LABELS).write_bytes(labels())
    assert IMAGES in refusal(source)


@pytest.mark.parametrize("keep", [1, 2, 9, 12, 20, -9, -8, -1])
def test_a_cut_or_damaged_archive_is_refused(keep: int, tmp_path: Path) -> None:
    assert IMAGES in refusal(write(tmp_path, gzip.compress(images())[:keep], gzip.compress(labels()), ".gz"))


def test_an_archive_with_a_wrong_checksum_is_refused(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(images()))
    packed[-5] ^= 1
    assert "damaged" in refusal(write(tmp_path, bytes(packed), gzip.compress(labels()), ".gz"))


def test_a_bomb_is_refused_without_being_unpacked(tmp_path: Path) -> None:
    bomb = gzip.compress(images() + bytes(200_000_000), compresslevel=1)
    source = write(tmp_path, bomb, gzip.compress(labels()), ".gz")
    tracemalloc.start()
    try:
        assert "more than" in refusal(source)
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("packed", [False, True])
def test_a_promise_that_the_file_cannot_keep_allocates_nothing(packed: bool, tmp_path: Path) -> None:
    lie = BROKEN["just less than the limit"]
    source = write(tmp_path, gzip.compress(lie) if packed else lie, labels())
    (tmp_path / LABELS).write_bytes(struct.pack(">2I", 2049, idx.LARGEST // 12) + b"\0")
    tracemalloc.start()
    try:
        refusal(source)
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


def test_images_and_labels_of_different_number_are_refused(tmp_path: Path) -> None:
    sentence = refusal(write(tmp_path, images(6), labels((0, 1))))
    assert "6 images" in sentence
    assert "2 labels" in sentence


@pytest.mark.parametrize(("missing", "kind"), [(LABELS, "labels"), (IMAGES, "images")])
def test_a_missing_partner_is_named(missing: str, kind: str, tmp_path: Path) -> None:
    source = write(tmp_path, images(), labels())
    (tmp_path / missing).unlink()
    assert f"no {kind} for" in refusal(source)


def test_a_test_set_alone_is_refused(tmp_path: Path) -> None:
    write_set(tmp_path, role="t10k")
    assert "training files" in refusal(IdxFolder(path=str(tmp_path)))


def test_splits_of_different_size_are_refused(tmp_path: Path) -> None:
    source = write(tmp_path, images(), labels())
    (tmp_path / "t10k-images-idx3-ubyte").write_bytes(images(6, 5, 5))
    (tmp_path / "t10k-labels-idx1-ubyte").write_bytes(labels())
    assert "4 × 3" in refusal(source)


def test_two_files_for_one_use_are_refused(tmp_path: Path) -> None:
    source = write(tmp_path, images(), labels())
    (tmp_path / "train-images.idx3-ubyte").write_bytes(images())
    assert "same use" in refusal(source)


def test_paths_that_lead_nowhere_are_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    assert "chosen" in refusal(IdxFolder())
    assert "no file or folder at" in refusal(IdxFolder(path=str(tmp_path / "missing")))
    assert "no file or folder at" in refusal(IdxFolder(path="a\0b"))
    assert "no file or folder at" in refusal(IdxFolder(path="a" * 4000))
    assert "no IDX files" in refusal(IdxFolder(path=str(tmp_path)))
    assert "notes.txt is no IDX" in refusal(IdxFolder(path=str(tmp_path / "notes.txt")))


def test_a_file_or_folder_that_may_not_be_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = write(tmp_path, images(), labels())

    def forbidden(*arguments: object, **named: object) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", forbidden)
        assert "Permission denied" in refusal(source)
    with monkeypatch.context() as patch:
        patch.setattr("os.scandir", forbidden)
        assert "Permission denied" in refusal(source)


def test_a_file_that_vanishes_or_shrinks_while_it_is_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write(tmp_path, images(), labels())
    files = idx.find(tmp_path)
    monkeypatch.setattr(idx, "find", lambda path: files)
    monkeypatch.setattr(idx, "_check_length", lambda file, promised: None)
    (tmp_path / IMAGES).write_bytes(images()[:-5])
    assert "cut short" in refusal(source)
    (tmp_path / IMAGES).unlink()
    assert "cannot be read" in refusal(source)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    at=st.integers(0, 40),
    put=st.binary(max_size=6),
    cut=st.integers(0, 100),
    packed=st.booleans(),
    inside=st.booleans(),
)
def test_whatever_is_done_to_a_file_it_is_read_or_refused(
    at: int, put: bytes, cut: int, packed: bool, inside: bool, tmp_path: Path
) -> None:
    content = images()
    if packed and not inside:
        content = gzip.compress(content)
    content = (content[:at] + put + content[at + len(put) :])[: len(content) - cut // 4]
    if packed and inside:
        content = gzip.compress(content)
    source = write(tmp_path, content, labels())
    try:
        data = source.read()
    except Refusal as caught:
        assert IMAGES in str(caught)
    else:
        assert data.facts.counts == {"train": 6}
        assert data.splits["train"].inputs["x"].size == 72
