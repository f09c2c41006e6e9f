"""The inspector: everything about what is selected, or about the document where nothing is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from playground.costs import memory_of, rows_of, sized, totals_of
from playground.data import KINDS, Source
from playground.document import Document
from playground.experiment import Experiment, Words
from playground.nesting import moved_path
from playground.sheet import Sheet
from playground.text import Refusal, Sentence, count, language, note, say, tr
from widgets import theme
from widgets.bits import PageArea
from widgets.column_roles import ColumnRoles
from widgets.data_card import DataCard
from widgets.download_row import DownloadRow
from widgets.drawing_sets import SetEditor, can_be_drawn, editor_for
from widgets.forms import Form, Member
from widgets.icons import icon
from widgets.many_page import ManyPage
from widgets.node_page import NodePage
from widgets.sections import Section

if TYPE_CHECKING:
    from widgets.weights_editor import Ask, WeightsEditor

FEW_LINES = 5
"""How much of a long text is shown until more is asked for."""


class DocumentPage(QWidget):
    """What is trained and on what: title, text, data, training.

    Signals:
        refused(object): something could not be done; a Sentence that says why.
        filesWanted(): the person wants to choose files of data.
        folderWanted(): the person wants to choose a folder of data.
    """

    refused = Signal(object)
    filesWanted = Signal()
    folderWanted = Signal()

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.setProperty("kind", "page")
        self.title = QLineEdit(objectName="title", frame=False)
        self.title.setFont(theme.font(12, semibold=True))
        self.title.setProperty("kind", "quiet")
        self.title.editingFinished.connect(self._on_title_finished)
        self.about = _About(objectName="about")
        self.about.closed.connect(self._on_about_closed)
        self.more = QPushButton(checkable=True, objectName="about_more")
        self.more.setProperty("kind", "link")
        self.more.toggled.connect(self._on_more_toggled)
        self.about.fitted.connect(self._on_about_fitted)
        self.data, self.training = Section(note("Data")), Section(note("Training settings"))
        self.network = Section(note("Network"))
        self.source = Member(Source, note("Data set"), note("What the network learns from"), "source", KINDS)
        self.source.edited.connect(self._on_source_edited)
        self.files = QPushButton(objectName="data_files")
        self.files.clicked.connect(self.filesWanted)
        self.folder = QPushButton(objectName="data_folder")
        self.folder.clicked.connect(self.folderWanted)
        self.draw = QPushButton(objectName="draw_data", icon=icon("mdi6.draw"))
        self.draw.clicked.connect(self._on_draw_clicked)
        self.drawing: SetEditor | None = None
        self.columns = ColumnRoles()
        self.columns.edited.connect(self._on_source_edited)
        self.download, self.card = DownloadRow(), DataCard()
        self.preparation, self.form = Form(), Form()
        self.preparation.edited.connect(self._on_preparation_edited)
        self.form.edited.connect(self._on_training_edited)
        for part in (self.source, self.preparation, self.form):
            part.closed.connect(document.close_step)
        self.sums = QLabel(wordWrap=True, objectName="network_sums")
        self.sums.setProperty("role", "dim")
        self._lay_out()
        self.sync()

    def sync(self) -> None:
        """Show the document as it is."""
        now = self.document.now
        if not self.title.hasFocus():
            self.title.setText(str(now.title))
            self.title.setCursorPosition(0)  # a long one shows its beginning
        self.about.show_text(str(now.about))
        self.source.show_value(now.source)
        self.draw.setVisible(can_be_drawn(now.source))
        self.preparation.show_thing(now.preparation, only=now.preparation.matters(now.facts))
        self.form.show_thing(now.training)
        self.columns.show_source(now.source)
        self.download.show_source(now.source)
        self.card.show_data(now.source, now.facts)
        report = self.document.report
        memory = memory_of(totals_of(rows_of(report)), now).step
        lines = [str(count("{n} parameter", "{n} parameters", report.parameters))]
        lines.append(str(count("{n} MAC per example", "{n} MACs per example", report.macs)))
        lines.append(tr("about {size} for a training step", size=sized(memory)))
        self.sums.setText("\n".join(lines))
        self.network.setVisible(bool(report.parameters))

    def relabel(self) -> None:
        """Say everything in the present language."""
        self.title.setPlaceholderText(tr("Untitled"))
        self.title.setAccessibleName(tr("Title"))
        self.title.setToolTip(tr("The title; click to change it"))
        self.about.setPlaceholderText(tr("What this is about"))
        self.about.setAccessibleName(tr("What this is about"))
        self.files.setText(tr("My files…"))
        self.files.setToolTip(
            tr("Train on tables, texts, arrays of your own; dropping files onto the window does the same")
        )
        self.folder.setText(tr("My folder…"))
        self.folder.setToolTip(tr("Train on a folder of your own, such as one with a folder of images for each class"))
        self.draw.setText(tr("Draw…"))
        self.draw.setToolTip(tr("Open a window in which you draw the data with the mouse"))
        self.more.setText(tr("Less") if self.more.isChecked() else tr("More"))
        for section in (self.data, self.training, self.network):
            section.relabel()
        self.source.relabel()
        self.sync()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 14, 16)
        column.setSpacing(6)
        column.addWidget(self.title)
        column.addWidget(self.about)
        column.addWidget(self.more, alignment=Qt.AlignmentFlag.AlignLeft)
        own = QHBoxLayout()
        own.setSpacing(8)
        for button in (self.files, self.folder):
            own.addWidget(button, 1)
        self.data.body.addLayout(own)
        self.data.body.addWidget(self.source)
        self.data.body.addWidget(self.draw)
        for widget in (self.columns, self.download, self.card, self.preparation):
            self.data.body.addWidget(widget)
        self.training.body.addWidget(self.form)
        self.network.body.addWidget(self.sums)
        for section in (self.data, self.training, self.network):
            section.body.setSpacing(8)
            column.addWidget(section)
        column.addStretch(1)

    def _written(self, words: Words, text: str) -> Words:
        """Keep a text in the language it was written in."""
        return replace(words, **{language(): text})

    def _on_title_finished(self) -> None:
        title = self.document.now.title
        if self.title.text().strip() != str(title):
            self.document.edit(say("Change the title"), title=self._written(title, self.title.text().strip()))

    def _on_more_toggled(self, more: bool) -> None:
        self.about.show_whole(more)
        self.more.setText(tr("Less") if more else tr("More"))

    def _on_about_fitted(self) -> None:
        self.more.setVisible(self.about.tall)

    def _on_about_closed(self) -> None:
        about, text = self.document.now.about, self.about.toPlainText().strip()
        if text != str(about):
            self.document.edit(say("Change the text"), about=self._written(about, text))

    def _on_source_edited(self, source: Source) -> None:
        preparation = self.document.now.preparation
        if source.uneven and source.key != self.document.now.source.key:  # as it is, it could hardly be learnt
            preparation = preparation.replace(standardise=True)
        self.document.edit(say("Change the data"), source=source, preparation=preparation, merge=("source", source.key))

    def _on_draw_clicked(self) -> None:
        """Open the window in which the data set is drawn, beside the inspector."""
        if self.drawing is None:
            self.drawing = editor_for(self.document, self.window())
            self.drawing.finished.connect(self._on_drawing_finished)
            self.drawing.move(self.mapToGlobal(QPoint(-self.drawing.sizeHint().width() - 32, 40)))
            self.drawing.show()
        self.drawing.raise_()
        self.drawing.activateWindow()

    def _on_drawing_finished(self, _result: int) -> None:
        self.drawing = None

    def _on_preparation_edited(self, name: str, value: object) -> None:
        preparation = self.document.now.preparation.replace(**{name: value})
        self.document.edit(say("Change the preparation"), preparation=preparation, merge=("preparation", name))

    def _on_training_edited(self, name: str, value: object) -> None:
        training = self.document.now.training
        words = say("Change {parameter} of the training", parameter=Sentence(training.parameters[name].label))
        try:
            self.document.edit(words, training=training.replace(**{name: value}), merge=("training", name))
        except Refusal as refusal:
            self.refused.emit(refusal.sentence)

    # -- Qt ----------------------------------------------------------------------------------------------------

    def changeEvent(self, event: QEvent) -> None:
        """Say everything again when the language changed."""
        if event.type() == QEvent.Type.LanguageChange:
            self.relabel()
        super().changeEvent(event)


class _About(QPlainTextEdit):
    """A few lines of text, as high as they are.

    Signals:
        closed(): the person is done writing.
        fitted(): it may be longer or shorter now; `tall` says whether there is more than is shown at first.
    """

    closed = Signal()
    fitted = Signal()

    def __init__(self, **properties: object) -> None:
        super().__init__(**properties)
        self.whole = self.tall = False
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setStyleSheet(
            "QPlainTextEdit { background: transparent; border: none; color: palette(placeholder-text); }"
        )
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabChangesFocus(True)
        self.document().setDocumentMargin(2)
        self.document().documentLayout().documentSizeChanged.connect(self._fit)
        self._fit()

    def show_text(self, text: str) -> None:
        """Show a text, unless one is just being written."""
        if not self.hasFocus() and self.toPlainText() != text:
            self.setPlainText(text)

    def _fit(self) -> None:
        lines = max(1, round(self.document().size().height()))  # a plain text document counts in lines
        self.tall = lines > FEW_LINES
        shown = lines if self.whole or self.hasFocus() else min(lines, FEW_LINES)
        self.setFixedHeight(shown * self.fontMetrics().lineSpacing() + 5)
        self.fitted.emit()

    def show_whole(self, whole: bool) -> None:
        """Show all of a long text, or its beginning."""
        self.whole = whole
        self._fit()
        if not whole:
            self.verticalScrollBar().setValue(0)

    # -- Qt ----------------------------------------------------------------------------------------------------

    def focusOutEvent(self, event: object) -> None:
        """Leaving takes the text over."""
        super().focusOutEvent(event)
        self.closed.emit()


class Inspector(QStackedWidget):
    """The document, a node, or several nodes of a sheet.

    `ask` is how the present weights of a node are asked for (see `widgets.weights_editor.Ask`); without it they
    are not offered.

    Attributes:
        editors: the open windows in which weights are set by hand, by the id of the node.

    Signals:
        watchRequested(str, str): show this probe at this node.
        renamed(str, str): a node has another id now.
        placeClicked(str): go to a node.
        refused(object): something could not be done; a Sentence that says why.
    """

    watchRequested = Signal(str, str)
    renamed = Signal(str, str)
    placeClicked = Signal(str)
    refused = Signal(object)

    def __init__(self, document: Document, sheet: Sheet, ask: Ask | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("inspector")
        self.document, self.sheet = document, sheet
        self.ids: tuple[str, ...] = ()
        self.editors: dict[str, WeightsEditor] = {}
        self._ask = ask
        self.document_page, self.several_page = DocumentPage(document), ManyPage(sheet)
        self.node_page = NodePage(sheet)
        for page in (self.document_page, self.node_page, self.several_page):
            page.refused.connect(self.refused)
        self.node_page.watchRequested.connect(self.watchRequested)
        self.node_page.renamed.connect(self._on_node_renamed)
        self.node_page.placeClicked.connect(self.placeClicked)
        self.node_page.weightsClicked.connect(self.edit_weights)
        for page in (self.document_page, self.node_page, self.several_page):
            area = PageArea()
            page.setMinimumWidth(180)
            area.setWidget(page)
            self.addWidget(area)
        for page in (self.document_page, self.node_page, self.several_page):
            page.relabel()
        document.subscribe(self._on_document_changed)
        sheet.subscribe(self._sync)
        self._sync()

    def set_selection(self, ids: tuple[str, ...]) -> None:
        """Show what is selected now."""
        ids = tuple(ids)
        if ids != self.ids:
            self.ids = ids
            self.document.close_step()
            self._sync()

    def edit_weights(self, id: str) -> None:
        """Open the window in which the weights of a node are set by hand, beside the inspector."""
        if id in self.editors:
            self.editors[id].raise_()
            self.editors[id].activateWindow()
            return
        from widgets.weights_editor import WeightsEditor

        editor = self.editors[id] = WeightsEditor(self.sheet, id, self._ask, self.window())
        editor.finished.connect(lambda _result: self.editors.pop(id, None))
        editor.move(self.mapToGlobal(QPoint(-editor.width() - 16, 40)))
        editor.show()

    def _on_node_renamed(self, old: str, new: str) -> None:
        if not old:
            return  # the group that is shown: nothing is selected
        self.ids = tuple(moved_path(id, {old: new}) for id in self.ids)
        self.renamed.emit(old, new)
        self._sync()

    def _on_document_changed(self, old: Experiment, new: Experiment) -> None:
        self._sync()

    def _sync(self) -> None:
        there = tuple(id for id in self.ids if id in self.sheet.graph)
        # Where all of an open group is selected, the group is meant; where nothing is, the one that is looked into.
        meant = self.sheet.whole(there) if there else ("",) if self.sheet.level else ()
        node = self.sheet.node(meant[0]) if len(meant) == 1 else None
        if node is not None:
            self.node_page.show_node(node, self.sheet.known(node.id))
            self.setCurrentIndex(1)
        elif there:
            self.several_page.show_ids(there)
            self.setCurrentIndex(2)
        else:
            self.document_page.sync()
            self.setCurrentIndex(0)

    # -- Qt ----------------------------------------------------------------------------------------------------

    def changeEvent(self, event: QEvent) -> None:
        """Say everything again when the language changed."""
        if event.type() == QEvent.Type.LanguageChange:
            self.several_page.relabel()
        super().changeEvent(event)
