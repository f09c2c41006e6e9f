"""The row of live panels: each in a dock with a title bar, there only when wanted, and costing nothing when hidden."""

from __future__ import annotations

import base64
from dataclasses import replace

from PySide6.QtCore import QByteArray, QEvent, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QDockWidget,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QSizePolicy,
    QToolButton,
    QToolTip,
    QWidget,
)

from playground.document import Document
from playground.experiment import Experiment
from playground.messages import Frame
from playground.nesting import moved
from playground.probes import PROBES
from playground.text import Sentence, tr
from widgets import theme
from widgets.focus import Focus
from widgets.icons import icon
from widgets.panels import Panel
from widgets.session import Session
from widgets.settings import Settings

HEIGHT = 270
"""How high the row is at first."""

COMING = ("dock_problems", "dock_analysis", "dock_data")
"""Docks that come when they are asked for: a layout says where they stand, not whether."""


class TitleBar(QWidget):
    """A dock's title, what it is about in the dim colour, and its buttons."""

    def __init__(self, dock: QDockWidget, buttons: tuple[str, ...] = ("close",)) -> None:
        super().__init__(dock)
        self.title, self.detail = QLabel(), QLabel()
        self.title.setFont(theme.font(10, semibold=True))
        self.title.setTextFormat(Qt.TextFormat.RichText)
        self.detail.setProperty("role", "dim")
        self.detail.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 6, 8, 2)
        row.setSpacing(6)
        row.addWidget(self.title)
        row.addWidget(self.detail, 1)
        glyphs = {
            "help": "mdi6.help-circle-outline",
            "save": "mdi6.content-save-outline",
            "float": "mdi6.dock-window",
            "close": "mdi6.close",
        }
        tools = QHBoxLayout()
        tools.setSpacing(1)
        row.addLayout(tools)
        self.buttons: dict[str, QToolButton] = {}
        for key in buttons:
            button = QToolButton(icon=icon(glyphs[key], "dim"), iconSize=QSize(15, 15))
            button.setObjectName(f"{dock.objectName()}_{key}")
            button.setFixedSize(22, 22)
            self.buttons[key] = button
            tools.addWidget(button)
        if "close" in self.buttons:
            self.buttons["close"].clicked.connect(dock.close)

    def hold(self, tools: QWidget) -> None:
        """Take in further tools, in the place of the detail."""
        row = self.layout()
        assert isinstance(row, QHBoxLayout)
        self.detail.hide()
        row.insertWidget(1, tools, 1)
        tools.show()

    def relabel(self) -> None:
        """Say what the buttons do in the present language."""
        words = {
            "help": tr("What this shows"),
            "save": tr("Save as a picture…"),
            "float": tr("Into a window of its own, and back"),
            "close": tr("Close"),
        }
        for key, button in self.buttons.items():
            button.setToolTip(words[key])
            button.setAccessibleName(words[key])

    # -- Qt ----------------------------------------------------------------------------------------------------

    def minimumSizeHint(self) -> QSize:
        """Let a dock be narrow."""
        return QSize(80, 34)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the ground of the panel."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.current().panel))
        painter.end()


