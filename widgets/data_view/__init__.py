"""The data panel: the examples as they are trained on, how many there are of what, what the network gets wrong.

The data lie in the engine; a page at a time is asked for, only while the panel can be seen.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from playground.browsing import Browse, Survey
from playground.browsing.answers import Curves, Overview, Page, Pictures, Rows, Vocabulary
from playground.document import Document
from playground.experiment import Experiment
from playground.facts import SPLITS
from playground.text import Sentence, count, tr
from widgets import theme
from widgets.bits import Elided
from widgets.data_view.bar import Bar
from widgets.data_view.counts import Counts, tr_split
from widgets.data_view.grid import Grid
from widgets.data_view.naming import overview_in_words, page_in_words
from widgets.data_view.rows import Table
from widgets.data_view.sentences import Sentences
from widgets.session import Session

PICTURES, ROWS = 48, 200
"""How many examples a page is to hold, of pictures and of rows; the engine sends fewer where they are large."""

STILL = ("ready", "paused", "finished")
"""States in which the network no longer changes, so that its mistakes are worth asking for again."""

SIDE, NARROW = 260, 560
"""How wide the counts are at first; in a panel narrower than this they stand below the examples."""


class DataView(QWidget):
    """The panel: what can be chosen, the examples, and beside them the counts."""

    def __init__(self, document: Document, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("data_view")
        self.document, self.session = document, session
        self.page: Page | None = None
        self.overview: Overview | None = None
        self._failure: Sentence | None = None
        self._key: object = None  # of the data that are shown, or asked for
        self._fresh = False  # whether these are the data that the engine has read last
        self._asked = 0
        self._waiting = False  # for a page that was asked for
        self._network: object = None  # whose mistakes are shown
        self.bar = Bar(self)
        self._build()
        self._connect()
        self.relabel()

    def relabel(self) -> None:
        """Say everything in the present language."""
        self.setAccessibleName(tr("Data"))
        self.table.setAccessibleName(tr("Examples"))
        self.grid.setAccessibleName(tr("Examples"))
        self.texts.setAccessibleName(tr("Examples"))
        self.counts.setAccessibleName(tr("How many there are of what"))
        self.bar.show_splits(self.document.now.facts.counts)
        self.bar.relabel()
        self._sync_mistakes()
        self._sync_page()
        self._sync_overview()

    # -- building ----------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self.words = QLabel(wordWrap=True, objectName="data_words", alignment=Qt.AlignmentFlag.AlignCenter)
        self.words.setProperty("role", "dim")
        self.words.setMargin(24)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.grid, self.table, self.texts = Grid(), Table(), Sentences()
        self.body = QStackedWidget()
        for widget in (self.words, self.grid, self.table, self.texts):
            self.body.addWidget(widget)
        self.counts = Counts()
        self.remarks = QLabel(wordWrap=True, objectName="data_remarks")
        self.remarks.setTextFormat(Qt.TextFormat.PlainText)
        self.remarks.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.remarks.setContentsMargins(12, 4, 12, 4)
        self.side = QWidget()
        column = QVBoxLayout(self.side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.remarks)
        column.addWidget(self.counts, 1)
        self.parts = QSplitter(Qt.Orientation.Horizontal, childrenCollapsible=False)
        self.parts.addWidget(self.body)
        self.parts.addWidget(self.side)
        self.parts.setStretchFactor(0, 1)
        self.parts.setSizes([2 * SIDE, SIDE])
        self.detail = Elided(objectName="data_detail")
        self.detail.setProperty("role", "dim")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        line = QHBoxLayout()
        line.setContentsMargins(12, 0, 12, 0)
        line.addWidget(self.detail)
        line.addStretch(1)
        column.addLayout(line)
        column.addWidget(self.parts, 1)

    def _connect(self) -> None:
        self.bar.asked.connect(self._on_asked)
        self.bar.refreshWanted.connect(self._ask_page)
        self.bar.countsWanted.connect(self.side.setVisible)
        self.bar.counting.setChecked(True)
        self.counts.labelChosen.connect(self.bar.choose_label)
        self.session.found.connect(self._on_found)
        self.session.readOn.connect(self._on_read_on)
        self.session.restarted.connect(self._on_restarted)
        self.session.stateChanged.connect(self._on_state_changed)
        self.destroyed.connect(self.document.subscribe(self._on_document_changed))
        theme.APPEARANCE.changed.connect(self._on_theme_changed)

    # -- asking ------------------------------------------------------------------------------------------------

    def _ask_all(self) -> None:
        """Ask for the data as they are now; later, when nobody looks."""
        if not self.isVisible():
            self._fresh = False
            return
        self._fresh = True
        key = _key_of(self.document.now)
        if key != self._key:
            self._key, self.page, self.overview, self._failure = key, None, None, None
            self.bar.begin(self.document.now.facts.counts)
            self._sync_page()
            self._sync_overview()
        self._ask_page()
        self._ask_overview()

    def _ask_page(self) -> None:
        """Ask for the page that the bar says; what is shown stays until it comes."""
        self._asked += 1
        self._waiting = True
        mine, question = self._asked, self._sized(self.bar.question)
        self._network = self._network_now()

        def on_page(page: Page | None, failure: Sentence | None) -> None:
            if mine == self._asked:
                self._waiting = False
                self.page, self._failure = page, failure
                self._sync_page()

        self.session.ask(question, on_page)

    def _ask_overview(self) -> None:
        key = self._key

        def on_overview(overview: Overview | None, _failure: Sentence | None) -> None:
            if key == self._key and overview is not None:
                self.overview = overview
                self._sync_overview()

        self.session.ask(Survey(), on_overview)

    def _sized(self, question: Browse) -> Browse:
        shapes = self.document.now.facts.inputs.values()
        looked_at = any(shape.is_image or len(shape.sizes) in (2, 4) for shape in shapes)
        return Browse(**{**question.__dict__, "count": PICTURES if looked_at else ROWS})

    def _network_now(self) -> object:
        return self.session.step, self.document.now.graph

    # -- showing -----------------------------------------------------------------------------------------------

    def _sync_page(self) -> None:
        page = self.page
        if self._failure is not None or page is None:
            self.words.setText(self._why_empty())
            self.body.setCurrentWidget(self.words)
            self.bar.show_page(None)
            self.detail.hide()
            return
        page = page_in_words(page, self.document.now.source.class_name)
        self.bar.show_page(page)
        self._sync_detail(page)
        if not len(page.numbers):
            self.words.setText(self._why_none(page))
            self.body.setCurrentWidget(self.words)
            return
        shown: Grid | Table | Sentences = self.texts
        if isinstance(page.content, Pictures | Curves):
            shown = self.grid
        elif isinstance(page.content, Rows):
            shown = self.table
        shown.show_page(page)
        self.body.setCurrentWidget(shown)
        self.counts.show_split(page.split)

    def _sync_detail(self, page: Page) -> None:
        """Say among how many was looked, and at which network."""
        text = ""
        if self.bar.question.mistakes and page.errors:
            text = tr("The largest errors of {looked} examples, after step {step}", looked=page.looked, step=page.step)
        elif self.bar.question.mistakes:
            text = tr(
                "{n} of {looked} examples are wrong, after step {step}",
                n=page.found,
                looked=page.looked,
                step=page.step,
            )
        if text and page.looked < page.fits:
            text = tr("{text}; only the first are looked at, of {n}", text=text, n=page.fits)
        self.detail.show_text(text)
        self.detail.setVisible(bool(text))

    def _why_empty(self) -> str:
        failure = self.session.failure
        if self._failure is None:
            share = self.session.reading
            return tr("Reading the data…") if share is None else tr("Reading the data… {n} %", n=int(100 * share))
        if not self.bar.question.mistakes and self.page is None and failure is not None:
            return str(failure.sentence)  # why they could not be read
        return str(self._failure)

    def _why_none(self, page: Page) -> str:
        question = self.bar.question
        if question.mistakes:
            return tr("The network gets none of these {n} examples wrong.", n=page.looked)
        if question.search:
            return tr("No text here holds “{words}”.", words=question.search)
        return tr("There are no such examples here.")

    def _sync_overview(self) -> None:
        overview = overview_in_words(self.overview or Overview(), self.document.now.source.class_name)
        if self.overview is not None:
            self.bar.show_overview(overview)
        split = self.page.split if self.page is not None else self.bar.question.split
        self.counts.show_counts(overview, split)
        said = [f"⚠ {one}" for one in overview.problems] + [str(one) for one in overview.remarks]
        for one in overview.vocabularies:
            lines = _vocabulary_lines(one)
            several = len(overview.vocabularies) > 1
            said += [tr("{name}: {words}", name=one.name, words=line) if several else line for line in lines]
        self.remarks.setText("\n".join(said))
        self.remarks.setVisible(bool(said))

    def _sync_mistakes(self) -> None:
        """Say whether mistakes can be asked for."""
        report = self.document.report
        why = ""
        if report.blocking:
            why = tr("First make the network ready to train: {problem}", problem=report.blocking[0].message)
        elif not report.outputs:
            why = tr("There is no Output whose answers could be wrong")
        self.bar.allow_mistakes(why)

    # -- what happens ------------------------------------------------------------------------------------------

    def _on_asked(self, _question: Browse) -> None:
        self._ask_page()

    def _on_found(self, _notice: Any) -> None:
        if not self._fresh or self.page is None or self._key != _key_of(self.document.now):
            self._ask_all()
        elif self.bar.question.mistakes and self.isVisible():
            self._ask_page()

    def _on_read_on(self) -> None:
        if self.page is None and self._failure is None:
            self.words.setText(self._why_empty())

    def _on_restarted(self) -> None:
        """Wait for the data of another run; those of one that begins again are the same."""
        self._fresh = False
        if self._key != _key_of(self.document.now):
            self._asked += 1  # what still comes is of other data
            self.page = self.overview = self._failure = None
            self._sync_page()
            self._sync_overview()

    def _on_state_changed(self) -> None:
        if not self.isVisible():
            return
        if self.session.state == "failed" and self.page is None and self._failure is None and self.session.failure:
            self._failure = self.session.failure.sentence
            self._sync_page()
        if self.session.state not in STILL:
            return
        if self.page is None and not self._waiting:
            self._ask_all()  # what could not be read, or judged, can be now: it has been downloaded, or drawn
        elif self.bar.question.mistakes and self._network != self._network_now():
            self._ask_page()

    def _on_document_changed(self, old: Experiment, new: Experiment) -> None:
        if self.isVisible() and (old.graph is not new.graph or old.facts is not new.facts):
            self._sync_mistakes()
        if old.facts is not new.facts:
            self.bar.show_splits(new.facts.counts)

    def _on_theme_changed(self) -> None:
        self._sync_page()
        self.counts.viewport().update()

    # -- Qt ----------------------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        """Ask for what is to be seen."""
        super().showEvent(event)
        self._sync_mistakes()
        if not self._fresh or self.page is None:
            self._ask_all()

    def hideEvent(self, event: QHideEvent) -> None:
        """Drop a page that nobody will see."""
        if self._waiting:
            self._asked += 1
            self._fresh = False
        super().hideEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the counts below the examples where it is narrow."""
        super().resizeEvent(event)
        narrow = self.width() < NARROW
        self.parts.setOrientation(Qt.Orientation.Vertical if narrow else Qt.Orientation.Horizontal)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the language."""
        if event.type() == QEvent.Type.LanguageChange:
            self.relabel()
        super().changeEvent(event)

    def sizeHint(self) -> QSize:
        """Ask for room for a few rows."""
        return QSize(900, 340)


def _key_of(experiment: Experiment) -> object:
    """Return what decides which data are read and how they are prepared."""
    return experiment.source, experiment.preparation, experiment.training.seed


def _vocabulary_lines(vocabulary: Vocabulary) -> list[str]:
    """Say how many different tokens there are, how many are unknown, how long texts are."""
    lines = [str(count("{n} token is known", "{n} different tokens are known", vocabulary.size))]
    for split in SPLITS:
        if share := vocabulary.unknown.get(split, 0.0):
            lines.append(tr("Unknown in {split}: {percent} %", split=tr_split(split), percent=f"{100 * share:.2g}"))
    lines.append(
        tr(
            "A text has {mean} tokens on average, {longest} at most",
            mean=f"{vocabulary.mean:.1f}",
            longest=vocabulary.longest,
        )
    )
    return lines
