"""Folders of MNIST-family files: MNIST, Fashion-MNIST, KMNIST, EMNIST and whatever is written like them.

An IDX file is a magic number (2051 for images, 2049 for labels), the number of items, for images also their
height and width, and then one byte for each pixel or label. It may be compressed with gzip. Files come from
anywhere, so nothing in a header is believed before it has been compared with the length of the file.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from playground.data import Data, Examples, FileSource
from playground.data._places import GZIP, Roles, beside, fingerprint, is_file, split_in, tokens, unreadable
from playground.data._stored import Mapped, stays
from playground.facts import SPLITS, DataFacts, Target
from playground.progress import part, progress
from playground.shape import Shape
from playground.text import Refusal, note, say

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

KINDS = {2051: "images", 2049: "labels"}
"""What the magic number says that a file holds."""

LARGEST = 2**30
"""The most bytes that are unpacked or read into memory; images that are not compressed may be more, and stay there."""

MOST_FILES = 10_000
"""How many files of a folder are looked at; whoever points at a larger one has missed the folder meant."""

DENSEST = 1_032
"""Gzip makes data at most this many times smaller, so a small file that promises more is lying."""

FILLERS = {"images", "image", "labels", "label", "idx1", "idx3", "ubyte", "gz", "idx"}
"""Words of a file's name that tell nothing that its content does not."""

SUSPECTS = {"idx1", "idx3", "ubyte"}
"""Words of a name that promise an IDX file; if the content is something else, the reader should hear of it."""


class IdxFolder(FileSource):
    """A folder of images and labels in the format of MNIST, as it is or compressed with gzip."""

    key = "idx"
    title = note("MNIST-family files (IDX)")
    rank = 10

    @classmethod
    def holds(cls, path: Path) -> bool:
        """Say whether a file, or any file of a folder, is an IDX file or claims to be by its name."""
        files = [path] if is_file(path) else beside(path, MOST_FILES)
        return any(SUSPECTS & set(tokens(one.name)) or _peek(one) for one in files)

    def read(self) -> Data:
        place, roles = self.place, Roles.parse(self.roles)
        pairs = _paired(find(place), roles)
        far = stays(sum(math.prod(image_file.sizes) for image_file, _ in pairs.values()))
        images, labels = {}, {}
        for at, (split, (image_file, label_file)) in enumerate(pairs.items()):
            with part(0.8 * at / len(pairs), 0.8 * (at + 1) / len(pairs)):
                labels[split] = label_file.load().astype("int64")
                images[split] = _as_inputs(image_file, far)
        classes = tuple(str(k) for k in range(max(int(one.max()) for one in labels.values()) + 1))
        _, height, width = images["train"].shape[1:]
        used = [file.path for pair in pairs.values() for file in pair]
        with part(0.8, 1.0):
            found = fingerprint(used, used[0].parent)
        facts = DataFacts(
            {"x": Shape(channels=1, height=height, width=width)},
            {"label": Target(classes)},
            {split: len(one) for split, one in labels.items()},
            fingerprint=found,
        )
        return Data(facts, {split: Examples({"x": images[split]}, {"label": labels[split]}) for split in pairs})

    def picture(self) -> str:
        return "image"


@dataclass(frozen=True)
class IdxFile:
    """One file whose header has been read: what it holds and how large each dimension is."""

    path: Path
    kind: str
    sizes: tuple[int, ...]
    compressed: bool

    def mapped(self) -> Array:
        """Return the bytes as a map of the file, which takes no memory; refuse a file of another length."""
        import numpy as np

        head = 4 + 4 * len(self.sizes)
        _check_length(self, head + math.prod(self.sizes))
        try:
            return np.memmap(self.path, dtype=np.uint8, mode="r", offset=head, shape=self.sizes)
        except OSError as error:
            raise unreadable(self.path, error) from error

    def load(self) -> Array:
        """Return the bytes as an array; refuse a file that holds fewer or more of them than it promises."""
        import gzip
        import zlib

        import numpy as np

        wanted = math.prod(self.sizes)
        head = 4 + 4 * len(self.sizes)
        _check_length(self, head + wanted)
        values = np.empty(wanted, dtype=np.uint8)
        try:
            with _opened(self.path, self.compressed) as file:
                file.read(head)
                read = _fill(file, values.data)
                more = file.read(1)  # never the rest: it may be a bomb; at the end, this compares the checksum
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise _cut_short(self) from error
        except OSError as error:
            raise unreadable(self.path, error) from error
        if read < wanted:
            raise _cut_short(self)
        if more:
            raise _too_long(self)
        return values.reshape(self.sizes)


