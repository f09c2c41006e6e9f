"""Take a picture of the window, with a file or preset open in it, after some steps of training.

The window is the real one, painted into memory: no screen is needed. The picture is taken once every panel has
drawn what it was sent.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from playground.text import tr

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from widgets.window import Window

NEEDS = ("core", "torch", "qt")
PATIENCE = 180.0
"""Seconds that loading and training may take."""

SETTLE = 1.2
"""Seconds for the last frames to arrive and the eases to end."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what may be given."""
    parser.add_argument("file", metavar="FILE", help=tr("a document, or the name of a preset"))
    parser.add_argument("-o", "--output", metavar="PNG", required=True, help=tr("where the picture goes"))
    parser.add_argument("--steps", type=_steps, default=0, metavar="N", help=tr("train so many steps first"))
    parser.add_argument("--theme", choices=("dark", "light"), default="dark")
    parser.add_argument("--language", choices=("en", "zh"), default="en")
    parser.add_argument("--size", type=_size, default=(1500, 940), metavar="WIDTHxHEIGHT", help="default: 1500x940")
    parser.add_argument("--scale", type=float, default=1.0, help=tr("pixels per pixel: 2 for a sharp screen"))
    parser.add_argument("--panel", default="", metavar="KEY", help=tr("only this panel, as large as the picture"))
    parser.add_argument("--node", default="", metavar="NODE", help=tr("the node that the panel shows"))
    parser.add_argument("--select", default="", metavar="NODE", help=tr("select this node first"))


def run(options: argparse.Namespace) -> int:
    """Take the picture."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    os.environ["QT_SCALE_FACTOR"] = f"{options.scale:g}"
    with tempfile.TemporaryDirectory() as folder:  # what the person has set up does not show in the picture
        return _shoot(options, Path(folder))


def _shoot(options: argparse.Namespace, folder: Path) -> int:
    from playground.presets import open_named
    from playground.text import Refusal, set_language
    from widgets import app
    from widgets.settings import Settings

    set_language(options.language)
    try:
        open_named(options.file)
    except Refusal as refusal:
        print(f"network-playground: {refusal}", file=sys.stderr)
        return 1
    settings = Settings(folder)
    settings.set("language", options.language)
    settings.set("theme", options.theme)
    app.application()
    window = app.open_window(options.file, settings)
    try:
        window.resize(*options.size)
        _open_panel(window, options.panel, options.node)
        failure = _train(window, options.steps)
        if options.select and window.workspace is not None:
            window.workspace.canvas.select((options.select,))
        seen = _panel(window, options.panel, options.size) if options.panel else window
        if seen is None:
            print(f"network-playground: there is no panel called {options.panel} in this document", file=sys.stderr)
            return 1
        _wait(lambda: False, SETTLE)
        _wait(lambda: not _busy(window), PATIENCE)
        if not seen.grab().save(options.output):
            print(f"network-playground: {options.output} could not be written", file=sys.stderr)
            return 1
        return 3 if failure else 0
    finally:
        window.document.saved(Path(folder, "shot.json"))  # nothing here is worth a question
        window.close()


def _busy(window: Window) -> bool:
    docks = window.workspace.panels.docks.values() if window.workspace is not None else ()
    return any(dock.panel.busy for dock in docks)


def _open_panel(window: Window, key: str, node: str) -> None:
    """Have a panel shown that the document does not show by itself, or another node in it."""
    if not key or window.workspace is None:
        return
    panels = window.workspace.panels
    _wait(lambda: panels.ready and window.session.state != "loading", PATIENCE)
    if key in panels.kinds and (node or key not in panels.wanted()):
        panels.watch(key, node)
        _wait(lambda: panels.ready, PATIENCE)
    if key in panels.docks:
        panels.docks[key].raise_()  # behind a tab nothing is measured


def _panel(window: Window, key: str, size: tuple[int, int]) -> QWidget | None:
    """Take a panel out of its row and give it the size of the picture."""
    dock = window.workspace.panels.docks.get(key) if window.workspace is not None else None
    if dock is None:
        return None
    dock.setFloating(True)
    dock.resize(*size)
    _wait(lambda: False, 0.1)
    dock.panel.setFixedSize(*size)
    return dock.panel


def _train(window: Window, steps: int) -> bool:
    """Wait until everything is there, train, wait for the pictures; tell whether it failed."""
    session, workspace = window.session, window.workspace
    assert workspace is not None
    _wait(lambda: workspace.panels.ready and session.state != "loading", PATIENCE)
    _wait(lambda: False, 0.2)  # until the docks stand where they stay
    if workspace.canvas is not None:
        workspace.canvas.fit()
    if steps:
        seen: set[str] = set()
        session.frameArrived.connect(lambda frame: seen.update(frame.answers) if frame.step >= steps else None)
        session.step_once(steps)
        _wait(lambda: session.step >= steps or session.failure is not None, PATIENCE)
        shown = (dock.panel for dock in workspace.panels.docks.values() if dock.panel.seen)
        wanted = {panel.key for panel in shown if panel.probe() is not None}
        _wait(lambda: wanted <= seen or session.failure is not None, 8.0)
    if session.failure is not None:
        print(f"network-playground: {session.failure.sentence}", file=sys.stderr)
    return session.failure is not None


def _wait(done: object, seconds: float) -> None:
    """Let the window live until something is so, or the time is over."""
    from PySide6.QtWidgets import QApplication

    end = time.monotonic() + seconds
    while time.monotonic() < end and not done():  # type: ignore[operator]
        QApplication.processEvents()
        time.sleep(0.004)


def _steps(text: str) -> int:
    steps = int(text)
    if steps < 0:
        raise argparse.ArgumentTypeError("steps are counted from 0")
    return steps


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.lower().partition("x")
    size = int(width), int(height)
    if not all(100 <= side <= 8192 for side in size):
        raise argparse.ArgumentTypeError("a side has between 100 and 8192 pixels")
    return size
