"""A few examples as a table: what comes in, what every neuron makes of it, the answer, the target, the loss."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView, QVBoxLayout

from playground.blocks.activation import Step
from playground.blocks.dense import Dense
from playground.choices import LOSSES
from playground.probes.examples import Examples, ExamplesAnswer, Verdict
from playground.text import Sentence, note, tr
from widgets.panels.parts.plots import Picture, Readout, chip, readable, row
from widgets.theme import Theme, current, family_colour, font
from widgets.weights_grid import readable_on, signed_colour

Array = np.ndarray[Any, Any]
Index = QModelIndex | QPersistentModelIndex

NARROWEST, PADDING = 46, 14
"""Pixels that a column takes at least, and what its text leaves free."""

WIDEST_NAME = 100
"""Pixels that the name of a node can ask of one column; of a longer one the middle is left out."""

ROW, STRIP = 24, 3
"""Pixels of a row, and of the strip in the colour of the node's family above its columns."""


@dataclass(frozen=True)
class Column:
    """One column: of which node, its own name, its cells from the first example to the last.

    `shares` are the signed sizes, −1 to 1, by which cells are coloured; None leaves them uncoloured. `marks` says by
    a 1 or a 0 whether the cell is right or wrong; None where there is no such thing. `mean` stands below the examples.
    """

    node: str
    name: str
    cells: tuple[str, ...]
    hint: str = ""
    shares: Array | None = None
    marks: Array | None = None
    mean: str = ""


