"""The kernels of a convolution side by side: what it has learnt to look for."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from playground.probes.kernels import Kernels, KernelsAnswer
from playground.text import Sentence, note, tr
from widgets.panels.parts.mosaics import Mosaic, signed_table
from widgets.panels.parts.of_node import NodePicture
from widgets.panels.parts.plots import ColourBar, Readout, row
from widgets.theme import Theme

Array = np.ndarray[Any, Any]

BETWEEN = 6
"""Pixels between two kernels: wider than between maps, since numbers around zero have the colour of the gap."""


class KernelsPanel(NodePicture):
    """Shows the kernels of one convolution."""

    key = "kernels"
    title = note("Kernels")
    help = note(
        "The weights of a convolution as small pictures on one scale: orange above zero, blue below it. Where one map "
        "comes in, each picture is the kernel of one map that goes out; where several come in, each column is one map "
        "that goes out, each row one that comes in. Noise becomes edges and strokes as it learns."
    )
    choice_help = note("The convolution whose kernels are shown")
    icon = "mdi6.view-grid-outline"
    per_node = True

    def compose(self, column: QVBoxLayout) -> None:
        """Create the choice of the node, the mosaic and its colour bar."""
        self.answer: KernelsAnswer | None = None
        self.make_choice()
        self._readout = Readout("kernels_readout")
        column.addLayout(row(self._choice, self._readout))
        self.mosaic = Mosaic("kernels_mosaic", gap=BETWEEN)
        self.bar = ColourBar("kernels_bar")
        body = QHBoxLayout()
        body.setSpacing(12)
        body.addWidget(self.mosaic, 1)
        body.addWidget(self.bar)
        column.addLayout(body, 1)
        self.destroyed.connect(self.session.document.subscribe(self._on_document_changed))
        self.session.restarted.connect(self._on_session_restarted)
        self.list_nodes()

    def probe(self) -> Kernels | None:
        """Ask for the chosen node's kernels; of nothing where nothing has any."""
        node = self.chosen()
        return Kernels(node=node) if node else None

    def nodes(self) -> list[str]:
        return [id for id, node in self.session.document.report.nodes.items() if Kernels.accepts(node)]

    def set_node(self, id: str) -> None:
        """Show another node from now on."""
        self._readout.hurry()
        super().set_node(id)

    # -- drawing -----------------------------------------------------------------------------------------------

    def draw(self, answer: KernelsAnswer | None) -> None:
        """Show the kernels as they are now."""
        if answer is not None and answer.node != self.chosen():
            return  # asked before another node was chosen
        self.answer = answer
        self.show_picture(answer is not None)
        if answer is not None:
            self._draw_mosaic(answer)
            self.bar.set_range(-answer.reach, answer.reach)
            self._sync_readout(answer)

    def _draw_mosaic(self, answer: KernelsAnswer) -> None:
        outputs, inputs, height, width = answer.kernels.shape
        tiles = answer.kernels.swapaxes(0, 1).reshape(outputs * inputs, height, width)
        self.mosaic.show_maps(tiles, -answer.reach, answer.reach, columns=0 if inputs == 1 else outputs)

    def _sync_readout(self, answer: KernelsAnswer) -> None:
        """Say how many there are, and how many of them are shown."""
        shown, total = answer.kernels.shape[0] * answer.kernels.shape[1], answer.outputs * answer.inputs
        height, width = answer.kernels.shape[2:]
        words = tr("{outputs} maps out of {inputs}", outputs=answer.outputs, inputs=answer.inputs)
        size = tr("kernels of {height} × {width}", height=height, width=width)
        part = "" if shown == total else " · " + tr("{n} shown", n=shown)
        self._readout.say(f"{words} · {size}{part}", f"{words}{part}", f"{height} × {width}")

    # -- words and colours -------------------------------------------------------------------------------------

    def empty(self) -> str:
        """Say how to fill it."""
        if not self.nodes():
            return tr("Nothing here slides kernels over an image. Add a Conv2D, or open the preset lenet.")
        return tr("Once the network is complete, its kernels appear here. Press Play and watch them take shape.")

    def relabel(self) -> None:
        """Say everything again in the present language."""
        super().relabel()
        self.mosaic.setAccessibleName(str(Sentence(self.title)))
        if self.answer is not None:
            self._sync_readout(self.answer)

    def recolour(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        table = signed_table(theme)
        self.mosaic.set_colours(table, theme.panel)
        self.bar.set_colours(table)

    # -- what happens ------------------------------------------------------------------------------------------

    def sync(self) -> None:
        """Say what is missing while there is nothing to draw."""
        self.list_nodes()
        self.show_picture(self.answer is not None)

    def _on_session_restarted(self) -> None:
        self.draw(None)
