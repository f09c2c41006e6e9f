"""What keeps the network from being trained: one row a problem, with the way there and the remedy."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QShowEvent
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyleOptionButton,
    QStylePainter,
    QVBoxLayout,
    QWidget,
)

from playground.document import Document
from playground.experiment import Experiment
from playground.nesting import place_of
from playground.report import Fix, Problem
from playground.text import Refusal, Sentence, count, say, tr
from widgets import theme
from widgets.bits import PageArea
from widgets.icons import icon

AT_ONCE = 40
"""How many rows are built at first, and with every press of the button that shows more."""

BREAK = "\N{ZERO WIDTH SPACE}"


class ProblemRow(QWidget):
    """One problem: where, what, and a button for each remedy.

    Return applies the first remedy, or goes to the node where there is none; a click anywhere goes there too.

    Signals:
        placeClicked(str): go to this node (its path, without repetitions).
        refused(object): a remedy could not be applied; a Sentence that says why.
    """

    placeClicked = Signal(str)
    refused = Signal(object)

    def __init__(self, problem: Problem, document: Document, *, with_place: bool = True) -> None:
        super().__init__()
        self.problem, self._document = problem, document
        self.setObjectName("problem")
        self._is_stop = with_place
        if with_place:
            self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.mark = QLabel()
        self.place = _Button()
        self.place.setProperty("kind", "link")
        self.place.setStyleSheet("padding: 0; border: none;")  # flush with the sentence below it
        self.place.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the row itself has it
        self.place.clicked.connect(self._on_place_clicked)
        self.message = QLabel(wordWrap=True)
        self.message.setMinimumWidth(100)
        self.fixes: list[tuple[QPushButton, Fix]] = []
        self._column = QVBoxLayout()
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        self._column.addWidget(self.place, alignment=Qt.AlignmentFlag.AlignLeft)
        self._column.addWidget(self.message)
        row = QHBoxLayout(self)
        row.setContentsMargins(*((8, 6, 8, 6) if with_place else (0, 4, 0, 4)))
        row.setSpacing(8)
        row.addWidget(self.mark, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(self._column, 1)
        self.show_problem(problem)

    def show_problem(self, problem: Problem, *, blocks: bool = True) -> None:
        """Show a problem; one that does not block training is marked more gently."""
        self.problem = problem
        glyph = icon("mdi6.alert-circle-outline", "bad") if blocks else icon("mdi6.alert-outline", "validation_text")
        self.mark.setPixmap(glyph.pixmap(QSize(16, 16), self.devicePixelRatioF()))
        place, message = place_of(problem.node), str(problem.message)
        self.place.setVisible(self._is_stop and bool(place))
        self.place.setObjectName(f"problem_{place}")
        self.place.setText(place)
        self.place.setToolTip(tr("Show {node} on the canvas", node=place))
        self.message.setText(message.replace("_", f"_{BREAK}").replace(".", f".{BREAK}"))
        self._show_fixes(problem.fixes)
        self.setAccessibleName(f"{place}: {message}" if place else message)
        first = tr("Return: {remedy}", remedy=problem.fixes[0].label) if problem.fixes else ""
        self.setAccessibleDescription(first)

    def go(self) -> None:
        """Do what helps: apply the first remedy, or go to the node."""
        if self.fixes:
            self.fixes[0][0].click()
        else:
            self._on_place_clicked()

    def _show_fixes(self, fixes: tuple[Fix, ...]) -> None:
        buttons = [button for button, _ in self.fixes]
        while len(buttons) > len(fixes):
            gone = buttons.pop()
            self._column.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
        while len(buttons) < len(fixes):
            button = _Button(icon=icon("mdi6.auto-fix"), objectName="fix")
            button.clicked.connect(self._on_fix_clicked)
            self._column.addWidget(button, alignment=Qt.AlignmentFlag.AlignLeft)
            buttons.append(button)
        for button, fix in zip(buttons, fixes, strict=True):
            button.setText(str(fix.label))
            button.setToolTip(str(fix.label))
        self.fixes = list(zip(buttons, fixes, strict=True))

    def _on_place_clicked(self) -> None:
        if self.problem.node:
            self.placeClicked.emit(place_of(self.problem.node))

    def _on_fix_clicked(self) -> None:
        fix = next(fix for button, fix in self.fixes if button is self.sender())
        try:
            self._document.edit(fix.label, graph=fix.edit(self._document.now.graph))
        except Refusal as refusal:
            self.refused.emit(refusal.sentence)

    # -- Qt ----------------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Return helps; the arrows go from row to row."""
        if not self._is_stop:
            super().keyPressEvent(event)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.go()
        elif event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            rows = [row for row in self.parentWidget().findChildren(ProblemRow) if row.isVisible()]
            rows.sort(key=lambda row: row.y())
            at = rows.index(self) + (1 if event.key() == Qt.Key.Key_Down else -1)
            if 0 <= at < len(rows):
                rows[at].setFocus(Qt.FocusReason.TabFocusReason)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Wait for the button to be let go."""
        event.setAccepted(self._is_stop)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Go to the node."""
        inside = self.rect().contains(event.position().toPoint())
        if self._is_stop and event.button() == Qt.MouseButton.LeftButton and inside:
            self._on_place_clicked()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what has the focus and what is under the pointer."""
        if not self._is_stop or not (self.hasFocus() or self.underMouse()):
            return
        painter, now = QPainter(self), theme.current()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(now.accent), 1) if self.hasFocus() else Qt.PenStyle.NoPen)
        painter.setBrush(QColor(now.field) if self.underMouse() else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), 6, 6)
        painter.end()


class Problems(PageArea):
    """All problems of the document.

    Signals:
        placeClicked(str): go to this node (its path, without repetitions).
        refused(object): a remedy could not be applied; a Sentence that says why.
    """

    placeClicked = Signal(str)
    refused = Signal(object)

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("problems")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMinimumHeight(96)
        self._document = document
        self._shown: tuple[Problem, ...] | None = None
        self._most = AT_ONCE
        self.rows: list[ProblemRow] = []
        self._build()
        document.subscribe(self._on_document_changed)
        theme.APPEARANCE.changed.connect(self.relabel)
        self.relabel()

    def relabel(self) -> None:
        """Say everything in the present language."""
        self.setAccessibleName(tr("Problems"))
        self._shown = None
        self._sync()

    def _build(self) -> None:
        page = QWidget()
        page.setProperty("kind", "page")
        self._column = QVBoxLayout(page)
        self._column.setContentsMargins(6, 2, 6, 10)
        self._column.setSpacing(2)
        self.summary = QLabel(wordWrap=True, objectName="problem_summary")
        self.summary.setProperty("role", "dim")
        self.summary.setContentsMargins(8, 4, 8, 4)
        self.well = QLabel()
        self.nothing = QLabel(wordWrap=True, objectName="no_problems")
        self.nothing.setProperty("role", "dim")
        line = QHBoxLayout()
        line.setContentsMargins(8, 4, 8, 0)
        line.setSpacing(8)
        line.addWidget(self.well, 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(self.nothing, 1)
        self.more = QPushButton(objectName="more_problems")
        self.more.clicked.connect(self._on_more_clicked)
        self._column.addWidget(self.summary)
        self._column.addLayout(line)
        self._column.addWidget(self.more, alignment=Qt.AlignmentFlag.AlignLeft)
        self._column.addStretch(1)
        self.setWidget(page)

    def _on_document_changed(self, old: Experiment, new: Experiment) -> None:
        if old.graph is not new.graph and not (self._document.undo_name or self._document.redo_name):
            self._most = AT_ONCE  # another document
        self._sync()

    def _sync(self) -> None:
        """Show the problems there are now, if anybody looks."""
        report = self._document.report
        problems = report.problems
        if not self.isVisible() or problems is self._shown:
            return  # otherwise told anew even where the words are the same: remedies hold the graph they were made for
        self._shown = problems
        blocking = {id(problem) for problem in report.blocking}
        first = sorted(problems, key=lambda problem: id(problem) not in blocking)  # what is in the way comes first
        self._show_rows(first[: self._most], blocking)
        self.summary.setText(str(_summary(len(problems), len(report.blocking))))
        self.summary.setVisible(bool(problems))
        self.more.setText(str(count("Show {n} more", "Show {n} more", len(problems) - len(self.rows))))
        self.more.setVisible(len(problems) > len(self.rows))
        self.nothing.setText(tr("No problems: the network can be trained."))
        self.well.setPixmap(icon("mdi6.check-circle-outline", "good").pixmap(QSize(16, 16), self.devicePixelRatioF()))
        for label in (self.well, self.nothing):
            label.setVisible(not problems)

    def _show_rows(self, problems: list[Problem], blocking: set[int]) -> None:
        """Show these problems in rows that are there already, as far as they go."""
        focus = QApplication.focusWidget()
        focused = [at for at, row in enumerate(self.rows) if focus is not None and row in (focus, focus.parentWidget())]
        for row in self.rows[len(problems) :]:
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        del self.rows[len(problems) :]
        for row, problem in zip(self.rows, problems, strict=False):
            row.show_problem(problem, blocks=id(problem) in blocking)
        for at in range(len(self.rows), len(problems)):
            row = ProblemRow(problems[at], self._document)
            row.show_problem(problems[at], blocks=id(problems[at]) in blocking)
            row.placeClicked.connect(self.placeClicked)
            row.refused.connect(self.refused)
            self._column.insertWidget(at + 1, row)
            row.show()  # else not before the events, and until then it takes no focus
            self.rows.append(row)
        if focused and self.rows:  # whoever works by keyboard goes on with what moved up
            self.rows[min(focused[0], len(self.rows) - 1)].setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_more_clicked(self) -> None:
        first = len(self.rows)
        self._most += AT_ONCE
        self._shown = None
        self._sync()
        self.rows[first].setFocus(Qt.FocusReason.TabFocusReason)

    # -- Qt ----------------------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what happened while nobody looked."""
        super().showEvent(event)
        self._sync()

    def changeEvent(self, event: QEvent) -> None:
        """Say everything again when the language changed."""
        if event.type() == QEvent.Type.LanguageChange:
            self.relabel()
        super().changeEvent(event)


def _summary(problems: int, blocking: int) -> Sentence:
    if not blocking:
        return count(
            "{n} problem; the network can be trained all the same",
            "{n} problems; the network can be trained all the same",
            problems,
        )
    if blocking == problems:
        return count(
            "{n} problem keeps the network from being trained",
            "{n} problems keep the network from being trained",
            problems,
        )
    return say("{n} problems, {blocking} of them in the way of training", n=problems, blocking=blocking)


class _Button(QPushButton):
    """A button that gives way: what does not fit ends in an ellipsis."""

    def __init__(self, **properties: object) -> None:
        super().__init__(**properties)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(40)

    # -- Qt ----------------------------------------------------------------------------------------------------

    def minimumSizeHint(self) -> QSize:
        """Ask for little."""
        return QSize(40, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what fits."""
        option = QStyleOptionButton()
        self.initStyleOption(option)
        if self.width() < (wanted := self.sizeHint().width()):
            room = self.width() - wanted + self.fontMetrics().horizontalAdvance(option.text)
            option.text = self.fontMetrics().elidedText(option.text, Qt.TextElideMode.ElideRight, room)
        painter = QStylePainter(self)
        painter.drawControl(QStyle.ControlElement.CE_PushButton, option)
        painter.end()
