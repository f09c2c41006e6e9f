"""Local response normalisation by hand: each number is divided by what the channels beside it hold."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from playground.blocks.normalisation import LocalResponseNorm
from playground.explaining import Array, Explainer, Place, Told
from playground.explaining._telling import (
    MOST_TERMS,
    factor,
    joined,
    latex,
    low,
    number,
    precise,
    product,
    result,
    slope,
    table,
)
from playground.explaining.normalising import squares


class OfLocalResponseNorm(Explainer):
    """y = x / s^β with s = k + α/n Σ x² over the channels beside it."""

    blocks = (LocalResponseNorm,)

    def forward(self, place: Place) -> dict[str, Array]:
        block: Any = place.node.block
        return {"out": place.inputs["x"] / _crowd(place) ** block.beta}

    def backward(self, place: Place, upstream: Mapping[str, Array]) -> dict[str, Array]:
        block: Any = place.node.block
        x, s = place.inputs["x"], _crowd(place)
        back = upstream["out"] * x / s ** (block.beta + 1)
        heard = np.einsum("cj,chw->jhw", _beside(place), back)
        return {"x": upstream["out"] / s**block.beta - _pull(place) * x * heard}

    def tell_forward(self, place: Place, port: str, entry: tuple[int, ...]) -> Told:
        block: Any = place.node.block
        x, (c, i, j), s = place.inputs["x"], entry, float(_crowd(place)[entry])
        beside = _beside(place)[c]
        column, share = x[:, i, j], number(block.alpha / block.size)
        grids = (
            table(f"x{low(c)}", x[c], (i, j)),
            table(f"x(·,{i + 1},{j + 1})", column, (c,), beside),
            table("y", place.outputs["out"], entry, chooses=True),
        )
        lines = (
            result(
                f"s{low(*entry)}",
                rf"k + \frac{{\alpha}}{{n}} \sum_{{|c'-{c + 1}| \le n/2}} x_{{c'}}^2",
                f"{number(block.k)} + {share}·({squares(column[beside])})",
                s,
            ),
            result(
                f"y{low(*entry)}",
                rf"x_{latex(*entry)}\, s^{{-\beta}}",
                f"{number(x[entry])} / {factor(s)}^{number(block.beta)}",
                x[entry] / s**block.beta,
            ),
        )
        return Told(grids, lines)

    def tell_backward(self, place: Place, upstream: Mapping[str, Array], name: str, entry: tuple[int, ...]) -> Told:
        block: Any = place.node.block
        x, delta, (c, i, j) = place.inputs["x"], upstream["out"], entry
        s, beside = _crowd(place)[:, i, j], _beside(place)[:, c]
        column, behind = x[:, i, j], delta[:, i, j]
        heard = behind * column / s ** (block.beta + 1)
        made = self.backward(place, upstream)["x"]
        grids = (
            table(f"δ(·,{i + 1},{j + 1})", behind, (c,), beside),
            table(f"x(·,{i + 1},{j + 1})", column, (c,), beside),
            table(f"s(·,{i + 1},{j + 1})", s, (c,), beside),
            table(slope("x"), made, entry, chooses=True),
        )
        first, own = float(behind[c] / s[c] ** block.beta), float(heard[beside].sum())
        formula = r"a - \frac{2 \alpha \beta}{n}\, x\, r"
        filled = joined([precise(first, made[entry]), product(-_pull(place), column[c], own)])
        lines = (
            result(
                "a",
                r"\delta\, s^{-\beta}",
                f"{number(behind[c])} / {factor(s[c])}^{number(block.beta)}",
                first,
            ),
            result(
                "r",
                rf"\sum_{{|c'-{c + 1}| \le n/2}} \delta_{{c'}}\, x_{{c'}}\, s_{{c'}}^{{-\beta-1}}",
                _heard(behind[beside], column[beside], s[beside], block.beta),
                own,
            ),
            result(slope(f"x{low(*entry)}"), formula, filled, made[entry]),
        )
        return Told(grids, lines)


def _crowd(place: Place) -> Array:
    """Return s, which each number is divided by a power of."""
    block: Any = place.node.block
    squares = np.einsum("cj,jhw->chw", _beside(place), place.inputs["x"] ** 2)
    made: Array = block.k + block.alpha / block.size * squares
    return made


def _beside(place: Place) -> Array:
    """Say which channels each channel is crowded by, (channel, those beside it)."""
    block: Any = place.node.block
    channels = np.arange(len(place.inputs["x"]))
    away = channels - channels[:, None]
    made: Array = (away >= -(block.size // 2)) & (away <= (block.size - 1) // 2)
    return made


def _pull(place: Place) -> float:
    block: Any = place.node.block
    return 2.0 * float(block.alpha) * float(block.beta) / int(block.size)


def _heard(behind: Array, column: Array, s: Array, beta: float) -> str:
    """Write the sum of what comes back through the crowd: the largest terms and the rest."""
    sizes = behind * column / s ** (beta + 1)
    kept = np.sort(np.argsort(-abs(sizes), kind="stable")[:MOST_TERMS])
    terms = [f"{product(behind[k], column[k])} / {factor(s[k])}^{number(beta + 1)}" for k in kept]
    rest = np.delete(sizes, kept)
    return joined([*terms, *([f"[… {len(rest)}: {number(math.fsum(rest))}]"] if rest.any() else [])])
