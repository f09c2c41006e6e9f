"""Convolutions: one small kernel slides over the whole image."""

from __future__ import annotations

from playground.block import Block, Layer, Window, image
from playground.declare import integer, sides, switch
from playground.shape import Shape, ShapeError, slide
from playground.text import say


class Conv2D(Block):
    """Slides small kernels over the image and sums what they find."""

    family = "Convolution"
    stem = "conv"
    formula = r"y_{k,i,j} = b_k + \sum_{c,u,v} w_{k,c,u,v}\, x_{c,\,iS+u-P,\,jS+v-P}"
    channels: int = integer(
        8, low=1, high=8192, help="How many kernels, and so how many feature maps come out", label="Out channels"
    )
    kernel: tuple[int, int] = sides(3, low=1, high=255, help="Height and width of a kernel")
    stride: tuple[int, int] = sides(1, low=1, high=255, help="How many pixels the kernel moves at a time")
    padding: tuple[int, int] = sides(0, high=255, help="Rows and columns of zeros added on every side")
    dilation: tuple[int, int] = sides(1, low=1, high=255, help="Distance between the kernel's own pixels")
    groups: int = integer(1, low=1, high=8192, help="Split the channels into groups that do not see each other")
    bias: bool = switch(True, help="Add a learnable offset to every feature map")

    def output(self, x: Shape) -> Shape:
        channels = image(x, "Conv2D").channels
        if channels % self.groups or self.channels % self.groups:
            raise ShapeError(
                say(
                    "{groups} groups do not divide both the {inputs} channels that come in and the {outputs} "
                    "that go out; choose a number that does",
                    groups=self.groups,
                    inputs=int(channels),
                    outputs=self.channels,
                )
            )
        height, width = (
            slide(size, k, s, p, d)
            for size, k, s, p, d in zip(
                (x.height, x.width), self.kernel, self.stride, self.padding, self.dilation, strict=True
            )
        )
        return Shape(channels=self.channels, height=height, width=width)

    def layer(self, x: Shape) -> Layer:
        return Layer(
            "nn.Conv2d",
            x.channels,
            self.channels,
            self.kernel,
            stride=self.stride,
            padding=self.padding,
            dilation=self.dilation,
            groups=self.groups,
            bias=self.bias,
        )

    def weights(self, x: Shape) -> dict[str, tuple[int, ...]]:
        weight = {"weight": (self.channels, x.channels // self.groups, *self.kernel)}
        return weight | ({"bias": (self.channels,)} if self.bias else {})

    def macs(self, x: Shape) -> int:
        reach = int(x.channels) // self.groups * self.kernel[0] * self.kernel[1]
        return self.output(x).count * reach

    def window(self, x: Shape) -> Window:
        reach = tuple(d * (k - 1) + 1 for k, d in zip(self.kernel, self.dilation, strict=True))
        return Window((reach[0], reach[1]), self.stride)

    def summary(self) -> str:
        return f"{self.channels} @ {self.kernel[0]}×{self.kernel[1]}"
