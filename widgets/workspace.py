"""The place where one network is worked on: palette, canvas, inspector and the panels, each in its dock."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow, QVBoxLayout, QWidget

from playground.document import Document
from playground.text import tr
from widgets.banner import Banner
from widgets.docks import PanelRow, TitleBar
from widgets.inspector import Inspector
from widgets.palette import Palette
from widgets.problems import Problems
from widgets.session import Session
from widgets.settings import Settings
from widgets.strips import Strips

SIDE, INSPECTOR = 190, 274
"""How wide the docks at the sides are at first."""


class Workspace(QMainWindow):
    """Canvas in the middle; palette, inspector, problems and panels around it. Hidden, it watches nothing."""

    def __init__(self, document: Document, session: Session, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        from widgets.canvas import Canvas

        self.setObjectName("workspace")
        self.setWindowFlags(Qt.WindowType.Widget)
        self.setDockOptions(QMainWindow.DockOption.AllowNestedDocks | QMainWindow.DockOption.AllowTabbedDocks)
        self.setCorner(Qt.Corner.BottomLeftCorner, Qt.DockWidgetArea.BottomDockWidgetArea)
        self.setCorner(Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.BottomDockWidgetArea)
        self.document, self.session = document, session
        self.banner = Banner()
        self.canvas: Any = Canvas(document)
        self.palette_widget, self.inspector = Palette(), Inspector(document)
        self.problems = Problems(document)
        self._lay_out()
        self.panels = PanelRow(self, document, session, settings)
        self.strips = Strips(self.canvas, document, session)
        self._connect()
        self.relabel()

    def tell(self, sentence: Any) -> None:
        """Show a sentence across the top of the canvas."""
        self.banner.tell(sentence)

    def show_dock(self, key: str, shown: bool) -> None:
        """Show or hide one of the docks at the sides; one that appears gets room enough to be read."""
        dock = self.docks[key]
        dock.setVisible(shown)
        if shown and key == "problems" and dock.height() < 200:
            self.resizeDocks([dock], [240], Qt.Orientation.Vertical)

    def relabel(self) -> None:
        """Say everything in the present language."""
        words = {"palette": tr("Palette"), "inspector": tr("Inspector"), "problems": tr("Problems")}
        for key, dock in self.docks.items():
            dock.setWindowTitle(words[key])
            if isinstance(bar := dock.titleBarWidget(), TitleBar):
                bar.title.setText(words[key])
                bar.relabel()
        self.canvas.relabel()
        self.panels.relabel()

    def _lay_out(self) -> None:
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.banner)
        column.addWidget(self.canvas, 1)
        self.setCentralWidget(middle)
        areas = Qt.DockWidgetArea
        self.docks = {
            "palette": self._dock("palette", self.palette_widget, areas.LeftDockWidgetArea),
            "inspector": self._dock("inspector", self.inspector, areas.RightDockWidgetArea),
            "problems": self._dock("problems", self.problems, areas.RightDockWidgetArea),
        }
        for key in ("palette", "inspector"):
            self.docks[key].setTitleBarWidget(_NoBar())
            self.docks[key].setFeatures(QDockWidget.DockWidgetFeature.DockWidgetClosable)
        self.docks["problems"].setTitleBarWidget(TitleBar(self.docks["problems"]))
        self.docks["problems"].hide()
        self.resizeDocks([self.docks["palette"], self.docks["inspector"]], [SIDE, INSPECTOR], Qt.Orientation.Horizontal)

    def _dock(self, name: str, widget: QWidget, area: Qt.DockWidgetArea) -> QDockWidget:
        dock = QDockWidget(self)
        dock.setObjectName(f"dock_{name}")
        dock.setWidget(widget)
        widget.setMinimumWidth(SIDE - 40 if name == "palette" else INSPECTOR - 20)
        self.addDockWidget(area, dock)
        return dock

    def _connect(self) -> None:
        self.palette_widget.blockChosen.connect(self._on_block_chosen)
        self.canvas.selectionIdsChanged.connect(self._on_selection_changed)
        self.inspector.watchRequested.connect(self.panels.watch)
        self.inspector.renamed.connect(self._on_node_renamed)
        self.inspector.refused.connect(self.tell)
        self.problems.refused.connect(self.tell)
        self.problems.placeClicked.connect(self._on_place_clicked)

    def _on_block_chosen(self, key: str) -> None:
        self.canvas.add_block(key)

    def _on_selection_changed(self, ids: tuple[str, ...]) -> None:
        self.inspector.set_selection(ids)

    def _on_place_clicked(self, id: str) -> None:
        self.canvas.select((id,))
        self.canvas.reveal(id)

    def _on_node_renamed(self, old: str, new: str) -> None:
        self.canvas.select((new,))
        self.panels.renamed(old, new)

    # -- Qt ----------------------------------------------------------------------------------------------------

    def changeEvent(self, event: QEvent) -> None:
        """Say everything again when the language changed."""
        if event.type() == QEvent.Type.LanguageChange:
            self.relabel()
        super().changeEvent(event)


class _NoBar(QWidget):
    """The title bar of a dock that needs none."""

    # -- Qt ----------------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        """Take no room."""
        return QSize(0, 0)

    def minimumSizeHint(self) -> QSize:
        """Take no room."""
        return QSize(0, 0)
