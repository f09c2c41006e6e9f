"""The row of live panels: each in a dock with a title bar, there only when wanted, and costing nothing when hidden."""

from __future__ import annotations

import base64
from dataclasses import replace
from itertools import pairwise

from PySide6.QtCore import QByteArray, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QDockWidget, QMainWindow

from playground.document import Document
from playground.experiment import Experiment
from playground.messages import Frame
from playground.nesting import moved
from playground.probes import PROBES
from playground.text import Sentence
from widgets import theme
from widgets.focus import Focus
from widgets.maximised import Maximised
from widgets.panel_dock import PanelDock
from widgets.panels import Panel
from widgets.session import Session
from widgets.settings import Settings

HEIGHT = 270
"""How high the row is at first."""

NARROWEST = 300
"""How wide a panel of the row is at least at first; there are tabs where that leaves no room for all."""

COMING = ("dock_problems", "dock_analysis", "dock_data")
"""Docks that come when they are asked for: a layout says where they stand, not whether."""


class PanelRow(QObject):
    """Which panels there are below the canvas, following the document's view.

    Panels are imported and built after the window has been painted, one by one, so that it never stands still.

    Signals:
        placed(): the panels were put in a row for the first time; what stands beside them may have to move.
        told(Sentence): something that the person asked of a panel could not be done.
        covered(bool): a panel fills the workspace now and covers everything else, or does so no longer.
    """

    placed = Signal()
    told = Signal(object)
    covered = Signal(bool)

    def __init__(self, host: QMainWindow, document: Document, session: Session, settings: Settings) -> None:
        super().__init__(host)
        self.host, self.document, self.session, self.settings = host, document, session, settings
        self.focus = Focus(self)
        self.focus.panelWanted.connect(self.watch)
        self.docks: dict[str, PanelDock] = {}
        self.kinds: dict[str, type[Panel]] = {}
        self.stage: Maximised | None = None
        self._layout_key = ""
        self._restoring = False
        self._rows = QTimer(self, singleShot=True, interval=0)
        self._rows.timeout.connect(self._build_next)
        self._waiting: list[str] = []
        self._asked = ""
        self._node_wanted: dict[str, str] = {}
        document.subscribe(self._on_document_changed)
        session.frameArrived.connect(self._on_frame_arrived)
        session.progressed.connect(self._on_session_progressed)
        session.restarted.connect(self._on_session_progressed)
        session.failed.connect(self.uncover)  # what went wrong stands on the canvas

    def load(self) -> None:
        """Import the panels and build those the document asks for."""
        from widgets.panels import load_panels

        self.kinds = load_panels()
        self._sync()

    @property
    def ready(self) -> bool:
        """Whether every panel that is wanted is there and in its place."""
        return bool(self.kinds) and not self._waiting and not self._rows.isActive()

    def wanted(self) -> tuple[str, ...]:
        """The panels of the document, those that exist."""
        return tuple(key for key in self.document.now.view.panels if key in self.kinds)

    def toggle(self, key: str, wanted: bool) -> None:
        """Open or close a panel; the document remembers it, but it is no edit to be undone."""
        view = self.document.now.view
        self._asked = key if wanted else ""
        panels = tuple(one for one in view.panels if one != key) + ((key,) if wanted else ())
        self.document.note(view=replace(view, panels=panels))

    def watch(self, key: str, node: str) -> None:
        """Show a panel, at this node."""
        if self.maximised != key:
            self.uncover()
        self._node_wanted[key] = node
        if key not in self.document.now.view.panels:
            self.toggle(key, True)
        if key in self.docks:
            self.docks[key].panel.set_node(node)
            self.docks[key].sync_detail()
            self.docks[key].show()
            self.docks[key].raise_()

    # -- one that fills the workspace ----------------------------------------------------------------------------

    @property
    def maximised(self) -> str:
        """The panel that fills the workspace, if one does."""
        return self.stage.dock.panel.key if self.stage is not None else ""

    def current(self) -> PanelDock | None:
        """Return the panel that the person is busy with: with the keys, else with the pointer, else the first one."""
        if self.stage is not None:
            return self.stage.dock
        shown = [dock for dock in self.docks.values() if dock.panel.seen]
        held = QApplication.focusWidget()
        with_keys = [dock for dock in shown if held is not None and dock.isAncestorOf(held)]
        return next(iter([*with_keys, *(dock for dock in shown if dock.underMouse()), *shown]), None)

    def toggle_maximised(self, key: str = "") -> None:
        """Let a panel fill the workspace, or put it back to where it was; without a key the one that is worked with."""
        dock = self.docks.get(key) if key else self.current()
        if self.stage is not None:
            self.uncover()
        elif dock is not None and dock.isFloating():
            dock.toggle_maximised()
        elif dock is not None:
            self._cover(dock)

    def uncover(self, _why: object = None) -> None:
        """Put the panel that fills the workspace back to where it was."""
        if self.stage is not None:
            stage, self.stage = self.stage, None
            stage.give_back()
            self._tell_covered()

    def show_help(self) -> None:
        """Say what the panel that is worked with shows."""
        if (dock := self.current()) is not None:
            dock.show_help()

    def tell(self, sentence: Sentence) -> None:
        """Tell a person of what could not be done, where they can see it."""
        if self.stage is not None:
            self.stage.banner.tell(sentence)
        else:
            self.told.emit(sentence)

    def _cover(self, dock: PanelDock) -> None:
        self.stage = Maximised(dock, self.host)
        self.stage.left.connect(self.uncover)
        self._tell_covered()

    def _tell_covered(self) -> None:
        """Have measured and drawn only what can be seen."""
        for dock in self.docks.values():
            dock.beneath = self.stage is not None and dock is not self.stage.dock and not dock.isFloating()
            dock.sync_covered()
        self.covered.emit(self.stage is not None)

    # -- following the document ----------------------------------------------------------------------------------

    def _follow(self, old: Experiment, new: Experiment) -> None:
        """Let the panels of a node follow it to another name, or into a group and out of it."""
        report = self.document.report
        lost = [dock for dock in self.docks.values() if dock.panel.node and report.at(dock.panel.node) is None]
        paths = moved(old.graph, new.graph) if lost else {}
        for dock in lost:
            if (path := paths.get(dock.panel.node)) is not None:
                dock.panel.set_node(path)
                dock.sync_detail()

    def relabel(self) -> None:
        """Say everything in the present language."""
        for dock in self.docks.values():
            dock.relabel()

    def pause(self, paused: bool) -> None:
        """Have nothing measured while the window is minimised."""
        for key, dock in self.docks.items():
            if paused:
                self.session.watch(key, None)
            else:
                dock.panel.rewatch()

    def remember(self) -> None:
        """Keep where the docks are, for this set of panels."""
        if self._layout_key and not self._waiting:
            layouts = dict(self.settings.get("layouts", {}))
            layouts[self._layout_key] = base64.b64encode(bytes(self.host.saveState())).decode()
            self.settings.set("layouts", dict(list(layouts.items())[-40:]))

    def leave(self) -> None:
        """Keep where the docks are and hide those that float, as the window is: else they would outlive it."""
        self.remember()
        for dock in self.docks.values():
            if dock.isFloating():
                dock.hide()

    def _on_document_changed(self, old: Experiment, new: Experiment) -> None:
        if not self.kinds:
            return
        if old.view.panels != new.view.panels or self._waiting:
            self._sync()
        elif old.graph is not new.graph or old.facts is not new.facts:
            self._follow(old, new)
            self._place_nodes()

    def _sync(self) -> None:
        self.uncover()
        wanted = self.wanted()
        if self._layout_key and self._layout_key != ",".join(sorted(wanted)):
            self.remember()
        for key, dock in self.docks.items():
            if key not in wanted and not dock.isHidden():
                dock.hide()
        self._waiting = list(wanted)
        self._rows.start()

    def _build_next(self) -> None:
        """Build or show one panel, then let the window breathe."""
        if self._waiting:
            key = self._waiting.pop(0)
            if key not in self.docks:
                self._build(key)
            if self.docks[key].isHidden():
                self.docks[key].show()
            self._rows.start()
            return
        self._place_nodes()
        self._place_docks()

    def _build(self, key: str) -> None:
        dock = PanelDock(self.kinds[key](self.session, focus=self.focus), self.host)
        dock.panel.recolour(theme.current())
        dock.closed.connect(self._on_dock_closed)
        dock.maximiseWanted.connect(self.toggle_maximised)
        dock.told.connect(self.tell)
        before = [other for other in self.docks.values() if not other.isFloating()]
        self.docks[key] = dock
        self.host.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, dock)
        if before:
            self.host.splitDockWidget(before[-1], dock, Qt.Orientation.Horizontal)

    def _place_docks(self) -> None:
        """Put the row where it was when these panels were last shown together, else share the width."""
        shown = [self.docks[key] for key in self.wanted()]
        self._layout_key = ",".join(sorted(self.wanted()))
        if not shown:
            return
        stored = self.settings.get("layouts", {}).get(self._layout_key)
        if isinstance(stored, str) and self._restore(stored):
            return
        self.placed.emit()
        row = [dock for dock in shown if not dock.isFloating()]
        if row:
            self._share_width(row)

    def _share_width(self, row: list[PanelDock]) -> None:
        """Lay panels side by side; where that would be too narrow, the later ones stand behind tabs."""
        if any(self.host.tabifiedDockWidgets(dock) for dock in row):
            self.spread()
        columns = max(1, self.host.width() // NARROWEST)
        for k, dock in enumerate(row[columns:]):
            self.host.tabifyDockWidget(row[columns - 1 - k % columns], dock)
        front = row[:columns]
        self.host.resizeDocks(front, [100] * len(front), Qt.Orientation.Horizontal)
        height = min(HEIGHT, max(180, self.host.height() // 3))
        self.host.resizeDocks(front, [height] * len(front), Qt.Orientation.Vertical)
        asked, self._asked = self.docks.get(self._asked), ""
        for dock in [asked] if asked in row and asked is not None else front:
            dock.raise_()

    def spread(self) -> None:
        """Take all panels out of their tabs and lay them side by side."""
        row = [self.docks[key] for key in self.wanted() if not self.docks[key].isFloating()]
        for before, dock in pairwise(row):
            self.host.splitDockWidget(before, dock, Qt.Orientation.Horizontal)

    def _restore(self, stored: str) -> bool:
        """Put the docks where they were; which panels are there is for the document to say, not for the layout."""
        self._restoring = True
        coming = [dock for name in COMING if (dock := self.host.findChild(QDockWidget, name)) is not None]
        hidden = [dock.isHidden() for dock in coming]
        try:
            done = bool(self.host.restoreState(QByteArray(base64.b64decode(stored))))
        finally:
            self._restoring = False
        for dock, away in zip(coming, hidden, strict=True):
            dock.setHidden(away)
        wanted = self.wanted()
        for key, dock in self.docks.items():
            if dock.isHidden() == (key in wanted):
                dock.setVisible(key in wanted)
        return done

    def _place_nodes(self) -> None:
        """Give each panel of one node a node that is there."""
        report = self.document.report
        for key, dock in self.docks.items():
            panel = dock.panel
            if panel.per_node and key in PROBES:
                wanted = self._node_wanted.pop(key, panel.node)
                fits = [id for id, node in report.nodes.items() if PROBES[key].accepts(node)]
                layers = [id for id in fits if report.nodes[id].block.family != "Data"]
                node = wanted if wanted in fits else panel.first_of([*layers, *fits])
                if node != panel.node:
                    panel.set_node(node)
                    dock.sync_detail()
                    continue
            panel.rewatch()

    # -- following the run -------------------------------------------------------------------------------------

    def _on_frame_arrived(self, frame: Frame) -> None:
        for key, answer in frame.answers.items():
            dock = self.docks.get(key)
            if dock is not None and dock.panel.seen and answer is not None:
                dock.panel.draw(answer)
                dock.sync_detail()

    def _on_session_progressed(self) -> None:
        for dock in self.docks.values():
            if dock.panel.seen:
                dock.panel.sync()
                dock.sync_detail()

    def _on_dock_closed(self, key: str) -> None:
        if self.maximised == key:
            self.uncover()
        if not self._restoring:
            self.toggle(key, False)
