"""What is said in words of how numbers are spread and of flat functions."""

from __future__ import annotations

from playground.probes.activation import Flatness
from playground.probes.histograms import Spread
from playground.text import tr
from widgets.panels.parts.plots import readable

MOST_NAMED = 3
"""Activation functions that are called by name in one line."""


def in_words(spread: Spread) -> str:
    """Say mean, standard deviation and, where there are any, how many are exactly 0."""
    words = tr("mean {mean}, deviation {deviation}", mean=readable(spread.mean), deviation=readable(spread.deviation))
    if not spread.zeros:
        return words
    zeros = tr("{share:.0%} exactly 0", share=spread.zeros / max(1, spread.values))
    return tr("{one}, {other}", one=words, other=zeros)


def briefly(spread: Spread) -> str:
    """Write mean and standard deviation as short as can be."""
    return f"{readable(spread.mean)} ± {readable(spread.deviation)}"


def named(flat: tuple[Flatness, ...]) -> tuple[str, ...]:
    """Call the activation functions by name that have most dead units, or are saturated most; ever fewer of them."""
    worst = sorted(flat, key=lambda one: (-one.dead / max(1, one.units), -one.saturated))[:MOST_NAMED]
    parts = []
    for one in worst:
        saturated = tr("{share:.0%} saturated", share=one.saturated)
        dead = tr("{n} of {units} units dead", n=one.dead, units=one.units)
        parts.append(tr("{node}: {value}", node=one.node, value=tr("{one}, {other}", one=saturated, other=dead)))
    return tuple(" · ".join(parts[:n]) for n in range(len(parts), 0, -1)) or ("",)
