"""Where data lie: which files belong together, what each is for, and how they are opened without being trusted.

What every reader of files needs and none should do in its own way: the table of names in use (`ROLES`), listing
folders within limits, opening what may be compressed, and the sentences for what cannot be read.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import BinaryIO, cast

from playground.facts import SPLITS
from playground.progress import progress
from playground.text import Refusal, Sentence, say

ROLES = {
    **dict.fromkeys(("train", "training", "trn", "训练"), "train"),
    **dict.fromkeys(("dev", "devel", "development", "val", "valid", "validation", "validate", "验证"), "validation"),
    **dict.fromkeys(("eval", "evaluation", "testa"), "validation"),
    **dict.fromkeys(("test", "testing", "tst", "t10k", "testb", "测试"), "test"),
}
"""The words in names of files and folders that say what examples are for; no such word: for training.

Words are parted by anything that is no letter or digit, or by a capital: ``en_ewt-ud-dev``, ``x_test``, ``trainData``,
``emerging.dev``, ``val/cat``, ``t10k-images``, ``训练集``. A number beside the word does not matter (``train2``,
``wnut17train``); of several words the first counts, and a file's own name counts before its folder's. What CoNLL-2003
calls ``testa`` is for validation.
"""

PARTS = {
    **dict.fromkeys(
        ("x", "data", "images", "image", "img", "imgs", "inputs", "input", "features", "samples", "arr"), "inputs"
    ),
    **dict.fromkeys(("y", "t", "labels", "label", "targets", "target", "classes", "answers", "lbl"), "targets"),
}
"""The words that say whether a file or array holds what goes into the network or what should come out."""

DIGITS = "0123456789"

SENTIMENTS = {"pos": "pos", "positive": "pos", "neg": "neg", "negative": "neg"}
"""The words that name the class of everything in a file: ``rt-polarity.pos``, ``neg/0.txt``."""

MOST_FILES = 200_000
DEEPEST = 8
"""How many files of a folder and its folders are looked at, and how far down."""

LARGEST = 2**31
"""The most bytes that are read of one file."""

PIECE = 2**23
"""How many bytes are read at a time."""

GZIP = b"\x1f\x8b"
ROOMY, DENSE = 64 * 2**20, 100
"""A compressed file may unpack to so many bytes, or to so many times its own size; real data never comes near both."""


# -- names -------------------------------------------------------------------------------------------------------


def tokens(name: str) -> list[str]:
    """Split a name into lower-case words: ``emnist, letters, train, images, idx3, ubyte, gz``."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    return [word.lower() for word in re.findall(r"[^\W_]+", parted)]


def split_in(name: str) -> str:
    """Return the split that a name tells, or nothing."""
    for word in tokens(name):
        for form in (word, word.rstrip(DIGITS), re.split(r"[0-9](?=[a-z])", word)[-1]):
            if found := ROLES.get(form):
                return found
    return next((split for word, split in ROLES.items() if not word.isascii() and word in name), "")


def part_in(name: str) -> str:
    """Return ``inputs`` or ``targets`` where a name tells it, or nothing."""
    for word in tokens(name):
        if found := PARTS.get(word) or PARTS.get(word.rstrip(DIGITS)):
            return found
    return ""


def class_in(name: str) -> str:
    """Return the class that a name gives to everything in a file, or nothing."""
    return next((SENTIMENTS[word] for word in reversed(tokens(name)) if word in SENTIMENTS), "")


def family_of(name: str) -> str:
    """Return what the files of one set share: the name without split and part (``emnist-letters``)."""
    return "-".join(word for word in tokens(name) if not split_in(word) and not part_in(word))


