"""Numpy's files: names say what arrays are for, shapes and types what they mean, and nothing in them is believed."""

from __future__ import annotations

import io
import pickle
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from playground.data.arrays import Arrays
from playground.data.recognise import recognise
from playground.preparation import splitting
from playground.text import Refusal


def saved(folder: Path, name: str = "set.npz", **arrays: Any) -> Path:
    np.savez(folder / name, **arrays)
    return folder / name


def read(path: Path, **parameters: object):
    return Arrays(path=str(path), **parameters).read()


def refusal(path: Path, **parameters: object) -> str:
    with pytest.raises(Refusal) as caught:
        read(path, **parameters)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def rows(n: int = 40, width: int = 3) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(n, width))


def labels(n: int = 40) -> np.ndarray:
    return np.arange(n) % 4


# -- names -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("x", "y"),
    [("x", "y"), ("X", "Y"), ("data", "target"), ("images", "labels"), ("arr_0", "arr_1"), ("pixels", "digit")],
)
def test_inputs_and_targets_are_known_by_their_usual_names(x: str, y: str, tmp_path: Path) -> None:
    data = read(saved(tmp_path, **{x: rows(), y: labels()}))
    assert data.facts.counts == {"train": 40}
    assert data.facts.inputs["x"].sizes == (3,)
    assert data.facts.targets["label"].classes == ("0", "1", "2", "3")
    np.testing.assert_array_equal(data.splits["train"].inputs["x"], rows().astype(np.float32))
    np.testing.assert_array_equal(data.splits["train"].targets["label"], labels())


@pytest.mark.parametrize("name", ["x_{}", "{}_x", "X{}"])
def test_splits_are_known_by_their_usual_names(name: str, tmp_path: Path) -> None:
    arrays = {}
    for split, n in (("Train", 40), ("Val", 8), ("Test", 4)):
        word = split if name == "X{}" else split.lower()
        arrays[name.format(word)] = rows(n)
        arrays[
            name.format(word).lower().replace("x", "y", 1)
            if name == "x_{}"
            else name.format(word).replace("x", "y").replace("X", "y")
        ] = labels(n)
    assert read(saved(tmp_path, **arrays)).facts.counts == {"train": 40, "validation": 8, "test": 4}


def test_the_names_of_medmnist_are_understood(tmp_path: Path) -> None:
    pictures = np.random.default_rng(0).integers(0, 256, (12, 28, 28, 3), dtype=np.uint8)
    arrays = {f"{split}_images": pictures for split in ("train", "val", "test")}
    arrays |= {f"{split}_labels": np.arange(12)[:, None] % 3 for split in ("train", "val", "test")}
    data = read(saved(tmp_path, **arrays))
    assert data.facts.counts == {"train": 12, "validation": 12, "test": 12}
    assert data.facts.targets["label"].classes == ("0", "1", "2")


def test_npy_files_side_by_side_belong_together(tmp_path: Path) -> None:
    for name, array in (("X_train", rows()), ("y_train", labels()), ("X_test", rows(8)), ("y_test", labels(8))):
        np.save(tmp_path / f"{name}.npy", array)
    (tmp_path / "readme.txt").write_text("hello")
    assert recognise(tmp_path) == Arrays(path=str(tmp_path))
    assert read(tmp_path).facts.counts == {"train": 40, "test": 8}
    assert read(tmp_path / "X_train.npy").facts.counts == {"train": 40, "test": 8}
    np.save(tmp_path / "other_data.npy", rows(3))
    assert read(tmp_path / "X_train.npy").facts.counts == {"train": 40, "test": 8}


def test_npz_files_of_splits_belong_together(tmp_path: Path) -> None:
    saved(tmp_path, "train.npz", x=rows(), y=labels())
    saved(tmp_path, "test.npz", x=rows(8), y=labels(8))
    assert read(tmp_path).facts.counts == {"train": 40, "test": 8}
    assert read(tmp_path / "train.npz").facts.counts == {"train": 40}
    assert read(tmp_path, roles="test=validation").facts.counts == {"train": 40, "validation": 8}


