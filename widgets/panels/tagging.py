"""Sentences with the tag that each word gets, and where it should be another."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout

from playground.probes.tagging import Tagging, TaggingAnswer
from playground.text import note, tr
from playground.tidy import Table
from widgets.panels.parts.plots import Picture, Readout, chip, row
from widgets.panels.parts.sentence import SentenceBar
from widgets.panels.parts.tagged import TaggedLines
from widgets.theme import Theme

PAGE = 12
"""Sentences that are shown at once."""


class TaggingPanel(Picture):
    """Shows tagged sentences, held out from training."""

    key = "tagging"
    title = note("Tags")
    help = note(
        "Sentences that were not trained on, each word with the tag that the network gives it. Where it should be "
        "another the word is framed, the wrong tag is struck out and the right one stands beside it; in front of each "
        "sentence are its mistakes. Point at a word to see how sure the network is, click a sentence to see it in the "
        "other panels too, or type one of your own."
    )
    icon = "mdi6.tag-text-outline"

    def compose(self, column: QVBoxLayout) -> None:
        """Create the controls, the sentences and the line of words."""
        self.answer: TaggingAnswer | None = None
        self.first = 0
        self.mistaken = chip("tagging_mistaken")
        self.mistaken.toggled.connect(self._on_mistaken_toggled)
        self.bar = SentenceBar("tagging", self.focus, self._turn)
        column.addLayout(row(self.bar, self.mistaken, stretch=0))
        self.lines = TaggedLines("tagging_lines", self.class_name)
        self.lines.pointed.connect(self._tell)
        self.lines.picked.connect(self._on_lines_picked)
        self.area = QScrollArea()
        self.area.setObjectName("tagging_area")
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setWidgetResizable(True)
        self.area.setWidget(self.lines)
        column.addWidget(self.area, 1)
        self._readout = Readout("tagging_readout")
        column.addWidget(self._readout)
        self.focus.changed.connect(self._on_focus_changed)
        self.session.restarted.connect(self._on_session_restarted)
        self.destroyed.connect(self.session.document.subscribe(self._on_document_changed))

    def probe(self) -> Tagging | None:
        """Ask for a page of sentences; for nothing where words have no tags."""
        if not Tagging.suits(self.session.document.now):
            return None
        order = "mistaken" if self.mistaken.isChecked() else "given"
        return Tagging(order=order, first=self.first, texts=PAGE, own=self.focus.now.words)

    # -- drawing -----------------------------------------------------------------------------------------------

    def draw(self, answer: TaggingAnswer | None) -> None:
        """Show the sentences."""
        self.answer = answer
        self.show_picture(answer is not None)
        if answer is None:
            return
        typed = (answer.typed,) if answer.typed is not None else ()
        texts = (*typed, *answer.texts)
        wanted = -1 if self.focus.now.words else self.focus.now.index
        chosen = next((k for k, text in enumerate(texts) if text.index == wanted), -1)
        self.lines.show_texts(texts, answer.classes, chosen)
        self._sync_place()
        self._tell()

    def _sync_place(self) -> None:
        if self.answer is not None:
            self.bar.show_place(self.answer.first, self.answer.count, False, True, len(self.answer.texts))

    def _tell(self) -> None:
        """Say what the pointer is at, else how many of the words have the right tag."""
        answer = self.answer
        if answer is None:
            return
        if self.lines.hovered is not None:
            self._readout.hurry()
            self._readout.say(self.lines.told(*self.lines.hovered))
            return
        judged, hits = answer.judged, answer.hits
        if not judged:
            judged = sum(int((text.right >= 0).sum()) for text in answer.texts)
            hits = judged - sum(text.mistakes for text in answer.texts)
        where = tr("of all words looked at") if answer.judged else tr("of the words shown")
        share = f"{hits:,} / {judged:,} ({hits / max(1, judged):.1%})"
        self._readout.say(tr("right: {share} {where}", share=share, where=where), share)

    def as_table(self) -> Table | None:
        """Return a row for each word: its tag, and the right one where it is known."""
        if self.answer is None:
            return None
        columns = ("sentence", "position", "word", "known", "tag", "right", "probability", "second", "its_probability")
        names = self.answer.classes
        rows = [
            (
                *(text.index if text.index >= 0 else "typed", at, word, int(at not in text.unknown)),
                *(names[text.given[at]], names[text.right[at]] if text.right[at] >= 0 else None, text.sure[at]),
                *(names[text.second[at]], text.less[at]),
            )
            for text in self.lines.texts
            for at, word in enumerate(text.words)
        ]
        return Table(columns, rows)

    # -- words -------------------------------------------------------------------------------------------------

    def empty(self) -> str:
        """Say how to fill it."""
        if not Tagging.suits(self.session.document.now):
            return tr("Where each word of a text has a tag, sentences with their tags appear here: open lstm-tagger.")
        return tr("Once the network is complete, the tags that it gives appear here.")

    def relabel(self) -> None:
        """Say everything again in the present language."""
        super().relabel()
        self.bar.relabel()
        self.mistaken.setText(tr("Mistakes first"))
        self.mistaken.setToolTip(tr("Show the sentences with the most mistakes first"))
        self.mistaken.setAccessibleName(tr("Show the sentences with the most mistakes first"))
        self.lines.setAccessibleName(tr("Sentences with their tags; the arrow keys choose one"))
        self.lines.relabel()
        self._tell()

    def recolour(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.area.viewport().setStyleSheet(f"background: {theme.panel}")
        self.lines.update()

    # -- what happens ------------------------------------------------------------------------------------------

    def sync(self) -> None:
        """Say what is missing while there is nothing to draw."""
        self.show_picture(self.answer is not None)

    def _turn(self, by: int) -> None:
        """Turn the page."""
        count = self.answer.count if self.answer is not None else 1
        last = (count - 1) // PAGE * PAGE
        first = self.first // PAGE * PAGE + by * PAGE
        self.first = last if first < 0 else 0 if first > last else first
        self.area.verticalScrollBar().setValue(0)
        self.rewatch()

    def _on_mistaken_toggled(self, on: bool) -> None:
        self.first = 0
        self.area.verticalScrollBar().setValue(0)
        self.rewatch()

    def _on_lines_picked(self, number: int) -> None:
        index = self.lines.texts[number].index
        if index >= 0:
            self.focus.move(index=index, words="")

    def _on_focus_changed(self) -> None:
        self.rewatch()
        self.draw(self.answer)

    def _on_session_restarted(self) -> None:
        self.draw(None)

    def _on_document_changed(self, old: Any, new: Any) -> None:
        if old.facts is not new.facts or old.graph is not new.graph:
            self.show_picture(self.answer is not None)
            self.rewatch()
