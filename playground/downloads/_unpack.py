"""Taking the known files out of an archive, and nothing else: no path of the archive's own is ever used."""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from playground.downloads import MEMBER_TEXT
from playground.downloads._disk import forget, replace, writing
from playground.downloads._link import Tick
from playground.progress import progress
from playground.text import Refusal, say

PIECE = 2**20

MOST_MEMBERS = 1_000

BESIDE = 2**24
"""How many bytes an archive may hold beside the files that are wanted."""


class _Limited(io.RawIOBase):
    """Reads what is unpacked, up to so many bytes: an archive must not unpack without end."""

    def __init__(self, file: Any, most: int) -> None:
        super().__init__()
        self._file, self._left = file, most

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece = self._file.read(len(buffer))
        self._left -= len(piece)
        if self._left < 0:
            raise tarfile.ReadError("it unpacks to more than it should")
        buffer[: len(piece)] = piece
        return len(piece)


def unpack(archive: Path, members: Mapping[str, int], folder: Path, tick: Tick) -> dict[str, str]:
    """Take ordinary files with these names and lengths out of a .tar.gz into a folder; return their SHA-256.

    A length of 0 allows any small text. All are there in the end, or what is wrong is refused and none has been put
    in its place.
    """
    try:
        sums = _copy_members(archive, members, folder, tick)
        if sums.keys() != members.keys():
            raise _damaged(archive)
        for name in members:
            replace(_part(folder, name), folder / name)
        return sums
    except (tarfile.TarError, zlib.error, EOFError, OSError, ValueError) as error:
        raise _damaged(archive) from error
    finally:
        forget(*(_part(folder, name) for name in members))


def _copy_members(archive: Path, members: Mapping[str, int], folder: Path, tick: Tick) -> dict[str, str]:
    whole, done = sum(members.values()) or 1, 0
    sums: dict[str, str] = {}
    with (
        gzip.open(archive, "rb") as plain,
        io.BufferedReader(_Limited(plain, whole + BESIDE), PIECE) as limited,
        tarfile.open(fileobj=limited, mode="r|") as tar,
    ):
        for number, member in enumerate(tar):
            tick()
            name = member.name.rpartition("/")[2]
            if number >= MOST_MEMBERS:
                raise tarfile.ReadError("it holds more files than it should")
            if name not in members or name in sums or not member.isreg():
                continue
            if not _fits(member.size, members[name]):
                raise tarfile.ReadError(f"{name} has another length than it should")
            source = tar.extractfile(member)
            assert source is not None  # it is an ordinary file
            sums[name] = _copy(source, _part(folder, name), member.size, done / whole, whole, tick)
            done += member.size
    return sums


def _copy(source: Any, path: Path, size: int, begin: float, whole: int, tick: Tick) -> str:
    digest, done = hashlib.sha256(), 0
    with writing(path):
        file: BinaryIO = path.open("wb")
    with file:
        while done < size:
            tick()
            progress(begin + done / whole)
            piece = source.read(min(PIECE, size - done))
            if not piece:
                raise EOFError
            with writing(path):
                file.write(piece)
            digest.update(piece)
            done += len(piece)
        with writing(path):
            file.flush()
    return digest.hexdigest()


def _fits(size: int, wanted: int) -> bool:
    return size == wanted if wanted else 0 < size <= MEMBER_TEXT


def _part(folder: Path, name: str) -> Path:
    return folder / f".{name}.part"


def _damaged(archive: Path) -> Refusal:
    return Refusal(say("{file} is damaged or cut short; copy or download it again", file=archive.name.lstrip(".")))
