"""Which words each filter of a convolution waits for, in one text and in all of them."""

from __future__ import annotations

import html
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QItemSelectionModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from playground.probes.ngrams import Ngrams, NgramsAnswer, way_of
from playground.text import note, tr
from widgets.data_view.wording import class_colour, tint
from widgets.panels.parts.of_node import NodePicture
from widgets.panels.parts.plots import Readout, icon_button, readable, row
from widgets.theme import FAMILY_COLOURS, Theme, current, font

Index = QModelIndex | QPersistentModelIndex

ROOMY = 520
"""Pixels of width from which the strongest n-grams anywhere stand beside the filters."""

FILTER, HERE, VALUE, ANYWHERE, LEANING = range(5)


class NgramsPanel(NodePicture):
    """Shows the words that the filters of one node answer to."""

    key = "ngrams"
    title = note("N-grams")
    help = note(
        "A filter looks at a few words at a time, or at letters where words are spelt out, and answers most strongly "
        "to the n-gram it waits for. The table has "
        "a row for each filter: its strongest n-gram in this text, how strong (below 0 a ReLU silences it), its "
        "strongest in many texts, and the class in whose texts it answers most. For the row that is chosen, the text "
        "is coloured where the filter answers, and the n-gram that counts (max over time) is underlined."
    )
    choice_help = note("The node whose filters are shown")
    icon = "mdi6.format-quote-close"
    per_node = True

    def compose(self, column: QVBoxLayout) -> None:
        """Create the controls, the text, the table of filters and the list of the strongest n-grams."""
        self.answer: NgramsAnswer | None = None
        self.index, self.filter = 0, -1
        self.make_choice()
        self._before = icon_button("ngrams_before", "mdi6.chevron-left")
        self._before.clicked.connect(self._on_before_clicked)
        self._after = icon_button("ngrams_after", "mdi6.chevron-right")
        self._after.clicked.connect(self._on_after_clicked)
        self._place = QLabel()
        self._place.setObjectName("ngrams_place")
        self._place.setProperty("role", "dim")
        self._readout = Readout("ngrams_readout")
        column.addLayout(row(self._choice, self._before, self._place, self._after, self._readout, stretch=4))
        self.text = QLabel()
        self.text.setObjectName("ngrams_text")
        self.text.setTextFormat(Qt.TextFormat.RichText)
        self.text.setWordWrap(True)
        self.text.setMinimumWidth(96)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column.addWidget(self.text)
        self.filters = Filters(self)
        self.table = _table(self.filters)
        self.table.selectionModel().currentRowChanged.connect(self._on_current_row_changed)
        self.top = QLabel()
        self.top.setObjectName("ngrams_top")
        self.top.setTextFormat(Qt.TextFormat.RichText)
        self.top.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.top.setMinimumWidth(96)
        body = QHBoxLayout()
        body.setSpacing(12)
        body.addWidget(self.table, 3)
        body.addWidget(self.top, 2)
        column.addLayout(body, 1)
        self.session.restarted.connect(self._on_session_restarted)
        self.destroyed.connect(self.session.document.subscribe(self._on_document_changed))
        self.list_nodes()

    def probe(self) -> Ngrams | None:
        """Ask for the chosen node; of nothing where no filter looks at words."""
        node = self.chosen()
        return Ngrams(node=node, filter=self.filter, index=self.index) if node else None

    def nodes(self) -> list[str]:
        report = self.session.document.report
        return [id for id in report.nodes if way_of(report, id) is not None]

    def set_node(self, id: str) -> None:
        """Show another node from now on, and of it the filter that answers most."""
        if id != self.node:
            self.filter = -1
        super().set_node(id)
        self.list_nodes()

    # -- drawing -----------------------------------------------------------------------------------------------

    def draw(self, answer: NgramsAnswer | None) -> None:
        """Show what the filters answer to now."""
        if answer is not None and answer.node != self.chosen():
            return  # asked before another node was chosen
        self.answer = answer
        self.show_picture(answer is not None)
        if answer is None:
            return
        self.filters.show_answer(answer)
        self._select(answer.filter)
        self._sync_words()

    def _select(self, filter: int) -> None:
        """Let the table stand on the filter that is shown, wherever it is sorted to."""
        selection = self.table.selectionModel()
        selection.blockSignals(True)
        place = self.filters.index(self.filters.order.index(filter), 0)
        flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        selection.setCurrentIndex(place, flags)
        selection.blockSignals(False)
        self.table.viewport().update()

    def _sync_words(self) -> None:
        answer = self.answer
        if answer is None:
            return
        place = f"{answer.index + 1:,} / {answer.count:,}"
        if self._place.text() != place:
            self._place.setText(place)
        self.text.setText(coloured(answer))
        self.top.setText(_strongest(answer))
        if answer.label:
            right = answer.label == answer.predicted
            colour, mark = (current().good_text, "✓") if right else (current().bad_text, "✗")
            truth = tr("label {name}", name=html.escape(answer.label))
            guess = tr("prediction {name}", name=html.escape(answer.predicted))
            said = f'<span style="color:{colour}">{mark} {guess}</span> {answer.confidence:.2f}'
            self._readout.say(f"{truth} &nbsp; {said}", said)
        else:
            self._readout.say("")

    # -- words and colours -------------------------------------------------------------------------------------

    def empty(self) -> str:
        """Say how to fill it."""
        if not self.nodes():
            return tr("Where a Conv1D reads words, what its filters wait for appears here: open the preset textcnn.")
        return tr("Once the network is complete, the words that its filters wait for appear here.")

    def relabel(self) -> None:
        """Say everything again in the present language."""
        super().relabel()
        for button, words in ((self._before, tr("Previous text")), (self._after, tr("Next text"))):
            button.setAccessibleName(words)
            button.setToolTip(words)
        self.table.setAccessibleName(tr("Filters"))
        self.text.setAccessibleName(tr("The text"))
        self.filters.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, LEANING)
        self._sync_words()

    def recolour(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._sync_words()

    # -- what happens ------------------------------------------------------------------------------------------

    def sync(self) -> None:
        """Say what is missing while there is nothing to draw."""
        self.list_nodes()
        self.show_picture(self.answer is not None)

    def _on_session_restarted(self) -> None:
        self.draw(None)

    def _on_current_row_changed(self, index: QModelIndex, before: QModelIndex) -> None:
        if index.isValid() and self.filters.order[index.row()] != self.filter:
            self.filter = self.filters.order[index.row()]
            self.rewatch()

    def _on_before_clicked(self) -> None:
        self._show_text(-1)

    def _on_after_clicked(self) -> None:
        self._show_text(+1)

    def _show_text(self, by: int) -> None:
        count = self.answer.count if self.answer is not None else 1
        self.index = (self.index + by) % max(1, count)
        self._place.setText(f"{self.index + 1:,} / {count:,}")
        self.rewatch()

    # -- Qt ----------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: Any) -> None:
        """Show the list only where there is room beside the table."""
        super().resizeEvent(event)
        self.top.setVisible(self.width() >= ROOMY)


class Filters(QAbstractTableModel):
    """The filters as rows, the one that answers most strongly to this text first."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.answer: NgramsAnswer | None = None
        self.order: list[int] = []

    def show_answer(self, answer: NgramsAnswer) -> None:
        """Tell of these filters from now on."""
        order = sorted(range(len(answer.values)), key=lambda k: -float(answer.values[k]))
        anew = len(order) != len(self.order)
        if anew:
            self.beginResetModel()
        self.answer, self.order = answer, order
        if anew:
            self.endResetModel()
        else:
            self.dataChanged.emit(self.index(0, 0), self.index(len(order) - 1, LEANING))

    # -- Qt ----------------------------------------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  as Qt has it
        """Return how many filters there are."""
        return 0 if parent.isValid() else len(self.order)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Return how much is told of each."""
        return 0 if parent.isValid() else LEANING + 1

    def headerData(self, section: int, side: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Name the columns."""
        if side != Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        return (tr("Filter"), tr("In this text"), "", tr("Anywhere"), tr("For"))[section]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Tell of a filter."""
        if self.answer is None or not index.isValid():
            return None
        answer, filter, column = self.answer, self.order[index.row()], index.column()
        leaning = int(answer.leaning[filter])
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            kind = answer.classes[leaning] if leaning >= 0 else "–"
            value = readable(float(f"{answer.values[filter]:.2g}"))
            return (str(filter), answer.here[filter], value, answer.anywhere[filter], kind)[column]
        if role == Qt.ItemDataRole.DecorationRole and column == LEANING and leaning >= 0:
            return class_colour(leaning)
        if role == Qt.ItemDataRole.TextAlignmentRole and column in (FILTER, VALUE):
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        silent = answer.values[filter] <= 0 and column in (HERE, VALUE)
        return QColor(current().dim) if role == Qt.ItemDataRole.ForegroundRole and silent else None


def coloured(answer: NgramsAnswer) -> str:
    """Write the text, each word on a ground as strong as the filter's answer, the strongest n-gram underlined."""
    most = max(float(answer.strengths.max(initial=0.0)), 1e-9)
    words = []
    spelt = " " in answer.words  # letters, with gaps between the words that they spell
    room = "" if spelt else "&nbsp;"
    for at, word in enumerate(answer.words):
        share = max(0.0, float(answer.strengths[at]) / most) if answer.strengths[at] == answer.strengths[at] else 0.0
        ground = tint(QColor(FAMILY_COLOURS["Convolution"]), 0.45 * share)
        style = f"background-color:{ground};"
        if answer.first <= at < answer.last and answer.values[answer.filter] > 0:
            style += "text-decoration:underline;font-weight:600;"
        words.append(f'<span style="{style}">{room}{html.escape(word)}{room}</span>' if word != " " else " ")
    return ("" if spelt else " ").join(words)


def _strongest(answer: NgramsAnswer) -> str:
    """Write what the chosen filter answers to most anywhere."""
    title = tr("Filter {n} answers most to", n=answer.filter)
    rows = []
    for ngram, value, label in answer.top:
        dot = f'<span style="color:{class_colour(label).name()}">●</span>' if label >= 0 else ""
        rows.append(
            f'<tr><td align="right" style="color:{current().dim}">{readable(float(f"{value:.2g}"))}&nbsp;</td>'
            f"<td>{dot}&nbsp;</td><td>{html.escape(ngram)}</td></tr>"
        )
    return f'<span style="color:{current().dim}">{title}</span><table cellspacing="0">{"".join(rows)}</table>'


def _table(model: Filters) -> QTableView:
    table = QTableView()
    table.setObjectName("ngrams_filters")
    table.setModel(model)
    table.setFrameShape(QFrame.Shape.NoFrame)
    table.setFont(font(9))
    table.setShowGrid(False)
    table.setWordWrap(False)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setTabKeyNavigation(False)
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(20)
    header = table.horizontalHeader()
    header.setHighlightSections(False)
    for column, width in ((FILTER, 44), (VALUE, 44), (LEANING, 84)):
        header.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
        header.resizeSection(column, width)
    for column in (HERE, ANYWHERE):
        header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
    return table
