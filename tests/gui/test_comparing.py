"""What the window does with several runs: keys, menu, settings, and what the runs themselves ask for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.gui.driving import key, until
from widgets.runs.asking import CompareDialog, SeedsDialog

CONTROL, SHIFT, ALT = (getattr(Qt.KeyboardModifier, f"{name}Modifier") for name in ("Control", "Shift", "Alt"))


def lose(window, values):
    history = window.session.history
    first = history.loss.size + 1
    history.loss.extend(np.arange(first, first + len(values), dtype=float), np.array(values, dtype=float))


def test_runs_are_kept_compared_and_opened_from_the_window(open_window, monkeypatch):
    window = open_window("xor")
    runs, actions = window.session.runs, window.actions_by_key
    added = []
    monkeypatch.setattr(runs.companion, "add", added.extend)
    until(lambda: window.workspace.panels.ready)
    # Nothing to keep yet: the banner says so.
    key(window, Qt.Key.Key_K, CONTROL)
    assert "Play" in window.banner.text.text() and not runs.all
    lose(window, [3.0, 2.0])
    key(window, Qt.Key.Key_K, CONTROL)
    assert len(runs.all) == 1 and "runs" in window.document.now.view.panels and not window.document.dirty
    # A Reset keeps nothing, unless that is wished.
    lose(window, [1.0])
    actions["reset"].setEnabled(True)
    actions["reset"].trigger()
    assert len(runs.all) == 1
    actions["keep_runs"].trigger()
    assert window.settings.get("keep_runs") is True
    lose(window, [9.0])
    actions["reset"].setEnabled(True)
    actions["reset"].trigger()
    assert len(runs.all) == 2 and runs.all[1].by_itself and not window.session.history.loss.size
    # The questions.
    key(window, Qt.Key.Key_K, CONTROL | ALT)
    QTest.keyClick(window.findChild(SeedsDialog), Qt.Key.Key_Return)
    assert len(added) == 5
    assert not actions["cancel_runs"].isEnabled(), "nobody trains them here"
    key(window, Qt.Key.Key_K, CONTROL | SHIFT)
    window.findChild(CompareDialog).reject()
    # Opening the document of a run that differs.
    run = runs.all[0]
    run.experiment = replace(run.experiment, training=run.experiment.training.replace(seed=77))
    runs.open(run)
    assert window.document.now.training.seed == 77 and window.document.path is None and len(runs.all) == 7
