"""Attention by hand: how much each query resembles each key, what it takes of their values, and the way back."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from playground.blocks.attention import ScaledDotProductAttention
from playground.explaining import Array, Explainer, Grid, Line, Place, Told
from playground.explaining._telling import HIGH, apart, latex, low, marked, number, result, slope, table, total
from playground.explaining.activations import share_lines, shares
from playground.text import Sentence, say

MOST_KEYS = 2
"""Keys whose score and weight are written out: those that matter most."""

MOST_QUERIES = 2
"""Queries whose way back to a key is written out."""


class Looks(NamedTuple):
    """All that is reckoned on the way: everything (heads, time, …), scores and weights (heads, queries, keys).

    `seen` says how many keys each query may look at; they are always the first ones. `ends` is how many queries there
    are. Scores of hidden keys are −∞.
    """

    query: Array
    key: Array
    value: Array
    scores: Array
    weights: Array
    seen: Array
    ends: int

    @property
    def size(self) -> int:
        """How long a query of one head is."""
        return int(self.query.shape[2])

    def back(self, delta: Array) -> tuple[Array, Array]:
        """Return ∂L/∂ the weights and the scores, given that by what leaves."""
        behind = _in_heads(delta, len(self.query))
        by_weights = behind @ self.value.transpose(0, 2, 1)
        mean = (self.weights * by_weights).sum(axis=2, keepdims=True)
        return by_weights, self.weights * (by_weights - mean)


def looks_of(place: Place) -> Looks:
    """Reckon the formula forward."""
    block: Any = place.node.block
    q, k, v = (_in_heads(place.inputs[port], block.heads) for port in ("query", "key", "value"))
    queries, keys = q.shape[1], k.shape[1]
    there = max(1, place.lengths.get("key", keys))
    seen = np.minimum(np.arange(1, queries + 1), there) if block.causal else np.full(queries, there)
    scores = q @ k.transpose(0, 2, 1) / math.sqrt(q.shape[2])
    scores[:, np.arange(keys) >= seen[:, None]] = -np.inf
    weights = shares(scores, -1)
    ends = place.lengths.get("query", queries)
    weights[:, ends:] = 0.0
    return Looks(q, k, v, scores, weights, seen, ends)


class OfAttention(Explainer):
    """y = softmax(Q Kᵀ / √d) V, each head on its own part of the features."""

    blocks = (ScaledDotProductAttention,)

    def forward(self, place: Place) -> dict[str, Array]:
        looks = looks_of(place)
        return {"out": _side_by_side(looks.weights @ looks.value)}

    def backward(self, place: Place, upstream: Mapping[str, Array]) -> dict[str, Array]:
        looks = looks_of(place)
        root = math.sqrt(looks.size)
        behind = _in_heads(upstream["out"], len(looks.query))
        _, by_scores = looks.back(upstream["out"])
        return {
            "query": _side_by_side(by_scores @ looks.key / root),
            "key": _side_by_side(by_scores.transpose(0, 2, 1) @ looks.query / root),
            "value": _side_by_side(looks.weights.transpose(0, 2, 1) @ behind),
        }

    def tell_forward(self, place: Place, port: str, entry: tuple[int, ...]) -> Told:
        looks, (t, k) = looks_of(place), entry
        chosen = table("y", place.outputs["out"], entry, chooses=True)
        if t >= looks.ends:
            return _beyond(chosen, f"y{low(t, k)}")
        head, own = divmod(k, looks.value.shape[2])
        n = int(looks.seen[t])
        weights, values = looks.weights[head, t, :n], looks.value[head, :n, own]
        told = _largest(weights, MOST_KEYS)
        mark = _mark(looks, head)
        grids = (
            table(f"q{mark}", looks.query[head], lit=marked(looks.query[head], t)),
            table(f"k{mark}", looks.key[head], lit=marked(looks.key[head], np.s_[:n])),
            table(f"s{mark}{low(t)}", looks.scores[head, t, :n]),
            table(f"α{mark}{low(t)}", looks.weights[head, t], lit=np.arange(looks.weights.shape[2]) < n),
            table(f"v{mark}", looks.value[head], lit=marked(looks.value[head], np.s_[:n, own])),
            chosen,
        )
        formula = rf"\sum_u \alpha_{{{t + 1},u}}\, v_{{u,{k + 1}}}"
        lines = [
            *(_score(looks, head, t, u) for u in told),
            *_weights(looks.scores[head, t, :n], t, told),
            result(f"y{low(t, k)}", formula, total(zip(weights, values, strict=True)), weights @ values),
        ]
        return Told(grids, tuple(lines), _about(place, looks, head))

    def tell_backward(self, place: Place, upstream: Mapping[str, Array], name: str, entry: tuple[int, ...]) -> Told:
        looks, delta = looks_of(place), upstream["out"]
        chosen = table(slope(name[0]), self.backward(place, upstream)[name], entry, chooses=True)
        ends = looks.ends if name == "query" else int(looks.seen.max())
        if entry[0] >= ends:
            return _beyond(chosen, slope(f"{name[0]}{low(*entry)}"))
        ways = {"query": _by_query, "key": _by_key, "value": _by_value}
        head = entry[1] // (looks.value if name == "value" else looks.query).shape[2]
        grids, lines = ways[name](looks, delta, head, entry)
        return Told((*grids, chosen), tuple(lines), _about(place, looks, head))


# -- forward -----------------------------------------------------------------------------------------------------


def _score(looks: Looks, head: int, t: int, u: int) -> Line:
    """Write how much a query resembles a key."""
    pairs = zip(looks.query[head, t], looks.key[head, u], strict=True)
    formula = rf"\frac{{1}}{{\sqrt{{{looks.size}}}}} \sum_j q_{{{t + 1},j}}\, k_{{{u + 1},j}}"
    return result(f"s{low(t, u)}", formula, f"({total(pairs)}) / sqrt({looks.size})", looks.scores[head, t, u])


def _weights(scores: Array, t: int, keys: Sequence[int]) -> list[Line]:
    """Write how the scores of a query become weights: the sum below once, then the quotients."""
    lines: list[Line] = []
    for u in keys:
        *below, share = share_lines(scores, u, "s", f"α{low(t, u)}")
        lines += [share] if lines else [*below, share]
    return lines


# -- back --------------------------------------------------------------------------------------------------------


def _by_query(looks: Looks, delta: Array, head: int, entry: tuple[int, ...]) -> tuple[list[Grid], list[Line]]:
    """Tell ∂L/∂q: it is drawn to the keys that would have helped."""
    (t, j), n, mark = entry, int(looks.seen[entry[0]]), _mark(looks, head)
    by_weights, by_scores = looks.back(delta)
    own, blame = looks.key[head, :n, j % looks.size], by_scores[head, t, :n]
    grids = [
        table("δ = ∂L/∂y", delta, lit=marked(delta, np.s_[t, _part(looks, head)])),
        table(f"v{mark}", looks.value[head], lit=marked(looks.value[head], np.s_[:n])),
        table(f"α{mark}{low(t)}", looks.weights[head, t]),
        table(slope(f"α{mark}{low(t)}"), by_weights[head, t]),
        table(slope(f"s{mark}{low(t)}"), by_scores[head, t]),
        table(f"k{mark}", looks.key[head], lit=marked(looks.key[head], np.s_[:n, j % looks.size])),
    ]
    lines = _blame(looks, delta, head, [(t, u) for u in _largest(abs(blame * own), MOST_KEYS)])
    formula = rf"\frac{{1}}{{\sqrt{{{looks.size}}}}} \sum_u \frac{{\partial L}}{{\partial s_{{{t + 1},u}}}}\, "
    return grids, [*lines, _scaled("q", looks, entry, formula + rf"k_{{u,{j + 1}}}", blame, own)]


def _by_key(looks: Looks, delta: Array, head: int, entry: tuple[int, ...]) -> tuple[list[Grid], list[Line]]:
    """Tell ∂L/∂k: it hears from every query that looked at it."""
    (u, j), mark = entry, _mark(looks, head)
    _, by_scores = looks.back(delta)
    own, blame = looks.query[head, :, j % looks.size], by_scores[head, :, u]
    grids = [
        table("δ = ∂L/∂y", delta, lit=marked(delta, np.s_[:, _part(looks, head)])),
        table(f"v{mark}", looks.value[head], lit=marked(looks.value[head], u)),
        table(f"α{mark}", looks.weights[head], lit=marked(looks.weights[head], np.s_[:, u])),
        table(slope(f"s{mark}"), by_scores[head], lit=marked(by_scores[head], np.s_[:, u])),
        table(f"q{mark}", looks.query[head], lit=marked(looks.query[head], np.s_[:, j % looks.size])),
    ]
    heard = np.flatnonzero(looks.weights[head, :, u])
    told = [int(heard[one]) for one in _largest(abs(blame * own)[heard], MOST_QUERIES)]
    lines = _blame(looks, delta, head, [(t, u) for t in told])
    formula = rf"\frac{{1}}{{\sqrt{{{looks.size}}}}} \sum_t \frac{{\partial L}}{{\partial s_{{t,{u + 1}}}}}\, "
    formula += rf"q_{{t,{j + 1}}}"
    return grids, [*lines, _scaled("k", looks, entry, formula, blame[heard], own[heard])]


def _by_value(looks: Looks, delta: Array, head: int, entry: tuple[int, ...]) -> tuple[list[Grid], list[Line]]:
    """Tell ∂L/∂v: it is blamed by each query as much as that took of it."""
    u, k = entry
    weights = looks.weights[head, :, u]
    grids = [
        table("δ = ∂L/∂y", delta, lit=marked(delta, np.s_[:, k])),
        table(f"α{_mark(looks, head)}", looks.weights[head], lit=marked(looks.weights[head], np.s_[:, u])),
    ]
    formula = rf"\sum_t \alpha_{{t,{u + 1}}}\, \delta_{{t,{k + 1}}}"
    terms = np.stack([weights, delta[:, k]], axis=1)[weights != 0]
    return grids, [result(slope(f"v{low(u, k)}"), formula, total(terms), terms.prod(axis=1).sum())]


def _blame(looks: Looks, delta: Array, head: int, pairs: Sequence[tuple[int, int]]) -> list[Line]:
    """Write how scores are blamed: by their weights, less what all weights of that query are blamed in the mean."""
    by_weights, by_scores = (one[head] for one in looks.back(delta))
    behind, weights = _in_heads(delta, len(looks.query))[head], looks.weights[head]
    mean = (weights * by_weights).sum(axis=1)
    lines = []
    for t, u in pairs:
        own = zip(behind[t], looks.value[head, u], strict=True)
        formula = rf"\sum_j \delta_{{{t + 1},j}}\, v_{{{u + 1},j}}"
        lines.append(result(slope(f"α{low(t, u)}"), formula, total(own), by_weights[t, u]))
    for t in dict.fromkeys(t for t, _ in pairs):
        n = int(looks.seen[t])
        formula = rf"\sum_u \alpha_{{{t + 1},u}}\, \frac{{\partial L}}{{\partial \alpha_{{{t + 1},u}}}}"
        terms = zip(weights[t, :n], by_weights[t, :n], strict=True)
        lines.append(result(f"c{low(t)}", formula, total(terms), mean[t]))
    for t, u in pairs:
        at = latex(t, u)
        formula = rf"\alpha_{at} \left(\frac{{\partial L}}{{\partial \alpha_{at}}} - c_{{{t + 1}}}\right)"
        filled = f"{number(weights[t, u])}·({apart(by_weights[t, u], mean[t])})"
        lines.append(result(slope(f"s{low(t, u)}"), formula, filled, by_scores[t, u]))
    return lines


def _scaled(name: str, looks: Looks, entry: tuple[int, ...], formula: str, blame: Array, own: Array) -> Line:
    filled = f"({total(zip(blame, own, strict=True))}) / sqrt({looks.size})"
    return result(slope(f"{name}{low(*entry)}"), formula, filled, blame @ own / math.sqrt(looks.size))


# -- tables ------------------------------------------------------------------------------------------------------


def _in_heads(x: Array, heads: int) -> Array:
    """Cut features into heads: (time, features) → (heads, time, features of a head)."""
    return x.reshape(len(x), heads, -1).transpose(1, 0, 2)


def _side_by_side(x: Array) -> Array:
    """Lay what the heads say side by side again."""
    return x.transpose(1, 0, 2).reshape(x.shape[1], -1)


def _part(looks: Looks, head: int) -> slice:
    """Return which features a head says."""
    size = looks.value.shape[2]
    return slice(head * size, (head + 1) * size)


def _mark(looks: Looks, head: int) -> str:
    """Mark a symbol with its head, where there are several: ⁽²⁾."""
    return f"⁽{head + 1}⁾".translate(HIGH) if len(looks.query) > 1 else ""


def _about(place: Place, looks: Looks, head: int) -> Sentence | None:
    block: Any = place.node.block
    if block.heads > 1:
        size = looks.size
        return say(
            "This is head {head} of {heads}: it compares features {first} to {last} of queries and keys.",
            head=head + 1,
            heads=block.heads,
            first=head * size + 1,
            last=(head + 1) * size,
        )
    return say("No step sees what comes after it: those weights are 0.") if block.causal else None


def _beyond(chosen: Grid, symbol: str) -> Told:
    return Told(
        (chosen,), (result(symbol, "0", "0", 0.0),), say("This is beyond the end: nothing is read, and nothing said.")
    )


def _largest(sizes: Array, most: int) -> list[int]:
    """Return where the largest numbers stand, in their order."""
    return sorted(int(one) for one in np.argsort(-sizes, kind="stable")[:most])
