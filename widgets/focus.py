"""What a person is looking at, shared by the panels: which example, moved how, and which pixel of which map.

The panels know nothing of each other. Whoever lets a person choose a pixel says so here, and whoever shows pixels
follows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QObject, Signal

from playground.picture import Picture


@dataclass(frozen=True)
class Spot:
    """An example by its place in the split, moved by whole pixels, and a pixel of a map of a node.

    Where no pixel has been chosen yet, `node` is empty.
    `words` are what a person has typed, `picture` what was drawn, to be read in place of the example; `step` is the
    word of a text, or the step of a series, that is looked at, −1 where none is. `cell` is a cell of the confusion
    matrix, the right class and the predicted one, None where none is chosen.
    """

    index: int = 0
    down: int = 0
    right: int = 0
    node: str = ""
    map: int = 0
    row: int = 0
    column: int = 0
    words: str = ""
    step: int = -1
    picture: Picture | None = None
    cell: tuple[int, int] | None = None


class Focus(QObject):
    """Holds the present spot.

    Signals:
        changed(): it is another.
        panelWanted(str, str): the person asks for another panel, by its key, to look at a node.
        nodeShown(str): a panel looks at this node, by its path, and would have it shown on the canvas; empty: at none.
        nodeChosen(str): the person chose this node on the canvas.
    """

    changed = Signal()
    panelWanted = Signal(str, str)
    nodeShown = Signal(str)
    nodeChosen = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.now = Spot()

    def move(self, **changes: Any) -> None:
        """Look elsewhere; who turns to an example looks no longer at a picture of their own."""
        if "index" in changes:
            changes = {"picture": None, **changes}
        spot = replace(self.now, **changes)
        if spot != self.now:
            self.now = spot
            self.changed.emit()
