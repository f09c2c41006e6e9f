"""Which wires show the weights that are on them, and what the pointer finds there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QObject, QPointF, Signal

from playground.graph import Wire
from playground.probes.weights import weights_on_wire
from playground.text import tr
from widgets.canvas.fan import DRAWN_ABOVE, Fan, number

if TYPE_CHECKING:
    from widgets.canvas.view import Canvas

Array = np.ndarray[Any, Any]

REACH = 5.0
"""How near to a line the pointer must be to mean it, in pixels."""
LEAST_SCALE = 1.0
"""The weight that is drawn thickest at least, so that small ones at the beginning look small."""


class Fans(QObject):
    """The fans of one canvas.

    Attributes:
        wanted: whether the person wants to see weights on wires.
        items: the fans by the wire they stand on.

    Signals:
        wantedChanged(bool): the person wants to see them, or not.
    """

    wantedChanged = Signal(bool)

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._canvas, self._stage = canvas, canvas.stage
        self.wanted = True
        self.items: dict[Wire, Fan] = {}
        self._weights: dict[str, Array] = {}
        self._gradients: dict[str, Array] = {}
        self._lit: Fan | None = None
        canvas.stage.rearranged.connect(self._on_scene_rearranged)
        canvas.viewChanged.connect(self._on_view_changed)

    def set_wanted(self, wanted: bool) -> None:
        """Show weights on wires, or plain wires."""
        if wanted != self.wanted:
            self.wanted = wanted
            self._sync()
            self.wantedChanged.emit(wanted)

    @property
    def drawn(self) -> bool:
        """Whether they would be drawn now: they are wanted, and large enough to be told apart."""
        return self.wanted and self._canvas.zoom >= DRAWN_ABOVE

    def wires(self) -> dict[Wire, tuple[int, int]]:
        """Return the wires on which weights can stand: how many units they join, on either side.

        A wire that runs round corners between rows of cards stays plain.
        """
        return {wire: ends for wire in self._stage.lines if (ends := self._ends(wire))}

    def _ends(self, wire: Wire) -> tuple[int, int] | None:
        sheet = self._canvas.sheet
        if not self._stage.lines[wire].route.direct or sheet.graph.nodes[wire.target].state:
            return None
        known = sheet.known(wire.target)
        return weights_on_wire(known) if known is not None else None

    def show(self, weights: Mapping[str, Array], gradients: Mapping[str, Array]) -> None:
        """Show these weights, by the id of the node that they belong to."""
        self._weights, self._gradients = dict(weights), dict(gradients)
        self._sync()

    def clear(self) -> None:
        """Show plain wires until there are weights again."""
        self.show({}, {})

    def recolour(self) -> None:
        """Take the colours of the present theme."""
        for fan in self.items.values():
            fan.recolour()

    def _sync(self) -> None:
        wires = [wire for wire in self._stage.lines if wire.target in self._weights] if self.drawn else []
        there = {wire: ends for wire in wires if (ends := self._ends(wire)) and self._fits(wire, ends)}
        for wire in [wire for wire in self.items if wire not in there]:
            self._drop(wire)
        reach = max([LEAST_SCALE, *(_largest(self._weights[wire.target]) for wire in there)])
        for wire, (inputs, units) in there.items():
            if wire not in self.items:
                self.items[wire] = Fan(self._canvas.look)
                self._stage.addItem(self.items[wire])
            self._stage.lines[wire].set_fanned(True)
            source = self._stage.spot(wire.source, wire.source_port, True)
            target = self._stage.spot(wire.target, wire.target_port, False)
            fan = self.items[wire]
            fan.stand((source.x, source.y), (target.x, target.y), inputs, units, self._stage.direction)
            fan.show_weights(self._weights[wire.target], reach)

    def _fits(self, wire: Wire, ends: tuple[int, int]) -> bool:
        return self._weights[wire.target].shape == ends[::-1]

    def _drop(self, wire: Wire) -> None:
        fan = self.items.pop(wire)
        if fan is self._lit:
            self._lit = None
        self._stage.removeItem(fan)
        if (line := self._stage.lines.get(wire)) is not None:
            line.set_fanned(False)

    # -- the pointer -------------------------------------------------------------------------------------------

    def hover(self, at: QPointF | None) -> None:
        """Say the number of the line under the pointer."""
        found = self._at(at) if at is not None else None
        fan = found[1] if found else None
        if self._lit is not None and self._lit is not fan:
            self._lit.light(None)
        if found:
            found[1].light(found[2])
        self._lit = fan

    def words_at(self, at: QPointF) -> str:
        """Return what a line at a place stands for: which units it joins, its weight and the gradient of that."""
        if (found := self._at(at)) is None:
            return ""
        wire, fan, (unit, input) = found
        lines = [
            tr(
                "{source}, unit {i} → {target}, unit {j}",
                source=wire.source,
                i=input + 1,
                target=wire.target,
                j=unit + 1,
            ),
            tr("weight {value}", value=number(float(fan.weights[unit, input]))),
        ]
        gradients = self._gradients.get(wire.target)
        if gradients is not None and gradients.shape == fan.weights.shape:
            lines.append(tr("gradient {value}", value=f"{gradients[unit, input]:.3g}".replace("-", "−")))
        return "\n".join(lines)

    def _at(self, at: QPointF) -> tuple[Wire, Fan, tuple[int, int]] | None:
        for wire, fan in self.items.items():
            if (line := fan.line_at(at.x(), at.y(), REACH / self._canvas.zoom)) is not None:
                return wire, fan, line
        return None

    # -- what happens ------------------------------------------------------------------------------------------

    def _on_scene_rearranged(self) -> None:
        if self.items or self._weights:
            self._sync()

    def _on_view_changed(self) -> None:
        if bool(self.items) != (self.drawn and bool(self._weights)):
            self._sync()


def _largest(weights: Array) -> float:
    """Return the largest weight, signs aside, of those that are numbers."""
    return float(np.abs(np.nan_to_num(weights, nan=0.0, posinf=0.0, neginf=0.0)).max())
