"""What attention looks at: for every word how much it takes from each other, as a heat map, as arcs, in all heads."""

from __future__ import annotations

from html import escape
from typing import Any

import numpy as np
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout

from playground.probes.attention import MEAN, Attention, AttentionAnswer
from playground.text import Sentence, note, tr
from widgets.panels.parts.attention_arcs import Arcs
from widgets.panels.parts.attention_heads import Heads
from widgets.panels.parts.attention_map import WeightsMap, named
from widgets.panels.parts.grids import signed
from widgets.panels.parts.of_attention import ROOMY, AttentionPicture
from widgets.panels.parts.of_node import offer
from widgets.panels.parts.plots import Readout
from widgets.theme import Theme

MAP, ARCS, ALL = range(3)

VIEWS = (note("heat map"), note("arcs"), note("all heads"))

MOST_TOLD = 4
"""Words that are named of those that one word looks at, the most important ones first."""


class AttentionPanel(AttentionPicture):
    """Shows who looks at whom in one head, and all heads of all layers at a glance."""

    key = "attention"
    title = note("Attention")
    help = note(
        "Each row is a word that looks, each column a word that is looked at: the stronger the colour of a cell, the "
        "more the row takes from that word (a row sums up to 1; what the mask hides is hatched). As arcs, those above "
        "the words lead to earlier ones, those below to later ones; in cross-attention the rows are the words that are "
        "being written (▸). Click a word to keep to it, look at all heads at once, and type a sentence of your own to "
        "see what a head waits for."
    )
    icon = "mdi6.eye-arrow-right-outline"
    per_node = True

    def compose(self, column: QVBoxLayout) -> None:
        """Create the controls and the three pictures."""
        self.answer: AttentionAnswer | None = None
        self.view = QComboBox(objectName="attention_view")
        self.view.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.view.activated.connect(self._on_view_activated)
        column.addLayout(self.make_controls())
        self.map, self.arcs, self.all = WeightsMap("attention_map"), Arcs("attention_arcs"), Heads("attention_all")
        for picture in (self.map, self.arcs):
            picture.pointed.connect(self._tell)
            picture.picked.connect(self._on_picture_picked)
        self.all.picked.connect(self._on_all_picked)
        body = QHBoxLayout()
        body.setSpacing(12)
        body.addWidget(self.all, 2)
        body.addWidget(self.map, 3)
        body.addWidget(self.arcs, 3)
        column.addLayout(body, 1)
        self._readout = Readout("attention_readout")
        column.addWidget(self._readout)
        self.list_nodes()
        self._arrange()

    def more_controls(self) -> list[Any]:
        return [self.view]

    def probe(self) -> Attention | None:
        """Ask for the chosen layer; of nothing where there is none."""
        node, spot = self.chosen(), self.focus.now
        return Attention(node=node, head=self.chosen_head(), index=spot.index, own=spot.words) if node else None

    def list_heads(self) -> None:
        """Offer the heads of the layer, and behind them the mean of all."""
        heads = self.heads()
        said = [tr("head {n} of {total}", n=n + 1, total=heads) for n in range(heads)]
        offer(self.head, [*said, tr("mean of all heads")])
        self.head.setVisible(heads > 1)

    def chosen_head(self) -> int:
        """Return the head that is looked into; the mean of all stands behind the last."""
        at, heads = max(0, self.head.currentIndex()), self.heads()
        return MEAN if heads > 1 and at >= heads else min(at, heads - 1)

    # -- drawing -----------------------------------------------------------------------------------------------

    def draw(self, answer: AttentionAnswer | None) -> None:
        """Show who looks at whom now."""
        if answer is not None and answer.node != self.chosen():
            return  # asked before another layer was chosen
        self.answer = answer
        self.show_picture(answer is not None)
        if answer is None:
            return
        self.bar.show_place(answer.index, answer.count, answer.own, self.typable)
        for picture in (self.map, self.arcs):
            picture.show_answer(answer)
        self._follow()
        self._show_all()
        self._arrange()
        self._tell()

    def _show_all(self) -> None:
        if self.answer is not None:
            self.all.show_layers(self.answer.layers, self.names(), (self.answer.node, self.answer.head))

    def _follow(self) -> None:
        """Keep to the word that all panels of this sentence keep to."""
        row = self.kept
        self.map.follow(row)
        self.arcs.follow(row)

    @property
    def kept(self) -> int:
        """The row that is kept to; −1: none."""
        row = self.focus.now.step
        return row if self.answer is not None and row < self.answer.asking.steps else -1

    def _arrange(self) -> None:
        """Show what is chosen, and all heads beside it where there is room and there are several."""
        view = max(0, self.view.currentIndex())
        several = self.answer is not None and sum(len(layer.maps) for layer in self.answer.layers) > 1
        self.all.setVisible(several and (view == ALL or self.width() >= ROOMY))
        self.map.setVisible(view == MAP or (view == ALL and not several))
        self.arcs.setVisible(view == ARCS)

    # -- words -------------------------------------------------------------------------------------------------

    def _tell(self) -> None:
        """Say what the pointer is at, else what the word that is kept to looks at."""
        answer = self.answer
        if answer is None:
            return
        if self.arcs.isVisible():
            row, column = self.arcs.shown, -1
        else:
            row, column = self.map.marked
        if self.map.hovered is not None or self.arcs.hovered >= 0:
            self._readout.hurry()
        if not 0 <= row < answer.asking.steps:
            self._readout.say(tr("{kind}, step {n}", kind=self.kind(), n=answer.step))
        elif column >= 0:
            weight = signed(float(answer.weights[row, column]), 3)
            self._readout.say(
                tr("{one} looks at {other}: {share}", one=self.who(row), other=self.whom(column), share=weight)
            )
        else:
            best = np.argsort(-answer.weights[row].astype(np.float32), kind="stable")[:MOST_TOLD]
            shares = [f"{self.whom(int(at))} {signed(float(answer.weights[row, at]))}" for at in best]
            longer = tr("{one} looks at {others}", one=self.who(row), others=" &nbsp; ".join(shares))
            self._readout.say(longer, f"{self.who(row)}: {shares[0]}")

    def who(self, row: int) -> str:
        """Name a word that looks."""
        assert self.answer is not None
        word = escape(named(self.answer.asking, row))
        if not self.answer.says:
            return f"“{word}”"
        return tr("writing “{word}” after “{before}”,", word=escape(self.answer.says[row]), before=word)

    def whom(self, column: int) -> str:
        """Name a word that is looked at."""
        assert self.answer is not None
        return f"“{escape(named(self.answer.asked, column))}”"

    def empty(self) -> str:
        """Say how to fill it."""
        if not self.nodes():
            return tr("Where there is attention, who looks at whom appears here: open the preset self-attention.")
        return tr("Once the network is complete and reads words, the weights of its attention appear here.")

    def relabel(self) -> None:
        """Say everything again in the present language."""
        super().relabel()
        offer(self.view, [str(Sentence(words)) for words in VIEWS])
        self.view.setAccessibleName(tr("How it is shown"))
        self.view.setToolTip(tr("How it is shown"))
        self.map.setAccessibleName(tr("Weights of the attention; the arrow keys walk"))
        self.arcs.setAccessibleName(tr("Weights of the attention as arcs; the arrow keys walk"))
        self.all.setAccessibleName(tr("All heads of all layers; the arrow keys choose one"))
        self.draw(self.answer)

    def recolour(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        for picture in (self.map, self.arcs, self.all):
            picture.update()

    # -- what happens ------------------------------------------------------------------------------------------

    def _on_view_activated(self, k: int) -> None:
        self._arrange()
        self._tell()

    def _on_head_activated(self, k: int) -> None:
        super()._on_head_activated(k)
        self._show_all()

    def _on_picture_picked(self, row: int) -> None:
        self.focus.move(step=row)

    def _on_all_picked(self, node: str, head: int) -> None:
        if node != self.chosen():
            self.set_node(node)
        self.head.setCurrentIndex(head)
        if self.view.currentIndex() == ALL and self.width() < ROOMY:
            self.view.setCurrentIndex(MAP)
            self._arrange()
        self._on_head_activated(head)

    def _on_focus_changed(self) -> None:
        super()._on_focus_changed()
        self._follow()
        self._tell()

    # -- Qt ----------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: Any) -> None:
        """Show all heads beside the one that is chosen where there is room."""
        super().resizeEvent(event)
        self._arrange()
