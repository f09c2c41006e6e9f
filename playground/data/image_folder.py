"""Images in folders that name their class, perhaps below folders that name their split: ``train/cat/0001.jpg``.

Decoding is Pillow's. All images are brought to one size, and how large one may be is known before it is unpacked.
"""

from __future__ import annotations

import re
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playground.data import Data, Examples, FileSource
from playground.data._pictures import (
    GREY,
    SUFFIXES,
    Head,
    head_of,
    is_image,
    may_be,
    need_pillow,
    opened,
    pixels_of,
    reason_of,
)
from playground.data._places import Roles, fingerprint, is_file, is_folder, listed, shown, split_in, wrong
from playground.data._stored import Decoded, stays
from playground.declare import choice, sides
from playground.facts import LONGEST_NAME, SPLITS, DataFacts, Target
from playground.progress import part, progress
from playground.shape import Shape
from playground.text import Refusal, Sentence, count, note, say

DEEPEST = 4
MOST_FILES = 200_000
GLANCE = 3_000
"""How many files of a folder are looked at to tell whether it is one."""

MOST_CLASSES = 10_000
USUAL = 64
"""The commonest size is taken as it is up to this; larger images are made smaller."""

NAMED = 5
"""How many files that were left out are named."""


class ImageFolder(FileSource):
    """Images of any size, sorted into a folder for each class: PNG, JPEG, WebP or BMP."""

    key = "image-folder"
    title = note("Folders of images")
    rank = 22

    size: tuple[int, int] = sides(
        0, high=512, help="Height and width that all images are brought to; 0 takes the commonest, at most 64"
    )
    colours: str = choice(
        "auto",
        choices={"auto": note("as they are"), "colour": note("colour"), "grey": note("shades of grey")},
        help="Three channels, red, green and blue, or one; as they are: one where no image has colour",
    )

    @classmethod
    def holds(cls, path: Path) -> bool:
        """Say whether there are images in the folders of a folder, or at least in itself."""
        if not is_folder(path):
            return False
        images = [one for one in listed(path, DEEPEST - 1, GLANCE, skip=True) if may_be(one) and _within(one, path)]
        return any(map(is_image, images[:50]))

    def read(self) -> Data:
        place = self.place
        if is_file(place):
            raise wrong(place, say("one image is no data set; choose the folder that holds a folder for each class"))
        need_pillow()
        with part(0.0, 0.1):
            found = _Found.of(place, Roles.parse(self.roles))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's, about what is told here in its own words
            with part(0.1, 0.3):
                heads = _looked_at(found)
            height, width = self._size(heads)
            grey = self.colours == "grey" or (self.colours == "auto" and all(one.mode in GREY for one in heads))
            channels = 1 if grey else 3
            splits = _loaded(found, channels, height, width)
        splits = {split: one for split, one in splits.items() if len(one)}
        if not splits:
            raise found.refusal()
        counts = {split: len(one) for split, one in splits.items()}
        with part(0.8, 1.0):
            read = fingerprint([path for files in found.files.values() for path, _ in files], place)
        facts = DataFacts(
            {"x": Shape(channels=channels, height=height, width=width)},
            {"label": Target(tuple(name[:LONGEST_NAME] for name in found.classes))},
            counts,
            fingerprint=read,
        )
        return Data(facts, splits, found.remarks(splits), found.problems())

    def picture(self) -> str:
        return "image"

    def _size(self, heads: list[Head]) -> tuple[int, int]:
        """Return the height and width that all images get; each that is not said follows the commonest."""
        (height, width), _ = Counter((one.height, one.width) for one in heads).most_common(1)[0]
        shrink = min(1.0, USUAL / max(height, width))
        usual = max(1, round(height * shrink)), max(1, round(width * shrink))
        return self.size[0] or usual[0], self.size[1] or usual[1]


