"""Reads numpy's own files without believing them: no pickle, and nothing is allocated that a file cannot fill."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, cast

from playground.data._places import DENSE, LARGEST, ROOMY, damaged, reading, wrong
from playground.progress import progress
from playground.text import Refusal, say

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

MAGIC = b"\x93NUMPY"
LONGEST_HEADER = 10_000
MOST_ARRAYS = 64


@dataclass(frozen=True)
class Stored:
    """An array in a file whose header has been read: its name, type and shape, and where it lies."""

    path: Path
    member: str
    """Its name within a .npz; empty for a .npy."""
    dtype: Any
    shape: tuple[int, ...]
    fortran: bool
    offset: int
    """Where the numbers begin."""

    @property
    def name(self) -> str:
        """What to call it: ``x_train``."""
        return self.member.removesuffix(".npy") if self.member else self.path.name.removesuffix(".npy")

    @property
    def size(self) -> int:
        """How many bytes its numbers take."""
        return math.prod(self.shape) * int(self.dtype.itemsize)

    def mapped(self) -> Array:
        """Return the array as a map of its file, which takes no memory; one in a .npz is read."""
        import numpy as np

        if self.member:
            return self.load()
        with reading(self.path):
            order: Literal["F", "C"] = "F" if self.fortran else "C"
            made: Array = np.memmap(self.path, self.dtype, "r", self.offset, self.shape, order)
            return made

    def load(self) -> Array:
        """Return the array; refuse one that is not whole."""
        import numpy as np

        with _stream(self.path, self.member) as (file, _):
            _skip(file, self.offset)
            # Into memory of its own, since pieces put together would need it twice.
            values = np.empty(math.prod(self.shape), dtype=self.dtype)
            room = values.view(np.uint8).reshape(-1).data if self.size else memoryview(b"")
            done = 0
            while done < self.size and (piece := file.read(min(self.size - done, 2**20))):
                room[done : done + len(piece)] = piece
                done += len(piece)
                progress(done / self.size)
            if done == self.size:
                file.read(1)  # at the end a zip compares the checksum
        if done < self.size:
            raise damaged(self.path)
        return values.reshape(self.shape, order="F" if self.fortran else "C")


def is_npy(path: Path) -> bool:
    """Whether a file begins as an array does."""
    with reading(path), path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def is_npz(path: Path) -> bool:
    """Whether a file is a zip whose members are arrays."""
    with reading(path), path.open("rb") as file:
        if file.read(4) != b"PK\x03\x04":
            return False
    try:
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist()[:1000] if name.endswith(".npy")]
            if not names:
                return False
            with archive.open(names[0]) as file:
                return file.read(len(MAGIC)) == MAGIC
    except Exception:  # a damaged directory raises a dozen kinds; whether the name claims more is asked elsewhere
        return False


def stored(path: Path) -> list[Stored]:
    """Read the headers of all arrays in a .npy or .npz file."""
    if is_npy(path):
        return [_header(path, "")]
    with reading(path), _archive(path) as archive:
        names = [name for name in archive.namelist() if name.endswith(".npy")]
    if not names:
        raise wrong(path, say("there are no arrays in it; save them with numpy.savez"))
    if len(names) > MOST_ARRAYS:
        raise wrong(
            path, say("it holds {n} arrays, more than the {most} that are read", n=len(names), most=MOST_ARRAYS)
        )
    return [_header(path, name) for name in names]


def _header(path: Path, member: str) -> Stored:
    with _stream(path, member) as (file, length):
        dtype, shape, fortran, offset = _parsed(path, file)
    found = Stored(path, member, dtype, shape, fortran, offset)
    if dtype.hasobject:
        raise wrong(
            path,
            say("{name} holds Python objects, which could run programs; save it as numbers or texts", name=found.name),
        )
    if dtype.names or dtype.subdtype or not dtype.itemsize or dtype.kind not in "biufUS":
        raise wrong(
            path, say("{name} has the type {type}; save it as numbers or texts", name=found.name, type=_short(dtype))
        )
    if 0 in shape or not shape:
        raise wrong(path, say("{name} is empty or a single number; save one row an example", name=found.name))
    if found.size + offset > length:
        raise wrong(
            path,
            say(
                "the header of {name} promises {promised} bytes, but there are {there}; copy or download it again",
                name=found.name,
                promised=found.size,
                there=max(0, length - offset),
            ),
        )
    if found.size > LARGEST and member:  # a file of its own may stay where it is
        raise wrong(path, say("{name} takes {n} bytes, more than can be read", name=found.name, n=found.size))
    return found


def _parsed(path: Path, file: BinaryIO) -> tuple[Any, tuple[int, ...], bool, int]:
    """Read the header of an array: its type, shape, order, and how long the header is."""
    from numpy.lib import format as npy

    try:
        version = npy.read_magic(file)
        length = 2 if version == (1, 0) else 4
        size = int.from_bytes(file.read(length), "little")
        if version not in ((1, 0), (2, 0), (3, 0)) or not 0 < size <= LONGEST_HEADER:
            raise ValueError
        return (*_described(file.read(size), size), 8 + length + size)
    except Refusal:
        raise
    except Exception as error:  # whatever a mangled header makes of numpy's and Python's own parsers
        raise wrong(path, say("it is no whole numpy array; copy it again or save it anew")) from error


def _described(header: bytes, size: int) -> tuple[Any, tuple[int, ...], bool]:
    import ast

    import numpy as np

    if len(header) < size:
        raise ValueError
    value = ast.literal_eval(header.decode("latin1"))
    shape, fortran, descr = value["shape"], value["fortran_order"], value["descr"]
    if not isinstance(shape, tuple) or len(shape) > 8 or not isinstance(descr, str | list):
        raise ValueError
    if not all(isinstance(n, int) and not isinstance(n, bool) and 0 <= n < 2**48 for n in shape):
        raise ValueError
    dtype = np.dtype(descr) if isinstance(descr, str) else np.dtype([tuple(one) for one in descr[:1]])
    return dtype, shape, bool(fortran)


@contextmanager
def _stream(path: Path, member: str) -> Iterator[tuple[BinaryIO, int]]:
    """Open an array, and say how many bytes it can hold at most: what a zip says is held against its real length."""
    with reading(path):
        length = path.stat().st_size
        if not member:
            with path.open("rb") as file:
                yield file, length
            return
        with _archive(path) as archive:
            entry = archive.getinfo(member)
            if entry.flag_bits & 1:
                raise wrong(path, say("it is locked with a password; unpack it first"))
            packed = min(entry.compress_size, length)
            if entry.file_size > packed and entry.file_size > max(ROOMY, DENSE * packed):
                raise wrong(
                    path,
                    say(
                        "{name} would unpack to {n} bytes from {packed}; save it with numpy.savez, uncompressed",
                        name=member.removesuffix(".npy"),
                        n=entry.file_size,
                        packed=packed,
                    ),
                )
            with archive.open(member) as file:
                yield cast("BinaryIO", file), entry.file_size


@contextmanager
def _archive(path: Path) -> Iterator[zipfile.ZipFile]:
    """Open a zip; whatever a damaged one raises becomes one sentence."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except (Refusal, OSError, MemoryError):
        raise
    except Exception as error:  # BadZipFile, zlib.error, KeyError, NotImplementedError, struct.error, RuntimeError, …
        raise damaged(path) from error


def _skip(file: BinaryIO, n: int) -> None:
    while n > 0 and (piece := file.read(min(n, 2**16))):
        n -= len(piece)


def _short(dtype: Any) -> str:
    text = str(dtype)
    return text if len(text) <= 60 else text[:57] + "…"


def product(sizes: tuple[int, ...]) -> str:
    """Write sizes as people do: ``60,000 × 28 × 28``."""
    return " × ".join(f"{size:,}" for size in sizes)
