"""What the window does with several runs: the menu entries, and what the runs themselves ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from playground.experiment import Experiment
from playground.text import Sentence

if TYPE_CHECKING:
    from widgets.window import Window

KEEP = "keep_runs"
"""What the settings call whether a run is kept when it is reset."""


class Comparing(QObject):
    """Stands between the window and the runs of its session."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self.window, self.runs = window, window.session.runs
        self.actions = window.actions_by_key
        self.actions.connect_to(
            {
                "keep_run": self._on_keep,
                "seeds": self._on_seeds,
                "compare": self._on_compare,
                "cancel_runs": self.runs.cancel_all,
                KEEP: self._on_keep_runs,
            }
        )
        self.actions[KEEP].setChecked(bool(window.settings.get(KEEP, False)))
        self.runs.begun.connect(self._on_runs_begun)
        self.runs.changed.connect(self._sync)
        self.runs.refused.connect(self._on_runs_refused)
        self.runs.wanted.connect(self._on_runs_wanted)
        self._sync()

    def before_reset(self) -> None:
        """Keep the run that is about to be given up, where the person wants that."""
        if self.actions[KEEP].isChecked():
            self.runs.keep(by_itself=True)

    def _sync(self) -> None:
        self.actions["cancel_runs"].setEnabled(self.runs.busy)

    def _on_keep(self) -> None:
        self.runs.keep()

    def _on_seeds(self) -> None:
        from widgets.runs.asking import ask_seeds

        ask_seeds(self.runs, self.window)

    def _on_compare(self) -> None:
        from widgets.runs.asking import ask_what

        ask_what(self.runs, self.window)

    def _on_keep_runs(self) -> None:
        self.window.settings.set(KEEP, self.actions[KEEP].isChecked())

    def _on_runs_begun(self) -> None:
        """Show where they are listed."""
        if self.window.workspace is not None and "runs" not in self.window.workspace.panels.wanted():
            self.window.workspace.panels.toggle("runs", True)

    def _on_runs_refused(self, sentence: Sentence) -> None:
        self.window.tell(sentence)

    def _on_runs_wanted(self, experiment: Experiment) -> None:
        self.window.filing.open_experiment(experiment)
