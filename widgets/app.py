"""Starting the window: the application, its language and look, the engine beside it, and a net for failures.

The engine process is started before any widget is built, so that it imports torch while the window is painted.
"""

from __future__ import annotations

import os
import sys
import traceback
from pathlib import Path
from types import TracebackType
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from playground.document import Document
from playground.presets import open_named
from playground.text import Refusal, Sentence, language, say, set_language, system_language
from widgets import theme
from widgets.qt_words import translate_qt
from widgets.session import Session
from widgets.settings import Settings
from widgets.window import Window


def application() -> QApplication:
    """Return the one application, made and dressed when it is first needed."""
    there = QApplication.instance()
    if isinstance(there, QApplication) and there.property("dressed"):
        return there
    # Qt 6.11 hands even thin plot lines to a thread pool and waits for it, on the processor that trains.
    os.environ.setdefault("QT_NO_GUI_THREADPOOL", "1")
    app = there if isinstance(there, QApplication) else QApplication(sys.argv[:1])
    app.setApplicationName("network-playground")
    app.setApplicationDisplayName("Network Playground")
    app.setProperty("dressed", True)
    app.setFont(theme.base_font())
    theme.APPEARANCE.follow(app)
    return app


def open_window(name: str = "", settings: Settings | None = None) -> Window:
    """Open the window, with a file or preset, or with the start page."""
    settings = settings or Settings()
    set_language(settings.get("language", system_language()))
    document, trouble = Document(), None
    if name:
        try:
            experiment, path = open_named(name)
            document.open(experiment, path)
        except Refusal as refusal:
            trouble = refusal.sentence
    application()
    session = Session(document)  # starts the engine: what follows happens beside it
    theme.APPEARANCE.choose(settings.get("theme", "system"))
    translate_qt(language())
    window = Window(document, session, settings)
    session.setParent(window)
    if name and trouble is None:
        if document.path is not None:
            settings.remember(Path(document.path))
        window.show_workspace()
    else:
        window.show_start()
    if trouble is not None:
        window.tell(trouble)
    window.show()
    return window


def run(name: str = "") -> int:
    """Open the window and stay until it is closed."""
    app = application()
    window = open_window(name)
    guard = Guard(window)
    sys.excepthook = guard
    try:
        return app.exec()
    finally:
        sys.excepthook = sys.__excepthook__
        window.session.close()


class Guard:
    """Keeps the window alive when something inside it fails: prints the details, and says so in the window once."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self._told: set[str] = set()

    def __call__(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> Any:
        """Take the place of `sys.excepthook`."""
        traceback.print_exception(kind, error, trace)
        if issubclass(kind, KeyboardInterrupt):
            QApplication.quit()
            return
        place = traceback.extract_tb(trace)[-1] if trace else None
        mark = f"{kind.__name__} {place.filename if place else ''} {place.lineno if place else ''}"
        if mark in self._told:  # one that comes with every repaint must not bury the window
            return
        self._told.add(mark)
        sentence: Sentence = say(
            "Something in the program failed ({error}); the details are on the terminal. Save your work.",
            error=f"{kind.__name__}: {error}"[:200],
        )
        if isinstance(error, Refusal):
            sentence = error.sentence
        QTimer.singleShot(0, self._window, lambda: self._window.tell(sentence))
