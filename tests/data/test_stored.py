"""Columns that stay where they lie: what comes out of them is what reading everything gives, bit for bit."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from playground.data import Data, Examples, Scaling, _stored
from playground.data._stored import Chosen, Decoded, Derived, Joined, Mapped, StoredColumn, stays
from playground.data.arrays import Arrays
from playground.data.cifar import CifarFolder
from playground.data.idx import IdxFolder
from playground.preparation import Preparation, prepare
from playground.progress import heard_by
from playground.shape import Shape
from playground.text import Refusal
from tests.data.idx_files import write_set
from tests.data.test_cifar import records
from tests.examples import image_facts

RAW = np.random.default_rng(2).integers(0, 256, (23, 2, 5, 4), dtype=np.uint8)


def halves(raw):
    return raw / np.float32(2)


def column(raw=RAW) -> Mapped:
    return Mapped(raw, halves)


def everything(stored: StoredColumn) -> np.ndarray:
    return np.asarray(stored)


@pytest.fixture
def far(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every set be too large for memory."""
    monkeypatch.setattr(_stored, "MOST_HELD", 1)


# -- indexing ----------------------------------------------------------------------------------------------------

INDICES = {
    "one": 3,
    "the last": -1,
    "a slice": slice(2, 9),
    "the end": slice(-4, None),
    "backwards": slice(None, None, -1),
    "every third": slice(1, None, 3),
    "none": slice(5, 5),
    "no rows": np.array([], dtype=np.int64),
    "in a row": np.arange(4, 11),
    "in a row, one twice": np.array([4, 4, 6, 7]),
    "anywhere": np.array([20, 0, 7, 7, -2]),
    "as asked": np.arange(23) % 4 == 1,
}


@pytest.mark.parametrize("what", INDICES)
def test_an_index_gives_what_it_gives_of_an_array(what: str) -> None:
    whole, index = halves(RAW), INDICES[what]
    kinds: dict[str, StoredColumn] = {
        "mapped": column(),
        "joined": Joined([column(RAW[:3]), column(RAW[3:4]), column(RAW[4:])]),
        "chosen": Chosen(column(RAW[::-1]), np.arange(22, -1, -1)),
        "derived": Derived(column(), RAW.shape[1:], lambda values: values * 1),
    }
    for name, one in kinds.items():
        np.testing.assert_array_equal(one[index], whole[index], err_msg=name)
        assert one[index].dtype == np.float32, name
        if not isinstance(index, int):
            np.testing.assert_array_equal(everything(one.some(index)), whole[index], err_msg=name)


def test_it_looks_like_an_array() -> None:
    one = column()
    assert (one.shape, one.ndim, one.size, one.dtype) == (RAW.shape, 4, RAW.size, np.float32)
    assert (len(one), one.nbytes) == (23, 4 * RAW.size)
    with pytest.raises(IndexError):
        one[23]


def test_examples_take_another_column_and_read_nothing() -> None:
    asked = []

    def noted(raw):
        asked.append(len(raw))
        return halves(raw)

    examples = Examples({"x": Mapped(RAW, noted).as_inputs()}, {"label": np.arange(23)})
    asked.clear()
    taken = examples.take(np.array([5, 2, 9])).take(slice(1, None))
    assert not asked and isinstance(taken.inputs["x"], StoredColumn)
    np.testing.assert_array_equal(taken.inputs["x"][:], halves(RAW)[[2, 9]])
    assert taken.targets["label"].tolist() == [2, 9]


def test_what_is_held_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_stored, "PIECE", 4 * 40 * 5)
    one = column()
    shares: list[float] = []
    with heard_by(shares.append):
        held = one.held()
    np.testing.assert_array_equal(held, halves(RAW))
    assert one.is_held and one.held() is held and one[:].base is held
    assert shares == sorted(shares) and len(shares) > 3


def test_scaling_in_pieces_is_that_of_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_stored, "PIECE", 4 * 40 * 5)
    ours, whole = Scaling.of(column().as_inputs()), Scaling.of(halves(RAW))
    np.testing.assert_array_equal(ours.shift, whole.shift)
    np.testing.assert_array_equal(ours.scale, whole.scale)


