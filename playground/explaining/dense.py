"""Dense layers by hand: every output is a weighed sum, every gradient a sum or a product."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from playground.blocks.dense import Dense
from playground.explaining import Array, Explainer, Place, Told
from playground.explaining._telling import low, result, slope, table, total
from playground.text import say


class OfDense(Explainer):
    """y = W x + b, on a row or on each step of a sequence by itself."""

    blocks = (Dense,)

    def forward(self, place: Place) -> dict[str, Array]:
        made = place.inputs["x"] @ place.weights["weight"].T
        return {"out": made + place.weights["bias"] if "bias" in place.weights else made}

    def backward(self, place: Place, upstream: Mapping[str, Array]) -> dict[str, Array]:
        x, weight, delta = place.inputs["x"], place.weights["weight"], upstream["out"]
        rows, deltas = x.reshape(-1, x.shape[-1]), delta.reshape(-1, delta.shape[-1])
        made = {"x": delta @ weight, "weight": deltas.T @ rows}
        return made | ({"bias": deltas.sum(axis=0)} if "bias" in place.weights else {})

    def tell_forward(self, place: Place, port: str, entry: tuple[int, ...]) -> Told:
        x, weight, (*at, k) = place.inputs["x"], place.weights["weight"], entry
        row, bias = x[tuple(at)], place.weights.get("bias")
        last = None if bias is None else float(bias[k])
        value = row @ weight[k] + (0.0 if last is None else last)
        grids = [
            table("x", x, lit=_row(x, at)),
            table("W", weight, lit=_only(weight, k)),
            *([] if bias is None else [table("b", bias, lit=_only(bias, k))]),
            table("y", place.outputs["out"], entry, chooses=True),
        ]
        own = rf"\sum_j w_{{{k + 1},j}}\, x_{{{_time(at)}j}}"
        formula = own if bias is None else rf"{own} + b_{{{k + 1}}}"
        line = result(f"y{low(*at, k)}", formula, total(zip(weight[k], row, strict=True), last), value)
        return Told(tuple(grids), (line,))

    def tell_backward(self, place: Place, upstream: Mapping[str, Array], name: str, entry: tuple[int, ...]) -> Told:
        x, weight, delta = place.inputs["x"], place.weights["weight"], upstream["out"]
        if name == "x":
            return _by_input(x, weight, delta, entry)
        rows, deltas = x.reshape(-1, x.shape[-1]), delta.reshape(-1, delta.shape[-1])
        if name == "bias":
            terms, grads = deltas[:, entry[0]][:, None], deltas.sum(axis=0)
            symbol, formula = f"b{low(*entry)}", rf"\delta_{{{entry[0] + 1}}}"
        else:
            k, j = entry
            terms, grads = np.stack([deltas[:, k], rows[:, j]], axis=1), deltas.T @ rows
            symbol, formula = f"w{low(k, j)}", rf"\delta_{{{k + 1}}}\, x_{{{j + 1}}}"
        if len(rows) > 1:
            formula = rf"\sum_t {formula}".replace(r"\delta_{", r"\delta_{t,").replace("x_{", "x_{t,")
        grids = (
            table("δ = ∂L/∂y", delta, lit=_columns(delta, entry[0])),
            *(() if name == "bias" else (table("x", x, lit=_columns(x, entry[1])),)),
            table(slope("b" if name == "bias" else "W"), grads, entry, chooses=True),
        )
        line = result(slope(symbol), formula, total(terms), terms.prod(axis=1).sum())
        steps = say("The same weights work at every step; what each step adds is summed up.")
        return Told(grids, (line,), steps if len(rows) > 1 else None)


def _by_input(x: Array, weight: Array, delta: Array, entry: tuple[int, ...]) -> Told:
    """Tell ∂L/∂x: what comes from behind goes back along the same weights."""
    *at, j = entry
    row = delta[tuple(at)]
    grids = (
        table("δ = ∂L/∂y", delta, lit=_row(delta, at)),
        table("W", weight, lit=_columns(weight, j)),
        table(slope("x"), delta @ weight, entry, chooses=True),
    )
    formula = rf"\sum_k w_{{k,{j + 1}}}\, \delta_{{{_time(at)}k}}"
    line = result(
        slope(f"x{low(*entry)}"), formula, total(zip(weight[:, j], row, strict=True)), float(weight[:, j] @ row)
    )
    return Told(grids, (line,))


def _time(at: list[int]) -> str:
    return "".join(f"{one + 1}," for one in at)


def _row(values: Array, at: list[int]) -> Array:
    """Light a whole row: all features of a step."""
    lit = np.zeros(values.shape, dtype=bool)
    lit[tuple(at)] = True
    return lit


def _only(values: Array, k: int) -> Array:
    lit = np.zeros(values.shape, dtype=bool)
    lit[k] = True
    return lit


def _columns(values: Array, j: int) -> Array:
    lit = np.zeros(values.shape, dtype=bool)
    lit[..., j] = True
    return lit
