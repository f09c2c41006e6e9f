"""What a network answers to one example, token by token: what it reads, what it should write and what it writes."""

from __future__ import annotations

import html

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from playground.probes.writing import AnswerWritten
from playground.text import tr
from widgets.focus import Focus
from widgets.panels.parts.plots import Still, icon_button, row
from widgets.panels.parts.sentence import SentenceBar
from widgets.panels.parts.tokens import Likeliest, TokenRow
from widgets.theme import current

PACE_MS = 350
"""Milliseconds between two tokens while it writes again before one's eyes."""


class AnswerPage(QWidget):
    """One example with its answer, along which a person can walk."""

    def __init__(self, focus: Focus) -> None:
        super().__init__()
        self.answer: AnswerWritten | None = None
        self.bar = SentenceBar("writing", focus)
        self.tokens = TokenRow("writing_tokens")
        self.tokens.moved.connect(self._on_tokens_moved)
        self.likeliest = Likeliest("writing_likeliest")
        self.again = icon_button("writing_again", "mdi6.play")
        self.before = icon_button("writing_token_before", "mdi6.step-backward")
        self.after = icon_button("writing_token_after", "mdi6.step-forward")
        self.again.setAutoRepeat(False)
        self.again.clicked.connect(self._on_again_clicked)
        self.before.clicked.connect(self._on_before_clicked)
        self.after.clicked.connect(self._on_after_clicked)
        self._chosen = False
        self._pace = QTimer(self, interval=PACE_MS)
        self._pace.timeout.connect(self._on_pace_timeout)
        self._compose()
        self.relabel()

    def _compose(self) -> None:
        self._names = {name: QLabel() for name in ("source", "wanted", "text")}
        self.image = Still("writing_image")
        self.image.setFixedSize(48, 48)
        self.source, self.wanted = QLabel(), QLabel()
        for label, name in ((self.source, "source"), (self.wanted, "wanted")):
            label.setObjectName(f"writing_{name}")
            label.setTextFormat(Qt.TextFormat.RichText if name == "wanted" else Qt.TextFormat.PlainText)
            label.setWordWrap(True)
            label.setMinimumWidth(60)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        grid.addWidget(self.image, 0, 1)
        for k, (name, widget) in enumerate((("source", self.source), ("wanted", self.wanted), ("text", self.tokens))):
            self._names[name].setProperty("role", "dim")
            grid.addWidget(self._names[name], k, 0, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight)
            grid.addWidget(widget, k, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(row(self.bar, self.before, self.again, self.after, stretch=0))
        column.addLayout(grid)
        column.addWidget(self.likeliest, 1)

    def show_answer(self, answer: AnswerWritten) -> None:
        """Show an answer, looking where it was least sure until a person looks elsewhere."""
        before, self.answer = self.answer, answer
        if before is None or (before.index, before.own, before.source) != (answer.index, answer.own, answer.source):
            self._pace.stop()
            self._chosen = False
        at = self.tokens.at
        if not self._chosen or at >= len(answer.tokens):
            at = min(range(len(answer.tokens)), key=lambda k: answer.tokens[k].share)
        self.tokens.show_tokens(answer.tokens, at, self.tokens.until if self._pace.isActive() else None)
        self.bar.show_place(answer.index, answer.count, answer.own, bool(answer.source))
        self._sync()

    def _sync(self) -> None:
        """Say what is read, wanted and written."""
        answer = self.answer
        if answer is None:
            return
        pictured = answer.image.size > 0
        self.image.setVisible(pictured)
        self.source.setVisible(not pictured)
        if pictured:
            self.image.set_pixels(answer.image)
        self.source.setText(answer.source)
        for widget in (self._names["wanted"], self.wanted):
            widget.setVisible(not answer.own)
        theme = current()
        colour, mark = (theme.good_text, "✓") if answer.exact else (theme.bad_text, "✗")
        self.wanted.setText(f'{html.escape(answer.wanted)} <span style="color:{colour}">{mark}</span>')
        self.wanted.setAccessibleName(f"{answer.wanted} {mark}")
        self._show_likeliest()

    def _show_likeliest(self) -> None:
        tokens, at = self.tokens.tokens, self.tokens.at
        self.likeliest.show_token(tokens[at] if 0 <= at < len(tokens) else None)

    # -- words and colours -------------------------------------------------------------------------------------

    def relabel(self) -> None:
        """Say everything again in the present language."""
        self.bar.relabel()
        self._names["source"].setText(tr("reads"))
        self._names["wanted"].setText(tr("should write"))
        self._names["text"].setText(tr("writes"))
        self.image.setAccessibleName(tr("The image that it looks at"))
        self.tokens.setAccessibleName(tr("What is written"))
        self.tokens.setToolTip(tr("The stronger the ground, the surer it was; walk along with ← and →"))
        for button, words in (
            (self.before, tr("The token before")),
            (self.again, tr("Write it again, token by token")),
            (self.after, tr("The next token")),
        ):
            button.setAccessibleName(words)
            button.setToolTip(words)
        self.tokens.relabel()
        self._sync()

    def recolour(self) -> None:
        """Take the colours of the theme."""
        self.tokens.update()
        self.likeliest.update()
        self._sync()

    # -- what happens ------------------------------------------------------------------------------------------

    def _on_tokens_moved(self, at: int) -> None:
        self._chosen = True
        self._show_likeliest()

    def _on_before_clicked(self) -> None:
        self._step(self.tokens.at - 1)

    def _on_after_clicked(self) -> None:
        self._step(self.tokens.at + 1)

    def _step(self, at: int) -> None:
        """Look at another token, and at all of them again."""
        self._pace.stop()
        self.tokens.show_until(None)
        self.tokens.look_at(at)

    def _on_again_clicked(self) -> None:
        self._chosen = True
        self._pace.start()
        self._show_first(0)

    def _on_pace_timeout(self) -> None:
        if self.tokens.at >= len(self.tokens.tokens) - 1:
            self._step(self.tokens.at)
        else:
            self._show_first(self.tokens.at + 1)

    def _show_first(self, at: int) -> None:
        """Show what was written up to this token."""
        self.tokens.look_at(at)
        self.tokens.show_until(at)
        self._show_likeliest()
