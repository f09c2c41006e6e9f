"""What things are called on the screen: blocks by their name in the catalogue, and steps that several views make."""

from __future__ import annotations

from collections.abc import Sequence

from playground.block import Block
from playground.text import Sentence, count, note, say

NAMES = {
    "Input": note("Input"),
    "Output": note("Output"),
    "Group": note("Group"),
    "GroupInput": note("Group input"),
    "GroupOutput": note("Group output"),
    "Entrance": note("Group input"),
    "Exit": note("Group output"),
    "ScaledDotProductAttention": note("Attention"),
}
"""The other blocks bear the names that papers and libraries give them, in any language."""


def block_name(block: Block | type[Block]) -> str:
    """Return what a block is called in the present language."""
    key = block.name if isinstance(block, Block) else block.key
    return str(Sentence(NAMES[key])) if key in NAMES else key


def name_of_state(ids: Sequence[str], old: str, new: str) -> Sentence:
    """Name the step that brings nodes from a state into another."""
    n, one = len(ids), ids[0]
    if new == "bypassed":
        return say("Bypass {node}", node=one) if n == 1 else count("Bypass {n} node", "Bypass {n} nodes", n)
    if new == "muted":
        return say("Mute {node}", node=one) if n == 1 else count("Mute {n} node", "Mute {n} nodes", n)
    if old == "bypassed":
        many = count("Stop bypassing {n} node", "Stop bypassing {n} nodes", n)
        return say("Stop bypassing {node}", node=one) if n == 1 else many
    return say("Unmute {node}", node=one) if n == 1 else count("Unmute {n} node", "Unmute {n} nodes", n)