def find(path: Path) -> list[IdxFile]:
    """Find the IDX files of one data set: those of a folder, or those that belong with a file.

    Refuses when there is none, when one that claims to be is not, and when a folder holds several data sets.
    """
    listed = beside(path, MOST_FILES)
    if is_file(path):
        listed = [one for one in listed if _family(one) == _family(path)]
        _peek(path, demanded=True)
    files = [file for one in listed if (file := _peek(one, demanded=bool(SUSPECTS & set(tokens(one.name)))))]
    if not files:
        raise Refusal(say("There are no IDX files in {path}; choose the folder of the images and labels", path=path))
    families = {_family(file.path): file.path.name for file in files}
    if len(families) > 1:
        raise Refusal(
            say(
                "{path} holds several data sets; choose one of their files instead: {files}",
                path=path,
                files=", ".join(list(families.values())[:5]),
            )
        )
    return files


# -- looking ---------------------------------------------------------------------------------------------------


def _peek(path: Path, demanded: bool = False) -> IdxFile | None:
    """Read the header of a file; return None where it is something else, unless an IDX file is demanded."""
    try:
        header, compressed = _header(path)
    except OSError as error:
        if demanded:
            raise unreadable(path, error) from error
        return None
    kind = KINDS.get(int.from_bytes(header[:4])) if len(header) >= 4 else None
    if kind is None:
        if demanded:
            raise _not_idx(path, header)
        return None
    length = 16 if kind == "images" else 8
    if len(header) < length:
        raise Refusal(say("{file} ends within its header; copy or download it again", file=path.name))
    sizes = tuple(int.from_bytes(header[at : at + 4]) for at in range(4, length, 4))
    if 0 in sizes:
        raise Refusal(
            say("{file} says that it holds nothing ({sizes}); choose another", file=path.name, sizes=_product(sizes))
        )
    if math.prod(sizes) > LARGEST and (compressed or kind == "labels"):
        raise Refusal(
            say(
                "{file} promises {sizes} bytes, more than the {most} that can be read; check that it is undamaged",
                file=path.name,
                sizes=_product(sizes),
                most=LARGEST,
            )
        )
    return IdxFile(path, kind, sizes, compressed)


def _header(path: Path) -> tuple[bytes, bool]:
    """Return the first 16 bytes of what a file holds, fewer if it ends before, and whether it is compressed."""
    import gzip
    import zlib

    with path.open("rb") as file:
        start = file.read(16)
    if not start.startswith(GZIP):
        return start, False
    try:
        with _opened(path, compressed=True) as file:
            return file.read(16), True
    except (EOFError, zlib.error, gzip.BadGzipFile):  # cut short or damaged within the very first bytes
        return b"", True


def _opened(path: Path, compressed: bool) -> BinaryIO:
    if not compressed:
        return path.open("rb")
    import gzip

    return cast("BinaryIO", gzip.open(path, "rb"))


def _family(path: Path) -> str:
    """Return what files of one data set share: the name without split and kind (``emnist-letters``)."""
    return "-".join(word for word in tokens(path.name) if not split_in(word) and word not in FILLERS)


# -- reading ---------------------------------------------------------------------------------------------------


def _paired(files: list[IdxFile], roles: Roles) -> dict[str, tuple[IdxFile, IdxFile]]:
    """Put the images and labels of each split together; refuse what does not fit together."""
    found: dict[str, dict[str, IdxFile]] = {}
    for file in files:
        split = roles.of(file.path, file.path.parent)
        kinds = found.setdefault(split, {}) if split else {}
        kinds[file.kind] = _preferred(kinds.get(file.kind, file), file)
    for kinds in found.values():
        _check_pair(kinds)
    if "train" not in found:
        raise Refusal(
            say(
                "{file} is for testing, and there is nothing to train on; put the training files beside it",
                file=files[0].path.name,
            )
        )
    pairs = {split: (found[split]["images"], found[split]["labels"]) for split in SPLITS if split in found}
    train = pairs["train"][0]
    for images, _ in pairs.values():
        if images.sizes[1:] != train.sizes[1:]:
            raise Refusal(
                say(
                    "The images of {one} have {sizes} pixels, those of {other} {others}; choose matching files",
                    one=train.path.name,
                    sizes=_product(train.sizes[1:]),
                    other=images.path.name,
                    others=_product(images.sizes[1:]),
                )
            )
    return pairs


