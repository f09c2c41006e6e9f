"""Pooling: each window of a feature map becomes one number."""

from __future__ import annotations

from playground.block import Block, Layer, Window, image
from playground.declare import sides
from playground.shape import Shape, ShapeError, slide
from playground.text import say


class MaxPool2D(Block):
    """Keeps the largest value of every window."""

    family = "Pooling"
    stem = "pool"
    formula = r"y_{c,i,j} = \max_{u,v}\; x_{c,\,iS+u-P,\,jS+v-P}"
    kernel: tuple[int, int] = sides(2, low=1, high=255, help="Height and width of the window")
    stride: tuple[int, int] = sides(2, low=1, high=255, help="How many pixels the window moves at a time")
    padding: tuple[int, int] = sides(0, high=127, help="Rows and columns added on every side; at most half the kernel")

    def output(self, x: Shape) -> Shape:
        return _pooled(self, x)

    def layer(self, x: Shape) -> Layer:
        return Layer("nn.MaxPool2d", self.kernel, stride=self.stride, padding=self.padding)

    def window(self, x: Shape) -> Window:
        return Window(self.kernel, self.stride)

    def summary(self) -> str:
        return _sides(self.kernel)


class AvgPool2D(Block):
    """Keeps the mean of every window."""

    family = "Pooling"
    stem = "pool"
    formula = r"y_{c,i,j} = \frac{1}{K^2}\sum_{u,v} x_{c,\,iS+u-P,\,jS+v-P}"
    kernel: tuple[int, int] = sides(2, low=1, high=255, help="Height and width of the window")
    stride: tuple[int, int] = sides(2, low=1, high=255, help="How many pixels the window moves at a time")
    padding: tuple[int, int] = sides(
        0, high=127, help="Rows and columns of zeros added on every side; at most half the kernel"
    )

    def output(self, x: Shape) -> Shape:
        return _pooled(self, x)

    def layer(self, x: Shape) -> Layer:
        return Layer("nn.AvgPool2d", self.kernel, stride=self.stride, padding=self.padding)

    def window(self, x: Shape) -> Window:
        return Window(self.kernel, self.stride)

    def summary(self) -> str:
        return _sides(self.kernel)


def _pooled(pool: MaxPool2D | AvgPool2D, x: Shape) -> Shape:
    image(x, pool.key)
    if any(2 * padding > kernel for padding, kernel in zip(pool.padding, pool.kernel, strict=True)):
        raise ShapeError(say("the padding of a pooling window is at most half its kernel; make the padding smaller"))
    height, width = (
        slide(size, k, s, p)
        for size, k, s, p in zip((x.height, x.width), pool.kernel, pool.stride, pool.padding, strict=True)
    )
    return x.replace(height=height, width=width)


def _sides(pair: tuple[int, int]) -> str:
    return f"{pair[0]}×{pair[1]}"
