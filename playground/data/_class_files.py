"""Texts whose class is said by their file or folder: ``rt-polarity.pos``, ``train/neg/0_3.txt``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from playground.data._lines import head_of
from playground.data._places import SENTIMENTS, Roles, class_in, is_file, is_folder, listed, shown, split_in, tokens
from playground.data._together import suffix_of
from playground.text import Refusal, say

MOST_FILES = 200_000
GLANCE = 50_000
"""How many files are listed to tell what a folder holds: the texts of one class alone may be 12,500."""

DEEPEST = 2
FEWEST = 4
"""So many texts of each class there must be where the folders are not called positive and negative: else books."""

OTHERS = (".csv", ".tsv", ".tab", ".json", ".jsonl", ".py", ".md", ".npy", ".npz", ".feat")
"""What files are called that are none of lines of text."""


@dataclass(frozen=True)
class ClassFile:
    """A file all of whose texts are of one class.

    Attributes:
        path, split, label: the file, what it is for, and the class.
        lines: whether every line is a text; else the whole file is.
    """

    path: Path
    split: str
    label: str
    lines: bool


def class_files(place: Path, roles: Roles, most: int = MOST_FILES) -> list[ClassFile]:
    """Find the files whose names or folders say the class; none where they do not."""
    if is_file(place):
        own = _family(place) if class_in(_told(place)) else None
        return _by_name([one for one in listed(place.parent, most=most) if _family(one) == own], place.parent, roles)
    if not is_folder(place):
        return []
    return _by_folder(place, roles, most) or _by_name(listed(place, most=most), place, roles)


def _by_name(paths: Iterable[Path], root: Path, roles: Roles) -> list[ClassFile]:
    """Take the files of a folder whose names say that they are positive or negative; refuse those of several sets."""
    found = [path for path in paths if class_in(_told(path)) and suffix_of(path) not in OTHERS]
    if len({class_in(_told(path)) for path in found}) < 2:
        return []
    families: dict[str, list[Path]] = {}
    for path in found:
        families.setdefault(_family(path), []).append(path)
    if len(families) > 1:
        names = ", ".join(shown(some[0]) for some in list(families.values())[:6])
        raise Refusal(
            say("{path} holds several sets of texts; choose one of them: {files}", path=shown(root), files=names)
        )
    made = [ClassFile(path, roles.of(path, root), class_in(_told(path)), True) for path in found]
    return [one for one in made if one.split]


def _by_folder(root: Path, roles: Roles, most: int) -> list[ClassFile]:
    """Take the texts in the folders of a folder, or in those of its folders that name a split."""
    direct: list[tuple[Path, str, str]] = []
    parted: list[tuple[Path, str, str]] = []
    for path in listed(root, DEEPEST, most, skip=True):
        inner = path.relative_to(root).parts[:-1]
        if not inner or not _is_text(path):
            continue
        if len(inner) == 1:
            direct.append((path, roles.of(path.parent, root), inner[0]))
        elif split_in(inner[0]) or inner[0].lower() in roles.said:
            parted.append((path, roles.of(root / inner[0], root), inner[1]))
    placed = parted or direct
    names = {label for _, _, label in placed}
    sentiments = {name for name in names if name.lower() in SENTIMENTS}
    is_sentiment = len({SENTIMENTS[name.lower()] for name in sentiments}) == 2
    if is_sentiment:
        names = sentiments  # beside them may lie texts without a class: `unsup`
    if len(names) < 2 or (not parted and any(map(split_in, names))):
        return []
    kept = [(path, split, label) for path, split, label in placed if label in names and split]
    per_folder = Counter(path.parent for path, _, _ in kept)
    if not is_sentiment and min(per_folder.values(), default=0) < FEWEST:
        return []
    lines = all(n == 1 for n in per_folder.values())  # one file for each class cannot be one text for each
    return [ClassFile(path, split, SENTIMENTS.get(label.lower(), label), lines) for path, split, label in kept]


def is_plausible(found: list[ClassFile]) -> bool:
    """Whether files that were found hold texts."""
    return any(head_of(one.path) for one in found[:3])


def _is_text(path: Path) -> bool:
    """Whether a file in the folder of a class is called like a text: ``0_9.txt``, or by a number only."""
    suffix = suffix_of(path)
    return suffix == ".txt" or suffix[1:].isdecimal() or path.name.isdecimal()


def _told(path: Path) -> str:
    return path.name.lower().removesuffix(".gz")


def _family(path: Path) -> str:
    """Return what the files of one set share: the name without split and class."""
    return "-".join(word for word in tokens(_told(path)) if not split_in(word) and word not in SENTIMENTS)
