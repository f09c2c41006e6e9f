"""What goes on inside a recurrent layer while it reads a sentence or a series: every gate and the state."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtWidgets import QBoxLayout, QComboBox, QHBoxLayout, QVBoxLayout

from playground.blocks.recurrence import GRU
from playground.probes.gates import Gates, GatesAnswer
from playground.text import Sentence, note, tr
from widgets.panels.parts.gate_maps import GIVEN, GateMaps, Spot
from widgets.panels.parts.gate_order import arranged
from widgets.panels.parts.gate_past import GatePast, Past
from widgets.panels.parts.of_layer import LayerPicture
from widgets.panels.parts.of_node import offer
from widgets.panels.parts.plots import Readout, readable, row
from widgets.panels.parts.sentence import SentenceBar
from widgets.theme import Theme

Array = np.ndarray[Any, Any]

ORDERS = {"plain": note("as they are"), "mean": note("by mean"), "likeness": note("alike together")}

NAMES = {
    "i": note("input gate"),
    "f": note("forget gate"),
    "o": note("output gate"),
    "z": note("update gate"),
    "r": note("reset gate"),
    "g": note("candidate"),
    "n": note("candidate"),
    "c": note("cell state"),
    "h": note("hidden state"),
    GIVEN: note("input"),
}
"""What each letter stands for."""

ROOMY, WIDE = 600, 900
"""Pixels of width from which the unit that is followed stands beside the maps, and all controls in one row."""


class GatesPanel(LayerPicture):
    """Shows the gates and states of one layer, of every unit and at each step."""

    key = "gates"
    title = note("Gates and states")
    help = note(
        "Each map has a row for every unit and a column for every word or step: gates from 0, shut (dark), to 1, open "
        "(light); candidates and states blue below 0 and orange above. Below are the words as the layer reads them "
        "and the mean of each gate. Click a row, or walk with the arrow keys, to follow one unit: its own lines, and "
        "how its numbers at that word became what they are while the network was trained."
    )
    icon = "mdi6.gate"
    per_node = True

    def compose(self, column: QVBoxLayout) -> None:
        """Create the controls, the maps, and the line of words."""
        self.answer: GatesAnswer | None = None
        self.past = Past()
        self._order = np.zeros(0, dtype=np.intp)
        self.make_choice()
        self.make_layer()
        self.shown, self.order = self._make_list("shown"), self._make_list("order")
        self.bar = SentenceBar("gates", self.focus)
        self._head = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._head.setSpacing(4)
        self._readout = Readout("gates_readout")
        self._head.addLayout(row(self._choice, self.layer, self.shown, self.order, self._readout, stretch=4), 1)
        self._head.addWidget(self.bar, 1)
        column.addLayout(self._head)
        self.maps = GateMaps("gates_maps")
        self.maps.pointed.connect(self._tell)
        self.maps.picked.connect(self._on_maps_picked)
        self.unit = GatePast("gates_past")
        body = QHBoxLayout()
        body.setSpacing(8)
        body.addWidget(self.maps, 3)
        body.addWidget(self.unit, 1)
        column.addLayout(body, 1)
        self.focus.changed.connect(self._on_focus_changed)
        self.session.restarted.connect(self._on_session_restarted)
        self.destroyed.connect(self.session.document.subscribe(self._on_document_changed))
        self.list_nodes()

    def _make_list(self, name: str) -> QComboBox:
        made = QComboBox(objectName=f"gates_{name}")
        made.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        made.activated.connect(self._on_list_activated)
        return made

    def probe(self) -> Gates | None:
        """Ask for the chosen layer; of nothing where there is none."""
        node = self.chosen()
        if not node:
            return None
        layer, backward = self.half()
        spot = self.focus.now
        return Gates(node=node, layer=layer, backward=backward, index=spot.index, own=spot.words)

    # -- what is shown -----------------------------------------------------------------------------------------

    def names(self) -> tuple[str, ...]:
        """Return the gates whose maps are shown."""
        if self.answer is None:
            return ()
        chosen = self.shown.currentIndex()
        return self.answer.names if chosen <= 0 else self.answer.names[chosen - 1 : chosen]

    # -- drawing -----------------------------------------------------------------------------------------------

    def draw(self, answer: GatesAnswer | None) -> None:
        """Show what goes on now, and remember it."""
        if answer is not None and answer.node != self.chosen():
            return  # asked before another layer was chosen
        self.answer = answer
        self.show_picture(answer is not None)
        if answer is None:
            return
        offer(self.shown, [tr("all gates"), *(f"{name}  {self.named(name)}" for name in answer.names)])
        self.shown.setVisible(len(answer.names) > 1)
        self.bar.show_place(answer.index, answer.count, answer.own, self._typable)
        self.past.add(answer)
        self._redraw()

    @property
    def _typable(self) -> bool:
        return bool(self.session.document.now.facts.vocabularies)

    def _redraw(self) -> None:
        answer = self.answer
        if answer is None:
            return
        names = self.names()
        kind = tuple(ORDERS)[max(0, self.order.currentIndex())]
        by = names[0] if len(names) == 1 else "c" if "c" in answer.names else "h"
        self._order = arranged(answer.values[answer.names.index(by)].astype(np.float32), kind, self._order)
        self.maps.show_answer(answer, names, self._order)
        self._draw_unit()
        self._tell()

    def _draw_unit(self) -> None:
        """Show the unit that is followed as it was at earlier moments of the training."""
        unit, step = self.maps.unit, self.maps.step
        self.unit.setVisible(unit >= 0 and self.width() >= ROOMY)
        if unit >= 0:
            self.unit.show_past(*self.past.of(unit, step, self.names()))

    # -- words -------------------------------------------------------------------------------------------------

    def named(self, name: str) -> str:
        """Say what a letter stands for."""
        return str(Sentence(NAMES[name]))

    def _tell(self) -> None:
        """Say what the pointer is at, else what the unit that is followed has there."""
        answer, spot = self.answer, self.maps.hovered
        if answer is None:
            return
        if spot is None and self.maps.unit >= 0:
            names = [band.name for band in self.maps.bands if band.name != GIVEN]
            spots = [Spot(name, self.maps.unit, self.maps.step) for name in names]
            numbers = " &nbsp; ".join(f"{one.name} = {readable(self._rounded(one))}" for one in spots)
            place = tr("unit {n} at {word}", n=self.maps.unit + 1, word=self.word(self.maps.step))
            self._readout.say(f"{place}: {numbers}", numbers, place)
        elif spot is not None:
            self._readout.hurry()
            value = readable(self._rounded(spot))
            where = tr("unit {n} at {word}", n=spot.unit + 1, word=self.word(spot.step))
            said = f"{self._meaning(spot.name)} {spot.name} = {value}"
            self._readout.say(f"{where}: {said}", f"{spot.name} = {value}")
        else:
            some = tr("{n} of {total} units", n=answer.values.shape[1], total=answer.total)
            self._readout.say(tr("{units}, step {n}", units=some, n=answer.step), tr("step {n}", n=answer.step))

    def _rounded(self, spot: Spot) -> float:
        return float(f"{self.maps.value(spot):.2g}")

    def _meaning(self, name: str) -> str:
        """Say what a letter stands for here; of the update gate, whose sign differs from paper to paper, of what."""
        known = self.known()
        if name == "z" and known is not None and isinstance(known.block, GRU):
            kept = known.block.update == "keeps"
            return tr("update gate (1: the old state is kept)") if kept else tr("update gate (1: the new is taken in)")
        return self.named(name)

    def word(self, step: int) -> str:
        """Say what is read at a step."""
        assert self.answer is not None
        known = self.answer.words
        return f"“{known[step]}”" if step < len(known) and known[step] else tr("step {n}", n=step + 1)

    def empty(self) -> str:
        """Say how to fill it."""
        if not self.nodes():
            return tr("Where an LSTM, a GRU or an RNN reads, its gates appear here: open the preset lstm-tagger.")
        return tr("Once the network is complete, the gates of its recurrent layers appear here.")

    def relabel(self) -> None:
        """Say everything again in the present language."""
        super().relabel()
        offer(self.order, [str(Sentence(words)) for words in ORDERS.values()])
        lists = {
            self.shown: tr("Which gates are shown"),
            self.order: tr("In which order the units stand"),
        }
        for widget, words in lists.items():
            widget.setAccessibleName(words)
            widget.setToolTip(words)
        self.bar.relabel()
        self.maps.setAccessibleName(tr("Maps of the gates; the arrow keys follow a unit"))
        self.unit.setAccessibleName(tr("The unit that is followed, over the training"))
        self.draw(self.answer)

    def recolour(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.maps.update()
        self.unit.update()

    # -- what happens ------------------------------------------------------------------------------------------

    def sync(self) -> None:
        """Say what is missing while there is nothing to draw."""
        self.list_nodes()
        self.show_picture(self.answer is not None)

    def set_node(self, id: str) -> None:
        """Look into another layer from now on."""
        if id != self.node:
            self.maps.follow(-1, -1)
        super().set_node(id)

    def _on_list_activated(self, k: int) -> None:
        self._order = np.zeros(0, dtype=np.intp)
        self._redraw()

    def _on_maps_picked(self) -> None:
        self._draw_unit()
        self._tell()

    def _on_focus_changed(self) -> None:
        self.rewatch()

    def _on_session_restarted(self) -> None:
        self.past = Past()
        self.draw(None)

    # -- Qt ----------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: Any) -> None:
        """Put all controls in one row, and the unit over the training beside the maps, where there is room."""
        super().resizeEvent(event)
        ways = QBoxLayout.Direction
        self._head.setDirection(ways.LeftToRight if self.width() >= WIDE else ways.TopToBottom)
        if self.answer is not None:
            self._draw_unit()
