"""What tells a word its place: the vectors of the places as a map, some of their numbers as curves."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from PySide6.QtWidgets import QBoxLayout, QComboBox, QVBoxLayout

from playground.probes.position import Position, PositionAnswer
from playground.text import Sentence, note, tr
from widgets.panels.parts.of_node import NodePicture, offer
from widgets.panels.parts.places import PlaceCurves, PlaceMap
from widgets.panels.parts.plots import Readout, readable, row
from widgets.theme import Theme

Array = np.ndarray[Any, Any]

VALUES, LIKENESS = range(2)

VIEWS = (note("vectors"), note("likeness of places"))

CURVES = 4
"""Numbers of the vectors that are drawn as curves unless another is chosen."""

ROOMY = 560
"""Pixels of width from which the curves stand beside the map."""

BASE = 10_000
"""The waves of sinusoidal positions are up to this many times 2π places long."""


class PositionPanel(NodePicture):
    """Shows the vectors of the places."""

    key = "position"
    title = note("Positional encoding")
    help = note(
        "Each row is the vector that is added to the word at that place, blue below 0 and orange above; above the "
        "dashed line are the places that come in. Sinusoids are waves, quick in the first columns and slow in the "
        "last, so that each place has a pattern of its own: click a column to follow it as a curve. The likeness of "
        "places is the cosine between their vectors: places beside each other are alike, whatever stands there."
    )
    choice_help = note("The layer whose vectors are shown")
    icon = "mdi6.sine-wave"
    per_node = True

    def compose(self, column: QVBoxLayout) -> None:
        """Create the controls, the map and the curves."""
        self.answer: PositionAnswer | None = None
        self.column = -1
        self.make_choice()
        self.view = QComboBox(objectName="position_view")
        self.view.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.view.activated.connect(self._on_view_activated)
        self._readout = Readout("position_readout")
        column.addLayout(row(self._choice, self.view, self._readout))
        self.map, self.curves = PlaceMap("position_map"), PlaceCurves("position_curves")
        self.map.pointed.connect(self._tell)
        self.map.picked.connect(self._on_map_picked)
        self._body = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._body.setSpacing(8)
        self._body.addWidget(self.map, 3)
        self._body.addWidget(self.curves, 2)
        column.addLayout(self._body, 1)
        self.session.restarted.connect(self._on_session_restarted)
        self.destroyed.connect(self.session.document.subscribe(self._on_document_changed))
        self.list_nodes()

    def probe(self) -> Position | None:
        """Ask for the chosen layer; of nothing where there is none."""
        node = self.chosen()
        return Position(node=node) if node else None

    def nodes(self) -> list[str]:
        return [id for id, known in self.session.document.report.nodes.items() if Position.accepts(known)]

    # -- drawing -----------------------------------------------------------------------------------------------

    def draw(self, answer: PositionAnswer | None) -> None:
        """Show the vectors as they are now."""
        if answer is not None and answer.node != self.chosen():
            return  # asked before another layer was chosen
        self.answer = answer
        self.show_picture(answer is not None and answer.kind != "none")
        if answer is None or answer.kind == "none":
            return
        values = answer.values.astype(np.float32)
        most = _reach(values)
        if self.view.currentIndex() == LIKENESS:
            self.map.show_map(likeness(values), 1.0, answer.steps, (tr("place"), tr("place")))
            self.map.frame(-1)
        else:
            self.map.show_map(values, most, answer.steps, (tr("place"), tr("number of the vector")))
            self.map.frame(self.column)
        shown = self.shown(values.shape[1])
        self.curves.show_curves({k: values[:, k] for k in shown}, most, self.column)
        self._arrange()
        self._tell()

    def shown(self, width: int) -> list[int]:
        """Return the numbers that are drawn as curves: some from the quick half, and the one chosen."""
        some = {2 * (k * width // (4 * CURVES)) for k in range(CURVES)}  # the slower ones stand still
        return sorted(some | ({self.column} if 0 <= self.column < width else set()))

    def _arrange(self) -> None:
        beside = self.width() >= ROOMY
        self._body.setDirection(QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom)
        self.curves.setVisible(self.view.currentIndex() != LIKENESS and (beside or self.height() >= 260))

    # -- words -------------------------------------------------------------------------------------------------

    def _tell(self) -> None:
        """Say what the pointer is at, else how large the vectors are beside the words."""
        answer, spot = self.answer, self.map.hovered
        if answer is None or answer.kind == "none":
            return
        if spot is not None:
            self._readout.hurry()
            value = readable(float(f"{float(self.map.values[spot]):.2g}"))
            if self.view.currentIndex() == LIKENESS:
                self._readout.say(tr("places {one} and {other}: {value}", one=spot[0], other=spot[1], value=value))
            else:
                words = tr("place {place}, number {n}: {value}", place=spot[0], n=spot[1], value=value)
                self._readout.say(f"{words} &nbsp; {self.wave(spot[1])}".strip(), words)
        elif self.column >= 0 and self.view.currentIndex() != LIKENESS and self.wave(self.column):
            self._readout.say(self.wave(self.column))
        else:
            sizes = {"added": readable(float(f"{answer.added:.2g}")), "words": readable(float(f"{answer.words:.2g}"))}
            self._readout.say(
                tr("places {added}, words {words} (root mean square)", **sizes),
                tr("places {added}, words {words}", **sizes),
            )

    def wave(self, column: int) -> str:
        """Say how long the wave in a column is, where there are waves."""
        assert self.answer is not None
        if self.answer.kind != "sinusoidal":
            return ""
        length = 2 * math.pi * BASE ** ((column - column % 2) / self.answer.width)
        return tr("a wave of {length} places", length=readable(float(f"{length:.3g}")))

    def empty(self) -> str:
        """Say how to fill it."""
        if not self.nodes():
            return tr("Where positions are added, their vectors appear here: open the preset positions-sinusoidal.")
        if self.answer is not None:
            return tr("No positions are added here: words are told apart by what they are, not by where they stand.")
        return tr("Once the network is complete, the vectors of the places appear here.")

    def relabel(self) -> None:
        """Say everything again in the present language."""
        super().relabel()
        offer(self.view, [str(Sentence(words)) for words in VIEWS])
        self.view.setAccessibleName(tr("How it is shown"))
        self.view.setToolTip(tr("How it is shown"))
        self.map.setAccessibleName(tr("Map of the vectors; left and right choose a column"))
        self.curves.setAccessibleName(tr("Some numbers of the vectors, along the places"))
        self.draw(self.answer)

    def recolour(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.map.update()
        self.curves.update()

    def sync(self) -> None:
        """Say what is missing while there is nothing to draw."""
        self.list_nodes()
        self.show_picture(self.answer is not None and self.answer.kind != "none")

    # -- what happens ------------------------------------------------------------------------------------------

    def _on_view_activated(self, k: int) -> None:
        self.draw(self.answer)

    def _on_map_picked(self, column: int) -> None:
        if self.view.currentIndex() != LIKENESS:
            self.column = -1 if column == self.column else column
            self.draw(self.answer)

    def _on_session_restarted(self) -> None:
        self.draw(None)

    # -- Qt ----------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: Any) -> None:
        """Put the curves beside the map where there is room."""
        super().resizeEvent(event)
        self._arrange()


def likeness(values: Array) -> Array:
    """Return the cosine between the vectors of every two places; 0 where one has no length."""
    lengths = np.linalg.norm(values, axis=1, keepdims=True)
    even = values / np.where(lengths > 0, lengths, 1.0)
    made: Array = even @ even.T
    return made


def _reach(values: Array) -> float:
    """Return the magnitude that has the full colour: it changes in leaps, so that the picture stands still."""
    most = float(np.abs(values).max()) if values.size else 1.0
    return float(2.0 ** math.ceil(math.log2(max(most, 1e-6)) - 1e-6))
