"""Blocks that work on each frame of a clip, or on each word that is spelt out, by itself: explained one at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from playground.explaining import Array, Explainer, Place, Told
from playground.explaining._telling import result, slope, table, total
from playground.frames import at_once
from playground.text import say


class ByStep(Explainer):
    """Lets another explainer reckon each frame or word; what weights learn from all of them adds up."""

    def __init__(self, one: Explainer, letters: Sequence[int] | None = None) -> None:
        """Take who explains a single one; `letters` says how many letters each word has, where there are words.

        A word of no letters only fills up: zeros leave it.
        """
        self._one, self._letters = one, letters

    def forward(self, place: Place) -> dict[str, Array]:
        made = {port: np.zeros_like(values) for port, values in place.outputs.items()}
        for t in self._steps(place):
            for port, values in self._one.forward(self._at(place, t)).items():
                made[port][t] = values
        return made

    def backward(self, place: Place, upstream: Mapping[str, Array]) -> dict[str, Array]:
        by = {**place.inputs, **place.weights}
        flows = {name: values for name, values in by.items() if values.dtype.kind == "f"}  # tokens have no gradient
        made = {name: np.zeros(values.shape) for name, values in flows.items()}
        for t in self._steps(place):
            for name, values in self._each(place, upstream, t).items():
                if name in place.weights:
                    made[name] += values
                else:
                    made[name][t] = values
        return made

    def tell_forward(self, place: Place, port: str, entry: tuple[int, ...]) -> Told:
        t, *rest = entry
        if t not in self._steps(place):
            return _empty(table(port, place.outputs[port], entry, chooses=True))
        return self._placed(self._one.tell_forward(self._at(place, t), port, tuple(rest)), t)

    def tell_backward(self, place: Place, upstream: Mapping[str, Array], name: str, entry: tuple[int, ...]) -> Told:
        if name in place.weights:
            return self._summed(place, upstream, name, entry)
        t, *rest = entry
        if t not in self._steps(place):
            return _empty(table(slope(name), np.zeros(place.inputs[name].shape), entry, chooses=True))
        behind = {port: values[t] for port, values in upstream.items()}
        return self._placed(self._one.tell_backward(self._at(place, t), behind, name, tuple(rest)), t)

    def _summed(self, place: Place, upstream: Mapping[str, Array], name: str, entry: tuple[int, ...]) -> Told:
        """Tell ∂L/∂ a weight: what each frame or word adds."""
        parts = [self._each(place, upstream, t)[name] for t in self._steps(place)]
        terms = np.array([part[entry] for part in parts])
        grids = (table(slope(name), np.sum(parts, axis=0), entry, chooses=True),)
        line = result(slope("w"), r"\sum_t \frac{\partial L_t}{\partial w}", total(terms[:, None]), terms.sum())
        return Told(grids, (line,), say("The same weights work on all of them; what each of them adds is summed up."))

    def _each(self, place: Place, upstream: Mapping[str, Array], t: int) -> dict[str, Array]:
        return self._one.backward(self._at(place, t), {port: values[t] for port, values in upstream.items()})

    def _steps(self, place: Place) -> list[int]:
        steps = range(len(next(iter(place.inputs.values()))))
        return [t for t in steps if self._letters is None or self._letters[t] > 0]

    def _at(self, place: Place, t: int) -> Place:
        """Return what is around a single frame or word."""
        node: Any = place.node
        inputs = {port: values[t] for port, values in place.inputs.items()}
        outputs = {port: values[t] for port, values in place.outputs.items()}
        lengths = {} if self._letters is None else dict.fromkeys(inputs, self._letters[t])
        known = replace(node, inputs=at_once(node.block, node.inputs))
        return replace(place, node=known, inputs=inputs, outputs=outputs, lengths=lengths)

    @staticmethod
    def _placed(told: Told, t: int) -> Told:
        """Let a click choose within this frame or word."""
        grids = tuple(
            grid if grid.entries is None else replace(grid, entries=(t, *grid.entries)) for grid in told.grids
        )
        return replace(told, grids=grids)


def _empty(grid: Any) -> Told:
    return Told((grid,), (result("0", "0", "0", 0.0),), say("No word is here: zeros leave it."))
