"""Whatever is done to files, a reader returns data or refuses with one sentence: quickly, and in little memory."""

from __future__ import annotations

import gzip
import io
import random
import shutil
import sys
import tempfile
import time
import tracemalloc
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("PIL")

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from playground.data import IGNORED, Data, FileSource
from playground.data.arrays import Arrays
from playground.data.cifar import CifarFolder
from playground.data.idx import IdxFolder
from playground.data.image_folder import ImageFolder
from playground.data.recognise import found, recognise
from playground.facts import DataFacts
from playground.text import Refusal, set_language
from tests.data.idx_files import images, labels
from tests.data.pictures import picture
from tests.data.test_arrays import npy
from tests.data.test_cifar import records

SHARED = Path(__file__).parents[2] / ".." / "shared" / "data"
Files = dict[str, bytes]

INPUTS = 10_000
"""How many damaged inputs every reader is tried with in the slow suite."""

CHECKED = 25
"""Of so many of them one is also recognised, and the memory that it takes traced."""

LONGEST_S = 1.0
MOST_BYTES = 100_000_000
"""What reading one input may take; the files here are small, so this is far more than they need."""


# -- whole files, small ones of our own and pieces of real ones -----------------------------------------------------


def idx() -> Files:
    return {"train-images-idx3-ubyte": images(), "train-labels-idx1-ubyte": labels()}


def idx_gz() -> Files:
    return {f"{name}.gz": gzip.compress(content) for name, content in idx().items()}


def real_idx() -> Files:
    if not (SHARED / "mnist").is_dir():
        return idx_gz()
    pixels = gzip.decompress((SHARED / "mnist" / "t10k-images-idx3-ubyte.gz").read_bytes())[16 : 16 + 20 * 784]
    marks = gzip.decompress((SHARED / "mnist" / "t10k-labels-idx1-ubyte.gz").read_bytes())[8:28]
    sizes = (20).to_bytes(4), (28).to_bytes(4) * 2
    head = (2051).to_bytes(4) + sizes[0] + sizes[1]
    return {
        "train-images-idx3-ubyte.gz": gzip.compress(head + pixels),
        "train-labels-idx1-ubyte": (2049).to_bytes(4) + sizes[0] + marks,
    }


def cifar() -> Files:
    names = "\n".join(f"class {k}" for k in range(10)).encode()
    return {"data_batch_1.bin": records(3), "test_batch.bin": records(2), "batches.meta.txt": names}


def cifar_100() -> Files:
    names = "\n".join(f"class {k}" for k in range(100)).encode()
    return {"train.bin": records(25, 2), "fine_label_names.txt": names}


def real_cifar() -> Files:
    path = SHARED / "cifar10_bin" / "data_batch_1.bin"
    if not path.exists():
        return cifar()
    with path.open("rb") as file:
        return {**cifar(), "data_batch_1.bin": file.read(5 * 3073)}


def pictures() -> Files:
    made = {}
    for k, (suffix, mode) in enumerate([("png", "RGB"), ("png", "P"), ("jpg", "RGB"), ("webp", "RGBA"), ("bmp", "L")]):
        packed = io.BytesIO()
        picture(9, 7, k, mode).save(packed, {"jpg": "JPEG"}.get(suffix, suffix.upper()))
        made[f"{'ab'[k % 2]}/{k}.{suffix}"] = packed.getvalue()
    return made


def real_pictures() -> Files:
    folder = SHARED / "cifar10_images" / "test"
    if not folder.is_dir():
        return pictures()
    return {f"train/{name}/0.jpg": (folder / name / "0000.jpg").read_bytes() for name in ("cat", "dog", "ship")}


def array() -> Files:
    return {
        "x.npy": npy((6, 4, 3), "|u1", bytes(range(72))),
        "y.npy": npy((6,), "<i8", (np.arange(6) % 3).tobytes()),
    }


def archive() -> Files:
    packed = io.BytesIO()
    rng = np.random.default_rng(0)
    np.savez_compressed(
        packed,
        x_train=rng.random((9, 3)),
        y_train=np.array(list("abcabcabc")),
        x_test=rng.random((3, 3)),
        y_test=np.array(list("abc")),
    )
    return {"set.npz": packed.getvalue()}


def any_zip() -> Files:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        for name, content in array().items():
            file.writestr(name, content)
    return {"set.npz": packed.getvalue()}