class PanelDock(QDockWidget):
    """One panel in the row.

    Signals:
        closed(str): the person closed it.
    """

    closed = Signal(str)

    def __init__(self, panel: Panel, parent: QMainWindow) -> None:
        super().__init__(parent)
        self.panel = panel
        self.setObjectName(f"panel_{panel.key}")
        self.bar = TitleBar(self, ("help", "save", "float", "close"))
        self.setTitleBarWidget(self.bar)
        self.setWidget(panel)
        self.setMinimumWidth(180)
        panel.installEventFilter(self)
        self.bar.buttons["help"].clicked.connect(self._on_help_clicked)
        self.bar.buttons["save"].clicked.connect(self._on_save_clicked)
        self.bar.buttons["float"].clicked.connect(self._on_float_clicked)
        theme.APPEARANCE.changed.connect(self._on_theme_changed)
        self.relabel()

    def relabel(self) -> None:
        """Say everything in the present language, the panel included."""
        title = str(Sentence(self.panel.title))
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.panel.setAccessibleName(title)
        self.bar.title.setText(title)
        self.bar.relabel()
        self.panel.relabel()
        self.sync_detail()

    def sync_detail(self) -> None:
        """Show which node the panel is about."""
        if self.bar.detail.text() != (detail := self.panel.title_detail()):
            self.bar.detail.setText(detail)

    def save(self, name: str) -> None:
        """Write the panel as a picture: SVG where the name says so, else PNG at twice the size."""
        if name.lower().endswith(".svg"):
            from PySide6.QtSvg import QSvgGenerator

            generator = QSvgGenerator()
            generator.setFileName(name)
            generator.setSize(self.panel.size())
            generator.setViewBox(self.panel.rect())
            painter = QPainter(generator)
            self.panel.render(painter)
            painter.end()
        else:
            self.panel.grab().save(name)

    def _on_help_clicked(self) -> None:
        button = self.bar.buttons["help"]
        text = f"<div style='width:300px'>{Sentence(self.panel.help)}</div>"
        QToolTip.showText(button.mapToGlobal(button.rect().bottomLeft()), text, button)

    def _on_float_clicked(self) -> None:
        self.setFloating(not self.isFloating())

    def _on_save_clicked(self) -> None:
        dialog = QFileDialog(self, tr("Save as a picture"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters([tr("Picture (*.png)"), tr("Drawing (*.svg)")])
        dialog.selectFile(f"{self.panel.key}.png")
        dialog.fileSelected.connect(self.save)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _on_theme_changed(self) -> None:
        self.panel.recolour(theme.current())

    # -- Qt ----------------------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Have measured what is seen, and only that."""
        if watched is self.panel and event.type() in (QEvent.Type.Show, QEvent.Type.Hide) and not event.spontaneous():
            self.panel.rewatch()
            if event.type() == QEvent.Type.Show:
                self.panel.sync()
        return super().eventFilter(watched, event)

    def closeEvent(self, event: QEvent) -> None:
        """Tell that the person wants it away (and not merely that the window closes), while it still stands there."""
        self.closed.emit(self.panel.key)
        super().closeEvent(event)


class PanelRow(QObject):
    """Which panels there are below the canvas, following the document's view.

    Panels are imported and built after the window has been painted, one by one, so that it never stands still.

    Signals:
        placed(): the panels were put in a row for the first time; what stands beside them may have to move.
    """

    placed = Signal()

    def __init__(self, host: QMainWindow, document: Document, session: Session, settings: Settings) -> None:
        super().__init__(host)
        self.host, self.document, self.session, self.settings = host, document, session, settings
        self.focus = Focus(self)
        self.focus.panelWanted.connect(self.watch)
        self.docks: dict[str, PanelDock] = {}
        self.kinds: dict[str, type[Panel]] = {}
        self._layout_key = ""
        self._restoring = False
        self._rows = QTimer(self, singleShot=True, interval=0)
        self._rows.timeout.connect(self._build_next)
        self._waiting: list[str] = []
        self._node_wanted: dict[str, str] = {}
        document.subscribe(self._on_document_changed)
        session.frameArrived.connect(self._on_frame_arrived)
        session.progressed.connect(self._on_session_progressed)
        session.restarted.connect(self._on_session_progressed)

    def load(self) -> None:
        """Import the panels and build those the document asks for."""
        from widgets.panels import load_panels

        self.kinds = load_panels()
        self._sync()

    @property
    def ready(self) -> bool:
        """Whether every panel that is wanted is there."""
        return bool(self.kinds) and not self._waiting

    def wanted(self) -> tuple[str, ...]:
        """The panels of the document, those that exist."""
        return tuple(key for key in self.document.now.view.panels if key in self.kinds)

    def toggle(self, key: str, wanted: bool) -> None:
        """Open or close a panel; the document remembers it, but it is no edit to be undone."""
        view = self.document.now.view
        panels = tuple(one for one in view.panels if one != key) + ((key,) if wanted else ())
        self.document.note(view=replace(view, panels=panels))

    def watch(self, key: str, node: str) -> None:
        """Show a panel, at this node."""
        self._node_wanted[key] = node
        if key not in self.document.now.view.panels:
            self.toggle(key, True)
        if key in self.docks:
            self.docks[key].panel.set_node(node)
            self.docks[key].sync_detail()
            self.docks[key].show()
            self.docks[key].raise_()

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

    # -- following the document --------------------------------------------------------------------------------

    def _on_document_changed(self, old: Experiment, new: Experiment) -> None:
        if not self.kinds:
            return
        if old.view.panels != new.view.panels or self._waiting:
            self._sync()
        elif old.graph is not new.graph or old.facts is not new.facts:
            self._follow(old, new)
            self._place_nodes()

    def _sync(self) -> None:
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
            self.host.resizeDocks(row, [100] * len(row), Qt.Orientation.Horizontal)
            height = min(HEIGHT, max(180, self.host.height() // 3))
            self.host.resizeDocks(row, [height] * len(row), Qt.Orientation.Vertical)

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
            if dock is not None and dock.panel.isVisible() and answer is not None:
                dock.panel.draw(answer)
                dock.sync_detail()

    def _on_session_progressed(self) -> None:
        for dock in self.docks.values():
            if dock.panel.isVisible():
                dock.panel.sync()
                dock.sync_detail()

    def _on_dock_closed(self, key: str) -> None:
        if not self._restoring:
            self.toggle(key, False)
