"""The two questions before runs are trained beside the present one: with how many seeds, and what to compare with."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from playground.differing import differences, plainly
from playground.experiment import Experiment
from playground.fuzzy import INSIDE, best, score
from playground.presets import Preset, open_named, presets
from playground.text import Refusal, count, say, tr
from widgets.icons import icon
from widgets.preset_titles import title_of
from widgets.runs import MOST_SEEDS, Runs

USUAL_SEEDS = 5
HERE = ""
"""Stands among the names of presets for the document that is open."""

NAME = Qt.ItemDataRole.UserRole
MOST_TOLD = 6
STEPPING = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


def ask_seeds(runs: Runs, window: QWidget) -> SeedsDialog:
    """Ask with how many seeds to train, and begin."""
    dialog = SeedsDialog(runs, window)
    dialog.open()
    return dialog


def ask_what(runs: Runs, window: QWidget) -> CompareDialog:
    """Ask what to compare the document with, and train it."""
    dialog = CompareDialog(runs, window)
    dialog.open()
    return dialog


class _Question(QDialog):
    """A dialog with Cancel and a button that goes on."""

    def __init__(self, name: str, runs: Runs, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.runs = runs
        self.cancel = QPushButton(objectName=f"{name}_cancel")
        self.cancel.setAutoDefault(False)
        self.cancel.clicked.connect(self.reject)
        self.go = QPushButton(objectName=f"{name}_go")
        self.go.setDefault(True)
        self.go.clicked.connect(self.accept)
        self.bottom = QHBoxLayout()
        self.bottom.setSpacing(8)
        self.bottom.addStretch(1)
        self.bottom.addWidget(self.cancel)
        self.bottom.addWidget(self.go)

    def relabel(self) -> None:
        """Say everything in the present language."""
        self.cancel.setText(tr("Cancel"))

    # -- Qt ----------------------------------------------------------------------------------------------------

    def changeEvent(self, event: QEvent) -> None:
        """Follow the language."""
        if event.type() == QEvent.Type.LanguageChange:
            self.relabel()
        super().changeEvent(event)


class SeedsDialog(_Question):
    """With how many seeds?"""

    def __init__(self, runs: Runs, parent: QWidget) -> None:
        super().__init__("seeds", runs, parent)
        self.says = QLabel(wordWrap=True)
        self.number = QSpinBox(objectName="seeds_number")
        self.number.setRange(2, MOST_SEEDS)
        self.number.setValue(USUAL_SEEDS)
        self.number.valueChanged.connect(self.relabel)
        self.which = QLabel(wordWrap=True)
        self.which.setProperty("role", "dim")
        self.word = QLabel()
        self.word.setBuddy(self.number)
        form = QFormLayout()
        form.setSpacing(12)
        form.addRow(self.word, self.number)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 16)
        column.setSpacing(12)
        for part in (self.says, self.which):
            column.addWidget(part)
        column.insertLayout(1, form)
        column.addLayout(self.bottom)
        self.setMinimumWidth(420)
        self.relabel()
        self.number.setFocus()
        self.number.selectAll()

    def relabel(self, _number: int = 0) -> None:
        """Say everything in the present language."""
        super().relabel()
        number, first = self.number.value(), self.runs.session.document.now.training.seed
        self.setWindowTitle(tr("Run with several seeds"))
        self.says.setText(
            tr(
                "The same network is trained again and again beside your own run, each time from another seed. The "
                "curves then show how much of a difference is chance."
            )
        )
        self.word.setText(tr("Number of seeds"))
        self.which.setText(tr("Seeds {first} to {last}", first=str(first), last=str(first + number - 1)))
        self.go.setText(str(count("Train {n} time", "Train {n} times", number)))

    # -- Qt ----------------------------------------------------------------------------------------------------

    def accept(self) -> None:
        """Begin."""
        self.runs.train_seeds(self.number.value())
        super().accept()


class CompareDialog(_Question):
    """Which document? A preset by its name, this one as it is now, or a file."""

    def __init__(self, runs: Runs, parent: QWidget) -> None:
        super().__init__("compare", runs, parent)
        self._presets: list[Preset] = presets()
        self.search = QLineEdit(objectName="compare_search", clearButtonEnabled=True)
        self.search.addAction(icon("mdi6.magnify", "dim"), QLineEdit.ActionPosition.LeadingPosition)
        self.search.textChanged.connect(self._fill)
        self.search.installEventFilter(self)
        self.list = QListWidget(objectName="compare_list")
        self.list.setUniformItemSizes(True)
        self.list.itemActivated.connect(self.accept)
        self.list.currentItemChanged.connect(self._on_current_changed)
        self.told = QLabel(wordWrap=True, objectName="compare_told")
        self.told.setProperty("role", "dim")
        self.told.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.told.setMinimumHeight(3 * self.fontMetrics().lineSpacing())
        self.file = QPushButton(objectName="compare_file")
        self.file.setAutoDefault(False)
        self.file.clicked.connect(self._on_file_clicked)
        self.bottom.insertWidget(0, self.file)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(8)
        for part in (self.search, self.list, self.told):
            column.addWidget(part)
        column.addLayout(self.bottom)
        self.resize(520, 480)
        self.relabel()
        self.search.setFocus()

    def relabel(self) -> None:
        """Say everything in the present language."""
        super().relabel()
        self.setWindowTitle(tr("Compare with"))
        self.search.setPlaceholderText(tr("Search presets"))
        self.search.setAccessibleName(tr("Search presets"))
        self.list.setAccessibleName(tr("What to compare with"))
        self.file.setText(tr("A file…"))
        self.go.setText(tr("Train beside this run"))
        self._fill()

    def _fill(self, query: str = "") -> None:
        """List what is found: this document, then the presets that the words are found in."""
        query = self.search.text()
        self.list.clear()
        here = tr("This document as it is now")
        if not query.strip() or (score(query, here) or 0.0) >= INSIDE:
            self._add(here, HERE, "mdi6.file-outline")
        for preset in best(query, self._presets, lambda one: (title_of(one), one.name)):
            self._add(title_of(preset), preset.name, "mdi6.view-grid-outline")
        self.list.setCurrentRow(0)
        self._sync()

    def _add(self, words: str, name: str, glyph: str) -> None:
        item = QListWidgetItem(icon(glyph, "dim"), words)
        item.setData(NAME, name)
        self.list.addItem(item)

    def _sync(self) -> None:
        """Say in what the chosen document differs from the one that is open."""
        self.go.setEnabled(self.list.currentItem() is not None)
        if self.list.currentItem() is None:
            self.told.setText(tr("No preset is called that. Try other words, or choose a file."))
            return
        try:
            chosen = self._chosen()
        except Refusal as refusal:
            self.told.setText(str(refusal))
            self.go.setEnabled(False)
            return
        found = [str(one.words) for one in differences(self.runs.session.document.now, chosen)]
        if not found:
            self.told.setText(tr("It is trained as it is now; then change the document, and see what that does."))
        else:
            more = len(found) - MOST_TOLD
            told = "; ".join(found[:MOST_TOLD]) + (f"; … (+{more})" if more > 0 else "")
            self.told.setText(tr("Different there: {what}", what=told))

    def _chosen(self) -> Experiment:
        name = self.list.currentItem().data(NAME)
        return self.runs.session.document.now if name == HERE else open_named(name)[0]

    # -- what the person does ----------------------------------------------------------------------------------

    def _on_current_changed(self, now: QListWidgetItem | None, _before: object) -> None:
        if now is not None:
            self._sync()

    def _on_file_clicked(self) -> None:
        dialog = QFileDialog(self, tr("Compare with"))
        dialog.setNameFilters([tr("Networks (*.json *.zip)"), tr("All files (*)")])
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self._on_file_selected)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _on_file_selected(self, path: str) -> None:
        try:
            experiment = open_named(str(Path(path)))[0]
        except Refusal as refusal:
            self.told.setText(str(refusal))
            return
        name = None if str(experiment.title) else plainly(Path(path).stem)
        if self.runs.train(experiment, name) is not None:
            super().accept()

    # -- Qt ----------------------------------------------------------------------------------------------------

    def accept(self) -> None:
        """Train what is chosen."""
        if self.list.currentItem() is None or not self.go.isEnabled():
            return
        chosen, here = self._chosen(), self.runs.session.document
        name = say("{title} (as it was)", title=here.name) if chosen is here.now else None
        self.runs.train(chosen, name)
        super().accept()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Go up and down the list while the field has the keys."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and event.key() in STEPPING:
            self.list.event(event)
            return True
        return super().eventFilter(watched, event)