def test_arrays_can_be_chosen_by_hand(tmp_path: Path) -> None:
    path = saved(tmp_path, a=rows(), b=rows(40, 5), c=labels())
    assert "a (40 × 3), b (40 × 5), c (40)" in refusal(path)
    data = read(path, inputs="b", targets="c")
    assert data.facts.inputs["x"].sizes == (5,) and data.facts.targets["label"].is_class


def test_without_targets_there_is_nothing_to_predict(tmp_path: Path) -> None:
    np.save(tmp_path / "points.npy", rows())
    data = read(tmp_path / "points.npy")
    assert data.facts.targets == {} and "nothing to predict" in str(data.remarks[0])
    assert splitting.split(data, 0.25, "auto", 1).facts.counts == {"train": 30, "validation": 10}


# -- shapes ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shape", "layout", "sizes"),
    [
        ((40,), "auto", (1,)),
        ((40, 7), "auto", (7,)),
        ((40, 9, 8), "auto", (1, 9, 8)),
        ((40, 9, 8, 3), "auto", (3, 9, 8)),
        ((40, 9, 8, 1), "auto", (1, 9, 8)),
        ((40, 3, 9, 8), "auto", (3, 9, 8)),
        ((40, 1, 9, 9), "auto", (1, 9, 9)),
        ((40, 16, 5, 5), "auto", (16, 5, 5)),
        ((40, 3, 9, 3), "auto", (3, 9, 3)),
        ((40, 3, 9, 3), "images", (3, 3, 9)),
        ((40, 3, 9, 8), "images", (8, 3, 9)),
        ((40, 9, 8, 3), "features", (216,)),
        ((40, 9, 8), "sequences", (9, 8)),
        ((40, 9, 8), "channels-first", (1, 9, 8)),
    ],
)
def test_shapes_become_rows_images_or_sequences(
    shape: tuple[int, ...], layout: str, sizes: tuple[int, ...], tmp_path: Path
) -> None:
    values = np.random.default_rng(0).random(shape)
    data = read(saved(tmp_path, x=values, y=labels()), layout=layout)
    assert data.facts.inputs["x"].sizes == sizes
    made = data.splits["train"].inputs["x"]
    assert made.shape == (40, *sizes) and made.dtype == np.float32
    last = shape[-1] == sizes[0] and len(shape) == 4 and layout in ("auto", "images")
    moved = values.transpose(0, 3, 1, 2) if (last and shape[1] != sizes[0]) or layout == "images" else values
    np.testing.assert_array_equal(made.ravel(), moved.astype(np.float32).ravel())


