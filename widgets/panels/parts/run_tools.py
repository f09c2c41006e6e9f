"""What is done with runs: a row of buttons, and how far those that are trained beside the present one have come."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QWidget

from playground.text import tr
from widgets.icons import icon
from widgets.metrics import main_metric, title_of
from widgets.runs import Runs
from widgets.runs.asking import ask_seeds, ask_what

NARROW = 560
"""Pixels below which the buttons show their icons only."""


class RunTools(QWidget):
    """Keep, several seeds, compare, cancel."""

    def __init__(self, runs: Runs) -> None:
        super().__init__()
        self.runs = runs
        self.keep = _button("runs_keep", "mdi6.bookmark-outline")
        self.seeds = _button("runs_seeds", "mdi6.dice-5-outline")
        self.compare = _button("runs_compare", "mdi6.compare-horizontal")
        self.said = QLabel(objectName="runs_said")
        self.said.setProperty("role", "dim")
        self.cancel = _button("runs_cancel", "mdi6.stop")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for widget in (self.keep, self.seeds, self.compare):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self.said)
        row.addWidget(self.cancel)
        self.keep.clicked.connect(self._on_keep_clicked)
        self.seeds.clicked.connect(self._on_seeds_clicked)
        self.compare.clicked.connect(self._on_compare_clicked)
        self.cancel.clicked.connect(runs.cancel_all)

    def sync(self) -> None:
        """Say what is being trained, and how much of it is done."""
        companion, runs = self.runs.companion, self.runs.all
        self.cancel.setVisible(companion.busy)
        self.said.setVisible(companion.busy)
        if (now := companion.now) is not None:
            share = f"{now.steps / now.until:.0%}" if now.until else "…"
            name = f"{now.group.name}: {now.name}" if now.group is not None else str(now.name)
            left = sum(run.state == "waiting" for run in runs)
            words = tr("Training {name} {share}", name=name, share=share)
            self.said.setText(f"{words} (+{left})" if left else words)

    def main_metric(self) -> tuple[str, str]:
        """Return the metric that the table shows besides the loss, and what it is called."""
        session = self.runs.session
        histories = [session.history, *(run.history for run in self.runs.all)]
        there = dict.fromkeys(metric for history in histories for _, metric in history.evaluations)
        chosen = main_metric(session.document.now, there)
        return chosen, title_of(chosen) if chosen else ""

    def relabel(self) -> None:
        """Say everything in the present language."""
        words = {
            self.keep: (tr("Keep this run"), tr("Keep this run, to compare others with it (Ctrl+K)")),
            self.seeds: (tr("Several seeds…"), tr("Train the same network from several seeds (Ctrl+Alt+K)")),
            self.compare: (tr("Compare with…"), tr("Train another document beside this run (Ctrl+Shift+K)")),
            self.cancel: (tr("Cancel"), tr("Train nothing more beside this run")),
        }
        for button, (text, tip) in words.items():
            button.setText(text)
            button.setToolTip(tip)
            button.setAccessibleName(text)

    def _on_keep_clicked(self) -> None:
        self.runs.keep()

    def _on_seeds_clicked(self) -> None:
        ask_seeds(self.runs, self.window())

    def _on_compare_clicked(self) -> None:
        ask_what(self.runs, self.window())

    # -- Qt ----------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: object) -> None:
        """Give way where there is little room."""
        style = Qt.ToolButtonStyle
        shown = style.ToolButtonIconOnly if self.width() < NARROW else style.ToolButtonTextBesideIcon
        for button in (self.keep, self.seeds, self.compare):
            button.setToolButtonStyle(shown)

    def minimumSizeHint(self) -> QSize:
        """Be as narrow as a panel."""
        return QSize(120, super().minimumSizeHint().height())


def _button(name: str, glyph: str) -> QToolButton:
    made = QToolButton(icon=icon(glyph, "dim"), iconSize=QSize(16, 16), objectName=name)
    made.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    return made
