"""Blocks in which wires meet, by hand: adding, multiplying, side by side; and the code of a variational encoder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from playground.blocks.combine import Add, Concat, Multiply
from playground.blocks.latent import Sample
from playground.explaining import Array, Explainer, Grid, Place, Told
from playground.explaining._telling import (
    HIGH,
    MOST_TERMS,
    joined,
    latex,
    low,
    marked,
    number,
    power,
    product,
    result,
    slope,
    table,
    total,
)
from playground.text import say

MOST_TABLES = 6
"""Wires that come in whose tables are shown; of more the first ones."""


class OfAdd(Explainer):
    """y = x⁽¹⁾ + x⁽²⁾ + …; backwards every wire gets the same."""

    blocks = (Add,)

    def forward(self, place: Place) -> dict[str, Array]:
        return {"out": np.sum(list(place.inputs.values()), axis=0)}

    def backward(self, place: Place, upstream: Mapping[str, Array]) -> dict[str, Array]:
        return {port: upstream["out"].copy() for port in place.inputs}

    def tell_forward(self, place: Place, port: str, entry: tuple[int, ...]) -> Told:
        terms = np.array([x[entry] for x in place.inputs.values()])
        formula = " + ".join(f"x^{{({i + 1})}}_{latex(*entry)}" for i in range(len(terms)))
        if len(terms) > MOST_TERMS:
            formula = rf"\sum_i x^{{(i)}}_{latex(*entry)}"
        grids = (*_entering(place, entry), table("y", place.outputs["out"], entry, chooses=True))
        return Told(grids, (result(f"y{low(*entry)}", formula, total(terms[:, None]), terms.sum()),))

    def tell_backward(self, place: Place, upstream: Mapping[str, Array], name: str, entry: tuple[int, ...]) -> Told:
        delta, mark = upstream["out"], _mark(name)
        grids = (
            table("δ = ∂L/∂y", delta, entry, marked(delta, entry)),
            table(slope(f"x{mark}"), delta, entry, chooses=True),
        )
        line = result(
            slope(f"x{mark}{low(*entry)}"), rf"\delta_{latex(*entry)}", number(delta[entry]), float(delta[entry])
        )
        same = say("A sum hands the same gradient on to every wire, as large as it came.")
        return Told(grids, (line,), same if len(place.inputs) > 1 else None)


class OfMultiply(Explainer):
    """y = x⁽¹⁾ · x⁽²⁾ · …; backwards every wire gets it times what the others hold."""

    blocks = (Multiply,)

    def forward(self, place: Place) -> dict[str, Array]:
        return {"out": np.prod(list(place.inputs.values()), axis=0)}

    def backward(self, place: Place, upstream: Mapping[str, Array]) -> dict[str, Array]:
        return {port: upstream["out"] * _others(place, port) for port in place.inputs}

    def tell_forward(self, place: Place, port: str, entry: tuple[int, ...]) -> Told:
        factors = [float(x[entry]) for x in place.inputs.values()]
        formula = r"\, ".join(f"x^{{({i + 1})}}_{latex(*entry)}" for i in range(len(factors)))
        grids = (*_entering(place, entry), table("y", place.outputs["out"], entry, chooses=True))
        return Told(grids, (result(f"y{low(*entry)}", formula, product(*factors), np.prod(factors)),))

    def tell_backward(self, place: Place, upstream: Mapping[str, Array], name: str, entry: tuple[int, ...]) -> Told:
        delta, mark = upstream["out"], _mark(name)
        others = [(port, float(x[entry])) for port, x in place.inputs.items() if port != name]
        made = delta * _others(place, name)
        grids = (
            table("δ = ∂L/∂y", delta, entry, marked(delta, entry)),
            *_entering(place, entry, but=name),
            table(slope(f"x{mark}"), made, entry, chooses=True),
        )
        letters = "".join(rf"\, x^{{({port.rpartition('_')[2]})}}_{latex(*entry)}" for port, _ in others)
        filled = product(float(delta[entry]), *(x for _, x in others))
        line = result(slope(f"x{mark}{low(*entry)}"), rf"\delta_{latex(*entry)}{letters}", filled, made[entry])
        gate = say("What one wire learns is scaled by what the others hold: where they are 0, nothing passes.")
        return Told(grids, (line,), gate if others else None)


class OfConcat(Explainer):
    """y = [x⁽¹⁾; x⁽²⁾; …]; backwards every wire gets its own part."""

    blocks = (Concat,)

    def forward(self, place: Place) -> dict[str, Array]:
        return {"out": np.concatenate(list(place.inputs.values()), axis=_axis(place))}

    def backward(self, place: Place, upstream: Mapping[str, Array]) -> dict[str, Array]:
        axis, made, start = _axis(place), {}, 0
        for port, x in place.inputs.items():
            made[port] = np.take(upstream["out"], np.arange(start, start + x.shape[axis]), axis=axis)
            start += x.shape[axis]
        return made

    def tell_forward(self, place: Place, port: str, entry: tuple[int, ...]) -> Told:
        name, came = _source(place, entry)
        x, mark = place.inputs[name], _mark(name)
        grids = (
            table(f"x{mark}", x, came, marked(x, came)),
            table("y", place.outputs["out"], entry, chooses=True),
        )
        formula = f"x^{{({name.rpartition('_')[2]})}}_{latex(*came)}"
        return Told(grids, (result(f"y{low(*entry)}", formula, number(x[came]), x[came]),))

    def tell_backward(self, place: Place, upstream: Mapping[str, Array], name: str, entry: tuple[int, ...]) -> Told:
        axis, delta, mark = _axis(place), upstream["out"], _mark(name)
        ports = list(place.inputs)
        before = sum(place.inputs[port].shape[axis] for port in ports[: ports.index(name)])
        went = (*entry[:axis], entry[axis] + before, *entry[axis + 1 :])
        grids = (
            table("δ = ∂L/∂y", delta, went, marked(delta, went)),
            table(slope(f"x{mark}"), self.backward(place, upstream)[name], entry, chooses=True),
        )
        line = result(slope(f"x{mark}{low(*entry)}"), rf"\delta_{latex(*went)}", number(delta[went]), delta[went])
        return Told(grids, (line,))


class OfSample(Explainer):
    """z = μ where nothing is drawn; backwards both also learn from the divergence that the loss holds."""

    blocks = (Sample,)

    def forward(self, place: Place) -> dict[str, Array]:
        return {"out": place.inputs["mean"].copy()}

    def backward(self, place: Place, upstream: Mapping[str, Array]) -> dict[str, Array]:
        block: Any = place.node.block
        mean, spread = place.inputs["mean"], place.inputs["log_var"]
        return {"mean": upstream["out"] + block.beta * mean, "log_var": 0.5 * block.beta * np.expm1(spread)}

    def tell_forward(self, place: Place, port: str, entry: tuple[int, ...]) -> Told:
        mean = place.inputs["mean"]
        grids = (
            table("μ", mean, entry, marked(mean, entry)),
            table("s", place.inputs["log_var"], entry),
            table("z", place.outputs["out"], entry, chooses=True),
        )
        drawn = say(
            "Nothing is drawn here: the walk is one of evaluation. In training exp(s / 2) times noise is added."
        )
        return Told(
            grids, (result(f"z{low(*entry)}", rf"\mu_{latex(*entry)}", number(mean[entry]), mean[entry]),), drawn
        )

    def tell_backward(self, place: Place, upstream: Mapping[str, Array], name: str, entry: tuple[int, ...]) -> Told:
        block: Any = place.node.block
        beta, x, delta = float(block.beta), float(place.inputs[name][entry]), upstream["out"]
        made = self.backward(place, upstream)[name]
        letter, at = ("μ" if name == "mean" else "s"), latex(*entry)
        if name == "mean":
            formula = rf"\delta_{at} + \beta\, \mu_{at}"
            filled = joined([number(delta[entry]), product(beta, x)])
        else:
            formula, filled = (
                rf"\frac{{\beta}}{{2}} \left(e^{{s_{at}}} - 1\right)",
                f"{number(beta / 2)}·({power(x)} − 1)",
            )
        grids = (
            *((table("δ = ∂L/∂z", delta, entry, marked(delta, entry)),) if name == "mean" else ()),
            table(letter, place.inputs[name], entry, marked(made, entry)),
            table(slope(letter), made, entry, chooses=True),
        )
        both = say("The divergence that the loss holds draws the mean to 0 and the variance to 1.")
        return Told(grids, (result(slope(f"{letter}{low(*entry)}"), formula, filled, made[entry]),), both)


def _mark(port: str) -> str:
    """Mark a symbol with the number of its wire: ⁽²⁾ of x_2."""
    return f"⁽{port.rpartition('_')[2]}⁾".translate(HIGH)


def _entering(place: Place, entry: tuple[int, ...], but: str = "") -> list[Grid]:
    """Lay out what comes in on each wire."""
    kept = [(port, x) for port, x in place.inputs.items() if port != but][:MOST_TABLES]
    return [table(f"x{_mark(port)}", x, entry, marked(x, entry)) for port, x in kept]


def _others(place: Place, port: str) -> Array:
    """Return the product of what all other wires hold; 1 where there are none."""
    made = np.ones(place.outputs["out"].shape)
    for other, x in place.inputs.items():
        made = made * x if other != port else made
    return made


def _source(place: Place, entry: tuple[int, ...]) -> tuple[str, tuple[int, ...]]:
    """Return from which wire a number came that stands side by side with others, and where it was there."""
    axis = _axis(place)
    ends = np.cumsum([x.shape[axis] for x in place.inputs.values()])
    k = int(np.searchsorted(ends, entry[axis], side="right"))
    port = list(place.inputs)[k]
    first = int(ends[k]) - place.inputs[port].shape[axis]
    return port, (*entry[:axis], entry[axis] - first, *entry[axis + 1 :])


def _axis(place: Place) -> int:
    """Return along which axis wires are laid side by side, without that of the batch."""
    return int(dict(place.node.layer.kwargs)["dim"]) - 1
