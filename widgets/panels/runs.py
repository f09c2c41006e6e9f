"""The runs side by side: what each was, how far it came and how well it did, and which of them are drawn."""

from __future__ import annotations

from typing import Any

from pyqtgraph import mkPen
from PySide6.QtCore import QEvent, QPoint, QPointF, QSize, Qt, QTimer
from PySide6.QtGui import QAction, QIcon, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTreeWidget, QTreeWidgetItem, QVBoxLayout

from playground.differing import differences
from playground.text import Sentence, note, tr
from playground.tidy import Table
from widgets.bits import clock
from widgets.icons import icon
from widgets.panels.parts.plots import Picture, readable
from widgets.panels.parts.run_rows import PRESENT, Figures, figures
from widgets.panels.parts.run_tools import RunTools
from widgets.runs.looks import pen
from widgets.runs.run import Group, Run
from widgets.theme import Theme, current

NAME, DIFFERS, PARAMETERS, STEPS, LOSS, METRIC, SECONDS = range(7)
WIDTHS = {NAME: 220, PARAMETERS: 90, STEPS: 100, LOSS: 116, METRIC: 116, SECONDS: 70}
NARROW, SLIM = 620, 420
"""Pixels below which what can best be done without is left out, and still more."""

ROW = 26
HELD = Qt.ItemDataRole.UserRole
GROWING_MS = 250
"""How often numbers that change are written anew: they are to be read."""


