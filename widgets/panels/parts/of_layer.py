"""What panels of a recurrent layer share: the list from which one of several, or one of two directions, is chosen."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QComboBox

from playground.probes.gates import Gates
from playground.report import NodeReport
from playground.text import note, tr
from widgets.panels.parts.of_node import NodePicture, offer


class LayerPicture(NodePicture):
    """The base of panels that look into a recurrent layer, one of those that stand on each other, in one direction.

    A subclass puts what `make_choice` and `make_layer` return into its page.
    """

    choice_help = note("The recurrent layer that is looked into")

    def nodes(self) -> list[str]:
        return [id for id, known in self.session.document.report.nodes.items() if Gates.accepts(known)]

    def make_layer(self) -> QComboBox:
        """Create the list of layers and directions."""
        self.layer = QComboBox(objectName=f"{self.key}_layer")
        self.layer.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.layer.activated.connect(self._on_layer_activated)
        return self.layer

    def known(self) -> NodeReport | None:
        """Return what is known of the chosen node."""
        return self.session.document.report.nodes.get(self.chosen())

    def half(self) -> tuple[int, bool]:
        """Return which layer is chosen, and whether it is the half that reads from the end."""
        halves = self._halves()
        return halves[max(0, min(self.layer.currentIndex(), len(halves) - 1))] if halves else (-1, False)

    def list_nodes(self) -> None:
        """Offer the nodes that there are now, and the layers and directions of the chosen one."""
        super().list_nodes()
        self._choice.setVisible(self._choice.count() > 1)  # the title says which it is
        halves = [self._named(*half) for half in self._halves()]
        if [self.layer.itemText(k) for k in range(self.layer.count())] != halves:
            chosen = self.layer.currentIndex() if self.layer.count() == len(halves) else len(halves) - 1
            offer(self.layer, halves)
            self.layer.setCurrentIndex(chosen)
        self.layer.setVisible(len(halves) > 1)

    def relabel(self) -> None:
        """Say everything again in the present language."""
        super().relabel()
        self.list_nodes()
        self.layer.setAccessibleName(tr("Which layer; → reads forwards, ← from the end"))
        self.layer.setToolTip(tr("Which layer; → reads forwards, ← from the end"))

    def _halves(self) -> list[tuple[int, bool]]:
        """Return the layers and directions that can be looked into, the ones that read forwards last."""
        known = self.known()
        if known is None:
            return []
        block: Any = known.block
        ways = (True, False) if block.direction == "both" else (False,)
        return [(layer, backward) for layer in range(block.layers) for backward in ways]

    def _named(self, layer: int, backward: bool) -> str:
        known: Any = self.known()
        number = tr("layer {n}", n=layer + 1) if known.block.layers > 1 else ""
        arrow = ("←" if backward else "→") if known.block.direction == "both" else ""
        return f"{number} {arrow}".strip()

    def _on_layer_activated(self, k: int) -> None:
        self.rewatch()
