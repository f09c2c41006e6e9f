"""Running text that a network writes: a sample after every epoch, and what it makes of a person's own beginning."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QPlainTextEdit,
    QPushButton,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from playground.probes.writing import LONGEST_PROMPT, WARMTH, Sample, TextWritten, Token
from playground.text import tr
from widgets.panels.parts.plots import Readout, row
from widgets.panels.parts.sentence import Typing
from widgets.panels.parts.tokens import Likeliest
from widgets.theme import font

ROOMY = 480
"""Pixels of width from which the likeliest tokens stand beside the text."""

NOTCHES, HOTTEST = 40, 2.0
"""Places of the slider, and the temperature at its end."""


class TextPage(QWidget):
    """Samples by epoch in a list, the chosen one beside it; above them a beginning can be typed.

    Signals:
        writePressed(): go on with what was typed, or stop doing so.
    """

    writePressed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.samples: tuple[Sample, ...] = ()
        self.own: TextWritten | None = None
        self._shown: list[tuple[int, int]] = []
        self.prompt = Typing()
        self.prompt.setObjectName("writing_prompt")
        self.prompt.setMaxLength(LONGEST_PROMPT)
        self.prompt.setClearButtonEnabled(True)
        self.prompt.returnPressed.connect(self.writePressed)
        self._word = QLabel()
        self._word.setProperty("role", "dim")
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setObjectName("writing_temperature")
        self.slider.setRange(0, NOTCHES)
        self.slider.setFixedWidth(80)
        self.slider.setValue(round(WARMTH / HOTTEST * NOTCHES))
        self.slider.valueChanged.connect(self._on_slider_value_changed)
        self.button = QPushButton()
        self.button.setObjectName("writing_write")
        self.button.clicked.connect(self.writePressed)
        self.readout = Readout("writing_readout")
        self._compose()
        self.relabel(False)

    def _compose(self) -> None:
        self.list = QListWidget()
        self.list.setObjectName("writing_samples")
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setFont(font(9))
        self.list.setFixedWidth(92)
        self.list.currentRowChanged.connect(self._on_list_current_row_changed)
        self.text = QPlainTextEdit()
        self.text.setObjectName("writing_text")
        self.text.setReadOnly(True)
        self.text.setFrameShape(QFrame.Shape.NoFrame)
        self.text.setTabChangesFocus(True)
        self.text.setMinimumWidth(60)
        flags = Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        self.text.setTextInteractionFlags(flags)
        self.text.cursorPositionChanged.connect(self._on_text_cursor_position_changed)
        self.likeliest = Likeliest("writing_next")
        self.likeliest.setFixedWidth(168)
        body = QHBoxLayout()
        body.setSpacing(8)
        body.addWidget(self.list)
        body.addWidget(self.text, 1)
        body.addWidget(self.likeliest, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(row(self.prompt, self._word, self.slider, self.button, stretch=0))
        column.addLayout(body, 1)
        column.addWidget(self.readout)

    @property
    def temperature(self) -> float:
        """How boldly tokens are drawn."""
        return self.slider.value() / NOTCHES * HOTTEST

    # -- showing -----------------------------------------------------------------------------------------------

    def show_samples(self, samples: tuple[Sample, ...]) -> None:
        """Show these; whoever looks at the latest one sees the next."""
        if samples != self.samples:
            self.samples = samples
            self._list_texts(follow=self.list.currentRow() <= self._first_sample)

    def show_own(self, own: TextWritten | None) -> None:
        """Show what was made of the beginning that was typed."""
        fresh = self.own is None and own is not None
        self.own = own
        if fresh or own is None:
            self._list_texts(follow=True)
        elif self.list.currentRow() == 0:
            self._show_text()

    @property
    def _first_sample(self) -> int:
        return 0 if self.own is None else 1

    def _list_texts(self, follow: bool) -> None:
        """List what there is, one's own first, then the samples, the latest first."""
        rows = [*([(-1, 0)] if self.own is not None else []), *((one.epoch, one.step) for one in self.samples[::-1])]
        chosen = self._shown[self.list.currentRow()] if 0 <= self.list.currentRow() < len(self._shown) else None
        at = rows.index(chosen) if chosen in rows and not follow else 0
        if chosen == (-1, 0) and self.own is not None:
            at = 0
        self._shown = rows
        self.list.blockSignals(True)
        self.list.clear()
        self.list.addItems([tr("your own") if epoch < 0 else tr("epoch {n}", n=epoch) for epoch, _ in rows])
        self.list.setCurrentRow(at if rows else -1)
        self.list.blockSignals(False)
        self._show_text()

    def _show_text(self) -> None:
        at = self.list.currentRow()
        mine = self.own is not None and at == 0
        sample = self.samples[::-1][at - self._first_sample] if not mine and 0 <= at < len(self._shown) else None
        text = self.own.text if mine and self.own is not None else sample.text.lstrip("\n") if sample else ""
        if text != (before := self.text.toPlainText()):
            if mine and text.startswith(before) and before:  # it grows: do not scroll back
                self._append(text[len(before) :])
            else:
                self.text.setPlainText(text)
        self._show_likeliest()

    def _append(self, text: str) -> None:
        bar = self.text.verticalScrollBar()
        at_end = bar.value() >= bar.maximum()
        writing = QTextCursor(self.text.document())
        writing.movePosition(QTextCursor.MoveOperation.End)
        writing.insertText(text)
        if at_end:
            bar.setValue(bar.maximum())

    def token(self) -> Token | None:
        """Return the token of one's own text before which the cursor stands."""
        if self.own is None or self.list.currentRow() != 0 or not self.own.tokens:
            return None
        written, at = self.own.written, 0
        cursor = self.text.textCursor().position() - (len(self.own.text) - len(written))
        for token in self.own.tokens:
            at = written.index(token.text, at) + len(token.text)
            if cursor < at:
                return token
        return self.own.tokens[-1]

    def _show_likeliest(self) -> None:
        token = self.token()
        self.likeliest.setVisible(token is not None and self.width() >= ROOMY)
        self.likeliest.show_token(token)

    # -- words -------------------------------------------------------------------------------------------------

    def relabel(self, writing: bool) -> None:
        """Say everything again in the present language; while it is `writing` the button stops it."""
        self.prompt.setPlaceholderText(tr("How the text begins"))
        self.prompt.setAccessibleName(tr("How the text begins"))
        self._say_temperature()
        self.slider.setAccessibleName(tr("Temperature"))
        self.slider.setToolTip(tr("0 takes the likeliest token each time; the higher, the bolder what is drawn"))
        self.say_button(writing)
        self.list.setAccessibleName(tr("Samples"))
        self.text.setAccessibleName(tr("The text"))
        self.text.setToolTip(tr("Click into a text of your own to see what else could have come there"))
        self._list_texts(follow=False)

    def say_button(self, writing: bool) -> None:
        """Say what pressing the button does."""
        self.button.setText(tr("Stop") if writing else tr("Write"))
        self.button.setToolTip(tr("Stop writing") if writing else tr("Let the network go on with these words (Enter)"))

    def _say_temperature(self) -> None:
        value = f"{self.temperature:.2f}"
        words = tr("temperature {value}", value=value) if self.width() >= ROOMY else value
        if words != self._word.text():
            self._word.setText(words)

    # -- what happens ------------------------------------------------------------------------------------------

    def _on_slider_value_changed(self, value: int) -> None:
        self._say_temperature()

    def _on_list_current_row_changed(self, at: int) -> None:
        self._show_text()

    def _on_text_cursor_position_changed(self) -> None:
        self._show_likeliest()

    # -- Qt ----------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: Any) -> None:
        """Show the likeliest tokens only where there is room beside the text, and fewer words where there is little."""
        super().resizeEvent(event)
        self._say_temperature()
        self._show_likeliest()
