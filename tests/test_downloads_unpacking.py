"""Taking files out of a downloaded archive: the known ones and nothing else, whatever it holds."""

from __future__ import annotations

import gzip
import io
import random
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from playground.downloads import SUMS, _unpack, check, folder_of, is_here
from playground.downloads.fetching import fetch
from playground.progress import heard_by
from playground.text import Refusal
from tests.download_server import Server, item, own_cache, publish, serving

KEY = "cifar-10"
ARCHIVE = "set.tar.gz"
RECORDS = random.Random(2).randbytes(3073 * 30)
MEMBERS = {"data_batch_1.bin": len(RECORDS), "batches.meta.txt": 0}
FILES = {"data_batch_1.bin": RECORDS, "batches.meta.txt": b"cat\ndog\n"}


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    own_cache(monkeypatch, tmp_path / "cache")
    with serving() as made:
        yield made


@pytest.fixture
def publish_archive(server: Server, monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], None]:
    """Put an archive onto the server and into the catalogue."""

    def made(content: bytes) -> None:
        server.files[f"/{ARCHIVE}"] = content
        publish(monkeypatch, item(ARCHIVE, content, server.url), key=KEY, members=MEMBERS)

    return made


Entry = tuple[str, bytes] | tarfile.TarInfo


def packed(*entries: Entry) -> bytes:
    """Make a .tar.gz of files and whatever else."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as tar:
        for entry in entries:
            if isinstance(entry, tarfile.TarInfo):
                tar.addfile(entry)
            else:
                info = tarfile.TarInfo(entry[0])
                info.size = len(entry[1])
                tar.addfile(info, io.BytesIO(entry[1]))
    return made.getvalue()


def link(name: str, kind: bytes, target: str) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type, made.linkname = kind, target
    return made


def good(prefix: str = "cifar-10-batches-bin/") -> list[Entry]:
    return [(prefix + name, content) for name, content in FILES.items()]


def test_the_known_files_are_taken_out_and_the_archive_goes(publish_archive: Callable[[bytes], None]) -> None:
    publish_archive(packed(link("cifar-10-batches-bin", tarfile.DIRTYPE, ""), *good(), ("x/readme.html", b"read me")))
    shares: list[float] = []
    with heard_by(shares.append):
        folder = fetch(KEY)
    assert {path.name: path.read_bytes() for path in folder.iterdir() if not path.name.startswith(".")} == FILES
    assert {path.name for path in folder.iterdir()} == {*FILES, SUMS, ".lock"}
    assert is_here(KEY)
    check(KEY)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_damage_to_what_was_taken_out_is_noticed_and_mended(
    server: Server, publish_archive: Callable[[bytes], None]
) -> None:
    publish_archive(packed(*good()))
    path = fetch(KEY) / "data_batch_1.bin"
    path.write_bytes(bytes(len(RECORDS)))
    with pytest.raises(Refusal, match=r"data_batch_1\.bin of CIFAR-10 .* is no longer what was downloaded"):
        check(KEY)
    fetch(KEY)
    assert path.read_bytes() == RECORDS
    assert len(server.asked) == 2
    (path.parent / SUMS).write_text("[]")  # as where somebody has copied the files here
    check(KEY)
    path.write_bytes(RECORDS[:-1])
    assert not is_here(KEY)


def test_no_path_of_the_archives_own_is_used(publish_archive: Callable[[bytes], None], tmp_path: Path) -> None:
    before = set(tmp_path.rglob("*"))
    publish_archive(
        packed(
            ("../../evil.txt", b"evil"),
            ("/tmp/evil.txt", b"evil"),
            link("data_batch_1.bin", tarfile.SYMTYPE, "/etc/passwd"),
            link("batches.meta.txt", tarfile.LNKTYPE, "../../evil.txt"),
            link("x/data_batch_1.bin", tarfile.FIFOTYPE, ""),
            *good("../../"),
        )
    )
    folder = fetch(KEY)
    assert {path.name: path.read_bytes() for path in folder.iterdir() if not path.name.startswith(".")} == FILES
    assert {path for path in set(tmp_path.rglob("*")) - before if not path.is_relative_to(tmp_path / "cache")} == set()
    assert not any("evil" in path.name for path in (tmp_path / "cache").rglob("*"))


def short_gzip() -> bytes:
    return packed(*good())[:-200]


def bomb() -> bytes:
    """All that is wanted, behind more than anybody wants to unpack."""
    info = tarfile.TarInfo("padding")
    info.size = _unpack.BESIDE + 2**20
    return gzip.compress(info.tobuf() + bytes(info.size) + gzip.decompress(packed(*good())), 1)


def promising() -> bytes:
    """A header that promises more than there is."""
    info = tarfile.TarInfo("data_batch_1.bin")
    info.size = len(RECORDS)
    return gzip.compress(info.tobuf() + RECORDS[:100])


def enormous_header() -> bytes:
    """A long name of two gigabytes, as the header says."""
    info = tarfile.TarInfo("././@LongLink")
    info.type, info.size = tarfile.GNUTYPE_LONGNAME, 2**31
    return gzip.compress(info.tobuf() + bytes(2**20))


@pytest.mark.parametrize(
    "content",
    [
        packed(("data_batch_1.bin", RECORDS)),
        packed(("data_batch_1.bin", RECORDS + b"x"), ("batches.meta.txt", b"cat\n")),
        packed(("data_batch_1.bin", RECORDS[:-1]), ("batches.meta.txt", b"cat\n")),
        packed(("data_batch_1.bin", RECORDS), ("batches.meta.txt", b"cat\n" * 2000)),
        packed(("data_batch_1.bin", RECORDS), ("batches.meta.txt", b"")),
        packed(*(("x", b"") for _ in range(_unpack.MOST_MEMBERS)), *good()),
        packed(),
        b"no archive at all",
        gzip.compress(b"no archive either"),
        short_gzip(),
        bomb(),
        promising(),
        enormous_header(),
    ],
    ids=[
        *("a file is missing", "too long", "too short", "a text too long", "an empty text", "too many", "empty"),
        *("not packed", "no tar", "cut short", "a bomb", "a promise", "an enormous header"),
    ],
)
def test_what_is_wrong_with_an_archive_is_one_sentence_and_leaves_nothing(
    publish_archive: Callable[[bytes], None], content: bytes
) -> None:
    publish_archive(content)
    with pytest.raises(Refusal, match=r"set\.tar\.gz is damaged or cut short"):
        fetch(KEY)
    assert not is_here(KEY)
    assert {path.name for path in folder_of(KEY).iterdir()} <= {f".{ARCHIVE}", ".lock"}


def test_unpacking_can_be_broken_off(publish_archive: Callable[[bytes], None]) -> None:
    publish_archive(packed(*good()))

    class Enough(Exception):
        pass

    def listen(share: float) -> None:
        if share > 0.9:
            raise Enough

    with heard_by(listen), pytest.raises(Enough):
        fetch(KEY)
    assert not is_here(KEY)
    assert fetch(KEY)
    assert is_here(KEY)
