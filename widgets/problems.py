"""What keeps the network from being trained: one row a problem, with the way there and the remedy."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from playground.analysis import Fix, Problem
from playground.document import Document
from playground.experiment import Experiment
from playground.text import Refusal, tr
from widgets import theme
from widgets.icons import icon


class ProblemRow(QWidget):
    """One problem: where, what, and a button for each remedy.

    Signals:
        placeClicked(str): go to this node.
        refused(object): a remedy could not be applied; a Sentence that says why.
    """

    placeClicked = Signal(str)
    refused = Signal(object)

    def __init__(self, problem: Problem, document: Document, *, with_place: bool = True) -> None:
        super().__init__()
        self.problem, self._document = problem, document
        mark = QLabel()
        mark.setPixmap(icon("mdi6.alert-circle-outline", "bad").pixmap(QSize(16, 16), self.devicePixelRatioF()))
        mark.setAlignment(Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        if with_place and problem.node:
            place = QPushButton(problem.node, objectName=f"problem_{problem.node}")
            place.setProperty("kind", "link")
            place.setToolTip(tr("Show {node} on the canvas", node=problem.node))
            place.clicked.connect(self._on_place_clicked)
            column.addWidget(place, alignment=Qt.AlignmentFlag.AlignLeft)
        message = QLabel(str(problem.message), wordWrap=True)
        message.setMinimumWidth(100)
        column.addWidget(message)
        self.fixes: list[tuple[QPushButton, Fix]] = []
        for fix in problem.fixes:
            button = QPushButton(str(fix.label), icon=icon("mdi6.auto-fix"), objectName="fix")
            button.clicked.connect(self._on_fix_clicked)
            self.fixes.append((button, fix))
            column.addWidget(button, alignment=Qt.AlignmentFlag.AlignLeft)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 4, 0, 4)
        row.setSpacing(8)
        row.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(column, 1)

    def _on_place_clicked(self) -> None:
        self.placeClicked.emit(self.problem.node)

    def _on_fix_clicked(self) -> None:
        fix = next(fix for button, fix in self.fixes if button is self.sender())
        try:
            self._document.edit(fix.label, graph=fix.edit(self._document.now.graph))
        except Refusal as refusal:
            self.refused.emit(refusal.sentence)


class Problems(QScrollArea):
    """All problems of the document.

    Signals:
        placeClicked(str): go to this node.
        refused(object): a remedy could not be applied; a Sentence that says why.
    """

    placeClicked = Signal(str)
    refused = Signal(object)

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("problems")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumHeight(96)
        self._document = document
        self._shown: tuple[Problem, ...] | None = None
        self.rows: list[ProblemRow] = []
        page = QWidget()
        page.setProperty("kind", "page")
        self._column = QVBoxLayout(page)
        self._column.setContentsMargins(14, 6, 14, 10)
        self._column.setSpacing(4)
        self.nothing = QLabel(objectName="no_problems")
        self.nothing.setProperty("role", "dim")
        self._column.addWidget(self.nothing)
        self._column.addStretch(1)
        self.setWidget(page)
        document.subscribe(self._on_document_changed)
        theme.APPEARANCE.changed.connect(self.relabel)
        self.relabel()

    def relabel(self) -> None:
        """Say everything in the present language."""
        self.nothing.setText(tr("No problems: the network can be trained."))
        self.setAccessibleName(tr("Problems"))
        self._shown = None
        self._sync()

    def _on_document_changed(self, old: Experiment, new: Experiment) -> None:
        self._sync()

    def _sync(self) -> None:
        problems = self._document.report.problems
        if problems is self._shown or (self._shown is not None and not problems and not self._shown):
            return  # otherwise built anew even where the words are the same: remedies hold the graph they were made for
        self._shown = problems
        for row in self.rows:
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows = [ProblemRow(problem, self._document) for problem in problems]
        for at, row in enumerate(self.rows):
            row.placeClicked.connect(self.placeClicked)
            row.refused.connect(self.refused)
            self._column.insertWidget(at, row)
        self.nothing.setVisible(not problems)

    # -- Qt ----------------------------------------------------------------------------------------------------

    def changeEvent(self, event: QEvent) -> None:
        """Say everything again when the language changed."""
        if event.type() == QEvent.Type.LanguageChange:
            self.relabel()
        super().changeEvent(event)