KINDS: list[tuple[type[FileSource], Callable[[], Files]]] = [
    (IdxFolder, idx),
    (IdxFolder, idx_gz),
    (IdxFolder, real_idx),
    (CifarFolder, cifar),
    (CifarFolder, cifar_100),
    (CifarFolder, real_cifar),
    (ImageFolder, pictures),
    (ImageFolder, real_pictures),
    (Arrays, array),
    (Arrays, archive),
    (Arrays, any_zip),
]
IDS = [make.__name__ for _, make in KINDS]


# -- damage --------------------------------------------------------------------------------------------------------

NASTY = (b"", b"\0", b"\xff", b"\0" * 8, b"\xff" * 8, b"\x7f\xff\xff\xff", b"\x80\0\0\0", b"\r\n", b"'", b"PK\x03\x04")


@st.composite
def damaged(draw: st.DrawFn, content: bytes) -> bytes:
    """Cut, overwrite, insert, repeat or flip something, most often near the beginning, where headers are."""
    for _ in range(draw(st.integers(1, 4))):
        near = draw(st.booleans())
        at = draw(st.integers(0, min(len(content), 160) if near else len(content)))
        put = draw(st.sampled_from(NASTY) | st.binary(max_size=12))
        match draw(st.sampled_from(("overwrite", "overwrite", "cut", "insert", "delete", "repeat", "flip", "swap"))):
            case "overwrite":
                content = content[:at] + put + content[at + len(put) :]
            case "cut":
                content = content[:at]
            case "insert":
                content = content[:at] + put + content[at:]
            case "delete":
                content = content[:at] + content[at + draw(st.integers(1, 40)) :]
            case "repeat":
                content = content[:at] + content[at : at + 200] * 3 + content[at:]
            case "flip" if at < len(content):
                content = content[:at] + bytes([content[at] ^ 1 << draw(st.integers(0, 7))]) + content[at + 1 :]
            case "swap":
                content = content[at:] + content[:at]
    return draw(st.sampled_from((content, content, content, gzip.compress(content))))


@st.composite
def spoilt(draw: st.DrawFn, files: Files) -> Files:
    """Damage one or more files of a set; sometimes lose one or give it the name of another."""
    made = dict(files)
    for name in draw(st.lists(st.sampled_from(sorted(files)), min_size=1, max_size=2)):
        made[name] = draw(damaged(made[name]))
    if draw(st.integers(0, 9)) == 0:
        one, other = draw(st.sampled_from(sorted(files))), draw(st.sampled_from(sorted(files)))
        made[other] = made[one]
    if draw(st.integers(0, 9)) == 0:
        del made[draw(st.sampled_from(sorted(files)))]
    return made


# -- what must hold ------------------------------------------------------------------------------------------------


def check(reader: type[FileSource], files: Files) -> None:
    """Write the files, let them be recognised and read, and look at what came of it."""
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        outcomes, seconds, peak = measured(reader, folder)
        if seconds >= 2 * LONGEST_S:  # the collection of what other tests left may fall into the first try
            outcomes, seconds, peak = measured(reader, folder)
    assert seconds < 2 * LONGEST_S, f"{seconds:.1f} s"
    assert peak < MOST_BYTES, f"{peak:,} bytes"
    for one in outcomes:
        check_outcome(one)


def measured(reader: type[FileSource], folder: str) -> tuple[list[Data | Refusal], float, int]:
    """Read a folder both ways: what came of it, the seconds of the processor and the most bytes that were traced."""
    began = time.process_time()  # what the machine does besides does not count
    tracemalloc.start()
    try:
        outcomes = [outcome(lambda: recognise(Path(folder)).read()), outcome(reader(path=folder).read)]
        return outcomes, time.process_time() - began, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def outcome(read: Callable[[], Data]) -> Data | Refusal:
    try:
        return read()
    except Refusal as refusal:
        return refusal


def check_outcome(one: Data | Refusal) -> None:
    sentences = [one.sentence] if isinstance(one, Refusal) else [*one.problems, *one.remarks, found(one.facts)]
    for language in ("en", "zh"):
        set_language(language)
        assert all("\n" not in str(sentence) and str(sentence).isprintable() for sentence in sentences)
    set_language("en")
    if isinstance(one, Refusal):
        return
    assert DataFacts.from_json(one.facts.to_json()) == one.facts
    assert {split: len(examples) for split, examples in one.splits.items()} == one.facts.counts
    for examples in one.splits.values():
        for name, shape in one.facts.inputs.items():
            assert examples.inputs[name].shape == (len(examples), *shape.sizes)
            assert np.isfinite(examples.inputs[name]).all()
        for name, target in one.facts.targets.items():
            values = examples.targets[name]
            if values.dtype == object:  # the classes of the steps of each example
                assert [len(one) for one in values] == [len(text) for text in examples.inputs["text"]]
                values = np.concatenate(values)
                values = values[values != IGNORED]
            if target.is_class:
                assert values.dtype == np.int64 and (values >= 0).all() and (values < len(target.classes)).all()
            else:
                assert np.isfinite(values).all()


