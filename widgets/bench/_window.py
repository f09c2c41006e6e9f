"""The program itself under a stop-watch: ``python -m widgets.bench._window [open [FILE]]`` is main.py, and measures.

The command line is the real one, the window is the real one; what is added sees when it is painted and takes orders
from standard input. The first answer says when the first picture was complete.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QGraphicsView, QWidget

from playground import bootstrap
from playground.messages import Frame
from widgets import app
from widgets.bench import percentile
from widgets.bench._loop import answer
from widgets.window import Window

SIZE = (1200, 800)
BEAT_MS = 5
"""How often the event loop is asked whether it turns."""

SETTLE_S = 0.5
"""Seconds of training before measuring begins."""

SAME_PICTURE_S = 0.01
"""Paints that follow each other so closely belong to one picture: a plot that found its range while it was painted."""

PAINTS = (QEvent.Type.UpdateRequest, QEvent.Type.Expose)
"""The events that have a window painted at once, all that changed in it together."""


class StopWatch(QObject):
    """Sees the window being painted, and trains and measures on command.

    Signals:
        told(object): an order came from standard input; None when that ended.
    """

    told = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.window: Window | None = None
        self._painted = self._inside = False
        self._on_paint: Callable[[float], None] = lambda now: None
        self.told.connect(self._on_told, Qt.ConnectionType.QueuedConnection)

    def _on_first_paint(self, now: float) -> None:
        self.window = next(w for w in QApplication.topLevelWidgets() if isinstance(w, Window))
        QCoreApplication.instance().removeEventFilter(self)  # type: ignore[union-attr]
        self.window.installEventFilter(self)
        self._on_paint = lambda now: None
        answer({"painted": now})
        threading.Thread(target=self._listen, name="orders", daemon=True).start()

    def _listen(self) -> None:
        for line in sys.stdin:
            self.told.emit(json.loads(line))
        self.told.emit(None)

    def _on_told(self, order: dict[str, Any] | None) -> None:
        assert self.window is not None
        if order is None:
            self.window.document.saved(self.window.document.path)  # type: ignore[arg-type] - nothing to be asked about
            self.window.close()
            return
        try:
            answer({"train": self._train, "picture": self._picture, "canvas": self._canvas}[order.pop("do")](**order))
        except Exception as error:
            state = f"{self.window.session.state}, step {self.window.session.step}"
            answer({"error": f"{type(error).__name__}: {error} ({state})"})

    # -- orders ------------------------------------------------------------------------------------------------

    def _train(self, seconds: float) -> dict[str, Any]:
        """Play for so long and pause again: what training did, and how evenly the window was painted."""
        window, session = self._ready(), self.window.session  # type: ignore[union-attr]
        session.play()
        wait_until("training", lambda: session.state == "playing" and session.step > 0)
        wait(SETTLE_S)
        watching = Watching(window)
        for picture in panel_pictures(window):  # from now on a paint is one that shows a panel's picture anew
            picture.installEventFilter(self)
        self._on_paint = watching.painted
        wait_until("a first frame", lambda: len(watching.frames) > 0)
        wait(seconds)
        wait_until("another frame", lambda: len(watching.frames) > 1)
        self._on_paint = lambda now: None
        watching.end()
        panels = [key for key, dock in window.workspace.panels.docks.items() if dock.panel.isVisible()]  # type: ignore[union-attr]
        session.pause()
        wait_until("a pause", lambda: session.state != "playing")
        return {**watching.report(), "panels": panels, "torch": "torch" in sys.modules}

    def _picture(self, panel: str, points: int, repeats: int) -> dict[str, Any]:
        """Show a panel something large, again and again, and say how long that takes up to the finished picture."""
        from widgets.bench._pictures import FILL

        window = self._ready()
        shown = window.workspace.panels.docks[panel].panel  # type: ignore[union-attr]
        times = []
        for k in range(repeats):
            show = FILL[panel](shown, points, k)
            began = time.perf_counter()
            show()
            self._repaint(window)
            times.append(time.perf_counter() - began)
        return {"seconds": times}

    def _canvas(self) -> dict[str, Any]:
        """Work on a large network."""
        from widgets.bench._canvas import measure

        window = self.window
        assert window is not None
        return measure(window, lambda: self._repaint(window))

    @staticmethod
    def _repaint(window: Window) -> None:
        """Have everything that changed painted now."""
        QCoreApplication.sendPostedEvents(None, 0)  # the scenes tell their views what changed
        QCoreApplication.sendEvent(window, QEvent(QEvent.Type.UpdateRequest))

    def _ready(self) -> Window:
        """Return the window at the size that is measured, all its panels there."""
        window = self.window
        assert window is not None
        if window.size().toTuple() != SIZE:
            window.resize(*SIZE)
        window.show_workspace()
        wait_until("panels and engine", lambda: window.workspace.panels.ready and window.session.state != "loading")  # type: ignore[union-attr]
        window.workspace.panels.spread()  # type: ignore[union-attr]  # all are to be painted, none behind a tab
        return window

    # -- Qt ----------------------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Carry out what paints the window, and note when it was done."""
        kind = event.type()
        if kind == QEvent.Type.Paint:
            self._painted = True
        if kind not in PAINTS or self._inside:
            return False
        self._inside, self._painted = True, False
        watched.event(event)
        self._inside = False
        if self._painted:
            now = time.monotonic()
            if self.window is None:
                self._on_first_paint(now)
            else:
                self._on_paint(now)
        return True


