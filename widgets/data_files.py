"""The data of a document from files of the user's own: chosen, dropped, said what they hold, found again when moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from playground.data import FileSource, Source
from playground.data._places import is_file, is_folder, shown, split_in
from playground.data.recognise import found, in_place_of, recognise
from playground.document import Document
from playground.experiment import Experiment
from playground.facts import changed
from playground.messages import FactsFound
from playground.text import Refusal, say, tr
from widgets.settings import Settings

MOST_PROBLEMS = 2
"""How many problems of data files are told in a banner; the messages panel has all."""

MOST_MOVED = 50
"""How many places of files that were moved are remembered."""


class DataFiles(QObject):
    """Makes files and folders the data of a document.

    Signals:
        used(): the document has other data now; the engine is about to read them.
        found(object, bool): a Sentence about the data that were read, and whether it is good news.
        refused(object): it could not be done; a Sentence that says why.
        missing(object): a Sentence: the document's files are not where they were; `find` asks where they are.
    """

    used = Signal()
    found = Signal(object, bool)
    refused = Signal(object)
    missing = Signal(object)

    def __init__(self, window: QWidget, document: Document, settings: Settings) -> None:
        super().__init__(window)
        self.window, self.document, self.settings = window, document, settings
        self._awaited: Source | None = None
        self._as_saved = document.now

    # -- choosing ----------------------------------------------------------------------------------------------

    def use(self, *paths: Path) -> None:
        """Train on files or a folder; refuse what cannot be read, which leaves everything as it is."""
        path = paths[0]
        try:
            source = together(paths)
        except Refusal as refusal:
            self.refused.emit(refusal.sentence)
            return
        if source == self.document.now.source:  # nothing will be read: it has been
            self.used.emit()
            self.found.emit(say("{name}: {found}", name=shown(path), found=found(self.document.now.facts)), True)
            return
        now = self.document.now
        self._awaited = source = in_place_of(now.source, source)
        preparation = now.preparation
        if source.uneven and source.key != now.source.key:  # as it is, it could hardly be learnt
            preparation = preparation.replace(standardise=True)
        self.document.edit(say("Use {name}", name=shown(path)), source=source, preparation=preparation)
        self.used.emit()

    def choose_files(self) -> None:
        """Ask for the files to train on."""
        dialog = QFileDialog(self.window, tr("Choose data"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.filesSelected.connect(lambda names: self.use(*map(Path, names)))
        self._open(dialog)

    def choose_folder(self) -> None:
        """Ask for the folder to train on."""
        dialog = QFileDialog(self.window, tr("Choose a folder of data"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(lambda name: self.use(Path(name)))
        self._open(dialog)

    def _open(self, dialog: QFileDialog) -> None:
        source = self.document.now.source
        if isinstance(source, FileSource) and is_folder(Path(source.path).parent):
            dialog.setDirectory(str(Path(source.path).parent))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    # -- what was read -----------------------------------------------------------------------------------------

    def on_facts_found(self, notice: FactsFound) -> None:
        """Say what the data that were just chosen hold; of others only what is wrong with them."""
        now = self.document.now
        told = list(notice.problems[:MOST_PROBLEMS])
        if chosen := now.source == self._awaited:
            self._awaited = None
            name = shown(Path(getattr(now.source, "path", "")))
            told.insert(0, say("{name}: {found}", name=name, found=found(notice.facts)))
        elif now.source == self._as_saved.source and (sentence := changed(self._as_saved.facts, notice.facts)):
            self._as_saved = replace(now, facts=notice.facts)  # said once
            told.insert(0, sentence)
        if told:
            news = chosen and not notice.problems
            self.found.emit(reduce(lambda one, other: say("{one}. {other}", one=one, other=other), told), news)

    # -- what was moved ----------------------------------------------------------------------------------------

    def on_opened(self, experiment: Experiment) -> None:
        """Take note of a document that was just opened; look for its files where they are not in their place."""
        self._as_saved, self._awaited = experiment, None
        source = experiment.source
        if not isinstance(source, FileSource) or not source.path or is_there(Path(source.path)):
            return
        if (place := self._elsewhere(Path(source.path))) is not None:
            self._point_to(source, place)
        else:
            self.missing.emit(
                say(
                    "The data of this document are not at {path} any more; say where they are",
                    path=shown(Path(source.path), whole=True),
                )
            )

    def find(self) -> None:
        """Ask where the files are now."""
        source = self.document.now.source
        if not isinstance(source, FileSource):
            return
        old = Path(source.path)
        dialog = QFileDialog(self.window, tr("Where is {name}?", name=shown(old)))
        kind = QFileDialog.FileMode.ExistingFile if old.suffix else QFileDialog.FileMode.Directory
        dialog.setFileMode(kind)
        dialog.fileSelected.connect(lambda name: self._on_found(old, Path(name)))
        self._open(dialog)

    def _on_found(self, old: Path, new: Path) -> None:
        source = self.document.now.source
        if not isinstance(source, FileSource) or Path(source.path) != old:
            return  # another document is open by now
        known = {name: place for name, place in self.settings.get("moved_data", {}).items() if name != str(old)}
        self.settings.set("moved_data", dict([*known.items(), (str(old), str(new))][-MOST_MOVED:]))
        self._point_to(source, new)

    def _elsewhere(self, old: Path) -> Path | None:
        """Return where files are known to be now: beside the document, or where they were found for another one."""
        places = []
        if self.document.path is not None:
            places.append(self.document.path.parent / old.name)
        if isinstance(moved := self.settings.get("moved_data", {}).get(str(old)), str):
            places.append(Path(moved))
        return next(filter(is_there, places), None)

    def _point_to(self, source: FileSource, place: Path) -> None:
        """Read the same data from another place; whether they are the same is said once they have been read."""
        source = source.replace(path=str(place))
        self._as_saved = replace(self._as_saved, source=source)
        self.document.edit(say("Find {name}", name=shown(place)), source=source)
        self.used.emit()


def is_there(path: Path) -> bool:
    """Whether there is a file or folder."""
    return is_file(path) or is_folder(path)


def together(paths: Sequence[Path]) -> FileSource:
    """Return what reads some files as one set of data: the first says how, the others join it in their roles."""
    source = recognise(paths[0])
    others = [path for path in paths[1:] if path.parent == paths[0].parent]
    roles = ", ".join(f"{path.name}={split_in(path.name) or 'train'}" for path in others)
    if not roles or any(mark in path.name for path in others for mark in ",;=，；"):
        return source
    try:
        return source.replace(roles=roles)
    except Refusal:  # too many to be named: they are meant as a folder
        return recognise(paths[0].parent)
