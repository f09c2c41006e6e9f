"""What panels of one node share: the list from which the node is chosen."""

from __future__ import annotations

from typing import Any, ClassVar

from PySide6.QtWidgets import QComboBox

from playground.report import NodeReport
from playground.text import Sentence, note, tr
from widgets.panels.parts.plots import Picture


class FrameChoice(QComboBox):
    """The list of the frames of a clip; hidden where there is none."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)

    def frame(self) -> int:
        """Return the frame that is chosen, counted from 0."""
        return max(0, self.currentIndex())

    def offer(self, known: NodeReport | None) -> None:
        """List the frames of what leaves a node, in the present language; the one chosen stays where it can."""
        clip = known is not None and known.shape.is_clip
        total = int(known.shape.time) if known is not None and clip else 0
        frames = [tr("frame {n} of {total}", n=n + 1, total=total) for n in range(total)]
        if [self.itemText(k) for k in range(self.count())] != frames:
            chosen = min(self.frame(), max(0, total - 1))
            self.clear()
            self.addItems(frames)
            self.setCurrentIndex(chosen if total else -1)
        self.setVisible(bool(clip))
        self.setAccessibleName(tr("Frame of the clip"))
        self.setToolTip(tr("Which frame of the clip is shown"))


class NodePicture(Picture):
    """The base of panels that show one node at a time.

    A subclass says in `nodes` which it can be, puts what `make_choice` returns into its page, and calls `list_nodes`
    when the network may be another. Its answers have a `node`.

    Class attributes:
        choice_help: what the node in the list is to the panel (marked with `note`).
    """

    choice_help: ClassVar[str] = note("The node that is shown")

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
        self.node = id
        self.list_nodes()
        self.rewatch()

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

    def relabel(self) -> None:
        """Say everything again in the present language."""
        super().relabel()
        self._choice.setAccessibleName(tr("Node"))
        self._choice.setToolTip(str(Sentence(self.choice_help)))

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


def offer(box: QComboBox, items: list[str]) -> None:
    """Fill a list anew where it is another; the place in it stays where it can."""
    if [box.itemText(k) for k in range(box.count())] == items:
        return
    at = box.currentIndex()
    box.clear()
    box.addItems(items)
    box.setCurrentIndex(at if 0 <= at < len(items) else min(0, len(items) - 1))
