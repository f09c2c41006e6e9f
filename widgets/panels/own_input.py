"""An input of one's own, drawn, opened, typed or set, and what the network says to it, live."""

from __future__ import annotations

import html
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from playground.probes._entering import form_of
from playground.probes.own_input import OwnInput, OwnInputAnswer
from playground.text import Sentence, note, tr
from widgets.data_view.wording import class_colour
from widgets.panels.parts.gallery import Shares
from widgets.panels.parts.number_rows import NumberRows
from widgets.panels.parts.own_picture import OwnPicture
from widgets.panels.parts.picture_file import is_picture
from widgets.panels.parts.plots import Picture, Still, icon_button, readable, row
from widgets.panels.parts.sentence import SentenceBar
from widgets.theme import Theme, current

Array = np.ndarray[Any, Any]

PAUSE_MS = 60
"""How often, while one draws, the network is asked at most."""

PREVIEW = 44
"""Pixels along a side of the picture that shows what the network sees."""

LOWEST = 13
"""Pixels that a class takes among the bars at least."""

ROOMY = 330
"""Pixels of width from which on there is room for that picture."""


class OwnInputPanel(Picture):
    """Takes a drawing, a sentence or a row of numbers, and shows what the network says to it."""

    key = "own_input"
    title = note("Your own input")
    help = note(
        "Draw a picture, open one from a file, type a sentence or set the numbers of a row: at the right stands what "
        "the network makes of it, at every moment of the training. All other panels look at your picture or sentence "
        "too, until you go back to the examples. Draw a 3 and turn it stroke by stroke into an 8: when does it change "
        "its mind?"
    )
    icon = "mdi6.draw"

    def compose(self, column: QVBoxLayout) -> None:
        """Create the editors and the answer."""
        self.answer: OwnInputAnswer | None = None
        self._given: tuple[float, ...] = ()
        self._sending = False
        self._make_controls(column)
        self.numbers = NumberRows()
        self.tokens = QLabel(objectName="own_tokens", wordWrap=True, textFormat=Qt.TextFormat.RichText)
        self.tokens.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.editors = QStackedWidget()
        for editor in (self.picture, self.tokens, self.numbers):
            self.editors.addWidget(editor)
        self.preview = Still("own_preview")
        self.preview.setFixedSize(PREVIEW, PREVIEW)
        self.verdict = QLabel(objectName="own_verdict", wordWrap=True, textFormat=Qt.TextFormat.RichText)
        self.verdict.setMinimumWidth(72)
        self.bars = Shares("own_chances")
        said = QHBoxLayout()
        said.setSpacing(8)
        said.addWidget(self.preview)
        said.addWidget(self.verdict, 1)
        beside = QVBoxLayout()
        beside.setSpacing(8)
        beside.addLayout(said)
        beside.addWidget(self.bars, 1)
        self._body = QHBoxLayout()
        self._body.setSpacing(12)
        self._body.addWidget(self.editors, 3)
        self._body.addLayout(beside, 2)
        column.addLayout(self._body, 1)
        self.wrong = QLabel(objectName="own_wrong", wordWrap=True, visible=False)
        self.wrong.setProperty("role", "bad")
        column.addWidget(self.wrong)
        self._pause = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._pause.timeout.connect(self._send)
        self.picture.changed.connect(self._on_picture_changed)
        self.picture.refused.connect(self._on_picture_refused)
        self.numbers.edited.connect(self._on_numbers_edited)
        self.focus.changed.connect(self._on_focus_changed)
        self.session.restarted.connect(self._on_session_restarted)
        self.destroyed.connect(self.session.document.subscribe(self._on_document_changed))
        self.setAcceptDrops(True)
        self.setProperty("takes_files", True)  # see `widgets.file_drop`
        self._fit()

    def _make_controls(self, column: QVBoxLayout) -> None:
        self.bar = SentenceBar("own_input", self.focus)
        self.before = icon_button("own_input_previous", "mdi6.chevron-left")
        self.before.clicked.connect(self._on_before_clicked)
        self.after = icon_button("own_input_next", "mdi6.chevron-right")
        self.after.clicked.connect(self._on_after_clicked)
        self.place = QLabel(objectName="own_place")
        self.place.setProperty("role", "dim")
        self.back = icon_button("own_back", "mdi6.image-refresh-outline")
        self.back.clicked.connect(self._on_back_clicked)
        self._leafing = (self.before, self.place, self.after)
        self._gap = QWidget()
        self.picture = OwnPicture()
        switches = (widget for widget, _ in self.picture.switches())
        controls = row(self.bar, *self._leafing, self._gap, *switches, self.back, stretch=4)
        controls.setStretch(0, 1)
        column.addLayout(controls)

    def form(self) -> str:
        """Return of which form an input is here: ``picture``, ``words`` or ``numbers``; nothing where there is none."""
        report, facts = self.session.document.report, self.session.document.now.facts
        return "" if OwnInput.misfit(report, facts) is not None else form_of(report)[0]

    def probe(self) -> OwnInput | None:
        """Ask about what is given, else about the example; about nothing where nothing can be given."""
        form, spot = self.form(), self.focus.now
        if form == "picture":
            return OwnInput(index=spot.index, picture=spot.picture)
        if form == "words":
            return OwnInput(index=spot.index, own=spot.words)
        return OwnInput(index=spot.index, given=tuple((one,) for one in self._given)) if form else None

    def _fit(self) -> None:
        """Take the form of the data, and for images their size; what was given before them goes."""
        form = self.form()
        pages = {"picture": self.picture, "words": self.tokens, "numbers": self.numbers}
        self.editors.setCurrentWidget(pages.get(form, self.tokens))
        self.bar.setVisible(form == "words")
        for widget in self._leafing:
            widget.setVisible(form != "words")
        self._gap.setVisible(form != "words")
        self._body.setStretch(1, 1 if form == "numbers" else 2)
        self.bars.setMinimumWidth(150 if form == "numbers" else 100)
        for widget, there in self.picture.switches():
            widget.setVisible(there and form == "picture")
        self.editors.setMinimumWidth(110 if form == "picture" else 90)
        if form == "picture":
            report = self.session.document.report
            channels, height, width = self.session.document.now.facts.inputs[form_of(report)[1]].sizes
            if self.picture.fit(channels, height, width):
                self.focus.move(picture=None)
        self._sync_room()

    # -- drawing -----------------------------------------------------------------------------------------------

    def draw(self, answer: OwnInputAnswer | None) -> None:
        """Show what the network says now."""
        if answer is not None and answer.form != self.form():
            return  # asked before the data were others
        self.answer = answer
        self.show_picture(answer is not None)
        if answer is None:
            return
        if answer.form == "picture":
            self._show_pixels(answer)
        elif answer.form == "words":
            self.bar.show_place(answer.index, answer.count, answer.own, True)
            self.tokens.setText(self._tokens(answer))
        elif not self._given:
            self._show_numbers(answer)
        self._sync_words(answer)

    def _show_pixels(self, answer: OwnInputAnswer) -> None:
        """Show small what goes in."""
        spot = self.focus.now
        if answer.pixels is not None:
            self.picture.show_example(answer.pixels)
        pixels = spot.picture.array() if answer.own and spot.picture is not None else answer.pixels
        if pixels is not None:
            shown = pixels[:3].transpose(1, 2, 0) if len(pixels) >= 3 else pixels[0]
            self.preview.set_pixels(shown)

    def _show_numbers(self, answer: OwnInputAnswer) -> None:
        """Show the example's numbers, to be changed."""
        if answer.values is not None and answer.lows is not None and answer.highs is not None:
            ends = [(float(low), float(high)) for low, high in zip(answer.lows, answer.highs, strict=True)]
            self.numbers.show_rows(answer.names, [float(one) for one in answer.values], ends)

    def _sync_words(self, answer: OwnInputAnswer) -> None:
        place = tr("your own input") if answer.own else f"{answer.index + 1:,} / {answer.count:,}"
        for label, text in ((self.place, place), (self.verdict, self._said(answer))):
            if label.text() != text:
                label.setText(text)
        self.back.setVisible(answer.own)
        self._show_bars(answer)

    def _show_bars(self, answer: OwnInputAnswer) -> None:
        """Show the probabilities of the classes; where there is no room for all, those of the likeliest."""
        if answer.chances is None:
            self.bars.show_rows(())
            return
        room = max(1, self.bars.height() // LOWEST)
        likeliest = sorted(np.argsort(-answer.chances, kind="stable")[:room].tolist())
        self.bars.LINE = max(LOWEST, min(Shares.LINE, self.bars.height() // len(likeliest)))
        rows = []
        for k in likeliest:
            name, number = self.class_name(answer.classes[k]), answer.numbers[k]
            mark = " ✓" if number == answer.label else ""
            rows.append((name + mark, float(answer.chances[k]), class_colour(number)))
        self.bars.show_rows(tuple(rows))

    def _said(self, answer: OwnInputAnswer) -> str:
        """Say what the network answers, and where it is an example, whether that is right."""
        look = current()
        if answer.chances is None:
            said = ", ".join(map(readable, answer.said))
            right = ", ".join(map(readable, answer.wanted))
            wanted = f'<br/><span style="color:{look.dim}">{tr("right: {value}", value=right)}</span>' if right else ""
            return f"<b>{tr('answer {value}', value=said)}</b>{wanted}"
        best = int(np.argmax(answer.chances))
        guess = tr("prediction {name}", name=html.escape(self.class_name(answer.classes[best])))
        share = f'<span style="color:{look.dim}">{answer.chances[best]:.2f}</span>'
        if answer.label < 0:
            return f"<b>{guess}</b> {share}"
        right = answer.numbers[best] == answer.label
        colour, mark = (look.good_text, "✓") if right else (look.bad_text, "✗")
        name = answer.classes[answer.numbers.index(answer.label)]
        truth = tr("label {name}", name=html.escape(self.class_name(name)))
        return f'{truth}<br/><span style="color:{colour}">{mark} {guess}</span> {share}'

    def _tokens(self, answer: OwnInputAnswer) -> str:
        """Write the words as they are read; those that are not in the vocabulary dim and crossed out."""
        dim = current().dim
        words = (
            f'<span style="color:{dim};text-decoration:line-through">{html.escape(word)}</span>'
            if k in answer.unknown
            else html.escape(word)
            for k, word in enumerate(answer.words)
        )
        said = " ".join(words)
        unknown = tr("crossed out: not in the vocabulary") if answer.unknown else ""
        return f'{said}<br/><br/><span style="color:{dim}">{unknown}</span>'

    # -- words and colours -------------------------------------------------------------------------------------

    def empty(self) -> str:
        """Say how to fill it."""
        why = OwnInput.misfit(self.session.document.report, self.session.document.now.facts)
        if why is not None:
            return str(why)
        return tr("Once the network is complete, its answer to your input appears here.")

    def relabel(self) -> None:
        """Say everything again in the present language."""
        super().relabel()
        self.bar.relabel()
        self.picture.relabel()
        self.numbers.relabel()
        for button, words in (
            (self.before, tr("Previous example")),
            (self.after, tr("Next example")),
            (self.back, tr("Back to the examples")),
        ):
            button.setAccessibleName(words)
            button.setToolTip(words)
        self.preview.setAccessibleName(tr("What the network sees"))
        self.preview.setToolTip(tr("What the network sees"))
        self.bars.setAccessibleName(tr("The probability of each class"))
        self._fit()
        if self.answer is not None:
            self.draw(self.answer)

    def recolour(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.numbers.viewport().setStyleSheet(f"background: {theme.panel}")
        self.picture.pad.update()
        self.bars.update()
        if self.answer is not None:
            self.draw(self.answer)

    # -- what happens ------------------------------------------------------------------------------------------

    def sync(self) -> None:
        """Say what is missing while there is nothing to draw."""
        self.show_picture(self.answer is not None)

    def takes(self, path: Path) -> bool:
        """Say whether a file that is dropped here is looked at."""
        return self.form() == "picture" and is_picture(path)

    def open_file(self, path: Path) -> None:
        """Look at a picture from a file."""
        self.picture.open_file(path)

    def _send(self) -> None:
        """Have everybody look at what is on the pad."""
        self._sending = True
        self.focus.move(picture=self.picture.picture())
        self._sending = False

    def _on_picture_changed(self) -> None:
        if not self._pause.isActive():
            self._pause.start()

    def _on_picture_refused(self, sentence: Sentence | None) -> None:
        self.wrong.setText(str(sentence) if sentence is not None else "")
        self.wrong.setVisible(sentence is not None)

    def _on_numbers_edited(self) -> None:
        self._given = self.numbers.values()
        self.rewatch()

    def _on_focus_changed(self) -> None:
        """Follow to another example; the pad is cleared where another panel has turned to one."""
        if self.focus.now.picture is None and not self._sending and not self._pause.isActive():
            self.picture.pad.begin_anew()
        self.rewatch()

    def _on_before_clicked(self) -> None:
        self._turn(-1)

    def _on_after_clicked(self) -> None:
        self._turn(+1)

    def _turn(self, by: int) -> None:
        count = self.answer.count if self.answer is not None else 1
        self._given = ()
        self.focus.move(index=(self.focus.now.index + by) % max(1, count))

    def _on_back_clicked(self) -> None:
        self._given = ()
        self._pause.stop()
        self.focus.move(picture=None, words="")
        self.rewatch()

    def _on_session_restarted(self) -> None:
        self.draw(None)

    def _on_document_changed(self, old: Any, new: Any) -> None:
        if old.facts is not new.facts or old.graph is not new.graph:
            if old.facts.inputs != new.facts.inputs:
                self._given = ()
            self._fit()
            if not self.form():
                self.draw(None)
            self.show_picture(self.answer is not None)
            self.rewatch()

    # -- Qt ----------------------------------------------------------------------------------------------------

    def _sync_room(self) -> None:
        self.preview.setVisible(self.form() == "picture" and self.width() >= ROOMY)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out what there is no room for."""
        super().resizeEvent(event)
        self._sync_room()
        if self.answer is not None:
            self._show_bars(self.answer)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take a picture that is dropped on the panel in a window of its own; else the window sees to it."""
        if self._dropped(event) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open it."""
        if (path := self._dropped(event)) is not None:
            event.acceptProposedAction()
            self.open_file(path)

    def _dropped(self, event: QDropEvent) -> Path | None:
        paths = (Path(url.toLocalFile()) for url in event.mimeData().urls()[:1] if url.isLocalFile())
        return next((path for path in paths if self.takes(path)), None)
