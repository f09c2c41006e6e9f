"""One number of a feature map, taken apart: the window that the kernel lies on, the kernel, the products, the bias."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from playground.blocks.convolution import Conv2D
from playground.declare import choice, integer, words
from playground.picture import Picture
from playground.probes import Probe, Subject
from playground.probes._answers import one_frame, shrink
from playground.probes._entering import looked_at
from playground.probes._moving import FARTHEST, moved_inputs
from playground.report import NodeReport
from playground.text import note

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

PICTURE_NUMBERS = 12_500
"""Numbers that the map that comes in, and the one that goes out, may hold each."""

WINDOW_NUMBERS = 8_000
"""Numbers that the windows of all channels may hold together; a larger kernel is not taken apart."""


@dataclass(frozen=True)
class ConvolutionAnswer:
    """How one pixel of one map of a convolution comes about, for one example.

    `windows` and `kernel` are float32 (channels, height, width), of the channels that the kernel looks at; where it
    lies on the padding, `inside` is False and the window holds 0. `came` and `made` are the map that comes in and the
    one that goes out, averaged over neighbouring pixels where they are too large to send; `sizes` are theirs before
    that.
    """

    axis_names = {"windows": ("channel", "row", "column"), "kernel": ("channel", "row", "column")}

    step: int
    node: str
    map: int
    """Which of the maps that go out."""
    maps: int
    channel: int
    """Which of the channels that the kernel looks at is `came`."""
    row: int
    column: int
    """The pixel of the map that goes out."""
    top: int
    left: int
    """Where the window begins on the map that comes in; negative on the padding."""
    dilation: tuple[int, int]
    padding: tuple[int, int]
    windows: Array
    kernel: Array
    inside: Array
    bias: float
    value: float
    """What the network has at this pixel: products, summed up, and bias."""
    came: Array
    made: Array
    sizes: tuple[tuple[int, int], tuple[int, int]]
    frame: int = 0
    """Of a clip, the frame that the pixel is of."""
    frames: int = 0
    """How many frames the clip has; 0 where it is an image."""


class Convolution(Probe):
    """Takes one number of a feature map apart."""

    key = "convolution"
    title = note("Convolution step by step")
    icon = "mdi6.select-drag"
    rate = 5.0
    per_node = True
    node: str = words("", help="Whose maps")
    split: str = choice("validation", choices=("validation", "train"), help="Where the example is taken from")
    index: int = integer(0, help="Which example")
    map: int = integer(0, help="Which of the maps that go out")
    channel: int = integer(0, help="Which of the channels that the kernel looks at is shown")
    row: int = integer(0, help="The row of the pixel")
    column: int = integer(0, help="The column of the pixel")
    frame: int = integer(0, label="Frame of the clip", help="Which frame of a clip")
    down: int = integer(0, low=-FARTHEST, high=FARTHEST, help="By how many pixels the image is moved down")
    right: int = integer(0, low=-FARTHEST, high=FARTHEST, help="By how many pixels the image is moved to the right")
    own: Picture | None = None
    """A picture to be looked at in place of the example."""

    @classmethod
    def accepts(cls, node: NodeReport) -> bool:
        """Say whether it is a convolution with a kernel that can be shown."""
        return (
            isinstance(node.block, Conv2D) and node.weights.get("weight") is not None and _size(node) <= WINDOW_NUMBERS
        )

    def measure(self, subject: Subject) -> ConvolutionAnswer | None:
        """Run the example through and cut out what the kernel sees; None where there is no such convolution."""
        import torch

        known = subject.report.nodes.get(self.node)
        example = looked_at(subject, self.split, self.index, self.own)
        if known is None or not self.accepts(known) or example is None or subject.report.graph.nodes[self.node].state:
            return None
        assert isinstance(known.block, Conv2D)
        source = subject.report.graph.incoming[self.node][0].source
        inputs = moved_inputs(subject.report, example.inputs, self.down, self.right)
        kept = subject.look(inputs, (source, self.node))
        number, row, column = self.map % known.shape.channels, self.row % known.shape.height, self.column
        column %= known.shape.width
        with torch.no_grad():
            module = subject.network.module_at(self.node)
            kernel = module.weight[number].detach().to("cpu", torch.float32)
            first = number // (known.block.channels // known.block.groups) * len(kernel)
            came = one_frame(kept[source][0], self.frame)[first : first + len(kernel)].to("cpu", torch.float32)
            made = one_frame(kept[self.node][0], self.frame)[number].to("cpu", torch.float32)
            bias = module.bias[number].item() if module.bias is not None else 0.0
        cut = _Cut(known.block, row, column)
        windows, inside = cut.out_of(came.numpy())
        channel = self.channel % len(kernel)
        return ConvolutionAnswer(
            step=subject.number,
            node=self.node,
            map=number,
            maps=known.block.channels,
            channel=channel,
            row=row,
            column=column,
            top=cut.top,
            left=cut.left,
            dilation=known.block.dilation,
            padding=known.block.padding,
            windows=windows,
            kernel=kernel.numpy().copy(),
            inside=inside,
            bias=bias,
            value=made[row, column].item(),
            came=shrink(came[channel : channel + 1], PICTURE_NUMBERS)[0].numpy().copy(),
            made=shrink(made[None], PICTURE_NUMBERS)[0].numpy().copy(),
            sizes=((came.shape[1], came.shape[2]), (made.shape[0], made.shape[1])),
            frame=self.frame % max(1, known.frames),
            frames=known.frames,
        )


def _size(node: NodeReport) -> int:
    _, channels, height, width = node.weights["weight"]
    return channels * height * width


class _Cut:
    """Where a kernel lies for one pixel, and what is there."""

    def __init__(self, block: Conv2D, row: int, column: int) -> None:
        self._block = block
        self.top = row * block.stride[0] - block.padding[0]
        self.left = column * block.stride[1] - block.padding[1]

    def out_of(self, came: Array) -> tuple[Array, Array]:
        """Return the windows of maps (channels, h, w), and which of their pixels lie on them and not beside."""
        import numpy as np

        block = self._block
        rows = self.top + block.dilation[0] * np.arange(block.kernel[0])
        columns = self.left + block.dilation[1] * np.arange(block.kernel[1])
        height, width = came.shape[1:]
        inside = ((rows >= 0) & (rows < height))[:, None] & ((columns >= 0) & (columns < width))[None, :]
        found = came[:, rows.clip(0, height - 1)[:, None], columns.clip(0, width - 1)[None, :]]
        return np.where(inside, found, np.float32(0.0)), inside
