"""What can be chosen of the data: split, class, words, mistakes; and the way from page to page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLabel, QLineEdit, QToolButton, QWidget

from playground.browsing import Browse
from playground.browsing.answers import Overview, Page
from playground.facts import SPLITS
from playground.text import tr
from widgets.bits import keeps_letters
from widgets.data_view.counts import tr_split
from widgets.data_view.flow import Flow
from widgets.icons import icon

SEARCH_AFTER_MS = 250
"""How long after the last letter a search begins."""


class Bar(QWidget):
    """The controls. What they say together is a `Browse`.

    Signals:
        asked(object): another page is wanted; the `Browse`.
        refreshWanted(): the same page, by the network as it is now.
        countsWanted(bool): the counts are to be seen, or not.
    """

    asked = Signal(object)
    refreshWanted = Signal()
    countsWanted = Signal(bool)

    def __init__(self, host: QWidget) -> None:
        super().__init__(host)
        self.setObjectName("data_bar")
        self.question = Browse()
        self._page: Page | None = None
        self._why_not = ""
        self._build()
        flow = Flow(self)
        for widget in (self.splits, self.labels, self.search, self.mistakes, self.refresh, self.pager, self.counting):
            flow.addWidget(widget)
        self._search_timer = QTimer(self, singleShot=True, interval=SEARCH_AFTER_MS)
        self._search_timer.timeout.connect(self._on_search_timeout)
        self._connect(host)
        self.relabel()

    # -- what is shown -----------------------------------------------------------------------------------------

    def begin(self, counts: Mapping[str, int]) -> None:
        """Begin anew with other data: all of the first split that there is."""
        self._page = None
        split = self.question.split if counts.get(self.question.split) else "train"
        self.question = Browse(split=split)
        for one in (self.search, self.mistakes):
            with QSignalBlocker(one):
                self.search.clear()
                self.mistakes.setChecked(False)
        with QSignalBlocker(self.labels):
            self.labels.clear()
        self.labels.hide()
        self.search.hide()
        self.show_splits(counts)
        self.show_page(None)

    def show_splits(self, counts: Mapping[str, int]) -> None:
        """Offer the splits that there are."""
        with QSignalBlocker(self.splits):
            self.splits.clear()
            for split in SPLITS:
                if n := counts.get(split):
                    self.splits.addItem(tr("{split}: {n}", split=tr_split(split), n=n), split)
            self.splits.setCurrentIndex(max(0, self.splits.findData(self.question.split)))

    def show_overview(self, overview: Overview) -> None:
        """Offer the classes that there are, and a search where there are texts."""
        tally = next((one for one in overview.tallies if one.name == overview.choosing and one.names), None)
        with QSignalBlocker(self.labels):
            self.labels.clear()
            self.labels.addItem(tr("all classes"), None)
            for number, name in zip(tally.numbers, tally.names, strict=True) if tally is not None else ():
                self.labels.addItem(name, number)
            self.labels.setCurrentIndex(max(0, self.labels.findData(self.question.label)))
        self.labels.setVisible(tally is not None)
        self.search.setVisible(overview.texts)
        self.updateGeometry()

    def show_page(self, page: Page | None) -> None:
        """Say where in the data the page stands."""
        self._page = page
        self.pager.setVisible(page is not None)
        if page is not None:
            last = page.first + len(page.numbers)
            self.place.setText(
                tr("{first}–{last} of {n}", first=page.first + 1 if last else 0, last=last, n=page.found)
            )
            self.back.setEnabled(page.first > 0)
            self.on.setEnabled(last < page.found)
        self._sync_refresh()

    def allow_mistakes(self, why_not: str) -> None:
        """Offer the mistakes, or say why there are none to be had."""
        self._why_not = why_not
        self.mistakes.setEnabled(not why_not)
        if why_not and self.question.mistakes:
            self.mistakes.setChecked(False)
        self._label_mistakes()

    def choose_label(self, label: int) -> None:
        """Show one class only; once more: all."""
        self._ask(label=None if self.question.label == label else label)

    def relabel(self) -> None:
        """Say everything in the present language."""
        forward, back = (_keys(key) for key in (QKeySequence.StandardKey.Forward, QKeySequence.StandardKey.Back))
        words = {
            self.splits: (tr("Which examples are shown"), ""),
            self.labels: (tr("Only examples of this class"), ""),
            self.search: (tr("Only texts that hold these words"), ""),
            self.back: (tr("Page before"), back),
            self.on: (tr("Next page"), forward),
            self.refresh: (tr("Ask the network as it is now"), ""),
            self.counting: (tr("How many there are of what"), ""),
        }
        for widget, (text, keys) in words.items():
            widget.setAccessibleName(text)
            widget.setToolTip(f"{text} ({keys})" if keys else text)
        self.search.setPlaceholderText(tr("Search the texts"))
        self._label_counting()
        if self.labels.count():
            self.labels.setItemText(0, tr("all classes"))
        self.mistakes.setText(tr("Only mistakes"))
        self._label_mistakes()
        self.show_page(self._page)

    def _label_counting(self) -> None:
        self.counting.setText(tr("Hide counts") if self.counting.isChecked() else tr("Show counts"))

    def _label_mistakes(self) -> None:
        self.mistakes.setToolTip(self._why_not or tr("Only what the network gets wrong as it is now, the worst first"))
        self.mistakes.setAccessibleDescription(self._why_not)

    def _sync_refresh(self) -> None:
        self.refresh.setVisible(self.question.mistakes)

    # -- building ----------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self.splits, self.labels = QComboBox(objectName="data_split"), QComboBox(objectName="data_class")
        for box, letters in ((self.splits, 14), (self.labels, 10)):
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(letters)
        self.search = QLineEdit(objectName="data_search", clearButtonEnabled=True)
        self.search.addAction(icon("mdi6.magnify", "dim"), QLineEdit.ActionPosition.LeadingPosition)
        self.search.setMinimumWidth(150)
        self.search.installEventFilter(self)
        self.mistakes = QCheckBox(objectName="data_mistakes")
        self.refresh = _tool("data_refresh", "mdi6.refresh")
        self.back, self.on = _tool("data_back", "mdi6.chevron-left"), _tool("data_on", "mdi6.chevron-right")
        self.counting = _tool("data_counting", "mdi6.chart-bar")
        self.counting.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.counting.setCheckable(True)
        self.place = QLabel(objectName="data_place")
        self.pager = QWidget()
        row = QHBoxLayout(self.pager)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        for widget in (self.back, self.place, self.on):
            row.addWidget(widget)
        self.labels.hide()
        self.search.hide()

    def _connect(self, host: QWidget) -> None:
        self.splits.activated.connect(self._on_splits_activated)
        self.labels.activated.connect(self._on_labels_activated)
        self.search.textChanged.connect(self._on_search_changed)
        self.search.returnPressed.connect(self._on_search_timeout)
        self.mistakes.toggled.connect(self._on_mistakes_toggled)
        self.refresh.clicked.connect(self.refreshWanted)
        self.counting.toggled.connect(self._on_counting_toggled)
        self.back.clicked.connect(self.page_back)
        self.on.clicked.connect(self.page_on)
        for keys, act in (
            (QKeySequence.StandardKey.Back, self.page_back),
            (QKeySequence.StandardKey.Forward, self.page_on),
        ):
            shortcut = QShortcut(QKeySequence(keys), host)
            shortcut.setContext(shortcut.context().WidgetWithChildrenShortcut)
            shortcut.activated.connect(act)

    # -- what happens ------------------------------------------------------------------------------------------

    def page_back(self) -> None:
        """Go to the page before."""
        if self._page is not None and self._page.first > 0:
            self._turn(max(0, self._page.first - self._page.size))

    def page_on(self) -> None:
        """Go to the next page."""
        if self._page is not None and self._page.first + self._page.size < self._page.found:
            self._turn(self._page.first + self._page.size)

    def _turn(self, first: int) -> None:
        self.question = replace(self.question, first=first)
        self.asked.emit(self.question)

    def _ask(self, **changes: object) -> None:
        question = replace(self.question, first=0, **changes)  # type: ignore[arg-type]
        if question != self.question:
            self.question = question
            with QSignalBlocker(self.labels):
                self.labels.setCurrentIndex(max(0, self.labels.findData(question.label)))
            self._sync_refresh()
            self.asked.emit(question)

    def _on_splits_activated(self, _at: int) -> None:
        self._ask(split=self.splits.currentData())

    def _on_labels_activated(self, _at: int) -> None:
        self._ask(label=self.labels.currentData())

    def _on_search_changed(self, _text: str) -> None:
        self._search_timer.start()

    def _on_search_timeout(self) -> None:
        self._search_timer.stop()
        self._ask(search=self.search.text().strip()[:200])

    def _on_mistakes_toggled(self, wanted: bool) -> None:
        self._ask(mistakes=wanted)

    def _on_counting_toggled(self, wanted: bool) -> None:
        self._label_counting()
        self.countsWanted.emit(wanted)

    # -- Qt ----------------------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep letters that are typed into the search from the window's shortcuts."""
        return keeps_letters(event) or super().eventFilter(watched, event)


def _tool(name: str, glyph: str) -> QToolButton:
    return QToolButton(objectName=name, icon=icon(glyph, "dim"), iconSize=QSize(18, 18))


def _keys(key: QKeySequence.StandardKey) -> str:
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)