def test_scaling_in_pieces_loses_no_digits_far_from_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_stored, "PIECE", 4 * 3 * 7)
    values = (np.random.default_rng(0).normal(size=(500, 3)) * [1e-2, 1, 100] + 1e4).astype(np.float32)
    ours, whole = Scaling.of(Mapped(values, np.array).as_inputs()), Scaling.of(values)
    np.testing.assert_allclose(ours.scale, whole.scale, rtol=1e-6)
    np.testing.assert_allclose(ours.shift, whole.shift, rtol=1e-6)


def test_images_decoded_last_are_kept_and_no_more_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_stored, "KEPT", 3 * 40)
    decoded: list[int] = []

    def decode(row: int) -> np.ndarray:
        decoded.append(row)
        return RAW[row]

    one = Decoded(RAW.shape, decode)
    np.testing.assert_array_equal(one[[4, 1, 4]], RAW[[4, 1, 4]] / np.float32(255))
    assert decoded == [4, 1]
    one[[7, 1, 8]]  # four different: the one longest unused, 4, has to go
    assert decoded == [4, 1, 7, 8]
    one[[1, 7, 8]]
    assert decoded == [4, 1, 7, 8]
    one[4]
    assert decoded == [4, 1, 7, 8, 4]


def test_what_stays_depends_on_its_size_and_on_what_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    from playground.machine import Room

    assert not stays(1000) and stays(2**28 + 1)
    monkeypatch.setattr(_stored, "ram", lambda: Room(2**33, 2**29))
    assert stays(2**25 + 1) and not stays(2**25)
    monkeypatch.setattr(_stored, "ram", lambda: None)
    assert not stays(2**28)


# -- readers -----------------------------------------------------------------------------------------------------


