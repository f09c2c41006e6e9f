"""Updates by hand: what each optimiser makes of a gradient, if the one example were the whole batch."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from playground.choices import SGD, Adagrad, Adam, AdamW, Optimiser, RMSprop
from playground.experiment import Training
from playground.explaining import Array, Line, Told
from playground.explaining._telling import apart, factor, joined, number, precise, product, result, table, total
from playground.text import Sentence, say

SAFE = 1e-6
"""What torch adds to the length of all gradients before it divides by it."""


@dataclass(frozen=True)
class Step:
    """How the next step is taken: by which optimiser, what is done to gradients before, at which learning rate."""

    optimiser: Optimiser
    training: Training
    rate: float

    def pulled(self, weight: Array, gradient: Array) -> Array:
        """Return the gradient after what pulls weights towards zero has been added, and after single ones were cut."""
        if weight.ndim > 1:  # biases and norms are left alone
            gradient = gradient + self.training.l1 * np.sign(weight) + self.training.l2 * weight
        most = self.training.clip_value
        return np.clip(gradient, -most, most) if most else gradient

    def shortened(self, length: float) -> float:
        """Return what all gradients are multiplied by, if they are so long together."""
        return min(1.0, self.training.clip_norm / (length + SAFE)) if self.training.clip_norm else 1.0


def length_of(step: Step, pairs: Sequence[tuple[Array, Array]]) -> float:
    """Return how long the gradients of all weights (weight, gradient) are together before they are shortened."""
    return math.sqrt(sum(float((step.pulled(weight, gradient) ** 2).sum()) for weight, gradient in pairs))


@dataclass(frozen=True)
class Update:
    """One weight tensor in one step of an optimiser.

    Attributes:
        step: how the step is taken.
        weight: before it.
        uses: ∂L/∂ it by each node that works with it; they add up.
        memory: what the optimiser remembers of it, by torch's names.
        length: of all gradients of the network together, before they are shortened.
    """

    step: Step
    weight: Array
    uses: Sequence[Array]
    memory: Mapping[str, Array]
    length: float

    @cached_property
    def gradient(self) -> Array:
        """The sum of what all nodes that use it add to its gradient."""
        return np.asarray(sum(self.uses))

    @cached_property
    def made(self) -> dict[str, Array]:
        """All numbers of the step by their symbols; the new weight as ``w′``."""
        g = self.step.pulled(self.weight, self.gradient) * self.step.shortened(self.length)
        return RULES[type(self.step.optimiser).target](self, g)

    @property
    def after(self) -> Array:
        """The weight after the step."""
        return self.made["w′"]

    @property
    def taken(self) -> int:
        """How many steps the optimiser has taken before."""
        return int(self.memory["step"]) if "step" in self.memory else 0

    def remembered(self, name: str) -> Array:
        """Return what is remembered under a name of torch's; zeros before the first step."""
        return self.memory.get(name, np.zeros_like(self.weight))

    # -- telling -----------------------------------------------------------------------------------------------

    def tell(self, entry: tuple[int, ...], name: str, nodes: Sequence[str] = ()) -> Told:
        """Tell how one weight is changed; `nodes` are those that use it."""
        symbol = {"weight": "W", "bias": "b"}.get(name, name)
        own = result("w", "", number(self.weight[entry]), self.weight[entry])
        grids = (
            table(symbol, self.weight, entry, chooses=True),
            table(f"∂L/∂{symbol}", self.gradient, entry),
            table(f"{symbol}′", self.after, entry),
        )
        lines = (own, *self._gradient_lines(entry), *_Written(self, entry).lines())
        return Told(grids, lines, self._remark(nodes))

    def _remark(self, nodes: Sequence[str]) -> Sentence:
        if len(nodes) > 1:
            return say(
                "These weights belong to {nodes} together: what each of them adds to the gradient is summed up. "
                "The step is told as if this example were the whole batch.",
                nodes=", ".join(nodes),
            )
        return say("The step is told as if this example were the whole batch.")

    def _gradient_lines(self, entry: tuple[int, ...]) -> list[Line]:
        """Write the gradient: summed up over nodes, pulled, cut off, shortened."""
        training, w = self.step.training, float(self.weight[entry])
        parts = [float(one[entry]) for one in self.uses]
        g = float(self.gradient[entry])
        lines = [result("g", r"\frac{\partial L}{\partial w}", total([(one,) for one in parts]), g)]
        if self.weight.ndim > 1 and (training.l1 or training.l2):
            terms, formula = [number(g)], "g"
            if training.l1:
                terms.append(product(training.l1, float(np.sign(w))))
                formula += r" + \lambda_1\,\mathrm{sign}(w)"
                g += training.l1 * float(np.sign(w))
            if training.l2:
                terms.append(product(training.l2, w))
                formula += r" + \lambda_2\, w"
                g += training.l2 * w
            lines.append(result("g", formula, joined(terms), g))
        if training.clip_value and abs(g) > training.clip_value:
            most = math.copysign(training.clip_value, g)
            lines.append(result("g", r"\mathrm{sign}(g)\,c", number(most), most))
            g = most
        share = self.step.shortened(self.length)
        if share < 1:
            over = f"{number(training.clip_norm)} / {number(self.length)}"
            lines.append(result("g", r"g\,\frac{c}{\|g\|}", f"{number(g)}·{over}", g * share))
        return lines


