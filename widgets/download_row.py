"""Whether a well-known data set is on this computer, and the button that fetches it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from playground.costs import sized
from playground.data import Source
from playground.data.downloaded import Downloaded
from playground.downloads import SETS, is_here
from playground.text import Sentence, tr
from widgets import theme
from widgets.icons import icon

if TYPE_CHECKING:
    from playground.downloads.transfer import Transfer

LOOK_MS = 100
"""How often a transfer is asked how far it is."""

FINE = 1000
"""How many steps the bar has."""


class DownloadRow(QWidget):
    """Shows of the chosen set whether it is here, how far it is on its way, or why it could not be had.

    A transfer goes on while another set is shown, and ends with the widget.

    Signals:
        arrived(): the set that is shown is here now, or whole again.
    """

    arrived = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.key = ""
        self.transfers: dict[str, Transfer] = {}
        self.failures: dict[str, Sentence] = {}
        self.about = QLabel(wordWrap=True, objectName="download_about")
        self.about.setProperty("role", "dim")
        self.state = QLabel(wordWrap=True, objectName="download_state")
        self.state.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.button = QPushButton(icon=icon("mdi6.download"), objectName="download")
        self.button.clicked.connect(self._on_button_clicked)
        self.bar = QProgressBar(textVisible=False, objectName="download_bar")
        self.bar.setRange(0, FINE)
        self.bar.setFixedHeight(8)
        self.cancel = QPushButton(objectName="download_cancel")
        self.cancel.clicked.connect(self._on_cancel_clicked)
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self._on_timer_timeout)
        self.destroyed.connect(partial(_end, self.transfers))  # by then it is no method of its own that is called
        theme.APPEARANCE.changed.connect(self._paint_bar)
        self._lay_out()
        self._paint_bar()
        self.relabel()
        self.hide()

    def show_source(self, source: Source) -> None:
        """Show what there is to say of a data set; nothing where it needs no download."""
        self.key = source.set if isinstance(source, Downloaded) else ""
        self.setVisible(bool(self.key))
        self.sync()

    def sync(self) -> None:
        """Show how things stand."""
        if not self.key:
            return
        chosen, transfer = SETS[self.key], self.transfers.get(self.key)
        failure, size = self.failures.get(self.key), sized(chosen.size)
        here = is_here(self.key)
        self.about.setText(str(Sentence(chosen.about)))
        if transfer is not None:
            self.bar.setValue(round(FINE * transfer.share))
            words = tr("{part} of {whole}", part=sized(transfer.share * chosen.size), whole=size)
        elif failure is not None:
            words = str(failure)
        else:
            words = tr("Downloaded, {size}", size=size) if here else tr("Not downloaded yet, {size}", size=size)
        self._say(words, bad=transfer is None and failure is not None)
        self.button.setText(
            tr("Try again") if failure is not None else tr("Download again") if here else tr("Download")
        )
        self._show_parts(transfer is not None)

    def relabel(self) -> None:
        """Say everything in the present language."""
        self.cancel.setText(tr("Cancel"))
        self.cancel.setToolTip(tr("Stop the download; what has come is kept for the next time"))
        self.bar.setAccessibleName(tr("Progress of the download"))
        self.button.setToolTip(tr("Fetch this data set from where it is published; files that are whole are kept"))
        self.sync()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for label in (self.about, self.state):
            column.addWidget(label)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.bar, 1)
        row.addWidget(self.cancel)
        column.addLayout(row)
        column.addWidget(self.button)

    def _show_parts(self, under_way: bool) -> None:
        """Show the bar or the button; the keys stay with whichever takes the other's place."""
        going, coming = (self.button, self.cancel) if under_way else (self.cancel, self.button)
        had_keys = going.hasFocus()
        for part in (self.bar, self.cancel):
            part.setVisible(under_way)
        self.button.setVisible(not under_way)
        if had_keys:
            coming.setFocus()

    def _say(self, words: str, bad: bool) -> None:
        role = "bad" if bad else "dim"
        if self.state.property("role") != role:
            self.state.setProperty("role", role)
            self.state.style().unpolish(self.state)
            self.state.style().polish(self.state)
        self.state.setText(words)

    def _paint_bar(self) -> None:
        now = theme.current()
        self.bar.setStyleSheet(
            f"QProgressBar {{ background: {now.field}; border: 1px solid {now.line}; border-radius: 4px; }}"
            f"QProgressBar::chunk {{ background: {now.accent}; border-radius: 3px; }}"
        )

    def _on_button_clicked(self) -> None:
        from playground.downloads.transfer import Transfer

        self.failures.pop(self.key, None)
        transfer = self.transfers[self.key] = Transfer(self.key)
        transfer.start()
        self._timer.start()
        self.sync()

    def _on_cancel_clicked(self) -> None:
        if transfer := self.transfers.pop(self.key, None):
            transfer.cancel()
        self.sync()

    def _on_timer_timeout(self) -> None:
        for key, transfer in list(self.transfers.items()):
            if transfer.is_alive():
                continue
            del self.transfers[key]
            if transfer.failure is not None:
                self.failures[key] = transfer.failure
            elif key == self.key:
                self.arrived.emit()
        if not self.transfers:
            self._timer.stop()
        self.sync()

    # -- Qt ----------------------------------------------------------------------------------------------------

    def changeEvent(self, event: QEvent) -> None:
        """Say everything again when the language changed."""
        if event.type() == QEvent.Type.LanguageChange:
            self.relabel()
        super().changeEvent(event)


def _end(transfers: dict[str, Transfer], _gone: object = None) -> None:
    """End what is under way when the widget is gone and can no longer do so itself."""
    for transfer in transfers.values():
        transfer.cancel()
