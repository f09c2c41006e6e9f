"""What happened, when and at which step: states, failures with their node, what the engine had to say."""

from __future__ import annotations

import html
import time
from collections import deque
from dataclasses import dataclass

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QTextBrowser, QVBoxLayout

from playground import messages
from playground.text import Sentence, note, tr
from playground.tidy import Table
from widgets.panels.parts.plots import Picture, Readout, icon_button, row
from widgets.theme import Theme, current

MOST_ENTRIES = 300
MOST_DETAILS = 20_000

SAME_MOMENT = 1.0
"""Seconds within which the same sentence, told again, is the same message."""


@dataclass
class Entry:
    """One message: when, at which step, what; for failures also where and the details."""

    moment: float
    step: int
    sentence: Sentence
    node: str = ""
    details: str = ""
    bad: bool = False
    open: bool = False
    times: int = 1


class MessagesPanel(Picture):
    """Lists what happened, the latest last.

    Signals:
        nodeRequested(str): the person clicked the node of a failure and wants to see it.
    """

    key = "messages"
    title = note("Messages")
    help = note(
        "What happened, with time and step: when the run changed its state, and every failure with the node where "
        "it began. Click a node to find it on the canvas. Select text to copy it."
    )
    icon = "mdi6.message-text-outline"

    nodeRequested = Signal(str)

    def compose(self, column: QVBoxLayout) -> None:
        """Create the list and its two buttons."""
        self.entries: deque[Entry] = deque(maxlen=MOST_ENTRIES)
        self._stale = True
        self._summary = Readout("messages_summary")
        self._copy = icon_button("messages_copy", "mdi6.content-copy")
        self._copy.clicked.connect(self._on_copy_clicked)
        self._clear = icon_button("messages_clear", "mdi6.broom")
        self._clear.clicked.connect(self._on_clear_clicked)
        for button in (self._copy, self._clear):
            button.setAutoRepeat(False)
        column.addLayout(row(self._summary, self._copy, self._clear, stretch=0))
        self.list = QTextBrowser()
        self.list.setObjectName("messages_list")
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setOpenLinks(False)
        self.list.anchorClicked.connect(self._on_list_anchor_clicked)
        column.addWidget(self.list, 1)
        self.session.told.connect(self._on_session_told)
        self.session.failed.connect(self._on_session_failed)
        self.session.engineLost.connect(self._on_session_engine_lost)

    # -- listening ---------------------------------------------------------------------------------------------

    def add(self, sentence: Sentence, node: str = "", details: str = "", bad: bool = False) -> None:
        """Note a message; the same one told twice in a moment is one, with all that is known of it."""
        now = time.time()
        last = self.entries[-1] if self.entries else None
        if last is not None and last.sentence == sentence and now - last.moment < SAME_MOMENT:
            if bad and last.bad:
                last.times += 1
            last.node, last.details, last.bad = node or last.node, details or last.details, bad or last.bad
        else:
            self.entries.append(Entry(now, int(self.session.step), sentence, node, details[-MOST_DETAILS:], bad))
        self._stale = True
        if self.isVisible():
            self.sync()

    def _on_session_told(self, sentence: Sentence) -> None:
        self.add(sentence)

    def _on_session_failed(self, failure: messages.Failed) -> None:
        self.add(failure.sentence, failure.node, failure.traceback, bad=True)

    def _on_session_engine_lost(self, sentence: Sentence) -> None:
        self.add(sentence, bad=True)

    # -- showing -----------------------------------------------------------------------------------------------

    def sync(self) -> None:
        """Show the messages, if any came since they were shown last."""
        self.show_picture(bool(self.entries))
        if not self._stale:
            return
        self._stale = False
        bar = self.list.verticalScrollBar()
        at_end = bar.value() >= bar.maximum() - 4
        place = bar.value()
        self.list.setHtml("".join(self._written(k, entry) for k, entry in enumerate(self.entries)))
        bar.setValue(bar.maximum() if at_end else place)
        failures = sum(entry.bad for entry in self.entries)
        self._summary.say(tr("{n} problems", n=failures) if failures > 1 else tr("1 problem") if failures else "")

    def _written(self, k: int, entry: Entry) -> str:
        theme = current()
        clock = time.strftime("%H:%M:%S", time.localtime(entry.moment))
        when = f'<span style="color:{theme.dim}">{clock} &nbsp; {tr("step {n}", n=entry.step)}</span>'
        link = f'style="color:{theme.accent_text}; text-decoration:none"'
        words = html.escape(str(entry.sentence))
        if entry.bad:
            words = f'<span style="color:{theme.bad_text}"><b>{tr("Problem")}</b> {words}</span>'
        if entry.times > 1:
            words += f' <span style="color:{theme.dim}">× {entry.times}</span>'
        if entry.node:
            node = html.escape(entry.node)
            words += f' &nbsp; <a href="node:{node}" {link}>{tr("Show {node}", node=node)}</a>'
        if entry.details:
            words += f' &nbsp; <a href="details:{k}" {link}>{tr("Hide details") if entry.open else tr("Details")}</a>'
            if entry.open:
                words += f'<pre style="color:{theme.dim}">{html.escape(entry.details)}</pre>'
        return f'<p style="margin:0 0 6px 0">{when} &nbsp; {words}</p>'

    def as_table(self) -> Table:
        """Return a row for each message."""
        rows = []
        for one in self.entries:
            moment = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(one.moment))
            rows.append((moment, one.step, int(one.bad), one.node, str(one.sentence), one.times))
        return Table(("time", "step", "problem", "node", "message", "times"), rows)

    # -- words and colours -------------------------------------------------------------------------------------

    def empty(self) -> str:
        """Say how to fill it."""
        return tr("Nothing has happened yet. What the run does, and what goes wrong, is written here.")

    def relabel(self) -> None:
        """Say everything again in the present language."""
        super().relabel()
        for button, words in ((self._copy, tr("Copy all messages")), (self._clear, tr("Clear the messages"))):
            button.setToolTip(words)
            button.setAccessibleName(words)
        self.list.setAccessibleName(str(Sentence(self.title)))
        self._stale = True
        self.sync()

    def recolour(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.list.setStyleSheet(f"QTextBrowser {{ background: transparent; color: {theme.text}; border: none; }}")
        self._stale = True
        self.sync()

    # -- what the person does ----------------------------------------------------------------------------------

    def _on_list_anchor_clicked(self, url: QUrl) -> None:
        if url.scheme() == "node":
            self.nodeRequested.emit(url.path())
        elif url.scheme() == "details":
            k = int(url.path())
            if k < len(self.entries):
                self.entries[k].open = not self.entries[k].open
                self._stale = True
                self.sync()

    def _on_copy_clicked(self) -> None:
        QGuiApplication.clipboard().setText(self.plain())

    def _on_clear_clicked(self) -> None:
        self.entries.clear()
        self._stale = True
        self.sync()

    def plain(self) -> str:
        """Return all messages as plain text, details included."""
        lines = []
        for entry in self.entries:
            clock = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(entry.moment))
            where = f" [{entry.node}]" if entry.node else ""
            details = f"\n{entry.details.rstrip()}" if entry.details else ""
            lines.append(f"{clock}  {tr('step {n}', n=entry.step)}{where}  {entry.sentence}{details}")
        return "\n".join(lines)