class _Written:
    """The equations of one weight's step, filled with its numbers."""

    def __init__(self, update: Update, entry: tuple[int, ...]) -> None:
        self._update, self._entry = update, entry
        self._choice: Any = update.step.optimiser
        self._w = float(update.weight[entry])
        self._lines: list[Line] = []

    def lines(self) -> tuple[Line, ...]:
        """Write them."""
        if isinstance(self._choice, Adam):
            self._adam()
        elif isinstance(self._choice, SGD):
            self._sgd()
        elif isinstance(self._choice, RMSprop):
            self._rmsprop()
        elif isinstance(self._choice, Adagrad):
            self._adagrad()
        return tuple(self._lines)

    def _of(self, symbol: str) -> float:
        return float(self._update.made[symbol][self._entry])

    def _kept(self, name: str) -> float:
        return float(self._update.remembered(name)[self._entry])

    def _line(self, symbol: str, formula: str, filled: str, value: float) -> None:
        self._lines.append(result(symbol, formula, filled, value))

    def _decayed(self) -> float:
        """Write the weight decay that is added to the gradient; return the gradient that is gone on with."""
        decay = float(self._choice.weight_decay)
        if decay:
            g = self._of("g") - decay * self._w
            self._line("g", r"g + \lambda w", joined([number(g), product(decay, self._w)]), self._of("g"))
        return self._of("g")

    def _step(self, formula: str, quotient: str, size: float, of: float | None = None) -> None:
        """Write Δw and the new weight."""
        self._line("Δw", formula, quotient, size)
        old = self._w if of is None else of
        self._line("w′", r"w + \Delta w", joined([precise(old, size), precise(size, size)]), self._of("w′"))

    def _mean(self, symbol: str, name: str, share: float, latex: str, new: str, value: float) -> None:
        """Write a running mean: share·old + (1 − share)·new."""
        old = f"{number(share)}·{factor(self._kept(name))}"
        self._line(symbol, latex, f"{old} + ({apart(1, share)})·{new}", value)

    def _sgd(self) -> None:
        g, rate = self._decayed(), self._update.step.rate
        pull, symbol = g, "g"
        if self._choice.momentum:
            old, share = self._kept("momentum_buffer"), float(self._choice.momentum)
            if "momentum_buffer" in self._update.memory:
                self._line("v", r"\mu v + g", joined([product(share, old), number(g)]), self._of("v"))
            else:
                self._line("v", "g", number(g), self._of("v"))
            pull, symbol = self._of("v"), "v"
            if self._choice.nesterov:
                pull, symbol = g + share * self._of("v"), "u"
                self._line("u", r"g + \mu v", joined([number(g), product(share, self._of("v"))]), pull)
        self._step(rf"-\eta\, {symbol}", f"−{product(rate)}·{factor(pull)}", -rate * pull)

    def _adam(self) -> None:
        choice, update, w = self._choice, self._update, None
        decoupled = isinstance(choice, AdamW)
        g, rate, t = self._of("g") if decoupled else self._decayed(), update.step.rate, update.taken + 1
        if decoupled and choice.weight_decay:
            w = self._w * (1 - rate * choice.weight_decay)
            written = f"{number(self._w)}·(1 − {product(rate, choice.weight_decay)})"
            self._line("w", r"w\,(1 - \eta\lambda)", written, w)
        one, other = float(choice.beta1), float(choice.beta2)
        self._mean("m", "exp_avg", one, r"\beta_1 m + (1 - \beta_1)\, g", factor(g), self._of("m"))
        square = f"{factor(g)}²"
        self._mean("v", "exp_avg_sq", other, r"\beta_2 v + (1 - \beta_2)\, g^2", square, self._of("v"))
        for symbol, plain, share, name in (("m̂", "m", one, r"\beta_1"), ("v̂", "v", other, r"\beta_2")):
            below = precise(share**t, 1 - share**t)
            formula = rf"\frac{{{plain}}}{{1 - {name}^t}}\quad (t = {t})"
            self._line(symbol, formula, f"{number(self._of(plain))} / (1 − {below})", self._of(symbol))
        size = -rate * self._of("m̂") / (math.sqrt(self._of("v̂")) + choice.epsilon)
        filled = f"−{product(rate)}·{factor(self._of('m̂'))} / {_below(self._of('v̂'), choice.epsilon)}"
        self._step(r"-\eta\,\frac{\hat m}{\sqrt{\hat v} + \varepsilon}", filled, size, w)

    def _rmsprop(self) -> None:
        g, rate, choice = self._decayed(), self._update.step.rate, self._choice
        formula = r"\alpha v + (1 - \alpha)\, g^2"
        self._mean("v", "square_avg", float(choice.alpha), formula, f"{factor(g)}²", self._of("v"))
        share = g / (math.sqrt(self._of("v")) + choice.eps)
        quotient = f"{factor(g)} / {_below(self._of('v'), choice.eps)}"
        fraction = r"\frac{g}{\sqrt{v} + \varepsilon}"
        if not choice.momentum:
            self._step(rf"-\eta\,{fraction}", f"−{product(rate)}·{quotient}", -rate * share)
            return
        old = product(float(choice.momentum), self._kept("momentum_buffer"))
        self._line("b", rf"\mu b + {fraction}", f"{old} + {quotient}", self._of("b"))
        self._step(r"-\eta\, b", f"−{product(rate)}·{factor(self._of('b'))}", -rate * self._of("b"))

    def _adagrad(self) -> None:
        g, update, choice = self._decayed(), self._update, self._choice
        kept = self._kept("sum")
        self._line("s", r"s + g^2", f"{number(kept)} + {factor(g)}²", self._of("s"))
        rate = update.step.rate / (1 + update.taken * choice.lr_decay)
        if choice.lr_decay:
            below = f"(1 + {product(float(update.taken), choice.lr_decay)})"
            formula = rf"\frac{{\eta}}{{1 + (t - 1)\,d}}\quad (t = {update.taken + 1})"
            self._line("η", formula, f"{number(update.step.rate)} / {below}", rate)
        filled = f"−{product(rate)}·{factor(g)} / {_below(self._of('s'), choice.eps)}"
        size = -rate * g / (math.sqrt(self._of("s")) + choice.eps)
        self._step(r"-\eta\,\frac{g}{\sqrt{s} + \varepsilon}", filled, size)