def same(source, monkeypatch: pytest.MonkeyPatch) -> Data:
    """Check that a set that is left where it lies holds what reading it gives; return it."""
    near = source.read()
    monkeypatch.setattr(_stored, "MOST_HELD", 1)
    left = source.read()
    assert left.facts == near.facts and left.remarks == near.remarks
    for split, examples in near.splits.items():
        stored = left.splits[split].inputs["x"]
        assert isinstance(stored, StoredColumn) and isinstance(examples.inputs["x"], np.ndarray)
        np.testing.assert_array_equal(stored[:], examples.inputs["x"])
        np.testing.assert_array_equal(stored[[1, 0]], examples.inputs["x"][[1, 0]])
        for name, values in examples.targets.items():
            np.testing.assert_array_equal(left.splits[split].targets[name], values)
    return left


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("prefix", ["", "emnist-letters-"])
def test_idx_files(prefix: str, packed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_set(tmp_path, prefix=prefix, packed=packed)
    write_set(tmp_path, prefix=prefix, role="test", packed=packed, n=4)
    same(IdxFolder(path=str(tmp_path)), monkeypatch)


@pytest.mark.parametrize("n", [1, 2])
def test_cifar_files(n: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, count in (("data_batch_1.bin", 3), ("data_batch_2.bin", 2), ("test_batch.bin", 2)):
        (tmp_path / name).write_bytes(records(count, n))
    assert len(same(CifarFolder(path=str(tmp_path)), monkeypatch).splits["train"]) == 5


ARRAYS = {
    "rows of float64": np.random.default_rng(1).normal(size=(9, 4)),
    "grey images": np.random.default_rng(1).integers(0, 256, (9, 6, 5), dtype=np.uint8),
    "colour images, channels last": np.random.default_rng(1).integers(0, 256, (9, 6, 5, 3), dtype=np.uint8),
    "images of float32 to 255": np.random.default_rng(1).uniform(0, 255, (9, 6, 5, 3)).astype(np.float32),
    "in the order of Fortran": np.asfortranarray(np.random.default_rng(1).normal(size=(9, 4, 3))),
    "big endian": np.random.default_rng(1).normal(size=(9, 4)).astype(">f4"),
    "one number each": np.arange(9.0),
}


@pytest.mark.parametrize("what", ARRAYS)
@pytest.mark.parametrize("together", [False, True], ids=["npy", "npz"])
def test_arrays(what: str, together: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    labels = np.arange(9) % 3
    if together:
        np.savez(tmp_path / "set.npz", x_train=ARRAYS[what], y_train=labels)
    else:
        np.save(tmp_path / "x_train.npy", ARRAYS[what])
        np.save(tmp_path / "y_train.npy", labels)
    same(Arrays(path=str(tmp_path / "set.npz" if together else tmp_path)), monkeypatch)


def test_folders_of_images(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("PIL")
    from playground.data.image_folder import ImageFolder
    from tests.data.pictures import write_folder

    write_folder(tmp_path)
    left = same(ImageFolder(path=str(tmp_path), size=(4, 5)), monkeypatch)
    damaged = tmp_path / "dog" / sorted(path.name for path in (tmp_path / "dog").iterdir())[0]
    data = ImageFolder(path=str(tmp_path)).read()
    damaged.write_bytes(damaged.read_bytes()[:60])
    with pytest.raises(Refusal, match=f"dog/{damaged.name} cannot be read"):
        data.splits["train"].inputs["x"].held()  # type: ignore[attr-defined]
    assert len(left.splits["train"]) == 6


def test_opening_a_large_array_takes_no_memory(tmp_path: Path, far: None) -> None:
    path, n = tmp_path / "x.npy", 40_000
    with path.open("wb") as file:  # 160 MB that take no place on the disk either
        np.lib.format.write_array_header_1_0(file, {"descr": "|u1", "fortran_order": False, "shape": (n, 64, 64)})
        file.truncate(file.tell() + n * 64 * 64)
    np.save(tmp_path / "y.npy", np.arange(n) % 10)
    shares: list[float] = []
    tracemalloc.start()
    try:
        with heard_by(shares.append):
            data = prepare(Arrays(path=str(tmp_path)).read(), Preparation(resize=(8, 8)), 1)
        batch = data.splits["train"].inputs["x"][np.arange(0, 3200, 100)]
        assert tracemalloc.get_traced_memory()[1] < 40_000_000
    finally:
        tracemalloc.stop()
    assert batch.shape == (32, 1, 8, 8)
    assert len(shares) > 20 and max(shares) <= 1


def test_a_value_that_is_no_number_is_found_where_it_lies(tmp_path: Path, far: None) -> None:
    values = np.ones((30, 3))
    values[17, 2] = np.nan
    np.save(tmp_path / "x.npy", values)
    with pytest.raises(Refusal, match="in example 18"):
        Arrays(path=str(tmp_path)).read()


# -- preparation -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "preparation",
    [
        Preparation(),
        Preparation(split="stratified", validation=0.4),
        Preparation(balance="repeat"),
        Preparation(balance="drop"),
        Preparation(resize=(8, 6)),
        Preparation(resize=(3, 0), balance="repeat"),
    ],
    ids=str,
)
def test_prepared_data_are_the_same_wherever_they_lie(preparation: Preparation) -> None:
    pytest.importorskip("PIL")
    labels = np.array([0, 0, 0, 1, 1, 2] * 3 + [0, 1, 2, 0, 1])
    facts = replace(image_facts(2, 5, 3), inputs={"x": Shape(channels=2, height=5, width=4)}, counts={"train": 23})
    near = prepare(Data(facts, {"train": Examples({"x": halves(RAW)}, {"label": labels})}), preparation, 3)
    stored = prepare(Data(facts, {"train": Examples({"x": column().as_inputs()}, {"label": labels})}), preparation, 3)
    assert stored.facts == near.facts
    for split, examples in near.splits.items():
        assert isinstance(stored.splits[split].inputs["x"], StoredColumn)
        np.testing.assert_array_equal(stored.splits[split].inputs["x"][:], examples.inputs["x"])
        np.testing.assert_array_equal(stored.splits[split].targets["label"], examples.targets["label"])
