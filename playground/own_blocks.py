"""The user's own blocks: groups saved for the palette, one JSON file each in the user's folder.

A file is a fragment (see `fragment`) whose only node is the group, so it can also be pasted, mailed and read.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from playground.blocks.group import Group
from playground.files import replace_file
from playground.fragment import Fragment, Point, followed, from_text, to_text
from playground.graph import Graph, joined
from playground.presets import home
from playground.text import Refusal, say

PREFIX = "own:"
"""What keys of own blocks begin with in the palette and in what is dragged from it."""
MOST = 200
"""Files that are looked at."""
LARGEST = 8 * 2**20
ID = "group_1"
"""What the group is called in its file."""
LONGEST_TITLE = int(Group.parameters["title"].high)


@dataclass(frozen=True)
class OwnBlock:
    """A saved group, and where what it holds stands: by path, the group's id first."""

    path: Path
    group: Group
    places: Mapping[str, Point] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """What it is called where keys of blocks are wanted."""
        return PREFIX + unicodedata.normalize("NFC", self.path.stem)

    @property
    def title(self) -> str:
        """What people call it."""
        return self.group.title or self.path.stem


def folder() -> Path:
    """Return where own blocks lie; the folder may not exist yet."""
    return home() / "blocks"


def own_blocks() -> list[OwnBlock]:
    """Read all own blocks, by title; files that hold none are left out."""
    found = []
    for path in sorted(folder().glob("*.json"))[:MOST]:
        try:
            found.append(read_own(path))
        except Refusal:
            continue  # whoever put it there is told when opening it
    return sorted(found, key=lambda block: block.title.casefold())


def own_block(key: str) -> OwnBlock | None:
    """Return the own block with this key, if it is there and can be read."""
    name = key.removeprefix(PREFIX)
    if key == name or name != _file_name(name):
        return None  # no key of ours, or one that would lead out of the folder
    try:
        return read_own(folder() / f"{name}.json")
    except Refusal:
        return None


def own_titled(title: str) -> OwnBlock | None:
    """Return the own block that gives way when one is saved under this title, if there is any."""
    wanted = _shortened(title).casefold()
    return next((block for block in own_blocks() if block.title.casefold() == wanted), None)


def read_own(path: Path) -> OwnBlock:
    """Read one own block; refuse a file that holds none."""
    try:
        about = path.stat()
        if not path.is_file():
            raise Refusal(say("{name} holds no block of your own", name=path.name))
        if about.st_size > LARGEST:
            raise Refusal(say("{name} is too large for a block", name=path.name))
        return _read(path, about.st_mtime_ns, about.st_size)
    except (OSError, UnicodeDecodeError) as error:
        raise Refusal(say("{name} cannot be read: {error}", name=path.name, error=str(error))) from error


@lru_cache(maxsize=MOST)
def _read(path: Path, _changed: int, _size: int) -> OwnBlock:
    """Read a file once for as long as it stays as it is: the palette asks at every letter that is typed."""
    piece = from_text(path.read_text(encoding="utf-8"))
    nodes = list(piece.graph.nodes.values())
    if len(nodes) != 1 or not isinstance(nodes[0].block, Group):
        raise Refusal(say("{name} holds no block of your own", name=path.name))
    return OwnBlock(path, nodes[0].block, followed(piece.places, {nodes[0].id: ID}))


def save_own(group: Group, title: str, places: Mapping[str, Point] | None = None) -> OwnBlock:
    """Save a group as a block of one's own under a title; one with the same title gives way.

    `places` tell where what it holds stands, by the ids inside it.
    """
    title = _shortened(title)
    if not _file_name(title):
        raise Refusal(say("a block needs a name with letters in it"))
    named = group.replace(title=title)
    piece = Fragment(Graph.of({ID: named}), {joined(ID, id): place for id, place in (places or {}).items()})
    try:
        folder().mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Refusal(say("{path} could not be written: {error}", path=str(folder()), error=str(error))) from error
    path = before.path if (before := own_titled(title)) else _free_path(_file_name(title))
    replace_file(path, to_text(piece).encode("utf-8", errors="replace"))
    return OwnBlock(path, named, piece.places)


def forget_own(key: str) -> None:
    """Delete a block of one's own; networks that use it keep what they have."""
    if block := own_block(key):
        try:
            block.path.unlink(missing_ok=True)
        except OSError as error:
            raise Refusal(say("{name} cannot be deleted: {error}", name=block.title, error=str(error))) from error


def _shortened(title: str) -> str:
    return title.strip()[:LONGEST_TITLE].strip()


def _free_path(name: str) -> Path:
    """Return where to save: not over a file of another title, and not over one that is no block."""
    number, path = 1, folder() / f"{name}.json"
    while path.exists():
        number += 1
        path = folder() / f"{name[:56].rstrip('-_')}-{number}.json"
    return path


def _file_name(title: str) -> str:
    """Make a file name of a title: letters and digits of any script, the rest as hyphens."""
    plain = unicodedata.normalize("NFC", unicodedata.normalize("NFC", title).casefold())
    return re.sub(r"[^\w]+", "-", plain)[:60].strip("-_")
