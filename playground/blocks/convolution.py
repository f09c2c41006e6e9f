"""Convolutions: one small kernel slides over the whole image, or along time."""

from __future__ import annotations

from playground.block import Block, Layer, Window, image, sequence
from playground.declare import integer, sides, switch
from playground.shape import Counted, Shape, ShapeError, slide
from playground.text import say


class Conv2D(Block):
    """Slides small kernels over the image and sums what they find."""

    family = "Convolution"
    frame_by_frame = True
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
        _divide(self.groups, image(x, "Conv2D").channels, self.channels)
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
        return Window((reach[0], reach[1]), self.stride, self.padding)

    def summary(self) -> str:
        return f"{self.channels} @ {self.kernel[0]}×{self.kernel[1]}"


class SeparableConv2D(Block):
    """Looks at every channel on its own, then mixes the channels pixel by pixel: far fewer weights than Conv2D."""

    family = "Convolution"
    frame_by_frame = True
    stem = "conv"
    formula = r"y_{k,i,j} = b_k + \sum_c v_{k,c} \sum_{u,v} w_{c,u,v}\, x_{c,\,iS+u-P,\,jS+v-P}"
    channels: int = integer(8, low=1, high=8192, help="How many feature maps come out", label="Out channels")
    kernel: tuple[int, int] = sides(3, low=1, high=255, help="Height and width of a kernel")
    stride: tuple[int, int] = sides(1, low=1, high=255, help="How many pixels the kernel moves at a time")
    padding: tuple[int, int] = sides(0, high=255, help="Rows and columns of zeros added on every side")
    bias: bool = switch(True, help="Add a learnable offset to every feature map")

    def output(self, x: Shape) -> Shape:
        image(x, "SeparableConv2D")
        height, width = (
            slide(size, k, s, p)
            for size, k, s, p in zip((x.height, x.width), self.kernel, self.stride, self.padding, strict=True)
        )
        return Shape(channels=self.channels, height=height, width=width)

    def layer(self, x: Shape) -> Layer:
        return Layer(
            "layers.SeparableConv2d",
            x.channels,
            self.channels,
            self.kernel,
            stride=self.stride,
            padding=self.padding,
            bias=self.bias,
        )

    def weights(self, x: Shape) -> dict[str, tuple[int, ...]]:
        weights = {
            "depthwise.weight": (int(x.channels), 1, *self.kernel),
            "pointwise.weight": (self.channels, int(x.channels), 1, 1),
        }
        return weights | ({"pointwise.bias": (self.channels,)} if self.bias else {})

    def macs(self, x: Shape) -> int:
        out = self.output(x)
        pixels = int(out.height) * int(out.width) * int(x.channels)
        return pixels * (self.kernel[0] * self.kernel[1] + self.channels)

    def window(self, x: Shape) -> Window:
        return Window(self.kernel, self.stride, self.padding)

    def summary(self) -> str:
        return f"{self.channels} @ {self.kernel[0]}×{self.kernel[1]}"


