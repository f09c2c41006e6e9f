"""What panels of one node share: the list from which the node is chosen.

It holds no panel of its own; importing it does nothing.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QComboBox

from widgets.panels._plots import Picture


class NodePicture(Picture):
    """The base of panels that show one node at a time.

    A subclass says in `nodes` which it can be, puts what `make_choice` returns into its page, and calls `list_nodes`
    when the network may be another. Its answers have a `node`.
    """

    def nodes(self) -> list[str]:
        """Return the nodes that can be shown, in the order of the network."""
        raise NotImplementedError

    def chosen(self) -> str:
        """Return the node that is shown: the one chosen, else the first."""
        nodes = self.nodes()
        return self.node if self.node in nodes else self.first_of(nodes)

    def make_choice(self) -> QComboBox:
        """Create the list of nodes."""
        self._choice = QComboBox(objectName=f"{self.key}_node")
        self._choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self._choice.activated.connect(self._on_choice_activated)
        return self._choice

    def set_node(self, id: str) -> None:
        """Show another node from now on."""
        super().set_node(id)
        self.list_nodes()

    def list_nodes(self) -> None:
        """Offer the nodes that there are now; what was drawn of another than the chosen one goes."""
        nodes, chosen = self.nodes(), self.chosen()
        if [self._choice.itemText(k) for k in range(self._choice.count())] != nodes:
            self._choice.clear()
            self._choice.addItems(nodes)
        if self._choice.currentText() != chosen:
            self._choice.setCurrentText(chosen)
        if self.answer is not None and self.answer.node != chosen:
            self.draw(None)

    def title_detail(self) -> str:
        """Return the node that is shown."""
        return self.chosen()

    def _on_document_changed(self, old: Any, new: Any) -> None:
        if old.graph is not new.graph or old.facts is not new.facts:
            self.list_nodes()
            self.show_picture(self.answer is not None)
            self.rewatch()

    def _on_choice_activated(self, k: int) -> None:
        self.set_node(self._choice.itemText(k))
