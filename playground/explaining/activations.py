"""Activation functions by hand: each number by itself; softmax by what all of them make together."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from playground.block import Block
from playground.blocks.activation import (
    ELU,
    GELU,
    LeakyReLU,
    ReLU,
    Sigmoid,
    SiLU,
    Softmax,
    Softplus,
    Step,
    Tanh,
)
from playground.explaining import Array, Explainer, Place, Told
from playground.explaining._telling import (
    apart,
    factor,
    latex,
    low,
    number,
    power,
    precise,
    result,
    slope,
    table,
    total,
)
from playground.text import Sentence, say

LINEAR_FROM = 20.0
"""Where β x is larger, torch takes softplus for a straight line."""

LARGEST_POWER = 30.0
"""Up to this e^x is written as it is; beyond it the largest x is taken off all of them first, as the program does."""


class Rule(NamedTuple):
    """A function of one number, and its derivative: reckoned, and in writing.

    `formula` and `slope` are LaTeX of x (and y); the two functions that write take a number x and what it makes.
    """

    value: Callable[[Any, Array], Array]
    slope: Callable[[Any, Array], Array]
    formula: str
    by_x: str
    written: Callable[[Any, float], str]
    steepness: Callable[[Any, float], str]


def sigmoid(x: Array) -> Array:
    """Return 1 / (1 + exp(−x)) without overflow."""
    small = np.exp(-np.abs(x))
    made: Array = np.where(x >= 0, 1 / (1 + small), small / (1 + small))
    return made


def normal_below(x: Array) -> Array:
    """Return Φ(x), the share of a normal distribution that lies below x."""
    made: Array = 0.5 * _erfc(-x / math.sqrt(2))
    return made


_erfc: Callable[[Array], Array] = np.vectorize(math.erfc, otypes=[np.float64])


def _density(x: Array) -> Array:
    made: Array = np.exp(-0.5 * x * x) / math.sqrt(2 * math.pi)
    return made


def _softplus(block: Softplus, x: Array) -> Array:
    bent = np.logaddexp(0.0, block.beta * x) / block.beta
    made: Array = np.where(block.beta * x > LINEAR_FROM, x, bent)
    return made


def _times(x: float, factor_of: float) -> str:
    return number(x) if factor_of == 1 else f"{number(factor_of)}·{factor(x)}"


def _power(x: float, by: float = 1.0) -> str:
    """Write e to the power of by·x."""
    return power(x) if by == 1 else f"exp({number(by)}·{factor(x)})"


RULES: dict[type[Block], Rule] = {
    Step: Rule(
        lambda block, x: np.where(x >= block.threshold, 1.0, float(block.low)),
        lambda block, x: np.zeros_like(x),
        "",
        "0",
        lambda block, x: number(1.0 if x >= block.threshold else float(block.low)),
        lambda block, x: "0",
    ),
    Sigmoid: Rule(
        lambda block, x: sigmoid(block.slope * x),
        lambda block, x: block.slope * sigmoid(block.slope * x) * (1 - sigmoid(block.slope * x)),
        r"\frac{1}{1 + e^{-\alpha x}}",
        r"\alpha\, y\,(1 - y)",
        lambda block, x: f"1 / (1 + {_power(-x, block.slope)})",
        lambda block, x: _of_y(float(sigmoid(np.array(block.slope * x))), block.slope),
    ),
    Tanh: Rule(
        lambda block, x: np.tanh(x),
        lambda block, x: 1 - np.tanh(x) ** 2,
        r"\tanh x",
        r"1 - y^2",
        lambda block, x: f"tanh({number(x)})",
        lambda block, x: f"(1 − {_squared(math.tanh(x))})",
    ),
    ReLU: Rule(
        lambda block, x: np.maximum(x, 0.0),
        lambda block, x: (x > 0).astype(np.float64),
        r"\max(0, x)",
        r"\begin{cases} 1 & x > 0 \\ 0 & x \le 0 \end{cases}",
        lambda block, x: f"max(0, {number(x)})",
        lambda block, x: "1" if x > 0 else "0",
    ),
    LeakyReLU: Rule(
        lambda block, x: np.where(x > 0, x, block.slope * x),
        lambda block, x: np.where(x > 0, 1.0, block.slope),
        r"\max(\alpha x, x)",
        r"\begin{cases} 1 & x > 0 \\ \alpha & x \le 0 \end{cases}",
        lambda block, x: f"max({number(block.slope)}·{factor(x)}, {number(x)})",
        lambda block, x: "1" if x > 0 else number(block.slope),
    ),
    ELU: Rule(
        lambda block, x: np.where(x > 0, x, block.alpha * np.expm1(np.minimum(x, 0.0))),
        lambda block, x: np.where(x > 0, 1.0, block.alpha * np.exp(np.minimum(x, 0.0))),
        r"\begin{cases} x & x > 0 \\ \alpha (e^x - 1) & x \le 0 \end{cases}",
        r"\begin{cases} 1 & x > 0 \\ \alpha e^x & x \le 0 \end{cases}",
        lambda block, x: number(x) if x > 0 else f"{number(block.alpha)}·({power(x)} − 1)",
        lambda block, x: "1" if x > 0 else f"{number(block.alpha)}·{power(x)}",
    ),
    GELU: Rule(
        lambda block, x: x * normal_below(x),
        lambda block, x: normal_below(x) + x * _density(x),
        r"x\,\Phi(x)",
        r"\Phi(x) + x\,\varphi(x)",
        lambda block, x: f"{number(x)}·Φ({number(x)})",
        lambda block, x: f"(Φ({number(x)}) + {factor(x)}·φ({number(x)}))",
    ),
    SiLU: Rule(
        lambda block, x: x * sigmoid(x),
        lambda block, x: sigmoid(x) * (1 + x * (1 - sigmoid(x))),
        r"x\,\sigma(x)",
        r"\sigma(x)\,\left(1 + x\,(1 - \sigma(x))\right)",
        lambda block, x: f"{number(x)}·σ({number(x)})",
        lambda block, x: f"σ({number(x)})·(1 + {factor(x)}·(1 − σ({number(x)})))",
    ),
    Softplus: Rule(
        _softplus,
        lambda block, x: np.where(block.beta * x > LINEAR_FROM, 1.0, sigmoid(block.beta * x)),
        r"\frac{1}{\beta}\ln(1 + e^{\beta x})",
        r"\sigma(\beta x)",
        lambda block, x: (
            number(x) if block.beta * x > LINEAR_FROM else f"ln(1 + {_power(x, block.beta)}) / {number(block.beta)}"
        ),
        lambda block, x: "1" if block.beta * x > LINEAR_FROM else f"σ({_times(x, block.beta)})",
    ),
}
"""How each of them is reckoned and written."""


def _of_y(y: float, slope_of: float) -> str:
    front = "" if slope_of == 1 else f"{number(slope_of)}·"
    return f"{front}{factor(y)}·({apart(1, y)})"


def _squared(y: float) -> str:
    text = precise(y, 1 - y * y)
    return f"({text})²" if text.startswith("−") or "·" in text else f"{text}²"


class OfNumbers(Explainer):
    """y = f(x) for each number; backwards what comes from behind times f′(x)."""

    blocks = tuple(RULES)

    def forward(self, place: Place) -> dict[str, Array]:
        rule = RULES[type(place.node.block)]
        return {"out": np.asarray(rule.value(place.node.block, place.inputs["x"]))}

    def backward(self, place: Place, upstream: Mapping[str, Array]) -> dict[str, Array]:
        return {"x": upstream["out"] * _slopes(place)}

    def tell_forward(self, place: Place, port: str, entry: tuple[int, ...]) -> Told:
        block, x = place.node.block, place.inputs["x"]
        rule, value = RULES[type(block)], float(x[entry])
        formula = rule.formula or block.formula.partition("=")[2]
        if isinstance(block, Sigmoid) and block.slope == 1:
            formula = formula.replace(r"\alpha ", "")
        grids = (table("x", x, entry, _one(x, entry)), table("y", place.outputs["out"], entry, chooses=True))
        made = rule.value(block, np.array(value))
        return Told(grids, (result(f"y{low(*entry)}", formula, rule.written(block, value), made),), _kink(block, value))

    def tell_backward(self, place: Place, upstream: Mapping[str, Array], name: str, entry: tuple[int, ...]) -> Told:
        block, x, delta = place.node.block, place.inputs["x"], upstream["out"]
        rule, value, slopes = RULES[type(block)], float(x[entry]), _slopes(place)
        by_x, filled = rule.by_x, rule.steepness(block, value)
        if isinstance(block, Sigmoid) and block.slope == 1:
            by_x = by_x.replace(r"\alpha\, ", "")
        remark = _kink(block, value)
        if "through" in place.buffers and isinstance(block, Step):
            by_x = filled = "1"
            remark = say("A step has no slope; it is passed backwards as if it were a straight line.")
        grids = (
            table("δ = ∂L/∂y", delta, entry, _one(x, entry)),
            table("x", x, entry, _one(x, entry)),
            table(slope("x"), delta * slopes, entry, chooses=True),
        )
        at = low(*entry)
        lines = (
            result(f"f′(x{at})", by_x, filled, slopes[entry]),
            result(
                slope(f"x{at}"),
                rf"\delta_{latex(*entry)}\, f'(x_{latex(*entry)})",
                f"{number(delta[entry])}·{factor(slopes[entry])}",
                delta[entry] * slopes[entry],
            ),
        )
        return Told(grids, lines, remark)


def _slopes(place: Place) -> Array:
    """Return f′(x) of every number; a step that is passed straight through has 1."""
    x, block = place.inputs["x"], place.node.block
    if "through" in place.buffers and isinstance(block, Step):
        return np.ones_like(x)
    return np.asarray(RULES[type(block)].slope(block, x))


def _kink(block: Block, x: float) -> Sentence | None:
    corner = isinstance(block, (ReLU, LeakyReLU)) or (isinstance(block, ELU) and block.alpha != 1)
    return say("Here is the corner: the slope taken is that of the left side.") if corner and x == 0 else None


def _one(values: Array, entry: tuple[int, ...]) -> Array:
    lit = np.zeros(values.shape, dtype=bool)
    lit[entry] = True
    return lit


class OfSoftmax(Explainer):
    """Shares: e to the power of each number, divided by the sum of them all."""

    blocks = (Softmax,)

    def forward(self, place: Place) -> dict[str, Array]:
        return {"out": shares(place.inputs["x"], axis_of(place))}

    def backward(self, place: Place, upstream: Mapping[str, Array]) -> dict[str, Array]:
        axis, delta = axis_of(place), upstream["out"]
        y = shares(place.inputs["x"], axis)
        return {"x": y * (delta - (delta * y).sum(axis=axis, keepdims=True))}

    def tell_forward(self, place: Place, port: str, entry: tuple[int, ...]) -> Told:
        x = place.inputs["x"]
        group, k = _group(axis_of(place), entry)
        lit = _lit(x, group)
        grids = (table("x", x, entry, lit), table("y", place.outputs["out"], entry, chooses=True))
        return Told(grids, share_lines(x[group], k, "x", f"y{low(*entry)}"))

    def tell_backward(self, place: Place, upstream: Mapping[str, Array], name: str, entry: tuple[int, ...]) -> Told:
        x, delta = place.inputs["x"], upstream["out"]
        group, k = _group(axis_of(place), entry)
        y, lit = shares(x, axis_of(place)), _lit(x, group)
        ours, theirs = y[group], delta[group]
        mean = float((ours * theirs).sum())
        grids = (
            table("δ = ∂L/∂y", delta, entry, lit),
            table("y", y, entry, lit),
            table(slope("x"), self.backward(place, upstream)["x"], entry, chooses=True),
        )
        lines = (
            result("s", r"\sum_j \delta_j\, y_j", total(zip(theirs, ours, strict=True)), mean),
            result(
                slope(f"x{low(*entry)}"),
                rf"y_{{{k + 1}}}\,(\delta_{{{k + 1}}} - s)",
                f"{number(ours[k])}·({apart(theirs[k], mean)})",
                ours[k] * (theirs[k] - mean),
            ),
        )
        return Told(grids, lines)


def axis_of(place: Place) -> int:
    """Return along which axis a softmax is taken: of an image that of the channels, else the last."""
    shape = place.node.inputs[0]
    return 0 if shape.is_image or shape.is_clip else -1


def shares(x: Array, axis: int) -> Array:
    """Return the softmax along an axis."""
    powers = np.exp(x - x.max(axis=axis, keepdims=True))
    made: Array = powers / powers.sum(axis=axis, keepdims=True)
    return made


def share_lines(x: Array, k: int, of: str, symbol: str) -> tuple[Any, ...]:
    """Write how one share comes about: the sum below, then the quotient."""
    most = float(x.max())
    shift = most if abs(x).max() > LARGEST_POWER else 0.0
    powers = np.exp(x - shift)
    each = f"{of}_j - m" if shift else f"{of}_j"
    own = rf"{of}_{{{k + 1}}} - m" if shift else rf"{of}_{{{k + 1}}}"
    first = [result("m", rf"\max_j {of}_j", number(most), most)] if shift else []
    return (
        *first,
        result("S", rf"\sum_j e^{{{each}}}", total(powers[:, None]), powers.sum()),
        result(
            symbol,
            rf"\frac{{e^{{{own}}}}}{{S}}",
            f"{power(float(x[k]) - shift)} / {number(powers.sum())}",
            powers[k] / powers.sum(),
        ),
    )


def _group(axis: int, entry: tuple[int, ...]) -> tuple[tuple[Any, ...], int]:
    """Return where those numbers stand that are shared out together with an entry, and its place among them."""
    if axis == 0:
        return (slice(None), *entry[1:]), entry[0]
    return (*entry[:-1], slice(None)), entry[-1]


def _lit(x: Array, group: tuple[Any, ...]) -> Array:
    lit = np.zeros(x.shape, dtype=bool)
    lit[group] = True
    return lit