def _below(square: float, epsilon: float) -> str:
    return f"(sqrt({number(square)}) + {factor(epsilon)})"


def _sgd(update: Update, g: Array) -> dict[str, Array]:
    choice: Any = update.step.optimiser
    g = g + choice.weight_decay * update.weight
    pull = made = g
    if choice.momentum:
        first = "momentum_buffer" not in update.memory
        made = g if first else choice.momentum * update.remembered("momentum_buffer") + g
        pull = g + choice.momentum * made if choice.nesterov else made
    return {"g": g, "v": made, "w′": update.weight - update.step.rate * pull}


def _adam(update: Update, g: Array) -> dict[str, Array]:
    choice: Any = update.step.optimiser
    rate, t, w = update.step.rate, update.taken + 1, update.weight
    if isinstance(choice, AdamW):
        w = w * (1 - rate * choice.weight_decay)
    else:
        g = g + choice.weight_decay * w
    m = choice.beta1 * update.remembered("exp_avg") + (1 - choice.beta1) * g
    v = choice.beta2 * update.remembered("exp_avg_sq") + (1 - choice.beta2) * g**2
    whole, square = m / (1 - choice.beta1**t), v / (1 - choice.beta2**t)
    after = w - rate * whole / (np.sqrt(square) + choice.epsilon)
    return {"g": g, "m": m, "v": v, "m̂": whole, "v̂": square, "w′": after}


def _rmsprop(update: Update, g: Array) -> dict[str, Array]:
    choice: Any = update.step.optimiser
    g = g + choice.weight_decay * update.weight
    v = choice.alpha * update.remembered("square_avg") + (1 - choice.alpha) * g**2
    share = g / (np.sqrt(v) + choice.eps)
    if choice.momentum:
        share = choice.momentum * update.remembered("momentum_buffer") + share
    return {"g": g, "v": v, "b": share, "w′": update.weight - update.step.rate * share}


def _adagrad(update: Update, g: Array) -> dict[str, Array]:
    choice: Any = update.step.optimiser
    g = g + choice.weight_decay * update.weight
    s = update.remembered("sum") + g**2
    rate = update.step.rate / (1 + update.taken * choice.lr_decay)
    return {"g": g, "s": s, "w′": update.weight - rate * g / (np.sqrt(s) + choice.eps)}


RULES: dict[str, Callable[[Update, Array], dict[str, Array]]] = {
    "SGD": _sgd,
    "Adam": _adam,
    "AdamW": _adam,
    "RMSprop": _rmsprop,
    "Adagrad": _adagrad,
}
"""What each of torch's optimisers makes of a gradient, in numpy, by the name of its class."""