class RunsPanel(Picture):
    """Lists the present run and those that stand beside it."""

    key = "runs"
    title = note("Runs")
    help = note(
        "The present run, and those that were kept or are trained beside it, with what each differs in from the "
        "document as it is now. Tick what the curves are to show; a double click gives a run another name. Of runs "
        "that differ in the seed only the curves show how far they lie apart."
    )
    icon = "mdi6.format-list-checkbox"

    def compose(self, column: QVBoxLayout) -> None:
        """Create the tools, the table and the words below it."""
        self.runs = self.session.runs
        self.tools = RunTools(self.runs)
        column.addWidget(self.tools)
        self.table = QTreeWidget()
        self.table.setObjectName("runs_table")
        self._shape_table()
        column.addWidget(self.table, 1)
        self._filling, self._stale = False, True
        self._rows: dict[Any, QTreeWidgetItem] = {}
        self._later = QTimer(self, interval=GROWING_MS, singleShot=True)
        self._later.timeout.connect(self._sync_figures)
        self.table.itemChanged.connect(self._on_item_changed)
        self.table.customContextMenuRequested.connect(self._on_menu_requested)
        self.table.itemDoubleClicked.connect(self._on_item_double_clicked)
        self.runs.changed.connect(self._on_changed)
        self.runs.grew.connect(self.sync)
        self.session.restarted.connect(self._on_changed)
        self.destroyed.connect(self.session.document.subscribe(self._on_document_changed))

    def _shape_table(self) -> None:
        table = self.table
        table.setColumnCount(7)
        table.setAllColumnsShowFocus(True)
        table.setUniformRowHeights(True)
        table.setIndentation(16)
        table.setIconSize(QSize(30, 14))
        table.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header = table.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setSectionResizeMode(DIFFERS, QHeaderView.ResizeMode.Stretch)
        header.setMinimumSectionSize(48)
        for column, width in WIDTHS.items():
            table.setColumnWidth(column, width)
            if column != NAME:
                side = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
                table.headerItem().setTextAlignment(column, side)

    # -- showing -----------------------------------------------------------------------------------------------

    def sync(self) -> None:
        """Show how far the runs have come; called many times a second, so it only writes what can be read."""
        self.show_picture(bool(self.runs.all) or bool(self.session.history.loss.size))
        if not self.isVisible():
            return  # showing it will call again
        if self._stale:
            self._sync_rows()
        elif not self._later.isActive():
            self._later.start()

    def _sync_rows(self) -> None:
        """List the runs there are, each with what it is called and in what it differs."""
        self._stale = False
        items = [PRESENT, *self.runs.items]
        listed = [row for item in items for row in (item, *(self.runs.members(item) if _is_group(item) else ()))]
        if listed != list(self._rows):
            self._list(items)
        self._filling = True
        for held, row in self._rows.items():
            self._fill(held, row)
        self._filling = False
        self._sync_figures()

    def _list(self, items: list[Any]) -> None:
        """Put the rows in place; what was selected stays so."""
        self._filling = True
        chosen = self.table.currentItem().data(NAME, HELD) if self.table.currentItem() is not None else None
        opened = {held for held, row in self._rows.items() if row.isExpanded()}
        self.table.clear()
        self._rows = {}
        for item in items:
            self._rows[item] = row = self._row(item)
            self.table.addTopLevelItem(row)
            for run in self.runs.members(item) if _is_group(item) else ():
                self._rows[run] = inner = self._row(run)
                row.addChild(inner)
            row.setExpanded(item in opened)
        if chosen in self._rows:
            self.table.setCurrentItem(self._rows[chosen])
        self._filling = False

    def _row(self, held: Any) -> QTreeWidgetItem:
        row = QTreeWidgetItem()
        row.setData(NAME, HELD, held)
        flags = Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled
        if held != PRESENT:
            flags |= Qt.ItemFlag.ItemIsEditable
            if not (isinstance(held, Run) and held.group is not None):
                flags |= Qt.ItemFlag.ItemIsUserCheckable
        row.setFlags(flags)
        for column in (PARAMETERS, STEPS, LOSS, METRIC, SECONDS):
            row.setTextAlignment(column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return row

    def _fill(self, held: Any, row: QTreeWidgetItem) -> None:
        """Write what changes only when something is done: name, tick, differences."""
        now = self.session.document.now
        if held == PRESENT:
            row.setText(NAME, tr("This run"))
            row.setIcon(NAME, _own_sample(current()))
            row.setText(DIFFERS, self.session.document.name)
            return
        row.setText(NAME, str(held.name))
        if row.flags() & Qt.ItemFlag.ItemIsUserCheckable:
            row.setCheckState(NAME, Qt.CheckState.Checked if held.shown else Qt.CheckState.Unchecked)
            row.setIcon(NAME, _sample(held.look, current()))
        first = self.runs.members(held)[0] if isinstance(held, Group) else held
        told = [one for one in differences(now, first.experiment) if not (isinstance(held, Group) and one.only_seed)]
        if isinstance(held, Run) and held.group is not None:
            told = [one for one in told if one.only_seed]
        words = "; ".join(str(one.words) for one in told) or tr("no difference")
        problem = str(held.problem) if isinstance(held, Run) and held.problem is not None else ""
        row.setText(DIFFERS, problem or words)
        row.setIcon(DIFFERS, icon("mdi6.alert-circle-outline", "bad") if problem else QIcon())
        row.setToolTip(DIFFERS, "\n".join([problem] * bool(problem) + [str(one.words) for one in told]))

    def _sync_figures(self) -> None:
        """Write the numbers."""
        main, title = self.tools.main_metric()
        self.table.headerItem().setText(METRIC, title)
        self.table.setColumnHidden(METRIC, not main)
        for held, row in self._rows.items():
            self._write(row, figures(held, self.session, main))
        self.tools.sync()

    def _write(self, row: QTreeWidgetItem, found: Figures) -> None:
        state = str(found.state)
        row.setToolTip(NAME, "\n".join(filter(None, (row.text(NAME), state, row.toolTip(DIFFERS)))))
        row.setText(PARAMETERS, f"{found.parameters:,}")
        steps = f"{found.steps:,}" if found.steps else state
        if found.training and found.steps and found.until:
            steps = f"{found.steps:,} / {found.until:,}"
        row.setText(STEPS, steps)
        row.setToolTip(STEPS, state)
        for column, pair in ((LOSS, found.loss), (METRIC, found.metric)):
            row.setText(column, " / ".join("–" if one is None else readable(one) for one in pair))
            row.setToolTip(column, tr("train / validation"))
        row.setText(SECONDS, clock(found.seconds) if found.seconds >= 60 else f"{found.seconds:.1f}")

    def as_table(self) -> Table | None:
        """Return what stands in the table, with all digits."""
        main, _ = self.tools.main_metric()
        rows = []
        for held, row in self._rows.items():
            found = figures(held, self.session, main)
            cells = (row.text(NAME), row.text(DIFFERS), str(found.state), found.parameters, found.steps)
            rows.append((*cells, *found.loss, *found.metric, found.seconds))
        losses, metrics = (tuple(f"{split} {name}" for split in ("train", "validation")) for name in ("loss", main))
        columns = ("run", "differs", "state", "parameters", "steps", *losses, *(metrics if main else ()), "seconds")
        return Table(columns, [row if main else (*row[:7], row[-1]) for row in rows]) if rows else None

    # -- words and colours -------------------------------------------------------------------------------------

    def title_detail(self) -> str:
        """Say nothing behind the title."""
        return ""

    def empty(self) -> str:
        """Say how to fill it."""
        return tr(
            "Press Play and keep the run (Ctrl+K); or choose “Run with several seeds…” or “Compare with…” in the menu "
            "Run. What is trained stands here side by side."
        )

    def relabel(self) -> None:
        """Say everything again in the present language."""
        super().relabel()
        self.tools.relabel()
        words = (tr("Name"), tr("Differs from now"), tr("Parameters"), tr("Steps"), tr("Loss"), "", tr("Seconds"))
        for column, text in enumerate(words):
            self.table.headerItem().setText(column, text)
        self.table.headerItem().setToolTip(DIFFERS, tr("In what it differs from the document as it is now"))
        for column in (LOSS, METRIC):
            self.table.headerItem().setToolTip(column, tr("train / validation"))
        self.table.setAccessibleName(str(Sentence(self.title)))
        self._on_changed()

    def recolour(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.table.setStyleSheet(
            f"QTreeWidget {{ background: {theme.panel}; color: {theme.text}; border: none; outline: none; }}"
            f"QTreeWidget::item {{ height: {ROW}px; }}"
            f"QTreeWidget::item:selected {{ background: {theme.field}; color: {theme.text}; }}"
            f"QTreeWidget::item:focus {{ border: 1px solid {theme.accent}; }}"
            f"QHeaderView::section {{ background: {theme.panel}; color: {theme.dim}; border: none;"
            f" border-bottom: 1px solid {theme.line}; padding: 2px 6px; }}"
        )
        self._on_changed()

    # -- what happens ------------------------------------------------------------------------------------------

    def _on_document_changed(self, old: Any, new: Any) -> None:
        if not old.trains_like(new) or old.title != new.title:
            self._on_changed()

    def _on_changed(self) -> None:
        self._stale = True
        self.sync()

    def _on_item_changed(self, row: QTreeWidgetItem, column: int) -> None:
        held = row.data(NAME, HELD)
        if self._filling or column != NAME or held == PRESENT:
            return
        if row.text(NAME).strip() != str(held.name):
            self.runs.rename(held, row.text(NAME))
            self._filling = True
            row.setText(NAME, str(held.name))
            self._filling = False
        elif row.flags() & Qt.ItemFlag.ItemIsUserCheckable:
            shown = row.checkState(NAME) == Qt.CheckState.Checked
            if shown != held.shown:
                self.runs.show(held, shown)

    def _on_item_double_clicked(self, row: QTreeWidgetItem, _column: int) -> None:
        if row.data(NAME, HELD) != PRESENT:
            self.table.editItem(row, NAME)

    def _on_menu_requested(self, at: QPoint) -> None:
        row = self.table.itemAt(at) or self.table.currentItem()
        if row is not None and row.data(NAME, HELD) != PRESENT:
            menu = self.menu(row.data(NAME, HELD))
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(self.table.viewport().mapToGlobal(at))

    def menu(self, held: Run | Group) -> QMenu:
        """Return what can be done with a run or a group."""
        menu = QMenu(self)
        first = self.runs.members(held)[0] if isinstance(held, Group) else held
        if isinstance(held, Group):
            each = menu.addAction(tr("Show each run faintly"))
            each.setCheckable(True)
            each.setChecked(held.each)
            each.toggled.connect(lambda on: self.runs.show_each(held, on))
        self._add(menu, tr("Rename"), "mdi6.pencil-outline", lambda: self._rename(held))
        self._add(menu, tr("Open its document"), "mdi6.file-outline", lambda: self.runs.open(first))
        runs = self.runs.members(held) if isinstance(held, Group) else [held]
        if any(not run.over for run in runs):
            self._add(menu, tr("Train it no further"), "mdi6.stop", lambda: self.runs.cancel(held))
        self._add(menu, tr("Remove"), "mdi6.trash-can-outline", lambda: self.runs.remove(held))
        return menu

    @staticmethod
    def _add(menu: QMenu, words: str, glyph: str, act: Any) -> QAction:
        action = menu.addAction(icon(glyph), words)
        action.triggered.connect(act)
        return action

    def _rename(self, held: Run | Group) -> None:
        if held in self._rows:
            self.table.editItem(self._rows[held], NAME)

    # -- Qt ----------------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        """Ask for the width of a table."""
        return QSize(760, 240)

    def resizeEvent(self, event: Any) -> None:
        """Leave out what can best be done without, where there is little room."""
        super().resizeEvent(event)
        narrow, slim = self.width() < NARROW, self.width() < SLIM
        modes = QHeaderView.ResizeMode
        self.table.header().setSectionResizeMode(NAME, modes.Stretch if slim else modes.Interactive)
        if not slim:
            self.table.setColumnWidth(NAME, WIDTHS[NAME] - 60 * narrow)
        for column in (PARAMETERS, SECONDS):
            self.table.setColumnHidden(column, narrow)
        for column in (DIFFERS, STEPS):
            self.table.setColumnHidden(column, slim)
        for column in (LOSS, METRIC):
            self.table.setColumnWidth(column, 86 if slim else WIDTHS[column])

    def keyPressEvent(self, event: Any) -> None:
        """Remove the chosen run with Delete."""
        row = self.table.currentItem()
        if event.key() == Qt.Key.Key_Delete and row is not None and row.data(NAME, HELD) != PRESENT:
            self.runs.remove(row.data(NAME, HELD))
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Keep Delete and F2 from the canvas while the table has the keys."""
        if event.type() == QEvent.Type.ShortcutOverride and event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_F2):  # type: ignore[attr-defined]
            event.accept()
            return True
        return super().event(event)


def _is_group(held: object) -> bool:
    return isinstance(held, Group)


def _sample(look: int, theme: Theme) -> QIcon:
    """Draw a stroke as the curves draw it."""
    return _stroke((pen(look, theme, 4),))


def _own_sample(theme: Theme) -> QIcon:
    """Draw the two strokes of the present run."""
    return _stroke(tuple(mkPen(colour, width=4) for colour in (theme.training, theme.validation)))


def _stroke(pens: tuple[QPen, ...]) -> QIcon:
    made = QPixmap(60, 28)
    made.setDevicePixelRatio(2)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    for k, one in enumerate(pens):
        painter.setPen(one)
        painter.drawLine(QPointF(30 * k / len(pens), 7), QPointF(30 * (k + 1) / len(pens), 7))
    painter.end()
    found = QIcon(made)
    found.addPixmap(made, QIcon.Mode.Selected)
    return found