@dataclass
class _Found:
    """The images of a folder by split, each with the number of its class, and what had to be left out."""

    root: Path
    classes: tuple[str, ...]
    files: dict[str, list[tuple[Path, int]]]
    loose: list[Path]
    left_out: list[tuple[Path, Sentence]] = field(default_factory=list)

    @classmethod
    def of(cls, root: Path, roles: Roles) -> _Found:
        """Find the images below a folder; refuse one without classes."""
        images = [path for path in _told(_candidates(root)) if is_image(path) or path.suffix.lower() in SUFFIXES]
        if not images:
            raise Refusal(say("There are no images in {path}; choose the folder of the classes", path=shown(root)))
        splits = _split_folders(images, root, roles)
        placed: list[tuple[str, str, Path]] = []
        loose: list[Path] = []
        for path in images:
            inner = path.relative_to(root).parts[:-1]
            split = roles.of(root / inner[0], root) if inner and inner[0] in splits else "train"
            inner = inner[1:] if inner and inner[0] in splits else inner
            if not inner:
                loose.append(path)
            elif split and _is_direct(inner[1:]):
                placed.append((split, inner[0], path))
        classes = tuple(sorted({name for _, name, _ in placed}, key=_natural))
        if len(classes) < 2:
            raise _no_classes(root, classes, loose)
        if len(classes) > MOST_CLASSES:
            raise Refusal(
                say("{path} has {n} folders of images, too many to be classes", path=shown(root), n=len(classes))
            )
        number = {name: k for k, name in enumerate(classes)}
        files: dict[str, list[tuple[Path, int]]] = {}
        for split, name, path in placed:
            files.setdefault(split, []).append((path, number[name]))
        return cls(root, classes, files, loose)

    def leave_out(self, path: Path, reason: Sentence) -> None:
        """Go on without an image."""
        self.left_out.append((path, reason))

    def refusal(self) -> Refusal:
        """Say why none of the images can be had."""
        path, reason = self.left_out[0]
        return wrong(path.relative_to(self.root), reason)

    def problems(self) -> tuple[Sentence, ...]:
        """Say which images were left out, and why."""
        told: list[Sentence] = []
        for path, reason in self.left_out[:NAMED]:
            name = shown(path.relative_to(self.root), whole=True)
            told.append(say("{file} was left out: {problem}", file=name, problem=reason))
        if more := len(self.left_out) - NAMED:
            if more > 0:
                told.append(count("{n} more image was left out", "{n} more images were left out", more))
        if self.loose:
            name = shown(self.loose[0].relative_to(self.root), whole=True)
            told.append(
                count(
                    "{n} image lies in no folder of a class and was left out: {name}",
                    "{n} images lie in no folder of a class and were left out, {name} for one",
                    len(self.loose),
                    name=name,
                )
            )
        return tuple(told)

    def remarks(self, splits: dict[str, Examples]) -> tuple[Sentence, ...]:
        """Say which classes cannot be learnt, for want of examples."""
        if "train" not in splits:
            return ()
        there = set(splits["train"].targets["label"].tolist())
        missing = [name for k, name in enumerate(self.classes) if k not in there]
        if not missing:
            return ()
        names = ", ".join(missing[:NAMED]) + ("…" if len(missing) > NAMED else "")
        return (say("There are no images to train on of these classes: {names}", names=names),)


# -- finding -----------------------------------------------------------------------------------------------------


def _candidates(root: Path) -> list[Path]:
    """List files that could be images: those with their suffix, or without any."""
    files = listed(root, DEEPEST, MOST_FILES + 1)
    if len(files) > MOST_FILES:
        raise Refusal(
            say("{path} holds more than {most} files; choose a folder of fewer", path=shown(root), most=MOST_FILES)
        )
    return [path for path in files if may_be(path)]


def _within(path: Path, root: Path) -> bool:
    """Whether a file lies where the images of this folder would lie, and not those of another data set in it."""
    inner = path.relative_to(root).parts[:-1]
    return len(inner) <= 1 or _is_direct(inner[1:]) or bool(split_in(inner[0]) and _is_direct(inner[2:]))


def _is_direct(inner: tuple[str, ...]) -> bool:
    """Whether this is all that may stand between the folder of a class and its images."""
    return inner in ((), ("images",))


def _split_folders(images: list[Path], root: Path, roles: Roles) -> set[str]:
    """Return the folders that name a split: those hold folders and no images (a class called "train" does)."""
    tops: dict[str, bool] = {}
    for path in images:
        inner = path.relative_to(root).parts[:-1]
        if inner:
            tops[inner[0]] = tops.get(inner[0], True) and len(inner) > 1
    return {name for name, deep in tops.items() if deep and (split_in(name) or name.lower() in roles.said)}


