"""The Analyse table: every node with what it costs, to be sorted, searched, copied and saved."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path

from PySide6.QtCore import QEvent, QItemSelection, QItemSelectionModel, QModelIndex, QObject, QSize, Qt, Signal
from PySide6.QtGui import QAction, QGuiApplication, QKeyEvent, QKeySequence, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from playground.costs import Row, as_text, memory_of, rows_of, totals_of, write_csv
from playground.document import Document
from playground.experiment import Experiment
from playground.graph import Graph
from playground.machine import Room, ram
from playground.nesting import place_of
from playground.report import Report
from playground.text import Refusal, count, tr
from widgets import theme
from widgets.analysis_model import BLOCK, COLUMNS, NAME, NodeRows, Sifted
from widgets.analysis_totals import TotalsStrip
from widgets.icons import icon
from widgets.session import Session

ROW = 26
NARROWEST = 56
LEAST = {NAME: 130, BLOCK: 120}
"""How wide columns are at least until a person draws them narrower."""


class NodeTable(QTableView):
    """The view of the rows; its columns share the width until a person has drawn one wider."""

    def __init__(self, model: Sifted) -> None:
        super().__init__(objectName="analysis_rows")
        self.setModel(model)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)  # of a long path both ends tell most
        self.setIconSize(QSize(14, 14))
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(ROW)
        header = self.horizontalHeader()
        header.setMinimumSectionSize(NARROWEST)
        header.setHighlightSections(False)
        header.setTextElideMode(Qt.TextElideMode.ElideRight)
        header.setSortIndicatorClearable(True)  # a third click: the order of the network again
        header.sectionResized.connect(self._on_section_resized)
        self.setSortingEnabled(True)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self._sharing = self._drawn = False

    def chosen(self) -> list[int]:
        """Return the rows that are selected, from above."""
        return sorted(index.row() for index in self.selectionModel().selectedRows())

    def _on_section_resized(self) -> None:
        self._drawn = self._drawn or not self._sharing

    def _share(self) -> None:
        if self._drawn:
            return
        self._sharing = True
        shares = sum(column.share for column in COLUMNS)
        room = self.width() - self.verticalScrollBar().sizeHint().width() - 2  # whether or not the bar shows yet
        header = self.horizontalHeader()
        least = [max(LEAST.get(at, 0), header.sectionSizeHint(at)) for at in range(len(COLUMNS))]
        rest = max(0, room - sum(least))
        for at, column in enumerate(COLUMNS):
            self.setColumnWidth(at, least[at] + rest * column.share // shares)
        self._sharing = False

    # -- Qt ----------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the new width."""
        super().resizeEvent(event)
        self._share()

    def event(self, event: QEvent) -> bool:
        """Keep the keys that mean the table from the window's actions."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and _is_ours(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy, or go to a node; the rest is Qt's."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.actions()[0].trigger()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.activated.emit(self.currentIndex())
        else:
            super().keyPressEvent(event)


def _is_ours(event: QKeyEvent) -> bool:
    keys = QKeySequence.StandardKey
    return event.matches(keys.Copy) or event.matches(keys.SelectAll)


class AnalysisTable(QWidget):
    """The table with its search, what can be done with it, and the totals.

    Attributes:
        tools: the search and the buttons; above the table, or wherever else there is room for them.

    Signals:
        placeClicked(str): go to this node (its path, without repetitions).
        refused(object): the file could not be written; a Sentence that says why.
    """

    placeClicked = Signal(str)
    refused = Signal(object)

    def __init__(self, document: Document, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("analysis")
        self.document, self.session = document, session
        self.model = NodeRows(self)
        self.sifted = Sifted(self.model)
        self.table = NodeTable(self.sifted)
        self.totals = TotalsStrip()
        self._report: Report | None = None
        self._graph: Graph | None = None
        self._summed: tuple[object, ...] = ()
        self._room: Callable[[], Room | None] = ram
        self._selected: frozenset[str] = frozenset()
        self._build_tools()
        self._lay_out()
        self.table.clicked.connect(self._on_table_clicked)
        self.table.activated.connect(self._on_table_activated)
        document.subscribe(self._on_document_changed)
        session.stateChanged.connect(self._sync)
        theme.APPEARANCE.changed.connect(self._on_theme_changed)
        self._on_theme_changed()
        self.relabel()

    # -- what can be done ----------------------------------------------------------------------------------------

    def set_selection(self, ids: Collection[str]) -> None:
        """Follow the selection of the canvas; a group that is selected there means all that is in it."""
        self._selected = frozenset(ids)
        if self.isVisible():
            self._sync_selection()

    def copy(self) -> None:
        """Put the selected rows on the clipboard; all that are shown where none is selected."""
        self._copy(self.sifted.shown(self.table.chosen() or None))

    def copy_all(self) -> None:
        """Put all rows that are shown on the clipboard."""
        self._copy(self.sifted.shown())

    def save(self, name: str) -> None:
        """Write all rows that are shown to a CSV file."""
        try:
            write_csv(self.sifted.shown(), Path(name))
        except Refusal as refusal:
            self.refused.emit(refusal.sentence)

    def relabel(self) -> None:
        """Say everything in the present language."""
        self.search.setPlaceholderText(tr("Filter by name or block"))
        self.search.setAccessibleName(tr("Filter by name or block"))
        self.setAccessibleName(tr("Analyse"))
        self.table.setAccessibleName(tr("Nodes and what they cost"))
        keys = QKeySequence(QKeySequence.StandardKey.Copy).toString(QKeySequence.SequenceFormat.NativeText)
        words = {
            self.copying: (tr("Copy"), tr("Copy the selected rows ({keys})", keys=keys)),
            self.copying_all: (tr("Copy all"), tr("Copy all rows that are shown, for a spreadsheet")),
            self.saving: (tr("Save CSV…"), tr("Save all rows that are shown as a CSV file")),
        }
        for action, (text, tip) in words.items():
            action.setText(text)
            action.setIconText(text)  # else a button drops the dots
            action.setToolTip(tip)
        self.model.relabel()
        self._report = None
        self._sync()

    def _copy(self, rows: list[Row]) -> None:
        QGuiApplication.clipboard().setText(as_text(rows))
        self.said.setText(str(count("{n} row copied", "{n} rows copied", len(rows))))

    # -- building ------------------------------------------------------------------------------------------------

    def _build_tools(self) -> None:
        self.search = QLineEdit(objectName="analysis_filter", clearButtonEnabled=True)
        self.search.addAction(icon("mdi6.magnify", "dim"), QLineEdit.ActionPosition.LeadingPosition)
        self.search.setMaximumWidth(280)
        self.search.textChanged.connect(self._on_search_changed)
        self.search.installEventFilter(self)
        self.said = QLabel(objectName="analysis_said")
        self.said.setProperty("role", "dim")
        self.copying = QAction(icon("mdi6.content-copy"), "", self)
        self.copying_all = QAction(icon("mdi6.table-multiple"), "", self)
        self.saving = QAction(icon("mdi6.file-delimited-outline"), "", self)
        self.copying.setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
        self.copying.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self.copying.triggered.connect(self.copy)
        self.copying_all.triggered.connect(self.copy_all)
        self.saving.triggered.connect(self._on_save)
        self.table.addActions([self.copying, self.copying_all, self.saving])
        self.nothing = QLabel(wordWrap=True, objectName="analysis_nothing", alignment=Qt.AlignmentFlag.AlignCenter)
        self.nothing.setProperty("role", "dim")

    def _lay_out(self) -> None:
        self.tools = QWidget()
        tools = QHBoxLayout(self.tools)
        tools.setContentsMargins(14, 2, 14, 2)
        tools.setSpacing(8)
        tools.addWidget(self.search, 1)
        tools.addWidget(self.said)
        tools.addStretch(1)
        for action, name in ((self.copying_all, "copy_all"), (self.saving, "save_csv")):
            button = QToolButton(objectName=name)
            button.setDefaultAction(action)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            tools.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.tools)
        column.addWidget(self.table, 1)
        column.addWidget(self.nothing, 1)
        column.addWidget(self.totals)

    # -- following -----------------------------------------------------------------------------------------------

    def _on_document_changed(self, old: Experiment, new: Experiment) -> None:
        self._sync()

    def _sync(self) -> None:
        """Show the document as it is, if anybody looks."""
        if not self.isVisible():
            return
        now, report, session = self.document.now, self.document.report, self.session
        if self._report is not report or self._graph is not now.graph:
            self._report, self._graph, self._summed = report, now.graph, ()
            rows = rows_of(report)
            self.model.show(rows, _problems_of(rows, report))
            self._sync_selection()
            self._sync_said()
        summed = (now.training, now.facts, session.device, session.device_memory, session.state)
        if self._summed != summed:
            self._summed = summed
            self._sync_totals()

    def _sync_totals(self) -> None:
        now, session = self.document.now, self.session
        totals = totals_of(self.model.rows)
        room = Room(session.device_memory) if session.device_memory else self._room()
        running = session.state in ("playing", "paused", "finished")
        memory = memory_of(totals, now)
        self.totals.show_costs(totals, memory, now.training.optimiser, room, session.device, running=running)

    def _sync_said(self) -> None:
        """Say how many nodes there are, and where there are none, why."""
        shown, there = self.sifted.rowCount(), len(self.model.rows)
        if shown == there:
            self.said.setText(str(count("{n} node", "{n} nodes", there)))
        else:
            self.said.setText(tr("{shown} of {n} nodes", shown=shown, n=there))
        self.nothing.setText(
            tr("Nothing here is called “{name}”.", name=self.search.text())
            if there
            else tr("Put blocks on the canvas; what each of them costs stands here.")
        )
        self.table.setVisible(shown > 0)
        self.nothing.setVisible(shown == 0)

    def _sync_selection(self) -> None:
        """Select the rows of the nodes that are selected on the canvas, and show the first."""
        chosen = {row.id for row in self.sifted.shown(self.table.chosen())}
        rows = [at for at, row in enumerate(self.sifted.shown()) if self._is_selected(row.id)]
        if chosen == {row.id for row in self.sifted.shown(rows)}:
            return
        picked = QItemSelection()
        for row in rows:
            picked.select(self.sifted.index(row, 0), self.sifted.index(row, len(COLUMNS) - 1))
        flags = QItemSelectionModel.SelectionFlag.ClearAndSelect
        self.table.selectionModel().select(picked, flags)
        if rows:
            first = self.sifted.index(rows[0], 0)
            self.table.selectionModel().setCurrentIndex(first, QItemSelectionModel.SelectionFlag.NoUpdate)
            self.table.scrollTo(first)

    def _is_selected(self, id: str) -> bool:
        if id in self._selected:
            return True
        if "." not in id:
            return False
        place = place_of(id)
        return any(place == one or place.startswith(f"{one}.") for one in self._selected)

    # -- what happens ----------------------------------------------------------------------------------------------

    def _on_search_changed(self, text: str) -> None:
        self.sifted.search(text)
        self._sync_said()

    def _on_table_clicked(self, index: QModelIndex) -> None:
        if len(self.table.chosen()) == 1:  # several are being gathered to be copied
            self._on_table_activated(index)

    def _on_table_activated(self, index: QModelIndex) -> None:
        (row,) = self.sifted.shown([index.row()])
        self.placeClicked.emit(place_of(row.id))

    def _on_save(self) -> None:
        dialog = QFileDialog(self, tr("Save CSV"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters([tr("Table (*.csv)")])
        dialog.setDefaultSuffix("csv")
        name = "".join(c if c.isalnum() or c in " -_.()" else "-" for c in self.document.name)
        dialog.selectFile(f"{name} – {tr('analysis')}.csv")
        dialog.fileSelected.connect(self.save)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _on_theme_changed(self) -> None:
        now = theme.current()
        self.table.setStyleSheet(
            f"QTableView {{ background: {now.panel}; border: none; border-top: 1px solid {now.line};"
            f" border-bottom: 1px solid {now.line}; selection-background-color: {now.accent};"
            f" selection-color: {now.on_accent}; outline: none; }}"
            "QTableView::item { padding: 0 11px; }"
            f"QHeaderView {{ background: {now.panel}; }}"
            f"QHeaderView::section {{ background: {now.panel}; color: {now.dim}; border: none; padding: 4px 14px;"
            f" border-bottom: 1px solid {now.line}; }}"
            f"QHeaderView::section:hover {{ color: {now.text}; }}"
        )
        self.model.relabel()

    # -- Qt ----------------------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what happened while nobody looked."""
        super().showEvent(event)
        self._sync()
        self._sync_selection()

    def changeEvent(self, event: QEvent) -> None:
        """Say everything again when the language changed."""
        if event.type() == QEvent.Type.LanguageChange and hasattr(self, "saving"):
            self.relabel()
        super().changeEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let Escape clear the search, and Down or Return go on into the table."""
        if watched is self.search and event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() == Qt.Key.Key_Escape and self.search.text():
                self.search.clear()
                return True
            if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Return) and self.sifted.rowCount():
                self.table.setFocus(Qt.FocusReason.TabFocusReason)
                if not self.table.chosen():
                    self.table.selectRow(0)
                return True
        return super().eventFilter(watched, event)


def _problems_of(rows: tuple[Row, ...], report: Report) -> dict[str, str]:
    """Return the first problem of each row; what is wrong in a group is told once and true of all repetitions."""
    told = {place_of(problem.node): str(problem.message) for problem in reversed(report.problems) if problem.node}
    return {row.id: told[place] for row in rows if (place := place_of(row.id)) in told} if told else {}
