"""What a network writes: running text, sample by sample and from one's own beginning, or an answer, token by token."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtWidgets import QStackedWidget, QVBoxLayout

from playground import messages
from playground.probes.writing import AnswerWritten, SamplesWritten, TextWritten, Write, Writing, place_of
from playground.text import Sentence, note, tr
from widgets.panels.parts.answers import AnswerPage
from widgets.panels.parts.going_on import TextPage
from widgets.panels.parts.plots import Picture
from widgets.theme import Theme


class WritingPanel(Picture):
    """Shows what a network writes, and lets a person have it write."""

    key = "writing"
    title = note("Written text")
    help = note(
        "The network writes by itself here: each token that it has written is what it reads next, while in training, "
        "and so for the loss, the true one stands there. Of running text there is a sample after every epoch, always "
        "drawn by the same chance, and it goes on with a beginning of yours: at temperature 0 with the likeliest "
        "token, higher with bolder ones. Of an answer the likeliest token is taken each time: walk along it and see "
        "what else could have come, for where two bars are almost equal it hesitates."
    )
    icon = "mdi6.typewriter"

    def compose(self, column: QVBoxLayout) -> None:
        """Create the page of running text and that of answers."""
        self.answer: SamplesWritten | AnswerWritten | None = None
        self._asked: int | None = None
        self._number = 0
        self.texts, self.answers = TextPage(), AnswerPage(self.focus)
        self.texts.writePressed.connect(self._on_write_pressed)
        self._pages = QStackedWidget()
        for page in (self.texts, self.answers):
            self._pages.addWidget(page)
        column.addWidget(self._pages, 1)
        self.focus.changed.connect(self._on_focus_changed)
        self.session.restarted.connect(self._on_session_restarted)
        self.destroyed.connect(self.session.document.subscribe(self._on_document_changed))

    def probe(self) -> Writing | None:
        """Ask for samples, or for the answer to the example that all panels look at; None where nothing is written."""
        experiment = self.session.document.now
        place = place_of(self.session.document.report, experiment)
        if place is None:
            return None
        return Writing() if place.running else Writing(index=self.focus.now.index, own=self.focus.now.words)

    @property
    def busy(self) -> bool:
        """Whether a text is being written."""
        return self._asked is not None

    # -- drawing -----------------------------------------------------------------------------------------------

    def draw(self, answer: SamplesWritten | AnswerWritten | None) -> None:
        """Show what is written now."""
        self.answer = answer
        self.show_picture(answer is not None)
        if isinstance(answer, SamplesWritten):
            self._pages.setCurrentWidget(self.texts)
            self.texts.show_samples(answer.samples)
        elif isinstance(answer, AnswerWritten):
            self._pages.setCurrentWidget(self.answers)
            self.answers.show_answer(answer)

    def sync(self) -> None:
        """Say what is missing while there is nothing to draw."""
        self.show_picture(self.answer is not None)

    # -- writing -----------------------------------------------------------------------------------------------

    def write(self) -> None:
        """Have the network go on with what was typed, each time by another chance."""
        if self.busy:
            return
        self._number += 1  # the reply to one that was stopped may come after the next was asked
        question = Write(self.texts.prompt.text(), self.texts.temperature, seed=self._number)
        self._asked = self.session.ask(question, partial(self._on_replied, self._number), self._on_underway)
        self.texts.show_own(None)
        self.texts.readout.say("")
        self.texts.say_button(True)

    def stop(self) -> None:
        """Give up what is being written; what is there already stays."""
        if self._asked is not None:
            self.session.cancel(self._asked)
            self._asked = None
            self.texts.say_button(False)

    def _on_underway(self, notice: messages.Underway) -> None:
        if notice.id == self._asked and notice.partial is not None:
            self._show_own(notice.partial)

    def _on_replied(self, number: int, answer: TextWritten | None, failure: Sentence | None) -> None:
        if self._asked is None or number != self._number:
            return  # stopped here
        self._asked = None
        self.texts.say_button(False)
        if answer is not None:
            self._show_own(answer)
        elif failure is not None:
            self.texts.readout.hurry()
            self.texts.readout.say(str(failure))

    def _show_own(self, own: TextWritten) -> None:
        self.texts.show_own(own)
        said = []
        if own.unknown:
            said.append(tr("never seen: {tokens}", tokens=" ".join(own.unknown[:20])))
        if not own.goes_on:
            said.append(tr("a layer cannot go on from where it was: all is read anew for each token"))
        self.texts.readout.say(" · ".join(said))

    # -- words and colours -------------------------------------------------------------------------------------

    def empty(self) -> str:
        """Say how to fill it."""
        if not Writing.suits(self.session.document.now):
            return tr("Where a network predicts the next token, what it writes appears here: open character-model.")
        return tr("Once the network is complete, what it writes appears here.")

    def relabel(self) -> None:
        """Say everything again in the present language."""
        super().relabel()
        self.texts.relabel(self.busy)
        self.answers.relabel()

    def recolour(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.answers.recolour()
        self.texts.likeliest.update()

    # -- what happens ------------------------------------------------------------------------------------------

    def _on_write_pressed(self) -> None:
        if self.busy:
            self.stop()
        else:
            self.write()

    def _on_focus_changed(self) -> None:
        self.rewatch()

    def _on_session_restarted(self) -> None:
        self.stop()
        self.texts.show_own(None)
        self.draw(None)

    def _on_document_changed(self, old: Any, new: Any) -> None:
        if old.graph is not new.graph or old.facts is not new.facts:
            if self.probe() is None:
                self.draw(None)
            self.rewatch()
