"""How one word's attention is computed, step by step, with the numbers as they are now."""

from __future__ import annotations

import math
from html import escape
from typing import Any

from PySide6.QtWidgets import QComboBox, QFrame, QLabel, QScrollArea, QVBoxLayout

from playground.probes.attention_steps import LAST, AttentionSteps, AttentionStepsAnswer
from playground.text import note, tr
from widgets.panels.parts.attention_map import named
from widgets.panels.parts.attention_table import KEYS, PRODUCTS, SCORES, SUM, WEIGHTS, StepsTable
from widgets.panels.parts.grids import signed
from widgets.panels.parts.of_attention import AttentionPicture
from widgets.panels.parts.of_node import offer
from widgets.panels.parts.plots import Readout, icon_button, row
from widgets.theme import Theme

MOST_TERMS = 3
"""Products or values that are written out before the dots."""


class AttentionStepsPanel(AttentionPicture):
    """Shows query, keys, scores, weights and the sum of the values for one word."""

    key = "attention_steps"
    title = note("Attention step by step")
    help = note(
        "One word looks at all others, and each of these has a row. From left to right: its key k, the product q · k "
        "with the query above, divided by the root of their length, turned into shares by the softmax, and its value "
        "v; below, the values added up by their shares, which is what leaves. Go through the steps with the arrows, "
        "point at a row to see its numbers written out, and choose the word that looks here or in the attention panel."
    )
    icon = "mdi6.stairs"
    per_node = True

    def compose(self, column: QVBoxLayout) -> None:
        """Create the controls, the table, and the line with the formula."""
        self.answer: AttentionStepsAnswer | None = None
        self.word = QComboBox(objectName="attention_steps_word")
        self.word.setMinimumContentsLength(4)
        self.word.activated.connect(self._on_word_activated)
        self.before = icon_button("attention_steps_earlier", "mdi6.skip-previous")
        self.after = icon_button("attention_steps_later", "mdi6.skip-next")
        self.before.clicked.connect(self._on_before_clicked)
        self.after.clicked.connect(self._on_after_clicked)
        self.place = QLabel()
        self.place.setProperty("role", "dim")
        column.addLayout(self.make_controls())
        self.table = StepsTable("attention_steps_table")
        self.table.pointed.connect(self._tell)
        self.table.stepped.connect(self.go)
        room = QScrollArea()
        room.setFrameShape(QFrame.Shape.NoFrame)
        room.setWidgetResizable(True)
        room.setWidget(self.table)
        room.viewport().setAutoFillBackground(False)
        self.table.setAutoFillBackground(False)
        column.addWidget(room, 1)
        self._readout = Readout("attention_steps_readout")
        column.addLayout(row(self.before, self.place, self.after, self._readout, stretch=3))
        self.list_nodes()

    def more_controls(self) -> list[Any]:
        return [self.word]

    def probe(self) -> AttentionSteps | None:
        """Ask for the chosen word of the chosen head; of nothing where there is none."""
        node, spot = self.chosen(), self.focus.now
        if not node:
            return None
        at = spot.step if spot.step >= 0 else LAST
        return AttentionSteps(node=node, head=self.chosen_head(), row=at, index=spot.index, own=spot.words)

    # -- drawing -----------------------------------------------------------------------------------------------

    def draw(self, answer: AttentionStepsAnswer | None) -> None:
        """Show the numbers as they are now."""
        if answer is not None and answer.node != self.chosen():
            return  # asked before another layer was chosen
        self.answer = answer
        self.show_picture(answer is not None)
        if answer is None:
            return
        self.bar.show_place(answer.index, answer.count, answer.own, self.typable)
        offer(self.word, [named(answer.asking, at) for at in range(answer.asking.steps)])
        self.word.setCurrentIndex(answer.row)
        self.table.show_answer(answer)
        self._tell()

    def go(self, by: int) -> None:
        """Show the formula up to the step before (−1) or after (+1)."""
        self.table.show_stage(max(KEYS, min(SUM, self.table.stage + by)))
        self._tell()

    # -- words -------------------------------------------------------------------------------------------------

    def _tell(self) -> None:
        """Say which step it is, and write it out for the row that is marked."""
        stage, answer = self.table.stage, self.answer
        names = {
            KEYS: tr("query and keys"),
            PRODUCTS: tr("products"),
            SCORES: tr("scores"),
            WEIGHTS: tr("weights"),
            SUM: tr("sum of the values"),
        }
        self.place.setText(f"{stage} / {SUM}  {names[stage]}")
        self.before.setEnabled(stage > KEYS)
        self.after.setEnabled(stage < SUM)
        if answer is not None:
            self._readout.hurry()
            self._readout.say(*self.written_out(answer, self.table.marked))

    def written_out(self, answer: AttentionStepsAnswer, at: int) -> tuple[str, ...]:
        """Write the step out with its numbers, at length and in short."""
        stage, word = self.table.stage, escape(named(answer.asked, at))
        score = float(answer.scores[at])
        hidden = not math.isfinite(score)
        if stage == KEYS:
            asking = escape(named(answer.asking, answer.row))
            long = tr("the query of “{one}” meets the key of every word: {n} numbers each", one=asking, n=answer.width)
            return long, f"d = {answer.width}"
        if stage == PRODUCTS:
            terms = [f"{_b(q)}·{_b(k)}" for q, k in zip(answer.query, answer.keys[at], strict=True)]
            total = signed(float(answer.products[at]))
            return f"q · k({word}) = {_summed(terms)} = {total}", f"q · k = {total}"
        if hidden and stage in (SCORES, WEIGHTS):
            words = tr("“{word}” comes later: the mask sets its score to −∞, its weight to 0", word=word)
            return words, "−∞ → 0"
        if stage == SCORES:
            short = f"{signed(float(answer.products[at]))} / √{answer.width} = {signed(score)}"
            return f"{word}: {short}", short
        if stage == WEIGHTS:
            return self._softmax(answer, at)
        best = sorted(range(answer.asked.steps), key=lambda one: -answer.weights[one])
        terms = [f"{signed(float(answer.weights[one]))} · v({escape(named(answer.asked, one))})" for one in best]
        return f"{_summed(terms)} = ({', '.join(signed(float(one)) for one in answer.out[:3])}, …)", _summed(terms, 1)

    @staticmethod
    def _softmax(answer: AttentionStepsAnswer, at: int) -> tuple[str, ...]:
        """Write a share out, all scores shifted by the largest so that no power gets out of hand."""
        most = float(answer.scores.max())
        own = math.exp(float(answer.scores[at]) - most)
        total = sum(math.exp(float(score) - most) for score in answer.scores)
        score, weight = signed(float(answer.scores[at])), signed(float(answer.weights[at]), 3)
        high = signed(most)
        return (
            f"e<sup>{score} − ({high})</sup> / Σ e<sup>s − ({high})</sup> = {own:.3g} / {total:.3g} = {weight}",
            f"{own:.3g} / {total:.3g} = {weight}",
        )

    def empty(self) -> str:
        """Say how to fill it."""
        if not self.nodes():
            return tr("Where there is attention, its computation appears here: open the preset self-attention.")
        return tr("Once the network is complete and reads words, the computation of its attention appears here.")

    def relabel(self) -> None:
        """Say everything again in the present language."""
        super().relabel()
        for button, words in ((self.before, tr("The step before")), (self.after, tr("The next step"))):
            button.setAccessibleName(words)
            button.setToolTip(words)
        self.word.setAccessibleName(tr("The word that looks"))
        self.word.setToolTip(tr("The word that looks"))
        self.table.setAccessibleName(
            tr("Table of the computation; up and down walk through the words, left and right through the steps")
        )
        self._tell()

    def recolour(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.table.update()

    # -- what happens ------------------------------------------------------------------------------------------

    def _on_word_activated(self, k: int) -> None:
        self.focus.move(step=k)

    def _on_before_clicked(self) -> None:
        self.go(-1)

    def _on_after_clicked(self) -> None:
        self.go(+1)


def _b(value: Any) -> str:
    """Write a number so that it can stand in a product."""
    text = signed(float(value))
    return f"({text})" if text.startswith("−") else text


def _summed(terms: list[str], most: int = MOST_TERMS) -> str:
    """Write a sum, the first terms of it where it is long."""
    shown = terms if len(terms) <= most else [*terms[:most], "…"]
    return " + ".join(shown)
