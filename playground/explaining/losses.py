"""Losses by hand: what the answer to one example costs, and δ, the derivative by each number of the answer.

A loss is no block but belongs to an Output, so it has an explainer of its own kind: `Verdict`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from playground.blocks.data import Output
from playground.data import IGNORED
from playground.explaining import Array, Line, Told
from playground.explaining._telling import apart, low, number, power, precise, product, result, slope, table, total
from playground.explaining.activations import LARGEST_POWER, share_lines, shares, sigmoid
from playground.text import Sentence, count, say

NEARLY_ALL, NEARLY_NONE = 0.99, 1e-6
"""Shares beyond which −ln p is written in another way, that keeps its digits."""


@dataclass(frozen=True)
class Verdict:
    """The judgement of one example by one Output.

    Attributes:
        block: the Output.
        answer: what reached it, float64, without the batch axis.
        target: what it should have been: classes (int), or numbers of the same shape as the answer.
        classes: the names of the classes, where there are some.
    """

    block: Output
    answer: Array
    target: Array
    classes: tuple[str, ...] = field(default=(), compare=False)

    @property
    def of(self) -> tuple[str, ...]:
        """What may be looked at: the loss; shares; the losses of steps, pixels or numbers that it is the mean of."""
        own = ("loss", "p") if self._shares else ("loss",)
        return own if self._terms.size == 1 else (*own, "terms")

    @property
    def loss(self) -> float:
        """What it adds to the loss of the example."""
        return self.block.weight * self._mean

    @property
    def delta(self) -> Array:
        """∂L/∂ every number of the answer."""
        made: Array = self.block.weight * self._slopes
        return made

    def value(self, of: str) -> Array:
        """Return all numbers of what may be looked at."""
        return {"loss": np.asarray(self.loss), "p": self._p, "terms": self._terms}[of]

    # -- reckoning ---------------------------------------------------------------------------------------------

    @property
    def _shares(self) -> bool:
        return self.block.loss in ("cross_entropy", "binary_cross_entropy")

    @cached_property
    def _axis(self) -> int:
        """Along which axis the classes stand: of sequences the last, of pixels the first."""
        return -1 if self.answer.ndim == 2 else 0

    @cached_property
    def _there(self) -> Array:
        """Which places are judged, as bools in the shape of the target."""
        made: Array = np.asarray(self.target != IGNORED)
        return made if self.block.loss == "cross_entropy" else np.ones(self.target.shape, dtype=bool)

    @cached_property
    def _count(self) -> int:
        """Of how many terms the loss is the mean."""
        return int(self._there.sum()) if self.block.loss == "cross_entropy" else self.answer.size

    @cached_property
    def _p(self) -> Array:
        if self.block.loss == "cross_entropy":
            return shares(self.answer, self._axis)
        return sigmoid(self.answer)

    @cached_property
    def _wanted(self) -> Array:
        """The shares that there should be: 1 at the right class, or what smoothing leaves of it."""
        classes = self.answer.shape[self._axis]
        one = (1 - self.block.smoothing) * np.eye(classes) + self.block.smoothing / classes
        made: Array = np.moveaxis(one[np.where(self._there, self.target, 0)], -1, self._axis)
        return made

    @cached_property
    def _terms(self) -> Array:
        """The losses of which the mean is taken; of a single class one number."""
        a, y = self.answer, self.target
        if self.block.loss == "cross_entropy":
            most = a.max(axis=self._axis, keepdims=True)
            log = a - most - np.log(np.exp(a - most).sum(axis=self._axis, keepdims=True))
            made: Array = np.where(self._there, -(self._wanted * log).sum(axis=self._axis), 0.0)
            return made
        if self.block.loss == "binary_cross_entropy":
            return np.asarray(np.logaddexp(0.0, a) - a * y)
        away = a - y
        if self.block.loss == "mse":
            return np.asarray(away**2)
        if self.block.loss == "mae":
            return np.asarray(np.abs(away))
        return np.where(np.abs(away) < 1, 0.5 * away**2, np.abs(away) - 0.5)

    @cached_property
    def _mean(self) -> float:
        return float(self._terms.sum() / self._count) if self._count else math.nan

    @cached_property
    def _slopes(self) -> Array:
        a, y = self.answer, self.target
        if self.block.loss == "cross_entropy":
            there = np.expand_dims(self._there, self._axis)
            made: Array = np.where(there, self._p - self._wanted, 0.0) / max(1, self._count)
            return made
        if self.block.loss == "binary_cross_entropy":
            return (self._p - y) / self._count
        away = a - y
        if self.block.loss == "mse":
            return np.asarray(2 * away / self._count)
        return np.asarray(np.sign(away) if self.block.loss == "mae" else np.clip(away, -1, 1)) / self._count

    # -- telling -----------------------------------------------------------------------------------------------

    def default(self, of: str) -> tuple[int, ...] | None:
        """Return the entry that tells most: the share of the right class, the dearest place."""
        if of == "p" and self.block.loss == "cross_entropy" and self._terms.ndim == 0:
            return (int(self.target),) if self._there else None
        if of == "terms":
            return tuple(map(int, np.unravel_index(int(np.nan_to_num(self._terms).argmax()), self._terms.shape)))
        return None

    def tell(self, of: str, entry: tuple[int, ...]) -> Told:
        """Tell how the loss, a share or the loss of one place comes about."""
        if of == "p":
            return self._tell_share(entry)
        if of == "loss" and self._terms.size == 1:
            return self._tell_term((0,) * self._terms.ndim, whole=True)
        if of == "terms":
            return self._tell_term(entry, whole=False)
        return self._tell_mean()

    def tell_delta(self, entry: tuple[int, ...]) -> Told:
        """Tell how ∂L/∂ one number of the answer comes about."""
        at, delta = low(*entry), float(self.delta[entry])
        grids = (*self._grids(entry), table(slope("a"), self.delta, entry, chooses=True, columns=self._names(entry)))
        value, filled, formula, besides = self._slope_at(entry)
        lines: list[Line] = list(besides)
        scaled = [one for one in (self.block.weight,) if one != 1]
        if not scaled and self._count == 1:
            return Told(grids, (*lines, result(slope(f"a{at}"), formula, filled, delta)), self._passed_by(entry))
        lines.append(result("d", formula, filled, value))
        over = rf"\frac{{d}}{{{self._count}}}" if self._count > 1 else "d"
        written = product(*scaled, value) + (f" / {self._count}" if self._count > 1 else "")
        lines.append(result(slope(f"a{at}"), rf"\lambda\,{over}" if scaled else over, written, delta))
        return Told(grids, tuple(lines), self._passed_by(entry))

    def _slope_at(self, entry: tuple[int, ...]) -> tuple[float, str, str, list[Line]]:
        """Return the derivative of its own term by a number of the answer, and how it is written."""
        a = float(self.answer[entry])
        if self._shares:
            p = float(self._p[entry])
            wanted = float((self._wanted if self.block.loss == "cross_entropy" else self.target)[entry])
            lines = [self._share_line(entry)]
            if not self._judged(entry):
                return 0.0, "0", "0", lines
            return p - wanted, apart(p, wanted), rf"p_{{{_tex(entry)}}} - y_{{{_tex(entry)}}}", lines
        y = float(self.target[entry])
        away = apart(a, y)
        difference = result("a − y", r"a - y", away, a - y)
        if self.block.loss == "mse":
            return 2 * (a - y), f"2·({away})", r"2\,(a - y)", []
        if self.block.loss == "mae":
            return float(np.sign(a - y)), number(float(np.sign(a - y))), r"\mathrm{sign}(a - y)", [difference]
        cut = float(np.clip(a - y, -1, 1))
        inside = abs(a - y) < 1
        return cut, number(cut), r"a - y" if inside else r"\mathrm{sign}(a - y)", [difference]

    def _judged(self, entry: tuple[int, ...]) -> bool:
        if self.block.loss != "cross_entropy":
            return True
        place = list(entry)
        del place[self._axis]
        return bool(self._there[tuple(place)])

    def _passed_by(self, entry: tuple[int, ...]) -> Sentence | None:
        if self._judged(entry):
            return None
        return say("This place has no class: it is passed by, and nothing is learnt from it.")

    def _share_line(self, entry: tuple[int, ...]) -> Line:
        """Write a share in one line; `tell` has it in full."""
        *_, line = self._share_lines(entry)
        return line

    def _share_lines(self, entry: tuple[int, ...]) -> tuple[Line, ...]:
        symbol = f"p{low(*entry)}"
        if self.block.loss == "binary_cross_entropy":
            a = float(self.answer[entry])
            return (result(symbol, r"\sigma(a) = \frac{1}{1 + e^{-a}}", f"1 / (1 + {power(-a)})", self._p[entry]),)
        row, k = self._row(entry)
        return share_lines(row, k, "a", symbol)

    def _row(self, entry: tuple[int, ...]) -> tuple[Array, int]:
        """Return the scores that are shared out together with an entry, and its place among them."""
        where: list[Any] = list(entry)
        k = where[self._axis]
        where[self._axis] = slice(None)
        return self.answer[tuple(where)], k

    def _tell_share(self, entry: tuple[int, ...]) -> Told:
        grids = (
            table("a", self.answer, entry, columns=self._names(entry)),
            table("p", self._p, entry, chooses=True, columns=self._names(entry)),
        )
        return Told(grids, self._share_lines(entry))

    def _tell_mean(self) -> Told:
        """Tell the loss where it is the mean of several."""
        kept = self._terms[self._there] if self.block.loss == "cross_entropy" else self._terms.reshape(-1)
        grids = (*self._grids(None), table("ℓ", self._terms))
        summed = result("s", r"\sum_t \ell_t" if self._shares else r"\sum_k \ell_k", total(kept[:, None]), kept.sum())
        scaled = [one for one in (self.block.weight,) if one != 1]
        over = result(
            "L",
            (r"\lambda\," if scaled else "") + rf"\frac{{s}}{{{self._count}}}",
            f"{product(*scaled, float(kept.sum()))} / {self._count}",
            self.loss,
        )
        left_out = self._there.size - self._count if self.block.loss == "cross_entropy" else 0
        passed_by = count(
            "{n} place without a class is passed by.", "{n} places without a class are passed by.", left_out
        )
        remark = passed_by if left_out else None
        return Told(grids, (summed, over), remark)

    def _tell_term(self, entry: tuple[int, ...], whole: bool) -> Told:
        """Tell the loss of one place; `whole`: it is the only one."""
        value = float(self._terms[entry])
        symbol = "L" if whole and self.block.weight == 1 else f"ℓ{low(*entry)}"
        formula, filled, besides = self._term_at(entry)
        grids = self._grids(entry) if whole else (*self._grids(entry), table("ℓ", self._terms, entry, chooses=True))
        lines = [*besides, result(symbol, formula, filled, value)]
        if whole and self.block.weight != 1:
            lines.append(result("L", r"\lambda\,\ell", product(self.block.weight, value), self.loss))
        return Told(grids, tuple(lines))

    def _term_at(self, entry: tuple[int, ...]) -> tuple[str, str, list[Line]]:
        if self.block.loss == "cross_entropy":
            return self._surprise_at(entry)
        a, y = float(self.answer[entry]), float(self.target[entry])
        away = apart(a, y)
        if self.block.loss == "binary_cross_entropy":
            p, lines = float(self._p[entry]), [self._share_line(entry)]
            if y not in (0, 1):
                both = f"−{product(y)}·ln({number(p)}) − {number(1 - y)}·ln(1 − {number(p)})"
                return r"-y \ln p - (1 - y) \ln(1 - p)", both, lines
            share, own, sign = (p, "p", -1) if y == 1 else (1 - p, "1 - p", 1)
            if share > NEARLY_ALL or share < NEARLY_NONE:  # its logarithm has too few digits
                return rf"\ln(1 + e^{{{'' if sign > 0 else '-'}a}})", f"ln(1 + {power(sign * a)})", lines
            return rf"-\ln({own})", f"−ln({number(p)})" if y == 1 else f"−ln(1 − {precise(p, share)})", lines
        if self.block.loss == "mse":
            return r"(a - y)^2", f"({away})²", []
        if self.block.loss == "mae":
            return r"|a - y|", f"abs({away})", []
        inside = abs(a - y) < 1
        return (
            (r"\frac{1}{2}(a - y)^2", f"0.5·({away})²", []) if inside else (r"|a - y| - 0.5", f"abs({away}) − 0.5", [])
        )

    def _surprise_at(self, entry: tuple[int, ...]) -> tuple[str, str, list[Line]]:
        """Write −ln of the share of the right class at a place."""
        if not self._there[entry]:
            return "", "0", []
        k = int(self.target[entry])
        place = [*entry]
        place.insert(len(place) if self._axis == -1 else 0, k)
        *before, share = self._share_lines(tuple(place))
        p = float(self._p[tuple(place)])
        if self.block.smoothing:
            row, _ = self._row(tuple(place))
            log = row - row.max() - math.log(np.exp(row - row.max()).sum())
            wanted = np.full(len(row), self.block.smoothing / len(row))
            wanted[k] += 1 - self.block.smoothing
            return r"-\sum_k y_k \ln p_k", total([(-w, float(one)) for w, one in zip(wanted, log, strict=True)]), before
        row, _ = self._row(tuple(place))
        if p > NEARLY_ALL or p < NEARLY_NONE:  # its logarithm has too few digits: those of the others have enough
            rest = np.delete(row, k) - row[k]
            most = max(0.0, float(rest.max(initial=0.0)))
            if most > LARGEST_POWER:
                small = float(np.exp(-most) + np.exp(rest - most).sum())
                return r"m + \ln\sum_j e^{a_j - a_y - m}", f"{number(most)} + ln({number(small)})", before
            summed = float(np.exp(rest).sum())
            return r"\ln(1 + \sum_{j \ne y} e^{a_j - a_y})", f"ln(1 + {number(summed)})", before
        return r"-\ln p_y", f"−ln({number(p)})", [*before, share]

    def _grids(self, entry: tuple[int, ...] | None) -> tuple[Any, ...]:
        """Lay the answer and what it should be side by side."""
        names = self._names(entry)
        seen = entry if entry is not None and len(entry) == self.answer.ndim else None
        made = [table("a", self.answer, seen, columns=names)]
        if self._shares:
            made.append(table("p", self._p, seen, columns=names))
        if self.block.loss == "cross_entropy" and self._terms.ndim == 0:
            made.append(table("y", self._wanted, seen, columns=names))
        elif self.block.loss == "cross_entropy":
            made.append(table("y", np.where(self._there, self.target + 1, np.nan)))
        else:
            made.append(table("y", self.target, seen, columns=names))
        return tuple(made)

    def _names(self, entry: tuple[int, ...] | None) -> tuple[str, ...]:
        """Return the names of the classes where these stand in columns."""
        fits = self.block.loss == "cross_entropy" and self.answer.ndim < 3
        return self.classes if fits and len(self.classes) == self.answer.shape[-1] else ()


def _tex(entry: tuple[int, ...]) -> str:
    return ",".join(str(place + 1) for place in entry)
