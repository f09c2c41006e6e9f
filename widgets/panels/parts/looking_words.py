"""What is said of a map of where a network looks: the numbers of the place that is pointed at, else of the whole."""

from __future__ import annotations

import numpy as np

from playground.probes._looking import Seen
from playground.probes.class_activation import ClassActivationAnswer
from playground.probes.occlusion import OcclusionAnswer
from playground.text import tr
from widgets.panels.parts.grids import signed
from widgets.panels.parts.overlaid import Cell
from widgets.panels.parts.plots import readable


def of_class(seen: Seen, name: str) -> str:
    """Say what the network gives to the class that the map is of."""
    share, score = f"{seen.probability:.3f}", signed(seen.score)
    return tr("{name}: probability {share}, score {score}", name=name, share=share, score=score)


def of_activation(answer: ClassActivationAnswer, cell: Cell | None, name: str) -> tuple[str, ...]:
    """Say what class activation has at a place, or its largest value; the longest text first."""
    if cell is not None:
        value = _at(cell, f"<b>{readable(float(answer.map[cell]))}</b>")
    elif answer.high > 0:
        value = tr("largest value {value}", value=readable(float(f"{answer.high:.3g}")))
    else:
        value = tr("nothing here speaks for {name}", name=name)
    return f"{value} · {of_class(answer.seen, name)}", value


def of_occlusion(answer: OcclusionAnswer, cell: Cell | None, name: str, going_on: str) -> tuple[str, ...]:
    """Say what becomes of the class when a place is covered, or the largest drop; the longest text first."""
    whole = answer.seen.probability if answer.value == "probability" else answer.seen.score
    value = going_on
    if cell is not None and np.isfinite(drop := float(answer.drop[cell])):
        change = signed(-drop, 3)
        change = change if change.startswith("−") else f"+{change}"
        value = _at(cell, tr("covered {value} ({change})", value=f"<b>{signed(whole - drop, 3)}</b>", change=change))
    elif not going_on and np.isfinite(answer.drop).any():
        value = tr("drops by {value} at most", value=signed(max(0.0, float(np.nanmax(answer.drop))), 3))
    given = of_class(answer.seen, name)
    at = "" if answer.live else tr("step {n}", n=f"{answer.step:,}")
    return " · ".join(text for text in (value, given, at) if text), value or given


def _at(cell: Cell, value: str) -> str:
    return tr("row {row}, column {column}: {value}", row=cell[0] + 1, column=cell[1] + 1, value=value)
