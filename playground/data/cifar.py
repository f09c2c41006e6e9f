"""CIFAR-10 and CIFAR-100 in their binary form, and whatever is written like them.

A file is a row of records without a header: one byte of label (CIFAR-10) or two, coarse and fine (CIFAR-100), and
then 32 × 32 bytes of red, as many of green and of blue. Names of the classes lie beside it, one a line.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from playground.data import Data, Examples, FileSource
from playground.data._places import Roles, beside, fingerprint, is_file, reading, tokens, whole, wrong
from playground.data._stored import Joined, Mapped, StoredColumn, stays
from playground.declare import choice
from playground.facts import LONGEST_NAME, SPLITS, DataFacts, Target
from playground.progress import part, progress
from playground.shape import Shape
from playground.text import Refusal, note, say

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

SIDE = 32
PIXELS = 3 * SIDE * SIDE
LARGEST = 2**30
"""The most bytes of one file that are read into memory; where all take more, they stay in the files."""

LABELS = {1: (10,), 2: (20, 100)}
"""How many classes each label byte of a record distinguishes, by how many there are: CIFAR-10's or CIFAR-100's."""

SAMPLE = 24
"""How many records of a file are looked at to tell whether it is one."""

NAMES = {"batches.meta.txt": (1, 0), "coarse_label_names.txt": (2, 0), "fine_label_names.txt": (2, 1)}
"""The files with names of classes: for how many label bytes, and for which of them."""

MOST_FILES = 1_000


class CifarFolder(FileSource):
    """Colour images of 32 × 32 pixels in the binary format of CIFAR-10 or CIFAR-100."""

    key = "cifar"
    title = note("CIFAR (binary)")
    rank: ClassVar[int] = 20

    labels: str = choice(
        "fine",
        choices={"fine": note("100 fine ones"), "coarse": note("20 coarse ones")},
        label="Classes of CIFAR-100",
        help="Which of the two labels of CIFAR-100 is to be learnt; CIFAR-10 has only one",
    )

    @classmethod
    def holds(cls, path: Path) -> bool:
        """Say whether a file, or any file of a folder, is such a row of records, or claims to be by its name."""
        files = [path] if is_file(path) else beside(path, MOST_FILES)
        return any(_claims(one) or _label_bytes(one) for one in files)

    def read(self) -> Data:
        place, roles = self.place, Roles.parse(self.roles)
        root = place.parent if is_file(place) else place
        files = (
            [place]
            if is_file(place)
            else [one for one in beside(place, MOST_FILES) if _claims(one) or _label_bytes(one)]
        )
        if not files:
            raise Refusal(
                say("There are no CIFAR files in {path}; choose the folder of the .bin files", path=root.name)
            )
        first = next(filter(None, map(_label_bytes, files)), 0) or _promised(root)
        which = 0 if first == 1 or self.labels == "coarse" else 1
        names = _class_names(root, first, which)
        by_split: dict[str, list[Path]] = {}
        for file in files:
            by_split.setdefault(roles.of(file, root), []).append(file)
        far = stays(sum(_count(one, first) * PIXELS for split in SPLITS for one in by_split.get(split, ())))
        splits, done = {}, 0
        for split in SPLITS:
            if some := by_split.get(split):
                with part(0.8 * done / len(files), 0.8 * (done + len(some)) / len(files)):
                    splits[split] = Examples(*_load(some, first, which, len(names), far))
                done += len(some)
        with part(0.8, 1.0):
            found = fingerprint(files, root)
        facts = DataFacts(
            {"x": Shape(channels=3, height=SIDE, width=SIDE)},
            {"label": Target(names)},
            {split: len(one) for split, one in splits.items()},
            fingerprint=found,
        )
        return Data(facts, splits)

    def picture(self) -> str:
        return "image"


def _label_bytes(path: Path) -> int:
    """Return how many label bytes the records of a file have; 0 where it is something else."""
    with reading(path):
        length = path.stat().st_size
        for n in LABELS:
            count, rest = divmod(length, n + PIXELS)
            # A few records could be anything of that length; then the name has to agree.
            if count and not rest and (count >= SAMPLE or path.suffix.lower() == ".bin") and _fits(path, n, count):
                return n
    return 0


def _fits(path: Path, n: int, count: int) -> bool:
    """Say whether labels here and there in a file are such as there are."""
    with path.open("rb") as file:
        for index in sorted({round(k * (count - 1) / (SAMPLE - 1)) for k in range(SAMPLE)}):
            file.seek(index * (n + PIXELS))
            labels = file.read(n)
            if len(labels) < n or any(label >= most for label, most in zip(labels, LABELS[n], strict=True)):
                return False
    return True


def _claims(path: Path) -> bool:
    """Say whether a file has a name that only these have: damage in it is worth a sentence."""
    return path.suffix.lower() == ".bin" and "batch" in tokens(path.name)


def _promised(folder: Path) -> int:
    """Return how many label bytes there should be, by the names of classes that lie beside."""
    return next((n for name, (n, _) in NAMES.items() if is_file(folder / name)), 1)


def _class_names(folder: Path, n: int, which: int) -> tuple[str, ...]:
    """Return the names of the classes, from the file beside the records or else as numbers."""
    name = next(name for name, place in NAMES.items() if place == (n, which))
    if not is_file(folder / name):
        return tuple(str(k) for k in range(LABELS[n][which]))
    path = folder / name
    with reading(path):
        lines = [line.strip() for line in whole(path, 2**20).decode("utf-8-sig").splitlines() if line.strip()]
    if not 1 < len(lines) <= 256:
        raise wrong(path, say("it should name 2 to 256 classes, one a line, but has {n}; copy it again", n=len(lines)))
    return tuple(line[:LONGEST_NAME] for line in lines)


def _load(
    files: Iterable[Path], n: int, which: int, classes: int, far: bool
) -> tuple[dict[str, Array], dict[str, Array]]:
    """Read the records of some files as inputs and targets; where they are too many (`far`), only the labels."""
    import numpy as np

    files = list(files)
    counts = [_count(path, n) for path in files]
    images = None if far else np.empty((sum(counts), 3, SIDE, SIDE), dtype=np.float32)
    labels = np.empty(sum(counts), dtype=np.int64)
    stored: list[StoredColumn] = []
    at = 0
    for path, count in zip(files, counts, strict=True):
        progress(at / len(labels))
        records = _records(path, count, n, far)
        labels[at : at + count] = _labels(path, records, which, classes)
        if images is None:
            stored.append(Mapped(records, partial(_as_images, n=n)))
        else:
            _as_images(records, n, out=images[at : at + count])
        at += count
    return {"x": Joined(stored).as_inputs() if images is None else images}, {"label": labels}


def _records(path: Path, count: int, n: int, far: bool) -> Array:
    """Return the records of a file, or a map of them."""
    import numpy as np

    if far:
        with reading(path):
            return np.memmap(path, dtype=np.uint8, mode="r", shape=(count, n + PIXELS))
    records = np.frombuffer(whole(path, LARGEST), dtype=np.uint8)
    if records.size != count * (n + PIXELS):
        raise wrong(path, say("it changed while it was read; read it again"))
    return records.reshape(count, n + PIXELS)


def _labels(path: Path, records: Array, which: int, classes: int) -> Array:
    """Return the labels of a file; refuse one that is of no class."""
    import numpy as np

    labels = np.array(records[:, which])
    if (beyond := int(labels.max())) >= classes:
        raise wrong(
            path,
            say(
                "record {number} has the label {label}, but there are {n} classes; copy or download it again",
                number=int(labels.argmax()) + 1,
                label=beyond,
                n=classes,
            ),
        )
    return labels


def _as_images(records: Array, n: int, out: Array | None = None) -> Array:
    """Bring the pixels of records into the form (n, 3, 32, 32), float32 from 0 to 1."""
    import numpy as np

    pixels = records[:, n:].reshape(len(records), 3, SIDE, SIDE)
    return np.divide(pixels, np.float32(255), out=out, dtype=np.float32)


def _count(path: Path, n: int) -> int:
    """Return how many records a file holds; refuse one that ends within a record."""
    with reading(path):
        length = path.stat().st_size
    count, rest = divmod(length, n + PIXELS)
    if not count or rest:
        raise wrong(
            path,
            say(
                "it ends within record {number}: {length} bytes are no multiple of {size}; copy or download it again",
                number=count + 1,
                length=length,
                size=n + PIXELS,
            ),
        )
    return count
