"""The user's own blocks: groups saved for the palette, one JSON file each in the user's folder.

A file is a fragment (see `fragment`) whose only node is the group, so it can also be pasted, mailed and read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from playground.blocks.group import Group
from playground.files import replace_file
from playground.fragment import Fragment, from_text, to_text
from playground.graph import Graph
from playground.presets import home
from playground.text import Refusal, say

PREFIX = "own:"
"""What keys of own blocks begin with in the palette and in what is dragged from it."""
MOST = 200
"""Files that are looked at."""
LARGEST = 8 * 2**20
LONGEST_TITLE = int(Group.parameters["title"].high)


@dataclass(frozen=True)
class OwnBlock:
    """A saved group."""

    path: Path
    group: Group

    @property
    def key(self) -> str:
        """What it is called where keys of blocks are wanted."""
        return PREFIX + self.path.stem

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


def read_own(path: Path) -> OwnBlock:
    """Read one own block; refuse a file that holds none."""
    try:
        if path.stat().st_size > LARGEST:
            raise Refusal(say("{name} is too large for a block", name=path.name))
        piece = from_text(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise Refusal(say("{name} cannot be read: {error}", name=path.name, error=str(error))) from error
    nodes = list(piece.graph.nodes.values())
    if len(nodes) != 1 or not isinstance(nodes[0].block, Group):
        raise Refusal(say("{name} holds no block of your own", name=path.name))
    return OwnBlock(path, nodes[0].block)


def save_own(group: Group, title: str) -> OwnBlock:
    """Save a group as a block of one's own under a title; one with the same title gives way."""
    title = title.strip()
    if not (name := _file_name(title)):
        raise Refusal(say("a block needs a name with letters in it"))
    named = group.replace(title=title[:LONGEST_TITLE])
    piece = Fragment(Graph.of({"group_1": named}))
    path = folder() / f"{name}.json"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Refusal(say("{path} could not be written: {error}", path=path.name, error=str(error))) from error
    replace_file(path, to_text(piece).encode("utf-8", errors="replace"))
    return OwnBlock(path, named)


def forget_own(key: str) -> None:
    """Delete a block of one's own; networks that use it keep what they have."""
    if block := own_block(key):
        block.path.unlink(missing_ok=True)


def _file_name(title: str) -> str:
    """Make a file name of a title: letters and digits of any script, the rest as hyphens."""
    return re.sub(r"[^\w]+", "-", title.casefold(), flags=re.UNICODE).strip("-_")[:60]