@dataclass(frozen=True)
class Roles:
    """What each file is for: by its name, unless a person has said otherwise.

    `said` maps lower-case names of files or folders (with or without suffix) to a split, or to "" to leave them out.
    """

    said: dict[str, str] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> Roles:
        """Read ``extra=test, part2=none``; refuse anything else."""
        said = {}
        for one in filter(None, (part.strip() for part in re.split(r"[,;\n，；]", text))):
            name, equals, split = (part.strip() for part in one.rpartition("="))
            if not equals or not name or split not in (*SPLITS, "none"):
                raise Refusal(
                    say(
                        "{text} does not say what a file is for; write name=train, =validation, =test or =none",
                        text=repr(one[:60]),
                    )
                )
            said[name.lower()] = "" if split == "none" else split
        return cls(said)

    def of(self, path: Path, root: Path) -> str:
        """Return the split of a file below `root` (whose own name says nothing); "" where it is to be left out."""
        names = _below(path, root)
        for name in map(str.lower, names):
            for form in (name, Path(name).stem, name.partition(".")[0]):
                if form in self.said:
                    return self.said[form]
        return next(filter(None, map(split_in, names)), "train")


def _below(path: Path, root: Path) -> list[str]:
    """Return the names of a file and of its folders up to `root`, the file first."""
    try:
        return list(reversed(path.relative_to(root).parts)) or [path.name]
    except ValueError:
        return [path.name]


# -- listing -----------------------------------------------------------------------------------------------------


def is_file(path: Path) -> bool:
    """Whether there is an ordinary file: never a pipe or device, which may not end."""
    return os.path.isfile(path)  # noqa: PTH113  Path.is_file raises where a name is too long


def is_folder(path: Path) -> bool:
    """Whether there is a folder."""
    return os.path.isdir(path)  # noqa: PTH112  Path.is_dir raises where a name is too long


def beside(path: Path, most: int = MOST_FILES) -> list[Path]:
    """List the ordinary files of a folder, or of the folder that a file lies in, by name."""
    if is_file(path):
        return listed(path.parent, most=most)
    if not is_folder(path):
        raise Refusal(say("There is no file or folder at {path}; check the path", path=shown(path, whole=True)))
    return listed(path, most=most)


def listed(path: Path, deepest: int = 0, most: int = MOST_FILES, skip: bool = False) -> list[Path]:
    """List the ordinary files of a folder by name, at most so many, and of its folders so far down.

    A path to a file lists that file. Hidden files and folders are left out; links are followed, but never in circles.
    A folder that cannot be read is refused, or passed over where `skip` says so.
    """
    if is_file(path):
        return [path]
    if not is_folder(path):
        raise Refusal(say("There is no file or folder at {path}; check the path", path=shown(path, whole=True)))
    return list(islice(_walk(path, deepest, skip, frozenset()), most))


def _walk(folder: Path, deepest: int, skip: bool, above: frozenset[tuple[int, int]]) -> Iterator[Path]:
    """Go through a folder: its files, then its folders."""
    try:
        with reading(folder):
            here = folder.stat()
            own = (here.st_dev, here.st_ino)
            if own in above:
                return
            with os.scandir(folder) as entries:
                inner = sorted((one.name, _is(one.is_dir), _is(one.is_file)) for one in islice(entries, MOST_FILES))
    except Refusal:
        if skip:
            return
        raise
    inner = [one for one in inner if not one[0].startswith(".") and one[0] != "__MACOSX"]
    yield from (folder / name for name, _, ordinary in inner if ordinary)
    for name, is_inner, _ in inner:
        if is_inner and deepest > 0:
            yield from _walk(folder / name, deepest - 1, skip, above | {own})


def _is(question: Callable[[], bool]) -> bool:
    """Ask an entry of a folder what it is; a link that leads to itself is nothing."""
    try:
        return question()
    except OSError:
        return False


# -- opening -----------------------------------------------------------------------------------------------------


def start_of(path: Path, n: int = 512) -> bytes:
    """Return the first bytes of what a file holds, unpacked; nothing where it cannot be read. Never raises."""
    try:
        with opened(path) as file:
            return file.read(n)
    except Refusal:
        return b""


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """Open a file, unpacking gzip (known by content); whatever goes wrong while it is read is refused by name."""
    with reading(path):
        if not stat.S_ISREG(path.stat().st_mode):  # a pipe or a device may never end
            raise wrong(path, say("it is no ordinary file; choose another"))
        with path.open("rb") as plain:
            packed = plain.read(2) == GZIP
            plain.seek(0)
            if not packed:
                yield plain
                return
            import gzip

            with gzip.open(plain, "rb") as unpacked:
                yield cast("BinaryIO", unpacked)


