"""Held-out examples with what the network takes them for: its mistakes, or a cell of the confusion matrix."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLabel, QToolButton, QVBoxLayout

from playground.probes._entering import form_of
from playground.probes.mistakes import ORDERS, Mistakes, MistakesAnswer
from playground.text import Sentence, note, tr
from widgets.icons import icon
from widgets.panels.parts.example_tiles import ExampleTiles
from widgets.panels.parts.plots import Picture, Readout, icon_button, row
from widgets.theme import Theme


class MistakesPanel(Picture):
    """Shows examples with the right class, the network's, and how sure it is."""

    key = "mistakes"
    title = note("Examples and mistakes")
    help = note(
        "Held-out examples that the network gets wrong, the ones it is surest of first: the right class, an arrow, the "
        "class that it chose, and the probability it gives to it. Click a cell of the confusion matrix to see the "
        "examples that are counted there. Click an example, and the other panels show what the network makes of it: "
        "can you see why?"
    )
    icon = "mdi6.image-off-outline"

    def compose(self, column: QVBoxLayout) -> None:
        """Create the controls and the tiles."""
        self.answer: MistakesAnswer | None = None
        self.first = 0
        self.before = icon_button("mistakes_before", "mdi6.chevron-left")
        self.before.clicked.connect(self._on_before_clicked)
        self.after = icon_button("mistakes_after", "mdi6.chevron-right")
        self.after.clicked.connect(self._on_after_clicked)
        self.place = QLabel(objectName="mistakes_place")
        self.place.setProperty("role", "dim")
        self.order = QComboBox(objectName="mistakes_order")
        self.order.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.order.setMinimumWidth(70)
        self.order.activated.connect(self._on_order_activated)
        self.cell = QToolButton(objectName="mistakes_cell")
        self.cell.setProperty("kind", "chip")
        self.cell.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.cell.setIcon(icon("mdi6.close", "dim"))
        self.cell.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.cell.clicked.connect(self._on_cell_clicked)
        self.readout = Readout("mistakes_readout")
        column.addLayout(row(self.before, self.place, self.after, self.order, self.cell, self.readout))
        self.tiles = ExampleTiles("mistakes_tiles", self.class_name)
        self.tiles.chosen.connect(self._on_tiles_chosen)
        self.tiles.turned.connect(self._turn)
        self.tiles.resized.connect(self.rewatch)
        column.addWidget(self.tiles, 1)
        self.none = QLabel(objectName="mistakes_none", wordWrap=True, visible=False)
        self.none.setProperty("role", "dim")
        self.none.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addWidget(self.none, 1)
        self.focus.changed.connect(self._on_focus_changed)
        self.session.restarted.connect(self._on_session_restarted)
        self.destroyed.connect(self.session.document.subscribe(self._on_document_changed))

    def probe(self) -> Mistakes | None:
        """Ask for the page that is shown; for nothing where no classes are told apart."""
        report, facts = self.session.document.report, self.session.document.now.facts
        if Mistakes.misfit(report, facts) is not None:
            return None
        label, answer = self.focus.now.cell or (-1, -1)
        order = tuple(ORDERS)[max(0, self.order.currentIndex())]
        count = self.tiles.room(form_of(report)[0])
        return Mistakes(label=label, answer=answer, order=order, first=self.first, count=count)

    def draw(self, answer: MistakesAnswer | None) -> None:
        """Show the examples as the network judges them now."""
        known = self.answer is not None and answer is not None and self.answer.names == answer.names
        self.answer = answer
        self.show_picture(answer is not None)
        if answer is None:
            return
        if answer.found <= self.first:
            self.first = 0  # there are fewer by now
        self._show_tiles()
        self._sync_words(answer)
        if not known:
            self.rewatch()  # as many as there is room for, now that it is known what they look like

    def _show_tiles(self) -> None:
        spot, answer = self.focus.now, self.answer
        if answer is not None:
            own = spot.picture is not None or spot.words
            self.tiles.show_answer(answer, -1 if own else spot.index)
            self.tiles.setVisible(answer.found > 0)
            self.none.setVisible(answer.found == 0)

    def _sync_words(self, answer: MistakesAnswer) -> None:
        last = answer.first + len(answer.places)
        place = f"{answer.first + 1:,}–{last:,} / {answer.found:,}" if answer.found else "0"
        self.cell.setVisible(answer.label >= 0)
        if answer.label >= 0:
            names = (self.class_name(answer.classes[k]) for k in (answer.label, answer.answer))
            self.cell.setText(" → ".join(name if len(name) <= 12 else name[:11] + "…" for name in names))
        if self.place.text() != place:
            self.place.setText(place)
        for button in (self.before, self.after):
            button.setEnabled(answer.found > len(answer.places))
        share = f"{answer.wrong / max(1, answer.looked):.1%}"
        wrong = tr("{wrong} of {looked} wrong", wrong=answer.wrong, looked=answer.looked)
        step = tr("step {n}", n=answer.step)
        self.readout.say(f"{wrong} ({share}), {step}", f"{wrong} ({share})", f"{answer.wrong:,} / {answer.looked:,}")
        if not answer.found:
            nothing = tr("No example is in this cell.") if answer.label >= 0 else tr("No mistakes: all are right.")
            self.none.setText(nothing)

    # -- words and colours -------------------------------------------------------------------------------------

    def title_detail(self) -> str:
        """Return which examples are looked at."""
        return tr("train") if self.answer is not None and self.answer.split == "train" else tr("validation")

    def empty(self) -> str:
        """Say how to fill it."""
        why = Mistakes.misfit(self.session.document.report, self.session.document.now.facts)
        return str(why) if why is not None else tr("Once the network is complete, its mistakes appear here.")

    def relabel(self) -> None:
        """Say everything again in the present language."""
        super().relabel()
        at = max(0, self.order.currentIndex())
        self.order.clear()
        self.order.addItems([str(Sentence(words)) for words in ORDERS.values()])
        self.order.setCurrentIndex(at)
        for widget, words in (
            (self.before, tr("Previous examples")),
            (self.after, tr("Next examples")),
            (self.order, tr("In which order they stand; least sure first shows right ones too")),
            (self.cell, tr("Of this cell of the confusion matrix only; click to see all mistakes")),
        ):
            widget.setAccessibleName(words)
            widget.setToolTip(words)
        self.tiles.setAccessibleName(str(Sentence(self.title)))
        if self.answer is not None:
            self._show_tiles()
            self._sync_words(self.answer)

    def recolour(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.tiles.update()

    # -- what happens ------------------------------------------------------------------------------------------

    def sync(self) -> None:
        """Say what is missing while there is nothing to draw."""
        self.show_picture(self.answer is not None)

    def _turn(self, by: int) -> None:
        """Turn the page, after the last to the first."""
        answer = self.answer
        if answer is None or not answer.found:
            return
        size = max(1, len(answer.places)) if by > 0 else self.tiles.room(answer.form)
        first = self.first + by * size
        last = (answer.found - 1) // size * size
        self.first = last if first < 0 and self.first == 0 else 0 if first >= answer.found else max(0, first)
        self.rewatch()

    def _on_before_clicked(self) -> None:
        self._turn(-1)

    def _on_after_clicked(self) -> None:
        self._turn(+1)

    def _on_order_activated(self, _: int) -> None:
        self.first = 0
        self.rewatch()

    def _on_cell_clicked(self) -> None:
        self.focus.move(cell=None)

    def _on_tiles_chosen(self, place: int) -> None:
        self.focus.move(index=place, words="")

    def _on_focus_changed(self) -> None:
        label, answer = self.focus.now.cell or (-1, -1)
        if self.answer is not None and (self.answer.label, self.answer.answer) != (label, answer):
            self.first = 0
        self._show_tiles()
        self.rewatch()

    def _on_session_restarted(self) -> None:
        self.draw(None)

    def _on_document_changed(self, old: Any, new: Any) -> None:
        if old.facts is not new.facts or old.graph is not new.graph:
            if self.probe() is None:
                self.draw(None)
            self.show_picture(self.answer is not None)
            self.rewatch()
