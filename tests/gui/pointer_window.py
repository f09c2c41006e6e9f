"""The program in a process of its own for `test_pointer`: opened as by `main.py open xor`, and says what is where.

Questions come as JSON lines on standard input, answers leave as JSON lines on standard output. Nothing is done
to the window from here: that is for the pointer and the keyboard of the X server.
"""

from __future__ import annotations

import json
import sys
from threading import Thread
from typing import Any

from PySide6.QtCore import QObject, QPointF, Signal
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget

from playground.graph import Wire
from widgets import app
from widgets.canvas.geometry import WIDTH
from widgets.palette import KEY
from widgets.window import Window


class Guide(QObject):
    """Answers where things are on the screen, in pixels, and how things stand."""

    asked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.asked.connect(self._on_asked)
        self._thread = Thread(target=self._listen, daemon=True)
        self._thread.start()

    @property
    def window(self) -> Window:
        return next(one for one in QApplication.topLevelWidgets() if isinstance(one, Window))

    @property
    def canvas(self) -> Any:
        return self.window.workspace.canvas  # type: ignore[union-attr]

    def _listen(self) -> None:
        for line in sys.stdin:
            self.asked.emit(json.loads(line))

    def _on_asked(self, question: list[Any]) -> None:
        name, *about = question
        try:
            answer = getattr(self, name)(*about)
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)

    # -- questions -----------------------------------------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        """How things stand."""
        window, dialog = self.window, self._dialog()
        panels = window.workspace.panels  # type: ignore[union-attr]
        return {
            "ready": panels.ready and window.session.state == "ready",
            "nodes": list(window.document.now.graph.nodes),
            "wires": [str(wire) for wire in window.document.now.graph.wires],
            "selected": list(self.canvas.selected_ids),
            "chosen_wires": [str(wire) for wire in self.canvas.stage.selected_wires],
            "run": window.session.state,
            "step": window.session.step,
            "dirty": window.document.dirty,
            "window": int(window.winId()),
            "active": window.isActiveWindow(),
            "dialog": int(dialog.winId()) if dialog is not None else 0,
            "dialog_active": dialog is not None and dialog.isActiveWindow(),
        }

    def block(self, key: str) -> tuple[int, int]:
        """Where a block stands in the palette."""
        blocks = self.window.workspace.palette_widget.list  # type: ignore[union-attr]
        item = next(blocks.item(row) for row in range(blocks.count()) if blocks.item(row).data(KEY) == key)
        blocks.scrollToItem(item)
        return _place(blocks.viewport(), QPointF(blocks.visualItemRect(item).center()))

    def card(self, id: str) -> tuple[int, int]:
        """Where a node stands."""
        card = self.canvas.stage.cards[id]
        return self._on_canvas(card.x() + WIDTH / 2, card.y() + 20)

    def port(self, id: str, name: str, outgoing: bool) -> tuple[int, int]:
        """Where a port is."""
        spot = self.canvas.stage.spot(id, name, outgoing)
        return self._on_canvas(spot.x, spot.y)

    def wire(self, source: str, target: str) -> tuple[int, int]:
        """Where the middle of a wire is."""
        return self._on_canvas(*self.canvas.stage.lines[Wire(source, target)].route.middle)

    def button(self, name: str) -> tuple[int, int]:
        """Where a button is."""
        widget = self.window.findChild(QWidget, name)
        return _place(widget, QPointF(widget.rect().center()))

    def _on_canvas(self, x: float, y: float) -> tuple[int, int]:
        return _place(self.canvas.viewport(), self.canvas.view_point(QPointF(x, y)))

    def _dialog(self) -> QFileDialog | None:
        return next((one for one in self.window.findChildren(QFileDialog) if one.isVisible()), None)


def _place(widget: QWidget, point: QPointF) -> tuple[int, int]:
    there = widget.mapToGlobal(point)
    return round(there.x()), round(there.y())


if __name__ == "__main__":
    app.application()
    guide = Guide()
    sys.exit(app.run("xor"))
