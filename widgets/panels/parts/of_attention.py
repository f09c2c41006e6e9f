"""What panels of attention share: the lists of layers and heads, and the sentence that is read."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QBoxLayout, QComboBox, QHBoxLayout

from playground.probes._attended import CROSS, attentions, is_attention, kind_of
from playground.report import Report
from playground.text import Sentence, note, tr
from widgets.panels.parts.of_node import NodePicture, offer
from widgets.panels.parts.sentence import SentenceBar

KINDS = {"self": note("self-attention"), "masked": note("masked self-attention"), "cross": note("cross-attention")}

ROOMY = 600
"""Pixels of width from which the controls stand in one row."""


def short_names(ids: list[str]) -> dict[str, str]:
    """Return for each layer the shortest beginning of its path that no other has: encoder.2, decoder.cross_attention.

    Numbers of groups that are not repeated are left out.
    """
    paths = {id: id.split(".") for id in ids}
    made = {}
    for id, own in paths.items():
        others = [path for other, path in paths.items() if other != id]
        reach = next(k for k in range(1, len(own) + 1) if all(path[:k] != own[:k] for path in others))
        known = [
            part for k, part in enumerate(own[:reach]) if part != "1" or any(_again(one, own, k) for one in others)
        ]
        made[id] = ".".join(known)
    return made


def _again(other: list[str], own: list[str], k: int) -> bool:
    """Whether another path goes through another repetition of the group that is numbered at this place."""
    return other[:k] == own[:k] and other[k : k + 1] != own[k : k + 1]


class AttentionPicture(NodePicture):
    """The base of panels that look into one head of one layer while one sentence is read."""

    choice_help = note("The layer of attention that is looked into")

    def make_controls(self) -> QBoxLayout:
        """Create the lists and the line for a sentence."""
        self.make_choice()
        self.head = QComboBox(objectName=f"{self.key}_head")
        self.head.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.head.activated.connect(self._on_head_activated)
        self.bar = SentenceBar(self.key, self.focus)
        self._head_row = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._head_row.setSpacing(4)
        lists = QHBoxLayout()
        lists.setSpacing(8)
        for widget in (self._choice, self.head, *self.more_controls()):
            lists.addWidget(widget)
        lists.addStretch()
        self._head_row.addLayout(lists)
        self._head_row.addWidget(self.bar, 1)
        self.focus.changed.connect(self._on_focus_changed)
        self.session.restarted.connect(self._on_session_restarted)
        self.destroyed.connect(self.session.document.subscribe(self._on_document_changed))
        return self._head_row

    def more_controls(self) -> list[Any]:
        """Return what else stands in the row of lists."""
        return []

    # -- which layer and head ----------------------------------------------------------------------------------

    def nodes(self) -> list[str]:
        return [node.id for node in attentions(self._report)]

    def first_of(self, nodes: list[str]) -> str:
        """Return the last cross-attention where there is some: there it shows what was read for what is written."""
        crossing = [id for id in nodes if kind_of(self._report, self._report.nodes[id]) == CROSS]
        return crossing[-1] if crossing else super().first_of(nodes)

    @property
    def _report(self) -> Report:
        report: Report = self.session.document.report
        return report

    def names(self) -> dict[str, str]:
        """Return what each layer is called."""
        return short_names(self.nodes())

    def heads(self) -> int:
        """Return how many heads the layer has."""
        known = self._report.nodes.get(self.chosen())
        block: Any = known.block if known is not None else None
        return int(block.heads) if known is not None and is_attention(known) else 1

    def chosen_head(self) -> int:
        """Return the head that is looked into."""
        return max(0, min(self.head.currentIndex(), self.heads() - 1))

    def list_nodes(self) -> None:
        """Offer the layers and heads that there are now."""
        names, chosen = self.names(), self.chosen()
        offer(self._choice, list(names.values()))
        if chosen:
            self._choice.setCurrentText(names[chosen])
        self._choice.setVisible(len(names) > 1)
        self.list_heads()
        if self.answer is not None and self.answer.node != chosen:
            self.draw(None)

    def list_heads(self) -> None:
        """Offer the heads of the layer."""
        heads = self.heads()
        offer(self.head, [tr("head {n} of {total}", n=n + 1, total=heads) for n in range(heads)])
        self.head.setVisible(heads > 1)

    def kind(self) -> str:
        """Say what the layer looks at."""
        known = self._report.nodes.get(self.chosen())
        return str(Sentence(KINDS[kind_of(self._report, known)])) if known is not None else ""

    def title_detail(self) -> str:
        """Return the layer that is shown."""
        return self.names().get(self.chosen(), "")

    # -- words -------------------------------------------------------------------------------------------------

    @property
    def typable(self) -> bool:
        """Whether words can be typed."""
        return bool(self.session.document.now.facts.vocabularies)

    def relabel(self) -> None:
        """Say everything again in the present language."""
        super().relabel()
        self.list_nodes()
        self.head.setAccessibleName(tr("Head"))
        self.head.setToolTip(tr("Which head is looked into"))
        self.bar.relabel()

    def sync(self) -> None:
        """Say what is missing while there is nothing to draw."""
        self.list_nodes()
        self.show_picture(self.answer is not None)

    # -- what happens ------------------------------------------------------------------------------------------

    def _on_choice_activated(self, k: int) -> None:
        self.set_node(self.nodes()[k])

    def _on_head_activated(self, k: int) -> None:
        self.rewatch()

    def _on_focus_changed(self) -> None:
        self.rewatch()

    def _on_session_restarted(self) -> None:
        self.draw(None)

    # -- Qt ----------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: Any) -> None:
        """Put all controls in one row where there is room."""
        super().resizeEvent(event)
        ways = QBoxLayout.Direction
        self._head_row.setDirection(ways.LeftToRight if self.width() >= ROOMY else ways.TopToBottom)
