"""Opening and saving: asks before anything is lost, and tells in one sentence why a file cannot be had."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QLabel,
    QLineEdit,
    QMessageBox,
    QWidget,
)

from playground import document_json, files
from playground.data._places import is_file
from playground.data.recognise import recognise
from playground.data.running import RunningText
from playground.document import Document
from playground.experiment import Experiment, Words
from playground.presets import open_named, save_as_preset
from playground.project import is_project, update_document
from playground.text import Refusal, language, say, tr
from widgets.data_files import DataFiles
from widgets.settings import Settings

DOCUMENTS = (".json", ".zip")


class Filing(QObject):
    """What the File menu does; `data` is what it does with files of data.

    Nothing here waits for an answer: a question is asked, and what depends on it follows when it is answered.

    Signals:
        opened(): another document is open now.
        saved(): the document lies in a file now.
        refused(object): it could not be done; a Sentence that says why.
    """

    opened = Signal()
    saved = Signal()
    refused = Signal(object)

    def __init__(self, window: QWidget, document: Document, settings: Settings) -> None:
        super().__init__(window)
        self.window, self.document, self.settings = window, document, settings
        self.question: QMessageBox | None = None
        self._then: Callable[[], object] | None = None
        self.data = DataFiles(window, document, settings)
        self.data.refused.connect(self.refused)

    # -- opening -----------------------------------------------------------------------------------------------

    def new(self) -> None:
        """Begin with an empty canvas."""
        self.when_safe(self._open_new)

    def open(self) -> None:
        """Choose a file and open it."""
        dialog = QFileDialog(self.window, tr("Open"))
        dialog.setNameFilters([tr("Networks (*.json *.zip)"), tr("All files (*)")])
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self.open_path)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def open_path(self, name: str | Path) -> None:
        """Open a file, or a preset by its name; what is open stays where that fails."""
        try:
            experiment, path = open_named(str(name))
        except Refusal as refusal:
            self.refused.emit(refusal.sentence)
            return
        self.when_safe(lambda: self._become(experiment, path))

    def open_experiment(self, experiment: Experiment) -> None:
        """Open what lies in no file."""
        self.when_safe(lambda: self._become(experiment, None))

    def take(self, *paths: Path) -> None:
        """Open a document or project; train on anything else."""
        document = next(filter(is_document, paths), None)
        if document is not None:
            self.open_path(document)
        else:
            self.data.use(*paths)

    def when_safe(self, then: Callable[[], object]) -> None:
        """Do something that gives the document up, once what is unsaved has been seen to."""
        if not self.document.dirty:
            then()
            return
        self._then = then
        buttons = QMessageBox.StandardButton
        box = QMessageBox(self.window)
        box.setObjectName("unsaved")
        box.setIcon(QMessageBox.Icon.Question)
        box.setText(tr("Save the changes to {name}?", name=self.document.name))
        box.setStandardButtons(buttons.Save | buttons.Discard | buttons.Cancel)
        box.setDefaultButton(buttons.Save)
        box.button(buttons.Save).setText(tr("Save"))
        box.button(buttons.Discard).setText(tr("Discard"))
        box.button(buttons.Cancel).setText(tr("Cancel"))
        box.finished.connect(self._on_question_finished)
        self.question = box
        box.open()

    def _open_new(self) -> None:
        self._become(Experiment(), None)

    def _become(self, experiment: Experiment, path: Path | None) -> None:
        self.document.open(experiment, path)
        if path is not None:
            self.settings.remember(path)
        self.opened.emit()
        self.data.on_opened(experiment)

    def _on_question_finished(self, answer: int) -> None:
        box, self.question = self.question, None
        then, self._then = self._then, None
        if box is not None:
            box.deleteLater()
        if then is None:
            return
        if answer == QMessageBox.StandardButton.Discard:
            then()
        elif answer == QMessageBox.StandardButton.Save:
            self.save(then)

    # -- saving ------------------------------------------------------------------------------------------------

    def save(self, then: Callable[[], object] | None = None) -> None:
        """Save where the document came from, else ask where."""
        if self.document.path is None:
            self.save_as(then)
        else:
            self.save_to(self.document.path, then)

    def save_as(self, then: Callable[[], object] | None = None) -> None:
        """Ask where to, and save there."""
        self._then = then
        dialog = QFileDialog(self.window, tr("Save as"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters([tr("Network (*.json)")])
        dialog.setDefaultSuffix("json")
        dialog.selectFile(f"{slug(self.document.name)}.json")
        dialog.fileSelected.connect(self._on_place_chosen)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def save_to(self, path: Path, then: Callable[[], object] | None = None) -> None:
        """Write the document to this file."""
        try:
            if path == self.document.path and is_project(path):
                update_document(path, self.document.now)
            else:
                files.write(self.document.now, path)
        except Refusal as refusal:
            self.refused.emit(refusal.sentence)
            return
        self.document.saved(path)
        self.settings.remember(path)
        self.saved.emit()
        if then is not None:
            then()

    def save_preset(self) -> None:
        """Ask for a name, and save into the user's own presets."""
        dialog = PresetDialog(self.document, self.window)
        dialog.finished_with.connect(self._on_preset_saved)
        dialog.open()

    def _on_place_chosen(self, name: str) -> None:
        then, self._then = self._then, None
        self.save_to(Path(name), then)

    def _on_preset_saved(self, path: Path) -> None:
        self.document.edit(say("Change the title"), title=files.read(path).title)
        self.document.saved(path)
        self.saved.emit()


