"""How blocks are called on the screen: by their name in the catalogue, those of the Data family in words."""

from __future__ import annotations

from playground.block import Block
from playground.text import Sentence, note

NAMES = {
    "Input": note("Input"),
    "Output": note("Output"),
    "Group": note("Group"),
    "GroupInput": note("Group input"),
    "GroupOutput": note("Group output"),
    "Entrance": note("Group input"),
    "Exit": note("Group output"),
}
"""The other blocks bear the names that papers and libraries give them, in any language."""


def block_name(block: Block | type[Block]) -> str:
    """Return what a block is called in the present language."""
    key = block.name if isinstance(block, Block) else block.key
    return str(Sentence(NAMES[key])) if key in NAMES else key
