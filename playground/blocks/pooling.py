"""Pooling: each window of a feature map becomes one number."""

from __future__ import annotations

from typing import Any, ClassVar

from playground.block import Block, Layer, Window, image, sequence
from playground.declare import number, sides, switch
from playground.shape import Counted, Shape, ShapeError, slide
from playground.text import say


class MaxPool2D(Block):
    """Keeps the largest value of every window."""

    family = "Pooling"
    frame_by_frame = True
    stem = "pool"
    formula = r"y_{c,i,j} = \max_{u,v}\; x_{c,\,iS+u-P,\,jS+v-P}"
    kernel: tuple[int, int] = sides(2, low=1, high=255, help="Height and width of the window")
    stride: tuple[int, int] = sides(2, low=1, high=255, help="How many pixels the window moves at a time")
    padding: tuple[int, int] = sides(0, high=127, help="Rows and columns added on every side; at most half the kernel")
    partial: bool = switch(False, label="Partial windows", help="Also count a last window that reaches over the edge")

    def output(self, x: Shape) -> Shape:
        return _pooled(self, x)

    def layer(self, x: Shape) -> Layer:
        return Layer("nn.MaxPool2d", self.kernel, stride=self.stride, padding=self.padding, **_partial(self))

    def window(self, x: Shape) -> Window:
        return Window(self.kernel, self.stride, self.padding)

    def summary(self) -> str:
        return _sides(self.kernel)


class AvgPool2D(Block):
    """Keeps the mean of every window."""

    family = "Pooling"
    frame_by_frame = True
    stem = "pool"
    formula = r"y_{c,i,j} = \frac{1}{K^2}\sum_{u,v} x_{c,\,iS+u-P,\,jS+v-P}"
    kernel: tuple[int, int] = sides(2, low=1, high=255, help="Height and width of the window")
    stride: tuple[int, int] = sides(2, low=1, high=255, help="How many pixels the window moves at a time")
    padding: tuple[int, int] = sides(
        0, high=127, help="Rows and columns of zeros added on every side; at most half the kernel"
    )
    partial: bool = switch(False, label="Partial windows", help="Also count a last window that reaches over the edge")

    def output(self, x: Shape) -> Shape:
        return _pooled(self, x)

    def layer(self, x: Shape) -> Layer:
        return Layer("nn.AvgPool2d", self.kernel, stride=self.stride, padding=self.padding, **_partial(self))

    def window(self, x: Shape) -> Window:
        return Window(self.kernel, self.stride, self.padding)

    def summary(self) -> str:
        return _sides(self.kernel)


class LpPool2D(Block):
    """Takes the length (norm) of every window: between the mean, p = 1, and the maximum, p → ∞."""

    family = "Pooling"
    frame_by_frame = True
    stem = "pool"
    formula = r"y_{c,i,j} = \big(\sum_{u,v} |x_{c,\,iS+u,\,jS+v}|^p\big)^{1/p}"
    power: float = number(2.0, low=1.0, high=20.0, label="Power p", help="2 is the Euclidean length (L2-norm)")
    kernel: tuple[int, int] = sides(2, low=1, high=255, help="Height and width of the window")
    stride: tuple[int, int] = sides(2, low=1, high=255, help="How many pixels the window moves at a time")

    def output(self, x: Shape) -> Shape:
        image(x, "LpPool2D")
        height, width = (
            slide(size, k, s, 0) for size, k, s in zip((x.height, x.width), self.kernel, self.stride, strict=True)
        )
        return x.replace(height=height, width=width)

    def layer(self, x: Shape) -> Layer:
        return Layer("layers.LpPool2d", self.power, self.kernel, stride=self.stride)

    def window(self, x: Shape) -> Window:
        return Window(self.kernel, self.stride)

    def summary(self) -> str:
        return f"{_sides(self.kernel)}, p = {self.power:g}"


class _Adaptive(Block):
    """Splits an image of any size evenly into as many windows as are wanted."""

    members: ClassVar[dict[str, type[Any]]] = Block.members
    family = "Pooling"
    frame_by_frame = True
    stem = "pool"
    size: tuple[int, int] = sides(1, low=1, high=255, help="Height and width that come out")

    def output(self, x: Shape) -> Shape:
        return image(x, self.key).replace(height=self.size[0], width=self.size[1])

    def window(self, x: Shape) -> Window | None:
        return _evenly(x, self.size)

    def summary(self) -> str:
        return _sides(self.size)


