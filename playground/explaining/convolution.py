"""Convolutions by hand: a window of the input and a kernel, multiplied place by place and summed up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from playground.blocks.convolution import Conv1D, Conv2D, ConvTranspose2D, SeparableConv2D
from playground.explaining import Array, Explainer, Grid, Place, Told
from playground.explaining._sliding import Slide
from playground.explaining._telling import low, result, slope, table, total
from playground.text import say

MOST_CHANNELS = 3
"""Channels that are shown side by side; of more the one that counts most."""

BACK = r"\sum_{iS+uD-P=a}\;\sum_{jS+vD-P=b}\;\sum_k w_{k,c,u,v}\,\delta_{k,i,j}"
BY_WEIGHT = r"\sum_{i,j} \delta_{k,i,j}\, x_{c,\,iS+uD-P,\,jS+vD-P}"


class OfConv2D(Explainer):
    """y = b + Σ w x over a window of the image."""

    blocks = (Conv2D,)

    def forward(self, place: Place) -> dict[str, Array]:
        made = slide_of(place).across(place.inputs["x"], place.weights["weight"])
        return {"out": made + place.weights["bias"][:, None, None] if "bias" in place.weights else made}

    def backward(self, place: Place, upstream: Mapping[str, Array]) -> dict[str, Array]:
        x, weight, delta, slide = place.inputs["x"], place.weights["weight"], upstream["out"], slide_of(place)
        made = {"x": slide.back(delta, weight, x.shape), "weight": slide.by_weight(x, delta, weight.shape)}
        return made | ({"bias": delta.sum(axis=(1, 2))} if "bias" in place.weights else {})

    def tell_forward(self, place: Place, port: str, entry: tuple[int, ...]) -> Told:
        x, weight = place.inputs["x"], place.weights["weight"]
        kernel, seen, lit = slide_of(place).terms_across(x, weight, entry)
        last = float(place.weights["bias"][entry[0]]) if "bias" in place.weights else None
        grids = []
        first = int(lit.any(axis=(1, 2)).argmax()) if lit.any() else 0
        for c in telling((kernel * seen).sum(axis=(1, 2))):
            grids += [
                table(f"x{low(first + c)}", x[first + c], lit=lit[first + c]),
                table(f"w{low(entry[0], c)}", kernel[c], lit=np.ones(kernel[c].shape)),
            ]
        grids.append(table(f"y{low(entry[0])}", place.outputs["out"], entry, chooses=True))
        terms = np.stack([kernel.reshape(-1), seen.reshape(-1)], axis=1)
        formula = r"\sum_{c,u,v} w_{k,c,u,v}\, x_{c,\,iS+uD-P,\,jS+vD-P}" + ("" if last is None else " + b_k")
        line = result(f"y{low(*entry)}", formula, total(terms, last), (kernel * seen).sum() + (last or 0.0))
        return Told(tuple(grids), (line,))

    def tell_backward(self, place: Place, upstream: Mapping[str, Array], name: str, entry: tuple[int, ...]) -> Told:
        x, weight, delta, slide = place.inputs["x"], place.weights["weight"], upstream["out"], slide_of(place)
        if name == "bias":
            return _by_bias(delta, entry)
        if name == "x":
            terms, lit = slide.terms_back(delta, weight, entry, len(x))
            share = len(x) // slide.groups
            return _told_back(terms, lit, delta, weight[:, entry[0] % share], slide.back(delta, weight, x.shape), entry)
        terms, lit = slide.terms_by_weight(x, delta, entry, len(weight))
        channel = int(lit.any(axis=(1, 2)).argmax()) if lit.any() else entry[1]
        grids = (
            table(f"δ{low(entry[0])}", delta[entry[0]]),
            table(f"x{low(channel)}", x[channel], lit=lit[channel]),
            table(slope(f"w{low(*entry[:2])}"), slide.by_weight(x, delta, weight.shape), entry, chooses=True),
        )
        line = result(slope(f"w{low(*entry)}"), BY_WEIGHT, total(terms), terms.prod(axis=1).sum())
        shared = say("The same kernel works at every place; what each place adds is summed up.")
        return Told(grids, (line,), shared)


def slide_of(place: Place) -> Slide:
    """Return how the kernel of a convolution of images slides."""
    block: Any = place.node.block
    return Slide(block.stride, block.padding, block.dilation, block.groups)


def telling(sizes: Array) -> list[int]:
    """Return which channels are shown: all of a few, else the one that counts most."""
    return list(range(len(sizes))) if len(sizes) <= MOST_CHANNELS else [int(abs(np.nan_to_num(sizes)).argmax())]


def _told_back(
    terms: Array, lit: Array, delta: Array, weight: Array, made: Array, entry: tuple[int, ...], name: str = "x"
) -> Told:
    """Tell ∂L/∂x: all windows that hold the pixel hand back their δ."""
    grids: list[Grid] = []
    sizes = np.where(lit, delta, 0.0).sum(axis=(1, 2))
    for k in telling(sizes):
        grids += [table(f"δ{low(k)}", delta[k], lit=lit[k]), table(f"w{low(k, entry[0])}", weight[k])]
    grids.append(table(slope(f"{name}{low(entry[0])}"), made, entry, chooses=True))
    line = result(slope(f"{name}{low(*entry)}"), BACK, total(terms), terms.prod(axis=1).sum())
    return Told(tuple(grids), (line,))


def _by_bias(delta: Array, entry: tuple[int, ...]) -> Told:
    (k,) = entry
    sums = delta.sum(axis=(1, 2))
    grids = (table(f"δ{low(k)}", delta[k], lit=np.ones(delta[k].shape)), table(slope("b"), sums, entry, chooses=True))
    line = result(slope(f"b{low(k)}"), r"\sum_{i,j} \delta_{k,i,j}", total(delta[k].reshape(-1, 1)), sums[k])
    return Told(grids, (line,))


class OfConvTranspose2D(Explainer):
    """A convolution walked backwards: each pixel lays the kernel down, scaled by it."""

    blocks = (ConvTranspose2D,)

    def forward(self, place: Place) -> dict[str, Array]:
        shape = place.outputs["out"].shape
        made = _turned(place).back(place.inputs["x"], place.weights["weight"], shape)
        return {"out": made + place.weights["bias"][:, None, None] if "bias" in place.weights else made}

    def backward(self, place: Place, upstream: Mapping[str, Array]) -> dict[str, Array]:
        x, weight, delta, slide = place.inputs["x"], place.weights["weight"], upstream["out"], _turned(place)
        made = {"x": slide.across(delta, weight), "weight": slide.by_weight(delta, x, weight.shape)}
        return made | ({"bias": delta.sum(axis=(1, 2))} if "bias" in place.weights else {})

    def tell_forward(self, place: Place, port: str, entry: tuple[int, ...]) -> Told:
        x, weight, made = place.inputs["x"], place.weights["weight"], place.outputs["out"]
        slide = _turned(place)
        terms, lit = slide.terms_back(x, weight, entry, len(made))
        last = float(place.weights["bias"][entry[0]]) if "bias" in place.weights else None
        grids: list[Grid] = []
        for c in telling(np.where(lit, x, 0.0).sum(axis=(1, 2))):
            kernel = weight[c, entry[0] % (len(made) // slide.groups)]
            grids += [table(f"x{low(c)}", x[c], lit=lit[c]), table(f"w{low(c, entry[0])}", kernel)]
        grids.append(table(f"y{low(entry[0])}", made, entry, chooses=True))
        formula = r"\sum_{iS+u-P=a}\;\sum_{jS+v-P=b}\;\sum_c w_{c,k,u,v}\, x_{c,i,j}"
        formula += "" if last is None else " + b_k"
        value = terms.prod(axis=1).sum() + (last or 0.0)
        return Told(tuple(grids), (result(f"y{low(*entry)}", formula, total(terms, last), value),))

    def tell_backward(self, place: Place, upstream: Mapping[str, Array], name: str, entry: tuple[int, ...]) -> Told:
        x, weight, delta, slide = place.inputs["x"], place.weights["weight"], upstream["out"], _turned(place)
        if name == "bias":
            return _by_bias(delta, entry)
        if name == "x":
            return _told_across(slide, delta, weight, entry)
        terms, lit = slide.terms_by_weight(delta, x, entry, len(weight))
        channel = int(lit.any(axis=(1, 2)).argmax()) if lit.any() else 0
        grids = (
            table(f"x{low(entry[0])}", x[entry[0]]),
            table(f"δ{low(channel)}", delta[channel], lit=lit[channel]),
            table(slope(f"w{low(*entry[:2])}"), slide.by_weight(delta, x, weight.shape), entry, chooses=True),
        )
        formula = r"\sum_{i,j} x_{c,i,j}\, \delta_{k,\,iS+u-P,\,jS+v-P}"
        line = result(slope(f"w{low(*entry)}"), formula, total(terms), terms.prod(axis=1).sum())
        return Told(grids, (line,))


def _told_across(slide: Slide, delta: Array, weight: Array, entry: tuple[int, ...]) -> Told:
    """Tell ∂L/∂x of a transposed convolution: the window that the pixel's kernel was laid down on."""
    kernel, seen, lit = slide.terms_across(delta, weight, entry)
    first = int(lit.any(axis=(1, 2)).argmax()) if lit.any() else 0
    grids: list[Grid] = []
    for k in telling((kernel * seen).sum(axis=(1, 2))):
        grids += [
            table(f"δ{low(first + k)}", delta[first + k], lit=lit[first + k]),
            table(f"w{low(entry[0], k)}", kernel[k]),
        ]
    grids.append(table(slope(f"x{low(entry[0])}"), slide.across(delta, weight), entry, chooses=True))
    terms = np.stack([kernel.reshape(-1), seen.reshape(-1)], axis=1)
    formula = r"\sum_{k,u,v} w_{c,k,u,v}\, \delta_{k,\,iS+u-P,\,jS+v-P}"
    return Told(tuple(grids), (result(slope(f"x{low(*entry)}"), formula, total(terms), (kernel * seen).sum()),))


