"""The node that a panel looks at, shown on the canvas: a ring goes round its card, and the selection stays as it is."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from playground.document import Document
from playground.experiment import Experiment
from widgets.focus import Focus


class Pointing(QObject):
    """Points at a node by its path, wherever it is drawn: inside an open group, or as the group that holds it."""

    def __init__(self, canvas: QWidget, document: Document, focus: Focus) -> None:
        super().__init__(canvas)
        self.canvas: Any = canvas
        self.path = ""
        focus.nodeShown.connect(self.show_path)
        self.canvas.levelChanged.connect(self._sync)
        self.destroyed.connect(document.subscribe(self._on_document_changed))

    def show_path(self, path: str) -> None:
        """Point at another node; empty: at none."""
        self.path = path
        self._sync()

    def _sync(self) -> None:
        self.canvas.point_at(self.canvas.sheet.shown(self.path) if self.path else "")

    def _on_document_changed(self, old: Experiment, new: Experiment) -> None:
        if self.path and (old.graph is not new.graph or old.view.opened != new.view.opened):
            self._sync()
