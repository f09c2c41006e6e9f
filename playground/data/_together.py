"""Which files belong together: those of a folder, or those beside a file whose names say what they are for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePath

from playground.data._places import Roles, family_of, is_file, listed, shown, split_in
from playground.facts import SPLITS
from playground.text import Refusal, Sentence, note

SUFFIXES = (".csv", ".tsv", ".tab")
"""What tables in a folder are called; a single file may be called anything."""

MOST_FILES = 1_000


@dataclass(frozen=True)
class Sought:
    """Which files of a folder a reader takes, and how it says that there are none, too many or none for use.

    Attributes:
        fits: whether a file in a folder is one of them; a file that a person chooses always is.
        none, several, unused: the sentences, marked with `note`: of {path}, and of {files} to choose from.
        family: what the names of the files of one set share; without the ending.
        differing: which files of a folder are taken although their names share nothing: those of the one set that has
            files to train on (``trained``), all where each is for something else (``parted``), or none (``""``).
    """

    fits: Callable[[Path], bool]
    none: str
    several: str
    unused: str
    family: Callable[[str], str] = family_of
    differing: str = "trained"


TABLES = Sought(
    lambda path: suffix_of(path) in SUFFIXES,
    note("There are no tables in {path}; choose a CSV or TSV file"),
    note("{path} holds several tables; choose one of them: {files}"),
    note("{path} holds no table that may be used; change what the files are for"),
)


def together(place: Path, roles: Roles, sought: Sought = TABLES) -> dict[str, list[Path]]:
    """Return the files of each split, those to train on first."""
    files = _beside(place, roles, sought) if is_file(place) else _inside(place, roles, sought)
    root = place.parent if is_file(place) else place
    by_split: dict[str, list[Path]] = {}
    for file in files:
        if split := roles.of(file, root):
            by_split.setdefault(split, []).append(file)
    if not by_split:
        raise Refusal(Sentence(sought.unused, (("path", shown(place)),)))
    return {split: by_split[split] for split in SPLITS if split in by_split}


def suffix_of(path: PurePath) -> str:
    """Return what the name of a file ends in, apart from ``.gz``."""
    name = path.name.lower().removesuffix(".gz")
    return PurePath(name).suffix


def ending_of(path: PurePath) -> str:
    """Return what the name of a file ends in where that says how it is written, not what it is for: ``eng.train``."""
    suffix = suffix_of(path)
    return "" if split_in(suffix) else suffix


def _stem(path: Path) -> str:
    name = path.name.lower().removesuffix(".gz")
    return name.removesuffix(ending_of(path)) or path.name


def _beside(place: Path, roles: Roles, sought: Sought) -> list[Path]:
    """Return a file and those beside it that its name or a person says belong with it."""
    others = []
    own = sought.family(_stem(place))
    for path in listed(place.parent, most=MOST_FILES):
        if path == place or ending_of(path) != ending_of(place) or _stem(path) == _stem(place):
            continue
        related = sought.family(_stem(path)) == own and (own or split_in(_stem(place)))
        if (related and split_in(_stem(path))) or _is_said(path, roles):
            others.append(path)
    return _once([place, *others])


def _inside(place: Path, roles: Roles, sought: Sought) -> list[Path]:
    """Return the files of a folder; refuse where they are of several sets."""
    files = [path for path in listed(place, most=MOST_FILES) if sought.fits(path)]
    if not files:
        raise Refusal(Sentence(sought.none, (("path", shown(place)),)))
    families: dict[str, list[Path]] = {}
    for path in files:
        families.setdefault(sought.family(_stem(path)), []).append(path)
    said = [path for path in files if _is_said(path, roles)]
    if len(families) == 1 or (sought.differing == "parted" and _are_parted(_once(files))):
        return _once(files)
    parted = [some for some in families.values() if any(split_in(_stem(path)) == "train" for path in some)]
    if sought.differing == "trained" and len(parted) == 1:
        return _once([*parted[0], *(path for path in said if path not in parted[0])])
    if said:
        return _once(said)
    names = ", ".join(shown(some[0]) for some in list(families.values())[:6])
    raise Refusal(Sentence(sought.several, (("path", shown(place)), ("files", names))))


def _are_parted(files: list[Path]) -> bool:
    """Whether every file says what it is for, and no two the same."""
    splits = [split_in(_stem(path)) for path in files]
    return all(splits) and len(set(splits)) == len(splits)


def _is_said(path: Path, roles: Roles) -> bool:
    """Whether a person has said what a file is for."""
    return any(name in roles.said for name in (path.name.lower(), _stem(path), PurePath(path.name.lower()).stem))


def _once(files: list[Path]) -> list[Path]:
    """Leave out what is there a second time, compressed."""
    plain = {path.name for path in files}
    return [path for path in files if path.suffix.lower() != ".gz" or path.name[:-3] not in plain]
