"""Ready-made groups: pieces that networks are built of again and again, as groups that can be opened and changed.

They are made of ordinary blocks and lie in the palette below them. One that is put behind a node gets as many features
(or channels) as come out of that.

    feed_forward(width)                     Dense – ReLU – Dense, for every step by itself
    multi_head_attention(width)             Dense for queries, keys and values – attention in heads – Dense
    encoder_block(width, norm="before")     self-attention, Add & Norm, feed-forward, Add & Norm
    decoder_block(width)                    the same with masked self-attention, and attention to a memory between
    residual_block(channels)                two convolutions and a shortcut

Groups are repeated as often as one likes; repeated decoder blocks all get the same memory.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from playground.block import Block
from playground.blocks.activation import ReLU
from playground.blocks.attention import ScaledDotProductAttention
from playground.blocks.combine import Add
from playground.blocks.convolution import Conv2D
from playground.blocks.dense import Dense
from playground.blocks.group import Group, GroupInput, GroupOutput
from playground.blocks.normalisation import BatchNorm, Dropout, LayerNorm
from playground.graph import Graph, Wire
from playground.shape import Shape
from playground.text import Sentence, language, note, tr

PREFIX = "ready:"
"""What keys of ready-made groups begin with in the palette and in what is dragged from it."""
WIDTH, CHANNELS = 32, 16
"""How wide they are where nothing is known of what comes in."""
HEAD = 8
"""Features that a head has at least, where the width can be divided so."""
DROPOUT = 0.1
"""The share that is silenced, as in Vaswani et al. (2017)."""


def feed_forward(width: int = WIDTH, hidden: int = 0, dropout: float = 0.0) -> Group:
    """Make the network that every step goes through by itself; four times as wide inside unless it is said."""
    made = _Drawing("x")
    x = made.add("dense_1", Dense(units=hidden or 4 * width), "x")
    x = made.add("relu_1", ReLU(), x)
    x = made.add("dropout_1", Dropout(rate=dropout), x) if dropout else x
    x = made.add("dense_2", Dense(units=width), x)
    return made.group(tr("Feed-forward"), x)


def multi_head_attention(width: int = WIDTH, heads: int = 0, *, causal: bool = False, dropout: float = 0.0) -> Group:
    """Make attention with its four projections (Vaswani et al. 2017, section 3.2.2); `causal` hides the future."""
    made = _Drawing("query", "key", "value")
    projected = [made.add(id, Dense(units=width), port) for id, port in zip("qkv", made.ports, strict=True)]
    attention = ScaledDotProductAttention(heads=heads or _heads(width), causal=causal, dropout=dropout)
    x = made.add("attention_1", attention, *projected)
    x = made.add("projection", Dense(units=width), x)
    return made.group(tr("Masked attention") if causal else tr("Multi-head attention"), x)


def encoder_block(
    width: int = WIDTH,
    heads: int = 0,
    hidden: int = 0,
    *,
    norm: str = "after",
    causal: bool = False,
    dropout: float = DROPOUT,
) -> Group:
    """Make a block of the encoder, or, with `causal`, of a network that writes and has nothing else to look at.

    `norm` is "after" each sum, as in the paper, or "before" each part, inside of the shortcut, as in later networks.
    """
    made = _Drawing("x")
    attention = multi_head_attention(width, heads, causal=causal)
    x = made.part(1, "attention", attention, "x", norm=norm, dropout=dropout)
    x = made.part(2, "feed_forward", feed_forward(width, hidden), x, norm=norm, dropout=dropout)
    return made.group(tr("Decoder-only block") if causal else tr("Encoder block"), x)


def decoder_block(
    width: int = WIDTH, heads: int = 0, hidden: int = 0, *, norm: str = "after", dropout: float = DROPOUT
) -> Group:
    """Make a block of the decoder: what is written so far comes in at `x`, what the encoder says at `memory`."""
    made = _Drawing("x", "memory")
    looking_back = multi_head_attention(width, heads, causal=True)
    x = made.part(1, "masked_attention", looking_back, "x", norm=norm, dropout=dropout)
    across = multi_head_attention(width, heads).replace(title=tr("Cross-attention"))
    x = made.part(2, "cross_attention", across, x, "memory", norm=norm, dropout=dropout)
    x = made.part(3, "feed_forward", feed_forward(width, hidden), x, norm=norm, dropout=dropout)
    return made.group(tr("Decoder block"), x)


def residual_block(channels: int = CHANNELS) -> Group:
    """Make the block of a residual network for images (He et al. 2015) whose shortcut changes nothing."""
    made, x = _Drawing("x"), "x"
    for number in (1, 2):
        x = made.add(f"conv_{number}", Conv2D(channels=channels, kernel=(3, 3), padding=(1, 1), bias=False), x)
        x = made.add(f"norm_{number}", BatchNorm(), x)
        x = made.add("relu_1", ReLU(), x) if number == 1 else x
    x = made.add("add_1", Add(), "x", x)
    x = made.add("relu_2", ReLU(), x)
    return made.group(tr("Residual block"), x)


def _heads(width: int) -> int:
    """Return how many heads a width is cut into: eight at most, none very narrow."""
    return next((n for n in (8, 4, 2) if width % n == 0 and width // n >= HEAD), 1)


class _Drawing:
    """A graph inside a group while it is drawn: every node is wired to what it reads."""

    def __init__(self, *ports: str) -> None:
        self.ports = ports
        self.nodes: dict[str, Block] = {port: GroupInput() for port in ports}
        self.wires: list[Wire] = []

    def add(self, id: str, block: Block, *sources: str) -> str:
        """Add a node that reads these, in the order of its ports; return its id."""
        ports = [port.name for port in block.ports()]
        ports += ports[-1:] * (len(sources) - len(ports))  # several wires end at the same port of an Add
        self.nodes[id] = block
        self.wires += [
            Wire(source, id, "out", port) for source, port in zip(sources, ports[: len(sources)], strict=True)
        ]
        return id

    def part(self, number: int, id: str, group: Group, x: str, memory: str = "", *, norm: str, dropout: float) -> str:
        """Add a part with its shortcut: Add & Norm. Attention looks at the memory, or at `x` itself."""
        before = self.add(f"norm_{number}", LayerNorm(), x) if norm == "before" else x
        y = self.add(id, group, before, *[memory or before] * (len(group.ports()) - 1))
        y = self.add(f"dropout_{number}", Dropout(rate=dropout), y) if dropout else y
        y = self.add(f"add_{number}", Add(), x, y)
        return y if norm == "before" else self.add(f"norm_{number}", LayerNorm(), y)

    def group(self, title: str, last: str) -> Group:
        """Return the group under its title, in the present language."""
        self.add("out", GroupOutput(), last)
        return Group(title=title, graph=Graph.of(self.nodes, self.wires))


# -- the palette's -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ReadyGroup:
    """One row of the palette.

    Attributes:
        name: what is at the end of its key.
        title, purpose: what it is called and what it is for.
        family: whose colour it has.
        make: draws it, given how wide.
        axis: which axis of what comes in says how wide.
    """

    name: str
    title: str
    purpose: str
    family: str
    make: Callable[[int], Group]
    axis: str = "features"

    @property
    def key(self) -> str:
        """What it is called where keys of blocks are wanted."""
        return PREFIX + self.name

    def group(self, shape: Shape | None = None) -> Group:
        """Return the group, for what comes in if that is known."""
        width = int(dict(shape.axes)[self.axis]) if shape is not None and self.axis in shape else 0
        return _made(self, width or (CHANNELS if self.axis == "channels" else WIDTH), language())


@lru_cache(maxsize=256)
def _made(ready: ReadyGroup, width: int, _language: str) -> Group:
    return ready.make(width).replace(title=str(Sentence(ready.title)))


_ALL = (
    ReadyGroup(
        "multi-head-attention",
        note("Multi-head attention"),
        note("Looks around with several heads at once; opens down to queries, keys and values."),
        "Attention",
        multi_head_attention,
    ),
    ReadyGroup(
        "feed-forward",
        note("Feed-forward"),
        note("Two Dense layers that every step goes through by itself."),
        "Dense",
        feed_forward,
    ),
    ReadyGroup(
        "encoder-block",
        note("Encoder block"),
        note("Self-attention and feed-forward, each with Add & Norm: what a Transformer reads with."),
        "Attention",
        encoder_block,
    ),
    ReadyGroup(
        "encoder-block-pre-norm",
        note("Pre-norm encoder block"),
        note("Normalises before each part, so that deep stacks train more easily; put a LayerNorm behind the last."),
        "Attention",
        lambda width: encoder_block(width, norm="before"),
    ),
    ReadyGroup(
        "decoder-block",
        note("Decoder block"),
        note("Masked self-attention, attention to the encoder, feed-forward: what a Transformer writes with."),
        "Attention",
        decoder_block,
    ),
    ReadyGroup(
        "decoder-block-pre-norm",
        note("Pre-norm decoder block"),
        note("Normalises before each part, so that deep stacks train more easily; put a LayerNorm behind the last."),
        "Attention",
        lambda width: decoder_block(width, norm="before"),
    ),
    ReadyGroup(
        "decoder-only-block",
        note("Decoder-only block"),
        note("Masked self-attention and feed-forward, norm first: what language models are stacks of."),
        "Attention",
        lambda width: encoder_block(width, norm="before", causal=True),
    ),
    ReadyGroup(
        "residual-block",
        note("Residual block"),
        note("Two convolutions and a shortcut around them, for images."),
        "Convolution",
        residual_block,
        "channels",
    ),
)

READY: Mapping[str, ReadyGroup] = {ready.key: ready for ready in _ALL}
"""The ready-made groups by key, in the order of the palette."""


def titled(title: str) -> ReadyGroup | None:
    """Return the ready-made group with this title, in the present language, if there is one."""
    return next((ready for ready in _ALL if str(Sentence(ready.title)) == title), None)


def fitted(block: Block, shape: Shape | None) -> Block:
    """Return a group as it comes from the palette for what will come in; anything else as it is."""
    ready = titled(block.title) if isinstance(block, Group) else None
    return ready.group(shape) if ready is not None and block == ready.group() else block
