"""Diagnosis: calls by name what keeps layers from learning, from the sizes of their gradients and of their steps.

It judges numbers and knows neither networks nor words: several `Look`s at a run go in, `Finding`s come out, the worst
first. A single batch says little, so all but infinite numbers are judged over several looks, by their medians.

Sizes of gradients are root mean squares over the entries of a layer, so that layers of any size can be compared.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from statistics import median

MOST_LOOKS = 40
"""Looks that are judged together: some seconds of training."""

FEWEST_LOOKS = 3
"""Before so many looks at different steps nothing is said: the first steps of a run are unlike all others."""

LATEST = 3
"""Looks that count as now where it is asked whether something has grown."""

VANISHED = 1e-3
"""A layer has next to no gradient where its own is below this share of what the last layers have.

In networks that train well, layers differ by a factor of 10, and of 100 where one sums over thousands of pixels. Each
layer of sigmoids takes three quarters away at least: a thousandth is what five of them leave.
"""

GROWN = 30.0
LONG = 10.0
"""The gradient explodes where it becomes so many times as long as it was, and longer than this.

Batches differ by a factor of 10, and near the end of a run, where nearly all is right, one example makes a short
gradient many times as long; so what is short may grow. 10 is the longest that one clips at (Pascanu and others 2013).
"""

MANY_DEAD = 0.2
"""From this share of dead units on, a layer has lost a part of its width that is worth a word."""

GUIDE = 1e-3
"""The size of a step, as a share of the weights, that is a good one in most networks."""

FAR_OFF = 100.0
"""Steps are judged where they are so many times as large, or as small, as the guide.

A tenth of the weights in every step forgets what was learnt ten steps before; a hundred-thousandth moves a weight by
its own size in a hundred thousand steps.
"""


@dataclass(frozen=True)
class Look:
    """What is known of the layers after one step; all by layer, from the input to the output.

    Attributes:
        magnitudes: the size of a typical entry of the gradient, as the optimiser was given it.
        length: that of all gradients together (the L2 norm).
        ratios: ‖Δw‖/‖w‖ of the step; no number where this is not known.
        dead: the share of units that have got no gradient for several batches; 0 where one cannot tell.
        pace: the share of the learning rate that the schedule left for this step.
    """

    step: int
    magnitudes: Sequence[float]
    length: float
    ratios: Sequence[float] = ()
    dead: Sequence[float] = ()
    pace: float = 1.0


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong.

    Attributes:
        kind: `infinite`, `exploding` (over the steps), `silent` (exactly 0), `vanishing`, `growing` (towards the first
            layers), `dead` (units), `large` or `small` (steps).
        layer: the layer that it is worst in, and `layers` how many it is found in.
        value: how bad: the length of the gradient, or a share.
        beside: the layer that it is compared with, if any.
    """

    kind: str
    layer: str
    value: float
    layers: int = 1
    beside: str = ""


def judge(layers: Sequence[str], looks: Sequence[Look], exempt: Collection[str] = ()) -> tuple[Finding, ...]:
    """Say what is wrong, the worst first.

    The gradients of `exempt` layers are not compared with those of others: of an embedding only the rows of the words
    in the batch have any, so a typical entry says nothing.
    """
    if not looks or not layers:
        return ()
    if (broken := _infinite(layers, looks[-1])) is not None:
        return (broken,)
    if len({look.step for look in looks}) < FEWEST_LOOKS:
        return ()
    typical = [median(look.magnitudes[k] for look in looks) for k in range(len(layers))]
    silent = [k for k in range(len(layers)) if not any(look.magnitudes[k] for look in looks)]
    compared = [k for k in range(len(layers)) if k not in silent and layers[k] not in exempt]
    found = [
        _exploding(layers, looks, typical),
        Finding("silent", layers[silent[-1]], 0.0, len(silent)) if silent else None,
        *_backwards(layers, typical, compared),
        _dead(layers, looks, silent),
        *_steps(layers, looks, silent),
    ]
    return tuple(one for one in found if one is not None)


def _infinite(layers: Sequence[str], look: Look) -> Finding | None:
    """Find the layer nearest to the loss whose gradient is no finite number: there it began."""
    broken = [k for k in range(len(layers)) if not math.isfinite(look.magnitudes[k])]
    return Finding("infinite", layers[broken[-1]], look.magnitudes[broken[-1]], len(broken)) if broken else None


def _exploding(layers: Sequence[str], looks: Sequence[Look], typical: Sequence[float]) -> Finding | None:
    """Find out whether the gradient has just become many times as long; name the layer that has grown most."""
    lengths = [look.length for look in looks]
    now = max(range(len(looks))[-LATEST:], key=lambda at: lengths[at])
    before = median(lengths)
    if lengths[now] <= LONG or lengths[now] < GROWN * before:
        return None
    growth = {k: looks[now].magnitudes[k] / typical[k] for k in range(len(layers)) if typical[k] > 0}
    worst = max(growth, key=lambda k: growth[k], default=0)
    return Finding("exploding", layers[worst], lengths[now], len(layers))


def _backwards(layers: Sequence[str], typical: Sequence[float], compared: Sequence[int]) -> list[Finding]:
    """Compare the first two thirds of the layers with the last third."""
    last = compared[-max(1, math.ceil(len(compared) / 3)) :]
    first = compared[: len(compared) - len(last)]
    if not first:
        return []
    strongest = max(last, key=lambda k: typical[k])
    shares = {k: typical[k] / typical[strongest] for k in first if typical[strongest] > 0}
    found = []
    for kind, there, worst in (
        ("vanishing", [k for k, share in shares.items() if share < VANISHED], min),
        ("growing", [k for k, share in shares.items() if share * VANISHED > 1], max),
    ):
        if there:
            at = worst(there, key=lambda k: shares[k])
            found.append(Finding(kind, layers[at], shares[at], len(there), layers[strongest]))
    return found


def _dead(layers: Sequence[str], looks: Sequence[Look], silent: Collection[int]) -> Finding | None:
    """Find the layer that has the largest share of dead units; one that is silent altogether is told already."""
    shares = looks[-1].dead
    there = [k for k in range(len(shares)) if shares[k] >= MANY_DEAD and k not in silent]
    worst = max(there, key=lambda k: shares[k], default=None)
    return None if worst is None else Finding("dead", layers[worst], shares[worst], len(there))


def _steps(layers: Sequence[str], looks: Sequence[Look], silent: Collection[int]) -> list[Finding]:
    """Compare the steps with the guide; small ones as they were if the schedule had not slowed them down."""
    known: dict[int, float] = {}
    whole: dict[int, float] = {}
    for k in range(len(layers)):
        told = [(look.ratios[k], look.pace) for look in looks if k < len(look.ratios)]
        there = [(ratio, pace) for ratio, pace in told if math.isfinite(ratio) and pace > 0]
        if len(there) >= FEWEST_LOOKS and k not in silent:
            known[k] = median(ratio for ratio, _ in there)
            whole[k] = median(ratio / pace for ratio, pace in there)
    large = [k for k, ratio in known.items() if ratio > GUIDE * FAR_OFF]
    small = [k for k, ratio in whole.items() if ratio < GUIDE / FAR_OFF]
    found = []
    if large:
        worst = max(large, key=lambda k: known[k])
        found.append(Finding("large", layers[worst], known[worst], len(large)))
    if small:
        worst = min(small, key=lambda k: known[k])
        found.append(Finding("small", layers[worst], known[worst], len(small)))
    return found