class ConvTranspose2D(Block):
    """Lays a small kernel down for every pixel, scaled by it: a convolution backwards, which makes images larger."""

    family = "Convolution"
    frame_by_frame = True
    stem = "deconv"
    formula = r"y_{k,m,n} = b_k + \sum_c \sum_{iS+u-P=m} \sum_{jS+v-P=n} w_{c,k,u,v}\, x_{c,i,j}"
    channels: int = integer(8, low=1, high=8192, help="How many feature maps come out", label="Out channels")
    kernel: tuple[int, int] = sides(2, low=1, high=255, help="Height and width of a kernel")
    stride: tuple[int, int] = sides(
        2, low=1, high=255, help="How many pixels lie between two kernels that are laid down"
    )
    padding: tuple[int, int] = sides(0, high=255, help="Rows and columns cut off on every side")
    extra: tuple[int, int] = sides(
        0, high=254, label="Output padding", help="Rows and columns added at the end; less than the stride"
    )
    groups: int = integer(1, low=1, high=8192, help="Split the channels into groups that do not see each other")
    bias: bool = switch(True, help="Add a learnable offset to every feature map")

    def output(self, x: Shape) -> Shape:
        _divide(self.groups, image(x, "ConvTranspose2D").channels, self.channels)
        if any(extra >= stride for extra, stride in zip(self.extra, self.stride, strict=True)):
            raise ShapeError(say("the output padding is smaller than the stride; make it smaller"))
        height, width = (
            _spread(size, *sizes)
            for size, *sizes in zip(
                (x.height, x.width), self.kernel, self.stride, self.padding, self.extra, strict=True
            )
        )
        return Shape(channels=self.channels, height=height, width=width)

    def layer(self, x: Shape) -> Layer:
        return Layer(
            "nn.ConvTranspose2d",
            x.channels,
            self.channels,
            self.kernel,
            stride=self.stride,
            padding=self.padding,
            output_padding=self.extra,
            groups=self.groups,
            bias=self.bias,
        )

    def weights(self, x: Shape) -> dict[str, tuple[int, ...]]:
        weight = {"weight": (int(x.channels), self.channels // self.groups, *self.kernel)}
        return weight | ({"bias": (self.channels,)} if self.bias else {})

    def macs(self, x: Shape) -> int:
        return x.count * (self.channels // self.groups) * self.kernel[0] * self.kernel[1]

    def window(self, x: Shape) -> Window | None:
        return None

    def summary(self) -> str:
        return f"{self.channels} @ {self.kernel[0]}×{self.kernel[1]}"


class Conv1D(Block):
    """Slides small kernels along time and sums what they find: detectors of n-grams, of short patterns."""

    family = "Convolution"
    stem = "conv"
    word_by_word = True
    formula = r"y_{t,k} = b_k + \sum_{c,u} w_{k,c,u}\, x_{tS+u-P,\,c}"
    channels: int = integer(
        8,
        low=1,
        high=8192,
        help="How many kernels, and so how many features come out at each step",
        label="Out features",
    )
    kernel: int = integer(3, low=1, high=1024, help="How many steps a kernel looks at")
    stride: int = integer(1, low=1, high=1024, help="How many steps the kernel moves at a time")
    padding: int = integer(0, high=1024, help="Steps of zeros added at both ends")
    dilation: int = integer(1, low=1, high=1024, help="Distance between the steps that a kernel looks at")
    groups: int = integer(1, low=1, high=8192, help="Split the features into groups that do not see each other")
    bias: bool = switch(True, help="Add a learnable offset to every feature")

    def output(self, x: Shape) -> Shape:
        _divide(self.groups, sequence(x, "Conv1D").features, self.channels)
        steps = slide(x.time, self.kernel, self.stride, self.padding, self.dilation)
        return Shape(time=steps, features=self.channels)

    def layer(self, x: Shape) -> Layer:
        return Layer(
            "layers.Conv1d",
            x.features,
            self.channels,
            self.kernel,
            stride=self.stride,
            padding=self.padding,
            dilation=self.dilation,
            groups=self.groups,
            bias=self.bias,
        )

    def weights(self, x: Shape) -> dict[str, tuple[int, ...]]:
        weight = {"weight": (self.channels, int(x.features) // self.groups, self.kernel)}
        return weight | ({"bias": (self.channels,)} if self.bias else {})

    def macs(self, x: Shape) -> int:
        return self.output(x).count * (int(x.features) // self.groups) * self.kernel

    def summary(self) -> str:
        return f"{self.channels} @ {self.kernel}"


def _divide(groups: int, inputs: int, outputs: int) -> None:
    """Refuse groups that do not divide the channels on both sides."""
    if inputs % groups or outputs % groups:
        raise ShapeError(
            say(
                "{groups} groups do not divide both the {inputs} channels that come in and the {outputs} "
                "that go out; choose a number that does",
                groups=groups,
                inputs=int(inputs),
                outputs=outputs,
            )
        )


def _spread(size: int, kernel: int, stride: int, padding: int, extra: int) -> Counted:
    """Count the positions that come out of a transposed convolution: (size − 1)·S − 2P + K + extra."""
    value = (size - 1) * stride - 2 * padding + kernel + extra
    if value < 1:
        raise ShapeError(say("nothing would be left; cut off less"))
    how = f"({int(size)} − 1)·{stride} + {kernel}"
    how += f" − 2·{padding}" if padding else ""
    how += f" + {extra}" if extra else ""
    return Counted(value, f"{how} = {value}")
