"""Embeddings and positions by hand: a row of a table for every token, and a vector for every place."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from playground.blocks.embedding import Embedding
from playground.blocks.position import PositionalEncoding
from playground.explaining import Array, Explainer, Line, Place, Told
from playground.explaining._telling import factor, joined, low, marked, number, result, slope, table, total
from playground.text import say

BASE = 10_000
"""The waves of positions are between 2π and this many times 2π long."""

PADDING = 0
"""The token that only fills up where a text has ended; its vector learns nothing."""


class OfEmbedding(Explainer):
    """y = E[x]: the row of a token is looked up; backwards a row collects what comes back wherever its token stands."""

    blocks = (Embedding,)

    def forward(self, place: Place) -> dict[str, Array]:
        return {"out": place.weights["weight"][place.inputs["x"]]}

    def backward(self, place: Place, upstream: Mapping[str, Array]) -> dict[str, Array]:
        made = np.zeros(place.weights["weight"].shape)
        np.add.at(made, place.inputs["x"], upstream["out"])
        made[PADDING] = 0.0
        return {"weight": made}

    def tell_forward(self, place: Place, port: str, entry: tuple[int, ...]) -> Told:
        x, rows, (t, k) = place.inputs["x"], place.weights["weight"], entry
        token = int(x[t])
        grids = (
            table("x", x, lit=np.arange(len(x)) == t),
            table("E", rows, (token, k), marked(rows, token), rows=_tokens(rows)),
            table("y", place.outputs["out"], entry, chooses=True),
        )
        line = result(f"y{low(t, k)}", rf"E_{{x_{{{t + 1}}},\,{k + 1}}}", number(rows[token, k]), rows[token, k])
        ended = say("Token 0 only fills up where the text has ended.")
        looked = say("Token {token} stands here: its row of the table is taken as it is.", token=token)
        return Told(grids, (line,), ended if token == PADDING else looked)

    def tell_backward(self, place: Place, upstream: Mapping[str, Array], name: str, entry: tuple[int, ...]) -> Told:
        x, delta, (token, k) = place.inputs["x"], upstream["out"], entry
        here = (x == token) & (token != PADDING)
        made = self.backward(place, upstream)["weight"]
        grids = (
            table("x", x, lit=here),
            table("δ = ∂L/∂y", delta, lit=here[:, None] & (np.arange(delta.shape[1]) == k)),
            table(slope("E"), made, entry, chooses=True, rows=_tokens(made)),
        )
        formula = rf"\sum_{{t:\; x_t = {token}}} \delta_{{t,{k + 1}}}"
        symbol = slope(f"E{low(token - 1, k)}")  # the row has the number of its token, which counts from 0
        line = result(symbol, formula, total(delta[here, k][:, None]), delta[here, k].sum())
        if token == PADDING:
            kept = say(
                "Token 0 only fills up where the text has ended: its row is kept, even where the loss would change."
            )
            return Told(grids, (line,), kept)
        if not here.any():
            return Told(grids, (line,), say("This token does not stand here: nothing comes back to its row."))
        where = say(
            "The row of token {token} is learnt from every place where it stands; what they add is summed up.",
            token=token,
        )
        return Told(grids, (line,), where)


class OfPositions(Explainer):
    """y = x + p, or √d x + p: the same vector for the same place, whatever stands there."""

    blocks = (PositionalEncoding,)

    def forward(self, place: Place) -> dict[str, Array]:
        x = place.inputs["x"]
        return {"out": _scale(place) * x + positions_of(place)}

    def backward(self, place: Place, upstream: Mapping[str, Array]) -> dict[str, Array]:
        delta = upstream["out"]
        made = {"x": _scale(place) * delta}
        if "weight" in place.weights:
            learnt = np.zeros(place.weights["weight"].shape)
            learnt[: len(delta)] = delta
            made["weight"] = learnt
        return made

    def tell_forward(self, place: Place, port: str, entry: tuple[int, ...]) -> Told:
        block: Any = place.node.block
        x, places, (t, k) = place.inputs["x"], positions_of(place), entry
        at, root = f"{t + 1},{k + 1}", x.shape[1]
        own = float(x[entry])
        grids = (
            table("x", x, lit=marked(x, entry)),
            *(() if block.kind == "none" else (table("p", places, lit=marked(x, entry)),)),
            table("y", place.outputs["out"], entry, chooses=True),
        )
        scaled = rf"\sqrt{{{root}}}\, x_{{{at}}}" if block.scale else f"x_{{{at}}}"
        filled = f"sqrt({root})·{factor(own)}" if block.scale else number(own)
        value = _scale(place) * own + places[entry]
        lines = [] if block.kind == "none" else [_place(block.kind, t, k, root, float(places[entry]))]
        if lines:
            scaled, filled = f"{scaled} + p_{{{at}}}", joined([filled, number(places[entry])])
        counted = say("In the formula of the waves places and features count from 0.")
        line = result(f"y{low(*entry)}", scaled, filled, value)
        return Told(grids, (*lines, line), counted if block.kind == "sinusoidal" else None)

    def tell_backward(self, place: Place, upstream: Mapping[str, Array], name: str, entry: tuple[int, ...]) -> Told:
        block: Any = place.node.block
        delta, (t, k) = upstream["out"], entry
        made = self.backward(place, upstream)[name]
        symbol = "x" if name == "x" else "P"
        chosen = table(slope(symbol), made, entry, chooses=True)
        if t >= len(delta):
            line = result(slope(f"P{low(*entry)}"), "0", "0", 0.0)
            return Told((chosen,), (line,), say("Nothing stands at this place: nothing comes back to its vector."))
        size, behind = delta.shape[1], number(delta[entry])
        formula = rf"\delta_{{{t + 1},{k + 1}}}"
        if name == "x" and block.scale:
            behind, formula = f"sqrt({size})·{factor(delta[entry])}", rf"\sqrt{{{size}}}\, {formula}"
        line = result(slope(f"{symbol}{low(*entry)}"), formula, behind, made[entry])
        return Told((table("δ = ∂L/∂y", delta, lit=marked(delta, entry)), chosen), (line,))


def positions_of(place: Place) -> Array:
    """Return the vector of each place, (time, features): learnt, of waves, or zeros."""
    block: Any = place.node.block
    steps, size = place.inputs["x"].shape
    if block.kind == "learned":
        return place.weights["weight"][:steps]
    if block.kind == "none":
        return np.zeros((steps, size))
    k = np.arange(size)
    angles = np.arange(steps)[:, None] / BASE ** ((k - k % 2) / size)
    made: Array = np.where(k % 2, np.cos(angles), np.sin(angles))
    return made


def _place(kind: str, t: int, k: int, size: int, value: float) -> Line:
    """Write how one number of a place comes about; places count from 0 in the paper's formula, and so do features."""
    symbol = f"p{low(t, k)}"
    if kind == "learned":
        return result(symbol, f"P_{{{t + 1},{k + 1}}}", number(value), value)
    wave, even = ("cos", k - 1) if k % 2 else ("sin", k)
    formula = rf"\{wave}\left({t} / 10000^{{{even}/{size}}}\right)"
    return result(symbol, formula, f"{wave}({t} / {BASE}^({even} / {size}))", value)


def _scale(place: Place) -> float:
    block: Any = place.node.block
    return math.sqrt(place.inputs["x"].shape[1]) if block.scale else 1.0


def _tokens(rows: Array) -> list[str]:
    """Name the rows of a table of vectors by their tokens."""
    return [str(token) for token in range(len(rows))]