class Table(QAbstractTableModel):
    """The columns of an answer, an example a row; below several a row holds the means."""

    def __init__(self) -> None:
        super().__init__()
        self.columns: list[Column] = []
        self.rows = 0

    def show_columns(self, columns: list[Column], rows: int) -> bool:
        """Show other columns; return whether they are others, and not only other cells."""
        others = rows != self.rows or [(c.node, c.name) for c in columns] != [(c.node, c.name) for c in self.columns]
        if others:
            self.beginResetModel()
        self.columns, self.rows = columns, rows
        if others:
            self.endResetModel()
        elif columns:
            self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, len(columns) - 1))
        return others

    # -- Qt ----------------------------------------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - as Qt declares it
        """Return the examples and, below several, the row of means."""
        means = 1 if self.rows > 1 else 0
        return 0 if parent.isValid() or not self.columns else self.rows + means

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Return how many columns there are."""
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a cell's text and colours."""
        column, k = self.columns[index.column()], index.row()
        is_mean = k >= self.rows
        if role == Qt.ItemDataRole.DisplayRole:
            return column.mean if is_mean else column.cells[k]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignCenter
        if role == Qt.ItemDataRole.ToolTipRole:
            return column.hint
        if role == Qt.ItemDataRole.FontRole and is_mean:
            return font(9, semibold=True)
        if is_mean or role not in (Qt.ItemDataRole.BackgroundRole, Qt.ItemDataRole.ForegroundRole):
            return None
        return self._colour(column, k, role == Qt.ItemDataRole.BackgroundRole)

    def headerData(self, section: int, way: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the name of a column, the number of an example."""
        if way == Qt.Orientation.Horizontal:
            column = self.columns[section]
            texts = {Qt.ItemDataRole.DisplayRole: column.name, Qt.ItemDataRole.ToolTipRole: column.hint}
            return texts.get(Qt.ItemDataRole(role))
        if role == Qt.ItemDataRole.DisplayRole:
            return str(section + 1) if section < self.rows else tr("mean")
        return None

    @staticmethod
    def _colour(column: Column, k: int, ground: bool) -> QColor | None:
        if column.shares is not None:
            colour = signed_colour(float(column.shares[k]))
            return colour if ground else readable_on(colour)
        if column.marks is not None and not ground:
            theme = current()
            return QColor(theme.good_text if column.marks[k] else theme.bad_text)
        return None


class Header(QHeaderView):
    """Two lines: which node, over all of its columns, and below the name of each."""

    def __init__(self, table: Table, colour_of: Any) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._table, self._colour_of = table, colour_of
        self.setSectionsClickable(False)
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setDefaultAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom)
        self.setMinimumSectionSize(20)

    def groups(self) -> list[tuple[str, int, int]]:
        """Return each node with its first column and the one after its last."""
        found: list[tuple[str, int, int]] = []
        for k, column in enumerate(self._table.columns):
            if found and found[-1][0] == column.node:
                found[-1] = (column.node, found[-1][1], k + 1)
            else:
                found.append((column.node, k, k + 1))
        return found

    # -- Qt ----------------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        """Leave room for two lines."""
        line = self.fontMetrics().height()
        return QSize(super().sizeHint().width(), STRIP + 2 * line + 10)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the names of the columns, and over them those of the nodes."""
        super().paintEvent(event)
        painter, theme, metrics = QPainter(self.viewport()), current(), self.fontMetrics()
        painter.setFont(self.font())
        for node, first, after in self.groups():
            left = self.sectionViewportPosition(first)
            width = self.sectionViewportPosition(after - 1) + self.sectionSize(after - 1) - left
            painter.fillRect(left + 1, 0, width - 2, STRIP, self._colour_of(node))
            painter.setPen(QColor(theme.text))
            text = metrics.elidedText(node, Qt.TextElideMode.ElideMiddle, width - 4)
            box = QRect(left + 2, STRIP + 1, width - 4, metrics.height())
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
        painter.end()


class ExamplesPanel(Picture):
    """Shows a few examples with all their numbers."""

    key = "examples"
    title = note("Example by example")
    help = note(
        "Each row is one example on its way through the network: what comes in, the weighted sum Σ of each neuron, "
        "what its activation makes of it, the answer, the target and the loss; the means stand below. Blue is below "
        "zero, orange above. Switched to gradients, each cell says how fast the loss of its example rises with the "
        "value: at a sum that is the δ of back-propagation. Nodes with more than eight numbers are left out."
    )
    icon = "mdi6.table"

    def compose(self, column: QVBoxLayout) -> None:
        """Create the switch and the table."""
        self.answer: ExamplesAnswer | None = None
        self._switch = chip("examples_gradients")
        self._switch.toggled.connect(self._on_switch_toggled)
        self._readout = Readout("examples_readout")
        column.addLayout(row(self._switch, self._readout))
        self.table = Table()
        self.table.setParent(self)
        self.view = QTableView()
        self.view.setObjectName("examples_table")
        self.view.setModel(self.table)
        self.header = Header(self.table, self._colour_of)
        self.view.setHorizontalHeader(self.header)
        self.view.setFrameShape(QFrame.Shape.NoFrame)
        self.view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.view.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.view.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.view.setCornerButtonEnabled(False)
        self.view.setTabKeyNavigation(False)
        self.view.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.view.verticalHeader().setDefaultSectionSize(ROW)
        self.view.verticalHeader().setSectionsClickable(False)
        column.addWidget(self.view, 1)
        self.session.restarted.connect(self._on_session_restarted)

    def probe(self) -> Examples:
        """Ask for values or for gradients."""
        return Examples(gradients=self._switch.isChecked())

    def draw(self, answer: ExamplesAnswer | None) -> None:
        """Show the numbers as they are now."""
        self.answer = answer
        self.show_picture(answer is not None)
        if answer is not None:
            self._sync_table(answer)

    def _sync_table(self, answer: ExamplesAnswer) -> None:
        columns = self._columns(answer)
        shown = max((len(c.cells) for c in columns), default=0)
        if self.table.show_columns(columns, shown):
            self.header.updateGeometry()
        self._widen(columns)
        kind = tr("∂ loss / ∂ value") if self._switch.isChecked() else tr("values")
        where = tr("train") if answer.split == "train" else tr("validation")
        part = tr(
            "{shown} of {n} examples ({split}), step {step}", shown=shown, n=answer.count, split=where, step=answer.step
        )
        self._readout.say(tr("{one}, {other}", one=kind, other=part), part, kind)

    def _columns(self, answer: ExamplesAnswer) -> list[Column]:
        found = []
        graded = self._switch.isChecked()
        for node, values in answer.values.items():
            numbers = answer.gradients.get(node) if graded else values
            if graded and numbers is None:
                continue
            found += self._of_node(node, values if numbers is None else numbers, answer.names.get(node, ()))
        for verdict in answer.verdicts:
            found += _of_output(verdict, self.class_name)
        return found

    def _of_node(self, node: str, numbers: Array, names: tuple[str, ...]) -> list[Column]:
        known = self.session.document.report.nodes.get(node)
        block = known.block if known is not None else None
        finite = np.where(np.isfinite(numbers), numbers, 0.0)
        largest = float(np.abs(finite).max(initial=0.0)) or 1.0
        found = []
        for k in range(numbers.shape[1]):
            own = "" if numbers.shape[1] == 1 else str(k + 1)
            name, hint = own, node
            if names:
                name = names[k]
            elif isinstance(block, Dense):
                name, hint = f"Σ{own}", tr("{node}: the weighted sum of neuron {n}", node=node, n=k + 1)
            elif isinstance(block, Step):
                name = f"≥ {readable(block.threshold)}"
                hint = tr("{node}: fires where {threshold} is reached", node=node, threshold=readable(block.threshold))
            cells = tuple(readable(float(value)) for value in numbers[:, k])
            found.append(Column(node, name, cells, hint, finite[:, k] / largest))
        return found

    def _widen(self, columns: list[Column]) -> None:
        """Give every column the room that its texts take; never less than before, so that nothing trembles."""
        metrics, heading = QFontMetricsF(self.view.font()), self.header.fontMetrics()
        named = {node: heading.horizontalAdvance(node) / (after - first) for node, first, after in self.header.groups()}
        for k, column in enumerate(columns):
            longest = max((metrics.horizontalAdvance(text) for text in (*column.cells, column.mean)), default=0.0)
            longest = max(longest, heading.horizontalAdvance(column.name), min(named[column.node], WIDEST_NAME))
            width = max(NARROWEST, int(longest) + PADDING)
            if width > self.view.columnWidth(k) or self.view.columnWidth(k) > width + 30:
                self.view.setColumnWidth(k, width)

    def _colour_of(self, node: str) -> QColor:
        known = self.session.document.report.nodes.get(node)
        return family_colour(known.block.family if known is not None else "")

    # -- words and colours -------------------------------------------------------------------------------------

    def empty(self) -> str:
        """Say how to fill it."""
        return tr("The numbers of single examples appear here where the nodes are small. Open the preset mcp-and.")

    def relabel(self) -> None:
        """Say everything again in the present language."""
        super().relabel()
        self._switch.setText(tr("Gradients"))
        words = tr("Show how the loss changes with every value, instead of the values")
        self._switch.setToolTip(words)
        self._switch.setAccessibleName(words)
        self.view.setAccessibleName(str(Sentence(self.title)))
        if self.answer is not None:
            self._sync_table(self.answer)

    def recolour(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.view.setFont(font(9))
        self.header.setFont(font(8.5))
        self.view.verticalHeader().setFont(font(8.5))
        self.view.setStyleSheet(
            f"QTableView {{ background: {theme.panel}; color: {theme.text}; gridline-color: {theme.line}; }}"
            f"QHeaderView, QTableCornerButton::section {{ background: {theme.panel}; border: none; }}"
            f"QHeaderView::section {{ background: {theme.panel}; color: {theme.dim}; border: none; padding: 2px 6px; }}"
        )
        self.view.viewport().update()

    # -- what happens ------------------------------------------------------------------------------------------

    def _on_switch_toggled(self, on: bool) -> None:
        self.rewatch()
        if self.answer is not None and not on:
            self._sync_table(self.answer)

    def _on_session_restarted(self) -> None:
        self.draw(None)


def _of_output(verdict: Verdict, class_name: Callable[[str], str]) -> list[Column]:
    """Return the columns of one Output: the answer, where it is not to be read before it, the target, the loss."""
    classes = tuple(map(class_name, verdict.classes))
    loss = str(Sentence(LOSSES[verdict.loss].label))
    found = []
    if verdict.classes:
        right = verdict.answers == verdict.targets
        names = [classes[int(k)] for k in verdict.answers]
        answers = tuple(f"{'✓' if good else '✗'} {name}" for good, name in zip(right, names, strict=True))
        share = f"{float(right.mean()):.0%}"
        found.append(Column(verdict.node, tr("answer"), answers, "", None, right.astype(np.uint8), share))
        targets = tuple(classes[int(k)] for k in verdict.targets)
    elif verdict.targets.shape[1] == 1:
        targets = tuple(readable(float(value)) for value in verdict.targets[:, 0])
    else:
        targets = tuple(f"({', '.join(readable(float(value)) for value in line)})" for line in verdict.targets)
    found.append(Column(verdict.node, tr("target"), targets, ""))
    losses = tuple(readable(float(value)) for value in verdict.losses)
    found.append(Column(verdict.node, tr("loss"), losses, loss, None, None, readable(float(verdict.losses.mean()))))
    return found
