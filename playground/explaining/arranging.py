"""Blocks that only rearrange numbers, by hand: each one that leaves is one that came in, or a mixture of neighbours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from playground.blocks.arrange import Permute, Reshape, Slice, Upsample
from playground.blocks.combine import Flatten
from playground.blocks.normalisation import Dropout
from playground.explaining import Array, Explainer, Place, Told
from playground.explaining._telling import low, number, result, slope, table, total
from playground.text import say


class OfArranged(Explainer):
    """Numbers that are laid out anew: each goes somewhere, and its gradient comes back from there."""

    blocks = (Flatten, Reshape, Permute, Slice, Dropout)

    def forward(self, place: Place) -> dict[str, Array]:
        return {"out": place.inputs["x"].reshape(-1)[sources_of(place)]}

    def backward(self, place: Place, upstream: Mapping[str, Array]) -> dict[str, Array]:
        x = place.inputs["x"]
        made = np.zeros(x.size)
        np.add.at(made, sources_of(place).reshape(-1), upstream["out"].reshape(-1))
        return {"x": made.reshape(x.shape)}

    def tell_forward(self, place: Place, port: str, entry: tuple[int, ...]) -> Told:
        x = place.inputs["x"]
        came = tuple(int(one) for one in np.unravel_index(int(sources_of(place)[entry]), x.shape))
        grids = (table("x", x, came, _only(x, came)), table("y", place.outputs["out"], entry, chooses=True))
        line = result(f"y{low(*entry)}", f"x_{{{_tex(came)}}}", number(x[came]), x[came])
        kept = say("Nothing is dropped out here: the walk is one of evaluation. In training a random share would be 0.")
        return Told(grids, (line,), kept if isinstance(place.node.block, Dropout) else None)

    def tell_backward(self, place: Place, upstream: Mapping[str, Array], name: str, entry: tuple[int, ...]) -> Told:
        delta = upstream["out"]
        wanted = int(np.ravel_multi_index(entry, place.inputs["x"].shape))
        places = np.argwhere(sources_of(place) == wanted)
        made = self.backward(place, upstream)["x"]
        if not len(places):
            gone = say("This number is cut away: nothing comes back to it.")
            line = result(slope(f"x{low(*entry)}"), "0", "0", 0.0)
            return Told((table(slope("x"), made, entry, chooses=True),), (line,), gone)
        went = tuple(int(one) for one in places[0])
        grids = (table("δ", delta, went, _only(delta, went)), table(slope("x"), made, entry, chooses=True))
        line = result(slope(f"x{low(*entry)}"), rf"\delta_{{{_tex(went)}}}", number(delta[went]), delta[went])
        return Told(grids, (line,))


def sources_of(place: Place) -> Array:
    """Return for each number that leaves which of those that came in it is, by its place in a row of all of them."""
    x, block, layer = place.inputs["x"], place.node.block, place.node.layer
    numbers = np.arange(x.size).reshape(x.shape)
    if isinstance(block, Permute):
        return np.ascontiguousarray(numbers.transpose([int(axis) - 1 for axis in layer.args]))
    if isinstance(block, Slice):
        axis, first, length = (int(one) for one in layer.args)
        length = place.outputs["out"].shape[axis - 1]
        return np.take(numbers, np.arange(first, first + length), axis=axis - 1)
    return numbers.reshape(place.outputs["out"].shape)


def _only(values: Array, entry: tuple[int, ...]) -> Array:
    lit = np.zeros(values.shape, dtype=bool)
    lit[entry] = True
    return lit


def _tex(entry: tuple[int, ...]) -> str:
    return ",".join(str(place + 1) for place in entry)


class OfUpsample(Explainer):
    """y = A x Bᵀ for each channel: rows and columns are repeated, or mixed of the two that are nearest."""

    blocks = (Upsample,)

    def forward(self, place: Place) -> dict[str, Array]:
        down, across = _mixtures(place)
        return {"out": down @ place.inputs["x"] @ across.T}

    def backward(self, place: Place, upstream: Mapping[str, Array]) -> dict[str, Array]:
        down, across = _mixtures(place)
        return {"x": down.T @ upstream["out"] @ across}

    def tell_forward(self, place: Place, port: str, entry: tuple[int, ...]) -> Told:
        x, (c, i, j) = place.inputs["x"], entry
        down, across = _mixtures(place)
        share = np.outer(down[i], across[j])
        grids = (
            table(f"x{low(c)}", x[c], lit=share != 0),
            table(f"y{low(c)}", place.outputs["out"], entry, chooses=True),
        )
        value = (share * x[c]).sum()
        formula = r"\sum_{a,b} A_{i,a}\, x_{c,a,b}\, B_{j,b}"
        terms = np.stack([share[share != 0], x[c][share != 0]], axis=1)
        return Told(grids, (result(f"y{low(*entry)}", formula, total(terms), value),))

    def tell_backward(self, place: Place, upstream: Mapping[str, Array], name: str, entry: tuple[int, ...]) -> Told:
        delta, (c, a, b) = upstream["out"], entry
        down, across = _mixtures(place)
        share = np.outer(down[:, a], across[:, b])
        grids = (
            table(f"δ{low(c)}", delta[c], lit=share != 0),
            table(slope(f"x{low(c)}"), self.backward(place, upstream)["x"], entry, chooses=True),
        )
        terms = np.stack([share[share != 0], delta[c][share != 0]], axis=1)
        formula = r"\sum_{i,j} A_{i,a}\, B_{j,b}\, \delta_{c,i,j}"
        value = (share * delta[c]).sum()
        return Told(grids, (result(slope(f"x{low(*entry)}"), formula, total(terms), value),))


def _mixtures(place: Place) -> tuple[Array, Array]:
    """Return of which rows each row that leaves is made, and of which columns each column."""
    block: Any = place.node.block
    height, width = place.inputs["x"].shape[1:]
    return _mixture(height, block.factor, block.mode), _mixture(width, block.factor, block.mode)


def _mixture(size: int, times: int, mode: str) -> Array:
    made = np.zeros((size * times, size))
    places = np.arange(size * times)
    if mode == "nearest":
        made[places, places // times] = 1
        return made
    middle = np.maximum((places + 0.5) / times - 0.5, 0.0)
    before = np.floor(middle).astype(int)
    after = np.minimum(before + 1, size - 1)
    np.add.at(made, (places, before), 1 - (middle - before))
    np.add.at(made, (places, after), middle - before)
    return made