def _preferred(one: IdxFile, other: IdxFile) -> IdxFile:
    """Choose between two files for the same use: a file unpacked beside its archive is the same thing twice."""
    if one is not other and one.compressed == other.compressed:
        raise Refusal(
            say(
                "{one} and {other} are for the same use; leave only one of them in the folder",
                one=one.path.name,
                other=other.path.name,
            )
        )
    return other if one.compressed else one


def _check_pair(kinds: Mapping[str, IdxFile]) -> None:
    """Refuse images without labels, labels without images, and those that differ in number."""
    if "labels" not in kinds:
        name = kinds["images"].path.name
        raise Refusal(say("There are no labels for {file}; put the file of labels beside it", file=name))
    if "images" not in kinds:
        name = kinds["labels"].path.name
        raise Refusal(say("There are no images for {file}; put the file of images beside it", file=name))
    images, labels = kinds["images"], kinds["labels"]
    if images.sizes[0] != labels.sizes[0]:
        raise Refusal(
            say(
                "{images} holds {n} images, but {labels} holds {m} labels; choose two files that belong together",
                images=images.path.name,
                n=images.sizes[0],
                labels=labels.path.name,
                m=labels.sizes[0],
            )
        )


def _check_length(file: IdxFile, promised: int) -> None:
    """Compare what a header promises with the length of the file, before anything is allocated."""
    try:
        length = file.path.stat().st_size
    except OSError as error:
        raise unreadable(file.path, error) from error
    if promised > (length * DENSEST if file.compressed else length):
        raise _cut_short(file)
    if not file.compressed and promised < length:
        raise _too_long(file)


def _fill(file: BinaryIO, values: memoryview) -> int:
    """Read until the values are full or the file ends; return how many bytes there were."""
    done = 0
    while done < len(values) and (chunk := file.read(min(len(values) - done, 2**20))):
        values[done : done + len(chunk)] = chunk
        done += len(chunk)
        progress(done / len(values))
    return done


def _as_inputs(file: IdxFile, far: bool) -> Array:
    """Return images as the network wants them; where they are too many (`far`), to be read when they are needed."""
    lying = "emnist" in tokens(file.path.name)  # EMNIST stores columns before rows: its letters lie on their side
    if not far:
        return _as_images(file.load(), lying)
    return Mapped(file.load() if file.compressed else file.mapped(), partial(_as_images, lying=lying)).as_inputs()


def _as_images(pixels: Array, lying: bool) -> Array:
    """Bring pixels into the form (n, 1, height, width), float32 from 0 to 1."""
    import numpy as np

    if lying:
        pixels = np.ascontiguousarray(pixels.transpose(0, 2, 1))
    return np.divide(pixels[:, None], np.float32(255), dtype=np.float32)


# -- refusing --------------------------------------------------------------------------------------------------


def _product(sizes: tuple[int, ...]) -> str:
    return " × ".join(f"{size:,}" for size in sizes)


def _not_idx(path: Path, header: bytes) -> Refusal:
    if not header:
        return Refusal(say("{file} is empty or damaged; copy or download it again", file=path.name))
    return Refusal(
        say(
            "{file} is no IDX file (it begins with {found}, not with {images} or {labels}); choose one like MNIST's",
            file=path.name,
            found=header[:4].hex(" "),
            images="00 00 08 03",
            labels="00 00 08 01",
        )
    )


def _cut_short(file: IdxFile) -> Refusal:
    return Refusal(
        say(
            "{file} is damaged or cut short: its header promises {sizes} bytes; copy or download it again",
            file=file.path.name,
            sizes=_product(file.sizes),
        )
    )


def _too_long(file: IdxFile) -> Refusal:
    return Refusal(
        say(
            "{file} holds more than the {sizes} bytes its header promises; copy or download it again",
            file=file.path.name,
            sizes=_product(file.sizes),
        )
    )