def is_packed(path: Path) -> bool:
    """Whether a file is compressed with gzip, by its content."""
    with reading(path), path.open("rb") as file:
        return file.read(2) == GZIP


def most_of(path: Path, most: int = LARGEST) -> int:
    """Return how many bytes may be read of a file: fewer where it is compressed and could be a bomb."""
    with reading(path):
        length = path.stat().st_size
    return min(most, max(ROOMY, DENSE * length)) if is_packed(path) else most


def whole(path: Path, most: int = LARGEST) -> bytes:
    """Return all that a file holds, unpacked; refuse what is larger than `most`, and bombs, before they fill memory."""
    limit, pieces, length = most_of(path, most), [], 0
    with opened(path) as file:
        if not is_packed(path) and path.stat().st_size > limit:
            raise too_large(path, limit)
        while length <= limit and (
            piece := file.read(PIECE)
        ):  # asked for all at once, it would take all the room first
            pieces.append(piece)
            length += len(piece)
    if length > limit:
        raise too_large(path, limit)
    return b"".join(pieces)


def fingerprint(paths: Iterable[Path], root: Path) -> str:
    """Return the size and hash of some files, by which it is noticed that they have changed: ``1642-cd569a2e25703d90``.

    It depends on what the files hold and, of several, on their names below `root`, not on where that lies.
    """
    import hashlib

    paths, total, digest = list(paths), 0, hashlib.sha256()
    for at, path in enumerate(paths):
        name = "/".join(reversed(_below(path, root))) if len(paths) > 1 else ""
        with reading(path), path.open("rb") as file:
            size, done = os.fstat(file.fileno()).st_size, 0
            digest.update(f"{name}\0{size}\0".encode(errors="surrogateescape"))
            while chunk := file.read(2**20):
                done += len(chunk)
                digest.update(chunk)
                progress((at + done / max(1, size)) / len(paths))
            total += done
    return f"{total}-{digest.hexdigest()[:16]}"


# -- refusing ----------------------------------------------------------------------------------------------------


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn every error that reading a file can raise into one sentence that names the file."""
    import gzip
    import zlib

    try:
        yield
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise damaged(path) from error
    except OSError as error:
        raise unreadable(path, error) from error
    except MemoryError as error:
        raise wrong(path, say("there is not enough memory for it; choose a smaller file")) from error
    except (ValueError, OverflowError) as error:  # a NUL in the path, half a character in the text
        if isinstance(error, UnicodeError):
            raise wrong(path, say("it is not a text in a known encoding; save it as UTF-8")) from error
        raise damaged(path) from error


def wrong(path: Path, problem: Sentence, line: int | None = None) -> Refusal:
    """Say what is wrong with a file, and where in it."""
    if line is None:
        return Refusal(say("{file}: {problem}", file=shown(path), problem=problem))
    return Refusal(say("{file}, line {line}: {problem}", file=shown(path), line=line, problem=problem))


def damaged(path: Path) -> Refusal:
    """Say that a file is not whole."""
    return Refusal(say("{file} is damaged or cut short; copy or download it again", file=shown(path)))


def too_large(path: Path, most: int) -> Refusal:
    """Say that a file holds more than is read."""
    return Refusal(
        say(
            "{file} holds more than the {most} bytes that can be read; choose a smaller one",
            file=shown(path),
            most=most,
        )
    )


def unreadable(path: Path, error: OSError) -> Refusal:
    """Say why the system does not give a file or folder."""
    reason = error.strerror or str(error)
    return Refusal(
        say(
            "{path} cannot be read ({reason}); check the file and its permissions",
            path=shown(path, whole=True),
            reason=reason,
        )
    )


def shown(path: Path, whole: bool = False) -> str:
    """Return a path as a sentence can hold it: its name or all of it, on one line, not endless."""
    text = str(path) if whole else path.name or str(path)
    text = "".join(c if c.isprintable() else "�" for c in text)
    return text if len(text) <= 200 else f"{text[:80]}…{text[-110:]}"
