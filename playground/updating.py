"""Updating: how far the last step moved each weight, worked out from what the optimiser remembers after it.

Nothing is kept for this while the network trains: the gradients are still there, and so is what the optimiser has
made of them. What a formula needs of the weights before the step follows from those after it. Only where weight decay
is added to a gradient and lost again in a division does this not work (`needs_copy`); there a copy of the weights from
before the step has to be handed in.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

UNCERTAIN = 1e-3
"""Where so little is left of the weights beside their decay, the weights before cannot be told from those after."""


@dataclass(frozen=True)
class Update:
    """The last step of one parameter: new weights = `before` + `change`.

    `terms` are what the formula is made of, by name, and numbers of their own beside them in `rates`:

    - ``w`` the weights before, ``g`` the gradient that the optimiser was given (after clipping), ``dw`` the change;
    - ``d`` the gradient with what weight decay adds to it (λ w), or ``g`` itself where it adds nothing;
    - ``m`` the momentum: of SGD and RMSprop a sum, of Adam a running mean; ``v`` the mean (of Adagrad the sum) of d²;
    - ``m_hat``, ``v_hat`` both of Adam without their bias towards 0;
    - ``lr`` the learning rate that was used, ``decay`` λ, ``t`` how many steps there have been, and the options.
    """

    terms: Mapping[str, Tensor]
    rates: Mapping[str, float]

    @property
    def before(self) -> Tensor:
        """The weights before the step."""
        return self.terms["w"]

    @property
    def change(self) -> Tensor:
        """What the step added to the weights."""
        return self.terms["dw"]


def update_of(optimiser: Optimizer, parameter: Tensor, before: Tensor | None = None) -> Update | None:
    """Return the last step of a parameter; None where it took none, or where it cannot be told without `before`.

    `before` is a copy of the weights from before the step, if there is one. To be asked before the next step begins,
    and before anything else changes the weights.
    """
    copies = {} if before is None else {parameter: before}
    return next((found for _, found in updates_of(optimiser, [parameter], copies)), None)


def updates_of(
    optimiser: Optimizer, parameters: Iterable[Tensor], copies: Mapping[Tensor, Tensor] | None = None
) -> Iterator[tuple[Tensor, Update]]:
    """Yield the last step of each of many parameters; see `update_of`."""
    groups = {parameter: group for group in optimiser.param_groups for parameter in group["params"]}
    rule = _RULES[type(optimiser).__name__]
    for parameter in parameters:
        group, before = groups.get(parameter), (copies or {}).get(parameter)
        if group is None or parameter.grad is None or "taken" not in group:
            continue
        if before is None and needs_copy(optimiser, group):
            continue
        with torch.no_grad():
            made = rule(group, optimiser.state.get(parameter, {}), parameter.detach(), parameter.grad, before)
        terms = {name: value for name, value in made.items() if isinstance(value, Tensor)}
        yield parameter, Update(terms, _rates(group, made))


def needs_copy(optimiser: Optimizer, group: Mapping[str, Any]) -> bool:
    """Say whether the weights before a step cannot be told from those after it, with these options."""
    decay, rate = group["weight_decay"], group.get("taken", group["lr"])
    if not decay:
        return False
    kind = type(optimiser).__name__
    if kind == "Adagrad" or (kind == "RMSprop" and not group["momentum"]):
        return True  # each number is divided by one of its own: somewhere nothing may be left of the weight
    return kind in ("SGD", "AdamW") and abs(1 - rate * decay) < UNCERTAIN


# -- the rules, as torch carries them out --------------------------------------------------------------------------


def _sgd(group: Any, state: Any, after: Tensor, g: Tensor, before: Tensor | None) -> dict[str, Any]:
    rate, decay, momentum = group["taken"], group["weight_decay"], group["momentum"]
    m = state.get("momentum_buffer") if momentum else None
    if m is not None and not group["nesterov"]:
        change = -rate * m
        w = after - change if before is None else before
        return {"w": w, "g": g, "d": _decayed(g, w, decay), "m": m, "dw": change}
    ahead = g if m is None else g + momentum * m  # without what weight decay adds
    w = (after + rate * ahead) / (1 - rate * decay) if before is None else before
    found = {"w": w, "g": g, "d": _decayed(g, w, decay), "dw": -rate * _decayed(ahead, w, decay)}
    return found if m is None else found | {"m": m}


def _adam(
    group: Any, state: Any, after: Tensor, g: Tensor, before: Tensor | None, decoupled: bool = False
) -> dict[str, Any]:
    rate, decay, (beta1, beta2) = group["taken"], group["weight_decay"], group["betas"]
    t, m, v = float(state["step"]), state["exp_avg"], state["exp_avg_sq"]
    correction = 1 - beta2**t
    m_hat, v_hat = m / (1 - beta1**t), v / correction
    moved = -rate * m_hat / (v.sqrt() / math.sqrt(correction) + group["eps"])
    if decoupled:
        w = (after - moved) / (1 - rate * decay) if before is None else before
        change, d = moved - rate * decay * w, g
    else:
        w = after - moved if before is None else before
        change, d = moved, _decayed(g, w, decay)
    return {"w": w, "g": g, "d": d, "m": m, "v": v, "m_hat": m_hat, "v_hat": v_hat, "dw": change, "t": t}


def _adamw(group: Any, state: Any, after: Tensor, g: Tensor, before: Tensor | None) -> dict[str, Any]:
    return _adam(group, state, after, g, before, decoupled=True)


def _rmsprop(group: Any, state: Any, after: Tensor, g: Tensor, before: Tensor | None) -> dict[str, Any]:
    rate, decay, v = group["taken"], group["weight_decay"], state["square_avg"]
    size = v.sqrt() + group["eps"]
    if group["momentum"]:
        m = state["momentum_buffer"]
        w = after + rate * m if before is None else before
        return {"w": w, "g": g, "d": _decayed(g, w, decay), "v": v, "m": m, "dw": -rate * m}
    w = after + rate * g / size if before is None else before
    d = _decayed(g, w, decay)
    return {"w": w, "g": g, "d": d, "v": v, "dw": -rate * d / size}


def _adagrad(group: Any, state: Any, after: Tensor, g: Tensor, before: Tensor | None) -> dict[str, Any]:
    t, v = float(state["step"]), state["sum"]
    rate, size = group["taken"] / (1 + (t - 1) * group["lr_decay"]), v.sqrt() + group["eps"]
    w = after + rate * g / size if before is None else before
    d = _decayed(g, w, group["weight_decay"])
    return {"w": w, "g": g, "d": d, "v": v, "dw": -rate * d / size, "t": t}


_RULES: dict[str, Callable[[Any, Any, Tensor, Tensor, Tensor | None], dict[str, Any]]] = {
    "SGD": _sgd,
    "Adam": _adam,
    "AdamW": _adamw,
    "RMSprop": _rmsprop,
    "Adagrad": _adagrad,
}
"""By the `target` of an optimiser of `choices`."""


def _decayed(g: Any, w: Tensor, decay: float) -> Any:
    return g + decay * w if decay else g


def _rates(group: Mapping[str, Any], made: Mapping[str, Any]) -> dict[str, float]:
    """Return the numbers that the formula is made of beside the tensors."""
    found = {"lr": float(group["taken"]), "decay": float(group["weight_decay"])}
    if "t" in made:
        found["t"] = made["t"]
    if "betas" in group:
        found["beta1"], found["beta2"] = group["betas"]
    names = {"momentum": "momentum", "alpha": "alpha", "eps": "epsilon", "lr_decay": "lr_decay", "nesterov": "nesterov"}
    return found | {ours: float(group[theirs]) for theirs, ours in names.items() if theirs in group}
