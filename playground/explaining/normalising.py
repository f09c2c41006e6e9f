"""Normalisation by hand: numbers are centred and divided by how far they vary, then stretched and moved as learnt."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from playground.blocks.normalisation import BatchNorm, GroupNorm, LayerNorm
from playground.explaining import Array, Explainer, Grid, Line, Place, Told
from playground.explaining._telling import (
    MOST_TERMS,
    apart,
    factor,
    joined,
    latex,
    low,
    marked,
    number,
    precise,
    product,
    result,
    slope,
    table,
    total,
)
from playground.text import Sentence, say

NORMED = r"\frac{x - \mu}{\sqrt{\sigma^2 + \varepsilon}}"


class _OfNormalised(Explainer):
    """x̂ = (x − μ) / √(σ² + ε), y = γ x̂ + β; a subclass says where μ and σ² come from."""

    def statistics(self, place: Place) -> tuple[Array, Array]:
        """Return μ and σ² that each number is normalised by, of the size of x."""
        raise NotImplementedError

    def measured(self, place: Place, entry: tuple[int, ...]) -> list[Line]:
        """Write how μ and σ² of a number come about."""
        raise NotImplementedError

    def back(self, place: Place, behind: Array) -> Array:
        """Return ∂L/∂x, given γ δ."""
        raise NotImplementedError

    def back_lines(self, place: Place, behind: Array, entry: tuple[int, ...]) -> list[Line]:
        """Write how ∂L/∂ one x comes about, given γ δ."""
        raise NotImplementedError

    def remark(self, place: Place) -> Sentence | None:
        """Say what people should know of these numbers."""
        return None

    # Where weights belong to: one for each channel, unless a subclass has them otherwise.

    def spread(self, place: Place, weight: Array) -> Array:
        """Return a weight for each number of x."""
        x = place.inputs["x"]
        return np.broadcast_to(weight.reshape(-1, *[1] * (x.ndim - 1)), x.shape)

    def owner(self, place: Place, entry: tuple[int, ...]) -> tuple[int, ...]:
        """Return which weight a number of x belongs to."""
        return entry[:1]

    def those(self, place: Place, values: Array, entry: tuple[int, ...]) -> Array:
        """Return in a row the numbers that belong to a weight."""
        made: Array = values[entry].reshape(-1)
        return made

    def summed(self, place: Place, values: Array) -> Array:
        """Return for each weight the sum of the numbers that belong to it."""
        made: Array = values.sum(axis=tuple(range(1, values.ndim)))
        return made

    # What all have in common.

    def normed(self, place: Place) -> Array:
        """Return x̂."""
        mean, variance = self.statistics(place)
        made: Array = (place.inputs["x"] - mean) / np.sqrt(variance + _epsilon(place))
        return made

    def forward(self, place: Place) -> dict[str, Array]:
        gamma, beta = (self.spread(place, place.weights[name]) for name in ("weight", "bias"))
        return {"out": gamma * self.normed(place) + beta}

    def backward(self, place: Place, upstream: Mapping[str, Array]) -> dict[str, Array]:
        delta = upstream["out"]
        return {
            "x": self.back(place, delta * self.spread(place, place.weights["weight"])),
            "weight": self.summed(place, delta * self.normed(place)),
            "bias": self.summed(place, delta),
        }

    def tell_forward(self, place: Place, port: str, entry: tuple[int, ...]) -> Told:
        x, at = place.inputs["x"], self.owner(place, entry)
        gamma, beta = (float(place.weights[name][at]) for name in ("weight", "bias"))
        normed = float(self.normed(place)[entry])
        grids = (
            table("x", x, entry, self.enters(place, entry)),
            *self.kept(place, entry),
            *(
                table(s, place.weights[n], at, marked(place.weights[n], at))
                for s, n in (("γ", "weight"), ("β", "bias"))
            ),
            table("y", place.outputs["out"], entry, chooses=True),
        )
        formula = rf"\gamma_{latex(*at)}\, \hat{{x}} + \beta_{latex(*at)}"
        filled = joined([product(gamma, normed), number(beta)])
        line = result(f"y{low(*entry)}", formula, filled, gamma * normed + beta)
        lines = (*self.measured(place, entry), self._normed_line(place, entry), line)
        return Told(grids, lines, self.remark(place))

    def tell_backward(self, place: Place, upstream: Mapping[str, Array], name: str, entry: tuple[int, ...]) -> Told:
        delta, made = upstream["out"], self.backward(place, upstream)[name]
        if name == "x":
            return self._by_input(place, delta, made, entry)
        letter = "γ" if name == "weight" else "β"
        terms = self.those(place, delta, entry)[:, None]
        lit = self.spread(place, marked(made, entry))
        grids = [_lit("δ", delta, lit, entry)]
        formula = r"\sum \delta"
        if name == "weight":
            normed = self.normed(place)
            terms = np.concatenate([terms, self.those(place, normed, entry)[:, None]], axis=1)
            grids.append(_lit("x̂", normed, lit, entry))
            formula = r"\sum \delta\, \hat{x}"
        grids.append(table(slope(letter), made, entry, chooses=True))
        line = result(slope(f"{letter}{low(*entry)}"), formula, total(terms), terms.prod(axis=1).sum())
        return Told(tuple(grids), (line,), self.remark(place))

    def _by_input(self, place: Place, delta: Array, made: Array, entry: tuple[int, ...]) -> Told:
        at = self.owner(place, entry)
        gamma, behind = place.weights["weight"], delta * self.spread(place, place.weights["weight"])
        lit = self.enters(place, entry)
        grids = (
            table("δ = ∂L/∂y", delta, entry, lit),
            table("x̂", self.normed(place), entry, lit),
            *self.kept(place, entry),
            table("γ", gamma, at, marked(gamma, at)),
            table(slope("x"), made, entry, chooses=True),
        )
        first = result(
            f"g{low(*entry)}",
            rf"\gamma_{latex(*at)}\, \delta_{latex(*entry)}",
            product(float(gamma[at]), float(delta[entry])),
            behind[entry],
        )
        return Told(grids, (first, *self.back_lines(place, behind, entry)), self.remark(place))

    def enters(self, place: Place, entry: tuple[int, ...]) -> Array:
        """Say which numbers of x take part in one that leaves."""
        return marked(place.inputs["x"], entry)

    def kept(self, place: Place, entry: tuple[int, ...]) -> list[Grid]:
        """Lay out what is kept of earlier batches, where anything is."""
        return []

    def _normed_line(self, place: Place, entry: tuple[int, ...]) -> Line:
        x, mean = float(place.inputs["x"][entry]), float(self.statistics(place)[0][entry])
        filled = f"({apart(x, mean)}) / {self.deviation(place, entry)}"
        return result(f"x̂{low(*entry)}", NORMED, filled, self.normed(place)[entry])

    def deviation(self, place: Place, entry: tuple[int, ...]) -> str:
        """Write the root that is divided by."""
        return f"sqrt({number(self.statistics(place)[1][entry])} + {number(_epsilon(place))})"


class OfBatchNorm(_OfNormalised):
    """μ and σ² of each channel, as they have been on the batches before."""

    blocks = (BatchNorm,)

    def statistics(self, place: Place) -> tuple[Array, Array]:
        mean, variance = (self.spread(place, place.buffers[name]) for name in ("running_mean", "running_var"))
        return mean, variance

    def measured(self, place: Place, entry: tuple[int, ...]) -> list[Line]:
        return []

    def back(self, place: Place, behind: Array) -> Array:
        made: Array = behind / np.sqrt(self.statistics(place)[1] + _epsilon(place))
        return made

    def back_lines(self, place: Place, behind: Array, entry: tuple[int, ...]) -> list[Line]:
        formula = r"\frac{g}{\sqrt{\sigma^2 + \varepsilon}}"
        filled = f"{number(behind[entry])} / {self.deviation(place, entry)}"
        return [result(slope(f"x{low(*entry)}"), formula, filled, self.back(place, behind)[entry])]

    def kept(self, place: Place, entry: tuple[int, ...]) -> list[Grid]:
        mean, variance = (place.buffers[name] for name in ("running_mean", "running_var"))
        return [
            table("μ", mean, entry[:1], marked(mean, entry[:1])),
            table("σ²", variance, entry[:1], marked(variance, entry[:1])),
        ]

    def remark(self, place: Place) -> Sentence | None:
        return say(
            "The walk is one of evaluation: μ and σ² are the running ones. In training they are those of the batch, "
            "and something comes back through them too."
        )


class _OfItself(_OfNormalised):
    """μ and σ² of parts of the example itself, so that they too depend on every x; a part lies in a row in memory."""

    def parts(self, place: Place) -> int:
        """Return into how many parts an example is cut."""
        raise NotImplementedError

    def in_parts(self, place: Place, values: Array) -> Array:
        """Lay the numbers of each part in a row: (parts, numbers)."""
        return values.reshape(self.parts(place), -1)

    def part(self, place: Place, entry: tuple[int, ...]) -> int:
        """Return in which part a number lies."""
        x = place.inputs["x"]
        return int(np.ravel_multi_index(entry, x.shape)) // (x.size // self.parts(place))

    def statistics(self, place: Place) -> tuple[Array, Array]:
        x = place.inputs["x"]
        rows = self.in_parts(place, x)
        mean = rows.mean(axis=1, keepdims=True)
        variance = ((rows - mean) ** 2).mean(axis=1, keepdims=True)
        mean, variance = (np.broadcast_to(one, rows.shape).reshape(x.shape) for one in (mean, variance))
        return mean, variance

    def measured(self, place: Place, entry: tuple[int, ...]) -> list[Line]:
        row = self.in_parts(place, place.inputs["x"])[self.part(place, entry)]
        n, mean = len(row), float(row.mean())
        spread = f"({squares(row - mean)}) / {n}"
        return [
            result("μ", rf"\frac{{1}}{{{n}}} \sum_j x_j", f"({total(row[:, None])}) / {n}", mean),
            result("σ²", rf"\frac{{1}}{{{n}}} \sum_j (x_j - \mu)^2", spread, ((row - mean) ** 2).mean()),
        ]

    def enters(self, place: Place, entry: tuple[int, ...]) -> Array:
        lit = np.zeros(place.inputs["x"].shape, dtype=bool)
        self.in_parts(place, lit)[self.part(place, entry)] = True
        return lit

    def back(self, place: Place, behind: Array) -> Array:
        x, (rows, normed) = place.inputs["x"], (self.in_parts(place, one) for one in (behind, self.normed(place)))
        along = (rows * normed).mean(axis=1, keepdims=True)
        inner = rows - rows.mean(axis=1, keepdims=True) - normed * along
        made: Array = inner.reshape(x.shape) / np.sqrt(self.statistics(place)[1] + _epsilon(place))
        return made

    def back_lines(self, place: Place, behind: Array, entry: tuple[int, ...]) -> list[Line]:
        k, own = self.part(place, entry), float(self.normed(place)[entry])
        row, normed = (self.in_parts(place, one)[k] for one in (behind, self.normed(place)))
        n, mean, along = len(row), float(row.mean()), float((row * normed).mean())
        inner = behind[entry] - mean - own * along
        terms = [precise(behind[entry], inner), precise(-mean, inner), product(-own, along)]
        formula = r"\frac{g - a - \hat{x}\, b}{\sqrt{\sigma^2 + \varepsilon}}"
        filled = f"({joined(terms)}) / {self.deviation(place, entry)}"
        pairs = zip(row, normed, strict=True)
        return [
            result("a", rf"\frac{{1}}{{{n}}} \sum_j g_j", f"({total(row[:, None])}) / {n}", mean),
            result("b", rf"\frac{{1}}{{{n}}} \sum_j g_j\, \hat{{x}}_j", f"({total(pairs)}) / {n}", along),
            result(slope(f"x{low(*entry)}"), formula, filled, self.back(place, behind)[entry]),
        ]


class OfLayerNorm(_OfItself):
    """Each step by itself, or a whole image; every number has weights of its own."""

    blocks = (LayerNorm,)

    def parts(self, place: Place) -> int:
        return int(place.inputs["x"].size // place.weights["weight"].size)

    def spread(self, place: Place, weight: Array) -> Array:
        return np.broadcast_to(weight, place.inputs["x"].shape)

    def owner(self, place: Place, entry: tuple[int, ...]) -> tuple[int, ...]:
        return entry[len(entry) - place.weights["weight"].ndim :]

    def those(self, place: Place, values: Array, entry: tuple[int, ...]) -> Array:
        shape = place.weights["weight"].shape
        made: Array = values.reshape(-1, place.weights["weight"].size)[:, np.ravel_multi_index(entry, shape)]
        return made

    def summed(self, place: Place, values: Array) -> Array:
        made: Array = values.sum(axis=tuple(range(values.ndim - place.weights["weight"].ndim)))
        return made


class OfGroupNorm(_OfItself):
    """Some channels of an image together; every channel has weights of its own."""

    blocks = (GroupNorm,)

    def parts(self, place: Place) -> int:
        block: Any = place.node.block
        return int(block.groups)


def squares(values: Array) -> str:
    """Write a sum of squares: the largest ones, and what the others make together."""
    kept = np.sort(np.argsort(-abs(values), kind="stable")[:MOST_TERMS])
    terms = [f"{factor(values[k])}²" for k in kept]
    rest = np.delete(values, kept) ** 2
    return " + ".join([*terms, *([f"[… {len(rest)}: {number(math.fsum(rest))}]"] if rest.any() else [])]) or "0"


def _epsilon(place: Place) -> float:
    block: Any = place.node.block
    return float(block.epsilon)


def _lit(name: str, values: Array, lit: Array, entry: tuple[int, ...]) -> Grid:
    """Lay out what belongs to a weight: of an image its channel."""
    return (
        table(f"{name}{low(entry[0])}", values[entry[0]], lit=lit[entry[0]])
        if values.ndim > 2
        else table(name, values, lit=lit)
    )