def _turned(place: Place) -> Slide:
    block: Any = place.node.block
    return Slide(block.stride, block.padding, (1, 1), block.groups)


class OfSeparableConv2D(Explainer):
    """Each channel by itself, then a mixture of all channels at every pixel."""

    blocks = (SeparableConv2D,)

    def forward(self, place: Place) -> dict[str, Array]:
        made = Slide().across(self._apart(place), place.weights["pointwise.weight"])
        bias = place.weights.get("pointwise.bias")
        return {"out": made if bias is None else made + bias[:, None, None]}

    def backward(self, place: Place, upstream: Mapping[str, Array]) -> dict[str, Array]:
        x, delta, mixing = place.inputs["x"], upstream["out"], place.weights["pointwise.weight"]
        kernels, middle, slide = place.weights["depthwise.weight"], self._apart(place), self._slide(place)
        inner = Slide().back(delta, mixing, middle.shape)
        made = {
            "x": slide.back(inner, kernels, x.shape),
            "depthwise.weight": slide.by_weight(x, inner, kernels.shape),
            "pointwise.weight": Slide().by_weight(middle, delta, mixing.shape),
        }
        return made | ({"pointwise.bias": delta.sum(axis=(1, 2))} if "pointwise.bias" in place.weights else {})

    def tell_forward(self, place: Place, port: str, entry: tuple[int, ...]) -> Told:
        x, kernels, middle = place.inputs["x"], place.weights["depthwise.weight"], self._apart(place)
        k, i, j = entry
        mixing = place.weights["pointwise.weight"][k, :, 0, 0]
        bias = place.weights.get("pointwise.bias")
        last = None if bias is None else float(bias[k])
        c = int(abs(mixing * middle[:, i, j]).argmax())
        kernel, seen, lit = self._slide(place).terms_across(x, kernels, (c, i, j))
        grids = (
            table(f"x{low(c)}", x[c], lit=lit[c]),
            table(f"w{low(c)}", kernels[c, 0]),
            table("m", middle[:, i, j], (c,)),
            table(f"v{low(k)}", mixing, (c,)),
            table(f"y{low(k)}", place.outputs["out"], entry, chooses=True),
        )
        terms = np.stack([kernel.reshape(-1), seen.reshape(-1)], axis=1)
        lines = (
            result(
                f"m{low(c, i, j)}", r"\sum_{u,v} w_{c,u,v}\, x_{c,\,iS+u-P,\,jS+v-P}", total(terms), middle[c, i, j]
            ),
            result(
                f"y{low(*entry)}",
                r"\sum_c v_{k,c}\, m_{c,i,j}" + ("" if last is None else " + b_k"),
                total(np.stack([mixing, middle[:, i, j]], axis=1), last),
                mixing @ middle[:, i, j] + (last or 0.0),
            ),
        )
        return Told(grids, lines)

    def tell_backward(self, place: Place, upstream: Mapping[str, Array], name: str, entry: tuple[int, ...]) -> Told:
        x, delta, mixing = place.inputs["x"], upstream["out"], place.weights["pointwise.weight"]
        if name == "pointwise.bias":
            return _by_bias(delta, entry)
        middle, kernels, slide = self._apart(place), place.weights["depthwise.weight"], self._slide(place)
        if name == "pointwise.weight":
            terms, lit = Slide().terms_by_weight(middle, delta, entry, len(mixing))
            symbol, formula = f"v{low(*entry[:2])}", r"\sum_{i,j} \delta_{k,i,j}\, m_{c,i,j}"
            shown = (table(f"δ{low(entry[0])}", delta[entry[0]]), table(f"m{low(entry[1])}", middle[entry[1]]))
            made = Slide().by_weight(middle, delta, mixing.shape)
        else:
            inner = Slide().back(delta, mixing, middle.shape)
            if name == "x":
                terms, lit = slide.terms_back(inner, kernels, entry, len(x))
                told = _told_back(terms, lit, inner, kernels[:, 0], slide.back(inner, kernels, x.shape), entry)
                return Told(told.grids, told.lines, say("δ is that of each channel by itself, before they are mixed."))
            terms, lit = slide.terms_by_weight(x, inner, entry, len(kernels))
            symbol, formula = f"w{low(entry[0], *entry[2:])}", BY_WEIGHT.replace("k,i,j", "c,i,j")
            shown = (
                table(f"δ{low(entry[0])}", inner[entry[0]]),
                table(f"x{low(entry[0])}", x[entry[0]], lit=lit[entry[0]]),
            )
            made = slide.by_weight(x, inner, kernels.shape)
        grids = (*shown, table(slope(name), made, entry, chooses=True))
        return Told(grids, (result(slope(symbol), formula, total(terms), terms.prod(axis=1).sum()),))

    def _apart(self, place: Place) -> Array:
        """Return what each channel by itself makes."""
        return self._slide(place).across(place.inputs["x"], place.weights["depthwise.weight"])

    @staticmethod
    def _slide(place: Place) -> Slide:
        block: Any = place.node.block
        return Slide(block.stride, block.padding, (1, 1), len(place.inputs["x"]))


