"""Which tables belong together: the files of a folder, or those beside a file whose names say what they are for."""

from __future__ import annotations

from pathlib import Path, PurePath

from playground.data._places import Roles, family_of, is_file, listed, shown, split_in
from playground.facts import SPLITS
from playground.text import Refusal, say

SUFFIXES = (".csv", ".tsv", ".tab")
"""What tables in a folder are called; a single file may be called anything."""

MOST_FILES = 1_000


def together(place: Path, roles: Roles) -> dict[str, list[Path]]:
    """Return the tables of each split, those to train on first."""
    files = _beside(place, roles) if is_file(place) else _inside(place, roles)
    root = place.parent if is_file(place) else place
    by_split: dict[str, list[Path]] = {}
    for file in files:
        if split := roles.of(file, root):
            by_split.setdefault(split, []).append(file)
    if not by_split:
        raise Refusal(say("{path} holds no table that may be used; change what the files are for", path=shown(place)))
    return {split: by_split[split] for split in SPLITS if split in by_split}


def suffix_of(path: PurePath) -> str:
    """Return what the name of a file ends in, apart from ``.gz``."""
    name = path.name.lower().removesuffix(".gz")
    return PurePath(name).suffix


def _stem(path: Path) -> str:
    return path.name.lower().removesuffix(".gz").rpartition(".")[0] or path.name


def _family(path: Path) -> str:
    return family_of(_stem(path))


def _beside(place: Path, roles: Roles) -> list[Path]:
    """Return a file and those beside it that its name or a person says belong with it."""
    others = []
    for path in listed(place.parent, most=MOST_FILES):
        if path == place or suffix_of(path) != suffix_of(place) or _stem(path) == _stem(place):
            continue
        related = _family(path) == _family(place) and (_family(place) or split_in(_stem(place)))
        if (related and split_in(_stem(path))) or _is_said(path, roles):
            others.append(path)
    return _once([place, *others])


def _inside(place: Path, roles: Roles) -> list[Path]:
    """Return the tables of a folder; refuse where they are of several sets."""
    files = [path for path in listed(place, most=MOST_FILES) if suffix_of(path) in SUFFIXES]
    if not files:
        raise Refusal(say("There are no tables in {path}; choose a CSV or TSV file", path=shown(place)))
    families: dict[str, list[Path]] = {}
    for path in files:
        families.setdefault(_family(path), []).append(path)
    said = [path for path in files if _is_said(path, roles)]
    parted = [some for some in families.values() if any(split_in(_stem(path)) == "train" for path in some)]
    if len(families) == 1:
        return _once(files)
    if len(parted) == 1:
        return _once([*parted[0], *(path for path in said if path not in parted[0])])
    if said:
        return _once(said)
    raise Refusal(
        say(
            "{path} holds several tables; choose one of them: {files}",
            path=shown(place),
            files=", ".join(shown(some[0]) for some in list(families.values())[:6]),
        )
    )


def _is_said(path: Path, roles: Roles) -> bool:
    """Whether a person has said what a file is for."""
    return any(name in roles.said for name in (path.name.lower(), _stem(path)))


def _once(files: list[Path]) -> list[Path]:
    """Leave out what is there a second time, compressed."""
    plain = {path.name for path in files}
    return [path for path in files if path.suffix.lower() != ".gz" or path.name[:-3] not in plain]