def test_pixels_end_at_one(tmp_path: Path) -> None:
    pictures = np.random.default_rng(0).integers(0, 256, (40, 5, 5))
    for dtype, most in ((np.uint8, 255), (np.int64, 255), (np.float64, 255), (np.uint16, 65_535)):
        scaled = (pictures * (most // 255)).astype(dtype)
        data = read(saved(tmp_path, x=scaled, y=labels()))
        np.testing.assert_allclose(data.splits["train"].inputs["x"][:, 0], pictures / 255, atol=1e-6)
        assert bool(data.remarks) == (dtype == np.float64)
    for values in (np.random.default_rng(0).random((40, 5, 5)), pictures % 2, pictures % 2 == 1, pictures - 128.0):
        data = read(saved(tmp_path, x=values, y=labels()))
        np.testing.assert_allclose(data.splits["train"].inputs["x"][:, 0], values.astype(float), atol=1e-6)


def test_rows_keep_their_numbers_whatever_their_type(tmp_path: Path) -> None:
    for dtype in (">f8", "<f2", "i1", "u8", "?", "f4"):
        values = np.arange(120).reshape(40, 3).astype(dtype)
        made = read(saved(tmp_path, x=values, y=labels())).splits["train"].inputs["x"]
        np.testing.assert_array_equal(made, values.astype(np.float32))
    fortran = np.asfortranarray(rows())
    made = read(saved(tmp_path, x=fortran, y=labels())).splits["train"].inputs["x"]
    np.testing.assert_array_equal(made, fortran.astype(np.float32))


# -- targets -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("targets", "classes"),
    [
        (labels(), ("0", "1", "2", "3")),
        (labels().astype(float), ("0", "1", "2", "3")),
        (labels()[:, None], ("0", "1", "2", "3")),
        (np.eye(4)[labels()], ("0", "1", "2", "3")),
        (np.array(["d", "a", "c", "b"])[labels()], ("a", "b", "c", "d")),
        (np.array([b"d", b"a", b"c", b"\xff"])[labels()], ("a", "c", "d", "�")),
        (labels() * 10 - 10, ("-10", "0", "10", "20")),
        (labels() > 1, ("False", "True")),
    ],
)
def test_classes_are_known_by_type_and_number(targets: np.ndarray, classes: tuple[str, ...], tmp_path: Path) -> None:
    data = read(saved(tmp_path, x=rows(), y=targets))
    target = data.splits["train"].targets["label"]
    assert data.facts.targets["label"].classes == classes
    assert target.dtype == np.int64
    assert set(target.tolist()) == set(range(len(classes)))
    if targets.ndim == 1 and targets.dtype.kind == "U":
        assert [classes[k] for k in target] == targets.tolist()


@pytest.mark.parametrize("targets", [rows()[:, 0], rows(), np.arange(40), np.arange(40.0) * 2])
def test_everything_else_is_numbers(targets: np.ndarray, tmp_path: Path) -> None:
    data = read(saved(tmp_path, x=rows(), y=targets))
    assert data.facts.targets["y"].shape.sizes == (targets.reshape(40, -1).shape[1],)
    np.testing.assert_array_equal(data.splits["train"].targets["y"], targets.reshape(40, -1).astype(np.float32))


def test_either_can_be_said(tmp_path: Path) -> None:
    path = saved(tmp_path, x=rows(), y=labels())
    assert read(path, answers="numbers").facts.targets["y"].shape.sizes == (1,)
    path = saved(tmp_path, x=rows(), y=np.arange(40))
    assert len(read(path, answers="classes").facts.targets["label"].classes) == 40


def test_a_class_that_only_the_test_set_has_counts_too(tmp_path: Path) -> None:
    data = read(saved(tmp_path, x_train=rows(), y_train=labels(), x_test=rows(4), y_test=np.array([0, 1, 7, 7])))
    assert data.facts.targets["label"].classes == ("0", "1", "2", "3", "7")
    assert data.splits["test"].targets["label"].tolist() == [0, 1, 4, 4]


# -- bad files ---------------------------------------------------------------------------------------------------


def npy(shape: object = (40, 3), descr: object = "<f8", content: bytes = b"", fortran: object = False) -> bytes:
    header = repr({"descr": descr, "fortran_order": fortran, "shape": shape}).encode() + b"\n"
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + content


BROKEN = {
    "empty": b"",
    "one byte": b"\x93",
    "a wrong magic": b"\x93NUMPX" + npy()[6:],
    "magic only": b"\x93NUMPY",
    "a version nobody knows": b"\x93NUMPY\x09\x00" + npy()[8:],
    "half a header": npy()[:30],
    "no dictionary": b"\x93NUMPY\x01\x00\x05\x00hello",
    "a call in its header": b"\x93NUMPY\x01\x00\x0a\x00print('no')"[:20],
    "a deep header": b"\x93NUMPY\x01\x00" + (9000).to_bytes(2, "little") + b"(" * 9000,
    "header only": npy(),
    "cut short": npy(content=bytes(40 * 3 * 8 - 1)),
    "2**31 rows": npy((2**31, 3), content=bytes(100)),
    "2**60 rows": npy((2**60,), content=bytes(100)),
    "negative rows": npy((-1, 3), content=bytes(100)),
    "a shape that is none": npy("many", content=bytes(100)),
    "no rows": npy((0, 3)),
    "a single number": npy((), content=bytes(8)),
    "too many axes": npy((1,) * 9, content=bytes(8)),
    "five axes": npy((1,) * 5, content=bytes(8)),
    "objects": npy((4,), "|O", pickle.dumps(print)),
    "records": npy((4,), [("a", "<f8"), ("b", "<i4")], bytes(48)),
    "complex numbers": npy((4, 1), "<c16", bytes(64)),
    "dates": npy((4, 1), "<M8[s]", bytes(32)),
    "texts": npy((4, 1), "<U1", bytes(16)),
    "nothing at all": npy((2**40,), "|V0"),
    "empty texts": npy((2**40,), "|S0"),
    "a type that is none": npy((4,), "hello", bytes(100)),
    "no numbers": npy((4, 1), "<f8", np.array([1, np.nan, 3, 4]).tobytes()),
    "infinite numbers": npy((4, 1), "<f8", np.array([1, 2, 1e300, 4]).tobytes()),
}


@pytest.mark.parametrize("what", BROKEN)
@pytest.mark.parametrize("packed", [False, True])
def test_a_broken_array_is_refused_by_name_and_takes_no_memory(what: str, packed: bool, tmp_path: Path) -> None:
    path = tmp_path / ("bad.npz" if packed else "bad.npy")
    if packed:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("x.npy", BROKEN[what])
            archive.writestr("y.npy", npy((4,), "<i8", np.arange(4).tobytes()))
    else:
        path.write_bytes(BROKEN[what])
    tracemalloc.start()
    try:
        assert "bad.np" in refusal(path)
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


def test_a_pickle_is_never_run(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.array([{"a": 1}, print], dtype=object), allow_pickle=True)
    assert "could run programs" in refusal(tmp_path / "x.npy")
    (tmp_path / "y.npy").write_bytes(pickle.dumps([1]))
    assert "y.npy" in refusal(tmp_path / "y.npy")


@pytest.mark.parametrize("keep", [1, 4, 30, 100, -60, -23, -1])
def test_a_cut_archive_is_refused(keep: int, tmp_path: Path) -> None:
    path = saved(tmp_path, x=rows(), y=labels())
    path.write_bytes(path.read_bytes()[:keep])
    assert "set.npz" in refusal(path)


def test_an_archive_with_a_wrong_checksum_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path, x=rows(9000), y=labels(9000))
    content = bytearray(path.read_bytes())
    content[content.index(rows(9000).tobytes()) + 200_000] ^= 1
    path.write_bytes(content)
    assert "damaged" in refusal(path)


