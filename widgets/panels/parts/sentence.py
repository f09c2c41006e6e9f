"""Which text is read: the controls with which a person turns to another, or types one, for all panels of texts."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QWidget

from playground.text import tr
from widgets.focus import Focus
from widgets.panels.parts.plots import icon_button

LONGEST = 2000
"""Characters that can be typed."""

PAUSE_MS = 250
"""How long after the last key what was typed is read."""


class Typing(QLineEdit):
    """A field for words; Escape takes them away."""

    # -- Qt ----------------------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        """Keep Escape for itself while there is something to take away."""
        mine = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape and bool(self.text())
        if event.type() == QEvent.Type.ShortcutOverride and mine:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take everything away with Escape."""
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        else:
            super().keyPressEvent(event)


class SentenceBar(QWidget):
    """Turns to the sentence before and after, or takes one that is typed; it moves the focus that panels share.

    A panel that has an order of its own says how to turn (`turn`, by so many).
    """

    def __init__(self, name: str, focus: Focus, turn: Callable[[int], None] | None = None) -> None:
        super().__init__()
        self._focus, self._count = focus, 1
        self._turn = turn or self._turn_focus
        self.before = icon_button(f"{name}_before", "mdi6.chevron-left")
        self.after = icon_button(f"{name}_after", "mdi6.chevron-right")
        self.place = QLabel()
        self.place.setObjectName(f"{name}_place")
        self.place.setProperty("role", "dim")
        self.field = Typing()
        self.field.setObjectName(f"{name}_words")
        self.field.setMaxLength(LONGEST)
        self.field.setClearButtonEnabled(True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for widget, stretch in ((self.before, 0), (self.place, 0), (self.after, 0), (self.field, 1)):
            row.addWidget(widget, stretch)
        row.addStretch(0)  # where nothing can be typed
        self._pause = QTimer(self, interval=PAUSE_MS, singleShot=True)
        self._pause.timeout.connect(self._take)
        self.before.clicked.connect(self._on_before_clicked)
        self.after.clicked.connect(self._on_after_clicked)
        self.field.textEdited.connect(self._on_field_text_edited)
        self.field.textChanged.connect(self._on_field_text_changed)
        self.field.returnPressed.connect(self._take)
        focus.changed.connect(self._sync)
        self.relabel()
        self._sync()

    def show_place(self, index: int, count: int, typed: bool, typable: bool, shown: int = 1) -> None:
        """Say which of how many it is, or from which on so many are `shown`, and whether words can be typed at all."""
        self._count = count
        places = f"{index + 1:,}" if shown == 1 else f"{index + 1:,}–{index + shown:,}"
        text = tr("your own") if typed else f"{places} / {count:,}"
        if self.place.text() != text:
            self.place.setText(text)
        self.field.setVisible(typable)

    def relabel(self) -> None:
        """Say everything in the present language."""
        for button, words in ((self.before, tr("The one before")), (self.after, tr("The next one"))):
            button.setAccessibleName(words)
            button.setToolTip(words)
        self.field.setPlaceholderText(tr("Type a sentence of your own"))
        self.field.setAccessibleName(tr("A sentence of your own"))
        self.field.setToolTip(tr("The network reads these words instead; Escape takes them away"))

    def _turn_focus(self, by: int) -> None:
        index = (self._focus.now.index + by) % max(1, self._count)
        self._focus.move(index=index, words="")

    def _take(self) -> None:
        self._pause.stop()
        self._focus.move(words=self.field.text().strip())

    def _sync(self) -> None:
        """Follow what other panels chose."""
        words = self._focus.now.words
        if words != self.field.text().strip() and not self._pause.isActive():
            self.field.setText(words)

    def _on_before_clicked(self) -> None:
        self._turn(-1)

    def _on_after_clicked(self) -> None:
        self._turn(+1)

    def _on_field_text_edited(self, text: str) -> None:
        self._pause.start()

    def _on_field_text_changed(self, text: str) -> None:
        if not text:
            self._take()  # cleared, by whatever way