class Watching:
    """Notes every paint, every turn of the event loop and every frame that was shown, until `end`."""

    def __init__(self, window: Window) -> None:
        self.frames: list[Frame] = []
        self._session = window.session
        self._paints: list[float] = []
        self._beats: list[float] = []
        self._delays: list[float] = []
        self._waits: list[float] = []
        self._news: float | None = None  # when something came that has not been painted yet
        self._waiting: list[Frame] = []
        self._heart = QTimer(window, interval=BEAT_MS, timerType=Qt.TimerType.PreciseTimer)
        self._heart.timeout.connect(self._beat)
        self._heart.start()
        self._session.frameArrived.connect(self._on_frame_arrived)
        self._session.progressed.connect(self._on_news)

    def end(self) -> None:
        """Note nothing more."""
        self._heart.stop()
        self._session.frameArrived.disconnect(self._on_frame_arrived)
        self._session.progressed.disconnect(self._on_news)

    def painted(self, now: float) -> None:
        """Note that panels have been painted, and with them the frames that had arrived."""
        if not self._paints or now - self._paints[-1] > SAME_PICTURE_S:
            self._paints.append(now)
        self._delays += [now - frame.measured for frame in self._waiting]
        self._waiting.clear()
        if self._news is not None:
            self._waits.append(now - self._news)
            self._news = None

    def report(self) -> dict[str, Any]:
        """Say what came of it; steps and seconds are the engine's, between the first and the last frame."""
        first, last = self.frames[0], self.frames[-1]
        lasted = self._paints[-1] - self._paints[0] if len(self._paints) > 1 else 1.0
        return {
            "steps": last.step - first.step,
            "seconds": last.measured - first.measured,
            "frames_per_s": (len(self.frames) - 1) / (last.measured - first.measured),
            "paints_per_s": (len(self._paints) - 1) / lasted,
            "paint_gaps": gaps(self._paints),
            "turn_gap_p99": percentile(gaps(self._beats), 0.99),
            "delays": self._delays,
            "paint_wait_p99": percentile(self._waits, 0.99),
        }

    def _beat(self) -> None:
        self._beats.append(time.monotonic())

    def _on_frame_arrived(self, frame: Frame) -> None:
        self.frames.append(frame)
        self._waiting.append(frame)
        self._on_news()

    def _on_news(self) -> None:
        self._news = time.monotonic() if self._news is None else self._news


def gaps(moments: list[float]) -> list[float]:
    """Return how far each moment is from the one before."""
    return [later - earlier for earlier, later in pairwise(moments)]


def panel_pictures(window: Window) -> list[QWidget]:
    """Return what the panels paint their pictures on: the grounds of plots, and what they paint themselves."""
    docks = window.workspace.panels.docks.values()  # type: ignore[union-attr]
    inside = [widget for dock in docks for widget in dock.panel.findChildren(QWidget)]
    plots = [widget.viewport() for widget in inside if isinstance(widget, QGraphicsView)]
    return plots + [widget for widget in inside if _paints_itself(widget)]


def _paints_itself(widget: QWidget) -> bool:
    kinds = (kind for kind in type(widget).__mro__ if kind.__module__.startswith("widgets."))
    return any("paintEvent" in vars(kind) for kind in kinds)


def wait(seconds: float) -> None:
    """Let the program go on for so long."""
    loop = QEventLoop()
    QTimer.singleShot(round(1000 * seconds), loop.quit)
    loop.exec()


def wait_until(what: str, done: Callable[[], bool], patience: float = 60.0) -> None:
    """Let the program go on until this is so."""
    end = time.monotonic() + patience
    while not done():
        if time.monotonic() > end:
            raise TimeoutError(f"the window did not come that far: {what}")
        wait(0.01)


def main() -> int:
    """Run the program, with a stop-watch in its application."""
    watch = StopWatch()
    make = app.application

    def application() -> QApplication:
        made = make()
        made.installEventFilter(watch)
        return made

    app.application = application
    return bootstrap.main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