def test_a_zip_bomb_is_refused_without_being_unpacked(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.npy", npy((200_000_000, 1), "|u1", bytes(200_000_000)))
        archive.writestr("y.npy", npy((4,), "<i8", bytes(32)))
    tracemalloc.start()
    try:
        assert "would unpack to" in refusal(tmp_path / "bomb.npz")
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


def test_a_zip_that_lies_about_its_sizes_takes_no_memory(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("x.npy", npy((50_000_000, 1), "|u1", bytes(10)))
    content = packed.getvalue()
    true = len(npy((50_000_000, 1), "|u1", bytes(10))).to_bytes(4, "little")
    (tmp_path / "lie.npz").write_bytes(content.replace(true, (60_000_000).to_bytes(4, "little")))
    tracemalloc.start()
    try:
        refusal(tmp_path / "lie.npz")
        assert tracemalloc.get_traced_memory()[1] < 70_000_000
    finally:
        tracemalloc.stop()


def test_what_does_not_belong_together_is_refused(tmp_path: Path) -> None:
    assert "x holds 40 examples, but y 39" in refusal(saved(tmp_path, x=rows(), y=labels(39)))
    both = {"x_train": rows(), "y_train": labels(), "y_test": labels(8)}
    assert "an example of x_train is 3, one of x_test 4" in refusal(saved(tmp_path, **both, x_test=rows(8, 4)))
    assert "no targets for x_test" in refusal(saved(tmp_path, x_train=rows(), y_train=labels(), x_test=rows(8)))
    assert "differ in shape or type" in refusal(
        saved(tmp_path, x_test=rows(8), **{**both, "y_test": np.array(["a"] * 8)})
    )
    assert "cannot be read like that" in refusal(saved(tmp_path, x=rows(), y=labels()), layout="sequences")
    assert "no arrays" in refusal(saved(tmp_path))
    (tmp_path / "folder").mkdir()
    assert "no arrays in folder" in refusal(tmp_path / "folder")


def test_texts_are_classes_or_nothing(tmp_path: Path) -> None:
    path = saved(tmp_path, x=rows(), y=np.array([["a", "b"]] * 40))
    assert "only be one class" in refusal(path)
    path = saved(tmp_path, x=rows(), y=np.array(["a"] * 40))
    assert "only be one class" in refusal(path, answers="numbers")
    assert "too many different values" in refusal(saved(tmp_path, x=rows(), y=rows()[:, 0] * np.nan), answers="classes")