class AdaptiveAvgPool2D(_Adaptive):
    """Takes means over as many windows as are wanted, whatever the size of the image."""

    formula = r"y_{c,i,j} = \mathrm{mean}\; x_{c,\,\lfloor iH/h \rfloor : \lceil (i+1)H/h \rceil,\,\dots}"

    def layer(self, x: Shape) -> Layer:
        return Layer("nn.AdaptiveAvgPool2d", self.size)


class AdaptiveMaxPool2D(_Adaptive):
    """Keeps the largest value of as many windows as are wanted, whatever the size of the image."""

    formula = r"y_{c,i,j} = \max\; x_{c,\,\lfloor iH/h \rfloor : \lceil (i+1)H/h \rceil,\,\dots}"

    def layer(self, x: Shape) -> Layer:
        return Layer("layers.AdaptiveMaxPool2d", self.size)


class GlobalAvgPool2D(Block):
    """Takes the mean of each whole feature map: one number a channel, no weights, any size of image."""

    family = "Pooling"
    frame_by_frame = True
    stem = "pool"
    formula = r"y_c = \frac{1}{HW}\sum_{i,j} x_{c,i,j}"

    def output(self, x: Shape) -> Shape:
        return Shape(features=image(x, "GlobalAvgPool2D").channels)

    def layer(self, x: Shape) -> Layer:
        return Layer("layers.GlobalAvgPool2d")

    def window(self, x: Shape) -> Window | None:
        return None


class MaxOverTime(Block):
    """Keeps the largest value of each feature over all steps: where it was found does not matter (Kim 2014)."""

    family = "Pooling"
    stem = "pool"
    word_by_word = True
    formula = r"y_k = \max_t\; x_{t,k}"

    def output(self, x: Shape) -> Shape:
        return Shape(features=sequence(x, "MaxOverTime").features)

    def layer(self, x: Shape) -> Layer:
        return Layer("layers.MaxOverTime")


class MeanOverTime(Block):
    """Takes the mean of each feature over all steps: a bag of what was there, in any order."""

    family = "Pooling"
    stem = "pool"
    word_by_word = True
    formula = r"y_k = \frac{1}{T}\sum_t x_{t,k}"

    def output(self, x: Shape) -> Shape:
        return Shape(features=sequence(x, "MeanOverTime").features)

    def layer(self, x: Shape) -> Layer:
        return Layer("layers.MeanOverTime")


class LastStep(Block):
    """Keeps the last step of a sequence, where each text really ends: what has been read by then.

    Of what reads both ways, the half that reads backwards has seen a single step there; take its state `h` instead.
    """

    family = "Pooling"
    stem = "last"
    word_by_word = True
    formula = r"y_k = x_{T,k}"

    def output(self, x: Shape) -> Shape:
        return Shape(features=sequence(x, "LastStep").features)

    def layer(self, x: Shape) -> Layer:
        return Layer("layers.LastStep")


def _pooled(pool: MaxPool2D | AvgPool2D, x: Shape) -> Shape:
    image(x, pool.key)
    if any(2 * padding > kernel for padding, kernel in zip(pool.padding, pool.kernel, strict=True)):
        raise ShapeError(say("the padding of a pooling window is at most half its kernel; make the padding smaller"))
    height, width = (
        _slide_partly(size, k, s, p) if pool.partial else slide(size, k, s, p)
        for size, k, s, p in zip((x.height, x.width), pool.kernel, pool.stride, pool.padding, strict=True)
    )
    return x.replace(height=height, width=width)


def _slide_partly(size: int, kernel: int, stride: int, padding: int) -> Counted:
    """Count windows as `slide` does, and a last one that reaches over the edge but begins before it."""
    room = size + 2 * padding - kernel
    value = -(-room // stride) + 1
    if (value - 1) * stride >= size + padding:
        value -= 1
    if value < 1:
        return slide(size, kernel, stride, padding)  # says why
    numerator = f"{int(size)} + 2·{padding} − {kernel}" if padding else f"{int(size)} − {kernel}"
    return Counted(value, f"⌈({numerator}) / {stride}⌉ + 1 = {value}")


def _partial(pool: MaxPool2D | AvgPool2D) -> dict[str, bool]:
    return {"ceil_mode": True} if pool.partial else {}


def _evenly(x: Shape, size: tuple[int, int]) -> Window | None:
    """Return the window where all are alike; where they differ in size there is none to speak of."""
    height, width = int(x.height), int(x.width)
    if height % size[0] or width % size[1]:
        return None
    kernel = height // size[0], width // size[1]
    return Window(kernel, kernel)


def _sides(pair: tuple[int, int]) -> str:
    return f"{pair[0]}×{pair[1]}"