@pytest.mark.parametrize(("reader", "make"), KINDS, ids=IDS)
def test_whole_files_are_read(reader: type[FileSource], make: Callable[[], Files], tmp_path: Path) -> None:
    for name, content in make().items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    source = recognise(tmp_path)
    assert isinstance(source, reader)
    assert source.read().facts.counts["train"] > 0


@pytest.mark.parametrize(("reader", "make"), KINDS, ids=IDS)
def test_damaged_files_are_read_or_refused(reader: type[FileSource], make: Callable[[], Files]) -> None:
    fuzz(reader, make(), 10)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(("reader", "make"), KINDS, ids=IDS)
def test_many_damaged_files_are_read_or_refused(reader: type[FileSource], make: Callable[[], Files]) -> None:
    many(reader, make(), share_of(reader, KINDS))


def fuzz(reader: type[FileSource], files: Files, n: int) -> None:
    check(reader, files)  # so that what is imported first does not count as slow

    @settings(max_examples=n, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(spoilt(files))
    def one(made: Files) -> None:
        check(reader, made)

    one()


def share_of(reader: type[FileSource], kinds: Sequence[tuple[type[FileSource], object]]) -> int:
    """Return how many inputs each kind of files is tried with, so that every reader gets 10,000."""
    return -(-INPUTS // sum(other is reader for other, _ in kinds))


def many(reader: type[FileSource], files: Files, n: int) -> None:
    """Read so many damaged sets, a thousand a few seconds; every so-manyth is recognised and its memory traced too."""
    check(reader, files)
    before = most_memory()
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(n):
            made = damaged_at_random(files, random.Random(seed))
            if seed % CHECKED == 0:
                check(reader, made)
                continue
            home = Path(folder, str(seed))
            home.mkdir()  # a set of one file may have lost it
            for name, content in made.items():
                (home / name).parent.mkdir(parents=True, exist_ok=True)
                (home / name).write_bytes(content)
            one, seconds = timed(reader(path=str(home)))
            if seconds >= LONGEST_S:  # the collection of what other tests left may fall into the first try
                one, seconds = timed(reader(path=str(home)))
            assert seconds < LONGEST_S, f"seed {seed}: {seconds:.1f} s"
            check_outcome(one)
            shutil.rmtree(home)
    assert most_memory() - before < 500_000_000


def timed(source: FileSource) -> tuple[Data | Refusal, float]:
    """Read, and return what came of it and the seconds of the processor."""
    began = time.process_time()
    return outcome(source.read), time.process_time() - began


def damaged_at_random(files: Files, rng: random.Random) -> Files:
    """Damage files as `spoilt` does, without asking hypothesis, which takes longer than the readers."""
    made = dict(files)
    names = sorted(files)
    for name in rng.sample(names, min(len(names), rng.choice((1, 1, 2)))):
        content = made[name]
        for _ in range(rng.randint(1, 4)):
            at = rng.randint(0, min(len(content), 160) if rng.random() < 0.5 else len(content))
            put = rng.choice((*NASTY, rng.randbytes(rng.randint(0, 12))))
            match rng.choice(("overwrite", "overwrite", "cut", "insert", "delete", "repeat", "flip", "swap")):
                case "overwrite":
                    content = content[:at] + put + content[at + len(put) :]
                case "cut":
                    content = content[:at]
                case "insert":
                    content = content[:at] + put + content[at:]
                case "delete":
                    content = content[:at] + content[at + rng.randint(1, 40) :]
                case "repeat":
                    content = content[:at] + content[at : at + 200] * 3 + content[at:]
                case "flip" if at < len(content):
                    content = content[:at] + bytes([content[at] ^ 1 << rng.randint(0, 7)]) + content[at + 1 :]
                case "swap":
                    content = content[at:] + content[:at]
        made[name] = gzip.compress(content, 1) if rng.random() < 0.1 else content
    if rng.random() < 0.1:
        made[rng.choice(names)] = made[rng.choice(names)]
    if rng.random() < 0.1:
        del made[rng.choice(names)]
    return made


def most_memory() -> int:
    """Return the most bytes that this process has held, where the system tells."""
    try:
        import resource
    except ImportError:
        return 0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