class PresetDialog(QDialog):
    """Asks for the title and the name of a preset of the user's own.

    Signals:
        finished_with(object): it lies at this Path now.
    """

    finished_with = Signal(object)

    def __init__(self, document: Document, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("preset_dialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Save as preset"))
        self.document = document
        self.title = QLineEdit(document.name, objectName="preset_title")
        self.name = QLineEdit(slug(document.name), objectName="preset_name")
        self.title.textEdited.connect(self._on_title_edited)
        self.wrong = QLabel(wordWrap=True, visible=False, objectName="preset_wrong")
        self.wrong.setProperty("role", "bad")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel)
        buttons.button(QDialogButtonBox.StandardButton.Save).setText(tr("Save"))
        buttons.button(QDialogButtonBox.StandardButton.Cancel).setText(tr("Cancel"))
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        form = QFormLayout(self)
        form.setContentsMargins(20, 20, 20, 16)
        form.setSpacing(12)
        form.addRow(tr("Title"), self.title)
        form.addRow(tr("Name"), self.name)
        form.addRow(self.wrong)
        form.addRow(buttons)
        self.setMinimumWidth(420)

    def _on_title_edited(self, title: str) -> None:
        self.name.setText(slug(title))

    # -- Qt ----------------------------------------------------------------------------------------------------

    def accept(self) -> None:
        """Save, or say why not and stay."""
        now = self.document.now
        title: Words = replace(now.title, **{language(): self.title.text().strip()})
        try:
            path = save_as_preset(replace(now, title=title), self.name.text().strip())
        except Refusal as refusal:
            self.wrong.setText(str(refusal))
            self.wrong.show()
            return
        self.finished_with.emit(path)
        super().accept()


def slug(title: str) -> str:
    """Turn a title into a name of lower-case letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:60] or "network"


def is_document(path: Path) -> bool:
    """Say whether a file is a document or project, by its content; a damaged one still is one by its name."""
    if path.suffix.lower() not in DOCUMENTS or not is_file(path):
        return False
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                return files.DOCUMENT_NAME in archive.namelist()
        with path.open("rb") as file:
            start = file.read(2048)
    except files.DAMAGED:
        return True
    return document_json.FORMAT.encode() in start or not _read_as_data(path)


def _read_as_data(path: Path) -> bool:
    try:
        return not isinstance(recognise(path), RunningText)  # any text could be that, a broken document too
    except Refusal:
        return False
