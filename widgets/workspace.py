"""The place where one network is worked on: palette, canvas, inspector and the panels, each in its dock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtWidgets import QDockWidget, QMainWindow, QVBoxLayout, QWidget

from playground.document import Document
from playground.experiment import Experiment
from playground.graph import joined
from playground.own_blocks import forget_own
from playground.probes.weights import Weights, WeightsAnswer
from playground.text import Refusal, Sentence, tr
from widgets.banner import Banner
from widgets.block_rows import Section, own, ports, ready_made
from widgets.docks import PanelRow
from widgets.inspector import Inspector
from widgets.levels import LevelBar
from widgets.palette import Palette
from widgets.pointing import Pointing
from widgets.problems import Problems
from widgets.session import Reply, Session
from widgets.settings import Settings
from widgets.shelf import Shelf
from widgets.strips import Strips
from widgets.title_bar import TitleBar

if TYPE_CHECKING:
    from widgets.analysis_table import AnalysisTable
    from widgets.data_view import DataView

SIDE, INSPECTOR = 190, 274
"""How wide the docks at the sides are at first."""

LOW = {"problems": 200, "analysis": 260, "data": 300}
"""Docks that get more room when they appear lower than this."""


class Workspace(QMainWindow):
    """Canvas in the middle; palette, inspector, problems and panels around it. Hidden, it watches nothing.

    Signals:
        weightsWanted(object): the nodes at these places are to take the weights of a project.
    """

    weightsWanted = Signal(object)

    def __init__(self, document: Document, session: Session, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        from widgets.canvas import Canvas

        self.setObjectName("workspace")
        self.setWindowFlags(Qt.WindowType.Widget)
        self.setDockOptions(QMainWindow.DockOption.AllowNestedDocks | QMainWindow.DockOption.AllowTabbedDocks)
        self.setCorner(Qt.Corner.BottomLeftCorner, Qt.DockWidgetArea.BottomDockWidgetArea)
        self.setCorner(Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.BottomDockWidgetArea)
        self.document, self.session, self.settings = document, session, settings
        self.banner = Banner()
        self.canvas: Any = Canvas(document)
        self.levels = LevelBar(self.canvas.sheet)
        self.canvas.minimap.set_wanted(settings.get("minimap", True))
        self.canvas.fans.set_wanted(settings.get("weights_on_wires", True))
        self.canvas.shelf = shelf = Shelf(settings, self)
        self.palette_widget, self.inspector = Palette(shelf), Inspector(document, self.canvas.sheet, self._ask_weights)
        self.problems = Problems(document)
        self.analysis: AnalysisTable | None = None
        self.data: DataView | None = None
        self._lay_out()
        self.panels = PanelRow(self, document, session, settings)
        self.strips = Strips(self.canvas, document, session)
        self.pointing = Pointing(self.canvas, document, self.panels.focus)
        self._connect()
        self.relabel()

    def tell(self, sentence: Any) -> None:
        """Show a sentence across the top of the canvas."""
        self.banner.tell(sentence)

    def show_dock(self, key: str, shown: bool) -> None:
        """Show or hide one of the docks at the sides; one that appears gets room enough to be read."""
        self.panels.uncover()
        dock = self.docks[key]
        dock.setVisible(shown)
        if shown and key in LOW and dock.height() < LOW[key]:
            self.resizeDocks([dock], [LOW[key] + 40], Qt.Orientation.Vertical)

    def relabel(self) -> None:
        """Say everything in the present language."""
        words = {
            "palette": tr("Palette"),
            "inspector": tr("Inspector"),
            "problems": tr("Problems"),
            "analysis": tr("Analyse"),
            "data": tr("Data"),
        }
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
        column.addWidget(self.levels)
        column.addWidget(self.canvas, 1)
        self.setCentralWidget(middle)
        areas = Qt.DockWidgetArea
        self.docks = {
            "palette": self._dock("palette", self.palette_widget, areas.LeftDockWidgetArea),
            "inspector": self._dock("inspector", self.inspector, areas.RightDockWidgetArea),
            "problems": self._dock("problems", self.problems, areas.RightDockWidgetArea),
            "analysis": self._dock("analysis", QWidget(), areas.BottomDockWidgetArea),
            "data": self._dock("data", QWidget(), areas.BottomDockWidgetArea),
        }
        for key in ("palette", "inspector"):
            self.docks[key].setTitleBarWidget(_NoBar())
            self.docks[key].setFeatures(QDockWidget.DockWidgetFeature.DockWidgetClosable)
        for key in ("problems", "analysis", "data"):
            bar = TitleBar(self.docks[key], ("float", "close"))
            bar.buttons["float"].clicked.connect(self._on_float_clicked)
            self.docks[key].setTitleBarWidget(bar)
            self.docks[key].hide()
        self.docks["analysis"].visibilityChanged.connect(self._on_analysis_shown)
        self.docks["data"].visibilityChanged.connect(self._on_data_shown)
        self.resizeDocks([self.docks["palette"], self.docks["inspector"]], [SIDE, INSPECTOR], Qt.Orientation.Horizontal)
        # Tab follows the eye, from left to right.
        self.setTabOrder(self.palette_widget.search, self.palette_widget.list)
        self.setTabOrder(self.palette_widget.list, self.canvas)

    def _dock(self, name: str, widget: QWidget, area: Qt.DockWidgetArea) -> QDockWidget:
        dock = QDockWidget(self)
        dock.setObjectName(f"dock_{name}")
        dock.setWidget(widget)
        widget.setMinimumWidth(SIDE - 40 if name == "palette" else INSPECTOR - 20)
        self.addDockWidget(area, dock)
        return dock

    def _connect(self) -> None:
        self.palette_widget.add_sections(self._ports)
        self.palette_widget.add_sections(own)
        self.palette_widget.add_sections(ready_made, below=True)
        self.palette_widget.list.forgotten.connect(self._on_block_forgotten)
        self.canvas.ownBlocksChanged.connect(self.palette_widget.relabel)
        self.canvas.levelChanged.connect(self.palette_widget.relabel)
        self.destroyed.connect(self.document.subscribe(self._on_document_changed))
        self.levels.entered.connect(self.canvas.setFocus)
        self.canvas.levelLeft.connect(self.levels.close_level)
        self.inspector.placeClicked.connect(self._on_place_clicked)
        self.palette_widget.blockChosen.connect(self._on_block_chosen)
        self.canvas.selectionIdsChanged.connect(self._on_selection_changed)
        self.inspector.watchRequested.connect(self.panels.watch)
        self.inspector.renamed.connect(self._on_node_renamed)
        self.inspector.refused.connect(self.tell)
        self.inspector.document_page.download.arrived.connect(self.session.reset)
        self.problems.refused.connect(self.tell)
        self.problems.placeClicked.connect(self._on_place_clicked)
        self.panels.placed.connect(self._on_panels_placed)
        self.panels.told.connect(self.tell)
        self.panels.covered.connect(self._on_panels_covered)
        self.canvas.minimap.wantedChanged.connect(self._on_minimap_wanted)
        self.canvas.weightsWanted.connect(self._on_weights_wanted)
        self.canvas.fans.wantedChanged.connect(self._on_wire_weights_wanted)
        self.canvas.unitWanted.connect(self._on_unit_wanted)

    def _ask_weights(self, path: str, reply: Reply) -> None:
        """Ask the engine for the weights of a node as they are now."""

        def on_answer(answer: WeightsAnswer | None, failure: Sentence | None) -> None:
            reply(None if answer is None else answer.weights, failure)

        self.session.ask(Weights(node=path), on_answer)

    def _on_weights_wanted(self) -> None:
        self.weightsWanted.emit(tuple(self._places(self.canvas.selected_ids)))

    def _on_wire_weights_wanted(self, wanted: bool) -> None:
        self.settings.set("weights_on_wires", wanted)

    def _on_unit_wanted(self, id: str, unit: int) -> None:
        """Show a unit large, in the panel of neurons."""
        path = self.canvas.sheet.path(id)
        self.panels.focus.move(node=path, map=unit)
        self.panels.watch("neurons", path)

    def _on_minimap_wanted(self, wanted: bool) -> None:
        self.settings.set("minimap", wanted)

    def _ports(self) -> list[Section]:
        """Offer the ports of groups where the inside of one is drawn."""
        sheet = self.canvas.sheet
        return ports() if sheet.level or sheet.opened else []

    def _on_document_changed(self, old: Experiment, new: Experiment) -> None:
        if bool(old.view.opened) != bool(new.view.opened):
            self.palette_widget.relabel()

    def _on_block_forgotten(self, key: str) -> None:
        try:
            forget_own(key)
        except Refusal as refusal:
            self.tell(refusal.sentence)
        self.palette_widget.relabel()

    def _on_block_chosen(self, key: str) -> None:
        self.canvas.add_block(key)

    def _on_selection_changed(self, ids: tuple[str, ...]) -> None:
        self.inspector.set_selection(ids)
        if self.analysis is not None:
            self.analysis.set_selection(self._places(ids))
        if len(ids) == 1:
            self.panels.focus.nodeChosen.emit(self.canvas.sheet.path(ids[0]))

    def _places(self, ids: tuple[str, ...]) -> list[str]:
        return [joined(self.canvas.sheet.level, id) for id in ids]

    def _on_analysis_shown(self, shown: bool) -> None:
        """Build the table when it is first looked at."""
        if self.analysis is not None or not shown:
            return
        from widgets.analysis_table import AnalysisTable

        self.analysis = AnalysisTable(self.document, self.session)
        self.analysis.refused.connect(self.tell)
        self.analysis.placeClicked.connect(self._on_place_clicked)
        self.analysis.set_selection(self._places(self.canvas.selected_ids))
        dock = self.docks["analysis"]
        dock.widget().deleteLater()
        dock.setWidget(self.analysis)
        bar = dock.titleBarWidget()
        if isinstance(bar, TitleBar):  # one row less between the canvas and the figures
            bar.hold(self.analysis.tools)

    def _on_data_shown(self, shown: bool) -> None:
        """Build the data panel when it is first looked at."""
        if self.data is not None or not shown:
            return
        from widgets.data_view import DataView

        self.data = DataView(self.document, self.session)
        dock = self.docks["data"]
        dock.widget().deleteLater()
        dock.setWidget(self.data)

    def _on_panels_placed(self) -> None:
        """Give what is wide, table and data, a row of its own below the panels, unless it was taken elsewhere."""
        area = Qt.DockWidgetArea.BottomDockWidgetArea
        for dock in (self.docks["analysis"], self.docks["data"]):
            if not dock.isFloating() and self.dockWidgetArea(dock) == area:
                hidden = dock.isHidden()
                self.addDockWidget(area, dock, Qt.Orientation.Vertical)
                dock.setHidden(hidden)

    def _on_panels_covered(self, covered: bool) -> None:
        """Have nothing measured for a canvas that lies under a panel."""
        self.strips.watch(not covered and self.canvas.isVisible())

    def _on_float_clicked(self) -> None:
        bar = self.sender().parent()
        dock = next(dock for dock in self.docks.values() if dock.titleBarWidget() is bar)
        dock.setFloating(not dock.isFloating())

    def _on_place_clicked(self, place: str) -> None:
        """Go to a node, into the group in which it stands if need be."""
        sheet = self.canvas.sheet
        if joined(sheet.level, sheet.shown(place)) != place:
            sheet.enter(place.rpartition(".")[0])
        if id := sheet.shown(place):
            self.canvas.select((id,))
            self.canvas.reveal(id)

    def _on_node_renamed(self, old: str, new: str) -> None:
        sheet = self.canvas.sheet
        self.canvas.select((new,) if new in sheet.graph else self.canvas.stage.opened.members(new))

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