class OfConv1D(Explainer):
    """The same along time: an image of one row, whose channels are the features."""

    blocks = (Conv1D,)

    def forward(self, place: Place) -> dict[str, Array]:
        x, weight, slide = _laid(place)
        made = slide.across(x, weight)[:, 0].T
        return {"out": made + place.weights["bias"] if "bias" in place.weights else made}

    def backward(self, place: Place, upstream: Mapping[str, Array]) -> dict[str, Array]:
        x, weight, slide = _laid(place)
        delta = upstream["out"].T[:, None]
        back = slide.back(delta, weight, x.shape)[:, 0].T
        back[_end(place) :] = 0  # what is beyond the end counts as zero
        made = {"x": back, "weight": slide.by_weight(x, delta, weight.shape)[:, :, 0]}
        return made | ({"bias": upstream["out"].sum(axis=0)} if "bias" in place.weights else {})

    def tell_forward(self, place: Place, port: str, entry: tuple[int, ...]) -> Told:
        x, weight, slide = _laid(place)
        t, k = entry
        kernel, seen, lit = slide.terms_across(x, weight, (k, 0, t))
        last = float(place.weights["bias"][k]) if "bias" in place.weights else None
        grids = (
            table("x", x[:, 0].T, lit=lit[:, 0].T),
            table(f"w{low(k)}", kernel[:, 0].T),
            table("y", place.outputs["out"], entry, chooses=True),
        )
        terms = np.stack([kernel.reshape(-1), seen.reshape(-1)], axis=1)
        formula = r"\sum_{c,u} w_{k,c,u}\, x_{tS+uD-P,\,c}" + ("" if last is None else " + b_k")
        line = result(f"y{low(*entry)}", formula, total(terms, last), (kernel * seen).sum() + (last or 0.0))
        return Told(grids, (line,))

    def tell_backward(self, place: Place, upstream: Mapping[str, Array], name: str, entry: tuple[int, ...]) -> Told:
        x, weight, slide = _laid(place)
        delta, made = upstream["out"].T[:, None], self.backward(place, upstream)
        shown = table("δ", upstream["out"])
        if name == "bias":
            terms = upstream["out"][:, entry[0]][:, None]
            line = result(slope(f"b{low(*entry)}"), r"\sum_t \delta_{t,k}", total(terms), terms.sum())
            return Told((shown, table(slope("b"), made["bias"], entry, chooses=True)), (line,))
        if name == "x":
            t, c = entry
            terms, lit = slide.terms_back(delta, weight, (c, 0, t), len(x))
            if t >= _end(place):
                terms, lit = terms[:0], np.zeros_like(lit)
            tables = (table("δ", upstream["out"], lit=lit[:, 0].T), table(slope("x"), made["x"], entry, chooses=True))
            formula = r"\sum_{sS+uD-P=t}\;\sum_k w_{k,c,u}\,\delta_{s,k}"
            return Told(tables, (result(slope(f"x{low(*entry)}"), formula, total(terms), terms.prod(axis=1).sum()),))
        k, c, u = entry
        terms, lit = slide.terms_by_weight(x, delta, (k, c, 0, u), len(weight))
        grids = (
            shown,
            table("x", x[:, 0].T, lit=lit[:, 0].T),
            table(slope(f"w{low(k)}"), made["weight"], entry, chooses=True),
        )
        formula = r"\sum_t \delta_{t,k}\, x_{tS+uD-P,\,c}"
        line = result(slope(f"w{low(*entry)}"), formula, total(terms), terms.prod(axis=1).sum())
        shared = say("The same kernel works at every step; what each step adds is summed up.")
        return Told(grids, (line,), shared)


def _laid(place: Place) -> tuple[Array, Array, Slide]:
    """Return a sequence as an image of one row with 0 beyond its end, the kernels for it, and how they slide."""
    block: Any = place.node.block
    x = place.inputs["x"].copy()
    x[_end(place) :] = 0
    slide = Slide((1, block.stride), (0, block.padding), (1, block.dilation), block.groups)
    return x.T[:, None], place.weights["weight"][:, :, None], slide


def _end(place: Place) -> int:
    """Return how many steps are there."""
    return len(place.inputs["x"]) if place.length is None else place.length