def _natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """Sort as people count: 2 before 10."""
    parts = re.split(r"([0-9]+)", name[:LONGEST_NAME])
    return tuple((0, int(one), "") if one.isdecimal() else (1, 0, one) for one in parts if one)


def _no_classes(root: Path, classes: tuple[str, ...], loose: list[Path]) -> Refusal:
    if classes:
        return Refusal(
            say(
                "All images in {path} are of one class, {name}; put those of each class in a folder of its own",
                path=shown(root),
                name=classes[0],
            )
        )
    return Refusal(
        count(
            "The image in {path} lies in no folder that names its class; put those of each class in a folder of its "
            "own",
            "The {n} images in {path} lie in no folders that name their classes; put those of each class in a folder "
            "of its own",
            len(loose),
            path=shown(root),
        )
    )


# -- reading -----------------------------------------------------------------------------------------------------


def _looked_at(found: _Found) -> list[Head]:
    """Read the headers of all images; those that have none, or a monstrous one, are left out."""
    heads: list[Head] = []
    total = sum(map(len, found.files.values()))
    for split, files in found.files.items():
        kept = []
        for path, number in files:
            progress(len(heads) / total)
            try:
                with opened(path) as image:
                    heads.append(head_of(image))
                kept.append((path, number))
            except Refusal as refusal:
                found.leave_out(path, refusal.sentence)
            except Exception as error:
                found.leave_out(path, reason_of(error))
        found.files[split] = kept
    if not heads:
        raise found.refusal()
    return heads


def _told(paths: list[Path]) -> Iterator[Path]:
    """Go through paths, and say now and then how far that is."""
    for at, path in enumerate(paths):
        progress(at / len(paths))
        yield path


def _loaded(found: _Found, channels: int, height: int, width: int) -> dict[str, Examples]:
    """Return the examples of each split: decoded, or where they are too many, to be decoded when they are needed."""
    counts = {split: len(found.files[split]) for split in SPLITS if split in found.files}
    total, splits, done = sum(counts.values()), {}, 0
    far = stays(total * channels * height * width)
    for split, n in counts.items():
        if far:
            splits[split] = _left(found, split, channels, height, width)
            continue
        with part(0.3 + 0.5 * done / total, 0.3 + 0.5 * (done + n) / total):
            splits[split] = _load(found, split, channels, height, width)
        done += n
    return splits


def _left(found: _Found, split: str, channels: int, height: int, width: int) -> Examples:
    """Leave the images of a split in their files until each is needed; one that is damaged is then refused."""
    import numpy as np

    files, root = list(found.files[split]), found.root

    def decoded(row: int) -> Any:
        path, _ = files[row]
        try:
            with opened(path) as image:
                return pixels_of(image, channels, height, width)
        except Refusal as refusal:
            raise wrong(path.relative_to(root), refusal.sentence) from refusal
        except Exception as error:
            raise Refusal(
                say(
                    "{file} cannot be read: {problem}; remove it and load the data again",
                    file=shown(path.relative_to(root), whole=True),
                    problem=reason_of(error),
                )
            ) from error

    column = Decoded((len(files), channels, height, width), decoded)
    return Examples({"x": column.as_inputs()}, {"label": np.array([number for _, number in files], dtype=np.int64)})


def _load(found: _Found, split: str, channels: int, height: int, width: int) -> Examples:
    """Decode the images of a split; those that are damaged are left out."""
    import numpy as np

    files = found.files[split]
    images = np.empty((len(files), channels, height, width), dtype=np.float32)
    labels = np.empty(len(files), dtype=np.int64)
    kept: list[tuple[Path, int]] = []
    for at, (path, number) in enumerate(files):
        progress(at / len(files))
        try:
            with opened(path) as image:
                pixels = pixels_of(image, channels, height, width)
        except Refusal as refusal:
            found.leave_out(path, refusal.sentence)
        except Exception as error:  # Pillow's decoders raise a dozen kinds for damaged files
            found.leave_out(path, reason_of(error))
        else:
            np.divide(pixels, np.float32(255), out=images[len(kept)])
            labels[len(kept)] = number
            kept.append((path, number))
    found.files[split] = kept
    return Examples({"x": images[: len(kept)]}, {"label": labels[: len(kept)]})
